/*-------------------------------------------------------------------------
 *
 * grant.c
 *		Loading and judging registered grants; their guarded budget.
 *
 *-------------------------------------------------------------------------
 */
#include "authority/grant.h"

#include "core/decimal.h"
#include "core/lctid.h"
#include "core/pattern.h"
#include "host/errors.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "host/write.h"
#include "identity/identity.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

/* Columns of web4.grants, web4.grant_state and web4.entity_key. */
enum
{
	Anum_grants_hash = 1,
	Anum_grants_parent,
	Anum_grants_issuer,
	Anum_grants_subject,
	Anum_grants_society,
	Anum_grants_intent,
	Anum_grants_resource,
	Anum_grants_level,
	Anum_grants_issued_at,
	Anum_grants_expires_at,
	Anum_grants_role,
	Anum_grants_budget,
	Anum_grants_max_actions,
	Anum_grants_token,
	Anum_grants_previous,
	Anum_grants_depth,
	Anum_grants_registered_at,
	Natts_grants = Anum_grants_registered_at
};

enum
{
	Anum_state_hash = 1,
	Anum_state_budget,
	Anum_state_escrow,
	Anum_state_spent,
	Anum_state_reserved,
	Anum_state_returned,
	Anum_state_max_actions,
	Anum_state_actions,
	Anum_state_revoked_at,
	Anum_state_closed,
	Anum_state_society,
	Anum_state_funder,
	Natts_state = Anum_state_funder
};

PG_FUNCTION_INFO_V1(web4_grant_state_ok);

static W4Index grants_pkey = W4_INDEX("grants", "grants_pkey");
static W4Index grants_refusal = W4_INDEX("grants", "grants_refusal");
static W4Table state_table = W4_TABLE("grant_state", Natts_state);
static W4Index state_pkey = W4_INDEX("grant_state", "grant_state_pkey");

/* Bytes of a varlena column, copied so that they outlive the scan. */
static W4Slice
copy_varlena(Datum value)
{
	struct varlena *v = PG_DETOAST_DATUM_COPY(value);

	return w4_slice(VARDATA(v), VARSIZE(v) - VARHDRSZ);
}

static void
decode_token(W4Grant *grant, W4Slice wire)
{
	W4Fault		fault;

	if (!w4_consent_decode(&grant->token, wire.data, wire.len, &fault) ||
		memcmp(grant->token.hash, grant->hash, 32) != 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(LEAF_MISMATCH)),
				 errmsg("a registered grant does not agree with its token"),
				 w4_errdetail(W4_ERRCODE(LEAF_MISMATCH), "The row was changed behind web4's back."),
				 errhint("Run SELECT * FROM web4_invariants().")));
}

static void
fill_from_row(W4Scan *scan, W4Grant *grant)
{
	Datum		v[Natts_grants];
	bool		nulls[Natts_grants];
	W4Slice		role;

	heap_deform_tuple(scan->tuple, scan->desc, v, nulls);
	grant->has_parent = !nulls[Anum_grants_parent - 1];
	if (grant->has_parent)
		memcpy(grant->parent, w4_fixed_bytea(v[Anum_grants_parent - 1], 32, "parent"), 32);
	memcpy(grant->issuer, DatumGetW4Lct(v[Anum_grants_issuer - 1]), 32);
	memcpy(grant->subject, DatumGetW4Lct(v[Anum_grants_subject - 1]), 32);
	memcpy(grant->society, DatumGetW4Lct(v[Anum_grants_society - 1]), 32);
	grant->level = DatumGetInt16(v[Anum_grants_level - 1]);
	grant->issued_at = DatumGetTimestampTz(v[Anum_grants_issued_at - 1]);
	grant->expires_at = DatumGetTimestampTz(v[Anum_grants_expires_at - 1]);
	grant->registered_at = DatumGetTimestampTz(v[Anum_grants_registered_at - 1]);
	grant->has_budget = !nulls[Anum_grants_budget - 1];
	grant->depth = DatumGetInt16(v[Anum_grants_depth - 1]);
	role = w4_varlena_slice(PG_DETOAST_DATUM_PACKED(v[Anum_grants_role - 1]));
	snprintf(grant->role, sizeof(grant->role), "%.*s", (int) role.len, (const char *) role.data);
	decode_token(grant, copy_varlena(v[Anum_grants_token - 1]));
}

