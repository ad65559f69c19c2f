/*-------------------------------------------------------------------------
 *
 * step.c
 *		One step: an event, then what is due, then what must be written and sent.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

/* --- memory --- */

static size_t
aligned(size_t n)
{
	return (n + 63) & ~(size_t) 63;
}

static size_t
held_bytes(const W4Config *cfg)
{
	return W4_VOTE_WIRE_LEN + 1 + (size_t) cfg->max_members * W4_VC_WIRE_MAX + 4 + cfg->max_block;
}

static size_t
marks_bytes(const W4Config *cfg)
{
	return (size_t) cfg->max_members * sizeof(W4Mark);
}

size_t
w4_consensus_size(const W4Config *cfg)
{
	return aligned(sizeof(W4Consensus)) + 2 * aligned(sizeof(W4Tally)) +
		2 * W4_VIEW_SLOTS * 2 * aligned(marks_bytes(cfg)) +
		aligned((size_t) cfg->max_members * sizeof(W4ViewChange)) +
		W4_HELD_SLOTS * aligned(held_bytes(cfg));
}

static void *
carve(uint8_t **at, size_t n)
{
	void	   *p = *at;

	*at += aligned(n);
	return p;
}

static void
init_tally(W4Tally *t, uint8_t **at, const W4Config *cfg)
{
	memset(t, 0, sizeof(*t));
	for (int i = 0; i < W4_VIEW_SLOTS; i++)
	{
		t->round[i].prepare.mark = carve(at, marks_bytes(cfg));
		t->round[i].commit.mark = carve(at, marks_bytes(cfg));
	}
}

W4Consensus *
w4_consensus_init(void *memory, const W4Config *cfg)
{
	uint8_t    *at = memory;
	W4Consensus *c = carve(&at, sizeof(W4Consensus));

	memset(c, 0, offsetof(W4Consensus, scratch));
	memset(&c->timer, 0, offsetof(W4Consensus, evidence) - offsetof(W4Consensus, timer));
	c->verified = 0;
	memset(c->dropped, 0, sizeof(c->dropped));
	c->cfg = *cfg;
	c->me = W4_NO_MEMBER;
	c->held_cap = held_bytes(cfg);
	c->found = c->evidence[0];
	c->finding = c->evidence[1];
	for (int i = 0; i < 2; i++)
	{
		c->tally[i] = carve(&at, sizeof(W4Tally));
		init_tally(c->tally[i], &at, cfg);
	}
	c->vc = carve(&at, (size_t) cfg->max_members * sizeof(W4ViewChange));
	for (int i = 0; i < W4_HELD_SLOTS; i++)
		c->held[i].buf = carve(&at, c->held_cap);
	return c;
}

void
w4_config_defaults(W4Config *out)
{
	memset(out, 0, sizeof(*out));
	out->suite = w4_suite_ed25519;
	out->max_members = W4_MAX_MEMBERS;
	out->max_block = W4_MAX_BLOCK_BYTES;
	out->view_timeout = INT64_C(30000000);
	out->view_timeout_max = INT64_C(480000000);
	out->proposer_grace = 1000000;
	out->resend_min = 500000;
	out->resend_max = 5000000;
	out->precision = 2000000;
	out->message_delay = 10000000;
}

/* --- small steps that all files share --- */

/* Kept below W4_MAX_ACTIONS: a step gives few actions beside the messages, which stop earlier. */
W4Action *
w4_act(W4Consensus *c, W4ActionKind kind)
{
	W4Action   *a = &c->out->a[c->out->n < W4_MAX_ACTIONS ? c->out->n++ : W4_MAX_ACTIONS - 1];

	a->kind = kind;
	return a;
}

/* About this member, also when a block that is decided later in the step gives its place to another. */
static void
name(W4Action *a, const uint8_t id[32])
{
	w4_hash_copy(a->named, id);
	a->to = a->named;
}

void
w4_alarm(W4Consensus *c, W4Alarm alarm, const uint8_t *to, uint64_t height)
{
	W4Action   *a = w4_act(c, W4_ACT_ALARM);

	a->alarm = alarm;
	a->to = NULL;
	if (to != NULL)
		name(a, to);
	a->first = height;
}

bool
w4_may_sign(const W4Consensus *c)
{
	return c->started && !c->halted && !c->rec.rejoining && c->me != W4_NO_MEMBER &&
		c->rec.height >= c->rec.no_sign_below && c->rec.height > c->proven.height;
}

/* The only place where something binding is signed; the record knows the newest position. */
bool
w4_sign_vote(W4Consensus *c, W4Vote *vote)
{
	uint8_t		bytes[W4_VOTE_BYTES];
	W4Position	at = w4_vote_position(vote);

	w4_vote_bytes(bytes, vote, c->cfg.chain_id);
	if (!c->cfg.host.sign(c->cfg.host.arg, vote->signature, bytes, sizeof(bytes)))
		return false;
	if (w4_position_cmp(at, c->rec.signed_last) > 0)
		c->rec.signed_last = at;
	c->has_signed = true;
	c->voted_at = c->now.mono;
	w4_dirty(c, W4_PART_RECORD);
	return true;
}

