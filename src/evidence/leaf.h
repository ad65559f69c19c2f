/*-------------------------------------------------------------------------
 *
 * leaf.h
 *		The canonical body of a leaf, and whether a row agrees with it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_LEAF_H
#define W4_LEAF_H

#include "postgres.h"

#include "core/bytes.h"
#include "datatype/timestamp.h"

#define W4_LEAF_KIND_MAX 32
#define W4_LEAF_NONCE_MAX 64

/* What the envelope says: the columns of web4.evidence. */
typedef struct W4Leaf
{
	int64		id;
	uint64		xid;
	const uint8_t *society;
	const uint8_t *actor;
	W4Slice		kind;
	W4Slice		nonce;			/* these three: data NULL when absent */
	W4Slice		document;
	W4Slice		signature;
	TimestampTz at;
} W4Leaf;

/*
 * Write the body: envelope around the caller's W4C object.  It needs at most
 * data.len + W4_LEAF_ENVELOPE_MAX bytes; what cannot be expressed (a time
 * outside of the years 1 to 9999, say) leaves the writer full.
 */
#define W4_LEAF_ENVELOPE_MAX 768
extern void w4_leaf_write(W4Writer *body, const W4Leaf *leaf, W4Slice data);

/*
 * Is the body exactly what these columns and some W4C object give, and the
 * hash its leaf hash?  NULL when all is well, else what is wrong.
 */
extern const char *w4_leaf_fault(const W4Leaf *leaf, W4Slice body, W4Slice leaf_hash);

/*
 * What names a leaf outside: its id, 8 bytes big-endian, and the first 24
 * bytes of its hash.  The id finds it (an index on hashes would write a page
 * for every leaf), the hash makes the name stand for these bytes only.
 */
#define W4_LEAF_ID_LEN 32
extern void w4_leaf_id(uint8_t out[W4_LEAF_ID_LEN], int64 id, const uint8_t leaf_hash[32]);
extern int64 w4_leaf_id_number(const uint8_t leaf_id[W4_LEAF_ID_LEN]);
extern bool w4_leaf_id_names(const uint8_t leaf_id[W4_LEAF_ID_LEN], W4Slice leaf_hash);

#endif							/* W4_LEAF_H */
