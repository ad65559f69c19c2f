/*-------------------------------------------------------------------------
 *
 * fuzz_consensus_sim.c
 *		One liar among four running peers says what the input makes it say.
 *
 * The world is that of test/sim, with its checkers.  Peer 0 runs the honest code
 * and hears everything; each message that it would send takes four bytes of the
 * input, which choose what leaves instead: the message with a changed byte or
 * field, signed anew or not, what somebody else said, a certificate, evidence or
 * NEW-VIEW put together from what was heard, nothing, or more.  When the input
 * is used up the liar is honest.  Its first bytes choose seed and faults.
 *
 * Whatever it says: no honest peer crashes, signs twice, forgets, forks, accepts
 * a block without a certificate or accuses another honest one; and in the end
 * they go on.
 *
 *-------------------------------------------------------------------------
 */
#include "../sim/sim.h"
#include "consensus_fuzz.h"

#define HEARD 64
#define HEARD_LEN 4096
#define LIAR 0
#define HEIGHTS 4

extern void __wrap_check_delivered(World *w, const Node *node, int identity, const uint8_t *bytes, size_t len);
extern void __real_check_delivered(World *w, const Node *node, int identity, const uint8_t *bytes, size_t len);

static const uint8_t *tape;
static size_t tape_left;

static uint8_t heard[HEARD][HEARD_LEN];
static size_t heard_len[HEARD];
static unsigned heard_n;

static uint8_t
take(void)
{
	if (tape_left == 0)
		return 0;
	tape_left--;
	return *tape++;
}

/* --- what the liar has heard --- */

static void
remember(const uint8_t *bytes, size_t len)
{
	unsigned	at = heard_n++ % HEARD;

	heard_len[at] = len < HEARD_LEN ? len : HEARD_LEN;
	memcpy(heard[at], bytes, heard_len[at]);
}

static unsigned
heard_count(void)
{
	return heard_n < HEARD ? heard_n : HEARD;
}

static W4Slice
recall(unsigned which)
{
	unsigned	n = heard_count();

	return n == 0 ? w4_slice(NULL, 0) : w4_slice(heard[which % n], heard_len[which % n]);
}

static bool
recall_vote(W4Vote *out, unsigned which, const uint8_t chain_id[32])
{
	W4Slice		m = recall(which);
	W4Reader	r = w4_reader(m);

	if (m.len < W4_VOTE_WIRE_LEN)
		return false;
	w4_vote_read(out, &r, chain_id);
	return r.what == NULL;
}

/* The checker of the simulator is told of every delivery, and so is the liar. */
void
__wrap_check_delivered(World *w, const Node *node, int identity, const uint8_t *bytes, size_t len)
{
	if (node->identity == LIAR)
		remember(bytes, len);
	__real_check_delivered(w, node, identity, bytes, len);
}

/* --- making a changed message whole again --- */

static const W4Members *
members_of(const Node *node)
{
	return &w4_consensus_tip(node->core)->members[1];
}

static void
sign_again(const Node *node, uint8_t *bytes)
{
	fake_sign(bytes + W4_VOTE_BYTES, bytes, W4_VOTE_BYTES, members_of(node)->m[LIAR].key);
}

static void
mend_proposal(const World *w, Message *m)
{
	W4VcSummary s[W4_MAX_MEMBERS];
	W4ProposalWire p;
	W4ViewChange vc;
	W4Slice		parts[2] = {w4_slice("W4BLK1", 6), w4_slice(NULL, W4_BLOCK_HEADER_LEN)};
	size_t		pos = 0;
	int			n = 0;

	if (!w4_proposal_decode(&p, w4_slice(m->bytes, m->len), w->chain_id, MAX_BLOCK, NULL))
		return;
	while (n < W4_MAX_MEMBERS && w4_justification_next(&vc, p.justification, &pos, w->chain_id, NULL))
		s[n++] = vc.s;
	if (p.vote.kind == W4_NEW_VIEW)
		w4_justification_hash(m->bytes + 83, s, n, w->chain_id);
	if (p.block.len < W4_BLOCK_HEADER_LEN)
		return;
	mend_block(m->bytes + (p.block.data - m->bytes), p.block.len, w->chain_id);
	parts[1].data = p.block.data;
	w4_sha256_parts(m->bytes + 51, parts, 2);
}

