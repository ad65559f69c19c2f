/*-------------------------------------------------------------------------
 *
 * clock.h
 *		The server's clock and its conversions.
 *
 * Expiry and freshness go by GetCurrentTimestamp(): now() is frozen at the
 * start of a transaction, so a client could begin before an expiry and act
 * after it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CLOCK_H
#define W4_CLOCK_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/timestamp.h"

/* Microseconds between 1970-01-01 (signed bytes) and 2000-01-01 (timestamptz). */
#define W4_EPOCH_DIFF_US INT64CONST(946684800000000)

#define w4_unix_from_timestamptz(t) ((int64) (t) + W4_EPOCH_DIFF_US)
#define w4_timestamptz_from_unix(us) ((TimestampTz) ((us) - W4_EPOCH_DIFF_US))

/* How far a signed document's time may lie from ours: 300 s (identity spec 2.5). */
#define W4_FRESHNESS_US (INT64CONST(300) * USECS_PER_SEC)

/* Is the signed time within the freshness window around "now" (both unix microseconds)? */
static inline bool
w4_is_fresh(int64 signed_us, int64 now_us)
{
	int64		distance = signed_us > now_us ? signed_us - now_us : now_us - signed_us;

	return distance <= W4_FRESHNESS_US;
}

#endif							/* W4_CLOCK_H */
