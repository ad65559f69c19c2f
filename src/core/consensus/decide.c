/*-------------------------------------------------------------------------
 *
 * decide.c
 *		A block is decided: apply it, go to the next height.
 *
 * The only place where the height moves.  Execution, the stored block, the new
 * tip and the emptied record become durable together.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

/* --- the members of the height --- */

/* What is known of peers moves with them when the set changes. */
void
w4_meet_members(W4Consensus *c)
{
	const W4Members *set = w4_set(c);
	W4Peer		was[W4_MAX_MEMBERS];

	c->me = w4_members_find(set, c->cfg.me);
	if (set->n > c->cfg.max_members || c->tip.members[2].n > c->cfg.max_members)
	{
		c->halted = true;
		w4_alarm(c, W4_ALARM_DIVERGED, NULL, c->rec.height);
		return;
	}
	memcpy(was, c->peer, sizeof(was));
	memset(c->peer, 0, sizeof(c->peer));
	for (int i = 0; i < set->n; i++)
	{
		w4_hash_copy(c->peer[i].id, set->m[i].id);
		c->peer[i].heard = c->now.mono;
		for (int k = 0; k < W4_MAX_MEMBERS; k++)
			if (w4_hash_eq(was[k].id, set->m[i].id))
				c->peer[i] = was[k];
	}
}

/* --- the next height --- */

static void
turn_tallies(W4Consensus *c)
{
	W4Tally    *t = c->tally[0];

	c->tally[0] = c->tally[1];
	c->tally[1] = t;
	for (int i = 0; i < W4_VIEW_SLOTS; i++)
		t->round[i].used = false;
}

void
w4_enter_height(W4Consensus *c)
{
	w4_record_next(&c->rec);
	w4_dirty(c, W4_PART_RECORD | W4_PART_TIP);
	c->height_token = c->token + 1;
	turn_tallies(c);
	c->vc_have = 0;
	c->held[W4_HELD_PROPOSAL].full = false;
	c->held[W4_HELD_PREPARED].full = false;
	c->held[W4_HELD_FETCHED].full = false;
	c->deadline = 0;
	c->suspect = false;
	c->proposal_at = 0;
	c->body_at = 0;
	w4_ask_nobody(c);
	w4_check_proven(c);
	c->propose_due = true;
	w4_arm_if_work(c);
	w4_catch_later(c);
}

/* --- deciding --- */

/* A quorum decided a block that cannot follow ours: we are wrong, or more than f of them are. */
static bool
diverged(W4Consensus *c, const W4Block *block, const W4Cert *cert)
{
	if (w4_tip_misfit(&c->tip, block, cert->view) == NULL &&
		w4_tip_last_commit(&c->tip, block, c->cfg.chain_id, &c->cfg.suite))
		return false;
	c->halted = true;
	w4_alarm(c, W4_ALARM_DIVERGED, NULL, block->header.height);
	return true;
}

void
w4_decide(W4Consensus *c, const W4Block *block, const W4Cert *cert)
{
	W4Applied	applied;
	bool		new_set = !w4_hash_eq(c->tip.members[1].hash, c->tip.members[2].hash);

	if (diverged(c, block, cert))
		return;
	w4_look_for_own(c, cert);
	memset(&applied, 0, offsetof(W4Applied, members));
	c->cfg.host.apply(c->cfg.host.arg, block, cert, &applied);
	if (!w4_tip_advance(&c->tip, block, cert, &applied, c->cfg.chain_id))
	{
		c->halted = true;
		w4_alarm(c, W4_ALARM_DIVERGED, NULL, block->header.height);
		return;
	}
	c->last_proposal.kind = 0;
	if (c->held[W4_HELD_PROPOSAL].full)
		c->last_proposal = c->held[W4_HELD_PROPOSAL].p.vote;
	w4_enter_height(c);
	if (new_set || applied.members_change)
		w4_meet_members(c);
	w4_replay_next(c);
	w4_advance_all(c);
}
