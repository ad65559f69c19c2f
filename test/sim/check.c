/*-------------------------------------------------------------------------
 *
 * check.c
 *		The invariants of consensus spec 5.7, looked at as things happen.
 *
 * I1 one block a height for ever; I2 nothing shown to a client is lost; I3 only
 * valid blocks; I4 honest peers never produce evidence; I5 equal states at
 * equal heights; I6 every certificate verifies; I7 bounds, among them: nobody
 * runs ahead of the quorum; I8 nothing is shown without a certificate.
 * The checker is omniscient and shares no state with the core.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

/* --- what everybody has signed and sent --- */

#define SLOTS (1 << 16)

typedef struct SentVote
{
	uint32_t	run;			/* entries of other runs are empty */
	uint8_t		kind;
	uint8_t		identity;
	uint32_t	view;
	uint64_t	height;
	uint64_t	hash;
	int64_t		prepared;		/* VIEW-CHANGE: prepared view */
} SentVote;

static SentVote sent[SLOTS];
static uint32_t run;
static W4Members truth[MAX_HEIGHT + 3]; /* members by height */
static uint64_t truth_known;
static uint8_t learned[32];		/* from this block, the newest */

static SentVote *
slot(uint8_t kind, uint8_t identity, uint64_t height, uint32_t view)
{
	uint64_t	h = ((height * 64 + identity) * 8 + kind) * 64 + view;

	h *= UINT64_C(0x9E3779B97F4A7C15);
	for (uint32_t i = (uint32_t) (h >> 48);; i = (i + 1) % SLOTS)
	{
		SentVote   *s = &sent[i];

		if (s->run != run ||
			(s->kind == kind && s->identity == identity && s->height == height && s->view == view))
			return s;
	}
}

static uint64_t
hash64(const uint8_t hash[32])
{
	uint64_t	v;

	memcpy(&v, hash, 8);
	return v;
}

/* The newest VIEW-CHANGE and COMMIT of a peer at a height stand in slots of their own. */
#define NEWEST 63

static void
note(SentVote *s, uint8_t kind, uint8_t identity, uint64_t height, uint32_t view, uint64_t hash)
{
	s->run = run;
	s->kind = kind;
	s->identity = identity;
	s->height = height;
	s->view = view;
	s->hash = hash;
}

static void
check_equivocation(World *w, const Node *node, uint8_t kind, uint64_t height, uint32_t view, uint64_t hash)
{
	SentVote   *s = slot(kind, (uint8_t) node->identity, height, view);

	if (s->run != run && height <= node->forgot_until)
		world_fail(w, "Rule R: a vote where an earlier one may be forgotten", node->index, height);
	if (s->run != run)
		note(s, kind, (uint8_t) node->identity, height, view, hash);
	else if (s->hash != hash)
		world_fail(w, "I4: an honest peer signed two blocks in one view", node->index, height);
}

/* What stands in a record that is put back was signed once, though it may not have left: it may leave now. */
void
check_remembered(const Node *node)
{
	const W4Record *rec = &node->disk.record;
	const W4Vote *const own[] = {&rec->proposal, &rec->prepare, &rec->commit};

	for (int i = 0; i < 3; i++)
	{
		SentVote   *s = slot((uint8_t) own[i]->kind, (uint8_t) node->identity, own[i]->height, own[i]->view);

		if (own[i]->kind != 0 && s->run != run)
			note(s, (uint8_t) own[i]->kind, (uint8_t) node->identity, own[i]->height, own[i]->view, hash64(own[i]->hash));
	}
}

/* Who proposes in a view has asked for it, though its VIEW-CHANGE may travel in the NEW-VIEW only. */
static void
note_asked(const Node *node, uint64_t height, uint32_t view)
{
	SentVote   *vc = slot(W4_VIEW_CHANGE, (uint8_t) node->identity, height, NEWEST);

	if (vc->run == run && vc->prepared >= (int64_t) view)
		return;
	note(vc, W4_VIEW_CHANGE, (uint8_t) node->identity, height, NEWEST, 0);
	vc->prepared = view;
}

