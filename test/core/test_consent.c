/*
 * Consent tokens and revocations: golden bytes, refusals, every mutation.
 */
#include "consent_vectors.h"

#include <stdio.h>

#define V1_TOKEN_HASH "1ece592b50bd16783a3e69cd62f12e9d277392996835e831931219d475fd7aea"
#define V1_SIGNED_HASH "cc8b10ccd62caf1e32581f0af1b186f4655cc0287257d9ef9871c4b6fd51fa6d"
#define V2_TOKEN_HASH "fed5fcde2c2f6478895f3508db6ff34e3de36e5acdd904dd6fb54459c0f6af8f"
#define V2_SIGNED_HASH "6b5d5575eaf7ddf4134ebd670f5138586dd112dbb26f4d3620df5d7525110af8"
#define V3_HASH "e59d327c2000aef0256c008c5c4562403141a9a101e9d66a717d2518cbb1c7a0"
#define V5_TOKEN_HASH "70a64710b5fbdca9cc4f722e1132d6058c9ca2290a48551f0b1a0617cbfe3631"
#define V6_TOKEN_HASH "652d8d78ef2c3bf63e5035c9bd885284da1cc494b19a8344c7e64422040acffb"
#define V7_TOKEN_HASH "35054d5841b7b8be96d09acd73ada23b3b7b16fc92fea181d335ea7ebebf2f43"

/* --- helpers over raw wires --- */

