/*-------------------------------------------------------------------------
 *
 * test_consensus_serving.c
 *		What others may draw from a peer, and what their asking must not cost it:
 *		its own votes, and its word that a height is decided.
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

static void
stranger_id(uint8_t out[32], int n)
{
	memset(out, 0xB0, 32);
	out[30] = (uint8_t) n;
	out[31] = 0;				/* the fixture's network looks at this byte only */
}

static void
ask_proposal(Cluster *c, Peer *p, const uint8_t from[32], uint64_t height)
{
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_prefix_put(&w, W4_FETCH_PROPOSAL, height, c->chain.id);
	w4_put_u32be(&w, 0);
	peer_message(p, from, bytes, w.len);
}

static void
ask_body(Cluster *c, Peer *p, const uint8_t from[32], uint64_t height, const uint8_t hash[32])
{
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_prefix_put(&w, W4_FETCH_BODY, height, c->chain.id);
	w4_put(&w, hash, 32);
	peer_message(p, from, bytes, w.len);
}

static void
ask_blocks(Cluster *c, Peer *p, const uint8_t from[32])
{
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_prefix_put(&w, W4_FETCH_BLOCKS, 1, c->chain.id);
	w4_put_u64be(&w, 1);
	peer_message(p, from, bytes, w.len);
}

static void
tell_status(Peer *p, int from, uint64_t height, uint8_t flags)
{
	peer_status(p, from, height, &(W4Report) {.incarnation = 1, .nonce = {(uint8_t) (from + 1)}, .flags = flags});
}

/* Height 1 is decided; peer 2 has proposed at height 2, and only it knows. */
static Peer *
proposer_alone(Cluster *c)
{
	cluster_work(c, 1);
	for (int i = 0; i < c->n; i++)
		c->peer[i].cut = i != 2;
	cluster_work(c, 2);
	assert_true(c->peer[2].proposal_len > 0);
	for (int i = 0; i < c->n; i++)
		c->peer[i].cut = false;
	c->now += 1000000;
	memset(c->sent, 0, sizeof(c->sent));
	return &c->peer[2];
}

/* --- how often --- */

/* Three answers at once to one member, whatever it asks for, then one an eighth of the resend interval. */
static void
test_one_member(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = proposer_alone(c);
	uint64_t	rate = dropped(p, W4_DROP_RATE);

	(void) state;
	for (int k = 0; k < 40; k++)
	{
		ask_proposal(c, p, id_of(c, 3), 2);
		ask_body(c, p, id_of(c, 3), 2, w4_consensus_record(p->core)->accepted);
		ask_body(c, p, id_of(c, 3), 1, id_of(c, 0));
		ask_blocks(c, p, id_of(c, 3));
	}
	assert_int_equal(c->sent[W4_PRE_PREPARE] + c->sent[W4_BODY] + c->sent[W4_BLOCKS], 3);
	assert_int_equal(dropped(p, W4_DROP_RATE), rate + 157);
	c->now += 62500;
	for (int k = 0; k < 10; k++)
		ask_proposal(c, p, id_of(c, 3), 2);
	assert_int_equal(c->sent[W4_PRE_PREPARE] + c->sent[W4_BODY] + c->sent[W4_BLOCKS], 4);

	/* Another member has its own. */
	for (int k = 0; k < 10; k++)
		ask_proposal(c, p, id_of(c, 1), 2);
	assert_int_equal(c->sent[W4_PRE_PREPARE] + c->sent[W4_BODY] + c->sent[W4_BLOCKS], 7);
	cluster_free(c);
}

/* Proposals that STATUS asks for come from the same purse. */
static void
test_status_draws_proposals(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = proposer_alone(c);

	(void) state;
	for (int k = 0; k < 40; k++)
		tell_status(p, 3, 2, 0);
	assert_int_equal(c->sent[W4_PRE_PREPARE], 3);
	cluster_free(c);
}

/* Names cost nothing, so all who are no members share one purse. */
static void
test_strangers(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = proposer_alone(c);
	uint8_t		id[32];

	(void) state;
	for (int k = 0; k < 40; k++)
	{
		stranger_id(id, k);
		ask_blocks(c, p, id);
		ask_proposal(c, p, id, 2);
		ask_body(c, p, id, 2, w4_consensus_record(p->core)->accepted);
	}
	assert_int_equal(c->sent[W4_PRE_PREPARE] + c->sent[W4_BODY] + c->sent[W4_BLOCKS], 3);
	ask_blocks(c, p, id_of(c, 3));
	assert_int_equal(c->sent[W4_PRE_PREPARE] + c->sent[W4_BODY] + c->sent[W4_BLOCKS], 4);
	cluster_free(c);
}

/* --- while the disk is slow --- */

static void
persisted(Peer *p)
{
	p->hold_persist = false;
	peer_event(p, &(W4Event) {.kind = W4_EV_PERSISTED, .token = p->unacknowledged});
}

