/*-------------------------------------------------------------------------
 *
 * test_crypto.c
 *		SHA-256 and strict Ed25519: golden vectors, forgeries and edge cases.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sodium.h>

#include "core/crypto.h"
#include "core/encode.h"
#include "ed25519_edge.h"
#include "identity_golden.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
unhex(uint8_t *out, size_t len, const char *text)
{
	if (!w4_hex_decode(out, len, text, strlen(text)))
		fail_msg("not %zu bytes of hex: %s", len, text);
}

static const GoldenKey *
golden_key(const char *name)
{
	for (size_t i = 0; i < COUNT(golden_keys); i++)
	{
		if (strcmp(golden_keys[i].name, name) == 0)
			return &golden_keys[i];
	}
	fail_msg("no golden key %s", name);
	return NULL;
}

static void
golden_pair(const char *name, uint8_t public_key[32], uint8_t secret_key[64])
{
	uint8_t		seed[32];

	unhex(seed, 32, golden_key(name)->seed);
	w4_keypair_from_seed(public_key, secret_key, seed);
}

/* What libsodium says when nobody has checked the key. */
static bool
bare_verify(const uint8_t sig[64], const void *message, size_t len, const uint8_t key[32])
{
	return crypto_sign_verify_detached(sig, message, len, key) == 0;
}

/* --- hashes --- */

static void
test_sha256_parts_equal_whole(void **state)
{
	uint8_t		data[200];
	uint8_t		whole[32];
	uint8_t		parts[32];

	(void) state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t) (i * 7);
	w4_sha256(whole, data, sizeof(data));
	for (size_t cut = 0; cut <= sizeof(data); cut++)
	{
		W4Slice		runs[3] = {w4_slice(data, cut), w4_slice(NULL, 0),
		w4_slice(data + cut, sizeof(data) - cut)};

		w4_sha256_parts(parts, runs, 3);
		assert_memory_equal(parts, whole, 32);
	}
}

static void
test_sha256_of_nothing(void **state)
{
	uint8_t		expected[32];
	uint8_t		hash[32];

	(void) state;
	unhex(expected, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	w4_sha256(hash, NULL, 0);
	assert_memory_equal(hash, expected, 32);
	w4_sha256_parts(hash, NULL, 0);
	assert_memory_equal(hash, expected, 32);
}

static void
test_golden_hashes(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(golden_hashes); i++)
	{
		const GoldenHash *g = &golden_hashes[i];
		W4Slice		parts[2] = {w4_slice_cstr(g->prefix), w4_slice_cstr(g->text)};
		uint8_t		expected[32];
		uint8_t		hash[32];

		unhex(expected, 32, g->sha256);
		w4_sha256_parts(hash, parts, 2);
		assert_memory_equal(hash, expected, 32);
	}
}

/* --- golden signatures --- */

static void
test_golden_keys(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(golden_keys); i++)
	{
		uint8_t		expected[32];
		uint8_t		public_key[32];
		uint8_t		secret_key[64];

		golden_pair(golden_keys[i].name, public_key, secret_key);
		unhex(expected, 32, golden_keys[i].public_key);
		assert_memory_equal(public_key, expected, 32);
		assert_true(w4_public_key_ok(public_key));
	}
}

static void
test_golden_signatures(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(golden_signatures); i++)
	{
		const GoldenSignature *g = &golden_signatures[i];
		size_t		len = strlen(g->text);
		uint8_t		key[32];
		uint8_t		secret_key[64];
		uint8_t		sig[64];
		uint8_t		ours[64];
		uint8_t		hash[32];
		uint8_t		expected[32];

		golden_pair(g->signer, key, secret_key);
		unhex(sig, 64, g->signature);
		unhex(expected, 32, g->sha256);
		w4_sha256(hash, g->text, len);
		assert_memory_equal(hash, expected, 32);
		assert_true(w4_verify_strict(sig, g->text, len, key));
		assert_true(w4_verify_registered(sig, g->text, len, key));
		w4_sign(ours, g->text, len, secret_key);
		assert_memory_equal(ours, sig, 64);
	}
}

