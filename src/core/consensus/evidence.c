/*-------------------------------------------------------------------------
 *
 * evidence.c
 *		Evidence that convicts by itself (consensus spec 3.11).
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/evidence.h"

#include "core/consensus/mutant.h"

bool
w4_denies_commit(const W4VcSummary *vc, const W4Vote *commit)
{
	if (vc->vote.index != commit->index || vc->vote.height != commit->height || vc->vote.view <= commit->view)
		return false;
	return vc->prepared_view < (int64_t) commit->view ||
		(vc->prepared_view == (int64_t) commit->view && !w4_hash_eq(vc->vote.hash, commit->hash));
}

/* --- writing --- */

void
w4_evidence_put_votes(W4Writer *out, const W4Vote *a, const W4Vote *b, const uint8_t chain_id[32])
{
	bool		ordered = memcmp(a->hash, b->hash, 32) < 0;

	w4_put_u8(out, W4_EQUIVOCATION);
	w4_vote_put(out, ordered ? a : b, chain_id);
	w4_vote_put(out, ordered ? b : a, chain_id);
}

void
w4_evidence_put_block(W4Writer *out, const W4Vote *proposal, W4Slice block, const uint8_t chain_id[32])
{
	w4_put_u8(out, W4_BAD_BLOCK);
	w4_vote_put(out, proposal, chain_id);
	w4_put_run(out, block);
}

void
w4_evidence_put_amnesia(W4Writer *out, const W4Vote *commit, const W4VcSummary *vc, const uint8_t chain_id[32])
{
	w4_put_u8(out, W4_AMNESIA);
	w4_vote_put(out, commit, chain_id);
	w4_vc_summary_put(out, vc, chain_id);
}

void
w4_evidence_put_new_view(W4Writer *out, const W4Vote *new_view, const W4VcSummary *s, int n,
						 uint8_t culprit, const W4Cert *cert, const uint8_t chain_id[32])
{
	w4_put_u8(out, W4_BAD_NEW_VIEW);
	w4_vote_put(out, new_view, chain_id);
	w4_put_u8(out, (uint8_t) n);
	for (int i = 0; i < n; i++)
		w4_vc_summary_put(out, &s[i], chain_id);
	w4_put_u8(out, culprit);
	if (culprit != W4_NO_CULPRIT)
		w4_cert_put(out, cert, chain_id);
}

/* --- checking --- */

uint64_t
w4_evidence_height(W4Slice evidence)
{
	/* All forms: form u8, then a vote, whose height stands behind magic, kind and chain id. */
	if (evidence.len < 1 + W4_VOTE_WIRE_LEN)
		return 0;
	return w4_get_u64be(evidence.data + 1 + W4_MESSAGE_PREFIX_LEN - 8);
}

static bool
name_accused(W4Conviction *out, uint8_t form, const W4Vote *vote, const W4Members *set)
{
	if (vote->index >= set->n)
		return false;
	out->form = form;
	out->kind = (uint8_t) vote->kind;
	out->index = vote->index;
	out->view = vote->view;
	out->height = vote->height;
	w4_hash_copy(out->id, set->m[vote->index].id);
	return true;
}

bool
w4_evidence_claim(W4Conviction *out, W4Slice evidence, const uint8_t chain_id[32], const W4Members *set)
{
	W4Reader	r = w4_reader(evidence);
	uint8_t		form = w4_read_u8(&r);
	W4Vote		vote;

	w4_vote_read(&vote, &r, chain_id);
	if (form == W4_AMNESIA)
		w4_vote_read(&vote, &r, chain_id);
	return r.what == NULL && form >= W4_EQUIVOCATION && form <= W4_BAD_NEW_VIEW && name_accused(out, form, &vote, set);
}

/* Looked at before all that takes long: anybody can write the rest. */
static bool
signed_by_accused(const W4Vote *vote, const W4EvidenceContext *c)
{
	if (w4_vote_verify(vote, c->chain_id, c->set, c->suite) || (W4_BUG(EVIDENCE_UNCHECKED) && vote->index < c->set->n))
		return true;
	if (c->forged != NULL)
		*c->forged = true;
	return false;
}

static bool
check_votes(W4Conviction *out, W4Reader *r, const W4EvidenceContext *c, W4Fault *fault)
{
	W4Vote		a;
	W4Vote		b;

	w4_vote_read(&a, r, c->chain_id);
	w4_vote_read(&b, r, c->chain_id);
	if (!w4_read_end(r, fault))
		return false;
	if (!w4_votes_conflict(&a, &b) || memcmp(a.hash, b.hash, 32) > 0)
		return w4_fault(fault, "votes that do not conflict", 0);
	if (!signed_by_accused(&a, c) || !signed_by_accused(&b, c))
		return w4_fault(fault, "not signed by the accused", 0);
	return name_accused(out, W4_EQUIVOCATION, &b, c->set);
}

static bool
check_block(W4Conviction *out, W4Reader *r, const W4EvidenceContext *c, W4Fault *fault)
{
	W4Vote		proposal;
	W4Slice		wire;
	W4Block		block;

	w4_vote_read(&proposal, r, c->chain_id);
	wire = w4_read_run(r, W4_MAX_EVIDENCE_BYTES);
	if (!w4_read_end(r, fault))
		return false;

	if (!signed_by_accused(&proposal, c))
		return w4_fault(fault, "not signed by the accused", 0);

	/* Only bytes whose header hashes to what was signed speak against the signer. */
	if (!w4_vote_is_proposal(&proposal) ||
		!w4_block_decode(&block, wire, c->chain_id, W4_MAX_EVIDENCE_BYTES, fault) ||
		!w4_hash_eq(block.hash, proposal.hash))
		return w4_fault(fault, "block is not what was proposed", 0);
	if (c->breaks_rule == NULL || block.header.height != proposal.height || !c->breaks_rule(c->arg, &block))
		return w4_fault(fault, "block breaks no rule", 0);
	return name_accused(out, W4_BAD_BLOCK, &proposal, c->set);
}

