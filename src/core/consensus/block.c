/*-------------------------------------------------------------------------
 *
 * block.c
 *		Blocks: header, transactions, evidence, the certificate of the parent.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/block.h"

#include "core/crypto.h"
#include "core/merkle.h"

static const char block_domain[6] = {'W', '4', 'B', 'L', 'K', '1'};

/* --- items --- */

bool
w4_block_next_item(W4Slice items, size_t *pos, W4Slice *item)
{
	size_t		len;

	if (items.len - *pos < 4)
		return false;
	len = w4_get_u32be(items.data + *pos);
	if (len > items.len - *pos - 4)
		return false;
	*item = w4_slice(items.data + *pos + 4, len);
	*pos += 4 + len;
	return true;
}

void
w4_block_items_root(uint8_t out[32], W4Slice items)
{
	W4MerkleFrontier tree;
	size_t		pos = 0;
	W4Slice		item;

	tree.size = 0;
	while (w4_block_next_item(items, &pos, &item))
	{
		uint8_t		leaf[32];

		w4_merkle_leaf_hash(leaf, item.data, item.len);
		(void) w4_merkle_frontier_append(&tree, leaf, NULL, NULL);
	}
	w4_merkle_frontier_root(out, &tree);
}

static uint32_t
count_items(W4Slice items)
{
	size_t		pos = 0;
	uint32_t	n = 0;
	W4Slice		item;

	while (w4_block_next_item(items, &pos, &item))
		n++;
	return n;
}

/* Step over count items of 1..max bytes each. */
static W4Slice
read_items(W4Reader *r, uint32_t count, size_t max)
{
	size_t		start = r->pos;

	for (uint32_t i = 0; i < count && r->what == NULL; i++)
		if (w4_read_run(r, max).len == 0)
			w4_read_fail(r, "empty item");
	return w4_slice(r->in.data + start, r->what == NULL ? r->pos - start : 0);
}

/* --- header --- */

void
w4_block_header_put(W4Writer *out, const W4BlockHeader *h, const uint8_t chain_id[32])
{
	w4_put_u16be(out, h->version);
	w4_put(out, chain_id, 32);
	w4_put_u64be(out, h->height);
	w4_put_u64be(out, (uint64_t) h->time_us);
	w4_put(out, h->parent, 32);
	w4_put(out, h->proposer, 32);
	w4_put_u32be(out, h->tx_count);
	w4_put(out, h->tx_root, 32);
	w4_put(out, h->last_commit_hash, 32);
	w4_put(out, h->members_hash, 32);
	w4_put(out, h->next_members_hash, 32);
	w4_put(out, h->params_hash, 32);
	w4_put(out, h->parent_state_digest, 32);
	w4_put(out, h->parent_results_root, 32);
	w4_put(out, h->checkpoint_root, 32);
	w4_put(out, h->evidence_root, 32);
}

static void
hash_header_wire(uint8_t out[32], const uint8_t *header)
{
	W4Slice		parts[2] = {w4_slice(block_domain, sizeof(block_domain)), w4_slice(header, W4_BLOCK_HEADER_LEN)};

	w4_sha256_parts(out, parts, 2);
}

void
w4_block_hash(uint8_t out[32], const W4BlockHeader *header, const uint8_t chain_id[32])
{
	uint8_t		wire[W4_BLOCK_HEADER_LEN];
	W4Writer	w = w4_writer(wire, sizeof(wire));

	w4_block_header_put(&w, header, chain_id);
	hash_header_wire(out, wire);
}

