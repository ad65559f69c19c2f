/*-------------------------------------------------------------------------
 *
 * protocol.c
 *		web4_error_codes(): the table of web4.h in SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "web4.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "host/errors.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(web4_error_codes);

static Datum
error_code_row(TupleDesc desc, const W4ErrorCode *e)
{
	Datum		values[5];
	bool		nulls[5] = {false, false, false, false, false};

	values[0] = CStringGetTextDatum(unpack_sql_state(e->sqlstate));
	values[1] = CStringGetTextDatum(e->name);
	values[2] = CStringGetTextDatum(e->code);
	values[3] = CStringGetTextDatum(e->meaning);
	values[4] = CStringGetTextDatum(e->cure);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

Datum
web4_error_codes(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	Datum		row;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;
		TupleDesc	desc;

		call = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "function returning record called in context that cannot accept it");
		call->tuple_desc = BlessTupleDesc(desc);
		call->max_calls = w4_error_code_count;
		MemoryContextSwitchTo(old);
	}
	call = SRF_PERCALL_SETUP();
	if (call->call_cntr >= call->max_calls)
		SRF_RETURN_DONE(call);
	/* evaluated first: SRF_RETURN_NEXT counts before it looks at its argument */
	row = error_code_row(call->tuple_desc, &w4_error_codes[call->call_cntr]);
	SRF_RETURN_NEXT(call, row);
}
