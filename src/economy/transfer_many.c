/*-------------------------------------------------------------------------
 *
 * transfer_many.c
 *		Many transfers in one call: all of them or none.
 *
 * Every account that takes part is locked first, in ascending order, so two
 * batches can never wait for each other in a circle.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/ledger.h"

#include "core/lctid.h"
#include "economy/app_role.h"
#include "fmgr.h"
#include "funcapi.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "miscadmin.h"
#include "types/atp_type.h"

PG_FUNCTION_INFO_V1(web4_transfer_many);

#define MAX_TRANSFERS 10000

typedef struct TransferItem
{
	uint8_t		sender[32];
	uint8_t		receiver[32];
	int64		amount;
	W4Slice		ref;
	W4Transfer	done;
} TransferItem;

static int
errhint_form(void)
{
	return errhint("Send an array of {\"from\": lct, \"to\": lct, \"amount\": \"decimal\"}; each may have a \"ref\".");
}

pg_attribute_noreturn() static void
refuse(int64 ordinal, const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_DOCUMENT)),
			 errmsg("transfer %lld is not acceptable", (long long) ordinal),
			 w4_errdetail(W4_ERRCODE(BAD_DOCUMENT), "%s.", why),
			 errhint_form()));
}

static W4Slice
cell(uint64 row, int col, bool *isnull)
{
	Datum		value = w4_value(row, col, isnull);

	return *isnull ? w4_slice("", 0) : w4_varlena_slice(PG_DETOAST_DATUM_PACKED(value));
}

static void
read_lct(uint64 row, int col, uint8_t lct[32], const char *why)
{
	bool		isnull;
	W4Slice		s = cell(row, col, &isnull);
	W4Fault		fault;

	if (isnull || !w4_lct_parse(lct, (const char *) s.data, s.len, &fault))
		refuse((int64) row + 1, why);
}

static void
read_item(uint64 row, TransferItem *item)
{
	bool		isnull;
	int64_t		amount;
	W4Slice		s;
	W4Fault		fault;

	if (!DatumGetBool(w4_value(row, 1, &isnull)) || isnull)
		refuse((int64) row + 1, "It is not an object of \"from\", \"to\", \"amount\" and \"ref\"");
	read_lct(row, 2, item->sender, "\"from\" is not an LCT identifier");
	read_lct(row, 3, item->receiver, "\"to\" is not an LCT identifier");
	s = cell(row, 4, &isnull);
	if (isnull || !w4_decimal_parse(&amount, (const char *) s.data, s.len, 6, true, false, &fault))
		refuse((int64) row + 1, "\"amount\" is not a decimal with at most 6 fraction digits");
	item->amount = amount;
	item->ref = cell(row, 5, &isnull);
	w4_require_ref(item->ref);
}

/* The items lie in SPI's memory. */
static TransferItem *
read_items(Datum transfers, int64 *n)
{
	static W4Plan length = W4_PLAN("SELECT CASE WHEN pg_catalog.jsonb_typeof($1) = 'array' "
								   "THEN pg_catalog.jsonb_array_length($1) ELSE -1 END, pg_catalog.jsonb_typeof($1)", "jsonb");
	static W4Plan elements =
		W4_PLAN("SELECT CASE WHEN pg_catalog.jsonb_typeof(t.v) = 'object' THEN NOT EXISTS (SELECT FROM "
				"pg_catalog.jsonb_each(t.v) AS m(k, x) WHERE m.k NOT IN ('from', 'to', 'amount', 'ref') OR "
				"pg_catalog.jsonb_typeof(m.x) <> 'string' AND NOT (m.k = 'amount' AND pg_catalog.jsonb_typeof(m.x) = 'number')) "
				"ELSE false END, t.v->>'from', t.v->>'to', t.v->>'amount', t.v->>'ref' "
				"FROM pg_catalog.jsonb_array_elements($1) WITH ORDINALITY AS t(v, i) ORDER BY t.i", "jsonb");
	bool		isnull;
	TransferItem	   *items;

	w4_read(&length, &transfers, NULL, 1);
	*n = DatumGetInt32(w4_value(0, 1, &isnull));
	if (*n < 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_DOCUMENT)),
				 errmsg("transfers must be a JSON array"),
				 w4_errdetail(W4_ERRCODE(BAD_DOCUMENT), "They are of type %s.", TextDatumGetCString(w4_value(0, 2, &isnull))),
				 errhint_form()));
	if (*n > MAX_TRANSFERS)
		ereport(ERROR,
				(errcode(W4_ERRCODE(TOO_LARGE)),
				 errmsg("too many transfers in one call"),
				 w4_errdetail(W4_ERRCODE(TOO_LARGE), "There are %lld; the limit is %d.", (long long) *n, MAX_TRANSFERS)));
	items = palloc0(sizeof(TransferItem) * (*n + 1));
	w4_read(&elements, &transfers, NULL, 0);
	for (int64 i = 0; i < *n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		read_item((uint64) i, &items[i]);
	}
	return items;
}

