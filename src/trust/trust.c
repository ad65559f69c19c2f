/*-------------------------------------------------------------------------
 *
 * trust.c
 *		Reading trust: an entity in a role, never an entity as such.
 *
 *-------------------------------------------------------------------------
 */
#include "trust/trust.h"

#include "fmgr.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/identity.h"
#include "trust/state.h"
#include "types/lct_type.h"
#include "types/tensor_type.h"

PG_FUNCTION_INFO_V1(web4_trust);

static W4Index trust_pkey = W4_INDEX("trust", "trust_pkey");

enum
{
	Anum_trust_society = 1,
	Anum_trust_entity,
	Anum_trust_role,
	Anum_trust_t3,
	Anum_trust_v3,
	Anum_trust_seq
};

static const W4Trust admission = {
	.t3 = {{W4_TRUST_ADMISSION, W4_TRUST_ADMISSION, W4_TRUST_ADMISSION}},
	.v3 = {{W4_TRUST_ADMISSION, W4_TRUST_ADMISSION, W4_TRUST_ADMISSION}}
};

static void
copy_tensor(W4Scan *scan, AttrNumber attno, W4Tensor *out)
{
	bool		isnull;

	memcpy(out, DatumGetPointer(w4_scan_attr(scan, attno, &isnull)), sizeof(*out));
}

bool
w4_trust_find(const uint8_t society[32], const uint8_t entity[32], const char *role, W4Trust *out)
{
	Datum		keys[3] = {W4LctGetDatum(society), W4LctGetDatum(entity), CStringGetTextDatum(role)};
	W4Scan		scan;
	bool		found = w4_scan_open(&scan, &trust_pkey, 3, keys);

	if (found)
	{
		bool		isnull;

		copy_tensor(&scan, Anum_trust_t3, &out->t3);
		copy_tensor(&scan, Anum_trust_v3, &out->v3);
		out->seq = DatumGetInt64(w4_scan_attr(&scan, Anum_trust_seq, &isnull));
	}
	else
		*out = admission;
	w4_scan_close(&scan);
	pfree(DatumGetPointer(keys[2]));
	return found;
}

void
w4_trust_get(const uint8_t society[32], const uint8_t entity[32], const char *role, W4Trust *out)
{
	(void) w4_trust_find(society, entity, role, out);
}

int32_t
w4_trust_composite(const W4Trust *trust)
{
	int64		sum = INT64CONST(6) * w4_t3_composite(&trust->t3) + INT64CONST(4) * w4_v3_composite(&trust->v3);

	return (int32_t) ((sum + 5) / 10);
}

Datum
w4_trust_row(FunctionCallInfo fcinfo, const uint8_t *society, const uint8_t entity[32], const char *role,
			 const W4Trust *trust)
{
	Datum		values[8] = {0};
	bool		nulls[8] = {false};

	values[1] = W4LctGetDatum(entity);
	values[2] = CStringGetTextDatum(role);
	values[6] = BoolGetDatum(trust != NULL);
	nulls[0] = society == NULL;
	if (society != NULL)
		values[0] = W4LctGetDatum(society);
	if (trust != NULL)
	{
		values[3] = PointerGetDatum(&trust->t3);
		values[4] = PointerGetDatum(&trust->v3);
		values[5] = w4_unit_datum(w4_trust_composite(trust));
		values[7] = Int64GetDatum(trust->seq);
	}
	else
		nulls[3] = nulls[4] = nulls[5] = nulls[7] = true;
	return w4_result_row(fcinfo, values, nulls);
}

/*
 * Is there anything to say about this entity in this role?  Who neither fills
 * the role nor was ever judged in it has no trust in it, not one half.
 */
bool
w4_trust_known(const uint8_t society[32], const uint8_t entity[32], const char *role, W4Trust *out)
{
	return w4_trust_find(society, entity, role, out) || w4_fills_role(society, role, entity);
}

/* web4_trust(entity lct, role text, society lct): society null means the entity's own */
Datum
web4_trust(PG_FUNCTION_ARGS)
{
	W4Entity	entity;
	W4Trust		trust;
	const uint8_t *id;
	const uint8_t *society = PG_ARGISNULL(2) ? NULL : PG_GETARG_W4LCT(2);
	char	   *role;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	id = PG_GETARG_W4LCT(0);
	role = text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (!w4_entity_get(id, &entity))
		return w4_trust_row(fcinfo, society, id, role, NULL);
	if (society == NULL)
		society = entity.society;
	return w4_trust_row(fcinfo, society, id, role,
						w4_trust_known(society, id, role, &trust) ? &trust : NULL);
}
