/*-------------------------------------------------------------------------
 *
 * rejoin.c
 *		Starting from disk, and Rule R for a peer that may have forgotten votes.
 *
 * At every start a peer asks the others where they are and signs nothing until
 * q - 1 have answered; without a quorum that costs nothing.  Nor does it sign at
 * heights that an answer proved to be decided.  An answer shows the newest vote
 * of ours that the other holds, and certificates show our COMMITs, also to those
 * who were started again themselves.  When one is beyond our record, or the log
 * of signatures is gone, we may have signed what we do not remember: Rule R
 * (consensus spec 3.14).  Let R be the highest tip proven by min(q, N - 1)
 * others; sign nothing at heights up to R + 2.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

/* --- Rule R --- */

/*
 * Others do not hear a life older than the one they know.  Whoever may have
 * forgotten how often it was started goes on from the clock, which is ahead of
 * any count and of any clock read before.
 */
static void
recount(W4Consensus *c)
{
	if (c->now.wall > 0 && (uint64_t) c->now.wall > c->rec.incarnation)
		c->rec.incarnation = (uint64_t) c->now.wall;
}

static void
begin_rejoin(W4Consensus *c, W4Alarm why)
{
	if (c->rec.rejoining)
		return;
	recount(c);
	c->rec.rejoining = !W4_BUG(NO_REJOIN);
	if (c->started)
		for (int i = 0; i < w4_set(c)->n; i++)
			c->peer[i].answered = false;
	w4_dirty(c, W4_PART_RECORD);
	w4_alarm(c, why, NULL, c->rec.height);
	w4_status_soon(c);
}

static void
abstain_below(W4Consensus *c, uint64_t height)
{
	if (height > c->rec.no_sign_below)
		c->rec.no_sign_below = height;
	w4_dirty(c, W4_PART_RECORD);
	w4_alarm(c, W4_ALARM_ABSTAINING, NULL, c->rec.no_sign_below);
}

/* Enough others have proven where they are, and we have come there ourselves. */
static void
try_end_rejoin(W4Consensus *c)
{
	int			n = w4_set(c)->n;
	int			need = w4_quorum(n) < n - 1 ? w4_quorum(n) : n - 1;
	uint64_t	reach = c->tip.height;
	int			answers = 0;

	for (int i = 0; i < n; i++)
	{
		if (i == c->me || !c->peer[i].answered)
			continue;
		answers++;
		if (c->peer[i].tip > reach)
			reach = c->peer[i].tip;
	}

	/* A peer alone has nobody to ask: only an operator can let it sign (FORCE_RESUME). */
	if (n == 1 || c->me == W4_NO_MEMBER || answers < need || reach > c->tip.height)
		return;
	c->rec.rejoining = 0;
	abstain_below(c, reach + 3);
}

/* --- answers --- */

/*
 * Does the certificate prove the other's tip?  Below our own it need not.  The
 * members of a height that we have not reached are unknown; a quorum of those
 * we know will do, since an honest one of them signed there.
 */
static bool
tip_proven(W4Consensus *c, const W4Report *p)
{
	const W4Cert *cert = &p->tip;
	const W4Members *set = &c->tip.members[2];

	if ((p->flags & W4_REPORT_TIP) == 0 || cert->height <= c->tip.height)
		return true;
	if (cert->height == c->tip.height + 1)
		set = &c->tip.members[1];
	c->verified += (uint64_t) w4_mask_count(cert->signers);
	if (!w4_cert_verify(cert, W4_COMMIT, c->cfg.chain_id, set, &c->cfg.suite, NULL, NULL))
		return false;
	if (cert->height > c->proven.height)
		w4_cert_copy(&c->proven, cert);
	return true;
}

/* Beyond what we know to have signed, and where we might sign again? */
static bool
unknown_position(const W4Consensus *c, const W4Vote *v)
{
	return w4_position_cmp(w4_vote_position(v), c->rec.signed_last) > 0 && v->height >= c->rec.no_sign_below;
}

