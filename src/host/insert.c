/*-------------------------------------------------------------------------
 *
 * insert.c
 *		Inserting one row into a table of ours without a plan.
 *
 *-------------------------------------------------------------------------
 */
#include "host/insert.h"

#include "access/table.h"
#include "access/xact.h"
#include "commands/sequence.h"
#include "executor/executor.h"
#include "host/compat.h"
#include "host/names.h"
#include "host/plan.h"
#include "nodes/makefuncs.h"
#include "utils/rel.h"

static Relation
open_table(W4Table *table)
{
	if (table->epoch != w4_epoch())
	{
		table->relid = w4_relation_oid(table->name);
		table->epoch = w4_epoch();
	}
	return table_open(table->relid, RowExclusiveLock);
}

static TupleTableSlot *
fill_slot(EState *estate, Relation rel, const Datum *values, const bool *nulls)
{
	TupleDesc	desc = RelationGetDescr(rel);
	TupleTableSlot *slot = ExecInitExtraTupleSlot(estate, desc, &TTSOpsVirtual);

	memcpy(slot->tts_values, values, sizeof(Datum) * desc->natts);
	if (nulls == NULL)
		memset(slot->tts_isnull, 0, sizeof(bool) * desc->natts);
	else
		memcpy(slot->tts_isnull, nulls, sizeof(bool) * desc->natts);
	return ExecStoreVirtualTuple(slot);
}

void
w4_insert(W4Table *table, const Datum *values, const bool *nulls)
{
	Relation	rel = open_table(table);
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *target = makeNode(ResultRelInfo);
	RangeTblEntry *rte = makeNode(RangeTblEntry);

	/* Error messages about a row look up its relation here. */
	rte->rtekind = RTE_RELATION;
	rte->relid = RelationGetRelid(rel);
	rte->relkind = rel->rd_rel->relkind;
	rte->rellockmode = RowExclusiveLock;
	w4_init_range_table(estate, rte);
	InitResultRelInfo(target, rel, 1, NULL, 0);
	estate->es_output_cid = GetCurrentCommandId(true);

	ExecOpenIndices(target, false);
	w4_arm_writes();
	PG_TRY();
	{
		ExecSimpleRelationInsert(target, estate, fill_slot(estate, rel, values, nulls));
	}
	PG_FINALLY();
	{
		w4_disarm_writes();
	}
	PG_END_TRY();
	ExecCloseIndices(target);
	ExecResetTupleTable(estate->es_tupleTable, false);
	FreeExecutorState(estate);
	table_close(rel, NoLock);
	CommandCounterIncrement();
}

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
