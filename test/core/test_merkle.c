/*-------------------------------------------------------------------------
 *
 * test_merkle.c
 *		Merkle trees: published answers, and every tree up to 130 leaves
 *		against the recursive definitions of RFC 6962.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/crypto.h"
#include "core/encode.h"
#include "core/merkle.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_LEAVES 130
#define MAX_CROSS 20			/* tests over pairs of trees stop here */

typedef uint8_t Proof[W4_MERKLE_MAX_PROOF + 1][32];

/* Leaf i is the hash of i; roots[n] the reference root of the first n. */
static uint8_t leaves[MAX_LEAVES][32];
static uint8_t roots[MAX_LEAVES + 1][32];

/* --- the definitions of RFC 6962 section 2.1, word for word --- */

static uint64_t
largest_power_below(uint64_t n)
{
	uint64_t	k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

static void
reference_root(uint8_t out[32], const uint8_t (*d)[32], uint64_t n)
{
	uint8_t		sides[1 + 64] = {1};
	uint64_t	k;

	if (n == 1)
	{
		memcpy(out, d[0], 32);
		return;
	}
	k = largest_power_below(n);
	reference_root(sides + 1, d, k);
	reference_root(sides + 33, d + k, n - k);
	w4_sha256(out, sides, sizeof(sides));
}

static int
reference_path(Proof out, uint64_t m, const uint8_t (*d)[32], uint64_t n)
{
	uint64_t	k;
	int			len;

	if (n == 1)
		return 0;
	k = largest_power_below(n);
	if (m < k)
	{
		len = reference_path(out, m, d, k);
		reference_root(out[len], d + k, n - k);
	}
	else
	{
		len = reference_path(out, m - k, d + k, n - k);
		reference_root(out[len], d, k);
	}
	return len + 1;
}

static int
reference_subproof(Proof out, uint64_t m, const uint8_t (*d)[32], uint64_t n, bool known)
{
	uint64_t	k;
	int			len;

	if (m == n)
	{
		if (!known)
			reference_root(out[0], d, n);
		return known ? 0 : 1;
	}
	k = largest_power_below(n);
	if (m <= k)
	{
		len = reference_subproof(out, m, d, k, known);
		reference_root(out[len], d + k, n - k);
	}
	else
	{
		len = reference_subproof(out, m - k, d + k, n - k, false);
		reference_root(out[len], d, k);
	}
	return len + 1;
}

/* From which sides the path of a leaf is joined, leaf first: one bit each, under a leading 1. */
static uint64_t
reference_shape(uint64_t m, uint64_t n)
{
	uint64_t	k;

	if (n == 1)
		return 1;
	k = largest_power_below(n);
	return m < k ? reference_shape(m, k) << 1 : reference_shape(m - k, n - k) << 1 | 1;
}

static int
set_up(void **state)
{
	(void) state;
	for (int i = 0; i < MAX_LEAVES; i++)
		w4_merkle_leaf_hash(leaves[i], &i, sizeof(i));
	w4_sha256(roots[0], "", 0);
	for (uint64_t n = 1; n <= MAX_LEAVES; n++)
		reference_root(roots[n], (const uint8_t (*)[32]) leaves, n);
	return 0;
}

/* --- published answers --- */

/* The leaves of certificate-transparency's merkle_tree_test. */
static const char *const ct_leaves[8] = {
	"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
};

static const char *const ct_roots[9] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
};

/* Published proofs: "from" is a leaf's index or an old tree's size. */
typedef struct CtProof
{
	bool		inclusion;
	uint64_t	from;
	uint64_t	size;
	int			len;
	const char *hashes[3];
} CtProof;

