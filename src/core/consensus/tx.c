/*-------------------------------------------------------------------------
 *
 * tx.c
 *		Transactions: strict reading and writing, replay windows.
 *
 * One table says which items a kind has; reader and writer both follow it, so
 * neither can know an item that the other does not.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/tx.h"

#include "core/consensus/exec_params.h"
#include "core/consensus/limits.h"
#include "core/decimal.h"
#include "core/json.h"
#include "core/tlv.h"

enum Tag
{
	TAG_KIND = 0x01,
	TAG_KEY = 0x02,
	TAG_SEQUENCE = 0x03,
	TAG_EXPIRY = 0x04,
	TAG_FROM = 0x10,
	TAG_TO = 0x11,
	TAG_TO_PEER = 0x12,
	TAG_AMOUNT = 0x13,
	TAG_HOLD = 0x14,
	TAG_TRANSFER = 0x15,
	TAG_REASON = 0x16,
	TAG_ENTITY = 0x17,
	TAG_HARDWARE = 0x18,
	TAG_ANCHOR = 0x19,
	TAG_NONCE = 0x1a,
	TAG_CONTENT = 0x1b,
	TAG_COHERENCE = 0x1c,
	TAG_SUBJECT = 0x1d,
	TAG_DIGEST = 0x1e,
	TAG_PARAM = 0x1f,
	TAG_VALUE = 0x20,
	TAG_NEW_KEY = 0x21,
	TAG_UNTIL = 0x22,
	TAG_MOTION = 0x23,
	TAG_COSIGNATURES = 0x7e,
	TAG_SIGNATURE = 0x7f
};

#define MAX_ITEMS 6
#define HIGHEST_KIND W4_TX_PEER_LEAVE

/* Items between the expiry height and the signature, ascending; zero ends. */
static const uint8_t items_of[HIGHEST_KIND + 1][MAX_ITEMS] = {
	[W4_TX_TRANSFER] = {TAG_FROM, TAG_TO, TAG_AMOUNT},
	[W4_TX_LOCK] = {TAG_FROM, TAG_TO, TAG_TO_PEER, TAG_AMOUNT, TAG_HOLD},
	[W4_TX_COMMIT] = {TAG_TRANSFER},
	[W4_TX_ROLLBACK] = {TAG_TRANSFER, TAG_REASON},
	[W4_TX_MINT] = {TAG_TO, TAG_AMOUNT, TAG_COSIGNATURES},
	[W4_TX_BURN] = {TAG_AMOUNT, TAG_COSIGNATURES},
	[W4_TX_REGISTER] = {TAG_TO_PEER, TAG_ENTITY, TAG_HARDWARE, TAG_ANCHOR, TAG_NONCE},
	[W4_TX_THOUGHT] = {TAG_CONTENT, TAG_COHERENCE},
	[W4_TX_ATTEST] = {TAG_SUBJECT, TAG_COSIGNATURES},
	[W4_TX_ACCUSE] = {TAG_REASON, TAG_SUBJECT, TAG_DIGEST},
	[W4_TX_PARAM_SET] = {TAG_PARAM, TAG_VALUE, TAG_COSIGNATURES},
	[W4_TX_PEER_ADD] = {TAG_SUBJECT, TAG_NEW_KEY, TAG_UNTIL},
	[W4_TX_PEER_REMOVE] = {TAG_SUBJECT, TAG_UNTIL},
	[W4_TX_PEER_ROTATE] = {TAG_NEW_KEY, TAG_UNTIL},
	[W4_TX_PEER_VOTE] = {TAG_MOTION},
};

/* --- reading --- */

static bool
take_bytes(const W4Tlv *item, uint8_t *out, size_t len, W4Fault *fault)
{
	if (item->value.len != len)
		return w4_fault(fault, "field of wrong length", item->offset);
	memcpy(out, item->value.data, len);
	return true;
}

static bool
take_u64(const W4Tlv *item, uint64_t *out, uint64_t min, uint64_t max, W4Fault *fault)
{
	uint8_t		raw[8];

	if (!take_bytes(item, raw, sizeof(raw), fault))
		return false;
	*out = w4_get_u64be(raw);
	return (*out >= min && *out <= max) || w4_fault(fault, "number out of range", item->offset);
}

static bool
take_i64(const W4Tlv *item, int64_t *out, int64_t max, W4Fault *fault)
{
	uint64_t	v;

	if (!take_u64(item, &v, 1, (uint64_t) max, fault))
		return false;
	*out = (int64_t) v;
	return true;
}

