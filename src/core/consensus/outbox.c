/*-------------------------------------------------------------------------
 *
 * outbox.c
 *		Messages that wait until what they depend on is durable.
 *
 * Every message of a step is stamped with the newest PERSIST at the end of that
 * step, and leaves when the host has acknowledged it: the wrong order cannot
 * be written by accident, here or in a host.  Votes are kept as bytes; longer
 * messages are put together when they leave, provided that what they were meant
 * to tell is still true and durable, or not at all: the network may lose them
 * as well.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

/*
 * Is there room for what may be asked for again?  The last places are kept for
 * own votes and what they rest on, and one peer may not take those of all.
 */
static bool
room_to_spare(const W4Consensus *c, const uint8_t *to)
{
	int			waiting = 0;

	for (unsigned i = 0; to != NULL && i < c->out_count; i++)
	{
		const W4Out *o = &c->outbox[(c->out_head + i) % W4_OUTBOX];

		waiting += !o->all && w4_hash_eq(o->to, to);
	}
	return waiting < W4_OUTBOX_ONE && c->out_count < W4_OUTBOX - W4_OUTBOX_OWN;
}

W4Out *
w4_send(W4Consensus *c, const uint8_t *to, W4OutKind kind)
{
	W4Out	   *o;

	if ((to != NULL || kind == W4_OUT_STATUS) && !room_to_spare(c, to))
	{
		w4_drop(c, W4_DROP_NO_ROOM);
		return &c->nowhere;
	}
	if (c->out_count == W4_OUTBOX)
	{
		/* So many own ones wait for one flush that the oldest is stale, or somebody else's. */
		w4_drop(c, W4_DROP_NO_ROOM);
		c->out_head = (c->out_head + 1) % W4_OUTBOX;
		c->out_count--;
	}
	o = &c->outbox[(c->out_head + c->out_count++) % W4_OUTBOX];
	o->kind = kind;
	o->stamp = W4_NO_STAMP;
	o->height = c->rec.height;
	o->all = to == NULL;
	if (to != NULL)
		w4_hash_copy(o->to, to);
	return o;
}

void
w4_send_bytes(W4Consensus *c, const uint8_t *to, const W4Writer *w)
{
	W4Out	   *o = w4_send(c, to, W4_OUT_BYTES);

	o->len = (uint16_t) w->len;
	memcpy(o->bytes, w->buf, w->len);
}

void
w4_send_vote(W4Consensus *c, const uint8_t *to, const W4Vote *vote)
{
	uint8_t		bytes[W4_VOTE_WIRE_LEN];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_vote_put(&w, vote, c->cfg.chain_id);
	w4_send_bytes(c, to, &w);
}

void
w4_outbox_stamp(W4Consensus *c)
{
	for (unsigned i = c->out_count; i-- > 0;)
	{
		W4Out	   *o = &c->outbox[(c->out_head + i) % W4_OUTBOX];

		if (o->stamp != W4_NO_STAMP)
			return;
		o->stamp = c->token;
	}
}

/* --- putting together --- */

static W4Writer
scratch_writer(W4Consensus *c)
{
	return w4_writer(c->scratch + c->scratch_used, sizeof(c->scratch) - c->scratch_used);
}

static W4Slice
scratch_keep(W4Consensus *c, const W4Writer *w)
{
	c->scratch_used += w->len;
	return w4_slice(w->buf, w->len);
}

/* A block is told of once a crash cannot take it back. */
static bool
height_durable(const W4Consensus *c)
{
	return c->durable >= c->height_token;
}

static void
put_status(W4Consensus *c, const W4Out *o, W4Writer *w)
{
	W4Report	report;
	W4Vote		vote = {W4_STATUS, (uint16_t) c->me, c->rec.view, c->rec.height, {0}, {0}, {0}};
	uint8_t		bytes[W4_VOTE_BYTES];

	if (c->me == W4_NO_MEMBER || !height_durable(c))
		return;
	w4_status_fill(c, &report);
	/* Only what goes to all asks for answers, else two peers that start would answer each other for ever. */
	if (!o->all)
		report.flags &= (uint8_t) ~W4_REPORT_ASKING;
	if (o->kind == W4_OUT_ANSWER)
	{
		int			peer = w4_members_find(w4_set(c), o->to);

		report.flags |= W4_REPORT_ANSWER;
		memcpy(report.echo, o->hash, 16);
		if (peer != W4_NO_MEMBER && c->peer[peer].seen.kind != 0)
		{
			report.flags |= W4_REPORT_SEEN;
			report.seen = c->peer[peer].seen;
		}
		if (c->tip.height > 0)
		{
			report.flags |= W4_REPORT_TIP;
			w4_cert_copy(&report.tip, &c->tip.cert);
		}
	}
	w4_hash_copy(vote.hash, c->tip.hash);
	w4_report_hash(vote.extra, &report, c->cfg.chain_id);
	w4_vote_bytes(bytes, &vote, c->cfg.chain_id);
	if (c->cfg.host.sign(c->cfg.host.arg, vote.signature, bytes, sizeof(bytes)))
		w4_status_put(w, &vote, &report, c->cfg.chain_id);
}

