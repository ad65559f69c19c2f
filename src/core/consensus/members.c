/*-------------------------------------------------------------------------
 *
 * members.c
 *		The set of peers that vote at a height, its quorum and its changes.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/members.h"

#include "core/crypto.h"

static const char members_domain[6] = {'W', '4', 'M', 'E', 'M', '1'};

int
w4_members_find(const W4Members *set, const uint8_t id[32])
{
	for (int i = 0; i < set->n; i++)
		if (w4_hash_eq(set->m[i].id, id))
			return i;
	return W4_NO_MEMBER;
}

/* --- changing --- */

bool
w4_members_add(W4Members *set, const uint8_t id[32], const uint8_t key[32])
{
	int			at = 0;

	if (set->n >= W4_MAX_MEMBERS || w4_members_find(set, id) != W4_NO_MEMBER)
		return false;
	while (at < set->n && memcmp(set->m[at].id, id, 32) < 0)
		at++;
	memmove(&set->m[at + 1], &set->m[at], (size_t) (set->n - at) * sizeof(W4Member));
	memcpy(set->m[at].id, id, 32);
	memcpy(set->m[at].key, key, 32);
	set->n++;
	return true;
}

bool
w4_members_remove(W4Members *set, const uint8_t id[32])
{
	int			at = w4_members_find(set, id);

	if (at == W4_NO_MEMBER)
		return false;
	memmove(&set->m[at], &set->m[at + 1], (size_t) (set->n - at - 1) * sizeof(W4Member));
	set->n--;
	return true;
}

void
w4_members_seal(W4Members *set)
{
	uint8_t		wire[sizeof(members_domain) + W4_MEMBERS_WIRE_MAX];
	W4Writer	w = w4_writer(wire, sizeof(wire));

	w4_put(&w, members_domain, sizeof(members_domain));
	w4_members_put(&w, set);
	w4_sha256(set->hash, wire, w.len);
}

bool
w4_members_may_follow(const W4Members *set, const W4Members *next)
{
	int			i = 0;
	int			j = 0;
	int			changes = 0;

	while (i < set->n || j < next->n)
	{
		int			order = i == set->n ? 1 : j == next->n ? -1 : memcmp(set->m[i].id, next->m[j].id, 32);

		if (order != 0 || !w4_hash_eq(set->m[i].key, next->m[j].key))
			changes++;
		i += order <= 0;
		j += order >= 0;
	}
	return next->n > 0 && changes <= 1;
}

/* --- codec --- */

void
w4_members_put(W4Writer *out, const W4Members *set)
{
	w4_put_u8(out, set->n);
	for (int i = 0; i < set->n; i++)
	{
		w4_put(out, set->m[i].id, 32);
		w4_put(out, set->m[i].key, 32);
		w4_put_u8(out, 1);
	}
}

/* Two members with one key would be one signer with two votes. */
static bool
key_stands_before(const W4Members *set, int index)
{
	for (int i = 0; i < index; i++)
		if (w4_hash_eq(set->m[i].key, set->m[index].key))
			return true;
	return false;
}

static void
read_member(W4Members *out, int index, W4Reader *r, const W4Suite *suite)
{
	W4Member   *m = &out->m[index];

	w4_read_copy(r, m->id, 32);
	w4_read_copy(r, m->key, 32);
	if (w4_read_u8(r) != 1)
		w4_read_fail(r, "member whose power is not 1");
	if (r->what != NULL)
		return;
	if (index > 0 && memcmp(out->m[index - 1].id, m->id, 32) >= 0)
		w4_read_fail(r, "members out of order");
	else if (key_stands_before(out, index))
		w4_read_fail(r, "two members with one key");
	else if (!suite->key_ok(suite->arg, m->key))
		w4_read_fail(r, "member key that is no valid point");
}

void
w4_members_read(W4Members *out, W4Reader *r, const W4Suite *suite)
{
	int			n = w4_read_u8(r);

	if (n < 1 || n > W4_MAX_MEMBERS)
		w4_read_fail(r, "number of members out of range");
	out->n = 0;
	for (int i = 0; i < n && r->what == NULL; i++)
	{
		read_member(out, i, r, suite);
		out->n++;
	}
	if (r->what == NULL)
		w4_members_seal(out);
}
