/*-------------------------------------------------------------------------
 *
 * test_consensus_evidence.c
 *		Evidence convicts the guilty and nobody else.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_fixture.h"

static uint8_t buf[1 << 16];

static W4EvidenceContext
context(const Chain *c)
{
	W4EvidenceContext x = {c->id, &c->set, &w4_suite_ed25519, NULL, NULL, NULL};

	return x;
}

static bool
convicts(const Chain *c, const W4Writer *w, W4Conviction *out)
{
	W4EvidenceContext x = context(c);

	assert_false(w->full);
	return w4_evidence_check(out, w4_slice(w->buf, w->len), &x, NULL);
}

/* No changed byte leaves evidence that still convicts somebody else or of something else. */
static void
check_every_byte(const Chain *c, const W4Writer *w, const W4Conviction *expected)
{
	W4Conviction got;

	for (size_t i = 0; i < w->len; i++)
	{
		w->buf[i] ^= 0x10;
		if (convicts(c, w, &got))
			assert_memory_equal(got.id, expected->id, 32);
		w->buf[i] ^= 0x10;
		if (i > 0)
		{
			W4Writer	cut = *w;

			cut.len = i;
			assert_false(convicts(c, &cut, &got));
		}
	}
}

static void
test_equivocation(void **state)
{
	static const W4VoteKind kinds[] = {W4_PRE_PREPARE, W4_PREPARE, W4_COMMIT, W4_NEW_VIEW};
	Chain		c;
	W4Conviction got;

	(void) state;
	chain_init(&c, 4);
	for (size_t i = 0; i < COUNT(kinds); i++)
	{
		uint32_t	view = kinds[i] == W4_PRE_PREPARE ? 0 : 2;
		W4Vote		a = vote_make(&c, kinds[i], 5, view, 2, 3);
		W4Vote		b = vote_make(&c, kinds[i], 5, view, 1, 3);
		W4Writer	w = w4_writer(buf, sizeof(buf));

		w4_evidence_put_votes(&w, &a, &b, c.id);
		assert_int_equal(w4_evidence_height(w4_slice(buf, w.len)), 5);
		assert_true(convicts(&c, &w, &got));
		assert_int_equal(got.form, W4_EQUIVOCATION);
		assert_int_equal(got.index, 3);
		assert_int_equal(got.kind, kinds[i]);
		check_every_byte(&c, &w, &got);
	}
}

static void
test_equivocation_framed(void **state)
{
	Chain		c;
	W4Vote		a;
	W4Vote		b;
	W4Conviction got;
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	chain_init(&c, 4);
	a = vote_make(&c, W4_COMMIT, 5, 0, 1, 3);
	b = vote_make(&c, W4_COMMIT, 5, 0, 2, 2);
	b.index = 3;				/* signed by somebody else */
	w4_evidence_put_votes(&w, &a, &b, c.id);
	assert_false(convicts(&c, &w, &got));
	w = w4_writer(buf, sizeof(buf));
	w4_evidence_put_votes(&w, &b, &a, c.id);
	assert_false(convicts(&c, &w, &got));
	w = w4_writer(buf, sizeof(buf));
	w4_evidence_put_votes(&w, &a, &a, c.id);
	assert_false(convicts(&c, &w, &got));
	b = vote_make(&c, W4_COMMIT, 5, 1, 2, 3);	/* another view: allowed */
	w = w4_writer(buf, sizeof(buf));
	w4_evidence_put_votes(&w, &a, &b, c.id);
	assert_false(convicts(&c, &w, &got));
}

static void
test_amnesia(void **state)
{
	static const struct
	{
		uint32_t	commit_view;
		uint32_t	asked;
		int64_t		prepared;
		int			hash;
		bool		guilty;
	}			cases[] = {
		{1, 2, -1, 0, true},
		{1, 2, 0, 7, true},
		{1, 2, 1, 7, false},
		{1, 2, 1, 8, true},
		{1, 5, 3, 8, false},	/* prepared again, later */
		{2, 2, -1, 0, false},	/* asked before it committed: unknowable */
		{3, 2, -1, 0, false}
	};
	Chain		c;
	W4Conviction got;

	(void) state;
	chain_init(&c, 4);
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		W4Vote		commit = vote_make(&c, W4_COMMIT, 5, cases[i].commit_view, 7, 2);
		W4ViewChange vc;
		W4Writer	w = w4_writer(buf, sizeof(buf));

		vc_make(&vc, &c, 5, cases[i].asked, 2, cases[i].prepared, cases[i].hash, 0x7);
		w4_evidence_put_amnesia(&w, &commit, &vc.s, c.id);
		assert_int_equal(convicts(&c, &w, &got), cases[i].guilty);
		if (cases[i].guilty)
			check_every_byte(&c, &w, &got);
		vc.s.vote.index = 1;	/* of another member */
		w = w4_writer(buf, sizeof(buf));
		w4_evidence_put_amnesia(&w, &commit, &vc.s, c.id);
		assert_false(convicts(&c, &w, &got));
	}
}

/* A NEW-VIEW by member 3 for "hash" on VIEW-CHANGEs of members 0..2. */
static W4Vote
new_view(const Chain *c, W4ViewChange vc[3], W4VcSummary s[3], int n, int hash)
{
	W4Vote		v = vote_make(c, W4_NEW_VIEW, 5, 2, hash, 3);

	for (int i = 0; i < n; i++)
		s[i] = vc[i].s;
	w4_justification_hash(v.extra, s, n, c->id);
	vote_sign(c, &v);
	return v;
}

