/*
 * The durable record of a peer: what decodes encodes to the same bytes and does
 * not contradict itself.  The mutator mends the checksum.
 */
#include "consensus_fuzz.h"

static uint8_t buf[W4_RECORD_WIRE_MAX];

static void
check_vote(const W4Vote *v, const W4Record *rec)
{
	if (v->kind == 0)
		return;
	expect(v->height == rec->height);
	expect(w4_vote_position(v).step <= 3);
	expect(w4_position_cmp(w4_vote_position(v), w4_vote_position(v)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Fault		fault = {NULL, 0};
	W4Record	rec;

	if (!w4_record_decode(&rec, w4_slice(data, size), fuzz_chain, &fault))
	{
		expect_fault(&fault, size);
		return 0;
	}
	w4_record_put(&w, &rec, fuzz_chain);
	expect_same(&w, data, size);
	check_vote(&rec.proposal, &rec);
	check_vote(&rec.prepare, &rec);
	check_vote(&rec.commit, &rec);
	check_vote(&rec.view_change.vote, &rec);
	expect(rec.asked <= rec.view && (rec.mode == W4_NORMAL || rec.asked == rec.view));
	expect(rec.prepared.signers == 0 || (rec.prepared.height == rec.height && rec.prepared.view <= rec.view));
	w4_record_next(&rec);
	w = w4_writer(buf, sizeof(buf));
	w4_record_put(&w, &rec, fuzz_chain);
	expect(!w.full);
	return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	if (size > 32)
		size = 32 + LLVMFuzzerMutate(data, size - 32, max - 32);
	else
		size = LLVMFuzzerMutate(data, size, max);
	if (seed % 8 != 0 && size > 38)
		w4_sha256(data + size - 32, data, size - 32);
	return size;
}
