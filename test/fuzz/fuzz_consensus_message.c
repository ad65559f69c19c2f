/*
 * Every message between peers: what decodes encodes to the same bytes, and all
 * that lies within the limits that its receiver relies on.
 */
#include "consensus_fuzz.h"

#define MAX_BLOCK 65536

static uint8_t buf[1 << 20];

/* --- each kind, decoded and written again; false when it is refused --- */

static bool
again_vote(W4Writer *w, W4Slice in, W4Fault *fault)
{
	W4Reader	r = w4_reader(in);
	W4Vote		v;

	w4_vote_read(&v, &r, fuzz_chain);
	if (!w4_read_end(&r, fault))
		return false;
	w4_vote_put(w, &v, fuzz_chain);
	return true;
}

static bool
again_proposal(W4Writer *w, W4Slice in, W4Fault *fault)
{
	W4VcSummary s[W4_MAX_MEMBERS];
	W4ProposalWire p;
	W4ViewChange vc;
	uint8_t		hash[32];
	size_t		pos = 0;
	int			n = 0;

	if (!w4_proposal_decode(&p, in, fuzz_chain, MAX_BLOCK, fault))
		return false;
	expect(w4_vote_is_proposal(&p.vote) && p.block.len <= MAX_BLOCK);
	w4_vote_put(w, &p.vote, fuzz_chain);
	if (p.vote.kind == W4_NEW_VIEW)
		w4_put_u8(w, p.justification.data[0]);
	while (w4_justification_next(&vc, p.justification, &pos, fuzz_chain, fault))
	{
		expect(n < W4_MAX_MEMBERS);
		s[n++] = vc.s;
		w4_vc_put(w, &vc, fuzz_chain);
	}
	expect((n == 0) == (p.vote.kind == W4_PRE_PREPARE) && pos == p.justification.len + (n == 0));
	expect(n == 0 || n == p.justification.data[0]);
	w4_justification_hash(hash, s, n, fuzz_chain);
	expect(w4_vc_best(s, n) < n);
	w4_put_run(w, p.block);
	return true;
}

static bool
again_view_change(W4Writer *w, W4Slice in, W4Fault *fault)
{
	W4Reader	r = w4_reader(in);
	W4ViewChange vc;
	W4Members	set;

	w4_vc_read(&vc, &r, fuzz_chain);
	if (!w4_read_end(&r, fault))
		return false;
	fuzz_members(&set, MEMBERS);
	if (w4_vc_summary_ok(&vc.s))
		expect(vc.s.vote.kind == W4_VIEW_CHANGE && vc.s.prepared_view < (int64_t) vc.s.vote.view);
	if (w4_vc_prepared_ok(&vc, fuzz_chain, &set, &fuzz_suite, NULL, NULL) && vc.s.prepared_view >= 0)
		expect(w4_mask_count(vc.prepared.signers) >= 3 && vc.prepared.n == MEMBERS);
	w4_vc_put(w, &vc, fuzz_chain);
	return true;
}

static bool
again_status(W4Writer *w, W4Slice in, W4Fault *fault)
{
	W4Vote		v;
	W4Report	p;
	uint8_t		hash[32];

	if (!w4_status_decode(&v, &p, in, fuzz_chain, fault))
		return false;
	expect(in.len <= W4_STATUS_WIRE_MAX);
	w4_report_hash(hash, &p, fuzz_chain);
	expect(memcmp(hash, v.extra, 32) == 0);
	w4_status_put(w, &v, &p, fuzz_chain);
	return true;
}

static bool
again_blocks(W4Writer *w, W4Slice in, W4Fault *fault)
{
	W4Slice		block;
	W4Cert		cert;
	size_t		pos = 0;

	while (w4_blocks_next(&block, &cert, in, &pos, fuzz_chain, MAX_BLOCK, fault))
	{
		expect(block.len <= MAX_BLOCK && pos <= in.len);
		w4_blocks_put(w, block, &cert, fuzz_chain);
	}
	return fault->what == NULL;
}

static bool
again_unsigned(W4Writer *w, uint8_t kind, W4Slice in, W4Fault *fault)
{
	uint32_t	view;
	uint64_t	last;
	uint8_t		hash[32];
	W4Slice		run;
	W4Cert		cert;

	switch (kind)
	{
		case W4_FETCH_PROPOSAL:
			if (!w4_fetch_proposal_decode(&view, in, fault))
				return false;
			w4_put_u32be(w, view);
			return true;
		case W4_FETCH_BODY:
			if (!w4_fetch_body_decode(hash, in, fault))
				return false;
			w4_put(w, hash, 32);
			return true;
		case W4_FETCH_BLOCKS:
			if (!w4_fetch_blocks_decode(&last, in, fault))
				return false;
			w4_put_u64be(w, last);
			return true;
		case W4_BODY:
			if (!w4_body_decode(&run, in, MAX_BLOCK, fault))
				return false;
			w4_put_run(w, run);
			return true;
		case W4_BLOCKS:
			return again_blocks(w, in, fault);
		case W4_COMMITTED:
			if (!w4_committed_decode(&cert, in, fuzz_chain, fault))
				return false;
			w4_cert_put(w, &cert, fuzz_chain);
			return true;
		case W4_EVIDENCE:
			if (!w4_evidence_message_decode(&run, in, fault))
				return false;
			w4_put_run(w, run);
			return true;
	}
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	W4Slice		in = w4_slice(data, size);
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Fault		fault = {NULL, 0};
	W4Prefix	prefix;
	bool		read;

	if (!w4_prefix_read(&prefix, in, fuzz_chain, &fault))
	{
		expect_fault(&fault, size);
		return 0;
	}
	if (prefix.kind >= W4_FETCH_OFFER)
		return 0;				/* fuzz_consensus_sync */
	if (prefix.kind == W4_PREPARE || prefix.kind == W4_COMMIT)
		read = again_vote(&w, in, &fault);
	else if (prefix.kind == W4_PRE_PREPARE || prefix.kind == W4_NEW_VIEW)
		read = again_proposal(&w, in, &fault);
	else if (prefix.kind == W4_VIEW_CHANGE)
		read = again_view_change(&w, in, &fault);
	else if (prefix.kind == W4_STATUS)
		read = again_status(&w, in, &fault);
	else
	{
		w4_prefix_put(&w, prefix.kind, prefix.height, fuzz_chain);
		read = again_unsigned(&w, prefix.kind, in, &fault);
	}
	if (read)
		expect_same(&w, data, size);
	else
		expect_fault(&fault, size);
	return 0;
}

/* Magic and chain everywhere, and the hash that a STATUS signs of its report. */
size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	size = LLVMFuzzerMutate(data, size, max);
	if (seed % 8 == 0 || size < W4_MESSAGE_PREFIX_LEN)
		return size;
	memcpy(data, W4_MAGIC, W4_MAGIC_LEN);
	memcpy(data + W4_MAGIC_LEN + 1, fuzz_chain, 32);
	if (data[W4_MAGIC_LEN] == W4_STATUS && size > W4_VOTE_WIRE_LEN)
		w4_sha256(data + 83, data + W4_VOTE_WIRE_LEN, size - W4_VOTE_WIRE_LEN);
	else if (data[W4_MAGIC_LEN] < W4_VIEW_CHANGE && size >= W4_VOTE_WIRE_LEN)
		memset(data + 83, 0, 32);
	return size;
}
