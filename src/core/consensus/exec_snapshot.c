/*-------------------------------------------------------------------------
 *
 * exec_snapshot.c
 *		Snapshots of the replicated state: writing, strict loading.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/exec_snapshot.h"

#include "core/merkle.h"

_Static_assert(W4_SNAPSHOT_HEAD_MAX <= W4_MAX_CHUNK_BYTES, "the largest head is a chunk");

#define MAGIC "W4SN1"
#define CHUNK_HEADER 13

static size_t
entry_len(int table)
{
	return (size_t) w4_state_shapes[table].key_len + w4_state_shapes[table].value_len;
}

static uint32_t
entries_per_chunk(int table)
{
	return (uint32_t) ((W4_MAX_CHUNK_BYTES - CHUNK_HEADER) / entry_len(table));
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* --- writing --- */

static uint32_t
chunks_of(int table, uint32_t entries)
{
	return (entries + entries_per_chunk(table) - 1) / entries_per_chunk(table);
}

uint32_t
w4_snapshot_chunks(const W4State *s)
{
	uint32_t	n = 1;

	for (int i = 0; i < W4_NTABLES; i++)
		n += chunks_of(i, s->tables[i].count);
	return n;
}

uint32_t
w4_snapshot_max_chunks(const W4Params *genesis)
{
	const W4ExecSizes most = {
		.accounts = (uint32_t) genesis->v[W4_P_MAX_ACCOUNTS],
		.transfers = (uint32_t) genesis->v[W4_P_MAX_TRANSFERS],
		.identities = (uint32_t) genesis->v[W4_P_MAX_IDENTITIES],
		.thoughts = (uint32_t) genesis->v[W4_P_MAX_THOUGHTS],
		.tombstones = (uint32_t) genesis->v[W4_P_MAX_TOMBSTONES],
	};
	uint32_t	n = 1;

	for (int i = 0; i < W4_NTABLES; i++)
		n += chunks_of(i, w4_state_entries(&most, i));
	return n;
}

void
w4_snapshot_begin(W4SnapshotWriter *w, const W4State *s)
{
	w->state = s;
	w->table = -1;
	w->rank = 0;
}

static void
put_head(W4Writer *out, const W4State *s)
{
	uint8_t		totals[W4_TOTALS_LEN];

	w4_put_cstr(out, MAGIC);
	w4_put(out, s->chain_id, 32);
	w4_put(out, s->previous, 32);
	w4_put(out, s->results_root, 32);
	w4_totals_put(totals, &s->totals);
	w4_put(out, totals, sizeof(totals));
	w4_params_put(out, &s->params);
	for (int i = 0; i < W4_NTABLES; i++)
		w4_put_u64be(out, s->tables[i].count);
	w4_put_run(out, w4_state_council_wire(s));
}

/* Step to the next table that has entries left; false when there is none. */
static bool
next_table(W4SnapshotWriter *w)
{
	const W4State *s = w->state;

	while (w->table < 0 || w->rank == s->tables[w->table].count)
	{
		if (++w->table == W4_NTABLES)
		{
			w->table--;
			return false;
		}
		w->rank = 0;
		w4_table_cursor(&w->cursor, &s->tables[w->table]);
	}
	return true;
}

bool
w4_snapshot_next(W4SnapshotWriter *w, W4Writer *out)
{
	const uint8_t *key;
	const uint8_t *value;
	uint32_t	n;

	if (w->table < 0)
	{
		put_head(out, w->state);
		w->table = 0;
		w4_table_cursor(&w->cursor, &w->state->tables[0]);
		return true;
	}
	if (!next_table(w))
		return false;
	n = least(w->state->tables[w->table].count - w->rank, entries_per_chunk(w->table));
	w4_put_u8(out, (uint8_t) w->table);
	w4_put_u64be(out, w->rank);
	w4_put_u32be(out, n);
	for (uint32_t i = 0; i < n && w4_table_next(&w->cursor, &key, &value); i++)
	{
		w4_put(out, key, w4_state_shapes[w->table].key_len);
		w4_put(out, value, w4_state_shapes[w->table].value_len);
	}
	w->rank += n;
	return true;
}

void
w4_snapshot_root(uint8_t out[32], const W4State *s, uint8_t *chunk)
{
	W4SnapshotWriter w;
	W4MerkleFrontier f;
	uint8_t		leaf[32];

	f.size = 0;
	w4_snapshot_begin(&w, s);
	for (;;)
	{
		W4Writer	bytes = w4_writer(chunk, W4_MAX_CHUNK_BYTES);

		if (!w4_snapshot_next(&w, &bytes))
			break;
		w4_merkle_leaf_hash(leaf, bytes.buf, bytes.len);
		(void) w4_merkle_frontier_append(&f, leaf, NULL, NULL);
	}
	w4_merkle_frontier_root(out, &f);
}

/* --- loading --- */

static void
read_counts(W4SnapshotHead *head, W4Reader *r)
{
	for (int i = 0; i < W4_NTABLES; i++)
	{
		uint64_t	n = w4_read_u64be(r);

		if (n > W4_TABLE_MAX_ENTRIES)
			w4_read_fail(r, "more entries than a table may have");
		head->count[i] = (uint32_t) n;
	}
}