static bool
take_u8(const W4Tlv *item, uint8_t *out, uint8_t min, uint8_t max, W4Fault *fault)
{
	if (!take_bytes(item, out, 1, fault))
		return false;
	return (*out >= min && *out <= max) || w4_fault(fault, "number out of range", item->offset);
}

static bool
take_coherence(const W4Tlv *item, uint32_t *out, W4Fault *fault)
{
	uint8_t		raw[4];

	if (!take_bytes(item, raw, sizeof(raw), fault))
		return false;
	*out = w4_get_u32be(raw);
	return *out <= W4_PPM || w4_fault(fault, "number out of range", item->offset);
}

static bool
take_param(const W4Tlv *item, uint16_t *out, W4Fault *fault)
{
	uint8_t		raw[2];

	if (!take_bytes(item, raw, sizeof(raw), fault))
		return false;
	*out = w4_get_u16be(raw);
	return *out < W4_NPARAMS || w4_fault(fault, "unknown parameter", item->offset);
}

/* Any value has a place here; whether it is in range is the executor's business. */
static bool
take_value(const W4Tlv *item, int64_t *out, W4Fault *fault)
{
	uint64_t	v;

	if (!take_u64(item, &v, 0, UINT64_MAX, fault))
		return false;
	*out = (int64_t) v;
	return true;
}

static bool
take_entity_type(const W4Tlv *item, W4Slice *out, W4Fault *fault)
{
	*out = item->value;
	if (out->len < 1 || out->len > W4_TX_MAX_ENTITY_TYPE)
		return w4_fault(fault, "field of wrong length", item->offset);
	for (size_t i = 0; i < out->len; i++)
	{
		if (out->data[i] != '_' && (out->data[i] < 'a' || out->data[i] > 'z'))
			return w4_fault(fault, "malformed entity type", item->offset);
	}
	return true;
}

static bool
take_content(const W4Tlv *item, W4Slice *out, W4Fault *fault)
{
	*out = item->value;
	if (out->len < 1 || out->len > W4_TX_MAX_CONTENT)
		return w4_fault(fault, "field of wrong length", item->offset);
	if (memchr(out->data, 0, out->len) != NULL)
		return w4_fault(fault, "content with NUL", item->offset);
	return w4_utf8_ok((const char *) out->data, out->len) ||
		w4_fault(fault, "content not UTF-8", item->offset);
}

static bool
take_cosignatures(const W4Tlv *item, W4Slice *out, W4Fault *fault)
{
	size_t		n = item->value.len / W4_TX_COSIGNATURE_LEN;
	const uint8_t *p = item->value.data;

	*out = item->value;
	if (n < 1 || n > W4_TX_MAX_COSIGNERS || n * W4_TX_COSIGNATURE_LEN != out->len)
		return w4_fault(fault, "field of wrong length", item->offset);
	for (size_t i = 1; i < n; i++, p += W4_TX_COSIGNATURE_LEN)
	{
		if (memcmp(p, p + W4_TX_COSIGNATURE_LEN, 32) >= 0)
			return w4_fault(fault, "cosigners not in order", item->offset);
	}
	return true;
}

