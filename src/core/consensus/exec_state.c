/*-------------------------------------------------------------------------
 *
 * exec_state.c
 *		The replicated state: memory, entries, undo.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/exec_state.h"

/* --- memory --- */

uint32_t
w4_state_entries(const W4ExecSizes *sizes, int table)
{
	switch (table)
	{
		case W4_ST_ACCOUNT:
			return sizes->accounts;
		case W4_ST_TRANSFER:
		case W4_ST_DUE:
			return sizes->transfers;
		case W4_ST_IDENTITY:
			return sizes->identities;
		case W4_ST_THOUGHT:
			return sizes->thoughts;
		case W4_ST_TOMBSTONE:
			return sizes->tombstones;
		default:
			return W4_ANCHORS;
	}
}

static size_t
undo_len(W4StateTable table)
{
	return (size_t) w4_state_shapes[table].key_len + w4_state_shapes[table].value_len + 2;
}

/*
 * The most that one block can write down.  A transaction changes at most six
 * accounts (one may count three times), one transfer with two due entries, two
 * identities and one thought; a sweep settles or forgets a transfer; pruning
 * touches each live thought once; an offence costs trust and a fine.
 */
static size_t
journal_memory(const W4Params *params, const W4ExecSizes *sizes)
{
	size_t		tx = 6 * undo_len(W4_ST_ACCOUNT) + undo_len(W4_ST_TRANSFER) + 2 * undo_len(W4_ST_DUE) +
		2 * undo_len(W4_ST_IDENTITY) + undo_len(W4_ST_THOUGHT);
	size_t		sweep = undo_len(W4_ST_ACCOUNT) + undo_len(W4_ST_TRANSFER) + 2 * undo_len(W4_ST_DUE);
	size_t		prune = undo_len(W4_ST_IDENTITY) + undo_len(W4_ST_THOUGHT) + undo_len(W4_ST_TOMBSTONE);
	size_t		offences = W4_MAX_BLOCK_EVIDENCE * (undo_len(W4_ST_IDENTITY) + undo_len(W4_ST_ACCOUNT));
	size_t		anchors = 2 * undo_len(W4_ST_ANCHOR);

	return (tx * (size_t) params->v[W4_P_MAX_BLOCK_TXS] +
			sweep * (size_t) params->v[W4_P_MAX_BLOCK_SWEEPS] +
			prune * sizes->thoughts + offences + anchors + 7) & ~(size_t) 7;
}

#define COUNCIL_WIRE_MEMORY (((size_t) W4_COUNCIL_WIRE_MAX + 7) & ~(size_t) 7)

static bool
sizes_ok(const W4Params *params, const W4ExecSizes *sizes)
{
	return w4_params_ok(params) &&
		sizes->accounts >= 1 && sizes->accounts <= params->v[W4_P_MAX_ACCOUNTS] &&
		sizes->transfers >= 1 && sizes->transfers <= params->v[W4_P_MAX_TRANSFERS] &&
		sizes->identities >= 1 && sizes->identities <= params->v[W4_P_MAX_IDENTITIES] &&
		sizes->thoughts >= 1 && sizes->thoughts <= params->v[W4_P_MAX_THOUGHTS] &&
		sizes->tombstones >= 1 && sizes->tombstones <= params->v[W4_P_MAX_TOMBSTONES];
}

static size_t
sums_memory(const W4ExecSizes *sizes)
{
	return sizeof(int64_t) * (sizes->accounts > sizes->identities ? sizes->accounts : sizes->identities);
}

size_t
w4_state_memory(const W4Params *params, const W4ExecSizes *sizes)
{
	size_t		len;

	if (!sizes_ok(params, sizes))
		return 0;
	len = sizeof(W4PruneItem) * sizes->thoughts + sums_memory(sizes) + 2 * sizeof(W4Council) +
		COUNCIL_WIRE_MEMORY + journal_memory(params, sizes);
	for (int i = 0; i < W4_NTABLES; i++)
		len += w4_table_size(w4_state_shapes[i].key_len, w4_state_shapes[i].value_len, w4_state_entries(sizes, i));
	return len;
}

