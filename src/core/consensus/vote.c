/*-------------------------------------------------------------------------
 *
 * vote.c
 *		The bytes that a member signs, the same 117 for every kind.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/vote.h"

void
w4_vote_bytes(uint8_t out[W4_VOTE_BYTES], const W4Vote *vote, const uint8_t chain_id[32])
{
	W4Writer	w = w4_writer(out, W4_VOTE_BYTES);

	w4_put(&w, W4_MAGIC, W4_MAGIC_LEN);
	w4_put_u8(&w, (uint8_t) vote->kind);
	w4_put(&w, chain_id, 32);
	w4_put_u64be(&w, vote->height);
	w4_put_u32be(&w, vote->view);
	w4_put(&w, vote->hash, 32);
	w4_put(&w, vote->extra, 32);
	w4_put_u16be(&w, vote->index);
}

void
w4_vote_put(W4Writer *out, const W4Vote *vote, const uint8_t chain_id[32])
{
	uint8_t		bytes[W4_VOTE_BYTES];

	w4_vote_bytes(bytes, vote, chain_id);
	w4_put(out, bytes, sizeof(bytes));
	w4_put(out, vote->signature, 64);
}

/* What a kind may not say, or NULL. */
static const char *
vote_misfit(const W4Vote *v)
{
	if (v->kind < W4_PRE_PREPARE || v->kind > W4_STATUS)
		return "unknown kind of vote";
	if (v->height < 1 || v->height > W4_MAX_HEIGHT)
		return "height out of range";
	if (v->view > W4_MAX_VIEW)
		return "view out of range";
	if (v->index >= W4_MAX_MEMBERS)
		return "member index out of range";
	if (v->kind == W4_PRE_PREPARE && v->view != 0)
		return "PRE-PREPARE above view 0";
	if ((v->kind == W4_NEW_VIEW || v->kind == W4_VIEW_CHANGE) && v->view == 0)
		return "change to view 0";
	if (v->kind <= W4_COMMIT && !w4_hash_is_zero(v->extra))
		return "extra hash where there is none";
	return NULL;
}

void
w4_vote_read(W4Vote *out, W4Reader *r, const uint8_t chain_id[32])
{
	const uint8_t *magic = w4_read_bytes(r, W4_MAGIC_LEN);
	const uint8_t *chain;

	if (magic != NULL && memcmp(magic, W4_MAGIC, W4_MAGIC_LEN) != 0)
		w4_read_fail(r, "unknown magic");
	out->kind = w4_read_u8(r);
	chain = w4_read_bytes(r, 32);
	if (chain != NULL && !w4_hash_eq(chain, chain_id))
		w4_read_fail(r, "another chain");
	out->height = w4_read_u64be(r);
	out->view = w4_read_u32be(r);
	w4_read_copy(r, out->hash, 32);
	w4_read_copy(r, out->extra, 32);
	out->index = w4_read_u16be(r);
	w4_read_copy(r, out->signature, 64);
	if (r->what == NULL)
		r->what = vote_misfit(out);
}

bool
w4_vote_verify(const W4Vote *vote, const uint8_t chain_id[32], const W4Members *set,
			   const W4Suite *suite)
{
	uint8_t		bytes[W4_VOTE_BYTES];

	if (vote->index >= set->n)
		return false;
	w4_vote_bytes(bytes, vote, chain_id);
	return suite->verify(suite->arg, vote->signature, bytes, sizeof(bytes), set->m[vote->index].key);
}

bool
w4_votes_conflict(const W4Vote *a, const W4Vote *b)
{
	return (a->kind <= W4_COMMIT || a->kind == W4_NEW_VIEW) && a->kind == b->kind &&
		a->height == b->height && a->view == b->view && a->index == b->index &&
		!w4_hash_eq(a->hash, b->hash);
}
