/*-------------------------------------------------------------------------
 *
 * tree.c
 *		A society's Merkle tree as it lies in tree_leaf and tree_node.
 *
 *-------------------------------------------------------------------------
 */
#include "evidence/tree.h"

#include "host/plan.h"
#include "host/value.h"

static bool
copy_hash(uint64 row, uint8_t out[32])
{
	bool		isnull;
	Datum		value = w4_value(row, 1, &isnull);
	W4Slice		hash;

	if (isnull)
		return false;
	hash = w4_varlena_slice(PG_DETOAST_DATUM_PACKED(value));
	if (hash.len != 32)
		return false;
	memcpy(out, hash.data, 32);
	return true;
}

static void
read_block(W4TreeStore *store, int64 block)
{
	static W4Plan leaves = W4_PLAN("SELECT leaf_hash FROM web4.tree_leaf WHERE society OPERATOR(@x@.=) $1 "
								   "AND index >= $2 AND index < $3 ORDER BY index", "lct, int8, int8");
	Datum		values[3];
	uint64		n;

	values[0] = W4LctGetDatum(store->society);
	values[1] = Int64GetDatum(block * W4_TREE_BLOCK);
	values[2] = Int64GetDatum((block + 1) * W4_TREE_BLOCK);
	n = w4_read(&leaves, values, NULL, W4_TREE_BLOCK);
	store->block = block;
	store->nleaves = 0;
	while (store->nleaves < n && copy_hash(store->nleaves, store->leaves[store->nleaves]))
		store->nleaves++;
	SPI_freetuptable(SPI_tuptable);
}

static bool
read_node(W4TreeStore *store, int level, uint64 index, uint8_t out[32])
{
	static W4Plan node = W4_PLAN("SELECT hash FROM web4.tree_node WHERE society OPERATOR(@x@.=) $1 "
								 "AND level = $2 AND index = $3", "lct, int2, int8");
	Datum		values[3];
	bool		found;

	values[0] = W4LctGetDatum(store->society);
	values[1] = Int16GetDatum(level);
	values[2] = Int64GetDatum(index);
	found = w4_read(&node, values, NULL, 1) == 1 && copy_hash(0, out);
	SPI_freetuptable(SPI_tuptable);
	return found;
}

bool
w4_tree_fetch(void *arg, int level, uint64 index, uint8_t out[32])
{
	W4TreeStore *store = arg;
	int64		first;
	int			offset;
	int			n = 1 << level;

	if (level >= W4_TREE_NODE_LEVEL)
		return read_node(store, level, index, out);
	first = (int64) (index << level);
	offset = (int) (first % W4_TREE_BLOCK);
	if (store->block != first / W4_TREE_BLOCK)
		read_block(store, first / W4_TREE_BLOCK);
	if (offset + n > store->nleaves)
		return false;
	w4_merkle_root(out, store->leaves[offset], (uint64_t) n);
	return true;
}
