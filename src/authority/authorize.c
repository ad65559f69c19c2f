/*-------------------------------------------------------------------------
 *
 * authorize.c
 *		The entry points: authorize, check, resume.
 *
 * Two ways to ask, one implementation: an application vouches for the
 * requester, or the requester signed the request.
 *
 *-------------------------------------------------------------------------
 */
#include "authority/decide.h"

#include "core/decimal.h"
#include "core/encode.h"
#include "core/lctid.h"
#include "economy/app_role.h"
#include "funcapi.h"
#include "host/clock.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

PG_FUNCTION_INFO_V1(web4_authorize);
PG_FUNCTION_INFO_V1(web4_authorize_signed);
PG_FUNCTION_INFO_V1(web4_authorize_many);
PG_FUNCTION_INFO_V1(web4_check);
PG_FUNCTION_INFO_V1(web4_resume);
PG_FUNCTION_INFO_V1(web4_request_text);

#define MAX_BATCH 10000

enum
{
	Decision_decision,
	Decision_reason,
	Decision_code,
	Decision_decision_id,
	Decision_trust_required,
	Decision_trust_actual,
	Decision_atp_remaining,
	Decision_witnesses_required,
	Decision_law_version,
	Decision_decided_at,
	Natts_decision
};

static void
put_nullable(Datum *value, bool *null, Datum datum, bool present)
{
	*value = present ? datum : (Datum) 0;
	*null = !present;
}

/* The row web4_decision, in the current memory context. */
static void
decision_columns(const W4Decision *d, Datum values[Natts_decision], bool nulls[Natts_decision])
{
	memset(nulls, 0, sizeof(bool) * Natts_decision);
	values[Decision_decision] = CStringGetTextDatum(d->decision);
	put_nullable(&values[Decision_reason], &nulls[Decision_reason],
				 d->reason ? CStringGetTextDatum(d->reason) : (Datum) 0, d->reason != NULL);
	put_nullable(&values[Decision_code], &nulls[Decision_code],
				 d->code ? CStringGetTextDatum(d->code) : (Datum) 0, d->code != NULL);
	put_nullable(&values[Decision_decision_id], &nulls[Decision_decision_id],
				 d->recorded ? w4_bytea_datum(d->decision_id, 32) : (Datum) 0, d->recorded);
	put_nullable(&values[Decision_trust_required], &nulls[Decision_trust_required],
				 d->trust_required >= 0 ? w4_fixed_numeric(d->trust_required, 9) : (Datum) 0, d->trust_required >= 0);
	put_nullable(&values[Decision_trust_actual], &nulls[Decision_trust_actual],
				 d->trust_actual >= 0 ? w4_fixed_numeric(d->trust_actual, 9) : (Datum) 0, d->trust_actual >= 0);
	put_nullable(&values[Decision_atp_remaining], &nulls[Decision_atp_remaining],
				 Int64GetDatum(d->atp_remaining), d->atp_remaining >= 0);
	values[Decision_witnesses_required] = Int32GetDatum(d->witnesses_required);
	values[Decision_law_version] = CStringGetTextDatum(d->law->version);
	values[Decision_decided_at] = TimestampTzGetDatum(d->now);
}

/*
 * Decide one request in memory of its own; the row is built in the caller's.
 */
static void
run(const W4Request *request, Jsonb *attestations, W4DecideMode mode,
	Datum values[Natts_decision], bool nulls[Natts_decision])
{
	W4Decision	d = {.request = request, .attestations = attestations, .mode = mode, .now = GetCurrentTimestamp()};
	MemoryContext caller = CurrentMemoryContext;

	if (mode != W4_DECIDE_CHECK)
	{
		SPI_connect();
		w4_push_latest_snapshot();
	}
	w4_decide(&d);
	MemoryContextSwitchTo(caller);
	decision_columns(&d, values, nulls);
	if (mode != W4_DECIDE_CHECK)
	{
		w4_pop_snapshot();
		SPI_finish();
	}
}

