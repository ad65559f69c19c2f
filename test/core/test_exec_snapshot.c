/*
 * Snapshots: round trip, chunks by Merkle proof, every hostile change refused;
 * proofs of single entries against the digest; audits.
 */
#include "exec_fixture.h"

#define MAX_CHUNKS 64

typedef struct Chunks
{
	uint8_t    *bytes;
	W4Slice		chunk[MAX_CHUNKS];
	uint8_t		leaf[MAX_CHUNKS][32];
	uint32_t	n;
} Chunks;

static void
take_chunks(Chunks *s, const W4State *state)
{
	W4SnapshotWriter w;
	W4Writer	out;
	size_t		used = 0;

	s->n = 0;
	s->bytes = malloc((size_t) MAX_CHUNKS * W4_MAX_CHUNK_BYTES);
	assert_non_null(s->bytes);
	w4_snapshot_begin(&w, state);
	for (;;)
	{
		out = w4_writer(s->bytes + used, W4_MAX_CHUNK_BYTES);
		if (!w4_snapshot_next(&w, &out))
			break;
		assert_true(s->n < MAX_CHUNKS && !out.full);
		s->chunk[s->n] = w4_slice(s->bytes + used, out.len);
		w4_merkle_leaf_hash(s->leaf[s->n++], s->bytes + used, out.len);
		used += out.len;
	}
	assert_false(w4_snapshot_next(&w, &out));
	assert_int_equal(s->n, w4_snapshot_chunks(state));
	assert_true(s->n <= w4_snapshot_max_chunks(&state->params));
}

/* What a joiner makes room for: enough for every state, whatever genesis allows; never more than a manifest may have. */
static void
most_chunks(void **state)
{
	static const W4Param bounds[] = {W4_P_MAX_ACCOUNTS, W4_P_MAX_TRANSFERS, W4_P_MAX_IDENTITIES, W4_P_MAX_THOUGHTS,
		W4_P_MAX_TOMBSTONES};
	const int64_t accounts_a_chunk = (W4_MAX_CHUNK_BYTES - 13) / (32 + W4_ACCOUNT_LEN);
	W4Params	p;

	(void) state;
	w4_params_default(&p);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		p.v[bounds[i]] = 1;
	assert_int_equal(w4_snapshot_max_chunks(&p), 1 + W4_NTABLES);
	p.v[W4_P_MAX_ACCOUNTS] = accounts_a_chunk;
	assert_int_equal(w4_snapshot_max_chunks(&p), 1 + W4_NTABLES);
	p.v[W4_P_MAX_ACCOUNTS] = accounts_a_chunk + 1;
	assert_int_equal(w4_snapshot_max_chunks(&p), 2 + W4_NTABLES);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		p.v[bounds[i]] = bounds[i] == W4_P_MAX_THOUGHTS ? 100000 : W4_TABLE_MAX_ENTRIES;
	assert_true(w4_params_ok(&p));
	assert_true(w4_snapshot_max_chunks(&p) > 50000 && w4_snapshot_max_chunks(&p) <= W4_MAX_CHUNKS);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
	{
		p.v[bounds[i]]++;
		assert_false(w4_params_ok(&p));
		p.v[bounds[i]]--;
	}
}

/* A state with something in every table. */
static void
open_rich(Chain *c, uint32_t accounts)
{
	W4Params	p;
	W4ExecSizes sizes = {8000, 600, 600, 600, 600};
	uint8_t		id[32];
	char		text[256];

	small_params(&p);
	p.v[W4_P_MAX_THOUGHTS] = 20;
	p.v[W4_P_AUTHOR_SHARE] = W4_PPM;
	sizes.thoughts = 20;
	chain_open(c, &p, &sizes, 4);
	chain_genesis(c, accounts, 1000, 5000);
	for (unsigned i = 0; i < 3; i++)
		add_register(c, i, 5);
	run(c, SECOND);
	for (unsigned i = 0; i < 18; i++)
	{
		(void) snprintf(text, sizeof(text), "Snapshot thought number%04u keeps several different words together", i);
		add_thought(c, i % 3, text);
	}
	run(c, SECOND);
	run(c, 7200 * SECOND);
	for (int i = 0; i < 5; i++)
		add_lock(c, 0, 1, 1, (i + 1) * ATP, (i + 1) * 60 * SECOND, id);
	run(c, SECOND);
	add_settle(c, W4_TX_COMMIT, 1, id);
	run(c, SECOND);
	for (int i = 0; i < W4_NTABLES; i++)
		assert_true(c->exec.state.tables[i].count > 0);
	audit(c);
}

