/*-------------------------------------------------------------------------
 *
 * verify.c
 *		web4_evidence_verify(): recompute the log and name what was changed.
 *
 * Everything is read under one snapshot, in the order of indexes, row by row,
 * so that it needs the same memory for a thousand leaves and for a billion:
 *
 *	- along tree_leaf: no gap, every leaf is in the log, every stored node and
 *	  the root and text and signature of every head are what the leaves give;
 *	- along tree_node: nothing that the tree does not have;
 *	- along evidence: every row agrees with its body, and nothing that should be
 *	  in the tree is missing there.
 *
 * What it cannot see: the newest leaves cut off together with their heads.
 * Whoever holds a newer head can.
 *
 *-------------------------------------------------------------------------
 */
#include "evidence/evidence.h"

#include "access/transam.h"
#include "evidence/head.h"
#include "evidence/leaf.h"
#include "evidence/range.h"
#include "evidence/tree.h"
#include "funcapi.h"
#include "host/clock.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "miscadmin.h"
#include "types/lct_type.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"
#include "utils/xid8.h"

PG_FUNCTION_INFO_V1(web4_evidence_verify);

static W4Index seal_pkey = W4_INDEX("seal", "seal_pkey");
static W4Index tree_node_pkey = W4_INDEX("tree_node", "tree_node_pkey");
static W4Index tree_leaf_id = W4_INDEX("tree_leaf", "tree_leaf_id");
static W4Index evidence_leaf = W4_INDEX("evidence", "evidence_leaf");

enum
{
	Anum_evidence_id = 1,
	Anum_evidence_xid,
	Anum_evidence_society,
	Anum_evidence_kind,
	Anum_evidence_actor,
	Anum_evidence_nonce,
	Anum_evidence_at,
	Anum_evidence_body,
	Anum_evidence_document,
	Anum_evidence_signature,
	Anum_evidence_leaf_hash
};

enum
{
	Anum_tree_leaf_society = 1,
	Anum_tree_leaf_index,
	Anum_tree_leaf_id,
	Anum_tree_leaf_leaf_hash
};

enum
{
	Anum_tree_node_society = 1,
	Anum_tree_node_level,
	Anum_tree_node_index,
	Anum_tree_node_hash
};

enum
{
	Anum_tree_head_society = 1,
	Anum_tree_head_size,
	Anum_tree_head_root,
	Anum_tree_head_at,
	Anum_tree_head_head,
	Anum_tree_head_public_key,
	Anum_tree_head_signature
};

enum
{
	Anum_seal_society = 1,
	Anum_seal_horizon,
	Anum_seal_system_identifier,
	Anum_seal_size,
	Anum_seal_frontier
};

#define NONE (-1)				/* no id, no index */

typedef struct Verifier
{
	Tuplestorestate *result;
	TupleDesc	result_desc;
	MemoryContext memory;		/* of the scans */
	MemoryContext row_memory;	/* reset for every row read */
	uint8_t		society[32];
	W4MerkleFrontier tree;		/* of the leaves so far */
	bool		broken;			/* a leaf or root was wrong: all later roots are, too */
	/* the seal row */
	bool		has_seal;
	uint64		horizon;
	bool		same_cluster;
	/* the heads, along with the leaves */
	W4Range		heads;
	bool		has_head;
	bool		has_previous;
	uint8_t		previous_root[32];
	uint8_t		good_key[32];	/* the last key found to be the society's */
	bool		has_good_key;
} Verifier;

static void problem(Verifier *v, const char *what, int64 id, int64 index, const char *fmt,...) pg_attribute_printf(5, 6);

static void
problem(Verifier *v, const char *what, int64 id, int64 index, const char *fmt,...)
{
	char		detail[512];
	va_list		args;
	Datum		values[5];
	bool		nulls[5] = {false, false, id == NONE, index == NONE, false};

	va_start(args, fmt);
	vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	values[0] = W4LctGetDatum(v->society);
	values[1] = CStringGetTextDatum(what);
	values[2] = Int64GetDatum(id);
	values[3] = Int64GetDatum(index);
	values[4] = CStringGetTextDatum(detail);
	tuplestore_putvalues(v->result, v->result_desc, values, nulls);
}

