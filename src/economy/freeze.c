/*-------------------------------------------------------------------------
 *
 * freeze.c
 *		Stopping an account: it receives, but spends nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/ledger.h"

#include "economy/app_role.h"
#include "fmgr.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "types/lct_type.h"

PG_FUNCTION_INFO_V1(web4_freeze_account);

/* web4_freeze_account(society lct, entity lct, freeze boolean, reason text): did it change? */
Datum
web4_freeze_account(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	static W4Plan update = W4_PLAN("UPDATE web4.account SET frozen = $3 WHERE society OPERATOR(@x@.=) $1 "
								   "AND entity OPERATOR(@x@.=) $2 AND frozen <> $3", "lct,lct,bool");
	const uint8_t *society = PG_GETARG_W4LCT(0);
	const uint8_t *entity = PG_GETARG_W4LCT(1);
	bool		freeze = PG_GETARG_BOOL(2);
	W4LedgerAct		act = {.type = freeze ? "freeze" : "unfreeze", .society = society, .actor = society,
		.to = {.lct = entity}, .ref = W4_ARG_SLICE(3), .vouched_by = w4_outer_role_name()};
	W4Account	account;
	bool		changed;

	w4_require_live("web4_freeze_account()");
	w4_require_ref(act.ref);
	w4_push_latest_snapshot();
	if (!w4_account_get(society, entity, &account))
		w4_account_refuse(society, entity, 0);
	w4_pop_snapshot();

	SPI_connect();
	changed = w4_write(&update, (Datum[]) {W4LctGetDatum(society), W4LctGetDatum(entity), BoolGetDatum(freeze)}, NULL) > 0;
	if (changed)
		(void) w4_ledger_record(&act);
	SPI_finish();
	PG_RETURN_BOOL(changed);
}
