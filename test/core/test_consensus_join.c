/*-------------------------------------------------------------------------
 *
 * test_consensus_join.c
 *		From nothing to a vote: snapshot, catching up by blocks, signing.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_cluster.h"
#include "core/consensus/serve.h"
#include "core/consensus/sync.h"
#include "core/merkle.h"

#define CHECKPOINT 12
#define CHUNKS 3

static uint8_t chunk[CHUNKS][1000];
static uint8_t leaves[CHUNKS * 32];
static uint8_t bytes[1 << 16];

/* Five members, one of which is voted out, while another is down from the beginning. */
static Cluster *
cluster_with_checkpoint(void)
{
	Cluster    *c = cluster_new(5);

	for (int i = 0; i < CHUNKS; i++)
	{
		memset(chunk[i], i + 1, sizeof(chunk[i]));
		w4_merkle_leaf_hash(leaves + 32 * i, chunk[i], sizeof(chunk[i]));
	}
	w4_merkle_root(c->snapshot_root, leaves, CHUNKS);
	c->checkpoint_at = CHECKPOINT;
	c->checkpoint_chunks = CHUNKS;
	c->change_to = c->chain.set;
	c->change_at = 4;
	assert_true(w4_members_remove(&c->change_to, c->chain.set.m[4].id));
	w4_members_seal(&c->change_to);
	c->peer[3].cut = true;
	cluster_work(c, 20);
	ticks(c, 600);
	assert_true(c->peer[0].decided >= 20);
	return c;
}

/* What a running peer answers from its store. */
static W4Slice
answer(Cluster *c, const W4ServeAnswer *a)
{
	W4Writer	w = w4_writer(bytes, sizeof(bytes));
	W4Block		block;

	switch (a->kind)
	{
		case W4_OFFER:
			w4_prefix_put(&w, W4_OFFER, CHECKPOINT, c->chain.id);
			break;
		case W4_PROOF:
			assert_true(w4_block_decode(&block, w4_slice(c->store[a->height].wire, c->store[a->height].len),
										c->chain.id, CLUSTER_BLOCK, NULL));
			w4_proof_message_put(&w, &block.header, &c->store[a->height].cert, &c->store[a->height].members, c->chain.id);
			break;
		case W4_MANIFEST:
			w4_manifest_put(&w, &c->checkpoint_tip, leaves, CHUNKS, c->chain.id);
			break;
		default:
			w4_chunk_put(&w, a->height, a->index, w4_slice(chunk[a->index], sizeof(chunk[a->index])), c->chain.id);
			break;
	}
	assert_false(w.full);
	return w4_slice(bytes, w.len);
}

/* One request after the other, each answered at once; the tip when it is done. */
static bool
join(Cluster *c, W4Tip *tip)
{
	static W4SyncActions acts;
	static W4Serve serve;
	W4ServeConfig serve_cfg;
	W4SyncConfig cfg;
	W4Trusted	trusted = {.members = c->chain.set};
	W4Sync	   *s;
	void	   *memory;
	uint32_t	taken = 0;
	W4SyncEvent e = {.kind = W4_SYNC_EV_LINK, .from = c->chain.set.m[0].id, .up = true};

	memcpy(trusted.hash, c->chain.id, 32);
	memcpy(trusted.next_members_hash, c->chain.set.hash, 32);
	w4_sync_defaults(&cfg);
	memcpy(cfg.chain_id, c->chain.id, 32);
	cfg.trusted = &trusted;
	cfg.max_chunks = CHUNKS;
	w4_serve_defaults(&serve_cfg);
	memcpy(serve_cfg.chain_id, c->chain.id, 32);
	w4_serve_init(&serve, &serve_cfg, c->now);
	memory = malloc(w4_sync_size(&cfg));
	s = w4_sync_init(memory, &cfg, NULL);
	for (int i = 0; i < 20; i++)
	{
		W4ServeAnswer a;
		bool		asked = false;

		w4_sync_step(s, &e, (W4Now) {c->now, c->now}, &acts);
		e = (W4SyncEvent) {.kind = W4_SYNC_EV_TICK};
		for (int k = 0; k < acts.n; k++)
		{
			const W4SyncAction *act = &acts.a[k];

			taken += act->kind == W4_SYNC_ACT_CHUNK && act->index == taken &&
				memcmp(act->bytes.data, chunk[act->index], act->bytes.len) == 0;
			if (act->kind == W4_SYNC_ACT_DONE)
			{
				*tip = *act->tip;
				free(memory);
				return taken == CHUNKS;
			}
			asked |= act->kind == W4_SYNC_ACT_SEND && w4_serve(&serve, c->chain.set.m[3].id, act->bytes, c->now, &a);
		}
		if (asked)
			e = (W4SyncEvent) {.kind = W4_SYNC_EV_MESSAGE, .from = c->chain.set.m[0].id, .message = answer(c, &a)};
	}
	free(memory);
	return false;
}

