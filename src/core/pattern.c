/*-------------------------------------------------------------------------
 *
 * pattern.c
 *		Scope patterns for intents and resources: grammar and inclusion.
 *
 * Patterns are compared segment by segment, never as raw prefixes:
 * "trade.*" must not reach "trader.x".
 *
 *-------------------------------------------------------------------------
 */
#include "core/pattern.h"

#define INTENT_MAX_SEGMENTS 8
#define RESOURCE_MAX_SEGMENTS 16
#define INTENT_MAX_SEGMENT_LEN 32
#define RESOURCE_MAX_SEGMENT_LEN 64

typedef enum Tail
{
	TAIL_LITERAL,
	TAIL_ONE,					/* '*' */
	TAIL_MANY					/* '**' */
} Tail;

/* A pattern taken apart: "prefix" has no separator at its end. */
typedef struct Scope
{
	W4Slice		prefix;
	Tail		tail;
} Scope;

static bool
is_lower(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(uint8_t c)
{
	return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

static bool
intent_segment_ok(W4Slice s)
{
	if (s.len == 0 || s.len > INTENT_MAX_SEGMENT_LEN || !is_lower(s.data[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
	{
		uint8_t		c = s.data[i];

		if (!is_lower(c) && !is_digit(c) && c != '_' && c != '-')
			return false;
	}
	return true;
}

/* "." and ".." are excluded by the first character. */
static bool
resource_segment_ok(W4Slice s)
{
	if (s.len == 0 || s.len > RESOURCE_MAX_SEGMENT_LEN || !is_alnum(s.data[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
	{
		uint8_t		c = s.data[i];

		if (!is_alnum(c) && (c == 0 || memchr("._~:@-", c, 6) == NULL))
			return false;
	}
	return true;
}

static bool
segment_ok(W4PatternKind kind, W4Slice s)
{
	return kind == W4_INTENT ? intent_segment_ok(s) : resource_segment_ok(s);
}

static Tail
segment_tail(W4Slice s)
{
	if (s.len == 1 && s.data[0] == '*')
		return TAIL_ONE;
	if (s.len == 2 && s.data[0] == '*' && s.data[1] == '*')
		return TAIL_MANY;
	return TAIL_LITERAL;
}

/* Length of the segment that begins at pos. */
static size_t
segment_len(W4PatternKind kind, W4Slice text, size_t pos)
{
	const uint8_t *sep = memchr(text.data + pos, kind, text.len - pos);

	return sep != NULL ? (size_t) (sep - text.data) - pos : text.len - pos;
}

static bool
check_segments(W4PatternKind kind, W4Slice text, bool allow_wildcard, bool allow_bare, W4Fault *fault)
{
	int			max = kind == W4_INTENT ? INTENT_MAX_SEGMENTS : RESOURCE_MAX_SEGMENTS;
	size_t		pos = 0;

	for (int n = 1;; n++)
	{
		size_t		len = segment_len(kind, text, pos);
		W4Slice		segment = w4_slice(text.data + pos, len);
		bool		last = pos + len == text.len;

		if (n > max)
			return w4_fault(fault, "too many segments", pos);
		if (segment_tail(segment) == TAIL_LITERAL)
		{
			if (!segment_ok(kind, segment))
				return w4_fault(fault, "malformed segment", pos);
		}
		else if (!allow_wildcard)
			return w4_fault(fault, "wildcard where a literal is required", pos);
		else if (!last)
			return w4_fault(fault, "wildcard before the last segment", pos);
		else if (n == 1 && !allow_bare)
			return w4_fault(fault, "bare wildcard", pos);
		if (last)
			return true;
		pos += len + 1;
	}
}

static bool
check_length(W4PatternKind kind, W4Slice text, W4Fault *fault)
{
	size_t		max = kind == W4_INTENT ? W4_INTENT_MAX_LEN : W4_RESOURCE_MAX_LEN;

	if (text.len == 0)
		return w4_fault(fault, "empty pattern", 0);
	if (text.len > max)
		return w4_fault(fault, "pattern too long", max);
	return true;
}

bool
w4_pattern_ok(W4PatternKind kind, W4Slice pattern, bool allow_bare, W4Fault *fault)
{
	return check_length(kind, pattern, fault) &&
		check_segments(kind, pattern, true, allow_bare, fault);
}

bool
w4_literal_ok(W4PatternKind kind, W4Slice text, W4Fault *fault)
{
	return check_length(kind, text, fault) &&
		check_segments(kind, text, false, false, fault);
}

static Scope
split(W4PatternKind kind, W4Slice pattern)
{
	size_t		start = pattern.len;	/* of the last segment */
	Tail		tail;

	while (start > 0 && pattern.data[start - 1] != (uint8_t) kind)
		start--;
	tail = segment_tail(w4_slice(pattern.data + start, pattern.len - start));
	if (tail == TAIL_LITERAL)
		return (Scope) {pattern, tail};
	return (Scope) {w4_slice(pattern.data, start > 0 ? start - 1 : 0), tail};
}

/* Does "text" begin with all segments of "prefix"?  Equality counts. */
static bool
starts_with(W4PatternKind kind, W4Slice text, W4Slice prefix)
{
	if (prefix.len == 0)
		return true;
	if (text.len < prefix.len || memcmp(text.data, prefix.data, prefix.len) != 0)
		return false;
	return text.len == prefix.len || text.data[prefix.len] == (uint8_t) kind;
}

/* Has "text" exactly one segment more than its prefix? */
static bool
one_more_segment(W4PatternKind kind, W4Slice text, W4Slice prefix)
{
	size_t		pos = prefix.len == 0 ? 0 : prefix.len + 1;

	return pos < text.len && pos + segment_len(kind, text, pos) == text.len;
}

bool
w4_pattern_covers(W4PatternKind kind, W4Slice parent, W4Slice child)
{
	Scope		p = split(kind, parent);
	Scope		c = split(kind, child);

	if (p.tail == TAIL_LITERAL)
		return c.tail == TAIL_LITERAL && w4_slice_eq(p.prefix, c.prefix);
	if (!starts_with(kind, c.prefix, p.prefix))
		return false;
	if (p.tail == TAIL_ONE)
	{
		if (c.tail == TAIL_LITERAL)
			return one_more_segment(kind, c.prefix, p.prefix);
		return c.tail == TAIL_ONE && c.prefix.len == p.prefix.len;
	}

	/* A wildcard child adds its own segment; a literal must be the longer one. */
	return c.tail != TAIL_LITERAL || c.prefix.len > p.prefix.len;
}
