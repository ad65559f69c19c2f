/*-------------------------------------------------------------------------
 *
 * app.h
 *		The state machine that the simulated chain drives.
 *
 * Either the real one, core/consensus/replica.h (ledger.c), or a light one that
 * is several times as fast (app.c): numbered transactions, membership
 * (core/consensus/roster.h), strikes (core/consensus/strikes.h).  The seed
 * decides; scripts always have the real one.  Both are pure functions of the
 * blocks, and nothing but the book (book.c) knows what a block means.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4SIM_APP_H
#define W4SIM_APP_H

#include "core/consensus/replica.h"
#include "core/consensus/roster.h"
#include "core/consensus/strikes.h"
#include "core/consensus/tip.h"

#define MAX_ERAS 24				/* sets of members one after the other */

typedef struct Era
{
	uint64_t	from;			/* first height of the set */
	W4Members	set;
} Era;

typedef struct App
{
	uint64_t	height;
	uint64_t	next_tx;
	uint64_t	next_accusation;
	uint64_t	sum;			/* of roster and strikes, as of the last block that changed them */
	uint8_t		digest[32];
	int			eras;
	Era			era[MAX_ERAS];
	W4Roster	roster;
	W4Strikes	strikes;
	bool		full;			/* the state is the replica, and eras, roster, strikes are not used */
	W4Replica  *replica;
	void	   *memory;
} App;

/* --- evidence that waits for a block (pool.c) --- */

#define MAX_POOL 8
#define EVIDENCE_CAP 4096		/* of one piece, and of all in a block */

typedef struct Proof
{
	W4Conviction conviction;
	uint16_t	len;
	uint8_t		bytes[EVIDENCE_CAP];
} Proof;

#endif							/* W4SIM_APP_H */
