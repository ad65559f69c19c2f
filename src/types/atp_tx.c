/*-------------------------------------------------------------------------
 *
 * atp_tx.c
 *		The SQL type atp_tx: a transaction of energy in its signed form.
 *
 * The bytes are what the sender signs; the signature travels beside them.
 *
 *-------------------------------------------------------------------------
 */
#include "host/errors.h"

#include "core/atp_tx.h"
#include "core/crypto.h"
#include "types/atp_type.h"
#include "types/wire_type.h"

PG_FUNCTION_INFO_V1(atp_tx_in);
PG_FUNCTION_INFO_V1(atp_tx_recv);
PG_FUNCTION_INFO_V1(atp_tx_from_bytea);
PG_FUNCTION_INFO_V1(atp_tx_make);
PG_FUNCTION_INFO_V1(atp_tx_parse);

static bool
well_formed(W4Slice wire, W4Fault *fault)
{
	W4AtpTx		tx;

	return w4_atp_tx_decode(&tx, wire.data, wire.len, fault);
}

static const WireKind atp_tx = {
	.object = "ATP transaction",
	.sqlstate = W4_ERRCODE(BAD_ATP_TX),
	.max_size = W4_ATP_TX_MAX_SIZE,
	.well_formed = well_formed
};

Datum
atp_tx_in(PG_FUNCTION_ARGS)
{
	return w4_wire_input(&atp_tx, fcinfo);
}

Datum
atp_tx_recv(PG_FUNCTION_ARGS)
{
	return w4_wire_receive(&atp_tx, (StringInfo) PG_GETARG_POINTER(0));
}

Datum
atp_tx_from_bytea(PG_FUNCTION_ARGS)
{
	return w4_wire_datum(&atp_tx, W4_ARG_SLICE(0), NULL);
}

/* The transaction of these fields; the core refuses what it would not read back. */
Datum
atp_tx_make(PG_FUNCTION_ARGS)
{
	uint8_t		bytes[W4_ATP_TX_MAX_SIZE];
	W4Writer	out = w4_writer(bytes, sizeof(bytes));
	W4AtpTx		tx = {
		.society = W4_ARG_SLICE(0),
		.type = W4_ARG_SLICE(1),
		.from = W4_ARG_SLICE(2),
		.to = W4_ARG_SLICE(3),
		.amount = PG_GETARG_ATP(4),
		.timestamp = w4_signed_time(PG_GETARG_TIMESTAMPTZ(5)),
		.ref = W4_ARG_SLICE(6)
	};
	W4Fault		fault;

	memcpy(tx.nonce, w4_fixed_bytea(PG_GETARG_DATUM(7), W4_ATP_TX_NONCE_LEN, "nonce"), W4_ATP_TX_NONCE_LEN);
	memcpy(tx.metadata_hash, w4_fixed_bytea(PG_GETARG_DATUM(8), W4_HASH_LEN, "metadata hash"), W4_HASH_LEN);
	if (!w4_atp_tx_encode(&out, &tx, &fault))
		w4_raise_fault(W4_ERRCODE(BAD_ATP_TX), atp_tx.object, &fault);
	return w4_bytea_datum(out.buf, out.len);
}

Datum
atp_tx_parse(PG_FUNCTION_ARGS)
{
	W4Slice		wire = W4_ARG_SLICE(0);
	W4AtpTx		tx;
	W4Fault		fault;
	Datum		values[9];
	bool		nulls[9] = {false};

	if (!w4_atp_tx_decode(&tx, wire.data, wire.len, &fault))
		w4_raise_fault(W4_ERRCODE(BAD_ATP_TX), atp_tx.object, &fault);
	values[0] = w4_slice_text(tx.society);
	values[1] = w4_slice_text(tx.type);
	values[2] = w4_slice_text(tx.from);
	values[3] = w4_slice_text(tx.to);
	values[4] = AtpGetDatum(tx.amount);
	values[5] = TimestampTzGetDatum(w4_time_from_signed(tx.timestamp));
	values[6] = w4_slice_text(tx.ref);
	values[7] = w4_bytea_datum(tx.nonce, sizeof(tx.nonce));
	values[8] = w4_bytea_datum(tx.metadata_hash, sizeof(tx.metadata_hash));
	return w4_result_row(fcinfo, values, nulls);
}
