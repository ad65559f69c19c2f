/*-------------------------------------------------------------------------
 *
 * adjust.c
 *		Signed trust adjustments: append a delta, move the state by it.
 *
 * The state is the fold of its deltas, so both are written together under the
 * lock of the state's row, which also makes the numbering gapless.
 *
 *-------------------------------------------------------------------------
 */
#include "trust/trust.h"

#include "core/decimal.h"
#include "core/domains.h"
#include "core/json.h"
#include "core/lctid.h"
#include "evidence/evidence.h"
#include "fmgr.h"
#include "host/clock.h"
#include "host/document.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/identity.h"
#include "trust/state.h"
#include "types/lct_type.h"

PG_FUNCTION_INFO_V1(web4_trust_adjust);

#define MAX_DELTA (W4_UNIT / 5)
#define MAX_ROLE 63
#define MAX_REASON 512

typedef struct Adjustment
{
	W4Document	doc;
	W4Slice		message;
	W4Slice		signature;
	TimestampTz now;
	uint8_t		society[32];
	uint8_t		entity[32];
	uint8_t		signer[32];
	char	   *role;
	char	   *reason;
	int64		signed_at;
	uint8_t		nonce[W4_NONCE_MAX];
	size_t		nonce_len;
	int64_t		dt3[3];
	int64_t		dv3[3];
	bool		negative;
} Adjustment;

pg_attribute_noreturn() static void
refuse_delta(const char *why, const char *hint)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_DELTA)),
			 errmsg("trust adjustment is not acceptable"),
			 w4_errdetail(W4_ERRCODE(BAD_DELTA), "%s.", why),
			 errhint("%s", hint)));
}

/* --- format --- */

static int64
read_delta(Adjustment *a, int deltas, const char *name)
{
	int			node = w4_json_member(&a->doc.json, deltas, name);
	W4Slice		s;
	int64_t		delta;
	W4Fault		fault;

	if (node < 0)
		return 0;
	s = w4_json_plain_string(&a->doc.json, node);
	if (s.data == NULL || !w4_decimal_parse(&delta, (const char *) s.data, s.len, 9, true, true, &fault))
		w4_document_refuse(&a->doc, "deltas", psprintf("must give %s as a decimal string such as \"-0.02\"", name));
	if (delta == 0 || delta > MAX_DELTA || delta < -MAX_DELTA)
		refuse_delta(psprintf("The change of %s must not be zero nor larger than 0.2", name),
					 "Leave out what does not change; larger changes take several adjustments.");
	if (delta < 0)
		a->negative = true;
	return delta;
}

static void
read_deltas(Adjustment *a)
{
	static const char *const names[] = {"talent", "training", "temperament", "valuation", "veracity", "validity", NULL};
	int			deltas = w4_json_member(&a->doc.json, W4_JSON_ROOT, "deltas");
	W4Fault		fault;

	if (!w4_json_is(&a->doc.json, deltas, W4_JSON_OBJECT) || a->doc.json.nodes[deltas].count == 0)
		w4_document_refuse(&a->doc, "deltas", "must be an object with a change of at least one dimension");
	if (!w4_json_only(&a->doc.json, deltas, names, &fault))
		w4_document_refuse(&a->doc, "deltas", "names an unknown dimension");
	for (int i = 0; i < 3; i++)
	{
		a->dt3[i] = read_delta(a, deltas, w4_t3_names[i]);
		a->dv3[i] = read_delta(a, deltas, w4_v3_names[i]);
	}
}

