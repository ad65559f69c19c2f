/*-------------------------------------------------------------------------
 *
 * register.c
 *		web4_grant_register(): verify a consent token once and take it in.
 *
 * Order: format, parties, signature and key, window, parent or root, then the
 * budget: a root's is moved out of its issuer's account, a child's out of its
 * parent's escrow, so what is promised exists.
 *
 *-------------------------------------------------------------------------
 */
#include "authority/constraint.h"
#include "authority/grant.h"
#include "core/lctid.h"
#include "economy/economy.h"
#include "evidence/evidence.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/identity.h"
#include "law/law.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(web4_grant_register);
PG_FUNCTION_INFO_V1(web4_grant_row_ok);

typedef struct Registration
{
	W4Consent	token;
	W4Conditions conditions;
	uint8_t		issuer[32];
	uint8_t		subject[32];
	uint8_t		society[32];
	TimestampTz now;
	W4GrantChain ancestors;		/* of a child: link[0] is the parent */
	int			depth;
	int64		escrow;
} Registration;

/* W4Cnn of a chain verdict. */
static int
consent_sqlstate(W4ConsentCode code)
{
	return MAKE_SQLSTATE('W', '4', 'C', '0' + code / 10, '0' + code % 10);
}

static void
refuse(int sqlstate, const char *detail)
{
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("consent token cannot be registered"),
			 w4_errdetail(sqlstate, "%s.", detail)));
}

static void
read_party(W4Slice name, const char *which, uint8_t lct[32])
{
	W4Fault		fault;

	if (!w4_lct_parse(lct, (const char *) name.data, name.len, &fault))
		ereport(ERROR,
				(errcode(W4_ERRCODE(CONSENT_FORMAT)),
				 errmsg("%s of the consent token is not an LCT", which),
				 w4_errdetail(W4_ERRCODE(CONSENT_FORMAT), "It is \"%.*s\".", (int) name.len, (const char *) name.data),
				 errhint("Registered grants name both parties as lct:web4:mb32:b...; other names verify offline with consent_verify().")));
}

static TimestampTz
expiry(const W4Consent *token)
{
	return token->expires_at == W4_CONSENT_FOREVER ? DT_NOEND : w4_timestamptz_from_unix(token->expires_at);
}

static void
read_token(Registration *r, W4Slice wire)
{
	W4Fault		fault;
	W4Slice		key;
	const char *problem;

	if (!w4_consent_decode(&r->token, wire.data, wire.len, &fault))
		w4_raise_fault(W4_ERRCODE(CONSENT_FORMAT), "consent token", &fault);
	read_party(r->token.issuer, "issuer", r->issuer);
	read_party(r->token.subject, "subject", r->subject);
	problem = w4_conditions_read(&r->token, &r->conditions, &key);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(W4_ERRCODE(CONSENT_CONSTRAINT)),
				 errmsg("consent token cannot be registered"),
				 w4_errdetail(W4_ERRCODE(CONSENT_CONSTRAINT), "\"%.*s\" %s.", (int) key.len, (const char *) key.data, problem),
				 errhint("docs/authority.md lists the constraints.")));
}

static void
check_parties(Registration *r)
{
	W4Entity	issuer;
	W4Entity	subject;
	W4Entity	society;

	w4_entity_require_active(r->issuer, &issuer);
	w4_entity_require_active(r->subject, &subject);
	memcpy(r->society, r->conditions.has_society ? r->conditions.society : issuer.society, 32);
	w4_society_require(r->society);
	w4_entity_require_active(r->society, &society);
	if (!w4_is_citizen(r->society, r->issuer) || !w4_is_citizen(r->society, r->subject))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_ACTIVE)),
				 errmsg("a party of the grant is not an active citizen of its society"),
				 w4_errdetail(W4_ERRCODE(NOT_ACTIVE), "Issuer and subject must both be."),
				 errhint("Name the society with the constraint \"society\".")));
	if (!w4_consent_signature_ok(&r->token))
		refuse(W4_ERRCODE(CONSENT_SIGNATURE), "The signature is not by the public key in the token");
	if (w4_entity_key_version(r->issuer, r->token.public_key, r->now) == 0)
		refuse(W4_ERRCODE(CONSENT_KEY_BINDING), "The public key in the token is not a valid key of the issuer");
}

