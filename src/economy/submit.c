/*-------------------------------------------------------------------------
 *
 * submit.c
 *		Signed ATP transactions: mint, charge, allocate, transfer, discharge.
 *
 * Who must sign follows from the type: the sender for what leaves his account,
 * the society or its treasurer for what the pool gives and for new ADP.  The
 * order of the checks is that of every signed document: format, parties,
 * signature, freshness, uniqueness, effects.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/ledger.h"

#include "core/lctid.h"
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

PG_FUNCTION_INFO_V1(web4_atp_submit);

static W4Index role_holder_pkey = W4_INDEX("role_holder", "role_holder_pkey");

enum
{
	Anum_role_holder_society = 1,
	Anum_role_holder_role,
	Anum_role_holder_holder
};

typedef struct Submission
{
	W4AtpTx		tx;
	W4Slice		document;
	W4Slice		signature;
	TimestampTz now;
	uint8_t		society[32];
	uint8_t		from[32];
	uint8_t		to[32];
	uint8_t		signer[32];
	W4EconomyPolicy policy;
	/* results */
	W4Fees		fees;
	int64		available;
	bool		has_available;
	int64		evidence;
} Submission;

typedef struct TxType
{
	const char *name;
	const char *from;			/* place, or NULL: an entity that must sign */
	const char *to;				/* place, or NULL: an entity */
	void		(*apply) (Submission *s);
} TxType;

/* --- format --- */

pg_attribute_noreturn() static void
refuse_tx(const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_ATP_TX)),
			 errmsg("malformed ATP transaction"),
			 w4_errdetail(W4_ERRCODE(BAD_ATP_TX), "%s.", why)));
}

static void
read_lct(W4Slice text, uint8_t lct[32], const char *why)
{
	W4Fault		fault;

	if (!w4_lct_parse(lct, (const char *) text.data, text.len, &fault))
		refuse_tx(why);
}

static void
read_party(W4Slice text, const char *place, uint8_t lct[32], const char *which)
{
	if (place == NULL)
		read_lct(text, lct, psprintf("\"%s\" must be an LCT identifier", which));
	else if (!w4_slice_eq(text, w4_slice_cstr(place)))
		refuse_tx(psprintf("\"%s\" must be \"%s\"", which, place));
}

/* --- signer --- */

static bool
signed_by(const Submission *s, const uint8_t entity[32])
{
	return w4_entity_verify(entity, s->document, s->signature, s->now) > 0;
}

static void
refuse_signer(const char *who)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(TX_SIGNER)),
			 errmsg("ATP transaction is not signed by the party that must sign it"),
			 w4_errdetail(W4_ERRCODE(TX_SIGNER), "No valid key of %s verifies the signature.", who)));
}

/* Is it signed by an active holder of the treasurer's role? */
static bool
signed_by_treasurer(Submission *s)
{
	static const char *const roles[] = {"treasurer", NULL};
	W4Scan		scan;
	Datum		keys[2] = {W4LctGetDatum(s->society), CStringGetTextDatum("treasurer")};
	bool		found = false;

	for (bool more = w4_scan_open(&scan, &role_holder_pkey, 2, keys); more && !found; more = w4_scan_next(&scan))
	{
		bool		isnull;
		W4Entity	holder;

		CHECK_FOR_INTERRUPTS();
		memcpy(s->signer, DatumGetW4Lct(w4_scan_attr(&scan, Anum_role_holder_holder, &isnull)), 32);
		found = w4_entity_get(s->signer, &holder) && holder.status == W4_STATUS_ACTIVE &&
			w4_may_govern(s->society, s->signer, roles) && signed_by(s, s->signer);
	}
	w4_scan_close(&scan);
	return found;
}

static void
find_signer(Submission *s, const TxType *type)
{
	if (type->from == NULL)
	{
		memcpy(s->signer, s->from, 32);
		if (!signed_by(s, s->from))
			refuse_signer(w4_lct_cstring(s->from));
		return;
	}
	memcpy(s->signer, s->society, 32);
	if (!signed_by(s, s->society) && !signed_by_treasurer(s))
		refuse_signer("the society or its treasurer");
}

