/*-------------------------------------------------------------------------
 *
 * compile.c
 *		Law text to rules.
 *
 * The text is W4C.  Objects inside are closed: an unknown member is an error,
 * because a rule that nobody understands must not be published.
 *
 *-------------------------------------------------------------------------
 */
#include "law/law.h"

#include "core/crypto.h"
#include "core/decimal.h"
#include "core/domains.h"
#include "core/pattern.h"
#include "host/errors.h"

typedef struct LawText
{
	W4Json		json;
} LawText;

/* Defaults of "limits" (identity spec 3.6, 3.7). */
static const W4LawLimits default_limits = {
	.witness_floor = 600000000,
	.max_cost = 1000 * W4_MICRO_ATP,
	.grant_per_hour = 100,
	.decision_ttl = 300,
	.defer_ttl = 3600,
	.max_chain = 4,
	.max_children = 1000,
};

#define DEFAULT_THRESHOLD 500000000
#define DEFAULT_LEVEL 2

pg_attribute_noreturn() static void
refuse(const char *where, const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_LAW)),
			 errmsg("law is not acceptable"),
			 w4_errdetail(W4_ERRCODE(BAD_LAW), "%s %s.", where, why),
			 errhint("See docs/law.md for the members of a law.")));
}

static void
check_members(const LawText *law, int object, const char *where, const char *const *members)
{
	W4Fault		fault;

	if (!w4_json_is(&law->json, object, W4_JSON_OBJECT))
		refuse(where, "must be an object");
	if (!w4_json_only(&law->json, object, members, &fault))
		refuse(where, "has an unknown member");
}

static int64
read_decimal(const LawText *law, int object, const char *key, int digits, int64 max, int64 absent)
{
	int			node = w4_json_member(&law->json, object, key);
	W4Slice		s;
	int64_t		value;
	W4Fault		fault;

	if (node < 0)
		return absent;
	s = w4_json_plain_string(&law->json, node);
	if (s.data == NULL ||
		!w4_decimal_parse(&value, (const char *) s.data, s.len, digits, false, true, &fault) ||
		value > max)
		refuse(psprintf("\"%s\"", key), "must be a decimal string in range");
	return value;
}

static int
read_int(const LawText *law, int object, const char *key, int min, int max, int absent)
{
	int			node = w4_json_member(&law->json, object, key);
	int64_t		value;

	if (node < 0)
		return absent;
	if (!w4_json_int(&law->json, node, &value) || value < min || value > max)
		refuse(psprintf("\"%s\"", key), psprintf("must be an integer between %d and %d", min, max));
	return (int) value;
}

static W4Slice
read_pattern(const LawText *law, int node, W4PatternKind kind, const char *where)
{
	W4Slice		s = w4_json_plain_string(&law->json, node);
	W4Fault		fault;

	if (s.data == NULL || !w4_pattern_ok(kind, s, true, &fault))
		refuse(where, "must be a pattern such as \"read\", \"read.*\" or \"**\"");
	return s;
}

/* An array of patterns; *n = 0 and NULL when absent. */
static W4Slice *
read_patterns(const LawText *law, int object, const char *key, W4PatternKind kind, int *n)
{
	int			node = w4_json_member(&law->json, object, key);
	const W4JsonNode *nodes = law->json.nodes;
	W4Slice    *out;

	*n = 0;
	if (node < 0)
		return NULL;
	if (!w4_json_is(&law->json, node, W4_JSON_ARRAY) || nodes[node].count > W4_LAW_MAX_PATTERNS)
		refuse(psprintf("\"%s\"", key), "must be an array of at most 256 patterns");
	out = palloc(sizeof(W4Slice) * (nodes[node].count + 1));
	for (int i = node + 1; i < (int) nodes[node].end; i = nodes[i].end)
		out[(*n)++] = read_pattern(law, i, kind, psprintf("\"%s\"", key));
	return out;
}

static W4ActionRule
read_action(const LawText *law, int node)
{
	static const char *const members[] = {"action", "cost", "level", "max_cost", "threshold", "witnesses", NULL};
	W4ActionRule rule;

	check_members(law, node, "an element of \"actions\"", members);
	rule.action = read_pattern(law, w4_json_member(&law->json, node, "action"), W4_INTENT, "\"action\"");
	rule.threshold = (int32) read_decimal(law, node, "threshold", 9, 1000000000, DEFAULT_THRESHOLD);
	rule.min_cost = read_decimal(law, node, "cost", 6, W4_ATP_MAX_AMOUNT, 0);
	rule.max_cost = read_decimal(law, node, "max_cost", 6, W4_ATP_MAX_AMOUNT, W4_ATP_MAX_AMOUNT);
	rule.witnesses = read_int(law, node, "witnesses", 0, 16, 0);
	rule.level = read_int(law, node, "level", 1, 4, DEFAULT_LEVEL);
	if (rule.min_cost > rule.max_cost)
		refuse("\"cost\"", "must not exceed \"max_cost\"");
	return rule;
}

static W4RoleRule
read_role(const LawText *law, int node)
{
	static const char *const members[] = {"allow", "deny", "max_cost", "per_hour", "resources", "role", "threshold", NULL};
	W4RoleRule	rule;

	check_members(law, node, "an element of \"roles\"", members);
	rule.role = w4_json_plain_string(&law->json, w4_json_member(&law->json, node, "role"));
	if (rule.role.data == NULL || rule.role.len == 0 || rule.role.len > 63)
		refuse("\"role\"", "must be a name of at most 63 characters");
	rule.allow = read_patterns(law, node, "allow", W4_INTENT, &rule.nallow);
	rule.deny = read_patterns(law, node, "deny", W4_INTENT, &rule.ndeny);
	rule.resources = read_patterns(law, node, "resources", W4_RESOURCE, &rule.nresources);
	if (rule.resources == NULL)
	{
		rule.resources = palloc(sizeof(W4Slice));
		rule.resources[0] = w4_slice_cstr("**");
		rule.nresources = 1;
	}
	rule.threshold = (int32) read_decimal(law, node, "threshold", 9, 1000000000, 0);
	rule.max_cost = read_decimal(law, node, "max_cost", 6, W4_ATP_MAX_AMOUNT, W4_ATP_MAX_AMOUNT);
	rule.per_hour = read_int(law, node, "per_hour", 0, 1000000, 0);
	return rule;
}

