/*-------------------------------------------------------------------------
 *
 * tip.c
 *		What the chain up to its newest block says about the next one.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/tip.h"

#include "core/consensus/checkpoint.h"
#include "core/consensus/mutant.h"

void
w4_tip_genesis(W4Tip *out, const uint8_t chain_id[32], const W4Members *set, int64_t time_us,
			   const uint8_t state_digest[32], const uint8_t params_hash[32])
{
	memset(out, 0, sizeof(*out));
	out->time_us = time_us;
	w4_hash_copy(out->hash, chain_id);
	w4_hash_copy(out->state_digest, state_digest);
	w4_hash_copy(out->params_hash, params_hash);
	for (int i = 0; i < 3; i++)
		out->members[i] = *set;
	out->cert.n = set->n;
}

void
w4_tip_header(const W4Tip *tip, W4BlockHeader *h)
{
	h->version = W4_BLOCK_VERSION;
	h->height = tip->height + 1;
	w4_hash_copy(h->parent, tip->hash);
	w4_hash_copy(h->members_hash, tip->members[1].hash);
	w4_hash_copy(h->next_members_hash, tip->members[2].hash);
	w4_hash_copy(h->params_hash, tip->params_hash);
	w4_hash_copy(h->parent_state_digest, tip->state_digest);
	w4_hash_copy(h->parent_results_root, tip->results_root);
	w4_hash_copy(h->checkpoint_root, tip->checkpoint_root);
}

const char *
w4_tip_misfit(const W4Tip *tip, const W4Block *block, uint32_t view)
{
	const W4BlockHeader *h = &block->header;
	int			builder = w4_members_find(&tip->members[1], h->proposer);

	if (h->height != tip->height + 1)
		return "another height";
	if (!w4_hash_eq(h->parent, tip->hash))
		return "another parent";
	if (h->time_us <= tip->time_us)
		return "time not above the parent's";
	if (!w4_hash_eq(h->members_hash, tip->members[1].hash))
		return "other members";
	if (!w4_hash_eq(h->next_members_hash, tip->members[2].hash))
		return "other next members";
	if (!w4_hash_eq(h->params_hash, tip->params_hash))
		return "other parameters";
	if (!w4_hash_eq(h->parent_state_digest, tip->state_digest))
		return "another state";
	if (!w4_hash_eq(h->parent_results_root, tip->results_root))
		return "other results";
	if (!w4_hash_eq(h->checkpoint_root, tip->checkpoint_root))
		return "another checkpoint";
	if (builder == W4_NO_MEMBER ||
		!w4_rota_may_build(&tip->members[1], tip->rota.skipped, h->height, view, builder))
		return "built by somebody whose turn it was not";
	return NULL;
}

/* Our own certificate of the newest block was verified when we decided it. */
static bool
known_from_tip(void *arg, const W4Vote *vote)
{
	const W4Cert *cert = arg;
	uint64_t	below = vote->index == 0 ? 0 : w4_mask_all(vote->index);

	return cert->view == vote->view && w4_mask_has(cert->signers, vote->index) &&
		memcmp(cert->signatures[w4_mask_count(cert->signers & below)], vote->signature, 64) == 0;
}

bool
w4_tip_last_commit(const W4Tip *tip, const W4Block *block, const uint8_t chain_id[32], const W4Suite *suite)
{
	W4Reader	r = w4_reader(block->last_commit);
	W4Cert		cert;

	if (tip->height == 0)
		return block->last_commit.len == 0;
	w4_cert_read(&cert, &r, chain_id);
	return w4_read_end(&r, NULL) && cert.height == tip->height && w4_hash_eq(cert.hash, tip->hash) &&
		w4_cert_verify(&cert, W4_COMMIT, chain_id, &tip->members[0], suite,
					   known_from_tip, (void *) &tip->cert);
}

bool
w4_tip_refuses(const W4Tip *tip, const W4Block *block, const uint8_t chain_id[32], const W4Suite *suite)
{
	return w4_tip_misfit(tip, block, W4_MAX_VIEW) != NULL || !w4_tip_last_commit(tip, block, chain_id, suite);
}

/* --- stepping on --- */

/* The certificate that the block carries is chain data; ours may hold other signers. */
static void
account_last_commit(W4Tip *tip, const W4Block *block, const uint8_t chain_id[32])
{
	W4Reader	r = w4_reader(block->last_commit);
	W4Cert		last;

	if (tip->height == 0)
		return;
	w4_cert_read(&last, &r, chain_id);
	w4_rota_advance(&tip->rota, &tip->members[1], &last, &tip->members[0], tip->skipped_before, tip->builder);
}

static void
strike(W4Tip *tip, uint64_t struck)
{
	for (int i = 0; i < tip->members[1].n; i++)
		if (w4_mask_has(struck, (unsigned) i))
			w4_rota_strike(&tip->rota, i);
}

static bool
advance_members(W4Tip *tip, const W4Applied *applied)
{
	if (!w4_hash_eq(tip->members[0].hash, tip->members[1].hash))
		tip->members[0] = tip->members[1];
	if (!w4_hash_eq(tip->members[1].hash, tip->members[2].hash))
		tip->members[1] = tip->members[2];
	if (!applied->members_change)
		return true;
	if (!w4_members_may_follow(&tip->members[2], &applied->members))
		return false;
	tip->members[2] = applied->members;
	if (W4_BUG(WRONG_SET) || (W4_BUG(EJECT_AT_ONCE) && applied->members.n < tip->members[1].n))
		tip->members[1] = applied->members;
	return true;
}

