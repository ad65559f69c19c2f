-- A tour of the log: what web4 did, in an order that nobody can change later.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS web4 CASCADE;
CREATE EXTENSION web4;
-- The cluster may be somebody's: what was set before is set again at the end.
SELECT coalesce(max(format('ALTER SYSTEM SET web4.server_key_file = %L', setting)), 'ALTER SYSTEM RESET web4.server_key_file') AS restore_setting
FROM pg_file_settings WHERE name = 'web4.server_key_file' AND sourcefile LIKE '%postgresql.auto.conf' \gset
COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; umask 077; head -c 32 /dev/urandom > web4-tour-evidence.key';
ALTER SYSTEM SET web4.server_key_file = 'web4-tour-evidence.key';
SELECT pg_reload_conf() AS reloaded, pg_sleep(0.5) AS slept \gset

-- Founding a society is the first thing that is recorded.
SELECT web4_bootstrap_society('demo') AS society \gset
SELECT id, kind, society = :'society' AS ours, actor = :'society' AS own_act, nonce IS NOT NULL AS nonce,
	document IS NOT NULL AS document, signature IS NOT NULL AS signature, octet_length(leaf_hash) AS hash FROM web4.evidence ORDER BY id;

-- The body of a leaf is canonical JSON, and its hash that of RFC 6962.
SELECT array_agg(k ORDER BY n) AS members FROM web4.evidence, LATERAL json_object_keys(convert_from(body, 'UTF8')::json) WITH ORDINALITY AS j (k, n) WHERE id = 1;
SELECT id, leaf_hash = sha256('\x00'::bytea || body) AS hash, web4_canonical(convert_from(body, 'UTF8')) = convert_from(body, 'UTF8') AS canonical FROM web4.evidence ORDER BY id;

-- Sealing puts the leaves into the society's Merkle tree; the keyring signs the head.
\set VERBOSITY sqlstate
SELECT leaf_index FROM web4.evidence e, web4_inclusion_proof(web4_leaf_id(e.id, e.leaf_hash)) WHERE id = 1;
\set VERBOSITY default
SELECT web4_seal(:'society') AS sealed;
SELECT web4_seal(:'society') AS sealed_again;
SELECT size, root = web4_merkle_root(ARRAY(SELECT body FROM web4.evidence ORDER BY xid, id)) AS root,
	web4_verify(convert_to(E'web4:tree-head:v1\n' || head, 'UTF8'), signature, public_key) AS signature,
	regexp_replace(regexp_replace(head, '"[0-9a-f]{64}"', '"..."'), '"(20|lct:)[^"]*"', '"..."', 'g') AS head FROM web4_tree_head(:'society');

-- Whoever has a leaf's hash gets a proof, which needs no database to be checked.
SELECT p.leaf_index, p.tree_size, cardinality(p.proof) AS hashes,
	web4_verify_proof(p.leaf_body, p.leaf_index, p.tree_size, p.proof, p.head, p.signature, p.public_key) AS verifies,
	web4_verify_proof(p.leaf_body || ' ', p.leaf_index, p.tree_size, p.proof, p.head, p.signature, p.public_key) AS verifies_when_changed
FROM web4.evidence e, web4_inclusion_proof(web4_leaf_id(e.id, e.leaf_hash)) p ORDER BY 1;
SELECT array_agg(k ORDER BY k) AS members FROM web4.evidence e, LATERAL jsonb_object_keys(web4_evidence_proof_json(web4_leaf_id(e.id, e.leaf_hash))::jsonb) k WHERE id = 1;

-- Whoever kept an old head can see that the log only grew.
SELECT cardinality(web4_consistency_proof(:'society', 1, 2)) AS hashes;

-- Nobody changes what is recorded, not even the owner of the table.
UPDATE web4.evidence SET at = at - interval '1 day';
DELETE FROM web4.evidence;
TRUNCATE web4.evidence;
INSERT INTO web4.evidence SELECT * FROM web4.evidence;

-- All holds, and no rule is broken.
SELECT * FROM web4_evidence_verify();
SELECT * FROM web4_invariants();

-- A superuser can disarm the guards; he cannot do it unseen.
BEGIN;
ALTER TABLE web4.evidence DISABLE TRIGGER USER, DROP CONSTRAINT evidence_agrees;
UPDATE web4.evidence SET at = at - interval '1 day' WHERE id = 1;
DELETE FROM web4.evidence WHERE id = 2;
SELECT problem, id, index, detail FROM web4_evidence_verify();
SELECT room, rule, object FROM web4_invariants() WHERE room IN ('evidence', 'table');
\set VERBOSITY sqlstate
SELECT * FROM web4_post_restore();
\set VERBOSITY default
ROLLBACK;
DROP EXTENSION web4;
:restore_setting;
SELECT pg_reload_conf() AS reloaded, pg_sleep(0.5) AS slept \gset
COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; rm -f web4-tour-evidence.key';
