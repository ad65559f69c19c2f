/*-------------------------------------------------------------------------
 *
 * seal.c
 *		The sealer: fixes the order of the log and extends the Merkle trees.
 *
 * Leaves are numbered in the order (xid, id), for transactions below the
 * horizon, the xmin of our snapshot.  Why nothing is ever skipped: a leaf's xid
 * is that of the transaction that appended it.  Every transaction below the
 * horizon has ended, so all leaves it will ever have are visible to this
 * snapshot, whatever the isolation level, and were not sealed before, because
 * earlier runs stopped at an earlier horizon.  Transactions at or above it,
 * our own among them if it has an id, are left for a later run, which starts
 * at the horizon stored here, however long they take.  The order depends on
 * nothing but the rows, so a run that is rolled back and one that follows it
 * number alike.
 *
 * Transaction ids mean something in one cluster only.  After a restore into
 * another one (system identifier), or when ids went backwards (a horizon that
 * lies in the future), all leaves are looked at again: what is not in the tree
 * yet and below the horizon, or too high to be an id of this cluster, is sealed
 * then.  Ids in between could still be running here; those leaves come with a
 * later horizon.  So that a leaf may come by twice, each is looked up in the
 * tree before it is added.
 *
 * One sealer at a time: each locks the society's row of web4.seal first, and
 * takes its snapshot after that.
 *
 *-------------------------------------------------------------------------
 */
#include "evidence/evidence.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "evidence/head.h"
#include "evidence/horizon.h"
#include "evidence/range.h"
#include "evidence/tree.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

PG_FUNCTION_INFO_V1(web4_seal);
PG_FUNCTION_INFO_V1(web4_seal_all);
PG_FUNCTION_INFO_V1(web4_forget_horizon);
PG_FUNCTION_INFO_V1(web4_go_live);

#define BATCH_LEAVES 4096
#define BATCH_NODES 128

static W4Index tree_leaf_id = W4_INDEX("tree_leaf", "tree_leaf_id");

enum
{
	Anum_evidence_id = 1,
	Anum_evidence_xid,
	Anum_evidence_leaf_hash = 11
};

typedef struct Sealer
{
	const uint8_t *society;
	W4MerkleFrontier tree;
	uint64		stored;			/* leaves in tree_leaf */
	uint64		from;			/* horizon of the last run; 0: look at everything */
	uint64		horizon;
	uint64		next;			/* no transaction of this cluster has had this id */
	uint64		own;			/* our transaction; 0: none yet */
	/* the batch that is not stored yet, in its own memory */
	MemoryContext memory;
	int			nleaves;
	int			nnodes;
	Datum		leaf_ids[BATCH_LEAVES];
	Datum		leaves[BATCH_LEAVES];
	Datum		node_levels[BATCH_NODES];
	Datum		node_indexes[BATCH_NODES];
	Datum		node_hashes[BATCH_NODES];
} Sealer;

/* --- batches --- */

static Datum
bytea_array(Datum *values, int n)
{
	return PointerGetDatum(construct_array(values, n, BYTEAOID, -1, false, TYPALIGN_INT));
}

static Datum
int8_array(Datum *values, int n)
{
	return PointerGetDatum(construct_array(values, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

static void
store_leaves(Sealer *s)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.tree_leaf (society, index, id, leaf_hash) "
								   "SELECT $1, $2 + l.n - 1, l.id, l.hash "
								   "FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4)) WITH ORDINALITY AS l (id, hash, n)",
								   "lct, int8, int8[], bytea[]");
	Datum		values[4];

	if (s->nleaves == 0)
		return;
	values[0] = W4LctGetDatum(s->society);
	values[1] = Int64GetDatum((int64) s->stored);
	values[2] = int8_array(s->leaf_ids, s->nleaves);
	values[3] = bytea_array(s->leaves, s->nleaves);
	w4_write(&insert, values, NULL);
	s->stored += (uint64) s->nleaves;
	s->nleaves = 0;
}

static void
store_nodes(Sealer *s)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.tree_node (society, level, index, hash) "
								   "SELECT $1, n.level::pg_catalog.int2, n.index, n.hash "
								   "FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4)) "
								   "AS n (level, index, hash)",
								   "lct, int8[], int8[], bytea[]");
	Datum		values[4];

	if (s->nnodes == 0)
		return;
	values[0] = W4LctGetDatum(s->society);
	values[1] = int8_array(s->node_levels, s->nnodes);
	values[2] = int8_array(s->node_indexes, s->nnodes);
	values[3] = bytea_array(s->node_hashes, s->nnodes);
	w4_write(&insert, values, NULL);
	s->nnodes = 0;
}

