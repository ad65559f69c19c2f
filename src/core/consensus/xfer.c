/*-------------------------------------------------------------------------
 *
 * xfer.c
 *		Transfers between peers in two phases: LOCK, then COMMIT or ROLLBACK
 *		by the id of the LOCK alone, or expiry by block time.
 *
 * LOCK fixes everything; what comes later can only choose the outcome, and
 * only once.  A settled transfer is remembered for a while, so that a late or
 * repeated message is told what happened; W4_ST_DUE orders both the expiry of
 * held transfers and the forgetting of settled ones.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/exec_rules.h"
#include "core/consensus/mutant.h"

static const uint8_t nobody[32];

static bool
at_home(const W4Account *a, const uint8_t peer[32])
{
	return memcmp(a->home, peer, 32) == 0;
}

/* Reasons that lie in the two ends. */
static uint16_t
check_ends(const W4RuleCtx *ctx, const W4Account *from)
{
	const W4Tx *tx = ctx->tx;
	W4Account	to;

	if (w4_find_peer(ctx->block, tx->to_peer) == NULL)
		return W4_TXC_UNKNOWN_PEER;
	if (at_home(from, tx->to_peer))
		return W4_TXC_SAME_PEER;
	if (w4_state_account(ctx->state, tx->to, &to) && !at_home(&to, nobody) && !at_home(&to, tx->to_peer))
		return W4_TXC_WRONG_PEER;
	return w4_may_credit(ctx->state, tx->to, tx->amount);
}

uint16_t
w4_rule_lock(W4RuleCtx *ctx)
{
	const W4Tx *tx = ctx->tx;
	W4State    *s = ctx->state;
	W4Transfer	t = {.amount = tx->amount, .state = W4_TRANSFER_HELD};
	uint8_t		due[W4_DUE_KEY_LEN];
	W4Account	from;
	uint16_t	code;

	/* The signer's numbers make ids unique; a state from a snapshot need not have been honest. */
	if (w4_state_get(s, W4_ST_TRANSFER, tx->id) != NULL)
		return W4_TXC_REPLAYED;
	if ((code = w4_source_account(ctx, &from)) != W4_TXC_OK)
		return code;
	if (tx->hold_us < w4_rule_param(ctx, W4_P_HOLD_MIN_US) || tx->hold_us > w4_rule_param(ctx, W4_P_HOLD_MAX_US))
		return W4_TXC_HOLD_RANGE;
	if ((code = check_ends(ctx, &from)) != W4_TXC_OK)
		return code;
	if (from.available < tx->amount)
		return W4_TXC_INSUFFICIENT;
	if (from.open_holds >= w4_rule_param(ctx, W4_P_MAX_OPEN_HOLDS))
		return W4_TXC_TOO_MANY_HOLDS;
	if (w4_state_full(s, W4_ST_TRANSFER))
		return W4_TXC_FULL;

	memcpy(t.from, tx->from, 32);
	memcpy(t.to, tx->to, 32);
	memcpy(t.to_peer, tx->to_peer, 32);
	t.expires_us = t.due_us = ctx->block->time_us + tx->hold_us;
	from.available -= tx->amount;
	from.locked += tx->amount;
	from.open_holds++;
	w4_state_set_account(s, tx->from, &from);
	w4_state_set_transfer(s, tx->id, &t);
	w4_due_key(due, t.due_us, tx->id);
	w4_state_put(s, W4_ST_DUE, due, NULL);
	return W4_TXC_OK;
}

/* The one place where a held transfer ends. */
static void
settle(W4State *s, const uint8_t id[32], W4Transfer *t, W4TransferState outcome, int64_t now)
{
	uint8_t		due[W4_DUE_KEY_LEN];
	W4Account	from;

	if (!w4_state_account(s, t->from, &from))
	{
		s->broken = true;
		return;
	}
	from.locked -= t->amount;
	from.open_holds--;
	if (outcome != W4_TRANSFER_COMMITTED)
		from.available += t->amount;
	w4_state_set_account(s, t->from, &from);
	if (outcome == W4_TRANSFER_COMMITTED)
		w4_credit(s, t->to, t->amount + W4_BUG(MONEY_MADE));

	w4_due_key(due, t->due_us, id);
	w4_state_delete(s, W4_ST_DUE, due);
	t->state = (uint8_t) outcome;
	t->due_us = now + s->params.v[W4_P_SETTLED_KEEP_US];
	w4_due_key(due, t->due_us, id);
	w4_state_put(s, W4_ST_DUE, due, NULL);
	w4_state_set_transfer(s, id, t);
}

