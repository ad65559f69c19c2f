/*-------------------------------------------------------------------------
 *
 * sign_as.c
 *		Which database roles may have what signed by a key of the keyring.
 *
 * The functions run with their owner's rights, so they judge the session: the
 * role that the client logged in as or chose with SET ROLE, never the owner of
 * a SECURITY DEFINER function around us.
 *
 *-------------------------------------------------------------------------
 */
#include "keyring/keyring.h"

#include "core/consent.h"
#include "core/domains.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/role.h"
#include "host/scan.h"
#include "host/value.h"
#include "miscadmin.h"
#include "types/lct_type.h"
#include "utils/acl.h"

PG_FUNCTION_INFO_V1(web4_sign_as);

/* A document of the largest size and its prefix. */
#define MESSAGE_MAX (65536 + 64)

#define ATP_TX_CONTEXT "web4/atp-tx/v1" /* followed by NUL */

/*
 * What may be signed: the documents that web4 knows, by the prefix that says
 * what they are.  Anything else could be somebody's protocol, for which this
 * would be an oracle.  Tree heads are missing on purpose: only the sealer signs
 * those, or a role could fork the log.
 */
static const W4Slice signable[] = {
#define DOMAIN(s) {(const uint8_t *) (s), sizeof(s) - 1}
#define CONTEXT(s) {(const uint8_t *) (s), sizeof(s)}
	DOMAIN(W4_DOMAIN_BINDING),
	DOMAIN(W4_DOMAIN_OPKEY),
	DOMAIN(W4_DOMAIN_BIRTH),
	DOMAIN(W4_DOMAIN_BIRTH_SOCIETY),
	DOMAIN(W4_DOMAIN_BIRTH_WITNESS),
	DOMAIN(W4_DOMAIN_ROTATION),
	DOMAIN(W4_DOMAIN_STATUS),
	DOMAIN(W4_DOMAIN_CHARTER),
	DOMAIN(W4_DOMAIN_ROLE),
	DOMAIN(W4_DOMAIN_CITIZENSHIP),
	DOMAIN(W4_DOMAIN_WITNESS),
	DOMAIN(W4_DOMAIN_REQUEST),
	DOMAIN(W4_DOMAIN_LAW),
	DOMAIN(W4_DOMAIN_LAW_PUBLISH),
	DOMAIN(W4_DOMAIN_TRUST),
	CONTEXT(W4_CONSENT_CONTEXT),
	CONTEXT(W4_REVOKE_CONTEXT),
	CONTEXT(ATP_TX_CONTEXT),
#undef DOMAIN
#undef CONTEXT
};

static W4Index keyring_signer_pkey = W4_INDEX("keyring_signer", "keyring_signer_pkey");

enum
{
	Anum_signer_public_key = 1,
	Anum_signer_role
};

/* --- grants --- */

bool
w4_keyring_grant(const uint8_t public_key[32], Name role)
{
	static W4Plan grant = W4_PLAN("INSERT INTO web4.keyring_signer (public_key, role) VALUES ($1, $2) ON CONFLICT DO NOTHING",
								  "bytea, name");
	Datum		values[2] = {w4_bytea_datum(public_key, 32), NameGetDatum(role)};

	return w4_write(&grant, values, NULL) == 1;
}

bool
w4_keyring_revoke(const uint8_t public_key[32], Name role)
{
	static W4Plan revoke = W4_PLAN("DELETE FROM web4.keyring_signer WHERE public_key = $1 AND role = $2", "bytea, name");
	Datum		values[2] = {w4_bytea_datum(public_key, 32), NameGetDatum(role)};

	return w4_write(&revoke, values, NULL) == 1;
}

List *
w4_keyring_signers(const uint8_t public_key[32])
{
	static W4Plan signers = W4_PLAN("SELECT role FROM web4.keyring_signer WHERE public_key = $1 ORDER BY role", "bytea");
	Datum		key = w4_bytea_datum(public_key, 32);
	uint64		n = w4_read(&signers, &key, NULL, 0);
	List	   *roles = NIL;
	bool		isnull;

	for (uint64 i = 0; i < n; i++)
		roles = lappend(roles, pstrdup(NameStr(*DatumGetName(w4_value(i, 1, &isnull)))));
	return roles;
}

bool
w4_keyring_may_sign(const uint8_t public_key[32])
{
	Oid			user = GetOuterUserId();
	Datum		key;
	bool		allowed;

	if (superuser_arg(user))
		return true;
	key = w4_bytea_datum(public_key, 32);
	w4_push_latest_snapshot();
	allowed = w4_inherits_listed(&keyring_signer_pkey, 1, &key, Anum_signer_role, user);
	w4_pop_snapshot();
	return allowed;
}

/* --- signing --- */

static bool
is_signable(W4Slice message)
{
	for (int i = 0; i < lengthof(signable); i++)
	{
		if (message.len > signable[i].len &&
			memcmp(message.data, signable[i].data, signable[i].len) == 0)
			return true;
	}
	return false;
}

static void
check_message(W4Slice message)
{
	if (message.len > MESSAGE_MAX)
		ereport(ERROR,
				(errcode(W4_ERRCODE(TOO_LARGE)),
				 errmsg("message is too large to be signed"),
				 w4_errdetail(W4_ERRCODE(TOO_LARGE), "It has %zu bytes; the limit is %d.", message.len, MESSAGE_MAX)));
	if (!is_signable(message))
		ereport(ERROR,
				(errcode(W4_ERRCODE(KEYRING_DENIED)),
				 errmsg("the keyring does not sign this"),
				 w4_errdetail(W4_ERRCODE(KEYRING_DENIED), "The message does not begin with the prefix of a document that roles may have signed."),
				 errhint("Prefix the document with its domain, such as \"web4:request:v1\" and a line feed; tree heads are signed by web4_seal() only.")));
}

/* An identity without a key and one without permission look the same to who may neither. */
static void
find_key(const uint8_t *lct, uint8_t public_key[32])
{
	bool		found = w4_keyring_key_of(lct, false, public_key);

	if (found && w4_keyring_may_sign(public_key))
		return;
	if (!found && superuser_arg(GetOuterUserId()))
		ereport(ERROR,
				(errcode(W4_ERRCODE(KEYRING_UNKNOWN)),
				 errmsg("keyring holds no key of %s", w4_lct_cstring(lct)),
				 w4_errdetail(W4_ERRCODE(KEYRING_UNKNOWN), "No key of purpose \"identity\" is bound to it, or the one that is was rotated out or compromised."),
				 errhint("See web4_keyring_list(), and web4_lct_info() for the identity's current key.")));
	ereport(ERROR,
			(errcode(W4_ERRCODE(KEYRING_DENIED)),
			 errmsg("role \"%s\" may not sign as %s", GetUserNameFromId(GetOuterUserId(), false), w4_lct_cstring(lct)),
			 w4_errdetail(W4_ERRCODE(KEYRING_DENIED), "No valid key of this identity is granted to the role."),
			 errhint("An operator can grant it with web4_keyring_grant().")));
}

Datum
web4_sign_as(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	const uint8_t *lct = PG_GETARG_W4LCT(0);
	W4Slice		message = W4_ARG_SLICE(1);
	uint8_t		public_key[32];
	uint8_t		signature[64];

	w4_require_live("web4_sign_as()");
	check_message(message);
	find_key(lct, public_key);
	w4_keyring_sign(public_key, message, signature);
	return w4_bytea_datum(signature, sizeof(signature));
}