/* The height has not moved since the message was meant to be sent. */
static bool
of_its_height(const W4Consensus *c, const W4Out *o)
{
	return c->rec.height == o->height || W4_BUG(LATE_HEIGHT);
}

static void
put_view_change(W4Consensus *c, const W4Out *o, W4Writer *w)
{
	W4ViewChange vc;

	if (c->rec.mode != W4_CHANGING || c->rec.view_change.vote.kind == 0 ||
		c->rec.view_change.vote.view != o->view || !of_its_height(c, o))
		return;
	vc.s = c->rec.view_change;
	if (vc.s.prepared_view != W4_NOTHING_PREPARED)
		w4_cert_copy(&vc.prepared, &c->rec.prepared);
	w4_vc_put(w, &vc, c->cfg.chain_id);
}

static void
put_body_head(W4Consensus *c, const W4Block *block, W4Writer *w)
{
	w4_prefix_put(w, W4_BODY, c->rec.height, c->cfg.chain_id);
	w4_put_u32be(w, (uint32_t) block->wire.len);
}

/* The bytes of a message, in up to two parts; nothing when it is no longer true. */
static bool
compose(W4Consensus *c, W4Out *o, W4Slice part[2], bool *room)
{
	W4Writer	w = scratch_writer(c);
	const W4Held *held = &c->held[W4_HELD_PROPOSAL];
	const W4Block *block;

	part[0] = part[1] = w4_slice(NULL, 0);
	switch (o->kind)
	{
		case W4_OUT_BYTES:
			w4_put(&w, o->bytes, o->len);
			break;
		case W4_OUT_PROPOSAL:
			if (held->full && held->p.vote.kind != 0 && held->p.vote.view == o->view && of_its_height(c, o))
				part[0] = w4_slice(held->buf, held->len);
			return part[0].len > 0;
		case W4_OUT_VIEW_CHANGE:
			put_view_change(c, o, &w);
			break;
		case W4_OUT_STATUS:
		case W4_OUT_ANSWER:
			put_status(c, o, &w);
			break;
		case W4_OUT_COMMITTED:
			if (!height_durable(c))
				return false;
			w4_prefix_put(&w, W4_COMMITTED, c->tip.height, c->cfg.chain_id);
			w4_cert_put(&w, &c->tip.cert, c->cfg.chain_id);
			break;
		case W4_OUT_BODY:
			block = w4_body_of(c, o->hash);
			if (block == NULL)
				return false;
			put_body_head(c, block, &w);
			part[1] = block->wire;
			break;
		case W4_OUT_EVIDENCE:
			if (o->serial == c->evidence_serial)
				part[0] = w4_slice(c->found, c->evidence_len);
			return part[0].len > 0;
		case W4_OUT_BLOCKS:
			return true;
	}
	*room = !w.full;
	if (w.full || w.len == 0)
		return false;
	part[0] = scratch_keep(c, &w);
	return true;
}

/* First come, first out, as far as durable and as far as there is room in this step. */
void
w4_outbox_release(W4Consensus *c)
{
	while (c->out_count > 0 && c->out->n < W4_MAX_ACTIONS - 1)
	{
		W4Out	   *o = &c->outbox[c->out_head];
		W4Slice		part[2];
		bool		room = true;

		if (o->stamp > c->durable && !W4_BUG(SEND_EARLY))
			return;
		if (compose(c, o, part, &room))
		{
			W4Action   *a = w4_act(c, o->kind == W4_OUT_BLOCKS ? W4_ACT_SEND_BLOCKS : W4_ACT_SEND);

			a->to = o->all ? NULL : o->to;
			a->first = o->first;
			a->last = o->last;
			a->part[0] = part[0];
			a->part[1] = part[1];
		}
		else if (!room)
			return;
		c->out_head = (c->out_head + 1) % W4_OUTBOX;
		c->out_count--;
	}
}

/* --- telling the host --- */

/*
 * What is decided is told once it is durable: every height, in order, whatever
 * becomes of messages.  One height is waited for at a time, so that a disk that
 * is always a write behind does not put this off for ever.
 */
void
w4_tell_decided(W4Consensus *c)
{
	uint64_t	last = c->told;
	W4Action   *a;

	while (c->tip.height > last)
	{
		if (c->tell <= last)
		{
			c->tell = c->tip.height;
			c->tell_token = c->height_token;
		}
		if (c->durable < c->tell_token && !W4_BUG(DECIDED_EARLY))
			break;
		last = c->tell;
	}
	if (last == c->told)
		return;
	a = w4_act(c, W4_ACT_DECIDED);
	a->first = c->told + 1;
	a->last = last;
	c->told = last;
}