static const CtProof ct_proofs[] = {
	{true, 0, 1, 0, {NULL}},
	{true, 0, 8, 3, {
		"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
	{true, 5, 8, 3, {
		"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
	{true, 2, 3, 1, {
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
	{true, 1, 5, 3, {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
	{false, 1, 1, 0, {NULL}},
	{false, 1, 8, 3, {
		"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
		"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
	{false, 6, 8, 3, {
		"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
		"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
	{false, 2, 5, 2, {
		"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
		"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}}
};

static void
unhex32(uint8_t out[32], const char *hex)
{
	assert_true(w4_hex_decode(out, 32, hex, strlen(hex)));
}

static void
hash_ct_leaves(uint8_t out[8][32])
{
	uint8_t		data[16];

	for (size_t i = 0; i < 8; i++)
	{
		size_t		len = strlen(ct_leaves[i]) / 2;

		assert_true(w4_hex_decode(data, len, ct_leaves[i], 2 * len));
		w4_merkle_leaf_hash(out[i], data, len);
	}
}

static void
test_published_hashes(void **state)
{
	uint8_t		expected[32];
	uint8_t		hash[32];

	(void) state;
	unhex32(expected, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
	w4_merkle_leaf_hash(hash, NULL, 0);
	assert_memory_equal(hash, expected, 32);
	unhex32(expected, "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
	w4_merkle_leaf_hash(hash, "L123456", 7);
	assert_memory_equal(hash, expected, 32);
}

static void
test_published_roots(void **state)
{
	uint8_t		hashes[8][32];
	uint8_t		expected[32];
	uint8_t		root[32];

	(void) state;
	hash_ct_leaves(hashes);
	for (uint64_t n = 0; n <= 8; n++)
	{
		unhex32(expected, ct_roots[n]);
		w4_merkle_root(root, hashes[0], n);
		assert_memory_equal(root, expected, 32);
	}
}

static void
test_published_proofs(void **state)
{
	uint8_t		hashes[8][32];

	(void) state;
	hash_ct_leaves(hashes);
	for (size_t i = 0; i < COUNT(ct_proofs); i++)
	{
		const CtProof *p = &ct_proofs[i];
		Proof		proof;
		uint8_t		expected[32];
		uint8_t		old_root[32];
		uint8_t		root[32];

		unhex32(root, ct_roots[p->size]);
		if (p->inclusion)
		{
			assert_int_equal(w4_merkle_inclusion(proof, hashes[0], p->size, p->from), p->len);
			assert_true(w4_merkle_verify_inclusion(p->from, p->size, hashes[p->from],
												   (const uint8_t (*)[32]) proof, p->len, root));
		}
		else
		{
			unhex32(old_root, ct_roots[p->from]);
			assert_int_equal(w4_merkle_consistency(proof, hashes[0], p->size, p->from), p->len);
			assert_true(w4_merkle_verify_consistency(p->from, p->size, old_root, root,
													 (const uint8_t (*)[32]) proof, p->len));
		}
		for (int j = 0; j < p->len; j++)
		{
			unhex32(expected, p->hashes[j]);
			assert_memory_equal(proof[j], expected, 32);
		}
	}
}

/* transparency-dev/merkle, compact ranges: leaf i is i in two bytes, low byte first. */
static void
test_published_larger_roots(void **state)
{
	static const struct
	{
		int			size;
		const char *root;
	}			golden[] = {
		{10, "VjWMPSYNtCuCNlF/RLnQy6HcwSk6CIipfxm+hettA+4="},
		{15, "j4SulYmocFuxdeyp12xXCIgK6PekBcxzAIj4zbQzNEI="},
		{16, "c+4Uc6BCMOZf/v3NZK1kqTUJe+bBoFtOhP+P3SayKRE="},
		{100, "dUh9hYH88p0CMoHkdr1wC2szbhcLAXOejWpINIooKUY="},
		{255, "SmdsuKUqiod3RX2jyF2M6JnbdE4QuTwwipfAowI4/i0="}
	};
	W4MerkleFrontier f;

	(void) state;
	for (size_t g = 0; g < COUNT(golden); g++)
	{
		uint8_t		expected[32];
		uint8_t		hash[32];

		f.size = 0;
		for (int i = 0; i < golden[g].size; i++)
		{
			uint8_t		data[2] = {(uint8_t) i, (uint8_t) (i >> 8)};

			w4_merkle_leaf_hash(hash, data, 2);
			assert_true(w4_merkle_frontier_append(&f, hash));
		}
		w4_merkle_frontier_root(hash, &f);
		assert_int_equal(w4_base64_decode(expected, 32, golden[g].root, 44), 32);
		assert_memory_equal(hash, expected, 32);
	}
}

/* --- every tree up to MAX_LEAVES --- */

static void
test_roots_and_frontiers(void **state)
{
	W4MerkleFrontier f;
	uint8_t		root[32];

	(void) state;
	f.size = 0;
	for (uint64_t n = 0; n <= MAX_LEAVES; n++)
	{
		w4_merkle_root(root, leaves[0], n);
		assert_memory_equal(root, roots[n], 32);
		assert_int_equal(f.size, n);
		w4_merkle_frontier_root(root, &f);
		assert_memory_equal(root, roots[n], 32);
		if (n < MAX_LEAVES)
			assert_true(w4_merkle_frontier_append(&f, leaves[n]));
	}
}

static void
test_full_frontier_refuses(void **state)
{
	W4MerkleFrontier f;

	(void) state;
	memset(&f, 0, sizeof(f));
	f.size = W4_MERKLE_MAX_SIZE;
	assert_false(w4_merkle_frontier_append(&f, leaves[0]));
	assert_true(f.size == W4_MERKLE_MAX_SIZE);
	f.size = UINT64_MAX;
	assert_false(w4_merkle_frontier_append(&f, leaves[0]));
}

static bool
included(uint64_t index, uint64_t size, const uint8_t leaf[32], Proof proof, int len, const uint8_t root[32])
{
	return w4_merkle_verify_inclusion(index, size, leaf, (const uint8_t (*)[32]) proof, (size_t) len, root);
}

static bool
consistent(uint64_t m, uint64_t n, const uint8_t old_root[32], const uint8_t new_root[32], Proof proof, int len)
{
	return w4_merkle_verify_consistency(m, n, old_root, new_root, (const uint8_t (*)[32]) proof, (size_t) len);
}

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

/* --- proofs from a store of perfect subtrees --- */

typedef struct Store
{
	uint64_t	nleaves;
	int			nfetches;
	int			fail_at;		/* refuse this fetch; -1: never */
} Store;

static bool
fetch(void *arg, int level, uint64_t index, uint8_t out[32])
{
	Store	   *s = arg;

	if (s->nfetches++ == s->fail_at)
		return false;

	/* Only what the store of an append-only log holds: complete subtrees. */
	assert_true((index + 1) << level <= s->nleaves);
	reference_root(out, (const uint8_t (*)[32]) leaves + (index << level), UINT64_C(1) << level);
	return true;
}

static void
test_proofs_from_store(void **state)
{
	Proof		plain;
	Proof		proof;

	(void) state;
	for (uint64_t n = 1; n <= MAX_LEAVES; n++)
	{
		for (uint64_t i = 0; i < n; i++)
		{
			Store		s = {n, 0, -1};
			int			len = w4_merkle_inclusion(plain, leaves[0], n, i);

			assert_int_equal(w4_merkle_inclusion_from(proof, n, i, fetch, &s), len);
			assert_memory_equal(proof, plain, (size_t) len * 32);
			assert_in_range(s.nfetches, len, 16);

			s = (Store) {n, 0, -1};
			len = w4_merkle_consistency(plain, leaves[0], n, i + 1);
			assert_int_equal(w4_merkle_consistency_from(proof, n, i + 1, fetch, &s), len);
			assert_memory_equal(proof, plain, (size_t) len * 32);
			assert_in_range(s.nfetches, len, 16);
		}
	}
}

static void
test_store_that_fails(void **state)
{
	Proof		proof;

	(void) state;
	for (uint64_t n = 2; n <= 40; n++)
	{
		Store		s = {n, 0, -1};
		int			total;

		assert_true(w4_merkle_inclusion_from(proof, n, n / 2, fetch, &s) > 0);
		total = s.nfetches;
		for (int at = 0; at < total; at++)
		{
			s = (Store) {n, 0, at};
			assert_int_equal(w4_merkle_inclusion_from(proof, n, n / 2, fetch, &s), -2);
		}
		s = (Store) {n, 0, -1};
		assert_true(w4_merkle_consistency_from(proof, n, n - 1, fetch, &s) > 0);
		total = s.nfetches;
		for (int at = 0; at < total; at++)
		{
			s = (Store) {n, 0, at};
			assert_int_equal(w4_merkle_consistency_from(proof, n, n - 1, fetch, &s), -2);
		}
	}
}

/* --- trees near the limit: all leaves alike, so a subtree's hash depends on its level only --- */

static uint8_t alike[64][32];

static bool
fetch_alike(void *arg, int level, uint64_t index, uint8_t out[32])
{
	const uint64_t *size = arg;

	assert_in_range(level, 0, 63);
	assert_true(index <= (*size - 1) >> level);
	memcpy(out, alike[level], 32);
	return true;
}

static void
alike_root(uint8_t out[32], uint64_t n)
{
	W4MerkleFrontier f;
	int			npeaks = 0;

	f.size = n;
	for (int level = 63; level >= 0; level--)
	{
		if ((n >> level & 1) != 0)
			memcpy(f.peaks[npeaks++], alike[level], 32);
	}
	w4_merkle_frontier_root(out, &f);
}

static void
test_huge_trees(void **state)
{
	const uint64_t top = W4_MERKLE_MAX_SIZE;
	const uint64_t sizes[] = {1, 9, 1000003, top / 2 - 1, top / 2, top / 2 + 1, top / 2 + 2, top - 1, top};
	Proof		proof;

	(void) state;
	w4_merkle_leaf_hash(alike[0], "x", 1);
	for (int level = 1; level < 64; level++)
		w4_merkle_node_hash(alike[level], alike[level - 1], alike[level - 1]);
	for (size_t i = 0; i < COUNT(sizes); i++)
	{
		uint64_t	n = sizes[i];
		uint8_t		root[32];
		uint8_t		old_root[32];

		alike_root(root, n);
		for (size_t j = 0; j <= i; j++)
		{
			uint64_t	m = sizes[j];
			int			len = w4_merkle_inclusion_from(proof, n, m - 1, fetch_alike, &n);

			assert_in_range(len, 0, 63);
			assert_true(included(m - 1, n, alike[0], proof, len, root));
			alike_root(old_root, m);
			len = w4_merkle_consistency_from(proof, n, m, fetch_alike, &n);
			assert_in_range(len, 0, W4_MERKLE_MAX_PROOF);
			assert_true(consistent(m, n, old_root, root, proof, len));
		}
	}
	assert_int_equal(w4_merkle_inclusion_from(proof, top + 1, 0, fetch_alike, NULL), -1);
	assert_int_equal(w4_merkle_consistency_from(proof, UINT64_MAX, 3, fetch_alike, NULL), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_hashes),
		cmocka_unit_test(test_published_roots),
		cmocka_unit_test(test_published_proofs),
		cmocka_unit_test(test_published_larger_roots),
		cmocka_unit_test(test_roots_and_frontiers),
		cmocka_unit_test(test_full_frontier_refuses),
		cmocka_unit_test(test_inclusion_of_every_leaf),
		cmocka_unit_test(test_inclusion_under_another_size),
		cmocka_unit_test(test_last_of_nine_under_huge_size),
		cmocka_unit_test(test_node_is_no_leaf),
		cmocka_unit_test(test_consistency_of_every_pair),
		cmocka_unit_test(test_consistency_under_other_sizes),
		cmocka_unit_test(test_consistency_with_the_empty_tree),
		cmocka_unit_test(test_fork_is_inconsistent),
		cmocka_unit_test(test_proofs_from_store),
		cmocka_unit_test(test_store_that_fails),
		cmocka_unit_test(test_huge_trees)
	};

	return cmocka_run_group_tests_name("merkle", tests, set_up, NULL);
}
