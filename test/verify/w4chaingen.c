/*-------------------------------------------------------------------------
 *
 * w4chaingen.c
 *		Writes a chain file for the tests of w4verify, with real signatures.
 *
 *	w4chaingen SEED HEIGHTS MEMBERS FILE GENESIS
 *
 * All of it follows from the seed.  After a third of the heights a member
 * joins, after two thirds a founding one leaves.  Blocks carry no to four
 * transactions of random bytes and now and then an item of evidence; some are
 * decided in a later view; quorums differ, also between the certificate beside
 * a block and the one in its successor.  The chain is built by w4_tip_advance,
 * so heights, members and builders are those of the protocol.  Prints the chain
 * id and the hash of the last block.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/consensus/chainfile.h"
#include "core/consensus/tip.h"
#include "core/crypto.h"
#include "rng.h"

#define MAX_BLOCK 8192

typedef struct Gen
{
	Rng			rng;
	uint8_t		chain_id[32];
	uint64_t	heights;
	W4Tip		tip;
	W4Genesis	genesis;
	uint8_t		genesis_wire[W4_GENESIS_WIRE_MAX];
	size_t		genesis_len;
	FILE	   *out;
} Gen;

static void
write_file(FILE *f, const W4Writer *w)
{
	if (w->full || fwrite(w->buf, 1, w->len, f) != w->len)
	{
		fprintf(stderr, "w4chaingen: cannot write\n");
		exit(2);
	}
}

static void
random_bytes(Gen *g, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t) rng_next(&g->rng);
}

/* --- peers --- */

/* Keys and ids of peer n of this chain. */
static void
peer(const Gen *g, int n, uint8_t id[32], uint8_t key[32], uint8_t secret[64])
{
	uint8_t		seed[33];

	memcpy(seed, g->genesis.params_hash, 32);
	seed[32] = (uint8_t) n;
	w4_sha256(seed, seed, sizeof(seed));
	w4_keypair_from_seed(key, secret, seed);
	w4_sha256(id, key, 32);
}

static void
secret_of(const Gen *g, const uint8_t id[32], uint8_t secret[64])
{
	uint8_t		other[32];
	uint8_t		key[32];
	int			n = 0;

	do
		peer(g, n++, other, key, secret);
	while (!w4_hash_eq(id, other));
}

static void
found(Gen *g, int members)
{
	W4Writer	w = w4_writer(g->genesis_wire, sizeof(g->genesis_wire));

	strcpy(g->genesis.name, "test-chain");
	g->genesis.time_us = INT64_C(1700000000) * 1000000;
	random_bytes(g, g->genesis.params_hash, 32);
	random_bytes(g, g->genesis.state_digest, 32);
	for (int i = 0; i < members; i++)
	{
		uint8_t		id[32];
		uint8_t		key[32];
		uint8_t		secret[64];

		peer(g, i, id, key, secret);
		(void) w4_members_add(&g->genesis.members, id, key);
	}
	w4_members_seal(&g->genesis.members);
	w4_genesis_put(&w, &g->genesis);
	g->genesis_len = w.len;
	w4_chain_id(g->chain_id, w4_slice(w.buf, w.len));
	w4_tip_genesis(&g->tip, g->chain_id, &g->genesis.members, g->genesis.time_us,
				   g->genesis.state_digest, g->genesis.params_hash);
}

/* --- certificates --- */

/* A random quorum, or more. */
static uint64_t
draw_signers(Gen *g, int n)
{
	uint64_t	mask = w4_mask_all((unsigned) n);
	int			spare = n - w4_quorum(n);

	for (uint64_t i = rng_below(&g->rng, (uint64_t) spare + 1); i > 0; i--)
		mask &= ~w4_mask_bit((unsigned) rng_below(&g->rng, (uint64_t) n));
	return mask;
}

static void
certify(Gen *g, W4Cert *out, const W4Members *set, uint64_t height, uint32_t view, const uint8_t hash[32])
{
	W4Vote		v = {W4_COMMIT, 0, view, height, {0}, {0}, {0}};
	uint64_t	signers = draw_signers(g, set->n);

	w4_hash_copy(v.hash, hash);
	w4_hash_copy(out->hash, hash);
	out->height = height;
	out->view = view;
	out->n = set->n;
	out->signers = 0;
	for (unsigned i = 0; i < set->n; i++)
	{
		uint8_t		bytes[W4_VOTE_BYTES];
		uint8_t		secret[64];

		if (!w4_mask_has(signers, i))
			continue;
		v.index = (uint16_t) i;
		w4_vote_bytes(bytes, &v, g->chain_id);
		secret_of(g, set->m[i].id, secret);
		w4_sign(v.signature, bytes, sizeof(bytes), secret);
		w4_cert_append(out, i, v.signature);
	}
}

/* --- blocks --- */

static W4Slice
draw_items(Gen *g, uint8_t *buf, size_t cap, uint64_t items)
{
	W4Writer	w = w4_writer(buf, cap);

	for (; items > 0; items--)
	{
		uint8_t		bytes[256];
		size_t		len = 1 + (size_t) rng_below(&g->rng, sizeof(bytes));

		random_bytes(g, bytes, len);
		w4_put_run(&w, w4_slice(bytes, len));
	}
	return w4_slice(buf, w.len);
}

