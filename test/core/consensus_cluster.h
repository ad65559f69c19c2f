/*-------------------------------------------------------------------------
 *
 * consensus_cluster.h
 *		A few peers in one process, joined by a first-in, first-out network.
 *
 * Real Ed25519, one clock, nothing is lost unless a test says so.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_CLUSTER_H
#define W4_CONSENSUS_CLUSTER_H

#include "consensus_fixture.h"
#include "core/consensus/consensus.h"

#define CLUSTER_MAX 13
#define CLUSTER_BLOCK 2048
#define QUEUE_MAX 8192

struct Cluster;

/* A decided block, for those who fetch it. */
typedef struct Stored
{
	size_t		len;
	uint8_t		wire[CLUSTER_BLOCK];
	W4Cert		cert;
	W4Members	members;
} Stored;

typedef struct Peer
{
	struct Cluster *cluster;
	int			index;
	void	   *memory;
	W4Consensus *core;
	bool		cut;			/* hears and says nothing */
	bool		hold_persist;	/* the disk does not answer */
	uint64_t	unacknowledged; /* last token, 0 for none */
	uint64_t	applied;
	uint8_t		hashes[64][32];
	uint64_t	decided;		/* by DECIDED actions */
	W4Record	record;			/* as last persisted */
	W4Tip		tip;
	uint8_t		proposal[8192];
	size_t		proposal_len;
	int			evidence;
	int			accused;
	uint8_t		accused_id[32]; /* the last one */
	unsigned	alarms;			/* bits of W4Alarm */
	uint8_t		alarm_id[32];	/* the last member that one was about */
	W4Verdict	verdict;		/* what judge says */
	int			judged;			/* how often it was asked */
	bool		other_state;	/* executes differently from the others */
	bool		no_key;			/* cannot sign */
	uint8_t		items[64];
} Peer;

typedef struct Packet
{
	int			from;
	int			to;
	size_t		len;
	uint8_t	   *bytes;
} Packet;

typedef struct Cluster
{
	Chain		chain;
	int			n;
	int64_t		now;
	Peer		peer[CLUSTER_MAX];
	Packet		queue[QUEUE_MAX];
	int			head;
	int			tail;
	uint64_t	sent[32];		/* messages by kind, one for each receiver */
	unsigned	lost;			/* the network loses all of these kinds, 1 << kind */
	uint64_t	work_until;		/* heights to decide */
	Stored		store[64];
	uint64_t	change_at;		/* this block changes the members to ... */
	W4Members	change_to;
	uint64_t	checkpoint_at;	/* a snapshot of these chunks */
	uint32_t	checkpoint_chunks;
	uint8_t		snapshot_root[32];
	W4Tip		checkpoint_tip; /* as a host keeps it beside the snapshot */
	W4Actions	acts;
} Cluster;

/* --- hooks --- */

static bool
peer_sign(void *arg, uint8_t signature[64], const void *message, size_t len)
{
	Peer	   *p = arg;

	if (p->no_key)
		return false;
	w4_sign(signature, message, len, p->cluster->chain.secret[p->index]);
	return true;
}

static W4Verdict
peer_judge(void *arg, const W4Block *block)
{
	(void) block;
	((Peer *) arg)->judged++;
	return ((Peer *) arg)->verdict;
}

static bool
peer_build(void *arg, uint64_t height, bool must, W4Slice *txs, W4Slice *evidence)
{
	Peer	   *p = arg;
	W4Writer	w = w4_writer(p->items, sizeof(p->items));

	*evidence = w4_slice(NULL, 0);
	w4_put_u32be(&w, 9);
	w4_put_u64be(&w, height);
	w4_put_u8(&w, (uint8_t) p->index);
	*txs = w4_slice(w.buf, w.len);
	return must || height <= p->cluster->work_until;
}

/* The host steps a copy of the tip on, which the machine will do after it. */
static void
peer_checkpoint(Peer *p, const W4Block *block, const W4Cert *cert, W4Applied *out)
{
	Cluster    *c = p->cluster;

	memcpy(out->checkpoint_root, c->snapshot_root, 32);
	out->checkpoint_chunks = c->checkpoint_chunks;
	c->checkpoint_tip = *w4_consensus_tip(p->core);
	assert_true(w4_tip_advance(&c->checkpoint_tip, block, cert, out, c->chain.id));
}

