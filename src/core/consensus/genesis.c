/*-------------------------------------------------------------------------
 *
 * genesis.c
 *		Where a chain begins: the document whose hash is the chain id.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/genesis.h"

#include "core/crypto.h"

static const char genesis_domain[6] = {'W', '4', 'G', 'E', 'N', '1'};

void
w4_chain_id(uint8_t out[32], W4Slice genesis)
{
	W4Slice		parts[2] = {w4_slice(genesis_domain, sizeof(genesis_domain)), genesis};

	w4_sha256_parts(out, parts, 2);
}

void
w4_genesis_put(W4Writer *out, const W4Genesis *g)
{
	w4_put_u16be(out, W4_GENESIS_VERSION);
	w4_put_u8(out, (uint8_t) strlen(g->name));
	w4_put_cstr(out, g->name);
	w4_put_u64be(out, (uint64_t) g->time_us);
	w4_put(out, g->params_hash, 32);
	w4_put(out, g->state_digest, 32);
	w4_members_put(out, &g->members);
}

static void
read_name(char *out, W4Reader *r)
{
	size_t		len = w4_read_u8(r);

	memset(out, 0, W4_GENESIS_NAME_MAX + 1);
	if (len < 1 || len > W4_GENESIS_NAME_MAX)
	{
		w4_read_fail(r, "length of the network's name out of range");
		return;
	}
	w4_read_copy(r, out, len);
	for (size_t i = 0; i < len; i++)
		if (!((out[i] >= 'a' && out[i] <= 'z') || (out[i] >= '0' && out[i] <= '9') || out[i] == '-'))
			w4_read_fail(r, "character that a network's name does not have");
}

bool
w4_genesis_decode(W4Genesis *out, W4Slice wire, const W4Suite *suite, W4Fault *fault)
{
	W4Reader	r = w4_reader(wire);

	if (w4_read_u16be(&r) != W4_GENESIS_VERSION)
		w4_read_fail(&r, "unknown version of a genesis document");
	read_name(out->name, &r);
	out->time_us = (int64_t) w4_read_u64be(&r);
	if (out->time_us < 0)
		w4_read_fail(&r, "time before 1970");
	w4_read_copy(&r, out->params_hash, 32);
	w4_read_copy(&r, out->state_digest, 32);
	w4_members_read(&out->members, &r, suite);
	return w4_read_end(&r, fault);
}
