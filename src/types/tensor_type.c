/*-------------------------------------------------------------------------
 *
 * tensor_type.c
 *		What the SQL types t3 and v3 share: forms, comparison, distance.
 *
 * Order is lexicographic: it stores and sorts, it does not say who is trusted
 * more.
 *
 *-------------------------------------------------------------------------
 */
#include "types/tensor_type.h"

#include <ctype.h>
#include <math.h>

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/fmgrprotos.h"
#include "utils/sortsupport.h"

#include "host/errors.h"
#include "host/value.h"
#include "types/fixed.h"

PG_FUNCTION_INFO_V1(tensor_out);
PG_FUNCTION_INFO_V1(tensor_send);
PG_FUNCTION_INFO_V1(tensor_eq);
PG_FUNCTION_INFO_V1(tensor_ne);
PG_FUNCTION_INFO_V1(tensor_lt);
PG_FUNCTION_INFO_V1(tensor_le);
PG_FUNCTION_INFO_V1(tensor_gt);
PG_FUNCTION_INFO_V1(tensor_ge);
PG_FUNCTION_INFO_V1(tensor_cmp);
PG_FUNCTION_INFO_V1(tensor_sortsupport);
PG_FUNCTION_INFO_V1(tensor_hash);
PG_FUNCTION_INFO_V1(tensor_hash_extended);
PG_FUNCTION_INFO_V1(tensor_distance);
PG_FUNCTION_INFO_V1(tensor_meets);
PG_FUNCTION_INFO_V1(tensor_dim0);
PG_FUNCTION_INFO_V1(tensor_dim1);
PG_FUNCTION_INFO_V1(tensor_dim2);

/* --- the JSON form --- */

typedef struct JsonInput
{
	const char *text;
	size_t		pos;
	W4Fault    *fault;
} JsonInput;

/* White space, then this character. */
static bool
expect(JsonInput *in, char c)
{
	while (in->text[in->pos] != '\0' && strchr(" \t\n\r", in->text[in->pos]) != NULL)
		in->pos++;
	if (in->text[in->pos] != c)
		return w4_fault(in->fault, c == '}' ? "missing end of the object" : "unexpected character in an object", in->pos);
	in->pos++;
	return true;
}

/* "key": one of the dimensions that have no value yet. */
static bool
read_key(JsonInput *in, const TensorKind *kind, const W4Slice *numbers, int *dim)
{
	size_t		start;
	W4Slice		key;

	if (!expect(in, '"'))
		return false;
	start = in->pos;
	in->pos += strcspn(in->text + start, "\"");
	key = w4_slice(in->text + start, in->pos - start);
	for (*dim = 0; *dim < 3; (*dim)++)
	{
		if (w4_slice_eq(key, w4_slice_cstr(kind->names[*dim])) ||
			(*dim == 0 && kind->alias != NULL && w4_slice_eq(key, w4_slice_cstr(kind->alias))))
			break;
	}
	if (*dim == 3)
		return w4_fault(in->fault, "unknown dimension", start);
	if (numbers[*dim].data != NULL)
		return w4_fault(in->fault, "dimension given twice", start);
	return expect(in, '"') && expect(in, ':');
}

/* A JSON number without sign and exponent; its value is read later. */
static bool
read_number(JsonInput *in, W4Slice *number)
{
	const char *s;

	in->pos += strspn(in->text + in->pos, " \t\n\r");
	s = in->text + in->pos;
	*number = w4_slice(s, strspn(s, "0123456789."));
	if (!isdigit((unsigned char) s[0]) || s[number->len - 1] == '.' ||
		(s[0] == '0' && isdigit((unsigned char) s[1])))
		return w4_fault(in->fault, "malformed number", in->pos);
	in->pos += number->len;
	return true;
}

