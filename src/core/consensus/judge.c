/*-------------------------------------------------------------------------
 *
 * judge.c
 *		Is a proposed block one that the chain allows?  (Consensus spec 3.7(6).)
 *
 * What agreement knows itself (heights, hashes, certificates, whose turn it
 * was) it has checked before, see tip.h.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/replica.h"

/*
 * Does the state belong to this tip?  Whoever built on an older state would sign
 * a block that convicts it.
 */
static bool
state_is_of(const W4Replica *r, const W4Tip *tip)
{
	return r->exec.state.totals.height == tip->height;
}

/* --- transactions --- */

/* Let the id at "root" sink into a heap of n. */
static void
sink(uint8_t (*ids)[32], uint32_t root, uint32_t n)
{
	uint32_t	child;

	while ((child = 2 * root + 1) < n)
	{
		uint8_t		swap[32];

		if (child + 1 < n && memcmp(ids[child], ids[child + 1], 32) < 0)
			child++;
		if (memcmp(ids[root], ids[child], 32) >= 0)
			return;
		memcpy(swap, ids[root], 32);
		memcpy(ids[root], ids[child], 32);
		memcpy(ids[child], swap, 32);
		root = child;
	}
}

/* Heapsort: no memory, and no order of ids that a proposer could grind makes it slow. */
static bool
all_different(uint8_t (*ids)[32], uint32_t n)
{
	for (uint32_t i = n / 2; i-- > 0;)
		sink(ids, i, n);
	for (uint32_t i = n; i-- > 1;)
	{
		uint8_t		swap[32];

		memcpy(swap, ids[0], 32);
		memcpy(ids[0], ids[i], 32);
		memcpy(ids[i], swap, 32);
		sink(ids, 0, i);
	}
	for (uint32_t i = 1; i < n; i++)
	{
		if (w4_hash_eq(ids[i - 1], ids[i]))
			return false;
	}
	return true;
}

/* Nobody answers for a transaction of a signer that the chain does not know, but it must be signed. */
bool
w4_replica_tx(W4Replica *r, const W4Tip *tip, W4Slice item, uint8_t id[32])
{
	uint16_t	code = w4_exec_admissible(&r->exec, item, &tip->members[1]);
	W4Tx		tx;

	if (!state_is_of(r, tip) || w4_tx_code_invalid(code) || !w4_tx_decode(&tx, item, NULL) ||
		(code == W4_TXC_UNKNOWN_SIGNER && !w4_exec_signed(&r->exec, &tx)))
		return false;
	w4_hash_copy(id, tx.id);
	return true;
}

static bool
txs_ok(W4Replica *r, const W4Tip *tip, const W4Block *block)
{
	uint32_t	n = 0;
	size_t		pos = 0;
	W4Slice		item;

	while (w4_block_next_item(block->txs, &pos, &item))
	{
		if (!w4_replica_tx(r, tip, item, r->ids[n++]))
			return false;
	}
	return all_different(r->ids, n);
}

/* --- evidence --- */

typedef struct Bench
{
	W4Replica  *replica;
	const W4Tip *tip;
} Bench;

static bool
carries_bad_block(const W4Block *block)
{
	size_t		pos = 0;
	W4Slice		item;

	while (w4_block_next_item(block->evidence, &pos, &item))
	{
		if (item.data[0] == W4_BAD_BLOCK)
			return true;
	}
	return false;
}

/* E2: only on our newest block, since only there we have everything the rules ask for. */
static bool
breaks_rule(void *arg, const W4Block *block)
{
	Bench	   *b = arg;

	return block->header.height == b->tip->height + 1 && w4_hash_eq(block->header.parent, b->tip->hash) &&
		!carries_bad_block(block) &&
		(w4_tip_refuses(b->tip, block, b->replica->exec.state.chain_id, &b->replica->suite) ||
		 w4_replica_judge(b->replica, b->tip, block) == W4_BLOCK_BAD);
}

bool
w4_replica_evidence(W4Replica *r, const W4Tip *tip, W4Slice evidence, W4Conviction *out, W4Fault *fault)
{
	const W4Council *council = r->exec.state.council;
	uint64_t	height = w4_evidence_height(evidence);
	uint64_t	now = tip->height + 1;
	Bench		bench = {r, tip};
	W4Members	set;
	W4EvidenceContext context = {r->exec.state.chain_id, &set, &r->suite, breaks_rule, &bench, NULL};

	if (!state_is_of(r, tip))
		return w4_fault(fault, "state of another height", 0);
	if (height == 0 || height > now || now - height > W4_EVIDENCE_WINDOW)
		return w4_fault(fault, "evidence outside its window", 0);
	if (!w4_history_members(&council->history, &tip->members[2], height, &set))
		return w4_fault(fault, "members of that height are forgotten", 0);
	if (!w4_evidence_check(out, evidence, &context, fault))
		return false;
	return !w4_strikes_known(&council->strikes, out) || w4_fault(fault, "evidence committed before", 0);
}

static bool
evidence_ok(W4Replica *r, const W4Tip *tip, const W4Block *block)
{
	W4Conviction seen[W4_MAX_BLOCK_EVIDENCE];
	int			n = 0;
	size_t		pos = 0;
	W4Slice		item;

	while (w4_block_next_item(block->evidence, &pos, &item))
	{
		if (!w4_replica_evidence(r, tip, item, &seen[n], NULL))
			return false;
		for (int i = 0; i < n; i++)
		{
			if (w4_same_conviction(&seen[i], &seen[n]))
				return false;
		}
		n++;
	}
	return true;
}

/* --- the block --- */

W4Verdict
w4_replica_judge(W4Replica *r, const W4Tip *tip, const W4Block *block)
{
	const W4State *s = &r->exec.state;

	if (!state_is_of(r, tip) || block->header.height != tip->height + 1)
		return W4_BLOCK_UNWANTED;
	if (block->header.time_us <= s->totals.time_us || block->header.time_us >= W4_EXEC_MAX_TIME ||
		block->header.tx_count > (uint64_t) s->params.v[W4_P_MAX_BLOCK_TXS])
		return W4_BLOCK_BAD;
	return txs_ok(r, tip, block) && evidence_ok(r, tip, block) ? W4_BLOCK_GOOD : W4_BLOCK_BAD;
}
