/*-------------------------------------------------------------------------
 *
 * catchup.c
 *		Coming after the others: blocks with their certificates.
 *
 * A certificate proves itself, so any peer will do as a source.  What a peer
 * says about its height is a hint that costs at most one request.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/state.h"

/* --- who is ahead --- */

void
w4_hint_height(W4Consensus *c, int from, uint64_t height)
{
	if (from == W4_NO_MEMBER || height <= c->rec.height)
		return;
	if (c->peer[from].claimed < height)
		c->peer[from].claimed = height;

	/* One height ahead is common and cures itself; more is not. */
	if (height > c->rec.height + 1)
		c->catch_at = w4_sooner(c->catch_at, c->now.mono + c->cfg.resend_min / 16);
	else
		c->catch_at = w4_sooner(c->catch_at, c->now.mono + c->cfg.resend_min / 2);
}

/*
 * Even if nobody seems to be ahead we ask now and then: the members may have
 * changed without us, and who is no member any more is told nothing.
 */
void
w4_catch_later(W4Consensus *c)
{
	bool		waiting = c->deadline != 0 || c->rec.mode == W4_CHANGING || c->me == W4_NO_MEMBER;

	c->catch_at = w4_sooner(c->catch_at, c->now.mono + (waiting ? 2 * c->cfg.resend_min : c->cfg.resend_max));
}

/* Nobody answers more often, in the long run, than once in an eighth of the resend interval (fetch.c). */
static bool
may_ask(const W4Consensus *c, int at)
{
	return at != c->me && (c->peer[at].asked == 0 || c->now.mono - c->peer[at].asked >= c->cfg.resend_min / 8);
}

static int
next_claimer(W4Consensus *c)
{
	const W4Members *set = w4_set(c);

	for (int i = 1; i <= set->n; i++)
	{
		int			at = (c->next_peer + i) % set->n;

		if (c->peer[at].claimed <= c->rec.height || !may_ask(c, at))
			continue;
		c->next_peer = at;
		return at;
	}
	return W4_NO_MEMBER;
}

static int
next_any(W4Consensus *c)
{
	const W4Members *set = w4_set(c);

	for (int i = 1; i <= set->n; i++)
	{
		int			at = (c->next_any + i) % set->n;

		if (!may_ask(c, at))
			continue;
		c->next_any = at;
		return at;
	}
	return W4_NO_MEMBER;
}

/*
 * By turns somebody who claims to be ahead and whoever is next: a liar that
 * keeps claiming and never answers must not be the only one we ask.
 */
static int
next_source(W4Consensus *c)
{
	int			claimer = c->ask_any ? W4_NO_MEMBER : next_claimer(c);

	c->ask_any = !c->ask_any;
	return claimer != W4_NO_MEMBER ? claimer : next_any(c);
}

static void
ask_for_blocks(W4Consensus *c, int source)
{
	uint8_t		bytes[W4_MESSAGE_PREFIX_LEN + 8];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_prefix_put(&w, W4_FETCH_BLOCKS, c->rec.height, c->cfg.chain_id);
	w4_put_u64be(&w, c->rec.height + W4_MAX_FETCH_BLOCKS - 1);
	w4_send_bytes(c, w4_set(c)->m[source].id, &w);
	c->peer[source].asked = c->now.mono;
}

void
w4_catch_due(W4Consensus *c)
{
	int			source;

	if (c->catch_at == 0 || c->now.mono < c->catch_at)
		return;
	c->catch_at = 0;
	source = next_source(c);
	if (source == W4_NO_MEMBER)
	{
		/* All were asked just now, or there is nobody. */
		if (w4_set(c)->n > 1)
			c->catch_at = c->now.mono + c->cfg.resend_min / 8;
		return;
	}
	ask_for_blocks(c, source);
	w4_catch_later(c);
	if (c->peer[source].claimed > c->rec.height)
		c->catch_at = w4_sooner(c->catch_at, c->now.mono + 2 * c->cfg.resend_min);

	/* A claim is good for one request; who is really ahead will say so again. */
	c->peer[source].claimed = 0;
}

/* --- certified blocks --- */

/* Does somebody else's certificate hold among the members of our height? */
static bool
certifies(W4Consensus *c, const W4Cert *cert)
{
	c->verified += (uint64_t) w4_mask_count(cert->signers);
	return w4_cert_verify(cert, W4_COMMIT, c->cfg.chain_id, w4_set(c), &c->cfg.suite, w4_known_vote, c);
}

