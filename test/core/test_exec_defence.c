/*
 * The defence layers: proof of work, rate, quality, trust and its log, decay,
 * corpus and pruning, attestation, offences; the scenarios of the consensus
 * spec 2.12 that concern them.
 */
#include <math.h>

#include "exec_fixture.h"

static void
open_chain(Chain *c, uint32_t npeers)
{
	W4Params	p;

	small_params(&p);
	chain_open(c, &p, &small_sizes, npeers);
}

/* A text of its own for each n: coherence 1/2 * min(1, 200/200) + 1/2 * 4/10. */
static void
text_of(char text[256], unsigned n)
{
	int			len = snprintf(text, 256, "Thought number%06u federated ", n);

	memset(text + len, 'x', (size_t) (200 - len));
	text[200] = '\0';
}

/* --- proof of work --- */

/* First nonce for the key of RFC 8032 TEST 1, type "ai", block hash 32 times 77, computed with hashlib. */
#define POW_CHALLENGE "lct-creation:ai:lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a:7777777777777777777777777777777777777777777777777777777777777777:"
#define POW_NONCE_248 432
#define POW_NONCE_236 3944450

static void
proof_of_work(void **state)
{
	static const uint8_t key[32] = {
		0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
		0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a
	};
	uint8_t		anchor[32];
	uint8_t		challenge[W4_POW_CHALLENGE_MAX];
	W4Writer	w = w4_writer(challenge, sizeof(challenge));
	W4Slice		s;

	(void) state;
	memset(anchor, 0x77, 32);
	w4_pow_challenge(&w, w4_slice_cstr("ai"), key, anchor);
	s = w4_slice(challenge, w.len);
	assert_true(w4_slice_eq(s, w4_slice_cstr(POW_CHALLENGE)));
	for (uint64_t nonce = 0; nonce < POW_NONCE_248; nonce++)
		assert_false(w4_pow_ok(s, nonce, 248));
	assert_true(w4_pow_ok(s, POW_NONCE_248, 248));
	assert_true(w4_pow_ok(s, POW_NONCE_236, 236));
	assert_false(w4_pow_ok(s, POW_NONCE_236, 220));
	assert_false(w4_pow_ok(s, POW_NONCE_236 - 1, 236));
	assert_true(w4_pow_ok(s, UINT64_MAX, 256));
}

static void
registration_codes(void **state)
{
	Chain		c;
	W4Tx		tx;
	W4Identity	i;

	(void) state;
	open_chain(&c, 4);
	c.params.v[W4_P_POW_TARGET_EXP] = c.exec.state.params.v[W4_P_POW_TARGET_EXP] = 248;
	chain_genesis(&c, 4, 0, 150);

	/* The chain id anchors the first block. */
	add_register(&c, 20, 5);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	assert_int_equal(c.results[0].atp_delta, 100 * ATP);
	assert_int_equal(c.results[0].trust_cause, W4_TRUST_REGISTERED);
	i = identity_of(&c, 20);
	assert_int_equal(i.trust, 100000);
	assert_int_equal(i.hw_level, 5);
	assert_false(i.attested);
	assert_int_equal(i.log_len, 1);
	assert_balance(&c, 20, 100 * ATP, 0);
	assert_memory_equal(account_of(&c, 20).home, c.peers[0].id, 32);

	/* The treasury gives what it has. */
	add_register(&c, 21, 4);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	assert_balance(&c, 21, 50 * ATP, 0);
	add_register(&c, 21, 4);
	assert_int_equal(run_one(&c), W4_TXC_REGISTERED);

	tx = tx_by(&c, W4_TX_REGISTER, 22);
	memcpy(tx.to_peer, c.peers[0].id, 32);
	tx.entity_type = w4_slice_cstr("ai");
	tx.hw_level = 4;
	tx.anchor_height = c.exec.state.totals.height;
	tx.pow_nonce = find_nonce(&c, &tx, c.tip) + 1;
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_BAD_WORK);
	assert_int_equal(c.results[0].layer, 1);
	assert_null(w4_state_get(&c.exec.state, W4_ST_ACCOUNT, tx.id));
	tx.sequence++;
	tx.anchor_height = c.exec.state.totals.height + 1;
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_STALE_ANCHOR);
	tx.sequence++;
	tx.anchor_height = UINT64_C(1) << 40;
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_STALE_ANCHOR);
	tx.sequence++;
	memset(tx.to_peer, 0xee, 32);
	add(&c, &tx);
	assert_int_equal(run_one(&c), W4_TXC_UNKNOWN_PEER);
	audit(&c);
	chain_close(&c);
}

