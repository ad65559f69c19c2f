/*-------------------------------------------------------------------------
 *
 * test_consensus_liars.c
 *		Liars that leave no proof in one place, and disks that lie.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_cluster.h"

static void
send_vote(Cluster *c, Peer *to, int from, const W4Vote *v)
{
	uint8_t		bytes[W4_VOTE_WIRE_LEN];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_vote_put(&w, v, c->chain.id);
	peer_message(to, c->chain.set.m[from].id, bytes, w.len);
}

/* --- bad signatures --- */

/* Three of them over one channel, and its peer is accused; none of them moves anything. */
static void
test_bad_signatures_are_accused(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];

	(void) state;
	cluster_work(c, 1);
	for (uint32_t view = 0; view < 3; view++)
	{
		W4Vote		v = vote_make(&c->chain, W4_PREPARE, 2, view, 9, 3);

		assert_int_equal(p->accused, 0);
		v.signature[5] ^= 1;
		send_vote(c, p, 2, &v); /* in the name of another: not even looked at */
		send_vote(c, p, 3, &v);
	}
	assert_int_equal(p->accused, 1);
	assert_int_equal(dropped(p, W4_DROP_BAD_SIGNATURE), 3);
	assert_int_equal(dropped(p, W4_DROP_NOT_ITS_OWN), 3);
	assert_int_equal(p->record.view, 0);
	cluster_free(c);
}

/*
 * VIEW-CHANGEs with too few PREPAREs, with those of another height, and with
 * those of another height under this one's label: none counts, three accuse.
 */
static void
test_void_certificates_are_accused(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];

	(void) state;
	cluster_work(c, 1);
	for (uint32_t view = 1; view <= 3; view++)
	{
		uint8_t		bytes[W4_VC_WIRE_MAX];
		W4Writer	w = w4_writer(bytes, sizeof(bytes));
		W4ViewChange vc;

		assert_int_equal(p->accused, 0);
		vc_make(&vc, &c->chain, 2, view, 3, 0, 9, view == 1 ? 0x6 : 0xE);
		if (view > 1)
		{
			cert_make(&vc.prepared, &c->chain, W4_PREPARE, 1, 0, vc.s.vote.hash, 0xE);
			vc.prepared.height = view == 2 ? 1 : 2;
			w4_cert_digest(vc.s.digest, &vc.prepared, c->chain.id);
			w4_vc_extra(vc.s.vote.extra, &vc.s);
			vote_sign(&c->chain, &vc.s.vote);
		}
		w4_vc_put(&w, &vc, c->chain.id);
		peer_message(p, c->chain.set.m[3].id, bytes, w.len);
	}
	assert_int_equal(dropped(p, W4_DROP_BAD_CERTIFICATE), 3);
	assert_int_equal(p->accused, 1);
	assert_int_equal(p->record.view, 0);
	cluster_free(c);
}

/* --- two proposals --- */

/* The same block with another time, signed by peer 2 as well. */
static size_t
other_proposal(Cluster *c, uint8_t *out)
{
	W4ProposalWire p;
	W4Block		block;
	W4Writer	w = w4_writer(out, W4_VOTE_WIRE_LEN);
	size_t		len = c->peer[2].proposal_len;

	memcpy(out, c->peer[2].proposal, len);
	assert_true(w4_proposal_decode(&p, w4_slice(out, len), c->chain.id, CLUSTER_BLOCK, NULL));
	out[(size_t) (p.block.data - out) + 2 + 32 + 8 + 7] ^= 2;
	assert_true(w4_block_decode(&block, p.block, c->chain.id, CLUSTER_BLOCK, NULL));
	memcpy(p.vote.hash, block.hash, 32);
	vote_sign(&c->chain, &p.vote);
	w4_vote_put(&w, &p.vote, c->chain.id);
	return len;
}

/*
 * A proposer shows two halves two blocks.  Who sees f + 1 others vote for
 * another one asks for their proposal, and holds both: E1.
 */
