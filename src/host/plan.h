/*-------------------------------------------------------------------------
 *
 * plan.h
 *		SQL statements of the rooms: prepared once per backend, armed writes.
 *
 * A function that uses these calls SPI_connect() before and SPI_finish()
 * after; functions that are called by other rooms assume a connected SPI.
 *
 * In the SQL text "@x@" stands for the extension's schema, which holds our
 * operators: WHERE id OPERATOR(@x@.=) $1.  Everything else must be qualified
 * too, for search_path is pinned to pg_catalog.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_PLAN_H
#define W4_PLAN_H

#include "postgres.h"

#include "executor/spi.h"

#define W4_PLAN_MAX_ARGS 24

typedef struct W4Plan
{
	const char *sql;
	const char *types;			/* "lct,text,int8": parameter types by name */
	/* filled on first use */
	SPIPlanPtr	plan;
	uint64		epoch;
	int			nargs;
} W4Plan;

#define W4_PLAN(sql_, types_) {.sql = (sql_), .types = (types_)}

/*
 * Read: sees what this transaction wrote, never changes anything.  nulls as
 * for SPI ('n' per NULL) or NULL; limit 0 = all rows.  Returns the row count;
 * rows are in SPI_tuptable.
 */
extern uint64 w4_read(W4Plan *plan, const Datum *values, const char *nulls, long limit);

/*
 * Write, past the guard that keeps everybody else from writing our tables
 * directly.  Returns the number of rows affected; RETURNING rows are in
 * SPI_tuptable.
 */
extern uint64 w4_write(W4Plan *plan, const Datum *values, const char *nulls);

/* Column "col" (1-based) of row "row" (0-based) of the last result. */
extern Datum w4_value(uint64 row, int col, bool *isnull);

/*
 * Is a web4 function writing right now?  Armed by w4_write() and w4_insert(),
 * asked by the guard trigger; disarm in PG_FINALLY.
 */
extern bool w4_write_armed(void);
extern void w4_arm_writes(void);
extern void w4_disarm_writes(void);

#endif							/* W4_PLAN_H */
