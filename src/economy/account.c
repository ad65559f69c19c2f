/*-------------------------------------------------------------------------
 *
 * account.c
 *		What an entity may spend in a society.
 *
 * A balance is judged and changed under the lock of its row: two spenders of
 * the same money cannot both find it there, at any isolation level.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/ledger.h"

#include "host/errors.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "host/write.h"
#include "types/atp_type.h"
#include "types/lct_type.h"

PG_FUNCTION_INFO_V1(web4_balance);
PG_FUNCTION_INFO_V1(web4_energy_ratio);

enum
{
	Anum_account_society = 1,
	Anum_account_entity,
	Anum_account_available,
	Anum_account_locked,
	Anum_account_discharged,
	Anum_account_frozen,
	Natts_account = Anum_account_frozen
};

static W4Table account_table = W4_TABLE("account", Natts_account);
static W4Index account_pkey = W4_INDEX("account", "account_pkey");

static int64
column(W4Scan *scan, AttrNumber attno)
{
	bool		isnull;

	return DatumGetInt64(w4_scan_attr(scan, attno, &isnull));
}

bool
w4_account_get(const uint8_t society[32], const uint8_t entity[32], W4Account *out)
{
	W4Scan		scan;
	Datum		keys[2] = {W4LctGetDatum(society), W4LctGetDatum(entity)};
	bool		found = w4_scan_open(&scan, &account_pkey, 2, keys);

	memset(out, 0, sizeof(*out));
	if (found)
	{
		bool		isnull;

		out->available = column(&scan, Anum_account_available);
		out->locked = column(&scan, Anum_account_locked);
		out->discharged = column(&scan, Anum_account_discharged);
		out->frozen = DatumGetBool(w4_scan_attr(&scan, Anum_account_frozen, &isnull));
	}
	w4_scan_close(&scan);
	return found;
}

/*
 * Room "authority" is above us, so what the entity's grants hold is asked in SQL,
 * after its account was locked: nothing goes into a grant or back without that.
 */
int64
w4_account_room(const uint8_t society[32], const uint8_t entity[32], const W4Account *account, int64 max_balance)
{
	static W4Plan granted = W4_PLAN("SELECT coalesce(sum(escrow), 0)::bigint FROM web4.grant_state "
									"WHERE society OPERATOR(@x@.=) $1 AND funder OPERATOR(@x@.=) $2 AND NOT closed AND budget > 0",
									"lct,lct");
	bool		isnull;

	if (max_balance == 0)
		return PG_INT64_MAX;
	w4_read(&granted, (Datum[]) {W4LctGetDatum(society), W4LctGetDatum(entity)}, NULL, 1);
	return w4_room(max_balance, account->available + account->locked + DatumGetInt64(w4_value(0, 1, &isnull)));
}

int64
w4_account_available(const uint8_t society[32], const uint8_t entity[32])
{
	W4Account	account;

	(void) w4_account_get(society, entity, &account);
	return account.available;
}

static int64
returned(int col)
{
	bool		isnull;

	return DatumGetInt64(w4_value(0, col, &isnull));
}

/* Add to a column of a locked row. */
static void
add(Datum *values, AttrNumber attno, int64 amount)
{
	values[attno - 1] = Int64GetDatum(DatumGetInt64(values[attno - 1]) + amount);
}

typedef struct Take
{
	int64		need;
	int64		net;
	int64		discharged;
	int64		available;		/* afterwards */
} Take;

/*
 * Supply never exceeds 2^62 micro-ATP (mint.c), so neither taking nor giving
 * back can overflow.
 */
static bool
take(void *arg, Datum *values, bool *nulls)
{
	Take	   *t = arg;

	if (DatumGetInt64(values[Anum_account_available - 1]) < t->need ||
		DatumGetBool(values[Anum_account_frozen - 1]))
		return false;
	add(values, Anum_account_available, -t->net);
	add(values, Anum_account_discharged, t->discharged);
	t->available = DatumGetInt64(values[Anum_account_available - 1]);
	return true;
}

bool
w4_account_take(const uint8_t society[32], const uint8_t entity[32], int64 need, int64 net,
				int64 discharged, int64 *available_after)
{
	Datum		keys[2] = {W4LctGetDatum(society), W4LctGetDatum(entity)};
	Take		t = {.need = need, .net = net, .discharged = discharged};

	if (!w4_update(&account_table, &account_pkey, 2, keys, take, &t))
		return false;
	if (available_after != NULL)
		*available_after = t.available;
	return true;
}

bool
w4_account_debit(const uint8_t society[32], const uint8_t entity[32], int64 amount,
				 bool discharged, int64 *available_after)
{
	return w4_account_take(society, entity, amount, amount, discharged ? amount : 0, available_after);
}

