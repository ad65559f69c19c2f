/*-------------------------------------------------------------------------
 *
 * state.h
 *		The state of the consensus core and the steps its files share.
 *
 * Private to src/core/consensus.  "tip" and "rec" are what the disk knows; all
 * else is volatile and may be lost at any instant.  Whoever changes "rec" says
 * so with w4_dirty; whatever is sent afterwards waits for that to be durable.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_STATE_H
#define W4_CONSENSUS_STATE_H

#include "core/consensus/consensus.h"
#include "core/consensus/mutant.h"

#pragma GCC visibility push(hidden)

/* --- votes of others (votes.c) --- */

typedef struct W4Mark
{
	uint8_t		hash[32];
	uint8_t		signature[64];
} W4Mark;

typedef struct W4Ballot
{
	uint64_t	have;			/* members whose mark is set */
	W4Mark	   *mark;			/* one a member */
} W4Ballot;

typedef struct W4Round
{
	bool		used;
	uint32_t	view;
	W4Ballot	prepare;
	W4Ballot	commit;
} W4Round;

/* One height; the round of a view is slot view % W4_VIEW_SLOTS. */
typedef struct W4Tally
{
	W4Round		round[W4_VIEW_SLOTS];
} W4Tally;

/* --- blocks at hand (bodies.c) --- */

typedef enum W4HeldSlot
{
	W4_HELD_PROPOSAL,			/* the proposal of the newest view accepted */
	W4_HELD_PREPARED,			/* the prepared block, once the proposal is another one */
	W4_HELD_NEXT,				/* a proposal for the next height, waiting */
	W4_HELD_FETCHED,			/* a body that was asked for */
	W4_HELD_SPARE,				/* where the next one is put together */
	W4_HELD_SLOTS
} W4HeldSlot;

typedef struct W4Held
{
	bool		full;
	uint8_t    *buf;			/* a proposal message, or a bare block */
	size_t		len;
	W4ProposalWire p;			/* p.vote.kind = 0 for a bare block */
	W4Block		block;
} W4Held;

/* --- what is known of another member --- */

typedef struct W4Peer
{
	uint8_t		id[32];
	uint64_t	claimed;		/* height it says it works at; only a hint */
	int64_t		heard;			/* when anything came from it */
	int64_t		link_down;		/* since when, 0 for up */
	int64_t		served;			/* until when what it was given is paid for (w4_pay) */
	int64_t		doubted;		/* the same for evidence that convicted nobody */
	int64_t		asked;			/* when it was last asked for one, 0 for never */

	/* its last STATUS */
	uint64_t	status_height;
	uint32_t	status_view;
	bool		suspects;
	uint64_t	incarnation;
	uint8_t		nonce[16];
	bool		met;			/* incarnation and nonce are set */
	uint64_t	met_height;		/* at which this life was first heard of */

	W4Vote		seen;			/* the newest vote of it that was verified; kind 0 for none */

	/* its answer since our start */
	bool		answered;
	uint64_t	tip;			/* height it proved */

	uint8_t		strikes;		/* misbehaviour without proof */
	uint64_t	first_strike;	/* height */
} W4Peer;

/* --- messages that wait for the record (outbox.c) --- */

typedef enum W4OutKind
{
	W4_OUT_BYTES,				/* .bytes */
	W4_OUT_PROPOSAL,			/* the proposal held, if still that of .view */
	W4_OUT_VIEW_CHANGE,			/* the own one, if still for .view */
	W4_OUT_STATUS,
	W4_OUT_ANSWER,				/* STATUS with echo .hash[0..15] */
	W4_OUT_COMMITTED,			/* certificate of the newest block */
	W4_OUT_BODY,				/* block .hash, if still held */
	W4_OUT_EVIDENCE,			/* the newest evidence, if still number .serial */
	W4_OUT_BLOCKS				/* decided blocks .first to .last */
} W4OutKind;

typedef struct W4Out
{
	W4OutKind	kind;
	uint64_t	stamp;			/* leaves once this token is durable */
	uint64_t	height;			/* that we worked at: what is put together later must be of it */
	bool		all;
	uint8_t		to[32];
	uint32_t	view;
	uint64_t	serial;
	uint64_t	first;
	uint64_t	last;
	uint8_t		hash[32];
	uint16_t	len;
	uint8_t		bytes[W4_VOTE_WIRE_LEN];
} W4Out;

