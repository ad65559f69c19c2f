/*-------------------------------------------------------------------------
 *
 * revocation.c
 *		The revocation record: a token's end, signed by who may end it.
 *
 * Who may is the chain verifier's question (chain.c); here are the bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consent.h"

#include "core/crypto.h"
#include "core/tlv.h"

#define TAG_REVOKER 0x01
#define TAG_TOKEN_HASH 0x02
#define TAG_REVOKED_AT 0x03
#define TAG_REASON 0x04
#define TAG_SIGNATURE 0x08
#define TAG_PUBLIC_KEY 0x09

#define MAX_REASON 4
#define NFIELDS 6

/* Every field, in order, exactly once; nothing else. */
static const struct
{
	uint8_t		tag;
	uint16_t	min;
	uint16_t	max;
}			fields[NFIELDS] = {
	{TAG_REVOKER, 1, 255},
	{TAG_TOKEN_HASH, 32, 32},
	{TAG_REVOKED_AT, 8, 8},
	{TAG_REASON, 1, 1},
	{TAG_SIGNATURE, 64, 64},
	{TAG_PUBLIC_KEY, 32, 32},
};

static bool
split(W4Slice wire, W4Tlv items[NFIELDS], W4Fault *fault)
{
	size_t		pos = 0;

	for (int i = 0; i < NFIELDS; i++)
	{
		if (!w4_tlv_next(wire, &pos, &items[i], fault))
			return false;
		if (items[i].tag != fields[i].tag)
			return w4_fault(fault, "field missing, repeated or out of order", items[i].offset);
		if (items[i].value.len < fields[i].min || items[i].value.len > fields[i].max)
			return w4_fault(fault, "field of wrong length", items[i].offset);
	}
	return pos == wire.len || w4_fault(fault, "trailing bytes", pos);
}

bool
w4_revocation_decode(W4Revocation *out, const uint8_t *wire, size_t len, W4Fault *fault)
{
	W4Tlv		items[NFIELDS];
	uint64_t	revoked_at;

	memset(out, 0, sizeof(*out));
	if (len > W4_REVOCATION_MAX_SIZE)
		return w4_fault(fault, "revocation too long", W4_REVOCATION_MAX_SIZE);
	if (!split(w4_slice(wire, len), items, fault))
		return false;
	out->wire = w4_slice(wire, len);
	out->revoker = items[0].value;
	memcpy(out->token_hash, items[1].value.data, sizeof(out->token_hash));
	revoked_at = w4_get_u64be(items[2].value.data);
	out->reason = items[3].value.data[0];
	memcpy(out->signature, items[4].value.data, sizeof(out->signature));
	memcpy(out->public_key, items[5].value.data, sizeof(out->public_key));

	if (!w4_consent_name_ok(out->revoker))
		return w4_fault(fault, "malformed name", items[0].offset);
	if (revoked_at == 0 || revoked_at > INT64_MAX)
		return w4_fault(fault, "time out of range", items[2].offset);
	if (out->reason > MAX_REASON)
		return w4_fault(fault, "unknown reason", items[3].offset);
	out->revoked_at = (int64_t) revoked_at;
	return true;
}

void
w4_revocation_signed_bytes(W4Writer *out, const W4Revocation *r)
{
	w4_tlv_put_unsigned(out, W4_REVOKE_CONTEXT, r->wire, TAG_SIGNATURE);
}

bool
w4_revocation_signature_ok(const W4Revocation *r)
{
	uint8_t		buf[W4_REVOCATION_MAX_SIZE + sizeof(W4_REVOKE_CONTEXT)];
	W4Writer	message = w4_writer(buf, sizeof(buf));

	w4_revocation_signed_bytes(&message, r);
	return !message.full &&
		w4_verify_strict(r->signature, message.buf, message.len, r->public_key);
}

bool
w4_revocation_encode(W4Writer *out, const W4Revocation *r, W4Fault *fault)
{
	size_t		start = out->len;
	W4Revocation back;

	w4_tlv_put_slice(out, TAG_REVOKER, r->revoker);
	w4_tlv_put(out, TAG_TOKEN_HASH, r->token_hash, sizeof(r->token_hash));
	w4_tlv_put_u64(out, TAG_REVOKED_AT, (uint64_t) r->revoked_at);
	w4_tlv_put(out, TAG_REASON, &r->reason, 1);
	w4_tlv_put(out, TAG_SIGNATURE, r->signature, sizeof(r->signature));
	w4_tlv_put(out, TAG_PUBLIC_KEY, r->public_key, sizeof(r->public_key));
	if (out->full)
		w4_fault(fault, "field or record too long", out->len - start);
	else if (w4_revocation_decode(&back, out->buf + start, out->len - start, fault))
		return true;
	out->len = start;
	return false;
}
