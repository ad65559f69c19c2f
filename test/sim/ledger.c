/*-------------------------------------------------------------------------
 *
 * ledger.c
 *		The real state machine (core/consensus/replica.h) in the simulator.
 *
 * Clients submit numbered wishes; a proposer turns the next ones into signed
 * transactions as its own state has it: who is a member, which key, which
 * motion.  Sequences follow from the numbers, so a block tells which wish it
 * ends with.  What would not be admitted any more is left out for good.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

#include "core/consensus/registration.h"
#include "core/decimal.h"

#define WISH_TXS 16				/* of one wish at most: a vote of each member */
#define TX_EXPIRY 5000			/* above any height here */
#define TXS_ROOM 2048
#define AUDIT_EVERY 16
#define HOMES 3					/* agents live with so many peers */

/* --- the replica of a node --- */

static const W4ExecSizes sizes = {128, 256, 32, 4, 4};

static void
params_of(const World *w, W4Params *p)
{
	w4_params_default(p);
	p->v[W4_P_MAX_BLOCK_TXS] = 64;
	p->v[W4_P_MAX_BLOCK_SWEEPS] = 100;
	p->v[W4_P_MAX_ACCOUNTS] = sizes.accounts;
	p->v[W4_P_MAX_TRANSFERS] = sizes.transfers;
	p->v[W4_P_MAX_IDENTITIES] = sizes.identities;
	p->v[W4_P_MAX_THOUGHTS] = sizes.thoughts;
	p->v[W4_P_MAX_THOUGHT_BYTES] = 40000;
	p->v[W4_P_MAX_TOMBSTONES] = sizes.tombstones;
	p->v[W4_P_POW_TARGET_EXP] = 255;
	p->v[W4_P_CHECKPOINT] = w->checkpoint_every;
}

void
ledger_init(const World *w, App *app)
{
	W4Params	params;
	size_t		len;

	params_of(w, &params);
	len = w4_replica_memory(&params, &sizes);
	if (app->replica == NULL)
	{
		app->replica = malloc(sizeof(W4Replica));
		app->memory = malloc(len);
	}
	if (app->replica == NULL || app->memory == NULL ||
		!w4_replica_init(app->replica, app->memory, len, w->chain_id, &params, &sizes, &fake_suite, &fake_suite))
		abort();
}

/* Every identity has money, and a home among the first members. */
void
ledger_genesis(const World *w, App *app)
{
	W4GenesisAccount g[MAX_IDS];
	int			homes = w->n < HOMES ? w->n : HOMES;

	ledger_init(w, app);
	memset(g, 0, sizeof(g));
	for (int i = 0; i < MAX_IDS; i++)
	{
		member_id(g[i].lct, i);
		member_id(g[i].home, i % homes);
		g[i].amount = 1000 * W4_MICRO_ATP;
	}
	if (!w4_exec_genesis(&app->replica->exec, GENESIS_TIME, 10000 * W4_MICRO_ATP, g, MAX_IDS))
		abort();
	memcpy(app->digest, app->replica->exec.state.digest, 32);
}

static const W4Council *
council_of(const App *app)
{
	return app->replica->exec.state.council;
}

bool
ledger_known(const App *app, const W4Conviction *k)
{
	return w4_strikes_known(&council_of(app)->strikes, k);
}

/* --- wishes --- */

typedef struct Wish
{
	const World *world;
	const App  *app;
	const W4Tip *tip;
	uint64_t	number;
	int			n;
	W4Slice		tx[WISH_TXS];
	size_t		used;
	uint8_t		bytes[WISH_TXS * 320];
} Wish;

static void
begin_tx(W4Tx *tx, W4TxKind kind, const uint8_t key[32], uint64_t number, int place)
{
	memset(tx, 0, sizeof(*tx));
	tx->kind = (uint8_t) kind;
	memcpy(tx->key, key, 32);
	tx->sequence = number * WISH_TXS + (uint64_t) place + 1;
	tx->expiry_height = TX_EXPIRY;
}

