/*-------------------------------------------------------------------------
 *
 * make_seeds.c
 *		Writes the seeds of the fuzz_consensus_* and fuzz_replica_council
 *		harnesses: one good input of each kind.  Signatures are all zero, which
 *		those harnesses accept.
 *
 *	make_seeds DIRECTORY		(make -C test/fuzz seeds)
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <sys/stat.h>

#include "consensus_fuzz.h"
#include "core/consensus/sync_message.h"
#include "core/merkle.h"

#include "core/consensus/council.h"

static const char *directory;
static uint8_t buf[1 << 16];
static uint8_t block_buf[1 << 14];
static W4Members set;

static void
save(const char *harness, const char *name, const W4Writer *w)
{
	char		path[512];
	FILE	   *f;

	expect(!w->full);
	snprintf(path, sizeof(path), "%s/%s", directory, harness);
	(void) mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%s", directory, harness, name);
	f = fopen(path, "wb");
	if (f == NULL || fwrite(w->buf, 1, w->len, f) != w->len || fclose(f) != 0)
	{
		perror(path);
		exit(1);
	}
}

static W4Writer
writer(void)
{
	return w4_writer(buf, sizeof(buf));
}

/* --- parts --- */

static W4Vote
vote(W4VoteKind kind, uint64_t height, uint32_t view, int hash, int index)
{
	W4Vote		v = {(uint8_t) kind, (uint16_t) index, view, height, {0}, {0}, {0}};

	memset(v.hash, hash, 32);
	return v;
}

static void
cert_of(W4Cert *c, uint64_t height, uint32_t view, const uint8_t hash[32], int n)
{
	static const uint8_t signature[64];

	c->height = height;
	c->view = view;
	c->n = (uint8_t) n;
	c->signers = 0;
	memcpy(c->hash, hash, 32);
	for (int i = 0; i < w4_quorum(n); i++)
		w4_cert_append(c, (unsigned) i, signature);
}

static void
vc_of(W4ViewChange *vc, uint64_t height, uint32_t view, int64_t prepared_view, int hash, int index)
{
	memset(vc, 0, sizeof(*vc));
	vc->s.vote = vote(W4_VIEW_CHANGE, height, view, prepared_view >= 0 ? hash : 0, index);
	vc->s.prepared_view = prepared_view;
	if (prepared_view >= 0)
	{
		cert_of(&vc->prepared, height, (uint32_t) prepared_view, vc->s.vote.hash, MEMBERS);
		w4_cert_digest(vc->s.digest, &vc->prepared, fuzz_chain);
	}
	w4_vc_extra(vc->s.vote.extra, &vc->s);
}

static W4Slice
block_of(uint64_t height, int64_t time_us, const uint8_t chain[32], const uint8_t parent[32], int members_before,
		 const W4Members *members, const W4Members *next, uint8_t hash[32])
{
	static const uint8_t txs[] = {0, 0, 0, 3, 'o', 'n', 'e', 0, 0, 0, 3, 't', 'w', 'o'};
	static const uint8_t evidence[] = {0, 0, 0, 2, 9, 9};
	W4BlockHeader h;
	W4Writer	w = w4_writer(block_buf, sizeof(block_buf));
	W4Cert		last;

	memset(&h, 0, sizeof(h));
	h.version = W4_BLOCK_VERSION;
	h.height = height;
	h.time_us = time_us;
	memcpy(h.parent, parent, 32);
	memcpy(h.proposer, members->m[0].id, 32);
	memcpy(h.members_hash, members->hash, 32);
	memcpy(h.next_members_hash, next->hash, 32);
	cert_of(&last, height - 1, 0, parent, members_before);
	w4_block_encode(&w, &h, w4_slice(txs, sizeof(txs)), w4_slice(evidence, height % 2 == 0 ? sizeof(evidence) : 0),
					height > 1 ? &last : NULL, chain);
	expect(!w.full);
	w4_block_hash(hash, &h, chain);
	return w4_slice(block_buf, w.len);
}

