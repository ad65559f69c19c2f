/*-------------------------------------------------------------------------
 *
 * jcs.c
 *		RFC 8785: the canonical form of any I-JSON text.
 *
 * Two passes: the parser checks the text and records its values; the emitter
 * walks them, sorts the members of each object and writes the canonical
 * spelling.  Number formatting is in es6_number.c.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>

#include "core/json.h"

/* --- escapes --- */

/* The UTF-16 code unit that four hex digits spell, or -1. */
static int
hex4(const char *s)
{
	int			value = 0;

	for (int i = 0; i < 4; i++)
	{
		char		c = s[i];
		int			digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (c >= 'a' && c <= 'f')
			digit = c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			digit = c - 'A' + 10;
		else
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* \uXXXX or a surrogate pair of them; returns its length, 0 if it is neither. */
static size_t
decode_unicode_escape(const char *s, size_t left, uint32_t *code)
{
	int			high = left >= 6 ? hex4(s + 2) : -1;
	int			low;

	if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF))
		return 0;
	*code = (uint32_t) high;
	if (high < 0xD800 || high > 0xDFFF)
		return 6;
	if (left < 12 || s[6] != '\\' || s[7] != 'u')
		return 0;
	low = hex4(s + 8);
	if (low < 0xDC00 || low > 0xDFFF)
		return 0;
	*code = 0x10000 + (((uint32_t) high - 0xD800) << 10) + ((uint32_t) low - 0xDC00);
	return 12;
}

/* Decode the escape at s (which begins with the backslash); 0 if it is not one. */
static size_t
decode_escape(const char *s, size_t left, uint32_t *code)
{
	if (left < 2)
		return 0;
	switch (s[1])
	{
		case '"':
		case '\\':
		case '/':
			*code = (uint32_t) s[1];
			return 2;
		case 'b':
			*code = '\b';
			return 2;
		case 'f':
			*code = '\f';
			return 2;
		case 'n':
			*code = '\n';
			return 2;
		case 'r':
			*code = '\r';
			return 2;
		case 't':
			*code = '\t';
			return 2;
		case 'u':
			return decode_unicode_escape(s, left, code);
		default:
			return 0;
	}
}

