/*-------------------------------------------------------------------------
 *
 * request.c
 *		A request for a decision in exact bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "authority/request.h"

#include "core/decimal.h"
#include "core/domains.h"
#include "core/encode.h"
#include "core/lctid.h"
#include "core/pattern.h"
#include "evidence/memo.h"
#include "host/hash.h"
#include "host/value.h"

static const uint8_t empty_context_hash[32] = W4_EMPTY_CONTEXT_HASH;

static void
refuse(const char *what, W4Slice value, const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_REQUEST)),
			 errmsg("%s of the request is malformed", what),
			 w4_errdetail(W4_ERRCODE(BAD_REQUEST), "\"%.*s\": %s.", (int) Min(value.len, 200), (const char *) value.data, why)));
}

void
w4_request_not_null(FunctionCallInfo fcinfo, int n, const char *what)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_REQUEST)),
				 errmsg("%s is null", what),
				 w4_errdetail(W4_ERRCODE(BAD_REQUEST), "Nothing is decided or redeemed without it."),
				 errhint("It may come from a row that was not found.")));
}

static void
check_names(const W4Request *r)
{
	W4Fault		fault;

	if (!w4_literal_ok(W4_INTENT, r->action, &fault))
		refuse("action", r->action, fault.what);
	if (!w4_literal_ok(W4_RESOURCE, r->resource, &fault))
		refuse("resource", r->resource, fault.what);
}

static void
set_role(W4Request *r, W4Slice role)
{
	if (role.len >= sizeof(r->role) || !w4_role_name_ok(role))
		refuse("role", role, "a role is a name such as citizen, [a-z][a-z0-9_]*");
	memcpy(r->role, role.data, role.len);
	r->role[role.len] = '\0';
	r->role_given = true;
}

void
w4_request_parse(W4Request *r, const text *txt, W4Slice signature)
{
	static const char *const members[] = {
		"action", "atp_cost", "context", "context_hash", "delegation_id", "nonce", "requester", "resource",
		"role", "society", "ts", "v", NULL
	};
	W4Document	doc;

	memset(r, 0, sizeof(*r));
	w4_document_parse(&doc, "request", txt, members);
	w4_document_version(&doc);
	w4_document_lct(&doc, "society", r->society);
	w4_document_lct(&doc, "requester", r->requester);
	r->action = w4_document_plain(&doc, "action");
	r->resource = w4_document_plain(&doc, "resource");
	check_names(r);
	r->cost = w4_document_atp(&doc, "atp_cost");
	if (w4_document_has(&doc, "role"))
		set_role(r, w4_document_plain(&doc, "role"));
	if (w4_document_has(&doc, "delegation_id"))
	{
		W4Slice		id = w4_document_plain(&doc, "delegation_id");

		r->has_grant = true;
		r->grant_wellformed = w4_hex_decode(r->grant, 32, (const char *) id.data, id.len);
	}
	memcpy(r->context_hash, empty_context_hash, 32);
	if (w4_document_has(&doc, "context_hash"))
		w4_document_hex(&doc, "context_hash", r->context_hash, 32);
	if (w4_document_has(&doc, "context"))
	{
		const W4JsonNode *node = &doc.json.nodes[w4_json_member(&doc.json, W4_JSON_ROOT, "context")];
		uint8_t		hash[32];

		w4_hash_one(hash, doc.json.text + node->start, node->len);
		if (node->type != W4_JSON_OBJECT ||
			(w4_document_has(&doc, "context_hash") && memcmp(hash, r->context_hash, 32) != 0))
			w4_document_refuse(&doc, "context", "must be an object whose hash is context_hash");
		memcpy(r->context_hash, hash, 32);
	}
	r->is_signed = signature.len > 0;
	if (r->is_signed)
	{
		r->ts = w4_document_time(&doc, "ts");
		r->nonce_len = w4_document_nonce(&doc, "nonce", r->nonce);
		r->signature = signature;
	}
	r->message = w4_document_message(W4_DOMAIN_REQUEST, txt);
	w4_memo_sha256(r->hash, r->message);
}

static void
hash_context(W4Request *r, W4Slice context)
{
	size_t		max_nodes = W4_JSON_MAX_NODES(context.len);
	W4JsonNode *nodes = palloc(sizeof(W4JsonNode) * max_nodes);
	uint32_t   *order = palloc(sizeof(uint32_t) * max_nodes);
	W4Writer	out;
	W4Fault		fault;

	if (context.len > W4C_MAX_SIZE)
		refuse("context", w4_slice_cstr("..."), "it has more than 64 KiB");
	out = w4_writer(palloc(W4_JCS_MAX_OUTPUT(context.len)), W4_JCS_MAX_OUTPUT(context.len));
	if (!w4_jcs(&out, (const char *) context.data, context.len, nodes, order, max_nodes, &fault))
		refuse("context", context, fault.what);
	w4_hash_one(r->context_hash, out.buf, out.len);
}

/* The members of N7 without nonce and ts, in byte order of their names. */
static void
write_text(W4Request *r)
{
	size_t		cap = 1024 + r->action.len + r->resource.len;
	W4Writer	w = w4_writer(palloc(cap), cap);
	char		cost[W4_DECIMAL_TEXT_MAX];

	w4_put_cstr(&w, W4_DOMAIN_REQUEST);
	w4_put_cstr(&w, "{\"action\":");
	w4c_put_string(&w, (const char *) r->action.data, r->action.len);
	w4_put_cstr(&w, ",\"atp_cost\":");
	w4c_put_string(&w, cost, w4_decimal_format(cost, r->cost, 6));
	w4_put_cstr(&w, ",\"context_hash\":");
	w4c_put_hex(&w, r->context_hash, 32);
	w4_put_cstr(&w, ",\"delegation_id\":");
	if (r->has_grant)
		w4c_put_hex(&w, r->grant, 32);
	else
		w4_put_cstr(&w, "null");
	w4_put_cstr(&w, ",\"requester\":");
	w4c_put_lct(&w, r->requester);
	w4_put_cstr(&w, ",\"resource\":");
	w4c_put_string(&w, (const char *) r->resource.data, r->resource.len);
	w4_put_cstr(&w, ",\"role\":");
	if (r->role_given)
		w4c_put_string(&w, r->role, strlen(r->role));
	else
		w4_put_cstr(&w, "null");
	w4_put_cstr(&w, ",\"society\":");
	w4c_put_lct(&w, r->society);
	w4_put_cstr(&w, ",\"v\":1}");
	Assert(!w.full);
	r->message = w4_slice(w.buf, w.len);
	w4_hash_one(r->hash, w.buf, w.len);
}

void
w4_request_build(W4Request *r, const W4RequestArgs *args)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->requester, args->requester, 32);
	r->action = args->action;
	r->resource = args->resource;
	check_names(r);
	r->cost = args->cost;
	if (args->role != NULL)
		set_role(r, w4_slice_cstr(args->role));
	memcpy(r->context_hash, empty_context_hash, 32);
	if (args->context.data != NULL)
		hash_context(r, args->context);

	/* In which society?  The grant's, else the requester's own. */
	if (args->grant != NULL)
	{
		r->has_grant = r->grant_wellformed = true;
		memcpy(r->grant, args->grant, 32);
	}
	r->knows_requester = w4_entity_get(r->requester, &r->entity);
	if (r->has_grant && !w4_grant_load_chain(r->grant, &r->chain))
		r->chain.n = 0;
	if (r->chain.n > 0)
		memcpy(r->society, r->chain.link[0]->society, 32);
	else if (r->knows_requester)
		memcpy(r->society, r->entity.society, 32);
	write_text(r);
}
