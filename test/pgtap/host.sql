-- Single-row writes: what a superuser adds to a table is heeded from the next
-- write on, in sessions that have written before.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS web4;
SELECT no_plan();
\i test/lib/identity.sql
\i test/lib/authority.sql
SELECT isnt(test.society(), NULL, 'society');
SELECT isnt(test.mint(n), NULL, n) FROM unnest('{alice,bob}'::text[]) AS n;
SELECT lives_ok($$SELECT test.fund('alice', '10')$$, 'alice has 10 ATP');
CREATE FUNCTION pg_temp.move(amount atp) RETURNS atp LANGUAGE sql AS $$
	SELECT credited FROM web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('bob'), amount)
$$;
CREATE FUNCTION pg_temp.has(name text) RETURNS atp LANGUAGE sql AS $$ SELECT (web4_balance(test.lct('acme'), test.lct(name))).available $$;
CREATE TABLE seen (tab name, op text, at_balance bigint);

SELECT is(pg_temp.move('1'), '1', 'a transfer, and what it needs is kept');

-- triggers -------------------------------------------------------------------

CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.seen VALUES (TG_TABLE_NAME, TG_WHEN || ' ' || TG_OP, CASE TG_TABLE_NAME WHEN 'account' THEN (to_jsonb(NEW) ->> 'available')::bigint END);
	RETURN NEW;
END $$;
CREATE TRIGGER zz_before BEFORE UPDATE ON web4.account FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER zz_after AFTER UPDATE ON web4.account FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER zz_after AFTER INSERT ON web4.journal FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER zz_before BEFORE INSERT ON web4.evidence FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER zz_after AFTER INSERT ON web4.evidence FOR EACH ROW EXECUTE FUNCTION note();
SELECT is(pg_temp.move('2'), '2', 'triggers of others do not stand in the way');
SELECT bag_eq('SELECT * FROM seen', $$VALUES ('evidence'::name, 'BEFORE INSERT', NULL), ('evidence', 'AFTER INSERT', NULL), ('journal', 'AFTER INSERT', NULL),
	('account', 'BEFORE UPDATE', 7000000), ('account', 'AFTER UPDATE', 7000000), ('account', 'BEFORE UPDATE', 3000000), ('account', 'AFTER UPDATE', 3000000)$$, 'each was called once a row, with the new row');
TRUNCATE seen;
SELECT is(test.verdict(web4_authorize_signed(r, test.sign('alice', 'web4:request:v1', r))), 'granted', 'a signed request claims its nonce')
	FROM test.request('alice', 'read', 'data/x') AS r;
SELECT bag_eq('SELECT tab, op FROM seen', $$VALUES ('evidence'::name, 'BEFORE INSERT'), ('evidence', 'AFTER INSERT')$$, 'claiming a nonce calls triggers, too');
SELECT isnt_empty($$SELECT FROM web4_invariants() WHERE rule = 'no other triggers'$$, 'web4_invariants() names them');
DROP FUNCTION note() CASCADE;
SELECT is(pg_temp.move('1'), '1', 'without triggers again');

-- constraints ----------------------------------------------------------------

ALTER TABLE web4.account ADD CONSTRAINT rich CHECK (available >= 2000000) NOT VALID;
SELECT throws_ok($$SELECT pg_temp.move('5')$$, '23514', NULL, 'a constraint that was added is enforced');
SELECT is(pg_temp.has('alice'), '6', 'nothing was taken');
SELECT is(pg_temp.has('bob'), '4', 'nothing was given');
SELECT is(pg_temp.move('3'), '3', 'what it allows goes through');
ALTER TABLE web4.account DROP CONSTRAINT rich;
SELECT is(pg_temp.move('2'), '2', 'and what it forbade, when it is gone');