/* Offset of the item with that tag, and the length of its value. */
static size_t
find_item(const Bytes *b, uint8_t tag, size_t *value_len)
{
	size_t		pos = 0;

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

static Bytes
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

static Bytes
with_text(Bytes b, uint8_t tag, const char *text)
{
	return with_value(b, tag, text, strlen(text));
}

static Bytes
with_time(Bytes b, uint8_t tag, uint64_t us)
{
	uint8_t		value[8];
	W4Writer	w = w4_writer(value, sizeof(value));

	w4_put_u64be(&w, us);
	return with_value(b, tag, value, sizeof(value));
}

static Bytes
with_level(Bytes b, uint8_t level)
{
	return with_value(b, 0x07, &level, 1);
}

static Bytes
with_item(Bytes b, uint8_t tag, const void *value, size_t len)
{
	b.data[b.len] = tag;
	b.data[b.len + 1] = (uint8_t) (len >> 8);
	b.data[b.len + 2] = (uint8_t) len;
	memcpy(b.data + b.len + 3, value, len);
	b.len += 3 + len;
	return b;
}

static Bytes
with_constraints(const char *text)
{
	return with_item(unhex(V1_HEX), 0x0c, text, strlen(text));
}

static bool
decodes(Bytes b)
{
	W4Consent	token;

	return w4_consent_decode(&token, b.data, b.len, NULL);
}

static bool
valid(Bytes b)
{
	W4Consent	token;

	return w4_consent_decode(&token, b.data, b.len, NULL) && w4_consent_signature_ok(&token);
}

static void
assert_fault(Bytes b, const char *what)
{
	W4Consent	token;
	W4Fault		fault = {"accepted", 0};

	assert_false(w4_consent_decode(&token, b.data, b.len, &fault));
	assert_string_equal(fault.what, what);
	assert_true(fault.offset <= b.len);
}

/* --- golden vectors --- */

static W4Consent
golden(Bytes *b, const char *hex, const char *token_hash)
{
	W4Consent	token;
	W4Fault		fault = {"none", 0};

	*b = unhex(hex);
	if (!w4_consent_decode(&token, b->data, b->len, &fault))
		fail_msg("%s at %zu", fault.what, fault.offset);
	assert_hex(token.hash, 32, token_hash);
	return token;
}

static void
assert_signed_hash(const W4Consent *token, size_t len, const char *hex)
{
	uint8_t		buf[W4_CONSENT_MAX_SIZE];
	uint8_t		hash[32];
	W4Writer	w = w4_writer(buf, sizeof(buf));

	w4_consent_signed_bytes(&w, token);
	assert_false(w.full);
	assert_int_equal(w.len, len);
	w4_sha256(hash, buf, w.len);
	assert_hex(hash, 32, hex);
}

static void
assert_slice(W4Slice s, const char *text)
{
	assert_true(w4_slice_eq(s, w4_slice_cstr(text)));
}

static void
v1_is_read(void **state)
{
	static const uint8_t zero[32];
	Bytes		b;
	W4Consent	t = golden(&b, V1_HEX, V1_TOKEN_HASH);

	(void) state;
	assert_int_equal(t.wire.len, 215);
	assert_slice(t.issuer, "snider.lthn");
	assert_slice(t.subject, "athena.lthn");
	assert_slice(t.intent, "trade.*");
	assert_slice(t.resource, "market/eu/*");
	assert_true(t.issued_at == DAY);
	assert_true(t.expires_at == DAY + 30 * 24 * HOUR);
	assert_int_equal(t.level, 3);
	assert_hex(t.public_key, 32, "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c");
	assert_memory_equal(t.previous, zero, 32);
	assert_false(t.has_parent);
	assert_int_equal(t.nconstraints, 0);
	assert_null(t.extensions.data);
	assert_signed_hash(&t, 148 + 24, V1_SIGNED_HASH);
	assert_true(w4_consent_signature_ok(&t));
}

static void
v2_is_read(void **state)
{
	Bytes		b;
	W4Consent	t = golden(&b, V2_HEX, V2_TOKEN_HASH);

	(void) state;
	assert_int_equal(t.wire.len, 262);
	assert_slice(t.intent, "trade.execute");
	assert_slice(t.resource, "market/eu/lthn-eur");
	assert_true(t.issued_at == DAY + 6 * HOUR);
	assert_true(t.expires_at == DAY + 24 * HOUR);
	assert_int_equal(t.level, 2);
	assert_true(t.has_parent);
	assert_hex(t.parent, 32, V1_TOKEN_HASH);
	assert_signed_hash(&t, 262 - 67 + 24, V2_SIGNED_HASH);
	assert_true(w4_consent_signature_ok(&t));
}

static void
v5_v6_v7_are_read(void **state)
{
	Bytes		b;
	W4Consent	t = golden(&b, V5_HEX, V5_TOKEN_HASH);

	(void) state;
	assert_int_equal(t.wire.len, 257);
	assert_hex(t.previous, 32, V2_TOKEN_HASH);
	assert_true(w4_consent_signature_ok(&t));

	t = golden(&b, V6_HEX, V6_TOKEN_HASH);
	assert_int_equal(t.wire.len, 262);
	assert_int_equal(t.level, 4);
	assert_hex(t.previous, 32, V5_TOKEN_HASH);
	assert_true(w4_consent_signature_ok(&t));

	t = golden(&b, V7_HEX, V7_TOKEN_HASH);
	assert_int_equal(t.wire.len, 213);
	assert_int_equal(t.level, 0);
	assert_true(t.expires_at == W4_CONSENT_FOREVER);
	assert_true(t.issued_at == DAY + 7 * HOUR);
	assert_true(w4_consent_signature_ok(&t));
}

static void
v8_is_a_splice(void **state)
{
	Bytes		b = unhex(V8_HEX);
	W4Consent	t;

	(void) state;
	assert_true(w4_consent_decode(&t, b.data, b.len, NULL));
	assert_false(w4_consent_signature_ok(&t));
}

static void
golden_tokens_are_rebuilt(void **state)
{
	static const struct
	{
		const char *hex;
		int			key;
	}			vectors[] = {{V1_HEX, 1}, {V2_HEX, 2}, {V5_HEX, 2}, {V6_HEX, 2}, {V7_HEX, 3}};
	W4Consent	fields = root_fields();
	Bytes		built = issue(fields, 1);

	(void) state;
	assert_hex(built.data, built.len, V1_HEX);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
	{
		Bytes		b = unhex(vectors[i].hex);
		W4Consent	t;

		assert_true(w4_consent_decode(&t, b.data, b.len, NULL));
		memset(t.signature, 0, sizeof(t.signature));
		memset(t.public_key, 0, sizeof(t.public_key));
		built = issue(t, vectors[i].key);
		assert_hex(built.data, built.len, vectors[i].hex);
	}
}

/* --- N1..N8 of the spec --- */

static Bytes
swap_items(Bytes b, size_t pos)
{
	size_t		first = 3u + w4_get_u16be(b.data + pos + 1);
	size_t		second = 3u + w4_get_u16be(b.data + pos + first + 1);
	Bytes		out = b;

	memcpy(out.data + pos, b.data + pos + first, second);
	memcpy(out.data + pos + second, b.data + pos, first);
	return out;
}

static Bytes
duplicate_item(Bytes b, size_t pos)
{
	size_t		size = 3u + w4_get_u16be(b.data + pos + 1);
	Bytes		out = b;

	memcpy(out.data + pos + size, b.data + pos, b.len - pos);
	out.len += size;
	return out;
}

static void
negatives(void **state)
{
	static const char *const order = "field missing, repeated or out of order";
	Bytes		v1 = unhex(V1_HEX);
	Bytes		n = v1;
	size_t		len;
	size_t		pos = find_item(&v1, 0x08, &len);

	(void) state;
	n.data[pos + 3 + 63] ^= 1;	/* N1 */
	assert_true(decodes(n));
	assert_false(valid(n));
	assert_fault(swap_items(v1, 0), order);	/* N2 */
	n = v1;
	n.data[n.len++] = 0;		/* N3 */
	assert_fault(n, "truncated field header");
	assert_fault(duplicate_item(v1, find_item(&v1, 0x07, &len)), order);	/* N4 */
	assert_fault(with_item(v1, 0x0d, "x", 1), "unknown critical field");	/* N5 */
	assert_fault(with_text(v1, 0x01, ""), "field of wrong length");	/* N6 */
	assert_fault(with_level(v1, 5), "level above 4");	/* N7 */
	assert_fault(with_time(v1, 0x06, (uint64_t) DAY), "expiry not after issue");	/* N8 */
	assert_fault(with_time(v1, 0x06, (uint64_t) DAY - 1), "expiry not after issue");
}

/* --- mutations --- */

static void
mutate_all(const char *hex)
{
	Bytes		golden_wire = unhex(hex);
	size_t		len = golden_wire.len;

	assert_true(valid(golden_wire));
	for (size_t bit = 0; bit < len * 8; bit++)
	{
		Bytes		b = golden_wire;

		b.data[bit / 8] ^= (uint8_t) (1 << bit % 8);
		if (valid(b))
			fail_msg("bit %zu flipped and still valid", bit);
	}
	for (size_t i = 0; i < len; i++)
	{
		Bytes		b = golden_wire;

		b.len = i;				/* without its last item V2 is a well-formed root */
		assert_false(valid(b));
		assert_true(!decodes(b) || (len == 262 && i == 262 - 35));
	}
	for (size_t extra = 1; extra <= 3; extra++)
	{
		for (int fill = 0; fill < 256; fill++)
		{
			Bytes		b = golden_wire;

			memset(b.data + len, fill, extra);
			b.len = len + extra;
			assert_false(decodes(b));
		}
	}
}

static void
mutate_items(const char *hex)
{
	Bytes		wire = unhex(hex);
	size_t		pos = 0;

	while (pos < wire.len)
	{
		size_t		len = w4_get_u16be(wire.data + pos + 1);
		size_t		lengths[] = {0, len - 1, len + 1, 0xffff};

		for (int i = 0; i < 4; i++)
		{
			Bytes		b = wire;

			b.data[pos + 1] = (uint8_t) (lengths[i] >> 8);
			b.data[pos + 2] = (uint8_t) lengths[i];
			assert_false(decodes(b));
		}
		assert_false(decodes(duplicate_item(wire, pos)));
		if (pos + 3 + len < wire.len)
			assert_false(decodes(swap_items(wire, pos)));
		pos += 3 + len;
	}
}

static void
mutations_of_v1(void **state)
{
	(void) state;
	mutate_all(V1_HEX);
	mutate_items(V1_HEX);
}

static void
mutations_of_v2(void **state)
{
	(void) state;
	mutate_all(V2_HEX);
	mutate_items(V2_HEX);
}

static void
every_field_is_needed(void **state)
{
	Bytes		v1 = unhex(V1_HEX);

	(void) state;
	for (uint8_t tag = 1; tag <= 0x0a; tag++)
	{
		Bytes		b = v1;
		size_t		len;
		size_t		pos = find_item(&v1, tag, &len);

		memmove(b.data + pos, b.data + pos + 3 + len, b.len - pos - 3 - len);
		b.len -= 3 + len;
		assert_false(decodes(b));
	}
}

/* --- single rules --- */

static void
names(void **state)
{
	static const char *const good[] = {
		"a", "0", "snider.lthn", "a.b.c.d.e.f.g.h", "xn--bcher-kva.lthn", "a--b",
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567890",
		"did:web4:key:z6Mk", "lct:web4:mb32:babc", "did:x:%20._-:A", "lct:0:a", "did", "lct.x"
	};
	static const char *const bad[] = {
		"", "A", "snider_lthn", ".lthn", "lthn.", "a..b", "-a", "a-", "a.-b", "a.b-", "*", "a.*",
		"a.b.c.d.e.f.g.h.i", "a b", "a\n", "\xc3\xa9", "a:b",
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz012345678901",
		"did:", "did::x", "did:web4:", "did:web4", "did:Web4:x", "DID:web4:x", "did:web4:x/y", "lct:web4:a b",
		"did:abcdefghijklmnopqrstuvwxyz0123456:x", "urn:web4:x"
	};
	char		longest[240];

	(void) state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		if (!w4_consent_name_ok(w4_slice_cstr(good[i])))
			fail_msg("refused name %s", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		if (w4_consent_name_ok(w4_slice_cstr(bad[i])))
			fail_msg("accepted name %s", bad[i]);
	}
	assert_false(w4_consent_name_ok(w4_slice("a\0b", 3)));
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "did:k:", 6);
	assert_true(w4_consent_name_ok(w4_slice(longest, 206)));
	assert_false(w4_consent_name_ok(w4_slice(longest, 207)));
	memset(longest, 'x', sizeof(longest));
	longest[63] = longest[127] = longest[191] = '.';
	assert_true(w4_consent_name_ok(w4_slice(longest, 240)));
	assert_false(w4_consent_name_ok(w4_slice(NULL, 0)));
}

