/*-------------------------------------------------------------------------
 *
 * sync_fixture.h
 *		A long chain whose keys the tests hold, sources that serve it or lie, a
 *		network with delays, and one peer that joins.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_SYNC_FIXTURE_H
#define W4_SYNC_FIXTURE_H

#include "consensus_fixture.h"
#include "core/consensus/serve.h"
#include "core/consensus/sync.h"
#include "core/merkle.h"

#define CHAIN_MAX 260
#define CHUNKS_MAX 64
#define SOURCES 8
#define NET_MAX 256

/* --- the chain --- */

typedef struct LongChain
{
	uint8_t		id[32];
	W4Genesis	genesis;
	uint64_t	top;
	W4BlockHeader header[CHAIN_MAX + 1];
	uint8_t		hash[CHAIN_MAX + 1][32];
	W4Cert		cert[CHAIN_MAX + 1];
	W4Members	members[CHAIN_MAX + 2];
	uint64_t	checkpoint;
	W4Tip		tip;			/* at the checkpoint */
	uint32_t	chunks;
	uint8_t		leaves[CHUNKS_MAX * 32];
} LongChain;

/* Chunk contents: lengths differ, the last has one byte. */
static inline W4Slice
chunk_bytes(const LongChain *c, uint32_t index)
{
	static uint8_t buf[W4_MAX_CHUNK_BYTES];
	size_t		len = index == 0 ? W4_MAX_CHUNK_BYTES : index + 1 == c->chunks ? 1 : 100 + index;

	memset(buf, (int) index + 1, len);
	return w4_slice(buf, len);
}

static inline void
member_put(W4Members *set, int n)
{
	uint8_t		id[32];
	uint8_t		key[32];
	uint8_t		secret[64];

	peer_id(id, n);
	peer_keys(key, secret, n);
	assert_true(w4_members_add(set, id, key));
}

static inline void
members_of(W4Members *set, int first, int n)
{
	memset(set, 0, sizeof(*set));
	for (int i = first; i < first + n; i++)
		member_put(set, i);
	w4_members_seal(set);
}

/* Signatures of those in "signers" over a block hash; key n belongs to peer n. */
static inline void
cert_sign(W4Cert *out, const uint8_t chain_id[32], const W4Members *set, uint64_t height, const uint8_t hash[32],
		  uint64_t signers)
{
	memset(out, 0, offsetof(W4Cert, signatures));
	out->height = height;
	out->n = set->n;
	memcpy(out->hash, hash, 32);
	for (unsigned i = 0; i < set->n; i++)
	{
		W4Vote		v = {W4_COMMIT, (uint16_t) i, 0, height, {0}, {0}, {0}};
		uint8_t		bytes[W4_VOTE_BYTES];
		uint8_t		key[32];
		uint8_t		secret[64];

		if (!w4_mask_has(signers, i))
			continue;
		memcpy(v.hash, hash, 32);
		peer_keys(key, secret, set->m[i].id[31]);
		w4_vote_bytes(bytes, &v, chain_id);
		w4_sign(v.signature, bytes, sizeof(bytes), secret);
		w4_cert_append(out, i, v.signature);
	}
}

static inline uint64_t
quorum_of(const W4Members *set)
{
	return w4_mask_all((unsigned) w4_quorum(set->n));
}

/* The tip at the checkpoint, as far as the chain has it; some turns were missed. */
static inline void
checkpoint_make(LongChain *c, uint64_t height, uint32_t chunks)
{
	W4Tip	   *t = &c->tip;
	uint8_t		snapshot[32];

	memset(t, 0, sizeof(*t));
	t->height = height;
	t->time_us = c->header[height].time_us;
	memcpy(t->hash, c->hash[height], 32);
	memcpy(t->builder, c->header[height].proposer, 32);
	memset(t->state_digest, 0x5D, 32);
	t->rota.missed[1] = 1;
	for (int i = 0; i < 3; i++)
		t->members[i] = c->members[height + (uint64_t) i];
	w4_cert_copy(&t->cert, &c->cert[height]);
	c->checkpoint = height;
	c->chunks = chunks;
	for (uint32_t i = 0; i < chunks; i++)
	{
		W4Slice		chunk = chunk_bytes(c, i);

		w4_merkle_leaf_hash(c->leaves + 32 * i, chunk.data, chunk.len);
	}
	w4_merkle_root(snapshot, c->leaves, chunks);
	w4_checkpoint_root(t->checkpoint_root, t, snapshot, chunks);
}

