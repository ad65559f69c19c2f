/*-------------------------------------------------------------------------
 *
 * hash.c
 *		SHA-256 for the way of every decision.
 *
 *-------------------------------------------------------------------------
 */
#include "host/hash.h"

#include "common/cryptohash.h"

void
w4_hash(uint8_t out[32], const W4Slice *parts, int n)
{
	pg_cryptohash_ctx *ctx = pg_cryptohash_create(PG_SHA256);
	bool		ok = ctx != NULL && pg_cryptohash_init(ctx) >= 0;

	for (int i = 0; ok && i < n; i++)
		ok = pg_cryptohash_update(ctx, parts[i].data, parts[i].len) >= 0;
	if (!ok || pg_cryptohash_final(ctx, out, 32) < 0)
		elog(ERROR, "could not compute a SHA-256 hash");
	pg_cryptohash_free(ctx);
}
