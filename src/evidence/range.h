/*-------------------------------------------------------------------------
 *
 * range.h
 *		All rows of a society in one of our tables, in the order of an index.
 *
 * Streams under one snapshot, whatever the planner would think of it: sealing
 * and verification read millions of rows and must neither sort nor keep them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_RANGE_H
#define W4_RANGE_H

#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "utils/rel.h"

typedef struct W4Range
{
	Relation	table;
	Relation	index;
	SysScanDesc scan;
	TupleDesc	desc;
	HeapTuple	tuple;			/* the current row, valid until the next one */
} W4Range;

/*
 * The index must begin with the society.  min_xid, when not zero, bounds its
 * second column, an xid8, from below.  Uses the active snapshot, which must
 * stay until w4_range_close().
 */
extern void w4_range_open(W4Range *range, const char *table, const char *index,
						  const uint8_t *society, uint64 min_xid);
extern bool w4_range_next(W4Range *range);
extern void w4_range_close(W4Range *range);

static inline Datum
w4_range_attr(W4Range *range, AttrNumber attno, bool *isnull)
{
	return heap_getattr(range->tuple, attno, range->desc, isnull);
}

#endif							/* W4_RANGE_H */
