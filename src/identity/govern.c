/*-------------------------------------------------------------------------
 *
 * govern.c
 *		web4_assign_role(), web4_citizenship(): who is what in a society.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "core/domains.h"
#include "core/json.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/act.h"
#include "identity/rows.h"
#include "identity/society.h"
#include "identity/state.h"
#include "types/lct_type.h"

PG_FUNCTION_INFO_V1(web4_assign_role);
PG_FUNCTION_INFO_V1(web4_citizenship);

/* --- roles --- */

static const char *const role_members[] = {
	"action", "holder", "nonce", "primary", "role", "signer", "society", "ts", "v", NULL
};

/* Always filled; "citizen", the seventh, is citizenship. */
static const char *const base_roles[] = {
	"sovereign", "law_oracle", "policy_entity", "treasurer", "administrator", "archivist"
};

typedef struct Assignment
{
	W4Act		act;
	uint8_t		society[32];
	uint8_t		holder[32];
	const char *role;
	bool		withdraw;
	bool		primary;
} Assignment;

static void
refuse_role(const char *role, const char *why, const char *hint)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_ROLE)),
			 errmsg("role \"%s\" %s", role, why),
			 w4_errdetail(W4_ERRCODE(BAD_ROLE), "The roles of the society stay as they are."),
			 errhint("%s", hint)));
}

static bool
is_base_role(const char *role)
{
	for (int i = 0; i < lengthof(base_roles); i++)
	{
		if (strcmp(base_roles[i], role) == 0)
			return true;
	}
	return false;
}

static bool
read_bool(const W4Document *doc, const char *key)
{
	int			node = w4_json_member(&doc->json, W4_JSON_ROOT, key);

	if (!w4_json_is(&doc->json, node, W4_JSON_TRUE) && !w4_json_is(&doc->json, node, W4_JSON_FALSE))
		w4_document_refuse(doc, key, "must be true or false");
	return w4_json_is(&doc->json, node, W4_JSON_TRUE);
}

static void
read_assignment(Assignment *a, const text *txt, W4Slice signature)
{
	W4Document *doc = &a->act.doc;
	char	   *action;

	w4_act_read(&a->act, "role document", W4_DOMAIN_ROLE, txt, signature, role_members, "signer", "ts");
	w4_document_lct(doc, "society", a->society);
	w4_document_lct(doc, "holder", a->holder);
	a->role = w4_document_text(doc, "role", NAMEDATALEN - 1);
	a->primary = read_bool(doc, "primary");
	action = w4_document_text(doc, "action", 16);
	a->withdraw = strcmp(action, "withdraw") == 0;
	if (!a->withdraw && strcmp(action, "assign") != 0)
		w4_document_refuse(doc, "action", "must be assign or withdraw");
	if (!w4_role_name_ok(w4_slice_cstr(a->role)))
		w4_document_refuse(doc, "role", "must match [a-z][a-z0-9_]{0,62}");
}

/* Only the society itself or its sovereign makes or unmakes a sovereign. */
static void
authorize_assignment(Assignment *a)
{
	W4Entity	society;

	w4_society_require(a->society);
	w4_act_authenticate(&a->act);
	w4_entity_require_active(a->society, &society);
	w4_require_governor(a->society, a->act.signer,
						strcmp(a->role, "sovereign") == 0 ? w4_sovereign_only : w4_governors, "assign this role");
	if (strcmp(a->role, "citizen") == 0)
		refuse_role(a->role, "cannot be assigned", "It is citizenship: use web4_citizenship().");
}

static void
assign_role(const Assignment *a, TimestampTz now)
{
	static W4Plan demote = W4_PLAN("UPDATE web4.role_holder SET is_primary = false WHERE society OPERATOR(@x@.=) $1 "
								   "AND role OPERATOR(pg_catalog.=) $2 AND is_primary AND holder OPERATOR(@x@.<>) $3",
								   "lct, text, lct");
	static W4Plan add = W4_PLAN("INSERT INTO web4.role_holder AS r (society, role, holder, is_primary, since, assigned_by) "
								"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (society, role, holder) DO UPDATE "
								"SET is_primary = excluded.is_primary, since = excluded.since, assigned_by = excluded.assigned_by "
								"WHERE r.is_primary OPERATOR(pg_catalog.<>) excluded.is_primary",
								"lct, text, lct, bool, timestamptz, lct");
	Datum		values[6] = {W4LctGetDatum(a->society), CStringGetTextDatum(a->role), W4LctGetDatum(a->holder),
	BoolGetDatum(a->primary), TimestampTzGetDatum(now), W4LctGetDatum(a->act.signer)};
	W4Entity	holder;

	w4_entity_require_active(a->holder, &holder);
	if (!w4_is_citizen(a->society, a->holder))
		refuse_role(a->role, "can be held by active citizens only", "Admit the holder with web4_citizenship().");
	if (a->primary)
		(void) w4_write(&demote, values, NULL);
	if (w4_write(&add, values, NULL) == 0)
		refuse_role(a->role, "is held so already", "Nothing needs to be done.");
}