static void
test_halves_compare_proposals(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		bytes[8192];
	size_t		len;

	(void) state;
	cluster_propose_alone(c);
	len = other_proposal(c, bytes);
	peer_message(p, c->chain.set.m[2].id, bytes, len);
	assert_int_equal(p->record.prepare.height, 2);
	for (int i = 1; i < 4; i += 2)
	{
		W4Vote		v = vote_make(&c->chain, W4_PREPARE, 2, 0, 0, i);

		memcpy(v.hash, c->peer[2].record.proposal.hash, 32);
		vote_sign(&c->chain, &v);
		send_vote(c, p, i, &v);
	}
	c->now += 200000;
	peer_event(p, &(W4Event) {.kind = W4_EV_TICK});
	assert_int_equal(c->sent[W4_FETCH_PROPOSAL], 1);
	peer_message(p, c->chain.set.m[1].id, c->peer[2].proposal, c->peer[2].proposal_len);
	assert_int_equal(p->evidence, 1);

	/* It has its answer and asks no more. */
	c->now += 1000000;
	peer_event(p, &(W4Event) {.kind = W4_EV_TICK});
	assert_int_equal(c->sent[W4_FETCH_PROPOSAL], 1);
	cluster_free(c);
}

/* --- a proposal that somebody passes on, not as it was --- */

typedef enum Altered
{
	OTHER_BLOCK,				/* under the hash and signature of the real one */
	NO_BLOCK,					/* neither */
	FORGED,						/* another block with its own hash, not signed by the proposer */
	ALTERED
} Altered;

static size_t
altered(Cluster *c, Altered how, uint8_t *out)
{
	size_t		len = other_proposal(c, out);

	if (how == FORGED)
		out[W4_VOTE_BYTES + 7] ^= 1;
	else
		memcpy(out, c->peer[2].proposal, W4_VOTE_WIRE_LEN);
	if (how == NO_BLOCK)
		out[W4_VOTE_WIRE_LEN + 4] ^= 0x80;
	return len;
}

/* It counts against who passed it on, and the view of an honest proposer goes on. */
static void
test_altered_proposal(void **state)
{
	(void) state;
	for (int how = 0; how < ALTERED; how++)
	{
		Cluster    *c = cluster_new(4);
		Peer	   *p = &c->peer[0];
		uint8_t		bytes[8192];
		size_t		len;

		cluster_propose_alone(c);
		len = altered(c, how, bytes);
		for (int i = 0; i < W4_STRIKES; i++)
		{
			assert_int_equal(p->accused, 0);
			peer_message(p, c->chain.set.m[3].id, bytes, len);
			assert_int_equal(dropped(p, how == FORGED ? W4_DROP_BAD_SIGNATURE : W4_DROP_BAD_BLOCK), (uint64_t) i + 1);
			assert_int_equal(peer_view(p).view, 0);
			assert_int_equal(p->record.prepare.kind, 0);
		}
		assert_int_equal(p->accused, 1);
		peer_message(p, c->chain.set.m[2].id, c->peer[2].proposal, c->peer[2].proposal_len);
		assert_int_equal(p->record.prepare.kind, W4_PREPARE);
		assert_memory_equal(p->record.prepare.hash, c->peer[2].record.proposal.hash, 32);
		cluster_free(c);
	}
}

/* The proposer itself sends another block than it signed: no proof, but no use in waiting either. */
static void
test_proposer_alters(void **state)
{
	(void) state;
	for (int how = OTHER_BLOCK; how <= NO_BLOCK; how++)
	{
		Cluster    *c = cluster_new(4);
		Peer	   *p = &c->peer[0];
		uint8_t		bytes[8192];

		cluster_propose_alone(c);
		peer_message(p, c->chain.set.m[2].id, bytes, altered(c, how, bytes));
		assert_int_equal(dropped(p, W4_DROP_BAD_BLOCK), 1);
		assert_int_equal(peer_view(p).view, 1);
		cluster_free(c);
	}
}

