/*-------------------------------------------------------------------------
 *
 * test_json.c
 *		W4C: what is accepted, what is refused and why, reading, writing.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json.h"

#define MAX_NODES W4_JSON_MAX_NODES(W4C_MAX_SIZE)
static W4JsonNode nodes[MAX_NODES];

/* Parse an exact-size copy, so that reading behind the end is noticed. */
static bool
parse_bytes(const char *text, size_t len, W4Fault *fault)
{
	char	   *copy = malloc(len > 0 ? len : 1);
	W4JsonNode *exact = malloc(W4_JSON_MAX_NODES(len) * sizeof(W4JsonNode));
	W4Json		doc;
	bool		ok;

	assert_non_null(copy);
	assert_non_null(exact);
	if (len > 0)
		memcpy(copy, text, len);
	ok = w4c_parse(&doc, copy, len, exact, W4_JSON_MAX_NODES(len), fault);
	assert_true(ok == (doc.nnodes > 0));
	free(exact);
	free(copy);
	return ok;
}

static void
accept_bytes(const char *text, size_t len)
{
	W4Fault		fault = {"", 0};

	if (!parse_bytes(text, len, &fault))
		fail_msg("refused: %.*s (%s at %zu)", (int) len, text, fault.what, fault.offset);
}

static void
accept(const char *text)
{
	accept_bytes(text, strlen(text));
}

static void
refuse_bytes(const char *text, size_t len, const char *what, size_t offset)
{
	W4Fault		fault = {"", 0};

	if (parse_bytes(text, len, &fault))
		fail_msg("accepted: %.*s", (int) len, text);
	assert_string_equal(fault.what, what);
	assert_int_equal(fault.offset, offset);
	assert_false(parse_bytes(text, len, NULL));
}

static void
refuse(const char *text, const char *what, size_t offset)
{
	refuse_bytes(text, strlen(text), what, offset);
}

static W4Json
parse(const char *text)
{
	W4Json		doc;

	assert_true(w4c_parse(&doc, text, strlen(text), nodes, MAX_NODES, NULL));
	return doc;
}

static void
accepts_specified(void **state)
{
	(void) state;
	accept("{\"a\":1,\"b\":\"x\"}");
	accept("{\"a\":\"\xC3\xA9\"}");
	accept("{\"a\":\"\\u001f\"}");
	accept("{\"a\":\"0.95\"}");
	accept("{\"a\":null}");
	accept("{\"A\":1,\"_\":2,\"a\":3}");
	accept("{}");
	accept("{\"a\":[]}");
	accept("{\"a\":-5}");
}

static void
refuses_specified(void **state)
{
	(void) state;
	refuse("{\"b\":1,\"a\":2}", "keys out of order", 8);
	refuse("{\"a\":1,\"a\":2}", "duplicate key", 8);
	refuse("{\"a\": 1}", "white space", 5);
	refuse("{\"a\":1.0}", "number that is not a plain integer", 5);
	refuse("{\"a\":1e3}", "number that is not a plain integer", 5);
	refuse("{\"a\":-0}", "negative zero", 5);
	refuse("{\"a\":01}", "leading zero", 5);
	refuse("{\"a\":9007199254740992}", "number beyond 2^53-1", 5);
	refuse("{\"a\":\"\\u00e9\"}", "escape that is not canonical", 6);
	refuse("{\"a\":\"\\/\"}", "escape that is not canonical", 6);
	refuse("{\"a\":\"\\u001F\"}", "escape that is not canonical", 6);
	refuse("{\"\xC3\xA9\":1}", "character not allowed in a key", 2);
	refuse("{\"a\":3,\"A\":1}", "keys out of order", 8);
	refuse("{\"a\":\"\\ud800\"}", "escape that is not canonical", 6);
	refuse("{\"a\":\"\\ud83d\\ude00\"}", "escape that is not canonical", 6);
	refuse("{\"a\":\"\xFF\"}", "invalid UTF-8", 6);
	refuse_bytes("{\"a\":\"\0\"}", 9, "control character in a string", 6);
	refuse_bytes("{}\0", 3, "trailing bytes", 2);
	refuse_bytes("\0", 1, "unexpected character", 0);
	refuse("{}\n", "trailing bytes", 2);
	refuse("\xEF\xBB\xBF{}", "byte order mark", 0);
}

