/*-------------------------------------------------------------------------
 *
 * json.c
 *		W4C: the strict parser and the writer.
 *
 * Signatures are verified over the bytes received, so everything rests on one
 * property: a text this parser accepts is byte for byte its own RFC 8785 form.
 * The parser shares nothing but UTF-8 validation with jcs.c, in order that the
 * two can be checked against each other.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json.h"

/* What a byte may be part of. */
#define PLAIN	1				/* string content that needs no escape */
#define KEY		2				/* an object key of W4C */

static const uint8_t byte_class[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* space ! " # $ % & ' ( ) * + , - . / */
	1, 1, 0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3,
	/* 0-9 : ; < = > ? */
	3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1, 1,
	/* @ A-O */
	3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
	/* P-Z [ \ ] ^ _ */
	3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 0, 1, 1, 3,
	/* ` a-o */
	1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
	/* p-z { | } ~ DEL */
	3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1, 1,
	/* beyond ASCII: UTF-8 is validated before */
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
};

static const char hex_digits[] = "0123456789abcdef";

static inline bool
has_class(char c, uint8_t class)
{
	return (byte_class[(uint8_t) c] & class) != 0;
}

/* Value of a lower-case hex digit, or -1. */
static inline int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* --- UTF-8 --- */

static inline bool
in_range(uint8_t c, uint8_t low, uint8_t high)
{
	return c >= low && c <= high;
}

/*
 * Length of the sequence at s, or 0.  The range of the second byte is what
 * keeps out overlong forms, surrogates and everything above U+10FFFF.
 */
static size_t
utf8_sequence(const uint8_t *s, size_t left)
{
	uint8_t		c = s[0];

	if (c < 0x80)
		return 1;
	if (!in_range(c, 0xC2, 0xF4) || left < 2)
		return 0;
	if (c < 0xE0)
		return in_range(s[1], 0x80, 0xBF) ? 2 : 0;
	if (left < 3 || !in_range(s[2], 0x80, 0xBF))
		return 0;
	if (c < 0xF0)
		return in_range(s[1], c == 0xE0 ? 0xA0 : 0x80, c == 0xED ? 0x9F : 0xBF) ? 3 : 0;
	if (left < 4 || !in_range(s[3], 0x80, 0xBF))
		return 0;
	return in_range(s[1], c == 0xF0 ? 0x90 : 0x80, c == 0xF4 ? 0x8F : 0xBF) ? 4 : 0;
}

size_t
w4_utf8_valid_prefix(const char *s, size_t len)
{
	const uint8_t *p = (const uint8_t *) s;
	size_t		pos = 0;

	while (pos < len)
	{
		uint64_t	word;
		size_t		step;

		if (len - pos >= sizeof(word))
		{
			memcpy(&word, p + pos, sizeof(word));
			if ((word & UINT64_C(0x8080808080808080)) == 0)
			{
				pos += sizeof(word);
				continue;
			}
		}
		step = utf8_sequence(p + pos, len - pos);
		if (step == 0)
			break;
		pos += step;
	}
	return pos;
}

bool
w4_utf8_ok(const char *s, size_t len)
{
	return w4_utf8_valid_prefix(s, len) == len;
}

/* --- parsing --- */

/* An open container and, for an object, its latest key. */
typedef struct Frame
{
	uint32_t	node;
	uint32_t	last_key;
} Frame;

typedef struct Parser
{
	const char *text;
	size_t		len;
	size_t		pos;
	W4JsonNode *nodes;
	size_t		nnodes;
	size_t		max_nodes;
	Frame		stack[W4C_MAX_DEPTH];
	size_t		depth;
	W4Fault    *fault;
} Parser;

static bool
fail(Parser *p, const char *what)
{
	return w4_fault(p->fault, what, p->pos);
}

static inline bool
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

static bool
parse_literal(Parser *p, const char *word, size_t len, W4JsonType type)
{
	if (p->len - p->pos < len || memcmp(p->text + p->pos, word, len) != 0)
		return fail(p, "unknown literal");
	p->pos += len;
	return add_node(p, type, p->pos - len, len);
}

/* An integer, |n| <= 2^53-1, in its only spelling. */
static bool
parse_integer(Parser *p)
{
	const char *s = p->text + p->pos;
	size_t		left = p->len - p->pos;
	bool		negative = s[0] == '-';
	size_t		first = negative ? 1 : 0;
	size_t		i = first;
	int64_t		value = 0;

	while (i < left && s[i] >= '0' && s[i] <= '9')
	{
		value = value * 10 + (s[i] - '0');
		if (value > W4_JSON_MAX_INT)
			return fail(p, "number beyond 2^53-1");
		i++;
	}
	if (i == first)
		return fail(p, "missing digit");
	if (s[first] == '0' && i > first + 1)
		return fail(p, "leading zero");
	if (i < left && (s[i] == '.' || s[i] == 'e' || s[i] == 'E'))
		return fail(p, "number that is not a plain integer");
	if (negative && value == 0)
		return fail(p, "negative zero");
	p->pos += i;
	return add_node(p, W4_JSON_NUMBER, p->pos - i, i);
}

