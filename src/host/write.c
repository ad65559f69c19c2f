/*-------------------------------------------------------------------------
 *
 * write.c
 *		Writing single rows of our own tables without a plan.
 *
 *-------------------------------------------------------------------------
 */
#include "host/write.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "host/compat.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/names.h"
#include "host/plan.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "utils/datum.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/*
 * Where the newest version of a row is that this transaction has updated: an
 * index leads to all versions, and nobody can remove those of a transaction
 * that still runs, so looking up a row n times would cost n^2.
 */
typedef struct Written
{
	uint32		hash;			/* of its key */
	ItemPointerData tid;
} Written;

#define WRITTEN_SLOTS 64

/* What the executor wants to know of a table that it writes to. */
typedef struct W4Target
{
	EState	   *estate;			/* everything here lives in its context */
	ResultRelInfo *info;
	Oid		   *indexes;
	bool		kept;
	ItemPointerData newest;		/* the version that was written last, invalid when the executor wrote it */
	TransactionId xid;			/* by whom these were written */
	SubTransactionId subid;
	Written		written[WRITTEN_SLOTS];
} W4Target;

/* --- when what was kept is out of date --- */

static W4Table *tables = NULL;

static void
table_altered(Datum arg, Oid relid)
{
	for (W4Table *table = tables; table != NULL; table = table->next)
	{
		if (relid == InvalidOid || relid == table->relid)
			table->stale = true;
	}
}

/* Constraints call functions. */
static void
function_altered(Datum arg, int cache, uint32 hash)
{
	table_altered(arg, InvalidOid);
}

static void
list_table(W4Table *table)
{
	if (tables == NULL)
	{
		CacheRegisterRelcacheCallback(table_altered, (Datum) 0);
		CacheRegisterSyscacheCallback(PROCOID, function_altered, (Datum) 0);
	}
	table->next = tables;
	tables = table;
	table->listed = true;
}

static Relation
open_table(W4Table *table)
{
	Relation	rel;

	if (!table->listed)
		list_table(table);
	if (table->epoch != w4_epoch())
	{
		table->relid = w4_relation_oid(table->name);
		table->epoch = w4_epoch();
		table->stale = true;
	}
	rel = table_open(table->relid, RowExclusiveLock);
	if (RelationGetDescr(rel)->natts != table->natts)
		elog(ERROR, "table \"web4.%s\" has %d columns instead of %d", table->name,
			 RelationGetDescr(rel)->natts, table->natts);
	return rel;
}

/* --- targets --- */

/* Error messages about a row look up its relation in the range table. */
static RangeTblEntry *
range_table_entry(Relation rel)
{
	RangeTblEntry *rte = makeNode(RangeTblEntry);

	rte->rtekind = RTE_RELATION;
	rte->relid = RelationGetRelid(rel);
	rte->relkind = rel->rd_rel->relkind;
	rte->rellockmode = RowExclusiveLock;
	return rte;
}

/*
 * The guard lets our own writes pass, so where there is no other trigger none
 * is called.  With others nothing is kept: they may come back here.
 */
static W4Target *
build_target(Relation rel)
{
	EState	   *estate = CreateExecutorState();
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	W4Target   *target = palloc0(sizeof(W4Target));
	RangeTblEntry *rte = range_table_entry(rel);

	target->estate = estate;
	target->info = makeNode(ResultRelInfo);
	w4_init_range_table(estate, rte);
	InitResultRelInfo(target->info, rel, 1, NULL, 0);
	/* where AFTER triggers look for the relation, so that it is not opened again */
	estate->es_opened_result_relations = lappend(NIL, target->info);
	ExecOpenIndices(target->info, true);
	target->indexes = palloc(sizeof(Oid) * Max(target->info->ri_NumIndices, 1));
	for (int i = 0; i < target->info->ri_NumIndices; i++)
		target->indexes[i] = RelationGetRelid(target->info->ri_IndexRelationDescs[i]);
	target->kept = w4_only_guarded(target->info->ri_TrigDesc);
	if (target->kept)
		target->info->ri_TrigDesc = NULL;
	MemoryContextSwitchTo(old);
	return target;
}

