/*-------------------------------------------------------------------------
 *
 * decimal.c
 *		Fixed-point decimals and integer arithmetic that notices overflow.
 *
 *-------------------------------------------------------------------------
 */
#include "core/decimal.h"

#define MAX_DIGITS 18			/* 10^18 is the largest power of ten in an int64 */

__extension__ typedef __int128 Int128;

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of the run of digits at pos. */
static size_t
digit_run(const char *text, size_t pos, size_t len)
{
	size_t		i = pos;

	while (i < len && is_digit(text[i]))
		i++;
	return i - pos;
}

/* Where the two runs of digits are. */
typedef struct Layout
{
	bool		negative;
	bool		point;
	size_t		whole;			/* position and length of the digits before the point */
	size_t		whole_len;
	size_t		fraction;
	size_t		fraction_len;
} Layout;

/* [-] digits [. digits], with at least one digit and nothing else. */
static bool
find_layout(Layout *l, const char *text, size_t len, bool allow_negative, W4Fault *fault)
{
	size_t		end;

	l->negative = len > 0 && text[0] == '-';
	if (l->negative && !allow_negative)
		return w4_fault(fault, "negative number", 0);
	l->whole = l->negative ? 1 : 0;
	l->whole_len = digit_run(text, l->whole, len);
	end = l->whole + l->whole_len;
	l->point = end < len && text[end] == '.';
	l->fraction = l->point ? end + 1 : end;
	l->fraction_len = l->point ? digit_run(text, l->fraction, len) : 0;
	end = l->fraction + l->fraction_len;
	if (end != len)
		return w4_fault(fault, "unexpected character in a decimal", end);
	if (l->whole_len + l->fraction_len == 0)
		return w4_fault(fault, "decimal without digits", end);
	return true;
}

/* Of the spellings of one value, only the shortest complete one. */
static bool
check_canonical(const Layout *l, const char *text, W4Fault *fault)
{
	if (l->whole_len == 0 || (l->point && l->fraction_len == 0))
		return w4_fault(fault, "decimal point without digits on both sides", l->whole + l->whole_len);
	if (text[l->whole] == '0' && l->whole_len > 1)
		return w4_fault(fault, "leading zero", l->whole);
	if (l->point && text[l->fraction + l->fraction_len - 1] == '0')
		return w4_fault(fault, "trailing zero", l->fraction + l->fraction_len - 1);
	if (l->negative && text[l->whole] == '0' && !l->point)
		return w4_fault(fault, "negative zero", 0);
	return true;
}

/* *value = *value * 10 + digit, staying within the magnitude that the sign allows. */
static bool
push_digit(uint64_t *value, char digit, uint64_t limit)
{
	uint64_t	d = (uint64_t) (digit - '0');

	if (*value > (limit - d) / 10)
		return false;
	*value = *value * 10 + d;
	return true;
}

/* The scaled magnitude; a text of any length is read without overflow. */
static bool
scale(uint64_t *out, const Layout *l, const char *text, int digits, W4Fault *fault)
{
	uint64_t	limit = (uint64_t) INT64_MAX + (l->negative ? 1 : 0);
	uint64_t	value = 0;

	for (size_t i = 0; i < l->whole_len; i++)
	{
		if (!push_digit(&value, text[l->whole + i], limit))
			return w4_fault(fault, "decimal out of range", l->whole + i);
	}
	for (size_t i = 0; i < (size_t) digits; i++)
	{
		if (!push_digit(&value, i < l->fraction_len ? text[l->fraction + i] : '0', limit))
			return w4_fault(fault, "decimal out of range", l->whole);
	}
	for (size_t i = (size_t) digits; i < l->fraction_len; i++)
	{
		if (text[l->fraction + i] != '0')
			return w4_fault(fault, "too many fraction digits", l->fraction + i);
	}
	*out = value;
	return true;
}

bool
w4_decimal_parse(int64_t *out, const char *text, size_t len, int digits,
				 bool allow_negative, bool canonical, W4Fault *fault)
{
	Layout		l;
	uint64_t	magnitude;

	if (digits < 0 || digits > MAX_DIGITS)
		return w4_fault(fault, "unsupported number of fraction digits", 0);
	if (!find_layout(&l, text, len, allow_negative, fault) ||
		(canonical && !check_canonical(&l, text, fault)) ||
		!scale(&magnitude, &l, text, digits, fault))
		return false;

	/* the detour by -1 keeps INT64_MIN within the type */
	if (l.negative && magnitude > 0)
		*out = -(int64_t) (magnitude - 1) - 1;
	else
		*out = (int64_t) magnitude;
	return true;
}

int
w4_decimal_format(char out[W4_DECIMAL_TEXT_MAX], int64_t value, int digits)
{
	char		text[W4_DECIMAL_TEXT_MAX];
	size_t		i = sizeof(text);
	uint64_t	left = value < 0 ? -(uint64_t) value : (uint64_t) value;
	bool		significant = false;

	if (digits < 0 || digits > MAX_DIGITS)
		return 0;

	/* from the last digit to the first, leaving out the fraction's trailing zeros */
	for (int n = 0; n < digits; n++, left /= 10)
	{
		significant = significant || left % 10 != 0;
		if (significant)
			text[--i] = (char) ('0' + left % 10);
	}
	if (significant)
		text[--i] = '.';
	do
	{
		text[--i] = (char) ('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0)
		text[--i] = '-';

	memcpy(out, text + i, sizeof(text) - i);
	out[sizeof(text) - i] = '\0';
	return (int) (sizeof(text) - i);
}

bool
w4_add_i64(int64_t a, int64_t b, int64_t *out)
{
	int64_t		result;

	if (__builtin_add_overflow(a, b, &result))
		return false;
	*out = result;
	return true;
}

bool
w4_sub_i64(int64_t a, int64_t b, int64_t *out)
{
	int64_t		result;

	if (__builtin_sub_overflow(a, b, &result))
		return false;
	*out = result;
	return true;
}

bool
w4_mul_i64(int64_t a, int64_t b, int64_t *out)
{
	int64_t		result;

	if (__builtin_mul_overflow(a, b, &result))
		return false;
	*out = result;
	return true;
}

bool
w4_muldiv_i64(int64_t a, int64_t b, int64_t c, bool round_up, int64_t *out)
{
	Int128		product = (Int128) a * b;
	Int128		quotient;

	if (c <= 0)
		return false;
	quotient = product / c;

	/* C truncates, which already is "up" for a negative quotient */
	if (round_up && product > 0 && product % c != 0)
		quotient++;
	if (quotient > INT64_MAX || quotient < INT64_MIN)
		return false;
	*out = (int64_t) quotient;
	return true;
}
