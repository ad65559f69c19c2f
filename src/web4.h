/*-------------------------------------------------------------------------
 *
 * web4.h
 *		What every file on the PostgreSQL side includes: the error codes, and
 *		what hides the server's version.
 *
 * SQLSTATE = "W4", a room's letter, two digits.  docs/errors.md lists the same
 * table with causes, and web4_error_codes() shows it in SQL; a test keeps the
 * three equal.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WEB4_H
#define WEB4_H

#include "postgres.h"

#include "fmgr.h"
#include "host/compat.h"

/* W4_ERROR(C identifier, letter, digit, digit, protocol code, meaning, cure: the HINT where no better one is given) */
#define W4_ERROR_TABLE \
	/* K: crypto and keyring */ \
	W4_ERROR(BAD_KEY, 'K', '0', '1', "W4_ERR_CRYPTO_KEY", "public key is not a canonical Ed25519 point of prime order", \
		"Send the public key that the key generator printed; a key that fails this test was never made by a sound generator.") \
	W4_ERROR(BAD_SIGNATURE, 'K', '0', '2', "W4_ERR_CRYPTO_VERIFY", "signature does not verify", \
		"Sign prefix and text exactly as sent (docs/protocol.md); do not re-serialise JSON between signing and sending.") \
	W4_ERROR(BAD_SIZE, 'K', '0', '3', "W4_ERR_CRYPTO_KEY", "key, signature or hash has the wrong size", \
		"Check the encoding: a hex text passed as bytea needs the leading \\x.") \
	W4_ERROR(KEY_IN_USE, 'K', '0', '4', "W4_ERR_BINDING_EXISTS", "public key was bound before", \
		"Make a new key pair.") \
	W4_ERROR(KEYRING_CLOSED, 'K', '0', '5', "W4_ERR_CRYPTO_KEY", "keyring cannot be opened", \
		"Follow docs/operations.md, \"The server key file\"; restore the file from its own backup.") \
	W4_ERROR(KEYRING_DENIED, 'K', '0', '6', "W4_ERR_AUTHZ_DENIED", "role may not sign with this key", \
		"Let an operator allow it, or sign outside the server.") \
	W4_ERROR(KEYRING_UNKNOWN, 'K', '0', '7', "W4_ERR_CRYPTO_KEY", "keyring holds no such key", \
		"List the keyring; sign with a key that is in it, or outside.") \
	/* F: formats */ \
	W4_ERROR(BAD_LCT, 'F', '0', '1', "W4_ERR_PROTO_FORMAT", "malformed LCT identifier", \
		"Copy the identifier whole; it has 67 characters.") \
	W4_ERROR(BAD_ATP, 'F', '0', '2', "W4_ERR_PROTO_FORMAT", "malformed ATP amount", \
		"Write 12.5, not 12.50, 1.25e1 or +12.5, where a signed text asks for an amount.") \
	W4_ERROR(ATP_RANGE, 'F', '0', '3', "W4_ERR_PROTO_FORMAT", "ATP amount out of range", \
		"Split the amount, or compute with numeric.") \
	W4_ERROR(BAD_TENSOR, 'F', '0', '4', "W4_ERR_PROTO_FORMAT", "malformed or out-of-range trust tensor", \
		"Give numbers between 0 and 1, three for a tensor as in (0.5,0.5,0.5); round(x, 9) drops superfluous digits.") \
	W4_ERROR(NOT_CANONICAL, 'F', '0', '5', "W4_ERR_PROTO_FORMAT", "JSON text is malformed or not canonical", \
		"Pass the document through web4_jcs() once, before it is signed.") \
	W4_ERROR(BAD_ATP_TX, 'F', '0', '6', "W4_ERR_PROTO_FORMAT", "malformed ATP transaction", \
		"Build it with the client library; atp_tx_parse() shows what a well-formed one holds.") \
	W4_ERROR(BAD_DOCUMENT, 'F', '0', '7', "W4_ERR_PROTO_FORMAT", "signed document lacks a field or has a malformed one", \
		"Correct what DETAIL names; the page of the room in docs lists the fields of the document.") \
	W4_ERROR(BAD_PROOF, 'F', '0', '8', "W4_ERR_PROTO_FORMAT", "malformed Merkle tree argument", \
		"Stay within the tree, and take index, size and path from one and the same proof.") \
	W4_ERROR(TOO_LARGE, 'F', '0', '9', "W4_ERR_PROTO_FORMAT", "input exceeds a size, depth or count limit", \
		"Send less at a time, or shorter texts; the limits stand on the page of the room in docs.") \
	/* I: identity */ \
	W4_ERROR(UNKNOWN_LCT, 'I', '0', '1', "W4_ERR_BINDING_INVALID", "no such identity", \
		"Mint it first, or correct the id.") \
	W4_ERROR(NOT_ACTIVE, 'I', '0', '2', "W4_ERR_BINDING_REVOKED", "identity is not active", \
		"Reactivate it if it is suspended; otherwise its successor must act.") \
	W4_ERROR(LCT_EXISTS, 'I', '0', '3', "W4_ERR_BINDING_EXISTS", "identity or alias exists already", \
		"Choose another name, alias or device; an identity is minted once.") \
	W4_ERROR(BAD_CERTIFICATE, 'I', '0', '4', "W4_ERR_BINDING_INVALID", "birth certificate is not acceptable", \
		"Prepare it with web4_birth_certificate(), without what is named here, and have it signed again.") \
	W4_ERROR(BIRTH_QUORUM, 'I', '0', '5', "W4_ERR_WITNESS_QUORUM", "too few valid birth witnesses", \
		"Name as many witnesses as the society asks for, and collect their signatures.") \
	W4_ERROR(STALE, 'I', '0', '6', "W4_ERR_BAD_TIMESTAMP", "document's time is too far from the server's", \
		"Set the client's clock (NTP) and sign shortly before sending.") \
	W4_ERROR(REPLAY, 'I', '0', '7', "W4_ERR_PROTO_REPLAY", "nonce or document was used before", \
		"Nothing is wrong if it was a retry: the first one counted. Otherwise sign a new document with a fresh nonce.") \
	W4_ERROR(BAD_TRANSITION, 'I', '0', '8', "W4_ERR_BINDING_INVALID", "lifecycle does not allow this change", \
		"Take a step that docs/identity.md allows under \"Lifecycle\" or \"Citizenship\".") \
	W4_ERROR(NOT_ENTITLED, 'I', '0', '9', "W4_ERR_AUTHZ_DENIED", "signer is not entitled to this act", \
		"Let somebody sign who may, as DETAIL says, or assign the role first.") \
	W4_ERROR(UNKNOWN_SOCIETY, 'I', '1', '0', "W4_ERR_CROSS_SOCIETY_UNRECOGNIZED_LCT", "no such society", \
		"Correct the id; the society may live in another database.") \
	W4_ERROR(BAD_ROLE, 'I', '1', '1', "W4_ERR_PAIRING_INVALID", "role is unknown or cannot be filled so", \
		"Use a base role or one that the society's law defines.") \
	/* C: grants; 01..21 are the verdicts of the chain verifier */ \
	W4_ERROR(CONSENT_FORMAT, 'C', '0', '1', "W4_ERR_PROTO_FORMAT", "malformed consent token", \
		"Build tokens with the client library; consent_parse() shows a well-formed one.") \
	W4_ERROR(CONSENT_SIGNATURE, 'C', '0', '2', "W4_ERR_CRYPTO_VERIFY", "consent token's signature does not verify", \
		"Have it signed again, over exactly the bytes that are sent.") \
	W4_ERROR(CONSENT_KEY_BINDING, 'C', '0', '3', "W4_ERR_BINDING_INVALID", "issuer is not bound to the token's key", \
		"Have the issuer sign a new token with the current key.") \
	W4_ERROR(CONSENT_NOT_YET_VALID, 'C', '0', '4', "W4_ERR_AUTHZ_EXPIRED", "consent is not valid yet", \
		"Wait, or check the clocks.") \
	W4_ERROR(CONSENT_EXPIRED, 'C', '0', '5', "W4_ERR_AGY_EXPIRED", "consent has expired", \
		"Ask for a new token.") \
	W4_ERROR(CONSENT_REVOKED, 'C', '0', '6', "W4_ERR_AGY_REVOKED", "consent was revoked", \
		"Ask for a new token; a revocation is final.") \
	W4_ERROR(CONSENT_INTENT_SCOPE, 'C', '0', '7', "W4_ERR_AGY_SCOPE", "intent is wider than the parent's", \
		"Narrow the intent.") \
	W4_ERROR(CONSENT_RESOURCE_SCOPE, 'C', '0', '8', "W4_ERR_AGY_SCOPE", "resource is wider than the parent's", \
		"Narrow the resource.") \
	W4_ERROR(CONSENT_LEVEL, 'C', '0', '9', "W4_ERR_AGY_DELEGATION", "level is higher than the parent's", \
		"Lower the level, or have a stronger grant issued.") \
	W4_ERROR(CONSENT_TIME_WINDOW, 'C', '1', '0', "W4_ERR_AGY_DELEGATION", "time window is wider than the parent's or than the level allows", \
		"Shorten the window.") \
	W4_ERROR(CONSENT_CHAIN_LINK, 'C', '1', '1', "W4_ERR_AGY_DELEGATION", "token does not name the presented parent", \
		"Present the tokens of one chain, root first.") \
	W4_ERROR(CONSENT_CHAIN_SUBJECT, 'C', '1', '2', "W4_ERR_AGY_DELEGATION", "issuer is not the parent's subject", \
		"Only the subject of a grant may pass it on.") \
	W4_ERROR(CONSENT_NOT_DELEGABLE, 'C', '1', '3', "W4_ERR_AGY_DELEGATION", "parent does not permit delegation", \
		"Ask the issuer for a grant that may be passed on.") \
	W4_ERROR(CONSENT_DEPTH, 'C', '1', '4', "W4_ERR_AGY_DELEGATION", "delegation chain is too deep", \
		"Delegate from nearer to the root.") \
	W4_ERROR(CONSENT_CONSTRAINT, 'C', '1', '5', "W4_ERR_AGY_SCOPE", "constraint is unknown, malformed or wider than the parent's", \
		"Copy every constraint of the parent and narrow it.") \
	W4_ERROR(CONSENT_REFUSED, 'C', '1', '6', "W4_ERR_AUTHZ_DENIED", "a refusal overrides the grant", \
		"Respect it, or have its issuer revoke the refusal.") \
	W4_ERROR(CONSENT_ALIGNMENT, 'C', '1', '7', "W4_ERR_AUTHZ_DENIED", "alignment is below the threshold", \
		"Earn trust first.") \
	W4_ERROR(CONSENT_EVIDENCE, 'C', '1', '8', "W4_ERR_LEDGER_WRITE", "evidence could not be written", \
		"See the server log.") \
	W4_ERROR(CONSENT_UNANCHORED, 'C', '1', '9', "W4_ERR_AGY_DELEGATION", "chain does not begin at a known root", \
		"Register the root's identity first.") \
	W4_ERROR(CONSENT_SUBJECT_MISMATCH, 'C', '2', '0', "W4_ERR_AUTHZ_DENIED", "presenter is not the grant's subject", \
		"Only its subject may use a grant.") \
	W4_ERROR(CONSENT_NO_CONSENT, 'C', '2', '1', "W4_ERR_ACP_NO_GRANT", "no consent was presented", \
		"Name the grant in the request.") \
	W4_ERROR(GRANT_EXISTS, 'C', '2', '2', "W4_ERR_PROTO_REPLAY", "grant is registered already or its issuer's chain forks", \
		"A registered token need not be registered again; an issuer chains each token to the last.") \
	W4_ERROR(UNKNOWN_GRANT, 'C', '2', '3', "W4_ERR_ACP_NO_GRANT", "no such grant", \
		"Register the token first.") \
	W4_ERROR(GRANT_BUDGET, 'C', '2', '4', "W4_ERR_ACP_RESOURCE_CAP_EXCEEDED", "budget cannot be reserved", \
		"Lower max_atp or max_actions, or charge the issuer's account.") \
	/* W: witnesses */ \
	W4_ERROR(BAD_ATTESTATION, 'W', '0', '1', "W4_ERR_WITNESS_INVALID", "malformed attestation", \
		"The witness signs the event hash of exactly this request.") \
	/* L: law */ \
	W4_ERROR(BAD_LAW, 'L', '0', '1', "W4_ERR_PROTO_FORMAT", "malformed law", \
		"DETAIL names the place; docs/law.md has the schema and an example.") \
	W4_ERROR(LAW_ORDER, 'L', '0', '2', "W4_ERR_PROTO_SEQUENCE", "law version does not follow the current one", \
		"Read the current version and hash, and build on them.") \
	/* E: economy */ \
	W4_ERROR(INSUFFICIENT_ATP, 'E', '0', '1', "W4_ERR_ACP_RESOURCE_CAP_EXCEEDED", "not enough ATP", \
		"Charge the account or spend less.") \
	W4_ERROR(BAD_AMOUNT, 'E', '0', '2', "W4_ERR_PROTO_FORMAT", "amount is not positive or exceeds the limit", \
		"Send a positive amount within the limit.") \
	W4_ERROR(LOCK_STATE, 'E', '0', '3', "W4_ERR_PROTO_SEQUENCE", "lock is unknown, finished or expired", \
		"Make a new lock.") \
	W4_ERROR(TX_REPLAY, 'E', '0', '4', "W4_ERR_PROTO_REPLAY", "transaction was submitted before", \
		"Nothing is wrong if it was a retry: the first one counted.") \
	W4_ERROR(TX_SIGNER, 'E', '0', '5', "W4_ERR_AUTHZ_DENIED", "transaction is not signed by the party that must sign it", \
		"Have the party sign that DETAIL names.") \
	W4_ERROR(ECONOMY_LAW, 'E', '0', '6', "W4_ERR_AUTHZ_DENIED", "society's economic law forbids it", \
		"Stay within the society's limits, or publish a law with others (docs/economy.md, docs/law.md).") \
	W4_ERROR(UNKNOWN_ACCOUNT, 'E', '0', '7', "W4_ERR_BINDING_INVALID", "no such account, or it is frozen", \
		"Open it by crediting it, or have it unfrozen.") \
	W4_ERROR(CONSERVATION, 'E', '1', '2', "W4_ERR_LEDGER_WRITE", "ATP would be created or destroyed", \
		"Stop writing, run web4_check_conservation() and report it.") \
	/* T: trust */ \
	W4_ERROR(BAD_DELTA, 'T', '0', '1', "W4_ERR_R7_REPUTATION_INVALID", "trust adjustment is not acceptable", \
		"See docs/trust.md for the bounds.") \
	/* A: authority */ \
	W4_ERROR(NOT_MAPPED, 'A', '0', '1', "W4_ERR_AUTHZ_DENIED", "database role is not mapped to this requester", \
		"An operator maps the role, or the requester signs and web4_authorize_signed() is used.") \
	W4_ERROR(BAD_REQUEST, 'A', '0', '2', "W4_ERR_PROTO_FORMAT", "malformed request", \
		"Correct what is named here; docs/authority.md lists the members of a request.") \
	W4_ERROR(UNKNOWN_DECISION, 'A', '0', '3', "W4_ERR_AUTHZ_DENIED", "no such decision", \
		"Decide again.") \
	W4_ERROR(REDEEMED, 'A', '0', '4', "W4_ERR_PROTO_REPLAY", "decision was redeemed before", \
		"A decision is good for one use; decide again.") \
	W4_ERROR(NOT_REDEEMABLE, 'A', '0', '5', "W4_ERR_AUTHZ_EXPIRED", "decision is not a live grant", \
		"Decide again, and redeem the decision soon, in a transaction of its own.") \
	W4_ERROR(IN_SUBTRANSACTION, 'A', '0', '6', "W4_ERR_PROTO_SEQUENCE", "decisions are not taken inside a subtransaction", \
		"Call it at the top level of the transaction, or let a superuser set web4.refuse_subtransactions to off for the role.") \
	/* V: evidence */ \
	W4_ERROR(APPEND_ONLY, 'V', '0', '1', "W4_ERR_LEDGER_WRITE", "table is append-only", \
		"What was recorded stays; record a correction as a new act.") \
	W4_ERROR(DIRECT_WRITE, 'V', '0', '2', "W4_ERR_LEDGER_WRITE", "table is written by web4 functions only", \
		"Use the web4 functions; a dump is restored into a freshly created extension.") \
	W4_ERROR(LEAF_MISMATCH, 'V', '0', '3', "W4_ERR_AUDIT_EVIDENCE", "row does not agree with its signed bytes", \
		"The data was changed behind web4's back: compare with a backup, and verify the proofs that auditors hold.") \
	W4_ERROR(NOT_LIVE, 'V', '0', '4', "W4_ERR_LEDGER_WRITE", "restored data has not been verified", \
		"Create the first society with web4_bootstrap_society(), or verify restored data with web4_post_restore().") \
	W4_ERROR(UNKNOWN_EVIDENCE, 'V', '0', '5', "W4_ERR_AUDIT_EVIDENCE", "no such evidence, or it is not sealed yet", \
		"Run web4_seal() and ask again.") \
	W4_ERROR(TAMPERED, 'V', '0', '6', "W4_ERR_AUDIT_EVIDENCE", "log was changed behind its triggers", \
		"Treat it as an incident (docs/operations.md, \"When a check fails\").")

/* The SQLSTATEs, for errcode(): W4_SQLSTATE_BAD_KEY and so on. */
#define W4_ERRCODE(id) W4_SQLSTATE_##id
enum W4SqlState
{
#define W4_ERROR(id, letter, d1, d2, code, meaning, cure) W4_SQLSTATE_##id = MAKE_SQLSTATE('W', '4', letter, d1, d2),
	W4_ERROR_TABLE
#undef W4_ERROR
};

#endif							/* WEB4_H */
