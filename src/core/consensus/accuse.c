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

/* "evidence" lies in the evidence buffer, behind the room for its head. */
static void
judge_evidence(W4Consensus *c, size_t len, bool tell)
{
	W4Slice		evidence = w4_slice(c->evidence + HEAD_LEN, len);
	uint64_t	height = w4_evidence_height(evidence);
	W4EvidenceContext context = {c->cfg.chain_id, set_of_height(c, height), &c->cfg.suite, breaks_rule, c};
	W4Writer	w = w4_writer(c->evidence, HEAD_LEN);
	W4Conviction k;
	W4Action   *a;

	if (context.set == NULL || !w4_evidence_check(&k, evidence, &context, NULL))
	{
		w4_drop(c, W4_DROP_BAD_EVIDENCE);
		return;
	}
	if (known_conviction(c, &k))
		return;
	c->convicted[c->convictions++ % W4_CONVICTIONS] = k;
	a = w4_act(c, W4_ACT_EVIDENCE);
	a->part[0] = evidence;
	a->conviction = k;
	if (!tell)
		return;
	w4_prefix_put(&w, W4_EVIDENCE, height, c->cfg.chain_id);
	w4_put_u32be(&w, (uint32_t) len);
	c->evidence_len = HEAD_LEN + len;
	w4_send(c, NULL, W4_OUT_EVIDENCE)->serial = c->evidence_serial;
}

/* One piece of evidence a step: the actions of this step point into the buffer. */
static bool
take_buffer(W4Consensus *c, W4Writer *w)
{
	for (int i = 0; i < c->out->n; i++)
		if (c->out->a[i].kind == W4_ACT_EVIDENCE)
			return false;
	c->evidence_serial++;
	*w = w4_writer(c->evidence + HEAD_LEN, W4_MAX_EVIDENCE_BYTES);
	return true;
}

static void
found(W4Consensus *c, const W4Writer *w)
{
	if (!w->full)
		judge_evidence(c, w->len, true);
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

void
w4_on_evidence(W4Consensus *c, int from, W4Slice message)
{
	W4Slice		evidence;
	W4Writer	w;

	if (!w4_evidence_message_decode(&evidence, message, NULL))
	{
		w4_strike(c, from, W4_DROP_MALFORMED);
		return;
	}
	if (!take_buffer(c, &w))
		return;
	w4_put(&w, evidence.data, evidence.len);
	judge_evidence(c, w.len, false);
}
