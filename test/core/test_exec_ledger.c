/*
 * Money: genesis, transfers, the two phases between peers, supply; who may do
 * what, and each result code of it.
 */
#include "exec_fixture.h"

#define ALICE 0					/* at peer 0 */
#define BOB 1					/* at peer 1 */
#define CAROL 4					/* at peer 0 */
#define NEW 50					/* no account */
#define HOLD (30 * SECOND)

static void
open_chain(Chain *c)
{
	W4Params	p;

	small_params(&p);
	chain_open(c, &p, &small_sizes, 4);
}

static int64_t
total(const Chain *c)
{
	const W4Totals *t = &c->exec.state.totals;

	return t->available + t->locked + t->treasury;
}

/* --- genesis --- */

static void
assert_hex(const uint8_t hash[32], const char *expected)
{
	char		hex[65];

	for (int i = 0; i < 32; i++)
		(void) snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	assert_string_equal(hex, expected);
}

/* D_0 of an empty chain from its definition, computed with hashlib. */
#define EMPTY_DIGEST "8b02ed758bfc04cf2214e46d895205fa59c4816b2b3cb89fe54f3e6d9eaf657d"

static void
genesis_digest(void **state)
{
	W4Params	p;
	Chain		c;

	(void) state;
	w4_params_default(&p);
	chain_open(&c, &p, &small_sizes, 4);
	assert_true(w4_exec_genesis(&c.exec, T0, 1000 * ATP, NULL, 0));
	assert_hex(c.exec.state.digest, EMPTY_DIGEST);
	chain_close(&c);
}

/* Digests of three blocks, from a second implementation of state and digest in Python. */
#define DIGEST_2 "ce4a02b16e1f2a85962979574431865778c343622e82ccbbd12fc9fdd8053e00"
#define DIGEST_3 "21c9b013cc99f0425b74a3ee3d82d1dda6cb475d99ecf242953c155e49e4039b"

static void
block_digests(void **state)
{
	uint8_t		id[32];
	Chain		c;

	(void) state;
	open_chain(&c);
	chain_genesis(&c, 5, 1000, 7);
	add_transfer(&c, 0, 4, 100 * ATP);
	add_transfer(&c, 0, 1, ATP);
	run(&c, SECOND);
	assert_int_equal(c.results[1].code, W4_TXC_CROSS_PEER);
	add_lock(&c, 0, 1, 1, 200 * ATP, 30 * SECOND, id);
	run(&c, SECOND);
	assert_hex(c.digest, DIGEST_2);
	run(&c, 31 * SECOND);
	assert_hex(c.digest, DIGEST_3);
	chain_close(&c);
}

static void
genesis_refusals(void **state)
{
	W4GenesisAccount g[2];
	W4Params	p;
	W4ExecSizes none = {0, 1, 1, 1, 1};
	Chain		c;
	uint8_t		small[64];

	(void) state;
	memset(g, 0, sizeof(g));
	for (int i = 0; i < 7; i++)
	{
		int64_t		time_us = i == 0 ? 0 : i == 1 ? W4_EXEC_MAX_TIME : T0;
		int64_t		treasury = i == 2 ? -1 : i == 3 ? INT64_MAX : 0;

		open_chain(&c);
		g[0].amount = i == 4 ? -1 : 1;
		g[1].lct[0] = i == 5 ? 0 : 1;
		g[1].custodial = i == 6;
		assert_false(w4_exec_genesis(&c.exec, time_us, treasury, g, 2));
		chain_close(&c);
	}
	open_chain(&c);
	assert_false(w4_exec_genesis(&c.exec, T0, 0, g, small_sizes.accounts + 1));
	chain_close(&c);

	w4_params_default(&p);
	assert_int_equal(w4_exec_memory(&p, &none), 0);
	none.accounts = (uint32_t) p.v[W4_P_MAX_ACCOUNTS] + 1;
	assert_int_equal(w4_exec_memory(&p, &none), 0);
	p.v[W4_P_PRUNE_TO] = p.v[W4_P_PRUNE_AT];
	assert_int_equal(w4_exec_memory(&p, &small_sizes), 0);
	w4_params_default(&p);
	assert_false(w4_exec_init(&c.exec, small, sizeof(small), small, &p, &small_sizes, NULL));
}

/* --- the scenarios of the consensus spec 1.8 --- */

static void
two_phases(void **state)
{
	uint8_t		id[32];
	Chain		c;

	(void) state;
	open_chain(&c);
	chain_genesis(&c, 4, 1000, 0);
	add_lock(&c, ALICE, BOB, 1, 200 * ATP, HOLD, id);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	assert_balance(&c, ALICE, 800 * ATP, 200 * ATP);
	assert_balance(&c, BOB, 1000 * ATP, 0);
	assert_int_equal(total(&c), 4000 * ATP);
	add_settle(&c, W4_TX_COMMIT, BOB, id);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	assert_balance(&c, ALICE, 800 * ATP, 0);
	assert_balance(&c, BOB, 1200 * ATP, 0);
	assert_int_equal(total(&c), 4000 * ATP);
	audit(&c);

	/* Never twice, never undone. */
	add_settle(&c, W4_TX_COMMIT, BOB, id);
	assert_int_equal(run_one(&c), W4_TXC_COMMITTED);
	add_settle(&c, W4_TX_ROLLBACK, BOB, id);
	assert_int_equal(run_one(&c), W4_TXC_COMMITTED);
	assert_balance(&c, BOB, 1200 * ATP, 0);

	/* Forgotten after a while. */
	run(&c, c.params.v[W4_P_SETTLED_KEEP_US] + 1);
	add_settle(&c, W4_TX_COMMIT, BOB, id);
	assert_int_equal(run_one(&c), W4_TXC_NO_TRANSFER);
	assert_int_equal(c.exec.state.tables[W4_ST_TRANSFER].count, 0);
	assert_int_equal(c.exec.state.tables[W4_ST_DUE].count, 0);
	chain_close(&c);
}

