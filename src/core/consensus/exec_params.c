/*-------------------------------------------------------------------------
 *
 * exec_params.c
 *		Chain parameters: names, defaults, ranges.
 *
 * The ranges keep arithmetic within 64 bits and memory within what
 * w4_exec_memory promises, whatever a quorum votes for.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/exec_params.h"

#include "core/consensus/limits.h"
#include "core/consensus/table.h"
#include "core/crypto.h"
#include "core/decimal.h"

#define ATP W4_MICRO_ATP
#define MANY W4_TABLE_MAX_ENTRIES

typedef struct ParamSpec
{
	const char *name;
	int64_t		value;			/* default */
	int64_t		min;
	int64_t		max;
	bool		genesis_only;
} ParamSpec;

static const ParamSpec specs[W4_NPARAMS] = {
	[W4_P_MAX_BLOCK_TXS] = {"max_block_txs", 5000, 1, 5000, true},
	[W4_P_MAX_BLOCK_SWEEPS] = {"max_block_sweeps", 10000, 1, 10000, true},
	[W4_P_MAX_ACCOUNTS] = {"max_accounts", 1 << 20, 1, MANY, true},
	[W4_P_MAX_TRANSFERS] = {"max_transfers", 1 << 20, 1, MANY, true},
	[W4_P_MAX_IDENTITIES] = {"max_identities", 1 << 18, 1, MANY, true},
	[W4_P_MAX_THOUGHTS] = {"max_thoughts", 10000, 1, 100000, true},
	[W4_P_MAX_THOUGHT_BYTES] = {"max_thought_bytes", 104857600, 40000, INT64_C(1) << 34, true},
	[W4_P_MAX_TOMBSTONES] = {"max_tombstones", 1 << 20, 1, MANY, true},
	[W4_P_EXPIRY_WINDOW] = {"expiry_window", 10000, 1, 1000000, false},
	[W4_P_ACCOUNT_OPEN_MIN] = {"account_open_min", 1 * ATP, 1, 1000 * ATP, false},
	[W4_P_HOLD_MIN_US] = {"hold_min_us", W4_SECOND_US, 1, 30 * W4_DAY_US, false},
	[W4_P_HOLD_MAX_US] = {"hold_max_us", 30 * W4_DAY_US, 1, 30 * W4_DAY_US, false},
	[W4_P_MAX_OPEN_HOLDS] = {"max_open_holds", 100, 1, MANY, false},
	[W4_P_SETTLED_KEEP_US] = {"settled_keep_us", 60 * W4_SECOND_US, 0, 30 * W4_DAY_US, false},
	[W4_P_GRANT] = {"grant", 100 * ATP, 0, 10000 * ATP, false},
	[W4_P_REWARD] = {"reward", 1 * ATP, 0, 10000 * ATP, false},
	[W4_P_REWARD_HIGH] = {"reward_high", 2 * ATP, 0, 10000 * ATP, false},
	[W4_P_PENALTY] = {"penalty", 5 * ATP, 0, 10000 * ATP, false},
	[W4_P_PENALTY_SPAM] = {"penalty_spam", 10 * ATP, 0, 10000 * ATP, false},
	[W4_P_PENALTY_OFFENCE] = {"penalty_offence", 10 * ATP, 0, 10000 * ATP, false},
	[W4_P_RECHARGE] = {"recharge", 10 * ATP, 0, 10000 * ATP, false},
	[W4_P_BALANCE_CAP] = {"balance_cap", 10000 * ATP, 0, W4_ATP_MAX_AMOUNT, false},
	[W4_P_POW_TARGET_EXP] = {"pow_target_exp", 236, 200, 255, false},
	[W4_P_POW_MAX_AGE] = {"pow_max_age", 1000, 1, 1000, false},
	[W4_P_RATE_WINDOW_US] = {"rate_window_us", 60 * W4_SECOND_US, W4_SECOND_US, 3600 * W4_SECOND_US, false},
	[W4_P_RATE_BASE] = {"rate_base", 10, 1, 10, false},
	[W4_P_RATE_BYTES] = {"rate_bytes", 100000, 1, 1 << 24, false},
	[W4_P_BONUS_TIER] = {"bonus_tier", 500 * ATP, 1 * ATP, W4_ATP_MAX_AMOUNT, false},
	[W4_P_BONUS_PER_TIER] = {"bonus_per_tier", W4_PPM / 2, 0, W4_PPM, false},
	[W4_P_BONUS_MAX] = {"bonus_max", W4_PPM, 0, W4_PPM, false},
	[W4_P_COHERENCE_MIN] = {"coherence_min", 300000, 0, W4_PPM, false},
	[W4_P_COHERENCE_HIGH] = {"coherence_high", 800000, 0, W4_PPM, false},
	[W4_P_TRUST_INITIAL] = {"trust_initial", 100000, 0, W4_PPM, false},
	[W4_P_TRUST_ATTESTED] = {"trust_attested", 200000, 0, W4_PPM, false},
	[W4_P_TRUST_ACCEPTED] = {"trust_accepted", 10000, 0, W4_PPM, false},
	[W4_P_TRUST_HIGH] = {"trust_high", 20000, 0, W4_PPM, false},
	[W4_P_TRUST_VIOLATION] = {"trust_violation", 50000, 0, W4_PPM, false},
	[W4_P_TRUST_FLOOR] = {"trust_floor", 100000, 0, W4_PPM, false},
	[W4_P_DECAY_GRACE_DAYS] = {"decay_grace_days", 7, 0, 36500, false},
	[W4_P_PRUNE_AT] = {"prune_at", 900000, 1, W4_PPM, false},
	[W4_P_PRUNE_TO] = {"prune_to", 700000, 0, W4_PPM, false},
	[W4_P_PRUNE_MIN_AGE_US] = {"prune_min_age_us", 3600 * W4_SECOND_US, 0, 30 * W4_DAY_US, false},
	[W4_P_RECENCY_SPAN_US] = {"recency_span_us", 36000 * W4_SECOND_US, 1, 365 * W4_DAY_US, false},
	[W4_P_AUTHOR_SHARE] = {"author_share", 200000, 1, W4_PPM, false},
	[W4_P_STRIKES] = {"strikes", W4_STRIKES, 1, 100, false},
	[W4_P_CHECKPOINT] = {"checkpoint", 10000, 1, 1000000, true},
};

