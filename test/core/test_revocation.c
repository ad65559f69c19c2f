/*
 * Revocations: golden bytes, rules, every mutation.
 */
#include "consent_wires.h"

#define V3_HASH "e59d327c2000aef0256c008c5c4562403141a9a101e9d66a717d2518cbb1c7a0"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v3_is_read_and_rebuilt),
		cmocka_unit_test(revocation_mutations),
		cmocka_unit_test(revocation_rules),
		cmocka_unit_test(revocation_encoder_refuses),
	};

	if (w4_crypto_selftest() != NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