static W4Slice
some_block(uint64_t height, uint8_t hash[32])
{
	uint8_t		parent[32];

	memset(parent, 0x50, 32);
	return block_of(height, 1001, fuzz_chain, parent, MEMBERS, &set, &set, hash);
}

/* --- harness by harness --- */

static void
blocks(void)
{
	uint8_t		hash[32];

	for (int h = 1; h <= 2; h++)
	{
		W4Slice		b = some_block((uint64_t) h, hash);
		W4Writer	w = w4_writer((uint8_t *) b.data, b.len);

		w.len = b.len;
		save("fuzz_consensus_block", h == 1 ? "first" : "second", &w);
	}
}

static void
certs(void)
{
	W4Writer	w = writer();
	W4Vote		v = vote(W4_COMMIT, 5, 2, 7, 1);
	W4Cert		c;

	cert_of(&c, 5, 2, v.hash, MEMBERS);
	w4_put_u8(&w, 0);
	w4_cert_put(&w, &c, fuzz_chain);
	save("fuzz_consensus_cert", "certificate", &w);
	w = writer();
	w4_put_u8(&w, 1);
	w4_members_put(&w, &set);
	save("fuzz_consensus_cert", "members", &w);
	w = writer();
	w4_put_u8(&w, 2);
	w4_vote_put(&w, &v, fuzz_chain);
	save("fuzz_consensus_cert", "vote", &w);
}

static void
save_message(const char *name, W4Writer *w)
{
	save("fuzz_consensus_message", name, w);
	*w = writer();
}

static void
signed_messages(void)
{
	W4Writer	w = writer();
	W4ViewChange vc[3];
	W4VcSummary s[3];
	W4Report	report;
	W4Vote		v;
	uint8_t		hash[32];
	W4Slice		block = some_block(5, hash);

	v = vote(W4_PREPARE, 5, 1, 7, 2);
	w4_vote_put(&w, &v, fuzz_chain);
	save_message("prepare", &w);
	v.kind = W4_COMMIT;
	w4_vote_put(&w, &v, fuzz_chain);
	save_message("commit", &w);
	v = vote(W4_PRE_PREPARE, 5, 0, 0, 1);
	memcpy(v.hash, hash, 32);
	w4_vote_put(&w, &v, fuzz_chain);
	w4_put_run(&w, block);
	save_message("pre-prepare", &w);
	for (int i = 0; i < 3; i++)
	{
		vc_of(&vc[i], 5, 2, i - 1, 7, i);
		s[i] = vc[i].s;
	}
	w4_vc_put(&w, &vc[0], fuzz_chain);
	save_message("view-change-empty", &w);
	w4_vc_put(&w, &vc[2], fuzz_chain);
	save_message("view-change-prepared", &w);
	v = vote(W4_NEW_VIEW, 5, 2, 7, 3);
	w4_justification_hash(v.extra, s, 3, fuzz_chain);
	w4_vote_put(&w, &v, fuzz_chain);
	w4_put_u8(&w, 3);
	for (int i = 0; i < 3; i++)
		w4_vc_put(&w, &vc[i], fuzz_chain);
	w4_put_run(&w, block);
	save_message("new-view", &w);
	memset(&report, 0, sizeof(report));
	v = vote(W4_STATUS, 5, 0, 9, 1);
	w4_report_hash(v.extra, &report, fuzz_chain);
	w4_status_put(&w, &v, &report, fuzz_chain);
	save_message("status", &w);
	report.flags = W4_REPORT_ANSWER | W4_REPORT_SEEN | W4_REPORT_TIP;
	report.seen = vote(W4_COMMIT, 4, 0, 8, 2);
	cert_of(&report.tip, 4, 0, v.hash, MEMBERS);
	w4_report_hash(v.extra, &report, fuzz_chain);
	w4_status_put(&w, &v, &report, fuzz_chain);
	save_message("status-answer", &w);
}