static Datum
run_to_row(const W4Request *request, Jsonb *attestations, W4DecideMode mode)
{
	Datum		values[Natts_decision];
	bool		nulls[Natts_decision];

	run(request, attestations, mode, values, nulls);
	return w4_row("web4_decision", values, nulls);
}

/* What a context says as text; NULL slice for {}, which has a hash of its own. */
static W4Slice
context_text(Jsonb *context)
{
	if (!JB_ROOT_IS_OBJECT(context))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_REQUEST)),
				 errmsg("context of the request is not an object"),
				 w4_errdetail(W4_ERRCODE(BAD_REQUEST), "Witnesses attest to its hash, so it has one form: {...}.")));
	if (JB_ROOT_COUNT(context) == 0)
		return w4_slice(NULL, 0);
	return w4_slice_cstr(JsonbToCString(NULL, &context->root, VARSIZE(context)));
}

/* Arguments 0..6 of web4_authorize() and web4_check(). */
static void
read_arguments(FunctionCallInfo fcinfo, W4Request *request)
{
	W4RequestArgs args = {0};

	w4_request_not_null(fcinfo, 0, "requester of the request");
	w4_request_not_null(fcinfo, 1, "action of the request");
	w4_request_not_null(fcinfo, 2, "resource of the request");
	w4_request_not_null(fcinfo, 3, "cost of the request");
	args.requester = PG_GETARG_W4LCT(0);
	args.action = W4_ARG_SLICE(1);
	args.resource = W4_ARG_SLICE(2);
	args.cost = PG_GETARG_INT64(3);
	if (!PG_ARGISNULL(4))
		args.role = text_to_cstring(PG_GETARG_TEXT_PP(4));
	if (!PG_ARGISNULL(5))
		args.grant = w4_fixed_bytea(PG_GETARG_DATUM(5), 32, "grant hash");
	if (!PG_ARGISNULL(6))
		args.context = context_text(PG_GETARG_JSONB_P(6));
	w4_request_build(request, &args);
}

static Jsonb *
attestations_argument(FunctionCallInfo fcinfo, int n)
{
	if (PG_ARGISNULL(n))
		return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("[]")));
	return PG_GETARG_JSONB_P(n);
}

/*
 * web4_authorize(requester, action, resource, cost, role, grant_hash, context, attestations)
 */
Datum
web4_authorize(PG_FUNCTION_ARGS)
{
	W4Request	request;

	w4_require_live("web4_authorize()");
	read_arguments(fcinfo, &request);
	w4_role_require_speaks(request.society, request.requester, "web4_authorize()");
	PG_RETURN_DATUM(run_to_row(&request, attestations_argument(fcinfo, 7), W4_DECIDE_RECORD));
}

/*
 * web4_authorize_signed(request, signature, attestations)
 */
Datum
web4_authorize_signed(PG_FUNCTION_ARGS)
{
	W4Request	request;

	w4_require_live("web4_authorize_signed()");
	w4_request_not_null(fcinfo, 0, "text of the request");
	w4_request_not_null(fcinfo, 1, "signature of the request");
	w4_request_parse(&request, PG_GETARG_TEXT_PP(0),
					 w4_slice(w4_fixed_bytea(PG_GETARG_DATUM(1), 64, "signature"), 64));
	PG_RETURN_DATUM(run_to_row(&request, attestations_argument(fcinfo, 2), W4_DECIDE_RECORD));
}

/*
 * web4_check(requester, action, resource, cost, role, grant_hash, context):
 * what web4_authorize() would say now.  Reads only; works on a standby.
 */
Datum
web4_check(PG_FUNCTION_ARGS)
{
	W4Request	request;

	read_arguments(fcinfo, &request);
	w4_role_require_speaks(request.society, request.requester, "web4_check()");
	PG_RETURN_DATUM(run_to_row(&request, attestations_argument(fcinfo, 7), W4_DECIDE_CHECK));
}

/* --- a batch --- */