/*
 * "top" heights, the checkpoint below the last; every "turnover" heights (0:
 * never) the oldest of the four members goes and a new one comes.
 */
static inline void
long_chain_make(LongChain *c, uint64_t top, uint64_t turnover, uint32_t chunks)
{
	uint8_t		doc[W4_GENESIS_WIRE_MAX];
	W4Writer	w = w4_writer(doc, sizeof(doc));

	memset(c, 0, sizeof(*c));
	c->top = top;
	strcpy(c->genesis.name, "long");
	c->genesis.time_us = 5;
	members_of(&c->genesis.members, 0, 4);
	w4_genesis_put(&w, &c->genesis);
	w4_chain_id(c->id, w4_slice(doc, w.len));
	memcpy(c->hash[0], c->id, 32);
	c->members[0] = c->members[1] = c->members[2] = c->genesis.members;
	for (uint64_t h = 1; h <= top; h++)
	{
		W4BlockHeader *b = &c->header[h];
		int			oldest = turnover == 0 ? 0 : (int) (h / turnover);

		if (h + 1 > 2)
			members_of(&c->members[h + 1], oldest, 4);
		b->version = W4_BLOCK_VERSION;
		b->height = h;
		b->time_us = 5 + (int64_t) h;
		memcpy(b->parent, c->hash[h - 1], 32);
		memcpy(b->proposer, c->members[h].m[0].id, 32);
		memcpy(b->members_hash, c->members[h].hash, 32);
		memcpy(b->next_members_hash, c->members[h + 1].hash, 32);
		if (chunks > 0 && h == top)
		{
			checkpoint_make(c, top - 1, chunks);
			memcpy(b->checkpoint_root, c->tip.checkpoint_root, 32);
			memcpy(b->parent_state_digest, c->tip.state_digest, 32);
		}
		w4_block_hash(c->hash[h], b, c->id);
		cert_sign(&c->cert[h], c->id, &c->members[h], h, c->hash[h], quorum_of(&c->members[h]));
	}
}

/* --- sources --- */

typedef enum Lie
{
	HONEST,
	DEAD,						/* says nothing */
	NO_CHUNKS,					/* gives all but chunks */
	DIES_LATER,					/* after two chunks */
	BAD_CHUNK,					/* a bit is wrong */
	SWAPPED_CHUNK,				/* another chunk, said to be this one */
	OTHER_MANIFEST,				/* a leaf is changed */
	SHORT_MANIFEST,				/* inner nodes given out as leaves */
	OTHER_TIP,					/* a turn was not missed */
	BARE_MANIFEST,				/* the certificate is one short of a quorum */
	FORGED_HEADER,				/* other contents, the certificate of the true one */
	FEW_SIGNERS,				/* one short of a quorum */
	STRANGERS,					/* members of its own making, all of them signed */
	WRONG_MEMBERS,				/* not those of the header */
	HIGH_OFFER,					/* a checkpoint far above the chain, then silence */
	FARTHEST_OFFER,				/* the last height that there can be, and strangers all the way down */
	LOW_OFFER,					/* a height at which there is no checkpoint */
	GARBAGE,
	DRIPS,						/* a checkpoint far above the chain; one true header at a time, each just in time */
	LATE						/* the truth, after the timeout */
} Lie;

typedef struct Net
{
	int64_t		due;
	int			from;			/* source, or -1: from the joiner to source .to */
	int			to;
	size_t		len;
	uint8_t	   *bytes;
} Net;