static void
unsigned_messages(void)
{
	W4Writer	w = writer();
	uint8_t		hash[32];
	W4Slice		block = some_block(5, hash);
	W4Cert		c;

	cert_of(&c, 5, 0, hash, MEMBERS);
	w4_prefix_put(&w, W4_FETCH_PROPOSAL, 5, fuzz_chain);
	w4_put_u32be(&w, 3);
	save_message("fetch-proposal", &w);
	w4_prefix_put(&w, W4_FETCH_BODY, 5, fuzz_chain);
	w4_put(&w, hash, 32);
	save_message("fetch-body", &w);
	w4_prefix_put(&w, W4_BODY, 5, fuzz_chain);
	w4_put_run(&w, block);
	save_message("body", &w);
	w4_prefix_put(&w, W4_FETCH_BLOCKS, 5, fuzz_chain);
	w4_put_u64be(&w, 9);
	save_message("fetch-blocks", &w);
	w4_prefix_put(&w, W4_BLOCKS, 5, fuzz_chain);
	w4_blocks_put(&w, block, &c, fuzz_chain);
	w4_blocks_put(&w, block, &c, fuzz_chain);
	save_message("blocks", &w);
	w4_prefix_put(&w, W4_COMMITTED, 5, fuzz_chain);
	w4_cert_put(&w, &c, fuzz_chain);
	save_message("committed", &w);
	w4_prefix_put(&w, W4_EVIDENCE, 5, fuzz_chain);
	w4_put_run(&w, w4_slice("evidence", 8));
	save_message("evidence", &w);
}

static void
save_evidence(const char *name, W4Writer *w)
{
	save("fuzz_consensus_evidence", name, w);
	*w = writer();
}

static void
evidence(void)
{
	W4Writer	w = writer();
	W4Vote		a = vote(W4_COMMIT, 5, 1, 7, 1);
	W4Vote		b = vote(W4_COMMIT, 5, 1, 8, 1);
	W4ViewChange vc[3];
	W4VcSummary s[3];
	W4Vote		v;
	W4Slice		block;

	w4_evidence_put_votes(&w, &a, &b, fuzz_chain);
	save_evidence("e1-votes", &w);
	v = vote(W4_PRE_PREPARE, 5, 0, 0, 1);
	block = some_block(5, v.hash);
	w4_evidence_put_block(&w, &v, block, fuzz_chain);
	save_evidence("e2-block", &w);
	vc_of(&vc[0], 5, 3, -1, 0, 1);
	w4_evidence_put_amnesia(&w, &a, &vc[0].s, fuzz_chain);
	save_evidence("e3-amnesia", &w);
	for (int i = 0; i < 3; i++)
	{
		vc_of(&vc[i], 5, 2, i - 1, 7, i);
		s[i] = vc[i].s;
	}
	v = vote(W4_NEW_VIEW, 5, 2, 9, 3);
	w4_justification_hash(v.extra, s, 3, fuzz_chain);
	w4_evidence_put_new_view(&w, &v, s, 3, W4_NO_CULPRIT, NULL, fuzz_chain);
	save_evidence("e4-other-block", &w);

	/* A certificate with too few signers that the summary nevertheless names. */
	vc[2].prepared.signers &= 3;
	w4_cert_digest(vc[2].s.digest, &vc[2].prepared, fuzz_chain);
	w4_vc_extra(vc[2].s.vote.extra, &vc[2].s);
	s[2] = vc[2].s;
	w4_justification_hash(v.extra, s, 3, fuzz_chain);
	w4_evidence_put_new_view(&w, &v, s, 3, 2, &vc[2].prepared, fuzz_chain);
	save_evidence("e4-void-certificate", &w);
}

static void
records(void)
{
	W4Writer	w = writer();
	W4ViewChange vc;
	W4Record	rec;

	w4_record_init(&rec, 5);
	w4_record_put(&w, &rec, fuzz_chain);
	save("fuzz_consensus_record", "fresh", &w);
	vc_of(&vc, 5, 3, 2, 7, 1);
	rec.view = rec.asked = 3;
	rec.mode = W4_CHANGING;
	rec.incarnation = 4;
	rec.proposal = vote(W4_NEW_VIEW, 5, 2, 7, 1);
	rec.prepare = vote(W4_PREPARE, 5, 2, 7, 1);
	rec.commit = vote(W4_COMMIT, 5, 2, 7, 1);
	rec.view_change = vc.s;
	rec.prepared = vc.prepared;
	rec.signed_last = w4_vote_position(&vc.s.vote);
	w = writer();
	w4_record_put(&w, &rec, fuzz_chain);
	save("fuzz_consensus_record", "everything", &w);
}

