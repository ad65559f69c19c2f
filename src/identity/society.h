/*-------------------------------------------------------------------------
 *
 * society.h
 *		What the identity room's own files ask about societies.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_IDENTITY_SOCIETY_H
#define W4_IDENTITY_SOCIETY_H

#include "postgres.h"

#include "evidence/evidence.h"
#include "identity/identity.h"

typedef enum W4Phase
{
	W4_PHASE_NONE,				/* no such society */
	W4_PHASE_BOOTSTRAP,			/* fewer possible witnesses than a birth needs */
	W4_PHASE_OPERATIONAL
} W4Phase;

/* Who may govern, besides the society's own key; for w4_may_govern(). */
extern const char *const w4_governors[];	/* sovereign, administrator */
extern const char *const w4_sovereign_only[];

/* Who may change the standing of this member of the society. */
extern const char *const *w4_governors_of(const uint8_t society[32], const uint8_t member[32]);

/* W4I09 unless w4_may_govern(); "act" completes "is not entitled to". */
extern void w4_require_governor(const uint8_t society[32], const uint8_t signer[32],
								const char *const *roles, const char *act);

/* Witnesses that a birth needs in an operational society. */
extern int	w4_birth_quorum(const uint8_t society[32]);

extern W4Phase w4_society_phase(const uint8_t society[32]);

/* The same after locking the row until the transaction ends.  SPI connected. */
extern W4Phase w4_society_lock(const uint8_t society[32]);

/* Active citizens other than the society itself, counted up to the limit, by the newest snapshot. */
extern int	w4_eligible_witnesses(const uint8_t society[32], int limit);

/* Leave the bootstrap phase once there are enough possible witnesses.  SPI connected. */
extern void w4_society_grow(const uint8_t society[32]);

/*
 * Append the leaf "society" that says what the society's rows say now.  The
 * caller fills in actor, time and what was signed.  SPI connected.
 */
extern void w4_society_record(const uint8_t society[32], const char *phase, W4Evidence *leaf);

#endif							/* W4_IDENTITY_SOCIETY_H */
