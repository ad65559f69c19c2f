/*-------------------------------------------------------------------------
 *
 * certificate.c
 *		Birth certificates: reading, writing, and what their signers sign.
 *
 *-------------------------------------------------------------------------
 */
#include "identity/certificate.h"

#include "core/crypto.h"
#include "core/domains.h"
#include "core/encode.h"
#include "core/json.h"
#include "core/lctid.h"
#include "host/errors.h"

#define CITIZEN_ROLE "lct:web4:role:citizen:"
#define LAW_VERSION_MAX 32

static const char *const members[] = {
	"alias", "birth_context", "birth_timestamp", "birth_witnesses", "citizen_role", "entity_type",
	"genesis_block_hash", "hardware_binding_hash", "issuing_society", "law_hash", "law_version", "lct_id",
	"obligations", "parent_entity", "public_key", "rights", "v", NULL
};

static const char *const contexts[] = {
	"nation", "platform", "network", "organization", "ecosystem", "federation", "infrastructure", NULL
};

/* Canonical types first; the other words of the protocol's history map to them. */
static const struct
{
	const char *word;
	const char *type;
}			entity_types[] = {
	{"human", "human"},
	{"ai", "ai"},
	{"society", "society"},
	{"organization", "organization"},
	{"role", "role"},
	{"task", "task"},
	{"resource", "resource"},
	{"device", "device"},
	{"service", "service"},
	{"oracle", "oracle"},
	{"accumulator", "accumulator"},
	{"dictionary", "dictionary"},
	{"hybrid", "hybrid"},
	{"policy", "policy"},
	{"infrastructure", "infrastructure"},
	{"agent", "ai"},
	{"ai_agent", "ai"},
	{"ai_software", "ai"},
	{"ai_embodied", "ai"},
	{"org", "organization"},
	{"team", "organization"},
};

const char *
w4_entity_type_word(const char *input, size_t len)
{
	for (int i = 0; i < lengthof(entity_types); i++)
	{
		if (strlen(entity_types[i].word) == len && pg_strncasecmp(entity_types[i].word, input, len) == 0)
			return entity_types[i].type;
	}
	return NULL;
}

/* [a-z0-9] then also characters of "more", at most max in all. */
static bool
word_ok(W4Slice s, const char *more, size_t max)
{
	if (s.len == 0 || s.len > max)
		return false;
	for (size_t i = 0; i < s.len; i++)
	{
		uint8_t		c = s.data[i];

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			continue;
		if (i == 0 || c == '\0' || strchr(more, c) == NULL)
			return false;
	}
	return true;
}

bool
w4_name_ok(W4Slice name)
{
	return word_ok(name, "._-", W4_NAME_MAX);
}

/* --- reading --- */

typedef struct Reader
{
	W4Json		json;
	W4CertificateFault *fault;
} Reader;

static bool
refuse(Reader *r, const char *member, const char *why)
{
	r->fault->canonical = true;
	r->fault->member = member;
	r->fault->why = why;
	r->fault->offset = 0;
	return false;
}

static bool
has(const Reader *r, const char *key)
{
	return w4_json_member(&r->json, W4_JSON_ROOT, key) >= 0;
}

static bool
read_plain(Reader *r, const char *key, W4Slice *out)
{
	*out = w4_json_plain_string(&r->json, w4_json_member(&r->json, W4_JSON_ROOT, key));
	return out->data != NULL || refuse(r, key, "must be a string");
}

static bool
lct_from(W4Slice s, uint8_t out[32])
{
	return s.data != NULL && w4_lct_parse(out, (const char *) s.data, s.len, NULL);
}

static bool
read_lct(Reader *r, const char *key, uint8_t out[32])
{
	W4Slice		s;

	return read_plain(r, key, &s) && (lct_from(s, out) || refuse(r, key, "must be an LCT identifier"));
}

static bool
read_hash(Reader *r, const char *key, uint8_t out[32])
{
	return w4_json_hex(&r->json, w4_json_member(&r->json, W4_JSON_ROOT, key), out, 32) ||
		refuse(r, key, "must be 64 lower-case hex digits");
}