/*
 * Length of an escape that RFC 8785 writes, or 0.  \u00xx is only for control
 * characters which have no two-character form.
 */
static size_t
canonical_escape(const char *s, size_t left)
{
	int			low;

	if (left < 2)
		return 0;
	switch (s[1])
	{
		case '"':
		case '\\':
		case 'b':
		case 't':
		case 'n':
		case 'f':
		case 'r':
			return 2;
		case 'u':
			break;
		default:
			return 0;
	}
	if (left < 6 || s[2] != '0' || s[3] != '0')
		return 0;
	low = hex_value(s[5]);
	if (s[4] == '0')
		return (low >= 0 && low != 8 && low != 9 && low != 10 && low != 12 && low != 13) ? 6 : 0;
	return (s[4] == '1' && low >= 0) ? 6 : 0;
}

/* A string value; the position is at its opening quote. */
static bool
parse_string(Parser *p)
{
	size_t		start = p->pos + 1;
	size_t		i = start;
	bool		escaped = false;

	for (;;)
	{
		size_t		step;

		while (i < p->len && has_class(p->text[i], PLAIN))
			i++;
		if (i < p->len && p->text[i] == '"')
			break;
		p->pos = i;
		if (i >= p->len)
			return fail(p, "unterminated string");
		if (p->text[i] != '\\')
			return fail(p, "control character in a string");
		step = canonical_escape(p->text + i, p->len - i);
		if (step == 0)
			return fail(p, "escape that is not canonical");
		escaped = true;
		i += step;
	}
	p->pos = i + 1;
	if (!add_node(p, W4_JSON_STRING, start, i - start))
		return false;
	p->nodes[p->nnodes - 1].escaped = escaped;
	return true;
}

/* Keys must ascend strictly: that excludes duplicates too. */
static bool
check_order(Parser *p, const W4JsonNode *before, const W4JsonNode *key)
{
	size_t		common = before->len < key->len ? before->len : key->len;
	int			cmp = memcmp(p->text + before->start, p->text + key->start, common);

	if (cmp < 0 || (cmp == 0 && before->len < key->len))
		return true;
	return w4_fault(p->fault, cmp == 0 && before->len == key->len ? "duplicate key" : "keys out of order",
					key->start);
}

/* "key": in an object. */
static bool
parse_key(Parser *p, Frame *frame)
{
	size_t		start = p->pos + 1;
	size_t		i = start;

	if (p->pos >= p->len || p->text[p->pos] != '"')
		return fail(p, "missing key");
	while (i < p->len && has_class(p->text[i], KEY))
		i++;
	p->pos = i;
	if (i >= p->len)
		return fail(p, "unterminated string");
	if (p->text[i] != '"')
		return fail(p, "character not allowed in a key");
	if (i == start)
		return fail(p, "empty key");
	if (!add_node(p, W4_JSON_STRING, start, i - start))
		return false;
	if (frame->last_key != 0 &&
		!check_order(p, &p->nodes[frame->last_key], &p->nodes[p->nnodes - 1]))
		return false;
	frame->last_key = (uint32_t) p->nnodes - 1;
	p->pos = i + 1;
	if (p->pos >= p->len || p->text[p->pos] != ':')
		return fail(p, "missing colon");
	p->pos++;
	return true;
}

static bool
open_container(Parser *p, W4JsonType type)
{
	if (p->depth >= W4C_MAX_DEPTH)
		return fail(p, "nesting too deep");
	if (!add_node(p, type, p->pos, 0))
		return false;
	p->stack[p->depth].node = (uint32_t) p->nnodes - 1;
	p->stack[p->depth].last_key = 0;	/* node 0 is never a key */
	p->depth++;
	p->pos++;
	return true;
}

static void
close_container(Parser *p)
{
	W4JsonNode *node = &p->nodes[p->stack[--p->depth].node];

	p->pos++;
	node->len = (uint32_t) p->pos - node->start;
	node->end = (uint32_t) p->nnodes;
}

/* Read a scalar, or enter a container. */
static bool
begin_value(Parser *p)
{
	if (p->pos >= p->len)
		return fail(p, "missing value");
	switch (p->text[p->pos])
	{
		case '"':
			return parse_string(p);
		case '{':
			return open_container(p, W4_JSON_OBJECT);
		case '[':
			return open_container(p, W4_JSON_ARRAY);
		case 't':
			return parse_literal(p, "true", 4, W4_JSON_TRUE);
		case 'f':
			return parse_literal(p, "false", 5, W4_JSON_FALSE);
		case 'n':
			return parse_literal(p, "null", 4, W4_JSON_NULL);
		case ' ':
		case '\t':
		case '\n':
		case '\r':
			return fail(p, "white space");
		case '-':
		case '0':
		case '1':
		case '2':
		case '3':
		case '4':
		case '5':
		case '6':
		case '7':
		case '8':
		case '9':
			return parse_integer(p);
		default:
			return fail(p, "unexpected character");
	}
}

