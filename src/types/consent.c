/*-------------------------------------------------------------------------
 *
 * consent.c
 *		The SQL type consent: one signed grant; building and reading it.
 *
 * A client that keeps its key to itself calls consent_signing_input(), signs
 * the bytes and hands the signature to consent_build() with the same fields.
 *
 *-------------------------------------------------------------------------
 */
#include "host/errors.h"

#include "utils/jsonb.h"

#include "core/consent.h"
#include "types/wire_type.h"

PG_FUNCTION_INFO_V1(consent_in);
PG_FUNCTION_INFO_V1(consent_recv);
PG_FUNCTION_INFO_V1(consent_from_bytea);
PG_FUNCTION_INFO_V1(consent_parse);
PG_FUNCTION_INFO_V1(consent_signing_input);
PG_FUNCTION_INFO_V1(consent_build);

#define CONTEXT_LEN sizeof(W4_CONSENT_CONTEXT)	/* with its NUL */

static bool
well_formed(W4Slice wire, W4Fault *fault)
{
	W4Consent	token;

	return w4_consent_decode(&token, wire.data, wire.len, fault);
}

static const WireKind consent = {
	.object = "consent token",
	.sqlstate = W4_ERRCODE(CONSENT_FORMAT),
	.max_size = W4_CONSENT_MAX_SIZE,
	.well_formed = well_formed
};

Datum
consent_in(PG_FUNCTION_ARGS)
{
	return w4_wire_input(&consent, fcinfo);
}

Datum
consent_recv(PG_FUNCTION_ARGS)
{
	return w4_wire_receive(&consent, (StringInfo) PG_GETARG_POINTER(0));
}

Datum
consent_from_bytea(PG_FUNCTION_ARGS)
{
	return w4_wire_datum(&consent, W4_ARG_SLICE(0), NULL);
}

static void
decode(W4Consent *token, W4Slice wire)
{
	W4Fault		fault;

	if (!w4_consent_decode(token, wire.data, wire.len, &fault))
		w4_raise_fault(consent.sqlstate, consent.object, &fault);
}

/* --- reading --- */

static void
push_string(JsonbParseState **state, JsonbIteratorToken kind, W4Slice s)
{
	JsonbValue	v = {.type = jbvString};

	v.val.string.val = unconstify(char *, (const char *) s.data);
	v.val.string.len = (int) s.len;
	pushJsonbValue(state, kind, &v);
}

/* {"key": "value", ...} */
static Datum
constraints_datum(const W4Consent *token)
{
	JsonbParseState *state = NULL;
	JsonbValue *object;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < token->nconstraints; i++)
	{
		push_string(&state, WJB_KEY, token->constraints[i].key);
		push_string(&state, WJB_VALUE, token->constraints[i].value);
	}
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(object));
}

Datum
consent_parse(PG_FUNCTION_ARGS)
{
	W4Consent	token;
	Datum		values[13];
	bool		nulls[13] = {false};

	decode(&token, W4_ARG_SLICE(0));
	values[0] = w4_slice_text(token.issuer);
	values[1] = w4_slice_text(token.subject);
	values[2] = w4_slice_text(token.intent);
	values[3] = w4_slice_text(token.resource);
	values[4] = TimestampTzGetDatum(w4_time_from_signed(token.issued_at));
	values[5] = TimestampTzGetDatum(w4_time_from_signed(token.expires_at));
	values[6] = Int32GetDatum(token.level);
	values[7] = w4_bytea_datum(token.public_key, sizeof(token.public_key));
	values[8] = w4_bytea_datum(token.previous, sizeof(token.previous));
	values[9] = w4_bytea_datum(token.parent, sizeof(token.parent));
	nulls[9] = !token.has_parent;
	values[10] = constraints_datum(&token);
	values[11] = w4_bytea_datum(token.signature, sizeof(token.signature));
	values[12] = w4_bytea_datum(token.hash, sizeof(token.hash));
	return w4_result_row(fcinfo, values, nulls);
}

/* --- building --- */

/* The arguments that both builders take, in this order. */
enum BuildArg
{
	ARG_ISSUER, ARG_SUBJECT, ARG_INTENT, ARG_RESOURCE, ARG_ISSUED_AT, ARG_EXPIRES_AT, ARG_LEVEL,
	ARG_PUBLIC_KEY, ARG_PREVIOUS, ARG_PARENT, ARG_CONSTRAINTS, ARG_SIGNATURE
};

static const char *const arg_names[] = {
	"issuer", "subject", "intent", "resource", "issued_at", "expires_at", "level",
	"public_key", "previous", "parent", "constraints", "signature"
};

/* Only a root has no parent; every other NULL is a mistake that must not end in a token. */
static void
refuse_nulls(FunctionCallInfo fcinfo, int nargs)
{
	for (int i = 0; i < nargs; i++)
	{
		if (PG_ARGISNULL(i) && i != ARG_PARENT)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s of a consent token must not be null", arg_names[i]),
					 errhint("Only the parent may be null: a root has none.")));
	}
}

pg_attribute_noreturn() static void
refuse_constraints(const char *what)
{
	W4Fault		fault = {what, 0};

	w4_raise_fault(consent.sqlstate, consent.object, &fault);
}