typedef struct Joiner
{
	LongChain  *chain;
	int64_t		now;
	int64_t		wall;
	int64_t		timer;
	W4Serve		serve[SOURCES];
	Lie			lie[SOURCES];
	int			sources;
	int			given[SOURCES]; /* chunks */
	uint64_t	dripped[SOURCES];	/* headers of DRIPS */
	int			struck[SOURCES];
	int			asked[32];		/* requests by kind */
	Net			net[NET_MAX];
	int			in_net;
	W4SyncConfig cfg;
	W4Trusted	trusted;
	void	   *memory;
	W4Sync	   *sync;
	W4SyncActions acts;
	uint32_t	first;			/* of the last BEGIN */
	uint32_t	taken;			/* chunks so far */
	W4SyncProgress progress;	/* durable at the joiner */
	bool		done;
	bool		expired;
	W4Tip		tip;
} Joiner;

static uint8_t net_bytes[W4_CHUNK_MESSAGE_MAX + W4_PROOF_MESSAGE_MAX];

static inline void
net_send(Joiner *j, int from, int to, const uint8_t *bytes, size_t len, int64_t delay)
{
	Net		   *n = &j->net[j->in_net++];

	assert_true(j->in_net < NET_MAX);
	*n = (Net) {j->now + delay, from, to, len, malloc(len + 1)};
	memcpy(n->bytes, bytes, len);
}

/* Members that nobody but this liar knows. */
static inline void
put_strangers(W4Writer *w, const LongChain *c, uint64_t height)
{
	W4Members	own;
	W4BlockHeader h = c->header[height <= c->top ? height : c->top];
	W4Cert		cert;
	uint8_t		hash[32];

	members_of(&own, 240, 4);
	h.height = height;
	memcpy(h.members_hash, own.hash, 32);
	memcpy(h.next_members_hash, own.hash, 32);
	w4_block_hash(hash, &h, c->id);
	cert_sign(&cert, c->id, &own, height, hash, quorum_of(&own));
	w4_proof_message_put(w, &h, &cert, &own, c->id);
}

static inline void
put_proof(W4Writer *w, const LongChain *c, uint64_t height, Lie lie)
{
	W4BlockHeader h;
	W4Cert		cert;
	W4Members	set;

	if (lie == STRANGERS || lie == FARTHEST_OFFER)
		put_strangers(w, c, height);
	if (lie == STRANGERS || lie == FARTHEST_OFFER || height > c->top)
		return;
	h = c->header[height];
	set = c->members[height];
	w4_cert_copy(&cert, &c->cert[height]);
	if (lie == FORGED_HEADER)
	{
		h.checkpoint_root[0] ^= 1;
		w4_block_hash(cert.hash, &h, c->id);
	}
	if (lie == FEW_SIGNERS)
		cert_sign(&cert, c->id, &set, height, c->hash[height], quorum_of(&set) >> 1);
	if (lie == WRONG_MEMBERS)
		members_of(&set, 100, 4);
	w4_proof_message_put(w, &h, &cert, &set, c->id);
}

static inline void
put_manifest(W4Writer *w, const LongChain *c, Lie lie)
{
	static uint8_t leaves[CHUNKS_MAX * 32];
	static W4Tip tip;
	uint32_t	chunks = c->chunks;

	tip = c->tip;
	memcpy(leaves, c->leaves, sizeof(leaves));
	if (lie == OTHER_MANIFEST)
		leaves[32] ^= 1;
	if (lie == OTHER_TIP)
		tip.rota.missed[1] = 0;
	if (lie == BARE_MANIFEST)
		cert_sign(&tip.cert, c->id, &tip.members[0], tip.height, tip.hash, 1);
	for (uint32_t i = 0; lie == SHORT_MANIFEST && i < chunks / 2; i++)
		w4_merkle_node_hash(leaves + 32 * i, c->leaves + 64 * i, c->leaves + 64 * i + 32);
	w4_manifest_put(w, &tip, leaves, lie == SHORT_MANIFEST ? chunks / 2 : chunks, c->id);
}

static inline void
put_chunk(W4Writer *w, Joiner *j, int source, uint32_t index)
{
	Lie			lie = j->lie[source];
	W4Slice		chunk = chunk_bytes(j->chain, lie == SWAPPED_CHUNK ? (index + 1) % j->chain->chunks : index);

	if (lie == NO_CHUNKS || index >= j->chain->chunks)
		return;
	j->given[source]++;
	if (lie == DIES_LATER && j->given[source] > 2)
		return;
	w4_chunk_put(w, j->chain->checkpoint, index, chunk, j->chain->id);
	if (lie == BAD_CHUNK)
		w->buf[w->len - 1] ^= 1;
}

