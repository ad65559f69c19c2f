/*
 * Transactions: known answers, limits, every mutation; replay windows.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/consensus/exec_params.h"
#include "core/consensus/tx.h"
#include "core/decimal.h"

#define ATP W4_MICRO_ATP
#define SECOND W4_SECOND_US

/* Seed of RFC 8032 section 7.1, TEST 1. */
static const uint8_t rfc_seed[32] = {
	0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
	0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60
};

/*
 * TRANSFER number 7, expiry 1000, from 32 times a1 to 32 times b2, 200 ATP,
 * written item by item from the description in tx.h.
 */
#define GOLDEN_BODY \
	"01000101" \
	"020020d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" \
	"0300080000000000000007" \
	"04000800000000000003e8" \
	"100020a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1" \
	"110020b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2" \
	"130008000000000bebc200"
#define GOLDEN_ID "30dcd0b90334b7419622de29942fbf7238ffd1d44eb17c2ddb7999b73312fef1"

static size_t
unhex(uint8_t *out, const char *hex)
{
	size_t		len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++)
	{
		unsigned	v;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
		out[i] = (uint8_t) v;
	}
	return len;
}

static W4Tx
golden(void)
{
	W4Tx		tx;
	uint8_t		secret[64];

	memset(&tx, 0, sizeof(tx));
	tx.kind = W4_TX_TRANSFER;
	w4_keypair_from_seed(tx.key, secret, rfc_seed);
	tx.sequence = 7;
	tx.expiry_height = 1000;
	memset(tx.from, 0xa1, 32);
	memset(tx.to, 0xb2, 32);
	tx.amount = 200 * ATP;
	return tx;
}

/* One of each kind, filled so that every item is there. */
static W4Tx
sample(W4TxKind kind)
{
	static uint8_t cosignatures[2 * W4_TX_COSIGNATURE_LEN];
	W4Tx		tx = golden();

	tx.kind = (uint8_t) kind;
	tx.hold_us = 30 * SECOND;
	tx.reason = 3;
	tx.entity_type = w4_slice_cstr("ai_agent");
	tx.hw_level = 5;
	tx.anchor_height = 12;
	tx.pow_nonce = UINT64_MAX;
	tx.content = w4_slice_cstr("Gr\xc3\xbc\xc3\x9f" "e an alle Nachbarn");
	tx.claimed_coherence = 900000;
	tx.param = W4_P_REWARD;
	tx.value = -1;
	cosignatures[W4_TX_COSIGNATURE_LEN] = 1;
	tx.cosignatures = w4_slice(cosignatures, sizeof(cosignatures));
	return tx;
}

static size_t
encode(uint8_t *wire, const W4Tx *tx)
{
	W4Writer	out = w4_writer(wire, W4_TX_MAX_SIZE);
	W4Fault		fault = {NULL, 0};

	if (!w4_tx_encode(&out, tx, &fault))
		fail_msg("kind %d: %s at %zu", tx->kind, fault.what, fault.offset);
	return out.len;
}

static void
golden_bytes(void **state)
{
	uint8_t		expected[W4_TX_MAX_SIZE];
	uint8_t		body[512];
	uint8_t		message[1024];
	uint8_t		wire[W4_TX_MAX_SIZE];
	uint8_t		secret[64];
	uint8_t		id[32];
	uint8_t		chain_id[32];
	size_t		len = unhex(expected, GOLDEN_BODY);
	W4Writer	b = w4_writer(body, sizeof(body));
	W4Writer	m = w4_writer(message, sizeof(message));
	W4Tx		tx = golden();
	W4Tx		back;

	(void) state;
	w4_tx_put_body(&b, &tx);
	assert_int_equal(b.len, len);
	assert_memory_equal(body, expected, len);

	/* "W4TX1" | chain id | body, nothing else. */
	memset(chain_id, 0xc1, 32);
	w4_tx_put_signed(&m, W4_DOMAIN_TX, chain_id, w4_slice(body, b.len));
	assert_int_equal(m.len, 5 + 32 + len);
	assert_memory_equal(message, "W4TX1", 5);
	assert_memory_equal(message + 5, chain_id, 32);
	assert_memory_equal(message + 37, body, len);
	w4_keypair_from_seed(tx.key, secret, rfc_seed);
	w4_sign(tx.signature, message, m.len, secret);
	assert_int_equal(encode(wire, &tx), len + 67);
	assert_true(w4_tx_decode(&back, w4_slice(wire, len + 67), NULL));
	assert_int_equal(unhex(id, GOLDEN_ID), 32);
	assert_memory_equal(back.id, id, 32);
	assert_int_equal(back.body.len, len);
	assert_true(w4_verify_strict(back.signature, message, m.len, back.key));
}

