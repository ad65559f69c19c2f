/*-------------------------------------------------------------------------
 *
 * merkle.c
 *		RFC 6962 Merkle trees: roots, proofs and the RFC 9162 verifiers.
 *
 * Every subtree that a proof mentions starts at a multiple of the largest
 * power of two in it, so it is a fold of perfect subtrees.  Proofs are built
 * from those alone, whether they come from a store or from an array of leaves.
 *
 *-------------------------------------------------------------------------
 */
#include "core/merkle.h"

#include "core/crypto.h"

static const uint8_t leaf_prefix = 0x00;
static const uint8_t node_prefix = 0x01;

/* --- hashes --- */

void
w4_merkle_leaf_hash(uint8_t out[32], const void *data, size_t len)
{
	W4Slice		parts[2] = {w4_slice(&leaf_prefix, 1), w4_slice(data, len)};

	w4_sha256_parts(out, parts, 2);
}

/* "out" may be left or right: the hash is complete before it is written. */
void
w4_merkle_node_hash(uint8_t out[32], const uint8_t left[32], const uint8_t right[32])
{
	W4Slice		parts[3] = {w4_slice(&node_prefix, 1), w4_slice(left, 32), w4_slice(right, 32)};

	w4_sha256_parts(out, parts, 3);
}

/* --- incremental tree --- */

int
w4_merkle_peaks(uint64_t size)
{
	int			n = 0;

	for (; size != 0; size &= size - 1)
		n++;
	return n;
}

bool
w4_merkle_frontier_append(W4MerkleFrontier *f, const uint8_t leaf_hash[32], W4MerkleNode node, void *arg)
{
	int			top = w4_merkle_peaks(f->size);

	if (f->size >= W4_MERKLE_MAX_SIZE)
		return false;
	memcpy(f->peaks[top], leaf_hash, 32);

	/* Adding one carries through the trailing ones: each carry joins two equal peaks. */
	for (int level = 0; (f->size >> level & 1) != 0; level++)
	{
		top--;
		w4_merkle_node_hash(f->peaks[top], f->peaks[top], f->peaks[top + 1]);
		if (node != NULL)
			node(arg, level + 1, f->size >> (level + 1), f->peaks[top]);
	}
	f->size++;
	return true;
}

/* The root over subtrees side by side, the last of which are joined first. */
static void
fold(uint8_t out[32], const uint8_t (*peaks)[32], int npeaks)
{
	memcpy(out, peaks[npeaks - 1], 32);
	for (int i = npeaks - 2; i >= 0; i--)
		w4_merkle_node_hash(out, peaks[i], out);
}

void
w4_merkle_frontier_root(uint8_t out[32], const W4MerkleFrontier *f)
{
	int			npeaks = w4_merkle_peaks(f->size);

	if (npeaks == 0)
	{
		w4_sha256(out, NULL, 0);
		return;
	}
	fold(out, f->peaks, npeaks);
}

void
w4_merkle_root(uint8_t out[32], const uint8_t *leaf_hashes, uint64_t n)
{
	W4MerkleFrontier f;

	f.size = 0;
	for (uint64_t i = 0; i < n; i++)
		(void) w4_merkle_frontier_append(&f, leaf_hashes + i * 32, NULL, NULL);
	w4_merkle_frontier_root(out, &f);
}

/* --- making proofs --- */

/* Level of the largest power of two <= n; n > 0. */
static int
floor_log2(uint64_t n)
{
	int			level = 0;

	while ((n >>= 1) != 0)
		level++;
	return level;
}

/* Largest power of two < n; n > 1.  Where RFC 6962 splits a tree. */
static uint64_t
split_point(uint64_t n)
{
	return UINT64_C(1) << floor_log2(n - 1);
}

/* Root of leaves [start, start + n), n > 0, a subtree in the sense of RFC 6962. */
static bool
subtree_root(uint8_t out[32], uint64_t start, uint64_t n, W4MerkleFetch fetch, void *arg)
{
	uint8_t		peaks[64][32];
	int			npeaks = 0;

	do
	{
		int			level = floor_log2(n);

		if (!fetch(arg, level, start >> level, peaks[npeaks++]))
			return false;
		start += UINT64_C(1) << level;
		n -= UINT64_C(1) << level;
	} while (n > 0);
	fold(out, (const uint8_t (*)[32]) peaks, npeaks);
	return true;
}

/* Of the n > 1 leaves from *start on keep the side of "leaf", and state the other. */
static bool
descend(uint8_t other[32], uint64_t *start, uint64_t *n, uint64_t leaf, W4MerkleFetch fetch, void *arg)
{
	uint64_t	k = split_point(*n);
	bool		left = leaf - *start < k;

	if (!subtree_root(other, left ? *start + k : *start, left ? *n - k : k, fetch, arg))
		return false;
	*start += left ? 0 : k;
	*n = left ? k : *n - k;
	return true;
}

/* Proofs are found from the root down but stated from the leaf up. */
static void
reverse(uint8_t proof[][32], int len)
{
	uint8_t		swap[32];

	for (int i = 0, j = len - 1; i < j; i++, j--)
	{
		memcpy(swap, proof[i], 32);
		memcpy(proof[i], proof[j], 32);
		memcpy(proof[j], swap, 32);
	}
}

