/*-------------------------------------------------------------------------
 *
 * propose.c
 *		Proposals: make them, judge them, PREPARE them.
 *
 * PRE-PREPARE in view 0 and NEW-VIEW above it are one code path: the second
 * carries the VIEW-CHANGEs that oblige it to what was prepared before.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

/* --- voting for what was accepted --- */

void
w4_vote_prepare(W4Consensus *c)
{
	W4Vote		v = {W4_PREPARE, (uint16_t) c->me, c->rec.view, c->rec.height, {0}, {0}, {0}};

	if (!w4_may_sign(c) || c->rec.mode != W4_NORMAL || w4_hash_is_zero(c->rec.accepted))
		return;
	if (c->rec.prepare.kind != 0 && c->rec.prepare.view >= c->rec.view && !W4_BUG(SIGN_TWICE))
		return;
	w4_hash_copy(v.hash, c->rec.accepted);
	if (!w4_sign_vote(c, &v))
		return;
	c->rec.prepare = v;
	w4_dirty(c, W4_PART_RECORD);
	w4_count_own(c, &v);
	w4_send_vote(c, NULL, &v);
}

static void
accept(W4Consensus *c, const W4ProposalWire *p, const W4Block *block, W4Slice message)
{
	uint32_t	view = p->vote.view;
	uint8_t		hash[32];

	w4_hash_copy(hash, block->hash);
	w4_hold_proposal(c, p, block, message);
	w4_hash_copy(c->rec.accepted, hash);
	w4_dirty(c, W4_PART_RECORD);
	w4_arm(c);
	w4_vote_prepare(c);
	w4_advance(c, view, hash);
}

/* --- judging --- */

/* May a fresh block carry this time?  Only local clocks speak here: never evidence. */
static bool
time_fits(const W4Consensus *c, const W4Block *block, uint32_t view)
{
	int64_t		age = c->cfg.message_delay << (view < 16 ? view : 16);

	return block->header.time_us <= c->now.wall + c->cfg.precision &&
		block->header.time_us >= c->now.wall - age - c->cfg.precision;
}

/* A block that hashes to what was signed and breaks a rule convicts its proposer (E2). */
static bool
block_fits(W4Consensus *c, const W4ProposalWire *p, const W4Block *block, bool again)
{
	W4Verdict	verdict = W4_BLOCK_GOOD;

	if (w4_tip_misfit(&c->tip, block, p->vote.view) != NULL ||
		!w4_tip_last_commit(&c->tip, block, c->cfg.chain_id, &c->cfg.suite))
		verdict = W4_BLOCK_BAD;
	if (verdict == W4_BLOCK_GOOD)
		verdict = c->cfg.host.judge(c->cfg.host.arg, block);

	/* A quorum has judged and prepared it: were policy to stop it now, it would stop the chain for good. */
	if (verdict == W4_BLOCK_UNWANTED && again)
		verdict = W4_BLOCK_GOOD;
	if (verdict == W4_BLOCK_BAD)
		w4_found_block(c, &p->vote, block->wire);
	if (verdict == W4_BLOCK_GOOD && !again && !time_fits(c, block, p->vote.view))
	{
		w4_drop(c, W4_DROP_CLOCK);
		return false;
	}
	if (verdict != W4_BLOCK_GOOD)
		w4_drop(c, W4_DROP_BAD_BLOCK);
	return verdict == W4_BLOCK_GOOD;
}

/* --- entering a view --- */

/* A quorum's VIEW-CHANGEs prove that this view has begun. */
static void
enter_view(W4Consensus *c, uint32_t view)
{
	c->rec.view = view;
	c->rec.mode = W4_NORMAL;
	if (c->rec.asked < view)
		c->rec.asked = view;
	memset(c->rec.accepted, 0, 32);
	c->deadline = c->now.mono + w4_timeout(c, view);
	c->work_since = c->now.mono;
	c->suspect = false;
	w4_ask_nobody(c);
	w4_dirty(c, W4_PART_RECORD);
}

