/*-------------------------------------------------------------------------
 *
 * revoke.c
 *		web4_grant_revoke() and web4_grant_close().
 *
 * A revocation updates the grant's state row, so that every use, which locks
 * that row, either comes before it or sees it.  What is left in the escrow of
 * a dead grant goes back to the nearest ancestor that is still open, else to
 * the root's issuer.
 *
 *-------------------------------------------------------------------------
 */
#include "authority/grant.h"

#include "core/json.h"
#include "core/lctid.h"
#include "economy/economy.h"
#include "economy/ledger.h"
#include "evidence/evidence.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/identity.h"

PG_FUNCTION_INFO_V1(web4_grant_revoke);
PG_FUNCTION_INFO_V1(web4_grant_close);

static void
unknown_grant(void)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(UNKNOWN_GRANT)),
			 errmsg("no such grant"),
			 w4_errdetail(W4_ERRCODE(UNKNOWN_GRANT), "No registered token has this hash.")));
}

/* Issuer of the token or of an ancestor, or its subject. */
static bool
may_revoke(const W4GrantChain *chain, const uint8_t revoker[32])
{
	if (memcmp(chain->link[0]->subject, revoker, 32) == 0)
		return true;
	for (int i = 0; i < chain->n; i++)
	{
		if (memcmp(chain->link[i]->issuer, revoker, 32) == 0)
			return true;
	}
	return false;
}

/*
 * A refusal is its issuer's own: nobody else lifts it.
 */
static void
check_revoker(const W4GrantChain *chain, const W4Revocation *record, const uint8_t revoker[32], TimestampTz now)
{
	W4Entity	entity;
	bool		entitled = chain->link[0]->level == 0 ?
		memcmp(chain->link[0]->issuer, revoker, 32) == 0 : may_revoke(chain, revoker);

	w4_entity_require_active(revoker, &entity);
	if (!w4_revocation_signature_ok(record) ||
		w4_entity_key_version(revoker, record->public_key, now) == 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(CONSENT_SIGNATURE)),
				 errmsg("signature of the revocation does not verify"),
				 w4_errdetail(W4_ERRCODE(CONSENT_SIGNATURE), "It must be made with a valid key of the revoker.")));
	if (!entitled)
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_ENTITLED)),
				 errmsg("signer may not revoke this grant"),
				 w4_errdetail(W4_ERRCODE(NOT_ENTITLED), "Its issuer, an issuer further up the chain or its subject may; a refusal only its issuer.")));
	if (record->revoked_at > w4_unix_from_timestamptz(now) + W4_FRESHNESS_US)
		ereport(ERROR,
				(errcode(W4_ERRCODE(STALE)),
				 errmsg("revocation lies in the future"),
				 w4_errdetail(W4_ERRCODE(STALE), "It may be at most 300 s ahead of the server's clock.")));
}

/* Root first, as everywhere, before anything is written.  Returns whether the leaf is closed; *escrow is what it holds. */
static bool
lock_for_closing(const W4GrantChain *chain, int64 *escrow)
{
	static W4Plan lock = W4_PLAN("SELECT escrow, closed FROM web4.grant_state WHERE hash OPERATOR(pg_catalog.=) $1 FOR UPDATE", "bytea");
	bool		closed = false;

	for (int i = chain->n - 1; i >= 0; i--)
	{
		Datum		key = w4_bytea_datum(chain->link[i]->hash, 32);
		bool		isnull;

		if (w4_read(&lock, &key, NULL, 1) != 1)
			elog(ERROR, "a grant has vanished");
		*escrow = DatumGetInt64(w4_value(0, 1, &isnull));
		closed = DatumGetBool(w4_value(0, 2, &isnull));
	}
	return closed;
}

/* Empty the escrow of a dead grant; returns what goes back. */
static int64
empty(const W4GrantChain *chain)
{
	static W4Plan close = W4_PLAN("UPDATE web4.grant_state SET returned = returned + escrow, escrow = 0, closed = true "
								  "WHERE hash OPERATOR(pg_catalog.=) $1", "bytea");
	Datum		key = w4_bytea_datum(chain->link[0]->hash, 32);
	int64		escrow = 0;

	if (lock_for_closing(chain, &escrow))
		return 0;
	w4_write(&close, &key, NULL);
	return escrow;
}

/* To whom "amount" goes back: to the nearest open ancestor, or to the root's issuer. */
static W4Posting
give_back(const W4GrantChain *chain, int64 amount)
{
	static W4Plan to_open = W4_PLAN("UPDATE web4.grant_state SET reserved = reserved - $2, escrow = escrow + $2 "
									"WHERE hash OPERATOR(pg_catalog.=) $1 AND NOT closed", "bytea,int8");
	static W4Plan through_closed = W4_PLAN("UPDATE web4.grant_state SET reserved = reserved - $2, returned = returned + $2 "
										   "WHERE hash OPERATOR(pg_catalog.=) $1", "bytea,int8");
	const W4Grant *leaf = chain->link[0];
	const W4Grant *root = chain->link[chain->n - 1];
	W4Posting	posting = {.society = leaf->society, .kind = "release", .amount = amount,
		.debit = W4_PLACE_GRANT, .debit_holder = leaf->hash,
		.credit = W4_PLACE_AVAILABLE, .credit_holder = root->issuer};

	for (int i = 1; i < chain->n; i++)
	{
		Datum		values[2] = {w4_bytea_datum(chain->link[i]->hash, 32), Int64GetDatum(amount)};

		if (w4_write(&to_open, values, NULL) == 1)
		{
			posting.credit = W4_PLACE_GRANT;
			posting.credit_holder = chain->link[i]->hash;
			return posting;
		}
		if (w4_write(&through_closed, values, NULL) != 1)
			elog(ERROR, "an ancestor of a grant has vanished");
	}
	w4_account_credit(leaf->society, root->issuer, amount);
	return posting;
}