/* 255 bytes of labels are a name, 256 are not. */
static void
longest_name(void **state)
{
	char		name[257];

	(void) state;
	memset(name, 'x', sizeof(name));
	for (size_t i = 63; i < sizeof(name); i += 64)
		name[i] = '.';
	assert_true(w4_consent_name_ok(w4_slice(name, 255)));
	assert_false(w4_consent_name_ok(w4_slice(name, 257)));
}

static void
scopes(void **state)
{
	static const char *const bad[] = {
		"trade.", ".trade", "trade..x", "*", "**", "trade.*.x", "Trade.x", "trade x",
		"a23456789012345678901234567890.a23456789012345678901234567890."
		"a23456789012345678901234567890.a23456789012345678901234567890.a2345"
	};
	Bytes		v1 = unhex(V1_HEX);

	(void) state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(decodes(with_text(v1, 0x03, bad[i])));
	assert_int_equal(strlen(bad[8]), 129);
	assert_fault(with_text(v1, 0x03, bad[8]), "field of wrong length");
	assert_false(decodes(with_value(v1, 0x03, "trade\0", 6)));
	assert_false(decodes(with_text(v1, 0x04, "*")));
	assert_false(decodes(with_text(v1, 0x04, "market/**/x")));
	assert_true(decodes(with_text(v1, 0x03, "trade.**")));
	assert_true(decodes(with_text(v1, 0x04, "market/**")));
	assert_false(decodes(with_text(v1, 0x02, "*")));
}

