/*-------------------------------------------------------------------------
 *
 * sync.h
 *		Joining by a snapshot: from a trusted header to a state and a tip.
 *
 * A machine of its own beside the consensus machine, in the same manner:
 * step(state, event, now) gives actions; no clock, no I/O, no allocation.  What
 * it does (consensus spec 3.9, "State sync"):
 *
 *	1. asks all peers which checkpoint they have: a hint, nothing more;
 *	2. fetches the header after that checkpoint, skipping from the trusted one
 *	   (skip.h) and halving the distance where too few trusted members signed;
 *	3. fetches the manifest; its root must be the header's checkpoint root;
 *	4. fetches chunks, one outstanding request a peer, and hands them to the
 *	   host in their order, each verified by its leaf hash;
 *	5. gives the tip to START the consensus machine with.
 *
 * A wrong answer is a strike, with three of them a peer is asked no more; a
 * silent peer is asked later and less often; a target that costs too many
 * headers is put back.  So it completes while one honest
 * peer that has the checkpoint can be reached, and with liars only it never
 * does.  Memory is fixed beforehand: a manifest, and "window" chunks that came
 * before their turn.
 *
 * The host feeds it the messages of kinds OFFER, PROOF, MANIFEST and CHUNK
 * (w4_sync_kind, sync_message.h) and LINK events; peers need not be members.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_SYNC_H
#define W4_CONSENSUS_SYNC_H

#include "core/consensus/consensus.h"
#include "core/consensus/sync_message.h"

#pragma GCC visibility push(hidden)

#define W4_MAX_SOURCES 64
#define W4_MAX_WINDOW 32
#define W4_SYNC_PROOFS UINT64_C(128)	/* headers on the way to a target before another is tried */

/* Times in microseconds. */
typedef struct W4SyncConfig
{
	uint8_t		chain_id[32];
	W4Suite		suite;
	const W4Trusted *trusted;	/* where trust begins; copied */
	uint64_t	lowest;			/* checkpoint that helps: above the own height, at least 1 */
	uint32_t	max_chunks;		/* w4_snapshot_max_chunks (exec_snapshot.h), or W4_MAX_CHUNKS */
	int			window;			/* chunks under way or waiting for their turn, 1..W4_MAX_WINDOW */
	int64_t		timeout;		/* of a request */
	int64_t		ask_again;		/* for offers */
	int64_t		trusting_period;	/* age up to which the trusted header is; 0: any */
} W4SyncConfig;

/* Production defaults; chain_id and trusted are the caller's. */
extern void w4_sync_defaults(W4SyncConfig *out);

/* --- events --- */

typedef enum W4SyncEventKind
{
	W4_SYNC_EV_LINK,			/* .from, .up: a peer can be asked, or no longer */
	W4_SYNC_EV_MESSAGE,			/* .from, .message */
	W4_SYNC_EV_TICK				/* the time of the last TIMER action has come */
} W4SyncEventKind;

typedef struct W4SyncEvent
{
	W4SyncEventKind kind;
	const uint8_t *from;		/* 32-byte peer id, as the channel knows it */
	bool		up;
	W4Slice		message;
} W4SyncEvent;

/*
 * What an earlier run has handed over and the host still holds.  Taken up if
 * the same checkpoint is found again, root for root; else BEGIN says 0.
 */
typedef struct W4SyncProgress
{
	uint64_t	height;			/* of the checkpoint; 0: nothing */
	uint8_t		root[32];
	uint32_t	chunks;			/* the first so many */
} W4SyncProgress;

/* --- actions --- */

typedef enum W4SyncActionKind
{
	W4_SYNC_ACT_SEND,			/* .to, .bytes */
	W4_SYNC_ACT_TIMER,			/* .at: feed TICK at this time (replaces the last) */
	W4_SYNC_ACT_BEGIN,			/* .progress, .total: keep the first .progress->chunks, forget all else */
	W4_SYNC_ACT_CHUNK,			/* .index, .bytes: the next chunk, verified */
	W4_SYNC_ACT_DONE,			/* .tip: load, check its state digest, START with it */
	W4_SYNC_ACT_STRIKE,			/* .to, .reason: that peer told a falsehood */
	W4_SYNC_ACT_EXPIRED			/* what was to be trusted is too old: over */
} W4SyncActionKind;

typedef struct W4SyncAction
{
	W4SyncActionKind kind;
	const uint8_t *to;
	W4Slice		bytes;
	int64_t		at;
	uint32_t	index;
	uint32_t	total;
	int			reason;			/* W4SyncDrop */
	const W4SyncProgress *progress;
	const W4Tip *tip;
} W4SyncAction;

/* A request to each source, a window of chunks, strikes of all, and a few. */
#define W4_SYNC_MAX_ACTIONS (2 * W4_MAX_SOURCES + W4_MAX_WINDOW + 8)

/* Pointers in actions are valid until the next step. */
typedef struct W4SyncActions
{
	int			n;
	W4SyncAction a[W4_SYNC_MAX_ACTIONS];
} W4SyncActions;

/* --- what was refused, and why --- */

typedef enum W4SyncDrop
{
	W4_SYNC_DROP_STRANGER,		/* no source of ours */
	W4_SYNC_DROP_NOT_WANTED,	/* nobody asked, or the answer came too late */
	W4_SYNC_DROP_MALFORMED,
	W4_SYNC_DROP_FALSE_HEADER,
	W4_SYNC_DROP_FALSE_OFFER,	/* the header names no checkpoint there */
	W4_SYNC_DROP_FALSE_MANIFEST,
	W4_SYNC_DROP_FALSE_CHUNK,
	W4_SYNC_DROP_TIMEOUT,
	W4_SYNC_DROP_NO_ROOM,		/* more sources than W4_MAX_SOURCES */
	W4_SYNC_DROP_REASONS
} W4SyncDrop;

extern const char *w4_sync_drop_name(W4SyncDrop reason);

/* --- the machine --- */

typedef struct W4Sync W4Sync;

extern size_t w4_sync_size(const W4SyncConfig *config);

/* "progress" may be NULL.  "memory" is aligned for any type. */
extern W4Sync *w4_sync_init(void *memory, const W4SyncConfig *config, const W4SyncProgress *progress);

extern void w4_sync_step(W4Sync *s, const W4SyncEvent *event, W4Now now, W4SyncActions *out);

/* --- looking at it --- */

typedef enum W4SyncPhase
{
	W4_SYNC_OFFERS,
	W4_SYNC_HEADERS,
	W4_SYNC_MANIFEST,
	W4_SYNC_CHUNKS,
	W4_SYNC_DONE,
	W4_SYNC_EXPIRED
} W4SyncPhase;

typedef struct W4SyncView
{
	W4SyncPhase phase;
	uint64_t	checkpoint;		/* being fetched, 0 for none */
	uint64_t	trusted;		/* height of the newest header verified */
	uint32_t	chunks;			/* handed over */
	uint32_t	total;			/* once the manifest is there */
	int			sources;		/* that may be asked */
	uint64_t	headers;		/* verified and taken, ever */
} W4SyncView;

extern void w4_sync_view(const W4Sync *s, W4SyncView *out);
extern uint64_t w4_sync_dropped(const W4Sync *s, W4SyncDrop reason);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_SYNC_H */
