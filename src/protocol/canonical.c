/*-------------------------------------------------------------------------
 *
 * canonical.c
 *		Canonical JSON in SQL: RFC 8785 and its restriction W4C.
 *
 * Canonical JSON is UTF-8 whatever the database's encoding, so texts are
 * converted on the way in and out.
 *
 *-------------------------------------------------------------------------
 */
#include "host/errors.h"

#include "mb/pg_wchar.h"

#include "core/json.h"
#include "host/value.h"

PG_FUNCTION_INFO_V1(web4_jcs);
PG_FUNCTION_INFO_V1(web4_canonical);

/* The text as UTF-8; refuses one that the parser would find too large anyway. */
static W4Slice
utf8_of(const text *txt, size_t max_size)
{
	W4Slice		raw = w4_varlena_slice(txt);
	char	   *utf8 = pg_server_to_any((const char *) raw.data, (int) raw.len, PG_UTF8);
	size_t		len = utf8 == (const char *) raw.data ? raw.len : strlen(utf8);

	if (len > max_size)
		ereport(ERROR,
				(errcode(W4_ERRCODE(TOO_LARGE)),
				 errmsg("JSON text is too large"),
				 w4_errdetail(W4_ERRCODE(TOO_LARGE), "It has %zu bytes, and %zu are allowed.", len, max_size)));
	return w4_slice(utf8, len);
}

static text *
text_from_utf8(const W4Writer *utf8)
{
	char	   *converted = pg_any_to_server((const char *) utf8->buf, (int) utf8->len, PG_UTF8);

	return cstring_to_text_with_len(converted, converted == (const char *) utf8->buf ? (int) utf8->len : (int) strlen(converted));
}

Datum
web4_jcs(PG_FUNCTION_ARGS)
{
	W4Slice		json = utf8_of(PG_GETARG_TEXT_PP(0), W4_JCS_MAX_SIZE);
	size_t		max_nodes = W4_JSON_MAX_NODES(json.len);
	W4JsonNode *nodes = palloc(max_nodes * sizeof(W4JsonNode));
	uint32_t   *order = palloc(max_nodes * sizeof(uint32_t));
	size_t		cap = W4_JCS_MAX_OUTPUT(json.len);
	W4Writer	out = w4_writer(palloc(cap), cap);
	W4Fault		fault;

	if (!w4_jcs(&out, (const char *) json.data, json.len, nodes, order, max_nodes, &fault))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_CANONICAL)),
				 errmsg("text is not JSON that has a canonical form"),
				 w4_errdetail(W4_ERRCODE(NOT_CANONICAL), "%s at byte %zu.", fault.what, fault.offset),
				 errhint("Send strict JSON: every key once in its object, and numbers that a double holds.")));
	PG_RETURN_TEXT_P(text_from_utf8(&out));
}

Datum
web4_canonical(PG_FUNCTION_ARGS)
{
	text	   *txt = PG_GETARG_TEXT_PP(0);
	W4Slice		json = utf8_of(txt, W4C_MAX_SIZE);
	size_t		max_nodes = W4_JSON_MAX_NODES(json.len);
	W4JsonNode *nodes = palloc(max_nodes * sizeof(W4JsonNode));
	W4Json		doc;
	W4Fault		fault;

	if (!w4c_parse(&doc, (const char *) json.data, json.len, nodes, max_nodes, &fault))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_CANONICAL)),
				 errmsg("text is not canonical JSON"),
				 w4_errdetail(W4_ERRCODE(NOT_CANONICAL), "%s at byte %zu.", fault.what, fault.offset),
				 errhint("web4_jcs() sorts keys and removes white space; numbers must be integers, other quantities decimal strings.")));
	pfree(nodes);
	PG_RETURN_TEXT_P(txt);
}
