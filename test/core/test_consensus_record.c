/*-------------------------------------------------------------------------
 *
 * test_consensus_record.c
 *		The durable record, the tip of the chain and the rota of proposers.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_fixture.h"
#include "core/consensus/record.h"
#include "core/consensus/tip.h"

static uint8_t buf[1 << 16];
static uint8_t other[1 << 16];

/* --- record --- */

static void
full_record(W4Record *rec, const Chain *c)
{
	W4ViewChange vc;
	uint8_t		hash[32];

	memset(hash, 7, 32);
	w4_record_init(rec, 5);
	rec->view = 3;
	rec->mode = W4_CHANGING;
	rec->asked = 3;
	rec->incarnation = 9;
	rec->no_sign_below = 2;
	rec->proposal = vote_make(c, W4_NEW_VIEW, 5, 2, 7, 1);
	rec->prepare = vote_make(c, W4_PREPARE, 5, 2, 7, 1);
	rec->commit = vote_make(c, W4_COMMIT, 5, 2, 7, 1);
	rec->signed_last = w4_vote_position(&rec->commit);
	vc_make(&vc, c, 5, 3, 1, 2, 7, 0x7);
	rec->view_change = vc.s;
	cert_make(&rec->prepared, c, W4_PREPARE, 5, 2, hash, 0x7);
}

static void
test_record_round_trip(void **state)
{
	Chain		c;
	W4Record	rec;
	W4Record	back;

	(void) state;
	chain_init(&c, 4);
	for (int full = 0; full < 2; full++)
	{
		W4Writer	w = w4_writer(buf, sizeof(buf));
		W4Writer	v = w4_writer(other, sizeof(other));

		if (full)
			full_record(&rec, &c);
		else
			w4_record_init(&rec, 1);
		w4_record_put(&w, &rec, c.id);
		assert_false(w.full);
		assert_true(w.len <= W4_RECORD_WIRE_MAX);
		assert_true(w4_record_decode(&back, w4_slice(buf, w.len), c.id, NULL));
		w4_record_put(&v, &back, c.id);
		assert_true(w4_slice_eq(w4_slice(buf, w.len), w4_slice(other, v.len)));

		/* A flipped bit, a torn tail: refused, never believed. */
		for (size_t i = 0; i < w.len; i++)
		{
			assert_false(w4_record_decode(&back, w4_slice(buf, i), c.id, NULL));
			buf[i] ^= 0x04;
			assert_false(w4_record_decode(&back, w4_slice(buf, w.len), c.id, NULL));
			buf[i] ^= 0x04;
		}
	}
}

/* A record whose checksum is right and which contradicts itself. */
static void
test_record_contradictions(void **state)
{
	Chain		c;

	(void) state;
	chain_init(&c, 4);
	for (int k = 0; k < 10; k++)
	{
		W4Record	rec;
		W4Record	back;
		W4Writer	w = w4_writer(buf, sizeof(buf));

		full_record(&rec, &c);
		switch (k)
		{
			case 0:
				rec.height = 0;
				break;
			case 1:
				rec.asked = 4;
				break;
			case 2:
				rec.asked = 2;
				break;
			case 3:
				rec.mode = 2;
				break;
			case 4:
				rec.view = 1;
				rec.asked = 1;
				break;
			case 5:
				rec.prepare.height = 4;
				break;
			case 6:
				rec.prepare.kind = W4_COMMIT;
				break;
			case 7:
				rec.signed_last.step = 4;
				break;
			case 8:
				rec.prepared.height = 4;
				break;
			default:
				rec.view_change.prepared_view = 1;
				break;
		}
		w4_record_put(&w, &rec, c.id);
		assert_false(w4_record_decode(&back, w4_slice(buf, w.len), c.id, NULL));
	}
}

static void
test_positions(void **state)
{
	static const W4Position p[] = {{1, 5, 3}, {2, 0, 1}, {2, 0, 2}, {2, 0, 3}, {2, 1, 0}, {2, 1, 1}, {2, 1, 2}};

	(void) state;
	for (size_t i = 0; i < COUNT(p); i++)
		for (size_t k = 0; k < COUNT(p); k++)
			assert_int_equal(w4_position_cmp(p[i], p[k]), i < k ? -1 : i > k);
}

/* --- tip --- */

static void
block_on(W4Block *out, const W4Tip *tip, const Chain *c, int builder)
{
	W4BlockHeader h;
	W4Writer	w = w4_writer(buf, sizeof(buf));

	memset(&h, 0, sizeof(h));
	w4_tip_header(tip, &h);
	h.time_us = tip->time_us + 1;
	memcpy(h.proposer, c->set.m[builder].id, 32);
	w4_block_encode(&w, &h, w4_slice(NULL, 0), w4_slice(NULL, 0), tip->height > 0 ? &tip->cert : NULL, c->id);
	assert_true(w4_block_decode(out, w4_slice(buf, w.len), c->id, sizeof(buf), NULL));
}

