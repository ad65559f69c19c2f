/*-------------------------------------------------------------------------
 *
 * web4.h
 *		What every file on the PostgreSQL side includes: the error codes, and
 *		what hides the server's version.
 *
 * SQLSTATE = "W4", a room's letter, two digits.  docs/errors.md lists the same
 * table with causes and cures, and web4_error_codes() shows it in SQL; a test
 * keeps the three equal.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WEB4_H
#define WEB4_H

#include "postgres.h"

#include "fmgr.h"
#include "host/compat.h"

/* W4_ERROR(C identifier, letter, digit, digit, protocol code, meaning) */
#define W4_ERROR_TABLE \
	/* K: crypto and keyring */ \
	W4_ERROR(BAD_KEY, 'K', '0', '1', "W4_ERR_CRYPTO_KEY", "public key is not a canonical Ed25519 point of prime order") \
	W4_ERROR(BAD_SIGNATURE, 'K', '0', '2', "W4_ERR_CRYPTO_VERIFY", "signature does not verify") \
	W4_ERROR(BAD_SIZE, 'K', '0', '3', "W4_ERR_CRYPTO_KEY", "key, signature or hash has the wrong size") \
	W4_ERROR(KEY_IN_USE, 'K', '0', '4', "W4_ERR_BINDING_EXISTS", "public key was bound before") \
	W4_ERROR(KEYRING_CLOSED, 'K', '0', '5', "W4_ERR_CRYPTO_KEY", "keyring cannot be opened") \
	W4_ERROR(KEYRING_DENIED, 'K', '0', '6', "W4_ERR_AUTHZ_DENIED", "role may not sign with this key") \
	W4_ERROR(KEYRING_UNKNOWN, 'K', '0', '7', "W4_ERR_CRYPTO_KEY", "keyring holds no such key") \
	/* F: formats */ \
	W4_ERROR(BAD_LCT, 'F', '0', '1', "W4_ERR_PROTO_FORMAT", "malformed LCT identifier") \
	W4_ERROR(BAD_ATP, 'F', '0', '2', "W4_ERR_PROTO_FORMAT", "malformed ATP amount") \
	W4_ERROR(ATP_RANGE, 'F', '0', '3', "W4_ERR_PROTO_FORMAT", "ATP amount out of range") \
	W4_ERROR(BAD_TENSOR, 'F', '0', '4', "W4_ERR_PROTO_FORMAT", "malformed or out-of-range trust tensor") \
	W4_ERROR(NOT_CANONICAL, 'F', '0', '5', "W4_ERR_PROTO_FORMAT", "JSON text is malformed or not canonical") \
	W4_ERROR(BAD_ATP_TX, 'F', '0', '6', "W4_ERR_PROTO_FORMAT", "malformed ATP transaction") \
	W4_ERROR(BAD_DOCUMENT, 'F', '0', '7', "W4_ERR_PROTO_FORMAT", "signed document lacks a field or has a malformed one") \
	W4_ERROR(BAD_PROOF, 'F', '0', '8', "W4_ERR_PROTO_FORMAT", "malformed Merkle tree argument") \
	W4_ERROR(TOO_LARGE, 'F', '0', '9', "W4_ERR_PROTO_FORMAT", "input exceeds a size, depth or count limit") \
	/* I: identity */ \
	W4_ERROR(UNKNOWN_LCT, 'I', '0', '1', "W4_ERR_BINDING_INVALID", "no such identity") \
	W4_ERROR(NOT_ACTIVE, 'I', '0', '2', "W4_ERR_BINDING_REVOKED", "identity is not active") \
	W4_ERROR(LCT_EXISTS, 'I', '0', '3', "W4_ERR_BINDING_EXISTS", "identity or alias exists already") \
	W4_ERROR(BAD_CERTIFICATE, 'I', '0', '4', "W4_ERR_BINDING_INVALID", "birth certificate is not acceptable") \
	W4_ERROR(BIRTH_QUORUM, 'I', '0', '5', "W4_ERR_WITNESS_QUORUM", "too few valid birth witnesses") \
	W4_ERROR(STALE, 'I', '0', '6', "W4_ERR_BAD_TIMESTAMP", "document's time is too far from the server's") \
	W4_ERROR(REPLAY, 'I', '0', '7', "W4_ERR_PROTO_REPLAY", "nonce or document was used before") \
	W4_ERROR(BAD_TRANSITION, 'I', '0', '8', "W4_ERR_BINDING_INVALID", "lifecycle does not allow this change") \
	W4_ERROR(NOT_ENTITLED, 'I', '0', '9', "W4_ERR_AUTHZ_DENIED", "signer is not entitled to this act") \
	W4_ERROR(UNKNOWN_SOCIETY, 'I', '1', '0', "W4_ERR_CROSS_SOCIETY_UNRECOGNIZED_LCT", "no such society") \
	W4_ERROR(BAD_ROLE, 'I', '1', '1', "W4_ERR_PAIRING_INVALID", "role is unknown or cannot be filled so") \
	/* C: grants; 01..21 are the verdicts of the chain verifier */ \
	W4_ERROR(CONSENT_FORMAT, 'C', '0', '1', "W4_ERR_PROTO_FORMAT", "malformed consent token") \
	W4_ERROR(CONSENT_SIGNATURE, 'C', '0', '2', "W4_ERR_CRYPTO_VERIFY", "consent token's signature does not verify") \
	W4_ERROR(CONSENT_KEY_BINDING, 'C', '0', '3', "W4_ERR_BINDING_INVALID", "issuer is not bound to the token's key") \
	W4_ERROR(CONSENT_NOT_YET_VALID, 'C', '0', '4', "W4_ERR_AUTHZ_EXPIRED", "consent is not valid yet") \
	W4_ERROR(CONSENT_EXPIRED, 'C', '0', '5', "W4_ERR_AGY_EXPIRED", "consent has expired") \
	W4_ERROR(CONSENT_REVOKED, 'C', '0', '6', "W4_ERR_AGY_REVOKED", "consent was revoked") \
	W4_ERROR(CONSENT_INTENT_SCOPE, 'C', '0', '7', "W4_ERR_AGY_SCOPE", "intent is wider than the parent's") \
	W4_ERROR(CONSENT_RESOURCE_SCOPE, 'C', '0', '8', "W4_ERR_AGY_SCOPE", "resource is wider than the parent's") \
	W4_ERROR(CONSENT_LEVEL, 'C', '0', '9', "W4_ERR_AGY_DELEGATION", "level is higher than the parent's") \
	W4_ERROR(CONSENT_TIME_WINDOW, 'C', '1', '0', "W4_ERR_AGY_DELEGATION", "time window is wider than the parent's or than the level allows") \
	W4_ERROR(CONSENT_CHAIN_LINK, 'C', '1', '1', "W4_ERR_AGY_DELEGATION", "token does not name the presented parent") \
	W4_ERROR(CONSENT_CHAIN_SUBJECT, 'C', '1', '2', "W4_ERR_AGY_DELEGATION", "issuer is not the parent's subject") \
	W4_ERROR(CONSENT_NOT_DELEGABLE, 'C', '1', '3', "W4_ERR_AGY_DELEGATION", "parent does not permit delegation") \
	W4_ERROR(CONSENT_DEPTH, 'C', '1', '4', "W4_ERR_AGY_DELEGATION", "delegation chain is too deep") \
	W4_ERROR(CONSENT_CONSTRAINT, 'C', '1', '5', "W4_ERR_AGY_SCOPE", "constraint is unknown, malformed or wider than the parent's") \
	W4_ERROR(CONSENT_REFUSED, 'C', '1', '6', "W4_ERR_AUTHZ_DENIED", "a refusal overrides the grant") \
	W4_ERROR(CONSENT_ALIGNMENT, 'C', '1', '7', "W4_ERR_AUTHZ_DENIED", "alignment is below the threshold") \
	W4_ERROR(CONSENT_EVIDENCE, 'C', '1', '8', "W4_ERR_LEDGER_WRITE", "evidence could not be written") \
	W4_ERROR(CONSENT_UNANCHORED, 'C', '1', '9', "W4_ERR_AGY_DELEGATION", "chain does not begin at a known root") \
	W4_ERROR(CONSENT_SUBJECT_MISMATCH, 'C', '2', '0', "W4_ERR_AUTHZ_DENIED", "presenter is not the grant's subject") \
	W4_ERROR(CONSENT_NO_CONSENT, 'C', '2', '1', "W4_ERR_ACP_NO_GRANT", "no consent was presented") \
	W4_ERROR(GRANT_EXISTS, 'C', '2', '2', "W4_ERR_PROTO_REPLAY", "grant is registered already or its issuer's chain forks") \
	W4_ERROR(UNKNOWN_GRANT, 'C', '2', '3', "W4_ERR_ACP_NO_GRANT", "no such grant") \
	W4_ERROR(GRANT_BUDGET, 'C', '2', '4', "W4_ERR_ACP_RESOURCE_CAP_EXCEEDED", "budget cannot be reserved") \
	/* W: witnesses */ \
	W4_ERROR(BAD_ATTESTATION, 'W', '0', '1', "W4_ERR_WITNESS_INVALID", "malformed attestation") \
	/* L: law */ \
	W4_ERROR(BAD_LAW, 'L', '0', '1', "W4_ERR_PROTO_FORMAT", "malformed law") \
	W4_ERROR(LAW_ORDER, 'L', '0', '2', "W4_ERR_PROTO_SEQUENCE", "law version does not follow the current one") \
	/* E: economy */ \
	W4_ERROR(INSUFFICIENT_ATP, 'E', '0', '1', "W4_ERR_ACP_RESOURCE_CAP_EXCEEDED", "not enough ATP") \
	W4_ERROR(BAD_AMOUNT, 'E', '0', '2', "W4_ERR_PROTO_FORMAT", "amount is not positive or exceeds the limit") \
	W4_ERROR(LOCK_STATE, 'E', '0', '3', "W4_ERR_PROTO_SEQUENCE", "lock is unknown, finished or expired") \
	W4_ERROR(TX_REPLAY, 'E', '0', '4', "W4_ERR_PROTO_REPLAY", "transaction was submitted before") \
	W4_ERROR(TX_SIGNER, 'E', '0', '5', "W4_ERR_AUTHZ_DENIED", "transaction is not signed by the party that must sign it") \
	W4_ERROR(ECONOMY_LAW, 'E', '0', '6', "W4_ERR_AUTHZ_DENIED", "society's economic law forbids it") \
	W4_ERROR(UNKNOWN_ACCOUNT, 'E', '0', '7', "W4_ERR_BINDING_INVALID", "no such account, or it is frozen") \
	W4_ERROR(CONSERVATION, 'E', '1', '2', "W4_ERR_LEDGER_WRITE", "ATP would be created or destroyed") \
	/* T: trust */ \
	W4_ERROR(BAD_DELTA, 'T', '0', '1', "W4_ERR_R7_REPUTATION_INVALID", "trust adjustment is not acceptable") \
	/* A: authority */ \
	W4_ERROR(NOT_MAPPED, 'A', '0', '1', "W4_ERR_AUTHZ_DENIED", "database role is not mapped to this requester") \
	W4_ERROR(BAD_REQUEST, 'A', '0', '2', "W4_ERR_PROTO_FORMAT", "malformed request") \
	W4_ERROR(UNKNOWN_DECISION, 'A', '0', '3', "W4_ERR_AUTHZ_DENIED", "no such decision") \
	W4_ERROR(REDEEMED, 'A', '0', '4', "W4_ERR_PROTO_REPLAY", "decision was redeemed before") \
	W4_ERROR(NOT_REDEEMABLE, 'A', '0', '5', "W4_ERR_AUTHZ_EXPIRED", "decision is not a live grant") \
	W4_ERROR(IN_SUBTRANSACTION, 'A', '0', '6', "W4_ERR_PROTO_SEQUENCE", "decisions are not taken inside a subtransaction") \
	/* V: evidence */ \
	W4_ERROR(APPEND_ONLY, 'V', '0', '1', "W4_ERR_LEDGER_WRITE", "table is append-only") \
	W4_ERROR(DIRECT_WRITE, 'V', '0', '2', "W4_ERR_LEDGER_WRITE", "table is written by web4 functions only") \
	W4_ERROR(LEAF_MISMATCH, 'V', '0', '3', "W4_ERR_AUDIT_EVIDENCE", "row does not agree with its signed bytes") \
	W4_ERROR(NOT_LIVE, 'V', '0', '4', "W4_ERR_LEDGER_WRITE", "restored data has not been verified") \
	W4_ERROR(UNKNOWN_EVIDENCE, 'V', '0', '5', "W4_ERR_AUDIT_EVIDENCE", "no such evidence, or it is not sealed yet") \
	W4_ERROR(TAMPERED, 'V', '0', '6', "W4_ERR_AUDIT_EVIDENCE", "log was changed behind its triggers")

/* The SQLSTATEs, for errcode(): W4_SQLSTATE_BAD_KEY and so on. */
#define W4_ERRCODE(id) W4_SQLSTATE_##id
enum W4SqlState
{
#define W4_ERROR(id, letter, d1, d2, code, meaning) W4_SQLSTATE_##id = MAKE_SQLSTATE('W', '4', letter, d1, d2),
	W4_ERROR_TABLE
#undef W4_ERROR
};

#endif							/* WEB4_H */
