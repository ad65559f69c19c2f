/*-------------------------------------------------------------------------
 *
 * serve.h
 *		Giving a checkpoint to those who join: what to answer, and how often.
 *
 * A joiner may be anybody, and its answers are large, so each asker has a
 * purse of points that fills with time, and all of them together have another.
 * The host feeds messages of the four FETCH kinds, and where it is told
 * to answer it writes the answer from its store (sync_message.h), if it has it;
 * what it does not have stays unanswered, and the asker asks somebody else.  A
 * checkpoint is offered only once the block after it, which certifies it, is
 * decided.
 *
 * An empty purse delays the answer rather than refuse it: the asker would take
 * a refusal for silence, and leave us alone for seconds.
 *
 * Needs no running consensus machine: an observer may serve.  No clock, no I/O,
 * no allocation.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_SERVE_H
#define W4_CONSENSUS_SERVE_H

#include "core/consensus/sync_message.h"

#pragma GCC visibility push(hidden)

#define W4_ASKERS 128			/* remembered; who has been silent longest is forgotten first */

/* A point is about 64 KiB of answer. */
typedef struct W4ServeConfig
{
	uint8_t		chain_id[32];
	uint32_t	points_per_second;	/* to one asker */
	uint32_t	points_at_once; /* to one asker that was silent long enough; a manifest and more */
	uint32_t	all_per_second; /* to all of them */
	uint32_t	all_at_once;
	uint32_t	max_chunks;		/* of a snapshot, as in W4SyncConfig: what a manifest may cost */
} W4ServeConfig;

#define W4_SERVE_MAX_WAIT 1000000	/* microseconds; what would be later is refused */

#define W4_SMALL_POINTS 1
#define W4_CHUNK_POINTS 4
#define W4_MANIFEST_POINTS(chunks) ((int) ((W4_MANIFEST_MESSAGE_MAX(chunks) + 65535) / 65536))

/* 4 MiB a second to one, 16 MiB a second to all. */
extern void w4_serve_defaults(W4ServeConfig *out);

typedef struct W4Purse
{
	int64_t		at;				/* when "points" was true */
	int64_t		points;			/* in millionths; below 0 while answers wait */
} W4Purse;

typedef struct W4Asker
{
	uint8_t		id[32];
	bool		used;
	W4Purse		purse;
} W4Asker;

typedef struct W4Serve
{
	W4ServeConfig cfg;
	W4Purse		all;
	W4Asker		asker[W4_ASKERS];
	uint64_t	dropped_malformed;
	uint64_t	dropped_rate;
} W4Serve;

/* What to answer with, by the kind of the answer; height and index are the request's. */
typedef struct W4ServeAnswer
{
	W4MessageKind kind;
	uint64_t	height;			/* OFFER: the lowest that helps */
	uint32_t	index;			/* CHUNK */
	int64_t		wait;			/* microseconds until it may be sent */
} W4ServeAnswer;

extern void w4_serve_init(W4Serve *s, const W4ServeConfig *cfg, int64_t now_mono);

/* False: no answer (counted why). */
extern bool w4_serve(W4Serve *s, const uint8_t from[32], W4Slice message, int64_t now_mono, W4ServeAnswer *out);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_SERVE_H */
