/*-------------------------------------------------------------------------
 *
 * table.h
 *		An ordered map from fixed-size keys to fixed-size values whose root is
 *		a Merkle hash, kept up at O(depth) hashes per changed entry.
 *
 * A table is a crit-bit tree: an inner node names the first bit in which the
 * keys below it differ, zeros on the left.  Its shape follows from the set of
 * keys alone, not from the order of changes, so that equal contents have equal
 * roots; its order is memcmp order; and no choice of keys makes a path longer
 * than the key has bits (a treap or hash table could be degraded by ground
 * keys).
 *
 *		leaf  = SHA-256(0x00 | domain u8 | key | value)
 *		inner = SHA-256(0x01 | bit u16be | left | right)
 *		empty = SHA-256("")
 *
 * Memory is the caller's: one block, sized by w4_table_size for a number of
 * entries, addressed by indexes only, so that it may be copied.  Pointers
 * to keys and values are valid until the next put or delete.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_TABLE_H
#define W4_CONSENSUS_TABLE_H

#include "core/bytes.h"

#pragma GCC visibility push(hidden)

#define W4_TABLE_MAX_KEY 40		/* bytes */
#define W4_TABLE_MAX_VALUE 512
#define W4_TABLE_MAX_DEPTH (W4_TABLE_MAX_KEY * 8)
#define W4_TABLE_MAX_ENTRIES (UINT32_C(1) << 24)

typedef struct W4TableInner
{
	uint8_t		hash[32];
	uint32_t	child[2];		/* [0] is the next free node while unused */
	uint16_t	bit;			/* 0 = most significant bit of byte 0 */
	uint8_t		dirty;			/* hash is stale, as are those of all ancestors */
} W4TableInner;

typedef struct W4Table
{
	uint8_t		domain;
	uint8_t		key_len;		/* 1 .. W4_TABLE_MAX_KEY */
	uint16_t	value_len;		/* 0 .. W4_TABLE_MAX_VALUE */
	uint32_t	cap;
	uint32_t	count;
	uint32_t	root;
	uint32_t	free_leaf;
	uint32_t	free_inner;
	size_t		leaf_size;
	W4TableInner *inner;		/* cap nodes; count - 1 used */
	uint8_t    *leaves;			/* cap times hash[32] | dirty u8 | pad | key | value */
} W4Table;

/* Bytes of memory, a multiple of 8, that a table of cap <= W4_TABLE_MAX_ENTRIES entries needs. */
extern size_t w4_table_size(uint8_t key_len, uint16_t value_len, uint32_t cap);

/* mem: w4_table_size bytes aligned as for uint64_t. */
extern void w4_table_init(W4Table *t, void *mem, uint8_t domain, uint8_t key_len, uint16_t value_len,
						  uint32_t cap);

/* Value of key, or NULL. */
extern const uint8_t *w4_table_get(const W4Table *t, const uint8_t *key);

/* A number below cap that stays the same while the key stays in the table; UINT32_MAX if it is not there. */
extern uint32_t w4_table_slot(const W4Table *t, const uint8_t *key);

/* Insert or replace; false, and nothing is changed, when the table is full. */
extern bool w4_table_put(W4Table *t, const uint8_t *key, const uint8_t *value);

/* False when there is no such key. */
extern bool w4_table_delete(W4Table *t, const uint8_t *key);

/* Smallest key, or NULL; *value may be NULL. */
extern const uint8_t *w4_table_first(const W4Table *t, const uint8_t **value);

/* Brings stale hashes up to date and returns the root. */
extern void w4_table_root(W4Table *t, uint8_t out[32]);

/* The root computed from keys and values alone; for tests and audits. */
extern void w4_table_root_from_scratch(const W4Table *t, uint8_t out[32]);

/* Walks all entries in key order; the table must not change meanwhile. */
typedef struct W4TableCursor
{
	const W4Table *table;
	uint32_t	depth;
	uint32_t	stack[W4_TABLE_MAX_DEPTH + 1];
} W4TableCursor;

extern void w4_table_cursor(W4TableCursor *c, const W4Table *t);
/* False at the end. */
extern bool w4_table_next(W4TableCursor *c, const uint8_t **key, const uint8_t **value);

/*
 * Proof that a key has a value, or that it is absent: the path from the root
 * to the leaf where a search for the key ends.  Any key that ends at another
 * leaf is absent, because the tree tests the bits of the key it searches.
 */
typedef struct W4TableProof
{
	bool		empty;			/* the table has no entry at all */
	uint16_t	depth;			/* steps, root first */
	uint16_t	bit[W4_TABLE_MAX_DEPTH];
	uint8_t		sibling[W4_TABLE_MAX_DEPTH][32];
	uint8_t		key[W4_TABLE_MAX_KEY];	/* of the leaf found */
	uint8_t		value[W4_TABLE_MAX_VALUE];
} W4TableProof;

/* True if the key is there.  Brings hashes up to date. */
extern bool w4_table_prove(W4Table *t, const uint8_t *key, W4TableProof *proof);

typedef enum W4TableVerdict
{
	W4_TABLE_FORGED,			/* proves nothing */
	W4_TABLE_ABSENT,			/* the key is not in the table of this root */
	W4_TABLE_PRESENT			/* it is, with proof->value */
} W4TableVerdict;

/* The root that a proof implies, whatever it is worth; false if it is not even a path. */
extern bool w4_table_proof_root(const W4Table *shape, const W4TableProof *proof, uint8_t root[32]);

/* "shape" gives domain, key_len and value_len; its contents are not looked at. */
extern W4TableVerdict w4_table_verify(const W4Table *shape, const uint8_t root[32], const uint8_t *key,
									  const W4TableProof *proof);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_TABLE_H */