static void
require_fresh(const Submission *s)
{
	int64		now = w4_unix_from_timestamptz(s->now);

	if (!w4_is_fresh(s->tx.timestamp, now))
		ereport(ERROR,
				(errcode(W4_ERRCODE(STALE)),
				 errmsg("ATP transaction's time is too far from the server's"),
				 w4_errdetail(W4_ERRCODE(STALE), "They differ by %lld s; 300 s are allowed.",
							  (long long) ((s->tx.timestamp > now ? s->tx.timestamp - now : now - s->tx.timestamp) / 1000000))));
}

/* --- effects --- */

/* Everything moves as it is: the pool pays and takes no fees. */
static void
record(Submission *s, const TxType *type)
{
	W4LedgerAct		act = {
		.type = type->name, .society = s->society, .actor = s->signer,
		.from = {.lct = type->from == NULL ? s->from : NULL, .place = type->from},
		.to = {.lct = type->to == NULL ? s->to : NULL, .place = type->to},
		.amount = s->tx.amount, .credited = s->tx.amount, .ref = s->tx.ref,
		.nonce = w4_slice(s->tx.nonce, W4_ATP_TX_NONCE_LEN), .document = s->document, .signature = s->signature
	};

	s->fees = (W4Fees)
	{
		.need = s->tx.amount, .due = s->tx.amount, .credited = s->tx.amount
	};
	s->evidence = w4_ledger_record(&act);
}

static void
post(const Submission *s, const char *kind, W4Place from, const uint8_t *from_holder, W4Place to, const uint8_t *to_holder)
{
	W4Posting	posting = {
		.society = s->society, .kind = kind, .debit = from, .debit_holder = from_holder,
		.credit = to, .credit_holder = to_holder, .amount = s->tx.amount, .evidence = s->evidence
	};

	w4_journal_post(&posting);
}

static int64
supply(const uint8_t society[32])
{
	static W4Plan sum = W4_PLAN("SELECT coalesce(sum(CASE debit WHEN 's' THEN amount ELSE -amount END), 0)::bigint "
								"FROM web4.journal WHERE society OPERATOR(@x@.=) $1 AND (debit = 's' OR credit = 's')", "lct");
	Datum		key = W4LctGetDatum(society);
	bool		isnull;

	w4_read(&sum, &key, NULL, 1);
	return DatumGetInt64(w4_value(0, 1, &isnull));
}

static void
apply_mint(Submission *s)
{
	if (s->tx.amount > s->policy.max_mint)
		ereport(ERROR,
				(errcode(W4_ERRCODE(ECONOMY_LAW)),
				 errmsg("amount exceeds what the society's law allows in one minting"),
				 w4_errdetail(W4_ERRCODE(ECONOMY_LAW), "It is %s; the limit is %s.",
							  w4_atp_cstring(s->tx.amount), w4_atp_cstring(s->policy.max_mint))));
	if (supply(s->society) > W4_MAX_SUPPLY - s->tx.amount)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_AMOUNT)),
				 errmsg("the society's supply would exceed its limit"),
				 w4_errdetail(W4_ERRCODE(BAD_AMOUNT), "The limit is %s ATP.", w4_atp_cstring(W4_MAX_SUPPLY)),
				 errhint("Mint less.")));
	post(s, "mint", W4_PLACE_SUPPLY, NULL, W4_PLACE_POOL_ADP, NULL);
}

/* What the pool gives does not go over an account's limit either. */
static void
require_room(const Submission *s)
{
	W4Account	account;

	if (s->policy.max_balance == 0)
		return;
	w4_account_lock(s->society, s->to, &account);
	if (s->tx.amount > w4_account_room(s->society, s->to, &account, s->policy.max_balance))
		ereport(ERROR,
				(errcode(W4_ERRCODE(ECONOMY_LAW)),
				 errmsg("receiver would exceed the balance limit"),
				 w4_errdetail(W4_ERRCODE(ECONOMY_LAW), "The society's limit, which counts what is locked and granted, is %s ATP.",
							  w4_atp_cstring(s->policy.max_balance))));
}

