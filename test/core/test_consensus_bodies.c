/*-------------------------------------------------------------------------
 *
 * test_consensus_bodies.c
 *		The next proposer, obliged to a block that it has not got.
 *
 * Who says in its VIEW-CHANGE that it prepared a block is asked for it; who does
 * not give it is done without, as soon as a quorum of others is left.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_cluster.h"

#define SECOND 1000000

static void
send_change(Cluster *c, Peer *p, const W4ViewChange *vc)
{
	uint8_t		bytes[W4_VC_WIRE_MAX];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_vc_put(&w, vc, c->chain.id);
	peer_message(p, c->chain.set.m[vc->s.vote.index].id, bytes, w.len);
}

/* Member "index" asks for a view of height 2; "prepared" as in vc_make. */
static void
change(Cluster *c, Peer *p, uint32_t view, int index, int64_t prepared, int hash)
{
	W4ViewChange vc;

	vc_make(&vc, &c->chain, 2, view, index, prepared, hash, w4_mask_all((unsigned) w4_quorum(c->n)));
	send_change(c, p, &vc);
}

static void
wait(Cluster *c, Peer *p, int64_t us)
{
	c->now += us;
	peer_event(p, &(W4Event) {.kind = W4_EV_TICK});
}

/* How often a member was asked for a block, in what is on the way. */
static int
asked(const Cluster *c, int member)
{
	int			n = 0;

	for (int i = c->head; i < c->tail; i++)
		n += c->queue[i].to == member && c->queue[i].bytes[W4_MAGIC_LEN] == W4_FETCH_BODY;
	return n;
}

/* Whose VIEW-CHANGEs justify what this peer has proposed. */
static uint64_t
justified_by(const Cluster *c, const Peer *p)
{
	W4ProposalWire wire;
	W4ViewChange vc;
	uint64_t	mask = 0;
	size_t		pos = 0;

	assert_true(w4_proposal_decode(&wire, w4_slice(p->proposal, p->proposal_len), c->chain.id, CLUSTER_BLOCK, NULL));
	while (w4_justification_next(&vc, wire.justification, &pos, c->chain.id, NULL))
		mask |= w4_mask_bit(vc.s.vote.index);
	return mask;
}

static bool
proposed(const Peer *p, uint32_t view)
{
	return p->record.proposal.kind == W4_NEW_VIEW && p->record.proposal.height == 2 && p->record.proposal.view == view;
}

/* A certificate whose block nobody has but who shows it: without it, but not without a quorum. */
static void
test_block_that_nobody_gives(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[3];	/* proposes in view 1 */

	(void) state;
	cluster_work(c, 1);
	change(c, p, 1, 0, 0, 9);
	change(c, p, 1, 1, -1, 0);
	assert_int_equal(peer_view(p).mode, W4_CHANGING);
	assert_int_equal(asked(c, 0), 1);
	assert_int_equal(asked(c, 1) + asked(c, 2), 0);

	/* Three with it, two without: it has to be had. */
	for (int i = 0; i < 5; i++)
	{
		wait(c, p, SECOND);
		assert_false(proposed(p, 1));
	}
	assert_true(asked(c, 0) > 1);
	assert_int_equal(peer_view(p).view, 1);

	/* It was asked for in vain already, so now nothing keeps the quorum of others. */
	change(c, p, 1, 2, -1, 0);
	assert_true(proposed(p, 1));
	assert_int_equal(justified_by(c, p), 0xE);
	cluster_deliver(c);
	for (int i = 0; i < 4; i++)
	{
		assert_int_equal(c->peer[i].decided, 2);
		assert_int_equal(c->peer[i].evidence, 0);
	}
	cluster_free(c);
}

/* Each holder has a moment to answer, though a quorum of others is there from the first. */
static void
test_holder_has_time(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[3];

	(void) state;
	cluster_work(c, 1);
	change(c, p, 1, 0, 0, 9);
	change(c, p, 1, 1, -1, 0);
	change(c, p, 1, 2, -1, 0);
	wait(c, p, SECOND * 9 / 10);
	assert_false(proposed(p, 1));
	assert_int_equal(asked(c, 0), 1 + (asked(c, 1) + asked(c, 2) == 0));
	wait(c, p, SECOND / 10);
	assert_true(proposed(p, 1));
	assert_int_equal(justified_by(c, p), 0xE);
	cluster_free(c);
}

/* One who shows the certificate gives nothing; the next one has the block, and it is proposed again. */
static void
test_second_holder_gives(void **state)
{
	Cluster    *c = cluster_new(7);
	Peer	   *p = &c->peer[3];
	W4ViewChange vc;

	(void) state;
	cluster_propose_alone(c);
	for (int i = 1; i < 3; i++)
	{
		vc_make(&vc, &c->chain, 2, 1, i, 0, 0, 0);
		memcpy(vc.s.vote.hash, c->peer[2].record.proposal.hash, 32);
		cert_make(&vc.prepared, &c->chain, W4_PREPARE, 2, 0, vc.s.vote.hash, 0x1F);
		w4_cert_digest(vc.s.digest, &vc.prepared, c->chain.id);
		w4_vc_extra(vc.s.vote.extra, &vc.s);
		vote_sign(&c->chain, &vc.s.vote);
		send_change(c, p, &vc);
	}
	for (int i = 4; i < 7; i++)
		change(c, p, 1, i, -1, 0);
	assert_int_equal(asked(c, 1), 1);
	assert_int_equal(asked(c, 2), 0);
	wait(c, p, SECOND);
	assert_false(proposed(p, 1));
	assert_int_equal(asked(c, 2), 1);
	cluster_deliver(c);
	assert_int_equal(c->sent[W4_NEW_VIEW], 6);
	assert_int_equal(justified_by(c, p), 0x7E);
	for (int i = 0; i < 7; i++)
	{
		assert_int_equal(c->peer[i].decided, 2);
		assert_memory_equal(c->peer[i].hashes[2], vc.s.vote.hash, 32);
	}
	cluster_free(c);
}

/* As many private certificates as there are liars, of different views, some of them shown late. */
static void
test_many_private_blocks(void **state)
{
	(void) state;
	for (int late = 0; late < 2; late++)
	{
		Cluster    *c = cluster_new(7);
		Peer	   *p = &c->peer[4];	/* proposes in view 2 */
		int64_t		start;

		cluster_work(c, 1);
		change(c, p, 2, 0, 0, 8);
		for (int i = 2; i < 7; i++)
			if (i != 4)
				change(c, p, 2, i, -1, 0);
		start = c->now;
		wait(c, p, SECOND);
		if (late)
			assert_false(proposed(p, 2));
		change(c, p, 2, 1, 1, 9);
		while (!proposed(p, 2) && c->now - start < 60 * (int64_t) SECOND)
			wait(c, p, SECOND / 10);
		assert_true(proposed(p, 2));
		assert_int_equal(justified_by(c, p), 0x7C);
		assert_true(asked(c, 0) > 0 && asked(c, 1) > 0);
		assert_true(c->now - start < 60 * (int64_t) SECOND / 4);
		cluster_free(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_block_that_nobody_gives),
		cmocka_unit_test(test_holder_has_time),
		cmocka_unit_test(test_second_holder_gives),
		cmocka_unit_test(test_many_private_blocks)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
