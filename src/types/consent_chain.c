/*-------------------------------------------------------------------------
 *
 * consent_chain.c
 *		consent_verify(): a chain of grants, offline, as one verdict.
 *
 * Whoever asks supplies everything: anchors, revocations, the instant.  A
 * denial is a row with a reason.  NULL where a value is needed denies too: a
 * function that is STRICT would answer NULL, which an IF takes for neither.
 *
 *-------------------------------------------------------------------------
 */
#include "host/errors.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "core/chain.h"
#include "types/wire_type.h"

PG_FUNCTION_INFO_V1(consent_verify);

enum VerifyArg
{
	ARG_CHAIN, ARG_AT, ARG_NAMES, ARG_KEYS, ARG_ROOTS, ARG_REVOCATIONS, ARG_EXECUTOR, ARG_INTENT,
	ARG_RESOURCE, ARG_REQUIRED_LEVEL, ARG_STRICT, ARG_MAX_DEPTH, ARG_CHECKED
};

static Datum
verdict_row(FunctionCallInfo fcinfo, const W4ChainVerdict *v, bool checked)
{
	bool		ok = v->code == W4_CONSENT_OK;
	Datum		values[7];
	bool		nulls[7] = {false, false, false, ok || v->link < 0, !ok, false, false};

	values[0] = BoolGetDatum(ok);
	values[1] = CStringGetTextDatum(w4_consent_code_name(v->code));
	values[2] = CStringGetTextDatum(ok ? "00000" : psprintf("W4C%02d", (int) v->code));
	values[3] = Int32GetDatum(v->link);
	values[4] = Int32GetDatum(v->level);
	values[5] = CStringGetTextDatum(v->detail);
	values[6] = BoolGetDatum(checked);
	return w4_result_row(fcinfo, values, nulls);
}

static Datum
deny(FunctionCallInfo fcinfo, W4ConsentCode code, int link, const char *detail)
{
	W4ChainVerdict v = {code, link, 0, detail};

	return verdict_row(fcinfo, &v, false);
}

/* What forbids to look at the chain at all, or NULL. */
static const char *
missing_argument(FunctionCallInfo fcinfo)
{
	for (int i = ARG_AT; i <= ARG_CHECKED; i++)
	{
		if (PG_ARGISNULL(i) && i != ARG_EXECUTOR && i != ARG_INTENT && i != ARG_RESOURCE)
			return "an argument is null";
	}
	if (TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(ARG_AT)) || w4_signed_time(PG_GETARG_TIMESTAMPTZ(ARG_AT)) < 0)
		return "instant out of range";
	return NULL;
}

/* The elements of an array; nulls may be NULL to refuse them. */
static Datum *
elements(FunctionCallInfo fcinfo, int arg, const char *what, bool **nulls, int *n)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(arg);
	Oid			type = ARR_ELEMTYPE(array);
	bool		is_bool = type == BOOLOID;
	Datum	   *values;

	if (nulls == NULL && array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not contain nulls", what),
				 errhint("Pass a value in every element.")));
	deconstruct_array(array, type, is_bool ? 1 : -1, is_bool, is_bool ? TYPALIGN_CHAR : TYPALIGN_INT,
					  &values, nulls, n);
	return values;
}

static W4Slice
slice_of(Datum value)
{
	return w4_varlena_slice(PG_DETOAST_DATUM_PACKED(value));
}

