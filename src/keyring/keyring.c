/*-------------------------------------------------------------------------
 *
 * keyring.c
 *		Keys that live in the server: make, bind, find, sign, seal anew.
 *
 * Secret keys exist in clear only in the vault (server_key.c), between reading
 * a row and using it.  Who may use a key is web4_sign_as()'s business.
 *
 * Room "identity" is above us, so whether a key was rotated out is read from
 * its table by name.
 *
 *-------------------------------------------------------------------------
 */
#include "keyring/keyring.h"

#include <sodium.h>

#include "access/table.h"
#include "core/crypto.h"
#include "host/errors.h"
#include "host/names.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "keyring/seal_key.h"
#include "keyring/server_key.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "types/lct_type.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(web4_keyring_generate);
PG_FUNCTION_INFO_V1(web4_keyring_reseal);

static W4Index keyring_pkey = W4_INDEX("keyring", "keyring_pkey");
static W4Index keyring_owner = W4_INDEX("keyring", "keyring_owner");
static W4Index registered_key = W4_INDEX("entity_key", "entity_key_public_key_key");

enum
{
	Anum_keyring_public_key = 1,
	Anum_keyring_label,
	Anum_keyring_owner,
	Anum_keyring_purpose,
	Anum_keyring_nonce,
	Anum_keyring_sealed,
	Anum_keyring_created_at
};

enum
{
	Anum_registered_entity = 1,
	Anum_registered_status = 4,
	Anum_registered_valid_until = 6,
	Anum_registered_compromised_since
};

/* What an owner's key is worth today, in ascending order. */
typedef enum Standing
{
	STANDING_ENDED,				/* rotated out, compromised or another's: signs nothing */
	STANDING_UNREGISTERED,		/* of the keyring only, such as a sealing key */
	STANDING_OVERLAPPING,
	STANDING_ACTIVE
} Standing;

typedef struct Candidate
{
	bool		sealing;
	Standing	standing;
	TimestampTz created_at;
	uint8_t		public_key[32];
} Candidate;

void
w4_keyring_define_settings(void)
{
	w4_server_key_define_setting();
}

/* --- reading rows --- */

static void
copy_exactly(uint8_t *out, size_t len, Datum value)
{
	W4Slice		s = w4_varlena_slice(PG_DETOAST_DATUM_PACKED(value));

	if (s.len != len)
		elog(ERROR, "keyring row has a value of %zu bytes instead of %zu", s.len, len);
	memcpy(out, s.data, len);
}

static void
copy_purpose(char out[W4_PURPOSE_MAX], Datum value)
{
	strlcpy(out, TextDatumGetCString(value), W4_PURPOSE_MAX);
}

static void
scan_sealed(W4Scan *scan, W4SealedKey *key)
{
	bool		isnull;

	copy_exactly(key->public_key, 32, w4_scan_attr(scan, Anum_keyring_public_key, &isnull));
	copy_purpose(key->purpose, w4_scan_attr(scan, Anum_keyring_purpose, &isnull));
	copy_exactly(key->nonce, W4_SEALED_NONCE_LEN, w4_scan_attr(scan, Anum_keyring_nonce, &isnull));
	copy_exactly(key->sealed, W4_SEALED_LEN, w4_scan_attr(scan, Anum_keyring_sealed, &isnull));
}

static bool
find_sealed(const uint8_t public_key[32], W4SealedKey *key)
{
	Datum		bytes = w4_bytea_datum(public_key, 32);
	W4Scan		scan;
	bool		found;

	w4_push_latest_snapshot();
	found = w4_scan_open(&scan, &keyring_pkey, 1, &bytes);
	if (found)
		scan_sealed(&scan, key);
	w4_scan_close(&scan);
	w4_pop_snapshot();
	return found;
}

static void unknown_key(const uint8_t public_key[32]) pg_attribute_noreturn();

static void
unknown_key(const uint8_t public_key[32])
{
	char		hex[8 + 1] = "";

	sodium_bin2hex(hex, sizeof(hex), public_key, 4);
	ereport(ERROR,
			(errcode(W4_ERRCODE(KEYRING_UNKNOWN)),
			 errmsg("keyring holds no such key"),
			 w4_errdetail(W4_ERRCODE(KEYRING_UNKNOWN), "The public key begins with %s.", hex),
			 errhint("See web4_keyring_list(), or make one with web4_keyring_generate().")));
}

