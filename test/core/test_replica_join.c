/*
 * A replica that joins a chain of real blocks by a snapshot, from sources most
 * of which lie, with restarts on the way, and goes on like one that was there.
 */
#include "replica_random.h"

#include "core/consensus/sync.h"

#define CHECKPOINT 60
#define CHUNKS 32
#define SOURCES 6
#define QUEUE 64

typedef enum Lie
{
	TRUTH,
	BITS,						/* a wrong bit in each chunk */
	INNER,						/* inner nodes for leaves */
	OTHER_TIP,
	OTHER_STATE,				/* a header of another state, certified by nobody */
	OTHER_CHAIN
} Lie;

/* What a source has: headers, and the checkpoint. */
static struct
{
	W4BlockHeader header[CHECKPOINT + 2];
	W4Cert		cert[CHECKPOINT + 2];
	W4Members	members[CHECKPOINT + 2];
	W4Tip		tip;
	uint32_t	chunks;
	W4Slice		chunk[CHUNKS];
	uint8_t		leaves[CHUNKS * 32];
	uint8_t		bytes[4 << 20];
}			store;

typedef struct Answer
{
	int			from;
	size_t		len;
	uint8_t	   *bytes;
} Answer;

typedef struct Joiner
{
	const World *w;
	W4SyncConfig cfg;
	W4Trusted	trusted;
	void	   *mem;
	W4Sync	   *sync;
	W4SyncActions acts;
	int64_t		now;
	int64_t		timer;
	int			answers;
	Answer		answer[QUEUE];
	int			struck[SOURCES];
	W4SyncProgress progress;	/* and the chunks: what is durable */
	uint8_t		chunk[CHUNKS][W4_MAX_CHUNK_BYTES];
	size_t		len[CHUNKS];
	bool		done;
	W4Tip		tip;
} Joiner;

static const Lie lies[SOURCES] = {BITS, INNER, OTHER_TIP, TRUTH, OTHER_STATE, OTHER_CHAIN};

/* --- the chain --- */

static void
keep_chunks(const World *w)
{
	W4SnapshotWriter sw;
	size_t		used = 0;

	store.tip = *tip_of(w);
	store.chunks = 0;
	assert_true(w4_replica_snapshot(&sw, &w->rep[0].r));
	for (;;)
	{
		W4Writer	out = w4_writer(store.bytes + used, sizeof(store.bytes) - used);

		if (!w4_snapshot_next(&sw, &out))
			break;
		assert_true(store.chunks < CHUNKS && !out.full);
		w4_merkle_leaf_hash(store.leaves + 32 * store.chunks, out.buf, out.len);
		store.chunk[store.chunks++] = w4_slice(out.buf, out.len);
		used += out.len;
	}
}

/* One replica runs up to the block that certifies the checkpoint. */
static World *
world_at_checkpoint(uint64_t s)
{
	World	   *w = random_world(s);

	rep_free(&w->rep[1]);
	while (tip_of(w)->height <= CHECKPOINT)
	{
		uint64_t	height = tip_of(w)->height + 1;

		put_random_block(w);
		store.members[height] = tip_of(w)->members[1];
		step(w);
		remember_members(tip_of(w));
		store.header[height] = w->block.header;
		w4_cert_copy(&store.cert[height], &w->cert);
		if (height == CHECKPOINT)
			keep_chunks(w);
	}
	return w;
}

/* --- sources --- */

static void
source_id(uint8_t id[32], int i)
{
	memset(id, 0x50 + i, 32);
}

static void
put_proof(W4Writer *out, const World *w, uint64_t height, Lie lie)
{
	W4BlockHeader h;
	W4Cert		cert;

	if (height < 1 || height > CHECKPOINT + 1)
		return;
	h = store.header[height];
	w4_cert_copy(&cert, &store.cert[height]);
	if (lie == OTHER_STATE)
	{
		h.parent_state_digest[0] ^= 1;
		w4_block_hash(cert.hash, &h, w->chain_id);
	}
	w4_proof_message_put(out, &h, &cert, &store.members[height], w->chain_id);
}

static void
put_manifest(W4Writer *out, const World *w, Lie lie)
{
	static W4Tip tip;
	uint8_t		inner[CHUNKS * 32];
	uint32_t	n = 1;

	tip = store.tip;
	if (lie == OTHER_TIP)
		tip.rota.missed[0]++;
	if (lie != INNER)
	{
		w4_manifest_put(out, &tip, store.leaves, store.chunks, w->chain_id);
		return;
	}

	/* Roots of the two largest halves: the same snapshot root. */
	while (2 * n < store.chunks)
		n *= 2;
	w4_merkle_root(inner, store.leaves, n);
	w4_merkle_root(inner + 32, store.leaves + 32 * n, store.chunks - n);
	w4_manifest_put(out, &tip, inner, 2, w->chain_id);
}

