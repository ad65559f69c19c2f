/*-------------------------------------------------------------------------
 *
 * changes.c
 *		Leaving a view: VIEW-CHANGE, joining others, NEW-VIEW.
 *
 * The timer of a view starts only when a quorum has asked for it.  So a
 * minority that is cut off stays one view ahead instead of running away, and is
 * there at once when it comes back.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

/* Members that have asked for exactly this view: what a NEW-VIEW needs. */
static int
asked_for(const W4Consensus *c, uint32_t view)
{
	int			n = 0;

	for (unsigned i = 0; i < w4_set(c)->n; i++)
		n += w4_mask_has(c->vc_have, i) && c->vc[i].s.vote.view == view;
	return n;
}

/*
 * Members that have left all views below this one.  We keep only the highest
 * VIEW-CHANGE of each, and one who went on to view + 1 has asked for view, too:
 * were it not counted, the rest could wait for ever without a timer.
 */
static int
asked_at_least(const W4Consensus *c, uint32_t view)
{
	int			n = 0;

	for (unsigned i = 0; i < w4_set(c)->n; i++)
		n += w4_mask_has(c->vc_have, i) && c->vc[i].s.vote.view >= view;
	return n;
}

/* --- asking --- */

/* What we have prepared at this height, and since which view we do not take part any more. */
static bool
sign_view_change(W4Consensus *c, uint32_t view)
{
	W4ViewChange *own = &c->vc[c->me];
	W4VcSummary s;

	memset(&s, 0, sizeof(s));
	s.vote.kind = W4_VIEW_CHANGE;
	s.vote.height = c->rec.height;
	s.vote.view = view;
	s.vote.index = (uint16_t) c->me;
	s.prepared_view = W4_NOTHING_PREPARED;
	if (c->rec.prepared.signers != 0 && !W4_BUG(AMNESIA))
	{
		s.prepared_view = (int64_t) c->rec.prepared.view;
		w4_hash_copy(s.vote.hash, c->rec.prepared.hash);
		w4_cert_digest(s.digest, &c->rec.prepared, c->cfg.chain_id);
	}
	w4_vc_extra(s.vote.extra, &s);
	if (!w4_sign_vote(c, &s.vote))
		return false;
	c->rec.view_change = s;
	own->s = s;
	own->prepared.signers = 0;
	if (s.prepared_view != W4_NOTHING_PREPARED)
		w4_cert_copy(&own->prepared, &c->rec.prepared);
	c->vc_have |= w4_mask_bit((unsigned) c->me);
	return true;
}

static void
ask(W4Consensus *c)
{
	if (w4_may_sign(c) && sign_view_change(c, c->rec.asked))
		w4_send(c, NULL, W4_OUT_VIEW_CHANGE)->view = c->rec.asked;
}

/* We went into this view while we could not sign; now we can. */
void
w4_ask_again(W4Consensus *c)
{
	if (c->rec.mode != W4_CHANGING || c->rec.view_change.vote.kind != 0)
		return;
	ask(c);
	w4_try_new_view(c);
}

void
w4_trigger_view_change(W4Consensus *c, uint32_t view)
{
	if (view <= c->rec.asked || view > W4_MAX_VIEW)
		return;
	c->rec.mode = W4_CHANGING;
	c->rec.view = view;
	c->rec.asked = view;
	c->deadline = 0;
	c->suspect = false;
	memset(c->rec.accepted, 0, 32);
	c->rec.view_change.vote.kind = 0;
	w4_dirty(c, W4_PART_RECORD);
	if (W4_BUG(EARLY_TIMER))
		c->deadline = c->now.mono + w4_timeout(c, view);
	ask(c);
	w4_status_soon(c);
	w4_try_new_view(c);
}

/* --- the next proposer --- */

static void
propose_new_view(W4Consensus *c)
{
	W4VcSummary s[W4_MAX_MEMBERS];
	const W4Block *again = NULL;
	int			n = 0;
	int			best;

	for (unsigned i = 0; i < w4_set(c)->n; i++)
		if (w4_mask_has(c->vc_have, i) && c->vc[i].s.vote.view == c->rec.asked)
			s[n++] = c->vc[i].s;
	best = w4_vc_best(s, n);
	if (best >= 0 && !W4_BUG(NEW_VIEW_FREE))
	{
		again = w4_body_of(c, s[best].vote.hash);
		if (again == NULL)
		{
			w4_want_body(c, s[best].vote.hash);
			return;
		}
	}
	w4_propose(c, c->rec.asked, s, n, again);
}

