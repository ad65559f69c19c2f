/*-------------------------------------------------------------------------
 *
 * exec_snapshot.h
 *		The whole state in chunks, for a peer that joins or was away too long.
 *
 * Chunk 0 is the head:
 *		"W4SN1" | chain id[32] | previous digest[32] | results root[32] |
 *		totals[W4_TOTALS_LEN] | parameters | entries of each table u64be |
 *		u32be length, council (council.h)
 * every other chunk holds consecutive entries of one table, as many as fit:
 *		table u8 | rank of the first u64be | entries u32be | (key | value) ...
 * Tables follow each other in their order, entries in the order of keys, so a
 * state has one sequence of chunks.
 *
 * The manifest is the list of leaf hashes of the chunks (w4_merkle_leaf_hash),
 * its RFC 6962 root the snapshot root; a chunk fetched alone is checked by
 * w4_merkle_verify_inclusion.  The state after a height that is a multiple of
 * the chain's "checkpoint" parameter has its snapshot root under the checkpoint
 * root of the next header, beside the tip (checkpoint.h).
 *
 * Whatever the source claimed, the loaded state must reproduce the digest that
 * the loader knows from a certified header, and pass the audit.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_EXEC_SNAPSHOT_H
#define W4_CONSENSUS_EXEC_SNAPSHOT_H

#include "core/consensus/exec.h"

#pragma GCC visibility push(hidden)

#define W4_SNAPSHOT_HEAD_MIN (5 + 3 * 32 + W4_TOTALS_LEN + W4_PARAMS_WIRE_LEN + 8 * W4_NTABLES + 4)
#define W4_SNAPSHOT_HEAD_MAX (W4_SNAPSHOT_HEAD_MIN + W4_COUNCIL_WIRE_MAX)

/* --- writing --- */

typedef struct W4SnapshotWriter
{
	const W4State *state;		/* must not change meanwhile */
	W4TableCursor cursor;
	int			table;			/* -1: the head is next */
	uint32_t	rank;			/* entries of the table already written */
} W4SnapshotWriter;

/* Chunks that there will be, head included. */
extern uint32_t w4_snapshot_chunks(const W4State *s);

/*
 * The most that there can be on a chain with these genesis parameters: what a
 * joiner makes room for (W4SyncConfig.max_chunks).  Less, and it would blame
 * honest sources.  Never above W4_MAX_CHUNKS.
 */
extern uint32_t w4_snapshot_max_chunks(const W4Params *genesis);

extern void w4_snapshot_begin(W4SnapshotWriter *w, const W4State *s);
/* The next chunk, at most W4_MAX_CHUNK_BYTES bytes; false at the end. */
extern bool w4_snapshot_next(W4SnapshotWriter *w, W4Writer *out);

/* The snapshot root; "chunk" is scratch of W4_MAX_CHUNK_BYTES bytes. */
extern void w4_snapshot_root(uint8_t out[32], const W4State *s, uint8_t *chunk);

/* --- loading --- */

typedef struct W4SnapshotHead
{
	uint8_t		previous[32];
	uint8_t		results_root[32];
	W4Totals	totals;
	W4Params	params;
	uint32_t	count[W4_NTABLES];
	W4Slice		council;		/* borrowed from the chunk */
} W4SnapshotHead;

/*
 * Read chunk 0.  "genesis" are the parameters of the chain's genesis: what
 * only genesis decides must be equal, so that a stranger cannot choose how
 * much memory we take.
 */
extern bool w4_snapshot_head(W4SnapshotHead *head, W4Slice chunk, const uint8_t chain_id[32],
							 const W4Params *genesis, W4Fault *fault);

/* The least sizes that hold it; 0 bytes of memory for them: the chain cannot have such a state. */
extern void w4_snapshot_sizes(W4ExecSizes *out, const W4SnapshotHead *head);

typedef struct W4SnapshotLoader
{
	W4Exec	   *exec;
	const W4SnapshotHead *head;
	int			table;
	uint32_t	rank;
	bool		failed;
	uint8_t		last_key[W4_TABLE_MAX_KEY];
} W4SnapshotLoader;

/*
 * x: fresh from w4_exec_init with head->params and sizes of at least
 * w4_snapshot_sizes; false when they are less, or the council is malformed.  "head"
 * must outlive the loader, its chunk only this call.  Once false, x is good for
 * nothing but w4_exec_init.
 */
extern bool w4_snapshot_load(W4SnapshotLoader *l, W4Exec *x, const W4SnapshotHead *head);

/* Chunks 1, 2, ... in order.  Once false, x is good for nothing but w4_exec_init. */
extern bool w4_snapshot_chunk(W4SnapshotLoader *l, W4Slice chunk, W4Fault *fault);

/* All chunks are there, the digest is this one, and the audit finds nothing. */
extern bool w4_snapshot_finish(W4SnapshotLoader *l, const uint8_t digest[32], W4Fault *fault);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_EXEC_SNAPSHOT_H */
