/*-------------------------------------------------------------------------
 *
 * society.c
 *		Societies, their citizens and who fills their roles.
 *
 *-------------------------------------------------------------------------
 */
#include "identity/society.h"

#include "core/json.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/plan.h"
#include "host/value.h"
#include "identity/rows.h"
#include "identity/state.h"
#include "miscadmin.h"
#include "types/lct_type.h"

#define DEFAULT_BIRTH_QUORUM 3

static W4Index society_pkey = W4_INDEX("society", "society_pkey");
static W4Index citizenship_pkey = W4_INDEX("citizenship", "citizenship_pkey");
static W4Index role_holder_pkey = W4_INDEX("role_holder", "role_holder_pkey");
static W4Index policy_pkey = W4_INDEX("identity_policy", "identity_policy_pkey");

const char *const w4_governors[] = {"sovereign", "administrator", NULL};
const char *const w4_sovereign_only[] = {"sovereign", NULL};

bool
w4_society_exists(const uint8_t society[32])
{
	Datum		key = W4LctGetDatum(society);

	return w4_scan_exists(&society_pkey, 1, &key);
}

void
w4_society_require(const uint8_t society[32])
{
	if (!w4_society_exists(society))
		ereport(ERROR,
				(errcode(W4_ERRCODE(UNKNOWN_SOCIETY)),
				 errmsg("no such society"),
				 w4_errdetail(W4_ERRCODE(UNKNOWN_SOCIETY), "No society has the identity %s.", w4_lct_cstring(society))));
}

bool
w4_is_citizen(const uint8_t society[32], const uint8_t entity[32])
{
	Datum		keys[2] = {W4LctGetDatum(society), W4LctGetDatum(entity)};
	W4Scan		scan;
	bool		active = false;

	if (w4_scan_open(&scan, &citizenship_pkey, 2, keys))
	{
		bool		isnull;

		active = w4_text_is(w4_scan_attr(&scan, Anum_citizenship_status, &isnull), "active");
	}
	w4_scan_close(&scan);
	return active;
}

bool
w4_role_name_ok(W4Slice name)
{
	if (name.len == 0 || name.len >= NAMEDATALEN || name.data[0] < 'a' || name.data[0] > 'z')
		return false;
	for (size_t i = 1; i < name.len; i++)
	{
		uint8_t		c = name.data[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
			return false;
	}
	return true;
}

/* The row itself; whether it counts now is another matter. */
static bool
is_listed(const uint8_t society[32], const char *role, const uint8_t entity[32])
{
	union
	{
		struct varlena header;
		char		bytes[VARHDRSZ + NAMEDATALEN];
	}			name;
	size_t		len = strlen(role);
	Datum		keys[3] = {W4LctGetDatum(society), 0, W4LctGetDatum(entity)};

	if (len >= NAMEDATALEN)
		return false;
	SET_VARSIZE(&name, VARHDRSZ + len);
	memcpy(name.bytes + VARHDRSZ, role, len);
	keys[1] = PointerGetDatum(&name);
	return w4_scan_exists(&role_holder_pkey, 3, keys);
}

/* A role counts only while its holder is a citizen. */
bool
w4_fills_role(const uint8_t society[32], const char *role, const uint8_t entity[32])
{
	return (strcmp(role, "citizen") == 0 || is_listed(society, role, entity)) && w4_is_citizen(society, entity);
}

bool
w4_may_govern(const uint8_t society[32], const uint8_t signer[32], const char *const *roles)
{
	if (w4_lct_equal(society, signer))
		return w4_society_exists(society);
	for (; *roles != NULL; roles++)
	{
		if (w4_fills_role(society, *roles, signer))
			return true;
	}
	return false;
}

/*
 * Who decides on a member.  An administrator deposes neither the society that he
 * administers nor its sovereign, and does not bring a suspended one back.
 */
const char *const *
w4_governors_of(const uint8_t society[32], const uint8_t member[32])
{
	return w4_lct_equal(society, member) || is_listed(society, "sovereign", member) ? w4_sovereign_only : w4_governors;
}

void
w4_require_governor(const uint8_t society[32], const uint8_t signer[32], const char *const *roles, const char *act)
{
	if (!w4_may_govern(society, signer, roles))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_ENTITLED)),
				 errmsg("signer is not entitled to %s", act),
				 w4_errdetail(W4_ERRCODE(NOT_ENTITLED), "%s neither is the society nor fills a role that may.", w4_lct_cstring(signer)),
				 errhint("The society's own key, its sovereign%s.",
						 roles[1] != NULL ? " or an administrator must sign" : " must sign")));
}

