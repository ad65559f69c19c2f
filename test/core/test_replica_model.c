/*
 * Two replicas run random blocks with everything in them; now and then one of
 * them is thrown away and restored from the other's snapshot and two headers.
 * After every block both have one tip, digest included; money is conserved; the
 * members of old heights are what they were.
 */
#include "replica_random.h"

static int restores;
static unsigned done[W4_TX_PEER_LEAVE + 1][128];	/* kinds by codes */

/* --- blocks --- */

static void
count_codes(World *w)
{
	size_t		pos = 0;
	W4Slice		item;
	W4Tx		tx;

	for (uint32_t i = 0; w4_block_next_item(w->block.txs, &pos, &item); i++)
	{
		assert_true(w4_tx_decode(&tx, item, NULL));
		done[tx.kind][code_at(w, i)]++;
	}
}

/* The history tells the members of every height. */
static void
check_history(const World *w)
{
	const W4Tip *tip = tip_of(w);
	W4Members	set;

	remember_members(tip);
	for (int i = 0; i < 3; i++)
	{
		uint64_t	height = draw(tip->height + 3);

		if (height > 0 && w4_history_members(&council_of(w)->history, &tip->members[2], height, &set))
			assert_memory_equal(set.hash, members_at[height].hash, 32);
		else
			assert_true(height <= council_of(w)->history.since);
	}
}

static void
random_block(World *w)
{
	put_random_block(w);
	step(w);
	count_codes(w);
	check_history(w);
	if (tip_of(w)->height % 20 == 0)
		audit_all(w);
}

/* The chunks of a checkpoint hash to what the next header says; who loads them goes on as the others do. */
static void
restore_at_checkpoint(World *w)
{
	static uint8_t chunks[1 << 20];
	size_t		lens[32];
	uint8_t		leaves[32][32];
	uint8_t		root[32];
	W4SnapshotWriter sw;
	uint8_t		summary[W4_SUMMARY_MAX];
	W4Writer	s = w4_writer(summary, sizeof(summary));
	W4Cert		cert;
	uint32_t	n = 0;
	size_t		used = 0;

	assert_true(w4_replica_snapshot(&sw, &w->rep[0].r));
	for (;;)
	{
		W4Writer	out = w4_writer(chunks + used, sizeof(chunks) - used);

		if (!w4_snapshot_next(&sw, &out))
			break;
		assert_true(n < 32 && !out.full);
		w4_merkle_leaf_hash(leaves[n], chunks + used, out.len);
		lens[n++] = out.len;
		used += out.len;
	}
	w4_merkle_root(root, leaves[0], n);
	assert_memory_equal(root, w->applied.checkpoint_root, 32);
	assert_int_equal(n, w->applied.checkpoint_chunks);
	w4_summary_put(&s, tip_of(w), n);
	w4_cert_copy(&cert, &w->cert);
	random_block(w);
	w4_checkpoint_root_of(root, w4_slice(s.buf, s.len), leaves[0], n);
	assert_memory_equal(root, w->block.header.checkpoint_root, 32);
	assert_false(w4_replica_snapshot(&sw, &w->rep[0].r));
	rejoin(w, w4_slice(s.buf, s.len), &w->block.header, &cert, chunks, lens, n);
	{
		W4Applied	applied;

		rep_apply(w, &w->rep[1], &applied);
	}
	assert_same_tip(w);
}

static void
run_seed(uint64_t s)
{
	static const uint8_t zero[32];
	World	   *w = random_world(s);

	while (tip_of(w)->height < HEIGHTS)
	{
		bool		checkpoint;

		random_block(w);
		checkpoint = tip_of(w)->height % 10 == 0;
		assert_int_equal(memcmp(w->applied.checkpoint_root, zero, 32) != 0, checkpoint);
		if (checkpoint && tip_of(w)->height < HEIGHTS - 50 && draw(4) == 0)
		{
			restore_at_checkpoint(w);
			restores++;
		}
	}
	world_free(w);
}

