/*-------------------------------------------------------------------------
 *
 * join.c
 *		A peer that comes late and joins by a snapshot (F29).
 *
 * Everybody serves (core/consensus/serve.h), some of them lies or dies midway;
 * the joiner fetches by core/consensus/sync.h, loads what it was handed into a
 * replica and starts the consensus core on the tip.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

#include "core/consensus/serve.h"
#include "core/consensus/sync.h"
#include "core/merkle.h"

#define SNAPSHOTS (MAX_HEIGHT / 5)
#define CHUNKS 64

typedef enum Source
{
	TRUE_SOURCE,
	CHANGES_CHUNKS,
	CHANGES_MANIFEST,
	DIES_MIDWAY,				/* gives everything but chunks */
	SOURCES
} Source;

/* What any peer has kept of a checkpoint; they are all alike. */
typedef struct Snapshot
{
	W4Tip		tip;
	uint64_t	next_tx;
	uint32_t	chunks;
	uint8_t		leaves[CHUNKS * 32];
	size_t		len[CHUNKS];
	uint8_t    *chunk[CHUNKS];
} Snapshot;

static Snapshot *kept[SNAPSHOTS];
static int	kept_n;

/* The one that joins. */
static int	joiner = -1;
static W4Serve serving[MAX_NODES];
static W4Trusted trusted;
static W4Sync *machine;
static W4SyncActions actions;
static int64_t timer_at;
static uint32_t taken;
static uint8_t *chunk[CHUNKS];
static size_t chunk_len[CHUNKS];

/* --- what is served --- */

void
join_reset(void)
{
	while (kept_n > 0)
	{
		Snapshot   *s = kept[--kept_n];

		for (uint32_t i = 0; i < s->chunks; i++)
			free(s->chunk[i]);
		free(s);
	}
	while (taken > 0)
		free(chunk[--taken]);
	free(machine);
	machine = NULL;
	joiner = -1;
}

static uint8_t *
copy_of(const void *bytes, size_t len)
{
	uint8_t    *copy = malloc(len);

	if (copy == NULL)
		abort();
	memcpy(copy, bytes, len);
	return copy;
}

/* The state of "app" is a checkpoint that this block led to. */
void
join_keep(const World *w, const Node *node, const App *app, const W4Tip *before, const W4Block *block, const W4Applied *applied)
{
	static uint8_t bytes[W4_MAX_CHUNK_BYTES];
	W4SnapshotWriter writer;
	Snapshot   *s;

	if (!w->joins || w->tainted[node->identity] || (kept_n > 0 && kept[kept_n - 1]->tip.height >= app->height) ||
		!w4_replica_snapshot(&writer, app->replica))
		return;
	if (kept_n == SNAPSHOTS || (s = calloc(1, sizeof(Snapshot))) == NULL)
		abort();
	kept[kept_n++] = s;
	s->next_tx = app->next_tx;
	s->tip = *before;
	if (!w4_tip_advance(&s->tip, block, &node->chain[app->height].cert, applied, w->chain_id))
		abort();
	for (W4Writer out = w4_writer(bytes, sizeof(bytes)); w4_snapshot_next(&writer, &out); out = w4_writer(bytes, sizeof(bytes)))
	{
		if (s->chunks == CHUNKS)
			abort();
		w4_merkle_leaf_hash(s->leaves + 32 * s->chunks, bytes, out.len);
		s->len[s->chunks] = out.len;
		s->chunk[s->chunks++] = copy_of(bytes, out.len);
	}
}

/* Offered once the block after it is decided. */
static const Snapshot *
snapshot_of(const Node *node, uint64_t height)
{
	for (int i = kept_n; i-- > 0;)
		if (kept[i]->tip.height < node->height && (height == 0 || kept[i]->tip.height == height))
			return kept[i];
	return NULL;
}

/* At least one tells the truth. */
static Source
source_of(const World *w, int index)
{
	return index >= w->n - 1 ? TRUE_SOURCE : (Source) ((w->seed / 2 + (uint64_t) index) % SOURCES);
}