bool
w4_keyring_has(const uint8_t public_key[32])
{
	W4SealedKey key;

	return find_sealed(public_key, &key);
}

/* --- whose key signs --- */

static Standing
standing_of_row(W4Scan *scan, const uint8_t owner[32])
{
	bool		isnull;
	bool		endless;
	bool		trusted;
	Datum		entity = w4_scan_attr(scan, Anum_registered_entity, &isnull);
	char	   *status = TextDatumGetCString(w4_scan_attr(scan, Anum_registered_status, &isnull));
	TimestampTz until = DatumGetTimestampTz(w4_scan_attr(scan, Anum_registered_valid_until, &endless));

	(void) w4_scan_attr(scan, Anum_registered_compromised_since, &trusted);
	if (memcmp(DatumGetW4Lct(entity), owner, 32) != 0 || !trusted)
		return STANDING_ENDED;
	if (strcmp(status, "active") == 0)
		return STANDING_ACTIVE;
	if (strcmp(status, "overlapping") == 0 && (endless || GetCurrentTimestamp() < until))
		return STANDING_OVERLAPPING;
	return STANDING_ENDED;
}

static Standing
standing(const uint8_t public_key[32], const uint8_t owner[32])
{
	Datum		key = w4_bytea_datum(public_key, 32);
	Standing	result = STANDING_UNREGISTERED;
	W4Scan		scan;

	if (w4_scan_open(&scan, &registered_key, 1, &key))
		result = standing_of_row(&scan, owner);
	w4_scan_close(&scan);
	return result;
}

static void
scan_candidate(W4Scan *scan, const uint8_t owner[32], Candidate *out)
{
	char		purpose[W4_PURPOSE_MAX];
	bool		isnull;

	copy_purpose(purpose, w4_scan_attr(scan, Anum_keyring_purpose, &isnull));
	copy_exactly(out->public_key, 32, w4_scan_attr(scan, Anum_keyring_public_key, &isnull));
	out->sealing = strcmp(purpose, "sealing") == 0;
	out->created_at = DatumGetTimestampTz(w4_scan_attr(scan, Anum_keyring_created_at, &isnull));
	out->standing = standing(out->public_key, owner);
}

static bool
better(const Candidate *a, const Candidate *b)
{
	if (a->sealing != b->sealing)
		return a->sealing;
	if (a->standing != b->standing)
		return a->standing > b->standing;
	return a->created_at > b->created_at;
}

bool
w4_keyring_key_of(const uint8_t owner[32], bool for_heads, uint8_t public_key[32])
{
	Datum		lct = W4LctGetDatum(owner);
	Candidate	best = {.standing = STANDING_ENDED};
	W4Scan		scan;

	w4_push_latest_snapshot();
	for (bool more = w4_scan_open(&scan, &keyring_owner, 1, &lct); more; more = w4_scan_next(&scan))
	{
		Candidate	c;

		scan_candidate(&scan, owner, &c);
		if (c.standing == STANDING_ENDED || (c.sealing && !for_heads))
			continue;
		if (best.standing == STANDING_ENDED || better(&c, &best))
			best = c;
	}
	w4_scan_close(&scan);
	w4_pop_snapshot();
	if (best.standing == STANDING_ENDED)
		return false;
	memcpy(public_key, best.public_key, 32);
	return true;
}

/* --- using keys --- */

static void
unseal(W4Vault *vault, const W4SealedKey *key)
{
	if (!w4_unseal_key(vault->secret_key, key, vault->server_key))
		ereport(ERROR,
				(errcode(W4_ERRCODE(KEYRING_CLOSED)),
				 errmsg("could not open the keyring"),
				 w4_errdetail(W4_ERRCODE(KEYRING_CLOSED), "A key was sealed under another server key, or its row was changed."),
				 errhint("web4.server_key_file must name the file that was in use when the keys were made, or the last one given to web4_keyring_reseal().")));
}

void
w4_keyring_sign(const uint8_t public_key[32], W4Slice message, uint8_t signature[64])
{
	W4SealedKey key;
	W4Vault    *vault;

	PreventCommandDuringRecovery("signing with the keyring");
	if (!find_sealed(public_key, &key))
		unknown_key(public_key);
	vault = w4_vault_open();
	PG_TRY();
	{
		w4_server_key_read(vault);
		unseal(vault, &key);
		w4_sign(signature, message.data, message.len, vault->secret_key);
	}
	PG_FINALLY();
	{
		w4_vault_close();
	}
	PG_END_TRY();
}

