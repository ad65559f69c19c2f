/*
 * Delegation chains: the table of the spec, what the published verifier misses,
 * levels, times, hops, constraints, cycles, depth, revocations.
 */
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
static int
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

static W4ChainVerdict
verify(const Bytes *chain, int n, const W4Revocation *revocations, int nrevocations,
	   const W4ChainPolicy *policy, int64_t at)
{
	W4Slice		wires[W4_CHAIN_MAX_DEPTH + 2];

	for (int i = 0; i < n; i++)
		wires[i] = slice_of(&chain[i]);
	return w4_chain_verify(wires, n, anchors, nanchors, revocations, nrevocations,
						   policy, at, NOTHING, NOTHING, NOTHING, 0);
}

static void
assert_verdict(W4ChainVerdict v, W4ConsentCode code, int link)
{
	if (v.code != code || v.link != link)
		fail_msg("%s at link %d (%s), not %s at %d", w4_consent_code_name(v.code), v.link,
				 v.detail, w4_consent_code_name(code), link);
}

static void
expect_at(const Bytes *chain, int n, int64_t at, W4ConsentCode code, int link)
{
	assert_verdict(verify(chain, n, NULL, 0, seed_mode, at), code, link);
}

static void
expect(const Bytes *chain, int n, W4ConsentCode code, int link)
{
	expect_at(chain, n, DAY + 6 * HOUR, code, link);
}

/* Verify two tokens made from fields; the child is issued by athena. */
static W4ChainVerdict
judge(W4Consent root, W4Consent child, const W4ChainPolicy *policy)
{
	Bytes		chain[2];

	chain[0] = issue(root, 1);
	w4_sha256(child.parent, chain[0].data, chain[0].len);
	chain[1] = issue(child, 2);
	return verify(chain, 2, NULL, 0, policy, DAY + 6 * HOUR);
}

static W4Consent
any_child(void)
{
	Bytes		none = {0, {0}};

	return child_fields(&none);
}

static void
golden_chain(Bytes chain[2], const char *second)
{
	chain[0] = unhex(V1_HEX);
	chain[1] = unhex(second);
}

static W4ChainVerdict
request(const Bytes chain[2], W4Slice executor, W4Slice intent, W4Slice resource, int level)
{
	W4Slice		wires[] = {slice_of(&chain[0]), slice_of(&chain[1])};

	return w4_chain_verify(wires, 2, anchors, nanchors, NULL, 0, seed_mode, DAY + 6 * HOUR,
						   executor, intent, resource, level);
}

/* --- the table of the spec --- */

static void
g1_g2_valid(void **state)
{
	Bytes		chain[2];
	W4ChainVerdict v;

	(void) state;
	golden_chain(chain, V2_HEX);
	v = request(chain, DARBS, ACTION, MARKET, 2);
	assert_verdict(v, W4_CONSENT_OK, 1);
	assert_int_equal(v.level, 2);
	expect_at(chain, 2, DAY + 24 * HOUR - 1, W4_CONSENT_OK, 1);
}

static void
g3_g4_clock(void **state)
{
	Bytes		chain[2];
	W4ChainPolicy exact = w4_chain_default_policy;

	(void) state;
	golden_chain(chain, V2_HEX);
	expect_at(chain, 2, DAY + 24 * HOUR, W4_CONSENT_EXPIRED, 1);
	exact.skew = 0;
	assert_verdict(verify(chain, 2, NULL, 0, &exact, DAY + 5 * HOUR), W4_CONSENT_NOT_YET_VALID, 1);
	assert_verdict(verify(chain, 2, NULL, 0, &exact, DAY + 6 * HOUR - 1), W4_CONSENT_NOT_YET_VALID, 1);
	assert_verdict(verify(chain, 2, NULL, 0, &exact, DAY + 6 * HOUR), W4_CONSENT_OK, 1);
	/* The skew of 300 s, to the microsecond; none for the end. */
	expect_at(chain, 2, DAY + 6 * HOUR - 300000000, W4_CONSENT_OK, 1);
	expect_at(chain, 2, DAY + 6 * HOUR - 300000001, W4_CONSENT_NOT_YET_VALID, 1);
	expect_at(chain, 2, INT64_MIN, W4_CONSENT_NOT_YET_VALID, 0);
	expect_at(chain, 2, INT64_MAX, W4_CONSENT_EXPIRED, 0);
	exact.skew = INT64_MAX;
	assert_verdict(verify(chain, 2, NULL, 0, &exact, 0), W4_CONSENT_OK, 1);
	assert_verdict(verify(chain, 2, NULL, 0, &exact, INT64_MIN), W4_CONSENT_NOT_YET_VALID, 0);
}