bool
w4_state_init(W4State *s, void *mem, size_t len, const uint8_t chain_id[32], const W4Params *params,
			  const W4ExecSizes *sizes)
{
	size_t		need = w4_state_memory(params, sizes);
	uint8_t    *p = mem;

	if (need == 0 || len < need)
		return false;
	memset(s, 0, sizeof(*s));
	memcpy(s->chain_id, chain_id, 32);
	s->params = *params;
	s->sizes = *sizes;
	for (int i = 0; i < W4_NTABLES; i++)
	{
		const W4TableShape *shape = &w4_state_shapes[i];
		uint32_t	cap = w4_state_entries(sizes, i);

		w4_table_init(&s->tables[i], p, (uint8_t) i, shape->key_len, shape->value_len, cap);
		p += w4_table_size(shape->key_len, shape->value_len, cap);
	}
	s->prune = (W4PruneItem *) (void *) p;
	p += sizeof(W4PruneItem) * sizes->thoughts;
	s->sums = (int64_t *) (void *) p;
	p += sums_memory(sizes);
	memset(p, 0, sizeof(W4Council));
	s->council = (W4Council *) (void *) p;
	p += sizeof(W4Council);
	s->council_was = (W4Council *) (void *) p;
	p += sizeof(W4Council);
	s->council_wire = p;
	p += COUNCIL_WIRE_MEMORY;
	s->journal = w4_writer(p, journal_memory(params, sizes));
	return true;
}

/* --- totals --- */

void
w4_totals_put(uint8_t out[W4_TOTALS_LEN], const W4Totals *t)
{
	W4Writer	w = w4_writer(out, W4_TOTALS_LEN);

	w4_put_u64be(&w, t->height);
	w4_put_u64be(&w, (uint64_t) t->time_us);
	w4_put_u64be(&w, (uint64_t) t->supply);
	w4_put_u64be(&w, (uint64_t) t->treasury);
	w4_put_u64be(&w, (uint64_t) t->available);
	w4_put_u64be(&w, (uint64_t) t->locked);
	w4_put_u64be(&w, (uint64_t) t->held);
	w4_put_u64be(&w, (uint64_t) t->thought_bytes);
	w4_put_u8(&w, t->prune_due);
}

bool
w4_totals_get(W4Totals *t, const uint8_t in[W4_TOTALS_LEN])
{
	t->height = w4_get_u64be(in);
	t->time_us = (int64_t) w4_get_u64be(in + 8);
	t->supply = (int64_t) w4_get_u64be(in + 16);
	t->treasury = (int64_t) w4_get_u64be(in + 24);
	t->available = (int64_t) w4_get_u64be(in + 32);
	t->locked = (int64_t) w4_get_u64be(in + 40);
	t->held = (int64_t) w4_get_u64be(in + 48);
	t->thought_bytes = (int64_t) w4_get_u64be(in + 56);
	t->prune_due = in[64] == 1;
	return in[64] <= 1 && t->height <= W4_TX_MAX_HEIGHT && t->time_us > 0;
}

/* --- entries --- */

static void
add_wrapping(int64_t *sum, int64_t delta)
{
	*sum = (int64_t) ((uint64_t) *sum + (uint64_t) delta);
}

/* Add (sign 1) or take away (sign -1) what a stored value contributes to the sums. */
static void
account_for(W4Totals *t, W4StateTable table, const uint8_t *value, int sign)
{
	if (value == NULL)
		return;
	if (table == W4_ST_ACCOUNT)
	{
		add_wrapping(&t->available, sign * (int64_t) w4_get_u64be(value));
		add_wrapping(&t->locked, sign * (int64_t) w4_get_u64be(value + 8));
	}
	else if (table == W4_ST_TRANSFER)
	{
		if (value[W4_TRANSFER_LEN - 1] == W4_TRANSFER_HELD)
			add_wrapping(&t->held, sign * (int64_t) w4_get_u64be(value + 96));
	}
	else if (table == W4_ST_THOUGHT)
		add_wrapping(&t->thought_bytes, sign * (int64_t) w4_get_u32be(value + 44));
}

/* A record is written whole or not at all: undoing reads them from the end. */
static void
write_down(W4State *s, W4StateTable table, const uint8_t *key, const uint8_t *old)
{
	if (s->journal.cap - s->journal.len < undo_len(table))
	{
		s->broken = true;
		return;
	}
	if (old != NULL)
		w4_put(&s->journal, old, w4_state_shapes[table].value_len);
	w4_put(&s->journal, key, w4_state_shapes[table].key_len);
	w4_put_u8(&s->journal, (uint8_t) table);
	w4_put_u8(&s->journal, old != NULL);
}

const uint8_t *
w4_state_get(const W4State *s, W4StateTable table, const uint8_t *key)
{
	return w4_table_get(&s->tables[table], key);
}

void
w4_state_put(W4State *s, W4StateTable table, const uint8_t *key, const uint8_t *value)
{
	const uint8_t *old = w4_table_get(&s->tables[table], key);

	write_down(s, table, key, old);
	if (s->broken)
		return;
	account_for(&s->totals, table, old, -1);
	if (w4_table_put(&s->tables[table], key, value))
		account_for(&s->totals, table, value, 1);
	else
		s->broken = true;
}

