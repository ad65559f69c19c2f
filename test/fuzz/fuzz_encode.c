/*-------------------------------------------------------------------------
 *
 * fuzz_encode.c
 *		Decoders of hex, base32, base58, base64, LCT ids and multikeys.
 *
 * What a decoder accepts, the encoder writes back byte for byte; what an
 * encoder writes, the decoder reads back.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include <sodium.h>

#include "core/encode.h"
#include "core/lctid.h"

#define MAX_TEXT 256

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool ok)
{
	if (!ok)
		abort();
}

static void
fuzz_hex(const char *text, size_t len)
{
	uint8_t		bytes[MAX_TEXT];
	char		again[2 * MAX_TEXT];

	if (w4_hex_decode(bytes, len / 2, text, len))
	{
		w4_hex_encode(again, bytes, len / 2);
		check(memcmp(again, text, len) == 0);
	}
	w4_hex_encode(again, (const uint8_t *) text, len);
	check(w4_hex_decode(bytes, len, again, 2 * len));
	check(memcmp(bytes, text, len) == 0);
}

static void
fuzz_base32(const char *text, size_t len)
{
	uint8_t		bytes[MAX_TEXT];
	char		again[W4_BASE32_LEN(MAX_TEXT)];

	if (w4_base32_decode(bytes, len * 5 / 8, text, len))
	{
		w4_base32_encode(again, bytes, len * 5 / 8);
		check(memcmp(again, text, len) == 0);
	}
	w4_base32_encode(again, (const uint8_t *) text, len);
	check(w4_base32_decode(bytes, len, again, W4_BASE32_LEN(len)));
	check(memcmp(bytes, text, len) == 0);
}

static void
fuzz_base58(const char *text, size_t len)
{
	uint8_t		bytes[W4_BASE58_MAX_BYTES];
	char		again[W4_BASE58_MAX_TEXT];
	int			n = w4_base58_decode(bytes, sizeof(bytes), text, len);
	size_t		text_len;

	if (n >= 0)
	{
		check(w4_base58_encode(again, sizeof(again), bytes, (size_t) n) == len);
		check(memcmp(again, text, len) == 0);
	}
	text_len = w4_base58_encode(again, sizeof(again), (const uint8_t *) text, len);
	check((text_len > 0) == (len > 0 && len <= W4_BASE58_MAX_BYTES));
	if (text_len > 0)
	{
		check(w4_base58_decode(bytes, sizeof(bytes), again, text_len) == (int) len);
		check(memcmp(bytes, text, len) == 0);
	}
}

static void
fuzz_base64(const char *text, size_t len)
{
	uint8_t		bytes[MAX_TEXT];
	char		again[2 * MAX_TEXT];
	int			n = w4_base64_decode(bytes, sizeof(bytes), text, len);

	if (n >= 0)
	{
		sodium_bin2base64(again, sizeof(again), bytes, (size_t) n, sodium_base64_VARIANT_ORIGINAL);
		check(strlen(again) == len && memcmp(again, text, len) == 0);
	}
	sodium_bin2base64(again, sizeof(again), (const uint8_t *) text, len, sodium_base64_VARIANT_ORIGINAL);
	check(w4_base64_decode(bytes, sizeof(bytes), again, strlen(again)) == (int) len);
	check(memcmp(bytes, text, len) == 0);
}

static void
fuzz_lct(const char *text, size_t len)
{
	uint8_t		lct[W4_LCT_LEN];
	char		id[W4_LCT_TEXT_LEN];
	W4Fault		fault;

	if (w4_lct_parse(lct, text, len, &fault))
	{
		w4_lct_format(id, lct);
		check(len == sizeof(id) && memcmp(id, text, len) == 0);
	}
	else
		check(fault.what != NULL && fault.offset <= len);
}

static void
fuzz_multikey(const char *text, size_t len)
{
	uint8_t		key[32];
	char		multikey[W4_MULTIKEY_TEXT_LEN];
	W4Fault		fault;

	if (w4_multikey_parse(key, text, len, &fault))
	{
		w4_multikey_format(multikey, key);
		check(len == sizeof(multikey) && memcmp(multikey, text, len) == 0);
	}
	else
		check(fault.what != NULL && fault.offset <= len);
	if (len == sizeof(key))
	{
		w4_multikey_format(multikey, (const uint8_t *) text);
		check(w4_multikey_parse(key, multikey, sizeof(multikey), NULL));
		check(memcmp(key, text, len) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *) data;

	if (size > MAX_TEXT)
		return 0;
	fuzz_hex(text, size);
	fuzz_base32(text, size);
	fuzz_base58(text, size);
	fuzz_base64(text, size);
	fuzz_lct(text, size);
	fuzz_multikey(text, size);
	return 0;
}
