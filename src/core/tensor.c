/*-------------------------------------------------------------------------
 *
 * tensor.c
 *		T3 and V3 trust tensors in units of 1e-9: text, composites, updates.
 *
 * Integers throughout: NaN cannot be written and a small penalty cannot be
 * rounded away.
 *
 *-------------------------------------------------------------------------
 */
#include "core/tensor.h"

#include "core/decimal.h"

#define TENSOR_DIGITS 9

const char *const w4_t3_names[3] = {"talent", "training", "temperament"};
const char *const w4_v3_names[3] = {"valuation", "veracity", "validity"};

bool
w4_tensor_ok(const W4Tensor *t)
{
	for (int i = 0; i < 3; i++)
	{
		if (t->dim[i] < 0 || t->dim[i] > W4_UNIT)
			return false;
	}
	return true;
}

/* --- text --- */

/* One number in text[start, end), spaces around it. */
static bool
parse_dimension(int32_t *out, const char *text, size_t start, size_t end, W4Fault *fault)
{
	W4Fault		inner = {"malformed number", 0};
	const char *point;
	int64_t		value;

	while (start < end && text[start] == ' ')
		start++;
	while (end > start && text[end - 1] == ' ')
		end--;
	if (start == end)
		return w4_fault(fault, "missing number in a tensor", start);
	if (!w4_decimal_parse(&value, text + start, end - start, TENSOR_DIGITS, false, false, &inner))
		return w4_fault(fault, inner.what, start + inner.offset);

	/* The decimal parser lets zeros beyond the last digit pass; the text form has none. */
	point = memchr(text + start, '.', end - start);
	if (point != NULL && text + end - point > 1 + TENSOR_DIGITS)
		return w4_fault(fault, "too many fraction digits", (size_t) (point - text) + 1 + TENSOR_DIGITS);
	if (value > W4_UNIT)
		return w4_fault(fault, "tensor dimension above 1", start);
	*out = (int32_t) value;
	return true;
}

bool
w4_tensor_parse(W4Tensor *out, const char *text, size_t len, W4Fault *fault)
{
	W4Tensor	read;
	size_t		start = 1;

	if (len == 0 || text[0] != '(')
		return w4_fault(fault, "tensor that is not in parentheses", 0);
	for (int i = 0; i < 3; i++)
	{
		char		delimiter = i < 2 ? ',' : ')';
		const char *found = memchr(text + start, delimiter, len - start);

		if (found == NULL)
			return w4_fault(fault, "tensor without three dimensions", len);
		if (!parse_dimension(&read.dim[i], text, start, (size_t) (found - text), fault))
			return false;
		start = (size_t) (found - text) + 1;
	}
	if (start != len)
		return w4_fault(fault, "text behind a tensor", start);
	*out = read;
	return true;
}

int
w4_tensor_format(char out[W4_TENSOR_TEXT_MAX], const W4Tensor *t)
{
	char		number[W4_DECIMAL_TEXT_MAX];
	int			n = 0;

	for (int i = 0; i < 3; i++)
	{
		int			len = w4_decimal_format(number, t->dim[i], TENSOR_DIGITS);

		out[n++] = i == 0 ? '(' : ',';
		memcpy(out + n, number, (size_t) len);
		n += len;
	}
	out[n++] = ')';
	return n;
}

/* --- composites --- */

/* Weights in twentieths; they add up to 20. */
static int32_t
weighted_mean(const W4Tensor *t, int64_t w0, int64_t w1, int64_t w2)
{
	int64_t		sum = t->dim[0] * w0 + t->dim[1] * w1 + t->dim[2] * w2;

	return (int32_t) ((sum + 10) / 20);
}

int32_t
w4_t3_composite(const W4Tensor *t)
{
	return weighted_mean(t, 8, 6, 6);
}

int32_t
w4_v3_composite(const W4Tensor *t)
{
	return weighted_mean(t, 6, 7, 7);
}

/* --- updates --- */

/* Compares before it adds, so that no delta can overflow. */
static int32_t
add_clamped(int64_t value, int64_t delta)
{
	if (delta >= W4_UNIT - value)
		return W4_UNIT;
	if (delta <= -value)
		return 0;
	return (int32_t) (value + delta);
}

W4Tensor
w4_tensor_add_clamped(const W4Tensor *t, const int64_t delta[3])
{
	W4Tensor	sum;

	for (int i = 0; i < 3; i++)
		sum.dim[i] = add_clamped(t->dim[i], delta[i]);
	return sum;
}

/* 0.02 * (quality - 0.5) * tenths / 10, rounded half away from zero. */
static int64_t
quality_delta(int32_t quality, int64_t tenths)
{
	int64_t		thousandths = 2 * ((int64_t) quality - W4_UNIT / 2) * tenths;

	return (thousandths + (thousandths < 0 ? -500 : 500)) / 1000;
}

W4Tensor
w4_t3_apply_quality(const W4Tensor *t, int32_t quality)
{
	const int64_t delta[3] = {
		quality_delta(quality, 10), quality_delta(quality, 8), quality_delta(quality, 6)
	};

	return w4_tensor_add_clamped(t, delta);
}

bool
w4_tensor_meets(const W4Tensor *t, const W4Tensor *minimum)
{
	for (int i = 0; i < 3; i++)
	{
		if (t->dim[i] < minimum->dim[i])
			return false;
	}
	return true;
}