static void
every_kind_round_trips(void **state)
{
	uint8_t		wire[W4_TX_MAX_SIZE];
	uint8_t		again[W4_TX_MAX_SIZE];

	(void) state;
	for (int kind = W4_TX_TRANSFER; kind <= W4_TX_PARAM_SET; kind++)
	{
		W4Tx		tx = sample((W4TxKind) kind);
		W4Tx		back;
		size_t		len = encode(wire, &tx);

		assert_true(w4_tx_decode(&back, w4_slice(wire, len), NULL));
		assert_int_equal(back.kind, kind);
		assert_int_equal(encode(again, &back), len);
		assert_memory_equal(wire, again, len);
		assert_int_equal(w4_tx_kind_cosigned((uint8_t) kind), back.cosignatures.len > 0);

		/* Cut short or drawn out. */
		for (size_t cut = 0; cut < len; cut++)
			assert_false(w4_tx_decode(&back, w4_slice(wire, cut), NULL));
		wire[len] = 0;
		assert_false(w4_tx_decode(&back, w4_slice(wire, len + 1), NULL));
	}
	assert_false(w4_tx_kind_cosigned(0));
	assert_false(w4_tx_kind_cosigned(W4_TX_PARAM_SET + 1));
}

/* Whatever decodes after a change of one byte encodes to itself, under another id unless only a signature changed. */
static void
mutations(void **state)
{
	uint8_t		wire[2048];
	uint8_t		again[W4_TX_MAX_SIZE];

	(void) state;
	for (int kind = W4_TX_TRANSFER; kind <= W4_TX_PARAM_SET; kind++)
	{
		W4Tx		tx = sample((W4TxKind) kind);
		size_t		len = encode(wire, &tx);
		W4Tx		original;
		W4Tx		back;

		assert_true(w4_tx_decode(&original, w4_slice(wire, len), NULL));
		for (size_t i = 0; i < len; i++)
		{
			for (int bit = 0; bit < 8; bit++)
			{
				wire[i] ^= (uint8_t) (1 << bit);
				if (w4_tx_decode(&back, w4_slice(wire, len), NULL))
				{
					assert_int_equal(encode(again, &back), len);
					assert_memory_equal(again, wire, len);
					assert_int_equal(memcmp(back.id, original.id, 32) == 0, i >= original.body.len);
				}
				wire[i] ^= (uint8_t) (1 << bit);
			}
		}
	}
}

static void
refuse(const W4Tx *tx, const char *what)
{
	uint8_t		wire[W4_TX_MAX_SIZE];
	W4Writer	out = w4_writer(wire, sizeof(wire));
	W4Fault		fault = {NULL, 0};

	assert_false(w4_tx_encode(&out, tx, &fault));
	assert_string_equal(fault.what, what);
	assert_int_equal(out.len, 0);
}

#define REFUSE(kind, field, bad, what) \
	do { W4Tx tx_ = sample(kind); tx_.field = (bad); refuse(&tx_, what); } while (0)

