/*-------------------------------------------------------------------------
 *
 * fuzz_w4c.c
 *		An accepted W4C text is its own RFC 8785 form, and can be read safely.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "core/json.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

/* Use every reader on every node; write again what a string contains. */
static void
read_node(const W4Json *doc, int node, char *out, size_t cap)
{
	static const char *const keys[] = {"a", "b", NULL};
	W4Slice		slice = w4_json_plain_string(doc, node);
	uint8_t		bytes[4];
	int64_t		value;
	size_t		len;

	if (w4_json_string(doc, node, out, cap, &len))
	{
		char	   *text = malloc(doc->len + 2);
		W4Writer	w = w4_writer(text, doc->len + 2);

		w4c_put_string(&w, out, len);
		require(!w.full && w.len == doc->nodes[node].len + 2);
		require(memcmp(text + 1, doc->text + doc->nodes[node].start, w.len - 2) == 0);
		require(slice.data == NULL || (slice.len == len && memcmp(slice.data, out, len) == 0));
		free(text);
	}
	if (w4_json_int(doc, node, &value))
	{
		uint8_t		text[20];
		W4Writer	w = w4_writer(text, sizeof(text));

		w4c_put_int(&w, value);
		require(!w.full && w.len == doc->nodes[node].len);
		require(memcmp(text, doc->text + doc->nodes[node].start, w.len) == 0);
	}
	w4_json_hex(doc, node, bytes, sizeof(bytes));
	w4_json_member(doc, node, "a");
	w4_json_only(doc, node, keys, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t		max_nodes = W4_JSON_MAX_NODES(size);
	W4JsonNode *nodes = malloc(max_nodes * sizeof(W4JsonNode));
	uint32_t   *order = malloc(max_nodes * sizeof(uint32_t));
	char	   *out = malloc(W4_JCS_MAX_OUTPUT(size));
	W4Writer	w = w4_writer(out, W4_JCS_MAX_OUTPUT(size));
	W4Fault		fault = {NULL, 0};
	W4Json		doc;

	if (w4c_parse(&doc, (const char *) data, size, nodes, max_nodes, &fault))
	{
		for (int i = -1; i <= (int) doc.nnodes && i < 200; i++)
			read_node(&doc, i, out, size);
		require(w4_jcs(&w, (const char *) data, size, nodes, order, max_nodes, &fault));
		require(w.len == size && memcmp(out, data, size) == 0);
	}
	else
		require(fault.what != NULL && fault.offset <= size);
	free(out);
	free(order);
	free(nodes);
	return 0;
}
