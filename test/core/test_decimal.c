/*-------------------------------------------------------------------------
 *
 * test_decimal.c
 *		Fixed-point decimals and the arithmetic on them.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/decimal.h"

static bool
parse(int64_t *out, const char *text, int digits, bool negative, bool canonical, W4Fault *fault)
{
	size_t		len = strlen(text);
	char	   *copy = malloc(len + 1);
	bool		ok;

	memcpy(copy, text, len);
	*out = 4711;
	ok = w4_decimal_parse(out, copy, len, digits, negative, canonical, fault);
	assert_true(ok || *out == 4711);
	free(copy);
	return ok;
}

/* A canonical text, which is also what the value is written as. */
static void
accept(const char *text, int digits, int64_t expected)
{
	char		out[W4_DECIMAL_TEXT_MAX];
	W4Fault		fault = {"", 0};
	int64_t		value;

	if (!parse(&value, text, digits, true, true, &fault))
		fail_msg("refused: %s (%s at %zu)", text, fault.what, fault.offset);
	assert_true(value == expected);
	assert_true(parse(&value, text, digits, true, false, NULL) && value == expected);
	assert_true(parse(&value, text, digits, false, true, NULL) == (text[0] != '-'));
	assert_int_equal(w4_decimal_format(out, expected, digits), strlen(text));
	assert_string_equal(out, text);
}

/* Refused when canonical text is asked for; otherwise read as expected. */
static void
lax(const char *text, int digits, int64_t expected, const char *what, size_t offset)
{
	W4Fault		fault = {"", 0};
	int64_t		value;

	assert_false(parse(&value, text, digits, true, true, &fault));
	assert_string_equal(fault.what, what);
	assert_int_equal(fault.offset, offset);
	assert_true(parse(&value, text, digits, true, false, NULL));
	assert_true(value == expected);
}

/* Refused in any case. */
static void
refuse(const char *text, int digits, const char *what, size_t offset)
{
	W4Fault		fault = {"", 0};
	int64_t		value;

	if (parse(&value, text, digits, true, false, &fault))
		fail_msg("accepted: %s", text);
	assert_string_equal(fault.what, what);
	assert_int_equal(fault.offset, offset);
	assert_false(parse(&value, text, digits, true, true, NULL));
}

static void
specified(void **state)
{
	(void) state;
	accept("0", 6, 0);
	accept("5", 6, 5000000);
	accept("0.95", 6, 950000);
	accept("100.5", 6, 100500000);
	lax("00.5", 6, 500000, "leading zero", 0);
	lax(".5", 6, 500000, "decimal point without digits on both sides", 0);
	lax("5.", 6, 5000000, "decimal point without digits on both sides", 1);
	lax("5.0", 6, 5000000, "trailing zero", 2);
	lax("-0", 6, 0, "negative zero", 0);
	refuse("1e3", 6, "unexpected character in a decimal", 1);
	refuse("+1", 6, "unexpected character in a decimal", 0);
	refuse("NaN", 6, "unexpected character in a decimal", 0);
	refuse("0.0000001", 6, "too many fraction digits", 8);
	accept("0.000001", 6, 1);
}

static void
canonical(void **state)
{
	(void) state;
	accept("-0.5", 6, -500000);
	accept("-1", 6, -1000000);
	accept("10", 0, 10);
	accept("0.123456789", 9, 123456789);
	accept("1", 9, 1000000000);
	lax("01", 6, 1000000, "leading zero", 0);
	lax("-01", 6, -1000000, "leading zero", 1);
	lax("0.10", 6, 100000, "trailing zero", 3);
	lax("0.0", 6, 0, "trailing zero", 2);
	lax("-0.0", 6, 0, "trailing zero", 3);
	lax("-.5", 6, -500000, "decimal point without digits on both sides", 1);
	lax("5.", 0, 5, "decimal point without digits on both sides", 1);
	lax("1.0000000", 6, 1000000, "trailing zero", 8);
	lax("3.000", 0, 3, "trailing zero", 4);
	lax("000000000000000000000000000001", 6, 1000000, "leading zero", 0);
}

static void
refuses(void **state)
{
	W4Fault		fault;
	int64_t		value;

	(void) state;
	refuse("", 6, "decimal without digits", 0);
	refuse("-", 6, "decimal without digits", 1);
	refuse(".", 6, "decimal without digits", 1);
	refuse("-.", 6, "decimal without digits", 2);
	refuse("--1", 6, "unexpected character in a decimal", 1);
	refuse("1-", 6, "unexpected character in a decimal", 1);
	refuse("1.2.3", 6, "unexpected character in a decimal", 3);
	refuse("1,5", 6, "unexpected character in a decimal", 1);
	refuse(" 1", 6, "unexpected character in a decimal", 0);
	refuse("1 ", 6, "unexpected character in a decimal", 1);
	refuse("1\n", 6, "unexpected character in a decimal", 1);
	refuse("0x1", 6, "unexpected character in a decimal", 1);
	refuse("Infinity", 6, "unexpected character in a decimal", 0);
	refuse("\xD9\xA1", 6, "unexpected character in a decimal", 0);
	refuse("1.5", 0, "too many fraction digits", 2);
	refuse("1.0000001", 6, "too many fraction digits", 8);
	assert_false(w4_decimal_parse(&value, "1\0", 2, 6, false, true, &fault));
	assert_false(parse(&value, "-1", 6, false, false, &fault));
	assert_string_equal(fault.what, "negative number");
	assert_false(parse(&value, "-0", 6, false, false, &fault));
	assert_false(parse(&value, "1", -1, false, false, &fault));
	assert_string_equal(fault.what, "unsupported number of fraction digits");
	assert_false(parse(&value, "1", 19, false, false, &fault));
}