/*
 * Verify a vote of a member of "set".  A bad one counts against whose channel
 * it came over ("from" is an index in members(height), or W4_NO_MEMBER), not
 * against whom it names: nobody honest sends, or passes on, what does not verify.
 */
bool
w4_check_vote(W4Consensus *c, int from, const W4Vote *vote, const W4Members *set)
{
	c->verified++;
	if (w4_vote_verify(vote, c->cfg.chain_id, set, &c->cfg.suite))
		return true;
	w4_strike(c, from, W4_DROP_BAD_SIGNATURE);
	return false;
}

/* Misbehaviour without proof: three within a thousand blocks, and the host may accuse. */
void
w4_strike(W4Consensus *c, int peer, W4Drop reason)
{
	W4Peer	   *p;

	w4_drop(c, reason);
	if (peer == W4_NO_MEMBER)
		return;
	p = &c->peer[peer];
	if (p->strikes == 0 || c->rec.height - p->first_strike > 1000)
	{
		p->strikes = 0;
		p->first_strike = c->rec.height;
	}
	if (++p->strikes == W4_STRIKES)
	{
		name(w4_act(c, W4_ACT_ACCUSE), p->id);
		p->strikes = 0;
	}
}

/* No honest peer sends what cannot be read, and channels keep messages whole. */
void
w4_malformed(W4Consensus *c, const uint8_t *from)
{
	w4_strike(c, w4_members_find(w4_set(c), from), W4_DROP_MALFORMED);
}

int64_t
w4_timeout(const W4Consensus *c, uint32_t view)
{
	int64_t		t = c->cfg.view_timeout;

	for (uint32_t i = 0; i < view && t < c->cfg.view_timeout_max; i++)
		t *= 2;
	return t < c->cfg.view_timeout_max ? t : c->cfg.view_timeout_max;
}

void
w4_arm(W4Consensus *c)
{
	if (c->deadline != 0)
		return;
	c->deadline = c->now.mono + w4_timeout(c, c->rec.view);
	c->work_since = c->now.mono;
	w4_status_soon(c);
}

/* The timer of a view runs only when there is work: an idle network changes no views. */
void
w4_arm_if_work(W4Consensus *c)
{
	if (c->rec.mode == W4_NORMAL && (c->work || !w4_hash_is_zero(c->rec.accepted)))
		w4_arm(c);
}

/* What was to be done is done otherwise, or void: nothing is waited for any more. */
static void
disarm_if_idle(W4Consensus *c)
{
	if (c->work || c->rec.mode != W4_NORMAL || c->rec.view > 0 || !w4_hash_is_zero(c->rec.accepted))
		return;
	c->deadline = 0;
	c->suspect = false;
}

/* --- events --- */

static void
on_message(W4Consensus *c, const uint8_t *from, W4Slice message)
{
	int			peer = w4_members_find(w4_set(c), from);
	W4Prefix	prefix;

	if (!w4_prefix_read(&prefix, message, c->cfg.chain_id, NULL))
	{
		w4_strike(c, peer, W4_DROP_MALFORMED);
		return;
	}
	if (peer != W4_NO_MEMBER)
		c->peer[peer].heard = c->now.mono;
	switch (prefix.kind)
	{
		case W4_PRE_PREPARE:
		case W4_NEW_VIEW:
			w4_on_proposal(c, from, message);
			break;
		case W4_PREPARE:
		case W4_COMMIT:
			w4_on_vote(c, from, message);
			break;
		case W4_VIEW_CHANGE:
			w4_on_view_change(c, from, message);
			break;
		case W4_STATUS:
			w4_on_status(c, from, message);
			break;
		case W4_FETCH_PROPOSAL:
			w4_on_fetch_proposal(c, from, message, prefix.height);
			break;
		case W4_FETCH_BODY:
			w4_on_fetch_body(c, from, message, prefix.height);
			break;
		case W4_BODY:
			w4_on_body(c, peer, message, prefix.height);
			break;
		case W4_FETCH_BLOCKS:
			w4_on_fetch_blocks(c, from, message, prefix.height);
			break;
		case W4_BLOCKS:
			w4_on_blocks(c, peer, message, prefix.height);
			break;
		case W4_COMMITTED:
			w4_on_committed(c, peer, message);
			break;
		case W4_EVIDENCE:
			w4_on_evidence(c, peer, message);
			break;
		default:
			w4_drop(c, W4_DROP_NOT_WANTED); /* state sync: the host gives those to sync.h and serve.h */
			break;
	}
}

static void
on_link(W4Consensus *c, const uint8_t *from, bool up)
{
	int			peer = w4_members_find(w4_set(c), from);

	if (peer != W4_NO_MEMBER)
		c->peer[peer].link_down = up ? 0 : c->now.mono;
}