/* A column's bytes, detoasted; data NULL when it is NULL. */
static W4Slice
bytes_of(Datum value, bool isnull)
{
	return isnull ? w4_slice(NULL, 0) : w4_varlena_slice(PG_DETOAST_DATUM_PACKED(value));
}

static W4Slice
range_bytes(W4Range *range, AttrNumber attno)
{
	bool		isnull;
	Datum		value = w4_range_attr(range, attno, &isnull);

	return bytes_of(value, isnull);
}

static int64
range_int64(W4Range *range, AttrNumber attno)
{
	bool		isnull;

	return DatumGetInt64(w4_range_attr(range, attno, &isnull));
}

static bool
is_hash(W4Slice bytes, const uint8_t hash[32])
{
	return w4_slice_eq(bytes, w4_slice(hash, 32));
}

/* --- heads --- */

static void
check_head_columns(Verifier *v, int64 size, const W4Head *head)
{
	W4Slice		root = range_bytes(&v->heads, Anum_tree_head_root);
	int64		at = w4_unix_from_timestamptz(range_int64(&v->heads, Anum_tree_head_at));

	if (head->size != (uint64) size || head->at != at || !is_hash(root, head->root) ||
		memcmp(head->society, v->society, 32) != 0)
		problem(v, "head_text", NONE, size, "a column of the head differs from its text");
}

static void
check_head_signature(Verifier *v, int64 size, W4Slice text)
{
	W4Slice		key = range_bytes(&v->heads, Anum_tree_head_public_key);
	W4Slice		signature = range_bytes(&v->heads, Anum_tree_head_signature);

	if (key.data == NULL && signature.data == NULL)
		return;
	if (key.data == NULL || signature.data == NULL || !w4_head_signature_ok(text, signature, key))
	{
		problem(v, "head_signature", NONE, size, "the head's signature does not verify");
		return;
	}
	if (v->has_good_key && is_hash(key, v->good_key))
		return;
	if (!w4_head_key_ok(v->society, key, false))
	{
		problem(v, "head_key", NONE, size, "the head is signed by a key that is not the society's");
		return;
	}
	memcpy(v->good_key, key.data, 32);
	v->has_good_key = true;
}

static void
check_head_root(Verifier *v, int64 size, const W4Head *head)
{
	uint8_t		root[32];

	if (head->has_previous != v->has_previous ||
		(head->has_previous && memcmp(head->previous_root, v->previous_root, 32) != 0))
		problem(v, "head_previous", NONE, size, "the head does not follow the one before it; one was removed or changed");
	memcpy(v->previous_root, head->root, 32);
	v->has_previous = true;
	if (v->broken)
		return;
	w4_merkle_frontier_root(root, &v->tree);
	v->broken = memcmp(root, head->root, 32) != 0;
	if (v->broken)
		problem(v, "head_root", NONE, size, "the leaves give another root; later heads of this society are not compared");
}

static void
next_head(Verifier *v)
{
	MemoryContext old = MemoryContextSwitchTo(v->memory);

	v->has_head = w4_range_next(&v->heads);
	MemoryContextSwitchTo(old);
}

static void
check_head(Verifier *v, int64 size)
{
	W4Slice		text = range_bytes(&v->heads, Anum_tree_head_head);
	W4Head		head;

	if (!w4_head_parse(&head, text))
	{
		problem(v, "head_text", NONE, size, "the head's text is not that of a tree head");
		return;
	}
	check_head_columns(v, size, &head);
	check_head_signature(v, size, text);
	check_head_root(v, size, &head);
}

/* The head of the size that the tree has now, or of one within a gap. */
static void
check_heads_here(Verifier *v)
{
	for (; v->has_head; next_head(v))
	{
		int64		size = range_int64(&v->heads, Anum_tree_head_size);

		if (size > (int64) v->tree.size)
			return;
		check_head(v, size);
	}
}

