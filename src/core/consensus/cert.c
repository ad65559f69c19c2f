/*-------------------------------------------------------------------------
 *
 * cert.c
 *		Certificates: a quorum's signatures on one block at one height and view.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/cert.h"

#include "core/crypto.h"

static size_t
mask_bytes(int n)
{
	return ((size_t) n + 7) / 8;
}

size_t
w4_cert_wire_len(int n, int signers)
{
	return 32 + 8 + 4 + 32 + 1 + mask_bytes(n) + (size_t) signers * 64;
}

void
w4_cert_copy(W4Cert *out, const W4Cert *cert)
{
	size_t		used = (size_t) w4_mask_count(cert->signers) * 64;

	memmove(out, cert, offsetof(W4Cert, signatures) + used);
}

void
w4_cert_append(W4Cert *cert, unsigned index, const uint8_t signature[64])
{
	memcpy(cert->signatures[w4_mask_count(cert->signers)], signature, 64);
	cert->signers |= w4_mask_bit(index);
}

void
w4_cert_put(W4Writer *out, const W4Cert *cert, const uint8_t chain_id[32])
{
	w4_put(out, chain_id, 32);
	w4_put_u64be(out, cert->height);
	w4_put_u32be(out, cert->view);
	w4_put(out, cert->hash, 32);
	w4_put_u8(out, cert->n);
	for (size_t i = 0; i < mask_bytes(cert->n); i++)
		w4_put_u8(out, (uint8_t) (cert->signers >> (8 * i)));
	w4_put(out, cert->signatures, (size_t) w4_mask_count(cert->signers) * 64);
}

static uint64_t
read_signers(W4Reader *r, int n)
{
	uint64_t	mask = 0;

	for (size_t i = 0; i < mask_bytes(n); i++)
		mask |= (uint64_t) w4_read_u8(r) << (8 * i);
	if ((mask & ~w4_mask_all((unsigned) n)) != 0)
		w4_read_fail(r, "signer beyond the members");
	else if (mask == 0)
		w4_read_fail(r, "certificate without a signer");
	return mask;
}

void
w4_cert_read(W4Cert *out, W4Reader *r, const uint8_t chain_id[32])
{
	const uint8_t *chain = w4_read_bytes(r, 32);

	if (chain != NULL && !w4_hash_eq(chain, chain_id))
		w4_read_fail(r, "another chain");
	out->signers = 0;
	out->height = w4_read_u64be(r);
	out->view = w4_read_u32be(r);
	w4_read_copy(r, out->hash, 32);
	out->n = w4_read_u8(r);
	if (out->height < 1 || out->height > W4_MAX_HEIGHT || out->view > W4_MAX_VIEW)
		w4_read_fail(r, "height or view out of range");
	if (out->n < 1 || out->n > W4_MAX_MEMBERS)
		w4_read_fail(r, "number of members out of range");
	if (r->what == NULL)
		out->signers = read_signers(r, out->n);
	if (r->what != NULL)
		out->signers = 0;
	w4_read_copy(r, out->signatures, (size_t) w4_mask_count(out->signers) * 64);
}

void
w4_cert_digest(uint8_t out[32], const W4Cert *cert, const uint8_t chain_id[32])
{
	uint8_t		wire[W4_CERT_WIRE_MAX];
	W4Writer	w = w4_writer(wire, sizeof(wire));

	w4_cert_put(&w, cert, chain_id);
	w4_sha256(out, wire, w.len);
}

bool
w4_cert_verify(const W4Cert *cert, W4VoteKind kind, const uint8_t chain_id[32],
			   const W4Members *set, const W4Suite *suite, W4KnownVote known, void *arg)
{
	W4Vote		vote = {(uint8_t) kind, 0, cert->view, cert->height, {0}, {0}, {0}};
	int			nth = 0;

	if (cert->n != set->n || w4_mask_count(cert->signers) < w4_quorum(set->n))
		return false;
	memcpy(vote.hash, cert->hash, 32);
	for (unsigned i = 0; i < set->n; i++)
	{
		if (!w4_mask_has(cert->signers, i))
			continue;
		vote.index = (uint16_t) i;
		memcpy(vote.signature, cert->signatures[nth++], 64);
		if (known != NULL && known(arg, &vote))
			continue;
		if (!w4_vote_verify(&vote, chain_id, set, suite))
			return false;
	}
	return true;
}
