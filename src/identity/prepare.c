/*-------------------------------------------------------------------------
 *
 * prepare.c
 *		web4_birth_certificate(): the text and the messages to sign.
 *
 * Reads no table and takes no secret: clients sign outside what it returns and
 * hand certificate and signatures to web4_mint().
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "core/encode.h"
#include "core/lctid.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/names.h"
#include "host/value.h"
#include "identity/certificate.h"
#include "lib/stringinfo.h"
#include "types/lct_type.h"
#include "utils/array.h"

PG_FUNCTION_INFO_V1(web4_birth_certificate);

enum
{
	ARG_SOCIETY,
	ARG_PUBLIC_KEY,
	ARG_ENTITY_TYPE,
	ARG_WITNESSES,
	ARG_ALIAS,
	ARG_CONTEXT,
	ARG_RIGHTS,
	ARG_OBLIGATIONS,
	ARG_AT,
	ARG_HARDWARE,
	ARG_PARENT,
	ARG_GENESIS,
	ARG_LAW_HASH,
	ARG_LAW_VERSION
};

static void
refuse_argument(const char *what, const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_CERTIFICATE)),
			 errmsg("%s %s", what, why),
			 w4_errdetail(W4_ERRCODE(BAD_CERTIFICATE), "No birth certificate can be made of it.")));
}

static Datum *
elements(FunctionCallInfo fcinfo, int arg, const char *what, Oid type, int16 len, char align, int max, int *n)
{
	ArrayType  *array;
	Datum	   *values;

	*n = 0;
	if (PG_ARGISNULL(arg))
		return NULL;
	array = PG_GETARG_ARRAYTYPE_P(arg);
	if (ARR_NDIM(array) > 1 || array_contains_nulls(array))
		refuse_argument(what, "must be a one-dimensional array without nulls");
	deconstruct_array(array, type, len, false, align, &values, NULL, n);
	if (*n > max)
		ereport(ERROR,
				(errcode(W4_ERRCODE(TOO_LARGE)),
				 errmsg("too many %s", what),
				 w4_errdetail(W4_ERRCODE(TOO_LARGE), "There are %d; the limit is %d.", *n, max)));
	return values;
}

/* "exist" is an older word for the right of presence. */
static char **
words(FunctionCallInfo fcinfo, int arg, const char *what, int *n)
{
	Datum	   *values = elements(fcinfo, arg, what, TEXTOID, -1, TYPALIGN_INT, W4_BIRTH_MAX_CLAIMS, n);
	char	  **out = palloc(sizeof(char *) * Max(*n, 1));

	for (int i = 0; i < *n; i++)
	{
		out[i] = TextDatumGetCString(values[i]);
		if (strcmp(out[i], "exist") == 0)
			out[i] = pstrdup("presence");
	}
	return out;
}

static void
read_witnesses(FunctionCallInfo fcinfo, W4CertificateDraft *d)
{
	Datum	   *values = elements(fcinfo, ARG_WITNESSES, "witnesses", w4_type_oid("lct"), 32, TYPALIGN_CHAR,
								  W4_BIRTH_MAX_WITNESSES, &d->nwitnesses);
	uint8_t		(*ids)[32] = palloc(32 * Max(d->nwitnesses, 1));

	for (int i = 0; i < d->nwitnesses; i++)
		memcpy(ids[i], DatumGetW4Lct(values[i]), 32);
	d->witnesses = (const uint8_t (*)[32]) ids;
}

static const uint8_t *
hash(FunctionCallInfo fcinfo, int arg, const char *what)
{
	return PG_ARGISNULL(arg) ? NULL : w4_fixed_bytea(PG_GETARG_DATUM(arg), 32, what);
}

static char *
string(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(arg));
}