static void
rollback_and_expiry(void **state)
{
	uint8_t		id[32];
	Chain		c;

	(void) state;
	open_chain(&c);
	chain_genesis(&c, 4, 1000, 0);
	add_lock(&c, ALICE, BOB, 1, 300 * ATP, HOLD, id);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	assert_balance(&c, ALICE, 700 * ATP, 300 * ATP);
	add_settle(&c, W4_TX_ROLLBACK, ALICE, id);
	assert_int_equal(run_one(&c), W4_TXC_NOT_YET);
	add_settle(&c, W4_TX_ROLLBACK, CAROL, id);
	assert_int_equal(run_one(&c), W4_TXC_UNKNOWN_SIGNER);
	add_settle(&c, W4_TX_ROLLBACK, 2, id);
	assert_int_equal(run_one(&c), W4_TXC_NOT_ALLOWED);
	add_settle(&c, W4_TX_ROLLBACK, BOB, id);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	assert_balance(&c, ALICE, 1000 * ATP, 0);
	add_settle(&c, W4_TX_COMMIT, BOB, id);
	assert_int_equal(run_one(&c), W4_TXC_ROLLED_BACK);

	/* At the very expiry a commit still counts; a microsecond later the executor has refunded. */
	add_lock(&c, ALICE, BOB, 1, 1 * ATP, HOLD, id);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	add_settle(&c, W4_TX_COMMIT, BOB, id);
	run(&c, HOLD);
	assert_int_equal(c.results[0].code, W4_TXC_OK);
	add_lock(&c, ALICE, BOB, 1, 1 * ATP, HOLD, id);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	add_settle(&c, W4_TX_COMMIT, BOB, id);
	run(&c, HOLD + 1);
	assert_int_equal(c.results[0].code, W4_TXC_LOCK_EXPIRED);
	assert_balance(&c, ALICE, 999 * ATP, 0);
	assert_balance(&c, BOB, 1001 * ATP, 0);
	audit(&c);
	chain_close(&c);
}

/* When the sweep is behind, what is expired is expired all the same. */
static void
sweep_behind(void **state)
{
	W4Params	p;
	uint8_t		id[5][32];
	Chain		c;

	(void) state;
	small_params(&p);
	p.v[W4_P_MAX_BLOCK_SWEEPS] = 1;
	p.v[W4_P_SETTLED_KEEP_US] = 0;
	chain_open(&c, &p, &small_sizes, 4);
	chain_genesis(&c, 4, 1000, 0);
	for (int i = 0; i < 5; i++)
		add_lock(&c, ALICE, BOB, 1, (i + 1) * ATP, HOLD + i, id[i]);
	run(&c, SECOND);
	assert_balance(&c, ALICE, 985 * ATP, 15 * ATP);
	run(&c, HOLD + 10);
	assert_balance(&c, ALICE, 986 * ATP, 14 * ATP);
	add_settle(&c, W4_TX_COMMIT, BOB, id[4]);
	add_settle(&c, W4_TX_ROLLBACK, ALICE, id[4]);
	add_settle(&c, W4_TX_ROLLBACK, ALICE, id[4]);
	run(&c, SECOND);
	assert_int_equal(c.results[0].code, W4_TXC_LOCK_EXPIRED);
	assert_int_equal(c.results[1].code, W4_TXC_OK);
	assert_int_equal(c.results[2].code, W4_TXC_ROLLED_BACK);
	for (int i = 0; i < 12; i++)
		run(&c, SECOND);
	assert_balance(&c, ALICE, 1000 * ATP, 0);
	assert_int_equal(c.exec.state.tables[W4_ST_TRANSFER].count, 0);
	audit(&c);
	chain_close(&c);
}

static void
double_spend(void **state)
{
	uint8_t		id[32];
	Chain		c;

	(void) state;
	open_chain(&c);
	chain_genesis(&c, 4, 1000, 0);
	add_lock(&c, ALICE, BOB, 1, 600 * ATP, HOLD, id);
	add_lock(&c, ALICE, BOB, 1, 600 * ATP, HOLD, id);
	add_lock(&c, ALICE, BOB, 1, 400 * ATP, HOLD, id);
	run(&c, SECOND);
	assert_int_equal(c.results[0].code, W4_TXC_OK);
	assert_int_equal(c.results[1].code, W4_TXC_INSUFFICIENT);
	assert_int_equal(c.results[2].code, W4_TXC_OK);
	assert_balance(&c, ALICE, 0, 1000 * ATP);
	assert_int_equal(account_of(&c, ALICE).open_holds, 2);
	audit(&c);
	chain_close(&c);
}