/* Every bit of the signature and of the key, one bit of every byte of the text. */
static void
assert_flips_fail(const GoldenSignature *g)
{
	size_t		len = strlen(g->text);
	uint8_t		text[1024];
	uint8_t		sig[64];
	uint8_t		key[32];

	assert_true(len < sizeof(text));
	memcpy(text, g->text, len);
	unhex(sig, 64, g->signature);
	unhex(key, 32, golden_key(g->signer)->public_key);
	for (size_t bit = 0; bit < 512; bit++)
	{
		sig[bit / 8] ^= (uint8_t) (1 << bit % 8);
		assert_false(w4_verify_registered(sig, text, len, key));
		sig[bit / 8] ^= (uint8_t) (1 << bit % 8);
	}
	for (size_t bit = 0; bit < 256; bit++)
	{
		key[bit / 8] ^= (uint8_t) (1 << bit % 8);
		assert_false(w4_verify_strict(sig, text, len, key));
		key[bit / 8] ^= (uint8_t) (1 << bit % 8);
	}
	for (size_t i = 0; i < len; i++)
	{
		text[i] ^= (uint8_t) (1 << i % 8);
		assert_false(w4_verify_registered(sig, text, len, key));
		text[i] ^= (uint8_t) (1 << i % 8);
	}
	assert_false(w4_verify_registered(sig, text, len - 1, key));
	text[len] = '\n';
	assert_false(w4_verify_registered(sig, text, len + 1, key));
	assert_true(w4_verify_strict(sig, text, len, key));
}

static void
test_golden_forgeries_fail(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(golden_signatures); i++)
		assert_flips_fail(&golden_signatures[i]);
}

static void
test_golden_wrong_signer_fails(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(golden_signatures); i++)
	{
		const GoldenSignature *g = &golden_signatures[i];
		uint8_t		sig[64];
		uint8_t		key[32];

		unhex(sig, 64, g->signature);
		for (size_t j = 0; j < COUNT(golden_keys); j++)
		{
			unhex(key, 32, golden_keys[j].public_key);
			assert_int_equal(w4_verify_strict(sig, g->text, strlen(g->text), key),
							 strcmp(golden_keys[j].name, g->signer) == 0);
		}
	}
}

static void
test_empty_message(void **state)
{
	uint8_t		key[32];
	uint8_t		secret_key[64];
	uint8_t		sig[64];

	(void) state;
	golden_pair("alice", key, secret_key);
	w4_sign(sig, NULL, 0, secret_key);
	assert_true(w4_verify_strict(sig, NULL, 0, key));
	assert_true(w4_verify_strict(sig, "", 0, key));
	assert_false(w4_verify_strict(sig, "", 1, key));
}

/* --- published edge cases --- */

static void
check_case(const EdgeCase *e)
{
	uint8_t		message[64];
	size_t		len = strlen(e->message) / 2;
	uint8_t		key[32];
	uint8_t		sig[64];
	bool		bare;

	unhex(message, len, e->message);
	unhex(key, 32, e->public_key);
	unhex(sig, 32, e->r);
	unhex(sig + 32, 32, e->s);
	bare = bare_verify(sig, message, len, key);
	if (bare != e->bare || w4_verify_registered(sig, message, len, key) != e->bare)
		fail_msg("%s: bare verdict is %d", e->name, bare);
	if (w4_verify_strict(sig, message, len, key) != e->strict)
		fail_msg("%s: strict verdict is not %d", e->name, e->strict);
	assert_int_equal(e->strict, bare && crypto_core_ed25519_is_valid_point(key) == 1);
}

static void
test_speccheck(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(speccheck); i++)
		check_case(&speccheck[i]);
}

static void
test_wycheproof(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(wycheproof); i++)
		check_case(&wycheproof[i]);
}

