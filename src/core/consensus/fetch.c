/*-------------------------------------------------------------------------
 *
 * fetch.c
 *		Asking for proposals and blocks that others hold, and giving them.
 *
 * A proposer may keep its proposal from some; whoever voted for it has it, and
 * it is signed, so anybody may pass it on.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

/* --- asking --- */

/* Give the network a moment before asking around. */
static int64_t
patience(const W4Consensus *c)
{
	return c->now.mono + c->cfg.resend_min / 4;
}

/* Do we hold the proposal of this block in this view, or one of a later view? */
bool
w4_have_proposal(const W4Held *prop, uint32_t view, const uint8_t hash[32])
{
	if (!prop->full || prop->p.vote.kind == 0 || prop->p.vote.view < view)
		return false;
	return prop->p.vote.view > view || w4_hash_eq(prop->p.vote.hash, hash);
}

void
w4_want_proposal(W4Consensus *c, uint32_t view, const uint8_t hash[32])
{
	if (c->proposal_at != 0 && c->proposal_view >= view)
		return;
	c->proposal_view = view;
	w4_hash_copy(c->proposal_hash, hash);
	c->proposal_at = patience(c);
}

void
w4_want_body(W4Consensus *c, const uint8_t hash[32])
{
	if (c->body_at != 0 && w4_hash_eq(c->body_hash, hash))
		return;
	w4_hash_copy(c->body_hash, hash);
	c->body_at = patience(c);
}

/* The request goes round: another peer each time, until one answers. */
static void
ask_next(W4Consensus *c, const W4Writer *request)
{
	const W4Members *set = w4_set(c);

	c->next_peer = (c->next_peer + 1) % set->n;
	if (c->next_peer == c->me)
		c->next_peer = (c->next_peer + 1) % set->n;
	if (c->next_peer != c->me)
		w4_send_bytes(c, set->m[c->next_peer].id, request);
}

static void
ask_for_proposal(W4Consensus *c)
{
	uint8_t		bytes[W4_MESSAGE_PREFIX_LEN + 4];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	c->proposal_at = 0;
	if (c->proposal_view < c->rec.view ||
		w4_have_proposal(&c->held[W4_HELD_PROPOSAL], c->proposal_view, c->proposal_hash))
		return;
	w4_prefix_put(&w, W4_FETCH_PROPOSAL, c->rec.height, c->cfg.chain_id);
	w4_put_u32be(&w, c->proposal_view);
	ask_next(c, &w);
	c->proposal_at = c->now.mono + c->cfg.resend_min;
}

static void
ask_for_body(W4Consensus *c)
{
	uint8_t		bytes[W4_MESSAGE_PREFIX_LEN + 32];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	c->body_at = 0;
	if (w4_body_of(c, c->body_hash) != NULL)
		return;
	w4_prefix_put(&w, W4_FETCH_BODY, c->rec.height, c->cfg.chain_id);
	w4_put(&w, c->body_hash, 32);
	ask_next(c, &w);
	c->body_at = c->now.mono + c->cfg.resend_min;
}

void
w4_fetch_due(W4Consensus *c)
{
	if (c->proposal_at != 0 && c->now.mono >= c->proposal_at)
		ask_for_proposal(c);
	if (c->body_at != 0 && c->now.mono >= c->body_at)
		ask_for_body(c);
}

/* --- giving --- */

/*
 * Blocks are big, and a request is small.  Each member has a purse for all it
 * asks for, and those who are no members have one among them, since any number
 * of names costs nothing.
 */
bool
w4_may_give(W4Consensus *c, const uint8_t *to)
{
	int			peer = w4_members_find(w4_set(c), to);
	int64_t    *paid = peer == W4_NO_MEMBER ? &c->strangers_served : &c->peer[peer].served;

	if (w4_pay(paid, c->now.mono, c->cfg.resend_min / 8, W4_GIVE_AT_ONCE))
		return true;
	w4_drop(c, W4_DROP_RATE);
	return false;
}

void
w4_on_fetch_proposal(W4Consensus *c, const uint8_t *from, W4Slice message, uint64_t height)
{
	const W4Held *prop = &c->held[W4_HELD_PROPOSAL];
	uint32_t	view;

	if (!w4_fetch_proposal_decode(&view, message, NULL))
		w4_malformed(c, from);
	else if (height != c->rec.height || !prop->full || prop->p.vote.kind == 0 || prop->p.vote.view != view)
		w4_drop(c, W4_DROP_NOT_WANTED);
	else if (w4_may_give(c, from))
		w4_send(c, from, W4_OUT_PROPOSAL)->view = view;
}

static void
give_decided(W4Consensus *c, const uint8_t *to, uint64_t first, uint64_t last)
{
	W4Out	   *o;

	if (!w4_may_give(c, to))
		return;
	o = w4_send(c, to, W4_OUT_BLOCKS);
	o->first = first;
	o->last = last < c->tip.height ? last : c->tip.height;
}

void
w4_on_fetch_body(W4Consensus *c, const uint8_t *from, W4Slice message, uint64_t height)
{
	uint8_t		hash[32];

	if (!w4_fetch_body_decode(hash, message, NULL))
		w4_malformed(c, from);
	else if (height <= c->tip.height)
		give_decided(c, from, height, height);
	else if (height != c->rec.height || w4_body_of(c, hash) == NULL)
		w4_drop(c, W4_DROP_NOT_WANTED);
	else if (w4_may_give(c, from))
		w4_hash_copy(w4_send(c, from, W4_OUT_BODY)->hash, hash);
}

void
w4_on_fetch_blocks(W4Consensus *c, const uint8_t *from, W4Slice message, uint64_t height)
{
	uint64_t	last;

	if (!w4_fetch_blocks_decode(&last, message, NULL))
		w4_malformed(c, from);
	else if (height <= c->tip.height)
		give_decided(c, from, height, last);
	else
		w4_drop(c, W4_DROP_NOT_WANTED);
}

/* --- receiving --- */

void
w4_on_body(W4Consensus *c, int from, W4Slice message, uint64_t height)
{
	W4Slice		wire;
	W4Block		block;

	if (height != c->rec.height || c->body_at == 0)
		w4_drop(c, W4_DROP_NOT_WANTED);
	else if (!w4_body_decode(&wire, message, c->cfg.max_block, NULL) ||
			 !w4_block_decode(&block, wire, c->cfg.chain_id, c->cfg.max_block, NULL))
		w4_strike(c, from, W4_DROP_BAD_BLOCK);
	else if (!w4_hash_eq(block.hash, c->body_hash))
		w4_drop(c, W4_DROP_NOT_WANTED); /* perhaps it was when we asked */
	else
	{
		(void) w4_hold_bare(c, W4_HELD_FETCHED, wire);
		c->body_at = 0;
		w4_advance_all(c);
		if (height == c->rec.height)
			w4_try_new_view(c);
	}
}