static void
limits(void **state)
{
	static uint8_t big[W4_TX_MAX_CONTENT + 1];
	static uint8_t many[(W4_TX_MAX_COSIGNERS + 1) * W4_TX_COSIGNATURE_LEN];
	uint8_t		wire[W4_TX_MAX_SIZE];
	W4Writer	out;
	W4Tx		tx;
	W4Fault		fault;

	(void) state;
	REFUSE(W4_TX_TRANSFER, amount, 0, "number out of range");
	REFUSE(W4_TX_TRANSFER, amount, -1, "number out of range");
	REFUSE(W4_TX_TRANSFER, amount, W4_ATP_MAX_AMOUNT + 1, "number out of range");
	REFUSE(W4_TX_TRANSFER, sequence, 0, "number out of range");
	REFUSE(W4_TX_TRANSFER, sequence, UINT64_MAX, "number out of range");
	REFUSE(W4_TX_TRANSFER, expiry_height, 0, "number out of range");
	REFUSE(W4_TX_LOCK, hold_us, 0, "number out of range");
	REFUSE(W4_TX_LOCK, hold_us, -5, "number out of range");
	REFUSE(W4_TX_REGISTER, hw_level, 0, "number out of range");
	REFUSE(W4_TX_REGISTER, hw_level, 6, "number out of range");
	REFUSE(W4_TX_REGISTER, anchor_height, UINT64_MAX, "number out of range");
	REFUSE(W4_TX_REGISTER, entity_type, w4_slice_cstr(""), "field of wrong length");
	REFUSE(W4_TX_REGISTER, entity_type, w4_slice_cstr("abcdefghijklmnopq"), "field of wrong length");
	REFUSE(W4_TX_REGISTER, entity_type, w4_slice_cstr("AI"), "malformed entity type");
	REFUSE(W4_TX_THOUGHT, claimed_coherence, 1000001, "number out of range");
	REFUSE(W4_TX_THOUGHT, content, w4_slice_cstr(""), "field of wrong length");
	REFUSE(W4_TX_THOUGHT, content, w4_slice_cstr("\xff"), "content not UTF-8");
	REFUSE(W4_TX_THOUGHT, content, w4_slice_cstr("\xed\xa0\x80"), "content not UTF-8");
	REFUSE(W4_TX_THOUGHT, content, w4_slice("a\0b", 3), "content with NUL");
	REFUSE(W4_TX_PARAM_SET, param, W4_NPARAMS, "unknown parameter");
	REFUSE(W4_TX_MINT, cosignatures, w4_slice(many, 0), "field of wrong length");
	REFUSE(W4_TX_MINT, cosignatures, w4_slice(many, W4_TX_COSIGNATURE_LEN + 1), "field of wrong length");
	REFUSE(W4_TX_MINT, cosignatures, w4_slice(many, sizeof(many)), "field of wrong length");
	REFUSE(W4_TX_MINT, cosignatures, w4_slice(many, 2 * W4_TX_COSIGNATURE_LEN), "cosigners not in order");
	REFUSE(W4_TX_TRANSFER, kind, 0, "number out of range");
	REFUSE(W4_TX_TRANSFER, kind, W4_TX_PARAM_SET + 1, "number out of range");

	memset(big, 'x', sizeof(big));
	tx = sample(W4_TX_THOUGHT);
	tx.content = w4_slice(big, W4_TX_MAX_CONTENT);
	(void) encode(wire, &tx);
	tx.content.len++;
	refuse(&tx, "field of wrong length");

	/* A writer too small writes nothing, and what is too long is not looked at. */
	tx = golden();
	out = w4_writer(wire, 100);
	assert_false(w4_tx_encode(&out, &tx, &fault));
	assert_string_equal(fault.what, "transaction too long");
	assert_false(w4_tx_decode(&tx, w4_slice(wire, W4_TX_MAX_SIZE + 1), &fault));
	assert_string_equal(fault.what, "transaction too long");

	/* Items of wrong length, in the wrong order, or of another kind. */
	tx = golden();
	(void) encode(wire, &tx);
	wire[0] = 2;
	assert_false(w4_tx_decode(&tx, w4_slice(wire, 200), &fault));
	assert_string_equal(fault.what, "unexpected field");
	wire[0] = 1;
	wire[2] = 2;
	assert_false(w4_tx_decode(&tx, w4_slice(wire, 200), &fault));
	assert_string_equal(fault.what, "field of wrong length");
}

/* Against a set of everything used, with the rule written out. */
static void
replay_window(void **state)
{
	static bool used[4096];
	W4SeqWindow w = {0, 0};
	uint64_t	high = 0;
	uint64_t	seed = 42;

	(void) state;
	assert_false(w4_seq_fresh(&w, 0));
	for (int i = 0; i < 200000 && high < 4000; i++)
	{
		uint64_t	n;
		bool		fresh;

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		n = high + 40 - (seed >> 33) % 140;
		if (n > 4095)
			continue;
		fresh = n > 0 && !used[n] && (n > high || high - n < 64);
		assert_int_equal(w4_seq_fresh(&w, n), fresh);
		if (!fresh)
			continue;
		w4_seq_use(&w, n);
		used[n] = true;
		high = n > high ? n : high;
		assert_int_equal(w.high, high);
		assert_false(w4_seq_fresh(&w, n));
	}
	w4_seq_use(&w, W4_TX_MAX_SEQUENCE);
	assert_int_equal(w.used, 1);
	assert_true(w4_seq_fresh(&w, W4_TX_MAX_SEQUENCE - 63));
	assert_false(w4_seq_fresh(&w, W4_TX_MAX_SEQUENCE - 64));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_bytes),
		cmocka_unit_test(every_kind_round_trips),
		cmocka_unit_test(mutations),
		cmocka_unit_test(limits),
		cmocka_unit_test(replay_window),
	};

	return cmocka_run_group_tests_name("exec_tx", tests, NULL, NULL);
}
