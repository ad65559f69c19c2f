/*-------------------------------------------------------------------------
 *
 * compat.h
 *		The only place that knows differences between PostgreSQL 14 and 18.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_COMPAT_H
#define W4_COMPAT_H

#include "postgres.h"

#include "utils/guc.h"

#if PG_VERSION_NUM >= 160000
#include "access/tableam.h"
#include "parser/parse_relation.h"
#include "varatt.h"
#endif

#if PG_VERSION_NUM < 150000
#include "funcapi.h"
#include "miscadmin.h"
#endif

/* 18 has a keyword pg_noreturn instead, which stands in front only. */
#ifndef pg_attribute_noreturn
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(prefix) EmitWarningsOnPlaceholders(prefix)
#endif

/*
 * Refuse the text of a type's input function, whose fcinfo->context is "context".
 * From 16 on the caller may want an answer instead of an error (as
 * pg_input_is_valid() does), and control comes back; before, it never does.
 */
#if PG_VERSION_NUM >= 160000
#define w4_input_error(context, ...) errsave((context), __VA_ARGS__)
#else
#define w4_input_error(context, ...) \
	do { (void) (context); ereport(ERROR, __VA_ARGS__); } while (0)
#endif

/* Prepare a set-returning function that fills a tuplestore. */
#if PG_VERSION_NUM >= 160000
#define w4_init_materialized(fcinfo) InitMaterializedSRF((fcinfo), 0)
#elif PG_VERSION_NUM >= 150000
#define w4_init_materialized(fcinfo) SetSingleFuncCall((fcinfo), 0)
#else
static inline void
w4_init_materialized(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext old;

	if (rsinfo == NULL || !IsA(rsinfo, ReturnSetInfo) || (rsinfo->allowedModes & SFRM_Materialize) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));
	old = MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	if (get_call_result_type(fcinfo, NULL, &rsinfo->setDesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	rsinfo->setDesc = BlessTupleDesc(rsinfo->setDesc);
	rsinfo->setResult = tuplestore_begin_heap((rsinfo->allowedModes & SFRM_Materialize_Random) != 0, false, work_mem);
	rsinfo->returnMode = SFRM_Materialize;
	MemoryContextSwitchTo(old);
}
#endif

/* A range table of one relation for code that writes without a plan; evaluates rte twice. */
#if PG_VERSION_NUM >= 180000
#define w4_init_range_table(estate, rte) \
	do { List *perms_ = NIL; addRTEPermissionInfo(&perms_, (rte)); \
		ExecInitRangeTable((estate), list_make1(rte), perms_, bms_make_singleton(1)); } while (0)
#elif PG_VERSION_NUM >= 160000
#define w4_init_range_table(estate, rte) \
	do { List *perms_ = NIL; addRTEPermissionInfo(&perms_, (rte)); \
		ExecInitRangeTable((estate), list_make1(rte), perms_); } while (0)
#else
#define w4_init_range_table(estate, rte) ExecInitRangeTable((estate), list_make1(rte))
#endif

#if PG_VERSION_NUM >= 160000
#define w4_init_recheck(epqstate, estate) EvalPlanQualInit((epqstate), (estate), NULL, NIL, -1, NIL)
#define w4_insert_index_tuples(target, slot, estate, conflict, arbiters) \
	ExecInsertIndexTuples((target), (slot), (estate), false, true, (conflict), (arbiters), false)
#define w4_update_index_tuples(target, slot, estate, which) \
	((which) == TU_None ? NIL : \
	 ExecInsertIndexTuples((target), (slot), (estate), true, false, NULL, NIL, (which) == TU_Summarizing))
typedef TU_UpdateIndexes W4UpdateIndexes;
#else
#define w4_init_recheck(epqstate, estate) EvalPlanQualInit((epqstate), (estate), NULL, NIL, -1)
#define w4_insert_index_tuples(target, slot, estate, conflict, arbiters) \
	ExecInsertIndexTuples((target), (slot), (estate), false, true, (conflict), (arbiters))
#define w4_update_index_tuples(target, slot, estate, which) \
	((which) ? ExecInsertIndexTuples((target), (slot), (estate), true, false, NULL, NIL) : NIL)
typedef bool W4UpdateIndexes;
#endif

#if PG_VERSION_NUM >= 180000
#define w4_key_is_free(target, slot, estate, conflict, arbiters) \
	ExecCheckIndexConstraints((target), (slot), (estate), (conflict), &(slot)->tts_tid, (arbiters))
#else
#define w4_key_is_free(target, slot, estate, conflict, arbiters) \
	ExecCheckIndexConstraints((target), (slot), (estate), (conflict), (arbiters))
#endif

#if PG_VERSION_NUM >= 180000
#define W4_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "web4", .version = W4_VERSION)
#else
#define W4_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/*
 * A library may be loaded for a function of a parallel query; without this flag
 * (of all minor releases since August 2024) its settings would stay empty then.
 */
#ifndef GUC_ALLOW_IN_PARALLEL
#define GUC_ALLOW_IN_PARALLEL 0
#endif

#endif							/* W4_COMPAT_H */
