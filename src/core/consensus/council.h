/*-------------------------------------------------------------------------
 *
 * council.h
 *		What the chain knows about its members besides who they are: motions and
 *		votes, strikes and accusations, who was a member before.
 *
 * One leaf of the state root, whose bytes are the encoding below, so that two
 * peers cannot differ in a single vote without showing it at the next height,
 * and a snapshot carries it whole.
 *
 * Wire: roster (roster.h) | strikes (strikes.h) | history (history.h)
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_COUNCIL_H
#define W4_CONSENSUS_COUNCIL_H

#include "core/consensus/history.h"
#include "core/consensus/roster.h"
#include "core/consensus/strikes.h"

#pragma GCC visibility push(hidden)

typedef struct W4Council
{
	W4Roster	roster;
	W4Strikes	strikes;
	W4History	history;
} W4Council;

#define W4_COUNCIL_WIRE_MAX (W4_ROSTER_WIRE_MAX + W4_STRIKES_WIRE_MAX + W4_HISTORY_WIRE_MAX)

extern void w4_council_put(W4Writer *out, const W4Council *c);

/* Strict: one encoding for each council, nothing left over, nothing of a height above this one. */
extern bool w4_council_decode(W4Council *out, W4Slice wire, uint64_t height, W4Fault *fault);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_COUNCIL_H */
