/*-------------------------------------------------------------------------
 *
 * test_consensus_checkpoint.c
 *		The root that certifies a snapshot and the tip beside it.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_fixture.h"
#include "core/consensus/checkpoint.h"
#include "core/merkle.h"

static uint8_t wire[W4_SUMMARY_MAX];

static void
tip_make(W4Tip *tip, const Chain *c)
{
	uint8_t		some[32];

	memset(some, 3, 32);
	w4_tip_genesis(tip, c->id, &c->set, 77, some, some);
	tip->height = 9;
	tip->rota.skipped = 2;
	tip->rota.missed[1] = 2;
	tip->rota.signed_last[0][1] = 5;
	memset(tip->hash, 9, 32);
	memset(tip->results_root, 4, 32);
}

static void
leaves_make(uint8_t *leaves, int n)
{
	for (int i = 0; i < n; i++)
		w4_merkle_leaf_hash(leaves + 32 * i, &i, sizeof(i));
}

static void
test_summary_round_trip(void **state)
{
	W4Writer	w = w4_writer(wire, sizeof(wire));
	uint8_t		again[W4_SUMMARY_MAX];
	W4Writer	a = w4_writer(again, sizeof(again));
	Chain		c;
	W4Tip		tip;
	W4Tip		read;
	uint32_t	chunks;
	W4Fault		fault;

	(void) state;
	chain_init(&c, 64);
	tip_make(&tip, &c);
	w4_summary_put(&w, &tip, W4_MAX_CHUNKS);
	assert_int_equal(w.len, W4_SUMMARY_MAX);
	assert_true(w4_summary_decode(&read, &chunks, w4_slice(wire, w.len), &w4_suite_ed25519, &fault));
	assert_int_equal(chunks, W4_MAX_CHUNKS);
	w4_summary_put(&a, &read, chunks);
	assert_memory_equal(again, wire, w.len);

	/* Nothing may be missing, added, or out of range. */
	assert_false(w4_summary_decode(&read, &chunks, w4_slice(wire, w.len - 1), &w4_suite_ed25519, NULL));
	for (size_t at = 0; at < 9; at++)
	{
		wire[at] ^= 0x80;
		assert_false(w4_summary_decode(&read, &chunks, w4_slice(wire, w.len), &w4_suite_ed25519, NULL));
		wire[at] ^= 0x80;
	}
	memset(wire + 5, 0, 4);
	assert_false(w4_summary_decode(&read, &chunks, w4_slice(wire, w.len), &w4_suite_ed25519, NULL));
}

/* The root depends on all of the tip that peers share, on every leaf and on their number. */
static void
test_root_binds(void **state)
{
	uint8_t		leaves[5 * 32];
	uint8_t		snapshot[32];
	uint8_t		root[32];
	uint8_t		other[32];
	Chain		c;
	W4Tip		tip;
	W4Writer	w = w4_writer(wire, sizeof(wire));

	(void) state;
	chain_init(&c, 4);
	tip_make(&tip, &c);
	leaves_make(leaves, 5);
	w4_merkle_root(snapshot, leaves, 5);
	w4_checkpoint_root(root, &tip, snapshot, 5);
	w4_summary_put(&w, &tip, 5);
	w4_checkpoint_root_of(other, w4_slice(wire, w.len), leaves, 5);
	assert_memory_equal(root, other, 32);
	for (int k = 0; k < 5; k++)
	{
		W4Tip		changed = tip;

		changed.skipped_before ^= k == 0;
		changed.rota.skipped ^= k == 1;
		changed.rota.missed[3] ^= k == 2;
		changed.rota.signed_last[3][0] ^= k == 3;
		changed.builder[0] ^= k == 4;
		w4_checkpoint_root(other, &changed, snapshot, 5);
		assert_memory_not_equal(root, other, 32);
	}
	tip.cert.view++;
	tip.checkpoint_root[0]++;
	w4_checkpoint_root(other, &tip, snapshot, 5);
	assert_memory_equal(root, other, 32);
	leaves[4 * 32] ^= 1;
	w4_checkpoint_root_of(other, w4_slice(wire, w.len), leaves, 5);
	assert_memory_not_equal(root, other, 32);
}

/* Inner nodes given out as leaves have the snapshot's root, but not the checkpoint's. */
static void
test_inner_nodes_are_no_leaves(void **state)
{
	uint8_t		leaves[4 * 32];
	uint8_t		inner[2 * 32];
	uint8_t		a[32];
	uint8_t		b[32];
	Chain		c;
	W4Tip		tip;
	W4Writer	w = w4_writer(wire, sizeof(wire));

	(void) state;
	chain_init(&c, 4);
	tip_make(&tip, &c);
	leaves_make(leaves, 4);
	w4_merkle_node_hash(inner, leaves, leaves + 32);
	w4_merkle_node_hash(inner + 32, leaves + 64, leaves + 96);
	w4_merkle_root(a, leaves, 4);
	w4_merkle_root(b, inner, 2);
	assert_memory_equal(a, b, 32);
	w4_checkpoint_root(a, &tip, a, 4);
	w4_summary_put(&w, &tip, 2);
	w4_checkpoint_root_of(b, w4_slice(wire, w.len), inner, 2);
	assert_memory_not_equal(a, b, 32);
}

/* The tip puts itself beside the snapshot that its host made; without one there is no checkpoint. */
static void
test_tip_advance(void **state)
{
	static uint8_t buf[4096];
	static W4Applied applied;
	Chain		c;
	W4Tip		tip;
	W4Block		block;
	W4Cert		cert;
	uint8_t		zero[32] = {0};
	uint8_t		snapshot[32];
	uint8_t		root[32];

	(void) state;
	chain_init(&c, 4);
	w4_tip_genesis(&tip, c.id, &c.set, 77, zero, zero);
	memset(snapshot, 6, 32);
	assert_true(w4_block_decode(&block, block_make(buf, sizeof(buf), &c, 1), c.id, sizeof(buf), NULL));
	cert_make(&cert, &c, W4_COMMIT, 1, 0, block.hash, 7);
	for (int k = 0; k < 2; k++)
	{
		W4Tip		next = tip;

		memcpy(applied.checkpoint_root, k == 0 ? zero : snapshot, 32);
		applied.checkpoint_chunks = 3;
		assert_true(w4_tip_advance(&next, &block, &cert, &applied, c.id));
		w4_checkpoint_root(root, &next, snapshot, 3);
		assert_memory_equal(next.checkpoint_root, k == 0 ? zero : root, 32);
	}
}

static void
test_misfit(void **state)
{
	Chain		c;
	W4Tip		tip;
	W4BlockHeader h = {0};

	(void) state;
	chain_init(&c, 4);
	tip_make(&tip, &c);
	w4_tip_header(&tip, &h);
	h.time_us = 78;
	assert_null(w4_checkpoint_misfit(&tip, &h));
	for (int k = 0; k < 8; k++)
	{
		W4BlockHeader other = h;

		other.height += k == 0;
		other.parent[0] ^= k == 1;
		other.time_us -= k == 2;
		other.members_hash[0] ^= k == 3;
		other.next_members_hash[0] ^= k == 4;
		other.params_hash[0] ^= k == 5;
		other.parent_state_digest[0] ^= k == 6;
		other.parent_results_root[0] ^= k == 7;
		assert_non_null(w4_checkpoint_misfit(&tip, &other));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary_round_trip),
		cmocka_unit_test(test_root_binds),
		cmocka_unit_test(test_inner_nodes_are_no_leaves),
		cmocka_unit_test(test_tip_advance),
		cmocka_unit_test(test_misfit)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
