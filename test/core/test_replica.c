/*
 * The replicated state machine: motions, votes, leaves, rotations, accusations
 * and strikes by blocks alone, each result code; what judge refuses; nothing
 * happens by halves.
 */
#include "replica_fixture.h"

#define BY(n) PEER(n)			/* signed with the consensus key of member n */

/* --- motions --- */

static void
motion_codes(void **state)
{
	World	   *w = world_new(4);
	uint8_t		id[32];
	uint8_t		other[32] = {9};
	uint32_t	at[16];
	W4Tx		tx;

	(void) state;
	put_register(w, 20);
	step(w);

	at[0] = put_motion(w, W4_TX_PEER_ADD, BY(0), 21, 21, NULL);
	at[1] = put_motion(w, W4_TX_PEER_ADD, BY(0), 20, 1, NULL);	/* key of a member */
	at[2] = put_motion(w, W4_TX_PEER_REMOVE, BY(0), 20, 0, NULL);	/* no member */
	tx = tx_make(w, W4_TX_PEER_ADD, BY(0));
	lct_of(tx.subject, 20);
	memset(tx.new_key, 0xff, 32);
	at[3] = tx_put(w, &tx);
	memset(tx.new_key, 0x01, 32);
	tx.sequence = ++w->sequence;
	tx.until = tip_of(w)->height;
	at[4] = tx_put(w, &tx);
	tx.sequence = ++w->sequence;
	tx.until = tip_of(w)->height + 2 + (uint64_t) w->params.v[W4_P_EXPIRY_WINDOW];
	at[5] = tx_put(w, &tx);
	at[6] = put_vote(w, BY(1), other);
	at[7] = put_motion(w, W4_TX_PEER_ADD, BY(0), 20, 20, id);
	at[8] = put_vote(w, BY(0), id);
	at[9] = put_motion(w, W4_TX_PEER_REMOVE, BY(0), 1, 0, NULL);
	at[10] = put_motion(w, W4_TX_PEER_REMOVE, BY(0), 2, 0, NULL);
	at[11] = put_motion(w, W4_TX_PEER_REMOVE, BY(0), 3, 0, NULL);
	step(w);
	assert_int_equal(code_at(w, at[0]), W4_TXC_NOT_REGISTERED);
	assert_int_equal(code_at(w, at[1]), W4_TXC_POINTLESS);
	assert_int_equal(code_at(w, at[2]), W4_TXC_POINTLESS);
	assert_int_equal(code_at(w, at[3]), W4_TXC_BAD_KEY);
	assert_int_equal(code_at(w, at[4]), W4_TXC_MOTION_EXPIRED);
	assert_int_equal(code_at(w, at[5]), W4_TXC_MOTION_EXPIRED);
	assert_int_equal(code_at(w, at[6]), W4_TXC_NO_MOTION);
	assert_int_equal(code_at(w, at[7]), W4_TXC_OK);
	assert_int_equal(code_at(w, at[8]), W4_TXC_VOTED);
	assert_int_equal(code_at(w, at[9]), W4_TXC_OK);
	assert_int_equal(code_at(w, at[10]), W4_TXC_OK);
	assert_int_equal(code_at(w, at[11]), W4_TXC_TOO_MANY_MOTIONS);
	assert_int_equal(council_of(w)->roster.motions, 3);

	/* Who is no peer: a block should not carry it, and if one does it changes nothing. */
	at[0] = put_vote(w, 20, id);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	at[1] = put_vote(w, 77777, id);
	at[2] = put_motion(w, W4_TX_PEER_ROTATE, BY(1), 1, 50, NULL);
	at[3] = put_motion(w, W4_TX_PEER_ROTATE, 20, 1, 50, NULL);
	decide(w, false);
	assert_int_equal(code_at(w, at[0]), W4_TXC_NOT_PEER);
	assert_int_equal(code_at(w, at[1]), W4_TXC_UNKNOWN_SIGNER);
	assert_int_equal(code_at(w, at[2]), W4_TXC_NOT_PEER);
	assert_int_equal(code_at(w, at[3]), W4_TXC_NOT_PEER);
	audit_all(w);
	world_free(w);
}

