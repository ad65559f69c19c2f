/*-------------------------------------------------------------------------
 *
 * tx.h
 *		Transactions of the replicated ledger: one canonical encoding.
 *
 * Wire, items of tlv.h (tag u8, length u16be, value) in ascending order of
 * tags, each kind with exactly the items that tx.c lists for it:
 *		body: kind, signer key, sequence, expiry height, what the kind needs
 *		cosignatures, for kinds that need the approval of peers
 *		signature
 * The signature covers "W4TX1" | chain id[32] | body, a cosignature "W4TC1" |
 * chain id[32] | body.  The id of a transaction is SHA-256(body), so that no
 * change of a signature gives an old transaction a new id.
 *
 * Replay: a signer numbers its transactions; a number counts once, may skip,
 * and may come late by up to 63 (W4SeqWindow).  After its expiry height a
 * transaction is dead whatever its number.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_TX_H
#define W4_CONSENSUS_TX_H

#include "core/bytes.h"
#include "core/crypto.h"

#pragma GCC visibility push(hidden)

#define W4_TX_MAX_SIZE 65536
#define W4_TX_MAX_CONTENT 40000	/* bytes: 10,000 characters of up to 4 */
#define W4_TX_MAX_ENTITY_TYPE 16
#define W4_TX_MAX_COSIGNERS 64
#define W4_TX_COSIGNATURE_LEN (32 + W4_SIGNATURE_LEN)	/* peer id, signature */
#define W4_TX_MAX_SEQUENCE INT64_MAX
#define W4_TX_MAX_HEIGHT INT64_MAX

#define W4_DOMAIN_TX "W4TX1"
#define W4_DOMAIN_COSIGN "W4TC1"

typedef enum W4TxKind
{
	W4_TX_TRANSFER = 1,			/* from, to, amount: within one home peer, at once */
	W4_TX_LOCK = 2,				/* from, to, to_peer, amount, hold_us: first phase between peers */
	W4_TX_COMMIT = 3,			/* transfer_id only: whatever LOCK fixed happens */
	W4_TX_ROLLBACK = 4,			/* transfer_id, reason */
	W4_TX_MINT = 5,				/* to (zero: the treasury), amount; quorum */
	W4_TX_BURN = 6,				/* amount, from the treasury; quorum */
	W4_TX_REGISTER = 7,			/* to_peer = home, entity_type, hw_level, anchor_height, pow_nonce */
	W4_TX_THOUGHT = 8,			/* content, claimed_coherence (stored nowhere, decides nothing) */
	W4_TX_ATTEST = 9,			/* subject; f + 1 peers say its hardware is what it claims */
	W4_TX_ACCUSE = 10,			/* subject, reason = class, digest; a peer's word, f + 1 of them count */
	W4_TX_PARAM_SET = 11,		/* param, value; quorum */
	W4_TX_PEER_ADD = 12,		/* subject, new_key, until: a motion, the signer's vote included */
	W4_TX_PEER_REMOVE = 13,		/* subject, until: the same */
	W4_TX_PEER_ROTATE = 14,		/* new_key, until: the same, signed by the identity of the peer */
	W4_TX_PEER_VOTE = 15,		/* motion: yes */
	W4_TX_PEER_LEAVE = 16		/* the signer goes; no votes */
} W4TxKind;

typedef struct W4Tx
{
	uint8_t		kind;			/* W4TxKind */
	uint8_t		key[W4_PUBLIC_KEY_LEN]; /* of the signer */
	uint64_t	sequence;		/* 1 .. W4_TX_MAX_SEQUENCE */
	uint64_t	expiry_height;	/* last height at which it may run, 1 .. W4_TX_MAX_HEIGHT */
	uint8_t		from[32];
	uint8_t		to[32];
	uint8_t		to_peer[32];
	int64_t		amount;			/* 1 .. W4_ATP_MAX_AMOUNT micro-ATP */
	int64_t		hold_us;		/* 1 .. INT64_MAX */
	uint8_t		transfer_id[32];	/* the id of the LOCK */
	uint8_t		reason;
	W4Slice		entity_type;	/* [a-z_]{1,16} */
	uint8_t		hw_level;		/* 1 .. 5 */
	uint64_t	anchor_height;
	uint64_t	pow_nonce;
	W4Slice		content;		/* UTF-8 without NUL, 1 .. W4_TX_MAX_CONTENT bytes */
	uint32_t	claimed_coherence;	/* ppm */
	uint8_t		subject[32];
	uint8_t		digest[32];
	uint16_t	param;
	int64_t		value;
	uint8_t		new_key[W4_PUBLIC_KEY_LEN];	/* consensus key to be */
	uint64_t	until;			/* last height at which the motion may pass, 1 .. W4_TX_MAX_HEIGHT */
	uint8_t		motion[32];		/* the id of the transaction that moved it */
	W4Slice		cosignatures;	/* W4_TX_COSIGNATURE_LEN each, ascending peer ids */
	uint8_t		signature[W4_SIGNATURE_LEN];

	/* Set by decode: */
	W4Slice		body;
	uint8_t		id[32];
} W4Tx;

/* Total on any bytes; slices of "tx" borrow from "wire". */
extern bool w4_tx_decode(W4Tx *tx, W4Slice wire, W4Fault *fault);

/* The body alone, for signing; out->full if it does not fit. */
extern void w4_tx_put_body(W4Writer *out, const W4Tx *tx);

/* The whole; refuses what decode would refuse. */
extern bool w4_tx_encode(W4Writer *out, const W4Tx *tx, W4Fault *fault);

/* What a signer (domain W4_DOMAIN_TX) or cosigner (W4_DOMAIN_COSIGN) signs. */
#define W4_TX_SIGNED_MAX (W4_TX_MAX_SIZE + 64)
extern void w4_tx_put_signed(W4Writer *out, const char *domain, const uint8_t chain_id[32], W4Slice body);

/* Does this kind carry cosignatures? */
extern bool w4_tx_kind_cosigned(uint8_t kind);

/*
 * Numbers already used by one signer: the highest, and of the 64 up to it
 * which (bit i = high - i).  {0, 0} is a new signer.
 */
typedef struct W4SeqWindow
{
	uint64_t	high;
	uint64_t	used;
} W4SeqWindow;

extern bool w4_seq_fresh(const W4SeqWindow *w, uint64_t sequence);
/* The sequence is fresh. */
extern void w4_seq_use(W4SeqWindow *w, uint64_t sequence);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_TX_H */