static void
times(void **state)
{
	Bytes		v1 = unhex(V1_HEX);
	Bytes		v7 = unhex(V7_HEX);

	(void) state;
	assert_fault(with_time(v1, 0x05, 0), "time out of range");
	assert_true(decodes(with_time(v1, 0x05, 1)));
	assert_fault(with_time(v1, 0x06, 0), "time out of range");
	assert_fault(with_time(v1, 0x06, INT64_MAX), "endless grant");
	assert_true(decodes(with_time(v1, 0x06, INT64_MAX - 1)));
	assert_fault(with_time(v1, 0x06, (uint64_t) INT64_MAX + 1), "time out of range");
	assert_fault(with_time(v1, 0x05, UINT64_MAX), "time out of range");
	assert_true(decodes(v7));
	assert_true(decodes(with_time(v7, 0x06, (uint64_t) (DAY + 24 * HOUR))));
	assert_fault(with_level(v7, 1), "endless grant");
	assert_fault(with_time(v7, 0x05, INT64_MAX), "expiry not after issue");
}

static void
levels(void **state)
{
	Bytes		v1 = unhex(V1_HEX);

	(void) state;
	for (int level = 0; level < 256; level++)
		assert_int_equal(decodes(with_level(v1, (uint8_t) level)), level <= 4);
}