static void
parse(Adjustment *a, const text *document)
{
	static const char *const members[] = {"appeal_path", "deltas", "entity", "nonce", "reason", "role", "signer",
	"society", "ts", "v", NULL};

	w4_document_parse(&a->doc, "trust adjustment", document, members);
	w4_document_version(&a->doc);
	w4_document_lct(&a->doc, "society", a->society);
	w4_document_lct(&a->doc, "entity", a->entity);
	w4_document_lct(&a->doc, "signer", a->signer);
	a->role = w4_document_text(&a->doc, "role", MAX_ROLE);
	a->reason = w4_document_text(&a->doc, "reason", MAX_REASON);
	if (a->reason[0] == '\0')
		w4_document_refuse(&a->doc, "reason", "must not be empty");
	a->signed_at = w4_document_time(&a->doc, "ts");
	a->nonce_len = w4_document_nonce(&a->doc, "nonce", a->nonce);
	read_deltas(a);
	if (w4_document_has(&a->doc, "appeal_path") && w4_document_text(&a->doc, "appeal_path", MAX_REASON)[0] == '\0')
		w4_document_refuse(&a->doc, "appeal_path", "must not be empty");
	if (a->negative && !w4_document_has(&a->doc, "appeal_path"))
		refuse_delta("It takes trust away and names no appeal path",
					 "Whoever loses trust must be told where to appeal: give \"appeal_path\".");
}

/* --- who may --- */

static void
check_signer(const Adjustment *a)
{
	W4Entity	signer;

	w4_society_require(a->society);
	w4_entity_require_active(a->signer, &signer);
	if (w4_entity_verify(a->signer, a->message, a->signature, a->now) == 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_SIGNATURE)),
				 errmsg("signature of the trust adjustment does not verify"),
				 w4_errdetail(W4_ERRCODE(BAD_SIGNATURE), "No valid key of %s verifies it.", w4_lct_cstring(a->signer))));
	if (!w4_is_fresh(a->signed_at, w4_unix_from_timestamptz(a->now)))
		ereport(ERROR,
				(errcode(W4_ERRCODE(STALE)),
				 errmsg("trust adjustment's time is too far from the server's"),
				 w4_errdetail(W4_ERRCODE(STALE), "300 s are allowed.")));
}

static void
check_entitlement(const Adjustment *a)
{
	static const char *const roles[] = {"administrator", "sovereign", NULL};

	if (memcmp(a->signer, a->entity, 32) == 0)
		refuse_delta("Its signer and its subject are the same", "Nobody adjusts his own trust.");
	if (!w4_may_govern(a->society, a->signer, roles))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_ENTITLED)),
				 errmsg("signer may not adjust trust in this society"),
				 w4_errdetail(W4_ERRCODE(NOT_ENTITLED), "%s is neither the society nor its administrator or sovereign.",
							  w4_lct_cstring(a->signer))));
}

/* A role that the entity never had gives no fresh start. */
static void
check_subject(const Adjustment *a)
{
	W4Entity	entity;
	W4Trust		ignored;

	if (!w4_entity_get(a->entity, &entity))
		w4_entity_unknown(a->entity);
	if (!w4_trust_known(a->society, a->entity, a->role, &ignored))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_ROLE)),
				 errmsg("entity does not have the role \"%s\"", a->role),
				 w4_errdetail(W4_ERRCODE(BAD_ROLE), "%s in society %s.",
							  w4_lct_cstring(a->entity), w4_lct_cstring(a->society)),
				 errhint("Assign the role first, or name one that the entity has.")));
}

/* --- effects --- */

static void
lock_state(const Adjustment *a, W4Trust *state)
{
	static W4Plan open_state = W4_PLAN("INSERT INTO web4.trust (society, entity, role, t3, v3, seq, updated_at) "
									   "VALUES ($1, $2, $3, $4, $5, 0, $6) ON CONFLICT DO NOTHING",
									   "lct,lct,text,t3,v3,timestamptz");
	static W4Plan lock = W4_PLAN("SELECT t3, v3, seq FROM web4.trust WHERE society OPERATOR(@x@.=) $1 "
								 "AND entity OPERATOR(@x@.=) $2 AND role = $3 FOR NO KEY UPDATE", "lct,lct,text");
	Datum		values[6] = {W4LctGetDatum(a->society), W4LctGetDatum(a->entity), CStringGetTextDatum(a->role)};
	bool		isnull;

	if (w4_read(&lock, values, NULL, 1) == 0)
	{
		W4Trust		first;

		(void) w4_trust_find(a->society, a->entity, a->role, &first);
		values[3] = PointerGetDatum(&first.t3);
		values[4] = PointerGetDatum(&first.v3);
		values[5] = TimestampTzGetDatum(a->now);
		w4_write(&open_state, values, NULL);
		if (w4_read(&lock, values, NULL, 1) == 0)
			w4_raise_concurrent("a concurrent trust adjustment");
	}
	memcpy(&state->t3, DatumGetPointer(w4_value(0, 1, &isnull)), sizeof(W4Tensor));
	memcpy(&state->v3, DatumGetPointer(w4_value(0, 2, &isnull)), sizeof(W4Tensor));
	state->seq = DatumGetInt64(w4_value(0, 3, &isnull));
}