/*
 * The same while a peer is one height behind, before the real proposal comes and
 * after it; and from somebody who is no member, though it be the real one.
 */
static void
test_altered_next_proposal(void **state)
{
	(void) state;
	for (int k = 0; k < 2 * ALTERED; k++)
	{
		Cluster    *c = cluster_new(4);
		Peer	   *p = &c->peer[0];
		W4Slice		real;
		uint8_t		stranger[32] = {1};
		uint8_t		bytes[8192];
		uint8_t		blocks[8192];
		W4Writer	w = w4_writer(blocks, sizeof(blocks));
		size_t		len;

		p->cut = true;
		cluster_propose_alone(c);
		real = w4_slice(c->peer[2].proposal, c->peer[2].proposal_len);
		assert_int_equal(peer_view(p).height, 1);
		peer_message(p, stranger, real.data, real.len);
		assert_int_equal(dropped(p, W4_DROP_UNKNOWN_MEMBER), 1);
		if (k >= ALTERED)
			peer_message(p, c->chain.set.m[2].id, real.data, real.len);
		len = altered(c, k % ALTERED, bytes);
		peer_message(p, c->chain.set.m[3].id, bytes, len);
		if (k < ALTERED)
		{
			assert_int_equal(dropped(p, W4_DROP_BAD_BLOCK) + dropped(p, W4_DROP_BAD_SIGNATURE), 1);
			peer_message(p, c->chain.set.m[2].id, real.data, real.len);
			assert_int_equal(dropped(p, W4_DROP_DUPLICATE), 0);
		}

		w4_prefix_put(&w, W4_BLOCKS, 1, c->chain.id);
		w4_blocks_put(&w, w4_slice(c->store[1].wire, c->store[1].len), &c->store[1].cert, c->chain.id);
		peer_message(p, c->chain.set.m[1].id, w.buf, w.len);
		assert_int_equal(peer_view(p).height, 2);
		assert_int_equal(peer_view(p).view, 0);
		assert_int_equal(p->record.prepare.kind, W4_PREPARE);
		assert_memory_equal(p->record.prepare.hash, c->peer[2].record.proposal.hash, 32);
		cluster_free(c);
	}
}

/* --- evidence that is none --- */

static void
send_evidence(Cluster *c, Peer *to, const uint8_t from[32], const W4Writer *evidence)
{
	uint8_t		bytes[8192];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_prefix_put(&w, W4_EVIDENCE, w4_evidence_height(w4_slice(evidence->buf, evidence->len)), c->chain.id);
	w4_put_run(&w, w4_slice(evidence->buf, evidence->len));
	peer_message(to, from, bytes, w.len);
}

/* The proposal that peer 2 made, as evidence against it; it breaks no rule. */
static W4Writer
good_block(Cluster *c, uint8_t *out, size_t cap, bool forged)
{
	W4Writer	w = w4_writer(out, cap);
	W4ProposalWire p;

	assert_true(w4_proposal_decode(&p, w4_slice(c->peer[2].proposal, c->peer[2].proposal_len), c->chain.id, CLUSTER_BLOCK, NULL));
	p.vote.signature[5] ^= forged;
	w4_evidence_put_block(&w, &p.vote, p.block, c->chain.id);
	return w;
}

