/*-------------------------------------------------------------------------
 *
 * message.h
 *		The messages between peers.
 *
 * Every message begins with the same 47 bytes: "W4BFT1" | kind u8 |
 * chain id[32] | height u64be.  Signed kinds (vote.h) go on as a vote; the
 * others follow here.  Requests and answers are not signed: the channel knows
 * whom it talks to, and what an answer carries proves itself.
 *
 * kind                 after the prefix
 * PREPARE, COMMIT      rest of the vote
 * PRE-PREPARE          rest of the vote | u32be length, block
 * NEW-VIEW             rest of the vote | justification (viewchange.h) | u32be length, block
 * VIEW-CHANGE          viewchange.h
 * STATUS               rest of the vote | report, see W4Report
 * FETCH-PROPOSAL       view u32be
 * FETCH-BODY           block hash[32]
 * BODY                 u32be length, block
 * FETCH-BLOCKS         last height wanted u64be (height in the prefix is the first)
 * BLOCKS               1..64 times (u32be length, block | certificate), heights ascending by one
 * COMMITTED            certificate
 * EVIDENCE             u32be length, evidence (evidence.h)
 * kinds 23 to 30       state sync (sync_message.h), not for the consensus machine
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_MESSAGE_H
#define W4_CONSENSUS_MESSAGE_H

#include "core/consensus/block.h"
#include "core/consensus/viewchange.h"

#pragma GCC visibility push(hidden)

typedef enum W4MessageKind
{
	/* 1..6 are W4VoteKind */
	W4_FETCH_PROPOSAL = 16,
	W4_FETCH_BODY = 17,
	W4_BODY = 18,
	W4_FETCH_BLOCKS = 19,
	W4_BLOCKS = 20,
	W4_COMMITTED = 21,
	W4_EVIDENCE = 22,

	/* sync_message.h */
	W4_FETCH_OFFER = 23,
	W4_OFFER = 24,
	W4_FETCH_PROOF = 25,
	W4_PROOF = 26,
	W4_FETCH_MANIFEST = 27,
	W4_MANIFEST = 28,
	W4_FETCH_CHUNK = 29,
	W4_CHUNK = 30
} W4MessageKind;

#define W4_MAX_JUSTIFICATION_BYTES (1 + W4_MAX_MEMBERS * W4_VC_WIRE_MAX)
#define W4_MAX_MESSAGE_BYTES (W4_MAX_FETCH_BYTES + W4_MAX_BLOCK_BYTES)

/* Longest wire form of anything but a proposal, BODY, BLOCKS, EVIDENCE, VIEW-CHANGE, COMMITTED. */
#define W4_SMALL_MESSAGE_MAX 640

typedef struct W4Prefix
{
	uint8_t		kind;
	uint64_t	height;
} W4Prefix;

/* Magic, a known kind, our chain, a height in range: the cheapest test of all. */
extern bool w4_prefix_read(W4Prefix *out, W4Slice message, const uint8_t chain_id[32], W4Fault *fault);

/* For decoders of what follows it. */
extern W4Reader w4_reader_behind_prefix(W4Slice message);
extern void w4_prefix_put(W4Writer *out, uint8_t kind, uint64_t height, const uint8_t chain_id[32]);

/* --- proposals: PRE-PREPARE and NEW-VIEW --- */

typedef struct W4ProposalWire
{
	W4Vote		vote;
	W4Slice		justification;	/* count and VIEW-CHANGEs; empty for PRE-PREPARE */
	W4Slice		block;
} W4ProposalWire;

/* Splits a proposal; neither block nor VIEW-CHANGEs are judged, but the latter are well-formed. */
extern bool w4_proposal_decode(W4ProposalWire *out, W4Slice message, const uint8_t chain_id[32],
							   size_t max_block, W4Fault *fault);

/*
 * Step through a justification: *pos starts at 0.  False at the end, or where
 * it is malformed, out of order or has fewer entries than it says (fault set).
 */
