/*-------------------------------------------------------------------------
 *
 * sync_target.c
 *		Joining by a snapshot: which checkpoint, and the headers that lead to it.
 *
 * An offer costs its liar's reputation, not our time for ever: a target that
 * does not come about is given up, whoever offered it is blamed, and those with
 * the least blame are believed next.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/sync_state.h"

/* --- giving up, starting over --- */

static void
forget_target(W4Sync *s)
{
	s->phase = W4_SYNC_OFFERS;
	s->choose_by = s->now.mono + 2 * s->cfg.timeout;
	s->goal = 0;
	s->stalled = 0;
	s->total = 0;
	for (int i = 0; i < W4_MAX_WINDOW; i++)
		s->slot[i].full = false;
}

/* All offers are asked for anew: who has served a newer checkpoint since may have dropped this one. */
void
w4_sync_abandon(W4Sync *s)
{
	for (int i = 0; i < W4_MAX_SOURCES; i++)
	{
		W4Source   *src = &s->source[i];

		src->blame += w4_source_eligible(s, src) && src->offered + 1 == s->goal;
		src->offered = 0;
		src->offer_at = 0;
		src->asked = 0;
	}
	forget_target(s);
}

/* Nobody left to ask, or everybody asked to no avail; more patience once chunks have come. */
static bool
hopeless(const W4Sync *s)
{
	unsigned	patience = s->phase == W4_SYNC_CHUNKS ? 2 : 1;
	unsigned	eligible = 0;

	for (int i = 0; i < W4_MAX_SOURCES; i++)
		eligible += w4_source_eligible(s, &s->source[i]);
	return eligible == 0 || s->stalled > patience * (eligible + 1);
}

/* --- choosing --- */

static bool
helps(const W4Sync *s, uint64_t offered)
{
	uint64_t	least = s->base.members.n == 0 ? s->base.height : s->base.height + 1;

	return offered >= s->cfg.lowest && offered < W4_MAX_HEIGHT && offered + 1 >= least;
}

/* Has everybody who can be asked for an offer been asked, and answered or not? */
static bool
heard_all(const W4Sync *s)
{
	for (int i = 0; i < W4_MAX_SOURCES; i++)
	{
		const W4Source *src = &s->source[i];

		if (w4_source_usable(src) &&
			(src->asked != 0 || (s->now.mono >= src->offer_at && s->now.mono >= src->quiet_until)))
			return false;
	}
	return true;
}

static int
supporters(const W4Sync *s, const W4Source *of)
{
	int			n = 0;

	for (int i = 0; i < W4_MAX_SOURCES; i++)
		n += w4_source_usable(&s->source[i]) && s->source[i].blame == of->blame &&
			s->source[i].offered == of->offered;
	return n;
}

/* Less blame, then what we have begun with, then more who say so, then the newer one. */
static bool
better(const W4Sync *s, const W4Source *a, const W4Source *b)
{
	bool		resumes = a->offered == s->progress.height;
	int			more = supporters(s, a) - supporters(s, b);

	if (a->blame != b->blame)
		return a->blame < b->blame;
	if (resumes != (b->offered == s->progress.height))
		return resumes;
	return more != 0 ? more > 0 : a->offered > b->offered;
}

static const W4Source *
best_offer(const W4Sync *s)
{
	const W4Source *best = NULL;

	for (int i = 0; i < W4_MAX_SOURCES; i++)
	{
		const W4Source *src = &s->source[i];

		if (w4_source_usable(src) && src->offered != 0 && (best == NULL || better(s, src, best)))
			best = src;
	}
	return best;
}

static bool
expired(const W4Sync *s, const W4Trusted *t)
{
	return s->cfg.trusting_period > 0 && t->members.n > 0 &&
		s->now.wall - t->time_us > s->cfg.trusting_period;
}