static void
mend_view_change(const World *w, Message *m)
{
	W4Reader	r = w4_reader(w4_slice(m->bytes, m->len));
	W4ViewChange vc;

	w4_vc_read(&vc, &r, w->chain_id);
	if (r.what == NULL)
		w4_vc_extra(m->bytes + 83, &vc.s);
}

/* Hashes and signature are those of what the message now says. */
static void
mend(const World *w, const Node *from, Message *m)
{
	if (m->len < W4_VOTE_WIRE_LEN)
		return;
	memcpy(m->bytes, W4_MAGIC, W4_MAGIC_LEN);
	memcpy(m->bytes + W4_MAGIC_LEN + 1, w->chain_id, 32);
	switch (m->bytes[W4_MAGIC_LEN])
	{
		case W4_PRE_PREPARE:
		case W4_NEW_VIEW:
			mend_proposal(w, m);
			break;
		case W4_VIEW_CHANGE:
			mend_view_change(w, m);
			break;
		case W4_STATUS:
			w4_sha256(m->bytes + 83, m->bytes + W4_VOTE_WIRE_LEN, m->len - W4_VOTE_WIRE_LEN);
			break;
		case W4_PREPARE:
		case W4_COMMIT:
			memset(m->bytes + 83, 0, 32);
			m->len = W4_VOTE_WIRE_LEN;
			break;
		default:
			return;
	}
	sign_again(from, m->bytes);
}

/* --- lies --- */

static void
set_message(Message *m, const W4Writer *w)
{
	m->len = w->full ? 0 : w->len;
}

static void
change_byte(Message *m, uint8_t a, uint8_t b, uint8_t c)
{
	if (m->len > 0)
		m->bytes[((size_t) a << 8 | b) % m->len] ^= c;
}

static void
change_field(Message *m, uint8_t a, uint8_t b)
{
	if (m->len < W4_VOTE_WIRE_LEN)
		return;
	switch (a % 6)
	{
		case 0:
			m->bytes[W4_MAGIC_LEN] = b;
			break;
		case 1:
			put_u64(m->bytes + 39, w4_get_u64be(m->bytes + 39) + (uint64_t) (int64_t) (int8_t) b);
			break;
		case 2:
			put_u32(m->bytes + 47, b < 250 ? b % 8 : UINT32_C(1) << (b - 240));
			break;
		case 3:
			m->bytes[51] ^= b;
			break;
		case 4:
			m->bytes[116] = b;
			break;
		default:
			m->bytes[83] ^= b;
			break;
	}
}

/* Another block in a proposal; in a vote, the block of something heard. */
static void
change_block(const World *w, Message *m, uint8_t a, uint8_t b)
{
	W4ProposalWire p;
	W4Slice		other = recall(a);

	if (w4_proposal_decode(&p, w4_slice(m->bytes, m->len), w->chain_id, MAX_BLOCK, NULL) &&
		p.block.len > W4_BLOCK_HEADER_LEN)
		m->bytes[(p.block.data - m->bytes) + AT_TIME + 7] ^= b;
	else if (m->len >= W4_VOTE_WIRE_LEN && other.len >= W4_VOTE_WIRE_LEN)
		memcpy(m->bytes + 51, other.data + 51, 32);
}

static void
take_heard(Message *m, uint8_t a)
{
	W4Slice		other = recall(a);

	if (other.len == 0)
		return;
	memcpy(m->bytes, other.data, other.len);
	m->len = other.len;
}

