/*-------------------------------------------------------------------------
 *
 * app.c
 *		The state machine that the simulated chain drives.
 *
 * Transactions are numbered and carry no signature; a block brings the next
 * ones.  Those of a change (changes.c) propose it and vote for it.  Accusations
 * are numbered likewise, in the order in which they were made.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

/* --- the form of transactions: 16 bytes number and salt, 12 bytes an accusation --- */

#define TX_LEN 16
#define ACCUSATION_LEN 12
#define TXS_A_BLOCK 3
#define ACCUSATIONS_A_BLOCK 4

static void
put_accusation(W4Writer *w, const World *world, uint64_t number)
{
	const Accused *a = &world->accusation[number - 1];

	w4_put_u32be(w, ACCUSATION_LEN);
	w4_put_u64be(w, number);
	w4_put_u8(w, a->accuser);
	w4_put_u8(w, a->accused);
	w4_put_u16be(w, a->class);
}

/* Only what its accuser has said: in this world nobody forges a signature. */
static bool
accusation_true(const World *world, W4Slice tx)
{
	uint8_t		bytes[4 + ACCUSATION_LEN];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));
	uint64_t	number = w4_get_u64be(tx.data);

	if (number < 1 || number > (uint64_t) world->accusations)
		return false;
	put_accusation(&w, world, number);
	return memcmp(bytes + 4, tx.data, ACCUSATION_LEN) == 0;
}

/* The numbers after this block; false when it brings others than the next ones. */
static bool
numbers_follow(const World *w, const App *app, const W4Block *block, uint64_t *next_tx, uint64_t *next_accusation)
{
	size_t		pos = 0;
	W4Slice		tx;

	*next_tx = app->next_tx;
	*next_accusation = app->next_accusation;
	while (w4_block_next_item(block->txs, &pos, &tx))
	{
		if (tx.len == TX_LEN && w4_get_u64be(tx.data) == *next_tx)
			++*next_tx;
		else if (tx.len == ACCUSATION_LEN && w4_get_u64be(tx.data) == *next_accusation && accusation_true(w, tx))
			++*next_accusation;
		else
			return false;
	}
	return true;
}

/* --- members --- */

const W4Members *
app_members(const App *app, uint64_t height)
{
	int			i = app->eras - 1;

	while (i > 0 && app->era[i].from > height)
		i--;
	return &app->era[i].set;
}

static void
begin_era(App *app, uint64_t from, const W4Members *set)
{
	if (app->eras == MAX_ERAS)
		abort();
	app->era[app->eras].from = from;
	app->era[app->eras++].set = *set;
}

void
app_genesis(const World *w, App *app)
{
	app->height = 0;
	app->next_tx = 1;
	app->next_accusation = 1;
	app->sum = 0;
	memset(app->digest, 0, 32);
	app->eras = 0;
	begin_era(app, 1, &w->genesis);
	app->roster.motions = 0;
	app->roster.effective_at = 0;
	app->strikes.strikes = 0;
	app->strikes.accusations = 0;
	app->full = w->full;
	if (app->full)
		ledger_genesis(w, app);
}

/* What the chain begins with. */
void
app_genesis_tip(const World *w, const App *app, W4Tip *tip)
{
	if (app->full)
		w4_replica_genesis_tip(app->replica, &w->genesis, tip);
	else
		w4_tip_genesis(tip, w->chain_id, &w->genesis, GENESIS_TIME, app->digest, w->chain_id);
}

/* Does the chain hold this conviction? */
bool
app_known(const App *app, const W4Conviction *k)
{
	return app->full ? ledger_known(app, k) : w4_strikes_known(&app->strikes, k);
}

/* --- evidence --- */

/* A chain up to some height, built again from its blocks. */
typedef struct Past
{
	App			app;
	W4Tip		tip;
} Past;

typedef struct RuleJudge
{
	World	   *w;
	const Node *node;
	const App  *app;
	const W4Tip *tip;
} RuleJudge;

