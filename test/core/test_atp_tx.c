/*
 * Signed ATP transactions: known answers, limits, every mutation.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "core/atp_tx.h"
#include "core/crypto.h"
#include "core/decimal.h"
#include "core/timestamp.h"

/* The first key of RFC 8032 section 7.1. */
static const uint8_t rfc_seed[32] = {
	0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
	0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60
};

#define NATIVE_HEX \
	"776562342f6174702d74782f763100000000156c63743a776562343a736f63696574793a64656d6f00000009" \
	"646973636861726765000000156c63743a776562343a656e746974793a616c696365000000156c63743a7765" \
	"62343a736f63696574793a706f6f6c000000000bebc20000062a99ba1030900000000672373a616263000102" \
	"030405060708090a0b0c0d0e0fe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define NATIVE_LEN 177
#define NATIVE_SHA256 "104310570c84164febcd73fab8835f0441a11249f726030d4e107030a1858b6a"
#define NATIVE_SIGNATURE \
	"795f5d91c9691bd029f6585a857f5086396a9f03f796f102f92603600bfbc51b" \
	"fd393bf776358c7859f82ca851b7803c75d72f132abdead077b33c20ed9e4b0a"

/* The published JSON form, and the message that locks a transfer. */
#define JSON_TEXT \
	"{\"amount\":200,\"from_entity\":\"lct:web4:entity:alice\"," \
	"\"metadata\":{\"r6\":\"r7:abc\",\"w\":[\"lct:b\"]},\"nonce\":\"AAECAwQFBgcICQoLDA0ODw==\"," \
	"\"timestamp\":1735689600.25,\"to_entity\":\"lct:web4:society:pool\"," \
	"\"transaction_id\":\"atp:tx:0123456789abcdef\",\"transaction_type\":\"discharge\"}"
#define JSON_SHA256 "3f53922269cdd9c8d72269e986a67e2ad5067ebcc2c4f08c99debc49956222f4"
#define JSON_SIGNATURE \
	"64e6604f16bb451940103f83ef6325219ceb004ae51027e073576ac855c11a32" \
	"7d1123fb717c3cf41a3e6db8237c8ef683a6c64cf79a0588ae77f2523aa95c09"
#define LOCK_TEXT \
	"{\"amount\": 200.0, \"dest_agent\": \"lct:bob\", \"dest_platform\": \"B\", " \
	"\"source_agent\": \"lct:alice\", \"source_platform\": \"A\", " \
	"\"timestamp\": 1735689600.0, \"transfer_id\": \"t1\", \"type\": \"ATP_TRANSFER_LOCK\"}"
#define LOCK_SHA256 "5045d2b0ee3f4eae379d630bad9e4d8ec6522b8a14f24d30982b77b871b86224"

static size_t
unhex(uint8_t *out, const char *hex)
{
	size_t		len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++)
	{
		uint8_t		v = 0;

		for (int j = 0; j < 2; j++)
		{
			char		c = hex[2 * i + (size_t) j];

			v = (uint8_t) (v << 4 | (c <= '9' ? c - '0' : c - 'a' + 10));
		}
		out[i] = v;
	}
	return len;
}

static void
assert_sha256(const void *data, size_t len, const char *hex)
{
	uint8_t		expected[32];
	uint8_t		hash[32];

	unhex(expected, hex);
	w4_sha256(hash, data, len);
	assert_memory_equal(hash, expected, 32);
}

static void
assert_signed(const void *data, size_t len, const char *hex)
{
	uint8_t		public_key[32];
	uint8_t		secret_key[64];
	uint8_t		expected[64];
	uint8_t		signature[64];

	unhex(expected, hex);
	w4_keypair_from_seed(public_key, secret_key, rfc_seed);
	w4_sign(signature, data, len, secret_key);
	assert_memory_equal(signature, expected, 64);
	assert_true(w4_verify_strict(expected, data, len, public_key));
	expected[0] ^= 1;
	assert_false(w4_verify_strict(expected, data, len, public_key));
}

static W4AtpTx
discharge(void)
{
	W4AtpTx		tx = {0};

	tx.society = w4_slice_cstr("lct:web4:society:demo");
	tx.type = w4_slice_cstr("discharge");
	tx.from = w4_slice_cstr("lct:web4:entity:alice");
	tx.to = w4_slice_cstr("lct:web4:society:pool");
	tx.amount = 200 * W4_MICRO_ATP;
	tx.timestamp = INT64_C(1735689600250000);
	tx.ref = w4_slice_cstr("r7:abc");
	for (uint8_t i = 0; i < W4_ATP_TX_NONCE_LEN; i++)
		tx.nonce[i] = i;
	w4_sha256(tx.metadata_hash, "", 0);
	return tx;
}