static void
range(void **state)
{
	(void) state;
	accept("9223372036854775807", 0, INT64_MAX);
	accept("-9223372036854775808", 0, INT64_MIN);
	accept("9223372036854.775807", 6, INT64_MAX);
	accept("-9223372036854.775808", 6, INT64_MIN);
	accept("9.223372036854775807", 18, INT64_MAX);
	accept("-9.223372036854775808", 18, INT64_MIN);
	accept("0.000000000000000001", 18, 1);
	accept("-0.000000000000000001", 18, -1);
	accept("4294967296", 6, W4_ATP_MAX_AMOUNT);
	refuse("9223372036854775808", 0, "decimal out of range", 18);
	refuse("-9223372036854775809", 0, "decimal out of range", 19);
	refuse("9223372036854.775808", 6, "decimal out of range", 0);
	refuse("-9223372036854.775809", 6, "decimal out of range", 1);
	refuse("9223372036855", 6, "decimal out of range", 0);
	refuse("18446744073709551616", 0, "decimal out of range", 19);
	refuse("18446744073709.551617", 6, "decimal out of range", 0);
	refuse("99999999999999999999999999999999999999", 6, "decimal out of range", 18);
	refuse("10", 18, "decimal out of range", 0);
}

static void
formatting(void **state)
{
	char		out[W4_DECIMAL_TEXT_MAX];
	uint64_t	seed = 1;

	(void) state;
	assert_int_equal(w4_decimal_format(out, 1, -1), 0);
	assert_int_equal(w4_decimal_format(out, 1, 19), 0);
	for (int i = 0; i < 100000; i++)
	{
		int			digits = i % 19;
		int64_t		value,
					back;
		int			len;

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		value = (int64_t) (seed ^ (seed >> 29)) >> (seed % 64);
		len = w4_decimal_format(out, value, digits);
		assert_true(w4_decimal_parse(&back, out, (size_t) len, digits, true, true, NULL));
		assert_true(back == value);
	}
}

static void
sums(void **state)
{
	int64_t		v = 7;

	(void) state;
	assert_true(w4_add_i64(INT64_MAX, INT64_MIN, &v) && v == -1);
	assert_true(w4_add_i64(INT64_MAX - 1, 1, &v) && v == INT64_MAX);
	assert_true(w4_sub_i64(INT64_MIN + 1, 1, &v) && v == INT64_MIN);
	assert_true(w4_sub_i64(-1, INT64_MIN, &v) && v == INT64_MAX);
	assert_true(w4_mul_i64(INT64_C(3037000499), INT64_C(3037000499), &v) && v == INT64_C(9223372030926249001));
	assert_true(w4_mul_i64(INT64_MIN, 1, &v) && v == INT64_MIN);
	v = 7;
	assert_false(w4_add_i64(INT64_MAX, 1, &v));
	assert_false(w4_add_i64(INT64_MIN, -1, &v));
	assert_false(w4_sub_i64(INT64_MIN, 1, &v));
	assert_false(w4_sub_i64(0, INT64_MIN, &v));
	assert_false(w4_mul_i64(INT64_MIN, -1, &v));
	assert_false(w4_mul_i64(INT64_C(3037000500), INT64_C(3037000500), &v));
	assert_int_equal(v, 7);
}

static void
check_muldiv(int64_t a, int64_t b, int64_t c, int64_t down, int64_t up)
{
	int64_t		v;

	assert_true(w4_muldiv_i64(a, b, c, false, &v) && v == down);
	assert_true(w4_muldiv_i64(a, b, c, true, &v) && v == up);
}

static void
muldiv(void **state)
{
	int64_t		v = 7;

	(void) state;
	check_muldiv(7, 3, 2, 10, 11);
	check_muldiv(6, 3, 2, 9, 9);
	check_muldiv(0, 5, 3, 0, 0);
	check_muldiv(1, 1, INT64_MAX, 0, 1);
	check_muldiv(-7, 3, 2, -10, -10);
	check_muldiv(7, -3, 2, -10, -10);
	check_muldiv(-7, -3, 2, 10, 11);
	check_muldiv(INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX);
	check_muldiv(INT64_MIN, INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN);
	check_muldiv(INT64_MAX, 2, 3, INT64_C(6148914691236517204), INT64_C(6148914691236517205));
	check_muldiv(W4_ATP_MAX_AMOUNT, 999999999, 1000000000, INT64_C(4294967291705032), INT64_C(4294967291705033));
	assert_false(w4_muldiv_i64(INT64_MAX, 2, 1, false, &v));
	assert_false(w4_muldiv_i64(INT64_MIN, -1, 1, false, &v));
	assert_false(w4_muldiv_i64(INT64_MIN, INT64_MIN, 1, true, &v));
	assert_false(w4_muldiv_i64(INT64_MAX, INT64_MAX, INT64_MAX - 1, false, &v));
	assert_false(w4_muldiv_i64(1, 1, 0, false, &v));
	assert_false(w4_muldiv_i64(1, 1, -1, false, &v));

	/* in range rounded down, not rounded up */
	assert_true(w4_muldiv_i64(INT64_C(6148914691236517205), 3, 2, false, &v));
	assert_true(v == INT64_MAX);
	v = 7;
	assert_false(w4_muldiv_i64(INT64_C(6148914691236517205), 3, 2, true, &v));
	assert_int_equal(v, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specified),
		cmocka_unit_test(canonical),
		cmocka_unit_test(refuses),
		cmocka_unit_test(range),
		cmocka_unit_test(formatting),
		cmocka_unit_test(sums),
		cmocka_unit_test(muldiv),
	};

	return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
