/*-------------------------------------------------------------------------
 *
 * test_consensus_codec.c
 *		Bytes of the consensus core: signed votes, sets of members,
 *		certificates, blocks, messages.
 *
 * What decodes is canonical: it encodes to the same bytes.  Every prefix of a
 * message and every message with a byte too many is refused, and no changed
 * byte goes unnoticed.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_fixture.h"

static uint8_t buf[1 << 16];
static uint8_t other[1 << 16];

/* --- members --- */

static void
test_quorum(void **state)
{
	(void) state;
	for (int n = 1; n <= W4_MAX_MEMBERS; n++)
	{
		int			q = w4_quorum(n);
		int			f = w4_faulty(n);

		assert_int_equal(q, (n + f) / 2 + 1);
		assert_true(2 * q - n >= f + 1);	/* two quorums share an honest member */
		assert_true(q <= n - f);	/* the honest alone are a quorum */
	}
	assert_int_equal(w4_quorum(4), 3);
	assert_int_equal(w4_quorum(6), 4);
	assert_int_equal(w4_quorum(8), 6);
}

static void
test_members(void **state)
{
	Chain		c;
	W4Members	set;
	W4Reader	r;
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	chain_init(&c, 4);
	w4_members_put(&w, &c.set);
	r = w4_reader(w4_slice(buf, w.len));
	w4_members_read(&set, &r, &w4_suite_ed25519);
	assert_true(w4_read_end(&r, NULL));
	assert_memory_equal(set.hash, c.set.hash, 32);
	assert_int_equal(w4_members_find(&set, c.set.m[2].id), 2);
	assert_false(w4_members_add(&set, c.set.m[2].id, c.set.m[0].key));
	assert_true(w4_members_remove(&set, c.set.m[2].id));
	assert_int_equal(w4_members_find(&set, c.set.m[2].id), W4_NO_MEMBER);
	assert_false(w4_members_remove(&set, c.set.m[2].id));
}

/* Each damage to a set of four is refused with its own words. */
static void
test_members_refused(void **state)
{
	static const struct
	{
		size_t		at;
		int			copy_from;	/* -1: put "value" */
		size_t		len;
		uint8_t		value;
		const char *what;
	}			damage[] = {
		{0, -1, 1, 0, "number of members out of range"},
		{0, -1, 1, 65, "number of members out of range"},
		{0, -1, 1, 5, "truncated"},
		{0, -1, 1, 3, "trailing bytes"},
		{65, -1, 1, 2, "member whose power is not 1"},
		{1 + 65, 1, 32, 0, "members out of order"},
		{1 + 65 + 32, 1 + 32, 32, 0, "two members with one key"},
		{1 + 65 + 32, -1, 32, 0, "member key that is no valid point"}
	};
	Chain		c;

	(void) state;
	chain_init(&c, 4);
	for (size_t i = 0; i < COUNT(damage); i++)
	{
		W4Writer	w = w4_writer(buf, sizeof(buf));
		W4Members	set;
		W4Reader	r;
		W4Fault		fault = {0};

		w4_members_put(&w, &c.set);
		if (damage[i].copy_from >= 0)
			memmove(buf + damage[i].at, buf + damage[i].copy_from, damage[i].len);
		else
			memset(buf + damage[i].at, damage[i].value, damage[i].len);
		r = w4_reader(w4_slice(buf, w.len));
		w4_members_read(&set, &r, &w4_suite_ed25519);
		assert_false(w4_read_end(&r, &fault));
		assert_string_equal(fault.what, damage[i].what);
	}
}

static void
test_members_change_by_one(void **state)
{
	Chain		c;
	Chain		d;

	(void) state;
	chain_init(&c, 5);
	d = c;
	assert_true(w4_members_may_follow(&c.set, &d.set));
	assert_true(w4_members_remove(&d.set, c.set.m[1].id));
	assert_true(w4_members_may_follow(&c.set, &d.set));
	assert_true(w4_members_may_follow(&d.set, &c.set));
	d.set.m[0].key[0] ^= 1;		/* removed one and rotated another */
	assert_false(w4_members_may_follow(&c.set, &d.set));
	d = c;
	d.set.m[4].key[0] ^= 1;
	assert_true(w4_members_may_follow(&c.set, &d.set));
	d = c;
	d.set.m[4].id[0] ^= 1;		/* one out, one in */
	assert_false(w4_members_may_follow(&c.set, &d.set));
	d.set.n = 0;
	assert_false(w4_members_may_follow(&c.set, &d.set));
}

