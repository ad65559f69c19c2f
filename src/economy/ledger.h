/*-------------------------------------------------------------------------
 *
 * ledger.h
 *		What the files of the economy room share.
 *
 * An act of the economy goes: check the parties and the amount, work out who
 * pays what, append the evidence leaf, change the balances (accounts in
 * ascending order), post the journal.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_LEDGER_H
#define W4_LEDGER_H

#include "postgres.h"

#include "core/atp_tx.h"
#include "core/decimal.h"
#include "core/json.h"
#include "datatype/timestamp.h"
#include "economy/economy.h"
#include "fmgr.h"
#include "host/compat.h"
#include "host/role.h"

/* Bounds: a society's whole supply fits an int8 with room to spare, and so does every sum of balances. */
#define W4_MAX_SUPPLY (INT64CONST(1) << 62)
#define W4_MAX_REF W4_ATP_TX_MAX_REF

/* --- policy.c --- */

typedef enum W4FeeBearer
{
	W4_BEARER_SENDER,
	W4_BEARER_RECEIVER,
	W4_BEARER_SPLIT
} W4FeeBearer;

typedef struct W4EconomyPolicy
{
	int64		fee_ppb;
	W4FeeBearer bearer;
	int64		max_balance;	/* 0: none */
	bool		return_overflow;	/* else a transfer over the limit is refused */
	int64		max_mint;
} W4EconomyPolicy;

/* Index read under the active snapshot. */
extern void w4_economy_policy(const uint8_t society[32], W4EconomyPolicy *policy);
extern bool w4_fee_bearer(const char *name, W4FeeBearer *bearer);

/* --- fee.c --- */

typedef struct W4Fees
{
	int64		fee;			/* what the pool gets */
	int64		need;			/* what the sender must have: amount and his share of the fee */
	int64		due;			/* what the receiver should get: amount less his share */
	int64		credited;		/* what fits under his limit */
	int64		overflow;		/* the rest, which stays with the sender */
} W4Fees;

/* room: what the receiver may still take (PG_INT64_MAX without a limit).  False on overflow of the arithmetic. */
extern bool w4_fees(int64 amount, int64 fee_ppb, W4FeeBearer bearer, int64 room, W4Fees *out);

/* What an account of this total may still take under the limit (0: none). */
extern int64 w4_room(int64 max_balance, int64 total);

/* --- account.c --- */

typedef struct W4Account
{
	int64		available;
	int64		locked;
	int64		discharged;
	bool		frozen;
} W4Account;

/* Index read under the active snapshot; false, and zeros, without an account. */
extern bool w4_account_get(const uint8_t society[32], const uint8_t entity[32], W4Account *out);

/* As w4_account_debit, but takes "net" of an account that must have "need". */
extern bool w4_account_take(const uint8_t society[32], const uint8_t entity[32], int64 need, int64 net,
							int64 discharged, int64 *available_after);

/* Raise W4E01 or W4E07: why could not "need" be taken? */
extern void w4_account_refuse(const uint8_t society[32], const uint8_t entity[32], int64 need) pg_attribute_noreturn();

/* Open the account if need be, lock it until the end of the transaction, read it. */
extern void w4_account_lock(const uint8_t society[32], const uint8_t entity[32], W4Account *out);

/*
 * What the account, which the caller has locked, may still take under the limit
 * (0: none).  What is locked counts as the entity's, and what waits in the escrow
 * of grants that it funds: it comes back whatever the limit.  SPI connected.
 */
extern int64 w4_account_room(const uint8_t society[32], const uint8_t entity[32], const W4Account *account,
							 int64 max_balance);

/* --- party.c --- */

/* ERROR unless the society exists and is itself active. */
extern void w4_require_acting_society(const uint8_t society[32]);

/* ERROR unless an active entity and a citizen of the society; "what" says which party. */
extern void w4_require_party(const uint8_t society[32], const uint8_t entity[32], const char *what);

/* ERROR W4E02 unless 0 < amount <= 2^32 ATP. */
extern void w4_require_amount(int64 amount);

/* ERROR W4F09 / W4F05 unless a reference of acceptable length in UTF-8. */
extern void w4_require_ref(W4Slice ref);

/* --- record.c: the evidence of an act --- */

typedef struct W4Party
{
	const uint8_t *lct;			/* or NULL: */
	const char *place;			/* "pool", "supply", "locked" */
} W4Party;

typedef struct W4LedgerAct
{
	const char *type;			/* transfer, mint, lock, ... */
	const uint8_t *society;
	const uint8_t *actor;
	W4Party		from;
	W4Party		to;
	int64		amount;
	int64		credited;
	int64		fee;
	int64		overflow;
	const uint8_t *lock;		/* 16 bytes or NULL */
	TimestampTz expires_at;		/* of a new lock; 0: not one */
	const char *note;			/* purpose of a lock, reason of a freeze; may be NULL */
	W4Slice		ref;
	const char *vouched_by;		/* database role that acts for the actor, NULL when signed */
	/* of a signed transaction */
	W4Slice		nonce;
	W4Slice		document;
	W4Slice		signature;
} W4LedgerAct;

/* Append the leaf; returns its id, or raises W4E04 when the nonce was used before. */
extern int64 w4_ledger_record(const W4LedgerAct *act);

/* --- transfer.c --- */

typedef struct W4Transfer
{
	const uint8_t *society;
	const uint8_t *sender;
	const uint8_t *receiver;
	int64		amount;
	W4Slice		ref;
	const char *vouched_by;
	W4Slice		nonce;
	W4Slice		document;
	W4Slice		signature;
	/* results */
	W4Fees		fees;
	int64		available;		/* of the sender, afterwards */
	int64		evidence;
} W4Transfer;

/* ERROR unless these two may exchange this amount. */
extern void w4_require_transfer(const uint8_t society[32], const uint8_t sender[32], const uint8_t receiver[32],
								int64 amount);

/* After w4_require_transfer(); SPI connected. */
extern void w4_transfer(W4Transfer *transfer, const W4EconomyPolicy *policy);

/* A row of web4_movement. */
extern Datum w4_movement(FunctionCallInfo fcinfo, int64 evidence, const W4Fees *fees, const int64 *available);

/* --- pool.c --- */

/*
 * Lock a bucket ('d' ADP or 'p' ATP), settle what came in and take "amount"
 * out (0: only settle).  ERROR W4E01 when it holds less.
 */
extern void w4_pool_take(const uint8_t society[32], W4Place bucket, int64 amount);

#endif							/* W4_LEDGER_H */
