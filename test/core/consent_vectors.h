/*-------------------------------------------------------------------------
 *
 * consent_vectors.h
 *		Golden tokens and what the consent and chain tests build tokens with.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENT_VECTORS_H
#define W4_CONSENT_VECTORS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "core/consent.h"
#include "core/crypto.h"

/* root: snider.lthn -> athena.lthn, level 3, one market's trades */
#define V1_HEX \
	"01000b736e696465722e6c74686e02000b617468656e612e6c74686e03000774726164652e2a04000b6d61726b65742f" \
	"65752f2a050008000648258e61600006000800064a810d9ea00007000103080040bb81071e8cf7447d57650a51ee9277" \
	"afb2856e5e7b0586cf383f1a279a21be7abd4a8152ad3602d077289f0acc8ed1032ceda8351abd030454cbcab2685e69" \
	"080900208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0a0020000000000000000000" \
	"0000000000000000000000000000000000000000000000"

/* delegation of V1: athena.lthn -> darbs.lthn, trade.execute, level 2 */
#define V2_HEX \
	"01000b617468656e612e6c74686e02000a64617262732e6c74686e03000d74726164652e657865637574650400126d61" \
	"726b65742f65752f6c74686e2d6575720500080006482a95d7380006000800064839ac38c00007000102080040ed56cd" \
	"dabfce55ddf01804646d63af6956f928db3b18a766b55cc100b01d588a5245a348b8dce0abf35fd3415947ce660bbeb6" \
	"fd88a4871838f4fc4dad6a41050900208139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394" \
	"0a002000000000000000000000000000000000000000000000000000000000000000000b00201ece592b50bd16783a3e" \
	"69cd62f12e9d277392996835e831931219d475fd7aea"

/* revocation of V1 by snider.lthn, 2026-01-12T12:00Z */
#define V3_HEX \
	"01000b736e696465722e6c74686e0200201ece592b50bd16783a3e69cd62f12e9d277392996835e831931219d475fd7a" \
	"ea0300080006482f9d4d100004000102080040efe015846a162a0a120f0edbe0e2f79f2b2015c9cb93dc82782865cc72" \
	"6b1f5345e4f363159c675900c2c0fe3d23dd3e0ddb4bf7f5c71196be0ed1ffc65e780f0900208a88e3dd7409f195fd52" \
	"db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"

/* V2 with intent trade.**: wider than its parent */
#define V5_HEX \
	"01000b617468656e612e6c74686e02000a64617262732e6c74686e03000874726164652e2a2a0400126d61726b65742f" \
	"65752f6c74686e2d6575720500080006482a95d7380006000800064839ac38c00007000102080040f66ccf486650fc0b" \
	"0a53c6d3f1110e2082c6eaee584bb2b722e75743e3e013f70349baaf12624eaede99a5517217704f0271c76198c05f90" \
	"3a6b082083a1e20c0900208139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b3940a0020fed5" \
	"fcde2c2f6478895f3508db6ff34e3de36e5acdd904dd6fb54459c0f6af8f0b00201ece592b50bd16783a3e69cd62f12e" \
	"9d277392996835e831931219d475fd7aea"

/* V2 with level 4: above its parent */
#define V6_HEX \
	"01000b617468656e612e6c74686e02000a64617262732e6c74686e03000d74726164652e657865637574650400126d61" \
	"726b65742f65752f6c74686e2d6575720500080006482a95d7380006000800064839ac38c000070001040800404401e2" \
	"cafc87021945e7f40c5d894d5f0f8665112683096e73c1ff5c436e0b1ac0ce989eb86e0232f0f3ab3d90b951170ccded" \
	"ccdd4a0dc3f310e001d55698030900208139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394" \
	"0a002070a64710b5fbdca9cc4f722e1132d6058c9ca2290a48551f0b1a0617cbfe36310b00201ece592b50bd16783a3e" \
	"69cd62f12e9d277392996835e831931219d475fd7aea"

/* refusal: darbs.lthn -> athena.lthn, all trades, for ever */
#define V7_HEX \
	"01000a64617262732e6c74686e02000b617468656e612e6c74686e03000874726164652e2a2a0400096d61726b65742f" \
	"2a2a0500080006482b6c6adc000600087fffffffffffffff070001000800404fca9ac709e63437314297695c50b0b7c7" \
	"daae24bf7999f88f612b7a71966961696c01f102bd7823cde9af2cb4ab60172ee1c840285bb6dd62405b2a9cc6860909" \
	"0020ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d10a00200000000000000000000000" \
	"000000000000000000000000000000000000000000"