/* 1,000 blocks old is good, 1,001 is not, and the memory of hashes stays bounded. */
static void
anchor_age(void **state)
{
	uint8_t		hash[32];
	Chain		c;

	(void) state;
	open_chain(&c, 1);
	chain_genesis(&c, 1, 10, 1000);
	run(&c, SECOND);
	memcpy(hash, c.tip, 32);
	while (c.exec.state.totals.height < 1000)
		run(&c, SECOND);
	for (unsigned agent = 30; agent < 32; agent++)
	{
		W4Tx		tx = tx_by(&c, W4_TX_REGISTER, agent);

		memcpy(tx.to_peer, c.peers[0].id, 32);
		tx.entity_type = w4_slice_cstr("ai");
		tx.hw_level = 4;
		tx.anchor_height = 1;
		tx.pow_nonce = find_nonce(&c, &tx, hash);
		add(&c, &tx);
		assert_int_equal(run_one(&c), agent == 30 ? W4_TXC_OK : W4_TXC_STALE_ANCHOR);
	}
	while (c.exec.state.totals.height < 1100)
		run(&c, SECOND);
	assert_int_equal(c.exec.state.tables[W4_ST_ANCHOR].count, W4_ANCHORS - 1);
	audit(&c);
	chain_close(&c);
}

/* --- trust --- */

static void
decay(void **state)
{
	W4Params	p;
	const int64_t day = W4_DAY_US;

	(void) state;
	w4_params_default(&p);
	for (int d = 0; d < 4000; d++)
	{
		int			k = d < 3651 ? d : 3650;
		uint32_t	loss = (uint32_t) floorl(10000.0L * logl(1.0L + k));

		assert_int_equal(w4_trust_effective(&p, 1000000, T0, T0 + (d + 7) * day), 1000000 - loss);
	}
	assert_int_equal(w4_trust_effective(&p, 500000, T0, T0 + 7 * day - 1), 500000);
	assert_int_equal(w4_trust_effective(&p, 500000, T0, T0 + 14 * day), 500000 - 20794);
	assert_int_equal(w4_trust_effective(&p, 500000, T0, T0 + 30 * day), 500000 - 31780);
	assert_int_equal(w4_trust_effective(&p, 500000, T0, T0 + 90 * day), 500000 - 44308);
	assert_int_equal(w4_trust_effective(&p, 110000, T0, T0 + 90 * day), 100000);
	assert_int_equal(w4_trust_effective(&p, 60000, T0, T0 + 90 * day), 60000);
	assert_int_equal(w4_trust_effective(&p, 60000, T0, T0 - 90 * day), 60000);
}

/* Head of a log of four entries, computed with hashlib; the second one comes after decay down to the floor. */
#define LOG_HEAD "19ed52f030cbc043be0281ec349ebed1a52fb9cdb308475b1a88a7fec5fcb8e2"

