/*-------------------------------------------------------------------------
 *
 * test_consensus_machine.c
 *		The consensus core step by step: counts, order, refusals, restarts.
 *
 * What may happen in any order under any faults is the simulator's business
 * (test/sim); here stand the promises that have a number or a name.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_cluster.h"

/* --- a calm network --- */

/* (N - 1)(2N + 1) messages a block: 27, 90, 189 at N = 4, 7, 10 (consensus spec 0.3). */
static void
test_messages_per_block(void **state)
{
	static const int sizes[][2] = {{1, 0}, {2, 5}, {4, 27}, {7, 90}, {10, 189}, {13, 324}};

	(void) state;
	for (size_t i = 0; i < COUNT(sizes); i++)
	{
		Cluster    *c = cluster_new(sizes[i][0]);
		uint64_t	expected = (uint64_t) sizes[i][1] * 5;

		memset(c->sent, 0, sizeof(c->sent));
		cluster_work(c, 5);
		while (c->n == 1 && c->peer[0].decided < 5)
			cluster_tick(c, 1);
		for (int k = 0; k < c->n; k++)
		{
			assert_int_equal(c->peer[k].decided, 5);
			assert_memory_equal(c->peer[k].hashes[5], c->peer[0].hashes[5], 32);
		}
		assert_int_equal(c->sent[W4_PRE_PREPARE], 5 * (c->n - 1));
		assert_int_equal(c->sent[W4_PRE_PREPARE] + c->sent[W4_PREPARE] + c->sent[W4_COMMIT], expected);
		for (int kind = W4_VIEW_CHANGE; kind < 32; kind++)
			assert_int_equal(c->sent[kind], 0);
		cluster_free(c);
	}
}

/* Each vote is verified once: q - 1 others' PREPAREs and COMMITs, one proposal; the last commit is known. */
static void
test_votes_verified_once(void **state)
{
	Cluster    *c = cluster_new(4);
	uint64_t	before;
	uint64_t	votes;

	(void) state;
	cluster_work(c, 1);
	before = peer_view(&c->peer[0]).verified;
	cluster_work(c, 11);
	votes = peer_view(&c->peer[0]).verified - before;
	assert_true(votes <= 10 * (1 + 3 + 3) + 10);
	cluster_free(c);
}

/* An idle network changes no views (L4). */
static void
test_idle(void **state)
{
	Cluster    *c = cluster_new(4);

	(void) state;
	cluster_work(c, 1);
	for (int k = 0; k < 4; k++)
		peer_event(&c->peer[k], &(W4Event) {.kind = W4_EV_WORK, .flag = false});
	for (int s = 0; s < 600; s++)
		cluster_tick(c, 1000000);
	assert_int_equal(c->sent[W4_VIEW_CHANGE], 0);
	assert_int_equal(peer_view(&c->peer[0]).view, 0);
	assert_true(c->sent[W4_STATUS] <= 4 * 3 * (600 / 5 + 10));
	cluster_free(c);
}

/* --- durable before sent --- */

static void
test_nothing_leaves_before_the_disk_answers(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[1];	/* proposes at height 1 */

	(void) state;
	p->hold_persist = true;
	memset(c->sent, 0, sizeof(c->sent));
	cluster_work(c, 1);
	assert_int_equal(c->sent[W4_PRE_PREPARE], 0);
	assert_int_equal(c->sent[W4_PREPARE], 0);
	assert_int_equal(p->decided, 0);

	/* A token of the past or the future frees nothing. */
	peer_event(p, &(W4Event) {.kind = W4_EV_PERSISTED, .token = p->unacknowledged + 1});
	peer_event(p, &(W4Event) {.kind = W4_EV_PERSISTED, .token = 1});
	assert_int_equal(c->sent[W4_PRE_PREPARE], 0);

	/* The record names what is about to leave. */
	assert_int_equal(p->record.proposal.kind, W4_PRE_PREPARE);
	assert_int_equal(p->record.prepare.kind, W4_PREPARE);
	assert_int_equal(p->record.signed_last.height, 1);
	assert_true(p->proposal_len > W4_VOTE_WIRE_LEN);
	p->hold_persist = false;
	peer_event(p, &(W4Event) {.kind = W4_EV_PERSISTED, .token = p->unacknowledged});
	assert_int_equal(c->sent[W4_PRE_PREPARE], 3);
	cluster_deliver(c);
	assert_int_equal(p->decided, 1);
	cluster_free(c);
}

