/*-------------------------------------------------------------------------
 *
 * append.c
 *		Appending a leaf to the one log.
 *
 * This is on the way of every decision, so it takes no lock that anybody
 * waits for: the id comes from a sequence, the row carries its transaction's
 * id, and the sealer numbers the leaves of finished transactions later.  Only
 * a nonce can make two appends meet, and then only one of them counts.
 *
 *-------------------------------------------------------------------------
 */
#include "evidence/evidence.h"

#include "access/xact.h"
#include "core/json.h"
#include "evidence/memo.h"
#include "host/errors.h"
#include "host/value.h"
#include "host/write.h"
#include "types/lct_type.h"
#include "utils/timestamp.h"
#include "utils/xid8.h"

#define LEAF_COLUMNS 11

static W4Sequence evidence_id = W4_SEQUENCE("evidence_id");
static W4Table evidence_table = W4_TABLE("evidence", LEAF_COLUMNS);
static W4Index evidence_nonce = W4_INDEX("evidence", "evidence_nonce");

/* An empty slice of the caller's is an absent one. */
static W4Slice
optional(W4Slice s)
{
	return s.len > 0 ? s : w4_slice(NULL, 0);
}

static bytea *
make_body(const W4Leaf *leaf, W4Slice data)
{
	size_t		cap = data.len + W4_LEAF_ENVELOPE_MAX;
	bytea	   *body = (bytea *) palloc(VARHDRSZ + cap);
	W4Writer	w = w4_writer(VARDATA(body), cap);

	w4_leaf_write(&w, leaf, data);
	if (w.full)
		elog(ERROR, "evidence of kind \"%.*s\" has no canonical form", (int) leaf->kind.len, leaf->kind.data);
	if (w.len > W4C_MAX_SIZE)
		ereport(ERROR,
				(errcode(W4_ERRCODE(TOO_LARGE)),
				 errmsg("evidence is too large"),
				 w4_errdetail(W4_ERRCODE(TOO_LARGE), "The leaf has %zu bytes; the limit is %d.", w.len, W4C_MAX_SIZE)));
	SET_VARSIZE(body, VARHDRSZ + w.len);
	return body;
}

static Datum
optional_bytea(W4Slice s, bool *null)
{
	*null = s.data == NULL;
	return s.data != NULL ? w4_bytea_datum(s.data, s.len) : (Datum) 0;
}

/* False when (actor, nonce) is taken; leaves without a nonce cannot conflict. */
static bool
insert_row(const Datum *values, const bool *nulls, bool claims_nonce)
{
	if (claims_nonce)
		return w4_insert_new(&evidence_table, &evidence_nonce, values, nulls);
	w4_insert(&evidence_table, values, nulls);
	return true;
}

bool
w4_evidence_append(W4Evidence *evidence)
{
	W4Leaf		leaf;
	bytea	   *body;
	Datum		values[LEAF_COLUMNS];
	bool		nulls[LEAF_COLUMNS] = {false};

	leaf.id = w4_next_id(&evidence_id);
	leaf.xid = U64FromFullTransactionId(GetTopFullTransactionId());
	leaf.society = evidence->society;
	leaf.actor = evidence->actor;
	leaf.kind = w4_slice_cstr(evidence->kind);
	leaf.nonce = optional(evidence->nonce);
	leaf.document = optional(evidence->document);
	leaf.signature = optional(evidence->signature);
	leaf.at = evidence->at;

	body = make_body(&leaf, evidence->data);
	evidence->id = leaf.id;
	w4_memo_leaf_hash(evidence->leaf_hash, w4_slice(VARDATA(body), VARSIZE(body) - VARHDRSZ));

	w4_leaf_id(evidence->leaf_id, leaf.id, evidence->leaf_hash);

	values[0] = Int64GetDatum(leaf.id);
	values[1] = FullTransactionIdGetDatum(FullTransactionIdFromU64(leaf.xid));
	values[2] = W4LctGetDatum(leaf.society);
	values[3] = w4_text_datum(leaf.kind.data, leaf.kind.len);
	values[4] = W4LctGetDatum(leaf.actor);
	values[5] = optional_bytea(leaf.nonce, &nulls[5]);
	values[6] = TimestampTzGetDatum(leaf.at);
	values[7] = PointerGetDatum(body);
	values[8] = optional_bytea(leaf.document, &nulls[8]);
	values[9] = optional_bytea(leaf.signature, &nulls[9]);
	values[10] = w4_bytea_datum(evidence->leaf_hash, sizeof(evidence->leaf_hash));
	return insert_row(values, nulls, leaf.nonce.data != NULL);
}

void
w4_evidence_append_once(W4Evidence *evidence)
{
	if (!w4_evidence_append(evidence))
		ereport(ERROR,
				(errcode(W4_ERRCODE(REPLAY)),
				 errmsg("nonce was used before by %s", w4_lct_cstring(evidence->actor)),
				 w4_errdetail(W4_ERRCODE(REPLAY), "A document of kind \"%s\" with this nonce is in the log already.", evidence->kind),
				 errhint("Sign the document anew with fresh random bytes as nonce.")));
}
