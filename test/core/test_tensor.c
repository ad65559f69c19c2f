/*-------------------------------------------------------------------------
 *
 * test_tensor.c
 *		Trust tensors: the vectors of economy spec 3.3, text form, clamping.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/tensor.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A tensor in thousandths, as the specification writes its vectors. */
static W4Tensor
milli(int a, int b, int c)
{
	W4Tensor	t = {{a * 1000000, b * 1000000, c * 1000000}};

	return t;
}

static void
assert_tensor(W4Tensor t, int32_t a, int32_t b, int32_t c)
{
	assert_int_equal(t.dim[0], a);
	assert_int_equal(t.dim[1], b);
	assert_int_equal(t.dim[2], c);
}

/* --- vectors of the specification --- */

static void
test_names(void **state)
{
	(void) state;
	assert_string_equal(w4_t3_names[0], "talent");
	assert_string_equal(w4_t3_names[1], "training");
	assert_string_equal(w4_t3_names[2], "temperament");
	assert_string_equal(w4_v3_names[0], "valuation");
	assert_string_equal(w4_v3_names[1], "veracity");
	assert_string_equal(w4_v3_names[2], "validity");
}

static void
test_composites(void **state)
{
	W4Tensor	t = milli(800, 700, 900);

	(void) state;
	assert_int_equal(w4_t3_composite(&t), 800000000);
	t = milli(300, 850, 800);
	assert_int_equal(w4_v3_composite(&t), 667500000);
	t = milli(950, 920, 880);
	assert_int_equal(w4_t3_composite(&t), 920000000);
	t = milli(0, 0, 0);
	assert_int_equal(w4_t3_composite(&t), 0);
	assert_int_equal(w4_v3_composite(&t), 0);
	t = milli(1000, 1000, 1000);
	assert_int_equal(w4_t3_composite(&t), W4_UNIT);
	assert_int_equal(w4_v3_composite(&t), W4_UNIT);
}

/* Fractions of a unit of 1e-9: below a half down, from a half up. */
static void
test_composites_round_half_up(void **state)
{
	W4Tensor	t = {{1, 0, 0}};

	(void) state;
	assert_int_equal(w4_t3_composite(&t), 0);	/* 0.4 */
	assert_int_equal(w4_v3_composite(&t), 0);	/* 0.3 */
	t.dim[0] = 2;
	assert_int_equal(w4_t3_composite(&t), 1);	/* 0.8 */
	t.dim[0] = 3;
	assert_int_equal(w4_t3_composite(&t), 1);	/* 1.2 */
	t = (W4Tensor) {{1, 1, 0}};
	assert_int_equal(w4_v3_composite(&t), 1);	/* 0.65 */
	t = (W4Tensor) {{5, 0, 0}};
	assert_int_equal(w4_v3_composite(&t), 2);	/* 1.5 */
	t = (W4Tensor) {{0, 5, 0}};
	assert_int_equal(w4_t3_composite(&t), 2);	/* 1.5 */
	assert_int_equal(w4_v3_composite(&t), 2);	/* 1.75 */
}

static void
test_quality_updates(void **state)
{
	W4Tensor	t = milli(500, 500, 500);

	(void) state;
	assert_tensor(w4_t3_apply_quality(&t, 800000000), 506000000, 504800000, 503600000);
	assert_tensor(w4_t3_apply_quality(&t, 300000000), 496000000, 496800000, 497600000);
	assert_tensor(w4_t3_apply_quality(&t, 500000000), 500000000, 500000000, 500000000);
	t = milli(10, 10, 10);
	assert_tensor(w4_t3_apply_quality(&t, 0), 0, 2000000, 4000000);
	t = milli(990, 990, 990);
	assert_tensor(w4_t3_apply_quality(&t, W4_UNIT), W4_UNIT, 998000000, 996000000);
}