static bool
load(const Chunks *s, const Chain *c, const uint8_t digest[32], W4Exec *x, void **mem, W4Fault *fault)
{
	W4SnapshotHead head;
	W4SnapshotLoader l;
	size_t		len = w4_exec_memory(&c->params, &c->exec.state.sizes);
	bool		ok;

	*mem = malloc(len);
	assert_non_null(*mem);
	if (!w4_snapshot_head(&head, s->chunk[0], c->chain_id, &c->params, fault))
		return false;
	assert_true(w4_exec_init(x, *mem, len, c->chain_id, &head.params, &c->exec.state.sizes, &fake_suite));
	ok = w4_snapshot_load(&l, x, &head);
	for (uint32_t i = 1; ok && i < s->n; i++)
		ok = w4_snapshot_chunk(&l, s->chunk[i], fault);
	return ok && w4_snapshot_finish(&l, digest, fault);
}

static void
round_trip(void **state)
{
	W4Exec	   *x = malloc(sizeof(*x));
	Chunks		s;
	Chunks		again;
	Chain		c;
	Chain		d;
	void	   *mem;
	W4Fault		fault = {NULL, 0};

	(void) state;
	assert_non_null(x);
	open_rich(&c, 7000);
	take_chunks(&s, &c.exec.state);
	assert_true(s.n > W4_NTABLES + 2);
	if (!load(&s, &c, c.digest, x, &mem, &fault))
		fail_msg("load: %s at %zu", fault.what, fault.offset);
	take_chunks(&again, &x->state);
	assert_int_equal(again.n, s.n);
	for (uint32_t i = 0; i < s.n; i++)
		assert_true(w4_slice_eq(s.chunk[i], again.chunk[i]));

	/* The loaded one goes on as the other does. */
	d = c;
	d.exec = *x;
	add_transfer(&c, 0, 4, ATP);
	d.ntxs = c.ntxs;
	memcpy(d.txs, c.txs, sizeof(c.txs));
	run(&d, SECOND);
	run(&c, SECOND);
	assert_memory_equal(c.digest, d.digest, 32);
	free(mem);
	free(x);
	free(s.bytes);
	free(again.bytes);
	chain_close(&c);
}

/* A chunk alone is checked against the snapshot root. */
static void
chunks_by_proof(void **state)
{
	uint8_t		proof[W4_MERKLE_MAX_PROOF][32];
	uint8_t		root[32];
	Chunks		s;
	Chain		c;
	int			len;

	(void) state;
	open_rich(&c, 10);
	take_chunks(&s, &c.exec.state);
	w4_merkle_root(root, s.leaf[0], s.n);
	for (uint32_t i = 0; i < s.n; i++)
	{
		len = w4_merkle_inclusion(proof, s.leaf[0], s.n, i);
		assert_true(w4_merkle_verify_inclusion(i, s.n, s.leaf[i], (const uint8_t (*)[32]) proof, (size_t) len, root));
		assert_false(w4_merkle_verify_inclusion(i, s.n, s.leaf[(i + 1) % s.n], (const uint8_t (*)[32]) proof,
												(size_t) len, root));
	}
	free(s.bytes);
	chain_close(&c);
}

