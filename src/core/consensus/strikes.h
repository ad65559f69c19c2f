/*-------------------------------------------------------------------------
 *
 * strikes.h
 *		Three strikes: what committed evidence and accusations lead to.
 *
 * Pure chain state (consensus spec 3.11).  Evidence that convicts by itself is
 * one strike for each (peer, height, view, kind).  What cannot be proven is
 * accused: f + 1 distinct members within the window are one strike, since one
 * of them is honest.  The third strike within the window ejects.  What changes
 * nothing is told by the result, and has changed nothing.
 *
 * Wire: count u16be | count times (id[32] | height u64be | view u32be | kind u8 |
 *		committed u64be) | count u16be | count times (accused[32] | accuser[32] |
 *		class u8 | height u64be), both in the order of the blocks that brought them
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_STRIKES_H
#define W4_CONSENSUS_STRIKES_H

#include "core/consensus/evidence.h"

#pragma GCC visibility push(hidden)

#define W4_MAX_CONVICTIONS 512	/* remembered within the window */
#define W4_ACCUSATIONS_EACH 4	/* that one member may have pending; its oldest go first */
#define W4_MAX_ACCUSATIONS (W4_ACCUSATIONS_EACH * W4_MAX_MEMBERS)
#define W4_ACCUSATION_WINDOW 1000	/* heights */

/* One member's word against another. */
typedef struct W4Accusation
{
	uint8_t		accused[32];
	uint8_t		accuser[32];
	uint8_t		class;
	uint64_t	height;			/* of the block that brought it */
} W4Accusation;

typedef struct W4Strike
{
	uint8_t		id[32];
	uint64_t	height;			/* of the offence */
	uint32_t	view;
	uint8_t		kind;			/* W4VoteKind, or 128 + class of an accusation */
	uint64_t	committed;		/* height of the block that brought it */
} W4Strike;

typedef struct W4Strikes
{
	int			strikes;
	W4Strike	strike[W4_MAX_CONVICTIONS];
	int			accusations;
	W4Accusation accusation[W4_MAX_ACCUSATIONS];
} W4Strikes;

typedef enum W4StrikeResult
{
	W4_STRIKE_KNOWN,			/* nothing new */
	W4_STRIKE_STALE,			/* older than the evidence window, or from the future */
	W4_STRIKE_NOTED,			/* an accusation, not yet enough */
	W4_STRIKE_COUNTED,			/* trust 0, penalty, off the rota */
	W4_STRIKE_EJECTED			/* and out: give it to w4_roster_remove */
} W4StrikeResult;

/* Was this conviction committed already?  A block may not bring it again. */
extern bool w4_strikes_known(const W4Strikes *s, const W4Conviction *c);

/* "limit" strikes within the window eject. */
extern W4StrikeResult w4_strikes_convict(W4Strikes *s, const W4Conviction *c, int limit, uint64_t height);

/* "set" is members(height); accuser and accused are peer ids. */
extern W4StrikeResult w4_strikes_accuse(W4Strikes *s, const W4Members *set, const uint8_t accuser[32],
										const uint8_t accused[32], uint8_t class, int limit, uint64_t height);

/* Strikes of a peer within the window that ends at "height". */
extern int	w4_strikes_of(const W4Strikes *s, const uint8_t id[32], uint64_t height);

#define W4_STRIKES_WIRE_MAX (2 + W4_MAX_CONVICTIONS * 53 + 2 + W4_MAX_ACCUSATIONS * 73)
extern void w4_strikes_put(W4Writer *out, const W4Strikes *s);
extern void w4_strikes_read(W4Strikes *out, W4Reader *r);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_STRIKES_H */
