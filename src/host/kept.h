/*-------------------------------------------------------------------------
 *
 * kept.h
 *		Rows that a backend keeps from its lookups.
 *
 * Who an agent is, of which society it is a citizen, which law is in force:
 * every decision asks, and the answer seldom changes.  So what a lookup by a
 * whole unique key found stays in the backend's memory, and is forgotten as
 * PostgreSQL forgets its own catalog caches: the guard trigger of such a table
 * has every change send an invalidation with the commit, and a decision takes
 * in what was sent before it takes its snapshot.  A revocation therefore binds
 * every decision that begins after its COMMIT returned, as REVOKE does; and as
 * messages go out before locks are released, whoever waited for a row that was
 * changed has heard of the change.
 *
 * Which tables: those whose guard says so (web4.protect() in host/tables.sql).
 * "rows": what was found is kept; inserting is silent, so births cost nobody
 * anything.  "all": that there is no such row is kept, too.  "absence": that
 * there is none in the index that the guard names, which need not be unique;
 * the guard fires for the rows that the index takes.
 *
 * Only lookups under the latest snapshot take from here and add to it; under
 * SERIALIZABLE none does, so that its conflicts are detected.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_KEPT_H
#define W4_KEPT_H

#include "postgres.h"

#include "host/scan.h"

/* Longest key and row that are kept, and slots of an index: at most 20 MB, with rows of 300 bytes 8 MB. */
#define W4_KEPT_KEY_MAX 160
#define W4_KEPT_ROW_MAX 1024
#define W4_KEPT_SLOTS 16384

/* A lookup's key as bytes. */
typedef struct W4KeptKey
{
	uint16		len;
	uint32		hash;
	uint8_t		bytes[W4_KEPT_KEY_MAX];
} W4KeptKey;

/* A snapshot is about to be taken: take in what changed before it. */
extern uint64 w4_kept_catch_up(void);

/* May answers of this index be kept; the key to find them by. */
extern W4Keep w4_kept_key(W4KeptKey *key, W4Index *index, const Datum *keys);

/* True: the answer is known, a copy of the row or NULL for none. */
extern bool w4_kept_find(const W4Index *index, const W4KeptKey *key, HeapTuple *row);

/*
 * Keep what the index answered under a snapshot that w4_kept_catch_up() said
 * "since" for: a row, or NULL for none.
 */
extern void w4_kept_add(W4Index *index, const W4KeptKey *key, HeapTuple row, uint64 since);

#endif							/* W4_KEPT_H */
