/*-------------------------------------------------------------------------
 *
 * chain.h
 *		Delegation chains of consent tokens: the offline verifier (lethean spec 2.3).
 *
 *
 * Pure: no clock, no directory.  The caller supplies trust anchors, revocations
 * and the instant.  Checks run in the order of the spec and the first failure
 * decides, so that verdicts are the same everywhere.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CHAIN_H
#define W4_CHAIN_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#include "core/consent.h"

#define W4_CHAIN_MAX_DEPTH 16
#define W4_CHAIN_MAX_BYTES 32768

typedef struct W4Anchor
{
	W4Slice		name;
	uint8_t		public_key[32];
} W4Anchor;

typedef struct W4ChainPolicy
{
	int			max_depth;		/* tokens in a chain; <= W4_CHAIN_MAX_DEPTH */
	bool		strict;			/* levels 3 and 4 only may delegate, a 3 only to <= 2 */
	int64_t		skew;			/* microseconds granted to issued_at, never to expires_at */
	int64_t		max_lifetime[5];	/* per level, microseconds; 0 = unbounded */
} W4ChainPolicy;

/* 8 tokens, seed mode, 300 s skew, lifetimes 90, 30, 30, 7 days for levels 1..4. */
extern const W4ChainPolicy w4_chain_default_policy;

typedef struct W4ChainVerdict
{
	W4ConsentCode code;
	int			link;			/* which token failed; -1 for the chain as a whole */
	int			level;			/* of the last token, when OK */
	const char *detail;			/* static text */
} W4ChainVerdict;

/* Steps 0-2, 4 and 6-7 over already parsed tokens, without clock: what registration checks for one link. */
extern W4ConsentCode w4_chain_check_link(const W4Consent *parent, const W4Consent *child,
										 const W4ChainPolicy *policy, const char **detail);

/*
 * All steps.  keys: bindings (name, key) that are trusted for links after the
 * root as well; a link i > 0 whose (issuer, public key) is not among anchors
 * fails KEY_BINDING, a root not among them UNANCHORED (name unknown) or
 * KEY_BINDING (name known under another key).  intent/resource/executor may
 * be empty slices to skip step 9.  nrevocations < 0: caller accepts that
 * revocation is unchecked.
 */
extern W4ChainVerdict w4_chain_verify(const W4Slice *wires, int nwires,
									  const W4Anchor *anchors, int nanchors,
									  const W4Revocation *revocations, int nrevocations,
									  const W4ChainPolicy *policy, int64_t at,
									  W4Slice executor, W4Slice intent, W4Slice resource,
									  int required_level);

/*
 * May "child" stand under "parent"?  Every parent line must be present in the
 * child, equal, or narrower: max_* may shrink, *.min may grow.  Values of both
 * families are canonical decimals of at most 9 digits after the point.
 */
extern bool w4_constraints_narrow(const W4Consent *parent, const W4Consent *child, const char **detail);

/* The value of a constraint, or an empty slice with NULL data. */
extern W4Slice w4_constraint_value(const W4Consent *token, const char *key);

#pragma GCC visibility pop

#endif							/* W4_CHAIN_H */
