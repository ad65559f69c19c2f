/*-------------------------------------------------------------------------
 *
 * scan.h
 *		Equality lookups in our own tables, straight through an index.
 *
 * A saved SPI plan costs about 1.7 us a lookup, this 0.7; a decision does half
 * a dozen.  Reads go by the active snapshot, which the caller pushed; writes
 * always go through the executor (plan.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_SCAN_H
#define W4_SCAN_H

#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "utils/rel.h"

#define W4_SCAN_MAX_KEYS 4

/* What may be kept of the answers to lookups by a whole key (kept.h). */
typedef enum W4Keep
{
	W4_KEEP_NOTHING = 0,
	W4_KEEP_ROWS = 1,
	W4_KEEP_ABSENCE = 2,		/* that there is no such row */
	W4_KEEP_ALL = W4_KEEP_ROWS | W4_KEEP_ABSENCE
} W4Keep;

typedef struct W4Index
{
	const char *table;			/* in schema web4 */
	const char *index;
	/* filled on first use */
	uint64		epoch;
	Oid			relid;
	Oid			indexid;
	int			nkeys;
	AttrNumber	attno[W4_SCAN_MAX_KEYS];
	FmgrInfo	equal[W4_SCAN_MAX_KEYS];
	FmgrInfo	greater[W4_SCAN_MAX_KEYS];
	Oid			collation[W4_SCAN_MAX_KEYS];
	/* what is kept of its answers */
	W4Keep		keep;
	bool		keep_known;		/* false: the table may have been altered */
	int16		typlen[W4_SCAN_MAX_KEYS];
	TupleDesc	desc;			/* of the table's rows */
	uint64		kept_since;		/* what was kept before is outdated */
	struct W4KeptRow **kept;
	struct W4Index *next_kept;
} W4Index;

#define W4_INDEX(table_, index_) {.table = (table_), .index = (index_)}

typedef struct W4Scan
{
	Relation	rel;			/* NULL: the answer was kept (kept.h) */
	bool		borrowed;		/* table and index are the caller's, open already */
	SysScanDesc scan;
	HeapTuple	kept;			/* then, a copy of the row or NULL */
	TupleDesc	desc;
	HeapTuple	tuple;			/* the current match, or NULL */
} W4Scan;

/* Open and step to the first match of the leading nkeys columns; false: none. */
extern bool w4_scan_open(W4Scan *scan, W4Index *index, int nkeys, const Datum *keys);

/*
 * The same where the caller has opened table and index; never a kept answer.
 * Opening and locking them again would cost as much as the lookup.
 */
extern bool w4_scan_open_in(W4Scan *scan, Relation rel, Relation indexrel, W4Index *index, int nkeys, const Datum *keys);

/* As w4_scan_open, and the column behind them must be greater than "after". */
extern bool w4_scan_open_after(W4Scan *scan, W4Index *index, int nkeys, const Datum *keys, Datum after);
extern bool w4_scan_next(W4Scan *scan);
extern void w4_scan_close(W4Scan *scan);

/* Is there a match at all? */
extern bool w4_scan_exists(W4Index *index, int nkeys, const Datum *keys);

extern Oid	w4_index_oid(W4Index *index);

static inline Datum
w4_scan_attr(W4Scan *scan, AttrNumber attno, bool *isnull)
{
	return heap_getattr(scan->tuple, attno, scan->desc, isnull);
}

/*
 * A decision reads the newest committed state, whatever isolation level the
 * caller chose: push the latest snapshot around it.  (Under REPEATABLE READ a
 * revocation must be seen, not hidden by an old snapshot.)
 */
extern void w4_push_latest_snapshot(void);
extern void w4_pop_snapshot(void);

#endif							/* W4_SCAN_H */
