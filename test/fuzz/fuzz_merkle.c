/*-------------------------------------------------------------------------
 *
 * fuzz_merkle.c
 *		Merkle verifiers on arbitrary proofs, and honest proofs damaged.
 *
 * Input: two 64-bit numbers, then bytes that serve as hashes, or as damage to
 * the hashes of an honest proof.  Such a proof verifies if and only if the
 * damage is none.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "core/merkle.h"

#define MAX_LEAVES 40
#define MAX_HASHES 70

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool ok)
{
	if (!ok)
		abort();
}

static void
make_leaves(uint8_t leaves[MAX_LEAVES][32])
{
	for (int i = 0; i < MAX_LEAVES; i++)
		w4_merkle_leaf_hash(leaves[i], &i, sizeof(i));
}

/* The verifiers on what the input says, all of it hostile. */
static void
fuzz_anything(uint64_t a, uint64_t b, uint8_t hashes[MAX_HASHES][32], size_t nhashes)
{
	const uint8_t (*proof)[32] = (const uint8_t (*)[32]) hashes + 2;
	W4MerkleFrontier f;
	uint8_t		root[32];

	(void) w4_merkle_verify_inclusion(a, b, hashes[0], proof, nhashes - 2, hashes[1]);
	(void) w4_merkle_verify_consistency(a, b, hashes[0], hashes[1], proof, nhashes - 2);
	memset(&f, 0, sizeof(f));
	f.size = a;
	if (w4_merkle_frontier_append(&f, hashes[0], NULL, NULL))
		check(f.size == a + 1);
	else
		check(f.size == a && a >= W4_MERKLE_MAX_SIZE);
	w4_merkle_frontier_root(root, &f);
}

/* The honest proof of len hashes, stretched or cut to nhashes and damaged; true when that left it whole. */
static bool
damage(uint8_t out[MAX_HASHES][32], uint8_t proof[W4_MERKLE_MAX_PROOF][32], int len,
	   uint8_t hashes[MAX_HASHES][32], size_t nhashes)
{
	bool		whole = nhashes == (size_t) len;

	memcpy(out, hashes, sizeof(uint8_t[MAX_HASHES][32]));
	for (size_t i = 0; i < nhashes && i < (size_t) len; i++)
	{
		for (int j = 0; j < 32; j++)
		{
			whole = whole && hashes[i][j] == 0;
			out[i][j] ^= proof[i][j];
		}
	}
	return whole;
}

static void
fuzz_inclusion(uint64_t a, uint64_t b, uint8_t hashes[MAX_HASHES][32], size_t nhashes)
{
	uint8_t		leaves[MAX_LEAVES][32];
	uint8_t		proof[W4_MERKLE_MAX_PROOF][32];
	uint8_t		damaged[MAX_HASHES][32];
	uint8_t		root[32];
	bool		whole;
	uint64_t	n = 1 + b % MAX_LEAVES;
	uint64_t	index = a % n;
	int			len;

	make_leaves(leaves);
	w4_merkle_root(root, leaves[0], n);
	len = w4_merkle_inclusion(proof, leaves[0], n, index);
	check(len >= 0);
	check(w4_merkle_verify_inclusion(index, n, leaves[index],
									 (const uint8_t (*)[32]) proof, (size_t) len, root));
	check(w4_merkle_verify_inclusion(a, n, leaves[index],
									 (const uint8_t (*)[32]) proof, (size_t) len, root) == (a == index));
	whole = damage(damaged, proof, len, hashes, nhashes);
	check(w4_merkle_verify_inclusion(index, n, leaves[index],
									 (const uint8_t (*)[32]) damaged, nhashes, root) == whole);
}

static void
fuzz_consistency(uint64_t a, uint64_t b, uint8_t hashes[MAX_HASHES][32], size_t nhashes)
{
	uint8_t		leaves[MAX_LEAVES][32];
	uint8_t		proof[W4_MERKLE_MAX_PROOF][32];
	uint8_t		damaged[MAX_HASHES][32];
	uint8_t		old_root[32];
	uint8_t		root[32];
	bool		whole;
	uint64_t	n = 1 + b % MAX_LEAVES;
	uint64_t	m = 1 + a % n;
	int			len;

	make_leaves(leaves);
	w4_merkle_root(old_root, leaves[0], m);
	w4_merkle_root(root, leaves[0], n);
	len = w4_merkle_consistency(proof, leaves[0], n, m);
	check(len >= 0);
	check(w4_merkle_verify_consistency(m, n, old_root, root,
									   (const uint8_t (*)[32]) proof, (size_t) len));
	whole = damage(damaged, proof, len, hashes, nhashes);
	check(w4_merkle_verify_consistency(m, n, old_root, root,
									   (const uint8_t (*)[32]) damaged, nhashes) == whole);
}

/* Any hash will do: what matters is which subtrees a proof asks for, and how many. */
static bool
fetch(void *arg, int level, uint64_t index, uint8_t out[32])
{
	const uint64_t *n = arg;

	check(level >= 0 && level < 64);
	check(index < *n >> level);
	memset(out, level, 32);
	return true;
}

static void
fuzz_store(uint64_t a, uint64_t b)
{
	uint8_t		proof[W4_MERKLE_MAX_PROOF][32];
	int			len = w4_merkle_inclusion_from(proof, b, a, fetch, &b);

	check(a < b && b <= W4_MERKLE_MAX_SIZE ? len >= 0 && len < 64 : len == -1);
	len = w4_merkle_consistency_from(proof, b, a, fetch, &b);
	check(a > 0 && a <= b && b <= W4_MERKLE_MAX_SIZE ? len >= 0 && len <= 64 : len == -1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t		hashes[MAX_HASHES][32];
	uint64_t	a;
	uint64_t	b;

	if (size < 16 + 64 || size > 16 + sizeof(hashes))
		return 0;
	a = w4_get_u64be(data);
	b = w4_get_u64be(data + 8);
	memset(hashes, 0, sizeof(hashes));
	memcpy(hashes, data + 16, size - 16);
	fuzz_anything(a, b, hashes, (size - 16) / 32);
	fuzz_inclusion(a, b, hashes, (size - 16) / 32);
	fuzz_consistency(a, b, hashes, (size - 16) / 32);
	fuzz_store(a, b);
	return 0;
}
