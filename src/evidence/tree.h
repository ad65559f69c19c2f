/*-------------------------------------------------------------------------
 *
 * tree.h
 *		A society's Merkle tree as it lies in tree_leaf and tree_node.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_TREE_H
#define W4_TREE_H

#include "postgres.h"

#include "core/merkle.h"

/* Perfect subtrees of 2^8 leaves and more are stored, smaller ones computed. */
#define W4_TREE_NODE_LEVEL 8
#define W4_TREE_BLOCK (1 << W4_TREE_NODE_LEVEL)

/* The stored tree, for the proofs of merkle.h: pass w4_tree_fetch and this. */
typedef struct W4TreeStore
{
	const uint8_t *society;
	int64		block;			/* which block of leaves is in memory; -1: none */
	int			nleaves;
	uint8_t		leaves[W4_TREE_BLOCK][32];
} W4TreeStore;

/* Reads through SPI, which must be connected.  False: the store has a hole. */
extern bool w4_tree_fetch(void *store, int level, uint64 index, uint8_t out[32]);

#endif							/* W4_TREE_H */