/* Each byte of a small snapshot changed, chunks swapped, dropped, doubled, cut. */
static void
hostile(void **state)
{
	W4Exec	   *x = malloc(sizeof(*x));
	W4Fault		fault;
	W4Slice		keep;
	Chunks		s;
	Chain		c;
	void	   *mem;
	uint8_t		digest[32];
	int			step;

	(void) state;
	assert_non_null(x);
	open_rich(&c, 5);
	take_chunks(&s, &c.exec.state);
	for (uint32_t i = 0; i < s.n; i++)
	{
		step = s.chunk[i].len > 2000 ? 7 : 1;
		for (size_t k = 0; k < s.chunk[i].len; k += (size_t) step)
		{
			uint8_t    *byte = s.bytes + (s.chunk[i].data - s.bytes) + k;

			*byte ^= (uint8_t) (1 << k % 8);
			fault.what = NULL;
			if (load(&s, &c, c.digest, x, &mem, &fault))
				fail_msg("chunk %u byte %zu changed and still loaded", i, k);
			*byte ^= (uint8_t) (1 << k % 8);
			free(mem);
		}
		keep = s.chunk[i];
		s.chunk[i].len--;
		assert_false(load(&s, &c, c.digest, x, &mem, &fault));
		free(mem);
		s.chunk[i] = s.chunk[(i + 1) % s.n];
		assert_false(load(&s, &c, c.digest, x, &mem, &fault));
		free(mem);
		s.chunk[i] = keep;
	}
	/* The same entries in another order would give the same state, but there is one order. */
	for (int swap = 0; swap < 2; swap++)
	{
		const size_t len = 32 + W4_ACCOUNT_LEN;
		uint8_t    *first = s.bytes + (s.chunk[1].data - s.bytes) + 13;
		uint8_t		entry[32 + W4_ACCOUNT_LEN];

		memcpy(entry, first, len);
		memcpy(first, first + len, len);
		memcpy(first + len, entry, len);
		assert_int_equal(load(&s, &c, c.digest, x, &mem, &fault), swap == 1);
		assert_true(swap == 1 || strcmp(fault.what, "keys not ascending") == 0);
		free(mem);
	}
	memcpy(digest, c.digest, 32);
	digest[31] ^= 1;
	assert_false(load(&s, &c, digest, x, &mem, &fault));
	assert_string_equal(fault.what, "digest is not that of the header");
	free(mem);
	s.n--;
	assert_false(load(&s, &c, c.digest, x, &mem, &fault));
	assert_string_equal(fault.what, "chunks are missing");
	free(mem);
	s.chunk[s.n + 1] = s.chunk[s.n];
	s.n += 2;
	assert_false(load(&s, &c, c.digest, x, &mem, &fault));
	assert_string_equal(fault.what, "not the chunk that follows");
	free(mem);
	free(x);
	free(s.bytes);
	chain_close(&c);
}

