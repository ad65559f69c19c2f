/*-------------------------------------------------------------------------
 *
 * votes.c
 *		PREPARE and COMMIT: keep, count, go on when there is a quorum.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

/* --- the tally --- */

/* The round of a view, emptied when an older view stood in its slot. */
W4Round *
w4_round(W4Tally *tally, uint32_t view)
{
	W4Round    *r = &tally->round[view % W4_VIEW_SLOTS];

	if (!r->used || r->view != view)
	{
		r->used = true;
		r->view = view;
		r->prepare.have = 0;
		r->commit.have = 0;
	}
	return r;
}

static W4Ballot *
ballot_of(W4Round *r, uint16_t kind)
{
	return kind == W4_PREPARE ? &r->prepare : &r->commit;
}

/* Members whose vote is for this block. */
uint64_t
w4_ballot_for(const W4Ballot *b, const uint8_t hash[32])
{
	uint64_t	mask = 0;

	if (W4_BUG(HASH_CHECK))
		return b->have;
	for (unsigned i = 0; b->have >> i != 0; i++)
	{
		if (w4_mask_has(b->have, i) && w4_hash_eq(b->mark[i].hash, hash))
			mask |= w4_mask_bit(i);
		if (i == W4_MAX_MEMBERS - 1)
			break;
	}
	return mask;
}

static void
ballot_put(W4Ballot *b, const W4Vote *vote)
{
	memcpy(b->mark[vote->index].hash, vote->hash, 32);
	memcpy(b->mark[vote->index].signature, vote->signature, 64);
	b->have |= w4_mask_bit(vote->index);
}

static void
ballot_cert(W4Cert *out, const W4Consensus *c, const W4Ballot *b, uint64_t mask, uint32_t view, const uint8_t hash[32])
{
	out->height = c->rec.height;
	out->view = view;
	out->n = w4_set(c)->n;
	w4_hash_copy(out->hash, hash);
	out->signers = 0;
	for (unsigned i = 0; i < out->n; i++)
		if (w4_mask_has(mask, i))
			w4_cert_append(out, i, b->mark[i].signature);
}

/* Have we verified this very signature?  (cert.h) */
bool
w4_known_vote(void *arg, const W4Vote *vote)
{
	W4Consensus *c = arg;
	W4Round    *r;
	W4Ballot   *b;

	if (vote->height != c->rec.height || (vote->kind != W4_PREPARE && vote->kind != W4_COMMIT))
		return false;
	r = &c->tally[0]->round[vote->view % W4_VIEW_SLOTS];
	if (!r->used || r->view != vote->view)
		return false;
	b = ballot_of(r, vote->kind);
	return w4_mask_has(b->have, vote->index) && w4_hash_eq(b->mark[vote->index].hash, vote->hash) &&
		memcmp(b->mark[vote->index].signature, vote->signature, 64) == 0;
}

void
w4_count_own(W4Consensus *c, const W4Vote *vote)
{
	ballot_put(ballot_of(w4_round(c->tally[0], vote->view), vote->kind), vote);
}

/* Remember the newest vote of a member, so that it can be told when it has forgotten it. */
void
w4_seen(W4Consensus *c, const uint8_t *id, const W4Vote *vote)
{
	int			peer = w4_members_find(w4_set(c), id);

	if (peer == W4_NO_MEMBER)
		return;
	if (c->peer[peer].seen.kind == 0 ||
		w4_position_cmp(w4_vote_position(vote), w4_vote_position(&c->peer[peer].seen)) > 0)
		c->peer[peer].seen = *vote;
}

/* --- going on --- */

