/*-------------------------------------------------------------------------
 *
 * status.c
 *		web4_set_status(), and the trigger that guards the lifecycle.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "core/domains.h"
#include "core/json.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/act.h"
#include "identity/lock.h"
#include "identity/rows.h"
#include "identity/society.h"
#include "identity/state.h"
#include "types/lct_type.h"
#include "utils/datum.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(web4_set_status);
PG_FUNCTION_INFO_V1(web4_entity_lifecycle);

static const char *const members[] = {
	"actor", "compromised_since", "lct_id", "nonce", "reason", "status", "ts", "v", NULL
};

static const char *const reasons[] = {"compromise", "superseded", "expired", "violation"};

typedef struct Change
{
	W4Act		act;
	uint8_t		target[32];
	W4Status	status;
	const char *reason;			/* NULL when reactivated */
	bool		compromised;
	int64_t		compromised_since;	/* unix microseconds */
	W4Entity	entity;			/* the target */
} Change;

static const bool allowed[4][4] = {
	[W4_STATUS_ACTIVE] = {[W4_STATUS_SUSPENDED] = true, [W4_STATUS_SUPERSEDED] = true, [W4_STATUS_REVOKED] = true},
	[W4_STATUS_SUSPENDED] = {[W4_STATUS_ACTIVE] = true, [W4_STATUS_REVOKED] = true},
	[W4_STATUS_SUPERSEDED] = {[W4_STATUS_REVOKED] = true},
};

void
w4_entity_lock(const uint8_t id[32])
{
	static W4Plan lock = W4_PLAN("SELECT 1 FROM web4.entity WHERE id OPERATOR(@x@.=) $1 FOR NO KEY UPDATE", "lct");
	Datum		key = W4LctGetDatum(id);

	if (w4_read(&lock, &key, NULL, 0) == 0)
		w4_entity_unknown(id);
}

/* --- reading --- */

static const char *
read_reason(const W4Document *doc)
{
	W4Slice		reason = w4_document_plain(doc, "reason");

	for (int i = 0; i < lengthof(reasons); i++)
	{
		if (w4_slice_eq(reason, w4_slice_cstr(reasons[i])))
			return reasons[i];
	}
	w4_document_refuse(doc, "reason", "must be compromise, superseded, expired or violation");
}

static void
read_change(Change *c, const text *txt, W4Slice signature)
{
	W4Document *doc = &c->act.doc;

	w4_act_read(&c->act, "change of status", W4_DOMAIN_STATUS, txt, signature, members, "actor", "ts");
	w4_document_lct(doc, "lct_id", c->target);
	if (!w4_status_parse(w4_document_text(doc, "status", 16), &c->status))
		w4_document_refuse(doc, "status", "must be active, suspended, superseded or revoked");
	if (w4_json_member(&doc->json, W4_JSON_ROOT, "reason") < 0)
		w4_document_refuse(doc, "reason", "is missing");
	if (w4_document_has(doc, "reason") != (c->status != W4_STATUS_ACTIVE))
		w4_document_refuse(doc, "reason", "must be null to reactivate, and a reason otherwise");
	if (c->status != W4_STATUS_ACTIVE)
		c->reason = read_reason(doc);
	c->compromised = w4_document_has(doc, "compromised_since");
	if (!c->compromised)
		return;
	c->compromised_since = w4_document_time(doc, "compromised_since");
	if (c->status != W4_STATUS_REVOKED || strcmp(c->reason, "compromise") != 0)
		w4_document_refuse(doc, "compromised_since", "belongs to a revocation for compromise");
	if (c->compromised_since > c->act.signed_at)
		w4_document_refuse(doc, "compromised_since", "must not lie after ts");
}

/* --- who may --- */

/*
 * A subject may always give up its identity, even a suspended one, but only the
 * society's side may give it back.
 */
static void
authenticate(Change *c)
{
	bool		own = w4_lct_equal(c->act.signer, c->target);

	if (own && c->status == W4_STATUS_REVOKED)
		w4_act_verify(&c->act);
	else
		w4_act_authenticate(&c->act);
	if (own && c->status != W4_STATUS_ACTIVE)
		return;

	w4_require_governor(c->entity.society, c->act.signer, w4_governors_of(c->entity.society, c->target),
						"change this identity's status");
}

static void
check_transition(const Change *c)
{
	if (!allowed[c->entity.status][c->status])
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_TRANSITION)),
				 errmsg("identity cannot become %s", w4_status_name(c->status)),
				 w4_errdetail(W4_ERRCODE(BAD_TRANSITION), "It is %s.", w4_status_name(c->entity.status))));
}

/* --- effects --- */

static void
update_entity(const Change *c, TimestampTz now)
{
	static W4Plan update = W4_PLAN("UPDATE web4.entity SET status = $2, status_at = $3, status_reason = $4, "
								   "compromised_since = $5 WHERE id OPERATOR(@x@.=) $1",
								   "lct, text, timestamptz, text, timestamptz");
	Datum		values[5] = {W4LctGetDatum(c->target), CStringGetTextDatum(w4_status_name(c->status)), TimestampTzGetDatum(now)};
	char		nulls[] = "     ";

	if (c->reason != NULL)
		values[3] = CStringGetTextDatum(c->reason);
	else
		nulls[3] = 'n';
	if (c->compromised)
		values[4] = TimestampTzGetDatum(w4_timestamptz_from_unix(c->compromised_since));
	else
		nulls[4] = 'n';
	(void) w4_write(&update, values, nulls);
}

