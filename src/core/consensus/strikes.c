/*-------------------------------------------------------------------------
 *
 * strikes.c
 *		Three strikes: what committed evidence and accusations lead to.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/strikes.h"

#include "core/consensus/mutant.h"

#define ACCUSED 128				/* kinds of strikes that are no votes */

/* --- strikes --- */

static bool
same_offence(const W4Strike *k, const W4Conviction *c)
{
	return k->height == c->height && k->view == c->view && k->kind == c->kind && w4_hash_eq(k->id, c->id);
}

bool
w4_strikes_known(const W4Strikes *s, const W4Conviction *c)
{
	for (int i = 0; i < s->strikes && !W4_BUG(STRIKE_TWICE); i++)
		if (same_offence(&s->strike[i], c))
			return true;
	return false;
}

int
w4_strikes_of(const W4Strikes *s, const uint8_t id[32], uint64_t height)
{
	int			n = 0;

	for (int i = 0; i < s->strikes; i++)
		n += w4_hash_eq(s->strike[i].id, id) && height - s->strike[i].committed <= W4_EVIDENCE_WINDOW;
	return n;
}

static void
forget_strikes(W4Strikes *s, int at, int n)
{
	s->strikes -= n;
	memmove(&s->strike[at], &s->strike[at + n], (size_t) (s->strikes - at) * sizeof(W4Strike));
}

/*
 * Strikes stand in the order of their blocks, so those that have expired are in
 * front.  Should all be fresh, the oldest of the one that is convicted now goes:
 * whoever floods the list with its own offences pushes out nobody else's.
 */
static void
make_room(W4Strikes *s, const uint8_t id[32], uint64_t height)
{
	int			gone = 0;
	int			own = 0;

	while (gone < s->strikes && height - s->strike[gone].committed > W4_EVIDENCE_WINDOW)
		gone++;
	if (gone > 0)
		forget_strikes(s, 0, gone);
	if (s->strikes < W4_MAX_CONVICTIONS)
		return;
	while (own < s->strikes && !w4_hash_eq(s->strike[own].id, id))
		own++;
	forget_strikes(s, own < s->strikes ? own : 0, 1);
}

W4StrikeResult
w4_strikes_convict(W4Strikes *s, const W4Conviction *c, int limit, uint64_t height)
{
	W4Strike   *k;

	if (c->height > height || height - c->height > W4_EVIDENCE_WINDOW)
		return W4_STRIKE_STALE;
	if (w4_strikes_known(s, c))
		return W4_STRIKE_KNOWN;
	make_room(s, c->id, height);
	k = &s->strike[s->strikes++];
	w4_hash_copy(k->id, c->id);
	k->height = c->height;
	k->view = c->view;
	k->kind = c->kind;
	k->committed = height;
	return w4_strikes_of(s, c->id, height) >= limit + W4_BUG(EJECT_LATE) ? W4_STRIKE_EJECTED : W4_STRIKE_COUNTED;
}

/* --- accusations --- */

static bool
fresh(const W4Accusation *a, uint64_t height)
{
	return height - a->height <= W4_ACCUSATION_WINDOW;
}

static bool
about(const W4Accusation *a, const uint8_t accused[32], uint8_t class)
{
	return a->class == class && w4_hash_eq(a->accused, accused);
}

static void
forget_accusation(W4Strikes *s, int at)
{
	memmove(&s->accusation[at], &s->accusation[at + 1], (size_t) (--s->accusations - at) * sizeof(W4Accusation));
}

/* What is too old goes, and the accuser's oldest if it has its share. */
static void
make_room_for_word(W4Strikes *s, const uint8_t accuser[32], uint64_t height)
{
	int			own = 0;
	int			oldest = 0;

	for (int i = s->accusations; i-- > 0;)
	{
		if (!fresh(&s->accusation[i], height))
			forget_accusation(s, i);
	}
	for (int i = s->accusations; i-- > 0;)
	{
		if (!w4_hash_eq(s->accusation[i].accuser, accuser))
			continue;
		own++;
		oldest = i;
	}
	if (own == W4_ACCUSATIONS_EACH)
		forget_accusation(s, oldest);
	else if (s->accusations == W4_MAX_ACCUSATIONS)
		forget_accusation(s, 0);
}

static int
accusers(const W4Strikes *s, const W4Members *set, const uint8_t accused[32], uint8_t class)
{
	int			n = 0;

	for (int i = 0; i < s->accusations; i++)
		n += about(&s->accusation[i], accused, class) &&
			w4_members_find(set, s->accusation[i].accuser) != W4_NO_MEMBER;
	return n;
}

