/*-------------------------------------------------------------------------
 *
 * test_consensus_skip.c
 *		Skipping verification, the messages of state sync, and who is served.
 *
 *-------------------------------------------------------------------------
 */
#include "sync_fixture.h"

static uint8_t bytes[W4_CHUNK_MESSAGE_MAX + 1];
static W4Proof proof;
static W4Trusted trusted;
static const uint8_t chain[32] = {0xC1};

/* A header at height 50 with these members, signed by those in "signers". */
static void
proof_make(const W4Members *set, uint64_t signers)
{
	memset(&proof, 0, sizeof(proof));
	proof.header.version = W4_BLOCK_VERSION;
	proof.header.height = 50;
	proof.header.time_us = 1000;
	memcpy(proof.header.members_hash, set->hash, 32);
	proof.members = *set;
	w4_block_hash(proof.hash, &proof.header, chain);
	cert_sign(&proof.cert, chain, set, 50, proof.hash, signers);
}

static void
trust_make(const W4Members *set)
{
	memset(&trusted, 0, sizeof(trusted));
	trusted.height = 10;
	trusted.time_us = 500;
	trusted.members = *set;
}

static W4Skip
verdict(void)
{
	return w4_skip_verify(&trusted, &proof, chain, &w4_suite_ed25519);
}

/* Exactly floor(N / 3) of the trusted members among the signers are too few, one more is enough. */
static void
test_overlap(void **state)
{
	(void) state;
	for (int n = 1; n <= 13; n++)
	{
		W4Members	now;

		members_of(&now, 100, 13);
		for (int common = 0; common <= n && common <= w4_quorum(13); common++)
		{
			W4Members	then;

			members_of(&then, 100, common);
			for (int i = common; i < n; i++)
				member_put(&then, i);
			w4_members_seal(&then);
			trust_make(&then);
			proof_make(&now, quorum_of(&now));
			assert_int_equal(verdict(), common > n / 3 ? W4_SKIP_GOOD : W4_SKIP_FAR);
		}
	}
}

/* Trusted members that are still there but did not sign do not count, nor do those with another key. */
static void
test_who_counts(void **state)
{
	W4Members	now;
	W4Members	then;

	(void) state;
	members_of(&now, 0, 7);
	members_of(&then, 5, 4);
	trust_make(&then);
	proof_make(&now, 0x1F);		/* members 5 and 6 did not sign */
	assert_int_equal(verdict(), W4_SKIP_FAR);
	proof_make(&now, 0x7C);
	assert_int_equal(verdict(), W4_SKIP_GOOD);
	trusted.members.m[0].key[5] ^= 1;
	assert_int_equal(verdict(), W4_SKIP_FAR);
	trust_make(&then);
	trusted.members.m[0].id[5] ^= 1;
	assert_int_equal(verdict(), W4_SKIP_FAR);
}

static void
test_false(void **state)
{
	W4Members	set;

	(void) state;
	members_of(&set, 0, 4);
	trust_make(&set);
	proof_make(&set, 7);
	assert_int_equal(verdict(), W4_SKIP_GOOD);
	proof_make(&set, 3);
	assert_int_equal(verdict(), W4_SKIP_FALSE);
	proof_make(&set, 15);
	proof.cert.signatures[3][7] ^= 1;
	assert_int_equal(verdict(), W4_SKIP_FALSE);
	proof_make(&set, 7);
	trusted.height = 50;
	assert_int_equal(verdict(), W4_SKIP_FALSE);
	trusted.height = 10;
	trusted.time_us = 1000;
	assert_int_equal(verdict(), W4_SKIP_FALSE);
}

/* The next header needs no overlap, but it must be the next one. */
static void
test_next(void **state)
{
	W4Members	set;
	W4Members	other;

	(void) state;
	members_of(&set, 0, 4);
	members_of(&other, 100, 4);
	trust_make(&other);
	proof_make(&set, 7);
	trusted.height = 49;
	assert_int_equal(verdict(), W4_SKIP_FALSE);
	memcpy(trusted.next_members_hash, set.hash, 32);
	assert_int_equal(verdict(), W4_SKIP_GOOD);
	trusted.hash[0] ^= 1;
	assert_int_equal(verdict(), W4_SKIP_FALSE);
	w4_trusted_step(&trusted, &proof);
	assert_int_equal(trusted.height, 50);
	assert_memory_equal(trusted.members.hash, set.hash, 32);
	w4_trusted_pin(&trusted, 50, proof.hash);
	assert_int_equal(verdict(), W4_SKIP_GOOD);
	trusted.height++;
	assert_int_equal(verdict(), W4_SKIP_FALSE);
}

