/*-------------------------------------------------------------------------
 *
 * quality.h
 *		How coherent a text is, in integers (consensus spec 2.3).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_QUALITY_H
#define W4_CONSENSUS_QUALITY_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#define W4_THOUGHT_MIN_CHARS 10
#define W4_THOUGHT_MAX_CHARS 10000

typedef struct W4Quality
{
	uint32_t	code_points;
	bool		blank;			/* nothing but ASCII white space */
	uint32_t	coherence;		/* ppm */
} W4Quality;

/*
 * content: valid UTF-8.  coherence = half of min(1, L / 200), zero if L < 20,
 * plus half of min(1, U / 10), zero if U < 3; L = code points, U = distinct
 * words of at least 4 code points, split on ASCII white space, ASCII letters
 * compared without case.
 */
extern W4Quality w4_quality(W4Slice content);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_QUALITY_H */
