/*-------------------------------------------------------------------------
 *
 * wire.h
 *		A strict reader for fixed binary forms, and 32-byte hashes.
 *
 * The counterpart of W4Writer: a reader that ran past its input stays failed
 * and yields zeros, so that a decoder reads a whole structure and asks once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_WIRE_H
#define W4_CONSENSUS_WIRE_H

#include "core/bytes.h"

typedef struct W4Reader
{
	W4Slice		in;
	size_t		pos;
	const char *what;			/* first fault, NULL while all is well */
} W4Reader;

static inline W4Reader
w4_reader(W4Slice in)
{
	W4Reader	r = {in, 0, NULL};

	return r;
}

/* The first fault is the one that is told. */
static inline void
w4_read_fail(W4Reader *r, const char *what)
{
	if (r->what == NULL)
		r->what = what;
}

/* Borrow the next len bytes; NULL when they are not there. */
static inline const uint8_t *
w4_read_bytes(W4Reader *r, size_t len)
{
	const uint8_t *p;

	if (r->what != NULL || len > r->in.len - r->pos)
	{
		w4_read_fail(r, "truncated");
		return NULL;
	}
	p = r->in.data + r->pos;
	r->pos += len;
	return p;
}

static inline void
w4_read_copy(W4Reader *r, void *out, size_t len)
{
	const uint8_t *p = w4_read_bytes(r, len);

	if (p != NULL)
		memcpy(out, p, len);
	else
		memset(out, 0, len);
}

static inline uint8_t
w4_read_u8(W4Reader *r)
{
	const uint8_t *p = w4_read_bytes(r, 1);

	return p == NULL ? 0 : p[0];
}

static inline uint16_t
w4_read_u16be(W4Reader *r)
{
	const uint8_t *p = w4_read_bytes(r, 2);

	return p == NULL ? 0 : w4_get_u16be(p);
}

static inline uint32_t
w4_read_u32be(W4Reader *r)
{
	const uint8_t *p = w4_read_bytes(r, 4);

	return p == NULL ? 0 : w4_get_u32be(p);
}

static inline uint64_t
w4_read_u64be(W4Reader *r)
{
	const uint8_t *p = w4_read_bytes(r, 8);

	return p == NULL ? 0 : w4_get_u64be(p);
}

/* A flag is 0 or 1, nothing else. */
static inline bool
w4_read_flag(W4Reader *r)
{
	uint8_t		v = w4_read_u8(r);

	if (v > 1)
		w4_read_fail(r, "flag that is neither 0 nor 1");
	return v == 1;
}

/* A run of bytes after its u32be length, at most max. */
static inline W4Slice
w4_read_run(W4Reader *r, size_t max)
{
	uint32_t	len = w4_read_u32be(r);

	if (len > max)
		w4_read_fail(r, "run longer than allowed");
	return w4_slice(w4_read_bytes(r, len), r->what == NULL ? len : 0);
}

static inline void
w4_put_run(W4Writer *w, W4Slice run)
{
	if (run.len > UINT32_MAX)
		w->full = true;
	w4_put_u32be(w, (uint32_t) run.len);
	w4_put(w, run.data, run.len);
}

/* All is well so far; else the fault is told. */
static inline bool
w4_read_ok(const W4Reader *r, W4Fault *fault)
{
	return r->what == NULL || w4_fault(fault, r->what, r->pos);
}

/* All is well and nothing is left over. */
static inline bool
w4_read_end(W4Reader *r, W4Fault *fault)
{
	if (r->what == NULL && r->pos != r->in.len)
		w4_read_fail(r, "trailing bytes");
	return w4_read_ok(r, fault);
}

/* --- hashes --- */

static inline bool
w4_hash_eq(const uint8_t a[32], const uint8_t b[32])
{
	return memcmp(a, b, 32) == 0;
}

static inline bool
w4_hash_is_zero(const uint8_t hash[32])
{
	static const uint8_t zero[32];

	return w4_hash_eq(hash, zero);
}

static inline void
w4_hash_copy(uint8_t out[32], const uint8_t hash[32])
{
	memcpy(out, hash, 32);
}

/* --- sets of members, as masks of their indexes --- */

static inline int
w4_mask_count(uint64_t mask)
{
	int			n = 0;

	for (; mask != 0; mask &= mask - 1)
		n++;
	return n;
}

static inline uint64_t
w4_mask_bit(unsigned index)
{
	return UINT64_C(1) << index;
}

static inline bool
w4_mask_has(uint64_t mask, unsigned index)
{
	return (mask >> index & 1) != 0;
}

/* The n lowest bits, n <= 64. */
static inline uint64_t
w4_mask_all(unsigned n)
{
	return n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

#endif							/* W4_CONSENSUS_WIRE_H */
