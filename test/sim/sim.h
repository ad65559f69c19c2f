/*-------------------------------------------------------------------------
 *
 * sim.h
 *		A deterministic world for the consensus core.
 *
 * Virtual time, one event heap, one random stream: a seed and a commit are a
 * run.  Nodes run the production code of src/core/consensus; clock, network,
 * disk and signatures are stand-ins.  Each run has two phases: in the first
 * anything may fail and nothing may go wrong; then the world heals and the
 * honest peers must move on within a bound.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4SIM_SIM_H
#define W4SIM_SIM_H

#include <stdio.h>
#include <stdlib.h>

#include "core/consensus/consensus.h"
#include "core/consensus/mutant.h"
#include "core/consensus/sync.h"
#include "app.h"
#include "rng.h"

#define MAX_IDS 16				/* members, present and to come */
#define MAX_NODES (2 * MAX_IDS)	/* an identity may run twice */
#define MAX_HEIGHT 512
#define MAX_BLOCK 8192
#define PENDING_WRITES 4
#define MESSAGE_CAP (64 * 1024)

#define US_PER_MS 1000
#define US_PER_S 1000000

#define GENESIS_TIME (US_PER_S / 2)

/* --- what may go wrong in a run --- */

typedef enum Villainy
{
	HONEST,
	TWINS,						/* honest code twice with one key (F26) */
	EQUIVOCATOR,				/* two proposals (F14) */
	DOUBLE_VOTER,				/* two votes (F15) */
	WITHHOLDER,					/* tells only some, gives nothing (F16) */
	FORGETFUL,					/* denies what it prepared (F17) */
	WILFUL,						/* NEW-VIEW ignores what was prepared (F18) */
	GARBLER,					/* changed bytes, bad signatures (F19, F20) */
	USURPER,					/* NEW-VIEW without a quorum behind it */
	FORGER,						/* VIEW-CHANGE with a forged certificate (F17) */
	STALE,						/* VIEW-CHANGE with what it prepared first, not last (F17) */
	STRAY,						/* VIEW-CHANGE with the certificate of another height and set (F17) */
	FRAMER,						/* evidence in its blocks that proves nothing, or was committed */
	SLANDERER,					/* accuses honest peers */
	SCRAWLER,					/* signs so that nothing verifies (F20) */
	HOARDER,					/* shows a certificate whose block it keeps (F37) */
	ALTERER,					/* passes proposals on with another block (F38) */
	MUTE						/* says nothing */
} Villainy;

/* What is found damaged when a peer starts (F11). */
typedef enum Damage
{
	UNDAMAGED,
	DAMAGED_RECORD,
	DAMAGED_PROPOSAL,			/* beside the record */
	DAMAGED_BODY,
	DAMAGED_BLOCK,				/* the newest of the chain: the database is void */
	DAMAGED_LOG,				/* of signatures: as good as lost */
	DAMAGES
} Damage;

/* What is put back from a backup (F25). */
typedef enum SetBack
{
	LOG_KEPT,					/* the database only */
	LOG_LOST,
	LOG_SET_BACK				/* both, as a snapshot of the machine does */
} SetBack;

typedef struct Faults
{
	uint32_t	loss;			/* ppm of messages */
	uint32_t	duplicate;
	uint32_t	slow;			/* messages that take up to slow_max */
	int64_t		delay_min;
	int64_t		delay_max;
	int64_t		slow_max;
	uint32_t	crash_at_action;	/* ppm: between any two actions */
	uint32_t	crash_random;	/* ppm a 100 ms and node */
	uint32_t	lose_tail;		/* ppm: at a crash, writes that were under way did happen */
	uint32_t	pause;			/* ppm a 100 ms and node */
	uint32_t	partition;		/* ppm a 100 ms */
	uint32_t	clog;			/* ppm a 100 ms: one path stands still */
	int64_t		partition_max;
	int64_t		down_max;
	int64_t		disk_max;		/* slowest write; 0: at once */
	int64_t		skew_max;		/* of wall clocks */
	uint32_t	restore;		/* ppm a crash: an old backup is put back */
	uint32_t	damage;			/* ppm a crash: bits have flipped */
	uint32_t	disk_full;		/* ppm a 100 ms and node: no write works for a while */
	bool		idle_gaps;		/* the client pauses now and then */
	int			changes;		/* membership changes on the way */
} Faults;

