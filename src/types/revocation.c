/*-------------------------------------------------------------------------
 *
 * revocation.c
 *		Records that revoke a consent token: building and reading them.
 *
 * A revocation is no type of its own: nobody indexes or compares one.
 *
 *-------------------------------------------------------------------------
 */
#include "host/errors.h"

#include "core/consent.h"
#include "core/crypto.h"
#include "types/wire_type.h"

PG_FUNCTION_INFO_V1(consent_revocation_signing_input);
PG_FUNCTION_INFO_V1(consent_revocation_build);
PG_FUNCTION_INFO_V1(consent_revocation_parse);

#define CONTEXT_LEN sizeof(W4_REVOKE_CONTEXT)	/* with its NUL */

static void
decode(W4Revocation *r, W4Slice wire)
{
	W4Fault		fault;

	if (!w4_revocation_decode(r, wire.data, wire.len, &fault))
		w4_raise_fault(W4_ERRCODE(CONSENT_FORMAT), "revocation", &fault);
}

/* revoker, token_hash, revoked_at, reason, public_key: the arguments of both builders. */
static void
read_fields(W4Revocation *r, FunctionCallInfo fcinfo)
{
	memset(r, 0, sizeof(*r));
	r->revoker = W4_ARG_SLICE(0);
	memcpy(r->token_hash, w4_fixed_bytea(PG_GETARG_DATUM(1), 32, "token hash"), 32);
	/* at infinity it would never take effect */
	r->revoked_at = TIMESTAMP_IS_NOEND(PG_GETARG_TIMESTAMPTZ(2)) ? -1 : w4_signed_time(PG_GETARG_TIMESTAMPTZ(2));
	r->reason = w4_signed_byte(PG_GETARG_INT32(3));
	memcpy(r->public_key, w4_fixed_bytea(PG_GETARG_DATUM(4), 32, "public key"), 32);
}

/* Encode "fields" into "buf" and read them back as "r". */
static void
encode(W4Revocation *r, const W4Revocation *fields, uint8_t buf[W4_REVOCATION_MAX_SIZE])
{
	W4Writer	out = w4_writer(buf, W4_REVOCATION_MAX_SIZE);
	W4Fault		fault;

	if (!w4_revocation_encode(&out, fields, &fault))
		w4_raise_fault(W4_ERRCODE(CONSENT_FORMAT), "revocation", &fault);
	decode(r, w4_slice(out.buf, out.len));
}

Datum
consent_revocation_signing_input(PG_FUNCTION_ARGS)
{
	uint8_t		wire[W4_REVOCATION_MAX_SIZE];
	uint8_t		signed_bytes[W4_REVOCATION_MAX_SIZE + CONTEXT_LEN];
	W4Writer	out = w4_writer(signed_bytes, sizeof(signed_bytes));
	W4Revocation fields;
	W4Revocation r;

	read_fields(&fields, fcinfo);
	encode(&r, &fields, wire);
	w4_revocation_signed_bytes(&out, &r);
	return w4_bytea_datum(out.buf, out.len);
}

Datum
consent_revocation_build(PG_FUNCTION_ARGS)
{
	uint8_t		wire[W4_REVOCATION_MAX_SIZE];
	W4Revocation fields;
	W4Revocation r;

	read_fields(&fields, fcinfo);
	memcpy(fields.signature, w4_fixed_bytea(PG_GETARG_DATUM(5), 64, "signature"), 64);
	encode(&r, &fields, wire);
	if (!w4_revocation_signature_ok(&r))
		w4_refuse_signature("revocation", "consent_revocation_signing_input()");
	return w4_bytea_datum(r.wire.data, r.wire.len);
}

Datum
consent_revocation_parse(PG_FUNCTION_ARGS)
{
	W4Revocation r;
	Datum		values[6];
	bool		nulls[6] = {false};

	decode(&r, W4_ARG_SLICE(0));
	values[0] = w4_slice_text(r.revoker);
	values[1] = w4_bytea_datum(r.token_hash, sizeof(r.token_hash));
	values[2] = TimestampTzGetDatum(w4_time_from_signed(r.revoked_at));
	values[3] = Int32GetDatum(r.reason);
	values[4] = w4_bytea_datum(r.public_key, sizeof(r.public_key));
	values[5] = w4_bytea_datum(r.signature, sizeof(r.signature));
	return w4_result_row(fcinfo, values, nulls);
}
