/*-------------------------------------------------------------------------
 *
 * jcs_parse.c
 *		Parsing any RFC 8259 text that has a canonical form.
 *
 *-------------------------------------------------------------------------
 */
#include "core/jcs.h"
#include "core/json_parser.h"

static void
skip_space(W4Parser *p)
{
	while (p->pos < p->len &&
		   (p->text[p->pos] == ' ' || p->text[p->pos] == '\t' ||
			p->text[p->pos] == '\n' || p->text[p->pos] == '\r'))
		p->pos++;
}

static bool
at(const W4Parser *p, char c)
{
	return p->pos < p->len && p->text[p->pos] == c;
}

static bool
parse_string(W4Parser *p)
{
	size_t		start = p->pos + 1;
	bool		escaped = false;

	p->pos = start;
	while (!at(p, '"'))
	{
		size_t		step = 1;
		uint32_t	code;

		if (p->pos >= p->len)
			return w4_parser_fail(p, "unterminated string");
		if ((uint8_t) p->text[p->pos] < 0x20)
			return w4_parser_fail(p, "control character in a string");
		if (at(p, '\\'))
		{
			escaped = true;
			step = w4_jcs_decode_escape(p->text + p->pos, p->len - p->pos, &code);
			if (step == 0)
				return w4_parser_fail(p, "invalid escape");
		}
		p->pos += step;
	}
	p->pos++;
	if (!w4_parser_add_node(p, W4_JSON_STRING, start, p->pos - 1 - start))
		return false;
	p->nodes[p->nnodes - 1].escaped = escaped;
	return true;
}

/* At least one digit. */
static bool
skip_digits(W4Parser *p)
{
	size_t		start = p->pos;

	while (p->pos < p->len && p->text[p->pos] >= '0' && p->text[p->pos] <= '9')
		p->pos++;
	return p->pos > start || w4_parser_fail(p, "missing digit");
}

/* The grammar of a number; its value is the emitter's business. */
static bool
parse_number(W4Parser *p)
{
	size_t		start = p->pos;
	bool		zero;

	if (at(p, '-'))
		p->pos++;
	zero = at(p, '0');
	if (zero)
		p->pos++;
	else if (!skip_digits(p))
		return false;
	if (zero && p->pos < p->len && p->text[p->pos] >= '0' && p->text[p->pos] <= '9')
		return w4_parser_fail(p, "leading zero");
	if (at(p, '.'))
	{
		p->pos++;
		if (!skip_digits(p))
			return false;
	}
	if (at(p, 'e') || at(p, 'E'))
	{
		p->pos++;
		if (at(p, '+') || at(p, '-'))
			p->pos++;
		if (!skip_digits(p))
			return false;
	}
	if (p->pos - start > W4_JCS_MAX_NUMBER)
		return w4_fault(p->fault, "number too long", start);
	return w4_parser_add_node(p, W4_JSON_NUMBER, start, p->pos - start);
}

static bool
parse_key(W4Parser *p)
{
	if (!at(p, '"'))
		return w4_parser_fail(p, "missing key");
	if (!parse_string(p))
		return false;
	skip_space(p);
	if (!at(p, ':'))
		return w4_parser_fail(p, "missing colon");
	p->pos++;
	skip_space(p);
	return true;
}

/* Read a scalar, or enter a container. */
static bool
begin_value(W4Parser *p)
{
	char		c = p->pos < p->len ? p->text[p->pos] : '\0';

	switch (c)
	{
		case '"':
			return parse_string(p);
		case '{':
			return w4_parser_open(p, W4_JSON_OBJECT);
		case '[':
			return w4_parser_open(p, W4_JSON_ARRAY);
		case 't':
			return w4_parser_literal(p, "true", W4_JSON_TRUE);
		case 'f':
			return w4_parser_literal(p, "false", W4_JSON_FALSE);
		case 'n':
			return w4_parser_literal(p, "null", W4_JSON_NULL);
		default:
			if (c == '-' || (c >= '0' && c <= '9'))
				return parse_number(p);
			return w4_parser_fail(p, p->pos < p->len ? "unexpected character" : "missing value");
	}
}

/* Inside a container: its end, or one element together with the comma before it. */
static bool
parse_element(W4Parser *p)
{
	W4JsonNode *node = &p->nodes[p->stack[p->depth - 1].node];
	bool		object = node->type == W4_JSON_OBJECT;

	skip_space(p);
	if (p->pos >= p->len)
		return w4_parser_fail(p, object ? "unterminated object" : "unterminated array");
	if (at(p, object ? '}' : ']'))
	{
		w4_parser_close(p);
		return true;
	}
	if (node->count > 0)
	{
		if (!at(p, ','))
			return w4_parser_fail(p, "missing comma");
		p->pos++;
		skip_space(p);
	}
	node->count++;
	return (!object || parse_key(p)) && begin_value(p);
}

bool
w4_jcs_parse(W4Json *doc, const char *text, size_t len,
			 W4JsonNode *nodes, size_t max_nodes, W4Fault *fault)
{
	W4Parser	p;

	*doc = (W4Json) {text, len, nodes, 0};
	w4_parser_start(&p, text, len, nodes, max_nodes, W4_JCS_MAX_DEPTH, fault);
	if (!w4_parser_check_text(&p, W4_JCS_MAX_SIZE))
		return false;
	skip_space(&p);
	if (!begin_value(&p))
		return false;
	while (p.depth > 0)
	{
		if (!parse_element(&p))
			return false;
	}
	skip_space(&p);
	if (p.pos != len)
		return w4_parser_fail(&p, "trailing bytes");
	doc->nnodes = p.nnodes;
	return true;
}