/* Nobody is told of a decision, and nobody is given the block, before it is durable. */
static void
test_decision_waits_for_the_disk(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		bytes[64];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	(void) state;
	c->work_until = 1;
	for (int i = 0; i < 4; i++)
		peer_event(&c->peer[i], &(W4Event) {.kind = W4_EV_WORK, .flag = true});
	while (c->head < c->tail && p->applied == 0)
	{
		Packet	   *k = &c->queue[c->head++];

		/* From its COMMIT on the disk of this peer is silent. */
		if (p->record.commit.kind != 0)
			p->hold_persist = true;
		peer_message(&c->peer[k->to], c->chain.set.m[k->from].id, k->bytes, k->len);
		free(k->bytes);
	}
	assert_int_equal(p->applied, 1);
	assert_int_equal(p->decided, 0);
	w4_prefix_put(&w, W4_FETCH_BLOCKS, 1, c->chain.id);
	w4_put_u64be(&w, 1);
	peer_message(p, c->chain.set.m[2].id, bytes, w.len);
	assert_int_equal(p->decided, 0);
	peer_event(p, &(W4Event) {.kind = W4_EV_PERSISTED, .token = p->unacknowledged});
	assert_int_equal(p->decided, 1);
	cluster_free(c);
}

/* --- views --- */

/* The proposer is dead: its turn is taken by the next one, after the timeout or sooner. */
static void
test_dead_proposer(void **state)
{
	Cluster    *c = cluster_new(4);

	(void) state;
	c->peer[1].cut = true;
	cluster_work(c, 1);
	assert_int_equal(c->peer[0].decided, 0);
	for (int s = 0; s < 40 && c->peer[0].decided == 0; s++)
		cluster_tick(c, 100000);

	/* Three of four suspect it after a second of silence and one STATUS round. */
	assert_int_equal(c->peer[0].decided, 1);
	assert_true(c->now < 1000000 + 4000000);
	for (int i = 0; i < 4; i++)
		assert_int_equal(c->peer[i].decided, i == 1 ? 0 : 1);

	/* Back again, it is given the block's certificate and what it lacks. */
	c->peer[1].cut = false;
	for (int s = 0; s < 40; s++)
		cluster_tick(c, 100000);
	assert_true(dropped(&c->peer[1], W4_DROP_BAD_SIGNATURE) == 0);
	cluster_free(c);
}

/* A link that is known to be down is suspected after the grace period. */
static void
test_link_down(void **state)
{
	Cluster    *c = cluster_new(4);

	(void) state;
	c->peer[1].cut = true;
	cluster_work(c, 1);
	for (int i = 0; i < 4; i++)
		peer_event(&c->peer[i], &(W4Event) {.kind = W4_EV_LINK, .from = c->chain.set.m[1].id, .flag = false});
	for (int s = 0; s < 12; s++)
		cluster_tick(c, 100000);
	assert_int_equal(c->peer[0].decided, 1);
	cluster_free(c);
}

/* A block that the host refuses costs its proposer the turn; evidence only if the rule is everybody's. */
static void
test_refused_blocks(void **state)
{
	(void) state;
	for (int k = 0; k < 2; k++)
	{
		Cluster    *c = cluster_new(4);

		for (int i = 0; i < 4; i++)
			c->peer[i].verdict = k == 0 ? W4_BLOCK_BAD : W4_BLOCK_UNWANTED;
		cluster_work(c, 1);
		assert_int_equal(peer_view(&c->peer[0]).view, 2);
		assert_int_equal(c->sent[W4_VIEW_CHANGE], 2 * 12);
		assert_true(dropped(&c->peer[0], W4_DROP_BAD_BLOCK) > 0);
		assert_int_equal(c->peer[0].evidence > 0, k == 0);
		cluster_free(c);
	}
}

/* A proposer with a wrong clock loses its turn and is not accused. */
static void
test_wrong_clock(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[1];
	W4Actions  *acts = malloc(sizeof(W4Actions));
	W4Now		skewed = {c->now, c->now + 600000000};

	(void) state;
	c->work_until = 1;
	w4_consensus_step(p->core, &(W4Event) {.kind = W4_EV_WORK, .flag = true}, skewed, acts);
	peer_carry_out(p, acts);
	free(acts);
	cluster_deliver(c);
	assert_true(dropped(&c->peer[0], W4_DROP_CLOCK) > 0);
	assert_int_equal(c->peer[0].evidence, 0);
	cluster_free(c);
}

