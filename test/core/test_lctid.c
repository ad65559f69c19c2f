/*-------------------------------------------------------------------------
 *
 * test_lctid.c
 *		LCT identifiers and multikeys: golden vectors and strictness.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/encode.h"
#include "core/lctid.h"
#include "identity_golden.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
golden_public_key(uint8_t key[32], const GoldenKey *g)
{
	assert_true(w4_hex_decode(key, 32, g->public_key, strlen(g->public_key)));
}

static void
test_golden_ids(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(golden_keys); i++)
	{
		const GoldenKey *g = &golden_keys[i];
		uint8_t		key[32];
		uint8_t		lct[W4_LCT_LEN];
		uint8_t		parsed[W4_LCT_LEN];
		char		text[W4_LCT_TEXT_LEN];

		golden_public_key(key, g);
		w4_lct_from_key(lct, key);
		w4_lct_format(text, lct);
		assert_memory_equal(text, "lct:web4:mb32:", 14);
		assert_int_equal(strlen(g->lct), W4_LCT_TEXT_LEN - 14);
		assert_memory_equal(text + 14, g->lct, strlen(g->lct));
		assert_true(w4_lct_parse(parsed, text, sizeof(text), NULL));
		assert_memory_equal(parsed, lct, sizeof(lct));
	}
}

/* The JSON string that every signed document and leaf holds. */
static void
test_json_string(void **state)
{
	uint8_t		key[32];
	uint8_t		lct[W4_LCT_LEN];
	uint8_t		buf[W4_LCT_TEXT_LEN + 2];
	char		text[W4_LCT_TEXT_LEN];
	W4Writer	w = w4_writer(buf, sizeof(buf));

	(void) state;
	golden_public_key(key, &golden_keys[0]);
	w4_lct_from_key(lct, key);
	w4_lct_format(text, lct);
	w4c_put_lct(&w, lct);
	assert_false(w.full);
	assert_int_equal(w.len, sizeof(buf));
	assert_true(buf[0] == '"' && buf[sizeof(buf) - 1] == '"');
	assert_memory_equal(buf + 1, text, sizeof(text));

	w = w4_writer(buf, sizeof(buf) - 1);
	w4c_put_lct(&w, lct);
	assert_true(w.full);
}

static void
test_golden_multikeys(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(golden_keys); i++)
	{
		const GoldenKey *g = &golden_keys[i];
		uint8_t		key[32];
		uint8_t		parsed[32];
		char		text[W4_MULTIKEY_TEXT_LEN];

		golden_public_key(key, g);
		w4_multikey_format(text, key);
		assert_int_equal(strlen(g->multikey), W4_MULTIKEY_TEXT_LEN);
		assert_memory_equal(text, g->multikey, W4_MULTIKEY_TEXT_LEN);
		assert_true(w4_multikey_parse(parsed, text, sizeof(text), NULL));
		assert_memory_equal(parsed, key, 32);
	}
}

/* The extreme keys still take 48 characters. */
static void
test_multikey_has_one_length(void **state)
{
	uint8_t		key[32];
	uint8_t		parsed[32];
	char		text[W4_MULTIKEY_TEXT_LEN];

	(void) state;
	for (int fill = 0; fill <= 255; fill++)
	{
		memset(key, fill, 32);
		w4_multikey_format(text, key);
		assert_true(w4_multikey_parse(parsed, text, sizeof(text), NULL));
		assert_memory_equal(parsed, key, 32);
	}
}