/* UTF-8 of a code point that is not a surrogate; returns its length. */
static size_t
encode_utf8(uint8_t out[4], uint32_t code)
{
	if (code < 0x80)
	{
		out[0] = (uint8_t) code;
		return 1;
	}
	if (code < 0x800)
	{
		out[0] = (uint8_t) (0xC0 | (code >> 6));
		out[1] = (uint8_t) (0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000)
	{
		out[0] = (uint8_t) (0xE0 | (code >> 12));
		out[1] = (uint8_t) (0x80 | ((code >> 6) & 0x3F));
		out[2] = (uint8_t) (0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (uint8_t) (0xF0 | (code >> 18));
	out[1] = (uint8_t) (0x80 | ((code >> 12) & 0x3F));
	out[2] = (uint8_t) (0x80 | ((code >> 6) & 0x3F));
	out[3] = (uint8_t) (0x80 | (code & 0x3F));
	return 4;
}

/* --- parsing --- */

typedef struct Parser
{
	const char *text;
	size_t		len;
	size_t		pos;
	W4JsonNode *nodes;
	size_t		nnodes;
	size_t		max_nodes;
	uint32_t	stack[W4_JCS_MAX_DEPTH];	/* open containers */
	size_t		depth;
	W4Fault    *fault;
} Parser;

static bool
fail(Parser *p, const char *what)
{
	return w4_fault(p->fault, what, p->pos);
}

static bool
add_node(Parser *p, W4JsonType type, size_t start, size_t len)
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

static void
skip_space(Parser *p)
{
	while (p->pos < p->len &&
		   (p->text[p->pos] == ' ' || p->text[p->pos] == '\t' ||
			p->text[p->pos] == '\n' || p->text[p->pos] == '\r'))
		p->pos++;
}

static bool
at(const Parser *p, char c)
{
	return p->pos < p->len && p->text[p->pos] == c;
}

static bool
parse_literal(Parser *p, const char *word, W4JsonType type)
{
	size_t		len = strlen(word);

	if (p->len - p->pos < len || memcmp(p->text + p->pos, word, len) != 0)
		return fail(p, "unknown literal");
	p->pos += len;
	return add_node(p, type, p->pos - len, len);
}

static bool
parse_string(Parser *p)
{
	size_t		start = p->pos + 1;
	bool		escaped = false;

	p->pos = start;
	while (!at(p, '"'))
	{
		size_t		step = 1;
		uint32_t	code;

		if (p->pos >= p->len)
			return fail(p, "unterminated string");
		if ((uint8_t) p->text[p->pos] < 0x20)
			return fail(p, "control character in a string");
		if (at(p, '\\'))
		{
			escaped = true;
			step = decode_escape(p->text + p->pos, p->len - p->pos, &code);
			if (step == 0)
				return fail(p, "invalid escape");
		}
		p->pos += step;
	}
	p->pos++;
	if (!add_node(p, W4_JSON_STRING, start, p->pos - 1 - start))
		return false;
	p->nodes[p->nnodes - 1].escaped = escaped;
	return true;
}

/* At least one digit. */
static bool
skip_digits(Parser *p)
{
	size_t		start = p->pos;

	while (p->pos < p->len && p->text[p->pos] >= '0' && p->text[p->pos] <= '9')
		p->pos++;
	return p->pos > start || fail(p, "missing digit");
}

/* The grammar of a number; its value is the emitter's business. */
static bool
parse_number(Parser *p)
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
		return fail(p, "leading zero");
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
	return add_node(p, W4_JSON_NUMBER, start, p->pos - start);
}

static bool
parse_key(Parser *p)
{
	if (!at(p, '"'))
		return fail(p, "missing key");
	if (!parse_string(p))
		return false;
	skip_space(p);
	if (!at(p, ':'))
		return fail(p, "missing colon");
	p->pos++;
	skip_space(p);
	return true;
}

static bool
open_container(Parser *p, W4JsonType type)
{
	if (p->depth >= W4_JCS_MAX_DEPTH)
		return fail(p, "nesting too deep");
	if (!add_node(p, type, p->pos, 0))
		return false;
	p->stack[p->depth++] = (uint32_t) p->nnodes - 1;
	p->pos++;
	return true;
}

static void
close_container(Parser *p)
{
	W4JsonNode *node = &p->nodes[p->stack[--p->depth]];

	p->pos++;
	node->len = (uint32_t) p->pos - node->start;
	node->end = (uint32_t) p->nnodes;
}

/* Read a scalar, or enter a container. */
static bool
begin_value(Parser *p)
{
	char		c = p->pos < p->len ? p->text[p->pos] : '\0';

	switch (c)
	{
		case '"':
			return parse_string(p);
		case '{':
			return open_container(p, W4_JSON_OBJECT);
		case '[':
			return open_container(p, W4_JSON_ARRAY);
		case 't':
			return parse_literal(p, "true", W4_JSON_TRUE);
		case 'f':
			return parse_literal(p, "false", W4_JSON_FALSE);
		case 'n':
			return parse_literal(p, "null", W4_JSON_NULL);
		default:
			if (c == '-' || (c >= '0' && c <= '9'))
				return parse_number(p);
			return fail(p, p->pos < p->len ? "unexpected character" : "missing value");
	}
}

/* Inside a container: its end, or one element together with the comma before it. */
static bool
parse_element(Parser *p)
{
	W4JsonNode *node = &p->nodes[p->stack[p->depth - 1]];
	bool		object = node->type == W4_JSON_OBJECT;

	skip_space(p);
	if (p->pos >= p->len)
		return fail(p, object ? "unterminated object" : "unterminated array");
	if (at(p, object ? '}' : ']'))
	{
		close_container(p);
		return true;
	}
	if (node->count > 0)
	{
		if (!at(p, ','))
			return fail(p, "missing comma");
		p->pos++;
		skip_space(p);
	}
	node->count++;
	return (!object || parse_key(p)) && begin_value(p);
}

static bool
parse_text(Parser *p)
{
	size_t		valid;

	if (p->len > W4_JCS_MAX_SIZE)
		return w4_fault(p->fault, "text too long", W4_JCS_MAX_SIZE);
	valid = w4_utf8_valid_prefix(p->text, p->len);
	if (valid < p->len)
		return w4_fault(p->fault, "invalid UTF-8", valid);
	if (p->len >= 3 && memcmp(p->text, "\xEF\xBB\xBF", 3) == 0)
		return w4_fault(p->fault, "byte order mark", 0);

	skip_space(p);
	if (!begin_value(p))
		return false;
	while (p->depth > 0)
	{
		if (!parse_element(p))
			return false;
	}
	skip_space(p);
	return p->pos == p->len || fail(p, "trailing bytes");
}

/* --- sorting --- */

/* The content of a string as UTF-8, byte by byte, escapes undone. */
typedef struct Reader
{
	const char *s;
	size_t		left;
	uint8_t		pending[4];
	size_t		npending;
	size_t		next;
} Reader;

/* The next byte, or -1. */
static int
next_byte(Reader *r)
{
	uint32_t	code = 0;
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
	step = decode_escape(r->s, r->left, &code);
	r->s += step;
	r->left -= step;
	r->npending = encode_utf8(r->pending, code);
	r->next = 1;
	return r->pending[0];
}

/*
 * UTF-8 sorts by code point, but UTF-16 puts the surrogates, which stand for
 * everything above U+FFFF (lead bytes F0 to F4), before U+E000 to U+FFFF (lead
 * bytes EE and EF).  Raising those two lead bytes makes bytes sort like code
 * units; no other byte of a sequence has these values.
 */
static int
utf16_weight(int byte)
{
	return byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte;
}

static int
compare_keys(const W4Json *doc, uint32_t left, uint32_t right)
{
	Reader		a = {doc->text + doc->nodes[left].start, doc->nodes[left].len, {0}, 0, 0};
	Reader		b = {doc->text + doc->nodes[right].start, doc->nodes[right].len, {0}, 0, 0};

	for (;;)
	{
		int			x = next_byte(&a);
		int			y = next_byte(&b);

		if (x != y)
			return utf16_weight(x) - utf16_weight(y);
		if (x < 0)
			return 0;
	}
}

static void
sift_down(const W4Json *doc, uint32_t *keys, size_t root, size_t n)
{
	for (;;)
	{
		size_t		child = 2 * root + 1;
		uint32_t	swap;

		if (child >= n)
			return;
		if (child + 1 < n && compare_keys(doc, keys[child], keys[child + 1]) < 0)
			child++;
		if (compare_keys(doc, keys[root], keys[child]) >= 0)
			return;
		swap = keys[root];
		keys[root] = keys[child];
		keys[child] = swap;
		root = child;
	}
}

/* Heap sort: in place and n log n for every input; qsort() may allocate. */
static void
heap_sort(const W4Json *doc, uint32_t *keys, size_t n)
{
	for (size_t root = n / 2; root > 0; root--)
		sift_down(doc, keys, root - 1, n);
	for (size_t last = n; last > 1; last--)
	{
		uint32_t	swap = keys[0];

		keys[0] = keys[last - 1];
		keys[last - 1] = swap;
		sift_down(doc, keys, 0, last - 1);
	}
}

/* The position of the first key that does not come after its predecessor, or n. */
static size_t
first_disorder(const W4Json *doc, const uint32_t *keys, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		if (compare_keys(doc, keys[i - 1], keys[i]) >= 0)
			return i;
	}
	return n;
}

/* Put the object's key nodes in canonical order; equal ones are a fault. */
static bool
sort_members(const W4Json *doc, uint32_t object, uint32_t *keys, W4Fault *fault)
{
	const W4JsonNode *node = &doc->nodes[object];
	size_t		n = 0;
	size_t		i;

	for (uint32_t key = object + 1; key < node->end; key = doc->nodes[key + 1].end)
		keys[n++] = key;
	if (first_disorder(doc, keys, n) == n)
		return true;			/* the usual case: sorted before */
	heap_sort(doc, keys, n);
	i = first_disorder(doc, keys, n);
	if (i == n)
		return true;
	return w4_fault(fault, "duplicate key",
					doc->nodes[keys[i] > keys[i - 1] ? keys[i] : keys[i - 1]].start);
}

/* --- emitting --- */

typedef struct Emitter
{
	W4Writer   *out;
	const W4Json *doc;
	uint32_t   *order;			/* sorted keys of the objects being written, innermost last */
	W4Fault    *fault;
} Emitter;

static void
emit_string(W4Writer *out, const char *s, const W4JsonNode *node)
{
	Reader		r = {s, node->len, {0}, 0, 0};
	int			byte;

	if (!node->escaped)
	{
		/* only an escape can be spelled in another way */
		w4_put(out, s - 1, node->len + 2);
		return;
	}
	w4_put_u8(out, '"');
	while ((byte = next_byte(&r)) >= 0)
		w4c_put_char(out, (uint8_t) byte);
	w4_put_u8(out, '"');
}

static bool
emit_number(Emitter *e, const W4JsonNode *node)
{
	char		text[W4_JCS_MAX_NUMBER + 1];
	char		canonical[32];
	double		value;

	memcpy(text, e->doc->text + node->start, node->len);
	text[node->len] = '\0';
	value = strtod(text, NULL);
	if (!isfinite(value))
		return w4_fault(e->fault, "number beyond the range of a double", node->start);
	w4_put(e->out, canonical, (size_t) w4_es6_number(canonical, value));
	return true;
}

static bool emit_value(Emitter *e, uint32_t index, size_t order_used);

static bool
emit_object(Emitter *e, uint32_t index, size_t order_used)
{
	const W4JsonNode *nodes = e->doc->nodes;
	uint32_t   *keys = e->order + order_used;
	uint32_t	n = nodes[index].count;

	if (!sort_members(e->doc, index, keys, e->fault))
		return false;
	w4_put_u8(e->out, '{');
	for (uint32_t i = 0; i < n; i++)
	{
		if (i > 0)
			w4_put_u8(e->out, ',');
		emit_string(e->out, e->doc->text + nodes[keys[i]].start, &nodes[keys[i]]);
		w4_put_u8(e->out, ':');
		if (!emit_value(e, keys[i] + 1, order_used + n))
			return false;
	}
	w4_put_u8(e->out, '}');
	return true;
}

static bool
emit_array(Emitter *e, uint32_t index, size_t order_used)
{
	const W4JsonNode *nodes = e->doc->nodes;

	w4_put_u8(e->out, '[');
	for (uint32_t i = index + 1; i < nodes[index].end; i = nodes[i].end)
	{
		if (i > index + 1)
			w4_put_u8(e->out, ',');
		if (!emit_value(e, i, order_used))
			return false;
	}
	w4_put_u8(e->out, ']');
	return true;
}

/* Recursion is as deep as the parser let the text be. */
static bool
emit_value(Emitter *e, uint32_t index, size_t order_used)
{
	const W4JsonNode *node = &e->doc->nodes[index];
	const char *s = e->doc->text + node->start;

	switch ((W4JsonType) node->type)
	{
		case W4_JSON_OBJECT:
			return emit_object(e, index, order_used);
		case W4_JSON_ARRAY:
			return emit_array(e, index, order_used);
		case W4_JSON_NUMBER:
			return emit_number(e, node);
		case W4_JSON_STRING:
			emit_string(e->out, s, node);
			return true;
		case W4_JSON_NULL:
		case W4_JSON_FALSE:
		case W4_JSON_TRUE:
			break;
	}
	w4_put(e->out, s, node->len);
	return true;
}

bool
w4_jcs(W4Writer *out, const char *text, size_t len,
	   W4JsonNode *nodes, uint32_t *order, size_t max_nodes, W4Fault *fault)
{
	Parser		p = {.text = text, .len = len, .nodes = nodes, .max_nodes = max_nodes, .fault = fault};
	W4Writer	before = *out;
	W4Json		doc;
	Emitter		e = {out, &doc, order, fault};

	if (!parse_text(&p))
		return false;
	doc = (W4Json) {text, len, nodes, p.nnodes};
	if (emit_value(&e, W4_JSON_ROOT, 0))
	{
		if (!out->full)
			return true;
		w4_fault(fault, "canonical form that does not fit", len);
	}
	*out = before;
	return false;
}