/* A 1000, B 500, C 250, all at one peer; then the two outcomes of a task, which is a LOCK like any other. */
static void
local_transfers_and_tasks(void **state)
{
	W4GenesisAccount g[4];
	uint8_t		id[2][32];
	Chain		c;
	const int64_t amounts[4] = {1000, 500, 250, 0};

	(void) state;
	open_chain(&c);
	memset(g, 0, sizeof(g));
	for (unsigned i = 0; i < 4; i++)
	{
		lct_of(g[i].lct, i);
		g[i].amount = amounts[i] * ATP;
		memcpy(g[i].home, c.peers[i == 3].id, 32);
	}
	assert_true(w4_exec_genesis(&c.exec, c.now, 0, g, 4));
	add_transfer(&c, 0, 1, 100 * ATP);
	add_transfer(&c, 1, 2, 50 * ATP);
	add_transfer(&c, 2, 0, 1000 * ATP);
	run(&c, SECOND);
	assert_int_equal(c.results[2].code, W4_TXC_INSUFFICIENT);
	assert_balance(&c, 0, 900 * ATP, 0);
	assert_balance(&c, 1, 550 * ATP, 0);
	assert_balance(&c, 2, 300 * ATP, 0);

	add_lock(&c, 0, 3, 1, 50 * ATP, 60 * SECOND, id[0]);
	add_lock(&c, 0, 3, 1, 300 * ATP, 60 * SECOND, id[1]);
	run(&c, SECOND);
	add_settle(&c, W4_TX_COMMIT, 3, id[0]);
	add_settle(&c, W4_TX_ROLLBACK, 3, id[1]);
	run(&c, SECOND);
	assert_balance(&c, 0, 850 * ATP, 0);
	assert_balance(&c, 3, 50 * ATP, 0);
	audit(&c);
	chain_close(&c);
}

/* --- the refusals of money --- */

static void
transfer_codes(void **state)
{
	Chain		c;
	W4Tx		tx;

	(void) state;
	open_chain(&c);
	chain_genesis(&c, 8, 1000, 0);
	add_transfer(&c, ALICE, CAROL, 1);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	add_transfer(&c, ALICE, ALICE, ATP);
	assert_int_equal(run_one(&c), W4_TXC_SELF);
	add_transfer(&c, ALICE, BOB, ATP);
	assert_int_equal(run_one(&c), W4_TXC_CROSS_PEER);
	add_transfer(&c, ALICE, CAROL, 1000 * ATP);
	assert_int_equal(run_one(&c), W4_TXC_INSUFFICIENT);
	add_transfer(&c, ALICE, NEW, ATP - 1);
	assert_int_equal(run_one(&c), W4_TXC_TOO_SMALL);
	add_transfer(&c, NEW, ALICE, ATP);
	assert_int_equal(run_one(&c), W4_TXC_UNKNOWN_SIGNER);
	tx = tx_by(&c, W4_TX_TRANSFER, ALICE);
	lct_of(tx.from, CAROL);
	lct_of(tx.to, ALICE);
	tx.amount = 1;
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_NOT_ALLOWED);
	tx = tx_by(&c, W4_TX_TRANSFER, ALICE);
	lct_of(tx.from, NEW);
	lct_of(tx.to, ALICE);
	tx.amount = 1;
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_NO_ACCOUNT);

	/* A new account has no home, so it takes from anywhere: nobody can spoil it with a first coin. */
	add_transfer(&c, ALICE, NEW, ATP);
	add_transfer(&c, BOB, NEW, 1);
	add_transfer(&c, NEW, 2, 1);
	run(&c, SECOND);
	for (int i = 0; i < 3; i++)
		assert_int_equal(c.results[i].code, W4_TXC_OK);
	assert_balance(&c, NEW, ATP, 0);
	audit(&c);
	chain_close(&c);
}

/* A home peer spends for its wards, for nobody else's, and not once they have registered. */
static void
custody(void **state)
{
	W4GenesisAccount g[2];
	Chain		c;
	W4Tx		tx;
	uint8_t		id[32];

	(void) state;
	open_chain(&c);
	memset(g, 0, sizeof(g));
	for (unsigned i = 0; i < 2; i++)
	{
		lct_of(g[i].lct, i);
		g[i].amount = 100 * ATP;
		memcpy(g[i].home, c.peers[i].id, 32);
		g[i].custodial = true;
	}
	assert_true(w4_exec_genesis(&c.exec, c.now, 0, g, 2));
	for (unsigned peer = 0; peer < 3; peer++)
	{
		tx = tx_by(&c, W4_TX_LOCK, PEER(peer));
		lct_of(tx.from, 0);
		lct_of(tx.to, 1);
		memcpy(tx.to_peer, c.peers[1].id, 32);
		tx.amount = 10 * ATP;
		tx.hold_us = HOLD;
		add(&c, &tx);
		if (peer == 0)
			memcpy(id, tx.id, 32);
	}
	run(&c, SECOND);
	assert_int_equal(c.results[0].code, W4_TXC_OK);
	assert_int_equal(c.results[1].code, W4_TXC_NOT_ALLOWED);
	assert_int_equal(c.results[2].code, W4_TXC_NOT_ALLOWED);

	/* The destination's peer answers for it; the source's peer may not. */
	add_settle(&c, W4_TX_COMMIT, PEER(0), id);
	add_settle(&c, W4_TX_COMMIT, PEER(1), id);
	run(&c, SECOND);
	assert_int_equal(c.results[0].code, W4_TXC_NOT_ALLOWED);
	assert_int_equal(c.results[1].code, W4_TXC_OK);
	assert_balance(&c, 1, 110 * ATP, 0);

	add_register(&c, 0, 4);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	tx = tx_by(&c, W4_TX_TRANSFER, PEER(0));
	lct_of(tx.from, 0);
	lct_of(tx.to, NEW);
	tx.amount = ATP;
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_NOT_ALLOWED);
	audit(&c);
	chain_close(&c);
}

