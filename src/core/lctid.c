/*-------------------------------------------------------------------------
 *
 * lctid.c
 *		LCT identifiers and multikeys: what derives from a public key.
 *
 * Parsing says nothing about whether a key is one that we accept; that is
 * w4_public_key_ok's task.
 *
 *-------------------------------------------------------------------------
 */
#include "core/lctid.h"

#include "core/crypto.h"
#include "core/encode.h"
#include "core/json.h"

#define LCT_PREFIX_LEN (sizeof(W4_LCT_PREFIX) - 1)
#define MULTIKEY_BYTES (2 + W4_PUBLIC_KEY_LEN)

_Static_assert(W4_LCT_LEN == W4_HASH_LEN, "an LCT id is a hash");
_Static_assert(W4_LCT_TEXT_LEN == LCT_PREFIX_LEN + W4_BASE32_LEN(W4_LCT_LEN), "LCT text length");

/* Multicodec ed25519-pub, 0xed as an unsigned varint. */
static const uint8_t ed25519_codec[2] = {0xed, 0x01};

void
w4_lct_from_key(uint8_t lct[W4_LCT_LEN], const uint8_t public_key[32])
{
	w4_sha256(lct, public_key, W4_PUBLIC_KEY_LEN);
}

void
w4_lct_format(char out[W4_LCT_TEXT_LEN], const uint8_t lct[W4_LCT_LEN])
{
	memcpy(out, W4_LCT_PREFIX, LCT_PREFIX_LEN);
	w4_base32_encode(out + LCT_PREFIX_LEN, lct, W4_LCT_LEN);
}

void
w4c_put_lct(W4Writer *w, const uint8_t lct[W4_LCT_LEN])
{
	char		text[W4_LCT_TEXT_LEN];

	w4_lct_format(text, lct);
	w4_put_u8(w, '"');
	w4_put(w, text, sizeof(text));
	w4_put_u8(w, '"');
}

void
w4c_member_lct(W4Writer *w, bool *first, const char *key, const uint8_t lct[W4_LCT_LEN])
{
	w4c_put_key(w, first, key);
	w4c_put_lct(w, lct);
}

bool
w4_lct_parse(uint8_t lct[W4_LCT_LEN], const char *text, size_t len, W4Fault *fault)
{
	if (len != W4_LCT_TEXT_LEN)
		return w4_fault(fault, "wrong length of an LCT id", len);
	if (memcmp(text, W4_LCT_PREFIX, LCT_PREFIX_LEN) != 0)
		return w4_fault(fault, "wrong prefix of an LCT id", 0);
	if (!w4_base32_decode(lct, W4_LCT_LEN, text + LCT_PREFIX_LEN, len - LCT_PREFIX_LEN))
		return w4_fault(fault, "malformed base32 in an LCT id", LCT_PREFIX_LEN);
	return true;
}

void
w4_multikey_format(char out[W4_MULTIKEY_TEXT_LEN], const uint8_t public_key[32])
{
	uint8_t		bytes[MULTIKEY_BYTES];

	memcpy(bytes, ed25519_codec, sizeof(ed25519_codec));
	memcpy(bytes + sizeof(ed25519_codec), public_key, W4_PUBLIC_KEY_LEN);
	out[0] = 'z';

	/* 34 bytes that begin with 0xed always take 47 digits. */
	w4_base58_encode(out + 1, W4_MULTIKEY_TEXT_LEN - 1, bytes, sizeof(bytes));
}

bool
w4_multikey_parse(uint8_t public_key[32], const char *text, size_t len, W4Fault *fault)
{
	uint8_t		bytes[MULTIKEY_BYTES];

	if (len != W4_MULTIKEY_TEXT_LEN)
		return w4_fault(fault, "wrong length of a multikey", len);
	if (text[0] != 'z')
		return w4_fault(fault, "multikey that is not base58btc", 0);
	if (w4_base58_decode(bytes, sizeof(bytes), text + 1, len - 1) != (int) sizeof(bytes))
		return w4_fault(fault, "malformed base58 in a multikey", 1);
	if (memcmp(bytes, ed25519_codec, sizeof(ed25519_codec)) != 0)
		return w4_fault(fault, "multikey that is not an Ed25519 key", 1);
	memcpy(public_key, bytes + sizeof(ed25519_codec), W4_PUBLIC_KEY_LEN);
	return true;
}
