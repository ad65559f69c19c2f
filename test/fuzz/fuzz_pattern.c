/*
 * Input: separator, then three texts ending in NUL: parent, child, word.
 * Inclusion must be reflexive and transitive and agree with literals.
 */
#include <stdlib.h>

#include "core/pattern.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool truth)
{
	if (!truth)
		abort();
}

static W4Slice
next_text(const uint8_t **p, size_t *left)
{
	const uint8_t *end = *left > 0 ? memchr(*p, 0, *left) : NULL;
	size_t		len = end != NULL ? (size_t) (end - *p) : *left;
	W4Slice		text = w4_slice(*p, len);

	*p += end != NULL ? len + 1 : len;
	*left -= end != NULL ? len + 1 : len;
	return text;
}

static bool
has_star(W4Slice s)
{
	return s.len > 0 && memchr(s.data, '*', s.len) != NULL;
}

static void
check_one(W4PatternKind kind, W4Slice s)
{
	W4Fault		fault = {NULL, 0};

	expect(w4_literal_ok(kind, s, NULL) == (w4_pattern_ok(kind, s, false, NULL) && !has_star(s)));
	expect(!w4_pattern_ok(kind, s, false, NULL) || w4_pattern_ok(kind, s, true, NULL));
	if (!w4_pattern_ok(kind, s, true, &fault))
		expect(fault.what != NULL && fault.offset <= s.len);
	else
		expect(w4_pattern_covers(kind, s, s));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	W4PatternKind kind;
	W4Slice		p[3];

	if (size < 1)
		return 0;
	kind = data[0] == '/' ? W4_RESOURCE : W4_INTENT;
	data++;
	size--;
	for (int i = 0; i < 3; i++)
	{
		p[i] = next_text(&data, &size);
		check_one(kind, p[i]);
	}
	for (int i = 0; i < 3; i++)
	{
		if (!w4_pattern_ok(kind, p[i], true, NULL))
			return 0;
	}
	if (w4_pattern_covers(kind, p[0], p[1]) && w4_pattern_covers(kind, p[1], p[2]))
		expect(w4_pattern_covers(kind, p[0], p[2]));
	if (w4_pattern_covers(kind, p[0], p[1]) && w4_pattern_covers(kind, p[1], p[0]))
		expect(w4_slice_eq(p[0], p[1]));
	if (!has_star(p[0]))
		expect(w4_pattern_covers(kind, p[0], p[1]) == w4_slice_eq(p[0], p[1]));
	return 0;
}