static void
test_members_full(void **state)
{
	Chain		c;
	uint8_t		id[32] = {0};

	(void) state;
	chain_init(&c, W4_MAX_MEMBERS);
	assert_false(w4_members_add(&c.set, id, id));
}

/* --- votes --- */

/* The layout of consensus spec 3.4, byte for byte. */
static void
test_vote_bytes(void **state)
{
	W4Vote		v = {W4_COMMIT, 0x0102, 0x03040506, UINT64_C(0x0708090A0B0C0D0E), {0}, {0}, {0}};
	uint8_t		chain[32];
	uint8_t		bytes[W4_VOTE_BYTES];

	(void) state;
	memset(chain, 0xCC, 32);
	memset(v.hash, 0xAA, 32);
	memset(v.extra, 0xEE, 32);
	w4_vote_bytes(bytes, &v, chain);
	assert_memory_equal(bytes, "W4BFT1\003", 7);
	assert_memory_equal(bytes + 7, chain, 32);
	assert_memory_equal(bytes + 39, "\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x03\x04\x05\x06", 12);
	assert_memory_equal(bytes + 51, v.hash, 32);
	assert_memory_equal(bytes + 83, v.extra, 32);
	assert_memory_equal(bytes + 115, "\x01\x02", 2);
}

static bool
vote_decodes(const Chain *c, W4Slice wire, W4Vote *v, W4Fault *fault)
{
	W4Reader	r = w4_reader(wire);

	w4_vote_read(v, &r, c->id);
	return w4_read_end(&r, fault);
}

static void
test_vote_round_trip(void **state)
{
	Chain		c;
	W4Vote		v;
	W4Vote		back;
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	chain_init(&c, 4);
	v = vote_make(&c, W4_PREPARE, 7, 2, 0x11, 3);
	w4_vote_put(&w, &v, c.id);
	assert_int_equal(w.len, W4_VOTE_WIRE_LEN);
	assert_true(vote_decodes(&c, w4_slice(buf, w.len), &back, NULL));
	assert_true(w4_vote_verify(&back, c.id, &c.set, &w4_suite_ed25519));

	/* No bit of it can change unnoticed. */
	for (size_t i = 0; i < w.len; i++)
	{
		buf[i] ^= 0x01;
		if (vote_decodes(&c, w4_slice(buf, w.len), &back, NULL))
			assert_false(w4_vote_verify(&back, c.id, &c.set, &w4_suite_ed25519));
		buf[i] ^= 0x01;
		assert_false(vote_decodes(&c, w4_slice(buf, i), &back, NULL));
	}
	assert_false(vote_decodes(&c, w4_slice(buf, w.len + 1), &back, NULL));
	v.index = 4;				/* a member beyond the set */
	assert_false(w4_vote_verify(&v, c.id, &c.set, &w4_suite_ed25519));
}

static void
test_vote_refused(void **state)
{
	static const struct
	{
		W4Vote		vote;
		const char *what;
	}			bad[] = {
		{{0, 0, 0, 1, {0}, {0}, {0}}, "unknown kind of vote"},
		{{7, 0, 0, 1, {0}, {0}, {0}}, "unknown kind of vote"},
		{{W4_PREPARE, 0, 0, 0, {0}, {0}, {0}}, "height out of range"},
		{{W4_PREPARE, 0, 0, UINT64_MAX, {0}, {0}, {0}}, "height out of range"},
		{{W4_PREPARE, 0, W4_MAX_VIEW + 1, 1, {0}, {0}, {0}}, "view out of range"},
		{{W4_PREPARE, 64, 0, 1, {0}, {0}, {0}}, "member index out of range"},
		{{W4_PRE_PREPARE, 0, 1, 1, {0}, {0}, {0}}, "PRE-PREPARE above view 0"},
		{{W4_NEW_VIEW, 0, 0, 1, {0}, {0}, {0}}, "change to view 0"},
		{{W4_VIEW_CHANGE, 0, 0, 1, {0}, {0}, {0}}, "change to view 0"},
		{{W4_COMMIT, 0, 0, 1, {0}, {1}, {0}}, "extra hash where there is none"}
	};
	Chain		c;

	(void) state;
	chain_init(&c, 4);
	for (size_t i = 0; i < COUNT(bad); i++)
	{
		W4Writer	w = w4_writer(buf, sizeof(buf));
		W4Vote		v;
		W4Fault		fault = {0};

		w4_vote_put(&w, &bad[i].vote, c.id);
		assert_false(vote_decodes(&c, w4_slice(buf, w.len), &v, &fault));
		assert_string_equal(fault.what, bad[i].what);
	}
}

