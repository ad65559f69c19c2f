/*-------------------------------------------------------------------------
 *
 * wire_type.c
 *		Types that keep signed bytes verbatim: atp_tx and consent.
 *
 *-------------------------------------------------------------------------
 */
#include "types/wire_type.h"

#include "common/int.h"
#include "libpq/pqformat.h"

#include "core/crypto.h"
#include "core/encode.h"
#include "host/errors.h"

PG_FUNCTION_INFO_V1(wire_out);
PG_FUNCTION_INFO_V1(wire_hash);

Datum
w4_wire_datum(const WireKind *kind, W4Slice wire, struct Node *context)
{
	W4Fault		fault;

	if (!kind->well_formed(wire, &fault))
	{
		w4_input_fault(context, kind->sqlstate, kind->object, &fault);
		return (Datum) 0;
	}
	return w4_bytea_datum(wire.data, wire.len);
}

/* Only lower-case hex digits, a byte's pair each, and not more bytes than the type has? */
static bool
is_hex(const WireKind *kind, const char *text, size_t len, W4Fault *fault)
{
	size_t		hex = strspn(text, "0123456789abcdef");

	if (hex < len)
		return w4_fault(fault, "character that is not lower-case hexadecimal", hex);
	if (len % 2 != 0)
		return w4_fault(fault, "odd number of hexadecimal digits", len);
	if (len / 2 > kind->max_size)
		return w4_fault(fault, "too many bytes", len);
	return true;
}

Datum
w4_wire_input(const WireKind *kind, FunctionCallInfo fcinfo)
{
	const char *text = PG_GETARG_CSTRING(0);
	size_t		len = strlen(text);
	W4Fault		fault;
	uint8_t    *bytes;

	if (!is_hex(kind, text, len, &fault))
	{
		w4_input_fault(fcinfo->context, kind->sqlstate, kind->object, &fault);
		PG_RETURN_NULL();
	}
	bytes = palloc(len / 2 + 1);
	(void) w4_hex_decode(bytes, len / 2, text, len);
	return w4_wire_datum(kind, w4_slice(bytes, len / 2), fcinfo->context);
}

Datum
wire_out(PG_FUNCTION_ARGS)
{
	W4Slice		wire = W4_ARG_SLICE(0);
	char	   *text = palloc(2 * wire.len + 1);

	w4_hex_encode(text, wire.data, wire.len);
	text[2 * wire.len] = '\0';
	PG_RETURN_CSTRING(text);
}

/* The binary form is the wire form. */
Datum
w4_wire_receive(const WireKind *kind, StringInfo buf)
{
	size_t		len = (size_t) (buf->len - buf->cursor);

	return w4_wire_datum(kind, w4_slice(pq_getmsgbytes(buf, (int) len), len), NULL);
}

Datum
wire_hash(PG_FUNCTION_ARGS)
{
	W4Slice		wire = W4_ARG_SLICE(0);
	uint8_t		hash[W4_HASH_LEN];

	w4_sha256(hash, wire.data, wire.len);
	return w4_bytea_datum(hash, sizeof(hash));
}

/* --- building --- */

void
w4_refuse_signature(const char *object, const char *input)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(CONSENT_SIGNATURE)),
			 errmsg("signature of the %s does not verify", object),
			 w4_errdetail(W4_ERRCODE(CONSENT_SIGNATURE), "It is not one of these fields under this public key."),
			 errhint("Sign exactly what %s returns for the same fields.", input)));
}

uint8_t
w4_signed_byte(int32 value)
{
	return (uint8_t) (value < 0 || value > 255 ? 255 : value);
}

int64_t
w4_signed_time(TimestampTz t)
{
	int64		us;

	if (TIMESTAMP_IS_NOEND(t))
		return INT64_MAX;
	if (TIMESTAMP_IS_NOBEGIN(t) || pg_add_s64_overflow(t, W4_EPOCH_DIFF_US, &us))
		return -1;
	return us;
}

TimestampTz
w4_time_from_signed(int64_t us)
{
	return us == INT64_MAX ? DT_NOEND : w4_timestamptz_from_unix(us);
}
