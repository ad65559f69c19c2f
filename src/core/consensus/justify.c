/*-------------------------------------------------------------------------
 *
 * justify.c
 *		Is a NEW-VIEW justified by a quorum of VIEW-CHANGEs?
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

/* We hold this very VIEW-CHANGE, so its signature and certificate were verified. */
static bool
held_already(const W4Consensus *c, const W4VcSummary *s)
{
	const W4VcSummary *mine = &c->vc[s->vote.index].s;

	return w4_mask_has(c->vc_have, s->vote.index) && mine->vote.view == s->vote.view &&
		mine->vote.height == s->vote.height &&
		w4_hash_eq(mine->vote.extra, s->vote.extra) && w4_hash_eq(mine->vote.hash, s->vote.hash) &&
		memcmp(mine->vote.signature, s->vote.signature, 64) == 0;
}

static bool
entry_ok(W4Consensus *c, const W4ViewChange *vc, const W4Vote *new_view, uint64_t *senders)
{
	const W4Members *set = w4_set(c);
	const W4Vote *v = &vc->s.vote;

	if (v->height != new_view->height || v->view != new_view->view || v->index >= set->n ||
		!w4_vc_summary_ok(&vc->s))
		return false;

	/* Ascending indexes, so nobody counts twice. */
	if (*senders >> v->index != 0 && !W4_BUG(SIGNER_TWICE))
		return false;
	*senders |= w4_mask_bit(v->index);
	if (held_already(c, &vc->s))
		return true;
	if (!w4_vote_verify(v, c->cfg.chain_id, set, &c->cfg.suite))
		return false;
	c->verified++;
	return W4_BUG(CERT_UNCHECKED) ||
		w4_vc_prepared_ok(vc, c->cfg.chain_id, set, &c->cfg.suite, w4_known_vote, c);
}

/* It signed these VIEW-CHANGEs as its justification and they are none: E4. */
static void
convict(W4Consensus *c, const W4ProposalWire *p, W4Justified *j, int bad, const W4Cert *cert)
{
	uint8_t		hash[32];

	w4_justification_hash(hash, j->s, j->n, c->cfg.chain_id);
	if (!w4_hash_eq(hash, p->vote.extra))
		return;
	w4_found_new_view(c, &p->vote, j->s, j->n, W4_NO_CULPRIT, NULL);
	if (bad >= 0 && cert->signers != 0)
		w4_found_new_view(c, &p->vote, j->s, j->n, (uint8_t) bad, cert);
}

/*
 * Reads all VIEW-CHANGEs and judges them.  A justification that is not sound
 * must not move our view; when its proposer signed it, that convicts it.
 */
bool
w4_justified(W4Consensus *c, const W4ProposalWire *p, W4Justified *out)
{
	W4ViewChange vc;
	W4Cert		cert;
	uint64_t	senders = 0;
	uint8_t		hash[32];
	size_t		pos = 0;
	int			bad = -1;

	out->n = 0;
	cert.signers = 0;
	while (out->n < W4_MAX_MEMBERS && w4_justification_next(&vc, p->justification, &pos, c->cfg.chain_id, NULL))
	{
		if (bad < 0 && !entry_ok(c, &vc, &p->vote, &senders))
		{
			bad = out->n;
			w4_cert_copy(&cert, &vc.prepared);
		}
		out->s[out->n++] = vc.s;
	}
	if (W4_BUG(JUSTIFICATION))
	{
		out->best = -1;
		return true;
	}
	w4_justification_hash(hash, out->s, out->n, c->cfg.chain_id);
	if (bad >= 0 || out->n < w4_set_quorum(w4_set(c)) || !w4_hash_eq(hash, p->vote.extra))
	{
		convict(c, p, out, bad, &cert);
		w4_drop(c, W4_DROP_BAD_JUSTIFICATION);
		return false;
	}
	out->best = w4_vc_best(out->s, out->n);
	return true;
}