static bool
take_item(W4Tx *tx, const W4Tlv *item, W4Fault *fault)
{
	switch (item->tag)
	{
		case TAG_KIND:
			return take_u8(item, &tx->kind, 1, HIGHEST_KIND, fault);
		case TAG_KEY:
			return take_bytes(item, tx->key, sizeof(tx->key), fault);
		case TAG_SEQUENCE:
			return take_u64(item, &tx->sequence, 1, W4_TX_MAX_SEQUENCE, fault);
		case TAG_EXPIRY:
			return take_u64(item, &tx->expiry_height, 1, W4_TX_MAX_HEIGHT, fault);
		case TAG_FROM:
			return take_bytes(item, tx->from, 32, fault);
		case TAG_TO:
			return take_bytes(item, tx->to, 32, fault);
		case TAG_TO_PEER:
			return take_bytes(item, tx->to_peer, 32, fault);
		case TAG_AMOUNT:
			return take_i64(item, &tx->amount, W4_ATP_MAX_AMOUNT, fault);
		case TAG_HOLD:
			return take_i64(item, &tx->hold_us, INT64_MAX, fault);
		case TAG_TRANSFER:
			return take_bytes(item, tx->transfer_id, 32, fault);
		case TAG_REASON:
			return take_u8(item, &tx->reason, 0, tx->kind == W4_TX_ACCUSE ? W4_MAX_ACCUSE_CLASS : UINT8_MAX, fault);
		case TAG_ENTITY:
			return take_entity_type(item, &tx->entity_type, fault);
		case TAG_HARDWARE:
			return take_u8(item, &tx->hw_level, 1, 5, fault);
		case TAG_ANCHOR:
			return take_u64(item, &tx->anchor_height, 0, W4_TX_MAX_HEIGHT, fault);
		case TAG_NONCE:
			return take_u64(item, &tx->pow_nonce, 0, UINT64_MAX, fault);
		case TAG_CONTENT:
			return take_content(item, &tx->content, fault);
		case TAG_COHERENCE:
			return take_coherence(item, &tx->claimed_coherence, fault);
		case TAG_SUBJECT:
			return take_bytes(item, tx->subject, 32, fault);
		case TAG_DIGEST:
			return take_bytes(item, tx->digest, 32, fault);
		case TAG_PARAM:
			return take_param(item, &tx->param, fault);
		case TAG_VALUE:
			return take_value(item, &tx->value, fault);
		case TAG_NEW_KEY:
			return take_bytes(item, tx->new_key, sizeof(tx->new_key), fault);
		case TAG_UNTIL:
			return take_u64(item, &tx->until, 1, W4_TX_MAX_HEIGHT, fault);
		case TAG_MOTION:
			return take_bytes(item, tx->motion, 32, fault);
		case TAG_COSIGNATURES:
			return take_cosignatures(item, &tx->cosignatures, fault);
		default:
			return take_bytes(item, tx->signature, sizeof(tx->signature), fault);
	}
}

/* The next item, which must have this tag. */
static bool
take_tag(W4Tx *tx, W4Slice wire, size_t *pos, uint8_t tag, W4Fault *fault)
{
	W4Tlv		item;

	if (!w4_tlv_next(wire, pos, &item, fault))
		return false;
	if (item.tag != tag)
		return w4_fault(fault, "unexpected field", item.offset);
	return take_item(tx, &item, fault);
}

bool
w4_tx_decode(W4Tx *tx, W4Slice wire, W4Fault *fault)
{
	size_t		pos = 0;

	memset(tx, 0, sizeof(*tx));
	if (wire.len > W4_TX_MAX_SIZE)
		return w4_fault(fault, "transaction too long", W4_TX_MAX_SIZE);
	for (uint8_t tag = TAG_KIND; tag <= TAG_EXPIRY; tag++)
	{
		if (!take_tag(tx, wire, &pos, tag, fault))
			return false;
	}
	tx->body = w4_slice(wire.data, pos);
	for (int i = 0; i < MAX_ITEMS && items_of[tx->kind][i] != 0; i++)
	{
		uint8_t		tag = items_of[tx->kind][i];

		if (!take_tag(tx, wire, &pos, tag, fault))
			return false;
		if (tag != TAG_COSIGNATURES)
			tx->body.len = pos;
	}
	if (!take_tag(tx, wire, &pos, TAG_SIGNATURE, fault))
		return false;
	if (pos != wire.len)
		return w4_fault(fault, "trailing bytes", pos);
	w4_sha256(tx->id, tx->body.data, tx->body.len);
	return true;
}

/* --- writing --- */

static void
put_number(W4Writer *out, uint8_t tag, uint64_t value, unsigned len)
{
	uint8_t		raw[8];

	for (unsigned i = 0; i < len; i++)
		raw[i] = (uint8_t) (value >> (8 * (len - 1 - i)));
	w4_tlv_put(out, tag, raw, len);
}

