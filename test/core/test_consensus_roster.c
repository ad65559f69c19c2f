/*-------------------------------------------------------------------------
 *
 * test_consensus_roster.c
 *		Members by quorum, two heights later; strikes and accusations.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_fixture.h"
#include "core/consensus/history.h"
#include "core/consensus/roster.h"
#include "core/consensus/strikes.h"

static W4Motion
motion(W4MotionKind kind, int id, int subject, int key, uint64_t expiry)
{
	W4Motion	m;
	uint8_t		secret[64];

	memset(&m, 0, sizeof(m));
	memset(m.id, id, 32);
	m.kind = (uint8_t) kind;
	peer_id(m.subject, subject);
	peer_keys(m.key, secret, key);
	m.expiry = expiry;
	return m;
}

static const uint8_t *
voter(const Chain *c, int i)
{
	return c->set.m[i].id;
}

/* Passes with the third yes of four; holds two heights later; the next change waits. */
static void
test_quorum_and_delay(void **state)
{
	Chain		c;
	W4Roster	r;
	W4Members	after;
	W4Members	same;
	W4Motion	add = motion(W4_MOTION_ADD, 1, 9, 9, 100);
	W4Motion	remove = motion(W4_MOTION_REMOVE, 2, 0, 0, 100);

	(void) state;
	chain_init(&c, 4);
	memset(&r, 0, sizeof(r));
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &add, 10), W4_ROSTER_OK);
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &add, 10), W4_ROSTER_DUPLICATE);
	assert_int_equal(w4_roster_vote(&r, &c.set, voter(&c, 0), add.id, 10), W4_ROSTER_DUPLICATE);
	assert_int_equal(w4_roster_vote(&r, &c.set, voter(&c, 1), add.id, 10), W4_ROSTER_OK);
	assert_false(w4_roster_end_block(&r, &c.set, &c.set, 10, &after));
	assert_int_equal(w4_roster_vote(&r, &c.set, voter(&c, 3), add.id, 11), W4_ROSTER_PASSED);
	assert_int_equal(w4_roster_vote(&r, &c.set, voter(&c, 2), add.id, 11), W4_ROSTER_DUPLICATE);
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &remove, 11), W4_ROSTER_OK);
	assert_true(w4_roster_end_block(&r, &c.set, &c.set, 11, &after));
	assert_int_equal(after.n, 5);
	assert_true(w4_members_may_follow(&c.set, &after));

	/* Under way until height 13: what passes at 12 waits. */
	assert_int_equal(w4_roster_vote(&r, &c.set, voter(&c, 1), remove.id, 12), W4_ROSTER_OK);
	assert_int_equal(w4_roster_vote(&r, &c.set, voter(&c, 2), remove.id, 12), W4_ROSTER_PASSED);
	same = after;
	assert_false(w4_roster_end_block(&r, &c.set, &after, 12, &same));
	w4_roster_follow(&r, &c.set, &after);
	assert_true(w4_roster_end_block(&r, &after, &after, 13, &same));
	assert_int_equal(same.n, 4);
	assert_int_equal(w4_members_find(&same, voter(&c, 0)), W4_NO_MEMBER);
	assert_int_equal(r.motions, 0);
}

static void
test_refused_motions(void **state)
{
	Chain		c;
	W4Roster	r;
	W4Motion	m;
	W4Members	after;
	uint8_t		stranger[32] = {1};

	(void) state;
	chain_init(&c, 4);
	memset(&r, 0, sizeof(r));
	m = motion(W4_MOTION_ADD, 1, 9, 9, 100);
	assert_int_equal(w4_roster_propose(&r, &c.set, stranger, &m, 10), W4_ROSTER_NOT_MEMBER);
	assert_int_equal(w4_roster_vote(&r, &c.set, stranger, m.id, 10), W4_ROSTER_NOT_MEMBER);
	assert_int_equal(w4_roster_vote(&r, &c.set, voter(&c, 0), m.id, 10), W4_ROSTER_UNKNOWN_MOTION);
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 101), W4_ROSTER_EXPIRED);
	m = motion(W4_MOTION_ADD, 2, 1, 9, 100);	/* is a member */
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 10), W4_ROSTER_POINTLESS);
	m = motion(W4_MOTION_ADD, 3, 9, 1, 100);	/* with a member's key */
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 10), W4_ROSTER_POINTLESS);
	m = motion(W4_MOTION_REMOVE, 4, 9, 9, 100);
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 10), W4_ROSTER_POINTLESS);
	m = motion(W4_MOTION_ROTATE, 5, 9, 9, 100);
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 10), W4_ROSTER_POINTLESS);
	m = motion(W4_MOTION_ROTATE, 6, 1, 2, 100);
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 10), W4_ROSTER_POINTLESS);
	m.kind = 9;
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 10), W4_ROSTER_POINTLESS);

	/* Bounded for each; an expired one makes room. */
	for (int i = 0; i < W4_MOTIONS_EACH; i++)
	{
		m = motion(W4_MOTION_ADD, 100 + i, 20 + i, 20 + i, 50);
		assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 10), W4_ROSTER_OK);
	}
	m = motion(W4_MOTION_ADD, 99, 9, 9, 100);
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 10), W4_ROSTER_FULL);
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 1), &m, 10), W4_ROSTER_OK);
	memset(m.id, 98, 32);
	assert_false(w4_roster_end_block(&r, &c.set, &c.set, 49, &after));
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 50), W4_ROSTER_FULL);
	assert_false(w4_roster_end_block(&r, &c.set, &c.set, 50, &after));
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 51), W4_ROSTER_OK);
}