static void
test_votes_conflict(void **state)
{
	Chain		c;
	W4Vote		a;
	W4Vote		b;

	(void) state;
	chain_init(&c, 4);
	a = vote_make(&c, W4_PREPARE, 5, 1, 1, 2);
	b = vote_make(&c, W4_PREPARE, 5, 1, 2, 2);
	assert_true(w4_votes_conflict(&a, &b));
	assert_false(w4_votes_conflict(&a, &a));
	b = vote_make(&c, W4_PREPARE, 5, 2, 2, 2);
	assert_false(w4_votes_conflict(&a, &b));
	b = vote_make(&c, W4_PREPARE, 6, 1, 2, 2);
	assert_false(w4_votes_conflict(&a, &b));
	b = vote_make(&c, W4_COMMIT, 5, 1, 2, 2);
	assert_false(w4_votes_conflict(&a, &b));
	b = vote_make(&c, W4_PREPARE, 5, 1, 2, 3);
	assert_false(w4_votes_conflict(&a, &b));
	a = vote_make(&c, W4_STATUS, 5, 1, 1, 2);
	b = vote_make(&c, W4_STATUS, 5, 1, 2, 2);
	assert_false(w4_votes_conflict(&a, &b));
}

/* --- certificates --- */

static bool
cert_decodes(const Chain *c, W4Slice wire, W4Cert *cert, W4Fault *fault)
{
	W4Reader	r = w4_reader(wire);

	w4_cert_read(cert, &r, c->id);
	return w4_read_end(&r, fault);
}

static bool
cert_verifies(const Chain *c, const W4Cert *cert, W4VoteKind kind)
{
	return w4_cert_verify(cert, kind, c->id, &c->set, &w4_suite_ed25519, NULL, NULL);
}

static void
test_cert(void **state)
{
	Chain		c;
	W4Cert		cert;
	W4Cert		back;
	uint8_t		hash[32] = {1};
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	chain_init(&c, 4);
	cert_make(&cert, &c, W4_COMMIT, 9, 3, hash, 0xD);
	w4_cert_put(&w, &cert, c.id);
	assert_int_equal(w.len, 270);	/* consensus spec 3.9 */
	assert_int_equal(w4_cert_wire_len(4, 3), 270);
	assert_true(cert_decodes(&c, w4_slice(buf, w.len), &back, NULL));
	assert_true(cert_verifies(&c, &back, W4_COMMIT));
	assert_false(cert_verifies(&c, &back, W4_PREPARE));
	for (size_t i = 0; i < w.len; i++)
	{
		assert_false(cert_decodes(&c, w4_slice(buf, i), &back, NULL));
		buf[i] ^= 0x02;
		if (cert_decodes(&c, w4_slice(buf, w.len), &back, NULL))
			assert_false(cert_verifies(&c, &back, W4_COMMIT));
		buf[i] ^= 0x02;
	}
	assert_false(cert_decodes(&c, w4_slice(buf, w.len + 1), &back, NULL));
}

static void
test_cert_refused(void **state)
{
	Chain		c;
	Chain		five;
	W4Cert		cert;
	uint8_t		hash[32] = {1};
	W4Fault		fault = {0};
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	chain_init(&c, 4);
	chain_init(&five, 5);
	cert_make(&cert, &c, W4_COMMIT, 9, 3, hash, 0x3);
	assert_false(cert_verifies(&c, &cert, W4_COMMIT));	/* two of four */
	cert_make(&cert, &five, W4_COMMIT, 9, 3, hash, 0xF);
	assert_false(cert_verifies(&c, &cert, W4_COMMIT));	/* of another set */
	cert_make(&cert, &c, W4_COMMIT, 9, 3, hash, 0xF);
	memcpy(cert.signatures[3], cert.signatures[0], 64); /* one signer twice */
	assert_false(cert_verifies(&c, &cert, W4_COMMIT));
	cert.signers = 0x17;
	w4_cert_put(&w, &cert, c.id);
	assert_false(cert_decodes(&c, w4_slice(buf, w.len), &cert, &fault));
	assert_string_equal(fault.what, "signer beyond the members");
	w = w4_writer(buf, sizeof(buf));
	cert.n = 4;
	cert.height = 1;
	cert.signers = 0;
	w4_cert_put(&w, &cert, c.id);
	assert_false(cert_decodes(&c, w4_slice(buf, w.len), &cert, &fault));
	assert_string_equal(fault.what, "certificate without a signer");
}

