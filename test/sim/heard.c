/*-------------------------------------------------------------------------
 *
 * heard.c
 *		Who is guilty, by what honest peers have heard (F24).
 *
 * With more than f liars the chain may fork.  Then the signatures that reached
 * honest peers, directly or inside certificates and justifications, must
 * convict at least f + 1 of them by E1 or E3.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

#define SLOTS (1 << 17)
#define VIEWS 24

typedef struct Heard
{
	uint32_t	run;
	uint8_t		kind;
	uint8_t		identity;
	uint32_t	view;
	uint64_t	height;
	uint64_t	hash;
	int64_t		prepared;
} Heard;

static Heard heard[SLOTS];
static uint32_t run;

void
heard_reset(void)
{
	run++;
}

static Heard *
slot(uint8_t kind, uint8_t identity, uint64_t height, uint32_t view)
{
	uint64_t	h = (((height * 64 + identity) * 8 + kind) * 64 + view) * UINT64_C(0x9E3779B97F4A7C15);

	for (uint32_t i = (uint32_t) (h >> 47);; i = (i + 1) % SLOTS)
	{
		Heard	   *s = &heard[i];

		if (s->run != run ||
			(s->kind == kind && s->identity == identity && s->height == height && s->view == view))
			return s;
	}
}

/* E3 in either order of hearing. */
static void
look_for_denial(World *w, const Heard *commit, const Heard *vc)
{
	if (commit->run == run && vc->run == run && vc->view > commit->view &&
		(vc->prepared < (int64_t) commit->view || (vc->prepared == (int64_t) commit->view && vc->hash != commit->hash)))
		w->guilty |= w4_mask_bit(commit->identity);
}

static void
heard_vote(World *w, uint8_t kind, int identity, uint64_t height, uint32_t view, const uint8_t hash[32], int64_t prepared)
{
	Heard	   *s = slot(kind, (uint8_t) identity, height, view);
	uint64_t	h;

	memcpy(&h, hash, 8);
	if (s->run == run && s->hash != h && kind != W4_VIEW_CHANGE)
		w->guilty |= w4_mask_bit((unsigned) identity);
	if (s->run == run && !(kind == W4_VIEW_CHANGE && prepared < s->prepared))
		return;
	*s = (Heard) {run, kind, (uint8_t) identity, view, height, h, prepared};
	for (uint32_t v = 0; v < VIEWS; v++)
	{
		if (kind == W4_COMMIT && v > view)
			look_for_denial(w, s, slot(W4_VIEW_CHANGE, (uint8_t) identity, height, v));
		if (kind == W4_VIEW_CHANGE && v < view)
			look_for_denial(w, slot(W4_COMMIT, (uint8_t) identity, height, v), s);
	}
}

static const W4Members *
set_of(const Node *node, uint64_t height)
{
	const W4Tip *tip = w4_consensus_tip(node->core);

	for (unsigned i = 0; i < 3; i++)
		if (tip->height + i == height)
			return &tip->members[i];
	return &tip->members[1];
}

void
heard_cert(World *w, const Node *node, W4VoteKind kind, const W4Cert *cert)
{
	const W4Members *set = set_of(node, cert->height);

	for (unsigned i = 0; i < set->n; i++)
		if (w4_mask_has(cert->signers, i))
			heard_vote(w, (uint8_t) kind, set->m[i].id[31], cert->height, cert->view, cert->hash, 0);
}

static void
heard_view_change(World *w, const Node *node, const W4ViewChange *vc)
{
	const W4Members *set = set_of(node, vc->s.vote.height);

	if (vc->s.vote.index >= set->n || !w4_vote_verify(&vc->s.vote, w->chain_id, set, &fake_suite))
		return;
	heard_vote(w, W4_VIEW_CHANGE, set->m[vc->s.vote.index].id[31], vc->s.vote.height, vc->s.vote.view, vc->s.vote.hash, vc->s.prepared_view);
	if (vc->prepared.signers != 0)
		heard_cert(w, node, W4_PREPARE, &vc->prepared);
}

void
heard_message(World *w, const Node *node, const uint8_t *bytes, size_t len)
{
	W4Reader	r = w4_reader(w4_slice(bytes, len));
	W4ProposalWire p;
	W4ViewChange vc;
	W4Vote		v;
	size_t		pos = 0;

	if (len < W4_VOTE_WIRE_LEN || bytes[W4_MAGIC_LEN] > W4_NEW_VIEW)
		return;
	w4_vote_read(&v, &r, w->chain_id);
	if (r.what != NULL || !w4_vote_verify(&v, w->chain_id, set_of(node, v.height), &fake_suite))
		return;
	if (v.kind == W4_VIEW_CHANGE)
	{
		r = w4_reader(w4_slice(bytes, len));
		w4_vc_read(&vc, &r, w->chain_id);
		if (w4_read_end(&r, NULL))
			heard_view_change(w, node, &vc);
		return;
	}
	heard_vote(w, (uint8_t) v.kind, set_of(node, v.height)->m[v.index].id[31], v.height, v.view, v.hash, 0);
	if (v.kind == W4_NEW_VIEW && w4_proposal_decode(&p, w4_slice(bytes, len), w->chain_id, MAX_BLOCK, NULL))
		while (w4_justification_next(&vc, p.justification, &pos, w->chain_id, NULL))
			heard_view_change(w, node, &vc);
}
