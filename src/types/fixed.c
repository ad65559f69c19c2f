/*-------------------------------------------------------------------------
 *
 * fixed.c
 *		From SQL numeric to the fixed-point integers that the types store.
 *
 *-------------------------------------------------------------------------
 */
#include "types/fixed.h"

#include "utils/fmgrprotos.h"

/* By way of the text: numeric's output is a plain decimal, and the core parses those exactly. */
bool
w4_fixed_from_numeric(int64 *out, Numeric value, int digits, W4Fault *fault)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value)));
	int64_t		fixed = 0;
	bool		ok = w4_decimal_parse(&fixed, text, strlen(text), digits, true, false, fault);

	pfree(text);
	*out = fixed;
	return ok;
}

bool
w4_fixed_out_of_range(const W4Fault *fault)
{
	return strstr(fault->what, "out of range") != NULL;
}