static void
test_cctv(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(cctv); i++)
	{
		const CctvCase *c = &cctv[i];
		char		text[32] = "ed25519vectors";
		char		hex[64];
		EdgeCase	e = {text, hex, c->public_key, c->r, c->s, c->bare, false};

		if (c->message != 0)
			snprintf(text, sizeof(text), "ed25519vectors %d", c->message);
		memset(hex, 0, sizeof(hex));
		w4_hex_encode(hex, (const uint8_t *) text, strlen(text));
		check_case(&e);
	}
}

/* --- keys --- */

static void
test_small_order_keys_refused(void **state)
{
	uint8_t		key[32];
	uint8_t		sig[64] = {0};

	(void) state;
	for (size_t i = 0; i < COUNT(small_order_points); i++)
	{
		unhex(key, 32, small_order_points[i]);
		assert_false(w4_public_key_ok(key));

		/* R = A, S = 0: the forgery that lax verifiers accept for any message. */
		memcpy(sig, key, 32);
		assert_false(w4_verify_strict(sig, "any", 3, key));
		assert_false(w4_verify_registered(sig, "any", 3, key));
	}
}

/* y = p .. 2^255 - 1, with either sign of x. */
static void
test_non_canonical_keys_refused(void **state)
{
	uint8_t		key[32];

	(void) state;
	for (int low = 0xed; low <= 0xff; low++)
	{
		memset(key, 0xff, 32);
		key[0] = (uint8_t) low;
		assert_false(w4_public_key_ok(key));
		key[31] = 0x7f;
		assert_false(w4_public_key_ok(key));
	}
}

/* A key of prime order is good, its seven mixed-order twins are not. */
static void
test_key_and_its_twins(void **state)
{
	uint8_t		seed[32] = {0};
	uint8_t		key[32];
	uint8_t		secret_key[64];
	uint8_t		torsion[32];
	uint8_t		twin[32];

	(void) state;
	for (int i = 0; i < 50; i++)
	{
		seed[0] = (uint8_t) i;
		w4_keypair_from_seed(key, secret_key, seed);
		assert_true(w4_public_key_ok(key));
		for (size_t t = 0; t < COUNT(torsion_points); t++)
		{
			unhex(torsion, 32, torsion_points[t]);
			assert_int_equal(crypto_core_ed25519_add(twin, key, torsion), 0);
			assert_false(w4_public_key_ok(twin));
		}
	}
}

static void
test_unpatched_libsodium_is_caught(void **state)
{
	uint8_t		key[32];

	(void) state;
	memset(key, 0x99, 32);
	key[0] = 0x95;
	assert_false(w4_public_key_ok(key));
	assert_null(w4_crypto_selftest());
}

/* --- forged equations --- */

/* The secret scalar of a key pair, reduced. */
static void
secret_scalar(uint8_t scalar[32], const uint8_t secret_key[64])
{
	uint8_t		wide[64] = {0};
	uint8_t		hash[64];

	crypto_hash_sha512(hash, secret_key, 32);
	memcpy(wide, hash, 32);
	wide[0] &= 248;
	wide[31] &= 127;
	wide[31] |= 64;
	crypto_core_ed25519_scalar_reduce(scalar, wide);
}

/* S = r + H(R || key || message) * a, for an R that is in sig already. */
static void
solve_s(uint8_t sig[64], const uint8_t r[32], const uint8_t a[32], const uint8_t key[32],
		const void *message, size_t len)
{
	crypto_hash_sha512_state state;
	uint8_t		hash[64];
	uint8_t		k[32];

	crypto_hash_sha512_init(&state);
	crypto_hash_sha512_update(&state, sig, 32);
	crypto_hash_sha512_update(&state, key, 32);
	crypto_hash_sha512_update(&state, message, len);
	crypto_hash_sha512_final(&state, hash);
	crypto_core_ed25519_scalar_reduce(k, hash);
	crypto_core_ed25519_scalar_mul(sig + 32, k, a);
	crypto_core_ed25519_scalar_add(sig + 32, sig + 32, r);
}

