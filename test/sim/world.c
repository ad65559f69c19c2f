/*-------------------------------------------------------------------------
 *
 * world.c
 *		Virtual time: what an event does, the client, the two phases of a run.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

#define NEMESIS_EVERY (100 * US_PER_MS)
#define FULL_SHARE 16			/* one run in so many has the real state machine */
#define SCRIPT_HEIGHTS 400		/* that a script may take for what it is for */

/* --- messages --- */

Message *
message_new(World *w)
{
	Message    *m = w->free_messages;

	if (m != NULL)
		w->free_messages = m->next_free;
	else
		m = malloc(sizeof(Message));
	if (m == NULL)
		abort();
	m->refs = 1;
	m->len = 0;
	return m;
}

void
message_drop(World *w, Message *m)
{
	if (--m->refs > 0)
		return;
	m->next_free = w->free_messages;
	w->free_messages = m;
}

/* --- one event --- */

static void
deliver(World *w, Node *node, const Event *e)
{
	W4Event		ev = {.kind = W4_EV_MESSAGE};
	uint8_t		from[32];

	member_id(from, w->node[e->from].identity);
	ev.from = from;
	ev.message = w4_slice(e->message->bytes, e->message->len);
	if (w->beyond && !w->tainted[node->identity])
		heard_message(w, e->message->bytes, e->message->len);
	if (e->message->bytes[W4_MAGIC_LEN] == W4_EVIDENCE)
		pool_heard(w, node, e->message->bytes, e->message->len);
	node_step(w, node, &ev);
	if (node->up && w->failure == NULL)
		check_delivered(w, node, w->node[e->from].identity, e->message->bytes, e->message->len);
}

static void
timer(World *w, Node *node, const Event *e)
{
	W4Event		ev = {.kind = W4_EV_TICK};

	node->timer_queued = 0;
	if (node->timer_at == 0)
		return;
	if (node->timer_at > e->at)
	{
		node->timer_queued = node->timer_at;
		event_push(w, (Event) {.at = node->timer_at, .kind = EVENT_TIMER, .node = node->index, .life = node->life});
		return;
	}
	node->timer_at = 0;
	node_step(w, node, &ev);
}

/* What a stopped process finds when it goes on: everything at once. */
static void
later(World *w, const Event *e)
{
	Event		again = *e;
	const Node *node = &w->node[e->node];

	again.at = node->resume_at > w->now ? node->resume_at : w->now + 1;
	event_push(w, again);
}

/* Has the script what it is for?  It may go on for a while. */
bool
world_goal(const World *w)
{
	return w->script == NULL || w->script->verdict == NULL || w->amid_faults || w->healed || w->decided >= SCRIPT_HEIGHTS ||
		w->script->verdict(w) == NULL;
}

static void
client(World *w)
{
	int64_t		gap = 5 * US_PER_MS;
	bool		busy = w->submitted >= w->done + 8 && !w->healed;

	/* Clients wait for answers: little is on the way at any time. */
	if (!busy)
		w->submitted += 1 + rng_below(&w->rng, 3);
	else
		gap = 50 * US_PER_MS;
	for (int i = 0; i < w->nodes; i++)
		node_tell_work(w, &w->node[i]);
	if (w->faults.idle_gaps && !w->healed && rng_hit(&w->rng, 50000))
		gap = rng_between(&w->rng, US_PER_S, 20 * US_PER_S);
	if ((w->decided < (uint64_t) w->heights || !world_goal(w)) && !w->healed)
		event_push(w, (Event) {.at = w->now + gap, .kind = EVENT_CLIENT});
}

static void
handle(World *w, const Event *e)
{
	Node	   *node = &w->node[e->node];
	bool		alive = node->up && e->life == node->life;

	switch (e->kind)
	{
		case EVENT_NEMESIS:
			faults_nemesis(w);
			if (!w->healed)
				event_push(w, (Event) {.at = w->now + NEMESIS_EVERY, .kind = EVENT_NEMESIS});
			return;
		case EVENT_CLIENT:
			client(w);
			return;
		case EVENT_GOSSIP:
			pool_gossip(w, node);
			return;
		case EVENT_RESTART:
			if (!node->up && e->life == node->life)
				node_start(w, node, false);
			return;
		case EVENT_RESUME:
			node->paused = false;
			return;
		case EVENT_DELIVER:
			/* The network knows no lives: a message may reach a node that was started again. */
			if (node->up && node->paused)
			{
				later(w, e);
				return;
			}
			if (w4_sync_kind(e->message->bytes[W4_MAGIC_LEN]))
				join_message(w, node, e->from, w4_slice(e->message->bytes, e->message->len));
			else if (node->up)
				deliver(w, node, e);
			message_drop(w, e->message);
			return;
		case EVENT_SYNC:
			join_timer(w, node, e->at);
			return;
		case EVENT_TIMER:
			if (alive && node->paused)
				later(w, e);
			else if (alive)
				timer(w, node, e);
			return;
		case EVENT_WRITTEN:
			if (alive && node->paused)
				later(w, e);
			else if (alive)
				disk_written(w, node);
			return;
	}
}

