/*-------------------------------------------------------------------------
 *
 * transfer.c
 *		ATP from one entity to another.
 *
 * Without a balance limit nothing is read before it is written: the sender's
 * guarded UPDATE decides.  With a limit both accounts are locked first, in the
 * same order, because what fits depends on what the receiver has.
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
#include "types/atp_type.h"
#include "types/lct_type.h"

PG_FUNCTION_INFO_V1(web4_transfer);

static void
refuse_full(const W4Transfer *t, const W4EconomyPolicy *policy)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(ECONOMY_LAW)),
			 errmsg("receiver would exceed the balance limit"),
			 w4_errdetail(W4_ERRCODE(ECONOMY_LAW), "%s may take %s of %s ATP; the society's limit, which counts what is locked and granted, is %s.",
						  w4_lct_cstring(t->receiver), w4_atp_cstring(t->fees.credited),
						  w4_atp_cstring(t->fees.due), w4_atp_cstring(policy->max_balance))));
}

static void
refuse_unpayable(const W4Transfer *t)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_AMOUNT)),
			 errmsg("amount does not exceed the fee that the receiver bears"),
			 w4_errdetail(W4_ERRCODE(BAD_AMOUNT), "The amount is %s, the fee %s.",
						  w4_atp_cstring(t->amount), w4_atp_cstring(t->fees.fee)),
			 errhint("Send more than the fee.")));
}

/* Lock sender and receiver, in ascending order; returns the receiver's room. */
static int64
lock_both(const W4Transfer *t, int64 max_balance)
{
	W4Account	sender;
	W4Account	receiver;

	if (memcmp(t->sender, t->receiver, 32) < 0)
	{
		w4_account_lock(t->society, t->sender, &sender);
		w4_account_lock(t->society, t->receiver, &receiver);
	}
	else
	{
		w4_account_lock(t->society, t->receiver, &receiver);
		w4_account_lock(t->society, t->sender, &sender);
	}
	return w4_account_room(t->society, t->receiver, &receiver, max_balance);
}

/* Fill in t->fees; ERROR when the law does not allow the transfer. */
static void
work_out(W4Transfer *t, const W4EconomyPolicy *policy)
{
	int64		room = policy->max_balance == 0 ? PG_INT64_MAX : lock_both(t, policy->max_balance);

	/* amounts are at most 2^52 and rates at most a half, so nothing overflows */
	if (!w4_fees(t->amount, policy->fee_ppb, policy->bearer, room, &t->fees))
		elog(ERROR, "fee arithmetic overflowed");
	if (t->fees.due <= 0)
		refuse_unpayable(t);
	if (t->fees.overflow > 0 && !policy->return_overflow)
		refuse_full(t, policy);
}

static void
record(W4Transfer *t)
{
	W4LedgerAct		act = {
		.type = "transfer", .society = t->society, .actor = t->sender,
		.from = {.lct = t->sender}, .to = {.lct = t->receiver},
		.amount = t->amount, .credited = t->fees.credited, .fee = t->fees.fee, .overflow = t->fees.overflow,
		.ref = t->ref, .vouched_by = t->vouched_by,
		.nonce = t->nonce, .document = t->document, .signature = t->signature
	};

	t->evidence = w4_ledger_record(&act);
}

static void
debit(W4Transfer *t)
{
	if (!w4_account_take(t->society, t->sender, t->fees.need, t->fees.need - t->fees.overflow, 0, &t->available))
		w4_account_refuse(t->society, t->sender, t->fees.need);
}

static void
credit(const W4Transfer *t)
{
	if (t->fees.credited > 0)
		w4_account_credit(t->society, t->receiver, t->fees.credited);
}

static void
change_balances(W4Transfer *t)
{
	if (memcmp(t->sender, t->receiver, 32) < 0)
	{
		debit(t);
		credit(t);
	}
	else
	{
		credit(t);
		debit(t);
	}
}

static void
post(const W4Transfer *t)
{
	W4Posting	posting = {.society = t->society, .debit = W4_PLACE_AVAILABLE, .debit_holder = t->sender,
	.evidence = t->evidence};

	if (t->fees.credited > 0)
	{
		posting.kind = "transfer";
		posting.credit = W4_PLACE_AVAILABLE;
		posting.credit_holder = t->receiver;
		posting.amount = t->fees.credited;
		w4_journal_post(&posting);
	}
	if (t->fees.fee > 0)
	{
		posting.kind = "fee";
		posting.credit = W4_PLACE_POOL_ATP;
		posting.credit_holder = NULL;
		posting.amount = t->fees.fee;
		w4_journal_post(&posting);
	}
}

void
w4_transfer(W4Transfer *t, const W4EconomyPolicy *policy)
{
	work_out(t, policy);
	record(t);
	post(t);
	/* last, so that the accounts' rows are locked as short as can be */
	change_balances(t);
}

Datum
w4_movement(FunctionCallInfo fcinfo, int64 evidence, const W4Fees *fees, const int64 *available)
{
	Datum		values[5];
	bool		nulls[5] = {false};

	values[0] = AtpGetDatum(fees->fee);
	values[1] = AtpGetDatum(fees->credited);
	values[2] = AtpGetDatum(fees->overflow);
	values[3] = available != NULL ? AtpGetDatum(*available) : (Datum) 0;
	nulls[3] = available == NULL;
	values[4] = Int64GetDatum(evidence);
	return w4_result_row(fcinfo, values, nulls);
}

void
w4_require_transfer(const uint8_t society[32], const uint8_t sender[32], const uint8_t receiver[32], int64 amount)
{
	w4_require_amount(amount);
	if (memcmp(sender, receiver, 32) == 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_ATP_TX)),
				 errmsg("sender and receiver are the same"),
				 w4_errdetail(W4_ERRCODE(BAD_ATP_TX), "Both are %s.", w4_lct_cstring(sender)),
				 errhint("Name two different entities.")));
	w4_require_party(society, sender, "sender");
	w4_require_party(society, receiver, "receiver");
}

/* web4_transfer(society lct, sender lct, receiver lct, amount atp, ref text) */
Datum
web4_transfer(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	W4EconomyPolicy policy;
	W4Transfer	t = {
		.society = PG_GETARG_W4LCT(0), .sender = PG_GETARG_W4LCT(1), .receiver = PG_GETARG_W4LCT(2),
		.amount = PG_GETARG_ATP(3), .ref = W4_ARG_SLICE(4)
	};

	w4_require_live("web4_transfer()");
	w4_require_ref(t.ref);
	w4_push_latest_snapshot();
	w4_role_require_speaks(t.society, t.sender, "web4_transfer()");
	w4_require_acting_society(t.society);
	w4_require_transfer(t.society, t.sender, t.receiver, t.amount);
	w4_economy_policy(t.society, &policy);
	w4_pop_snapshot();
	t.vouched_by = w4_outer_role_name();

	SPI_connect();
	w4_transfer(&t, &policy);
	SPI_finish();
	return w4_movement(fcinfo, t.evidence, &t.fees, &t.available);
}
