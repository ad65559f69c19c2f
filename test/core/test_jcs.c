/*-------------------------------------------------------------------------
 *
 * test_jcs.c
 *		RFC 8785: its own examples, number vectors, and what has no canonical form.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json.h"
#include "es6_numbers.h"

/* Canonicalise with exactly as much memory as the header promises to be enough. */
static bool
run(char **out, size_t *out_len, const char *text, size_t len, W4Fault *fault)
{
	size_t		max_nodes = W4_JSON_MAX_NODES(len);
	char	   *copy = malloc(len > 0 ? len : 1);
	W4JsonNode *nodes = malloc(max_nodes * sizeof(W4JsonNode));
	uint32_t   *order = malloc(max_nodes * sizeof(uint32_t));
	char	   *buf = malloc(W4_JCS_MAX_OUTPUT(len) + 1);
	W4Writer	w = w4_writer(buf, W4_JCS_MAX_OUTPUT(len));
	bool		ok;

	if (len > 0)
		memcpy(copy, text, len);
	ok = w4_jcs(&w, copy, len, nodes, order, max_nodes, fault);
	assert_true(ok ? !w.full : w.len == 0);
	buf[w.len] = '\0';
	*out = buf;
	*out_len = w.len;
	free(order);
	free(nodes);
	free(copy);
	return ok;
}

static void
check(const char *text, const char *expected)
{
	W4Fault		fault = {"", 0};
	char	   *out;
	size_t		len;

	if (!run(&out, &len, text, strlen(text), &fault))
		fail_msg("refused: %s (%s at %zu)", text, fault.what, fault.offset);
	assert_string_equal(out, expected);
	assert_int_equal(len, strlen(expected));
	free(out);
}

static void
refuse_bytes(const char *text, size_t n, const char *what, size_t offset)
{
	W4Fault		fault = {"", 0};
	char	   *out;
	size_t		len;

	if (run(&out, &len, text, n, &fault))
		fail_msg("accepted: %s", text);
	assert_string_equal(fault.what, what);
	assert_int_equal(fault.offset, offset);
	free(out);
}

static void
refuse(const char *text, const char *what, size_t offset)
{
	refuse_bytes(text, strlen(text), what, offset);
}

static void
rfc_section_3_2_2(void **state)
{
	static const char expected[] = {
		/* the bytes of section 3.2.4 */
		"\x7b\x22\x6c\x69\x74\x65\x72\x61\x6c\x73\x22\x3a\x5b\x6e\x75\x6c\x6c\x2c\x74\x72"
		"\x75\x65\x2c\x66\x61\x6c\x73\x65\x5d\x2c\x22\x6e\x75\x6d\x62\x65\x72\x73\x22\x3a"
		"\x5b\x33\x33\x33\x33\x33\x33\x33\x33\x33\x2e\x33\x33\x33\x33\x33\x33\x33\x2c\x31"
		"\x65\x2b\x33\x30\x2c\x34\x2e\x35\x2c\x30\x2e\x30\x30\x32\x2c\x31\x65\x2d\x32\x37"
		"\x5d\x2c\x22\x73\x74\x72\x69\x6e\x67\x22\x3a\x22\xe2\x82\xac\x24\x5c\x75\x30\x30"
		"\x30\x66\x5c\x6e\x41\x27\x42\x5c\x22\x5c\x5c\x5c\x5c\x5c\x22\x2f\x22\x7d"
	};

	(void) state;
	check("{\n"
		  "  \"numbers\": [333333333.33333329, 1E30, 4.50,\n"
		  "              2e-3, 0.000000000000000000000000001],\n"
		  "  \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
		  "  \"literals\": [null, true, false]\n"
		  "}", expected);
}

