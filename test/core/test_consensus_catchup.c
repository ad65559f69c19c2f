/*-------------------------------------------------------------------------
 *
 * test_consensus_catchup.c
 *		Peers that lack something: blocks, bodies, proposals; and peers that are
 *		given what they must not take.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_cluster.h"

static uint8_t bytes[1 << 17];

static const uint8_t *
id_of(const Cluster *c, int i)
{
	return c->chain.set.m[i].id;
}

/* --- blocks --- */

static void
test_catch_up(void **state)
{
	Cluster    *c = cluster_new(4);

	(void) state;
	c->peer[0].cut = true;
	cluster_work(c, 20);
	ticks(c, 400);
	assert_true(c->peer[1].decided >= 20);
	assert_int_equal(c->peer[0].decided, 0);
	c->peer[0].cut = false;
	ticks(c, 60);
	assert_true(c->peer[0].decided >= 20);
	assert_memory_equal(c->peer[0].hashes[20], c->peer[1].hashes[20], 32);
	assert_true(c->sent[W4_FETCH_BLOCKS] > 0);
	cluster_free(c);
}

/* One behind with the block at hand: the certificate alone will do. */
static void
test_committed(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	W4Cert		cert;
	W4Writer	w;
	uint64_t	past;

	(void) state;
	c->work_until = 1;
	for (int i = 0; i < 4; i++)
		peer_event(&c->peer[i], &(W4Event) {.kind = W4_EV_WORK, .flag = true});
	while (c->head < c->tail)
	{
		Packet	   *k = &c->queue[c->head++];

		if (k->to != 0 || k->bytes[W4_MAGIC_LEN] != W4_COMMIT)
			peer_message(&c->peer[k->to], id_of(c, k->from), k->bytes, k->len);
		free(k->bytes);
	}
	c->head = c->tail = 0;
	assert_int_equal(c->peer[1].decided, 1);
	assert_int_equal(p->decided, 0);

	/* Signatures of PREPAREs decide nothing. */
	cert_make(&cert, &c->chain, W4_PREPARE, 1, 0, c->peer[1].hashes[1], 0xE);
	w = w4_writer(bytes, sizeof(bytes));
	w4_prefix_put(&w, W4_COMMITTED, 1, c->chain.id);
	w4_cert_put(&w, &cert, c->chain.id);
	peer_message(p, id_of(c, 2), bytes, w.len);
	assert_int_equal(p->decided, 0);
	assert_int_equal(dropped(p, W4_DROP_BAD_CERTIFICATE), 1);
	peer_message(p, id_of(c, 2), bytes, w.len - 1);
	assert_int_equal(dropped(p, W4_DROP_MALFORMED), 1);
	ticks(c, 10);
	assert_int_equal(p->decided, 1);
	assert_true(c->sent[W4_COMMITTED] > 0);

	/* Late, and early. */
	past = dropped(p, W4_DROP_HEIGHT_PAST);
	peer_message(p, id_of(c, 2), bytes, w.len);
	assert_int_equal(dropped(p, W4_DROP_HEIGHT_PAST), past + 1);
	cert_make(&cert, &c->chain, W4_COMMIT, 9, 0, c->peer[1].hashes[1], 0xE);
	w = w4_writer(bytes, sizeof(bytes));
	w4_prefix_put(&w, W4_COMMITTED, 9, c->chain.id);
	w4_cert_put(&w, &cert, c->chain.id);
	peer_message(p, id_of(c, 2), bytes, w.len);
	assert_true(dropped(p, W4_DROP_HEIGHT_AHEAD) > 0);
	cluster_free(c);
}

