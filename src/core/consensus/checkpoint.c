/*-------------------------------------------------------------------------
 *
 * checkpoint.c
 *		What the header after a checkpoint certifies: the snapshot, and the tip.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/checkpoint.h"

#include "core/merkle.h"

void
w4_summary_put(W4Writer *out, const W4Tip *tip, uint32_t chunks)
{
	w4_put(out, W4_SUMMARY_MAGIC, 5);
	w4_put_u32be(out, chunks);
	w4_tip_put_common(out, tip);
}

bool
w4_summary_decode(W4Tip *tip, uint32_t *chunks, W4Slice summary, const W4Suite *suite, W4Fault *fault)
{
	W4Reader	r = w4_reader(summary);
	const uint8_t *magic = w4_read_bytes(&r, 5);

	if (magic != NULL && memcmp(magic, W4_SUMMARY_MAGIC, 5) != 0)
		w4_read_fail(&r, "not the summary of a tip");
	*chunks = w4_read_u32be(&r);
	if (*chunks < 1 || *chunks > W4_MAX_CHUNKS)
		w4_read_fail(&r, "number of chunks out of range");
	w4_tip_read_common(tip, &r, suite);
	return w4_read_end(&r, fault);
}

static void
join(uint8_t out[32], W4Slice summary, const uint8_t snapshot_root[32])
{
	uint8_t		leaf[32];

	w4_merkle_leaf_hash(leaf, summary.data, summary.len);
	w4_merkle_node_hash(out, leaf, snapshot_root);
}

void
w4_checkpoint_root(uint8_t out[32], const W4Tip *tip, const uint8_t snapshot_root[32], uint32_t chunks)
{
	uint8_t		wire[W4_SUMMARY_MAX];
	W4Writer	w = w4_writer(wire, sizeof(wire));

	w4_summary_put(&w, tip, chunks);
	join(out, w4_slice(wire, w.len), snapshot_root);
}

void
w4_checkpoint_root_of(uint8_t out[32], W4Slice summary, const uint8_t *leaves, uint32_t chunks)
{
	uint8_t		snapshot_root[32];

	w4_merkle_root(snapshot_root, leaves, chunks);
	join(out, summary, snapshot_root);
}

const char *
w4_checkpoint_misfit(const W4Tip *tip, const W4BlockHeader *next)
{
	if (tip->height + 1 != next->height || !w4_hash_eq(tip->hash, next->parent))
		return "another block";
	if (tip->time_us >= next->time_us)
		return "time not below that of the next block";
	if (!w4_hash_eq(tip->members[1].hash, next->members_hash) ||
		!w4_hash_eq(tip->members[2].hash, next->next_members_hash))
		return "other members";
	if (!w4_hash_eq(tip->params_hash, next->params_hash))
		return "other parameters";
	if (!w4_hash_eq(tip->state_digest, next->parent_state_digest) ||
		!w4_hash_eq(tip->results_root, next->parent_results_root))
		return "another state";
	return NULL;
}
