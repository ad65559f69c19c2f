/*-------------------------------------------------------------------------
 *
 * sync_message.c
 *		The messages of state sync: strict, bounded codecs.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/sync_message.h"

static uint64_t
prefix_height(W4Slice message)
{
	return message.len < W4_MESSAGE_PREFIX_LEN ? 0 : w4_get_u64be(message.data + W4_MESSAGE_PREFIX_LEN - 8);
}

/* --- requests --- */

bool
w4_bare_decode(W4Slice message, W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);

	return w4_read_end(&r, fault);
}

void
w4_fetch_chunk_put(W4Writer *out, uint64_t height, uint32_t index, const uint8_t chain_id[32])
{
	w4_prefix_put(out, W4_FETCH_CHUNK, height, chain_id);
	w4_put_u32be(out, index);
}

static uint32_t
read_index(W4Reader *r)
{
	uint32_t	index = w4_read_u32be(r);

	if (index >= W4_MAX_CHUNKS)
		w4_read_fail(r, "chunk beyond the last");
	return index;
}

bool
w4_fetch_chunk_decode(uint32_t *index, W4Slice message, W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);

	*index = read_index(&r);
	return w4_read_end(&r, fault);
}

/* --- headers --- */

void
w4_proof_message_put(W4Writer *out, const W4BlockHeader *header, const W4Cert *cert, const W4Members *members,
					 const uint8_t chain_id[32])
{
	w4_prefix_put(out, W4_PROOF, header->height, chain_id);
	w4_proof_put(out, header, cert, members, chain_id);
}

bool
w4_proof_decode(W4Proof *out, W4Slice message, const uint8_t chain_id[32], const W4Suite *suite, W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);

	w4_proof_read(out, &r, chain_id, suite);
	if (r.what == NULL && out->header.height != prefix_height(message))
		w4_read_fail(&r, "another height");
	return w4_read_end(&r, fault);
}

/* --- manifest --- */

void
w4_manifest_put(W4Writer *out, const W4Tip *tip, const uint8_t *leaves, uint32_t chunks, const uint8_t chain_id[32])
{
	uint8_t		summary[W4_SUMMARY_MAX];
	W4Writer	w = w4_writer(summary, sizeof(summary));

	w4_summary_put(&w, tip, chunks);
	w4_prefix_put(out, W4_MANIFEST, tip->height, chain_id);
	w4_cert_put(out, &tip->cert, chain_id);
	w4_put_run(out, w4_slice(summary, w.len));
	w4_put(out, leaves, 32 * (size_t) chunks);
}

/* The certificate waits until the summary, which comes behind it, has been read. */
static void
take_cert(W4Tip *tip, W4Slice cert, const uint8_t chain_id[32], W4Reader *r)
{
	W4Reader	c = w4_reader(cert);

	w4_cert_read(&tip->cert, &c, chain_id);
	if (tip->cert.height != tip->height || !w4_hash_eq(tip->cert.hash, tip->hash))
		w4_read_fail(r, "certificate of another block");
}

bool
w4_manifest_decode(W4ManifestWire *out, W4Tip *tip, W4Slice message, const uint8_t chain_id[32],
				   const W4Suite *suite, uint32_t max_chunks, W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);
	W4Slice		cert;

	w4_cert_read(&tip->cert, &r, chain_id);
	cert = w4_slice(message.data + W4_MESSAGE_PREFIX_LEN, r.what == NULL ? r.pos - W4_MESSAGE_PREFIX_LEN : 0);
	out->summary = w4_read_run(&r, W4_SUMMARY_MAX);
	if (!w4_read_ok(&r, fault) || !w4_summary_decode(tip, &out->chunks, out->summary, suite, fault))
		return false;
	if (out->chunks > max_chunks)
		return w4_fault(fault, "more chunks than allowed", r.pos);
	if (tip->height != prefix_height(message))
		w4_read_fail(&r, "another height");
	take_cert(tip, cert, chain_id, &r);
	out->leaves = w4_read_bytes(&r, 32 * (size_t) out->chunks);
	if (!w4_read_end(&r, fault))
		return false;
	w4_checkpoint_root_of(tip->checkpoint_root, out->summary, out->leaves, out->chunks);
	return true;
}

/* --- chunks --- */

void
w4_chunk_put(W4Writer *out, uint64_t height, uint32_t index, W4Slice chunk, const uint8_t chain_id[32])
{
	w4_prefix_put(out, W4_CHUNK, height, chain_id);
	w4_put_u32be(out, index);
	w4_put_run(out, chunk);
}

bool
w4_chunk_decode(uint32_t *index, W4Slice *chunk, W4Slice message, W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);

	*index = read_index(&r);
	*chunk = w4_read_run(&r, W4_MAX_CHUNK_BYTES);
	if (r.what == NULL && chunk->len == 0)
		w4_read_fail(&r, "empty chunk");
	return w4_read_end(&r, fault);
}
