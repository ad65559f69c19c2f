/*-------------------------------------------------------------------------
 *
 * keyring_log.c
 *		Who may sign with which key of the keyring, and the leaves that say so.
 *
 * The keyring itself is a lower room and knows no log.  A key that is nobody's,
 * or belongs to an LCT that was never minted here, has none either; what was
 * granted of it is recorded when it becomes somebody's.
 *
 *-------------------------------------------------------------------------
 */
#include "identity/keyring_log.h"

#include "core/json.h"
#include "core/lctid.h"
#include "evidence/evidence.h"
#include "fmgr.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/role.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/identity.h"
#include "identity/state.h"
#include "keyring/keyring.h"
#include "miscadmin.h"
#include "types/lct_type.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(web4_keyring_bind);
PG_FUNCTION_INFO_V1(web4_keyring_drop);
PG_FUNCTION_INFO_V1(web4_keyring_grant);
PG_FUNCTION_INFO_V1(web4_keyring_revoke);

/* In whose log?  A society's own, or an entity's home; false: there is none. */
static bool
find_log(const uint8_t owner[32], uint8_t society[32])
{
	W4Entity	entity;
	bool		found;

	w4_push_latest_snapshot();
	found = w4_entity_get(owner, &entity);
	if (found)
		memcpy(society, w4_society_exists(owner) ? owner : entity.society, 32);
	w4_pop_snapshot();
	return found;
}

/* role: NULL when the act is about none. */
static void
record(const char *act, const uint8_t owner[32], const uint8_t public_key[32], const char *role)
{
	uint8_t		society[32];
	uint8_t		data[2048];
	W4Writer	w = w4_writer(data, sizeof(data));
	bool		first = true;
	W4Evidence	leaf = {.actor = society, .at = GetCurrentTimestamp()};

	if (!find_log(owner, society))
		return;
	w4_require_live("administering a key of an identity");
	w4_put_u8(&w, '{');
	w4_data_text(&w, &first, "act", act);
	w4_member_role(&w, &first, "by", w4_outer_role_name());
	w4c_member_lct(&w, &first, "owner", owner);
	w4c_member_hex(&w, &first, "public_key", public_key, 32);
	if (role != NULL)
		w4_member_role(&w, &first, "role", role);
	w4_data_append(&leaf, "keyring", society, &w);
}

static void
record_signers(const uint8_t owner[32], const uint8_t public_key[32])
{
	List	   *roles = w4_keyring_signers(public_key);
	ListCell   *role;

	foreach(role, roles)
		record("grant", owner, public_key, lfirst(role));
}

void
w4_keyring_take(const uint8_t public_key[32], const uint8_t owner[32])
{
	if (!w4_keyring_has(public_key))
		return;
	w4_keyring_bind(public_key, owner);
	record_signers(owner, public_key);
}

/* What was bound to it before it had a log is recorded when it gets one. */
void
w4_keyring_take_all(const uint8_t genesis_key[32], const uint8_t owner[32])
{
	List	   *keys = w4_keyring_keys_of(owner);
	ListCell   *key;

	foreach(key, keys)
	{
		if (memcmp(lfirst(key), genesis_key, 32) == 0)
			continue;
		record("bind", owner, lfirst(key), NULL);
		record_signers(owner, lfirst(key));
	}
	w4_keyring_take(genesis_key, owner);
}

/* web4_keyring_bind(public_key bytea, owner lct) */
Datum
web4_keyring_bind(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	const uint8_t *public_key = w4_fixed_bytea(PG_GETARG_DATUM(0), 32, "public key");
	const uint8_t *owner = PG_GETARG_W4LCT(1);
	uint8_t		before[32];

	PreventCommandIfReadOnly("web4_keyring_bind()");
	SPI_connect();
	if (!w4_keyring_hold(public_key, before))
	{
		w4_keyring_bind(public_key, owner);
		record("bind", owner, public_key, NULL);
		record_signers(owner, public_key);
	}
	else
		w4_keyring_bind(public_key, owner);
	SPI_finish();
	PG_RETURN_VOID();
}

/* web4_keyring_drop(public_key bytea) */
Datum
web4_keyring_drop(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	const uint8_t *public_key = w4_fixed_bytea(PG_GETARG_DATUM(0), 32, "public key");
	uint8_t		owner[32];

	PreventCommandIfReadOnly("web4_keyring_drop()");
	SPI_connect();
	if (w4_keyring_drop(public_key, owner))
		record("drop", owner, public_key, NULL);
	SPI_finish();
	PG_RETURN_VOID();
}

/* web4_keyring_grant(public_key bytea, role name) */
Datum
web4_keyring_grant(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	const uint8_t *public_key = w4_fixed_bytea(PG_GETARG_DATUM(0), 32, "public key");
	Name		role = PG_GETARG_NAME(1);
	uint8_t		owner[32];
	bool		owned;

	PreventCommandIfReadOnly("web4_keyring_grant()");
	(void) get_role_oid(NameStr(*role), false);
	w4_role_require_utf8(NameStr(*role));
	SPI_connect();
	owned = w4_keyring_hold(public_key, owner);
	if (w4_keyring_grant(public_key, role) && owned)
		record("grant", owner, public_key, NameStr(*role));
	SPI_finish();
	PG_RETURN_VOID();
}

/*
 * web4_keyring_revoke(public_key bytea, role name): also for roles that no longer
 * exist.  The owner is looked up last, so that a binding which found the role
 * there still is followed by this leaf.
 */
Datum
web4_keyring_revoke(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	const uint8_t *public_key = w4_fixed_bytea(PG_GETARG_DATUM(0), 32, "public key");
	Name		role = PG_GETARG_NAME(1);
	uint8_t		owner[32];
	bool		existed;

	PreventCommandIfReadOnly("web4_keyring_revoke()");
	SPI_connect();
	existed = w4_keyring_revoke(public_key, role);
	if (existed && w4_keyring_hold(public_key, owner))
		record("revoke", owner, public_key, NameStr(*role));
	SPI_finish();
	PG_RETURN_BOOL(existed);
}
