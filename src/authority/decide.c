/*-------------------------------------------------------------------------
 *
 * decide.c
 *		The decision: twelve steps, the first failure decides.
 *
 *-------------------------------------------------------------------------
 */
#include "authority/decide.h"

#include "core/crypto.h"
#include "core/decimal.h"
#include "core/pattern.h"
#include "economy/economy.h"
#include "host/clock.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/identity.h"
#include "trust/trust.h"

static W4Index evidence_nonce = W4_INDEX("evidence", "evidence_nonce");

bool
w4_deny(W4Decision *d, const char *reason, const char *code, const char *detail)
{
	d->decision = "denied";
	d->reason = reason;
	d->code = code;
	d->detail = detail;
	return false;
}

/* --- step 2: who asks --- */

/* The log of the oldest society takes what no known society can. */
static void
first_society(uint8_t society[32])
{
	static W4Plan first = W4_PLAN("SELECT id FROM web4.society WHERE parent IS NULL", "");
	bool		isnull;

	SPI_connect();
	if (w4_read(&first, NULL, NULL, 1) == 1)
		memcpy(society, DatumGetW4Lct(w4_value(0, 1, &isnull)), 32);
	SPI_finish();
}

/* Whose log takes the decision when the requester is no citizen of the society it names. */
static void
choose_log(W4Decision *d, bool known, const W4Entity *requester)
{
	if (w4_society_exists(d->request->society))
		memcpy(d->log, d->request->society, 32);
	else if (known)
		memcpy(d->log, requester->society, 32);
	else
		first_society(d->log);
}

/* A society that is suspended or revoked decides nothing; its members are judged by themselves. */
static bool
society_acts(const W4Request *r)
{
	W4Entity	society;

	return memcmp(r->society, r->requester, 32) == 0 ||
		(w4_entity_get(r->society, &society) && society.status == W4_STATUS_ACTIVE);
}

static bool
check_requester(W4Decision *d)
{
	const W4Request *r = d->request;
	W4Entity	requester = r->entity;
	bool		known = r->knows_requester || w4_entity_get(r->requester, &requester);

	if (known && w4_is_citizen(r->society, r->requester))
		memcpy(d->log, r->society, 32);
	else
	{
		choose_log(d, known, &requester);
		if (!known)
			return w4_deny(d, "invalid_lct", "W4_ERR_BINDING_INVALID", "the requester is not known here");
		if (requester.status == W4_STATUS_ACTIVE)
			return w4_deny(d, "invalid_lct", "W4_ERR_CROSS_SOCIETY_UNRECOGNIZED_LCT",
						   "the requester is not an active citizen of the society");
	}
	if (requester.status != W4_STATUS_ACTIVE)
		return w4_deny(d, "invalid_lct", "W4_ERR_BINDING_REVOKED", "the requester is not active");
	if (r->is_signed && w4_entity_verify(r->requester, r->message, r->signature, d->now) == 0)
		return w4_deny(d, "invalid_lct", "W4_ERR_CRYPTO_VERIFY", "the request's signature does not verify");
	d->authentic = r->is_signed;
	if (!society_acts(r))
		return w4_deny(d, "invalid_lct", "W4_ERR_BINDING_REVOKED", "the society is not active");
	return true;
}

/* --- step 3: fresh, and not seen before --- */

static bool
check_fresh(W4Decision *d)
{
	const W4Request *r = d->request;
	W4Scan		scan;
	Datum		keys[2];
	bool		used;

	if (!r->is_signed || d->mode == W4_DECIDE_RESUME)
		return true;
	if (!w4_is_fresh(r->ts, w4_unix_from_timestamptz(d->now)))
	{
		d->authentic = false;	/* do not let a stale request claim its nonce */
		return w4_deny(d, "invalid_lct", "W4_ERR_BAD_TIMESTAMP", "the request's time is more than 300 s away");
	}
	keys[0] = W4LctGetDatum(r->requester);
	keys[1] = w4_bytea_datum(r->nonce, r->nonce_len);
	used = w4_scan_open(&scan, &evidence_nonce, 2, keys);
	w4_scan_close(&scan);
	if (used)
	{
		d->authentic = false;
		return w4_deny(d, "invalid_lct", "W4_ERR_PROTO_REPLAY", "the request's nonce was used before");
	}
	return true;
}

/* --- step 4: the cost is a cost --- */

static bool
check_cost(W4Decision *d)
{
	if (d->request->cost < 0 || d->request->cost > W4_ATP_MAX_AMOUNT)
		return w4_deny(d, "atp_budget_exceeded", "W4_ERR_AUTHZ_DENIED", "the cost is negative or above 2^32 ATP");
	return true;
}

/* --- steps 5 and 6: the grant, the role, the law --- */