/* A membership change: transaction "tx" proposes it, the next one brings the others' votes. */
typedef struct Change
{
	uint64_t	tx;
	W4MotionKind kind;
	int			identity;
	bool		agreed;			/* by all; else one vote is missing */
	uint64_t	life;			/* heights until it expires */
} Change;

/* What a peer says of another without proof; a transaction, known to all. */
typedef struct Accused
{
	uint8_t		accuser;
	uint8_t		accused;
	uint8_t		class;
	uint64_t	number;			/* among all transactions, for the real state machine */
} Accused;

#define MAX_ACCUSATIONS 256

#define MAX_CHANGES 3

/* --- the world --- */

typedef struct Message
{
	struct Message *next_free;
	int			refs;
	size_t		len;
	uint8_t		bytes[MESSAGE_CAP];
} Message;

typedef enum EventKind
{
	EVENT_DELIVER,
	EVENT_TIMER,
	EVENT_WRITTEN,
	EVENT_RESTART,
	EVENT_RESUME,
	EVENT_NEMESIS,
	EVENT_CLIENT,
	EVENT_GOSSIP,
	EVENT_SYNC
} EventKind;

typedef struct Event
{
	int64_t		at;
	EventKind	kind;
	int			node;
	int			from;			/* DELIVER: sending node */
	uint64_t	life;			/* of the node when it was made */
	Message    *message;
} Event;

/* What is ordered: 16 bytes, so that the four children of one lie side by side. */
typedef struct EventKey
{
	int64_t		at;
	uint32_t	seq;			/* in order of making, at one time */
	uint32_t	slot;
} EventKey;

typedef struct Events
{
	int			n;
	uint32_t	seq;
	EventKey   *heap;
	uint32_t   *vacant;			/* slots, the first n are in use */
	Event	   *slot;
} Events;

/* A decided block as some honest or lying node holds it. */
typedef struct Stored
{
	int			sibling;		/* another block for the same height, -1 for none */
	bool		judged;			/* "digest" is set: the state after it */
	uint8_t		digest[32];
	uint64_t	height;
	uint8_t		hash[32];
	uint16_t	len;
	uint8_t		wire[MAX_BLOCK];
} Stored;

typedef struct Link
{
	int			block;			/* index into world's blocks */
	bool		touched;		/* it did more than move these numbers on */
	uint64_t	next_tx;		/* after this block */
	uint64_t	next_accusation;
	uint8_t		digest[32];
	W4Cert		cert;
} Link;

/* What a node has on disk. */
typedef struct Disk
{
	bool		ever;			/* has been written */
	uint64_t	height;			/* of the chain stored */
	W4Tip		tip;
	W4Record	record;
	size_t		proposal_len;
	size_t		body_len;
	uint8_t		proposal[MESSAGE_CAP / 2];
	uint8_t		body[MAX_BLOCK];
	bool		log_ever;
	W4Position	log;
} Disk;

typedef struct Write
{
	uint64_t	token;
	unsigned	parts;
	bool		has_signed;
	uint64_t	height;
	W4Tip		tip;
	W4Record	record;
	size_t		proposal_len;
	size_t		body_len;
	uint8_t		proposal[MESSAGE_CAP / 2];
	uint8_t		body[MAX_BLOCK];
} Write;

typedef struct Node
{
	int			index;
	int			identity;
	Villainy	villainy;
	bool		exists;
	bool		up;
	bool		paused;
	int64_t		resume_at;
	uint64_t	life;			/* events of earlier lives are void */
	int64_t		skew;
	W4Consensus *core;
	void	   *memory;

	/* the database, volatile part: what apply has done in this life */
	uint64_t	height;
	uint64_t	base;			/* joined by a snapshot of this height: no blocks up to it */
	W4Tip		joined;			/* with this tip */
	Link		chain[MAX_HEIGHT + 1];
	Disk		disk;
	Disk		backup;
	bool		restored;		/* was set back to a backup, or lost a part of its disk */
	Damage		damage;			/* to be found at the next start */
	int64_t		disk_full_until;
	bool		late;			/* waits for a script to start it */
	uint64_t	voted;			/* highest height at which it sent a vote */
	uint64_t	forgot_until;	/* may have voted up to this height and not know it */

	Write		pending[PENDING_WRITES];	/* a ring */
	int			pending_at;		/* the oldest */
	int			pending_n;
	int64_t		timer_at;
	int64_t		timer_queued;
	bool		told_work;
	uint64_t	reported;		/* highest height shown to clients: told by DECIDED, or found at the start */
	uint64_t	salt;
	App			app;
	uint8_t		items[2048 + EVIDENCE_CAP];

	/* evidence not yet in a block, in a table of its own */
	int			pool_n;
	Proof		pool[MAX_POOL];
	bool		gossiping;
} Node;

