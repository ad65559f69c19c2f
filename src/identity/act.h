/*-------------------------------------------------------------------------
 *
 * act.h
 *		A signed document that changes something: the steps they all share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_IDENTITY_ACT_H
#define W4_IDENTITY_ACT_H

#include "postgres.h"

#include "evidence/evidence.h"
#include "host/document.h"
#include "identity/identity.h"

typedef struct W4Act
{
	W4Document	doc;
	W4Slice		message;		/* domain || text */
	W4Slice		signature;
	uint8_t		signer[32];
	uint8_t		nonce[W4_NONCE_MAX];
	size_t		nonce_len;
	int64_t		signed_at;		/* unix microseconds */
	W4Entity	entity;			/* the signer, once authenticated */
} W4Act;

/* Parse: version, signer, nonce and time; everything else is left to the caller. */
extern void w4_act_read(W4Act *act, const char *what, const char *domain, const text *txt, W4Slice signature,
						const char *const *members, const char *signer_key, const char *time_key);

/* The signer is known and active, its key signed, and lately. */
extern void w4_act_authenticate(W4Act *act);

/* The last two steps alone, for a signer that need not be active. */
extern void w4_act_verify(W4Act *act);

/* A leaf by the signer, now, that claims the nonce and keeps the document. */
extern W4Evidence w4_act_leaf(const W4Act *act);

#endif							/* W4_IDENTITY_ACT_H */
