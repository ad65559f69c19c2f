/*
 * Delegation chains: the table of the spec, every bit flip, and what the
 * published verifier misses.
 */
#include "chain_fixture.h"

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
	assert_verdict(request(chain, NOTHING, NOTHING, MARKET, 0), W4_CONSENT_OK, 1);
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
		cmocka_unit_test(single_links),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
