/*-------------------------------------------------------------------------
 *
 * test_merkle_log.c
 *		Merkle trees as a log uses them: published answers, growth, proofs from
 *		a store of subtrees, sizes near the limit.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/encode.h"
#include "merkle_reference.h"

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
			assert_true(w4_merkle_frontier_append(&f, hash, NULL, NULL));
		}
		w4_merkle_frontier_root(hash, &f);
		assert_int_equal(w4_base64_decode(expected, 32, golden[g].root, 44), 32);
		assert_memory_equal(hash, expected, 32);
	}
}

/* --- incremental trees --- */

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
			assert_true(w4_merkle_frontier_append(&f, leaves[n], NULL, NULL));
	}
}

/* What one append told of. */
typedef struct Completed
{
	int			n;
	int			levels[64];
	uint64_t	indexes[64];
	uint8_t		hashes[64][32];
} Completed;

static void
remember_node(void *arg, int level, uint64_t index, const uint8_t hash[32])
{
	Completed  *c = arg;

	assert_true(c->n < 64);
	c->levels[c->n] = level;
	c->indexes[c->n] = index;
	memcpy(c->hashes[c->n++], hash, 32);
}

/* A leaf completes the subtrees that end with it: those whose size divides the new size of the tree. */
static void
test_append_names_subtrees(void **state)
{
	W4MerkleFrontier f;
	uint8_t		hash[32];

	(void) state;
	f.size = 0;
	for (uint64_t n = 1; n <= MAX_LEAVES; n++)
	{
		Completed	c = {0};
		int			level = 0;

		assert_true(w4_merkle_frontier_append(&f, leaves[n - 1], remember_node, &c));
		for (uint64_t width = 2; n % width == 0; width *= 2)
		{
			assert_true(level < c.n);
			assert_int_equal(c.levels[level], level + 1);
			assert_true(c.indexes[level] == n / width - 1);
			reference_root(hash, (const uint8_t (*)[32]) leaves + (n - width), width);
			assert_memory_equal(c.hashes[level], hash, 32);
			level++;
		}
		assert_int_equal(c.n, level);
		w4_merkle_frontier_root(hash, &f);
		assert_memory_equal(hash, roots[n], 32);
	}
}

static void
test_peaks(void **state)
{
	(void) state;
	assert_int_equal(w4_merkle_peaks(0), 0);
	assert_int_equal(w4_merkle_peaks(1), 1);
	assert_int_equal(w4_merkle_peaks(130), 2);
	assert_int_equal(w4_merkle_peaks(W4_MERKLE_MAX_SIZE - 1), 63);
	assert_int_equal(w4_merkle_peaks(W4_MERKLE_MAX_SIZE), 1);
	assert_int_equal(w4_merkle_peaks(UINT64_MAX), 64);
}

static void
test_full_frontier_refuses(void **state)
{
	W4MerkleFrontier f;

	(void) state;
	memset(&f, 0, sizeof(f));
	f.size = W4_MERKLE_MAX_SIZE;
	assert_false(w4_merkle_frontier_append(&f, leaves[0], NULL, NULL));
	assert_true(f.size == W4_MERKLE_MAX_SIZE);
	f.size = UINT64_MAX;
	assert_false(w4_merkle_frontier_append(&f, leaves[0], NULL, NULL));
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
			assert_true(len <= s.nfetches && s.nfetches <= 16);

			s = (Store) {n, 0, -1};
			len = w4_merkle_consistency(plain, leaves[0], n, i + 1);
			assert_int_equal(w4_merkle_consistency_from(proof, n, i + 1, fetch, &s), len);
			assert_memory_equal(proof, plain, (size_t) len * 32);
			assert_true(len <= s.nfetches && s.nfetches <= 16);
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

	assert_true(0 <= level && level <= 63);
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

/* The last leaf of a full tree completes a subtree of every level. */
static void
last_append(uint64_t full)
{
	W4MerkleFrontier f;
	Completed	c = {0};

	f.size = full - 1;
	for (int i = 0; i < 63; i++)
		memcpy(f.peaks[i], alike[62 - i], 32);
	assert_true(w4_merkle_frontier_append(&f, alike[0], remember_node, &c));
	assert_true(f.size == full);
	assert_int_equal(c.n, 63);
	for (int i = 0; i < 63; i++)
	{
		assert_int_equal(c.levels[i], i + 1);
		assert_true(c.indexes[i] == (full >> (i + 1)) - 1);
		assert_memory_equal(c.hashes[i], alike[i + 1], 32);
	}
	assert_memory_equal(f.peaks[0], alike[63], 32);
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

			assert_true(0 <= len && len <= 63);
			assert_true(included(m - 1, n, alike[0], proof, len, root));
			alike_root(old_root, m);
			len = w4_merkle_consistency_from(proof, n, m, fetch_alike, &n);
			assert_true(0 <= len && len <= W4_MERKLE_MAX_PROOF);
			assert_true(consistent(m, n, old_root, root, proof, len));
		}
	}
	last_append(top);
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
		cmocka_unit_test(test_append_names_subtrees),
		cmocka_unit_test(test_peaks),
		cmocka_unit_test(test_full_frontier_refuses),
		cmocka_unit_test(test_proofs_from_store),
		cmocka_unit_test(test_store_that_fails),
		cmocka_unit_test(test_huge_trees)
	};

	return cmocka_run_group_tests_name("merkle_log", tests, set_up, NULL);
}
