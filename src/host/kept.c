/*-------------------------------------------------------------------------
 *
 * kept.c
 *		Rows that a backend keeps from its lookups.
 *
 * An index has an array of slots, in pairs; a key has one pair, where the two
 * newest of its keys are.  Nothing is searched or counted, and a change of the
 * table makes all of its entries too old at once.
 *
 *-------------------------------------------------------------------------
 */
#include "host/kept.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "common/hashfn.h"
#include "host/guard.h"
#include "utils/inval.h"
#include "utils/memutils.h"

typedef struct W4KeptRow
{
	uint64		since;			/* changes that its snapshot knew of */
	HeapTuple	row;			/* NULL: there is none */
	W4KeptKey	key;			/* allocated as long as it is */
} W4KeptRow;

static MemoryContext context = NULL;
static W4Index *indexes = NULL; /* all that keep rows */
static uint64 changes = 1;		/* of tables whose rows are kept */

/* --- forgetting --- */

static void
table_changed(Datum arg, Oid relid)
{
	changes++;
	for (W4Index *index = indexes; index != NULL; index = index->next_kept)
	{
		if (relid == InvalidOid || relid == index->relid)
		{
			index->kept_since = changes;
			index->keep_known = false;
		}
	}
}

uint64
w4_kept_catch_up(void)
{
	AcceptInvalidationMessages();
	return changes;
}

/* --- which indexes keep rows --- */

static void
enlist(W4Index *index)
{
	if (index->kept != NULL)
		return;
	if (context == NULL)
	{
		context = AllocSetContextCreate(TopMemoryContext, "web4 kept rows", ALLOCSET_DEFAULT_SIZES);
		CacheRegisterRelcacheCallback(table_changed, (Datum) 0);
	}
	index->kept = MemoryContextAllocZero(context, sizeof(W4KeptRow *) * W4_KEPT_SLOTS);
	index->next_kept = indexes;
	indexes = index;
}

/* Lookups in progress may use the old one, so it is left alone; only ALTER TABLE makes a difference. */
static void
keep_desc(W4Index *index, TupleDesc desc)
{
	MemoryContext old = MemoryContextSwitchTo(context);

	if (index->desc == NULL || !equalTupleDescs(index->desc, desc))
		index->desc = CreateTupleDescCopy(desc);
	MemoryContextSwitchTo(old);
}

static void
look_at_table(W4Index *index)
{
	Relation	rel;

	enlist(index);
	index->keep = W4_KEEP_NOTHING;
	index->kept_since = ++changes;
	index->keep_known = true;	/* first, for the table may change while we look */
	rel = table_open(index->relid, AccessShareLock);
	index->keep = w4_guard_keeps(rel->trigdesc, index->index);
	keep_desc(index, RelationGetDescr(rel));
	table_close(rel, AccessShareLock);
	rel = index_open(index->indexid, AccessShareLock);
	if (!rel->rd_index->indisunique)
		index->keep &= W4_KEEP_ABSENCE;
	for (int i = 0; i < index->nkeys; i++)
		index->typlen[i] = TupleDescAttr(RelationGetDescr(rel), i)->attlen;
	index_close(rel, AccessShareLock);
}

/* --- keys --- */

static bool
add_part(W4KeptKey *key, const void *bytes, size_t len)
{
	if (len > W4_KEPT_KEY_MAX - key->len)
		return false;
	memcpy(key->bytes + key->len, bytes, len);
	key->len += len;
	return true;
}

static bool
add_varlena(W4KeptKey *key, const struct varlena *value)
{
	uint16		len;

	if (VARATT_IS_EXTENDED(value) && !VARATT_IS_SHORT(value))
		return false;
	len = (uint16) Min(VARSIZE_ANY_EXHDR(value), PG_UINT16_MAX);
	return add_part(key, &len, sizeof(len)) && add_part(key, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

W4Keep
w4_kept_key(W4KeptKey *key, W4Index *index, const Datum *keys)
{
	if (!index->keep_known)
		look_at_table(index);
	if (index->keep == W4_KEEP_NOTHING)
		return W4_KEEP_NOTHING;
	key->len = 0;
	for (int i = 0; i < index->nkeys; i++)
	{
		bool		fits;

		if (index->typlen[i] == -1)
			fits = add_varlena(key, (const struct varlena *) DatumGetPointer(keys[i]));
		else if (index->typlen[i] > (int16) sizeof(Datum))
			fits = add_part(key, DatumGetPointer(keys[i]), index->typlen[i]);
		else
			fits = add_part(key, &keys[i], sizeof(Datum));
		if (!fits)
			return W4_KEEP_NOTHING;
	}
	key->hash = hash_bytes(key->bytes, key->len);
	return index->keep;
}

static bool
same_key(const W4KeptKey *a, const W4KeptKey *b)
{
	return a->hash == b->hash && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* --- rows --- */

static W4KeptRow **
first_of_pair(const W4Index *index, const W4KeptKey *key)
{
	return &index->kept[2 * (key->hash % (W4_KEPT_SLOTS / 2))];
}

bool
w4_kept_find(const W4Index *index, const W4KeptKey *key, HeapTuple *row)
{
	W4KeptRow **pair = first_of_pair(index, key);

	for (int i = 0; i < 2; i++)
	{
		const W4KeptRow *kept = pair[i];

		if (kept != NULL && kept->since >= index->kept_since && same_key(&kept->key, key))
		{
			*row = kept->row == NULL ? NULL : heap_copytuple(kept->row);
			return true;
		}
	}
	return false;
}

/*
 * What this transaction wrote may yet be rolled back, and inserting does not
 * tell, so that is not kept.
 */
static bool
worth_keeping(HeapTuple row)
{
	return row->t_len <= W4_KEPT_ROW_MAX && !HeapTupleHasExternal(row) &&
		!TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(row->t_data));
}

static void
drop(W4KeptRow *kept)
{
	if (kept == NULL)
		return;
	if (kept->row != NULL)
		heap_freetuple(kept->row);
	pfree(kept);
}

static W4KeptRow *
make_kept(const W4KeptKey *key, HeapTuple row, uint64 since)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	W4KeptRow  *kept = palloc(offsetof(W4KeptRow, key.bytes) + key->len);

	kept->since = since;
	memcpy(&kept->key, key, offsetof(W4KeptKey, bytes) + key->len);
	kept->row = row == NULL ? NULL : heap_copytuple(row);
	MemoryContextSwitchTo(old);
	return kept;
}

void
w4_kept_add(W4Index *index, const W4KeptKey *key, HeapTuple row, uint64 since)
{
	W4KeptRow **pair = first_of_pair(index, key);
	W4KeptRow  *kept;

	if (since < index->kept_since || !(index->keep & (row == NULL ? W4_KEEP_ABSENCE : W4_KEEP_ROWS)) ||
		(row != NULL && !worth_keeping(row)))
		return;
	kept = make_kept(key, row, since);
	drop(pair[1]);
	pair[1] = pair[0];
	pair[0] = kept;
}
