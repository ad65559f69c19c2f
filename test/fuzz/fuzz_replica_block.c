/*
 * Whole blocks on two replicas: edited transactions of every kind, evidence
 * made to order or of raw bytes, a checkpoint every other height.  What judge
 * finds good can be applied; what cannot be applied changes nothing; both
 * replicas answer alike.
 *
 * Input: up to six blocks, each: count u8, that many times (which u8, signer u8,
 * number u8, edits u8, that many (offset u8, byte)), evidence count u8, that
 * many times (form u8, ...).
 */
#include "exec_world.h"

#include "core/consensus/replica.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Input
{
	const uint8_t *data;
	size_t		left;
} Input;

static uint8_t
next(Input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->data++;
}

typedef struct Side
{
	W4Replica	r;
	void	   *mem;
	W4Tip		tip;
	W4Applied	applied;
} Side;

static World world;				/* parameters, keys, members, good transactions */
static W4Slice good[WORLD_TXS];
static uint32_t ngood;
static Side a;
static Side b;

static void
open_side(Side *s)
{
	W4GenesisAccount g[WORLD_AGENTS];
	size_t		len = w4_replica_memory(&world.params, &world.sizes);

	if (s->mem == NULL)
		expect((s->mem = malloc(len)) != NULL);
	expect(w4_replica_init(&s->r, s->mem, len, world.chain_id, &world.params, &world.sizes, &good_suite, &good_suite));
	memset(g, 0, sizeof(g));
	for (int i = 0; i < WORLD_AGENTS; i++)
	{
		w4_lct_from_key(g[i].lct, world.keys[i]);
		g[i].amount = 1000 * ATP;
		memcpy(g[i].home, world.set.m[i % WORLD_PEERS].id, 32);
	}
	expect(w4_exec_genesis(&s->r.exec, WORLD_T0, 1000 * ATP, g, WORLD_AGENTS));
	w4_replica_genesis_tip(&s->r, &world.set, &s->tip);
}

static void
put_tx(Input *in, W4Writer *txs, uint64_t base)
{
	static uint8_t out[4096];
	W4Writer	w = w4_writer(out, sizeof(out));
	uint8_t		which = next(in);
	uint8_t		signer = next(in);
	uint8_t		number = next(in);
	uint8_t		edits = next(in) & 3;
	const W4Roster *roster = &a.r.exec.state.council->roster;
	W4Tx		tx;

	expect(w4_tx_decode(&tx, good[which % ngood], NULL));
	if (signer & 0x80)
		memcpy(tx.key, a.tip.members[1].m[signer % a.tip.members[1].n].key, 32);
	if (signer & 0x40)
		memcpy(tx.key, world.keys[signer % (WORLD_AGENTS + WORLD_PEERS)], 32);
	if (signer & 0x20)
		memset(tx.new_key, number, 32);
	if (signer & 0x10)
		memcpy(tx.subject, a.tip.members[1].m[number % a.tip.members[1].n].id, 32);
	if (roster->motions > 0)
		memcpy(tx.motion, roster->motion[number % roster->motions].id, 32);
	tx.sequence = base + number;
	tx.anchor_height = a.tip.height;
	expect(w4_tx_encode(&w, &tx, NULL));
	for (; edits > 0; edits--)
	{
		uint8_t		at = next(in);

		out[at % w.len] = next(in);
	}
	w4_put_run(txs, w4_slice(out, w.len));
}

static void
put_evidence(Input *in, W4Writer *evidence)
{
	static uint8_t out[1024];
	W4Writer	w = w4_writer(out, sizeof(out));
	uint8_t		form = next(in);
	uint8_t		who = next(in);
	uint8_t		at = next(in);
	W4Vote		v = {.kind = (uint8_t) (W4_PREPARE + (form >> 1 & 1)), .index = who % W4_MAX_MEMBERS, .view = at & 7, .height = at >> 3};
	W4Vote		o = v;

	if ((form & 1) == 0)
	{
		v.hash[0] = 1;
		o.hash[0] = 2;
		w4_evidence_put_votes(&w, &v, &o, world.chain_id);
	}
	else
	{
		for (int n = next(in); n > 0 && in->left > 0; n--)
			w4_put_u8(&w, next(in));
		w4_put_u8(&w, form);
	}
	w4_put_run(evidence, w4_slice(out, w.len));
}