static void
put_proof(World *w, const Node *node, uint64_t height, W4Writer *out)
{
	W4Block		block;

	if (height <= node->base || height > node->height)
		return;
	app_block_at(w, node, height, &block);
	w4_proof_message_put(out, &block.header, &node->chain[height].cert, check_members(w, height), w->chain_id);
}

static void
put_answer(World *w, const Node *node, const W4ServeAnswer *a, W4Writer *out)
{
	const Snapshot *s = snapshot_of(node, a->kind == W4_OFFER ? 0 : a->height);
	Source		lie = source_of(w, node->index);
	uint8_t		leaves[CHUNKS * 32];

	if (a->kind == W4_PROOF)
		put_proof(w, node, a->height, out);
	if (s == NULL || a->kind == W4_PROOF)
		return;
	if (a->kind == W4_OFFER && s->tip.height >= a->height)
		w4_prefix_put(out, W4_OFFER, s->tip.height, w->chain_id);
	if (a->kind == W4_MANIFEST)
	{
		memcpy(leaves, s->leaves, sizeof(leaves));
		leaves[0] ^= lie == CHANGES_MANIFEST;
		w4_manifest_put(out, &s->tip, leaves, s->chunks, w->chain_id);
	}
	if (a->kind != W4_CHUNK || a->index >= s->chunks || lie == DIES_MIDWAY)
		return;
	w4_chunk_put(out, a->height, a->index, w4_slice(s->chunk[a->index], s->len[a->index]), w->chain_id);
	out->buf[out->len - 1] ^= lie == CHANGES_CHUNKS;
	w->false_chunks += lie == CHANGES_CHUNKS;
}

static void
serve(World *w, Node *node, int asker, W4Slice request)
{
	W4ServeAnswer a;
	W4Writer	out;
	Message    *m;
	uint8_t		id[32];

	member_id(id, w->node[asker].identity);
	if (!w4_serve(&serving[node->index], id, request, w->now, &a))
		return;
	m = message_new(w);
	out = w4_writer(m->bytes, sizeof(m->bytes));
	put_answer(w, node, &a, &out);
	if (out.full)
		abort();
	m->len = out.len;
	if (m->len > 0)
		net_queue(w, node, asker, m);
	message_drop(w, m);
}

/* --- the joiner --- */

/* Into the replica of this node, as its own disk has it; true when all of it is right. */
bool
join_load(const World *w, const Node *node, App *app)
{
	static uint8_t head_bytes[W4_MAX_CHUNK_BYTES];
	W4SnapshotHead head;
	W4SnapshotLoader l;
	W4Params	params = app->replica->exec.state.params;
	const Snapshot *s = kept[0];

	for (int i = 0; s->tip.height != node->base; i++)
		s = kept[i];
	memcpy(head_bytes, chunk[0], chunk_len[0]);
	if (!w4_snapshot_head(&head, w4_slice(head_bytes, chunk_len[0]), w->chain_id, &params, NULL))
		return false;
	ledger_init(w, app);
	if (!w4_snapshot_load(&l, &app->replica->exec, &head))
		return false;
	for (uint32_t i = 1; i < taken; i++)
		if (!w4_snapshot_chunk(&l, w4_slice(chunk[i], chunk_len[i]), NULL))
			return false;
	app->height = node->base;
	app->next_tx = s->next_tx;
	memcpy(app->digest, s->tip.state_digest, 32);
	return w4_snapshot_finish(&l, node->joined.state_digest, NULL);
}

static void
start_on(World *w, Node *node, const W4Tip *tip)
{
	node->joined = *tip;
	node->base = tip->height;
	node->disk.tip = *tip;
	node->disk.height = tip->height;
	memcpy(node->chain[tip->height].digest, tip->state_digest, 32);
	joiner = -1;
	if (!join_load(w, node, &node->app))
		world_fail(w, "F29: what state sync gave cannot be loaded", node->index, tip->height);
	else
		node_start(w, node, true);
}