static bool app_breaks_rule(void *arg, const W4Block *block);

/* Does this convict anybody, as the chain up to "app" sees it?  The offence may be at the next height at most. */
bool
app_convicts(World *w, const Node *node, const App *app, const W4Tip *tip, W4Slice evidence, W4Conviction *out)
{
	uint64_t	height = w4_evidence_height(evidence);
	RuleJudge	judge = {w, node, app, tip};
	W4EvidenceContext context = {w->chain_id, app_members(app, height), &fake_suite, app_breaks_rule, &judge, NULL};

	if (app->full)
		return w4_replica_evidence(app->replica, tip, evidence, out, NULL);
	return height >= 1 && height <= app->height + 1 && w4_evidence_check(out, evidence, &context, NULL);
}

W4Verdict
app_judge(World *w, const Node *node, const App *app, const W4Tip *tip, const W4Block *block)
{
	W4Conviction seen[W4_MAX_BLOCK_EVIDENCE];
	uint64_t	next[2];
	size_t		pos = 0;
	int			n = 0;
	W4Slice		item;

	if (app->full)
		return w4_replica_judge(app->replica, tip, block);
	if (!numbers_follow(w, app, block, &next[0], &next[1]))
		return W4_BLOCK_BAD;
	while (w4_block_next_item(block->evidence, &pos, &item))
	{
		W4Conviction *k = &seen[n];

		if (!app_convicts(w, node, app, tip, item, k) || w4_strikes_known(&app->strikes, k))
			return W4_BLOCK_BAD;
		for (int i = 0; i < n; i++)
			if (same_offence(&seen[i], k))
				return W4_BLOCK_BAD;
		n++;
	}
	return W4_BLOCK_GOOD;
}

/* --- one block --- */

static void
strike_result(App *app, const uint8_t id[32], W4StrikeResult result, W4Applied *out)
{
	const W4Members *next = app_members(app, app->height + 1);
	uint8_t		motion[32] = {0xEE, id[31]};
	int			index = w4_members_find(next, id);

	if (result != W4_STRIKE_COUNTED && result != W4_STRIKE_EJECTED)
		return;
	if (index != W4_NO_MEMBER)
		out->struck |= w4_mask_bit((unsigned) index);
	memcpy(motion + 2, &app->height, sizeof(app->height));
	if (result == W4_STRIKE_EJECTED)
		(void) w4_roster_remove(&app->roster, app_members(app, app->height), id, motion);
}

static void
run_accusation(App *app, W4Slice tx, W4Applied *out)
{
	uint8_t		accuser[32];
	uint8_t		accused[32];
	const W4Members *set = app_members(app, app->height);

	member_id(accuser, tx.data[8]);
	member_id(accused, tx.data[9]);
	if (w4_members_find(set, accuser) == W4_NO_MEMBER || w4_members_find(set, accused) == W4_NO_MEMBER)
		return;
	strike_result(app, accused, w4_strikes_accuse(&app->strikes, set, accuser, accused, tx.data[11], W4_STRIKES, app->height), out);
}

/* True when something but the numbers may have changed. */
static bool
run_txs(const World *w, App *app, const W4Block *block, W4Applied *out)
{
	size_t		pos = 0;
	bool		touched = false;
	W4Slice		tx;

	while (w4_block_next_item(block->txs, &pos, &tx))
	{
		if (tx.len == TX_LEN)
			touched |= changes_run(w, &app->roster, app_members(app, app->height), w4_get_u64be(tx.data), app->height);
		else
		{
			run_accusation(app, tx, out);
			touched = true;
		}
	}
	return touched;
}

/* Whom the block's evidence convicts, before anything of the block is executed. */
static int
convictions_of(World *w, const Node *node, const App *app, const W4Tip *tip, const W4Block *block, W4Conviction *out)
{
	size_t		pos = 0;
	int			n = 0;
	W4Slice		item;

	while (w4_block_next_item(block->evidence, &pos, &item))
		if (app_convicts(w, node, app, tip, item, &out[n]))
			n++;
		else
			world_fail(w, "I3: decided block with wrong evidence", node->index, block->header.height);
	return n;
}