static void
scalars_at_the_root(void **state)
{
	(void) state;
	accept("null");
	accept("true");
	accept("false");
	accept("0");
	accept("-1");
	accept("\"\"");
	accept("[]");
	refuse("", "missing value", 0);
	refuse("nul", "unknown literal", 0);
	refuse("nulL", "unknown literal", 0);
	refuse("True", "unexpected character", 0);
	refuse("truee", "trailing bytes", 4);
	refuse("falsy", "unknown literal", 0);
	refuse(" 1", "white space", 0);
	refuse("\t1", "white space", 0);
	refuse("\r1", "white space", 0);
	refuse("1 ", "trailing bytes", 1);
	refuse("NaN", "unexpected character", 0);
	refuse("'a'", "unexpected character", 0);
	refuse("//", "unexpected character", 0);
	refuse("\xC3\xA9", "unexpected character", 0);
}

static void
integers(void **state)
{
	(void) state;
	accept("9007199254740991");
	accept("-9007199254740991");
	accept("10");
	refuse("-9007199254740992", "number beyond 2^53-1", 0);
	refuse("99999999999999999999999999999", "number beyond 2^53-1", 0);
	refuse("90071992547409910", "number beyond 2^53-1", 0);
	refuse("-", "missing digit", 0);
	refuse("--1", "missing digit", 0);
	refuse("-a", "missing digit", 0);
	refuse("+1", "unexpected character", 0);
	refuse(".5", "unexpected character", 0);
	refuse("00", "leading zero", 0);
	refuse("-01", "leading zero", 0);
	refuse("1.", "number that is not a plain integer", 0);
	refuse("1E3", "number that is not a plain integer", 0);
	refuse("-0.0", "number that is not a plain integer", 0);
	refuse("0x10", "trailing bytes", 1);
	refuse("1_000", "trailing bytes", 1);
}

static void
containers(void **state)
{
	(void) state;
	accept("[1,[2,{\"a\":[]}],{}]");
	refuse("[", "unterminated array", 1);
	refuse("[1", "unterminated array", 2);
	refuse("{", "unterminated object", 1);
	refuse("{\"a\":1", "unterminated object", 6);
	refuse("[1,]", "unexpected character", 3);
	refuse("[,1]", "unexpected character", 1);
	refuse("[1 ,2]", "missing comma", 2);
	refuse("[1}", "missing comma", 2);
	refuse("[1,", "missing value", 3);
	refuse("]", "unexpected character", 0);
	refuse("[]]", "trailing bytes", 2);
	refuse("{\"a\":1,}", "missing key", 7);
	refuse("{,\"a\":1}", "missing key", 1);
	refuse("{\"a\":1,", "missing key", 7);
	refuse("{\"a\"", "missing colon", 4);
	refuse("{\"a\"1}", "missing colon", 4);
	refuse("{\"a\" :1}", "missing colon", 4);
	refuse("{ \"a\":1}", "missing key", 1);
	refuse("{\"a\":}", "unexpected character", 5);
	refuse("{\"a\":", "missing value", 5);
	refuse("{\"a\":1]", "missing comma", 6);
	refuse("{a:1}", "missing key", 1);
	refuse("{1:1}", "missing key", 1);
}

static void
keys(void **state)
{
	char		text[16];

	(void) state;
	accept("{\"-./09:@AZ_az#\":1}");
	accept("{\"#\":1,\"-\":1,\".\":1,\"/\":1,\"0\":1,\":\":1,\"@\":1,\"A\":1,\"_\":1,\"a\":1}");
	accept("{\"a\":1,\"aa\":1,\"ab\":1,\"b\":1}");
	accept("{\"a\":{\"z\":1},\"b\":{\"a\":1}}");
	refuse("{\"aa\":1,\"a\":1}", "keys out of order", 9);
	refuse("{\"a\":{\"b\":1,\"b\":1}}", "duplicate key", 13);
	refuse("{\"\":1}", "empty key", 2);
	refuse("{\"a", "unterminated string", 3);
	refuse("{\"a\\u0062\":1}", "character not allowed in a key", 3);
	for (int c = 1; c < 128; c++)
	{
		bool		good = strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
								  "0123456789_.:/@#-", c) != NULL;
		W4Fault		fault;

		snprintf(text, sizeof(text), "{\"k%c\":1}", c);
		assert_true(parse_bytes(text, 8, &fault) == good);
	}
}

