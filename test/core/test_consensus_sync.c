/*-------------------------------------------------------------------------
 *
 * test_consensus_sync.c
 *		A peer that joins by a snapshot, from honest sources and from liars.
 *
 *-------------------------------------------------------------------------
 */
#include "sync_fixture.h"

/* Real signatures are slow there. */
#ifdef W4_UNDER_VALGRIND
#define CHAINS 1
#else
#define CHAINS 2
#endif

#define MINUTE INT64_C(60000000)

static LongChain plain;			/* 40 heights, the same members */
static LongChain moving;		/* 250 heights, other members every 8 */

static int
make_chains(void **state)
{
	(void) state;
	long_chain_make(&plain, 40, 0, 10);
	long_chain_make(&moving, 250, 8, 5);
	return 0;
}

static void
assert_joined(const Joiner *j)
{
	static uint8_t a[W4_TIP_WIRE_MAX];
	static uint8_t b[W4_TIP_WIRE_MAX];
	W4Writer	wa = w4_writer(a, sizeof(a));
	W4Writer	wb = w4_writer(b, sizeof(b));

	assert_true(j->done);
	assert_int_equal(joiner_view(j).phase, W4_SYNC_DONE);
	w4_tip_put(&wa, &j->tip, j->chain->id);
	w4_tip_put(&wb, &j->chain->tip, j->chain->id);
	assert_int_equal(wa.len, wb.len);
	assert_memory_equal(a, b, wa.len);
}

static Joiner *
join(LongChain *c, int sources, const Lie *lies, int64_t us)
{
	Joiner	   *j = joiner_new(c, sources, lies);

	joiner_start(j);
	joiner_run(j, us);
	return j;
}

/* --- honest sources --- */

static void
test_honest(void **state)
{
	const Lie	lies[] = {HONEST, HONEST, HONEST, HONEST};

	(void) state;
	for (int n = 1; n <= 4; n++)
	{
		Joiner	   *j = join(&plain, n, lies, MINUTE);

		assert_joined(j);
		assert_int_equal(j->asked[W4_FETCH_PROOF], 1);
		assert_int_equal(j->asked[W4_FETCH_MANIFEST], 1);
		assert_int_equal(j->asked[W4_FETCH_CHUNK], 10);
		for (int i = 0; i < n; i++)
		{
			assert_int_equal(j->struck[i], 0);
			assert_true(j->given[i] >= 1);
		}
		for (int r = 0; r < W4_SYNC_DROP_REASONS; r++)
			assert_int_equal(w4_sync_dropped(j->sync, (W4SyncDrop) r), 0);

		/* It is over: nothing is taken any more. */
		joiner_message(j, 0, "x", 1);
		assert_int_equal(j->acts.n, 0);
		assert_int_equal(w4_sync_dropped(j->sync, W4_SYNC_DROP_NOT_WANTED), 1);
		joiner_free(j);
	}
}

/* Members of genesis are long gone: halve, and halve again. */
static void
test_bisect(void **state)
{
	const Lie	lies[] = {HONEST, HONEST};
	Joiner	   *j = join(&moving, 2, lies, MINUTE);
	W4SyncView	v = joiner_view(j);

	(void) state;
	assert_joined(j);
	assert_int_equal(v.trusted, 250);
	assert_true(v.headers > 5 && v.headers < 50);
	assert_true(j->asked[W4_FETCH_PROOF] > (int) v.headers);
	assert_true(j->asked[W4_FETCH_PROOF] < 250);
	assert_int_equal(j->struck[0] + j->struck[1], 0);
	joiner_free(j);
}

