/*
 * Evidence: what convicts was signed by the convict, says what it is said to
 * say, and encodes to the same bytes.  Signatures say themselves whether they
 * hold, and every second block breaks a rule.
 */
#include "consensus_fuzz.h"

static uint8_t buf[1 << 17];
static W4VcSummary summaries[W4_MAX_MEMBERS];

static bool
breaks_rule(void *arg, const W4Block *block)
{
	(void) arg;
	return (block->header.time_us & 1) != 0;
}

static bool
held(const W4Vote *v)
{
	return v->index < MEMBERS && (v->signature[0] & 1) == 0;
}

/* --- each form read again; it is well-formed, for it has convicted --- */

static void
again_votes(W4Writer *w, W4Reader *r, const W4Conviction *k)
{
	W4Vote		a;
	W4Vote		b;

	w4_vote_read(&a, r, fuzz_chain);
	w4_vote_read(&b, r, fuzz_chain);
	expect(w4_votes_conflict(&a, &b) && held(&a) && held(&b) && a.index == k->index);
	expect(a.kind == k->kind && a.height == k->height && a.view == k->view);
	w4_evidence_put_votes(w, &b, &a, fuzz_chain);
}

static void
again_block(W4Writer *w, W4Reader *r, const W4Conviction *k)
{
	W4Vote		v;
	W4Slice		wire;
	W4Block		b;

	w4_vote_read(&v, r, fuzz_chain);
	wire = w4_read_run(r, W4_MAX_EVIDENCE_BYTES);
	expect(held(&v) && v.index == k->index && w4_vote_is_proposal(&v));
	expect(w4_block_decode(&b, wire, fuzz_chain, W4_MAX_EVIDENCE_BYTES, NULL));
	expect(memcmp(b.hash, v.hash, 32) == 0 && b.header.height == v.height && breaks_rule(NULL, &b));
	w4_evidence_put_block(w, &v, wire, fuzz_chain);
}

static void
again_amnesia(W4Writer *w, W4Reader *r, const W4Conviction *k)
{
	W4Vote		commit;
	W4VcSummary vc;

	w4_vote_read(&commit, r, fuzz_chain);
	w4_vc_summary_read(&vc, r, fuzz_chain);
	expect(held(&commit) && held(&vc.vote) && commit.index == k->index && vc.vote.index == k->index);
	expect(commit.kind == W4_COMMIT && vc.vote.kind == W4_VIEW_CHANGE && commit.height == vc.vote.height);
	expect(vc.vote.view > commit.view && vc.prepared_view <= (int64_t) commit.view);
	w4_evidence_put_amnesia(w, &commit, &vc, fuzz_chain);
}

static void
again_new_view(W4Writer *w, W4Reader *r, const W4Conviction *k)
{
	W4Vote		v;
	W4Cert		cert;
	uint8_t		hash[32];
	uint8_t		culprit;
	int			n;

	w4_vote_read(&v, r, fuzz_chain);
	n = w4_read_u8(r);
	for (int i = 0; i < n; i++)
		w4_vc_summary_read(&summaries[i], r, fuzz_chain);
	culprit = w4_read_u8(r);
	if (culprit != W4_NO_CULPRIT)
		w4_cert_read(&cert, r, fuzz_chain);
	w4_justification_hash(hash, summaries, n, fuzz_chain);
	expect(held(&v) && v.index == k->index && v.kind == W4_NEW_VIEW);
	expect(memcmp(hash, v.extra, 32) == 0);
	w4_evidence_put_new_view(w, &v, summaries, n, culprit, &cert, fuzz_chain);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	W4Slice		in = w4_slice(data, size);
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Reader	r = w4_reader(in);
	W4Fault		fault = {NULL, 0};
	W4Conviction k;
	W4Members	set;
	W4EvidenceContext context = {fuzz_chain, &set, &fuzz_suite, breaks_rule, NULL, NULL};

	fuzz_members(&set, MEMBERS);
	if (!w4_evidence_check(&k, in, &context, &fault))
	{
		expect_fault(&fault, size);
		return 0;
	}
	expect(k.height == w4_evidence_height(in) && memcmp(k.id, set.m[k.index].id, 32) == 0);
	expect(w4_read_u8(&r) == k.form);
	switch (k.form)
	{
		case W4_EQUIVOCATION:
			again_votes(&w, &r, &k);
			break;
		case W4_BAD_BLOCK:
			again_block(&w, &r, &k);
			break;
		case W4_AMNESIA:
			again_amnesia(&w, &r, &k);
			break;
		case W4_BAD_NEW_VIEW:
			again_new_view(&w, &r, &k);
			break;
		default:
			abort();
	}
	expect(w4_read_end(&r, NULL));
	expect_same(&w, data, size);
	context.breaks_rule = NULL;
	expect(w4_evidence_check(&k, in, &context, NULL) == (k.form != W4_BAD_BLOCK));
	return 0;
}