/* COMMITs of any view decide, also of one that was left: no decision may be missed. */
static bool
try_decide(W4Consensus *c, W4Round *r, const uint8_t hash[32])
{
	uint64_t	mask = w4_ballot_for(&r->commit, hash);
	const W4Block *block;
	W4Cert		cert;

	if (w4_mask_count(mask) < w4_set_quorum(w4_set(c)))
		return false;
	if (W4_BUG(OLD_COMMITS) && r->view < c->rec.view)
		return false;
	block = w4_body_of(c, hash);
	if (block == NULL)
	{
		w4_want_body(c, hash);
		return true;
	}
	ballot_cert(&cert, c, &r->commit, mask, r->view, hash);
	w4_decide(c, block, &cert);
	return true;
}

static bool
may_commit(const W4Consensus *c, uint32_t view, const uint8_t hash[32])
{
	const W4Held *prop = &c->held[W4_HELD_PROPOSAL];

	if (!prop->full || prop->p.vote.kind == 0 || prop->p.vote.view != view || !w4_hash_eq(prop->block.hash, hash))
		return false;
	if (c->rec.commit.kind != 0 && c->rec.commit.view >= view)
		return false;
	if (W4_BUG(VOTE_LEFT_VIEW))
		return w4_may_sign(c);
	return view == c->rec.view && c->rec.mode == W4_NORMAL && c->rec.asked <= view && w4_may_sign(c);
}

static void
commit(W4Consensus *c, W4Round *r, uint64_t mask, const uint8_t hash[32])
{
	W4Vote		v = {W4_COMMIT, (uint16_t) c->me, r->view, c->rec.height, {0}, {0}, {0}};

	w4_hash_copy(v.hash, hash);
	if (!w4_sign_vote(c, &v))
		return;
	ballot_cert(&c->rec.prepared, c, &r->prepare, mask, r->view, hash);
	c->rec.commit = v;
	w4_dirty(c, W4_PART_RECORD);
	w4_count_own(c, &v);
	w4_send_vote(c, NULL, &v);
}

void
w4_advance(W4Consensus *c, uint32_t view, const uint8_t hash[32])
{
	W4Round    *r = w4_round(c->tally[0], view);
	uint64_t	mask;

	if (try_decide(c, r, hash) || !may_commit(c, view, hash))
		return;
	mask = w4_ballot_for(&r->prepare, hash);
	if (w4_mask_count(mask) < w4_set_quorum(w4_set(c)))
		return;
	commit(c, r, mask, hash);
	(void) try_decide(c, r, hash);
}

/* After a height was entered: votes for it may have come before it. */
void
w4_advance_all(W4Consensus *c)
{
	uint64_t	height = c->rec.height;

	for (int i = 0; i < W4_VIEW_SLOTS && c->rec.height == height; i++)
	{
		W4Round    *r = &c->tally[0]->round[i];

		if (!r->used || w4_mask_count(r->commit.have) < w4_set_quorum(w4_set(c)))
			continue;
		for (unsigned m = 0; m < w4_set(c)->n && c->rec.height == height; m++)
			if (w4_mask_has(r->commit.have, m))
				(void) try_decide(c, r, r->commit.mark[m].hash);
	}
}

/* --- receiving --- */

/* Members of the vote's height, or NULL with the reason counted. */
static const W4Members *
set_for(W4Consensus *c, const uint8_t *from, const W4Vote *v)
{
	if (v->height == c->rec.height)
		return &c->tip.members[1];
	if (v->height == c->rec.height + 1)
		return &c->tip.members[2];
	w4_drop(c, v->height < c->rec.height ? W4_DROP_HEIGHT_PAST : W4_DROP_HEIGHT_AHEAD);
	if (v->height > c->rec.height)
		w4_hint_height(c, w4_members_find(w4_set(c), from), v->height);
	return NULL;
}

static bool
view_in_window(W4Consensus *c, const W4Vote *v)
{
	uint32_t	at = v->height == c->rec.height ? c->rec.view : 0;

	if (v->view + W4_VIEWS_BEHIND < at)
		w4_drop(c, W4_DROP_VIEW_PAST);
	else if (v->view > at + W4_VIEWS_AHEAD)
		w4_drop(c, W4_DROP_VIEW_AHEAD);
	else
		return true;
	return false;
}

