/*-------------------------------------------------------------------------
 *
 * consensus.h
 *		The consensus core: step(state, event, now) gives actions.
 *
 * Single-slot PBFT with Ed25519 signatures, views that restart at every height,
 * prepared certificates in VIEW-CHANGE and a quorum of those in NEW-VIEW
 * (consensus spec 3).  No clock, no I/O, no allocation: the host owns the
 * memory, feeds events and carries out actions.
 *
 * What a host does, in this order:
 *	1. w4_consensus_init in memory of w4_consensus_size bytes, then a START
 *	   event with what it finds on disk.
 *	2. For each event one step.  Hooks are called within the step, those that
 *	   change the database (apply) belong to the same transaction as the PERSIST
 *	   of that step.
 *	3. PERSIST: write it, commit, flush; only then feed PERSISTED with its token.
 *	   Messages that depend on it are held back here until then, so a host
 *	   cannot send too early.
 *	4. SEND, FETCH-serving, timers at leisure: the network may lose everything.
 *	   DECIDED tells of every height above the tip of START once, in order.
 *
 * If a hook does not return (an error thrown in the host), or a PERSIST cannot
 * be carried out, the state is void: start again from disk.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_H
#define W4_CONSENSUS_H

#include "core/consensus/evidence.h"
#include "core/consensus/message.h"
#include "core/consensus/record.h"
#include "core/consensus/tip.h"

#pragma GCC visibility push(hidden)

/* --- configuration and hooks --- */

typedef enum W4Verdict
{
	W4_BLOCK_GOOD,
	W4_BLOCK_BAD,				/* breaks a rule that everybody sees: evidence E2 */
	W4_BLOCK_UNWANTED			/* local policy, e.g. it censors: no vote, no evidence, unless it was prepared before */
} W4Verdict;

typedef struct W4Host
{
	void	   *arg;

	/* Sign with the key of this peer; false when the key is not there. */
	bool		(*sign) (void *arg, uint8_t signature[64], const void *message, size_t len);

	/*
	 * Judge what the core does not know: transactions and evidence.  A pure
	 * function of the chain (but for UNWANTED); business failures are results
	 * of execution, not reasons to refuse.
	 */
	W4Verdict	(*judge) (void *arg, const W4Block *block);

	/*
	 * What to put into a block at this height.  False: nothing now (the core
	 * asks again after a WORK event); with "must" an empty block will do.  The
	 * slices are runs of items (block.h), valid until the hook is next called.
	 */
	bool		(*build) (void *arg, uint64_t height, bool must, W4Slice *txs, W4Slice *evidence);

	/* Execute and store a decided block with its certificate. */
	void		(*apply) (void *arg, const W4Block *block, const W4Cert *cert, W4Applied *out);
} W4Host;

/* Times in microseconds. */
typedef struct W4Config
{
	uint8_t		chain_id[32];
	uint8_t		me[32];			/* own peer id */
	W4Suite		suite;
	W4Host		host;
	int			max_members;	/* memory is reserved for sets up to this size, <= 64 */
	uint32_t	max_block;		/* bytes; <= W4_MAX_BLOCK_BYTES */
	int64_t		view_timeout;	/* T0: of view 0, doubles each view */
	int64_t		view_timeout_max;
	int64_t		proposer_grace; /* silence after which a proposer is suspected */
	int64_t		resend_min;		/* between STATUS messages while there is work */
	int64_t		resend_max;		/* while there is none */
	int64_t		precision;		/* how far clocks may differ */
	int64_t		message_delay;	/* how old a fresh proposal may be in view 0 */
} W4Config;

/* Production defaults; chain_id, me, suite and host are the caller's. */
extern void w4_config_defaults(W4Config *out);

/* --- events --- */

typedef enum W4EventKind
{
	W4_EV_START,				/* .start */
	W4_EV_MESSAGE,				/* .from, .message */
	W4_EV_TICK,					/* the time of the last TIMER action has come */
	W4_EV_WORK,					/* .flag: are there transactions to put into a block? */
	W4_EV_PERSISTED,			/* .token: that PERSIST and all before are durable */
	W4_EV_LINK,					/* .from, .flag: the connection to a peer is up or down */
	W4_EV_FORCE_RESUME			/* an operator vouches that this peer may sign at the next height */
} W4EventKind;

/* What is on disk when a peer starts. */
typedef struct W4Start
{
	const W4Tip *tip;			/* of the stored chain */
	W4Slice		record;			/* W4Record wire; empty: none found */
	W4Slice		proposal;		/* beside it: the accepted proposal message */
	W4Slice		prepared_body;	/* and the block prepared in an earlier view */
	bool		fresh;			/* a peer that never ran: no record is no loss */
	bool		log_present;	/* the log of signatures, kept apart from the database */
	W4Position	log;			/* its last entry */
	bool		cautious;		/* abstain by Rule R in any case */
	uint8_t		nonce[16];		/* random, another at every start */
} W4Start;

typedef struct W4Event
{
	W4EventKind kind;
	const uint8_t *from;		/* 32-byte peer id, as the channel knows it */
	W4Slice		message;
	bool		flag;
	uint64_t	token;
	const W4Start *start;
} W4Event;

