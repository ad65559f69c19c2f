/*-------------------------------------------------------------------------
 *
 * table.c
 *		Ordered Merkle maps: crit-bit trees in one block of memory.
 *
 * A reference to a node is its index, with the top bit set for a leaf.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/table.h"

#include "core/crypto.h"

#define NONE UINT32_MAX
#define LEAF UINT32_C(0x80000000)
#define LEAF_HEADER 40			/* hash[32], dirty, pad to 8 */

static bool
is_leaf(uint32_t ref)
{
	return (ref & LEAF) != 0;
}

static uint8_t *
leaf_at(const W4Table *t, uint32_t ref)
{
	return t->leaves + (size_t) (ref & ~LEAF) * t->leaf_size;
}

static uint8_t *
leaf_key(const W4Table *t, uint32_t ref)
{
	return leaf_at(t, ref) + LEAF_HEADER;
}

static uint8_t *
leaf_value(const W4Table *t, uint32_t ref)
{
	return leaf_key(t, ref) + t->key_len;
}

static int
key_bit(const uint8_t *key, unsigned bit)
{
	return key[bit >> 3] >> (7 - (bit & 7)) & 1;
}

/* --- memory --- */

static size_t
leaf_size(uint8_t key_len, uint16_t value_len)
{
	return ((size_t) LEAF_HEADER + key_len + value_len + 7) & ~(size_t) 7;
}

size_t
w4_table_size(uint8_t key_len, uint16_t value_len, uint32_t cap)
{
	size_t		inner = (sizeof(W4TableInner) * cap + 7) & ~(size_t) 7;

	return inner + leaf_size(key_len, value_len) * cap;
}

/* A free leaf keeps the index of the next one where its hash would be. */
static void
set_next_leaf(const W4Table *t, uint32_t ref, uint32_t next)
{
	memcpy(leaf_at(t, ref), &next, sizeof(next));
}

static uint32_t
get_next_leaf(const W4Table *t, uint32_t ref)
{
	uint32_t	next;

	memcpy(&next, leaf_at(t, ref), sizeof(next));
	return next;
}

void
w4_table_init(W4Table *t, void *mem, uint8_t domain, uint8_t key_len, uint16_t value_len, uint32_t cap)
{
	memset(t, 0, sizeof(*t));
	t->domain = domain;
	t->key_len = key_len;
	t->value_len = value_len;
	t->cap = cap;
	t->root = NONE;
	t->free_leaf = NONE;
	t->free_inner = NONE;
	t->leaf_size = leaf_size(key_len, value_len);
	t->inner = mem;
	t->leaves = (uint8_t *) mem + ((sizeof(W4TableInner) * cap + 7) & ~(size_t) 7);
	for (uint32_t i = cap; i-- > 0;)
	{
		set_next_leaf(t, i | LEAF, t->free_leaf);
		t->free_leaf = i | LEAF;
		t->inner[i].child[0] = t->free_inner;
		t->free_inner = i;
	}
}

static uint32_t
take_leaf(W4Table *t, const uint8_t *key, const uint8_t *value)
{
	uint32_t	ref = t->free_leaf;

	t->free_leaf = get_next_leaf(t, ref);
	leaf_at(t, ref)[32] = 1;
	memcpy(leaf_key(t, ref), key, t->key_len);
	if (t->value_len > 0)
		memcpy(leaf_value(t, ref), value, t->value_len);
	t->count++;
	return ref;
}

/* --- searching --- */

/* The leaf at which a search for key ends; the table is not empty. */
static uint32_t
walk(const W4Table *t, const uint8_t *key)
{
	uint32_t	ref = t->root;

	while (!is_leaf(ref))
		ref = t->inner[ref].child[key_bit(key, t->inner[ref].bit)];
	return ref;
}

static uint32_t
find(const W4Table *t, const uint8_t *key)
{
	uint32_t	ref;

	if (t->root == NONE)
		return NONE;
	ref = walk(t, key);
	return memcmp(leaf_key(t, ref), key, t->key_len) == 0 ? ref : NONE;
}

const uint8_t *
w4_table_get(const W4Table *t, const uint8_t *key)
{
	uint32_t	ref = find(t, key);

	return ref == NONE ? NULL : leaf_value(t, ref);
}

uint32_t
w4_table_slot(const W4Table *t, const uint8_t *key)
{
	uint32_t	ref = find(t, key);

	return ref == NONE ? UINT32_MAX : ref & ~LEAF;
}

