/*-------------------------------------------------------------------------
 *
 * test_timestamp.c
 *		Timestamps: the only spelling, the calendar, the range.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "core/timestamp.h"

static void
accept(const char *text, int64_t expected)
{
	char		out[W4_TIMESTAMP_TEXT_MAX];
	W4Fault		fault = {"", 0};
	int64_t		us = -1;

	if (!w4_timestamp_parse(&us, text, strlen(text), &fault))
		fail_msg("refused: %s (%s at %zu)", text, fault.what, fault.offset);
	assert_true(us == expected);
	assert_int_equal(w4_timestamp_format(out, us), strlen(text));
	assert_memory_equal(out, text, strlen(text));
}

static void
refuse(const char *text, const char *what, size_t offset)
{
	W4Fault		fault = {"", 0};
	int64_t		us = -1;
	size_t		len = strlen(text);
	char	   *copy = malloc(len + 1);

	memcpy(copy, text, len);
	if (w4_timestamp_parse(&us, copy, len, &fault))
		fail_msg("accepted: %s", text);
	assert_string_equal(fault.what, what);
	assert_int_equal(fault.offset, offset);
	assert_int_equal(us, -1);
	free(copy);
}

static void
accepts(void **state)
{
	(void) state;
	accept("2026-01-15T10:30:00Z", INT64_C(1768473000000000));
	accept("2026-01-15T10:30:00.500Z", INT64_C(1768473000500000));
	accept("2026-01-15T10:30:00.000123Z", INT64_C(1768473000000123));
	accept("2026-01-15T10:30:00.123456Z", INT64_C(1768473000123456));
	accept("2026-01-15T10:30:00.001Z", INT64_C(1768473000001000));
	accept("2026-01-15T10:30:00.000001Z", INT64_C(1768473000000001));
	accept("2026-01-15T10:30:00.999999Z", INT64_C(1768473000999999));
	accept("2024-02-29T23:59:59Z", INT64_C(1709251199000000));
	accept("2099-12-31T23:59:59.999999Z", W4_TIMESTAMP_MAX - 1);
	accept("2020-01-01T00:00:00Z", W4_TIMESTAMP_MIN);
	accept("2100-01-01T00:00:00Z", W4_TIMESTAMP_MAX);
}

static void
refuses_specified(void **state)
{
	(void) state;
	refuse("2026-01-15T10:30:00+00:00", "timestamp of a wrong length", 25);
	refuse("2026-01-15T10:30:00.5Z", "timestamp of a wrong length", 22);
	refuse("2026-01-15T10:30:00.500000Z", "fraction that is not the shortest", 20);
	refuse("2026-01-15T10:30:00.000Z", "fraction that is not the shortest", 20);
	refuse("2026-01-15T10:30:00.000000Z", "fraction that is not the shortest", 20);
	refuse("2026-01-15t10:30:00Z", "malformed timestamp", 10);
	refuse("2026-01-15T10:30:00z", "timestamp that is not in UTC (Z)", 19);
	refuse("2026-01-15T10:30:60Z", "second out of range", 17);
	refuse("2026-02-30T10:30:00Z", "day out of range", 8);
	refuse("2026-01-15", "timestamp of a wrong length", 10);
	refuse("2026-01-15T10:30:00", "timestamp of a wrong length", 19);
}

static void
refuses_spelling(void **state)
{
	static const char text[] = "2026-01-15T10:30:00.123456Z";
	char		copy[sizeof(text)];
	int64_t		us;

	(void) state;
	refuse("", "timestamp of a wrong length", 0);
	refuse("2026-01-15 10:30:00Z", "malformed timestamp", 10);
	refuse("2026-01-15T10:30:00+", "timestamp that is not in UTC (Z)", 19);
	refuse("2026/01/15T10:30:00Z", "malformed timestamp", 4);
	refuse("2026-01-15T10.30.00Z", "malformed timestamp", 13);
	refuse("2026-01-15T10:30:00,500Z", "malformed timestamp", 19);
	refuse("2026-01-15T10:30:00.50aZ", "timestamp without a digit where one belongs", 22);
	refuse("2026-01-15T10:30:00+0000Z", "timestamp of a wrong length", 25);
	refuse("+026-01-15T10:30:00Z", "timestamp without a digit where one belongs", 0);
	refuse(" 026-01-15T10:30:00Z", "timestamp without a digit where one belongs", 0);
	refuse("2026-01-15T10:30:00.-12Z", "timestamp without a digit where one belongs", 20);
	refuse("2026-01-15T10:30:00.12345Z", "timestamp of a wrong length", 26);
	refuse("2026-01-15T10:30:00.1234567Z", "timestamp of a wrong length", 28);

	/* no byte can be anything that is not a digit or its separator */
	for (size_t i = 0; i < sizeof(text) - 1; i++)
	{
		for (int c = 0; c < 256; c++)
		{
			memcpy(copy, text, sizeof(text));
			copy[i] = (char) c;
			if (c != text[i] && (text[i] < '0' || text[i] > '9' || c < '0' || c > '9'))
				assert_false(w4_timestamp_parse(&us, copy, sizeof(text) - 1, NULL));
		}
	}
}

