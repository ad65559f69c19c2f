/*-------------------------------------------------------------------------
 *
 * history.h
 *		Who was a member at an older height.
 *
 * Evidence is judged by the members of its own height, up to W4_EVIDENCE_WINDOW
 * heights back (consensus spec 3.10, 3.11), and everybody has to judge alike: a
 * peer that joined by snapshot never saw those sets.  Keeping them all would be
 * megabytes; as consecutive sets differ by one member, the changes will do.
 * Undoing them from the newest set on gives any older one.
 *
 * Wire: since u64be | count u16be | count times (from u64be | id[32] | before[32]),
 * ascending.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_HISTORY_H
#define W4_CONSENSUS_HISTORY_H

#include "core/consensus/members.h"

#pragma GCC visibility push(hidden)

#define W4_MAX_CHANGES 128		/* remembered; when there are more within the window, it is the shorter */

typedef struct W4Change
{
	uint64_t	from;			/* first height at which it holds */
	uint8_t		id[32];			/* of the member that came, went, or has another key */
	uint8_t		before[32];		/* its key until then; zero: it was no member */
} W4Change;

typedef struct W4History
{
	uint64_t	since;			/* lowest height whose members can be told */
	int			changes;
	W4Change	change[W4_MAX_CHANGES];	/* ascending heights */
} W4History;

/* From this height on "after" holds instead of "before", which differs in one member. */
extern void w4_history_note(W4History *h, const W4Members *before, const W4Members *after, uint64_t from);

/* Nobody will ask for heights below this one any more. */
extern void w4_history_forget(W4History *h, uint64_t height);
/* Is there something that w4_history_forget would forget? */
extern bool w4_history_stale(const W4History *h, uint64_t height);

/* Members of a height; "newest" is the set that all changes led to.  False when they are forgotten. */
extern bool w4_history_members(const W4History *h, const W4Members *newest, uint64_t height, W4Members *out);

#define W4_HISTORY_WIRE_MAX (8 + 2 + W4_MAX_CHANGES * 72)
extern void w4_history_put(W4Writer *out, const W4History *h);
extern void w4_history_read(W4History *out, W4Reader *r);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_HISTORY_H */
