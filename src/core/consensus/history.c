/*-------------------------------------------------------------------------
 *
 * history.c
 *		Who was a member at an older height.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/history.h"

/* --- writing down --- */

/* Forget the n oldest changes; what was before them cannot be told any more. */
static void
drop_oldest(W4History *h, int n)
{
	h->since = h->change[n - 1].from;
	h->changes -= n;
	memmove(&h->change[0], &h->change[n], (size_t) h->changes * sizeof(W4Change));
}

/* Id and former key of the member in which two sets differ; false when they are equal. */
static bool
find_difference(W4Change *out, const W4Members *before, const W4Members *after)
{
	for (int i = 0; i < before->n; i++)
	{
		int			at = w4_members_find(after, before->m[i].id);

		if (at != W4_NO_MEMBER && w4_hash_eq(after->m[at].key, before->m[i].key))
			continue;
		w4_hash_copy(out->id, before->m[i].id);
		w4_hash_copy(out->before, before->m[i].key);
		return true;
	}
	for (int i = 0; i < after->n; i++)
	{
		if (w4_members_find(before, after->m[i].id) != W4_NO_MEMBER)
			continue;
		w4_hash_copy(out->id, after->m[i].id);
		memset(out->before, 0, 32);
		return true;
	}
	return false;
}

void
w4_history_note(W4History *h, const W4Members *before, const W4Members *after, uint64_t from)
{
	W4Change	c = {.from = from};

	if (!find_difference(&c, before, after))
		return;
	if (h->changes == W4_MAX_CHANGES)
		drop_oldest(h, 1);
	h->change[h->changes++] = c;
}

static int
stale_changes(const W4History *h, uint64_t height)
{
	int			n = 0;

	while (n < h->changes && h->change[n].from <= height)
		n++;
	return n;
}

bool
w4_history_stale(const W4History *h, uint64_t height)
{
	return stale_changes(h, height) > 0;
}

void
w4_history_forget(W4History *h, uint64_t height)
{
	int			n = stale_changes(h, height);

	if (n > 0)
		drop_oldest(h, n);
}

/* --- looking back --- */

static bool
undo(W4Members *set, const W4Change *c)
{
	(void) w4_members_remove(set, c->id);
	return w4_hash_is_zero(c->before) || w4_members_add(set, c->id, c->before);
}

bool
w4_history_members(const W4History *h, const W4Members *newest, uint64_t height, W4Members *out)
{
	bool		changed = false;

	if (height < h->since)
		return false;
	*out = *newest;
	for (int i = h->changes; i-- > 0 && h->change[i].from > height;)
	{
		if (!undo(out, &h->change[i]))
			return false;
		changed = true;
	}
	if (changed)
		w4_members_seal(out);
	return true;
}

/* --- codec --- */

void
w4_history_put(W4Writer *out, const W4History *h)
{
	w4_put_u64be(out, h->since);
	w4_put_u16be(out, (uint16_t) h->changes);
	for (int i = 0; i < h->changes; i++)
	{
		w4_put_u64be(out, h->change[i].from);
		w4_put(out, h->change[i].id, 32);
		w4_put(out, h->change[i].before, 32);
	}
}

void
w4_history_read(W4History *out, W4Reader *r)
{
	uint64_t	last;
	int			n;

	last = out->since = w4_read_u64be(r);
	n = w4_read_u16be(r);
	if (n > W4_MAX_CHANGES || out->since > W4_MAX_HEIGHT)
		w4_read_fail(r, "history out of range");
	for (out->changes = 0; out->changes < n && r->what == NULL; out->changes++)
	{
		W4Change   *c = &out->change[out->changes];

		c->from = w4_read_u64be(r);
		w4_read_copy(r, c->id, 32);
		w4_read_copy(r, c->before, 32);
		if (c->from <= last || c->from > W4_MAX_HEIGHT)
			w4_read_fail(r, "changes of members out of order");
		last = c->from;
	}
}