static JsonbValue *
batch_member(JsonbValue *element, const char *key, JsonbValue *buf)
{
	JsonbValue *v = getKeyJsonValueFromContainer(element->val.binary.data, key, (int) strlen(key), buf);

	return v == NULL || v->type == jbvNull ? NULL : v;
}

pg_attribute_noreturn() static void
bad_batch(int i, const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_REQUEST)),
			 errmsg("element %d of the requests is malformed", i),
			 w4_errdetail(W4_ERRCODE(BAD_REQUEST), "%s.", why),
			 errhint("An element is {\"request\", \"signature\"} or {\"requester\", \"action\", \"resource\", \"cost\", \"role\", \"grant_hash\", \"context\"}, and \"attestations\" if there are any.")));
}

static text *
batch_text(JsonbValue *element, const char *key, int i, bool required)
{
	JsonbValue	buf;
	JsonbValue *v = batch_member(element, key, &buf);

	if (v == NULL && !required)
		return NULL;
	if (v == NULL || v->type != jbvString)
		bad_batch(i, psprintf("\"%s\" must be a string", key));
	return cstring_to_text_with_len(v->val.string.val, v->val.string.len);
}

static uint8_t *
batch_hex(JsonbValue *element, const char *key, size_t len, int i, bool required)
{
	text	   *txt = batch_text(element, key, i, required);
	uint8_t    *out;
	W4Slice		hex;

	if (txt == NULL)
		return NULL;
	hex = w4_varlena_slice(txt);
	out = palloc(len);
	if (!w4_hex_decode(out, len, (const char *) hex.data, hex.len))
		bad_batch(i, psprintf("\"%s\" must be %zu lower-case hex digits", key, len * 2));
	return out;
}

/* "cost": a number or a decimal string. */
static int64
batch_cost(JsonbValue *element, int i)
{
	JsonbValue	buf;
	JsonbValue *v = batch_member(element, "cost", &buf);
	char	   *txt = NULL;
	int64_t		cost;
	W4Fault		fault;

	if (v == NULL)
		return 0;
	if (v->type == jbvNumeric)
		txt = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(v->val.numeric)));
	else if (v->type == jbvString)
		txt = pnstrdup(v->val.string.val, v->val.string.len);
	if (txt == NULL || !w4_decimal_parse(&cost, txt, strlen(txt), 6, true, false, &fault))
		bad_batch(i, "\"cost\" must be an ATP amount");
	return cost;
}

static void
batch_vouched(JsonbValue *element, int i, W4Request *request)
{
	W4RequestArgs args = {0};
	text	   *requester = batch_text(element, "requester", i, true);
	text	   *role = batch_text(element, "role", i, false);
	W4Slice		name = w4_varlena_slice(requester);
	uint8_t    *lct = palloc(32);
	JsonbValue	buf;
	JsonbValue *context = batch_member(element, "context", &buf);
	W4Fault		fault;

	if (!w4_lct_parse(lct, (const char *) name.data, name.len, &fault))
		bad_batch(i, "\"requester\" must be an LCT");
	args.requester = lct;
	args.action = w4_varlena_slice(batch_text(element, "action", i, true));
	args.resource = w4_varlena_slice(batch_text(element, "resource", i, true));
	args.cost = batch_cost(element, i);
	args.role = role ? text_to_cstring(role) : "citizen";
	args.grant = batch_hex(element, "grant_hash", 32, i, false);
	if (context != NULL)
		args.context = context_text(JsonbValueToJsonb(context));
	w4_request_build(request, &args);
	w4_role_require_speaks(request->society, request->requester, "web4_authorize_many()");
}

/* A member that is not known, such as a misspelt "grant_hash", would change what is decided. */
static void
batch_only(JsonbValue *element, const char *const *members, int i)
{
	JsonbIterator *it = JsonbIteratorInit(element->val.binary.data);
	JsonbIteratorToken token;
	JsonbValue	v;

	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		const char *const *known = members;

		if (token != WJB_KEY)
			continue;
		while (*known != NULL && !(strlen(*known) == v.val.string.len && memcmp(*known, v.val.string.val, v.val.string.len) == 0))
			known++;
		if (*known == NULL)
			bad_batch(i, psprintf("It has an unknown member \"%.*s\"", Min(v.val.string.len, 64), v.val.string.val));
	}
}