static void
check_heads_beyond(Verifier *v)
{
	for (; v->has_head; next_head(v))
		problem(v, "head_beyond", NONE, range_int64(&v->heads, Anum_tree_head_size),
				"the head covers more leaves than there are (%llu); leaves were removed", (unsigned long long) v->tree.size);
}

/* --- leaves and nodes --- */

static void
check_node(void *arg, int level, uint64_t index, const uint8_t hash[32])
{
	Verifier   *v = arg;
	Datum		keys[3] = {W4LctGetDatum(v->society), Int16GetDatum(level), Int64GetDatum((int64) index)};
	W4Scan		scan;
	bool		isnull;
	Datum		stored;

	if (level < W4_TREE_NODE_LEVEL)
		return;
	if (!w4_scan_open(&scan, &tree_node_pkey, 3, keys))
		problem(v, "node_missing", NONE, (int64) index, "node %llu of level %d is missing", (unsigned long long) index, level);
	else
	{
		stored = w4_scan_attr(&scan, Anum_tree_node_hash, &isnull);
		if (!is_hash(bytes_of(stored, isnull), hash))
			problem(v, "node_changed", NONE, (int64) index, "node %llu of level %d is not the hash of its leaves", (unsigned long long) index, level);
	}
	w4_scan_close(&scan);
}

static void
check_leaf_in_log(Verifier *v, int64 index, int64 id, W4Slice hash)
{
	W4Scan		scan;
	bool		isnull;
	Datum		key = Int64GetDatum(id);
	bool		found = w4_scan_open(&scan, &evidence_leaf, 1, &key);

	if (!found || !w4_slice_eq(hash, bytes_of(w4_scan_attr(&scan, Anum_evidence_leaf_hash, &isnull), false)))
		problem(v, "leaf_missing", found ? id : NONE, index, "the log has no row with the hash of this leaf; it was removed or changed, or the leaf was");
	else if (memcmp(DatumGetW4Lct(w4_scan_attr(&scan, Anum_evidence_society, &isnull)), v->society, 32) != 0)
		problem(v, "leaf_society", DatumGetInt64(w4_scan_attr(&scan, Anum_evidence_id, &isnull)), index,
				"the row of this leaf says another society");
	w4_scan_close(&scan);
}

static void
check_leaf(Verifier *v, int64 *expected, int64 index, int64 id, Datum leaf_hash)
{
	W4Slice		hash = bytes_of(leaf_hash, false);

	if (index != *expected)
	{
		problem(v, "leaf_gap", NONE, *expected, "leaf %lld follows leaf %lld; the leaves in between were removed",
				(long long) index, (long long) *expected - 1);
		v->broken = true;
		*expected = index;
	}
	(*expected)++;
	check_leaf_in_log(v, index, id, hash);

	/* Behind a gap no position is known, so nothing above the leaves can be compared. */
	v->broken |= hash.len != 32;
	if (v->broken || !w4_merkle_frontier_append(&v->tree, hash.data, check_node, v))
		v->tree.size = (uint64) *expected;
	check_heads_here(v);
}

static void
check_leaves(Verifier *v)
{
	W4Range		leaves;
	int64		expected = 0;

	w4_range_open(&v->heads, "tree_head", "tree_head_pkey", v->society, 0);
	next_head(v);
	w4_range_open(&leaves, "tree_leaf", "tree_leaf_pkey", v->society, 0);
	while (w4_range_next(&leaves))
	{
		MemoryContext old;
		bool		isnull;

		CHECK_FOR_INTERRUPTS();
		old = MemoryContextSwitchTo(v->row_memory);
		check_leaf(v, &expected, range_int64(&leaves, Anum_tree_leaf_index),
				   range_int64(&leaves, Anum_tree_leaf_id),
				   w4_range_attr(&leaves, Anum_tree_leaf_leaf_hash, &isnull));
		MemoryContextSwitchTo(old);
		MemoryContextReset(v->row_memory);
	}
	check_heads_beyond(v);
	w4_range_close(&leaves);
	w4_range_close(&v->heads);
}

