/*-------------------------------------------------------------------------
 *
 * publish.c
 *		web4_law_publish(): a new version of a society's law.
 *
 * The publisher signs the law's hash; the version must follow the current one.
 * Policies of lower rooms that the law sets are written to those rooms' policy
 * rows in the same transaction, so no room looks up into the law.
 *
 *-------------------------------------------------------------------------
 */
#include "law/law.h"

#include "core/crypto.h"
#include "core/decimal.h"
#include "core/domains.h"
#include "core/encode.h"
#include "economy/economy.h"
#include "evidence/evidence.h"
#include "host/clock.h"
#include "host/document.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/identity.h"
#include "law/default_law.h"

PG_FUNCTION_INFO_V1(web4_law_publish);
PG_FUNCTION_INFO_V1(web4_law_explain);

static const char *const law_members[] = {
	"actions", "economy", "identity", "limits", "nonce", "previous_hash", "roles", "signer", "society",
	"ts", "v", "version", NULL
};
static const char *const publishers[] = {"law_oracle", "sovereign", NULL};

typedef struct LawPublication
{
	W4Document	doc;
	W4Law	   *law;
	uint8_t		society[32];
	uint8_t		signer[32];
	uint8_t		nonce[W4_NONCE_MAX];
	size_t		nonce_len;
	W4Slice		message;
	TimestampTz now;
	int			seq;
} LawPublication;

static void
read_document(LawPublication *p, const text *law)
{
	W4Slice		bytes = w4_varlena_slice(law);

	w4_document_parse(&p->doc, "law", law, law_members);
	w4_document_version(&p->doc);
	w4_document_lct(&p->doc, "society", p->society);
	w4_document_lct(&p->doc, "signer", p->signer);
	p->nonce_len = w4_document_nonce(&p->doc, "nonce", p->nonce);
	p->law = w4_law_compile((const char *) bytes.data, bytes.len);
}

static void
check_signer(LawPublication *p, W4Slice signature)
{
	char		hex[64];
	W4Entity	entity;
	int64		ts = w4_document_time(&p->doc, "ts");

	w4_society_require(p->society);
	w4_entity_require_active(p->signer, &entity);
	w4_hex_encode(hex, p->law->hash, 32);
	p->message = w4_document_message(W4_DOMAIN_LAW_PUBLISH, cstring_to_text_with_len(hex, 64));
	if (w4_entity_verify(p->signer, p->message, signature, p->now) == 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_SIGNATURE)),
				 errmsg("signature of the law does not verify"),
				 w4_errdetail(W4_ERRCODE(BAD_SIGNATURE), "No valid key of the signer made it over the law's hash."),
				 errhint("Sign \"web4:law:publish:v1\", a newline and the law's hash in hex.")));
	if (!w4_is_fresh(ts, w4_unix_from_timestamptz(p->now)))
		ereport(ERROR,
				(errcode(W4_ERRCODE(STALE)),
				 errmsg("law was signed too long ago or in the future"),
				 w4_errdetail(W4_ERRCODE(STALE), "\"ts\" must lie within 300 s of the server's clock.")));
	if (!w4_may_govern(p->society, p->signer, publishers))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_ENTITLED)),
				 errmsg("signer may not publish this society's law"),
				 w4_errdetail(W4_ERRCODE(NOT_ENTITLED), "It takes the society's key, its law_oracle or its sovereign.")));
}

/* Compare dotted numbers of the same shape. */
static int
compare_versions(const char *a, const char *b)
{
	for (int i = 0; i < 3; i++)
	{
		char	   *end_a;
		char	   *end_b;
		unsigned long long na = strtoull(a, &end_a, 10);
		unsigned long long nb = strtoull(b, &end_b, 10);

		if (na != nb)
			return na < nb ? -1 : 1;
		a = *end_a ? end_a + 1 : end_a;
		b = *end_b ? end_b + 1 : end_b;
	}
	return 0;
}

/*
 * Publishers of one society queue up.  Whoever waited looks at everything by a
 * snapshot that is taken now: his transaction's may be older than the law that
 * he has to follow, or than the withdrawal of the signer's office.
 */
static void
queue_publishers(const LawPublication *p)
{
	static W4Plan lock = W4_PLAN("SELECT 1 FROM web4.society WHERE id OPERATOR(@x@.=) $1 FOR UPDATE", "lct");
	Datum		society = W4LctGetDatum(p->society);

	w4_write(&lock, &society, NULL);
	w4_push_latest_snapshot();
}