static void
test_bad_new_view(void **state)
{
	Chain		c;
	W4ViewChange vc[3];
	W4VcSummary s[3];
	W4Vote		v;
	W4Conviction got;
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	chain_init(&c, 4);
	vc_make(&vc[0], &c, 5, 2, 0, -1, 0, 0);
	vc_make(&vc[1], &c, 5, 2, 1, 1, 0x66, 0x7);
	vc_make(&vc[2], &c, 5, 2, 2, 0, 0x55, 0x7);

	/* What it must propose, and what it must not. */
	v = new_view(&c, vc, s, 3, 0x66);
	w4_evidence_put_new_view(&w, &v, s, 3, W4_NO_CULPRIT, NULL, c.id);
	assert_false(convicts(&c, &w, &got));
	v = new_view(&c, vc, s, 3, 0x55);
	w = w4_writer(buf, sizeof(buf));
	w4_evidence_put_new_view(&w, &v, s, 3, W4_NO_CULPRIT, NULL, c.id);
	assert_true(convicts(&c, &w, &got));
	assert_int_equal(got.index, 3);
	check_every_byte(&c, &w, &got);

	/* Too few; one twice; one of another view. */
	v = new_view(&c, vc, s, 2, 0x66);
	w = w4_writer(buf, sizeof(buf));
	w4_evidence_put_new_view(&w, &v, s, 2, W4_NO_CULPRIT, NULL, c.id);
	assert_true(convicts(&c, &w, &got));
	vc[0] = vc[1];
	v = new_view(&c, vc, s, 3, 0x66);
	w = w4_writer(buf, sizeof(buf));
	w4_evidence_put_new_view(&w, &v, s, 3, W4_NO_CULPRIT, NULL, c.id);
	assert_true(convicts(&c, &w, &got));
	vc_make(&vc[0], &c, 5, 1, 0, -1, 0, 0);
	v = new_view(&c, vc, s, 3, 0x66);
	w = w4_writer(buf, sizeof(buf));
	w4_evidence_put_new_view(&w, &v, s, 3, W4_NO_CULPRIT, NULL, c.id);
	assert_true(convicts(&c, &w, &got));
}

static void
test_bad_certificate(void **state)
{
	Chain		c;
	W4ViewChange vc[3];
	W4VcSummary s[3];
	W4Vote		v;
	W4Conviction got;
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	chain_init(&c, 4);
	vc_make(&vc[0], &c, 5, 2, 0, -1, 0, 0);
	vc_make(&vc[1], &c, 5, 2, 1, 1, 0x66, 0x7);
	vc_make(&vc[2], &c, 5, 2, 2, 0, 0x66, 0x3); /* two of four */
	v = new_view(&c, vc, s, 3, 0x66);
	w4_evidence_put_new_view(&w, &v, s, 3, 2, &vc[2].prepared, c.id);
	assert_true(convicts(&c, &w, &got));
	check_every_byte(&c, &w, &got);

	/* A sound certificate, or one that nobody signed for, convicts nobody. */
	w = w4_writer(buf, sizeof(buf));
	w4_evidence_put_new_view(&w, &v, s, 3, 1, &vc[1].prepared, c.id);
	assert_false(convicts(&c, &w, &got));
	w = w4_writer(buf, sizeof(buf));
	w4_evidence_put_new_view(&w, &v, s, 3, 1, &vc[2].prepared, c.id);
	assert_false(convicts(&c, &w, &got));
	w = w4_writer(buf, sizeof(buf));
	w4_evidence_put_new_view(&w, &v, s, 3, 0, &vc[2].prepared, c.id);
	assert_false(convicts(&c, &w, &got));
}

static bool
always(void *arg, const W4Block *block)
{
	(void) block;
	return *(bool *) arg;
}

static void
test_bad_block(void **state)
{
	static uint8_t bytes[4096];
	Chain		c;
	W4Slice		wire;
	W4Block		block;
	W4Vote		v;
	W4Conviction got;
	W4EvidenceContext x;
	bool		broken = true;
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	chain_init(&c, 4);
	x = context(&c);
	wire = block_make(bytes, sizeof(bytes), &c, 2);
	assert_true(w4_block_decode(&block, wire, c.id, sizeof(bytes), NULL));
	v = vote_make(&c, W4_PRE_PREPARE, 2, 0, 0, 1);
	memcpy(v.hash, block.hash, 32);
	vote_sign(&c, &v);
	w4_evidence_put_block(&w, &v, wire, c.id);
	assert_false(convicts(&c, &w, &got));	/* nobody to judge */
	x.breaks_rule = always;
	x.arg = &broken;
	assert_true(w4_evidence_check(&got, w4_slice(buf, w.len), &x, NULL));
	assert_int_equal(got.index, 1);
	broken = false;
	assert_false(w4_evidence_check(&got, w4_slice(buf, w.len), &x, NULL));

	/* A body that was never proposed convicts nobody. */
	broken = true;
	v = vote_make(&c, W4_PRE_PREPARE, 2, 0, 9, 1);
	w = w4_writer(buf, sizeof(buf));
	w4_evidence_put_block(&w, &v, wire, c.id);
	assert_false(w4_evidence_check(&got, w4_slice(buf, w.len), &x, NULL));
}

static void
test_garbage(void **state)
{
	Chain		c;
	W4Conviction got;

	(void) state;
	chain_init(&c, 4);
	for (int form = 0; form < 256; form++)
	{
		W4Writer	w = w4_writer(buf, sizeof(buf));

		memset(buf, form, 1000);
		w.len = 1000;
		assert_false(convicts(&c, &w, &got));
	}
	assert_int_equal(w4_evidence_height(w4_slice(buf, 1)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equivocation),
		cmocka_unit_test(test_equivocation_framed),
		cmocka_unit_test(test_amnesia),
		cmocka_unit_test(test_bad_new_view),
		cmocka_unit_test(test_bad_certificate),
		cmocka_unit_test(test_bad_block),
		cmocka_unit_test(test_garbage)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