static void
give(Submission *s, W4Place bucket, const char *kind)
{
	w4_pool_take(s->society, bucket, s->tx.amount);
	require_room(s);
	w4_account_credit(s->society, s->to, s->tx.amount);
	post(s, kind, bucket, NULL, W4_PLACE_AVAILABLE, s->to);
}

static void
apply_charge(Submission *s)
{
	give(s, W4_PLACE_POOL_ADP, "charge");
}

static void
apply_allocate(Submission *s)
{
	give(s, W4_PLACE_POOL_ATP, "allocate");
}

static void
apply_discharge(Submission *s)
{
	if (!w4_account_debit(s->society, s->from, s->tx.amount, true, &s->available))
		w4_account_refuse(s->society, s->from, s->tx.amount);
	s->has_available = true;
	post(s, "discharge", W4_PLACE_AVAILABLE, s->from, W4_PLACE_POOL_ADP, NULL);
}

/* Fees and limits apply, so it does its own recording. */
static void
apply_transfer(Submission *s)
{
	W4Transfer	t = {
		.society = s->society, .sender = s->from, .receiver = s->to, .amount = s->tx.amount, .ref = s->tx.ref,
		.nonce = w4_slice(s->tx.nonce, W4_ATP_TX_NONCE_LEN), .document = s->document, .signature = s->signature
	};

	w4_transfer(&t, &s->policy);
	s->fees = t.fees;
	s->available = t.available;
	s->has_available = true;
	s->evidence = t.evidence;
}

static const TxType tx_types[] = {
	{"mint", "supply", "pool", apply_mint},
	{"charge", "pool", NULL, apply_charge},
	{"allocate", "pool", NULL, apply_allocate},
	{"transfer", NULL, NULL, apply_transfer},
	{"discharge", NULL, "pool", apply_discharge},
};

static const TxType *
find_type(W4Slice name)
{
	for (int i = 0; i < lengthof(tx_types); i++)
	{
		if (w4_slice_eq(name, w4_slice_cstr(tx_types[i].name)))
			return &tx_types[i];
	}
	refuse_tx("\"type\" must be mint, charge, allocate, transfer or discharge");
}

static const TxType *
parse(Submission *s)
{
	const TxType *type;
	W4Fault		fault;

	if (!w4_atp_tx_decode(&s->tx, s->document.data, s->document.len, &fault))
		w4_raise_fault(W4_ERRCODE(BAD_ATP_TX), "ATP transaction", &fault);
	read_lct(s->tx.society, s->society, "\"society\" must be an LCT identifier");
	type = find_type(s->tx.type);
	read_party(s->tx.from, type->from, s->from, "from");
	read_party(s->tx.to, type->to, s->to, "to");
	w4_require_amount(s->tx.amount);
	return type;
}

static void
require_parties(const Submission *s, const TxType *type)
{
	w4_require_acting_society(s->society);
	if (type->from == NULL && type->to == NULL)
	{
		w4_require_transfer(s->society, s->from, s->to, s->tx.amount);
		return;
	}
	if (type->from == NULL)
		w4_require_party(s->society, s->from, "sender");
	if (type->to == NULL)
		w4_require_party(s->society, s->to, "receiver");
}

/* web4_atp_submit(tx atp_tx, signature bytea) */
Datum
web4_atp_submit(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	Submission	s = {.document = W4_ARG_SLICE(0)};
	const TxType *type;

	w4_require_live("web4_atp_submit()");
	s.signature = w4_slice(w4_fixed_bytea(PG_GETARG_DATUM(1), 64, "signature"), 64);
	s.now = GetCurrentTimestamp();
	type = parse(&s);
	w4_push_latest_snapshot();
	require_parties(&s, type);
	find_signer(&s, type);
	require_fresh(&s);
	w4_economy_policy(s.society, &s.policy);
	w4_pop_snapshot();

	SPI_connect();
	if (type->apply != apply_transfer)
		record(&s, type);
	type->apply(&s);
	SPI_finish();
	return w4_movement(fcinfo, s.evidence, &s.fees, s.has_available ? &s.available : NULL);
}