/* The wish that a transaction of the chain belongs to. */
static uint64_t
number_of(const W4Tx *tx)
{
	return (tx->sequence - 1) / WISH_TXS;
}

static void
put_tx(Wish *h, W4Tx *tx)
{
	uint8_t		body[512];
	uint8_t		message[640];
	W4Writer	b = w4_writer(body, sizeof(body));
	W4Writer	m = w4_writer(message, sizeof(message));
	W4Writer	out = w4_writer(h->bytes + h->used, sizeof(h->bytes) - h->used);

	w4_tx_put_body(&b, tx);
	w4_tx_put_signed(&m, W4_DOMAIN_TX, h->world->chain_id, w4_slice(body, b.len));
	fake_sign(tx->signature, message, m.len, tx->key);
	if (b.full || m.full || !w4_tx_encode(&out, tx, NULL) || out.full)
		abort();
	h->tx[h->n++] = w4_slice(out.buf, out.len);
	h->used += out.len;
}

static const Accused *
accusation_at(const World *w, uint64_t number)
{
	for (int i = 0; i < w->accusations; i++)
		if (w->accusation[i].number == number)
			return &w->accusation[i];
	return NULL;
}

/* Accusations take a number among the others, which do not count them. */
static uint64_t
plain_number(const World *w, uint64_t number)
{
	uint64_t	plain = number;

	for (int i = 0; i < w->accusations; i++)
		plain -= w->accusation[i].number <= number;
	return plain;
}

static void
lock_tx(const World *w, uint64_t number, W4Tx *tx)
{
	int			from = (int) (number % MAX_IDS);
	int			to = (from + 1) % MAX_IDS;
	uint8_t		key[32];

	identity_key(key, from);
	begin_tx(tx, W4_TX_LOCK, key, number, 0);
	member_id(tx->from, from);
	member_id(tx->to, to);
	member_id(tx->to_peer, to % (w->n < HOMES ? w->n : HOMES));
	tx->amount = (int64_t) (1 + number % 5) * W4_MICRO_ATP;
	tx->hold_us = (int64_t) (1 + number % 3) * 2 * US_PER_S;
}

static void
wish_commit(Wish *h, uint64_t locked)
{
	uint8_t		body[512];
	W4Writer	b = w4_writer(body, sizeof(body));
	uint8_t		key[32];
	W4Tx		lock;
	W4Tx		tx;

	lock_tx(h->world, locked, &lock);
	w4_tx_put_body(&b, &lock);
	identity_key(key, (int) ((locked + 1) % MAX_IDS));
	begin_tx(&tx, W4_TX_COMMIT, key, h->number, 0);
	w4_sha256(tx.transfer_id, body, b.len);
	put_tx(h, &tx);
}

static void
wish_transfer(Wish *h)
{
	int			from = (int) (h->number % MAX_IDS);
	uint8_t		key[32];
	W4Tx		tx;

	identity_key(key, from);
	begin_tx(&tx, W4_TX_TRANSFER, key, h->number, 0);
	member_id(tx.from, from);
	member_id(tx.to, (from + HOMES) % MAX_IDS);
	tx.amount = (int64_t) (1 + h->number % 7) * W4_MICRO_ATP;
	put_tx(h, &tx);
}

static void
wish_money(Wish *h, uint64_t plain)
{
	uint64_t	before = h->number - 1;
	W4Tx		tx;

	while (accusation_at(h->world, before) != NULL)
		before--;
	if (plain % 4 == 2)
	{
		wish_commit(h, before);
		return;
	}
	if (plain % 4 != 1)
	{
		wish_transfer(h);
		return;
	}
	lock_tx(h->world, h->number, &tx);
	put_tx(h, &tx);
}

/* --- wishes that members have --- */

static void
wish_accuse(Wish *h, const Accused *a)
{
	const W4Members *set = &h->tip->members[1];
	uint8_t		id[32];
	int			index;
	W4Tx		tx;

	member_id(id, a->accuser);
	index = w4_members_find(set, id);
	if (index == W4_NO_MEMBER)
		return;
	begin_tx(&tx, W4_TX_ACCUSE, set->m[index].key, h->number, 0);
	member_id(tx.subject, a->accused);
	tx.reason = a->class;
	put_tx(h, &tx);
}

