/*-------------------------------------------------------------------------
 *
 * proof.c
 *		Proofs for third parties: inclusion, consistency, and their check.
 *
 *-------------------------------------------------------------------------
 */
#include "evidence/head.h"
#include "evidence/leaf.h"

#include "catalog/pg_type.h"
#include "core/json.h"
#include "core/lctid.h"
#include "evidence/tree.h"
#include "host/errors.h"
#include "host/plan.h"
#include "host/value.h"
#include "types/lct_type.h"
#include "utils/array.h"

PG_FUNCTION_INFO_V1(web4_inclusion_proof);
PG_FUNCTION_INFO_V1(web4_consistency_proof);
PG_FUNCTION_INFO_V1(web4_evidence_proof_json);
PG_FUNCTION_INFO_V1(web4_verify_proof);

/* All that a verifier needs; lives in the caller's memory context. */
typedef struct Proof
{
	uint8_t		leaf_id[W4_LEAF_ID_LEN];
	uint8_t		leaf_hash[32];
	uint8_t		society[32];
	uint64		index;
	W4Slice		body;
	W4Slice		document;		/* data NULL when absent, as the signatures */
	W4Slice		document_signature;
	uint64		size;
	W4Slice		head;
	W4Slice		signature;
	W4Slice		public_key;
	int			len;
	uint8_t		path[W4_MERKLE_MAX_PROOF][32];
} Proof;

/* --- finding the parts --- */

static W4Slice
column(int col)
{
	bool		isnull;
	Datum		value = w4_value(0, col, &isnull);

	return isnull ? w4_slice(NULL, 0) : w4_varlena_slice(PG_DETOAST_DATUM_PACKED(value));
}

static void
find_leaf(Proof *proof)
{
	static W4Plan find = W4_PLAN("SELECT e.society, t.index, e.body, e.document, e.signature, e.leaf_hash "
								 "FROM web4.evidence e LEFT JOIN web4.tree_leaf t ON t.id OPERATOR(pg_catalog.=) e.id "
								 "AND t.leaf_hash OPERATOR(pg_catalog.=) e.leaf_hash "
								 "AND t.society OPERATOR(@x@.=) e.society WHERE e.id OPERATOR(pg_catalog.=) $1", "int8");
	Datum		id = Int64GetDatum(w4_leaf_id_number(proof->leaf_id));
	bool		isnull;

	if (w4_read(&find, &id, NULL, 1) == 0 || !w4_leaf_id_names(proof->leaf_id, column(6)))
		ereport(ERROR,
				(errcode(W4_ERRCODE(UNKNOWN_EVIDENCE)),
				 errmsg("no such evidence"),
				 w4_errdetail(W4_ERRCODE(UNKNOWN_EVIDENCE), "No leaf of the log has this id."),
				 errhint("A leaf is named by the id that its decision or act returned, or by web4_leaf_id().")));
	memcpy(proof->leaf_hash, column(6).data, 32);
	memcpy(proof->society, DatumGetW4Lct(w4_value(0, 1, &isnull)), 32);
	proof->index = (uint64) DatumGetInt64(w4_value(0, 2, &isnull));
	if (isnull)
		ereport(ERROR,
				(errcode(W4_ERRCODE(UNKNOWN_EVIDENCE)),
				 errmsg("evidence is not sealed yet"),
				 w4_errdetail(W4_ERRCODE(UNKNOWN_EVIDENCE), "The leaf is in the log of %s, but not yet in its tree.", w4_lct_cstring(proof->society)),
				 errhint("Run web4_seal() when its transaction and all older ones have ended.")));
	proof->body = column(3);
	proof->document = column(4);
	proof->document_signature = column(5);
}

/* The newest signed head that covers the leaf; if none is signed, the newest. */
static void
find_head(Proof *proof)
{
	static W4Plan find_signed = W4_PLAN("SELECT size, head, signature, public_key FROM web4.tree_head "
										"WHERE society OPERATOR(@x@.=) $1 AND size > $2 AND signature IS NOT NULL "
										"ORDER BY size DESC LIMIT 1", "lct, int8");
	static W4Plan find_any = W4_PLAN("SELECT size, head, signature, public_key FROM web4.tree_head "
									 "WHERE society OPERATOR(@x@.=) $1 AND size > $2 ORDER BY size DESC LIMIT 1", "lct, int8");
	Datum		values[2] = {W4LctGetDatum(proof->society), Int64GetDatum((int64) proof->index)};
	bool		isnull;

	if (w4_read(&find_signed, values, NULL, 1) == 0 && w4_read(&find_any, values, NULL, 1) == 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(UNKNOWN_EVIDENCE)),
				 errmsg("evidence is not sealed yet"),
				 w4_errdetail(W4_ERRCODE(UNKNOWN_EVIDENCE), "No tree head covers leaf %llu of %s.",
							  (unsigned long long) proof->index, w4_lct_cstring(proof->society)),
				 errhint("Run web4_seal().")));
	proof->size = (uint64) DatumGetInt64(w4_value(0, 1, &isnull));
	proof->head = column(2);
	proof->signature = column(3);
	proof->public_key = column(4);
}

