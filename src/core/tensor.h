/*-------------------------------------------------------------------------
 *
 * tensor.h
 *		T3 and V3 trust tensors: three fixed-point dimensions in units of 1e-9.
 *
 *
 * Economy spec 3.3.  Range 0 .. W4_UNIT; updates clamp, input never does.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_TENSOR_H
#define W4_TENSOR_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#define W4_UNIT 1000000000		/* 1.0 */

typedef struct W4Tensor
{
	int32_t		dim[3];			/* T3: talent, training, temperament; V3: valuation, veracity, validity */
} W4Tensor;

extern const char *const w4_t3_names[3];
extern const char *const w4_v3_names[3];

extern bool w4_tensor_ok(const W4Tensor *t);

/*
 * "(a,b,c)" with plain decimals of at most 9 fraction digits; spaces around
 * numbers allowed on input.  *out is untouched when parsing fails; formatting
 * returns the length and writes no terminator.
 */
#define W4_TENSOR_TEXT_MAX 40
extern bool w4_tensor_parse(W4Tensor *out, const char *text, size_t len, W4Fault *fault);
extern int	w4_tensor_format(char out[W4_TENSOR_TEXT_MAX], const W4Tensor *t);

/* .4/.3/.3 and .3/.35/.35, exact: rounded half up to 1e-9.  For tensors that are ok. */
extern int32_t w4_t3_composite(const W4Tensor *t);
extern int32_t w4_v3_composite(const W4Tensor *t);

/* t + delta per dimension, clamped to [0, W4_UNIT]; delta in units of 1e-9. */
extern W4Tensor w4_tensor_add_clamped(const W4Tensor *t, const int64_t delta[3]);

/* SPEC quality update: base = 0.02 (q - 0.5), factors 1.0, 0.8, 0.6; half away from zero. */
extern W4Tensor w4_t3_apply_quality(const W4Tensor *t, int32_t quality);

/* Every dimension at least the minimum's? */
extern bool w4_tensor_meets(const W4Tensor *t, const W4Tensor *minimum);

#pragma GCC visibility pop

#endif							/* W4_TENSOR_H */
