/*-------------------------------------------------------------------------
 *
 * merkle.h
 *		RFC 6962 Merkle trees: roots, inclusion and consistency proofs.
 *
 *
 * leaf hash = SHA-256(0x00 || data), node hash = SHA-256(0x01 || left || right),
 * the root of an empty tree is SHA-256("").  The tree size always comes from a
 * signed tree head, never from the proof (security spec H5).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_MERKLE_H
#define W4_MERKLE_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

/* A tree has at most 2^63 leaves, so that no proof is longer than W4_MERKLE_MAX_PROOF. */
#define W4_MERKLE_MAX_SIZE (UINT64_C(1) << 63)
#define W4_MERKLE_MAX_PROOF 64

extern void w4_merkle_leaf_hash(uint8_t out[32], const void *data, size_t len);
extern void w4_merkle_node_hash(uint8_t out[32], const uint8_t left[32], const uint8_t right[32]);

/* Root over n leaf hashes laid out back to back. */
extern void w4_merkle_root(uint8_t out[32], const uint8_t *leaf_hashes, uint64_t n);

/* Path of leaf "index" in the tree of n leaves; returns its length, -1 unless index < n <= W4_MERKLE_MAX_SIZE. */
extern int	w4_merkle_inclusion(uint8_t proof[][32], const uint8_t *leaf_hashes, uint64_t n, uint64_t index);

/* Proof that the first "old_n" of n leaves are a prefix; returns its length, -1 unless 0 < old_n <= n <= W4_MERKLE_MAX_SIZE. */
extern int	w4_merkle_consistency(uint8_t proof[][32], const uint8_t *leaf_hashes, uint64_t n, uint64_t old_n);

/*
 * RFC 9162 2.1.3.2: exactly the right proof length, no superfluous hashes.
 * index and size are the verifier's own, from a signed tree head: a proof does
 * not determine them (that of the last of 9 leaves is also one for leaf 2^62
 * of 2^62 + 1, with the same root).
 */
extern bool w4_merkle_verify_inclusion(uint64_t index, uint64_t size, const uint8_t leaf_hash[32],
									   const uint8_t (*proof)[32], size_t proof_len, const uint8_t root[32]);

/* RFC 9162 2.1.4.2; old_size 0 is consistent with everything only with an empty proof and the empty root. */
extern bool w4_merkle_verify_consistency(uint64_t old_size, uint64_t new_size,
										 const uint8_t old_root[32], const uint8_t new_root[32],
										 const uint8_t (*proof)[32], size_t proof_len);

/*
 * Incremental tree: the roots of the perfect subtrees of the leaves so far,
 * largest first (binary digits of size).  Appending costs amortised one hash.
 */
typedef struct W4MerkleFrontier
{
	uint64_t	size;
	uint8_t		peaks[64][32];	/* w4_merkle_peaks(size) used */
} W4MerkleFrontier;

extern int	w4_merkle_peaks(uint64_t size);

/*
 * Told of every perfect subtree that a leaf completes above itself, lowest
 * first: the 2^level leaves that begin at leaf index << level, level > 0.
 */
typedef void (*W4MerkleNode) (void *arg, int level, uint64_t index, const uint8_t hash[32]);

/* "node" may be NULL.  False, and nothing is changed, when the tree is full. */
extern bool w4_merkle_frontier_append(W4MerkleFrontier *f, const uint8_t leaf_hash[32], W4MerkleNode node, void *arg);
extern void w4_merkle_frontier_root(uint8_t out[32], const W4MerkleFrontier *f);

/*
 * The same proofs over a store of perfect-subtree hashes: "fetch" returns the
 * hash of the perfect subtree of 2^level leaves that begins at leaf
 * index << level.  O(log n) fetches; false from fetch aborts with -2.
 */
typedef bool (*W4MerkleFetch) (void *arg, int level, uint64_t index, uint8_t out[32]);
extern int	w4_merkle_inclusion_from(uint8_t proof[][32], uint64_t n, uint64_t index,
									 W4MerkleFetch fetch, void *arg);
extern int	w4_merkle_consistency_from(uint8_t proof[][32], uint64_t n, uint64_t old_n,
									   W4MerkleFetch fetch, void *arg);

#pragma GCC visibility pop

#endif							/* W4_MERKLE_H */
