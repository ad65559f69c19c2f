/*-------------------------------------------------------------------------
 *
 * scripts.c
 *		Scenarios by name: rows of the fault matrix (consensus spec 5.5).
 *
 * Each sets one thing up, helps it along every 100 ms, and says at the end
 * whether what the matrix demands has come about; the invariants are checked as
 * in every run.  Together with --swarm a scenario happens amid random faults,
 * which may keep it from coming about; then only the invariants hold.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

#define OF_F (-1)				/* as many as the set can bear */
#define OVER_F (-2)				/* and one more */

static Node *
victim(World *w)
{
	return &w->node[w->n - 1];
}

static int
villains_of(const World *w)
{
	int			n = 0;

	for (int i = 0; i < w->n; i++)
		n += w->node[i].villainy != HONEST;
	return n;
}

/* --- F05: the first to decide a height is cut off, all others crash: what did they remember? --- */

static void
f05_nemesis(World *w)
{
	Node	   *first = NULL;

	if (w->stage > 0 || w->decided < 2)
		return;
	for (int i = 0; i < w->nodes; i++)
		if (w->node[i].up && w->node[i].height == w->decided)
			first = first == NULL ? &w->node[i] : NULL;
	if (first == NULL)
		return;
	w->stage = 1;
	faults_cut_off(w, first->index, 60 * US_PER_S);
	for (int i = 0; i < w->nodes; i++)
		if (&w->node[i] != first)
			node_crash(w, &w->node[i], rng_between(&w->rng, 0, US_PER_S));
}

/* --- F06, F07, F08: crashes, power cuts, pauses --- */

static void
f06_setup(World *w)
{
	w->faults.crash_at_action = 20000;
	w->faults.lose_tail = 500000;
	w->faults.down_max = US_PER_S;
	w->faults.disk_max = 10 * US_PER_MS;
}

static const char *
f06_verdict(const World *w)
{
	return w->crashes > 0 ? NULL : "F06: nobody crashed";
}

static void
f07_nemesis(World *w)
{
	/* The first one is certain: a peer alone is through before luck would have it. */
	if (w->decided < 2 || (w->stage > 0 && !rng_hit(&w->rng, 100000)))
		return;
	w->stage++;
	for (int i = 0; i < w->nodes; i++)
		node_crash(w, &w->node[i], rng_between(&w->rng, 0, US_PER_S));
}

/* A power cut loses no record, so nobody has to abstain. */
static const char *
f07_verdict(const World *w)
{
	if (w->stage == 0)
		return "F07: the power never failed";
	return w->alarms[W4_ALARM_ABSTAINING] == 0 ? NULL : "F07: somebody abstains after a power cut";
}

static void
f08_setup(World *w)
{
	w->faults.pause = 30000;
}

static const char *
f08_verdict(const World *w)
{
	return w->pauses > 0 ? NULL : "F08: nobody was stopped";
}

/* --- F10, F11: disks --- */

static void
f10_setup(World *w)
{
	w->faults.disk_full = 20000;
	if ((w->seed & 1) != 0)
		w->faults.disk_max = 20 * US_PER_MS;
}

static const char *
f10_verdict(const World *w)
{
	return w->disk_refusals > 0 ? NULL : "F10: no write was refused";
}

static void
f11_setup(World *w)
{
	w->faults.damage = 1000000;
	w->faults.crash_random = 50000;
	w->faults.down_max = US_PER_S;
}

static const char *
f11_verdict(const World *w)
{
	if (w->damages == 0)
		return "F11: nothing was damaged";
	if (w->damaged[DAMAGED_RECORD] > w->alarms[W4_ALARM_BAD_RECORD])
		return "F11: a damaged record was not noticed";
	return NULL;
}

/* --- F13: the clocks of f peers are ten minutes off, and jump --- */

static void
f13_nemesis(World *w)
{
	for (int i = 0; i < w4_faulty(w->n); i++)
		if (w->stage == 0 || rng_hit(&w->rng, 20000))
			w->node[i].skew = rng_between(&w->rng, -600 * (int64_t) US_PER_S, 600 * (int64_t) US_PER_S);
	w->stage = 1;
}

/* --- F14, F15, F20: liars that are found, struck and put out --- */

static const char *
out_by_proof(const World *w)
{
	if (w->committed[W4_EQUIVOCATION] < W4_STRIKES)
		return "three times E1 is not in the chain";
	return w->ejected >= (uint64_t) villains_of(w) ? NULL : "a liar with three strikes is still a member";
}