/* Judging a block verifies all its transactions: not for a proposer's signature that is forged. */
static void
test_forged_evidence_is_accused(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		bytes[4096];
	W4Writer	w;

	(void) state;
	cluster_propose_alone(c);
	w = good_block(c, bytes, sizeof(bytes), true);
	p->judged = 0;
	for (int k = 0; k < 3; k++)
	{
		assert_int_equal(p->accused, 0);
		send_evidence(c, p, c->chain.set.m[3].id, &w);
	}
	assert_int_equal(p->judged, 0);
	assert_int_equal(p->accused, 1);
	assert_memory_equal(p->accused_id, c->chain.set.m[3].id, 32);
	assert_int_equal(dropped(p, W4_DROP_BAD_EVIDENCE), 3);

	/* A NEW-VIEW that its proposer did not sign says nothing about it. */
	for (int k = 0; k < 3; k++)
	{
		W4Vote		v = vote_make(&c->chain, W4_NEW_VIEW, 2, 1, 1, 2);
		W4ViewChange vc[3];
		W4VcSummary s[3];

		for (int i = 0; i < 3; i++)
		{
			vc_make(&vc[i], &c->chain, 2, 1, i, -1, 0, 0);
			s[i] = vc[i].s;
		}
		w4_justification_hash(v.extra, s, 3, c->chain.id);
		w = w4_writer(bytes, sizeof(bytes));
		w4_evidence_put_new_view(&w, &v, s, 3, W4_NO_CULPRIT, NULL, c->chain.id);
		send_evidence(c, p, c->chain.set.m[1].id, &w);
	}
	assert_int_equal(p->accused, 2);
	cluster_free(c);
}

/* A true proposal that breaks no rule is judged now and then, not as often as somebody says it does. */
static void
test_groundless_evidence_is_rare(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		bytes[4096];
	uint8_t		stranger[32] = {0xB0};
	W4Writer	w;

	(void) state;
	cluster_propose_alone(c);
	w = good_block(c, bytes, sizeof(bytes), false);
	p->judged = 0;
	for (int k = 0; k < 50; k++)
	{
		stranger[1] = (uint8_t) k;
		send_evidence(c, p, c->chain.set.m[3].id, &w);
		send_evidence(c, p, stranger, &w);
	}
	assert_int_equal(p->accused, 0);	/* it may be true at another height */
	assert_in_range(p->judged, 1, 2 * 8);
	assert_true(dropped(p, W4_DROP_RATE) >= 100 - 2 * 8);
	cluster_free(c);
}

/* Peer 0 finds that peer 3 voted twice, while a flush is under way. */
static void
find_double_vote(Cluster *c, Peer *p)
{
	p->hold_persist = true;
	peer_message(p, c->chain.set.m[2].id, c->peer[2].proposal, c->peer[2].proposal_len);
	assert_int_equal(p->record.prepare.height, 2);
	for (int hash = 7; hash < 9; hash++)
	{
		W4Vote		v = vote_make(&c->chain, W4_PREPARE, 2, 0, hash, 3);

		send_vote(c, p, 3, &v);
	}
	assert_int_equal(p->evidence, 1);
	assert_int_equal(c->sent[W4_EVIDENCE], 0);
}

/* Evidence that waits for a flush is told, whatever comes meanwhile: false, known, or true. */
static void
test_found_evidence_is_told(void **state)
{
	for (int k = 0; k < 3; k++)
	{
		Cluster    *c = cluster_new(4);
		Peer	   *p = &c->peer[0];
		uint8_t		bytes[4096];
		W4Writer	w = w4_writer(bytes, sizeof(bytes));
		W4Vote		a = vote_make(&c->chain, W4_COMMIT, 2, 0, 7, 3);
		W4Vote		b = vote_make(&c->chain, W4_COMMIT, 2, 0, 8, 3);

		(void) state;
		cluster_propose_alone(c);
		find_double_vote(c, p);
		if (k == 0)
			w = good_block(c, bytes, sizeof(bytes), true);
		else if (k == 1)
		{
			W4Vote		again = vote_make(&c->chain, W4_PREPARE, 2, 0, 9, 3);

			send_vote(c, p, 3, &again);
		}
		else
			w4_evidence_put_votes(&w, &a, &b, c->chain.id);
		if (k != 1)
			send_evidence(c, p, c->chain.set.m[1].id, &w);
		assert_int_equal(p->evidence, k == 2 ? 2 : 1);
		peer_event(p, &(W4Event) {.kind = W4_EV_PERSISTED, .token = p->unacknowledged});
		assert_int_equal(c->sent[W4_EVIDENCE], 3);
		cluster_free(c);
	}
}

