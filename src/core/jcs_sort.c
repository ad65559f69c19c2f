/*-------------------------------------------------------------------------
 *
 * jcs_sort.c
 *		The order of an object's members: by the UTF-16 code units of their keys.
 *
 *-------------------------------------------------------------------------
 */
#include "core/jcs.h"

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
	W4JcsReader a = w4_jcs_reader(doc, &doc->nodes[left]);
	W4JcsReader b = w4_jcs_reader(doc, &doc->nodes[right]);

	for (;;)
	{
		int			x = w4_jcs_next_byte(&a);
		int			y = w4_jcs_next_byte(&b);

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

bool
w4_jcs_sort_members(const W4Json *doc, uint32_t object, uint32_t *keys, W4Fault *fault)
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
