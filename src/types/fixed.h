/*-------------------------------------------------------------------------
 *
 * fixed.h
 *		Between SQL numeric and the fixed-point integers that the types store.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_FIXED_H
#define W4_FIXED_H

#include "web4.h"

#include "utils/numeric.h"

#include "core/decimal.h"

/* value / 10^digits, without trailing zeros. */
extern Numeric w4_fixed_to_numeric(int64 value, int digits);

/* Exact or refused: NaN, infinities, more fraction digits and overflow are faults. */
extern bool w4_fixed_from_numeric(int64 *out, Numeric value, int digits, W4Fault *fault);

/* Did the parser refuse a well-formed number because it is too large? */
extern bool w4_fixed_out_of_range(const W4Fault *fault);

#endif							/* W4_FIXED_H */
