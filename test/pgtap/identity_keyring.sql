-- identity: a first society whose key never leaves the server's keyring.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
SELECT coalesce(current_setting('web4.server_key_file', true), '') AS before \gset
DROP DATABASE IF EXISTS web4_tap_identity;
CREATE DATABASE web4_tap_identity;
COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; umask 077; test -f web4-identity-test.key || head -c 32 /dev/urandom > web4-identity-test.key';
\c web4_tap_identity
SET client_min_messages = error;
CREATE EXTENSION web4;
CREATE EXTENSION pgtap;
SELECT no_plan();
LOAD 'web4';
ALTER SYSTEM SET web4.server_key_file = '';
SELECT pg_reload_conf() AS reloaded, pg_sleep(0.5) AS slept \gset
SELECT throws_ok($$SELECT web4_bootstrap_society('home')$$, 'W4K05', NULL, 'without a key file there is no key inside');
SELECT is((SELECT count(*) FROM web4.society), 0::bigint, 'and no society');
ALTER SYSTEM SET web4.server_key_file = 'web4-identity-test.key';
SELECT pg_reload_conf() AS reloaded, pg_sleep(0.5) AS slept \gset

SELECT isnt(web4_bootstrap_society('home'), NULL, 'a society of one call');
SELECT is((SELECT (label, owner, purpose) FROM web4_keyring_list()), ROW('home'::text, web4_society('home'), 'identity'::text), 'its key is in the keyring and is its own');
SELECT is_empty('SELECT * FROM web4.identity_invariants()', 'invariants hold');

-- births, signed as the society
\i test/lib/identity.sql
CREATE FUNCTION pg_temp.mint(name text, witnesses text[]) RETURNS lct LANGUAGE plpgsql AS $$
DECLARE
	d record;
BEGIN
	SELECT * INTO d FROM web4_birth_certificate(web4_society('home'), test.pk(name), 'human', ARRAY(SELECT test.lct(w) FROM unnest(witnesses) w), name);
	RETURN web4_mint(d.certificate, web4_sign_as(web4_society('home'), d.society_message),
		(SELECT coalesce(jsonb_object_agg(test.lct(w), encode(test.sign(w, decode(d.witness_messages ->> test.lct(w)::text, 'hex')), 'hex')), '{}')
			FROM unnest(witnesses) w), test.sign(name, d.binding_message));
END $$;
SELECT is(pg_temp.mint('w1', '{}'), test.lct('w1'), 'the society signs births inside');

-- rotation within the keyring
SELECT web4_keyring_generate('home 2') AS next \gset
SELECT web4_rotation(web4_society('home'), :'next') AS rotation \gset
SELECT throws_ok(format($$SELECT web4_rotate_key(%L, %L)$$, :'rotation', test.sign('w1', 'web4:rotation:v1', :'rotation')), 'W4K02', NULL,
	'the old key decides');
SELECT is(web4_rotate_key(:'rotation', web4_sign_as(web4_society('home'), convert_to(E'web4:rotation:v1\n' || :'rotation', 'UTF8'))), 2,
	'a new key of the keyring signs by itself');
SELECT is((SELECT array_agg(owner = web4_society('home') ORDER BY label) FROM web4_keyring_list()), '{t,t}', 'it is the society''s, too');
SELECT is((SELECT public_key FROM web4_lct_info(web4_society('home'))), :'next'::bytea, 'and the current one');
SELECT is(pg_temp.mint('w2', '{w1}'), test.lct('w2'), 'births are signed by it');
SELECT throws_ok($$SELECT web4_rotate_key(NULL, NULL)$$, '22004', NULL, 'nothing comes of nothing');
SELECT web4_rotation(web4_society('home'), test.pk('outside')) AS rotation \gset
SELECT throws_ok(format($$SELECT web4_rotate_key(%L, web4_sign_as(web4_society('home'), convert_to(E'web4:rotation:v1\n' || %L, 'UTF8')))$$, :'rotation', :'rotation'),
	'W4K02', NULL, 'a key outside must sign for itself');

