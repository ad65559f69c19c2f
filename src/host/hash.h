/*-------------------------------------------------------------------------
 *
 * hash.h
 *		SHA-256 for the way of every decision.
 *
 * The same function as in core/crypto.h, computed by PostgreSQL: where it is
 * built with OpenSSL that uses what the processor has for SHA-256, which
 * libsodium does not, and takes a third of the time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_HASH_H
#define W4_HASH_H

#include "postgres.h"

#include "core/bytes.h"

/* Of the parts one after the other.  Only inside a transaction. */
extern void w4_hash(uint8_t out[32], const W4Slice *parts, int n);

static inline void
w4_hash_one(uint8_t out[32], const void *bytes, size_t len)
{
	W4Slice		part = w4_slice(bytes, len);

	w4_hash(out, &part, 1);
}

#endif							/* W4_HASH_H */
