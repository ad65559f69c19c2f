/*-------------------------------------------------------------------------
 *
 * exec.c
 *		Block application: admission of transactions, order of effects,
 *		results, digest; genesis and growth.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/exec.h"

#include "core/consensus/exec_rules.h"
#include "core/decimal.h"
#include "core/lctid.h"
#include "core/merkle.h"

/* --- setting up --- */

size_t
w4_exec_memory(const W4Params *params, const W4ExecSizes *sizes)
{
	return w4_state_memory(params, sizes);
}

bool
w4_exec_init(W4Exec *x, void *mem, size_t len, const uint8_t chain_id[32], const W4Params *params,
			 const W4ExecSizes *sizes, const W4Suite *suite)
{
	memset(x, 0, sizeof(*x));
	x->own_suite = suite != NULL;
	x->suite = suite != NULL ? *suite : w4_suite_ed25519;
	return w4_state_init(&x->state, mem, len, chain_id, params, sizes);
}

static bool
genesis_account_ok(const W4State *s, const W4GenesisAccount *g)
{
	static const uint8_t nobody[32];

	return g->amount >= 0 && w4_state_get(s, W4_ST_ACCOUNT, g->lct) == NULL &&
		(!g->custodial || memcmp(g->home, nobody, 32) != 0);
}

bool
w4_exec_genesis(W4Exec *x, int64_t time_us, int64_t treasury, const W4GenesisAccount *accounts, uint32_t naccounts)
{
	W4State    *s = &x->state;

	if (time_us <= 0 || time_us >= W4_EXEC_MAX_TIME || treasury < 0 || naccounts > s->sizes.accounts)
		return false;
	s->totals.time_us = time_us;
	s->totals.supply = s->totals.treasury = treasury;
	for (uint32_t i = 0; i < naccounts; i++)
	{
		W4Account	a = {.available = accounts[i].amount, .custodial = accounts[i].custodial};

		if (!genesis_account_ok(s, &accounts[i]) ||
			!w4_add_i64(s->totals.supply, a.available, &s->totals.supply))
			return false;
		memcpy(a.home, accounts[i].home, 32);
		w4_state_set_account(s, accounts[i].lct, &a);
		w4_state_keep(s);
	}
	w4_state_seal(s);
	return true;
}

static bool
copy_table(W4Table *to, const W4Table *from)
{
	W4TableCursor c;
	const uint8_t *key;
	const uint8_t *value;

	w4_table_cursor(&c, from);
	while (w4_table_next(&c, &key, &value))
	{
		if (!w4_table_put(to, key, value))
			return false;
	}
	return true;
}

bool
w4_exec_grow(W4Exec *to, void *mem, size_t len, const W4ExecSizes *sizes, const W4Exec *from)
{
	const W4State *old = &from->state;
	W4State    *s = &to->state;

	if (!w4_exec_init(to, mem, len, old->chain_id, &old->params, sizes, from->own_suite ? &from->suite : NULL))
		return false;
	for (int i = 0; i < W4_NTABLES; i++)
	{
		if (!copy_table(&s->tables[i], &old->tables[i]))
			return false;
	}
	s->totals = old->totals;
	*s->council = *old->council;
	memcpy(s->digest, old->digest, 32);
	memcpy(s->previous, old->previous, 32);
	memcpy(s->results_root, old->results_root, 32);
	return true;
}

/* --- results --- */

void
w4_tx_result_put(uint8_t out[W4_TX_RESULT_LEN], const W4TxResult *r)
{
	W4Writer	w = w4_writer(out, W4_TX_RESULT_LEN);

	w4_put(&w, r->id, 32);
	w4_put_u16be(&w, r->code);
	w4_put_u8(&w, r->layer);
	w4_put_u32be(&w, r->coherence);
	w4_put_u64be(&w, (uint64_t) r->atp_delta);
	w4_put_u8(&w, r->trust_cause);
	w4_put_u32be(&w, (uint32_t) r->trust_delta);
	w4_put_u32be(&w, r->trust_after);
}

static void
results_root(uint8_t out[32], const W4TxResult *results, uint32_t n)
{
	W4MerkleFrontier f;
	uint8_t		raw[W4_TX_RESULT_LEN];
	uint8_t		leaf[32];

	f.size = 0;
	for (uint32_t i = 0; i < n; i++)
	{
		w4_tx_result_put(raw, &results[i]);
		w4_merkle_leaf_hash(leaf, raw, sizeof(raw));
		(void) w4_merkle_frontier_append(&f, leaf, NULL, NULL);
	}
	w4_merkle_frontier_root(out, &f);
}

/* --- admission --- */

