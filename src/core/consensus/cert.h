/*-------------------------------------------------------------------------
 *
 * cert.h
 *		Certificates: a quorum's signatures on one block at one height and view.
 *
 * q COMMITs decide a block for ever (block certificate); q PREPAREs oblige all
 * later views (prepared certificate).  The form is the same, the caller says
 * which kind of vote it must hold (consensus spec 3.3, 3.9).
 *
 * Wire: chain id[32] | height u64be | view u32be | block hash[32] | n u8 |
 * signers, bit i of byte i / 8, lowest first, ceil(n / 8) bytes |
 * signatures[64] in the order of the members.  270 bytes at n = 4.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_CERT_H
#define W4_CONSENSUS_CERT_H

#include "core/consensus/vote.h"

#pragma GCC visibility push(hidden)

#define W4_CERT_WIRE_MAX (32 + 8 + 4 + 32 + 1 + W4_MAX_MEMBERS / 8 + W4_MAX_MEMBERS * 64)

typedef struct W4Cert
{
	uint64_t	height;
	uint32_t	view;
	uint8_t		n;				/* size of the member set it speaks of */
	uint8_t		hash[32];
	uint64_t	signers;		/* mask of member indexes */
	uint8_t		signatures[W4_MAX_MEMBERS][64]; /* popcount(signers) used */
} W4Cert;

/* Copies no more than the signatures in use. */
extern void w4_cert_copy(W4Cert *out, const W4Cert *cert);

/* Add a signature; members must come in ascending order. */
extern void w4_cert_append(W4Cert *cert, unsigned index, const uint8_t signature[64]);

extern size_t w4_cert_wire_len(int n, int signers);
extern void w4_cert_put(W4Writer *out, const W4Cert *cert, const uint8_t chain_id[32]);

/* Strict: our chain, 1 <= n <= 64, no bit beyond n, at least one signer. */
extern void w4_cert_read(W4Cert *out, W4Reader *r, const uint8_t chain_id[32]);

/* SHA-256 of the wire form: what a block header and a VIEW-CHANGE commit to. */
extern void w4_cert_digest(uint8_t out[32], const W4Cert *cert, const uint8_t chain_id[32]);

/*
 * A vote that the caller verified before need not be verified again: "known"
 * answers whether it has seen this very signature.  NULL knows nothing.
 */
typedef bool (*W4KnownVote) (void *arg, const W4Vote *vote);

/*
 * At least a quorum of "set" signed "kind" for exactly this height, view and
 * block.  A repeated signer cannot be expressed.
 */
extern bool w4_cert_verify(const W4Cert *cert, W4VoteKind kind, const uint8_t chain_id[32],
						   const W4Members *set, const W4Suite *suite,
						   W4KnownVote known, void *arg);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_CERT_H */
