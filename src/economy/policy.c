/*-------------------------------------------------------------------------
 *
 * policy.c
 *		A society's economic policy: fees and limits.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/ledger.h"

#include "economy/app_role.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/identity.h"
#include "types/atp_type.h"

PG_FUNCTION_INFO_V1(web4_economy_policy_set);

static W4Index policy_pkey = W4_INDEX("economy_policy", "economy_policy_pkey");

enum
{
	Anum_policy_society = 1,
	Anum_policy_fee_ppb,
	Anum_policy_fee_bearer,
	Anum_policy_max_balance,
	Anum_policy_overflow,
	Anum_policy_max_mint
};

bool
w4_fee_bearer(const char *name, W4FeeBearer *bearer)
{
	if (strcmp(name, "sender") == 0)
		*bearer = W4_BEARER_SENDER;
	else if (strcmp(name, "receiver") == 0)
		*bearer = W4_BEARER_RECEIVER;
	else if (strcmp(name, "split") == 0)
		*bearer = W4_BEARER_SPLIT;
	else
		return false;
	return true;
}

/* Null stands for 0. */
static int64
number(W4Scan *scan, AttrNumber attno)
{
	bool		isnull;
	Datum		value = w4_scan_attr(scan, attno, &isnull);

	return isnull ? 0 : DatumGetInt64(value);
}

static char *
word(W4Scan *scan, AttrNumber attno)
{
	bool		isnull;

	return TextDatumGetCString(w4_scan_attr(scan, attno, &isnull));
}

void
w4_economy_policy(const uint8_t society[32], W4EconomyPolicy *policy)
{
	W4Scan		scan;
	Datum		key = W4LctGetDatum(society);

	memset(policy, 0, sizeof(*policy));
	if (w4_scan_open(&scan, &policy_pkey, 1, &key))
	{
		char	   *bearer = word(&scan, Anum_policy_fee_bearer);
		char	   *overflow = word(&scan, Anum_policy_overflow);

		policy->fee_ppb = number(&scan, Anum_policy_fee_ppb);
		if (!w4_fee_bearer(bearer, &policy->bearer))
			elog(ERROR, "unknown fee bearer \"%s\"", bearer);
		policy->max_balance = number(&scan, Anum_policy_max_balance);
		policy->return_overflow = strcmp(overflow, "return") == 0;
		policy->max_mint = number(&scan, Anum_policy_max_mint);
		pfree(bearer);
		pfree(overflow);
	}
	w4_scan_close(&scan);
	if (policy->max_mint == 0)
		policy->max_mint = W4_ATP_MAX_AMOUNT;
}

void
w4_economy_set_policy(const uint8_t society[32], int64 fee_ppb, const char *fee_bearer,
					  int64 max_balance, const char *overflow, int64 max_mint)
{
	static W4Plan upsert = W4_PLAN("INSERT INTO web4.economy_policy AS p (society, fee_ppb, fee_bearer, max_balance, "
								   "overflow, max_mint) VALUES ($1, $2, $3, nullif($4, 0), $5, nullif($6, 0)) "
								   "ON CONFLICT (society) DO UPDATE SET fee_ppb = excluded.fee_ppb, "
								   "fee_bearer = excluded.fee_bearer, max_balance = excluded.max_balance, "
								   "overflow = excluded.overflow, max_mint = excluded.max_mint",
								   "lct,int8,text,int8,text,int8");

	w4_write(&upsert, (Datum[]) {W4LctGetDatum(society), Int64GetDatum(fee_ppb), CStringGetTextDatum(fee_bearer),
			 Int64GetDatum(max_balance), CStringGetTextDatum(overflow), Int64GetDatum(max_mint)}, NULL);
}

/* web4.economy_policy_set(society lct, fee_ppb bigint, fee_bearer text, max_balance atp, overflow text, max_mint atp) */
Datum
web4_economy_policy_set(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	const uint8_t *society = PG_GETARG_W4LCT(0);
	W4LedgerAct		act = {.type = "policy", .society = society, .actor = society, .vouched_by = w4_outer_role_name()};

	w4_require_live("web4.economy_policy_set()");
	w4_society_require(society);
	act.note = psprintf("fee_ppb %lld, fee_bearer %s, max_balance %lld, overflow %s, max_mint %lld",
						(long long) PG_GETARG_INT64(1), text_to_cstring(PG_GETARG_TEXT_PP(2)),
						(long long) PG_GETARG_ATP(3), text_to_cstring(PG_GETARG_TEXT_PP(4)),
						(long long) PG_GETARG_ATP(5));
	SPI_connect();
	w4_economy_set_policy(society, PG_GETARG_INT64(1), text_to_cstring(PG_GETARG_TEXT_PP(2)), PG_GETARG_ATP(3),
						  text_to_cstring(PG_GETARG_TEXT_PP(4)), PG_GETARG_ATP(5));
	(void) w4_ledger_record(&act);
	SPI_finish();
	PG_RETURN_VOID();
}