/* Must this view propose a certain block again, and does it? */
static bool
proposes_best(W4Consensus *c, const W4ProposalWire *p, const W4Justified *j)
{
	if (j->best < 0 || W4_BUG(NEW_VIEW_FREE))
		return true;
	for (int i = 0; i < j->n; i++)
		if (j->s[i].prepared_view == j->s[j->best].prepared_view &&
			w4_hash_eq(j->s[i].vote.hash, p->vote.hash))
			return true;
	w4_found_new_view(c, &p->vote, j->s, j->n, W4_NO_CULPRIT, NULL);
	w4_drop(c, W4_DROP_BAD_JUSTIFICATION);
	return false;
}

/* --- receiving --- */

/* A second proposal of a view: the same one again, or evidence. */
static void
second_proposal(W4Consensus *c, int from, const W4ProposalWire *p)
{
	const W4Vote *first = &c->held[W4_HELD_PROPOSAL].p.vote;

	if (w4_hash_eq(first->hash, p->vote.hash))
		w4_drop(c, W4_DROP_DUPLICATE);
	else if (w4_check_vote(c, from, &p->vote, w4_set(c)))
	{
		w4_drop(c, W4_DROP_EQUIVOCATION);
		w4_found_votes(c, first, &p->vote);
		c->proposal_at = 0;
	}
}

/*
 * A proposal of the height before: others have gone on and find only now that
 * they were shown another block.
 */
static void
late_proposal(W4Consensus *c, int from, const W4ProposalWire *p)
{
	if (!w4_votes_conflict(&c->last_proposal, &p->vote) || !w4_check_vote(c, from, &p->vote, &c->tip.members[0]))
		return;
	w4_drop(c, W4_DROP_EQUIVOCATION);
	w4_found_votes(c, &c->last_proposal, &p->vote);
}

static bool
have_proposal(const W4Consensus *c, uint32_t view)
{
	const W4Held *h = &c->held[W4_HELD_PROPOSAL];

	return h->full && h->p.vote.kind != 0 && h->p.vote.view == view;
}

/* Cheap reasons not to look at a proposal of this height. */
static bool
worth_reading(W4Consensus *c, int from, const W4ProposalWire *p)
{
	uint32_t	view = p->vote.view;

	if (view < c->rec.view || view < c->rec.asked)
		w4_drop(c, W4_DROP_VIEW_PAST);
	else if (p->vote.index != w4_tip_proposer(&c->tip, view))
		w4_drop(c, W4_DROP_NOT_PROPOSER);
	else if (have_proposal(c, view) && !W4_BUG(SIGN_TWICE))
		second_proposal(c, from, p);
	else
		return true;
	return false;
}

/*
 * This proposal will not do: leave the view at once.  After f + 1 refusals one
 * of the proposers was honest, so something else is wrong; then wait for the
 * timer, lest views fly by as fast as the network can carry them.
 */
static void
refuse(W4Consensus *c, uint32_t view)
{
	if (view <= (uint32_t) w4_faulty(w4_set(c)->n))
		w4_trigger_view_change(c, view + 1);
	else
		w4_arm(c);
}

/*
 * The block that was signed for.  Another one proves nothing against its
 * proposer, since anybody may have put it there: it counts against whose channel
 * it came over.
 */
static bool
read_block(W4Consensus *c, int from, const W4ProposalWire *p, W4Block *block)
{
	if (w4_block_decode(block, p->block, c->cfg.chain_id, c->cfg.max_block, NULL) &&
		w4_hash_eq(block->hash, p->vote.hash))
		return true;
	w4_strike(c, from, W4_DROP_BAD_BLOCK);
	return false;
}

