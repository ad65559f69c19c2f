/*-------------------------------------------------------------------------
 *
 * sync_state.h
 *		The state of the joining machine and the steps its files share.
 *
 * Private to sync*.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_SYNC_STATE_H
#define W4_CONSENSUS_SYNC_STATE_H

#include "core/consensus/sync.h"

#pragma GCC visibility push(hidden)

typedef struct W4Source
{
	uint8_t		id[32];
	bool		used;
	bool		up;
	uint8_t		strikes;
	uint64_t	offered;		/* checkpoint it says it has, 0 for none known */
	int64_t		offer_at;		/* when to ask for that again */
	unsigned	blame;			/* of its offers, how many came to nothing */
	unsigned	silent;			/* requests in a row without an answer */
	int64_t		quiet_until;	/* asked for nothing before that */

	/* the request under way; an answer to any other is not wanted */
	uint8_t		asked;			/* W4MessageKind, 0 for none */
	uint64_t	height;
	uint32_t	index;
	int64_t		deadline;
	uint8_t		request[W4_FETCH_CHUNK_LEN];
} W4Source;

/* A chunk that came before its turn: index % window. */
typedef struct W4Slot
{
	bool		full;
	uint32_t	len;
	uint8_t    *buf;
} W4Slot;

struct W4Sync
{
	W4SyncConfig cfg;
	W4Now		now;
	W4SyncActions *out;			/* of this step */
	W4SyncPhase phase;
	int64_t		timer;			/* last TIMER action */
	W4Source	source[W4_MAX_SOURCES];
	int			turn;			/* whom to ask first */

	/* the target */
	int64_t		choose_by;		/* with what offers there are then */
	uint64_t	goal;			/* height of the header that certifies the checkpoint, 0 for none */
	unsigned	stalled;		/* requests without an answer since something last went on */
	uint64_t	proofs_left;	/* headers that this target may still cost */
	W4Trusted	base;			/* where trust begins */
	W4Trusted	trust;			/* the newest header verified on the way to the goal */
	uint64_t	want;			/* height of the header to be fetched */
	uint64_t	headers;
	W4BlockHeader header;		/* of the goal, once there */
	W4Proof		proof;			/* being judged */

	/* the snapshot */
	W4Tip		tip;
	uint8_t    *leaves;
	uint32_t	total;
	W4SyncProgress progress;
	W4Slot		slot[W4_MAX_WINDOW];

	uint64_t	dropped[W4_SYNC_DROP_REASONS];
};

static inline bool
w4_source_usable(const W4Source *src)
{
	return src->used && src->up && src->strikes < W4_STRIKES;
}

/* It says it has the checkpoint, or a newer one and so perhaps still this one. */
static inline bool
w4_source_eligible(const W4Sync *s, const W4Source *src)
{
	return w4_source_usable(src) && s->goal != 0 && src->offered + 1 >= s->goal;
}

/* --- sync.c --- */

extern W4SyncAction *w4_sync_act(W4Sync *s, W4SyncActionKind kind);
extern void w4_sync_drop(W4Sync *s, W4SyncDrop reason);
extern void w4_sync_strike(W4Sync *s, W4Source *src, W4SyncDrop reason);

/* --- sync_target.c --- */

extern void w4_sync_seek(W4Sync *s);
extern void w4_sync_abandon(W4Sync *s);
extern void w4_sync_on_offer(W4Sync *s, W4Source *src, W4Slice message, uint64_t height);
extern void w4_sync_on_proof(W4Sync *s, W4Source *src, W4Slice message);

/* --- sync_fetch.c --- */

extern void w4_sync_ask(W4Sync *s);
extern void w4_sync_on_manifest(W4Sync *s, W4Source *src, W4Slice message);
extern void w4_sync_on_chunk(W4Sync *s, W4Source *src, W4Slice message);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_SYNC_STATE_H */
