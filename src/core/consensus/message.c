/*-------------------------------------------------------------------------
 *
 * message.c
 *		The messages between peers: strict, bounded codecs.
 *
 * Decoders of unsigned kinds start behind the prefix, which w4_prefix_read has
 * judged before anybody looks at the rest.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/message.h"

#include "core/crypto.h"

/* --- prefix --- */

static bool
kind_known(uint8_t kind)
{
	return (kind >= W4_PRE_PREPARE && kind <= W4_STATUS) ||
		(kind >= W4_FETCH_PROPOSAL && kind <= W4_CHUNK);
}

bool
w4_prefix_read(W4Prefix *out, W4Slice message, const uint8_t chain_id[32], W4Fault *fault)
{
	W4Reader	r = w4_reader(message);
	const uint8_t *magic = w4_read_bytes(&r, W4_MAGIC_LEN);
	const uint8_t *chain;

	out->kind = w4_read_u8(&r);
	chain = w4_read_bytes(&r, 32);
	out->height = w4_read_u64be(&r);
	if (!w4_read_ok(&r, fault))
		return false;
	if (memcmp(magic, W4_MAGIC, W4_MAGIC_LEN) != 0)
		return w4_fault(fault, "unknown magic", 0);
	if (!kind_known(out->kind))
		return w4_fault(fault, "unknown kind of message", W4_MAGIC_LEN);
	if (!w4_hash_eq(chain, chain_id))
		return w4_fault(fault, "another chain", W4_MAGIC_LEN + 1);
	if (out->height < 1 || out->height > W4_MAX_HEIGHT)
		return w4_fault(fault, "height out of range", W4_MAGIC_LEN + 33);
	return true;
}

void
w4_prefix_put(W4Writer *out, uint8_t kind, uint64_t height, const uint8_t chain_id[32])
{
	w4_put(out, W4_MAGIC, W4_MAGIC_LEN);
	w4_put_u8(out, kind);
	w4_put(out, chain_id, 32);
	w4_put_u64be(out, height);
}

W4Reader
w4_reader_behind_prefix(W4Slice message)
{
	W4Reader	r = w4_reader(message);

	(void) w4_read_bytes(&r, W4_MESSAGE_PREFIX_LEN);
	return r;
}

/* --- proposals --- */

static W4Slice
read_justification(W4Reader *r, const uint8_t chain_id[32])
{
	size_t		start = r->pos;
	uint8_t		n = w4_read_u8(r);

	if (n < 1 || n > W4_MAX_MEMBERS)
		w4_read_fail(r, "number of VIEW-CHANGEs out of range");
	for (int i = 0; i < n && r->what == NULL; i++)
	{
		W4ViewChange vc;

		w4_vc_read(&vc, r, chain_id);
	}
	return w4_slice(r->in.data + start, r->what == NULL ? r->pos - start : 0);
}

bool
w4_proposal_decode(W4ProposalWire *out, W4Slice message, const uint8_t chain_id[32],
				   size_t max_block, W4Fault *fault)
{
	W4Reader	r = w4_reader(message);

	w4_vote_read(&out->vote, &r, chain_id);
	if (r.what == NULL && !w4_vote_is_proposal(&out->vote))
		w4_read_fail(&r, "not a proposal");
	out->justification = w4_slice(NULL, 0);
	if (r.what == NULL && out->vote.kind == W4_NEW_VIEW)
		out->justification = read_justification(&r, chain_id);
	out->block = w4_read_run(&r, max_block);
	return w4_read_end(&r, fault);
}

bool
w4_justification_next(W4ViewChange *out, W4Slice justification, size_t *pos,
					  const uint8_t chain_id[32], W4Fault *fault)
{
	W4Reader	r = w4_reader(justification);

	if (*pos == 0)
		*pos = 1;				/* the count; w4_proposal_decode has held it against the entries */
	if (*pos >= justification.len)
		return false;
	r.pos = *pos;
	w4_vc_read(out, &r, chain_id);
	*pos = r.pos;
	return w4_read_ok(&r, fault);
}

/* --- STATUS --- */

static void
put_report(W4Writer *out, const W4Report *p, const uint8_t chain_id[32])
{
	w4_put_u8(out, p->flags);
	w4_put(out, p->nonce, 16);
	w4_put_u64be(out, p->incarnation);
	w4_put_u32be(out, p->asked_view);
	w4_put_u64be(out, p->prepares);
	w4_put_u64be(out, p->commits);
	w4_put_u64be(out, p->view_changes);
	if ((p->flags & W4_REPORT_ANSWER) == 0)
		return;
	w4_put(out, p->echo, 16);
	if ((p->flags & W4_REPORT_SEEN) != 0)
		w4_vote_put(out, &p->seen, chain_id);
	if ((p->flags & W4_REPORT_TIP) != 0)
		w4_cert_put(out, &p->tip, chain_id);
}

