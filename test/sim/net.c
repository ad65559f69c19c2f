/*-------------------------------------------------------------------------
 *
 * net.c
 *		The network: delay, loss, duplicates, reordering, cuts and clogs.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

/* How long a message takes, each by itself: so they overtake each other. */
static int64_t
travel(World *w, int from, int to)
{
	const Faults *f = &w->faults;
	int64_t		t = rng_between(&w->rng, f->delay_min, f->delay_max);

	if (!w->healed && rng_hit(&w->rng, f->slow))
		t += rng_between(&w->rng, 0, f->slow_max);
	if (w->clog_until[from][to] > w->now)
		t += w->clog_until[from][to] - w->now;
	return t;
}

static void
launch(World *w, int from, int to, Message *m)
{
	m->refs++;
	event_push(w, (Event) {.at = w->now + travel(w, from, to), .kind = EVENT_DELIVER, .node = to, .from = from, .message = m});
}

void
net_queue(World *w, Node *from, int to, Message *m)
{
	if (w->cut[from->index][to] || !w->node[to].exists)
		return;
	if (!w->healed && rng_hit(&w->rng, w->faults.loss))
		return;
	if (!w->healed && w->script != NULL && w->script->hides != NULL && w->script->hides(w, from, m))
		return;
	launch(w, from->index, to, m);
	if (!w->healed && rng_hit(&w->rng, w->faults.duplicate))
		launch(w, from->index, to, m);
}

/* To every node that runs under this identity, past the villain's hands. */
static void
to_identity(World *w, Node *from, int identity, Message *m)
{
	w->counts[m->bytes[W4_MAGIC_LEN]]++;
	for (int i = 0; i < w->nodes; i++)
	{
		Node	   *node = &w->node[i];

		if (!node->exists || node->identity != identity || i == from->index)
			continue;
		if (from->villainy != HONEST && !villain_sends(w, from, i, m))
			continue;
		net_queue(w, from, i, m);
	}
}

static void
note_proposal(World *w, const Message *m)
{
	W4ProposalWire p;

	if (m->bytes[W4_MAGIC_LEN] != W4_PRE_PREPARE ||
		!w4_proposal_decode(&p, w4_slice(m->bytes, m->len), w->chain_id, MAX_BLOCK, NULL))
		return;
	w->proposed_height = p.vote.height;
	w->proposed_len = p.block.len;
	memcpy(w->proposed, p.block.data, p.block.len);
}

void
net_send(World *w, Node *from, const W4Action *a)
{
	const W4Members *set = &w4_consensus_tip(from->core)->members[1];
	Message    *m = message_new(w);

	m->len = a->part[0].len + a->part[1].len;
	if (m->len > MESSAGE_CAP)
		abort();
	memcpy(m->bytes, a->part[0].data, a->part[0].len);
	if (a->part[1].len > 0)
		memcpy(m->bytes + a->part[0].len, a->part[1].data, a->part[1].len);
	if (w->verbose)
		printf("%10.6f node %d (h %llu v %u m %d a %u) sends kind %u height %llu view %u to %d hash %02x%02x\n", (double) w->now / US_PER_S, from->index,
			   (unsigned long long) w4_consensus_record(from->core)->height, w4_consensus_record(from->core)->view,
			   w4_consensus_record(from->core)->mode, w4_consensus_record(from->core)->asked, m->bytes[W4_MAGIC_LEN],
			   (unsigned long long) w4_get_u64be(m->bytes + 39), m->len > 51 ? w4_get_u32be(m->bytes + 47) : 0, a->to == NULL ? -1 : a->to[31], m->bytes[51], m->bytes[52]);
	note_proposal(w, m);
	check_sent(w, from, m->bytes, m->len);
	if (a->to == NULL)
		villains_overhear(w, from, m);
	if (a->to != NULL)
		to_identity(w, from, a->to[31], m);
	else
		for (int i = 0; i < set->n; i++)
			if (set->m[i].id[31] != from->identity)
				to_identity(w, from, set->m[i].id[31], m);
	message_drop(w, m);
}

/* BLOCKS from the store, as many as fit. */
void
net_send_blocks(World *w, Node *from, const W4Action *a)
{
	Message    *m = message_new(w);
	W4Writer	out = w4_writer(m->bytes, sizeof(m->bytes) / 4);
	uint64_t	h;

	w4_prefix_put(&out, W4_BLOCKS, a->first, w->chain_id);
	for (h = a->first; h > from->base && h <= a->last && h <= from->height; h++)
	{
		const Stored *s = &w->blocks[from->chain[h].block];
		W4Writer	mark = out;

		w4_blocks_put(&out, w4_slice(s->wire, s->len), &from->chain[h].cert, w->chain_id);
		if (out.full)
		{
			out = mark;
			break;
		}
	}
	m->len = out.len;
	if (h > a->first)
		to_identity(w, from, a->to[31], m);
	message_drop(w, m);
}