/* A vote that we signed and do not remember.  It proves itself: nobody can make us abstain by a lie. */
static bool
forgotten(W4Consensus *c, const W4Vote *seen)
{
	uint8_t		bytes[W4_VOTE_BYTES];

	if (c->me == W4_NO_MEMBER || seen->kind == W4_STATUS || !unknown_position(c, seen))
		return false;
	w4_vote_bytes(bytes, seen, c->cfg.chain_id);
	c->verified++;
	return c->cfg.suite.verify(c->cfg.suite.arg, seen->signature, bytes, sizeof(bytes), w4_set(c)->m[c->me].key);
}

/* The certificate of our height has been verified: is there a COMMIT of ours that we do not remember? */
void
w4_look_for_own(W4Consensus *c, const W4Cert *cert)
{
	W4Vote		own = {.kind = W4_COMMIT, .view = cert->view, .height = cert->height};

	if (c->me != W4_NO_MEMBER && w4_mask_has(cert->signers, (unsigned) c->me) && unknown_position(c, &own))
		begin_rejoin(c, W4_ALARM_FORGOTTEN_VOTES);
}

void
w4_check_started(W4Consensus *c)
{
	uint8_t		hash[32];
	int			answers = 1;

	if (c->started)
		return;
	for (int i = 0; i < w4_set(c)->n; i++)
		answers += i != c->me && c->peer[i].answered;
	if (answers < w4_quorum(w4_set(c)->n))
		return;
	c->started = true;
	c->propose_due = true;

	/* What we accepted or asked for before we might sign. */
	w4_vote_prepare(c);
	w4_hash_copy(hash, c->rec.accepted);
	if (!w4_hash_is_zero(hash))
		w4_advance(c, c->rec.view, hash);
	w4_ask_again(c);
}

void
w4_on_answer(W4Consensus *c, int peer, const W4Report *p)
{
	if (memcmp(p->echo, c->nonce, 16) != 0 || (c->started && !c->rec.rejoining))
		return;
	if ((p->flags & W4_REPORT_SEEN) != 0 && forgotten(c, &p->seen))
		begin_rejoin(c, W4_ALARM_FORGOTTEN_VOTES);
	if (!tip_proven(c, p))
	{
		w4_drop(c, W4_DROP_BAD_CERTIFICATE);
		return;
	}
	c->peer[peer].answered = true;
	c->peer[peer].tip = (p->flags & W4_REPORT_TIP) != 0 ? p->tip.height : 0;
	if (c->rec.rejoining)
		try_end_rejoin(c);
	w4_check_started(c);
}

/* An operator has compared the logs of signatures and vouches. */
void
w4_force_resume(W4Consensus *c)
{
	c->rec.rejoining = 0;
	c->rec.no_sign_below = c->rec.height + 1;
	c->proven.height = 0;
	w4_dirty(c, W4_PART_RECORD);
	w4_alarm(c, W4_ALARM_RESUMED, NULL, c->rec.no_sign_below);
}

/* --- from disk --- */

/* Is it, to the last bit, what was accepted?  We pass it on, and vote for its block. */
static bool
proposal_sound(W4Consensus *c, const W4Held *prop)
{
	const W4Vote *v = &prop->p.vote;
	W4Justified j;

	if (v->height != c->rec.height || !w4_hash_eq(v->hash, prop->block.hash) ||
		!w4_check_vote(c, W4_NO_MEMBER, v, w4_set(c)))
		return false;
	if (v->view == c->rec.view && !w4_hash_is_zero(c->rec.accepted) && !w4_hash_eq(v->hash, c->rec.accepted))
		return false;
	return v->view == 0 || w4_justified(c, &prop->p, &j);
}

