/*-------------------------------------------------------------------------
 *
 * villain.c
 *		What liars do to their own messages on the way out.
 *
 * They run the honest code and bend what it sends, signing anew with their own
 * key.  villain_sends may queue other messages instead; false: this one is not
 * sent.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

/* Which half of the world a node belongs to, for this second. */
static bool
side(const World *w, int node)
{
	uint64_t	x = w->seed ^ ((uint64_t) (w->now / US_PER_S / 4) * 31 + (uint64_t) node);

	return (rng_splitmix(&x) & 1) != 0;
}

/* Two lives of one identity, each speaking to its own half. */
static bool
twin_sends(World *w, const Node *from, int to)
{
	return side(w, to) == (from->index < w->n) || rng_hit(&w->rng, 100000);
}

/* --- bending --- */

static const uint8_t *
own_key(const Node *node)
{
	const W4Members *set = &w4_consensus_tip(node->core)->members[1];

	for (int i = 0; i < set->n; i++)
		if (set->m[i].id[31] == node->identity)
			return set->m[i].key;
	return NULL;
}

static void
sign_again(const Node *node, Message *m)
{
	const uint8_t *key = own_key(node);

	if (key != NULL)
		fake_sign(m->bytes + W4_VOTE_BYTES, m->bytes, W4_VOTE_BYTES, key);
}

static Message *
copy(World *w, const Message *m)
{
	Message    *c = message_new(w);

	c->len = m->len;
	memcpy(c->bytes, m->bytes, m->len);
	return c;
}

static uint8_t
kind_of(const Message *m)
{
	return m->bytes[W4_MAGIC_LEN];
}

/* A vote for a block that nobody proposed, or that another half was shown. */
static void
send_other_vote(World *w, Node *from, int to, const Message *m)
{
	Message    *c = copy(w, m);

	c->bytes[51] ^= 0x5A;
	sign_again(from, c);
	net_queue(w, from, to, c);
	message_drop(w, c);
}

/* The same block with another time: valid, and another hash. */
static bool
send_other_proposal(World *w, Node *from, int to, const Message *m)
{
	Message    *c = copy(w, m);
	W4ProposalWire p;
	W4Block		block;
	bool		done = false;

	if (w4_proposal_decode(&p, w4_slice(c->bytes, c->len), w->chain_id, MAX_BLOCK, NULL))
	{
		uint8_t    *wire = c->bytes + (p.block.data - c->bytes);

		wire[2 + 32 + 8 + 7] ^= 1;
		if (w4_block_decode(&block, p.block, w->chain_id, MAX_BLOCK, NULL))
		{
			memcpy(c->bytes + 51, block.hash, 32);
			sign_again(from, c);
			net_queue(w, from, to, c);
			done = true;
		}
	}
	message_drop(w, c);
	return done;
}

/* VIEW-CHANGE as if nothing had been prepared. */
static void
send_denial(World *w, Node *from, int to, const Message *m)
{
	Message    *c = copy(w, m);
	W4VcSummary s;
	W4Reader	r = w4_reader(w4_slice(m->bytes, m->len));
	W4Writer	out = w4_writer(c->bytes, sizeof(c->bytes));

	memset(&s, 0, sizeof(s));
	w4_vote_read(&s.vote, &r, w->chain_id);
	s.prepared_view = W4_NOTHING_PREPARED;
	memset(s.vote.hash, 0, 32);
	w4_vc_extra(s.vote.extra, &s);
	w4_vote_put(&out, &s.vote, w->chain_id);
	w4_put_u64be(&out, (uint64_t) s.prepared_view);
	c->len = out.len;
	sign_again(from, c);
	net_queue(w, from, to, c);
	message_drop(w, c);
}

static void
send_garbage(World *w, Node *from, int to, const Message *m)
{
	Message    *c = copy(w, m);

	for (uint64_t i = rng_below(&w->rng, 4); i > 0; i--)
		c->bytes[rng_below(&w->rng, c->len)] ^= (uint8_t) (1 << rng_below(&w->rng, 8));
	if (rng_hit(&w->rng, 200000))
		c->len = rng_below(&w->rng, c->len + 1);
	if (rng_hit(&w->rng, 300000) && c->len >= W4_VOTE_WIRE_LEN && kind_of(c) <= W4_STATUS)
		sign_again(from, c);
	net_queue(w, from, to, c);
	message_drop(w, c);
}

bool
villain_sends(World *w, Node *from, int to, Message *m)
{
	uint8_t		kind = kind_of(m);
	bool		proposal = kind == W4_PRE_PREPARE || kind == W4_NEW_VIEW;

	switch (from->villainy)
	{
		case HONEST:
			return true;
		case TWINS:
			return twin_sends(w, from, to);
		case EQUIVOCATOR:
			if (proposal && side(w, to))
				return !send_other_proposal(w, from, to, m);
			if ((kind == W4_PREPARE || kind == W4_COMMIT) && side(w, to))
				return false;
			return true;
		case DOUBLE_VOTER:
			if (kind == W4_PREPARE || kind == W4_COMMIT)
				send_other_vote(w, from, to, m);
			return true;
		case WITHHOLDER:
			return kind == W4_STATUS || ((proposal || kind == W4_PREPARE || kind == W4_COMMIT) && side(w, to));
		case FORGETFUL:
			if (kind != W4_VIEW_CHANGE)
				return true;
			send_denial(w, from, to, m);
			return false;
		case WILFUL:
			if (kind == W4_NEW_VIEW)
				return !send_other_proposal(w, from, to, m);
			return true;
		case GARBLER:
			if (rng_hit(&w->rng, 500000))
				return true;
			send_garbage(w, from, to, m);
			return false;
		case MUTE:
			return false;
	}
	return true;
}