static void
put_item(W4Writer *out, const W4Tx *tx, uint8_t tag)
{
	switch (tag)
	{
		case TAG_KIND:
			put_number(out, tag, tx->kind, 1);
			break;
		case TAG_KEY:
			w4_tlv_put(out, tag, tx->key, sizeof(tx->key));
			break;
		case TAG_SEQUENCE:
			put_number(out, tag, tx->sequence, 8);
			break;
		case TAG_EXPIRY:
			put_number(out, tag, tx->expiry_height, 8);
			break;
		case TAG_FROM:
			w4_tlv_put(out, tag, tx->from, 32);
			break;
		case TAG_TO:
			w4_tlv_put(out, tag, tx->to, 32);
			break;
		case TAG_TO_PEER:
			w4_tlv_put(out, tag, tx->to_peer, 32);
			break;
		case TAG_AMOUNT:
			put_number(out, tag, (uint64_t) tx->amount, 8);
			break;
		case TAG_HOLD:
			put_number(out, tag, (uint64_t) tx->hold_us, 8);
			break;
		case TAG_TRANSFER:
			w4_tlv_put(out, tag, tx->transfer_id, 32);
			break;
		case TAG_REASON:
			put_number(out, tag, tx->reason, 1);
			break;
		case TAG_ENTITY:
			w4_tlv_put_slice(out, tag, tx->entity_type);
			break;
		case TAG_HARDWARE:
			put_number(out, tag, tx->hw_level, 1);
			break;
		case TAG_ANCHOR:
			put_number(out, tag, tx->anchor_height, 8);
			break;
		case TAG_NONCE:
			put_number(out, tag, tx->pow_nonce, 8);
			break;
		case TAG_CONTENT:
			w4_tlv_put_slice(out, tag, tx->content);
			break;
		case TAG_COHERENCE:
			put_number(out, tag, tx->claimed_coherence, 4);
			break;
		case TAG_SUBJECT:
			w4_tlv_put(out, tag, tx->subject, 32);
			break;
		case TAG_DIGEST:
			w4_tlv_put(out, tag, tx->digest, 32);
			break;
		case TAG_PARAM:
			put_number(out, tag, tx->param, 2);
			break;
		case TAG_VALUE:
			put_number(out, tag, (uint64_t) tx->value, 8);
			break;
		case TAG_NEW_KEY:
			w4_tlv_put(out, tag, tx->new_key, sizeof(tx->new_key));
			break;
		case TAG_UNTIL:
			put_number(out, tag, tx->until, 8);
			break;
		default:
			w4_tlv_put(out, TAG_MOTION, tx->motion, 32);
			break;
	}
}

bool
w4_tx_kind_cosigned(uint8_t kind)
{
	if (kind > HIGHEST_KIND)
		return false;
	for (int i = 0; i < MAX_ITEMS; i++)
	{
		if (items_of[kind][i] == TAG_COSIGNATURES)
			return true;
	}
	return false;
}

void
w4_tx_put_body(W4Writer *out, const W4Tx *tx)
{
	for (uint8_t tag = TAG_KIND; tag <= TAG_EXPIRY; tag++)
		put_item(out, tx, tag);
	for (int i = 0; tx->kind <= HIGHEST_KIND && i < MAX_ITEMS; i++)
	{
		uint8_t		tag = items_of[tx->kind][i];

		if (tag != 0 && tag != TAG_COSIGNATURES)
			put_item(out, tx, tag);
	}
}

bool
w4_tx_encode(W4Writer *out, const W4Tx *tx, W4Fault *fault)
{
	size_t		start = out->len;
	W4Tx		back;

	w4_tx_put_body(out, tx);
	if (w4_tx_kind_cosigned(tx->kind))
		w4_tlv_put_slice(out, TAG_COSIGNATURES, tx->cosignatures);
	w4_tlv_put(out, TAG_SIGNATURE, tx->signature, sizeof(tx->signature));
	if (out->full)
		w4_fault(fault, "transaction too long", out->len - start);
	else if (w4_tx_decode(&back, w4_slice(out->buf + start, out->len - start), fault))
		return true;
	out->len = start;
	return false;
}

void
w4_tx_put_signed(W4Writer *out, const char *domain, const uint8_t chain_id[32], W4Slice body)
{
	w4_put_cstr(out, domain);
	w4_put(out, chain_id, 32);
	w4_put(out, body.data, body.len);
}

/* --- replay windows --- */

bool
w4_seq_fresh(const W4SeqWindow *w, uint64_t sequence)
{
	uint64_t	behind = w->high - sequence;

	if (sequence > w->high)
		return true;
	return behind < 64 && (w->used >> behind & 1) == 0 && sequence > 0;
}

void
w4_seq_use(W4SeqWindow *w, uint64_t sequence)
{
	if (sequence > w->high)
	{
		uint64_t	ahead = sequence - w->high;

		w->used = ahead < 64 ? w->used << ahead : 0;
		w->high = sequence;
	}
	w->used |= UINT64_C(1) << (w->high - sequence);
}
