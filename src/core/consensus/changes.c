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
static uint64_t
asked_for(const W4Consensus *c, uint32_t view)
{
	uint64_t	mask = 0;

	for (unsigned i = 0; i < w4_set(c)->n; i++)
		if (w4_mask_has(c->vc_have, i) && c->vc[i].s.vote.view == view)
			mask |= w4_mask_bit(i);
	return mask;
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
	w4_ask_nobody(c);
	memset(c->rec.accepted, 0, 32);
	c->rec.view_change.vote.kind = 0;
	w4_dirty(c, W4_PART_RECORD);
	if (W4_BUG(EARLY_TIMER))
		c->deadline = c->now.mono + w4_timeout(c, view);
	ask(c);
	w4_status_soon(c);
	w4_try_new_view(c);
}

/* --- the block that the next proposer is obliged to --- */

/* Another view: what was asked for the last one is forgotten. */
void
w4_ask_nobody(W4Consensus *c)
{
	c->no_body = 0;
	c->holder_at = 0;
}

/* Those of "mask" whose VIEW-CHANGE says that they prepared this block: the honest ones hold it. */
static uint64_t
holders_of(const W4Consensus *c, uint64_t mask, const uint8_t hash[32])
{
	uint64_t	holders = 0;

	for (unsigned i = 0; i < w4_set(c)->n; i++)
		if (w4_mask_has(mask, i) && c->vc[i].s.prepared_view != W4_NOTHING_PREPARED &&
			w4_hash_eq(c->vc[i].s.vote.hash, hash))
			holders |= w4_mask_bit(i);
	return holders;
}

/*
 * How long a holder may take to answer.  It grows with the view; and f liars,
 * each asked in vain and each able to turn us away from an honest one once by a
 * later VIEW-CHANGE, take no more than half of the view's time.
 */
static int64_t
holder_patience(const W4Consensus *c)
{
	const W4Members *set = w4_set(c);
	int64_t		wanted = c->cfg.resend_min << (c->rec.asked < 16 ? c->rec.asked : 16);
	int64_t		most = w4_timeout(c, c->rec.asked) / (4 * (set->n - w4_set_quorum(set) + 1));

	return wanted < most ? wanted : most;
}

/* Ask one after the other, and all again, until one gives it; others are asked meanwhile (fetch.c). */
static void
ask_holder(W4Consensus *c, const uint8_t hash[32], uint64_t holders)
{
	uint64_t	not_yet = holders & ~c->no_body;
	uint8_t		bytes[W4_MESSAGE_PREFIX_LEN + 32];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_want_body(c, hash);
	if (c->holder_at != 0 && w4_mask_has(holders, c->holder))
		return;
	do
		c->holder = (c->holder + 1) % w4_set(c)->n;
	while (!w4_mask_has(not_yet != 0 ? not_yet : holders, c->holder));
	c->holder_at = c->now.mono + holder_patience(c);
	if ((int) c->holder == c->me)
		return;					/* our own disk has lost it */
	w4_prefix_put(&w, W4_FETCH_BODY, c->rec.height, c->cfg.chain_id);
	w4_put(&w, hash, 32);
	w4_send_bytes(c, w4_set(c)->m[c->holder].id, &w);
}

/* The holder that was asked has had its time. */
void
w4_holder_due(W4Consensus *c)
{
	if (c->holder_at == 0 || c->now.mono < c->holder_at)
		return;
	c->holder_at = 0;
	c->no_body |= w4_mask_bit(c->holder);
	w4_try_new_view(c);
}

/* --- the next proposer --- */

static int
summaries_of(const W4Consensus *c, uint64_t mask, W4VcSummary *s)
{
	int			n = 0;

	for (unsigned i = 0; i < w4_set(c)->n; i++)
		if (w4_mask_has(mask, i))
			s[n++] = c->vc[i].s;
	return n;
}

/*
 * Any quorum of VIEW-CHANGEs will do, and what was decided is in every one, told
 * by an honest member that holds its block.  So who names a block and does not
 * give it is left out, if a quorum of others is there: liars may have brought
 * together a certificate whose block no honest member holds any more.
 */
static void
propose_new_view(W4Consensus *c)
{
	W4VcSummary s[W4_MAX_MEMBERS];
	uint64_t	mask = asked_for(c, c->rec.asked);

	for (;;)
	{
		int			n = summaries_of(c, mask, s);
		int			best = w4_vc_best(s, n);
		bool		free = best < 0 || W4_BUG(NEW_VIEW_FREE);
		const W4Block *again = free ? NULL : w4_body_of(c, s[best].vote.hash);
		uint64_t	holders;

		if (free || again != NULL)
		{
			w4_propose(c, c->rec.asked, s, n, again);
			return;
		}
		holders = holders_of(c, mask, s[best].vote.hash);
		if ((holders & ~c->no_body) != 0 || w4_mask_count(mask & ~holders) < w4_set_quorum(w4_set(c)) ||
			W4_BUG(BODY_OR_NOTHING))
		{
			ask_holder(c, s[best].vote.hash, holders);
			return;
		}
		mask &= ~holders;
	}
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
	if (w4_mask_count(asked_for(c, c->rec.asked)) >= w4_set_quorum(w4_set(c)) &&
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
		w4_malformed(c, from);
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