static void
lock_codes(void **state)
{
	W4Params	p;
	uint8_t		id[32];
	Chain		c;
	W4Tx		tx;

	(void) state;
	small_params(&p);
	p.v[W4_P_MAX_OPEN_HOLDS] = 2;
	chain_open(&c, &p, &small_sizes, 4);
	chain_genesis(&c, 8, 1000, 0);
	add_lock(&c, ALICE, ALICE, 1, ATP, HOLD, id);
	assert_int_equal(run_one(&c), W4_TXC_SELF);
	add_lock(&c, ALICE, BOB, 0, ATP, HOLD, id);
	assert_int_equal(run_one(&c), W4_TXC_SAME_PEER);
	add_lock(&c, ALICE, BOB, 2, ATP, HOLD, id);
	assert_int_equal(run_one(&c), W4_TXC_WRONG_PEER);
	add_lock(&c, ALICE, NEW, 1, ATP - 1, HOLD, id);
	assert_int_equal(run_one(&c), W4_TXC_TOO_SMALL);
	add_lock(&c, ALICE, BOB, 1, ATP, p.v[W4_P_HOLD_MIN_US] - 1, id);
	assert_int_equal(run_one(&c), W4_TXC_HOLD_RANGE);
	add_lock(&c, ALICE, BOB, 1, ATP, p.v[W4_P_HOLD_MAX_US] + 1, id);
	assert_int_equal(run_one(&c), W4_TXC_HOLD_RANGE);
	c.npeers = 3;
	add_lock(&c, ALICE, 3, 3, ATP, HOLD, id);
	assert_int_equal(run_one(&c), W4_TXC_UNKNOWN_PEER);
	c.npeers = 4;
	tx = tx_by(&c, W4_TX_LOCK, ALICE);
	lct_of(tx.from, BOB);
	lct_of(tx.to, ALICE);
	memcpy(tx.to_peer, c.peers[0].id, 32);
	tx.amount = ATP;
	tx.hold_us = HOLD;
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_NOT_ALLOWED);
	tx = tx_by(&c, W4_TX_LOCK, ALICE);
	lct_of(tx.from, NEW);
	lct_of(tx.to, ALICE);
	memcpy(tx.to_peer, c.peers[0].id, 32);
	tx.amount = ATP;
	tx.hold_us = HOLD;
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_NO_ACCOUNT);
	for (int i = 0; i < 3; i++)
		add_lock(&c, ALICE, BOB, 1, ATP, HOLD, id);
	run(&c, SECOND);
	assert_int_equal(c.results[1].code, W4_TXC_OK);
	assert_int_equal(c.results[2].code, W4_TXC_TOO_MANY_HOLDS);

	/* A destination that does not exist yet answers for itself and is opened by its commit. */
	add_lock(&c, 4, NEW, 1, 5 * ATP, HOLD, id);
	run(&c, SECOND);
	add_settle(&c, W4_TX_COMMIT, NEW + 1, id);
	add_settle(&c, W4_TX_COMMIT, NEW, id);
	run(&c, SECOND);
	assert_int_equal(c.results[0].code, W4_TXC_UNKNOWN_SIGNER);
	assert_int_equal(c.results[1].code, W4_TXC_OK);
	assert_balance(&c, NEW, 5 * ATP, 0);
	assert_int_equal(account_of(&c, NEW).seq.high, c.sequence);
	audit(&c);
	chain_close(&c);
}

/* --- admission --- */

static void
admission_codes(void **state)
{
	Chain		c;
	W4Tx		tx;
	uint8_t		old[32];
	uint32_t	place;
	W4Slice		again;
	uint8_t		copy[512];

	(void) state;
	open_chain(&c);
	chain_genesis(&c, 8, 1000, 0);

	place = add_transfer(&c, ALICE, CAROL, ATP);
	memcpy(copy, c.txs[place].data, c.txs[place].len);
	again = w4_slice(copy, c.txs[place].len);
	assert_int_equal(w4_exec_admissible(&c.exec, again, members_of(&c)), W4_TXC_OK);
	c.txs[c.ntxs++] = again;
	run(&c, SECOND);
	assert_int_equal(c.results[0].code, W4_TXC_OK);
	assert_int_equal(c.results[1].code, W4_TXC_REPLAYED);
	assert_memory_equal(c.results[0].id, c.results[1].id, 32);
	assert_int_equal(w4_exec_admissible(&c.exec, again, members_of(&c)), W4_TXC_REPLAYED);

	tx = tx_by(&c, W4_TX_TRANSFER, ALICE);
	lct_of(tx.from, ALICE);
	lct_of(tx.to, CAROL);
	tx.amount = ATP;
	tx.expiry_height = c.exec.state.totals.height;
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_EXPIRED);
	tx.expiry_height = c.exec.state.totals.height + 1;
	tx.cosignatures = w4_slice(NULL, 0);
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	tx.sequence = ++c.sequence;
	tx.expiry_height = c.exec.state.totals.height + 2 + (uint64_t) c.params.v[W4_P_EXPIRY_WINDOW];
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_TOO_EARLY);

	/* A bad signature costs the signer nothing: the same number still counts afterwards. */
	place = add_transfer(&c, ALICE, CAROL, ATP);
	c.bytes[c.out.len - 1] ^= 1;
	memcpy(copy, c.txs[place].data, c.txs[place].len);
	assert_int_equal(run_one(&c), W4_TXC_BAD_SIGNATURE);
	copy[c.results[0].code == W4_TXC_BAD_SIGNATURE ? again.len - 1 : 0] ^= 1;
	c.txs[c.ntxs++] = again;
	assert_int_equal(run_one(&c), W4_TXC_OK);

	c.txs[c.ntxs++] = w4_slice_cstr("not a transaction");
	c.txs[c.ntxs++] = w4_slice(NULL, 0);
	run(&c, SECOND);
	assert_int_equal(c.results[0].code, W4_TXC_MALFORMED);
	assert_int_equal(c.results[1].code, W4_TXC_MALFORMED);
	w4_sha256(old, "not a transaction", 17);
	assert_memory_equal(c.results[0].id, old, 32);
	assert_int_equal(w4_exec_admissible(&c.exec, w4_slice_cstr("x"), members_of(&c)), W4_TXC_MALFORMED);

	/* A failure uses the number up: it cannot come back when the balance has been refilled. */
	place = add_transfer(&c, CAROL, ALICE, 5000 * ATP);
	memcpy(copy, c.txs[place].data, c.txs[place].len);
	assert_int_equal(run_one(&c), W4_TXC_INSUFFICIENT);
	c.txs[c.ntxs++] = again;
	assert_int_equal(run_one(&c), W4_TXC_REPLAYED);
	chain_close(&c);
}

