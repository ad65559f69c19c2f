/*-------------------------------------------------------------------------
 *
 * lctid.h
 *		The LCT identifier and what derives from a public key.
 *
 *
 * id = SHA-256(genesis Ed25519 public key); text form
 * lct:web4:mb32:b<52 base32 characters> (identity spec 1.1, REC id).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_LCTID_H
#define W4_LCTID_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#define W4_LCT_LEN 32
#define W4_LCT_PREFIX "lct:web4:mb32:b"
#define W4_LCT_TEXT_LEN 67		/* 15 + 52 characters, no terminator */

extern void w4_lct_from_key(uint8_t lct[W4_LCT_LEN], const uint8_t public_key[32]);
extern void w4_lct_format(char out[W4_LCT_TEXT_LEN], const uint8_t lct[W4_LCT_LEN]);
extern bool w4_lct_parse(uint8_t lct[W4_LCT_LEN], const char *text, size_t len, W4Fault *fault);

/* As a W4C string, whose characters need no escape; as a member (core/json.h). */
extern void w4c_put_lct(W4Writer *w, const uint8_t lct[W4_LCT_LEN]);
extern void w4c_member_lct(W4Writer *w, bool *first, const char *key, const uint8_t lct[W4_LCT_LEN]);

/* Multikey: 'z' + base58btc(0xed 0x01 || key); 48 characters for Ed25519. */
#define W4_MULTIKEY_TEXT_LEN 48
extern void w4_multikey_format(char out[W4_MULTIKEY_TEXT_LEN], const uint8_t public_key[32]);
extern bool w4_multikey_parse(uint8_t public_key[32], const char *text, size_t len, W4Fault *fault);

#pragma GCC visibility pop

#endif							/* W4_LCTID_H */
