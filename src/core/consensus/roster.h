/*-------------------------------------------------------------------------
 *
 * roster.h
 *		Membership changed by a quorum (consensus spec 3.10).
 *
 * Pure chain state, driven by the executor: members propose and vote by
 * transactions; a motion passes in the block that executes the q-th distinct
 * yes, and holds from two heights later.  One change is under way at a time, so
 * consecutive sets differ by one peer; what passes meanwhile waits its turn.
 * Ejections (strikes.h) and leaves need no votes and stand in the same queue.
 * A refusal changes nothing.
 *
 * Wire: effective_at u64be | count u16be | count times (id[32] | kind u8 | passed u8 |
 *		proposer[32] | subject[32] | key[32] | expiry u64be | yes u64be)
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_ROSTER_H
#define W4_CONSENSUS_ROSTER_H

#include "core/consensus/members.h"

#pragma GCC visibility push(hidden)

#define W4_MOTIONS_EACH 3		/* open or passed ones that one member moved: nobody can crowd out others */
#define W4_MAX_MOTIONS ((W4_MOTIONS_EACH + 1) * W4_MAX_MEMBERS)	/* one leave or ejection a member finds room */

typedef enum W4MotionKind
{
	W4_MOTION_ADD = 1,
	W4_MOTION_REMOVE = 2,
	W4_MOTION_ROTATE = 3
} W4MotionKind;

typedef struct W4Motion
{
	uint8_t		id[32];			/* of the transaction that proposed it */
	uint8_t		kind;			/* W4MotionKind */
	bool		passed;
	uint8_t		proposer[32];	/* peer id of who moved it; zero for leaves and ejections */
	uint8_t		subject[32];	/* peer id */
	uint8_t		key[32];		/* ADD, ROTATE: its consensus key from then on; else zero */
	uint64_t	expiry;			/* last height at which it may pass */
	uint64_t	yes;			/* members that agree, by index in the voting set */
} W4Motion;

typedef struct W4Roster
{
	int			motions;
	W4Motion	motion[W4_MAX_MOTIONS]; /* in the order they came */
	uint64_t	effective_at;	/* height from which the newest change holds, 0 for none yet */
} W4Roster;

/* Business results, recorded with the transaction; none makes a block invalid. */
typedef enum W4RosterResult
{
	W4_ROSTER_OK,
	W4_ROSTER_PASSED,
	W4_ROSTER_NOT_MEMBER,
	W4_ROSTER_UNKNOWN_MOTION,
	W4_ROSTER_DUPLICATE,
	W4_ROSTER_EXPIRED,
	W4_ROSTER_FULL,				/* too many motions, of this member or at all */
	W4_ROSTER_POINTLESS,		/* adds a member, removes a stranger, the last peer or a key in use */
	W4_ROSTER_RESULTS
} W4RosterResult;

/* "set" is members(height) throughout; "voter" a peer id. */
extern W4RosterResult w4_roster_propose(W4Roster *r, const W4Members *set, const uint8_t voter[32],
										const W4Motion *motion, uint64_t height);
extern W4RosterResult w4_roster_vote(W4Roster *r, const W4Members *set, const uint8_t voter[32],
									 const uint8_t motion_id[32], uint64_t height);

/* A member leaves, or is ejected: passes at once. */
extern W4RosterResult w4_roster_remove(W4Roster *r, const W4Members *set, const uint8_t subject[32],
									   const uint8_t motion_id[32]);

/*
 * The end of block "height": "set" is members(height), "next" members(height +
 * 1).  True when a change takes its turn: *after is members(height + 2), sealed.
 * Motions that cannot pass any more are forgotten.
 */
extern bool w4_roster_end_block(W4Roster *r, const W4Members *set, const W4Members *next, uint64_t height,
								W4Members *after);

/*
 * The voting set changes at the next height: carry the votes over.  Votes of
 * members that go are dropped with them; what a smaller set's quorum has
 * agreed to already passes, since no further vote may ever come.
 */
extern void w4_roster_follow(W4Roster *r, const W4Members *set, const W4Members *next);

#define W4_ROSTER_WIRE_MAX (8 + 2 + W4_MAX_MOTIONS * (4 * 32 + 2 + 2 * 8))
extern void w4_roster_put(W4Writer *out, const W4Roster *r);
extern void w4_roster_read(W4Roster *out, W4Reader *r);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_ROSTER_H */