CREATE FUNCTION small(amount bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
ALTER TABLE web4.journal ADD CONSTRAINT small CHECK (public.small(amount));
SELECT is(pg_temp.move('0.5'), '0.5', 'a constraint that calls a function');
CREATE OR REPLACE FUNCTION small(amount bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < 100';
SELECT throws_ok($$SELECT pg_temp.move('0.4')$$, '23514', NULL, 'the function is heeded when it is replaced');
ALTER TABLE web4.journal DROP CONSTRAINT small;

-- indexes --------------------------------------------------------------------

CREATE INDEX extra ON web4.journal (amount) WHERE amount > 100000;
CREATE UNIQUE INDEX extra_unique ON web4.journal (evidence, kind);
SELECT is(pg_temp.move('0.25'), '0.25', 'a transfer with more indexes');
SET enable_seqscan = off;
PREPARE by_index AS SELECT id FROM web4.journal WHERE amount = 250000;
SELECT isnt_empty('by_index', 'an index that was added is maintained');
CREATE FUNCTION pg_temp.plan_of_it() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) SELECT id FROM web4.journal WHERE amount = 250000' INTO plan;
	RETURN plan::text;
END $$;
SELECT matches(pg_temp.plan_of_it(), '"Index Name": "extra"', 'it was the index that found the row');
RESET enable_seqscan;
DROP INDEX web4.extra, web4.extra_unique;
SELECT is(pg_temp.move('0.25'), '0.25', 'and without them');

-- columns --------------------------------------------------------------------

ALTER TABLE web4.journal ADD COLUMN remark text;
SELECT throws_like($$SELECT pg_temp.move('0.1')$$, '%has 11 columns instead of 10%', 'a column too many is refused in words');
ALTER TABLE web4.journal DROP COLUMN remark;
SELECT throws_like($$SELECT pg_temp.move('0.1')$$, '%columns instead of 10%', 'also when it was dropped: its place remains');

SELECT is(pg_temp.has('alice'), '0', 'alice has what is left of 10');
SELECT is((SELECT bool_and(ok) FROM web4_check_conservation()), true, 'nothing came or went');

-- kept rows ------------------------------------------------------------------

CREATE FUNCTION pg_temp.may() RETURNS text LANGUAGE sql AS $$ SELECT test.verdict(web4_check(test.lct('bob'), 'read', 'data/x')) $$;
SELECT is(pg_temp.may(), 'granted', 'a citizen may read');
SELECT is(pg_temp.may(), 'granted', 'asked again');
SELECT isnt_empty($$SELECT FROM pg_backend_memory_contexts WHERE name = 'web4 kept rows'$$, 'rows are kept where a DBA can see them');
SAVEPOINT behind;
ALTER TABLE web4.entity DISABLE TRIGGER USER;
UPDATE web4.entity SET status = 'suspended', status_reason = 'violation' WHERE id = test.lct('bob');
SELECT is(pg_temp.may(), 'denied invalid_lct W4_ERR_BINDING_REVOKED', 'who switches the guard off switches keeping off');
ROLLBACK TO behind;
SELECT is(pg_temp.may(), 'granted', 'rolled back: it was never so');
SAVEPOINT in_front;
SELECT lives_ok($$SELECT test.act('web4_set_status', 'acme', 'web4:lct-revocation:v1', jsonb_build_object('lct_id', test.lct('bob'),
	'actor', test.lct('acme'), 'status', 'suspended', 'reason', 'violation'))$$, 'bob is suspended');
SELECT is(pg_temp.may(), 'denied invalid_lct W4_ERR_BINDING_REVOKED', 'the suspension is heeded in the same transaction');
ROLLBACK TO in_front;
SELECT is(pg_temp.may(), 'granted', 'and gone with its savepoint');
SELECT is(pg_temp.may(), 'granted', 'kept again');

-- that there is no refusal is kept, until there is one
CREATE FUNCTION pg_temp.refuse(issuer text) RETURNS bytea LANGUAGE sql AS $$ SELECT test.grant(issuer, 'bob', 'read', 'data/**', level => 0, lifetime => NULL) $$;
SAVEPOINT unrefused;
SELECT isnt(pg_temp.refuse('alice'), NULL, 'alice refuses, which concerns nobody but her');
SELECT is(pg_temp.may(), 'granted', 'bob may still read');
SELECT isnt(pg_temp.refuse('acme'), NULL, 'the society refuses');
SELECT is(pg_temp.may(), 'denied consent_refused W4_ERR_AUTHZ_DENIED', 'which is heeded at once');
ROLLBACK TO unrefused;
SELECT is(pg_temp.may(), 'granted', 'and gone with its savepoint');
SELECT is_empty($$SELECT FROM web4.table_invariants() WHERE rule = 'tables are guarded'$$, 'every guard is one of the script''s');
CREATE TRIGGER silent BEFORE INSERT OR UPDATE OR DELETE ON web4.entity FOR EACH ROW WHEN (false) EXECUTE FUNCTION web4.guard('state', 'all');
SELECT set_eq($$SELECT detail FROM web4.table_invariants() WHERE rule = 'tables are guarded'$$, ARRAY['trigger silent is not one of the script''s'], 'another is named');
DROP TRIGGER silent ON web4.entity;

SELECT * FROM finish();
ROLLBACK;
