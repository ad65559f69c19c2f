/*-------------------------------------------------------------------------
 *
 * economy.h
 *		Accounts, escrow and the journal.
 *
 * Balances change only here: a guarded UPDATE of the account and one journal
 * row, which moves an amount from one place to another.  SPI connected.  Lock
 * order: accounts in ascending (society, entity).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_ECONOMY_H
#define W4_ECONOMY_H

#include "postgres.h"

#include "core/bytes.h"
#include "datatype/timestamp.h"

/* Places between which the journal moves ATP (web4.journal). */
typedef enum W4Place
{
	W4_PLACE_AVAILABLE = 'a',
	W4_PLACE_LOCKED = 'l',
	W4_PLACE_GRANT = 'g',
	W4_PLACE_POOL_ADP = 'd',
	W4_PLACE_POOL_ATP = 'p',
	W4_PLACE_SUPPLY = 's'
} W4Place;

typedef struct W4Posting
{
	const uint8_t *society;
	const char *kind;
	W4Place		debit;
	const uint8_t *debit_holder;	/* entity or grant hash; NULL for the society's own places */
	W4Place		credit;
	const uint8_t *credit_holder;
	int64		amount;			/* micro-ATP, > 0 */
	int64		evidence;		/* id of the leaf that records why */
} W4Posting;

/* Insert the journal row only; the caller changed the balances. */
extern void w4_journal_post(const W4Posting *posting);

/*
 * Take from / add to what the entity may spend, guarded; no journal row.
 * Debit returns false (nothing changed) when the account is missing, frozen or
 * short.  discharged adds to the account's ADP statistic.
 */
extern bool w4_account_debit(const uint8_t society[32], const uint8_t entity[32], int64 amount,
							 bool discharged, int64 *available_after);
extern void w4_account_credit(const uint8_t society[32], const uint8_t entity[32], int64 amount);

/* Available micro-ATP, 0 without an account; index read, no lock, no SPI. */
extern int64 w4_account_available(const uint8_t society[32], const uint8_t entity[32]);

/* Open an empty account if there is none. */
extern void w4_account_open(const uint8_t society[32], const uint8_t entity[32]);

/*
 * The society's economic policy, as its law sets it.  fee_bearer is "sender",
 * "receiver" or "split", overflow "reject" or "return"; 0 stands for no
 * balance limit and for the general limit of a mint.
 */
extern void w4_economy_set_policy(const uint8_t society[32], int64 fee_ppb, const char *fee_bearer,
								  int64 max_balance, const char *overflow, int64 max_mint);

#endif							/* W4_ECONOMY_H */