/* --- making keys --- */

/*
 * A keyring is sealed under one server key.  Before we add to it, see that the
 * file opens what is there, so that a wrong file is noticed now and not when
 * the right one is gone.
 */
static void
check_server_key(W4Vault *vault)
{
	W4SealedKey key;
	W4Scan		scan;
	bool		any;

	w4_push_latest_snapshot();
	any = w4_scan_open(&scan, &keyring_pkey, 0, NULL);
	if (any)
		scan_sealed(&scan, &key);
	w4_scan_close(&scan);
	w4_pop_snapshot();
	if (any)
		unseal(vault, &key);
}

static void
make_key(W4SealedKey *key)
{
	W4Vault    *vault = w4_vault_open();

	PG_TRY();
	{
		w4_server_key_read(vault);
		check_server_key(vault);
		crypto_sign_keypair(key->public_key, vault->secret_key);
		w4_seal_key(key, vault->secret_key, vault->server_key);
	}
	PG_FINALLY();
	{
		w4_vault_close();
	}
	PG_END_TRY();
}

void
w4_keyring_generate(const char *label, const char *purpose, uint8_t public_key[32])
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.keyring (public_key, label, purpose, nonce, sealed) "
								   "VALUES ($1, $2, $3, $4, $5)", "bytea, text, text, bytea, bytea");
	W4SealedKey key = {0};
	Datum		values[5];

	PreventCommandIfReadOnly("making a key of the keyring");
	PreventCommandDuringRecovery("making a key of the keyring");
	strlcpy(key.purpose, purpose, sizeof(key.purpose));

	/* Against a concurrent reseal: it must see our row, or we its server key. */
	LockRelationOid(w4_relation_oid("keyring"), RowExclusiveLock);
	make_key(&key);

	values[0] = w4_bytea_datum(key.public_key, sizeof(key.public_key));
	values[1] = CStringGetTextDatum(label);
	values[2] = CStringGetTextDatum(purpose);
	values[3] = w4_bytea_datum(key.nonce, sizeof(key.nonce));
	values[4] = w4_bytea_datum(key.sealed, sizeof(key.sealed));
	w4_write(&insert, values, NULL);
	memcpy(public_key, key.public_key, 32);
}

Datum
web4_keyring_generate(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	char	   *label = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *purpose = text_to_cstring(PG_GETARG_TEXT_PP(1));
	uint8_t		public_key[32];

	if (strcmp(purpose, "identity") != 0 && strcmp(purpose, "sealing") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown purpose of a key: \"%s\"", purpose),
				 errhint("It is \"identity\" or \"sealing\".")));
	SPI_connect();
	w4_keyring_generate(label, purpose, public_key);
	SPI_finish();
	return w4_bytea_datum(public_key, sizeof(public_key));
}

/* --- whose key it is --- */

void
w4_keyring_bind(const uint8_t public_key[32], const uint8_t owner[32])
{
	static W4Plan bind = W4_PLAN("UPDATE web4.keyring SET owner = $2 WHERE public_key = $1 "
								 "AND (owner IS NULL OR owner OPERATOR(@x@.=) $2)", "bytea, lct");
	Datum		values[2];

	values[0] = w4_bytea_datum(public_key, 32);
	values[1] = W4LctGetDatum(owner);
	if (w4_write(&bind, values, NULL) == 1)
		return;
	if (!w4_keyring_has(public_key))
		unknown_key(public_key);
	ereport(ERROR,
			(errcode(W4_ERRCODE(KEY_IN_USE)),
			 errmsg("key of the keyring belongs to another identity"),
			 w4_errdetail(W4_ERRCODE(KEY_IN_USE), "It cannot be bound to %s.", w4_lct_cstring(owner)),
			 errhint("Make another key with web4_keyring_generate().")));
}

static bool
returned_owner(uint8_t owner[32])
{
	bool		isnull;
	Datum		value = w4_value(0, 1, &isnull);

	if (!isnull)
		memcpy(owner, DatumGetW4Lct(value), 32);
	return !isnull;
}

bool
w4_keyring_hold(const uint8_t public_key[32], uint8_t owner[32])
{
	static W4Plan hold = W4_PLAN("SELECT owner FROM web4.keyring WHERE public_key = $1 FOR NO KEY UPDATE", "bytea");
	Datum		key = w4_bytea_datum(public_key, 32);

	if (w4_read(&hold, &key, NULL, 1) == 0)
		unknown_key(public_key);
	return returned_owner(owner);
}