static void
put_chunk(W4Writer *out, const World *w, uint32_t index, Lie lie)
{
	if (index >= store.chunks)
		return;
	w4_chunk_put(out, CHECKPOINT, index, store.chunk[index], w->chain_id);
	if (lie == BITS)
		out->buf[out->len - 1] ^= 1;
}

static void
answer(Joiner *j, int from, W4Slice request)
{
	static uint8_t bytes[W4_CHUNK_MESSAGE_MAX];
	W4Writer	out = w4_writer(bytes, sizeof(bytes));
	Answer	   *a = &j->answer[j->answers];
	W4Prefix	p;
	uint32_t	index;

	assert_true(w4_prefix_read(&p, request, j->w->chain_id, NULL));
	if (p.kind == W4_FETCH_OFFER)
		w4_prefix_put(&out, W4_OFFER, CHECKPOINT, j->w->chain_id);
	else if (p.kind == W4_FETCH_PROOF)
		put_proof(&out, j->w, p.height, lies[from]);
	else if (p.kind == W4_FETCH_MANIFEST)
		put_manifest(&out, j->w, lies[from]);
	else if (w4_fetch_chunk_decode(&index, request, NULL))
		put_chunk(&out, j->w, index, lies[from]);
	assert_false(out.full);
	if (out.len == 0)
		return;
	if (lies[from] == OTHER_CHAIN)
		bytes[10] ^= 1;
	assert_true(j->answers++ < QUEUE);
	*a = (Answer) {from, out.len, malloc(out.len)};
	assert_non_null(a->bytes);
	memcpy(a->bytes, bytes, out.len);
}

/* --- the joiner --- */

static void
keep_chunk(Joiner *j, const W4SyncAction *a)
{
	assert_int_equal(a->index, j->progress.chunks);
	memcpy(j->chunk[a->index], a->bytes.data, a->bytes.len);
	j->len[a->index] = a->bytes.len;
	j->progress.chunks++;
}

static void
carry_out(Joiner *j)
{
	for (int i = 0; i < j->acts.n; i++)
	{
		const W4SyncAction *a = &j->acts.a[i];

		if (a->kind == W4_SYNC_ACT_SEND)
			answer(j, a->to[0] - 0x50, a->bytes);
		else if (a->kind == W4_SYNC_ACT_TIMER)
			j->timer = a->at;
		else if (a->kind == W4_SYNC_ACT_BEGIN)
			j->progress = *a->progress;
		else if (a->kind == W4_SYNC_ACT_CHUNK)
			keep_chunk(j, a);
		else if (a->kind == W4_SYNC_ACT_STRIKE)
			j->struck[a->to[0] - 0x50]++;
		else if (a->kind == W4_SYNC_ACT_DONE)
		{
			j->done = true;
			j->tip = *a->tip;
		}
	}
}

static void
event(Joiner *j, const W4SyncEvent *e)
{
	w4_sync_step(j->sync, e, (W4Now) {j->now, j->now}, &j->acts);
	carry_out(j);
}

/* With what is durable; answers to requests of before are still on their way. */
static void
start(Joiner *j)
{
	W4SyncProgress progress = j->progress;

	free(j->mem);
	j->mem = malloc(w4_sync_size(&j->cfg));
	assert_non_null(j->mem);
	j->sync = w4_sync_init(j->mem, &j->cfg, &progress);
	j->timer = 0;
	for (int i = 0; i < SOURCES; i++)
	{
		uint8_t		id[32];

		source_id(id, i);
		event(j, &(W4SyncEvent) {.kind = W4_SYNC_EV_LINK, .from = id, .up = true});
	}
}

static Joiner *
joiner_new(const World *w)
{
	Joiner	   *j = calloc(1, sizeof(*j));

	assert_non_null(j);
	j->w = w;
	j->now = 1;
	j->trusted.time_us = T0;
	memcpy(j->trusted.hash, w->chain_id, 32);
	j->trusted.members = members_at[0];
	memcpy(j->trusted.next_members_hash, members_at[0].hash, 32);
	w4_sync_defaults(&j->cfg);
	memcpy(j->cfg.chain_id, w->chain_id, 32);
	j->cfg.suite = fake_suite;
	j->cfg.trusted = &j->trusted;
	j->cfg.max_chunks = w4_snapshot_max_chunks(&w->params);
	j->cfg.window = 3;
	return j;
}

