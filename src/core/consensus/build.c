/*-------------------------------------------------------------------------
 *
 * build.c
 *		A block's contents that judge will find good.
 *
 * A proposer signs what it builds, and a bad block convicts it (E2), so one and
 * the same code decides what goes in and what is refused.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/replica.h"

void
w4_build_begin(W4Build *b, W4Replica *r, const W4Tip *tip, W4Writer evidence, W4Writer txs)
{
	b->replica = r;
	b->tip = tip;
	b->evidence = evidence;
	b->txs = txs;
	b->convictions = 0;
	b->ntxs = 0;
}

/* Append to a run unless it does not fit; a run that is full takes smaller ones still. */
static bool
append(W4Writer *run, W4Slice item)
{
	if (item.len == 0 || item.len > run->cap - run->len || run->cap - run->len - item.len < 4)
		return false;
	w4_put_run(run, item);
	return true;
}

bool
w4_build_evidence(W4Build *b, W4Slice item)
{
	W4Conviction *c = &b->conviction[b->convictions];

	/* Judging evidence may use the memory in which the ids of transactions stand. */
	if (b->ntxs > 0 || b->convictions == W4_MAX_BLOCK_EVIDENCE ||
		b->evidence.len + 4 + item.len > W4_MAX_EVIDENCE_BYTES ||
		!w4_replica_evidence(b->replica, b->tip, item, c, NULL))
		return false;
	for (int i = 0; i < b->convictions; i++)
	{
		if (w4_same_conviction(&b->conviction[i], c))
			return false;
	}
	if (!append(&b->evidence, item))
		return false;
	b->convictions++;
	return true;
}

bool
w4_build_tx(W4Build *b, W4Slice tx)
{
	W4Replica  *r = b->replica;
	uint8_t		id[32];

	if (b->ntxs >= (uint64_t) r->exec.state.params.v[W4_P_MAX_BLOCK_TXS] || tx.len > W4_MAX_TX_BYTES ||
		!w4_replica_tx(r, b->tip, tx, id))
		return false;
	for (uint32_t i = 0; i < b->ntxs; i++)
	{
		if (w4_hash_eq(r->ids[i], id))
			return false;
	}
	if (!append(&b->txs, tx))
		return false;
	w4_hash_copy(r->ids[b->ntxs++], id);
	return true;
}
