/*-------------------------------------------------------------------------
 *
 * record.c
 *		Step 12: the leaf that records a decision, and what hangs on it.
 *
 *-------------------------------------------------------------------------
 */
#include "authority/decide.h"

#include "core/decimal.h"
#include "core/domains.h"
#include "core/lctid.h"
#include "economy/economy.h"
#include "evidence/evidence.h"
#include "host/clock.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"

static void
put_text_or_null(W4Writer *w, const char *s)
{
	if (s == NULL)
		w4_put_cstr(w, "null");
	else
		w4c_put_string(w, s, strlen(s));
}

/* A fixed-point number as a decimal string; negative means "not reached". */
static void
put_fixed(W4Writer *w, int64 value, int digits)
{
	char		buf[W4_DECIMAL_TEXT_MAX];

	if (value < 0)
		w4_put_cstr(w, "null");
	else
		w4c_put_string(w, buf, w4_decimal_format(buf, value, digits));
}

static void
put_lct(W4Writer *w, const uint8_t lct[32])
{
	char		buf[W4_LCT_TEXT_LEN];

	w4_lct_format(buf, lct);
	w4c_put_string(w, buf, sizeof(buf));
}

/* Members in byte order of their names (docs/evidence.md). */
static W4Slice
write_data(const W4Decision *d)
{
	const W4Request *r = d->request;
	size_t		cap = 2048 + r->action.len + r->resource.len + d->witnesses.n * 80;
	W4Writer	w = w4_writer(palloc(cap), cap);

	w4_put_cstr(&w, "{\"action\":");
	w4c_put_string(&w, (const char *) r->action.data, r->action.len);
	w4_put_cstr(&w, ",\"atp_cost\":");
	put_fixed(&w, strcmp(d->decision, "granted") == 0 ? d->cost : 0, 6);
	w4_put_cstr(&w, ",\"atp_remaining\":");
	put_fixed(&w, d->atp_remaining, 6);
	w4_put_cstr(&w, ",\"code\":");
	put_text_or_null(&w, d->code);
	w4_put_cstr(&w, ",\"decision\":");
	put_text_or_null(&w, d->decision);
	w4_put_cstr(&w, ",\"detail\":");
	put_text_or_null(&w, d->detail);
	w4_put_cstr(&w, ",\"grant\":");
	if (r->has_grant && r->grant_wellformed)
		w4c_put_hex(&w, r->grant, 32);
	else
		w4_put_cstr(&w, "null");
	w4_put_cstr(&w, ",\"law_hash\":");
	w4c_put_hex(&w, d->law->hash, 32);
	w4_put_cstr(&w, ",\"law_version\":");
	put_text_or_null(&w, d->law->version);
	w4_put_cstr(&w, ",\"reason\":");
	put_text_or_null(&w, d->reason);
	w4_put_cstr(&w, ",\"redeem_seconds\":");
	w4c_put_int(&w, d->law->limits.decision_ttl);
	w4_put_cstr(&w, ",\"requester\":");
	put_lct(&w, r->requester);
	w4_put_cstr(&w, ",\"resource\":");
	w4c_put_string(&w, (const char *) r->resource.data, r->resource.len);
	w4_put_cstr(&w, ",\"role\":");
	put_text_or_null(&w, d->role);
	w4_put_cstr(&w, r->is_signed ? ",\"signed\":true" : ",\"signed\":false");
	w4_put_cstr(&w, ",\"trust_actual\":");
	put_fixed(&w, d->trust_actual, 9);
	w4_put_cstr(&w, ",\"trust_required\":");
	put_fixed(&w, d->trust_required, 9);
	w4_put_cstr(&w, ",\"witnesses\":[");
	for (int i = 0; i < d->witnesses.n; i++)
	{
		if (i > 0)
			w4_put_cstr(&w, ",");
		put_lct(&w, d->witnesses.valid[i].witness);
	}
	w4_put_cstr(&w, "],\"witnesses_required\":");
	w4c_put_int(&w, d->witnesses_required);
	w4_put_cstr(&w, "}");
	Assert(!w.full);
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
	.data = write_data(d), .document = r->message, .signature = r->signature};

	/* Only what the requester really signed, and only once, claims his nonce. */
	if (d->authentic && d->mode == W4_DECIDE_RECORD)
		leaf.nonce = w4_slice(r->nonce, r->nonce_len);
	return leaf;
}

void
w4_decision_record(W4Decision *d)
{
	W4Evidence	leaf = leaf_of(d);

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
	memcpy(d->decision_id, leaf.leaf_hash, 32);
	d->recorded = true;

	if (strcmp(d->decision, "granted") == 0)
	{
		w4_witnesses_record(&d->witnesses, d->request, d->now);
		if (d->cost > 0)
			post_spend(d, leaf.id);
		if (d->per_hour > 0)
			w4_usage_add(d->limited, d->now, leaf.id);
		return;
	}
	if (strcmp(d->decision, "deferred") == 0)
		keep_pending(d);
	log_denial(d);
}