/* Strangers until the distance is one, then the truth. */
static inline Lie
drip(Joiner *j, int source, uint64_t height)
{
	if (height != j->dripped[source] + 1)
		return STRANGERS;
	j->dripped[source]++;
	return HONEST;
}

static inline uint64_t
offer_of(const LongChain *c, Lie lie)
{
	if (lie == FARTHEST_OFFER)
		return W4_MAX_HEIGHT - 1;
	return lie == HIGH_OFFER || lie == DRIPS ? c->top + 1000 : lie == LOW_OFFER ? 7 : c->checkpoint;
}

/* On top of what the way takes. */
static inline int64_t
delay_of(const Joiner *j, Lie lie)
{
	return lie == LATE ? j->cfg.timeout + 100000 : lie == DRIPS ? j->cfg.timeout - 10000 : 1000;
}

static inline void
source_answer(Joiner *j, int source, const W4ServeAnswer *a)
{
	const LongChain *c = j->chain;
	Lie			lie = j->lie[source];
	W4Writer	w = w4_writer(net_bytes, sizeof(net_bytes));

	if (a->kind == W4_OFFER)
		w4_prefix_put(&w, W4_OFFER, offer_of(c, lie), c->id);
	else if (a->kind == W4_PROOF)
		put_proof(&w, c, a->height, lie == DRIPS ? drip(j, source, a->height) : lie);
	else if (a->kind == W4_MANIFEST && a->height == c->checkpoint)
		put_manifest(&w, c, lie);
	else if (a->kind == W4_CHUNK && a->height == c->checkpoint)
		put_chunk(&w, j, source, a->index);
	assert_false(w.full);
	if (w.len == 0)
		return;
	if (lie == GARBAGE)
		memset(w.buf + W4_MESSAGE_PREFIX_LEN, 0xEE, w.len - W4_MESSAGE_PREFIX_LEN);
	net_send(j, source, -1, w.buf, w.len, a->wait + delay_of(j, lie));
}

static inline int
source_index(const uint8_t id[32])
{
	return id[31] - 200;
}

static inline void
source_id(uint8_t id[32], int i)
{
	peer_id(id, 200 + i);
}

/* --- the joiner --- */

static inline void
joiner_begin(Joiner *j, const W4SyncAction *a)
{
	j->first = a->progress->chunks;
	j->taken = a->progress->chunks;
	j->progress = *a->progress;
}

static inline void
joiner_chunk(Joiner *j, const W4SyncAction *a)
{
	W4Slice		true_bytes = chunk_bytes(j->chain, a->index);

	assert_int_equal(a->index, j->taken);
	assert_true(w4_slice_eq(a->bytes, true_bytes));
	j->taken++;
	j->progress.chunks = j->taken;
}

static inline void
joiner_carry_out(Joiner *j)
{
	for (int i = 0; i < j->acts.n; i++)
	{
		const W4SyncAction *a = &j->acts.a[i];

		switch (a->kind)
		{
			case W4_SYNC_ACT_SEND:
				j->asked[a->bytes.data[W4_MAGIC_LEN]]++;
				net_send(j, -1, source_index(a->to), a->bytes.data, a->bytes.len, 1000);
				break;
			case W4_SYNC_ACT_TIMER:
				assert_true(a->at > j->now);
				j->timer = a->at;
				break;
			case W4_SYNC_ACT_BEGIN:
				joiner_begin(j, a);
				break;
			case W4_SYNC_ACT_CHUNK:
				joiner_chunk(j, a);
				break;
			case W4_SYNC_ACT_DONE:
				assert_int_equal(j->taken, j->chain->chunks);
				j->done = true;
				j->tip = *a->tip;
				break;
			case W4_SYNC_ACT_STRIKE:
				j->struck[source_index(a->to)]++;
				break;
			case W4_SYNC_ACT_EXPIRED:
				j->expired = true;
				break;
		}
	}
}

