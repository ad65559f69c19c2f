/*
 * A small chain for the harnesses of the executor: four peers, eight agents,
 * signatures that are always good (the harness is after what comes behind
 * them), one block applied so that most tables have entries.
 */
#ifndef W4_FUZZ_EXEC_WORLD_H
#define W4_FUZZ_EXEC_WORLD_H

#include <stdlib.h>

#include "core/consensus/exec.h"
#include "core/consensus/exec_snapshot.h"
#include "core/consensus/registration.h"
#include "core/decimal.h"
#include "core/lctid.h"

#define ATP W4_MICRO_ATP
#define WORLD_PEERS 4
#define WORLD_AGENTS 8
#define WORLD_TXS 32
#define TX_SIGNATURE_ITEM (3 + W4_SIGNATURE_LEN)	/* what a transaction without cosignatures has behind its body */
#define WORLD_T0 INT64_C(1800000000000000)

typedef struct World
{
	W4Exec		exec;
	uint8_t    *mem;
	size_t		mem_len;
	W4Params	params;
	W4ExecSizes sizes;
	W4Members	set;
	uint8_t		keys[WORLD_AGENTS + WORLD_PEERS][32];
	uint8_t		chain_id[32];
	uint8_t		digest[32];
} World;

static inline void
expect(bool truth)
{
	if (!truth)
		abort();
}

static inline bool
always_good(void *arg, const uint8_t signature[64], const void *message, size_t len, const uint8_t key[32])
{
	(void) arg;
	(void) signature;
	(void) message;
	(void) len;
	(void) key;
	return true;
}

static inline bool
any_key(void *arg, const uint8_t key[32])
{
	(void) arg;
	(void) key;
	return true;
}

static const W4Suite good_suite = {any_key, always_good, NULL};

/* w is zero, or was opened before: its memory is used again. */
static inline void
world_open(World *w)
{
	static const W4ExecSizes sizes = {200, 100, 60, 40, 60};
	W4GenesisAccount g[WORLD_AGENTS];

	uint8_t    *mem = w->mem;

	memset(w, 0, sizeof(*w));
	memset(g, 0, sizeof(g));
	memset(w->chain_id, 0xc1, 32);
	w4_params_default(&w->params);
	w->params.v[W4_P_MAX_BLOCK_TXS] = WORLD_TXS;
	w->params.v[W4_P_MAX_BLOCK_SWEEPS] = 5;
	w->params.v[W4_P_MAX_THOUGHTS] = 40;
	w->params.v[W4_P_MAX_TOMBSTONES] = 60;
	w->params.v[W4_P_POW_TARGET_EXP] = 255;
	w->sizes = sizes;
	w->mem_len = w4_exec_memory(&w->params, &w->sizes);
	w->mem = mem != NULL ? mem : malloc(w->mem_len);
	expect(w->mem != NULL);
	for (int i = 0; i < WORLD_AGENTS + WORLD_PEERS; i++)
		memset(w->keys[i], 0x40 + i, 32);
	for (int i = 0; i < WORLD_PEERS; i++)
	{
		memset(w->set.m[i].id, i + 1, 32);
		memcpy(w->set.m[i].key, w->keys[WORLD_AGENTS + i], 32);
	}
	w->set.n = WORLD_PEERS;
	w4_members_seal(&w->set);
	expect(w4_exec_init(&w->exec, w->mem, w->mem_len, w->chain_id, &w->params, &w->sizes, &good_suite));
	for (int i = 0; i < WORLD_AGENTS; i++)
	{
		w4_lct_from_key(g[i].lct, w->keys[i]);
		g[i].amount = 1000 * ATP;
		memcpy(g[i].home, w->set.m[i % WORLD_PEERS].id, 32);
		g[i].custodial = i == 7;
	}
	expect(w4_exec_genesis(&w->exec, WORLD_T0, 1000 * ATP, g, WORLD_AGENTS));
}

