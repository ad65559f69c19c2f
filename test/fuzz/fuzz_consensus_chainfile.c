/*
 * Chain files and genesis documents.  The chain id trusted is the input's own,
 * signatures say themselves whether they hold, and the mutator mends lengths,
 * hashes and links, so that inputs get past the first record.  What is accepted
 * encodes to the same bytes; no piece asked for is larger than the limit.
 */
#include "consensus_fuzz.h"

static uint8_t buf[1 << 20];
static W4ChainCheck check;

static bool
genesis_of(const uint8_t *data, size_t size, W4Slice *out)
{
	size_t		len;

	if (size < W4_CHAINFILE_HEAD_LEN)
		return false;
	len = w4_get_u32be(data + 8);
	*out = w4_slice(data + W4_CHAINFILE_HEAD_LEN, len);
	return len <= size - W4_CHAINFILE_HEAD_LEN;
}

/* The piece that was just accepted, written again. */
static void
write_again(W4Writer *w, W4ChainPiece kind, W4Slice piece, const uint8_t chain_id[32])
{
	W4Reader	r = w4_reader(piece);
	W4Genesis	g;
	W4Members	next;
	W4Cert		cert;
	W4Slice		block;
	bool		change;

	switch (kind)
	{
		case W4_CHAIN_HEAD:
		case W4_CHAIN_LENGTH:
		case W4_CHAIN_DONE:
			break;
		case W4_CHAIN_GENESIS:
			{
				uint8_t		wire[W4_GENESIS_WIRE_MAX];
				W4Writer	gw = w4_writer(wire, sizeof(wire));

				expect(w4_genesis_decode(&g, piece, &fuzz_suite, NULL));
				w4_genesis_put(&gw, &g);
				w4_chainfile_put_head(w, w4_slice(wire, gw.len));
				break;
			}
		case W4_CHAIN_RECORD:
			block = w4_read_run(&r, W4_MAX_BLOCK_BYTES);
			w4_cert_read(&cert, &r, chain_id);
			change = w4_read_flag(&r);
			if (change)
				w4_members_read(&next, &r, &fuzz_suite);
			expect(w4_read_end(&r, NULL));
			w4_chainfile_put_record(w, block, &cert, change ? &next : NULL, chain_id);
			break;
		case W4_CHAIN_END:
			w4_chainfile_put_end(w, w4_get_u64be(piece.data), piece.data + 8);
			break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Fault		fault = {NULL, 0};
	W4Slice		genesis;
	uint8_t		chain_id[32] = {0};

	if (genesis_of(data, size, &genesis))
		w4_chain_id(chain_id, genesis);
	w4_chain_check_init(&check, chain_id, &fuzz_suite);
	for (size_t pos = 0;;)
	{
		W4ChainPiece kind = check.piece;
		size_t		wants = kind == W4_CHAIN_DONE ? 1 : check.wants;
		W4Slice		piece = w4_slice(data + pos, wants < size - pos ? wants : size - pos);
		uint64_t	at = w4_chain_check_at(&check);

		expect(wants <= W4_CHAINFILE_PIECE_MAX && at <= check.height + 1);
		if (!w4_chain_check_give(&check, piece, &fault))
		{
			expect_fault(&fault, piece.len);
			return 0;
		}
		write_again(&w, kind, piece, chain_id);
		pos += piece.len;
		if (kind == W4_CHAIN_DONE)
			break;
	}
	expect_same(&w, data, size);
	return 0;
}

/* --- mending --- */

typedef struct Mend
{
	uint8_t		chain_id[32];
	uint8_t		parent[32];
	uint8_t		members[32];
	uint64_t	height;
} Mend;

/* The certificate behind a block: chain, height and hash are the block's. */
static void
mend_cert(uint8_t *cert, size_t size, const uint8_t *block, Mend *m)
{
	W4Slice		parts[2] = {w4_slice("W4BLK1", 6), w4_slice(block, W4_BLOCK_HEADER_LEN)};

	w4_sha256_parts(m->parent, parts, 2);
	if (size < 76)
		return;
	memcpy(cert, m->chain_id, 32);
	put_u64(cert + 32, m->height);
	memcpy(cert + 44, m->parent, 32);
}

/* The members at the end of a record, if they are there; their hash. */
static bool
next_members(const uint8_t *cert, size_t size, const uint8_t *chain_id, uint8_t hash[32])
{
	W4Reader	r = w4_reader(w4_slice(cert, size));
	W4Cert		c;
	W4Members	next;

	w4_cert_read(&c, &r, chain_id);
	if (r.what != NULL || w4_read_u8(&r) != 1)
		return false;
	w4_members_read(&next, &r, &fuzz_suite);
	if (!w4_read_end(&r, NULL))
		return false;
	memcpy(hash, next.hash, 32);
	return true;
}

static void
mend_record(uint8_t *rec, size_t size, Mend *m)
{
	uint8_t    *block = rec + 4;
	size_t		len = w4_get_u32be(rec);
	uint8_t		next[32];

	if (len > size - 4 || len < W4_BLOCK_HEADER_LEN + 2)
		return;
	m->height++;
	put_u64(block + AT_HEIGHT, m->height);
	memcpy(block + AT_PARENT, m->parent, 32);
	memcpy(block + AT_MEMBERS, m->members, 32);
	memcpy(next, m->members, 32);
	mend_cert(block + len, size - 4 - len, block, m);
	if (next_members(block + len, size - 4 - len, m->chain_id, next))
		memcpy(m->members, next, 32);
	memcpy(block + AT_NEXT_MEMBERS, next, 32);
	mend_block(block, len, m->chain_id);
	mend_cert(block + len, size - 4 - len, block, m);
}

static void
mend_file(uint8_t *data, size_t size)
{
	W4Slice		doc;
	W4Genesis	g;
	Mend		m = {{0}, {0}, {0}, 0};
	size_t		pos;

	if (!genesis_of(data, size, &doc) || !w4_genesis_decode(&g, doc, &fuzz_suite, NULL))
		return;
	w4_chain_id(m.chain_id, doc);
	memcpy(m.parent, m.chain_id, 32);
	memcpy(m.members, g.members.hash, 32);
	pos = W4_CHAINFILE_HEAD_LEN + doc.len;
	while (size - pos >= 8)
	{
		size_t		len = w4_get_u32be(data + pos);

		if (len == 0 && size - pos == 4 + W4_CHAINFILE_END_LEN)
		{
			put_u64(data + pos + 4, m.height);
			memcpy(data + pos + 12, m.parent, 32);
			if (m.height == 0)
				memset(data + pos + 12, 0, 32);
		}
		if (len < 4 || len > size - pos - 4)
			return;
		mend_record(data + pos + 4, len, &m);
		if (m.height == 1)
		{
			/* the first header repeats genesis */
			memcpy(data + pos + 8 + AT_PARAMS, g.params_hash, 32);
			memcpy(data + pos + 8 + AT_STATE, g.state_digest, 32);
			m.height = 0;
			memcpy(m.parent, m.chain_id, 32);
			memcpy(m.members, g.members.hash, 32);
			mend_record(data + pos + 4, len, &m);
		}
		pos += 4 + len;
	}
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	size = LLVMFuzzerMutate(data, size, max);
	if (seed % 8 != 0)
		mend_file(data, size);
	return size;
}