/* What execution would yield, and on two heights a change of members. */
static void
execute(Gen *g, W4Applied *out)
{
	uint64_t	height = g->tip.height + 1;
	uint8_t		id[32];
	uint8_t		key[32];
	uint8_t		secret[64];

	memset(out, 0, sizeof(*out));
	random_bytes(g, out->state_digest, 32);
	random_bytes(g, out->results_root, 32);
	w4_hash_copy(out->params_hash, g->genesis.params_hash);
	out->members = g->tip.members[2];
	if (height == g->heights / 3)
	{
		peer(g, g->genesis.members.n, id, key, secret);
		out->members_change = w4_members_add(&out->members, id, key);
	}
	else if (height == 2 * g->heights / 3)
	{
		peer(g, 0, id, key, secret);
		out->members_change = w4_members_remove(&out->members, id);
	}
	w4_members_seal(&out->members);
}

static void
next_block(Gen *g)
{
	static uint8_t wire[MAX_BLOCK];
	static uint8_t record[MAX_BLOCK + W4_CERT_WIRE_MAX + W4_MEMBERS_WIRE_MAX];
	uint8_t		txs[4 * 260];
	uint8_t		evidence[260];
	uint32_t	view = rng_hit(&g->rng, 30000) ? 1 + (uint32_t) rng_below(&g->rng, 2) : 0;
	bool		change = !w4_hash_eq(g->tip.members[1].hash, g->tip.members[2].hash);
	W4Writer	w = w4_writer(wire, sizeof(wire));
	W4Writer	r = w4_writer(record, sizeof(record));
	W4Slice		items;
	W4BlockHeader h;
	W4Cert		cert;
	W4Applied	applied;
	W4Block		block;

	w4_tip_header(&g->tip, &h);
	w4_hash_copy(h.proposer, g->tip.members[1].m[w4_tip_proposer(&g->tip, view)].id);
	h.time_us = g->tip.time_us + 1 + (int64_t) rng_below(&g->rng, 1000000);
	items = draw_items(g, txs, sizeof(txs), rng_below(&g->rng, 5));
	if (g->tip.height > 0 && rng_hit(&g->rng, 200000))
		certify(g, &g->tip.cert, &g->tip.members[0], g->tip.height, g->tip.cert.view, g->tip.hash);
	w4_block_encode(&w, &h, items, draw_items(g, evidence, sizeof(evidence), rng_hit(&g->rng, 20000)),
					g->tip.height > 0 ? &g->tip.cert : NULL, g->chain_id);
	if (w.full || !w4_block_decode(&block, w4_slice(wire, w.len), g->chain_id, MAX_BLOCK, NULL) ||
		w4_tip_misfit(&g->tip, &block, view) != NULL)
		abort();
	certify(g, &cert, &g->tip.members[1], h.height, view, block.hash);
	w4_chainfile_put_record(&r, block.wire, &cert, change ? &g->tip.members[2] : NULL, g->chain_id);
	write_file(g->out, &r);
	execute(g, &applied);
	if (!w4_tip_advance(&g->tip, &block, &cert, &applied, g->chain_id))
		abort();
}

/* --- main --- */

static FILE *
create(const char *path)
{
	FILE	   *f = fopen(path, "wb");

	if (f == NULL)
	{
		perror(path);
		exit(2);
	}
	return f;
}

static void
print_hash(const uint8_t hash[32])
{
	for (int i = 0; i < 32; i++)
		printf("%02x", hash[i]);
	printf("\n");
}

int
main(int argc, char **argv)
{
	static Gen	g;
	uint8_t		head[W4_CHAINFILE_HEAD_LEN + W4_GENESIS_WIRE_MAX];
	uint8_t		end[4 + W4_CHAINFILE_END_LEN];
	W4Writer	w = w4_writer(head, sizeof(head));
	W4Writer	e = w4_writer(end, sizeof(end));
	W4Writer	doc;
	FILE	   *f;

	if (argc != 6)
	{
		fprintf(stderr, "usage: w4chaingen SEED HEIGHTS MEMBERS FILE GENESIS\n");
		return 2;
	}
	rng_seed(&g.rng, strtoull(argv[1], NULL, 10));
	g.heights = strtoull(argv[2], NULL, 10);
	found(&g, atoi(argv[3]));
	g.out = create(argv[4]);
	w4_chainfile_put_head(&w, w4_slice(g.genesis_wire, g.genesis_len));
	write_file(g.out, &w);
	while (g.tip.height < g.heights)
		next_block(&g);
	w4_chainfile_put_end(&e, g.tip.height, g.tip.hash);
	write_file(g.out, &e);
	f = create(argv[5]);
	doc = w4_writer(g.genesis_wire, g.genesis_len);
	doc.len = g.genesis_len;
	write_file(f, &doc);
	if (fclose(g.out) != 0 || fclose(f) != 0)
	{
		perror(argv[4]);
		return 2;
	}
	print_hash(g.chain_id);
	print_hash(g.tip.hash);
	return 0;
}
