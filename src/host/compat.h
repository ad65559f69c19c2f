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
#include "parser/parse_relation.h"
#include "varatt.h"
#endif

#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(prefix) EmitWarningsOnPlaceholders(prefix)
#endif

/* A range table of one relation for code that inserts without a plan. */
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

#if PG_VERSION_NUM >= 180000
#define W4_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "web4", .version = "1.0")
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
