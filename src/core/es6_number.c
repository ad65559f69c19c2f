/*-------------------------------------------------------------------------
 *
 * es6_number.c
 *		ECMAScript Number::toString, the number format of RFC 8785.
 *
 * The digits are the shortest that read back as the same double, of these the
 * closest to it.  They come from the C library, whose conversions are exact;
 * it must run with LC_NUMERIC "C", as a PostgreSQL server does.
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/json.h"

#define MAX_PRECISION 17		/* significant digits that identify every double */

/* value = 0.d1d2d3... * 10^point */
typedef struct Digits
{
	char		digit[MAX_PRECISION + 1];
	int			count;
	int			point;
} Digits;

/* Split what printf wrote as d.ddde[+-]xx. */
static void
split(Digits *d, const char *text)
{
	d->count = 0;
	for (; *text != 'e'; text++)
	{
		if (*text != '.')
			d->digit[d->count++] = *text;
	}
	d->point = (int) strtol(text + 1, NULL, 10) + 1;
}

/* Do these digits read back as value? */
static bool
identifies(const Digits *d, double value)
{
	char		text[40];

	snprintf(text, sizeof(text), "0.%.*se%d", d->count, d->digit, d->point);
	return strtod(text, NULL) == value;
}

/* The next larger number of as many digits. */
static void
increment(Digits *d)
{
	int			i = d->count - 1;

	while (i >= 0 && d->digit[i] == '9')
		d->digit[i--] = '0';
	if (i >= 0)
	{
		d->digit[i]++;
		return;
	}
	d->digit[0] = '1';
	d->point++;
}

static void
strip_zeros(Digits *d)
{
	while (d->count > 1 && d->digit[d->count - 1] == '0')
		d->count--;
}

/*
 * The shortest digits of a positive value.
 *
 * At a power of two the doubles below are twice as dense as those above.  There
 * the closest decimal of some length, when it lies below the value, may belong
 * to the neighbour while the next larger decimal still belongs to the value (as
 * for 2^-44), hence the second try.
 *
 * Every decimal of up to DBL_DIG digits survives the way through a normal
 * double, so fewer digits need not be tried: they appear with trailing zeros.
 */
static void
shortest_digits(Digits *d, double value)
{
	int			first = value >= DBL_MIN ? DBL_DIG : 1;

	for (int precision = first; precision <= MAX_PRECISION; precision++)
	{
		char		text[40];

		snprintf(text, sizeof(text), "%.*e", precision - 1, value);
		split(d, text);
		if (identifies(d, value))
			break;
		if (precision < MAX_PRECISION)
		{
			increment(d);
			if (identifies(d, value))
				break;
		}
	}
	strip_zeros(d);
}

/* An integer that a double holds exactly needs no search. */
static int
write_small_integer(char *out, double value)
{
	return snprintf(out, 32, "%lld", (long long) value);
}

/* ECMA-262, 7.1.12.1, steps 6 to 10, for k = count and n = point. */
static int
lay_out(char *out, const Digits *d)
{
	int			exponent = d->point - 1;

	if (d->count <= d->point && d->point <= 21)
		return snprintf(out, 30, "%.*s%.*s", d->count, d->digit,
						d->point - d->count, "00000000000000000000");
	if (0 < d->point && d->point <= 21)
		return snprintf(out, 30, "%.*s.%.*s", d->point, d->digit,
						d->count - d->point, d->digit + d->point);
	if (-6 < d->point && d->point <= 0)
		return snprintf(out, 30, "0.%.*s%.*s", -d->point, "000000", d->count, d->digit);
	if (d->count == 1)
		return snprintf(out, 30, "%ce%+d", d->digit[0], exponent);
	return snprintf(out, 30, "%c.%.*se%+d", d->digit[0], d->count - 1, d->digit + 1, exponent);
}

int
w4_es6_number(char out[32], double value)
{
	Digits		d;
	int			sign = value < 0 ? 1 : 0;

	if (!isfinite(value))
	{
		out[0] = '\0';
		return 0;
	}
	if (fabs(value) <= (double) W4_JSON_MAX_INT && value == trunc(value))
		return write_small_integer(out, value);

	out[0] = '-';
	shortest_digits(&d, fabs(value));
	return sign + lay_out(out + sign, &d);
}