static void
send_request(World *w, Node *node, const W4SyncAction *a)
{
	Message    *m = message_new(w);

	m->len = a->bytes.len;
	memcpy(m->bytes, a->bytes.data, m->len);
	for (int i = 0; i < w->n; i++)
		if (w->node[i].identity == a->to[31])
			net_queue(w, node, i, m);
	message_drop(w, m);
}

static void
carry_out(World *w, Node *node, const W4SyncAction *a)
{
	switch (a->kind)
	{
		case W4_SYNC_ACT_SEND:
			send_request(w, node, a);
			break;
		case W4_SYNC_ACT_TIMER:
			timer_at = a->at > w->now ? a->at : w->now + 1;
			event_push(w, (Event) {.at = timer_at, .kind = EVENT_SYNC, .node = node->index});
			break;
		case W4_SYNC_ACT_BEGIN:
			while (taken > a->progress->chunks)
				free(chunk[--taken]);
			break;
		case W4_SYNC_ACT_CHUNK:
			if (a->index != taken || taken == CHUNKS)
				abort();
			chunk_len[taken] = a->bytes.len;
			chunk[taken++] = copy_of(a->bytes.data, a->bytes.len);
			break;
		case W4_SYNC_ACT_STRIKE:
			w->sync_strikes[a->reason]++;
			if (source_of(w, a->to[31]) == TRUE_SOURCE)
				world_fail(w, "F29: an honest source is struck", node->index, 0);
			break;
		case W4_SYNC_ACT_DONE:
			start_on(w, node, a->tip);
			break;
		case W4_SYNC_ACT_EXPIRED:
			world_fail(w, "F29: trust has expired", node->index, 0);
			break;
	}
}

static void
step(World *w, Node *node, const W4SyncEvent *e)
{
	if (w->failure != NULL)
		return;
	w4_sync_step(machine, e, (W4Now) {w->now, w->now}, &actions);
	for (int i = 0; i < actions.n && joiner >= 0; i++)
		carry_out(w, node, &actions.a[i]);
}

/* The node starts with nothing but the genesis. */
void
join_begin(World *w, Node *node)
{
	static W4Genesis genesis;
	W4ServeConfig config;
	W4SyncConfig sync;

	genesis.members = w->genesis;
	genesis.time_us = GENESIS_TIME;
	w4_trusted_genesis(&trusted, w->chain_id, &genesis);
	w4_serve_defaults(&config);
	memcpy(config.chain_id, w->chain_id, 32);
	for (int i = 0; i < w->n; i++)
		w4_serve_init(&serving[i], &config, w->now);
	w4_sync_defaults(&sync);
	memcpy(sync.chain_id, w->chain_id, 32);
	sync.suite = fake_suite;
	sync.trusted = &trusted;
	sync.max_chunks = CHUNKS;
	sync.window = 4;
	sync.timeout = sync.ask_again = US_PER_S;	/* heights take milliseconds here, and a script ends by heights */
	machine = malloc(w4_sync_size(&sync));
	if (machine == NULL || w4_sync_init(machine, &sync, NULL) == NULL)
		abort();
	joiner = node->index;
	for (int i = 0; i < w->n; i++)
	{
		uint8_t		id[32];

		member_id(id, w->node[i].identity);
		step(w, node, &(W4SyncEvent) {.kind = W4_SYNC_EV_LINK, .from = id, .up = true});
	}
}

bool
join_under_way(const Node *node)
{
	return node->index == joiner;
}

/* A message of state sync: a request to a peer that is up, or an answer to the joiner. */
void
join_message(World *w, Node *node, int from, W4Slice message)
{
	uint8_t		id[32];

	if (node->up)
	{
		serve(w, node, from, message);
		return;
	}
	if (!join_under_way(node))
		return;
	member_id(id, w->node[from].identity);
	step(w, node, &(W4SyncEvent) {.kind = W4_SYNC_EV_MESSAGE, .from = id, .message = message});
}

void
join_timer(World *w, Node *node, int64_t at)
{
	if (join_under_way(node) && at == timer_at)
		step(w, node, &(W4SyncEvent) {.kind = W4_SYNC_EV_TICK});
}
