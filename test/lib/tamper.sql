-- ---------------------------------------------------------------------------
-- Helpers for test/pgtap/tamper.sql: change one cell of one row as a superuser
-- who disarmed everything, ask the checks, and take the change back.
--
--   SELECT * FROM test.drill('web4.account', 3);     -- three rows, every column, every variant
-- ---------------------------------------------------------------------------

-- The room whose check is asked first; the others follow when it says nothing.
CREATE FUNCTION test.room(tab regclass) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE relname
		WHEN 'account' THEN 'economy_log' WHEN 'journal' THEN 'economy_log' WHEN 'pool' THEN 'economy' WHEN 'atp_lock' THEN 'economy_log'
		WHEN 'economy_policy' THEN 'law_log' WHEN 'app_role' THEN 'economy_log'
		WHEN 'trust' THEN 'trust' WHEN 'trust_delta' THEN 'trust_log' WHEN 'law' THEN 'law_log'
		WHEN 'keyring' THEN 'keyring' WHEN 'keyring_signer' THEN 'keyring'
		WHEN 'evidence' THEN 'log' WHEN 'tree_leaf' THEN 'log' WHEN 'tree_node' THEN 'log' WHEN 'tree_head' THEN 'log' WHEN 'seal' THEN 'log'
		WHEN 'entity' THEN 'identity' WHEN 'entity_key' THEN 'identity' WHEN 'birth_certificate' THEN 'identity'
		WHEN 'birth_witness' THEN 'identity' WHEN 'society' THEN 'identity' WHEN 'citizenship' THEN 'identity'
		WHEN 'role_holder' THEN 'identity' WHEN 'identity_policy' THEN 'law_log' ELSE 'authority_log' END
	FROM pg_class WHERE oid = tab
$$;

