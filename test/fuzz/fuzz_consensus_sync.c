/*
 * State sync.  The first byte chooses:
 *	even	one message, or (kind 0) the summary of a tip: what decodes encodes
 *			to the same bytes, within the limits that its receiver relies on;
 *	odd		what four sources say to a peer that joins: whatever they say, no
 *			chunk and no tip comes out that the certified root does not bind.
 */
#include "consensus_fuzz.h"
#include "core/consensus/serve.h"
#include "core/consensus/sync.h"
#include "core/merkle.h"

#define CHUNKS 64
#define SOURCES 4

static uint8_t buf[1 << 20];
static W4Tip tip;
static W4Proof proof;

/* --- one message --- */

static bool
again_summary(W4Writer *w, W4Slice in, W4Fault *fault)
{
	uint32_t	chunks;

	if (!w4_summary_decode(&tip, &chunks, in, &fuzz_suite, fault))
		return false;
	expect(in.len <= W4_SUMMARY_MAX && chunks >= 1 && chunks <= W4_MAX_CHUNKS);
	w4_summary_put(w, &tip, chunks);
	return true;
}

static bool
again_proof(W4Writer *w, W4Slice in, W4Fault *fault)
{
	if (!w4_proof_decode(&proof, in, fuzz_chain, &fuzz_suite, fault))
		return false;
	expect(in.len <= W4_PROOF_MESSAGE_MAX && proof.members.n >= 1);
	w4_proof_message_put(w, &proof.header, &proof.cert, &proof.members, fuzz_chain);
	return true;
}

static bool
again_manifest(W4Writer *w, W4Slice in, W4Fault *fault)
{
	W4ManifestWire m;

	if (!w4_manifest_decode(&m, &tip, in, fuzz_chain, &fuzz_suite, CHUNKS, fault))
		return false;
	expect(m.chunks >= 1 && m.chunks <= CHUNKS && in.len <= W4_MANIFEST_MESSAGE_MAX(CHUNKS));
	w4_manifest_put(w, &tip, m.leaves, m.chunks, fuzz_chain);
	return true;
}

static bool
again(W4Writer *w, W4Slice in, const W4Prefix *prefix, W4Fault *fault)
{
	uint32_t	index;
	W4Slice		chunk;

	switch (prefix->kind)
	{
		case W4_PROOF:
			return again_proof(w, in, fault);
		case W4_MANIFEST:
			return again_manifest(w, in, fault);
		case W4_FETCH_CHUNK:
			if (!w4_fetch_chunk_decode(&index, in, fault))
				return false;
			w4_fetch_chunk_put(w, prefix->height, index, fuzz_chain);
			return true;
		case W4_CHUNK:
			if (!w4_chunk_decode(&index, &chunk, in, fault))
				return false;
			expect(index < W4_MAX_CHUNKS && chunk.len >= 1 && chunk.len <= W4_MAX_CHUNK_BYTES);
			w4_chunk_put(w, prefix->height, index, chunk, fuzz_chain);
			return true;
		default:
			if (!w4_bare_decode(in, fault))
				return false;
			w4_prefix_put(w, prefix->kind, prefix->height, fuzz_chain);
			return true;
	}
}

/* Whether a request is answered does not depend on more than its bytes and the purse. */
static void
serve(W4Slice in, const W4Prefix *prefix)
{
	static W4Serve s;
	W4ServeConfig cfg;
	W4ServeAnswer a;

	w4_serve_defaults(&cfg);
	memcpy(cfg.chain_id, fuzz_chain, 32);
	w4_serve_init(&s, &cfg, 0);
	if (w4_serve(&s, fuzz_chain, in, 1, &a))
		expect(a.kind == prefix->kind + 1 && a.height == prefix->height && a.index < W4_MAX_CHUNKS);
	else
		expect(s.dropped_malformed == 1);
}