static void
test_leave_and_last_peer(void **state)
{
	Chain		c;
	W4Roster	r;
	W4Members	after;
	uint8_t		id[32] = {1};

	(void) state;
	chain_init(&c, 2);
	memset(&r, 0, sizeof(r));
	assert_int_equal(w4_roster_remove(&r, &c.set, voter(&c, 0), id), W4_ROSTER_PASSED);
	assert_int_equal(w4_roster_remove(&r, &c.set, voter(&c, 0), id), W4_ROSTER_DUPLICATE);
	assert_int_equal(w4_roster_remove(&r, &c.set, voter(&c, 1), id), W4_ROSTER_PASSED);
	assert_true(w4_roster_end_block(&r, &c.set, &c.set, 5, &after));
	assert_int_equal(after.n, 1);
	c.set = after;

	/* The last one stays, whatever had passed. */
	assert_false(w4_roster_end_block(&r, &c.set, &c.set, 9, &after));
	assert_int_equal(r.motions, 0);
	assert_int_equal(w4_roster_remove(&r, &c.set, voter(&c, 0), id), W4_ROSTER_POINTLESS);
}

/* Votes stay with those who gave them when the set changes. */
static void
test_votes_follow_members(void **state)
{
	Chain		c;
	W4Roster	r;
	W4Members	next;
	W4Motion	m = motion(W4_MOTION_ROTATE, 1, 1, 50, 100);

	(void) state;
	chain_init(&c, 4);
	memset(&r, 0, sizeof(r));
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 0), &m, 1), W4_ROSTER_OK);
	assert_int_equal(w4_roster_vote(&r, &c.set, voter(&c, 3), m.id, 1), W4_ROSTER_OK);
	next = c.set;
	assert_true(w4_members_remove(&next, voter(&c, 0)));
	w4_members_seal(&next);
	w4_roster_follow(&r, &c.set, &next);
	assert_int_equal(r.motion[0].yes, 0x4);
	assert_false(r.motion[0].passed);
	w4_roster_follow(&r, &next, &next);
	assert_int_equal(w4_roster_vote(&r, &next, voter(&c, 3), m.id, 2), W4_ROSTER_DUPLICATE);
	assert_int_equal(w4_roster_vote(&r, &next, voter(&c, 2), m.id, 2), W4_ROSTER_PASSED);

	/* Two yes of four are not enough, but of three they are: nobody who has voted can vote again. */
	memset(&r, 0, sizeof(r));
	assert_int_equal(w4_roster_propose(&r, &c.set, voter(&c, 1), &m, 1), W4_ROSTER_OK);
	assert_int_equal(w4_roster_vote(&r, &c.set, voter(&c, 2), m.id, 1), W4_ROSTER_OK);
	w4_roster_follow(&r, &c.set, &next);
	assert_true(r.motion[0].passed);
}

/* --- strikes --- */

static W4Conviction
conviction(int peer, uint64_t height, W4VoteKind kind)
{
	W4Conviction c;

	memset(&c, 0, sizeof(c));
	peer_id(c.id, peer);
	c.height = height;
	c.kind = (uint8_t) kind;
	return c;
}