/* A recent height and hash instead of genesis: one more header, no halving. */
static void
test_pin(void **state)
{
	const Lie	lies[] = {HONEST, HONEST};

	(void) state;
	for (int k = 0; k < 3; k++)
	{
		Joiner	   *j = joiner_new(&moving, 2, lies);
		uint64_t	at = k == 1 ? 250 : 246;

		w4_trusted_pin(&j->trusted, at, moving.hash[at]);
		j->trusted.hash[0] ^= k == 2;
		joiner_start(j);
		joiner_run(j, MINUTE);
		if (k < 2)
		{
			assert_joined(j);
			assert_int_equal(j->asked[W4_FETCH_PROOF], 2 - k);
		}
		else
		{
			assert_false(j->done);
			assert_int_equal(joiner_view(j).headers, 0);
			assert_int_equal(joiner_view(j).sources, 0);
		}
		joiner_free(j);
	}
}

/* A target that certifies itself by the pin can be given up and taken up again. */
static void
test_pin_again(void **state)
{
	const Lie	lies[] = {NO_CHUNKS};
	Joiner	   *j = joiner_new(&moving, 1, lies);

	(void) state;
	w4_trusted_pin(&j->trusted, 250, moving.hash[250]);
	joiner_start(j);
	joiner_run(j, 10 * MINUTE);
	assert_false(j->done);
	assert_true(j->asked[W4_FETCH_PROOF] > 1);
	j->lie[0] = HONEST;
	joiner_run(j, 10 * MINUTE);
	assert_joined(j);
	joiner_free(j);
}

/* A trusted height above the checkpoint is of no use, and offers below "lowest" are not either. */
static void
test_useless_offers(void **state)
{
	const Lie	lies[] = {HONEST};

	(void) state;
	for (int k = 0; k < 2; k++)
	{
		Joiner	   *j = joiner_new(&plain, 1, lies);

		if (k == 0)
			w4_trusted_pin(&j->trusted, 41, plain.hash[40]);
		else
			j->cfg.lowest = 40;
		joiner_start(j);
		joiner_run(j, 3 * MINUTE);
		assert_false(j->done);
		assert_int_equal(j->asked[W4_FETCH_PROOF], 0);
		assert_true(j->asked[W4_FETCH_OFFER] >= 3);
		assert_int_equal(j->struck[0], 0);
		joiner_free(j);
	}
}

static void
test_trusting_period(void **state)
{
	const Lie	lies[] = {HONEST};

	(void) state;
	for (int k = 0; k < 3; k++)
	{
		Joiner	   *j = joiner_new(&plain, 1, lies);

		j->cfg.trusting_period = 100;
		j->wall = k == 1 ? 106 : 105;
		if (k == 2)
		{
			w4_trusted_pin(&j->trusted, 30, plain.hash[30]);
			j->wall = 5 + 30 + 101;
		}
		joiner_start(j);
		joiner_run(j, MINUTE);
		assert_int_equal(j->done, k == 0);
		assert_int_equal(j->expired, k > 0);
		joiner_free(j);
	}
}

/* --- one honest source is enough --- */

static void
test_one_honest(void **state)
{
	(void) state;
	for (Lie lie = DEAD; lie <= LATE; lie++)
	{
		for (int chain = 0; chain < CHAINS; chain++)
		{
			const Lie	lies[] = {lie, lie, HONEST, lie};
			Joiner	   *j = join(chain == 0 ? &plain : &moving, 4, lies, 30 * MINUTE);

			if (!j->done)
				print_message("lie %d\n", (int) lie);
			assert_joined(j);
			assert_int_equal(j->struck[2], 0);
			joiner_free(j);
		}
	}
}

/* Liars that offer what does not exist get a bounded number of headers, then an honest source has its turn. */
static void
test_drip(void **state)
{
	const Lie	lies[] = {DRIPS, DRIPS, HONEST, DRIPS};
	Joiner	   *j = joiner_new(&moving, 4, lies);

	(void) state;
	joiner_start(j);
	joiner_run(j, (int64_t) W4_SYNC_PROOFS * j->cfg.timeout / 2);
	assert_false(j->done);
	assert_true(joiner_view(j).trusted > 0 && joiner_view(j).trusted < 20);
	assert_int_equal(joiner_view(j).checkpoint, moving.top + 1000);
	joiner_run(j, (int64_t) W4_SYNC_PROOFS * j->cfg.timeout);
	assert_joined(j);
	assert_int_equal(j->struck[2], 0);
	joiner_free(j);
}