static bool
know_even(void *arg, const W4Vote *vote)
{
	(*(int *) arg)++;
	return vote->index % 2 == 0;
}

/* A signature that is known is not verified; the others are. */
static void
test_cert_known_votes(void **state)
{
	Chain		c;
	W4Cert		cert;
	uint8_t		hash[32] = {1};
	int			asked = 0;

	(void) state;
	chain_init(&c, 4);
	cert_make(&cert, &c, W4_PREPARE, 9, 3, hash, 0x7);
	cert.signatures[0][0] ^= 1;
	cert.signatures[2][0] ^= 1;
	assert_true(w4_cert_verify(&cert, W4_PREPARE, c.id, &c.set, &w4_suite_ed25519, know_even, &asked));
	assert_int_equal(asked, 3);
	cert.signatures[1][0] ^= 1;
	assert_false(w4_cert_verify(&cert, W4_PREPARE, c.id, &c.set, &w4_suite_ed25519, know_even, &asked));
}

static void
test_cert_of_64(void **state)
{
	Chain		c;
	W4Cert		cert;
	W4Cert		back;
	uint8_t		hash[32] = {1};
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	chain_init(&c, 64);
	cert_make(&cert, &c, W4_COMMIT, 9, 3, hash, UINT64_MAX);
	w4_cert_put(&w, &cert, c.id);
	assert_int_equal(w.len, W4_CERT_WIRE_MAX);
	assert_true(cert_decodes(&c, w4_slice(buf, w.len), &back, NULL));
	assert_true(cert_verifies(&c, &back, W4_COMMIT));
}

/* --- blocks --- */

static bool
block_decodes(const Chain *c, W4Slice wire, W4Block *b, W4Fault *fault)
{
	return w4_block_decode(b, wire, c->id, W4_MAX_BLOCK_BYTES, fault);
}

static void
test_block_round_trip(void **state)
{
	(void) state;
	for (uint64_t height = 1; height <= 2; height++)
	{
		Chain		c;
		W4Slice		wire;
		W4Block		b;
		W4Cert		cert;
		W4Reader	r;
		W4Writer	w = w4_writer(other, sizeof(other));
		uint8_t		hash[32];

		chain_init(&c, 4);
		wire = block_make(buf, sizeof(buf), &c, height);
		assert_true(block_decodes(&c, wire, &b, NULL));
		assert_int_equal(b.header.height, height);
		assert_int_equal(b.header.tx_count, 2);
		assert_int_equal(b.evidence_count, 1);
		w4_block_hash(hash, &b.header, c.id);
		assert_memory_equal(hash, b.hash, 32);
		if (height > 1)
		{
			r = w4_reader(b.last_commit);
			w4_cert_read(&cert, &r, c.id);
			assert_true(w4_read_end(&r, NULL));
		}
		w4_block_encode(&w, &b.header, b.txs, b.evidence, height > 1 ? &cert : NULL, c.id);
		assert_true(w4_slice_eq(wire, w4_slice(other, w.len)));
	}
}

/* Every changed byte is refused or gives another hash; nothing in the body is free. */
static void
test_block_every_byte(void **state)
{
	Chain		c;
	W4Slice		wire;
	W4Block		b;
	uint8_t		hash[32];

	(void) state;
	chain_init(&c, 4);
	wire = block_make(buf, sizeof(buf), &c, 2);
	assert_true(block_decodes(&c, wire, &b, NULL));
	memcpy(hash, b.hash, 32);
	for (size_t i = 0; i < wire.len; i++)
	{
		assert_false(block_decodes(&c, w4_slice(buf, i), &b, NULL));
		for (int bit = 0; bit < 8; bit++)
		{
			buf[i] ^= (uint8_t) (1 << bit);
			if (block_decodes(&c, wire, &b, NULL))
			{
				assert_true(i < W4_BLOCK_HEADER_LEN);
				assert_memory_not_equal(hash, b.hash, 32);
			}
			buf[i] ^= (uint8_t) (1 << bit);
		}
	}
	assert_false(block_decodes(&c, w4_slice(buf, wire.len + 1), &b, NULL));
}