void
w4_block_header_read(W4BlockHeader *h, W4Reader *r, const uint8_t chain_id[32])
{
	const uint8_t *chain;

	h->version = w4_read_u16be(r);
	chain = w4_read_bytes(r, 32);
	if (chain != NULL && !w4_hash_eq(chain, chain_id))
		w4_read_fail(r, "another chain");
	h->height = w4_read_u64be(r);
	h->time_us = (int64_t) w4_read_u64be(r);
	w4_read_copy(r, h->parent, 32);
	w4_read_copy(r, h->proposer, 32);
	h->tx_count = w4_read_u32be(r);
	w4_read_copy(r, h->tx_root, 32);
	w4_read_copy(r, h->last_commit_hash, 32);
	w4_read_copy(r, h->members_hash, 32);
	w4_read_copy(r, h->next_members_hash, 32);
	w4_read_copy(r, h->params_hash, 32);
	w4_read_copy(r, h->parent_state_digest, 32);
	w4_read_copy(r, h->parent_results_root, 32);
	w4_read_copy(r, h->checkpoint_root, 32);
	w4_read_copy(r, h->evidence_root, 32);
	if (h->version != W4_BLOCK_VERSION)
		w4_read_fail(r, "unknown block version");
	if (h->height < 1 || h->height > W4_MAX_HEIGHT)
		w4_read_fail(r, "height out of range");
	if (h->time_us < 0)
		w4_read_fail(r, "time before 1970");
	if (h->tx_count > W4_MAX_BLOCK_TXS)
		w4_read_fail(r, "too many transactions");
}

/* --- body --- */

/* The certificate must be there from height 2 on, speak of the parent, and be what the header says. */
static void
read_last_commit(W4Block *b, W4Reader *r, const uint8_t chain_id[32])
{
	uint8_t		digest[32] = {0};
	size_t		start = r->pos;

	if (b->header.height > 1)
	{
		W4Cert		cert;

		w4_cert_read(&cert, r, chain_id);
		if (cert.height != b->header.height - 1 || !w4_hash_eq(cert.hash, b->header.parent))
			w4_read_fail(r, "last commit of another block");
		w4_sha256(digest, r->in.data + start, r->pos - start);
	}
	b->last_commit = w4_slice(r->in.data + start, r->pos - start);
	if (!w4_hash_eq(digest, b->header.last_commit_hash))
		w4_read_fail(r, "last commit is not the header's");
}

static void
check_roots(const W4Block *b, W4Reader *r)
{
	uint8_t		root[32];

	w4_block_items_root(root, b->txs);
	if (!w4_hash_eq(root, b->header.tx_root))
		w4_read_fail(r, "transaction root is not the header's");
	w4_block_items_root(root, b->evidence);
	if (!w4_hash_eq(root, b->header.evidence_root))
		w4_read_fail(r, "evidence root is not the header's");
}

bool
w4_block_decode(W4Block *out, W4Slice wire, const uint8_t chain_id[32], size_t max, W4Fault *fault)
{
	W4Reader	r = w4_reader(wire);

	if (wire.len > max || wire.len > W4_MAX_BLOCK_BYTES)
		return w4_fault(fault, "block longer than allowed", 0);
	out->wire = wire;
	w4_block_header_read(&out->header, &r, chain_id);
	if (!w4_read_ok(&r, fault))
		return false;
	hash_header_wire(out->hash, wire.data);
	out->txs = read_items(&r, out->header.tx_count, W4_MAX_TX_BYTES);
	out->evidence_count = w4_read_u16be(&r);
	if (out->evidence_count > W4_MAX_BLOCK_EVIDENCE)
		w4_read_fail(&r, "too many evidence items");
	out->evidence = read_items(&r, out->evidence_count, W4_MAX_EVIDENCE_BYTES);
	if (out->evidence.len > W4_MAX_EVIDENCE_BYTES)
		w4_read_fail(&r, "too many evidence bytes");
	if (w4_read_ok(&r, NULL))
		read_last_commit(out, &r, chain_id);
	if (w4_read_end(&r, NULL))
		check_roots(out, &r);
	return w4_read_ok(&r, fault);
}

void
w4_block_encode(W4Writer *out, W4BlockHeader *header, W4Slice txs, W4Slice evidence,
				const W4Cert *last_commit, const uint8_t chain_id[32])
{
	header->tx_count = count_items(txs);
	w4_block_items_root(header->tx_root, txs);
	w4_block_items_root(header->evidence_root, evidence);
	memset(header->last_commit_hash, 0, 32);
	if (last_commit != NULL)
		w4_cert_digest(header->last_commit_hash, last_commit, chain_id);
	w4_block_header_put(out, header, chain_id);
	w4_put(out, txs.data, txs.len);
	w4_put_u16be(out, (uint16_t) count_items(evidence));
	w4_put(out, evidence.data, evidence.len);
	if (last_commit != NULL)
		w4_cert_put(out, last_commit, chain_id);
}