static void
peer_apply(void *arg, const W4Block *block, const W4Cert *cert, W4Applied *out)
{
	Peer	   *p = arg;

	Stored	   *s = &p->cluster->store[block->header.height];

	assert_true(w4_cert_verify(cert, W4_COMMIT, p->cluster->chain.id, &w4_consensus_tip(p->core)->members[1], &w4_suite_ed25519, NULL, NULL));
	assert_int_equal(block->header.height, p->applied + 1);
	p->applied++;
	memcpy(p->hashes[p->applied], block->hash, 32);
	memcpy(out->state_digest, block->hash, 32);
	out->state_digest[0] ^= p->other_state;
	out->members_change = p->applied == p->cluster->change_at;
	if (out->members_change)
		out->members = p->cluster->change_to;
	s->len = block->wire.len;
	memcpy(s->wire, block->wire.data, block->wire.len);
	w4_cert_copy(&s->cert, cert);
	s->members = w4_consensus_tip(p->core)->members[1];
	if (p->applied == p->cluster->checkpoint_at)
		peer_checkpoint(p, block, cert, out);
}

/* --- carrying out --- */

static void peer_event(Peer *p, const W4Event *e);

static void
cluster_queue(Cluster *c, int from, int to, const W4Slice part[2])
{
	Packet	   *k;
	uint8_t		kind = part[0].data[W4_MAGIC_LEN];

	c->sent[kind]++;
	if (c->peer[from].cut || c->peer[to].cut || (c->lost >> kind & 1) != 0)
		return;
	assert_true(c->tail < QUEUE_MAX);
	k = &c->queue[c->tail++];
	k->from = from;
	k->to = to;
	k->len = part[0].len + part[1].len;
	k->bytes = malloc(k->len);
	memcpy(k->bytes, part[0].data, part[0].len);
	if (part[1].len > 0)
		memcpy(k->bytes + part[0].len, part[1].data, part[1].len);
}

/* BLOCKS from the common store. */
static void
cluster_queue_blocks(Cluster *c, int from, int to, uint64_t first, uint64_t last)
{
	static uint8_t bytes[1 << 18];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));
	W4Slice		part[2] = {{bytes, 0}, {NULL, 0}};

	w4_prefix_put(&w, W4_BLOCKS, first, c->chain.id);
	for (uint64_t h = first; h <= last; h++)
		w4_blocks_put(&w, w4_slice(c->store[h].wire, c->store[h].len), &c->store[h].cert, c->chain.id);
	part[0].len = w.len;
	cluster_queue(c, from, to, part);
}

static void
peer_carry_out(Peer *p, const W4Actions *acts)
{
	Cluster    *c = p->cluster;
	uint64_t	token = 0;

	for (int i = 0; i < acts->n; i++)
	{
		const W4Action *a = &acts->a[i];

		switch (a->kind)
		{
			case W4_ACT_PERSIST:
				token = a->persist.token;
				p->record = *a->persist.record;
				if ((a->persist.parts & W4_PART_TIP) != 0)
					p->tip = *a->persist.tip;
				if ((a->persist.parts & W4_PART_PROPOSAL) != 0)
				{
					p->proposal_len = a->persist.proposal.len;
					memcpy(p->proposal, a->persist.proposal.data, p->proposal_len);
				}
				break;
			case W4_ACT_SEND:
				for (int to = 0; to < c->n; to++)
					if (to != p->index && (a->to == NULL || a->to[31] == to))
						cluster_queue(c, p->index, to, a->part);
				break;
			case W4_ACT_DECIDED:
				assert_int_equal(a->first, p->decided + 1);
				p->decided = a->last;
				break;
			case W4_ACT_EVIDENCE:
				p->evidence++;
				break;
			case W4_ACT_ACCUSE:
				p->accused++;
				memcpy(p->accused_id, a->to, 32);
				break;
			case W4_ACT_ALARM:
				p->alarms |= 1u << a->alarm;
				if (a->to != NULL)
					memcpy(p->alarm_id, a->to, 32);
				break;
			case W4_ACT_SEND_BLOCKS:
				cluster_queue_blocks(c, p->index, a->to[31], a->first, a->last);
				break;
			case W4_ACT_TIMER:
				break;
		}
	}
	if (token == 0)
		return;
	p->unacknowledged = token;
	if (!p->hold_persist)
		peer_event(p, &(W4Event) {.kind = W4_EV_PERSISTED, .token = token});
}

static void
peer_event(Peer *p, const W4Event *e)
{
	W4Now		now = {p->cluster->now, p->cluster->now};
	W4Actions  *acts = malloc(sizeof(W4Actions));

	w4_consensus_step(p->core, e, now, acts);
	peer_carry_out(p, acts);
	free(acts);
}

static inline void
peer_message(Peer *p, const uint8_t from[32], const void *bytes, size_t len)
{
	peer_event(p, &(W4Event) {.kind = W4_EV_MESSAGE, .from = from, .message = w4_slice(bytes, len)});
}

/* STATUS of a member, whatever it says. */
static inline void
peer_status(Peer *p, int from, uint64_t height, const W4Report *report)
{
	const Chain *chain = &p->cluster->chain;
	W4Vote		v = vote_make(chain, W4_STATUS, height, 0, 0, from);
	uint8_t		bytes[W4_STATUS_WIRE_MAX];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_report_hash(v.extra, report, chain->id);
	vote_sign(chain, &v);
	w4_status_put(&w, &v, report, chain->id);
	peer_message(p, chain->set.m[from].id, bytes, w.len);
}