static void
log_head(void **state)
{
	static const W4TrustCause causes[4] = {W4_TRUST_REGISTERED, W4_TRUST_ACCEPTED_HIGH, W4_TRUST_VIOLATION,
	W4_TRUST_OFFENCE};
	const int64_t times[4] = {T0, T0 + 40 * W4_DAY_US, T0 + 40 * W4_DAY_US + SECOND, T0 + 50 * W4_DAY_US};
	static const uint32_t after[4] = {100000, 120000, 70000, 0};
	W4Identity	i;
	W4TrustEntry e;
	W4Params	p;
	uint8_t		lct[32];
	uint8_t		source[32];
	char		hex[65];

	(void) state;
	memset(&i, 0, sizeof(i));
	w4_params_default(&p);
	lct_of(lct, 20);
	for (int k = 0; k < 4; k++)
	{
		memset(source, k + 1, 32);
		w4_trust_apply(&i, lct, &p, causes[k], times[k], source, &e);
		assert_int_equal(e.after, after[k]);
		assert_int_equal(i.trust, after[k]);
	}
	assert_int_equal(i.last_active_us, times[2]);
	for (int k = 0; k < 32; k++)
		(void) snprintf(hex + 2 * k, 3, "%02x", i.log_head[k]);
	assert_string_equal(hex, LOG_HEAD);
}

/* The state's trust is the fold of the results' deltas, and the head of the log convicts every change of it. */
static void
log_folds(void **state)
{
	W4TrustEntry log[64];
	W4TrustEntry forged[64];
	W4Identity	fold;
	W4Identity	i;
	uint8_t		lct[32];
	uint32_t	n = 0;
	Chain		c;
	char		text[256];

	(void) state;
	open_chain(&c, 4);
	chain_genesis(&c, 1, 10, 10000);
	lct_of(lct, 20);
	add_register(&c, 20, 5);
	for (unsigned k = 0; k < 40; k++)
	{
		if (k == 5)
		{
			W4Tx		tx = tx_by(&c, W4_TX_ATTEST, PEER(0));

			memcpy(tx.subject, lct, 32);
			add_signed(&c, &tx, 2);
		}
		else if (k == 30)
		{
			c.noffences = 1;
			memcpy(c.offences[0].conviction.id, lct, 32);
			memset(c.offences[0].evidence, 0xee, 32);
		}
		else if (k > 0)
		{
			text_of(text, k);
			add_thought(&c, 20, k % 7 == 0 ? "too incoherent" : text);
		}
		run(&c, k % 10 == 9 ? 20 * W4_DAY_US : 9 * SECOND);
		if (c.results[0].trust_cause == 0)
			continue;
		log[n].cause = c.results[0].trust_cause;
		log[n].time_us = c.now;
		memcpy(log[n].source, c.results[0].id, 32);
		log[n].delta = c.results[0].trust_delta;
		log[n++].after = c.results[0].trust_after;
	}
	i = identity_of(&c, 20);
	assert_int_equal(i.log_len, n);
	assert_true(n > 35);
	memset(&fold, 0, sizeof(fold));
	assert_true(w4_trust_fold(&fold, lct, &c.params, log, n));
	assert_int_equal(fold.trust, i.trust);
	assert_memory_equal(fold.log_head, i.log_head, 32);
	assert_int_equal(fold.last_active_us, i.last_active_us);

	/* Every change is refused, or shows in the head. */
	for (uint32_t k = 0; k < n; k++)
	{
		for (int what = 0; what < 5; what++)
		{
			memcpy(forged, log, sizeof(log));
			forged[k].cause = what == 0 ? (uint8_t) (log[k].cause % 6 + 1) : log[k].cause;
			forged[k].time_us += what == 1;
			forged[k].source[9] ^= what == 2;
			forged[k].delta += what == 3;
			forged[k].after += what == 4;
			memset(&fold, 0, sizeof(fold));
			if (w4_trust_fold(&fold, lct, &c.params, forged, n))
				assert_memory_not_equal(fold.log_head, i.log_head, 32);
		}
	}
	forged[0] = log[0];
	forged[0].delta = 2000000;
	memset(&fold, 0, sizeof(fold));
	assert_false(w4_trust_fold(&fold, lct, &c.params, forged, 1));
	forged[0].delta = log[0].delta;
	forged[0].cause = 7;
	assert_false(w4_trust_fold(&fold, lct, &c.params, forged, 1));
	audit(&c);
	chain_close(&c);
}