static void
check_window(Registration *r)
{
	const W4ChainPolicy *policy = &w4_chain_default_policy;
	int64		now = w4_unix_from_timestamptz(r->now);
	int64		cap = policy->max_lifetime[r->token.level];

	if (r->token.issued_at > now + policy->skew)
		refuse(W4_ERRCODE(CONSENT_NOT_YET_VALID), "It was issued more than 300 s in the future");
	if (r->token.expires_at <= now)
		refuse(W4_ERRCODE(CONSENT_EXPIRED), "It has expired already");
	if (cap > 0 && r->token.expires_at - r->token.issued_at > cap)
		refuse(W4_ERRCODE(CONSENT_TIME_WINDOW), "It lives longer than its level allows");
}

/*
 * The first token of an issuer names no previous one, each other one a token of
 * his that is here; that no two name the same is the unique index's business.
 * So an issuer has one history, without gaps.
 */
static void
check_previous(const Registration *r)
{
	static const uint8_t none[32];
	W4Grant		previous;

	if (memcmp(r->token.previous, none, 32) == 0 ||
		(w4_grant_load(r->token.previous, &previous) && memcmp(previous.issuer, r->issuer, 32) == 0))
		return;
	ereport(ERROR,
			(errcode(W4_ERRCODE(GRANT_EXISTS)),
			 errmsg("consent token does not continue its issuer's chain"),
			 w4_errdetail(W4_ERRCODE(GRANT_EXISTS), "What it names as previous is no registered token of the issuer."),
			 errhint("Put web4_grant_head(issuer) into the token as its previous hash.")));
}

/* A party that granted once in this chain cannot be granted to again. */
static void
check_cycle(Registration *r)
{
	for (int i = 0; i < r->ancestors.n; i++)
	{
		if (memcmp(r->ancestors.link[i]->issuer, r->subject, 32) == 0)
			refuse(W4_ERRCODE(CONSENT_CHAIN_SUBJECT), "The subject is an issuer further up the chain");
	}
}

static void
check_parent(Registration *r, const W4Law *law)
{
	W4Grant    *parent;
	const char *detail = NULL;
	const char *code;
	W4ConsentCode verdict;

	if (!w4_grant_load_chain(r->token.parent, &r->ancestors))
		ereport(ERROR,
				(errcode(W4_ERRCODE(CONSENT_UNANCHORED)),
				 errmsg("consent token cannot be registered"),
				 w4_errdetail(W4_ERRCODE(CONSENT_UNANCHORED), "Its parent is not registered here."),
				 errhint("Register the chain root first.")));
	parent = r->ancestors.link[0];
	verdict = w4_chain_check_link(&parent->token, &r->token, &w4_chain_default_policy, &detail);
	if (verdict != W4_CONSENT_OK)
		refuse(consent_sqlstate(verdict), detail);
	if (r->ancestors.n + 1 > law->limits.max_chain)
		refuse(W4_ERRCODE(CONSENT_DEPTH), "The chain is longer than the law allows");
	detail = w4_grant_chain_alive(&r->ancestors, r->now, &code);
	if (detail != NULL)
		refuse(strcmp(code, "W4_ERR_AUTHZ_EXPIRED") == 0 ? W4_ERRCODE(CONSENT_EXPIRED) : W4_ERRCODE(CONSENT_REVOKED), detail);
	if (memcmp(parent->society, r->society, 32) != 0)
		refuse(W4_ERRCODE(CONSENT_CONSTRAINT), "It names another society than its parent");
	if (strcmp(parent->role, r->conditions.role) != 0)
		refuse(W4_ERRCODE(CONSENT_CONSTRAINT), "It names another role than its parent");
	check_cycle(r);
	r->depth = parent->depth + 1;
}

