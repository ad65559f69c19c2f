/*-------------------------------------------------------------------------
 *
 * suite.h
 *		How the consensus core signs and verifies.
 *
 * The host may put a key holder of its own behind "sign", and a simulator a
 * cheap keyed hash behind both.  Keys were checked when the member set was
 * decoded, so "verify" need not look at their order again.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_SUITE_H
#define W4_CONSENSUS_SUITE_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

typedef struct W4Suite
{
	bool		(*key_ok) (void *arg, const uint8_t key[32]);
	bool		(*verify) (void *arg, const uint8_t signature[64], const void *message, size_t len,
						   const uint8_t key[32]);
	void	   *arg;
} W4Suite;

/* Ed25519 by libsodium, strict (crypto.h). */
extern const W4Suite w4_suite_ed25519;

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_SUITE_H */
