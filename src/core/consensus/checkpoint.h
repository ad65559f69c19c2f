/*-------------------------------------------------------------------------
 *
 * checkpoint.h
 *		What the header after a checkpoint certifies: the snapshot, and the tip.
 *
 * A peer that loads a snapshot of height C needs more than the state: whose
 * turn it is, who missed turns, who votes at C, C + 1 and C + 2.  Headers hold
 * hashes of some of it and nothing of the rest, so the tip stands beside the
 * snapshot under one root, which header C + 1 carries and the certificate of
 * C + 1 certifies:
 *
 *		checkpoint root = SHA-256(0x01 | leaf hash of the summary | snapshot root)
 *		summary = "W4CP1" | chunks u32be | tip (tip.h, its common part)
 *		snapshot root = RFC 6962 root over the leaf hashes of the chunks
 *
 * This is RFC 6962's node over two subtrees, and w4_merkle_leaf_hash the leaf
 * hash.  The number of chunks is in it because the root alone does not tell
 * it: two inner nodes, given out as the leaves of a manifest of two, have the
 * same root as the chunks below them, and nobody could ever show those chunks.
 *
 * The checkpoint root and the certificate are not in the summary: the one
 * would hold itself, the other differs from peer to peer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_CHECKPOINT_H
#define W4_CONSENSUS_CHECKPOINT_H

#include "core/consensus/tip.h"

#pragma GCC visibility push(hidden)

#define W4_SUMMARY_MAGIC "W4CP1"
#define W4_SUMMARY_MAX (5 + 4 + W4_TIP_WIRE_MAX - W4_CERT_WIRE_MAX - 32)

extern void w4_summary_put(W4Writer *out, const W4Tip *tip, uint32_t chunks);

/* Strict; the tip's checkpoint root and certificate stay empty. */
extern bool w4_summary_decode(W4Tip *tip, uint32_t *chunks, W4Slice summary, const W4Suite *suite, W4Fault *fault);

/* From the tip at the checkpoint; its own checkpoint root and certificate do not matter. */
extern void w4_checkpoint_root(uint8_t out[32], const W4Tip *tip, const uint8_t snapshot_root[32], uint32_t chunks);

/* From a summary and leaf hashes laid out back to back. */
extern void w4_checkpoint_root_of(uint8_t out[32], W4Slice summary, const uint8_t *leaves, uint32_t chunks);

/* Is this tip what the header after it says?  NULL: it is. */
extern const char *w4_checkpoint_misfit(const W4Tip *tip, const W4BlockHeader *next);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_CHECKPOINT_H */
