/*-------------------------------------------------------------------------
 *
 * test_encode.c
 *		Hex, base32, base58 and base64: known answers, round trips, strictness.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "core/encode.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Reproducible bytes; every call with another seed gives others. */
static void
fill(uint8_t *out, size_t len, uint32_t seed)
{
	uint8_t		key[randombytes_SEEDBYTES] = {0};

	memcpy(key, &seed, sizeof(seed));
	randombytes_buf_deterministic(out, len, key);
}

/* --- hex --- */

static void
test_hex_round_trip(void **state)
{
	uint8_t		data[256];
	uint8_t		back[256];
	char		text[512];

	(void) state;
	for (int i = 0; i < 256; i++)
		data[i] = (uint8_t) i;
	w4_hex_encode(text, data, 256);
	assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
	assert_true(w4_hex_decode(back, 256, text, 512));
	assert_memory_equal(back, data, 256);
	assert_true(w4_hex_decode(back, 0, "", 0));
}

static void
test_hex_refusals(void **state)
{
	uint8_t		out[2];
	char		text[4];

	(void) state;
	assert_false(w4_hex_decode(out, 2, "abc", 3));
	assert_false(w4_hex_decode(out, 2, "abcde", 5));
	assert_false(w4_hex_decode(out, 2, "abcdef", 6));
	assert_false(w4_hex_decode(out, 1, "", 0));
	assert_false(w4_hex_decode(out, SIZE_MAX / 2 + 2, "ab", 2));

	/* Sixteen of the 256 byte values are digits: upper case is not. */
	for (int place = 0; place < 4; place++)
	{
		int			accepted = 0;

		for (int c = 0; c < 256; c++)
		{
			memcpy(text, "0000", 4);
			text[place] = (char) c;
			accepted += w4_hex_decode(out, 2, text, 4);
		}
		assert_int_equal(accepted, 16);
	}
}

/* --- base32 --- */

/* RFC 4648 section 10, lower case and without padding. */
static void
test_base32_known_answers(void **state)
{
	static const char *const pairs[][2] = {
		{"", ""}, {"f", "my"}, {"fo", "mzxq"}, {"foo", "mzxw6"}, {"foob", "mzxw6yq"},
		{"fooba", "mzxw6ytb"}, {"foobar", "mzxw6ytboi"}
	};
	char		text[16];
	uint8_t		back[8];

	(void) state;
	for (size_t i = 0; i < COUNT(pairs); i++)
	{
		size_t		len = strlen(pairs[i][0]);

		assert_int_equal(W4_BASE32_LEN(len), strlen(pairs[i][1]));
		w4_base32_encode(text, (const uint8_t *) pairs[i][0], len);
		assert_memory_equal(text, pairs[i][1], W4_BASE32_LEN(len));
		assert_true(w4_base32_decode(back, len, pairs[i][1], W4_BASE32_LEN(len)));
		assert_memory_equal(back, pairs[i][0], len);
	}
}

static void
test_base32_round_trip(void **state)
{
	uint8_t		data[65];
	uint8_t		back[65];
	char		text[W4_BASE32_LEN(65)];

	(void) state;
	for (size_t len = 0; len <= sizeof(data); len++)
	{
		fill(data, len, (uint32_t) len);
		w4_base32_encode(text, data, len);
		assert_true(w4_base32_decode(back, len, text, W4_BASE32_LEN(len)));
		assert_memory_equal(back, data, len);
	}
}

static void
test_base32_refusals(void **state)
{
	uint8_t		out[8];
	int			last = 0;
	int			inner = 0;

	(void) state;
	assert_false(w4_base32_decode(out, 1, "MY", 2));
	assert_false(w4_base32_decode(out, 1, "my======", 8));
	assert_false(w4_base32_decode(out, 1, "m", 1));
	assert_false(w4_base32_decode(out, 1, "mya", 3));
	assert_false(w4_base32_decode(out, 2, "my", 2));
	assert_false(w4_base32_decode(out, SIZE_MAX, "my", 2));
	assert_false(w4_base32_decode(out, SIZE_MAX / 8, "my", 2));

	/* One byte leaves two bits to spare: 8 last characters in 256, 32 first ones. */
	for (int c = 0; c < 256; c++)
	{
		char		text[2] = {'m', (char) c};
		char		other[2] = {(char) c, 'y'};

		last += w4_base32_decode(out, 1, text, 2);
		inner += w4_base32_decode(out, 1, other, 2);
	}
	assert_int_equal(last, 8);
	assert_int_equal(inner, 32);
}

