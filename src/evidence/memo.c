/*-------------------------------------------------------------------------
 *
 * memo.c
 *		Hashes of the bytes that were hashed last.
 *
 *-------------------------------------------------------------------------
 */
#include "evidence/memo.h"

#include "host/hash.h"

#define MEMO_ENTRIES 4			/* body, document and signature of one leaf */
#define MEMO_BYTES 2048			/* longer ones are rare and hashed again */

typedef struct Memo
{
	bool		is_leaf;
	size_t		len;			/* 0: empty */
	uint8_t		bytes[MEMO_BYTES];
	uint8_t		hash[32];
} Memo;

static Memo memo[MEMO_ENTRIES];

static Memo *
find(W4Slice bytes, bool is_leaf)
{
	for (int i = 0; i < MEMO_ENTRIES; i++)
	{
		if (memo[i].len == bytes.len && memo[i].is_leaf == is_leaf &&
			memcmp(memo[i].bytes, bytes.data, bytes.len) == 0)
			return &memo[i];
	}
	return NULL;
}

static void
remember(W4Slice bytes, bool is_leaf, const uint8_t hash[32])
{
	static int	next = 0;
	Memo	   *entry = &memo[next];

	next = (next + 1) % MEMO_ENTRIES;
	entry->is_leaf = is_leaf;
	entry->len = bytes.len;
	memcpy(entry->bytes, bytes.data, bytes.len);
	memcpy(entry->hash, hash, 32);
}

static void
hash_once(uint8_t out[32], W4Slice bytes, bool is_leaf)
{
	static const uint8_t leaf_prefix[1] = {0};	/* as in w4_merkle_leaf_hash() */
	W4Slice		parts[2] = {w4_slice(leaf_prefix, 1), bytes};
	bool		fits = bytes.len > 0 && bytes.len <= MEMO_BYTES;
	Memo	   *known = fits ? find(bytes, is_leaf) : NULL;

	if (known != NULL)
	{
		memcpy(out, known->hash, 32);
		return;
	}
	w4_hash(out, is_leaf ? parts : parts + 1, is_leaf ? 2 : 1);
	if (fits)
		remember(bytes, is_leaf, out);
}

void
w4_memo_sha256(uint8_t out[32], W4Slice bytes)
{
	hash_once(out, bytes, false);
}

void
w4_memo_leaf_hash(uint8_t out[32], W4Slice bytes)
{
	hash_once(out, bytes, true);
}
