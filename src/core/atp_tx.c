/*-------------------------------------------------------------------------
 *
 * atp_tx.c
 *		Signed ATP transactions: strict reading and writing of the native form.
 *
 *-------------------------------------------------------------------------
 */
#include "core/atp_tx.h"

#include "core/decimal.h"
#include "core/timestamp.h"

#define MAX_TYPE 32

static const char prefix[W4_ATP_TX_PREFIX_LEN] = "web4/atp-tx/v1";

typedef struct Reader
{
	const uint8_t *data;
	size_t		len;
	size_t		pos;
	W4Fault    *fault;
} Reader;

/* The next len bytes, or NULL with a fault. */
static const uint8_t *
take(Reader *in, size_t len)
{
	if (len > in->len - in->pos)
	{
		w4_fault(in->fault, "truncated transaction", in->pos);
		return NULL;
	}
	in->pos += len;
	return in->data + in->pos - len;
}

static bool
printable(W4Slice s)
{
	for (size_t i = 0; i < s.len; i++)
	{
		if (s.data[i] < 0x21 || s.data[i] > 0x7e)
			return false;
	}
	return true;
}

static bool
take_text(Reader *in, W4Slice *out, size_t min, size_t max)
{
	size_t		start = in->pos;
	const uint8_t *p = take(in, 4);
	size_t		len;

	if (p == NULL)
		return false;
	len = w4_get_u32be(p);
	if (len < min || len > max)
		return w4_fault(in->fault, "text of wrong length", start);
	if ((p = take(in, len)) == NULL)
		return false;
	*out = w4_slice(p, len);
	return printable(*out) || w4_fault(in->fault, "text not printable ASCII", start + 4);
}

static bool
take_type(Reader *in, W4Slice *out)
{
	size_t		start = in->pos;

	if (!take_text(in, out, 1, MAX_TYPE))
		return false;
	for (size_t i = 0; i < out->len; i++)
	{
		uint8_t		c = out->data[i];

		if (c != '_' && (c < 'a' || c > 'z'))
			return w4_fault(in->fault, "malformed transaction type", start + 4 + i);
	}
	return true;
}

/* Compared unsigned, so that negative numbers are out of range too. */
static bool
take_int(Reader *in, int64_t *out, int64_t min, int64_t max, const char *what)
{
	size_t		start = in->pos;
	const uint8_t *p = take(in, 8);
	uint64_t	v;

	if (p == NULL)
		return false;
	v = w4_get_u64be(p);
	if (v < (uint64_t) min || v > (uint64_t) max)
		return w4_fault(in->fault, what, start);
	*out = (int64_t) v;
	return true;
}

static bool
take_prefix(Reader *in)
{
	const uint8_t *p = take(in, sizeof(prefix));

	if (p == NULL)
		return false;
	return memcmp(p, prefix, sizeof(prefix)) == 0 ||
		w4_fault(in->fault, "not an ATP transaction", 0);
}

static bool
take_fixed(Reader *in, uint8_t *out, size_t len)
{
	const uint8_t *p = take(in, len);

	if (p == NULL)
		return false;
	memcpy(out, p, len);
	return true;
}

bool
w4_atp_tx_decode(W4AtpTx *tx, const uint8_t *data, size_t len, W4Fault *fault)
{
	Reader		in = {data, len, 0, fault};

	memset(tx, 0, sizeof(*tx));
	if (len > W4_ATP_TX_MAX_SIZE)
		return w4_fault(fault, "transaction too long", W4_ATP_TX_MAX_SIZE);
	return take_prefix(&in) &&
		take_text(&in, &tx->society, 1, W4_ATP_TX_MAX_NAME) &&
		take_type(&in, &tx->type) &&
		take_text(&in, &tx->from, 1, W4_ATP_TX_MAX_NAME) &&
		take_text(&in, &tx->to, 1, W4_ATP_TX_MAX_NAME) &&
		take_int(&in, &tx->amount, 1, W4_ATP_MAX_AMOUNT, "amount out of range") &&
		take_int(&in, &tx->timestamp, W4_TIMESTAMP_MIN, W4_TIMESTAMP_MAX, "timestamp out of range") &&
		take_text(&in, &tx->ref, 0, W4_ATP_TX_MAX_REF) &&
		take_fixed(&in, tx->nonce, sizeof(tx->nonce)) &&
		take_fixed(&in, tx->metadata_hash, sizeof(tx->metadata_hash)) &&
		(in.pos == len || w4_fault(fault, "trailing bytes", in.pos));
}

static void
put_text(W4Writer *out, W4Slice s)
{
	if (s.len > UINT32_MAX)
	{
		out->full = true;
		return;
	}
	w4_put_u32be(out, (uint32_t) s.len);
	w4_put(out, s.data, s.len);
}

/* Reading back what was written refuses exactly what decode refuses. */
bool
w4_atp_tx_encode(W4Writer *out, const W4AtpTx *tx, W4Fault *fault)
{
	size_t		start = out->len;
	W4AtpTx		back;

	w4_put(out, prefix, sizeof(prefix));
	put_text(out, tx->society);
	put_text(out, tx->type);
	put_text(out, tx->from);
	put_text(out, tx->to);
	w4_put_u64be(out, (uint64_t) tx->amount);
	w4_put_u64be(out, (uint64_t) tx->timestamp);
	put_text(out, tx->ref);
	w4_put(out, tx->nonce, sizeof(tx->nonce));
	w4_put(out, tx->metadata_hash, sizeof(tx->metadata_hash));
	if (out->full)
		w4_fault(fault, "transaction too long", out->len - start);
	else if (w4_atp_tx_decode(&back, out->buf + start, out->len - start, fault))
		return true;
	out->len = start;
	return false;
}
