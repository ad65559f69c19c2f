/*-------------------------------------------------------------------------
 *
 * tip.h
 *		What the chain up to its newest block says about the next one.
 *
 * A pure function of genesis and the blocks since: all honest peers hold the
 * same tip at the same height (but for the certificate, of which any quorum's
 * will do).  So what w4_tip_misfit refuses is refused by everybody, and a
 * proposer that signs such a block convicts itself (E2).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_TIP_H
#define W4_CONSENSUS_TIP_H

#include "core/consensus/block.h"
#include "core/consensus/rota.h"

#pragma GCC visibility push(hidden)

typedef struct W4Tip
{
	uint64_t	height;			/* of the newest block; 0 at genesis */
	int64_t		time_us;
	uint8_t		hash[32];		/* of the newest block; the chain id at genesis */
	uint8_t		builder[32];	/* its proposer_id */
	uint8_t		state_digest[32];
	uint8_t		results_root[32];
	uint8_t		checkpoint_root[32];	/* checkpoint.h, or zero */
	uint8_t		params_hash[32];
	uint64_t	skipped_before; /* rota's mask at height */
	W4Rota		rota;			/* at height + 1, indexes of members[1] */
	W4Members	members[3];		/* at height, height + 1, height + 2 */
	W4Cert		cert;			/* COMMITs for the newest block; no signer at genesis */
} W4Tip;

/*
 * What the host's execution of a block yields.  At a checkpoint it tells the
 * RFC 6962 root over the leaf hashes of the snapshot's chunks and how many
 * there are; the tip adds itself to it (checkpoint.h).
 */
typedef struct W4Applied
{
	uint8_t		state_digest[32];
	uint8_t		results_root[32];
	uint8_t		checkpoint_root[32];	/* of the snapshot, or zero: no checkpoint here */
	uint32_t	checkpoint_chunks;	/* 1..W4_MAX_CHUNKS with a root */
	uint8_t		params_hash[32];
	uint64_t	struck;			/* members at height + 1 convicted by this block: off the rota */
	bool		members_change;
	W4Members	members;		/* at height + 2 when members_change; sealed */
} W4Applied;

extern void w4_tip_genesis(W4Tip *out, const uint8_t chain_id[32], const W4Members *set, int64_t time_us,
						   const uint8_t state_digest[32], const uint8_t params_hash[32]);

/*
 * Which rule of the chain does this block break as the next one, proposed in
 * "view"?  NULL: none.  Needs the last commit verified, see w4_tip_last_commit.
 */
extern const char *w4_tip_misfit(const W4Tip *tip, const W4Block *block, uint32_t view);

/*
 * Does a block on our newest one break a rule that the chain decides, in
 * whatever view it was proposed?  For evidence.  Blocks on another parent are
 * the caller's to leave alone: after a fork, which takes more than f liars, an
 * honest peer of the other branch proposes just that.
 */
extern bool w4_tip_refuses(const W4Tip *tip, const W4Block *block, const uint8_t chain_id[32], const W4Suite *suite);

/* Is the block's last commit a quorum of members(height) for our newest block? */
extern bool w4_tip_last_commit(const W4Tip *tip, const W4Block *block, const uint8_t chain_id[32],
							   const W4Suite *suite);

/* The block is decided and executed: step on.  False when its members may not follow ours. */
extern bool w4_tip_advance(W4Tip *tip, const W4Block *block, const W4Cert *cert, const W4Applied *applied,
						   const uint8_t chain_id[32]);

/* Fill a header with everything that the tip decides. */
extern void w4_tip_header(const W4Tip *tip, W4BlockHeader *header);

static inline int
w4_tip_proposer(const W4Tip *tip, uint32_t view)
{
	return w4_rota_proposer(&tip->members[1], tip->rota.skipped, tip->height + 1, view);
}

/* --- codec, for the durable record and for snapshots --- */

#define W4_TIP_WIRE_MAX (8 + 8 + 6 * 32 + 8 + 8 + W4_MAX_MEMBERS * 17 + 3 * W4_MEMBERS_WIRE_MAX + W4_CERT_WIRE_MAX)

extern void w4_tip_put(W4Writer *out, const W4Tip *tip, const uint8_t chain_id[32]);

/* The same without checkpoint root and certificate: what all peers hold alike. */
extern void w4_tip_put_common(W4Writer *out, const W4Tip *tip);

/* Leaves checkpoint root and certificate empty. */
extern void w4_tip_read_common(W4Tip *out, W4Reader *r, const W4Suite *suite);
extern void w4_tip_read(W4Tip *out, W4Reader *r, const uint8_t chain_id[32], const W4Suite *suite);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_TIP_H */
