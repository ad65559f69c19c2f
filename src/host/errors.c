/*-------------------------------------------------------------------------
 *
 * errors.c
 *		The table of web4.h, and the DETAIL and HINT lines that come from it.
 *
 *-------------------------------------------------------------------------
 */
#include "host/errors.h"

#include "host/compat.h"
#include "lib/stringinfo.h"

const W4ErrorCode w4_error_codes[] = {
#define W4_ERROR(id, letter, d1, d2, code, meaning, cure) {W4_SQLSTATE_##id, #id, code, meaning, cure},
	W4_ERROR_TABLE
#undef W4_ERROR
};
const int	w4_error_code_count = lengthof(w4_error_codes);

static const W4ErrorCode *
find_code(int sqlstate)
{
	for (int i = 0; i < lengthof(w4_error_codes); i++)
	{
		if (w4_error_codes[i].sqlstate == sqlstate)
			return &w4_error_codes[i];
	}
	elog(ERROR, "SQLSTATE %s is not one of web4", unpack_sql_state(sqlstate));
}

int
w4_errdetail(int sqlstate, const char *fmt,...)
{
	const W4ErrorCode *error = find_code(sqlstate);
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
	errdetail("%s: %s", error->code, buf.data);
	errhint("%s", error->cure);
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
