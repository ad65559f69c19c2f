/*-------------------------------------------------------------------------
 *
 * book.c
 *		What the chain has punished, counted again (consensus spec 3.11, 5.7 L3).
 *
 * Reads the blocks as they are decided and keeps a book of its own: evidence
 * counts once, nobody honest is ever struck, a struck peer does not propose,
 * the third strike puts its peer out two heights later, and the set of members
 * changes for no other reason than a change that was proposed.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

#define MAX_OFFENCES 256

typedef struct Culprit
{
	int			strikes;
	uint64_t	third;			/* height of the block that brought the third strike */
	uint64_t	due;			/* height whose block must announce it out, behind what stood in the queue */
	uint64_t	watched;		/* it may not propose since this height; 0: it may */
	uint64_t	accused_at;		/* height of that strike: one a height */
} Culprit;

/* Whom an identity has accused, oldest first, since the last strike for it. */
typedef struct Words
{
	int			n;
	uint8_t		about[W4_ACCUSATIONS_EACH];
} Words;

typedef struct Book
{
	W4Conviction offence[MAX_OFFENCES];
	int			offences;
	Culprit		culprit[MAX_IDS];
	Words		words[MAX_IDS];
	bool		change_done[MAX_CHANGES];
	bool		shrunk;			/* some member is gone: fewer votes may be a quorum by now */
} Book;

static Book book;
static Book last_page;			/* the book without the newest block */

void
book_reset(void)
{
	memset(&book, 0, sizeof(book));
}

void
book_keep(void)
{
	last_page = book;
}

void
book_undo(void)
{
	book = last_page;
}

/* --- strikes --- */

static void
strike(World *w, int identity, uint64_t height)
{
	Culprit    *c = &book.culprit[identity];

	if (!w->tainted[identity])
		world_fail(w, "I4: an honest peer is struck", identity, height);
	w->strikes++;
	c->watched = height;
	if (++c->strikes == W4_STRIKES)
		c->third = height;
}

/* The bytes were judged by a quorum; only whom they name is read here. */
static bool
believe(void *arg, const W4Block *block)
{
	(void) arg;
	(void) block;
	return true;
}

static void
read_evidence(World *w, W4Slice item, uint64_t height)
{
	const W4Members *set = check_members(w, w4_evidence_height(item));
	W4EvidenceContext context = {w->chain_id, set, &fake_suite, believe, NULL, NULL};
	W4Conviction k;

	if (w4_evidence_height(item) > height || !w4_evidence_check(&k, item, &context, NULL))
	{
		world_fail(w, "I3: evidence that proves nothing was committed", -1, height);
		return;
	}
	for (int i = 0; i < book.offences; i++)
		if (same_offence(&book.offence[i], &k))
			world_fail(w, "I3: evidence was committed twice", k.id[31], height);
	if (book.offences == MAX_OFFENCES)
		abort();
	book.offence[book.offences++] = k;
	w->committed[k.form]++;
	strike(w, k.id[31], height);
}

/* Who has left since does not count. */
static uint64_t
identities_of(const W4Members *set)
{
	uint64_t	mask = 0;

	for (int i = 0; i < set->n; i++)
		mask |= w4_mask_bit(set->m[i].id[31]);
	return mask;
}

/* --- accusations --- */

/* A word is taken once, and pushes out its speaker's oldest when there are too many (strikes.h). */
static bool
note_word(int accuser, int accused)
{
	Words	   *w = &book.words[accuser];

	for (int i = 0; i < w->n; i++)
		if (w->about[i] == accused)
			return false;
	if (w->n == W4_ACCUSATIONS_EACH)
		memmove(&w->about[0], &w->about[1], (size_t) --w->n * sizeof(w->about[0]));
	w->about[w->n++] = (uint8_t) accused;
	return true;
}

static int
accusers_of(int accused, uint64_t among)
{
	int			n = 0;

	for (int i = 0; i < MAX_IDS; i++)
		for (int k = 0; w4_mask_has(among, (unsigned) i) && k < book.words[i].n; k++)
			n += book.words[i].about[k] == accused;
	return n;
}

static void
forget_words(int accused)
{
	for (int i = 0; i < MAX_IDS; i++)
	{
		int			kept = 0;

		for (int k = 0; k < book.words[i].n; k++)
			if (book.words[i].about[k] != accused)
				book.words[i].about[kept++] = book.words[i].about[k];
		book.words[i].n = kept;
	}
}

/* Said before: nothing is counted, not even when f has become smaller since. */
static void
read_accusation(World *w, int accuser, int accused, const W4Members *set, uint64_t height)
{
	Culprit    *c = &book.culprit[accused];
	uint64_t	both = w4_mask_bit((unsigned) accuser) | w4_mask_bit((unsigned) accused);

	if ((both & ~identities_of(set)) != 0 || !note_word(accuser, accused) ||
		accusers_of(accused, identities_of(set)) <= w4_faulty(set->n))
		return;
	forget_words(accused);
	if (c->accused_at == height)
		return;
	c->accused_at = height;
	w->accused_strikes++;
	strike(w, accused, height);
}