static bool
load_state(W4Grant *grant)
{
	W4Scan		scan;
	Datum		key = w4_bytea_datum(grant->hash, 32);
	bool		found = w4_scan_open(&scan, &state_pkey, 1, &key);
	bool		isnull;

	if (found)
	{
		grant->budget = DatumGetInt64(w4_scan_attr(&scan, Anum_state_budget, &isnull));
		grant->escrow = DatumGetInt64(w4_scan_attr(&scan, Anum_state_escrow, &isnull));
		grant->max_actions = DatumGetInt64(w4_scan_attr(&scan, Anum_state_max_actions, &isnull));
		grant->actions = DatumGetInt64(w4_scan_attr(&scan, Anum_state_actions, &isnull));
		grant->closed = DatumGetBool(w4_scan_attr(&scan, Anum_state_closed, &isnull));
		(void) w4_scan_attr(&scan, Anum_state_revoked_at, &isnull);
		grant->revoked = !isnull;
	}
	w4_scan_close(&scan);
	return found;
}

bool
w4_grant_load(const uint8_t hash[32], W4Grant *out)
{
	W4Scan		scan;
	Datum		key = w4_bytea_datum(hash, 32);
	bool		found = w4_scan_open(&scan, &grants_pkey, 1, &key);

	if (found)
	{
		memcpy(out->hash, hash, 32);
		fill_from_row(&scan, out);
	}
	w4_scan_close(&scan);
	return found && load_state(out);
}

bool
w4_grant_load_chain(const uint8_t hash[32], W4GrantChain *chain)
{
	const uint8_t *next = hash;

	chain->n = 0;
	for (;;)
	{
		W4Grant    *grant = palloc(sizeof(W4Grant));

		if (chain->n == W4_CHAIN_MAX_DEPTH || !w4_grant_load(next, grant))
			return false;
		chain->link[chain->n++] = grant;
		if (!grant->has_parent)
			return true;
		next = grant->parent;
	}
}

/* Alive by itself, ancestors aside? */
static const char *
link_alive(const W4Grant *grant, TimestampTz now, const char **code)
{
	W4Entity	issuer;

	*code = "W4_ERR_AUTHZ_EXPIRED";
	if (now < grant->issued_at)
		return "not_yet_valid: the grant is not valid yet";
	if (now >= grant->expires_at)
		return "expired: the grant has expired";
	*code = "W4_ERR_AGY_REVOKED";
	if (grant->revoked)
		return "revoked: the grant was revoked";
	if (!w4_entity_get(grant->issuer, &issuer) || issuer.status != W4_STATUS_ACTIVE ||
		!w4_is_citizen(grant->society, grant->issuer))
		return "suspended: the grant's issuer is not an active citizen";
	if (!w4_entity_key_trusted(grant->issuer, grant->token.public_key, grant->registered_at))
		return "revoked: the key that signed the grant was compromised";
	return NULL;
}

const char *
w4_grant_chain_alive(const W4GrantChain *chain, TimestampTz now, const char **code)
{
	for (int i = 0; i < chain->n; i++)
	{
		const char *problem = link_alive(chain->link[i], now, code);

		if (problem != NULL)
			return i == 0 ? problem : psprintf("ancestor_invalid: %s", problem);
	}
	/* The root speaks for its issuer, who can hand out only what he may do himself. */
	if (!w4_fills_role(chain->link[chain->n - 1]->society, chain->link[chain->n - 1]->role,
					   chain->link[chain->n - 1]->issuer))
	{
		*code = "W4_ERR_AUTHZ_DENIED";
		return "ancestor_invalid: the root's issuer no longer fills the role";
	}
	return NULL;
}

/* Has "issuer" a live refusal against "subject" that matches? */
static bool
refused_by(const uint8_t issuer[32], const uint8_t subject[32], W4Slice action, W4Slice resource, TimestampTz now)
{
	W4Scan		scan;
	Datum		keys[2] = {W4LctGetDatum(issuer), W4LctGetDatum(subject)};
	bool		refused = false;

	for (bool more = w4_scan_open(&scan, &grants_refusal, 2, keys); more && !refused; more = w4_scan_next(&scan))
	{
		bool		isnull;
		W4Grant		grant;

		CHECK_FOR_INTERRUPTS();
		memcpy(grant.hash, w4_fixed_bytea(w4_scan_attr(&scan, Anum_grants_hash, &isnull), 32, "hash"), 32);
		fill_from_row(&scan, &grant);
		refused = load_state(&grant) && !grant.revoked &&
			now >= grant.issued_at && now < grant.expires_at &&
			w4_pattern_covers(W4_INTENT, grant.token.intent, action) &&
			w4_pattern_covers(W4_RESOURCE, grant.token.resource, resource);
	}
	w4_scan_close(&scan);
	return refused;
}

/*
 * Only refusals between these very parties are looked at: how many a stranger
 * has registered against the requester must not slow his decisions.
 */
bool
w4_grant_refused(const uint8_t requester[32], const W4GrantChain *chain, const uint8_t society[32],
				 W4Slice action, W4Slice resource, TimestampTz now)
{
	for (int i = -1; i < chain->n; i++)
	{
		const uint8_t *party = i < 0 ? society : chain->link[i]->issuer;

		if (refused_by(requester, party, action, resource, now) ||
			refused_by(party, requester, action, resource, now))
			return true;
	}
	return false;
}

