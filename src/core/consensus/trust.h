/*-------------------------------------------------------------------------
 *
 * trust.h
 *		Trust of an identity: the fold of a hash-chained log of deltas.
 *
 * Nobody asserts a score: deltas are effects of executed transactions and of
 * proven offences, written in block order (consensus spec 2.5, 2.8, C-30).
 * The identity keeps the fold, the length and the head of the log; the entries
 * themselves are the trust fields of the recorded results.
 *
 *		head = SHA-256("W4TD1" | previous head | lct | index u64 | cause u8 |
 *			time_us i64 | source[32] | delta i32 | after u32)
 *
 * Decay is a function of stored trust and idle time, never stored by a mere
 * look: what a delta of an own activity stores is trust after decay, and only
 * that moves the clock; deltas by others (attestation, offence) do not.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_TRUST_H
#define W4_CONSENSUS_TRUST_H

#include "core/consensus/exec_params.h"
#include "core/consensus/exec_record.h"

#pragma GCC visibility push(hidden)

typedef enum W4TrustCause
{
	W4_TRUST_REGISTERED = 1,
	W4_TRUST_ACCEPTED = 2,
	W4_TRUST_ACCEPTED_HIGH = 3,
	W4_TRUST_VIOLATION = 4,
	W4_TRUST_ATTESTED = 5,
	W4_TRUST_OFFENCE = 6
} W4TrustCause;

typedef struct W4TrustEntry
{
	uint8_t		cause;			/* W4TrustCause */
	int64_t		time_us;		/* of the block */
	uint8_t		source[32];		/* transaction, or what proves the offence */
	int32_t		delta;			/* ppm, before clamping to 0 .. 1,000,000 */
	uint32_t	after;			/* ppm, stored trust afterwards */
} W4TrustEntry;

/* Trust at "now": stored - decay after the days of grace, not below the floor unless stored is. */
extern uint32_t w4_trust_effective(const W4Params *p, uint32_t stored, int64_t last_active_us, int64_t now);

/* What an event is worth: the delta that w4_trust_apply will add. */
extern int32_t w4_trust_delta(const W4Params *p, W4TrustCause cause);

/* Apply one event to the identity, extend its log, and say what was written. */
extern void w4_trust_apply(W4Identity *i, const uint8_t lct[32], const W4Params *p, W4TrustCause cause,
						   int64_t now, const uint8_t source[32], W4TrustEntry *entry);

/*
 * Replay entries, oldest first, onto trust, last_active_us, log_len and
 * log_head of "i" (all zero for a whole log).  False, with *i as after the
 * entries before, at the first that does not follow from its predecessors.
 */
extern bool w4_trust_fold(W4Identity *i, const uint8_t lct[32], const W4Params *p,
						  const W4TrustEntry *entries, uint32_t n);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_TRUST_H */
