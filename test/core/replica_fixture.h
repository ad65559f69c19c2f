/*
 * A chain of whole blocks for the tests of the replica: members whose ids are
 * the lcts of agents 0 .. n - 1, agents with money, up to two replicas that must
 * agree after every block.  Signatures are the keyed hash of exec_fixture.h.
 */
#ifndef W4_TEST_REPLICA_FIXTURE_H
#define W4_TEST_REPLICA_FIXTURE_H

#include "exec_fixture.h"

#include "core/consensus/checkpoint.h"
#include "core/consensus/replica.h"

#define BLOCK_BYTES (1 << 20)
#define AGENTS 40				/* with an account at genesis */
#define BY(n) PEER(n)			/* signed with the consensus key of member n */

typedef struct Rep
{
	W4Replica	r;
	void	   *mem;
	W4Tip		tip;
	bool		live;
	int			grown;			/* times it had too little room */
} Rep;

typedef struct World
{
	Rep			rep[2];
	uint8_t		chain_id[32];
	W4Params	params;
	W4ExecSizes sizes;
	int64_t		now;
	uint64_t	sequence;
	W4Cert		cert;			/* of the newest block */
	/* the block being put together */
	uint8_t		tx_bytes[BLOCK_BYTES];
	W4Writer	txs;
	uint32_t	ntxs;
	uint8_t		evidence_bytes[W4_MAX_EVIDENCE_BYTES];
	W4Writer	evidence;
	/* the newest block */
	uint8_t		wire[2 * BLOCK_BYTES];
	W4BlockHeader before;		/* header of the block before */
	W4Block		block;
	W4Applied	applied;
} World;

static const W4ExecSizes replica_sizes = {600, 600, 200, 100, 300};

static inline void
rep_free(Rep *p)
{
	free(p->mem);
	p->live = false;
}

static inline void
rep_init(Rep *p, const World *w, const W4Params *params)
{
	size_t		len = w4_replica_memory(params, &w->sizes);

	assert_true(len > 0);
	p->mem = malloc(len);
	assert_non_null(p->mem);
	assert_true(w4_replica_init(&p->r, p->mem, len, w->chain_id, params, &w->sizes, &fake_suite, &fake_suite));
	p->live = true;
}

static inline void
rep_genesis(Rep *p, const World *w, const W4Members *set)
{
	W4GenesisAccount g[AGENTS];

	rep_init(p, w, &w->params);
	memset(g, 0, sizeof(g));
	for (unsigned i = 0; i < AGENTS; i++)
	{
		lct_of(g[i].lct, i);
		g[i].amount = 1000 * ATP;
		memcpy(g[i].home, set->m[i % set->n].id, 32);
	}
	assert_true(w4_exec_genesis(&p->r.exec, T0, 10000 * ATP, g, AGENTS));
	w4_replica_genesis_tip(&p->r, set, &p->tip);
}

static inline World *
world_new(int members)
{
	World	   *w = calloc(1, sizeof(*w));
	W4Members	set = {0};

	assert_non_null(w);
	memset(w->chain_id, 0xc1, 32);
	small_params(&w->params);
	w->params.v[W4_P_CHECKPOINT] = 10;
	w->params.v[W4_P_MAX_THOUGHTS] = 100;
	w->sizes = replica_sizes;
	w->now = T0;
	for (int i = 0; i < members; i++)
	{
		uint8_t		id[32];
		uint8_t		key[32];

		lct_of(id, (unsigned) i);
		key_of(key, PEER((unsigned) i));
		assert_true(w4_members_add(&set, id, key));
	}
	w4_members_seal(&set);
	for (int i = 0; i < 2; i++)
		rep_genesis(&w->rep[i], w, &set);
	w->txs = w4_writer(w->tx_bytes, sizeof(w->tx_bytes));
	w->evidence = w4_writer(w->evidence_bytes, sizeof(w->evidence_bytes));
	return w;
}

static inline void
world_free(World *w)
{
	rep_free(&w->rep[0]);
	rep_free(&w->rep[1]);
	free(w);
}

static inline const W4Tip *
tip_of(const World *w)
{
	return &w->rep[0].tip;
}

static inline const W4Council *
council_of(const World *w)
{
	return w->rep[0].r.exec.state.council;
}

/* --- transactions --- */

static inline W4Tx
tx_make(World *w, W4TxKind kind, unsigned signer)
{
	W4Tx		tx;

	memset(&tx, 0, sizeof(tx));
	tx.kind = (uint8_t) kind;
	key_of(tx.key, signer);
	tx.sequence = ++w->sequence;
	tx.expiry_height = tip_of(w)->height + 100;
	tx.until = tip_of(w)->height + 100;
	return tx;
}