static void
g5_g6_revoked(void **state)
{
	Bytes		chain[2];
	Bytes		wire = unhex(V3_HEX);
	W4Revocation v3;

	(void) state;
	golden_chain(chain, V2_HEX);
	assert_true(w4_revocation_decode(&v3, wire.data, wire.len, NULL));
	assert_verdict(verify(chain, 2, &v3, 1, seed_mode, DAY + 13 * HOUR), W4_CONSENT_REVOKED, 0);
	assert_verdict(verify(chain, 2, &v3, 1, seed_mode, DAY + 12 * HOUR), W4_CONSENT_REVOKED, 0);
	assert_verdict(verify(chain, 2, &v3, 1, seed_mode, DAY + 12 * HOUR - 1), W4_CONSENT_OK, 1);
	assert_verdict(verify(chain, 2, &v3, 1, seed_mode, DAY + 11 * HOUR), W4_CONSENT_OK, 1);
	assert_verdict(verify(chain, 2, NULL, -1, seed_mode, DAY + 13 * HOUR), W4_CONSENT_OK, 1);
}

static void
g7_g8_escalation(void **state)
{
	Bytes		chain[2];

	(void) state;
	golden_chain(chain, V5_HEX);
	expect(chain, 2, W4_CONSENT_INTENT_SCOPE, 1);
	golden_chain(chain, V6_HEX);
	expect(chain, 2, W4_CONSENT_LEVEL, 1);
}

static void
g9_g10_g11_g14_structure(void **state)
{
	Bytes		chain[2];
	Bytes		cut[2];
	W4Consent	grandchild;

	(void) state;
	golden_chain(chain, V2_HEX);
	expect(chain + 1, 1, W4_CONSENT_UNANCHORED, 0);
	chain[1] = chain[0];
	chain[0] = unhex(V2_HEX);
	expect(chain, 2, W4_CONSENT_CHAIN_LINK, 1);
	golden_chain(chain, V8_HEX);
	expect(chain, 2, W4_CONSENT_SIGNATURE, 1);
	expect(chain, 0, W4_CONSENT_NO_CONSENT, -1);
	expect(chain, -1, W4_CONSENT_NO_CONSENT, -1);
	/* A chain without its head is whole, but hangs in the air. */
	cut[0] = unhex(V2_HEX);
	grandchild = child_fields(&cut[0]);
	grandchild.issuer = w4_slice_cstr("darbs.lthn");
	grandchild.subject = w4_slice_cstr("eve.lthn");
	cut[1] = issue(grandchild, 3);
	expect(cut, 2, W4_CONSENT_UNANCHORED, 0);
}

static void
g12_refusal(void **state)
{
	Bytes		b = unhex(V7_HEX);
	W4Slice		athena = w4_slice_cstr("athena.lthn");
	W4Consent	v7;
	int64_t		at = DAY + 8 * HOUR;

	(void) state;
	assert_true(w4_consent_decode(&v7, b.data, b.len, NULL));
	assert_true(w4_consent_signature_ok(&v7));
	assert_true(w4_consent_refuses(&v7, DARBS, athena, ACTION, MARKET, at));
	assert_true(w4_consent_refuses(&v7, DARBS, athena, ACTION, MARKET, INT64_MAX));
	assert_true(w4_consent_refuses(&v7, DARBS, athena, ACTION, MARKET, DAY + 7 * HOUR));
	assert_false(w4_consent_refuses(&v7, DARBS, athena, ACTION, MARKET, DAY + 7 * HOUR - 1));
	assert_false(w4_consent_refuses(&v7, athena, DARBS, ACTION, MARKET, at));
	assert_false(w4_consent_refuses(&v7, DARBS, DARBS, ACTION, MARKET, at));
	assert_false(w4_consent_refuses(&v7, DARBS, athena, w4_slice_cstr("mail.send"), MARKET, at));
	assert_false(w4_consent_refuses(&v7, DARBS, athena, ACTION, w4_slice_cstr("other/x"), at));
	v7.level = 1;
	assert_false(w4_consent_refuses(&v7, DARBS, athena, ACTION, MARKET, at));
}

