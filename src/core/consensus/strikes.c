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

void
w4_strikes_init(W4Strikes *s, int limit)
{
	memset(s, 0, sizeof(*s));
	s->limit = limit;
}

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

/* Strikes stand in the order of their blocks, so those that have expired are in front. */
static void
make_room(W4Strikes *s, uint64_t height)
{
	int			gone = 0;

	while (gone < s->strikes && height - s->strike[gone].committed > W4_EVIDENCE_WINDOW)
		gone++;
	if (gone == 0 && s->strikes == W4_MAX_CONVICTIONS)
		gone = 1;
	s->strikes -= gone;
	memmove(&s->strike[0], &s->strike[gone], (size_t) s->strikes * sizeof(W4Strike));
}

W4StrikeResult
w4_strikes_convict(W4Strikes *s, const W4Conviction *c, uint64_t height)
{
	W4Strike   *k;

	if (c->height > height || height - c->height > W4_EVIDENCE_WINDOW)
		return W4_STRIKE_STALE;
	if (w4_strikes_known(s, c))
		return W4_STRIKE_KNOWN;
	make_room(s, height);
	k = &s->strike[s->strikes++];
	w4_hash_copy(k->id, c->id);
	k->height = c->height;
	k->view = c->view;
	k->kind = c->kind;
	k->committed = height;
	return w4_strikes_of(s, c->id, height) >= s->limit + W4_BUG(EJECT_LATE) ? W4_STRIKE_EJECTED : W4_STRIKE_COUNTED;
}

/* --- accusations --- */

static void
forget_accusation(W4Strikes *s, int at)
{
	memmove(&s->accusation[at], &s->accusation[at + 1], (size_t) (--s->accusations - at) * sizeof(W4Accusation));
}

static W4Accusation *
accusation_of(W4Strikes *s, const uint8_t accused[32], uint8_t class, uint64_t height)
{
	W4Accusation *a;

	for (int i = s->accusations; i-- > 0;)
		if (height - s->accusation[i].since > W4_ACCUSATION_WINDOW)
			forget_accusation(s, i);
	for (int i = 0; i < s->accusations; i++)
		if (s->accusation[i].class == class && w4_hash_eq(s->accusation[i].accused, accused))
			return &s->accusation[i];
	if (s->accusations == W4_MAX_ACCUSATIONS)
		forget_accusation(s, 0);
	a = &s->accusation[s->accusations++];
	memset(a, 0, sizeof(*a));
	w4_hash_copy(a->accused, accused);
	a->class = class;
	a->since = height;
	return a;
}

W4StrikeResult
w4_strikes_accuse(W4Strikes *s, const uint8_t accuser[32], const uint8_t accused[32], uint8_t class,
				  int faulty, uint64_t height)
{
	W4Accusation *a = accusation_of(s, accused, class, height);
	W4Conviction c;

	for (int i = 0; i < a->accusers; i++)
		if (w4_hash_eq(a->accuser[i], accuser))
			return W4_STRIKE_KNOWN;
	if (a->accusers < W4_MAX_MEMBERS / 3 + 1)
		w4_hash_copy(a->accuser[a->accusers++], accuser);
	if (a->accusers <= faulty)
		return W4_STRIKE_NOTED;

	/* One of f + 1 is honest.  The count starts anew, so that the next strike takes new accusers. */
	memset(&c, 0, sizeof(c));
	w4_hash_copy(c.id, accused);
	c.height = height;
	c.kind = (uint8_t) (ACCUSED + class % ACCUSED);
	forget_accusation(s, (int) (a - s->accusation));
	return w4_strikes_convict(s, &c, height);
}