static void
attest_and_accuse(void **state)
{
	Chain		c;
	W4Tx		tx;

	(void) state;
	open_chain(&c, 4);
	chain_genesis(&c, 1, 10, 10000);
	add_register(&c, 20, 5);
	add_register(&c, 21, 4);
	run(&c, SECOND);
	for (int k = 0; k < 5; k++)
	{
		static const uint16_t expected[5] = {W4_TXC_COSIGNERS, W4_TXC_OK, W4_TXC_ATTESTED,
		W4_TXC_NOT_CLAIMED, W4_TXC_NOT_REGISTERED};

		tx = tx_by(&c, W4_TX_ATTEST, PEER(1));
		lct_of(tx.subject, k < 3 ? 20 : k == 3 ? 21 : 22);
		add_signed(&c, &tx, k == 0 ? 1 : 2);
		assert_int_equal(run_one(&c), expected[k]);
	}
	assert_int_equal(identity_of(&c, 20).trust, 300000);
	assert_true(identity_of(&c, 20).attested);

	/* Evidence in the block: a culprit without identity has nothing to lose here. */
	c.noffences = 2;
	lct_of(c.offences[0].conviction.id, 21);
	lct_of(c.offences[1].conviction.id, 99);
	memset(c.offences[0].evidence, 1, 32);
	run(&c, SECOND);
	assert_int_equal(c.results[0].code, W4_TXC_OK);
	assert_int_equal(c.results[0].trust_delta, -1000000);
	assert_int_equal(c.results[0].atp_delta, -10 * ATP);
	assert_int_equal(c.results[1].code, W4_TXC_NOT_REGISTERED);
	assert_int_equal(identity_of(&c, 21).trust, 0);
	audit(&c);
	chain_close(&c);
}

/* --- quality --- */

static void
coherence(void **state)
{
	static const struct
	{
		const char *text;
		uint32_t	code_points;
		uint32_t	ppm;
	}			cases[] = {
		{"a", 1, 0},
		{"spam", 4, 0},
		{"test message here", 17, 150000},
		{"TEST test Test tests Tests", 26, 65000},
		{"one two six ten out", 19, 0},
		{"abcd efgh ijkl mnop", 19, 200000},
		{"abcd efgh ijkl mnop ", 20, 250000},
		{"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f \xc3\x84\xc3\x96\xc3\x9c\xc3\x9f abcd\tabcde\nabcdef", 27, 317500},
		{"", 0, 0},
	};
	char		big[400];
	W4Quality	q;

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		q = w4_quality(w4_slice_cstr(cases[i].text));
		assert_int_equal(q.code_points, cases[i].code_points);
		assert_int_equal(q.coherence, cases[i].ppm);
	}
	memset(big, ' ', sizeof(big));
	q = w4_quality(w4_slice(big, sizeof(big)));
	assert_true(q.blank);
	assert_int_equal(q.coherence, 500000);
	for (int i = 0; i < 20; i++)
		memcpy(big + 8 * i, "wordnn", 6), big[8 * i + 4] = (char) ('a' + i);
	q = w4_quality(w4_slice(big, sizeof(big)));
	assert_false(q.blank);
	assert_int_equal(q.coherence, 1000000);
}