static void
parents(void **state)
{
	static const uint8_t zero[32];
	Bytes		v2 = unhex(V2_HEX);

	(void) state;
	assert_fault(with_value(v2, 0x0b, zero, 32), "parent hash of zeros");
	assert_fault(with_value(v2, 0x0b, zero, 31), "field of wrong length");
}

static void
constraint_lines(void **state)
{
	static const char *const bad[] = {
		"", "x", "=1", "a=", "A=1", "1a=1", "a=1\n", "\na=1", "a=1\n\nb=2", "b=2\na=1", "a=1\na=1",
		"a=1\na=2", "a=\x7f", "a=\t", "a=1\rb=2", "a b=1", "a=\xc3\xa9",
		"abcdefghijklmnopqrstuvwxyz0123456=1", "aa=1\na.a=1"
	};
	Bytes		b = with_constraints("a.a=1\na=x=y z\nexclude.geo=US\nmax_atp=25");
	W4Consent	t;

	(void) state;
	assert_true(w4_consent_decode(&t, b.data, b.len, NULL));
	assert_int_equal(t.nconstraints, 4);
	assert_slice(t.constraints[0].key, "a.a");
	assert_slice(t.constraints[1].key, "a");
	assert_slice(t.constraints[1].value, "x=y z");
	assert_slice(t.constraints[3].key, "max_atp");
	assert_slice(t.constraints[3].value, "25");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		if (decodes(with_constraints(bad[i])))
			fail_msg("accepted constraints %s", bad[i]);
	}
	assert_true(decodes(with_constraints("abcdefghijklmnopqrstuvwxyz012345=1")));
	assert_fault(with_constraints("a=1\na=2"), "constraint key repeated");
	assert_fault(with_constraints("b=2\na=1"), "constraints out of order");
	assert_false(decodes(with_item(unhex(V1_HEX), 0x0c, "a=\0", 3)));
}

static void
constraint_limits(void **state)
{
	char		text[1025 + 1];
	int			len = 0;

	(void) state;
	for (int i = 0; i < 64; i++)
		len += snprintf(text + len, sizeof(text) - (size_t) len, "%sk%02d=1", i > 0 ? "\n" : "", i);
	assert_true(decodes(with_constraints(text)));
	snprintf(text + len, sizeof(text) - (size_t) len, "\nk99=1");
	assert_fault(with_constraints(text), "too many constraints");
	memset(text, 'x', sizeof(text));
	memcpy(text, "k=", 2);
	text[1024] = '\0';
	assert_true(decodes(with_constraints(text)));
	text[1024] = 'x';
	text[1025] = '\0';
	assert_fault(with_constraints(text), "field of wrong length");
}