/* Three of four agree; the newcomer votes two heights later, as the fifth. */
static void
join_by_quorum(void **state)
{
	World	   *w = world_new(4);
	uint8_t		id[32];
	uint32_t	late;

	(void) state;
	put_register(w, 20);
	step(w);
	put_motion(w, W4_TX_PEER_ADD, BY(0), 20, 20, id);
	step(w);
	put_vote(w, BY(1), id);
	step(w);
	assert_false(w->applied.members_change);
	put_vote(w, BY(2), id);
	late = put_vote(w, BY(3), id);
	step(w);
	assert_int_equal(code_at(w, late), W4_TXC_VOTED);
	assert_true(w->applied.members_change);
	assert_int_equal(tip_of(w)->members[1].n, 4);
	assert_int_equal(tip_of(w)->members[2].n, 5);
	put_vote(w, BY(20), id);
	step(w);
	assert_int_equal(code_at(w, 0), W4_TXC_UNKNOWN_SIGNER);
	assert_memory_equal(w->block.header.next_members_hash, tip_of(w)->members[1].hash, 32);
	assert_int_equal(tip_of(w)->members[1].n, 5);
	late = put_motion(w, W4_TX_PEER_REMOVE, BY(20), 0, 0, NULL);
	step(w);
	assert_int_equal(code_at(w, late), W4_TXC_OK);
	assert_int_equal(council_of(w)->history.changes, 1);
	world_free(w);
}

/* The identity signs its new key; votes of others do the rest; the old key is void two heights later. */
static void
rotate_key(void **state)
{
	World	   *w = world_new(4);
	uint8_t		id[32];
	uint8_t		key[32];
	uint32_t	at;

	(void) state;
	at = put_motion(w, W4_TX_PEER_ROTATE, 2, 2, 90, id);
	put_vote(w, BY(0), id);
	put_vote(w, BY(1), id);
	step(w);
	assert_int_equal(code_at(w, at), W4_TXC_OK);
	assert_true(w->applied.members_change);
	put_accuse(w, BY(2), 0, 1);
	step(w);
	assert_int_equal(code_at(w, 0), W4_TXC_OK);
	key_of(key, PEER(90));
	assert_memory_equal(tip_of(w)->members[1].m[index_of(w, 1, 2)].key, key, 32);
	put_accuse(w, BY(2), 1, 1);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);
	put_accuse(w, BY(90), 1, 1);
	step(w);
	assert_int_equal(code_at(w, 0), W4_TXC_OK);
	world_free(w);
}

/* Leaving needs no votes; changes wait for each other; the last peer stays. */
static void
leave(void **state)
{
	World	   *w = world_new(3);
	uint32_t	again;

	(void) state;
	put_leave(w, BY(0));
	again = put_leave(w, BY(0));
	put_leave(w, BY(1));
	put_leave(w, BY(2));
	step(w);
	assert_int_equal(code_at(w, 0), W4_TXC_OK);
	assert_int_equal(code_at(w, again), W4_TXC_LEAVING);
	assert_int_equal(tip_of(w)->members[2].n, 2);
	step(w);
	assert_false(w->applied.members_change);
	step(w);
	assert_true(w->applied.members_change);
	for (int i = 0; i < 4; i++)
		step(w);
	assert_int_equal(tip_of(w)->members[1].n, 1);
	assert_int_equal(council_of(w)->roster.motions, 0);
	put_leave(w, BY(2));
	step(w);
	assert_int_equal(code_at(w, 0), W4_TXC_POINTLESS);
	world_free(w);
}

/* --- strikes --- */