static void
random_chains(void **state)
{
	static const struct
	{
		W4TxKind	kind;
		W4TxCode	code;
	}			reached[] = {
		{W4_TX_PEER_ADD, W4_TXC_OK}, {W4_TX_PEER_ADD, W4_TXC_POINTLESS}, {W4_TX_PEER_ADD, W4_TXC_NOT_REGISTERED},
		{W4_TX_PEER_ADD, W4_TXC_TOO_MANY_MOTIONS}, {W4_TX_PEER_REMOVE, W4_TXC_OK}, {W4_TX_PEER_ROTATE, W4_TXC_OK},
		{W4_TX_PEER_VOTE, W4_TXC_OK}, {W4_TX_PEER_VOTE, W4_TXC_VOTED}, {W4_TX_PEER_VOTE, W4_TXC_NO_MOTION},
		{W4_TX_PEER_LEAVE, W4_TXC_OK}, {W4_TX_ACCUSE, W4_TXC_OK}, {W4_TX_ACCUSE, W4_TXC_ACCUSED},
		{W4_TX_ACCUSE, W4_TXC_UNKNOWN_PEER}, {W4_TX_TRANSFER, W4_TXC_OK}, {W4_TX_LOCK, W4_TXC_OK},
		{W4_TX_COMMIT, W4_TXC_OK}, {W4_TX_MINT, W4_TXC_OK}, {W4_TX_PARAM_SET, W4_TXC_OK},
		{W4_TX_THOUGHT, W4_TXC_OK}, {W4_TX_REGISTER, W4_TXC_OK}};

	(void) state;
	for (uint64_t s = 1; s <= 6; s++)
		run_seed(s);
	assert_true(restores > 10);
	for (size_t i = 0; i < sizeof(reached) / sizeof(reached[0]); i++)
	{
		if (done[reached[i].kind][reached[i].code] == 0)
			fail_msg("kind %d never ended as %s", (int) reached[i].kind, w4_tx_code_name((uint16_t) reached[i].code));
	}
}

/* --- a joiner's inputs --- */

/* The council's bytes: any that are accepted are the only ones for what they say. */
static void
council_codec(void **state)
{
	static uint8_t bytes[W4_COUNCIL_WIRE_MAX];
	static uint8_t again[W4_COUNCIL_WIRE_MAX];
	W4Council  *back = malloc(sizeof(*back));
	World	   *w = random_world(77);
	const W4Council *c = council_of(w);
	uint64_t	height;
	W4Fault		fault;
	W4Slice		wire;
	size_t		refused = 0;

	(void) state;
	assert_non_null(back);
	do
	{
		random_block(w);
	} while (c->roster.motions < 2 || c->strikes.strikes < 2 || c->strikes.accusations < 1 || c->history.changes < 3);
	height = tip_of(w)->height;
	wire = w4_state_council_wire(&w->rep[0].r.exec.state);
	memcpy(bytes, wire.data, wire.len);
	assert_true(w4_council_decode(back, w4_slice(bytes, wire.len), height, &fault));
	assert_int_equal(back->roster.motions, c->roster.motions);
	assert_int_equal(back->strikes.strikes, c->strikes.strikes);
	assert_false(w4_council_decode(back, w4_slice(bytes, wire.len), 1, &fault));
	assert_string_equal(fault.what, "council from the future");
	for (size_t cut = 0; cut < wire.len; cut++)
		assert_false(w4_council_decode(back, w4_slice(bytes, cut), height, NULL));
	for (size_t i = 0; i < wire.len; i++)
	{
		W4Writer	out = w4_writer(again, sizeof(again));

		bytes[i] ^= 0x80;
		if (w4_council_decode(back, w4_slice(bytes, wire.len), height, NULL))
		{
			w4_council_put(&out, back);
			assert_int_equal(out.len, wire.len);
			assert_memory_equal(again, bytes, wire.len);
		}
		else
			refused++;
		bytes[i] ^= 0x80;
	}
	assert_true(refused > 50);
	free(back);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_chains),
		cmocka_unit_test(council_codec)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