/* Deltas of 0.5 units of 1e-9 move away from zero, on both sides alike. */
static void
test_quality_rounds_away_from_zero(void **state)
{
	W4Tensor	t = milli(500, 500, 500);

	(void) state;
	assert_tensor(w4_t3_apply_quality(&t, 500000024), 500000000, 500000000, 500000000);
	assert_tensor(w4_t3_apply_quality(&t, 500000025), 500000001, 500000000, 500000000);
	assert_tensor(w4_t3_apply_quality(&t, 499999975), 499999999, 500000000, 500000000);
	assert_tensor(w4_t3_apply_quality(&t, 499999976), 500000000, 500000000, 500000000);
	assert_tensor(w4_t3_apply_quality(&t, 500000032), 500000001, 500000001, 500000000);
	assert_tensor(w4_t3_apply_quality(&t, 499999958), 499999999, 499999999, 499999999);
}

/* The V3 part of the quality path: veracity and validity move by 0.02 (q - 0.5). */
static void
test_value_delta(void **state)
{
	W4Tensor	t = milli(300, 850, 800);
	const int64_t delta[3] = {0, 6000000, 6000000};

	(void) state;
	assert_tensor(w4_tensor_add_clamped(&t, delta), 300000000, 856000000, 806000000);
}

static void
test_role_requirement(void **state)
{
	W4Tensor	minimum = milli(700, 900, 850);
	W4Tensor	t = milli(950, 920, 880);

	(void) state;
	assert_true(w4_tensor_meets(&t, &minimum));
	assert_true(w4_tensor_meets(&minimum, &minimum));
	for (int i = 0; i < 3; i++)
	{
		t = milli(950, 920, 880);
		t.dim[i] = minimum.dim[i] - 1;
		assert_false(w4_tensor_meets(&t, &minimum));
	}
}

/* --- clamping --- */

static void
test_clamping(void **state)
{
	const int64_t up[3] = {INT64_MAX, 500000000, 500000001};
	const int64_t down[3] = {INT64_MIN, -500000000, -500000001};
	const int64_t just[3] = {499999999, -499999999, 0};
	W4Tensor	t = milli(500, 500, 500);

	(void) state;
	assert_tensor(w4_tensor_add_clamped(&t, up), W4_UNIT, W4_UNIT, W4_UNIT);
	assert_tensor(w4_tensor_add_clamped(&t, down), 0, 0, 0);
	assert_tensor(w4_tensor_add_clamped(&t, just), 999999999, 1, 500000000);
	t = milli(0, 1000, 0);
	assert_tensor(w4_tensor_add_clamped(&t, up), W4_UNIT, W4_UNIT, 500000001);
	assert_tensor(w4_tensor_add_clamped(&t, down), 0, 500000000, 0);
}

static void
test_range(void **state)
{
	W4Tensor	t = milli(0, 1000, 500);

	(void) state;
	assert_true(w4_tensor_ok(&t));
	for (int i = 0; i < 3; i++)
	{
		t = milli(0, 1000, 500);
		t.dim[i] = -1;
		assert_false(w4_tensor_ok(&t));
		t.dim[i] = W4_UNIT + 1;
		assert_false(w4_tensor_ok(&t));
		t.dim[i] = INT32_MAX;
		assert_false(w4_tensor_ok(&t));
		t.dim[i] = INT32_MIN;
		assert_false(w4_tensor_ok(&t));
	}
}

/* --- text --- */

static bool
parse(W4Tensor *t, const char *text, W4Fault *fault)
{
	return w4_tensor_parse(t, text, strlen(text), fault);
}

static void
assert_format(const W4Tensor *t, const char *expected)
{
	char		text[W4_TENSOR_TEXT_MAX];

	assert_int_equal(w4_tensor_format(text, t), strlen(expected));
	assert_memory_equal(text, expected, strlen(expected));
}