/* Slots "newest": view holds NEWEST, the real view is in "prepared". */
static void
check_amnesia(World *w, const Node *node, uint8_t kind, uint64_t height, uint32_t view, uint64_t hash, int64_t prepared)
{
	SentVote   *commit = slot(W4_COMMIT, (uint8_t) node->identity, height, NEWEST);
	SentVote   *vc = slot(W4_VIEW_CHANGE, (uint8_t) node->identity, height, NEWEST);

	if (kind == W4_COMMIT && (commit->run != run || commit->prepared < (int64_t) view))
	{
		note(commit, kind, (uint8_t) node->identity, height, NEWEST, hash);
		commit->prepared = view;
	}
	if (kind == W4_VIEW_CHANGE)
	{
		if (commit->run == run && commit->prepared < (int64_t) view &&
			(prepared < commit->prepared || (prepared == commit->prepared && hash != commit->hash)))
			world_fail(w, "I4: an honest peer denies what it committed", node->index, height);
		if (vc->run != run || vc->prepared < (int64_t) view)
		{
			note(vc, kind, (uint8_t) node->identity, height, NEWEST, hash);
			vc->prepared = view;
		}
	}
}

/*
 * How many have, for all that was sent, asked for this view.  Liars count, and
 * so does the peer itself: what it asked for may have been overtaken in its outbox.
 */
static int
asked_at_least(const World *w, const Node *node, uint64_t height, uint32_t view)
{
	const W4Members *set = &w4_consensus_tip(node->core)->members[1];
	int			n = 0;

	for (int i = 0; i < set->n; i++)
	{
		int			identity = set->m[i].id[31];
		SentVote   *vc = slot(W4_VIEW_CHANGE, (uint8_t) identity, height, NEWEST);

		n += w->tainted[identity] || identity == node->identity || (vc->run == run && vc->prepared >= (int64_t) view);
	}
	return n;
}

/* Nobody takes part in a view that no quorum asked for. */
static void
check_justified(World *w, const Node *node, uint64_t height, uint32_t view)
{
	const W4Members *set = &w4_consensus_tip(node->core)->members[1];

	if (view >= 1 && height == w4_consensus_tip(node->core)->height + 1 &&
		asked_at_least(w, node, height, view) < w4_quorum(set->n))
		world_fail(w, "I7: a peer takes part in a view that no quorum asked for", node->index, height);
}

/* A view is left only when a quorum has come to it: the timer waits for them. */
static void
check_run_ahead(World *w, const Node *node, uint64_t height, uint32_t view)
{
	const W4Members *set = &w4_consensus_tip(node->core)->members[1];

	if (view >= 2 && asked_at_least(w, node, height, view - 1) < w4_quorum(set->n))
		world_fail(w, "I7: a peer runs ahead of the quorum", node->index, height);
}

/* --- commits that arrive --- */

/*
 * Who has committed to a block itself, and then holds a quorum of COMMITs for
 * it, decides in that very step, in whatever view it is by then.
 */
typedef struct Arrived
{
	uint64_t	life;
	uint64_t	height;
	uint32_t	view;
	uint64_t	hash;
	uint64_t	from;			/* identities, the own one included */
} Arrived;

static Arrived arrived[MAX_NODES];

static void
own_commit(const Node *node, uint64_t height, uint32_t view, uint64_t hash)
{
	Arrived    *a = &arrived[node->index];

	if (a->life == node->life && a->height == height && a->view >= view)
		return;
	*a = (Arrived) {node->life, height, view, hash, w4_mask_bit((unsigned) node->identity)};
}

void
check_delivered(World *w, const Node *node, int identity, const uint8_t *bytes, size_t len)
{
	Arrived    *a = &arrived[node->index];
	const W4Tip *tip = w4_consensus_tip(node->core);

	/* Who lost its block with a part of its disk has to fetch it first. */
	if (w->tainted[node->identity] || node->restored || len != W4_VOTE_WIRE_LEN || bytes[W4_MAGIC_LEN] != W4_COMMIT || a->life != node->life ||
		w->tainted[identity])
		return;
	if (a->height != w4_get_u64be(bytes + 39) || a->view != w4_get_u32be(bytes + 47) || a->hash != hash64(bytes + 51))
		return;
	a->from |= w4_mask_bit((unsigned) identity);
	if (tip->height + 1 == a->height && w4_mask_count(a->from) >= w4_quorum(tip->members[1].n))
		world_fail(w, "a quorum of COMMITs does not decide", node->index, a->height);
}

/* --- messages that leave --- */

/* Nothing binding leaves that a crash at this instant would undo. */
static void
check_recorded(World *w, Node *node, uint8_t kind, uint64_t height, uint32_t view)
{
	W4Vote		v = {.kind = kind, .height = height, .view = view};

	if (w4_position_cmp(w4_vote_position(&v), node->disk.log) > 0)
		world_fail(w, "I2: a vote leaves before it is durable", node->index, height);
	if (node->voted < height)
		node->voted = height;
}