static const char *
entity_type(FunctionCallInfo fcinfo)
{
	W4Slice		input = W4_ARG_SLICE(ARG_ENTITY_TYPE);
	const char *type = w4_entity_type_word((const char *) input.data, input.len);

	if (type == NULL)
		refuse_argument(psprintf("entity type \"%.*s\"", (int) Min(input.len, 64), (const char *) input.data), "is unknown");
	return type;
}

static void
read_draft(FunctionCallInfo fcinfo, W4CertificateDraft *d)
{
	if (PG_ARGISNULL(ARG_PUBLIC_KEY) || PG_ARGISNULL(ARG_ENTITY_TYPE))
		refuse_argument("public key and entity type", "must not be null");
	memset(d, 0, sizeof(*d));
	d->society = PG_ARGISNULL(ARG_SOCIETY) ? NULL : PG_GETARG_W4LCT(ARG_SOCIETY);
	d->public_key = hash(fcinfo, ARG_PUBLIC_KEY, "public key");
	d->entity_type = entity_type(fcinfo);
	d->alias = string(fcinfo, ARG_ALIAS);
	d->birth_context = PG_ARGISNULL(ARG_CONTEXT) ? "platform" : string(fcinfo, ARG_CONTEXT);
	d->birth_timestamp = w4_unix_from_timestamptz(PG_ARGISNULL(ARG_AT) ? GetCurrentTimestamp() : PG_GETARG_TIMESTAMPTZ(ARG_AT));
	read_witnesses(fcinfo, d);
	d->rights = words(fcinfo, ARG_RIGHTS, "rights", &d->nrights);
	d->obligations = words(fcinfo, ARG_OBLIGATIONS, "obligations", &d->nobligations);
	d->law_hash = hash(fcinfo, ARG_LAW_HASH, "law hash");
	d->law_version = PG_ARGISNULL(ARG_LAW_VERSION) ? "v1.0.0" : string(fcinfo, ARG_LAW_VERSION);
	d->genesis_block_hash = hash(fcinfo, ARG_GENESIS, "genesis block hash");
	d->hardware = hash(fcinfo, ARG_HARDWARE, "hardware binding hash");
	d->parent = PG_ARGISNULL(ARG_PARENT) ? NULL : PG_GETARG_W4LCT(ARG_PARENT);
}

/* {"lct:...": "hex of what this witness signs", ...} */
static Datum
witness_messages(const W4Certificate *cert)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	for (int i = 0; i < cert->nwitnesses; i++)
	{
		uint8_t		buf[W4_BIRTH_MESSAGE_MAX];
		char		hex[2 * W4_BIRTH_MESSAGE_MAX];
		W4Slice		m = w4_birth_witness_message(cert, cert->witnesses[i], buf);

		w4_hex_encode(hex, m.data, m.len);
		appendStringInfo(&json, "%s\"%s\":\"%.*s\"", i > 0 ? "," : "",
						 w4_lct_cstring(cert->witnesses[i]), (int) (2 * m.len), hex);
	}
	appendStringInfoChar(&json, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

Datum
web4_birth_certificate(PG_FUNCTION_ARGS)
{
	W4CertificateDraft draft;
	W4Certificate *cert = palloc(sizeof(W4Certificate));
	uint8_t		buf[W4_BIRTH_MESSAGE_MAX];
	W4Slice		text;
	W4Slice		m;
	Datum		values[6];
	bool		nulls[6] = {0};

	read_draft(fcinfo, &draft);
	text = w4_certificate_write(&draft);
	w4_certificate_read(cert, text);
	values[0] = w4_text_datum(text.data, text.len);
	values[1] = w4_bytea_datum(cert->hash, 32);
	values[2] = w4_lct_datum(cert->lct);
	m = w4_birth_society_message(cert, buf);
	values[3] = w4_bytea_datum(m.data, m.len);
	values[4] = witness_messages(cert);
	m = w4_birth_binding_message(cert, buf);
	values[5] = w4_bytea_datum(m.data, m.len);
	return w4_result_row(fcinfo, values, nulls);
}