static void
end_block(App *app, W4Applied *out)
{
	const W4Members *set = app_members(app, app->height);
	const W4Members *next = app_members(app, app->height + 1);

	if (app->roster.motions == 0)
		return;
	out->members_change = w4_roster_end_block(&app->roster, set, next, app->height, &out->members);
	w4_roster_follow(&app->roster, set, next);
	if (out->members_change)
		begin_era(app, app->height + 2, &out->members);
}

static uint64_t
sum_bytes(uint64_t sum, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ p[i]) * UINT64_C(0x100000001B3);
	return sum;
}

static uint64_t
sum_of(const App *app)
{
	uint64_t	sum = UINT64_C(0xCBF29CE484222325);

	for (int i = 0; i < app->roster.motions; i++)
	{
		const W4Motion *m = &app->roster.motion[i];

		sum = sum_bytes(sum, m->id, 32);
		sum = sum_bytes(sum, m->subject, 32);
		sum = (sum ^ m->yes ^ (uint64_t) m->kind << 56 ^ (uint64_t) m->passed << 48) * 31;
	}
	for (int i = 0; i < app->strikes.strikes; i++)
	{
		const W4Strike *s = &app->strikes.strike[i];

		sum = sum_bytes(sum, s->id, 32);
		sum = ((sum * 31 + s->height) * 31 + s->view) * 31 + s->kind + s->committed;
	}
	for (int i = 0; i < app->strikes.accusations; i++)
	{
		const W4Accusation *a = &app->strikes.accusation[i];

		sum = sum_bytes(sum, a->accused, 32) + a->class + a->height;
		sum = sum_bytes(sum, a->accuser, 32);
	}
	return sum;
}

static void
digest_step(App *app, const uint8_t hash[32])
{
	uint64_t	a;
	uint64_t	b;

	memcpy(&a, app->digest, 8);
	memcpy(&b, hash, 8);
	a = rng_splitmix(&a) ^ b ^ app->sum;
	memset(app->digest, 0, 32);
	memcpy(app->digest, &a, 8);
}

/* True when the block did more than move the numbers on: it must be run again to build the state again. */
bool
app_apply(World *w, const Node *node, App *app, const W4Tip *tip, const W4Block *block, W4Applied *out)
{
	W4Conviction k[W4_MAX_BLOCK_EVIDENCE];
	uint64_t	next[2];
	bool		touched;
	int			n;

	if (app->full)
	{
		ledger_apply(w, node, app, tip, block, out);
		return true;
	}
	n = convictions_of(w, node, app, tip, block, k);
	if (!numbers_follow(w, app, block, &next[0], &next[1]))
		world_fail(w, "I3: block with wrong transactions", node->index, block->header.height);
	app->height++;
	app->next_tx = next[0];
	app->next_accusation = next[1];
	touched = run_txs(w, app, block, out) || n > 0 || app->roster.motions > 0;
	for (int i = 0; i < n; i++)
		strike_result(app, k[i].id, w4_strikes_convict(&app->strikes, &k[i], W4_STRIKES, app->height), out);
	end_block(app, out);
	if (touched)
		app->sum = sum_of(app);
	digest_step(app, block->hash);
	memcpy(out->state_digest, app->digest, 32);
	memcpy(out->results_root, app->digest, 32);
	return touched;
}

/* --- the past --- */

void
app_block_at(const World *w, const Node *node, uint64_t height, W4Block *out)
{
	const Stored *s = &w->blocks[node->chain[height].block];

	if (!w4_block_decode(out, w4_slice(s->wire, s->len), w->chain_id, MAX_BLOCK, NULL))
		abort();
}

