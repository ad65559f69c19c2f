/*-------------------------------------------------------------------------
 *
 * json.h
 *		JSON that can be signed: RFC 8785 (JCS) and its restriction W4C.
 *
 *
 * W4C (identity spec 1.6) is JCS restricted to: object keys
 * [A-Za-z0-9_.:/@#-]+, unique, in byte order; integers |n| <= 2^53-1 only, no
 * exponent, no leading zero, no -0; strings raw UTF-8 with only the escapes that
 * RFC 8785 demands; no white space; depth <= 32; size <= 64 KiB.  A W4C text is
 * its own canonical form, so a signature is verified over the bytes received and
 * the parser only has to refuse everything else.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_JSON_H
#define W4_JSON_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#define W4C_MAX_SIZE 65536
#define W4C_MAX_DEPTH 32
#define W4_JSON_MAX_INT INT64_C(9007199254740991)

typedef enum W4JsonType
{
	W4_JSON_NULL,
	W4_JSON_FALSE,
	W4_JSON_TRUE,
	W4_JSON_NUMBER,
	W4_JSON_STRING,
	W4_JSON_ARRAY,
	W4_JSON_OBJECT
} W4JsonType;

/*
 * A parsed value.  Nodes lie in document order; a container's children follow
 * it, object members as key node then value node.  "end" is the index just
 * behind the value's subtree, so i = nodes[i].end steps to the next sibling.
 * start/len delimit the raw text: for strings what stands between the quotes,
 * still escaped.
 */
typedef struct W4JsonNode
{
	uint8_t		type;			/* W4JsonType */
	bool		escaped;		/* string contains a backslash */
	uint32_t	start;
	uint32_t	len;
	uint32_t	end;
	uint32_t	count;			/* elements of an array, members of an object */
} W4JsonNode;

typedef struct W4Json
{
	const char *text;
	size_t		len;
	W4JsonNode *nodes;
	size_t		nnodes;
} W4Json;

/* Nodes that a text of len bytes can need at most. */
#define W4_JSON_MAX_NODES(len) ((len) / 2 + 2)

/*
 * Accept exactly the W4C texts.  The root may be any value.  Since RFC 8785
 * demands an escape for U+0000, "\u0000" is W4C, but w4_json_string() refuses
 * to hand it out.
 */
extern bool w4c_parse(W4Json *doc, const char *text, size_t len,
					  W4JsonNode *nodes, size_t max_nodes, W4Fault *fault);

/*
 * Accept any RFC 8259 JSON text that JCS can canonicalise (I-JSON: no
 * duplicate keys, valid UTF-8, no lone surrogates, finite numbers), white
 * space allowed, depth <= W4_JCS_MAX_DEPTH, size <= W4_JCS_MAX_SIZE, and write
 * its canonical form.  Scratch: nodes as above, and order[max_nodes].
 * The output needs at most W4_JCS_MAX_OUTPUT(len) bytes; on failure (also when
 * it does not fit) nothing is appended.  A single number may be spelled with
 * W4_JCS_MAX_NUMBER characters: more than any halfway case between two doubles
 * needs.  A number too small for a double is zero, as in ECMAScript.
 */
#define W4_JCS_MAX_SIZE (1024 * 1024)
#define W4_JCS_MAX_DEPTH 64
#define W4_JCS_MAX_NUMBER 1100
#define W4_JCS_MAX_OUTPUT(len) ((len) * 6 + 32)
extern bool w4_jcs(W4Writer *out, const char *text, size_t len,
				   W4JsonNode *nodes, uint32_t *order, size_t max_nodes, W4Fault *fault);

/* ECMAScript Number::toString of a finite double, NUL-terminated; returns the length (<= 25), 0 if not finite. */
extern int	w4_es6_number(char out[32], double value);

/* --- reading a parsed document; an index of -1 means "absent" --- */
#define W4_JSON_ROOT 0
extern int	w4_json_member(const W4Json *doc, int object, const char *key);
extern bool w4_json_is(const W4Json *doc, int node, W4JsonType type);

/*
 * The string's content, without a terminator; fails (false) when absent, not a
 * string, longer than cap, or when it contains NUL.
 */
extern bool w4_json_string(const W4Json *doc, int node, char *out, size_t cap, size_t *len);

/* The raw slice between the quotes, only for strings without escapes; empty slice with NULL data otherwise. */
extern W4Slice w4_json_plain_string(const W4Json *doc, int node);
extern bool w4_json_int(const W4Json *doc, int node, int64_t *out);

/* A string of exactly 2 * out_len lower-case hex digits. */
extern bool w4_json_hex(const W4Json *doc, int node, uint8_t *out, size_t out_len);

/* Refuse an object with a member that is not in keys[] (NULL-terminated); *fault names where. */
extern bool w4_json_only(const W4Json *doc, int object, const char *const *keys, W4Fault *fault);

/*
 * --- writing W4C; the caller writes members in byte order of their keys ---
 *
 * What W4C cannot express (invalid UTF-8, an integer beyond 2^53-1, a key outside
 * its alphabet) marks the writer full, so one check at the end covers all.
 */
extern void w4c_put_string(W4Writer *w, const char *s, size_t len);	/* with quotes and escapes */
extern void w4c_put_char(W4Writer *w, uint8_t c);	/* one byte of a string's content */
extern void w4c_put_int(W4Writer *w, int64_t v);
extern void w4c_put_hex(W4Writer *w, const uint8_t *data, size_t len);	/* as a quoted string */

/*
 * Begin a member: writes ',' unless it is the first after '{', then "key":.
 * "first" is the caller's flag, cleared here.
 */
extern void w4c_put_key(W4Writer *w, bool *first, const char *key);

/* The key and its value. */
extern void w4c_member_string(W4Writer *w, bool *first, const char *key, W4Slice value);
extern void w4c_member_int(W4Writer *w, bool *first, const char *key, int64_t value);
extern void w4c_member_hex(W4Writer *w, bool *first, const char *key, const uint8_t *data, size_t len);

/* Is this well-formed UTF-8 without surrogates (RFC 3629)? */
extern bool w4_utf8_ok(const char *s, size_t len);

/* How many leading bytes are; len when all are, else where the broken sequence begins. */
extern size_t w4_utf8_valid_prefix(const char *s, size_t len);

#pragma GCC visibility pop

#endif							/* W4_JSON_H */
