/*-------------------------------------------------------------------------
 *
 * timestamp.h
 *		Timestamps of signed text: RFC 3339 UTC, 'Z', 0, 3 or 6 fraction digits.
 *
 *
 * Times are int64 microseconds since 1970-01-01T00:00:00Z.  Only the shortest
 * fraction that loses nothing is canonical (identity spec 1.6).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_TIMESTAMP_H
#define W4_TIMESTAMP_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#define W4_TIMESTAMP_TEXT_MAX 27	/* YYYY-MM-DDTHH:MM:SS.ffffffZ */
#define W4_TIMESTAMP_MIN INT64_C(1577836800000000)	/* 2020-01-01T00:00:00Z */
#define W4_TIMESTAMP_MAX INT64_C(4102444800000000)	/* 2100-01-01T00:00:00Z */

/* Refuses offsets, lower case, leap seconds, impossible dates, non-shortest fractions, out of range. */
extern bool w4_timestamp_parse(int64_t *unix_us, const char *text, size_t len, W4Fault *fault);

/*
 * Returns the length (no terminator is written), or 0 for a value outside of
 * the years 0001 to 9999.
 */
extern int	w4_timestamp_format(char out[W4_TIMESTAMP_TEXT_MAX], int64_t unix_us);

#pragma GCC visibility pop

#endif							/* W4_TIMESTAMP_H */
