/*
 * A small chain for the tests of the executor: peers, agents, a keyed hash for
 * signatures (test_exec_tx.c has the real ones), builders of transactions.
 */
#ifndef W4_TEST_EXEC_FIXTURE_H
#define W4_TEST_EXEC_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/consensus/exec.h"
#include "core/consensus/exec_snapshot.h"
#include "core/consensus/quality.h"
#include "core/consensus/registration.h"
#include "core/consensus/trust.h"
#include "core/decimal.h"
#include "core/lctid.h"
#include "core/merkle.h"

#define ATP W4_MICRO_ATP
#define T0 INT64_C(1800000000000000)
#define SECOND W4_SECOND_US
#define MAX_BLOCK 256

/* --- keys: the fake key of agent n, and what the fake signature is --- */

static inline void
key_of(uint8_t key[32], unsigned n)
{
	uint8_t		seed[8] = {'k', 'e', 'y', (uint8_t) (n >> 24), (uint8_t) (n >> 16), (uint8_t) (n >> 8), (uint8_t) n, 0};

	w4_sha256(key, seed, sizeof(seed));
}

static inline void
lct_of(uint8_t lct[32], unsigned n)
{
	uint8_t		key[32];

	key_of(key, n);
	w4_lct_from_key(lct, key);
}

static inline void
fake_sign(uint8_t signature[64], const void *message, size_t len, const uint8_t key[32])
{
	W4Slice		parts[2] = {w4_slice(key, 32), w4_slice(message, len)};

	w4_sha256_parts(signature, parts, 2);
	memset(signature + 32, 0x5a, 32);
}

static inline bool
fake_verify(void *arg, const uint8_t signature[64], const void *message, size_t len, const uint8_t key[32])
{
	uint8_t		expected[64];

	(void) arg;
	fake_sign(expected, message, len, key);
	return memcmp(signature, expected, 64) == 0;
}

static inline bool
fake_key_ok(void *arg, const uint8_t key[32])
{
	(void) arg;
	return key[0] != 0xff || key[1] != 0xff;	/* all but those that a test makes bad */
}

static const W4Suite fake_suite = {fake_key_ok, fake_verify, NULL};

/* --- a chain --- */

#define PEER(n) (900000u + (n))	/* agents that are peers' consensus keys */

typedef struct Chain
{
	W4Exec		exec;
	void	   *mem;
	uint8_t		chain_id[32];
	W4Params	params;
	W4Member	peers[W4_MAX_MEMBERS];
	uint32_t	npeers;
	W4Members	set;			/* peers, sealed, as of the last block put together */
	int64_t		now;
	uint8_t		tip[32];		/* stands in for the hash of the last block */
	uint64_t	sequence;		/* shared by all signers: gaps are allowed */
	/* the block being put together */
	uint8_t    *bytes;
	W4Writer	out;
	W4Slice		txs[MAX_BLOCK];
	uint32_t	ntxs;
	W4ExecOffence offences[4];
	uint32_t	noffences;
	/* the last block */
	W4TxResult	results[MAX_BLOCK + 4];
	W4Applied	applied;
	uint8_t		digest[32];
} Chain;

#define CHAIN_BYTES (1 << 22)
static const W4ExecSizes small_sizes = {2000, 4000, 1000, 1000, 3000};

static inline void
small_params(W4Params *p)
{
	w4_params_default(p);
	p->v[W4_P_MAX_BLOCK_TXS] = MAX_BLOCK;
	p->v[W4_P_MAX_BLOCK_SWEEPS] = 1000;
	p->v[W4_P_POW_TARGET_EXP] = 255;
}

/* Peer ids are in order: 0, 1, 2, ... as their first byte. */
static inline void
chain_open(Chain *c, const W4Params *params, const W4ExecSizes *sizes, uint32_t npeers)
{
	size_t		len = w4_exec_memory(params, sizes);

	memset(c, 0, sizeof(*c));
	memset(c->chain_id, 0xc1, 32);
	memcpy(c->tip, c->chain_id, 32);
	c->params = *params;
	c->npeers = npeers;
	for (uint32_t i = 0; i < npeers; i++)
	{
		memset(c->peers[i].id, 0x11, 32);
		c->peers[i].id[0] = (uint8_t) (i + 1);
		key_of(c->peers[i].key, PEER(i));
	}
	assert_true(len > 0);
	c->mem = malloc(len);
	c->bytes = malloc(CHAIN_BYTES);
	assert_true(c->mem != NULL && c->bytes != NULL);
	c->out = w4_writer(c->bytes, CHAIN_BYTES);
	c->now = T0;
	assert_true(w4_exec_init(&c->exec, c->mem, len, c->chain_id, params, sizes, &fake_suite));
}

