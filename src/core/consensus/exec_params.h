/*-------------------------------------------------------------------------
 *
 * exec_params.h
 *		Chain parameters of the executor: fixed at genesis, some of them
 *		changeable by PARAM_SET with a quorum of approvals.
 *
 * Every constant of the economy and of the defence layers (consensus spec 2)
 * is one of them, because two peers that differ in one constant would differ
 * in state.  They are part of the state and of its digest.  Units: micro-ATP,
 * microseconds, ppm (1.0 = 1,000,000), counts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_EXEC_PARAMS_H
#define W4_CONSENSUS_EXEC_PARAMS_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#define W4_PPM 1000000
#define W4_SECOND_US INT64_C(1000000)
#define W4_DAY_US (INT64_C(86400) * W4_SECOND_US)

typedef enum W4Param
{
	/* Bounds of memory and work; genesis only. */
	W4_P_MAX_BLOCK_TXS,
	W4_P_MAX_BLOCK_SWEEPS,		/* due transfers handled in a block */
	W4_P_MAX_ACCOUNTS,
	W4_P_MAX_TRANSFERS,			/* held, and settled but not yet forgotten */
	W4_P_MAX_IDENTITIES,
	W4_P_MAX_THOUGHTS,
	W4_P_MAX_THOUGHT_BYTES,
	W4_P_MAX_TOMBSTONES,

	/* Money. */
	W4_P_EXPIRY_WINDOW,			/* blocks a transaction may lie ahead of its expiry */
	W4_P_ACCOUNT_OPEN_MIN,		/* least first credit of an account */
	W4_P_HOLD_MIN_US,
	W4_P_HOLD_MAX_US,
	W4_P_MAX_OPEN_HOLDS,		/* held transfers of one source */
	W4_P_SETTLED_KEEP_US,		/* how long a settled transfer is remembered */
	W4_P_GRANT,					/* at registration */
	W4_P_REWARD,
	W4_P_REWARD_HIGH,
	W4_P_PENALTY,
	W4_P_PENALTY_SPAM,
	W4_P_PENALTY_OFFENCE,
	W4_P_RECHARGE,				/* per whole day */
	W4_P_BALANCE_CAP,			/* for rewards and recharge */

	/* Registration, layers 1 and 6. */
	W4_P_POW_TARGET_EXP,		/* digest < 2^this; lower is harder */
	W4_P_POW_MAX_AGE,			/* blocks */

	/* Rate, layers 2, 4 and 9. */
	W4_P_RATE_WINDOW_US,
	W4_P_RATE_BASE,				/* thoughts in a window */
	W4_P_RATE_BYTES,
	W4_P_BONUS_TIER,
	W4_P_BONUS_PER_TIER,		/* ppm */
	W4_P_BONUS_MAX,				/* ppm */

	/* Quality, layer 3. */
	W4_P_COHERENCE_MIN,
	W4_P_COHERENCE_HIGH,

	/* Trust, layers 5 and 8, ppm. */
	W4_P_TRUST_INITIAL,
	W4_P_TRUST_ATTESTED,
	W4_P_TRUST_ACCEPTED,
	W4_P_TRUST_HIGH,
	W4_P_TRUST_VIOLATION,
	W4_P_TRUST_FLOOR,			/* of decay; violations may go lower */
	W4_P_DECAY_GRACE_DAYS,

	/* Corpus, layer 7. */
	W4_P_PRUNE_AT,				/* ppm of either maximum */
	W4_P_PRUNE_TO,
	W4_P_PRUNE_MIN_AGE_US,
	W4_P_RECENCY_SPAN_US,
	W4_P_AUTHOR_SHARE,			/* ppm of W4_P_MAX_THOUGHTS */

	/* Members. */
	W4_P_STRIKES,				/* violations within the evidence window that eject */
	W4_P_CHECKPOINT,			/* every how many heights a header covers a snapshot; genesis only */

	W4_NPARAMS
} W4Param;

typedef struct W4Params
{
	int64_t		v[W4_NPARAMS];
} W4Params;

extern void w4_params_default(W4Params *p);

/* Each within its range, and those that depend on each other in order. */
extern bool w4_params_ok(const W4Params *p);

/* May PARAM_SET give this parameter this value now? */
extern bool w4_params_may_set(const W4Params *p, unsigned id, int64_t value);

/* Do both agree on all that only genesis decides? */
extern bool w4_params_same_genesis(const W4Params *a, const W4Params *b);

/* Name for messages and tables, lower case with underscores; NULL for an unknown id. */
extern const char *w4_param_name(unsigned id);

/* W4_NPARAMS times i64be. */
#define W4_PARAMS_WIRE_LEN (W4_NPARAMS * 8)
extern void w4_params_put(W4Writer *out, const W4Params *p);
/* in: W4_PARAMS_WIRE_LEN bytes; false unless w4_params_ok. */
extern bool w4_params_get(W4Params *p, const uint8_t *in);

/* SHA-256("W4PRM1" | wire): what headers and the genesis document carry. */
extern void w4_params_hash(uint8_t out[32], const W4Params *p);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_EXEC_PARAMS_H */