static void
thought_codes(void **state)
{
	static char long_text[10002];
	Chain		c;
	char		text[256];

	(void) state;
	open_chain(&c, 4);
	chain_genesis(&c, 1, 10, 10000);
	add_thought(&c, 0, "nobody of that name is registered");
	assert_int_equal(run_one(&c), W4_TXC_NOT_REGISTERED);
	add_register(&c, 20, 4);
	run(&c, SECOND);
	text_of(text, 1);
	add_thought(&c, 20, text);
	assert_int_equal(run_one(&c), W4_TXC_OK);
	assert_int_equal(c.results[0].coherence, 700000);
	assert_int_equal(c.results[0].atp_delta, ATP);
	assert_int_equal(c.results[0].trust_after, 110000);
	assert_int_equal(identity_of(&c, 20).live_thoughts, 1);
	assert_int_equal(c.exec.state.totals.thought_bytes, 200);
	add_thought(&c, 20, text);
	assert_int_equal(run_one(&c), W4_TXC_DUPLICATE);
	assert_int_equal(c.results[0].atp_delta, -5 * ATP);
	assert_int_equal(c.results[0].layer, 3);
	add_thought(&c, 20, "short one");
	assert_int_equal(run_one(&c), W4_TXC_LENGTH);
	add_thought(&c, 20, "               \t\n              ");
	assert_int_equal(run_one(&c), W4_TXC_LENGTH);
	memset(long_text, 'a', sizeof(long_text) - 1);
	add_thought(&c, 20, long_text);
	assert_int_equal(run_one(&c), W4_TXC_LENGTH);
	add_thought(&c, 20, "just spam and spam");
	assert_int_equal(run_one(&c), W4_TXC_COHERENCE);
	assert_int_equal(identity_of(&c, 20).trust, 0);
	assert_int_equal(identity_of(&c, 20).violations, 5);
	assert_balance(&c, 20, 76 * ATP, 0);
	add_thought(&c, 20, "Excellent thoughts contain enough different words: seven eight nine, "
				"thereby reaching what counts as high quality among peers who read them, "
				"and they are long enough for the measure of length.");
	assert_int_equal(run_one(&c), W4_TXC_OK);
	assert_int_equal(c.results[0].atp_delta, 2 * ATP);
	assert_int_equal(c.results[0].trust_after, 20000);
	audit(&c);
	chain_close(&c);
}

/* --- rate --- */

/* Scenario 2: an attested attacker, trust 0.3, 100 ATP, 100 items of spam within a minute. */
static void
spam(void **state)
{
	Chain		c;
	W4Tx		tx;

	(void) state;
	open_chain(&c, 4);
	chain_genesis(&c, 1, 0, 1000);
	add_register(&c, 20, 5);
	run(&c, SECOND);
	tx = tx_by(&c, W4_TX_ATTEST, PEER(0));
	lct_of(tx.subject, 20);
	add_signed(&c, &tx, 2);
	run(&c, SECOND);
	for (int k = 0; k < 100; k++)
	{
		int64_t		left = k < 10 ? 100 - 5 * (k + 1) : k < 15 ? 50 - 10 * (k - 9) : 0;
		int64_t		trust = 300000 - 50000 * (k + 1);

		add_thought(&c, 20, "spam spam spam");
		run(&c, SECOND / 2);
		assert_int_equal(c.results[0].code, k < 10 ? W4_TXC_COHERENCE : W4_TXC_RATE);
		assert_int_equal(c.results[0].layer, k < 10 ? 3 : 2);
		assert_balance(&c, 20, left * ATP, 0);
		assert_int_equal(identity_of(&c, 20).trust, trust > 0 ? trust : 0);
	}
	assert_int_equal(c.exec.state.tables[W4_ST_THOUGHT].count, 0);
	assert_int_equal(c.exec.state.totals.treasury, 1000 * ATP);
	audit(&c);
	chain_close(&c);
}

/* Scenario 1: three honest nodes, attested, ten thoughts each in one window. */
static void
federation(void **state)
{
	Chain		c[2];
	char		text[256];

	(void) state;
	for (int r = 0; r < 2; r++)
	{
		open_chain(&c[r], 3);
		chain_genesis(&c[r], 1, 0, 1000);
		for (unsigned i = 20; i < 23; i++)
			add_register(&c[r], i, 5);
		run(&c[r], SECOND);
		for (unsigned i = 20; i < 23; i++)
		{
			W4Tx		tx = tx_by(&c[r], W4_TX_ATTEST, PEER(i - 20));

			lct_of(tx.subject, i);
			add_signed(&c[r], &tx, 1);
		}
		run(&c[r], SECOND);
		for (unsigned k = 0; k < 10; k++)
		{
			for (unsigned i = 20; i < 23; i++)
			{
				text_of(text, 100 * i + k);
				add_thought(&c[r], i, text);
			}
			run(&c[r], SECOND);
			for (int i = 0; i < 3; i++)
				assert_int_equal(c[r].results[i].code, W4_TXC_OK);
		}
		assert_int_equal(c[r].exec.state.tables[W4_ST_THOUGHT].count, 30);
		assert_int_equal(identity_of(&c[r], 20).trust, 400000);
		assert_balance(&c[r], 20, 110 * ATP, 0);
		audit(&c[r]);
	}
	assert_memory_equal(c[0].digest, c[1].digest, 32);
	chain_close(&c[0]);
	chain_close(&c[1]);
}

