/*-------------------------------------------------------------------------
 *
 * names.c
 *		OIDs of the extension's own objects.
 *
 *-------------------------------------------------------------------------
 */
#include "host/names.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

static uint64 epoch = 1;
static bool resolved = false;
static Oid	public_schema = InvalidOid;
static Oid	private_schema = InvalidOid;
static Oid	anchor = InvalidOid;	/* a table whose invalidation tells us to look again */

static const struct
{
	const char *name;
	Oid			oid;
}			builtin_types[] = {
	{"text", TEXTOID},
	{"int2", INT2OID},
	{"int4", INT4OID},
	{"int8", INT8OID},
	{"bool", BOOLOID},
	{"bytea", BYTEAOID},
	{"timestamptz", TIMESTAMPTZOID},
	{"jsonb", JSONBOID},
	{"numeric", NUMERICOID},
	{"name", NAMEOID},
	{"oid", OIDOID},
	{"xid8", XID8OID},
	{"interval", INTERVALOID},
	{"text[]", TEXTARRAYOID},
	{"int8[]", INT8ARRAYOID},
	{"bytea[]", BYTEAARRAYOID},
};

static void
invalidate(Datum arg, Oid relid)
{
	if (relid == InvalidOid || relid == anchor)
		resolved = false;
}

/* The schema that CREATE EXTENSION put the public objects into. */
static Oid
find_extension_schema(void)
{
	Relation	rel = table_open(ExtensionRelationId, AccessShareLock);
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;
	Oid			schema = InvalidOid;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("web4"));
	scan = systable_beginscan(rel, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		schema = ((Form_pg_extension) GETSTRUCT(tuple))->extnamespace;
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return schema;
}

static void
resolve(void)
{
	static bool registered = false;
	Oid			old_anchor = anchor;
	Oid			old_public = public_schema;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(invalidate, (Datum) 0);
		registered = true;
	}
	public_schema = find_extension_schema();
	if (!OidIsValid(public_schema))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("extension \"web4\" is not installed in this database"),
				 errhint("Run CREATE EXTENSION web4.")));
	private_schema = get_namespace_oid("web4", false);
	anchor = get_relname_relid("evidence", private_schema);
	resolved = OidIsValid(anchor);
	if (anchor != old_anchor || public_schema != old_public)
		epoch++;
}

uint64
w4_epoch(void)
{
	if (!resolved)
		resolve();
	return epoch;
}

Oid
w4_public_schema(void)
{
	(void) w4_epoch();
	return public_schema;
}

Oid
w4_type_oid(const char *name)
{
	Oid			oid;

	for (int i = 0; i < lengthof(builtin_types); i++)
	{
		if (strcmp(builtin_types[i].name, name) == 0)
			return builtin_types[i].oid;
	}
	oid = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
						  ObjectIdGetDatum(w4_public_schema()));
	if (!OidIsValid(oid))
		elog(ERROR, "web4 type \"%s\" not found", name);
	return oid;
}

Oid
w4_relation_oid(const char *name)
{
	Oid			oid;

	(void) w4_epoch();
	oid = get_relname_relid(name, private_schema);
	if (!OidIsValid(oid))
		elog(ERROR, "web4 relation \"%s\" not found", name);
	return oid;
}
