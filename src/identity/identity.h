/*-------------------------------------------------------------------------
 *
 * identity.h
 *		Who an agent is: entities, keys, citizenship, roles.
 *
 * Reads go through indexes under the active snapshot (host/scan.h) and do not
 * need SPI.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_IDENTITY_H
#define W4_IDENTITY_H

#include "postgres.h"

#include "core/bytes.h"
#include "datatype/timestamp.h"
#include "host/compat.h"

typedef enum W4Status
{
	W4_STATUS_ACTIVE,
	W4_STATUS_SUSPENDED,
	W4_STATUS_SUPERSEDED,
	W4_STATUS_REVOKED
} W4Status;

typedef struct W4Entity
{
	uint8_t		id[32];
	uint8_t		society[32];
	W4Status	status;
	char		entity_type[16];
	TimestampTz born_at;
} W4Entity;

/* False: no such identity. */
extern bool w4_entity_get(const uint8_t id[32], W4Entity *out);

/* Raise W4I01. */
extern void w4_entity_unknown(const uint8_t id[32]) pg_attribute_noreturn();

/* w4_entity_get(), raising W4I01 / W4I02 unless known / active. */
extern void w4_entity_require_active(const uint8_t id[32], W4Entity *out);

/*
 * Does any key of the entity that is valid at "at" verify the signature?
 * "at" is now, or when the server received what is verified: a rotated key
 * still verifies what came before its end, a compromised one what came before
 * it was compromised.  Says nothing about the entity's status.  Returns the
 * key's version, 0 when none does.
 */
extern int	w4_entity_verify(const uint8_t id[32], W4Slice message, W4Slice signature, TimestampTz at);

/* Is this public key the entity's, and valid at "at"?  Returns its version or 0. */
extern int	w4_entity_key_version(const uint8_t id[32], const uint8_t public_key[32], TimestampTz at);

/*
 * Does what this key signed, and the server received at received_at, still
 * count?  True for rotated keys, false from compromised_since on.
 */
extern bool w4_entity_key_trusted(const uint8_t id[32], const uint8_t public_key[32], TimestampTz received_at);

extern bool w4_society_exists(const uint8_t society[32]);
extern void w4_society_require(const uint8_t society[32]);	/* W4I10 */

/* Citizenship "active" in the society (a society is a citizen of itself). */
extern bool w4_is_citizen(const uint8_t society[32], const uint8_t entity[32]);

/* Can a role be called so?  [a-z][a-z0-9_]{0,62} */
extern bool w4_role_name_ok(W4Slice name);

/*
 * Does the entity fill the role?  "citizen" means active citizenship, and every
 * other role counts only together with it.  Says nothing about the entity's
 * own status.
 */
extern bool w4_fills_role(const uint8_t society[32], const char *role, const uint8_t entity[32]);

/*
 * Is the signer entitled to govern the society: the society itself, or the
 * filler of one of the roles (NULL-terminated list)?  Callers make sure that
 * the signer is active.
 */
extern bool w4_may_govern(const uint8_t society[32], const uint8_t signer[32], const char *const *roles);

#endif							/* W4_IDENTITY_H */