static const char *
f20_verdict(const World *w)
{
	if (w->accused_strikes < W4_STRIKES)
		return "F20: bad signatures are not accused by f + 1";
	return w->ejected > 0 ? NULL : "F20: accused three times and still a member";
}

/* --- F16: withheld proposals --- */

static const char *
f16_verdict(const World *w)
{
	return w->top_view <= (uint32_t) w4_faulty(w->n) + 1 ? NULL : "F16: progress took more than f + 1 views";
}

/* --- F17, F18: lies in a view change, after something was prepared --- */

/*
 * COMMITs of honest peers in view 0 of this height are lost: prepared, and not
 * decided.  In view 1 as well for who has to prepare twice to have something stale.
 */
static bool
hides_commits(const World *w, const Node *from, const Message *m)
{
	return from->villainy == HONEST && m->bytes[W4_MAGIC_LEN] == W4_COMMIT &&
		w4_get_u64be(m->bytes + 39) == w->hidden && w4_get_u32be(m->bytes + 47) <= (w->node[0].villainy == STALE);
}

/* A key rotates, so that certificates from before are of another set. */
static void
f17_setup(World *w)
{
	if (w->node[0].villainy != STRAY)
		return;
	w->faults.changes = 1;
	w->change[0] = (Change) {20, W4_MOTION_ROTATE, w->n - 1, true, 50};
}

static void
f17_nemesis(World *w)
{
	if (w->decided >= w->hidden + 3)
		w->hidden = w->decided + 2;
}

/*
 * Only where the villain has the turn after: it must propose again what was
 * prepared.  Chosen ahead, since heights may be in step with this call and the
 * one of now never be the right one.
 */
static void
f18_nemesis(World *w)
{
	const Node *node = victim(w);
	const W4Tip *tip;

	if (!node->up || w->decided < w->hidden)
		return;
	tip = w4_consensus_tip(node->core);
	for (uint64_t h = tip->height + 2; h < tip->height + 2 + tip->members[1].n; h++)
		if (tip->members[1].m[w4_rota_proposer(&tip->members[1], tip->rota.skipped, h, 1)].id[31] == 0)
		{
			w->hidden = h;
			return;
		}
}

static const char *
f17_verdict(const World *w)
{
	if (w->node[0].villainy == FORGETFUL || w->node[0].villainy == STALE)
		return w->committed[W4_AMNESIA] > 0 ? NULL : "F17: E3 is not in the chain";
	return w->accused_strikes > 0 ? NULL : "F17: void certificates are not accused by f + 1";
}

static const char *
f18_verdict(const World *w)
{
	return w->committed[W4_BAD_NEW_VIEW] > 0 ? NULL : "F18: E4 is not in the chain";
}

/* --- F25: one peer comes back from a backup: log kept, log lost, both old --- */

/* Has each of the others a certificate with a COMMIT of it, above this height? */
static bool
shown_by_all(const World *w, const Node *node, uint64_t above)
{
	for (int i = 0; i < w->nodes; i++)
	{
		const Node *other = &w->node[i];
		bool		shown = other == node;

		for (uint64_t h = above + 1; h <= other->disk.height; h++)
			shown |= w4_mask_has(other->chain[h].cert.signers, (unsigned) node->identity);
		if (!shown)
			return false;
	}
	return true;
}

/*
 * Its log of signatures is as old as the rest, and nobody remembers its newest
 * vote, since all others are started again while it is down.  What is left are
 * the certificates of the blocks.
 */
static void
forget_it(World *w, const Node *node)
{
	for (int i = 0; i < w->nodes; i++)
		if (&w->node[i] != node)
			node_crash(w, &w->node[i], US_PER_S / 2);
}

static void
f25_nemesis(World *w)
{
	Node	   *node = victim(w);
	SetBack		how = (SetBack) (w->seed % 3);
	bool		all = how == LOG_SET_BACK && w->seed / 3 % 2 == 1;

	if (w->stage == 0 && node->up && node->disk.height >= 5)
	{
		node->backup = node->disk;
		w->stage = 1;
	}
	if (w->stage == 1 && node->up && node->disk.height >= node->backup.height + 10 &&
		(!all || shown_by_all(w, node, node->backup.height + 1)))
	{
		w->stage = 2;
		node_crash(w, node, US_PER_S);
		w->set_back_at = node->disk.height;
		node_set_back(w, node, how);
		if (all)
			forget_it(w, node);
	}
}