const uint8_t *
w4_table_first(const W4Table *t, const uint8_t **value)
{
	uint32_t	ref = t->root;

	if (ref == NONE)
		return NULL;
	while (!is_leaf(ref))
		ref = t->inner[ref].child[0];
	if (value != NULL)
		*value = leaf_value(t, ref);
	return leaf_key(t, ref);
}

/* --- changing --- */

/* Every inner node on the way to a leaf that is there. */
static void
mark_path(W4Table *t, const uint8_t *key)
{
	uint32_t	ref = t->root;

	while (!is_leaf(ref))
	{
		t->inner[ref].dirty = 1;
		ref = t->inner[ref].child[key_bit(key, t->inner[ref].bit)];
	}
}

/* Keys differ. */
static unsigned
first_difference(const uint8_t *a, const uint8_t *b)
{
	unsigned	bit = 0;

	while (a[bit >> 3] == b[bit >> 3])
		bit += 8;
	while (key_bit(a, bit) == key_bit(b, bit))
		bit++;
	return bit;
}

/* Hang a new leaf where its first difference from its nearest relative belongs. */
static void
insert(W4Table *t, uint32_t leaf, unsigned bit)
{
	const uint8_t *key = leaf_key(t, leaf);
	uint32_t   *link = &t->root;
	uint32_t	node = t->free_inner;
	int			side = key_bit(key, bit);

	while (!is_leaf(*link) && t->inner[*link].bit < bit)
	{
		t->inner[*link].dirty = 1;
		link = &t->inner[*link].child[key_bit(key, t->inner[*link].bit)];
	}
	t->free_inner = t->inner[node].child[0];
	t->inner[node].bit = (uint16_t) bit;
	t->inner[node].dirty = 1;
	t->inner[node].child[side] = leaf;
	t->inner[node].child[!side] = *link;
	*link = node;
}

bool
w4_table_put(W4Table *t, const uint8_t *key, const uint8_t *value)
{
	uint32_t	near = t->root == NONE ? NONE : walk(t, key);

	if (near != NONE && memcmp(leaf_key(t, near), key, t->key_len) == 0)
	{
		if (t->value_len > 0)
			memcpy(leaf_value(t, near), value, t->value_len);
		leaf_at(t, near)[32] = 1;
		mark_path(t, key);
		return true;
	}
	if (t->free_leaf == NONE)
		return false;
	if (near == NONE)
		t->root = take_leaf(t, key, value);
	else
	{
		unsigned	bit = first_difference(key, leaf_key(t, near));

		insert(t, take_leaf(t, key, value), bit);
	}
	return true;
}

bool
w4_table_delete(W4Table *t, const uint8_t *key)
{
	uint32_t	leaf = find(t, key);
	uint32_t   *link = &t->root;
	uint32_t   *above = NULL;	/* link to the leaf's parent */
	uint32_t	parent;

	if (leaf == NONE)
		return false;
	while (!is_leaf(*link))
	{
		t->inner[*link].dirty = 1;
		above = link;
		link = &t->inner[*link].child[key_bit(key, t->inner[*link].bit)];
	}
	if (above == NULL)
		t->root = NONE;
	else
	{
		parent = *above;
		*above = t->inner[parent].child[link == &t->inner[parent].child[0]];
		t->inner[parent].child[0] = t->free_inner;
		t->free_inner = parent;
	}
	set_next_leaf(t, leaf, t->free_leaf);
	t->free_leaf = leaf;
	t->count--;
	return true;
}

/* --- hashes --- */

static void
hash_leaf(uint8_t out[32], const W4Table *t, const uint8_t *key, const uint8_t *value)
{
	uint8_t		head[2] = {0x00, t->domain};
	W4Slice		parts[3] = {w4_slice(head, 2), w4_slice(key, t->key_len), w4_slice(value, t->value_len)};

	w4_sha256_parts(out, parts, 3);
}

static void
hash_inner(uint8_t out[32], unsigned bit, const uint8_t left[32], const uint8_t right[32])
{
	uint8_t		node[67] = {0x01, (uint8_t) (bit >> 8), (uint8_t) bit};

	memcpy(node + 3, left, 32);
	memcpy(node + 35, right, 32);
	w4_sha256(out, node, sizeof(node));
}

/* Depth is bounded by the bits of a key, since bits grow downwards. */
static const uint8_t *
fresh_hash(W4Table *t, uint32_t ref)
{
	W4TableInner *node;

	if (is_leaf(ref))
	{
		uint8_t    *leaf = leaf_at(t, ref);

		if (leaf[32])
			hash_leaf(leaf, t, leaf_key(t, ref), leaf_value(t, ref));
		leaf[32] = 0;
		return leaf;
	}
	node = &t->inner[ref];
	if (node->dirty)
	{
		const uint8_t *left = fresh_hash(t, node->child[0]);
		const uint8_t *right = fresh_hash(t, node->child[1]);

		hash_inner(node->hash, node->bit, left, right);
		node->dirty = 0;
	}
	return node->hash;
}