static void
free_target(W4Target *target)
{
	ExecResetTupleTable(target->estate->es_tupleTable, false);
	FreeExecutorState(target->estate);
}

static W4Target *
rebuild_target(W4Table *table, Relation rel)
{
	W4Target   *target;

	if (table->target != NULL)
	{
		W4Target   *outdated = table->target;

		table->target = NULL;
		free_target(outdated);
	}
	table->stale = false;
	target = build_target(rel);
	if (target->kept)
	{
		MemoryContextSetParent(target->estate->es_query_cxt, TopMemoryContext);
		table->target = target;
	}
	return target;
}

static W4Target *
open_target(W4Table *table)
{
	Relation	rel = open_table(table);
	W4Target   *target = table->target;

	if (target == NULL || table->stale)
		target = rebuild_target(table, rel);
	else
	{
		target->info->ri_RelationDesc = rel;
		for (int i = 0; i < target->info->ri_NumIndices; i++)
			target->info->ri_IndexRelationDescs[i] = index_open(target->indexes[i], RowExclusiveLock);
	}
	target->estate->es_output_cid = GetCurrentCommandId(true);
	if (!target->kept)
		AfterTriggerBeginQuery();
	return target;
}

static void
close_target(W4Target *target)
{
	Relation	rel = target->info->ri_RelationDesc;

	if (!target->kept)
		AfterTriggerEndQuery(target->estate);
	ExecCloseIndices(target->info);
	if (target->kept)
		ResetPerTupleExprContext(target->estate);
	else
		free_target(target);
	table_close(rel, NoLock);
	CommandCounterIncrement();
}

static TupleTableSlot *
make_row(W4Target *target, const Datum *values, const bool *nulls)
{
	TupleDesc	desc = RelationGetDescr(target->info->ri_RelationDesc);
	TupleTableSlot *row = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);

	memcpy(row->tts_values, values, sizeof(Datum) * desc->natts);
	if (nulls == NULL)
		memset(row->tts_isnull, 0, sizeof(bool) * desc->natts);
	else
		memcpy(row->tts_isnull, nulls, sizeof(bool) * desc->natts);
	row->tts_tableOid = RelationGetRelid(target->info->ri_RelationDesc);
	return ExecStoreVirtualTuple(row);
}

/* --- inserting --- */

static void pg_attribute_noreturn()
refuse_concurrent_update(void)
{
	w4_raise_concurrent("concurrent update");
}

void
w4_insert(W4Table *table, const Datum *values, const bool *nulls)
{
	W4Target   *target = open_target(table);
	TupleTableSlot *row = make_row(target, values, nulls);

	w4_arm_writes();
	PG_TRY();
	{
		ExecSimpleRelationInsert(target->info, target->estate, row);
	}
	PG_FINALLY();
	{
		w4_disarm_writes();
	}
	PG_END_TRY();
	ExecDropSingleTupleTableSlot(row);
	close_target(target);
}

/*
 * A row that holds the key but is not in our snapshot is no answer: as ON
 * CONFLICT does, say that the transaction has to be repeated.
 */
static void
require_visible(Relation rel, ItemPointer tid)
{
	TupleTableSlot *slot;
	bool		isnull;

	if (!IsolationUsesXactSnapshot())
		return;
	slot = table_slot_create(rel, NULL);
	if (!table_tuple_fetch_row_version(rel, tid, SnapshotAny, slot))
		elog(ERROR, "could not fetch a conflicting row");
	if (!table_tuple_satisfies_snapshot(rel, slot, GetTransactionSnapshot()) &&
		!TransactionIdIsCurrentTransactionId(DatumGetTransactionId(slot_getsysattr(slot, MinTransactionIdAttributeNumber, &isnull))))
		refuse_concurrent_update();
	ExecDropSingleTupleTableSlot(slot);
}