/* How many of 40 thoughts in one block are taken. */
static int
burst(Chain *c, unsigned agent, unsigned first, int64_t later)
{
	char		text[256];
	int			taken = 0;

	for (unsigned k = 0; k < 40; k++)
	{
		text_of(text, first + k);
		add_thought(c, agent, text);
	}
	run(c, later);
	for (int k = 0; k < 40; k++)
		taken += c->results[k].code == W4_TXC_OK;
	return taken;
}

/* Scenario 6: balance raises the quota: 50 % for each full 500 ATP, at most 100 %; locked ATP counts. */
static void
quota(void **state)
{
	Chain		c;
	uint8_t		id[32];
	const int64_t balances[5] = {380, 400, 900, 5000, 0};
	const int	taken[5] = {11, 16, 23, 23, 11};	/* from a model of the rule in Python */

	(void) state;
	open_chain(&c, 4);
	chain_genesis(&c, 9, 6300, 10000);
	for (unsigned i = 0; i < 5; i++)
	{
		add_register(&c, 40 + i, 4);
		if (balances[i] > 0)
			add_transfer(&c, i, 40 + i, balances[i] * ATP);
	}
	run(&c, SECOND);
	for (unsigned i = 0; i < 5; i++)
	{
		if (i == 2)
		{
			add_lock(&c, 42, 1, 1, 900 * ATP, 60 * SECOND, id);
			run(&c, SECOND);
			assert_int_equal(c.results[0].code, W4_TXC_OK);
		}
		assert_int_equal(burst(&c, 40 + i, 1000 * i, SECOND), taken[i]);
	}

	audit(&c);
	chain_close(&c);

	/* Sliding: a minute later, to the microsecond, attempts no longer count; refused ones did. */
	open_chain(&c, 4);
	chain_genesis(&c, 1, 0, 10000);
	add_register(&c, 40, 4);
	run(&c, SECOND);
	assert_int_equal(burst(&c, 40, 0, SECOND), 11);
	assert_int_equal(burst(&c, 40, 100, 60 * SECOND - 1), 0);
	assert_int_equal(burst(&c, 40, 200, 60 * SECOND), 10);
	chain_close(&c);
}

/* 100,000 bytes in a window, scaled like the number. */
static void
bytes_per_window(void **state)
{
	static char text[9001];
	Chain		c;
	int			taken = 0;

	(void) state;
	open_chain(&c, 4);
	chain_genesis(&c, 4, 6000, 10000);
	add_register(&c, 0, 4);
	c.exec.state.params.v[W4_P_RATE_BYTES] = 20000;
	run(&c, SECOND);
	for (int k = 0; k < 10; k++)
	{
		memset(text, 'x', 9000);
		memcpy(text, "many different words here: abcde", 32);
		text[27] = (char) ('a' + k);
		add_thought(&c, 0, text);
		run(&c, SECOND);
		taken += c.results[0].code == W4_TXC_OK;
	}
	/* 20,000 * (1 + 0.1 / 2) * (1 + 1) = 42,000, rising with trust to 42,800 at most */
	assert_int_equal(taken, 4);
	chain_close(&c);
}