static void
expire(W4Sync *s)
{
	s->phase = W4_SYNC_EXPIRED;
	(void) w4_sync_act(s, W4_SYNC_ACT_EXPIRED);
}

/*
 * A liar that offers a checkpoint beyond the chain could lead us there one true
 * header at a time, for as long as the chain is.  So a target may cost only so
 * many headers; twice as many each time it has come to nothing, since an honest
 * source that needs more must have them in the end.
 */
static uint64_t
patience(const W4Source *of)
{
	return W4_SYNC_PROOFS << (of->blame < 40 ? of->blame : 40);
}

static void
choose(W4Sync *s)
{
	const W4Source *best;

	if (!heard_all(s) && s->now.mono < s->choose_by)
		return;
	best = best_offer(s);
	if (best == NULL)
		return;
	s->goal = best->offered + 1;
	s->proofs_left = patience(best);
	s->trust = s->base;
	s->want = s->trust.members.n == 0 ? s->trust.height : s->goal;
	s->phase = W4_SYNC_HEADERS;
}

/* Which target, and is it still one? */
void
w4_sync_seek(W4Sync *s)
{
	if (s->choose_by == 0)
		s->choose_by = s->now.mono + 2 * s->cfg.timeout;
	if (s->phase == W4_SYNC_OFFERS && expired(s, &s->base))
		expire(s);
	if (s->phase != W4_SYNC_OFFERS && s->phase < W4_SYNC_DONE && hopeless(s))
		w4_sync_abandon(s);
	if (s->phase == W4_SYNC_OFFERS)
		choose(s);
}

void
w4_sync_on_offer(W4Sync *s, W4Source *src, W4Slice message, uint64_t height)
{
	if (!w4_bare_decode(message, NULL))
	{
		w4_sync_strike(s, src, W4_SYNC_DROP_MALFORMED);
		return;
	}
	src->offered = helps(s, height) ? height : 0;
	src->offer_at = s->now.mono + s->cfg.ask_again;
}

/* --- headers --- */

/* The header is certified and names no checkpoint: whoever offered one there lied. */
static void
strike_offers(W4Sync *s)
{
	for (int i = 0; i < W4_MAX_SOURCES; i++)
		if (w4_source_eligible(s, &s->source[i]) && s->source[i].offered + 1 == s->goal)
			w4_sync_strike(s, &s->source[i], W4_SYNC_DROP_FALSE_OFFER);
	w4_sync_abandon(s);
}

static void
take_proof(W4Sync *s)
{
	bool		pinned = s->trust.members.n == 0;

	w4_trusted_step(&s->trust, &s->proof);
	s->headers++;
	s->stalled = 0;
	s->want = s->goal;
	if (pinned && expired(s, &s->trust))
		expire(s);
	else if (s->trust.height == s->goal)
	{
		s->header = s->proof.header;
		s->phase = W4_SYNC_MANIFEST;
		if (w4_hash_is_zero(s->header.checkpoint_root))
			strike_offers(s);
	}
}

void
w4_sync_on_proof(W4Sync *s, W4Source *src, W4Slice message)
{
	if (!w4_proof_decode(&s->proof, message, s->cfg.chain_id, &s->cfg.suite, NULL))
	{
		w4_sync_strike(s, src, W4_SYNC_DROP_MALFORMED);
		return;
	}
	switch (w4_skip_verify(&s->trust, &s->proof, s->cfg.chain_id, &s->cfg.suite))
	{
		case W4_SKIP_FALSE:
			w4_sync_strike(s, src, W4_SYNC_DROP_FALSE_HEADER);
			break;
		case W4_SKIP_FAR:
			/* Never at the next height, so the distance is at least 2 and becomes less. */
			s->want = s->trust.height + (s->want - s->trust.height) / 2;
			break;
		case W4_SKIP_GOOD:
			take_proof(s);
			break;
	}
	if (s->phase == W4_SYNC_HEADERS && --s->proofs_left == 0)
		w4_sync_abandon(s);
}