static void
g13_request(void **state)
{
	Bytes		chain[2];

	(void) state;
	golden_chain(chain, V2_HEX);
	assert_verdict(request(chain, DARBS, w4_slice_cstr("trade.cancel"), MARKET, 2), W4_CONSENT_INTENT_SCOPE, 1);
	assert_verdict(request(chain, DARBS, ACTION, w4_slice_cstr("market/eu/x"), 2), W4_CONSENT_RESOURCE_SCOPE, 1);
	assert_verdict(request(chain, w4_slice_cstr("eve.lthn"), ACTION, MARKET, 2), W4_CONSENT_SUBJECT_MISMATCH, 1);
	assert_verdict(request(chain, DARBS, ACTION, MARKET, 3), W4_CONSENT_LEVEL, 1);
	assert_verdict(request(chain, NOTHING, ACTION, NOTHING, 0), W4_CONSENT_OK, 1);
	/* Empty is not absent, and a pattern is no action. */
	assert_verdict(request(chain, w4_slice_cstr(""), ACTION, MARKET, 2), W4_CONSENT_SUBJECT_MISMATCH, 1);
	assert_verdict(request(chain, DARBS, w4_slice_cstr(""), MARKET, 2), W4_CONSENT_INTENT_SCOPE, 1);
	assert_verdict(request(chain, DARBS, ACTION, w4_slice_cstr(""), 2), W4_CONSENT_RESOURCE_SCOPE, 1);
	assert_verdict(request(chain, DARBS, w4_slice_cstr("trade.*"), MARKET, 2), W4_CONSENT_INTENT_SCOPE, 1);
}

/* The issuer's own log is a chain over "previous", whatever the tokens grant. */
static void
g15_issuer_log(void **state)
{
	static const char *const log[] = {V2_HEX, V5_HEX, V6_HEX};
	uint8_t		head[32] = {0};
	Bytes		b;
	W4Consent	t;

	(void) state;
	for (int i = 0; i < 3; i++)
	{
		b = unhex(log[i]);
		assert_true(w4_consent_decode(&t, b.data, b.len, NULL));
		assert_memory_equal(t.previous, head, 32);
		memcpy(head, t.hash, 32);
	}
	b = unhex(V2_HEX);
	w4_sha256(head, b.data, b.len);
	assert_memory_not_equal(t.previous, head, 32);	/* [V2, V6] is broken at V6 */
}

/* --- mutations of a whole chain --- */

static void
flip_every_bit(int link)
{
	Bytes		chain[2];

	golden_chain(chain, V2_HEX);
	for (size_t bit = 0; bit < chain[link].len * 8; bit++)
	{
		W4ChainVerdict v;

		chain[link].data[bit / 8] ^= (uint8_t) (1 << bit % 8);
		v = verify(chain, 2, NULL, 0, seed_mode, DAY + 6 * HOUR);
		if (v.link != link || (v.code != W4_CONSENT_FORMAT && v.code != W4_CONSENT_SIGNATURE))
			fail_msg("bit %zu: %s at link %d", bit, w4_consent_code_name(v.code), v.link);
		chain[link].data[bit / 8] ^= (uint8_t) (1 << bit % 8);
	}
	expect(chain, 2, W4_CONSENT_OK, 1);
}

static void
bit_flips(void **state)
{
	(void) state;
	flip_every_bit(0);
	flip_every_bit(1);
}

/* --- what the published verifier misses --- */

static void
foreign_key_claims_a_name(void **state)
{
	Bytes		chain[2];

	(void) state;
	chain[0] = issue(root_fields(), 4);
	expect(chain, 1, W4_CONSENT_KEY_BINDING, 0);
	chain[0] = unhex(V1_HEX);
	chain[1] = issue(child_fields(&chain[0]), 4);
	expect(chain, 2, W4_CONSENT_KEY_BINDING, 1);
}

static void
unknown_root(void **state)
{
	W4Consent	t = root_fields();
	Bytes		b;

	(void) state;
	t.issuer = w4_slice_cstr("eve.lthn");
	b = issue(t, 4);
	expect(&b, 1, W4_CONSENT_UNANCHORED, 0);
	nanchors = 0;
	b = unhex(V1_HEX);
	expect(&b, 1, W4_CONSENT_UNANCHORED, 0);
	nanchors = 3;
	expect(&b, 1, W4_CONSENT_OK, 0);
}

/* A delegate whose key is known cannot grant itself what nobody gave it. */
static void
known_key_is_no_root(void **state)
{
	W4Consent	t = root_fields();
	Bytes		b;

	(void) state;
	t.issuer = w4_slice_cstr("athena.lthn");
	t.subject = w4_slice_cstr("darbs.lthn");
	b = issue(t, 2);
	expect(&b, 1, W4_CONSENT_UNANCHORED, 0);
}

