-- Rules that every object of the extension obeys, whichever room it is from.
BEGIN;
SELECT no_plan();

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

-- Support of types, operators and aggregates, which nobody calls by name.
CREATE TEMP VIEW called AS
	SELECT f.* FROM member_function f
	WHERE NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = f.oid)
	AND NOT EXISTS (SELECT FROM pg_type t WHERE f.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
	AND NOT EXISTS (SELECT FROM pg_amproc a WHERE a.amproc = f.oid)
	AND NOT EXISTS (SELECT FROM pg_aggregate a WHERE f.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn,
		a.aggmtransfn, a.aggminvtransfn, a.aggserialfn, a.aggdeserialfn));

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE prosecdef AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']
$$, 'a SECURITY DEFINER function pins its search_path');

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql') AND prosqlbody IS NULL
$$, 'a function in SQL has a parsed body');

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')
	AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']
$$, 'a plpgsql function pins its search_path');

-- PERFORM web4_grant_revoke(NULL) must not look like a revocation.
SELECT is_empty($$
	SELECT name FROM called WHERE provolatile = 'v' AND proisstrict AND pronargs > 0
$$, 'what changes something is not STRICT');

SELECT is_empty($$
	SELECT conname FROM pg_constraint WHERE contype = 'f' AND connamespace = 'web4'::regnamespace AND conrelid = confrelid
$$, 'no row of a table needs another to be there first: pg_dump --inserts writes them in any order');

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE prorettype = 'trigger'::regtype AND has_function_privilege('public', oid, 'EXECUTE')
$$, 'PUBLIC cannot attach a trigger function of ours to a table of its own');

-- Everybody may call what is pure, and what reads identities, grants and laws, which are public.
SELECT set_eq($$
	SELECT DISTINCT proname::text FROM called WHERE has_function_privilege('public', oid, 'EXECUTE')
$$, regexp_split_to_array(btrim(E'
	abs atp atp_from_micro atp_micro atp_to_numeric atp_tx atp_tx_hash atp_tx_parse atp_tx_verify avg consent
	consent_build consent_hash consent_parse consent_revocation_build consent_revocation_parse
	consent_revocation_signing_input consent_signing_input consent_verify lct lct_from_public_key lct_to_bytea max
	min sum t3 t3_apply_quality t3_composite t3_meets t3_talent t3_temperament t3_training v3 v3_composite
	v3_validity v3_valuation v3_veracity web4_birth_certificate web4_canonical web4_consistency_proof
	web4_default_law web4_did web4_did_document web4_energy_ratio web4_error_codes web4_grant web4_grant_head
	web4_grants_of web4_jcs web4_key_history web4_law web4_law_explain web4_law_hash web4_lct_by_alias web4_lct_info
	web4_leaf_hash web4_leaf_id web4_merkle_consistency_proof web4_merkle_inclusion_proof web4_merkle_root
	web4_merkle_verify_consistency web4_merkle_verify_inclusion web4_multikey web4_public_key_ok web4_request_hash
	web4_request_text web4_roles web4_rotation web4_sliding_scale web4_society web4_transfer_calc web4_tree_head
	web4_verify web4_verify_lct web4_verify_proof
', E' \n\t'), E'\\s+'), 'what PUBLIC may call');

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE provolatile = 'v' AND has_function_privilege('public', oid, 'EXECUTE') AND proname NOT IN
		('web4_rotation', 'web4_birth_certificate')		-- they take a nonce or the time, and write nothing
$$, 'PUBLIC cannot call a function that writes');

SELECT is_empty($$
	SELECT name FROM member_function WHERE nspname = 'web4' AND has_function_privilege('public', oid, 'EXECUTE')
$$, 'PUBLIC cannot call a private function');

SELECT is_empty($$
	SELECT name FROM called WHERE obj_description(oid, 'pg_proc') IS NULL
$$, 'every function that is called by name has a comment');

SELECT is_empty($$
	SELECT name FROM member_function
	WHERE (provolatile = 'v' AND proparallel <> 'u' AND proname NOT IN ('web4_rotation', 'web4_birth_certificate'))
	OR (provolatile <> 'v' AND proparallel = 'u' AND proname <> 'web4_invariants')		-- it uses subtransactions
	OR (provolatile = 'i' AND proparallel <> 's')
$$, 'what writes is PARALLEL UNSAFE, what is pure is PARALLEL SAFE');

SELECT is_empty($$
	SELECT name FROM member_function WHERE provolatile <> 'i' AND procost <= 1 AND prorettype <> 'trigger'::regtype
	UNION ALL
	SELECT name FROM member_function WHERE prosecdef AND procost < 10
$$, 'what reads or writes tables says what it costs');

-- What verifies or makes signatures: 36 microseconds and more, a thousand times a comparison.
SELECT is_empty($$
	SELECT w.name, f.procost FROM unnest(ARRAY['web4_verify', 'web4_public_key_ok', 'web4_verify_proof', 'web4_verify_lct', 'web4_keypair', 'web4_sign',
		'web4_sign_as', 'web4_tree_head_sign', 'atp_tx_verify', 'consent_verify', 'grant_row_ok', 'certificate_fault', 'web4_atp_submit', 'web4_mint',
		'web4_grant_register', 'web4_grant_revoke', 'web4_law_publish', 'web4_trust_adjust', 'web4_rotate_key', 'web4_set_status', 'web4_authorize_signed']) w (name)
	LEFT JOIN member_function f ON f.proname = w.name
	WHERE f.procost IS NULL OR f.procost < 500
$$, 'the planner knows what signatures cost');

SELECT set_eq($$
	SELECT name FROM member_function WHERE array_to_string(proargnames, ' ') ~* '(secret|seed|private|passw)'
$$, ARRAY['web4_keypair(bytea)', 'web4_sign(bytea,bytea)'], 'two functions take or return secrets');
SELECT is_empty($$
	SELECT f.name, a.grantee::regrole FROM member_function f, aclexplode(f.proacl) a
	WHERE f.proname IN ('web4_keypair', 'web4_sign') AND a.grantee <> f.proowner
$$, 'and they are granted to nobody');

SELECT is_empty($$
	SELECT name FROM member_function WHERE proleakproof
$$, 'nothing claims to be leakproof');

SELECT is_empty($$
	SELECT name FROM member_relation
	WHERE relkind IN ('r', 'p') AND name NOT IN ('web4.instance', 'web4.role_grant', 'web4.shape')	-- the script fills them
	AND oid <> ALL ((SELECT extconfig FROM pg_extension WHERE extname = 'web4')::oid[])
$$, 'every table is part of a dump');
SELECT is_empty($$
	SELECT name FROM member_relation WHERE relkind IN ('r', 'p') AND nspname <> 'web4'
$$, 'and private');
SELECT is((SELECT string_agg(c, '') FROM pg_extension e, unnest(extcondition) c WHERE extname = 'web4'), '', 'dumped whole');

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
		WHERE t.tgrelid = r.oid AND t.tgfoid = 'web4.guard'::regproc AND t.tgname IN ('web4_guard_rows', 'web4_guard_truncate')) <> 2
$$, 'every table stands under the guard, rows and TRUNCATE');

