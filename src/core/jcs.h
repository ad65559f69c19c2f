/*-------------------------------------------------------------------------
 *
 * jcs.h
 *		The parts of w4_jcs(): parse, sort, write (jcs.c).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_JCS_H
#define W4_JCS_H

#include "core/json.h"

#pragma GCC visibility push(hidden)

/* Check the text and record its values; nothing is sorted and no number evaluated. */
extern bool w4_jcs_parse(W4Json *doc, const char *text, size_t len,
						 W4JsonNode *nodes, size_t max_nodes, W4Fault *fault);

/* Put the object's key nodes into keys[] in canonical order; equal ones are a fault. */
extern bool w4_jcs_sort_members(const W4Json *doc, uint32_t object, uint32_t *keys, W4Fault *fault);

/* Decode the escape at s (which begins with the backslash); 0 if it is not one. */
extern size_t w4_jcs_decode_escape(const char *s, size_t left, uint32_t *code);

/* The same as UTF-8 of *n bytes; only for what the parser accepted. */
extern size_t w4_jcs_escape_utf8(const char *s, size_t left, uint8_t utf8[4], size_t *n);

/* The content of a parsed string as UTF-8, byte by byte, escapes undone. */
typedef struct W4JcsReader
{
	const char *s;
	size_t		left;
	uint8_t		pending[4];
	size_t		npending;
	size_t		next;
} W4JcsReader;

static inline W4JcsReader
w4_jcs_reader(const W4Json *doc, const W4JsonNode *string)
{
	return (W4JcsReader) {doc->text + string->start, string->len, {0}, 0, 0};
}

/* The next byte, or -1. */
static inline int
w4_jcs_next_byte(W4JcsReader *r)
{
	uint8_t		utf8[4];
	size_t		n;
	size_t		step;

	if (r->next < r->npending)
		return r->pending[r->next++];
	if (r->left == 0)
		return -1;
	if (*r->s != '\\')
	{
		r->left--;
		return (uint8_t) *r->s++;
	}
	/* into locals: only a reader whose address goes nowhere stays in registers */
	step = w4_jcs_escape_utf8(r->s, r->left, utf8, &n);
	r->s += step;
	r->left -= step;
	memcpy(r->pending, utf8, sizeof(utf8));
	r->npending = n;
	r->next = 1;
	return utf8[0];
}

#pragma GCC visibility pop

#endif							/* W4_JCS_H */
