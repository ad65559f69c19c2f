/*-------------------------------------------------------------------------
 *
 * roster.c
 *		Membership changed by a quorum (consensus spec 3.10).
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/roster.h"

/* --- motions --- */

static W4Motion *
find_motion(W4Roster *r, const uint8_t id[32])
{
	for (int i = 0; i < r->motions; i++)
		if (w4_hash_eq(r->motion[i].id, id))
			return &r->motion[i];
	return NULL;
}

/* Motions of a member; of nobody, for leaves and ejections. */
static int
motions_of(const W4Roster *r, const uint8_t proposer[32])
{
	int			n = 0;

	for (int i = 0; i < r->motions; i++)
		n += w4_hash_eq(r->motion[i].proposer, proposer);
	return n;
}

static void
forget(W4Roster *r, int at)
{
	memmove(&r->motion[at], &r->motion[at + 1], (size_t) (--r->motions - at) * sizeof(W4Motion));
}

/* After the block of this height. */
static void
drop_expired(W4Roster *r, uint64_t height)
{
	for (int i = r->motions; i-- > 0;)
		if (!r->motion[i].passed && r->motion[i].expiry <= height)
			forget(r, i);
}

static bool
key_in_use(const W4Members *set, const uint8_t key[32])
{
	for (int i = 0; i < set->n; i++)
		if (w4_hash_eq(set->m[i].key, key))
			return true;
	return false;
}

/* Carry a motion out; false when there is nothing to do (any more). */
static bool
carried_out(W4Members *set, const W4Motion *m)
{
	int			index = w4_members_find(set, m->subject);

	switch (m->kind)
	{
		case W4_MOTION_ADD:
			return !key_in_use(set, m->key) && w4_members_add(set, m->subject, m->key);
		case W4_MOTION_REMOVE:
			return set->n > 1 && w4_members_remove(set, m->subject);
		case W4_MOTION_ROTATE:
			if (index == W4_NO_MEMBER || key_in_use(set, m->key))
				return false;
			w4_hash_copy(set->m[index].key, m->key);
			return true;
		default:
			return false;
	}
}

static bool
pointless(const W4Members *set, const W4Motion *m)
{
	W4Members	after = *set;

	return !carried_out(&after, m);
}

/* --- by transactions --- */

static W4RosterResult
add_vote(const W4Members *set, W4Motion *m, int voter)
{
	if (w4_mask_has(m->yes, (unsigned) voter))
		return W4_ROSTER_DUPLICATE;
	m->yes |= w4_mask_bit((unsigned) voter);
	if (w4_mask_count(m->yes) < w4_quorum(set->n))
		return W4_ROSTER_OK;
	m->passed = true;
	return W4_ROSTER_PASSED;
}

W4RosterResult
w4_roster_propose(W4Roster *r, const W4Members *set, const uint8_t voter[32], const W4Motion *motion,
				  uint64_t height)
{
	int			index = w4_members_find(set, voter);
	W4Motion   *m;

	if (index == W4_NO_MEMBER)
		return W4_ROSTER_NOT_MEMBER;
	if (motion->expiry < height)
		return W4_ROSTER_EXPIRED;
	if (find_motion(r, motion->id) != NULL)
		return W4_ROSTER_DUPLICATE;
	if (motions_of(r, voter) >= W4_MOTIONS_EACH || r->motions >= W4_MOTIONS_EACH * W4_MAX_MEMBERS)
		return W4_ROSTER_FULL;
	if (pointless(set, motion))
		return W4_ROSTER_POINTLESS;
	m = &r->motion[r->motions++];
	*m = *motion;
	w4_hash_copy(m->proposer, voter);
	m->yes = 0;
	m->passed = false;
	return add_vote(set, m, index);
}

W4RosterResult
w4_roster_vote(W4Roster *r, const W4Members *set, const uint8_t voter[32], const uint8_t motion_id[32],
			   uint64_t height)
{
	int			index = w4_members_find(set, voter);
	W4Motion   *m;

	if (index == W4_NO_MEMBER)
		return W4_ROSTER_NOT_MEMBER;
	m = find_motion(r, motion_id);
	if (m == NULL)
		return W4_ROSTER_UNKNOWN_MOTION;
	if (!m->passed && m->expiry < height)
		return W4_ROSTER_EXPIRED;
	return m->passed ? W4_ROSTER_DUPLICATE : add_vote(set, m, index);
}

