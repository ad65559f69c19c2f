/*-------------------------------------------------------------------------
 *
 * value.c
 *		Small bridges between core values and Datums.
 *
 *-------------------------------------------------------------------------
 */
#include "host/value.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "core/decimal.h"
#include "funcapi.h"
#include "host/errors.h"
#include "host/names.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* Both names come from the catalog, so that every function says it in the same words. */
static void
refuse_null(Oid function, int n)
{
	HeapTuple	proc = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	bool		isnull[2];
	Datum		names = SysCacheGetAttr(PROCOID, proc, Anum_pg_proc_proargnames, &isnull[0]);
	Datum		modes = SysCacheGetAttr(PROCOID, proc, Anum_pg_proc_proargmodes, &isnull[1]);
	char	  **name;

	if (get_func_input_arg_names(names, isnull[1] ? PointerGetDatum(NULL) : modes, &name) <= n)
		elog(ERROR, "argument %d has no name", n);
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("argument \"%s\" of %s() is null", name[n], NameStr(((Form_pg_proc) GETSTRUCT(proc))->proname)),
			 errhint("Nothing was done. The value may come from a row that was not found.")));
}

void
w4_require_argument(FunctionCallInfo fcinfo, int n)
{
	if (PG_ARGISNULL(n))
		refuse_null(fcinfo->flinfo->fn_oid, n);
}

bool
w4_require_arguments(FunctionCallInfo fcinfo)
{
	for (int i = 0; i < PG_NARGS(); i++)
		w4_require_argument(fcinfo, i);
	return true;
}

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
