/*-------------------------------------------------------------------------
 *
 * lct.c
 *		The SQL type lct: an identity, 32 bytes derived from its genesis key.
 *
 * Order is the order of the bytes: good for an index, meaningless otherwise.
 *
 *-------------------------------------------------------------------------
 */
#include "host/errors.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "port/pg_bswap.h"
#include "utils/sortsupport.h"

#include "core/crypto.h"
#include "host/compat.h"
#include "types/lct_type.h"

PG_FUNCTION_INFO_V1(lct_in);
PG_FUNCTION_INFO_V1(lct_out);
PG_FUNCTION_INFO_V1(lct_recv);
PG_FUNCTION_INFO_V1(lct_send);
PG_FUNCTION_INFO_V1(lct_eq);
PG_FUNCTION_INFO_V1(lct_ne);
PG_FUNCTION_INFO_V1(lct_lt);
PG_FUNCTION_INFO_V1(lct_le);
PG_FUNCTION_INFO_V1(lct_gt);
PG_FUNCTION_INFO_V1(lct_ge);
PG_FUNCTION_INFO_V1(lct_cmp);
PG_FUNCTION_INFO_V1(lct_sortsupport);
PG_FUNCTION_INFO_V1(lct_hash);
PG_FUNCTION_INFO_V1(lct_hash_extended);
PG_FUNCTION_INFO_V1(lct_from_bytea);
PG_FUNCTION_INFO_V1(lct_to_bytea);
PG_FUNCTION_INFO_V1(lct_from_public_key);
PG_FUNCTION_INFO_V1(web4_multikey);

char *
w4_lct_cstring(const uint8_t lct[W4_LCT_LEN])
{
	char	   *text = palloc(W4_LCT_TEXT_LEN + 1);

	w4_lct_format(text, lct);
	text[W4_LCT_TEXT_LEN] = '\0';
	return text;
}

/* --- input and output --- */

Datum
lct_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	uint8_t	   *lct = palloc(W4_LCT_LEN);
	W4Fault		fault;

	if (!w4_lct_parse(lct, text, strlen(text), &fault))
	{
		w4_input_error(fcinfo->context,
					   (errcode(W4_ERRCODE(BAD_LCT)),
						errmsg("invalid input syntax for type %s: \"%s\"", "lct", text),
						w4_errdetail(W4_ERRCODE(BAD_LCT), "%s at byte %zu.", fault.what, fault.offset),
						errhint("An identity is written %s and 52 lower-case base32 characters.", W4_LCT_PREFIX)));
		PG_RETURN_NULL();
	}
	PG_RETURN_POINTER(lct);
}

Datum
lct_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(w4_lct_cstring(PG_GETARG_W4LCT(0)));
}

/* The binary form is the 32 bytes; every 32 bytes are an identity. */
Datum
lct_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint8_t	   *lct = palloc(W4_LCT_LEN);

	pq_copymsgbytes(buf, (char *) lct, W4_LCT_LEN);
	PG_RETURN_POINTER(lct);
}

Datum
lct_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbytes(&buf, (const char *) PG_GETARG_W4LCT(0), W4_LCT_LEN);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* --- comparison --- */

static int
compare(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, W4_LCT_LEN);
}

Datum
lct_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(w4_lct_equal(PG_GETARG_W4LCT(0), PG_GETARG_W4LCT(1)));
}

Datum
lct_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!w4_lct_equal(PG_GETARG_W4LCT(0), PG_GETARG_W4LCT(1)));
}

Datum
lct_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_W4LCT(0), PG_GETARG_W4LCT(1)) < 0);
}

Datum
lct_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_W4LCT(0), PG_GETARG_W4LCT(1)) <= 0);
}

Datum
lct_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_W4LCT(0), PG_GETARG_W4LCT(1)) > 0);
}

Datum
lct_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_W4LCT(0), PG_GETARG_W4LCT(1)) >= 0);
}

Datum
lct_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(PG_GETARG_W4LCT(0), PG_GETARG_W4LCT(1)));
}

static int
compare_full(Datum x, Datum y, SortSupport ssup)
{
	return compare(DatumGetW4Lct(x), DatumGetW4Lct(y));
}

static int
compare_abbreviated(Datum x, Datum y, SortSupport ssup)
{
	return (x > y) - (x < y);
}

/* The leading bytes as an integer: of a hash they nearly always decide. */
static Datum
abbreviate(Datum original, SortSupport ssup)
{
	Datum		key;

	memcpy(&key, DatumGetW4Lct(original), sizeof(key));
	return DatumBigEndianToNative(key);
}

static bool
never_abort(int memtupcount, SortSupport ssup)
{
	return false;
}

Datum
lct_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = compare_full;
	if (ssup->abbreviate)
	{
		ssup->abbrev_full_comparator = compare_full;
		ssup->comparator = compare_abbreviated;
		ssup->abbrev_converter = abbreviate;
		ssup->abbrev_abort = never_abort;
	}
	PG_RETURN_VOID();
}

/* Hashed although it is a hash: whoever writes an lct can choose its bytes. */
Datum
lct_hash(PG_FUNCTION_ARGS)
{
	return hash_any(PG_GETARG_W4LCT(0), W4_LCT_LEN);
}

Datum
lct_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended(PG_GETARG_W4LCT(0), W4_LCT_LEN, PG_GETARG_INT64(1));
}

/* --- conversions --- */

Datum
lct_from_bytea(PG_FUNCTION_ARGS)
{
	return w4_lct_datum(w4_fixed_bytea(PG_GETARG_DATUM(0), W4_LCT_LEN, "identity"));
}

Datum
lct_to_bytea(PG_FUNCTION_ARGS)
{
	return w4_bytea_datum(PG_GETARG_W4LCT(0), W4_LCT_LEN);
}

/* Derivation only: whether the key is acceptable is web4_public_key_ok()'s question. */
Datum
lct_from_public_key(PG_FUNCTION_ARGS)
{
	uint8_t    *lct = palloc(W4_LCT_LEN);

	w4_lct_from_key(lct, w4_fixed_bytea(PG_GETARG_DATUM(0), W4_PUBLIC_KEY_LEN, "public key"));
	PG_RETURN_POINTER(lct);
}

Datum
web4_multikey(PG_FUNCTION_ARGS)
{
	char		text[W4_MULTIKEY_TEXT_LEN];

	w4_multikey_format(text, w4_fixed_bytea(PG_GETARG_DATUM(0), W4_PUBLIC_KEY_LEN, "public key"));
	return w4_text_datum(text, sizeof(text));
}
