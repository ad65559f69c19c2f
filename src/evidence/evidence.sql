-- ---------------------------------------------------------------------------
-- evidence: the one log, its Merkle trees and what can be proven with them.
-- ---------------------------------------------------------------------------

-- Sealing -------------------------------------------------------------------

CREATE FUNCTION web4_leaf_id(id bigint, leaf_hash bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.int8send(id) || pg_catalog.substr(leaf_hash, 1, 24);
END;
COMMENT ON FUNCTION web4_leaf_id(bigint, bytea) IS
'what names a leaf (decision_id is one): its id, 8 bytes big-endian, and the first 24 bytes of its hash';

CREATE FUNCTION web4_seal(society lct) RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_seal(lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_seal(lct) IS
'put the leaves of finished transactions into the society''s Merkle tree and write a tree head; returns their number';

CREATE FUNCTION web4_seal_all() RETURNS bigint
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 100000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_seal_all() FROM PUBLIC;
COMMENT ON FUNCTION web4_seal_all() IS
'web4_seal() of every society; returns the number of leaves';

-- Tree heads ----------------------------------------------------------------

CREATE FUNCTION web4_tree_head(society lct, OUT size bigint, OUT root bytea, OUT at timestamptz, OUT head text,
	OUT public_key bytea, OUT signature bytea) RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100 ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT h.size, h.root, h.at, h.head, h.public_key, h.signature
	FROM web4.tree_head h WHERE h.society = $1 ORDER BY h.size DESC LIMIT 1;
END;
COMMENT ON FUNCTION web4_tree_head(lct) IS
'the society''s newest tree head; keep it: with it you notice a log that was rewritten or cut off';

CREATE FUNCTION web4_tree_head_sign(society lct, size bigint, public_key bytea, signature bytea) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1500 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_tree_head_sign(lct, bigint, bytea, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_tree_head_sign(lct, bigint, bytea, bytea) IS
'complete a tree head of a society whose key lies outside of the database';

-- Proofs --------------------------------------------------------------------

CREATE FUNCTION web4_inclusion_proof(leaf_id bytea, OUT society lct, OUT leaf_index bigint, OUT tree_size bigint,
	OUT leaf_body bytea, OUT proof bytea[], OUT head text, OUT signature bytea, OUT public_key bytea) RETURNS record
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 2000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_inclusion_proof(bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_inclusion_proof(bytea) IS
'proof that a leaf is in its society''s tree, against the newest signed head that covers it';

CREATE FUNCTION web4_consistency_proof(society lct, old_size bigint, new_size bigint) RETURNS bytea[]
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 2000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_consistency_proof(lct, bigint, bigint) IS
'proof that the society''s tree of old_size leaves is a prefix of that of new_size; check it with web4_merkle_verify_consistency()';

CREATE FUNCTION web4_verify_proof(leaf_body bytea, index bigint, size bigint, proof bytea[], head text,
	signature bytea, public_key bytea) RETURNS boolean
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1700 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_verify_proof(bytea, bigint, bigint, bytea[], text, bytea, bytea) IS
'is the leaf in the tree of a head that this key signed? needs no tables; false for anything missing or malformed';

CREATE FUNCTION web4_evidence_proof_json(leaf_id bytea) RETURNS text
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 2000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_evidence_proof_json(bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_evidence_proof_json(bytea) IS
'leaf, signed document, proof and tree head as one JSON text for a verifier outside';

-- Verification --------------------------------------------------------------

CREATE FUNCTION web4_evidence_verify(only_society lct DEFAULT NULL, OUT society lct, OUT problem text, OUT id bigint,
	OUT index bigint, OUT detail text) RETURNS SETOF record
LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000000 ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_evidence_verify(lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_evidence_verify(lct) IS
'recompute the log, its trees and heads, of one society or all; a row for everything that was changed, none when all holds';

CREATE FUNCTION web4.is_member(function oid) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 50
BEGIN ATOMIC
	SELECT EXISTS (
		SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension x ON x.oid = d.refobjid
		WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = $1 AND d.deptype = 'e'
			AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND x.extname = 'web4');
END;
REVOKE ALL ON FUNCTION web4.is_member(oid) FROM PUBLIC;
COMMENT ON FUNCTION web4.is_member(oid) IS 'is the function a member of the extension web4?';

-- Names in bodies, views and constraints are bound when the script runs, in a
-- schema where others may have put better matches for calls of ours.  What was
-- bound is in pg_depend: our own objects and PostgreSQL's, and nothing else.
CREATE FUNCTION web4.foreign_uses(OUT object text, OUT uses text) RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH member AS (
		SELECT d.classid, d.objid
		FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension x ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND x.oid = d.refobjid
		WHERE d.deptype = 'e' AND x.extname = 'web4'
	), part AS (
		SELECT m.classid, m.objid FROM member m
		UNION ALL
		SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN member m ON m.classid = d.refclassid AND m.objid = d.refobjid
		WHERE d.deptype IN ('a', 'i') AND d.classid IN ('pg_catalog.pg_constraint'::regclass, 'pg_catalog.pg_rewrite'::regclass,
			'pg_catalog.pg_attrdef'::regclass, 'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_class'::regclass)
	)
	SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, 0), pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0)
	FROM part p JOIN pg_catalog.pg_depend d ON d.classid = p.classid AND d.objid = p.objid
	WHERE d.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass, 'pg_catalog.pg_opclass'::regclass)
		AND d.refobjid >= 16384		-- below: PostgreSQL's own
		AND NOT EXISTS (SELECT FROM member m WHERE m.classid = d.refclassid AND m.objid = d.refobjid);
END;
REVOKE ALL ON FUNCTION web4.foreign_uses() FROM PUBLIC;
COMMENT ON FUNCTION web4.foreign_uses() IS 'functions and operators of others that objects of web4 call';

-- What must hold of the tables themselves, for every room.  A superuser can do
-- all of this; it must not stay unnoticed.
CREATE FUNCTION web4.table_invariants(OUT rule text, OUT object text, OUT detail text) RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH tab AS (
		SELECT c.oid, c.relname::text AS name, c.relpersistence, c.relhasrules, c.relrowsecurity
		FROM pg_catalog.pg_class c
			JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
			JOIN pg_catalog.pg_extension x ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND x.oid = d.refobjid
		WHERE x.extname = 'web4' AND c.relnamespace = 'web4'::regnamespace AND c.relkind IN ('r', 'p')
	)
	SELECT 'tables are guarded', 'web4.' || t.name, g.name || ' is missing or not ENABLE ALWAYS'
	FROM tab t CROSS JOIN (VALUES ('web4_guard_rows', 31), ('web4_guard_truncate', 34)) AS g (name, type)
	WHERE NOT EXISTS (
		SELECT FROM pg_catalog.pg_trigger r
		WHERE r.tgrelid = t.oid AND r.tgname = g.name AND r.tgenabled = 'A' AND r.tgtype = g.type
			AND r.tgqual IS NULL AND r.tgattr = '' AND r.tgfoid = 'web4.guard()'::regprocedure)
	UNION ALL
	SELECT 'tables are guarded', 'web4.' || t.name, 'trigger ' || r.tgname || ' is not one of the script''s'
	FROM tab t JOIN pg_catalog.pg_trigger r ON r.tgrelid = t.oid
	WHERE r.tgfoid = 'web4.guard()'::regprocedure AND r.tgname NOT IN ('web4_guard_rows', 'web4_guard_truncate')
		AND pg_catalog.pg_get_triggerdef(r.oid) <> 'CREATE TRIGGER web4_guard_refusals BEFORE INSERT ON web4.grants FOR EACH ROW '
			'WHEN ((new.level = 0)) EXECUTE FUNCTION web4.guard(''append'', ''absence'', ''grants_refusal'')'
	UNION ALL
	SELECT 'nothing foreign is called', f.object, 'it uses ' || f.uses FROM web4.foreign_uses() f
	UNION ALL
	SELECT 'the schema is ours', 'web4.' || c.relname, 'it is no member of the extension'
	FROM pg_catalog.pg_class c
	WHERE c.relnamespace = 'web4'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (
		SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension x ON x.oid = d.refobjid
		WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
			AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND x.extname = 'web4')
	UNION ALL
	SELECT 'no other triggers', 'web4.' || t.name, 'trigger ' || r.tgname || ' runs ' || r.tgfoid::regprocedure
	FROM tab t JOIN pg_catalog.pg_trigger r ON r.tgrelid = t.oid
	WHERE NOT r.tgisinternal AND NOT web4.is_member(r.tgfoid)
	UNION ALL
	SELECT 'triggers are armed', 'web4.' || t.name, 'trigger ' || r.tgname || ' is not ENABLE ALWAYS'
	FROM tab t JOIN pg_catalog.pg_trigger r ON r.tgrelid = t.oid
	WHERE NOT r.tgisinternal AND web4.is_member(r.tgfoid) AND r.tgenabled <> 'A'
		AND r.tgname NOT IN ('web4_guard_rows', 'web4_guard_truncate')
	UNION ALL
	SELECT 'foreign keys are enforced', 'web4.' || t.name, 'trigger ' || r.tgname || ' is not enabled'
	FROM tab t JOIN pg_catalog.pg_trigger r ON r.tgrelid = t.oid
	WHERE r.tgisinternal AND r.tgenabled NOT IN ('O', 'A')
	UNION ALL
	SELECT 'constraints are validated', 'web4.' || t.name, 'constraint ' || k.conname || ' is not validated'
	FROM tab t JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid
	WHERE NOT k.convalidated
	UNION ALL
	SELECT 'constraints are there', 'web4.' || s.tab, s.kind || ' ' || s.name || ' is missing'
	FROM web4.shape s
	WHERE NOT EXISTS (
		SELECT FROM tab t JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid
		WHERE s.kind = 'constraint' AND t.name = s.tab::text AND k.conname = s.name
		UNION ALL
		SELECT FROM tab t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
		WHERE s.kind = 'unique index' AND t.name = s.tab::text AND c.relname = s.name AND i.indisunique)
	UNION ALL
	SELECT 'indexes are valid', 'web4.' || t.name, 'index ' || i.indexrelid::regclass || ' is not valid'
	FROM tab t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
	WHERE NOT (i.indisvalid AND i.indisready AND i.indislive)
	UNION ALL
	SELECT 'no rewrite rules', 'web4.' || t.name, 'rule ' || w.rulename || ' rewrites statements on the table'
	FROM tab t JOIN pg_catalog.pg_rewrite w ON w.ev_class = t.oid
	UNION ALL
	SELECT 'no other tables read as ours', 'web4.' || t.name, h.inhrelid::regclass || ' inherits from the table'
	FROM tab t JOIN pg_catalog.pg_inherits h ON h.inhparent = t.oid
	WHERE h.inhrelid NOT IN (SELECT tab.oid FROM tab)
	UNION ALL
	SELECT 'tables survive a crash', 'web4.' || t.name, 'the table is not logged'
	FROM tab t WHERE t.relpersistence <> 'p'
	UNION ALL
	SELECT 'no row security', 'web4.' || t.name, 'row security can hide rows'
	FROM tab t WHERE t.relrowsecurity;
END;
REVOKE ALL ON FUNCTION web4.table_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.table_invariants() IS 'violations of what must hold of every table of web4, for web4_invariants()';

CREATE FUNCTION web4.evidence_invariants(OUT rule text, OUT object text, OUT detail text) RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT 'rows of the log agree with their bytes', 'leaf ' || e.id, 'the row was changed'
	FROM web4.evidence e
	WHERE web4.evidence_row_ok(e) IS NOT TRUE
	UNION ALL
	SELECT 'new rows of the log are checked', 'web4.evidence', 'constraint evidence_agrees is missing'
	WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
		WHERE k.conrelid = 'web4.evidence'::regclass AND k.conname = 'evidence_agrees')
	UNION ALL
	SELECT 'nonces and leaves are unique', 'web4.evidence', 'unique index ' || n.name || ' is missing'
	FROM (VALUES ('evidence_leaf'), ('evidence_nonce')) AS n (name)
	WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
		WHERE i.indrelid = 'web4.evidence'::regclass AND c.relname = n.name AND i.indisunique)
	UNION ALL
	SELECT 'ids are not used twice', 'sequence web4.evidence_id', 'it stands at ' || s.last_value || ', below id ' || m.id
	FROM web4.evidence_id s, (SELECT max(e.id) AS id FROM web4.evidence e) m
	WHERE m.id > s.last_value
	UNION ALL
	SELECT 'the sealer knows the size of its tree', 'society ' || l.society, l.leaves || ' leaves, but the sealer counts ' || coalesce(s.size, 0)
	FROM (SELECT t.society, max(t.index) + 1 AS leaves FROM web4.tree_leaf t GROUP BY t.society) l
		LEFT JOIN web4.seal s ON s.society = l.society
	WHERE coalesce(s.size, 0) <> l.leaves
	UNION ALL
	SELECT 'every tree has a head', 'society ' || s.society, 'the newest head is not of the tree''s size ' || s.size
	FROM web4.seal s
	WHERE s.size > 0 AND s.size IS DISTINCT FROM (SELECT max(h.size) FROM web4.tree_head h WHERE h.society = s.society);
END;
REVOKE ALL ON FUNCTION web4.evidence_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.evidence_invariants() IS 'violations of the log''s rules, for web4_invariants()';

-- Each room has a function web4.<room>_invariants() with columns rule, object
-- and detail.  Rooms above this one add theirs by defining it.
CREATE FUNCTION web4_invariants() RETURNS TABLE (room text, rule text, object text, detail text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 1000000 ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	f record;
BEGIN
	FOR f IN
		SELECT p.proname, pg_catalog.regexp_replace(p.proname, '_invariants$', '') AS room
		FROM pg_catalog.pg_proc p
		WHERE p.pronamespace = 'web4'::pg_catalog.regnamespace AND p.proname ~ '_invariants$'
			AND p.pronargs = 0 AND p.proretset AND web4.is_member(p.oid)
		ORDER BY p.proname
	LOOP
		-- A changed row must not keep the others from being named.
		BEGIN
			RETURN QUERY EXECUTE pg_catalog.format('SELECT %L::text, i.rule, i.object, i.detail FROM web4.%I() i', f.room, f.proname);
		EXCEPTION WHEN OTHERS THEN
			RETURN QUERY SELECT f.room, 'the check runs to its end'::text, 'web4.' || f.proname || '()', SQLSTATE || ': ' || SQLERRM;
		END;
	END LOOP;
END $$;
REVOKE ALL ON FUNCTION web4_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4_invariants() IS
'every violation of a rule that web4 keeps, of every room; no row when all is well';

-- After a restore -----------------------------------------------------------

CREATE FUNCTION web4.forget_horizon() RETURNS bigint
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 1000 SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'web4_forget_horizon';
REVOKE ALL ON FUNCTION web4.forget_horizon() FROM PUBLIC;
COMMENT ON FUNCTION web4.forget_horizon() IS 'let the sealers look at every leaf again (for web4_post_restore())';

CREATE FUNCTION web4.go_live() RETURNS boolean
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 1000 SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'web4_go_live';
REVOKE ALL ON FUNCTION web4.go_live() FROM PUBLIC;
COMMENT ON FUNCTION web4.go_live() IS 'leave the state in which rows may be loaded (for web4_post_restore())';

-- Enabling the guards locks the tables against writers, so whoever still loads
-- rows has ended before anything is verified.  A room above this one that has to
-- prepare itself defines web4.<room>_go_live(), which says what it did.
CREATE FUNCTION web4_post_restore() RETURNS TABLE (step text, result text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 5 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	guard record;
	f record;
	n bigint := 0;
	found_problems text;
	done text;
BEGIN
	IF pg_catalog.current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = 'web4_post_restore() must run in a transaction that is READ COMMITTED',
			DETAIL = 'With an older snapshot it would not see what was loaded last.',
			HINT = 'Call it outside of a transaction block, with default_transaction_isolation set to read committed.';
	END IF;

	FOR guard IN
		SELECT t.tgrelid::pg_catalog.regclass AS tab, t.tgname
		FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
		WHERE c.relnamespace = 'web4'::pg_catalog.regnamespace AND NOT t.tgisinternal AND web4.is_member(t.tgfoid)
		ORDER BY c.relname, t.tgname
	LOOP
		EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', guard.tab, guard.tgname);
		n := n + 1;
	END LOOP;
	RETURN QUERY SELECT 'arm the guards'::text, n || ' triggers';
	RETURN QUERY SELECT 'forget the seal horizons'::text, web4.forget_horizon() || ' societies';

	SELECT pg_catalog.string_agg(p.line, E'\n'), pg_catalog.count(*) INTO found_problems, n
	FROM (
		SELECT pg_catalog.concat_ws(' ', i.room || ':', i.rule || ':', i.object || ':', i.detail) AS line
		FROM @extschema@.web4_invariants() i
		UNION ALL
		SELECT pg_catalog.concat_ws(' ', 'log:', v.problem, v.society, 'id', v.id, 'index', v.index, v.detail)
		FROM @extschema@.web4_evidence_verify() v
		LIMIT 10
	) p;
	IF n > 0 THEN
		RAISE EXCEPTION USING ERRCODE = 'W4V06',
			MESSAGE = 'restored data does not verify; the database does not go live',
			DETAIL = found_problems,
			HINT = 'web4_invariants() and web4_evidence_verify() list everything. Restore from a dump that was not changed.';
	END IF;
	RETURN QUERY SELECT 'verify rules and log'::text, 'no violation'::text;

	FOR f IN
		SELECT p.proname, pg_catalog.regexp_replace(p.proname, '_go_live$', '') AS room
		FROM pg_catalog.pg_proc p
		WHERE p.pronamespace = 'web4'::pg_catalog.regnamespace AND p.proname ~ '_go_live$'
			AND p.pronargs = 0 AND web4.is_member(p.oid)
		ORDER BY p.proname
	LOOP
		EXECUTE pg_catalog.format('SELECT web4.%I()', f.proname) INTO done;
		RETURN QUERY SELECT 'prepare ' || f.room, done;
	END LOOP;
	RETURN QUERY SELECT 'go live'::text, CASE WHEN web4.go_live() THEN 'live' ELSE 'was live already' END;
END $$;
REVOKE ALL ON FUNCTION web4_post_restore() FROM PUBLIC;
COMMENT ON FUNCTION web4_post_restore() IS
'after a restore: re-arm the guards, verify everything, and only then let web4 functions write; superusers only';

-- Who may call them ------------------------------------------------------------

SELECT web4.allow('web4_app', 'web4_inclusion_proof(bytea)',
	'web4_evidence_proof_json(bytea)');
SELECT web4.allow('web4_auditor', 'web4_inclusion_proof(bytea)',
	'web4_evidence_proof_json(bytea)',
	'web4_evidence_verify(lct)',
	'web4_invariants()');
SELECT web4.allow('web4_operator', 'web4_seal(lct)',
	'web4_seal_all()',
	'web4_tree_head_sign(lct, bigint, bytea, bytea)',
	'web4_invariants()');