void
w4_params_default(W4Params *p)
{
	for (int i = 0; i < W4_NPARAMS; i++)
		p->v[i] = specs[i].value;
}

bool
w4_params_ok(const W4Params *p)
{
	for (int i = 0; i < W4_NPARAMS; i++)
	{
		if (p->v[i] < specs[i].min || p->v[i] > specs[i].max)
			return false;
	}
	return p->v[W4_P_HOLD_MIN_US] <= p->v[W4_P_HOLD_MAX_US] &&
		p->v[W4_P_PRUNE_TO] < p->v[W4_P_PRUNE_AT] &&
		p->v[W4_P_COHERENCE_MIN] <= p->v[W4_P_COHERENCE_HIGH];
}

bool
w4_params_may_set(const W4Params *p, unsigned id, int64_t value)
{
	W4Params	changed = *p;

	if (id >= W4_NPARAMS || specs[id].genesis_only)
		return false;
	changed.v[id] = value;
	return w4_params_ok(&changed);
}

bool
w4_params_same_genesis(const W4Params *a, const W4Params *b)
{
	for (int i = 0; i < W4_NPARAMS; i++)
	{
		if (specs[i].genesis_only && a->v[i] != b->v[i])
			return false;
	}
	return true;
}

const char *
w4_param_name(unsigned id)
{
	return id < W4_NPARAMS ? specs[id].name : NULL;
}

void
w4_params_put(W4Writer *out, const W4Params *p)
{
	for (int i = 0; i < W4_NPARAMS; i++)
		w4_put_u64be(out, (uint64_t) p->v[i]);
}

bool
w4_params_get(W4Params *p, const uint8_t *in)
{
	for (int i = 0; i < W4_NPARAMS; i++)
		p->v[i] = (int64_t) w4_get_u64be(in + 8 * i);
	return w4_params_ok(p);
}

void
w4_params_hash(uint8_t out[32], const W4Params *p)
{
	uint8_t		wire[W4_PARAMS_WIRE_LEN];
	W4Writer	w = w4_writer(wire, sizeof(wire));
	W4Slice		parts[2] = {w4_slice_cstr("W4PRM1"), w4_slice(wire, sizeof(wire))};

	w4_params_put(&w, p);
	w4_sha256_parts(out, parts, 2);
}