/* --- forged proofs --- */

/* Does a joiner that trusts "set" read this, and what does it make of it? */
static int
read_proof(const W4BlockHeader *h, const W4Cert *cert, const W4Members *set, const uint8_t chain_id[32])
{
	static W4Proof got;
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_proof_message_put(&w, h, cert, set, chain_id);
	assert_false(w.full);
	if (!w4_proof_decode(&got, w4_slice(w.buf, w.len), chain, &w4_suite_ed25519, NULL))
		return -1;
	return (int) w4_skip_verify(&trusted, &got, chain, &w4_suite_ed25519);
}

/* Every way to count one signer twice, or another's vote, is none. */
static void
test_forged_proofs(void **state)
{
	const uint8_t other[32] = {0xC2};
	W4Members	set;
	W4Members	odd;
	W4Cert		cert;

	(void) state;
	members_of(&set, 0, 4);
	trust_make(&set);
	proof_make(&set, 7);
	assert_int_equal(read_proof(&proof.header, &proof.cert, &set, chain), W4_SKIP_GOOD);
	assert_int_equal(read_proof(&proof.header, &proof.cert, &set, other), -1);

	/* The same members in another order, one of them twice, one key twice; the header names that list. */
	for (int k = 0; k < 3; k++)
	{
		odd = set;
		if (k == 0)
		{
			odd.m[0] = set.m[1];
			odd.m[1] = set.m[0];
		}
		else if (k == 1)
			odd.m[1] = odd.m[0];
		else
			memcpy(odd.m[1].key, odd.m[0].key, 32);
		w4_members_seal(&odd);
		proof_make(&odd, 7);
		assert_int_equal(read_proof(&proof.header, &proof.cert, &odd, chain), -1);
	}

	/* Two votes of one member under two names; votes of another kind, height, block or view. */
	proof_make(&set, 7);
	w4_cert_copy(&cert, &proof.cert);
	memcpy(cert.signatures[1], cert.signatures[0], 64);
	assert_int_equal(read_proof(&proof.header, &cert, &set, chain), W4_SKIP_FALSE);
	w4_cert_copy(&cert, &proof.cert);
	cert.view = 1;
	assert_int_equal(read_proof(&proof.header, &cert, &set, chain), W4_SKIP_FALSE);
	cert_sign(&cert, chain, &set, 49, proof.hash, 7);
	assert_int_equal(read_proof(&proof.header, &cert, &set, chain), -1);
	cert.height = 50;
	assert_int_equal(read_proof(&proof.header, &cert, &set, chain), W4_SKIP_FALSE);
	cert_sign(&cert, other, &set, 50, proof.hash, 7);
	assert_int_equal(read_proof(&proof.header, &cert, &set, chain), W4_SKIP_FALSE);

	/* A certificate of a smaller set, whose quorum is smaller. */
	members_of(&odd, 0, 1);
	cert_sign(&cert, chain, &odd, 50, proof.hash, 1);
	assert_int_equal(read_proof(&proof.header, &cert, &set, chain), W4_SKIP_FALSE);

	/* The last height has no next one. */
	proof.header.height = W4_MAX_HEIGHT + 1;
	assert_int_equal(read_proof(&proof.header, &proof.cert, &set, chain), -1);
	trusted.height = UINT64_MAX;
	proof_make(&set, 7);
	assert_int_equal(read_proof(&proof.header, &proof.cert, &set, chain), W4_SKIP_FALSE);
}

/* --- messages --- */