/* A proposal whose signature holds; no block when its proposer gave us another than it signed. */
static void
judge_proposal(W4Consensus *c, const W4ProposalWire *p, const W4Block *block, W4Slice message)
{
	uint32_t	view = p->vote.view;
	W4Justified j;

	j.best = -1;
	w4_seen(c, w4_set(c)->m[p->vote.index].id, &p->vote);
	if (view > 0)
	{
		if (!w4_justified(c, p, &j))
			return;

		/* Once: a liar that repeats a proposal which will not do must not hold the timer back for ever. */
		if (c->rec.view != view || c->rec.mode != W4_NORMAL)
			enter_view(c, view);
	}
	if (!proposes_best(c, p, &j) || block == NULL || !block_fits(c, p, block, j.best >= 0))
		refuse(c, view);
	else
		accept(c, p, block, message);
}

/* Only what came from its proposer may speak against it: signed proposals are passed on. */
static void
take_proposal(W4Consensus *c, int from, const W4ProposalWire *p, W4Slice message)
{
	W4Block		block;

	if (!worth_reading(c, from, p) || !w4_check_vote(c, from, &p->vote, w4_set(c)))
		return;
	if (read_block(c, from, p, &block))
		judge_proposal(c, p, &block, message);
	else if (from == p->vote.index || W4_BUG(RELAY_BLAMES))
		judge_proposal(c, p, NULL, message);
}

/* Of this height or the next. */
static bool
is_member(const W4Consensus *c, const uint8_t *id)
{
	return w4_members_find(w4_set(c), id) != W4_NO_MEMBER || w4_members_find(&c->tip.members[2], id) != W4_NO_MEMBER;
}

/*
 * A proposal for the next height waits, if it is whole and of whom we expect it:
 * nothing else may take its place.
 */
static void
keep_for_next(W4Consensus *c, const uint8_t *id, const W4ProposalWire *p, W4Slice message)
{
	const W4Members *set = &c->tip.members[2];
	const W4Held *next = &c->held[W4_HELD_NEXT];
	int			from = w4_members_find(w4_set(c), id);
	W4Block		block;

	if (!is_member(c, id))
		w4_drop(c, W4_DROP_UNKNOWN_MEMBER);
	else if (next->full && next->p.vote.view == p->vote.view && w4_hash_eq(next->p.vote.hash, p->vote.hash))
		w4_drop(c, W4_DROP_DUPLICATE);
	else if (p->vote.index != w4_rota_proposer(set, c->tip.rota.skipped, p->vote.height, p->vote.view))
		w4_drop(c, W4_DROP_NOT_PROPOSER);
	else if (w4_check_vote(c, from, &p->vote, set) && read_block(c, from, p, &block))
		w4_hold_next(c, p, &block, message);
}

void
w4_on_proposal(W4Consensus *c, const uint8_t *from, W4Slice message)
{
	W4ProposalWire p;

	if (message.len > c->held_cap)
	{
		w4_drop(c, W4_DROP_OVERSIZE);
		return;
	}
	if (!w4_proposal_decode(&p, message, c->cfg.chain_id, c->cfg.max_block, NULL))
	{
		w4_malformed(c, from);
		return;
	}
	if (p.vote.height == c->rec.height)
		take_proposal(c, w4_members_find(w4_set(c), from), &p, message);
	else if (p.vote.height == c->rec.height + 1)
		keep_for_next(c, from, &p, message);
	else
	{
		w4_drop(c, p.vote.height < c->rec.height ? W4_DROP_HEIGHT_PAST : W4_DROP_HEIGHT_AHEAD);
		if (p.vote.height == c->tip.height)
			late_proposal(c, w4_members_find(w4_set(c), from), &p);
		w4_hint_height(c, w4_members_find(w4_set(c), from), p.vote.height);
	}
}

/* The height has come that a proposal waited for; signature and block were checked when it came. */
void
w4_replay_next(W4Consensus *c)
{
	W4Held	   *next = &c->held[W4_HELD_NEXT];

	if (!next->full)
		return;
	next->full = false;
	if (next->p.vote.height == c->rec.height && worth_reading(c, W4_NO_MEMBER, &next->p))
		judge_proposal(c, &next->p, &next->block, w4_slice(next->buf, next->len));
}

