/*-------------------------------------------------------------------------
 *
 * registration.h
 *		Proof of work for a new identity (consensus spec 2.1).
 *
 * SHA-256("lct-creation:" entity type ":" lct text ":" hex key ":" hex hash of
 * a recent block ":" decimal nonce), read as a big-endian number, must be
 * below 2^target_exp.  The key makes the proof useless for another identity,
 * the block hash makes it impossible to prepare long before.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_REGISTRATION_H
#define W4_CONSENSUS_REGISTRATION_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

/* Writes all of the preimage but the nonce, with the last colon. */
#define W4_POW_CHALLENGE_MAX 256
extern void w4_pow_challenge(W4Writer *out, W4Slice entity_type, const uint8_t key[32],
							 const uint8_t anchor_hash[32]);

/* target_exp 0 .. 256. */
extern bool w4_pow_ok(W4Slice challenge, uint64_t nonce, int target_exp);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_REGISTRATION_H */
