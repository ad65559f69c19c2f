/*-------------------------------------------------------------------------
 *
 * sync_message.h
 *		The messages of state sync: requests of a joiner, answers of anybody.
 *
 * Behind the common prefix (message.h), whose height is that of the checkpoint,
 * for PROOF that of the header:
 *
 * FETCH-OFFER      nothing; height: the lowest checkpoint that would help
 * OFFER            nothing; height: the newest checkpoint that the sender has
 * FETCH-PROOF      nothing
 * PROOF            header, certificate, members (skip.h)
 * FETCH-MANIFEST   nothing
 * MANIFEST         certificate | u32be length, summary (checkpoint.h) |
 *                  leaf hash[32] of each chunk, as many as the summary says
 * FETCH-CHUNK      index u32be
 * CHUNK            index u32be | u32be length, chunk of 1..W4_MAX_CHUNK_BYTES
 *
 * An offer is a hint.  All else proves itself against a certified header.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_SYNC_MESSAGE_H
#define W4_CONSENSUS_SYNC_MESSAGE_H

#include "core/consensus/checkpoint.h"
#include "core/consensus/message.h"
#include "core/consensus/skip.h"

#pragma GCC visibility push(hidden)

#define W4_FETCH_CHUNK_LEN (W4_MESSAGE_PREFIX_LEN + 4)
#define W4_PROOF_MESSAGE_MAX (W4_MESSAGE_PREFIX_LEN + W4_PROOF_WIRE_MAX)
#define W4_CHUNK_MESSAGE_MAX (W4_MESSAGE_PREFIX_LEN + 4 + 4 + W4_MAX_CHUNK_BYTES)
#define W4_MANIFEST_MESSAGE_MAX(chunks) \
	(W4_MESSAGE_PREFIX_LEN + W4_CERT_WIRE_MAX + 4 + W4_SUMMARY_MAX + 32 * (size_t) (chunks))

static inline bool
w4_sync_kind(uint8_t kind)
{
	return kind >= W4_FETCH_OFFER && kind <= W4_CHUNK;
}

/* FETCH-OFFER, OFFER, FETCH-PROOF, FETCH-MANIFEST: w4_prefix_put writes them, nothing follows. */
extern bool w4_bare_decode(W4Slice message, W4Fault *fault);

extern void w4_fetch_chunk_put(W4Writer *out, uint64_t height, uint32_t index, const uint8_t chain_id[32]);
extern bool w4_fetch_chunk_decode(uint32_t *index, W4Slice message, W4Fault *fault);

extern void w4_proof_message_put(W4Writer *out, const W4BlockHeader *header, const W4Cert *cert,
								 const W4Members *members, const uint8_t chain_id[32]);
extern bool w4_proof_decode(W4Proof *out, W4Slice message, const uint8_t chain_id[32], const W4Suite *suite,
							W4Fault *fault);

/* "tip" is the whole tip at the checkpoint, with its certificate. */
extern void w4_manifest_put(W4Writer *out, const W4Tip *tip, const uint8_t *leaves, uint32_t chunks,
							const uint8_t chain_id[32]);

typedef struct W4ManifestWire
{
	W4Slice		summary;		/* borrowed from the message, as the leaves are */
	const uint8_t *leaves;
	uint32_t	chunks;
} W4ManifestWire;

/*
 * "tip" is the summary's with the certificate beside it, not verified; its
 * checkpoint root is the one that summary and leaves have.
 */
extern bool w4_manifest_decode(W4ManifestWire *out, W4Tip *tip, W4Slice message, const uint8_t chain_id[32],
							   const W4Suite *suite, uint32_t max_chunks, W4Fault *fault);

extern void w4_chunk_put(W4Writer *out, uint64_t height, uint32_t index, W4Slice chunk, const uint8_t chain_id[32]);
extern bool w4_chunk_decode(uint32_t *index, W4Slice *chunk, W4Slice message, W4Fault *fault);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_SYNC_MESSAGE_H */
