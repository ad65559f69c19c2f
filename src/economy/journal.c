/*-------------------------------------------------------------------------
 *
 * journal.c
 *		Double entry: every row moves an amount from one place to another.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/economy.h"

#include "economy/ledger.h"
#include "host/plan.h"
#include "host/value.h"

static Datum
holder(const uint8_t *hash)
{
	return hash == NULL ? (Datum) 0 : w4_bytea_datum(hash, 32);
}

void
w4_journal_post(const W4Posting *posting)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.journal (society, kind, debit, debit_holder, credit, credit_holder, "
								   "amount, evidence) VALUES ($1, $2, $3::pg_catalog.\"char\", $4, "
								   "$5::pg_catalog.\"char\", $6, $7, $8)",
								   "lct,text,int4,bytea,int4,bytea,int8,int8");
	Datum		values[8];
	char		nulls[8 + 1] = "        ";

	values[0] = W4LctGetDatum(posting->society);
	values[1] = CStringGetTextDatum(posting->kind);
	values[2] = Int32GetDatum(posting->debit);
	values[3] = holder(posting->debit_holder);
	values[4] = Int32GetDatum(posting->credit);
	values[5] = holder(posting->credit_holder);
	values[6] = Int64GetDatum(posting->amount);
	values[7] = Int64GetDatum(posting->evidence);
	if (posting->debit_holder == NULL)
		nulls[3] = 'n';
	if (posting->credit_holder == NULL)
		nulls[5] = 'n';
	w4_write(&insert, values, nulls);
}
