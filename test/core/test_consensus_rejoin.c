/*-------------------------------------------------------------------------
 *
 * test_consensus_rejoin.c
 *		Starting again: what is still known of own votes, and what others can show.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_cluster.h"

/* What a peer had on disk at some time. */
typedef struct Backup
{
	W4Record	record;
	W4Tip		tip;
	uint64_t	applied;
} Backup;

static Backup
backup(const Peer *p)
{
	return (Backup) {p->record, p->tip, p->applied};
}

/* Four heights are decided; what this peer had on disk after the first. */
static Backup
four_decided(Cluster *c, const Peer *p)
{
	Backup		old;

	cluster_work(c, 1);
	old = backup(p);
	cluster_work(c, 4);
	return old;
}

/* Database and log of signatures are put back together. */
static void
put_back(Peer *p, const Backup *b, int nonce)
{
	W4Start		start = {.log_present = true, .log = b->record.signed_last};

	p->record = b->record;
	p->tip = b->tip;
	p->applied = p->decided = b->applied;
	p->proposal_len = 0;
	peer_restart(p, &start, nonce);
}

/* All but this one are started again, so nobody remembers its newest vote. */
static void
restart_others(Cluster *c, const Peer *p)
{
	for (int i = 0; i < c->n; i++)
	{
		W4Start		start = {.log_present = true, .log = c->peer[i].record.signed_last};

		if (&c->peer[i] != p)
			peer_restart(&c->peer[i], &start, 100 + i);
	}
}

/* After a crash a peer repeats its votes byte for byte, and signs nothing before others have answered. */
static void
test_restart_keeps_votes(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[1];
	W4Start		start = {.log_present = true};
	W4Vote		prepare;

	(void) state;
	for (int i = 0; i < 4; i++)
		c->peer[i].cut = i != 1;
	cluster_work(c, 1);
	prepare = p->record.prepare;
	assert_int_equal(prepare.kind, W4_PREPARE);
	start.log = p->record.signed_last;
	peer_restart(p, &start, 77);
	assert_false(peer_view(p).signing);
	assert_memory_equal(w4_consensus_record(p->core)->prepare.signature, prepare.signature, 64);
	for (int i = 0; i < 4; i++)
		c->peer[i].cut = false;
	ticks(c, 20);
	assert_true(peer_view(p).signing);
	assert_int_equal(p->decided, 1);
	assert_false(alarmed(p, W4_ALARM_FORGOTTEN_VOTES));
	cluster_free(c);
}

/* The log of signatures is gone: Rule R, nothing signed up to two heights above the others. */
static void
test_rule_r(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	W4Start		start = {.log_present = false};
	uint64_t	resumes;

	(void) state;
	cluster_work(c, 3);
	peer_restart(p, &start, 78);
	ticks(c, 20);
	resumes = w4_consensus_record(p->core)->no_sign_below;
	assert_int_equal(resumes, 3 + 3);
	assert_int_equal(w4_consensus_record(p->core)->rejoining, 0);
	assert_false(peer_view(p).signing);
	cluster_work(c, 5);
	ticks(c, 400);				/* at height 4 it would be this peer's turn to propose */
	assert_int_equal(p->applied, 5);
	assert_true(peer_view(p).height >= resumes);
	assert_true(peer_view(p).signing);
	cluster_free(c);
}

/* Both were set back and nobody noticed, but the others hold a newer vote of this peer. */
static void
test_forgotten_votes(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	Backup		old = four_decided(c, p);

	(void) state;
	put_back(p, &old, 79);
	ticks(c, 30);
	assert_true(alarmed(p, W4_ALARM_FORGOTTEN_VOTES));
	assert_false(peer_view(p).signing);
	cluster_free(c);
}

/*
 * The others have forgotten it, too.  Where they prove that all is decided the
 * peer signs nothing, though it has not got the blocks; and these show its COMMITs.
 */
static void
test_forgotten_by_all(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[2];	/* proposed at height 2 */
	Backup		old = four_decided(c, p);

	(void) state;
	restart_others(c, p);
	put_back(p, &old, 82);
	c->lost = 1u << W4_BLOCKS;
	peer_event(p, &(W4Event) {.kind = W4_EV_WORK, .flag = true});
	ticks(c, 100);
	assert_false(alarmed(p, W4_ALARM_FORGOTTEN_VOTES));
	assert_int_equal(peer_view(p).height, 2);
	assert_false(peer_view(p).signing);
	assert_int_equal(p->record.proposal.kind, 0);
	assert_int_equal(p->record.view_change.vote.kind, 0);
	c->lost = 0;
	ticks(c, 100);
	assert_int_equal(p->applied, 4);
	assert_true(alarmed(p, W4_ALARM_FORGOTTEN_VOTES));
	assert_int_equal(p->record.no_sign_below, 4 + 3);
	assert_int_equal(p->evidence + c->peer[0].evidence, 0);
	cluster_free(c);
}

/* A disk that was formatted anew, under the old key: the chain shows what it signed. */
static void
test_formatted(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[1];
	W4Tip		genesis = p->tip;
	W4Start		start = {.tip = &genesis, .fresh = true, .nonce = {83}};

	(void) state;
	cluster_work(c, 4);
	restart_others(c, p);
	p->applied = p->decided = 0;
	peer_start(p, &start);
	ticks(c, 100);
	assert_int_equal(p->applied, 4);
	assert_true(alarmed(p, W4_ALARM_FORGOTTEN_VOTES));
	assert_int_equal(p->record.no_sign_below, 4 + 3);
	cluster_free(c);
}

