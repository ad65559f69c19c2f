/*-------------------------------------------------------------------------
 *
 * corpus.c
 *		Thoughts: recharge, rate, quality, capacity, reward; pruning.
 *
 * The order of the layers is that of consensus spec 2.0.  Bodies stay in the
 * blocks; the state keeps the hash, the author and what pruning needs.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/exec_rules.h"
#include "core/consensus/quality.h"
#include "core/consensus/trust.h"
#include "core/decimal.h"

#define PPM2 (INT64_C(1000000) * 1000000)

/* What a rule about one thought works on; written back once, at the end. */
typedef struct Author
{
	W4Account	account;
	W4Identity	identity;
} Author;

/* --- layers 8 and 9: recharge, then what the author may send --- */

/*
 * Whole days only, and the clock moves by whole days: no part of one is lost
 * or paid twice.  W4_EXEC_MAX_TIME and the range of the parameter bound the
 * product by 3 * 10^17.
 */
static int64_t
recharge(W4RuleCtx *ctx, Author *a)
{
	W4Identity *i = &a->identity;
	int64_t		days = (ctx->block->time_us - i->last_recharge_us) / W4_DAY_US;

	if (days <= 0)
		return 0;
	i->last_recharge_us += days * W4_DAY_US;
	return w4_pay_from_treasury(ctx->state, &a->account, days * w4_rule_param(ctx, W4_P_RECHARGE),
								w4_rule_param(ctx, W4_P_BALANCE_CAP));
}

/* Locked ATP counts: who has money in flight has it still. */
static int64_t
balance_bonus(const W4RuleCtx *ctx, const W4Account *a)
{
	int64_t		tiers = (a->available + a->locked) / w4_rule_param(ctx, W4_P_BONUS_TIER);
	int64_t		most = w4_rule_param(ctx, W4_P_BONUS_MAX);
	int64_t		per_tier = w4_rule_param(ctx, W4_P_BONUS_PER_TIER);

	/* At most W4_PPM tiers matter, so the product cannot overflow. */
	if (tiers > W4_PPM)
		tiers = W4_PPM;
	return tiers * per_tier < most ? tiers * per_tier : most;
}

/* floor(base * (1 + trust / 2) * (1 + bonus)); base <= 2^24, so the product fits before the division. */
static int64_t
scaled(const W4RuleCtx *ctx, const Author *a, W4Param base)
{
	int64_t		trust = w4_trust_effective(&ctx->state->params, a->identity.trust,
										   a->identity.last_active_us, ctx->block->time_us);
	int64_t		limit = 0;

	(void) w4_muldiv_i64(w4_rule_param(ctx, base) * (W4_PPM + trust / 2),
						 W4_PPM + balance_bonus(ctx, &a->account), PPM2, false, &limit);
	return limit;
}

/* --- layers 2 and 4: rate --- */

static void
record_attempt(W4Identity *i, int64_t now, size_t bytes)
{
	if (i->nattempts == W4_RATE_RING)
	{
		memmove(i->attempts, i->attempts + 1, sizeof(W4Attempt) * (W4_RATE_RING - 1));
		i->nattempts--;
	}
	i->attempts[i->nattempts].time_us = now;
	i->attempts[i->nattempts++].bytes = (uint32_t) bytes;
}

/* Was this attempt within the limits?  It is recorded either way. */
static bool
within_rate(const W4RuleCtx *ctx, Author *a)
{
	int64_t		now = ctx->block->time_us;
	int64_t		since = now - w4_rule_param(ctx, W4_P_RATE_WINDOW_US);
	int64_t		most = scaled(ctx, a, W4_P_RATE_BASE);
	int64_t		most_bytes = scaled(ctx, a, W4_P_RATE_BYTES);
	int64_t		count = 0;
	int64_t		bytes = (int64_t) ctx->tx->content.len;

	for (int k = 0; k < a->identity.nattempts; k++)
	{
		if (a->identity.attempts[k].time_us <= since)
			continue;
		count++;
		bytes += a->identity.attempts[k].bytes;
	}
	record_attempt(&a->identity, now, ctx->tx->content.len);
	return count < most && bytes <= most_bytes;
}

/* --- layers 3 and 7 --- */

static uint16_t
check_quality(const W4RuleCtx *ctx, const uint8_t hash[32])
{
	W4Quality	q = w4_quality(ctx->tx->content);

	ctx->result->coherence = q.coherence;
	if (q.blank || q.code_points < W4_THOUGHT_MIN_CHARS || q.code_points > W4_THOUGHT_MAX_CHARS)
		return W4_TXC_LENGTH;
	if (q.coherence < w4_rule_param(ctx, W4_P_COHERENCE_MIN))
		return W4_TXC_COHERENCE;
	if (w4_state_get(ctx->state, W4_ST_THOUGHT, hash) != NULL ||
		w4_state_get(ctx->state, W4_ST_TOMBSTONE, hash) != NULL)
		return W4_TXC_DUPLICATE;
	return W4_TXC_OK;
}