/* What a stranger's head may not ask for. */
static void
hostile_heads(void **state)
{
	const size_t params = 101 + W4_TOTALS_LEN;
	const size_t counts = params + W4_PARAMS_WIRE_LEN;
	uint8_t		raw[W4_SNAPSHOT_HEAD_MIN + 24];	/* a council of nothing */
	uint8_t		other[32] = {1};
	W4SnapshotHead head;
	W4SnapshotLoader l;
	W4Exec	   *x = malloc(sizeof(*x));
	W4ExecSizes tiny = {3, 600, 600, 20, 600};
	size_t		len;
	void	   *mem;
	W4Fault		fault;
	Chunks		s;
	Chain		c;

	(void) state;
	assert_non_null(x);
	open_rich(&c, 5);
	take_chunks(&s, &c.exec.state);
	assert_int_equal(s.chunk[0].len, sizeof(raw));
	memcpy(raw, s.chunk[0].data, sizeof(raw));
	assert_false(w4_snapshot_head(&head, w4_slice(raw, sizeof(raw) - 1), c.chain_id, &c.params, &fault));
	assert_false(w4_snapshot_head(&head, w4_slice(raw, sizeof(raw)), other, &c.params, &fault));
	assert_string_equal(fault.what, "snapshot of another chain");
	assert_true(w4_snapshot_head(&head, w4_slice(raw, sizeof(raw)), c.chain_id, &c.params, &fault));

	/* Memory is what genesis said, not what the head says. */
	raw[params + 8 * W4_P_MAX_ACCOUNTS + 7] ^= 1;
	assert_false(w4_snapshot_head(&head, w4_slice(raw, sizeof(raw)), c.chain_id, &c.params, &fault));
	assert_string_equal(fault.what, "parameters that the chain cannot have");
	raw[params + 8 * W4_P_MAX_ACCOUNTS + 7] ^= 1;
	raw[params + 8 * W4_P_REWARD] = 0x80;
	assert_false(w4_snapshot_head(&head, w4_slice(raw, sizeof(raw)), c.chain_id, &c.params, &fault));
	raw[params + 8 * W4_P_REWARD] = 0;
	raw[101] = 0x80;
	assert_false(w4_snapshot_head(&head, w4_slice(raw, sizeof(raw)), c.chain_id, &c.params, &fault));
	assert_string_equal(fault.what, "malformed totals");
	raw[101] = 0;
	raw[counts] = 1;
	assert_false(w4_snapshot_head(&head, w4_slice(raw, sizeof(raw)), c.chain_id, &c.params, &fault));
	assert_string_equal(fault.what, "more entries than a table may have");
	raw[counts] = 0;
	raw[0] = 'X';
	assert_false(w4_snapshot_head(&head, w4_slice(raw, sizeof(raw)), c.chain_id, &c.params, &fault));

	/* More than there is room for, or an executor that is not fresh. */
	len = w4_exec_memory(&c.params, &tiny);
	mem = malloc(len);
	assert_non_null(mem);
	assert_true(w4_exec_init(x, mem, len, c.chain_id, &c.params, &tiny, &fake_suite));
	assert_true(w4_snapshot_head(&head, s.chunk[0], c.chain_id, &c.params, &fault));
	assert_false(w4_snapshot_load(&l, x, &head));
	assert_false(w4_snapshot_load(&l, &c.exec, &head));
	free(mem);
	free(x);
	free(s.bytes);
	chain_close(&c);
}

/*
 * A source that controls the digest too (it would need a quorum) still cannot
 * make us load what no executor could have written: the audit speaks.
 */