static void
several_keys_of_one_name(void **state)
{
	uint8_t		secret[64];
	Bytes		b = issue(root_fields(), 4);

	(void) state;
	anchors[3].name = w4_slice_cstr("snider.lthn");
	key_pair(4, anchors[3].public_key, secret);
	anchors[3].root = true;
	nanchors = 4;
	expect(&b, 1, W4_CONSENT_OK, 0);
	b = unhex(V1_HEX);
	expect(&b, 1, W4_CONSENT_OK, 0);
	nanchors = 3;
}

static void
broken_links(void **state)
{
	Bytes		chain[2];
	W4Consent	t;

	(void) state;
	chain[0] = unhex(V1_HEX);
	t = child_fields(&chain[0]);
	t.parent[0] ^= 1;
	chain[1] = issue(t, 2);
	expect(chain, 2, W4_CONSENT_CHAIN_LINK, 1);
	t = child_fields(&chain[0]);
	t.has_parent = false;
	chain[1] = issue(t, 2);
	expect(chain, 2, W4_CONSENT_CHAIN_LINK, 1);
	t = child_fields(&chain[0]);
	t.issuer = w4_slice_cstr("darbs.lthn");
	t.subject = w4_slice_cstr("eve.lthn");
	chain[1] = issue(t, 3);
	expect(chain, 2, W4_CONSENT_CHAIN_SUBJECT, 1);
}

static void
resource_and_time_narrow(void **state)
{
	W4Consent	root = root_fields();
	W4Consent	child = any_child();

	(void) state;
	child.resource = w4_slice_cstr("market/us/x");
	assert_verdict(judge(root, child, seed_mode), W4_CONSENT_RESOURCE_SCOPE, 1);
	child = any_child();
	child.resource = w4_slice_cstr("market/eu/*");
	child.intent = w4_slice_cstr("trade.*");
	child.issued_at = root.issued_at;
	child.expires_at = root.expires_at;
	assert_verdict(judge(root, child, seed_mode), W4_CONSENT_OK, 1);
	child.issued_at--;
	child.expires_at--;
	assert_verdict(judge(root, child, seed_mode), W4_CONSENT_TIME_WINDOW, 1);
	child = any_child();
	root.expires_at = DAY + 20 * HOUR;
	child.expires_at = root.expires_at + 1;
	assert_verdict(judge(root, child, seed_mode), W4_CONSENT_TIME_WINDOW, 1);
	child.expires_at--;
	assert_verdict(judge(root, child, seed_mode), W4_CONSENT_OK, 1);
}

static void
lifetimes(void **state)
{
	static const int days[] = {0, 90, 30, 30, 7};
	W4ChainPolicy unbounded = w4_chain_default_policy;

	(void) state;
	memset(unbounded.max_lifetime, 0, sizeof(unbounded.max_lifetime));
	for (uint8_t level = 1; level <= 4; level++)
	{
		W4Consent	t = root_fields();
		Bytes		b;

		t.level = level;
		t.expires_at = t.issued_at + days[level] * 24 * HOUR;
		b = issue(t, 1);
		expect(&b, 1, W4_CONSENT_OK, 0);
		t.expires_at++;
		b = issue(t, 1);
		expect(&b, 1, W4_CONSENT_TIME_WINDOW, 0);
		assert_verdict(verify(&b, 1, NULL, 0, &unbounded, DAY), W4_CONSENT_OK, 0);
	}
}

static void
refusal_as_a_chain(void **state)
{
	W4Consent	t = root_fields();
	Bytes		b;
	W4Slice		wire;

	(void) state;
	t.level = 0;
	t.expires_at = W4_CONSENT_FOREVER;
	b = issue(t, 1);
	wire = slice_of(&b);
	expect(&b, 1, W4_CONSENT_OK, 0);
	assert_verdict(w4_chain_verify(&wire, 1, anchors, nanchors, NULL, 0, seed_mode, DAY,
								   NOTHING, ACTION, NOTHING, 0), W4_CONSENT_LEVEL, 0);
}

/* --- levels and hops --- */

static W4ChainVerdict
judge_levels(uint8_t parent, uint8_t child, const W4ChainPolicy *policy)
{
	W4Consent	root = root_fields();
	W4Consent	c = any_child();

	root.level = parent;
	root.expires_at = DAY + 7 * 24 * HOUR;
	c.level = child;
	return judge(root, c, policy);
}

static void
levels_in_seed_mode(void **state)
{
	(void) state;
	for (uint8_t parent = 0; parent <= 4; parent++)
	{
		for (uint8_t child = 0; child <= 4; child++)
		{
			W4ConsentCode code = parent == 0 ? W4_CONSENT_NOT_DELEGABLE :
				child > parent ? W4_CONSENT_LEVEL : W4_CONSENT_OK;

			assert_verdict(judge_levels(parent, child, seed_mode), code, 1);
		}
	}
}

