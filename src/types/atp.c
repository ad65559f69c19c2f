/*-------------------------------------------------------------------------
 *
 * atp.c
 *		The SQL type atp: an amount of energy, exact to a millionth.
 *
 * Stored and compared as int8 micro-ATP, so that comparison, hashing and
 * accumulation are the server's own int8 functions (types.sql).  Differences
 * may be negative; whether an amount may be is for whoever spends it.
 *
 *-------------------------------------------------------------------------
 */
#include "host/errors.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "host/value.h"
#include "types/atp_type.h"
#include "types/fixed.h"

#define ATP_DIGITS 6

PG_FUNCTION_INFO_V1(atp_in);
PG_FUNCTION_INFO_V1(atp_out);
PG_FUNCTION_INFO_V1(atp_recv);
PG_FUNCTION_INFO_V1(atp_send);
PG_FUNCTION_INFO_V1(atp_pl);
PG_FUNCTION_INFO_V1(atp_mi);
PG_FUNCTION_INFO_V1(atp_um);
PG_FUNCTION_INFO_V1(atp_abs);
PG_FUNCTION_INFO_V1(atp_mul_int8);
PG_FUNCTION_INFO_V1(int8_mul_atp);
PG_FUNCTION_INFO_V1(atp_div_int8);
PG_FUNCTION_INFO_V1(atp_div_atp);
PG_FUNCTION_INFO_V1(atp_from_numeric);
PG_FUNCTION_INFO_V1(atp_to_numeric);
PG_FUNCTION_INFO_V1(atp_from_int8);
PG_FUNCTION_INFO_V1(atp_from_int4);
PG_FUNCTION_INFO_V1(atp_sum_final);
PG_FUNCTION_INFO_V1(atp_avg_final);

char *
w4_atp_cstring(int64 micro)
{
	char	   *text = palloc(W4_DECIMAL_TEXT_MAX + 1);
	int			len = w4_decimal_format(text, micro, ATP_DIGITS);

	text[len] = '\0';
	return text;
}

pg_attribute_noreturn() static void
out_of_range(const char *operation)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(ATP_RANGE)),
			 errmsg("ATP amount out of range"),
			 w4_errdetail(W4_ERRCODE(ATP_RANGE), "The result of %s does not lie between %s and %s.",
						  operation, w4_atp_cstring(PG_INT64_MIN), w4_atp_cstring(PG_INT64_MAX))));
}

/* Refuse what the parser refused; "text" is what the user wrote. */
static void
refuse(struct Node *context, const char *text, const W4Fault *fault)
{
	int			code = w4_fixed_out_of_range(fault) ? W4_ERRCODE(ATP_RANGE) : W4_ERRCODE(BAD_ATP);

	w4_input_error(context,
				   (errcode(code),
					code == W4_ERRCODE(ATP_RANGE) ?
					errmsg("ATP amount out of range: \"%s\"", text) :
					errmsg("invalid input syntax for type %s: \"%s\"", "atp", text),
					w4_errdetail(code, "%s at byte %zu.", fault->what, fault->offset),
					errhint("An amount is a plain decimal with at most %d fraction digits.", ATP_DIGITS)));
}

/* --- input and output --- */

Datum
atp_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	int64_t		micro;
	W4Fault		fault;

	if (!w4_decimal_parse(&micro, text, strlen(text), ATP_DIGITS, true, false, &fault))
	{
		refuse(fcinfo->context, text, &fault);
		PG_RETURN_NULL();
	}
	PG_RETURN_ATP(micro);
}

Datum
atp_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(w4_atp_cstring(PG_GETARG_ATP(0)));
}

/* The binary form is the micro-ATP as a big-endian int8; every int8 is an amount. */
Datum
atp_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_ATP(pq_getmsgint64((StringInfo) PG_GETARG_POINTER(0)));
}