static void
check_extra_nodes(Verifier *v)
{
	W4Range		nodes;

	w4_range_open(&nodes, "tree_node", "tree_node_pkey", v->society, 0);
	while (w4_range_next(&nodes))
	{
		bool		isnull;
		int			level = DatumGetInt16(w4_range_attr(&nodes, Anum_tree_node_level, &isnull));
		int64		index = range_int64(&nodes, Anum_tree_node_index);

		CHECK_FOR_INTERRUPTS();
		if (index < 0 || (uint64) index >= v->tree.size >> level)
			problem(v, "node_extra", NONE, index, "the tree has no node %lld of level %d", (long long) index, level);
	}
	w4_range_close(&nodes);
}

/* --- the seal row --- */

static void
read_seal(Verifier *v)
{
	Datum		key = W4LctGetDatum(v->society);
	W4Scan		scan;
	bool		isnull;

	v->has_seal = w4_scan_open(&scan, &seal_pkey, 1, &key);
	if (v->has_seal)
	{
		v->horizon = U64FromFullTransactionId(DatumGetFullTransactionId(w4_scan_attr(&scan, Anum_seal_horizon, &isnull)));
		v->same_cluster = DatumGetInt64(w4_scan_attr(&scan, Anum_seal_system_identifier, &isnull)) == w4_system_identifier() &&
			v->horizon <= U64FromFullTransactionId(ReadNextFullTransactionId());
	}
	w4_scan_close(&scan);
}

static void
check_seal(Verifier *v)
{
	Datum		key = W4LctGetDatum(v->society);
	W4Scan		scan;
	bool		isnull;

	if (w4_scan_open(&scan, &seal_pkey, 1, &key))
	{
		int64		size = DatumGetInt64(w4_scan_attr(&scan, Anum_seal_size, &isnull));
		Datum		frontier = w4_scan_attr(&scan, Anum_seal_frontier, &isnull);

		if (size != (int64) v->tree.size)
			problem(v, "seal_state", NONE, NONE, "the sealer counted %lld leaves, the tree has %llu",
					(long long) size, (unsigned long long) v->tree.size);
		else if (!v->broken &&
				 !w4_slice_eq(bytes_of(frontier, isnull), w4_slice(v->tree.peaks, 32 * (size_t) w4_merkle_peaks(v->tree.size))))
			problem(v, "seal_state", NONE, NONE, "the sealer's frontier is not that of the tree");
	}
	else if (v->tree.size > 0)
		problem(v, "seal_state", NONE, NONE, "the sealer's row is missing");
	w4_scan_close(&scan);
}

/* --- rows of the log --- */

static void
read_row(W4Leaf *leaf, W4Range *rows)
{
	bool		isnull;

	leaf->id = range_int64(rows, Anum_evidence_id);
	leaf->xid = (uint64) range_int64(rows, Anum_evidence_xid);
	leaf->society = DatumGetW4Lct(w4_range_attr(rows, Anum_evidence_society, &isnull));
	leaf->kind = range_bytes(rows, Anum_evidence_kind);
	leaf->actor = DatumGetW4Lct(w4_range_attr(rows, Anum_evidence_actor, &isnull));
	leaf->nonce = range_bytes(rows, Anum_evidence_nonce);
	leaf->at = range_int64(rows, Anum_evidence_at);
	leaf->document = range_bytes(rows, Anum_evidence_document);
	leaf->signature = range_bytes(rows, Anum_evidence_signature);
}