-- What the checks say first: "room rule", or null.  The state of the triggers is
-- not asked, for the drill has disarmed them.
CREATE FUNCTION test.noticed(first text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	room text;
	said text;
BEGIN
	FOREACH room IN ARRAY first || array_remove(ARRAY['log', 'economy_log', 'authority_log', 'trust_log', 'law_log', 'evidence', 'economy', 'authority', 'identity', 'trust', 'law', 'keyring'], first) LOOP
		IF room = 'log' THEN
			SELECT 'log ' || problem INTO said FROM web4_evidence_verify() LIMIT 1;
		ELSE
			EXECUTE format('SELECT %L || rule FROM web4.%I() LIMIT 1', room || ' ', room || '_invariants') INTO said;
		END IF;
		IF said IS NOT NULL THEN
			RETURN said;
		END IF;
	END LOOP;
	RETURN NULL;
END $$;

-- Other values of a cell, as SQL expressions over the column.
CREATE FUNCTION test.other_values(col text, type regtype) RETURNS text[] LANGUAGE sql STABLE AS $$
	SELECT CASE type::text
		WHEN 'bytea' THEN ARRAY['set_byte(%1$s, octet_length(%1$s) - 1, get_byte(%1$s, octet_length(%1$s) - 1) # 1)',
			'set_byte(%1$s, 0, get_byte(%1$s, 0) # 128)', 'substr(%1$s, 2)', '%1$s || ''\x00''', 'sha256(''x'')']
		WHEN 'lct' THEN ARRAY['test.lct(''alice'')', 'test.lct(''w1'')', 'lct_from_public_key(sha256(''stranger''))']
		WHEN 'bigint' THEN ARRAY['%1$s + 1', '%1$s - 1', '%1$s + 1000000000', '0', '7']
		WHEN 'integer' THEN ARRAY['%1$s + 1', '%1$s - 1', '1']
		WHEN 'smallint' THEN ARRAY['%1$s + 1', '%1$s - 1']
		WHEN 'text' THEN ARRAY['%1$s || ''x''', 'left(%1$s, -1)', 'reverse(%1$s)', '''x''']
		WHEN 'name' THEN ARRAY['''pg_read_all_data''']
		WHEN 'boolean' THEN ARRAY['NOT %1$s']
		WHEN '"char"' THEN ARRAY['''a''', '''d''', '''s''', '''l''']
		WHEN 'xid8' THEN ARRAY['(%1$s::text::bigint + 1)::text::xid8', '(%1$s::text::bigint - 1)::text::xid8', '''1''']
		WHEN 'timestamp with time zone' THEN ARRAY['%1$s + interval ''1 us''', '%1$s - interval ''1 day''', '%1$s + interval ''1 year''', '''infinity''', '''2026-01-01Z''']
		WHEN 'interval' THEN ARRAY['%1$s + interval ''1 hour''']
		WHEN 'integer[]' THEN ARRAY['ARRAY[%1$s[1] + 1, %1$s[2], %1$s[3]]', 'ARRAY[%1$s[1], %1$s[2], %1$s[3] - 1]']
		WHEN 't3' THEN ARRAY['''(0.52,0.5,0.5)''', '''(0.53,0.5,0.500000001)''', '''(1,1,1)''']
		WHEN 'v3' THEN ARRAY['''(0.5,0.6,0.4)''', '''(0.500000001,0.6,0.5)''', '''(0,0,0)''']
		WHEN 'consent' THEN ARRAY['(SELECT g.token FROM web4.grants g WHERE g.hash <> %2$s.hash ORDER BY g.hash LIMIT 1)']
		END
$$;

CREATE TABLE test.edit (tab text, col text, change text, row tid, noticed text, refused text);

-- Try one statement, remember what was said about it, and take it back.
CREATE FUNCTION test.tamper(tab regclass, col text, change text, place tid, statement text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	said text;
	state text;
	n bigint;
	bad text;
BEGIN
	BEGIN
		EXECUTE statement;
		GET DIAGNOSTICS n = ROW_COUNT;
		IF n = 0 THEN
			RAISE EXCEPTION USING ERRCODE = 'ZZ002';
		END IF;
		BEGIN
			said := test.noticed(test.room(tab));
		EXCEPTION WHEN OTHERS THEN
			said := 'ERROR ' || SQLSTATE || ' ' || SQLERRM;
		END;
		RAISE EXCEPTION USING ERRCODE = 'ZZ001';
	EXCEPTION
		WHEN SQLSTATE 'ZZ001' THEN NULL;
		WHEN SQLSTATE 'ZZ002' THEN RETURN;
		WHEN integrity_constraint_violation THEN state := SQLSTATE;
		WHEN data_exception THEN RETURN;
	END;
	INSERT INTO test.edit VALUES (tab::text, col, change, place, said, state);
END $$;

CREATE FUNCTION test.drill(tab regclass, rows int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	place tid;
	a record;
	change text;
BEGIN
	FOR place IN EXECUTE format('SELECT ctid FROM (SELECT ctid, row_number() OVER (ORDER BY ctid) AS n, count(*) OVER () AS of FROM %s) t '
			'WHERE (n - 1) * %s %% greatest(of, %s) < %s ORDER BY n LIMIT %s', tab, rows, rows, rows, rows) LOOP
		FOR a IN SELECT attname, quote_ident(attname) AS col, atttypid::regtype AS type, attnotnull FROM pg_attribute
				WHERE attrelid = tab AND attnum > 0 AND NOT attisdropped ORDER BY attnum LOOP
			FOREACH change IN ARRAY coalesce(test.other_values(a.col, a.type), '{}') || 'NULL'::text LOOP
				CONTINUE WHEN change = 'NULL' AND a.attnotnull;
				change := format(change, a.col, 'x');
				PERFORM test.tamper(tab, a.attname, change, place, format('UPDATE %s x SET %s = %s WHERE ctid = %L AND %s IS DISTINCT FROM (%s)',
					tab, a.col, change, place, a.col, change));
			END LOOP;
		END LOOP;
		PERFORM test.tamper(tab, '*', 'DELETE', place, format('DELETE FROM %s WHERE ctid = %L', tab, place));
	END LOOP;
END $$;

-- Disarm the triggers, foreign keys among them.  Constraints stay: that one is
-- missing is noticed, too.
CREATE FUNCTION test.disarm() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	t record;
BEGIN
	FOR t IN SELECT c.oid::regclass AS tab FROM pg_class c WHERE c.relnamespace = 'web4'::regnamespace AND c.relkind = 'r' LOOP
		EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', t.tab);
	END LOOP;
END $$;
