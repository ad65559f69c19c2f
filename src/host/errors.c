/*-------------------------------------------------------------------------
 *
 * errors.c
 *		SQLSTATE to protocol code, and the DETAIL line that shows it.
 *
 *-------------------------------------------------------------------------
 */
#include "host/errors.h"

#include "host/compat.h"
#include "lib/stringinfo.h"

static const char *
protocol_code(int sqlstate)
{
	switch (sqlstate)
	{
#define W4_ERROR(id, letter, d1, d2, code, meaning) \
		case W4_SQLSTATE_##id: \
			return code;
		W4_ERROR_TABLE
#undef W4_ERROR
	}
	return NULL;
}

int
w4_errdetail(int sqlstate, const char *fmt,...)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, fmt);
		needed = appendStringInfoVA(&buf, fmt, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&buf, needed);
	}
	errdetail("%s: %s", protocol_code(sqlstate), buf.data);
	pfree(buf.data);
	return 0;					/* return value does not matter */
}

void
w4_input_fault(struct Node *context, int sqlstate, const char *object, const W4Fault *fault)
{
	w4_input_error(context,
				   (errcode(sqlstate),
					errmsg("malformed %s", object),
					w4_errdetail(sqlstate, "%s at byte %zu.", fault->what, fault->offset)));
}

void
w4_raise_fault(int sqlstate, const char *object, const W4Fault *fault)
{
	w4_input_fault(NULL, sqlstate, object, fault);
	pg_unreachable();
}

void
w4_raise_concurrent(const char *cause)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to %s", cause),
			 errhint("Repeat the transaction.")));
}
