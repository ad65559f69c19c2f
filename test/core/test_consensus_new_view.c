/*-------------------------------------------------------------------------
 *
 * test_consensus_new_view.c
 *		NEW-VIEWs that are not justified, or justified and of no use; evidence,
 *		found and false.
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
send_new_view_of(Cluster *c, Peer *p, W4Vote v, const W4ViewChange *vc, int n, W4Slice block, bool sign_other)
{
	W4VcSummary s[8];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	for (int i = 0; i < n; i++)
		s[i] = vc[i].s;
	w4_justification_hash(v.extra, s, n, c->chain.id);
	v.extra[0] ^= sign_other;
	vote_sign(&c->chain, &v);
	w4_vote_put(&w, &v, c->chain.id);
	w4_put_u8(&w, (uint8_t) n);
	for (int i = 0; i < n; i++)
		w4_vc_put(&w, &vc[i], c->chain.id);
	w4_put_run(&w, block);
	peer_message(p, id_of(c, v.index), bytes, w.len);
}

static void
send_new_view(Cluster *c, Peer *p, W4Vote v, const W4ViewChange *vc, int n, bool sign_other)
{
	send_new_view_of(c, p, v, vc, n, w4_slice(c->store[1].wire, c->store[1].len), sign_other);
}

/* A VIEW-CHANGE that has this block prepared in view 0 by "signers". */
static void
vc_prepared(W4ViewChange *out, const Chain *c, uint64_t height, uint32_t view, int index,
			const uint8_t hash[32], uint64_t signers)
{
	vc_make(out, c, height, view, index, 0, 0, 0);
	memcpy(out->s.vote.hash, hash, 32);
	cert_make(&out->prepared, c, W4_PREPARE, height, 0, hash, signers);
	w4_cert_digest(out->s.digest, &out->prepared, c->id);
	w4_vc_extra(out->s.vote.extra, &out->s);
	vote_sign(c, &out->s.vote);
}

/* The block that peer 2 proposed at height 2. */
static W4Block
proposed_block(Cluster *c)
{
	W4ProposalWire p;
	W4Block		block;

	assert_true(w4_proposal_decode(&p, w4_slice(c->peer[2].proposal, c->peer[2].proposal_len), c->chain.id, CLUSTER_BLOCK, NULL));
	assert_true(w4_block_decode(&block, p.block, c->chain.id, CLUSTER_BLOCK, NULL));
	return block;
}

/* A justification that is none never moves a view; when its proposer signed it, that is evidence. */
static void
test_unjustified_new_views(void **state)
{
	(void) state;
	for (int k = 0; k < 7; k++)
	{
		Cluster    *c = cluster_new(4);
		Peer	   *p = &c->peer[0];
		W4Vote		v;
		W4ViewChange vc[4];
		int			n = 3;

		cluster_work(c, 1);		/* at height 2, view 1, it is the turn of peer 3 */
		v = vote_make(&c->chain, W4_NEW_VIEW, 2, 1, 9, 3);
		for (int i = 0; i < 4; i++)
			vc_make(&vc[i], &c->chain, 2, 1, i, -1, 0, 0);
		switch (k)
		{
			case 0:				/* too few */
				n = 2;
				break;
			case 1:				/* one twice */
				vc[2] = vc[1];
				break;
			case 2:				/* of another view */
				vc_make(&vc[2], &c->chain, 2, 2, 2, -1, 0, 0);
				break;
			case 3:				/* not signed by its sender */
				vc[2].s.vote.signature[0] ^= 1;
				break;
			case 4:				/* a certificate of two */
				vc_make(&vc[2], &c->chain, 2, 1, 2, 0, 9, 0x3);
				break;
			case 5:				/* a member that is none */
				vc[2].s.vote.index = 9;
				break;
			default:			/* not what was signed */
				break;
		}
		send_new_view(c, p, v, vc, n, k == 6);
		assert_int_equal(dropped(p, W4_DROP_BAD_JUSTIFICATION), 1);
		assert_int_equal(peer_view(p).view, 0);
		assert_int_equal(p->evidence, k < 6);
		cluster_free(c);
	}
}

/* A sound justification moves the view; another block than the prepared one convicts and moves on. */
static void
test_wilful_new_view(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	W4ViewChange vc[4];
	W4Vote		v;

	(void) state;
	cluster_work(c, 1);
	v = vote_make(&c->chain, W4_NEW_VIEW, 2, 1, 9, 3);
	for (int i = 1; i < 4; i++)
		vc_make(&vc[i], &c->chain, 2, 1, i, i == 2 ? 0 : -1, 0x44, 0x7);
	send_new_view(c, p, v, vc + 1, 3, false);
	assert_int_equal(p->evidence, 1);
	assert_int_equal(peer_view(p).view, 2);
	assert_int_equal(p->record.prepare.kind, 0);

	/* Not its turn; a view that has gone by. */
	v = vote_make(&c->chain, W4_NEW_VIEW, 2, 2, 9, 3);
	send_new_view(c, p, v, vc + 1, 3, false);
	assert_int_equal(dropped(p, W4_DROP_NOT_PROPOSER), 1);
	v = vote_make(&c->chain, W4_NEW_VIEW, 2, 1, 9, 3);
	send_new_view(c, p, v, vc + 1, 3, false);
	assert_int_equal(dropped(p, W4_DROP_VIEW_PAST), 1);
	cluster_free(c);
}