static void
one_message(W4Slice in)
{
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Fault		fault = {NULL, 0};
	W4Prefix	prefix;
	bool		read;

	if (in.len > 0 && in.data[0] == W4_SUMMARY_MAGIC[0] && in.len > 2 && in.data[2] == W4_SUMMARY_MAGIC[2])
		read = again_summary(&w, in, &fault);
	else if (!w4_prefix_read(&prefix, in, fuzz_chain, &fault) || !w4_sync_kind(prefix.kind))
		return;
	else
	{
		serve(in, &prefix);
		read = again(&w, in, &prefix, &fault);
	}
	if (read)
		expect_same(&w, in.data, in.len);
	else
		expect_fault(&fault, in.len);
}

/* --- a joiner --- */

static W4SyncActions acts;

typedef struct World
{
	W4Sync	   *sync;
	int64_t		now;
	uint64_t	total;
	uint32_t	next;
	uint8_t		asked[SOURCES];	/* kind of the last request to each */
	uint64_t	height[SOURCES];
	uint32_t	index[SOURCES];
} World;

static void
note_request(World *world, const W4SyncAction *a)
{
	int			i = a->to[0] % SOURCES;

	expect(a->bytes.len <= W4_FETCH_CHUNK_LEN);
	world->asked[i] = a->bytes.data[W4_MAGIC_LEN];
	world->height[i] = w4_get_u64be(a->bytes.data + W4_MESSAGE_PREFIX_LEN - 8);
	world->index[i] = a->bytes.len == W4_FETCH_CHUNK_LEN ? w4_get_u32be(a->bytes.data + W4_MESSAGE_PREFIX_LEN) : 0;
}

static void
step(World *world, const W4SyncEvent *e)
{
	w4_sync_step(world->sync, e, (W4Now) {world->now, world->now}, &acts);
	expect(acts.n <= W4_SYNC_MAX_ACTIONS);
	for (int i = 0; i < acts.n; i++)
	{
		const W4SyncAction *a = &acts.a[i];

		if (a->kind == W4_SYNC_ACT_SEND)
			note_request(world, a);
		else if (a->kind == W4_SYNC_ACT_BEGIN)
		{
			expect(a->total >= 1 && a->total <= CHUNKS);
			expect(a->progress->chunks == 0 || a->progress->chunks == world->next);
			world->total = a->total;
			world->next = a->progress->chunks;
		}
		else if (a->kind == W4_SYNC_ACT_CHUNK)
			expect(a->index == world->next++ && a->bytes.len >= 1 && a->bytes.len <= W4_MAX_CHUNK_BYTES);
		else if (a->kind == W4_SYNC_ACT_DONE)
			expect(world->next == world->total && a->tip->height > 0 && a->tip->cert.height == a->tip->height);
	}
}

/* Mostly an answer to what was asked, so that its contents are looked at. */
static void
say(World *world, int source, uint8_t how, W4Slice body)
{
	static uint8_t message[1 << 17];
	W4Writer	w = w4_writer(message, sizeof(message));
	uint8_t		id[32] = {(uint8_t) source};
	uint8_t		kind = (uint8_t) (world->asked[source] + 1);
	uint64_t	height = world->height[source];

	if (kind == W4_OFFER)
		height = body.len >= 1 ? 1 + body.data[0] : 9;
	w4_prefix_put(&w, (how & 4) != 0 ? W4_MANIFEST : kind, height, fuzz_chain);
	if (kind == W4_CHUNK)
		w4_put_u32be(&w, world->index[source]);
	if (kind != W4_OFFER)
		w4_put(&w, body.data, body.len);
	if (!w.full)
		step(world, &(W4SyncEvent) {.kind = W4_SYNC_EV_MESSAGE, .from = id, .message = w4_slice(message, w.len)});
}

