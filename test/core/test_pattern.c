/*
 * Scope patterns: grammar, the truth table of the spec, and inclusion checked
 * against what the patterns really match.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/pattern.h"

#define REPEAT8(s) s s s s s s s s
#define REPEAT64(s) REPEAT8(REPEAT8(s))

static bool
ok(W4PatternKind kind, const char *text)
{
	return w4_pattern_ok(kind, w4_slice_cstr(text), false, NULL);
}

static bool
covers(W4PatternKind kind, const char *parent, const char *child)
{
	return w4_pattern_covers(kind, w4_slice_cstr(parent), w4_slice_cstr(child));
}

static void
intents(void **state)
{
	(void) state;
	assert_true(ok(W4_INTENT, "trade"));
	assert_true(ok(W4_INTENT, "trade.*"));
	assert_true(ok(W4_INTENT, "trade.**"));
	assert_true(ok(W4_INTENT, "a-1_.b.c.d.e.f.g.h"));
	assert_true(ok(W4_INTENT, "a.b.c.d.e.f.g.*"));
	assert_true(ok(W4_INTENT, "abcdefghijklmnopqrstuvwxyz012345"));

	assert_false(ok(W4_INTENT, ""));
	assert_false(ok(W4_INTENT, "trade."));
	assert_false(ok(W4_INTENT, ".trade"));
	assert_false(ok(W4_INTENT, "trade..x"));
	assert_false(ok(W4_INTENT, "*"));
	assert_false(ok(W4_INTENT, "**"));
	assert_false(ok(W4_INTENT, "trade.***"));
	assert_false(ok(W4_INTENT, "trade.x*"));
	assert_false(ok(W4_INTENT, "trade.*.x"));
	assert_false(ok(W4_INTENT, "trade.**.x"));
	assert_false(ok(W4_INTENT, "Trade.x"));
	assert_false(ok(W4_INTENT, "trade.1x"));
	assert_false(ok(W4_INTENT, "trade.-x"));
	assert_false(ok(W4_INTENT, "trade/x"));
	assert_false(ok(W4_INTENT, "trade. x"));
	assert_false(ok(W4_INTENT, "trade.\xc3\xa9"));
	assert_false(ok(W4_INTENT, "a.b.c.d.e.f.g.h.i"));
	assert_false(ok(W4_INTENT, "a.b.c.d.e.f.g.h.*"));
	assert_false(ok(W4_INTENT, "abcdefghijklmnopqrstuvwxyz0123456"));
	assert_false(w4_pattern_ok(W4_INTENT, w4_slice("trade\0x", 7), false, NULL));
	assert_false(w4_pattern_ok(W4_INTENT, w4_slice(NULL, 0), false, NULL));
}

static void
resources(void **state)
{
	(void) state;
	assert_true(ok(W4_RESOURCE, "market/eu/*"));
	assert_true(ok(W4_RESOURCE, "0A._~:@-/Z"));
	assert_true(ok(W4_RESOURCE, "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/**"));
	assert_true(ok(W4_RESOURCE, REPEAT64("x")));

	assert_false(ok(W4_RESOURCE, "."));
	assert_false(ok(W4_RESOURCE, ".."));
	assert_false(ok(W4_RESOURCE, "market/../x"));
	assert_false(ok(W4_RESOURCE, "/market"));
	assert_false(ok(W4_RESOURCE, "market/"));
	assert_false(ok(W4_RESOURCE, "market//x"));
	assert_false(ok(W4_RESOURCE, "market/*/x"));
	assert_false(ok(W4_RESOURCE, "market/%41"));
	assert_false(ok(W4_RESOURCE, REPEAT64("x") "x"));
	assert_false(ok(W4_RESOURCE, "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q"));
	assert_false(w4_pattern_ok(W4_RESOURCE, w4_slice("market\0", 7), false, NULL));
}

/* The longest that the segment rules allow, and one byte more. */
static void
lengths(void **state)
{
	char		text[W4_RESOURCE_MAX_LEN + 2];

	(void) state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 32; i < 128; i += 33)
		text[i] = '.';
	assert_true(w4_pattern_ok(W4_INTENT, w4_slice(text, W4_INTENT_MAX_LEN), false, NULL));
	assert_false(w4_pattern_ok(W4_INTENT, w4_slice(text, W4_INTENT_MAX_LEN + 1), false, NULL));
	memset(text, 'a', sizeof(text));
	for (size_t i = 64; i < sizeof(text); i += 65)
		text[i] = '/';
	assert_true(w4_pattern_ok(W4_RESOURCE, w4_slice(text, W4_RESOURCE_MAX_LEN), false, NULL));
	assert_false(w4_pattern_ok(W4_RESOURCE, w4_slice(text, W4_RESOURCE_MAX_LEN + 1), false, NULL));
}

static void
bare_wildcards_are_for_law(void **state)
{
	W4Fault		fault;

	(void) state;
	assert_true(w4_pattern_ok(W4_INTENT, w4_slice_cstr("*"), true, NULL));
	assert_true(w4_pattern_ok(W4_RESOURCE, w4_slice_cstr("**"), true, NULL));
	assert_false(w4_pattern_ok(W4_RESOURCE, w4_slice_cstr("**/x"), true, NULL));
	assert_false(w4_pattern_ok(W4_RESOURCE, w4_slice_cstr("***"), true, NULL));
	assert_false(w4_pattern_ok(W4_INTENT, w4_slice_cstr("**"), false, &fault));
	assert_string_equal(fault.what, "bare wildcard");
	assert_true(covers(W4_INTENT, "*", "trade"));
	assert_false(covers(W4_INTENT, "*", "trade.x"));
	assert_true(covers(W4_INTENT, "**", "trade.x"));
	assert_true(covers(W4_INTENT, "**", "*"));
	assert_false(covers(W4_INTENT, "*", "**"));
	assert_false(covers(W4_INTENT, "trade.*", "**"));
}