static bool
encodes(const W4AtpTx *tx)
{
	uint8_t		buf[W4_ATP_TX_MAX_SIZE];
	W4Writer	out = w4_writer(buf, sizeof(buf));
	W4AtpTx		back;
	bool		ok = w4_atp_tx_encode(&out, tx, NULL);

	assert_int_equal(ok, out.len > 0);
	if (ok)
		assert_true(w4_atp_tx_decode(&back, buf, out.len, NULL));
	return ok;
}

static void
native_is_written(void **state)
{
	uint8_t		expected[NATIVE_LEN];
	uint8_t		buf[W4_ATP_TX_MAX_SIZE];
	W4Writer	out = w4_writer(buf, sizeof(buf));
	W4AtpTx		tx = discharge();

	(void) state;
	assert_int_equal(unhex(expected, NATIVE_HEX), NATIVE_LEN);
	assert_true(w4_atp_tx_encode(&out, &tx, NULL));
	assert_int_equal(out.len, NATIVE_LEN);
	assert_memory_equal(buf, expected, NATIVE_LEN);
	assert_sha256(buf, out.len, NATIVE_SHA256);
	assert_signed(buf, out.len, NATIVE_SIGNATURE);
}

static void
native_is_read(void **state)
{
	uint8_t		wire[NATIVE_LEN];
	W4AtpTx		expected = discharge();
	W4AtpTx		tx;

	(void) state;
	unhex(wire, NATIVE_HEX);
	assert_true(w4_atp_tx_decode(&tx, wire, sizeof(wire), NULL));
	assert_true(w4_slice_eq(tx.society, expected.society));
	assert_true(w4_slice_eq(tx.type, expected.type));
	assert_true(w4_slice_eq(tx.from, expected.from));
	assert_true(w4_slice_eq(tx.to, expected.to));
	assert_true(w4_slice_eq(tx.ref, expected.ref));
	assert_true(tx.amount == expected.amount);
	assert_true(tx.timestamp == expected.timestamp);
	assert_memory_equal(tx.nonce, expected.nonce, sizeof(tx.nonce));
	assert_memory_equal(tx.metadata_hash, expected.metadata_hash, 32);
}

static void
json_forms(void **state)
{
	(void) state;
	assert_int_equal(strlen(JSON_TEXT), 264);
	assert_sha256(JSON_TEXT, strlen(JSON_TEXT), JSON_SHA256);
	assert_signed(JSON_TEXT, strlen(JSON_TEXT), JSON_SIGNATURE);
	assert_sha256(LOCK_TEXT, strlen(LOCK_TEXT), LOCK_SHA256);
}

static void
truncations(void **state)
{
	uint8_t		wire[NATIVE_LEN + 3];
	W4AtpTx		tx;

	(void) state;
	unhex(wire, NATIVE_HEX);
	for (size_t len = 0; len < NATIVE_LEN; len++)
		assert_false(w4_atp_tx_decode(&tx, wire, len, NULL));
	assert_false(w4_atp_tx_decode(&tx, NULL, 0, NULL));
	for (size_t extra = 1; extra <= 3; extra++)
	{
		memset(wire + NATIVE_LEN, 0, extra);
		assert_false(w4_atp_tx_decode(&tx, wire, NATIVE_LEN + extra, NULL));
	}
}

/* A flipped bit is refused, or read as something else that writes back the same. */
static void
bit_flips(void **state)
{
	uint8_t		wire[NATIVE_LEN];
	int			accepted = 0;

	(void) state;
	unhex(wire, NATIVE_HEX);
	for (size_t bit = 0; bit < sizeof(wire) * 8; bit++)
	{
		uint8_t		buf[W4_ATP_TX_MAX_SIZE];
		W4Writer	out = w4_writer(buf, sizeof(buf));
		W4AtpTx		tx;
		W4Fault		fault = {NULL, 0};

		wire[bit / 8] ^= (uint8_t) (1 << bit % 8);
		if (w4_atp_tx_decode(&tx, wire, sizeof(wire), &fault))
		{
			accepted++;
			assert_true(w4_atp_tx_encode(&out, &tx, NULL));
			assert_int_equal(out.len, sizeof(wire));
			assert_memory_equal(buf, wire, sizeof(wire));
		}
		else
			assert_true(fault.what != NULL && fault.offset <= sizeof(wire));
		wire[bit / 8] ^= (uint8_t) (1 << bit % 8);
	}
	/* At least nonce and metadata hash are free; the prefix and all lengths are not. */
	assert_true(48 * 8 <= accepted && accepted <= NATIVE_LEN * 8 - 15 * 8 - 5 * 32);
}

