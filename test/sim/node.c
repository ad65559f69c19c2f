/*-------------------------------------------------------------------------
 *
 * node.c
 *		A host for the core: hooks, crash and restart.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

/* --- hooks --- */

static Node *
node_of(void *arg)
{
	return arg;
}

static World *the_world;

/* The key of this identity at the height of the message; a rotated one where it holds already. */
static bool
sign(void *arg, uint8_t signature[64], const void *message, size_t len)
{
	Node	   *node = node_of(arg);
	const W4Tip *tip = w4_consensus_tip(node->core);

	for (int i = 0; i < tip->members[1].n; i++)
	{
		if (tip->members[1].m[i].id[31] != node->identity)
			continue;
		fake_sign(signature, message, len, tip->members[1].m[i].key);
		return true;
	}
	return false;
}

static W4Verdict
judge(void *arg, const W4Block *block)
{
	Node	   *node = node_of(arg);

	return app_judge(the_world, node, &node->app, w4_consensus_tip(node->core), block);
}

static bool
build(void *arg, uint64_t height, bool must, W4Slice *txs, W4Slice *evidence)
{
	(void) height;
	return app_build(the_world, node_of(arg), must, txs, evidence);
}

static int
store_block(World *w, const W4Block *block)
{
	Stored	   *s;

	for (int i = w->stored_at[block->header.height]; i >= 0; i = w->blocks[i].sibling)
		if (w4_hash_eq(w->blocks[i].hash, block->hash))
			return i;
	if (w->blocks_n == 2 * MAX_HEIGHT)
		abort();
	s = &w->blocks[w->blocks_n];
	s->sibling = w->stored_at[block->header.height];
	w->stored_at[block->header.height] = w->blocks_n;
	s->height = block->header.height;
	s->judged = false;
	memcpy(s->hash, block->hash, 32);
	s->len = (uint16_t) block->wire.len;
	memcpy(s->wire, block->wire.data, block->wire.len);
	return w->blocks_n++;
}

static void
apply(void *arg, const W4Block *block, const W4Cert *cert, W4Applied *out)
{
	Node	   *node = node_of(arg);
	Link	   *link = &node->chain[node->height + 1];
	const W4Tip *tip = w4_consensus_tip(node->core);

	check_decided(the_world, node, block, cert, tip);
	link->block = store_block(the_world, block);
	w4_cert_copy(&link->cert, cert);
	link->touched = app_apply(the_world, node, &node->app, tip, block, out);
	link->next_tx = node->app.next_tx;
	link->next_accusation = node->app.next_accusation;
	memcpy(link->digest, node->app.digest, 32);
	node->height++;
	pool_prune(node);
	check_applied(the_world, node, block, cert, tip, out);
}

/* --- life --- */

/*
 * A liar is never in doubt about what it signed: its record says that it
 * remembers everything, so it does not abstain when a certificate shows a vote
 * that it, or another life of it, has made up.
 */
static void
brazen_record(Node *node)
{
	node->disk.ever = true;
	w4_record_init(&node->disk.record, node->disk.tip.height + 1);
	node->disk.record.signed_last = w4_vote_position(&(W4Vote) {.kind = W4_COMMIT, .height = W4_MAX_HEIGHT, .view = W4_MAX_VIEW});
	node->disk.log_ever = true;
}

void
node_init(World *w, int index, int identity, Villainy villainy)
{
	Node	   *node = &w->node[index];

	node->index = index;
	node->identity = identity;
	node->villainy = villainy;
	node->exists = true;
	node->up = false;
	node->paused = false;
	node->life = 0;
	node->skew = w->faults.skew_max == 0 ? 0 : rng_between(&w->rng, -w->faults.skew_max, w->faults.skew_max);
	node->height = 0;
	node->base = 0;
	app_genesis(w, &node->app);
	node->chain[0].next_tx = 1;
	memcpy(node->chain[0].digest, node->app.digest, 32);
	node->pool_n = 0;
	node->gossiping = false;
	node->disk.ever = false;
	node->disk.height = 0;
	node->disk.proposal_len = 0;
	node->disk.body_len = 0;
	node->disk.log_ever = false;
	memset(&node->disk.log, 0, sizeof(node->disk.log));
	node->backup.ever = false;
	node->restored = false;
	node->damage = UNDAMAGED;
	node->disk_full_until = 0;
	node->late = false;
	node->voted = 0;
	node->forgot_until = 0;
	node->reported = 0;
	node->salt = (uint64_t) index;
	app_genesis_tip(w, &node->app, &node->disk.tip);
	if (villainy != HONEST)
	{
		w->tainted[identity] = true;
		brazen_record(node);
	}
	node->memory = realloc(node->memory, w->core_size);
	if (node->memory == NULL)
		abort();
}

