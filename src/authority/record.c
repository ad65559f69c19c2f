/*-------------------------------------------------------------------------
 *
 * record.c
 *		Step 12: the leaf that records a decision, and what hangs on it.
 *
 *-------------------------------------------------------------------------
 */
#include "authority/decide.h"

#include "access/xact.h"
#include "core/decimal.h"
#include "core/domains.h"
#include "core/lctid.h"
#include "economy/app_role.h"
#include "economy/economy.h"
#include "economy/ledger.h"
#include "evidence/evidence.h"
#include "host/clock.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "utils/guc.h"

static void
put_text(W4Writer *w, bool *first, const char *key, const char *value)
{
	if (value != NULL)
		w4c_member_string(w, first, key, w4_slice_cstr(value));
}

/* A fixed-point number as a decimal string; negative means "not reached". */
static void
put_fixed(W4Writer *w, bool *first, const char *key, int64 value, int digits)
{
	char		buf[W4_DECIMAL_TEXT_MAX];

	if (value < 0)
		return;
	w4c_put_key(w, first, key);
	w4c_put_string(w, buf, w4_decimal_format(buf, value, digits));
}

static void
put_witnesses(W4Writer *w, bool *first, const W4Witnesses *witnesses)
{
	if (witnesses->n == 0)
		return;
	w4c_put_key(w, first, "witnesses");
	for (int i = 0; i < witnesses->n; i++)
	{
		w4_put_cstr(w, i == 0 ? "[" : ",");
		w4c_put_lct(w, witnesses->valid[i].witness);
	}
	w4_put_cstr(w, "]");
}

/*
 * Members of "data" in byte order of their names (docs/authority.md).  What
 * does not apply is left out: every byte here is written by every decision.
 */
static W4Slice
write_data(const W4Decision *d)
{
	static const uint8_t no_context[32] = W4_EMPTY_CONTEXT_HASH;
	const W4Request *r = d->request;
	bool		granted = strcmp(d->decision, "granted") == 0;
	size_t		cap = 2048 + r->action.len + r->resource.len + d->witnesses.n * 80;
	W4Writer	w = w4_writer(palloc(cap), cap);
	bool		first = true;

	w4_put_cstr(&w, "{");
	w4c_member_string(&w, &first, "action", r->action);
	put_fixed(&w, &first, "atp_cost", granted ? d->cost : 0, 6);
	put_fixed(&w, &first, "atp_remaining", d->atp_remaining, 6);
	put_text(&w, &first, "code", d->code);
	if (memcmp(r->context_hash, no_context, 32) != 0)
		w4c_member_hex(&w, &first, "context_hash", r->context_hash, 32);
	put_text(&w, &first, "decision", d->decision);
	put_text(&w, &first, "detail", d->detail);
	if (r->has_grant && r->grant_wellformed)
		w4c_member_hex(&w, &first, "grant", r->grant, 32);
	w4c_member_hex(&w, &first, "law_hash", d->law->hash, 32);
	put_text(&w, &first, "law_version", d->law->version);
	put_text(&w, &first, "reason", d->reason);
	if (granted)
		w4c_member_int(&w, &first, "redeem_seconds", d->law->limits.decision_ttl);
	if (!r->is_signed)
		w4c_member_hex(&w, &first, "request_hash", r->hash, 32);
	w4c_member_string(&w, &first, "resource", r->resource);
	if (strcmp(d->decision, "deferred") == 0)
		w4c_member_int(&w, &first, "resume_seconds", d->law->limits.defer_ttl);
	if (d->resumes != NULL)
		w4c_member_hex(&w, &first, "resumes", d->resumes, 32);
	put_text(&w, &first, "role", d->role);
	put_fixed(&w, &first, "trust_actual", d->trust_actual, 9);
	put_fixed(&w, &first, "trust_required", d->trust_required, 9);
	if (!r->is_signed)
		w4_member_role(&w, &first, "vouched_by", w4_outer_role_name());
	put_witnesses(&w, &first, &d->witnesses);
	if (d->witnesses_required > 0)
		w4c_member_int(&w, &first, "witnesses_required", d->witnesses_required);
	w4_put_cstr(&w, "}");
	if (w.full)
		elog(ERROR, "decision has no canonical form");
	return w4_slice(w.buf, w.len);
}

/* A ROLLBACK erases the row of a denial, not this line. */
static void
log_denial(const W4Decision *d)
{
	char		requester[W4_LCT_TEXT_LEN];

	w4_lct_format(requester, d->request->requester);
	ereport(LOG,
			(errmsg("web4 %s %.*s on %.*s to %.*s", d->decision,
					(int) d->request->action.len, (const char *) d->request->action.data,
					(int) d->request->resource.len, (const char *) d->request->resource.data,
					(int) sizeof(requester), requester),
			 errdetail("%s, %s: %s.", d->reason, d->code, d->detail),
			 errhidestmt(true)));
}