/* Cosign with all members, sign, append; returns its place in the block. */
static inline uint32_t
tx_put(World *w, W4Tx *tx)
{
	static uint8_t body[W4_TX_MAX_SIZE];
	static uint8_t message[W4_TX_SIGNED_MAX];
	uint8_t		cosignatures[W4_MAX_MEMBERS * W4_TX_COSIGNATURE_LEN];
	const W4Members *set = &tip_of(w)->members[1];
	W4Writer	b = w4_writer(body, sizeof(body));
	W4Writer	m = w4_writer(message, sizeof(message));
	W4Fault		fault = {NULL, 0};
	size_t		start = w->txs.len;
	uint8_t		len[4];
	W4Writer	lw = w4_writer(len, 4);

	w4_tx_put_body(&b, tx);
	w4_tx_put_signed(&m, W4_DOMAIN_COSIGN, w->chain_id, w4_slice(body, b.len));
	for (int i = 0; i < set->n; i++)
	{
		memcpy(cosignatures + i * W4_TX_COSIGNATURE_LEN, set->m[i].id, 32);
		fake_sign(cosignatures + i * W4_TX_COSIGNATURE_LEN + 32, message, m.len, set->m[i].key);
	}
	tx->cosignatures = w4_slice(cosignatures, (size_t) set->n * W4_TX_COSIGNATURE_LEN);
	m = w4_writer(message, sizeof(message));
	w4_tx_put_signed(&m, W4_DOMAIN_TX, w->chain_id, w4_slice(body, b.len));
	fake_sign(tx->signature, message, m.len, tx->key);
	w4_sha256(tx->id, body, b.len);
	w4_put_u32be(&w->txs, 0);
	if (!w4_tx_encode(&w->txs, tx, &fault))
		fail_msg("encode: %s at %zu", fault.what, fault.offset);
	w4_put_u32be(&lw, (uint32_t) (w->txs.len - start - 4));
	memcpy(w->tx_bytes + start, len, 4);
	return w->ntxs++;
}

static inline uint32_t
put_transfer(World *w, unsigned from, unsigned to, int64_t amount)
{
	W4Tx		tx = tx_make(w, W4_TX_TRANSFER, from);

	lct_of(tx.from, from);
	lct_of(tx.to, to);
	tx.amount = amount;
	return tx_put(w, &tx);
}

static inline uint32_t
put_register(World *w, unsigned agent)
{
	W4Tx		tx = tx_make(w, W4_TX_REGISTER, agent);
	uint8_t		challenge[W4_POW_CHALLENGE_MAX];
	W4Writer	c = w4_writer(challenge, sizeof(challenge));

	memcpy(tx.to_peer, tip_of(w)->members[1].m[0].id, 32);
	tx.entity_type = w4_slice_cstr("peer");
	tx.hw_level = 3;
	tx.anchor_height = tip_of(w)->height;
	w4_pow_challenge(&c, tx.entity_type, tx.key, tip_of(w)->hash);
	while (!w4_pow_ok(w4_slice(challenge, c.len), tx.pow_nonce, (int) w->params.v[W4_P_POW_TARGET_EXP]))
		tx.pow_nonce++;
	return tx_put(w, &tx);
}

/* A motion about agent "subject", with the key PEER(key) if it has one; its id to "id". */
static inline uint32_t
put_motion(World *w, W4TxKind kind, unsigned signer, unsigned subject, unsigned key, uint8_t id[32])
{
	W4Tx		tx = tx_make(w, kind, signer);
	uint32_t	place;

	lct_of(tx.subject, subject);
	key_of(tx.new_key, PEER(key));
	if (kind == W4_TX_PEER_REMOVE)
		memset(tx.new_key, 0, 32);
	place = tx_put(w, &tx);
	if (id != NULL)
		memcpy(id, tx.id, 32);
	return place;
}

static inline uint32_t
put_vote(World *w, unsigned signer, const uint8_t motion[32])
{
	W4Tx		tx = tx_make(w, W4_TX_PEER_VOTE, signer);

	memcpy(tx.motion, motion, 32);
	return tx_put(w, &tx);
}

static inline uint32_t
put_leave(World *w, unsigned signer)
{
	W4Tx		tx = tx_make(w, W4_TX_PEER_LEAVE, signer);

	return tx_put(w, &tx);
}

static inline uint32_t
put_accuse(World *w, unsigned signer, unsigned accused, uint8_t class)
{
	W4Tx		tx = tx_make(w, W4_TX_ACCUSE, signer);

	lct_of(tx.subject, accused);
	tx.reason = class;
	return tx_put(w, &tx);
}