int
w4_birth_quorum(const uint8_t society[32])
{
	Datum		key = W4LctGetDatum(society);
	W4Scan		scan;
	int			quorum = DEFAULT_BIRTH_QUORUM;

	if (w4_scan_open(&scan, &policy_pkey, 1, &key))
	{
		bool		isnull;

		quorum = DatumGetInt32(w4_scan_attr(&scan, Anum_policy_birth_quorum, &isnull));
	}
	w4_scan_close(&scan);
	return quorum;
}

static W4Phase
phase_of(Datum text)
{
	return w4_text_is(text, "bootstrap") ? W4_PHASE_BOOTSTRAP : W4_PHASE_OPERATIONAL;
}

W4Phase
w4_society_phase(const uint8_t society[32])
{
	Datum		key = W4LctGetDatum(society);
	W4Scan		scan;
	W4Phase		phase = W4_PHASE_NONE;

	if (w4_scan_open(&scan, &society_pkey, 1, &key))
	{
		bool		isnull;

		phase = phase_of(w4_scan_attr(&scan, Anum_society_phase, &isnull));
	}
	w4_scan_close(&scan);
	return phase;
}

W4Phase
w4_society_lock(const uint8_t society[32])
{
	static W4Plan lock = W4_PLAN("SELECT phase FROM web4.society WHERE id OPERATOR(@x@.=) $1 FOR NO KEY UPDATE", "lct");
	Datum		key = W4LctGetDatum(society);
	bool		isnull;

	if (w4_read(&lock, &key, NULL, 0) == 0)
		return W4_PHASE_NONE;
	return phase_of(w4_value(0, 1, &isnull));
}

int
w4_eligible_witnesses(const uint8_t society[32], int limit)
{
	Datum		key = W4LctGetDatum(society);
	W4Scan		scan;
	int			n = 0;

	w4_push_latest_snapshot();
	for (bool more = w4_scan_open(&scan, &citizenship_pkey, 1, &key); more && n < limit; more = w4_scan_next(&scan))
	{
		bool		isnull;
		const uint8_t *citizen = DatumGetW4Lct(w4_scan_attr(&scan, Anum_citizenship_entity, &isnull));
		W4Entity	entity;

		CHECK_FOR_INTERRUPTS();
		if (!w4_lct_equal(citizen, society) &&
			w4_text_is(w4_scan_attr(&scan, Anum_citizenship_status, &isnull), "active") &&
			w4_entity_get(citizen, &entity) && entity.status == W4_STATUS_ACTIVE)
			n++;
	}
	w4_scan_close(&scan);
	w4_pop_snapshot();
	return n;
}

void
w4_society_record(const uint8_t society[32], const char *phase, W4Evidence *leaf)
{
	uint8_t		data[512];
	W4Writer	w = w4_writer(data, sizeof(data));
	bool		first = true;

	w4_put_cstr(&w, "{");
	w4_data_text(&w, &first, "phase", phase);
	w4c_member_lct(&w, &first, "society", society);
	w4_data_society_state(&w, &first, society);
	w4_data_append(leaf, "society", society, &w);
}

void
w4_society_grow(const uint8_t society[32])
{
	static W4Plan promote = W4_PLAN("UPDATE web4.society SET phase = 'operational' WHERE id OPERATOR(@x@.=) $1", "lct");
	int			quorum = w4_birth_quorum(society);
	Datum		key = W4LctGetDatum(society);
	W4Evidence	leaf = {.actor = society, .at = GetCurrentTimestamp()};

	if (w4_society_phase(society) != W4_PHASE_BOOTSTRAP || w4_society_lock(society) != W4_PHASE_BOOTSTRAP ||
		w4_eligible_witnesses(society, quorum) < quorum)
		return;
	(void) w4_write(&promote, &key, NULL);
	w4_society_record(society, "operational", &leaf);
}
