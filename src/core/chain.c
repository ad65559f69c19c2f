/*-------------------------------------------------------------------------
 *
 * chain.c
 *		Delegation chains of consent tokens: the offline verifier.
 *
 * The steps are numbered as in section 2.3 of the lethean spec.  Each one looks
 * at every token before the next step begins, so that two verifiers give the
 * same code for the same chain.
 *
 *-------------------------------------------------------------------------
 */
#include "core/chain.h"

#include "core/decimal.h"
#include "core/pattern.h"

#define MICROSECONDS_PER_SECOND INT64_C(1000000)
#define MICROSECONDS_PER_DAY (INT64_C(86400) * MICROSECONDS_PER_SECOND)

const W4ChainPolicy w4_chain_default_policy = {
	.max_depth = 8,
	.strict = false,
	.skew = 300 * MICROSECONDS_PER_SECOND,
	.max_lifetime = {
		0,
		90 * MICROSECONDS_PER_DAY,
		30 * MICROSECONDS_PER_DAY,
		30 * MICROSECONDS_PER_DAY,
		7 * MICROSECONDS_PER_DAY
	}
};

typedef struct Chain
{
	int			n;
	const W4Anchor *anchors;
	int			nanchors;
	const W4ChainPolicy *policy;
	W4ChainVerdict verdict;
	W4Consent	token[W4_CHAIN_MAX_DEPTH];
} Chain;

/* Set a verdict; the result is "the step failed". */
static bool
fail(Chain *chain, W4ConsentCode code, int link, const char *detail)
{
	chain->verdict = (W4ChainVerdict) {code, link, 0, detail};
	return false;
}

static W4ConsentCode
deny(W4ConsentCode code, const char *why, const char **detail)
{
	*detail = why;
	return code;
}

/* --- steps 0 to 2: size, form, signatures --- */

static bool
check_size(Chain *chain, const W4Slice *wires, int nwires)
{
	size_t		left = W4_CHAIN_MAX_BYTES;

	if (nwires < 1)
		return fail(chain, W4_CONSENT_NO_CONSENT, -1, "empty chain");
	if (nwires > chain->policy->max_depth || nwires > W4_CHAIN_MAX_DEPTH)
		return fail(chain, W4_CONSENT_DEPTH, -1, "too many tokens");
	for (int i = 0; i < nwires; i++)
	{
		if (wires[i].len > left)
			return fail(chain, W4_CONSENT_DEPTH, -1, "too many bytes");
		left -= wires[i].len;
	}
	return true;
}

static bool
parse_tokens(Chain *chain, const W4Slice *wires, int nwires)
{
	W4Fault		fault;

	for (int i = 0; i < nwires; i++)
	{
		if (!w4_consent_decode(&chain->token[i], wires[i].data, wires[i].len, &fault))
			return fail(chain, W4_CONSENT_FORMAT, i, fault.what);
	}
	chain->n = nwires;
	return true;
}

static bool
check_signatures(Chain *chain)
{
	for (int i = 0; i < chain->n; i++)
	{
		if (!w4_consent_signature_ok(&chain->token[i]))
			return fail(chain, W4_CONSENT_SIGNATURE, i, "signature does not verify");
	}
	return true;
}

/* --- steps 3 and 4: anchor, links, key bindings --- */

static bool
bound(const Chain *chain, W4Slice name, const uint8_t public_key[32])
{
	for (int i = 0; i < chain->nanchors; i++)
	{
		if (w4_slice_eq(chain->anchors[i].name, name) &&
			memcmp(chain->anchors[i].public_key, public_key, 32) == 0)
			return true;
	}
	return false;
}

static W4ConsentCode
check_parent(const W4Consent *parent, const W4Consent *child, const char **detail)
{
	if (!child->has_parent || memcmp(child->parent, parent->hash, sizeof(parent->hash)) != 0)
		return deny(W4_CONSENT_CHAIN_LINK, "not issued under the token before", detail);
	return W4_CONSENT_OK;
}

/* The first link that does not hang on the token before; 0 when all do. */
static int
broken_link(const Chain *chain)
{
	const char *detail;

	for (int i = 1; i < chain->n; i++)
	{
		if (check_parent(&chain->token[i - 1], &chain->token[i], &detail) != W4_CONSENT_OK)
			return i;
	}
	return 0;
}