static void
batch_request(JsonbValue *element, int i, W4Request *request)
{
	static const char *const of_signed[] = {"attestations", "request", "signature", NULL};
	static const char *const of_vouched[] = {"action", "attestations", "context", "cost", "grant_hash", "requester", "resource", "role", NULL};
	JsonbValue	buf;
	bool		is_signed;

	if (element->type != jbvBinary || !JsonContainerIsObject(element->val.binary.data))
		bad_batch(i, "It must be an object");
	is_signed = batch_member(element, "request", &buf) != NULL;
	batch_only(element, is_signed ? of_signed : of_vouched, i);
	if (is_signed)
		w4_request_parse(request, batch_text(element, "request", i, true),
						 w4_slice(batch_hex(element, "signature", 64, i, true), 64));
	else
		batch_vouched(element, i, request);
}

static Jsonb *
batch_attestations(JsonbValue *element)
{
	JsonbValue	buf;
	JsonbValue *v = batch_member(element, "attestations", &buf);

	if (v == NULL)
		return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("[]")));
	return JsonbValueToJsonb(v);
}

/*
 * web4_authorize_many(requests jsonb): each element decided by itself, in order.
 */
Datum
web4_authorize_many(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Jsonb	   *requests;
	MemoryContext each = AllocSetContextCreate(CurrentMemoryContext, "web4 request", ALLOCSET_DEFAULT_SIZES);

	w4_require_live("web4_authorize_many()");
	w4_request_not_null(fcinfo, 0, "array of requests");
	requests = PG_GETARG_JSONB_P(0);
	if (!JB_ROOT_IS_ARRAY(requests) || JB_ROOT_IS_SCALAR(requests) || JB_ROOT_COUNT(requests) > MAX_BATCH)
		bad_batch(0, psprintf("Requests must be an array of at most %d elements", MAX_BATCH));
	w4_materialize(fcinfo);
	for (int i = 0; i < JB_ROOT_COUNT(requests); i++)
	{
		MemoryContext old = MemoryContextSwitchTo(each);
		JsonbValue *element = getIthJsonbValueFromContainer(&requests->root, i);
		W4Request	request;
		Datum		values[Natts_decision];
		bool		nulls[Natts_decision];

		CHECK_FOR_INTERRUPTS();
		batch_request(element, i, &request);
		run(&request, batch_attestations(element), W4_DECIDE_RECORD, values, nulls);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		MemoryContextSwitchTo(old);
		MemoryContextReset(each);
		CommandCounterIncrement();
	}
	return (Datum) 0;
}

/* --- a deferred request, decided again --- */

typedef struct Pending
{
	W4Request	request;
	uint8_t		request_hash[32];
	bool		ended;
	TimestampTz expires_at;
} Pending;

static void
load_pending(const uint8_t id[32], Pending *out, MemoryContext caller)
{
	static W4Plan load = W4_PLAN("SELECT request_hash, request, signature, expires_at, final_id IS NOT NULL FROM web4.pending_decision "
								 "WHERE decision_id OPERATOR(pg_catalog.=) $1 FOR UPDATE", "bytea");
	Datum		key = w4_bytea_datum(id, 32);
	bool		isnull;
	Datum		signature;
	W4Slice		signed_by = w4_slice(NULL, 0);
	MemoryContext old;

	if (w4_read(&load, &key, NULL, 1) != 1)
		ereport(ERROR,
				(errcode(W4_ERRCODE(UNKNOWN_DECISION)),
				 errmsg("no deferred decision of this id"),
				 w4_errdetail(W4_ERRCODE(UNKNOWN_DECISION), "It may have been deferred again under a newer id."),
				 errhint("Resume it under its newest id, or send the request again.")));
	memcpy(out->request_hash, w4_fixed_bytea(w4_value(0, 1, &isnull), 32, "request hash"), 32);
	out->expires_at = DatumGetTimestampTz(w4_value(0, 4, &isnull));
	out->ended = DatumGetBool(w4_value(0, 5, &isnull));
	signature = w4_value(0, 3, &isnull);
	old = MemoryContextSwitchTo(caller);
	if (!isnull)
		signed_by = w4_slice(memcpy(palloc(64), w4_fixed_bytea(signature, 64, "signature"), 64), 64);
	w4_request_parse(&out->request, DatumGetTextPCopy(w4_value(0, 2, &isnull)), signed_by);
	MemoryContextSwitchTo(old);
}

