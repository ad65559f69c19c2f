/*
 * Input: tokens, each with a u16be length before it.
 *
 * The chain is judged twice: as it is, where nearly always the signatures
 * decide, and again with names, keys, links and signatures made right, so that
 * the fuzzer reaches the steps behind them.  A chain that passes must narrow
 * from link to link, and all its beginnings must pass too.
 */
#include <stdlib.h>

#include "core/chain.h"
#include "core/crypto.h"
#include "core/pattern.h"

#define MAX_TOKENS 5
#define AT INT64_C(1768197600000000)	/* 2026-01-12T06:00:00Z */

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Signed
{
	size_t		len;
	uint8_t		wire[W4_CONSENT_MAX_SIZE];
} Signed;

static const char *const names[MAX_TOKENS + 1] = {"e0", "e1", "e2", "e3", "e4", "e5"};

static void
expect(bool truth)
{
	if (!truth)
		abort();
}

static int
split(W4Slice wires[MAX_TOKENS], const uint8_t *data, size_t size)
{
	int			n = 0;

	while (n < MAX_TOKENS && size >= 2)
	{
		size_t		len = w4_get_u16be(data);

		if (len > size - 2)
			len = size - 2;
		wires[n++] = w4_slice(data + 2, len);
		data += 2 + len;
		size -= 2 + len;
	}
	return n;
}

/* Entity i signs with key i; only the first may begin a chain. */
static W4Anchor anchors[MAX_TOKENS];
static uint8_t secrets[MAX_TOKENS][64];

static void
make_keys(void)
{
	for (int i = 0; i < MAX_TOKENS; i++)
	{
		uint8_t		seed[32];

		memset(seed, i + 1, sizeof(seed));
		w4_keypair_from_seed(anchors[i].public_key, secrets[i], seed);
		anchors[i].name = w4_slice_cstr(names[i]);
		anchors[i].root = i == 0;
	}
}

static W4ChainVerdict
verify(const W4Slice *wires, int n, const W4ChainPolicy *policy)
{
	W4Slice		nothing = {NULL, 0};

	return w4_chain_verify(wires, n, anchors, MAX_TOKENS, NULL, -1, policy, AT,
						   nothing, nothing, nothing, 0);
}

/* Token i as entity i would issue it to entity i + 1 under the token before. */
static bool
reissue(Signed *out, W4Slice wire, const Signed *before, int i)
{
	uint8_t		buf[W4_CONSENT_MAX_SIZE + 24];
	W4Writer	message = w4_writer(buf, sizeof(buf));
	W4Writer	w = w4_writer(out->wire, sizeof(out->wire));
	W4Consent	t;
	W4Consent	draft;

	if (!w4_consent_decode(&t, wire.data, wire.len, NULL))
		return false;
	t.issuer = w4_slice_cstr(names[i]);
	t.subject = w4_slice_cstr(names[i + 1]);
	t.has_parent = before != NULL;
	if (before != NULL)
		w4_sha256(t.parent, before->wire, before->len);
	memcpy(t.public_key, anchors[i].public_key, sizeof(t.public_key));
	if (!w4_consent_encode(&w, &t, NULL) ||
		!w4_consent_decode(&draft, out->wire, w.len, NULL))
		return false;
	w4_consent_signed_bytes(&message, &draft);
	w4_sign(t.signature, message.buf, message.len, secrets[i]);
	w = w4_writer(out->wire, sizeof(out->wire));
	expect(w4_consent_encode(&w, &t, NULL));
	out->len = w.len;
	return true;
}

static void
check_passed(const W4Slice *wires, int n, const W4ChainPolicy *policy)
{
	W4Consent	t[2];

	for (int i = 0; i < n; i++)
	{
		W4Consent  *child = &t[i % 2];
		const W4Consent *parent = i > 0 ? &t[(i + 1) % 2] : NULL;

		expect(verify(wires, i + 1, policy).code == W4_CONSENT_OK);
		expect(w4_consent_decode(child, wires[i].data, wires[i].len, NULL));
		expect(w4_chain_check_link(parent, child, policy, NULL) == W4_CONSENT_OK);
		expect(child->issued_at <= AT + policy->skew && child->expires_at > AT);
		if (parent == NULL)
			continue;
		expect(w4_pattern_covers(W4_INTENT, parent->intent, child->intent));
		expect(w4_pattern_covers(W4_RESOURCE, parent->resource, child->resource));
		expect(child->level <= parent->level && parent->level > 0);
		expect(child->expires_at <= parent->expires_at && child->issued_at >= parent->issued_at);
		expect(child->nconstraints >= parent->nconstraints);
	}
}

static void
check_verdict(W4ChainVerdict v, int n)
{
	expect(v.detail != NULL && v.link >= -1 && v.link < (n > 0 ? n : 1));
	expect(v.code >= W4_CONSENT_OK && v.code <= W4_CONSENT_NO_CONSENT);
	expect(v.code != W4_CONSENT_OK || v.link == n - 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static Signed again[MAX_TOKENS];
	W4Slice		wires[MAX_TOKENS];
	W4ChainPolicy policy = w4_chain_default_policy;
	W4ChainVerdict v;
	int			n = split(wires, data, size);

	policy.strict = size > 0 && (data[size - 1] & 1) != 0;
	if (anchors[0].name.data == NULL)
		make_keys();
	check_verdict(verify(wires, n, &policy), n);
	for (int i = 0; i < n; i++)
	{
		if (!reissue(&again[i], wires[i], i > 0 ? &again[i - 1] : NULL, i))
			return 0;
		wires[i] = w4_slice(again[i].wire, again[i].len);
	}
	v = verify(wires, n, &policy);
	check_verdict(v, n);
	expect(n == 0 || (v.code != W4_CONSENT_FORMAT && v.code != W4_CONSENT_SIGNATURE));
	if (v.code == W4_CONSENT_OK)
		check_passed(wires, n, &policy);
	return 0;
}
