/*-------------------------------------------------------------------------
 *
 * pool.c
 *		Evidence and accusations that wait for a block.
 *
 * Evidence is kept in a table of its own, told to everybody each second and put
 * first into own blocks, until the chain has it.  The core judges evidence of
 * the heights around its own; what is older is judged here, with the members
 * of its time.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

#define GOSSIP_EVERY US_PER_S

bool
same_offence(const W4Conviction *a, const W4Conviction *b)
{
	return a->height == b->height && a->view == b->view && a->kind == b->kind && w4_hash_eq(a->id, b->id);
}

static bool
wanted(const Node *node, const W4Conviction *k, size_t len)
{
	if (node->pool_n == MAX_POOL || len > EVIDENCE_CAP - 4 || app_known(&node->app, k))
		return false;
	for (int i = 0; i < node->pool_n; i++)
		if (same_offence(&node->pool[i].conviction, k))
			return false;
	return true;
}

void
pool_add(World *w, Node *node, const W4Conviction *k, W4Slice evidence)
{
	Proof	   *p = &node->pool[node->pool_n];

	if (!wanted(node, k, evidence.len))
		return;
	node->pool_n++;
	p->conviction = *k;
	p->len = (uint16_t) evidence.len;
	memcpy(p->bytes, evidence.data, evidence.len);
	if (node->gossiping)
		return;
	node->gossiping = true;
	event_push(w, (Event) {.at = w->now + GOSSIP_EVERY, .kind = EVENT_GOSSIP, .node = node->index});
}

/* EVIDENCE came over the network, of whatever height. */
void
pool_heard(World *w, Node *node, const uint8_t *bytes, size_t len)
{
	W4Slice		evidence;
	W4Conviction k;

	if (!w4_evidence_message_decode(&evidence, w4_slice(bytes, len), NULL) ||
		w4_evidence_height(evidence) > node->height ||
		!app_convicts(w, node, &node->app, w4_consensus_tip(node->core), evidence, &k))
		return;
	check_evidence(w, node, &k);
	pool_add(w, node, &k, evidence);
}

/* First into the block, as much as it may hold. */
void
pool_put(const Node *node, W4Writer *out)
{
	size_t		room = EVIDENCE_CAP;

	for (int i = 0; i < node->pool_n; i++)
	{
		const Proof *p = &node->pool[i];

		if (p->len + 4u > room || p->conviction.height > node->height + 1)
			continue;
		w4_put_run(out, w4_slice(p->bytes, p->len));
		room -= p->len + 4u;
	}
}

/* The real chain judges a bad block at its own height only. */
static bool
too_late(const Node *node, const W4Conviction *k)
{
	return node->app.full && k->form == W4_BAD_BLOCK && k->height <= node->height;
}

/* What the chain knows by now need not be told any more. */
void
pool_prune(Node *node)
{
	int			kept = 0;

	for (int i = 0; i < node->pool_n; i++)
		if (!app_known(&node->app, &node->pool[i].conviction) && !too_late(node, &node->pool[i].conviction))
		{
			if (kept != i)
				node->pool[kept] = node->pool[i];
			kept++;
		}
	node->pool_n = kept;
}

void
pool_gossip(World *w, Node *node)
{
	uint8_t		bytes[W4_MESSAGE_PREFIX_LEN + 4 + EVIDENCE_CAP];
	W4Action	a = {.kind = W4_ACT_SEND};

	node->gossiping = node->pool_n > 0;
	if (!node->gossiping)
		return;
	event_push(w, (Event) {.at = w->now + GOSSIP_EVERY, .kind = EVENT_GOSSIP, .node = node->index});
	if (!node->up || node->paused)
		return;
	for (int i = 0; i < node->pool_n; i++)
	{
		W4Writer	out = w4_writer(bytes, sizeof(bytes));

		w4_prefix_put(&out, W4_EVIDENCE, node->pool[i].conviction.height, w->chain_id);
		w4_put_run(&out, w4_slice(node->pool[i].bytes, node->pool[i].len));
		a.part[0] = w4_slice(out.buf, out.len);
		net_send(w, node, &a);
	}
}

void
accuse(World *w, int accuser, int accused)
{
	uint64_t	number = 0;

	if (w->accusations == MAX_ACCUSATIONS)
		return;
	if (w->full)
		number = ++w->submitted;
	w->accusation[w->accusations++] = (Accused) {(uint8_t) accuser, (uint8_t) accused, 1, number};
}

/* A transaction, so it reaches everybody; a full list is a client that is told to wait. */
void
pool_accuse(World *w, const Node *node, const uint8_t accused[32])
{
	check_accused(w, node, accused[31]);
	accuse(w, node->identity, accused[31]);
}