static void
recharge(void **state)
{
	Chain		c;
	char		text[256];

	(void) state;
	open_chain(&c, 4);
	chain_genesis(&c, 1, 0, 100000);
	add_register(&c, 20, 4);
	add_register(&c, 21, 4);
	run(&c, SECOND);
	text_of(text, 1);
	add_thought(&c, 20, text);
	run(&c, 3 * W4_DAY_US + W4_DAY_US / 2);
	assert_int_equal(c.results[0].atp_delta, 31 * ATP);
	text_of(text, 2);
	add_thought(&c, 20, text);
	run(&c, W4_DAY_US / 2);
	assert_int_equal(c.results[0].atp_delta, 11 * ATP);
	text_of(text, 3);
	add_thought(&c, 20, text);
	run(&c, W4_DAY_US - 1);
	assert_int_equal(c.results[0].atp_delta, ATP);

	/* 143 ATP so far.  The cap holds for recharge and reward; the longest time there is does not overflow. */
	text_of(text, 4);
	add_thought(&c, 20, text);
	run(&c, 3000 * W4_DAY_US);
	assert_int_equal(c.results[0].atp_delta, 9857 * ATP);
	assert_balance(&c, 20, 10000 * ATP, 0);
	c.exec.state.params.v[W4_P_RECHARGE] = 10000 * ATP;
	add_thought(&c, 21, "some other thought that has enough words inside");
	run(&c, INT64_C(20000000) * W4_DAY_US);
	assert_balance(&c, 21, 10000 * ATP, 0);
	audit(&c);
	chain_close(&c);
}

/* --- corpus --- */

static void
corpus_chain(Chain *c, int64_t max_thoughts, int64_t max_bytes)
{
	W4ExecSizes sizes = {400, 100, 200, 100, 200};
	W4Params	p;

	small_params(&p);
	p.v[W4_P_MAX_THOUGHTS] = max_thoughts;
	p.v[W4_P_MAX_THOUGHT_BYTES] = max_bytes;
	p.v[W4_P_AUTHOR_SHARE] = W4_PPM;
	sizes.thoughts = (uint32_t) max_thoughts;
	chain_open(c, &p, &sizes, 4);
	chain_genesis(c, 1, 0, 100000);
	for (unsigned i = 20; i < 30; i++)
		add_register(c, i, 4);
	run(c, SECOND);
}

/* Thoughts n .. n + count - 1, by ten authors in turn; returns how many were taken. */
static int
fill(Chain *c, unsigned n, unsigned count)
{
	char		text[256];
	int			taken = 0;

	for (unsigned k = 0; k < count; k++)
	{
		text_of(text, n + k);
		add_thought(c, 20 + (n + k) % 10, text);
	}
	run(c, SECOND);
	for (unsigned k = 0; k < count; k++)
		taken += c->results[k].code == W4_TXC_OK;
	return taken;
}

static bool
is_live(const Chain *c, unsigned n)
{
	char		text[256];
	uint8_t		hash[32];

	text_of(text, n);
	w4_sha256(hash, text, 200);
	return w4_state_get(&c->exec.state, W4_ST_THOUGHT, hash) != NULL;
}

static void
pruning(void **state)
{
	Chain		c;
	int			live;

	(void) state;
	corpus_chain(&c, 100, 1 << 20);
	assert_int_equal(fill(&c, 0, 50), 50);
	run(&c, 2 * 3600 * SECOND);
	assert_int_equal(fill(&c, 50, 40), 40);
	assert_int_equal(c.exec.state.tables[W4_ST_THOUGHT].count, 90);
	assert_true(c.exec.state.totals.prune_due);

	/* Due, and done first in the next block: 20 of the 50 old ones go, equal in priority, by their hash. */
	run(&c, SECOND);
	assert_false(c.exec.state.totals.prune_due);
	assert_int_equal(c.exec.state.tables[W4_ST_THOUGHT].count, 70);
	assert_int_equal(c.exec.state.tables[W4_ST_TOMBSTONE].count, 20);
	live = 0;
	for (unsigned n = 0; n < 90; n++)
	{
		live += is_live(&c, n);
		assert_true(n < 50 || is_live(&c, n));
	}
	assert_int_equal(live, 70);
	audit(&c);

	/* What was pruned is not taken again. */
	run(&c, 120 * SECOND);
	for (unsigned n = 0; n < 50; n++)
	{
		if (!is_live(&c, n))
		{
			assert_int_equal(fill(&c, n, 1), 0);
			assert_int_equal(c.results[0].code, W4_TXC_DUPLICATE);
			break;
		}
	}
	chain_close(&c);
}