static void
test_block_bounds(void **state)
{
	Chain		c;
	W4Slice		wire;
	W4Block		b;
	W4Fault		fault = {0};

	(void) state;
	chain_init(&c, 4);
	wire = block_make(buf, sizeof(buf), &c, 2);
	assert_false(w4_block_decode(&b, wire, c.id, wire.len - 1, &fault));
	assert_string_equal(fault.what, "block longer than allowed");
	assert_true(w4_block_decode(&b, wire, c.id, wire.len, &fault));
	buf[1] = 2;
	assert_false(block_decodes(&c, wire, &b, &fault));
	assert_string_equal(fault.what, "unknown block version");
	buf[1] = 1;
	memset(buf + 42, 0xFF, 8);
	assert_false(block_decodes(&c, wire, &b, &fault));
	assert_string_equal(fault.what, "time before 1970");
	memset(buf + 42, 0, 8);
	buf[114] = 1;
	assert_false(block_decodes(&c, wire, &b, &fault));
	assert_string_equal(fault.what, "too many transactions");
}

/* --- VIEW-CHANGE and NEW-VIEW --- */

static void
test_view_change(void **state)
{
	Chain		c;
	W4ViewChange vc;
	W4ViewChange back;

	(void) state;
	chain_init(&c, 4);
	for (int64_t prepared = -1; prepared <= 2; prepared++)
	{
		W4Writer	w = w4_writer(buf, sizeof(buf));
		W4Reader	r;

		vc_make(&vc, &c, 5, 3, 1, prepared, 0x77, 0x7);
		w4_vc_put(&w, &vc, c.id);
		r = w4_reader(w4_slice(buf, w.len));
		w4_vc_read(&back, &r, c.id);
		assert_true(w4_read_end(&r, NULL));
		assert_true(w4_vc_summary_ok(&back.s));
		assert_true(w4_vc_prepared_ok(&back, c.id, &c.set, &w4_suite_ed25519, NULL, NULL));
		assert_memory_equal(back.s.digest, vc.s.digest, 32);
		for (size_t i = 0; i < w.len; i++)
		{
			r = w4_reader(w4_slice(buf, i));
			w4_vc_read(&back, &r, c.id);
			assert_false(w4_read_end(&r, NULL));
		}
	}
}

static void
test_view_change_refused(void **state)
{
	Chain		c;
	W4ViewChange vc;

	(void) state;
	chain_init(&c, 4);
	vc_make(&vc, &c, 5, 3, 1, 3, 0x77, 0x7);
	assert_false(w4_vc_summary_ok(&vc.s));	/* prepared in the view it asks for */
	vc_make(&vc, &c, 5, 3, 1, -1, 0, 0);
	vc.s.vote.hash[0] = 1;
	w4_vc_extra(vc.s.vote.extra, &vc.s);
	assert_false(w4_vc_summary_ok(&vc.s));	/* a block that was not prepared */
	vc_make(&vc, &c, 5, 3, 1, 2, 0x77, 0x7);
	vc.s.prepared_view = 1;
	assert_false(w4_vc_summary_ok(&vc.s));	/* not what was signed */
	w4_vc_extra(vc.s.vote.extra, &vc.s);
	assert_true(w4_vc_summary_ok(&vc.s));
	assert_false(w4_vc_prepared_ok(&vc, c.id, &c.set, &w4_suite_ed25519, NULL, NULL));	/* certificate of view 2 */
	vc_make(&vc, &c, 5, 3, 1, 2, 0x77, 0x3);
	assert_false(w4_vc_prepared_ok(&vc, c.id, &c.set, &w4_suite_ed25519, NULL, NULL));	/* two of four */
}