static void
strings(void **state)
{
	char		text[16];

	(void) state;
	accept("\"\\\"\\\\\\b\\t\\n\\f\\r\"");
	accept("\"\x7F\"");
	accept("\"/'<>&\"");
	accept("\"\xE2\x80\xA8\xEF\xBF\xBF\xF4\x8F\xBF\xBF\"");
	accept("\"\xEF\xBB\xBF\"");
	for (int c = 0; c < 0x20; c++)
	{
		bool		has_short = c == 8 || c == 9 || c == 10 || c == 12 || c == 13;
		W4Fault		fault;

		snprintf(text, sizeof(text), "\"\\u%04x\"", c);
		assert_true(parse_bytes(text, 8, &fault) == !has_short);
		text[1] = (char) c;
		text[2] = '"';
		refuse_bytes(text, 3, "control character in a string", 1);
	}
	refuse("\"\\u0020\"", "escape that is not canonical", 1);
	refuse("\"\\u007f\"", "escape that is not canonical", 1);
	refuse("\"\\u0101\"", "escape that is not canonical", 1);
	refuse("\"\\u1001\"", "escape that is not canonical", 1);
	refuse("\"\\u000g\"", "escape that is not canonical", 1);
	refuse("\"\\u000B\"", "escape that is not canonical", 1);
	refuse("\"\\U000b\"", "escape that is not canonical", 1);
	refuse("\"\\u001", "escape that is not canonical", 1);
	refuse("\"\\", "escape that is not canonical", 1);
	refuse("\"\\x41\"", "escape that is not canonical", 1);
	refuse("\"\\a\"", "escape that is not canonical", 1);
	refuse("\"abc", "unterminated string", 4);
	refuse("\"", "unterminated string", 1);
	refuse("\"a\\\"", "unterminated string", 4);
}