static bool
load_grant(W4Decision *d)
{
	const W4Request *r = d->request;
	const W4Grant *leaf;
	W4Slice		key;

	if (!r->has_grant)
		return true;
	d->chain = r->chain;
	if (d->chain.n == 0 && (!r->grant_wellformed || !w4_grant_load_chain(r->grant, &d->chain)))
	{
		d->chain.n = 0;
		return w4_deny(d, "delegation_expired", "W4_ERR_ACP_NO_GRANT", "the grant is not registered here");
	}
	leaf = d->chain.link[0];
	if (memcmp(leaf->subject, r->requester, 32) != 0)
		return w4_deny(d, "role_mismatch", "W4_ERR_AUTHZ_DENIED", "the requester is not the grant's subject");
	if (memcmp(leaf->society, r->society, 32) != 0)
		return w4_deny(d, "role_mismatch", "W4_ERR_AUTHZ_SCOPE", "the grant belongs to another society");
	if (w4_conditions_read(&leaf->token, &d->conditions, &key) != NULL)
		return w4_deny(d, "role_mismatch", "W4_ERR_AUTHZ_SCOPE", "the grant carries an unknown condition");
	return true;
}

/* The law's view of the role and action; needed for costs before the role itself is judged. */
static bool
consult_law(W4Decision *d)
{
	const W4Request *r = d->request;

	d->role = "citizen";
	if (d->chain.n > 0)
		d->role = d->chain.link[0]->role;
	else if (r->role_given)
		d->role = r->role;
	d->law = w4_law_current(r->society);
	w4_law_evaluate(d->law, d->role, r->action, r->resource, &d->verdict);
	d->cost = Max(r->cost, d->verdict.min_cost);
	return true;
}

static bool
check_grant_scope(W4Decision *d)
{
	const W4Request *r = d->request;
	const W4Grant *leaf = d->chain.link[0];

	if (r->role_given && strcmp(r->role, "citizen") != 0 && strcmp(r->role, leaf->role) != 0)
		return w4_deny(d, "role_mismatch", "W4_ERR_AUTHZ_DENIED", "the grant is for another role");
	if (!w4_pattern_covers(W4_INTENT, leaf->token.intent, r->action))
		return w4_deny(d, "role_mismatch", "W4_ERR_AUTHZ_DENIED", "the grant does not cover the action");
	if (!w4_pattern_covers(W4_RESOURCE, leaf->token.resource, r->resource))
		return w4_deny(d, "role_mismatch", "W4_ERR_AUTHZ_SCOPE", "the grant does not cover the resource");
	if (leaf->level == 0 || leaf->level < d->verdict.level)
		return w4_deny(d, "role_mismatch", "W4_ERR_AUTHZ_SCOPE", "the grant's consent level is too low for the action");
	return true;
}

/*
 * What the hourly limits count.  A limit in a token holds for what is done under
 * its children, too, and the law's holds for a root with all that hangs on it:
 * else its subject could multiply it by delegating.
 */
static void
read_link_limits(W4Decision *d)
{
	int			law = d->law->limits.grant_per_hour;
	int		   *root = &d->link_per_hour[d->chain.n - 1];

	for (int i = 0; i < d->chain.n; i++)
		d->link_per_hour[i] = w4_grant_per_hour(d->chain.link[i]);
	if (law > 0 && (*root == 0 || law < *root))
		*root = law;
}

/*
 * The law's limit of a role holds for whoever acts in it, by himself or under a
 * grant: else anybody's grant, which costs nothing, would lift it.
 */
static void
read_role_limit(W4Decision *d)
{
	W4Slice		parts[3] = {
		w4_slice(d->request->society, 32), w4_slice(d->request->requester, 32), w4_slice_cstr(d->role)
	};

	d->per_hour = d->verdict.per_hour;
	if (d->per_hour > 0)
		w4_sha256_parts(d->limited, parts, 3);
}

static bool
check_rate(W4Decision *d)
{
	read_role_limit(d);
	if (d->chain.n > 0)
		read_link_limits(d);
	if (w4_usage_exhausted(d))
		return w4_deny(d, "rate_limit_exceeded", "W4_ERR_AUTHZ_RATE", "too many granted actions in the last hour");
	return true;
}

static bool
check_grant(W4Decision *d)
{
	const W4Grant *leaf = d->chain.link[0];
	const char *code;
	const char *problem;

	if (d->chain.n == 0)
		return check_rate(d);
	problem = w4_grant_chain_alive(&d->chain, d->now, &code);
	if (problem != NULL)
		return w4_deny(d, "delegation_expired", code, problem);
	if (!check_grant_scope(d) || !check_rate(d))
		return false;
	if (leaf->actions >= leaf->max_actions)
		return w4_deny(d, "rate_limit_exceeded", "W4_ERR_AUTHZ_RATE", "the grant's actions are used up");
	d->atp_remaining = leaf->escrow;
	if (leaf->escrow < d->cost)
		return w4_deny(d, "atp_budget_exceeded", "W4_ERR_AUTHZ_DENIED", "the cost exceeds the grant's remaining ATP budget");
	return true;
}