/* A quorum waits for the view we wait for: its time runs, and it may be ours to propose in. */
void
w4_try_new_view(W4Consensus *c)
{
	if (c->rec.mode != W4_CHANGING || asked_at_least(c, c->rec.asked) < w4_set_quorum(w4_set(c)))
		return;
	if (c->deadline == 0)
	{
		c->deadline = c->now.mono + w4_timeout(c, c->rec.asked);
		c->work_since = c->now.mono;
	}
	if (asked_for(c, c->rec.asked) >= w4_set_quorum(w4_set(c)) &&
		w4_tip_proposer(&c->tip, c->rec.asked) == c->me && w4_may_sign(c) &&
		!(c->rec.proposal.kind != 0 && c->rec.proposal.view >= c->rec.asked))
		propose_new_view(c);
}

/* --- others ask --- */

/*
 * f + 1 others are beyond us, so an honest one is: go where the (f + 1)-th of
 * them is.  f liars cannot drag anybody.
 */
static void
join_others(W4Consensus *c)
{
	uint32_t	highest[W4_MAX_MEMBERS];
	int			need = w4_faulty(w4_set(c)->n) + 1;
	int			n = 0;

	for (unsigned i = 0; i < w4_set(c)->n; i++)
	{
		uint32_t	view = c->vc[i].s.vote.view;
		int			at;

		if ((int) i == c->me || !w4_mask_has(c->vc_have, i) || view <= c->rec.asked)
			continue;
		for (at = n++; at > 0 && highest[at - 1] < view; at--)
			highest[at] = highest[at - 1];
		highest[at] = view;
	}
	if (n >= need)
		w4_trigger_view_change(c, highest[need - 1]);
}

static void
look_for_amnesia(W4Consensus *c, const W4VcSummary *vc)
{
	for (int i = 0; i < W4_VIEW_SLOTS; i++)
	{
		const W4Round *r = &c->tally[0]->round[i];
		W4Vote		commit = {W4_COMMIT, vc->vote.index, r->view, vc->vote.height, {0}, {0}, {0}};

		if (!r->used || !w4_mask_has(r->commit.have, vc->vote.index))
			continue;
		memcpy(commit.hash, r->commit.mark[vc->vote.index].hash, 32);
		memcpy(commit.signature, r->commit.mark[vc->vote.index].signature, 64);
		if (w4_denies_commit(vc, &commit))
			w4_found_amnesia(c, &commit, vc);
	}
}

/* Cheap reasons not to look at a VIEW-CHANGE. */
static bool
worth_reading(W4Consensus *c, const uint8_t *from, const W4Vote *v)
{
	if (v->height < c->rec.height)
		w4_drop(c, W4_DROP_HEIGHT_PAST);
	else if (v->height > c->rec.height)
	{
		w4_drop(c, W4_DROP_HEIGHT_AHEAD);
		w4_hint_height(c, w4_members_find(w4_set(c), from), v->height);
	}
	else if (v->index >= w4_set(c)->n)
		w4_drop(c, W4_DROP_UNKNOWN_MEMBER);
	else if (!w4_hash_eq(w4_set(c)->m[v->index].id, from))
		w4_drop(c, W4_DROP_NOT_ITS_OWN);
	else if (v->index == c->me || (w4_mask_has(c->vc_have, v->index) && c->vc[v->index].s.vote.view >= v->view))
		w4_drop(c, W4_DROP_DUPLICATE);
	else
		return true;
	return false;
}

void
w4_on_view_change(W4Consensus *c, const uint8_t *from, W4Slice message)
{
	W4Reader	r = w4_reader(message);
	W4ViewChange vc;
	unsigned	i;

	w4_vc_read(&vc, &r, c->cfg.chain_id);
	if (!w4_read_end(&r, NULL))
	{
		w4_drop(c, W4_DROP_MALFORMED);
		return;
	}
	if (!worth_reading(c, from, &vc.s.vote) || !w4_check_vote(c, (int) vc.s.vote.index, &vc.s.vote, w4_set(c)))
		return;
	if (!w4_vc_summary_ok(&vc.s) ||
		(!W4_BUG(CERT_UNCHECKED) &&
		 !w4_vc_prepared_ok(&vc, c->cfg.chain_id, w4_set(c), &c->cfg.suite, w4_known_vote, c)))
	{
		w4_strike(c, (int) vc.s.vote.index, W4_DROP_BAD_CERTIFICATE);
		return;
	}
	i = vc.s.vote.index;
	c->vc[i].s = vc.s;
	w4_cert_copy(&c->vc[i].prepared, &vc.prepared);
	c->vc_have |= w4_mask_bit(i);
	w4_seen(c, from, &vc.s.vote);
	look_for_amnesia(c, &vc.s);
	join_others(c);
	w4_try_new_view(c);
}
