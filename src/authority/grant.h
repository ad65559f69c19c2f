/*-------------------------------------------------------------------------
 *
 * grant.h
 *		Registered consent tokens: loading, judging, spending, returning.
 *
 * Signatures of a chain are verified once, when it is registered; each use
 * checks windows, revocation, standing of every issuer, conditions and budget.
 * Lock order: links root first, then the requester in a role that the law
 * limits (spend.c), then accounts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_GRANT_H
#define W4_GRANT_H

#include "postgres.h"

#include "core/chain.h"
#include "datatype/timestamp.h"

typedef struct W4Grant
{
	uint8_t		hash[32];
	bool		has_parent;
	uint8_t		parent[32];
	uint8_t		issuer[32];
	uint8_t		subject[32];
	uint8_t		society[32];
	int			level;
	TimestampTz issued_at;
	TimestampTz expires_at;
	TimestampTz registered_at;
	char		role[64];
	bool		has_budget;
	int			depth;
	W4Consent	token;			/* decoded; borrows from memory of the current context */
	/* state */
	int64		budget;
	int64		escrow;
	int64		max_actions;	/* INT64_MAX: unlimited */
	int64		actions;
	bool		revoked;
	bool		closed;
} W4Grant;

/* A chain as presented: link[0] is the grant in use, link[n - 1] the root. */
typedef struct W4GrantChain
{
	int			n;
	W4Grant    *link[W4_CHAIN_MAX_DEPTH];
} W4GrantChain;

/* Load one grant; false when it is not registered. */
extern bool w4_grant_load(const uint8_t hash[32], W4Grant *out);

/* Load it and its ancestors; false when it is not registered. */
extern bool w4_grant_load_chain(const uint8_t hash[32], W4GrantChain *chain);

/*
 * Is every link alive at "now": inside its window, not revoked, issuer active
 * and its key not compromised?  Returns NULL, or a static text and the
 * protocol code of what is wrong.
 */
extern const char *w4_grant_chain_alive(const W4GrantChain *chain, TimestampTz now, const char **code);

/* A live refusal between requester and any issuer (or society) that matches?  Lethean spec 2.5. */
extern bool w4_grant_refused(const uint8_t requester[32], const W4GrantChain *chain, const uint8_t society[32],
							 W4Slice action, W4Slice resource, TimestampTz now);

/*
 * Hold every link, root first, and look again whether one was revoked: FOR
 * SHARE, or alone when its uses are counted by the hour ("per_hour", one of
 * each link; NULL: none is).  The leaf is left out when "skip_leaf" (its guarded
 * UPDATE follows).  SPI connected.
 */
extern bool w4_grant_lock_chain(const W4GrantChain *chain, const int *per_hour, bool skip_leaf);

/*
 * Count one action and take "cost" out of the escrow, guarded.  False: over
 * budget, out of actions or revoked meanwhile; nothing changed.  SPI connected.
 */
extern bool w4_grant_spend(const uint8_t hash[32], int64 cost, int64 *escrow_after);

/* Undo a w4_grant_spend of this transaction. */
extern void w4_grant_unspend(const uint8_t hash[32], int64 cost);

/* The grant's own "max_per_hour", which also holds for what is done under its children; 0: none. */
extern int	w4_grant_per_hour(const W4Grant *grant);

#endif							/* W4_GRANT_H */
