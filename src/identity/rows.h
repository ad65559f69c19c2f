/*-------------------------------------------------------------------------
 *
 * rows.h
 *		Columns and indexes of the identity room's tables, for its own files.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_IDENTITY_ROWS_H
#define W4_IDENTITY_ROWS_H

#include "postgres.h"

#include "host/scan.h"
#include "identity/identity.h"
#include "utils/timestamp.h"

enum
{
	Anum_entity_id = 1,
	Anum_entity_society,
	Anum_entity_type,
	Anum_entity_alias,
	Anum_entity_status,
	Anum_entity_born_at,
	Anum_entity_cert_hash,
	Anum_entity_hardware,
	Anum_entity_status_at,
	Anum_entity_status_reason,
	Anum_entity_compromised_since,
	Natts_entity = Anum_entity_compromised_since
};

enum
{
	Anum_key_entity = 1,
	Anum_key_version,
	Anum_key_public_key,
	Anum_key_status,
	Anum_key_valid_from,
	Anum_key_valid_until,
	Anum_key_compromised_since
};

enum
{
	Anum_society_id = 1,
	Anum_society_name,
	Anum_society_phase,
	Anum_society_parent,
	Anum_society_founded_at,
	Natts_society = Anum_society_founded_at
};

enum
{
	Anum_citizenship_society = 1,
	Anum_citizenship_entity,
	Anum_citizenship_status
};

enum
{
	Anum_role_society = 1,
	Anum_role_role,
	Anum_role_holder,
	Anum_role_is_primary,
	Anum_role_since,
	Anum_role_assigned_by,
	Natts_role = Anum_role_assigned_by
};

enum
{
	Anum_certificate_cert_hash = 1,
	Anum_certificate_entity,
	Anum_certificate_text,
	Anum_certificate_society_signature,
	Anum_certificate_binding_signature,
	Anum_certificate_society_key,
	Anum_certificate_quorum
};

enum
{
	Anum_witness_cert_hash = 1,
	Anum_witness_witness,
	Anum_witness_signature,
	Anum_witness_key
};

enum
{
	Anum_policy_society = 1,
	Anum_policy_birth_quorum,
	Anum_policy_default_overlap
};

typedef enum W4KeyStatus
{
	W4_KEY_ACTIVE,
	W4_KEY_OVERLAPPING,
	W4_KEY_EXPIRED,
	W4_KEY_REVOKED
} W4KeyStatus;

typedef struct W4Key
{
	int			version;
	uint8_t		public_key[32];
	W4KeyStatus status;
	TimestampTz valid_from;
	TimestampTz valid_until;	/* exclusive; DT_NOEND without end */
	TimestampTz compromised_since;	/* DT_NOEND: never */
} W4Key;

/* Is a text or bytea value exactly this? */
extern bool w4_text_is(Datum value, const char *s);

/* The active key; false when there is none. */
extern bool w4_key_active(const uint8_t id[32], W4Key *out);

/* A certain version of the entity's key. */
extern bool w4_key_version(const uint8_t id[32], int version, W4Key *out);

/* Does the key verify the message?  Registered keys only. */
extern bool w4_key_verifies(const W4Key *key, W4Slice message, W4Slice signature);

extern const char *w4_status_name(W4Status status);
extern bool w4_status_parse(const char *name, W4Status *out);

#endif							/* W4_IDENTITY_ROWS_H */