/* --- votes and evidence --- */

static inline void
vote_of(W4Vote *v, const World *w, W4VoteKind kind, uint64_t height, uint32_t view, const W4Members *set, int index,
		const uint8_t hash[32])
{
	uint8_t		bytes[W4_VOTE_BYTES];

	memset(v, 0, sizeof(*v));
	v->kind = (uint8_t) kind;
	v->index = (uint16_t) index;
	v->view = view;
	v->height = height;
	memcpy(v->hash, hash, 32);
	w4_vote_bytes(bytes, v, w->chain_id);
	fake_sign(v->signature, bytes, sizeof(bytes), set->m[index].key);
}

static inline void
put_item(World *w, W4Slice item)
{
	w4_put_run(&w->evidence, item);
	assert_false(w->evidence.full);
}

/* Two votes of a member for two blocks. */
static inline W4Slice
equivocation(const World *w, uint8_t *buf, size_t cap, const W4Members *set, int index, uint64_t height, uint32_t view)
{
	static const uint8_t a[32] = {1};
	static const uint8_t b[32] = {2};
	W4Writer	out = w4_writer(buf, cap);
	W4Vote		va;
	W4Vote		vb;

	vote_of(&va, w, W4_PREPARE, height, view, set, index, a);
	vote_of(&vb, w, W4_PREPARE, height, view, set, index, b);
	w4_evidence_put_votes(&out, &va, &vb, w->chain_id);
	assert_false(out.full);
	return w4_slice(buf, out.len);
}

static inline void
put_equivocation(World *w, const W4Members *set, int index, uint64_t height, uint32_t view)
{
	uint8_t		buf[512];

	put_item(w, equivocation(w, buf, sizeof(buf), set, index, height, view));
}

/* --- blocks --- */

static inline void
clear_block(World *w)
{
	w->txs.len = 0;
	w->ntxs = 0;
	w->evidence.len = 0;
}

/* What has been put together, as the next block; it stays put together. */
static inline void
make_block(World *w)
{
	const W4Tip *tip = tip_of(w);
	W4BlockHeader h;
	W4Writer	out = w4_writer(w->wire, sizeof(w->wire));
	W4Fault		fault = {NULL, 0};

	memset(&h, 0, sizeof(h));
	w4_tip_header(tip, &h);
	h.time_us = w->now += SECOND;
	memcpy(h.proposer, tip->members[1].m[w4_tip_proposer(tip, 0)].id, 32);
	w4_block_encode(&out, &h, w4_slice(w->txs.buf, w->txs.len), w4_slice(w->evidence.buf, w->evidence.len),
					tip->height > 0 ? &tip->cert : NULL, w->chain_id);
	assert_false(out.full);
	if (!w4_block_decode(&w->block, w4_slice(w->wire, out.len), w->chain_id, W4_MAX_BLOCK_BYTES, &fault))
		fail_msg("block: %s", fault.what);
}

static inline void
certify(World *w)
{
	const W4Members *set = &tip_of(w)->members[1];

	w->cert.height = w->block.header.height;
	w->cert.view = 0;
	w->cert.n = set->n;
	w->cert.signers = 0;
	memcpy(w->cert.hash, w->block.hash, 32);
	for (int i = 0; i < w4_quorum(set->n); i++)
	{
		W4Vote		v;

		vote_of(&v, w, W4_COMMIT, w->cert.height, 0, set, i, w->block.hash);
		w4_cert_append(&w->cert, (unsigned) i, v.signature);
	}
}

/* The same state in a memory of its own. */
static inline void
rep_copy(Rep *to, const Rep *from, const W4ExecSizes *sizes)
{
	size_t		len = w4_replica_memory(&from->r.exec.state.params, sizes);

	to->mem = malloc(len);
	assert_non_null(to->mem);
	assert_true(w4_replica_grow(&to->r, to->mem, len, sizes, &from->r));
	to->tip = from->tip;
	to->live = true;
}

static inline void
rep_grow(Rep *p)
{
	void	   *mem = p->mem;
	Rep		   *to = malloc(sizeof(*to));
	W4ExecSizes need = p->r.exec.need;

	assert_non_null(to);
	rep_copy(to, p, &need);
	to->grown = p->grown + 1;
	*p = *to;
	free(to);
	free(mem);
}

