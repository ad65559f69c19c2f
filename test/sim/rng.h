/*-------------------------------------------------------------------------
 *
 * rng.h
 *		The simulator's own random numbers: xoshiro256** seeded by SplitMix64.
 *
 * Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2018).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4SIM_RNG_H
#define W4SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Rng
{
	uint64_t	s[4];
} Rng;

static inline uint64_t
rng_splitmix(uint64_t *x)
{
	uint64_t	z = (*x += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static inline void
rng_seed(Rng *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		r->s[i] = rng_splitmix(&seed);
}

static inline uint64_t
rng_next(Rng *r)
{
	uint64_t	x = r->s[1] * 5;
	uint64_t	result = (x << 7 | x >> 57) * 9;
	uint64_t	t = r->s[1] << 17;

	r->s[2] ^= r->s[0];
	r->s[3] ^= r->s[1];
	r->s[1] ^= r->s[2];
	r->s[0] ^= r->s[3];
	r->s[2] ^= t;
	r->s[3] = r->s[3] << 45 | r->s[3] >> 19;
	return result;
}

/* 0 .. n - 1; n > 0.  The bias of a 64-bit product is of no matter here. */
static inline uint64_t
rng_below(Rng *r, uint64_t n)
{
	return (uint64_t) (((unsigned __int128) rng_next(r) * n) >> 64);
}

static inline int64_t
rng_between(Rng *r, int64_t low, int64_t high)
{
	return low + (int64_t) rng_below(r, (uint64_t) (high - low + 1));
}

/* True in "ppm" of a million cases; draws nothing when that is 0. */
static inline bool
rng_hit(Rng *r, uint32_t ppm)
{
	return ppm > 0 && rng_below(r, 1000000) < ppm;
}

#endif							/* W4SIM_RNG_H */
