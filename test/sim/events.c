/*-------------------------------------------------------------------------
 *
 * events.c
 *		What is to happen, in order of time: a heap with four children a node.
 *
 * Only keys move; an event stays where it was put.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

#define EVENTS_CAP (1 << 16)
#define CHILDREN 4

void
events_init(Events *q)
{
	q->n = 0;
	q->seq = 0;
	q->heap = malloc(EVENTS_CAP * sizeof(EventKey));
	q->vacant = malloc(EVENTS_CAP * sizeof(uint32_t));
	q->slot = malloc(EVENTS_CAP * sizeof(Event));
	if (q->heap == NULL || q->vacant == NULL || q->slot == NULL)
		abort();
	for (uint32_t i = 0; i < EVENTS_CAP; i++)
		q->vacant[i] = i;
}

/* Nothing is to happen any more, in no order. */
void
events_clear(World *w)
{
	Events	   *q = &w->events;

	for (int i = 0; i < q->n; i++)
	{
		const Event *e = &q->slot[q->heap[i].slot];

		if (e->kind == EVENT_DELIVER)
			message_drop(w, e->message);
		q->vacant[i] = q->heap[i].slot;
	}
	q->n = 0;
	q->seq = 0;
}

static inline bool
before(const EventKey *a, const EventKey *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void
full(const World *w)
{
	fprintf(stderr, "w4sim: too many events: seed %llu at %.3f s, sent by kind", (unsigned long long) w->seed, (double) w->now / US_PER_S);
	for (int k = 0; k < 32; k++)
		fprintf(stderr, " %llu", (unsigned long long) w->counts[k]);
	fprintf(stderr, "\n");
	abort();
}

void
event_push(World *w, Event e)
{
	Events	   *q = &w->events;
	EventKey	key = {e.at, q->seq++, 0};
	int			i = q->n;

	if (q->n == EVENTS_CAP)
		full(w);
	key.slot = q->vacant[q->n++];
	q->slot[key.slot] = e;
	for (; i > 0 && before(&key, &q->heap[(i - 1) / CHILDREN]); i = (i - 1) / CHILDREN)
		q->heap[i] = q->heap[(i - 1) / CHILDREN];
	q->heap[i] = key;
}

/* The earliest child of i, or n when it has none. */
static int
first_child(const Events *q, int i)
{
	int			k = CHILDREN * i + 1;
	int			end = k + CHILDREN < q->n ? k + CHILDREN : q->n;
	int			first = k < q->n ? k : q->n;

	while (++k < end)
		if (before(&q->heap[k], &q->heap[first]))
			first = k;
	return first;
}

Event
event_pop(World *w)
{
	Events	   *q = &w->events;
	uint32_t	slot = q->heap[0].slot;
	EventKey	last = q->heap[--q->n];
	int			i = 0;

	q->vacant[q->n] = slot;
	for (int k; (k = first_child(q, i)) < q->n && before(&q->heap[k], &last); i = k)
		q->heap[i] = q->heap[k];
	q->heap[i] = last;
	return q->slot[slot];
}
