/*-------------------------------------------------------------------------
 *
 * fake.c
 *		Signatures for the simulator: a keyed 64-bit hash.
 *
 * Anybody could forge one; in this world nobody does, villains sign only with
 * keys of their own.  Ed25519 would take nine tenths of a run.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

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
	uint64_t	h = keyed_hash(message, len, key);

	memset(signature, 0, 64);
	memcpy(signature, &h, 8);
}

static bool
fake_verify(void *arg, const uint8_t signature[64], const void *message, size_t len, const uint8_t key[32])
{
	uint64_t	h = keyed_hash(message, len, key);

	(void) arg;
	return memcmp(signature, &h, 8) == 0;
}

static bool
fake_key_ok(void *arg, const uint8_t key[32])
{
	(void) arg;
	(void) key;
	return true;
}

const W4Suite fake_suite = {fake_key_ok, fake_verify, NULL};