/* The real thing: Ed25519 under "W4TX1" and the chain id, for strangers and for registered keys. */
static void
real_signatures(void **state)
{
	static uint8_t wire[2][1024];
	W4ExecSizes sizes = {200, 200, 200, 200, 200};
	W4GenesisAccount g;
	W4TxResult	results[4];
	W4ExecBlock b;
	uint8_t		secret[64];
	uint8_t		seed[32];
	uint8_t		key[32];
	Chain		c;

	(void) state;
	open_chain(&c);
	free(c.mem);
	c.params.v[W4_P_MAX_BLOCK_TXS] = 10;
	c.mem = malloc(w4_exec_memory(&c.params, &sizes));
	assert_non_null(c.mem);
	assert_true(w4_exec_init(&c.exec, c.mem, w4_exec_memory(&c.params, &sizes), c.chain_id, &c.params, &sizes, NULL));
	memset(seed, 9, sizeof(seed));
	w4_keypair_from_seed(key, secret, seed);
	memset(&g, 0, sizeof(g));
	w4_lct_from_key(g.lct, key);
	g.amount = 100 * ATP;
	assert_true(w4_exec_genesis(&c.exec, T0, 1000 * ATP, &g, 1));
	for (int round = 0; round < 3; round++)
	{
		c.ntxs = 0;
		for (unsigned i = 0; i < 2; i++)
		{
			uint8_t		message[1024];
			W4Writer	out = w4_writer(wire[i], sizeof(wire[i]));
			W4Writer	m = w4_writer(message, sizeof(message));
			uint8_t		body[1024];
			W4Writer	bw = w4_writer(body, sizeof(body));
			W4Tx		tx = tx_by(&c, round == 1 ? W4_TX_REGISTER : W4_TX_TRANSFER, 0);

			memcpy(tx.key, key, 32);
			memcpy(tx.from, g.lct, 32);
			lct_of(tx.to, i);
			tx.amount = 10 * ATP;
			memcpy(tx.to_peer, c.peers[0].id, 32);
			tx.entity_type = w4_slice_cstr("ai");
			tx.hw_level = 4;
			tx.anchor_height = c.exec.state.totals.height;
			tx.pow_nonce = round == 1 ? find_nonce(&c, &tx, c.tip) : 0;
			w4_tx_put_body(&bw, &tx);
			w4_tx_put_signed(&m, W4_DOMAIN_TX, c.chain_id, w4_slice(body, bw.len));
			w4_sign(tx.signature, message, m.len, secret);
			tx.signature[32] ^= (uint8_t) i;
			assert_true(w4_tx_encode(&out, &tx, NULL));
			c.txs[c.ntxs++] = w4_slice(wire[i], out.len);
		}
		c.now += SECOND;
		b = chain_block(&c);
		assert_int_equal(w4_exec_block(&c.exec, &b, results, &c.applied), W4_EXEC_OK);
		w4_sha256(c.tip, c.applied.state_digest, 32);
		assert_int_equal(results[0].code, W4_TXC_OK);
		assert_int_equal(results[1].code, W4_TXC_BAD_SIGNATURE);
	}
	assert_balance(&c, 0, 20 * ATP, 0);
	audit(&c);
	chain_close(&c);
}

/* --- supply --- */

static uint32_t
add_supply(Chain *c, W4TxKind kind, unsigned signer, const uint8_t *to, int64_t amount, uint32_t cosigners)
{
	W4Tx		tx = tx_by(c, kind, signer);

	if (to != NULL)
		memcpy(tx.to, to, 32);
	tx.amount = amount;
	return add_signed(c, &tx, cosigners);
}

