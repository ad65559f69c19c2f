/*-------------------------------------------------------------------------
 *
 * skip.c
 *		From a trusted header to a later one without those between.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/skip.h"

/* --- codec --- */

void
w4_proof_put(W4Writer *out, const W4BlockHeader *header, const W4Cert *cert, const W4Members *members,
			 const uint8_t chain_id[32])
{
	w4_block_header_put(out, header, chain_id);
	w4_cert_put(out, cert, chain_id);
	w4_members_put(out, members);
}

void
w4_proof_read(W4Proof *out, W4Reader *r, const uint8_t chain_id[32], const W4Suite *suite)
{
	w4_block_header_read(&out->header, r, chain_id);
	w4_block_hash(out->hash, &out->header, chain_id);
	w4_cert_read(&out->cert, r, chain_id);
	if (r->what == NULL &&
		(out->cert.height != out->header.height || !w4_hash_eq(out->cert.hash, out->hash)))
		w4_read_fail(r, "certificate of another block");
	w4_members_read(&out->members, r, suite);
	if (r->what == NULL && !w4_hash_eq(out->members.hash, out->header.members_hash))
		w4_read_fail(r, "members are not those of the header");
}

/* --- what is trusted --- */

void
w4_trusted_genesis(W4Trusted *out, const uint8_t chain_id[32], const W4Genesis *genesis)
{
	out->height = 0;
	out->time_us = genesis->time_us;
	w4_hash_copy(out->hash, chain_id);
	out->members = genesis->members;
	w4_hash_copy(out->next_members_hash, genesis->members.hash);
}

void
w4_trusted_pin(W4Trusted *out, uint64_t height, const uint8_t hash[32])
{
	memset(out, 0, sizeof(*out));
	out->height = height;
	w4_hash_copy(out->hash, hash);
}

void
w4_trusted_step(W4Trusted *out, const W4Proof *proof)
{
	out->height = proof->header.height;
	out->time_us = proof->header.time_us;
	w4_hash_copy(out->hash, proof->hash);
	w4_hash_copy(out->next_members_hash, proof->header.next_members_hash);
	out->members = proof->members;
}

/* --- the rule --- */

/* How many of the trusted members are among the signers, with the key that is trusted. */
static int
trusted_signers(const W4Members *trusted, const W4Proof *proof)
{
	int			n = 0;

	for (int i = 0; i < proof->members.n; i++)
	{
		const W4Member *m = &proof->members.m[i];
		int			at;

		if (!w4_mask_has(proof->cert.signers, (unsigned) i))
			continue;
		at = w4_members_find(trusted, m->id);
		n += at != W4_NO_MEMBER && w4_hash_eq(trusted->m[at].key, m->key);
	}
	return n;
}

static bool
follows(const W4Trusted *t, const W4Proof *proof)
{
	return w4_hash_eq(proof->header.parent, t->hash) &&
		w4_hash_eq(proof->header.members_hash, t->next_members_hash);
}

W4Skip
w4_skip_verify(const W4Trusted *t, const W4Proof *proof, const uint8_t chain_id[32], const W4Suite *suite)
{
	bool		next = proof->header.height == t->height + 1;

	if (t->members.n == 0)
		return proof->header.height == t->height && w4_hash_eq(proof->hash, t->hash) ? W4_SKIP_GOOD : W4_SKIP_FALSE;
	if (proof->header.height <= t->height || proof->header.time_us <= t->time_us || (next && !follows(t, proof)))
		return W4_SKIP_FALSE;
	if (!w4_cert_verify(&proof->cert, W4_COMMIT, chain_id, &proof->members, suite, NULL, NULL))
		return W4_SKIP_FALSE;
	if (!next && trusted_signers(&t->members, proof) <= t->members.n / 3)
		return W4_SKIP_FAR;
	return W4_SKIP_GOOD;
}
