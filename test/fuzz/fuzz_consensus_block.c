/*
 * Blocks: what decodes encodes to the same bytes, has the hash of its header,
 * and its items are as many as it says.
 */
#include "consensus_fuzz.h"

static uint8_t buf[1 << 20];

static uint32_t
walk(W4Slice items)
{
	size_t		pos = 0;
	uint32_t	n = 0;
	W4Slice		item;

	while (w4_block_next_item(items, &pos, &item))
	{
		expect(item.len > 0 && item.len <= W4_MAX_TX_BYTES);
		n++;
	}
	expect(pos == items.len);
	return n;
}

static void
check_tip_rules(const W4Block *b)
{
	static W4Tip tip;
	W4Members	set;
	uint8_t		zero[32] = {0};

	fuzz_members(&set, MEMBERS);
	w4_tip_genesis(&tip, fuzz_chain, &set, 0, zero, zero);
	(void) w4_tip_misfit(&tip, b, 3);
	tip.height = b->header.height - 1;
	memcpy(tip.hash, b->header.parent, 32);
	(void) w4_tip_misfit(&tip, b, 3);
	(void) w4_tip_last_commit(&tip, b, fuzz_chain, &fuzz_suite);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Fault		fault = {NULL, 0};
	W4Block		b;
	W4BlockHeader h;
	W4Cert		cert;
	W4Reader	r;
	uint8_t		hash[32];

	if (!w4_block_decode(&b, w4_slice(data, size), fuzz_chain, sizeof(buf), &fault))
	{
		expect_fault(&fault, size);
		return 0;
	}
	expect(walk(b.txs) == b.header.tx_count && walk(b.evidence) == b.evidence_count);
	w4_block_hash(hash, &b.header, fuzz_chain);
	expect(memcmp(hash, b.hash, 32) == 0);
	r = w4_reader(b.last_commit);
	if (b.header.height > 1)
	{
		w4_cert_read(&cert, &r, fuzz_chain);
		expect(w4_read_end(&r, NULL));
	}

	/* The encoder fills in what follows from the body. */
	h = b.header;
	h.tx_count = 77;
	memset(h.tx_root, 7, 32);
	memset(h.evidence_root, 7, 32);
	memset(h.last_commit_hash, 7, 32);
	w4_block_encode(&w, &h, b.txs, b.evidence, b.header.height > 1 ? &cert : NULL, fuzz_chain);
	expect_same(&w, data, size);
	expect(!w4_block_decode(&b, w4_slice(data, size), fuzz_chain, size - 1, NULL));
	check_tip_rules(&b);
	return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	size = LLVMFuzzerMutate(data, size, max);
	if (seed % 8 != 0)
		mend_block(data, size, fuzz_chain);
	return size;
}