static void
test_canonical_text(void **state)
{
	static const char *const texts[] = {
		"(0,0,0)", "(1,1,1)", "(0.5,0.25,1)", "(0.000000001,0.999999999,0.123456789)", "(0.1,0.02,0.003)"
	};
	W4Tensor	t;

	(void) state;
	for (size_t i = 0; i < COUNT(texts); i++)
	{
		assert_true(parse(&t, texts[i], NULL));
		assert_true(w4_tensor_ok(&t));
		assert_format(&t, texts[i]);
	}
	assert_true(parse(&t, "(0.000000001,0.999999999,0.123456789)", NULL));
	assert_tensor(t, 1, 999999999, 123456789);
}

static void
test_lenient_text(void **state)
{
	W4Tensor	t;

	(void) state;
	assert_true(parse(&t, "( .5 ,  0.250,1.000000000   )", NULL));
	assert_format(&t, "(0.5,0.25,1)");
}

static void
test_refused_text(void **state)
{
	static const char *const bad[] = {
		"", "(", ")", "()", "(,)", "(,,)", "(1)", "(1,1)", "(1,1,)", "(,1,1)", "(1,,1)", "(1,1,1", "1,1,1",
		"1,1,1)", "(1,1,1,1)", "(1,1,1))", "((1,1,1)", " (1,1,1)", "(1,1,1) ", "(1,1,1)x", "[1,1,1]",
		"(1.000000001,0,0)", "(2,0,0)", "(0,99999999999999999999,0)", "(0,0,-0.1)", "(-0,0,0)",
		"(0.1234567891,0,0)", "(0.5000000000,0,0)", "(1e0,0,0)", "(NaN,0,0)", "(Infinity,0,0)", "(+1,0,0)",
		"(0x1,0,0)", "(0.5 5,0,0)", "(0. 5,0,0)", "(\t1,0,0)", "(1\n,0,0)", "(0,5,0,5,0,5)", "(1;1;1)",
		"(.,0,0)", "(1..,0,0)", "(1.0.0,0,0)"
	};
	W4Tensor	t = milli(1, 2, 3);
	W4Fault		fault;

	(void) state;
	for (size_t i = 0; i < COUNT(bad); i++)
	{
		fault.what = NULL;
		if (parse(&t, bad[i], &fault))
			fail_msg("accepted: %s", bad[i]);
		assert_non_null(fault.what);
		assert_true(fault.offset <= strlen(bad[i]));
	}
	assert_tensor(t, 1000000, 2000000, 3000000);
	assert_false(w4_tensor_parse(&t, "(1,1,\0001)", 8, NULL));
}

static void
test_fault_offsets(void **state)
{
	W4Tensor	t;
	W4Fault		fault;

	(void) state;
	assert_false(parse(&t, "(0.5, 0.5, 2)", &fault));
	assert_int_equal(fault.offset, 11);
	assert_false(parse(&t, "(0.5, 0.1234567891, 1)", &fault));
	assert_int_equal(fault.offset, 17);
	assert_false(parse(&t, "(0.5, 0.5000000000, 1)", &fault));
	assert_int_equal(fault.offset, 17);
	assert_false(parse(&t, "(0.5,  ,1)", &fault));
	assert_int_equal(fault.offset, 7);
	assert_false(parse(&t, "(1,1,1)!", &fault));
	assert_int_equal(fault.offset, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_composites),
		cmocka_unit_test(test_composites_round_half_up),
		cmocka_unit_test(test_quality_updates),
		cmocka_unit_test(test_quality_rounds_away_from_zero),
		cmocka_unit_test(test_value_delta),
		cmocka_unit_test(test_role_requirement),
		cmocka_unit_test(test_clamping),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_canonical_text),
		cmocka_unit_test(test_lenient_text),
		cmocka_unit_test(test_refused_text),
		cmocka_unit_test(test_fault_offsets)
	};

	return cmocka_run_group_tests_name("tensor", tests, NULL, NULL);
}
