/*-------------------------------------------------------------------------
 *
 * value.c
 *		Small bridges between core values and Datums.
 *
 *-------------------------------------------------------------------------
 */
#include "host/value.h"

#include "access/htup_details.h"
#include "core/decimal.h"
#include "funcapi.h"
#include "host/errors.h"
#include "host/names.h"
#include "utils/typcache.h"

const uint8_t *
w4_fixed_bytea(Datum value, size_t len, const char *what)
{
	struct varlena *v = PG_DETOAST_DATUM_PACKED(value);

	if (VARSIZE_ANY_EXHDR(v) != len)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_SIZE)),
				 errmsg("%s must have %zu bytes", what, len),
				 w4_errdetail(W4_ERRCODE(BAD_SIZE), "It has %zu bytes.", (size_t) VARSIZE_ANY_EXHDR(v))));
	return (const uint8_t *) VARDATA_ANY(v);
}

Datum
w4_fixed_numeric(int64 value, int digits)
{
	char		buf[W4_DECIMAL_TEXT_MAX + 1];

	buf[w4_decimal_format(buf, value, digits)] = '\0';
	return DirectFunctionCall3(numeric_in, CStringGetDatum(buf), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

Datum
w4_row(const char *type_name, const Datum *values, const bool *nulls)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(w4_type_oid(type_name), -1);
	HeapTuple	tuple = heap_form_tuple(desc, unconstify(Datum *, values), unconstify(bool *, nulls));

	ReleaseTupleDesc(desc);
	return HeapTupleGetDatum(tuple);
}

Datum
w4_result_row(FunctionCallInfo fcinfo, const Datum *values, const bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "function returning record called in context that cannot accept it");
	desc = BlessTupleDesc(desc);
	return HeapTupleGetDatum(heap_form_tuple(desc, unconstify(Datum *, values), unconstify(bool *, nulls)));
}

void
w4_materialize(FunctionCallInfo fcinfo)
{
	w4_init_materialized(fcinfo);
}

void
w4_row_columns(Datum row, int natts, Datum *values, bool *nulls)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(row);
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header));
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header};

	if (desc->natts != natts)
		elog(ERROR, "row has %d columns instead of %d", desc->natts, natts);
	heap_deform_tuple(&tuple, desc, values, nulls);
	ReleaseTupleDesc(desc);
}
