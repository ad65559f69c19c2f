/*-------------------------------------------------------------------------
 *
 * tlv.h
 *		The wire form of tokens and revocations: tag, u16be length, value.
 *
 * Lengths are checked against what is left before anything is read.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_TLV_H
#define W4_TLV_H

#include "core/bytes.h"

#define W4_TLV_HEADER_LEN 3

typedef struct W4Tlv
{
	uint8_t		tag;
	W4Slice		value;
	size_t		offset;			/* of the tag, for faults */
} W4Tlv;

/* Read the item at *pos and step behind it. */
static inline bool
w4_tlv_next(W4Slice in, size_t *pos, W4Tlv *out, W4Fault *fault)
{
	size_t		left = in.len - *pos;
	size_t		len;

	if (left < W4_TLV_HEADER_LEN)
		return w4_fault(fault, "truncated field header", *pos);
	len = w4_get_u16be(in.data + *pos + 1);
	if (len > left - W4_TLV_HEADER_LEN)
		return w4_fault(fault, "field longer than what is left", *pos);
	out->tag = in.data[*pos];
	out->value = w4_slice(in.data + *pos + W4_TLV_HEADER_LEN, len);
	out->offset = *pos;
	*pos += W4_TLV_HEADER_LEN + len;
	return true;
}

/* A value that a length cannot express marks the writer full: nothing is cut. */
static inline void
w4_tlv_put(W4Writer *out, uint8_t tag, const void *value, size_t len)
{
	if (len > UINT16_MAX)
	{
		out->full = true;
		return;
	}
	w4_put_u8(out, tag);
	w4_put_u16be(out, (uint16_t) len);
	w4_put(out, value, len);
}

static inline void
w4_tlv_put_slice(W4Writer *out, uint8_t tag, W4Slice value)
{
	w4_tlv_put(out, tag, value.data, value.len);
}

static inline void
w4_tlv_put_u64(W4Writer *out, uint8_t tag, uint64_t value)
{
	w4_put_u8(out, tag);
	w4_put_u16be(out, 8);
	w4_put_u64be(out, value);
}

/*
 * The bytes that a signature covers: context with its NUL, then the wire
 * without the item that holds the signature.  A wire without such an item has
 * nothing to sign; the writer is marked full so that no caller goes on.
 */
static inline void
w4_tlv_put_unsigned(W4Writer *out, const char *context, W4Slice wire, uint8_t signature_tag)
{
	size_t		pos = 0;
	W4Tlv		item;

	w4_put(out, context, strlen(context) + 1);
	while (pos < wire.len && w4_tlv_next(wire, &pos, &item, NULL))
	{
		if (item.tag != signature_tag)
			continue;
		w4_put(out, wire.data, item.offset);
		w4_put(out, wire.data + pos, wire.len - pos);
		return;
	}
	out->full = true;
}

#endif							/* W4_TLV_H */
