/*-------------------------------------------------------------------------
 *
 * heard.c
 *		Who is guilty, by what honest peers have heard (F24).
 *
 * With more than f liars the chain may fork.  Then the signatures that reached
 * honest peers, directly or inside certificates and justifications, must
 * convict at least f + 1 of them by E1 or E3, and nobody else.  What counts is
 * evidence as anybody can check it, put together here from what was heard.
 *
 * A vote names its signer by an index in the members of its height, and old
 * heights come up again after the set has changed: certificates of a peer that
 * catches up, late messages.  So everything is verified against the set of its
 * own height, which names the wrong one never.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

#define SLOTS (1 << 16)
#define VIEWS 64

/* A vote; with what was prepared when it is a VIEW-CHANGE. */
typedef struct Heard
{
	uint32_t	run;			/* entries of other runs are empty */
	W4VcSummary s;
} Heard;

static Heard heard[SLOTS];
static uint32_t run;
static uint64_t guilty[MAX_HEIGHT + 1]; /* identities, by the height of the offence */

void
heard_reset(void)
{
	run++;
	memset(guilty, 0, sizeof(guilty));
}

/* Identities that what was heard convicts of an offence at this height. */
uint64_t
heard_guilty(uint64_t height)
{
	return guilty[height];
}

static Heard *
slot(uint16_t kind, uint16_t index, uint64_t height, uint32_t view)
{
	uint64_t	h = (((height * 64 + index) * 8 + kind) * VIEWS + view) * UINT64_C(0x9E3779B97F4A7C15);

	for (uint32_t i = (uint32_t) (h >> 48);; i = (i + 1) % SLOTS)
	{
		const W4Vote *v = &heard[i].s.vote;

		if (heard[i].run != run ||
			(v->kind == kind && v->index == index && v->height == height && v->view == view))
			return &heard[i];
	}
}

/* --- evidence --- */

static void
convict(World *w, const W4Writer *evidence, uint64_t height)
{
	W4EvidenceContext context = {w->chain_id, check_members(w, height), &fake_suite, NULL, NULL, NULL};
	W4Conviction k;

	if (!w4_evidence_check(&k, w4_slice(evidence->buf, evidence->len), &context, NULL))
		world_fail(w, "F24: votes that conflict do not convict", -1, height);
	else if (!w->tainted[k.id[31]])
		world_fail(w, "I4: what was heard convicts an honest peer", k.id[31], height);
	else
		guilty[height] |= w4_mask_bit(k.id[31]);
}

/* E1 */
static void
look_for_second(World *w, const W4Vote *first, const W4Vote *second)
{
	uint8_t		bytes[1 + 2 * W4_VOTE_WIRE_LEN];
	W4Writer	out = w4_writer(bytes, sizeof(bytes));

	if (w4_hash_eq(first->hash, second->hash))
		return;
	w4_evidence_put_votes(&out, first, second, w->chain_id);
	convict(w, &out, first->height);
}

/* E3 in either order of hearing. */
static void
look_for_denial(World *w, const Heard *commit, const W4VcSummary *vc)
{
	uint8_t		bytes[1 + W4_VOTE_WIRE_LEN + W4_VC_SUMMARY_LEN];
	W4Writer	out = w4_writer(bytes, sizeof(bytes));

	if (commit->run != run || !w4_denies_commit(vc, &commit->s.vote))
		return;
	w4_evidence_put_amnesia(&out, &commit->s.vote, vc, w->chain_id);
	convict(w, &out, vc->vote.height);
}

/* --- votes --- */

static void
heard_vote(World *w, const W4Vote *v)
{
	Heard	   *s;

	if (v->height > MAX_HEIGHT || v->view >= VIEWS)
		return;
	s = slot(v->kind, v->index, v->height, v->view);
	if (s->run == run)
	{
		look_for_second(w, &s->s.vote, v);
		return;
	}
	s->run = run;
	s->s.vote = *v;
	for (uint32_t view = v->view + 1; v->kind == W4_COMMIT && view < VIEWS; view++)
	{
		const Heard *vc = slot(W4_VIEW_CHANGE, v->index, v->height, view);

		if (vc->run == run)
			look_for_denial(w, s, &vc->s);
	}
}

/* Whose signature fails was not heard: anybody may put what he likes into a certificate. */
void
heard_cert(World *w, W4VoteKind kind, const W4Cert *cert)
{
	const W4Members *set = check_members(w, cert->height);
	W4Vote		v = {(uint16_t) kind, 0, cert->view, cert->height, {0}, {0}, {0}};
	unsigned	at = 0;

	memcpy(v.hash, cert->hash, 32);
	for (; v.index < set->n; v.index++)
	{
		if (!w4_mask_has(cert->signers, v.index))
			continue;
		memcpy(v.signature, cert->signatures[at++], 64);
		if (w4_vote_verify(&v, w->chain_id, set, &fake_suite))
			heard_vote(w, &v);
	}
}

/* Of several for one view the one that admits least is kept. */
static void
heard_view_change(World *w, const W4ViewChange *vc)
{
	const W4Vote *v = &vc->s.vote;
	Heard	   *s;

	if (v->height > MAX_HEIGHT || v->view >= VIEWS || !w4_vc_summary_ok(&vc->s) ||
		!w4_vote_verify(v, w->chain_id, check_members(w, v->height), &fake_suite))
		return;
	if (vc->prepared.signers != 0)
		heard_cert(w, W4_PREPARE, &vc->prepared);
	for (uint32_t view = 0; view < v->view; view++)
		look_for_denial(w, slot(W4_COMMIT, v->index, v->height, view), &vc->s);
	s = slot(W4_VIEW_CHANGE, v->index, v->height, v->view);
	if (s->run == run && s->s.prepared_view <= vc->s.prepared_view)
		return;
	s->run = run;
	s->s = vc->s;
}

/* --- messages --- */

static void
heard_proposal(World *w, const W4Vote *v, const uint8_t *bytes, size_t len)
{
	W4ProposalWire p;
	W4ViewChange vc;
	size_t		pos = 0;

	heard_vote(w, v);
	if (v->kind == W4_NEW_VIEW && w4_proposal_decode(&p, w4_slice(bytes, len), w->chain_id, MAX_BLOCK, NULL))
		while (w4_justification_next(&vc, p.justification, &pos, w->chain_id, NULL))
			heard_view_change(w, &vc);
}

void
heard_message(World *w, const uint8_t *bytes, size_t len)
{
	W4Reader	r = w4_reader(w4_slice(bytes, len));
	W4ViewChange vc;
	W4Vote		v;

	if (len < W4_VOTE_WIRE_LEN || bytes[W4_MAGIC_LEN] > W4_NEW_VIEW)
		return;
	if (bytes[W4_MAGIC_LEN] == W4_VIEW_CHANGE)
	{
		w4_vc_read(&vc, &r, w->chain_id);
		if (w4_read_end(&r, NULL))
			heard_view_change(w, &vc);
		return;
	}
	w4_vote_read(&v, &r, w->chain_id);
	if (r.what == NULL && w4_vote_verify(&v, w->chain_id, check_members(w, v.height), &fake_suite))
		heard_proposal(w, &v, bytes, len);
}