static bool
check_root(Chain *chain)
{
	const W4Consent *root = &chain->token[0];
	bool		name_known = false;

	if (root->has_parent)
	{
		int			i = broken_link(chain);

		if (i > 0)
			return fail(chain, W4_CONSENT_CHAIN_LINK, i, "not issued under the token before");
		return fail(chain, W4_CONSENT_UNANCHORED, 0, "first token is a delegation");
	}
	for (int i = 0; i < chain->nanchors; i++)
	{
		const W4Anchor *anchor = &chain->anchors[i];

		if (!anchor->root || !w4_slice_eq(anchor->name, root->issuer))
			continue;
		if (memcmp(anchor->public_key, root->public_key, 32) == 0)
			return true;
		name_known = true;
	}
	if (name_known)
		return fail(chain, W4_CONSENT_KEY_BINDING, 0, "key is not the issuer's");
	return fail(chain, W4_CONSENT_UNANCHORED, 0, "issuer is no trust anchor");
}

static W4ConsentCode
check_link(const W4Consent *parent, const W4Consent *child, const char **detail)
{
	W4ConsentCode code = check_parent(parent, child, detail);

	if (code != W4_CONSENT_OK)
		return code;
	if (!w4_slice_eq(child->issuer, parent->subject))
		return deny(W4_CONSENT_CHAIN_SUBJECT, "issuer is not the subject of the token before", detail);
	return W4_CONSENT_OK;
}

static bool
check_links(Chain *chain)
{
	for (int i = 1; i < chain->n; i++)
	{
		const W4Consent *token = &chain->token[i];
		const char *detail;
		W4ConsentCode code = check_link(token - 1, token, &detail);

		if (code != W4_CONSENT_OK)
			return fail(chain, code, i, detail);
		if (!bound(chain, token->issuer, token->public_key))
			return fail(chain, W4_CONSENT_KEY_BINDING, i, "key is not the issuer's");
	}
	return true;
}

/* --- step 5: the clock --- */

/* issued_at > 0, so the subtraction cannot overflow where the sum could. */
static bool
too_early(int64_t issued_at, int64_t at, int64_t skew)
{
	int64_t		ahead;

	if (!w4_sub_i64(issued_at, at, &ahead))
		return true;			/* "at" lies before everything */
	return ahead > skew;
}

static bool
check_times(Chain *chain, int64_t at)
{
	for (int i = 0; i < chain->n; i++)
	{
		const W4Consent *token = &chain->token[i];
		int64_t		cap = chain->policy->max_lifetime[token->level];

		if (too_early(token->issued_at, at, chain->policy->skew))
			return fail(chain, W4_CONSENT_NOT_YET_VALID, i, "issued in the future");
		if (at >= token->expires_at)
			return fail(chain, W4_CONSENT_EXPIRED, i, "expired");
		if (cap > 0 && token->expires_at - token->issued_at > cap)
			return fail(chain, W4_CONSENT_TIME_WINDOW, i, "lives longer than its level allows");
	}
	return true;
}

/* --- step 6: narrowing --- */

/* How many links may follow the token: *out = -1 when it does not say; false when it says nonsense. */
static bool
further_hops(const W4Consent *token, int64_t *out)
{
	W4Slice		value = w4_constraint_value(token, "max_hops");

	*out = -1;
	return value.data == NULL ||
		w4_decimal_parse(out, (const char *) value.data, value.len, 0, false, true, NULL);
}

/* May the parent have children at all? */
static W4ConsentCode
check_delegable(const W4Consent *parent, const W4ChainPolicy *policy, const char **detail)
{
	int64_t		hops;

	if (parent->level == 0)
		return deny(W4_CONSENT_NOT_DELEGABLE, "a refusal delegates nothing", detail);
	if (policy->strict && parent->level < 3)
		return deny(W4_CONSENT_NOT_DELEGABLE, "level may not delegate", detail);
	if (!further_hops(parent, &hops))
		return deny(W4_CONSENT_CONSTRAINT, "malformed max_hops", detail);
	if (hops == 0)
		return deny(W4_CONSENT_NOT_DELEGABLE, "no further hop allowed", detail);
	return W4_CONSENT_OK;
}

/* Only after w4_constraints_narrow: a limit of the parent is there in the child. */
static W4ConsentCode
check_hops(const W4Consent *parent, const W4Consent *child, const char **detail)
{
	int64_t		allowed;
	int64_t		claimed;

	if (!further_hops(parent, &allowed) || !further_hops(child, &claimed))
		return deny(W4_CONSENT_CONSTRAINT, "malformed max_hops", detail);
	if (allowed >= 0 && claimed >= allowed)
		return deny(W4_CONSENT_NOT_DELEGABLE, "as many further hops as the parent", detail);
	return W4_CONSENT_OK;
}