static const char *
f25_verdict(const World *w)
{
	const Node *node = &w->node[w->n - 1];

	if (w->stage < 2)
		return "F25: nothing was restored";
	if (w->alarms[W4_ALARM_ABSTAINING] == 0)
		return "F25: the restored peer does not abstain";
	return node->voted > w->set_back_at ? NULL : "F25: the restored peer never signs again";
}

/* --- F37: a certificate whose block no honest peer holds any more --- */

/* A hoarder alone needs a network that loses the PREPAREs of view 1; two have that view to themselves. */
static bool
f37_hides(const World *w, const Node *from, const Message *m)
{
	return from->villainy == HONEST && m->bytes[W4_MAGIC_LEN] == W4_PREPARE && w4_get_u32be(m->bytes + 47) == 1 &&
		villain_needs_loss(w, from, w4_get_u64be(m->bytes + 39));
}

static const char *
f37_verdict(const World *w)
{
	if (w->hoarded == 0)
		return "F37: nobody was shown a certificate without its block";
	return w->top_view >= 2 ? NULL : "F37: nothing was decided in spite of it";
}

/* --- F38: proposals that are passed on with another block --- */

static const char *
f38_verdict(const World *w)
{
	if (w->top_view > 0)
		return "F38: a proposer lost its view by what another one did to its proposal";
	return w->accused_strikes > 0 ? NULL : "F38: altered proposals are not accused by f + 1";
}

/* --- F24, F26: one key twice --- */

static const char *
f26_verdict(const World *w)
{
	return w->alarms[W4_ALARM_DUPLICATE_SIGNER] > 0 ? NULL : "F26: nobody notices the clone";
}

/* --- F28, F29: members --- */

/* Two at once, and a third; one peer is down meanwhile. */
static void
f28_setup(World *w)
{
	w->change[0] = (Change) {4, W4_MOTION_ADD, w->n, true, 50};
	w->change[1] = (Change) {6, W4_MOTION_ROTATE, 0, true, 50};
	w->change[2] = (Change) {9, W4_MOTION_REMOVE, w->n - 1, true, 50};
}

static void
f28_nemesis(World *w)
{
	if (w->stage > 0 || w->decided < 3)
		return;
	w->stage = 1;
	node_crash(w, &w->node[1], 3 * US_PER_S);
}

static const char *
f28_verdict(const World *w)
{
	return w->changed == 3 ? NULL : "F28: a change that a quorum wants has not come";
}

static void
f29_setup(World *w)
{
	w->change[0] = (Change) {20, W4_MOTION_ADD, w->n, true, 50};
	w->joins = (w->seed & 1) != 0;
}

/*
 * It starts with nothing but the genesis, when the chain is long: every other
 * seed by blocks, one request after the other, else by a snapshot and few blocks.
 */
static void
f29_nemesis(World *w)
{
	Node	   *node = &w->node[w->n];

	if (w->decided < 30 || !node->late)
		return;
	node->late = false;
	if (w->joins)
		join_begin(w, node);
	else
		node_start(w, node, true);
}

static const char *
f29_verdict(const World *w)
{
	const Node *node = &w->node[w->n];

	if (w->joins && node->base < 20)
		return "F29: the late joiner has not loaded a snapshot";
	if (w->false_chunks > 0 && w->sync_strikes[W4_SYNC_DROP_FALSE_CHUNK] == 0)
		return "F29: a false chunk was not noticed";
	if (node->late || node->height + 1 < w->decided)
		return "F29: the late joiner has not caught up";
	return node->voted > 0 ? NULL : "F29: the late joiner never votes";
}

/* --- the table --- */

