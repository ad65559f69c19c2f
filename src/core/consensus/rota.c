/*-------------------------------------------------------------------------
 *
 * rota.c
 *		Who proposes: the members in turn, without those that miss their turns.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/rota.h"

#include "core/consensus/mutant.h"

static uint64_t
turns(const W4Members *set, uint64_t skipped)
{
	uint64_t	all = w4_mask_all(set->n);

	return (all & ~skipped) != 0 ? all & ~skipped : all;
}

/*
 * First those on the rota, each once; then all members, skipped or not.  Were
 * it the rota for ever, liars could wait until every honest member had missed
 * two turns, and then let every view of a height pass.
 */
int
w4_rota_proposer(const W4Members *set, uint64_t skipped, uint64_t height, uint32_t view)
{
	uint64_t	mask = turns(set, skipped);
	uint64_t	len = (uint64_t) w4_mask_count(mask);
	uint64_t	nth;
	int			index = 0;

	if (view >= len)
	{
		mask = w4_mask_all(set->n);
		len = set->n;
	}
	nth = (height % len + view % len) % len;

	for (;; index++)
	{
		if (!w4_mask_has(mask, (unsigned) index))
			continue;
		if (nth-- == 0)
			return index;
	}
}

bool
w4_rota_may_build(const W4Members *set, uint64_t skipped, uint64_t height, uint32_t view, int index)
{
	/* The rota and then all of them: after two rounds everybody has had a turn. */
	for (uint32_t w = 0; w <= view && w < 2 * (uint32_t) set->n; w++)
		if (w4_rota_proposer(set, skipped, height, w) == index)
			return true;
	return false;
}

/* --- missed turns --- */

/* After two rounds everybody has missed a turn, and who is on the rota two: no need to look further. */
static void
count_missed(W4Rota *rota, const W4Members *now, const W4Cert *cert, const W4Members *set,
			 uint64_t skipped, const uint8_t builder[32])
{
	for (uint32_t w = 0; w < cert->view && w < 2 * (uint32_t) set->n; w++)
	{
		const uint8_t *id = set->m[w4_rota_proposer(set, skipped, cert->height, w)].id;
		int			index = w4_members_find(now, id);

		if (index != W4_NO_MEMBER && !w4_hash_eq(id, builder) && rota->missed[index] < W4_JUST_STRUCK - 1)
			rota->missed[index]++;
	}
}

/* The block that brought a strike does not take it away again, whoever built it. */
static void
forgive(W4Rota *rota, const W4Members *now, const uint8_t id[32])
{
	int			index = w4_members_find(now, id);

	if (index == W4_NO_MEMBER || rota->missed[index] == W4_JUST_STRUCK)
		return;
	rota->missed[index] = 0;
	rota->skipped &= ~w4_mask_bit((unsigned) index);
}

/* --- signatures --- */

static void
note_signer(W4Rota *rota, int index, bool has_signed)
{
	uint64_t   *bits = rota->signed_last[index];

	bits[1] = bits[1] << 1 | bits[0] >> 63;
	bits[0] = bits[0] << 1 | (uint64_t) has_signed;
}

static int
signed_of_last(const W4Rota *rota, int index, int blocks)
{
	const uint64_t *bits = rota->signed_last[index];

	if (blocks <= 64)
		return w4_mask_count(bits[0] & w4_mask_all((unsigned) blocks));
	return w4_mask_count(bits[0]) + w4_mask_count(bits[1] & w4_mask_all((unsigned) (blocks - 64)));
}

static void
skip_and_return(W4Rota *rota, int index, int n)
{
	if (w4_mask_has(rota->skipped, (unsigned) index))
	{
		if (signed_of_last(rota, index, 2 * n) < n)
			return;
		rota->missed[index] = 0;
		rota->skipped &= ~w4_mask_bit((unsigned) index);
	}
	else if (rota->missed[index] >= W4_MISSED_TURNS)
	{
		/* Returning takes signatures from now on, not those it gave while it missed turns. */
		rota->skipped |= w4_mask_bit((unsigned) index);
		memset(rota->signed_last[index], 0, sizeof(rota->signed_last[index]));
	}
}

void
w4_rota_advance(W4Rota *rota, const W4Members *now, const W4Cert *cert,
				const W4Members *set, uint64_t skipped, const uint8_t builder[32])
{
	bool		same = w4_hash_eq(now->hash, set->hash);

	if (cert->view > 0)
		count_missed(rota, now, cert, set, skipped, builder);
	forgive(rota, now, set->m[w4_rota_proposer(set, skipped, cert->height, cert->view)].id);
	forgive(rota, now, builder);
	for (int i = 0; i < now->n; i++)
	{
		int			then = same ? i : w4_members_find(set, now->m[i].id);

		if (rota->missed[i] == W4_JUST_STRUCK)
			rota->missed[i] = W4_MISSED_TURNS;
		note_signer(rota, i, then != W4_NO_MEMBER && w4_mask_has(cert->signers, (unsigned) then));
		skip_and_return(rota, i, now->n);
	}
}

void
w4_rota_strike(W4Rota *rota, int index)
{
	if (W4_BUG(STRUCK_ROTA))
		return;
	rota->skipped |= w4_mask_bit((unsigned) index);
	rota->missed[index] = W4_JUST_STRUCK;
	memset(rota->signed_last[index], 0, sizeof(rota->signed_last[index]));
}

void
w4_rota_follow(W4Rota *rota, const W4Members *set, const W4Members *next)
{
	W4Rota		was = *rota;

	if (w4_hash_eq(set->hash, next->hash))
		return;
	memset(rota, 0, sizeof(*rota));
	for (int i = 0; i < next->n; i++)
	{
		int			from = w4_members_find(set, next->m[i].id);

		if (from == W4_NO_MEMBER)
			continue;
		rota->missed[i] = was.missed[from];
		memcpy(rota->signed_last[i], was.signed_last[from], sizeof(rota->signed_last[i]));
		if (w4_mask_has(was.skipped, (unsigned) from))
			rota->skipped |= w4_mask_bit((unsigned) i);
	}
}
