/*-------------------------------------------------------------------------
 *
 * digest.c
 *		State roots, the digest of a block, conservation and audits.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/exec_state.h"
#include "core/decimal.h"
#include "core/merkle.h"

/* --- digest --- */

static void
table_leaf(uint8_t out[32], W4StateTable table, uint64_t count, const uint8_t root[32])
{
	uint8_t		raw[41];
	W4Writer	w = w4_writer(raw, sizeof(raw));

	w4_put_u8(&w, (uint8_t) table);
	w4_put_u64be(&w, count);
	w4_put(&w, root, 32);
	w4_merkle_leaf_hash(out, raw, sizeof(raw));
}

static void
council_leaf(const W4State *s, uint8_t out[32])
{
	W4Slice		wire = w4_state_council_wire(s);

	w4_merkle_leaf_hash(out, wire.data, wire.len);
}

/* Totals and parameters: the two leaves that may change with every block. */
static void
head_leaves(const W4State *s, uint8_t leaves[W4_STATE_LEAVES][32])
{
	uint8_t		totals[W4_TOTALS_LEN];
	uint8_t		params[W4_PARAMS_WIRE_LEN];
	W4Writer	w = w4_writer(params, sizeof(params));

	w4_totals_put(totals, &s->totals);
	w4_params_put(&w, &s->params);
	w4_merkle_leaf_hash(leaves[0], totals, sizeof(totals));
	w4_merkle_leaf_hash(leaves[1], params, sizeof(params));
}

static void
fresh_leaves(W4State *s, uint8_t leaves[W4_STATE_LEAVES][32])
{
	uint8_t		root[32];

	head_leaves(s, leaves);
	if (!s->council_fresh)
		council_leaf(s, s->council_leaf);
	s->council_fresh = true;
	memcpy(leaves[2], s->council_leaf, 32);
	for (int i = 0; i < W4_NTABLES; i++)
	{
		w4_table_root(&s->tables[i], root);
		table_leaf(leaves[W4_STATE_HEAD_LEAVES + i], (W4StateTable) i, s->tables[i].count, root);
	}
}

void
w4_state_root(W4State *s, uint8_t out[32])
{
	uint8_t		leaves[W4_STATE_LEAVES][32];

	fresh_leaves(s, leaves);
	w4_merkle_root(out, leaves[0], W4_STATE_LEAVES);
}

void
w4_state_root_from_scratch(const W4State *s, uint8_t out[32])
{
	uint8_t		leaves[W4_STATE_LEAVES][32];
	uint8_t		root[32];

	head_leaves(s, leaves);
	council_leaf(s, leaves[2]);
	for (int i = 0; i < W4_NTABLES; i++)
	{
		w4_table_root_from_scratch(&s->tables[i], root);
		table_leaf(leaves[W4_STATE_HEAD_LEAVES + i], (W4StateTable) i, s->tables[i].count, root);
	}
	w4_merkle_root(out, leaves[0], W4_STATE_LEAVES);
}

void
w4_state_digest(uint8_t out[32], const uint8_t chain_id[32], const uint8_t previous[32],
				const uint8_t results_root[32], const uint8_t state_root[32])
{
	W4Slice		parts[5] = {w4_slice_cstr("W4ST1"), w4_slice(chain_id, 32), w4_slice(previous, 32),
	w4_slice(results_root, 32), w4_slice(state_root, 32)};

	w4_sha256_parts(out, parts, 5);
}

void
w4_state_seal(W4State *s)
{
	static const uint8_t unnamed[32];
	uint8_t		root[32];

	w4_state_root(s, root);
	w4_state_digest(s->digest, s->totals.height == 0 ? unnamed : s->chain_id, s->previous, s->results_root, root);
}

/* --- proofs of single entries --- */

bool
w4_state_prove(W4State *s, W4StateTable table, const uint8_t *key, W4StateProof *proof)
{
	uint8_t		leaves[W4_STATE_LEAVES][32];
	uint8_t		path[W4_MERKLE_MAX_PROOF][32];
	int			len;

	memset(proof, 0, sizeof(*proof));
	memcpy(proof->previous, s->previous, 32);
	memcpy(proof->results_root, s->results_root, 32);
	proof->count = s->tables[table].count;
	fresh_leaves(s, leaves);
	len = w4_merkle_inclusion(path, leaves[0], W4_STATE_LEAVES, W4_STATE_HEAD_LEAVES + (uint64_t) table);
	proof->path_len = (uint8_t) len;
	memcpy(proof->path, path, (size_t) len * 32);
	return w4_table_prove(&s->tables[table], key, &proof->entry);
}