/*
 * The row goes into the heap and the indexes under a lock that whoever meets
 * it waits for; when the arbiter turns out to have the key, it is taken back.
 */
static bool
insert_speculatively(W4Target *target, TupleTableSlot *row, List *arbiters, List **recheck)
{
	Relation	rel = target->info->ri_RelationDesc;
	uint32		token = SpeculativeInsertionLockAcquire(GetCurrentTransactionId());
	bool		conflict = false;

	table_tuple_insert_speculative(rel, row, target->estate->es_output_cid, 0, NULL, token);
	*recheck = w4_insert_index_tuples(target->info, row, target->estate, &conflict, arbiters);
	table_tuple_complete_speculative(rel, row, token, !conflict);
	SpeculativeInsertionLockRelease(GetCurrentTransactionId());
	return !conflict;
}

static bool
insert_unless_taken(W4Target *target, TupleTableSlot *row, List *arbiters)
{
	ResultRelInfo *info = target->info;
	TriggerDesc *triggers = info->ri_TrigDesc;
	ItemPointerData taken;
	List	   *recheck;

	if (triggers != NULL && triggers->trig_insert_before_row && !ExecBRInsertTriggers(target->estate, info, row))
		elog(ERROR, "a trigger suppressed a row of table \"web4.%s\"", RelationGetRelationName(info->ri_RelationDesc));
	ExecConstraints(info, row, target->estate);
	/* Most keys are free, so ask only when inserting has met another. */
	while (!insert_speculatively(target, row, arbiters, &recheck))
	{
		CHECK_FOR_INTERRUPTS();
		ItemPointerSetInvalid(&row->tts_tid);
		if (!w4_key_is_free(info, row, target->estate, &taken, arbiters))
		{
			require_visible(info->ri_RelationDesc, &taken);
			return false;
		}
	}
	ExecARInsertTriggers(target->estate, info, row, recheck, NULL);
	return true;
}

bool
w4_insert_new(W4Table *table, W4Index *arbiter, const Datum *values, const bool *nulls)
{
	W4Target   *target = open_target(table);
	TupleTableSlot *row = make_row(target, values, nulls);
	volatile bool inserted = false;

	w4_arm_writes();
	PG_TRY();
	{
		inserted = insert_unless_taken(target, row, list_make1_oid(w4_index_oid(arbiter)));
	}
	PG_FINALLY();
	{
		w4_disarm_writes();
	}
	PG_END_TRY();
	ExecDropSingleTupleTableSlot(row);
	close_target(target);
	return inserted;
}

/* --- updating --- */

/* Lock the row's newest version and put it into "old". */
static bool
lock_row(W4Target *target, ItemPointer tid, TupleTableSlot *old)
{
	TM_FailureData failure;
	TM_Result	result = table_tuple_lock(target->info->ri_RelationDesc, tid, GetActiveSnapshot(), old,
										  target->estate->es_output_cid, LockTupleNoKeyExclusive, LockWaitBlock,
										  IsolationUsesXactSnapshot() ? 0 : TUPLE_LOCK_FLAG_FIND_LAST_VERSION, &failure);

	if ((result == TM_Updated || result == TM_Deleted) && IsolationUsesXactSnapshot())
		refuse_concurrent_update();
	if (result != TM_Ok && result != TM_Deleted)
		elog(ERROR, "unexpected result %d of locking a row", result);
	if (result == TM_Ok)
		slot_getallattrs(old);
	return result == TM_Ok;
}