Datum
atp_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint64(&buf, PG_GETARG_ATP(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* --- arithmetic --- */

Datum
atp_pl(PG_FUNCTION_ARGS)
{
	int64_t		sum;

	if (!w4_add_i64(PG_GETARG_ATP(0), PG_GETARG_ATP(1), &sum))
		out_of_range("an addition");
	PG_RETURN_ATP(sum);
}

Datum
atp_mi(PG_FUNCTION_ARGS)
{
	int64_t		difference;

	if (!w4_sub_i64(PG_GETARG_ATP(0), PG_GETARG_ATP(1), &difference))
		out_of_range("a subtraction");
	PG_RETURN_ATP(difference);
}

static int64
negate(int64 micro)
{
	if (micro == PG_INT64_MIN)
		out_of_range("a negation");
	return -micro;
}

Datum
atp_um(PG_FUNCTION_ARGS)
{
	PG_RETURN_ATP(negate(PG_GETARG_ATP(0)));
}

Datum
atp_abs(PG_FUNCTION_ARGS)
{
	int64		micro = PG_GETARG_ATP(0);

	PG_RETURN_ATP(micro < 0 ? negate(micro) : micro);
}

static int64
multiply(int64 a, int64 b)
{
	int64_t		product;

	if (!w4_mul_i64(a, b, &product))
		out_of_range("a multiplication");
	return product;
}

Datum
atp_mul_int8(PG_FUNCTION_ARGS)
{
	PG_RETURN_ATP(multiply(PG_GETARG_ATP(0), PG_GETARG_INT64(1)));
}

Datum
int8_mul_atp(PG_FUNCTION_ARGS)
{
	PG_RETURN_ATP(multiply(PG_GETARG_INT64(0), PG_GETARG_ATP(1)));
}

static void
refuse_zero_divisor(int64 divisor)
{
	if (divisor == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DIVISION_BY_ZERO),
				 errmsg("division by zero"),
				 errhint("NULLIF(divisor, 0) makes the result null instead.")));
}

/* Truncates toward zero: a share is never larger than it may be. */
Datum
atp_div_int8(PG_FUNCTION_ARGS)
{
	int64		micro = PG_GETARG_ATP(0);
	int64		divisor = PG_GETARG_INT64(1);

	refuse_zero_divisor(divisor);
	/* INT64_MIN / -1 traps on some machines */
	if (divisor == -1)
		PG_RETURN_ATP(negate(micro));
	PG_RETURN_ATP(micro / divisor);
}

/* A ratio of amounts is a plain number. */
Datum
atp_div_atp(PG_FUNCTION_ARGS)
{
	refuse_zero_divisor(PG_GETARG_ATP(1));
	return DirectFunctionCall2(numeric_div,
							   NumericGetDatum(int64_to_numeric(PG_GETARG_ATP(0))),
							   NumericGetDatum(int64_to_numeric(PG_GETARG_ATP(1))));
}

/* --- conversions --- */

Datum
atp_from_numeric(PG_FUNCTION_ARGS)
{
	Numeric		value = PG_GETARG_NUMERIC(0);
	int64		micro;
	W4Fault		fault;

	if (!w4_fixed_from_numeric(&micro, value, ATP_DIGITS, &fault))
		refuse(NULL, DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value))), &fault);
	PG_RETURN_ATP(micro);
}

Datum
atp_to_numeric(PG_FUNCTION_ARGS)
{
	return w4_fixed_numeric(PG_GETARG_ATP(0), ATP_DIGITS);
}

static int64
from_whole(int64 whole)
{
	int64_t		micro;

	if (!w4_mul_i64(whole, W4_MICRO_ATP, &micro))
		out_of_range("the conversion");
	return micro;
}

Datum
atp_from_int8(PG_FUNCTION_ARGS)
{
	PG_RETURN_ATP(from_whole(PG_GETARG_INT64(0)));
}

Datum
atp_from_int4(PG_FUNCTION_ARGS)
{
	PG_RETURN_ATP(from_whole(PG_GETARG_INT32(0)));
}

/* --- aggregates: final functions over the state of sum(int8) and avg(int8) --- */

/* Call a final function of the server's, which may return NULL for no rows. */
static Datum
call_final(PGFunction function, FunctionCallInfo outer, bool *isnull)
{
	LOCAL_FCINFO(fcinfo, 1);
	Datum		result;

	InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, outer->context, NULL);
	fcinfo->args[0] = outer->args[0];
	result = function(fcinfo);
	*isnull = fcinfo->isnull;
	return result;
}

/* The state is 128 bits wide, so only the result can overflow, whatever the order of the rows. */
Datum
atp_sum_final(PG_FUNCTION_ARGS)
{
	bool		isnull;
	Datum		sum = call_final(numeric_poly_sum, fcinfo, &isnull);
	int64		micro;
	W4Fault		fault;

	if (isnull)
		PG_RETURN_NULL();
	if (!w4_fixed_from_numeric(&micro, DatumGetNumeric(sum), 0, &fault))
		out_of_range("sum()");
	PG_RETURN_ATP(micro);
}

Datum
atp_avg_final(PG_FUNCTION_ARGS)
{
	bool		isnull;
	Datum		average = call_final(numeric_poly_avg, fcinfo, &isnull);

	if (isnull)
		PG_RETURN_NULL();
	return DirectFunctionCall2(numeric_div, average,
							   NumericGetDatum(int64_to_numeric(W4_MICRO_ATP)));
}
