/*
 * What judge refuses, and that what a proposer builds is never refused.
 */
#include "replica_fixture.h"

static void
judge_txs(void **state)
{
	World	   *w = world_new(4);
	W4Tx		tx;
	size_t		len;

	(void) state;
	put_transfer(w, 0, 4, ATP);
	len = w->txs.len;
	assert_int_equal(verdict(w), W4_BLOCK_GOOD);

	/* Twice, with one id. */
	w4_put(&w->txs, w->tx_bytes, len);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);

	/* No money is no reason to refuse. */
	put_transfer(w, 0, 4, 5000 * ATP);
	assert_int_equal(verdict(w), W4_BLOCK_GOOD);
	w->tx_bytes[w->txs.len - 1] ^= 1;
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);
	w4_put_run(&w->txs, w4_slice_cstr("not a transaction"));
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);

	put_transfer(w, 5555, 4, ATP);	/* an unknown signer, but it did sign */
	assert_int_equal(verdict(w), W4_BLOCK_GOOD);
	w->tx_bytes[w->txs.len - 1] ^= 1;
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);

	/* Expired, too early, replayed. */
	tx = tx_make(w, W4_TX_PEER_LEAVE, BY(0));
	tx.expiry_height = tip_of(w)->height + 2 + (uint64_t) w->params.v[W4_P_EXPIRY_WINDOW];
	tx_put(w, &tx);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);
	tx = tx_make(w, W4_TX_TRANSFER, 0);
	lct_of(tx.from, 0);
	lct_of(tx.to, 4);
	tx.amount = ATP;
	tx.expiry_height = 2;
	tx_put(w, &tx);
	step(w);
	tx_put(w, &tx);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);
	tx.sequence = ++w->sequence;
	tx_put(w, &tx);
	assert_int_equal(verdict(w), W4_BLOCK_GOOD);
	clear_block(w);
	step(w);
	tx_put(w, &tx);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);

	/* More than the chain allows; not the next height. */
	for (int i = 0; i < MAX_BLOCK + 1; i++)
		put_transfer(w, 0, 4, 1);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	assert_int_equal(w4_replica_apply(&w->rep[0].r, &w->rep[0].tip, &w->block, &w->applied), W4_EXEC_BAD_BLOCK);
	clear_block(w);
	make_block(w);
	w->block.header.height++;
	assert_int_equal(w4_replica_judge(&w->rep[0].r, &w->rep[0].tip, &w->block), W4_BLOCK_UNWANTED);
	assert_int_equal(w4_replica_apply(&w->rep[0].r, &w->rep[0].tip, &w->block, &w->applied), W4_EXEC_BAD_BLOCK);
	w->block.header.height--;
	w->block.header.time_us = W4_EXEC_MAX_TIME;
	assert_int_equal(w4_replica_judge(&w->rep[0].r, &w->rep[0].tip, &w->block), W4_BLOCK_BAD);
	world_free(w);
}

static void
judge_evidence(void **state)
{
	World	   *w = world_new(4);
	const W4Members *set = &tip_of(w)->members[1];
	W4Conviction c;
	W4Fault		fault;
	uint8_t		buf[512];
	W4Slice		item;

	(void) state;
	step(w);
	put_equivocation(w, set, 1, 1, 0);
	put_equivocation(w, set, 1, 1, 1);
	put_equivocation(w, set, 2, 2, 0);
	assert_int_equal(verdict(w), W4_BLOCK_GOOD);
	put_equivocation(w, set, 2, 2, 0);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);
	put_equivocation(w, set, 1, 3, 0);	/* of a height to come */
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);
	item = equivocation(w, buf, sizeof(buf), set, 1, 1, 0);
	assert_true(w4_replica_evidence(&w->rep[0].r, tip_of(w), item, &c, &fault));
	assert_int_equal(c.index, 1);
	put_item(w, w4_slice(buf, item.len - 1));
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);
	buf[item.len - 40] ^= 1;
	put_item(w, item);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);

	/* A quorum that decides it all the same cannot be followed, and nothing has changed. */
	put_leave(w, BY(0));
	make_block(w);
	assert_int_equal(w4_replica_apply(&w->rep[0].r, &w->rep[0].tip, &w->block, &w->applied), W4_EXEC_BAD_BLOCK);
	clear_block(w);
	w->now -= SECOND;
	step(w);
	assert_int_equal(council_of(w)->roster.motions, 0);
	world_free(w);
}

/* E2: a block of this height on our parent that breaks a rule; its builder signed it. */
static W4Slice
bad_block(World *w, uint8_t *buf, size_t cap, int liar, uint32_t view, bool bad)
{
	W4Writer	out = w4_writer(buf, cap);
	W4Vote		v;

	if (bad)
		w4_put_run(&w->txs, w4_slice_cstr("not a transaction"));
	make_block(w);
	w->now -= SECOND;
	vote_of(&v, w, view == 0 ? W4_PRE_PREPARE : W4_NEW_VIEW, w->block.header.height, view, &tip_of(w)->members[1],
			liar, w->block.hash);
	w4_evidence_put_block(&out, &v, w->block.wire, w->chain_id);
	assert_false(out.full);
	clear_block(w);
	return w4_slice(buf, out.len);
}

