/*-------------------------------------------------------------------------
 *
 * sync.c
 *		Joining by a snapshot: one step, the sources, the timer.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/sync_state.h"

/* --- memory --- */

static size_t
aligned(size_t n)
{
	return (n + 63) & ~(size_t) 63;
}

size_t
w4_sync_size(const W4SyncConfig *cfg)
{
	return aligned(sizeof(W4Sync)) + aligned(32 * (size_t) cfg->max_chunks) +
		(size_t) cfg->window * W4_MAX_CHUNK_BYTES;
}

W4Sync *
w4_sync_init(void *memory, const W4SyncConfig *cfg, const W4SyncProgress *progress)
{
	W4Sync	   *s = memory;
	uint8_t    *at = (uint8_t *) memory + aligned(sizeof(W4Sync));

	memset(s, 0, sizeof(*s));
	s->cfg = *cfg;
	s->base = *cfg->trusted;
	s->cfg.trusted = NULL;
	if (progress != NULL)
		s->progress = *progress;
	s->leaves = at;
	at += aligned(32 * (size_t) cfg->max_chunks);
	for (int i = 0; i < cfg->window; i++, at += W4_MAX_CHUNK_BYTES)
		s->slot[i].buf = at;
	return s;
}

void
w4_sync_defaults(W4SyncConfig *out)
{
	memset(out, 0, sizeof(*out));
	out->suite = w4_suite_ed25519;
	out->lowest = 1;
	out->max_chunks = W4_MAX_CHUNKS;
	out->window = 8;
	out->timeout = 5000000;
	out->ask_again = 60000000;
}

/* --- small steps that all files share --- */

W4SyncAction *
w4_sync_act(W4Sync *s, W4SyncActionKind kind)
{
	W4SyncAction *a = &s->out->a[s->out->n++];

	memset(a, 0, sizeof(*a));
	a->kind = kind;
	return a;
}

void
w4_sync_drop(W4Sync *s, W4SyncDrop reason)
{
	s->dropped[reason]++;
}

void
w4_sync_strike(W4Sync *s, W4Source *src, W4SyncDrop reason)
{
	W4SyncAction *a = w4_sync_act(s, W4_SYNC_ACT_STRIKE);

	w4_sync_drop(s, reason);
	src->strikes++;
	a->to = src->id;
	a->reason = (int) reason;
}

/* --- sources --- */

static W4Source *
find_source(W4Sync *s, const uint8_t id[32])
{
	for (int i = 0; i < W4_MAX_SOURCES; i++)
		if (s->source[i].used && w4_hash_eq(s->source[i].id, id))
			return &s->source[i];
	return NULL;
}

/* A free place, else that of one who is gone; its strikes are forgotten with it. */
static W4Source *
place_for_source(W4Sync *s)
{
	W4Source   *gone = NULL;

	for (int i = 0; i < W4_MAX_SOURCES; i++)
	{
		if (!s->source[i].used)
			return &s->source[i];
		if (!s->source[i].up && (gone == NULL || s->source[i].strikes < gone->strikes))
			gone = &s->source[i];
	}
	return gone;
}

static void
on_link(W4Sync *s, const uint8_t *id, bool up)
{
	W4Source   *src = find_source(s, id);

	if (src == NULL && up)
	{
		src = place_for_source(s);
		if (src == NULL)
		{
			w4_sync_drop(s, W4_SYNC_DROP_NO_ROOM);
			return;
		}
		memset(src, 0, sizeof(*src));
		src->used = true;
		w4_hash_copy(src->id, id);
	}
	if (src == NULL)
		return;
	src->up = up;
	src->asked = 0;
}

/* --- answers --- */

/* Is it the answer to what this source was asked?  A late one is nobody's fault. */
static bool
wanted(const W4Source *src, const W4Prefix *prefix, W4Slice message)
{
	if (src->asked == 0 || prefix->kind != src->asked + 1)
		return false;
	if (prefix->kind == W4_OFFER)
		return true;
	if (prefix->height != src->height)
		return false;
	return prefix->kind != W4_CHUNK || message.len < W4_FETCH_CHUNK_LEN ||
		w4_get_u32be(message.data + W4_MESSAGE_PREFIX_LEN) == src->index;
}

static void
on_answer(W4Sync *s, W4Source *src, const W4Prefix *prefix, W4Slice message)
{
	src->asked = 0;
	src->silent = 0;
	if (prefix->kind == W4_OFFER)
		w4_sync_on_offer(s, src, message, prefix->height);
	else if (prefix->kind == W4_PROOF)
		w4_sync_on_proof(s, src, message);
	else if (prefix->kind == W4_MANIFEST)
		w4_sync_on_manifest(s, src, message);
	else
		w4_sync_on_chunk(s, src, message);
}