static int64
record(const Adjustment *a, int64 seq)
{
	uint8_t		buf[1024];
	W4Writer	w = w4_writer(buf, sizeof(buf));
	bool		first = true;
	W4Evidence	evidence = {
		.kind = "trust", .society = a->society, .actor = a->signer, .at = a->now,
		.nonce = w4_slice(a->nonce, a->nonce_len), .document = a->message, .signature = a->signature
	};

	w4_put_u8(&w, '{');
	w4c_member_lct(&w, &first, "entity", a->entity);
	w4c_member_string(&w, &first, "role", w4_slice_cstr(a->role));
	w4c_member_int(&w, &first, "seq", seq);
	w4_put_u8(&w, '}');
	evidence.data = w4_slice(buf, w.len);
	w4_evidence_append_once(&evidence);
	return evidence.id;
}

static void
append_delta(const Adjustment *a, int64 seq, int64 evidence)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.trust_delta (society, entity, role, seq, dt3, dv3, reason, at, evidence) "
								   "VALUES ($1, $2, $3, $4, ARRAY[$5, $6, $7], ARRAY[$8, $9, $10], $11, $12, $13)",
								   "lct,lct,text,int8,int4,int4,int4,int4,int4,int4,text,timestamptz,int8");
	Datum		values[13] = {W4LctGetDatum(a->society), W4LctGetDatum(a->entity), CStringGetTextDatum(a->role),
	Int64GetDatum(seq)};

	for (int i = 0; i < 3; i++)
	{
		values[4 + i] = Int32GetDatum((int32) a->dt3[i]);
		values[7 + i] = Int32GetDatum((int32) a->dv3[i]);
	}
	values[10] = CStringGetTextDatum(a->reason);
	values[11] = TimestampTzGetDatum(a->now);
	values[12] = Int64GetDatum(evidence);
	w4_write(&insert, values, NULL);
}

static void
move_state(const Adjustment *a, W4Trust *state)
{
	static W4Plan update = W4_PLAN("UPDATE web4.trust SET t3 = $4, v3 = $5, seq = $6, updated_at = $7 "
								   "WHERE society OPERATOR(@x@.=) $1 AND entity OPERATOR(@x@.=) $2 AND role = $3",
								   "lct,lct,text,t3,v3,int8,timestamptz");

	state->t3 = w4_tensor_add_clamped(&state->t3, a->dt3);
	state->v3 = w4_tensor_add_clamped(&state->v3, a->dv3);
	w4_write(&update, (Datum[]) {W4LctGetDatum(a->society), W4LctGetDatum(a->entity), CStringGetTextDatum(a->role),
			 PointerGetDatum(&state->t3), PointerGetDatum(&state->v3), Int64GetDatum(state->seq),
			 TimestampTzGetDatum(a->now)}, NULL);
}

/* web4_trust_adjust(document text, signature bytea): the state afterwards */
Datum
web4_trust_adjust(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	const text *document = PG_GETARG_TEXT_PP(0);
	Adjustment	a = {.now = GetCurrentTimestamp()};
	W4Trust		state;

	w4_require_live("web4_trust_adjust()");
	a.signature = w4_slice(w4_fixed_bytea(PG_GETARG_DATUM(1), 64, "signature"), 64);
	a.message = w4_document_message(W4_DOMAIN_TRUST, document);
	parse(&a, document);
	w4_push_latest_snapshot();
	check_signer(&a);
	check_entitlement(&a);
	check_subject(&a);
	w4_pop_snapshot();

	SPI_connect();
	lock_state(&a, &state);
	state.seq++;
	append_delta(&a, state.seq, record(&a, state.seq));
	move_state(&a, &state);
	SPI_finish();
	return w4_trust_row(fcinfo, a.society, a.entity, a.role, &state);
}