static int
compare(W4Slice a, W4Slice b)
{
	int			c = memcmp(a.data, b.data, Min(a.len, b.len));

	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

/* Walk an array of at most max plain strings that ascend strictly. */
static bool
read_sorted(Reader *r, const char *key, int max, W4Slice *out, int *n)
{
	int			array = w4_json_member(&r->json, W4_JSON_ROOT, key);
	uint32_t	node;

	if (!w4_json_is(&r->json, array, W4_JSON_ARRAY))
		return refuse(r, key, "must be an array");
	if (r->json.nodes[array].count > (uint32_t) max)
		return refuse(r, key, "has too many elements");
	*n = (int) r->json.nodes[array].count;
	node = (uint32_t) array + 1;
	for (int i = 0; i < *n; i++, node = r->json.nodes[node].end)
	{
		out[i] = w4_json_plain_string(&r->json, (int) node);
		if (out[i].data == NULL)
			return refuse(r, key, "must contain strings only");
		if (i > 0 && compare(out[i - 1], out[i]) >= 0)
			return refuse(r, key, "must be sorted and without duplicates");
	}
	return true;
}

static bool
read_witnesses(Reader *r, W4Certificate *cert)
{
	W4Slice		list[W4_BIRTH_MAX_WITNESSES];

	if (!read_sorted(r, "birth_witnesses", W4_BIRTH_MAX_WITNESSES, list, &cert->nwitnesses))
		return false;
	for (int i = 0; i < cert->nwitnesses; i++)
	{
		if (!lct_from(list[i], cert->witnesses[i]))
			return refuse(r, "birth_witnesses", "must contain LCT identifiers");
	}
	return true;
}

static bool
check_claims(Reader *r, const char *key)
{
	W4Slice		list[W4_BIRTH_MAX_CLAIMS];
	int			n;

	if (!read_sorted(r, key, W4_BIRTH_MAX_CLAIMS, list, &n))
		return false;
	for (int i = 0; i < n; i++)
	{
		if (!word_ok(list[i], "_", W4_NAME_MAX))
			return refuse(r, key, "must contain words of [a-z0-9_]");
	}
	return true;
}

static bool
read_type(Reader *r, W4Certificate *cert)
{
	W4Slice		s;
	const char *type;

	if (!read_plain(r, "entity_type", &s))
		return false;
	type = w4_entity_type_word((const char *) s.data, s.len);
	if (type == NULL || !w4_slice_eq(s, w4_slice_cstr(type)))
		return refuse(r, "entity_type", "must be one of the 15 entity types in lower case");
	strlcpy(cert->entity_type, type, sizeof(cert->entity_type));
	return true;
}

static bool
check_context(Reader *r)
{
	W4Slice		context;
	W4Slice		role;
	size_t		prefix = strlen(CITIZEN_ROLE);
	int			i = 0;

	if (!read_plain(r, "birth_context", &context) || !read_plain(r, "citizen_role", &role))
		return false;
	while (contexts[i] != NULL && !w4_slice_eq(context, w4_slice_cstr(contexts[i])))
		i++;
	if (contexts[i] == NULL)
		return refuse(r, "birth_context",
					  "must be nation, platform, network, organization, ecosystem, federation or infrastructure");
	if (role.len != prefix + context.len || memcmp(role.data, CITIZEN_ROLE, prefix) != 0 ||
		memcmp(role.data + prefix, context.data, context.len) != 0)
		return refuse(r, "citizen_role", "must be lct:web4:role:citizen: and the birth context");
	return true;
}

static bool
read_key(Reader *r, W4Certificate *cert)
{
	uint8_t		derived[32];

	if (!read_hash(r, "public_key", cert->public_key) || !read_lct(r, "lct_id", cert->lct))
		return false;
	w4_lct_from_key(derived, cert->public_key);
	return memcmp(derived, cert->lct, 32) == 0 ||
		refuse(r, "lct_id", "must be the identity of the public key");
}

static bool
read_time(Reader *r, W4Certificate *cert)
{
	if (!read_plain(r, "birth_timestamp", &cert->birth_timestamp_text))
		return false;
	return w4_timestamp_parse(&cert->birth_timestamp, (const char *) cert->birth_timestamp_text.data,
							  cert->birth_timestamp_text.len, NULL) ||
		refuse(r, "birth_timestamp", "must be an RFC 3339 UTC time such as 2026-01-15T10:30:00Z");
}

static bool
check_law(Reader *r)
{
	uint8_t		hash[32];
	W4Slice		version;

	return read_hash(r, "law_hash", hash) && read_plain(r, "law_version", &version) &&
		(word_ok(version, "._-+", LAW_VERSION_MAX) || refuse(r, "law_version", "must be a version such as v1.0.0"));
}

static bool
read_optional(Reader *r, W4Certificate *cert)
{
	uint8_t		genesis[32];
	W4Slice		alias;

	cert->has_hardware = has(r, "hardware_binding_hash");
	cert->has_parent = has(r, "parent_entity");
	cert->alias[0] = '\0';
	if (has(r, "alias"))
	{
		if (!read_plain(r, "alias", &alias))
			return false;
		if (!w4_name_ok(alias))
			return refuse(r, "alias", "must match [a-z0-9][a-z0-9._-]{0,62}");
		memcpy(cert->alias, alias.data, alias.len);
		cert->alias[alias.len] = '\0';
	}
	return (!cert->has_hardware || read_hash(r, "hardware_binding_hash", cert->hardware)) &&
		(!cert->has_parent || read_lct(r, "parent_entity", cert->parent)) &&
		(!has(r, "genesis_block_hash") || read_hash(r, "genesis_block_hash", genesis));
}

static bool
check_version(Reader *r)
{
	int64_t		v;

	return (w4_json_int(&r->json, w4_json_member(&r->json, W4_JSON_ROOT, "v"), &v) && v == 1) ||
		refuse(r, "v", "must be 1");
}

bool
w4_certificate_parse(W4Certificate *cert, W4Slice text, W4CertificateFault *fault)
{
	size_t		max_nodes = W4_JSON_MAX_NODES(text.len);
	W4Slice		parts[2] = {w4_slice_cstr(W4_DOMAIN_BIRTH), text};
	W4JsonNode *nodes;
	Reader		r = {.fault = fault};
	W4Fault		where;
	bool		ok;

	cert->text = text;
	if (text.len > W4_BIRTH_MAX_SIZE)
		return refuse(&r, "certificate", "is too large");
	nodes = palloc(sizeof(W4JsonNode) * max_nodes);
	if (!w4c_parse(&r.json, (const char *) text.data, text.len, nodes, max_nodes, &where))
	{
		pfree(nodes);
		*fault = (W4CertificateFault) {.canonical = false, .member = "certificate", .why = where.what, .offset = where.offset};
		return false;
	}
	ok = w4_json_is(&r.json, W4_JSON_ROOT, W4_JSON_OBJECT) || refuse(&r, "certificate", "must be a JSON object");
	ok = ok && (w4_json_only(&r.json, W4_JSON_ROOT, members, &where) || refuse(&r, "certificate", "has an unknown member"));
	ok = ok && check_version(&r) && read_key(&r, cert) && read_type(&r, cert) && read_time(&r, cert) &&
		read_lct(&r, "issuing_society", cert->society) && read_witnesses(&r, cert) && check_context(&r) &&
		check_law(&r) && check_claims(&r, "rights") && check_claims(&r, "obligations") && read_optional(&r, cert);
	pfree(nodes);
	if (ok)
		w4_sha256_parts(cert->hash, parts, 2);
	return ok;
}

void
w4_certificate_read(W4Certificate *cert, W4Slice text)
{
	W4CertificateFault fault;

	if (text.len > W4_BIRTH_MAX_SIZE)
		ereport(ERROR,
				(errcode(W4_ERRCODE(TOO_LARGE)),
				 errmsg("birth certificate is too large"),
				 w4_errdetail(W4_ERRCODE(TOO_LARGE), "It has %zu bytes; the limit is %d.", text.len, W4_BIRTH_MAX_SIZE)));
	if (w4_certificate_parse(cert, text, &fault))
		return;
	if (!fault.canonical)
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_CANONICAL)),
				 errmsg("birth certificate is not canonical JSON"),
				 w4_errdetail(W4_ERRCODE(NOT_CANONICAL), "%s at byte %zu.", fault.why, fault.offset),
				 errhint("Use the text of web4_birth_certificate() unchanged.")));
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_CERTIFICATE)),
			 errmsg("birth certificate is not acceptable"),
			 w4_errdetail(W4_ERRCODE(BAD_CERTIFICATE), "\"%s\" %s.", fault.member, fault.why),
			 errhint("Prepare it with web4_birth_certificate().")));
}

