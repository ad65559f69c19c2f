/*-------------------------------------------------------------------------
 *
 * current.c
 *		Which law is in force, compiled once per backend and society.
 *
 * Versions are append-only and numbered, so what is cached stays true; one
 * index probe for the next number tells whether it is still the newest.
 *
 *-------------------------------------------------------------------------
 */
#include "law/law.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "host/names.h"
#include "host/scan.h"
#include "host/value.h"
#include "law/default_law.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

/* Columns of web4.law. */
enum
{
	Anum_law_society = 1,
	Anum_law_seq,
	Anum_law_version,
	Anum_law_law_hash,
	Anum_law_previous_hash,
	Anum_law_law
};

typedef struct CachedLaw
{
	uint8_t		society[32];
	int			seq;			/* 0: the built-in law */
	W4Law	   *law;
} CachedLaw;

#define MAX_CACHED_SOCIETIES 256

static MemoryContext cache_context = NULL;
static HTAB *cache = NULL;
static uint64 cache_epoch = 0;
static bool own_publication = false;	/* this transaction published, so the cache may be ahead */

static W4Index law_pkey = W4_INDEX("law", "law_pkey");

static void
reset_cache(void)
{
	HASHCTL		ctl = {.keysize = 32, .entrysize = sizeof(CachedLaw)};

	if (cache_context != NULL)
		MemoryContextDelete(cache_context);
	cache_context = AllocSetContextCreate(TopMemoryContext, "web4 law", ALLOCSET_DEFAULT_SIZES);
	ctl.hcxt = cache_context;
	cache = hash_create("web4 law", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	cache_epoch = w4_epoch();
}

static void
forget_at_end(XactEvent event, void *arg)
{
	if (!own_publication)
		return;
	own_publication = false;
	cache_epoch = 0;			/* rebuilt on next use */
}

/* A subtransaction that published may be gone: so is what was read from it. */
static void
forget_at_rollback(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (own_publication && event == SUBXACT_EVENT_ABORT_SUB)
		cache_epoch = 0;
}

void
w4_law_forget(void)
{
	static bool registered = false;

	if (!registered)
	{
		RegisterXactCallback(forget_at_end, NULL);
		RegisterSubXactCallback(forget_at_rollback, NULL);
		registered = true;
	}
	own_publication = true;
	cache_epoch = 0;
}

/* Compile into the cache's memory; a failure leaves the cache as it was. */
static W4Law *
compile(const char *text, size_t len)
{
	MemoryContext old = MemoryContextSwitchTo(cache_context);
	W4Law	   *law = w4_law_compile(text, len);

	MemoryContextSwitchTo(old);
	return law;
}

/* Load version "seq" if it exists. */
static bool
load(CachedLaw *entry, int seq)
{
	W4Scan		scan;
	Datum		keys[2] = {W4LctGetDatum(entry->society), Int32GetDatum(seq)};
	bool		found = w4_scan_open(&scan, &law_pkey, 2, keys);

	if (found)
	{
		bool		isnull;
		struct varlena *text = PG_DETOAST_DATUM(w4_scan_attr(&scan, Anum_law_law, &isnull));

		entry->law = compile(VARDATA(text), VARSIZE(text) - VARHDRSZ);
		entry->seq = seq;
	}
	w4_scan_close(&scan);
	return found;
}

const W4Law *
w4_law_current(const uint8_t society[32])
{
	CachedLaw  *entry;
	bool		found;

	if (cache == NULL || cache_epoch != w4_epoch() || hash_get_num_entries(cache) > MAX_CACHED_SOCIETIES)
		reset_cache();
	entry = hash_search(cache, society, HASH_FIND, NULL);
	if (entry == NULL)
	{
		W4Law	   *builtin = compile(W4_DEFAULT_LAW, sizeof(W4_DEFAULT_LAW) - 1);

		entry = hash_search(cache, society, HASH_ENTER, &found);
		entry->seq = 0;
		entry->law = builtin;
	}
	while (load(entry, entry->seq + 1))
		CHECK_FOR_INTERRUPTS();
	return entry->law;
}

int
w4_law_newest(const uint8_t society[32], uint8_t hash[32], char **version)
{
	W4Scan		scan;
	Datum		key = W4LctGetDatum(society);
	int			newest = 0;

	for (bool more = w4_scan_open(&scan, &law_pkey, 1, &key); more; more = w4_scan_next(&scan))
	{
		bool		isnull;
		int			seq = DatumGetInt32(w4_scan_attr(&scan, Anum_law_seq, &isnull));

		if (seq < newest)
			continue;
		newest = seq;
		memcpy(hash, w4_fixed_bytea(w4_scan_attr(&scan, Anum_law_law_hash, &isnull), 32, "law hash"), 32);
		*version = TextDatumGetCString(w4_scan_attr(&scan, Anum_law_version, &isnull));
	}
	w4_scan_close(&scan);
	return newest;
}
