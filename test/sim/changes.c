/*-------------------------------------------------------------------------
 *
 * changes.c
 *		Membership changes on the way (F28): who joins, leaves, rotates its key.
 *
 * One transaction proposes a change, the next brings the votes of the others;
 * now and then one vote is missing, and the change never comes.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

/* Whatever passes, and in whatever order, the set must not go below 3f + 1. */
static W4MotionKind
kind_draw(World *w, int n, int liars)
{
	static const W4MotionKind kinds[] = {W4_MOTION_ADD, W4_MOTION_REMOVE, W4_MOTION_ROTATE};
	W4MotionKind kind = kinds[rng_below(&w->rng, 3)];

	if (kind == W4_MOTION_REMOVE && (n < 3 || w4_faulty(n - 1) < liars))
		kind = W4_MOTION_ADD;
	return kind;
}

/* Two motions for one thing may get the votes of both, so only the first can be one that nobody wants. */
static bool
asked_before(const World *w, const Change *c)
{
	for (const Change *k = w->change; k < c; k++)
		if (k->kind == c->kind && k->identity == c->identity)
			return true;
	return false;
}

void
changes_draw(World *w, int liars)
{
	int			smallest = w->n;
	int			newcomer = w->n;
	int			leaver = w->n - 1;
	uint64_t	tx = 2;

	for (int i = 0; i < w->faults.changes; i++)
	{
		Change	   *c = &w->change[i];

		tx += 2 + rng_below(&w->rng, 8);
		c->tx = tx;
		c->kind = kind_draw(w, smallest, liars);
		c->identity = c->kind == W4_MOTION_ADD ? newcomer++ : c->kind == W4_MOTION_REMOVE ? leaver-- :
			(int) rng_below(&w->rng, (uint64_t) (leaver + 1));
		c->agreed = !rng_hit(&w->rng, 150000) || asked_before(w, c);
		c->life = 1 + rng_below(&w->rng, 20);
		smallest -= c->kind == W4_MOTION_REMOVE;
	}
}

static void
motion_of(const Change *c, int number, const W4Members *set, uint64_t height, W4Motion *out)
{
	int			index;

	memset(out, 0, sizeof(*out));
	out->id[0] = 0xC0;
	out->id[1] = (uint8_t) number;
	out->kind = (uint8_t) c->kind;
	out->expiry = height + c->life;
	member_id(out->subject, c->identity);
	index = w4_members_find(set, out->subject);
	if (c->kind != W4_MOTION_REMOVE)
		member_key(out->key, c->identity, index == W4_NO_MEMBER ? 0 : member_key_version(set->m[index].key, c->identity) + 1);
}

/* All others agree, or all but so many that one vote is missing. */
static void
vote(const Change *c, const W4Motion *m, W4Roster *roster, const W4Members *set, uint64_t height)
{
	int			votes = c->agreed ? set->n : w4_quorum(set->n) - 2;

	for (int i = 0; i < set->n && votes > 0; i++)
		votes -= w4_roster_vote(roster, set, set->m[i].id, m->id, height) == W4_ROSTER_OK;
}

/* What transaction "tx" means for the roster; false when it is of no change. */
bool
changes_run(const World *w, W4Roster *roster, const W4Members *set, uint64_t tx, uint64_t height)
{
	for (int i = 0; i < w->faults.changes; i++)
	{
		const Change *c = &w->change[i];
		W4Motion	m;

		if (tx != c->tx && tx != c->tx + 1)
			continue;
		motion_of(c, i, set, height, &m);
		if (tx == c->tx)
			(void) w4_roster_propose(roster, set, set->m[tx % set->n].id, &m, height);
		else
			vote(c, &m, roster, set, height);
		return true;
	}
	return false;
}