static W4TreeStore *
open_store(const uint8_t *society)
{
	W4TreeStore *store = palloc(sizeof(W4TreeStore));

	store->society = society;
	store->block = -1;
	store->nleaves = 0;
	return store;
}

static void damaged(const uint8_t *society) pg_attribute_noreturn();

static void
damaged(const uint8_t *society)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(TAMPERED)),
			 errmsg("Merkle tree of %s has a hole", w4_lct_cstring(society)),
			 w4_errdetail(W4_ERRCODE(TAMPERED), "A row of web4.tree_leaf or web4.tree_node is missing."),
			 errhint("web4_evidence_verify() names it.")));
}

static void
find_proof(Proof *proof, Datum leaf_id)
{
	memcpy(proof->leaf_id, w4_fixed_bytea(leaf_id, W4_LEAF_ID_LEN, "leaf id"), W4_LEAF_ID_LEN);
	find_leaf(proof);
	find_head(proof);
	proof->len = w4_merkle_inclusion_from(proof->path, proof->size, proof->index,
										  w4_tree_fetch, open_store(proof->society));
	if (proof->len < 0)
		damaged(proof->society);
}

/* --- handing them out --- */

static Datum
hashes_array(uint8_t hashes[][32], int n)
{
	Datum	   *values = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		values[i] = w4_bytea_datum(hashes[i], 32);
	return PointerGetDatum(construct_array(values, n, BYTEAOID, -1, false, TYPALIGN_INT));
}

/* Returns a row that survives SPI_finish(): formed in the caller's context. */
Datum
web4_inclusion_proof(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	Proof	   *proof = palloc0(sizeof(Proof));
	Datum		values[8];
	bool		nulls[8] = {false};
	Datum		row;

	SPI_connect();
	find_proof(proof, PG_GETARG_DATUM(0));
	MemoryContextSwitchTo(caller);
	values[0] = W4LctGetDatum(proof->society);
	values[1] = Int64GetDatum((int64) proof->index);
	values[2] = Int64GetDatum((int64) proof->size);
	values[3] = w4_bytea_datum(proof->body.data, proof->body.len);
	values[4] = hashes_array(proof->path, proof->len);
	values[5] = w4_text_datum(proof->head.data, proof->head.len);
	values[6] = w4_bytea_datum(proof->signature.data, proof->signature.len);
	values[7] = w4_bytea_datum(proof->public_key.data, proof->public_key.len);
	nulls[6] = proof->signature.data == NULL;
	nulls[7] = proof->public_key.data == NULL;
	row = w4_result_row(fcinfo, values, nulls);
	SPI_finish();
	return row;
}

static int64
tree_size(const uint8_t *society)
{
	static W4Plan read = W4_PLAN("SELECT size FROM web4.seal WHERE society OPERATOR(@x@.=) $1", "lct");
	Datum		value = W4LctGetDatum(society);
	bool		isnull;

	return w4_read(&read, &value, NULL, 1) == 0 ? 0 : DatumGetInt64(w4_value(0, 1, &isnull));
}

Datum
web4_consistency_proof(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	const uint8_t *society = PG_GETARG_W4LCT(0);
	int64		old_size = PG_GETARG_INT64(1);
	int64		new_size = PG_GETARG_INT64(2);
	uint8_t		path[W4_MERKLE_MAX_PROOF][32];
	int64		size;
	int			len;
	Datum		result;

	if (old_size <= 0 || old_size > new_size)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_PROOF)),
				 errmsg("sizes %lld and %lld have no consistency proof", (long long) old_size, (long long) new_size),
				 w4_errdetail(W4_ERRCODE(BAD_PROOF), "The old size must be positive and not exceed the new one.")));
	SPI_connect();
	size = tree_size(society);
	if (new_size > size)
		ereport(ERROR,
				(errcode(W4_ERRCODE(UNKNOWN_EVIDENCE)),
				 errmsg("tree of %s is smaller than %lld leaves", w4_lct_cstring(society), (long long) new_size),
				 w4_errdetail(W4_ERRCODE(UNKNOWN_EVIDENCE), "It has %lld.", (long long) size)));
	len = w4_merkle_consistency_from(path, (uint64) new_size, (uint64) old_size, w4_tree_fetch, open_store(society));
	if (len < 0)
		damaged(society);
	MemoryContextSwitchTo(caller);
	result = hashes_array(path, len);
	SPI_finish();
	return result;
}

static void
put_hex_or_null(W4Writer *w, bool *first, const char *key, W4Slice s)
{
	w4c_put_key(w, first, key);
	if (s.data != NULL)
		w4c_put_hex(w, s.data, s.len);
	else
		w4_put_cstr(w, "null");
}

static void
put_path(W4Writer *w, const Proof *proof)
{
	w4_put_u8(w, '[');
	for (int i = 0; i < proof->len; i++)
	{
		if (i > 0)
			w4_put_u8(w, ',');
		w4c_put_hex(w, proof->path[i], 32);
	}
	w4_put_u8(w, ']');
}

