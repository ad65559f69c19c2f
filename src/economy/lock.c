/*-------------------------------------------------------------------------
 *
 * lock.c
 *		ATP set aside for something that may not happen.
 *
 * A lock is a row with its own id: it is settled once, by its id, and never
 * touches what another lock holds.  Committing sends ATP to the pool as ADP,
 * rolling back returns it, and after its expiry anybody may return it.  Lock
 * order: the lock's row, then the account.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/ledger.h"

#include "economy/app_role.h"
#include "fmgr.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/identity.h"
#include "miscadmin.h"
#include "types/atp_type.h"
#include "types/lct_type.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(web4_lock);
PG_FUNCTION_INFO_V1(web4_lock_commit);
PG_FUNCTION_INFO_V1(web4_lock_rollback);
PG_FUNCTION_INFO_V1(web4_lock_expire);

#define LOCK_ID_LEN 16
#define MAX_TTL_DAYS 30
#define EXPIRE_AT_ONCE 1000

typedef struct Lock
{
	uint8_t		id[LOCK_ID_LEN];
	uint8_t		society[32];
	uint8_t		owner[32];
	int64		amount;
	TimestampTz expires_at;
	char	   *state;
} Lock;

/* --- taking --- */

static int64
ttl_us(const Interval *ttl)
{
	int64_t		us = 0;

	if (ttl->month != 0 || ttl->day < -MAX_TTL_DAYS || ttl->day > MAX_TTL_DAYS ||
		!w4_add_i64(ttl->time, ttl->day * USECS_PER_DAY, &us) || us <= 0 || us > MAX_TTL_DAYS * USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a lock lasts at least a moment and at most 30 days"),
				 errhint("Give the time in days or less; months have no fixed length.")));
	return us;
}

static void
require_purpose(const char *purpose)
{
	static const char *const purposes[] = {"action", "transfer", "trust_query", "insurance", "witness_stake", "allocation"};

	for (int i = 0; i < lengthof(purposes); i++)
	{
		if (strcmp(purpose, purposes[i]) == 0)
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown purpose of a lock: \"%s\"", purpose),
			 errhint("It is action, transfer, trust_query, insurance, witness_stake or allocation.")));
}

/* available -> locked of the owner's account. */
static void
set_aside(const uint8_t *society, const uint8_t *owner, int64 amount)
{
	static W4Plan update = W4_PLAN("UPDATE web4.account SET available = available - $3, locked = locked + $3 "
								   "WHERE society OPERATOR(@x@.=) $1 AND entity OPERATOR(@x@.=) $2 "
								   "AND available >= $3 AND NOT frozen", "lct,lct,int8");

	if (w4_write(&update, (Datum[]) {W4LctGetDatum(society), W4LctGetDatum(owner), Int64GetDatum(amount)}, NULL) == 0)
		w4_account_refuse(society, owner, amount);
}

static void
insert_lock(const Lock *lock, const char *purpose, Datum ref)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.atp_lock (id, society, owner, amount, purpose, ref, expires_at) "
								   "VALUES ($1, $2, $3, $4, $5, $6, $7)", "bytea,lct,lct,int8,text,text,timestamptz");

	w4_write(&insert, (Datum[]) {w4_bytea_datum(lock->id, LOCK_ID_LEN), W4LctGetDatum(lock->society),
			 W4LctGetDatum(lock->owner), Int64GetDatum(lock->amount), CStringGetTextDatum(purpose), ref,
			 TimestampTzGetDatum(lock->expires_at)}, NULL);
}

static void
post(const Lock *lock, const char *kind, W4Place from, W4Place to, int64 amount, int64 evidence)
{
	W4Posting	posting = {
		.society = lock->society, .kind = kind, .debit = from, .debit_holder = lock->owner,
		.credit = to, .credit_holder = to == W4_PLACE_POOL_ADP ? NULL : lock->owner,
		.amount = amount, .evidence = evidence
	};

	w4_journal_post(&posting);
}

