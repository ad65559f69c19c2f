/*
 * The summary of a tip, from a snapshot of a stranger: it decodes to itself or
 * not at all, and makes a tip only with headers that name its members.
 */
#include "consensus_fuzz.h"

static uint8_t buf[W4_TIP_SUMMARY_MAX];
static W4Tip tip;
static W4Tip joined;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Reader	r = w4_reader(w4_slice(data, size));
	W4Fault		fault = {NULL, 0};
	W4BlockHeader at;
	W4BlockHeader after;
	W4Cert		cert;

	memset(&at, 0, sizeof(at));
	memset(&after, 0, sizeof(after));
	at.version = after.version = W4_BLOCK_VERSION;
	at.height = 9;
	after.height = 10;
	w4_block_hash(after.parent, &at, fuzz_chain);
	w4_tip_summary_read(&tip, &r, &fuzz_suite);
	if (!w4_read_end(&r, &fault))
	{
		expect_fault(&fault, size);
		expect(!w4_tip_join(&joined, &at, &after, &cert, w4_slice(data, size), fuzz_chain, &fuzz_suite, NULL));
		return 0;
	}
	w4_tip_summary_put(&w, &tip);
	expect_same(&w, data, size);
	memset(&cert, 0, sizeof(cert));
	cert.height = 9;
	cert.n = tip.members[0].n;
	memcpy(cert.hash, after.parent, 32);
	expect(!w4_tip_join(&joined, &at, &after, &cert, w4_slice(data, size), fuzz_chain, &fuzz_suite, &fault));
	memcpy(at.members_hash, tip.members[0].hash, 32);
	memcpy(at.next_members_hash, tip.members[1].hash, 32);
	memcpy(after.members_hash, tip.members[1].hash, 32);
	memcpy(after.next_members_hash, tip.members[2].hash, 32);
	w4_block_hash(after.parent, &at, fuzz_chain);
	memcpy(cert.hash, after.parent, 32);
	expect(w4_tip_join(&joined, &at, &after, &cert, w4_slice(data, size), fuzz_chain, &fuzz_suite, &fault));
	expect(joined.height == 9 && w4_tip_proposer(&joined, 0) < joined.members[1].n);
	return 0;
}
