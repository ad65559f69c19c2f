/*-------------------------------------------------------------------------
 *
 * viewchange.h
 *		VIEW-CHANGE messages and the justification of a NEW-VIEW.
 *
 * A VIEW-CHANGE tells what its sender has prepared and proves it.  A NEW-VIEW
 * carries a quorum of them, and must propose again the block that was prepared
 * in the highest view among them.
 *
 * VIEW-CHANGE wire: vote[181] | prepared view i64be (-1 for none) |
 *		prepared certificate (cert.h) if there is one.
 * Justification wire: count u8 | that many VIEW-CHANGEs, member index ascending.
 *
 * What a NEW-VIEW signs of its justification is the hash of the summaries
 * alone: vote[181] | prepared view i64be | digest of the certificate[32] each.
 * So evidence against it needs no certificates and stays short.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_VIEWCHANGE_H
#define W4_CONSENSUS_VIEWCHANGE_H

#include "core/consensus/cert.h"

#pragma GCC visibility push(hidden)

#define W4_NOTHING_PREPARED (-1)
#define W4_VC_SUMMARY_LEN (W4_VOTE_WIRE_LEN + 8 + 32)
#define W4_VC_WIRE_MAX (W4_VOTE_WIRE_LEN + 8 + W4_CERT_WIRE_MAX)

/* A VIEW-CHANGE without the certificate itself. */
typedef struct W4VcSummary
{
	W4Vote		vote;
	int64_t		prepared_view;	/* W4_NOTHING_PREPARED or 0..view - 1 */
	uint8_t		digest[32];		/* of the prepared certificate, zero for none */
} W4VcSummary;

typedef struct W4ViewChange
{
	W4VcSummary s;
	W4Cert		prepared;		/* signers = 0 for none */
} W4ViewChange;

/* What the vote's extra hash must be: SHA-256(prepared view | hash | digest). */
extern void w4_vc_extra(uint8_t out[32], const W4VcSummary *s);

extern void w4_vc_summary_put(W4Writer *out, const W4VcSummary *s, const uint8_t chain_id[32]);
extern void w4_vc_summary_read(W4VcSummary *out, W4Reader *r, const uint8_t chain_id[32]);

extern void w4_vc_put(W4Writer *out, const W4ViewChange *vc, const uint8_t chain_id[32]);

/* Strict in form; w4_vc_summary_ok and w4_vc_prepared_ok judge what it says. */
extern void w4_vc_read(W4ViewChange *out, W4Reader *r, const uint8_t chain_id[32]);

/*
 * Rules that need no certificate (3.7 rule 5): VIEW-CHANGE kind, prepared view
 * below the view asked for, hash zero exactly when nothing is prepared, and the
 * signed extra hash that of the summary.  Not the signature.
 */
extern bool w4_vc_summary_ok(const W4VcSummary *s);

/* The certificate holds a quorum of PREPAREs for exactly what the summary says. */
extern bool w4_vc_prepared_ok(const W4ViewChange *vc, const uint8_t chain_id[32], const W4Members *set,
							  const W4Suite *suite, W4KnownVote known, void *arg);

/* --- justification --- */

/* Where the highest prepared view stands among summaries; -1 when none has prepared. */
extern int	w4_vc_best(const W4VcSummary *s, int n);

/* SHA-256 over the summaries in their order. */
extern void w4_justification_hash(uint8_t out[32], const W4VcSummary *s, int n, const uint8_t chain_id[32]);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_VIEWCHANGE_H */