static void
check_root(Registration *r, const W4Law *law)
{
	const char *detail = NULL;
	W4ConsentCode verdict = w4_chain_check_link(NULL, &r->token, &w4_chain_default_policy, &detail);

	if (verdict != W4_CONSENT_OK)
		refuse(consent_sqlstate(verdict), detail);
	if (r->token.level == 0)
		return;					/* a refusal needs no authority of its own */
	if (!w4_fills_role(r->society, r->conditions.role, r->issuer) ||
		!w4_law_role_covers(law, r->conditions.role, r->token.intent, r->token.resource))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_ENTITLED)),
				 errmsg("issuer cannot grant what it may not do itself"),
				 w4_errdetail(W4_ERRCODE(NOT_ENTITLED), "Role \"%s\" does not give it \"%.*s\" on \"%.*s\".", r->conditions.role,
							  (int) r->token.intent.len, (const char *) r->token.intent.data,
							  (int) r->token.resource.len, (const char *) r->token.resource.data),
				 errhint("See web4_law_explain(); the role comes from the constraint \"role\".")));
}

/* Holding the parent, so that nobody else registers one at the same time. */
static void
check_siblings(const Registration *r, const W4Law *law)
{
	static W4Plan siblings = W4_PLAN("SELECT FROM web4.grants WHERE parent OPERATOR(pg_catalog.=) $1", "bytea");
	Datum		parent = w4_bytea_datum(r->token.parent, 32);

	if (w4_read(&siblings, &parent, NULL, law->limits.max_children) >= (uint64) law->limits.max_children)
		refuse(W4_ERRCODE(CONSENT_NOT_DELEGABLE), "The parent has as many children as the law allows");
}

/* Move the budget into the new grant's escrow; the journal row follows with the evidence. */
static void
fund(Registration *r, const W4Law *law)
{
	static W4Plan reserve = W4_PLAN("UPDATE web4.grant_state SET escrow = escrow - $2, reserved = reserved + $2, "
									"actions = actions + $3 WHERE hash OPERATOR(pg_catalog.=) $1 AND escrow >= $2 "
									"AND actions <= max_actions - $3 AND revoked_at IS NULL AND NOT closed", "bytea,int8,int8");
	int64		available;
	Datum		values[3];

	r->escrow = r->token.level == 0 ? 0 : r->conditions.max_atp;
	if (!r->token.has_parent)
	{
		if (r->escrow > 0 && !w4_account_debit(r->society, r->issuer, r->escrow, false, &available))
			ereport(ERROR,
					(errcode(W4_ERRCODE(INSUFFICIENT_ATP)),
					 errmsg("issuer cannot fund the grant's budget"),
					 w4_errdetail(W4_ERRCODE(INSUFFICIENT_ATP), "max_atp is set aside from the issuer's account when a grant is registered."),
					 errhint("See web4_balance(society, issuer).")));
		return;
	}
	if (!w4_grant_lock_chain(&r->ancestors, NULL, true))
		refuse(W4_ERRCODE(CONSENT_REVOKED), "An ancestor was revoked meanwhile");
	values[0] = w4_bytea_datum(r->token.parent, 32);
	values[1] = Int64GetDatum(r->escrow);
	values[2] = Int64GetDatum(r->conditions.max_actions == PG_INT64_MAX ? 0 : r->conditions.max_actions);
	if (w4_write(&reserve, values, NULL) != 1)
		ereport(ERROR,
				(errcode(W4_ERRCODE(GRANT_BUDGET)),
				 errmsg("parent grant cannot give that much"),
				 w4_errdetail(W4_ERRCODE(GRANT_BUDGET), "Its free budget or its remaining actions are less, or it was revoked meanwhile.")));
	check_siblings(r, law);
}

