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

/*
 * A trusted binding of a name to a key.  A name may stand several times, once
 * a key.  Only a root may begin a chain; the others merely sign later links
 * and revocations, else every known delegate could grant itself anything.
 * The caller offers only keys that were valid when the token was issued.
 */
typedef struct W4Anchor
{
	W4Slice		name;
	uint8_t		public_key[32];
	bool		root;
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

/*
 * Steps 2, 4, 6 and 7 for one link, without clock and key directory: what
 * registration checks.  The parent's signature was checked when it was
 * registered; parent = NULL asks whether child may begin a chain.  A cycle
 * through older links is only seen by w4_chain_verify.
 */
extern W4ConsentCode w4_chain_check_link(const W4Consent *parent, const W4Consent *child,
										 const W4ChainPolicy *policy, const char **detail);

/*
 * All steps, each over all tokens before the next begins.
 *
 * Root: a first token with a parent is UNANCHORED (the chain is cut off), or
 * CHAIN_LINK when the tokens are not even each other's children (wrong order);
 * (issuer, public key) must be an anchor with root set, else UNANCHORED (name
 * is no root) or KEY_BINDING (name is one under another key).  A later link
 * whose (issuer, public key) is not among the anchors fails KEY_BINDING.
 *
 * Who may revoke token i: its issuer, the issuer of any token before it, its
 * subject.  The revoker's key must be an anchor's or the one that this chain
 * already trusts for that name; other revocations are ignored, as are those
 * with a bad signature.  nrevocations < 0: caller accepts that revocation is
 * unchecked.
 *
 * executor, intent, resource: a slice with NULL data skips that part of step
 * 9.  An empty slice with data does not: it fails.  A level 0 token authorises
 * nothing, whatever required_level.
 */
extern W4ChainVerdict w4_chain_verify(const W4Slice *wires, int nwires,
									  const W4Anchor *anchors, int nanchors,
									  const W4Revocation *revocations, int nrevocations,
									  const W4ChainPolicy *policy, int64_t at,
									  W4Slice executor, W4Slice intent, W4Slice resource,
									  int required_level);

/*
 * Is this a refusal, live at "at", by executor against requester that matches
 * the action (lethean spec 2.5)?  Signature, key binding and revocation are
 * the caller's.
 */
extern bool w4_consent_refuses(const W4Consent *token, W4Slice executor, W4Slice requester,
							   W4Slice intent, W4Slice resource, int64_t at);

/*
 * May "child" stand under "parent"?  Every parent line must be present in the
 * child, equal, or narrower: max_* may shrink, *.min may grow.  Values of both
 * families are canonical decimals of at most 9 digits after the point that
 * fit int64 at that scale.  A key of both families must be equal.
 */
extern bool w4_constraints_narrow(const W4Consent *parent, const W4Consent *child, const char **detail);

/* The value of a constraint, or an empty slice with NULL data. */
extern W4Slice w4_constraint_value(const W4Consent *token, const char *key);

#pragma GCC visibility pop

#endif							/* W4_CHAIN_H */
