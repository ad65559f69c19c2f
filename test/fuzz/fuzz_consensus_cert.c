/*
 * Certificates, member sets and votes, told apart by the first byte: what
 * decodes encodes to the same bytes, and a certificate verifies exactly when a
 * quorum of members signed.
 */
#include "consensus_fuzz.h"

static uint8_t buf[W4_CERT_WIRE_MAX + W4_MEMBERS_WIRE_MAX];

static bool
knows_nothing(void *arg, const W4Vote *vote)
{
	(void) arg;
	expect(vote->index < W4_MAX_MEMBERS);
	return false;
}

static bool
quorum_signed(const W4Cert *c, int n)
{
	int			good = 0;
	int			signers = w4_mask_count(c->signers);

	for (int i = 0; i < signers; i++)
		good += (c->signatures[i][0] & 1) == 0;
	return c->n == n && good == signers && 3 * signers >= 2 * n;
}

static void
try_cert(W4Slice in)
{
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Reader	r = w4_reader(in);
	W4Fault		fault = {NULL, 0};
	W4Cert		cert;
	W4Cert		copy;
	W4Members	set;
	uint8_t		digest[32];
	uint8_t		expected[32];
	bool		holds;

	w4_cert_read(&cert, &r, fuzz_chain);
	if (!w4_read_end(&r, &fault))
	{
		expect_fault(&fault, in.len);
		return;
	}
	expect(in.len == w4_cert_wire_len(cert.n, w4_mask_count(cert.signers)));
	w4_cert_copy(&copy, &cert);
	w4_cert_put(&w, &copy, fuzz_chain);
	expect_same(&w, in.data, in.len);
	w4_cert_digest(digest, &cert, fuzz_chain);
	w4_sha256(expected, in.data, in.len);
	expect(memcmp(digest, expected, 32) == 0);
	fuzz_members(&set, cert.n);
	holds = w4_cert_verify(&cert, W4_COMMIT, fuzz_chain, &set, &fuzz_suite, NULL, NULL);
	expect(holds == quorum_signed(&cert, set.n));
	expect(holds == w4_cert_verify(&cert, W4_COMMIT, fuzz_chain, &set, &fuzz_suite, knows_nothing, NULL));
	fuzz_members(&set, MEMBERS);
	expect(w4_cert_verify(&cert, W4_PREPARE, fuzz_chain, &set, &fuzz_suite, NULL, NULL) == quorum_signed(&cert, MEMBERS));
}

static void
try_members(W4Slice in)
{
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Reader	r = w4_reader(in);
	W4Fault		fault = {NULL, 0};
	W4Members	set;
	W4Members	less;

	w4_members_read(&set, &r, &fuzz_suite);
	if (!w4_read_end(&r, &fault))
	{
		expect_fault(&fault, in.len);
		return;
	}
	w4_members_put(&w, &set);
	expect_same(&w, in.data, in.len);
	for (int i = 0; i < set.n; i++)
	{
		expect(w4_members_find(&set, set.m[i].id) == i);
		less = set;
		expect(w4_members_remove(&less, set.m[i].id));
		expect(w4_members_may_follow(&set, &less) == (set.n > 1));
		expect(w4_members_add(&less, set.m[i].id, set.m[i].key));
		w4_members_seal(&less);
		expect(memcmp(less.hash, set.hash, 32) == 0);
	}
}

static void
try_vote(W4Slice in)
{
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Reader	r = w4_reader(in);
	W4Fault		fault = {NULL, 0};
	W4Vote		vote;
	W4Members	set;

	w4_vote_read(&vote, &r, fuzz_chain);
	if (!w4_read_end(&r, &fault))
	{
		expect_fault(&fault, in.len);
		return;
	}
	expect(in.len == W4_VOTE_WIRE_LEN);
	w4_vote_put(&w, &vote, fuzz_chain);
	expect_same(&w, in.data, in.len);
	fuzz_members(&set, MEMBERS);
	expect(w4_vote_verify(&vote, fuzz_chain, &set, &fuzz_suite) ==
		   (vote.index < MEMBERS && (vote.signature[0] & 1) == 0));
	expect(!w4_votes_conflict(&vote, &vote));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0] % 3)
	{
		case 0:
			try_cert(w4_slice(data + 1, size - 1));
			break;
		case 1:
			try_members(w4_slice(data + 1, size - 1));
			break;
		default:
			try_vote(w4_slice(data + 1, size - 1));
			break;
	}
	return 0;
}