static void
on_message(W4Sync *s, const uint8_t *from, W4Slice message)
{
	W4Source   *src = find_source(s, from);
	W4Prefix	prefix;

	if (src == NULL || !w4_source_usable(src))
		w4_sync_drop(s, W4_SYNC_DROP_STRANGER);
	else if (!w4_prefix_read(&prefix, message, s->cfg.chain_id, NULL))
		w4_sync_strike(s, src, W4_SYNC_DROP_MALFORMED);
	else if (!wanted(src, &prefix, message))
		w4_sync_drop(s, W4_SYNC_DROP_NOT_WANTED);
	else
		on_answer(s, src, &prefix, message);
}

/* --- time --- */

/* Twice as long after each silence: who is slow or limits us is asked less, not never. */
static void
note_silence(W4Sync *s, W4Source *src)
{
	w4_sync_drop(s, W4_SYNC_DROP_TIMEOUT);
	s->stalled += src->asked != W4_FETCH_OFFER;
	src->asked = 0;
	src->quiet_until = s->now.mono + (s->cfg.timeout << (src->silent < 5 ? src->silent : 5));
	src->silent++;
}

static void
note_silences(W4Sync *s)
{
	for (int i = 0; i < W4_MAX_SOURCES; i++)
		if (s->source[i].asked != 0 && s->now.mono >= s->source[i].deadline)
			note_silence(s, &s->source[i]);
}

/* When something can be due for a source that no event will bring about; 0 for never. */
static int64_t
source_due(const W4Sync *s, const W4Source *src)
{
	int64_t		at;

	if (!w4_source_usable(src))
		return 0;
	if (src->asked != 0)
		return src->deadline;
	at = w4_source_eligible(s, src) ? s->now.mono : src->offer_at;
	if (at < src->quiet_until)
		at = src->quiet_until;
	return at > s->now.mono ? at : 0;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a == 0 ? b : b == 0 ? a : a < b ? a : b;
}

static void
set_timer(W4Sync *s)
{
	int64_t		at = s->phase == W4_SYNC_OFFERS && s->choose_by > s->now.mono ? s->choose_by : 0;

	for (int i = 0; i < W4_MAX_SOURCES; i++)
		at = sooner(at, source_due(s, &s->source[i]));
	if (at == 0 || at == s->timer)
		return;
	s->timer = at;
	w4_sync_act(s, W4_SYNC_ACT_TIMER)->at = at;
}

/* --- one step --- */

static bool
over(const W4Sync *s)
{
	return s->phase == W4_SYNC_DONE || s->phase == W4_SYNC_EXPIRED;
}

void
w4_sync_step(W4Sync *s, const W4SyncEvent *event, W4Now now, W4SyncActions *out)
{
	out->n = 0;
	s->out = out;
	s->now = now;
	if (over(s))
		s->dropped[W4_SYNC_DROP_NOT_WANTED] += event->kind == W4_SYNC_EV_MESSAGE;
	else
	{
		note_silences(s);
		if (event->kind == W4_SYNC_EV_LINK)
			on_link(s, event->from, event->up);
		else if (event->kind == W4_SYNC_EV_MESSAGE)
			on_message(s, event->from, event->message);
		w4_sync_seek(s);
		if (!over(s))
		{
			w4_sync_ask(s);
			set_timer(s);
		}
	}
	s->out = NULL;
}

/* --- looking at it --- */

void
w4_sync_view(const W4Sync *s, W4SyncView *out)
{
	out->phase = s->phase;
	out->checkpoint = s->goal > 0 ? s->goal - 1 : 0;
	out->trusted = s->trust.height;
	out->chunks = s->progress.chunks;
	out->total = s->total;
	out->headers = s->headers;
	out->sources = 0;
	for (int i = 0; i < W4_MAX_SOURCES; i++)
		out->sources += w4_source_usable(&s->source[i]);
}

uint64_t
w4_sync_dropped(const W4Sync *s, W4SyncDrop reason)
{
	return s->dropped[reason];
}

const char *
w4_sync_drop_name(W4SyncDrop reason)
{
	static const char *const names[W4_SYNC_DROP_REASONS] = {
		"stranger", "not wanted", "malformed", "false header", "false offer", "false manifest",
		"false chunk", "timeout", "no room"
	};

	return names[reason];
}