static uint16_t
settled_code(const W4Transfer *t)
{
	switch (t->state)
	{
		case W4_TRANSFER_HELD:
			return W4_TXC_OK;
		case W4_TRANSFER_COMMITTED:
			return W4_TXC_COMMITTED;
		case W4_TRANSFER_ROLLED_BACK:
			return W4_TXC_ROLLED_BACK;
		default:
			return W4_TXC_LOCK_EXPIRED;
	}
}

/* The agent that receives, or the peer it lives on. */
static bool
signed_by_destination(const W4RuleCtx *ctx, const W4Transfer *t)
{
	return memcmp(ctx->signer, t->to, 32) == 0 ||
		(ctx->signer_peer != NULL && memcmp(ctx->signer_peer->id, t->to_peer, 32) == 0);
}

uint16_t
w4_rule_commit(W4RuleCtx *ctx)
{
	W4State    *s = ctx->state;
	const uint8_t *id = ctx->tx->transfer_id;
	W4Transfer	t;
	uint16_t	code;

	if (!w4_state_transfer(s, id, &t))
		return W4_TXC_NO_TRANSFER;
	if (!signed_by_destination(ctx, &t))
		return W4_TXC_NOT_ALLOWED;
	if ((code = settled_code(&t)) != W4_TXC_OK)
		return code;
	if (ctx->block->time_us > t.expires_us)
		return W4_TXC_LOCK_EXPIRED;
	if (w4_state_get(s, W4_ST_ACCOUNT, t.to) == NULL && w4_state_full(s, W4_ST_ACCOUNT))
		return W4_TXC_FULL;
	settle(s, id, &t, W4_TRANSFER_COMMITTED, ctx->block->time_us);
	return W4_TXC_OK;
}

uint16_t
w4_rule_rollback(W4RuleCtx *ctx)
{
	W4State    *s = ctx->state;
	const uint8_t *id = ctx->tx->transfer_id;
	W4Transfer	t;
	W4Account	from;
	uint16_t	code;
	bool		destination;

	if (!w4_state_transfer(s, id, &t) || !w4_state_account(s, t.from, &from))
		return W4_TXC_NO_TRANSFER;
	destination = signed_by_destination(ctx, &t);
	if (!destination && !w4_may_spend(ctx, t.from, &from))
		return W4_TXC_NOT_ALLOWED;
	if ((code = settled_code(&t)) != W4_TXC_OK)
		return code;
	if (!destination && ctx->block->time_us <= t.expires_us)
		return W4_TXC_NOT_YET;
	settle(s, id, &t, W4_TRANSFER_ROLLED_BACK, ctx->block->time_us);
	return W4_TXC_OK;
}

void
w4_sweep_transfers(W4State *s, int64_t now)
{
	for (int64_t n = 0; n < s->params.v[W4_P_MAX_BLOCK_SWEEPS] && !s->broken; n++)
	{
		const uint8_t *first = w4_table_first(&s->tables[W4_ST_DUE], NULL);
		uint8_t		due[W4_DUE_KEY_LEN];
		const uint8_t *id = due + 8;
		W4Transfer	t;

		if (first == NULL || (int64_t) w4_get_u64be(first) >= now)
			return;
		memcpy(due, first, sizeof(due));
		if (!w4_state_transfer(s, id, &t))
			s->broken = true;
		else if (t.state == W4_TRANSFER_HELD)
			settle(s, id, &t, W4_TRANSFER_EXPIRED, now);
		else
		{
			w4_state_delete(s, W4_ST_DUE, due);
			w4_state_delete(s, W4_ST_TRANSFER, id);
		}
	}
}