static void
amounts_and_times(void **state)
{
	static const int64_t bad_amounts[] = {0, -1, W4_ATP_MAX_AMOUNT + 1, INT64_MAX, INT64_MIN};
	static const int64_t bad_times[] = {0, -1, W4_TIMESTAMP_MIN - 1, W4_TIMESTAMP_MAX + 1, INT64_MAX, INT64_MIN};
	W4AtpTx		tx = discharge();

	(void) state;
	tx.amount = 1;
	assert_true(encodes(&tx));
	tx.amount = W4_ATP_MAX_AMOUNT;
	assert_true(encodes(&tx));
	for (size_t i = 0; i < sizeof(bad_amounts) / sizeof(bad_amounts[0]); i++)
	{
		tx.amount = bad_amounts[i];
		assert_false(encodes(&tx));
	}
	tx = discharge();
	tx.timestamp = W4_TIMESTAMP_MIN;
	assert_true(encodes(&tx));
	for (size_t i = 0; i < sizeof(bad_times) / sizeof(bad_times[0]); i++)
	{
		tx.timestamp = bad_times[i];
		assert_false(encodes(&tx));
	}
}

static void
check_text(W4AtpTx *tx, W4Slice *field, size_t min, size_t max)
{
	static char text[W4_ATP_TX_MAX_REF + 2];
	W4Slice		good = *field;

	memset(text, 'a', sizeof(text));
	*field = w4_slice(text, max);
	assert_true(encodes(tx));
	*field = w4_slice(text, max + 1);
	assert_false(encodes(tx));
	*field = w4_slice(text, 0);
	assert_int_equal(encodes(tx), min == 0);
	for (int c = 0; c < 256; c++)
	{
		text[1] = (char) c;
		*field = w4_slice(text, 3);
		if (c < 0x21 || c > 0x7e)
			assert_false(encodes(tx));
		else if (field != &tx->type)
			assert_true(encodes(tx));
		else
			assert_int_equal(encodes(tx), c == '_' || (c >= 'a' && c <= 'z'));
	}
	*field = good;
}

static void
texts(void **state)
{
	W4AtpTx		tx = discharge();

	(void) state;
	check_text(&tx, &tx.society, 1, W4_ATP_TX_MAX_NAME);
	check_text(&tx, &tx.type, 1, 32);
	check_text(&tx, &tx.from, 1, W4_ATP_TX_MAX_NAME);
	check_text(&tx, &tx.to, 1, W4_ATP_TX_MAX_NAME);
	check_text(&tx, &tx.ref, 0, W4_ATP_TX_MAX_REF);
	assert_true(encodes(&tx));
}

/* A length that claims more than there is, up to the largest a u32 can say. */
static void
length_fields(void **state)
{
	static const size_t at[] = {15, 40, 53, 78, 119};
	uint8_t		wire[NATIVE_LEN];
	W4AtpTx		tx;

	(void) state;
	unhex(wire, NATIVE_HEX);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
	{
		uint32_t	len = w4_get_u32be(wire + at[i]);
		uint32_t	wrong[] = {0, len - 1, len + 1, UINT16_MAX, INT32_MAX, UINT32_MAX, UINT32_MAX - 3};

		for (size_t j = 0; j < sizeof(wrong) / sizeof(wrong[0]); j++)
		{
			W4Writer	w = w4_writer(wire + at[i], 4);

			w4_put_u32be(&w, wrong[j]);
			assert_false(w4_atp_tx_decode(&tx, wire, sizeof(wire), NULL));
		}
		wire[at[i]] = wire[at[i] + 1] = wire[at[i] + 2] = 0;
		wire[at[i] + 3] = (uint8_t) len;
	}
	assert_true(w4_atp_tx_decode(&tx, wire, sizeof(wire), NULL));
}

static void
writer_rules(void **state)
{
	uint8_t		buf[W4_ATP_TX_MAX_SIZE + 1] = {0};
	W4AtpTx		tx = discharge();
	W4Writer	out;

	(void) state;
	for (size_t cap = 0; cap < NATIVE_LEN; cap++)
	{
		out = w4_writer(buf, cap);
		assert_false(w4_atp_tx_encode(&out, &tx, NULL));
		assert_int_equal(out.len, 0);
	}
	out = w4_writer(buf, sizeof(buf));
	w4_put_cstr(&out, "before");
	tx.amount = 0;
	assert_false(w4_atp_tx_encode(&out, &tx, NULL));
	assert_int_equal(out.len, 6);
	assert_false(w4_atp_tx_decode(&tx, buf, sizeof(buf), NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_is_written),
		cmocka_unit_test(native_is_read),
		cmocka_unit_test(json_forms),
		cmocka_unit_test(truncations),
		cmocka_unit_test(bit_flips),
		cmocka_unit_test(amounts_and_times),
		cmocka_unit_test(texts),
		cmocka_unit_test(length_fields),
		cmocka_unit_test(writer_rules),
	};

	if (w4_crypto_selftest() != NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