/* Is the block beside the record the one it names?  Otherwise it is of no use. */
static void
restore_bodies(W4Consensus *c, const W4Start *s)
{
	W4Held	   *prop = &c->held[W4_HELD_PROPOSAL];
	W4Held	   *body = &c->held[W4_HELD_PREPARED];

	if (s->proposal.len > 0 && w4_hold_message(c, W4_HELD_PROPOSAL, s->proposal))
		prop->full = proposal_sound(c, prop);
	if (s->prepared_body.len > 0 && s->prepared_body.len <= c->held_cap &&
		w4_hold_bare(c, W4_HELD_PREPARED, s->prepared_body) &&
		(c->rec.prepared.signers == 0 || !w4_hash_eq(body->block.hash, c->rec.prepared.hash)))
		body->full = false;
}

/* Own votes count again; a VIEW-CHANGE is offered again with what it rests on. */
static void
restore_own_votes(W4Consensus *c)
{
	if (c->me == W4_NO_MEMBER)
		return;
	if (c->rec.prepare.kind != 0)
		w4_count_own(c, &c->rec.prepare);
	if (c->rec.commit.kind != 0)
		w4_count_own(c, &c->rec.commit);
	if (c->rec.view_change.vote.kind != 0 && c->rec.mode == W4_CHANGING)
	{
		c->vc[c->me].s = c->rec.view_change;
		c->vc[c->me].prepared.signers = 0;
		if (c->rec.view_change.prepared_view != W4_NOTHING_PREPARED)
			w4_cert_copy(&c->vc[c->me].prepared, &c->rec.prepared);
		c->vc_have |= w4_mask_bit((unsigned) c->me);
	}
	if (c->rec.mode == W4_NORMAL && (c->rec.view > 0 || c->held[W4_HELD_PROPOSAL].full))
		w4_arm(c);
}

/*
 * The record belongs to the height after the tip.  An older one has been
 * overtaken by blocks; a younger one means that blocks were lost with the
 * database while the record was not: then we know exactly where we signed.
 */
static void
restore_record(W4Consensus *c, const W4Start *s)
{
	W4Record	rec;
	bool		have = s->record.len > 0;

	w4_record_init(&c->rec, s->tip->height + 1);
	if (have && !w4_record_decode(&rec, s->record, c->cfg.chain_id, NULL))
	{
		begin_rejoin(c, W4_ALARM_BAD_RECORD);
		return;
	}
	if (!have || W4_BUG(LOST_RECORD))
	{
		c->rec.incarnation = have ? rec.incarnation : 0;
		return;
	}
	if (rec.height == c->rec.height)
	{
		c->rec = rec;
		restore_bodies(c, s);
		return;
	}
	c->rec.incarnation = rec.incarnation;
	c->rec.rejoining = rec.rejoining;
	c->rec.no_sign_below = rec.no_sign_below;
	c->rec.signed_last = rec.signed_last;
	if (rec.height > c->rec.height)
		abstain_below(c, rec.height + 1);	/* the record is newer than the chain, its count holds */
}

/* Does the log know more than the record, or nothing at all? */
static void
compare_log(W4Consensus *c, const W4Start *s)
{
	if (s->fresh || W4_BUG(LOST_RECORD) || W4_BUG(NO_REJOIN))
		return;
	if (!s->log_present || s->cautious)
		begin_rejoin(c, W4_ALARM_ABSTAINING);
	else if (w4_position_cmp(s->log, c->rec.signed_last) > 0)
	{
		recount(c);
		abstain_below(c, s->log.height + 1);
		c->rec.signed_last = s->log;
	}
}

void
w4_on_start(W4Consensus *c, const W4Start *s)
{
	c->tip = *s->tip;
	c->told = c->tell = c->tip.height;
	memcpy(c->nonce, s->nonce, 16);
	memset(c->peer, 0, sizeof(c->peer));
	c->proven.height = 0;
	restore_record(c, s);
	c->rec.incarnation++;
	compare_log(c, s);
	w4_meet_members(c);
	restore_own_votes(c);
	w4_dirty(c, W4_PART_RECORD | W4_PART_TIP);
	w4_check_started(c);
	c->propose_due = true;
	c->status_interval = c->cfg.resend_min;
	c->status_at = c->now.mono;
	c->catch_at = c->now.mono + c->cfg.resend_min;
}