/* The longest-serving holder becomes primary when the primary one leaves. */
static void
withdraw_role(const Assignment *a)
{
	static W4Plan count = W4_PLAN("SELECT pg_catalog.count(*) FROM web4.role_holder WHERE society OPERATOR(@x@.=) $1 "
								  "AND role OPERATOR(pg_catalog.=) $2", "lct, text");
	static W4Plan drop = W4_PLAN("DELETE FROM web4.role_holder WHERE society OPERATOR(@x@.=) $1 "
								 "AND role OPERATOR(pg_catalog.=) $2 AND holder OPERATOR(@x@.=) $3", "lct, text, lct");
	static W4Plan promote = W4_PLAN("UPDATE web4.role_holder SET is_primary = true WHERE society OPERATOR(@x@.=) $1 "
									"AND role OPERATOR(pg_catalog.=) $2 AND holder OPERATOR(@x@.=) ("
									"SELECT h.holder FROM web4.role_holder h WHERE h.society OPERATOR(@x@.=) $1 "
									"AND h.role OPERATOR(pg_catalog.=) $2 ORDER BY h.since, h.holder LIMIT 1) "
									"AND NOT EXISTS (SELECT 1 FROM web4.role_holder p WHERE p.society OPERATOR(@x@.=) $1 "
									"AND p.role OPERATOR(pg_catalog.=) $2 AND p.is_primary)", "lct, text");
	Datum		values[3] = {W4LctGetDatum(a->society), CStringGetTextDatum(a->role), W4LctGetDatum(a->holder)};
	bool		isnull;

	if (w4_write(&drop, values, NULL) == 0)
		refuse_role(a->role, "is not held by this identity", "See web4_roles().");
	(void) w4_read(&count, values, NULL, 0);
	if (is_base_role(a->role) && DatumGetInt64(w4_value(0, 1, &isnull)) == 0)
		refuse_role(a->role, "must not be left without a holder", "Assign it to somebody else first.");
	(void) w4_write(&promote, values, NULL);
}

static void
record_assignment(const Assignment *a, W4Evidence *leaf)
{
	uint8_t		data[768];
	W4Writer	w = w4_writer(data, sizeof(data));
	bool		first = true;

	w4_put_cstr(&w, "{");
	w4_data_text(&w, &first, "action", a->withdraw ? "withdraw" : "assign");
	w4c_member_lct(&w, &first, "holder", a->holder);
	w4_data_text(&w, &first, "role", a->role);
	w4c_member_lct(&w, &first, "society", a->society);
	w4_data_society_state(&w, &first, a->society);
	w4_data_append(leaf, "role", a->society, &w);
}

Datum
web4_assign_role(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	Assignment	a = {0};
	W4Evidence	leaf;

	w4_require_live("web4_assign_role()");
	read_assignment(&a, PG_GETARG_TEXT_PP(0), W4_ARG_SLICE(1));
	SPI_connect();
	(void) w4_society_lock(a.society);
	w4_push_latest_snapshot();
	authorize_assignment(&a);
	leaf = w4_act_leaf(&a.act);
	if (a.withdraw)
		withdraw_role(&a);
	else
		assign_role(&a, leaf.at);
	w4_pop_snapshot();
	record_assignment(&a, &leaf);
	SPI_finish();
	PG_RETURN_VOID();
}

/* --- citizenship --- */

static const char *const citizenship_members[] = {
	"entity", "nonce", "signer", "society", "status", "ts", "v", NULL
};

typedef enum Civic
{
	CIVIC_NONE,
	CIVIC_APPLIED,
	CIVIC_PROVISIONAL,
	CIVIC_ACTIVE,
	CIVIC_SUSPENDED,
	CIVIC_TERMINATED
} Civic;

static const char *const civic_names[] = {"not a citizen", "applied", "provisional", "active", "suspended", "terminated"};

static const bool civic_allowed[6][6] = {
	[CIVIC_NONE] = {[CIVIC_APPLIED] = true, [CIVIC_PROVISIONAL] = true, [CIVIC_ACTIVE] = true},
	[CIVIC_APPLIED] = {[CIVIC_PROVISIONAL] = true, [CIVIC_ACTIVE] = true},
	[CIVIC_PROVISIONAL] = {[CIVIC_ACTIVE] = true, [CIVIC_TERMINATED] = true},
	[CIVIC_ACTIVE] = {[CIVIC_SUSPENDED] = true, [CIVIC_TERMINATED] = true},
	[CIVIC_SUSPENDED] = {[CIVIC_ACTIVE] = true, [CIVIC_TERMINATED] = true},
};