void
node_start(World *w, Node *node, bool fresh)
{
	W4Config	config = w->config;
	W4Start		start = {.tip = &node->disk.tip, .fresh = fresh || (!node->disk.ever && !node->disk.log_ever)};
	W4Event		e = {.kind = W4_EV_START, .start = &start};
	uint64_t	nonce = rng_next(&w->rng);

	if (w->verbose)
		printf("%10.6f node %d starts\n", (double) w->now / US_PER_S, node->index);
	disk_read(w, node, &start);
	node->up = true;
	node->paused = false;
	node->life++;
	node->height = node->disk.height;
	check_kept(w, node);
	if (node->app.height != node->height)
		app_rebuild(w, node, &node->app, node->height);
	node->pending_n = 0;
	node->timer_at = node->timer_queued = 0;
	node->told_work = false;
	member_id(config.me, node->identity);
	config.host = (W4Host) {node, sign, judge, build, apply};
	node->core = w4_consensus_init(node->memory, &config);
	memcpy(start.nonce, &nonce, 8);
	node_step(w, node, &e);
	if (node->up)
		node_tell_work(w, node);
}

void
node_crash(World *w, Node *node, int64_t down_for)
{
	if (!node->up)
		return;
	if (w->verbose)
		printf("%10.6f node %d crashes\n", (double) w->now / US_PER_S, node->index);
	node->up = false;
	w->crashes++;
	disk_settle(w, node);
	node->life++;
	disk_hurt(w, node);
	if (down_for >= 0)
		event_push(w, (Event) {.at = w->now + down_for, .kind = EVENT_RESTART, .node = node->index, .life = node->life});
}

void
node_tell_work(World *w, Node *node)
{
	W4Event		e = {.kind = W4_EV_WORK};

	if (!node->up || node->paused)
		return;
	e.flag = app_work(w, node);
	if (e.flag == node->told_work)
		return;
	node->told_work = e.flag;
	node_step(w, node, &e);
}

/* --- steps --- */

static void
set_timer(World *w, Node *node, int64_t at)
{
	node->timer_at = at;
	if (at == 0)
		return;
	if (at <= w->now)
		node->timer_at = at = w->now + 1;
	if (node->timer_queued != 0 && node->timer_queued <= at)
		return;
	node->timer_queued = at;
	event_push(w, (Event) {.at = at, .kind = EVENT_TIMER, .node = node->index, .life = node->life});
}

/* Carry out what a step asked for; the node may die between any two actions. */
static void
carry_out(World *w, Node *node, W4Actions *acts)
{
	uint64_t	life = node->life;
	const W4Persist *persist = NULL;

	for (int i = 0; i < acts->n; i++)
	{
		const W4Action *a = &acts->a[i];

		if (!w->healed && rng_hit(&w->rng, w->faults.crash_at_action))
		{
			node_crash(w, node, rng_between(&w->rng, 0, w->faults.down_max));
			return;
		}
		switch (a->kind)
		{
			case W4_ACT_PERSIST:
				if (disk_full(w, node))
				{
					/* The write fails, so the state is void: start again from disk, until there is room. */
					w->disk_refusals++;
					node_crash(w, node, rng_between(&w->rng, 100 * US_PER_MS, US_PER_S));
					return;
				}
				if (w->faults.disk_max > 0)
					disk_write(w, node, &a->persist);
				else
					persist = &a->persist;
				break;
			case W4_ACT_SEND:
				net_send(w, node, a);
				break;
			case W4_ACT_SEND_BLOCKS:
				net_send_blocks(w, node, a);
				break;
			case W4_ACT_TIMER:
				set_timer(w, node, a->at);
				break;
			case W4_ACT_EVIDENCE:
				check_evidence(w, node, &a->conviction);
				pool_add(w, node, &a->conviction, a->part[0]);
				break;
			case W4_ACT_ACCUSE:
				pool_accuse(w, node, a->to);
				break;
			case W4_ACT_DECIDED:
				check_told(w, node, a->first, a->last);
				break;
			case W4_ACT_ALARM:
				check_alarm(w, node, a);
				if (w->verbose)
					printf("%10.3f node %d alarm %d height %llu\n", (double) w->now / US_PER_S, node->index, (int) a->alarm, (unsigned long long) a->first);
				break;
		}
	}

	/* Without a slow disk a write is a copy; the state is not shifted through the queue. */
	if (persist != NULL && node->up && node->life == life)
	{
		disk_write(w, node, persist);
		disk_written(w, node);
	}
}

void
node_step(World *w, Node *node, const W4Event *event)
{
	W4Actions  *acts = &w->actions;
	uint64_t	height = node->height;
	W4Now		now = {w->now, w->now + node->skew};

	if (w->failure != NULL)
		return;
	the_world = w;
	w->steps++;
	w4_consensus_step(node->core, event, now, acts);
	carry_out(w, node, acts);
	if (node->up && (node->height != height || node->pool_n > 0))
		node_tell_work(w, node);
}
