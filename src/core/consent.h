/*-------------------------------------------------------------------------
 *
 * consent.h
 *		The consent token: one signed grant, TLV wire form (lethean spec 1.3).
 *
 *
 * Strictly ascending tags, each at most once: 01 issuer, 02 subject, 03 intent,
 * 04 resource, 05 issued at, 06 expires at, 07 level, 08 signature, 09 public
 * key, 0a previous token of the issuer, 0b parent token (delegations only),
 * 0c constraints.  Signed bytes = context || wire without the 67-byte tag 08.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENT_H
#define W4_CONSENT_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#define W4_CONSENT_MIN_SIZE 179
#define W4_CONSENT_MAX_SIZE 4096
#define W4_CONSENT_MAX_CONSTRAINTS 64
#define W4_CONSENT_FOREVER INT64_MAX
#define W4_CONSENT_CONTEXT "web4:lethean:consent:v1"	/* followed by NUL: 24 bytes */
#define W4_REVOKE_CONTEXT "web4:lethean:revoke:v1"	/* followed by NUL: 23 bytes */

/* Verdicts in the order in which the chain verifier checks (lethean spec 2.3, 2.6); SQLSTATE is W4Cnn. */
typedef enum W4ConsentCode
{
	W4_CONSENT_OK = 0,
	W4_CONSENT_FORMAT = 1,
	W4_CONSENT_SIGNATURE = 2,
	W4_CONSENT_KEY_BINDING = 3,
	W4_CONSENT_NOT_YET_VALID = 4,
	W4_CONSENT_EXPIRED = 5,
	W4_CONSENT_REVOKED = 6,
	W4_CONSENT_INTENT_SCOPE = 7,
	W4_CONSENT_RESOURCE_SCOPE = 8,
	W4_CONSENT_LEVEL = 9,
	W4_CONSENT_TIME_WINDOW = 10,
	W4_CONSENT_CHAIN_LINK = 11,
	W4_CONSENT_CHAIN_SUBJECT = 12,
	W4_CONSENT_NOT_DELEGABLE = 13,
	W4_CONSENT_DEPTH = 14,
	W4_CONSENT_CONSTRAINT = 15,
	W4_CONSENT_REFUSED = 16,
	W4_CONSENT_ALIGNMENT = 17,
	W4_CONSENT_EVIDENCE = 18,
	W4_CONSENT_UNANCHORED = 19,
	W4_CONSENT_SUBJECT_MISMATCH = 20,
	W4_CONSENT_NO_CONSENT = 21
} W4ConsentCode;

/* "FORMAT", "SIGNATURE", ... */
extern const char *w4_consent_code_name(W4ConsentCode code);

typedef struct W4Constraint
{
	W4Slice		key;
	W4Slice		value;
} W4Constraint;

typedef struct W4Consent
{
	W4Slice		wire;			/* the whole token; all slices borrow from it */
	W4Slice		issuer;
	W4Slice		subject;
	W4Slice		intent;
	W4Slice		resource;
	int64_t		issued_at;		/* microseconds since 1970, inclusive */
	int64_t		expires_at;		/* exclusive; W4_CONSENT_FOREVER only at level 0 */
	uint8_t		level;			/* 0 (a refusal) .. 4 */
	uint8_t		signature[64];
	uint8_t		public_key[32];
	uint8_t		previous[32];	/* zero: the issuer's first token */
	bool		has_parent;
	uint8_t		parent[32];
	int			nconstraints;
	W4Constraint constraints[W4_CONSENT_MAX_CONSTRAINTS];
	W4Slice		extensions;		/* items 80..fe as they stand: signed, kept, never read */
	uint8_t		hash[32];		/* SHA-256 of the wire: the token's id */
} W4Consent;

/* Strict parse; does not verify the signature. */
extern bool w4_consent_decode(W4Consent *out, const uint8_t *wire, size_t len, W4Fault *fault);

/* Is this a legal entity name (identifier grammar of lethean spec 1.3)? */
extern bool w4_consent_name_ok(W4Slice name);

/* The bytes that the signature covers, from token->wire; out needs wire.len + 24. */
extern void w4_consent_signed_bytes(W4Writer *out, const W4Consent *token);

/* The signature is by the token's own public key (strict: the key too). */
extern bool w4_consent_signature_ok(const W4Consent *token);

/*
 * Build a token from its fields.  token->signature is written as given; a
 * caller that wants to sign encodes with a zero signature, decodes, signs the
 * signed bytes and encodes again.  Constraints must be sorted, a key stands
 * once, values are not empty.  Refuses what decode would refuse.
 */
extern bool w4_consent_encode(W4Writer *out, const W4Consent *token, W4Fault *fault);

/* A revocation record: 01 revoker, 02 token hash, 03 revoked at, 04 reason, 08, 09. */
typedef struct W4Revocation
{
	W4Slice		wire;
	W4Slice		revoker;
	uint8_t		token_hash[32];
	int64_t		revoked_at;
	uint8_t		reason;			/* 0 unspecified 1 key compromise 2 withdrawn 3 superseded 4 subject refusal */
	uint8_t		signature[64];
	uint8_t		public_key[32];
} W4Revocation;

#define W4_REVOCATION_MAX_SIZE 512

/* Strict as tokens are, and without extensions; implemented in revocation.c. */
extern bool w4_revocation_decode(W4Revocation *out, const uint8_t *wire, size_t len, W4Fault *fault);
extern void w4_revocation_signed_bytes(W4Writer *out, const W4Revocation *r);
extern bool w4_revocation_signature_ok(const W4Revocation *r);
extern bool w4_revocation_encode(W4Writer *out, const W4Revocation *r, W4Fault *fault);

#pragma GCC visibility pop

#endif							/* W4_CONSENT_H */
