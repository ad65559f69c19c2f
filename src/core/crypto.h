/*-------------------------------------------------------------------------
 *
 * crypto.h
 *		SHA-256 and strict Ed25519 over domain-separated messages.
 *
 *
 * "Strict" means: a public key must be a canonical encoding of a point of prime
 * order (so no small-order and no mixed-order keys), S must be below the group
 * order, R canonical, verification cofactorless (RFC 8032 section 5.1.7 without
 * the cofactor, as libsodium does it).  See spec of edge cases: Chalkias,
 * Garillot, Nikolaenko, "Taming the many EdDSAs" (2020).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CRYPTO_H
#define W4_CRYPTO_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#define W4_HASH_LEN 32
#define W4_PUBLIC_KEY_LEN 32
#define W4_SECRET_KEY_LEN 64
#define W4_SEED_LEN 32
#define W4_SIGNATURE_LEN 64

extern void w4_sha256(uint8_t out[W4_HASH_LEN], const void *data, size_t len);

/* SHA-256 over several runs of bytes, as if they were one. */
extern void w4_sha256_parts(uint8_t out[W4_HASH_LEN], const W4Slice *parts, size_t nparts);

/*
 * Is this a key that we ever accept?  Canonical, on the curve, of prime order.
 * Costs about as much as a verification: call it once, when a key is
 * registered, and keep the verdict (security spec 3.1).
 */
extern bool w4_public_key_ok(const uint8_t public_key[W4_PUBLIC_KEY_LEN]);

/*
 * Verify without re-checking the key's order; only for keys that passed
 * w4_public_key_ok when they were registered.
 */
extern bool w4_verify_registered(const uint8_t signature[W4_SIGNATURE_LEN],
								 const void *message, size_t len,
								 const uint8_t public_key[W4_PUBLIC_KEY_LEN]);

/* Verify under a key nobody has checked yet: key and signature both strict. */
extern bool w4_verify_strict(const uint8_t signature[W4_SIGNATURE_LEN],
							 const void *message, size_t len,
							 const uint8_t public_key[W4_PUBLIC_KEY_LEN]);

extern void w4_keypair_from_seed(uint8_t public_key[W4_PUBLIC_KEY_LEN],
								 uint8_t secret_key[W4_SECRET_KEY_LEN],
								 const uint8_t seed[W4_SEED_LEN]);
extern void w4_sign(uint8_t signature[W4_SIGNATURE_LEN], const void *message, size_t len,
					const uint8_t secret_key[W4_SECRET_KEY_LEN]);

/*
 * Initialise libsodium and test it: RFC 8032 vectors (verify and sign),
 * a SHA-256 vector, one forged signature, and the key 0x95 0x99... that the
 * unpatched 1.0.18 wrongly accepts (CVE-2025-69277).  Returns NULL when all
 * is well, else what failed.
 */
extern const char *w4_crypto_selftest(void);

#pragma GCC visibility pop

#endif							/* W4_CRYPTO_H */