/* An object with exactly the three dimensions, rewritten as "(a,b,c)" so that one parser reads both forms. */
static bool
rewrite_json(const TensorKind *kind, const char *text, StringInfo out, W4Fault *fault)
{
	JsonInput	in = {text, 0, fault};
	W4Slice		numbers[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};

	for (int i = 0; i < 3; i++)
	{
		int			dim;

		if (!expect(&in, i == 0 ? '{' : ',') ||
			!read_key(&in, kind, numbers, &dim) ||
			!read_number(&in, &numbers[dim]))
			return false;
	}
	if (!expect(&in, '}'))
		return false;
	in.pos += strspn(in.text + in.pos, " \t\n\r");
	if (in.text[in.pos] != '\0')
		return w4_fault(fault, "text behind the object", in.pos);
	appendStringInfo(out, "(%.*s,%.*s,%.*s)",
					 (int) numbers[0].len, (const char *) numbers[0].data,
					 (int) numbers[1].len, (const char *) numbers[1].data,
					 (int) numbers[2].len, (const char *) numbers[2].data);
	return true;
}

/* --- input and output --- */

static bool
parse(const TensorKind *kind, const char *text, W4Tensor *t, W4Fault *fault)
{
	StringInfoData rewritten;

	if (text[strspn(text, " \t\n\r")] != '{')
		return w4_tensor_parse(t, text, strlen(text), fault);
	initStringInfo(&rewritten);
	return rewrite_json(kind, text, &rewritten, fault) &&
		w4_tensor_parse(t, rewritten.data, rewritten.len, fault);
}

Datum
w4_tensor_input(const TensorKind *kind, FunctionCallInfo fcinfo)
{
	const char *text = PG_GETARG_CSTRING(0);
	W4Tensor	t;
	W4Fault		fault;

	if (!parse(kind, text, &t, &fault))
	{
		w4_input_error(fcinfo->context,
					   (errcode(W4_ERRCODE(BAD_TENSOR)),
						errmsg("invalid input syntax for type %s: \"%s\"", kind->type, text),
						w4_errdetail(W4_ERRCODE(BAD_TENSOR), "%s at byte %zu.", fault.what, fault.offset),
						errhint("Write (%s,%s,%s), each from 0 to 1 with at most %d fraction digits.",
								kind->names[0], kind->names[1], kind->names[2], TENSOR_DIGITS)));
		PG_RETURN_NULL();
	}
	return w4_tensor_datum(&t);
}

Datum
tensor_out(PG_FUNCTION_ARGS)
{
	char	   *text = palloc(W4_TENSOR_TEXT_MAX + 1);
	int			len = w4_tensor_format(text, PG_GETARG_TENSOR(0));

	text[len] = '\0';
	PG_RETURN_CSTRING(text);
}

/* The binary form is the three dimensions in order, each a big-endian int32 in units of 1e-9. */
Datum
w4_tensor_receive(const TensorKind *kind, StringInfo buf)
{
	W4Tensor	t;

	for (int i = 0; i < 3; i++)
		t.dim[i] = (int32) pq_getmsgint(buf, sizeof(int32));
	for (int i = 0; i < 3; i++)
	{
		if (t.dim[i] < 0 || t.dim[i] > W4_UNIT)
			ereport(ERROR,
					(errcode(W4_ERRCODE(BAD_TENSOR)),
					 errmsg("invalid external representation of type %s", kind->type),
					 w4_errdetail(W4_ERRCODE(BAD_TENSOR), "%s is %d and must lie between 0 and %d.",
								  kind->names[i], t.dim[i], W4_UNIT)));
	}
	return w4_tensor_datum(&t);
}

