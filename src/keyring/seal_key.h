/*-------------------------------------------------------------------------
 *
 * seal_key.h
 *		A secret key as it lies in web4.keyring.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_SEAL_KEY_H
#define W4_SEAL_KEY_H

#include "postgres.h"

#include "core/bytes.h"

#define W4_SEALED_NONCE_LEN 24
#define W4_SEALED_LEN 80		/* secret key and tag */
#define W4_PURPOSE_MAX 16

typedef struct W4SealedKey
{
	uint8_t		public_key[32];
	char		purpose[W4_PURPOSE_MAX];	/* NUL-terminated */
	uint8_t		nonce[W4_SEALED_NONCE_LEN];
	uint8_t		sealed[W4_SEALED_LEN];
} W4SealedKey;

/* Seal under a fresh nonce; public_key and purpose are given and authenticated. */
extern void w4_seal_key(W4SealedKey *key, const uint8_t secret_key[64], const uint8_t server_key[32]);

/* False: not sealed under this server key, or not for this public key and purpose. */
extern bool w4_unseal_key(uint8_t secret_key[64], const W4SealedKey *key, const uint8_t server_key[32]);

#endif							/* W4_SEAL_KEY_H */
