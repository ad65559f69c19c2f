/*-------------------------------------------------------------------------
 *
 * status.c
 *		STATUS: where everybody stands, what they lack, whom they suspect.
 *
 * Nothing is resent blindly.  Each peer says which votes of its view it holds;
 * whoever finds itself missing there sends its own again, byte for byte.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

/* --- telling --- */

void
w4_status_fill(const W4Consensus *c, W4Report *out)
{
	const W4Held *prop = &c->held[W4_HELD_PROPOSAL];
	const W4Round *r = &c->tally[0]->round[c->rec.view % W4_VIEW_SLOTS];

	memset(out, 0, offsetof(W4Report, echo));
	memcpy(out->nonce, c->nonce, 16);
	out->incarnation = c->rec.incarnation;
	out->asked_view = c->rec.asked;
	if (!c->started || c->rec.rejoining)
		out->flags |= W4_REPORT_ASKING;
	if (c->rec.mode == W4_CHANGING)
		out->flags |= W4_REPORT_CHANGING;
	if (c->suspect)
		out->flags |= W4_REPORT_SUSPECT;
	if (prop->full && prop->p.vote.kind != 0 && prop->p.vote.view == c->rec.view)
		out->flags |= W4_REPORT_PROPOSAL;
	if (r->used && r->view == c->rec.view)
	{
		out->prepares = r->prepare.have;
		out->commits = r->commit.have;
	}
	for (unsigned i = 0; i < w4_set(c)->n; i++)
		if (w4_mask_has(c->vc_have, i) && c->vc[i].s.vote.view >= c->rec.asked)
			out->view_changes |= w4_mask_bit(i);
}

void
w4_status_soon(W4Consensus *c)
{
	c->status_interval = c->cfg.resend_min;
	c->status_at = w4_sooner(c->status_at, c->now.mono + c->cfg.resend_min);
}

static bool
idle(const W4Consensus *c)
{
	return c->deadline == 0 && c->rec.mode == W4_NORMAL && c->started && !c->rec.rejoining;
}

/* While there is work the interval stays short; with none it doubles. */
void
w4_status_due(W4Consensus *c)
{
	if (c->now.mono < c->status_at)
		return;
	if (c->me != W4_NO_MEMBER)
		w4_send(c, NULL, W4_OUT_STATUS);
	c->status_interval = idle(c) ? c->status_interval * 2 : c->cfg.resend_min;
	if (c->status_interval > c->cfg.resend_max)
		c->status_interval = c->cfg.resend_max;
	c->status_at = c->now.mono + c->status_interval;
}

/* --- a dead proposer --- */

/* When the silence or the broken link of the proposer becomes suspicious; 0 for never. */
int64_t
w4_suspect_at(const W4Consensus *c)
{
	int			proposer = w4_tip_proposer(&c->tip, c->rec.view);
	const W4Peer *p = &c->peer[proposer];
	int64_t		silent;
	int64_t		since = c->work_since;

	if (c->deadline == 0 || proposer == c->me || c->me == W4_NO_MEMBER || c->suspect)
		return 0;
	silent = (p->heard > since ? p->heard : since) + c->cfg.proposer_grace + 2 * c->cfg.resend_min;
	if (p->link_down == 0)
		return silent;
	return w4_sooner(silent, (p->link_down > since ? p->link_down : since) + c->cfg.proposer_grace);
}

/* A quorum suspects: only now does anybody bind itself by a VIEW-CHANGE. */
static void
count_suspicions(W4Consensus *c)
{
	int			n = c->suspect;

	for (int i = 0; i < w4_set(c)->n; i++)
		n += i != c->me && c->peer[i].suspects && c->peer[i].status_height == c->rec.height &&
			c->peer[i].status_view == c->rec.view;
	if (n >= w4_set_quorum(w4_set(c)))
		w4_trigger_view_change(c, c->rec.view + 1);
}

void
w4_suspect_due(W4Consensus *c)
{
	int64_t		at = w4_suspect_at(c);

	if (at == 0 || c->now.mono < at)
		return;
	c->suspect = true;
	c->status_at = c->now.mono;
	count_suspicions(c);
}

/* --- what another lacks --- */

/* Give a peer at our height the own messages that it says it has not got. */
static void
resend(W4Consensus *c, const W4Vote *status, const W4Report *p, const uint8_t *to)
{
	bool		same_view = status->view == c->rec.view;
	uint64_t	mine;

	if (c->me == W4_NO_MEMBER || W4_BUG(NO_RESEND) || c->now.mono - c->voted_at < c->cfg.resend_min / 2)
		return;
	mine = w4_mask_bit((unsigned) c->me);
	if (c->rec.mode == W4_CHANGING && c->rec.view_change.vote.kind != 0 &&
		(p->asked_view < c->rec.asked || (p->asked_view == c->rec.asked && (p->view_changes & mine) == 0)))
		w4_send(c, to, W4_OUT_VIEW_CHANGE)->view = c->rec.asked;
	if (c->rec.mode == W4_NORMAL && c->rec.proposal.kind != 0 && c->rec.proposal.view == c->rec.view &&
		status->view <= c->rec.view && !(same_view && (p->flags & W4_REPORT_PROPOSAL) != 0) && w4_may_give(c, to))
		w4_send(c, to, W4_OUT_PROPOSAL)->view = c->rec.view;
	if (c->rec.prepare.kind != 0 && c->rec.prepare.view == status->view && (p->prepares & mine) == 0)
		w4_send_vote(c, to, &c->rec.prepare);
	if (c->rec.commit.kind != 0 && (c->rec.commit.view != status->view || (p->commits & mine) == 0))
		w4_send_vote(c, to, &c->rec.commit);
}

