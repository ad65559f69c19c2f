/*-------------------------------------------------------------------------
 *
 * viewchange.c
 *		VIEW-CHANGE messages and the justification of a NEW-VIEW.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/viewchange.h"

#include "core/crypto.h"

void
w4_vc_extra(uint8_t out[32], const W4VcSummary *s)
{
	uint8_t		bytes[8 + 32 + 32];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_put_u64be(&w, (uint64_t) s->prepared_view);
	w4_put(&w, s->vote.hash, 32);
	w4_put(&w, s->digest, 32);
	w4_sha256(out, bytes, sizeof(bytes));
}

/* --- codec --- */

void
w4_vc_summary_put(W4Writer *out, const W4VcSummary *s, const uint8_t chain_id[32])
{
	w4_vote_put(out, &s->vote, chain_id);
	w4_put_u64be(out, (uint64_t) s->prepared_view);
	w4_put(out, s->digest, 32);
}

static int64_t
read_prepared_view(W4Reader *r)
{
	int64_t		view = (int64_t) w4_read_u64be(r);

	if (view < W4_NOTHING_PREPARED || view > (int64_t) W4_MAX_VIEW)
		w4_read_fail(r, "prepared view out of range");
	return view;
}

void
w4_vc_summary_read(W4VcSummary *out, W4Reader *r, const uint8_t chain_id[32])
{
	w4_vote_read(&out->vote, r, chain_id);
	out->prepared_view = read_prepared_view(r);
	w4_read_copy(r, out->digest, 32);
}

void
w4_vc_put(W4Writer *out, const W4ViewChange *vc, const uint8_t chain_id[32])
{
	w4_vote_put(out, &vc->s.vote, chain_id);
	w4_put_u64be(out, (uint64_t) vc->s.prepared_view);
	if (vc->s.prepared_view != W4_NOTHING_PREPARED)
		w4_cert_put(out, &vc->prepared, chain_id);
}

void
w4_vc_read(W4ViewChange *out, W4Reader *r, const uint8_t chain_id[32])
{
	w4_vote_read(&out->s.vote, r, chain_id);
	out->s.prepared_view = read_prepared_view(r);
	memset(out->s.digest, 0, 32);
	out->prepared.signers = 0;
	if (r->what != NULL || out->s.prepared_view == W4_NOTHING_PREPARED)
		return;

	size_t		start = r->pos;

	w4_cert_read(&out->prepared, r, chain_id);
	if (r->what == NULL)
		w4_sha256(out->s.digest, r->in.data + start, r->pos - start);
}

/* --- rules --- */

bool
w4_vc_summary_ok(const W4VcSummary *s)
{
	uint8_t		extra[32];

	if (s->vote.kind != W4_VIEW_CHANGE || s->prepared_view >= (int64_t) s->vote.view)
		return false;
	if (s->prepared_view == W4_NOTHING_PREPARED &&
		!(w4_hash_is_zero(s->vote.hash) && w4_hash_is_zero(s->digest)))
		return false;
	w4_vc_extra(extra, s);
	return w4_hash_eq(extra, s->vote.extra);
}

bool
w4_vc_prepared_ok(const W4ViewChange *vc, const uint8_t chain_id[32], const W4Members *set,
				  const W4Suite *suite, W4KnownVote known, void *arg)
{
	if (vc->s.prepared_view == W4_NOTHING_PREPARED)
		return true;
	return vc->prepared.height == vc->s.vote.height &&
		(int64_t) vc->prepared.view == vc->s.prepared_view &&
		w4_hash_eq(vc->prepared.hash, vc->s.vote.hash) &&
		w4_cert_verify(&vc->prepared, W4_PREPARE, chain_id, set, suite, known, arg);
}

/* --- justification --- */

int
w4_vc_best(const W4VcSummary *s, int n)
{
	int			best = -1;
	int64_t		view = W4_NOTHING_PREPARED;

	for (int i = 0; i < n; i++)
	{
		if (s[i].prepared_view <= view)
			continue;
		view = s[i].prepared_view;
		best = i;
	}
	return best;
}

void
w4_justification_hash(uint8_t out[32], const W4VcSummary *s, int n, const uint8_t chain_id[32])
{
	uint8_t		wire[W4_MAX_MEMBERS * W4_VC_SUMMARY_LEN];
	W4Writer	w = w4_writer(wire, sizeof(wire));

	for (int i = 0; i < n; i++)
		w4_vc_summary_put(&w, &s[i], chain_id);
	w4_sha256(out, wire, w.len);
}