void
w4_account_refuse(const uint8_t society[32], const uint8_t entity[32], int64 need)
{
	W4Account	account;
	bool		found;

	w4_push_latest_snapshot();
	found = w4_account_get(society, entity, &account);
	w4_pop_snapshot();
	if (!found || account.frozen)
		ereport(ERROR,
				(errcode(W4_ERRCODE(UNKNOWN_ACCOUNT)),
				 errmsg(found ? "account is frozen" : "no such account"),
				 w4_errdetail(W4_ERRCODE(UNKNOWN_ACCOUNT), "Of %s in society %s.",
							  w4_lct_cstring(entity), w4_lct_cstring(society)),
				 found ? errhint("An operator unfreezes it with web4_freeze_account(..., false, ...).") :
				 errhint("An account opens with its first ATP.")));
	ereport(ERROR,
			(errcode(W4_ERRCODE(INSUFFICIENT_ATP)),
			 errmsg("not enough ATP"),
			 w4_errdetail(W4_ERRCODE(INSUFFICIENT_ATP), "%s needs %s ATP and has %s available.",
						  w4_lct_cstring(entity), w4_atp_cstring(need), w4_atp_cstring(account.available))));
}

void
w4_account_open(const uint8_t society[32], const uint8_t entity[32])
{
	static W4Plan open_account = W4_PLAN("INSERT INTO web4.account (society, entity) VALUES ($1, $2) "
										 "ON CONFLICT DO NOTHING", "lct,lct");

	w4_write(&open_account, (Datum[]) {W4LctGetDatum(society), W4LctGetDatum(entity)}, NULL);
}

void
w4_account_lock(const uint8_t society[32], const uint8_t entity[32], W4Account *out)
{
	static W4Plan lock = W4_PLAN("SELECT available, locked, discharged, frozen FROM web4.account "
								 "WHERE society OPERATOR(@x@.=) $1 AND entity OPERATOR(@x@.=) $2 "
								 "FOR NO KEY UPDATE", "lct,lct");
	Datum		values[2] = {W4LctGetDatum(society), W4LctGetDatum(entity)};
	bool		isnull;

	if (w4_read(&lock, values, NULL, 1) == 0)
	{
		w4_account_open(society, entity);
		if (w4_read(&lock, values, NULL, 1) == 0)
			w4_raise_concurrent("a concurrently opened account");
	}
	out->available = returned(1);
	out->locked = returned(2);
	out->discharged = returned(3);
	out->frozen = DatumGetBool(w4_value(0, 4, &isnull));
}

static bool
give(void *arg, Datum *values, bool *nulls)
{
	add(values, Anum_account_available, *(const int64 *) arg);
	return true;
}

/* The account exists nearly always: try the plain update first. */
void
w4_account_credit(const uint8_t society[32], const uint8_t entity[32], int64 amount)
{
	static W4Plan upsert = W4_PLAN("INSERT INTO web4.account (society, entity, available) VALUES ($1, $2, $3) "
								   "ON CONFLICT (society, entity) DO UPDATE "
								   "SET available = account.available + excluded.available", "lct,lct,int8");
	Datum		values[3] = {W4LctGetDatum(society), W4LctGetDatum(entity), Int64GetDatum(amount)};

	if (!w4_update(&account_table, &account_pkey, 2, values, give, &amount))
		w4_write(&upsert, values, NULL);
}

/* --- reading --- */

/* total / (total + adp), one half when both are zero; in units of 1e-9. */
static Datum
energy_ratio(int64 total, int64 adp)
{
	int64_t		sum;
	int64_t		ratio = 500000000;

	if (total < 0 || adp < 0 || !w4_add_i64(total, adp, &sum))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_AMOUNT)),
				 errmsg("amounts of an energy ratio must not be negative"),
				 w4_errdetail(W4_ERRCODE(BAD_AMOUNT), "They are %s and %s.",
							  w4_atp_cstring(total), w4_atp_cstring(adp))));
	if (sum > 0)
		(void) w4_muldiv_i64(total, INT64CONST(1000000000), sum, false, &ratio);
	return w4_fixed_numeric(ratio, 9);
}

/* web4_energy_ratio(total atp, adp atp) */
Datum
web4_energy_ratio(PG_FUNCTION_ARGS)
{
	return energy_ratio(PG_GETARG_ATP(0), PG_GETARG_ATP(1));
}

/* web4_balance(society lct, entity lct): null without an account. */
Datum
web4_balance(PG_FUNCTION_ARGS)
{
	W4Account	account;
	Datum		values[6];
	bool		nulls[6] = {false};

	if (!w4_account_get(PG_GETARG_W4LCT(0), PG_GETARG_W4LCT(1), &account))
		PG_RETURN_NULL();
	values[0] = AtpGetDatum(account.available);
	values[1] = AtpGetDatum(account.locked);
	values[2] = AtpGetDatum(account.available + account.locked);
	values[3] = AtpGetDatum(account.discharged);
	values[4] = energy_ratio(account.available + account.locked, account.discharged);
	values[5] = BoolGetDatum(account.frozen);
	return w4_result_row(fcinfo, values, nulls);
}