static void
read_report(W4Report *out, W4Reader *r, const uint8_t chain_id[32])
{
	out->flags = w4_read_u8(r);
	if ((out->flags & ~W4_REPORT_FLAGS) != 0)
		w4_read_fail(r, "unknown flag of a report");
	w4_read_copy(r, out->nonce, 16);
	out->incarnation = w4_read_u64be(r);
	out->asked_view = w4_read_u32be(r);
	out->prepares = w4_read_u64be(r);
	out->commits = w4_read_u64be(r);
	out->view_changes = w4_read_u64be(r);
	if (r->what == NULL && (out->flags & W4_REPORT_ANSWER) == 0)
	{
		if ((out->flags & (W4_REPORT_SEEN | W4_REPORT_TIP)) != 0)
			w4_read_fail(r, "answer without an echo");
		return;
	}
	w4_read_copy(r, out->echo, 16);
	if ((out->flags & W4_REPORT_SEEN) != 0)
		w4_vote_read(&out->seen, r, chain_id);
	if ((out->flags & W4_REPORT_TIP) != 0)
		w4_cert_read(&out->tip, r, chain_id);
}

void
w4_report_hash(uint8_t out[32], const W4Report *report, const uint8_t chain_id[32])
{
	uint8_t		wire[W4_STATUS_WIRE_MAX];
	W4Writer	w = w4_writer(wire, sizeof(wire));

	put_report(&w, report, chain_id);
	w4_sha256(out, wire, w.len);
}

void
w4_status_put(W4Writer *out, const W4Vote *vote, const W4Report *report, const uint8_t chain_id[32])
{
	w4_vote_put(out, vote, chain_id);
	put_report(out, report, chain_id);
}

bool
w4_status_decode(W4Vote *vote, W4Report *report, W4Slice message, const uint8_t chain_id[32],
				 W4Fault *fault)
{
	W4Reader	r = w4_reader(message);
	uint8_t		hash[32];

	w4_vote_read(vote, &r, chain_id);
	if (r.what == NULL && vote->kind != W4_STATUS)
		w4_read_fail(&r, "not a STATUS");
	read_report(report, &r, chain_id);
	if (!w4_read_end(&r, fault))
		return false;
	w4_sha256(hash, message.data + W4_VOTE_WIRE_LEN, message.len - W4_VOTE_WIRE_LEN);
	if (!w4_hash_eq(hash, vote->extra))
		return w4_fault(fault, "report is not what was signed", W4_VOTE_WIRE_LEN);
	return true;
}

/* --- requests --- */

bool
w4_fetch_proposal_decode(uint32_t *view, W4Slice message, W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);

	*view = w4_read_u32be(&r);
	if (*view > W4_MAX_VIEW)
		w4_read_fail(&r, "view out of range");
	return w4_read_end(&r, fault);
}

bool
w4_fetch_body_decode(uint8_t hash[32], W4Slice message, W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);

	w4_read_copy(&r, hash, 32);
	return w4_read_end(&r, fault);
}

bool
w4_fetch_blocks_decode(uint64_t *last, W4Slice message, W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);
	W4Reader	prefix = w4_reader(message);
	uint64_t	first;

	(void) w4_read_bytes(&prefix, W4_MESSAGE_PREFIX_LEN - 8);
	first = w4_read_u64be(&prefix);
	*last = w4_read_u64be(&r);
	if (*last < first || *last - first >= W4_MAX_FETCH_BLOCKS)
		w4_read_fail(&r, "range of heights out of bounds");
	return w4_read_end(&r, fault);
}

/* --- answers --- */

bool
w4_body_decode(W4Slice *block, W4Slice message, size_t max_block, W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);

	*block = w4_read_run(&r, max_block);
	return w4_read_end(&r, fault);
}

bool
w4_committed_decode(W4Cert *cert, W4Slice message, const uint8_t chain_id[32], W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);

	w4_cert_read(cert, &r, chain_id);
	return w4_read_end(&r, fault);
}

bool
w4_evidence_message_decode(W4Slice *evidence, W4Slice message, W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);

	*evidence = w4_read_run(&r, W4_MAX_EVIDENCE_BYTES);
	return w4_read_end(&r, fault);
}

void
w4_blocks_put(W4Writer *out, W4Slice block, const W4Cert *cert, const uint8_t chain_id[32])
{
	w4_put_run(out, block);
	w4_cert_put(out, cert, chain_id);
}

bool
w4_blocks_next(W4Slice *block, W4Cert *cert, W4Slice message, size_t *pos,
			   const uint8_t chain_id[32], size_t max_block, W4Fault *fault)
{
	W4Reader	r = w4_reader_behind_prefix(message);

	fault->what = NULL;
	if (*pos > 0)
		r.pos = *pos;
	if (r.pos == message.len)
		return false;
	*block = w4_read_run(&r, max_block);
	w4_cert_read(cert, &r, chain_id);
	*pos = r.pos;
	return w4_read_ok(&r, fault);
}
