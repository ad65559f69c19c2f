/*-------------------------------------------------------------------------
 *
 * scan.c
 *		Equality lookups through an index.
 *
 *-------------------------------------------------------------------------
 */
#include "host/scan.h"

#include "access/stratnum.h"
#include "access/table.h"
#include "host/names.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* Look up the index, its columns and their equality functions. */
static void
resolve(W4Index *index)
{
	uint64		now = w4_epoch();
	Relation	rel;

	if (index->epoch == now)
		return;
	index->relid = w4_relation_oid(index->table);
	index->indexid = w4_relation_oid(index->index);
	rel = index_open(index->indexid, AccessShareLock);
	index->nkeys = Min(IndexRelationGetNumberOfKeyAttributes(rel), W4_SCAN_MAX_KEYS);
	for (int i = 0; i < index->nkeys; i++)
	{
		Oid			type = rel->rd_opcintype[i];
		Oid			equal = get_opfamily_member(rel->rd_opfamily[i], type, type, BTEqualStrategyNumber);
		Oid			greater = get_opfamily_member(rel->rd_opfamily[i], type, type, BTGreaterStrategyNumber);

		index->attno[i] = rel->rd_index->indkey.values[i];
		index->collation[i] = rel->rd_indcollation[i];
		fmgr_info_cxt(get_opcode(equal), &index->equal[i], TopMemoryContext);
		fmgr_info_cxt(get_opcode(greater), &index->greater[i], TopMemoryContext);
	}
	index_close(rel, AccessShareLock);
	index->epoch = now;
}

Oid
w4_index_oid(W4Index *index)
{
	resolve(index);
	return index->indexid;
}

static bool
open_scan(W4Scan *scan, W4Index *index, int nkeys, ScanKey key)
{
	scan->rel = table_open(index->relid, AccessShareLock);
	scan->desc = RelationGetDescr(scan->rel);
	scan->scan = systable_beginscan(scan->rel, index->indexid, true, GetActiveSnapshot(), nkeys, key);
	return w4_scan_next(scan);
}

/* systable_beginscan() wants attribute numbers of the table, not of the index. */
static void
init_key(ScanKey key, W4Index *index, int i, StrategyNumber strategy, Datum value)
{
	ScanKeyEntryInitializeWithInfo(key, 0, index->attno[i], strategy, InvalidOid, index->collation[i],
								   strategy == BTEqualStrategyNumber ? &index->equal[i] : &index->greater[i], value);
}

bool
w4_scan_open(W4Scan *scan, W4Index *index, int nkeys, const Datum *keys)
{
	ScanKeyData key[W4_SCAN_MAX_KEYS];

	resolve(index);
	Assert(nkeys <= index->nkeys);
	for (int i = 0; i < nkeys; i++)
		init_key(&key[i], index, i, BTEqualStrategyNumber, keys[i]);
	return open_scan(scan, index, nkeys, key);
}

bool
w4_scan_open_after(W4Scan *scan, W4Index *index, int nkeys, const Datum *keys, Datum after)
{
	ScanKeyData key[W4_SCAN_MAX_KEYS];

	resolve(index);
	Assert(nkeys < index->nkeys);
	for (int i = 0; i < nkeys; i++)
		init_key(&key[i], index, i, BTEqualStrategyNumber, keys[i]);
	init_key(&key[nkeys], index, nkeys, BTGreaterStrategyNumber, after);
	return open_scan(scan, index, nkeys + 1, key);
}

bool
w4_scan_next(W4Scan *scan)
{
	scan->tuple = systable_getnext(scan->scan);
	return HeapTupleIsValid(scan->tuple);
}

void
w4_scan_close(W4Scan *scan)
{
	systable_endscan(scan->scan);
	table_close(scan->rel, AccessShareLock);
}

bool
w4_scan_exists(W4Index *index, int nkeys, const Datum *keys)
{
	W4Scan		scan;
	bool		found = w4_scan_open(&scan, index, nkeys, keys);

	w4_scan_close(&scan);
	return found;
}

void
w4_push_latest_snapshot(void)
{
	PushActiveSnapshot(GetLatestSnapshot());
}

void
w4_pop_snapshot(void)
{
	PopActiveSnapshot();
}
