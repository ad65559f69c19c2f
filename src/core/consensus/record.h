/*-------------------------------------------------------------------------
 *
 * record.h
 *		What a peer must not forget: its durable record (consensus spec 3.5).
 *
 * Everything a peer has signed at the current height that binds it, and what it
 * has prepared.  The host writes it to stable storage before any message that
 * depends on it leaves; the library holds the messages back until then.  All
 * else (votes of others, timers, pending transactions) may be lost.
 *
 * Wire: "W4REC1" | fields in the order below | SHA-256 of all before[32].
 * The two block bodies that belong to it are stored beside it (see W4Persist).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_RECORD_H
#define W4_CONSENSUS_RECORD_H

#include "core/consensus/viewchange.h"

#pragma GCC visibility push(hidden)

typedef enum W4Mode
{
	W4_NORMAL = 0,				/* takes part in "view" */
	W4_CHANGING = 1				/* has asked for "view", waits for its NEW-VIEW */
} W4Mode;

/* The newest signature of a peer: heights, then views, then steps within a view. */
typedef struct W4Position
{
	uint64_t	height;
	uint32_t	view;
	uint8_t		step;			/* VIEW-CHANGE 0, proposal 1, PREPARE 2, COMMIT 3 */
} W4Position;

typedef struct W4Record
{
	uint64_t	height;
	uint32_t	view;
	uint8_t		mode;			/* W4Mode */
	uint32_t	asked;			/* highest view asked for by VIEW-CHANGE, 0 for none */
	uint64_t	incarnation;	/* starts of this peer */
	uint8_t		rejoining;		/* 1: signs nothing until it knows where the others are (Rule R) */
	uint64_t	no_sign_below;	/* signs nothing at heights below */
	W4Position	signed_last;

	/* Own messages at this height; kind 0 for none.  Sent again as they are, never signed anew. */
	W4Vote		proposal;
	W4Vote		prepare;
	W4Vote		commit;
	W4VcSummary view_change;	/* proves itself with "prepared" while mode is CHANGING */

	/* A quorum of PREPAREs seen: prepared.signers = 0 for none. */
	W4Cert		prepared;

	uint8_t		accepted[32];	/* block of the proposal accepted in "view", zero for none */
} W4Record;

#define W4_RECORD_WIRE_MAX (6 + 8 + 4 + 1 + 4 + 8 + 1 + 8 + 13 + 3 * (1 + W4_VOTE_WIRE_LEN) + \
							1 + W4_VC_SUMMARY_LEN + 1 + W4_CERT_WIRE_MAX + 32 + 32)

extern void w4_record_init(W4Record *out, uint64_t height);

/* The next height: forget what bound us at the last one. */
extern void w4_record_next(W4Record *rec);

extern W4Position w4_vote_position(const W4Vote *vote);
extern int	w4_position_cmp(W4Position a, W4Position b);

extern void w4_record_put(W4Writer *out, const W4Record *rec, const uint8_t chain_id[32]);

/* Strict; the checksum is looked at first.  Fields contradicting each other are refused. */
extern bool w4_record_decode(W4Record *out, W4Slice wire, const uint8_t chain_id[32], W4Fault *fault);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_RECORD_H */
