/*-------------------------------------------------------------------------
 *
 * fake.c
 *		Signatures for the simulator: a keyed 64-bit hash.
 *
 * Anybody could forge one; in this world nobody does, villains sign only with
 * keys of their own.  Ed25519 would take nine tenths of a run; --real uses it.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

#include "core/crypto.h"
#include "core/lctid.h"

/* --- real keys, made on demand --- */

#define VERSIONS 4

static bool real;
static bool made[MAX_IDS][VERSIONS];
static uint8_t public_key[MAX_IDS][VERSIONS][32];
static uint8_t secret_key[MAX_IDS][VERSIONS][64];

void
keys_are_real(void)
{
	real = true;
}

/*
 * Keys of identities are such that the last byte of the id, which is the hash
 * of the key (lctid.h), tells whose it is.
 */
static bool identified[MAX_IDS];
static uint8_t identity_public[MAX_IDS][32];
static uint8_t identity_secret[MAX_IDS][64];
static uint8_t identity_id[MAX_IDS][32];

static void
identify(int identity)
{
	uint8_t		seed[32] = {0xA0};

	for (uint32_t tries = 0; !identified[identity]; tries++)
	{
		memcpy(seed + 1, &tries, sizeof(tries));
		seed[5] = (uint8_t) identity;
		if (real)
			w4_keypair_from_seed(identity_public[identity], identity_secret[identity], seed);
		else
			memcpy(identity_public[identity], seed, 32);
		w4_lct_from_key(identity_id[identity], identity_public[identity]);
		identified[identity] = identity_id[identity][31] == identity;
	}
}

void
member_id(uint8_t id[32], int identity)
{
	identify(identity);
	memcpy(id, identity_id[identity], 32);
}

void
identity_key(uint8_t key[32], int identity)
{
	identify(identity);
	memcpy(key, identity_public[identity], 32);
}

void
member_key(uint8_t key[32], int identity, int version)
{
	version %= VERSIONS;
	memset(key, 0, 32);
	key[0] = (uint8_t) (identity + 1);
	key[1] = 0x5A;
	key[2] = (uint8_t) version;
	if (!real)
		return;
	if (!made[identity][version])
	{
		w4_keypair_from_seed(public_key[identity][version], secret_key[identity][version], key);
		made[identity][version] = true;
	}
	memcpy(key, public_key[identity][version], 32);
}

/* Which version of its key is this? */
int
member_key_version(const uint8_t key[32], int identity)
{
	if (!real)
		return key[2];
	for (int v = 0; v < VERSIONS; v++)
		if (made[identity][v] && w4_hash_eq(public_key[identity][v], key))
			return v;
	return 0;
}

static const uint8_t *
secret_of(const uint8_t key[32])
{
	for (int i = 0; i < MAX_IDS; i++)
		if (identified[i] && w4_hash_eq(identity_public[i], key))
			return identity_secret[i];
	for (int i = 0; i < MAX_IDS; i++)
		for (int v = 0; v < VERSIONS; v++)
			if (made[i][v] && w4_hash_eq(public_key[i][v], key))
				return secret_key[i][v];
	abort();
}

/* --- fake ones --- */

static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9FB21C651E98DF25);
	return h ^ (h >> 32);
}

static uint64_t
keyed_hash(const void *message, size_t len, const uint8_t key[32])
{
	const uint8_t *p = message;
	uint64_t	h;
	uint64_t	v;

	memcpy(&h, key, 8);
	for (; len >= 8; p += 8, len -= 8)
	{
		memcpy(&v, p, 8);
		h = mix(h, v);
	}
	v = 0;
	memcpy(&v, p, len);
	return mix(mix(h, v), len + 1);
}

void
fake_sign(uint8_t signature[64], const void *message, size_t len, const uint8_t key[32])
{
	uint64_t	h;

	if (real)
	{
		w4_sign(signature, message, len, secret_of(key));
		return;
	}
	h = keyed_hash(message, len, key);
	memset(signature, 0, 64);
	memcpy(signature, &h, 8);
}

static bool
fake_verify(void *arg, const uint8_t signature[64], const void *message, size_t len, const uint8_t key[32])
{
	uint64_t	h;

	(void) arg;
	if (real)
		return w4_verify_registered(signature, message, len, key);
	h = keyed_hash(message, len, key);
	return memcmp(signature, &h, 8) == 0;
}

static bool
fake_key_ok(void *arg, const uint8_t key[32])
{
	(void) arg;
	(void) key;
	return true;
}

/* --- hashes --- */

/*
 * SHA-256 would be a third of a run, and no liar here finds collisions: two
 * lanes of the hash above instead, for all that the core hashes (the Makefile
 * wraps the two functions).  With real signatures the hashes are real as well.
 */
extern void __real_w4_sha256(uint8_t out[W4_HASH_LEN], const void *data, size_t len);
extern void __real_w4_sha256_parts(uint8_t out[W4_HASH_LEN], const W4Slice *parts, size_t nparts);
extern void __wrap_w4_sha256(uint8_t out[W4_HASH_LEN], const void *data, size_t len);
extern void __wrap_w4_sha256_parts(uint8_t out[W4_HASH_LEN], const W4Slice *parts, size_t nparts);

void
__wrap_w4_sha256(uint8_t out[W4_HASH_LEN], const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t	lane[2] = {UINT64_C(0x6A09E667F3BCC908), UINT64_C(0xBB67AE8584CAA73B) ^ len};
	uint64_t	v = 0;

	if (real)
	{
		__real_w4_sha256(out, data, len);
		return;
	}
	for (size_t left = len; left > 0; left -= left < 8 ? left : 8, p += 8)
	{
		v = 0;
		memcpy(&v, p, left < 8 ? left : 8);
		lane[0] = mix(lane[0], v);
		lane[1] = mix(lane[1], ~v);
	}
	for (int i = 0; i < W4_HASH_LEN; i += 16)
	{
		lane[0] = mix(lane[0], lane[1]);
		lane[1] = mix(lane[1], lane[0]);
		memcpy(out + i, lane, 16);
	}
}

/* The same as of the parts in one piece. */
void
__wrap_w4_sha256_parts(uint8_t out[W4_HASH_LEN], const W4Slice *parts, size_t nparts)
{
	static uint8_t whole[MESSAGE_CAP];
	size_t		len = 0;

	for (size_t i = 0; i < nparts && !real; i++)
	{
		if (parts[i].len > sizeof(whole) - len)
			abort();
		if (parts[i].len > 0)
			memcpy(whole + len, parts[i].data, parts[i].len);
		len += parts[i].len;
	}
	if (real)
		__real_w4_sha256_parts(out, parts, nparts);
	else
		__wrap_w4_sha256(out, whole, len);
}

const W4Suite fake_suite = {fake_key_ok, fake_verify, NULL};
