/*-------------------------------------------------------------------------
 *
 * journal.c
 *		Double entry: every row moves an amount from one place to another.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/economy.h"

#include "access/xact.h"
#include "economy/ledger.h"
#include "host/insert.h"
#include "host/value.h"
#include "utils/xid8.h"

PG_FUNCTION_INFO_V1(web4_journal_row_ok);

static Datum
holder(const uint8_t *hash)
{
	return hash == NULL ? (Datum) 0 : w4_bytea_datum(hash, 32);
}

void
w4_journal_post(const W4Posting *p)
{
	static W4Table journal = W4_TABLE("journal");
	static W4Sequence journal_id = W4_SEQUENCE("journal_id");
	Datum		values[10] = {
		Int64GetDatum(w4_next_id(&journal_id)),
		FullTransactionIdGetDatum(GetTopFullTransactionId()),
		W4LctGetDatum(p->society), CStringGetTextDatum(p->kind),
		CharGetDatum(p->debit), holder(p->debit_holder),
		CharGetDatum(p->credit), holder(p->credit_holder),
		Int64GetDatum(p->amount), Int64GetDatum(p->evidence)
	};
	bool		nulls[10] = {[5] = p->debit_holder == NULL, [7] = p->credit_holder == NULL};

	w4_insert(&journal, values, nulls);
}

/* One of a closed list of words? */
static bool
is_kind(W4Slice kind)
{
	static const char *const kinds[] = {"mint", "charge", "allocate", "transfer", "fee", "spend", "discharge",
	"lock", "commit", "rollback", "escrow", "release", "slash"};

	for (int i = 0; i < lengthof(kinds); i++)
	{
		if (w4_slice_eq(kind, w4_slice_cstr(kinds[i])))
			return true;
	}
	return false;
}

/* Is this a place, with a holder exactly when the place has one? */
static bool
is_place(FunctionCallInfo fcinfo, int place, int holder_arg)
{
	char		c = PG_ARGISNULL(place) ? '?' : PG_GETARG_CHAR(place);
	bool		held = c == W4_PLACE_AVAILABLE || c == W4_PLACE_LOCKED || c == W4_PLACE_GRANT;
	bool		own = c == W4_PLACE_POOL_ADP || c == W4_PLACE_POOL_ATP || c == W4_PLACE_SUPPLY;

	if (PG_ARGISNULL(holder_arg))
		return own;
	return held && W4_ARG_SLICE(holder_arg).len == 32;
}

/*
 * web4.journal_row_ok(kind, debit, debit_holder, credit, credit_holder,
 * amount): the CHECK of web4.journal, in one call since every spend pays it.
 */
Datum
web4_journal_row_ok(PG_FUNCTION_ARGS)
{
	bool		same;

	if (PG_ARGISNULL(0) || !is_kind(W4_ARG_SLICE(0)) ||
		!is_place(fcinfo, 1, 2) || !is_place(fcinfo, 3, 4) ||
		PG_ARGISNULL(5) || PG_GETARG_INT64(5) <= 0)
		PG_RETURN_BOOL(false);
	same = PG_GETARG_CHAR(1) == PG_GETARG_CHAR(3) && PG_ARGISNULL(2) == PG_ARGISNULL(4) &&
		(PG_ARGISNULL(2) || w4_slice_eq(W4_ARG_SLICE(2), W4_ARG_SLICE(4)));
	PG_RETURN_BOOL(!same);
}