/*
 * The holder of one secret signs under the twin A + T.  When k * T vanishes
 * (one message in 2, 4 or 8) libsodium accepts: one secret, eight identities.
 */
static void
test_signatures_under_twins(void **state)
{
	uint8_t		key[32];
	uint8_t		secret_key[64];
	uint8_t		a[32];
	uint8_t		r[32] = {5};
	uint8_t		twin[32];
	uint8_t		torsion[32];
	uint8_t		sig[64];

	(void) state;
	golden_pair("alice", key, secret_key);
	secret_scalar(a, secret_key);
	assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(sig, r), 0);
	for (size_t t = 0; t < COUNT(torsion_points); t++)
	{
		int			accepted = 0;

		unhex(torsion, 32, torsion_points[t]);
		assert_int_equal(crypto_core_ed25519_add(twin, key, torsion), 0);
		for (uint8_t m = 0; m < 64; m++)
		{
			solve_s(sig, r, a, twin, &m, 1);
			accepted += bare_verify(sig, &m, 1, twin);
			assert_false(w4_verify_strict(sig, &m, 1, twin));
		}
		assert_true(1 <= accepted && accepted <= 63);
	}
}

/* R of small order: with R neutral the equation even holds, and is refused all the same. */
static void
test_small_order_r_refused(void **state)
{
	uint8_t		key[32];
	uint8_t		secret_key[64];
	uint8_t		a[32];
	uint8_t		zero[32] = {0};
	uint8_t		sig[64];

	(void) state;
	golden_pair("alice", key, secret_key);
	secret_scalar(a, secret_key);
	for (size_t i = 0; i < COUNT(small_order_points); i++)
	{
		unhex(sig, 32, small_order_points[i]);
		solve_s(sig, zero, a, key, "m", 1);
		assert_false(w4_verify_strict(sig, "m", 1, key));
	}
}

/* scalar += L; false when that leaves 256 bits. */
static bool
add_group_order(uint8_t scalar[32])
{
	static const uint8_t order[32] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10
	};
	unsigned	carry = 0;

	for (int i = 0; i < 32; i++)
	{
		carry += (unsigned) scalar[i] + order[i];
		scalar[i] = (uint8_t) carry;
		carry >>= 8;
	}
	return carry == 0;
}

static void
test_malleated_s_refused(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(golden_signatures); i++)
	{
		const GoldenSignature *g = &golden_signatures[i];
		uint8_t		key[32];
		uint8_t		sig[64];
		int			tried = 0;

		unhex(key, 32, golden_key(g->signer)->public_key);
		unhex(sig, 64, g->signature);
		for (; add_group_order(sig + 32); tried++)
			assert_false(w4_verify_strict(sig, g->text, strlen(g->text), key));
		assert_true(14 <= tried && tried <= 15);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256_parts_equal_whole),
		cmocka_unit_test(test_sha256_of_nothing),
		cmocka_unit_test(test_golden_hashes),
		cmocka_unit_test(test_golden_keys),
		cmocka_unit_test(test_golden_signatures),
		cmocka_unit_test(test_golden_forgeries_fail),
		cmocka_unit_test(test_golden_wrong_signer_fails),
		cmocka_unit_test(test_empty_message),
		cmocka_unit_test(test_speccheck),
		cmocka_unit_test(test_wycheproof),
		cmocka_unit_test(test_cctv),
		cmocka_unit_test(test_small_order_keys_refused),
		cmocka_unit_test(test_non_canonical_keys_refused),
		cmocka_unit_test(test_key_and_its_twins),
		cmocka_unit_test(test_unpatched_libsodium_is_caught),
		cmocka_unit_test(test_signatures_under_twins),
		cmocka_unit_test(test_small_order_r_refused),
		cmocka_unit_test(test_malleated_s_refused)
	};

	return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
