/*-------------------------------------------------------------------------
 *
 * exec_rules.h
 *		What the files of the executor share: the rule of each kind of
 *		transaction, and what a rule gets to see.
 *
 * A rule checks everything before it changes anything and returns a W4TxCode.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_EXEC_RULES_H
#define W4_CONSENSUS_EXEC_RULES_H

#include "core/consensus/exec.h"

#pragma GCC visibility push(hidden)

typedef struct W4RuleCtx
{
	W4State    *state;
	const W4Suite *suite;
	const W4ExecBlock *block;
	const W4Tx *tx;
	uint8_t		signer[32];		/* lct of the signing key */
	const W4Member *signer_peer;	/* the peer that speaks by it, or NULL */
	W4TxResult *result;
	W4Applied  *applied;
} W4RuleCtx;

static inline int64_t
w4_rule_param(const W4RuleCtx *ctx, W4Param id)
{
	return ctx->state->params.v[id];
}

/* --- ledger.c --- */

extern uint16_t w4_rule_transfer(W4RuleCtx *ctx);
extern uint16_t w4_rule_mint(W4RuleCtx *ctx);
extern uint16_t w4_rule_burn(W4RuleCtx *ctx);

/* May the signer spend from this account? */
extern bool w4_may_spend(const W4RuleCtx *ctx, const uint8_t lct[32], const W4Account *a);

/* The account that a TRANSFER or LOCK takes from, and whether its signer may. */
extern uint16_t w4_source_account(const W4RuleCtx *ctx, W4Account *from);

extern const W4Member *w4_find_peer(const W4ExecBlock *block, const uint8_t id[32]);

/* Could lct be credited?  W4_TXC_OK, or why an account cannot be opened for it. */
extern uint16_t w4_may_credit(const W4State *s, const uint8_t lct[32], int64_t amount);
/* Opens the account if need be; w4_may_credit said yes. */
extern void w4_credit(W4State *s, const uint8_t lct[32], int64_t amount);

/* Move between an account and the treasury; amounts are bounded by what is there and returned. */
extern int64_t w4_pay_from_treasury(W4State *s, W4Account *a, int64_t amount, int64_t cap);
extern int64_t w4_fine_to_treasury(W4State *s, W4Account *a, int64_t amount);

/* --- xfer.c --- */

extern uint16_t w4_rule_lock(W4RuleCtx *ctx);
extern uint16_t w4_rule_commit(W4RuleCtx *ctx);
extern uint16_t w4_rule_rollback(W4RuleCtx *ctx);

/* Refund what expired before "now", forget what was settled long ago; at most the block's share. */
extern void w4_sweep_transfers(W4State *s, int64_t now);

/* --- registration.c --- */

extern uint16_t w4_rule_register(W4RuleCtx *ctx);
extern uint16_t w4_rule_attest(W4RuleCtx *ctx);

/* Trust to zero and the fine of a proven offence; "source" is what proves it. */
extern uint16_t w4_punish(W4State *s, const uint8_t lct[32], const uint8_t source[32], int64_t now,
						  W4TxResult *result);

/* --- member_rules.c --- */

extern uint16_t w4_rule_motion(W4RuleCtx *ctx);
extern uint16_t w4_rule_vote(W4RuleCtx *ctx);
extern uint16_t w4_rule_leave(W4RuleCtx *ctx);
extern uint16_t w4_rule_accuse(W4RuleCtx *ctx);

/* Strike and punish whom the evidence convicts; ctx has no transaction. */
extern uint16_t w4_rule_offence(W4RuleCtx *ctx, const W4ExecOffence *offence);

/* The end of the block: a change of members takes its turn, old things are forgotten. */
extern void w4_take_turn(W4State *s, const W4ExecBlock *block, W4Applied *out);

/* --- corpus.c --- */

extern uint16_t w4_rule_thought(W4RuleCtx *ctx);
extern void w4_prune_corpus(W4State *s, int64_t now, uint64_t height);
/* Has the corpus reached the mark at which the next block prunes? */
extern bool w4_corpus_over(const W4State *s, int64_t mark_ppm);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_EXEC_RULES_H */
