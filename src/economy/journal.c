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

/* --- the table's constraint --- */

static const char *const kinds[] = {
	"transfer", "spend", "fee", "discharge", "lock", "commit", "rollback", "mint", "charge", "allocate",
	"escrow", "release", "slash"
};

static bool
kind_ok(W4Slice kind)
{
	for (int i = 0; i < lengthof(kinds); i++)
	{
		if (w4_slice_eq(kind, w4_slice_cstr(kinds[i])))
			return true;
	}
	return false;
}

/* Places of somebody's have a holder, the society's own have none. */
static bool
place_ok(char place, bool has_holder)
{
	switch (place)
	{
		case W4_PLACE_AVAILABLE:
		case W4_PLACE_LOCKED:
		case W4_PLACE_GRANT:
			return has_holder;
		case W4_PLACE_POOL_ADP:
		case W4_PLACE_POOL_ATP:
		case W4_PLACE_SUPPLY:
			return !has_holder;
	}
	return false;
}

/*
 * web4.journal_row_ok(kind text, debit "char", debit_holder bytea, credit "char", credit_holder bytea, amount bigint)
 */
Datum
web4_journal_row_ok(PG_FUNCTION_ARGS)
{
	char		debit;
	char		credit;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3) || PG_ARGISNULL(5))
		PG_RETURN_BOOL(false);
	debit = PG_GETARG_CHAR(1);
	credit = PG_GETARG_CHAR(3);
	if (PG_GETARG_INT64(5) <= 0 || !kind_ok(W4_ARG_SLICE(0)) ||
		!place_ok(debit, !PG_ARGISNULL(2)) || !place_ok(credit, !PG_ARGISNULL(4)))
		PG_RETURN_BOOL(false);
	if (!PG_ARGISNULL(2) && W4_ARG_SLICE(2).len != 32)
		PG_RETURN_BOOL(false);
	if (!PG_ARGISNULL(4) && W4_ARG_SLICE(4).len != 32)
		PG_RETURN_BOOL(false);
	/* never from a place to itself */
	PG_RETURN_BOOL(debit != credit ||
				   (!PG_ARGISNULL(2) && !w4_slice_eq(W4_ARG_SLICE(2), W4_ARG_SLICE(4))));
}
