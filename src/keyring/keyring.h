/*-------------------------------------------------------------------------
 *
 * keyring.h
 *		Keys that live in the server, sealed under a key file.
 *
 * Nothing here returns or takes a secret key: callers name a public key and get
 * a signature.  The server key is read lazily, only in a process that signs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_KEYRING_H
#define W4_KEYRING_H

#include "postgres.h"

#include "core/bytes.h"

/* Define web4.server_key_file. */
extern void w4_keyring_define_settings(void);

/* Does the keyring hold this key?  SPI connected. */
extern bool w4_keyring_has(const uint8_t public_key[32]);

/*
 * Make a new key pair, store it sealed, return its public key.  SPI connected.
 */
extern void w4_keyring_generate(const char *label, const char *purpose, uint8_t public_key[32]);

/* Record whose key it is (once, when the identity is minted).  SPI connected. */
extern void w4_keyring_bind(const uint8_t public_key[32], const uint8_t owner[32]);

/*
 * Sign without asking who calls: for the extension's own acts (tree heads,
 * bootstrap).  SQL callers go through web4_sign_as(), which checks.
 */
extern void w4_keyring_sign(const uint8_t public_key[32], W4Slice message, uint8_t signature[64]);

#endif							/* W4_KEYRING_H */
