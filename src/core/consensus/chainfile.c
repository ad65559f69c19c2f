/*-------------------------------------------------------------------------
 *
 * chainfile.c
 *		A whole chain as one file, and its verification from genesis on.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/chainfile.h"

/* --- writing --- */

void
w4_chainfile_put_head(W4Writer *out, W4Slice genesis)
{
	w4_put(out, W4_CHAINFILE_MAGIC, 6);
	w4_put_u16be(out, W4_CHAINFILE_VERSION);
	w4_put_run(out, genesis);
}

void
w4_chainfile_put_record(W4Writer *out, W4Slice block, const W4Cert *cert, const W4Members *next,
						const uint8_t chain_id[32])
{
	size_t		start = out->len;
	W4Writer	len;

	w4_put_u32be(out, 0);
	w4_put_run(out, block);
	w4_cert_put(out, cert, chain_id);
	w4_put_u8(out, next != NULL);
	if (next != NULL)
		w4_members_put(out, next);
	if (out->full)
		return;
	len = w4_writer(out->buf + start, 4);
	w4_put_u32be(&len, (uint32_t) (out->len - start - 4));
}

void
w4_chainfile_put_end(W4Writer *out, uint64_t height, const uint8_t hash[32])
{
	w4_put_u32be(out, 0);
	w4_put_u64be(out, height);
	w4_put(out, hash, 32);
}

/* --- one record --- */

typedef struct Record
{
	W4Block		block;
	W4Cert		cert;
	W4Members	next;			/* members(height + 1) */
} Record;

/* The members of the next height: given where they change, else those of this one. */
static void
read_next_members(Record *out, W4Reader *r, const W4ChainCheck *c)
{
	const W4BlockHeader *h = &out->block.header;
	bool		given = w4_read_flag(r);
	bool		change = !w4_hash_eq(h->next_members_hash, h->members_hash);

	if (given != change)
	{
		w4_read_fail(r, change ? "the next members are missing" : "members where none change");
		return;
	}
	if (!change)
	{
		out->next = c->members;
		return;
	}
	w4_members_read(&out->next, r, c->suite);
	if (r->what == NULL && !w4_hash_eq(out->next.hash, h->next_members_hash))
		w4_read_fail(r, "the next members are not those of the header");
}

/* What the header says about the chain so far; NULL when all of it is true. */
static const char *
header_misfit(const W4ChainCheck *c, const W4BlockHeader *h)
{
	bool		first = c->height == 0;

	if (h->height != c->height + 1)
		return "block of another height";
	if (!w4_hash_eq(h->parent, c->hash))
		return "block of another parent";
	if (h->time_us <= c->time_us)
		return "time does not rise";
	if (!w4_hash_eq(h->members_hash, c->members.hash))
		return "members are not those announced";
	if (first && !w4_hash_eq(h->next_members_hash, c->members.hash))
		return "members change before a block could have decided it";
	if (!w4_hash_eq(h->next_members_hash, h->members_hash) && !w4_hash_eq(c->before.hash, c->members.hash))
		return "members change while another change is under way";
	if (first && !w4_hash_eq(h->params_hash, c->genesis.params_hash))
		return "parameters are not those of genesis";
	if (first && !w4_hash_eq(h->parent_state_digest, c->genesis.state_digest))
		return "state is not that of genesis";
	if (w4_members_find(&c->members, h->proposer) == W4_NO_MEMBER)
		return "built by somebody who is no member";
	return NULL;
}

/* The certificate of the record before was verified; most blocks carry the same signatures. */
static bool
known_from_cert(void *arg, const W4Vote *vote)
{
	const W4Cert *cert = arg;
	uint64_t	below = vote->index == 0 ? 0 : w4_mask_all(vote->index);

	return cert->view == vote->view && w4_mask_has(cert->signers, vote->index) &&
		memcmp(cert->signatures[w4_mask_count(cert->signers & below)], vote->signature, 64) == 0;
}

static bool
last_commit_ok(const W4ChainCheck *c, const W4Block *block)
{
	W4Reader	r = w4_reader(block->last_commit);
	W4Cert		cert;

	if (c->height == 0)
		return block->last_commit.len == 0;

	/* w4_block_decode has held its height and hash against the header. */
	w4_cert_read(&cert, &r, c->chain_id);
	return w4_read_end(&r, NULL) &&
		w4_cert_verify(&cert, W4_COMMIT, c->chain_id, &c->before, c->suite, known_from_cert, (void *) &c->cert);
}

/* Whether the header fits is asked first: the rest is read by what it says. */
static bool
read_record(Record *out, W4Slice piece, const W4ChainCheck *c, W4Fault *fault)
{
	W4Reader	r = w4_reader(piece);
	W4Slice		block = w4_read_run(&r, W4_MAX_BLOCK_BYTES);
	const char *what;

	if (!w4_read_ok(&r, fault) ||
		!w4_block_decode(&out->block, block, c->chain_id, W4_MAX_BLOCK_BYTES, fault))
		return false;
	what = header_misfit(c, &out->block.header);
	if (what != NULL)
		return w4_fault(fault, what, 0);
	w4_cert_read(&out->cert, &r, c->chain_id);
	if (r.what == NULL)
		read_next_members(out, &r, c);
	return w4_read_end(&r, fault);
}