SELECT is_empty($$
	SELECT name FROM member_relation
	WHERE relkind = 'r' AND nspname = 'web4'
	AND has_table_privilege('public', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
$$, 'PUBLIC has no right to a table');

SELECT is_empty($$
	SELECT name, a.grantee, a.privilege_type FROM member_relation r, aclexplode(r.relacl) a WHERE a.grantee <> r.relowner
$$, 'nobody but the owner has a right to a relation');
SELECT is_empty($$
	SELECT name FROM member_relation WHERE relkind IN ('r', 'v', 'S') AND obj_description(oid, 'pg_class') IS NULL
$$, 'every relation has a comment');
SELECT is_empty($$
	SELECT name FROM member_relation WHERE relkind = 'v' AND NOT coalesce(reloptions, '{}') @> ARRAY['security_barrier=true']
$$, 'every view is a security barrier');
SELECT is_empty($$
	SELECT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
	WHERE e.extname = 'web4' AND d.deptype = 'e' AND d.classid IN ('pg_type'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass)
	AND obj_description(d.objid, d.classid::regclass::name) IS NULL
	AND NOT EXISTS (SELECT FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND (t.typelem <> 0 OR t.typrelid <> 0))
$$, 'every type, operator and operator class has a comment');
SELECT is_empty($$
	SELECT o.oid::regoperator FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid JOIN pg_operator o ON o.oid = d.objid
	WHERE e.extname = 'web4' AND d.deptype = 'e' AND d.classid = 'pg_operator'::regclass AND o.oprname = '='
	AND NOT (o.oprcanhash AND o.oprcanmerge AND o.oprcom = o.oid AND o.oprnegate <> 0 AND o.oprrest <> 0 AND o.oprjoin <> 0)
$$, 'equality can be hashed, merged, commuted, negated and estimated');

SELECT ok(NOT has_schema_privilege('public', 'web4', 'USAGE'), 'PUBLIC cannot use schema web4');


-- --- roles -------------------------------------------------------------------

-- Roles belong to the cluster, so there may be some; put them aside until the end of the transaction.
DO $$
DECLARE
	r text;
BEGIN
	FOR r IN SELECT rolname FROM pg_roles WHERE rolname ~ '^web4_(reader|app|operator|auditor)$' LOOP
		EXECUTE format('ALTER ROLE %I RENAME TO %I', r, r || '_aside');
	END LOOP;
END $$;
CREATE ROLE web4_lint_member;
CREATE FUNCTION pg_temp.premade(attributes text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'CREATE ROLE web4_operator; ' || attributes;
	PERFORM web4_create_roles();
	RAISE EXCEPTION USING ERRCODE = '00001';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT is(pg_temp.premade(a), '42710', 'a role that somebody made is refused: ' || a) FROM unnest(ARRAY['ALTER ROLE web4_operator LOGIN', 'ALTER ROLE web4_operator SUPERUSER',
	'ALTER ROLE web4_operator CREATEROLE', 'ALTER ROLE web4_operator REPLICATION', 'ALTER ROLE web4_operator BYPASSRLS', 'GRANT web4_operator TO web4_lint_member',
	'COMMENT ON ROLE web4_operator IS ''created by web4_create_roles()''; GRANT web4_operator TO web4_lint_member WITH ADMIN OPTION']) a;
SELECT is(pg_temp.premade(''), '00001', 'an empty role is taken over');
-- A better match than pg_catalog's, in the schema of the extension, where others may be allowed to create things.
CREATE FUNCTION public.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'format() of somebody else'; END $$;
CREATE FUNCTION public.set_config(text, text, boolean) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'set_config() of somebody else'; END $$;
SELECT lives_ok('SELECT web4_create_roles()', 'functions of others in the schema are not called');
DROP FUNCTION public.format(text, text[]), public.set_config(text, text, boolean);
SELECT set_eq('SELECT web4_create_roles()', '{web4_reader,web4_app,web4_operator,web4_auditor}'::name[], 'the roles');
SELECT set_eq('SELECT web4_create_roles()', '{web4_reader,web4_app,web4_operator,web4_auditor}'::name[], 'again');
GRANT web4_operator TO web4_lint_member;
SELECT lives_ok('SELECT web4_create_roles()', 'again, with a member');
SELECT is_empty($$
	SELECT rolname FROM pg_roles WHERE rolname ~ '^web4_(reader|app|operator|auditor)$' AND (rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
	UNION ALL
	SELECT member::regrole::name FROM pg_auth_members WHERE member IN (SELECT oid FROM pg_roles WHERE rolname ~ '^web4_(reader|app|operator|auditor)$')
$$, 'without login, powers or memberships');

-- Who may call what: exactly this, beyond what everybody may.
CREATE TEMP TABLE expected (role, may) AS VALUES
	('web4_reader', '
		web4_balance web4_decisions web4_pool web4_stat_authority web4_trust'),
	('web4_app', '
		web4_atp_submit web4_authorize web4_authorize_many web4_authorize_signed web4_balance web4_check
		web4_citizenship web4_decision_of web4_evidence_proof_json web4_grant_close web4_grant_register web4_grant_revoke
		web4_inclusion_proof web4_lock web4_lock_commit web4_lock_expire web4_lock_rollback web4_mint web4_mint_many
		web4_pending web4_pool web4_redeem web4_resume web4_rotate_key web4_set_status web4_sign_as web4_transfer
		web4_transfer_many web4_trust web4_trust_adjust'),
	('web4_operator', '
		web4_assign_role web4_charter_society web4_check_conservation web4_citizenship web4_freeze_account
		web4_grant_close web4_grant_register web4_grant_revoke web4_invariants web4_keyring_generate
		web4_keyring_grant web4_keyring_list web4_keyring_revoke web4_law_publish web4_lock_expire web4_map_role
		web4_mint web4_mint_many web4_pending web4_pool_settle web4_prune web4_rotate_key web4_seal web4_seal_all
		web4_set_status web4_tree_head_sign web4_trust_adjust web4_trust_history web4_unmap_role'),
	('web4_auditor', '
		web4_balance web4_check_conservation web4_decisions web4_evidence_proof_json web4_evidence_verify
		web4_inclusion_proof web4_invariants web4_pool web4_trust web4_trust_history');
SELECT set_eq(format($$
	SELECT DISTINCT proname::text FROM member_function WHERE has_function_privilege(%1$L, oid, 'EXECUTE') AND NOT has_function_privilege('public', oid, 'EXECUTE')
	UNION
	SELECT relname::text FROM member_relation WHERE has_table_privilege(%1$L, oid, 'SELECT') AND relkind IN ('r', 'v', 'S')
$$, role), regexp_split_to_array(btrim(may, E' \n\t'), E'\\s+'), 'what ' || role || ' may') FROM expected;
SELECT is_empty($$
	SELECT r.name, e.role FROM member_relation r, expected e WHERE relkind IN ('r', 'v', 'S')
	AND has_table_privilege(e.role, r.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
$$, 'no role writes to a table');
SELECT is_empty($$SELECT role FROM expected WHERE has_schema_privilege(role, 'web4', 'USAGE')$$, 'no role uses schema web4');

SELECT * FROM finish();
ROLLBACK;
