/*-------------------------------------------------------------------------
 *
 * quality.c
 *		Coherence of a text.  Words beyond the tenth distinct one change
 *		nothing, so ten are remembered.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/quality.h"

#define ENOUGH_WORDS 10
#define MIN_WORD 4

static bool
is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t) (c + 32) : c;
}

static bool
starts_code_point(uint8_t c)
{
	return (c & 0xc0) != 0x80;
}

static uint32_t
count_code_points(W4Slice s)
{
	uint32_t	n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += starts_code_point(s.data[i]);
	return n;
}

static bool
same_word(W4Slice a, W4Slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
	{
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	}
	return true;
}

/* The next run without white space; false at the end. */
static bool
next_word(W4Slice content, size_t *pos, W4Slice *word)
{
	size_t		start;

	while (*pos < content.len && is_space(content.data[*pos]))
		(*pos)++;
	start = *pos;
	while (*pos < content.len && !is_space(content.data[*pos]))
		(*pos)++;
	*word = w4_slice(content.data + start, *pos - start);
	return *pos > start;
}

W4Quality
w4_quality(W4Slice content)
{
	W4Quality	q = {count_code_points(content), true, 0};
	W4Slice		known[ENOUGH_WORDS];
	W4Slice		word;
	uint32_t	words = 0;
	size_t		pos = 0;

	while (words < ENOUGH_WORDS && next_word(content, &pos, &word))
	{
		uint32_t	i = 0;

		q.blank = false;
		if (count_code_points(word) < MIN_WORD)
			continue;
		while (i < words && !same_word(known[i], word))
			i++;
		if (i == words)
			known[words++] = word;
	}
	if (q.code_points >= 20)
		q.coherence += (q.code_points < 200 ? q.code_points * 5000 : 1000000) / 2;
	if (words >= 3)
		q.coherence += words * 100000 / 2;
	return q;
}