static int64
record(Registration *r)
{
	uint8_t		buf[1024];
	W4Writer	data = w4_writer(buf, sizeof(buf));
	W4Evidence	leaf = {.kind = "grant", .society = r->society, .actor = r->issuer, .at = r->now};

	w4_put_cstr(&data, "{\"depth\":");
	w4c_put_int(&data, r->depth);
	w4_put_cstr(&data, ",\"escrow\":");
	w4c_put_int(&data, r->escrow);
	w4_put_cstr(&data, ",\"grant\":");
	w4c_put_hex(&data, r->token.hash, 32);
	if (r->token.has_parent)
	{
		w4_put_cstr(&data, ",\"parent\":");
		w4c_put_hex(&data, r->token.parent, 32);
	}
	w4_put_cstr(&data, ",\"subject\":");
	w4c_put_lct(&data, r->subject);
	w4_put_cstr(&data, "}");
	leaf.data = w4_slice(data.buf, data.len);
	leaf.document = r->token.wire;
	w4_evidence_append_once(&leaf);
	return leaf.id;
}

static void
insert(Registration *r)
{
	static W4Plan grant = W4_PLAN("INSERT INTO web4.grants (hash, parent, issuer, subject, society, intent, resource, level, issued_at, "
								  "expires_at, role, budget, max_actions, token, previous, depth, registered_at) "
								  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT DO NOTHING",
								  "bytea,bytea,lct,lct,lct,text,text,int2,timestamptz,timestamptz,text,int8,int8,consent,bytea,int2,timestamptz");
	static W4Plan state = W4_PLAN("INSERT INTO web4.grant_state (hash, budget, escrow, max_actions, society, funder) "
								  "VALUES ($1, $2, $2, $3, $4, $5)", "bytea,int8,int8,lct,lct");
	W4Consent  *t = &r->token;
	const uint8_t *funder = t->has_parent ? r->ancestors.link[r->ancestors.n - 1]->issuer : r->issuer;
	char		nulls[17];
	Datum		hash = w4_bytea_datum(t->hash, 32);
	Datum		values[17] = {
		hash, w4_bytea_datum(t->parent, 32), W4LctGetDatum(r->issuer), W4LctGetDatum(r->subject),
		W4LctGetDatum(r->society), w4_text_datum(t->intent.data, t->intent.len),
		w4_text_datum(t->resource.data, t->resource.len), Int16GetDatum(t->level),
		TimestampTzGetDatum(w4_timestamptz_from_unix(t->issued_at)), TimestampTzGetDatum(expiry(t)),
		CStringGetTextDatum(r->conditions.role), Int64GetDatum(r->conditions.max_atp),
		Int64GetDatum(r->conditions.max_actions), w4_bytea_datum(t->wire.data, t->wire.len),
		w4_bytea_datum(t->previous, 32), Int16GetDatum(r->depth), TimestampTzGetDatum(r->now)
	};

	memset(nulls, ' ', sizeof(nulls));
	if (!t->has_parent)
		nulls[1] = 'n';
	if (r->conditions.max_atp == 0)
		nulls[11] = 'n';
	if (r->conditions.max_actions == PG_INT64_MAX)
		nulls[12] = 'n';
	if (w4_write(&grant, values, nulls) != 1)
		ereport(ERROR,
				(errcode(W4_ERRCODE(GRANT_EXISTS)),
				 errmsg("consent token is registered already, or its issuer's chain forks"),
				 w4_errdetail(W4_ERRCODE(GRANT_EXISTS), "Another token of the issuer names the same previous token."),
				 errhint("Put web4_grant_head(issuer) into the token as its previous hash.")));
	w4_write(&state, (Datum[]) {hash, Int64GetDatum(r->escrow), Int64GetDatum(r->conditions.max_actions),
			 W4LctGetDatum(r->society), W4LctGetDatum(funder)}, NULL);
}