static void
on_event(W4Consensus *c, const W4Event *e)
{
	switch (e->kind)
	{
		case W4_EV_START:
			w4_on_start(c, e->start);
			break;
		case W4_EV_MESSAGE:
			on_message(c, e->from, e->message);
			break;
		case W4_EV_TICK:
			break;
		case W4_EV_WORK:
			c->work = e->flag;
			c->propose_due |= e->flag;
			w4_arm_if_work(c);
			disarm_if_idle(c);
			break;
		case W4_EV_PERSISTED:
			if (e->token > c->durable && e->token <= c->token)
				c->durable = e->token;
			break;
		case W4_EV_LINK:
			on_link(c, e->from, e->flag);
			break;
		case W4_EV_FORCE_RESUME:
			w4_force_resume(c);
			break;
	}
}

/* --- what is due --- */

static void
run_due(W4Consensus *c)
{
	if (c->deadline != 0 && c->now.mono >= c->deadline)
		w4_trigger_view_change(c, (c->rec.view > c->rec.asked ? c->rec.view : c->rec.asked) + 1);
	w4_suspect_due(c);
	w4_holder_due(c);
	if (c->propose_due)
		w4_try_propose(c);
	w4_fetch_due(c);
	w4_catch_due(c);
	w4_status_due(c);
}

static void
set_timer(W4Consensus *c)
{
	int64_t		at = w4_sooner(c->deadline, c->status_at);

	at = w4_sooner(at, w4_suspect_at(c));
	at = w4_sooner(at, c->proposal_at);
	at = w4_sooner(at, c->body_at);
	at = w4_sooner(at, c->holder_at);
	at = w4_sooner(at, c->catch_at);
	if (c->propose_due || (c->out_count > 0 && c->outbox[c->out_head].stamp <= c->durable))
		at = c->now.mono;
	if (at == c->timer && at > c->now.mono)
		return;
	c->timer = at;
	w4_act(c, W4_ACT_TIMER)->at = at;
}

/* --- what must be durable --- */

static void
persist(W4Consensus *c)
{
	W4Held	   *prop = &c->held[W4_HELD_PROPOSAL];
	W4Held	   *body = &c->held[W4_HELD_PREPARED];
	W4Persist  *p;

	if (c->dirty == 0)
		return;
	p = &w4_act(c, W4_ACT_PERSIST)->persist;
	p->token = ++c->token;
	p->parts = c->dirty;
	p->record = &c->rec;
	p->proposal = w4_slice(prop->buf, prop->full ? prop->len : 0);
	p->prepared_body = body->full ? body->block.wire : w4_slice(NULL, 0);
	p->tip = &c->tip;
	p->has_signed = c->has_signed;
	c->dirty = 0;
	c->has_signed = false;
}

void
w4_consensus_step(W4Consensus *c, const W4Event *event, W4Now now, W4Actions *out)
{
	out->n = 0;
	c->out = out;
	c->now = now;
	c->scratch_used = 0;
	if (c->tip.members[1].n == 0 && event->kind != W4_EV_START)
		w4_drop(c, W4_DROP_NOT_STARTED);
	else if (c->halted && event->kind == W4_EV_PERSISTED)
	{
		/* It says no more to others, but what it had decided is. */
		on_event(c, event);
		w4_tell_decided(c);
	}
	else if (c->halted && event->kind != W4_EV_START)
		w4_drop(c, W4_DROP_HALTED);
	else
	{
		on_event(c, event);
		if (!c->halted)
			w4_take_proven(c);
		if (!c->halted)
			run_due(c);
		persist(c);
		w4_tell_decided(c);
		w4_outbox_stamp(c);
		w4_outbox_release(c);
		set_timer(c);
	}
	c->out = NULL;
}

/* --- looking at it --- */

void
w4_consensus_view(const W4Consensus *c, W4View *out)
{
	out->height = c->rec.height;
	out->view = c->rec.view;
	out->mode = (W4Mode) c->rec.mode;
	out->signing = w4_may_sign(c);
	out->halted = c->halted;
	out->proposer = w4_tip_proposer(&c->tip, c->rec.view);
	out->deadline = c->deadline;
	out->verified = c->verified;
}

const W4Tip *
w4_consensus_tip(const W4Consensus *c)
{
	return &c->tip;
}

const W4Record *
w4_consensus_record(const W4Consensus *c)
{
	return &c->rec;
}

uint64_t
w4_consensus_dropped(const W4Consensus *c, W4Drop reason)
{
	return c->dropped[reason];
}

const char *
w4_drop_name(W4Drop reason)
{
	static const char *const names[W4_DROP_REASONS] = {
		"malformed", "oversize", "not started", "halted", "height past", "height ahead",
		"view past", "view ahead", "unknown member", "not its own", "duplicate",
		"bad signature", "bad certificate", "bad justification", "bad block", "not proposer",
		"equivocation", "not wanted", "bad evidence", "stale incarnation", "rate", "no room", "clock"
	};

	return names[reason];
}
