/*-------------------------------------------------------------------------
 *
 * verify.c
 *		Ed25519 in SQL.
 *
 * Whether a key is of prime order costs as much to find out as whether a
 * signature verifies, and is a property of its 32 bytes that never changes.
 * So every backend remembers the verdict on the keys that it saw last: a scan
 * over signed rows then pays for the signatures only.
 *
 *-------------------------------------------------------------------------
 */
#include "protocol/verify.h"

#include "host/errors.h"
#include "host/value.h"

PG_FUNCTION_INFO_V1(web4_verify);
PG_FUNCTION_INFO_V1(web4_public_key_ok);
PG_FUNCTION_INFO_V1(web4_keypair);
PG_FUNCTION_INFO_V1(web4_sign);

/* A key has one place in the memory; a newer key that falls there replaces it. */
#define KEY_SLOTS 1024

typedef struct KeyVerdict
{
	uint8_t		public_key[W4_PUBLIC_KEY_LEN];
	bool		known;
	bool		ok;
} KeyVerdict;

static KeyVerdict key_verdicts[KEY_SLOTS];

/* Keys are points, as good as random; crafted ones only make their owner wait. */
static KeyVerdict *
slot_of(const uint8_t *public_key)
{
	return &key_verdicts[w4_get_u16be(public_key) % KEY_SLOTS];
}

/* w4_public_key_ok(), remembering recent verdicts in this backend. */
static bool
cached_public_key_ok(const uint8_t public_key[W4_PUBLIC_KEY_LEN])
{
	KeyVerdict *v = slot_of(public_key);

	if (!v->known || memcmp(v->public_key, public_key, W4_PUBLIC_KEY_LEN) != 0)
	{
		memcpy(v->public_key, public_key, W4_PUBLIC_KEY_LEN);
		v->ok = w4_public_key_ok(public_key);
		v->known = true;
	}
	return v->ok;
}

bool
w4_cached_verify(const uint8_t signature[W4_SIGNATURE_LEN], W4Slice message,
				 const uint8_t public_key[W4_PUBLIC_KEY_LEN])
{
	return cached_public_key_ok(public_key) &&
		w4_verify_registered(signature, message.data, message.len, public_key);
}

Datum
web4_verify(PG_FUNCTION_ARGS)
{
	W4Slice		message = W4_ARG_SLICE(0);
	const uint8_t *signature = w4_fixed_bytea(PG_GETARG_DATUM(1), W4_SIGNATURE_LEN, "signature");
	const uint8_t *public_key = w4_fixed_bytea(PG_GETARG_DATUM(2), W4_PUBLIC_KEY_LEN, "public key");

	PG_RETURN_BOOL(w4_cached_verify(signature, message, public_key));
}

Datum
web4_public_key_ok(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(cached_public_key_ok(w4_fixed_bytea(PG_GETARG_DATUM(0), W4_PUBLIC_KEY_LEN, "public key")));
}

/* --- for tests: nobody is granted these, since SQL text is no place for a secret --- */

Datum
web4_keypair(PG_FUNCTION_ARGS)
{
	const uint8_t *seed = w4_fixed_bytea(PG_GETARG_DATUM(0), W4_SEED_LEN, "seed");
	uint8_t		public_key[W4_PUBLIC_KEY_LEN];
	uint8_t		secret_key[W4_SECRET_KEY_LEN];
	Datum		values[2];
	bool		nulls[2] = {false, false};

	w4_keypair_from_seed(public_key, secret_key, seed);
	values[0] = w4_bytea_datum(public_key, sizeof(public_key));
	values[1] = w4_bytea_datum(secret_key, sizeof(secret_key));
	return w4_result_row(fcinfo, values, nulls);
}

Datum
web4_sign(PG_FUNCTION_ARGS)
{
	W4Slice		message = W4_ARG_SLICE(0);
	const uint8_t *secret_key = w4_fixed_bytea(PG_GETARG_DATUM(1), W4_SECRET_KEY_LEN, "secret key");
	uint8_t		signature[W4_SIGNATURE_LEN];

	w4_sign(signature, message.data, message.len, secret_key);
	return w4_bytea_datum(signature, sizeof(signature));
}
