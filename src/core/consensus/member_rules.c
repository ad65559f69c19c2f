/*-------------------------------------------------------------------------
 *
 * member_rules.c
 *		Members: motions, votes, leaves; accusations, offences, strikes; the
 *		change that takes its turn at the end of a block.
 *
 * The rules of membership by quorum are roster.c, those of strikes strikes.c;
 * here they meet transactions, fines and result codes (consensus spec 3.10,
 * 3.11).
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/exec_rules.h"

/* --- motions and votes --- */

static uint16_t
code_of(W4RosterResult result)
{
	static const uint16_t codes[W4_ROSTER_RESULTS] = {
		[W4_ROSTER_OK] = W4_TXC_OK,
		[W4_ROSTER_PASSED] = W4_TXC_OK,
		[W4_ROSTER_NOT_MEMBER] = W4_TXC_NOT_PEER,
		[W4_ROSTER_UNKNOWN_MOTION] = W4_TXC_NO_MOTION,
		[W4_ROSTER_DUPLICATE] = W4_TXC_VOTED,
		[W4_ROSTER_EXPIRED] = W4_TXC_MOTION_EXPIRED,
		[W4_ROSTER_FULL] = W4_TXC_TOO_MANY_MOTIONS,
		[W4_ROSTER_POINTLESS] = W4_TXC_POINTLESS,
	};

	return codes[result];
}

static void
motion_of(W4Motion *m, const W4Tx *tx, const W4Member *by)
{
	memset(m, 0, sizeof(*m));
	w4_hash_copy(m->id, tx->id);
	w4_hash_copy(m->subject, tx->kind == W4_TX_PEER_ROTATE ? by->id : tx->subject);
	w4_hash_copy(m->key, tx->new_key);
	m->kind = tx->kind == W4_TX_PEER_ADD ? W4_MOTION_ADD : tx->kind == W4_TX_PEER_REMOVE ? W4_MOTION_REMOVE : W4_MOTION_ROTATE;
	m->expiry = tx->until;
}

/*
 * Who joins has registered before, so that fines and trust have somewhere to
 * go.  A key that is no valid point would make a set that nobody can decode.
 */
uint16_t
w4_rule_motion(W4RuleCtx *ctx)
{
	const W4Tx *tx = ctx->tx;
	W4Motion	m;

	if (tx->until > ctx->block->height + (uint64_t) w4_rule_param(ctx, W4_P_EXPIRY_WINDOW))
		return W4_TXC_MOTION_EXPIRED;
	if (tx->kind == W4_TX_PEER_ADD && w4_state_get(ctx->state, W4_ST_IDENTITY, tx->subject) == NULL)
		return W4_TXC_NOT_REGISTERED;
	if (tx->kind != W4_TX_PEER_REMOVE && !ctx->suite->key_ok(ctx->suite->arg, tx->new_key))
		return W4_TXC_BAD_KEY;
	motion_of(&m, tx, ctx->signer_peer);
	return code_of(w4_roster_propose(&w4_state_council(ctx->state)->roster, ctx->block->members,
									 ctx->signer_peer->id, &m, ctx->block->height));
}

uint16_t
w4_rule_vote(W4RuleCtx *ctx)
{
	return code_of(w4_roster_vote(&w4_state_council(ctx->state)->roster, ctx->block->members,
								  ctx->signer_peer->id, ctx->tx->motion, ctx->block->height));
}

uint16_t
w4_rule_leave(W4RuleCtx *ctx)
{
	W4RosterResult r = w4_roster_remove(&w4_state_council(ctx->state)->roster, ctx->block->members,
										ctx->signer_peer->id, ctx->tx->id);

	return r == W4_ROSTER_DUPLICATE ? W4_TXC_LEAVING : code_of(r);
}

/* --- strikes --- */

/*
 * A new strike costs trust and a fine, the place on the rota, and at the limit
 * membership.  "source" is what brought it.
 */
static uint16_t
strike(W4RuleCtx *ctx, const uint8_t id[32], const uint8_t source[32], W4StrikeResult result)
{
	int			index = w4_members_find(ctx->block->next, id);

	if (index != W4_NO_MEMBER)
		ctx->applied->struck |= w4_mask_bit((unsigned) index);
	if (result == W4_STRIKE_EJECTED)
		(void) w4_roster_remove(&w4_state_council(ctx->state)->roster, ctx->block->members, id, source);
	return w4_punish(ctx->state, id, source, ctx->block->time_us, ctx->result);
}

/* The accusation holds whether or not the accused has an identity to be fined. */
uint16_t
w4_rule_accuse(W4RuleCtx *ctx)
{
	const W4Tx *tx = ctx->tx;
	W4StrikeResult result;

	if (w4_find_peer(ctx->block, tx->subject) == NULL)
		return W4_TXC_UNKNOWN_PEER;
	result = w4_strikes_accuse(&w4_state_council(ctx->state)->strikes, ctx->block->members, ctx->signer_peer->id,
							   tx->subject, tx->reason, (int) w4_rule_param(ctx, W4_P_STRIKES), ctx->block->height);
	if (result == W4_STRIKE_KNOWN)
		return W4_TXC_ACCUSED;
	if (result != W4_STRIKE_NOTED)
		(void) strike(ctx, tx->subject, tx->id, result);
	return W4_TXC_OK;
}

uint16_t
w4_rule_offence(W4RuleCtx *ctx, const W4ExecOffence *offence)
{
	W4StrikeResult result = w4_strikes_convict(&w4_state_council(ctx->state)->strikes, &offence->conviction,
											   (int) w4_rule_param(ctx, W4_P_STRIKES), ctx->block->height);

	if (result == W4_STRIKE_KNOWN || result == W4_STRIKE_STALE)
		return W4_TXC_REPLAYED;
	return strike(ctx, offence->conviction.id, offence->evidence, result);
}

/* --- the end of a block --- */

/* Lowest height that evidence in the next block may speak of. */
static uint64_t
window_start(uint64_t height)
{
	return height + 1 > W4_EVIDENCE_WINDOW ? height + 1 - W4_EVIDENCE_WINDOW : 0;
}

void
w4_take_turn(W4State *s, const W4ExecBlock *b, W4Applied *out)
{
	W4Council  *council;

	if (s->council->roster.motions == 0 && !w4_history_stale(&s->council->history, window_start(b->height)))
		return;
	council = w4_state_council(s);
	w4_history_forget(&council->history, window_start(b->height));
	out->members_change = w4_roster_end_block(&council->roster, b->members, b->next, b->height, &out->members);
	if (out->members_change)
		w4_history_note(&council->history, b->next, &out->members, b->height + 2);
	w4_roster_follow(&council->roster, b->members, b->next);
}
