/*-------------------------------------------------------------------------
 *
 * leaf.c
 *		The canonical body of a leaf, and whether a row agrees with it.
 *
 * The body is a W4C object with the members, in this order,
 *
 *	actor, at, data, document_hash, id, kind, nonce, signature_hash, society,
 *	v, xid
 *
 * of which document_hash, nonce and signature_hash are left out when there is
 * no document, nonce or signature.  Every column of the row is in it, by value
 * or by hash, so whoever changes a cell changes the leaf.
 *
 *-------------------------------------------------------------------------
 */
#include "evidence/leaf.h"

#include "core/crypto.h"
#include "core/json.h"
#include "core/lctid.h"
#include "core/timestamp.h"
#include "evidence/memo.h"
#include "host/clock.h"
#include "host/value.h"
#include "utils/timestamp.h"
#include "utils/xid8.h"

PG_FUNCTION_INFO_V1(web4_evidence_row_ok);

/* --- writing --- */

static void
put_time(W4Writer *w, TimestampTz at)
{
	char		text[W4_TIMESTAMP_TEXT_MAX];
	int			len = TIMESTAMP_NOT_FINITE(at) ? 0 : w4_timestamp_format(text, w4_unix_from_timestamptz(at));

	if (len == 0)
		w->full = true;
	w4_put_u8(w, '"');
	w4_put(w, text, (size_t) len);
	w4_put_u8(w, '"');
}

static void
put_hash_of(W4Writer *w, bool *first, const char *key, W4Slice data)
{
	uint8_t		hash[W4_HASH_LEN];

	if (data.data == NULL)
		return;
	w4_memo_sha256(hash, data);
	w4c_member_hex(w, first, key, hash, sizeof(hash));
}

/* Everything up to the data. */
static void
put_front(W4Writer *w, const W4Leaf *leaf)
{
	bool		first = true;

	w4_put_u8(w, '{');
	w4c_member_lct(w, &first, "actor", leaf->actor);
	w4c_put_key(w, &first, "at");
	put_time(w, leaf->at);
	w4c_put_key(w, &first, "data");
}

/* Everything behind the data. */
static void
put_back(W4Writer *w, const W4Leaf *leaf)
{
	bool		first = false;

	put_hash_of(w, &first, "document_hash", leaf->document);
	w4c_member_int(w, &first, "id", leaf->id);
	w4c_member_string(w, &first, "kind", leaf->kind);
	if (leaf->nonce.data != NULL)
		w4c_member_hex(w, &first, "nonce", leaf->nonce.data, leaf->nonce.len);
	put_hash_of(w, &first, "signature_hash", leaf->signature);
	w4c_member_lct(w, &first, "society", leaf->society);
	w4c_member_int(w, &first, "v", 1);
	w4c_member_int(w, &first, "xid", (int64_t) leaf->xid);
	w4_put_u8(w, '}');
}

void
w4_leaf_write(W4Writer *body, const W4Leaf *leaf, W4Slice data)
{
	put_front(body, leaf);
	w4_put(body, data.data, data.len);
	put_back(body, leaf);
}

/* --- checking --- */

static bool
kind_ok(W4Slice kind)
{
	if (kind.len == 0 || kind.len > W4_LEAF_KIND_MAX)
		return false;
	for (size_t i = 0; i < kind.len; i++)
	{
		if (kind.data[i] != '_' && (kind.data[i] < 'a' || kind.data[i] > 'z'))
			return false;
	}
	return true;
}

/* Sizes that the table promises; also bound what the envelope can need. */
static const char *
columns_fault(const W4Leaf *leaf)
{
	if (!kind_ok(leaf->kind))
		return "kind";
	if (leaf->nonce.data != NULL && (leaf->nonce.len == 0 || leaf->nonce.len > W4_LEAF_NONCE_MAX))
		return "nonce";
	if (leaf->document.data != NULL && leaf->document.len == 0)
		return "document";
	if (leaf->signature.data != NULL &&
		(leaf->signature.len != W4_SIGNATURE_LEN || leaf->document.data == NULL))
		return "signature";
	return NULL;
}