static void
request(const World *w, const Node *from, Message *m, uint8_t a, uint8_t b, uint8_t c)
{
	static const uint8_t kinds[] = {W4_FETCH_PROPOSAL, W4_FETCH_BODY, W4_FETCH_BLOCKS, W4_BODY};
	W4Writer	out = w4_writer(m->bytes, sizeof(m->bytes));
	uint8_t		kind = kinds[c % 4];
	uint64_t	height = w4_consensus_record(from->core)->height + (uint64_t) (int64_t) (int8_t) a;
	W4Slice		other = recall(b);

	w4_prefix_put(&out, kind, height, w->chain_id);
	if (kind == W4_FETCH_PROPOSAL)
		w4_put_u32be(&out, b % 8);
	else if (kind == W4_FETCH_BLOCKS)
		w4_put_u64be(&out, height + b);
	else if (kind == W4_FETCH_BODY)
		w4_put(&out, other.len > 83 ? other.data + 51 : w->chain_id, 32);
	else
		w4_put_run(&out, w4_slice(w->proposed, w->proposed_len));
	set_message(m, &out);
}

static void
evidence(const World *w, Message *m, uint8_t a, uint8_t b, uint8_t c)
{
	uint8_t		bytes[HEARD_LEN];
	W4Writer	e = w4_writer(bytes, sizeof(bytes));
	W4Writer	out = w4_writer(m->bytes, sizeof(m->bytes));
	W4VcSummary s;
	W4Vote		x;
	W4Vote		y;

	if (!recall_vote(&x, a, w->chain_id) || !recall_vote(&y, b, w->chain_id))
		return;
	memset(&s, 0, sizeof(s));
	s.vote = y;
	s.prepared_view = (int64_t) (c >> 2) - 1;
	switch (c % 4)
	{
		case 0:
			w4_evidence_put_votes(&e, &x, &y, w->chain_id);
			break;
		case 1:
			w4_evidence_put_block(&e, &x, w4_slice(w->proposed, w->proposed_len), w->chain_id);
			break;
		case 2:
			w4_evidence_put_amnesia(&e, &x, &s, w->chain_id);
			break;
		default:
			w4_evidence_put_new_view(&e, &x, &s, 1, W4_NO_CULPRIT, NULL, w->chain_id);
			break;
	}
	w4_prefix_put(&out, W4_EVIDENCE, x.height, w->chain_id);
	w4_put_run(&out, w4_slice(bytes, e.len));
	set_message(m, &out);
}

/* All that was heard for what the vote says; with "pad", somebody else's signatures for those who are missing. */
static bool
collect(W4Cert *out, const World *w, const Node *from, const W4Vote *vote, bool pad)
{
	const W4Members *set = members_of(from);
	W4Vote		v;

	out->height = vote->height;
	out->view = vote->view;
	out->n = set->n;
	out->signers = 0;
	memcpy(out->hash, vote->hash, 32);
	for (unsigned i = 0; i < set->n; i++)
	{
		const uint8_t *signature = pad ? vote->signature : NULL;

		for (unsigned k = 0; k < heard_count(); k++)
			if (recall_vote(&v, k, w->chain_id) && v.kind == vote->kind && v.height == vote->height &&
				v.view == vote->view && v.index == i && w4_hash_eq(v.hash, vote->hash))
				signature = heard[k] + W4_VOTE_BYTES;
		if (signature != NULL)
			w4_cert_append(out, i, signature);
	}
	return out->signers != 0;
}