-- a key that was made for another is not to be had by rotating to it
SELECT web4_keyring_generate('for the home') AS reserved \gset
SELECT web4_rotation(test.lct('w1'), :'reserved') AS rotation \gset
SELECT format('SELECT web4_rotate_key(%L, %L)', :'rotation', test.sign('w1', 'web4:rotation:v1', :'rotation')) AS theft \gset
CREATE ROLE web4_test_thief;
GRANT EXECUTE ON FUNCTION web4_rotate_key(text, bytea, bytea) TO web4_test_thief;
SET ROLE web4_test_thief;
SELECT throws_ok(:'theft', 'W4K02', NULL, 'a role that may not sign with a key does not get it');
RESET ROLE;
SELECT is((SELECT owner FROM web4_keyring_list() WHERE public_key = :'reserved'), NULL, 'it is still nobody''s');
SELECT web4_keyring_grant(:'reserved', 'web4_test_thief');
SET ROLE web4_test_thief;
SELECT lives_ok(:'theft', 'one that may does');
RESET ROLE;
DROP OWNED BY web4_test_thief;
DROP ROLE web4_test_thief;
SELECT web4_keyring_revoke(:'reserved', 'web4_test_thief');
CREATE FUNCTION pg_temp.keyring_leaves(OUT act text, OUT role text, OUT owner text, OUT key text, OUT society lct) RETURNS SETOF record LANGUAGE sql AS $$
	SELECT d.data ->> 'act', d.data ->> 'role', d.data ->> 'owner', d.data ->> 'public_key', e.society
	FROM web4.evidence e, LATERAL (SELECT convert_from(e.body, 'UTF8')::jsonb -> 'data' AS data) d WHERE e.kind = 'keyring' ORDER BY e.id $$;
SELECT results_eq('SELECT act, role, owner, key, society FROM pg_temp.keyring_leaves()', format($$VALUES ('grant', 'web4_test_thief', %1$L, %2$L, %3$L::lct),
	('revoke', 'web4_test_thief', %1$L, %2$L, %3$L)$$, test.lct('w1'), encode(:'reserved', 'hex'), web4_society('home')),
	'what was granted is in the log from the moment that the key is somebody''s');

SELECT lives_ok(format($$SELECT web4_citizenship(%1$L, web4_sign_as(web4_society('home'), convert_to(E'web4:citizenship:v1\n' || %1$L, 'UTF8')))$$,
	test.document(jsonb_build_object('entity', test.lct('w2'), 'signer', web4_society('home'), 'society', web4_society('home'), 'status', 'suspended'))),
	'the society governs by the keyring');
SELECT is_empty('SELECT * FROM web4.identity_invariants()', 'invariants hold');

-- --- keys that were rotated out sign nothing any more ------------------------

SELECT web4_society('home') AS home \gset
CREATE FUNCTION pg_temp.request() RETURNS bytea LANGUAGE sql AS $$ SELECT convert_to(E'web4:request:v1\n{}', 'UTF8') $$;
CREATE FUNCTION pg_temp.signs_inside(rotation text) RETURNS bytea LANGUAGE sql AS $$
	SELECT web4_sign_as(web4_society('home'), convert_to(E'web4:rotation:v1\n' || rotation, 'UTF8')) $$;
CREATE FUNCTION pg_temp.signed_by(OUT bytea) LANGUAGE sql AS $$ SELECT public_key FROM web4_tree_head(web4_society('home')) $$;

-- which key was made first says nothing: the current one signs
SELECT web4_keyring_generate('spare') AS spare \gset
SELECT web4_keyring_generate('home 3') AS third \gset
SELECT web4_rotation(:'home', :'third') AS rotation \gset
SELECT is(web4_rotate_key(:'rotation', pg_temp.signs_inside(:'rotation')), 3, 'rotate to a key');
SELECT web4_rotation(:'home', :'spare') AS rotation \gset
SELECT is(web4_rotate_key(:'rotation', pg_temp.signs_inside(:'rotation')), 4, 'and to one that is older than it');
SELECT ok(web4_verify(pg_temp.request(), web4_sign_as(:'home', pg_temp.request()), :'spare'), 'which signs documents');
SELECT cmp_ok(web4_seal_all(), '>', 0::bigint, 'seal');
SELECT is(pg_temp.signed_by(), :'spare', 'and heads');

-- compromised, and followed by a key outside
SELECT web4_rotation(:'home', test.pk('outside'), '0', clock_timestamp()) AS rotation \gset
SELECT is(web4_rotate_key(:'rotation', pg_temp.signs_inside(:'rotation'), test.sign('outside', 'web4:rotation:v1', :'rotation')), 5,
	'an emergency: the key in the keyring is compromised');
