/*-------------------------------------------------------------------------
 *
 * verify.h
 *		Strict signature checks that do not pay for the same key twice.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_VERIFY_H
#define W4_VERIFY_H

#include "postgres.h"

#include "core/crypto.h"

/* w4_verify_strict(), remembering recent verdicts on keys in this backend. */
extern bool w4_cached_verify(const uint8_t signature[W4_SIGNATURE_LEN], W4Slice message,
							 const uint8_t public_key[W4_PUBLIC_KEY_LEN]);

#endif							/* W4_VERIFY_H */
