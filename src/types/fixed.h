/*-------------------------------------------------------------------------
 *
 * fixed.h
 *		From SQL numeric to the fixed-point integers that the types store.
 *
 * The other direction is w4_fixed_numeric() of host/value.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_FIXED_H
#define W4_FIXED_H

#include "web4.h"

#include "utils/numeric.h"

#include "core/decimal.h"

/* Exact or refused: NaN, infinities, more fraction digits and overflow are faults. */
extern bool w4_fixed_from_numeric(int64 *out, Numeric value, int digits, W4Fault *fault);

/* Did the parser refuse a well-formed number because it is too large? */
extern bool w4_fixed_out_of_range(const W4Fault *fault);

#endif							/* W4_FIXED_H */
