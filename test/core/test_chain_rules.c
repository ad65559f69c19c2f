/*
 * Delegation chains: levels, hops, constraints, cycles, depth, and who may revoke.
 */
#include "chain_fixture.h"

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

/* A later delegate may renounce its own grant, never end an ancestor's. */
static void
descendants_do_not_revoke(void **state)
{
	static Bytes chain[LONGEST];
	static W4Anchor known[LONGEST];
	W4Slice		wires[3];
	W4Revocation r[2];
	W4ChainVerdict v;

	(void) state;
	long_chain(chain, known);
	for (int i = 0; i < 3; i++)
		wires[i] = slice_of(&chain[i]);
	r[0] = revoke(&chain[0], "e2", 12);
	v = w4_chain_verify(wires, 3, known, LONGEST, r, 1, seed_mode, DAY, NOTHING, NOTHING, NOTHING, 3);
	assert_verdict(v, W4_CONSENT_OK, 2);
	r[1] = revoke(&chain[1], "e2", 12);
	v = w4_chain_verify(wires, 3, known, LONGEST, r, 2, seed_mode, DAY, NOTHING, NOTHING, NOTHING, 3);
	assert_verdict(v, W4_CONSENT_REVOKED, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(descendants_do_not_revoke),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
