/*-------------------------------------------------------------------------
 *
 * limits.h
 *		Every bound of the consensus core (consensus spec 3.3).
 *
 * A value beyond its bound is refused before anything is stored or hashed, so
 * the memory of a peer depends on the numbers below and on nothing it is sent.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_LIMITS_H
#define W4_CONSENSUS_LIMITS_H

#include <stdint.h>

#define W4_MAX_MEMBERS 64		/* a set of signers is a 64-bit mask */

#define W4_MAX_BLOCK_BYTES (UINT32_C(4) << 20)
#define W4_MAX_TX_BYTES (UINT32_C(64) << 10)
#define W4_MAX_BLOCK_TXS 5000
#define W4_MAX_EVIDENCE_BYTES (UINT32_C(64) << 10)	/* one item, and all items of a block */
#define W4_MAX_BLOCK_EVIDENCE 64

/*
 * Votes are kept for views [v - W4_VIEWS_BEHIND, v + W4_VIEWS_AHEAD] of the
 * current height and views [0, W4_VIEWS_AHEAD] of the next.  The two together
 * and the view itself are the slots of a ring.
 */
#define W4_VIEWS_AHEAD 16
#define W4_VIEWS_BEHIND 15
#define W4_VIEW_SLOTS 32

/*
 * VIEW-CHANGEs need no window, only the highest of each member is kept.  At 480
 * seconds a view this bound is a year away; it keeps view + 1 from wrapping.
 */
#define W4_MAX_VIEW UINT32_C(65535)
#define W4_MAX_HEIGHT (UINT64_MAX >> 1)

#define W4_MAX_FETCH_BLOCKS 64	/* heights in one answer */
#define W4_MAX_FETCH_BYTES (UINT32_C(8) << 20)

#define W4_MAX_CHUNK_BYTES (UINT32_C(256) << 10)	/* of a snapshot */
#define W4_MAX_CHUNKS (UINT32_C(1) << 16)	/* 16 GiB of state, a manifest of 2 MiB */

#define W4_EVIDENCE_WINDOW 10000	/* heights after which evidence is stale */
#define W4_STRIKES 3			/* committed violations until ejection */
#define W4_MAX_ACCUSE_CLASS 127 /* of an accusation; what the classes are is the host's business */

_Static_assert(W4_VIEWS_BEHIND + 1 + W4_VIEWS_AHEAD == W4_VIEW_SLOTS, "a window of views fills the ring");
_Static_assert((W4_VIEW_SLOTS & (W4_VIEW_SLOTS - 1)) == 0, "a slot is found by masking the view");

#endif							/* W4_CONSENSUS_LIMITS_H */
