/*
 * Ordered Merkle maps: known roots, a model, proofs and their forgery.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/consensus/table.h"

#define KEYS 256
#define KEY_LEN 3
#define VALUE_LEN 5

/* leaf = SHA-256(00 07 key value); "abc" and "abd" part at bit 21, "zzz" at bit 3. */
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ONE "67989507180029deb6a27c81a89d12991ebeea18eb06ec8c4e90073215bb915b"
#define TWO "8a7c4fe23a34dfb4905d855dc9dda4d316573b2d250126531a7d5dfcfdb8cddc"
#define THREE "62fcb9444683d04cc9d266cc44b276d5ccd51425174560da93168bb3f7dea9ad"

static void
assert_root(W4Table *t, const char *expected)
{
	uint8_t		root[32];
	uint8_t		scratch[32];
	char		hex[65];

	w4_table_root(t, root);
	w4_table_root_from_scratch(t, scratch);
	assert_memory_equal(root, scratch, 32);
	for (int i = 0; i < 32; i++)
		(void) snprintf(hex + 2 * i, 3, "%02x", root[i]);
	assert_string_equal(hex, expected);
}

static void *
open_table(W4Table *t, uint32_t cap)
{
	void	   *mem = malloc(w4_table_size(KEY_LEN, VALUE_LEN, cap));

	assert_non_null(mem);
	w4_table_init(t, mem, 7, KEY_LEN, VALUE_LEN, cap);
	return mem;
}

static const uint8_t *
u8(const char *s)
{
	return (const uint8_t *) s;
}

static void
known_roots(void **state)
{
	W4Table		t;
	void	   *mem = open_table(&t, 3);

	(void) state;
	assert_root(&t, EMPTY);
	assert_null(w4_table_first(&t, NULL));
	assert_true(w4_table_put(&t, u8("abd"), u8("world")));
	assert_root(&t, ONE);
	assert_true(w4_table_put(&t, u8("abc"), u8("hello")));
	assert_root(&t, TWO);
	assert_true(w4_table_put(&t, u8("zzz"), u8("three")));
	assert_root(&t, THREE);

	/* Full: nothing changes, but what is there may be replaced. */
	assert_false(w4_table_put(&t, u8("new"), u8("-----")));
	assert_root(&t, THREE);
	assert_true(w4_table_put(&t, u8("zzz"), u8("other")));
	assert_true(w4_table_put(&t, u8("zzz"), u8("three")));
	assert_root(&t, THREE);

	assert_false(w4_table_delete(&t, u8("new")));
	assert_true(w4_table_delete(&t, u8("zzz")));
	assert_root(&t, TWO);
	assert_true(w4_table_delete(&t, u8("abc")));
	assert_root(&t, ONE);
	assert_true(w4_table_delete(&t, u8("abd")));
	assert_false(w4_table_delete(&t, u8("abd")));
	assert_root(&t, EMPTY);
	assert_int_equal(t.count, 0);
	free(mem);
}

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t) (*seed >> 33);
}

/* Keys chosen so that they share long prefixes. */
static void
make_key(uint8_t key[KEY_LEN], uint32_t n)
{
	key[0] = (uint8_t) (n & 1);
	key[1] = (uint8_t) (n >> 1 & 7);
	key[2] = (uint8_t) (n >> 4 << 4 | 3);
}

static int
compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, KEY_LEN);
}

static void
check_against(W4Table *t, const bool present[KEYS], const uint8_t values[KEYS][VALUE_LEN])
{
	uint8_t		sorted[KEYS][KEY_LEN];
	W4TableCursor c;
	const uint8_t *key;
	const uint8_t *value;
	uint32_t	n = 0;
	W4Table		other;
	void	   *mem = open_table(&other, KEYS);
	uint8_t		a[32];
	uint8_t		b[32];

	for (uint32_t i = KEYS; i-- > 0;)
	{
		make_key(sorted[n], i);
		value = w4_table_get(t, sorted[n]);
		assert_int_equal(value != NULL, present[i]);
		assert_int_equal(w4_table_slot(t, sorted[n]) < t->cap, present[i]);
		if (!present[i])
			continue;
		assert_memory_equal(value, values[i], VALUE_LEN);
		assert_true(w4_table_put(&other, sorted[n++], values[i]));
	}
	assert_int_equal(t->count, n);
	w4_table_root(t, a);
	w4_table_root(&other, b);
	assert_memory_equal(a, b, 32);
	w4_table_root_from_scratch(t, b);
	assert_memory_equal(a, b, 32);
	qsort(sorted, n, KEY_LEN, compare_keys);
	w4_table_cursor(&c, t);
	for (uint32_t i = 0; i < n; i++)
	{
		assert_true(w4_table_next(&c, &key, &value));
		assert_memory_equal(key, sorted[i], KEY_LEN);
		if (i == 0)
			assert_ptr_equal(w4_table_first(t, NULL), key);
	}
	assert_false(w4_table_next(&c, &key, &value));
	free(mem);
}

static void
model(void **state)
{
	bool		present[KEYS] = {false};
	uint8_t		values[KEYS][VALUE_LEN];
	uint64_t	seed = 1;
	W4Table		t;
	void	   *mem = open_table(&t, KEYS);

	(void) state;
	for (int op = 0; op < 40000; op++)
	{
		uint32_t	n = next_random(&seed) % KEYS;
		bool		insert = next_random(&seed) % 100 < (op / 4000 % 2 == 0 ? 70u : 30u);
		uint8_t		key[KEY_LEN];

		make_key(key, n);
		if (insert)
		{
			for (int i = 0; i < VALUE_LEN; i++)
				values[n][i] = (uint8_t) next_random(&seed);
			assert_true(w4_table_put(&t, key, values[n]));
			present[n] = true;
		}
		else
		{
			assert_int_equal(w4_table_delete(&t, key), present[n]);
			present[n] = false;
		}
		if (op % 97 == 0)
			check_against(&t, present, values);
	}
	free(mem);
}