static W4ConsentCode
check_level(const W4Consent *parent, const W4Consent *child,
			const W4ChainPolicy *policy, const char **detail)
{
	if (child->level > parent->level)
		return deny(W4_CONSENT_LEVEL, "level above the parent's", detail);
	if (policy->strict && parent->level == 3 && child->level > 2)
		return deny(W4_CONSENT_LEVEL, "level 3 may only grant level 2", detail);
	return W4_CONSENT_OK;
}

/*
 * Whether the parent may delegate at all is asked before what depends on the
 * child's own claims: a refusal's child is NOT_DELEGABLE, whatever its level.
 */
static W4ConsentCode
check_narrowing(const W4Consent *parent, const W4Consent *child,
				const W4ChainPolicy *policy, const char **detail)
{
	W4ConsentCode code;

	if (!w4_pattern_covers(W4_INTENT, parent->intent, child->intent))
		return deny(W4_CONSENT_INTENT_SCOPE, "intent wider than the parent's", detail);
	if (!w4_pattern_covers(W4_RESOURCE, parent->resource, child->resource))
		return deny(W4_CONSENT_RESOURCE_SCOPE, "resource wider than the parent's", detail);
	if ((code = check_delegable(parent, policy, detail)) != W4_CONSENT_OK)
		return code;
	if (!w4_constraints_narrow(parent, child, detail))
		return W4_CONSENT_CONSTRAINT;
	if ((code = check_level(parent, child, policy, detail)) != W4_CONSENT_OK)
		return code;
	if (child->issued_at < parent->issued_at)
		return deny(W4_CONSENT_TIME_WINDOW, "issued before the parent", detail);
	if (child->expires_at > parent->expires_at)
		return deny(W4_CONSENT_TIME_WINDOW, "expires after the parent", detail);
	return check_hops(parent, child, detail);
}

static bool
check_all_narrowing(Chain *chain)
{
	for (int i = 1; i < chain->n; i++)
	{
		const W4Consent *token = &chain->token[i];
		const char *detail;
		W4ConsentCode code = check_narrowing(token - 1, token, chain->policy, &detail);

		if (code != W4_CONSENT_OK)
			return fail(chain, code, i, detail);
	}
	return true;
}

/* --- step 7: cycles --- */

static W4ConsentCode
check_self(const W4Consent *token, const char **detail)
{
	if (token->level > 0 && w4_slice_eq(token->issuer, token->subject))
		return deny(W4_CONSENT_CHAIN_SUBJECT, "grant to oneself", detail);
	return W4_CONSENT_OK;
}

static bool
check_cycles(Chain *chain)
{
	for (int i = 0; i < chain->n; i++)
	{
		const char *detail;
		W4ConsentCode code = check_self(&chain->token[i], &detail);

		if (code != W4_CONSENT_OK)
			return fail(chain, code, i, detail);
		for (int j = 0; j < i; j++)
		{
			if (w4_slice_eq(chain->token[i].subject, chain->token[j].issuer))
				return fail(chain, W4_CONSENT_CHAIN_SUBJECT, i, "subject issued an earlier token");
		}
	}
	return true;
}

/* --- step 8: revocations --- */

/*
 * Issuers up to the token were bound in steps 3 and 4 under the key of their
 * token; the last subject has no token of its own, so only an anchor helps.
 */
static bool
may_revoke(const Chain *chain, int link, const W4Revocation *r)
{
	bool		entitled = w4_slice_eq(r->revoker, chain->token[link].subject);

	for (int i = 0; i < chain->n; i++)
	{
		if (!w4_slice_eq(r->revoker, chain->token[i].issuer))
			continue;
		entitled = entitled || i <= link;
		if (entitled && memcmp(r->public_key, chain->token[i].public_key, 32) == 0)
			return true;
	}
	return entitled && bound(chain, r->revoker, r->public_key);
}

static bool
check_revocations(Chain *chain, const W4Revocation *revocations, int n, int64_t at)
{
	for (int i = 0; i < chain->n; i++)
	{
		for (int j = 0; j < n; j++)
		{
			const W4Revocation *r = &revocations[j];

			if (r->revoked_at <= at &&
				memcmp(r->token_hash, chain->token[i].hash, 32) == 0 &&
				may_revoke(chain, i, r) && w4_revocation_signature_ok(r))
				return fail(chain, W4_CONSENT_REVOKED, i, "revoked");
		}
	}
	return true;
}