/* web4_lock(society lct, owner lct, amount atp, purpose text, ref text, ttl interval) */
Datum
web4_lock(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	Lock		lock = {.amount = PG_GETARG_ATP(2)};
	char	   *purpose = text_to_cstring(PG_GETARG_TEXT_PP(3));
	W4Slice		ref = W4_ARG_SLICE(4);
	W4LedgerAct		act = {.type = "lock", .society = lock.society, .actor = lock.owner, .from = {.lct = lock.owner},
		.to = {.place = "locked"}, .amount = lock.amount, .credited = lock.amount, .lock = lock.id, .note = purpose,
		.ref = ref};

	w4_require_live("web4_lock()");
	memcpy(lock.society, PG_GETARG_W4LCT(0), 32);
	memcpy(lock.owner, PG_GETARG_W4LCT(1), 32);
	w4_require_amount(lock.amount);
	require_purpose(purpose);
	w4_require_ref(ref);
	lock.expires_at = GetCurrentTimestamp() + ttl_us(PG_GETARG_INTERVAL_P(5));
	act.expires_at = lock.expires_at;
	w4_push_latest_snapshot();
	w4_role_require_speaks(lock.society, lock.owner, "web4_lock()");
	w4_require_acting_society(lock.society);
	w4_require_party(lock.society, lock.owner, "owner");
	w4_pop_snapshot();
	if (!pg_strong_random(lock.id, LOCK_ID_LEN))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random bytes")));
	act.vouched_by = w4_outer_role_name();

	SPI_connect();
	insert_lock(&lock, purpose, PG_GETARG_DATUM(4));
	post(&lock, "lock", W4_PLACE_AVAILABLE, W4_PLACE_LOCKED, lock.amount, w4_ledger_record(&act));
	set_aside(lock.society, lock.owner, lock.amount);
	SPI_finish();
	return w4_bytea_datum(lock.id, LOCK_ID_LEN);
}

/* --- settling --- */

static void
read_lock(uint64 row, Lock *lock)
{
	bool		isnull;

	memcpy(lock->id, VARDATA_ANY(PG_DETOAST_DATUM_PACKED(w4_value(row, 1, &isnull))), LOCK_ID_LEN);
	memcpy(lock->society, DatumGetW4Lct(w4_value(row, 2, &isnull)), 32);
	memcpy(lock->owner, DatumGetW4Lct(w4_value(row, 3, &isnull)), 32);
	lock->amount = DatumGetInt64(w4_value(row, 4, &isnull));
	lock->expires_at = DatumGetTimestampTz(w4_value(row, 5, &isnull));
	lock->state = TextDatumGetCString(w4_value(row, 6, &isnull));
}

pg_attribute_noreturn() static void
refuse_lock(const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(LOCK_STATE)),
			 errmsg("lock cannot be settled"),
			 w4_errdetail(W4_ERRCODE(LOCK_STATE), "%s.", why)));
}

/* Lock the row; ERROR unless it is still held. */
static void
hold(const uint8_t id[LOCK_ID_LEN], Lock *lock)
{
	static W4Plan select = W4_PLAN("SELECT id, society, owner, amount, expires_at, state FROM web4.atp_lock "
								   "WHERE id = $1 FOR NO KEY UPDATE", "bytea");
	Datum		key = w4_bytea_datum(id, LOCK_ID_LEN);

	if (w4_read(&select, &key, NULL, 1) == 0)
		refuse_lock("There is no such lock");
	read_lock(0, lock);
	if (strcmp(lock->state, "held") != 0)
		refuse_lock(psprintf("Its state is \"%s\"", lock->state));
}

static void
finish_lock(const Lock *lock, const char *state, int64 committed)
{
	static W4Plan update = W4_PLAN("UPDATE web4.atp_lock SET state = $2, committed = nullif($3, 0) "
								   "WHERE id = $1 AND state = 'held'", "bytea,text,int8");

	if (w4_write(&update, (Datum[]) {w4_bytea_datum(lock->id, LOCK_ID_LEN), CStringGetTextDatum(state),
				 Int64GetDatum(committed)}, NULL) != 1)
		refuse_lock("It was settled meanwhile");
}

/* locked -> available and, for what is committed, the pool.  A frozen account spends nothing. */
static void
release(const Lock *lock, int64 committed)
{
	static W4Plan update = W4_PLAN("UPDATE web4.account SET locked = locked - $3, available = available + $3 - $4, "
								   "discharged = discharged + $4 WHERE society OPERATOR(@x@.=) $1 "
								   "AND entity OPERATOR(@x@.=) $2 AND locked >= $3 AND (NOT frozen OR $4 = 0)",
								   "lct,lct,int8,int8");

	if (w4_write(&update, (Datum[]) {W4LctGetDatum(lock->society), W4LctGetDatum(lock->owner),
				 Int64GetDatum(lock->amount), Int64GetDatum(committed)}, NULL) == 1)
		return;
	if (committed > 0)
		w4_account_refuse(lock->society, lock->owner, 0);
	ereport(ERROR,
			(errcode(W4_ERRCODE(CONSERVATION)),
			 errmsg("account holds less than its locks"),
			 w4_errdetail(W4_ERRCODE(CONSERVATION), "Account of %s.", w4_lct_cstring(lock->owner)),
			 errhint("See web4.economy_invariants().")));
}

