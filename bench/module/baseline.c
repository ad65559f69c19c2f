/*-------------------------------------------------------------------------
 *
 * baseline.c
 *		What libsodium alone needs, measured inside a backend.
 *
 * Shares no code with web4, so that a slow web4 cannot slow its yardstick.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sodium.h>

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(bench_messages);
PG_FUNCTION_INFO_V1(bench_raw_verify);
PG_FUNCTION_INFO_V1(bench_raw_mint);

#define MAX_COUNT 10000000
#define MAX_SIZE 65536
#define SIGNATURES crypto_sign_BYTES

typedef struct KeyPair
{
	unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
	unsigned char secret_key[crypto_sign_SECRETKEYBYTES];
} KeyPair;

static void
check_arguments(int32 count, int32 size)
{
	if (count < 1 || count > MAX_COUNT || size < 8 || size > MAX_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("count or size is out of range")));
	if (sodium_init() < 0)
		elog(ERROR, "libsodium does not start");
}

static bytea *
make_bytea(const void *data, Size len)
{
	bytea	   *b = (bytea *) palloc(len + VARHDRSZ);

	SET_VARSIZE(b, len + VARHDRSZ);
	memcpy(VARDATA(b), data, len);
	return b;
}

static double
elapsed_ms(instr_time begun)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, begun);
	return INSTR_TIME_GET_MILLISEC(now);
}

Datum
bench_messages(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	KeyPair    *keys;
	Datum		values[3];
	bool		nulls[3] = {false, false, false};
	int32		size = PG_GETARG_INT32(1);
	unsigned char signature[SIGNATURES];
	bytea	   *message;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;

		check_arguments(PG_GETARG_INT32(0), size);
		call = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &call->tuple_desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "expected a row type");
		call->tuple_desc = BlessTupleDesc(call->tuple_desc);
		call->max_calls = PG_GETARG_INT32(0);
		keys = palloc(sizeof(KeyPair));
		crypto_sign_keypair(keys->public_key, keys->secret_key);
		call->user_fctx = keys;
		MemoryContextSwitchTo(old);
	}
	call = SRF_PERCALL_SETUP();
	if (call->call_cntr >= call->max_calls)
		SRF_RETURN_DONE(call);
	keys = call->user_fctx;
	message = (bytea *) palloc(size + VARHDRSZ);
	SET_VARSIZE(message, size + VARHDRSZ);
	randombytes_buf(VARDATA(message), size);
	crypto_sign_detached(signature, NULL, (unsigned char *) VARDATA(message), size, keys->secret_key);
	values[0] = PointerGetDatum(message);
	values[1] = PointerGetDatum(make_bytea(signature, sizeof(signature)));
	values[2] = PointerGetDatum(make_bytea(keys->public_key, sizeof(keys->public_key)));
	SRF_RETURN_NEXT(call, HeapTupleGetDatum(heap_form_tuple(call->tuple_desc, values, nulls)));
}

/* A ring of signed messages, so that a long loop needs little memory. */
#define RING 1024

typedef struct Ring
{
	KeyPair		keys;
	int32		size;
	unsigned char *messages;
	unsigned char signatures[RING][SIGNATURES];
} Ring;

static Ring *
make_ring(int32 size)
{
	Ring	   *ring = palloc(sizeof(Ring));

	ring->size = size;
	ring->messages = palloc((Size) RING * size);
	crypto_sign_keypair(ring->keys.public_key, ring->keys.secret_key);
	randombytes_buf(ring->messages, (Size) RING * size);
	for (int i = 0; i < RING; i++)
		crypto_sign_detached(ring->signatures[i], NULL, ring->messages + (Size) i * size, size, ring->keys.secret_key);
	return ring;
}

static void
verify_one(const Ring *ring, int32 i)
{
	if (crypto_sign_verify_detached(ring->signatures[i % RING], ring->messages + (Size) (i % RING) * ring->size,
									ring->size, ring->keys.public_key) != 0)
		elog(ERROR, "a good signature was refused");
}

Datum
bench_raw_verify(PG_FUNCTION_ARGS)
{
	int32		count = PG_GETARG_INT32(0);
	instr_time	begun;
	Ring	   *ring;

	check_arguments(count, PG_GETARG_INT32(1));
	ring = make_ring(PG_GETARG_INT32(1));
	INSTR_TIME_SET_CURRENT(begun);
	for (int32 i = 0; i < count; i++)
	{
		verify_one(ring, i);
		if (i % 256 == 0)
			CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_FLOAT8(elapsed_ms(begun));
}

/* Bytes of a birth certificate with three witnesses. */
#define CERTIFICATE 900

Datum
bench_raw_mint(PG_FUNCTION_ARGS)
{
	int32		count = PG_GETARG_INT32(0);
	int32		signatures = PG_GETARG_INT32(1) + 2;	/* the witnesses', the subject's, the society's */
	unsigned char hash[crypto_hash_sha256_BYTES];
	instr_time	begun;
	Ring	   *ring;

	check_arguments(count, CERTIFICATE);
	ring = make_ring(160);
	INSTR_TIME_SET_CURRENT(begun);
	for (int32 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!crypto_core_ed25519_is_valid_point(ring->keys.public_key))
			elog(ERROR, "a good key was refused");
		crypto_hash_sha256(hash, ring->keys.public_key, sizeof(ring->keys.public_key));
		crypto_hash_sha256(hash, ring->messages, CERTIFICATE);
		for (int32 s = 0; s < signatures; s++)
			verify_one(ring, i * signatures + s);
	}
	PG_RETURN_FLOAT8(elapsed_ms(begun));
}