/* Is the body W4C, and its member "data" the object between front and back? */
static bool
data_ok(W4Slice body, size_t front, size_t back)
{
	W4JsonNode	few[512];
	size_t		max_nodes = W4_JSON_MAX_NODES(body.len);
	W4JsonNode *nodes = few;
	W4Json		json;
	int			data;
	bool		ok;

	if (body.len > W4C_MAX_SIZE)
		return false;
	if (max_nodes > lengthof(few))
		nodes = palloc(max_nodes * sizeof(W4JsonNode));
	ok = w4c_parse(&json, (const char *) body.data, body.len, nodes, max_nodes, NULL);
	if (ok)
	{
		data = w4_json_member(&json, W4_JSON_ROOT, "data");
		ok = w4_json_is(&json, data, W4_JSON_OBJECT) &&
			nodes[data].start == front && nodes[data].len == body.len - front - back;
	}
	if (nodes != few)
		pfree(nodes);
	return ok;
}

const char *
w4_leaf_fault(const W4Leaf *leaf, W4Slice body, W4Slice leaf_hash)
{
	uint8_t		envelope[W4_LEAF_ENVELOPE_MAX];
	W4Writer	w = w4_writer(envelope, sizeof(envelope));
	uint8_t		hash[W4_HASH_LEN];
	const char *fault = columns_fault(leaf);
	size_t		front;
	size_t		back;

	if (fault != NULL)
		return fault;
	w4_memo_leaf_hash(hash, body);
	if (!w4_slice_eq(leaf_hash, w4_slice(hash, sizeof(hash))))
		return "leaf_hash";
	put_front(&w, leaf);
	front = w.len;
	put_back(&w, leaf);
	back = w.len - front;
	if (w.full || body.len < w.len ||
		memcmp(body.data, envelope, front) != 0 ||
		memcmp(body.data + body.len - back, envelope + front, back) != 0)
		return "a column that the body repeats";
	if (!data_ok(body, front, back))
		return "data";
	return NULL;
}

/* Columns of web4.evidence. */
enum
{
	Row_id,
	Row_xid,
	Row_society,
	Row_kind,
	Row_actor,
	Row_nonce,
	Row_at,
	Row_body,
	Row_document,
	Row_signature,
	Row_leaf_hash,
	Natts_row
};

static W4Slice
row_slice(const Datum *values, const bool *nulls, int column)
{
	return nulls[column] ? w4_slice(NULL, 0) : w4_varlena_slice(PG_DETOAST_DATUM_PACKED(values[column]));
}

/* web4.evidence_row_ok(web4.evidence): the CHECK of the table. */
Datum
web4_evidence_row_ok(PG_FUNCTION_ARGS)
{
	Datum		v[Natts_row];
	bool		nulls[Natts_row];
	W4Leaf		leaf;

	w4_row_columns(PG_GETARG_DATUM(0), Natts_row, v, nulls);
	for (int i = 0; i < Natts_row; i++)
	{
		if (nulls[i] && i != Row_nonce && i != Row_document && i != Row_signature)
			PG_RETURN_BOOL(false);
	}
	leaf.id = DatumGetInt64(v[Row_id]);
	leaf.xid = U64FromFullTransactionId(DatumGetFullTransactionId(v[Row_xid]));
	leaf.society = DatumGetW4Lct(v[Row_society]);
	leaf.kind = row_slice(v, nulls, Row_kind);
	leaf.actor = DatumGetW4Lct(v[Row_actor]);
	leaf.nonce = row_slice(v, nulls, Row_nonce);
	leaf.at = DatumGetTimestampTz(v[Row_at]);
	leaf.document = row_slice(v, nulls, Row_document);
	leaf.signature = row_slice(v, nulls, Row_signature);
	PG_RETURN_BOOL(w4_leaf_fault(&leaf, row_slice(v, nulls, Row_body), row_slice(v, nulls, Row_leaf_hash)) == NULL);
}

#define LEAF_ID_HASH_LEN (W4_LEAF_ID_LEN - 8)

void
w4_leaf_id(uint8_t out[W4_LEAF_ID_LEN], int64 id, const uint8_t leaf_hash[32])
{
	W4Writer	w = w4_writer(out, W4_LEAF_ID_LEN);

	w4_put_u64be(&w, (uint64) id);
	w4_put(&w, leaf_hash, LEAF_ID_HASH_LEN);
}

int64
w4_leaf_id_number(const uint8_t leaf_id[W4_LEAF_ID_LEN])
{
	return (int64) w4_get_u64be(leaf_id);
}

bool
w4_leaf_id_names(const uint8_t leaf_id[W4_LEAF_ID_LEN], W4Slice leaf_hash)
{
	return leaf_hash.len == 32 && memcmp(leaf_id + 8, leaf_hash.data, LEAF_ID_HASH_LEN) == 0;
}
