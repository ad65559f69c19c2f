/*-------------------------------------------------------------------------
 *
 * encode.c
 *		Hexadecimal, base32, base58btc and base64: one text per byte string.
 *
 * Every decoder refuses what its encoder would not have written.  None of
 * this is constant time: it handles public keys, hashes and signatures, never
 * secrets.
 *
 *-------------------------------------------------------------------------
 */
#include "core/encode.h"

static const char base32_digits[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char base58_digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* 90 base58 digits hold at most 66 bytes. */
#define BASE58_WORK_BYTES 66

/* --- hex --- */

void
w4_hex_encode(char *out, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		w4_hex_byte(out + 2 * i, data[i]);
}

bool
w4_hex_decode(uint8_t *out, size_t out_len, const char *text, size_t text_len)
{
	/* Not "2 * out_len": that product could wrap. */
	if (text_len % 2 != 0 || text_len / 2 != out_len)
		return false;
	for (size_t i = 0; i < out_len; i++)
	{
		int			high = w4_hex_value(text[2 * i]);
		int			low = w4_hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t) (high << 4 | low);
	}
	return true;
}

/* --- base32 --- */

static int
base32_value(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
}

void
w4_base32_encode(char *out, const uint8_t *data, size_t len)
{
	uint32_t	pending = 0;
	int			nbits = 0;

	for (size_t i = 0; i < len; i++)
	{
		pending = (pending << 8 | data[i]) & 0xfff;
		nbits += 8;
		while (nbits >= 5)
		{
			nbits -= 5;
			*out++ = base32_digits[pending >> nbits & 31];
		}
	}
	if (nbits > 0)
		*out = base32_digits[pending << (5 - nbits) & 31];
}

bool
w4_base32_decode(uint8_t *out, size_t out_len, const char *text, size_t text_len)
{
	uint32_t	pending = 0;
	int			nbits = 0;
	size_t		n = 0;

	if (out_len > SIZE_MAX / 8 - 1 || text_len != W4_BASE32_LEN(out_len))
		return false;
	for (size_t i = 0; i < text_len; i++)
	{
		int			v = base32_value(text[i]);

		if (v < 0)
			return false;
		pending = (pending << 5 | (uint32_t) v) & 0xfff;
		nbits += 5;
		if (nbits >= 8)
		{
			nbits -= 8;
			out[n++] = (uint8_t) (pending >> nbits);
		}
	}

	/* Bits left over say nothing, so they must be zero: else 32 texts mean one value. */
	return (pending & ((1u << nbits) - 1)) == 0;
}

/* --- base58btc --- */

static int
base58_value(char c)
{
	const char *p = c == '\0' ? NULL : strchr(base58_digits, c);

	return p == NULL ? -1 : (int) (p - base58_digits);
}

static size_t
count_leading(const char *bytes, size_t len, char value)
{
	size_t		n = 0;

	while (n < len && bytes[n] == value)
		n++;
	return n;
}

/* number = number * base_from + carry, over little-endian digits of base_to. */
static void
shift_in(uint8_t *digits, size_t *ndigits, uint32_t base_from, uint32_t base_to, uint32_t carry)
{
	for (size_t i = 0; i < *ndigits; i++)
	{
		carry += digits[i] * base_from;
		digits[i] = (uint8_t) (carry % base_to);
		carry /= base_to;
	}
	while (carry > 0)
	{
		digits[(*ndigits)++] = (uint8_t) (carry % base_to);
		carry /= base_to;
	}
}

size_t
w4_base58_encode(char *out, size_t out_cap, const uint8_t *data, size_t data_len)
{
	uint8_t		digits[W4_BASE58_MAX_TEXT];
	size_t		ndigits = 0;
	size_t		nzeros;

	if (data_len > W4_BASE58_MAX_BYTES)
		return 0;
	nzeros = count_leading((const char *) data, data_len, '\0');
	for (size_t i = nzeros; i < data_len; i++)
		shift_in(digits, &ndigits, 256, 58, data[i]);
	if (nzeros + ndigits > out_cap)
		return 0;

	for (size_t i = 0; i < nzeros; i++)
		out[i] = '1';
	for (size_t i = 0; i < ndigits; i++)
		out[nzeros + i] = base58_digits[digits[ndigits - 1 - i]];
	return nzeros + ndigits;
}

int
w4_base58_decode(uint8_t *out, size_t out_cap, const char *text, size_t text_len)
{
	uint8_t		bytes[BASE58_WORK_BYTES];
	size_t		nbytes = 0;
	size_t		nzeros;

	if (text_len > W4_BASE58_MAX_TEXT)
		return -1;
	nzeros = count_leading(text, text_len, '1');
	for (size_t i = nzeros; i < text_len; i++)
	{
		int			v = base58_value(text[i]);

		if (v < 0)
			return -1;
		shift_in(bytes, &nbytes, 58, 256, (uint32_t) v);
	}
	if (nzeros + nbytes > out_cap || nzeros + nbytes > W4_BASE58_MAX_BYTES)
		return -1;

	for (size_t i = 0; i < nzeros; i++)
		out[i] = 0;
	for (size_t i = 0; i < nbytes; i++)
		out[nzeros + i] = bytes[nbytes - 1 - i];
	return (int) (nzeros + nbytes);
}

/* --- base64 --- */

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* The 24 bits of a group of four whose last npad characters are padding; -1 when malformed. */
static int32_t
base64_group(const char *text, int npad)
{
	int32_t		group = 0;

	for (int i = 0; i < 4; i++)
	{
		int			v = i < 4 - npad ? base64_value(text[i]) : 0;

		if (v < 0)
			return -1;
		group = group << 6 | v;
	}

	/* Bits under the padding must be zero: one text per value. */
	return (group & ((1 << 8 * npad) - 1)) == 0 ? group : -1;
}

int
w4_base64_decode(uint8_t *out, size_t out_cap, const char *text, size_t text_len)
{
	size_t		n = 0;
	int			npad = 0;

	if (text_len % 4 != 0 || text_len / 4 > INT32_MAX / 3)
		return -1;
	if (text_len > 0 && text[text_len - 1] == '=')
		npad = text[text_len - 2] == '=' ? 2 : 1;
	if (text_len / 4 * 3 - (size_t) npad > out_cap)
		return -1;

	for (size_t i = 0; i < text_len; i += 4)
	{
		int			pad_here = i + 4 == text_len ? npad : 0;
		int32_t		group = base64_group(text + i, pad_here);

		if (group < 0)
			return -1;
		for (int j = 0; j < 3 - pad_here; j++)
			out[n++] = (uint8_t) (group >> (16 - 8 * j));
	}
	return (int) n;
}
