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

#endif							/* W4_COMPAT_H */