static void
refuses_values(void **state)
{
	(void) state;
	refuse("2019-12-31T23:59:59.999999Z", "timestamp outside of 2020 to 2100", 0);
	refuse("2100-01-01T00:00:00.000001Z", "timestamp outside of 2020 to 2100", 0);
	refuse("0000-01-01T00:00:00Z", "timestamp outside of 2020 to 2100", 0);
	refuse("9999-12-31T23:59:59Z", "timestamp outside of 2020 to 2100", 0);
	refuse("2026-00-15T10:30:00Z", "month out of range", 5);
	refuse("2026-13-15T10:30:00Z", "month out of range", 5);
	refuse("2026-01-00T10:30:00Z", "day out of range", 8);
	refuse("2026-01-32T10:30:00Z", "day out of range", 8);
	refuse("2026-04-31T10:30:00Z", "day out of range", 8);
	refuse("2026-02-29T10:30:00Z", "day out of range", 8);
	refuse("2100-02-29T10:30:00Z", "day out of range", 8);
	refuse("2026-01-15T24:00:00Z", "hour out of range", 11);
	refuse("2026-01-15T10:60:00Z", "minute out of range", 14);
	refuse("2026-12-31T23:59:60Z", "second out of range", 17);
}

static void
formats(int64_t us, const char *expected)
{
	char		out[W4_TIMESTAMP_TEXT_MAX];

	assert_int_equal(w4_timestamp_format(out, us), strlen(expected));
	assert_memory_equal(out, expected, strlen(expected));
}

/* Formatting reaches further than parsing: other tables hold other times. */
static void
formats_all_years(void **state)
{
	char		out[W4_TIMESTAMP_TEXT_MAX];

	(void) state;
	formats(0, "1970-01-01T00:00:00Z");
	formats(-1, "1969-12-31T23:59:59.999999Z");
	formats(-1000, "1969-12-31T23:59:59.999Z");
	formats(INT64_C(951782400000000), "2000-02-29T00:00:00Z");
	formats(INT64_C(-62135596800000000), "0001-01-01T00:00:00Z");
	formats(INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z");
	formats(INT64_C(-2203891200000000), "1900-03-01T00:00:00Z");
	assert_int_equal(w4_timestamp_format(out, INT64_C(-62135596800000001)), 0);
	assert_int_equal(w4_timestamp_format(out, INT64_C(253402300800000000)), 0);
	assert_int_equal(w4_timestamp_format(out, INT64_MIN), 0);
	assert_int_equal(w4_timestamp_format(out, INT64_MAX), 0);
}

/* Every day of the years 1 to 9999 against the C library. */
static void
calendar(void **state)
{
	(void) state;
	for (int64_t day = -719162; day <= 2932896; day++)
	{
		time_t		seconds = (time_t) (day * 86400 + (day * 7919 % 86400 + 86400) % 86400);
		char		expected[40];
		char		out[W4_TIMESTAMP_TEXT_MAX];
		struct tm	tm;
		int			year;

		assert_non_null(gmtime_r(&seconds, &tm));
		strftime(expected + 4, sizeof(expected) - 4, "-%m-%dT%H:%M:%SZ", &tm);
		year = tm.tm_year + 1900;
		for (int i = 3; i >= 0; i--, year /= 10)
			expected[i] = (char) ('0' + year % 10);
		if (w4_timestamp_format(out, (int64_t) seconds * 1000000) != 20 || memcmp(out, expected, 20) != 0)
			fail_msg("%.20s instead of %.20s", out, expected);
	}
}

static void
every_day_in_range(void **state)
{
	(void) state;
	for (int64_t us = W4_TIMESTAMP_MIN; us <= W4_TIMESTAMP_MAX; us += INT64_C(86400000000) - 1)
	{
		char		out[W4_TIMESTAMP_TEXT_MAX];
		int			len = w4_timestamp_format(out, us);
		int64_t		back;

		assert_true(w4_timestamp_parse(&back, out, (size_t) len, NULL));
		assert_true(back == us);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(refuses_specified),
		cmocka_unit_test(refuses_spelling),
		cmocka_unit_test(refuses_values),
		cmocka_unit_test(formats_all_years),
		cmocka_unit_test(calendar),
		cmocka_unit_test(every_day_in_range),
	};

	return cmocka_run_group_tests_name("timestamp", tests, NULL, NULL);
}