/* The block that follows both tips, with these items. */
static bool
make_block(W4Block *block, W4Slice txs, W4Slice evidence)
{
	static uint8_t wire[1 << 18];
	W4Writer	w = w4_writer(wire, sizeof(wire));
	W4BlockHeader h;

	memset(&h, 0, sizeof(h));
	w4_tip_header(&a.tip, &h);
	h.time_us = a.tip.time_us + W4_SECOND_US;
	memcpy(h.proposer, a.tip.members[1].m[w4_tip_proposer(&a.tip, 0)].id, 32);
	w4_block_encode(&w, &h, txs, evidence, a.tip.height > 0 ? &a.tip.cert : NULL, world.chain_id);
	return w4_block_decode(block, w4_slice(wire, w.len), world.chain_id, W4_MAX_BLOCK_BYTES, NULL);
}

static bool
run(Side *s, const W4Block *block)
{
	W4Cert		cert = {.height = block->header.height, .n = s->tip.members[1].n};
	W4Verdict	verdict = w4_replica_judge(&s->r, &s->tip, block);
	uint8_t		before[32];
	W4ExecStatus status;

	w4_state_root_from_scratch(&s->r.exec.state, before);
	status = w4_replica_apply(&s->r, &s->tip, block, &s->applied);
	expect(status != W4_EXEC_BROKEN);
	expect(verdict != W4_BLOCK_GOOD || status != W4_EXEC_BAD_BLOCK);
	if (status != W4_EXEC_OK)
	{
		w4_state_root_from_scratch(&s->r.exec.state, s->applied.state_digest);
		expect(memcmp(before, s->applied.state_digest, 32) == 0);
		return false;
	}
	memcpy(cert.hash, block->hash, 32);
	expect(w4_tip_advance(&s->tip, block, &cert, &s->applied, world.chain_id));
	return true;
}

static void
compare(void)
{
	uint8_t		root[32];
	uint8_t		scratch[32];

	expect(memcmp(a.applied.state_digest, b.applied.state_digest, 32) == 0);
	expect(memcmp(a.applied.checkpoint_root, b.applied.checkpoint_root, 32) == 0);
	expect(a.applied.struck == b.applied.struck && a.applied.members_change == b.applied.members_change);
	w4_state_root(&a.r.exec.state, root);
	w4_state_root_from_scratch(&a.r.exec.state, scratch);
	expect(memcmp(root, scratch, 32) == 0);
	expect(w4_state_audit(&a.r.exec.state) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t good_bytes[1 << 16];
	static uint8_t tx_bytes[1 << 17];
	static uint8_t evidence_bytes[1 << 14];
	Input		in = {data, size};

	if (ngood == 0)
	{
		world_open(&world);
		world.params.v[W4_P_CHECKPOINT] = 2;
		ngood = world_first_block(&world, good, good_bytes, sizeof(good_bytes));
	}
	open_side(&a);
	open_side(&b);
	for (int n = 0; n < 6 && in.left > 0; n++)
	{
		W4Writer	txs = w4_writer(tx_bytes, sizeof(tx_bytes));
		W4Writer	evidence = w4_writer(evidence_bytes, sizeof(evidence_bytes));
		W4Block		block;
		bool		ok;

		for (int i = next(&in) % (WORLD_TXS + 2); i > 0; i--)
			put_tx(&in, &txs, (uint64_t) n * 200 + 10);
		for (int i = next(&in) % 8; i > 0; i--)
			put_evidence(&in, &evidence);
		if (!make_block(&block, w4_slice(txs.buf, txs.len), w4_slice(evidence.buf, evidence.len)))
			return 0;
		ok = run(&a, &block);
		expect(run(&b, &block) == ok);
		if (!ok)
			return 0;
		compare();
	}
	return 0;
}
