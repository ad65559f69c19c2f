/*-------------------------------------------------------------------------
 *
 * json.c
 *		W4C: the strict parser and the writer.
 *
 * Signatures are verified over the bytes received, so everything rests on one
 * property: a text this parser accepts is byte for byte its own RFC 8785 form.
 * The grammar shares nothing with that of jcs_parse.c, in order that the two can
 * be checked against each other.
 *
 *-------------------------------------------------------------------------
 */
#include "core/encode.h"
#include "core/json.h"
#include "core/json_parser.h"

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

static inline bool
has_class(char c, uint8_t class)
{
	return (byte_class[(uint8_t) c] & class) != 0;
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

/* An integer, |n| <= 2^53-1, in its only spelling. */
static bool
parse_integer(W4Parser *p)
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
			return w4_parser_fail(p, "number beyond 2^53-1");
		i++;
	}
	if (i == first)
		return w4_parser_fail(p, "missing digit");
	if (s[first] == '0' && i > first + 1)
		return w4_parser_fail(p, "leading zero");
	if (i < left && (s[i] == '.' || s[i] == 'e' || s[i] == 'E'))
		return w4_parser_fail(p, "number that is not a plain integer");
	if (negative && value == 0)
		return w4_parser_fail(p, "negative zero");
	p->pos += i;
	return w4_parser_add_node(p, W4_JSON_NUMBER, p->pos - i, i);
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
	low = w4_hex_value(s[5]);
	if (s[4] == '0')
		return (low >= 0 && low != 8 && low != 9 && low != 10 && low != 12 && low != 13) ? 6 : 0;
	return (s[4] == '1' && low >= 0) ? 6 : 0;
}

/* A string value; the position is at its opening quote. */
static bool
parse_string(W4Parser *p)
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
			return w4_parser_fail(p, "unterminated string");
		if (p->text[i] != '\\')
			return w4_parser_fail(p, "control character in a string");
		step = canonical_escape(p->text + i, p->len - i);
		if (step == 0)
			return w4_parser_fail(p, "escape that is not canonical");
		escaped = true;
		i += step;
	}
	p->pos = i + 1;
	if (!w4_parser_add_node(p, W4_JSON_STRING, start, i - start))
		return false;
	p->nodes[p->nnodes - 1].escaped = escaped;
	return true;
}

/* Keys must ascend strictly: that excludes duplicates too. */
static bool
check_order(W4Parser *p, const W4JsonNode *before, const W4JsonNode *key)
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
parse_key(W4Parser *p, W4ParserFrame *frame)
{
	size_t		start = p->pos + 1;
	size_t		i = start;

	if (p->pos >= p->len || p->text[p->pos] != '"')
		return w4_parser_fail(p, "missing key");
	while (i < p->len && has_class(p->text[i], KEY))
		i++;
	p->pos = i;
	if (i >= p->len)
		return w4_parser_fail(p, "unterminated string");
	if (p->text[i] != '"')
		return w4_parser_fail(p, "character not allowed in a key");
	if (i == start)
		return w4_parser_fail(p, "empty key");
	if (!w4_parser_add_node(p, W4_JSON_STRING, start, i - start))
		return false;
	if (frame->last_key != 0 &&
		!check_order(p, &p->nodes[frame->last_key], &p->nodes[p->nnodes - 1]))
		return false;
	frame->last_key = (uint32_t) p->nnodes - 1;
	p->pos = i + 1;
	if (p->pos >= p->len || p->text[p->pos] != ':')
		return w4_parser_fail(p, "missing colon");
	p->pos++;
	return true;
}

/* Read a scalar, or enter a container. */
static bool
begin_value(W4Parser *p)
{
	if (p->pos >= p->len)
		return w4_parser_fail(p, "missing value");
	switch (p->text[p->pos])
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
		case ' ':
		case '\t':
		case '\n':
		case '\r':
			return w4_parser_fail(p, "white space");
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
			return w4_parser_fail(p, "unexpected character");
	}
}

/* Inside a container: its end, or one element together with the comma before it. */
static bool
parse_element(W4Parser *p)
{
	W4ParserFrame *frame = &p->stack[p->depth - 1];
	W4JsonNode *node = &p->nodes[frame->node];
	bool		object = node->type == W4_JSON_OBJECT;

	if (p->pos >= p->len)
		return w4_parser_fail(p, object ? "unterminated object" : "unterminated array");
	if (p->text[p->pos] == (object ? '}' : ']'))
	{
		w4_parser_close(p);
		return true;
	}
	if (node->count > 0)
	{
		if (p->text[p->pos] != ',')
			return w4_parser_fail(p, "missing comma");
		p->pos++;
	}
	node->count++;
	return (!object || parse_key(p, frame)) && begin_value(p);
}

bool
w4c_parse(W4Json *doc, const char *text, size_t len,
		  W4JsonNode *nodes, size_t max_nodes, W4Fault *fault)
{
	W4Parser	p;

	/* a refused text is a document without nodes: nothing can be read from it */
	*doc = (W4Json) {text, len, nodes, 0};
	w4_parser_start(&p, text, len, nodes, max_nodes, W4C_MAX_DEPTH, fault);
	if (!w4_parser_check_text(&p, W4C_MAX_SIZE))
		return false;
	if (!begin_value(&p))
		return false;
	while (p.depth > 0)
	{
		if (!parse_element(&p))
			return false;
	}
	if (p.pos != len)
		return w4_parser_fail(&p, "trailing bytes");
	doc->nnodes = p.nnodes;
	return true;
}

/* --- writing --- */

static void
put_escape(W4Writer *w, uint8_t c)
{
	static const char two_char[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	char		text[6] = "\\u00";

	w4_hex_byte(text + 4, c);
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
		char		pair[2];

		w4_hex_byte(pair, data[i]);
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

void
w4c_member_string(W4Writer *w, bool *first, const char *key, W4Slice value)
{
	w4c_put_key(w, first, key);
	w4c_put_string(w, (const char *) value.data, value.len);
}

void
w4c_member_int(W4Writer *w, bool *first, const char *key, int64_t value)
{
	w4c_put_key(w, first, key);
	w4c_put_int(w, value);
}

void
w4c_member_hex(W4Writer *w, bool *first, const char *key, const uint8_t *data, size_t len)
{
	w4c_put_key(w, first, key);
	w4c_put_hex(w, data, len);
}