/* The deferred request waits here for web4_resume(). */
static void
keep_pending(const W4Decision *d)
{
	static W4Plan keep = W4_PLAN("INSERT INTO web4.pending_decision (request_hash, decision_id, society, requester, request, signature, "
								 "witnesses_required, deferred_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
								 "ON CONFLICT (request_hash) DO UPDATE SET decision_id = EXCLUDED.decision_id, "
								 "witnesses_required = EXCLUDED.witnesses_required, deferred_at = EXCLUDED.deferred_at, "
								 "expires_at = EXCLUDED.expires_at, final_id = NULL",
								 "bytea,bytea,lct,lct,text,bytea,int4,timestamptz,timestamptz");
	const W4Request *r = d->request;
	size_t		prefix = strlen(W4_DOMAIN_REQUEST);
	Datum		values[9] = {
		w4_bytea_datum(r->hash, 32), w4_bytea_datum(d->decision_id, 32), W4LctGetDatum(r->society),
		W4LctGetDatum(r->requester), w4_text_datum(r->message.data + prefix, r->message.len - prefix),
		r->is_signed ? w4_bytea_datum(r->signature.data, r->signature.len) : (Datum) 0,
		Int32GetDatum(d->witnesses_required), TimestampTzGetDatum(d->now),
		TimestampTzGetDatum(d->now + d->law->limits.defer_ttl * USECS_PER_SEC)
	};

	w4_write(&keep, values, r->is_signed ? NULL : "     n   ");
}

static void
post_spend(const W4Decision *d, int64 evidence)
{
	const W4Request *r = d->request;
	W4Posting	posting = {.society = r->society, .kind = "spend", .amount = d->cost, .evidence = evidence,
		.debit = d->chain.n > 0 ? W4_PLACE_GRANT : W4_PLACE_AVAILABLE,
		.debit_holder = d->chain.n > 0 ? r->grant : r->requester,
		.credit = W4_PLACE_POOL_ADP};

	w4_journal_post(&posting);
}

static W4Evidence
leaf_of(const W4Decision *d)
{
	const W4Request *r = d->request;
	W4Evidence	leaf = {.kind = "decision", .society = d->log, .actor = r->requester, .at = d->now,
	.data = write_data(d)};

	/* An application's request can be rebuilt from the data; its hash is there. */
	if (r->is_signed)
	{
		leaf.document = r->message;
		leaf.signature = r->signature;
	}
	/* Only what the requester really signed, and only once, claims his nonce. */
	if (d->authentic && d->mode == W4_DECIDE_RECORD)
		leaf.nonce = w4_slice(r->nonce, r->nonce_len);
	return leaf;
}

static bool refuse_subtransactions = true;

/* Behind a savepoint a caller could keep the answer and roll back the record alone. */
static void
refuse_subtransaction(void)
{
	if (refuse_subtransactions && GetCurrentTransactionNestLevel() > 1)
		ereport(ERROR,
				(errcode(W4_ERRCODE(IN_SUBTRANSACTION)),
				 errmsg("decisions are not taken inside a subtransaction"),
				 w4_errdetail(W4_ERRCODE(IN_SUBTRANSACTION), "There is a savepoint or an exception block around the call.")));
}

void
w4_authority_define_settings(void)
{
	DefineCustomBoolVariable("web4.refuse_subtransactions",
							 "Refuses to decide behind a savepoint or in an exception block.",
							 "There a caller could see the answer and take back the record alone, without ending its transaction.",
							 &refuse_subtransactions, true, PGC_SUSET, 0, NULL, NULL, NULL);
}

void
w4_decision_record(W4Decision *d)
{
	W4Evidence	leaf;

	refuse_subtransaction();
	leaf = leaf_of(d);
	if (!w4_evidence_append(&leaf))
	{
		/* The same request won a race against this one: give back and deny. */
		w4_decision_unspend(d);
		d->authentic = false;
		d->witnesses.n = 0;
		(void) w4_deny(d, "invalid_lct", "W4_ERR_PROTO_REPLAY", "the request's nonce was used before");
		leaf = leaf_of(d);
		w4_evidence_append_once(&leaf);
	}
	memcpy(d->decision_id, leaf.leaf_id, 32);
	d->recorded = true;

	if (strcmp(d->decision, "granted") == 0)
	{
		w4_witnesses_record(&d->witnesses, d->request, d->now);
		if (d->cost > 0)
			post_spend(d, leaf.id);
		w4_usage_add(d, leaf.id);
		return;
	}
	if (strcmp(d->decision, "deferred") == 0)
		keep_pending(d);
	log_denial(d);
}