/* --- bad input: dropped, counted, never a changed vote --- */

static void
test_refusals(void **state)
{
	static const struct
	{
		W4VoteKind	kind;
		uint64_t	height;
		uint32_t	view;
		int			index;
		int			from;
		W4Drop		reason;
	}			cases[] = {
		{W4_PREPARE, 4, 0, 2, 2, W4_DROP_HEIGHT_AHEAD},
		{W4_PREPARE, 1, 0, 2, 2, W4_DROP_HEIGHT_PAST},
		{W4_PREPARE, 2, W4_VIEWS_AHEAD + 1, 2, 2, W4_DROP_VIEW_AHEAD},
		{W4_COMMIT, 2, 60000, 2, 2, W4_DROP_VIEW_AHEAD},
		{W4_PREPARE, 2, 0, 3, 2, W4_DROP_NOT_ITS_OWN},
		{W4_VIEW_CHANGE, 2, 1, 3, 2, W4_DROP_NOT_ITS_OWN}
	};
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		bytes[W4_VOTE_WIRE_LEN + 8];

	(void) state;
	cluster_work(c, 1);
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		uint64_t	before = dropped(p, cases[i].reason);
		W4Vote		v = {(uint8_t) cases[i].kind, (uint16_t) cases[i].index, cases[i].view, cases[i].height, {0}, {0}, {0}};
		W4Writer	w = w4_writer(bytes, sizeof(bytes));

		v.hash[0] = cases[i].kind == W4_VIEW_CHANGE ? 0 : 9;
		vote_sign(&c->chain, &v);
		w4_vote_put(&w, &v, c->chain.id);
		if (cases[i].kind == W4_VIEW_CHANGE)
			w4_put_u64be(&w, UINT64_MAX);
		peer_message(p, c->chain.set.m[cases[i].from].id, bytes, w.len);
		assert_int_equal(dropped(p, cases[i].reason), before + 1);
	}
	assert_int_equal(p->record.prepare.kind, 0);
	cluster_free(c);
}

static void
test_forged_and_double_votes(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		bytes[W4_VOTE_WIRE_LEN];
	W4Vote		v;

	(void) state;
	cluster_work(c, 1);
	for (int k = 0; k < 4; k++)
	{
		static const W4Drop expected[] = {W4_DROP_BAD_SIGNATURE, W4_DROP_REASONS, W4_DROP_DUPLICATE, W4_DROP_EQUIVOCATION};
		uint64_t	before = k == 1 ? 0 : dropped(p, expected[k]);
		W4Writer	w = w4_writer(bytes, sizeof(bytes));

		/* Forged; the first; the same again; another block. */
		v = vote_make(&c->chain, W4_PREPARE, 2, 0, k < 3 ? 1 : 2, 3);
		v.signature[0] ^= k == 0;
		w4_vote_put(&w, &v, c->chain.id);
		peer_message(p, c->chain.set.m[3].id, bytes, w.len);
		if (k != 1)
			assert_int_equal(dropped(p, expected[k]), before + 1);
	}
	assert_int_equal(p->evidence, 1);
	assert_true(c->sent[W4_EVIDENCE] >= 3);
	cluster_deliver(c);
	assert_int_equal(c->peer[1].evidence, 1);	/* told by others, checked again */
	cluster_free(c);
}

/* Three pieces of garbage from one peer: the host may accuse it. */
static void
test_garbage(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		bytes[300];

	(void) state;
	for (int i = 0; i < 300; i++)
	{
		memset(bytes, i, sizeof(bytes));
		peer_message(p, c->chain.set.m[2].id, bytes, (size_t) i);
	}
	assert_int_equal(dropped(p, W4_DROP_MALFORMED), 300);
	assert_int_equal(p->accused, 100);
	cluster_work(c, 1);
	assert_int_equal(p->decided, 1);
	cluster_free(c);
}

