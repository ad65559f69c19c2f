/*-------------------------------------------------------------------------
 *
 * timestamp.c
 *		RFC 3339 timestamps in their one signed spelling.
 *
 * The calendar is proleptic Gregorian; years are counted from 1 March so that
 * the leap day is the last day of a year and month lengths follow a formula.
 *
 *-------------------------------------------------------------------------
 */
#include "core/timestamp.h"

#define US_PER_SECOND	INT64_C(1000000)
#define SECONDS_PER_DAY INT64_C(86400)
#define US_PER_DAY		(SECONDS_PER_DAY * US_PER_SECOND)
#define DAYS_PER_ERA	INT64_C(146097) /* 400 years */
#define DAYS_TO_1970	INT64_C(719468) /* from 0000-03-01 */

#define FIRST_US		INT64_C(-62135596800000000) /* 0001-01-01T00:00:00Z */
#define LAST_US			INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */

static bool
is_leap_year(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_in_month(int year, int month)
{
	static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/* Days since 1970-01-01; the year is not negative. */
static int64_t
days_from_date(int year, int month, int day)
{
	int64_t		y = month <= 2 ? year - 1 : year;
	int64_t		m = month <= 2 ? month + 9 : month - 3;
	int64_t		day_of_year = (153 * m + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - DAYS_TO_1970;
}

/* The inverse, for days not before 0001-01-01. */
static void
date_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t		shifted = days + DAYS_TO_1970;
	int64_t		era = shifted / DAYS_PER_ERA;
	int64_t		doe = shifted % DAYS_PER_ERA;
	int64_t		yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t		doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t		m = (5 * doy + 2) / 153;

	*day = (int) (doy - (153 * m + 2) / 5 + 1);
	*month = (int) (m < 10 ? m + 3 : m - 9);
	*year = (int) (era * 400 + yoe + (*month <= 2 ? 1 : 0));
}

/* Read n digits at pos. */
static bool
digits_at(const char *text, size_t pos, size_t n, int *out, W4Fault *fault)
{
	int			value = 0;

	for (size_t i = pos; i < pos + n; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return w4_fault(fault, "timestamp without a digit where one belongs", i);
		value = value * 10 + (text[i] - '0');
	}
	*out = value;
	return true;
}

/* Separators stand at fixed places; the length is known to be 20, 24 or 27. */
static bool
check_layout(const char *text, size_t len, W4Fault *fault)
{
	static const char layout[] = "dddd-dd-ddTdd:dd:dd";

	for (size_t i = 0; i < sizeof(layout) - 1; i++)
	{
		if (layout[i] != 'd' && text[i] != layout[i])
			return w4_fault(fault, "malformed timestamp", i);
	}
	if (len > 20 && text[19] != '.')
		return w4_fault(fault, "malformed timestamp", 19);
	if (text[len - 1] != 'Z')
		return w4_fault(fault, "timestamp that is not in UTC (Z)", len - 1);
	return true;
}

static bool
parse_date(const char *text, int64_t *days, W4Fault *fault)
{
	int			year,
				month,
				day;

	if (!digits_at(text, 0, 4, &year, fault) ||
		!digits_at(text, 5, 2, &month, fault) ||
		!digits_at(text, 8, 2, &day, fault))
		return false;
	if (month < 1 || month > 12)
		return w4_fault(fault, "month out of range", 5);
	if (day < 1 || day > days_in_month(year, month))
		return w4_fault(fault, "day out of range", 8);
	*days = days_from_date(year, month, day);
	return true;
}

static bool
parse_time(const char *text, int64_t *seconds, W4Fault *fault)
{
	int			hour,
				minute,
				second;

	if (!digits_at(text, 11, 2, &hour, fault) ||
		!digits_at(text, 14, 2, &minute, fault) ||
		!digits_at(text, 17, 2, &second, fault))
		return false;
	if (hour > 23)
		return w4_fault(fault, "hour out of range", 11);
	if (minute > 59)
		return w4_fault(fault, "minute out of range", 14);
	if (second > 59)
		return w4_fault(fault, "second out of range", 17);
	*seconds = hour * 3600 + minute * 60 + second;
	return true;
}

/* The fraction in microseconds; a shorter spelling of the same value is the only one. */
static bool
parse_fraction(const char *text, size_t len, int64_t *us, W4Fault *fault)
{
	size_t		n = len == 20 ? 0 : len - 21;
	int			value = 0;

	if (!digits_at(text, 20, n, &value, fault))
		return false;
	if (n > 0 && value % 1000 == 0 && (n == 6 || value == 0))
		return w4_fault(fault, "fraction that is not the shortest", 20);
	*us = n == 3 ? value * 1000 : value;
	return true;
}

bool
w4_timestamp_parse(int64_t *unix_us, const char *text, size_t len, W4Fault *fault)
{
	int64_t		days,
				seconds,
				us;

	if (len != 20 && len != 24 && len != 27)
		return w4_fault(fault, "timestamp of a wrong length", len);
	if (!check_layout(text, len, fault) ||
		!parse_date(text, &days, fault) ||
		!parse_time(text, &seconds, fault) ||
		!parse_fraction(text, len, &us, fault))
		return false;
	us += (days * SECONDS_PER_DAY + seconds) * US_PER_SECOND;
	if (us < W4_TIMESTAMP_MIN || us > W4_TIMESTAMP_MAX)
		return w4_fault(fault, "timestamp outside of 2020 to 2100", 0);
	*unix_us = us;
	return true;
}

/* Write n digits, zero-filled, and step over them. */
static char *
put_digits(char *out, int64_t value, int n)
{
	for (int i = n - 1; i >= 0; i--)
	{
		out[i] = (char) ('0' + value % 10);
		value /= 10;
	}
	return out + n;
}

static char *
put_separated(char *out, char separator, int64_t value, int n)
{
	*out = separator;
	return put_digits(out + 1, value, n);
}

int
w4_timestamp_format(char out[W4_TIMESTAMP_TEXT_MAX], int64_t unix_us)
{
	int64_t		since_first,
				us,
				seconds;
	int			year,
				month,
				day;
	char	   *p = out;

	if (unix_us < FIRST_US || unix_us > LAST_US)
		return 0;

	/* counted from year 1, so that division never meets a negative number */
	since_first = unix_us - FIRST_US;
	us = since_first % US_PER_SECOND;
	seconds = since_first % US_PER_DAY / US_PER_SECOND;
	date_from_days(since_first / US_PER_DAY + FIRST_US / US_PER_DAY, &year, &month, &day);

	p = put_digits(p, year, 4);
	p = put_separated(p, '-', month, 2);
	p = put_separated(p, '-', day, 2);
	p = put_separated(p, 'T', seconds / 3600, 2);
	p = put_separated(p, ':', seconds / 60 % 60, 2);
	p = put_separated(p, ':', seconds % 60, 2);
	if (us % 1000 != 0)
		p = put_separated(p, '.', us, 6);
	else if (us != 0)
		p = put_separated(p, '.', us / 1000, 3);
	*p++ = 'Z';
	return (int) (p - out);
}
