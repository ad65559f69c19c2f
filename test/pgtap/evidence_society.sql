-- evidence: the log of a real society, whose key lies outside of the database.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
DROP DATABASE IF EXISTS web4_tap_society;
CREATE DATABASE web4_tap_society;
\c web4_tap_society
SET client_min_messages = warning;
CREATE EXTENSION web4;
CREATE EXTENSION pgtap;
SELECT no_plan();

CREATE TABLE k AS SELECT n AS name, p.* FROM unnest(ARRAY['acme', 'mallory']) n, web4_keypair(sha256(convert_to(n, 'UTF8'))) p;
CREATE FUNCTION sign(n text, m bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT web4_sign(m, secret_key) FROM k WHERE k.name = n $$;
CREATE TABLE acme AS SELECT web4_bootstrap_society('acme', k.public_key, d.certificate, sign('acme', d.society_message), sign('acme', d.binding_message)) AS id, k.public_key AS key
FROM k, web4_birth_certificate(NULL, k.public_key, 'society', '{}', 'acme') d WHERE k.name = 'acme';

-- --- appending ---------------------------------------------------------------

SELECT is((SELECT array_agg(kind ORDER BY id) FROM web4.evidence), ARRAY['birth', 'society'], 'founding appends leaves');
SELECT ok(bool_and(web4.evidence_row_ok(e)), 'whose bodies say what the columns say') FROM web4.evidence e;
SELECT ok(bool_and(web4_verify(document, signature, key)), 'the signed bytes are kept and verify') FROM web4.evidence, acme;
SELECT is(count(DISTINCT xid), 1::bigint, 'one transaction') FROM web4.evidence;

-- --- the head, signed outside ------------------------------------------------

SELECT is(web4_seal(id), 2::bigint, 'seal') FROM acme;
SELECT results_eq('SELECT size, signature IS NULL, public_key IS NULL FROM acme, web4_tree_head(id)', 'VALUES (2::bigint, true, true)', 'the head waits for its signature');
CREATE TABLE head AS SELECT h.*, convert_to(E'web4:tree-head:v1\n' || h.head, 'UTF8') AS message FROM acme, web4_tree_head(id) h;
SELECT is(web4_verify_proof(p.leaf_body, p.leaf_index, p.tree_size, p.proof, p.head, p.signature, p.public_key), false, 'before that a proof proves nothing')
FROM web4.evidence e, web4_inclusion_proof(web4_leaf_id(e.id, e.leaf_hash)) p;
SELECT throws_ok(format('SELECT web4_tree_head_sign(%L, 2, %L, %L)', id, key, sign('mallory', message)), 'W4K02', NULL, 'somebody else''s signature') FROM acme, head;
SELECT throws_ok(format('SELECT web4_tree_head_sign(%L, 2, %L, %L)', id, key, sign('acme', convert_to(head, 'UTF8'))), 'W4K02', NULL, 'a signature without the domain') FROM acme, head;
SELECT throws_ok(format('SELECT web4_tree_head_sign(%L, 2, %L, %L)', id, public_key, sign('mallory', message)), 'W4I09', NULL, 'somebody else''s key')
FROM acme, (SELECT public_key FROM k WHERE name = 'mallory') m, (SELECT message FROM head) h;
SELECT throws_ok(format('SELECT web4_tree_head_sign(%L, 2, %L, ''\x00'')', id, key), 'W4K03', NULL, 'a short signature') FROM acme;
SELECT lives_ok(format('SELECT web4_tree_head_sign(%L, 2, %L, %L)', id, key, sign('acme', message)), 'the society''s own') FROM acme, head;
SELECT throws_ok(format('SELECT web4_tree_head_sign(%L, 2, %L, %L)', id, key, sign('acme', message)), 'W4V01', NULL, 'once') FROM acme, head;
SELECT is(web4_verify_proof(p.leaf_body, p.leaf_index, p.tree_size, p.proof, p.head, p.signature, p.public_key), true, 'now every leaf is proven')
FROM web4.evidence e, web4_inclusion_proof(web4_leaf_id(e.id, e.leaf_hash)) p;
SELECT is_empty('SELECT * FROM web4_evidence_verify()', 'all verifies');

-- A head signed well, but by somebody else.
BEGIN;
ALTER TABLE web4.tree_head DISABLE TRIGGER USER;
UPDATE web4.tree_head SET public_key = m.public_key, signature = sign('mallory', h.message) FROM k m, head h WHERE m.name = 'mallory';
CREATE TEMP TABLE forged AS SELECT problem FROM web4_evidence_verify();
SELECT problem AS forged FROM forged \gset
ROLLBACK;
SELECT is(:'forged'::text, 'head_key', 'a head that another key signed is named');

-- --- a proof is made against a head that is signed, if there is one -----------

CREATE TABLE member AS SELECT lct_from_public_key(public_key) AS id FROM web4_keypair(sha256('member'));
SELECT lives_ok($$SELECT web4_mint(d.certificate, sign('acme', d.society_message), '{}', web4_sign(d.binding_message, m.secret_key))
	FROM acme, web4_keypair(sha256('member')) m, web4_birth_certificate(acme.id, m.public_key, 'human', '{}') d$$, 'one birth more');
SELECT is(web4_seal_all(), 1::bigint, 'seal it');
SELECT results_eq('SELECT p.leaf_index, p.tree_size, p.signature IS NOT NULL FROM web4.evidence e, web4_inclusion_proof(web4_leaf_id(e.id, e.leaf_hash)) p ORDER BY 1',
	'VALUES (0::bigint, 2::bigint, true), (1, 2, true), (2, 3, false)', 'the newest signed head, or else the newest');
SELECT is((SELECT head::json ->> 'previous_root' FROM acme, web4_tree_head(id)), (SELECT encode(root, 'hex') FROM head), 'each head names the root before it');
SELECT ok(web4_merkle_verify_consistency(2, 3, o.root, n.root, web4_consistency_proof(id, 2, 3)), 'and is consistent with it') FROM acme, head o, web4_tree_head(id) n;

-- --- another cluster ---------------------------------------------------------

-- As if the files had been restored where transaction ids begin anew.
ALTER TABLE web4.seal DISABLE TRIGGER USER;
UPDATE web4.seal SET system_identifier = 1, horizon = '900000000000';
ALTER TABLE web4.seal ENABLE ALWAYS TRIGGER web4_guard_rows, ENABLE ALWAYS TRIGGER web4_guard_truncate;
SELECT is_empty('SELECT * FROM web4_evidence_verify()', 'a horizon of another cluster accuses nobody');
SELECT is(web4_seal_all(), 0::bigint, 'nothing is sealed twice');
SELECT ok(bool_and(horizon < '900000000000' AND system_identifier <> 1), 'the horizon is this cluster''s again') FROM web4.seal;
ALTER TABLE web4.seal DISABLE TRIGGER USER;
UPDATE web4.seal SET horizon = '900000000000';
ALTER TABLE web4.seal ENABLE ALWAYS TRIGGER web4_guard_rows, ENABLE ALWAYS TRIGGER web4_guard_truncate;
SELECT is(web4_seal_all(), 0::bigint, 'a horizon in the future');
SELECT ok(bool_and(horizon < '900000000000'), 'is corrected as well') FROM web4.seal;
SELECT is_empty('SELECT * FROM web4_invariants()', 'all rules hold');

SELECT * FROM finish();
\c postgres
SET client_min_messages = warning;
DROP DATABASE web4_tap_society;