static inline void
joiner_event(Joiner *j, const W4SyncEvent *e)
{
	w4_sync_step(j->sync, e, (W4Now) {j->now, j->wall}, &j->acts);
	joiner_carry_out(j);
}

static inline void
joiner_link(Joiner *j, int source, bool up)
{
	uint8_t		id[32];

	source_id(id, source);
	joiner_event(j, &(W4SyncEvent) {.kind = W4_SYNC_EV_LINK, .from = id, .up = up});
}

static inline void
joiner_message(Joiner *j, int source, const void *bytes, size_t len)
{
	uint8_t		id[32];

	source_id(id, source);
	joiner_event(j, &(W4SyncEvent) {.kind = W4_SYNC_EV_MESSAGE, .from = id, .message = w4_slice(bytes, len)});
}

/* As after a crash: what it holds is what was handed over. */
static inline void
joiner_start(Joiner *j)
{
	free(j->memory);
	j->memory = malloc(w4_sync_size(&j->cfg));
	j->sync = w4_sync_init(j->memory, &j->cfg, &j->progress);
	j->timer = 0;
	for (int i = 0; i < j->sources; i++)
		joiner_link(j, i, true);
}

static inline Joiner *
joiner_new(LongChain *c, int sources, const Lie *lies)
{
	Joiner	   *j = calloc(1, sizeof(Joiner));
	W4ServeConfig serve;

	j->chain = c;
	j->now = 1000;
	j->sources = sources;
	w4_serve_defaults(&serve);
	memcpy(serve.chain_id, c->id, 32);
	for (int i = 0; i < sources; i++)
	{
		j->lie[i] = lies[i];
		w4_serve_init(&j->serve[i], &serve, j->now);
	}
	w4_sync_defaults(&j->cfg);
	memcpy(j->cfg.chain_id, c->id, 32);
	w4_trusted_genesis(&j->trusted, c->id, &c->genesis);
	j->cfg.trusted = &j->trusted;
	j->cfg.max_chunks = CHUNKS_MAX;
	j->cfg.window = 4;
	return j;
}

static inline void
joiner_free(Joiner *j)
{
	for (int i = 0; i < j->in_net; i++)
		free(j->net[i].bytes);
	free(j->memory);
	free(j);
}

static inline void
net_deliver(Joiner *j, Net n)
{
	W4ServeAnswer a;
	uint8_t		me[32] = {0x4A};

	if (n.from >= 0)
		joiner_message(j, n.from, n.bytes, n.len);
	else if (j->lie[n.to] != DEAD && w4_serve(&j->serve[n.to], me, w4_slice(n.bytes, n.len), j->now, &a))
		source_answer(j, n.to, &a);
	free(n.bytes);
}

/* The next thing that happens; false when nothing would within "until". */
static inline bool
joiner_next(Joiner *j, int64_t until)
{
	int			first = -1;
	Net			n;

	for (int i = 0; i < j->in_net; i++)
		if (first < 0 || j->net[i].due < j->net[first].due)
			first = i;
	if (first >= 0 && (j->timer <= j->now || j->net[first].due <= j->timer))
	{
		if (j->net[first].due > until)
			return false;
		n = j->net[first];
		memmove(&j->net[first], &j->net[first + 1], (size_t) (--j->in_net - first) * sizeof(Net));
		j->now = n.due > j->now ? n.due : j->now;
		net_deliver(j, n);
		return true;
	}
	if (j->timer <= j->now || j->timer > until)
		return false;
	j->now = j->timer;
	joiner_event(j, &(W4SyncEvent) {.kind = W4_SYNC_EV_TICK});
	return true;
}

static inline void
joiner_run(Joiner *j, int64_t us)
{
	int64_t		until = j->now + us;

	while (!j->done && joiner_next(j, until))
		;
}

static inline W4SyncView
joiner_view(const Joiner *j)
{
	W4SyncView	v;

	w4_sync_view(j->sync, &v);
	return v;
}

#endif							/* W4_SYNC_FIXTURE_H */