/* What is wrong is noticed, told, and three times is enough. */
static void
test_strikes(void **state)
{
	static const struct
	{
		Lie			lie;
		W4SyncDrop	reason;
	}			cases[] = {
		{BAD_CHUNK, W4_SYNC_DROP_FALSE_CHUNK},
		{SWAPPED_CHUNK, W4_SYNC_DROP_FALSE_CHUNK},
		{OTHER_MANIFEST, W4_SYNC_DROP_FALSE_MANIFEST},
		{SHORT_MANIFEST, W4_SYNC_DROP_FALSE_MANIFEST},
		{OTHER_TIP, W4_SYNC_DROP_FALSE_MANIFEST},
		{BARE_MANIFEST, W4_SYNC_DROP_FALSE_MANIFEST},
		{FORGED_HEADER, W4_SYNC_DROP_FALSE_HEADER},
		{FEW_SIGNERS, W4_SYNC_DROP_FALSE_HEADER},
		{STRANGERS, W4_SYNC_DROP_FALSE_HEADER},
		{WRONG_MEMBERS, W4_SYNC_DROP_MALFORMED},
		{FARTHEST_OFFER, W4_SYNC_DROP_FALSE_HEADER},
		{LOW_OFFER, W4_SYNC_DROP_FALSE_OFFER},
		{GARBAGE, W4_SYNC_DROP_MALFORMED}
	};

	(void) state;
	for (size_t k = 0; k < COUNT(cases); k++)
	{
		const Lie	lies[] = {cases[k].lie, cases[k].lie};
		Joiner	   *j = join(&plain, 2, lies, 60 * MINUTE);

		assert_false(j->done);
		assert_int_equal(j->taken, 0);
		assert_int_equal(j->struck[0], W4_STRIKES);
		assert_int_equal(j->struck[1], W4_STRIKES);
		assert_int_equal(joiner_view(j).sources, 0);
		assert_true(w4_sync_dropped(j->sync, cases[k].reason) >= 2);

		/* Banned for good, but an honest one who comes later is heard. */
		j->lie[2] = HONEST;
		j->serve[2] = j->serve[0];
		joiner_link(j, 0, false);
		joiner_link(j, 0, true);
		assert_int_equal(joiner_view(j).sources, 0);
		joiner_link(j, 2, true);
		joiner_run(j, 10 * MINUTE);
		assert_joined(j);
		joiner_free(j);
	}
}

/* The silent are asked ever less often. */
static void
test_silence(void **state)
{
	const Lie	lies[] = {DEAD};
	Joiner	   *j = join(&plain, 1, lies, 60 * MINUTE);

	(void) state;
	assert_true(j->asked[W4_FETCH_OFFER] > 10 && j->asked[W4_FETCH_OFFER] < 40);
	assert_int_equal(joiner_view(j).sources, 1);
	j->lie[0] = HONEST;
	joiner_run(j, 10 * MINUTE);
	assert_joined(j);
	joiner_free(j);
}

/* --- breaks --- */

/* The source goes away in the middle; another one comes; then all at once. */
static void
test_source_dies(void **state)
{
	const Lie	lies[] = {DIES_LATER, DIES_LATER};
	Joiner	   *j = join(&plain, 2, lies, MINUTE);
	uint32_t	had = j->taken;

	(void) state;
	assert_false(j->done);
	assert_int_equal(had, 4);
	joiner_link(j, 0, false);
	joiner_link(j, 1, false);
	assert_int_equal(joiner_view(j).phase, W4_SYNC_OFFERS);
	j->lie[1] = HONEST;
	joiner_link(j, 1, true);
	joiner_run(j, 10 * MINUTE);
	assert_joined(j);
	assert_int_equal(j->first, had);
	assert_int_equal(j->given[0] + j->given[1] >= 10, 1);
	joiner_free(j);
}

