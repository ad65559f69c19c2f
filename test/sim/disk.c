/*-------------------------------------------------------------------------
 *
 * disk.c
 *		What a node has written, what of it is there after a crash.
 *
 * Writes happen whole and in order, some time after they were asked for.  A
 * crash may lose the last ones; a full disk refuses them; bits may flip, and
 * an operator may put a backup back.
 *
 *-------------------------------------------------------------------------
 */
#include "sim.h"

/* --- writing --- */

/* Most of a record and a tip is room for members and signatures that are not there. */
static void
copy_record(W4Record *to, const W4Record *from)
{
	memcpy(to, from, offsetof(W4Record, prepared));
	w4_cert_copy(&to->prepared, &from->prepared);
	memcpy(to->accepted, from->accepted, sizeof(to->accepted));
}

static void
copy_tip(W4Tip *to, const W4Tip *from)
{
	memcpy(to, from, offsetof(W4Tip, members));
	for (int i = 0; i < 3; i++)
		memcpy(&to->members[i], &from->members[i], offsetof(W4Members, m) + from->members[i].n * sizeof(W4Member));
	w4_cert_copy(&to->cert, &from->cert);
}

void
disk_write(World *w, Node *node, const W4Persist *p)
{
	Write	   *wr;
	bool		queued = false;

	/* A full queue: the last write takes the new one in, and is done no sooner. */
	if (node->pending_n == PENDING_WRITES)
		wr = &node->pending[(node->pending_at + node->pending_n - 1) % PENDING_WRITES];
	else
	{
		wr = &node->pending[(node->pending_at + node->pending_n++) % PENDING_WRITES];
		wr->parts = 0;
		wr->has_signed = false;
		queued = true;
	}
	wr->token = p->token;
	wr->parts |= p->parts;
	wr->has_signed |= p->has_signed;
	wr->height = node->height;
	copy_record(&wr->record, p->record);
	if ((wr->parts & W4_PART_TIP) != 0)
		copy_tip(&wr->tip, p->tip);
	if ((wr->parts & W4_PART_PROPOSAL) != 0)
	{
		if (p->proposal.len > sizeof(wr->proposal))
			abort();
		wr->proposal_len = p->proposal.len;
		memcpy(wr->proposal, p->proposal.data, p->proposal.len);
	}
	if ((wr->parts & W4_PART_PREPARED_BODY) != 0)
	{
		wr->body_len = p->prepared_body.len;
		if (wr->body_len > 0)
			memcpy(wr->body, p->prepared_body.data, p->prepared_body.len);
	}
	if (queued && w->faults.disk_max > 0)
		event_push(w, (Event) {.at = w->now + rng_between(&w->rng, 0, w->faults.disk_max), .kind = EVENT_WRITTEN, .node = node->index, .life = node->life});
}

/* The oldest write reaches the disk. */
void
disk_written(World *w, Node *node)
{
	Disk	   *d = &node->disk;
	const Write *wr = &node->pending[node->pending_at];
	W4Event		e = {.kind = W4_EV_PERSISTED};

	if (node->pending_n == 0)
		return;
	d->ever = true;
	node->damage = UNDAMAGED;
	for (uint64_t h = d->height + 1; h <= wr->height; h++)
		check_durable(w, node, h);
	d->height = wr->height;
	copy_record(&d->record, &wr->record);
	if ((wr->parts & W4_PART_TIP) != 0)
		copy_tip(&d->tip, &wr->tip);
	if ((wr->parts & W4_PART_PROPOSAL) != 0)
	{
		d->proposal_len = wr->proposal_len;
		memcpy(d->proposal, wr->proposal, wr->proposal_len);
	}
	if ((wr->parts & W4_PART_PREPARED_BODY) != 0)
	{
		d->body_len = wr->body_len;
		memcpy(d->body, wr->body, wr->body_len);
	}
	d->log_ever = true;
	if (wr->has_signed)
		d->log = wr->record.signed_last;
	e.token = wr->token;
	node->pending_at = (node->pending_at + 1) % PENDING_WRITES;
	node->pending_n--;
	if (node->up)
		node_step(w, node, &e);
}

bool
disk_full(const World *w, const Node *node)
{
	return w->now < node->disk_full_until;
}

/* Writes under way may or may not have happened; each one whole, in order. */
void
disk_settle(World *w, Node *node)
{
	while (node->pending_n > 0 && !disk_full(w, node) && rng_hit(&w->rng, 1000000 - w->faults.lose_tail))
		disk_written(w, node);
	node->pending_n = 0;
}

/* --- losing --- */

/*
 * An old backup is put back (F25).  Such a peer abstains for a while, so it
 * counts among the f.
 */
