/*-------------------------------------------------------------------------
 *
 * mint.c
 *		web4_mint(), web4_mint_many(): new identities from signed certificates.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "core/encode.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/names.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/birth.h"
#include "identity/society.h"
#include "miscadmin.h"
#include "types/lct_type.h"
#include "utils/array.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(web4_mint);
PG_FUNCTION_INFO_V1(web4_mint_many);

#define MANY_MAX 10000

static void
refuse_signatures(const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_CERTIFICATE)),
			 errmsg("malformed birth signatures"),
			 w4_errdetail(W4_ERRCODE(BAD_CERTIFICATE), "%s.", why),
			 errhint("Witness signatures are an object {\"lct:...\": \"128 hex digits\", ...}.")));
}

static void
read_hex_signature(const JsonbValue *value, uint8_t out[64])
{
	if (value->type != jbvString ||
		!w4_hex_decode(out, 64, value->val.string.val, value->val.string.len))
		refuse_signatures("A signature must be 128 lower-case hex digits");
}

static int
declared_index(const W4Certificate *cert, const uint8_t witness[32])
{
	for (int i = 0; i < cert->nwitnesses; i++)
	{
		if (w4_lct_equal(cert->witnesses[i], witness))
			return i;
	}
	return -1;
}

/* Put each signature beside its witness; one of nobody declared is refused. */
static void
read_witness_signatures(W4Birth *birth, JsonbContainer *container)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;
	int			current = -1;

	if (!JsonContainerIsObject(container))
		refuse_signatures("Witness signatures must be a JSON object");
	if (JsonContainerSize(container) > W4_BIRTH_MAX_WITNESSES)
		refuse_signatures("There are too many witness signatures");
	it = JsonbIteratorInit(container);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		uint8_t		witness[32];

		if (token == WJB_KEY)
		{
			if (!w4_lct_parse(witness, value.val.string.val, value.val.string.len, NULL))
				refuse_signatures("A witness must be named by its LCT identifier");
			current = declared_index(&birth->cert, witness);
			if (current < 0)
				refuse_signatures("Somebody signed who is not declared in the certificate");
		}
		else if (token == WJB_VALUE)
		{
			read_hex_signature(&value, birth->witness_signatures[current]);
			birth->signed_by[current] = true;
		}
	}
}

/*
 * Check and insert.  In its bootstrap phase a society grows birth by birth,
 * because each one changes how many witnesses the next one needs.
 */
static void
mint_one(W4Birth *birth)
{
	W4Phase		phase;

	w4_birth_check(birth);
	w4_births_insert(&birth, 1);
	w4_push_latest_snapshot();
	phase = w4_society_phase(birth->cert.society);
	w4_pop_snapshot();
	if (phase == W4_PHASE_BOOTSTRAP)
		w4_society_grow(birth->cert.society);
}

Datum
web4_mint(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	W4Birth    *birth = palloc0(sizeof(W4Birth));

	w4_require_live("web4_mint()");
	w4_certificate_read(&birth->cert, W4_ARG_SLICE(0));
	memcpy(birth->society_signature, w4_fixed_bytea(PG_GETARG_DATUM(1), 64, "society signature"), 64);
	read_witness_signatures(birth, &PG_GETARG_JSONB_P(2)->root);
	memcpy(birth->binding_signature, w4_fixed_bytea(PG_GETARG_DATUM(3), 64, "binding signature"), 64);
	SPI_connect();
	mint_one(birth);
	SPI_finish();
	return w4_lct_datum(birth->cert.lct);
}

/* --- batches --- */

static JsonbValue *
member(JsonbContainer *object, const char *key)
{
	JsonbValue *value = getKeyJsonValueFromContainer(object, key, (int) strlen(key), NULL);

	if (value == NULL)
		refuse_signatures(psprintf("A birth lacks the member \"%s\"", key));
	return value;
}