typedef struct World World;

/* A scenario with a name (scripts.c). */
typedef struct Script
{
	const char *name;
	const char *what;
	int			least;			/* members it takes */
	int			heights;		/* unless told otherwise */
	Villainy	villainy;
	Villainy	or_else[3];		/* as the seed says, as many as are not HONEST */
	int			villains;
	int			faulty;			/* honest peers that it makes faulty: no room for as many liars */
	int			changes;
	bool		late;			/* who is added starts when the script says so */
	void		(*setup) (World *w);
	void		(*nemesis) (World *w);	/* every 100 ms */
	bool		(*hides) (const World *w, const Node *from, const Message *m);
	const char *(*verdict) (const World *w);	/* what did not come about; NULL: all did */
} Script;

struct World
{
	uint64_t	seed;
	Rng			rng;
	int64_t		now;
	int			n;				/* genesis members */
	int			nodes;
	int			heights;		/* wanted */
	Faults		faults;
	bool		healed;
	bool		full;			/* the real state machine runs */
	int64_t		checkpoint_every;
	bool		joins;			/* somebody comes later, by a snapshot */
	uint8_t		chain_id[32];
	W4Members	genesis;
	W4Config	config;
	size_t		core_size;
	Node		node[MAX_NODES];
	int			twin_of[MAX_NODES];
	int			liars;			/* identities that lie, or were set back */
	bool		beyond;			/* more than f liars: forks may be, but must name them */
	bool		tainted[MAX_IDS];	/* identities that may be convicted: not honest */

	Events		events;
	Message    *free_messages;

	/* network */
	bool		cut[MAX_NODES][MAX_NODES];	/* from, to */
	int64_t		cut_until;
	int64_t		clog_until[MAX_NODES][MAX_NODES];

	Change		change[MAX_CHANGES];
	int			accusations;
	Accused		accusation[MAX_ACCUSATIONS];

	/* genuine prepared certificates, for villains: the first of a height, the one before, the first of all */
	W4Cert		first_prepared;
	W4Cert		old_prepared;
	W4Cert		oldest_prepared;

	/* the newest proposal that anybody sent, for villains */
	uint64_t	proposed_height;
	size_t		proposed_len;
	uint8_t		proposed[MAX_BLOCK];

	/* client */
	uint64_t	submitted;		/* transactions 1..submitted exist */
	uint64_t	done;			/* 1..done are in durable blocks */

	/* truth */
	Stored	   *blocks;
	int			blocks_n;
	int			stored_at[MAX_HEIGHT + 1];	/* newest block stored for a height, -1 for none */
	int			canonical[MAX_HEIGHT + 1];	/* block shown at a height, -1 for none yet */
	uint64_t	decided;		/* highest canonical height */

	/* of the script */
	const Script *script;
	bool		amid_faults;	/* the swarm may keep it from coming about */
	int			stage;
	uint64_t	hidden;			/* F17, F18: nobody hears the COMMITs of this height */
	uint64_t	two_faced;		/* F14: height of which the halves see two proposals */
	uint64_t	set_back_at;	/* F25: height that was lost */
	uint64_t	wilful_height;	/* F18: no honest peer may PREPARE this there */
	uint32_t	wilful_view;
	uint8_t		wilful[32];