#define W4_OUTBOX 128
#define W4_OUTBOX_OWN 32		/* of those only for what goes to all: own votes, and what they rest on */
#define W4_OUTBOX_ONE 8			/* most that may wait for one peer */
#define W4_GIVE_AT_ONCE 3		/* whole blocks to one peer, then one an eighth of the resend interval */
#define W4_SCRATCH_BYTES (48 * 1024)
#define W4_CONVICTIONS 64
#define W4_EVIDENCE_MESSAGE_MAX (W4_MESSAGE_PREFIX_LEN + 4 + W4_MAX_EVIDENCE_BYTES)
#define W4_DOUBTS_AT_ONCE 8		/* evidence of one peer that convicts nobody, then one a resend interval */
#define W4_NO_STAMP UINT64_MAX

struct W4Consensus
{
	W4Config	cfg;
	W4Now		now;
	W4Actions  *out;			/* of this step */

	/* durable */
	W4Tip		tip;
	W4Record	rec;

	/* who we are */
	int			me;				/* index in members(h), or W4_NO_MEMBER */
	bool		started;		/* enough others have answered since the start */
	bool		halted;
	uint8_t		nonce[16];

	/* the height */
	W4Tally    *tally[2];		/* this height and the next */
	W4ViewChange *vc;			/* highest of each member */
	uint64_t	vc_have;
	uint64_t	no_body;		/* members that did not give us the block they name there, in this view */
	unsigned	holder;			/* whom we ask for it now */
	int64_t		holder_at;		/* until when it may answer, 0 for nobody is asked */
	W4Held		held[W4_HELD_SLOTS];
	size_t		held_cap;
	bool		work;
	bool		propose_due;
	int64_t		deadline;		/* of the view, 0 for none */
	int64_t		work_since;		/* when the deadline was armed */
	bool		suspect;		/* the proposer seems dead */
	int64_t		voted_at;		/* when we last signed: do not resend at once */

	/* asking others */
	int64_t		status_at;
	int64_t		status_interval;
	int64_t		proposal_at;	/* ask for the proposal of proposal_view, 0 for never */
	uint32_t	proposal_view;
	uint8_t		proposal_hash[32];	/* of the block that others vote for there */
	W4Vote		last_proposal;	/* that we accepted at the height before; kind 0 for none */
	int64_t		body_at;		/* ask for body_hash, 0 for never */
	uint8_t		body_hash[32];
	int64_t		catch_at;		/* ask for blocks, 0 for never */
	int			next_peer;		/* whom to ask next */
	int			next_any;		/* the same for blocks, whatever they claim */
	bool		ask_any;
	W4Cert		proven;			/* of the highest block that answers proved to be decided; height 0 for none */
	W4Peer		peer[W4_MAX_MEMBERS];	/* by index in members(h) */
	int64_t		strangers_served;	/* as in W4Peer, for all who are no members */
	int64_t		strangers_doubted;

	/* persisting and sending */
	unsigned	dirty;			/* W4_PART_ bits changed in this step */
	bool		has_signed;
	uint64_t	token;			/* last PERSIST */
	uint64_t	durable;		/* last PERSISTED */
	uint64_t	height_token;	/* with this one the height is durable */
	uint64_t	told;			/* heights that the host was told are decided */
	uint64_t	tell;			/* the next to be told of, or told already */
	uint64_t	tell_token;		/* with this one it is durable */
	W4Out		outbox[W4_OUTBOX];
	unsigned	out_head;
	unsigned	out_count;
	W4Out		nowhere;		/* what is written here is not sent: there was no room */
	size_t		scratch_used;
	uint8_t		scratch[W4_SCRATCH_BYTES];
	int64_t		timer;			/* last TIMER action */