typedef struct Admission
{
	W4Act		act;
	uint8_t		society[32];
	uint8_t		entity[32];
	Civic		to;
} Admission;

static Civic
civic_parse(const char *name)
{
	for (int i = CIVIC_APPLIED; i < lengthof(civic_names); i++)
	{
		if (strcmp(civic_names[i], name) == 0)
			return (Civic) i;
	}
	return CIVIC_NONE;
}

static void
read_admission(Admission *a, const text *txt, W4Slice signature)
{
	W4Document *doc = &a->act.doc;

	w4_act_read(&a->act, "citizenship document", W4_DOMAIN_CITIZENSHIP, txt, signature, citizenship_members, "signer", "ts");
	w4_document_lct(doc, "society", a->society);
	w4_document_lct(doc, "entity", a->entity);
	a->to = civic_parse(w4_document_text(doc, "status", 16));
	if (a->to == CIVIC_NONE)
		w4_document_refuse(doc, "status", "must be applied, provisional, active, suspended or terminated");
}

/* Anybody may apply and leave; everything else is up to the society. */
static void
authorize_admission(Admission *a)
{
	W4Entity	entity;
	W4Entity	society;

	w4_society_require(a->society);
	w4_act_authenticate(&a->act);
	w4_entity_require_active(a->society, &society);
	if (!w4_lct_equal(a->act.signer, a->entity) || (a->to != CIVIC_APPLIED && a->to != CIVIC_TERMINATED))
		w4_require_governor(a->society, a->act.signer, w4_governors_of(a->society, a->entity), "decide on citizenship");
	if (w4_lct_equal(a->entity, a->society))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_TRANSITION)),
				 errmsg("a society is always a citizen of itself"),
				 w4_errdetail(W4_ERRCODE(BAD_TRANSITION), "Entity and society are %s.", w4_lct_cstring(a->society))));
	if (a->to == CIVIC_APPLIED || a->to == CIVIC_PROVISIONAL || a->to == CIVIC_ACTIVE)
		w4_entity_require_active(a->entity, &entity);
}

/* Lock the row, or the lack of one by the society's row, and read the status. */
static Civic
current_status(const Admission *a)
{
	static W4Plan read = W4_PLAN("SELECT status FROM web4.citizenship WHERE society OPERATOR(@x@.=) $1 "
								 "AND entity OPERATOR(@x@.=) $2 FOR UPDATE", "lct, lct");
	Datum		values[2] = {W4LctGetDatum(a->society), W4LctGetDatum(a->entity)};
	bool		isnull;

	if (w4_read(&read, values, NULL, 0) == 0)
		return CIVIC_NONE;
	return civic_parse(TextDatumGetCString(w4_value(0, 1, &isnull)));
}

static void
write_status(const Admission *a, TimestampTz now)
{
	static W4Plan write = W4_PLAN("INSERT INTO web4.citizenship (society, entity, status, since) VALUES ($1, $2, $3, $4) "
								  "ON CONFLICT (society, entity) DO UPDATE SET status = excluded.status, since = excluded.since",
								  "lct, lct, text, timestamptz");
	Datum		values[4] = {W4LctGetDatum(a->society), W4LctGetDatum(a->entity),
	CStringGetTextDatum(civic_names[a->to]), TimestampTzGetDatum(now)};

	(void) w4_write(&write, values, NULL);
}

static void
record_admission(const Admission *a, W4Evidence *leaf)
{
	uint8_t		data[512];
	W4Writer	w = w4_writer(data, sizeof(data));
	bool		first = true;

	w4_put_cstr(&w, "{");
	w4c_member_lct(&w, &first, "entity", a->entity);
	w4_data_text(&w, &first, "status", civic_names[a->to]);
	w4_data_append(leaf, "citizenship", a->society, &w);
}

Datum
web4_citizenship(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	Admission	a = {0};
	W4Evidence	leaf;
	Civic		from;

	w4_require_live("web4_citizenship()");
	read_admission(&a, PG_GETARG_TEXT_PP(0), W4_ARG_SLICE(1));
	SPI_connect();
	(void) w4_society_lock(a.society);
	w4_push_latest_snapshot();
	authorize_admission(&a);
	from = current_status(&a);
	if (!civic_allowed[from][a.to])
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_TRANSITION)),
				 errmsg("citizenship cannot become %s", civic_names[a.to]),
				 w4_errdetail(W4_ERRCODE(BAD_TRANSITION), "It is: %s.", civic_names[from])));
	leaf = w4_act_leaf(&a.act);
	write_status(&a, leaf.at);
	w4_pop_snapshot();
	record_admission(&a, &leaf);
	w4_push_latest_snapshot();
	w4_society_grow(a.society);
	w4_pop_snapshot();
	SPI_finish();
	PG_RETURN_VOID();
}
