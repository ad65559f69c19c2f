/*-------------------------------------------------------------------------
 *
 * pool.c
 *		The society's pool: paying in appends, taking out locks.
 *
 * A bucket holds what is settled plus the visible journal entries that credit
 * it and are not settled.  Payers only insert journal rows, so thousands of
 * transfers and spends a second never meet on one row; who takes out locks the
 * bucket, adds up and settles everything that can no longer change.  An entry
 * is counted as soon as it is committed, and one's own at once.
 *
 * Transaction ids mean something in one cluster only.  Where they are another
 * cluster's (dump and restore), or went backwards (point-in-time recovery: the
 * horizon lies in the future), the bucket is counted anew from the journal.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/ledger.h"

#include "access/transam.h"
#include "evidence/evidence.h"
#include "fmgr.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/value.h"
#include "identity/identity.h"
#include "types/atp_type.h"

PG_FUNCTION_INFO_V1(web4_pool_settle);
PG_FUNCTION_INFO_V1(web4_economy_go_live);

typedef struct Bucket
{
	const uint8_t *society;
	const char *name;			/* web4.pool.bucket */
	W4Place		place;			/* web4.journal.credit and debit */
	int64		settled;
	uint64		horizon;
	int64		system_identifier;
	int64		open;			/* visible, but not settled yet */
} Bucket;

static Datum
bucket_name(const Bucket *b)
{
	return CStringGetTextDatum(b->name);
}

static bool
lock_row(Bucket *b)
{
	static W4Plan lock = W4_PLAN("SELECT settled, horizon, system_identifier FROM web4.pool "
								 "WHERE society OPERATOR(@x@.=) $1 AND bucket = $2 FOR NO KEY UPDATE", "lct,text");
	bool		isnull;

	if (w4_read(&lock, (Datum[]) {W4LctGetDatum(b->society), bucket_name(b)}, NULL, 1) == 0)
		return false;
	b->settled = DatumGetInt64(w4_value(0, 1, &isnull));
	b->horizon = DatumGetUInt64(w4_value(0, 2, &isnull));
	b->system_identifier = DatumGetInt64(w4_value(0, 3, &isnull));
	return true;
}

static void
lock_bucket(Bucket *b)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.pool (society, bucket, system_identifier) VALUES ($1, $2, $3) "
								   "ON CONFLICT DO NOTHING", "lct,text,int8");

	if (lock_row(b))
		return;
	w4_write(&insert, (Datum[]) {W4LctGetDatum(b->society), bucket_name(b), Int64GetDatum(w4_system_identifier())}, NULL);
	if (!lock_row(b))
		w4_raise_concurrent("a concurrently opened pool");
}

static bool
is_outdated(const Bucket *b)
{
	return b->system_identifier != w4_system_identifier() ||
		b->horizon > U64FromFullTransactionId(ReadNextFullTransactionId());
}

/*
 * Count the whole journal.  What was taken out is all there, for whoever takes
 * out holds the lock that we hold.  Of what came in, an entry at or above the new
 * horizon stays open, whoever wrote it: a transaction that may still run here,
 * or one of another cluster that had counted further.  So each is settled
 * once, when the horizon passes it.
 */
static void
recount(Bucket *b)
{
	static W4Plan count = W4_PLAN("SELECT s.xmin, coalesce(sum(CASE WHEN j.debit = $2::pg_catalog.\"char\" THEN -j.amount "
								  "WHEN j.xid < s.xmin THEN j.amount END), 0)::bigint "
								  "FROM (SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()) AS xmin) AS s "
								  "LEFT JOIN web4.journal AS j ON j.society OPERATOR(@x@.=) $1 "
								  "AND $2::pg_catalog.\"char\" IN (j.credit, j.debit) GROUP BY s.xmin", "lct,int4");
	bool		isnull;

	w4_read(&count, (Datum[]) {W4LctGetDatum(b->society), Int32GetDatum(b->place)}, NULL, 1);
	b->horizon = DatumGetUInt64(w4_value(0, 1, &isnull));
	b->settled = DatumGetInt64(w4_value(0, 2, &isnull));
	b->system_identifier = w4_system_identifier();
}