static void
levels_in_strict_mode(void **state)
{
	(void) state;
	for (uint8_t child = 0; child <= 4; child++)
	{
		for (uint8_t parent = 0; parent <= 2; parent++)
			assert_verdict(judge_levels(parent, child, &strict_mode), W4_CONSENT_NOT_DELEGABLE, 1);
		assert_verdict(judge_levels(3, child, &strict_mode),
					   child <= 2 ? W4_CONSENT_OK : W4_CONSENT_LEVEL, 1);
		assert_verdict(judge_levels(4, child, &strict_mode), W4_CONSENT_OK, 1);
	}
}

static W4ChainVerdict
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

static void
hops(void **state)
{
	(void) state;
	assert_verdict(judge_constraint("max_hops", "0", NULL), W4_CONSENT_NOT_DELEGABLE, 1);
	assert_verdict(judge_constraint("max_hops", "0", "0"), W4_CONSENT_NOT_DELEGABLE, 1);
	assert_verdict(judge_constraint("max_hops", "2", "1"), W4_CONSENT_OK, 1);
	assert_verdict(judge_constraint("max_hops", "2", "0"), W4_CONSENT_OK, 1);
	assert_verdict(judge_constraint("max_hops", "2", "2"), W4_CONSENT_NOT_DELEGABLE, 1);
	assert_verdict(judge_constraint("max_hops", "2", "3"), W4_CONSENT_CONSTRAINT, 1);
	assert_verdict(judge_constraint("max_hops", "2", NULL), W4_CONSENT_CONSTRAINT, 1);
	assert_verdict(judge_constraint("max_hops", NULL, "5"), W4_CONSENT_OK, 1);
	assert_verdict(judge_constraint("max_hops", "x", "0"), W4_CONSENT_CONSTRAINT, 1);
	assert_verdict(judge_constraint("max_hops", "-1", "0"), W4_CONSENT_CONSTRAINT, 1);
	assert_verdict(judge_constraint("max_hops", "1.5", "0"), W4_CONSENT_CONSTRAINT, 1);
	assert_verdict(judge_constraint("max_hops", "2", "0.5"), W4_CONSENT_CONSTRAINT, 1);
	assert_verdict(judge_constraint("max_hops", NULL, "x"), W4_CONSENT_CONSTRAINT, 1);
}

/* --- constraints --- */

static bool
narrow(const char *key, const char *parent, const char *child)
{
	W4Consent	p = {0};
	W4Consent	c = {0};
	const char *detail = NULL;
	bool		ok;

	add_constraint(&p, key, parent);
	if (child != NULL)
		add_constraint(&c, key, child);
	ok = w4_constraints_narrow(&p, &c, &detail);
	assert_int_equal(ok, detail == NULL);
	assert_int_equal(ok, w4_constraints_narrow(&p, &c, NULL));
	return ok;
}

static void
plain_constraints(void **state)
{
	(void) state;
	assert_true(narrow("exclude.geo", "US", "US"));
	assert_false(narrow("exclude.geo", "US", "CN"));
	assert_false(narrow("exclude.geo", "US", "us"));
	assert_false(narrow("exclude.geo", "US", NULL));
	assert_false(narrow("society", "1", "0"));
	assert_verdict(judge_constraint("role", "a", "b"), W4_CONSENT_CONSTRAINT, 1);
	assert_verdict(judge_constraint("role", "a", NULL), W4_CONSENT_CONSTRAINT, 1);
	assert_verdict(judge_constraint("role", NULL, "a"), W4_CONSENT_OK, 1);
}

static void
upper_bounds(void **state)
{
	(void) state;
	assert_true(narrow("max_atp", "25", "25"));
	assert_true(narrow("max_atp", "25", "24.999999999"));
	assert_true(narrow("max_atp", "25", "9"));
	assert_true(narrow("max_atp", "25", "0"));
	assert_false(narrow("max_atp", "25", "26"));
	assert_false(narrow("max_atp", "25", "25.000000001"));
	assert_false(narrow("max_atp", "9", "10"));
	assert_false(narrow("max_atp", "25", NULL));
	assert_verdict(judge_constraint("max_atp", "25", "24"), W4_CONSENT_OK, 1);
	assert_verdict(judge_constraint("max_atp", "25", "26"), W4_CONSENT_CONSTRAINT, 1);
}

