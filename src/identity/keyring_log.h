/*-------------------------------------------------------------------------
 *
 * keyring_log.h
 *		What is done with the keys of the keyring, in their owners' logs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_IDENTITY_KEYRING_LOG_H
#define W4_IDENTITY_KEYRING_LOG_H

#include "postgres.h"

/*
 * The key, if it lives in the keyring, is this identity's from now on: bind it,
 * and record the roles that may sign with it already.  SPI connected.
 */
extern void w4_keyring_take(const uint8_t public_key[32], const uint8_t owner[32]);

/* The same for an identity that was minted just now, and for the keys that were bound to it before. */
extern void w4_keyring_take_all(const uint8_t genesis_key[32], const uint8_t owner[32]);

#endif							/* W4_IDENTITY_KEYRING_LOG_H */
