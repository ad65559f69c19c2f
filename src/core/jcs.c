/*-------------------------------------------------------------------------
 *
 * jcs.c
 *		RFC 8785: the canonical form of any I-JSON text.
 *
 * Two passes: the parser (jcs_parse.c) checks the text and records its values;
 * the emitter walks them, sorts the members of each object (jcs_sort.c) and
 * writes the canonical spelling.  Number formatting is in es6_number.c.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>

#include "core/jcs.h"

typedef struct Emitter
{
	W4Writer   *out;
	const W4Json *doc;
	uint32_t   *order;			/* sorted keys of the objects being written, innermost last */
	W4Fault    *fault;
} Emitter;

static void
emit_string(W4Writer *out, const W4Json *doc, const W4JsonNode *node)
{
	W4JcsReader r = w4_jcs_reader(doc, node);
	int			byte;

	if (!node->escaped)
	{
		/* only an escape can be spelled in another way */
		w4_put(out, doc->text + node->start - 1, node->len + 2);
		return;
	}
	w4_put_u8(out, '"');
	while ((byte = w4_jcs_next_byte(&r)) >= 0)
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

	if (!w4_jcs_sort_members(e->doc, index, keys, e->fault))
		return false;
	w4_put_u8(e->out, '{');
	for (uint32_t i = 0; i < n; i++)
	{
		if (i > 0)
			w4_put_u8(e->out, ',');
		emit_string(e->out, e->doc, &nodes[keys[i]]);
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

	switch ((W4JsonType) node->type)
	{
		case W4_JSON_OBJECT:
			return emit_object(e, index, order_used);
		case W4_JSON_ARRAY:
			return emit_array(e, index, order_used);
		case W4_JSON_NUMBER:
			return emit_number(e, node);
		case W4_JSON_STRING:
			emit_string(e->out, e->doc, node);
			return true;
		case W4_JSON_NULL:
		case W4_JSON_FALSE:
		case W4_JSON_TRUE:
			break;
	}
	w4_put(e->out, e->doc->text + node->start, node->len);
	return true;
}

bool
w4_jcs(W4Writer *out, const char *text, size_t len,
	   W4JsonNode *nodes, uint32_t *order, size_t max_nodes, W4Fault *fault)
{
	W4Writer	before = *out;
	W4Json		doc;
	Emitter		e = {out, &doc, order, fault};

	if (!w4_jcs_parse(&doc, text, len, nodes, max_nodes, fault))
		return false;
	if (emit_value(&e, W4_JSON_ROOT, 0))
	{
		if (!out->full)
			return true;
		w4_fault(fault, "canonical form that does not fit", len);
	}
	*out = before;
	return false;
}
