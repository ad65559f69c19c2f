/*
 * Snapshots from strangers: the input is damage to an honest snapshot, or one
 * of its own.  What is loaded has the digest that was asked for, passes the
 * audit and runs the next block; when the digest is taken from the damaged
 * bytes themselves (a quorum of liars), the audit still keeps the rules.
 *
 * Input: mode u8, then either patches (offset u16, byte) or chunks (u16 length,
 * bytes).
 */
#include "exec_world.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_CHUNKS 12

typedef struct Honest
{
	World		world;
	uint8_t		bytes[1 << 16];
	W4Slice		chunk[MAX_CHUNKS];
	uint32_t	n;
	size_t		len;
} Honest;

static Honest *
honest(void)
{
	static Honest *h;
	W4Slice		txs[WORLD_TXS];
	W4TxResult	results[WORLD_TXS];
	static uint8_t buf[1 << 16];
	W4SnapshotWriter w;

	if (h != NULL)
		return h;
	h = calloc(1, sizeof(*h));
	expect(h != NULL);
	world_open(&h->world);
	expect(world_block(&h->world, txs, world_first_block(&h->world, txs, buf, sizeof(buf)), W4_SECOND_US, results) == W4_EXEC_OK);
	h->n = 0;
	h->len = 0;
	expect(h->world.exec.state.tables[W4_ST_IDENTITY].count == 1 && h->world.exec.state.tables[W4_ST_THOUGHT].count == 1);
	w4_snapshot_begin(&w, &h->world.exec.state);
	for (;;)
	{
		W4Writer	out = w4_writer(h->bytes + h->len, sizeof(h->bytes) - h->len);

		if (!w4_snapshot_next(&w, &out))
			return h;
		expect(!out.full && h->n < MAX_CHUNKS);
		h->chunk[h->n++] = w4_slice(h->bytes + h->len, out.len);
		h->len += out.len;
	}
}

/* Load; with digest NULL whatever digest results is right, so that only codecs and audit stand in the way. */
static bool
load(const Honest *h, const W4Slice *chunk, uint32_t n, const uint8_t *digest, W4Exec *x, void *mem)
{
	W4SnapshotHead head;
	W4SnapshotLoader l;
	uint8_t		own[32];

	if (!w4_snapshot_head(&head, chunk[0], h->world.chain_id, &h->world.params, NULL))
		return false;
	expect(w4_exec_init(x, mem, h->world.mem_len, h->world.chain_id, &head.params, &h->world.sizes, &good_suite));
	if (!w4_snapshot_load(&l, x, &head))
		return false;
	for (uint32_t i = 1; i < n; i++)
	{
		if (!w4_snapshot_chunk(&l, chunk[i], NULL))
			return false;
	}
	if (digest == NULL)
	{
		w4_state_seal(&x->state);
		digest = memcpy(own, x->state.digest, 32);
	}
	return w4_snapshot_finish(&l, digest, NULL);
}

/* Whatever was loaded keeps the rules for another two blocks. */
static void
go_on(const Honest *h, W4Exec *x)
{
	static World w;
	static uint8_t buf[1 << 16];
	W4Slice		txs[WORLD_TXS];
	W4TxResult	results[WORLD_TXS];
	uint32_t	n;

	w = h->world;
	memcpy(&w.exec, x, sizeof(*x));
	n = world_first_block(&w, txs, buf, sizeof(buf));
	for (int i = 0; i < 2; i++)
	{
		W4ExecStatus status = world_block(&w, txs, n, 40 * W4_SECOND_US, results);

		expect(status != W4_EXEC_BROKEN);
		if (status != W4_EXEC_OK)
			return;
		expect(w4_state_audit(&w.exec.state) == NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t copy[1 << 16];
	static W4Exec x;
	static void *mem;
	Honest	   *h = honest();
	W4Slice		chunk[MAX_CHUNKS];
	uint32_t	n = 0;
	bool		changed = false;
	size_t		pos = 1;

	if (mem == NULL)
		expect((mem = malloc(h->world.mem_len)) != NULL);
	if (size < 1)
		return 0;
	if (data[0] & 1)
	{
		memcpy(copy, h->bytes, h->len);
		for (; pos + 3 <= size; pos += 3)
		{
			size_t		at = w4_get_u16be(data + pos) % h->len;

			copy[at] = data[pos + 2];
		}
		changed = memcmp(copy, h->bytes, h->len) != 0;
		for (n = 0, pos = 0; n < h->n; pos += h->chunk[n++].len)
			chunk[n] = w4_slice(copy + pos, h->chunk[n].len);
	}
	else
	{
		changed = true;
		chunk[n++] = h->chunk[0];
		while (n < MAX_CHUNKS && pos + 2 <= size)
		{
			size_t		len = w4_get_u16be(data + pos);

			pos += 2;
			if (len > size - pos)
				len = size - pos;
			chunk[n++] = w4_slice(data + pos, len);
			pos += len;
		}
	}
	expect(load(h, chunk, n, h->world.digest, &x, mem) == !changed || (data[0] & 1) == 0);
	if (load(h, chunk, n, NULL, &x, mem))
		go_on(h, &x);
	return 0;
}