void
check_sent(World *w, Node *node, const uint8_t *bytes, size_t len)
{
	uint8_t		kind = bytes[W4_MAGIC_LEN];
	uint64_t	height = w4_get_u64be(bytes + 39);
	uint32_t	view;
	uint64_t	hash;
	int64_t		prepared = W4_NOTHING_PREPARED;

	if (kind > W4_NEW_VIEW || len < W4_VOTE_WIRE_LEN || w->tainted[node->identity])
		return;

	/* A proposal may be passed on by others. */
	view = w4_get_u32be(bytes + 47);
	hash = hash64(bytes + 51);
	if (w4_vote_is_proposal(&(W4Vote) {.kind = kind}) &&
		w4_consensus_tip(node->core)->members[1].m[w4_get_u16be(bytes + 115)].id[31] != node->identity)
		return;
	check_recorded(w, node, kind, height, view);

	/* In another view the same block may be in order: what is bent twice is the first again. */
	if (kind == W4_PREPARE && height == w->wilful_height && view == w->wilful_view &&
		memcmp(bytes + 51, w->wilful, 32) == 0)
		world_fail(w, "F18: an honest peer votes for what was not prepared", node->index, height);
	if (kind == W4_VIEW_CHANGE)
	{
		prepared = (int64_t) w4_get_u64be(bytes + W4_VOTE_WIRE_LEN);
		check_run_ahead(w, node, height, view);
	}
	else
		check_equivocation(w, node, kind, height, view, hash);
	if (kind == W4_PREPARE)
		check_justified(w, node, height, view);
	if (kind == W4_NEW_VIEW)
		note_asked(node, height, view);
	if (kind == W4_COMMIT)
		own_commit(node, height, view, hash);
	if (kind == W4_COMMIT || kind == W4_VIEW_CHANGE)
		check_amnesia(w, node, kind, height, view, hash, prepared);
}

void
check_reset(World *w)
{
	run++;
	heard_reset();
	book_reset();
	truth_known = 0;
	memset(arrived, 0, sizeof(arrived));
	(void) w;
}

/* --- decisions --- */

/* Members of a height that is decided, or one of the two after it. */
const W4Members *
check_members(World *w, uint64_t height)
{
	if (truth_known == 0)
	{
		truth[0] = truth[1] = truth[2] = w->genesis;
		truth_known = 2;
	}
	return &truth[height < truth_known ? height : truth_known];
}

void
check_decided(World *w, Node *node, const W4Block *block, const W4Cert *cert, const W4Tip *before)
{
	uint64_t	height = block->header.height;
	const W4Members *set;

	if (w->tainted[node->identity])
		return;
	if (height >= MAX_HEIGHT - 2)
		abort();
	set = check_members(w, height);
	if (!w4_hash_eq(before->members[1].hash, set->hash))
		world_fail(w, "I6: other members than the chain says", node->index, height);
	if (cert->height != height || !w4_hash_eq(cert->hash, block->hash) ||
		!w4_cert_verify(cert, W4_COMMIT, w->chain_id, set, &fake_suite, NULL, NULL))
		world_fail(w, "I6: decided without a valid certificate", node->index, height);
	if (block->header.time_us <= before->time_us)
		world_fail(w, "I3: time does not rise", node->index, height);
}

/*
 * The first honest peer to decide a height tells what it does to the members;
 * the book judges that.  It may have decided by its own COMMIT and have crashed
 * before that left or the block was durable: then others may decide otherwise,
 * and what was learned is void.  Only the newest height can be.
 */
static bool
to_be_learned(const World *w, const W4Block *block)
{
	uint64_t	height = block->header.height;

	return truth_known < height + 2 ||
		(truth_known == height + 2 && w->canonical[height] == -1 && !w4_hash_eq(learned, block->hash));
}

static void
learn(World *w, const W4Block *block, const W4Cert *cert, const W4Tip *before, const W4Applied *applied)
{
	uint64_t	height = block->header.height;

	if (truth_known == height + 2)
		book_undo();
	else
		book_keep();
	w4_hash_copy(learned, block->hash);
	book_block(w, block, cert, before);
	truth[height + 2] = applied->members_change ? applied->members : truth[height + 1];
	truth_known = height + 2;
	book_members(w, height, &truth[height], &truth[height + 1], &truth[height + 2]);
}

