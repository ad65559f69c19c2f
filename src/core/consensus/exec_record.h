/*-------------------------------------------------------------------------
 *
 * exec_record.h
 *		What the tables of the replicated state hold, and its fixed-size bytes.
 *
 * Every record has one encoding; the decoders refuse anything that the
 * executor could not have written, because snapshots come from strangers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_EXEC_RECORD_H
#define W4_CONSENSUS_EXEC_RECORD_H

#include "core/consensus/tx.h"

#pragma GCC visibility push(hidden)

/* Tables in the order in which they enter the digest and a snapshot. */
typedef enum W4StateTable
{
	W4_ST_ACCOUNT,				/* lct -> W4Account */
	W4_ST_TRANSFER,				/* id of the LOCK -> W4Transfer */
	W4_ST_DUE,					/* due_us i64be | id of the LOCK -> nothing */
	W4_ST_IDENTITY,				/* lct -> W4Identity */
	W4_ST_THOUGHT,				/* SHA-256(content) -> W4Thought */
	W4_ST_TOMBSTONE,			/* SHA-256(content) -> height u64be at which it was pruned */
	W4_ST_ANCHOR,				/* height u64be -> block hash */
	W4_NTABLES
} W4StateTable;

typedef struct W4TableShape
{
	const char *name;
	uint8_t		key_len;
	uint16_t	value_len;
} W4TableShape;

extern const W4TableShape w4_state_shapes[W4_NTABLES];

typedef struct W4Account
{
	int64_t		available;		/* >= 0, micro-ATP */
	int64_t		locked;			/* >= 0, sum of its held transfers */
	uint32_t	open_holds;		/* their number */
	W4SeqWindow seq;			/* of transactions signed with its key */
	uint8_t		home[32];		/* peer id, or zero */
	bool		custodial;		/* its home peer may sign for it: set at genesis, ends with registration */
} W4Account;

typedef enum W4TransferState
{
	W4_TRANSFER_HELD = 1,
	W4_TRANSFER_COMMITTED = 2,
	W4_TRANSFER_ROLLED_BACK = 3,
	W4_TRANSFER_EXPIRED = 4
} W4TransferState;

typedef struct W4Transfer
{
	uint8_t		from[32];
	uint8_t		to[32];
	uint8_t		to_peer[32];
	int64_t		amount;			/* > 0 */
	int64_t		expires_us;
	int64_t		due_us;			/* its key in W4_ST_DUE: expires_us while held, then when to forget it */
	uint8_t		state;			/* W4TransferState */
} W4Transfer;

/* One attempt of an author inside the rate window. */
typedef struct W4Attempt
{
	int64_t		time_us;
	uint32_t	bytes;
} W4Attempt;

/* The largest limit any parameters allow is 10 * 1.5 * 2 = 30 attempts. */
#define W4_RATE_RING 30

typedef struct W4Identity
{
	uint8_t		key[32];		/* lct = SHA-256(key) */
	uint8_t		entity_type[W4_TX_MAX_ENTITY_TYPE]; /* zero-padded */
	uint8_t		hw_level;		/* as claimed, 1 .. 5 */
	bool		attested;
	uint32_t	trust;			/* stored, ppm; see trust.h for the effective one */
	int64_t		last_active_us;
	int64_t		last_recharge_us;
	uint64_t	registered_height;
	uint32_t	accepted;		/* thoughts, ever; stops at its maximum */
	uint32_t	violations;
	uint32_t	live_thoughts;
	uint64_t	log_len;		/* trust delta log: entries and head of the hash chain */
	uint8_t		log_head[32];
	uint8_t		nattempts;
	W4Attempt	attempts[W4_RATE_RING]; /* oldest first */
} W4Identity;

typedef struct W4Thought
{
	uint8_t		author[32];
	int64_t		time_us;
	uint32_t	coherence;		/* ppm, computed */
	uint32_t	bytes;
} W4Thought;

#define W4_ACCOUNT_LEN 69
#define W4_TRANSFER_LEN 121
#define W4_IDENTITY_LEN 491
#define W4_THOUGHT_LEN 48
#define W4_DUE_KEY_LEN 40

extern void w4_account_put(uint8_t out[W4_ACCOUNT_LEN], const W4Account *a);
extern bool w4_account_get(W4Account *a, const uint8_t in[W4_ACCOUNT_LEN]);
extern void w4_transfer_put(uint8_t out[W4_TRANSFER_LEN], const W4Transfer *t);
extern bool w4_transfer_get(W4Transfer *t, const uint8_t in[W4_TRANSFER_LEN]);
extern void w4_identity_put(uint8_t out[W4_IDENTITY_LEN], const W4Identity *i);
extern bool w4_identity_get(W4Identity *i, const uint8_t in[W4_IDENTITY_LEN]);
extern void w4_thought_put(uint8_t out[W4_THOUGHT_LEN], const W4Thought *t);
extern bool w4_thought_get(W4Thought *t, const uint8_t in[W4_THOUGHT_LEN]);

extern void w4_due_key(uint8_t out[W4_DUE_KEY_LEN], int64_t due_us, const uint8_t id[32]);

/* Is this an entry that the executor could have written into this table? */
extern bool w4_record_ok(W4StateTable table, const uint8_t *key, const uint8_t *value);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_EXEC_RECORD_H */
