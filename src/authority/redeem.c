/*-------------------------------------------------------------------------
 *
 * redeem.c
 *		web4_redeem(): the resource's side of a granted decision.
 *
 * A client may roll back after it saw "granted", so the side that acts redeems
 * the decision in a transaction of its own: the row must be committed, still
 * alive, and works once.  What was withdrawn in between, the grant or the
 * requester's standing, is not there to be redeemed.
 *
 *-------------------------------------------------------------------------
 */
#include "web4.h"

#include "access/transam.h"
#include "access/xact.h"
#include "authority/grant.h"
#include "authority/request.h"
#include "core/decimal.h"
#include "core/encode.h"
#include "core/json.h"
#include "core/lctid.h"
#include "evidence/leaf.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "economy/app_role.h"
#include "economy/ledger.h"
#include "evidence/evidence.h"
#include "identity/identity.h"
#include "utils/memutils.h"
#include "utils/xid8.h"

PG_FUNCTION_INFO_V1(web4_redeem);

typedef struct Recorded
{
	W4Json		json;
	int			data;			/* node of "data" */
	uint8_t		society[32];
	uint8_t		requester[32];
	TimestampTz at;
} Recorded;

static void
not_redeemable(const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(NOT_REDEEMABLE)),
			 errmsg("decision cannot be redeemed"),
			 w4_errdetail(W4_ERRCODE(NOT_REDEEMABLE), "%s.", why)));
}

/* The committed leaf of a decision; its body copied into "caller". */
static void
load_decision(const uint8_t *id, Recorded *out, MemoryContext caller)
{
	static W4Plan load = W4_PLAN("SELECT body, at, xid, leaf_hash, society, actor FROM web4.evidence WHERE id OPERATOR(pg_catalog.=) $1 "
								 "AND kind OPERATOR(pg_catalog.=) 'decision'", "int8");
	Datum		number = Int64GetDatum(w4_leaf_id_number(id));
	bool		isnull;
	struct varlena *body;
	MemoryContext old;
	size_t		len;
	W4Fault		fault;

	if (w4_read(&load, &number, NULL, 1) != 1 ||
		!w4_leaf_id_names(id, w4_slice(w4_fixed_bytea(w4_value(0, 4, &isnull), 32, "leaf hash"), 32)))
		ereport(ERROR,
				(errcode(W4_ERRCODE(UNKNOWN_DECISION)),
				 errmsg("no such decision"),
				 w4_errdetail(W4_ERRCODE(UNKNOWN_DECISION), "It was never recorded, or its transaction rolled back.")));
	if (U64FromFullTransactionId(DatumGetFullTransactionId(w4_value(0, 3, &isnull))) ==
		U64FromFullTransactionId(GetTopFullTransactionId()))
		not_redeemable("It is not committed yet: redeem it in another transaction than the one that decided");
	out->at = DatumGetTimestampTz(w4_value(0, 2, &isnull));
	memcpy(out->society, DatumGetW4Lct(w4_value(0, 5, &isnull)), 32);
	memcpy(out->requester, DatumGetW4Lct(w4_value(0, 6, &isnull)), 32);

	old = MemoryContextSwitchTo(caller);
	body = PG_DETOAST_DATUM_COPY(w4_value(0, 1, &isnull));
	len = VARSIZE(body) - VARHDRSZ;
	if (!w4c_parse(&out->json, VARDATA(body), len, palloc(sizeof(W4JsonNode) * W4_JSON_MAX_NODES(len)),
				   W4_JSON_MAX_NODES(len), &fault))
		w4_raise_fault(W4_ERRCODE(LEAF_MISMATCH), "leaf", &fault);
	out->data = w4_json_member(&out->json, W4_JSON_ROOT, "data");
	MemoryContextSwitchTo(old);
}

static W4Slice
fact(const Recorded *r, const char *key)
{
	return w4_json_plain_string(&r->json, w4_json_member(&r->json, r->data, key));
}

static void
check_alive(const Recorded *r, TimestampTz now)
{
	int64_t		ttl = 0;

	if (!w4_slice_eq(fact(r, "decision"), w4_slice_cstr("granted")))
		not_redeemable("It was not granted");
	(void) w4_json_int(&r->json, w4_json_member(&r->json, r->data, "redeem_seconds"), &ttl);
	if (now >= r->at + ttl * USECS_PER_SEC)
		not_redeemable("Its time is up");
}

static bool
is_active(const uint8_t lct[32])
{
	W4Entity	entity;

	return w4_entity_get(lct, &entity) && entity.status == W4_STATUS_ACTIVE;
}