/* --- what is signed --- */

static W4Slice
message(W4Writer *w)
{
	Assert(!w->full);
	return w4_slice(w->buf, w->len);
}

static void
put_hex(W4Writer *w, const uint8_t hash[32])
{
	char		hex[64];

	w4_hex_encode(hex, hash, 32);
	w4_put(w, hex, sizeof(hex));
}

static void
put_lct(W4Writer *w, const uint8_t lct[32])
{
	char		text[W4_LCT_TEXT_LEN];

	w4_lct_format(text, lct);
	w4_put(w, text, sizeof(text));
}

W4Slice
w4_birth_society_message(const W4Certificate *cert, uint8_t buf[W4_BIRTH_MESSAGE_MAX])
{
	W4Writer	w = w4_writer(buf, W4_BIRTH_MESSAGE_MAX);

	w4_put_cstr(&w, W4_DOMAIN_BIRTH_SOCIETY);
	put_hex(&w, cert->hash);
	return message(&w);
}

W4Slice
w4_birth_witness_message(const W4Certificate *cert, const uint8_t witness[32], uint8_t buf[W4_BIRTH_MESSAGE_MAX])
{
	W4Writer	w = w4_writer(buf, W4_BIRTH_MESSAGE_MAX);

	w4_put_cstr(&w, W4_DOMAIN_BIRTH_WITNESS);
	put_lct(&w, witness);
	w4_put_cstr(&w, "\n");
	put_hex(&w, cert->hash);
	return message(&w);
}