static void
literals(void **state)
{
	W4Fault		fault;

	(void) state;
	assert_true(w4_literal_ok(W4_INTENT, w4_slice_cstr("trade.execute"), NULL));
	assert_false(w4_literal_ok(W4_INTENT, w4_slice_cstr("trade.*"), &fault));
	assert_string_equal(fault.what, "wildcard where a literal is required");
	assert_int_equal(fault.offset, 6);
	assert_false(w4_literal_ok(W4_INTENT, w4_slice_cstr("**"), NULL));
	assert_false(w4_literal_ok(W4_INTENT, w4_slice_cstr(""), NULL));
}

static void
truth_table(void **state)
{
	(void) state;
	assert_true(covers(W4_INTENT, "trade.*", "trade.execute"));
	assert_false(covers(W4_INTENT, "trade.*", "trade"));
	assert_false(covers(W4_INTENT, "trade", "trade.execute"));
	assert_false(covers(W4_INTENT, "trade.*", "trade.execute.now"));
	assert_true(covers(W4_INTENT, "trade.**", "trade.execute.now"));
	assert_false(covers(W4_INTENT, "trade.*", "trader.x"));
	assert_false(covers(W4_INTENT, "trade.**", "trader.x"));
	assert_false(covers(W4_INTENT, "trade.*", "trade.**"));
	assert_true(covers(W4_INTENT, "trade.**", "trade.*"));
	assert_false(covers(W4_INTENT, "trade.**", "trade"));
	assert_true(covers(W4_RESOURCE, "market/eu/*", "market/eu/lthn-eur"));
	assert_false(covers(W4_RESOURCE, "market/eu/*", "market/us/lthn-eur"));
	assert_false(covers(W4_RESOURCE, "market/eu", "market/eu/x"));
	/* The other kind's separator is an ordinary character. */
	assert_false(covers(W4_RESOURCE, "market/*", "market.eu/x"));
	assert_true(covers(W4_RESOURCE, "market/*", "market/a.b"));
}

/*
 * Inclusion by brute force: words over {a, b} up to WORD_MAX segments.  Every
 * pattern here has at most three segments, so five decide inclusion.
 */
#define WORD_MAX 5
#define MAX_PATTERNS 32

typedef struct Pattern
{
	char		text[16];
	char		segment[WORD_MAX];	/* 'a', 'b', '*' or '+' for '**' */
	int			n;
} Pattern;

static void
render(Pattern *p, char separator)
{
	size_t		len = 0;

	for (int i = 0; i < p->n; i++)
	{
		if (i > 0)
			p->text[len++] = separator;
		p->text[len++] = p->segment[i] == '+' ? '*' : p->segment[i];
		if (p->segment[i] == '+')
			p->text[len++] = '*';
	}
	p->text[len] = '\0';
}

/* The meaning of a pattern, written down independently of the code under test. */
static bool
matches(const Pattern *p, unsigned int word, int len)
{
	for (int i = 0; i < p->n; i++)
	{
		if (p->segment[i] == '+')
			return len >= p->n;
		if (i >= len)
			return false;
		if (p->segment[i] != '*' && p->segment[i] != ((word >> i & 1) != 0 ? 'b' : 'a'))
			return false;
	}
	return len == p->n;
}

static bool
includes(const Pattern *p, const Pattern *c)
{
	for (int len = 1; len <= WORD_MAX; len++)
	{
		for (unsigned int word = 0; word < 1u << len; word++)
		{
			if (matches(c, word, len) && !matches(p, word, len))
				return false;
		}
	}
	return true;
}

/* All patterns of at most max_n segments over {a, b}. */
static int
all_patterns(Pattern *out, int max_n, char separator, bool bare)
{
	static const char last[] = {'a', 'b', '*', '+'};
	int			n = 0;

	for (int len = 1; len <= max_n; len++)
	{
		for (unsigned int head = 0; head < 1u << (len - 1); head++)
		{
			for (int t = 0; t < 4; t++)
			{
				if (len == 1 && t >= 2 && !bare)
					continue;
				out[n].n = len;
				for (int i = 0; i < len - 1; i++)
					out[n].segment[i] = (head >> i & 1) != 0 ? 'b' : 'a';
				out[n].segment[len - 1] = last[t];
				render(&out[n], separator);
				n++;
			}
		}
	}
	return n;
}

static int
compare_all(W4PatternKind kind, bool bare)
{
	Pattern		p[MAX_PATTERNS];
	int			n = all_patterns(p, 3, (char) kind, bare);

	for (int i = 0; i < n; i++)
	{
		assert_true(w4_pattern_ok(kind, w4_slice_cstr(p[i].text), bare, NULL));
		for (int j = 0; j < n; j++)
		{
			if (covers(kind, p[i].text, p[j].text) != includes(&p[i], &p[j]))
				fail_msg("%s covers %s: inclusion says otherwise", p[i].text, p[j].text);
		}
	}
	return n * n;
}

static void
inclusion_by_brute_force(void **state)
{
	(void) state;
	assert_int_equal(compare_all(W4_INTENT, false), 676);
	assert_int_equal(compare_all(W4_RESOURCE, false), 676);
	assert_int_equal(compare_all(W4_INTENT, true), 784);
	assert_int_equal(compare_all(W4_RESOURCE, true), 784);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intents),
		cmocka_unit_test(resources),
		cmocka_unit_test(lengths),
		cmocka_unit_test(bare_wildcards_are_for_law),
		cmocka_unit_test(literals),
		cmocka_unit_test(truth_table),
		cmocka_unit_test(inclusion_by_brute_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