/* In either of the two forms, see app.h. */
static void
read_tx(World *w, W4Slice item, const W4Members *set, uint64_t height)
{
	W4Tx		tx;

	if (!w->full)
	{
		if (item.len == 12)
			read_accusation(w, item.data[8], item.data[9], set, height);
		return;
	}
	if (!w4_tx_decode(&tx, item, NULL) || tx.kind != W4_TX_ACCUSE)
		return;
	for (int i = 0; i < set->n; i++)
		if (memcmp(set->m[i].key, tx.key, 32) == 0)
			read_accusation(w, set->m[i].id[31], tx.subject[31], set, height);
}

/* --- the rota --- */

/*
 * A struck peer has no turn in view 0 until it has signed n blocks, or had a
 * turn when all members have one, in a later view.
 */
static void
watch_rota(World *w, const W4Block *block, const W4Cert *cert, const W4Tip *before)
{
	const W4Members *set = &before->members[1];
	uint64_t	height = block->header.height;
	Culprit    *c = &book.culprit[block->header.proposer[31]];
	W4Reader	r = w4_reader(block->last_commit);
	W4Cert		last = {0};

	if (height > 1)
		w4_cert_read(&last, &r, w->chain_id);
	for (int i = 0; last.view > 0 && i < MAX_IDS; i++)
		if (book.culprit[i].watched < height - 1)
			book.culprit[i].watched = 0;
	if (c->watched == 0)
		return;
	if (cert->view == 0 && height < c->watched + set->n && before->rota.skipped != w4_mask_all(set->n))
		world_fail(w, "L3: a struck peer proposes", block->header.proposer[31], height);
	c->watched = 0;
}

void
book_block(World *w, const W4Block *block, const W4Cert *cert, const W4Tip *before)
{
	uint64_t	height = block->header.height;
	size_t		pos = 0;
	W4Slice		item;

	watch_rota(w, block, cert, before);
	while (w4_block_next_item(block->txs, &pos, &item))
		read_tx(w, item, &before->members[1], height);
	pos = 0;
	while (w4_block_next_item(block->evidence, &pos, &item))
		read_evidence(w, item, height);
}

/* --- members --- */

static bool
member(const W4Members *set, int identity)
{
	uint8_t		id[32];

	member_id(id, identity);
	return w4_members_find(set, id) != W4_NO_MEMBER;
}

/* Whose presence or key differs; -1 for nobody's. */
static int
changed_identity(const W4Members *a, const W4Members *b)
{
	for (int i = 0; i < MAX_IDS; i++)
	{
		uint8_t		id[32];
		int			x;
		int			y;

		member_id(id, i);
		x = w4_members_find(a, id);
		y = w4_members_find(b, id);
		if ((x == W4_NO_MEMBER) != (y == W4_NO_MEMBER) ||
			(x != W4_NO_MEMBER && !w4_hash_eq(a->m[x].key, b->m[y].key)))
			return i;
	}
	return -1;
}

/* Is there a change that asks for just this, and has not been done? */
static bool
asked_for(const World *w, int identity, W4MotionKind kind)
{
	for (int i = 0; i < w->faults.changes; i++)
		if (!book.change_done[i] && w->change[i].identity == identity && w->change[i].kind == kind &&
			(w->change[i].agreed || book.shrunk) && w->change[i].tx < w->submitted)
		{
			book.change_done[i] = true;
			return true;
		}
	return false;
}

/* How many stand in the queue, or may: ejections due and changes not done. */
static int
waiting(const World *w, const W4Members *next)
{
	int			n = 0;

	for (int i = 0; i < MAX_IDS; i++)
		n += book.culprit[i].third != 0 && member(next, i);
	for (int i = 0; i < w->faults.changes; i++)
		n += !book.change_done[i];
	return n;
}

static void
check_ejected(World *w, uint64_t height, const W4Members *now, const W4Members *next, const W4Members *after)
{
	bool		busy = !w4_hash_eq(now->hash, next->hash);

	for (int i = 0; i < MAX_IDS; i++)
	{
		Culprit    *c = &book.culprit[i];

		if (c->third == height)
			c->due = height + 2 * (uint64_t) (waiting(w, next) - 1) + busy;
		if (c->third != 0 && height >= c->due && next->n > 1 && member(next, i) && member(after, i))
			world_fail(w, "L3: a peer with three strikes is not out two heights later", i, height);
	}
}

/* "after" are the members two heights after "height", as its block leaves them. */
void
book_members(World *w, uint64_t height, const W4Members *now, const W4Members *next, const W4Members *after)
{
	int			identity = changed_identity(next, after);
	W4MotionKind kind = W4_MOTION_ROTATE;

	check_ejected(w, height, now, next, after);
	if (identity < 0)
		return;
	if (member(next, identity) != member(after, identity))
		kind = member(after, identity) ? W4_MOTION_ADD : W4_MOTION_REMOVE;
	if (!w4_hash_eq(now->hash, next->hash))
		world_fail(w, "I6: a change of members while another is under way", identity, height);
	book.shrunk = book.shrunk || kind == W4_MOTION_REMOVE;
	if (kind == W4_MOTION_REMOVE && book.culprit[identity].third != 0)
	{
		w->ejected++;
		w->out[identity] = height + 2;
	}
	else if (asked_for(w, identity, kind))
		w->changed++;
	else
		world_fail(w, "I6: members change and nobody asked for it", identity, height);
}