/* --- base58 --- */

static void
assert_base58(const char *hex, const char *expected)
{
	uint8_t		data[W4_BASE58_MAX_BYTES];
	uint8_t		back[W4_BASE58_MAX_BYTES];
	char		text[W4_BASE58_MAX_TEXT];
	size_t		len = strlen(hex) / 2;

	assert_true(w4_hex_decode(data, len, hex, strlen(hex)));
	assert_int_equal(w4_base58_encode(text, sizeof(text), data, len), strlen(expected));
	assert_memory_equal(text, expected, strlen(expected));
	assert_int_equal(w4_base58_decode(back, sizeof(back), expected, strlen(expected)), len);
	assert_memory_equal(back, data, len);
}

/* The base58_encode_decode vectors that Bitcoin publishes. */
static void
test_base58_known_answers(void **state)
{
	(void) state;
	assert_base58("", "");
	assert_base58("61", "2g");
	assert_base58("626262", "a3gV");
	assert_base58("636363", "aPEr");
	assert_base58("73696d706c792061206c6f6e6720737472696e67", "2cFupjhnEsSn59qHXstmK2ffpLv2");
	assert_base58("00eb15231dfceb60925886b67d065299925915aeb172c06647", "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L");
	assert_base58("516b6fcd0f", "ABnLTmg");
	assert_base58("bf4f89001e670274dd", "3SEo3LWLoPntC");
	assert_base58("572e4794", "3EFU7m");
	assert_base58("ecac89cad93923c02321", "EJDM8drfXA6uyA");
	assert_base58("10c8511e", "Rt5zm");
	assert_base58("00000000000000000000", "1111111111");
}

static void
test_base58_round_trip(void **state)
{
	uint8_t		data[W4_BASE58_MAX_BYTES];
	uint8_t		back[W4_BASE58_MAX_BYTES];
	char		text[W4_BASE58_MAX_TEXT];

	(void) state;
	for (size_t len = 0; len <= sizeof(data); len++)
	{
		for (size_t nzeros = 0; nzeros <= len; nzeros++)
		{
			size_t		n;

			fill(data, len, (uint32_t) len);
			memset(data, 0, nzeros);
			n = w4_base58_encode(text, sizeof(text), data, len);
			assert_int_equal(w4_base58_decode(back, sizeof(back), text, n), len);
			assert_memory_equal(back, data, len);
			if (len > 0)
				assert_int_equal(w4_base58_decode(back, len - 1, text, n), -1);
			if (n > 0)
				assert_int_equal(w4_base58_encode(text, n - 1, data, len), 0);
		}
	}
}

static void
test_base58_limits(void **state)
{
	uint8_t		data[W4_BASE58_MAX_BYTES + 1];
	uint8_t		out[W4_BASE58_MAX_BYTES + 8];
	char		text[W4_BASE58_MAX_TEXT + 1];
	size_t		n;

	(void) state;
	memset(data, 0xff, sizeof(data));
	assert_int_equal(w4_base58_encode(text, sizeof(text), data, sizeof(data)), 0);
	n = w4_base58_encode(text, sizeof(text), data, W4_BASE58_MAX_BYTES);
	assert_int_equal(n, 88);
	assert_int_equal(w4_base58_decode(out, sizeof(out), text, n), W4_BASE58_MAX_BYTES);

	/* One more than the largest 64-byte number, and the longest texts. */
	memset(text, 'z', sizeof(text));
	assert_int_equal(w4_base58_decode(out, sizeof(out), text, 88), -1);
	assert_int_equal(w4_base58_decode(out, sizeof(out), text, 90), -1);
	assert_int_equal(w4_base58_decode(out, sizeof(out), text, 91), -1);
	memset(text, '1', sizeof(text));
	assert_int_equal(w4_base58_decode(out, sizeof(out), text, 64), 64);
	assert_int_equal(w4_base58_decode(out, sizeof(out), text, 65), -1);
}