static void
mint_and_burn(void **state)
{
	uint8_t		lct[32];
	uint8_t		forged[3 * W4_TX_COSIGNATURE_LEN];
	Chain		c;
	W4Tx		tx;

	(void) state;
	open_chain(&c);
	chain_genesis(&c, 4, 1000, 100);
	lct_of(lct, NEW);
	add_supply(&c, W4_TX_MINT, PEER(0), lct, 50 * ATP, 3);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	assert_balance(&c, NEW, 50 * ATP, 0);
	assert_int_equal(c.exec.state.totals.supply, 4150 * ATP);
	add_supply(&c, W4_TX_MINT, PEER(1), NULL, 1, 4);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	assert_int_equal(c.exec.state.totals.treasury, 100 * ATP + 1);
	lct_of(lct, NEW + 1);
	add_supply(&c, W4_TX_MINT, PEER(1), lct, 1, 4);
	assert_int_equal(run_one(&c), W4_TXC_TOO_SMALL);
	add_supply(&c, W4_TX_MINT, PEER(0), NULL, ATP, 2);
	assert_int_equal(run_one(&c), W4_TXC_COSIGNERS);
	add_supply(&c, W4_TX_MINT, ALICE, NULL, ATP, 3);
	assert_int_equal(run_one(&c), W4_TXC_NOT_PEER);

	/* Cosigners who are no peers, or whose signature is for something else. */
	memset(forged, 0, sizeof(forged));
	for (unsigned i = 0; i < 3; i++)
		forged[i * W4_TX_COSIGNATURE_LEN] = (uint8_t) (i + 1);
	for (int good_ids = 0; good_ids < 2; good_ids++)
	{
		for (unsigned i = 0; good_ids && i < 3; i++)
			memcpy(forged + i * W4_TX_COSIGNATURE_LEN, c.peers[i].id, 32);
		tx = tx_by(&c, W4_TX_MINT, PEER(0));
		tx.amount = ATP;
		tx.cosignatures = w4_slice(forged, sizeof(forged));
		add(&c, &tx);
		assert_int_equal(run_one(&c), W4_TXC_COSIGNERS);
	}

	add_supply(&c, W4_TX_BURN, PEER(2), NULL, 100 * ATP, 3);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	assert_int_equal(c.exec.state.totals.treasury, 1);
	assert_int_equal(c.exec.state.totals.supply, 4050 * ATP + 1);
	add_supply(&c, W4_TX_BURN, PEER(2), NULL, 2, 3);
	assert_int_equal(run_one(&c), W4_TXC_INSUFFICIENT);
	audit(&c);
	chain_close(&c);

	open_chain(&c);
	assert_true(w4_exec_genesis(&c.exec, c.now, INT64_MAX, NULL, 0));
	add_supply(&c, W4_TX_MINT, PEER(0), NULL, 1, 3);
	assert_int_equal(run_one(&c), W4_TXC_OVERFLOW);
	chain_close(&c);
}

static void
parameters(void **state)
{
	static const struct
	{
		uint16_t	id;
		int64_t		value;
		uint16_t	code;
	}			cases[] = {
		{W4_P_REWARD, 3 * ATP, W4_TXC_OK},
		{W4_P_REWARD, -1, W4_TXC_BAD_PARAM},
		{W4_P_MAX_ACCOUNTS, 10, W4_TXC_BAD_PARAM},
		{W4_P_PRUNE_TO, 900000, W4_TXC_BAD_PARAM},
		{W4_P_HOLD_MIN_US, 31 * W4_DAY_US, W4_TXC_BAD_PARAM},
		{W4_P_COHERENCE_MIN, 900000, W4_TXC_BAD_PARAM},
	};
	W4Params	p;
	Chain		c;

	(void) state;
	open_chain(&c);
	chain_genesis(&c, 4, 1000, 100);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		W4Tx		tx = tx_by(&c, W4_TX_PARAM_SET, PEER(0));

		tx.param = cases[i].id;
		tx.value = cases[i].value;
		add_signed(&c, &tx, 3);
		assert_int_equal(run_one(&c), cases[i].code);
	}
	assert_int_equal(c.exec.state.params.v[W4_P_REWARD], 3 * ATP);
	assert_int_equal(c.exec.state.params.v[W4_P_PRUNE_TO], 700000);
	chain_close(&c);

	w4_params_default(&p);
	assert_true(w4_params_ok(&p));
	assert_false(w4_params_may_set(&p, W4_NPARAMS, 1));
	assert_string_equal(w4_param_name(W4_P_POW_TARGET_EXP), "pow_target_exp");
	assert_null(w4_param_name(W4_NPARAMS));
	for (unsigned i = 0; i < W4_NPARAMS; i++)
		assert_non_null(w4_param_name(i));
}

/* --- capacity --- */

static void
chain_maxima(void **state)
{
	W4ExecSizes sizes = {6, 2, 1, 10, 10};
	W4Params	p;
	uint8_t		id[3][32];
	uint8_t		lct[32];
	Chain		c;

	(void) state;
	small_params(&p);
	p.v[W4_P_MAX_ACCOUNTS] = 6;
	p.v[W4_P_MAX_TRANSFERS] = 2;
	p.v[W4_P_MAX_IDENTITIES] = 1;
	p.v[W4_P_MAX_THOUGHTS] = 10;
	p.v[W4_P_MAX_TOMBSTONES] = 10;
	chain_open(&c, &p, &sizes, 4);
	chain_genesis(&c, 5, 1000, 0);
	add_register(&c, 0, 4);
	add_register(&c, 1, 4);
	for (int i = 0; i < 3; i++)
		add_lock(&c, ALICE, NEW, 1, 10 * ATP, HOLD, id[i]);
	run(&c, SECOND);
	assert_int_equal(c.results[0].code, W4_TXC_OK);
	assert_int_equal(c.results[1].code, W4_TXC_FULL);
	assert_int_equal(c.results[3].code, W4_TXC_OK);
	assert_int_equal(c.results[4].code, W4_TXC_FULL);
	add_transfer(&c, CAROL, NEW + 1, 10 * ATP);
	add_transfer(&c, CAROL, NEW + 2, 10 * ATP);
	add_register(&c, NEW + 3, 4);
	run(&c, SECOND);
	assert_int_equal(c.results[0].code, W4_TXC_OK);
	assert_int_equal(c.results[1].code, W4_TXC_FULL);
	assert_int_equal(c.results[2].code, W4_TXC_FULL);

	/* No room for the destination, nor for the numbers of a peer's key. */
	add_settle(&c, W4_TX_COMMIT, NEW, id[0]);
	add_settle(&c, W4_TX_COMMIT, PEER(1), id[0]);
	lct_of(lct, NEW);
	add_supply(&c, W4_TX_MINT, PEER(0), lct, 10 * ATP, 3);
	run(&c, SECOND);
	assert_int_equal(c.results[0].code, W4_TXC_FULL);
	assert_int_equal(c.results[1].code, W4_TXC_FULL);
	assert_int_equal(c.results[2].code, W4_TXC_FULL);
	run(&c, HOLD + SECOND);
	assert_balance(&c, ALICE, 1000 * ATP, 0);
	audit(&c);
	chain_close(&c);
}