/* Replace the version at "tid" by "row"; false when it is not the newest. */
static bool
replace_version(W4Target *target, ItemPointer tid, TupleTableSlot *row)
{
	Relation	rel = target->info->ri_RelationDesc;
	TM_FailureData failure;
	LockTupleMode lock;
	W4UpdateIndexes indexes;
	TM_Result	result;

	ExecConstraints(target->info, row, target->estate);
	result = table_tuple_update(rel, tid, row, target->estate->es_output_cid, GetActiveSnapshot(), InvalidSnapshot,
								true, &failure, &lock, &indexes);
	if (result == TM_Updated || result == TM_Deleted)
	{
		if (IsolationUsesXactSnapshot())
			refuse_concurrent_update();
		return false;
	}
	if (result != TM_Ok)
		elog(ERROR, "unexpected result %d of updating a row", result);
	(void) w4_update_index_tuples(target->info, row, target->estate, indexes);
	target->newest = row->tts_tid;
	return true;
}

/* With triggers of others: the executor calls them, for the row that we hold locked. */
static void
replace_locked(W4Target *target, TupleTableSlot *old, TupleTableSlot *row)
{
	EPQState	recheck;

	w4_init_recheck(&recheck, target->estate);
	w4_arm_writes();
	PG_TRY();
	{
		ExecSimpleRelationUpdate(target->info, target->estate, &recheck, old, row);
	}
	PG_FINALLY();
	{
		w4_disarm_writes();
	}
	PG_END_TRY();
}

typedef enum Outcome
{
	CHANGED,
	UNCHANGED,
	OUTDATED
} Outcome;

/* The version that the snapshot shows is nearly always the newest: change it without locking it first. */
static Outcome
change_seen(W4Target *target, HeapTuple tuple, W4Change change, void *arg)
{
	Relation	rel = target->info->ri_RelationDesc;
	TupleTableSlot *row = MakeSingleTupleTableSlot(RelationGetDescr(rel), &TTSOpsVirtual);
	Outcome		outcome = UNCHANGED;

	heap_deform_tuple(tuple, RelationGetDescr(rel), row->tts_values, row->tts_isnull);
	row->tts_tableOid = RelationGetRelid(rel);
	ExecStoreVirtualTuple(row);
	if (change(arg, row->tts_values, row->tts_isnull))
		outcome = replace_version(target, &tuple->t_self, row) ? CHANGED : OUTDATED;
	ExecDropSingleTupleTableSlot(row);
	return outcome;
}

static Outcome
change_locked(W4Target *target, ItemPointer tid, W4Change change, void *arg)
{
	TupleTableSlot *old = table_slot_create(target->info->ri_RelationDesc, NULL);
	Outcome		outcome = UNCHANGED;

	if (lock_row(target, tid, old))
	{
		TupleTableSlot *row = make_row(target, old->tts_values, old->tts_isnull);

		if (change(arg, row->tts_values, row->tts_isnull))
		{
			replace_locked(target, old, row);
			outcome = CHANGED;
		}
		ExecDropSingleTupleTableSlot(row);
	}
	ExecDropSingleTupleTableSlot(old);
	return outcome;
}

static Relation
index_of(const W4Target *target, Oid indexid)
{
	for (int i = 0; i < target->info->ri_NumIndices; i++)
	{
		Relation	rel = target->info->ri_IndexRelationDescs[i];

		if (RelationGetRelid(rel) == indexid)
			return rel;
	}
	elog(ERROR, "table \"web4.%s\" has no index %u", RelationGetRelationName(target->info->ri_RelationDesc), indexid);
}

/* --- rows that this transaction has updated before --- */

static Form_pg_attribute
key_column(const W4Target *target, const W4Index *index, int i)
{
	return TupleDescAttr(RelationGetDescr(target->info->ri_RelationDesc), index->attno[i] - 1);
}

/*
 * The place for this key.  What other transactions wrote is not looked for, nor
 * what a subtransaction wrote that may have been rolled back: its place may be
 * gone with the end of the table.
 */
