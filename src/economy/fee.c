/*-------------------------------------------------------------------------
 *
 * fee.c
 *		Who pays what in a transfer; pure arithmetic in micro-ATP.
 *
 *		fee      = ceil(amount * rate), to the pool
 *		need     = amount + the sender's share of the fee
 *		due      = amount - the receiver's share
 *		credited = what of that fits under the receiver's limit
 *		overflow = due - credited, stays with the sender
 *
 * Before = after + fee, always.  Rounding up makes splitting a payment never
 * cheaper.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/ledger.h"

#include "fmgr.h"
#include "host/errors.h"
#include "host/value.h"
#include "types/atp_type.h"

PG_FUNCTION_INFO_V1(web4_transfer_calc);

#define PPB INT64CONST(1000000000)
#define MAX_FEE_PPB (PPB / 2)

int64
w4_room(int64 max_balance, int64 total)
{
	if (max_balance == 0)
		return PG_INT64_MAX;
	return Max(max_balance - total, 0);
}

static int64
receiver_share(int64 fee, W4FeeBearer bearer)
{
	switch (bearer)
	{
		case W4_BEARER_SENDER:
			return 0;
		case W4_BEARER_RECEIVER:
			return fee;
		case W4_BEARER_SPLIT:
			return fee / 2;
	}
	return 0;
}

bool
w4_fees(int64 amount, int64 fee_ppb, W4FeeBearer bearer, int64 room, W4Fees *out)
{
	int64_t		fee;
	int64_t		need;
	int64		share;

	if (!w4_muldiv_i64(amount, fee_ppb, PPB, true, &fee))
		return false;
	share = receiver_share(fee, bearer);
	if (!w4_add_i64(amount, fee - share, &need))
		return false;
	out->fee = fee;
	out->need = need;
	out->due = amount - share;
	out->credited = Min(out->due, room);
	out->overflow = out->due - out->credited;
	return true;
}

/* --- web4_transfer_calc --- */

static void
require_balances(int64 sender, int64 receiver, int64 max_balance)
{
	if (sender < 0 || receiver < 0 || max_balance < 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_AMOUNT)),
				 errmsg("balances and limits must not be negative"),
				 w4_errdetail(W4_ERRCODE(BAD_AMOUNT), "Sender %s, receiver %s, limit %s.",
							  w4_atp_cstring(sender), w4_atp_cstring(receiver), w4_atp_cstring(max_balance))));
}

static void
require_rate(int64 fee_ppb)
{
	if (fee_ppb < 0 || fee_ppb > MAX_FEE_PPB)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_AMOUNT)),
				 errmsg("fee rate must lie between 0 and %lld parts per billion", (long long) MAX_FEE_PPB),
				 w4_errdetail(W4_ERRCODE(BAD_AMOUNT), "It is %lld.", (long long) fee_ppb),
				 errhint("One per cent is 10000000.")));
}

static W4FeeBearer
bearer_argument(const text *name)
{
	W4FeeBearer bearer;

	if (!w4_fee_bearer(text_to_cstring(name), &bearer))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown fee bearer \"%s\"", text_to_cstring(name)),
				 errhint("It is sender, receiver or split.")));
	return bearer;
}

static void
refuse_overflow(void)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(ATP_RANGE)),
			 errmsg("ATP amount out of range"),
			 w4_errdetail(W4_ERRCODE(ATP_RANGE), "The transfer's sums do not fit.")));
}

/*
 * web4_transfer_calc(sender_balance atp, receiver_balance atp, amount atp, fee_ppb bigint,
 *					  max_balance atp, fee_bearer text)
 */
Datum
web4_transfer_calc(PG_FUNCTION_ARGS)
{
	int64		sender;
	int64		receiver;
	int64		max_balance = PG_ARGISNULL(4) ? 0 : PG_GETARG_ATP(4);
	int64_t		receiver_after;
	W4Fees		fees;
	Datum		values[5];
	bool		nulls[5] = {false};

	for (int i = 0; i < 6; i++)
	{
		if (i != 4 && PG_ARGISNULL(i))
			PG_RETURN_NULL();
	}
	sender = PG_GETARG_ATP(0);
	receiver = PG_GETARG_ATP(1);
	require_balances(sender, receiver, max_balance);
	w4_require_amount(PG_GETARG_ATP(2));
	require_rate(PG_GETARG_INT64(3));
	if (!w4_fees(PG_GETARG_ATP(2), PG_GETARG_INT64(3), bearer_argument(PG_GETARG_TEXT_PP(5)),
				 w4_room(max_balance, receiver), &fees) ||
		!w4_add_i64(receiver, fees.credited, &receiver_after))
		refuse_overflow();
	if (fees.need > sender)
		ereport(ERROR,
				(errcode(W4_ERRCODE(INSUFFICIENT_ATP)),
				 errmsg("not enough ATP"),
				 w4_errdetail(W4_ERRCODE(INSUFFICIENT_ATP), "The sender needs %s and has %s.",
							  w4_atp_cstring(fees.need), w4_atp_cstring(sender))));
	values[0] = AtpGetDatum(fees.fee);
	values[1] = AtpGetDatum(fees.credited);
	values[2] = AtpGetDatum(fees.overflow);
	values[3] = AtpGetDatum(sender - fees.need + fees.overflow);
	values[4] = AtpGetDatum(receiver_after);
	return w4_result_row(fcinfo, values, nulls);
}