static void
read_limits(const LawText *law, W4LawLimits *limits)
{
	static const char *const members[] = {"decision_ttl", "defer_ttl", "grant_per_hour", "max_chain", "max_children", "max_cost", "witness_floor", NULL};
	int			node = w4_json_member(&law->json, W4_JSON_ROOT, "limits");

	*limits = default_limits;
	if (node < 0)
		return;
	check_members(law, node, "\"limits\"", members);
	limits->witness_floor = (int32) read_decimal(law, node, "witness_floor", 9, 1000000000, limits->witness_floor);
	limits->max_cost = read_decimal(law, node, "max_cost", 6, W4_ATP_MAX_AMOUNT, limits->max_cost);
	limits->grant_per_hour = read_int(law, node, "grant_per_hour", 0, 1000000, limits->grant_per_hour);
	limits->decision_ttl = read_int(law, node, "decision_ttl", 1, 86400, limits->decision_ttl);
	limits->defer_ttl = read_int(law, node, "defer_ttl", 1, 86400, limits->defer_ttl);
	limits->max_chain = read_int(law, node, "max_chain", 1, 8, limits->max_chain);
	limits->max_children = read_int(law, node, "max_children", 0, 1000000, limits->max_children);
}

/* Index of the first element of an array member, and its element count. */
static int
array_member(const LawText *law, const char *key, int *count)
{
	int			node = w4_json_member(&law->json, W4_JSON_ROOT, key);

	*count = 0;
	if (node < 0)
		return -1;
	if (!w4_json_is(&law->json, node, W4_JSON_ARRAY) || law->json.nodes[node].count > W4_LAW_MAX_RULES)
		refuse(psprintf("\"%s\"", key), "must be an array of at most 512 rules");
	*count = (int) law->json.nodes[node].count;
	return node + 1;
}

static void
read_version(const LawText *law, W4Law *out)
{
	W4Slice		s = w4_json_plain_string(&law->json, w4_json_member(&law->json, W4_JSON_ROOT, "version"));
	int			dots = 0;
	bool		digit = false;	/* does the number that ends here have one? */

	if (s.data == NULL || s.len == 0 || s.len > W4_LAW_VERSION_MAX)
		refuse("\"version\"", "must be a semantic version such as \"1.2.0\"");
	for (size_t i = 0; i < s.len; i++)
	{
		if (s.data[i] == '.' ? !digit : s.data[i] < '0' || s.data[i] > '9')
			refuse("\"version\"", "must be a semantic version such as \"1.2.0\"");
		digit = s.data[i] != '.';
		dots += !digit;
	}
	if (dots != 2 || !digit)
		refuse("\"version\"", "must be a semantic version such as \"1.2.0\"");
	memcpy(out->version, s.data, s.len);
	out->version[s.len] = '\0';
}

/* Of two rules for one role only the first would count, so there must not be two. */
static void
check_roles_distinct(const W4Law *law)
{
	for (int i = 1; i < law->nroles; i++)
	{
		for (int j = 0; j < i; j++)
		{
			if (w4_slice_eq(law->roles[i].role, law->roles[j].role))
				refuse("\"roles\"", psprintf("has two rules for \"%.*s\"", (int) law->roles[i].role.len,
											(const char *) law->roles[i].role.data));
		}
	}
}

W4Law *
w4_law_compile(const char *text, size_t len)
{
	W4Law	   *law = palloc0(sizeof(W4Law));
	char	   *copy = pnstrdup(text, len);
	LawText		parsed;
	W4Slice		parts[2] = {w4_slice_cstr(W4_DOMAIN_LAW), w4_slice(text, len)};
	W4Fault		fault;
	int			node;

	if (len > W4C_MAX_SIZE)
		refuse("the text", "is larger than 64 KiB");
	if (!w4c_parse(&parsed.json, copy, len, palloc(sizeof(W4JsonNode) * W4_JSON_MAX_NODES(len)),
				   W4_JSON_MAX_NODES(len), &fault))
		refuse("the text", psprintf("is not canonical: %s at byte %zu", fault.what, fault.offset));
	if (!w4_json_is(&parsed.json, W4_JSON_ROOT, W4_JSON_OBJECT))
		refuse("the text", "must be an object");

	w4_sha256_parts(law->hash, parts, 2);
	read_version(&parsed, law);
	read_limits(&parsed, &law->limits);

	node = array_member(&parsed, "actions", &law->nactions);
	law->actions = palloc(sizeof(W4ActionRule) * (law->nactions + 1));
	for (int i = 0; i < law->nactions; i++, node = parsed.json.nodes[node].end)
		law->actions[i] = read_action(&parsed, node);

	node = array_member(&parsed, "roles", &law->nroles);
	law->roles = palloc(sizeof(W4RoleRule) * (law->nroles + 1));
	for (int i = 0; i < law->nroles; i++, node = parsed.json.nodes[node].end)
		law->roles[i] = read_role(&parsed, node);
	check_roles_distinct(law);
	pfree(parsed.json.nodes);	/* large; the rules borrow from the text only */
	return law;
}
