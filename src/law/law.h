/*-------------------------------------------------------------------------
 *
 * law.h
 *		What a society's law says about an action: one evaluation function.
 *
 * Law is an immutable, hashed text; it is compiled once per backend and kept
 * by society.  Unknown, malformed or missing means deny.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_LAW_H
#define W4_LAW_H

#include "postgres.h"

#include "core/bytes.h"
#include "core/json.h"

#define W4_LAW_MAX_RULES 512
#define W4_LAW_MAX_PATTERNS 256
#define W4_LAW_VERSION_MAX 32

/* Limits of the law as a whole; each has a default (law/compile.c). */
typedef struct W4LawLimits
{
	int32		witness_floor;	/* below this trust one witness is needed, if the threshold > 0; 1e-9 */
	int64		max_cost;		/* micro-ATP per action */
	int			grant_per_hour; /* granted actions under a root grant and its children; 0: unlimited */
	int			decision_ttl;	/* seconds in which a granted decision may be redeemed */
	int			defer_ttl;		/* seconds that a deferred request waits for witnesses */
	int			max_chain;		/* tokens in a delegation chain, root included */
	int			max_children;	/* grants that may be registered under one parent, dead ones included */
} W4LawLimits;

typedef struct W4ActionRule
{
	W4Slice		action;			/* intent pattern, bare wildcards allowed */
	int32		threshold;		/* trust needed; 1e-9 */
	int64		min_cost;		/* micro-ATP */
	int64		max_cost;
	int			witnesses;
	int			level;			/* consent level that a grant needs, 1..4 */
} W4ActionRule;

typedef struct W4RoleRule
{
	W4Slice		role;
	int			nallow;
	W4Slice    *allow;			/* intent patterns */
	int			ndeny;
	W4Slice    *deny;
	int			nresources;
	W4Slice    *resources;		/* resource patterns; default: everything */
	int32		threshold;
	int64		max_cost;
	int			per_hour;		/* granted actions of a requester in the role, under grants or not; 0: unlimited */
} W4RoleRule;

typedef struct W4Law
{
	char		version[W4_LAW_VERSION_MAX + 1];
	uint8_t		hash[32];
	W4LawLimits limits;
	int			nactions;
	W4ActionRule *actions;
	int			nroles;
	W4RoleRule *roles;
} W4Law;

typedef struct W4LawVerdict
{
	bool		allowed;		/* the role may do this action on this resource */
	bool		forbidden;		/* ... because a deny rule says so */
	const char *reason;			/* static text when not allowed */
	int32		threshold;		/* trust needed; 1e-9 */
	int			witnesses;		/* needed whatever the trust */
	int64		min_cost;		/* effective cost = max(request's, this) */
	int64		max_cost;
	int			level;			/* consent level that a grant must have */
	int			per_hour;
} W4LawVerdict;

/*
 * Compile law text (the bytes must be W4C; raises W4L01 otherwise).  All
 * memory comes from the current context, text included.
 */
extern W4Law *w4_law_compile(const char *law, size_t len);

/* The law in force (built-in default when none was published).  Lives until the backend learns of a newer one. */
extern const W4Law *w4_law_current(const uint8_t society[32]);

/*
 * The newest version by the active snapshot, straight from the table: its
 * number, hash and version (palloc'd).  0: none was published.
 */
extern int	w4_law_newest(const uint8_t society[32], uint8_t hash[32], char **version);

/* Forget what this transaction made us believe (called when it publishes). */
extern void w4_law_forget(void);

/* Every rule that applies to role, action and resource, folded fail-closed. */
extern void w4_law_evaluate(const W4Law *law, const char *role, W4Slice action, W4Slice resource,
							W4LawVerdict *verdict);

/* May a holder of the role hand out grants for this pattern (core/pattern.h)? */
extern bool w4_law_role_covers(const W4Law *law, const char *role, W4Slice intent, W4Slice resource);

#endif							/* W4_LAW_H */
