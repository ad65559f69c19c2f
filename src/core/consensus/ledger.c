/*-------------------------------------------------------------------------
 *
 * ledger.c
 *		Accounts: transfers within a peer, supply, the treasury.
 *
 * Every amount is bounded by the supply, which is checked where it grows, so
 * sums of balances cannot overflow.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/exec_rules.h"
#include "core/decimal.h"

static const uint8_t nobody[32];

static bool
is_zero(const uint8_t id[32])
{
	return memcmp(id, nobody, 32) == 0;
}

const W4Member *
w4_find_peer(const W4ExecBlock *block, const uint8_t id[32])
{
	int			at = w4_members_find(block->members, id);

	return at == W4_NO_MEMBER ? NULL : &block->members->m[at];
}

bool
w4_may_spend(const W4RuleCtx *ctx, const uint8_t lct[32], const W4Account *a)
{
	if (memcmp(ctx->signer, lct, 32) == 0)
		return true;
	return a->custodial && ctx->signer_peer != NULL && memcmp(ctx->signer_peer->id, a->home, 32) == 0;
}

uint16_t
w4_may_credit(const W4State *s, const uint8_t lct[32], int64_t amount)
{
	if (w4_state_get(s, W4_ST_ACCOUNT, lct) != NULL)
		return W4_TXC_OK;
	if (amount < s->params.v[W4_P_ACCOUNT_OPEN_MIN])
		return W4_TXC_TOO_SMALL;
	return w4_state_full(s, W4_ST_ACCOUNT) ? W4_TXC_FULL : W4_TXC_OK;
}

void
w4_credit(W4State *s, const uint8_t lct[32], int64_t amount)
{
	W4Account	a;

	if (!w4_state_account(s, lct, &a))
		memset(&a, 0, sizeof(a));
	a.available += amount;
	w4_state_set_account(s, lct, &a);
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
w4_pay_from_treasury(W4State *s, W4Account *a, int64_t amount, int64_t cap)
{
	int64_t		room = cap - (a->available + a->locked);
	int64_t		paid = least(least(amount, room > 0 ? room : 0), s->totals.treasury);

	a->available += paid;
	s->totals.treasury -= paid;
	return paid;
}

int64_t
w4_fine_to_treasury(W4State *s, W4Account *a, int64_t amount)
{
	int64_t		paid = least(amount, a->available);

	a->available -= paid;
	s->totals.treasury += paid;
	return paid;
}

uint16_t
w4_source_account(const W4RuleCtx *ctx, W4Account *from)
{
	const W4Tx *tx = ctx->tx;

	if (memcmp(tx->from, tx->to, 32) == 0)
		return W4_TXC_SELF;
	if (!w4_state_account(ctx->state, tx->from, from))
		return W4_TXC_NO_ACCOUNT;
	return w4_may_spend(ctx, tx->from, from) ? W4_TXC_OK : W4_TXC_NOT_ALLOWED;
}

/* --- kinds --- */

uint16_t
w4_rule_transfer(W4RuleCtx *ctx)
{
	const W4Tx *tx = ctx->tx;
	W4State    *s = ctx->state;
	W4Account	from;
	W4Account	to;
	uint16_t	code;

	if ((code = w4_source_account(ctx, &from)) != W4_TXC_OK)
		return code;
	if (w4_state_account(s, tx->to, &to) && !is_zero(to.home) && !is_zero(from.home) &&
		memcmp(from.home, to.home, 32) != 0)
		return W4_TXC_CROSS_PEER;
	if (from.available < tx->amount)
		return W4_TXC_INSUFFICIENT;
	if ((code = w4_may_credit(s, tx->to, tx->amount)) != W4_TXC_OK)
		return code;

	from.available -= tx->amount;
	w4_state_set_account(s, tx->from, &from);
	w4_credit(s, tx->to, tx->amount);
	return W4_TXC_OK;
}

uint16_t
w4_rule_mint(W4RuleCtx *ctx)
{
	const W4Tx *tx = ctx->tx;
	W4State    *s = ctx->state;
	bool		treasury = is_zero(tx->to);
	uint16_t	code;
	int64_t		supply;

	if (!w4_add_i64(s->totals.supply, tx->amount, &supply))
		return W4_TXC_OVERFLOW;
	if (!treasury && (code = w4_may_credit(s, tx->to, tx->amount)) != W4_TXC_OK)
		return code;

	s->totals.supply = supply;
	if (treasury)
		s->totals.treasury += tx->amount;
	else
		w4_credit(s, tx->to, tx->amount);
	return W4_TXC_OK;
}

uint16_t
w4_rule_burn(W4RuleCtx *ctx)
{
	W4Totals   *t = &ctx->state->totals;

	if (t->treasury < ctx->tx->amount)
		return W4_TXC_INSUFFICIENT;
	t->treasury -= ctx->tx->amount;
	t->supply -= ctx->tx->amount;
	return W4_TXC_OK;
}
