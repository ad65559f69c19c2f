/*-------------------------------------------------------------------------
 *
 * fuzz_jcs.c
 *		Canonicalising twice is canonicalising once.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "core/json.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Canonical form in memory of exactly the promised size, or NULL. */
static char *
canonical(const char *text, size_t size, size_t *out_size)
{
	size_t		max_nodes = W4_JSON_MAX_NODES(size);
	W4JsonNode *nodes = malloc(max_nodes * sizeof(W4JsonNode));
	uint32_t   *order = malloc(max_nodes * sizeof(uint32_t));
	char	   *out = malloc(W4_JCS_MAX_OUTPUT(size));
	W4Writer	w = w4_writer(out, W4_JCS_MAX_OUTPUT(size));
	W4Fault		fault = {NULL, 0};

	if (w4_jcs(&w, text, size, nodes, order, max_nodes, &fault))
		*out_size = w.len;
	else
	{
		/* the promised sizes must be enough for everything acceptable */
		if (fault.what == NULL || fault.offset > size || w.len != 0 ||
			strcmp(fault.what, "canonical form that does not fit") == 0)
			abort();
		free(out);
		out = NULL;
	}
	free(order);
	free(nodes);
	return out;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t		once_size,
				twice_size;
	char	   *once = canonical((const char *) data, size, &once_size);
	char	   *twice;

	if (once == NULL)
		return 0;
	twice = canonical(once, once_size, &twice_size);
	if (twice == NULL || twice_size != once_size || memcmp(once, twice, once_size) != 0)
		abort();
	free(twice);
	free(once);
	return 0;
}