static void
test_base58_alphabet(void **state)
{
	uint8_t		out[4];
	int			accepted = 0;

	(void) state;
	for (int c = 0; c < 256; c++)
	{
		char		text[2] = {'2', (char) c};

		accepted += w4_base58_decode(out, sizeof(out), text, 2) >= 0;
	}
	assert_int_equal(accepted, 58);
	assert_int_equal(w4_base58_decode(out, sizeof(out), "0", 1), -1);
	assert_int_equal(w4_base58_decode(out, sizeof(out), "O", 1), -1);
	assert_int_equal(w4_base58_decode(out, sizeof(out), "I", 1), -1);
	assert_int_equal(w4_base58_decode(out, sizeof(out), "l", 1), -1);
}

/* --- base64 --- */

static void
test_base64_known_answers(void **state)
{
	static const char *const pairs[][2] = {
		{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}
	};
	uint8_t		out[8];

	(void) state;
	for (size_t i = 0; i < COUNT(pairs); i++)
	{
		int			len = (int) strlen(pairs[i][0]);

		assert_int_equal(w4_base64_decode(out, (size_t) len, pairs[i][1], strlen(pairs[i][1])), len);
		assert_memory_equal(out, pairs[i][0], (size_t) len);
		if (len > 0)
			assert_int_equal(w4_base64_decode(out, (size_t) len - 1, pairs[i][1], strlen(pairs[i][1])), -1);
	}
}

/* Against libsodium's encoder: every length, and every text with one byte replaced. */
static void
test_base64_one_text_per_value(void **state)
{
	uint8_t		data[20];
	uint8_t		out[24];
	char		text[64];
	char		again[64];

	(void) state;
	for (size_t len = 0; len <= sizeof(data); len++)
	{
		fill(data, len, (uint32_t) len);
		for (size_t i = 0; i < sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL) * 256; i++)
		{
			int			n;
			size_t		text_len;

			sodium_bin2base64(text, sizeof(text), data, len, sodium_base64_VARIANT_ORIGINAL);
			text_len = strlen(text);
			assert_int_equal(w4_base64_decode(out, sizeof(out), text, text_len), len);
			assert_memory_equal(out, data, len);
			text[i / 256] = (char) (uint8_t) i;
			n = w4_base64_decode(out, sizeof(out), text, text_len);
			if (n < 0)
				continue;
			sodium_bin2base64(again, sizeof(again), out, (size_t) n, sodium_base64_VARIANT_ORIGINAL);
			assert_int_equal(strlen(again), text_len);
			assert_memory_equal(again, text, text_len);
		}
	}
}

static void
test_base64_refusals(void **state)
{
	static const char *const bad[] = {
		"=", "==", "===", "====", "A===", "Zg=", "Zg", "Z", "Zh==", "Zm9=", "Zm9v====", "Zg==Zg==",
		"Zm=v", "Z=9v", "Zm9v\n", " Zm9v", "Zm 9", "Zm-_", "Zg==\n", "Zg=a"
	};
	uint8_t		out[16];

	(void) state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(w4_base64_decode(out, sizeof(out), bad[i], strlen(bad[i])), -1);
	assert_int_equal(w4_base64_decode(out, sizeof(out), "Zg==", SIZE_MAX - 3), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hex_round_trip),
		cmocka_unit_test(test_hex_refusals),
		cmocka_unit_test(test_base32_known_answers),
		cmocka_unit_test(test_base32_round_trip),
		cmocka_unit_test(test_base32_refusals),
		cmocka_unit_test(test_base58_known_answers),
		cmocka_unit_test(test_base58_round_trip),
		cmocka_unit_test(test_base58_limits),
		cmocka_unit_test(test_base58_alphabet),
		cmocka_unit_test(test_base64_known_answers),
		cmocka_unit_test(test_base64_one_text_per_value),
		cmocka_unit_test(test_base64_refusals)
	};

	return cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