/* Cut anywhere, or with a byte more, a message is none. */
static void
assert_strict(W4Writer w)
{
	static W4Tip tip;
	W4ManifestWire m;
	uint32_t	index;
	W4Slice		chunk;

	assert_false(w.full);
	for (size_t len = W4_MESSAGE_PREFIX_LEN; len <= w.len + 1; len += 1 + (w.len > 10000 && len > 100 && len + 100 < w.len) * 997)
	{
		W4Slice		in = w4_slice(w.buf, len);
		bool		good = false;

		switch (w.buf[W4_MAGIC_LEN])
		{
			case W4_PROOF:
				good = w4_proof_decode(&proof, in, chain, &w4_suite_ed25519, NULL);
				break;
			case W4_MANIFEST:
				good = w4_manifest_decode(&m, &tip, in, chain, &w4_suite_ed25519, 8, NULL);
				break;
			case W4_CHUNK:
				good = w4_chunk_decode(&index, &chunk, in, NULL);
				break;
			case W4_FETCH_CHUNK:
				good = w4_fetch_chunk_decode(&index, in, NULL);
				break;
			default:
				good = w4_bare_decode(in, NULL);
				break;
		}
		assert_int_equal(good, len == w.len);
	}
}

static void
test_messages(void **state)
{
	static W4Tip tip;
	static uint8_t big[W4_MAX_CHUNK_BYTES + 1];
	uint8_t		leaves[8 * 32] = {1};
	W4Members	set;
	W4ManifestWire m;
	uint32_t	index;
	W4Slice		chunk;
	W4Writer	w;

	(void) state;
	members_of(&set, 0, 4);
	proof_make(&set, 7);
	w = w4_writer(bytes, sizeof(bytes));
	w4_proof_message_put(&w, &proof.header, &proof.cert, &proof.members, chain);
	assert_strict(w);
	w.buf[W4_MESSAGE_PREFIX_LEN - 1] ^= 1;	/* another height in front */
	assert_false(w4_proof_decode(&proof, w4_slice(w.buf, w.len), chain, &w4_suite_ed25519, NULL));

	w4_tip_genesis(&tip, chain, &set, 1, leaves, leaves);
	tip.height = 9;
	cert_sign(&tip.cert, chain, &set, 9, tip.hash, 7);
	w = w4_writer(bytes, sizeof(bytes));
	w4_manifest_put(&w, &tip, leaves, 8, chain);
	assert_strict(w);
	assert_false(w4_manifest_decode(&m, &tip, w4_slice(w.buf, w.len), chain, &w4_suite_ed25519, 7, NULL));
	assert_true(w4_manifest_decode(&m, &tip, w4_slice(w.buf, w.len), chain, &w4_suite_ed25519, 8, NULL));
	tip.cert.height = 8;
	w = w4_writer(bytes, sizeof(bytes));
	w4_manifest_put(&w, &tip, leaves, 8, chain);
	assert_false(w4_manifest_decode(&m, &tip, w4_slice(w.buf, w.len), chain, &w4_suite_ed25519, 8, NULL));

	w = w4_writer(bytes, sizeof(bytes));
	w4_chunk_put(&w, 9, W4_MAX_CHUNKS - 1, w4_slice(big, W4_MAX_CHUNK_BYTES), chain);
	assert_int_equal(w.len, W4_CHUNK_MESSAGE_MAX);
	assert_strict(w);
	w = w4_writer(bytes, sizeof(bytes));
	w4_chunk_put(&w, 9, W4_MAX_CHUNKS, w4_slice(big, 5), chain);
	assert_false(w4_chunk_decode(&index, &chunk, w4_slice(w.buf, w.len), NULL));
	w = w4_writer(bytes, sizeof(bytes));
	w4_chunk_put(&w, 9, 0, w4_slice(big, 0), chain);
	assert_false(w4_chunk_decode(&index, &chunk, w4_slice(w.buf, w.len), NULL));
	w = w4_writer(bytes, sizeof(bytes));
	w4_chunk_put(&w, 9, 0, w4_slice(big, W4_MAX_CHUNK_BYTES + 1), chain);
	assert_false(w4_chunk_decode(&index, &chunk, w4_slice(w.buf, w.len), NULL));

	w = w4_writer(bytes, sizeof(bytes));
	w4_fetch_chunk_put(&w, 9, 3, chain);
	assert_strict(w);
	w = w4_writer(bytes, sizeof(bytes));
	w4_prefix_put(&w, W4_FETCH_OFFER, 9, chain);
	assert_strict(w);
	for (int kind = 0; kind < 256; kind++)
		assert_int_equal(w4_sync_kind((uint8_t) kind), kind >= 23 && kind <= 30);
}

