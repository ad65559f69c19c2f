/*-------------------------------------------------------------------------
 *
 * json_read.c
 *		Readers of a document that the W4C parser accepted.
 *
 * The parser has refused everything irregular, so the readers need not check
 * the syntax of strings and numbers again.  A reader of something absent or of
 * another type just fails: message parsers chain them with && .
 *
 *-------------------------------------------------------------------------
 */
#include "core/encode.h"
#include "core/json.h"

static inline const W4JsonNode *
node_of(const W4Json *doc, int node, W4JsonType type)
{
	if (node < 0 || (size_t) node >= doc->nnodes || doc->nodes[node].type != (uint8_t) type)
		return NULL;
	return &doc->nodes[node];
}

bool
w4_json_is(const W4Json *doc, int node, W4JsonType type)
{
	return node_of(doc, node, type) != NULL;
}

static bool
key_equals(const W4Json *doc, const W4JsonNode *key, const char *name, size_t len)
{
	return key->len == len && memcmp(doc->text + key->start, name, len) == 0;
}

int
w4_json_member(const W4Json *doc, int object, const char *key)
{
	const W4JsonNode *node = node_of(doc, object, W4_JSON_OBJECT);
	size_t		len = strlen(key);

	if (node == NULL)
		return -1;
	for (uint32_t i = (uint32_t) object + 1; i < node->end; i = doc->nodes[i + 1].end)
	{
		if (key_equals(doc, &doc->nodes[i], key, len))
			return (int) i + 1;
	}
	return -1;
}

/* The character an escape that the parser has accepted stands for. */
static char
escaped_char(const char *s)
{
	switch (s[1])
	{
		case 'b':
			return '\b';
		case 't':
			return '\t';
		case 'n':
			return '\n';
		case 'f':
			return '\f';
		case 'r':
			return '\r';
		case 'u':
			return (char) (w4_hex_value(s[4]) * 16 + w4_hex_value(s[5]));
		default:
			return s[1];
	}
}

bool
w4_json_string(const W4Json *doc, int node, char *out, size_t cap, size_t *len)
{
	const W4JsonNode *string = node_of(doc, node, W4_JSON_STRING);
	const char *s;
	size_t		n = 0;

	*len = 0;
	if (string == NULL)
		return false;
	s = doc->text + string->start;
	for (uint32_t i = 0; i < string->len; n++)
	{
		char		c = s[i];
		uint32_t	step = 1;

		if (c == '\\')
		{
			c = escaped_char(s + i);
			step = s[i + 1] == 'u' ? 6 : 2;
		}
		if (c == '\0' || n >= cap)
			return false;
		out[n] = c;
		i += step;
	}
	*len = n;
	return true;
}

W4Slice
w4_json_plain_string(const W4Json *doc, int node)
{
	const W4JsonNode *string = node_of(doc, node, W4_JSON_STRING);

	if (string == NULL || string->escaped)
		return w4_slice(NULL, 0);
	return w4_slice(doc->text + string->start, string->len);
}

bool
w4_json_int(const W4Json *doc, int node, int64_t *out)
{
	const W4JsonNode *number = node_of(doc, node, W4_JSON_NUMBER);
	const char *s;
	bool		negative;
	int64_t		value = 0;

	if (number == NULL)
		return false;
	s = doc->text + number->start;
	negative = s[0] == '-';
	for (uint32_t i = negative ? 1 : 0; i < number->len; i++)
		value = value * 10 + (s[i] - '0');
	*out = negative ? -value : value;
	return true;
}

bool
w4_json_hex(const W4Json *doc, int node, uint8_t *out, size_t out_len)
{
	W4Slice		s = w4_json_plain_string(doc, node);

	return s.data != NULL && w4_hex_decode(out, out_len, (const char *) s.data, s.len);
}

bool
w4_json_only(const W4Json *doc, int object, const char *const *keys, W4Fault *fault)
{
	const W4JsonNode *node = node_of(doc, object, W4_JSON_OBJECT);

	if (node == NULL)
		return w4_fault(fault, "value that is not an object", 0);
	for (uint32_t i = (uint32_t) object + 1; i < node->end; i = doc->nodes[i + 1].end)
	{
		const char *const *k = keys;

		while (*k != NULL && !key_equals(doc, &doc->nodes[i], *k, strlen(*k)))
			k++;
		if (*k == NULL)
			return w4_fault(fault, "unknown key", doc->nodes[i].start);
	}
	return true;
}