/* A vote waits for its flush, and meanwhile all ask for whatever they can think of. */
static void
test_own_votes_stay(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		id[32];

	(void) state;
	(void) proposer_alone(c);
	p->hold_persist = true;
	peer_message(p, id_of(c, 2), c->peer[2].proposal, c->peer[2].proposal_len);
	assert_int_equal(p->record.prepare.height, 2);
	memset(c->sent, 0, sizeof(c->sent));
	for (int k = 0; k < 300; k++)
	{
		stranger_id(id, k);
		ask_blocks(c, p, id);
		tell_status(p, 1 + k % 3, 1, W4_REPORT_ASKING);
		c->now += 1000;
	}
	assert_int_equal(c->sent[W4_PREPARE], 0);
	assert_true(dropped(p, W4_DROP_NO_ROOM) > 0);
	persisted(p);
	for (int k = 0; k < 5; k++)
		peer_event(p, &(W4Event) {.kind = W4_EV_TICK});
	assert_int_equal(c->sent[W4_PREPARE], 3);
	cluster_free(c);
}

/* One member asks without end: the others still get their answers. */
static void
test_one_takes_not_all_room(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];

	(void) state;
	(void) proposer_alone(c);
	p->hold_persist = true;
	peer_message(p, id_of(c, 2), c->peer[2].proposal, c->peer[2].proposal_len);
	memset(c->sent, 0, sizeof(c->sent));
	for (int k = 0; k < 300; k++)
		tell_status(p, 3, 1, 0);
	ask_blocks(c, p, id_of(c, 1));
	persisted(p);
	assert_int_equal(c->sent[W4_BLOCKS], 1);
	assert_true(c->sent[W4_COMMITTED] <= 8);
	cluster_free(c);
}

/* --- what is decided is told --- */

static void
give_blocks(Cluster *c, Peer *p, uint64_t first, uint64_t last)
{
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_prefix_put(&w, W4_BLOCKS, first, c->chain.id);
	for (uint64_t h = first; h <= last; h++)
		w4_blocks_put(&w, w4_slice(c->store[h].wire, c->store[h].len), &c->store[h].cert, c->chain.id);
	peer_message(p, id_of(c, 1), bytes, w.len);
}

static void
decide_without(Cluster *c, Peer *p, uint64_t heights)
{
	p->cut = true;
	cluster_work(c, heights);
	for (int s = 0; s < 400; s++)
		cluster_tick(c, 100000);
	assert_true(c->peer[1].decided >= heights);
}

static void
acknowledge(Peer *p, uint64_t token)
{
	peer_event(p, &(W4Event) {.kind = W4_EV_PERSISTED, .token = token});
}

/* Whoever asks while the flush is under way, the heights are told, all of them, in order, once. */
static void
test_decided_is_told(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		id[32];

	(void) state;
	decide_without(c, p, 20);
	p->hold_persist = true;
	give_blocks(c, p, 1, 8);
	give_blocks(c, p, 9, 20);
	assert_int_equal(p->applied, 20);
	for (int k = 0; k < 300; k++)
	{
		stranger_id(id, k);
		ask_blocks(c, p, id);
		tell_status(p, 1 + k % 3, 20, W4_REPORT_ASKING);
		c->now += 20000;
	}
	assert_int_equal(p->decided, 0);
	persisted(p);
	assert_int_equal(p->decided, 20);
	cluster_free(c);
}

/* A disk that is always one write behind does not keep clients waiting for ever. */
static void
test_decided_under_way(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint64_t	token[9];

	(void) state;
	decide_without(c, p, 8);
	p->hold_persist = true;
	for (uint64_t h = 1; h <= 8; h++)
	{
		give_blocks(c, p, h, h);
		token[h] = p->unacknowledged;
		if (h > 1)
			acknowledge(p, token[h - 1]);
		assert_true(p->decided + 2 >= h);
		assert_true(p->decided < h);
	}
	acknowledge(p, token[8]);
	assert_int_equal(p->decided, 8);
	cluster_free(c);
}

/* A peer that cannot follow has come to a halt; what it decided before is told all the same. */
static void
test_decided_before_a_halt(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];

	(void) state;
	decide_without(c, p, 3);
	p->hold_persist = true;
	p->other_state = true;
	give_blocks(c, p, 1, 2);
	assert_int_equal(p->applied, 1);
	assert_true(peer_view(p).halted);
	persisted(p);
	assert_int_equal(p->decided, 1);
	cluster_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_member),
		cmocka_unit_test(test_status_draws_proposals),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_own_votes_stay),
		cmocka_unit_test(test_one_takes_not_all_room),
		cmocka_unit_test(test_decided_is_told),
		cmocka_unit_test(test_decided_under_way),
		cmocka_unit_test(test_decided_before_a_halt)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