List *
w4_keyring_keys_of(const uint8_t owner[32])
{
	Datum		lct = W4LctGetDatum(owner);
	List	   *keys = NIL;
	W4Scan		scan;

	w4_push_latest_snapshot();
	for (bool more = w4_scan_open(&scan, &keyring_owner, 1, &lct); more; more = w4_scan_next(&scan))
	{
		uint8_t    *key = palloc(32);
		bool		isnull;

		copy_exactly(key, 32, w4_scan_attr(&scan, Anum_keyring_public_key, &isnull));
		keys = lappend(keys, key);
	}
	w4_scan_close(&scan);
	w4_pop_snapshot();
	return keys;
}

bool
w4_keyring_drop(const uint8_t public_key[32], uint8_t owner[32])
{
	static W4Plan drop_signers = W4_PLAN("DELETE FROM web4.keyring_signer WHERE public_key = $1", "bytea");
	static W4Plan drop_key = W4_PLAN("DELETE FROM web4.keyring WHERE public_key = $1 RETURNING owner", "bytea");
	Datum		key = w4_bytea_datum(public_key, 32);

	w4_write(&drop_signers, &key, NULL);
	if (w4_write(&drop_key, &key, NULL) == 0)
		unknown_key(public_key);
	return returned_owner(owner);
}

/* --- another server key --- */

static void
spi_sealed(uint64 row, W4SealedKey *key)
{
	bool		isnull;

	copy_exactly(key->public_key, 32, w4_value(row, 1, &isnull));
	copy_purpose(key->purpose, w4_value(row, 2, &isnull));
	copy_exactly(key->nonce, W4_SEALED_NONCE_LEN, w4_value(row, 3, &isnull));
	copy_exactly(key->sealed, W4_SEALED_LEN, w4_value(row, 4, &isnull));
}

/* All keys, in memory: a keyring holds a handful. */
static W4SealedKey *
read_all_keys(uint64 *n)
{
	static W4Plan all = W4_PLAN("SELECT public_key, purpose, nonce, sealed FROM web4.keyring ORDER BY public_key", "");
	W4SealedKey *keys;

	*n = w4_read(&all, NULL, NULL, 0);
	keys = palloc_extended(*n * sizeof(W4SealedKey), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < *n; i++)
		spi_sealed(i, &keys[i]);
	return keys;
}

static void
reseal_all(W4SealedKey *keys, uint64 n, const char *path)
{
	W4Vault    *vault = w4_vault_open();

	PG_TRY();
	{
		w4_server_key_read(vault);
		w4_server_key_read_next(vault, path);
		for (uint64 i = 0; i < n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			unseal(vault, &keys[i]);
			w4_seal_key(&keys[i], vault->secret_key, vault->next_server_key);
		}
	}
	PG_FINALLY();
	{
		w4_vault_close();
	}
	PG_END_TRY();
}

static void
store_sealed(const W4SealedKey *key)
{
	static W4Plan update = W4_PLAN("UPDATE web4.keyring SET nonce = $2, sealed = $3 WHERE public_key = $1",
								   "bytea, bytea, bytea");
	Datum		values[3];

	values[0] = w4_bytea_datum(key->public_key, sizeof(key->public_key));
	values[1] = w4_bytea_datum(key->nonce, sizeof(key->nonce));
	values[2] = w4_bytea_datum(key->sealed, sizeof(key->sealed));
	w4_write(&update, values, NULL);
}

Datum
web4_keyring_reseal(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	char	   *path = text_to_cstring(PG_GETARG_TEXT_PP(0));
	W4SealedKey *keys;
	uint64		n;

	/* It reads a file of the server's choice of user, so EXECUTE is not enough. */
	if (!superuser_arg(GetOuterUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be superuser to seal the keyring under another server key"),
				 errhint("Let a superuser call it: it reads a file of the server.")));
	PreventCommandIfReadOnly("web4_keyring_reseal()");
	PreventCommandDuringRecovery("web4_keyring_reseal()");

	LockRelationOid(w4_relation_oid("keyring"), ExclusiveLock);
	SPI_connect();
	keys = read_all_keys(&n);
	reseal_all(keys, n, path);
	for (uint64 i = 0; i < n; i++)
		store_sealed(&keys[i]);
	SPI_finish();
	PG_RETURN_INT64((int64) n);
}
