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
#include "access/xact.h"
#include "host/kept.h"
#include "host/names.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* --- the latest snapshot --- */

#define MAX_LATEST 8

/* Latest snapshots that are active, and what their tables had seen of changes (kept.h). */
static struct
{
	Snapshot	snapshot;
	uint64		since;
}			latest[MAX_LATEST];
static int	n_latest = 0;

static void
forget_at_end(XactEvent event, void *arg)
{
	n_latest = 0;
}

static void
forget_at_rollback(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		n_latest = 0;
}

/*
 * GetLatestSnapshot() refuses in a parallel query, whose workers share what it
 * changes.  Catalogs are read by the newest state there, too, so by a snapshot
 * such as theirs, taken now.
 */
static Snapshot
take_latest(void)
{
	if (!IsInParallelMode())
		return GetLatestSnapshot();
	InvalidateCatalogSnapshot();
	return GetCatalogSnapshot(InvalidOid);
}

void
w4_push_latest_snapshot(void)
{
	static bool registered = false;
	uint64		since;

	if (!registered)
	{
		RegisterXactCallback(forget_at_end, NULL);
		RegisterSubXactCallback(forget_at_rollback, NULL);
		registered = true;
	}
	since = w4_kept_catch_up();
	PushActiveSnapshot(take_latest());
	if (n_latest < MAX_LATEST)
	{
		latest[n_latest].snapshot = GetActiveSnapshot();
		latest[n_latest].since = since;
		n_latest++;
	}
}

void
w4_pop_snapshot(void)
{
	if (n_latest > 0 && latest[n_latest - 1].snapshot == GetActiveSnapshot())
		n_latest--;
	PopActiveSnapshot();
}

/* 0: the active snapshot is an older one, or answers may not be kept from it. */
static uint64
latest_since(void)
{
	if (n_latest == 0 || !ActiveSnapshotSet() || GetActiveSnapshot() != latest[n_latest - 1].snapshot ||
		IsolationIsSerializable())
		return 0;
	return latest[n_latest - 1].since;
}

/* --- lookups --- */

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
	index->keep_known = false;
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
	scan->borrowed = false;
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

static void
init_keys(ScanKey key, W4Index *index, int nkeys, const Datum *keys)
{
	for (int i = 0; i < nkeys; i++)
		init_key(&key[i], index, i, BTEqualStrategyNumber, keys[i]);
}

static bool
probe(W4Scan *scan, W4Index *index, int nkeys, const Datum *keys)
{
	ScanKeyData key[W4_SCAN_MAX_KEYS];

	init_keys(key, index, nkeys, keys);
	return open_scan(scan, index, nkeys, key);
}

static void
open_kept(W4Scan *scan, W4Index *index, HeapTuple row)
{
	scan->rel = NULL;
	scan->desc = index->desc;
	scan->tuple = scan->kept = row;
}

bool
w4_scan_open(W4Scan *scan, W4Index *index, int nkeys, const Datum *keys)
{
	uint64		since = latest_since();
	W4KeptKey	key;
	HeapTuple	row;

	resolve(index);
	Assert(nkeys <= index->nkeys);
	if (since == 0 || nkeys < index->nkeys || w4_kept_key(&key, index, keys) == W4_KEEP_NOTHING)
		return probe(scan, index, nkeys, keys);
	if (w4_kept_find(index, &key, &row))
		open_kept(scan, index, row);
	else
	{
		(void) probe(scan, index, nkeys, keys);
		w4_kept_add(index, &key, scan->tuple, since);
	}
	return HeapTupleIsValid(scan->tuple);
}

bool
w4_scan_open_in(W4Scan *scan, Relation rel, Relation indexrel, W4Index *index, int nkeys, const Datum *keys)
{
	ScanKeyData key[W4_SCAN_MAX_KEYS];

	resolve(index);
	Assert(nkeys <= index->nkeys && RelationGetRelid(indexrel) == index->indexid);
	init_keys(key, index, nkeys, keys);
	scan->rel = rel;
	scan->borrowed = true;
	scan->desc = RelationGetDescr(rel);
	scan->scan = systable_beginscan_ordered(rel, indexrel, GetActiveSnapshot(), nkeys, key);
	return w4_scan_next(scan);
}

bool
w4_scan_open_after(W4Scan *scan, W4Index *index, int nkeys, const Datum *keys, Datum after)
{
	ScanKeyData key[W4_SCAN_MAX_KEYS];

	resolve(index);
	Assert(nkeys < index->nkeys);
	init_keys(key, index, nkeys, keys);
	init_key(&key[nkeys], index, nkeys, BTGreaterStrategyNumber, after);
	return open_scan(scan, index, nkeys + 1, key);
}

bool
w4_scan_next(W4Scan *scan)
{
	if (scan->rel == NULL)
		scan->tuple = NULL;
	else if (scan->borrowed)
		scan->tuple = systable_getnext_ordered(scan->scan, ForwardScanDirection);
	else
		scan->tuple = systable_getnext(scan->scan);
	return HeapTupleIsValid(scan->tuple);
}

void
w4_scan_close(W4Scan *scan)
{
	if (scan->rel == NULL)
	{
		if (scan->kept != NULL)
			heap_freetuple(scan->kept);
	}
	else if (scan->borrowed)
		systable_endscan_ordered(scan->scan);
	else
	{
		systable_endscan(scan->scan);
		table_close(scan->rel, AccessShareLock);
	}
}

bool
w4_scan_exists(W4Index *index, int nkeys, const Datum *keys)
{
	W4Scan		scan;
	bool		found = w4_scan_open(&scan, index, nkeys, keys);

	w4_scan_close(&scan);
	return found;
}
