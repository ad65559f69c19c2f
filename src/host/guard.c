/*-------------------------------------------------------------------------
 *
 * guard.c
 *		The trigger that keeps direct writes out, and the instance's state.
 *
 *-------------------------------------------------------------------------
 */
#include "host/guard.h"

#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "host/errors.h"
#include "host/names.h"
#include "host/plan.h"
#include "host/scan.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(web4_guard);

static W4Index instance_pkey = W4_INDEX("instance", "instance_pkey");

enum
{
	Anum_instance_one = 1,
	Anum_instance_live
};

bool
w4_instance_live(void)
{
	static uint64 live_epoch = 0;	/* being live is for good, so remember it */
	W4Scan		scan;
	Datum		key = BoolGetDatum(true);
	bool		live = false;

	if (live_epoch == w4_epoch())
		return true;
	w4_push_latest_snapshot();
	if (w4_scan_open(&scan, &instance_pkey, 1, &key))
	{
		bool		isnull;

		live = DatumGetBool(w4_scan_attr(&scan, Anum_instance_live, &isnull));
		/* What this transaction wrote may yet be rolled back. */
		if (live && !TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(scan.tuple->t_data)))
			live_epoch = w4_epoch();
	}
	w4_scan_close(&scan);
	w4_pop_snapshot();
	return live;
}

/*
 * ANALYZE, REINDEX, REFRESH and their like run functions of a table's owner
 * with the owner's rights, but in the session of whoever maintains the table,
 * often a superuser.  Who speaks for whom is judged by that session, so nothing
 * that is smuggled in there may act.
 */
static void
refuse_maintenance(const char *what)
{
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot execute %s within security-restricted operation", what),
				 errhint("Call it in a statement of its own, not from what ANALYZE, REINDEX or REFRESH run.")));
}

void
w4_require_live(const char *what)
{
	PreventCommandIfReadOnly(what);
	PreventCommandDuringRecovery(what);
	PreventCommandIfParallelMode(what);
	refuse_maintenance(what);
	if (!w4_instance_live())
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_LIVE)),
				 errmsg("cannot execute %s before this database is live", what),
				 w4_errdetail(W4_ERRCODE(NOT_LIVE), "The extension is freshly created or was restored from a dump.")));
}

void
w4_instance_go_live(void)
{
	static W4Plan go_live = W4_PLAN("UPDATE web4.instance SET live = true, live_since = pg_catalog.clock_timestamp() WHERE one", "");

	w4_write(&go_live, NULL, NULL);
}

static void
refuse(TriggerData *trigdata, int sqlstate, const char *why)
{
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("table \"web4.%s\" %s", RelationGetRelationName(trigdata->tg_relation), why),
			 w4_errdetail(sqlstate, "%s was refused.",
						  TRIGGER_FIRED_BY_INSERT(trigdata->tg_event) ? "INSERT" :
						  TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event) ? "UPDATE" :
						  TRIGGER_FIRED_BY_DELETE(trigdata->tg_event) ? "DELETE" : "TRUNCATE")));
}

static bool
keeps(const Trigger *trigger, const char *what)
{
	return strcmp(trigger->tgargs[1], what) == 0;
}

/* Others keep what they looked up in this table: tell them, at commit, of what they cannot know. */
static void
tell(TriggerData *trigdata)
{
	if (!keeps(trigdata->tg_trigger, "nothing") &&
		!(keeps(trigdata->tg_trigger, "rows") && TRIGGER_FIRED_BY_INSERT(trigdata->tg_event)))
		CacheInvalidateRelcache(trigdata->tg_relation);
}

/* "absence" names an index. */
static bool
arguments_ok(const Trigger *trigger)
{
	return trigger->tgnargs >= 2 && trigger->tgnargs == (keeps(trigger, "absence") ? 3 : 2);
}

/*
 * BEFORE trigger on every table.  First argument: "append" (rows never change),
 * "state" (web4 functions may change rows) or "work" (they may delete, too).
 * Second: what backends keep of its rows, "nothing", "rows", "all", or "absence"
 * from the index that is the third (kept.h).
 */
Datum
web4_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = (TriggerData *) fcinfo->context;
	char		mode;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigdata->tg_event) ||
		!arguments_ok(trigdata->tg_trigger))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("web4.guard() is the trigger of web4's own tables")));
	mode = trigdata->tg_trigger->tgargs[0][0];

	if (TRIGGER_FIRED_BY_TRUNCATE(trigdata->tg_event))
		refuse(trigdata, W4_ERRCODE(APPEND_ONLY), "cannot be truncated");
	if (TRIGGER_FIRED_BY_INSERT(trigdata->tg_event))
	{
		/* Our own scripts may, too: an upgrade adds rows of its own. */
		if (!w4_write_armed() && !creating_extension && w4_instance_live())
			refuse(trigdata, W4_ERRCODE(DIRECT_WRITE), "is written by web4 functions only");
		tell(trigdata);
		return PointerGetDatum(trigdata->tg_trigtuple);
	}
	if (mode == 'a')
		refuse(trigdata, W4_ERRCODE(APPEND_ONLY), "is append-only");
	if (TRIGGER_FIRED_BY_DELETE(trigdata->tg_event) && mode != 'w')
		refuse(trigdata, W4_ERRCODE(APPEND_ONLY), "never loses rows");
	if (!w4_write_armed())
		refuse(trigdata, W4_ERRCODE(DIRECT_WRITE), "is written by web4 functions only");
	tell(trigdata);
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event) ?
						   trigdata->tg_newtuple : trigdata->tg_trigtuple);
}

static bool
is_guard(const Trigger *trigger)
{
	FmgrInfo	function;

	fmgr_info(trigger->tgfoid, &function);
	return function.fn_addr == web4_guard && arguments_ok(trigger);
}

static W4Keep
allowed_by(const Trigger *trigger, const char *index)
{
	if (keeps(trigger, "all"))
		return W4_KEEP_ALL;
	if (keeps(trigger, "rows"))
		return W4_KEEP_ROWS;
	if (keeps(trigger, "absence") && strcmp(trigger->tgargs[2], index) == 0)
		return W4_KEEP_ABSENCE;
	return W4_KEEP_NOTHING;
}

W4Keep
w4_guard_keeps(const TriggerDesc *triggers, const char *index)
{
	W4Keep		keep = W4_KEEP_NOTHING;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *t = &triggers->triggers[i];

		if (TRIGGER_FOR_ROW(t->tgtype) && t->tgenabled == TRIGGER_FIRES_ALWAYS && is_guard(t))
			keep |= allowed_by(t, index);
	}
	return keep;
}

bool
w4_only_guarded(const TriggerDesc *triggers)
{
	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		if (!is_guard(&triggers->triggers[i]) || !keeps(&triggers->triggers[i], "nothing"))
			return false;
	}
	return true;
}