bool
w4_grant_lock_chain(const W4GrantChain *chain, const int *per_hour, bool skip_leaf)
{
	static W4Plan share = W4_PLAN("SELECT revoked_at IS NULL FROM web4.grant_state "
								  "WHERE hash OPERATOR(pg_catalog.=) $1 FOR SHARE", "bytea");
	static W4Plan alone = W4_PLAN("SELECT revoked_at IS NULL FROM web4.grant_state "
								  "WHERE hash OPERATOR(pg_catalog.=) $1 FOR UPDATE", "bytea");

	for (int i = chain->n - 1; i >= (skip_leaf ? 1 : 0); i--)
	{
		Datum		key = w4_bytea_datum(chain->link[i]->hash, 32);
		W4Plan	   *lock = per_hour != NULL && per_hour[i] > 0 ? &alone : &share;
		bool		isnull;

		if (w4_read(lock, &key, NULL, 1) != 1 || !DatumGetBool(w4_value(0, 1, &isnull)))
			return false;
	}
	return true;
}

typedef struct Spend
{
	int64		cost;
	int64		escrow;			/* afterwards */
} Spend;

static int64
state_int64(const Datum *values, AttrNumber attno)
{
	return DatumGetInt64(values[attno - 1]);
}

static void
count_spend(Datum *values, int64 cost, int64 actions)
{
	values[Anum_state_escrow - 1] = Int64GetDatum(state_int64(values, Anum_state_escrow) - cost);
	values[Anum_state_spent - 1] = Int64GetDatum(state_int64(values, Anum_state_spent) + cost);
	values[Anum_state_actions - 1] = Int64GetDatum(state_int64(values, Anum_state_actions) + actions);
}

static bool
spend(void *arg, Datum *values, bool *nulls)
{
	Spend	   *s = arg;

	if (state_int64(values, Anum_state_escrow) < s->cost ||
		state_int64(values, Anum_state_actions) >= state_int64(values, Anum_state_max_actions) ||
		!nulls[Anum_state_revoked_at - 1] || DatumGetBool(values[Anum_state_closed - 1]))
		return false;
	count_spend(values, s->cost, 1);
	s->escrow = state_int64(values, Anum_state_escrow);
	return true;
}

bool
w4_grant_spend(const uint8_t hash[32], int64 cost, int64 *escrow_after)
{
	Datum		key = w4_bytea_datum(hash, 32);
	Spend		s = {.cost = cost};

	if (!w4_update(&state_table, &state_pkey, 1, &key, spend, &s))
		return false;
	*escrow_after = s.escrow;
	return true;
}

static bool
unspend(void *arg, Datum *values, bool *nulls)
{
	count_spend(values, -*(const int64 *) arg, -1);
	return true;
}

void
w4_grant_unspend(const uint8_t hash[32], int64 cost)
{
	Datum		key = w4_bytea_datum(hash, 32);

	if (!w4_update(&state_table, &state_pkey, 1, &key, unspend, &cost))
		elog(ERROR, "a spent grant has vanished");
}

int
w4_grant_per_hour(const W4Grant *grant)
{
	W4Slice		value = w4_constraint_value(&grant->token, "max_per_hour");
	int64_t		out;
	W4Fault		fault;

	if (value.data == NULL)
		return 0;
	if (!w4_decimal_parse(&out, (const char *) value.data, value.len, 0, false, true, &fault))
		elog(ERROR, "registered grant has a malformed constraint");
	return (int) out;
}

/* Sum of amounts that are not negative; false when one is, or on overflow. */
static bool
sum_amounts(const Datum *values, int from, int to, int64 *sum)
{
	*sum = 0;
	for (int i = from; i <= to; i++)
	{
		int64		amount = DatumGetInt64(values[i - 1]);

		if (amount < 0 || !w4_add_i64(*sum, amount, sum))
			return false;
	}
	return true;
}

/* web4.grant_state_ok(web4.grant_state): the CHECK of the table. */
Datum
web4_grant_state_ok(PG_FUNCTION_ARGS)
{
	Datum		v[Natts_state];
	bool		nulls[Natts_state];
	int64		sum;
	int64		actions;

	w4_row_columns(PG_GETARG_DATUM(0), Natts_state, v, nulls);
	for (int i = 0; i < Natts_state; i++)
	{
		if (nulls[i] && i != Anum_state_revoked_at - 1)
			PG_RETURN_BOOL(false);
	}
	actions = DatumGetInt64(v[Anum_state_actions - 1]);
	PG_RETURN_BOOL(sum_amounts(v, Anum_state_escrow, Anum_state_returned, &sum) &&
				   sum == DatumGetInt64(v[Anum_state_budget - 1]) &&
				   actions >= 0 && actions <= DatumGetInt64(v[Anum_state_max_actions - 1]));
}
