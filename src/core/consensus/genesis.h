/*-------------------------------------------------------------------------
 *
 * genesis.h
 *		Where a chain begins: the document whose hash is the chain id.
 *
 * Wire: version u16be = 1 | name length u8 | name | time_us i64be |
 *		params hash[32] | state digest[32] | members (members.h)
 * chain id = SHA-256("W4GEN1" | wire) (consensus spec 3.4)
 *
 * Balances and parameters are bound by their hashes, so who knows the chain id
 * knows everything that a chain began with, and can be handed the rest by
 * anybody.  The document carries no signatures: each founding peer signs the
 * chain id with every vote, and no block is decided without a quorum of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_GENESIS_H
#define W4_CONSENSUS_GENESIS_H

#include "core/consensus/members.h"

#pragma GCC visibility push(hidden)

#define W4_GENESIS_VERSION 1
#define W4_GENESIS_NAME_MAX 63
#define W4_GENESIS_WIRE_MAX (2 + 1 + W4_GENESIS_NAME_MAX + 8 + 32 + 32 + W4_MEMBERS_WIRE_MAX)

typedef struct W4Genesis
{
	char		name[W4_GENESIS_NAME_MAX + 1];	/* of the network: 1..63 of a-z, 0-9, hyphen */
	int64_t		time_us;		/* since 1970-01-01 UTC; blocks are younger */
	uint8_t		params_hash[32];
	uint8_t		state_digest[32];	/* of the state before the first block */
	W4Members	members;		/* at heights 1 and 2 */
} W4Genesis;

extern void w4_genesis_put(W4Writer *out, const W4Genesis *genesis);
extern bool w4_genesis_decode(W4Genesis *out, W4Slice wire, const W4Suite *suite, W4Fault *fault);
extern void w4_chain_id(uint8_t out[32], W4Slice genesis);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_GENESIS_H */