/* Too little memory is said before anything happens; growing keeps the digest. */
static void
growing(void **state)
{
	W4ExecSizes sizes = {5, 4, 4, 4, 4};
	W4ExecSizes grown;
	W4Exec	   *x = malloc(sizeof(*x));
	W4ExecBlock b;
	W4Params	p;
	Chain		c;
	Chain		big;
	void	   *mem;
	size_t		len;

	(void) state;
	assert_non_null(x);
	small_params(&p);
	chain_open(&c, &p, &sizes, 4);
	chain_open(&big, &p, &small_sizes, 4);
	chain_genesis(&c, 5, 1000, 0);
	chain_genesis(&big, 5, 1000, 0);
	assert_memory_equal(c.digest, big.digest, 32);
	for (unsigned i = 0; i < 5; i++)
	{
		add_transfer(&c, 0, 60 + i, ATP);
		add_transfer(&big, 0, 60 + i, ATP);
	}
	c.now += SECOND;
	b = chain_block(&c);
	assert_int_equal(w4_exec_block(&c.exec, &b, c.results, &c.applied), W4_EXEC_GROW);
	assert_int_equal(c.exec.state.totals.height, 0);
	assert_int_equal(c.exec.need.accounts, 15);
	assert_int_equal(c.exec.need.transfers, 5);
	grown = c.exec.need;
	len = w4_exec_memory(&p, &grown);
	mem = malloc(len);
	assert_non_null(mem);
	sizes.accounts = 4;
	assert_false(w4_exec_grow(x, mem, len, &sizes, &c.exec));
	assert_false(w4_exec_grow(x, mem, 8, &grown, &c.exec));
	assert_true(w4_exec_grow(x, mem, len, &grown, &c.exec));
	free(c.mem);
	c.exec = *x;
	c.mem = mem;
	assert_int_equal(w4_exec_block(&c.exec, &b, c.results, &c.applied), W4_EXEC_OK);
	memcpy(c.digest, c.applied.state_digest, 32);
	run(&big, SECOND);
	assert_memory_equal(c.digest, big.digest, 32);
	audit(&c);
	free(x);
	chain_close(&c);
	chain_close(&big);
}

/* --- blocks --- */

static void
blocks_that_do_not_follow(void **state)
{
	W4ExecBlock good;
	W4ExecBlock b;
	W4Members	none = {0};
	W4Members	many = {0};
	W4Members	swapped = {0};
	uint8_t		digest[32];
	Chain		c;

	(void) state;
	open_chain(&c);
	chain_genesis(&c, 4, 1000, 0);
	add_transfer(&c, ALICE, NEW, ATP);
	c.now += SECOND;
	good = chain_block(&c);
	memcpy(digest, c.exec.state.digest, 32);
	for (int i = 0; i < 10; i++)
	{
		b = good;
		switch (i)
		{
			case 0:
				b.height = 0;
				break;
			case 1:
				b.height = 2;
				break;
			case 2:
				b.time_us = T0;
				break;
			case 3:
				b.time_us = W4_EXEC_MAX_TIME;
				break;
			case 4:
				b.members = &none;
				break;
			case 5:
				many.n = W4_MAX_MEMBERS + 1;
				b.next = &many;
				break;
			case 6:
				b.ntxs = MAX_BLOCK + 1;
				break;
			case 7:
				b.noffences = W4_MAX_BLOCK_EVIDENCE + 1;
				break;
			case 8:
				swapped.m[0] = c.peers[1];
				swapped.m[1] = c.peers[0];
				swapped.n = 2;
				b.members = &swapped;
				break;
			default:
				swapped.m[0] = swapped.m[1] = c.peers[1];
				b.members = &swapped;
				break;
		}
		assert_int_equal(w4_exec_block(&c.exec, &b, c.results, &c.applied), W4_EXEC_BAD_BLOCK);
	}
	w4_state_seal(&c.exec.state);
	assert_memory_equal(c.exec.state.digest, digest, 32);
	chain_close(&c);
}

