/*-------------------------------------------------------------------------
 *
 * vote.h
 *		The bytes that a member signs, the same 117 for every kind.
 *
 * "W4BFT1" | kind u8 | chain id[32] | height u64be | view u32be | hash[32] |
 * extra[32] | member index u16be (consensus spec 3.4).  Fixed offsets: there is
 * nothing to parse in two ways.  On the wire the signature follows.
 *
 * kind         hash                                extra
 * PRE-PREPARE  block                               zero (a proposal in view 0)
 * PREPARE      block                               zero
 * COMMIT       block                               zero
 * VIEW-CHANGE  prepared block, zero without one    SHA-256(prepared view i64be | hash | certificate digest)
 * NEW-VIEW     block (a proposal in a view > 0)    SHA-256 of the VIEW-CHANGEs that justify it
 * STATUS       block at height - 1                 SHA-256 of the report that follows
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_VOTE_H
#define W4_CONSENSUS_VOTE_H

#include "core/consensus/members.h"

#pragma GCC visibility push(hidden)

typedef enum W4VoteKind
{
	W4_PRE_PREPARE = 1,
	W4_PREPARE = 2,
	W4_COMMIT = 3,
	W4_VIEW_CHANGE = 4,
	W4_NEW_VIEW = 5,
	W4_STATUS = 6
} W4VoteKind;

#define W4_MAGIC "W4BFT1"
#define W4_MAGIC_LEN 6
#define W4_VOTE_BYTES 117
#define W4_VOTE_WIRE_LEN (W4_VOTE_BYTES + 64)

/* The beginning that all messages share: magic, kind, chain id, height. */
#define W4_MESSAGE_PREFIX_LEN (W4_MAGIC_LEN + 1 + 32 + 8)

typedef struct W4Vote
{
	uint16_t	kind;			/* W4VoteKind; one byte on the wire, two here leave no padding */
	uint16_t	index;			/* of the signer in members(height) */
	uint32_t	view;
	uint64_t	height;
	uint8_t		hash[32];
	uint8_t		extra[32];
	uint8_t		signature[64];
} W4Vote;

extern void w4_vote_bytes(uint8_t out[W4_VOTE_BYTES], const W4Vote *vote, const uint8_t chain_id[32]);

extern void w4_vote_put(W4Writer *out, const W4Vote *vote, const uint8_t chain_id[32]);

/*
 * Strict: known kind, our chain, height >= 1, view <= W4_MAX_VIEW, index below
 * W4_MAX_MEMBERS, PRE-PREPARE only in view 0 and NEW-VIEW and VIEW-CHANGE only
 * above, zero extra where the table says so.
 */
extern void w4_vote_read(W4Vote *out, W4Reader *r, const uint8_t chain_id[32]);

/* Is it signed by members(height)[index]?  False as well for an index beyond the set. */
extern bool w4_vote_verify(const W4Vote *vote, const uint8_t chain_id[32], const W4Members *set,
						   const W4Suite *suite);

/* Same kind, height and view by the same member, but for another block: E1. */
extern bool w4_votes_conflict(const W4Vote *a, const W4Vote *b);

/* A proposal is signed as PRE-PREPARE in view 0, as NEW-VIEW above. */
static inline bool
w4_vote_is_proposal(const W4Vote *vote)
{
	return vote->kind == W4_PRE_PREPARE || vote->kind == W4_NEW_VIEW;
}

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_VOTE_H */