/* A restart goes on with what was handed over, if the root is the same. */
static void
test_restart(void **state)
{
	const Lie	lies[] = {DIES_LATER, HONEST};

	(void) state;
	for (int k = 0; k < 4; k++)
	{
		Joiner	   *j = joiner_new(&plain, 2, lies);
		uint32_t	had;

		joiner_start(j);
		while (j->taken < 4)
			assert_true(joiner_next(j, MINUTE));
		had = j->taken;
		j->progress.root[0] ^= k == 1;
		j->progress.height -= k == 2;
		if (k == 3)
			j->progress.chunks = plain.chunks;
		joiner_start(j);
		joiner_run(j, MINUTE);
		assert_joined(j);
		assert_int_equal(j->first, k == 0 ? had : k == 3 ? plain.chunks : 0);
		joiner_free(j);
	}
}

/* --- false answers, one by one --- */

static void
test_unasked(void **state)
{
	const Lie	lies[] = {HONEST, HONEST};
	Joiner	   *j = joiner_new(&plain, 2, lies);
	W4Writer	w = w4_writer(net_bytes, sizeof(net_bytes));

	(void) state;
	joiner_start(j);
	put_manifest(&w, &plain, HONEST);
	joiner_message(j, 0, w.buf, w.len);
	w = w4_writer(net_bytes, sizeof(net_bytes));
	put_proof(&w, &plain, 40, HONEST);
	joiner_message(j, 0, w.buf, w.len);
	assert_int_equal(w4_sync_dropped(j->sync, W4_SYNC_DROP_NOT_WANTED), 2);
	joiner_message(j, 7, w.buf, w.len);
	assert_int_equal(w4_sync_dropped(j->sync, W4_SYNC_DROP_STRANGER), 1);
	assert_int_equal(j->struck[0], 0);
	joiner_message(j, 0, w.buf, 20);
	w.buf[20] ^= 1;				/* another chain */
	joiner_message(j, 0, w.buf, w.len);
	assert_int_equal(w4_sync_dropped(j->sync, W4_SYNC_DROP_MALFORMED), 2);
	assert_int_equal(j->struck[0], 2);
	joiner_run(j, MINUTE);
	assert_joined(j);
	joiner_free(j);
}

/* Heights at the edge of 64 bits: offers beyond the last are none, or malformed. */
static void
test_last_heights(void **state)
{
	const uint64_t heights[] = {W4_MAX_HEIGHT, W4_MAX_HEIGHT + 1, UINT64_MAX, 0};

	(void) state;
	for (size_t i = 0; i < COUNT(heights); i++)
	{
		const Lie	lies[] = {DEAD};
		Joiner	   *j = joiner_new(&plain, 1, lies);
		W4Writer	w = w4_writer(net_bytes, sizeof(net_bytes));

		joiner_start(j);
		w4_prefix_put(&w, W4_OFFER, heights[i], plain.id);
		joiner_message(j, 0, w.buf, w.len);
		assert_int_equal(j->struck[0], i > 0);
		joiner_run(j, MINUTE);
		assert_int_equal(j->asked[W4_FETCH_PROOF], 0);
		assert_int_equal(joiner_view(j).checkpoint, 0);
		joiner_free(j);
	}
}

/* The right chunk, but of another index than was asked for, leaves the request as it is. */
static void
test_wrong_index(void **state)
{
	const Lie	lies[] = {NO_CHUNKS};
	Joiner	   *j = joiner_new(&plain, 1, lies);

	(void) state;
	joiner_start(j);
	while (j->asked[W4_FETCH_CHUNK] == 0)
		assert_true(joiner_next(j, MINUTE));
	for (uint32_t i = 0; i < 2; i++)
	{
		W4Writer	w = w4_writer(net_bytes, sizeof(net_bytes));

		w4_chunk_put(&w, plain.checkpoint, 1 - i, chunk_bytes(&plain, 1 - i), plain.id);
		joiner_message(j, 0, w.buf, w.len);
		assert_int_equal(j->taken, i);
	}
	assert_int_equal(w4_sync_dropped(j->sync, W4_SYNC_DROP_NOT_WANTED), 1);
	joiner_free(j);
}

