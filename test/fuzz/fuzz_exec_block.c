/*
 * Mutated valid blocks: the input edits transactions that were good, and says
 * when and in which order they run.  After every block: conservation, audit,
 * digest equal to one computed from scratch and to that of a second replica
 * which ran the same bytes, failures that changed no balance.
 *
 * Input: up to four blocks, each: time u8, count u8, then for each transaction
 * which u8, signer u8, number u8, edits u8 and that many (offset u8, byte).
 */
#include "exec_world.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Input
{
	const uint8_t *data;
	size_t		left;
} Input;

static uint8_t
next(Input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->data++;
}

/* One good transaction, edited.  Transfers to settle are those that the state has. */
static size_t
make(Input *in, const World *w, const W4Slice *good, uint32_t ngood, uint8_t *out, size_t cap, uint64_t base)
{
	W4Slice		from = good[next(in) % ngood];
	uint8_t		signer = next(in);
	uint8_t		number = next(in);
	uint8_t		edits = next(in) & 7;
	const uint8_t *first = w4_table_first(&w->exec.state.tables[W4_ST_TRANSFER], NULL);
	W4Writer	writer = w4_writer(out, cap);
	W4Tx		tx;
	size_t		len;

	expect(w4_tx_decode(&tx, from, NULL));
	if (signer & 0x80)
		memcpy(tx.key, w->keys[signer % (WORLD_AGENTS + WORLD_PEERS)], 32);
	if (signer & 0x40)
		w4_lct_from_key(tx.from, tx.key);
	if (signer & 0x20)
		w4_lct_from_key(tx.to, w->keys[number % (WORLD_AGENTS + WORLD_PEERS)]);
	if (signer & 0x10)
		memcpy(tx.to_peer, w->set.m[number % WORLD_PEERS].id, 32);
	if (first != NULL)
		memcpy(tx.transfer_id, first, 32);
	if (w->exec.state.council->roster.motions > 0)
		memcpy(tx.motion, w->exec.state.council->roster.motion[0].id, 32);
	tx.sequence = base + number;
	tx.anchor_height = w->exec.state.totals.height;
	tx.pow_nonce = number;
	expect(w4_tx_encode(&writer, &tx, NULL));
	len = writer.len;
	for (; edits > 0; edits--)
	{
		uint8_t		at = next(in);

		out[at % len] = next(in);
	}
	return len;
}

static void
compare(World *a, World *b, const W4TxResult *ra, const W4TxResult *rb, uint32_t n)
{
	uint8_t		root[32];
	uint8_t		scratch[32];
	uint8_t		raw[W4_TX_RESULT_LEN];
	uint8_t		other[W4_TX_RESULT_LEN];

	expect(memcmp(a->digest, b->digest, 32) == 0);
	for (uint32_t i = 0; i < n; i++)
	{
		w4_tx_result_put(raw, &ra[i]);
		w4_tx_result_put(other, &rb[i]);
		expect(memcmp(raw, other, sizeof(raw)) == 0);
		expect(strcmp(w4_tx_code_name(ra[i].code), "unknown") != 0);
	}
	w4_state_root(&a->exec.state, root);
	w4_state_root_from_scratch(&a->exec.state, scratch);
	expect(memcmp(root, scratch, 32) == 0);
	expect(w4_state_conserved(&a->exec.state));
	expect(w4_state_audit(&a->exec.state) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t good_bytes[1 << 16];
	static uint8_t bytes[WORLD_TXS * 1024];
	static World a;
	static World b;
	W4Slice		good[WORLD_TXS];
	W4Slice		txs[WORLD_TXS];
	W4TxResult	ra[WORLD_TXS];
	W4TxResult	rb[WORLD_TXS];
	Input		in = {data, size};
	uint32_t	ngood;

	world_open(&a);
	world_open(&b);
	ngood = world_first_block(&a, good, good_bytes, sizeof(good_bytes));
	expect(world_block(&a, good, ngood, W4_SECOND_US, ra) == W4_EXEC_OK);
	expect(world_block(&b, good, ngood, W4_SECOND_US, rb) == W4_EXEC_OK);
	for (int block = 0; block < 4 && in.left > 0; block++)
	{
		int64_t		later = 1 + (int64_t) next(&in) * W4_SECOND_US * (block == 3 ? 7200 : 1);
		uint32_t	n = next(&in) % (WORLD_TXS + 1);
		int64_t		before = a.exec.state.totals.available + a.exec.state.totals.locked;
		bool		quiet = true;
		size_t		used = 0;
		W4ExecStatus status;

		for (uint32_t i = 0; i < n; i++)
		{
			size_t		len = make(&in, &a, good, ngood, bytes + used, 1024, (uint64_t) block * 200 + 10);

			txs[i] = w4_slice(bytes + used, len);
			used += len;
		}
		status = world_block(&a, txs, n, later, ra);
		expect(world_block(&b, txs, n, later, rb) == status);
		expect(status == W4_EXEC_OK || status == W4_EXEC_GROW);
		if (status != W4_EXEC_OK)
			break;
		compare(&a, &b, ra, rb, n);
		for (uint32_t i = 0; i < n; i++)
			quiet = quiet && ra[i].code != W4_TXC_OK && ra[i].atp_delta == 0;
		if (quiet)
			expect(before == a.exec.state.totals.available + a.exec.state.totals.locked);
	}
	return 0;
}