static const Script scripts[] = {
	{.name = "F05", .what = "the first to decide is cut off, all others crash", .least = 1, .heights = 20, .nemesis = f05_nemesis},
	{.name = "F06", .what = "crashes between any two actions", .least = 1, .heights = 30, .setup = f06_setup, .verdict = f06_verdict},
	{.name = "F07", .what = "power cuts", .least = 1, .heights = 30, .nemesis = f07_nemesis, .verdict = f07_verdict},
	{.name = "F08", .what = "processes are stopped and go on", .least = 2, .heights = 30, .setup = f08_setup, .verdict = f08_verdict},
	{.name = "F10", .what = "full disks: writes fail", .least = 2, .heights = 40, .setup = f10_setup, .verdict = f10_verdict},
	{.name = "F11", .what = "bit flips in record, blocks and log", .least = 4, .heights = 40, .setup = f11_setup, .verdict = f11_verdict},
	{.name = "F13", .what = "the clocks of f peers are minutes off and jump", .least = 4, .heights = 30, .faulty = OF_F, .nemesis = f13_nemesis},
	{.name = "F14", .what = "two proposals", .least = 4, .heights = 30, .villainy = EQUIVOCATOR, .villains = 1, .verdict = out_by_proof},
	{.name = "F15", .what = "two votes", .least = 4, .heights = 30, .villainy = DOUBLE_VOTER, .villains = OF_F, .verdict = out_by_proof},
	{.name = "F16", .what = "proposals for f + 1 only, no bodies", .least = 4, .heights = 30, .villainy = WITHHOLDER, .villains = OF_F, .verdict = f16_verdict},
	{.name = "F17", .what = "VIEW-CHANGE that denies, forges, or shows an old certificate", .least = 4, .heights = 30, .villainy = FORGETFUL, .or_else = {FORGER, STALE, STRAY}, .villains = 1,
	.setup = f17_setup, .nemesis = f17_nemesis, .hides = hides_commits, .verdict = f17_verdict},
	{.name = "F18", .what = "NEW-VIEW that ignores what was prepared", .least = 4, .heights = 30, .villainy = WILFUL, .villains = 1,
	.nemesis = f18_nemesis, .hides = hides_commits, .verdict = f18_verdict},
	{.name = "F20", .what = "bad signatures", .least = 4, .heights = 40, .villainy = SCRAWLER, .villains = 1, .verdict = f20_verdict},
	{.name = "F24", .what = "f + 1 run twice: forks convict f + 1", .least = 4, .heights = 30, .villainy = TWINS, .villains = OVER_F},
	{.name = "F25", .what = "a backup is put back: log kept, lost, or old as well, with others that remember or not", .least = 4, .heights = 40, .faulty = 1, .nemesis = f25_nemesis, .verdict = f25_verdict},
	{.name = "F26", .what = "a clone runs beside the original", .least = 4, .heights = 30, .villainy = TWINS, .villains = 1, .verdict = f26_verdict},
	{.name = "F28", .what = "a peer joins, a key rotates, a peer leaves", .least = 4, .heights = 30, .changes = 3, .setup = f28_setup, .nemesis = f28_nemesis, .verdict = f28_verdict},
	{.name = "F29", .what = "a member that starts late, by blocks or by a snapshot", .least = 4, .heights = 60, .changes = 1, .late = true, .setup = f29_setup, .nemesis = f29_nemesis, .verdict = f29_verdict},
	{.name = "F37", .what = "a certificate is shown, and its block kept", .least = 4, .heights = 30, .villainy = HOARDER, .villains = OF_F, .hides = f37_hides, .verdict = f37_verdict},
	{.name = "F38", .what = "proposals of others passed on with another block", .least = 4, .heights = 30, .villainy = ALTERER, .villains = 1, .verdict = f38_verdict},
};

#define SCRIPTS (sizeof(scripts) / sizeof(scripts[0]))

const Script *
script_find(const char *name)
{
	for (size_t i = 0; i < SCRIPTS; i++)
		if (strcmp(scripts[i].name, name) == 0)
			return &scripts[i];
	return NULL;
}

void
scripts_print(FILE *to)
{
	for (size_t i = 0; i < SCRIPTS; i++)
		fprintf(to, "  %s  %s\n", scripts[i].name, scripts[i].what);
}

static int
count_of(int count, int n)
{
	return count >= 0 ? count : w4_faulty(n) + (count == OVER_F);
}

/* The villains of a run among n members: the script's own, or "drawn" ones as far as there is room for them. */
int
script_villains(const Script *s, uint64_t seed, int n, Villainy *out, int drawn)
{
	int			count = count_of(s->villains, n);
	int			room = w4_faulty(n) - count_of(s->faulty, n);
	int			kinds = 1;
	int			which;

	if (s->villainy == HONEST && s->changes == 0)
		return drawn < room ? drawn : room;
	while (kinds < 1 + (int) (sizeof(s->or_else) / sizeof(s->or_else[0])) && s->or_else[kinds - 1] != HONEST)
		kinds++;
	which = (int) (seed % (uint64_t) kinds);
	for (int i = 0; i < count; i++)
		out[i] = which == 0 ? s->villainy : s->or_else[which - 1];
	return count;
}
