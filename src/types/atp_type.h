/*-------------------------------------------------------------------------
 *
 * atp_type.h
 *		The SQL type atp for C callers: micro-ATP in an int8, by value.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_ATP_TYPE_H
#define W4_ATP_TYPE_H

#include "web4.h"

#include "core/decimal.h"

#define DatumGetAtp(d) DatumGetInt64(d)
#define AtpGetDatum(x) Int64GetDatum(x)
#define PG_GETARG_ATP(n) PG_GETARG_INT64(n)
#define PG_RETURN_ATP(x) PG_RETURN_INT64(x)

/* The canonical text as a palloc'd string. */
extern char *w4_atp_cstring(int64 micro);

#endif							/* W4_ATP_TYPE_H */