/*
 * Add the entries that came in.  Sum and horizon go by the same snapshot: every
 * transaction before its xmin has ended, and what it committed is visible.
 */
static void
add_up(Bucket *b)
{
	static W4Plan credits =
		W4_PLAN("SELECT s.xmin, coalesce(sum(j.amount) FILTER (WHERE j.xid < s.xmin), 0)::bigint, "
				"coalesce(sum(j.amount) FILTER (WHERE j.xid >= s.xmin), 0)::bigint "
				"FROM (SELECT greatest(pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()), $2) AS xmin) AS s "
				"LEFT JOIN web4.journal AS j ON j.society OPERATOR(@x@.=) $1 AND j.xid >= $2 "
				"AND j.credit = $3::pg_catalog.\"char\" GROUP BY s.xmin", "lct,xid8,int4");
	bool		isnull;

	w4_read(&credits, (Datum[]) {W4LctGetDatum(b->society), UInt64GetDatum(b->horizon), Int32GetDatum(b->place)}, NULL, 1);
	b->horizon = DatumGetUInt64(w4_value(0, 1, &isnull));
	b->settled += DatumGetInt64(w4_value(0, 2, &isnull));
	b->open = DatumGetInt64(w4_value(0, 3, &isnull));
}

static void
store(const Bucket *b)
{
	static W4Plan update = W4_PLAN("UPDATE web4.pool SET settled = $3, horizon = $4, system_identifier = $5 "
								   "WHERE society OPERATOR(@x@.=) $1 AND bucket = $2", "lct,text,int8,xid8,int8");

	w4_write(&update, (Datum[]) {W4LctGetDatum(b->society), bucket_name(b), Int64GetDatum(b->settled),
			 UInt64GetDatum(b->horizon), Int64GetDatum(b->system_identifier)}, NULL);
}

void
w4_pool_take(const uint8_t society[32], W4Place place, int64 amount)
{
	Bucket		b = {.society = society, .name = place == W4_PLACE_POOL_ADP ? "adp" : "atp", .place = place};
	int64		holds;

	lock_bucket(&b);
	if (is_outdated(&b))
		recount(&b);
	add_up(&b);
	holds = b.settled + b.open;
	if (amount > holds)
		ereport(ERROR,
				(errcode(W4_ERRCODE(INSUFFICIENT_ATP)),
				 errmsg("the pool does not hold enough %s", place == W4_PLACE_POOL_ADP ? "ADP" : "ATP"),
				 w4_errdetail(W4_ERRCODE(INSUFFICIENT_ATP), "It holds %s; %s are needed.",
							  w4_atp_cstring(holds), w4_atp_cstring(amount)),
				 place == W4_PLACE_POOL_ADP ? errhint("ADP comes from minting and from discharged ATP.") :
				 errhint("The pool's ATP comes from fees; new ATP is charged from ADP.")));
	b.settled -= amount;
	store(&b);
}

/* web4_pool_settle(society lct): keeps adding up short. */
Datum
web4_pool_settle(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	const uint8_t *society = PG_GETARG_W4LCT(0);

	w4_require_live("web4_pool_settle()");
	w4_society_require(society);
	SPI_connect();
	w4_pool_take(society, W4_PLACE_POOL_ADP, 0);
	w4_pool_take(society, W4_PLACE_POOL_ATP, 0);
	SPI_finish();
	PG_RETURN_VOID();
}

/*
 * web4.economy_go_live(): restored rows may come from a cluster that is ahead of
 * this one, and it may have caught up before anybody takes out.
 */
Datum
web4_economy_go_live(PG_FUNCTION_ARGS)
{
	static W4Plan forget = W4_PLAN("UPDATE web4.pool SET horizon = '0', system_identifier = 0", "");
	uint64		n;

	SPI_connect();
	n = w4_write(&forget, NULL, NULL);
	SPI_finish();
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%llu buckets of pools will be counted anew", (unsigned long long) n)));
}