static void
step_on(W4Tip *tip, const Chain *c, uint32_t view, int builder, uint64_t signers)
{
	W4Block		block;
	W4Cert		cert;
	W4Applied	applied;

	memset(&applied, 0, sizeof(applied));
	block_on(&block, tip, c, builder);
	assert_null(w4_tip_misfit(tip, &block, view));
	assert_true(w4_tip_last_commit(tip, &block, c->id, &w4_suite_ed25519));
	cert_make(&cert, c, W4_COMMIT, tip->height + 1, view, block.hash, signers);
	assert_true(w4_tip_advance(tip, &block, &cert, &applied, c->id));
}

static void
test_tip_misfits(void **state)
{
	static const char *const what[] = {
		"another height", "another parent", "time not above the parent's", "other members",
		"other next members", "other parameters", "another state", "other results", "another checkpoint"
	};
	Chain		c;
	W4Tip		tip;
	uint8_t		zero[32] = {0};

	(void) state;
	chain_init(&c, 4);
	w4_tip_genesis(&tip, c.id, &c.set, 5, zero, zero);
	step_on(&tip, &c, 0, 1, 0x7);
	for (size_t i = 0; i < COUNT(what); i++)
	{
		W4Block		block;
		W4Tip		changed = tip;

		block_on(&block, &tip, &c, 2);
		switch (i)
		{
			case 0:
				changed.height++;
				break;
			case 1:
				changed.hash[0] ^= 1;
				break;
			case 2:
				changed.time_us = block.header.time_us;
				break;
			case 3:
				changed.members[1].hash[0] ^= 1;
				break;
			case 4:
				changed.members[2].hash[0] ^= 1;
				break;
			case 5:
				changed.params_hash[0] ^= 1;
				break;
			case 6:
				changed.state_digest[0] ^= 1;
				break;
			case 7:
				changed.results_root[0] ^= 1;
				break;
			default:
				changed.checkpoint_root[0] ^= 1;
				break;
		}
		assert_string_equal(w4_tip_misfit(&changed, &block, 0), what[i]);
	}
}

/* Who builds out of turn is refused in that view and welcome in a later one. */
static void
test_tip_turns(void **state)
{
	Chain		c;
	W4Tip		tip;
	W4Block		block;
	uint8_t		zero[32] = {0};

	(void) state;
	chain_init(&c, 4);
	w4_tip_genesis(&tip, c.id, &c.set, 5, zero, zero);
	block_on(&block, &tip, &c, 3);
	assert_non_null(w4_tip_misfit(&tip, &block, 0));
	assert_non_null(w4_tip_misfit(&tip, &block, 1));
	assert_null(w4_tip_misfit(&tip, &block, 2));
	assert_null(w4_tip_misfit(&tip, &block, 60000));
}

static void
test_tip_codec(void **state)
{
	Chain		c;
	W4Tip		tip;
	W4Tip		back;
	uint8_t		zero[32] = {0};
	W4Writer	w = w4_writer(other, sizeof(other));
	W4Writer	v;
	W4Reader	r;

	(void) state;
	chain_init(&c, 4);
	w4_tip_genesis(&tip, c.id, &c.set, 5, zero, zero);
	for (int i = 0; i < 3; i++)
		step_on(&tip, &c, (uint32_t) i, (int) (tip.height + 1 + (uint64_t) i) % 4, 0xE);
	w4_tip_put(&w, &tip, c.id);
	assert_true(w.len <= W4_TIP_WIRE_MAX);
	r = w4_reader(w4_slice(other, w.len));
	w4_tip_read(&back, &r, c.id, &w4_suite_ed25519);
	assert_true(w4_read_end(&r, NULL));
	v = w4_writer(buf, sizeof(buf));
	w4_tip_put(&v, &back, c.id);
	assert_true(w4_slice_eq(w4_slice(other, w.len), w4_slice(buf, v.len)));
	for (size_t i = 0; i < w.len; i += 7)
	{
		r = w4_reader(w4_slice(other, i));
		w4_tip_read(&back, &r, c.id, &w4_suite_ed25519);
		assert_false(w4_read_end(&r, NULL));
	}
}

/* A last commit that is too small, of another set or forged is refused. */
static void
test_last_commit(void **state)
{
	Chain		c;
	W4Tip		tip;
	W4Tip		weak;
	W4Block		block;
	uint8_t		zero[32] = {0};

	(void) state;
	chain_init(&c, 4);
	w4_tip_genesis(&tip, c.id, &c.set, 5, zero, zero);
	step_on(&tip, &c, 0, 1, 0x7);
	weak = tip;
	cert_make(&weak.cert, &c, W4_COMMIT, 1, 0, tip.hash, 0xE);
	block_on(&block, &weak, &c, 2);
	assert_true(w4_tip_last_commit(&tip, &block, c.id, &w4_suite_ed25519)); /* other signers, as good */
	cert_make(&weak.cert, &c, W4_COMMIT, 1, 0, tip.hash, 0x3);
	block_on(&block, &weak, &c, 2);
	assert_false(w4_tip_last_commit(&tip, &block, c.id, &w4_suite_ed25519));
	cert_make(&weak.cert, &c, W4_PREPARE, 1, 0, tip.hash, 0x7);
	block_on(&block, &weak, &c, 2);
	assert_true(w4_tip_last_commit(&tip, &block, c.id, &w4_suite_ed25519) == false);
}