static void
end_pending(const uint8_t request_hash[32], const W4Decision *d)
{
	static W4Plan end = W4_PLAN("UPDATE web4.pending_decision SET final_id = $2 WHERE request_hash OPERATOR(pg_catalog.=) $1",
								"bytea,bytea");
	Datum		values[2] = {w4_bytea_datum(request_hash, 32), w4_bytea_datum(d->decision_id, 32)};

	w4_write(&end, values, NULL);
}

/* Too late: the final decision is "expired". */
static void
expire(W4Decision *d)
{
	d->trust_required = d->trust_actual = -1;
	d->atp_remaining = -1;
	d->role = d->request->role_given ? d->request->role : "citizen";
	memcpy(d->log, d->request->society, 32);
	d->law = w4_law_current(d->log);
	(void) w4_deny(d, "missing_witness", "W4_ERR_AUTHZ_EXPIRED", "the witnesses came too late");
	d->decision = "expired";
	w4_decision_record(d);
}

/*
 * web4_resume(decision_id, attestations): decide a deferred request again.
 * Attestations that do not suffice leave it deferred, so that nobody can end
 * somebody else's request with junk.
 */
Datum
web4_resume(PG_FUNCTION_ARGS)
{
	const uint8_t *id;
	MemoryContext caller = CurrentMemoryContext;
	W4Decision	d = {.mode = W4_DECIDE_RESUME};
	Pending		pending;
	Datum		values[Natts_decision];
	bool		nulls[Natts_decision];

	w4_require_live("web4_resume()");
	w4_request_not_null(fcinfo, 0, "decision id");
	w4_request_not_null(fcinfo, 1, "array of attestations");
	id = w4_fixed_bytea(PG_GETARG_DATUM(0), 32, "decision id");
	d.attestations = PG_GETARG_JSONB_P(1);
	SPI_connect();
	load_pending(id, &pending, caller);
	d.resumes = id;
	if (pending.ended)
		ereport(ERROR,
				(errcode(W4_ERRCODE(REDEEMED)),
				 errmsg("the deferred request was decided before"),
				 w4_errdetail(W4_ERRCODE(REDEEMED), "A request has one final decision.")));
	if (!pending.request.is_signed)
		w4_role_require_speaks(pending.request.society, pending.request.requester, "web4_resume()");
	d.request = &pending.request;
	d.now = GetCurrentTimestamp();
	w4_push_latest_snapshot();
	if (d.now >= pending.expires_at)
		expire(&d);
	else
		w4_decide(&d);
	w4_pop_snapshot();
	if (d.recorded)
		end_pending(pending.request_hash, &d);
	MemoryContextSwitchTo(caller);
	decision_columns(&d, values, nulls);
	if (!d.recorded)
	{
		values[Decision_decision_id] = w4_bytea_datum(id, 32);
		nulls[Decision_decision_id] = false;
	}
	SPI_finish();
	PG_RETURN_DATUM(w4_row("web4_decision", values, nulls));
}

/*
 * web4_request_text(requester, action, resource, cost, role, grant_hash,
 * context): the text that web4_authorize() records, for witnesses to attest to.
 */
Datum
web4_request_text(PG_FUNCTION_ARGS)
{
	W4Request	request;
	size_t		prefix = strlen("web4:request:v1\n");

	read_arguments(fcinfo, &request);
	PG_RETURN_DATUM(w4_text_datum(request.message.data + prefix, request.message.len - prefix));
}