int
w4_merkle_inclusion_from(uint8_t proof[][32], uint64_t n, uint64_t index,
						 W4MerkleFetch fetch, void *arg)
{
	uint64_t	start = 0;
	int			len = 0;

	if (index >= n || n > W4_MERKLE_MAX_SIZE)
		return -1;
	while (n > 1)
	{
		if (!descend(proof[len++], &start, &n, index, fetch, arg))
			return -2;
	}
	reverse(proof, len);
	return len;
}

int
w4_merkle_consistency_from(uint8_t proof[][32], uint64_t n, uint64_t old_n,
						   W4MerkleFetch fetch, void *arg)
{
	uint64_t	start = 0;
	int			len = 0;

	if (old_n == 0 || old_n > n || n > W4_MERKLE_MAX_SIZE)
		return -1;

	/* Down to the subtree that ends where the old tree does. */
	while (old_n - start != n)
	{
		if (!descend(proof[len++], &start, &n, old_n - 1, fetch, arg))
			return -2;
	}

	/* The verifier has the old root itself; any other last piece must be stated. */
	if (start > 0 && !subtree_root(proof[len++], start, n, fetch, arg))
		return -2;
	reverse(proof, len);
	return len;
}

static bool
fetch_from_leaves(void *arg, int level, uint64_t index, uint8_t out[32])
{
	const uint8_t *leaf_hashes = arg;

	w4_merkle_root(out, leaf_hashes + (index << level) * 32, UINT64_C(1) << level);
	return true;
}

int
w4_merkle_inclusion(uint8_t proof[][32], const uint8_t *leaf_hashes, uint64_t n, uint64_t index)
{
	return w4_merkle_inclusion_from(proof, n, index, fetch_from_leaves, (void *) leaf_hashes);
}

int
w4_merkle_consistency(uint8_t proof[][32], const uint8_t *leaf_hashes, uint64_t n, uint64_t old_n)
{
	return w4_merkle_consistency_from(proof, n, old_n, fetch_from_leaves, (void *) leaf_hashes);
}

/* --- verifying proofs --- */

/*
 * Position of a verifier between a node and the root, as the pair (fn, sn) of
 * RFC 9162: the node's index and the last index on its level.
 */
typedef struct Climb
{
	uint64_t	node;
	uint64_t	last;
} Climb;

/* Is the next proof hash our left sibling?  Skips the levels on which we have no sibling. */
static bool
climb(Climb *c)
{
	bool		from_left = (c->node & 1) != 0 || c->node == c->last;

	if (from_left)
	{
		while ((c->node & 1) == 0 && c->node != 0)
		{
			c->node >>= 1;
			c->last >>= 1;
		}
	}
	c->node >>= 1;
	c->last >>= 1;
	return from_left;
}

bool
w4_merkle_verify_inclusion(uint64_t index, uint64_t size, const uint8_t leaf_hash[32],
						   const uint8_t (*proof)[32], size_t proof_len, const uint8_t root[32])
{
	Climb		c = {index, size - 1};
	uint8_t		hash[32];

	if (index >= size)
		return false;
	memcpy(hash, leaf_hash, 32);
	for (size_t i = 0; i < proof_len; i++)
	{
		if (c.last == 0)
			return false;
		if (climb(&c))
			w4_merkle_node_hash(hash, proof[i], hash);
		else
			w4_merkle_node_hash(hash, hash, proof[i]);
	}
	return c.last == 0 && memcmp(hash, root, 32) == 0;
}

/* 0 < old_size < new_size. */
static bool
verify_growth(uint64_t old_size, uint64_t new_size, const uint8_t old_root[32],
			  const uint8_t new_root[32], const uint8_t (*proof)[32], size_t proof_len)
{
	Climb		c = {old_size - 1, new_size - 1};
	bool		whole = (old_size & (old_size - 1)) == 0;
	size_t		i = whole ? 0 : 1;
	uint8_t		old_hash[32];
	uint8_t		new_hash[32];

	/* A perfect old tree is a node of the new one: the verifier knows where to start. */
	if (proof_len == 0)
		return false;
	memcpy(old_hash, whole ? old_root : proof[0], 32);
	memcpy(new_hash, old_hash, 32);
	while ((c.node & 1) != 0)
	{
		c.node >>= 1;
		c.last >>= 1;
	}
	for (; i < proof_len; i++)
	{
		if (c.last == 0)
			return false;
		if (climb(&c))
		{
			w4_merkle_node_hash(old_hash, proof[i], old_hash);
			w4_merkle_node_hash(new_hash, proof[i], new_hash);
		}
		else
			w4_merkle_node_hash(new_hash, new_hash, proof[i]);
	}
	return c.last == 0 && memcmp(old_hash, old_root, 32) == 0 && memcmp(new_hash, new_root, 32) == 0;
}

bool
w4_merkle_verify_consistency(uint64_t old_size, uint64_t new_size,
							 const uint8_t old_root[32], const uint8_t new_root[32],
							 const uint8_t (*proof)[32], size_t proof_len)
{
	uint8_t		empty_root[32];

	if (old_size > new_size)
		return false;
	if (old_size > 0 && old_size < new_size)
		return verify_growth(old_size, new_size, old_root, new_root, proof, proof_len);
	if (proof_len != 0)
		return false;
	if (old_size == new_size && memcmp(old_root, new_root, 32) != 0)
		return false;
	w4_sha256(empty_root, NULL, 0);
	return old_size > 0 || memcmp(old_root, empty_root, 32) == 0;
}