/* What a lying source may send: nothing of it is taken, and the third time it may be accused. */
static void
test_false_blocks(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	Stored	   *s;
	W4Cert		weak;
	W4Writer	w;
	W4Cert		other;

	(void) state;
	p->cut = true;
	cluster_work(c, 2);
	ticks(c, 100);
	p->cut = false;
	s = &c->store[1];
	cert_make(&weak, &c->chain, W4_COMMIT, 1, 0, c->peer[1].hashes[1], 0x6);
	cert_make(&other, &c->chain, W4_COMMIT, 1, 0, c->peer[1].hashes[2], 0xE);
	for (int k = 0; k < 3; k++)
	{
		w = w4_writer(bytes, sizeof(bytes));
		w4_prefix_put(&w, W4_BLOCKS, 1, c->chain.id);
		w4_blocks_put(&w, w4_slice(s->wire, s->len - (k == 2)), k == 0 ? &weak : k == 1 ? &other : &s->cert, c->chain.id);
		peer_message(p, id_of(c, 1), bytes, w.len);
		assert_int_equal(p->applied, 0);
		assert_int_equal(dropped(p, W4_DROP_BAD_CERTIFICATE), (uint64_t) k + 1);
	}
	assert_int_equal(p->accused, 1);

	/* The second height first; a torn one; then all is well. */
	w = w4_writer(bytes, sizeof(bytes));
	w4_prefix_put(&w, W4_BLOCKS, 2, c->chain.id);
	w4_blocks_put(&w, w4_slice(c->store[2].wire, c->store[2].len), &c->store[2].cert, c->chain.id);
	peer_message(p, id_of(c, 1), bytes, w.len);
	assert_int_equal(p->applied, 0);
	w = w4_writer(bytes, sizeof(bytes));
	w4_prefix_put(&w, W4_BLOCKS, 1, c->chain.id);
	w4_blocks_put(&w, w4_slice(s->wire, s->len), &s->cert, c->chain.id);
	peer_message(p, id_of(c, 1), bytes, w.len - 1);
	assert_int_equal(p->applied, 0);
	peer_message(p, id_of(c, 1), bytes, w.len);
	assert_int_equal(p->applied, 1);
	peer_message(p, id_of(c, 1), bytes, w.len);
	assert_int_equal(p->applied, 1);
	peer_message(p, id_of(c, 1), bytes, W4_MAX_MESSAGE_BYTES + 1);	/* only its length is looked at */
	assert_int_equal(dropped(p, W4_DROP_OVERSIZE), 1);
	cluster_free(c);
}

/* --- proposals and bodies --- */

/* The proposer tells all but one; those who voted pass the proposal on. */
static void
test_withheld_proposal(void **state)
{
	Cluster    *c = cluster_new(4);

	(void) state;
	c->work_until = 1;
	for (int i = 0; i < 4; i++)
		peer_event(&c->peer[i], &(W4Event) {.kind = W4_EV_WORK, .flag = true});
	for (int round = 0; round < 30 && c->peer[0].decided == 0; round++)
	{
		while (c->head < c->tail)
		{
			Packet	   *k = &c->queue[c->head++];
			uint8_t		kind = k->bytes[W4_MAGIC_LEN];

			/* Peer 1 gives peer 0 nothing, and nobody's COMMIT arrives there. */
			if (k->to != 0 || (k->from != 1 && kind != W4_COMMIT && kind != W4_COMMITTED && kind != W4_BLOCKS))
				peer_message(&c->peer[k->to], id_of(c, k->from), k->bytes, k->len);
			free(k->bytes);
		}
		c->head = c->tail = 0;
		c->now += 50000;
		peer_event(&c->peer[0], &(W4Event) {.kind = W4_EV_TICK});
	}
	assert_true(c->sent[W4_FETCH_PROPOSAL] > 0);
	cluster_free(c);
}

/* A quorum has committed to a block that one peer never saw. */
static void
test_fetch_body(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		hash[32];
	W4Writer	w;
	W4Slice		body;

	(void) state;
	c->work_until = 1;
	for (int i = 0; i < 4; i++)
		peer_event(&c->peer[i], &(W4Event) {.kind = W4_EV_WORK, .flag = true});
	while (c->head < c->tail)
	{
		Packet	   *k = &c->queue[c->head++];

		if (k->to != 0 || k->bytes[W4_MAGIC_LEN] == W4_COMMIT)
			peer_message(&c->peer[k->to], id_of(c, k->from), k->bytes, k->len);
		free(k->bytes);
	}
	c->head = c->tail = 0;
	memcpy(hash, c->peer[1].hashes[1], 32);
	assert_int_equal(p->decided, 0);

	/* A body that nobody asked for, a wrong one, the right one. */
	body = w4_slice(c->store[1].wire, c->store[1].len);
	w = w4_writer(bytes, sizeof(bytes));
	w4_prefix_put(&w, W4_BODY, 2, c->chain.id);
	w4_put_run(&w, body);
	peer_message(p, id_of(c, 2), bytes, w.len);
	assert_int_equal(dropped(p, W4_DROP_NOT_WANTED), 1);
	w = w4_writer(bytes, sizeof(bytes));
	w4_prefix_put(&w, W4_BODY, 1, c->chain.id);
	w4_put_run(&w, w4_slice(body.data, body.len - 1));
	peer_message(p, id_of(c, 2), bytes, w.len);
	assert_int_equal(dropped(p, W4_DROP_BAD_BLOCK), 1);

	/* A sound block that we wanted before we wanted this one: no fault of who gives it. */
	for (int k = 0; k < 3; k++)
	{
		uint8_t		other[CLUSTER_BLOCK];

		memcpy(other, body.data, body.len);
		other[2 + 32 + 8 + 7] ^= 1;
		w = w4_writer(bytes, sizeof(bytes));
		w4_prefix_put(&w, W4_BODY, 1, c->chain.id);
		w4_put_run(&w, w4_slice(other, body.len));
		peer_message(p, id_of(c, 2), bytes, w.len);
		assert_int_equal(dropped(p, W4_DROP_NOT_WANTED), (uint64_t) k + 2);
	}
	assert_int_equal(p->accused, 0);
	c->now += 400000;
	peer_event(p, &(W4Event) {.kind = W4_EV_TICK});
	assert_true(c->sent[W4_FETCH_BODY] > 0);
	w = w4_writer(bytes, sizeof(bytes));
	w4_prefix_put(&w, W4_BODY, 1, c->chain.id);
	w4_put_run(&w, body);
	peer_message(p, id_of(c, 2), bytes, w.len);
	assert_int_equal(p->decided, 1);
	cluster_free(c);
}

