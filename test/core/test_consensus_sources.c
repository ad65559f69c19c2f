/*-------------------------------------------------------------------------
 *
 * test_consensus_sources.c
 *		Whom a peer that is behind asks for blocks, and how soon.
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

/* To whom the one request for blocks in the queue goes, -1 for none; the queue is thrown away. */
static int
asked_for_blocks(Cluster *c)
{
	int			to = -1;

	while (c->head < c->tail)
	{
		Packet	   *k = &c->queue[c->head++];

		if (k->bytes[W4_MAGIC_LEN] == W4_FETCH_BLOCKS)
		{
			assert_int_equal(to, -1);
			to = k->to;
		}
		free(k->bytes);
	}
	c->head = c->tail = 0;
	return to;
}

/*
 * Blocks came, there may be more: they are asked for soon, lest the chain go on
 * as fast as we come after it, and from another peer, since nobody gives two
 * answers so soon.
 */
static void
test_keeps_asking(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	int			last = -1;

	(void) state;
	p->cut = true;
	cluster_work(c, 8);
	for (int i = 0; i < 200; i++)
		cluster_tick(c, 100000);
	p->cut = false;
	(void) asked_for_blocks(c);
	for (uint64_t h = 1; h <= 8; h++)
	{
		W4Writer	w = w4_writer(bytes, sizeof(bytes));
		int			to;

		w4_prefix_put(&w, W4_BLOCKS, h, c->chain.id);
		w4_blocks_put(&w, w4_slice(c->store[h].wire, c->store[h].len), &c->store[h].cert, c->chain.id);
		peer_message(p, id_of(c, 1), bytes, w.len);
		assert_int_equal(p->applied, h);
		(void) asked_for_blocks(c);
		c->now += 500000 / 16;
		peer_event(p, &(W4Event) {.kind = W4_EV_TICK});
		to = asked_for_blocks(c);
		assert_true(to > 0);
		assert_int_not_equal(to, last);
		last = to;
	}
	cluster_free(c);
}

/* With one source only there is no other: it is asked when it may answer again. */
static void
test_asks_the_only_one(void **state)
{
	Cluster    *c = cluster_new(2);
	Peer	   *p = &c->peer[0];
	int			requests = 0;

	(void) state;
	c->now += 10000000;
	for (int i = 0; i < 64; i++)
	{
		W4Vote		v = vote_make(&c->chain, W4_PREPARE, 9, 0, 1, 1);
		W4Writer	w = w4_writer(bytes, sizeof(bytes));

		w4_vote_put(&w, &v, c->chain.id);
		peer_message(p, id_of(c, 1), bytes, w.len);
		c->now += 500000 / 64;
		peer_event(p, &(W4Event) {.kind = W4_EV_TICK});
		requests += asked_for_blocks(c) == 1;
	}
	assert_in_range(requests, 4, 8);
	cluster_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps_asking),
		cmocka_unit_test(test_asks_the_only_one)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