static void
check_succession(LawPublication *p)
{
	uint8_t		previous[32];
	uint8_t		newest[32];
	char	   *version;
	int			seq = w4_law_newest(p->society, newest, &version);
	bool		has_previous = w4_document_has(&p->doc, "previous_hash");
	bool		follows;

	if (has_previous)
		w4_document_hex(&p->doc, "previous_hash", previous, 32);
	if (seq == 0)
		follows = !has_previous;
	else
		follows = has_previous && memcmp(previous, newest, 32) == 0 &&
			compare_versions(p->law->version, version) > 0;
	if (!follows)
		ereport(ERROR,
				(errcode(W4_ERRCODE(LAW_ORDER)),
				 errmsg("law version %s does not follow the current one", p->law->version),
				 w4_errdetail(W4_ERRCODE(LAW_ORDER), "\"previous_hash\" must be the current law's hash (null for the first) and \"version\" must be higher."),
				 errhint("See SELECT * FROM web4_law(society).")));
	p->seq = seq + 1;
}

/* "economy": {"fee_bearer","fee_ppb","max_balance","max_mint","overflow"} */
static void
apply_economy(LawPublication *p)
{
	static const char *const members[] = {"fee_bearer", "fee_ppb", "max_balance", "max_mint", "overflow", NULL};
	const W4Json *json = &p->doc.json;
	int			node = w4_json_member(json, W4_JSON_ROOT, "economy");
	W4Fault		fault;
	int64_t		fee = 0;
	int64_t		limits[2] = {0, 0};
	const char *const limit_names[2] = {"max_balance", "max_mint"};
	char		bearer[16] = "sender";
	char		overflow[16] = "reject";
	size_t		len;

	if (node < 0)
		return;
	if (!w4_json_is(json, node, W4_JSON_OBJECT) || !w4_json_only(json, node, members, &fault))
		w4_document_refuse(&p->doc, "economy", "must be an object of fee_bearer, fee_ppb, max_balance, max_mint, overflow");
	if (w4_json_member(json, node, "fee_ppb") >= 0 &&
		(!w4_json_int(json, w4_json_member(json, node, "fee_ppb"), &fee) || fee < 0 || fee > 500000000))
		w4_document_refuse(&p->doc, "economy", "needs fee_ppb between 0 and 500000000");
	for (int i = 0; i < 2; i++)
	{
		int			limit = w4_json_member(json, node, limit_names[i]);
		W4Slice		s = w4_json_plain_string(json, limit);

		if (limit >= 0 && (s.data == NULL ||
						   !w4_decimal_parse(&limits[i], (const char *) s.data, s.len, 6, false, true, &fault) ||
						   limits[i] == 0))
			w4_document_refuse(&p->doc, "economy", "needs limits as positive decimal strings");
	}
	if (w4_json_member(json, node, "fee_bearer") >= 0)
	{
		if (!w4_json_string(json, w4_json_member(json, node, "fee_bearer"), bearer, sizeof(bearer) - 1, &len))
			w4_document_refuse(&p->doc, "economy", "needs a short fee_bearer");
		bearer[len] = '\0';
	}
	if (w4_json_member(json, node, "overflow") >= 0)
	{
		if (!w4_json_string(json, w4_json_member(json, node, "overflow"), overflow, sizeof(overflow) - 1, &len))
			w4_document_refuse(&p->doc, "economy", "needs a short overflow");
		overflow[len] = '\0';
	}
	if (strcmp(bearer, "sender") != 0 && strcmp(bearer, "receiver") != 0 && strcmp(bearer, "split") != 0)
		w4_document_refuse(&p->doc, "economy", "needs fee_bearer sender, receiver or split");
	if (strcmp(overflow, "reject") != 0 && strcmp(overflow, "return") != 0)
		w4_document_refuse(&p->doc, "economy", "needs overflow reject or return");
	w4_economy_set_policy(p->society, fee, bearer, limits[0], overflow, limits[1]);
}

/* "identity": {"birth_quorum"} */
static void
apply_identity(LawPublication *p)
{
	static const char *const members[] = {"birth_quorum", NULL};
	static W4Plan set = W4_PLAN("INSERT INTO web4.identity_policy (society, birth_quorum) VALUES ($1, $2) "
								"ON CONFLICT (society) DO UPDATE SET birth_quorum = EXCLUDED.birth_quorum", "lct,int4");
	const W4Json *json = &p->doc.json;
	int			node = w4_json_member(json, W4_JSON_ROOT, "identity");
	W4Fault		fault;
	int64_t		quorum;

	if (node < 0)
		return;
	if (!w4_json_is(json, node, W4_JSON_OBJECT) || !w4_json_only(json, node, members, &fault) ||
		!w4_json_int(json, w4_json_member(json, node, "birth_quorum"), &quorum) || quorum < 1 || quorum > 16)
		w4_document_refuse(&p->doc, "identity", "must be an object with birth_quorum between 1 and 16");
	w4_write(&set, (Datum[]) {W4LctGetDatum(p->society), Int32GetDatum((int32) quorum)}, NULL);
}

