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
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(web4_error_codes);

typedef struct ErrorCode
{
	int			sqlstate;
	const char *name;
	const char *code;
	const char *meaning;
} ErrorCode;

static const ErrorCode error_codes[] = {
#define W4_ERROR(id, letter, d1, d2, code, meaning) {W4_SQLSTATE_##id, #id, code, meaning},
	W4_ERROR_TABLE
#undef W4_ERROR
};

static Datum
error_code_row(TupleDesc desc, const ErrorCode *e)
{
	Datum		values[4];
	bool		nulls[4] = {false, false, false, false};

	values[0] = CStringGetTextDatum(unpack_sql_state(e->sqlstate));
	values[1] = CStringGetTextDatum(e->name);
	values[2] = CStringGetTextDatum(e->code);
	values[3] = CStringGetTextDatum(e->meaning);
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
		call->max_calls = lengthof(error_codes);
		MemoryContextSwitchTo(old);
	}
	call = SRF_PERCALL_SETUP();
	if (call->call_cntr >= call->max_calls)
		SRF_RETURN_DONE(call);
	/* evaluated first: SRF_RETURN_NEXT counts before it looks at its argument */
	row = error_code_row(call->tuple_desc, &error_codes[call->call_cntr]);
	SRF_RETURN_NEXT(call, row);
}
