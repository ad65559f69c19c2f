/*-------------------------------------------------------------------------
 *
 * birth.h
 *		From a certificate and its signatures to an identity.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_IDENTITY_BIRTH_H
#define W4_IDENTITY_BIRTH_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "identity/certificate.h"

typedef struct W4Birth
{
	W4Certificate cert;
	uint8_t		society_signature[64];
	uint8_t		binding_signature[64];

	/* in the order of cert.witnesses */
	bool		signed_by[W4_BIRTH_MAX_WITNESSES];
	uint8_t		witness_signatures[W4_BIRTH_MAX_WITNESSES][64];

	/* found while checking */
	int			society_key;	/* version */
	int			witness_keys[W4_BIRTH_MAX_WITNESSES];
	int			quorum;
} W4Birth;

/* Births that are inserted by one round of statements. */
#define W4_BIRTH_CHUNK 128

/*
 * What every birth has to satisfy, whoever issues it: an acceptable key, a
 * fresh timestamp and the subject's own binding signature.
 */
extern void w4_birth_check_subject(const W4Birth *birth);

/* Everything of web4_mint(): the above, society, witnesses, quorum, nothing taken.  SPI connected. */
extern void w4_birth_check(W4Birth *birth);

/*
 * Insert checked births: entity, key, certificate, witnesses, citizenship and
 * one evidence leaf each.  SPI connected.
 */
extern void w4_births_insert(W4Birth *const *births, int n);

#endif							/* W4_IDENTITY_BIRTH_H */
