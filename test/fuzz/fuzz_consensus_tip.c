/*
 * What the chain says about the next block, as it is stored and sent in
 * snapshots: what decodes encodes to the same bytes and can be asked anything.
 */
#include "consensus_fuzz.h"

static uint8_t buf[W4_TIP_WIRE_MAX];
static W4Tip tip;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Reader	r = w4_reader(w4_slice(data, size));
	W4Fault		fault = {NULL, 0};
	W4BlockHeader h;

	w4_tip_read(&tip, &r, fuzz_chain, &fuzz_suite);
	if (!w4_read_end(&r, &fault))
	{
		expect_fault(&fault, size);
		return 0;
	}
	w4_tip_put(&w, &tip, fuzz_chain);
	expect_same(&w, data, size);
	for (uint32_t view = 0; view < 70; view++)
	{
		int			i = w4_tip_proposer(&tip, view);

		expect(i >= 0 && i < tip.members[1].n);
		expect(w4_rota_may_build(&tip.members[1], tip.rota.skipped, tip.height + 1, view, i));
	}
	w4_tip_header(&tip, &h);
	expect(h.height == tip.height + 1 && memcmp(h.parent, tip.hash, 32) == 0);
	for (int i = 0; i < tip.members[1].n; i++)
		w4_rota_strike(&tip.rota, i);
	expect(w4_tip_proposer(&tip, 0) < tip.members[1].n);
	w4_rota_follow(&tip.rota, &tip.members[1], &tip.members[2]);
	if (tip.height > 0)
		w4_rota_advance(&tip.rota, &tip.members[2], &tip.cert, &tip.members[0], tip.skipped_before, tip.builder);
	return 0;
}