/* The same for what is well begun and has a byte too many, whatever the kind: nobody honest sends it. */
static void
test_malformed_strikes(void **state)
{
	static const uint8_t kinds[] = {
		W4_PRE_PREPARE, W4_PREPARE, W4_COMMIT, W4_VIEW_CHANGE, W4_NEW_VIEW, W4_STATUS, W4_FETCH_PROPOSAL,
		W4_FETCH_BODY, W4_FETCH_BLOCKS, W4_BLOCKS, W4_COMMITTED, W4_EVIDENCE
	};
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];

	(void) state;
	for (size_t i = 0; i < COUNT(kinds); i++)
	{
		uint8_t		bytes[W4_MESSAGE_PREFIX_LEN + 1];
		W4Writer	w = w4_writer(bytes, sizeof(bytes));

		w4_prefix_put(&w, kinds[i], 1, c->chain.id);
		w4_put_u8(&w, 7);
		for (int k = 0; k < W4_STRIKES; k++)
			peer_message(p, c->chain.set.m[2].id, bytes, w.len);
		assert_int_equal(dropped(p, W4_DROP_MALFORMED), i * (W4_STRIKES + 1) + W4_STRIKES);
		assert_int_equal(p->accused, i + 1);
		assert_memory_equal(p->accused_id, c->chain.set.m[2].id, 32);

		/* From whom is no member: counted, and nobody is accused. */
		peer_message(p, c->chain.id, bytes, w.len);
		assert_int_equal(p->accused, i + 1);
	}
	cluster_free(c);
}

/* Every message that four peers send, cut at every length and with every byte changed, moves nobody. */
static void
test_mutilated_messages(void **state)
{
	Cluster    *c = cluster_new(4);
	Peer	   *p = &c->peer[0];
	uint8_t		copy[4096];

	(void) state;
	c->work_until = 3;
	for (int i = 0; i < 4; i++)
		peer_event(&c->peer[i], &(W4Event) {.kind = W4_EV_WORK, .flag = true});
	while (c->head < c->tail)
	{
		Packet	   *k = &c->queue[c->head++];
		const uint8_t *from = c->chain.set.m[k->from].id;

		for (size_t i = 0; i < k->len && k->to == 0 && k->len <= sizeof(copy); i += 3)
		{
			memcpy(copy, k->bytes, k->len);
			peer_message(p, from, copy, i);
			copy[i] ^= 0x20;
			peer_message(p, from, copy, k->len);
		}
		peer_message(&c->peer[k->to], from, k->bytes, k->len);
		free(k->bytes);
	}
	c->head = c->tail = 0;
	for (int i = 1; i < 4; i++)
		assert_int_equal(c->peer[i].decided, 3);
	for (int s = 0; s < 100 && p->decided < 3; s++)
		cluster_tick(c, 100000);
	for (uint64_t h = 1; h <= p->decided; h++)
		assert_memory_equal(p->hashes[h], c->peer[1].hashes[h], 32);
	cluster_free(c);
}

/* Before START nothing moves. */
static void
test_not_started(void **state)
{
	W4Config	cfg;
	W4Consensus *core;
	W4Actions  *acts = malloc(sizeof(W4Actions));
	void	   *memory;

	(void) state;
	w4_config_defaults(&cfg);
	cfg.max_members = 4;
	cfg.max_block = 1024;
	memory = malloc(w4_consensus_size(&cfg));
	core = w4_consensus_init(memory, &cfg);
	w4_consensus_step(core, &(W4Event) {.kind = W4_EV_TICK}, (W4Now) {1, 1}, acts);
	assert_int_equal(acts->n, 0);
	assert_int_equal(w4_consensus_dropped(core, W4_DROP_NOT_STARTED), 1);
	for (int i = 0; i < W4_DROP_REASONS; i++)
		assert_non_null(w4_drop_name((W4Drop) i));
	free(memory);
	free(acts);
}

/* Memory is known beforehand and depends on nothing but the configuration. */
static void
test_memory(void **state)
{
	static const int sizes[] = {4, 10, 64};

	(void) state;
	for (size_t i = 0; i < COUNT(sizes); i++)
	{
		W4Config	cfg;
		size_t		size;

		w4_config_defaults(&cfg);
		cfg.max_members = sizes[i];
		size = w4_consensus_size(&cfg) - 5 * (size_t) cfg.max_block;
		print_message("N = %d: %zu KiB and five blocks\n", sizes[i], size / 1024);
		assert_true(size < 4u << 20);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_per_block),
		cmocka_unit_test(test_votes_verified_once),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_nothing_leaves_before_the_disk_answers),
		cmocka_unit_test(test_decision_waits_for_the_disk),
		cmocka_unit_test(test_dead_proposer),
		cmocka_unit_test(test_link_down),
		cmocka_unit_test(test_refused_blocks),
		cmocka_unit_test(test_wrong_clock),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_forged_and_double_votes),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_malformed_strikes),
		cmocka_unit_test(test_mutilated_messages),
		cmocka_unit_test(test_not_started),
		cmocka_unit_test(test_memory)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
