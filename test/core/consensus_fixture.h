/*-------------------------------------------------------------------------
 *
 * consensus_fixture.h
 *		A chain with up to 64 members whose real Ed25519 keys the tests hold.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_FIXTURE_H
#define W4_CONSENSUS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/consensus/evidence.h"
#include "core/consensus/message.h"
#include "core/crypto.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

typedef struct Chain
{
	uint8_t		id[32];
	W4Members	set;
	uint8_t		secret[W4_MAX_MEMBERS][64];
} Chain;

static inline void
peer_id(uint8_t out[32], int n)
{
	memset(out, 0xA0, 32);
	out[31] = (uint8_t) n;
}

static inline void
peer_keys(uint8_t public_key[32], uint8_t secret[64], int n)
{
	uint8_t		seed[32] = {(uint8_t) n, 7};

	w4_keypair_from_seed(public_key, secret, seed);
}

static inline void
chain_init(Chain *c, int n)
{
	memset(c, 0, sizeof(*c));
	memset(c->id, 0xC1, 32);
	for (int i = 0; i < n; i++)
	{
		uint8_t		id[32];
		uint8_t		key[32];

		peer_id(id, i);
		peer_keys(key, c->secret[i], i);
		assert_true(w4_members_add(&c->set, id, key));
	}
	w4_members_seal(&c->set);
}

static inline void
vote_sign(const Chain *c, W4Vote *v)
{
	uint8_t		bytes[W4_VOTE_BYTES];

	w4_vote_bytes(bytes, v, c->id);
	w4_sign(v->signature, bytes, sizeof(bytes), c->secret[v->index]);
}

/* A signed vote for the block whose hash is 32 times "hash". */
static inline W4Vote
vote_make(const Chain *c, W4VoteKind kind, uint64_t height, uint32_t view, int hash, int index)
{
	W4Vote		v = {(uint8_t) kind, (uint16_t) index, view, height, {0}, {0}, {0}};

	memset(v.hash, hash, 32);
	vote_sign(c, &v);
	return v;
}

static inline void
cert_make(W4Cert *out, const Chain *c, W4VoteKind kind, uint64_t height, uint32_t view,
		  const uint8_t hash[32], uint64_t signers)
{
	out->height = height;
	out->view = view;
	out->n = c->set.n;
	out->signers = 0;
	memcpy(out->hash, hash, 32);
	for (unsigned i = 0; i < c->set.n; i++)
	{
		W4Vote		v = {(uint8_t) kind, (uint16_t) i, view, height, {0}, {0}, {0}};

		if (!w4_mask_has(signers, i))
			continue;
		memcpy(v.hash, hash, 32);
		vote_sign(c, &v);
		w4_cert_append(out, i, v.signature);
	}
}

/* A VIEW-CHANGE of one member; prepared_view -1 for nothing prepared. */
static inline void
vc_make(W4ViewChange *out, const Chain *c, uint64_t height, uint32_t view, int index,
		int64_t prepared_view, int hash, uint64_t signers)
{
	memset(&out->s, 0, sizeof(out->s));
	out->s.vote.kind = W4_VIEW_CHANGE;
	out->s.vote.height = height;
	out->s.vote.view = view;
	out->s.vote.index = (uint16_t) index;
	out->s.prepared_view = prepared_view;
	out->prepared.signers = 0;
	if (prepared_view >= 0)
	{
		memset(out->s.vote.hash, hash, 32);
		cert_make(&out->prepared, c, W4_PREPARE, height, (uint32_t) prepared_view, out->s.vote.hash, signers);
		w4_cert_digest(out->s.digest, &out->prepared, c->id);
	}
	w4_vc_extra(out->s.vote.extra, &out->s);
	vote_sign(c, &out->s.vote);
}

/* A block at a height, on a parent of 32 times 0x50, with two transactions. */
static inline W4Slice
block_make(uint8_t *buf, size_t cap, const Chain *c, uint64_t height)
{
	static const uint8_t txs[] = {0, 0, 0, 3, 'o', 'n', 'e', 0, 0, 0, 5, 't', 'h', 'r', 'e', 'e'};
	static const uint8_t evidence[] = {0, 0, 0, 2, 9, 9};
	W4BlockHeader h = {.version = W4_BLOCK_VERSION, .height = height, .time_us = 1000};
	W4Writer	w = w4_writer(buf, cap);
	W4Cert		cert;

	memset(h.parent, 0x50, 32);
	memcpy(h.proposer, c->set.m[0].id, 32);
	memcpy(h.members_hash, c->set.hash, 32);
	memcpy(h.next_members_hash, c->set.hash, 32);
	cert_make(&cert, c, W4_COMMIT, height - 1, 0, h.parent, w4_mask_all((unsigned) w4_quorum(c->set.n)));
	w4_block_encode(&w, &h, w4_slice(txs, sizeof(txs)), w4_slice(evidence, sizeof(evidence)),
					height > 1 ? &cert : NULL, c->id);
	assert_false(w.full);
	return w4_slice(buf, w.len);
}

#endif							/* W4_CONSENSUS_FIXTURE_H */