static void
audited(void **state)
{
	static const char *const complaints[] = {
		"totals do not conserve",
		"locked amount is not that of the held transfers",
		"number of holds is not that of the held transfers",
		"transfer without due entry",
		"due entry without transfer",
		"identity malformed or its number of thoughts wrong",
		"transfer without source account",
		"thought malformed or without author",
		"identity without account",
		"sums of accounts are not the totals",
		"bytes of thoughts are not the total",
		"hashes of recent blocks are missing",
		"hashes of recent blocks are missing",
		"thought from the future",
		"identity from the future",
	};
	const uint8_t *first;
	const uint8_t *value;
	uint8_t		key[40];
	uint8_t		lct[32];
	Chain		c;
	W4State    *s = &c.exec.state;

	(void) state;
	for (int fault = 0; fault < 15; fault++)
	{
		W4Account	a;
		W4Identity	i;

		open_rich(&c, 5);
		lct_of(lct, 0);
		a = account_of(&c, 0);
		i = identity_of(&c, 0);
		switch (fault)
		{
			case 0:
				s->totals.supply++;
				break;
			case 1:
				a.locked += 5;
				w4_state_set_account(s, lct, &a);
				a = account_of(&c, 3);
				a.available -= 5;
				lct_of(lct, 3);
				w4_state_set_account(s, lct, &a);
				s->totals.held += 5;
				break;
			case 2:
				a.open_holds++;
				w4_state_set_account(s, lct, &a);
				break;
			case 3:
				memcpy(key, w4_table_first(&s->tables[W4_ST_DUE], NULL), 40);
				w4_state_delete(s, W4_ST_DUE, key);
				break;
			case 4:
				memset(key, 0x11, 40);
				w4_state_put(s, W4_ST_DUE, key, NULL);
				break;
			case 5:
				i.live_thoughts++;
				i.accepted++;
				w4_state_set_identity(s, lct, &i);
				break;
			case 6:
				w4_state_delete(s, W4_ST_ACCOUNT, lct);
				s->totals.available += a.available;
				s->totals.locked += a.locked;
				break;
			case 7:
				first = w4_table_first(&s->tables[W4_ST_THOUGHT], &value);
				memcpy(key, first, 32);
				{
					uint8_t		changed[W4_THOUGHT_LEN];

					memcpy(changed, value, sizeof(changed));
					changed[0] ^= 1;
					w4_state_put(s, W4_ST_THOUGHT, key, changed);
				}
				break;
			case 8:
				lct_of(lct, 2);
				a = account_of(&c, 2);
				w4_state_delete(s, W4_ST_ACCOUNT, lct);
				s->totals.supply -= a.available;
				break;
			case 9:
				s->totals.available++;
				s->totals.treasury--;
				break;
			case 10:
				s->totals.thought_bytes++;
				break;
			case 11:
				s->totals.height += UINT64_C(1) << 40;
				break;
			case 12:
				memcpy(key, w4_table_first(&s->tables[W4_ST_ANCHOR], NULL), 8);
				w4_state_delete(s, W4_ST_ANCHOR, key);
				key[0] = 0x10;
				w4_state_put(s, W4_ST_ANCHOR, key, lct);
				break;
			case 13:
				s->totals.time_us = T0 + SECOND;
				break;
			default:
				i.last_recharge_us += W4_DAY_US;
				w4_state_set_identity(s, lct, &i);
				break;
		}
		if (w4_state_audit(s) == NULL)
			fail_msg("fault %d not found", fault);
		assert_string_equal(w4_state_audit(s), complaints[fault]);
		if (fault == 2)
		{
			uint8_t		digest[32];
			W4Fault		why = {NULL, 0};
			W4Exec	   *x = malloc(sizeof(*x));
			void	   *mem;
			Chunks		chunks;

			assert_non_null(x);
			take_chunks(&chunks, s);
			w4_state_root(s, digest);
			w4_state_digest(digest, c.chain_id, s->previous, s->results_root, digest);
			assert_false(load(&chunks, &c, digest, x, &mem, &why));
			assert_string_equal(why.what, complaints[fault]);
			free(mem);
			free(x);
			free(chunks.bytes);
		}
		chain_close(&c);
	}
}