static const char *
record_misfit(const W4ChainCheck *c, const Record *rec)
{
	if (!w4_members_may_follow(&c->members, &rec->next))
		return "more than one member changes at once";
	if (rec->cert.height != rec->block.header.height || !w4_hash_eq(rec->cert.hash, rec->block.hash))
		return "certificate of another block";
	if (!w4_cert_verify(&rec->cert, W4_COMMIT, c->chain_id, &c->members, c->suite, NULL, NULL))
		return "certificate is not that of a quorum of the members";
	if (!last_commit_ok(c, &rec->block))
		return "last commit is not that of a quorum of the members before";
	return NULL;
}

static void
step_on(W4ChainCheck *c, const Record *rec)
{
	const W4BlockHeader *h = &rec->block.header;

	c->height = h->height;
	c->time_us = h->time_us;
	w4_hash_copy(c->hash, rec->block.hash);
	c->transactions += h->tx_count;
	c->signatures += (uint64_t) w4_mask_count(rec->cert.signers);
	c->changes += !w4_hash_eq(h->next_members_hash, h->members_hash);
	c->before = c->members;
	c->members = rec->next;
	w4_cert_copy(&c->cert, &rec->cert);
}

/* --- the pieces --- */

static void
expect(W4ChainCheck *c, W4ChainPiece piece, size_t wants)
{
	c->piece = piece;
	c->wants = wants;
}

static bool
take_head(W4ChainCheck *c, W4Slice piece, W4Fault *fault)
{
	W4Reader	r = w4_reader(piece);
	const uint8_t *magic = w4_read_bytes(&r, 6);
	uint32_t	len;

	if (magic != NULL && memcmp(magic, W4_CHAINFILE_MAGIC, 6) != 0)
		w4_read_fail(&r, "not a chain file");
	if (w4_read_u16be(&r) != W4_CHAINFILE_VERSION)
		w4_read_fail(&r, "unknown version of a chain file");
	len = w4_read_u32be(&r);
	if (len > W4_GENESIS_WIRE_MAX)
		w4_read_fail(&r, "genesis longer than allowed");
	expect(c, W4_CHAIN_GENESIS, len);
	return w4_read_end(&r, fault);
}

/* The hash comes first: of a genesis that we do not trust nothing is read. */
static bool
take_genesis(W4ChainCheck *c, W4Slice piece, W4Fault *fault)
{
	uint8_t		chain_id[32];

	w4_chain_id(chain_id, piece);
	if (!w4_hash_eq(chain_id, c->chain_id))
		return w4_fault(fault, "another chain: genesis does not have the trusted hash", 0);
	if (!w4_genesis_decode(&c->genesis, piece, c->suite, fault))
		return false;
	c->time_us = c->genesis.time_us;
	w4_hash_copy(c->hash, chain_id);
	c->before = c->genesis.members;
	c->members = c->genesis.members;
	expect(c, W4_CHAIN_LENGTH, 4);
	return true;
}

static bool
take_length(W4ChainCheck *c, W4Slice piece, W4Fault *fault)
{
	uint32_t	len = w4_get_u32be(piece.data);

	if (len > W4_CHAINFILE_PIECE_MAX)
		return w4_fault(fault, "record longer than allowed", 0);
	if (len == 0)
		expect(c, W4_CHAIN_END, W4_CHAINFILE_END_LEN);
	else
		expect(c, W4_CHAIN_RECORD, len);
	return true;
}

static bool
take_record(W4ChainCheck *c, W4Slice piece, W4Fault *fault)
{
	Record		rec;
	const char *what;

	if (!read_record(&rec, piece, c, fault))
		return false;
	what = record_misfit(c, &rec);
	if (what != NULL)
		return w4_fault(fault, what, 0);
	step_on(c, &rec);
	expect(c, W4_CHAIN_LENGTH, 4);
	return true;
}

static bool
take_end(W4ChainCheck *c, W4Slice piece, W4Fault *fault)
{
	static const uint8_t none[32];

	if (w4_get_u64be(piece.data) != c->height ||
		!w4_hash_eq(piece.data + 8, c->height == 0 ? none : c->hash))
		return w4_fault(fault, "the end speaks of another last block", 0);
	expect(c, W4_CHAIN_DONE, 0);
	return true;
}

void
w4_chain_check_init(W4ChainCheck *c, const uint8_t chain_id[32], const W4Suite *suite)
{
	memset(c, 0, offsetof(W4ChainCheck, genesis));
	c->suite = suite;
	w4_hash_copy(c->chain_id, chain_id);
	expect(c, W4_CHAIN_HEAD, W4_CHAINFILE_HEAD_LEN);
}

uint64_t
w4_chain_check_at(const W4ChainCheck *c)
{
	return c->piece <= W4_CHAIN_GENESIS ? 0 : c->height + 1;
}

bool
w4_chain_check_give(W4ChainCheck *c, W4Slice piece, W4Fault *fault)
{
	if (piece.len != c->wants)
		return w4_fault(fault, c->piece == W4_CHAIN_DONE ? "bytes after the end" : "truncated", piece.len);
	switch (c->piece)
	{
		case W4_CHAIN_HEAD:
			return take_head(c, piece, fault);
		case W4_CHAIN_GENESIS:
			return take_genesis(c, piece, fault);
		case W4_CHAIN_LENGTH:
			return take_length(c, piece, fault);
		case W4_CHAIN_RECORD:
			return take_record(c, piece, fault);
		case W4_CHAIN_END:
			return take_end(c, piece, fault);
		case W4_CHAIN_DONE:
			break;
	}
	return true;
}