void
w4_table_root(W4Table *t, uint8_t out[32])
{
	if (t->root == NONE)
		w4_sha256(out, NULL, 0);
	else
		memcpy(out, fresh_hash(t, t->root), 32);
}

static void
scratch_hash(const W4Table *t, uint32_t ref, uint8_t out[32])
{
	uint8_t		left[32];
	uint8_t		right[32];

	if (is_leaf(ref))
	{
		hash_leaf(out, t, leaf_key(t, ref), leaf_value(t, ref));
		return;
	}
	scratch_hash(t, t->inner[ref].child[0], left);
	scratch_hash(t, t->inner[ref].child[1], right);
	hash_inner(out, t->inner[ref].bit, left, right);
}

void
w4_table_root_from_scratch(const W4Table *t, uint8_t out[32])
{
	if (t->root == NONE)
		w4_sha256(out, NULL, 0);
	else
		scratch_hash(t, t->root, out);
}

/* --- walking --- */

void
w4_table_cursor(W4TableCursor *c, const W4Table *t)
{
	c->table = t;
	c->depth = 0;
	if (t->root != NONE)
		c->stack[c->depth++] = t->root;
}

bool
w4_table_next(W4TableCursor *c, const uint8_t **key, const uint8_t **value)
{
	const W4Table *t = c->table;
	uint32_t	ref;

	if (c->depth == 0)
		return false;
	ref = c->stack[--c->depth];
	while (!is_leaf(ref))
	{
		c->stack[c->depth++] = t->inner[ref].child[1];
		ref = t->inner[ref].child[0];
	}
	*key = leaf_key(t, ref);
	*value = leaf_value(t, ref);
	return true;
}

/* --- proofs --- */

bool
w4_table_prove(W4Table *t, const uint8_t *key, W4TableProof *proof)
{
	uint32_t	ref = t->root;

	memset(proof, 0, sizeof(*proof));
	if (ref == NONE)
	{
		proof->empty = true;
		return false;
	}
	(void) fresh_hash(t, ref);
	while (!is_leaf(ref))
	{
		const W4TableInner *node = &t->inner[ref];
		int			side = key_bit(key, node->bit);

		proof->bit[proof->depth] = node->bit;
		memcpy(proof->sibling[proof->depth++], fresh_hash(t, node->child[!side]), 32);
		ref = node->child[side];
	}
	memcpy(proof->key, leaf_key(t, ref), t->key_len);
	if (t->value_len > 0)
		memcpy(proof->value, leaf_value(t, ref), t->value_len);
	return memcmp(proof->key, key, t->key_len) == 0;
}

/* The leaf of the proof decides the sides; verify then asks whether the key it is about goes the same way. */
bool
w4_table_proof_root(const W4Table *shape, const W4TableProof *proof, uint8_t root[32])
{
	unsigned	bits = shape->key_len * 8u;

	if (proof->empty)
	{
		w4_sha256(root, NULL, 0);
		return true;
	}
	if (proof->depth > bits)
		return false;
	hash_leaf(root, shape, proof->key, proof->value);
	for (unsigned i = proof->depth; i-- > 0;)
	{
		unsigned	bit = proof->bit[i];

		if (bit >= bits || (i > 0 && proof->bit[i - 1] >= bit))
			return false;
		if (key_bit(proof->key, bit))
			hash_inner(root, bit, proof->sibling[i], root);
		else
			hash_inner(root, bit, root, proof->sibling[i]);
	}
	return true;
}

W4TableVerdict
w4_table_verify(const W4Table *shape, const uint8_t root[32], const uint8_t *key, const W4TableProof *proof)
{
	uint8_t		hash[32];

	if (!w4_table_proof_root(shape, proof, hash) || memcmp(hash, root, 32) != 0)
		return W4_TABLE_FORGED;
	if (proof->empty)
		return W4_TABLE_ABSENT;
	for (unsigned i = 0; i < proof->depth; i++)
	{
		if (key_bit(key, proof->bit[i]) != key_bit(proof->key, proof->bit[i]))
			return W4_TABLE_FORGED;
	}
	return memcmp(proof->key, key, shape->key_len) == 0 ? W4_TABLE_PRESENT : W4_TABLE_ABSENT;
}