static void
test_three_strikes(void **state)
{
	static W4Strikes s;
	W4Conviction c = conviction(1, 5, W4_PREPARE);

	(void) state;
	memset(&s, 0, sizeof(s));
	assert_int_equal(w4_strikes_convict(&s, &c, W4_STRIKES, 6), W4_STRIKE_COUNTED);
	assert_true(w4_strikes_known(&s, &c));
	assert_int_equal(w4_strikes_convict(&s, &c, W4_STRIKES, 7), W4_STRIKE_KNOWN);
	c = conviction(2, 5, W4_PREPARE);
	assert_int_equal(w4_strikes_convict(&s, &c, W4_STRIKES, 7), W4_STRIKE_COUNTED);
	c = conviction(1, 5, W4_COMMIT);
	assert_int_equal(w4_strikes_convict(&s, &c, W4_STRIKES, 7), W4_STRIKE_COUNTED);
	c = conviction(1, 6, W4_COMMIT);
	assert_int_equal(w4_strikes_convict(&s, &c, W4_STRIKES, 7), W4_STRIKE_EJECTED);
	assert_int_equal(w4_strikes_of(&s, c.id, 7), 3);

	/* Stale, or of a height that has not been. */
	c = conviction(1, 8, W4_COMMIT);
	assert_int_equal(w4_strikes_convict(&s, &c, W4_STRIKES, 7), W4_STRIKE_STALE);
	assert_int_equal(w4_strikes_convict(&s, &c, W4_STRIKES, 9 + W4_EVIDENCE_WINDOW), W4_STRIKE_STALE);

	/* Old strikes expire. */
	c = conviction(1, 20000, W4_COMMIT);
	assert_int_equal(w4_strikes_convict(&s, &c, W4_STRIKES, 20000), W4_STRIKE_COUNTED);
	assert_int_equal(s.strikes, 1);
	memset(&s, 0, sizeof(s));
	assert_int_equal(w4_strikes_convict(&s, &c, 1, 20000), W4_STRIKE_EJECTED);
}

static void
test_strikes_are_bounded(void **state)
{
	static W4Strikes s;

	(void) state;
	memset(&s, 0, sizeof(s));
	for (uint64_t h = 1; h <= 2 * W4_MAX_CONVICTIONS; h++)
	{
		W4Conviction c = conviction((int) (h % 64), h, W4_PREPARE);

		(void) w4_strikes_convict(&s, &c, W4_STRIKES, h);
	}
	assert_int_equal(s.strikes, W4_MAX_CONVICTIONS);
}

static W4StrikeResult
accuse(W4Strikes *s, const Chain *c, int by, int accused, int class, uint64_t height)
{
	return w4_strikes_accuse(s, &c->set, voter(c, by), voter(c, accused), (uint8_t) class, W4_STRIKES, height);
}

/* f + 1 distinct accusers within the window are one strike. */
static void
test_accusations(void **state)
{
	static W4Strikes s;
	static W4Strikes before;
	Chain		c;

	(void) state;
	chain_init(&c, 7);
	memset(&s, 0, sizeof(s));
	for (int round = 0; round < 3; round++)
	{
		uint64_t	h = 10 + (uint64_t) round;

		assert_int_equal(accuse(&s, &c, 0, 6, 1, h), W4_STRIKE_NOTED);
		before = s;
		assert_int_equal(accuse(&s, &c, 0, 6, 1, h), W4_STRIKE_KNOWN);
		assert_memory_equal(&s, &before, sizeof(s));
		assert_int_equal(accuse(&s, &c, 1, 6, 1, h), W4_STRIKE_NOTED);
		assert_int_equal(accuse(&s, &c, 2, 5, 1, h), round > 0 ? W4_STRIKE_KNOWN : W4_STRIKE_NOTED);
		assert_int_equal(accuse(&s, &c, 2, 6, 2, h), round > 0 ? W4_STRIKE_KNOWN : W4_STRIKE_NOTED);
		assert_int_equal(accuse(&s, &c, 2, 6, 1, h), round == 2 ? W4_STRIKE_EJECTED : W4_STRIKE_COUNTED);
	}
	assert_int_equal(s.accusations, 2);

	/* Another f + 1 in the same block make no second strike. */
	for (int by = 3; by < 6; by++)
		assert_int_equal(accuse(&s, &c, by, 6, 1, 12), W4_STRIKE_NOTED);
	assert_int_equal(s.strikes, 3);

	/* Outside the window a word is forgotten. */
	memset(&s, 0, sizeof(s));
	assert_int_equal(accuse(&s, &c, 0, 4, 1, 100), W4_STRIKE_NOTED);
	assert_int_equal(accuse(&s, &c, 1, 4, 1, 100 + W4_ACCUSATION_WINDOW), W4_STRIKE_NOTED);
	assert_int_equal(s.accusations, 2);
	assert_int_equal(accuse(&s, &c, 2, 4, 1, 101 + W4_ACCUSATION_WINDOW), W4_STRIKE_NOTED);
	assert_int_equal(s.accusations, 2);

	/* Nobody crowds out the words of others. */
	for (int i = 0; i <= W4_MAX_ACCUSE_CLASS; i++)
		(void) accuse(&s, &c, 0, 1, i, 101 + W4_ACCUSATION_WINDOW);
	assert_int_equal(s.accusations, 2 + W4_ACCUSATIONS_EACH);
	assert_int_equal(accuse(&s, &c, 0, 4, 1, 101 + W4_ACCUSATION_WINDOW), W4_STRIKE_COUNTED);
}