/* One vote a member, view and kind: the first counts, another one convicts. */
static void
second_vote(W4Consensus *c, int from, const W4Vote *v, const W4Mark *first, const W4Members *set)
{
	W4Vote		a = *v;

	if (w4_hash_eq(first->hash, v->hash))
	{
		w4_drop(c, W4_DROP_DUPLICATE);
		return;
	}
	if (!w4_check_vote(c, from, v, set))
		return;
	w4_drop(c, W4_DROP_EQUIVOCATION);
	memcpy(a.hash, first->hash, 32);
	memcpy(a.signature, first->signature, 64);
	w4_found_votes(c, &a, v);
}

/* Did this member deny the block by a VIEW-CHANGE that we hold? */
static void
look_for_amnesia(W4Consensus *c, const W4Vote *v)
{
	if (v->kind == W4_COMMIT && w4_mask_has(c->vc_have, v->index) &&
		w4_denies_commit(&c->vc[v->index].s, v))
		w4_found_amnesia(c, v, &c->vc[v->index].s);
}

/* Whoever holds another proposal shall see ours: the two together convict their proposer. */
static void
show_proposal(W4Consensus *c, uint32_t view, uint64_t to)
{
	for (unsigned i = 0; i < w4_set(c)->n; i++)
		if (w4_mask_has(to, i) && (int) i != c->me)
			w4_send(c, w4_set(c)->m[i].id, W4_OUT_PROPOSAL)->view = view;
}

/*
 * Others have a proposal that we lack: its proposer may be keeping it from us,
 * or may have shown us another one.
 */
static void
look_for_proposal(W4Consensus *c, const W4Round *r, const uint8_t hash[32])
{
	const W4Held *prop = &c->held[W4_HELD_PROPOSAL];
	uint64_t	others;

	if (r->view < c->rec.view || w4_have_proposal(prop, r->view, hash))
		return;
	others = w4_ballot_for(&r->prepare, hash);
	if (w4_mask_count(others) <= w4_faulty(w4_set(c)->n))
		return;
	w4_want_proposal(c, r->view, hash);
	if (w4_mask_count(others) == w4_faulty(w4_set(c)->n) + 1 && prop->full && prop->p.vote.kind != 0 && prop->p.vote.view == r->view)
		show_proposal(c, r->view, others);
}

void
w4_on_vote(W4Consensus *c, const uint8_t *from, W4Slice message)
{
	W4Reader	rd = w4_reader(message);
	const W4Members *set;
	W4Round    *r;
	W4Ballot   *b;
	W4Vote		v;
	int			peer = w4_members_find(w4_set(c), from);

	w4_vote_read(&v, &rd, c->cfg.chain_id);
	if (!w4_read_end(&rd, NULL))
	{
		w4_strike(c, peer, W4_DROP_MALFORMED);
		return;
	}
	set = set_for(c, from, &v);
	if (set == NULL || !view_in_window(c, &v))
		return;
	if (v.index >= set->n)
	{
		w4_drop(c, W4_DROP_UNKNOWN_MEMBER);
		return;
	}
	if (!w4_hash_eq(set->m[v.index].id, from))
	{
		w4_drop(c, W4_DROP_NOT_ITS_OWN);
		return;
	}
	r = w4_round(c->tally[v.height - c->rec.height], v.view);
	b = ballot_of(r, v.kind);
	if (w4_mask_has(b->have, v.index))
	{
		second_vote(c, peer, &v, &b->mark[v.index], set);
		return;
	}
	if (!w4_check_vote(c, peer, &v, set))
		return;
	ballot_put(b, &v);
	w4_seen(c, from, &v);
	if (v.height != c->rec.height)
		return;
	look_for_amnesia(c, &v);
	if (v.kind == W4_PREPARE)
		look_for_proposal(c, r, v.hash);
	w4_advance(c, v.view, v.hash);
}
