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
#include "host/value.h"
#include "host/write.h"
#include "utils/xid8.h"

PG_FUNCTION_INFO_V1(web4_journal_row_ok);

/* Columns of web4.journal. */
enum
{
	Row_id,
	Row_xid,
	Row_society,
	Row_kind,
	Row_debit,
	Row_debit_holder,
	Row_credit,
	Row_credit_holder,
	Row_amount,
	Row_evidence,
	Natts_row
};

static Datum
holder(const uint8_t *hash)
{
	return hash == NULL ? (Datum) 0 : w4_bytea_datum(hash, 32);
}

void
w4_journal_post(const W4Posting *p)
{
	static W4Table journal = W4_TABLE("journal", Natts_row);
	static W4Sequence journal_id = W4_SEQUENCE("journal_id");
	Datum		values[Natts_row] = {
		Int64GetDatum(w4_next_id(&journal_id)),
		FullTransactionIdGetDatum(GetTopFullTransactionId()),
		W4LctGetDatum(p->society), CStringGetTextDatum(p->kind),
		CharGetDatum(p->debit), holder(p->debit_holder),
		CharGetDatum(p->credit), holder(p->credit_holder),
		Int64GetDatum(p->amount), Int64GetDatum(p->evidence)
	};
	bool		nulls[Natts_row] = {[Row_debit_holder] = p->debit_holder == NULL, [Row_credit_holder] = p->credit_holder == NULL};

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

static bool
holder_ok(char place, Datum holder_hash, bool isnull)
{
	return place_ok(place, !isnull) &&
		(isnull || w4_varlena_slice(PG_DETOAST_DATUM_PACKED(holder_hash)).len == 32);
}

/* web4.journal_row_ok(web4.journal): the CHECK of the table. */
Datum
web4_journal_row_ok(PG_FUNCTION_ARGS)
{
	Datum		v[Natts_row];
	bool		nulls[Natts_row];
	char		debit;
	char		credit;

	w4_row_columns(PG_GETARG_DATUM(0), Natts_row, v, nulls);
	if (nulls[Row_kind] || nulls[Row_debit] || nulls[Row_credit] || nulls[Row_amount])
		PG_RETURN_BOOL(false);
	debit = DatumGetChar(v[Row_debit]);
	credit = DatumGetChar(v[Row_credit]);
	if (DatumGetInt64(v[Row_amount]) <= 0 ||
		!kind_ok(w4_varlena_slice(PG_DETOAST_DATUM_PACKED(v[Row_kind]))) ||
		!holder_ok(debit, v[Row_debit_holder], nulls[Row_debit_holder]) ||
		!holder_ok(credit, v[Row_credit_holder], nulls[Row_credit_holder]))
		PG_RETURN_BOOL(false);
	/* never from a place to itself */
	PG_RETURN_BOOL(debit != credit ||
				   (!nulls[Row_debit_holder] &&
					!w4_slice_eq(w4_varlena_slice(PG_DETOAST_DATUM_PACKED(v[Row_debit_holder])),
								 w4_varlena_slice(PG_DETOAST_DATUM_PACKED(v[Row_credit_holder])))));
}
