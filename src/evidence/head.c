/*-------------------------------------------------------------------------
 *
 * head.c
 *		Signed tree heads.
 *
 * Room "identity" is above us, so which keys are a society's is asked in SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "evidence/head.h"

#include "core/domains.h"
#include "core/json.h"
#include "core/lctid.h"
#include "core/timestamp.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/value.h"
#include "keyring/keyring.h"
#include "protocol/verify.h"
#include "types/lct_type.h"

PG_FUNCTION_INFO_V1(web4_tree_head_sign);

/* --- the text --- */

/* Returns the length; 0 when the text does not fit. */
static size_t
write_head(char text[W4_HEAD_TEXT_MAX], const W4Head *head)
{
	W4Writer	w = w4_writer(text, W4_HEAD_TEXT_MAX);
	bool		first = true;
	char		at[W4_TIMESTAMP_TEXT_MAX];

	w4_put_u8(&w, '{');
	w4c_put_key(&w, &first, "at");
	w4c_put_string(&w, at, (size_t) w4_timestamp_format(at, head->at));
	w4c_put_key(&w, &first, "previous_root");
	if (head->has_previous)
		w4c_put_hex(&w, head->previous_root, sizeof(head->previous_root));
	else
		w4_put_cstr(&w, "null");
	w4c_member_hex(&w, &first, "root", head->root, sizeof(head->root));
	w4c_member_int(&w, &first, "size", (int64_t) head->size);
	w4c_member_lct(&w, &first, "society", head->society);
	w4c_member_int(&w, &first, "v", 1);
	w4_put_u8(&w, '}');
	return w.full ? 0 : w.len;
}

static bool
read_members(W4Head *head, const W4Json *json)
{
	W4Slice		at = w4_json_plain_string(json, w4_json_member(json, W4_JSON_ROOT, "at"));
	W4Slice		society = w4_json_plain_string(json, w4_json_member(json, W4_JSON_ROOT, "society"));
	int			previous = w4_json_member(json, W4_JSON_ROOT, "previous_root");
	int64_t		size;

	head->has_previous = !w4_json_is(json, previous, W4_JSON_NULL);
	if (at.data == NULL || !w4_timestamp_parse(&head->at, (const char *) at.data, at.len, NULL) ||
		society.data == NULL || !w4_lct_parse(head->society, (const char *) society.data, society.len, NULL) ||
		!w4_json_int(json, w4_json_member(json, W4_JSON_ROOT, "size"), &size) || size <= 0 ||
		!w4_json_hex(json, w4_json_member(json, W4_JSON_ROOT, "root"), head->root, sizeof(head->root)) ||
		(head->has_previous && !w4_json_hex(json, previous, head->previous_root, sizeof(head->previous_root))))
		return false;
	head->size = (uint64) size;
	return true;
}

bool
w4_head_parse(W4Head *head, W4Slice text)
{
	W4JsonNode	nodes[W4_JSON_MAX_NODES(W4_HEAD_TEXT_MAX)];
	char		again[W4_HEAD_TEXT_MAX];
	W4Json		json;

	if (text.len > W4_HEAD_TEXT_MAX ||
		!w4c_parse(&json, (const char *) text.data, text.len, nodes, lengthof(nodes), NULL) ||
		!w4_json_is(&json, W4_JSON_ROOT, W4_JSON_OBJECT) ||
		!read_members(head, &json))
		return false;

	/* Whatever else it might contain, it is not what a sealer writes. */
	return w4_slice_eq(text, w4_slice(again, write_head(again, head)));
}

/* --- signatures --- */

static W4Slice
head_message(W4Slice text, uint8_t buf[W4_HEAD_TEXT_MAX + 64])
{
	W4Writer	w = w4_writer(buf, W4_HEAD_TEXT_MAX + 64);

	w4_put_cstr(&w, W4_DOMAIN_TREE_HEAD);
	w4_put(&w, text.data, text.len);
	return w4_slice(buf, w.full ? 0 : w.len);
}

bool
w4_head_signature_ok(W4Slice text, W4Slice signature, W4Slice public_key)
{
	uint8_t		buf[W4_HEAD_TEXT_MAX + 64];
	W4Slice		message = head_message(text, buf);

	return message.len > 0 && signature.len == W4_SIGNATURE_LEN && public_key.len == W4_PUBLIC_KEY_LEN &&
		w4_cached_verify(signature.data, message, public_key.data);
}

/*
 * A registered key signs new heads as long as it is valid, wherever it lives;
 * what it signed until then stays.  A sealing key that was dropped since is known
 * from the log alone: its bytes are searched, for what they say may be damaged.
 */
bool
w4_head_key_ok(const uint8_t *society, W4Slice public_key, bool now)
{
	static W4Plan registered =
	W4_PLAN("SELECT 1 FROM web4.entity_key WHERE entity OPERATOR(@x@.=) $1 AND public_key = $2 "
			"AND (NOT $3 OR status = 'active' OR (status = 'overlapping' AND valid_until > pg_catalog.clock_timestamp())) "
			"UNION ALL SELECT 1 FROM web4.keyring AS k WHERE owner OPERATOR(@x@.=) $1 AND public_key = $2 "
			"AND (NOT $3 OR NOT EXISTS (SELECT FROM web4.entity_key AS e WHERE e.public_key = k.public_key)) "
			"UNION ALL SELECT 1 FROM web4.evidence AS e WHERE NOT $3 AND e.society OPERATOR(@x@.=) $1 AND e.kind = 'keyring' "
			"AND position('\"data\":{\"act\":\"bind\",'::pg_catalog.bytea IN e.body) > 0 "
			"AND position(pg_catalog.convert_to('\"owner\":\"' || $1::pg_catalog.text || '\",\"public_key\":\"' || "
			"pg_catalog.encode($2, 'hex') || '\"}', 'UTF8') IN e.body) > 0",
			"lct, bytea, bool");
	Datum		values[3];

	values[0] = W4LctGetDatum(society);
	values[1] = w4_bytea_datum(public_key.data, public_key.len);
	values[2] = BoolGetDatum(now);
	return w4_read(&registered, values, NULL, 1) > 0;
}

