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
#include "nodes/pg_list.h"

/* Define web4.server_key_file. */
extern void w4_keyring_define_settings(void);

/* Does the keyring hold this key? */
extern bool w4_keyring_has(const uint8_t public_key[32]);

/* May the session's role have things signed with it? */
extern bool w4_keyring_may_sign(const uint8_t public_key[32]);

/*
 * Make a new key pair, store it sealed, return its public key.  SPI connected.
 */
extern void w4_keyring_generate(const char *label, const char *purpose, uint8_t public_key[32]);

/*
 * Record whose key it is (when the identity is minted or rotates to it).  A key
 * has one owner for good; another one raises W4K04.  SPI connected.
 */
extern void w4_keyring_bind(const uint8_t public_key[32], const uint8_t owner[32]);

/*
 * Whose key it is, held until the end of the transaction: nobody binds or drops
 * it meanwhile.  False: nobody's.  W4K07 for a key that there is not.  SPI connected.
 */
extern bool w4_keyring_hold(const uint8_t public_key[32], uint8_t owner[32]);

/* The keys that are this owner's, 32 bytes each. */
extern List *w4_keyring_keys_of(const uint8_t owner[32]);

/* Remove it; as w4_keyring_hold(). */
extern bool w4_keyring_drop(const uint8_t public_key[32], uint8_t owner[32]);

/* Which roles may sign with it: let one, forbid one (did anything change?), list the names.  SPI connected. */
extern bool w4_keyring_grant(const uint8_t public_key[32], Name role);
extern bool w4_keyring_revoke(const uint8_t public_key[32], Name role);
extern List *w4_keyring_signers(const uint8_t public_key[32]);

/*
 * The key with which the owner signs: its active one before one whose overlap
 * still runs, before the newest of those that are bound but were never
 * registered with an identity.  A key that was rotated out or compromised signs
 * nothing.  For tree heads a key of purpose "sealing" goes before one of purpose
 * "identity"; for everything else only the latter counts.  False: the keyring
 * holds none.
 */
extern bool w4_keyring_key_of(const uint8_t owner[32], bool for_heads, uint8_t public_key[32]);

/*
 * Sign without asking who calls: for the extension's own acts (tree heads,
 * bootstrap).  SQL callers go through web4_sign_as(), which checks.  Raises
 * W4K07 for a key that the keyring does not hold, W4K05 when it cannot be opened;
 * never signs on a standby.
 */
extern void w4_keyring_sign(const uint8_t public_key[32], W4Slice message, uint8_t signature[64]);

#endif							/* W4_KEYRING_H */
