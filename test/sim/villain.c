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

/* Which half of the world a node belongs to, for this time or height. */
static bool
side(const World *w, int node, uint64_t when)
{
	uint64_t	x = w->seed ^ (when * 31 + (uint64_t) node);

	return (rng_splitmix(&x) & 1) != 0;
}

/* Two lives of one identity, each speaking to its own half for four seconds. */
static bool
twin_sends(World *w, const Node *from, int to)
{
	return side(w, to, (uint64_t) (w->now / US_PER_S / 4)) == (from->index < w->n) || rng_hit(&w->rng, 100000);
}

/*
 * Two proposals, one for each half; the halves are drawn for each height, since
 * in some draws all are on one side and nobody is deceived.
 */
static bool
shown_other(const World *w, int to, const Message *m)
{
	return side(w, to, w4_get_u64be(m->bytes + 39));
}

/* F16: f + 1 of the others, for this second. */
static bool
chosen_few(const World *w, int node)
{
	return (node + (int) (w->now / US_PER_S / 4)) % w->nodes <= w4_faulty(w->n);
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

/* A proposal that it passes on for another it leaves alone: it could not sign that anew. */
static bool
own_proposal(const Node *node, const Message *m)
{
	const W4Members *set = &w4_consensus_tip(node->core)->members[1];

	return set->m[w4_get_u16be(m->bytes + 115) % set->n].id[31] == node->identity;
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

/* Does a justification say that something was prepared? */
static bool
obliges(const World *w, W4Slice justification)
{
	W4ViewChange vc;
	size_t		pos = 0;

	while (w4_justification_next(&vc, justification, &pos, w->chain_id, NULL))
		if (vc.s.prepared_view != W4_NOTHING_PREPARED)
			return true;
	return false;
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
			if (p.vote.kind == W4_NEW_VIEW && obliges(w, p.justification))
			{
				w->wilful_height = p.vote.height;
				w->wilful_view = p.vote.view;
				memcpy(w->wilful, block.hash, 32);
			}
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

/* A NEW-VIEW out of turn: the own VIEW-CHANGE alone, or as often as a quorum needs. */
static void
send_usurpation(World *w, Node *from, int to, const Message *m)
{
	const W4Tip *tip = w4_consensus_tip(from->core);
	uint64_t	height = w4_get_u64be(m->bytes + 39);
	W4ViewChange vc;
	W4VcSummary s[W4_MAX_MEMBERS];
	W4Vote		v = {W4_NEW_VIEW, w4_get_u16be(m->bytes + 115), 1, height, {0}, {0}, {0}};
	int			times = rng_hit(&w->rng, 300000) ? 1 : w4_quorum(tip->members[1].n);
	Message    *c = message_new(w);
	W4Writer	out = w4_writer(c->bytes, sizeof(c->bytes));
	uint8_t		vc_bytes[W4_VOTE_BYTES];
	W4Block		block;
	uint8_t		wire[MAX_BLOCK];

	while (v.view < 16 && w4_tip_proposer(tip, v.view) != v.index)
		v.view++;
	memcpy(wire, w->proposed, w->proposed_len);
	wire[2 + 32 + 8 + 7] ^= 1;
	if (w->proposed_height == height && tip->height + 1 == height && own_key(from) != NULL &&
		w4_block_decode(&block, w4_slice(wire, w->proposed_len), w->chain_id, MAX_BLOCK, NULL))
	{
		memset(&vc, 0, sizeof(vc));
		vc.s.vote = v;
		vc.s.vote.kind = W4_VIEW_CHANGE;
		vc.s.prepared_view = W4_NOTHING_PREPARED;
		w4_vc_extra(vc.s.vote.extra, &vc.s);
		w4_vote_bytes(vc_bytes, &vc.s.vote, w->chain_id);
		fake_sign(vc.s.vote.signature, vc_bytes, W4_VOTE_BYTES, own_key(from));
		for (int i = 0; i < times; i++)
			s[i] = vc.s;
		memcpy(v.hash, block.hash, 32);
		w4_justification_hash(v.extra, s, times, w->chain_id);
		w4_vote_put(&out, &v, w->chain_id);
		w4_put_u8(&out, (uint8_t) times);
		for (int i = 0; i < times; i++)
			w4_vc_put(&out, &vc, w->chain_id);
		w4_put_run(&out, block.wire);
		c->len = out.len;
		sign_again(from, c);
		net_queue(w, from, to, c);
	}
	message_drop(w, c);
}

/* A VIEW-CHANGE with the certificate that is in it, whatever that is worth. */
static void
send_prepared(World *w, Node *from, int to, W4ViewChange *vc)
{
	Message    *c = message_new(w);
	W4Writer	out = w4_writer(c->bytes, sizeof(c->bytes));

	w4_cert_digest(vc->s.digest, &vc->prepared, w->chain_id);
	w4_vc_extra(vc->s.vote.extra, &vc->s);
	w4_vc_put(&out, vc, w->chain_id);
	c->len = out.len;
	sign_again(from, c);
	net_queue(w, from, to, c);
	message_drop(w, c);
	w->forgeries++;
}

/* The hash of what was last proposed in view 0, if it was at this height. */
static bool
newest_proposed(const World *w, uint64_t height, uint8_t hash[32])
{
	W4Block		block;

	if (w->proposed_height != height ||
		!w4_block_decode(&block, w4_slice(w->proposed, w->proposed_len), w->chain_id, MAX_BLOCK, NULL))
		return false;
	memcpy(hash, block.hash, 32);
	return true;
}

/*
 * VIEW-CHANGE that claims a block was prepared in the last view, with invented
 * signatures: one that others have, or one that nobody ever saw.
 */
static void
send_forgery(World *w, Node *from, int to, const Message *m)
{
	W4ViewChange vc;
	W4Reader	r = w4_reader(w4_slice(m->bytes, m->len));
	int			n = w4_consensus_tip(from->core)->members[1].n;
	uint8_t		nonsense[64] = {1};

	memset(&vc, 0, sizeof(vc));
	w4_vote_read(&vc.s.vote, &r, w->chain_id);
	if (rng_hit(&w->rng, 500000) || !newest_proposed(w, vc.s.vote.height, vc.s.vote.hash))
		memset(vc.s.vote.hash, 0x77, 32);
	vc.s.prepared_view = (int64_t) vc.s.vote.view - 1;
	vc.prepared.height = vc.s.vote.height;
	vc.prepared.view = vc.s.vote.view - 1;
	vc.prepared.n = (uint8_t) n;
	memcpy(vc.prepared.hash, vc.s.vote.hash, 32);
	for (int i = 0; i < w4_quorum(n); i++)
		w4_cert_append(&vc.prepared, (unsigned) i, nonsense);
	send_prepared(w, from, to, &vc);
}

/* What the villain prepared first at a height, however often it prepares again. */
static void
remember_prepared(World *w, const Node *node)
{
	const W4Cert *prepared = &w4_consensus_record(node->core)->prepared;

	if (prepared->signers == 0 || prepared->height <= w->first_prepared.height)
		return;
	w->old_prepared = w->first_prepared;
	w->first_prepared = *prepared;
	if (w->oldest_prepared.height == 0)
		w->oldest_prepared = *prepared;
}

/* VIEW-CHANGE with a certificate that was good once; false while there is none. */
static bool
send_certificate(World *w, Node *from, int to, const Message *m, const W4Cert *cert)
{
	W4ViewChange vc;
	W4Reader	r = w4_reader(w4_slice(m->bytes, m->len));

	memset(&vc, 0, sizeof(vc));
	w4_vote_read(&vc.s.vote, &r, w->chain_id);
	if (cert->height == 0 || cert->view >= vc.s.vote.view)
		return false;
	vc.s.prepared_view = (int64_t) cert->view;
	vc.prepared = *cert;
	memcpy(vc.s.vote.hash, cert->hash, 32);
	send_prepared(w, from, to, &vc);
	return true;
}

/* Good, but older than what it has signed COMMIT for since. */
static bool
send_stale(World *w, Node *from, int to, const Message *m)
{
	return w->first_prepared.height == w4_get_u64be(m->bytes + 39) && send_certificate(w, from, to, m, &w->first_prepared);
}

/* Of another height, and of another set after a change; now and then relabelled, so that only its signatures tell. */
static bool
send_stray(World *w, Node *from, int to, const Message *m)
{
	uint64_t	height = w4_get_u64be(m->bytes + 39);
	W4Cert		cert = rng_hit(&w->rng, 500000) ? w->oldest_prepared : w->old_prepared;

	if (cert.height == height)
		return false;
	if (cert.height != 0 && rng_hit(&w->rng, 500000))
		cert.height = height;
	return send_certificate(w, from, to, m, &cert);
}

/* --- a certificate whose block nobody else has (F37) --- */

/* Hoarders before this node: the first of them gets the certificate, and the others help. */
static int
hoarders_before(const World *w, int node)
{
	int			n = 0;

	for (int i = 0; i < node && i < w->n; i++)
		n += w->node[i].villainy == HOARDER;
	return n;
}

static int
proposer_of(const Node *node, uint32_t view)
{
	const W4Tip *tip = w4_consensus_tip(node->core);

	return tip->members[1].m[w4_tip_proposer(tip, view)].id[31];
}

/* They do it whenever the first of them begins a height. */
static bool
hoards(const World *w, const Node *node, uint64_t height)
{
	int			first = proposer_of(node, 0);

	return w4_consensus_tip(node->core)->height + 1 == height && first < w->n && w->node[first].villainy == HOARDER &&
		hoarders_before(w, first) == 0;
}

/*
 * Is view 1 theirs, too?  Then all honest peers give up the block of view 0 for
 * another that comes to nothing; else the network has to help.
 */
bool
villain_needs_loss(const World *w, const Node *node, uint64_t height)
{
	int			next = proposer_of(node, 1);

	return hoards(w, node, height) && (next >= w->n || w->node[next].villainy != HOARDER);
}

/* As many honest peers as make a quorum with the hoarders are shown one block, the rest another. */
static bool
in_the_know(const World *w, const Node *from, int to)
{
	int			n = w4_consensus_tip(from->core)->members[1].n;

	return w->node[to].villainy == HOARDER || to - hoarders_before(w, to) < w4_quorum(n) - hoarders_before(w, w->n);
}

/* To who proposes next, before anybody else has asked for that view: what was prepared in view 0, by name only. */
static void
send_early(World *w, Node *from, int to)
{
	const W4Record *rec = w4_consensus_record(from->core);
	W4ViewChange vc;

	memset(&vc, 0, sizeof(vc));
	vc.s.vote.kind = W4_VIEW_CHANGE;
	vc.s.vote.index = rec->prepare.index;
	vc.s.vote.height = rec->height;
	vc.s.vote.view = (rec->asked > rec->view ? rec->asked : rec->view) + 1;
	if (rec->prepared.signers == 0 || rec->prepared.view != 0 || rec->view == 0 || rec->prepare.kind == 0 ||
		proposer_of(from, vc.s.vote.view) != w->node[to].identity || w->node[to].villainy != HONEST)
		return;
	vc.s.prepared_view = 0;
	memcpy(vc.s.vote.hash, rec->prepared.hash, 32);
	vc.prepared = rec->prepared;
	send_prepared(w, from, to, &vc);
	w->hoarded++;
}

/* Nothing but STATUS is honest, and two proposals; PREPAREs only for the certificate. */
static bool
hoarder_sends(World *w, Node *from, int to, Message *m)
{
	uint32_t	view = w4_get_u32be(m->bytes + 47);
	bool		first = hoarders_before(w, from->index) == 0;

	if (!hoards(w, from, w4_get_u64be(m->bytes + 39)))
		return true;
	switch (kind_of(m))
	{
		case W4_PRE_PREPARE:
		case W4_NEW_VIEW:
			if (view > 1 || !own_proposal(from, m))
				return false;
			return in_the_know(w, from, to) || !send_other_proposal(w, from, to, m);
		case W4_PREPARE:
			return view == 0 && !first && w->node[to].villainy == HOARDER && hoarders_before(w, to) == 0;
		case W4_COMMIT:
		case W4_VIEW_CHANGE:
		case W4_BODY:
			return false;
		case W4_STATUS:
			if (first)
				send_early(w, from, to);
			return true;
		default:
			return true;
	}
}

static void
send_scrawl(World *w, Node *from, int to, const Message *m)
{
	Message    *c = copy(w, m);

	c->bytes[W4_VOTE_BYTES] ^= 0x5A;
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

/* --- in the messages of others --- */

/* Another block under the hash and signature of an honest proposer, or nothing that is one. */
static void
alter_block(World *w, Message *c)
{
	W4ProposalWire p;

	if (!w4_proposal_decode(&p, w4_slice(c->bytes, c->len), w->chain_id, MAX_BLOCK, NULL))
		return;
	if (rng_hit(&w->rng, 500000))
		c->bytes[(size_t) (p.block.data - c->bytes) + 2 + 32 + 8 + 7] ^= 1;
	else
		c->bytes[(size_t) (p.block.data - c->bytes) + rng_below(&w->rng, p.block.len)] ^= 0x80;
}

/* As if the next proposer had proposed already, signed by nobody. */
static void
invent_next(const Node *node, Message *c)
{
	const W4Tip *tip = w4_consensus_tip(node->core);
	uint64_t	height = w4_get_u64be(c->bytes + 39) + 1;
	W4Writer	out = w4_writer(c->bytes + 39, 8);
	W4Writer	index = w4_writer(c->bytes + 115, 2);

	w4_put_u64be(&out, height);
	w4_put_u16be(&index, (uint16_t) w4_rota_proposer(&tip->members[2], tip->rota.skipped, height, w4_get_u32be(c->bytes + 47)));
	c->bytes[51] ^= 0x5A;
}

static void
send_altered(World *w, Node *from, int to, const Message *m)
{
	Message    *c = copy(w, m);

	if (rng_hit(&w->rng, 300000))
		invent_next(from, c);
	else
		alter_block(w, c);
	net_queue(w, from, to, c);
	message_drop(w, c);
}

/* Somebody proposes.  Who alters it is at least as fast: some hear the altered one first. */
void
villains_overhear(World *w, const Node *from, const Message *m)
{
	if ((kind_of(m) != W4_PRE_PREPARE && kind_of(m) != W4_NEW_VIEW) || !own_proposal(from, m))
		return;
	for (int i = 0; i < w->nodes; i++)
	{
		Node	   *villain = &w->node[i];

		if (villain->villainy != ALTERER || !villain->up || villain->paused || villain == from)
			continue;
		for (int to = 0; to < w->nodes; to++)
			if (to != i && &w->node[to] != from)
				send_altered(w, villain, to, m);
	}
}

/* --- in own blocks --- */

/* The newest evidence that the chain holds: once more. */
static bool
put_again(const World *w, const Node *node, W4Writer *out)
{
	for (uint64_t h = node->height; h > 0; h--)
	{
		const Stored *s = &w->blocks[node->chain[h].block];
		W4Block		block;
		size_t		pos = 0;
		W4Slice		item;

		if (w4_block_decode(&block, w4_slice(s->wire, s->len), w->chain_id, MAX_BLOCK, NULL) &&
			w4_block_next_item(block.evidence, &pos, &item) && item.len < EVIDENCE_CAP / 4)
		{
			w4_put_run(out, item);
			return true;
		}
	}
	return false;
}

/* Two votes in the name of an honest peer, signed by nobody. */
static void
put_invention(World *w, const Node *node, W4Writer *out)
{
	uint8_t		bytes[512];
	W4Writer	e = w4_writer(bytes, sizeof(bytes));
	W4Vote		a = {W4_PREPARE, (uint16_t) rng_below(&w->rng, (uint64_t) w->n), 0, node->height, {1}, {0}, {1}};
	W4Vote		b = a;

	b.hash[0] = 2;
	w4_evidence_put_votes(&e, &a, &b, w->chain_id);
	w4_put_run(out, w4_slice(e.buf, e.len));
}

void
villain_evidence(World *w, Node *node, W4Writer *out)
{
	int			identity = (int) rng_below(&w->rng, (uint64_t) w->n);

	if (node->villainy == SLANDERER && w->accusations < MAX_ACCUSATIONS && rng_hit(&w->rng, 300000))
		accuse(w, node->identity, identity);
	if (node->villainy != FRAMER || node->height == 0 || rng_hit(&w->rng, 500000))
		return;
	if (rng_hit(&w->rng, 500000) || !put_again(w, node, out))
		put_invention(w, node, out);
}

/* --- in own messages --- */

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
			if (kind == W4_PREPARE || kind == W4_COMMIT)
				return w4_get_u64be(m->bytes + 39) != w->two_faced || !shown_other(w, to, m);
			if (!proposal || !own_proposal(from, m) || !shown_other(w, to, m))
				return true;
			w->two_faced = w4_get_u64be(m->bytes + 39);
			return !send_other_proposal(w, from, to, m);
		case DOUBLE_VOTER:
			if (kind == W4_PREPARE || kind == W4_COMMIT)
				send_other_vote(w, from, to, m);
			return true;
		case WITHHOLDER:
			return kind == W4_STATUS || ((proposal || kind == W4_PREPARE || kind == W4_COMMIT) && chosen_few(w, to));
		case FORGETFUL:
			if (kind != W4_VIEW_CHANGE)
				return true;
			send_denial(w, from, to, m);
			return false;
		case WILFUL:
			if (kind == W4_NEW_VIEW && own_proposal(from, m))
				return !send_other_proposal(w, from, to, m);
			return true;
		case GARBLER:
			if (rng_hit(&w->rng, 500000))
				return true;
			send_garbage(w, from, to, m);
			return false;
		case USURPER:
			if (kind == W4_PREPARE && rng_hit(&w->rng, 200000))
				send_usurpation(w, from, to, m);
			return true;
		case FORGER:
			if (kind != W4_VIEW_CHANGE)
				return true;
			send_forgery(w, from, to, m);
			return false;
		case STALE:
			remember_prepared(w, from);
			return kind != W4_VIEW_CHANGE || !send_stale(w, from, to, m);
		case STRAY:
			remember_prepared(w, from);
			return kind != W4_VIEW_CHANGE || !send_stray(w, from, to, m);
		case FRAMER:
		case SLANDERER:
		case ALTERER:
			return true;
		case HOARDER:
			return hoarder_sends(w, from, to, m);
		case SCRAWLER:
			if (kind > W4_NEW_VIEW)
				return true;
			send_scrawl(w, from, to, m);
			return false;
		case MUTE:
			return false;
	}
	return true;
}