/* One of f + 1 is honest.  The count starts anew, so that the next strike takes new words. */
static W4StrikeResult
convict_accused(W4Strikes *s, const uint8_t accused[32], uint8_t class, int limit, uint64_t height)
{
	W4StrikeResult result;
	W4Conviction c;

	memset(&c, 0, sizeof(c));
	w4_hash_copy(c.id, accused);
	c.height = height;
	c.kind = (uint8_t) (ACCUSED + class);
	for (int i = s->accusations; i-- > 0;)
		if (about(&s->accusation[i], accused, class))
			forget_accusation(s, i);
	result = w4_strikes_convict(s, &c, limit, height);

	/* A second f + 1 within one block make no second strike. */
	return result == W4_STRIKE_KNOWN ? W4_STRIKE_NOTED : result;
}

W4StrikeResult
w4_strikes_accuse(W4Strikes *s, const W4Members *set, const uint8_t accuser[32], const uint8_t accused[32],
				  uint8_t class, int limit, uint64_t height)
{
	W4Accusation *a;

	for (int i = 0; i < s->accusations; i++)
		if (about(&s->accusation[i], accused, class) && w4_hash_eq(s->accusation[i].accuser, accuser) &&
			fresh(&s->accusation[i], height))
			return W4_STRIKE_KNOWN;
	make_room_for_word(s, accuser, height);
	a = &s->accusation[s->accusations++];
	w4_hash_copy(a->accused, accused);
	w4_hash_copy(a->accuser, accuser);
	a->class = class;
	a->height = height;
	if (accusers(s, set, accused, class) <= w4_faulty(set->n))
		return W4_STRIKE_NOTED;
	return convict_accused(s, accused, class, limit, height);
}

/* --- codec --- */

void
w4_strikes_put(W4Writer *out, const W4Strikes *s)
{
	w4_put_u16be(out, (uint16_t) s->strikes);
	for (int i = 0; i < s->strikes; i++)
	{
		w4_put(out, s->strike[i].id, 32);
		w4_put_u64be(out, s->strike[i].height);
		w4_put_u32be(out, s->strike[i].view);
		w4_put_u8(out, s->strike[i].kind);
		w4_put_u64be(out, s->strike[i].committed);
	}
	w4_put_u16be(out, (uint16_t) s->accusations);
	for (int i = 0; i < s->accusations; i++)
	{
		w4_put(out, s->accusation[i].accused, 32);
		w4_put(out, s->accusation[i].accuser, 32);
		w4_put_u8(out, s->accusation[i].class);
		w4_put_u64be(out, s->accusation[i].height);
	}
}

static void
read_strikes(W4Strikes *out, W4Reader *r)
{
	uint64_t	last = 0;
	int			n = w4_read_u16be(r);

	if (n > W4_MAX_CONVICTIONS)
		w4_read_fail(r, "too many strikes");
	for (out->strikes = 0; out->strikes < n && r->what == NULL; out->strikes++)
	{
		W4Strike   *k = &out->strike[out->strikes];

		w4_read_copy(r, k->id, 32);
		k->height = w4_read_u64be(r);
		k->view = w4_read_u32be(r);
		k->kind = w4_read_u8(r);
		k->committed = w4_read_u64be(r);
		if (k->committed < last || k->committed > W4_MAX_HEIGHT || k->height > k->committed)
			w4_read_fail(r, "strikes out of order");
		last = k->committed;
	}
}

static void
read_accusations(W4Strikes *out, W4Reader *r)
{
	uint64_t	last = 0;
	int			n = w4_read_u16be(r);

	if (n > W4_MAX_ACCUSATIONS)
		w4_read_fail(r, "too many accusations");
	for (out->accusations = 0; out->accusations < n && r->what == NULL; out->accusations++)
	{
		W4Accusation *a = &out->accusation[out->accusations];

		w4_read_copy(r, a->accused, 32);
		w4_read_copy(r, a->accuser, 32);
		a->class = w4_read_u8(r);
		a->height = w4_read_u64be(r);
		if (a->height < last || a->height > W4_MAX_HEIGHT || a->class > W4_MAX_ACCUSE_CLASS)
			w4_read_fail(r, "accusations out of order");
		last = a->height;
	}
}

void
w4_strikes_read(W4Strikes *out, W4Reader *r)
{
	read_strikes(out, r);
	read_accusations(out, r);
}
