/*
 * Consent tokens: the rules of single fields, and what the encoder refuses.
 */
#include "consent_wires.h"

#include <stdio.h>

/* 129 bytes that would be an intent if they were fewer. */
#define LONG_INTENT \
	"a23456789012345678901234567890.a23456789012345678901234567890." \
	"a23456789012345678901234567890.a23456789012345678901234567890.a2345"

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
		"trade.", ".trade", "trade..x", "*", "**", "trade.*.x", "Trade.x", "trade x", LONG_INTENT
	};
	Bytes		v1 = unhex(V1_HEX);

	(void) state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(decodes(with_text(v1, 0x03, bad[i])));
	assert_int_equal(strlen(LONG_INTENT), 129);
	assert_fault(with_text(v1, 0x03, LONG_INTENT), "field of wrong length");
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
	t.constraints[0].key = w4_slice_cstr("k");
	t.constraints[0].value = w4_slice(long_text, 1023);
	t.nconstraints = 1;
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	if (w4_crypto_selftest() != NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