/* Timers live on a clock that never jumps; blocks carry wall time. */
typedef struct W4Now
{
	int64_t		mono;			/* microseconds, any origin, never back */
	int64_t		wall;			/* microseconds since 1970-01-01 UTC */
} W4Now;

/* --- actions --- */

typedef enum W4ActionKind
{
	W4_ACT_PERSIST,				/* .persist */
	W4_ACT_SEND,				/* .to (NULL: all other members), .part[0] | .part[1] */
	W4_ACT_SEND_BLOCKS,			/* .to, .first, .last: answer BLOCKS from the store, as far as there */
	W4_ACT_TIMER,				/* .at: feed TICK at this time (replaces the last) */
	W4_ACT_DECIDED,				/* .first to .last: heights that are decided, applied and durable: clients may be told */
	W4_ACT_EVIDENCE,			/* .part[0], .conviction: keep for the next own block */
	W4_ACT_ACCUSE,				/* .to: a peer that misbehaves without proof */
	W4_ACT_ALARM				/* .alarm */
} W4ActionKind;

typedef enum W4Alarm
{
	W4_ALARM_BAD_RECORD,		/* durable record unreadable: abstaining by Rule R */
	W4_ALARM_FORGOTTEN_VOTES,	/* somebody holds a vote of ours that we do not remember */
	W4_ALARM_DUPLICATE_SIGNER,	/* .to runs twice */
	W4_ALARM_DIVERGED,			/* a quorum decided what we cannot accept: halted */
	W4_ALARM_ABSTAINING,		/* .first: signs nothing below this height */
	W4_ALARM_RESUMED			/* may sign from .first on */
} W4Alarm;

#define W4_PART_RECORD 0x1
#define W4_PART_PROPOSAL 0x2
#define W4_PART_PREPARED_BODY 0x4
#define W4_PART_TIP 0x8

/* What must be durable before the messages after it.  Parts not named are unchanged. */
typedef struct W4Persist
{
	uint64_t	token;
	unsigned	parts;
	const W4Record *record;		/* w4_record_put gives its bytes */
	W4Slice		proposal;
	W4Slice		prepared_body;
	const W4Tip *tip;
	bool		has_signed;		/* append record->signed_last to the log of signatures */
} W4Persist;

typedef struct W4Action
{
	W4ActionKind kind;
	const uint8_t *to;
	uint8_t		named[32];		/* where "to" of an alarm or accusation points: who was at that index may move */
	W4Slice		part[2];
	uint64_t	first;
	uint64_t	last;
	int64_t		at;
	W4Alarm		alarm;
	W4Conviction conviction;
	W4Persist	persist;
} W4Action;

#define W4_MAX_ACTIONS 128

/* Pointers in actions are valid until the next step, provided that the event's message is. */
typedef struct W4Actions
{
	int			n;
	W4Action	a[W4_MAX_ACTIONS];
} W4Actions;

/* --- what was refused, and why --- */

typedef enum W4Drop
{
	W4_DROP_MALFORMED,
	W4_DROP_OVERSIZE,
	W4_DROP_NOT_STARTED,
	W4_DROP_HALTED,
	W4_DROP_HEIGHT_PAST,
	W4_DROP_HEIGHT_AHEAD,
	W4_DROP_VIEW_PAST,
	W4_DROP_VIEW_AHEAD,
	W4_DROP_UNKNOWN_MEMBER,
	W4_DROP_NOT_ITS_OWN,		/* a vote that came through another peer */
	W4_DROP_DUPLICATE,
	W4_DROP_BAD_SIGNATURE,
	W4_DROP_BAD_CERTIFICATE,
	W4_DROP_BAD_JUSTIFICATION,
	W4_DROP_BAD_BLOCK,
	W4_DROP_NOT_PROPOSER,
	W4_DROP_EQUIVOCATION,
	W4_DROP_NOT_WANTED,			/* an answer nobody asked for */
	W4_DROP_BAD_EVIDENCE,
	W4_DROP_STALE_INCARNATION,
	W4_DROP_RATE,
	W4_DROP_NO_ROOM,
	W4_DROP_CLOCK,				/* a block from too early or too late: no vote */
	W4_DROP_REASONS
} W4Drop;

extern const char *w4_drop_name(W4Drop reason);

/* --- the machine --- */

typedef struct W4Consensus W4Consensus;

extern size_t w4_consensus_size(const W4Config *config);

/* "memory" is aligned for any type and zeroed by this call as far as needed. */
extern W4Consensus *w4_consensus_init(void *memory, const W4Config *config);

extern void w4_consensus_step(W4Consensus *c, const W4Event *event, W4Now now, W4Actions *out);

/* --- looking at it --- */

typedef struct W4View
{
	uint64_t	height;			/* being decided */
	uint32_t	view;
	W4Mode		mode;
	bool		signing;		/* may sign at this height */
	bool		halted;
	int			proposer;		/* index in members(height) */
	int64_t		deadline;		/* monotonic, 0 for none */
	uint64_t	verified;		/* signatures verified since init */
} W4View;

extern void w4_consensus_view(const W4Consensus *c, W4View *out);
extern const W4Tip *w4_consensus_tip(const W4Consensus *c);
extern const W4Record *w4_consensus_record(const W4Consensus *c);
extern uint64_t w4_consensus_dropped(const W4Consensus *c, W4Drop reason);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_H */