static void
test_proposal(void **state)
{
	static uint8_t block[4096];
	Chain		c;
	W4ViewChange vc;
	W4Vote		v;
	W4ProposalWire p;
	W4Slice		wire;
	W4Writer	w = w4_writer(buf, sizeof(buf));
	size_t		pos = 0;
	int			n = 0;

	(void) state;
	chain_init(&c, 4);
	wire = block_make(block, sizeof(block), &c, 2);
	v = vote_make(&c, W4_NEW_VIEW, 2, 1, 0x33, 3);
	w4_vote_put(&w, &v, c.id);
	w4_put_u8(&w, 3);
	for (int i = 0; i < 3; i++)
	{
		vc_make(&vc, &c, 2, 1, i, i == 1 ? 0 : -1, 0x44, 0x7);
		w4_vc_put(&w, &vc, c.id);
	}
	w4_put_run(&w, wire);
	assert_true(w4_proposal_decode(&p, w4_slice(buf, w.len), c.id, W4_MAX_BLOCK_BYTES, NULL));
	assert_true(w4_slice_eq(p.block, wire));
	while (w4_justification_next(&vc, p.justification, &pos, c.id, NULL))
		assert_int_equal(vc.s.vote.index, n++);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < w.len; i++)
		assert_false(w4_proposal_decode(&p, w4_slice(buf, i), c.id, W4_MAX_BLOCK_BYTES, NULL));
	assert_false(w4_proposal_decode(&p, w4_slice(buf, w.len + 1), c.id, W4_MAX_BLOCK_BYTES, NULL));
	assert_false(w4_proposal_decode(&p, w4_slice(buf, w.len), c.id, wire.len - 1, NULL));
}

/* --- STATUS --- */

static void
test_status(void **state)
{
	static const uint8_t flags[] = {
		0, W4_REPORT_ASKING | W4_REPORT_SUSPECT, W4_REPORT_ANSWER,
		W4_REPORT_ANSWER | W4_REPORT_SEEN, W4_REPORT_ANSWER | W4_REPORT_TIP,
		W4_REPORT_FLAGS
	};
	Chain		c;

	(void) state;
	chain_init(&c, 4);
	for (size_t k = 0; k < COUNT(flags); k++)
	{
		W4Report	p = {.flags = flags[k], .nonce = {1}, .incarnation = 2, .asked_view = 3, .prepares = 4, .commits = 5, .view_changes = 6, .echo = {7}};
		W4Report	back;
		W4Vote		v = vote_make(&c, W4_STATUS, 12, 0, 0x21, 2);
		W4Vote		vback;
		W4Writer	w = w4_writer(buf, sizeof(buf));

		p.seen = vote_make(&c, W4_COMMIT, 11, 0, 0x20, 1);
		cert_make(&p.tip, &c, W4_COMMIT, 11, 0, v.hash, 0x7);
		w4_report_hash(v.extra, &p, c.id);
		w4_status_put(&w, &v, &p, c.id);
		assert_true(w4_status_decode(&vback, &back, w4_slice(buf, w.len), c.id, NULL));
		assert_int_equal(back.flags, p.flags);
		assert_int_equal(back.view_changes, 6);
		for (size_t i = W4_VOTE_WIRE_LEN; i < w.len; i++)
		{
			assert_false(w4_status_decode(&vback, &back, w4_slice(buf, i), c.id, NULL));
			buf[i] ^= 0x80;
			assert_false(w4_status_decode(&vback, &back, w4_slice(buf, w.len), c.id, NULL));
			buf[i] ^= 0x80;
		}
	}
}

/* --- requests and answers --- */

static void
test_prefix(void **state)
{
	uint8_t		chain[32] = {1};
	uint8_t		another[32] = {2};
	W4Prefix	p;
	W4Fault		fault = {0};

	(void) state;
	for (int kind = 0; kind < 256; kind++)
	{
		W4Writer	w = w4_writer(buf, sizeof(buf));
		bool		known = (kind >= 1 && kind <= 6) || (kind >= 16 && kind <= 30);

		w4_prefix_put(&w, (uint8_t) kind, 5, chain);
		assert_int_equal(w4_prefix_read(&p, w4_slice(buf, w.len), chain, &fault), known);
		assert_false(w4_prefix_read(&p, w4_slice(buf, w.len), another, &fault));
		assert_false(w4_prefix_read(&p, w4_slice(buf, w.len - 1), chain, &fault));
	}
	buf[0] ^= 1;
	assert_false(w4_prefix_read(&p, w4_slice(buf, W4_MESSAGE_PREFIX_LEN), chain, &fault));
}