/* --- hearing --- */

/*
 * Heights differ while peers start and catch up, and a key may just have
 * rotated: any set that we know will do to tell who speaks.
 */
static bool
signed_by(W4Consensus *c, const W4Vote *v, const uint8_t *id)
{
	static const int order[3] = {1, 2, 0};
	const uint8_t *tried = NULL;
	uint8_t		bytes[W4_VOTE_BYTES];

	w4_vote_bytes(bytes, v, c->cfg.chain_id);
	for (int i = 0; i < 3; i++)
	{
		const W4Members *set = &c->tip.members[order[i]];
		int			index = w4_members_find(set, id);

		if (index == W4_NO_MEMBER || (tried != NULL && w4_hash_eq(tried, set->m[index].key)))
			continue;
		tried = set->m[index].key;
		c->verified++;
		if (c->cfg.suite.verify(c->cfg.suite.arg, v->signature, bytes, sizeof(bytes), tried))
			return true;
	}
	w4_drop(c, tried == NULL ? W4_DROP_UNKNOWN_MEMBER : W4_DROP_BAD_SIGNATURE);
	return false;
}

/*
 * One identity runs once: an older life of it is not heard, a second one raises
 * the alarm.  So does an older one that tells of a height above the one at which
 * the newer life was met: it goes on beside it.  A message that was only late
 * cannot, since a life begins where the one before it had come to at least.
 */
static bool
same_life(W4Consensus *c, W4Peer *peer, const W4Report *p, uint64_t height)
{
	if (peer->met && p->incarnation < peer->incarnation)
	{
		if (height > peer->met_height)
			w4_alarm(c, W4_ALARM_DUPLICATE_SIGNER, peer->id, c->rec.height);
		w4_drop(c, W4_DROP_STALE_INCARNATION);
		return false;
	}
	if (peer->met && p->incarnation == peer->incarnation && memcmp(p->nonce, peer->nonce, 16) != 0)
		w4_alarm(c, W4_ALARM_DUPLICATE_SIGNER, peer->id, c->rec.height);
	if (!peer->met || p->incarnation > peer->incarnation)
		peer->met_height = height;
	peer->met = true;
	peer->incarnation = p->incarnation;
	memcpy(peer->nonce, p->nonce, 16);
	return true;
}

/* Somebody has just started: it needs to hear where we are, whoever it is. */
static void
answer(W4Consensus *c, const W4Report *p, const uint8_t *to)
{
	W4Out	   *o = w4_send(c, to, W4_OUT_ANSWER);

	memcpy(o->hash, p->nonce, 16);
}

static void
serve(W4Consensus *c, W4Peer *peer, const W4Vote *v, const W4Report *p)
{
	if (v->height == c->rec.height)
		resend(c, v, p, peer->id);
	else if (v->height + 1 == c->rec.height)
		w4_send(c, peer->id, W4_OUT_COMMITTED);
	else if (v->height < c->rec.height && (p->flags & (W4_REPORT_ASKING | W4_REPORT_ANSWER)) == 0)
		w4_send(c, peer->id, W4_OUT_STATUS);
}

void
w4_on_status(W4Consensus *c, const uint8_t *from, W4Slice message)
{
	int			index = w4_members_find(w4_set(c), from);
	W4Report	p;
	W4Vote		v;
	W4Peer	   *peer;

	if (message.len > W4_STATUS_WIRE_MAX || !w4_status_decode(&v, &p, message, c->cfg.chain_id, NULL))
	{
		w4_strike(c, index, W4_DROP_MALFORMED);
		return;
	}
	if (!signed_by(c, &v, from))
		return;
	if ((p.flags & W4_REPORT_ASKING) != 0)
		answer(c, &p, from);
	if (index == W4_NO_MEMBER)
		return;
	peer = &c->peer[index];
	if (!same_life(c, peer, &p, v.height))
		return;
	peer->status_height = v.height;
	peer->status_view = v.view;
	peer->suspects = (p.flags & W4_REPORT_SUSPECT) != 0;
	if ((p.flags & W4_REPORT_ANSWER) != 0)
		w4_on_answer(c, index, &p);
	w4_hint_height(c, index, v.height);
	serve(c, peer, &v, &p);
	if (peer->suspects)
		count_suspicions(c);
}
