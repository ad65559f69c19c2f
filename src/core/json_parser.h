/*-------------------------------------------------------------------------
 *
 * json_parser.h
 *		What the parsers of W4C and of JCS share: position, nodes, nesting.
 *
 * Only for json.c and jcs_parse.c.  The grammars are each parser's own, in
 * order that the two can be checked against each other.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_JSON_PARSER_H
#define W4_JSON_PARSER_H

#include "core/json.h"

#define W4_PARSER_MAX_DEPTH W4_JCS_MAX_DEPTH

/* An open container and, for an object of W4C, its latest key. */
typedef struct W4ParserFrame
{
	uint32_t	node;
	uint32_t	last_key;		/* 0, which is never a key, before the first */
} W4ParserFrame;

typedef struct W4Parser
{
	const char *text;
	size_t		len;
	size_t		pos;
	W4JsonNode *nodes;
	size_t		nnodes;
	size_t		max_nodes;
	W4Fault    *fault;
	size_t		max_depth;		/* <= W4_PARSER_MAX_DEPTH */
	size_t		depth;
	W4ParserFrame stack[W4_PARSER_MAX_DEPTH];
} W4Parser;

/* Not an initializer: that would clear the stack each time. */
static inline void
w4_parser_start(W4Parser *p, const char *text, size_t len,
				W4JsonNode *nodes, size_t max_nodes, size_t max_depth, W4Fault *fault)
{
	p->text = text;
	p->len = len;
	p->pos = 0;
	p->nodes = nodes;
	p->nnodes = 0;
	p->max_nodes = max_nodes;
	p->fault = fault;
	p->max_depth = max_depth;
	p->depth = 0;
}

static inline bool
w4_parser_fail(W4Parser *p, const char *what)
{
	return w4_fault(p->fault, what, p->pos);
}

/* Size and encoding, which concern the text as a whole. */
static inline bool
w4_parser_check_text(const W4Parser *p, size_t max_size)
{
	size_t		valid;

	if (p->len > max_size)
		return w4_fault(p->fault, "text too long", max_size);
	valid = w4_utf8_valid_prefix(p->text, p->len);
	if (valid < p->len)
		return w4_fault(p->fault, "invalid UTF-8", valid);
	if (p->len >= 3 && memcmp(p->text, "\xEF\xBB\xBF", 3) == 0)
		return w4_fault(p->fault, "byte order mark", 0);
	return true;
}

static inline bool
w4_parser_add_node(W4Parser *p, W4JsonType type, size_t start, size_t len)
{
	W4JsonNode *node;

	if (p->nnodes >= p->max_nodes)
		return w4_fault(p->fault, "more values than fit", start);
	node = &p->nodes[p->nnodes++];
	node->type = (uint8_t) type;
	node->escaped = false;
	node->start = (uint32_t) start;
	node->len = (uint32_t) len;
	node->end = (uint32_t) p->nnodes;
	node->count = 0;
	return true;
}

static inline bool
w4_parser_literal(W4Parser *p, const char *word, W4JsonType type)
{
	size_t		len = strlen(word);

	if (p->len - p->pos < len || memcmp(p->text + p->pos, word, len) != 0)
		return w4_parser_fail(p, "unknown literal");
	p->pos += len;
	return w4_parser_add_node(p, type, p->pos - len, len);
}

static inline bool
w4_parser_open(W4Parser *p, W4JsonType type)
{
	W4ParserFrame *frame;

	if (p->depth >= p->max_depth)
		return w4_parser_fail(p, "nesting too deep");
	if (!w4_parser_add_node(p, type, p->pos, 0))
		return false;
	frame = &p->stack[p->depth++];
	frame->node = (uint32_t) p->nnodes - 1;
	frame->last_key = 0;
	p->pos++;
	return true;
}

static inline void
w4_parser_close(W4Parser *p)
{
	W4JsonNode *node = &p->nodes[p->stack[--p->depth].node];

	p->pos++;
	node->len = (uint32_t) p->pos - node->start;
	node->end = (uint32_t) p->nnodes;
}

#endif							/* W4_JSON_PARSER_H */
