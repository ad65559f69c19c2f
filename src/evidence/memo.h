/*-------------------------------------------------------------------------
 *
 * memo.h
 *		Hashes of the bytes that were hashed last.
 *
 * Appending a leaf hashes its body and its signed document, and a moment later
 * the table's CHECK hashes the same bytes again: hashing was a third of a
 * decision.  The memo compares the bytes themselves, so it cannot be wrong.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_MEMO_H
#define W4_MEMO_H

#include "postgres.h"

#include "core/bytes.h"

/* SHA-256 of the bytes. */
extern void w4_memo_sha256(uint8_t out[32], W4Slice bytes);

/* The Merkle leaf hash of the bytes. */
extern void w4_memo_leaf_hash(uint8_t out[32], W4Slice bytes);

#endif							/* W4_MEMO_H */
