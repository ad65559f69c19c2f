/*
 * Consent tokens: golden bytes, refusals, every mutation.
 */
#include "consent_wires.h"

#define V1_SIGNED_HASH "cc8b10ccd62caf1e32581f0af1b186f4655cc0287257d9ef9871c4b6fd51fa6d"
#define V2_TOKEN_HASH "fed5fcde2c2f6478895f3508db6ff34e3de36e5acdd904dd6fb54459c0f6af8f"
#define V2_SIGNED_HASH "6b5d5575eaf7ddf4134ebd670f5138586dd112dbb26f4d3620df5d7525110af8"
#define V5_TOKEN_HASH "70a64710b5fbdca9cc4f722e1132d6058c9ca2290a48551f0b1a0617cbfe3631"
#define V6_TOKEN_HASH "652d8d78ef2c3bf63e5035c9bd885284da1cc494b19a8344c7e64422040acffb"
#define V7_TOKEN_HASH "35054d5841b7b8be96d09acd73ada23b3b7b16fc92fea181d335ea7ebebf2f43"

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
		cmocka_unit_test(code_names),
	};

	if (w4_crypto_selftest() != NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
