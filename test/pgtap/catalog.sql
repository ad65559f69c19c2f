-- Rules that every object of the extension obeys, whichever room it is from.
BEGIN;
SELECT plan(14);

CREATE TEMP VIEW member_function AS
	SELECT p.oid::regprocedure::text AS name, p.*, n.nspname
	FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid JOIN pg_extension e ON e.oid = d.refobjid
	JOIN pg_namespace n ON n.oid = p.pronamespace
	WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND e.extname = 'web4';

CREATE TEMP VIEW member_relation AS
	SELECT c.oid::regclass::text AS name, c.*, n.nspname
	FROM pg_depend d JOIN pg_class c ON c.oid = d.objid JOIN pg_extension e ON e.oid = d.refobjid
	JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e' AND e.extname = 'web4';

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE prosecdef AND prolang <> (SELECT oid FROM pg_language WHERE lanname = 'sql')
	AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']
$$, 'a SECURITY DEFINER function pins its search_path');

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE prosecdef AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql')
	AND prosqlbody IS NULL AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']
$$, 'a SECURITY DEFINER function in SQL has a parsed body or a pinned search_path');

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')
	AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']
$$, 'a plpgsql function pins its search_path');

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE prorettype = 'trigger'::regtype AND has_function_privilege('public', oid, 'EXECUTE')
$$, 'PUBLIC cannot attach a trigger function of ours to a table of its own');

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE provolatile = 'v' AND prosecdef AND has_function_privilege('public', oid, 'EXECUTE')
	AND proname <> 'web4_rotation'		-- reads the clock and a public key, writes nothing
$$, 'PUBLIC cannot call a function that writes with its owner''s rights');

SELECT is_empty($$
	SELECT name FROM member_function WHERE nspname <> 'web4' AND obj_description(oid, 'pg_proc') IS NULL
	AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = member_function.oid)
	AND NOT EXISTS (SELECT FROM pg_type t WHERE member_function.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
	AND NOT EXISTS (SELECT FROM pg_amproc a WHERE a.amproc = member_function.oid)
	AND NOT EXISTS (SELECT FROM pg_aggregate a WHERE member_function.oid IN (a.aggtransfn, a.aggfinalfn,
		a.aggcombinefn, a.aggmtransfn, a.aggminvtransfn))
$$, 'every public function has a comment');

SELECT is_empty($$
	SELECT name FROM member_function WHERE proleakproof
$$, 'nothing claims to be leakproof');

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE proname IN ('web4_verify', 'web4_public_key_ok') AND procost < 1000
$$, 'the planner knows what a signature check costs');

SELECT is_empty($$
	SELECT name FROM member_relation
	WHERE relkind = 'r' AND nspname = 'web4'
	AND oid NOT IN ('web4.instance'::regclass, 'web4.role_grant'::regclass)		-- made anew by the script
	AND oid <> ALL ((SELECT extconfig FROM pg_extension WHERE extname = 'web4')::oid[])
$$, 'every table is part of a dump');

SELECT is_empty($$
	SELECT name FROM member_relation
	WHERE relkind = 'S' AND oid <> ALL ((SELECT extconfig FROM pg_extension WHERE extname = 'web4')::oid[])
$$, 'every sequence is part of a dump');

SELECT is_empty($$
	SELECT t.tgrelid::regclass, t.tgname FROM pg_trigger t JOIN member_relation r ON r.oid = t.tgrelid
	WHERE NOT t.tgisinternal AND t.tgenabled <> 'A'
$$, 'every trigger fires always, in replication too');

SELECT is_empty($$
	SELECT name FROM member_relation r
	WHERE relkind = 'r' AND nspname = 'web4' AND (SELECT count(*) FROM pg_trigger t
		WHERE t.tgrelid = r.oid AND t.tgfoid = 'web4.guard'::regproc) <> 2
$$, 'every table stands under the guard, rows and TRUNCATE');

SELECT is_empty($$
	SELECT name FROM member_relation
	WHERE relkind = 'r' AND nspname = 'web4'
	AND has_table_privilege('public', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
$$, 'PUBLIC has no right to a table');

SELECT ok(NOT has_schema_privilege('public', 'web4', 'USAGE'), 'PUBLIC cannot use schema web4');

SELECT * FROM finish();
ROLLBACK;
