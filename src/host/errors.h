/*-------------------------------------------------------------------------
 *
 * errors.h
 *		The DETAIL line of our errors, protocol code first, then the facts, and
 *		their HINT line.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_ERRORS_H
#define W4_ERRORS_H

#include "web4.h"
#include "core/bytes.h"

/* The table of web4.h. */
typedef struct W4ErrorCode
{
	int			sqlstate;
	const char *name;
	const char *code;
	const char *meaning;
	const char *cure;
} W4ErrorCode;

extern const W4ErrorCode w4_error_codes[];
extern const int w4_error_code_count;

/*
 * Inside ereport(): DETAIL "<protocol code>: <text>", and the table's cure as
 * HINT.  Where the cure is too general, an errhint() behind it replaces it.
 */
extern int	w4_errdetail(int sqlstate, const char *fmt,...) pg_attribute_printf(2, 3);

/* Raise what a core parser found wrong with "object" (say, "consent token"). */
extern void w4_raise_fault(int sqlstate, const char *object, const W4Fault *fault) pg_attribute_noreturn();

/* The same for a type's input function, which may have to return (w4_input_error() of host/compat.h). */
extern void w4_input_fault(struct Node *context, int sqlstate, const char *object, const W4Fault *fault);

/* Raise 40001, "could not serialize access due to <cause>". */
extern void w4_raise_concurrent(const char *cause) pg_attribute_noreturn();

#endif							/* W4_ERRORS_H */
