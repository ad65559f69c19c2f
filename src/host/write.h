/*-------------------------------------------------------------------------
 *
 * write.h
 *		Writing single rows of our own tables without a plan.
 *
 * For the rows that every decision and every transfer writes.  The executor's
 * own entries for single rows do the work, so constraints, indexes, triggers,
 * row locks and isolation levels are treated as in a statement; what is saved
 * is starting and ending one, and building what it needs: that is kept for the
 * backend's life, until the table is altered.
 *
 * A row's values are given in column order; there are no defaults.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_WRITE_H
#define W4_WRITE_H

#include "postgres.h"

#include "host/scan.h"
#include "nodes/lockoptions.h"

struct W4Target;

typedef struct W4Table
{
	const char *name;			/* in schema web4 */
	int			natts;
	/* filled on first use */
	uint64		epoch;
	Oid			relid;
	struct W4Target *target;	/* kept from an earlier write, or NULL */
	bool		stale;			/* the table or a function was altered since */
	bool		listed;
	struct W4Table *next;		/* of all tables that were written to */
} W4Table;

#define W4_TABLE(name_, natts_) {.name = (name_), .natts = (natts_)}

/* A duplicate key is an error, as in an INSERT. */
extern void w4_insert(W4Table *table, const Datum *values, const bool *nulls);

/*
 * INSERT ... ON CONFLICT DO NOTHING; "arbiter" is the unique index that may
 * conflict, and as there another transaction's unfinished row is waited for.
 * False: the key is taken.
 */
extern bool w4_insert_new(W4Table *table, W4Index *arbiter, const Datum *values, const bool *nulls);

/*
 * What to do with a locked row: change the values in place and return true, or
 * return false to leave the row as it is.
 */
typedef bool (*W4Change) (void *arg, Datum *values, bool *nulls);

/*
 * UPDATE of the row with this unique key: locks its newest version and shows
 * it to "change".  Under REPEATABLE READ and above a row that was changed since
 * the snapshot is a serialization failure.  False: no such row, or unchanged.
 */
extern bool w4_update(W4Table *table, W4Index *index, int nkeys, const Datum *keys, W4Change change, void *arg);

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

#endif							/* W4_WRITE_H */
