/*-------------------------------------------------------------------------
 *
 * plan.c
 *		Saved plans, and the flag that lets only our own statements write.
 *
 *-------------------------------------------------------------------------
 */
#include "host/plan.h"

#include "host/names.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static int	armed = 0;

bool
w4_write_armed(void)
{
	return armed > 0;
}

void
w4_arm_writes(void)
{
	armed++;
}

void
w4_disarm_writes(void)
{
	armed--;
}

static int
parse_types(const char *list, Oid *oids)
{
	char	   *copy = pstrdup(list);
	char	   *save = NULL;
	int			n = 0;

	for (char *name = strtok_r(copy, ", ", &save); name != NULL; name = strtok_r(NULL, ", ", &save))
	{
		if (n == W4_PLAN_MAX_ARGS)
			elog(ERROR, "too many parameters in a web4 plan");
		oids[n++] = w4_type_oid(name);
	}
	pfree(copy);
	return n;
}

static char *
expand_schema(const char *sql)
{
	const char *schema = quote_identifier(get_namespace_name(w4_public_schema()));
	StringInfoData buf;
	const char *mark;

	initStringInfo(&buf);
	while ((mark = strstr(sql, "@x@")) != NULL)
	{
		appendBinaryStringInfo(&buf, sql, (int) (mark - sql));
		appendStringInfoString(&buf, schema);
		sql = mark + 3;
	}
	appendStringInfoString(&buf, sql);
	return buf.data;
}

static void
prepare(W4Plan *plan)
{
	Oid			types[W4_PLAN_MAX_ARGS];
	uint64		now = w4_epoch();
	SPIPlanPtr	fresh;
	char	   *sql;

	if (plan->plan != NULL && plan->epoch == now)
		return;
	plan->nargs = parse_types(plan->types, types);
	sql = expand_schema(plan->sql);
	fresh = SPI_prepare(sql, plan->nargs, types);
	if (fresh == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));
	if (SPI_keepplan(fresh) != 0)
		elog(ERROR, "could not keep a web4 plan");
	if (plan->plan != NULL)
		SPI_freeplan(plan->plan);
	plan->plan = fresh;
	plan->epoch = now;
	pfree(sql);
}

static uint64
execute(W4Plan *plan, const Datum *values, const char *nulls, long limit)
{
	int			rc = SPI_execute_plan(plan->plan, unconstify(Datum *, values), nulls, false, limit);

	if (rc < 0)
		elog(ERROR, "could not execute \"%s\": %s", plan->sql, SPI_result_code_string(rc));
	return SPI_processed;
}

uint64
w4_read(W4Plan *plan, const Datum *values, const char *nulls, long limit)
{
	prepare(plan);
	return execute(plan, values, nulls, limit);
}

uint64
w4_write(W4Plan *plan, const Datum *values, const char *nulls)
{
	volatile uint64 processed = 0;

	prepare(plan);
	w4_arm_writes();
	PG_TRY();
	{
		processed = execute(plan, values, nulls, 0);
	}
	PG_FINALLY();
	{
		w4_disarm_writes();
	}
	PG_END_TRY();
	return processed;
}

Datum
w4_value(uint64 row, int col, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, col, isnull);
}