/* Whatever byte is put at whatever place: refused, or another value that is written that way. */
static void
test_every_substitution(void **state)
{
	uint8_t		key[32];
	uint8_t		lct[32];
	uint8_t		parsed[32];
	char		id[W4_LCT_TEXT_LEN];
	char		multikey[W4_MULTIKEY_TEXT_LEN];
	char		again[W4_LCT_TEXT_LEN];

	(void) state;
	golden_public_key(key, &golden_keys[0]);
	w4_lct_from_key(lct, key);
	for (size_t i = 0; i < W4_LCT_TEXT_LEN * 256; i++)
	{
		w4_lct_format(id, lct);
		id[i / 256] = (char) (uint8_t) i;
		if (w4_lct_parse(parsed, id, sizeof(id), NULL))
		{
			w4_lct_format(again, parsed);
			assert_memory_equal(again, id, sizeof(id));
		}
	}
	for (size_t i = 0; i < W4_MULTIKEY_TEXT_LEN * 256; i++)
	{
		w4_multikey_format(multikey, key);
		multikey[i / 256] = (char) (uint8_t) i;
		if (w4_multikey_parse(parsed, multikey, sizeof(multikey), NULL))
		{
			w4_multikey_format(again, parsed);
			assert_memory_equal(again, multikey, sizeof(multikey));
		}
	}
}

/* A flipped bit never leaves the same id, and the faults say where. */
static void
test_lct_refusals(void **state)
{
	const char	good[] = "lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q";
	char		text[W4_LCT_TEXT_LEN + 1];
	uint8_t		lct[32];
	uint8_t		parsed[32];
	W4Fault		fault;

	(void) state;
	assert_true(w4_lct_parse(lct, good, W4_LCT_TEXT_LEN, &fault));
	for (size_t len = 0; len <= sizeof(good); len++)
	{
		memcpy(text, good, sizeof(text));
		assert_int_equal(w4_lct_parse(parsed, text, len, &fault), len == W4_LCT_TEXT_LEN);
	}
	for (size_t bit = 0; bit < W4_LCT_TEXT_LEN * 8; bit++)
	{
		memcpy(text, good, sizeof(text));
		text[bit / 8] = (char) (text[bit / 8] ^ 1 << bit % 8);
		assert_false(w4_lct_parse(parsed, text, W4_LCT_TEXT_LEN, &fault) &&
					 memcmp(parsed, lct, 32) == 0);
	}
	assert_false(w4_lct_parse(parsed, "LCT:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q",
							  W4_LCT_TEXT_LEN, &fault));
	assert_int_equal(fault.offset, 0);
	assert_false(w4_lct_parse(parsed, "lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4r",
							  W4_LCT_TEXT_LEN, &fault));
	assert_int_equal(fault.offset, 15);
	assert_non_null(fault.what);
}

static void
test_multikey_refusals(void **state)
{
	const char	good[] = "z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw";
	char		text[W4_MULTIKEY_TEXT_LEN + 1];
	uint8_t		x25519[34] = {0xec, 0x01};
	uint8_t		key[32];
	W4Fault		fault;

	(void) state;
	for (size_t len = 0; len <= sizeof(good); len++)
	{
		memcpy(text, good, sizeof(text));
		assert_int_equal(w4_multikey_parse(key, text, len, &fault), len == W4_MULTIKEY_TEXT_LEN);
	}

	/* Another base, another kind of key, a leading zero byte, a number too large. */
	memcpy(text, good, sizeof(text));
	text[0] = 'u';
	assert_false(w4_multikey_parse(key, text, W4_MULTIKEY_TEXT_LEN, &fault));
	text[0] = 'z';
	assert_int_equal(w4_base58_encode(text + 1, 47, x25519, 34), 47);
	assert_false(w4_multikey_parse(key, text, W4_MULTIKEY_TEXT_LEN, &fault));
	memcpy(text, good, sizeof(text));
	text[1] = '1';
	assert_false(w4_multikey_parse(key, text, W4_MULTIKEY_TEXT_LEN, &fault));
	memset(text + 1, 'z', W4_MULTIKEY_TEXT_LEN - 1);
	assert_false(w4_multikey_parse(key, text, W4_MULTIKEY_TEXT_LEN, &fault));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_ids),
		cmocka_unit_test(test_json_string),
		cmocka_unit_test(test_golden_multikeys),
		cmocka_unit_test(test_multikey_has_one_length),
		cmocka_unit_test(test_every_substitution),
		cmocka_unit_test(test_lct_refusals),
		cmocka_unit_test(test_multikey_refusals)
	};

	return cmocka_run_group_tests_name("lctid", tests, NULL, NULL);
}