static void
test_requests(void **state)
{
	uint8_t		chain[32] = {1};
	uint8_t		hash[32];
	uint32_t	view;
	uint64_t	last;
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	w4_prefix_put(&w, W4_FETCH_PROPOSAL, 5, chain);
	w4_put_u32be(&w, 7);
	assert_true(w4_fetch_proposal_decode(&view, w4_slice(buf, w.len), NULL));
	assert_int_equal(view, 7);
	assert_false(w4_fetch_proposal_decode(&view, w4_slice(buf, w.len - 1), NULL));
	memset(buf + w.len - 4, 0xFF, 4);
	assert_false(w4_fetch_proposal_decode(&view, w4_slice(buf, w.len), NULL));

	for (uint64_t span = 0; span <= W4_MAX_FETCH_BLOCKS; span++)
	{
		w = w4_writer(buf, sizeof(buf));
		w4_prefix_put(&w, W4_FETCH_BLOCKS, 5, chain);
		w4_put_u64be(&w, 5 + span);
		assert_int_equal(w4_fetch_blocks_decode(&last, w4_slice(buf, w.len), NULL), span < W4_MAX_FETCH_BLOCKS);
	}
	memset(buf + w.len - 8, 0, 8);
	assert_false(w4_fetch_blocks_decode(&last, w4_slice(buf, w.len), NULL));

	w = w4_writer(buf, sizeof(buf));
	w4_prefix_put(&w, W4_FETCH_BODY, 5, chain);
	w4_put(&w, chain, 32);
	assert_true(w4_fetch_body_decode(hash, w4_slice(buf, w.len), NULL));
	assert_memory_equal(hash, chain, 32);
	assert_false(w4_fetch_body_decode(hash, w4_slice(buf, w.len + 1), NULL));
}

static void
test_answers(void **state)
{
	Chain		c;
	W4Cert		cert;
	uint8_t		hash[32] = {1};
	W4Slice		run;
	W4Fault		fault;
	size_t		pos = 0;
	int			n = 0;
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	chain_init(&c, 4);
	cert_make(&cert, &c, W4_COMMIT, 9, 3, hash, 0x7);
	w4_prefix_put(&w, W4_BLOCKS, 9, c.id);
	w4_blocks_put(&w, w4_slice("abc", 3), &cert, c.id);
	w4_blocks_put(&w, w4_slice("de", 2), &cert, c.id);
	while (w4_blocks_next(&run, &cert, w4_slice(buf, w.len), &pos, c.id, 3, &fault))
		assert_int_equal(run.len, 3 - n++);
	assert_null(fault.what);
	assert_int_equal(n, 2);
	pos = 0;
	assert_false(w4_blocks_next(&run, &cert, w4_slice(buf, w.len), &pos, c.id, 2, &fault));
	assert_non_null(fault.what);
	pos = 0;
	assert_false(w4_blocks_next(&run, &cert, w4_slice(buf, 60), &pos, c.id, 3, &fault));
	assert_non_null(fault.what);

	cert_make(&cert, &c, W4_COMMIT, 9, 3, hash, 0x7);
	w = w4_writer(buf, sizeof(buf));
	w4_prefix_put(&w, W4_COMMITTED, 9, c.id);
	w4_cert_put(&w, &cert, c.id);
	assert_true(w4_committed_decode(&cert, w4_slice(buf, w.len), c.id, NULL));
	assert_false(w4_committed_decode(&cert, w4_slice(buf, w.len + 1), c.id, NULL));

	w = w4_writer(buf, sizeof(buf));
	w4_prefix_put(&w, W4_BODY, 9, c.id);
	w4_put_run(&w, w4_slice("abc", 3));
	assert_true(w4_body_decode(&run, w4_slice(buf, w.len), 3, NULL));
	assert_false(w4_body_decode(&run, w4_slice(buf, w.len), 2, NULL));
	assert_true(w4_evidence_message_decode(&run, w4_slice(buf, w.len), NULL));
	assert_false(w4_evidence_message_decode(&run, w4_slice(buf, w.len - 1), NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quorum),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_members_refused),
		cmocka_unit_test(test_members_change_by_one),
		cmocka_unit_test(test_members_full),
		cmocka_unit_test(test_vote_bytes),
		cmocka_unit_test(test_vote_round_trip),
		cmocka_unit_test(test_vote_refused),
		cmocka_unit_test(test_votes_conflict),
		cmocka_unit_test(test_cert),
		cmocka_unit_test(test_cert_refused),
		cmocka_unit_test(test_cert_known_votes),
		cmocka_unit_test(test_cert_of_64),
		cmocka_unit_test(test_block_round_trip),
		cmocka_unit_test(test_block_every_byte),
		cmocka_unit_test(test_block_bounds),
		cmocka_unit_test(test_view_change),
		cmocka_unit_test(test_view_change_refused),
		cmocka_unit_test(test_proposal),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_answers)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