/* A newcomer registers first: anchored at the genesis, so on any chain. */
static void
wish_register(Wish *h, int identity)
{
	uint8_t		challenge[W4_POW_CHALLENGE_MAX];
	W4Writer	c = w4_writer(challenge, sizeof(challenge));
	uint8_t		key[32];
	W4Tx		tx;

	identity_key(key, identity);
	begin_tx(&tx, W4_TX_REGISTER, key, h->number, h->n);
	member_id(tx.to_peer, 0);
	tx.entity_type = w4_slice_cstr("peer");
	tx.hw_level = 3;
	w4_pow_challenge(&c, tx.entity_type, key, h->world->chain_id);
	while (!w4_pow_ok(w4_slice(challenge, c.len), tx.pow_nonce, 255))
		tx.pow_nonce++;
	put_tx(h, &tx);
}

static void
wish_motion(Wish *h, const Change *c)
{
	static const W4TxKind kinds[] = {
		[W4_MOTION_ADD] = W4_TX_PEER_ADD,[W4_MOTION_REMOVE] = W4_TX_PEER_REMOVE,[W4_MOTION_ROTATE] = W4_TX_PEER_ROTATE
	};
	const W4Members *set = &h->tip->members[1];
	const uint8_t *by = set->m[h->number % set->n].key;
	uint8_t		id[32];
	uint8_t		key[32];
	int			index;
	W4Tx		tx;

	member_id(id, c->identity);
	index = w4_members_find(set, id);
	identity_key(key, c->identity);
	begin_tx(&tx, kinds[c->kind], c->kind == W4_MOTION_ROTATE ? key : by, h->number, 1);
	memcpy(tx.subject, id, 32);
	if (c->kind != W4_MOTION_REMOVE)
		member_key(tx.new_key, c->identity, index == W4_NO_MEMBER ? 0 : member_key_version(set->m[index].key, c->identity) + 1);
	tx.until = h->tip->height + 1 + c->life;
	put_tx(h, &tx);
}

static const W4Motion *
motion_about(const App *app, const Change *c)
{
	const W4Roster *r = &council_of(app)->roster;
	uint8_t		id[32];

	member_id(id, c->identity);
	for (int i = 0; i < r->motions; i++)
		if (r->motion[i].kind == c->kind && !r->motion[i].passed && w4_hash_eq(r->motion[i].subject, id))
			return &r->motion[i];
	return NULL;
}

/* All others agree, or all but so many that one vote is missing. */
static void
wish_votes(Wish *h, const Change *c)
{
	const W4Members *set = &h->tip->members[1];
	const W4Motion *m = motion_about(h->app, c);
	int			votes = c->agreed ? set->n : w4_quorum(set->n) - 2;

	for (int i = 0; m != NULL && i < set->n && votes > 0; i++)
	{
		W4Tx		tx;

		if (w4_mask_has(m->yes, (unsigned) i))
			continue;
		begin_tx(&tx, W4_TX_PEER_VOTE, set->m[i].key, h->number, i);
		memcpy(tx.motion, m->id, 32);
		put_tx(h, &tx);
		votes--;
	}
}

/* False: not before the next block, when the motion to vote for is known. */
static bool
grant(Wish *h)
{
	const World *w = h->world;
	const Accused *a = accusation_at(w, h->number);
	uint64_t	plain = plain_number(w, h->number);

	h->n = 0;
	h->used = 0;
	if (a != NULL)
	{
		wish_accuse(h, a);
		return true;
	}
	for (int i = 0; i < w->faults.changes; i++)
	{
		const Change *c = &w->change[i];

		if (plain == c->tx && c->kind == W4_MOTION_ADD)
			wish_register(h, c->identity);
		if (plain == c->tx)
			wish_motion(h, c);
		if (plain != c->tx + 1)
			continue;
		if (plain_number(w, h->app->next_tx) <= c->tx)
			return false;
		wish_votes(h, c);
		return true;
	}
	if (h->n == 0)
		wish_money(h, plain);
	return true;
}

