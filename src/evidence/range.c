/*-------------------------------------------------------------------------
 *
 * range.c
 *		All rows of a society in one of our tables, in the order of an index.
 *
 *-------------------------------------------------------------------------
 */
#include "evidence/range.h"

#include "access/stratnum.h"
#include "access/table.h"
#include "host/names.h"
#include "host/value.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

/* Equality of the index's first column, a society. */
static void
society_key(ScanKey key, Relation index, const uint8_t *society)
{
	Oid			type = index->rd_opcintype[0];
	Oid			equal = get_opfamily_member(index->rd_opfamily[0], type, type, BTEqualStrategyNumber);

	ScanKeyInit(key, index->rd_index->indkey.values[0], BTEqualStrategyNumber,
				get_opcode(equal), W4LctGetDatum(society));
}

void
w4_range_open(W4Range *range, const char *table, const char *index,
			  const uint8_t *society, uint64 min_xid)
{
	ScanKeyData keys[2];
	int			nkeys = 1;

	range->table = table_open(w4_relation_oid(table), AccessShareLock);
	range->index = index_open(w4_relation_oid(index), AccessShareLock);
	range->desc = RelationGetDescr(range->table);
	range->tuple = NULL;
	society_key(&keys[0], range->index, society);
	if (min_xid != 0)
	{
		ScanKeyInit(&keys[1], range->index->rd_index->indkey.values[1], BTGreaterEqualStrategyNumber,
					F_XID8GE, FullTransactionIdGetDatum(FullTransactionIdFromU64(min_xid)));
		nkeys = 2;
	}
	range->scan = systable_beginscan_ordered(range->table, range->index, GetActiveSnapshot(), nkeys, keys);
}

bool
w4_range_next(W4Range *range)
{
	range->tuple = systable_getnext_ordered(range->scan, ForwardScanDirection);
	return HeapTupleIsValid(range->tuple);
}

void
w4_range_close(W4Range *range)
{
	systable_endscan_ordered(range->scan);
	index_close(range->index, AccessShareLock);
	table_close(range->table, AccessShareLock);
}