/* All young: protected until nothing could be taken any more. */
static void
pruning_young(void **state)
{
	Chain		c;

	(void) state;
	corpus_chain(&c, 100, 1 << 20);
	assert_int_equal(fill(&c, 0, 95), 95);
	assert_true(c.exec.state.totals.prune_due);
	run(&c, SECOND);
	assert_int_equal(c.exec.state.tables[W4_ST_THOUGHT].count, 95);
	assert_true(c.exec.state.totals.prune_due);
	run(&c, 120 * SECOND);
	assert_int_equal(fill(&c, 95, 8), 5);
	assert_int_equal(c.results[5].code, W4_TXC_CORPUS_FULL);
	assert_int_equal(c.results[5].layer, 7);
	assert_int_equal(c.results[5].atp_delta, 0);
	run(&c, SECOND);
	assert_int_equal(c.exec.state.tables[W4_ST_THOUGHT].count, 89);
	assert_false(c.exec.state.totals.prune_due);
	audit(&c);
	chain_close(&c);
}

static void
pruning_bytes_and_tombstones(void **state)
{
	Chain		c;

	(void) state;
	corpus_chain(&c, 100, 40000);
	c.exec.state.params.v[W4_P_MAX_TOMBSTONES] = 2;
	for (unsigned k = 0; k < 2; k++)
		assert_int_equal(fill(&c, k * 40, 40), 40);
	assert_int_equal(c.exec.state.totals.thought_bytes, 16000);
	c.exec.state.params.v[W4_P_MAX_THOUGHT_BYTES] = 17000;
	run(&c, 2 * 3600 * SECOND);
	assert_true(c.exec.state.totals.prune_due);
	run(&c, SECOND);
	assert_int_equal(c.exec.state.totals.thought_bytes, 11800);
	assert_int_equal(c.exec.state.tables[W4_ST_TOMBSTONE].count, 2);
	assert_false(c.exec.state.totals.prune_due);
	c.exec.state.params.v[W4_P_MAX_THOUGHT_BYTES] = 12000;
	assert_int_equal(fill(&c, 200, 2), 1);
	assert_int_equal(c.results[1].code, W4_TXC_CORPUS_FULL);
	audit(&c);
	chain_close(&c);
}

static void
author_share(void **state)
{
	Chain		c;

	(void) state;
	corpus_chain(&c, 100, 1 << 20);
	c.exec.state.params.v[W4_P_AUTHOR_SHARE] = 20000;
	assert_int_equal(fill(&c, 0, 30), 20);
	assert_int_equal(c.results[29].code, W4_TXC_AUTHOR_SHARE);
	assert_int_equal(c.results[29].trust_cause, 0);
	audit(&c);
	chain_close(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proof_of_work),
		cmocka_unit_test(registration_codes),
		cmocka_unit_test(anchor_age),
		cmocka_unit_test(decay),
		cmocka_unit_test(log_head),
		cmocka_unit_test(log_folds),
		cmocka_unit_test(attest_and_accuse),
		cmocka_unit_test(coherence),
		cmocka_unit_test(thought_codes),
		cmocka_unit_test(spam),
		cmocka_unit_test(federation),
		cmocka_unit_test(quota),
		cmocka_unit_test(bytes_per_window),
		cmocka_unit_test(recharge),
		cmocka_unit_test(pruning),
		cmocka_unit_test(pruning_young),
		cmocka_unit_test(pruning_bytes_and_tombstones),
		cmocka_unit_test(author_share),
	};

	return cmocka_run_group_tests_name("exec_defence", tests, NULL, NULL);
}