static inline void
rep_apply(World *w, Rep *p, W4Applied *applied)
{
	W4ExecStatus status = w4_replica_apply(&p->r, &p->tip, &w->block, applied);

	if (status == W4_EXEC_GROW)
	{
		rep_grow(p);
		status = w4_replica_apply(&p->r, &p->tip, &w->block, applied);
	}
	if (status != W4_EXEC_OK)
		fail_msg("apply: status %d", (int) status);
	assert_true(w4_tip_advance(&p->tip, &w->block, &w->cert, applied, w->chain_id));
	assert_true(w4_state_conserved(&p->r.exec.state));
}

static inline void
assert_same_tip(const World *w)
{
	static uint8_t a[W4_TIP_WIRE_MAX];
	static uint8_t b[W4_TIP_WIRE_MAX];
	W4Writer	wa = w4_writer(a, sizeof(a));
	W4Writer	wb = w4_writer(b, sizeof(b));

	w4_tip_put(&wa, &w->rep[0].tip, w->chain_id);
	w4_tip_put(&wb, &w->rep[1].tip, w->chain_id);
	assert_int_equal(wa.len, wb.len);
	assert_memory_equal(a, b, wa.len);
}

/* Decide the block that was put together; all live replicas agree. */
static inline void
decide(World *w, bool judge)
{
	W4Applied	other;

	w->before = w->block.header;
	make_block(w);
	certify(w);
	for (int i = 0; judge && i < 2; i++)
	{
		if (w->rep[i].live)
			assert_int_equal(w4_replica_judge(&w->rep[i].r, &w->rep[i].tip, &w->block), W4_BLOCK_GOOD);
	}
	if (w->rep[1].live)
		rep_apply(w, &w->rep[1], &other);
	rep_apply(w, &w->rep[0], &w->applied);
	if (w->rep[1].live)
		assert_same_tip(w);
	clear_block(w);
}

static inline void
step(World *w)
{
	decide(w, true);
}

static inline uint16_t
code_at(const World *w, uint32_t place)
{
	assert_true(place < w->rep[0].r.nresults);
	return w->rep[0].r.results[place].code;
}

static inline W4Verdict
verdict(World *w)
{
	make_block(w);
	w->now -= SECOND;
	return w4_replica_judge(&w->rep[0].r, &w->rep[0].tip, &w->block);
}

static inline int
index_of(const World *w, int set, unsigned agent)
{
	uint8_t		id[32];

	lct_of(id, agent);
	return w4_members_find(&tip_of(w)->members[set], id);
}

static inline void
audit_all(World *w)
{
	for (int i = 0; i < 2; i++)
	{
		W4State    *s = &w->rep[i].r.exec.state;
		const char *wrong;
		uint8_t		root[32];
		uint8_t		scratch[32];

		if (!w->rep[i].live)
			continue;
		if ((wrong = w4_state_audit(s)) != NULL)
			fail_msg("audit: %s", wrong);
		w4_state_root(s, root);
		w4_state_root_from_scratch(s, scratch);
		assert_memory_equal(root, scratch, 32);
	}
}

/* --- snapshots --- */

/* Replica 0 has just passed a checkpoint: restore replica 1 from its snapshot and the next header. */
static inline void
rejoin(World *w, W4Slice summary, const W4BlockHeader *after, const W4Cert *cert, const uint8_t *chunks,
	   const size_t *lens, uint32_t n)
{
	W4SnapshotHead head;
	W4SnapshotLoader l;
	W4Fault		fault = {NULL, 0};
	Rep		   *p = &w->rep[1];
	uint32_t	chunks_promised;

	if (!w4_snapshot_head(&head, w4_slice(chunks, lens[0]), w->chain_id, &w->params, &fault))
		fail_msg("head: %s", fault.what);
	rep_free(p);
	rep_init(p, w, &head.params);
	if (!w4_summary_decode(&p->tip, &chunks_promised, summary, &fake_suite, &fault))
		fail_msg("tip: %s", fault.what);
	assert_int_equal(chunks_promised, n);
	assert_null(w4_checkpoint_misfit(&p->tip, after));
	w4_hash_copy(p->tip.checkpoint_root, after->checkpoint_root);
	w4_cert_copy(&p->tip.cert, cert);
	assert_true(w4_snapshot_load(&l, &p->r.exec, &head));
	for (uint32_t i = 1; i < n; i++)
	{
		chunks += lens[i - 1];
		if (!w4_snapshot_chunk(&l, w4_slice(chunks, lens[i]), &fault))
			fail_msg("chunk: %s", fault.what);
	}
	if (!w4_snapshot_finish(&l, after->parent_state_digest, &fault))
		fail_msg("finish: %s", fault.what);
}

#endif							/* W4_TEST_REPLICA_FIXTURE_H */