static void
lower_bounds(void **state)
{
	(void) state;
	assert_true(narrow("witness.min", "2", "2"));
	assert_true(narrow("witness.min", "2", "10"));
	assert_false(narrow("witness.min", "2", "1"));
	assert_false(narrow("t3.temperament.min", "0.7", "0.699999999"));
	assert_true(narrow("t3.temperament.min", "0.7", "0.700000001"));
	assert_false(narrow("witness.min", "2", NULL));
	/* Only a whole ".min" at the end is the family. */
	assert_false(narrow("witnessmin", "2", "3"));
	assert_false(narrow("witness.minimum", "2", "3"));
	assert_false(narrow("the_max_atp", "2", "1"));
	/* Of both families at once: no way to narrow. */
	assert_true(narrow("max_x.min", "2", "2"));
	assert_false(narrow("max_x.min", "2", "1"));
	assert_false(narrow("max_x.min", "2", "3"));
}

static void
malformed_bounds(void **state)
{
	static const char *const bad[] = {
		"x", "-1", "+1", " 1", "1 ", "01", "1.", ".5", "1.50", "1.0", "1e3", "0x1", "1,5",
		"0.0000000001", "9223372037", "99999999999999999999", "NaN", "inf"
	};

	(void) state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		if (narrow("max_atp", bad[i], bad[i]) || narrow("max_atp", "25", bad[i]) ||
			narrow("max_atp", bad[i], "0") || narrow("witness.min", "0", bad[i]) ||
			narrow("witness.min", bad[i], "9"))
			fail_msg("bound %s accepted", bad[i]);
	}
	assert_true(narrow("max_atp", "9223372036.854775807", "9223372036.854775806"));
}

static void
constraint_values(void **state)
{
	W4Consent	t = root_fields();
	W4Slice		v;

	(void) state;
	add_constraint(&t, "max_atp", "25");
	add_constraint(&t, "role", "x");
	v = w4_constraint_value(&t, "role");
	assert_true(w4_slice_eq(v, w4_slice_cstr("x")));
	assert_null(w4_constraint_value(&t, "max_at").data);
	assert_null(w4_constraint_value(&t, "roles").data);
	assert_int_equal(w4_constraint_value(&t, "").len, 0);
}

/* --- cycles and depth --- */

static void
cycles(void **state)
{
	W4Consent	root = root_fields();
	W4Consent	child = any_child();
	Bytes		b;

	(void) state;
	child.subject = w4_slice_cstr("snider.lthn");
	assert_verdict(judge(root, child, seed_mode), W4_CONSENT_CHAIN_SUBJECT, 1);
	child.subject = child.issuer;
	assert_verdict(judge(root, child, seed_mode), W4_CONSENT_CHAIN_SUBJECT, 1);
	child.level = 0;
	assert_verdict(judge(root, child, seed_mode), W4_CONSENT_OK, 1);
	root.subject = root.issuer;
	b = issue(root, 1);
	expect(&b, 1, W4_CONSENT_CHAIN_SUBJECT, 0);
	root.level = 0;
	b = issue(root, 1);
	expect(&b, 1, W4_CONSENT_OK, 0);
}

#define LONGEST (W4_CHAIN_MAX_DEPTH + 1)