/* Decide our height by somebody else's certificate; false when it does not. */
static bool
take_certified(W4Consensus *c, W4Slice wire, const W4Cert *cert)
{
	W4Block		block;

	if (cert->height != c->rec.height ||
		!w4_block_decode(&block, wire, c->cfg.chain_id, c->cfg.max_block, NULL) ||
		!w4_hash_eq(block.hash, cert->hash))
		return false;
	if (!certifies(c, cert))
		return false;
	w4_decide(c, &block, cert);
	return true;
}

void
w4_on_blocks(W4Consensus *c, int from, W4Slice message, uint64_t height)
{
	W4Slice		wire;
	W4Cert		cert;
	W4Fault		fault;
	uint8_t		sender[32];
	size_t		pos = 0;
	int			taken = 0;

	if (message.len > W4_MAX_MESSAGE_BYTES)
	{
		w4_drop(c, W4_DROP_OVERSIZE);
		return;
	}
	if (height > c->rec.height)
	{
		w4_drop(c, W4_DROP_HEIGHT_AHEAD);
		return;
	}
	if (from != W4_NO_MEMBER)
		w4_hash_copy(sender, c->peer[from].id);
	for (int i = 0; i < W4_MAX_FETCH_BLOCKS && !c->halted; i++)
	{
		if (!w4_blocks_next(&wire, &cert, message, &pos, c->cfg.chain_id, c->cfg.max_block, &fault))
		{
			if (fault.what != NULL)
				w4_strike(c, from, W4_DROP_MALFORMED);
			break;
		}
		if (cert.height < c->rec.height)
			continue;
		if (!take_certified(c, wire, &cert))
		{
			w4_strike(c, from, W4_DROP_BAD_CERTIFICATE);
			break;
		}
		taken++;

		/* Members may have changed with this block, and the index of the sender with them. */
		if (from != W4_NO_MEMBER)
			from = w4_members_find(w4_set(c), sender);
	}
	if (taken == 0)
		w4_drop(c, W4_DROP_NOT_WANTED);
	else
	{
		/*
		 * There may be more where this came from.  Soon: others go on deciding
		 * meanwhile, and who is one height behind hears the proposal of the
		 * next.  Else a peer comes after the chain for ever, and never votes.
		 */
		if (from != W4_NO_MEMBER && c->peer[from].claimed <= c->rec.height && taken > 1)
			c->peer[from].claimed = c->rec.height + 1;
		c->catch_at = c->now.mono + c->cfg.resend_min / 16;
	}
}

/* The certificate alone is enough when we hold the block. */
void
w4_on_committed(W4Consensus *c, int from, W4Slice message)
{
	const W4Block *block;
	W4Cert		cert;

	if (!w4_committed_decode(&cert, message, c->cfg.chain_id, NULL))
	{
		w4_strike(c, from, W4_DROP_MALFORMED);
		return;
	}
	if (cert.height != c->rec.height)
	{
		w4_drop(c, cert.height < c->rec.height ? W4_DROP_HEIGHT_PAST : W4_DROP_HEIGHT_AHEAD);
		w4_hint_height(c, from, cert.height + 1);
		return;
	}
	block = w4_body_of(c, cert.hash);
	if (block == NULL)
		w4_hint_height(c, from, cert.height + 1);
	else if (!take_certified(c, block->wire, &cert))
		w4_strike(c, from, W4_DROP_BAD_CERTIFICATE);
}

/* --- what answers proved when we started --- */

/* We have come to that height: its members are known, and may be others than those we had judged by. */
void
w4_check_proven(W4Consensus *c)
{
	if (c->proven.height != c->rec.height)
		return;
	if (!certifies(c, &c->proven))
		c->proven.height = 0;
}

/*
 * We do not sign at a height that is decided, so it must not take our vote to
 * decide it: whoever gave us the certificate may be gone, and be the only one
 * who had it.  An honest member that signed it holds the block.
 */
void
w4_take_proven(W4Consensus *c)
{
	const W4Block *block;

	if (c->proven.height != c->rec.height)
		return;
	block = w4_body_of(c, c->proven.hash);
	if (block != NULL)
		w4_decide(c, block, &c->proven);
	else
		w4_want_body(c, c->proven.hash);
}