static void
certificate(const World *w, const Node *from, Message *m, uint8_t a, uint8_t b)
{
	W4Writer	out = w4_writer(m->bytes, sizeof(m->bytes));
	W4ViewChange vc;
	W4Vote		v;

	if (!recall_vote(&v, a, w->chain_id) || !collect(&vc.prepared, w, from, &v, (b & 1) != 0))
		return;
	if (v.kind == W4_COMMIT)
	{
		w4_prefix_put(&out, W4_COMMITTED, v.height, w->chain_id);
		w4_cert_put(&out, &vc.prepared, w->chain_id);
	}
	else
	{
		memset(&vc.s, 0, sizeof(vc.s));
		vc.s.vote = v;
		vc.s.vote.kind = W4_VIEW_CHANGE;
		vc.s.vote.index = LIAR;
		vc.s.vote.view = v.view + 1 + (b >> 5);
		vc.s.prepared_view = v.view;
		w4_cert_digest(vc.s.digest, &vc.prepared, w->chain_id);
		w4_vc_put(&out, &vc, w->chain_id);
	}
	set_message(m, &out);
	mend(w, from, m);
}

/* NEW-VIEW on the VIEW-CHANGEs heard for a view: all, or all but some, or one twice. */
static void
new_view(const World *w, const Node *from, Message *m, uint8_t a, uint8_t b)
{
	W4Writer	out = w4_writer(m->bytes, sizeof(m->bytes));
	W4Vote		v = {W4_NEW_VIEW, LIAR, 1 + a % 4, w4_consensus_record(from->core)->height, {0}, {0}, {0}};
	size_t		count;

	w4_vote_put(&out, &v, w->chain_id);
	count = out.len;
	w4_put_u8(&out, 0);
	for (unsigned i = 0; i < 4; i++)
		for (unsigned k = 0; k < heard_count(); k++)
		{
			W4Reader	r = w4_reader(w4_slice(heard[k], heard_len[k]));
			W4ViewChange vc;

			w4_vc_read(&vc, &r, w->chain_id);
			if (!w4_read_end(&r, NULL) || vc.s.vote.kind != W4_VIEW_CHANGE || vc.s.vote.index != i ||
				vc.s.vote.view != v.view || vc.s.vote.height != v.height || (b >> i & 1) != 0)
				continue;
			w4_vc_put(&out, &vc, w->chain_id);
			out.buf[count]++;
			if ((b >> 4 & 3) != i)
				break;
		}
	w4_put_run(&out, w4_slice(w->proposed, w->proposed_len));
	set_message(m, &out);
	mend(w, from, m);
}

static void
splice(Message *m, uint8_t a, uint8_t b)
{
	W4Slice		other = recall(a);
	size_t		at = m->len * b / 256;

	if (other.len <= at)
		return;
	memcpy(m->bytes + at, other.data + at, other.len - at);
	m->len = other.len;
}

static void
cut_or_grow(Message *m, uint8_t a, uint8_t b)
{
	if ((b & 1) != 0)
		m->len = m->len * a / 256;
	else if (m->len + a <= sizeof(m->bytes))
	{
		memset(m->bytes + m->len, b, a);
		m->len += a;
	}
}

/* What the liar says is the input's business; blocks of its own making carry no evidence. */
void
villain_evidence(World *w, Node *node, W4Writer *out)
{
	(void) w;
	(void) node;
	(void) out;
}

bool
villain_needs_loss(const World *w, const Node *node, uint64_t height)
{
	(void) w;
	(void) node;
	(void) height;
	return false;
}

/* What it hears it may pass on altered when its turn comes (villain_sends). */
void
villains_overhear(World *w, const Node *from, const Message *m)
{
	(void) w;
	(void) from;
	(void) m;
}

