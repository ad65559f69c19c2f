/*-------------------------------------------------------------------------
 *
 * constraint.h
 *		The closed set of conditions that a grant may carry.
 *
 * A token with any other key is not registered, so an unknown condition can
 * never be ignored.  Numbers: ATP as decimals, trust in parts per million,
 * everything else whole.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSTRAINT_H
#define W4_CONSTRAINT_H

#include "postgres.h"

#include "core/consent.h"
#include "trust/trust.h"

typedef struct W4Conditions
{
	bool		has_society;
	uint8_t		society[32];
	char		role[64];		/* "citizen" by default */
	int64		max_atp;		/* micro-ATP, 0: no budget */
	int64		max_atp_per_action; /* micro-ATP, INT64_MAX: none */
	int64		max_actions;	/* INT64_MAX: unlimited */
	int			max_per_hour;	/* 0: none of its own */
	int			witnesses;
	int32		trust_min;		/* 1e-9 */
	W4Tensor	t3_min;
	W4Tensor	v3_min;
} W4Conditions;

/* Read a token's constraints.  Returns NULL, or what is wrong; *key names the line. */
extern const char *w4_conditions_read(const W4Consent *token, W4Conditions *out, W4Slice *key);

/* Does the trust meet the conditions?  NULL, or a static text. */
extern const char *w4_conditions_meet(const W4Conditions *conditions, const W4Trust *trust);

#endif							/* W4_CONSTRAINT_H */
