/*-------------------------------------------------------------------------
 *
 * insert.h
 *		Inserting one row into a table of ours without a plan.
 *
 * For the rows that every decision writes.  The executor's own entry for
 * single rows is used, so triggers, constraints and indexes are treated as in
 * an INSERT; what is saved is starting and ending a statement.  A duplicate
 * key is an error: where a conflict is expected, use a plan (plan.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_INSERT_H
#define W4_INSERT_H

#include "postgres.h"

typedef struct W4Table
{
	const char *name;			/* in schema web4 */
	/* filled on first use */
	uint64		epoch;
	Oid			relid;
} W4Table;

#define W4_TABLE(name_) {.name = (name_)}

/* One value and null flag per column, in column order; there are no defaults. */
extern void w4_insert(W4Table *table, const Datum *values, const bool *nulls);

/* A sequence of schema web4: ids that are unique, not an order. */
typedef struct W4Sequence
{
	const char *name;
	/* filled on first use */
	uint64		epoch;
	Oid			relid;
} W4Sequence;

#define W4_SEQUENCE(name_) {.name = (name_)}

extern int64 w4_next_id(W4Sequence *sequence);

#endif							/* W4_INSERT_H */