static void
extensions(void **state)
{
	uint8_t		large[513] = {0};
	uint8_t		buf[W4_CONSENT_MAX_SIZE];
	W4Writer	out = w4_writer(buf, sizeof(buf));
	Bytes		b = with_item(with_item(unhex(V2_HEX), 0x80, "", 0), 0xfe, large, 512);
	W4Consent	t;

	(void) state;
	assert_true(w4_consent_decode(&t, b.data, b.len, NULL));
	assert_int_equal(t.extensions.len, 3 + 3 + 512);
	assert_true(w4_consent_encode(&out, &t, NULL));
	assert_int_equal(out.len, b.len);
	assert_memory_equal(buf, b.data, b.len);
	assert_false(w4_consent_signature_ok(&t));	/* they are signed */

	assert_false(decodes(with_item(unhex(V1_HEX), 0x80, large, 513)));
	assert_false(decodes(with_item(b, 0xfe, "", 0)));
	assert_false(decodes(with_item(unhex(V1_HEX), 0xff, "", 0)));
	assert_false(decodes(with_item(unhex(V1_HEX), 0x00, "", 0)));
	assert_fault(with_item(unhex(V1_HEX), 0x7f, "", 0), "unknown critical field");
}

/* The shortest token there is, and one of exactly the greatest size. */
static void
sizes(void **state)
{
	W4Consent	t = root_fields();
	uint8_t		zeros[512] = {0};
	Bytes		b;

	(void) state;
	t.issuer = t.subject = t.intent = t.resource = w4_slice_cstr("a");
	b = issue(t, 1);
	assert_int_equal(b.len, W4_CONSENT_MIN_SIZE);
	assert_true(valid(b));
	for (uint8_t tag = 0x80; b.len < W4_CONSENT_MAX_SIZE; tag++)
	{
		size_t		left = W4_CONSENT_MAX_SIZE - b.len - 3;

		b = with_item(b, tag, zeros, left > 512 ? 500 : left);
	}
	assert_int_equal(b.len, W4_CONSENT_MAX_SIZE);
	assert_true(decodes(b));
	b.data[b.len++] = 0;
	assert_fault(b, "token too long");
}

/* --- the encoder --- */

static void
assert_unwritable(const W4Consent *t)
{
	uint8_t		buf[W4_CONSENT_MAX_SIZE + 64];
	W4Writer	out = w4_writer(buf, sizeof(buf));

	w4_put_cstr(&out, "before");
	assert_false(w4_consent_encode(&out, t, NULL));
	assert_int_equal(out.len, 6);
}

static void
encoder_refuses(void **state)
{
	static char long_text[70000];
	W4Consent	t = root_fields();
	W4Consent	good = t;

	(void) state;
	t.level = 5;
	assert_unwritable(&t);
	t = good;
	t.expires_at = t.issued_at;
	assert_unwritable(&t);
	t = good;
	t.issued_at = -1;
	assert_unwritable(&t);
	t = good;
	t.has_parent = true;
	assert_unwritable(&t);
	t = good;
	memset(long_text, 'a', sizeof(long_text));
	t.issuer = w4_slice(long_text, sizeof(long_text));
	assert_unwritable(&t);
	t = good;
	t.issuer = w4_slice(long_text, 65536 + 5);	/* must not wrap to 5 */
	assert_unwritable(&t);
	t = good;
	t.nconstraints = -1;
	assert_unwritable(&t);
	t.nconstraints = W4_CONSENT_MAX_CONSTRAINTS + 1;
	assert_unwritable(&t);
	t = good;
	add_constraint(&t, "b", "1");
	add_constraint(&t, "a", "1");
	assert_unwritable(&t);
}

/* What would read back as something else than was meant. */
static void
encoder_refuses_smuggling(void **state)
{
	W4Consent	t = root_fields();
	W4Consent	good = t;
	static const uint8_t parent_item[35] = {0x0b, 0, 32, 1};

	(void) state;
	add_constraint(&t, "a", "1\nb=2");
	assert_unwritable(&t);
	t = good;
	add_constraint(&t, "a=b", "c");
	assert_unwritable(&t);
	t = good;
	t.extensions = w4_slice(parent_item, sizeof(parent_item));
	assert_unwritable(&t);
	t.extensions = w4_slice("\x0c\0\3a=1", 6);
	assert_unwritable(&t);
	t.extensions = w4_slice("\x80\0\1", 3);
	assert_unwritable(&t);
}