/* --- making --- */

/* A fresh block behind the placeholder of its length; false when the host has nothing to put into it. */
static bool
put_fresh_block(W4Consensus *c, W4Writer *w, bool must)
{
	W4BlockHeader h;
	W4Slice		txs;
	W4Slice		evidence;
	size_t		at = w->len;

	if (!c->cfg.host.build(c->cfg.host.arg, c->rec.height, must, &txs, &evidence))
		return false;
	w4_tip_header(&c->tip, &h);
	w4_hash_copy(h.proposer, c->cfg.me);
	h.time_us = c->now.wall > c->tip.time_us ? c->now.wall : c->tip.time_us + 1;
	w4_put_u32be(w, 0);
	w4_block_encode(w, &h, txs, evidence, c->tip.height > 0 ? &c->tip.cert : NULL, c->cfg.chain_id);
	if (w->full || w->len - at - 4 > c->cfg.max_block)
		return false;

	W4Writer	len = w4_writer(w->buf + at, 4);

	w4_put_u32be(&len, (uint32_t) (w->len - at - 4));
	return true;
}

static void
put_justification(W4Consensus *c, W4Writer *w, const W4VcSummary *s, int n)
{
	w4_put_u8(w, (uint8_t) n);
	for (int i = 0; i < n; i++)
		w4_vc_put(w, &c->vc[s[i].vote.index], c->cfg.chain_id);
}

/*
 * Propose in a view: "again" is the block that the VIEW-CHANGEs s[n] oblige us
 * to, NULL for a fresh one.  The message is put together in the spare buffer;
 * block hash and signature go into its head at the end.
 */
void
w4_propose(W4Consensus *c, uint32_t view, const W4VcSummary *s, int n, const W4Block *again)
{
	W4Held	   *spare = &c->held[W4_HELD_SPARE];
	W4Writer	w = w4_writer(spare->buf, c->held_cap);
	W4Vote		v = {W4_PRE_PREPARE, (uint16_t) c->me, view, c->rec.height, {0}, {0}, {0}};
	W4ProposalWire p;
	W4Block		block;

	if (view > 0)
	{
		v.kind = W4_NEW_VIEW;
		w4_justification_hash(v.extra, s, n, c->cfg.chain_id);
	}
	w4_vote_put(&w, &v, c->cfg.chain_id);
	if (view > 0)
		put_justification(c, &w, s, n);
	if (again != NULL)
		w4_put_run(&w, again->wire);
	else if (!put_fresh_block(c, &w, view > 0))
		return;
	if (w.full || !w4_proposal_decode(&p, w4_slice(w.buf, w.len), c->cfg.chain_id, c->cfg.max_block, NULL) ||
		!w4_block_decode(&block, p.block, c->cfg.chain_id, c->cfg.max_block, NULL))
	{
		w4_drop(c, W4_DROP_BAD_BLOCK);	/* what the host gave us to put in does not make a block */
		return;
	}
	w4_hash_copy(v.hash, block.hash);
	if (!w4_sign_vote(c, &v))
		return;

	W4Writer	head = w4_writer(spare->buf, W4_VOTE_WIRE_LEN);

	w4_vote_put(&head, &v, c->cfg.chain_id);
	p.vote = v;
	if (view > 0)
		enter_view(c, view);
	c->rec.proposal = v;
	w4_send(c, NULL, W4_OUT_PROPOSAL)->view = view;
	accept(c, &p, &block, w4_slice(spare->buf, w.len));
}

/* In view 0 the proposer begins by itself. */
void
w4_try_propose(W4Consensus *c)
{
	c->propose_due = false;
	if (c->rec.mode != W4_NORMAL || c->rec.view != 0 || !w4_may_sign(c) || c->rec.proposal.kind != 0 ||
		have_proposal(c, 0) || w4_tip_proposer(&c->tip, 0) != c->me)
		return;
	w4_propose(c, 0, NULL, 0, NULL);
}
