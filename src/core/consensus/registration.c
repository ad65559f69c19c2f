/*-------------------------------------------------------------------------
 *
 * registration.c
 *		Identities: proof of work, registration, attestation, offences.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/registration.h"

#include "core/consensus/exec_rules.h"
#include "core/consensus/trust.h"
#include "core/lctid.h"

/* --- proof of work --- */

static void
put_hex(W4Writer *out, const uint8_t bytes[32])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 32; i++)
	{
		w4_put_u8(out, (uint8_t) digits[bytes[i] >> 4]);
		w4_put_u8(out, (uint8_t) digits[bytes[i] & 15]);
	}
}

void
w4_pow_challenge(W4Writer *out, W4Slice entity_type, const uint8_t key[32], const uint8_t anchor_hash[32])
{
	uint8_t		lct[W4_LCT_LEN];
	char		text[W4_LCT_TEXT_LEN];

	w4_lct_from_key(lct, key);
	w4_lct_format(text, lct);
	w4_put_cstr(out, "lct-creation:");
	w4_put(out, entity_type.data, entity_type.len);
	w4_put_u8(out, ':');
	w4_put(out, text, sizeof(text));
	w4_put_u8(out, ':');
	put_hex(out, key);
	w4_put_u8(out, ':');
	put_hex(out, anchor_hash);
	w4_put_u8(out, ':');
}

bool
w4_pow_ok(W4Slice challenge, uint64_t nonce, int target_exp)
{
	uint8_t		decimal[20];
	size_t		start = sizeof(decimal);
	uint8_t		hash[32];
	W4Slice		parts[2];

	do
	{
		decimal[--start] = (uint8_t) ('0' + nonce % 10);
		nonce /= 10;
	} while (nonce > 0);
	parts[0] = challenge;
	parts[1] = w4_slice(decimal + start, sizeof(decimal) - start);
	w4_sha256_parts(hash, parts, 2);
	for (int bit = 0; bit < 256 - target_exp; bit++)
	{
		if ((hash[bit >> 3] >> (7 - (bit & 7)) & 1) != 0)
			return false;
	}
	return true;
}

static uint16_t
check_work(const W4RuleCtx *ctx)
{
	const W4Tx *tx = ctx->tx;
	uint64_t	age = ctx->block->height - tx->anchor_height;
	uint8_t		key[8];
	W4Writer	w = w4_writer(key, sizeof(key));
	uint8_t		challenge[W4_POW_CHALLENGE_MAX];
	W4Writer	out = w4_writer(challenge, sizeof(challenge));
	const uint8_t *anchor;

	w4_put_u64be(&w, tx->anchor_height);
	if (tx->anchor_height >= ctx->block->height || age > (uint64_t) w4_rule_param(ctx, W4_P_POW_MAX_AGE) ||
		(anchor = w4_state_get(ctx->state, W4_ST_ANCHOR, key)) == NULL)
		return W4_TXC_STALE_ANCHOR;
	w4_pow_challenge(&out, tx->entity_type, tx->key, anchor);
	if (!w4_pow_ok(w4_slice(challenge, out.len), tx->pow_nonce, (int) w4_rule_param(ctx, W4_P_POW_TARGET_EXP)))
		return W4_TXC_BAD_WORK;
	return W4_TXC_OK;
}

/* --- rules --- */

static void
report_trust(W4TxResult *result, const W4TrustEntry *e)
{
	result->trust_cause = e->cause;
	result->trust_delta = e->delta;
	result->trust_after = e->after;
}

static void
new_identity(const W4RuleCtx *ctx, W4Identity *i)
{
	int64_t		now = ctx->block->time_us;
	W4TrustEntry entry;

	memset(i, 0, sizeof(*i));
	memcpy(i->key, ctx->tx->key, 32);
	memcpy(i->entity_type, ctx->tx->entity_type.data, ctx->tx->entity_type.len);
	i->hw_level = ctx->tx->hw_level;
	i->last_active_us = now;
	i->last_recharge_us = now;
	i->registered_height = ctx->block->height;
	w4_trust_apply(i, ctx->signer, &ctx->state->params, W4_TRUST_REGISTERED, now, ctx->tx->id, &entry);
	report_trust(ctx->result, &entry);
}

uint16_t
w4_rule_register(W4RuleCtx *ctx)
{
	const W4Tx *tx = ctx->tx;
	W4State    *s = ctx->state;
	W4Identity	identity;
	W4Account	a;
	uint16_t	code;

	if (w4_state_get(s, W4_ST_IDENTITY, ctx->signer) != NULL)
		return W4_TXC_REGISTERED;
	if (w4_find_peer(ctx->block, tx->to_peer) == NULL)
		return W4_TXC_UNKNOWN_PEER;
	if ((code = check_work(ctx)) != W4_TXC_OK)
	{
		ctx->result->layer = 1;
		return code;
	}
	if (!w4_state_account(s, ctx->signer, &a))
	{
		if (w4_state_full(s, W4_ST_ACCOUNT))
			return W4_TXC_FULL;
		memset(&a, 0, sizeof(a));
	}
	if (w4_state_full(s, W4_ST_IDENTITY))
		return W4_TXC_FULL;
	memcpy(a.home, tx->to_peer, 32);
	a.custodial = false;
	ctx->result->atp_delta = w4_pay_from_treasury(s, &a, w4_rule_param(ctx, W4_P_GRANT), INT64_MAX);
	w4_state_set_account(s, ctx->signer, &a);
	new_identity(ctx, &identity);
	w4_state_set_identity(s, ctx->signer, &identity);
	return W4_TXC_OK;
}

uint16_t
w4_rule_attest(W4RuleCtx *ctx)
{
	const uint8_t *subject = ctx->tx->subject;
	W4TrustEntry entry;
	W4Identity	i;

	if (!w4_state_identity(ctx->state, subject, &i))
		return W4_TXC_NOT_REGISTERED;
	if (i.attested)
		return W4_TXC_ATTESTED;
	if (i.hw_level != 5)
		return W4_TXC_NOT_CLAIMED;
	i.attested = true;
	w4_trust_apply(&i, subject, &ctx->state->params, W4_TRUST_ATTESTED, ctx->block->time_us, ctx->tx->id, &entry);
	report_trust(ctx->result, &entry);
	w4_state_set_identity(ctx->state, subject, &i);
	return W4_TXC_OK;
}

uint16_t
w4_punish(W4State *s, const uint8_t lct[32], const uint8_t source[32], int64_t now, W4TxResult *result)
{
	W4TrustEntry entry;
	W4Identity	i;
	W4Account	a;

	if (!w4_state_identity(s, lct, &i) || !w4_state_account(s, lct, &a))
		return W4_TXC_NOT_REGISTERED;
	w4_trust_apply(&i, lct, &s->params, W4_TRUST_OFFENCE, now, source, &entry);
	report_trust(result, &entry);
	if (i.violations < UINT32_MAX)
		i.violations++;
	w4_state_set_identity(s, lct, &i);
	result->atp_delta = -w4_fine_to_treasury(s, &a, s->params.v[W4_P_PENALTY_OFFENCE]);
	w4_state_set_account(s, lct, &a);
	return W4_TXC_OK;
}
