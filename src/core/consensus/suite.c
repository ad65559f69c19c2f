/*-------------------------------------------------------------------------
 *
 * suite.c
 *		The default suite: Ed25519 by libsodium.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/suite.h"

#include "core/crypto.h"

static bool
ed25519_key_ok(void *arg, const uint8_t key[32])
{
	(void) arg;
	return w4_public_key_ok(key);
}

static bool
ed25519_verify(void *arg, const uint8_t signature[64], const void *message, size_t len,
			   const uint8_t key[32])
{
	(void) arg;
	return w4_verify_registered(signature, message, len, key);
}

const W4Suite w4_suite_ed25519 = {ed25519_key_ok, ed25519_verify, NULL};