/* --- from a disk that lies --- */

static void
ask_for_proposal(Cluster *c, Peer *p)
{
	uint8_t		bytes[W4_MESSAGE_PREFIX_LEN + 4];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_prefix_put(&w, W4_FETCH_PROPOSAL, 2, c->chain.id);
	w4_put_u32be(&w, 0);
	peer_message(p, c->chain.set.m[1].id, bytes, w.len);
}

/* A proposal is taken back only if it is the one that was accepted, to the last bit. */
static void
test_damaged_proposal(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[2];
	W4Start		start = {.log_present = true};

	(void) state;
	cluster_propose_alone(c);
	start.log = p->record.signed_last;
	for (size_t at = W4_MESSAGE_PREFIX_LEN; at <= p->proposal_len; at += 23)
	{
		bool		whole = at + 23 > p->proposal_len;

		p->proposal[at % p->proposal_len] ^= whole ? 0 : 4;
		peer_restart(p, &start, (int) (at % 200) + 20);
		ask_for_proposal(c, p);
		assert_int_equal(dropped(p, W4_DROP_NOT_WANTED), !whole);
		p->proposal[at % p->proposal_len] ^= whole ? 0 : 4;
	}
	cluster_free(c);
}

/* Who lost its record does not know how often it was started: it goes on from the clock, and is heard. */
static void
test_lives_are_counted_on(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	W4Start		start = {.log_present = true};
	W4Tip		tip;

	(void) state;
	for (int life = 0; life < 3; life++)
	{
		peer_restart(p, &start, 40 + life);
		cluster_deliver(c);
	}
	cluster_work(c, 1);
	tip = p->tip;
	start = (W4Start) {.tip = &tip, .nonce = {50}};
	peer_start(p, &start);
	cluster_deliver(c);
	assert_int_equal(w4_consensus_record(p->core)->rejoining, 0);
	for (int i = 1; i < 4; i++)
	{
		assert_int_equal(dropped(&c->peer[i], W4_DROP_STALE_INCARNATION), 0);
		assert_false(alarmed(&c->peer[i], W4_ALARM_DUPLICATE_SIGNER));
	}
	cluster_free(c);
}

/* --- one key twice --- */

static void
send_status(Peer *to, uint64_t height, uint64_t incarnation, uint8_t nonce)
{
	peer_status(to, 2, height, &(W4Report) {.incarnation = incarnation, .nonce = {nonce}});
}

/* A clone was started once more often than the original, which goes on: its heights betray it. */
static void
test_older_life_goes_on(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];

	(void) state;
	send_status(p, 5, 9, 1);
	send_status(p, 4, 8, 2);
	send_status(p, 5, 8, 2);	/* late, no more */
	assert_false(alarmed(p, W4_ALARM_DUPLICATE_SIGNER));
	send_status(p, 6, 8, 2);
	assert_true(alarmed(p, W4_ALARM_DUPLICATE_SIGNER));
	assert_int_equal(dropped(p, W4_DROP_STALE_INCARNATION), 3);
	cluster_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_signatures_are_accused),
		cmocka_unit_test(test_void_certificates_are_accused),
		cmocka_unit_test(test_halves_compare_proposals),
		cmocka_unit_test(test_altered_proposal),
		cmocka_unit_test(test_proposer_alters),
		cmocka_unit_test(test_altered_next_proposal),
		cmocka_unit_test(test_forged_evidence_is_accused),
		cmocka_unit_test(test_groundless_evidence_is_rare),
		cmocka_unit_test(test_found_evidence_is_told),
		cmocka_unit_test(test_damaged_proposal),
		cmocka_unit_test(test_lives_are_counted_on),
		cmocka_unit_test(test_older_life_goes_on),
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