/* The chain that the decision rested on; n = 0: none. */
static void
load_chain(const Recorded *r, W4GrantChain *chain)
{
	W4Slice		hex = fact(r, "grant");
	uint8_t		hash[32];

	chain->n = 0;
	if (hex.data == NULL)
		return;
	if (!w4_hex_decode(hash, 32, (const char *) hex.data, hex.len) || !w4_grant_load_chain(hash, chain))
		not_redeemable("Its grant is not registered here");
}

/* What the law, trust and witnesses said stands for as long as the decision lives; a withdrawal counts at once. */
static void
check_standing(const Recorded *r, TimestampTz now)
{
	W4GrantChain chain;
	const char *code;
	const char *problem = NULL;

	w4_push_latest_snapshot();
	if (!is_active(r->requester) || !is_active(r->society) || !w4_is_citizen(r->society, r->requester))
		not_redeemable("Its requester or its society is no longer active");
	load_chain(r, &chain);
	if (chain.n > 0)
		problem = w4_grant_chain_alive(&chain, now, &code);
	if (problem != NULL)
		not_redeemable(psprintf("Its grant is dead (%s)", problem));
	if (w4_grant_refused(r->requester, &chain, r->society, fact(r, "action"), fact(r, "resource"), now))
		not_redeemable("A refusal forbids it now");
	w4_pop_snapshot();
	if (!w4_grant_lock_chain(&chain, NULL, false))
		not_redeemable("Its grant was revoked meanwhile");
}

static void
claim(Datum id, TimestampTz now)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.redemption (decision_id, redeemed_at, redeemed_by) VALUES ($1, $2, $3) "
								   "ON CONFLICT DO NOTHING", "bytea,timestamptz,name");
	Datum		values[3] = {id, TimestampTzGetDatum(now),
	DirectFunctionCall1(namein, CStringGetDatum(w4_role_text(w4_outer_role_name())))};

	if (w4_write(&insert, values, NULL) != 1)
		ereport(ERROR,
				(errcode(W4_ERRCODE(REDEEMED)),
				 errmsg("decision was redeemed before"),
				 w4_errdetail(W4_ERRCODE(REDEEMED), "A granted decision works once.")));
}

/* A redemption that is not in the log could be deleted, and the decision used again. */
static void
record(const Recorded *r, const uint8_t *id, TimestampTz now)
{
	uint8_t		buf[512];
	W4Writer	w = w4_writer(buf, sizeof(buf));
	bool		first = true;
	W4Evidence	leaf = {.kind = "redemption", .society = r->society, .actor = r->requester, .at = now};

	w4_put_u8(&w, '{');
	w4_member_role(&w, &first, "by", w4_outer_role_name());
	w4c_member_hex(&w, &first, "decision", id, W4_LEAF_ID_LEN);
	w4_put_u8(&w, '}');
	leaf.data = w4_slice(w.buf, w.len);
	w4_evidence_append_once(&leaf);
}

/*
 * web4_redeem(decision_id) returns what was granted: requester, action,
 * resource, cost, role, decided_at.
 */
Datum
web4_redeem(PG_FUNCTION_ARGS)
{
	const uint8_t *id;
	MemoryContext caller = CurrentMemoryContext;
	Recorded	r;
	Datum		values[6];
	bool		nulls[6] = {false};
	uint8_t    *requester = palloc(W4_LCT_LEN);
	TimestampTz now = GetCurrentTimestamp();
	int64_t		cost = 0;
	W4Fault		fault;
	W4Slice		s;

	w4_require_live("web4_redeem()");
	w4_request_not_null(fcinfo, 0, "decision id");
	id = w4_fixed_bytea(PG_GETARG_DATUM(0), W4_LEAF_ID_LEN, "decision id");
	SPI_connect();
	load_decision(id, &r, caller);
	check_alive(&r, now);
	check_standing(&r, now);
	claim(w4_bytea_datum(id, W4_LEAF_ID_LEN), now);
	record(&r, id, now);
	SPI_finish();

	memcpy(requester, r.requester, W4_LCT_LEN);
	values[0] = W4LctGetDatum(requester);
	s = fact(&r, "action");
	values[1] = w4_text_datum(s.data, s.len);
	s = fact(&r, "resource");
	values[2] = w4_text_datum(s.data, s.len);
	s = fact(&r, "atp_cost");
	(void) w4_decimal_parse(&cost, (const char *) s.data, s.len, 6, false, true, &fault);
	values[3] = Int64GetDatum(cost);
	s = fact(&r, "role");
	values[4] = w4_text_datum(s.data, s.len);
	values[5] = TimestampTzGetDatum(r.at);
	PG_RETURN_DATUM(w4_result_row(fcinfo, values, nulls));
}