/* --- a run --- */

void
world_fail(World *w, const char *what, int node, uint64_t height)
{
	if (w->failure != NULL)
		return;
	w->failure = what;
	w->failure_node = node;
	w->failure_height = height;
}

/*
 * Beyond f liars a fork is no failure of the protocol, provided that what
 * honest peers heard convicts f + 1 of them of what they did at that very
 * height; f is that of the set at the fork, from which some may have been put
 * out.  That nobody else is convicted heard.c sees to.
 */
bool
world_forked(World *w)
{
	return w->beyond && w->failure != NULL && strncmp(w->failure, "I1:", 3) == 0 &&
		w4_mask_count(heard_guilty(w->failure_height)) > w4_faulty(check_members(w, w->failure_height)->n);
}

World *
world_new(void)
{
	World	   *w = calloc(1, sizeof(World));

	if (w == NULL)
		abort();
	events_init(&w->events);
	w->blocks = malloc(2 * MAX_HEIGHT * sizeof(Stored));
	if (w->blocks == NULL)
		abort();
	return w;
}

static void
make_genesis(World *w)
{
	memset(w->chain_id, 0xC4, 32);
	memcpy(w->chain_id, &w->seed, 8);
	memset(&w->genesis, 0, sizeof(w->genesis));
	for (int i = 0; i < w->n; i++)
	{
		uint8_t		id[32];
		uint8_t		key[32];

		member_id(id, i);
		member_key(key, i, 0);
		(void) w4_members_add(&w->genesis, id, key);
	}
	w4_members_seal(&w->genesis);
}

static void
make_config(World *w)
{
	W4Config   *c = &w->config;

	w4_config_defaults(c);
	memcpy(c->chain_id, w->chain_id, 32);
	c->suite = fake_suite;
	c->max_members = w->n + MAX_CHANGES;
	c->max_block = MAX_BLOCK;
	c->view_timeout = 2 * US_PER_S;
	c->view_timeout_max = 60 * US_PER_S;
	w->core_size = w4_consensus_size(c);
}

static void
reset(World *w)
{
	events_clear(w);
	w->now = US_PER_S;
	w->nodes = 0;
	w->healed = false;
	w->cut_until = 0;
	w->submitted = 0;
	w->accusations = 0;
	w->done = 0;
	w->blocks_n = 0;
	w->proposed_height = 0;
	w->first_prepared.height = w->old_prepared.height = w->oldest_prepared.height = 0;
	w->liars = 0;
	w->decided = 0;
	w->stage = 0;
	w->hidden = w->two_faced = w->set_back_at = w->wilful_height = 0;
	w->crashes = w->pauses = w->disk_refusals = w->damages = w->forgeries = w->hoarded = 0;
	w->top_view = 0;
	memset(w->damaged, 0, sizeof(w->damaged));
	w->steps = 0;
	w->convictions = 0;
	w->strikes = w->accused_strikes = w->ejected = w->changed = 0;
	w->false_chunks = 0;
	memset(w->sync_strikes, 0, sizeof(w->sync_strikes));
	memset(w->ran, 0, sizeof(w->ran));
	memset(w->committed, 0, sizeof(w->committed));
	memset(w->out, 0, sizeof(w->out));
	memset(w->alarms, 0, sizeof(w->alarms));
	w->failure = NULL;
	memset(w->cut, 0, sizeof(w->cut));
	memset(w->clog_until, 0, sizeof(w->clog_until));
	memset(w->counts, 0, sizeof(w->counts));
	memset(w->tainted, 0, sizeof(w->tainted));
	memset(w->convicted, 0, sizeof(w->convicted));
	for (int i = 0; i <= MAX_HEIGHT; i++)
		w->canonical[i] = w->stored_at[i] = -1;
	check_reset(w);
	join_reset();
}

static bool
honest_up(const Node *node, const World *w)
{
	return node->exists && node->up && !w->tainted[node->identity];
}

