/*-------------------------------------------------------------------------
 *
 * encode.h
 *		Hexadecimal, base32 (RFC 4648, lower case, unpadded) and base58btc.
 *
 *
 * Decoders are strict: exactly one text stands for each byte string.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_ENCODE_H
#define W4_ENCODE_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

/* Value of a lower-case hex digit, or -1. */
static inline int
w4_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* The two digits of a byte. */
static inline void
w4_hex_byte(char out[2], uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";

	out[0] = digits[byte >> 4];
	out[1] = digits[byte & 15];
}

/* Hex, lower case.  "out" receives 2 * len characters and no terminator. */
extern void w4_hex_encode(char *out, const uint8_t *data, size_t len);

/*
 * Decode exactly out_len bytes from text_len = 2 * out_len lower-case hex
 * digits.  Upper case is refused: ids and hashes have one spelling.
 */
extern bool w4_hex_decode(uint8_t *out, size_t out_len, const char *text, size_t text_len);

/* Characters that base32 needs for len bytes (no padding). */
#define W4_BASE32_LEN(len) (((len) * 8 + 4) / 5)

extern void w4_base32_encode(char *out, const uint8_t *data, size_t len);

/* Refuses upper case, padding, a wrong length and non-zero trailing bits. */
extern bool w4_base32_decode(uint8_t *out, size_t out_len, const char *text, size_t text_len);

/* Largest input that the base58 functions take, and room that its text needs. */
#define W4_BASE58_MAX_BYTES 64
#define W4_BASE58_MAX_TEXT 90

/* Returns the text's length (no terminator), or 0 when data_len is out of range. */
extern size_t w4_base58_encode(char *out, size_t out_cap, const uint8_t *data, size_t data_len);

/* Returns the number of bytes written, or -1 when the text is malformed or does not fit. */
extern int	w4_base58_decode(uint8_t *out, size_t out_cap, const char *text, size_t text_len);

/*
 * Standard padded base64 (RFC 4648 section 4), strict: used by nonces in
 * signed documents.  Returns the number of bytes, or -1.
 */
extern int	w4_base64_decode(uint8_t *out, size_t out_cap, const char *text, size_t text_len);

#pragma GCC visibility pop

#endif							/* W4_ENCODE_H */