bool
w4_tip_advance(W4Tip *tip, const W4Block *block, const W4Cert *cert, const W4Applied *applied,
			   const uint8_t chain_id[32])
{
	uint64_t	skipped = tip->rota.skipped;
	bool		change = !w4_hash_eq(tip->members[1].hash, tip->members[2].hash);

	account_last_commit(tip, block, chain_id);
	tip->skipped_before = skipped;
	if (change)
		w4_rota_follow(&tip->rota, &tip->members[1], &tip->members[2]);
	if (!advance_members(tip, applied))
		return false;
	strike(tip, applied->struck);
	tip->height = block->header.height;
	tip->time_us = block->header.time_us;
	w4_hash_copy(tip->hash, block->hash);
	w4_hash_copy(tip->builder, block->header.proposer);
	w4_hash_copy(tip->state_digest, applied->state_digest);
	w4_hash_copy(tip->results_root, applied->results_root);
	w4_hash_copy(tip->params_hash, applied->params_hash);
	memset(tip->checkpoint_root, 0, 32);
	if (!w4_hash_is_zero(applied->checkpoint_root))
		w4_checkpoint_root(tip->checkpoint_root, tip, applied->checkpoint_root, applied->checkpoint_chunks);
	w4_cert_copy(&tip->cert, cert);
	return true;
}

/* --- codec --- */

static void
put_rota(W4Writer *out, const W4Tip *tip)
{
	w4_put_u64be(out, tip->skipped_before);
	w4_put_u64be(out, tip->rota.skipped);
	for (int i = 0; i < tip->members[1].n; i++)
	{
		w4_put_u8(out, tip->rota.missed[i]);
		w4_put_u64be(out, tip->rota.signed_last[i][0]);
		w4_put_u64be(out, tip->rota.signed_last[i][1]);
	}
}

static void
read_rota(W4Tip *out, W4Reader *r)
{
	memset(&out->rota, 0, sizeof(out->rota));
	out->skipped_before = w4_read_u64be(r);
	out->rota.skipped = w4_read_u64be(r);
	for (int i = 0; i < out->members[1].n && r->what == NULL; i++)
	{
		out->rota.missed[i] = w4_read_u8(r);
		out->rota.signed_last[i][0] = w4_read_u64be(r);
		out->rota.signed_last[i][1] = w4_read_u64be(r);
	}
	if (r->what == NULL && ((out->skipped_before & ~w4_mask_all(out->members[0].n)) != 0 ||
							(out->rota.skipped & ~w4_mask_all(out->members[1].n)) != 0))
		w4_read_fail(r, "rota skips somebody who is no member");
}

/* "checkpoint" is where the wire form of a whole tip has that root; NULL leaves it out. */
static void
put_common(W4Writer *out, const W4Tip *tip, const uint8_t *checkpoint)
{
	w4_put_u64be(out, tip->height);
	w4_put_u64be(out, (uint64_t) tip->time_us);
	w4_put(out, tip->hash, 32);
	w4_put(out, tip->builder, 32);
	w4_put(out, tip->state_digest, 32);
	w4_put(out, tip->results_root, 32);
	if (checkpoint != NULL)
		w4_put(out, checkpoint, 32);
	w4_put(out, tip->params_hash, 32);
	for (int i = 0; i < 3; i++)
		w4_members_put(out, &tip->members[i]);
	put_rota(out, tip);
}

void
w4_tip_put_common(W4Writer *out, const W4Tip *tip)
{
	put_common(out, tip, NULL);
}

void
w4_tip_put(W4Writer *out, const W4Tip *tip, const uint8_t chain_id[32])
{
	put_common(out, tip, tip->checkpoint_root);
	if (tip->height > 0)
		w4_cert_put(out, &tip->cert, chain_id);
}

static void
read_common(W4Tip *out, W4Reader *r, const W4Suite *suite, bool checkpoint)
{
	out->height = w4_read_u64be(r);
	out->time_us = (int64_t) w4_read_u64be(r);
	w4_read_copy(r, out->hash, 32);
	w4_read_copy(r, out->builder, 32);
	w4_read_copy(r, out->state_digest, 32);
	w4_read_copy(r, out->results_root, 32);
	memset(out->checkpoint_root, 0, 32);
	if (checkpoint)
		w4_read_copy(r, out->checkpoint_root, 32);
	w4_read_copy(r, out->params_hash, 32);
	for (int i = 0; i < 3; i++)
		w4_members_read(&out->members[i], r, suite);
	read_rota(out, r);
	out->cert.signers = 0;
	out->cert.n = out->members[0].n;
}

void
w4_tip_read_common(W4Tip *out, W4Reader *r, const W4Suite *suite)
{
	read_common(out, r, suite, false);
	if (r->what == NULL && (out->height > W4_MAX_HEIGHT || out->time_us < 0))
		w4_read_fail(r, "height or time out of range");
}

void
w4_tip_read(W4Tip *out, W4Reader *r, const uint8_t chain_id[32], const W4Suite *suite)
{
	read_common(out, r, suite, true);
	if (out->height == 0 || r->what != NULL)
		return;
	w4_cert_read(&out->cert, r, chain_id);
	if (r->what == NULL && (out->height > W4_MAX_HEIGHT || out->time_us < 0 ||
							out->cert.height != out->height || !w4_hash_eq(out->cert.hash, out->hash)))
		w4_read_fail(r, "certificate of another block");
}