static void
start_with(Peer *p, const W4Tip *tip)
{
	W4Start		start = {.tip = tip, .fresh = true, .nonce = {77}};

	p->applied = p->decided = tip->height;
	p->tip = *tip;
	p->cut = false;
	peer_start(p, &start);
}

static void
test_join_and_vote(void **state)
{
	Cluster    *c = cluster_with_checkpoint();
	Peer	   *p = &c->peer[3];
	W4Tip		tip;

	(void) state;
	assert_true(join(c, &tip));
	assert_int_equal(tip.height, CHECKPOINT);
	assert_int_equal(tip.members[0].n, 4);
	assert_true(w4_mask_has(tip.rota.skipped, 3));	/* it has missed turns: no header says so */
	start_with(p, &tip);
	ticks(c, 100);
	assert_int_equal(p->decided, c->peer[0].decided);
	for (uint64_t h = CHECKPOINT + 1; h <= p->decided; h++)
		assert_memory_equal(p->hashes[h], c->peer[0].hashes[h], 32);
	assert_false(alarmed(p, W4_ALARM_DIVERGED));

	/* Without its vote there is no quorum now. */
	assert_true(peer_view(p).signing);
	c->peer[2].cut = true;
	cluster_work(c, 30);
	ticks(c, 600);
	assert_true(p->decided >= 30);
	assert_int_equal(c->peer[0].decided, p->decided);
	for (int i = 0; i < 5; i++)
		assert_int_equal(c->peer[i].evidence, 0);
	assert_memory_equal(w4_consensus_tip(p->core)->state_digest, w4_consensus_tip(c->peer[0].core)->state_digest, 32);
	cluster_free(c);
}

/* A tip that leaves out who missed turns is not one to start with: the next proposers are others. */
static void
test_rota_matters(void **state)
{
	Cluster    *c = cluster_with_checkpoint();
	W4Tip		tip;
	bool		differs = false;

	(void) state;
	assert_true(join(c, &tip));
	for (uint64_t h = CHECKPOINT + 1; h < CHECKPOINT + 5; h++)
		differs |= w4_rota_proposer(&tip.members[1], tip.rota.skipped, h, 0) != w4_rota_proposer(&tip.members[1], 0, h, 0);
	assert_true(differs);
	cluster_free(c);
}

/* The consensus machine is no server of snapshots: it counts such messages, and nobody is struck. */
static void
test_not_for_the_core(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];

	(void) state;
	for (int kind = W4_FETCH_OFFER; kind <= W4_CHUNK; kind++)
	{
		W4Writer	w = w4_writer(bytes, sizeof(bytes));

		w4_prefix_put(&w, (uint8_t) kind, 1, c->chain.id);
		peer_message(p, c->chain.set.m[1].id, bytes, w.len);
	}
	assert_int_equal(dropped(p, W4_DROP_NOT_WANTED), 8);
	assert_int_equal(p->accused, 0);
	cluster_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join_and_vote),
		cmocka_unit_test(test_rota_matters),
		cmocka_unit_test(test_not_for_the_core)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