/* More chunks than the parameters allow are refused before anything is kept. */
static void
test_too_many_chunks(void **state)
{
	const Lie	lies[] = {HONEST};
	Joiner	   *j = joiner_new(&plain, 1, lies);

	(void) state;
	j->cfg.max_chunks = 9;
	joiner_start(j);
	joiner_run(j, MINUTE);
	assert_false(j->done);
	assert_int_equal(j->taken, 0);
	assert_true(w4_sync_dropped(j->sync, W4_SYNC_DROP_MALFORMED) > 0);
	joiner_free(j);
}

/* Chunks that came before their turn never fill more than the window. */
static void
test_window(void **state)
{
	const Lie	lies[] = {NO_CHUNKS, HONEST, HONEST, HONEST};
	Joiner	   *j = joiner_new(&plain, 4, lies);
	int			most = 0;

	(void) state;
	j->cfg.window = 2;
	joiner_start(j);
	while (!j->done && joiner_next(j, 30 * MINUTE))
	{
		int			given = j->given[1] + j->given[2] + j->given[3];

		if (given - (int) j->taken > most)
			most = given - (int) j->taken;
	}
	assert_joined(j);
	assert_true(most <= 2);
	joiner_free(j);
}

static void
test_many_sources(void **state)
{
	const Lie	lies[] = {HONEST};
	Joiner	   *j = joiner_new(&plain, 1, lies);
	uint8_t		id[32];

	(void) state;
	joiner_start(j);
	for (int i = 1; i <= W4_MAX_SOURCES; i++)
	{
		peer_id(id, i);
		w4_sync_step(j->sync, &(W4SyncEvent) {.kind = W4_SYNC_EV_LINK, .from = id, .up = true}, (W4Now) {j->now, 0}, &j->acts);
	}
	assert_int_equal(joiner_view(j).sources, W4_MAX_SOURCES);
	assert_int_equal(w4_sync_dropped(j->sync, W4_SYNC_DROP_NO_ROOM), 1);

	/* Who is gone makes room; a stranger that goes is nobody. */
	peer_id(id, 5);
	w4_sync_step(j->sync, &(W4SyncEvent) {.kind = W4_SYNC_EV_LINK, .from = id, .up = false}, (W4Now) {j->now, 0}, &j->acts);
	peer_id(id, 99);
	w4_sync_step(j->sync, &(W4SyncEvent) {.kind = W4_SYNC_EV_LINK, .from = id, .up = false}, (W4Now) {j->now, 0}, &j->acts);
	w4_sync_step(j->sync, &(W4SyncEvent) {.kind = W4_SYNC_EV_LINK, .from = id, .up = true}, (W4Now) {j->now, 0}, &j->acts);
	assert_int_equal(joiner_view(j).sources, W4_MAX_SOURCES);
	for (int r = 0; r < W4_SYNC_DROP_REASONS; r++)
		assert_non_null(w4_sync_drop_name((W4SyncDrop) r));
	joiner_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_honest),
		cmocka_unit_test(test_bisect),
		cmocka_unit_test(test_pin),
		cmocka_unit_test(test_pin_again),
		cmocka_unit_test(test_useless_offers),
		cmocka_unit_test(test_trusting_period),
		cmocka_unit_test(test_one_honest),
		cmocka_unit_test(test_drip),
		cmocka_unit_test(test_strikes),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_source_dies),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_unasked),
		cmocka_unit_test(test_last_heights),
		cmocka_unit_test(test_wrong_index),
		cmocka_unit_test(test_too_many_chunks),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_many_sources)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, make_chains, NULL) : 1;
}