/* Every key is proven present or absent; every damage to the proof is noticed. */
static void
proofs(void **state)
{
	uint64_t	seed = 5;
	W4Table		t;
	void	   *mem = open_table(&t, KEYS);
	W4TableProof *proof = malloc(sizeof(*proof));
	uint8_t		root[32];
	uint8_t		key[KEY_LEN];
	uint8_t		other[KEY_LEN];
	W4TableVerdict verdict;
	int			forged = 0;

	(void) state;
	assert_non_null(proof);
	make_key(key, 1);
	assert_false(w4_table_prove(&t, key, proof));
	w4_table_root(&t, root);
	assert_int_equal(w4_table_verify(&t, root, key, proof), W4_TABLE_ABSENT);
	for (uint32_t i = 0; i < KEYS; i += 3)
	{
		make_key(key, i);
		assert_true(w4_table_put(&t, key, u8("value")));
	}
	assert_int_equal(w4_table_verify(&t, root, key, proof), W4_TABLE_ABSENT);
	w4_table_root(&t, root);
	assert_int_equal(w4_table_verify(&t, root, key, proof), W4_TABLE_FORGED);
	for (uint32_t i = 0; i < KEYS; i++)
	{
		bool		there;

		make_key(key, i);
		there = w4_table_get(&t, key) != NULL;
		assert_int_equal(w4_table_prove(&t, key, proof), there);
		assert_int_equal(w4_table_verify(&t, root, key, proof), there ? W4_TABLE_PRESENT : W4_TABLE_ABSENT);

		/* For a key that goes another way it proves nothing, for any other what is true. */
		make_key(other, next_random(&seed) % KEYS);
		verdict = w4_table_verify(&t, root, other, proof);
		forged += verdict == W4_TABLE_FORGED;
		if (verdict != W4_TABLE_FORGED)
			assert_int_equal(verdict == W4_TABLE_PRESENT, w4_table_get(&t, other) != NULL);
		proof->value[next_random(&seed) % VALUE_LEN] ^= 1;
		assert_int_equal(w4_table_verify(&t, root, key, proof), W4_TABLE_FORGED);
		assert_true(w4_table_prove(&t, key, proof) == there && proof->depth > 2);
		proof->sibling[next_random(&seed) % proof->depth][3] ^= 4;
		assert_int_equal(w4_table_verify(&t, root, key, proof), W4_TABLE_FORGED);
		(void) w4_table_prove(&t, key, proof);
		proof->bit[1] = proof->bit[0];
		assert_int_equal(w4_table_verify(&t, root, key, proof), W4_TABLE_FORGED);
		(void) w4_table_prove(&t, key, proof);
		proof->bit[proof->depth - 1] = 8 * KEY_LEN;
		assert_int_equal(w4_table_verify(&t, root, key, proof), W4_TABLE_FORGED);
		(void) w4_table_prove(&t, key, proof);
		proof->depth--;
		assert_int_equal(w4_table_verify(&t, root, key, proof), W4_TABLE_FORGED);
		proof->depth = 8 * KEY_LEN + 1;
		assert_int_equal(w4_table_verify(&t, root, key, proof), W4_TABLE_FORGED);
	}
	assert_true(forged > KEYS / 2);
	free(proof);
	free(mem);
}

/* Keys that part at every bit: the longest path there is, one level per bit. */
static void
depth_is_bounded(void **state)
{
	W4Table		t;
	void	   *mem = malloc(w4_table_size(W4_TABLE_MAX_KEY, 0, W4_TABLE_MAX_DEPTH + 1));
	W4TableProof *proof = malloc(sizeof(*proof));
	uint8_t		key[W4_TABLE_MAX_KEY];
	uint8_t		root[32];
	W4TableCursor c;
	const uint8_t *k;
	const uint8_t *v;
	int			n = 0;

	(void) state;
	assert_true(mem != NULL && proof != NULL);
	w4_table_init(&t, mem, 1, W4_TABLE_MAX_KEY, 0, W4_TABLE_MAX_DEPTH + 1);
	memset(key, 0, sizeof(key));
	assert_true(w4_table_put(&t, key, NULL));
	for (unsigned bit = 0; bit < W4_TABLE_MAX_DEPTH; bit++)
	{
		memset(key, 0, sizeof(key));
		key[bit / 8] = (uint8_t) (0x80 >> bit % 8);
		assert_true(w4_table_put(&t, key, NULL));
	}
	w4_table_root(&t, root);
	memset(key, 0, sizeof(key));
	assert_true(w4_table_prove(&t, key, proof));
	assert_int_equal(proof->depth, W4_TABLE_MAX_DEPTH);
	assert_int_equal(w4_table_verify(&t, root, key, proof), W4_TABLE_PRESENT);
	w4_table_cursor(&c, &t);
	while (w4_table_next(&c, &k, &v))
		n++;
	assert_int_equal(n, W4_TABLE_MAX_DEPTH + 1);
	free(proof);
	free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_roots),
		cmocka_unit_test(model),
		cmocka_unit_test(proofs),
		cmocka_unit_test(depth_is_bounded),
	};

	return cmocka_run_group_tests_name("exec_table", tests, NULL, NULL);
}