SELECT throws_ok(format('SELECT web4_sign_as(%L, pg_temp.request())', :'home'), 'W4K07', NULL, 'no document is signed with it any more');
SELECT cmp_ok(web4_seal_all(), '>', 0::bigint, 'the log goes on');
SELECT is(pg_temp.signed_by(), NULL, 'but its head waits for the key that counts');
SELECT size, head FROM web4_tree_head(:'home') \gset
SELECT throws_ok(format('SELECT web4_tree_head_sign(%L, %s, %L, %L)', :'home', :size, key, sha512('a')), 'W4I09', NULL,
	'no earlier key may complete it') FROM unnest(ARRAY[:'spare', :'third', :'next']::bytea[]) key;
SELECT lives_ok(format('SELECT web4_tree_head_sign(%L, %s, %L, %L)', :'home', :size, test.pk('outside'), test.sign('outside', 'web4:tree-head:v1', :'head')),
	'that one does');
SELECT is_empty('SELECT * FROM web4_evidence_verify()', 'heads that the key signed in its time stand');

-- back inside, and out again with an overlap
SELECT web4_keyring_generate('home 6') AS sixth \gset
SELECT web4_rotation(:'home', :'sixth', '0') AS rotation \gset
SELECT is(web4_rotate_key(:'rotation', test.sign('outside', 'web4:rotation:v1', :'rotation')), 6, 'a fresh key of the keyring');
SELECT web4_rotation(:'home', test.pk('outside 7'), '1 hour') AS rotation \gset
SELECT is(web4_rotate_key(:'rotation', pg_temp.signs_inside(:'rotation'), test.sign('outside 7', 'web4:rotation:v1', :'rotation')), 7, 'leaves with an overlap');
SELECT ok(web4_verify(pg_temp.request(), web4_sign_as(:'home', pg_temp.request()), :'sixth'), 'and still signs documents in it');
SELECT cmp_ok(web4_seal_all(), '>', 0::bigint, 'seal');
SELECT is(pg_temp.signed_by(), :'sixth', 'and heads');
SELECT web4_rotation(:'home', test.pk('outside 8'), '1 hour') AS rotation \gset
SELECT is(web4_rotate_key(:'rotation', test.sign('outside 7', 'web4:rotation:v1', :'rotation'), test.sign('outside 8', 'web4:rotation:v1', :'rotation')), 8,
	'the next rotation ends the overlap');
SELECT throws_ok(format('SELECT web4_sign_as(%L, pg_temp.request())', :'home'), 'W4K07', NULL, 'then it signs no document');
SELECT cmp_ok(web4_seal_all(), '>', 0::bigint, 'seal');
SELECT is(pg_temp.signed_by(), NULL, 'and no head');
CREATE ROLE web4_test_late;
GRANT EXECUTE ON FUNCTION web4_sign_as(lct, bytea) TO web4_test_late;
SELECT web4_keyring_grant(:'sixth', 'web4_test_late');
SELECT web4_keyring_grant(:'spare', 'web4_test_late');
SET ROLE web4_test_late;
SELECT throws_ok(format('SELECT web4_sign_as(%L, %L)', :'home', E'web4:request:v1\n{}'::bytea), 'W4K06', NULL, 'a role to which such keys were granted has nothing of them');
RESET ROLE;
-- lending a society's key and taking it back leaves traces
SELECT web4_keyring_grant(:'sixth', 'web4_test_late');
SELECT web4_keyring_revoke(:'sixth', 'web4_test_late'), web4_keyring_revoke(:'spare', 'web4_test_late'), web4_keyring_revoke(:'spare', 'web4_test_late');
SELECT results_eq('SELECT act, role, owner, key, society FROM pg_temp.keyring_leaves() OFFSET 2', format($$
	SELECT a, 'web4_test_late', %3$L, k, %3$L::lct FROM (VALUES ('grant', %1$L), ('grant', %2$L), ('revoke', %1$L), ('revoke', %2$L)) v (a, k)$$,
	encode(:'sixth', 'hex'), encode(:'spare', 'hex'), :'home'), 'every grant and every revocation is in the log, once');