/* Only members speak: who has left does not count towards f + 1. */
static void
test_accusers_are_members(void **state)
{
	static W4Strikes s;
	Chain		c;
	Chain		left;

	(void) state;
	chain_init(&c, 4);
	left = c;
	memset(&s, 0, sizeof(s));
	assert_int_equal(accuse(&s, &c, 0, 3, 1, 10), W4_STRIKE_NOTED);
	assert_true(w4_members_remove(&left.set, voter(&c, 0)));
	assert_true(w4_members_add(&left.set, c.id, c.id));
	assert_int_equal(w4_strikes_accuse(&s, &left.set, voter(&c, 1), voter(&c, 3), 1, W4_STRIKES, 11), W4_STRIKE_NOTED);
	assert_int_equal(w4_strikes_accuse(&s, &left.set, voter(&c, 2), voter(&c, 3), 1, W4_STRIKES, 12), W4_STRIKE_COUNTED);
}

/* Whoever floods the list with its own offences pushes out nobody else's. */
static void
test_floods_hit_the_flooder(void **state)
{
	static W4Strikes s;
	W4Conviction other = conviction(2, 1, W4_PREPARE);

	(void) state;
	memset(&s, 0, sizeof(s));
	assert_int_equal(w4_strikes_convict(&s, &other, W4_STRIKES, 1), W4_STRIKE_COUNTED);
	for (uint64_t h = 1; h <= 2 * W4_MAX_CONVICTIONS; h++)
	{
		W4Conviction c = conviction(1, h, W4_PREPARE);

		assert_int_equal(w4_strikes_convict(&s, &c, W4_STRIKES, 2000), h < 3 ? W4_STRIKE_COUNTED : W4_STRIKE_EJECTED);
	}
	assert_true(w4_strikes_known(&s, &other));
}

/* --- looking back --- */

static void
test_history(void **state)
{
	static W4History h;
	static W4Members at[400];
	W4Members	got;
	Chain		c;

	(void) state;
	chain_init(&c, 4);
	memset(&h, 0, sizeof(h));
	at[0] = at[1] = c.set;
	for (int i = 2; i < 400; i++)
	{
		uint8_t		id[32];

		at[i] = at[i - 1];
		if (i % 2 != 0)
			continue;
		peer_id(id, 10 + i % 7);
		if (w4_members_find(&at[i], id) == W4_NO_MEMBER)
			assert_true(w4_members_add(&at[i], id, id));
		else if (i % 3 == 0)
			at[i].m[w4_members_find(&at[i], id)].key[0]++;
		else
			assert_true(w4_members_remove(&at[i], id));
		w4_members_seal(&at[i]);
		w4_history_note(&h, &at[i - 1], &at[i], (uint64_t) i);
		w4_history_note(&h, &at[i], &at[i], (uint64_t) i);
	}
	assert_int_equal(h.changes, W4_MAX_CHANGES);
	assert_int_equal(h.since, 398 - 2 * W4_MAX_CHANGES);
	for (uint64_t height = 0; height < 400; height++)
	{
		bool		told = w4_history_members(&h, &at[399], height, &got);

		assert_int_equal(told, height >= h.since);
		if (told)
			assert_memory_equal(got.hash, at[height].hash, 32);
	}
	assert_false(w4_history_stale(&h, h.since));
	assert_true(w4_history_stale(&h, 300));
	w4_history_forget(&h, 301);
	assert_int_equal(h.since, 300);
	assert_true(w4_history_members(&h, &at[399], 301, &got));
	assert_memory_equal(got.hash, at[301].hash, 32);
	assert_false(w4_history_members(&h, &at[399], 299, &got));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quorum_and_delay),
		cmocka_unit_test(test_refused_motions),
		cmocka_unit_test(test_leave_and_last_peer),
		cmocka_unit_test(test_votes_follow_members),
		cmocka_unit_test(test_three_strikes),
		cmocka_unit_test(test_strikes_are_bounded),
		cmocka_unit_test(test_accusations),
		cmocka_unit_test(test_accusers_are_members),
		cmocka_unit_test(test_floods_hit_the_flooder),
		cmocka_unit_test(test_history)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