	/* evidence */
	W4Conviction convicted[W4_CONVICTIONS];
	unsigned	convictions;	/* ever */
	uint64_t	evidence_serial;	/* of the newest piece that was found here */
	size_t		evidence_len;
	uint8_t    *found;			/* it, as a message: one of the two buffers, */
	uint8_t    *finding;		/* and where the next one is put together */
	uint8_t		evidence[2][W4_EVIDENCE_MESSAGE_MAX];

	uint64_t	verified;
	uint64_t	dropped[W4_DROP_REASONS];
};

/* --- small words --- */

static inline const W4Members *
w4_set(const W4Consensus *c)
{
	return &c->tip.members[1];
}

static inline int
w4_set_quorum(const W4Members *set)
{
	return W4_BUG(QUORUM_2F1) ? 2 * w4_faulty(set->n) + 1 : w4_quorum(set->n);
}

static inline void
w4_drop(W4Consensus *c, W4Drop reason)
{
	c->dropped[reason]++;
}

static inline void
w4_dirty(W4Consensus *c, unsigned parts)
{
	c->dirty |= parts;
}

/* The earlier of two times, 0 being never. */
static inline int64_t
w4_sooner(int64_t a, int64_t b)
{
	return a == 0 ? b : b == 0 ? a : a < b ? a : b;
}

/*
 * What others may have of us: "paid" is until when all they had is paid for.
 * One thing an interval, and "burst" at once to who was content with less.
 */
static inline bool
w4_pay(int64_t *paid, int64_t now, int64_t interval, int burst)
{
	if (*paid > now + (burst - 1) * interval)
		return false;
	*paid = (*paid > now ? *paid : now) + interval;
	return true;
}

/* --- step.c --- */

extern W4Action *w4_act(W4Consensus *c, W4ActionKind kind);
extern void w4_alarm(W4Consensus *c, W4Alarm alarm, const uint8_t *to, uint64_t height);
extern bool w4_may_sign(const W4Consensus *c);
extern bool w4_sign_vote(W4Consensus *c, W4Vote *vote);
extern bool w4_check_vote(W4Consensus *c, int from, const W4Vote *vote, const W4Members *set);
extern void w4_strike(W4Consensus *c, int peer, W4Drop reason);
extern void w4_malformed(W4Consensus *c, const uint8_t *from);
extern int64_t w4_timeout(const W4Consensus *c, uint32_t view);
extern void w4_arm(W4Consensus *c);
extern void w4_arm_if_work(W4Consensus *c);

/* --- outbox.c --- */

extern void w4_send_vote(W4Consensus *c, const uint8_t *to, const W4Vote *vote);
extern void w4_send_bytes(W4Consensus *c, const uint8_t *to, const W4Writer *w);
extern W4Out *w4_send(W4Consensus *c, const uint8_t *to, W4OutKind kind);
extern void w4_outbox_stamp(W4Consensus *c);
extern void w4_outbox_release(W4Consensus *c);
extern void w4_tell_decided(W4Consensus *c);

/* --- votes.c --- */

extern W4Round *w4_round(W4Tally *tally, uint32_t view);
extern uint64_t w4_ballot_for(const W4Ballot *b, const uint8_t hash[32]);
extern void w4_count_own(W4Consensus *c, const W4Vote *vote);
extern void w4_on_vote(W4Consensus *c, const uint8_t *from, W4Slice message);
extern bool w4_known_vote(void *arg, const W4Vote *vote);
extern void w4_seen(W4Consensus *c, const uint8_t *id, const W4Vote *vote);
extern void w4_advance(W4Consensus *c, uint32_t view, const uint8_t hash[32]);
extern void w4_advance_all(W4Consensus *c);

/* --- bodies.c --- */

extern const W4Block *w4_body_of(const W4Consensus *c, const uint8_t hash[32]);
extern void w4_hold_next(W4Consensus *c, const W4ProposalWire *p, const W4Block *block, W4Slice message);
extern void w4_hold_proposal(W4Consensus *c, const W4ProposalWire *p, const W4Block *block, W4Slice message);
extern bool w4_hold_bare(W4Consensus *c, W4HeldSlot slot, W4Slice block);
extern bool w4_hold_message(W4Consensus *c, W4HeldSlot slot, W4Slice message);

/* --- propose.c --- */

