/*-------------------------------------------------------------------------
 *
 * value.h
 *		Small bridges between core values and Datums.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_VALUE_H
#define W4_VALUE_H

#include "postgres.h"

#include "core/bytes.h"
#include "fmgr.h"
#include "host/compat.h"
#include "utils/builtins.h"

/* lct is a fixed 32-byte type, passed by reference. */
#define W4LctGetDatum(p) PointerGetDatum(p)
#define DatumGetW4Lct(d) ((const uint8_t *) DatumGetPointer(d))
#define PG_GETARG_W4LCT(n) DatumGetW4Lct(PG_GETARG_DATUM(n))

static inline Datum
w4_bytea_datum(const void *data, size_t len)
{
	bytea	   *b = (bytea *) palloc(len + VARHDRSZ);

	SET_VARSIZE(b, len + VARHDRSZ);
	if (len > 0)
		memcpy(VARDATA(b), data, len);
	return PointerGetDatum(b);
}

static inline Datum
w4_text_datum(const void *data, size_t len)
{
	return PointerGetDatum(cstring_to_text_with_len(data, (int) len));
}

static inline Datum
w4_slice_text(W4Slice s)
{
	return w4_text_datum(s.data, s.len);
}

/* Bytes of a (packed, detoasted) bytea or text; borrows from it. */
static inline W4Slice
w4_varlena_slice(const void *v)
{
	return w4_slice(VARDATA_ANY((const struct varlena *) v), VARSIZE_ANY_EXHDR((const struct varlena *) v));
}

#define W4_ARG_SLICE(n) w4_varlena_slice(PG_GETARG_VARLENA_PP(n))

/* A bytea argument that must have exactly len bytes; ERROR W4K03 naming it otherwise. */
extern const uint8_t *w4_fixed_bytea(Datum value, size_t len, const char *what);

/*
 * ERROR 22004 when argument n, or any of them, is NULL.  What changes something
 * must not be STRICT: PERFORM web4_grant_revoke(NULL) would look like a success.
 */
extern void w4_require_argument(FunctionCallInfo fcinfo, int n);
extern bool w4_require_arguments(FunctionCallInfo fcinfo);

/* The first line of such a function: a declaration, so that it comes before those that read arguments. */
#define W4_NO_NULLS(fcinfo) bool arguments_given pg_attribute_unused() = w4_require_arguments(fcinfo)

/* value / 10^digits as numeric, trailing zeros cut. */
extern Datum w4_fixed_numeric(int64 value, int digits);

/*
 * Build a row of the composite type "type_name" (ours) and return it as a
 * Datum in the current memory context.
 */
extern Datum w4_row(const char *type_name, const Datum *values, const bool *nulls);

/*
 * Columns of a composite argument, as the CHECK constraints of hot tables get
 * their row: PostgreSQL parses a constraint anew for every statement, and one
 * whole-row reference costs a tenth of a dozen columns.
 */
extern void w4_row_columns(Datum row, int natts, Datum *values, bool *nulls);

/* Prepare a set-returning function: fills setResult and setDesc of the caller's ReturnSetInfo. */
extern void w4_materialize(FunctionCallInfo fcinfo);

/* A row of the calling function's declared result type (OUT parameters, RETURNS TABLE). */
extern Datum w4_result_row(FunctionCallInfo fcinfo, const Datum *values, const bool *nulls);

#endif							/* W4_VALUE_H */