W4RosterResult
w4_roster_remove(W4Roster *r, const W4Members *set, const uint8_t subject[32], const uint8_t motion_id[32])
{
	W4Motion	m;

	memset(&m, 0, sizeof(m));
	w4_hash_copy(m.id, motion_id);
	w4_hash_copy(m.subject, subject);
	m.kind = W4_MOTION_REMOVE;
	m.passed = true;
	for (int i = 0; i < r->motions; i++)
		if (r->motion[i].passed && r->motion[i].kind == W4_MOTION_REMOVE && w4_hash_eq(r->motion[i].subject, subject))
			return W4_ROSTER_DUPLICATE;
	if (pointless(set, &m))
		return W4_ROSTER_POINTLESS;
	if (r->motions >= W4_MAX_MOTIONS)
		return W4_ROSTER_FULL;
	r->motion[r->motions++] = m;
	return W4_ROSTER_PASSED;
}

/* --- by blocks --- */

bool
w4_roster_end_block(W4Roster *r, const W4Members *set, const W4Members *next, uint64_t height, W4Members *after)
{
	drop_expired(r, height);

	/* The change before has not come to power: members(height) and (height + 1) still differ, or will. */
	if (height < r->effective_at || !w4_hash_eq(set->hash, next->hash))
		return false;
	for (int i = 0; i < r->motions; i++)
	{
		bool		done;

		if (!r->motion[i].passed)
			continue;
		*after = *next;
		done = carried_out(after, &r->motion[i]);
		forget(r, i--);
		if (!done)
			continue;
		w4_members_seal(after);
		r->effective_at = height + 2;
		return true;
	}
	return false;
}

/* Who said yes, by the indexes of the next set. */
static uint64_t
carry_votes(uint64_t yes, const W4Members *set, const W4Members *next)
{
	uint64_t	carried = 0;

	for (int k = 0; k < set->n; k++)
	{
		int			to = w4_members_find(next, set->m[k].id);

		if (to != W4_NO_MEMBER && w4_mask_has(yes, (unsigned) k))
			carried |= w4_mask_bit((unsigned) to);
	}
	return carried;
}

void
w4_roster_follow(W4Roster *r, const W4Members *set, const W4Members *next)
{
	if (w4_hash_eq(set->hash, next->hash))
		return;
	for (int i = 0; i < r->motions; i++)
	{
		W4Motion   *m = &r->motion[i];

		m->yes = carry_votes(m->yes, set, next);
		m->passed = m->passed || w4_mask_count(m->yes) >= w4_quorum(next->n);
	}
}

/* --- codec --- */

void
w4_roster_put(W4Writer *out, const W4Roster *r)
{
	w4_put_u64be(out, r->effective_at);
	w4_put_u16be(out, (uint16_t) r->motions);
	for (int i = 0; i < r->motions; i++)
	{
		const W4Motion *m = &r->motion[i];

		w4_put(out, m->id, 32);
		w4_put_u8(out, m->kind);
		w4_put_u8(out, m->passed);
		w4_put(out, m->proposer, 32);
		w4_put(out, m->subject, 32);
		w4_put(out, m->key, 32);
		w4_put_u64be(out, m->expiry);
		w4_put_u64be(out, m->yes);
	}
}

static void
read_motion(W4Motion *m, W4Reader *r)
{
	w4_read_copy(r, m->id, 32);
	m->kind = w4_read_u8(r);
	m->passed = w4_read_flag(r);
	w4_read_copy(r, m->proposer, 32);
	w4_read_copy(r, m->subject, 32);
	w4_read_copy(r, m->key, 32);
	m->expiry = w4_read_u64be(r);
	m->yes = w4_read_u64be(r);
	if (m->kind < W4_MOTION_ADD || m->kind > W4_MOTION_ROTATE)
		w4_read_fail(r, "unknown kind of motion");
	if ((m->kind == W4_MOTION_REMOVE) != w4_hash_is_zero(m->key))
		w4_read_fail(r, "motion with a key it cannot have");
}

void
w4_roster_read(W4Roster *out, W4Reader *r)
{
	int			n;

	out->effective_at = w4_read_u64be(r);
	n = w4_read_u16be(r);
	if (n > W4_MAX_MOTIONS || out->effective_at > W4_MAX_HEIGHT)
		w4_read_fail(r, "roster out of range");
	for (out->motions = 0; out->motions < n && r->what == NULL; out->motions++)
		read_motion(&out->motion[out->motions], r);
}