static W4Anchor *
read_anchors(FunctionCallInfo fcinfo, int *n)
{
	int			nkeys;
	int			nroots;
	Datum	   *names = elements(fcinfo, ARG_NAMES, "anchor_names", NULL, n);
	Datum	   *keys = elements(fcinfo, ARG_KEYS, "anchor_keys", NULL, &nkeys);
	Datum	   *roots = elements(fcinfo, ARG_ROOTS, "anchor_roots", NULL, &nroots);
	W4Anchor   *anchors = palloc(sizeof(W4Anchor) * Max(*n, 1));

	if (nkeys != *n || nroots != *n)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("anchor_names, anchor_keys and anchor_roots must have the same length"),
				 errdetail("They have %d, %d and %d elements.", *n, nkeys, nroots),
				 errhint("An anchor has its name, its key and whether it is a root at the same place of the three arrays.")));
	for (int i = 0; i < *n; i++)
	{
		anchors[i].name = slice_of(names[i]);
		memcpy(anchors[i].public_key, w4_fixed_bytea(keys[i], 32, "anchor key"), 32);
		anchors[i].root = DatumGetBool(roots[i]);
	}
	return anchors;
}

static W4Revocation *
read_revocations(FunctionCallInfo fcinfo, int *n)
{
	Datum	   *values = elements(fcinfo, ARG_REVOCATIONS, "revocations", NULL, n);
	W4Revocation *revocations = palloc(sizeof(W4Revocation) * Max(*n, 1));

	for (int i = 0; i < *n; i++)
	{
		W4Slice		wire = slice_of(values[i]);
		W4Fault		fault;

		if (!w4_revocation_decode(&revocations[i], wire.data, wire.len, &fault))
			w4_raise_fault(W4_ERRCODE(CONSENT_FORMAT), "revocation", &fault);
	}
	return revocations;
}

static int
int_argument(FunctionCallInfo fcinfo, int arg, const char *what, int min, int max)
{
	int			value = PG_GETARG_INT32(arg);

	if (value < min || value > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must lie between %d and %d", what, min, max),
				 errdetail("It is %d.", value),
				 errhint("Pass a value between these two.")));
	return value;
}

/* What is asked for; no data means: not asked. */
static W4Slice
asked(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? w4_slice(NULL, 0) : W4_ARG_SLICE(arg);
}

static W4ChainVerdict
verify(FunctionCallInfo fcinfo, const W4Slice *wires, int nwires, bool checked)
{
	int			nanchors;
	int			nrevocations;
	W4Anchor   *anchors = read_anchors(fcinfo, &nanchors);
	W4Revocation *revocations = read_revocations(fcinfo, &nrevocations);
	W4ChainPolicy policy = w4_chain_default_policy;

	policy.strict = PG_GETARG_BOOL(ARG_STRICT);
	policy.max_depth = int_argument(fcinfo, ARG_MAX_DEPTH, "max_depth", 1, W4_CHAIN_MAX_DEPTH);
	return w4_chain_verify(wires, nwires, anchors, nanchors,
						   revocations, checked ? nrevocations : -1,
						   &policy, w4_signed_time(PG_GETARG_TIMESTAMPTZ(ARG_AT)),
						   asked(fcinfo, ARG_EXECUTOR), asked(fcinfo, ARG_INTENT), asked(fcinfo, ARG_RESOURCE),
						   int_argument(fcinfo, ARG_REQUIRED_LEVEL, "required_level", 1, 4));
}

Datum
consent_verify(PG_FUNCTION_ARGS)
{
	const char *missing = missing_argument(fcinfo);
	W4ChainVerdict verdict;
	Datum	   *tokens;
	bool	   *nulls;
	int			n;
	W4Slice    *wires;
	bool		checked;

	if (PG_ARGISNULL(ARG_CHAIN))
		return deny(fcinfo, W4_CONSENT_NO_CONSENT, -1, "no chain");
	if (missing != NULL)
		return deny(fcinfo, W4_CONSENT_FORMAT, -1, missing);

	tokens = elements(fcinfo, ARG_CHAIN, "chain", &nulls, &n);
	wires = palloc(sizeof(W4Slice) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			return deny(fcinfo, W4_CONSENT_FORMAT, i, "token is null");
		wires[i] = slice_of(tokens[i]);
	}
	checked = PG_GETARG_BOOL(ARG_CHECKED);
	verdict = verify(fcinfo, wires, n, checked);
	return verdict_row(fcinfo, &verdict, checked);
}
