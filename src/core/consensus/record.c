/*-------------------------------------------------------------------------
 *
 * record.c
 *		What a peer must not forget: its durable record (consensus spec 3.5).
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/record.h"

#include "core/consensus/mutant.h"
#include "core/crypto.h"

static const char record_domain[6] = {'W', '4', 'R', 'E', 'C', '1'};

void
w4_record_init(W4Record *out, uint64_t height)
{
	memset(out, 0, sizeof(*out));
	out->height = height;
	out->view_change.prepared_view = W4_NOTHING_PREPARED;
}

void
w4_record_next(W4Record *rec)
{
	rec->height++;
	rec->view = 0;
	rec->mode = W4_NORMAL;
	rec->asked = 0;
	rec->proposal.kind = 0;
	rec->prepare.kind = 0;
	rec->commit.kind = 0;
	rec->view_change.vote.kind = 0;
	rec->prepared.signers = 0;
	memset(rec->accepted, 0, 32);
}

/* --- positions --- */

W4Position
w4_vote_position(const W4Vote *vote)
{
	static const uint8_t steps[] = {0, 1, 2, 3, 0, 1, 0};
	W4Position	p = {vote->height, vote->view, steps[vote->kind]};

	return p;
}

int
w4_position_cmp(W4Position a, W4Position b)
{
	if (a.height != b.height)
		return a.height < b.height ? -1 : 1;
	if (a.view != b.view)
		return a.view < b.view ? -1 : 1;
	return (a.step > b.step) - (a.step < b.step);
}

/* --- codec --- */

static void
put_vote(W4Writer *out, const W4Vote *vote, const uint8_t chain_id[32])
{
	w4_put_u8(out, vote->kind != 0);
	if (vote->kind != 0)
		w4_vote_put(out, vote, chain_id);
}

void
w4_record_put(W4Writer *out, const W4Record *rec, const uint8_t chain_id[32])
{
	size_t		start = out->len;
	uint8_t		sum[32];

	w4_put(out, record_domain, sizeof(record_domain));
	w4_put_u64be(out, rec->height);
	w4_put_u32be(out, rec->view);
	w4_put_u8(out, rec->mode);
	w4_put_u32be(out, rec->asked);
	w4_put_u64be(out, rec->incarnation);
	w4_put_u8(out, rec->rejoining);
	w4_put_u64be(out, rec->no_sign_below);
	w4_put_u64be(out, rec->signed_last.height);
	w4_put_u32be(out, rec->signed_last.view);
	w4_put_u8(out, rec->signed_last.step);
	put_vote(out, &rec->proposal, chain_id);
	put_vote(out, &rec->prepare, chain_id);
	put_vote(out, &rec->commit, chain_id);
	w4_put_u8(out, rec->view_change.vote.kind != 0);
	if (rec->view_change.vote.kind != 0)
		w4_vc_summary_put(out, &rec->view_change, chain_id);
	w4_put_u8(out, rec->prepared.signers != 0);
	if (rec->prepared.signers != 0)
		w4_cert_put(out, &rec->prepared, chain_id);
	w4_put(out, rec->accepted, 32);
	if (out->full)
		return;
	w4_sha256(sum, out->buf + start, out->len - start);
	w4_put(out, sum, 32);
}

static void
read_vote(W4Vote *out, W4Reader *r, const uint8_t chain_id[32], uint64_t height, unsigned kinds)
{
	memset(out, 0, sizeof(*out));
	if (!w4_read_flag(r))
		return;
	w4_vote_read(out, r, chain_id);
	if (r->what == NULL && (out->height != height || (kinds >> out->kind & 1) == 0))
		w4_read_fail(r, "own vote in the wrong place");
}

static void
read_own_messages(W4Record *out, W4Reader *r, const uint8_t chain_id[32])
{
	read_vote(&out->proposal, r, chain_id, out->height, 1 << W4_PRE_PREPARE | 1 << W4_NEW_VIEW);
	read_vote(&out->prepare, r, chain_id, out->height, 1 << W4_PREPARE);
	read_vote(&out->commit, r, chain_id, out->height, 1 << W4_COMMIT);
	memset(&out->view_change, 0, sizeof(out->view_change));
	out->view_change.prepared_view = W4_NOTHING_PREPARED;
	if (w4_read_flag(r))
	{
		w4_vc_summary_read(&out->view_change, r, chain_id);
		if (r->what == NULL && (out->view_change.vote.height != out->height ||
								!w4_vc_summary_ok(&out->view_change)))
			w4_read_fail(r, "own VIEW-CHANGE in the wrong place");
	}
}

static void
check_consistency(const W4Record *rec, W4Reader *r)
{
	if (rec->height < 1 || rec->height > W4_MAX_HEIGHT || rec->view > W4_MAX_VIEW)
		w4_read_fail(r, "height or view out of range");
	if (rec->mode > W4_CHANGING || rec->asked > rec->view)
		w4_read_fail(r, "mode or view asked for out of range");
	if (rec->mode == W4_CHANGING && rec->asked != rec->view)
		w4_read_fail(r, "waits for a view it has not asked for");
	if (rec->prepared.signers != 0 && (rec->prepared.height != rec->height || rec->prepared.view > rec->view))
		w4_read_fail(r, "prepared in another height or a later view");
	if (rec->signed_last.step > 3)
		w4_read_fail(r, "unknown step");
}

static bool
checksum_ok(W4Slice wire)
{
	uint8_t		sum[32];

	if (wire.len < sizeof(record_domain) + 32)
		return false;
	w4_sha256(sum, wire.data, wire.len - 32);
	return W4_BUG(RECORD_UNCHECKED) || w4_hash_eq(sum, wire.data + wire.len - 32);
}

bool
w4_record_decode(W4Record *out, W4Slice wire, const uint8_t chain_id[32], W4Fault *fault)
{
	W4Reader	r;
	const uint8_t *domain;

	if (!checksum_ok(wire))
		return w4_fault(fault, "checksum", 0);
	r = w4_reader(w4_slice(wire.data, wire.len - 32));
	domain = w4_read_bytes(&r, sizeof(record_domain));
	if (domain != NULL && memcmp(domain, record_domain, sizeof(record_domain)) != 0)
		w4_read_fail(&r, "not a record");
	out->height = w4_read_u64be(&r);
	out->view = w4_read_u32be(&r);
	out->mode = w4_read_u8(&r);
	out->asked = w4_read_u32be(&r);
	out->incarnation = w4_read_u64be(&r);
	out->rejoining = w4_read_flag(&r);
	out->no_sign_below = w4_read_u64be(&r);
	out->signed_last.height = w4_read_u64be(&r);
	out->signed_last.view = w4_read_u32be(&r);
	out->signed_last.step = w4_read_u8(&r);
	read_own_messages(out, &r, chain_id);
	out->prepared.signers = 0;
	if (w4_read_flag(&r))
		w4_cert_read(&out->prepared, &r, chain_id);
	w4_read_copy(&r, out->accepted, 32);
	if (r.what == NULL)
		check_consistency(out, &r);
	return w4_read_end(&r, fault);
}