/* The leaf's index in the society's tree, or NONE. */
static int64
index_of(Verifier *v, int64 id, W4Slice hash)
{
	W4Scan		scan;
	bool		isnull;
	int64		index = NONE;
	Datum		key = Int64GetDatum(id);

	if (w4_scan_open(&scan, &tree_leaf_id, 1, &key) &&
		w4_slice_eq(hash, bytes_of(w4_scan_attr(&scan, Anum_tree_leaf_leaf_hash, &isnull), false)) &&
		memcmp(DatumGetW4Lct(w4_scan_attr(&scan, Anum_tree_leaf_society, &isnull)), v->society, 32) == 0)
		index = DatumGetInt64(w4_scan_attr(&scan, Anum_tree_leaf_index, &isnull));
	w4_scan_close(&scan);
	return index;
}

static void
check_row(Verifier *v, W4Range *rows)
{
	W4Leaf		leaf;
	bool		isnull;
	Datum		leaf_hash = w4_range_attr(rows, Anum_evidence_leaf_hash, &isnull);
	int64		index;
	const char *fault;

	read_row(&leaf, rows);
	fault = w4_leaf_fault(&leaf, range_bytes(rows, Anum_evidence_body), bytes_of(leaf_hash, isnull));
	index = index_of(v, leaf.id, bytes_of(leaf_hash, isnull));
	if (fault != NULL)
		problem(v, "row_changed", leaf.id, index, "the row disagrees with its bytes: %s", fault);
	if (index == NONE && v->has_seal && v->same_cluster && leaf.xid < v->horizon)
		problem(v, "row_unsealed", leaf.id, NONE, "the row should be in the tree, for its transaction %llu is below the horizon %llu; it was changed or added later",
				(unsigned long long) leaf.xid, (unsigned long long) v->horizon);
}

static void
check_rows(Verifier *v)
{
	W4Range		rows;

	w4_range_open(&rows, "evidence", "evidence_order", v->society, 0);
	while (w4_range_next(&rows))
	{
		MemoryContext old;

		CHECK_FOR_INTERRUPTS();
		old = MemoryContextSwitchTo(v->row_memory);
		check_row(v, &rows);
		MemoryContextSwitchTo(old);
		MemoryContextReset(v->row_memory);
	}
	w4_range_close(&rows);
}

/* --- all together --- */

static void
verify_society(Verifier *v, const uint8_t *society)
{
	memcpy(v->society, society, 32);
	v->tree.size = 0;
	v->broken = false;
	v->has_previous = false;
	v->has_good_key = false;
	read_seal(v);
	check_leaves(v);
	check_extra_nodes(v);
	check_seal(v);
	check_rows(v);
}

/* Whatever society any row names, so that no row is looked at by nobody. */
static uint8_t *
all_societies(uint64 *n)
{
	static W4Plan all = W4_PLAN("SELECT society FROM web4.evidence UNION SELECT society FROM web4.tree_leaf "
								"UNION SELECT society FROM web4.tree_node UNION SELECT society FROM web4.tree_head "
								"UNION SELECT society FROM web4.seal ORDER BY 1", "");
	uint8_t    *societies;

	*n = w4_read(&all, NULL, NULL, 0);
	societies = palloc_extended(Max(*n, 1) * 32, MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < *n; i++)
	{
		bool		isnull;

		memcpy(societies + i * 32, DatumGetW4Lct(w4_value(i, 1, &isnull)), 32);
	}
	SPI_freetuptable(SPI_tuptable);
	return societies;
}

Datum
web4_evidence_verify(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Verifier   *v = palloc0(sizeof(Verifier));

	w4_materialize(fcinfo);
	v->result = rsinfo->setResult;
	v->result_desc = rsinfo->setDesc;
	v->memory = CurrentMemoryContext;
	v->row_memory = AllocSetContextCreate(CurrentMemoryContext, "web4 verifier row", ALLOCSET_DEFAULT_SIZES);
	SPI_connect();
	if (!PG_ARGISNULL(0))
		verify_society(v, PG_GETARG_W4LCT(0));
	else
	{
		uint64		n;
		uint8_t    *societies = all_societies(&n);

		for (uint64 i = 0; i < n; i++)
			verify_society(v, societies + i * 32);
	}
	SPI_finish();
	return (Datum) 0;
}