/* Requests: what is held is given, what is not is not; nonsense is counted. */
static void
test_requests(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[2];	/* proposes at height 2 */
	W4Writer	w;
	uint64_t	before;

	(void) state;
	cluster_work(c, 1);
	c->peer[0].cut = c->peer[1].cut = c->peer[3].cut = true;
	c->work_until = 2;
	peer_event(p, &(W4Event) {.kind = W4_EV_WORK, .flag = true});
	c->peer[3].cut = false;
	memset(c->sent, 0, sizeof(c->sent));
	for (uint32_t view = 0; view < 2; view++)
	{
		w = w4_writer(bytes, sizeof(bytes));
		w4_prefix_put(&w, W4_FETCH_PROPOSAL, 2, c->chain.id);
		w4_put_u32be(&w, view);
		peer_message(p, id_of(c, 3), bytes, w.len);
	}
	assert_int_equal(c->sent[W4_PRE_PREPARE], 1);
	peer_message(p, id_of(c, 3), bytes, w.len - 1);
	for (int k = 0; k < 2; k++)
	{
		w = w4_writer(bytes, sizeof(bytes));
		w4_prefix_put(&w, W4_FETCH_BODY, 2, c->chain.id);
		w4_put(&w, k == 0 ? w4_consensus_record(p->core)->accepted : id_of(c, 0), 32);
		peer_message(p, id_of(c, 3), bytes, w.len);
	}
	assert_int_equal(c->sent[W4_BODY], 1);
	peer_message(p, id_of(c, 3), bytes, w.len - 1);

	/* A body of a decided height comes with its certificate; not twice at once. */
	w = w4_writer(bytes, sizeof(bytes));
	w4_prefix_put(&w, W4_FETCH_BODY, 1, c->chain.id);
	w4_put(&w, id_of(c, 0), 32);
	peer_message(p, id_of(c, 3), bytes, w.len);
	before = dropped(p, W4_DROP_RATE);
	peer_message(p, id_of(c, 3), bytes, w.len);
	assert_int_equal(c->sent[W4_BLOCKS], 1);
	assert_int_equal(dropped(p, W4_DROP_RATE), before + 1);
	w = w4_writer(bytes, sizeof(bytes));
	w4_prefix_put(&w, W4_FETCH_BLOCKS, 7, c->chain.id);
	w4_put_u64be(&w, 8);
	before = dropped(p, W4_DROP_NOT_WANTED);
	peer_message(p, id_of(c, 3), bytes, w.len);
	assert_int_equal(dropped(p, W4_DROP_NOT_WANTED), before + 1);
	before = dropped(p, W4_DROP_MALFORMED);
	peer_message(p, id_of(c, 3), bytes, w.len - 1);
	assert_int_equal(dropped(p, W4_DROP_MALFORMED), before + 1);
	cluster_free(c);
}

/* --- members --- */

/* A fifth member from two heights after the block that passed it; the quorum is four then. */
static void
test_members_change(void **state)
{
	Cluster    *c = cluster_new(5);
	W4Members	four = c->chain.set;

	(void) state;
	assert_true(w4_members_remove(&four, id_of(c, 4)));
	w4_members_seal(&four);
	c->change_at = 2;
	c->change_to = four;
	cluster_work(c, 6);
	ticks(c, 100);
	for (int i = 0; i < 4; i++)
	{
		assert_int_equal(c->peer[i].decided, 6);
		assert_int_equal(w4_consensus_tip(c->peer[i].core)->members[1].n, 4);
		assert_int_equal(w4_mask_count(w4_consensus_tip(c->peer[i].core)->cert.signers) >= 3, 1);
	}

	/* Who was removed follows as an observer and signs nothing. */
	assert_int_equal(c->peer[4].decided, 6);
	assert_false(peer_view(&c->peer[4]).signing);
	cluster_free(c);
}