static void
check_items(const uint8_t *society, const TransferItem *items, int64 n)
{
	w4_push_latest_snapshot();
	w4_require_acting_society(society);
	for (int64 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i == 0 || memcmp(items[i].sender, items[i - 1].sender, 32) != 0)
			w4_role_require_speaks(society, items[i].sender, "web4_transfer_many()");
		w4_require_transfer(society, items[i].sender, items[i].receiver, items[i].amount);
	}
	w4_pop_snapshot();
}

static int
compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static void
lock_accounts(const uint8_t *society, const TransferItem *items, int64 n)
{
	uint8_t		(*ids)[32] = palloc(sizeof(*ids) * (n * 2 + 1));
	W4Account	ignored;

	for (int64 i = 0; i < n; i++)
	{
		memcpy(ids[2 * i], items[i].sender, 32);
		memcpy(ids[2 * i + 1], items[i].receiver, 32);
	}
	qsort(ids, n * 2, sizeof(*ids), compare_ids);
	for (int64 i = 0; i < n * 2; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i == 0 || memcmp(ids[i], ids[i - 1], 32) != 0)
			w4_account_lock(society, ids[i], &ignored);
	}
	pfree(ids);
}

static void
transfer_item(const uint8_t *society, TransferItem *item, const W4EconomyPolicy *policy, const char *vouched_by)
{
	item->done = (W4Transfer)
	{
		.society = society, .sender = item->sender, .receiver = item->receiver,
			.amount = item->amount, .ref = item->ref, .vouched_by = vouched_by
	};
	w4_transfer(&item->done, policy);
}

static void
put_result(ReturnSetInfo *rsinfo, int64 ordinal, const W4Transfer *done)
{
	Datum		values[5] = {Int32GetDatum((int32) ordinal), AtpGetDatum(done->fees.fee), AtpGetDatum(done->fees.credited),
	AtpGetDatum(done->fees.overflow), Int64GetDatum(done->evidence)};
	bool		nulls[5] = {false};

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* web4_transfer_many(society lct, transfers jsonb) */
Datum
web4_transfer_many(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	const uint8_t *society = PG_GETARG_W4LCT(0);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	W4EconomyPolicy policy;
	char	   *vouched_by = w4_outer_role_name();
	TransferItem	   *items;
	int64		n;

	w4_materialize(fcinfo);
	w4_require_live("web4_transfer_many()");
	w4_push_latest_snapshot();
	w4_economy_policy(society, &policy);
	w4_pop_snapshot();

	SPI_connect();
	items = read_items(PG_GETARG_DATUM(1), &n);
	check_items(society, items, n);
	lock_accounts(society, items, n);
	for (int64 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		transfer_item(society, &items[i], &policy, vouched_by);
		put_result(rsinfo, i + 1, &items[i].done);
	}
	SPI_finish();
	return (Datum) 0;
}
