-- keyring: the key file, sealed keys, and who may have what signed.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
SELECT coalesce(current_setting('web4.server_key_file', true), '') AS before \gset
-- A session that loads the library with a value of its own is not believed.
SET web4.server_key_file = '/dev/zero';
DROP DATABASE IF EXISTS web4_tap_keyring;
CREATE DATABASE web4_tap_keyring;
COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; rm -rf web4-tap; umask 077; mkdir web4-tap; test -f web4-test.key || head -c 32 /dev/urandom > web4-test.key';
\c web4_tap_keyring
SET client_min_messages = error;
SET web4.server_key_file = '/dev/zero';
CREATE EXTENSION web4;
CREATE EXTENSION pgtap;
SELECT no_plan();
SELECT isnt(current_setting('web4.server_key_file'), '/dev/zero', 'a session cannot name a file of its own, even before the library is loaded');
SELECT throws_ok('SET web4.server_key_file = ''/dev/zero''', '55P02', NULL, 'nor after');
ALTER SYSTEM SET web4.server_key_file = '';
SELECT pg_reload_conf() AS reloaded, pg_sleep(0.5) AS slept \gset
SELECT throws_ok('SELECT web4_keyring_generate(''a'')', 'W4K05', NULL, 'without a key file there is no keyring');
ALTER SYSTEM SET web4.server_key_file = 'web4-test.key';
SELECT pg_reload_conf() AS reloaded, pg_sleep(0.5) AS slept \gset

-- --- making keys -------------------------------------------------------------

