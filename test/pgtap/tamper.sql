-- What a superuser can try against every table, and that it is refused or noticed.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
\i test/lib/identity.sql
\i test/lib/authority.sql
\i test/lib/economy.sql
\i test/lib/world.sql
\i test/lib/tamper.sql
SELECT no_plan();

-- A database that has something in every table; several transactions, for sealing and redeeming.
SELECT test.world();
SELECT test.leaves(300);
SELECT web4_keyring_generate('signing') AS key \gset
SELECT web4_keyring_bind(web4_keyring_generate('sealing', 'sealing'), test.lct('beta'));
SELECT web4_keyring_bind(:'key', test.lct('acme')), web4_keyring_grant(:'key', 'pg_monitor');
SELECT web4_redeem(decision_id) IS NOT NULL AS redeemed FROM web4_decisions WHERE decision = 'granted' AND signed LIMIT 1 \gset
SELECT web4_seal_all() AS sealed \gset
SELECT test.leaves(2);
SELECT web4_seal_all() AS sealed \gset

CREATE VIEW test.tab AS SELECT c.oid::regclass AS tab, c.relname FROM pg_class c WHERE c.relnamespace = 'web4'::regnamespace AND c.relkind = 'r';
CREATE FUNCTION test.rows(tab regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM %s', tab) INTO n;
	RETURN n;
END $$;
SELECT is_empty('SELECT tab FROM test.tab WHERE test.rows(tab) = 0', 'every table has a row');
SELECT is_empty('SELECT * FROM web4_invariants()', 'all is well');
SELECT is_empty('SELECT * FROM web4_evidence_verify()', 'in the log, too');

-- --- statements --------------------------------------------------------------

-- SQLSTATE of a statement, and "00000" when it did something; taken back in any case.
CREATE FUNCTION test.attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RAISE EXCEPTION USING ERRCODE = '00001';
EXCEPTION WHEN OTHERS THEN
	RETURN CASE SQLSTATE WHEN '00001' THEN '00000' ELSE SQLSTATE END;
END $$;

CREATE FUNCTION test.statements(tab regclass) RETURNS TABLE (statement text) LANGUAGE sql STABLE AS $$
	SELECT format(s, tab, (SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = tab AND attnum = 1), current_setting('data_directory') || '/web4-tamper.copy')
	FROM unnest(ARRAY['INSERT INTO %1$s SELECT * FROM %1$s LIMIT 1', 'UPDATE %1$s SET %2$s = %2$s', 'DELETE FROM %1$s', 'TRUNCATE %1$s CASCADE',
		'INSERT INTO %1$s SELECT * FROM %1$s LIMIT 1 ON CONFLICT DO NOTHING', 'COPY %1$s FROM %3$L',
		'WITH gone AS (DELETE FROM %1$s RETURNING 1) SELECT count(*) FROM gone', 'SELECT 1 FROM %1$s; UPDATE ONLY %1$s SET %2$s = DEFAULT']
		|| CASE WHEN current_setting('server_version_num')::int >= 150000 THEN ARRAY['MERGE INTO %1$s USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE',
			'MERGE INTO %1$s USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET %2$s = %2$s'] END) s
$$;

CREATE FUNCTION test.refusals() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	t record;
	s text;
	got text;
BEGIN
	FOR t IN SELECT * FROM test.tab ORDER BY relname LOOP
		EXECUTE format('COPY %s TO %L', t.tab, current_setting('data_directory') || '/web4-tamper.copy');
		FOR s IN SELECT * FROM test.statements(t.tab) LOOP
			got := test.attempt(s);
			IF got NOT IN ('W4V01', 'W4V02') THEN
				RETURN NEXT got || ': ' || s;
			END IF;
		END LOOP;
	END LOOP;
END $$;
SELECT is_empty('SELECT test.refusals()', 'the owner cannot write to any table of a live database');
SET session_replication_role = replica;
SELECT is_empty('SELECT test.refusals()', 'nor with session_replication_role = replica');
RESET session_replication_role;
COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; rm -f web4-tamper.copy';

-- --- what protects the tables cannot go away unnoticed --------------------------

CREATE FUNCTION test.unnoticed(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	seen boolean;
BEGIN
	BEGIN
		EXECUTE statement;
		seen := EXISTS (SELECT FROM web4.table_invariants());
		RAISE EXCEPTION USING ERRCODE = 'ZZ001';
	EXCEPTION
		WHEN dependent_objects_still_exist THEN NULL;
		WHEN SQLSTATE 'ZZ001' THEN
			IF NOT seen THEN
				RETURN NEXT statement;
			END IF;
	END;
END $$;
SELECT is_empty($$SELECT test.unnoticed(format('ALTER TABLE %s DISABLE TRIGGER %I', t.tab, g.tgname))
	FROM test.tab t JOIN pg_trigger g ON g.tgrelid = t.tab WHERE NOT g.tgisinternal$$, 'a disarmed trigger');
SELECT is_empty($$SELECT test.unnoticed(format('ALTER TABLE %s ENABLE TRIGGER %I', t.tab, g.tgname))
	FROM test.tab t JOIN pg_trigger g ON g.tgrelid = t.tab WHERE NOT g.tgisinternal$$, 'a trigger that is silent in replication');
SELECT is_empty($$SELECT test.unnoticed(format('ALTER TABLE %s DISABLE TRIGGER ALL', t.tab)) FROM test.tab t$$, 'all triggers disarmed');
SELECT is_empty($$SELECT test.unnoticed(format('ALTER TABLE %s DROP CONSTRAINT %I', t.tab, k.conname))
	FROM test.tab t JOIN pg_constraint k ON k.conrelid = t.tab WHERE k.contype <> 'n'$$, 'a dropped constraint');
SELECT is_empty($$SELECT test.unnoticed(format('ALTER EXTENSION web4 DROP TABLE %s', t.tab)) FROM test.tab t$$, 'a table that left the extension');
SELECT is_empty($$SELECT test.unnoticed(format('CREATE RULE r AS ON INSERT TO %s DO INSTEAD NOTHING', t.tab)) FROM test.tab t$$, 'a rule');
SELECT is_empty($$SELECT test.unnoticed(format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.tab)) FROM test.tab t$$, 'row security');
SELECT is_empty($$SELECT test.unnoticed(s) FROM unnest(ARRAY['ALTER EXTENSION web4 DROP FUNCTION web4.guard(); CREATE OR REPLACE FUNCTION web4.guard() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN NEW; END''',
	'DROP INDEX web4.evidence_nonce', 'DROP INDEX web4.app_role_one', 'CREATE TABLE test.heir () INHERITS (web4.account)']) s$$, 'a guard that was replaced, a unique index, an heir');

-- A sequence that was set back gives ids twice (it is not part of the transaction, so it is set again).
CREATE FUNCTION test.rewound(sequence regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	stood bigint;
	said text;
BEGIN
	EXECUTE format('SELECT last_value FROM %s', sequence) INTO stood;
	PERFORM setval(sequence, 1);
	SELECT i.rule INTO said FROM web4_invariants() i;
	PERFORM setval(sequence, stood);
	RETURN said;
END $$;
SELECT is(test.rewound('web4.evidence_id'), 'ids are not used twice', 'ids of leaves set back');
SELECT is(test.rewound('web4.journal_id'), 'journal.ids', 'ids of journal entries set back');

-- A check that a changed row breaks is named, and does not silence the others.
CREATE FUNCTION test.rooms_that_complain() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	rooms text[];
BEGIN
	BEGIN
		ALTER TABLE web4.entity_key DISABLE TRIGGER ALL, DROP CONSTRAINT entity_key_status_check;
		ALTER TABLE web4.account DISABLE TRIGGER ALL;
		UPDATE web4.entity_key SET status = 'x' WHERE entity = test.lct('alice');
		UPDATE web4.account SET available = available + 1 WHERE entity = test.lct('alice');
		rooms := ARRAY(SELECT DISTINCT i.room FROM web4_invariants() i ORDER BY 1);
		RAISE EXCEPTION USING ERRCODE = 'ZZ001';
	EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
		RETURN rooms;
	END;
END $$;
SELECT is(test.rooms_that_complain(), '{economy,identity,table}', 'one broken row does not hide another');

-- --- single cells ----------------------------------------------------------------

-- What nobody can check (docs/evidence.md says so, and why).
CREATE TABLE test.uncovered (tab text, col text, change text);
INSERT INTO test.uncovered VALUES
	('web4.keyring', 'label', '%'), ('web4.keyring', 'nonce', '%'),
	('web4.keyring', 'sealed', '%'), ('web4.keyring', 'created_at', '%'), ('web4.keyring_signer', 'granted_at', '%'),	-- not in the log
	('web4.journal', 'id', 'id - 1'), ('web4.journal', 'id', '0'), ('web4.journal', 'id', '7'), ('web4.journal', 'id', 'id + 1'),	-- means nothing
	('web4.usage', '*', 'DELETE'),										-- web4_prune() does that
	('web4.grant_state', 'actions', '%'),								-- of a grant without max_actions
	('web4.pool', '*', 'DELETE'), ('web4.pool', 'society', '%'),		-- a pool that was never debited
	('web4.pool', 'horizon', '%'), ('web4.pool', 'system_identifier', '%'),
	('web4.seal', 'horizon', '%'), ('web4.seal', 'system_identifier', '%');

BEGIN;
SELECT test.disarm();
SELECT is(test.noticed('log'), NULL, 'before: nothing to notice');
SELECT test.drill(tab, 4) FROM test.tab WHERE relname NOT IN ('role_grant', 'instance', 'shape');
SELECT is(test.noticed('log'), NULL, 'after: nothing to notice');
SELECT cmp_ok((SELECT count(*) FROM test.edit), '>=', 2000::bigint, 'at least 2000 edits');
SELECT is((SELECT count(DISTINCT tab) FROM test.edit), (SELECT count(*) - 3 FROM test.tab), 'of every table');
SELECT is_empty($$SELECT e.tab, e.col, e.change, e.row FROM test.edit e WHERE e.noticed IS NULL AND e.refused IS NULL
	AND NOT EXISTS (SELECT FROM test.uncovered u WHERE e.tab = u.tab AND e.col LIKE u.col AND e.change LIKE u.change)$$, 'every edit is refused by a constraint or named');
SELECT is_empty($$SELECT u.* FROM test.uncovered u WHERE NOT EXISTS (SELECT FROM test.edit e
	WHERE e.tab = u.tab AND e.col LIKE u.col AND e.change LIKE u.change AND e.noticed IS NULL AND e.refused IS NULL)$$, 'what is said to be uncovered is');
SELECT diag(format('%s edits: %s named, %s refused by a constraint', count(*), count(noticed), count(refused))) FROM test.edit;

SELECT * FROM finish();
ROLLBACK;