static uint16_t
check_capacity(const W4RuleCtx *ctx, const Author *a)
{
	const W4State *s = ctx->state;
	int64_t		share = w4_rule_param(ctx, W4_P_MAX_THOUGHTS) * w4_rule_param(ctx, W4_P_AUTHOR_SHARE) / W4_PPM;
	int64_t		bytes = s->totals.thought_bytes + (int64_t) ctx->tx->content.len;

	if (w4_state_full(s, W4_ST_THOUGHT) || bytes > w4_rule_param(ctx, W4_P_MAX_THOUGHT_BYTES))
		return W4_TXC_CORPUS_FULL;
	return a->identity.live_thoughts >= (share > 0 ? share : 1) ? W4_TXC_AUTHOR_SHARE : W4_TXC_OK;
}

/* --- layers 5 and 9: consequences --- */

static void
change_trust(W4RuleCtx *ctx, Author *a, W4TrustCause cause)
{
	W4TrustEntry e;

	w4_trust_apply(&a->identity, ctx->signer, &ctx->state->params, cause, ctx->block->time_us, ctx->tx->id, &e);
	ctx->result->trust_cause = e.cause;
	ctx->result->trust_delta = e.delta;
	ctx->result->trust_after = e.after;
}

static void
count_up(uint32_t *counter)
{
	if (*counter < UINT32_MAX)
		(*counter)++;
}

static void
punish(W4RuleCtx *ctx, Author *a, uint16_t code)
{
	W4Param		fine = code == W4_TXC_RATE ? W4_P_PENALTY_SPAM : W4_P_PENALTY;

	ctx->result->layer = code == W4_TXC_RATE ? 2 : 3;
	ctx->result->atp_delta -= w4_fine_to_treasury(ctx->state, &a->account, w4_rule_param(ctx, fine));
	count_up(&a->identity.violations);
	change_trust(ctx, a, W4_TRUST_VIOLATION);
}

static void
accept(W4RuleCtx *ctx, Author *a, const uint8_t hash[32])
{
	W4Thought	t = {.time_us = ctx->block->time_us, .coherence = ctx->result->coherence,
		.bytes = (uint32_t) ctx->tx->content.len};
	bool		high = t.coherence >= w4_rule_param(ctx, W4_P_COHERENCE_HIGH);
	uint8_t		value[W4_THOUGHT_LEN];

	memcpy(t.author, ctx->signer, 32);
	w4_thought_put(value, &t);
	w4_state_put(ctx->state, W4_ST_THOUGHT, hash, value);
	count_up(&a->identity.accepted);
	a->identity.live_thoughts++;
	change_trust(ctx, a, high ? W4_TRUST_ACCEPTED_HIGH : W4_TRUST_ACCEPTED);
	ctx->result->atp_delta += w4_pay_from_treasury(ctx->state, &a->account,
												   w4_rule_param(ctx, high ? W4_P_REWARD_HIGH : W4_P_REWARD),
												   w4_rule_param(ctx, W4_P_BALANCE_CAP));
}

uint16_t
w4_rule_thought(W4RuleCtx *ctx)
{
	uint8_t		hash[32];
	Author		a;
	uint16_t	code;

	if (!w4_state_identity(ctx->state, ctx->signer, &a.identity) ||
		!w4_state_account(ctx->state, ctx->signer, &a.account))
		return W4_TXC_NOT_REGISTERED;
	w4_sha256(hash, ctx->tx->content.data, ctx->tx->content.len);
	ctx->result->atp_delta = recharge(ctx, &a);
	code = within_rate(ctx, &a) ? check_quality(ctx, hash) : W4_TXC_RATE;
	if (code != W4_TXC_OK)
		punish(ctx, &a, code);
	else if ((code = check_capacity(ctx, &a)) != W4_TXC_OK)
		ctx->result->layer = 7;
	else
		accept(ctx, &a, hash);
	w4_state_set_account(ctx->state, ctx->signer, &a.account);
	w4_state_set_identity(ctx->state, ctx->signer, &a.identity);
	return code;
}

/* --- pruning --- */

/* mark / 10^6 of a maximum, rounded down; maxima are below 2^35. */
static int64_t
share_of(int64_t most, int64_t mark_ppm)
{
	return most * mark_ppm / W4_PPM;
}