static Written *
written_place(W4Target *target, W4Index *index, int nkeys, const Datum *keys, uint32 *hash)
{
	TransactionId xid = GetTopTransactionIdIfAny();
	SubTransactionId subid = GetCurrentSubTransactionId();

	if (!TransactionIdIsValid(xid) || target->xid != xid || target->subid != subid)
	{
		memset(target->written, 0, sizeof(target->written));
		target->xid = xid;
		target->subid = subid;
	}
	*hash = w4_index_oid(index);
	for (int i = 0; i < nkeys; i++)
	{
		Form_pg_attribute column = key_column(target, index, i);

		*hash = hash_combine(*hash, datum_image_hash(keys[i], column->attbyval, column->attlen));
	}
	return &target->written[*hash % WRITTEN_SLOTS];
}

static bool
has_key(W4Target *target, const W4Index *index, int nkeys, const Datum *keys, TupleTableSlot *row)
{
	for (int i = 0; i < nkeys; i++)
	{
		Form_pg_attribute column = key_column(target, index, i);
		bool		isnull;
		Datum		value = slot_getattr(row, index->attno[i], &isnull);

		if (isnull || !datum_image_eq(value, keys[i], column->attbyval, column->attlen))
			return false;
	}
	return true;
}

/* A version that the snapshot shows, with this key, is the row: wherever we have it from. */
static Outcome
change_written(W4Target *target, const Written *place, const W4Index *index, int nkeys, const Datum *keys,
			   W4Change change, void *arg)
{
	TupleTableSlot *row = table_slot_create(target->info->ri_RelationDesc, NULL);
	ItemPointerData tid = place->tid;
	Outcome		outcome = OUTDATED;

	if (table_tuple_fetch_row_version(target->info->ri_RelationDesc, &tid, GetActiveSnapshot(), row) &&
		has_key(target, index, nkeys, keys, row))
		outcome = change_seen(target, ExecFetchSlotHeapTuple(row, false, NULL), change, arg);
	ExecDropSingleTupleTableSlot(row);
	return outcome;
}

static Outcome
change_found(W4Target *target, W4Index *index, int nkeys, const Datum *keys, W4Change change, void *arg)
{
	Relation	indexrel = index_of(target, w4_index_oid(index));
	Outcome		outcome = UNCHANGED;
	W4Scan		scan;

	if (w4_scan_open_in(&scan, target->info->ri_RelationDesc, indexrel, index, nkeys, keys))
	{
		ItemPointerData tid = scan.tuple->t_self;

		outcome = target->kept ? change_seen(target, scan.tuple, change, arg) : OUTDATED;
		if (outcome == OUTDATED)
			outcome = change_locked(target, &tid, change, arg);
	}
	w4_scan_close(&scan);
	return outcome;
}

bool
w4_update(W4Table *table, W4Index *index, int nkeys, const Datum *keys, W4Change change, void *arg)
{
	W4Target   *target = open_target(table);
	Outcome		outcome = OUTDATED;
	Written    *place;
	uint32		hash;

	PushActiveSnapshot(GetTransactionSnapshot());
	ItemPointerSetInvalid(&target->newest);
	place = written_place(target, index, nkeys, keys, &hash);
	if (place->hash == hash && ItemPointerIsValid(&place->tid))
		outcome = change_written(target, place, index, nkeys, keys, change, arg);
	if (outcome == OUTDATED)
		outcome = change_found(target, index, nkeys, keys, change, arg);
	if (outcome == CHANGED)
		*place = (Written) {hash, target->newest};
	PopActiveSnapshot();
	close_target(target);
	return outcome == CHANGED;
}

/* --- sequences --- */

int64
w4_next_id(W4Sequence *sequence)
{
	if (sequence->epoch != w4_epoch())
	{
		sequence->relid = w4_relation_oid(sequence->name);
		sequence->epoch = w4_epoch();
	}
	return nextval_internal(sequence->relid, false);
}
