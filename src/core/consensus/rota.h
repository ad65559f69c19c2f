/*-------------------------------------------------------------------------
 *
 * rota.h
 *		Who proposes: the members in turn, without those that miss their turns.
 *
 * Pure chain state (consensus spec 3.13).  Block h + 1 carries the certificate
 * of block h, hence the view in which h was decided: whoever should have
 * proposed in an earlier view, and did not build the block, missed a turn.  Two
 * missed turns take a member off the rota; it returns when its signature is in
 * at least half of the last 2N certificates, or when it builds a block.
 * Without this one dead peer of four costs a timeout every fourth block.
 *
 * At each height the members on the rota have one view each; from then on all
 * members have turns.  So an honest proposer comes within 2f + 1 views even if
 * nobody but liars is on the rota.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_ROTA_H
#define W4_CONSENSUS_ROTA_H

#include "core/consensus/cert.h"

#pragma GCC visibility push(hidden)

#define W4_MISSED_TURNS 2
#define W4_JUST_STRUCK UINT8_MAX	/* until the certificate of the block that brought the strike is accounted for */

typedef struct W4Rota
{
	uint64_t	skipped;		/* members that do not propose at the rota's height */
	uint8_t		missed[W4_MAX_MEMBERS];
	uint64_t	signed_last[W4_MAX_MEMBERS][2]; /* bit i: in the certificate i blocks ago, 128 of them */
} W4Rota;

/* Index of the proposer at a height and view; skipping everybody skips nobody. */
extern int	w4_rota_proposer(const W4Members *set, uint64_t skipped, uint64_t height, uint32_t view);

/* Is it the proposer of some view up to "view" at this height? */
extern bool w4_rota_may_build(const W4Members *set, uint64_t skipped, uint64_t height, uint32_t view, int index);

/*
 * Account for one certificate.  "set" and "skipped" are those of its height,
 * "builder" is the peer id of the block it decided; "rota" and "now" speak of
 * the set that comes to power.
 */
extern void w4_rota_advance(W4Rota *rota, const W4Members *now, const W4Cert *cert,
							const W4Members *set, uint64_t skipped, const uint8_t builder[32]);

/* A committed violation takes a member off at once. */
extern void w4_rota_strike(W4Rota *rota, int index);

/* Carry the accounts over to another set; newcomers begin with none. */
extern void w4_rota_follow(W4Rota *rota, const W4Members *set, const W4Members *next);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_ROTA_H */
