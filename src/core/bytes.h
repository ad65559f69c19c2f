/*-------------------------------------------------------------------------
 *
 * bytes.h
 *		Byte strings, faults and bounded writers shared by the whole core.
 *
 * Nothing in src/core allocates, reads a clock, does I/O or keeps globals.
 * Callers own every buffer; a writer that runs out of room says so instead
 * of truncating silently.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_BYTES_H
#define W4_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#pragma GCC visibility push(hidden)
#endif

/*
 * Why an input was refused.  "what" is a static, lower-case noun phrase that
 * can be embedded in an error message; "offset" is the byte position in the
 * input where the parser noticed it.
 */
typedef struct W4Fault
{
	const char *what;
	size_t		offset;
} W4Fault;

/* Record a fault (fault may be NULL) and return false. */
static inline bool
w4_fault(W4Fault *fault, const char *what, size_t offset)
{
	if (fault != NULL)
	{
		fault->what = what;
		fault->offset = offset;
	}
	return false;
}

/* A borrowed run of bytes; never owns its memory, may contain any byte. */
typedef struct W4Slice
{
	const uint8_t *data;
	size_t		len;
} W4Slice;

static inline W4Slice
w4_slice(const void *data, size_t len)
{
	W4Slice		s = {(const uint8_t *) data, len};

	return s;
}

static inline W4Slice
w4_slice_cstr(const char *s)
{
	return w4_slice(s, strlen(s));
}

static inline bool
w4_slice_eq(W4Slice a, W4Slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Append-only writer over a caller's buffer.  Once "full" it stays full. */
typedef struct W4Writer
{
	uint8_t    *buf;
	size_t		cap;
	size_t		len;
	bool		full;
} W4Writer;

static inline W4Writer
w4_writer(void *buf, size_t cap)
{
	W4Writer	w = {(uint8_t *) buf, cap, 0, false};

	return w;
}

static inline void
w4_put(W4Writer *w, const void *data, size_t len)
{
	if (w->full || len > w->cap - w->len)
	{
		w->full = true;
		return;
	}
	if (len > 0)
		memcpy(w->buf + w->len, data, len);
	w->len += len;
}

static inline void
w4_put_u8(W4Writer *w, uint8_t v)
{
	w4_put(w, &v, 1);
}

static inline void
w4_put_cstr(W4Writer *w, const char *s)
{
	w4_put(w, s, strlen(s));
}

static inline void
w4_put_u16be(W4Writer *w, uint16_t v)
{
	uint8_t		b[2] = {(uint8_t) (v >> 8), (uint8_t) v};

	w4_put(w, b, sizeof(b));
}

static inline void
w4_put_u32be(W4Writer *w, uint32_t v)
{
	uint8_t		b[4] = {(uint8_t) (v >> 24), (uint8_t) (v >> 16), (uint8_t) (v >> 8), (uint8_t) v};

	w4_put(w, b, sizeof(b));
}

static inline void
w4_put_u64be(W4Writer *w, uint64_t v)
{
	w4_put_u32be(w, (uint32_t) (v >> 32));
	w4_put_u32be(w, (uint32_t) v);
}

static inline uint16_t
w4_get_u16be(const uint8_t *p)
{
	return (uint16_t) (((uint16_t) p[0] << 8) | p[1]);
}

static inline uint32_t
w4_get_u32be(const uint8_t *p)
{
	return ((uint32_t) p[0] << 24) | ((uint32_t) p[1] << 16) | ((uint32_t) p[2] << 8) | p[3];
}

static inline uint64_t
w4_get_u64be(const uint8_t *p)
{
	return ((uint64_t) w4_get_u32be(p) << 32) | w4_get_u32be(p + 4);
}

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif							/* W4_BYTES_H */
