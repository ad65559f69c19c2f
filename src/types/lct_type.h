/*-------------------------------------------------------------------------
 *
 * lct_type.h
 *		The SQL type lct for C callers.
 *
 * An lct Datum points at 32 unaligned bytes: read it with DatumGetW4Lct() and
 * PG_GETARG_W4LCT() of host/value.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_LCT_TYPE_H
#define W4_LCT_TYPE_H

#include "core/lctid.h"
#include "host/value.h"

/* A palloc'd copy as a Datum. */
static inline Datum
w4_lct_datum(const uint8_t lct[W4_LCT_LEN])
{
	return PointerGetDatum(memcpy(palloc(W4_LCT_LEN), lct, W4_LCT_LEN));
}

static inline bool
w4_lct_equal(const uint8_t a[W4_LCT_LEN], const uint8_t b[W4_LCT_LEN])
{
	return memcmp(a, b, W4_LCT_LEN) == 0;
}

/* The text form as a palloc'd string. */
extern char *w4_lct_cstring(const uint8_t lct[W4_LCT_LEN]);

#endif							/* W4_LCT_TYPE_H */
