-- CREATE EXTENSION: what must not be there before, another schema, and again in the same session.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = error;
SELECT no_plan();
CREATE SCHEMA t;
SET search_path = t, public;

-- --- in a schema of its own, with plans of an earlier life in this session -------
SELECT ok(web4_bootstrap_society('before') IS NOT NULL, 'a society in the first life');
SELECT is((SELECT decision FROM web4_check((SELECT id FROM web4.society), 'read', 'data/x')), 'granted', 'it decides');
SELECT is((SELECT decision FROM web4_authorize((SELECT id FROM web4.society), 'read', 'data/x')), 'granted', 'and records');
DROP EXTENSION web4;

-- --- what somebody put there before -----------------------------------------
CREATE FUNCTION t.fails(prepare text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE prepare;
	CREATE EXTENSION web4 SCHEMA public;
	RAISE EXCEPTION USING ERRCODE = '00001';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT is(t.fails('SELECT 1'), '00001', 'nothing is in the way');
SELECT is(t.fails('CREATE SCHEMA web4'), '42P06', 'schema web4 must be new');
SELECT is(t.fails('CREATE TYPE public.t3 AS ENUM (''a'')'), '42710', 'a type of ours exists');
SELECT is(t.fails('CREATE FUNCTION public.web4_leaf_id(bigint, bytea) RETURNS bytea LANGUAGE sql AS ''SELECT NULL::bytea'''), '42723', 'a function of ours exists');
SELECT is(t.fails('CREATE VIEW public.web4_decisions AS SELECT 1 AS x'), '42P07', 'a view of ours exists');
DROP ROLE IF EXISTS web4_tap_installer;
CREATE ROLE web4_tap_installer CREATEROLE CREATEDB;
GRANT ALL ON SCHEMA public, t TO web4_tap_installer;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO web4_tap_installer', current_database()); END $$;
SELECT is(t.fails('SET LOCAL ROLE web4_tap_installer'), '42501', 'only a superuser installs');

-- Better matches for calls in the script or in a body, in the schema of the extension.
CREATE SCHEMA x;
CREATE FUNCTION x.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$;
CREATE FUNCTION x.quote_ident(name) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$;
CREATE FUNCTION x.octet_length(character varying) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$;
CREATE FUNCTION x.concat_ws(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$;
CREATE FUNCTION x.jsonb_build_object(VARIADIC text[]) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$;
CREATE FUNCTION x.unnest(text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$;

CREATE FUNCTION x.eq(bytea, name) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$;
CREATE OPERATOR x.= (LEFTARG = bytea, RIGHTARG = name, FUNCTION = x.eq);
CREATE FUNCTION t.traps() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	CREATE EXTENSION web4 SCHEMA x;
	RETURN 'installed';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT is(t.traps(), '42P17 a function or operator in the schema of the extension stands in for one of PostgreSQL', 'traps are not called, and refused');
DROP FUNCTION x.format(text, text[]), x.quote_ident(name), x.octet_length(character varying), x.unnest(text[]), x.concat_ws(text, text[]);
SELECT is(t.traps(), '42P17 a function or operator in the schema of the extension stands in for one of PostgreSQL', 'one is enough');
DROP FUNCTION x.jsonb_build_object(text[]);
CREATE EXTENSION web4 SCHEMA x;
SELECT ok(to_regproc('public.web4_society') IS NULL, 'public has nothing of it');
SELECT ok(x.web4_bootstrap_society('after') IS NOT NULL, 'a society in the second life');
SELECT is((SELECT (x.web4_check(id, 'read', 'data/x')).decision FROM web4.society), 'granted', 'it decides, without the schema in the path');
SELECT is((SELECT (x.web4_authorize(id, 'read', 'data/x')).decision FROM web4.society), 'granted', 'and records');
SELECT is((SELECT count(*) FROM x.web4_decisions), 1::bigint, 'once');
SELECT ok(x.web4_map_role('pg_monitor', id), 'maps') FROM web4.society;
SELECT ok(x.web4_seal_all() > 0, 'seals');
SELECT ok(x.web4_did_document(id) ->> 'id' LIKE 'did:web4:key:%', 'explains') FROM web4.society;
SELECT ok(x.web4_rotation(id, sha256('x')) IS NOT NULL, 'prepares') FROM web4.society;
SELECT is_empty('SELECT * FROM x.web4_invariants()', 'breaks no rule');
SELECT is_empty('SELECT * FROM x.web4_evidence_verify()', 'verifies');
SELECT ok(bool_and(ok), 'conserves') FROM x.web4_check_conservation();
SELECT lives_ok('SELECT x.web4_post_restore()', 'verifies once more');
CREATE FUNCTION t.roles() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text;
BEGIN
	PERFORM x.web4_create_roles();
	SET LOCAL ROLE web4_app;
	said := x.web4_lock_rollback(decode(repeat('00', 16), 'hex'))::text;
	RAISE EXCEPTION USING ERRCODE = '00001';
EXCEPTION WHEN OTHERS THEN
	RETURN coalesce(said, SQLSTATE);
END $$;
SELECT is(t.roles(), 'W4E03', 'the roles may use the schema: it gets as far as looking for the lock');

REVOKE ALL ON SCHEMA public, t FROM web4_tap_installer;
DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM web4_tap_installer', current_database()); END $$;
DROP ROLE web4_tap_installer;
SELECT * FROM finish();
