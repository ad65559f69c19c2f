/*-------------------------------------------------------------------------
 *
 * decimal.h
 *		Fixed-point decimals: ATP amounts (6 digits) and tensor dimensions (9).
 *
 *
 * The only spelling of a value is digits, optionally '.' and fraction digits
 * without trailing zeros; no sign (except where a caller allows '-'), no
 * exponent, no leading zeros.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_DECIMAL_H
#define W4_DECIMAL_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#define W4_MICRO_ATP INT64_C(1000000)	/* 1 ATP */

/* Largest single amount: 2^32 ATP (economy spec 1.1). */
#define W4_ATP_MAX_AMOUNT (INT64_C(4294967296) * W4_MICRO_ATP)

/*
 * Parse "123.45" into an integer scaled by 10^digits (0 <= digits <= 18).
 * canonical: refuse trailing zeros, a bare '.', leading zeros (for signed text);
 * otherwise only refuse what is ambiguous or does not fit: "05.", ".50" and
 * zeros beyond the last digit are read, a nonzero digit there is refused, never
 * rounded.  allow_negative permits one '-' (never "-0" when canonical).
 */
extern bool w4_decimal_parse(int64_t *out, const char *text, size_t len, int digits,
							 bool allow_negative, bool canonical, W4Fault *fault);

#define W4_DECIMAL_TEXT_MAX 24
/* Writes the canonical text, NUL-terminated; returns its length, 0 if digits is out of range. */
extern int	w4_decimal_format(char out[W4_DECIMAL_TEXT_MAX], int64_t value, int digits);

extern bool w4_add_i64(int64_t a, int64_t b, int64_t *out);	/* false on overflow */
extern bool w4_sub_i64(int64_t a, int64_t b, int64_t *out);
extern bool w4_mul_i64(int64_t a, int64_t b, int64_t *out);

/*
 * a * b / c with a 128-bit intermediate, rounded toward zero, or with round_up
 * toward positive infinity; false on overflow or c <= 0.
 */
extern bool w4_muldiv_i64(int64_t a, int64_t b, int64_t c, bool round_up, int64_t *out);

#pragma GCC visibility pop

#endif							/* W4_DECIMAL_H */