bool
w4_corpus_over(const W4State *s, int64_t mark_ppm)
{
	return s->tables[W4_ST_THOUGHT].count >= share_of(s->params.v[W4_P_MAX_THOUGHTS], mark_ppm) ||
		s->totals.thought_bytes >= share_of(s->params.v[W4_P_MAX_THOUGHT_BYTES], mark_ppm);
}

/* More than the mark that pruning aims at? */
static bool
above(const W4State *s, int64_t mark_ppm)
{
	return s->tables[W4_ST_THOUGHT].count > share_of(s->params.v[W4_P_MAX_THOUGHTS], mark_ppm) ||
		s->totals.thought_bytes > share_of(s->params.v[W4_P_MAX_THOUGHT_BYTES], mark_ppm);
}

/* Could the longest thought still be taken? */
static bool
has_room(const W4State *s)
{
	return !w4_state_full(s, W4_ST_THOUGHT) &&
		s->totals.thought_bytes <= s->params.v[W4_P_MAX_THOUGHT_BYTES] - W4_TX_MAX_CONTENT;
}

/* 10^7 * (0.6 coherence + 0.4 recency), exact but for the recency's ppm. */
static int64_t
priority(const W4Params *p, const W4Thought *t, int64_t age)
{
	int64_t		span = p->v[W4_P_RECENCY_SPAN_US];
	int64_t		gone = W4_PPM;

	if (age < span)
		(void) w4_muldiv_i64(age, W4_PPM, span, false, &gone);
	return 6 * (int64_t) t->coherence + 4 * (W4_PPM - gone);
}

static bool
before(const W4PruneItem *a, const W4PruneItem *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return memcmp(a->key, b->key, 32) < 0;
}

/* Restore the heap order, largest on top, below position i. */
static void
sift_down(W4PruneItem *items, uint32_t n, uint32_t i)
{
	for (;;)
	{
		uint32_t	child = 2 * i + 1;
		W4PruneItem swap;

		if (child >= n)
			return;
		if (child + 1 < n && before(&items[child], &items[child + 1]))
			child++;
		if (!before(&items[i], &items[child]))
			return;
		swap = items[i];
		items[i] = items[child];
		items[child] = swap;
		i = child;
	}
}

/* Heap sort: no memory, no bad case, and keys make the order total. */
static void
sort_items(W4PruneItem *items, uint32_t n)
{
	for (uint32_t i = n / 2; i-- > 0;)
		sift_down(items, n, i);
	for (uint32_t last = n; last-- > 1;)
	{
		W4PruneItem swap = items[0];

		items[0] = items[last];
		items[last] = swap;
		sift_down(items, last, 0);
	}
}

static uint32_t
collect(W4State *s, int64_t now)
{
	W4TableCursor c;
	const uint8_t *key;
	const uint8_t *value;
	uint32_t	n = 0;
	W4Thought	t;

	w4_table_cursor(&c, &s->tables[W4_ST_THOUGHT]);
	while (w4_table_next(&c, &key, &value))
	{
		(void) w4_thought_get(&t, value);
		memcpy(s->prune[n].key, key, 32);
		s->prune[n].priority = priority(&s->params, &t, now - t.time_us);
		s->prune[n++].young = now - t.time_us < s->params.v[W4_P_PRUNE_MIN_AGE_US];
	}
	sort_items(s->prune, n);
	return n;
}

/* The hash stays behind, so that the same text is not taken twice, while there is room for hashes. */
static void
bury(W4State *s, const uint8_t key[32], uint64_t height)
{
	uint8_t		value[8];
	W4Writer	w = w4_writer(value, sizeof(value));
	W4Thought	t;
	W4Identity	author;

	(void) w4_thought_get(&t, w4_state_get(s, W4_ST_THOUGHT, key));
	w4_state_delete(s, W4_ST_THOUGHT, key);
	if (!w4_state_full(s, W4_ST_TOMBSTONE))
	{
		w4_put_u64be(&w, height);
		w4_state_put(s, W4_ST_TOMBSTONE, key, value);
	}
	if (w4_state_identity(s, t.author, &author))
	{
		author.live_thoughts--;
		w4_state_set_identity(s, t.author, &author);
	}
}

void
w4_prune_corpus(W4State *s, int64_t now, uint64_t height)
{
	uint32_t	n = collect(s, now);

	for (uint32_t i = 0; i < n && above(s, s->params.v[W4_P_PRUNE_TO]); i++)
	{
		if (!s->prune[i].young)
			bury(s, s->prune[i].key, height);
	}

	/* Young ones are safe unless nothing more could be taken otherwise. */
	if (has_room(s))
		return;
	for (uint32_t i = 0; i < n && w4_corpus_over(s, s->params.v[W4_P_PRUNE_AT]); i++)
	{
		if (s->prune[i].young)
			bury(s, s->prune[i].key, height);
	}
}
