/*
 * What judge calls good applies, whatever a proposer may have done to the block;
 * what it calls bad breaks nothing.  A replica that begins with hardly any
 * memory and grows agrees with one that had it all along.
 */
#include "replica_random.h"

#define MOST_ITEMS 64

#ifdef W4_UNDER_VALGRIND
#define CHAINS 1
#else
#define CHAINS 3
#endif

static struct
{
	unsigned	good;
	unsigned	bad;
	unsigned	undecodable;
	unsigned	refused;		/* by apply, as no block that follows */
}			seen;

/* --- mutations --- */

/* One change to a run of items. */
static void
mutate(W4Writer *run)
{
	static uint8_t bytes[BLOCK_BYTES];
	W4Slice		item[MOST_ITEMS + 1];
	uint64_t	n = 0;
	uint64_t	i;
	size_t		pos = 0;
	W4Slice		swap;

	memcpy(bytes, run->buf, run->len);
	while (n < MOST_ITEMS && w4_block_next_item(w4_slice(bytes, run->len), &pos, &item[n]))
		n++;
	if (n == 0)
		return;
	i = draw(n);
	switch (draw(5))
	{
		case 0:
			bytes[(size_t) (item[i].data - bytes) + draw(item[i].len)] ^= (uint8_t) (1 << draw(8));
			break;
		case 1:
			item[n++] = item[i];
			break;
		case 2:
			swap = item[i];
			item[i] = item[0];
			item[0] = swap;
			break;
		case 3:
			item[i].len--;
			break;
		default:
			item[i] = item[--n];
			break;
	}
	run->len = 0;
	for (i = 0; i < n; i++)
		w4_put_run(run, item[i]);
	assert_false(run->full);
}

/* Evidence of some member about some height, old or new, which may convict or not. */
static void
put_any_evidence(World *w)
{
	uint8_t		buf[512];
	uint64_t	height = draw(tip_of(w)->height + 4);
	const W4Members *set = &members_at[height > tip_of(w)->height + 2 ? 0 : height];

	if (w->evidence.len < W4_MAX_EVIDENCE_BYTES / 2)
		put_item(w, equivocation(w, buf, sizeof(buf), set, (int) draw(set->n), height, (uint32_t) draw(2)));
}

static int64_t
some_time(const World *w)
{
	const int64_t times[] = {tip_of(w)->time_us, tip_of(w)->time_us - 1, 0, W4_EXEC_MAX_TIME, W4_EXEC_MAX_TIME - 1,
		INT64_MAX, w->now};

	return times[draw(sizeof(times) / sizeof(times[0]))];
}

/* What has been put together, at another time; false when it is no block at all. */
static bool
make_mutant(World *w)
{
	W4BlockHeader h;
	W4Writer	out = w4_writer(w->wire, sizeof(w->wire));

	memset(&h, 0, sizeof(h));
	w4_tip_header(tip_of(w), &h);
	h.time_us = draw(4) == 0 ? some_time(w) : w->now + 1;
	h.height += draw(20) == 0;
	memcpy(h.proposer, tip_of(w)->members[1].m[0].id, 32);
	w4_block_encode(&out, &h, w4_slice(w->txs.buf, w->txs.len), w4_slice(w->evidence.buf, w->evidence.len),
					tip_of(w)->height > 0 ? &tip_of(w)->cert : NULL, w->chain_id);
	assert_false(out.full);
	return w4_block_decode(&w->block, w4_slice(w->wire, out.len), w->chain_id, W4_MAX_BLOCK_BYTES, NULL);
}

/* --- judge and apply --- */

/* A proposer answers for what is wrong before the block; two of one number in it are a result. */
static void
assert_codes(const W4Replica *r, const W4Block *block)
{
	for (uint32_t i = 0; i < block->header.tx_count; i++)
		assert_true(!w4_tx_code_invalid(r->results[i].code) || r->results[i].code == W4_TXC_REPLAYED);
	for (uint32_t i = 0; i < block->evidence_count; i++)
		assert_int_not_equal(r->results[block->header.tx_count + i].code, W4_TXC_REPLAYED);
}