/* op u8 | length u16be | that many bytes, again and again */
static void
join(W4Slice in)
{
	static uint8_t memory[1 << 21];
	static W4Trusted trusted;
	World		world = {.now = 1};
	W4SyncConfig cfg;
	W4Members	set;

	fuzz_members(&set, MEMBERS);
	trusted.members = set;
	memcpy(trusted.hash, fuzz_chain, 32);
	memcpy(trusted.next_members_hash, set.hash, 32);
	w4_sync_defaults(&cfg);
	memcpy(cfg.chain_id, fuzz_chain, 32);
	cfg.suite = fuzz_suite;
	cfg.trusted = &trusted;
	cfg.max_chunks = CHUNKS;
	cfg.window = 4;
	expect(w4_sync_size(&cfg) <= sizeof(memory));
	world.sync = w4_sync_init(memory, &cfg, NULL);
	for (size_t pos = 0; in.len - pos >= 3;)
	{
		uint8_t		op = in.data[pos];
		size_t		len = w4_get_u16be(in.data + pos + 1);
		uint8_t		id[32] = {(uint8_t) (op % SOURCES)};

		pos += 3;
		len = len < in.len - pos ? len : in.len - pos;
		if ((op & 0xC0) == 0)
			step(&world, &(W4SyncEvent) {.kind = W4_SYNC_EV_LINK, .from = id, .up = (op & 4) == 0});
		else if ((op & 0xC0) == 0x40)
		{
			world.now += INT64_C(1000000) << (op & 7);
			step(&world, &(W4SyncEvent) {.kind = W4_SYNC_EV_TICK});
		}
		else
			say(&world, op % SOURCES, op, w4_slice(in.data + pos, len));
		pos += len;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] % 2 == 0)
		one_message(w4_slice(data + 1, size - 1));
	else
		join(w4_slice(data + 1, size - 1));
	return 0;
}

/* --- mending --- */

/* The hashes that tie certificate, header and members of a proof together. */
static void
mend_proof(uint8_t *p, size_t size)
{
	W4Slice		parts[2] = {w4_slice("W4BLK1", 6), w4_slice(p, W4_BLOCK_HEADER_LEN)};
	W4Reader	r = w4_reader(w4_slice(p, size));
	W4Members	set;
	W4Cert		cert;

	if (size < W4_BLOCK_HEADER_LEN + 77)
		return;
	p[0] = 0;
	p[1] = W4_BLOCK_VERSION;
	memcpy(p + AT_CHAIN, fuzz_chain, 32);
	memcpy(p + W4_BLOCK_HEADER_LEN, fuzz_chain, 32);
	memcpy(p + W4_BLOCK_HEADER_LEN + 32, p + AT_HEIGHT, 8);
	(void) w4_read_bytes(&r, W4_BLOCK_HEADER_LEN);
	w4_cert_read(&cert, &r, fuzz_chain);
	w4_members_read(&set, &r, &fuzz_suite);
	if (r.what == NULL)
		memcpy(p + AT_MEMBERS, set.hash, 32);
	w4_sha256_parts(p + W4_BLOCK_HEADER_LEN + 44, parts, 2);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	size = LLVMFuzzerMutate(data, size, max);
	if (seed % 8 == 0 || size < 1 + W4_MESSAGE_PREFIX_LEN || data[0] % 2 == 1 || data[1] != 'W' || data[3] != 'B')
		return size;
	memcpy(data + 1, W4_MAGIC, W4_MAGIC_LEN);
	memcpy(data + 1 + W4_MAGIC_LEN + 1, fuzz_chain, 32);
	if (data[1 + W4_MAGIC_LEN] == W4_PROOF)
	{
		mend_proof(data + 1 + W4_MESSAGE_PREFIX_LEN, size - 1 - W4_MESSAGE_PREFIX_LEN);
		if (size > 1 + W4_MESSAGE_PREFIX_LEN + AT_HEIGHT + 8)
			memcpy(data + 1 + W4_MESSAGE_PREFIX_LEN - 8, data + 1 + W4_MESSAGE_PREFIX_LEN + AT_HEIGHT, 8);
	}
	return size;
}