/* An operator who has compared the logs of signatures lets it sign at the next height. */
static void
test_force_resume(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[2];
	Backup		old = four_decided(c, p);

	(void) state;
	put_back(p, &old, 84);
	ticks(c, 100);
	assert_int_equal(p->applied, 4);
	assert_false(peer_view(p).signing);
	peer_event(p, &(W4Event) {.kind = W4_EV_FORCE_RESUME});
	assert_int_equal(p->record.no_sign_below, 5 + 1);
	cluster_work(c, 5);
	ticks(c, 100);
	assert_int_equal(p->applied, 5);
	assert_true(peer_view(p).signing);
	cluster_free(c);
}

/*
 * One is cut off when it has voted for height 2, the others decide it and have
 * nothing to give but the certificate in their answer: that will do, since at a
 * height that is decided no vote of this peer is to be had any more.
 */
static void
test_answer_decides(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	W4Start		start = {.log_present = true};

	(void) state;
	cluster_propose_alone(c);
	peer_message(p, c->chain.set.m[2].id, c->peer[2].proposal, c->peer[2].proposal_len);
	assert_int_equal(p->record.prepare.kind, W4_PREPARE);
	p->cut = true;
	ticks(c, 30);
	assert_int_equal(c->peer[2].applied, 2);
	assert_int_equal(p->applied, 1);
	start.log = p->record.signed_last;
	peer_restart(p, &start, 85);
	p->cut = false;
	c->lost = 1u << W4_BLOCKS | 1u << W4_COMMITTED;
	c->peer[1].cut = c->peer[2].cut = c->peer[3].cut = false;
	ticks(c, 30);
	assert_int_equal(p->applied, 2);
	assert_memory_equal(p->hashes[2], c->peer[2].hashes[2], 32);
	assert_false(alarmed(p, W4_ALARM_FORGOTTEN_VOTES));
	assert_true(peer_view(p).signing);
	cluster_free(c);
}

/*
 * The answer that raises an alarm about peer 2 decides the block with which
 * peer 0 leaves, in the same step: all indexes move, and the alarm is about peer 2.
 */
static void
test_alarm_names_who_moved(void **state)
{
	Cluster    *c = cluster_new(5);
	Peer	   *p = &c->peer[3];
	W4Start		start = {.log_present = true};

	(void) state;
	c->change_at = 1;
	c->change_to = c->chain.set;
	assert_true(w4_members_remove(&c->change_to, c->chain.set.m[0].id));
	w4_members_seal(&c->change_to);
	cluster_propose_alone(c);
	peer_message(p, c->chain.set.m[2].id, c->peer[2].proposal, c->peer[2].proposal_len);
	p->cut = true;
	ticks(c, 30);
	assert_int_equal(c->peer[2].applied, 2);
	start.log = p->record.signed_last;
	peer_restart(p, &start, 86);
	peer_status(p, 2, 1, &(W4Report) {.incarnation = c->peer[2].record.incarnation, .nonce = {0xEE}});
	assert_false(alarmed(p, W4_ALARM_DUPLICATE_SIGNER));
	c->lost = 1u << W4_BLOCKS | 1u << W4_COMMITTED;
	p->cut = false;
	c->peer[0].cut = c->peer[1].cut = c->peer[4].cut = true;
	ticks(c, 10);
	assert_int_equal(p->applied, 2);
	assert_int_equal(w4_consensus_tip(p->core)->members[1].n, 4);
	assert_true(alarmed(p, W4_ALARM_DUPLICATE_SIGNER));
	assert_memory_equal(p->alarm_id, c->chain.set.m[2].id, 32);
	cluster_free(c);
}

/* The log knows more than the record: the position is exact, Rule R is not needed. */
static void
test_log_ahead(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	W4Start		start = {.log_present = true};

	(void) state;
	cluster_work(c, 2);
	start.log = p->record.signed_last;
	start.log.height += 5;
	peer_restart(p, &start, 80);
	assert_int_equal(w4_consensus_record(p->core)->no_sign_below, start.log.height + 1);
	assert_int_equal(w4_consensus_record(p->core)->rejoining, 0);
	peer_event(p, &(W4Event) {.kind = W4_EV_FORCE_RESUME});
	assert_int_equal(w4_consensus_record(p->core)->no_sign_below, peer_view(p).height + 1);
	cluster_free(c);
}

static void
test_damaged_record(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		junk[100] = {1};
	W4Tip		tip;
	W4Start		start = {.log_present = true, .record = {junk, sizeof(junk)}, .nonce = {81}};

	(void) state;
	cluster_work(c, 2);
	tip = p->tip;
	start.tip = &tip;
	start.log = p->record.signed_last;
	peer_start(p, &start);
	assert_true(alarmed(p, W4_ALARM_BAD_RECORD));
	assert_int_equal(w4_consensus_record(p->core)->rejoining, 1);
	cluster_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restart_keeps_votes),
		cmocka_unit_test(test_rule_r),
		cmocka_unit_test(test_forgotten_votes),
		cmocka_unit_test(test_forgotten_by_all),
		cmocka_unit_test(test_formatted),
		cmocka_unit_test(test_force_resume),
		cmocka_unit_test(test_answer_decides),
		cmocka_unit_test(test_alarm_names_who_moved),
		cmocka_unit_test(test_log_ahead),
		cmocka_unit_test(test_damaged_record)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