/* Balances provable to whoever knows the digest; each change of the proof is noticed. */
static void
entry_proofs(void **state)
{
	W4StateProof *p = malloc(sizeof(*p));
	uint8_t		lct[32];
	uint8_t		other[32] = {0xc1};
	Chain		c;

	(void) state;
	assert_non_null(p);
	open_rich(&c, 60);
	for (unsigned n = 0; n < 70; n++)
	{
		bool		there = n < 60;
		W4Account	a;

		lct_of(lct, n);
		assert_int_equal(w4_state_prove(&c.exec.state, W4_ST_ACCOUNT, lct, p), there);
		assert_int_equal(w4_state_verify(c.digest, c.chain_id, W4_ST_ACCOUNT, lct, p),
						 there ? W4_TABLE_PRESENT : W4_TABLE_ABSENT);
		if (there)
		{
			assert_true(w4_account_get(&a, p->entry.value));
			assert_int_equal(a.available, account_of(&c, n).available);
		}
		assert_int_equal(w4_state_verify(c.digest, other, W4_ST_ACCOUNT, lct, p), W4_TABLE_FORGED);
		assert_int_equal(w4_state_verify(c.digest, c.chain_id, W4_ST_TRANSFER, lct, p), W4_TABLE_FORGED);
		p->count++;
		assert_int_equal(w4_state_verify(c.digest, c.chain_id, W4_ST_ACCOUNT, lct, p), W4_TABLE_FORGED);
		p->count--;
		p->path[n % p->path_len][0] ^= 1;
		assert_int_equal(w4_state_verify(c.digest, c.chain_id, W4_ST_ACCOUNT, lct, p), W4_TABLE_FORGED);
		p->path[n % p->path_len][0] ^= 1;
		p->path_len--;
		assert_int_equal(w4_state_verify(c.digest, c.chain_id, W4_ST_ACCOUNT, lct, p), W4_TABLE_FORGED);
		p->path_len = 6;
		assert_int_equal(w4_state_verify(c.digest, c.chain_id, W4_ST_ACCOUNT, lct, p), W4_TABLE_FORGED);
		p->path_len = W4_STATE_LEAVES + 1;
		assert_int_equal(w4_state_verify(c.digest, c.chain_id, W4_ST_ACCOUNT, lct, p), W4_TABLE_FORGED);
		p->path_len = 4;
		p->entry.depth = W4_TABLE_MAX_DEPTH;
		assert_int_equal(w4_state_verify(c.digest, c.chain_id, W4_ST_ACCOUNT, lct, p), W4_TABLE_FORGED);
	}
	for (int table = 0; table < W4_NTABLES; table++)
	{
		const uint8_t *first = w4_table_first(&c.exec.state.tables[table], NULL);

		assert_true(w4_state_prove(&c.exec.state, (W4StateTable) table, first, p));
		assert_int_equal(w4_state_verify(c.digest, c.chain_id, (W4StateTable) table, first, p), W4_TABLE_PRESENT);
	}
	free(p);
	chain_close(&c);
}

/* Every record decodes to itself, and a record changed in one bit is refused or encodes to its new self. */
static void
records(void **state)
{
	uint8_t		value[W4_TABLE_MAX_VALUE];
	uint8_t		again[W4_TABLE_MAX_VALUE];
	const uint8_t *key;
	const uint8_t *stored;
	int			refused = 0;
	Chain		c;

	(void) state;
	open_rich(&c, 5);
	for (int table = 0; table < W4_NTABLES; table++)
	{
		size_t		len = w4_state_shapes[table].value_len;

		key = w4_table_first(&c.exec.state.tables[table], &stored);
		assert_true(w4_record_ok((W4StateTable) table, key, stored));
		for (size_t bit = 0; bit < len * 8; bit++)
		{
			W4Account	a;
			W4Transfer	t;
			W4Identity	i;
			W4Thought	h;

			memcpy(value, stored, len);
			value[bit / 8] ^= (uint8_t) (1 << bit % 8);
			memcpy(again, value, len);
			if (!w4_record_ok((W4StateTable) table, key, value))
			{
				refused++;
				continue;
			}
			if (table == W4_ST_ACCOUNT && w4_account_get(&a, value))
				w4_account_put(again, &a);
			else if (table == W4_ST_TRANSFER && w4_transfer_get(&t, value))
				w4_transfer_put(again, &t);
			else if (table == W4_ST_IDENTITY && w4_identity_get(&i, value))
				w4_identity_put(again, &i);
			else if (table == W4_ST_THOUGHT && w4_thought_get(&h, value))
				w4_thought_put(again, &h);
			assert_memory_equal(again, value, len);
		}
	}
	assert_true(refused > 500);
	chain_close(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_chunks),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(chunks_by_proof),
		cmocka_unit_test(hostile),
		cmocka_unit_test(hostile_heads),
		cmocka_unit_test(audited),
		cmocka_unit_test(entry_proofs),
		cmocka_unit_test(records),
	};

	return cmocka_run_group_tests_name("exec_snapshot", tests, NULL, NULL);
}
