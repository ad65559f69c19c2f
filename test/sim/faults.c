/*-------------------------------------------------------------------------
 *
 * faults.c
 *		What goes wrong: drawn for each run, carried out every 100 ms.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

/* --- drawing --- */

static uint32_t
sometimes(Rng *r, uint32_t percent, uint32_t max_ppm)
{
	return rng_below(r, 100) < percent ? (uint32_t) rng_below(r, max_ppm + 1) : 0;
}

void
faults_draw(Faults *f, Rng *r, int n)
{
	memset(f, 0, sizeof(*f));
	f->delay_min = rng_between(r, 0, 20 * US_PER_MS);
	f->delay_max = f->delay_min + rng_between(r, 0, 100 * US_PER_MS);
	f->loss = sometimes(r, 50, 400000);
	f->duplicate = sometimes(r, 50, 300000);
	f->slow = sometimes(r, 40, 100000);
	f->slow_max = rng_between(r, US_PER_S, 90 * US_PER_S);
	f->crash_at_action = sometimes(r, 40, 2000);
	f->crash_random = sometimes(r, 40, 5000);
	f->lose_tail = sometimes(r, 50, 1000000);
	f->down_max = rng_between(r, 10 * US_PER_MS, 20 * US_PER_S);
	f->pause = sometimes(r, 30, 3000);
	f->partition = sometimes(r, 50, 30000);
	f->partition_max = rng_between(r, US_PER_S, 30 * US_PER_S);
	f->clog = sometimes(r, 30, 20000);
	f->disk_max = rng_below(r, 100) < 40 ? rng_between(r, 1, 300 * US_PER_MS) : 0;
	f->skew_max = rng_below(r, 100) < 30 ? rng_between(r, 0, US_PER_S) : 0;
	f->idle_gaps = rng_below(r, 100) < 30;
	if (rng_below(r, 100) < 30 && n > 1)
		f->changes = (int) rng_between(r, 1, MAX_CHANGES);
	else if (rng_below(r, 100) < 40)
	{
		*(rng_below(r, 100) < 60 ? &f->restore : &f->damage) = 500000;
		f->crash_random += 2000;
	}
	f->disk_full = sometimes(r, 15, 5000);
}

/* --- partitions of five shapes --- */

static void
cut_clear(World *w)
{
	memset(w->cut, 0, sizeof(w->cut));
	w->cut_until = 0;
}

static void
cut_by_side(World *w, uint64_t side, bool one_way)
{
	for (int i = 0; i < w->nodes; i++)
		for (int k = 0; k < w->nodes; k++)
			w->cut[i][k] = w4_mask_has(side, (unsigned) i) != w4_mask_has(side, (unsigned) k) &&
				(!one_way || w4_mask_has(side, (unsigned) i));
}

/* Everybody sees a majority, and nobody the same one. */
static void
cut_ring(World *w)
{
	int			reach = w->nodes / 4 + 1;

	for (int i = 0; i < w->nodes; i++)
		for (int k = 0; k < w->nodes; k++)
		{
			int			d = (k - i + w->nodes) % w->nodes;

			w->cut[i][k] = d > reach && w->nodes - d > reach;
		}
}

static void
cut_draw(World *w)
{
	uint64_t	side = rng_next(&w->rng) & w4_mask_all((unsigned) w->nodes);
	unsigned	one = (unsigned) rng_below(&w->rng, (uint64_t) w->nodes);

	cut_clear(w);
	switch (rng_below(&w->rng, 5))
	{
		case 0:					/* two sides of any size */
			cut_by_side(w, side, false);
			break;
		case 1:					/* one alone */
			cut_by_side(w, w4_mask_bit(one), false);
			break;
		case 2:					/* one way only */
			cut_by_side(w, side, true);
			break;
		case 3:
			cut_ring(w);
			break;
		default:				/* two sides and a bridge */
			cut_by_side(w, side, false);
			for (int k = 0; k < w->nodes; k++)
				w->cut[one][k] = w->cut[k][one] = false;
			break;
	}
	w->cut_until = w->now + rng_between(&w->rng, 100 * US_PER_MS, w->faults.partition_max);
}

void
faults_cut_off(World *w, int node, int64_t how_long)
{
	cut_clear(w);
	cut_by_side(w, w4_mask_bit((unsigned) node), false);
	w->cut_until = w->now + how_long;
}

/* --- every 100 ms --- */

static void
hurt_node(World *w, Node *node)
{
	if (!node->exists || !node->up)
		return;
	if (w->faults.restore > 0 && rng_hit(&w->rng, 20000) && node->disk.ever)
		node->backup = node->disk;
	if (rng_hit(&w->rng, w->faults.disk_full))
		node->disk_full_until = w->now + rng_between(&w->rng, 0, 5 * US_PER_S);
	if (rng_hit(&w->rng, w->faults.crash_random))
		node_crash(w, node, rng_between(&w->rng, 0, w->faults.down_max));
	else if (!node->paused && rng_hit(&w->rng, w->faults.pause))
	{
		node->paused = true;
		w->pauses++;
		node->resume_at = w->now + rng_between(&w->rng, 0, 20 * US_PER_S);
		event_push(w, (Event) {.at = node->resume_at, .kind = EVENT_RESUME, .node = node->index});
	}
}

void
faults_nemesis(World *w)
{
	if (w->healed)
		return;
	if (w->cut_until != 0 && w->now >= w->cut_until)
		cut_clear(w);
	if (w->cut_until == 0 && rng_hit(&w->rng, w->faults.partition))
		cut_draw(w);
	if (w->script != NULL && w->script->nemesis != NULL)
		w->script->nemesis(w);
	for (int i = 0; i < w->nodes; i++)
		hurt_node(w, &w->node[i]);
	if (rng_hit(&w->rng, w->faults.clog))
		w->clog_until[rng_below(&w->rng, (uint64_t) w->nodes)][rng_below(&w->rng, (uint64_t) w->nodes)] =
			w->now + rng_between(&w->rng, 0, 5 * US_PER_S);
}

/* From now on nothing fails; who was down comes back. */
void
faults_heal(World *w)
{
	w->healed = true;
	cut_clear(w);
	memset(w->clog_until, 0, sizeof(w->clog_until));
	w->faults.disk_max = 0;
	for (int i = 0; i < w->nodes; i++)
	{
		Node	   *node = &w->node[i];

		node->disk_full_until = 0;
		node->late = false;

		/* A paused node's timer waits for the end of the pause, which is now. */
		if (node->up && node->paused)
			event_push(w, (Event) {.at = w->now + 1, .kind = EVENT_TIMER, .node = i, .life = node->life});
		node->paused = false;
		while (node->up && node->pending_n > 0)
			disk_written(w, node);
		if (node->exists && !node->up && !join_under_way(node))
			node_start(w, node, false);
	}
}
