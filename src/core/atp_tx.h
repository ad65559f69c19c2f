/*-------------------------------------------------------------------------
 *
 * atp_tx.h
 *		Signed ATP transactions, native form "web4/atp-tx/v1" (economy spec 1.10).
 *
 *
 * prefix "web4/atp-tx/v1" NUL; u32be-length-prefixed society, type, from, to;
 * i64be amount in micro-ATP; i64be timestamp in microseconds since 1970;
 * length-prefixed reference; 16-byte nonce; 32-byte SHA-256 of the metadata.
 * Strings are printable ASCII without space (0x21..0x7e).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_ATP_TX_H
#define W4_ATP_TX_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#define W4_ATP_TX_PREFIX_LEN 15
#define W4_ATP_TX_NONCE_LEN 16
#define W4_ATP_TX_MAX_SIZE 2048
#define W4_ATP_TX_MAX_NAME 255
#define W4_ATP_TX_MAX_REF 512

typedef struct W4AtpTx
{
	W4Slice		society;
	W4Slice		type;			/* mint, charge, transfer, discharge, lock, ...: [a-z_]{1,32} */
	W4Slice		from;
	W4Slice		to;
	int64_t		amount;			/* 1 .. W4_ATP_MAX_AMOUNT micro-ATP */
	int64_t		timestamp;		/* W4_TIMESTAMP_MIN .. W4_TIMESTAMP_MAX */
	W4Slice		ref;			/* may be empty */
	uint8_t		nonce[W4_ATP_TX_NONCE_LEN];
	uint8_t		metadata_hash[32];
} W4AtpTx;

/* Slices of "tx" borrow from "data". */
extern bool w4_atp_tx_decode(W4AtpTx *tx, const uint8_t *data, size_t len, W4Fault *fault);

/* Refuses what decode would refuse; writes nothing partial that a caller could mistake for a whole. */
extern bool w4_atp_tx_encode(W4Writer *out, const W4AtpTx *tx, W4Fault *fault);

#pragma GCC visibility pop

#endif							/* W4_ATP_TX_H */