static W4Birth *
read_birth(JsonbContainer *births, uint32 i)
{
	W4Birth    *birth = palloc0(sizeof(W4Birth));
	JsonbValue *element = getIthJsonbValueFromContainer(births, i);
	JsonbContainer *object;
	JsonbValue *text;
	JsonbValue *witnesses;

	if (element == NULL || element->type != jbvBinary || !JsonContainerIsObject(element->val.binary.data))
		refuse_signatures("A birth must be a JSON object");
	object = element->val.binary.data;
	if (JsonContainerSize(object) != 4)
		refuse_signatures("A birth has exactly certificate, society_signature, witness_signatures and binding_signature");
	text = member(object, "certificate");
	if (text->type != jbvString)
		refuse_signatures("\"certificate\" must be a string");
	w4_certificate_read(&birth->cert, w4_slice(text->val.string.val, text->val.string.len));
	read_hex_signature(member(object, "society_signature"), birth->society_signature);
	read_hex_signature(member(object, "binding_signature"), birth->binding_signature);
	witnesses = member(object, "witness_signatures");
	if (witnesses->type != jbvBinary)
		refuse_signatures("Witness signatures must be a JSON object");
	read_witness_signatures(birth, witnesses->val.binary.data);
	return birth;
}

static bool
in_bootstrap(const W4Birth *birth)
{
	W4Phase		phase;

	w4_push_latest_snapshot();
	phase = w4_society_phase(birth->cert.society);
	w4_pop_snapshot();
	return phase == W4_PHASE_BOOTSTRAP;
}

/* Mint births [from, to) in memory of the current context. */
static void
mint_chunk(JsonbContainer *births, uint32 from, uint32 to, uint8_t (*ids)[32])
{
	W4Birth    *pending[W4_BIRTH_CHUNK];
	int			n = 0;

	for (uint32 i = from; i < to; i++)
	{
		W4Birth    *birth = read_birth(births, i);

		CHECK_FOR_INTERRUPTS();
		memcpy(ids[i], birth->cert.lct, 32);
		if (in_bootstrap(birth))
		{
			w4_births_insert(pending, n);
			n = 0;
			mint_one(birth);
			continue;
		}
		w4_birth_check(birth);
		pending[n++] = birth;
	}
	w4_births_insert(pending, n);
}

static void
mint_all(JsonbContainer *births, uint32 n, uint8_t (*ids)[32])
{
	MemoryContext chunk = AllocSetContextCreate(CurrentMemoryContext, "web4 births", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(chunk);

	for (uint32 from = 0; from < n; from += W4_BIRTH_CHUNK)
	{
		mint_chunk(births, from, Min(n, from + W4_BIRTH_CHUNK), ids);
		MemoryContextReset(chunk);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(chunk);
}

Datum
web4_mint_many(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	JsonbContainer *births = &PG_GETARG_JSONB_P(0)->root;
	uint32		n;
	uint8_t		(*ids)[32];
	Datum	   *values;

	w4_require_live("web4_mint_many()");
	if (!JsonContainerIsArray(births) || JsonContainerIsScalar(births))
		refuse_signatures("The births must be a JSON array");
	n = JsonContainerSize(births);
	if (n > MANY_MAX)
		ereport(ERROR,
				(errcode(W4_ERRCODE(TOO_LARGE)),
				 errmsg("too many births in one batch"),
				 w4_errdetail(W4_ERRCODE(TOO_LARGE), "There are %u; the limit is %d.", n, MANY_MAX)));
	ids = palloc(32 * Max(n, 1));
	values = palloc(sizeof(Datum) * Max(n, 1));
	SPI_connect();
	mint_all(births, n, ids);
	SPI_finish();
	for (uint32 i = 0; i < n; i++)
		values[i] = W4LctGetDatum(ids[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(values, (int) n, w4_type_oid("lct"), 32, false, TYPALIGN_CHAR));
}