/* Three pieces of evidence in blocks: fined, off the rota, out two heights after the third. */
static void
ejected_by_evidence(void **state)
{
	World	   *w = world_new(5);
	W4Members	genesis;
	uint8_t		lct[32];
	W4Identity	who;
	int			victim;

	(void) state;
	genesis = tip_of(w)->members[1];
	put_register(w, 2);
	step(w);
	for (uint32_t k = 0; k < 3; k++)
	{
		victim = index_of(w, 1, 2);
		put_transfer(w, 0, 5, ATP);
		put_equivocation(w, &genesis, victim, 1, k);
		step(w);
		assert_int_equal(code_at(w, 1), W4_TXC_OK);
		assert_int_equal(w->rep[0].r.results[1].atp_delta, -10 * ATP);
		assert_true(w->applied.struck == w4_mask_bit((unsigned) victim));
		assert_true(w4_mask_has(tip_of(w)->rota.skipped, (unsigned) victim));
		lct_of(lct, 2);
		assert_true(w4_state_identity(&w->rep[0].r.exec.state, lct, &who));
		assert_int_equal(who.trust, 0);
		assert_int_equal(w->applied.members_change, k == 2);

		/* It counts once. */
		put_equivocation(w, &genesis, victim, 1, k);
		assert_int_equal(verdict(w), W4_BLOCK_BAD);
		clear_block(w);
	}
	assert_int_equal(index_of(w, 2, 2), W4_NO_MEMBER);
	assert_int_not_equal(index_of(w, 1, 2), W4_NO_MEMBER);
	step(w);
	assert_int_equal(index_of(w, 1, 2), W4_NO_MEMBER);

	/* Who is out can still be convicted of what it did before, but not struck from a rota it is not on. */
	put_equivocation(w, &genesis, victim, 2, 7);
	step(w);
	assert_true(w->applied.struck == 0);
	assert_int_equal(w4_strikes_of(&council_of(w)->strikes, lct, tip_of(w)->height), 4);

	/* Not of what it could not do any more. */
	put_equivocation(w, &genesis, victim, tip_of(w)->height, 0);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	audit_all(w);
	world_free(w);
}

static void
accusations(void **state)
{
	World	   *w = world_new(4);
	uint32_t	at;

	(void) state;
	put_register(w, 3);
	step(w);
	put_accuse(w, BY(0), 3, 1);
	at = put_accuse(w, BY(0), 3, 1);
	put_accuse(w, BY(0), 30, 1);
	step(w);
	assert_int_equal(code_at(w, 0), W4_TXC_OK);
	assert_int_equal(code_at(w, at), W4_TXC_ACCUSED);
	assert_int_equal(code_at(w, 2), W4_TXC_UNKNOWN_PEER);
	assert_true(w->applied.struck == 0);

	/* The second of four: trust and fine go with the transaction that made it f + 1. */
	put_accuse(w, BY(1), 3, 2);
	at = put_accuse(w, BY(1), 3, 1);
	step(w);
	assert_int_equal(w->rep[0].r.results[0].atp_delta, 0);
	assert_int_equal(w->rep[0].r.results[at].atp_delta, -10 * ATP);
	assert_int_equal(w->rep[0].r.results[at].trust_after, 0);
	assert_int_equal(w4_mask_count(w->applied.struck), 1);
	for (int k = 0; k < 2; k++)
	{
		put_accuse(w, BY(0), 3, 2);
		put_accuse(w, BY(1), 3, 2);
		step(w);
	}
	put_accuse(w, BY(0), 3, 3);
	put_accuse(w, BY(2), 3, 3);
	step(w);
	assert_int_equal(index_of(w, 2, 3), W4_NO_MEMBER);
	audit_all(w);
	world_free(w);
}

/* A chain that ejects at once. */
static void
strikes_are_a_parameter(void **state)
{
	World	   *w = world_new(4);
	W4Tx		tx = tx_make(w, W4_TX_PARAM_SET, BY(0));

	(void) state;
	tx.param = W4_P_STRIKES;
	tx.value = 1;
	tx_put(w, &tx);
	put_equivocation(w, &tip_of(w)->members[1], 1, 1, 0);
	step(w);
	assert_false(w->applied.members_change);
	put_equivocation(w, &tip_of(w)->members[1], 2, 1, 0);
	step(w);
	assert_true(w->applied.members_change);
	world_free(w);
}

/* --- what judge refuses --- */

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

/* --- memory and halves --- */