/* All honest nodes are where the newest honest one is. */
static bool
converged(const World *w, uint64_t height)
{
	for (int i = 0; i < w->nodes; i++)
		if (honest_up(&w->node[i], w) && w->node[i].height < height)
			return false;
	return true;
}

/* Signatures that the peers have verified since they were last started. */
uint64_t
world_verified(const World *w)
{
	uint64_t	n = 0;

	for (int i = 0; i < w->nodes; i++)
	{
		W4View		view;

		if (!w->node[i].up)
			continue;
		w4_consensus_view(w->node[i].core, &view);
		n += view.verified;
	}
	return n;
}

static void
run_until(World *w, int64_t end, uint64_t height)
{
	while (w->events.n > 0 && w->failure == NULL)
	{
		Event		e;

		if (w->events.heap[0].at > end)
			break;
		e = event_pop(w);
		w->now = e.at;
		handle(w, &e);
		if (w->decided >= height && converged(w, height) && world_goal(w))
			break;
	}
}

/* Consensus spec 5.7 L1: 3 T(highest view) + 10 s, and as many turns as villains may waste. */
static int64_t
patience(const World *w)
{
	int64_t		t = w->config.view_timeout;
	uint32_t	view = 0;
	int			wasted = w4_faulty(w->n) + 1;

	for (int i = 0; i < w->nodes; i++)
		if (honest_up(&w->node[i], w) && w4_consensus_record(w->node[i].core)->view > view)
			view = w4_consensus_record(w->node[i].core)->view;
	for (uint32_t i = 0; i < view + (uint32_t) wasted && t < w->config.view_timeout_max; i++)
		t *= 2;
	return 3 * (t < w->config.view_timeout_max ? t : w->config.view_timeout_max) + 10 * US_PER_S;
}

static void
progress_phase(World *w)
{
	uint64_t	from;

	faults_heal(w);
	from = w->decided;
	client(w);

	/* The transaction is decided, and then everybody has it. */
	run_until(w, w->now + patience(w), from + 1);
	if (w->failure == NULL && w->decided <= from)
		world_fail(w, "stall: nothing decided after healing", -1, from + 1);
	from = w->decided;
	run_until(w, w->now + 10 * US_PER_S, from);
	if (w->failure == NULL && !converged(w, from))
		world_fail(w, "stall: an honest peer stays behind", -1, from);
}

void
world_run(World *w, uint64_t seed, int n, int heights, const Faults *faults, const Villainy *villains, int villains_n,
		  const Script *script)
{
	uint64_t	draw = seed ^ UINT64_C(0xF011);

	w->seed = seed;
	w->n = n;
	w->heights = heights;
	w->faults = *faults;
	w->script = script;
	rng_seed(&w->rng, seed);
	w->full = script != NULL || rng_splitmix(&draw) % FULL_SHARE == 0;
	w->joins = false;
	w->checkpoint_every = 10;
	reset(w);
	make_genesis(w);
	w->liars = villains_n;
	w->beyond = villains_n > w4_faulty(n);
	make_config(w);
	for (int i = 0; i < n; i++)
		node_init(w, w->nodes++, i, i < villains_n ? villains[i] : HONEST);
	for (int i = 0; i < villains_n; i++)
		if (villains[i] == TWINS)
			node_init(w, w->nodes++, i, TWINS);
	changes_draw(w, villains_n);
	if (script != NULL && script->setup != NULL)
		script->setup(w);
	for (int i = 0; i < faults->changes; i++)
		if (w->change[i].kind == W4_MOTION_ADD)
		{
			node_init(w, w->nodes++, w->change[i].identity, HONEST);
			w->node[w->nodes - 1].late = script != NULL && script->late;
		}
	for (int i = 0; i < w->nodes; i++)
		if (!w->node[i].late)
			node_start(w, &w->node[i], true);
	event_push(w, (Event) {.at = w->now, .kind = EVENT_CLIENT});
	if (faults->crash_random + faults->pause + faults->partition + faults->clog + faults->disk_full > 0 || script != NULL)
		event_push(w, (Event) {.at = w->now, .kind = EVENT_NEMESIS});
	run_until(w, w->now + (int64_t) heights * 4 * US_PER_S, (uint64_t) heights);
	if (w->failure == NULL && !w->beyond)
		progress_phase(w);
	for (int i = 0; i < w->nodes && w->failure == NULL; i++)
		check_node(w, &w->node[i]);
	if (w->failure == NULL && script != NULL && script->verdict != NULL && !w->amid_faults && script->verdict(w) != NULL)
		world_fail(w, script->verdict(w), -1, w->decided);
}