/* V2 with the parent hash exchanged: the signature fails */
#define V8_HEX \
	"01000b617468656e612e6c74686e02000a64617262732e6c74686e03000d74726164652e657865637574650400126d61" \
	"726b65742f65752f6c74686e2d6575720500080006482a95d7380006000800064839ac38c00007000102080040ed56cd" \
	"dabfce55ddf01804646d63af6956f928db3b18a766b55cc100b01d588a5245a348b8dce0abf35fd3415947ce660bbeb6" \
	"fd88a4871838f4fc4dad6a41050900208139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394" \
	"0a002000000000000000000000000000000000000000000000000000000000000000000b0020c3de38b38a68b407c094" \
	"db5611202b46abc615df583c968dae8bc176ff2192aa"

/* 2026-01-12T00:00:00Z, the golden day, and an hour; in microseconds. */
#define DAY INT64_C(1768176000000000)
#define HOUR INT64_C(3600000000)

typedef struct Bytes
{
	size_t		len;
	uint8_t		data[W4_CONSENT_MAX_SIZE + 64];
} Bytes;

static inline uint8_t
hex_digit(char c)
{
	return (uint8_t) (c <= '9' ? c - '0' : c - 'a' + 10);
}

static inline Bytes
unhex(const char *hex)
{
	Bytes		b = {strlen(hex) / 2, {0}};

	assert_true(b.len <= sizeof(b.data));
	for (size_t i = 0; i < b.len; i++)
		b.data[i] = (uint8_t) (hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	return b;
}

static inline void
assert_hex(const uint8_t *data, size_t len, const char *hex)
{
	Bytes		expected = unhex(hex);

	assert_int_equal(len, expected.len);
	assert_memory_equal(data, expected.data, len);
}

static inline W4Slice
slice_of(const Bytes *b)
{
	return w4_slice(b->data, b->len);
}

/* Key number n: the one whose seed is 32 times the byte n. */
static inline void
key_pair(int n, uint8_t public_key[32], uint8_t secret_key[64])
{
	uint8_t		seed[32];

	memset(seed, n, sizeof(seed));
	w4_keypair_from_seed(public_key, secret_key, seed);
}

/* Encode, sign with key n (whose public half goes into the token), encode again. */
static inline Bytes
issue(W4Consent token, int n)
{
	uint8_t		secret[64];
	uint8_t		buf[W4_CONSENT_MAX_SIZE + 64];
	W4Writer	message = w4_writer(buf, sizeof(buf));
	W4Consent	draft;
	W4Writer	out;
	W4Fault		fault = {"none", 0};
	Bytes		wire;

	key_pair(n, token.public_key, secret);
	out = w4_writer(wire.data, sizeof(wire.data));
	if (!w4_consent_encode(&out, &token, &fault))
		fail_msg("cannot encode: %s at %zu", fault.what, fault.offset);
	assert_true(w4_consent_decode(&draft, wire.data, out.len, NULL));
	w4_consent_signed_bytes(&message, &draft);
	assert_false(message.full);
	w4_sign(token.signature, message.buf, message.len, secret);
	out = w4_writer(wire.data, sizeof(wire.data));
	assert_true(w4_consent_encode(&out, &token, NULL));
	wire.len = out.len;
	return wire;
}

/* V1's fields, unsigned. */
static inline W4Consent
root_fields(void)
{
	W4Consent	t = {0};

	t.issuer = w4_slice_cstr("snider.lthn");
	t.subject = w4_slice_cstr("athena.lthn");
	t.intent = w4_slice_cstr("trade.*");
	t.resource = w4_slice_cstr("market/eu/*");
	t.issued_at = DAY;
	t.expires_at = DAY + 30 * 24 * HOUR;
	t.level = 3;
	return t;
}

/* V2's fields under a given parent, unsigned. */
static inline W4Consent
child_fields(const Bytes *parent)
{
	W4Consent	t = {0};

	t.issuer = w4_slice_cstr("athena.lthn");
	t.subject = w4_slice_cstr("darbs.lthn");
	t.intent = w4_slice_cstr("trade.execute");
	t.resource = w4_slice_cstr("market/eu/lthn-eur");
	t.issued_at = DAY + 6 * HOUR;
	t.expires_at = DAY + 24 * HOUR;
	t.level = 2;
	t.has_parent = true;
	w4_sha256(t.parent, parent->data, parent->len);
	return t;
}

static inline void
add_constraint(W4Consent *t, const char *key, const char *value)
{
	W4Constraint *c = &t->constraints[t->nconstraints++];

	c->key = w4_slice_cstr(key);
	c->value = w4_slice_cstr(value);
}

#endif							/* W4_CONSENT_VECTORS_H */