/* --- step 9: the request --- */

static bool
covers_literal(W4PatternKind kind, W4Slice pattern, W4Slice literal)
{
	return w4_literal_ok(kind, literal, NULL) && w4_pattern_covers(kind, pattern, literal);
}

static bool
check_request(Chain *chain, W4Slice executor, W4Slice intent, W4Slice resource, int required_level)
{
	int			last = chain->n - 1;
	const W4Consent *token = &chain->token[last];
	bool		acts = intent.data != NULL || resource.data != NULL;

	if (executor.data != NULL && !w4_slice_eq(token->subject, executor))
		return fail(chain, W4_CONSENT_SUBJECT_MISMATCH, last, "granted to someone else");
	if (intent.data != NULL && !covers_literal(W4_INTENT, token->intent, intent))
		return fail(chain, W4_CONSENT_INTENT_SCOPE, last, "intent not granted");
	if (resource.data != NULL && !covers_literal(W4_RESOURCE, token->resource, resource))
		return fail(chain, W4_CONSENT_RESOURCE_SCOPE, last, "resource not granted");
	if (token->level < required_level)
		return fail(chain, W4_CONSENT_LEVEL, last, "level too low");
	if (acts && token->level == 0)
		return fail(chain, W4_CONSENT_LEVEL, last, "a refusal authorises nothing");
	return true;
}

/* --- entry points --- */

W4ConsentCode
w4_chain_check_link(const W4Consent *parent, const W4Consent *child,
					const W4ChainPolicy *policy, const char **detail)
{
	W4ConsentCode code;
	const char *why = "";

	if (detail == NULL)
		detail = &why;
	*detail = "ok";
	if (!w4_consent_signature_ok(child))
		return deny(W4_CONSENT_SIGNATURE, "signature does not verify", detail);
	if (parent == NULL)
	{
		if (child->has_parent)
			return deny(W4_CONSENT_UNANCHORED, "first token is a delegation", detail);
		return check_self(child, detail);
	}
	if ((code = check_link(parent, child, detail)) != W4_CONSENT_OK ||
		(code = check_narrowing(parent, child, policy, detail)) != W4_CONSENT_OK)
		return code;
	if ((code = check_self(child, detail)) != W4_CONSENT_OK)
		return code;
	if (w4_slice_eq(child->subject, parent->issuer))
		return deny(W4_CONSENT_CHAIN_SUBJECT, "subject issued an earlier token", detail);
	return W4_CONSENT_OK;
}

W4ChainVerdict
w4_chain_verify(const W4Slice *wires, int nwires,
				const W4Anchor *anchors, int nanchors,
				const W4Revocation *revocations, int nrevocations,
				const W4ChainPolicy *policy, int64_t at,
				W4Slice executor, W4Slice intent, W4Slice resource,
				int required_level)
{
	Chain		chain;

	chain.n = 0;
	chain.anchors = anchors;
	chain.nanchors = nanchors;
	chain.policy = policy;
	chain.verdict = (W4ChainVerdict) {W4_CONSENT_FORMAT, -1, 0, "not verified"};

	if (check_size(&chain, wires, nwires) &&
		parse_tokens(&chain, wires, nwires) &&
		check_signatures(&chain) &&
		check_root(&chain) &&
		check_links(&chain) &&
		check_times(&chain, at) &&
		check_all_narrowing(&chain) &&
		check_cycles(&chain) &&
		check_revocations(&chain, revocations, nrevocations, at) &&
		check_request(&chain, executor, intent, resource, required_level))
		chain.verdict = (W4ChainVerdict) {W4_CONSENT_OK, chain.n - 1,
			chain.token[chain.n - 1].level, "ok"};
	return chain.verdict;
}

bool
w4_consent_refuses(const W4Consent *token, W4Slice executor, W4Slice requester,
				   W4Slice intent, W4Slice resource, int64_t at)
{
	return token->level == 0 &&
		w4_slice_eq(token->issuer, executor) &&
		w4_slice_eq(token->subject, requester) &&
		token->issued_at <= at &&
		(at < token->expires_at || token->expires_at == W4_CONSENT_FOREVER) &&
		covers_literal(W4_INTENT, token->intent, intent) &&
		covers_literal(W4_RESOURCE, token->resource, resource);
}