static void
record(LawPublication *p, W4Slice signature)
{
	uint8_t		buf[256];
	W4Writer	data = w4_writer(buf, sizeof(buf));
	W4Evidence	leaf = {.kind = "law", .society = p->society, .actor = p->signer, .at = p->now,
	.nonce = w4_slice(p->nonce, p->nonce_len), .document = p->message, .signature = signature};

	w4_put_cstr(&data, "{\"law_hash\":");
	w4c_put_hex(&data, p->law->hash, 32);
	w4_put_cstr(&data, ",\"version\":");
	w4c_put_string(&data, p->law->version, strlen(p->law->version));
	w4_put_cstr(&data, "}");
	leaf.data = w4_slice(data.buf, data.len);
	w4_evidence_append_once(&leaf);
}

static void
insert(LawPublication *p, Datum law, Datum signature)
{
	static W4Plan plan = W4_PLAN("INSERT INTO web4.law (society, seq, version, law_hash, previous_hash, law, signer, signature, published_at) "
								 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
								 "lct,int4,text,bytea,bytea,text,lct,bytea,timestamptz");
	uint8_t		previous[32];
	bool		has_previous = w4_document_has(&p->doc, "previous_hash");
	Datum		values[9] = {
		W4LctGetDatum(p->society), Int32GetDatum(p->seq), CStringGetTextDatum(p->law->version),
		w4_bytea_datum(p->law->hash, 32), (Datum) 0, law, W4LctGetDatum(p->signer), signature,
		TimestampTzGetDatum(p->now)
	};

	if (has_previous)
	{
		w4_document_hex(&p->doc, "previous_hash", previous, 32);
		values[4] = w4_bytea_datum(previous, 32);
	}
	w4_write(&plan, values, has_previous ? NULL : "    n    ");
}

/*
 * web4_law_publish(law text, signature bytea) returns bytea: the law's hash.
 */
Datum
web4_law_publish(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	LawPublication p = {.now = GetCurrentTimestamp()};
	text	   *law = PG_GETARG_TEXT_PP(0);
	W4Slice		signature = w4_slice(w4_fixed_bytea(PG_GETARG_DATUM(1), 64, "signature"), 64);
	Datum		result;

	w4_require_live("web4_law_publish()");
	read_document(&p, law);
	result = w4_bytea_datum(p.law->hash, 32);
	SPI_connect();
	queue_publishers(&p);
	check_signer(&p, signature);
	check_succession(&p);
	w4_pop_snapshot();
	insert(&p, PointerGetDatum(law), PG_GETARG_DATUM(1));
	apply_economy(&p);
	apply_identity(&p);
	record(&p, signature);
	SPI_finish();
	w4_law_forget();
	PG_RETURN_DATUM(result);
}

/*
 * web4_law_explain(society, role, action, resource): what the law in force
 * demands, without deciding anything.
 */
Datum
web4_law_explain(PG_FUNCTION_ARGS)
{
	char	   *role = text_to_cstring(PG_GETARG_TEXT_PP(1));
	W4LawVerdict v;
	const W4Law *law;
	Datum		values[9];
	bool		nulls[9] = {false};

	w4_society_require(PG_GETARG_W4LCT(0));
	law = w4_law_current(PG_GETARG_W4LCT(0));
	w4_law_evaluate(law, role, W4_ARG_SLICE(2), W4_ARG_SLICE(3), &v);
	values[0] = BoolGetDatum(v.allowed);
	values[1] = v.reason ? CStringGetTextDatum(v.reason) : (Datum) 0;
	nulls[1] = v.reason == NULL;
	values[2] = w4_fixed_numeric(v.threshold, 9);
	values[3] = Int32GetDatum(v.witnesses);
	values[4] = Int64GetDatum(v.min_cost);
	values[5] = Int64GetDatum(v.max_cost);
	values[6] = Int32GetDatum(v.level);
	values[7] = Int32GetDatum(v.per_hour);
	values[8] = CStringGetTextDatum(law->version);
	PG_RETURN_DATUM(w4_result_row(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(web4_default_law);

Datum
web4_default_law(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(W4_DEFAULT_LAW));
}
