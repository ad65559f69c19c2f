/*-------------------------------------------------------------------------
 *
 * sync_fetch.c
 *		Joining by a snapshot: whom to ask for what, manifest and chunks.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/sync_state.h"

#include "core/consensus/mutant.h"
#include "core/merkle.h"

/* --- asking --- */

static void
request(W4Sync *s, W4Source *src, W4MessageKind kind, uint64_t height, uint32_t index)
{
	W4Writer	w = w4_writer(src->request, sizeof(src->request));
	W4SyncAction *a = w4_sync_act(s, W4_SYNC_ACT_SEND);

	if (kind == W4_FETCH_CHUNK)
		w4_fetch_chunk_put(&w, height, index, s->cfg.chain_id);
	else
		w4_prefix_put(&w, (uint8_t) kind, height, s->cfg.chain_id);
	src->asked = (uint8_t) kind;
	src->height = height;
	src->index = index;
	src->deadline = s->now.mono + s->cfg.timeout;
	a->to = src->id;
	a->bytes = w4_slice(w.buf, w.len);
}

static bool
under_way(const W4Sync *s, W4MessageKind kind, uint32_t index)
{
	for (int i = 0; i < W4_MAX_SOURCES; i++)
		if (s->source[i].asked == kind && s->source[i].index == index)
			return true;
	return false;
}

/* The lowest chunk within the window that is neither here nor under way. */
static bool
next_chunk(const W4Sync *s, uint32_t *index)
{
	uint32_t	first = s->progress.chunks;

	for (uint32_t i = first; i < s->total && i - first < (uint32_t) s->cfg.window; i++)
	{
		*index = i;
		if (!s->slot[i % (uint32_t) s->cfg.window].full && !under_way(s, W4_FETCH_CHUNK, i))
			return true;
	}
	return false;
}

static bool
idle(const W4Sync *s, const W4Source *src)
{
	return w4_source_usable(src) && src->asked == 0 && s->now.mono >= src->quiet_until;
}

/*
 * Should this one get the only request there is now?  Not while somebody waits
 * who is less to be blamed: liars would else lead us about on an honest one's
 * target, too.
 */
static bool
only_request(const W4Sync *s, const W4Source *src, W4MessageKind kind)
{
	if (under_way(s, kind, 0))
		return false;
	for (int i = 0; i < W4_MAX_SOURCES; i++)
	{
		const W4Source *other = &s->source[i];

		if (idle(s, other) && w4_source_eligible(s, other) && other->blame < src->blame)
			return false;
	}
	return true;
}

/* Something for this source to do on the way to the target; false: nothing. */
static bool
ask_for_target(W4Sync *s, W4Source *src)
{
	uint32_t	index;

	if (!w4_source_eligible(s, src))
		return false;
	if (s->phase == W4_SYNC_HEADERS && only_request(s, src, W4_FETCH_PROOF))
		request(s, src, W4_FETCH_PROOF, s->want, 0);
	else if (s->phase == W4_SYNC_MANIFEST && only_request(s, src, W4_FETCH_MANIFEST))
		request(s, src, W4_FETCH_MANIFEST, s->goal - 1, 0);
	else if (s->phase == W4_SYNC_CHUNKS && next_chunk(s, &index))
		request(s, src, W4_FETCH_CHUNK, s->goal - 1, index);
	else
		return false;
	return true;
}

/* Everybody who is idle gets something to do; another one first each time. */
void
w4_sync_ask(W4Sync *s)
{
	int			first = s->turn;

	for (int k = 0; k < W4_MAX_SOURCES; k++)
	{
		int			i = (first + k) % W4_MAX_SOURCES;
		W4Source   *src = &s->source[i];

		if (!idle(s, src))
			continue;
		if (ask_for_target(s, src))
			s->turn = (i + 1) % W4_MAX_SOURCES;
		else if (!w4_source_eligible(s, src) && s->now.mono >= src->offer_at)
			request(s, src, W4_FETCH_OFFER, s->cfg.lowest, 0);
	}
}