/* --- serving --- */

static bool
ask(W4Serve *s, int who, W4MessageKind kind, int64_t now, W4ServeAnswer *a)
{
	W4Writer	w = w4_writer(bytes, sizeof(bytes));
	uint8_t		id[32];

	peer_id(id, who);
	if (kind == W4_FETCH_CHUNK)
		w4_fetch_chunk_put(&w, 9, 5, chain);
	else
		w4_prefix_put(&w, (uint8_t) kind, 9, chain);
	return w4_serve(s, id, w4_slice(w.buf, w.len), now, a);
}

static void
test_serve(void **state)
{
	static const W4MessageKind kinds[] = {W4_FETCH_OFFER, W4_FETCH_PROOF, W4_FETCH_MANIFEST, W4_FETCH_CHUNK};
	static W4Serve s;
	W4ServeConfig cfg;
	W4ServeAnswer a;
	int			n = 0;

	(void) state;
	w4_serve_defaults(&cfg);
	memcpy(cfg.chain_id, chain, 32);
	w4_serve_init(&s, &cfg, 0);
	for (size_t i = 0; i < COUNT(kinds); i++)
	{
		assert_true(ask(&s, 1, kinds[i], 0, &a));
		assert_int_equal(a.kind, kinds[i] + 1);
		assert_int_equal(a.height, 9);
	}
	assert_int_equal(a.index, 5);

	/* What one asker may have at once; what waits up to a second; what is refused. */
	w4_serve_init(&s, &cfg, 0);
	for (n = 0; ask(&s, 1, W4_FETCH_CHUNK, 0, &a); n++)
		assert_int_equal(a.wait, n < 16 ? 0 : (n - 15) * 1000000 * W4_CHUNK_POINTS / 64);
	assert_int_equal(n, 2 * 64 / W4_CHUNK_POINTS);
	assert_int_equal(s.dropped_rate, 1);

	/* A second later, and after a long time. */
	for (n = 0; ask(&s, 1, W4_FETCH_CHUNK, 500000, &a); n++)
		;
	assert_int_equal(n, 32 / W4_CHUNK_POINTS);
	for (n = 0; ask(&s, 1, W4_FETCH_CHUNK, INT64_C(1) << 60, &a); n++)
		;
	assert_int_equal(n, 2 * 64 / W4_CHUNK_POINTS);

	/* Many askers together have no more than all may have; each of them is new. */
	w4_serve_init(&s, &cfg, 0);
	n = 0;
	for (int who = 0; who < 250; who++)
		n += ask(&s, who, W4_FETCH_CHUNK, 0, &a);
	assert_int_equal(n, 2 * 256 / W4_CHUNK_POINTS);

	/* A manifest costs what it can be long. */
	for (int k = 0; k < 2; k++)
	{
		cfg.max_chunks = k == 0 ? 1000 : W4_MAX_CHUNKS;
		w4_serve_init(&s, &cfg, 0);
		for (n = 0; ask(&s, 1, W4_FETCH_MANIFEST, 0, &a); n++)
			;
		assert_int_equal(n, k == 0 ? 2 * 64 : 2 * 64 / 33);
	}

	/* Nothing that never fills is waited for. */
	cfg.points_per_second = 0;
	w4_serve_init(&s, &cfg, 0);
	for (n = 0; ask(&s, 1, W4_FETCH_CHUNK, 0, &a); n++)
		assert_int_equal(a.wait, 0);
	assert_int_equal(n, 64 / W4_CHUNK_POINTS);

	/* Answers, other kinds, other chains and cut requests are none. */
	assert_false(ask(&s, 1, W4_CHUNK, 0, &a));
	assert_false(ask(&s, 1, W4_FETCH_BLOCKS, 0, &a));
	assert_false(w4_serve(&s, chain, w4_slice(bytes, 20), 0, &a));
	bytes[10] ^= 1;
	assert_false(w4_serve(&s, chain, w4_slice(bytes, W4_MESSAGE_PREFIX_LEN), 0, &a));
	assert_int_equal(s.dropped_malformed, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_who_counts),
		cmocka_unit_test(test_false),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_forged_proofs),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_serve)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