/* Within one answer the members change, and with them all indexes: who sent it is the one to blame for its end. */
static void
test_blame_across_a_change(void **state)
{
	Cluster    *c = cluster_new(6);
	Peer	   *p = &c->peer[1];
	W4Members	five = c->chain.set;
	W4Writer	w;

	(void) state;
	assert_true(w4_members_remove(&five, id_of(c, 0)));
	w4_members_seal(&five);
	c->change_at = 1;
	c->change_to = five;
	p->cut = true;
	cluster_work(c, 3);
	ticks(c, 400);
	assert_true(c->peer[2].decided >= 3);
	for (int from = 3; from < 5; from++)
		for (int k = 0; k < 2; k++)
			peer_message(p, id_of(c, from), "W4", 2);
	assert_int_equal(p->accused, 0);
	w = w4_writer(bytes, sizeof(bytes));
	w4_prefix_put(&w, W4_BLOCKS, 1, c->chain.id);
	for (uint64_t h = 1; h <= 3; h++)
		w4_blocks_put(&w, w4_slice(c->store[h].wire, c->store[h].len), &c->store[h].cert, c->chain.id);
	peer_message(p, id_of(c, 3), bytes, w.len - 1);
	assert_int_equal(p->applied, 2);
	assert_int_equal(p->accused, 1);
	assert_memory_equal(p->accused_id, id_of(c, 3), 32);
	cluster_free(c);
}

/* Two members at once are no legal change: stop rather than follow. */
static void
test_illegal_change(void **state)
{
	Cluster    *c = cluster_new(5);
	W4Members	three = c->chain.set;

	(void) state;
	assert_true(w4_members_remove(&three, id_of(c, 4)));
	assert_true(w4_members_remove(&three, id_of(c, 3)));
	w4_members_seal(&three);
	c->change_at = 1;
	c->change_to = three;
	cluster_work(c, 3);
	assert_true(peer_view(&c->peer[0]).halted);
	assert_true(alarmed(&c->peer[0], W4_ALARM_DIVERGED));
	cluster_free(c);
}

/* A peer that executes differently sees a block it cannot accept, and halts when a quorum decides it. */
static void
test_diverged(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];

	(void) state;
	p->other_state = true;
	cluster_work(c, 2);
	ticks(c, 30);
	assert_true(p->applied == 1);
	assert_true(peer_view(p).halted);
	assert_true(alarmed(p, W4_ALARM_DIVERGED));
	for (int i = 1; i < 4; i++)
		assert_int_equal(c->peer[i].decided, 2);
	peer_event(p, &(W4Event) {.kind = W4_EV_TICK});
	assert_true(dropped(p, W4_DROP_HALTED) > 0);
	cluster_free(c);
}

/* Without its key a peer follows and says nothing. */
static void
test_no_key(void **state)
{
	Cluster    *c = cluster_new(4);

	(void) state;
	c->peer[3].no_key = true;
	memset(c->sent, 0, sizeof(c->sent));
	cluster_work(c, 2);
	assert_int_equal(c->peer[3].decided, 2);
	assert_int_equal(c->peer[3].record.prepare.kind, 0);
	cluster_free(c);
}

/* The same identity speaks twice. */
static void
test_duplicate_signer(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];

	(void) state;
	for (uint64_t k = 0; k < 3; k++)
		peer_status(p, 2, 1, &(W4Report) {.incarnation = k == 2 ? 0 : 1, .nonce = {(uint8_t) (0x80 + k)}});
	assert_true(alarmed(p, W4_ALARM_DUPLICATE_SIGNER));
	assert_int_equal(dropped(p, W4_DROP_STALE_INCARNATION), 1);
	cluster_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catch_up),
		cmocka_unit_test(test_committed),
		cmocka_unit_test(test_false_blocks),
		cmocka_unit_test(test_withheld_proposal),
		cmocka_unit_test(test_fetch_body),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_members_change),
		cmocka_unit_test(test_blame_across_a_change),
		cmocka_unit_test(test_illegal_change),
		cmocka_unit_test(test_diverged),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_duplicate_signer)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