/* --- handing over --- */

static void
hand_over(W4Sync *s)
{
	for (;;)
	{
		W4Slot	   *slot = &s->slot[s->progress.chunks % (uint32_t) s->cfg.window];
		W4SyncAction *a;

		if (s->progress.chunks == s->total || !slot->full)
			break;
		a = w4_sync_act(s, W4_SYNC_ACT_CHUNK);
		a->index = s->progress.chunks++;
		a->total = s->total;
		a->bytes = w4_slice(slot->buf, slot->len);
		slot->full = false;
	}
	if (s->progress.chunks == s->total)
	{
		s->phase = W4_SYNC_DONE;
		w4_sync_act(s, W4_SYNC_ACT_DONE)->tip = &s->tip;
	}
}

/* --- manifest --- */

/* Go on with what the host has of this very snapshot, or from the beginning. */
static void
begin(W4Sync *s, const W4ManifestWire *m)
{
	W4SyncProgress *p = &s->progress;
	W4SyncAction *a = w4_sync_act(s, W4_SYNC_ACT_BEGIN);

	memcpy(s->leaves, m->leaves, 32 * (size_t) m->chunks);
	s->total = m->chunks;
	if (p->height + 1 != s->goal || !w4_hash_eq(p->root, s->header.checkpoint_root) || p->chunks > m->chunks)
		p->chunks = 0;
	p->height = s->goal - 1;
	w4_hash_copy(p->root, s->header.checkpoint_root);
	a->progress = p;
	a->total = s->total;
	s->phase = W4_SYNC_CHUNKS;
	s->stalled = 0;
	hand_over(s);
}

void
w4_sync_on_manifest(W4Sync *s, W4Source *src, W4Slice message)
{
	W4ManifestWire m;

	if (!w4_manifest_decode(&m, &s->tip, message, s->cfg.chain_id, &s->cfg.suite, s->cfg.max_chunks, NULL))
		w4_sync_strike(s, src, W4_SYNC_DROP_MALFORMED);
	else if ((!w4_hash_eq(s->tip.checkpoint_root, s->header.checkpoint_root) && !W4_BUG(MANIFEST_UNCHECKED)) ||
			 !w4_cert_verify(&s->tip.cert, W4_COMMIT, s->cfg.chain_id, &s->tip.members[0], &s->cfg.suite, NULL, NULL))
		w4_sync_strike(s, src, W4_SYNC_DROP_FALSE_MANIFEST);
	else if (w4_checkpoint_misfit(&s->tip, &s->header) != NULL)
		w4_sync_abandon(s);		/* a quorum certified nonsense: not this peer's fault */
	else
		begin(s, &m);
}

/* --- chunks --- */

void
w4_sync_on_chunk(W4Sync *s, W4Source *src, W4Slice message)
{
	uint8_t		leaf[32];
	uint32_t	index;
	W4Slice		chunk;
	W4Slot	   *slot;

	if (!w4_chunk_decode(&index, &chunk, message, NULL))
	{
		w4_sync_strike(s, src, W4_SYNC_DROP_MALFORMED);
		return;
	}

	/* What it was asked for lies within the window, and nobody else was asked for it. */
	w4_merkle_leaf_hash(leaf, chunk.data, chunk.len);
	if (!w4_hash_eq(leaf, s->leaves + 32 * (size_t) index) && !W4_BUG(CHUNK_UNCHECKED))
	{
		w4_sync_strike(s, src, W4_SYNC_DROP_FALSE_CHUNK);
		return;
	}
	slot = &s->slot[index % (uint32_t) s->cfg.window];
	memcpy(slot->buf, chunk.data, chunk.len);
	slot->len = (uint32_t) chunk.len;
	slot->full = true;
	s->stalled = 0;
	hand_over(s);
}