/* --- mending: hashes that stand before what they are of --- */

static void
mend_vote(uint8_t *p)
{
	memcpy(p, W4_MAGIC, W4_MAGIC_LEN);
	memcpy(p + W4_MAGIC_LEN + 1, fuzz_chain, 32);
}

static void
mend_summary(uint8_t *p)
{
	uint8_t		bytes[8 + 32 + 32];

	mend_vote(p);
	p[W4_MAGIC_LEN] = W4_VIEW_CHANGE;
	memcpy(bytes, p + W4_VOTE_WIRE_LEN, 8);
	memcpy(bytes + 8, p + 51, 32);
	memcpy(bytes + 40, p + W4_VOTE_WIRE_LEN + 8, 32);
	w4_sha256(p + 83, bytes, sizeof(bytes));
}

static void
mend_block_evidence(uint8_t *data, size_t size)
{
	uint8_t    *block = data + 1 + W4_VOTE_WIRE_LEN + 4;
	size_t		len = size - (size_t) (block - data);
	W4Slice		parts[2] = {w4_slice("W4BLK1", 6), w4_slice(block, W4_BLOCK_HEADER_LEN)};

	put_u32(block - 4, (uint32_t) len);
	memcpy(block + AT_HEIGHT, data + 1 + 39, 8);
	mend_block(block, len, fuzz_chain);
	w4_sha256_parts(data + 1 + 51, parts, 2);
}

static void
mend_new_view(uint8_t *data, size_t size)
{
	uint8_t    *s = data + 1 + W4_VOTE_WIRE_LEN + 1;
	size_t		n = s[-1];
	uint8_t    *end = s + n * W4_VC_SUMMARY_LEN;
	size_t		rest;

	if (n > W4_MAX_MEMBERS || (size_t) (end - data) + 1 > size)
		return;
	rest = size - (size_t) (end - data) - 1;
	if (end[0] < n && rest >= 76)
	{
		memcpy(end + 1, fuzz_chain, 32);
		w4_sha256(s + end[0] * W4_VC_SUMMARY_LEN + W4_VOTE_WIRE_LEN + 8, end + 1, rest);
	}
	for (size_t i = 0; i < n; i++)
		mend_summary(s + i * W4_VC_SUMMARY_LEN);
	w4_sha256(data + 1 + 83, s, n * W4_VC_SUMMARY_LEN);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	size = LLVMFuzzerMutate(data, size, max);
	if (seed % 8 == 0 || size < 2 + W4_VOTE_WIRE_LEN)
		return size;
	mend_vote(data + 1);
	if (data[0] == W4_EQUIVOCATION && size == 1 + 2 * W4_VOTE_WIRE_LEN)
		mend_vote(data + 1 + W4_VOTE_WIRE_LEN);
	if (data[0] == W4_BAD_BLOCK && size > 1 + W4_VOTE_WIRE_LEN + 4 + W4_BLOCK_HEADER_LEN)
		mend_block_evidence(data, size);
	if (data[0] == W4_AMNESIA && size == 1 + W4_VOTE_WIRE_LEN + W4_VC_SUMMARY_LEN)
		mend_summary(data + 1 + W4_VOTE_WIRE_LEN);
	if (data[0] == W4_BAD_NEW_VIEW)
		mend_new_view(data, size);
	return size;
}