/* A chain of n tokens e0 -> e1 -> ... in which entity i signs with key 10 + i. */
static void
long_chain(Bytes chain[LONGEST], W4Anchor known[LONGEST])
{
	static char entity[LONGEST + 1][8];
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

static W4ChainVerdict
verify_depth(const Bytes *chain, int n, const W4Anchor *known, int max_depth)
{
	W4Slice		wires[LONGEST];
	W4ChainPolicy policy = w4_chain_default_policy;

	policy.max_depth = max_depth;
	for (int i = 0; i < n; i++)
		wires[i] = slice_of(&chain[i]);
	return w4_chain_verify(wires, n, known, LONGEST, NULL, 0, &policy, DAY, NOTHING, NOTHING, NOTHING, 3);
}

static void
depth(void **state)
{
	static Bytes chain[LONGEST];
	static W4Anchor known[LONGEST];

	(void) state;
	long_chain(chain, known);
	assert_verdict(verify_depth(chain, 8, known, 8), W4_CONSENT_OK, 7);
	assert_verdict(verify_depth(chain, 9, known, 8), W4_CONSENT_DEPTH, -1);
	assert_verdict(verify_depth(chain, 16, known, 16), W4_CONSENT_OK, 15);
	assert_verdict(verify_depth(chain, 17, known, 16), W4_CONSENT_DEPTH, -1);
	assert_verdict(verify_depth(chain, 17, known, 1000), W4_CONSENT_DEPTH, -1);
	assert_verdict(verify_depth(chain, 1, known, 0), W4_CONSENT_DEPTH, -1);
	assert_int_equal(w4_chain_default_policy.max_depth, 8);
}

static void
too_many_bytes(void **state)
{
	static uint8_t zeros[W4_CHAIN_MAX_BYTES + 1];
	W4Slice		wires[] = {{zeros, W4_CHAIN_MAX_BYTES}, {zeros, 1}, {zeros, SIZE_MAX}};

	(void) state;
	assert_verdict(w4_chain_verify(wires, 1, NULL, 0, NULL, 0, seed_mode, DAY, NOTHING, NOTHING, NOTHING, 0),
				   W4_CONSENT_FORMAT, 0);
	assert_verdict(w4_chain_verify(wires, 2, NULL, 0, NULL, 0, seed_mode, DAY, NOTHING, NOTHING, NOTHING, 0),
				   W4_CONSENT_DEPTH, -1);
	assert_verdict(w4_chain_verify(wires + 1, 2, NULL, 0, NULL, 0, seed_mode, DAY, NOTHING, NOTHING, NOTHING, 0),
				   W4_CONSENT_DEPTH, -1);
}

/* Every step before any later one: a bad form in link 1 beats a bad signature in link 0. */
static void
order_of_steps(void **state)
{
	Bytes		chain[2];
	W4Consent	t = root_fields();

	(void) state;
	golden_chain(chain, V2_HEX);
	chain[0].data[chain[0].len - 1] ^= 1;
	chain[1].data[chain[1].len++] = 0;
	expect(chain, 2, W4_CONSENT_FORMAT, 1);
	/* An unanchored root beats a broken link, this an expiry, this a wide scope. */
	t.issuer = w4_slice_cstr("eve.lthn");
	chain[0] = issue(t, 4);
	chain[1] = unhex(V2_HEX);
	expect(chain, 2, W4_CONSENT_UNANCHORED, 0);
	golden_chain(chain, V5_HEX);
	expect_at(chain, 2, DAY + 24 * HOUR, W4_CONSENT_EXPIRED, 1);
}

/* --- who may revoke --- */

/* A revocation by "who", signed with key n. */
static W4Revocation
revoke(const Bytes *token, const char *who, int n)
{
	static Bytes wires[8];
	static int	next;
	Bytes	   *wire = &wires[next++ % 8];
	uint8_t		secret[64];
	uint8_t		buf[600];
	W4Writer	message = w4_writer(buf, sizeof(buf));
	W4Writer	out = w4_writer(wire->data, sizeof(wire->data));
	W4Revocation r = {0};

	r.revoker = w4_slice_cstr(who);
	w4_sha256(r.token_hash, token->data, token->len);
	r.revoked_at = DAY;
	key_pair(n, r.public_key, secret);
	assert_true(w4_revocation_encode(&out, &r, NULL));
	assert_true(w4_revocation_decode(&r, wire->data, out.len, NULL));
	w4_revocation_signed_bytes(&message, &r);
	w4_sign(r.signature, message.buf, message.len, secret);
	out = w4_writer(wire->data, sizeof(wire->data));
	assert_true(w4_revocation_encode(&out, &r, NULL));
	assert_true(w4_revocation_decode(&r, wire->data, out.len, NULL));
	return r;
}

static void
expect_revoked(const Bytes *chain, W4Revocation r, bool revoked, int link)
{
	assert_verdict(verify(chain, 2, &r, 1, seed_mode, DAY + 6 * HOUR),
				   revoked ? W4_CONSENT_REVOKED : W4_CONSENT_OK, revoked ? link : 1);
}

static void
revokers(void **state)
{
	Bytes		chain[2];
	W4Revocation r[2];

	(void) state;
	golden_chain(chain, V2_HEX);
	expect_revoked(chain, revoke(&chain[0], "snider.lthn", 1), true, 0);
	expect_revoked(chain, revoke(&chain[0], "athena.lthn", 2), true, 0);	/* its subject */
	expect_revoked(chain, revoke(&chain[0], "darbs.lthn", 3), false, 0);
	expect_revoked(chain, revoke(&chain[1], "snider.lthn", 1), true, 1);	/* an ancestor's issuer */
	expect_revoked(chain, revoke(&chain[1], "athena.lthn", 2), true, 1);
	expect_revoked(chain, revoke(&chain[1], "darbs.lthn", 3), true, 1);
	expect_revoked(chain, revoke(&chain[1], "eve.lthn", 4), false, 1);
	expect_revoked(chain, revoke(&chain[1], "athena.lthn", 4), false, 1);	/* not her key */
	expect_revoked(chain, revoke(&chain[1], "darbs.lthn", 4), false, 1);
	r[0] = revoke(&chain[1], "athena.lthn", 2);
	r[0].signature[40] ^= 1;
	expect_revoked(chain, r[0], false, 1);
	r[1] = revoke(&chain[1], "snider.lthn", 1);
	assert_verdict(verify(chain, 2, r, 2, seed_mode, DAY + 6 * HOUR), W4_CONSENT_REVOKED, 1);
	nanchors = 2;				/* darbs' key unknown: cannot renounce */
	expect_revoked(chain, revoke(&chain[1], "darbs.lthn", 3), false, 1);
	nanchors = 3;
}

/* --- one link, as registration asks --- */

static void
single_links(void **state)
{
	Bytes		wire[2];
	W4Consent	root;
	W4Consent	child;
	W4Consent	cycle;
	const char *detail;

	(void) state;
	golden_chain(wire, V2_HEX);
	assert_true(w4_consent_decode(&root, wire[0].data, wire[0].len, NULL));
	assert_true(w4_consent_decode(&child, wire[1].data, wire[1].len, NULL));
	assert_int_equal(w4_chain_check_link(NULL, &root, seed_mode, &detail), W4_CONSENT_OK);
	assert_string_equal(detail, "ok");
	assert_int_equal(w4_chain_check_link(&root, &child, seed_mode, NULL), W4_CONSENT_OK);
	assert_int_equal(w4_chain_check_link(&root, &child, &strict_mode, &detail), W4_CONSENT_OK);
	assert_int_equal(w4_chain_check_link(NULL, &child, seed_mode, &detail), W4_CONSENT_UNANCHORED);
	assert_int_equal(w4_chain_check_link(&child, &root, seed_mode, &detail), W4_CONSENT_CHAIN_LINK);
	child.signature[0] ^= 1;
	assert_int_equal(w4_chain_check_link(&root, &child, seed_mode, &detail), W4_CONSENT_SIGNATURE);

	wire[1] = unhex(V5_HEX);
	assert_true(w4_consent_decode(&child, wire[1].data, wire[1].len, NULL));
	assert_int_equal(w4_chain_check_link(&root, &child, seed_mode, &detail), W4_CONSENT_INTENT_SCOPE);
	cycle = child_fields(&wire[0]);
	cycle.subject = w4_slice_cstr("snider.lthn");
	wire[1] = issue(cycle, 2);
	assert_true(w4_consent_decode(&child, wire[1].data, wire[1].len, NULL));
	assert_int_equal(w4_chain_check_link(&root, &child, seed_mode, &detail), W4_CONSENT_CHAIN_SUBJECT);
	cycle.subject = cycle.issuer;
	wire[1] = issue(cycle, 2);
	assert_true(w4_consent_decode(&child, wire[1].data, wire[1].len, NULL));
	assert_int_equal(w4_chain_check_link(&root, &child, seed_mode, &detail), W4_CONSENT_CHAIN_SUBJECT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(g1_g2_valid),
		cmocka_unit_test(g3_g4_clock),
		cmocka_unit_test(g5_g6_revoked),
		cmocka_unit_test(g7_g8_escalation),
		cmocka_unit_test(g9_g10_g11_g14_structure),
		cmocka_unit_test(g12_refusal),
		cmocka_unit_test(g13_request),
		cmocka_unit_test(g15_issuer_log),
		cmocka_unit_test(bit_flips),
		cmocka_unit_test(foreign_key_claims_a_name),
		cmocka_unit_test(unknown_root),
		cmocka_unit_test(known_key_is_no_root),
		cmocka_unit_test(several_keys_of_one_name),
		cmocka_unit_test(broken_links),
		cmocka_unit_test(resource_and_time_narrow),
		cmocka_unit_test(lifetimes),
		cmocka_unit_test(refusal_as_a_chain),
		cmocka_unit_test(levels_in_seed_mode),
		cmocka_unit_test(levels_in_strict_mode),
		cmocka_unit_test(hops),
		cmocka_unit_test(plain_constraints),
		cmocka_unit_test(upper_bounds),
		cmocka_unit_test(lower_bounds),
		cmocka_unit_test(malformed_bounds),
		cmocka_unit_test(constraint_values),
		cmocka_unit_test(cycles),
		cmocka_unit_test(depth),
		cmocka_unit_test(too_many_bytes),
		cmocka_unit_test(order_of_steps),
		cmocka_unit_test(revokers),
		cmocka_unit_test(single_links),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
