/*-------------------------------------------------------------------------
 *
 * test_merkle.c
 *		Every proof of every Merkle tree up to 130 leaves, whole and damaged.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "merkle_reference.h"

/* Bits to flip in hash number i: all of them in small trees, one elsewhere. */
static int
bit_step(uint64_t n)
{
	return n <= MAX_CROSS ? 1 : 256;
}

static void
assert_damaged_inclusion_fails(uint64_t index, uint64_t n, Proof proof, int len)
{
	uint8_t		copy[32];

	for (int i = 0; i < len; i++)
	{
		for (int bit = (int) (index * 8 + n) % bit_step(n); bit < 256; bit += bit_step(n))
		{
			proof[i][bit / 8] ^= (uint8_t) (1 << bit % 8);
			assert_false(included(index, n, leaves[index], proof, len, roots[n]));
			proof[i][bit / 8] ^= (uint8_t) (1 << bit % 8);
		}
	}
	for (int bit = (int) (index + n) % bit_step(n); bit < 256; bit += bit_step(n))
	{
		memcpy(copy, leaves[index], 32);
		copy[bit / 8] ^= (uint8_t) (1 << bit % 8);
		assert_false(included(index, n, copy, proof, len, roots[n]));
		memcpy(copy, roots[n], 32);
		copy[bit / 8] ^= (uint8_t) (1 << bit % 8);
		assert_false(included(index, n, leaves[index], proof, len, copy));
	}
	for (int shorter = 0; shorter < len; shorter++)
	{
		assert_false(included(index, n, leaves[index], proof, shorter, roots[n]));
		assert_false(included(index, n, leaves[index], proof + len - shorter, shorter, roots[n]));
	}
	memcpy(proof[len], roots[n], 32);
	assert_false(included(index, n, leaves[index], proof, len + 1, roots[n]));
	memset(proof[len], 0, 32);
	assert_false(included(index, n, leaves[index], proof, len + 1, roots[n]));
}

static void
test_inclusion_of_every_leaf(void **state)
{
	Proof		proof;
	Proof		expected;

	(void) state;
	for (uint64_t n = 1; n <= MAX_LEAVES; n++)
	{
		for (uint64_t index = 0; index < n; index++)
		{
			int			len = w4_merkle_inclusion(proof, leaves[0], n, index);

			assert_int_equal(len, reference_path(expected, index, (const uint8_t (*)[32]) leaves, n));
			assert_memory_equal(proof, expected, (size_t) len * 32);
			assert_true(included(index, n, leaves[index], proof, len, roots[n]));
			assert_damaged_inclusion_fails(index, n, proof, len);
			for (uint64_t other = 0; other < n + 2; other++)
				assert_int_equal(included(other, n, leaves[index], proof, len, roots[n]), other == index);
		}
		assert_int_equal(w4_merkle_inclusion(proof, leaves[0], n, n), -1);
		assert_int_equal(w4_merkle_inclusion(proof, leaves[0], n, UINT64_MAX), -1);
	}
	assert_int_equal(w4_merkle_inclusion(proof, leaves[0], 0, 0), -1);
	assert_false(included(0, 0, roots[0], proof, 0, roots[0]));
	assert_false(included(0, 0, leaves[0], proof, 1, leaves[0]));
	assert_false(included(UINT64_MAX, 0, leaves[0], proof, 0, leaves[0]));
}

/*
 * Under another tree's size and its true root a proof fails.  Under the same
 * root it holds exactly where the path is joined from the same sides: size is
 * not in the proof, it has to come from the signed head.
 */
static void
test_inclusion_under_another_size(void **state)
{
	Proof		proof;

	(void) state;
	for (uint64_t n = 1; n <= MAX_CROSS; n++)
	{
		for (uint64_t index = 0; index < n; index++)
		{
			int			len = w4_merkle_inclusion(proof, leaves[0], n, index);

			for (uint64_t size = 0; size <= MAX_CROSS; size++)
			{
				for (uint64_t other = 0; other <= MAX_CROSS; other++)
				{
					bool		same_sides = other < size &&
						reference_shape(other, size) == reference_shape(index, n);

					assert_int_equal(included(other, size, leaves[index], proof, len, roots[n]), same_sides);
					if (size != n)
						assert_false(included(other, size, leaves[index], proof, len, roots[size]));
				}
			}
		}
	}
}

/* Security spec H5. */
static void
test_last_of_nine_under_huge_size(void **state)
{
	const uint64_t huge = UINT64_C(1) << 62;
	Proof		proof;

	(void) state;
	assert_int_equal(w4_merkle_inclusion(proof, leaves[0], 9, 8), 1);
	assert_true(included(8, 9, leaves[8], proof, 1, roots[9]));
	assert_true(included(huge, huge + 1, leaves[8], proof, 1, roots[9]));
	assert_false(included(huge - 1, huge + 1, leaves[8], proof, 1, roots[9]));
	assert_false(included(huge, huge + 2, leaves[8], proof, 1, roots[9]));
	assert_false(included(huge + 1, huge + 1, leaves[8], proof, 1, roots[9]));
	assert_false(included(8, huge + 1, leaves[8], proof, 1, roots[9]));
}

/* A node's two children are no leaf. */
static void
test_node_is_no_leaf(void **state)
{
	uint8_t		as_leaf[32];
	Proof		proof;

	(void) state;
	w4_merkle_leaf_hash(as_leaf, leaves, 64);
	assert_memory_not_equal(as_leaf, roots[2], 32);
	memcpy(proof[0], leaves[2], 32);
	assert_false(included(0, 2, as_leaf, proof, 1, roots[3]));
}