static bool
check_amnesia(W4Conviction *out, W4Reader *r, const W4EvidenceContext *c, W4Fault *fault)
{
	W4Vote		commit;
	W4VcSummary vc;

	w4_vote_read(&commit, r, c->chain_id);
	w4_vc_summary_read(&vc, r, c->chain_id);
	if (!w4_read_end(r, fault))
		return false;
	if (commit.kind != W4_COMMIT || !w4_vc_summary_ok(&vc) || !w4_denies_commit(&vc, &commit))
		return w4_fault(fault, "VIEW-CHANGE that denies nothing", 0);
	if (!signed_by_accused(&commit, c) || !signed_by_accused(&vc.vote, c))
		return w4_fault(fault, "not signed by the accused", 0);
	return name_accused(out, W4_AMNESIA, &vc.vote, c->set);
}

/* Would an honest proposer never have built a justification on these? */
static bool
summaries_void(const W4Vote *new_view, const W4VcSummary *s, int n, const W4EvidenceContext *c)
{
	uint64_t	senders = 0;

	for (int i = 0; i < n; i++)
	{
		const W4Vote *v = &s[i].vote;

		if (v->height != new_view->height || v->view != new_view->view || !w4_vc_summary_ok(&s[i]))
			return true;
		if (w4_mask_has(senders, v->index) || !w4_vote_verify(v, c->chain_id, c->set, c->suite))
			return true;
		senders |= w4_mask_bit(v->index);
	}
	return n < w4_quorum(c->set->n);
}

static bool
proposes_another(const W4Vote *new_view, const W4VcSummary *s, int n)
{
	int			best = w4_vc_best(s, n);

	/* Two certificates for one view need more than f liars; either block is excused. */
	for (int i = 0; best >= 0 && i < n; i++)
		if (s[i].prepared_view == s[best].prepared_view && w4_hash_eq(s[i].vote.hash, new_view->hash))
			return false;
	return best >= 0;
}

static bool
certificate_void(const W4VcSummary *s, const W4Cert *cert, const W4EvidenceContext *c)
{
	W4ViewChange vc;
	uint8_t		digest[32];

	w4_cert_digest(digest, cert, c->chain_id);
	if (s->prepared_view == W4_NOTHING_PREPARED || !w4_hash_eq(digest, s->digest))
		return false;
	vc.s = *s;
	w4_cert_copy(&vc.prepared, cert);
	return !w4_vc_prepared_ok(&vc, c->chain_id, c->set, c->suite, NULL, NULL);
}

static bool
check_new_view(W4Conviction *out, W4Reader *r, const W4EvidenceContext *c, W4Fault *fault)
{
	W4Vote		new_view;
	W4VcSummary s[W4_MAX_MEMBERS];
	W4Cert		cert;
	uint8_t		hash[32];
	uint8_t		culprit;
	int			n;
	bool		bad;

	w4_vote_read(&new_view, r, c->chain_id);
	n = w4_read_u8(r);
	if (n < 1 || n > W4_MAX_MEMBERS)
		w4_read_fail(r, "number of VIEW-CHANGEs out of range");
	for (int i = 0; i < n && r->what == NULL; i++)
		w4_vc_summary_read(&s[i], r, c->chain_id);
	culprit = w4_read_u8(r);
	if (culprit != W4_NO_CULPRIT && culprit >= n)
		w4_read_fail(r, "no such VIEW-CHANGE");
	if (culprit != W4_NO_CULPRIT && r->what == NULL)
		w4_cert_read(&cert, r, c->chain_id);
	if (!w4_read_end(r, fault))
		return false;
	w4_justification_hash(hash, s, n, c->chain_id);
	if (new_view.kind != W4_NEW_VIEW || !w4_hash_eq(hash, new_view.extra))
		return w4_fault(fault, "justification is not what was signed", 0);
	if (!signed_by_accused(&new_view, c))
		return w4_fault(fault, "not signed by the accused", 0);
	bad = culprit == W4_NO_CULPRIT ? summaries_void(&new_view, s, n, c) || proposes_another(&new_view, s, n)
		: certificate_void(&s[culprit], &cert, c);
	return bad ? name_accused(out, W4_BAD_NEW_VIEW, &new_view, c->set)
		: w4_fault(fault, "NEW-VIEW that is justified", 0);
}

bool
w4_evidence_check(W4Conviction *out, W4Slice evidence, const W4EvidenceContext *context, W4Fault *fault)
{
	W4Reader	r = w4_reader(evidence);

	if (evidence.len > W4_MAX_EVIDENCE_BYTES)
		return w4_fault(fault, "evidence longer than allowed", 0);
	switch (w4_read_u8(&r))
	{
		case W4_EQUIVOCATION:
			return check_votes(out, &r, context, fault);
		case W4_BAD_BLOCK:
			return check_block(out, &r, context, fault);
		case W4_AMNESIA:
			return check_amnesia(out, &r, context, fault);
		case W4_BAD_NEW_VIEW:
			return check_new_view(out, &r, context, fault);
		default:
			return w4_fault(fault, "unknown form of evidence", 0);
	}
}