/* The state root that a path leads to, by the digest that contains it. */
static bool
leads_to(const uint8_t digest[32], const uint8_t chain_id[32], const uint8_t leaf[32], uint64_t index,
		 const W4StateProof *proof)
{
	uint8_t		hash[32];
	uint64_t	node = index;
	uint64_t	last = W4_STATE_LEAVES - 1;

	/* Fold the path by the same climb as RFC 9162 2.1.3.2; the root is then checked inside the digest. */
	memcpy(hash, leaf, 32);
	for (int i = 0; i < proof->path_len; i++)
	{
		if (last == 0)
			return false;
		if ((node & 1) != 0 || node == last)
		{
			w4_merkle_node_hash(hash, proof->path[i], hash);
			while ((node & 1) == 0 && node != 0)
			{
				node >>= 1;
				last >>= 1;
			}
		}
		else
			w4_merkle_node_hash(hash, hash, proof->path[i]);
		node >>= 1;
		last >>= 1;
	}
	w4_state_digest(hash, chain_id, proof->previous, proof->results_root, hash);
	return last == 0 && memcmp(hash, digest, 32) == 0;
}

W4TableVerdict
w4_state_verify(const uint8_t digest[32], const uint8_t chain_id[32], W4StateTable table, const uint8_t *key,
				const W4StateProof *proof)
{
	W4Table		shape = {.domain = (uint8_t) table, .key_len = w4_state_shapes[table].key_len,
		.value_len = w4_state_shapes[table].value_len};
	uint8_t		root[32];
	uint8_t		leaf[32];

	if (proof->path_len > W4_STATE_LEAVES || !w4_table_proof_root(&shape, &proof->entry, root))
		return W4_TABLE_FORGED;
	table_leaf(leaf, table, proof->count, root);
	if (!leads_to(digest, chain_id, leaf, W4_STATE_HEAD_LEAVES + (uint64_t) table, proof))
		return W4_TABLE_FORGED;
	return w4_table_verify(&shape, root, key, &proof->entry);
}

/* --- conservation --- */

bool
w4_state_conserved(const W4State *s)
{
	const W4Totals *t = &s->totals;
	int64_t		sum;

	return t->available >= 0 && t->locked >= 0 && t->treasury >= 0 && t->thought_bytes >= 0 &&
		w4_add_i64(t->available, t->locked, &sum) && w4_add_i64(sum, t->treasury, &sum) &&
		sum == t->supply && t->locked == t->held;
}

/* --- audit --- */

/* Per source account, what its held transfers amount to, or how many they are. */
static const char *
sum_holds(W4State *s, bool amounts)
{
	W4TableCursor c;
	const uint8_t *key;
	const uint8_t *value;
	W4Transfer	t;

	memset(s->sums, 0, sizeof(int64_t) * s->tables[W4_ST_ACCOUNT].cap);
	w4_table_cursor(&c, &s->tables[W4_ST_TRANSFER]);
	while (w4_table_next(&c, &key, &value))
	{
		uint32_t	slot;

		if (!w4_transfer_get(&t, value))
			return "malformed transfer";
		if ((slot = w4_table_slot(&s->tables[W4_ST_ACCOUNT], t.from)) == UINT32_MAX)
			return "transfer without source account";
		if (t.state == W4_TRANSFER_HELD && !w4_add_i64(s->sums[slot], amounts ? t.amount : 1, &s->sums[slot]))
			return "sum of held transfers overflows";
	}
	return NULL;
}

static const char *
audit_accounts(W4State *s)
{
	W4TableCursor c;
	const uint8_t *key;
	const uint8_t *value;
	W4Account	a;
	W4Totals	sum = {0};
	const char *wrong;

	if ((wrong = sum_holds(s, true)) != NULL)
		return wrong;
	w4_table_cursor(&c, &s->tables[W4_ST_ACCOUNT]);
	while (w4_table_next(&c, &key, &value))
	{
		if (!w4_account_get(&a, value))
			return "malformed account";
		if (a.locked != s->sums[w4_table_slot(&s->tables[W4_ST_ACCOUNT], key)])
			return "locked amount is not that of the held transfers";
		if (!w4_add_i64(sum.available, a.available, &sum.available) ||
			!w4_add_i64(sum.locked, a.locked, &sum.locked))
			return "sum of accounts overflows";
	}
	if (sum.available != s->totals.available || sum.locked != s->totals.locked || sum.locked != s->totals.held)
		return "sums of accounts are not the totals";
	return NULL;
}

