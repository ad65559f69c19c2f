/*
 * Random blocks with everything in them, for chains of the replica's fixture.
 */
#ifndef W4_TEST_REPLICA_RANDOM_H
#define W4_TEST_REPLICA_RANDOM_H

#include "replica_fixture.h"

#define HEIGHTS 400				/* that a chain may have */

#define CANDIDATES 12			/* agents that may be members */
#define VERSIONS 8				/* of their keys */

static uint64_t seed;
static W4Members members_at[HEIGHTS + 3];	/* so far, and the next two */

static inline uint64_t
draw(uint64_t n)
{
	uint64_t	z = seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (z ^ z >> 31) % n;
}

/* The agent whose name signs as this member: PEER(candidate + 100 * version). */
static inline unsigned
signer_of(const W4Member *m)
{
	uint8_t		key[32];

	for (unsigned v = 0; v < VERSIONS; v++)
	{
		for (unsigned i = 0; i < CANDIDATES; i++)
		{
			key_of(key, PEER(i + 100 * v));
			if (memcmp(key, m->key, 32) == 0)
				return PEER(i + 100 * v);
		}
	}
	fail_msg("member with an unknown key");
	return 0;
}

static inline unsigned
some_signer(const World *w)
{
	const W4Members *set = &tip_of(w)->members[1];

	return signer_of(&set->m[draw(set->n)]);
}

/* --- random transactions --- */

static inline void
put_money(World *w)
{
	W4Tx		tx = tx_make(w, (W4TxKind) (W4_TX_TRANSFER + draw(4)), (unsigned) draw(AGENTS + 5));
	const uint8_t *held = w4_table_first(&w->rep[0].r.exec.state.tables[W4_ST_TRANSFER], NULL);

	memcpy(tx.from, (uint8_t[32]) {0}, 32);
	w4_lct_from_key(tx.from, tx.key);
	lct_of(tx.to, (unsigned) draw(AGENTS + 10));
	memcpy(tx.to_peer, tip_of(w)->members[1].m[draw(tip_of(w)->members[1].n)].id, 32);
	tx.amount = (int64_t) draw(300) * ATP + 1;
	tx.hold_us = (int64_t) (1 + draw(20)) * SECOND;
	if (held != NULL)
		memcpy(tx.transfer_id, held, 32);
	tx_put(w, &tx);
}

static inline void
put_supply(World *w)
{
	static const W4TxKind kinds[] = {W4_TX_MINT, W4_TX_BURN, W4_TX_PARAM_SET, W4_TX_ATTEST};
	W4Tx		tx = tx_make(w, kinds[draw(4)], some_signer(w));

	lct_of(tx.to, (unsigned) draw(AGENTS));
	lct_of(tx.subject, (unsigned) draw(AGENTS));
	tx.amount = (int64_t) draw(50) * ATP + 1;
	tx.param = draw(2) == 0 ? W4_P_REWARD : W4_P_STRIKES;
	tx.value = (int64_t) draw(6);
	tx_put(w, &tx);
}

static inline void
put_text(World *w)
{
	static char text[200];
	W4Tx		tx = tx_make(w, W4_TX_THOUGHT, (unsigned) draw(CANDIDATES));

	(void) snprintf(text, sizeof(text), "Thought number%06u keeps several different words together", (unsigned) draw(100000));
	tx.content = w4_slice_cstr(text);
	tx_put(w, &tx);
}

static inline void
put_member(World *w)
{
	const W4Roster *r = &council_of(w)->roster;
	unsigned	subject = (unsigned) draw(CANDIDATES);
	unsigned	key = subject + 100 * (unsigned) draw(VERSIONS);
	uint8_t		none[32] = {7};

	switch (draw(12))
	{
		case 0:
		case 1:
			put_motion(w, W4_TX_PEER_ADD, some_signer(w), subject, key, NULL);
			break;
		case 2:
			put_motion(w, W4_TX_PEER_REMOVE, some_signer(w), subject, 0, NULL);
			break;
		case 3:
			put_motion(w, W4_TX_PEER_ROTATE, subject, subject, key, NULL);
			break;
		case 4:
			if (tip_of(w)->members[1].n > 4 && draw(6) == 0)
				put_leave(w, some_signer(w));
			break;
		case 5:
			put_accuse(w, some_signer(w), subject, (uint8_t) draw(2));
			break;
		default:
			put_vote(w, some_signer(w), r->motions == 0 ? none : r->motion[draw((uint64_t) r->motions)].id);
			break;
	}
}

/* Take back what a proposer would not have put in. */
static inline void
put_something(World *w)
{
	size_t		start = w->txs.len;
	uint32_t	n = w->ntxs;
	uint64_t	what = draw(20);
	uint16_t	code;

	if (what < 6)
		put_money(w);
	else if (what < 8)
		put_supply(w);
	else if (what < 10)
		put_text(w);
	else if (what < 11)
		put_register(w, (unsigned) draw(CANDIDATES));
	else
		put_member(w);
	if (w->ntxs == n)
		return;
	code = w4_exec_admissible(&w->rep[0].r.exec, w4_slice(w->tx_bytes + start + 4, w->txs.len - start - 4), &tip_of(w)->members[1]);
	if (!w4_tx_code_invalid(code))
		return;
	w->txs.len = start;
	w->ntxs = n;
}

static inline void
put_evidence(World *w)
{
	uint8_t		buf[512];
	uint64_t	height = 1 + draw(tip_of(w)->height + 1);
	const W4Members *set = &members_at[height];
	W4Slice		item = equivocation(w, buf, sizeof(buf), set, (int) draw(set->n), height, (uint32_t) draw(2));
	W4Conviction c;

	/* One item a block: two could be the same. */
	if (w->evidence.len == 0 && w4_replica_evidence(&w->rep[0].r, tip_of(w), item, &c, NULL))
		put_item(w, item);
}

static inline void
remember_members(const W4Tip *tip)
{
	for (uint64_t i = 0; i < 3; i++)
		members_at[tip->height + i] = tip->members[i];
}

/* A world at genesis whose draws begin with this seed. */
static inline World *
random_world(uint64_t s)
{
	World	   *w = world_new(5);

	seed = s;
	remember_members(tip_of(w));
	return w;
}

/* Something of everything, put together and not yet a block. */
static inline void
put_random_block(World *w)
{
	for (uint64_t n = draw(12); n > 0; n--)
		put_something(w);
	if (draw(6) == 0)
		put_evidence(w);
}

#endif							/* W4_TEST_REPLICA_RANDOM_H */
