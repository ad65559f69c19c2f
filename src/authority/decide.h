/*-------------------------------------------------------------------------
 *
 * decide.h
 *		The decision: twelve steps, the first failure decides.
 *
 * Identity spec 3.6, with the grant checks of lethean spec 2.3 in step 5.  All
 * reads go by one snapshot that the caller pushed; nothing is written before
 * every check has passed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_DECIDE_H
#define W4_DECIDE_H

#include "postgres.h"

#include "authority/attest.h"
#include "authority/constraint.h"
#include "authority/request.h"
#include "law/law.h"

typedef enum W4DecideMode
{
	W4_DECIDE_CHECK,			/* say what would be decided; write nothing */
	W4_DECIDE_RECORD,			/* decide, spend, record */
	W4_DECIDE_RESUME			/* decide a deferred request again: time and nonce were checked then */
} W4DecideMode;

typedef struct W4Decision
{
	/* in */
	const W4Request *request;
	Jsonb	   *attestations;
	W4DecideMode mode;
	TimestampTz now;
	const uint8_t *resumes;		/* the deferral that this ends, or NULL */
	/* gathered on the way */
	bool		authentic;		/* the requester's signature verified */
	uint8_t		log[32];		/* society whose log records this */
	const W4Law *law;
	W4LawVerdict verdict;
	W4GrantChain chain;			/* n = 0: no grant */
	W4Conditions conditions;
	const char *role;
	int64		cost;			/* effective */
	int			per_hour;		/* the law's limit of the requester in the role; 0: unlimited */
	uint8_t		limited[32];	/* what that counts; set when it is limited */
	int			link_per_hour[W4_CHAIN_MAX_DEPTH];	/* the limit of every link of the chain */
	W4Witnesses witnesses;
	/* out */
	const char *decision;		/* granted, denied, deferred, expired */
	const char *reason;			/* NULL when granted */
	const char *code;
	const char *detail;			/* for evidence and the server log */
	int32		trust_required; /* 1e-9; -1: not reached */
	int32		trust_actual;
	int64		atp_remaining;	/* micro-ATP; -1: not reached */
	int			witnesses_required;
	uint8_t		decision_id[32];
	bool		recorded;
} W4Decision;

/* Decide, and in the recording modes spend and record.  SPI connected unless mode is CHECK. */
extern void w4_decide(W4Decision *d);

/* A denial, for the steps: remembers why and returns false. */
extern bool w4_deny(W4Decision *d, const char *reason, const char *code, const char *detail);

/* Define web4.refuse_subtransactions. */
extern void w4_authority_define_settings(void);

/* Spending (spend.c) and recording (record.c). */
extern bool w4_decision_spend(W4Decision *d);
extern void w4_decision_unspend(W4Decision *d);
extern void w4_decision_record(W4Decision *d);

/* Hourly limits: is one of those that the request counts against used up?  Count a granted one (spend.c). */
extern bool w4_usage_exhausted(const W4Decision *d);
extern void w4_usage_add(const W4Decision *d, int64 evidence);

#endif							/* W4_DECIDE_H */