	/* what happened */
	uint64_t	crashes;
	uint64_t	pauses;
	uint64_t	disk_refusals;
	uint64_t	damages;
	uint64_t	damaged[DAMAGES];
	uint64_t	forgeries;
	uint64_t	hoarded;		/* F37: times a certificate was shown without its block */
	uint32_t	top_view;		/* in which a block was decided */
	uint64_t	counts[32];		/* messages sent by kind */
	uint64_t	steps;
	uint64_t	false_chunks;	/* that liars served */
	uint64_t	sync_strikes[W4_SYNC_DROP_REASONS];
	uint64_t	ran[W4_TX_PEER_LEAVE + 1];	/* transactions executed well, at all nodes, by kind */
	uint64_t	convictions;	/* actions EVIDENCE against the guilty */
	uint64_t	committed[W4_BAD_NEW_VIEW + 1];	/* evidence in blocks, by form */
	uint64_t	strikes;		/* that the chain counts */
	uint64_t	accused_strikes;	/* of those, by accusation */
	uint64_t	ejected;
	uint64_t	changed;		/* changes of members that came to power */
	uint64_t	out[MAX_IDS];	/* first height without this one, after three strikes */
	uint64_t	alarms[W4_ALARM_RESUMED + 1];	/* that honest peers raised */
	bool		convicted[MAX_IDS];
	const char *failure;		/* what went wrong, NULL while all is well */
	uint64_t	failure_height;
	int			failure_node;
	bool		verbose;
	W4Actions	actions;
};

/* world.c */
extern World *world_new(void);
extern void world_run(World *w, uint64_t seed, int n, int heights, const Faults *faults, const Villainy *villains, int villains_n,
					  const Script *script);
extern bool world_goal(const World *w);
extern bool world_forked(World *w);
extern uint64_t world_verified(const World *w);
extern void world_fail(World *w, const char *what, int node, uint64_t height);
extern Message *message_new(World *w);
extern void message_drop(World *w, Message *m);

/* events.c */
extern void events_init(Events *q);
extern void events_clear(World *w);
extern void event_push(World *w, Event e);
extern Event event_pop(World *w);

/* app.c */
extern void app_genesis(const World *w, App *app);
extern const W4Members *app_members(const App *app, uint64_t height);
extern bool app_convicts(World *w, const Node *node, const App *app, const W4Tip *tip, W4Slice evidence, W4Conviction *out);
extern W4Verdict app_judge(World *w, const Node *node, const App *app, const W4Tip *tip, const W4Block *block);
extern bool app_work(const World *w, const Node *node);
extern bool app_build(World *w, Node *node, bool must, W4Slice *txs, W4Slice *evidence);
extern bool app_apply(World *w, const Node *node, App *app, const W4Tip *tip, const W4Block *block, W4Applied *out);
extern void app_rebuild(World *w, const Node *node, App *app, uint64_t height);
extern void app_genesis_tip(const World *w, const App *app, W4Tip *tip);
extern bool app_known(const App *app, const W4Conviction *k);
extern void app_block_at(const World *w, const Node *node, uint64_t height, W4Block *out);

/* ledger.c */
extern void ledger_init(const World *w, App *app);
extern void ledger_genesis(const World *w, App *app);
extern bool ledger_known(const App *app, const W4Conviction *k);
extern bool ledger_build(World *w, Node *node, bool must, W4Slice *txs, W4Slice *evidence);
extern void ledger_apply(World *w, const Node *node, App *app, const W4Tip *tip, const W4Block *block, W4Applied *out);
extern void ledger_audit(World *w, const Node *node);
extern void ledger_rebuild(World *w, const Node *node, App *app, uint64_t height);

/* join.c */
extern void join_reset(void);
extern void join_keep(const World *w, const Node *node, const App *app, const W4Tip *before, const W4Block *block, const W4Applied *applied);
extern bool join_load(const World *w, const Node *node, App *app);
extern void join_begin(World *w, Node *node);
extern bool join_under_way(const Node *node);
extern void join_message(World *w, Node *node, int from, W4Slice message);
extern void join_timer(World *w, Node *node, int64_t at);

/* changes.c */
extern void changes_draw(World *w, int liars);
extern bool changes_run(const World *w, W4Roster *roster, const W4Members *set, uint64_t tx, uint64_t height);