/* --- storing --- */

static void
find_previous(W4Head *head)
{
	static W4Plan newest = W4_PLAN("SELECT root FROM web4.tree_head WHERE society OPERATOR(@x@.=) $1 "
								   "ORDER BY size DESC LIMIT 1", "lct");
	Datum		society = W4LctGetDatum(head->society);
	bool		isnull;

	head->has_previous = w4_read(&newest, &society, NULL, 1) == 1;
	if (head->has_previous)
		memcpy(head->previous_root, w4_fixed_bytea(w4_value(0, 1, &isnull), 32, "root"), 32);
}

void
w4_head_append(const uint8_t *society, uint64 size, const uint8_t root[32])
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.tree_head (society, size, root, at, head, public_key, signature) "
								   "VALUES ($1, $2, $3, $4, $5, $6, $7)",
								   "lct, int8, bytea, timestamptz, text, bytea, bytea");
	W4Head		head;
	TimestampTz now = GetCurrentTimestamp();
	char		text[W4_HEAD_TEXT_MAX];
	size_t		len;
	uint8_t		buf[W4_HEAD_TEXT_MAX + 64];
	uint8_t		public_key[32];
	uint8_t		signature[64];
	Datum		values[7] = {0};
	char		nulls[8] = "     nn";

	memcpy(head.society, society, 32);
	memcpy(head.root, root, 32);
	head.size = size;
	head.at = w4_unix_from_timestamptz(now);
	find_previous(&head);
	len = write_head(text, &head);
	if (len == 0)
		elog(ERROR, "tree head has no canonical form");

	values[0] = W4LctGetDatum(society);
	values[1] = Int64GetDatum((int64) size);
	values[2] = w4_bytea_datum(root, 32);
	values[3] = TimestampTzGetDatum(now);
	values[4] = w4_text_datum(text, len);
	if (w4_keyring_key_of(society, true, public_key))
	{
		w4_keyring_sign(public_key, head_message(w4_slice(text, len), buf), signature);
		values[5] = w4_bytea_datum(public_key, sizeof(public_key));
		values[6] = w4_bytea_datum(signature, sizeof(signature));
		nulls[5] = nulls[6] = ' ';
	}
	w4_write(&insert, values, nulls);
}

/* --- a key outside of the database signs --- */

static W4Slice
read_unsigned_head(const uint8_t *society, int64 size)
{
	static W4Plan find = W4_PLAN("SELECT head, signature IS NOT NULL FROM web4.tree_head "
								 "WHERE society OPERATOR(@x@.=) $1 AND size = $2 FOR UPDATE", "lct, int8");
	Datum		values[2] = {W4LctGetDatum(society), Int64GetDatum(size)};
	bool		isnull;

	if (w4_read(&find, values, NULL, 1) == 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(UNKNOWN_EVIDENCE)),
				 errmsg("no tree head of this size"),
				 w4_errdetail(W4_ERRCODE(UNKNOWN_EVIDENCE), "Society %s has no tree head of size %lld.",
							  w4_lct_cstring(society), (long long) size),
				 errhint("web4_tree_head() shows the newest one.")));
	if (DatumGetBool(w4_value(0, 2, &isnull)))
		ereport(ERROR,
				(errcode(W4_ERRCODE(APPEND_ONLY)),
				 errmsg("tree head is signed already"),
				 w4_errdetail(W4_ERRCODE(APPEND_ONLY), "The tree head of size %lld keeps its signature.", (long long) size)));
	return w4_varlena_slice(PG_DETOAST_DATUM_PACKED(w4_value(0, 1, &isnull)));
}

Datum
web4_tree_head_sign(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	static W4Plan sign = W4_PLAN("UPDATE web4.tree_head SET public_key = $3, signature = $4 "
								 "WHERE society OPERATOR(@x@.=) $1 AND size = $2", "lct, int8, bytea, bytea");
	const uint8_t *society = PG_GETARG_W4LCT(0);
	int64		size = PG_GETARG_INT64(1);
	W4Slice		public_key = w4_slice(w4_fixed_bytea(PG_GETARG_DATUM(2), W4_PUBLIC_KEY_LEN, "public key"), W4_PUBLIC_KEY_LEN);
	W4Slice		signature = w4_slice(w4_fixed_bytea(PG_GETARG_DATUM(3), W4_SIGNATURE_LEN, "signature"), W4_SIGNATURE_LEN);
	Datum		values[4] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2), PG_GETARG_DATUM(3)};
	W4Slice		text;

	w4_require_live("web4_tree_head_sign()");
	SPI_connect();
	text = read_unsigned_head(society, size);
	if (!w4_head_key_ok(society, public_key, true))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_ENTITLED)),
				 errmsg("tree head is not signed by its society"),
				 w4_errdetail(W4_ERRCODE(NOT_ENTITLED), "The public key is not a valid key of %s.", w4_lct_cstring(society)),
				 errhint("Sign with the society's current key; web4_lct_info() shows it.")));
	if (!w4_head_signature_ok(text, signature, public_key))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_SIGNATURE)),
				 errmsg("signature of the tree head does not verify"),
				 w4_errdetail(W4_ERRCODE(BAD_SIGNATURE), "It must cover \"web4:tree-head:v1\", a line feed and the head's text.")));
	w4_write(&sign, values, NULL);
	SPI_finish();
	PG_RETURN_VOID();
}
