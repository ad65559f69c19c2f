/*-------------------------------------------------------------------------
 *
 * state.c
 *		Hashes over the rows of an identity and of a society.
 *
 * A row is hashed column by column as presence byte, length and bytes; numbers
 * and times as 8 bytes big-endian.  The same on every machine and version.
 *
 *-------------------------------------------------------------------------
 */
#include "identity/state.h"

#include "catalog/pg_type.h"
#include "core/crypto.h"
#include "core/json.h"
#include "core/lctid.h"
#include "host/value.h"
#include "identity/rows.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "types/lct_type.h"

PG_FUNCTION_INFO_V1(web4_identity_state);
PG_FUNCTION_INFO_V1(web4_society_state);

static W4Index entity_pkey = W4_INDEX("entity", "entity_pkey");
static W4Index key_pkey = W4_INDEX("entity_key", "entity_key_pkey");
static W4Index society_pkey = W4_INDEX("society", "society_pkey");
static W4Index role_pkey = W4_INDEX("role_holder", "role_holder_pkey");

void
w4_data_text(W4Writer *w, bool *first, const char *key, const char *value)
{
	w4c_put_key(w, first, key);
	if (value == NULL)
		w4_put_cstr(w, "null");
	else
		w4c_put_string(w, value, strlen(value));
}

void
w4_data_append(W4Evidence *leaf, const char *kind, const uint8_t society[32], W4Writer *data)
{
	w4_put_u8(data, '}');
	Assert(!data->full);
	leaf->kind = kind;
	leaf->society = society;
	leaf->data = w4_slice(data->buf, data->len);
	w4_evidence_append_once(leaf);
}

static void
put_column(StringInfo buf, Form_pg_attribute attribute, Datum value)
{
	W4Slice		bytes;

	switch (attribute->atttypid)
	{
		case BOOLOID:
			pq_sendint64(buf, DatumGetBool(value));
			return;
		case INT4OID:
			pq_sendint64(buf, DatumGetInt32(value));
			return;
		case TIMESTAMPTZOID:
			pq_sendint64(buf, DatumGetTimestampTz(value));
			return;
		case TEXTOID:
		case BYTEAOID:
			bytes = w4_varlena_slice(PG_DETOAST_DATUM_PACKED(value));
			break;
		default:				/* lct */
			Assert(attribute->attlen == 32);
			bytes = w4_slice(DatumGetPointer(value), 32);
			break;
	}
	pq_sendint32(buf, (uint32) bytes.len);
	appendBinaryStringInfo(buf, (const char *) bytes.data, (int) bytes.len);
}

/* Append all rows that the key finds, in the order of the index. */
static bool
put_rows(StringInfo buf, W4Index *index, Datum key)
{
	W4Scan		scan;
	bool		found = false;

	for (bool more = w4_scan_open(&scan, index, 1, &key); more; more = w4_scan_next(&scan))
	{
		found = true;
		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < scan.desc->natts; i++)
		{
			bool		isnull;
			Datum		value = w4_scan_attr(&scan, (AttrNumber) (i + 1), &isnull);

			appendStringInfoCharMacro(buf, isnull ? 0 : 1);
			if (!isnull)
				put_column(buf, TupleDescAttr(scan.desc, i), value);
		}
	}
	w4_scan_close(&scan);
	return found;
}

static bool
state_of(const uint8_t id[32], W4Index *one, W4Index *many, uint8_t state[32])
{
	StringInfoData buf;
	bool		found;

	initStringInfo(&buf);
	found = put_rows(&buf, one, W4LctGetDatum(id));
	(void) put_rows(&buf, many, W4LctGetDatum(id));
	w4_sha256(state, buf.data, buf.len);
	pfree(buf.data);
	return found;
}

bool
w4_entity_state(const uint8_t id[32], uint8_t state[32])
{
	return state_of(id, &entity_pkey, &key_pkey, state);
}

static void
put_state(W4Writer *w, bool *first, const uint8_t id[32], W4Index *one, W4Index *many)
{
	uint8_t		state[32];

	w4_push_latest_snapshot();
	(void) state_of(id, one, many, state);
	w4_pop_snapshot();
	w4c_member_hex(w, first, "state", state, sizeof(state));
}

void
w4_data_entity_state(W4Writer *w, bool *first, const uint8_t id[32])
{
	put_state(w, first, id, &entity_pkey, &key_pkey);
}

void
w4_data_society_state(W4Writer *w, bool *first, const uint8_t id[32])
{
	put_state(w, first, id, &society_pkey, &role_pkey);
}

/* web4.identity_state(lct) -> bytea, NULL for an unknown identity */
Datum
web4_identity_state(PG_FUNCTION_ARGS)
{
	uint8_t		state[32];

	if (!w4_entity_state(PG_GETARG_W4LCT(0), state))
		PG_RETURN_NULL();
	return w4_bytea_datum(state, sizeof(state));
}

/* web4.society_state(lct) -> bytea, NULL for an unknown society */
Datum
web4_society_state(PG_FUNCTION_ARGS)
{
	uint8_t		state[32];

	if (!state_of(PG_GETARG_W4LCT(0), &society_pkey, &role_pkey, state))
		PG_RETURN_NULL();
	return w4_bytea_datum(state, sizeof(state));
}