/* A fault of the program: the sums convict it, the block is undone whole, and the next one runs. */
static void
broken_invariants(void **state)
{
	W4ExecBlock b;
	uint8_t		before[32];
	uint8_t		after[32];
	uint8_t		id[32];
	Chain		c;
	W4Tx		tx;
	size_t		cap;

	(void) state;
	open_chain(&c);
	chain_genesis(&c, 4, 1000, 10);
	add_lock(&c, ALICE, BOB, 1, ATP, HOLD, id);
	run(&c, SECOND);
	for (int fault = 0; fault < 4; fault++)
	{
		w4_state_root_from_scratch(&c.exec.state, before);
		cap = c.exec.state.journal.cap;
		c.exec.state.totals.supply += fault == 0;
		c.exec.state.totals.held -= fault == 1;
		c.exec.state.totals.treasury -= fault == 2 ? 20 * ATP : 0;
		if (fault == 3)
			c.exec.state.journal.cap = 500;
		add_settle(&c, W4_TX_COMMIT, BOB, id);
		add_transfer(&c, ALICE, NEW, ATP);
		tx = tx_by(&c, W4_TX_PARAM_SET, PEER(0));
		tx.param = W4_P_REWARD;
		tx.value = 7;
		add_signed(&c, &tx, 3);
		c.now += SECOND;
		b = chain_block(&c);
		assert_int_equal(w4_exec_block(&c.exec, &b, c.results, &c.applied), W4_EXEC_BROKEN);
		c.exec.state.totals.supply -= fault == 0;
		c.exec.state.totals.held += fault == 1;
		c.exec.state.totals.treasury += fault == 2 ? 20 * ATP : 0;
		c.exec.state.journal.cap = cap;
		w4_state_root_from_scratch(&c.exec.state, after);
		assert_memory_equal(before, after, 32);
		chain_clear(&c);
	}
	c.exec.state.totals.available = -1;
	assert_non_null(w4_state_audit(&c.exec.state));
	c.exec.state.totals.available = 3999 * ATP;
	add_settle(&c, W4_TX_COMMIT, BOB, id);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	audit(&c);
	chain_close(&c);
}

/* Entries that contradict each other: noticed where they are used, and the block is undone. */
static void
contradictions(void **state)
{
	W4ExecBlock b;
	uint8_t		id[32];
	uint8_t		lct[32];
	uint8_t		key[8] = {1};
	uint8_t		before[32];
	uint8_t		after[32];
	Chain		c;

	(void) state;
	for (int fault = 0; fault < 2; fault++)
	{
		open_chain(&c);
		chain_genesis(&c, 4, 1000, 10);
		add_lock(&c, ALICE, BOB, 1, ATP, HOLD, id);
		run(&c, SECOND);
		lct_of(lct, ALICE);
		w4_state_delete(&c.exec.state, fault == 0 ? W4_ST_ACCOUNT : W4_ST_TRANSFER, fault == 0 ? lct : id);
		w4_state_root_from_scratch(&c.exec.state, before);
		c.now += HOLD + SECOND;
		b = chain_block(&c);
		assert_int_equal(w4_exec_block(&c.exec, &b, c.results, &c.applied), W4_EXEC_BROKEN);
		w4_state_root_from_scratch(&c.exec.state, after);
		assert_memory_equal(before, after, 32);
		chain_close(&c);
	}

	/* Numbers that were forgotten, as a snapshot of liars could have it: the transfer is not overwritten. */
	open_chain(&c);
	chain_genesis(&c, 4, 1000, 10);
	add_lock(&c, ALICE, BOB, 1, ATP, HOLD, id);
	run(&c, SECOND);
	lct_of(lct, ALICE);
	{
		W4Account	a = account_of(&c, ALICE);

		memset(&a.seq, 0, sizeof(a.seq));
		w4_state_set_account(&c.exec.state, lct, &a);
	}
	c.sequence = 0;
	{
		W4Tx		tx = tx_by(&c, W4_TX_LOCK, ALICE);
		uint8_t		again[32];

		lct_of(tx.from, ALICE);
		lct_of(tx.to, BOB);
		memcpy(tx.to_peer, c.peers[1].id, 32);
		tx.amount = ATP;
		tx.hold_us = HOLD;
		tx.expiry_height = 100;
		add(&c, &tx);
		memcpy(again, tx.id, 32);
		assert_memory_equal(again, id, 32);
	}
	assert_int_equal(run_one(&c), W4_TXC_REPLAYED);
	assert_balance(&c, ALICE, 999 * ATP, ATP);
	audit(&c);
	chain_close(&c);

	/* The tables' own limits. */
	open_chain(&c);
	w4_state_delete(&c.exec.state, W4_ST_ANCHOR, key);
	assert_true(c.exec.state.broken);
	c.exec.state.broken = false;
	for (unsigned i = 0; i <= W4_ANCHORS; i++)
	{
		key[6] = (uint8_t) (i >> 8);
		key[7] = (uint8_t) i;
		w4_state_put(&c.exec.state, W4_ST_ANCHOR, key, before);
		w4_state_keep(&c.exec.state);
		assert_int_equal(c.exec.state.broken, i == W4_ANCHORS);
	}
	chain_close(&c);
}

static void
code_names(void **state)
{
	int			named = 0;

	(void) state;
	for (uint16_t code = 0; code < 200; code++)
		named += strcmp(w4_tx_code_name(code), "unknown") != 0;
	assert_int_equal(named, 48);
	assert_string_equal(w4_tx_code_name(W4_TXC_LOCK_EXPIRED), "lock_expired");
	assert_string_equal(w4_tx_code_name(UINT16_MAX), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(genesis_digest),
		cmocka_unit_test(block_digests),
		cmocka_unit_test(genesis_refusals),
		cmocka_unit_test(two_phases),
		cmocka_unit_test(rollback_and_expiry),
		cmocka_unit_test(sweep_behind),
		cmocka_unit_test(double_spend),
		cmocka_unit_test(local_transfers_and_tasks),
		cmocka_unit_test(transfer_codes),
		cmocka_unit_test(custody),
		cmocka_unit_test(lock_codes),
		cmocka_unit_test(admission_codes),
		cmocka_unit_test(real_signatures),
		cmocka_unit_test(mint_and_burn),
		cmocka_unit_test(parameters),
		cmocka_unit_test(chain_maxima),
		cmocka_unit_test(growing),
		cmocka_unit_test(blocks_that_do_not_follow),
		cmocka_unit_test(broken_invariants),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(code_names),
	};

	return cmocka_run_group_tests_name("exec_ledger", tests, NULL, NULL);
}