static W4Slice
string_slice(const JsonbValue *v)
{
	return w4_slice(v->val.string.val, (size_t) v->val.string.len);
}

/* Lines "key=value" in byte order: behind the shorter key stands '='. */
static int
compare_lines(const void *x, const void *y)
{
	const W4Slice *a = &((const W4Constraint *) x)->key;
	const W4Slice *b = &((const W4Constraint *) y)->key;
	int			c = memcmp(a->data, b->data, Min(a->len, b->len));

	if (c != 0 || a->len == b->len)
		return c;
	return a->len < b->len ? '=' - b->data[a->len] : a->data[b->len] - '=';
}

/* An object of strings becomes the token's sorted list; it borrows from "object". */
static void
read_constraints(W4Consent *token, Jsonb *object)
{
	JsonbIterator *it = JsonbIteratorInit(&object->root);
	JsonbValue	v;
	JsonbIteratorToken t;

	if (!JB_ROOT_IS_OBJECT(object))
		refuse_constraints("constraints that are not a JSON object");
	if (JB_ROOT_COUNT(object) > W4_CONSENT_MAX_CONSTRAINTS)
		refuse_constraints("too many constraints");
	while ((t = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (t == WJB_KEY)
			token->constraints[token->nconstraints].key = string_slice(&v);
		else if (t == WJB_VALUE)
		{
			if (v.type != jbvString)
				refuse_constraints("constraint value that is not a string");
			token->constraints[token->nconstraints++].value = string_slice(&v);
		}
	}
	qsort(token->constraints, (size_t) token->nconstraints, sizeof(W4Constraint), compare_lines);
}

static void
read_fields(W4Consent *token, FunctionCallInfo fcinfo)
{
	memset(token, 0, sizeof(*token));
	token->issuer = W4_ARG_SLICE(ARG_ISSUER);
	token->subject = W4_ARG_SLICE(ARG_SUBJECT);
	token->intent = W4_ARG_SLICE(ARG_INTENT);
	token->resource = W4_ARG_SLICE(ARG_RESOURCE);
	token->issued_at = w4_signed_time(PG_GETARG_TIMESTAMPTZ(ARG_ISSUED_AT));
	token->expires_at = w4_signed_time(PG_GETARG_TIMESTAMPTZ(ARG_EXPIRES_AT));
	token->level = w4_signed_byte(PG_GETARG_INT32(ARG_LEVEL));
	memcpy(token->public_key, w4_fixed_bytea(PG_GETARG_DATUM(ARG_PUBLIC_KEY), 32, arg_names[ARG_PUBLIC_KEY]), 32);
	memcpy(token->previous, w4_fixed_bytea(PG_GETARG_DATUM(ARG_PREVIOUS), 32, arg_names[ARG_PREVIOUS]), 32);
	token->has_parent = !PG_ARGISNULL(ARG_PARENT);
	if (token->has_parent)
		memcpy(token->parent, w4_fixed_bytea(PG_GETARG_DATUM(ARG_PARENT), 32, arg_names[ARG_PARENT]), 32);
	read_constraints(token, PG_GETARG_JSONB_P(ARG_CONSTRAINTS));
}

/* Encode "fields" into "buf" and read them back as "token". */
static void
encode(W4Consent *token, const W4Consent *fields, uint8_t buf[W4_CONSENT_MAX_SIZE])
{
	W4Writer	out = w4_writer(buf, W4_CONSENT_MAX_SIZE);
	W4Fault		fault;

	if (!w4_consent_encode(&out, fields, &fault))
		w4_raise_fault(consent.sqlstate, consent.object, &fault);
	decode(token, w4_slice(out.buf, out.len));
}

Datum
consent_signing_input(PG_FUNCTION_ARGS)
{
	uint8_t		wire[W4_CONSENT_MAX_SIZE];
	uint8_t		signed_bytes[W4_CONSENT_MAX_SIZE + CONTEXT_LEN];
	W4Writer	out = w4_writer(signed_bytes, sizeof(signed_bytes));
	W4Consent	fields;
	W4Consent	token;

	refuse_nulls(fcinfo, ARG_SIGNATURE);
	read_fields(&fields, fcinfo);
	encode(&token, &fields, wire);
	w4_consent_signed_bytes(&out, &token);
	return w4_bytea_datum(out.buf, out.len);
}

Datum
consent_build(PG_FUNCTION_ARGS)
{
	uint8_t		wire[W4_CONSENT_MAX_SIZE];
	W4Consent	fields;
	W4Consent	token;

	refuse_nulls(fcinfo, ARG_SIGNATURE + 1);
	read_fields(&fields, fcinfo);
	memcpy(fields.signature, w4_fixed_bytea(PG_GETARG_DATUM(ARG_SIGNATURE), 64, arg_names[ARG_SIGNATURE]), 64);
	encode(&token, &fields, wire);
	if (!w4_consent_signature_ok(&token))
		w4_refuse_signature(consent.object, "consent_signing_input()");
	return w4_bytea_datum(token.wire.data, token.wire.len);
}