static int64
record_leaf(const char *what, const W4Grant *grant, const uint8_t actor[32], W4Slice document, TimestampTz now,
			const W4Posting *returned)
{
	uint8_t		buf[512];
	W4Writer	data = w4_writer(buf, sizeof(buf));
	W4Evidence	leaf = {.kind = "grant", .society = grant->society, .actor = actor, .at = now, .document = document};

	w4_put_cstr(&data, "{\"act\":");
	w4c_put_string(&data, what, strlen(what));
	w4_put_cstr(&data, ",\"grant\":");
	w4c_put_hex(&data, grant->hash, 32);
	if (returned != NULL)
	{
		w4_put_cstr(&data, ",\"returned\":");
		w4c_put_int(&data, returned->amount);
		w4_put_cstr(&data, ",\"to\":");
		if (returned->credit == W4_PLACE_GRANT)
			w4c_put_hex(&data, returned->credit_holder, 32);
		else
			w4c_put_lct(&data, returned->credit_holder);
	}
	w4_put_cstr(&data, "}");
	leaf.data = w4_slice(data.buf, data.len);
	w4_evidence_append_once(&leaf);
	return leaf.id;
}

/* Close a dead grant and record why; returns what went back. */
static int64
close_grant(const char *what, const W4GrantChain *chain, const uint8_t actor[32], W4Slice document, TimestampTz now)
{
	int64		escrow = empty(chain);
	W4Posting	posting;

	if (escrow == 0)
	{
		(void) record_leaf(what, chain->link[0], actor, document, now, NULL);
		return 0;
	}
	posting = give_back(chain, escrow);
	posting.evidence = record_leaf(what, chain->link[0], actor, document, now, &posting);
	w4_journal_post(&posting);
	return escrow;
}

/*
 * web4_grant_revoke(record bytea) returns bytea: hash of the revoked grant.
 */
Datum
web4_grant_revoke(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	static W4Plan mark = W4_PLAN("UPDATE web4.grant_state SET revoked_at = $2 WHERE hash OPERATOR(pg_catalog.=) $1 AND revoked_at IS NULL",
								 "bytea,timestamptz");
	static W4Plan keep = W4_PLAN("INSERT INTO web4.grant_revocation (hash, revoker, revoked_at, reason, record) "
								 "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", "bytea,lct,timestamptz,int2,bytea");
	W4Slice		wire = W4_ARG_SLICE(0);
	TimestampTz now = GetCurrentTimestamp();
	W4Revocation record;
	W4GrantChain chain;
	W4Fault		fault;
	uint8_t		revoker[32];
	Datum		hash;
	int64		escrow;

	w4_require_live("web4_grant_revoke()");
	if (!w4_revocation_decode(&record, wire.data, wire.len, &fault))
		w4_raise_fault(W4_ERRCODE(CONSENT_FORMAT), "revocation record", &fault);
	if (!w4_lct_parse(revoker, (const char *) record.revoker.data, record.revoker.len, &fault))
		w4_raise_fault(W4_ERRCODE(CONSENT_FORMAT), "revoker", &fault);
	hash = w4_bytea_datum(record.token_hash, 32);

	SPI_connect();
	w4_push_latest_snapshot();
	if (!w4_grant_load_chain(record.token_hash, &chain))
		unknown_grant();
	check_revoker(&chain, &record, revoker, now);
	w4_pop_snapshot();
	(void) lock_for_closing(&chain, &escrow);
	if (w4_write(&keep, (Datum[]) {hash, W4LctGetDatum(revoker), TimestampTzGetDatum(now),
				 Int16GetDatum(record.reason), PG_GETARG_DATUM(0)}, NULL) == 1)
	{
		w4_write(&mark, (Datum[]) {hash, TimestampTzGetDatum(now)}, NULL);
		(void) close_grant("revoke", &chain, revoker, wire, now);
	}
	SPI_finish();
	PG_RETURN_DATUM(hash);
}

/*
 * web4_grant_close(hash bytea) returns atp: what went back.  Anybody may close
 * a grant that is dead, by itself or through an ancestor.
 */
Datum
web4_grant_close(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	const uint8_t *hash = w4_fixed_bytea(PG_GETARG_DATUM(0), 32, "grant hash");
	TimestampTz now = GetCurrentTimestamp();
	W4GrantChain chain;
	const char *code;
	const char *why;
	int64		returned = 0;

	w4_require_live("web4_grant_close()");
	SPI_connect();
	w4_push_latest_snapshot();
	if (!w4_grant_load_chain(hash, &chain))
		unknown_grant();
	why = w4_grant_chain_alive(&chain, now, &code);
	w4_pop_snapshot();
	/* A suspended issuer may come back, so only expiry and revocation are final. */
	if (why == NULL || strstr(why, "expired:") == NULL)
	{
		bool		revoked = false;

		for (int i = 0; i < chain.n; i++)
			revoked = revoked || chain.link[i]->revoked;
		if (!revoked)
			ereport(ERROR,
					(errcode(W4_ERRCODE(NOT_ENTITLED)),
					 errmsg("grant is still alive"),
					 w4_errdetail(W4_ERRCODE(NOT_ENTITLED), "Only an expired or revoked grant can be closed."),
					 errhint("Revoke it with web4_grant_revoke().")));
	}
	if (!chain.link[0]->closed)
		returned = close_grant("close", &chain, chain.link[0]->society, w4_slice(NULL, 0), now);
	SPI_finish();
	PG_RETURN_INT64(returned);
}