bool
w4_snapshot_head(W4SnapshotHead *head, W4Slice chunk, const uint8_t chain_id[32], const W4Params *genesis,
				 W4Fault *fault)
{
	W4Reader	r = w4_reader(chunk);
	const uint8_t *magic = w4_read_bytes(&r, strlen(MAGIC));
	const uint8_t *chain = w4_read_bytes(&r, 32);
	const uint8_t *p;

	if (magic == NULL || memcmp(magic, MAGIC, strlen(MAGIC)) != 0)
		w4_read_fail(&r, "not a snapshot head");
	if (chain == NULL || memcmp(chain, chain_id, 32) != 0)
		w4_read_fail(&r, "snapshot of another chain");
	w4_read_copy(&r, head->previous, 32);
	w4_read_copy(&r, head->results_root, 32);
	if ((p = w4_read_bytes(&r, W4_TOTALS_LEN)) != NULL && !w4_totals_get(&head->totals, p))
		w4_read_fail(&r, "malformed totals");
	if ((p = w4_read_bytes(&r, W4_PARAMS_WIRE_LEN)) != NULL &&
		(!w4_params_get(&head->params, p) || !w4_params_same_genesis(&head->params, genesis)))
		w4_read_fail(&r, "parameters that the chain cannot have");
	read_counts(head, &r);
	head->council = w4_read_run(&r, W4_COUNCIL_WIRE_MAX);
	return w4_read_end(&r, fault);
}

/* A table has room for one at least. */
static uint32_t
room_for(const W4SnapshotHead *head, W4StateTable table)
{
	return head->count[table] > 0 ? head->count[table] : 1;
}

void
w4_snapshot_sizes(W4ExecSizes *out, const W4SnapshotHead *head)
{
	out->accounts = room_for(head, W4_ST_ACCOUNT);
	out->transfers = room_for(head, W4_ST_TRANSFER);
	out->identities = room_for(head, W4_ST_IDENTITY);
	out->thoughts = room_for(head, W4_ST_THOUGHT);
	out->tombstones = room_for(head, W4_ST_TOMBSTONE);
}

bool
w4_snapshot_load(W4SnapshotLoader *l, W4Exec *x, const W4SnapshotHead *head)
{
	W4State    *s = &x->state;

	memset(l, 0, sizeof(*l));
	l->exec = x;
	l->head = head;
	for (int i = 0; i < W4_NTABLES; i++)
	{
		if (head->count[i] > s->tables[i].cap || s->tables[i].count != 0)
			return false;
	}
	if (!w4_council_decode(w4_state_council(s), head->council, head->totals.height, NULL))
		return false;
	w4_state_keep(s);
	s->params = head->params;
	s->totals = head->totals;
	memcpy(s->previous, head->previous, 32);
	memcpy(s->results_root, head->results_root, 32);
	return true;
}

static bool
fail(W4SnapshotLoader *l, W4Fault *fault, const char *what, size_t offset)
{
	l->failed = true;
	return w4_fault(fault, what, offset);
}

/* The chunk must go on exactly where the last one ended and hold exactly as much as it has to. */
static bool
chunk_follows(W4SnapshotLoader *l, W4Slice chunk, uint32_t *n)
{
	while (l->table < W4_NTABLES && l->rank == l->head->count[l->table])
	{
		l->table++;
		l->rank = 0;
	}
	if (l->table == W4_NTABLES || chunk.len < CHUNK_HEADER)
		return false;
	*n = least(l->head->count[l->table] - l->rank, entries_per_chunk(l->table));
	return chunk.data[0] == l->table && w4_get_u64be(chunk.data + 1) == l->rank &&
		w4_get_u32be(chunk.data + 9) == *n && chunk.len == CHUNK_HEADER + *n * entry_len(l->table);
}

bool
w4_snapshot_chunk(W4SnapshotLoader *l, W4Slice chunk, W4Fault *fault)
{
	size_t		pos = CHUNK_HEADER;
	uint32_t	n;

	if (l->failed || !chunk_follows(l, chunk, &n))
		return fail(l, fault, "not the chunk that follows", 0);
	for (uint32_t i = 0; i < n; i++, l->rank++, pos += entry_len(l->table))
	{
		size_t		key_len = w4_state_shapes[l->table].key_len;
		const uint8_t *key = chunk.data + pos;

		if (l->rank > 0 && memcmp(l->last_key, key, key_len) >= 0)
			return fail(l, fault, "keys not ascending", pos);
		if (!w4_record_ok((W4StateTable) l->table, key, key + key_len))
			return fail(l, fault, "malformed record", pos);
		(void) w4_table_put(&l->exec->state.tables[l->table], key, key + key_len);
		memcpy(l->last_key, key, key_len);
	}
	return true;
}

bool
w4_snapshot_finish(W4SnapshotLoader *l, const uint8_t digest[32], W4Fault *fault)
{
	W4State    *s = &l->exec->state;
	const char *wrong;

	for (int i = 0; i < W4_NTABLES; i++)
	{
		if (l->failed || s->tables[i].count != l->head->count[i])
			return fail(l, fault, "chunks are missing", 0);
	}
	w4_state_seal(s);
	if (memcmp(s->digest, digest, 32) != 0)
		return fail(l, fault, "digest is not that of the header", 0);
	if ((wrong = w4_state_audit(s)) != NULL)
		return fail(l, fault, wrong, 0);
	return true;
}
