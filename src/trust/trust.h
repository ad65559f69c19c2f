/*-------------------------------------------------------------------------
 *
 * trust.h
 *		T3/V3 of an entity in a role.
 *
 * State is the fold of an append-only delta log; without deltas an active entity
 * stands at the admission value 0.5 in each dimension.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_TRUST_H
#define W4_TRUST_H

#include "postgres.h"

#include "core/tensor.h"

#define W4_TRUST_ADMISSION (W4_UNIT / 2)

typedef struct W4Trust
{
	W4Tensor	t3;
	W4Tensor	v3;
	int64		seq;			/* deltas folded; 0: admission value */
} W4Trust;

/* Index read under the active snapshot; always succeeds for an existing entity. */
extern void w4_trust_get(const uint8_t society[32], const uint8_t entity[32], const char *role, W4Trust *out);

/* 0.6 T3 + 0.4 V3 composite in units of 1e-9 (identity spec 3.7). */
extern int32_t w4_trust_composite(const W4Trust *trust);

#endif							/* W4_TRUST_H */
