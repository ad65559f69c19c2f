/*-------------------------------------------------------------------------
 *
 * law.h
 *		What a society's law says about an action: one evaluation function.
 *
 * Law is an immutable, hashed text; it is compiled once per backend and kept by
 * hash.  Unknown, malformed or missing means deny.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_LAW_H
#define W4_LAW_H

#include "postgres.h"

#include "core/bytes.h"

typedef struct W4Law W4Law;		/* compiled, immutable, lives as long as the backend */

typedef struct W4LawVerdict
{
	bool		allowed;		/* role may do this action on this resource */
	const char *reason;			/* static text when not */
	const char *norm;			/* which rule, for DETAIL and evidence; may be NULL */
	int32_t		trust_threshold;	/* 1e-9 */
	int32_t		witness_floor;	/* below this trust one witness is needed, if the action's threshold > 0 */
	int			witnesses;		/* needed whatever the trust */
	int64		min_cost;		/* micro-ATP; effective cost = max(request, this) */
	int64		max_cost;		/* micro-ATP per action */
	int			required_level;	/* consent level a grant must have, 1..4 */
	int			max_per_hour;	/* granted actions of a requester in this role; 0: unlimited */
	int			grant_per_hour;	/* granted actions under one grant; 0: unlimited */
	int			decision_ttl;	/* seconds in which a granted decision may be redeemed */
	int			defer_ttl;		/* seconds that a deferred request waits for witnesses */
} W4LawVerdict;

/* The law in force for the society (built-in default when none was published). */
extern const W4Law *w4_law_current(const uint8_t society[32]);
extern const char *w4_law_version(const W4Law *law);
extern const uint8_t *w4_law_hash(const W4Law *law);	/* 32 bytes */

/* Every rule that applies to role, action and resource, folded fail-closed. */
extern void w4_law_evaluate(const W4Law *law, const char *role, W4Slice action, W4Slice resource, W4LawVerdict *verdict);

/* May a holder of the role hand out grants for this pattern? Patterns as in core/pattern.h. */
extern bool w4_law_role_covers(const W4Law *law, const char *role, W4Slice intent, W4Slice resource);

/* Deepest delegation chain that the law allows (tokens, root included). */
extern int	w4_law_max_chain(const W4Law *law);

#endif							/* W4_LAW_H */