static void
judge_bad_blocks(void **state)
{
	World	   *w = world_new(4);
	uint8_t		buf[8192];
	uint8_t		outer[16384];
	W4Slice		item;
	int			liar;

	(void) state;
	step(w);
	liar = w4_tip_proposer(tip_of(w), 0);
	item = bad_block(w, buf, sizeof(buf), liar, 0, false);
	put_item(w, item);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);
	item = bad_block(w, buf, sizeof(buf), liar, 0, true);
	put_item(w, item);
	assert_int_equal(verdict(w), W4_BLOCK_GOOD);

	/* Who carries such evidence is not convicted by it, right or wrong. */
	item = bad_block(w, outer, sizeof(outer), liar, 0, true);
	put_item(w, item);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);

	/* A block with other evidence, committed before, is bad, too. */
	put_equivocation(w, &tip_of(w)->members[1], 2, 1, 0);
	step(w);
	liar = w4_tip_proposer(tip_of(w), 0);
	put_equivocation(w, &tip_of(w)->members[1], 2, 1, 0);
	item = bad_block(w, buf, sizeof(buf), liar, 0, false);
	put_item(w, item);
	step(w);
	assert_int_equal(w4_strikes_of(&council_of(w)->strikes, tip_of(w)->members[1].m[liar].id, tip_of(w)->height), 1);

	/* In the next height it is too late. */
	put_item(w, item);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	world_free(w);
}

/* What a proposer builds from anything that came in is a block that judge finds good. */
static void
building(void **state)
{
	World	   *w = world_new(4);
	static uint8_t txs[BLOCK_BYTES];
	static uint8_t evidence[W4_MAX_EVIDENCE_BYTES];
	uint8_t		buf[512];
	W4Build		b;
	W4Slice		item;
	W4Slice		pending;
	size_t		pos = 0;
	int			taken = 0;

	(void) state;
	step(w);
	put_transfer(w, 0, 4, ATP);
	w4_put(&w->txs, w->tx_bytes, w->txs.len);
	put_vote(w, 20, w->chain_id);
	w4_put_run(&w->txs, w4_slice_cstr("junk"));
	put_transfer(w, 0, 4, 2 * ATP);
	pending = w4_slice(memcpy(malloc(w->txs.len), w->tx_bytes, w->txs.len), w->txs.len);
	clear_block(w);
	w4_build_begin(&b, &w->rep[0].r, tip_of(w), w4_writer(evidence, sizeof(evidence)), w4_writer(txs, sizeof(txs)));
	item = equivocation(w, buf, sizeof(buf), &tip_of(w)->members[1], 1, 1, 0);
	assert_true(w4_build_evidence(&b, item));
	assert_false(w4_build_evidence(&b, item));
	assert_false(w4_build_evidence(&b, w4_slice(buf, 100)));
	assert_false(w4_build_evidence(&b, w4_slice(buf, 0)));
	for (uint32_t view = 1; b.convictions < W4_MAX_BLOCK_EVIDENCE; view++)
		assert_true(w4_build_evidence(&b, equivocation(w, buf, sizeof(buf), &tip_of(w)->members[1], 1, 1, view)));
	assert_false(w4_build_evidence(&b, equivocation(w, buf, sizeof(buf), &tip_of(w)->members[1], 2, 1, 0)));
	while (w4_block_next_item(pending, &pos, &item))
		taken += w4_build_tx(&b, item);
	assert_int_equal(taken, 2);
	assert_false(w4_build_evidence(&b, equivocation(w, buf, sizeof(buf), &tip_of(w)->members[1], 2, 1, 0)));
	w4_put(&w->txs, b.txs.buf, b.txs.len);
	w4_put(&w->evidence, b.evidence.buf, b.evidence.len);
	step(w);
	assert_int_equal(w->rep[0].r.nresults, 2 + W4_MAX_BLOCK_EVIDENCE);

	/* No room: nothing goes in, and nothing breaks. */
	w4_build_begin(&b, &w->rep[0].r, tip_of(w), w4_writer(evidence, 20), w4_writer(txs, 20));
	assert_false(w4_build_evidence(&b, equivocation(w, buf, sizeof(buf), &tip_of(w)->members[1], 2, 1, 0)));
	put_transfer(w, 0, 4, 3 * ATP);
	pos = 0;
	assert_true(w4_block_next_item(w4_slice(w->tx_bytes, w->txs.len), &pos, &item));
	assert_false(w4_build_tx(&b, item));
	assert_false(b.txs.full || b.evidence.full);
	free((void *) pending.data);
	world_free(w);
}

/* Nothing is built on a tip that the state has not reached, or is beyond. */
static void
building_on_another_tip(void **state)
{
	static uint8_t txs[1024];
	static uint8_t evidence[1024];
	World	   *w = world_new(4);
	W4Tip	   *tip = malloc(sizeof(*tip));
	uint8_t		buf[512];
	W4Slice		proof;
	W4Slice		tx;
	size_t		pos = 0;

	(void) state;
	assert_non_null(tip);
	step(w);
	step(w);
	proof = equivocation(w, buf, sizeof(buf), &tip_of(w)->members[1], 2, 1, 0);
	put_transfer(w, 0, 4, 3 * ATP);
	assert_true(w4_block_next_item(w4_slice(w->tx_bytes, w->txs.len), &pos, &tx));
	for (uint64_t height = 1; height <= 3; height++)
	{
		W4Build		b;

		*tip = *tip_of(w);
		tip->height = height;
		w4_build_begin(&b, &w->rep[0].r, tip, w4_writer(evidence, sizeof(evidence)), w4_writer(txs, sizeof(txs)));
		assert_int_equal(w4_build_evidence(&b, proof), height == 2);
		assert_int_equal(w4_build_tx(&b, tx), height == 2);
	}
	free(tip);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judge_txs),
		cmocka_unit_test(judge_evidence),
		cmocka_unit_test(judge_bad_blocks),
		cmocka_unit_test(building),
		cmocka_unit_test(building_on_another_tip)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