static bool
check_refusal(W4Decision *d)
{
	const W4Request *r = d->request;

	if (w4_grant_refused(r->requester, &d->chain, r->society, r->action, r->resource, d->now))
		return w4_deny(d, "consent_refused", "W4_ERR_AUTHZ_DENIED", "a refusal token forbids the action between these parties");
	return true;
}

static bool
check_role(W4Decision *d)
{
	/* Citizenship was step 2. */
	if (d->chain.n == 0 && strcmp(d->role, "citizen") != 0 &&
		!w4_fills_role(d->request->society, d->role, d->request->requester))
		return w4_deny(d, "role_mismatch", "W4_ERR_AUTHZ_DENIED", "the requester does not fill the role");
	if (d->verdict.forbidden)
		return w4_deny(d, "law_violation", "W4_ERR_AUTHZ_DENIED", d->verdict.reason);
	if (!d->verdict.allowed)
		return w4_deny(d, "role_mismatch", "W4_ERR_AUTHZ_DENIED", d->verdict.reason);
	return true;
}

/* --- step 7: trust in the role; under a grant, of everybody who answers for it --- */

static bool
check_trust(W4Decision *d)
{
	const W4Request *r = d->request;
	W4Trust		trust;
	const char *problem;

	w4_trust_get(r->society, r->requester, d->role, &trust);
	d->trust_actual = w4_trust_composite(&trust);
	for (int i = 0; i < d->chain.n; i++)
	{
		W4Trust		issuer;

		w4_trust_get(r->society, d->chain.link[i]->issuer, d->role, &issuer);
		d->trust_actual = Min(d->trust_actual, w4_trust_composite(&issuer));
	}
	d->trust_required = Max(d->verdict.threshold, d->conditions.trust_min);
	if (d->trust_actual < d->trust_required)
		return w4_deny(d, "insufficient_trust", "W4_ERR_AUTHZ_DENIED", "trust in the role is below the threshold");
	problem = d->chain.n > 0 ? w4_conditions_meet(&d->conditions, &trust) : NULL;
	if (problem != NULL)
		return w4_deny(d, "insufficient_trust", "W4_ERR_AUTHZ_DENIED", problem);
	return true;
}

/* --- steps 8 and 9: what the law caps --- */

static bool
check_limits(W4Decision *d)
{
	int64		cap = d->verdict.max_cost;

	if (d->chain.n > 0)
		cap = Min(cap, d->conditions.max_atp_per_action);
	if (d->cost > cap)
		return w4_deny(d, "atp_budget_exceeded", "W4_ERR_AUTHZ_DENIED", "the cost exceeds the cap per action");
	if (d->chain.n == 0)
	{
		d->atp_remaining = w4_account_available(d->request->society, d->request->requester);
		if (d->cost > d->atp_remaining)
			return w4_deny(d, "atp_budget_exceeded", "W4_ERR_AUTHZ_DENIED", "the cost exceeds the requester's available ATP");
	}
	return true;
}

/* --- step 10: witnesses --- */

static bool
check_witnesses(W4Decision *d)
{
	int			presented = w4_witnesses_count(d->attestations);

	d->witnesses_required = Max(d->verdict.witnesses, d->conditions.witnesses);
	if (d->verdict.threshold > 0 && d->trust_actual < d->law->limits.witness_floor)
		d->witnesses_required = Max(d->witnesses_required, 1);
	if (d->witnesses_required == 0)
		return true;
	if (presented == 0)
	{
		(void) w4_deny(d, "missing_witness", "W4_ERR_WITNESS_REQUIRED", "the action needs witnesses");
		d->decision = "deferred";
		return false;
	}
	w4_witnesses_verify(d->attestations, d->request, &d->chain, d->now, &d->witnesses);
	if (d->witnesses.n >= d->witnesses_required)
		return true;
	(void) w4_deny(d, "missing_witness", "W4_ERR_WITNESS_QUORUM",
				   d->witnesses.problem ? d->witnesses.problem : "too few witnesses");
	if (d->mode == W4_DECIDE_RESUME)
		d->decision = "deferred";
	return false;
}

static bool
all_checks(W4Decision *d)
{
	return check_requester(d) &&
		check_fresh(d) &&
		check_cost(d) &&
		load_grant(d) &&
		consult_law(d) &&
		check_grant(d) &&
		check_refusal(d) &&
		check_role(d) &&
		check_trust(d) &&
		check_limits(d) &&
		check_witnesses(d);
}

void
w4_decide(W4Decision *d)
{
	d->decision = "granted";
	d->trust_required = d->trust_actual = -1;
	d->atp_remaining = -1;
	d->conditions.max_atp_per_action = PG_INT64_MAX;
	d->role = d->request->role_given ? d->request->role : "citizen";

	if (all_checks(d) && d->mode != W4_DECIDE_CHECK)
		(void) w4_decision_spend(d);
	if (d->law == NULL)
		d->law = w4_law_current(d->log);
	if (d->mode == W4_DECIDE_RECORD ||
		(d->mode == W4_DECIDE_RESUME && strcmp(d->decision, "deferred") != 0))
		w4_decision_record(d);
}