static void
put_proof(W4Writer *w, const Proof *proof)
{
	bool		first = true;

	w4_put_u8(w, '{');
	put_hex_or_null(w, &first, "body", proof->body);
	put_hex_or_null(w, &first, "document", proof->document);
	put_hex_or_null(w, &first, "document_signature", proof->document_signature);
	w4c_member_string(w, &first, "head", proof->head);
	put_hex_or_null(w, &first, "head_signature", proof->signature);
	w4c_member_int(w, &first, "index", (int64_t) proof->index);
	w4c_member_hex(w, &first, "leaf_hash", proof->leaf_hash, sizeof(proof->leaf_hash));
	w4c_put_key(w, &first, "proof");
	put_path(w, proof);
	put_hex_or_null(w, &first, "public_key", proof->public_key);
	w4c_member_int(w, &first, "size", (int64_t) proof->size);
	w4c_member_lct(w, &first, "society", proof->society);
	w4c_member_int(w, &first, "v", 1);
	w4_put_u8(w, '}');
}

Datum
web4_evidence_proof_json(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	Proof	   *proof = palloc0(sizeof(Proof));
	size_t		cap;
	W4Writer	w;
	Datum		result;

	SPI_connect();
	find_proof(proof, PG_GETARG_DATUM(0));
	cap = 2 * (proof->body.len + proof->document.len) + W4_MERKLE_MAX_PROOF * 67 + 4 * W4_HEAD_TEXT_MAX;
	w = w4_writer(palloc(cap), cap);
	put_proof(&w, proof);
	if (w.full)
		elog(ERROR, "proof does not fit its buffer");
	MemoryContextSwitchTo(caller);
	result = w4_text_datum(w.buf, w.len);
	SPI_finish();
	return result;
}

/* --- checking one, offline --- */

/* False: not an array of 32-byte hashes, or more than any tree needs. */
static bool
read_path(ArrayType *array, uint8_t path[W4_MERKLE_MAX_PROOF][32], int *len)
{
	Datum	   *values;

	if (ARR_NDIM(array) > 1 || array_contains_nulls(array) ||
		ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) > W4_MERKLE_MAX_PROOF)
		return false;
	deconstruct_array(array, BYTEAOID, -1, false, TYPALIGN_INT, &values, NULL, len);
	for (int i = 0; i < *len; i++)
	{
		W4Slice		hash = w4_varlena_slice(PG_DETOAST_DATUM_PACKED(values[i]));

		if (hash.len != 32)
			return false;
		memcpy(path[i], hash.data, 32);
	}
	return true;
}

/* The body must name the society whose head is presented. */
static bool
body_is_of(W4Slice body, const uint8_t *society)
{
	size_t		max_nodes = W4_JSON_MAX_NODES(body.len);
	W4JsonNode *nodes;
	W4Json		json;
	W4Slice		text;
	uint8_t		lct[32];
	bool		ok;

	if (body.len > W4C_MAX_SIZE)
		return false;
	nodes = palloc(max_nodes * sizeof(W4JsonNode));
	ok = w4c_parse(&json, (const char *) body.data, body.len, nodes, max_nodes, NULL) &&
		w4_json_is(&json, W4_JSON_ROOT, W4_JSON_OBJECT);
	if (ok)
	{
		text = w4_json_plain_string(&json, w4_json_member(&json, W4_JSON_ROOT, "society"));
		ok = text.data != NULL && w4_lct_parse(lct, (const char *) text.data, text.len, NULL) &&
			memcmp(lct, society, 32) == 0;
	}
	pfree(nodes);
	return ok;
}

/*
 * (leaf_body, index, size, proof, head, signature, public_key).  Whatever is
 * missing or malformed: false.  The size counts only because the signed head
 * says the same.
 */
Datum
web4_verify_proof(PG_FUNCTION_ARGS)
{
	W4Slice		body;
	W4Slice		text;
	int64		index;
	int64		size;
	uint8_t		path[W4_MERKLE_MAX_PROOF][32];
	int			len;
	uint8_t		leaf_hash[32];
	W4Head		head;

	for (int i = 0; i < 7; i++)
	{
		if (PG_ARGISNULL(i))
			PG_RETURN_BOOL(false);
	}
	body = W4_ARG_SLICE(0);
	index = PG_GETARG_INT64(1);
	size = PG_GETARG_INT64(2);
	text = W4_ARG_SLICE(4);
	if (index < 0 || size <= 0 || !read_path(PG_GETARG_ARRAYTYPE_P(3), path, &len) ||
		!w4_head_parse(&head, text) || head.size != (uint64) size ||
		!body_is_of(body, head.society))
		PG_RETURN_BOOL(false);
	w4_merkle_leaf_hash(leaf_hash, body.data, body.len);
	PG_RETURN_BOOL(w4_merkle_verify_inclusion((uint64) index, head.size, leaf_hash,
											  (const uint8_t (*)[32]) path, (size_t) len, head.root) &&
				   w4_head_signature_ok(text, W4_ARG_SLICE(5), W4_ARG_SLICE(6)));
}