/* A key that registered was checked then; any other is checked each time. */
static bool
signature_ok(W4Exec *x, const char *domain, W4Slice body, const uint8_t signature[64], const uint8_t key[32],
			 bool registered)
{
	W4Writer	w = w4_writer(x->signed_bytes, sizeof(x->signed_bytes));

	w4_tx_put_signed(&w, domain, x->state.chain_id, body);
	if (x->own_suite)
		return x->suite.verify(x->suite.arg, signature, w.buf, w.len, key);
	if (registered)
		return w4_verify_registered(signature, w.buf, w.len, key);
	return w4_verify_strict(signature, w.buf, w.len, key);
}

/*
 * The peer that speaks by this transaction: whose consensus key signed it; for a
 * new consensus key, whose identity did, since the old one may be lost.
 */
static const W4Member *
speaker(const W4ExecBlock *block, const W4Tx *tx, const uint8_t signer[32])
{
	if (tx->kind == W4_TX_PEER_ROTATE)
		return w4_find_peer(block, signer);
	for (int i = 0; i < block->members->n; i++)
	{
		if (memcmp(block->members->m[i].key, tx->key, 32) == 0)
			return &block->members->m[i];
	}
	return NULL;
}

/* Kinds that only a peer submits. */
static bool
needs_peer(uint8_t kind)
{
	return w4_tx_kind_cosigned(kind) || kind == W4_TX_ACCUSE || kind >= W4_TX_PEER_ADD;
}

/* A quorum to change money or parameters; f + 1 to state a fact, so that one of them is honest. */
static int
cosigners_needed(uint8_t kind, int n)
{
	return kind == W4_TX_ATTEST ? w4_faulty(n) + 1 : w4_quorum(n);
}

/* All of them distinct (the decoder saw to that), peers, and valid. */
static bool
cosigners_ok(W4Exec *x, const W4ExecBlock *block, const W4Tx *tx)
{
	int			n = (int) (tx->cosignatures.len / W4_TX_COSIGNATURE_LEN);
	const uint8_t *p = tx->cosignatures.data;

	if (n < cosigners_needed(tx->kind, block->members->n))
		return false;
	for (int i = 0; i < n; i++, p += W4_TX_COSIGNATURE_LEN)
	{
		const W4Member *peer = w4_find_peer(block, p);

		if (peer == NULL || !signature_ok(x, W4_DOMAIN_COSIGN, tx->body, p + 32, peer->key, false))
			return false;
	}
	return true;
}

/* May a signer without an account, who is no peer, be heard?  To register, or to answer a transfer to it. */
static bool
stranger_may(const W4RuleCtx *ctx)
{
	W4Transfer	t;

	if (ctx->tx->kind == W4_TX_REGISTER)
		return true;
	return (ctx->tx->kind == W4_TX_COMMIT || ctx->tx->kind == W4_TX_ROLLBACK) &&
		w4_state_transfer(ctx->state, ctx->tx->transfer_id, &t) && memcmp(t.to, ctx->signer, 32) == 0;
}

/* Everything that can be said without looking at what the transaction wants; cheap before dear. */
static uint16_t
admit(W4Exec *x, W4RuleCtx *ctx, const W4Account *account)
{
	const W4Tx *tx = ctx->tx;
	uint64_t	height = ctx->block->height;
	bool		registered;

	if (tx->expiry_height < height)
		return W4_TXC_EXPIRED;
	if (tx->expiry_height - height > (uint64_t) w4_rule_param(ctx, W4_P_EXPIRY_WINDOW))
		return W4_TXC_TOO_EARLY;
	if (account == NULL && ctx->signer_peer == NULL && !stranger_may(ctx))
		return W4_TXC_UNKNOWN_SIGNER;
	if (account != NULL && !w4_seq_fresh(&account->seq, tx->sequence))
		return W4_TXC_REPLAYED;
	if (needs_peer(tx->kind) && ctx->signer_peer == NULL)
		return W4_TXC_NOT_PEER;
	registered = w4_state_get(ctx->state, W4_ST_IDENTITY, ctx->signer) != NULL;
	if (!signature_ok(x, W4_DOMAIN_TX, tx->body, tx->signature, tx->key, registered))
		return W4_TXC_BAD_SIGNATURE;
	if (w4_tx_kind_cosigned(tx->kind) && !cosigners_ok(x, ctx->block, tx))
		return W4_TXC_COSIGNERS;
	return W4_TXC_OK;
}

/* --- one transaction --- */

static uint16_t
rule_param_set(W4RuleCtx *ctx)
{
	if (!w4_params_may_set(&ctx->state->params, ctx->tx->param, ctx->tx->value))
		return W4_TXC_BAD_PARAM;
	ctx->state->params.v[ctx->tx->param] = ctx->tx->value;
	return W4_TXC_OK;
}

