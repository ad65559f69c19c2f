/*-------------------------------------------------------------------------
 *
 * fuzz_decimal.c
 *		A canonical decimal is written as it was read, any other to the same value.
 *
 * The first byte chooses the number of fraction digits.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "core/decimal.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

static void
check_text(const char *text, size_t len, int digits)
{
	char		out[W4_DECIMAL_TEXT_MAX];
	W4Fault		fault = {NULL, 0};
	int64_t		value,
				strict,
				back;
	int			out_len;
	bool		canonical = w4_decimal_parse(&strict, text, len, digits, true, true, NULL);

	if (!w4_decimal_parse(&value, text, len, digits, true, false, &fault))
	{
		require(!canonical && fault.what != NULL && fault.offset <= len);
		return;
	}
	out_len = w4_decimal_format(out, value, digits);
	require(w4_decimal_parse(&back, out, (size_t) out_len, digits, true, true, NULL) && back == value);

	/* strict reading accepts exactly what would be written */
	require(canonical == ((size_t) out_len == len && memcmp(out, text, len) == 0));
	require(!canonical || strict == value);
}

/* a * b / b is a again, and multiplication agrees with division by one. */
static void
check_arithmetic(int64_t a, int64_t b)
{
	int64_t		product,
				quotient;
	bool		fits = w4_mul_i64(a, b, &product);

	require(w4_muldiv_i64(a, b, 1, true, &quotient) == fits);
	require(!fits || quotient == product);
	if (b > 0)
		require(w4_muldiv_i64(a, b, b, true, &quotient) && quotient == a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	check_text((const char *) data + 1, size - 1, data[0] % 20);
	if (size >= 16)
		check_arithmetic((int64_t) w4_get_u64be(data), (int64_t) w4_get_u64be(data + 8));
	return 0;
}