static void
rfc_section_3_2_3(void **state)
{
	(void) state;
	check("{\n"
		  "  \"\\u20ac\": \"Euro Sign\",\n"
		  "  \"\\r\": \"Carriage Return\",\n"
		  "  \"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\",\n"
		  "  \"1\": \"One\",\n"
		  "  \"\\ud83d\\ude00\": \"Emoji: Grinning Face\",\n"
		  "  \"\\u0080\": \"Control\",\n"
		  "  \"\\u00f6\": \"Latin Small Letter O With Diaeresis\"\n"
		  "}",
		  "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\","
		  "\"\xC3\xB6\":\"Latin Small Letter O With Diaeresis\",\"\xE2\x82\xAC\":\"Euro Sign\","
		  "\"\xF0\x9F\x98\x80\":\"Emoji: Grinning Face\","
		  "\"\xEF\xAC\xB3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

static void
rfc_appendix_b(void **state)
{
	static const Es6Number vectors[] = {
		{UINT64_C(0x0000000000000000), "0"},
		{UINT64_C(0x8000000000000000), "0"},
		{UINT64_C(0x0000000000000001), "5e-324"},
		{UINT64_C(0x8000000000000001), "-5e-324"},
		{UINT64_C(0x7fefffffffffffff), "1.7976931348623157e+308"},
		{UINT64_C(0xffefffffffffffff), "-1.7976931348623157e+308"},
		{UINT64_C(0x4340000000000000), "9007199254740992"},
		{UINT64_C(0xc340000000000000), "-9007199254740992"},
		{UINT64_C(0x4430000000000000), "295147905179352830000"},
		{UINT64_C(0x44b52d02c7e14af5), "9.999999999999997e+22"},
		{UINT64_C(0x44b52d02c7e14af6), "1e+23"},
		{UINT64_C(0x44b52d02c7e14af7), "1.0000000000000001e+23"},
		{UINT64_C(0x444b1ae4d6e2ef4e), "999999999999999700000"},
		{UINT64_C(0x444b1ae4d6e2ef4f), "999999999999999900000"},
		{UINT64_C(0x444b1ae4d6e2ef50), "1e+21"},
		{UINT64_C(0x3eb0c6f7a0b5ed8c), "9.999999999999997e-7"},
		{UINT64_C(0x3eb0c6f7a0b5ed8d), "0.000001"},
		{UINT64_C(0x41b3de4355555553), "333333333.3333332"},
		{UINT64_C(0x41b3de4355555554), "333333333.33333325"},
		{UINT64_C(0x41b3de4355555555), "333333333.3333333"},
		{UINT64_C(0x41b3de4355555556), "333333333.3333334"},
		{UINT64_C(0x41b3de4355555557), "333333333.33333343"},
		{UINT64_C(0xbecbf647612f3696), "-0.0000033333333333333333"},
		{UINT64_C(0x43143ff3c1cb0959), "1424953923781206.2"},
	};
	char		out[32];

	(void) state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
	{
		double		value;

		memcpy(&value, &vectors[i].bits, sizeof(value));
		assert_int_equal(w4_es6_number(out, value), strlen(vectors[i].text));
		assert_string_equal(out, vectors[i].text);
		check(vectors[i].text, vectors[i].text);
	}
	assert_int_equal(w4_es6_number(out, (double) NAN), 0);
	assert_int_equal(w4_es6_number(out, (double) INFINITY), 0);
	assert_int_equal(w4_es6_number(out, -(double) INFINITY), 0);
}

static void
engine_numbers(void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof(es6_numbers) / sizeof(es6_numbers[0]); i++)
	{
		char		out[32];
		double		value;

		memcpy(&value, &es6_numbers[i].bits, sizeof(value));
		assert_int_equal(w4_es6_number(out, value), strlen(es6_numbers[i].text));
		assert_string_equal(out, es6_numbers[i].text);
		assert_true(strlen(out) <= 25);
		check(out, out);
	}
}

static void
number_spellings(void **state)
{
	(void) state;
	check("-0", "0");
	check("-0.0e5", "0");
	check("0E-10", "0");
	check("1.0", "1");
	check("1e3", "1000");
	check("1E+3", "1000");
	check("100e-2", "1");
	check("123456789012345678901234567890", "1.2345678901234568e+29");
	check("9007199254740993", "9007199254740992");
	check("1e20", "100000000000000000000");
	check("[1e20,9e20,-9e20]", "[100000000000000000000,900000000000000000000,-900000000000000000000]");
	check("1e-7", "1e-7");
	check("1e-6", "0.000001");
	check("1e-400", "0");
	check("-1e-400", "0");
	check("2.4703282292062327e-324", "0");
	check("2.4703282292062328e-324", "5e-324");
	check("1.7976931348623158e308", "1.7976931348623157e+308");
	check("0.1e1", "1");
	check("5.684341886080801e-14", "5.684341886080801e-14");
	check("5.684341886080802e-14", "5.684341886080802e-14");
	refuse("1.7976931348623159e308", "number beyond the range of a double", 0);
	refuse("[1,1e309]", "number beyond the range of a double", 3);
	refuse("-1e400", "number beyond the range of a double", 0);
	refuse("1e99999999999999999999", "number beyond the range of a double", 0);
}

static void
number_grammar(void **state)
{
	char		text[W4_JCS_MAX_NUMBER + 2];

	(void) state;
	refuse("01", "leading zero", 1);
	refuse("-01", "leading zero", 2);
	refuse("-", "missing digit", 1);
	refuse("+1", "unexpected character", 0);
	refuse(".5", "unexpected character", 0);
	refuse("1.", "missing digit", 2);
	refuse("1.e5", "missing digit", 2);
	refuse("1e", "missing digit", 2);
	refuse("1e+", "missing digit", 3);
	refuse("1.5e-x", "missing digit", 5);
	refuse("0x10", "trailing bytes", 1);
	refuse("1,2", "trailing bytes", 1);
	refuse("NaN", "unexpected character", 0);
	refuse("Infinity", "unexpected character", 0);
	refuse("-Infinity", "missing digit", 1);
	refuse("-nan", "missing digit", 1);

	memset(text, '0', sizeof(text));
	memcpy(text, "0.", 2);
	text[W4_JCS_MAX_NUMBER - 3] = '\0';
	strcat(text, "1e9");
	check(text, "0");
	memset(text, '1', sizeof(text));
	refuse_bytes(text, W4_JCS_MAX_NUMBER + 1, "number too long", 0);
	refuse_bytes(text, W4_JCS_MAX_NUMBER, "number beyond the range of a double", 0);
}

static void
strings(void **state)
{
	(void) state;
	check("\"\"", "\"\"");
	check("\"\\/\"", "\"/\"");
	check("\"\\u0008\\u0009\\u000A\\u000c\\u000D\\u0022\\u005C\"", "\"\\b\\t\\n\\f\\r\\\"\\\\\"");
	check("\"\\b\\t\\n\\f\\r\\\"\\\\\"", "\"\\b\\t\\n\\f\\r\\\"\\\\\"");
	check("\"\\u0000\\u001F\\u007f\"", "\"\\u0000\\u001f\x7f\"");
	check("\"\\u00E9\\u07ff\\u0800\\uffff\"", "\"\xC3\xA9\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\"");
	check("\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"");
	check("\"\xE2\x80\xA8\"", "\"\xE2\x80\xA8\"");
	refuse("\"\\uD800\"", "invalid escape", 1);
	refuse("\"\\uDC00\"", "invalid escape", 1);
	refuse("\"\\uD800\\u0041\"", "invalid escape", 1);
	refuse("\"\\uD800\\uD800\"", "invalid escape", 1);
	refuse("\"\\uD800x\\uDC00\"", "invalid escape", 1);
	refuse("\"\\uDC00\\uD800\"", "invalid escape", 1);
	refuse("\"\\uD800\\n\"", "invalid escape", 1);
	refuse("\"\\uD800\\uDC0\"", "invalid escape", 1);
	refuse("\"\\uD800\\u", "invalid escape", 1);
	refuse("\"\\u12G4\"", "invalid escape", 1);
	refuse("\"\\u12", "invalid escape", 1);
	refuse("\"\\x\"", "invalid escape", 1);
	refuse("\"\\U0041\"", "invalid escape", 1);
	refuse("\"\\", "invalid escape", 1);
	refuse("\"a", "unterminated string", 2);
	refuse("\"a\nb\"", "control character in a string", 2);
	refuse_bytes("\"\0\"", 3, "control character in a string", 1);
	refuse("\"\xED\xA0\x80\"", "invalid UTF-8", 1);
	refuse("\"\xC0\x80\"", "invalid UTF-8", 1);
	refuse("\"\xC3", "invalid UTF-8", 1);
}

static void
structure(void **state)
{
	(void) state;
	check(" \t\r\n[ 1 , { } , [ ] , null ] \n", "[1,{},[],null]");
	check("{ \"b\" : 1 , \"a\" : { \"d\" : 2 , \"c\" : 3 } }", "{\"a\":{\"c\":3,\"d\":2},\"b\":1}");
	check("{\"c\":{\"z\":{\"y\":1,\"x\":2},\"a\":0},\"b\":[{\"q\":1,\"p\":2}],\"a\":{}}",
		  "{\"a\":{},\"b\":[{\"p\":2,\"q\":1}],\"c\":{\"a\":0,\"z\":{\"x\":2,\"y\":1}}}");
	check("true", "true");
	refuse("", "missing value", 0);
	refuse("  ", "missing value", 2);
	refuse("\xEF\xBB\xBF{}", "byte order mark", 0);
	refuse("{} x", "trailing bytes", 3);
	refuse_bytes("{}\0", 3, "trailing bytes", 2);
	refuse_bytes("\0", 1, "unexpected character", 0);
	refuse("\v1", "unexpected character", 0);
	refuse("\xC2\xA0" "1", "unexpected character", 0);
	refuse("[1,]", "unexpected character", 3);
	refuse("[1 2]", "missing comma", 3);
	refuse("[1", "unterminated array", 2);
	refuse("[", "unterminated array", 1);
	refuse("[1,", "missing value", 3);
	refuse("{", "unterminated object", 1);
	refuse("{\"a\":1,}", "missing key", 7);
	refuse("{\"a\" 1}", "missing colon", 5);
	refuse("{\"a\"", "missing colon", 4);
	refuse("{\"a\":", "missing value", 5);
	refuse("{a:1}", "missing key", 1);
	refuse("{'a':1}", "missing key", 1);
	refuse("{\"\\q\":1}", "invalid escape", 2);
	refuse("[1}", "missing comma", 2);
	refuse("tru", "unknown literal", 0);
	refuse("nulll", "trailing bytes", 4);
	refuse("[1/**/]", "missing comma", 2);
}

static void
duplicates(void **state)
{
	(void) state;
	refuse("{\"a\":1,\"a\":2}", "duplicate key", 8);
	refuse("{\"a\":1,\"b\":2,\"a\":3}", "duplicate key", 14);
	refuse("{\"a\":1,\"\\u0061\":2}", "duplicate key", 8);
	refuse("{\"\\u0061\":1,\"b\":0,\"a\":2}", "duplicate key", 19);
	refuse("{\"\":1,\"\":2}", "duplicate key", 7);
	refuse("{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}", "duplicate key", 19);
	refuse("[{\"x\":{\"/\":1,\"\\/\":1}}]", "duplicate key", 14);
	check("{\"a\":{\"a\":1},\"\":0}", "{\"\":0,\"a\":{\"a\":1}}");
	check("{\"e\xCC\x81\":1,\"\xC3\xA9\":2}", "{\"e\xCC\x81\":1,\"\xC3\xA9\":2}");
}

/* U+D7FF < surrogates < U+E000 < U+FFFF, in keys spelled raw and escaped. */
static void
utf16_order(void **state)
{
	(void) state;
	check("{\"\xEF\xBF\xBF\":1,\"\xEE\x80\x80\":2,\"\xF4\x8F\xBF\xBF\":3,\"\xF0\x90\x80\x80\":4,\"\xED\x9F\xBF\":5,\"z\":6}",
		  "{\"z\":6,\"\xED\x9F\xBF\":5,\"\xF0\x90\x80\x80\":4,\"\xF4\x8F\xBF\xBF\":3,\"\xEE\x80\x80\":2,\"\xEF\xBF\xBF\":1}");
	check("{\"\\uffff\":1,\"\xEE\x80\x80\":2,\"\\udbff\\udfff\":3,\"\xF0\x90\x80\x80\":4}",
		  "{\"\xF0\x90\x80\x80\":4,\"\xF4\x8F\xBF\xBF\":3,\"\xEE\x80\x80\":2,\"\xEF\xBF\xBF\":1}");
	check("{\"ab\":1,\"a\":2,\"a\xC3\xA9\":3,\"a\\u0000\":4,\"\":5}",
		  "{\"\":5,\"a\":2,\"a\\u0000\":4,\"ab\":1,\"a\xC3\xA9\":3}");
}

static void
limits(void **state)
{
	char	   *text = malloc(W4_JCS_MAX_SIZE + 1);
	char	   *out;
	size_t		len;
	W4Fault		fault;

	(void) state;
	memset(text, 'x', W4_JCS_MAX_SIZE + 1);
	text[0] = '"';
	text[W4_JCS_MAX_SIZE - 1] = '"';
	assert_true(run(&out, &len, text, W4_JCS_MAX_SIZE, &fault));
	assert_int_equal(len, W4_JCS_MAX_SIZE);
	assert_memory_equal(out, text, len);
	free(out);
	refuse_bytes(text, W4_JCS_MAX_SIZE + 1, "text too long", W4_JCS_MAX_SIZE);

	memset(text, '[', W4_JCS_MAX_DEPTH);
	memset(text + W4_JCS_MAX_DEPTH, ']', W4_JCS_MAX_DEPTH);
	assert_true(run(&out, &len, text, 2 * W4_JCS_MAX_DEPTH, &fault));
	free(out);
	memset(text, '[', W4_JCS_MAX_DEPTH + 1);
	memset(text + W4_JCS_MAX_DEPTH + 1, ']', W4_JCS_MAX_DEPTH + 1);
	refuse_bytes(text, 2 * W4_JCS_MAX_DEPTH + 2, "nesting too deep", W4_JCS_MAX_DEPTH);
	free(text);
}

/* Many keys in every disorder, and the worst expansion of numbers. */
static void
large_texts(void **state)
{
	enum
	{
		N = 5000
	};
	char	   *text = malloc(N * 16);
	char	   *expected = malloc(N * 16);
	char	   *out;
	size_t		len,
				n;
	W4Fault		fault;

	(void) state;
	n = 0;
	for (int i = 0; i < N; i++)
		n += (size_t) sprintf(text + n, "%c\"k%05d\":%d", i == 0 ? '{' : ',', i * 1237 % N, i * 1237 % N);
	n += (size_t) sprintf(text + n, "}");
	len = 0;
	for (int i = 0; i < N; i++)
		len += (size_t) sprintf(expected + len, "%c\"k%05d\":%d", i == 0 ? '{' : ',', i, i);
	sprintf(expected + len, "}");
	assert_true(run(&out, &len, text, n, &fault));
	assert_string_equal(out, expected);
	free(out);

	n = 0;
	for (int i = 0; i < N; i++)
		n += (size_t) sprintf(text + n, "%c1e20", i == 0 ? '[' : ',');
	n += (size_t) sprintf(text + n, "]");
	assert_true(run(&out, &len, text, n, &fault));
	assert_int_equal(len, N * 22 + 1);
	free(out);
	free(expected);
	free(text);
}

static void
output_and_scratch(void **state)
{
	W4JsonNode	nodes[8];
	uint32_t	order[8];
	uint8_t		buf[16];
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Fault		fault;

	(void) state;
	w4_put_cstr(&w, "12345678901");
	assert_true(w4_jcs(&w, "[1,2]", 5, nodes, order, 8, &fault));
	assert_int_equal(w.len, 16);
	w.len = 12;
	assert_false(w4_jcs(&w, "[1,2]", 5, nodes, order, 8, &fault));
	assert_string_equal(fault.what, "canonical form that does not fit");
	assert_int_equal(w.len, 12);
	assert_false(w.full);
	w.len = 0;
	assert_false(w4_jcs(&w, "[1,2]", 5, nodes, order, 2, &fault));
	assert_string_equal(fault.what, "more values than fit");
	assert_false(w4_jcs(&w, "[]", 2, nodes, order, 0, NULL));
	assert_false(w4_jcs(&w, "\"\"", 2, nodes, order, 0, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_section_3_2_2),
		cmocka_unit_test(rfc_section_3_2_3),
		cmocka_unit_test(rfc_appendix_b),
		cmocka_unit_test(engine_numbers),
		cmocka_unit_test(number_spellings),
		cmocka_unit_test(number_grammar),
		cmocka_unit_test(strings),
		cmocka_unit_test(structure),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(utf16_order),
		cmocka_unit_test(limits),
		cmocka_unit_test(large_texts),
		cmocka_unit_test(output_and_scratch),
	};

	return cmocka_run_group_tests_name("jcs", tests, NULL, NULL);
}