static const char *
audit_hold_counts(W4State *s)
{
	W4TableCursor c;
	const uint8_t *key;
	const uint8_t *value;
	W4Account	a;

	(void) sum_holds(s, false);
	w4_table_cursor(&c, &s->tables[W4_ST_ACCOUNT]);
	while (w4_table_next(&c, &key, &value))
	{
		if (!w4_account_get(&a, value) ||
			a.open_holds != s->sums[w4_table_slot(&s->tables[W4_ST_ACCOUNT], key)])
			return "number of holds is not that of the held transfers";
	}
	return NULL;
}

/* Each transfer has its due entry; as many of one as of the other, so none is left over. */
static const char *
audit_due(const W4State *s)
{
	W4TableCursor c;
	const uint8_t *key;
	const uint8_t *value;
	W4Transfer	t;
	uint8_t		due[W4_DUE_KEY_LEN];

	w4_table_cursor(&c, &s->tables[W4_ST_TRANSFER]);
	while (w4_table_next(&c, &key, &value))
	{
		if (!w4_transfer_get(&t, value))
			return "malformed transfer";
		w4_due_key(due, t.due_us, key);
		if (w4_state_get(s, W4_ST_DUE, due) == NULL)
			return "transfer without due entry";
	}
	return s->tables[W4_ST_DUE].count == s->tables[W4_ST_TRANSFER].count ? NULL : "due entry without transfer";
}

static const char *
audit_thoughts(W4State *s)
{
	const W4Table *identities = &s->tables[W4_ST_IDENTITY];
	W4TableCursor c;
	const uint8_t *key;
	const uint8_t *value;
	int64_t		bytes = 0;

	memset(s->sums, 0, sizeof(int64_t) * identities->cap);
	w4_table_cursor(&c, &s->tables[W4_ST_THOUGHT]);
	while (w4_table_next(&c, &key, &value))
	{
		W4Thought	t;
		uint32_t	slot;

		if (!w4_thought_get(&t, value) || (slot = w4_table_slot(identities, t.author)) == UINT32_MAX)
			return "thought malformed or without author";
		s->sums[slot]++;
		bytes += t.bytes;
	}
	w4_table_cursor(&c, identities);
	while (w4_table_next(&c, &key, &value))
	{
		W4Identity	id;

		if (!w4_identity_get(&id, value) || id.live_thoughts != s->sums[w4_table_slot(identities, key)])
			return "identity malformed or its number of thoughts wrong";
		if (w4_state_get(s, W4_ST_ACCOUNT, key) == NULL)
			return "identity without account";
	}
	return bytes == s->totals.thought_bytes ? NULL : "bytes of thoughts are not the total";
}

/* Nothing lies in the future of the last block. */
static const char *
audit_times(const W4State *s)
{
	W4TableCursor c;
	const uint8_t *key;
	const uint8_t *value;
	int64_t		now = s->totals.time_us;
	W4Identity	i;
	W4Thought	t;

	w4_table_cursor(&c, &s->tables[W4_ST_THOUGHT]);
	while (w4_table_next(&c, &key, &value))
	{
		if (!w4_thought_get(&t, value) || t.time_us > now)
			return "thought from the future";
	}
	w4_table_cursor(&c, &s->tables[W4_ST_IDENTITY]);
	while (w4_table_next(&c, &key, &value))
	{
		if (!w4_identity_get(&i, value) || i.last_active_us > now || i.last_recharge_us > now ||
			i.registered_height > s->totals.height ||
			(i.nattempts > 0 && i.attempts[i.nattempts - 1].time_us > now))
			return "identity from the future";
	}
	return NULL;
}

/* The hashes of the last blocks, without a gap: the next block drops the oldest by its height. */
static const char *
audit_anchors(const W4State *s)
{
	uint64_t	height = s->totals.height;
	uint64_t	n = height < W4_ANCHORS ? height : W4_ANCHORS - 1;
	W4TableCursor c;
	const uint8_t *key;
	const uint8_t *value;

	if (s->tables[W4_ST_ANCHOR].count != n)
		return "hashes of recent blocks are missing";
	w4_table_cursor(&c, &s->tables[W4_ST_ANCHOR]);
	for (uint64_t h = height - n; w4_table_next(&c, &key, &value); h++)
	{
		if (w4_get_u64be(key) != h)
			return "hashes of recent blocks are missing";
	}
	return NULL;
}

const char *
w4_state_audit(W4State *s)
{
	const char *wrong;

	if (!w4_state_conserved(s))
		return "totals do not conserve";
	if ((wrong = audit_accounts(s)) != NULL ||
		(wrong = audit_hold_counts(s)) != NULL ||
		(wrong = audit_due(s)) != NULL ||
		(wrong = audit_thoughts(s)) != NULL ||
		(wrong = audit_times(s)) != NULL)
		return wrong;
	return audit_anchors(s);
}