void
check_applied(World *w, Node *node, const W4Block *block, const W4Cert *cert, const W4Tip *before, const W4Applied *applied)
{
	uint64_t	height = block->header.height;
	Stored	   *s = &w->blocks[node->chain[height].block];

	if (w->tainted[node->identity] || w->failure != NULL)
		return;
	if (w->top_view < cert->view)
		w->top_view = cert->view;
	if (to_be_learned(w, block))
		learn(w, block, cert, before, applied);
	if (!s->judged)
	{
		s->judged = true;
		memcpy(s->digest, applied->state_digest, 32);
	}
	else if (memcmp(s->digest, applied->state_digest, 32) != 0)
		world_fail(w, "I5: another state after the same block", node->index, height);
}

/* A block is durable, so it may be shown: from now on nobody may show another. */
void
check_durable(World *w, Node *node, uint64_t height)
{
	int			block = node->chain[height].block;

	if (w->tainted[node->identity])
		return;
	/* Not before: a certificate may hold an own COMMIT that a crash still makes undone. */
	if (w->beyond)
		heard_cert(w, W4_COMMIT, &node->chain[height].cert);
	if (w->decided < height)
		w->decided = height;
	if (w->done < node->chain[height].next_tx - 1)
		w->done = node->chain[height].next_tx - 1;
	if (w->canonical[height] == -1)
		w->canonical[height] = block;
	else if (w->canonical[height] != block)
		world_fail(w, "I1: two blocks at one height", node->index, height);
}

void
check_evidence(World *w, const Node *node, const W4Conviction *c)
{
	int			identity = c->id[31];

	if (w->tainted[node->identity])
		return;
	w->convictions++;
	w->convicted[identity] = true;
	if (!w->tainted[identity])
		world_fail(w, "I4: an honest peer is convicted", identity, c->height);
}

static bool
was_set_back(const World *w, int identity)
{
	for (int i = 0; i < w->nodes; i++)
		if (w->node[i].identity == identity && w->node[i].restored)
			return true;
	return false;
}

void
check_accused(World *w, const Node *node, int identity)
{
	if (!w->tainted[node->identity] && !w->tainted[identity])
		world_fail(w, "I4: an honest peer accuses another", identity, node->height);
}

void
check_alarm(World *w, const Node *node, const W4Action *a)
{
	if (w->tainted[node->identity])
		return;
	w->alarms[a->alarm]++;
	if (a->alarm == W4_ALARM_FORGOTTEN_VOTES && !node->restored)
		world_fail(w, "Rule R: a peer abstains that has forgotten nothing", node->index, a->first);
	if (a->alarm == W4_ALARM_DIVERGED && !w->beyond)
		world_fail(w, "I5: an honest peer cannot follow the chain", node->index, a->first);
	if (a->alarm == W4_ALARM_DUPLICATE_SIGNER && !w->tainted[a->to[31]] && !was_set_back(w, a->to[31]))
		world_fail(w, "I4: an honest peer is taken for two", a->to[31], a->first);
}

/* --- what clients are told --- */

/* The core says that heights are decided: all of them once, in order, certified, and safe from a crash. */
void
check_told(World *w, Node *node, uint64_t first, uint64_t last)
{
	if (w->tainted[node->identity])
		return;
	if (first != node->reported + 1 || last < first)
		world_fail(w, "I2: heights are not told one after the other", node->index, first);
	if (last > node->disk.height)
	{
		world_fail(w, "I2: a height is told before it is durable", node->index, last);
		return;
	}
	for (uint64_t h = first; h <= last; h++)
	{
		const W4Cert *cert = &node->chain[h].cert;

		if (cert->height != h || !w4_hash_eq(cert->hash, w->blocks[node->chain[h].block].hash) ||
			!w4_cert_verify(cert, W4_COMMIT, w->chain_id, check_members(w, h), &fake_suite, NULL, NULL))
			world_fail(w, "I8: a height is told without a certificate", node->index, h);
	}
	node->reported = last;
}

/* What a peer finds when it starts again. */
void
check_kept(World *w, Node *node)
{
	if (node->disk.height < node->reported && !node->restored && !w->tainted[node->identity])
		world_fail(w, "I2: a block shown to a client is gone", node->index, node->reported);
	node->reported = node->disk.height;
}

/* --- at the end --- */

void
check_node(World *w, Node *node)
{
	if (!node->exists || !node->up || w->tainted[node->identity])
		return;
	if (node->pending_n == 0 && node->reported != node->disk.height)
		world_fail(w, "I2: clients were not told of all that is decided", node->index, node->reported);
	if (node->app.full)
		ledger_audit(w, node);
	for (uint64_t h = node->base + 1; h <= node->disk.height; h++)
		if (node->chain[h].block != w->canonical[h])
			world_fail(w, "I5: another chain at the end", node->index, h);
}