void
w4_state_delete(W4State *s, W4StateTable table, const uint8_t *key)
{
	const uint8_t *old = w4_table_get(&s->tables[table], key);

	if (old == NULL)
	{
		s->broken = true;
		return;
	}
	write_down(s, table, key, old);
	if (s->broken)
		return;
	account_for(&s->totals, table, old, -1);
	(void) w4_table_delete(&s->tables[table], key);
}

bool
w4_state_full(const W4State *s, W4StateTable table)
{
	static const uint8_t limit[W4_NTABLES] = {
		[W4_ST_ACCOUNT] = W4_P_MAX_ACCOUNTS,
		[W4_ST_TRANSFER] = W4_P_MAX_TRANSFERS,
		[W4_ST_DUE] = W4_P_MAX_TRANSFERS,
		[W4_ST_IDENTITY] = W4_P_MAX_IDENTITIES,
		[W4_ST_THOUGHT] = W4_P_MAX_THOUGHTS,
		[W4_ST_TOMBSTONE] = W4_P_MAX_TOMBSTONES,
	};

	return (int64_t) s->tables[table].count >= s->params.v[limit[table]];
}

bool
w4_state_account(const W4State *s, const uint8_t lct[32], W4Account *out)
{
	const uint8_t *value = w4_state_get(s, W4_ST_ACCOUNT, lct);

	return value != NULL && w4_account_get(out, value);
}

void
w4_state_set_account(W4State *s, const uint8_t lct[32], const W4Account *a)
{
	uint8_t		value[W4_ACCOUNT_LEN];

	w4_account_put(value, a);
	w4_state_put(s, W4_ST_ACCOUNT, lct, value);
}

bool
w4_state_transfer(const W4State *s, const uint8_t id[32], W4Transfer *out)
{
	const uint8_t *value = w4_state_get(s, W4_ST_TRANSFER, id);

	return value != NULL && w4_transfer_get(out, value);
}

void
w4_state_set_transfer(W4State *s, const uint8_t id[32], const W4Transfer *t)
{
	uint8_t		value[W4_TRANSFER_LEN];

	w4_transfer_put(value, t);
	w4_state_put(s, W4_ST_TRANSFER, id, value);
}

bool
w4_state_identity(const W4State *s, const uint8_t lct[32], W4Identity *out)
{
	const uint8_t *value = w4_state_get(s, W4_ST_IDENTITY, lct);

	return value != NULL && w4_identity_get(out, value);
}

void
w4_state_set_identity(W4State *s, const uint8_t lct[32], const W4Identity *i)
{
	uint8_t		value[W4_IDENTITY_LEN];

	w4_identity_put(value, i);
	w4_state_put(s, W4_ST_IDENTITY, lct, value);
}

/* --- the council --- */

W4Council *
w4_state_council(W4State *s)
{
	if (!s->council_changed)
		*s->council_was = *s->council;
	s->council_changed = true;
	s->council_fresh = false;
	return s->council;
}

W4Slice
w4_state_council_wire(const W4State *s)
{
	W4Writer	w = w4_writer(s->council_wire, W4_COUNCIL_WIRE_MAX);

	w4_council_put(&w, s->council);
	return w4_slice(w.buf, w.len);
}

/* --- undo --- */

void
w4_state_keep(W4State *s)
{
	s->journal.len = 0;
	s->council_changed = false;
}

W4StateMark
w4_state_mark(const W4State *s)
{
	W4StateMark mark;

	mark.journal = s->journal.len;
	mark.council_changed = s->council_changed;
	mark.totals = s->totals;
	mark.params = s->params;
	return mark;
}

/* Backwards, so that the oldest value of a key is put back last. */
void
w4_state_undo(W4State *s, const W4StateMark *mark)
{
	while (s->journal.len > mark->journal)
	{
		const uint8_t *end = s->journal.buf + s->journal.len;
		bool		had = end[-1] != 0;
		int			table = end[-2];
		size_t		key_len = w4_state_shapes[table].key_len;
		size_t		value_len = had ? w4_state_shapes[table].value_len : 0;
		const uint8_t *key = end - 2 - key_len;

		if (had)
			(void) w4_table_put(&s->tables[table], key, key - value_len);
		else
			(void) w4_table_delete(&s->tables[table], key);
		s->journal.len -= 2 + key_len + value_len;
	}
	if (s->council_changed && !mark->council_changed)
	{
		*s->council = *s->council_was;
		s->council_changed = s->council_fresh = false;
	}
	s->broken = false;
	s->totals = mark->totals;
	s->params = mark->params;
}