static void
settle(const Lock *lock, const char *state, const char *type, int64 committed, const uint8_t *actor, const char *vouched_by)
{
	int64		remainder = lock->amount - committed;
	W4LedgerAct		act = {
		.type = type, .society = lock->society, .actor = actor, .from = {.place = "locked"},
		.to = {.lct = committed > 0 ? NULL : lock->owner, .place = "pool"},
		.amount = lock->amount, .credited = committed > 0 ? committed : lock->amount,
		.overflow = committed > 0 ? remainder : 0, .lock = lock->id, .vouched_by = vouched_by
	};
	int64		evidence = w4_ledger_record(&act);

	finish_lock(lock, state, committed);
	release(lock, committed);
	if (committed > 0)
		post(lock, "commit", W4_PLACE_LOCKED, W4_PLACE_POOL_ADP, committed, evidence);
	if (remainder > 0)
		post(lock, "rollback", W4_PLACE_LOCKED, W4_PLACE_AVAILABLE, remainder, evidence);
}

/* web4_lock_commit(id bytea, amount atp): null commits all of it. */
Datum
web4_lock_commit(PG_FUNCTION_ARGS)
{
	Lock		lock;
	int64		amount;

	w4_require_argument(fcinfo, 0);
	w4_require_live("web4_lock_commit()");
	SPI_connect();
	hold(w4_fixed_bytea(PG_GETARG_DATUM(0), LOCK_ID_LEN, "id of a lock"), &lock);
	w4_role_require_speaks(lock.society, lock.owner, "web4_lock_commit()");
	amount = PG_ARGISNULL(1) ? lock.amount : PG_GETARG_ATP(1);
	if (amount <= 0 || amount > lock.amount)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_AMOUNT)),
				 errmsg("a lock can be committed up to its amount"),
				 w4_errdetail(W4_ERRCODE(BAD_AMOUNT), "It holds %s; %s were to be committed.",
							  w4_atp_cstring(lock.amount), w4_atp_cstring(amount)),
				 errhint("web4_lock_rollback() returns all of it.")));
	if (lock.expires_at <= GetCurrentTimestamp())
		refuse_lock("It has expired");
	settle(&lock, "committed", "commit", amount, lock.owner, w4_outer_role_name());
	SPI_finish();
	PG_RETURN_ATP(amount);
}

/* web4_lock_rollback(id bytea): what went back. */
Datum
web4_lock_rollback(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	Lock		lock;

	w4_require_live("web4_lock_rollback()");
	SPI_connect();
	hold(w4_fixed_bytea(PG_GETARG_DATUM(0), LOCK_ID_LEN, "id of a lock"), &lock);
	w4_role_require_speaks(lock.society, lock.owner, "web4_lock_rollback()");
	settle(&lock, "rolled_back", "rollback", 0, lock.owner, w4_outer_role_name());
	SPI_finish();
	PG_RETURN_ATP(lock.amount);
}

static int64
expired_locks(const uint8_t *society, Lock **locks)
{
	static W4Plan select = W4_PLAN("SELECT id, society, owner, amount, expires_at, state FROM web4.atp_lock "
								   "WHERE society OPERATOR(@x@.=) $1 AND state = 'held' AND expires_at <= $2 "
								   "ORDER BY owner, id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED", "lct,timestamptz,int8");
	int64		n = (int64) w4_read(&select, (Datum[]) {W4LctGetDatum(society), TimestampTzGetDatum(GetCurrentTimestamp()),
										Int64GetDatum(EXPIRE_AT_ONCE)}, NULL, 0);

	*locks = palloc0(sizeof(Lock) * (n + 1));
	for (int64 i = 0; i < n; i++)
		read_lock((uint64) i, &(*locks)[i]);
	return n;
}

/* web4_lock_expire(society lct): returns expired locks to their owners, 1000 at most; how many. */
Datum
web4_lock_expire(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	const uint8_t *society = PG_GETARG_W4LCT(0);
	Lock	   *locks;
	int64		n;

	w4_require_live("web4_lock_expire()");
	w4_society_require(society);
	SPI_connect();
	n = expired_locks(society, &locks);
	for (int64 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		settle(&locks[i], "expired", "expire", 0, society, NULL);
	}
	SPI_finish();
	PG_RETURN_INT64(n);
}
