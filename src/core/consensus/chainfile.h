/*-------------------------------------------------------------------------
 *
 * chainfile.h
 *		A whole chain as one file, and its verification from genesis on.
 *
 * File:
 *		"W4CHNF" | version u16be = 1 | u32be length, genesis (genesis.h)
 *		for each height from 1 on: u32be length, record
 *		u32be 0 | height u64be | block hash[32] of the last block, zero for none
 * Record:
 *		u32be length, block (block.h) | its certificate of COMMITs (cert.h) |
 *		flag u8 | members(height + 1) if the flag is 1 (members.h)
 * The flag is 1 exactly where the header names other members for the next
 * height than for its own: headers hold only the hashes of the sets.
 *
 * The verifier is given the pieces of a file in their order and asks for each
 * by its length, so that a host reads a file of any size through one buffer of
 * W4_CHAINFILE_PIECE_MAX bytes.  It trusts the chain id and nothing else.  What
 * it checks at each height h (consensus spec 3.9):
 *
 *	1. form: block, certificate and members are canonical and within limits,
 *	   and so is every length; transaction root, evidence root and hash of the
 *	   last commit are what the header says
 *	2. chain: the height follows, the parent is the block before, time rises
 *	3. members: the set is the one announced at h - 1; the next one differs from
 *	   it in one member at most, and is given in full where it differs.  Genesis
 *	   names the sets of heights 1 and 2; what block h decides is announced by
 *	   h + 1 and holds from h + 2 on, before which no other change is decided
 *	4. builder: a member at h
 *	5. certificate: a quorum of members(h) signed COMMIT for this very block
 *	6. last commit: a quorum of members(h - 1) signed COMMIT for its parent
 *
 * It executes nothing: results, state digests and parameters are what a quorum
 * signed, and that a transaction or an item of evidence was rightly taken is
 * theirs to know.  A quorum of liars can write any chain.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_CHAINFILE_H
#define W4_CONSENSUS_CHAINFILE_H

#include "core/consensus/block.h"
#include "core/consensus/genesis.h"

#pragma GCC visibility push(hidden)

#define W4_CHAINFILE_MAGIC "W4CHNF"
#define W4_CHAINFILE_VERSION 1
#define W4_CHAINFILE_HEAD_LEN (6 + 2 + 4)
#define W4_CHAINFILE_END_LEN (8 + 32)
#define W4_CHAINFILE_PIECE_MAX (4 + W4_MAX_BLOCK_BYTES + W4_CERT_WIRE_MAX + 1 + W4_MEMBERS_WIRE_MAX)

/* --- writing --- */

extern void w4_chainfile_put_head(W4Writer *out, W4Slice genesis);

/* "next" are members(height + 1) where they differ from members(height), else NULL. */
extern void w4_chainfile_put_record(W4Writer *out, W4Slice block, const W4Cert *cert, const W4Members *next,
									const uint8_t chain_id[32]);
extern void w4_chainfile_put_end(W4Writer *out, uint64_t height, const uint8_t hash[32]);

/* --- verifying --- */

typedef enum W4ChainPiece
{
	W4_CHAIN_HEAD,
	W4_CHAIN_GENESIS,
	W4_CHAIN_LENGTH,
	W4_CHAIN_RECORD,
	W4_CHAIN_END,
	W4_CHAIN_DONE				/* nothing may follow */
} W4ChainPiece;

typedef struct W4ChainCheck
{
	const W4Suite *suite;
	uint8_t		chain_id[32];
	W4ChainPiece piece;			/* the next one */
	size_t		wants;			/* its length */
	uint64_t	height;			/* of the newest block verified; 0: none */
	int64_t		time_us;
	uint8_t		hash[32];
	uint64_t	transactions;	/* so far */
	uint64_t	signatures;		/* in the certificates so far */
	uint64_t	changes;		/* of the member set so far */
	W4Genesis	genesis;		/* once read */
	W4Members	before;			/* members(height) */
	W4Members	members;		/* members(height + 1) */
	W4Cert		cert;			/* of the newest block */
} W4ChainCheck;

extern void w4_chain_check_init(W4ChainCheck *check, const uint8_t chain_id[32], const W4Suite *suite);

/*
 * The next piece, "wants" bytes; fewer where the file ends.  False: refused for
 * good, and the height that the piece belongs to is w4_chain_check_at.
 */
extern bool w4_chain_check_give(W4ChainCheck *check, W4Slice piece, W4Fault *fault);

/* The height that the next piece belongs to; 0: what stands before the first record. */
extern uint64_t w4_chain_check_at(const W4ChainCheck *check);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_CHAINFILE_H */
