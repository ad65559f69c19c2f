/*-------------------------------------------------------------------------
 *
 * merkle_reference.h
 *		The recursive definitions of RFC 6962, word for word, and a log of
 *		130 leaves: what the Merkle tests compare with.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_MERKLE_REFERENCE_H
#define W4_MERKLE_REFERENCE_H

#include "core/crypto.h"
#include "core/merkle.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#ifdef W4_UNDER_VALGRIND
#define MAX_LEAVES 40			/* all sizes up to 130 are tried without it */
#else
#define MAX_LEAVES 130
#endif
#define MAX_CROSS 20			/* tests over pairs of trees stop here */

typedef uint8_t Proof[W4_MERKLE_MAX_PROOF + 1][32];

/* Leaf i is the hash of i; roots[n] the reference root of the first n. */
static uint8_t leaves[MAX_LEAVES][32];
static uint8_t roots[MAX_LEAVES + 1][32];

/* --- the definitions of RFC 6962 section 2.1 --- */

static inline uint64_t
largest_power_below(uint64_t n)
{
	uint64_t	k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

static inline void
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

static inline int
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

static inline int
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
static inline uint64_t
reference_shape(uint64_t m, uint64_t n)
{
	uint64_t	k;

	if (n == 1)
		return 1;
	k = largest_power_below(n);
	return m < k ? reference_shape(m, k) << 1 : reference_shape(m - k, n - k) << 1 | 1;
}

static inline int
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

static inline bool
included(uint64_t index, uint64_t size, const uint8_t leaf[32],
		 Proof proof, int len, const uint8_t root[32])
{
	return w4_merkle_verify_inclusion(index, size, leaf,
									  (const uint8_t (*)[32]) proof, (size_t) len, root);
}

static inline bool
consistent(uint64_t m, uint64_t n, const uint8_t old_root[32], const uint8_t new_root[32],
		   Proof proof, int len)
{
	return w4_merkle_verify_consistency(m, n, old_root, new_root,
										(const uint8_t (*)[32]) proof, (size_t) len);
}

#endif							/* W4_MERKLE_REFERENCE_H */