static void
tips(void)
{
	static W4Tip tip;
	W4Writer	w = writer();
	uint8_t		zero[32] = {0};

	w4_tip_genesis(&tip, fuzz_chain, &set, 1000, zero, zero);
	w4_tip_put(&w, &tip, fuzz_chain);
	save("fuzz_consensus_tip", "genesis", &w);
	tip.height = 9;
	memset(tip.hash, 7, 32);
	tip.rota.skipped = 2;
	tip.rota.missed[1] = 2;
	cert_of(&tip.cert, 9, 0, tip.hash, MEMBERS);
	w = writer();
	w4_tip_put(&w, &tip, fuzz_chain);
	save("fuzz_consensus_tip", "ninth", &w);
}

/* A motion with a vote, a queued leave, strikes, an accusation, two changes of members. */
static void
councils(void)
{
	static W4Council c;
	W4Writer	w = writer();
	W4Motion	m = {.kind = W4_MOTION_ADD, .id = {1}, .subject = {0xB0}, .key = {0x77}, .expiry = 200};
	W4Conviction k = {.kind = W4_COMMIT, .view = 1, .height = 90};
	W4Members	other = set;

	w4_put_u64be(&w, 100 << 2);
	w4_put_u8(&w, 0);
	w4_council_put(&w, &c);
	save("fuzz_replica_council", "nothing", &w);
	expect(w4_roster_propose(&c.roster, &set, set.m[0].id, &m, 99) == W4_ROSTER_OK);
	expect(w4_roster_vote(&c.roster, &set, set.m[1].id, m.id, 99) == W4_ROSTER_OK);
	expect(w4_roster_remove(&c.roster, &set, set.m[2].id, set.m[2].key) == W4_ROSTER_PASSED);
	memcpy(k.id, set.m[3].id, 32);
	expect(w4_strikes_convict(&c.strikes, &k, 3, 95) == W4_STRIKE_COUNTED);
	expect(w4_strikes_accuse(&c.strikes, &set, set.m[0].id, set.m[3].id, 1, 3, 96) == W4_STRIKE_NOTED);
	other.m[1].key[9] = 1;
	w4_members_seal(&other);
	w4_history_note(&c.history, &set, &other, 50);
	w4_history_note(&c.history, &other, &set, 60);
	w = writer();
	w4_put_u64be(&w, 100 << 2);
	w4_put_u8(&w, 0x35);
	w4_council_put(&w, &c);
	save("fuzz_replica_council", "everything", &w);
}

/* Four blocks; the second announces a fifth member. */
static void
chain(void)
{
	W4Writer	w = writer();
	W4Genesis	g;
	W4Members	more = set;
	uint8_t		doc[W4_GENESIS_WIRE_MAX];
	W4Writer	d = w4_writer(doc, sizeof(doc));
	uint8_t		id[32] = {0xB0};
	uint8_t		chain_id[32];
	uint8_t		parent[32];

	memset(&g, 0, sizeof(g));
	strcpy(g.name, "seed");
	g.members = set;
	w4_genesis_put(&d, &g);
	w4_chain_id(chain_id, w4_slice(doc, d.len));
	expect(w4_members_add(&more, id, id));
	w4_members_seal(&more);
	w4_chainfile_put_head(&w, w4_slice(doc, d.len));
	memcpy(parent, chain_id, 32);
	for (uint64_t h = 1; h <= 4; h++)
	{
		const W4Members *now = h > 2 ? &more : &set;
		W4Slice		b;
		W4Cert		c;
		uint8_t		hash[32];

		b = block_of(h, (int64_t) h, chain_id, parent, h > 3 ? MEMBERS + 1 : MEMBERS, now, h > 1 ? &more : &set, hash);
		cert_of(&c, h, 0, hash, now->n);
		w4_chainfile_put_record(&w, b, &c, h == 2 ? &more : NULL, chain_id);
		memcpy(parent, hash, 32);
	}
	w4_chainfile_put_end(&w, 4, parent);
	save("fuzz_consensus_chainfile", "four-blocks", &w);
}