static void
encoder_needs_room(void **state)
{
	uint8_t		buf[W4_CONSENT_MAX_SIZE];
	W4Consent	t = root_fields();

	(void) state;
	for (size_t cap = 0; cap < 215; cap++)
	{
		W4Writer	out = w4_writer(buf, cap);

		assert_false(w4_consent_encode(&out, &t, NULL));
		assert_int_equal(out.len, 0);
		assert_true(out.full);
	}
}

static void
nothing_to_sign(void **state)
{
	uint8_t		buf[64];
	W4Writer	out = w4_writer(buf, sizeof(buf));
	W4Consent	t = root_fields();

	(void) state;
	w4_consent_signed_bytes(&out, &t);
	assert_true(out.full);
	assert_false(w4_consent_signature_ok(&t));
}

/* --- revocations --- */

static bool
revocation_valid(Bytes b)
{
	W4Revocation r;

	return w4_revocation_decode(&r, b.data, b.len, NULL) && w4_revocation_signature_ok(&r);
}

static bool
revocation_decodes(Bytes b)
{
	W4Revocation r;

	return w4_revocation_decode(&r, b.data, b.len, NULL);
}

static void
v3_is_read_and_rebuilt(void **state)
{
	uint8_t		hash[32];
	uint8_t		secret[64];
	uint8_t		buf[600];
	W4Writer	w = w4_writer(buf, sizeof(buf));
	Bytes		b = unhex(V3_HEX);
	W4Revocation r;

	(void) state;
	assert_int_equal(b.len, 166);
	w4_sha256(hash, b.data, b.len);
	assert_hex(hash, 32, V3_HASH);
	assert_true(w4_revocation_decode(&r, b.data, b.len, NULL));
	assert_slice(r.revoker, "snider.lthn");
	assert_hex(r.token_hash, 32, V1_TOKEN_HASH);
	assert_true(r.revoked_at == DAY + 12 * HOUR);
	assert_int_equal(r.reason, 2);
	assert_true(w4_revocation_signature_ok(&r));

	w4_revocation_signed_bytes(&w, &r);
	assert_int_equal(w.len, 166 - 67 + 23);
	memset(r.signature, 0, sizeof(r.signature));
	key_pair(1, r.public_key, secret);
	w4_sign(r.signature, buf, w.len, secret);
	w = w4_writer(buf, sizeof(buf));
	assert_true(w4_revocation_encode(&w, &r, NULL));
	assert_hex(buf, w.len, V3_HEX);
}

static void
revocation_mutations(void **state)
{
	Bytes		golden_wire = unhex(V3_HEX);
	size_t		pos = 0;

	(void) state;
	for (size_t bit = 0; bit < golden_wire.len * 8; bit++)
	{
		Bytes		b = golden_wire;

		b.data[bit / 8] ^= (uint8_t) (1 << bit % 8);
		assert_false(revocation_valid(b));
	}
	for (size_t len = 0; len < golden_wire.len; len++)
	{
		Bytes		b = golden_wire;

		b.len = len;
		assert_false(revocation_decodes(b));
	}
	while (pos < golden_wire.len)
	{
		size_t		len = w4_get_u16be(golden_wire.data + pos + 1);

		assert_false(revocation_decodes(duplicate_item(golden_wire, pos)));
		if (pos + 3 + len < golden_wire.len)
			assert_false(revocation_decodes(swap_items(golden_wire, pos)));
		pos += 3 + len;
	}
}

