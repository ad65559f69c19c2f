/*
 * The replicated state machine: motions, votes, leaves, rotations, accusations
 * and strikes by blocks alone, each result code; what judge refuses; nothing
 * happens by halves.
 */
#include "replica_fixture.h"

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

/* A liar that accuses everybody of everything pushes out its own words only, and strikes nobody alone. */
static void
accusing_in_floods(void **state)
{
	World	   *w = world_new(4);
	const W4Strikes *s = &council_of(w)->strikes;

	(void) state;
	put_accuse(w, BY(0), 3, 9);
	step(w);
	for (int block = 0; block < 20; block++)
	{
		for (unsigned k = 0; k < 40; k++)
			put_accuse(w, BY(3), k % 4, (uint8_t) (10 + (k + 40 * (unsigned) block) % 100));
		step(w);
		assert_true(w->applied.struck == 0);
		assert_int_equal(s->accusations, 1 + W4_ACCUSATIONS_EACH);
	}
	assert_int_equal(s->strikes, 0);
	put_accuse(w, BY(1), 3, 9);
	step(w);
	assert_int_equal(w4_mask_count(w->applied.struck), 1);
	audit_all(w);
	world_free(w);
}

/*
 * Yes of who leaves counts no more, though it would have been enough with one
 * that comes later; a set that became smaller may have agreed already.
 */
static void
votes_across_changes(void **state)
{
	World	   *w = world_new(6);
	uint8_t		gone[32];
	uint8_t		stays[32];

	(void) state;
	put_register(w, 7);
	put_register(w, 8);
	step(w);
	put_motion(w, W4_TX_PEER_ADD, BY(5), 7, 7, gone);
	put_vote(w, BY(0), gone);
	put_motion(w, W4_TX_PEER_ADD, BY(0), 8, 8, stays);
	put_vote(w, BY(1), stays);
	put_leave(w, BY(5));
	step(w);
	assert_true(w->applied.members_change);
	step(w);
	assert_int_equal(tip_of(w)->members[1].n, 5);
	assert_int_equal(index_of(w, 1, 5), W4_NO_MEMBER);

	/* Four of five: who left is not among them, and its vote is none. */
	put_vote(w, BY(5), gone);
	assert_int_equal(verdict(w), W4_BLOCK_BAD);
	clear_block(w);
	put_vote(w, BY(1), gone);
	put_vote(w, BY(2), gone);
	put_vote(w, BY(2), stays);
	step(w);
	assert_false(w->applied.members_change);
	put_vote(w, BY(3), stays);
	step(w);
	assert_true(w->applied.members_change);
	assert_int_not_equal(index_of(w, 2, 8), W4_NO_MEMBER);
	assert_int_equal(index_of(w, 2, 7), W4_NO_MEMBER);

	/* The other, while that change comes to power: it waits its turn. */
	put_vote(w, BY(3), gone);
	step(w);
	assert_false(w->applied.members_change);
	step(w);
	assert_true(w->applied.members_change);
	assert_int_not_equal(index_of(w, 2, 7), W4_NO_MEMBER);
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
		cmocka_unit_test(accusing_in_floods),
		cmocka_unit_test(votes_across_changes),
		cmocka_unit_test(strikes_are_a_parameter),
		cmocka_unit_test(growth),
		cmocka_unit_test(undone_whole),
		cmocka_unit_test(digest_tells)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