/* --- consistency --- */

static void
assert_damaged_consistency_fails(uint64_t m, uint64_t n, Proof proof, int len)
{
	uint8_t		copy[32];

	for (int i = 0; i < len; i++)
	{
		for (int bit = (int) (m * 8 + n) % bit_step(n); bit < 256; bit += bit_step(n))
		{
			proof[i][bit / 8] ^= (uint8_t) (1 << bit % 8);
			assert_false(consistent(m, n, roots[m], roots[n], proof, len));
			proof[i][bit / 8] ^= (uint8_t) (1 << bit % 8);
		}
	}
	memcpy(copy, roots[m], 32);
	copy[n % 32] ^= 1;
	assert_false(consistent(m, n, copy, roots[n], proof, len));
	memcpy(copy, roots[n], 32);
	copy[m % 32] ^= 1;
	assert_false(consistent(m, n, roots[m], copy, proof, len));
	for (int shorter = 0; shorter < len; shorter++)
	{
		assert_false(consistent(m, n, roots[m], roots[n], proof, shorter));
		assert_false(consistent(m, n, roots[m], roots[n], proof + len - shorter, shorter));
	}
	memcpy(proof[len], roots[n], 32);
	assert_false(consistent(m, n, roots[m], roots[n], proof, len + 1));
	if (m < n)
		assert_false(consistent(n, m, roots[n], roots[m], proof, len));
}

static void
test_consistency_of_every_pair(void **state)
{
	Proof		proof;
	Proof		expected;

	(void) state;
	for (uint64_t n = 1; n <= MAX_LEAVES; n++)
	{
		for (uint64_t m = 1; m <= n; m++)
		{
			int			len = w4_merkle_consistency(proof, leaves[0], n, m);

			assert_int_equal(len, reference_subproof(expected, m, (const uint8_t (*)[32]) leaves, n, true));
			assert_memory_equal(proof, expected, (size_t) len * 32);
			assert_true(consistent(m, n, roots[m], roots[n], proof, len));
			assert_damaged_consistency_fails(m, n, proof, len);
		}
		assert_int_equal(w4_merkle_consistency(proof, leaves[0], n, 0), -1);
		assert_int_equal(w4_merkle_consistency(proof, leaves[0], n, n + 1), -1);
	}
	assert_int_equal(w4_merkle_consistency(proof, leaves[0], 0, 0), -1);
}

/* A proof for (m, n) holds for other sizes and their true roots only if it is their proof. */
static void
test_consistency_under_other_sizes(void **state)
{
	Proof		proof;
	Proof		theirs;

	(void) state;
	for (uint64_t n = 1; n <= MAX_CROSS; n++)
	{
		for (uint64_t m = 1; m <= n; m++)
		{
			int			len = w4_merkle_consistency(proof, leaves[0], n, m);

			for (uint64_t n2 = 1; n2 <= MAX_CROSS; n2++)
			{
				for (uint64_t m2 = 1; m2 <= n2; m2++)
				{
					int			len2 = w4_merkle_consistency(theirs, leaves[0], n2, m2);
					bool		equal = len == len2 && memcmp(proof, theirs, (size_t) len * 32) == 0;

					assert_int_equal(consistent(m2, n2, roots[m2], roots[n2], proof, len), equal);
				}
			}
		}
	}
}

static void
test_consistency_with_the_empty_tree(void **state)
{
	Proof		proof = {{0}};

	(void) state;
	for (uint64_t n = 0; n <= MAX_LEAVES; n++)
	{
		assert_true(consistent(0, n, roots[0], roots[n], proof, 0));
		assert_false(consistent(0, n, roots[0], roots[n], proof, 1));
		assert_false(consistent(0, n, roots[1], roots[n], proof, 0));
	}
	assert_false(consistent(0, 0, roots[0], roots[1], proof, 0));
	assert_false(consistent(0, 0, roots[1], roots[1], proof, 0));
	assert_false(consistent(1, 0, roots[1], roots[0], proof, 0));
}

/* Two logs that differ in one leaf: no proof of one links to the other's root. */
static void
test_fork_is_inconsistent(void **state)
{
	uint8_t		forked[MAX_CROSS][32];
	uint8_t		root[32];
	Proof		proof;

	(void) state;
	for (uint64_t n = 2; n <= MAX_CROSS; n++)
	{
		for (uint64_t m = 1; m < n; m++)
		{
			int			len;

			memcpy(forked, leaves, sizeof(forked));
			forked[m - 1][0] ^= 1;
			w4_merkle_root(root, forked[0], n);
			len = w4_merkle_consistency(proof, forked[0], n, m);
			assert_false(consistent(m, n, roots[m], root, proof, len));
			len = w4_merkle_consistency(proof, leaves[0], n, m);
			assert_false(consistent(m, n, roots[m], root, proof, len));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inclusion_of_every_leaf),
		cmocka_unit_test(test_inclusion_under_another_size),
		cmocka_unit_test(test_last_of_nine_under_huge_size),
		cmocka_unit_test(test_node_is_no_leaf),
		cmocka_unit_test(test_consistency_of_every_pair),
		cmocka_unit_test(test_consistency_under_other_sizes),
		cmocka_unit_test(test_consistency_with_the_empty_tree),
		cmocka_unit_test(test_fork_is_inconsistent)
	};

	return cmocka_run_group_tests_name("merkle", tests, set_up, NULL);
}