static inline void
chain_close(Chain *c)
{
	free(c->mem);
	free(c->bytes);
}

/* Accounts 0 .. n - 1, account i at peer i mod npeers, "amount" ATP each. */
static inline void
chain_genesis(Chain *c, uint32_t n, int64_t amount, int64_t treasury)
{
	W4GenesisAccount *g = calloc(n + 1, sizeof(*g));

	assert_non_null(g);
	for (uint32_t i = 0; i < n; i++)
	{
		lct_of(g[i].lct, i);
		g[i].amount = amount * ATP;
		memcpy(g[i].home, c->peers[i % c->npeers].id, 32);
	}
	assert_true(w4_exec_genesis(&c->exec, c->now, treasury * ATP, g, n));
	memcpy(c->digest, c->exec.state.digest, 32);
	free(g);
}

/* --- transactions --- */

static inline W4Tx
tx_by(Chain *c, W4TxKind kind, unsigned signer)
{
	W4Tx		tx;

	memset(&tx, 0, sizeof(tx));
	tx.kind = (uint8_t) kind;
	key_of(tx.key, signer);
	tx.sequence = ++c->sequence;
	tx.expiry_height = c->exec.state.totals.height + 100;
	return tx;
}

/* Cosign with peers 0 .. n - 1, sign, append to the block; returns its place. */
static inline uint32_t
add_signed(Chain *c, W4Tx *tx, uint32_t cosigners)
{
	uint8_t		cosignatures[W4_MAX_MEMBERS * W4_TX_COSIGNATURE_LEN];
	static uint8_t body[W4_TX_MAX_SIZE];
	static uint8_t message[W4_TX_SIGNED_MAX];
	W4Writer	b = w4_writer(body, W4_TX_MAX_SIZE);
	W4Writer	m = w4_writer(message, W4_TX_SIGNED_MAX);
	size_t		start = c->out.len;
	W4Fault		fault = {NULL, 0};

	assert_true(c->ntxs < MAX_BLOCK);
	w4_tx_put_body(&b, tx);
	w4_tx_put_signed(&m, W4_DOMAIN_COSIGN, c->chain_id, w4_slice(body, b.len));
	for (uint32_t i = 0; i < cosigners; i++)
	{
		memcpy(cosignatures + i * W4_TX_COSIGNATURE_LEN, c->peers[i].id, 32);
		fake_sign(cosignatures + i * W4_TX_COSIGNATURE_LEN + 32, message, m.len, c->peers[i].key);
	}
	if (tx->cosignatures.data == NULL)
		tx->cosignatures = w4_slice(cosignatures, cosigners * W4_TX_COSIGNATURE_LEN);
	m = w4_writer(message, W4_TX_SIGNED_MAX);
	w4_tx_put_signed(&m, W4_DOMAIN_TX, c->chain_id, w4_slice(body, b.len));
	fake_sign(tx->signature, message, m.len, tx->key);
	w4_sha256(tx->id, body, b.len);
	if (!w4_tx_encode(&c->out, tx, &fault))
		fail_msg("encode: %s at %zu", fault.what, fault.offset);
	c->txs[c->ntxs] = w4_slice(c->bytes + start, c->out.len - start);
	return c->ntxs++;
}

static inline uint32_t
add(Chain *c, W4Tx *tx)
{
	return add_signed(c, tx, 0);
}

static inline uint32_t
add_transfer(Chain *c, unsigned from, unsigned to, int64_t amount)
{
	W4Tx		tx = tx_by(c, W4_TX_TRANSFER, from);

	lct_of(tx.from, from);
	lct_of(tx.to, to);
	tx.amount = amount;
	return add(c, &tx);
}

/* id: of the transfer. */
static inline uint32_t
add_lock(Chain *c, unsigned from, unsigned to, uint32_t peer, int64_t amount, int64_t hold, uint8_t id[32])
{
	W4Tx		tx = tx_by(c, W4_TX_LOCK, from);
	uint32_t	place;

	lct_of(tx.from, from);
	lct_of(tx.to, to);
	memcpy(tx.to_peer, c->peers[peer].id, 32);
	tx.amount = amount;
	tx.hold_us = hold;
	place = add(c, &tx);
	memcpy(id, tx.id, 32);
	return place;
}