SELECT is(convert_from(body, 'UTF8')::jsonb #>> '{data,by}', 'postgres', 'and who did it') FROM web4.evidence WHERE kind = 'keyring' ORDER BY id DESC LIMIT 1;
DROP OWNED BY web4_test_late;
DROP ROLE web4_test_late;

-- a sealing key is no key of the identity and goes on
SELECT web4_keyring_generate('sealing', 'sealing') AS sealing \gset
SELECT web4_keyring_grant(:'sealing', 'pg_monitor');
SELECT web4_keyring_bind(:'sealing', :'home'), web4_keyring_bind(:'sealing', :'home');
SELECT web4_rotation(:'home', test.pk('outside 9'), '0', clock_timestamp()) AS rotation \gset
SELECT is(web4_rotate_key(:'rotation', test.sign('outside 8', 'web4:rotation:v1', :'rotation'), test.sign('outside 9', 'web4:rotation:v1', :'rotation')), 9,
	'whatever becomes of that');
SELECT cmp_ok(web4_seal_all(), '>', 0::bigint, 'seal');
SELECT is(pg_temp.signed_by(), :'sealing', 'the sealing key signs heads');
SELECT web4_keyring_drop(:'sealing'), web4_keyring_drop(web4_keyring_generate('nobody''s'));
SELECT results_eq('SELECT act, role, owner, key FROM pg_temp.keyring_leaves() OFFSET 6', format($$
	SELECT v.a, v.r, %2$L, %1$L FROM (VALUES ('bind', NULL), ('grant', 'pg_monitor'), ('drop', NULL)) v (a, r)$$, encode(:'sealing', 'hex'), :'home'),
	'its life is in the log; that of a key that was nobody''s is not');
SELECT is_empty('SELECT * FROM web4_evidence_verify()', 'heads that it signed stand: the log says whose key it was');
SELECT is_empty('SELECT * FROM web4.identity_invariants()', 'invariants hold');

-- A key may belong to an identity that has no log yet; it is told of there when it has one.  (The society's key is outside by now.)
SELECT web4_keyring_generate('early', 'sealing') AS early \gset
SELECT web4_keyring_bind(:'early', test.lct('w9')), web4_keyring_grant(:'early', 'pg_monitor');
SELECT web4_keyring_generate('home 10') AS tenth \gset
SELECT web4_rotation(:'home', :'tenth') AS rotation \gset
SELECT is(web4_rotate_key(:'rotation', test.sign('outside 9', 'web4:rotation:v1', :'rotation')), 10, 'the society''s key is inside again');
SELECT is(pg_temp.mint('w9', '{w1}'), test.lct('w9'), 'born later');
SELECT results_eq('SELECT act, role, owner, key FROM pg_temp.keyring_leaves() OFFSET 9', format($$
	SELECT v.a, v.r, %2$L, %1$L FROM (VALUES ('bind', NULL), ('grant', 'pg_monitor')) v (a, r)$$, encode(:'early', 'hex'), test.lct('w9')),
	'what was bound to it before is in the log from then on');
SELECT is_empty('SELECT * FROM web4.identity_invariants()', 'invariants hold');

-- What was written past the functions is named.
CREATE FUNCTION pg_temp.named(act text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text;
BEGIN
	ALTER TABLE web4.keyring DISABLE TRIGGER ALL;
	ALTER TABLE web4.keyring_signer DISABLE TRIGGER ALL;
	EXECUTE act;
	SELECT string_agg(i.rule || ': ' || i.detail, '; ') INTO said FROM web4.identity_invariants() i;
	RAISE EXCEPTION USING ERRCODE = 'ZZ001';
EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
	RETURN said;
END $$;
SELECT is(pg_temp.named(format('INSERT INTO web4.keyring_signer VALUES (%L, %L)', :'tenth', 'postgres')), 'keyring_signer: role postgres: row there, the log says nothing', 'a signer');
SELECT is(pg_temp.named('DELETE FROM web4.keyring_signer'), 'keyring_signer: role pg_monitor: row missing, the log says grant', 'one that is gone');
SELECT is(pg_temp.named(format('UPDATE web4.keyring SET owner = NULL WHERE public_key = %L', :'early')),
	format('keyring_owner: key of the keyring: owner is nobody, the log says %s; keyring_signer: role pg_monitor: row missing, the log says grant', test.lct('w9')), 'an owner');
SELECT is(pg_temp.named(format('UPDATE web4.keyring SET owner = %L WHERE public_key = %L', test.lct('w1'), :'tenth')),
	format('keyring_owner: key of the keyring: owner is %s, registered was %s; keyring_owner: key of the keyring: owner is %s, the log says nobody', test.lct('w1'), :'home', test.lct('w1')), 'another owner');
SELECT * FROM finish();

-- as it was
SELECT format('ALTER SYSTEM SET web4.server_key_file = %L', :'before') \gexec
SELECT pg_reload_conf() AS reloaded \gset
COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; rm -f web4-identity-test.key';
\c postgres
DROP DATABASE web4_tap_identity;
