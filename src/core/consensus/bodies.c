/*-------------------------------------------------------------------------
 *
 * bodies.c
 *		The blocks at hand: five buffers, whatever the others send.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

const W4Block *
w4_body_of(const W4Consensus *c, const uint8_t hash[32])
{
	static const W4HeldSlot slots[] = {W4_HELD_PROPOSAL, W4_HELD_PREPARED, W4_HELD_FETCHED};

	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		if (c->held[slots[i]].full && w4_hash_eq(c->held[slots[i]].block.hash, hash))
			return &c->held[slots[i]].block;
	return NULL;
}

static void
swap(W4Consensus *c, W4HeldSlot a, W4HeldSlot b)
{
	W4Held		t = c->held[a];

	c->held[a] = c->held[b];
	c->held[b] = t;
}

/* Slices that point into one buffer shall point to the same place of another. */
static W4Slice
rebased(W4Slice s, const uint8_t *from, const uint8_t *to)
{
	return s.data == NULL ? s : w4_slice(to + (s.data - from), s.len);
}

static void
hold(W4Held *h, const W4ProposalWire *p, const W4Block *block, W4Slice bytes)
{
	if (bytes.data != h->buf)
		memcpy(h->buf, bytes.data, bytes.len);
	h->len = bytes.len;
	h->p = *p;
	h->p.justification = rebased(p->justification, bytes.data, h->buf);
	h->p.block = rebased(p->block, bytes.data, h->buf);
	h->full = true;
	h->block = *block;
	h->block.wire = rebased(block->wire, bytes.data, h->buf);
	h->block.txs = rebased(block->txs, bytes.data, h->buf);
	h->block.evidence = rebased(block->evidence, bytes.data, h->buf);
	h->block.last_commit = rebased(block->last_commit, bytes.data, h->buf);
}

/* The prepared block must outlive the proposal that brought it. */
static void
keep_prepared(W4Consensus *c)
{
	const W4Held *prop = &c->held[W4_HELD_PROPOSAL];

	if (!prop->full || c->rec.prepared.signers == 0 || !w4_hash_eq(prop->block.hash, c->rec.prepared.hash))
		return;
	swap(c, W4_HELD_PROPOSAL, W4_HELD_PREPARED);
	w4_dirty(c, W4_PART_PREPARED_BODY);
}

void
w4_hold_proposal(W4Consensus *c, const W4ProposalWire *p, const W4Block *block, W4Slice message)
{
	hold(&c->held[W4_HELD_SPARE], p, block, message);
	keep_prepared(c);
	swap(c, W4_HELD_SPARE, W4_HELD_PROPOSAL);
	c->held[W4_HELD_SPARE].full = false;
	w4_dirty(c, W4_PART_PROPOSAL);
}

void
w4_hold_next(W4Consensus *c, const W4ProposalWire *p, const W4Block *block, W4Slice message)
{
	hold(&c->held[W4_HELD_NEXT], p, block, message);
}

/* A bare block, e.g. one that was fetched. */
bool
w4_hold_bare(W4Consensus *c, W4HeldSlot slot, W4Slice wire)
{
	W4ProposalWire none;
	W4Block		block;

	memset(&none, 0, sizeof(none));
	if (!w4_block_decode(&block, wire, c->cfg.chain_id, c->cfg.max_block, NULL))
		return false;
	hold(&c->held[slot], &none, &block, wire);
	return true;
}

/* A proposal message with its block, e.g. one from disk. */
bool
w4_hold_message(W4Consensus *c, W4HeldSlot slot, W4Slice message)
{
	W4ProposalWire p;
	W4Block		block;

	if (message.len > c->held_cap ||
		!w4_proposal_decode(&p, message, c->cfg.chain_id, c->cfg.max_block, NULL) ||
		!w4_block_decode(&block, p.block, c->cfg.chain_id, c->cfg.max_block, NULL))
		return false;
	hold(&c->held[slot], &p, &block, message);
	return true;
}