static void
joiner_free(Joiner *j)
{
	while (j->answers > 0)
		free(j->answer[--j->answers].bytes);
	free(j->mem);
	free(j);
}

/* The oldest answer arrives, or else the timer passes. */
static void
next(Joiner *j)
{
	uint8_t		id[32];
	Answer		a = j->answer[0];

	if (j->answers == 0)
	{
		assert_true(j->timer > j->now);
		j->now = j->timer;
		event(j, &(W4SyncEvent) {.kind = W4_SYNC_EV_TICK});
		return;
	}
	memmove(&j->answer[0], &j->answer[1], (size_t) --j->answers * sizeof(Answer));
	j->now += 1000;
	source_id(id, a.from);
	event(j, &(W4SyncEvent) {.kind = W4_SYNC_EV_MESSAGE, .from = id, .message = w4_slice(a.bytes, a.len)});
	free(a.bytes);
}

/* Restarted after so many events each time, if that is more than none. */
static int
join(Joiner *j, int events)
{
	int			n = 0;

	start(j);
	while (!j->done)
	{
		assert_true(n < 10000);
		next(j);
		if (++n == events && !j->done)
			start(j);
	}
	return n;
}

static void
assert_as_kept(const Joiner *j)
{
	static uint8_t a[W4_TIP_WIRE_MAX];
	static uint8_t b[W4_TIP_WIRE_MAX];
	W4Writer	wa = w4_writer(a, sizeof(a));
	W4Writer	wb = w4_writer(b, sizeof(b));

	w4_tip_put(&wa, &j->tip, j->w->chain_id);
	w4_tip_put(&wb, &store.tip, j->w->chain_id);
	assert_int_equal(wa.len, wb.len);
	assert_memory_equal(a, b, wa.len);
	assert_int_equal(j->progress.chunks, store.chunks);
	for (uint32_t i = 0; i < store.chunks; i++)
		assert_true(w4_slice_eq(w4_slice(j->chunk[i], j->len[i]), store.chunk[i]));
}

/* --- going on --- */

static void
load(World *w, const Joiner *j)
{
	Rep		   *p = &w->rep[1];
	W4SnapshotHead head;
	W4SnapshotLoader l;

	assert_true(w4_snapshot_head(&head, w4_slice(j->chunk[0], j->len[0]), w->chain_id, &w->params, NULL));
	w4_snapshot_sizes(&w->sizes, &head);
	rep_init(p, w, &head.params);
	assert_true(w4_snapshot_load(&l, &p->r.exec, &head));
	for (uint32_t i = 1; i < j->progress.chunks; i++)
		assert_true(w4_snapshot_chunk(&l, w4_slice(j->chunk[i], j->len[i]), NULL));
	assert_true(w4_snapshot_finish(&l, j->tip.state_digest, NULL));
	p->tip = j->tip;
}

static void
join_and_go_on(void **state)
{
	(void) state;
	for (uint64_t s = 31; s < 34; s++)
	{
		World	   *w = world_at_checkpoint(s);
		Joiner	   *j = joiner_new(w);
		W4Applied	applied;

		(void) join(j, 0);
		assert_as_kept(j);
		for (int i = 0; i < SOURCES; i++)
			assert_true(lies[i] != TRUTH || j->struck[i] == 0);
		assert_true(j->struck[5] > 0);
		load(w, j);
		assert_int_equal(w4_replica_judge(&w->rep[1].r, &w->rep[1].tip, &w->block), W4_BLOCK_GOOD);
		rep_apply(w, &w->rep[1], &applied);
		assert_same_tip(w);
		for (int i = 0; i < 30; i++)
		{
			put_random_block(w);
			step(w);
			remember_members(tip_of(w));
			assert_memory_equal(w->rep[0].r.exec.state.digest, w->rep[1].r.exec.state.digest, 32);
		}
		audit_all(w);
		assert_true(w->rep[1].grown > 0);
		joiner_free(j);
		world_free(w);
	}
}

/* Once after any number of events: what was handed over stays, what comes late does no harm. */
static void
restarts(void **state)
{
	World	   *w = world_at_checkpoint(35);
	int			events = 1;
	int			took;

	(void) state;
	do
	{
		Joiner	   *j = joiner_new(w);

		took = join(j, events);
		assert_as_kept(j);
		assert_int_equal(j->struck[3], 0);
		joiner_free(j);
	} while (++events < took);
	assert_true(events > 20);
	free(w->rep[0].mem);
	free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(join_and_go_on),
		cmocka_unit_test(restarts)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
