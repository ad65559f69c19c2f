/*-------------------------------------------------------------------------
 *
 * skip.h
 *		From a trusted header to a later one without those between (consensus
 *		spec 3.9, "Skipping verification").
 *
 * Who trusts the members of height a accepts header b if a quorum of members(b)
 * signed it, and among the signers are more than floor(N(a) / 3) of members(a).
 * At most f of those lie, so one of them is honest; it voted at b, so the
 * members that header b names are the real ones; and a quorum of these decides.
 * The next header, b = a + 1, needs no such overlap: a names its members.
 *
 * A member counts as one of a's only with the key that it had at a.  The rule
 * assumes that no more than f of members(a) lie even now: whoever trusts a set
 * that has been gone for long trusts keys that may have been collected since.
 * Hence W4SyncConfig.trusting_period.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_SKIP_H
#define W4_CONSENSUS_SKIP_H

#include "core/consensus/block.h"
#include "core/consensus/genesis.h"

#pragma GCC visibility push(hidden)

/* A header, what decided it, and who. */
typedef struct W4Proof
{
	W4BlockHeader header;
	uint8_t		hash[32];
	W4Cert		cert;
	W4Members	members;		/* at the header's height */
} W4Proof;

/* Wire: header[406] | certificate | members. */
#define W4_PROOF_WIRE_MAX (W4_BLOCK_HEADER_LEN + W4_CERT_WIRE_MAX + W4_MEMBERS_WIRE_MAX)

extern void w4_proof_put(W4Writer *out, const W4BlockHeader *header, const W4Cert *cert, const W4Members *members,
						 const uint8_t chain_id[32]);

/* Strict; certificate and members are those that the header names.  No signature is checked. */
extern void w4_proof_read(W4Proof *out, W4Reader *r, const uint8_t chain_id[32], const W4Suite *suite);

/* What is trusted of a height. */
typedef struct W4Trusted
{
	uint64_t	height;			/* 0: genesis */
	int64_t		time_us;
	uint8_t		hash[32];		/* of the block; the chain id at genesis */
	uint8_t		next_members_hash[32];
	W4Members	members;		/* n = 0: only height and hash are known, see w4_trusted_pin */
} W4Trusted;

extern void w4_trusted_genesis(W4Trusted *out, const uint8_t chain_id[32], const W4Genesis *genesis);

/* Somebody trusted said which block has this height: its proof is taken by its hash alone. */
extern void w4_trusted_pin(W4Trusted *out, uint64_t height, const uint8_t hash[32]);

extern void w4_trusted_step(W4Trusted *out, const W4Proof *proof);

typedef enum W4Skip
{
	W4_SKIP_GOOD,
	W4_SKIP_FAR,				/* sound in itself, but too few of the trusted members signed */
	W4_SKIP_FALSE				/* nobody honest would show this */
} W4Skip;

extern W4Skip w4_skip_verify(const W4Trusted *trusted, const W4Proof *proof, const uint8_t chain_id[32],
							 const W4Suite *suite);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_SKIP_H */
