/*-------------------------------------------------------------------------
 *
 * consent_wires.h
 *		Raw wires taken apart and put together wrongly, for the tests of
 *		tokens and revocations.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENT_WIRES_H
#define W4_CONSENT_WIRES_H

#include "consent_vectors.h"

#define V1_TOKEN_HASH "1ece592b50bd16783a3e69cd62f12e9d277392996835e831931219d475fd7aea"

/* Offset of the item with that tag, and the length of its value. */
static inline size_t
find_item(const Bytes *b, uint8_t tag, size_t *value_len)
{
	size_t		pos = 0;

	*value_len = 0;
	while (pos + 3 <= b->len)
	{
		*value_len = w4_get_u16be(b->data + pos + 1);
		if (b->data[pos] == tag)
			return pos;
		pos += 3 + *value_len;
	}
	fail_msg("no item %02x", tag);
	return 0;
}

static inline Bytes
with_value(Bytes b, uint8_t tag, const void *value, size_t len)
{
	size_t		old;
	size_t		pos = find_item(&b, tag, &old);
	size_t		rest = pos + 3 + old;

	memmove(b.data + pos + 3 + len, b.data + rest, b.len - rest);
	memcpy(b.data + pos + 3, value, len);
	b.data[pos + 1] = (uint8_t) (len >> 8);
	b.data[pos + 2] = (uint8_t) len;
	b.len = b.len - old + len;
	return b;
}

static inline Bytes
with_text(Bytes b, uint8_t tag, const char *text)
{
	return with_value(b, tag, text, strlen(text));
}

static inline Bytes
with_time(Bytes b, uint8_t tag, uint64_t us)
{
	uint8_t		value[8];
	W4Writer	w = w4_writer(value, sizeof(value));

	w4_put_u64be(&w, us);
	return with_value(b, tag, value, sizeof(value));
}

static inline Bytes
with_level(Bytes b, uint8_t level)
{
	return with_value(b, 0x07, &level, 1);
}

static inline Bytes
with_item(Bytes b, uint8_t tag, const void *value, size_t len)
{
	b.data[b.len] = tag;
	b.data[b.len + 1] = (uint8_t) (len >> 8);
	b.data[b.len + 2] = (uint8_t) len;
	memcpy(b.data + b.len + 3, value, len);
	b.len += 3 + len;
	return b;
}

static inline Bytes
with_constraints(const char *text)
{
	return with_item(unhex(V1_HEX), 0x0c, text, strlen(text));
}

static inline bool
decodes(Bytes b)
{
	W4Consent	token;

	return w4_consent_decode(&token, b.data, b.len, NULL);
}

static inline bool
valid(Bytes b)
{
	W4Consent	token;

	return w4_consent_decode(&token, b.data, b.len, NULL) && w4_consent_signature_ok(&token);
}

static inline void
assert_fault(Bytes b, const char *what)
{
	W4Consent	token;
	W4Fault		fault = {"accepted", 0};

	assert_false(w4_consent_decode(&token, b.data, b.len, &fault));
	assert_string_equal(fault.what, what);
	assert_true(fault.offset <= b.len);
}

static inline Bytes
swap_items(Bytes b, size_t pos)
{
	size_t		first = 3u + w4_get_u16be(b.data + pos + 1);
	size_t		second = 3u + w4_get_u16be(b.data + pos + first + 1);
	Bytes		out = b;

	memcpy(out.data + pos, b.data + pos + first, second);
	memcpy(out.data + pos + second, b.data + pos, first);
	return out;
}

static inline Bytes
duplicate_item(Bytes b, size_t pos)
{
	size_t		size = 3u + w4_get_u16be(b.data + pos + 1);
	Bytes		out = b;

	memcpy(out.data + pos + size, b.data + pos, b.len - pos);
	out.len += size;
	return out;
}

static inline void
assert_slice(W4Slice s, const char *text)
{
	assert_true(w4_slice_eq(s, w4_slice_cstr(text)));
}

#endif							/* W4_CONSENT_WIRES_H */