Datum
tensor_send(PG_FUNCTION_ARGS)
{
	const W4Tensor *t = PG_GETARG_TENSOR(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	for (int i = 0; i < 3; i++)
		pq_sendint32(&buf, (uint32) t->dim[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* --- numbers --- */

int32
w4_unit_from_numeric(Numeric value, const char *what)
{
	int64		units = 0;
	W4Fault		fault = {"value outside 0 to 1", 0};

	if (!w4_fixed_from_numeric(&units, value, TENSOR_DIGITS, &fault) || units < 0 || units > W4_UNIT)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_TENSOR)),
				 errmsg("%s must lie between 0 and 1 and have at most %d fraction digits", what, TENSOR_DIGITS),
				 w4_errdetail(W4_ERRCODE(BAD_TENSOR), "It is %s.",
							  DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value))))));
	return (int32) units;
}

Datum
w4_unit_datum(int32 value)
{
	return w4_fixed_numeric(value, TENSOR_DIGITS);
}

Datum
w4_tensor_make(const TensorKind *kind, const Numeric dimensions[3])
{
	W4Tensor	t;

	for (int i = 0; i < 3; i++)
		t.dim[i] = w4_unit_from_numeric(dimensions[i], kind->names[i]);
	return w4_tensor_datum(&t);
}

Datum
tensor_dim0(PG_FUNCTION_ARGS)
{
	return w4_unit_datum(PG_GETARG_TENSOR(0)->dim[0]);
}

Datum
tensor_dim1(PG_FUNCTION_ARGS)
{
	return w4_unit_datum(PG_GETARG_TENSOR(0)->dim[1]);
}

Datum
tensor_dim2(PG_FUNCTION_ARGS)
{
	return w4_unit_datum(PG_GETARG_TENSOR(0)->dim[2]);
}

/* --- comparison --- */

static int
compare(const W4Tensor *a, const W4Tensor *b)
{
	for (int i = 0; i < 3; i++)
	{
		if (a->dim[i] != b->dim[i])
			return a->dim[i] < b->dim[i] ? -1 : 1;
	}
	return 0;
}

Datum
tensor_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_TENSOR(0), PG_GETARG_TENSOR(1)) == 0);
}

Datum
tensor_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_TENSOR(0), PG_GETARG_TENSOR(1)) != 0);
}

Datum
tensor_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_TENSOR(0), PG_GETARG_TENSOR(1)) < 0);
}

Datum
tensor_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_TENSOR(0), PG_GETARG_TENSOR(1)) <= 0);
}

Datum
tensor_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_TENSOR(0), PG_GETARG_TENSOR(1)) > 0);
}

Datum
tensor_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_TENSOR(0), PG_GETARG_TENSOR(1)) >= 0);
}

Datum
tensor_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(PG_GETARG_TENSOR(0), PG_GETARG_TENSOR(1)));
}

static int
compare_datums(Datum x, Datum y, SortSupport ssup)
{
	return compare(DatumGetTensor(x), DatumGetTensor(y));
}

Datum
tensor_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = compare_datums;
	PG_RETURN_VOID();
}

Datum
tensor_hash(PG_FUNCTION_ARGS)
{
	return hash_any((const unsigned char *) PG_GETARG_TENSOR(0), sizeof(W4Tensor));
}

Datum
tensor_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended((const unsigned char *) PG_GETARG_TENSOR(0), sizeof(W4Tensor), PG_GETARG_INT64(1));
}

/* --- relations between two tensors --- */

/* Euclidean; squares of 1e9 add up exactly in 64 bits, so the order of near neighbours is exact too. */
Datum
tensor_distance(PG_FUNCTION_ARGS)
{
	const W4Tensor *a = PG_GETARG_TENSOR(0);
	const W4Tensor *b = PG_GETARG_TENSOR(1);
	uint64		sum = 0;

	for (int i = 0; i < 3; i++)
	{
		int64		d = (int64) a->dim[i] - b->dim[i];

		sum += (uint64) (d * d);
	}
	PG_RETURN_FLOAT8(sqrt((double) sum) / W4_UNIT);
}

Datum
tensor_meets(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(w4_tensor_meets(PG_GETARG_TENSOR(0), PG_GETARG_TENSOR(1)));
}