/* --- the cluster --- */

static inline void
peer_start(Peer *p, const W4Start *start)
{
	Cluster    *c = p->cluster;
	W4Config	cfg;

	w4_config_defaults(&cfg);
	memcpy(cfg.chain_id, c->chain.id, 32);
	memcpy(cfg.me, c->chain.set.m[p->index].id, 32);
	cfg.max_members = c->n;
	cfg.max_block = CLUSTER_BLOCK;
	cfg.host = (W4Host) {p, peer_sign, peer_judge, peer_build, peer_apply};
	free(p->memory);
	p->memory = malloc(w4_consensus_size(&cfg));
	p->core = w4_consensus_init(p->memory, &cfg);
	p->unacknowledged = 0;
	peer_event(p, &(W4Event) {.kind = W4_EV_START, .start = start});
}

static inline void
cluster_deliver(Cluster *c)
{
	while (c->head < c->tail)
	{
		Packet	   *k = &c->queue[c->head++];

		if (!c->peer[k->to].cut)
			peer_message(&c->peer[k->to], c->chain.set.m[k->from].id, k->bytes, k->len);
		free(k->bytes);
	}
	c->head = c->tail = 0;
}

static inline void
cluster_tick(Cluster *c, int64_t us)
{
	c->now += us;
	for (int i = 0; i < c->n; i++)
		peer_event(&c->peer[i], &(W4Event) {.kind = W4_EV_TICK});
	cluster_deliver(c);
}

static inline void
ticks(Cluster *c, int n)
{
	for (int i = 0; i < n; i++)
		cluster_tick(c, 100000);
}

static inline Cluster *
cluster_new(int n)
{
	Cluster    *c = calloc(1, sizeof(Cluster));
	W4Tip		tip;
	uint8_t		zero[32] = {0};

	chain_init(&c->chain, n);
	c->n = n;
	c->now = 1000000;
	w4_tip_genesis(&tip, c->chain.id, &c->chain.set, 0, zero, zero);
	for (int i = 0; i < n; i++)
	{
		W4Start		start = {.tip = &tip, .fresh = true, .nonce = {(uint8_t) (i + 1)}};

		c->peer[i].cluster = c;
		c->peer[i].index = i;
		c->peer[i].tip = tip;
		peer_start(&c->peer[i], &start);
	}
	cluster_deliver(c);
	return c;
}

/* Let "height" be decided: everybody learns of work at once. */
static inline void
cluster_work(Cluster *c, uint64_t height)
{
	c->work_until = height;
	for (int i = 0; i < c->n; i++)
		peer_event(&c->peer[i], &(W4Event) {.kind = W4_EV_WORK, .flag = true});
	cluster_deliver(c);
}

/*
 * At height 1 or 2: peer 2 proposes at height 2, in full in its "proposal", and
 * nobody hears it.  Who was cut before is still at height 1.
 */
static inline void
cluster_propose_alone(Cluster *c)
{
	cluster_work(c, 1);
	for (int i = 0; i < c->n; i++)
		c->peer[i].cut = i != 2;
	cluster_work(c, 2);
	assert_true(c->peer[2].proposal_len > 0);
	assert_int_equal(c->peer[2].record.proposal.height, 2);
	for (int i = 0; i < c->n; i++)
		c->peer[i].cut = false;
}

static inline void
cluster_free(Cluster *c)
{
	while (c->head < c->tail)
		free(c->queue[c->head++].bytes);
	for (int i = 0; i < c->n; i++)
		free(c->peer[i].memory);
	free(c);
}

static inline W4View
peer_view(const Peer *p)
{
	W4View		v;

	w4_consensus_view(p->core, &v);
	return v;
}

static inline bool
alarmed(const Peer *p, W4Alarm alarm)
{
	return (p->alarms & (1u << alarm)) != 0;
}

static inline uint64_t
dropped(const Peer *p, W4Drop reason)
{
	return w4_consensus_dropped(p->core, reason);
}

/* What a peer would find on its disk. */
static inline void
peer_restart(Peer *p, W4Start *start, int nonce)
{
	static uint8_t record[W4_RECORD_WIRE_MAX];
	W4Writer	w = w4_writer(record, sizeof(record));
	W4Tip		tip = p->tip;

	w4_record_put(&w, &p->record, p->cluster->chain.id);
	start->tip = &tip;
	start->record = w4_slice(record, w.len);
	start->proposal = w4_slice(p->proposal, p->proposal_len);
	start->nonce[0] = (uint8_t) nonce;
	peer_start(p, start);
}

#endif							/* W4_CONSENSUS_CLUSTER_H */