/* One block on, with the tip as well when there is one. */
static void
step_on(World *w, const Node *node, App *app, W4Tip *tip)
{
	const Link *link = &node->chain[app->height + 1];
	W4Applied	applied;
	W4Block		block;

	memset(&applied, 0, offsetof(W4Applied, members));
	if (!link->touched && tip == NULL)
	{
		app->height++;
		app->next_tx = link->next_tx;
		app->next_accusation = link->next_accusation;
		memcpy(app->digest, link->digest, 32);
		return;
	}
	app_block_at(w, node, app->height + 1, &block);
	(void) app_apply(w, node, app, tip, &block, &applied);
	if (tip != NULL && !w4_tip_advance(tip, &block, &link->cert, &applied, w->chain_id))
		abort();
}

/* The state after "height" of this node's chain. */
void
app_rebuild(World *w, const Node *node, App *app, uint64_t height)
{
	app_genesis(w, app);
	if (app->full)
		ledger_rebuild(w, node, app, height);
	while (app->height < height)
		step_on(w, node, app, NULL);
	if (height > 0 && memcmp(app->digest, node->chain[height].digest, 32) != 0)
		world_fail(w, "I5: blocks give another state when run again", node->index, height);
}

static Past *
past_at(World *w, const Node *node, uint64_t height)
{
	Past	   *past = malloc(sizeof(Past));

	if (past == NULL)
		abort();
	app_genesis(w, &past->app);
	app_genesis_tip(w, &past->app, &past->tip);
	while (past->app.height < height)
		step_on(w, node, &past->app, &past->tip);
	return past;
}

/*
 * E2: does the block break a rule at its height, on our own chain?  A block on
 * another parent convicts nobody, see accuse.c of the core.
 */
static bool
breaks_rule_on(World *w, const Node *node, const App *app, const W4Tip *tip, const W4Block *block)
{
	return w4_hash_eq(block->header.parent, tip->hash) &&
		(w4_tip_misfit(tip, block, W4_MAX_VIEW) != NULL ||
		 !w4_tip_last_commit(tip, block, w->chain_id, &fake_suite) ||
		 app_judge(w, node, app, tip, block) == W4_BLOCK_BAD);
}

static bool
app_breaks_rule(void *arg, const W4Block *block)
{
	const RuleJudge *j = arg;
	uint64_t	height = block->header.height;
	Past	   *past;
	bool		bad;

	if (height == j->app->height + 1 && j->tip != NULL)
		return breaks_rule_on(j->w, j->node, j->app, j->tip, block);
	past = past_at(j->w, j->node, height - 1);
	bad = breaks_rule_on(j->w, j->node, &past->app, &past->tip, block);
	free(past);
	return bad;
}

/* --- building --- */

bool
app_work(const World *w, const Node *node)
{
	return node->app.next_tx <= w->submitted ||
		(!node->app.full && node->app.next_accusation <= (uint64_t) w->accusations) ||
		(node->pool_n > 0 && node->villainy == HONEST);
}

bool
app_build(World *w, Node *node, bool must, W4Slice *txs, W4Slice *evidence)
{
	uint64_t	next = node->app.next_tx;
	uint64_t	accusation = node->app.next_accusation;
	W4Writer	out = w4_writer(node->items, sizeof(node->items));
	size_t		at;

	if (node->app.full)
		return ledger_build(w, node, must, txs, evidence);
	for (int i = 0; i < TXS_A_BLOCK && next <= w->submitted; i++, next++)
	{
		w4_put_u32be(&out, TX_LEN);
		w4_put_u64be(&out, next);
		w4_put_u64be(&out, node->salt);
	}
	for (int i = 0; i < ACCUSATIONS_A_BLOCK && accusation <= (uint64_t) w->accusations; i++, accusation++)
		put_accusation(&out, w, accusation);
	*txs = w4_slice(out.buf, out.len);
	at = out.len;
	if (node->villainy == HONEST)
		pool_put(node, &out);
	else
		villain_evidence(w, node, &out);
	*evidence = w4_slice(out.buf + at, out.len - at);
	return must || out.len > 0;
}