/* No key of a revoked identity signs anything any more. */
static void
revoke_keys(const Change *c, TimestampTz now)
{
	static W4Plan revoke = W4_PLAN("UPDATE web4.entity_key SET status = 'revoked', valid_until = LEAST(valid_until, $2), "
								   "compromised_since = $3 WHERE entity OPERATOR(@x@.=) $1 "
								   "AND status OPERATOR(pg_catalog.=) ANY (ARRAY['active', 'overlapping'])",
								   "lct, timestamptz, timestamptz");
	TimestampTz since = w4_timestamptz_from_unix(c->compromised_since);
	Datum		values[3] = {W4LctGetDatum(c->target), TimestampTzGetDatum(c->compromised ? Min(since, now) : now),
	TimestampTzGetDatum(since)};

	(void) w4_write(&revoke, values, c->compromised ? NULL : "  n");
}

static void
record(const Change *c, W4Evidence *leaf)
{
	uint8_t		data[512];
	W4Writer	w = w4_writer(data, sizeof(data));
	bool		first = true;

	w4_put_cstr(&w, "{");
	w4c_member_lct(&w, &first, "entity", c->target);
	w4_data_text(&w, &first, "reason", c->reason);
	w4_data_entity_state(&w, &first, c->target);
	w4_data_text(&w, &first, "status", w4_status_name(c->status));
	w4_data_append(leaf, "status", c->entity.society, &w);
}

Datum
web4_set_status(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	Change		c = {0};
	W4Evidence	leaf;

	w4_require_live("web4_set_status()");
	read_change(&c, PG_GETARG_TEXT_PP(0), W4_ARG_SLICE(1));
	SPI_connect();
	w4_entity_lock(c.target);
	w4_push_latest_snapshot();
	(void) w4_entity_get(c.target, &c.entity);
	authenticate(&c);
	check_transition(&c);
	w4_pop_snapshot();
	leaf = w4_act_leaf(&c.act);
	update_entity(&c, leaf.at);
	if (c.status == W4_STATUS_REVOKED)
		revoke_keys(&c, leaf.at);
	record(&c, &leaf);
	SPI_finish();
	PG_RETURN_VOID();
}

/* --- the table's own guard --- */

static const AttrNumber immutable[] = {
	Anum_entity_id, Anum_entity_society, Anum_entity_type, Anum_entity_alias, Anum_entity_born_at,
	Anum_entity_cert_hash, Anum_entity_hardware
};

static bool
same(TriggerData *trigdata, AttrNumber attno)
{
	TupleDesc	desc = RelationGetDescr(trigdata->tg_relation);
	Form_pg_attribute attribute = TupleDescAttr(desc, attno - 1);
	bool		old_null;
	bool		new_null;
	Datum		old_value = heap_getattr(trigdata->tg_trigtuple, attno, desc, &old_null);
	Datum		new_value = heap_getattr(trigdata->tg_newtuple, attno, desc, &new_null);

	return old_null == new_null &&
		(old_null || datum_image_eq(old_value, new_value, attribute->attbyval, attribute->attlen));
}

static W4Status
status_of(TriggerData *trigdata, HeapTuple tuple)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, Anum_entity_status, RelationGetDescr(trigdata->tg_relation), &isnull);
	W4Status	status;

	/* A BEFORE trigger sees rows that NOT NULL and CHECK have not passed yet. */
	if (isnull || !w4_status_parse(TextDatumGetCString(value), &status))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_TRANSITION)),
				 errmsg("unknown status of an identity"),
				 w4_errdetail(W4_ERRCODE(BAD_TRANSITION), "It must be active, suspended, superseded or revoked.")));
	return status;
}

/*
 * BEFORE UPDATE on web4.entity, ENABLE ALWAYS: what never changes, and which
 * way a life goes, whoever writes.
 */
Datum
web4_entity_lifecycle(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = (TriggerData *) fcinfo->context;
	W4Status	from;
	W4Status	to;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigdata->tg_event) ||
		!TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event) ||
		strcmp(RelationGetRelationName(trigdata->tg_relation), "entity") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("web4.entity_lifecycle() is the trigger of web4.entity")));
	for (int i = 0; i < lengthof(immutable); i++)
	{
		if (!same(trigdata, immutable[i]))
			ereport(ERROR,
					(errcode(W4_ERRCODE(BAD_TRANSITION)),
					 errmsg("column \"%s\" of an identity never changes",
							NameStr(TupleDescAttr(RelationGetDescr(trigdata->tg_relation), immutable[i] - 1)->attname)),
					 w4_errdetail(W4_ERRCODE(BAD_TRANSITION), "It is part of the birth certificate.")));
	}
	from = status_of(trigdata, trigdata->tg_trigtuple);
	to = status_of(trigdata, trigdata->tg_newtuple);
	if (from == W4_STATUS_REVOKED || (from != to && !allowed[from][to]))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_TRANSITION)),
				 errmsg("identity cannot go from %s to %s", w4_status_name(from), w4_status_name(to)),
				 w4_errdetail(W4_ERRCODE(BAD_TRANSITION), "Revoked is the end, superseded may only be revoked.")));
	return PointerGetDatum(trigdata->tg_newtuple);
}