/* One message of the liar to one peer, past the input's hands. */
bool
villain_sends(World *w, Node *from, int to, Message *m)
{
	Message    *lie;
	uint8_t		op;
	uint8_t		a;
	uint8_t		b;
	uint8_t		c;
	int			times = 1;

	remember(m->bytes, m->len);
	if (tape_left < 4)
		return true;
	op = take() % 16;
	a = take();
	b = take();
	c = take();
	if (op <= 1 || w4_members_find(members_of(from), members_of(from)->m[LIAR].id) != LIAR)
		return op == 0;
	lie = message_new(w);
	lie->len = m->len;
	memcpy(lie->bytes, m->bytes, m->len);
	switch (op)
	{
		case 2:
			change_byte(lie, a, b, c);
			break;
		case 3:
			change_byte(lie, a, b, c);
			mend(w, from, lie);
			break;
		case 4:
			change_field(lie, a, b);
			mend(w, from, lie);
			break;
		case 5:
			cut_or_grow(lie, a, b);
			break;
		case 6:
			take_heard(lie, a);
			break;
		case 7:
			take_heard(lie, a);
			change_field(lie, b, c);
			if (lie->len >= W4_VOTE_WIRE_LEN)
				lie->bytes[116] = LIAR;
			mend(w, from, lie);
			break;
		case 8:
			change_block(w, lie, a, b);
			mend(w, from, lie);
			break;
		case 9:
			request(w, from, lie, a, b, c);
			break;
		case 10:
			evidence(w, lie, a, b, c);
			break;
		case 11:
			certificate(w, from, lie, a, b);
			break;
		case 12:
			new_view(w, from, lie, a, b);
			break;
		case 13:
			times = 1 + a % 4;
			break;
		case 14:
			splice(lie, a, b);
			break;
		default:
			take_heard(lie, a);
			change_byte(lie, b, c, 1);
			mend(w, from, lie);
			to = b % w->nodes;
			break;
	}
	for (; times > 0 && lie->len > W4_MAGIC_LEN && to != from->index; times--)
		net_queue(w, from, to, lie);
	message_drop(w, lie);
	return false;
}

/* --- the run --- */

static void
choose_faults(Faults *f, uint8_t a, uint8_t b)
{
	memset(f, 0, sizeof(*f));
	f->delay_min = US_PER_MS;
	f->delay_max = (a & 1) != 0 ? 100 * US_PER_MS : US_PER_MS;
	f->loss = (a & 2) != 0 ? 100000 : 0;
	f->duplicate = (a & 4) != 0 ? 200000 : 0;
	f->crash_at_action = (a & 8) != 0 ? 2000 : 0;
	f->disk_max = (a & 16) != 0 ? 100 * US_PER_MS : 0;
	f->lose_tail = (a & 32) != 0 ? 500000 : 0;
	f->partition = (a & 64) != 0 ? 20000 : 0;
	f->partition_max = 5 * US_PER_S;
	f->down_max = 2 * US_PER_S;
	f->changes = (a & 128) != 0 ? 1 + b % MAX_CHANGES : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static World *w;
	static const Villainy liar[1] = {GARBLER};
	Faults		faults;
	uint64_t	seed;

	if (size < 4)
		return 0;
	if (w == NULL)
		w = world_new();
	seed = (uint64_t) data[0] << 8 | data[1];
	choose_faults(&faults, data[2], data[3]);
	tape = data + 4;
	tape_left = size - 4;
	heard_n = 0;
	world_run(w, seed, MEMBERS, HEIGHTS, &faults, liar, 1, NULL);
	if (w->failure != NULL)
	{
		fprintf(stderr, "%s (node %d, height %llu)\n", w->failure, w->failure_node, (unsigned long long) w->failure_height);
		abort();
	}
	return 0;
}

/* Operations are four bytes: keep them in step. */
size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	size_t		op = size >= 8 ? 4 + seed % ((size - 4) / 4) * 4 : 0;

	if (seed % 3 == 0 || op + 4 > size)
		return LLVMFuzzerMutate(data, size, max);
	if (seed % 3 == 1 && size + 4 <= max)
	{
		memmove(data + op + 4, data + op, size - op);
		size += 4;
	}
	for (int i = 0; i < 4; i++)
		data[op + (size_t) i] = (uint8_t) (seed >> (6 * i) ^ seed >> (3 * i + 7));
	return size;
}