/* --- building --- */

bool
ledger_build(World *w, Node *node, bool must, W4Slice *txs, W4Slice *evidence)
{
	static Wish h;
	W4Build		b;

	w4_build_begin(&b, node->app.replica, w4_consensus_tip(node->core),
				   w4_writer(node->items + TXS_ROOM, EVIDENCE_CAP), w4_writer(node->items, TXS_ROOM));
	for (int i = 0; i < node->pool_n && node->villainy == HONEST; i++)
		(void) w4_build_evidence(&b, w4_slice(node->pool[i].bytes, node->pool[i].len));
	if (node->villainy != HONEST)
		villain_evidence(w, node, &b.evidence);
	h.world = w;
	h.app = &node->app;
	h.tip = b.tip;
	for (h.number = node->app.next_tx; h.number <= w->submitted && b.ntxs < 4 && grant(&h); h.number++)
	{
		if (b.ntxs > 0 && h.used + 4 * (size_t) h.n > TXS_ROOM - b.txs.len)
			break;
		for (int i = 0; i < h.n; i++)
			(void) w4_build_tx(&b, h.tx[i]);
	}
	*txs = w4_slice(b.txs.buf, b.txs.len);
	*evidence = w4_slice(b.evidence.buf, b.evidence.len);
	return must || b.txs.len + b.evidence.len > 0;
}

/* --- deciding --- */

static void
count_results(World *w, App *app, const W4Block *block)
{
	const W4Replica *r = app->replica;
	size_t		pos = 0;
	W4Slice		item;
	W4Tx		tx;

	for (uint32_t i = 0; w4_block_next_item(block->txs, &pos, &item); i++)
	{
		if (!w4_tx_decode(&tx, item, NULL))
			continue;
		if (app->next_tx <= number_of(&tx))
			app->next_tx = number_of(&tx) + 1;
		w->ran[tx.kind] += r->results[i].code == W4_TXC_OK;
	}
}

void
ledger_apply(World *w, const Node *node, App *app, const W4Tip *tip, const W4Block *block, W4Applied *out)
{
	W4ExecStatus status = w4_replica_apply(app->replica, tip, block, out);

	app->height++;
	if (status != W4_EXEC_OK)
	{
		world_fail(w, "I3: the replica refuses a decided block", node->index, block->header.height);
		return;
	}
	memcpy(app->digest, out->state_digest, 32);
	count_results(w, app, block);
	join_keep(w, node, app, tip, block, out);
	if (app->height % AUDIT_EVERY == 0)
		ledger_audit(w, node);
}

void
ledger_audit(World *w, const Node *node)
{
	W4State    *s = &node->app.replica->exec.state;
	uint8_t		root[32];
	uint8_t		scratch[32];

	w4_state_root(s, root);
	w4_state_root_from_scratch(s, scratch);
	if (w4_state_audit(s) != NULL || !w4_hash_eq(root, scratch))
		world_fail(w, "I5: the audit finds fault with a state", node->index, s->totals.height);
}

/* The state after "height" of this node's chain, from its blocks and the snapshot it joined by. */
void
ledger_rebuild(World *w, const Node *node, App *app, uint64_t height)
{
	static W4Tip tip;
	static W4Applied applied;
	W4Block		block;

	w4_replica_genesis_tip(app->replica, &w->genesis, &tip);
	if (node->base > 0)
	{
		tip = node->joined;
		if (!join_load(w, node, app))
			world_fail(w, "F29: the kept snapshot cannot be loaded again", node->index, node->base);
	}
	while (app->height < height && w->failure == NULL)
	{
		const Link *link = &node->chain[app->height + 1];

		app_block_at(w, node, app->height + 1, &block);
		ledger_apply(w, node, app, &tip, &block, &applied);
		if (w->failure == NULL && !w4_tip_advance(&tip, &block, &link->cert, &applied, w->chain_id))
			abort();
	}
}
