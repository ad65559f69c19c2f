/*-------------------------------------------------------------------------
 *
 * replica.h
 *		The replicated state machine: what a host puts behind judge and apply.
 *
 * Agreement (consensus.h) decides blocks and does not look into them; the
 * executor (exec.h) runs transactions and knows no blocks, no evidence, no
 * checkpoints.  Here they meet: a block of the one becomes a block of the other,
 * evidence becomes convictions, and the outcome what the next header carries.
 * All of it is a pure function of the chain: the state, the tip (which follows
 * from the blocks, too) and the block.  No clock, no allocation, no globals.
 *
 * What a host does:
 *	genesis		w4_replica_init, w4_exec_genesis(&r->exec, ...), see there for how
 *				the chain id is found; w4_replica_genesis_tip
 *	judge		w4_replica_judge with the core's tip (w4_consensus_tip)
 *	build		w4_build_begin, w4_build_evidence, w4_build_tx: what does not go in
 *				would have made the block one that convicts its builder
 *	apply		w4_replica_apply with the same tip; W4_EXEC_GROW: w4_replica_grow and
 *				again; anything else but W4_EXEC_OK: halt.  Results of the
 *				transactions stand in r->results until the next block.
 *	checkpoint	after an apply that gave a checkpoint root: w4_replica_snapshot, and
 *				keep the chunks for those who join
 *	joining		w4_sync (sync.h) gives the tip and the chunks: w4_snapshot_head,
 *				w4_replica_init with its parameters and w4_snapshot_sizes,
 *				w4_snapshot_load into &r->exec, w4_snapshot_chunk, w4_snapshot_finish
 *				with the tip's state digest
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_REPLICA_H
#define W4_CONSENSUS_REPLICA_H

#include "core/consensus/consensus.h"
#include "core/consensus/exec.h"
#include "core/consensus/exec_snapshot.h"

#pragma GCC visibility push(hidden)

typedef struct W4Replica
{
	W4Exec		exec;
	W4Suite		suite;			/* of votes, for evidence */
	W4TxResult *results;		/* of the last block: transactions, then evidence */
	uint32_t	nresults;
	/* scratch */
	W4Slice    *txs;
	uint8_t		(*ids)[32];
	W4ExecOffence *offences;	/* W4_MAX_BLOCK_EVIDENCE */
	uint8_t    *chunk;
} W4Replica;

/* Memory in bytes; 0 for sizes or parameters that are not ok. */
extern size_t w4_replica_memory(const W4Params *params, const W4ExecSizes *sizes);

/*
 * votes: the suite of the consensus core.  txs: that of the executor, NULL for
 * Ed25519 (exec.h).  mem is aligned as for uint64_t.
 */
extern bool w4_replica_init(W4Replica *r, void *mem, size_t len, const uint8_t chain_id[32], const W4Params *params,
							const W4ExecSizes *sizes, const W4Suite *votes, const W4Suite *txs);

/* Move to a larger memory; "from" may be released afterwards. */
extern bool w4_replica_grow(W4Replica *to, void *mem, size_t len, const W4ExecSizes *sizes, const W4Replica *from);

/* The tip before the first block; the state is that of genesis. */
extern void w4_replica_genesis_tip(const W4Replica *r, const W4Members *set, W4Tip *out);

/*
 * W4Host.judge.  BAD: a transaction is malformed, out of its time, used up, not
 * rightly signed, or there twice; evidence that does not convict, is outside the
 * window, committed already, or there twice.  UNWANTED: not a block of the next
 * height at all.  What concerns money, quality or votes is no reason to refuse.
 */
extern W4Verdict w4_replica_judge(W4Replica *r, const W4Tip *tip, const W4Block *block);

/* May the block after the tip, which is that of the state, carry this transaction?  Its id, if so. */
extern bool w4_replica_tx(W4Replica *r, const W4Tip *tip, W4Slice tx, uint8_t id[32]);

/*
 * Does this evidence convict somebody, in the block after the tip, of something
 * new?  A bad block (E2) is judged against the very tip it was proposed on, so
 * it counts in the same height only; and not if it carries such evidence itself,
 * or judging would never end.
 */
extern bool w4_replica_evidence(W4Replica *r, const W4Tip *tip, W4Slice evidence, W4Conviction *out, W4Fault *fault);

/* --- building: evidence first, then transactions --- */

typedef struct W4Build
{
	W4Replica  *replica;
	const W4Tip *tip;
	W4Writer	evidence;		/* runs of items, for W4Host.build */
	W4Writer	txs;
	int			convictions;
	W4Conviction conviction[W4_MAX_BLOCK_EVIDENCE];
	uint32_t	ntxs;
} W4Build;

/*
 * The buffers bound the block: with W4_BLOCK_HEADER_LEN, 2 and
 * W4_CERT_WIRE_MAX they must stay within W4Config.max_block.
 */
extern void w4_build_begin(W4Build *b, W4Replica *r, const W4Tip *tip, W4Writer evidence, W4Writer txs);

/* True if it went in; no evidence once there is a transaction. */
extern bool w4_build_evidence(W4Build *b, W4Slice item);
extern bool w4_build_tx(W4Build *b, W4Slice tx);

/* --- deciding --- */

/* W4Host.apply.  Unless W4_EXEC_OK nothing has changed, and *out is undefined. */
extern W4ExecStatus w4_replica_apply(W4Replica *r, const W4Tip *tip, const W4Block *block, W4Applied *out);

/* Begin to write the snapshot of the last block, which was a checkpoint; else false. */
extern bool w4_replica_snapshot(W4SnapshotWriter *w, const W4Replica *r);

/* Does the header after this height cover a snapshot? */
static inline bool
w4_is_checkpoint(const W4Params *params, uint64_t height)
{
	return height > 0 && height % (uint64_t) params->v[W4_P_CHECKPOINT] == 0;
}

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_REPLICA_H */