static void
store_batch(Sealer *s)
{
	MemoryContext old = MemoryContextSwitchTo(s->memory);

	store_leaves(s);
	store_nodes(s);
	MemoryContextSwitchTo(old);
	MemoryContextReset(s->memory);
}

static void
add_node(void *arg, int level, uint64_t index, const uint8_t hash[32])
{
	Sealer	   *s = arg;

	if (level < W4_TREE_NODE_LEVEL)
		return;
	Assert(s->nnodes < BATCH_NODES);
	s->node_levels[s->nnodes] = Int64GetDatum(level);
	s->node_indexes[s->nnodes] = Int64GetDatum((int64) index);
	s->node_hashes[s->nnodes] = w4_bytea_datum(hash, 32);
	s->nnodes++;
}

static void
add_leaf(Sealer *s, Datum id, Datum leaf_hash)
{
	MemoryContext old = MemoryContextSwitchTo(s->memory);
	const uint8_t *hash = w4_fixed_bytea(leaf_hash, 32, "leaf hash");

	s->leaf_ids[s->nleaves] = id;
	s->leaves[s->nleaves++] = w4_bytea_datum(hash, 32);
	if (!w4_merkle_frontier_append(&s->tree, hash, add_node, s))
		elog(ERROR, "tree of a society is full");
	MemoryContextSwitchTo(old);

	/* A leaf completes at most one subtree a level, of which there are 54. */
	if (s->nleaves == BATCH_LEAVES || s->nnodes > BATCH_NODES - 64)
		store_batch(s);
}

/* --- one run --- */

static bool
lock_state(Sealer *s)
{
	static W4Plan lock = W4_PLAN("SELECT horizon, system_identifier, size, frontier FROM web4.seal "
								 "WHERE society OPERATOR(@x@.=) $1 FOR UPDATE", "lct");
	Datum		society = W4LctGetDatum(s->society);
	bool		isnull;
	W4Slice		frontier;

	if (w4_read(&lock, &society, NULL, 1) == 0)
		return false;
	s->from = U64FromFullTransactionId(DatumGetFullTransactionId(w4_value(0, 1, &isnull)));
	if (DatumGetInt64(w4_value(0, 2, &isnull)) != w4_system_identifier())
		s->from = 0;
	s->tree.size = (uint64) DatumGetInt64(w4_value(0, 3, &isnull));
	frontier = w4_varlena_slice(PG_DETOAST_DATUM_PACKED(w4_value(0, 4, &isnull)));
	if (frontier.len != (size_t) w4_merkle_peaks(s->tree.size) * 32)
		elog(ERROR, "seal state of a society is damaged");
	memcpy(s->tree.peaks, frontier.data, frontier.len);
	s->stored = s->tree.size;
	return true;
}

static bool
has_evidence(const uint8_t *society)
{
	W4Range		range;
	bool		any;

	PushActiveSnapshot(GetTransactionSnapshot());
	w4_range_open(&range, "evidence", "evidence_order", society, 0);
	any = w4_range_next(&range);
	w4_range_close(&range);
	PopActiveSnapshot();
	return any;
}

/* False: there is nothing to seal, and no row was made for it. */
static bool
begin_run(Sealer *s)
{
	static W4Plan create = W4_PLAN("INSERT INTO web4.seal (society, horizon, system_identifier, size, frontier) "
								   "VALUES ($1, '0', $2, 0, '') ON CONFLICT DO NOTHING", "lct, int8");
	Datum		values[2];

	if (lock_state(s))
		return true;
	if (!has_evidence(s->society))
		return false;
	values[0] = W4LctGetDatum(s->society);
	values[1] = Int64GetDatum(w4_system_identifier());
	w4_write(&create, values, NULL);
	if (!lock_state(s))
		elog(ERROR, "seal state of a society could not be created");
	return true;
}

static void
end_run(Sealer *s)
{
	static W4Plan update = W4_PLAN("UPDATE web4.seal SET horizon = $2, system_identifier = $3, size = $4, frontier = $5 "
								   "WHERE society OPERATOR(@x@.=) $1", "lct, xid8, int8, int8, bytea");
	Datum		values[5];

	values[0] = W4LctGetDatum(s->society);
	values[1] = FullTransactionIdGetDatum(FullTransactionIdFromU64(s->horizon));
	values[2] = Int64GetDatum(w4_system_identifier());
	values[3] = Int64GetDatum((int64) s->tree.size);
	values[4] = w4_bytea_datum(s->tree.peaks, (size_t) w4_merkle_peaks(s->tree.size) * 32);
	w4_write(&update, values, NULL);
}

static bool
is_final(const Sealer *s, uint64 xid)
{
	return xid < s->horizon || (xid >= s->next && xid != s->own);
}

