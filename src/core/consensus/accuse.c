/*-------------------------------------------------------------------------
 *
 * accuse.c
 *		Evidence found or received: check it, hand it to the host, pass it on.
 *
 * What is found here goes through the same check as what comes from others, so
 * nothing leaves that would not convict.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

#define HEAD_LEN (W4_MESSAGE_PREFIX_LEN + 4)

static const W4Members *
set_of_height(const W4Consensus *c, uint64_t height)
{
	for (unsigned i = 0; i < 3; i++)
		if (height == c->tip.height + i)
			return &c->tip.members[i];
	return NULL;
}

/* E2 against a proposal for the height we work at, the only one it can be judged at (replica.h). */
static bool
breaks_rule(void *arg, const W4Block *block)
{
	W4Consensus *c = arg;

	/* What we have accepted we have judged. */
	if (w4_hash_eq(block->hash, c->rec.accepted))
		return false;
	return block->header.height == c->rec.height && w4_hash_eq(block->header.parent, c->tip.hash) &&
		(w4_tip_refuses(&c->tip, block, c->cfg.chain_id, &c->cfg.suite) ||
		 c->cfg.host.judge(c->cfg.host.arg, block) == W4_BLOCK_BAD);
}

static bool
known_conviction(const W4Consensus *c, const W4Conviction *k)
{
	for (unsigned i = 0; i < c->convictions && i < W4_CONVICTIONS; i++)
		if (w4_same_conviction(&c->convicted[i], k))
			return true;
	return false;
}

/* A conviction that is new is handed to the host; "evidence" stays where it is until the next step. */
static bool
convict(W4Consensus *c, W4Slice evidence, bool *forged)
{
	W4EvidenceContext context = {c->cfg.chain_id, set_of_height(c, w4_evidence_height(evidence)), &c->cfg.suite, breaks_rule, c, forged};
	W4Conviction k;
	W4Action   *a;

	if (context.set == NULL || !w4_evidence_check(&k, evidence, &context, NULL))
	{
		w4_drop(c, W4_DROP_BAD_EVIDENCE);
		return false;
	}
	if (known_conviction(c, &k))
		return false;
	c->convicted[c->convictions++ % W4_CONVICTIONS] = k;
	a = w4_act(c, W4_ACT_EVIDENCE);
	a->part[0] = evidence;
	a->conviction = k;
	return true;
}

/* --- found here --- */

/* One piece of evidence a step: the actions of this step may point into the buffer. */
static bool
take_buffer(W4Consensus *c, W4Writer *w)
{
	for (int i = 0; i < c->out->n; i++)
		if (c->out->a[i].kind == W4_ACT_EVIDENCE)
			return false;
	*w = w4_writer(c->finding + HEAD_LEN, W4_MAX_EVIDENCE_BYTES);
	return true;
}

/* What was found before may still wait to be told; it gives way to a new conviction, and to nothing else. */
static void
found(W4Consensus *c, const W4Writer *w)
{
	W4Slice		evidence = w4_slice(w->buf, w->len);
	W4Writer	head = w4_writer(c->finding, HEAD_LEN);
	uint8_t    *before = c->found;

	if (w->full || !convict(c, evidence, NULL))
		return;
	w4_prefix_put(&head, W4_EVIDENCE, w4_evidence_height(evidence), c->cfg.chain_id);
	w4_put_u32be(&head, (uint32_t) w->len);
	c->found = c->finding;
	c->finding = before;
	c->evidence_len = HEAD_LEN + w->len;
	w4_send(c, NULL, W4_OUT_EVIDENCE)->serial = ++c->evidence_serial;
}

void
w4_found_votes(W4Consensus *c, const W4Vote *a, const W4Vote *b)
{
	W4Writer	w;

	if (!take_buffer(c, &w))
		return;
	w4_evidence_put_votes(&w, a, b, c->cfg.chain_id);
	found(c, &w);
}

void
w4_found_block(W4Consensus *c, const W4Vote *proposal, W4Slice block)
{
	W4Writer	w;

	if (!take_buffer(c, &w))
		return;
	w4_evidence_put_block(&w, proposal, block, c->cfg.chain_id);
	found(c, &w);
}

void
w4_found_amnesia(W4Consensus *c, const W4Vote *commit, const W4VcSummary *vc)
{
	W4Writer	w;

	if (!take_buffer(c, &w))
		return;
	w4_evidence_put_amnesia(&w, commit, vc, c->cfg.chain_id);
	found(c, &w);
}

void
w4_found_new_view(W4Consensus *c, const W4Vote *new_view, const W4VcSummary *s, int n,
				  uint8_t culprit, const W4Cert *cert)
{
	W4Writer	w;

	if (!take_buffer(c, &w))
		return;
	w4_evidence_put_new_view(&w, new_view, s, n, culprit, cert, c->cfg.chain_id);
	found(c, &w);
}

/* --- received --- */

/*
 * What needs no signature to be verified: heights that we cannot judge, a block
 * that we can judge at its own height only, and what is known.
 */
static bool
worth_checking(W4Consensus *c, W4Slice evidence)
{
	const W4Members *set = set_of_height(c, w4_evidence_height(evidence));
	W4Conviction k;

	if (set == NULL || !w4_evidence_claim(&k, evidence, c->cfg.chain_id, set) ||
		(k.form == W4_BAD_BLOCK && k.height != c->rec.height))
		w4_drop(c, W4_DROP_BAD_EVIDENCE);
	else if (known_conviction(c, &k))
		w4_drop(c, W4_DROP_DUPLICATE);
	else
		return true;
	return false;
}

/*
 * Evidence may be true and prove nothing to us, for want of the chain that it
 * speaks of, so that is no strike; but it costs, and is looked at now and then.
 */
void
w4_on_evidence(W4Consensus *c, int from, W4Slice message)
{
	int64_t    *doubted = from == W4_NO_MEMBER ? &c->strangers_doubted : &c->peer[from].doubted;
	int64_t		before = *doubted;
	bool		forged = false;
	W4Slice		evidence;

	if (!w4_evidence_message_decode(&evidence, message, NULL))
		w4_strike(c, from, W4_DROP_MALFORMED);
	else if (!worth_checking(c, evidence))
		return;
	else if (!w4_pay(doubted, c->now.mono, c->cfg.resend_min, W4_DOUBTS_AT_ONCE))
		w4_drop(c, W4_DROP_RATE);
	else if (convict(c, evidence, &forged))
		*doubted = before;
	else if (forged)
		w4_strike(c, from, W4_DROP_BAD_SIGNATURE);
}
