/*-------------------------------------------------------------------------
 *
 * consensus_fuzz.h
 *		What the harnesses of the consensus codecs share.
 *
 * Hashes inside a message keep random bytes away from what lies behind them,
 * so custom mutators mend them in most inputs; and a bit of each signature says
 * whether it holds, so that inputs reach the rules behind the signatures.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CONSENSUS_FUZZ_H
#define CONSENSUS_FUZZ_H

#include <stdlib.h>

#include "core/consensus/chainfile.h"
#include "core/consensus/evidence.h"
#include "core/consensus/message.h"
#include "core/consensus/record.h"
#include "core/consensus/tip.h"
#include "core/crypto.h"

#define MEMBERS 4

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t		LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t		LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

static const uint8_t fuzz_chain[32] = {0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4, 0xC4};

static inline void
expect(bool truth)
{
	if (!truth)
		abort();
}

/* --- the suite: a signature says itself whether it holds --- */

static inline bool
fuzz_verify(void *arg, const uint8_t signature[64], const void *message, size_t len, const uint8_t key[32])
{
	(void) arg;
	(void) message;
	(void) len;
	(void) key;
	return (signature[0] & 1) == 0;
}

static inline bool
fuzz_key_ok(void *arg, const uint8_t key[32])
{
	(void) arg;
	return key[31] != 0xFF;
}

static const W4Suite fuzz_suite = {fuzz_key_ok, fuzz_verify, NULL};

static inline void
fuzz_members(W4Members *set, int n)
{
	memset(set, 0, sizeof(*set));
	for (int i = 0; i < n; i++)
	{
		uint8_t		id[32] = {0xA0, (uint8_t) i};
		uint8_t		key[32] = {0x5A, (uint8_t) i};

		expect(w4_members_add(set, id, key));
	}
	w4_members_seal(set);
}

/* What was decoded wrote back the same bytes. */
static inline void
expect_same(const W4Writer *w, const uint8_t *data, size_t size)
{
	expect(!w->full && w->len == size && memcmp(w->buf, data, size) == 0);
}

/* A refusal says why and where. */
static inline void
expect_fault(const W4Fault *fault, size_t size)
{
	expect(fault->what != NULL && fault->offset <= size);
}

/* --- mending --- */

static inline void
put_u32(uint8_t *p, uint32_t v)
{
	W4Writer	w = w4_writer(p, 4);

	w4_put_u32be(&w, v);
}

static inline void
put_u64(uint8_t *p, uint64_t v)
{
	W4Writer	w = w4_writer(p, 8);

	w4_put_u64be(&w, v);
}

/* Offsets in a block's header (block.h). */
enum
{
	AT_CHAIN = 2,
	AT_HEIGHT = 34,
	AT_TIME = 42,
	AT_PARENT = 50,
	AT_PROPOSER = 82,
	AT_TX_COUNT = 114,
	AT_TX_ROOT = 118,
	AT_LAST_COMMIT = 150,
	AT_MEMBERS = 182,
	AT_NEXT_MEMBERS = 214,
	AT_PARAMS = 246,
	AT_STATE = 278,
	AT_EVIDENCE = 374
};

/* Steps over "count" items, as many as there are; how many there were. */
static inline uint32_t
skip_items(W4Slice in, size_t *pos, uint32_t count)
{
	uint32_t	n = 0;
	W4Slice		item;

	while (n < count && w4_block_next_item(in, pos, &item))
		n++;
	return n;
}

/* Make what the header of a block says about its body true, as far as there is a body. */
static inline void
mend_block(uint8_t *block, size_t size, const uint8_t chain[32])
{
	W4Slice		in = w4_slice(block, size);
	size_t		pos = W4_BLOCK_HEADER_LEN;
	size_t		start = pos;
	uint32_t	n;

	if (size < W4_BLOCK_HEADER_LEN + 2)
		return;
	block[0] = 0;
	block[1] = W4_BLOCK_VERSION;
	memcpy(block + AT_CHAIN, chain, 32);
	n = skip_items(in, &pos, w4_get_u32be(block + AT_TX_COUNT));
	put_u32(block + AT_TX_COUNT, n);
	w4_block_items_root(block + AT_TX_ROOT, w4_slice(block + start, pos - start));
	if (size - pos < 2)
		return;
	start = pos + 2;
	n = w4_get_u16be(block + pos);
	pos += 2;
	n = skip_items(in, &pos, n);
	block[start - 2] = (uint8_t) (n >> 8);
	block[start - 1] = (uint8_t) n;
	w4_block_items_root(block + AT_EVIDENCE, w4_slice(block + start, pos - start));
	memset(block + AT_LAST_COMMIT, 0, 32);
	if (pos == size)
		return;
	if (size - pos >= 32 + 8 + 4 + 32)
	{
		memcpy(block + pos, chain, 32);
		put_u64(block + pos + 32, w4_get_u64be(block + AT_HEIGHT) - 1);
		memcpy(block + pos + 44, block + AT_PARENT, 32);
	}
	w4_sha256(block + AT_LAST_COMMIT, block + pos, size - pos);
}

#endif							/* CONSENSUS_FUZZ_H */