static void
revocation_rules(void **state)
{
	Bytes		v3 = unhex(V3_HEX);
	Bytes		b = v3;
	uint8_t		reason = 4;

	(void) state;
	assert_true(revocation_decodes(with_value(v3, 0x04, &reason, 1)));
	reason = 5;
	assert_false(revocation_decodes(with_value(v3, 0x04, &reason, 1)));
	assert_false(revocation_decodes(with_time(v3, 0x03, 0)));
	assert_true(revocation_decodes(with_time(v3, 0x03, INT64_MAX)));
	assert_false(revocation_decodes(with_time(v3, 0x03, (uint64_t) INT64_MAX + 1)));
	assert_false(revocation_decodes(with_text(v3, 0x01, "")));
	assert_false(revocation_decodes(with_text(v3, 0x01, "Snider")));
	assert_false(revocation_decodes(with_value(v3, 0x02, b.data, 31)));
	assert_false(revocation_decodes(with_item(v3, 0x0a, b.data, 32)));
	assert_false(revocation_decodes(with_item(v3, 0x80, "", 0)));
	b.data[b.len++] = 0;
	assert_false(revocation_decodes(b));
	b.len = 600;
	assert_false(revocation_decodes(b));
	/* A token is no revocation, nor the other way round. */
	assert_false(revocation_decodes(unhex(V1_HEX)));
	assert_false(decodes(v3));
}

static void
revocation_encoder_refuses(void **state)
{
	uint8_t		buf[600];
	Bytes		b = unhex(V3_HEX);
	W4Revocation good;
	W4Revocation r;
	W4Writer	out = w4_writer(buf, sizeof(buf));

	(void) state;
	assert_true(w4_revocation_decode(&good, b.data, b.len, NULL));
	r = good;
	r.reason = 5;
	assert_false(w4_revocation_encode(&out, &r, NULL));
	r = good;
	r.revoked_at = 0;
	assert_false(w4_revocation_encode(&out, &r, NULL));
	r = good;
	r.revoker = w4_slice_cstr("*");
	assert_false(w4_revocation_encode(&out, &r, NULL));
	assert_int_equal(out.len, 0);
	assert_false(out.full);
	out = w4_writer(buf, 165);
	assert_false(w4_revocation_encode(&out, &good, NULL));
	assert_int_equal(out.len, 0);
}

static void
code_names(void **state)
{
	(void) state;
	assert_string_equal(w4_consent_code_name(W4_CONSENT_OK), "OK");
	assert_string_equal(w4_consent_code_name(W4_CONSENT_FORMAT), "FORMAT");
	assert_string_equal(w4_consent_code_name(W4_CONSENT_TIME_WINDOW), "TIME_WINDOW");
	assert_string_equal(w4_consent_code_name(W4_CONSENT_CONSTRAINT), "CONSTRAINT");
	assert_string_equal(w4_consent_code_name(W4_CONSENT_NO_CONSENT), "NO_CONSENT");
	assert_string_equal(w4_consent_code_name((W4ConsentCode) 22), "UNKNOWN");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v1_is_read),
		cmocka_unit_test(v2_is_read),
		cmocka_unit_test(v5_v6_v7_are_read),
		cmocka_unit_test(v8_is_a_splice),
		cmocka_unit_test(golden_tokens_are_rebuilt),
		cmocka_unit_test(negatives),
		cmocka_unit_test(mutations_of_v1),
		cmocka_unit_test(mutations_of_v2),
		cmocka_unit_test(every_field_is_needed),
		cmocka_unit_test(names),
		cmocka_unit_test(longest_name),
		cmocka_unit_test(scopes),
		cmocka_unit_test(times),
		cmocka_unit_test(levels),
		cmocka_unit_test(parents),
		cmocka_unit_test(constraint_lines),
		cmocka_unit_test(constraint_limits),
		cmocka_unit_test(extensions),
		cmocka_unit_test(sizes),
		cmocka_unit_test(encoder_refuses),
		cmocka_unit_test(encoder_refuses_smuggling),
		cmocka_unit_test(encoder_needs_room),
		cmocka_unit_test(nothing_to_sign),
		cmocka_unit_test(v3_is_read_and_rebuilt),
		cmocka_unit_test(revocation_mutations),
		cmocka_unit_test(revocation_rules),
		cmocka_unit_test(revocation_encoder_refuses),
		cmocka_unit_test(code_names),
	};

	if (w4_crypto_selftest() != NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