extern void w4_on_proposal(W4Consensus *c, const uint8_t *from, W4Slice message);
extern void w4_replay_next(W4Consensus *c);
extern void w4_try_propose(W4Consensus *c);
extern void w4_propose(W4Consensus *c, uint32_t view, const W4VcSummary *s, int n, const W4Block *again);
extern void w4_vote_prepare(W4Consensus *c);

/* --- justify.c --- */

typedef struct W4Justified
{
	W4VcSummary s[W4_MAX_MEMBERS];
	int			n;
	int			best;			/* index in s, -1 when nothing was prepared */
} W4Justified;

extern bool w4_justified(W4Consensus *c, const W4ProposalWire *p, W4Justified *out);

/* --- changes.c --- */

extern void w4_trigger_view_change(W4Consensus *c, uint32_t view);
extern void w4_on_view_change(W4Consensus *c, const uint8_t *from, W4Slice message);
extern void w4_try_new_view(W4Consensus *c);
extern void w4_ask_again(W4Consensus *c);
extern void w4_ask_nobody(W4Consensus *c);
extern void w4_holder_due(W4Consensus *c);

/* --- decide.c --- */

extern void w4_decide(W4Consensus *c, const W4Block *block, const W4Cert *cert);
extern void w4_enter_height(W4Consensus *c);
extern void w4_meet_members(W4Consensus *c);

/* --- status.c --- */

extern void w4_on_status(W4Consensus *c, const uint8_t *from, W4Slice message);
extern void w4_status_fill(const W4Consensus *c, W4Report *report);
extern void w4_status_due(W4Consensus *c);
extern void w4_suspect_due(W4Consensus *c);
extern int64_t w4_suspect_at(const W4Consensus *c);
extern void w4_status_soon(W4Consensus *c);

/* --- rejoin.c --- */

extern void w4_on_start(W4Consensus *c, const W4Start *start);
extern void w4_on_answer(W4Consensus *c, int peer, const W4Report *report);
extern void w4_force_resume(W4Consensus *c);
extern void w4_check_started(W4Consensus *c);
extern void w4_look_for_own(W4Consensus *c, const W4Cert *cert);

/* --- fetch.c --- */

extern bool w4_have_proposal(const W4Held *prop, uint32_t view, const uint8_t hash[32]);
extern void w4_want_proposal(W4Consensus *c, uint32_t view, const uint8_t hash[32]);
extern void w4_want_body(W4Consensus *c, const uint8_t hash[32]);
extern bool w4_may_give(W4Consensus *c, const uint8_t *to);
extern void w4_fetch_due(W4Consensus *c);
extern void w4_on_fetch_proposal(W4Consensus *c, const uint8_t *from, W4Slice message, uint64_t height);
extern void w4_on_fetch_body(W4Consensus *c, const uint8_t *from, W4Slice message, uint64_t height);
extern void w4_on_body(W4Consensus *c, int from, W4Slice message, uint64_t height);

/* --- catchup.c --- */

extern void w4_hint_height(W4Consensus *c, int from, uint64_t height);
extern void w4_catch_later(W4Consensus *c);
extern void w4_catch_due(W4Consensus *c);
extern void w4_on_fetch_blocks(W4Consensus *c, const uint8_t *from, W4Slice message, uint64_t height);
extern void w4_on_blocks(W4Consensus *c, int from, W4Slice message, uint64_t height);
extern void w4_on_committed(W4Consensus *c, int from, W4Slice message);
extern void w4_check_proven(W4Consensus *c);
extern void w4_take_proven(W4Consensus *c);

/* --- accuse.c --- */

extern void w4_found_votes(W4Consensus *c, const W4Vote *a, const W4Vote *b);
extern void w4_found_block(W4Consensus *c, const W4Vote *proposal, W4Slice block);
extern void w4_found_amnesia(W4Consensus *c, const W4Vote *commit, const W4VcSummary *vc);
extern void w4_found_new_view(W4Consensus *c, const W4Vote *new_view, const W4VcSummary *s, int n,
							  uint8_t culprit, const W4Cert *cert);
extern void w4_on_evidence(W4Consensus *c, int from, W4Slice message);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_STATE_H */
