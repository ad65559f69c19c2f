/*-------------------------------------------------------------------------
 *
 * fuzz_tensor.c
 *		Tensor text, and arithmetic on arbitrary tensors.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "core/tensor.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool ok)
{
	if (!ok)
		abort();
}

static bool
same(const W4Tensor *a, const W4Tensor *b)
{
	return memcmp(a->dim, b->dim, sizeof(a->dim)) == 0;
}

/* What is accepted is in range, and its canonical text means the same. */
static void
fuzz_text(const char *text, size_t len)
{
	W4Tensor	t;
	W4Tensor	again;
	W4Fault		fault;
	char		canonical[W4_TENSOR_TEXT_MAX];
	int			n;

	if (!w4_tensor_parse(&t, text, len, &fault))
	{
		check(fault.what != NULL && fault.offset <= len);
		return;
	}
	check(w4_tensor_ok(&t));
	n = w4_tensor_format(canonical, &t);
	check(n > 0 && n <= W4_TENSOR_TEXT_MAX);
	check(w4_tensor_parse(&again, canonical, (size_t) n, &fault));
	check(same(&t, &again));
}

/* Any tensor in range, any delta: the results stay in range and monotone. */
static void
fuzz_arithmetic(const uint8_t *data)
{
	W4Tensor	t;
	W4Tensor	sum;
	int64_t		delta[3];
	char		text[W4_TENSOR_TEXT_MAX];
	int32_t		quality = (int32_t) (w4_get_u32be(data + 36) % (W4_UNIT + 1));

	for (int i = 0; i < 3; i++)
	{
		t.dim[i] = (int32_t) (w4_get_u32be(data + 4 * i) % (W4_UNIT + 1));
		delta[i] = (int64_t) w4_get_u64be(data + 12 + 8 * i);
	}
	sum = w4_tensor_add_clamped(&t, delta);
	check(w4_tensor_ok(&sum));
	for (int i = 0; i < 3; i++)
		check(delta[i] < 0 ? sum.dim[i] <= t.dim[i] : sum.dim[i] >= t.dim[i]);
	check(w4_t3_composite(&t) >= 0 && w4_t3_composite(&t) <= W4_UNIT);
	check(w4_v3_composite(&t) >= 0 && w4_v3_composite(&t) <= W4_UNIT);
	sum = w4_t3_apply_quality(&t, quality);
	check(w4_tensor_ok(&sum));
	check(quality < W4_UNIT / 2 ? w4_tensor_meets(&t, &sum) : w4_tensor_meets(&sum, &t));
	check(w4_tensor_format(text, &t) <= W4_TENSOR_TEXT_MAX);
	fuzz_text(text, (size_t) w4_tensor_format(text, &t));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_text((const char *) data, size);
	if (size >= 40)
		fuzz_arithmetic(data);
	return 0;
}
