/*-------------------------------------------------------------------------
 *
 * jcs_string.c
 *		The content of JSON strings: every escape of RFC 8259.
 *
 *-------------------------------------------------------------------------
 */
#include "core/encode.h"
#include "core/jcs.h"

/* The UTF-16 code unit that four hex digits spell, or -1. */
static int
hex4(const char *s)
{
	int			value = 0;

	for (int i = 0; i < 4; i++)
	{
		char		c = s[i];
		int			digit = w4_hex_value(c >= 'A' && c <= 'F' ? (char) (c - 'A' + 'a') : c);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* \uXXXX or a surrogate pair of them; returns its length, 0 if it is neither. */
static size_t
decode_unicode_escape(const char *s, size_t left, uint32_t *code)
{
	int			high = left >= 6 ? hex4(s + 2) : -1;
	int			low;

	if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF))
		return 0;
	*code = (uint32_t) high;
	if (high < 0xD800 || high > 0xDFFF)
		return 6;
	if (left < 12 || s[6] != '\\' || s[7] != 'u')
		return 0;
	low = hex4(s + 8);
	if (low < 0xDC00 || low > 0xDFFF)
		return 0;
	*code = 0x10000 + (((uint32_t) high - 0xD800) << 10) + ((uint32_t) low - 0xDC00);
	return 12;
}

size_t
w4_jcs_decode_escape(const char *s, size_t left, uint32_t *code)
{
	if (left < 2)
		return 0;
	switch (s[1])
	{
		case '"':
		case '\\':
		case '/':
			*code = (uint32_t) s[1];
			return 2;
		case 'b':
			*code = '\b';
			return 2;
		case 'f':
			*code = '\f';
			return 2;
		case 'n':
			*code = '\n';
			return 2;
		case 'r':
			*code = '\r';
			return 2;
		case 't':
			*code = '\t';
			return 2;
		case 'u':
			return decode_unicode_escape(s, left, code);
		default:
			return 0;
	}
}

/* UTF-8 of a code point that is not a surrogate; returns its length. */
static size_t
encode_utf8(uint8_t out[4], uint32_t code)
{
	if (code < 0x80)
	{
		out[0] = (uint8_t) code;
		return 1;
	}
	if (code < 0x800)
	{
		out[0] = (uint8_t) (0xC0 | (code >> 6));
		out[1] = (uint8_t) (0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000)
	{
		out[0] = (uint8_t) (0xE0 | (code >> 12));
		out[1] = (uint8_t) (0x80 | ((code >> 6) & 0x3F));
		out[2] = (uint8_t) (0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (uint8_t) (0xF0 | (code >> 18));
	out[1] = (uint8_t) (0x80 | ((code >> 12) & 0x3F));
	out[2] = (uint8_t) (0x80 | ((code >> 6) & 0x3F));
	out[3] = (uint8_t) (0x80 | (code & 0x3F));
	return 4;
}

size_t
w4_jcs_escape_utf8(const char *s, size_t left, uint8_t utf8[4], size_t *n)
{
	uint32_t	code = 0;
	size_t		step = w4_jcs_decode_escape(s, left, &code);

	*n = encode_utf8(utf8, code);
	return step;
}
