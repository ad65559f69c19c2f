/*-------------------------------------------------------------------------
 *
 * evidence.h
 *		Appending to the one log.
 *
 * The leaf's canonical body is the W4C object
 * {"actor":..,"at":..,"data":{..},"document_hash":..,"id":..,"kind":..,"nonce":..,
 * "signature_hash":..,"society":..,"v":1,"xid":..} in which "data" is the caller's
 * own W4C object; document_hash, nonce and signature_hash are left out when there
 * is none.  Appending takes no lock that another transaction waits for; the sealer
 * fixes the order later.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_EVIDENCE_H
#define W4_EVIDENCE_H

#include "postgres.h"

#include "core/bytes.h"
#include "evidence/leaf.h"
#include "datatype/timestamp.h"

typedef struct W4Evidence
{
	const char *kind;			/* [a-z_]{1,32}: decision, journal, birth, key, status, role, law, trust, grant, ... */
	const uint8_t *society;		/* 32 bytes */
	const uint8_t *actor;		/* who acted: the signer, or the society itself */
	W4Slice		nonce;			/* empty, or claims (actor, nonce) for good */
	TimestampTz at;
	W4Slice		data;			/* W4C object; the body it makes must be W4C, too: at most 64,768 bytes, depth 31 */
	W4Slice		document;		/* signed bytes verbatim with their domain prefix; may be empty */
	W4Slice		signature;		/* over document; may be empty */
	/* results */
	int64		id;
	uint8_t		leaf_hash[32];
	uint8_t		leaf_id[32];	/* what names the leaf outside (leaf.h) */
} W4Evidence;

/*
 * Append one leaf.  Returns false, having written nothing, when (actor, nonce)
 * was used before.  SPI must be connected and the database live.
 */
extern bool w4_evidence_append(W4Evidence *evidence);

/* The same, but a used nonce raises W4I07. */
extern void w4_evidence_append_once(W4Evidence *evidence);

/* pg_control's system identifier: transaction ids are comparable only under the same one. */
extern int64 w4_system_identifier(void);

#endif							/* W4_EVIDENCE_H */