W4Slice
w4_birth_binding_message(const W4Certificate *cert, uint8_t buf[W4_BIRTH_MESSAGE_MAX])
{
	W4Writer	w = w4_writer(buf, W4_BIRTH_MESSAGE_MAX);

	w4_put_cstr(&w, W4_DOMAIN_BINDING);
	put_lct(&w, cert->lct);
	w4_put_cstr(&w, "\n");
	w4_put_cstr(&w, cert->entity_type);
	w4_put_cstr(&w, "\n");
	w4_put(&w, cert->birth_timestamp_text.data, cert->birth_timestamp_text.len);
	return message(&w);
}

/* --- writing --- */

static int
compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Sorted; duplicates stay, for the reader to refuse. */
static void
put_words(W4Writer *w, bool *first, const char *key, char **words, int n)
{
	w4c_put_key(w, first, key);
	qsort(words, n, sizeof(char *), compare_words);
	w4_put_cstr(w, "[");
	for (int i = 0; i < n; i++)
	{
		if (i > 0)
			w4_put_cstr(w, ",");
		w4c_put_string(w, words[i], strlen(words[i]));
	}
	w4_put_cstr(w, "]");
}

/* Identifiers sort by their text, which is not the order of their bytes. */
static void
put_witnesses(W4Writer *w, bool *first, const uint8_t (*witnesses)[32], int n)
{
	char	  **texts = palloc(sizeof(char *) * Max(n, 1));

	for (int i = 0; i < n; i++)
	{
		texts[i] = palloc0(W4_LCT_TEXT_LEN + 1);
		w4_lct_format(texts[i], witnesses[i]);
	}
	put_words(w, first, "birth_witnesses", texts, n);
}

static void
put_time_member(W4Writer *w, bool *first, const char *key, int64_t unix_us)
{
	char		text[W4_TIMESTAMP_TEXT_MAX];

	w4c_put_key(w, first, key);
	w4c_put_string(w, text, w4_timestamp_format(text, unix_us));
}

W4Slice
w4_certificate_write(W4CertificateDraft *d)
{
	static const uint8_t no_hash[32] = {0};
	W4Writer	w = w4_writer(palloc(W4_BIRTH_MAX_SIZE), W4_BIRTH_MAX_SIZE);
	bool		first = true;
	uint8_t		lct[32];

	w4_lct_from_key(lct, d->public_key);
	w4_put_cstr(&w, "{");
	if (d->alias != NULL)
		w4c_member_string(&w, &first, "alias", w4_slice_cstr(d->alias));
	w4c_member_string(&w, &first, "birth_context", w4_slice_cstr(d->birth_context));
	put_time_member(&w, &first, "birth_timestamp", d->birth_timestamp);
	put_witnesses(&w, &first, d->witnesses, d->nwitnesses);
	w4c_member_string(&w, &first, "citizen_role", w4_slice_cstr(psprintf(CITIZEN_ROLE "%s", d->birth_context)));
	w4c_member_string(&w, &first, "entity_type", w4_slice_cstr(d->entity_type));
	if (d->genesis_block_hash != NULL)
		w4c_member_hex(&w, &first, "genesis_block_hash", d->genesis_block_hash, 32);
	if (d->hardware != NULL)
		w4c_member_hex(&w, &first, "hardware_binding_hash", d->hardware, 32);
	w4c_member_lct(&w, &first, "issuing_society", d->society != NULL ? d->society : lct);
	w4c_member_hex(&w, &first, "law_hash", d->law_hash != NULL ? d->law_hash : no_hash, 32);
	w4c_member_string(&w, &first, "law_version", w4_slice_cstr(d->law_version));
	w4c_member_lct(&w, &first, "lct_id", lct);
	put_words(&w, &first, "obligations", d->obligations, d->nobligations);
	if (d->parent != NULL)
		w4c_member_lct(&w, &first, "parent_entity", d->parent);
	w4c_member_hex(&w, &first, "public_key", d->public_key, 32);
	put_words(&w, &first, "rights", d->rights, d->nrights);
	w4c_member_int(&w, &first, "v", 1);
	w4_put_cstr(&w, "}");
	if (w.full)
		ereport(ERROR,
				(errcode(W4_ERRCODE(TOO_LARGE)),
				 errmsg("birth certificate would be too large or contain text that cannot be signed"),
				 w4_errdetail(W4_ERRCODE(TOO_LARGE), "The limit is %d bytes of UTF-8.", W4_BIRTH_MAX_SIZE)));
	return w4_slice(w.buf, w.len);
}
