/*-------------------------------------------------------------------------
 *
 * block.h
 *		Blocks: header, transactions, evidence, the certificate of the parent.
 *
 * Header, 406 bytes, fixed order, big-endian (consensus spec 3.4):
 *		version u16 | chain id[32] | height u64 | time_us i64 | parent hash[32] |
 *		proposer id[32] | tx count u32 | tx root[32] | last commit hash[32] |
 *		members hash(h)[32] | next members hash(h + 1)[32] | params hash[32] |
 *		parent state digest[32] | parent results root[32] | checkpoint root[32] |
 *		evidence root[32]
 * Body:
 *		tx count times (u32be length | bytes) | evidence count u16be |
 *		that many times (u32be length | bytes) | last commit (cert.h), none at height 1
 *
 * The view is not in the header: a prepared block keeps its hash when a later
 * view proposes it again.  Transactions and evidence are opaque here; their
 * roots are RFC 6962 trees over the items (merkle.h), SHA-256("") for none.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_BLOCK_H
#define W4_CONSENSUS_BLOCK_H

#include "core/consensus/cert.h"

#pragma GCC visibility push(hidden)

#define W4_BLOCK_VERSION 1
#define W4_BLOCK_HEADER_LEN 406

typedef struct W4BlockHeader
{
	uint16_t	version;
	uint32_t	tx_count;
	uint64_t	height;			/* 1.. ; genesis is height 0 and has no block */
	int64_t		time_us;		/* since 1970-01-01 UTC, microseconds */
	uint8_t		parent[32];		/* block hash at height - 1; chain id at height 1 */
	uint8_t		proposer[32];	/* peer id of the builder */
	uint8_t		tx_root[32];
	uint8_t		last_commit_hash[32];	/* w4_cert_digest of the last commit, zero at height 1 */
	uint8_t		members_hash[32];
	uint8_t		next_members_hash[32];
	uint8_t		params_hash[32];
	uint8_t		parent_state_digest[32];
	uint8_t		parent_results_root[32];
	uint8_t		checkpoint_root[32];	/* or zero */
	uint8_t		evidence_root[32];
} W4BlockHeader;

/* A decoded block borrows the bytes that it was decoded from. */
typedef struct W4Block
{
	W4BlockHeader header;
	uint8_t		hash[32];
	W4Slice		wire;			/* all of it */
	W4Slice		txs;			/* the run of length-prefixed transactions */
	W4Slice		evidence;		/* the run of length-prefixed items */
	uint16_t	evidence_count;
	W4Slice		last_commit;	/* wire of the certificate, empty at height 1 */
} W4Block;

/* Step through txs or evidence: *pos starts at 0; false at the end. */
extern bool w4_block_next_item(W4Slice items, size_t *pos, W4Slice *item);

extern void w4_block_header_put(W4Writer *out, const W4BlockHeader *header, const uint8_t chain_id[32]);

/* Strict, but for what the header says of the body. */
extern void w4_block_header_read(W4BlockHeader *out, W4Reader *r, const uint8_t chain_id[32]);

/* SHA-256("W4BLK1" | header). */
extern void w4_block_hash(uint8_t out[32], const W4BlockHeader *header, const uint8_t chain_id[32]);

/* Roots over a run of items, for a builder. */
extern void w4_block_items_root(uint8_t out[32], W4Slice items);

/*
 * Strict decoding: sizes and counts within limits.h, our chain, known version,
 * no trailing byte, and everything that the header says about the body is
 * true: transaction root, evidence root, last commit hash (which must be a
 * certificate for height - 1 and the parent; its signatures are not checked
 * here).  "max" is the chain's own limit on block bytes.
 */
extern bool w4_block_decode(W4Block *out, W4Slice wire, const uint8_t chain_id[32], size_t max,
							W4Fault *fault);

/*
 * Write a block from a header, runs of items and the certificate of the parent
 * (NULL at height 1).  tx_count, roots and last_commit_hash of the header are
 * filled in here.  out->full when it does not fit.
 */
extern void w4_block_encode(W4Writer *out, W4BlockHeader *header, W4Slice txs, W4Slice evidence,
							const W4Cert *last_commit, const uint8_t chain_id[32]);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_BLOCK_H */
