/*-------------------------------------------------------------------------
 *
 * serve.c
 *		Giving a checkpoint to those who join: what to answer, and how often.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/serve.h"

#define MILLION INT64_C(1000000)

void
w4_serve_defaults(W4ServeConfig *out)
{
	memset(out, 0, sizeof(*out));
	out->points_per_second = 64;
	out->points_at_once = 64;
	out->all_per_second = 256;
	out->all_at_once = 256;
	out->max_chunks = W4_MAX_CHUNKS;
}

void
w4_serve_init(W4Serve *s, const W4ServeConfig *cfg, int64_t now_mono)
{
	memset(s, 0, sizeof(*s));
	s->cfg = *cfg;
	s->all = (W4Purse) {now_mono, cfg->all_at_once * MILLION};
}

/* --- purses --- */

/* Times are microseconds and points millionths, so a rate a second is one millionth a microsecond. */
static void
fill(W4Purse *p, uint32_t rate, uint32_t most, int64_t now)
{
	int64_t		full = most * MILLION;
	int64_t		missing = full - p->points;

	if (rate > 0 && now - p->at > missing / rate)
		p->points = full;
	else
		p->points += (now - p->at) * rate;
	p->at = now;
}

static W4Asker *
asker_of(W4Serve *s, const uint8_t id[32], int64_t now)
{
	W4Asker    *oldest = &s->asker[0];

	for (int i = 0; i < W4_ASKERS; i++)
	{
		W4Asker    *a = &s->asker[i];

		if (a->used && w4_hash_eq(a->id, id))
			return a;
		if (oldest->used && (!a->used || a->purse.at < oldest->purse.at))
			oldest = a;
	}
	oldest->used = true;
	w4_hash_copy(oldest->id, id);
	oldest->purse = (W4Purse) {now, s->cfg.points_at_once * MILLION};
	return oldest;
}

/* How long until a purse is no longer in debt, once it has paid. */
static int64_t
wait_of(const W4Purse *p, int64_t price, uint32_t rate)
{
	int64_t		debt = price - p->points;

	return debt <= 0 ? 0 : rate == 0 ? INT64_MAX : debt / rate;
}

static bool
pay(W4Serve *s, const uint8_t id[32], int64_t price, int64_t now, int64_t *wait)
{
	W4Asker    *a = asker_of(s, id, now);
	int64_t		wait_all;

	fill(&a->purse, s->cfg.points_per_second, s->cfg.points_at_once, now);
	fill(&s->all, s->cfg.all_per_second, s->cfg.all_at_once, now);
	*wait = wait_of(&a->purse, price, s->cfg.points_per_second);
	wait_all = wait_of(&s->all, price, s->cfg.all_per_second);
	if (*wait < wait_all)
		*wait = wait_all;
	if (*wait > W4_SERVE_MAX_WAIT)
	{
		s->dropped_rate++;
		return false;
	}
	a->purse.points -= price;
	s->all.points -= price;
	return true;
}

/* --- requests --- */

static bool
read_request(W4Serve *s, W4Slice message, W4ServeAnswer *out, int *points)
{
	W4Prefix	prefix;

	if (!w4_prefix_read(&prefix, message, s->cfg.chain_id, NULL))
		return false;
	out->height = prefix.height;
	out->index = 0;
	*points = W4_SMALL_POINTS;
	switch (prefix.kind)
	{
		case W4_FETCH_OFFER:
			out->kind = W4_OFFER;
			return w4_bare_decode(message, NULL);
		case W4_FETCH_PROOF:
			out->kind = W4_PROOF;
			return w4_bare_decode(message, NULL);
		case W4_FETCH_MANIFEST:
			out->kind = W4_MANIFEST;
			*points = W4_MANIFEST_POINTS(s->cfg.max_chunks);
			return w4_bare_decode(message, NULL);
		case W4_FETCH_CHUNK:
			out->kind = W4_CHUNK;
			*points = W4_CHUNK_POINTS;
			return w4_fetch_chunk_decode(&out->index, message, NULL);
		default:
			return false;
	}
}

bool
w4_serve(W4Serve *s, const uint8_t from[32], W4Slice message, int64_t now, W4ServeAnswer *out)
{
	int			points;

	if (!read_request(s, message, out, &points))
	{
		s->dropped_malformed++;
		return false;
	}
	return pay(s, from, points * MILLION, now, &out->wait);
}