/* --- rota --- */

/* A dead proposer is skipped after two missed turns and comes back by signing again. */
static void
test_rota(void **state)
{
	Chain		c;
	W4Tip		tip;
	uint8_t		zero[32] = {0};
	int			missed = 0;
	int			back = 0;

	(void) state;
	chain_init(&c, 4);
	w4_tip_genesis(&tip, c.id, &c.set, 5, zero, zero);
	for (int i = 0; i < 40; i++)
	{
		int			proposer = w4_tip_proposer(&tip, 0);
		bool		dead = proposer == 3 && i < 20;
		uint32_t	view = dead ? 1 : 0;

		missed += dead;
		step_on(&tip, &c, view, w4_tip_proposer(&tip, view), i < 20 ? 0x7 : 0xF);
		if (i == 19)
			assert_int_equal(tip.rota.skipped, 0x8);
		back += i >= 20 && proposer == 3;
	}

	/* The second missed turn counts when the next block carries its certificate. */
	assert_int_equal(missed, 2);
	assert_int_equal(tip.rota.skipped, 0);
	assert_true(back >= 2);
}

static void
test_rota_strike_and_sets(void **state)
{
	Chain		c;
	W4Members	next;
	W4Rota		rota;
	uint8_t		id[32] = {1};

	(void) state;
	chain_init(&c, 4);
	memset(&rota, 0, sizeof(rota));
	w4_rota_strike(&rota, 2);
	assert_int_equal(rota.skipped, 0x4);
	next = c.set;
	assert_true(w4_members_add(&next, id, id));
	w4_members_seal(&next);
	w4_rota_follow(&rota, &c.set, &next);	/* the newcomer stands first */
	assert_int_equal(rota.skipped, 0x8);
	for (uint32_t v = 0; v < 4; v++)
		assert_int_not_equal(w4_rota_proposer(&next, rota.skipped, 7, v), 3);

	/* All skipped means none. */
	assert_int_equal(w4_rota_proposer(&c.set, 0xF, 6, 0), 2);
}

/* Who built the block that strikes it is off the rota all the same, until it has signed for a while. */
static void
test_rota_strikes_builder(void **state)
{
	Chain		c;
	W4Tip		tip;
	uint8_t		zero[32] = {0};
	int			culprit;

	(void) state;
	chain_init(&c, 4);
	w4_tip_genesis(&tip, c.id, &c.set, 5, zero, zero);
	step_on(&tip, &c, 0, w4_tip_proposer(&tip, 0), 0xF);
	culprit = w4_tip_proposer(&tip, 0);
	step_on(&tip, &c, 0, culprit, 0xF);
	w4_rota_strike(&tip.rota, culprit);
	for (int i = 0; i < 4; i++)
	{
		assert_int_equal(tip.rota.skipped, 1 << culprit);
		step_on(&tip, &c, 0, w4_tip_proposer(&tip, 0), 0xF);
	}
	assert_int_equal(tip.rota.skipped, 0);
}

/*
 * Whoever is skipped, up to f liars cannot keep the honest from proposing: one
 * of them has a turn within 2f + 1 views, and may build what it proposes.
 */
static void
test_rota_of_liars(void **state)
{
	Chain		c;

	(void) state;
	for (int n = 4; n <= 13; n++)
	{
		uint64_t	all = w4_mask_all((unsigned) n);

		chain_init(&c, n);
		for (int i = 0; i < 200; i++)
		{
			uint64_t	liars = 0;
			uint64_t	skipped = all & ((uint64_t) i * UINT64_C(0x9E3779B97F4A7C15) >> 20);
			uint32_t	view = 0;
			int			proposer;

			while (w4_mask_count(liars) < w4_faulty(n))
				liars |= w4_mask_bit((unsigned) ((i + 3 * w4_mask_count(liars)) % n));
			if (i % 2 == 0)
				skipped = all & ~liars;	/* the worst case: only they are on the rota */
			while (w4_mask_has(liars, (unsigned) (proposer = w4_rota_proposer(&c.set, skipped, (uint64_t) i, view))))
				assert_true(view++ < 2 * W4_MAX_MEMBERS);
			assert_true(view <= 2 * (uint32_t) w4_faulty(n));
			assert_true(w4_rota_may_build(&c.set, skipped, (uint64_t) i, view, proposer));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_round_trip),
		cmocka_unit_test(test_record_contradictions),
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_tip_misfits),
		cmocka_unit_test(test_tip_turns),
		cmocka_unit_test(test_tip_codec),
		cmocka_unit_test(test_last_commit),
		cmocka_unit_test(test_rota),
		cmocka_unit_test(test_rota_strike_and_sets),
		cmocka_unit_test(test_rota_strikes_builder),
		cmocka_unit_test(test_rota_of_liars)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
