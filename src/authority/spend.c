/*-------------------------------------------------------------------------
 *
 * spend.c
 *		Step 11: taking the cost, and counting what is limited by the hour.
 *
 * Locks in the documented order: ancestors of the grant root first, the grant,
 * the requester in a role that the law limits, then accounts.  Everything is
 * guarded, so a race between two spends is lost by one of them, whatever the
 * isolation level.
 *
 *-------------------------------------------------------------------------
 */
#include "authority/decide.h"

#include "economy/ledger.h"
#include "economy/economy.h"
#include "host/clock.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "host/write.h"
#include "storage/lmgr.h"

/* Columns of web4.usage: limited, at, evidence. */
static W4Index usage_window = W4_INDEX("usage", "usage_window");

/* Does the grant have something that a use changes? */
static bool
leaf_is_counted(const W4Decision *d)
{
	return d->cost > 0 || d->link_per_hour[0] > 0 || d->chain.link[0]->max_actions != PG_INT64_MAX;
}

static bool
deny_revoked(W4Decision *d)
{
	return w4_deny(d, "delegation_expired", "W4_ERR_AGY_REVOKED", "revoked: the grant was revoked meanwhile");
}

/* The guarded UPDATE found that somebody came first: say who. */
static bool
deny_lost_race(W4Decision *d)
{
	W4Grant		now;
	bool		found;

	w4_push_latest_snapshot();
	found = w4_grant_load(d->chain.link[0]->hash, &now);
	w4_pop_snapshot();
	if (!found || now.revoked || now.closed)
		return deny_revoked(d);
	if (now.actions >= now.max_actions)
		return w4_deny(d, "rate_limit_exceeded", "W4_ERR_AUTHZ_RATE", "the grant's actions are used up");
	d->atp_remaining = now.escrow;
	return w4_deny(d, "atp_budget_exceeded", "W4_ERR_AUTHZ_DENIED", "another use of the grant came first");
}

static bool
spend_grant(W4Decision *d)
{
	bool		counted = leaf_is_counted(d);

	if (!w4_grant_lock_chain(&d->chain, d->link_per_hour, counted))
		return deny_revoked(d);
	if (counted && !w4_grant_spend(d->chain.link[0]->hash, d->cost, &d->atp_remaining))
		return deny_lost_race(d);
	return true;
}

/*
 * Requests of one requester in one role, whatever grants they name, queue up
 * here when the law limits them.  Not an advisory lock: anybody could hold
 * that, and with it the requester.
 */
static void
queue_requester(const W4Decision *d)
{
	Oid			object;
	uint16		part;

	memcpy(&object, d->limited, sizeof(object));
	memcpy(&part, d->limited + sizeof(object), sizeof(part));
	LockDatabaseObject(w4_index_oid(&usage_window), object, part, ExclusiveLock);
}

static bool
spend_account(W4Decision *d)
{
	if (d->cost > 0 &&
		!w4_account_debit(d->request->society, d->request->requester, d->cost, true, &d->atp_remaining))
		return w4_deny(d, "atp_budget_exceeded", "W4_ERR_AUTHZ_DENIED", "another spend came first");
	return true;
}

/* Take the cost, with every lock that the decision needs. */
static bool
spend(W4Decision *d)
{
	if (d->chain.n > 0 && !spend_grant(d))
		return false;
	if (d->per_hour > 0)
		queue_requester(d);
	return d->chain.n > 0 || spend_account(d);
}

static void
unspend(W4Decision *d)
{
	if (d->chain.n > 0)
	{
		if (leaf_is_counted(d))
			w4_grant_unspend(d->chain.link[0]->hash, d->cost);
	}
	else if (d->cost > 0)
		(void) w4_account_take(d->request->society, d->request->requester, 0, -d->cost, -d->cost, NULL);
}

static bool
exhausted(const uint8_t limited[32], int per_hour, TimestampTz now)
{
	W4Scan		scan;
	Datum		key;
	int			count = 0;

	if (per_hour == 0)
		return false;
	key = w4_bytea_datum(limited, 32);
	for (bool more = w4_scan_open_after(&scan, &usage_window, 1, &key, TimestampTzGetDatum(now - USECS_PER_HOUR));
		 more && count < per_hour; more = w4_scan_next(&scan))
		count++;
	w4_scan_close(&scan);
	return count >= per_hour;
}

bool
w4_usage_exhausted(const W4Decision *d)
{
	if (exhausted(d->limited, d->per_hour, d->now))
		return true;
	for (int i = 0; i < d->chain.n; i++)
	{
		if (exhausted(d->chain.link[i]->hash, d->link_per_hour[i], d->now))
			return true;
	}
	return false;
}

static void
count_use(const uint8_t limited[32], TimestampTz now, int64 evidence)
{
	static W4Table usage = W4_TABLE("usage", 3);
	Datum		values[3] = {w4_bytea_datum(limited, 32), TimestampTzGetDatum(now), Int64GetDatum(evidence)};

	w4_insert(&usage, values, NULL);
}

/* A use also counts for the ancestors that limit it, or many children would multiply the limit. */
void
w4_usage_add(const W4Decision *d, int64 evidence)
{
	if (d->per_hour > 0)
		count_use(d->limited, d->now, evidence);
	for (int i = 0; i < d->chain.n; i++)
	{
		if (d->link_per_hour[i] > 0)
			count_use(d->chain.link[i]->hash, d->now, evidence);
	}
}

/* Children repeat a limit that an ancestor's token has; the law's is the root's alone. */
static bool
is_limited(const W4Decision *d)
{
	int			root = Max(d->chain.n, 1) - 1;

	return d->per_hour > 0 || d->link_per_hour[0] > 0 || d->link_per_hour[root] > 0;
}

/*
 * Whoever counted before us has committed now that we hold the locks, so count
 * again by a new snapshot.
 */
static bool
exhausted_meanwhile(const W4Decision *d)
{
	bool		used_up;

	if (!is_limited(d))
		return false;
	w4_push_latest_snapshot();
	used_up = w4_usage_exhausted(d);
	w4_pop_snapshot();
	return used_up;
}

bool
w4_decision_spend(W4Decision *d)
{
	int64		before = d->atp_remaining;

	if (!spend(d))
		return false;
	if (exhausted_meanwhile(d))
	{
		unspend(d);
		d->atp_remaining = before;
		return w4_deny(d, "rate_limit_exceeded", "W4_ERR_AUTHZ_RATE", "too many granted actions in the last hour");
	}
	return true;
}

void
w4_decision_unspend(W4Decision *d)
{
	if (strcmp(d->decision, "granted") == 0)
		unspend(d);
}

PG_FUNCTION_INFO_V1(web4_prune);

/*
 * web4_prune(keep interval) returns bigint.
 */
Datum
web4_prune(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	/* The later of two intervals can be the earlier of two times ("1 month -29 days"), so compare times. */
	static W4Plan prune = W4_PLAN("DELETE FROM web4.usage WHERE at OPERATOR(pg_catalog.<) "
								  "LEAST(pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) $1, "
								  "pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) '1 hour'::pg_catalog.interval)", "interval");
	Datum		keep = PG_GETARG_DATUM(0);
	uint64		rows;

	w4_require_live("web4_prune()");
	SPI_connect();
	rows = w4_write(&prune, &keep, NULL);
	SPI_finish();
	PG_RETURN_INT64((int64) rows);
}