static void
growth(void **state)
{
	World	   *w = world_new(4);
	W4ExecSizes small = {AGENTS, 1, 1, 1, 1};
	W4Replica  *to = malloc(sizeof(*to));
	W4ExecSizes need;
	size_t		len;
	void	   *mem;
	Rep		   *p = &w->rep[1];

	(void) state;
	assert_non_null(to);
	rep_free(p);
	w->sizes = small;
	rep_genesis(p, w, &tip_of(w)->members[1]);
	put_leave(w, BY(0));
	put_equivocation(w, &tip_of(w)->members[1], 2, 1, 0);
	make_block(w);
	certify(w);
	assert_int_equal(w4_replica_apply(&p->r, &p->tip, &w->block, &w->applied), W4_EXEC_GROW);
	assert_int_equal(p->r.exec.state.council->strikes.strikes, 0);
	need = p->r.exec.need;
	assert_true(need.accounts > AGENTS);
	len = w4_replica_memory(&w->params, &need);
	mem = malloc(len);
	assert_non_null(mem);
	assert_false(w4_replica_grow(to, mem, len - 1, &need, &p->r));
	assert_true(w4_replica_grow(to, mem, len, &need, &p->r));
	free(p->mem);
	p->mem = mem;
	p->r = *to;
	w->now -= SECOND;
	step(w);
	audit_all(w);
	assert_int_equal(w4_replica_memory(&w->params, &(W4ExecSizes) {0, 1, 1, 1, 1}), 0);
	assert_false(w4_replica_init(to, mem, 1, w->chain_id, &w->params, &need, &fake_suite, NULL));
	free(to);
	world_free(w);
}

/* A fault of the program in a block with votes, leaves and strikes: all of it is undone. */
static void
undone_whole(void **state)
{
	World	   *w = world_new(4);
	W4State    *s = &w->rep[0].r.exec.state;
	uint8_t		before[32];
	uint8_t		after[32];
	uint8_t		id[32];

	(void) state;
	put_motion(w, W4_TX_PEER_REMOVE, BY(0), 1, 0, id);
	step(w);
	w4_state_root(s, before);
	put_vote(w, BY(1), id);
	put_vote(w, BY(2), id);
	put_leave(w, BY(3));
	put_equivocation(w, &tip_of(w)->members[1], 2, 1, 0);
	s->totals.supply++;
	make_block(w);
	certify(w);
	assert_int_equal(w4_replica_apply(&w->rep[0].r, &w->rep[0].tip, &w->block, &w->applied), W4_EXEC_BROKEN);
	s->totals.supply--;
	w4_state_root(s, after);
	assert_memory_equal(before, after, 32);
	w4_state_root_from_scratch(s, after);
	assert_memory_equal(before, after, 32);
	w->now -= SECOND;
	step(w);
	assert_true(w->applied.members_change);
	audit_all(w);
	world_free(w);
}

/* Two replicas that differ in one vote, or in one strike, differ in their digests. */
static void
digest_tells(void **state)
{
	World	   *w = world_new(4);
	W4State    *s = &w->rep[0].r.exec.state;
	uint8_t		id[32];
	uint8_t		root[32];
	uint8_t		other[32];

	(void) state;
	put_motion(w, W4_TX_PEER_REMOVE, BY(0), 1, 0, id);
	put_equivocation(w, &tip_of(w)->members[1], 2, 1, 0);
	put_accuse(w, BY(0), 3, 1);
	step(w);
	w4_state_root(s, root);
	for (int k = 0; k < 5; k++)
	{
		W4Council  *c = w4_state_council(s);

		c->roster.motion[0].yes ^= k == 0 ? 8 : 0;
		c->strikes.strike[0].view ^= k == 1;
		c->strikes.accusation[0].class ^= k == 2;
		c->roster.effective_at ^= k == 3;
		c->history.since ^= k == 4;
		w4_state_root(s, other);
		assert_memory_not_equal(root, other, 32);
		c->roster.motion[0].yes ^= k == 0 ? 8 : 0;
		c->strikes.strike[0].view ^= k == 1;
		c->strikes.accusation[0].class ^= k == 2;
		c->roster.effective_at ^= k == 3;
		c->history.since ^= k == 4;
		s->council_fresh = false;
		w4_state_root(s, other);
		assert_memory_equal(root, other, 32);
	}
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(motion_codes),
		cmocka_unit_test(join_by_quorum),
		cmocka_unit_test(rotate_key),
		cmocka_unit_test(leave),
		cmocka_unit_test(ejected_by_evidence),
		cmocka_unit_test(accusations),
		cmocka_unit_test(strikes_are_a_parameter),
		cmocka_unit_test(judge_txs),
		cmocka_unit_test(judge_evidence),
		cmocka_unit_test(judge_bad_blocks),
		cmocka_unit_test(building),
		cmocka_unit_test(growth),
		cmocka_unit_test(undone_whole),
		cmocka_unit_test(digest_tells)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