static inline uint32_t
add_settle(Chain *c, W4TxKind kind, unsigned signer, const uint8_t id[32])
{
	W4Tx		tx = tx_by(c, kind, signer);

	memcpy(tx.transfer_id, id, 32);
	return add(c, &tx);
}

static inline uint64_t
find_nonce(const Chain *c, const W4Tx *tx, const uint8_t anchor[32])
{
	uint8_t		challenge[W4_POW_CHALLENGE_MAX];
	W4Writer	w = w4_writer(challenge, sizeof(challenge));
	uint64_t	nonce = 0;

	w4_pow_challenge(&w, tx->entity_type, tx->key, anchor);
	assert_false(w.full);
	while (!w4_pow_ok(w4_slice(challenge, w.len), nonce, (int) c->params.v[W4_P_POW_TARGET_EXP]))
		nonce++;
	return nonce;
}

/* Anchored at the parent of the block being put together. */
static inline uint32_t
add_register(Chain *c, unsigned agent, uint8_t hw_level)
{
	W4Tx		tx = tx_by(c, W4_TX_REGISTER, agent);

	memcpy(tx.to_peer, c->peers[agent % c->npeers].id, 32);
	tx.entity_type = w4_slice_cstr("ai");
	tx.hw_level = hw_level;
	tx.anchor_height = c->exec.state.totals.height;
	tx.pow_nonce = find_nonce(c, &tx, c->tip);
	return add(c, &tx);
}

static inline uint32_t
add_thought(Chain *c, unsigned agent, const char *text)
{
	W4Tx		tx = tx_by(c, W4_TX_THOUGHT, agent);

	tx.content = w4_slice_cstr(text);
	tx.claimed_coherence = W4_PPM;
	return add(c, &tx);
}

/* --- blocks --- */

static inline const W4Members *
members_of(Chain *c)
{
	c->set.n = (uint8_t) c->npeers;
	memcpy(c->set.m, c->peers, c->npeers * sizeof(W4Member));
	w4_members_seal(&c->set);
	return &c->set;
}

static inline W4ExecBlock
chain_block(Chain *c)
{
	W4ExecBlock b;

	memset(&b, 0, sizeof(b));
	b.height = c->exec.state.totals.height + 1;
	b.time_us = c->now;
	memcpy(b.parent_hash, c->tip, 32);
	b.members = b.next = members_of(c);
	b.txs = c->txs;
	b.ntxs = c->ntxs;
	b.offences = c->offences;
	b.noffences = c->noffences;
	return b;
}

static inline void
chain_clear(Chain *c)
{
	c->ntxs = 0;
	c->noffences = 0;
	c->out.len = 0;
}

/* Run the block "later" microseconds after the last one. */
static inline void
run(Chain *c, int64_t later)
{
	W4ExecBlock b;

	c->now += later;
	b = chain_block(c);
	assert_int_equal(w4_exec_block(&c->exec, &b, c->results, &c->applied), W4_EXEC_OK);
	memcpy(c->digest, c->applied.state_digest, 32);
	w4_sha256(c->tip, c->digest, 32);
	assert_true(w4_state_conserved(&c->exec.state));
	chain_clear(c);
}

/* Code of the only transaction of a block of its own. */
static inline int
run_one(Chain *c)
{
	run(c, SECOND);
	return c->results[0].code;
}

static inline void
audit(Chain *c)
{
	const char *wrong = w4_state_audit(&c->exec.state);
	uint8_t		root[32];
	uint8_t		scratch[32];

	if (wrong != NULL)
		fail_msg("audit: %s", wrong);
	w4_state_root(&c->exec.state, root);
	w4_state_root_from_scratch(&c->exec.state, scratch);
	assert_memory_equal(root, scratch, 32);
}

static inline W4Account
account_of(const Chain *c, unsigned n)
{
	uint8_t		lct[32];
	W4Account	a;

	memset(&a, 0, sizeof(a));
	lct_of(lct, n);
	(void) w4_state_account(&c->exec.state, lct, &a);
	return a;
}

static inline W4Identity
identity_of(const Chain *c, unsigned n)
{
	uint8_t		lct[32];
	W4Identity	i;

	memset(&i, 0, sizeof(i));
	lct_of(lct, n);
	(void) w4_state_identity(&c->exec.state, lct, &i);
	return i;
}

static inline void
assert_balance(const Chain *c, unsigned n, int64_t available, int64_t locked)
{
	W4Account	a = account_of(c, n);

	assert_int_equal(a.available, available);
	assert_int_equal(a.locked, locked);
}

#endif							/* W4_TEST_EXEC_FIXTURE_H */