void
node_set_back(World *w, Node *node, SetBack how)
{
	W4Position	log = node->disk.log;

	if (w->verbose)
		printf("%10.6f node %d is set back from height %llu to %llu, %s\n", (double) w->now / US_PER_S, node->index,
			   (unsigned long long) node->disk.height, (unsigned long long) node->backup.height,
			   how == LOG_KEPT ? "log kept" : how == LOG_LOST ? "log lost" : "log as well");
	node->disk = node->backup;
	if (how != LOG_SET_BACK)
	{
		node->disk.log = log;
		node->disk.log_ever = how == LOG_KEPT;
	}
	node->restored = true;

	check_remembered(node);

	/* A backup of this very moment forgets nothing. */
	if (how == LOG_LOST || w4_position_cmp(log, node->disk.record.signed_last) > 0)
		node->forgot_until = node->voted;
}

/* Bits have flipped somewhere; it will be found at the next start. */
static void
damage(World *w, Node *node)
{
	node->damage = (Damage) (1 + rng_below(&w->rng, DAMAGES - 1));
	if ((node->damage == DAMAGED_PROPOSAL && node->disk.proposal_len == 0) ||
		(node->damage == DAMAGED_BODY && node->disk.body_len == 0) ||
		(node->damage == DAMAGED_BLOCK && node->disk.height == 0))
		node->damage = DAMAGED_RECORD;
	node->restored = true;
	if (node->damage == DAMAGED_RECORD)
		node->forgot_until = node->voted;
	w->damages++;
	w->damaged[node->damage]++;
	if (w->verbose)
		printf("%10.6f node %d: damage %d\n", (double) w->now / US_PER_S, node->index, (int) node->damage);
}

/* At a crash.  Whoever loses a part of its disk counts among the f, once. */
void
disk_hurt(World *w, Node *node)
{
	if (w->healed || node->villainy != HONEST || node->restored || !node->disk.ever || w->liars >= w4_faulty(w->n))
		return;
	if (node->backup.ever && rng_hit(&w->rng, w->faults.restore))
	{
		w->liars++;
		node_set_back(w, node, rng_hit(&w->rng, 500000) ? LOG_KEPT : LOG_LOST);
	}
	else if (rng_hit(&w->rng, w->faults.damage))
	{
		w->liars++;
		damage(w, node);
	}
}

/* --- reading --- */

static void
flip(World *w, uint8_t *bytes, size_t len)
{
	bytes[rng_below(&w->rng, len)] ^= (uint8_t) (1 << rng_below(&w->rng, 8));
}

/*
 * The host looks at its newest block before it goes on.  When that is not the
 * one the tip names, nothing in the database can be believed; what is left is
 * the genesis, and the log of signatures.
 */
static void
void_database(World *w, Node *node)
{
	const Stored *s = &w->blocks[node->chain[node->disk.height].block];
	uint8_t		wire[MAX_BLOCK];
	W4Block		block;

	memcpy(wire, s->wire, s->len);
	flip(w, wire, s->len);
	if (w4_block_decode(&block, w4_slice(wire, s->len), w->chain_id, MAX_BLOCK, NULL) && w4_hash_eq(block.hash, node->disk.tip.hash) &&
		memcmp(block.last_commit.data, s->wire + (block.last_commit.data - wire), block.last_commit.len) == 0)
		world_fail(w, "F11: a damaged block goes unnoticed", node->index, node->disk.height);
	node->disk.ever = false;
	node->base = 0;
	node->disk.height = 0;
	node->disk.proposal_len = 0;
	node->disk.body_len = 0;
	app_genesis(w, &node->app);
	app_genesis_tip(w, &node->app, &node->disk.tip);
	node->forgot_until = node->voted;
}

/* What the peer finds; the slices stay valid until the next call. */
void
disk_read(World *w, Node *node, W4Start *start)
{
	static uint8_t record[W4_RECORD_WIRE_MAX];
	static uint8_t proposal[MESSAGE_CAP / 2];
	static uint8_t body[MAX_BLOCK];
	W4Writer	rw = w4_writer(record, sizeof(record));
	Disk	   *d = &node->disk;

	if (node->damage == DAMAGED_BLOCK && d->height > 0)
		void_database(w, node);
	start->log_present = (d->log_ever || start->fresh) && node->damage != DAMAGED_LOG;
	start->log = d->log;
	if (d->ever)
	{
		w4_record_put(&rw, &d->record, w->chain_id);
		memcpy(proposal, d->proposal, d->proposal_len);
		memcpy(body, d->body, d->body_len);
		if (node->damage == DAMAGED_RECORD)
			flip(w, record, rw.len);
		if (node->damage == DAMAGED_PROPOSAL)
			flip(w, proposal, d->proposal_len);
		if (node->damage == DAMAGED_BODY)
			flip(w, body, d->body_len);
		start->record = w4_slice(record, rw.len);
		start->proposal = w4_slice(proposal, d->proposal_len);
		start->prepared_body = w4_slice(body, d->body_len);
	}
}
