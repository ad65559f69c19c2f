/*-------------------------------------------------------------------------
 *
 * members.c
 *		Membership changes on the way (F28): who joins, leaves, rotates its key.
 *
 * A quorum's approval is not simulated: a numbered transaction carries the
 * change, and the chain executes it when none is under way.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

/* A change that comes while another is under way is void, so the chain itself refuses to go below 3f + 1. */
static ChangeKind
kind_draw(World *w, int n, int liars)
{
	ChangeKind	kind = (ChangeKind) rng_below(&w->rng, 3);

	if (kind == CHANGE_REMOVE && (n < 3 || w4_faulty(n - 1) < liars))
		kind = CHANGE_ADD;
	return kind;
}

void
changes_draw(World *w, int liars)
{
	int			n = w->n;
	int			newcomer = w->n;
	int			leaver = w->n - 1;
	uint64_t	tx = 2;

	for (int i = 0; i < w->faults.changes; i++)
	{
		Change	   *c = &w->change[i];

		tx += 1 + rng_below(&w->rng, 10);
		c->tx = tx;
		c->kind = kind_draw(w, n, liars);
		c->identity = c->kind == CHANGE_ADD ? newcomer++ : c->kind == CHANGE_REMOVE ? leaver-- : (int) rng_below(&w->rng, (uint64_t) (leaver + 1));
		n += c->kind == CHANGE_ADD;
		n -= c->kind == CHANGE_REMOVE;
	}
}

static bool
carries(const W4Block *block, uint64_t number)
{
	size_t		pos = 0;
	W4Slice		tx;

	while (w4_block_next_item(block->txs, &pos, &tx))
		if (tx.len == 16 && w4_get_u64be(tx.data) == number)
			return true;
	return false;
}

static bool
changed(const World *w, W4Members *set, const Change *c)
{
	uint8_t		id[32] = {0xA0};
	uint8_t		key[32];
	int			index;

	id[31] = (uint8_t) c->identity;
	index = w4_members_find(set, id);
	if (c->kind == CHANGE_REMOVE)
		return set->n > 1 && w4_faulty(set->n - 1) >= w->liars && w4_members_remove(set, id);
	member_key(key, c->identity, c->kind == CHANGE_ROTATE && index != W4_NO_MEMBER ? member_key_version(set->m[index].key, c->identity) + 1 : 0);
	if (c->kind == CHANGE_ADD)
		return w4_members_add(set, id, key);
	if (index == W4_NO_MEMBER)
		return false;
	memcpy(set->m[index].key, key, 32);
	return true;
}

/* Members two heights after this block, when it changes them; one change at a time. */
bool
changes_in(const World *w, const W4Block *block, const W4Members *at, const W4Members *next, W4Members *after)
{
	if (!w4_hash_eq(at->hash, next->hash))
		return false;
	for (int i = 0; i < w->faults.changes; i++)
	{
		if (!carries(block, w->change[i].tx))
			continue;
		*after = *next;
		if (!changed(w, after, &w->change[i]))
			return false;
		w4_members_seal(after);
		return true;
	}
	return false;
}
