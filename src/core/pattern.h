/*-------------------------------------------------------------------------
 *
 * pattern.h
 *		Scope patterns for intents ('.') and resources ('/'), lethean spec 2.2.
 *
 *
 * A pattern is 1..8 (intent) or 1..16 (resource) segments; the last segment may
 * be '*' (exactly one segment) or '**' (one or more).  A bare wildcard grants
 * everything and is malformed in a grant; law may use it (allow_bare).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_PATTERN_H
#define W4_PATTERN_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

typedef enum W4PatternKind
{
	W4_INTENT = '.',
	W4_RESOURCE = '/'
} W4PatternKind;

#define W4_INTENT_MAX_LEN 128
#define W4_RESOURCE_MAX_LEN 1024

extern bool w4_pattern_ok(W4PatternKind kind, W4Slice pattern, bool allow_bare, W4Fault *fault);

/* A literal: a pattern without wildcard; what an action or a resource name must be. */
extern bool w4_literal_ok(W4PatternKind kind, W4Slice text, W4Fault *fault);

/* Is everything that "child" matches matched by "parent"?  Both must be well formed. */
extern bool w4_pattern_covers(W4PatternKind kind, W4Slice parent, W4Slice child);

#pragma GCC visibility pop

#endif							/* W4_PATTERN_H */