extern bool w4_justification_next(W4ViewChange *out, W4Slice justification, size_t *pos,
								  const uint8_t chain_id[32], W4Fault *fault);

/* --- STATUS --- */

/*
 * What a peer tells of itself, twice a second while there is work: where it
 * stands, which votes of the others it lacks (they answer with those), whether
 * it suspects the proposer.  An answer to somebody who has just started also
 * carries that peer's nonce, the newest vote of it that the sender has seen,
 * and the certificate of the sender's newest block.
 *
 * Wire: flags u8 | nonce[16] | incarnation u64be | asked view u32be |
 * prepares u64be | commits u64be | view changes u64be |
 * [echo[16] | [vote] | [certificate]]
 */
#define W4_REPORT_ASKING 0x01	/* answer me: I have just started */
#define W4_REPORT_CHANGING 0x02 /* waiting for NEW-VIEW */
#define W4_REPORT_SUSPECT 0x04	/* the proposer of this view seems dead */
#define W4_REPORT_PROPOSAL 0x08 /* I hold the proposal of this view */
#define W4_REPORT_ANSWER 0x10	/* an echo follows */
#define W4_REPORT_SEEN 0x20		/* with the echo: a vote of yours */
#define W4_REPORT_TIP 0x40		/* with the echo: a certificate for height - 1 */
#define W4_REPORT_FLAGS 0x7F

typedef struct W4Report
{
	uint8_t		flags;
	uint8_t		nonce[16];		/* drawn at each start of the sender */
	uint64_t	incarnation;	/* counts the sender's starts */
	uint32_t	asked_view;		/* highest view it has sent a VIEW-CHANGE for, 0 for none */
	uint64_t	prepares;		/* members whose PREPARE of its view it holds */
	uint64_t	commits;		/* the same for COMMIT */
	uint64_t	view_changes;	/* members whose VIEW-CHANGE for asked_view it holds */
	uint8_t		echo[16];
	W4Vote		seen;
	W4Cert		tip;
} W4Report;

#define W4_STATUS_WIRE_MAX (2 * W4_VOTE_WIRE_LEN + 1 + 16 + 8 + 4 + 3 * 8 + 16 + W4_CERT_WIRE_MAX)

/* SHA-256 of the report's wire: the extra hash of a STATUS. */
extern void w4_report_hash(uint8_t out[32], const W4Report *report, const uint8_t chain_id[32]);
extern void w4_status_put(W4Writer *out, const W4Vote *vote, const W4Report *report, const uint8_t chain_id[32]);

/* Strict; the vote's extra hash is that of the report.  The signature is not checked. */
extern bool w4_status_decode(W4Vote *vote, W4Report *report, W4Slice message, const uint8_t chain_id[32],
							 W4Fault *fault);

/* --- requests and answers --- */

extern bool w4_fetch_proposal_decode(uint32_t *view, W4Slice message, W4Fault *fault);
extern bool w4_fetch_body_decode(uint8_t hash[32], W4Slice message, W4Fault *fault);
extern bool w4_body_decode(W4Slice *block, W4Slice message, size_t max_block, W4Fault *fault);

/* 1..W4_MAX_FETCH_BLOCKS heights, beginning with the prefix's. */
extern bool w4_fetch_blocks_decode(uint64_t *last, W4Slice message, W4Fault *fault);
extern bool w4_committed_decode(W4Cert *cert, W4Slice message, const uint8_t chain_id[32], W4Fault *fault);
extern bool w4_evidence_message_decode(W4Slice *evidence, W4Slice message, W4Fault *fault);

/* BLOCKS is a prefix and then each block; the host writes it from its store. */
extern void w4_blocks_put(W4Writer *out, W4Slice block, const W4Cert *cert, const uint8_t chain_id[32]);

/* Step through BLOCKS: *pos starts at 0.  False at the end or where it is malformed (fault set). */
extern bool w4_blocks_next(W4Slice *block, W4Cert *cert, W4Slice message, size_t *pos,
						   const uint8_t chain_id[32], size_t max_block, W4Fault *fault);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_MESSAGE_H */
