/*-------------------------------------------------------------------------
 *
 * chain_fixture.h
 *		Known keys, and chains made from fields, for the tests of the verifier.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CHAIN_FIXTURE_H
#define W4_CHAIN_FIXTURE_H

#include "consent_vectors.h"

#include <stdio.h>

#include "core/chain.h"

static const W4ChainPolicy *const seed_mode = &w4_chain_default_policy;
static W4ChainPolicy strict_mode;
static W4Anchor anchors[4];
static int nanchors;

static const char *const names[] = {NULL, "snider.lthn", "athena.lthn", "darbs.lthn", "eve.lthn"};

#define NOTHING w4_slice(NULL, 0)
#define ACTION w4_slice_cstr("trade.execute")
#define MARKET w4_slice_cstr("market/eu/lthn-eur")
#define DARBS w4_slice_cstr("darbs.lthn")

/* snider may begin chains; of athena and darbs only the keys are known. */
static inline int
set_up(void **state)
{
	uint8_t		secret[64];

	(void) state;
	if (w4_crypto_selftest() != NULL)
		return 1;
	for (nanchors = 0; nanchors < 3; nanchors++)
	{
		anchors[nanchors].name = w4_slice_cstr(names[nanchors + 1]);
		anchors[nanchors].root = nanchors == 0;
		key_pair(nanchors + 1, anchors[nanchors].public_key, secret);
	}
	strict_mode = w4_chain_default_policy;
	strict_mode.strict = true;
	return 0;
}

static inline W4ChainVerdict
verify(const Bytes *chain, int n, const W4Revocation *revocations, int nrevocations,
	   const W4ChainPolicy *policy, int64_t at)
{
	W4Slice		wires[W4_CHAIN_MAX_DEPTH + 2];

	for (int i = 0; i < n; i++)
		wires[i] = slice_of(&chain[i]);
	return w4_chain_verify(wires, n, anchors, nanchors, revocations, nrevocations,
						   policy, at, NOTHING, NOTHING, NOTHING, 0);
}

static inline void
assert_verdict(W4ChainVerdict v, W4ConsentCode code, int link)
{
	if (v.code != code || v.link != link)
		fail_msg("%s at link %d (%s), not %s at %d", w4_consent_code_name(v.code), v.link,
				 v.detail, w4_consent_code_name(code), link);
}

static inline void
expect_at(const Bytes *chain, int n, int64_t at, W4ConsentCode code, int link)
{
	assert_verdict(verify(chain, n, NULL, 0, seed_mode, at), code, link);
}

static inline void
expect(const Bytes *chain, int n, W4ConsentCode code, int link)
{
	expect_at(chain, n, DAY + 6 * HOUR, code, link);
}

/* Verify two tokens made from fields; the child is issued by athena. */
static inline W4ChainVerdict
judge(W4Consent root, W4Consent child, const W4ChainPolicy *policy)
{
	Bytes		chain[2];

	chain[0] = issue(root, 1);
	w4_sha256(child.parent, chain[0].data, chain[0].len);
	chain[1] = issue(child, 2);
	return verify(chain, 2, NULL, 0, policy, DAY + 6 * HOUR);
}

static inline W4Consent
any_child(void)
{
	Bytes		none = {0, {0}};

	return child_fields(&none);
}

static inline void
golden_chain(Bytes chain[2], const char *second)
{
	chain[0] = unhex(V1_HEX);
	chain[1] = unhex(second);
}

static inline W4ChainVerdict
judge_constraint(const char *key, const char *parent, const char *child)
{
	W4Consent	root = root_fields();
	W4Consent	c = any_child();

	if (parent != NULL)
		add_constraint(&root, key, parent);
	if (child != NULL)
		add_constraint(&c, key, child);
	return judge(root, c, seed_mode);
}

#define LONGEST (W4_CHAIN_MAX_DEPTH + 1)

/* A chain of n tokens e0 -> e1 -> ... in which entity i signs with key 10 + i. */
static inline void
long_chain(Bytes chain[LONGEST], W4Anchor known[LONGEST])
{
	static char entity[LONGEST + 1][16];
	uint8_t		secret[64];

	for (int i = 0; i <= LONGEST; i++)
		snprintf(entity[i], sizeof(entity[i]), "e%d", i);
	for (int i = 0; i < LONGEST; i++)
	{
		W4Consent	t = root_fields();

		t.issuer = w4_slice_cstr(entity[i]);
		t.subject = w4_slice_cstr(entity[i + 1]);
		t.has_parent = i > 0;
		if (i > 0)
			w4_sha256(t.parent, chain[i - 1].data, chain[i - 1].len);
		chain[i] = issue(t, 10 + i);
		known[i].name = t.issuer;
		known[i].root = i == 0;
		key_pair(10 + i, known[i].public_key, secret);
	}
}

#endif							/* W4_CHAIN_FIXTURE_H */