SELECT throws_ok('SELECT web4_keyring_generate(''a'', ''signing'')', '22023', NULL, 'a purpose is identity or sealing');
SELECT throws_ok('SELECT web4_keyring_generate('''')', '23514', NULL, 'a label is not empty');
SELECT is_empty('SELECT * FROM web4_keyring_list()', 'nothing was made');
CREATE TABLE k (name text PRIMARY KEY, key bytea);
INSERT INTO k SELECT n, web4_keyring_generate(n) FROM unnest(ARRAY['alice', 'bob', 'nobody']) n;
INSERT INTO k VALUES ('sealing', web4_keyring_generate('sealing', 'sealing'));
SELECT is((SELECT count(DISTINCT key) FROM k), 4::bigint, 'four different keys');
SELECT ok(web4_public_key_ok(key), 'a good public key: ' || name) FROM k;
SELECT is((SELECT count(DISTINCT nonce) FROM web4.keyring), 4::bigint, 'each sealed under a nonce of its own');
SELECT is(octet_length(sealed), 80, 'sealed') FROM web4.keyring LIMIT 1;
SELECT set_eq('SELECT label, purpose, owner IS NULL, signers FROM web4_keyring_list()',
	$$VALUES ('alice', 'identity', true, '{}'::name[]), ('bob', 'identity', true, '{}'), ('nobody', 'identity', true, '{}'), ('sealing', 'sealing', true, '{}')$$, 'the list');

-- --- the key file: web4_keyring_reseal() checks another one the same way -----

COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; cd web4-tap; umask 077; head -c 32 /dev/urandom > good; head -c 31 /dev/urandom > short; head -c 33 /dev/urandom > long; head -c 4096 /dev/urandom > huge; : > empty; head -c 32 /dev/zero > zeros; ln -s good link; mkfifo fifo; mkdir dir; cp good group; chmod 640 group; cp good world; chmod 604 world; cp good unreadable; chmod 000 unreadable';
COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; cd web4-tap; umask 077; printf "%064d\n" 1 > hex; printf "%064d" 1 > hex_bare; printf "%063dg\n" 1 > hex_bad; printf "%064d\r\n" 1 > hex_crlf; printf "%064d\n" 0 > hex_zero; printf "%064dx" 1 > hex_tail';
SELECT throws_ok(format('SELECT web4_keyring_reseal(%L)', 'web4-tap/' || f), 'W4K05', NULL, 'not a key file: ' || f)
FROM unnest(ARRAY['missing', 'short', 'long', 'huge', 'empty', 'zeros', 'link', 'fifo', 'dir', 'group', 'world', 'hex_bad', 'hex_crlf', 'hex_zero', 'hex_tail', 'unreadable', 'good/x', '']) f;
SELECT throws_ok('SELECT web4_keyring_reseal(''/dev/urandom'')', 'W4K05', NULL, 'not a key file: a device');
CREATE TABLE sealed_before AS SELECT public_key, sealed, nonce FROM web4.keyring;
SELECT is_empty('SELECT public_key, sealed, nonce FROM web4.keyring EXCEPT SELECT * FROM sealed_before', 'a refused file changes nothing');

-- --- signing -----------------------------------------------------------------

CREATE FUNCTION lct_of(name text) RETURNS lct LANGUAGE sql IMMUTABLE AS $$ SELECT lct_from_public_key(sha256(convert_to(name, 'UTF8'))) $$;
CREATE FUNCTION request(t text DEFAULT '{}') RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT convert_to(E'web4:request:v1\n' || t, 'UTF8') $$;
SELECT throws_ok(format('SELECT web4_sign_as(%L, request())', lct_of('alice')), 'W4V04', NULL, 'a database that is not live signs nothing');
SELECT lives_ok('SELECT web4_post_restore()', 'live');
SELECT throws_ok(format('SELECT web4_sign_as(%L, request())', lct_of('alice')), 'W4K07', NULL, 'nobody is bound yet');
SELECT lives_ok(format('SELECT web4_keyring_bind(%L, %L)', key, lct_of(name)), 'bind ' || name) FROM k WHERE name IN ('alice', 'bob');
SELECT lives_ok(format('SELECT web4_keyring_bind(%L, %L)', key, lct_of('alice')), 'bind the sealing key to alice, too') FROM k WHERE name = 'sealing';
SELECT lives_ok(format('SELECT web4_keyring_bind(%L, %L)', key, lct_of(name)), 'binding again to the same owner is nothing') FROM k WHERE name = 'alice';
SELECT throws_ok(format('SELECT web4_keyring_bind(%L, %L)', key, lct_of('bob')), 'W4K04', NULL, 'to another one is refused') FROM k WHERE name = 'alice';
SELECT throws_ok(format('SELECT web4_keyring_bind(%L, %L)', sha256('x'), lct_of('bob')), 'W4K07', NULL, 'as is a key that there is not');
SELECT ok(web4_verify(request('{"a":1}'), web4_sign_as(lct_of(name), request('{"a":1}')), key), 'signature of ' || name) FROM k WHERE name IN ('alice', 'bob');
SELECT is(web4_sign_as(lct_of('alice'), request()), web4_sign_as(lct_of('alice'), request()), 'signatures are deterministic');

-- No oracle: only documents of web4, and no tree heads.
SELECT throws_ok(format('SELECT web4_sign_as(%L, %L)', lct_of('alice'), m), 'W4K06', NULL, 'not signed: ' || replace(encode(m, 'escape'), E'\n', ' ')) FROM unnest(ARRAY[
	''::bytea, 'hello', 'web4:request:v1', E'web4:request:v1\n', 'web4:request:v1 {}', E'web4:request:v2\n{}', E'web4:unknown:v1\n{}', E'WEB4:request:v1\n{}',
	E'web4:tree-head:v1\n{"at":"2026-01-01T00:00:00Z"}', E' web4:request:v1\n{}', 'web4:lethean:consent:v1x', 'web4:keyring:v1'::bytea || '\x00']) m;
SELECT ok(web4_verify(m, web4_sign_as(lct_of('alice'), m), key), 'signed: ' || replace(encode(m, 'escape'), E'\n', ' ')) FROM k, (
	SELECT convert_to('web4:' || d || E':v1\n{}', 'UTF8') AS m FROM unnest(ARRAY['lct:binding', 'lct:opkey', 'birth', 'birth:society', 'birth:witness', 'rotation',
		'lct-revocation', 'charter', 'role', 'witness', 'request', 'law', 'law:publish', 'trust']) d
	UNION ALL SELECT 'web4:lethean:consent:v1'::bytea || '\x0001' UNION ALL SELECT 'web4:lethean:revoke:v1'::bytea || '\x0001'
	UNION ALL SELECT 'web4/atp-tx/v1'::bytea || '\x0001') d WHERE name = 'alice';
SELECT throws_ok(format('SELECT web4_sign_as(%L, request(repeat(''x'', 66000)))', lct_of('alice')), 'W4F09', NULL, 'nothing that no document can be');

-- --- who may ------------------------------------------------------------------

CREATE ROLE web4_tap_alice;
CREATE ROLE web4_tap_member IN ROLE web4_tap_alice;
CREATE ROLE web4_tap_bob;
CREATE ROLE web4_tap_gone;
GRANT EXECUTE ON FUNCTION web4_sign_as(lct, bytea) TO web4_tap_alice, web4_tap_bob;
GRANT EXECUTE ON FUNCTION web4_keyring_reseal(text) TO web4_tap_bob;
SELECT lives_ok(format('SELECT web4_keyring_grant(%L, %L)', key, 'web4_tap_' || name), 'grant ' || name) FROM k WHERE name IN ('alice', 'bob');
SELECT lives_ok(format('SELECT web4_keyring_grant(%L, %L)', key, 'web4_tap_alice'), 'grant again') FROM k WHERE name = 'alice';
SELECT throws_ok(format('SELECT web4_keyring_grant(%L, ''web4_tap_missing'')', key), '42704', NULL, 'a role must exist') FROM k WHERE name = 'alice';
SELECT throws_ok(format('SELECT web4_keyring_grant(%L, ''public'')', key), '42704', NULL, 'and is not everybody') FROM k WHERE name = 'alice';
SELECT throws_ok(format('SELECT web4_keyring_grant(%L, ''web4_tap_bob'')', sha256('x')), 'W4K07', NULL, 'a key must exist');
SELECT throws_ok('SELECT web4_keyring_grant(''\x00'', ''web4_tap_bob'')', 'W4K03', NULL, 'a key has 32 bytes');
-- A function of somebody with more rights does not lend them: neither a superuser's nor bob's.
CREATE FUNCTION lend(l lct) RETURNS bytea LANGUAGE sql SECURITY DEFINER AS $$ SELECT web4_sign_as(l, request()) $$;
CREATE FUNCTION lend_bob(l lct) RETURNS bytea LANGUAGE sql SECURITY DEFINER AS $$ SELECT web4_sign_as(l, request()) $$;
ALTER FUNCTION lend_bob(lct) OWNER TO web4_tap_bob;

SET ROLE web4_tap_alice;
SELECT lives_ok(format('SELECT web4_sign_as(%L, request())', lct_of('alice')), 'alice''s role signs as alice');
SELECT throws_ok(format('SELECT web4_sign_as(%L, request())', lct_of('bob')), 'W4K06', NULL, 'not as bob');
SELECT throws_ok(format('SELECT web4_sign_as(%L, request())', lct_of('missing')), 'W4K06', NULL, 'and cannot tell who is in the keyring');
SELECT throws_ok(format('SELECT lend(%L)', lct_of('bob')), 'W4K06', NULL, 'not through a superuser''s function');
SELECT throws_ok(format('SELECT lend_bob(%L)', lct_of('bob')), 'W4K06', NULL, 'not through bob''s function');
SELECT throws_ok('SELECT * FROM web4.keyring', '42501', NULL, 'the table is out of reach');
SELECT throws_ok(format('SELECT %s', call), '42501', NULL, 'not for everybody: ' || call) FROM unnest(ARRAY['web4_keyring_generate(''x'')', 'web4_keyring_list()',
	'web4_keyring_grant(''\x00'', ''x'')', 'web4_keyring_revoke(''\x00'', ''x'')', 'web4_keyring_drop(''\x00'')', 'web4_keyring_reseal(''x'')',
	'web4_keyring_bind(''\x00'', lct_of(''x''))']) call;
SELECT throws_ok('SHOW web4.server_key_file', '42501', NULL, 'nor the path');
SET ROLE web4_tap_member;
SELECT lives_ok(format('SELECT web4_sign_as(%L, request())', lct_of('alice')), 'a member of it signs, too');
SET ROLE web4_tap_bob;
SELECT throws_ok('SELECT web4_keyring_reseal(''web4-tap/good'')', '42501', NULL, 'reading files takes a superuser, even with EXECUTE');
RESET ROLE;
SELECT is(web4_keyring_revoke(key, 'web4_tap_alice'), true, 'take back') FROM k WHERE name = 'alice';
SELECT is(web4_keyring_revoke(key, 'web4_tap_alice'), false, 'there is nothing left') FROM k WHERE name = 'alice';
SET ROLE web4_tap_member;
SELECT throws_ok(format('SELECT web4_sign_as(%L, request())', lct_of('alice')), 'W4K06', NULL, 'a member signs no longer');
RESET ROLE;

-- A role that was dropped leaves a grant that a new role of that name would get.
SELECT lives_ok(format('SELECT web4_keyring_grant(%L, ''web4_tap_gone'')', key), 'grant a role') FROM k WHERE name = 'bob';
DROP ROLE web4_tap_gone;
SELECT is((SELECT array_agg(rule) FROM web4_invariants() WHERE room = 'keyring'), ARRAY['signers exist'], 'that it is gone is noticed');
SELECT is(web4_keyring_revoke(key, 'web4_tap_gone'), true, 'and can be taken back') FROM k WHERE name = 'bob';
SELECT is_empty('SELECT * FROM web4_invariants()', 'all rules hold');

-- --- sealed keys cannot be moved ---------------------------------------------

CREATE FUNCTION pg_temp.after(act text, l lct) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	got text;
BEGIN
	BEGIN
		ALTER TABLE web4.keyring DISABLE TRIGGER USER;
		EXECUTE act;
		PERFORM web4_sign_as(l, request());
		RAISE EXCEPTION USING ERRCODE = 'ZZ999';
	EXCEPTION WHEN OTHERS THEN
		got := SQLSTATE;
	END;
	RETURN is(got, 'W4K05', act);
END $$;
SELECT pg_temp.after(act, lct_of('alice')) FROM unnest(ARRAY[
	$$UPDATE web4.keyring a SET sealed = b.sealed, nonce = b.nonce FROM web4.keyring b WHERE a.label = 'alice' AND b.label = 'bob'$$,
	$$UPDATE web4.keyring SET nonce = substr(sha256(nonce), 1, 24) WHERE label = 'alice'$$,
	$$UPDATE web4.keyring SET sealed = set_byte(sealed, 79, get_byte(sealed, 79) # 1) WHERE label = 'alice'$$,
	$$UPDATE web4.keyring SET public_key = sha256('x') WHERE label = 'sealing'; UPDATE web4.keyring SET owner = NULL WHERE label = 'alice'; UPDATE web4.keyring SET purpose = 'identity' WHERE label = 'sealing'$$]) act;

-- --- another server key -------------------------------------------------------

SELECT is(web4_keyring_reseal('web4-tap/good'), 4::bigint, 'all keys are sealed anew');
SELECT is_empty('SELECT k.public_key FROM web4.keyring k JOIN sealed_before b USING (public_key) WHERE k.sealed = b.sealed OR k.nonce = b.nonce', 'every one');
SELECT throws_ok(format('SELECT web4_sign_as(%L, request())', lct_of('alice')), 'W4K05', NULL, 'the old server key opens nothing any longer');
SELECT throws_ok('SELECT web4_keyring_generate(''late'')', 'W4K05', NULL, 'and nothing is sealed under it any longer');
SELECT throws_ok('SELECT web4_keyring_reseal(''web4-tap/hex'')', 'W4K05', NULL, 'nor sealed anew');
ALTER SYSTEM SET web4.server_key_file = 'web4-tap/good';
SELECT pg_reload_conf() AS reloaded, pg_sleep(0.5) AS slept \gset
SELECT ok(web4_verify(request(), web4_sign_as(lct_of('alice'), request()), key), 'with the new one named, the same key signs') FROM k WHERE name = 'alice';
SELECT is(web4_keyring_reseal('web4-tap/hex'), 4::bigint, 'a file of hexadecimal digits');
ALTER SYSTEM SET web4.server_key_file = 'web4-tap/hex_bare';
SELECT pg_reload_conf() AS reloaded, pg_sleep(0.5) AS slept \gset
SELECT ok(web4_verify(request(), web4_sign_as(lct_of('alice'), request()), key), 'is the same without a line feed') FROM k WHERE name = 'alice';

-- --- rotation and removal ----------------------------------------------------

INSERT INTO k VALUES ('alice 2', web4_keyring_generate('alice 2'));
SELECT web4_keyring_bind(key, lct_of('alice')) IS NOT NULL AS bound FROM k WHERE name = 'alice 2' \gset
SELECT ok(web4_verify(request(), web4_sign_as(lct_of('alice'), request()), key), 'the newest key of an identity signs') FROM k WHERE name = 'alice 2';
SELECT lives_ok(format('SELECT web4_keyring_drop(%L)', key), 'drop it') FROM k WHERE name = 'alice 2';
SELECT throws_ok(format('SELECT web4_keyring_drop(%L)', key), 'W4K07', NULL, 'it is gone') FROM k WHERE name = 'alice 2';
SELECT lives_ok(format('SELECT web4_keyring_drop(%L)', key), 'a key with signers can be dropped') FROM k WHERE name = 'bob';
SELECT is_empty('SELECT * FROM web4.keyring_signer', 'and takes them along');

-- --- the tables ----------------------------------------------------------------

SELECT throws_ok(act, 'W4V02', NULL, act) FROM unnest(ARRAY['DELETE FROM web4.keyring', 'UPDATE web4.keyring SET label = label',
	'INSERT INTO web4.keyring SELECT * FROM web4.keyring LIMIT 1', 'INSERT INTO web4.keyring_signer SELECT public_key, ''postgres'' FROM web4.keyring LIMIT 1']) act;
SELECT throws_ok('TRUNCATE web4.keyring CASCADE', 'W4V01', NULL, 'nor emptied');

-- --- nothing secret gets out ----------------------------------------------------

BEGIN READ ONLY;
SELECT throws_ok('SELECT web4_keyring_generate(''ro'')', '25006', NULL, 'a read-only transaction makes no key');
COMMIT;
SELECT is((SELECT count(*) FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e' WHERE p.proname LIKE 'web4_keyring%' AND pg_get_function_result(p.oid) ~ 'secret'),
	0::bigint, 'no function returns a secret');

SELECT * FROM finish();
ALTER SYSTEM SET web4.server_key_file = :'before';
SELECT pg_reload_conf() AS reloaded \gset
\c postgres
SET client_min_messages = warning;
DROP DATABASE web4_tap_keyring;
DROP ROLE web4_tap_member;
DROP ROLE web4_tap_alice;
DROP ROLE web4_tap_bob;
COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; chmod -R u+rwx web4-tap; rm -rf web4-tap';