/* VIEW-CHANGE that denies a COMMIT, whichever comes first: E3. */
static void
test_amnesia_is_found(void **state)
{
	(void) state;
	for (int k = 0; k < 2; k++)
	{
		Cluster    *c = cluster_new(4);
		Peer	   *p = &c->peer[0];
		W4ViewChange vc;
		W4Vote		commit;

		cluster_work(c, 1);
		commit = vote_make(&c->chain, W4_COMMIT, 2, 0, 7, 3);
		vc_make(&vc, &c->chain, 2, 1, 3, -1, 0, 0);
		for (int i = 0; i < 2; i++)
		{
			W4Writer	w = w4_writer(bytes, sizeof(bytes));

			if ((i ^ k) == 0)
				w4_vote_put(&w, &commit, c->chain.id);
			else
				w4_vc_put(&w, &vc, c->chain.id);
			peer_message(p, id_of(c, 3), bytes, w.len);
		}
		assert_int_equal(p->evidence, 1);
		cluster_free(c);
	}
}

static void
test_false_evidence(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	W4Vote		a;
	W4Vote		b;
	uint8_t		body[512];

	(void) state;
	cluster_work(c, 1);
	for (int k = 0; k < 3; k++)
	{
		uint64_t	height = k == 1 ? 50 : 2;
		W4Writer	e = w4_writer(body, sizeof(body));
		W4Writer	w = w4_writer(bytes, sizeof(bytes));

		a = vote_make(&c->chain, W4_PREPARE, height, 0, 1, 3);
		b = vote_make(&c->chain, W4_PREPARE, height, 0, 2, 3);
		b.signature[3] ^= k == 0;
		w4_evidence_put_votes(&e, &a, &b, c->chain.id);
		w4_prefix_put(&w, W4_EVIDENCE, height, c->chain.id);
		w4_put_run(&w, w4_slice(body, e.len));
		peer_message(p, id_of(c, 2), bytes, w.len - (k == 2));
	}
	assert_int_equal(dropped(p, W4_DROP_BAD_EVIDENCE), 2);
	assert_int_equal(dropped(p, W4_DROP_MALFORMED), 1);
	assert_int_equal(p->evidence, 0);
	cluster_free(c);
}

/*
 * One that is justified and proposes nothing of use, said again and again: its
 * view ends in time all the same, though no refusal moves us at once any more.
 */
static void
test_repeated_new_view(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	W4ViewChange vc[3];
	W4Vote		v;
	int64_t		deadline = 0;

	(void) state;
	cluster_work(c, 1);			/* at height 2, view 3, it is the turn of peer 1 */
	v = vote_make(&c->chain, W4_NEW_VIEW, 2, 3, 9, 1);
	for (int i = 0; i < 3; i++)
		vc_make(&vc[i], &c->chain, 2, 3, i + 1, -1, 0, 0);
	for (int k = 0; k < 5; k++)
	{
		send_new_view(c, p, v, vc, 3, false);
		assert_int_equal(peer_view(p).view, 3);
		assert_int_equal(dropped(p, W4_DROP_BAD_BLOCK), (uint64_t) k + 1);
		assert_true(peer_view(p).deadline > c->now);
		assert_true(k == 0 || peer_view(p).deadline == deadline);
		deadline = peer_view(p).deadline;
		c->now += 500000;
	}
	c->now = deadline;
	peer_event(p, &(W4Event) {.kind = W4_EV_TICK});
	assert_int_equal(peer_view(p).view, 4);
	cluster_free(c);
}

/*
 * What was prepared is proposed again: a quorum has judged it, and local policy
 * has no say any more.  Of a fresh block it has, and of a bad one everybody.
 */
static void
test_prepared_blocks_are_wanted(void **state)
{
	static const struct
	{
		W4Verdict	verdict;
		bool		again;
		bool		accepted;
	}			cases[] = {
		{W4_BLOCK_UNWANTED, true, true},
		{W4_BLOCK_UNWANTED, false, false},
		{W4_BLOCK_BAD, true, false}
	};

	(void) state;
	for (size_t k = 0; k < COUNT(cases); k++)
	{
		Cluster    *c = cluster_new(4);
		Peer	   *p = &c->peer[0];
		W4ViewChange vc[4];
		W4Block		block;
		W4Vote		v;

		cluster_propose_alone(c);
		block = proposed_block(c);
		for (int i = 1; i < 4; i++)
			vc_make(&vc[i], &c->chain, 2, 1, i, -1, 0, 0);
		if (cases[k].again)
			vc_prepared(&vc[2], &c->chain, 2, 1, 2, block.hash, 0xE);
		v = vote_make(&c->chain, W4_NEW_VIEW, 2, 1, 0, 3);
		memcpy(v.hash, block.hash, 32);
		p->verdict = cases[k].verdict;
		send_new_view_of(c, p, v, vc + 1, 3, block.wire, false);
		assert_int_equal(p->record.prepare.kind, cases[k].accepted ? W4_PREPARE : 0);
		assert_int_equal(peer_view(p).view, cases[k].accepted ? 1 : 2);
		assert_int_equal(p->evidence, cases[k].verdict == W4_BLOCK_BAD);
		cluster_free(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unjustified_new_views),
		cmocka_unit_test(test_wilful_new_view),
		cmocka_unit_test(test_amnesia_is_found),
		cmocka_unit_test(test_false_evidence),
		cmocka_unit_test(test_repeated_new_view),
		cmocka_unit_test(test_prepared_blocks_are_wanted)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