static uint16_t
run_rule(W4RuleCtx *ctx)
{
	switch (ctx->tx->kind)
	{
		case W4_TX_TRANSFER:
			return w4_rule_transfer(ctx);
		case W4_TX_LOCK:
			return w4_rule_lock(ctx);
		case W4_TX_COMMIT:
			return w4_rule_commit(ctx);
		case W4_TX_ROLLBACK:
			return w4_rule_rollback(ctx);
		case W4_TX_MINT:
			return w4_rule_mint(ctx);
		case W4_TX_BURN:
			return w4_rule_burn(ctx);
		case W4_TX_REGISTER:
			return w4_rule_register(ctx);
		case W4_TX_THOUGHT:
			return w4_rule_thought(ctx);
		case W4_TX_ATTEST:
			return w4_rule_attest(ctx);
		case W4_TX_ACCUSE:
			return w4_rule_accuse(ctx);
		case W4_TX_PARAM_SET:
			return rule_param_set(ctx);
		case W4_TX_PEER_VOTE:
			return w4_rule_vote(ctx);
		case W4_TX_PEER_LEAVE:
			return w4_rule_leave(ctx);
		default:
			return w4_rule_motion(ctx);
	}
}

/*
 * Write down that the number was used.  A peer's first transaction opens an
 * account for its key, with nothing in it; a stranger has one only once its
 * rule has opened it.
 */
static bool
use_sequence(W4RuleCtx *ctx, bool may_open)
{
	W4State    *s = ctx->state;
	W4Account	a;

	if (!w4_state_account(s, ctx->signer, &a))
	{
		if (!may_open || w4_state_full(s, W4_ST_ACCOUNT))
			return false;
		memset(&a, 0, sizeof(a));
	}
	w4_seq_use(&a.seq, ctx->tx->sequence);
	w4_state_set_account(s, ctx->signer, &a);
	return true;
}

static uint16_t
execute(W4Exec *x, W4RuleCtx *ctx)
{
	W4Account	account;
	bool		known = w4_state_account(ctx->state, ctx->signer, &account);
	uint16_t	code = admit(x, ctx, known ? &account : NULL);
	bool		early = known || ctx->signer_peer != NULL;
	W4StateMark mark;

	if (code != W4_TXC_OK)
		return code;
	if (early && !use_sequence(ctx, true))
		return W4_TXC_FULL;
	mark = w4_state_mark(ctx->state);
	code = run_rule(ctx);

	/* Rules check first, so there is nothing to undo; but should one not, nobody pays for it. */
	if (code != W4_TXC_OK && ctx->tx->kind != W4_TX_THOUGHT && !ctx->state->broken)
		w4_state_undo(ctx->state, &mark);
	if (code == W4_TXC_OK && !early)
		(void) use_sequence(ctx, false);
	return code;
}

/* Decode, find out who signs, run. */
static void
run_transaction(W4Exec *x, const W4ExecBlock *block, W4Slice wire, W4TxResult *result, W4Applied *out)
{
	W4RuleCtx	ctx = {.state = &x->state, .suite = &x->suite, .block = block, .result = result, .applied = out};
	W4Tx		tx;

	memset(result, 0, sizeof(*result));
	if (!w4_tx_decode(&tx, wire, NULL))
	{
		w4_sha256(result->id, wire.data, wire.len);
		result->code = W4_TXC_MALFORMED;
		return;
	}
	memcpy(result->id, tx.id, 32);
	ctx.tx = &tx;
	w4_lct_from_key(ctx.signer, tx.key);
	ctx.signer_peer = speaker(block, &tx, ctx.signer);
	result->code = execute(x, &ctx);
}

uint16_t
w4_exec_admissible(W4Exec *x, W4Slice wire, const W4Members *members)
{
	W4ExecBlock block = {.height = x->state.totals.height + 1, .members = members};
	W4RuleCtx	ctx = {.state = &x->state, .block = &block};
	W4Account	account;
	W4Tx		tx;

	if (!w4_tx_decode(&tx, wire, NULL))
		return W4_TXC_MALFORMED;
	ctx.tx = &tx;
	w4_lct_from_key(ctx.signer, tx.key);
	ctx.signer_peer = speaker(&block, &tx, ctx.signer);
	return admit(x, &ctx, w4_state_account(&x->state, ctx.signer, &account) ? &account : NULL);
}

bool
w4_exec_signed(W4Exec *x, const W4Tx *tx)
{
	return signature_ok(x, W4_DOMAIN_TX, tx->body, tx->signature, tx->key, false);
}

/* --- one block --- */

static bool
members_ok(const W4Members *set)
{
	if (set->n < 1 || set->n > W4_MAX_MEMBERS)
		return false;
	for (int i = 1; i < set->n; i++)
	{
		if (memcmp(set->m[i - 1].id, set->m[i].id, 32) >= 0)
			return false;
	}
	return true;
}