static void
utf8(void **state)
{
	static const char *const good[] = {
		"", "abc", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
		"\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "12345678\xC3\xA9zzzzzzzz"
	};
	static const char *const bad[] = {
		"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x7F", "\xC2\xC0", "\xE0\x9F\xBF", "\xE0\xA0",
		"\xE1\x80", "\xE1\x80\x7F", "\xE1\x7F\x80", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
		"\xF0\x90\x80", "\xF1\x80\x80\x7F", "\xF1\x80\x7F\x80", "\xF1\x7F\x80\x80", "\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF"
	};
	char		text[32];

	(void) state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(w4_utf8_ok(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		size_t		len = strlen(bad[i]);
		int			n;

		assert_int_equal(w4_utf8_valid_prefix(bad[i], len), 0);
		assert_false(w4_utf8_ok(bad[i], len));
		n = snprintf(text, sizeof(text), "\"12345678%s\"", bad[i]);
		refuse_bytes(text, (size_t) n, "invalid UTF-8", 9);
	}
	assert_true(w4_utf8_ok("a\0b", 3));
	assert_int_equal(w4_utf8_valid_prefix("1234567\xC3", 8), 7);
}

/* Every code point and no surrogate. */
static void
utf8_exhaustive(void **state)
{
	(void) state;
	for (uint32_t c = 0x800; c < 0x10000; c++)
	{
		char		s[3] = {(char) (0xE0 | (c >> 12)), (char) (0x80 | ((c >> 6) & 63)), (char) (0x80 | (c & 63))};

		assert_true(w4_utf8_ok(s, 3) == (c < 0xD800 || c > 0xDFFF));
	}
	for (uint32_t c = 0; c < 0x200000; c++)
	{
		char		s[4] = {(char) (0xF0 | (c >> 18)), (char) (0x80 | ((c >> 12) & 63)),
		(char) (0x80 | ((c >> 6) & 63)), (char) (0x80 | (c & 63))};

		if (w4_utf8_ok(s, 4) != (c >= 0x10000 && c <= 0x10FFFF))
			fail_msg("U+%06X", c);
	}
}

static void
limits(void **state)
{
	static char text[W4C_MAX_SIZE + 1];
	W4Json		doc;
	W4Fault		fault;

	(void) state;
	memset(text, 'x', sizeof(text));
	text[0] = '"';
	text[W4C_MAX_SIZE - 1] = '"';
	accept_bytes(text, W4C_MAX_SIZE);
	refuse_bytes(text, W4C_MAX_SIZE + 1, "text too long", W4C_MAX_SIZE);

	memset(text, '[', W4C_MAX_DEPTH + 1);
	memset(text + W4C_MAX_DEPTH, ']', W4C_MAX_DEPTH);
	accept_bytes(text, 2 * W4C_MAX_DEPTH);
	memset(text, '[', W4C_MAX_DEPTH + 1);
	memset(text + W4C_MAX_DEPTH + 1, ']', W4C_MAX_DEPTH + 1);
	refuse_bytes(text, 2 * W4C_MAX_DEPTH + 2, "nesting too deep", W4C_MAX_DEPTH);

	/* as many values as a text can hold */
	text[0] = '[';
	for (size_t i = 1; i < W4C_MAX_SIZE; i++)
		text[i] = i % 2 == 1 ? '1' : ',';
	text[W4C_MAX_SIZE - 2] = ']';
	accept_bytes(text, W4C_MAX_SIZE - 1);

	assert_false(w4c_parse(&doc, "[1,2]", 5, nodes, 2, &fault));
	assert_string_equal(fault.what, "more values than fit");
	assert_int_equal(fault.offset, 3);
	assert_int_equal(doc.nnodes, 0);
	assert_false(w4c_parse(&doc, "{\"a\":1}", 7, nodes, 1, &fault));
	assert_false(w4c_parse(&doc, "{\"a\":1}", 7, nodes, 2, &fault));
	assert_true(w4c_parse(&doc, "{\"a\":1}", 7, nodes, 3, &fault));
	assert_false(w4c_parse(&doc, "1", 1, nodes, 0, &fault));
	assert_false(w4c_parse(&doc, "[]", 2, nodes, 0, &fault));
	assert_false(w4c_parse(&doc, "\"\"", 2, nodes, 0, &fault));
}

/* Each prefix of a text is refused, whatever it ends in. */
static void
truncation(void **state)
{
	static const char text[] = "{\"a\":[1,-2,\"x\\n\\u0001\xC3\xA9\"],\"b\":{\"c\":null,\"d\":[true,false]}}";

	(void) state;
	accept(text);
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		assert_false(parse_bytes(text, len, NULL));
}

static void
node_layout(void **state)
{
	W4Json		doc = parse("{\"a\":[1,{\"b\":\"x\"}],\"c\":\"y\\n\"}");

	(void) state;
	assert_int_equal(doc.nnodes, 9);
	assert_int_equal(doc.nodes[0].count, 2);
	assert_int_equal(doc.nodes[0].end, 9);
	assert_int_equal(doc.nodes[0].start, 0);
	assert_int_equal(doc.nodes[0].len, doc.len);
	assert_int_equal(doc.nodes[2].type, W4_JSON_ARRAY);
	assert_int_equal(doc.nodes[2].count, 2);
	assert_int_equal(doc.nodes[2].end, 7);
	assert_memory_equal(doc.text + doc.nodes[2].start, "[1,{\"b\":\"x\"}]", doc.nodes[2].len);
	assert_int_equal(doc.nodes[4].type, W4_JSON_OBJECT);
	assert_int_equal(doc.nodes[4].len, 9);
	assert_false(doc.nodes[6].escaped);
	assert_true(doc.nodes[8].escaped);
	assert_int_equal(doc.nodes[8].len, 3);
}

static void
reading_members(void **state)
{
	W4Json		doc = parse("{\"a\":{\"b\":1,\"c\":2},\"b\":3,\"bb\":null}");
	int			a = w4_json_member(&doc, W4_JSON_ROOT, "a");

	(void) state;
	assert_int_equal(a, 2);
	assert_int_equal(w4_json_member(&doc, a, "c"), 6);
	assert_int_equal(w4_json_member(&doc, W4_JSON_ROOT, "b"), 8);
	assert_int_equal(w4_json_member(&doc, W4_JSON_ROOT, "c"), -1);
	assert_int_equal(w4_json_member(&doc, W4_JSON_ROOT, ""), -1);
	assert_int_equal(w4_json_member(&doc, W4_JSON_ROOT, "bbb"), -1);
	assert_int_equal(w4_json_member(&doc, -1, "a"), -1);
	assert_int_equal(w4_json_member(&doc, 8, "a"), -1);
	assert_int_equal(w4_json_member(&doc, 99, "a"), -1);
	assert_true(w4_json_is(&doc, w4_json_member(&doc, W4_JSON_ROOT, "bb"), W4_JSON_NULL));
	assert_false(w4_json_is(&doc, -1, W4_JSON_NULL));
	assert_false(w4_json_is(&doc, (int) doc.nnodes, W4_JSON_NULL));
}

static void
reading_strings(void **state)
{
	W4Json		doc = parse("[\"abc\",\"\\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f\",\"\",\"a\\u0000\",1,\"\xC3\xA9\"]");
	char		out[16];
	size_t		len = 99;

	(void) state;
	assert_true(w4_json_string(&doc, 1, out, 3, &len));
	assert_int_equal(len, 3);
	assert_memory_equal(out, "abc", 3);
	assert_false(w4_json_string(&doc, 1, out, 2, &len));
	assert_int_equal(len, 0);
	assert_true(w4_json_string(&doc, 2, out, 9, &len));
	assert_int_equal(len, 9);
	assert_memory_equal(out, "\"\\\b\t\n\f\r\x01\x1f", 9);
	assert_false(w4_json_string(&doc, 2, out, 8, &len));
	assert_true(w4_json_string(&doc, 3, out, 0, &len));
	assert_int_equal(len, 0);
	assert_false(w4_json_string(&doc, 4, out, sizeof(out), &len));
	assert_false(w4_json_string(&doc, 5, out, sizeof(out), &len));
	assert_false(w4_json_string(&doc, -1, out, sizeof(out), &len));
	assert_true(w4_json_string(&doc, 6, out, sizeof(out), &len));
	assert_int_equal(len, 2);

	assert_true(w4_slice_eq(w4_json_plain_string(&doc, 1), w4_slice_cstr("abc")));
	assert_null(w4_json_plain_string(&doc, 2).data);
	assert_non_null(w4_json_plain_string(&doc, 3).data);
	assert_int_equal(w4_json_plain_string(&doc, 3).len, 0);
	assert_null(w4_json_plain_string(&doc, 5).data);
	assert_null(w4_json_plain_string(&doc, -1).data);
}

static void
reading_integers_and_hex(void **state)
{
	W4Json		doc = parse("[0,-7,9007199254740991,-9007199254740991,\"00ff1a\",\"00FF1a\",\"00ff1\",\"0g\",\"\",\"\\n0\"]");
	int64_t		v = 42;
	uint8_t		out[3];

	(void) state;
	assert_true(w4_json_int(&doc, 1, &v) && v == 0);
	assert_true(w4_json_int(&doc, 2, &v) && v == -7);
	assert_true(w4_json_int(&doc, 3, &v) && v == W4_JSON_MAX_INT);
	assert_true(w4_json_int(&doc, 4, &v) && v == -W4_JSON_MAX_INT);
	assert_false(w4_json_int(&doc, 5, &v));
	assert_false(w4_json_int(&doc, -1, &v));

	assert_true(w4_json_hex(&doc, 5, out, 3));
	assert_memory_equal(out, "\x00\xff\x1a", 3);
	assert_false(w4_json_hex(&doc, 5, out, 2));
	assert_false(w4_json_hex(&doc, 6, out, 3));
	assert_false(w4_json_hex(&doc, 7, out, 2));
	assert_false(w4_json_hex(&doc, 7, out, 3));
	assert_false(w4_json_hex(&doc, 8, out, 1));
	assert_true(w4_json_hex(&doc, 9, out, 0));
	assert_false(w4_json_hex(&doc, 10, out, 1));
	assert_false(w4_json_hex(&doc, 1, out, 0));
	assert_false(w4_json_hex(&doc, -1, out, 0));
}

static void
reading_only(void **state)
{
	static const char *const ab[] = {"b", "a", NULL};
	static const char *const none[] = {NULL};
	W4Json		doc = parse("{\"a\":{\"x\":1},\"b\":[]}");
	W4Fault		fault;

	(void) state;
	assert_true(w4_json_only(&doc, W4_JSON_ROOT, ab, &fault));
	assert_false(w4_json_only(&doc, 2, ab, &fault));
	assert_string_equal(fault.what, "unknown key");
	assert_int_equal(fault.offset, 7);
	assert_false(w4_json_only(&doc, W4_JSON_ROOT, none, NULL));
	assert_false(w4_json_only(&doc, 6, ab, &fault));
	assert_string_equal(fault.what, "value that is not an object");
	assert_false(w4_json_only(&doc, -1, ab, &fault));
	doc = parse("{}");
	assert_true(w4_json_only(&doc, W4_JSON_ROOT, none, &fault));
}

static void
writing(void **state)
{
	static const char content[] = "q\"b\\/\b\t\n\f\r\x01\x1f\x7f\xC3\xA9";
	static const char expected[] =
		"{\"h\":\"00ff\",\"i\":-9007199254740991,\"j\":9007199254740991,\"k\":0,"
		"\"s\":\"q\\\"b\\\\/\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\xC3\xA9\"}";
	uint8_t		buf[256];
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Json		doc;
	char		back[64];
	size_t		len;
	bool		first = true;

	(void) state;
	w4_put_u8(&w, '{');
	w4c_member_hex(&w, &first, "h", (const uint8_t *) "\x00\xff", 2);
	w4c_member_int(&w, &first, "i", -W4_JSON_MAX_INT);
	w4c_put_key(&w, &first, "j");
	w4c_put_int(&w, W4_JSON_MAX_INT);
	w4c_member_int(&w, &first, "k", 0);
	w4c_member_string(&w, &first, "s", w4_slice(content, sizeof(content) - 1));
	w4_put_u8(&w, '}');
	assert_false(w.full);
	assert_false(first);
	assert_int_equal(w.len, sizeof(expected) - 1);
	assert_memory_equal(buf, expected, w.len);

	assert_true(w4c_parse(&doc, (const char *) buf, w.len, nodes, MAX_NODES, NULL));
	assert_true(w4_json_string(&doc, w4_json_member(&doc, 0, "s"), back, sizeof(back), &len));
	assert_int_equal(len, sizeof(content) - 1);
	assert_memory_equal(back, content, len);
}

static void
writing_refuses(void **state)
{
	static const char *const bad_keys[] = {"", "a b", "\xC3\xA9", "a\"", "a\\"};
	static const int64_t bad_ints[] = {W4_JSON_MAX_INT + 1, -W4_JSON_MAX_INT - 1, INT64_MAX, INT64_MIN};
	uint8_t		buf[64];
	W4Writer	w;
	bool		first;

	(void) state;
	for (size_t i = 0; i < 5; i++)
	{
		first = true;
		w = w4_writer(buf, sizeof(buf));
		w4c_put_key(&w, &first, bad_keys[i]);
		assert_true(w.full && w.len == 0);
	}
	for (size_t i = 0; i < 4; i++)
	{
		w = w4_writer(buf, sizeof(buf));
		w4c_put_int(&w, bad_ints[i]);
		assert_true(w.full && w.len == 0);
	}
	w = w4_writer(buf, sizeof(buf));
	w4c_put_string(&w, "\xED\xA0\x80", 3);
	assert_true(w.full && w.len == 0);
	w = w4_writer(buf, 4);
	w4c_put_string(&w, "abc", 3);
	assert_true(w.full);
	w = w4_writer(buf, 5);
	w4c_put_string(&w, "abc", 3);
	assert_false(w.full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_specified),
		cmocka_unit_test(refuses_specified),
		cmocka_unit_test(scalars_at_the_root),
		cmocka_unit_test(integers),
		cmocka_unit_test(containers),
		cmocka_unit_test(keys),
		cmocka_unit_test(strings),
		cmocka_unit_test(utf8),
		cmocka_unit_test(utf8_exhaustive),
		cmocka_unit_test(limits),
		cmocka_unit_test(truncation),
		cmocka_unit_test(node_layout),
		cmocka_unit_test(reading_members),
		cmocka_unit_test(reading_strings),
		cmocka_unit_test(reading_integers_and_hex),
		cmocka_unit_test(reading_only),
		cmocka_unit_test(writing),
		cmocka_unit_test(writing_refuses),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