/* A transaction by signer i with number n; fill in the kind's items, then world_add. */
static inline W4Tx
world_tx(const World *w, W4TxKind kind, int signer, uint64_t n)
{
	W4Tx		tx;

	memset(&tx, 0, sizeof(tx));
	tx.kind = (uint8_t) kind;
	memcpy(tx.key, w->keys[signer], 32);
	tx.sequence = n;
	tx.expiry_height = 1000;
	tx.entity_type = w4_slice_cstr("ai");
	tx.hw_level = 5;
	tx.hold_us = 30 * W4_SECOND_US;
	tx.amount = 10 * ATP;
	return tx;
}

static inline W4ExecStatus
world_block(World *w, const W4Slice *txs, uint32_t ntxs, int64_t later, W4TxResult *results)
{
	W4ExecBlock b;
	W4Applied	applied;
	W4ExecStatus status;

	memset(&b, 0, sizeof(b));
	b.height = w->exec.state.totals.height + 1;
	b.time_us = w->exec.state.totals.time_us + later;
	memcpy(b.parent_hash, w->exec.state.digest, 32);
	b.members = b.next = &w->set;
	b.txs = txs;
	b.ntxs = ntxs;
	status = w4_exec_block(&w->exec, &b, results, &applied);
	if (status == W4_EXEC_OK)
		memcpy(w->digest, applied.state_digest, 32);
	return status;
}

/* world_block takes the digest for the hash of the parent. */
static inline uint64_t
world_nonce(const World *w, const W4Tx *tx)
{
	uint8_t		challenge[W4_POW_CHALLENGE_MAX];
	W4Writer	out = w4_writer(challenge, sizeof(challenge));
	uint64_t	nonce = 0;

	w4_pow_challenge(&out, tx->entity_type, tx->key, w->exec.state.digest);
	while (!w4_pow_ok(w4_slice(challenge, out.len), nonce, 255))
		nonce++;
	return nonce;
}

/* One block with something of everything; its bytes go to "buf". */
static inline uint32_t
world_first_block(const World *w, W4Slice *txs, uint8_t *buf, size_t cap)
{
	static const char text[] = "several different words make this thought worth keeping in the corpus";
	W4Writer	out = w4_writer(buf, cap);
	uint8_t		cosignatures[WORLD_PEERS * W4_TX_COSIGNATURE_LEN] = {0};
	uint8_t		motion[32] = {0};
	uint32_t	n = 0;

	for (int i = 0; i < WORLD_PEERS; i++)
		memcpy(cosignatures + i * W4_TX_COSIGNATURE_LEN, w->set.m[i].id, 32);
	for (int kind = W4_TX_TRANSFER; kind <= W4_TX_PEER_LEAVE; kind++)
	{
		int			by = kind >= W4_TX_MINT && kind != W4_TX_REGISTER && kind != W4_TX_THOUGHT ? WORLD_AGENTS : 0;
		W4Tx		tx = world_tx(w, (W4TxKind) kind, by, (uint64_t) kind);
		size_t		start = out.len;

		w4_lct_from_key(tx.from, w->keys[0]);
		w4_lct_from_key(tx.to, w->keys[kind == W4_TX_TRANSFER ? 4 : 1]);
		w4_lct_from_key(tx.subject, w->keys[0]);
		memcpy(tx.to_peer, w->set.m[1].id, 32);
		tx.content = w4_slice_cstr(text);
		tx.param = W4_P_REWARD;
		tx.value = 3 * ATP;
		tx.until = 50;
		memset(tx.new_key, 0x77, 32);
		tx.cosignatures = w4_slice(cosignatures, sizeof(cosignatures));
		if (kind == W4_TX_ACCUSE || kind == W4_TX_PEER_REMOVE)
			memcpy(tx.subject, w->set.m[2].id, 32);
		if (kind == W4_TX_PEER_VOTE)
			memcpy(tx.motion, motion, 32);
		if (kind == W4_TX_REGISTER)
			tx.pow_nonce = world_nonce(w, &tx);
		expect(w4_tx_encode(&out, &tx, NULL));
		if (kind == W4_TX_PEER_ADD)
			w4_sha256(motion, buf + start, out.len - start - TX_SIGNATURE_ITEM);
		txs[n++] = w4_slice(buf + start, out.len - start);
	}
	return n;
}

#endif							/* W4_FUZZ_EXEC_WORLD_H */