static void
seal_rows(Sealer *s)
{
	W4Range		range;

	w4_range_open(&range, "evidence", "evidence_order", s->society, s->from);
	while (w4_range_next(&range))
	{
		bool		isnull;
		uint64		xid = U64FromFullTransactionId(DatumGetFullTransactionId(w4_range_attr(&range, Anum_evidence_xid, &isnull)));
		Datum		id = w4_range_attr(&range, Anum_evidence_id, &isnull);

		CHECK_FOR_INTERRUPTS();
		if (s->from > 0 && xid >= s->horizon)
			break;
		if (is_final(s, xid) && !w4_scan_exists(&tree_leaf_id, 1, &id))
			add_leaf(s, id, w4_range_attr(&range, Anum_evidence_leaf_hash, &isnull));
	}
	w4_range_close(&range);
}

static void
take_horizon(Sealer *s, Snapshot snapshot)
{
	s->horizon = w4_full_xid(snapshot->xmin);
	s->next = w4_full_xid(snapshot->xmax);
	s->own = U64FromFullTransactionId(GetTopFullTransactionIdIfAny());
	if (s->from > s->next)
		s->from = 0;
}

static int64
seal_society(const uint8_t *society)
{
	Sealer	   *s = palloc0(sizeof(Sealer));
	uint64		old_size;
	bool		looked_at_all;
	uint8_t		root[32];

	s->society = society;
	if (!begin_run(s))
		return 0;
	old_size = s->tree.size;
	s->memory = AllocSetContextCreate(CurrentMemoryContext, "web4 sealer", ALLOCSET_DEFAULT_SIZES);

	PushActiveSnapshot(GetTransactionSnapshot());
	take_horizon(s, GetActiveSnapshot());
	looked_at_all = s->from == 0;
	seal_rows(s);
	PopActiveSnapshot();
	store_batch(s);

	if (s->tree.size > old_size)
	{
		w4_merkle_frontier_root(root, &s->tree);
		w4_head_append(society, s->tree.size, root);
	}
	if (s->tree.size > old_size || looked_at_all)
		end_run(s);
	MemoryContextDelete(s->memory);
	return (int64) (s->tree.size - old_size);
}

/* --- SQL --- */

Datum
web4_seal(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	int64		sealed;

	w4_require_live("web4_seal()");
	SPI_connect();
	sealed = seal_society(PG_GETARG_W4LCT(0));
	SPI_finish();
	PG_RETURN_INT64(sealed);
}

/* The first society after this one that has evidence; NULL: from the beginning. */
static bool
next_society(const uint8_t *after, uint8_t out[32])
{
	static W4Plan first = W4_PLAN("SELECT society FROM web4.evidence ORDER BY society LIMIT 1", "");
	static W4Plan next = W4_PLAN("SELECT society FROM web4.evidence WHERE society OPERATOR(@x@.>) $1 "
								 "ORDER BY society LIMIT 1", "lct");
	Datum		value = W4LctGetDatum(after);
	bool		isnull;
	uint64		n = after == NULL ? w4_read(&first, NULL, NULL, 1) : w4_read(&next, &value, NULL, 1);

	if (n > 0)
		memcpy(out, DatumGetW4Lct(w4_value(0, 1, &isnull)), 32);
	SPI_freetuptable(SPI_tuptable);
	return n > 0;
}

/* In the order of the societies, so that two of these never deadlock. */
Datum
web4_seal_all(PG_FUNCTION_ARGS)
{
	uint8_t		society[32];
	int64		sealed = 0;

	w4_require_live("web4_seal_all()");
	SPI_connect();
	for (bool more = next_society(NULL, society); more; more = next_society(society, society))
	{
		CHECK_FOR_INTERRUPTS();
		sealed += seal_society(society);
	}
	SPI_finish();
	PG_RETURN_INT64(sealed);
}

/* Restored rows carry ids of another cluster's transactions: look at all of them. */
Datum
web4_forget_horizon(PG_FUNCTION_ARGS)
{
	static W4Plan forget = W4_PLAN("UPDATE web4.seal SET horizon = '0', system_identifier = $1", "int8");
	Datum		system = Int64GetDatum(w4_system_identifier());
	int64		n;

	SPI_connect();
	n = (int64) w4_write(&forget, &system, NULL);
	SPI_finish();
	PG_RETURN_INT64(n);
}

/* The last step of web4_post_restore(). */
Datum
web4_go_live(PG_FUNCTION_ARGS)
{
	bool		was_live = w4_instance_live();

	if (!was_live)
	{
		SPI_connect();
		w4_instance_go_live();
		SPI_finish();
	}
	PG_RETURN_BOOL(!was_live);
}
