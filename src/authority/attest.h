/*-------------------------------------------------------------------------
 *
 * attest.h
 *		Attestations of type "action" that witnesses give to a request.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_ATTEST_H
#define W4_ATTEST_H

#include "postgres.h"

#include "authority/grant.h"
#include "authority/request.h"
#include "utils/jsonb.h"

#define W4_MAX_ATTESTATIONS 32

/* A verified attestation of a witness who counts. */
typedef struct W4Attestation
{
	uint8_t		witness[32];
	uint8_t		nonce[W4_NONCE_MAX];
	size_t		nonce_len;
	W4Slice		message;		/* prefix || text */
	W4Slice		signature;
} W4Attestation;

typedef struct W4Witnesses
{
	int			presented;
	int			n;				/* distinct witnesses that count */
	W4Attestation *valid;
	const char *problem;		/* why the first one that does not count does not; or NULL */
} W4Witnesses;

/*
 * Verify each element {"text": W4C, "signature": hex} of the array against the
 * request (identity spec 2.5).  Malformed elements raise W4W01; those that do
 * not count are remembered in "problem".
 */
extern void w4_witnesses_verify(Jsonb *attestations, const W4Request *request, const W4GrantChain *chain,
								TimestampTz now, W4Witnesses *out);

/* How many elements the array has; raises W4W01 unless it is an array in bounds. */
extern int	w4_witnesses_count(Jsonb *attestations);

/* One leaf per attestation that counted; claims the witness's nonce. */
extern void w4_witnesses_record(const W4Witnesses *witnesses, const W4Request *request, TimestampTz now);

#endif							/* W4_ATTEST_H */
