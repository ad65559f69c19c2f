/*-------------------------------------------------------------------------
 *
 * evidence.h
 *		Evidence that convicts by itself (consensus spec 3.11).
 *
 * Each form is made of bytes that the culprit signed, so nobody can frame an
 * honest peer, and nobody's word is needed.  Garbage, bad signatures, floods
 * and silence are not evidence: anybody could fabricate those.
 *
 * E1: two votes of a kind for one height and view, but two blocks.
 * E2: a proposal whose block breaks a rule that the chain itself decides.
 * E3: COMMIT in view v, then VIEW-CHANGE above v that denies it.
 * E4: NEW-VIEW that proposes another block than its own justification
 *     obliges it to, or rests on a VIEW-CHANGE that is none.
 *
 * Wire: form u8, then
 * E1	vote[181] | vote[181], smaller block hash first
 * E2	vote[181] | u32be length, block
 * E3	COMMIT[181] | VIEW-CHANGE summary[221]
 * E4	NEW-VIEW[181] | count u8 | count summaries[221] | culprit u8 | certificate
 *		culprit: the summary whose certificate is void, which follows; 255 and
 *		no certificate when the summaries alone convict
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_EVIDENCE_H
#define W4_CONSENSUS_EVIDENCE_H

#include "core/consensus/block.h"
#include "core/consensus/viewchange.h"

#pragma GCC visibility push(hidden)

typedef enum W4EvidenceForm
{
	W4_EQUIVOCATION = 1,
	W4_BAD_BLOCK = 2,
	W4_AMNESIA = 3,
	W4_BAD_NEW_VIEW = 4
} W4EvidenceForm;

#define W4_NO_CULPRIT 255

/* Whom evidence convicts of what.  One strike for each (id, height, view, kind). */
typedef struct W4Conviction
{
	uint8_t		form;			/* W4EvidenceForm */
	uint8_t		kind;			/* W4VoteKind of the culprit's (later) message */
	uint16_t	index;			/* of the culprit in members(height) */
	uint32_t	view;
	uint64_t	height;
	uint8_t		id[32];			/* peer id of the culprit */
} W4Conviction;

static inline bool
w4_same_conviction(const W4Conviction *a, const W4Conviction *b)
{
	return a->height == b->height && a->view == b->view && a->kind == b->kind && w4_hash_eq(a->id, b->id);
}

/* E2 asks the chain: does this block break a rule at its height?  Not the clock rule. */
typedef bool (*W4BlockJudge) (void *arg, const W4Block *block);

typedef struct W4EvidenceContext
{
	const uint8_t *chain_id;
	const W4Members *set;		/* members of the evidence's height */
	const W4Suite *suite;
	W4BlockJudge breaks_rule;	/* NULL: E2 is refused; asked last, since it may take long */
	void	   *arg;
	bool	   *forged;			/* set when the accused has not signed what is said of it; NULL: not wanted */
} W4EvidenceContext;

/* The height evidence speaks of, so that the caller can find its members; 0 when malformed. */
extern uint64_t w4_evidence_height(W4Slice evidence);

/*
 * Whom it accuses of what, if it holds: for a look at what is known already.
 * False when that cannot be read.
 */
extern bool w4_evidence_claim(W4Conviction *out, W4Slice evidence, const uint8_t chain_id[32], const W4Members *set);

/* Strict decoding and every signature.  False when it proves nothing. */
extern bool w4_evidence_check(W4Conviction *out, W4Slice evidence, const W4EvidenceContext *context,
							  W4Fault *fault);

/* --- writing --- */

extern void w4_evidence_put_votes(W4Writer *out, const W4Vote *a, const W4Vote *b, const uint8_t chain_id[32]);
extern void w4_evidence_put_block(W4Writer *out, const W4Vote *proposal, W4Slice block, const uint8_t chain_id[32]);
extern void w4_evidence_put_amnesia(W4Writer *out, const W4Vote *commit, const W4VcSummary *vc, const uint8_t chain_id[32]);
extern void w4_evidence_put_new_view(W4Writer *out, const W4Vote *new_view, const W4VcSummary *s, int n,
									 uint8_t culprit, const W4Cert *cert, const uint8_t chain_id[32]);

/* --- what is wrong, for those who find it --- */

/* VIEW-CHANGE above the view of a COMMIT by the same member that denies having prepared it: E3. */
extern bool w4_denies_commit(const W4VcSummary *vc, const W4Vote *commit);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_EVIDENCE_H */
