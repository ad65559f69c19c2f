/*-------------------------------------------------------------------------
 *
 * document.c
 *		Signed W4C documents as SQL arguments.
 *
 *-------------------------------------------------------------------------
 */
#include "host/document.h"

#include "core/decimal.h"
#include "core/encode.h"
#include "core/lctid.h"
#include "core/timestamp.h"
#include "host/compat.h"

void
w4_document_parse(W4Document *doc, const char *what, const text *txt, const char *const *members)
{
	size_t		len = VARSIZE_ANY_EXHDR(txt);
	size_t		max_nodes;
	W4JsonNode *nodes;
	W4Fault		fault;

	doc->what = what;
	if (len > W4C_MAX_SIZE)
		ereport(ERROR,
				(errcode(W4_ERRCODE(TOO_LARGE)),
				 errmsg("%s is too large", what),
				 w4_errdetail(W4_ERRCODE(TOO_LARGE), "It has %zu bytes; the limit is %d.", len, W4C_MAX_SIZE)));
	max_nodes = W4_JSON_MAX_NODES(len);
	nodes = palloc(sizeof(W4JsonNode) * max_nodes);
	if (!w4c_parse(&doc->json, VARDATA_ANY(txt), len, nodes, max_nodes, &fault))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_CANONICAL)),
				 errmsg("%s is not canonical JSON", what),
				 w4_errdetail(W4_ERRCODE(NOT_CANONICAL), "%s at byte %zu.", fault.what, fault.offset),
				 errhint("Produce it with web4_jcs(), keys in [A-Za-z0-9_.:/@#-], whole numbers only.")));
	if (!w4_json_is(&doc->json, W4_JSON_ROOT, W4_JSON_OBJECT))
		w4_document_refuse(doc, "", "must be a JSON object");
	if (!w4_json_only(&doc->json, W4_JSON_ROOT, members, &fault))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_DOCUMENT)),
				 errmsg("%s has an unknown member", what),
				 w4_errdetail(W4_ERRCODE(BAD_DOCUMENT), "%s at byte %zu.", fault.what, fault.offset)));
}

void
w4_document_refuse(const W4Document *doc, const char *key, const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_DOCUMENT)),
			 errmsg("%s is not acceptable", doc->what),
			 w4_errdetail(W4_ERRCODE(BAD_DOCUMENT), "\"%s\" %s.", key[0] ? key : "document", why)));
}

static int
member(const W4Document *doc, const char *key)
{
	int			node = w4_json_member(&doc->json, W4_JSON_ROOT, key);

	if (node < 0)
		w4_document_refuse(doc, key, "is missing");
	return node;
}

bool
w4_document_has(const W4Document *doc, const char *key)
{
	int			node = w4_json_member(&doc->json, W4_JSON_ROOT, key);

	return node >= 0 && !w4_json_is(&doc->json, node, W4_JSON_NULL);
}

char *
w4_document_text(const W4Document *doc, const char *key, size_t max_len)
{
	char	   *out = palloc(max_len + 1);
	size_t		len;

	if (!w4_json_string(&doc->json, member(doc, key), out, max_len, &len))
		w4_document_refuse(doc, key, "must be a string of acceptable length");
	out[len] = '\0';
	return out;
}

W4Slice
w4_document_plain(const W4Document *doc, const char *key)
{
	W4Slice		s = w4_json_plain_string(&doc->json, member(doc, key));

	if (s.data == NULL)
		w4_document_refuse(doc, key, "must be a string without escapes");
	return s;
}

void
w4_document_lct(const W4Document *doc, const char *key, uint8_t lct[32])
{
	W4Slice		s = w4_document_plain(doc, key);
	W4Fault		fault;

	if (!w4_lct_parse(lct, (const char *) s.data, s.len, &fault))
		w4_document_refuse(doc, key, "must be an LCT identifier (lct:web4:mb32:b...)");
}

void
w4_document_hex(const W4Document *doc, const char *key, uint8_t *out, size_t len)
{
	if (!w4_json_hex(&doc->json, member(doc, key), out, len))
		w4_document_refuse(doc, key, psprintf("must be %zu lower-case hex digits", len * 2));
}

int64_t
w4_document_time(const W4Document *doc, const char *key)
{
	W4Slice		s = w4_document_plain(doc, key);
	int64_t		us;
	W4Fault		fault;

	if (!w4_timestamp_parse(&us, (const char *) s.data, s.len, &fault))
		w4_document_refuse(doc, key, "must be an RFC 3339 UTC time such as 2026-01-15T10:30:00Z");
	return us;
}

int64_t
w4_document_int(const W4Document *doc, const char *key, int64_t min, int64_t max)
{
	int64_t		v;

	if (!w4_json_int(&doc->json, member(doc, key), &v) || v < min || v > max)
		w4_document_refuse(doc, key, psprintf("must be an integer between %lld and %lld",
											  (long long) min, (long long) max));
	return v;
}

int64_t
w4_document_atp(const W4Document *doc, const char *key)
{
	W4Slice		s = w4_document_plain(doc, key);
	int64_t		v;
	W4Fault		fault;

	if (!w4_decimal_parse(&v, (const char *) s.data, s.len, 6, true, true, &fault))
		w4_document_refuse(doc, key, "must be a decimal string with at most 6 fraction digits");
	return v;
}

void
w4_document_version(const W4Document *doc)
{
	(void) w4_document_int(doc, "v", 1, 1);
}

size_t
w4_document_nonce(const W4Document *doc, const char *key, uint8_t nonce[W4_NONCE_MAX])
{
	W4Slice		s = w4_document_plain(doc, key);
	int			len = w4_base64_decode(nonce, W4_NONCE_MAX, (const char *) s.data, s.len);

	if (len < W4_NONCE_MIN)
		w4_document_refuse(doc, key, psprintf("must be base64 of %d to %d bytes", W4_NONCE_MIN, W4_NONCE_MAX));
	return (size_t) len;
}

W4Slice
w4_document_message(const char *domain, const text *txt)
{
	size_t		domain_len = strlen(domain);
	size_t		len = VARSIZE_ANY_EXHDR(txt);
	uint8_t    *message = palloc(domain_len + len);

	memcpy(message, domain, domain_len);
	memcpy(message + domain_len, VARDATA_ANY(txt), len);
	return w4_slice(message, domain_len + len);
}