/*
 * web4_grant_register(token consent) returns bytea: the token's hash.
 */
Datum
web4_grant_register(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	Registration r = {.now = GetCurrentTimestamp()};
	MemoryContext caller = CurrentMemoryContext;
	const W4Law *law;
	int64		evidence;

	w4_require_live("web4_grant_register()");
	read_token(&r, W4_ARG_SLICE(0));
	SPI_connect();
	w4_push_latest_snapshot();
	check_parties(&r);
	check_window(&r);
	check_previous(&r);
	law = w4_law_current(r.society);
	if (r.token.has_parent)
		check_parent(&r, law);
	else
		check_root(&r, law);
	w4_pop_snapshot();
	fund(&r, law);
	insert(&r);
	evidence = record(&r);
	if (r.escrow > 0)
	{
		W4Posting	posting = {.society = r.society, .kind = "escrow", .amount = r.escrow, .evidence = evidence,
			.debit = r.token.has_parent ? W4_PLACE_GRANT : W4_PLACE_AVAILABLE,
			.debit_holder = r.token.has_parent ? r.token.parent : r.issuer,
			.credit = W4_PLACE_GRANT, .credit_holder = r.token.hash};

		w4_journal_post(&posting);
	}
	SPI_finish();
	MemoryContextSwitchTo(caller);
	PG_RETURN_DATUM(w4_bytea_datum(r.token.hash, 32));
}

/*
 * web4.grant_row_ok(): the CHECK of web4.grants.  Columns must be what the
 * token says, and the token must carry a good signature.
 */
Datum
web4_grant_row_ok(PG_FUNCTION_ARGS)
{
	W4Consent	t;
	W4Conditions c;
	W4Fault		fault;
	W4Slice		wire;
	W4Slice		key;
	uint8_t		issuer[32];
	uint8_t		subject[32];

	for (int i = 0; i < 14; i++)
	{
		if (PG_ARGISNULL(i) && i != 1 && i != 11 && i != 12)
			PG_RETURN_BOOL(false);
	}
	wire = W4_ARG_SLICE(13);
	if (!w4_consent_decode(&t, wire.data, wire.len, &fault) ||
		!w4_lct_parse(issuer, (const char *) t.issuer.data, t.issuer.len, &fault) ||
		!w4_lct_parse(subject, (const char *) t.subject.data, t.subject.len, &fault) ||
		w4_conditions_read(&t, &c, &key) != NULL)
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(w4_slice_eq(W4_ARG_SLICE(0), w4_slice(t.hash, 32)) &&
				   PG_ARGISNULL(1) == !t.has_parent &&
				   (!t.has_parent || w4_slice_eq(W4_ARG_SLICE(1), w4_slice(t.parent, 32))) &&
				   memcmp(PG_GETARG_W4LCT(2), issuer, 32) == 0 &&
				   memcmp(PG_GETARG_W4LCT(3), subject, 32) == 0 &&
				   (!c.has_society || memcmp(PG_GETARG_W4LCT(4), c.society, 32) == 0) &&
				   w4_slice_eq(W4_ARG_SLICE(5), t.intent) &&
				   w4_slice_eq(W4_ARG_SLICE(6), t.resource) &&
				   PG_GETARG_INT16(7) == t.level &&
				   PG_GETARG_TIMESTAMPTZ(8) == w4_timestamptz_from_unix(t.issued_at) &&
				   PG_GETARG_TIMESTAMPTZ(9) == expiry(&t) &&
				   w4_slice_eq(W4_ARG_SLICE(10), w4_slice_cstr(c.role)) &&
				   (PG_ARGISNULL(11) ? c.max_atp == 0 : PG_GETARG_INT64(11) == c.max_atp) &&
				   (PG_ARGISNULL(12) ? c.max_actions == PG_INT64_MAX : PG_GETARG_INT64(12) == c.max_actions) &&
				   w4_consent_signature_ok(&t));
}