/* Inside a container: its end, or one element together with the comma before it. */
static bool
parse_element(Parser *p)
{
	Frame	   *frame = &p->stack[p->depth - 1];
	W4JsonNode *node = &p->nodes[frame->node];
	bool		object = node->type == W4_JSON_OBJECT;

	if (p->pos >= p->len)
		return fail(p, object ? "unterminated object" : "unterminated array");
	if (p->text[p->pos] == (object ? '}' : ']'))
	{
		close_container(p);
		return true;
	}
	if (node->count > 0)
	{
		if (p->text[p->pos] != ',')
			return fail(p, "missing comma");
		p->pos++;
	}
	node->count++;
	return (!object || parse_key(p, frame)) && begin_value(p);
}

/* Limits and encoding, which concern the text as a whole. */
static bool
check_text(const char *text, size_t len, W4Fault *fault)
{
	size_t		valid;

	if (len > W4C_MAX_SIZE)
		return w4_fault(fault, "text too long", W4C_MAX_SIZE);
	valid = w4_utf8_valid_prefix(text, len);
	if (valid < len)
		return w4_fault(fault, "invalid UTF-8", valid);
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		return w4_fault(fault, "byte order mark", 0);
	return true;
}

bool
w4c_parse(W4Json *doc, const char *text, size_t len,
		  W4JsonNode *nodes, size_t max_nodes, W4Fault *fault)
{
	Parser		p;

	/* a refused text is a document without nodes: nothing can be read from it */
	*doc = (W4Json) {text, len, nodes, 0};
	if (!check_text(text, len, fault))
		return false;

	/* not an initializer: that would clear the stack each time */
	p.text = text;
	p.len = len;
	p.pos = 0;
	p.nodes = nodes;
	p.nnodes = 0;
	p.max_nodes = max_nodes;
	p.depth = 0;
	p.fault = fault;

	if (!begin_value(&p))
		return false;
	while (p.depth > 0)
	{
		if (!parse_element(&p))
			return false;
	}
	if (p.pos != len)
		return fail(&p, "trailing bytes");
	doc->nnodes = p.nnodes;
	return true;
}

/* --- writing --- */

static void
put_escape(W4Writer *w, uint8_t c)
{
	static const char two_char[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	char		text[6] = {'\\', 'u', '0', '0', hex_digits[c >> 4], hex_digits[c & 15]};

	for (size_t i = 0; i + 1 < sizeof(two_char); i += 2)
	{
		if ((uint8_t) two_char[i] == c)
		{
			text[1] = two_char[i + 1];
			w4_put(w, text, 2);
			return;
		}
	}
	w4_put(w, text, sizeof(text));
}

void
w4c_put_char(W4Writer *w, uint8_t c)
{
	if (has_class((char) c, PLAIN))
		w4_put_u8(w, c);
	else
		put_escape(w, c);
}

void
w4c_put_string(W4Writer *w, const char *s, size_t len)
{
	if (!w4_utf8_ok(s, len))
	{
		w->full = true;
		return;
	}
	w4_put_u8(w, '"');
	for (size_t i = 0; i < len; i++)
		w4c_put_char(w, (uint8_t) s[i]);
	w4_put_u8(w, '"');
}

void
w4c_put_int(W4Writer *w, int64_t v)
{
	char		text[17];
	size_t		i = sizeof(text);
	int64_t		left;

	if (v > W4_JSON_MAX_INT || v < -W4_JSON_MAX_INT)
	{
		w->full = true;
		return;
	}
	left = v < 0 ? -v : v;
	do
	{
		text[--i] = (char) ('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (v < 0)
		text[--i] = '-';
	w4_put(w, text + i, sizeof(text) - i);
}

void
w4c_put_hex(W4Writer *w, const uint8_t *data, size_t len)
{
	w4_put_u8(w, '"');
	for (size_t i = 0; i < len; i++)
	{
		char		pair[2] = {hex_digits[data[i] >> 4], hex_digits[data[i] & 15]};

		w4_put(w, pair, sizeof(pair));
	}
	w4_put_u8(w, '"');
}

void
w4c_put_key(W4Writer *w, bool *first, const char *key)
{
	size_t		len = 0;

	while (has_class(key[len], KEY))
		len++;
	if (len == 0 || key[len] != '\0')
	{
		w->full = true;
		return;
	}
	if (!*first)
		w4_put_u8(w, ',');
	*first = false;
	w4_put_u8(w, '"');
	w4_put(w, key, len);
	w4_put(w, "\":", 2);
}