/* pool.c */
extern bool same_offence(const W4Conviction *a, const W4Conviction *b);
extern void pool_add(World *w, Node *node, const W4Conviction *k, W4Slice evidence);
extern void pool_heard(World *w, Node *node, const uint8_t *bytes, size_t len);
extern void pool_put(const Node *node, W4Writer *out);
extern void pool_prune(Node *node);
extern void pool_gossip(World *w, Node *node);
extern void pool_accuse(World *w, const Node *node, const uint8_t accused[32]);
extern void accuse(World *w, int accuser, int accused);

/* scripts.c */
extern const Script *script_find(const char *name);
extern void scripts_print(FILE *to);
extern int	script_villains(const Script *s, uint64_t seed, int n, Villainy *out, int drawn);

/* disk.c */
extern void disk_write(World *w, Node *node, const W4Persist *p);
extern void disk_written(World *w, Node *node);
extern bool disk_full(const World *w, const Node *node);
extern void disk_settle(World *w, Node *node);
extern void disk_hurt(World *w, Node *node);
extern void disk_read(World *w, Node *node, W4Start *start);
extern void node_set_back(World *w, Node *node, SetBack how);

/* node.c */
extern void node_init(World *w, int index, int identity, Villainy villainy);
extern void node_start(World *w, Node *node, bool fresh);
extern void node_crash(World *w, Node *node, int64_t down_for);
extern void node_step(World *w, Node *node, const W4Event *event);
extern void node_tell_work(World *w, Node *node);

/* net.c */
extern void net_send(World *w, Node *from, const W4Action *a);
extern void net_send_blocks(World *w, Node *from, const W4Action *a);
extern void net_queue(World *w, Node *from, int to, Message *m);

/* villain.c */
extern bool villain_sends(World *w, Node *from, int to, Message *m);
extern bool villain_needs_loss(const World *w, const Node *node, uint64_t height);
extern void villains_overhear(World *w, const Node *from, const Message *m);
extern void villain_evidence(World *w, Node *node, W4Writer *out);

/* check.c */
extern void check_reset(World *w);
extern void check_decided(World *w, Node *node, const W4Block *block, const W4Cert *cert, const W4Tip *before);
extern void check_applied(World *w, Node *node, const W4Block *block, const W4Cert *cert, const W4Tip *before, const W4Applied *applied);
extern void check_durable(World *w, Node *node, uint64_t height);
extern void check_sent(World *w, Node *node, const uint8_t *bytes, size_t len);
extern void check_remembered(const Node *node);
extern void check_delivered(World *w, const Node *node, int identity, const uint8_t *bytes, size_t len);
extern void check_evidence(World *w, const Node *node, const W4Conviction *c);
extern void check_accused(World *w, const Node *node, int identity);
extern void check_alarm(World *w, const Node *node, const W4Action *a);
extern const W4Members *check_members(World *w, uint64_t height);
extern void check_told(World *w, Node *node, uint64_t first, uint64_t last);
extern void check_kept(World *w, Node *node);
extern void check_node(World *w, Node *node);

/* book.c */
extern void book_reset(void);
extern void book_keep(void);
extern void book_undo(void);
extern void book_block(World *w, const W4Block *block, const W4Cert *cert, const W4Tip *before);
extern void book_members(World *w, uint64_t height, const W4Members *now, const W4Members *next, const W4Members *after);

/* heard.c */
extern void heard_reset(void);
extern void heard_message(World *w, const uint8_t *bytes, size_t len);
extern void heard_cert(World *w, W4VoteKind kind, const W4Cert *cert);
extern uint64_t heard_guilty(uint64_t height);

/* faults.c */
extern void faults_draw(Faults *f, Rng *rng, int n);
extern void faults_nemesis(World *w);
extern void faults_heal(World *w);
extern void faults_cut_off(World *w, int node, int64_t how_long);

/* fake.c: signatures that only this model cannot forge */
extern const W4Suite fake_suite;
extern void keys_are_real(void);
extern void member_id(uint8_t id[32], int identity);
extern void identity_key(uint8_t key[32], int identity);
extern void member_key(uint8_t key[32], int identity, int version);
extern int	member_key_version(const uint8_t key[32], int identity);
extern void fake_sign(uint8_t signature[64], const void *message, size_t len, const uint8_t key[32]);

#endif							/* W4SIM_SIM_H */