static void
try_mutant(World *w)
{
	Rep		   *copy = malloc(sizeof(*copy));
	W4Verdict	verdict;
	W4ExecStatus status;
	W4Applied	applied;

	assert_non_null(copy);
	rep_copy(copy, &w->rep[0], &w->rep[0].r.exec.state.sizes);
	verdict = w4_replica_judge(&copy->r, &copy->tip, &w->block);
	status = w4_replica_apply(&copy->r, &copy->tip, &w->block, &applied);
	if (status == W4_EXEC_GROW)
	{
		assert_memory_equal(copy->r.exec.state.digest, copy->tip.state_digest, 32);
		rep_grow(copy);
		assert_int_equal(w4_replica_judge(&copy->r, &copy->tip, &w->block), verdict);
		status = w4_replica_apply(&copy->r, &copy->tip, &w->block, &applied);
	}
	if (verdict == W4_BLOCK_GOOD)
	{
		assert_int_equal(status, W4_EXEC_OK);
		assert_codes(&copy->r, &w->block);
	}
	else
		assert_true(status == W4_EXEC_OK || status == W4_EXEC_BAD_BLOCK);
	if (status == W4_EXEC_BAD_BLOCK)
		assert_memory_equal(copy->r.exec.state.digest, copy->tip.state_digest, 32);
	assert_true(w4_state_conserved(&copy->r.exec.state));
	seen.good += verdict == W4_BLOCK_GOOD;
	seen.bad += verdict == W4_BLOCK_BAD;
	seen.refused += status == W4_EXEC_BAD_BLOCK;
	free(copy->mem);
	free(copy);
}

/* A proposer's variants of the block that has been put together, which stays as it was. */
static void
try_mutants(World *w)
{
	static uint8_t txs[BLOCK_BYTES];
	static uint8_t evidence[W4_MAX_EVIDENCE_BYTES];
	size_t		txs_len = w->txs.len;
	size_t		evidence_len = w->evidence.len;

	memcpy(txs, w->tx_bytes, txs_len);
	memcpy(evidence, w->evidence_bytes, evidence_len);
	for (int k = 0; k < 6; k++)
	{
		if (draw(3) == 0)
			put_any_evidence(w);
		for (uint64_t n = draw(3); n > 0; n--)
			mutate(draw(3) == 0 ? &w->evidence : &w->txs);
		if (make_mutant(w))
			try_mutant(w);
		else
			seen.undecodable++;
		memcpy(w->tx_bytes, txs, w->txs.len = txs_len);
		memcpy(w->evidence_bytes, evidence, w->evidence.len = evidence_len);
	}
}

static void
agreement(void **state)
{
	const W4ExecSizes tiny = {AGENTS, 1, 1, 1, 1};

	(void) state;
	memset(&seen, 0, sizeof(seen));
	for (uint64_t s = 21; s < 21 + CHAINS; s++)
	{
		World	   *w = random_world(s);
		Rep		   *p = &w->rep[1];

		rep_free(p);
		w->sizes = tiny;
		rep_genesis(p, w, &tip_of(w)->members[1]);
		while (tip_of(w)->height < 120)
		{
			put_random_block(w);
			try_mutants(w);
			step(w);
			remember_members(tip_of(w));
		}
		audit_all(w);
		assert_true(p->grown > 3);
		assert_int_equal(w->rep[0].grown, 0);
		world_free(w);
	}
	assert_true(seen.good > 100 * CHAINS);
	assert_true(seen.bad > 100 * CHAINS);
	assert_true(seen.undecodable > 0);
	assert_true(seen.refused > 15 * CHAINS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agreement)
	};

	return w4_crypto_selftest() == NULL ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