/* --- state sync: each message, and a joiner that is told the truth --- */

static void
save_sync(const char *name, const W4Writer *w)
{
	static uint8_t with_choice[1 << 16];
	W4Writer	out = w4_writer(with_choice, sizeof(with_choice));

	w4_put_u8(&out, 0);
	w4_put(&out, w->buf, w->len);
	save("fuzz_consensus_sync", name, &out);
}

static void
put_op(W4Writer *w, uint8_t op, W4Slice body)
{
	w4_put_u8(w, op);
	w4_put_u16be(w, (uint16_t) body.len);
	w4_put(w, body.data, body.len);
}

/* The body of a message that is in w, behind its prefix. */
static W4Slice
body_of(const W4Writer *w)
{
	return w4_slice(w->buf + W4_MESSAGE_PREFIX_LEN, w->len - W4_MESSAGE_PREFIX_LEN);
}

static void
state_sync(void)
{
	static W4Tip tip;
	static uint8_t story_buf[1 << 15];
	W4Writer	story = w4_writer(story_buf, sizeof(story_buf));
	W4Writer	w = writer();
	W4BlockHeader h;
	W4Cert		cert;
	uint8_t		zero[32] = {0};
	uint8_t		leaves[64];
	uint8_t		hash[32];

	memset(&h, 0, sizeof(h));
	w4_merkle_leaf_hash(leaves, "one", 3);
	w4_merkle_leaf_hash(leaves + 32, "two", 3);
	w4_tip_genesis(&tip, fuzz_chain, &set, 1000, zero, zero);
	tip.height = 9;
	memset(tip.hash, 7, 32);
	cert_of(&tip.cert, 9, 0, tip.hash, MEMBERS);
	w4_merkle_root(hash, leaves, 2);
	w4_checkpoint_root(tip.checkpoint_root, &tip, hash, 2);
	w4_tip_header(&tip, &h);
	h.time_us = 1001;
	w4_block_hash(hash, &h, fuzz_chain);
	cert_of(&cert, 10, 0, hash, MEMBERS);

	w4_summary_put(&w, &tip, 2);
	save_sync("summary", &w);
	w = writer();
	w4_fetch_chunk_put(&w, 9, 1, fuzz_chain);
	save_sync("fetch-chunk", &w);
	w = writer();
	w4_prefix_put(&w, W4_OFFER, 9, fuzz_chain);
	save_sync("offer", &w);

	w4_put_u8(&story, 1);
	put_op(&story, 0, w4_slice(NULL, 0));	/* source 0 is there */
	put_op(&story, 0x80, w4_slice("\x08", 1));	/* and has checkpoint 9 */
	w = writer();
	w4_proof_message_put(&w, &h, &cert, &set, fuzz_chain);
	save_sync("proof", &w);
	put_op(&story, 0x80, body_of(&w));
	w = writer();
	w4_manifest_put(&w, &tip, leaves, 2, fuzz_chain);
	save_sync("manifest", &w);
	put_op(&story, 0x80, body_of(&w));
	for (int i = 0; i < 2; i++)
	{
		W4Slice		bytes = w4_slice(i == 0 ? "one" : "two", 3);

		w = writer();
		w4_chunk_put(&w, 9, (uint32_t) i, bytes, fuzz_chain);
		save_sync("chunk", &w);
		put_op(&story, 0x80, w4_slice(w.buf + W4_MESSAGE_PREFIX_LEN + 4, w.len - W4_MESSAGE_PREFIX_LEN - 4));
	}
	save("fuzz_consensus_sync", "joins", &story);
}

int
main(int argc, char **argv)
{
	if (argc != 2)
	{
		fprintf(stderr, "usage: make_seeds DIRECTORY\n");
		return 2;
	}
	directory = argv[1];
	fuzz_members(&set, MEMBERS);
	blocks();
	certs();
	signed_messages();
	unsigned_messages();
	evidence();
	records();
	tips();
	councils();
	chain();
	state_sync();
	return 0;
}