static bool
block_follows(const W4State *s, const W4ExecBlock *b)
{
	if (b->height != s->totals.height + 1 || b->height > W4_TX_MAX_HEIGHT ||
		b->time_us <= s->totals.time_us || b->time_us >= W4_EXEC_MAX_TIME ||
		b->ntxs > s->params.v[W4_P_MAX_BLOCK_TXS] || b->noffences > W4_MAX_BLOCK_EVIDENCE)
		return false;
	return members_ok(b->members) && members_ok(b->next);
}

/* Raise *need to what n more entries take, unless the chain's maximum forbids them anyway. */
static bool
enough(uint32_t *need, const W4State *s, W4StateTable table, uint32_t n, W4Param most)
{
	uint64_t	wanted = (uint64_t) s->tables[table].count + n;

	if (wanted > (uint64_t) s->params.v[most])
		wanted = (uint64_t) s->params.v[most];
	if (wanted <= *need)
		return true;
	*need = (uint32_t) wanted;
	return false;
}

/* Room for whatever the block may do: a transaction opens at most two accounts and one entry elsewhere. */
static bool
has_room(W4Exec *x, const W4ExecBlock *b)
{
	const W4State *s = &x->state;
	uint32_t	pruned = s->totals.prune_due ? s->tables[W4_ST_THOUGHT].count : 0;
	bool		ok = true;

	x->need = s->sizes;
	ok &= enough(&x->need.accounts, s, W4_ST_ACCOUNT, 2 * b->ntxs, W4_P_MAX_ACCOUNTS);
	ok &= enough(&x->need.transfers, s, W4_ST_TRANSFER, b->ntxs, W4_P_MAX_TRANSFERS);
	ok &= enough(&x->need.identities, s, W4_ST_IDENTITY, b->ntxs, W4_P_MAX_IDENTITIES);
	ok &= enough(&x->need.thoughts, s, W4_ST_THOUGHT, b->ntxs, W4_P_MAX_THOUGHTS);
	ok &= enough(&x->need.tombstones, s, W4_ST_TOMBSTONE, pruned, W4_P_MAX_TOMBSTONES);
	return ok;
}

static void
remember_parent(W4State *s, const W4ExecBlock *b)
{
	uint8_t		key[8];
	W4Writer	w = w4_writer(key, sizeof(key));

	w4_put_u64be(&w, b->height - 1);
	w4_state_put(s, W4_ST_ANCHOR, key, b->parent_hash);
	if (b->height < W4_ANCHORS)
		return;
	w = w4_writer(key, sizeof(key));
	w4_put_u64be(&w, b->height - W4_ANCHORS);
	w4_state_delete(s, W4_ST_ANCHOR, key);
}

static void
punish_offences(W4State *s, const W4ExecBlock *b, W4TxResult *results, W4Applied *out)
{
	for (uint32_t i = 0; i < b->noffences; i++)
	{
		W4RuleCtx	ctx = {.state = s, .block = b, .result = &results[b->ntxs + i], .applied = out};

		memset(ctx.result, 0, sizeof(*ctx.result));
		memcpy(ctx.result->id, b->offences[i].evidence, 32);
		ctx.result->code = w4_rule_offence(&ctx, &b->offences[i]);
	}
}

static void
begin_applied(W4Applied *out)
{
	memset(out->checkpoint_root, 0, 32);
	out->struck = 0;
	out->members_change = false;
}

W4ExecStatus
w4_exec_block(W4Exec *x, const W4ExecBlock *b, W4TxResult *results, W4Applied *out)
{
	W4State    *s = &x->state;
	W4StateMark mark;

	if (!block_follows(s, b))
		return W4_EXEC_BAD_BLOCK;
	if (!has_room(x, b))
		return W4_EXEC_GROW;
	w4_state_keep(s);
	mark = w4_state_mark(s);

	s->totals.height = b->height;
	s->totals.time_us = b->time_us;
	remember_parent(s, b);
	if (s->totals.prune_due)
		w4_prune_corpus(s, b->time_us, b->height);
	w4_sweep_transfers(s, b->time_us);
	begin_applied(out);
	punish_offences(s, b, results, out);
	for (uint32_t i = 0; i < b->ntxs && !s->broken; i++)
		run_transaction(x, b, b->txs[i], &results[i], out);
	w4_take_turn(s, b, out);
	s->totals.prune_due = w4_corpus_over(s, s->params.v[W4_P_PRUNE_AT]);
	if (s->broken || !w4_state_conserved(s))
	{
		w4_state_undo(s, &mark);
		return W4_EXEC_BROKEN;
	}

	results_root(s->results_root, results, b->ntxs + b->noffences);
	memcpy(s->previous, s->digest, 32);
	w4_state_seal(s);
	memcpy(out->state_digest, s->digest, 32);
	memcpy(out->results_root, s->results_root, 32);
	w4_params_hash(out->params_hash, &s->params);
	w4_state_keep(s);
	return W4_EXEC_OK;
}
