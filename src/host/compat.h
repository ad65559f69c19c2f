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
#include "varatt.h"
#endif

#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(prefix) EmitWarningsOnPlaceholders(prefix)
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
