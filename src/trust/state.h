/*-------------------------------------------------------------------------
 *
 * state.h
 *		What the files of the trust room share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_TRUST_STATE_H
#define W4_TRUST_STATE_H

#include "postgres.h"

#include "fmgr.h"
#include "trust/trust.h"

/* Has it been judged?  If not, *out is the admission value. */
extern bool w4_trust_find(const uint8_t society[32], const uint8_t entity[32], const char *role, W4Trust *out);

/* Has it been judged, or does it fill the role? */
extern bool w4_trust_known(const uint8_t society[32], const uint8_t entity[32], const char *role, W4Trust *out);

/* A row of web4_trust_state; trust NULL: unknown. */
extern Datum w4_trust_row(FunctionCallInfo fcinfo, const uint8_t *society, const uint8_t entity[32],
						  const char *role, const W4Trust *trust);

#endif							/* W4_TRUST_STATE_H */
