-- evidence: the log, its trees and heads, proofs, and what a superuser cannot hide.
-- Leaves are sealed when their transaction has ended, so this runs in databases
-- of its own and commits as it goes.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
DROP DATABASE IF EXISTS web4_tap_evidence;
CREATE DATABASE web4_tap_evidence;
\c web4_tap_evidence
SET client_min_messages = warning;
CREATE EXTENSION web4;
CREATE EXTENSION pgtap;
SET TimeZone = 'UTC';
SELECT no_plan();

-- --- rows made by hand, as a restore makes them ------------------------------

CREATE FUNCTION lct_of(name text) RETURNS lct LANGUAGE sql IMMUTABLE AS $$ SELECT lct_from_public_key(sha256(convert_to(name, 'UTF8'))) $$;
CREATE TABLE hand AS SELECT * FROM web4.evidence WITH NO DATA;

-- The body of a leaf, written a second time from its description in docs/evidence.md.
CREATE FUNCTION body_of(r hand, data text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to('{"actor":"' || r.actor || '","at":"' || to_char(r.at, 'YYYY-MM-DD"T"HH24:MI:SS')
		|| CASE r.at WHEN date_trunc('second', r.at) THEN '' WHEN date_trunc('milliseconds', r.at) THEN to_char(r.at, '.MS') ELSE to_char(r.at, '.US') END
		|| 'Z","data":' || data
		|| coalesce(',"document_hash":"' || encode(sha256(r.document), 'hex') || '"', '')
		|| ',"id":' || r.id || ',"kind":"' || r.kind || '"'
		|| coalesce(',"nonce":"' || encode(r.nonce, 'hex') || '"', '')
		|| coalesce(',"signature_hash":"' || encode(sha256(r.signature), 'hex') || '"', '')
		|| ',"society":"' || r.society || '","v":1,"xid":' || r.xid || '}', 'UTF8') $$;

INSERT INTO hand (id, xid, society, kind, actor, nonce, at, document, signature)
SELECT nextval('web4.evidence_id'),
	-- some of this cluster, some of another one that has counted further
	CASE WHEN i % 5 = 0 THEN (1000000000000 + i % 7)::text::xid8 ELSE '5'::xid8 END,
	lct_of(CASE WHEN i % 3 = 0 THEN 'south' ELSE 'north' END), 'decision', lct_of('actor ' || i % 11),
	CASE WHEN i % 2 = 0 THEN substr(sha256(i::text::bytea), 1, 16) END,
	'2026-01-01 00:00:00Z'::timestamptz + i * interval '1.000001 seconds',
	CASE WHEN i % 4 < 2 THEN convert_to('document ' || i, 'UTF8') END,
	CASE WHEN i % 4 = 0 THEN sha512(i::text::bytea) END
FROM generate_series(1, 1500) i;
UPDATE hand SET body = body_of(hand, '{"n":' || id || ',"text":"' || repeat('ü', id::int % 50) || '"}');
UPDATE hand SET leaf_hash = web4_leaf_hash(body);

SELECT throws_ok('SELECT web4_seal_all()', 'W4V04', NULL, 'a fresh database seals nothing');
SELECT throws_ok(format('SELECT web4_seal(%L)', lct_of('north')), 'W4V04', NULL, 'nor for one society');

-- A row must say what its body says, whatever column differs.
CREATE FUNCTION pg_temp.refuses(change text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		EXECUTE 'INSERT INTO web4.evidence SELECT (h).* FROM (SELECT ' || change || ' AS h FROM hand WHERE id = 4) x';
	EXCEPTION WHEN check_violation OR not_null_violation THEN
		RETURN pass('refused: ' || change);
	END;
	RETURN fail('refused: ' || change);
END $$;
CREATE FUNCTION pg_temp.with(h hand, col text, val text) RETURNS hand LANGUAGE sql AS $$
	SELECT jsonb_populate_record(h, jsonb_build_object(col, val)) $$;
SELECT pg_temp.refuses(format('pg_temp.with(hand, %L, %L)', col, val)) FROM (VALUES
	('id', '5'), ('xid', '6'), ('society', lct_of('south')::text), ('kind', 'journal'), ('kind', 'Decision'), ('kind', ''),
	('actor', lct_of('x')::text), ('nonce', '\x00'), ('nonce', NULL), ('nonce', '\x'), ('at', '2026-01-01 00:00:04Z'), ('at', 'infinity'),
	('at', '0044-03-15 00:00:00 BC'), ('body', '\x7b7d'), ('body', '\x'), ('document', '\x00'), ('document', '\x'), ('document', NULL),
	('signature', NULL), ('signature', '\x00'), ('leaf_hash', '\x00'), ('leaf_hash', encode(sha256('')::bytea, 'hex'))) AS v (col, val);
-- Data must be one W4C object, however it is smuggled in.
CREATE FUNCTION pg_temp.with_data(h hand, data text) RETURNS hand LANGUAGE plpgsql AS $$
BEGIN
	h.body := body_of(h, data);
	h.leaf_hash := web4_leaf_hash(h.body);
	RETURN h;
END $$;
SELECT pg_temp.refuses(format('pg_temp.with_data(hand, %L)', data)) FROM unnest(ARRAY['', '[]', '1', 'null', '"x"', '{"b":1,"a":2}', '{"a":1.0}', '{ }',
	'{"a":1}{}', '{},"db":1', '{"a":1},"data":{}', '{"a":"' || repeat('x', 65536) || '"}', repeat('{"a":', 32) || '1' || repeat('}', 32), '{"a":1']) data;
SELECT is(web4.evidence_row_ok(ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::web4.evidence), false, 'a row of nulls is not all right');

INSERT INTO web4.evidence SELECT * FROM hand;
SELECT is((SELECT count(*) FROM web4.evidence), 1500::bigint, 'bodies made from the documentation are accepted');
SELECT throws_ok('INSERT INTO web4.evidence SELECT * FROM hand WHERE id = 7', '23505', NULL, 'a leaf is in the log once');
SELECT is_empty('SELECT * FROM web4_invariants()', 'no rule is violated');
SELECT results_eq('SELECT step FROM web4_post_restore()',
	ARRAY['arm the guards', 'forget the seal horizons', 'verify rules and log', 'prepare economy', 'go live'], 'the loaded database goes live');
SELECT throws_ok('INSERT INTO web4.evidence SELECT * FROM hand WHERE id = 7', 'W4V02', NULL, 'then nobody inserts directly');

-- --- sealing -----------------------------------------------------------------

SELECT is(web4_seal(lct_of('north')), 1000::bigint, 'a society''s leaves are sealed, those of another cluster too');
SELECT is(web4_seal(lct_of('north')), 0::bigint, 'once');
SELECT is((SELECT count(*) FROM web4.tree_head WHERE society = lct_of('north')), 1::bigint, 'no head is written when nothing was sealed');
SELECT is(web4_seal_all(), 500::bigint, 'the other society');
SELECT is(web4_seal_all(), 0::bigint, 'and no other');
SELECT is(web4_seal(lct_of('nobody')), 0::bigint, 'a society without evidence has nothing to seal');
SELECT is_empty(format('SELECT * FROM web4.seal WHERE society = %L', lct_of('nobody')), 'and gets no row');
SELECT is((SELECT array_agg(t.leaf_hash ORDER BY t.index) FROM web4.tree_leaf t WHERE t.society = s),
	(SELECT array_agg(e.leaf_hash ORDER BY e.xid, e.id) FROM web4.evidence e WHERE e.society = s), 'the order is that of (xid, id)')
FROM unnest(ARRAY[lct_of('north'), lct_of('south')]) s;
SELECT is((SELECT root FROM web4_tree_head(s)), (SELECT web4_merkle_root(array_agg(body ORDER BY xid, id)) FROM web4.evidence WHERE society = s),
	'the root is that of all bodies')
FROM unnest(ARRAY[lct_of('north'), lct_of('south')]) s;
SELECT is((SELECT count(*) FROM web4.tree_node n WHERE n.society = lct_of('north')), (1000 >> 8) + (1000 >> 9)::bigint, 'perfect subtrees of 256 leaves and more are stored');
SELECT is_empty('SELECT * FROM web4_evidence_verify()', 'the log verifies');
SELECT is_empty('SELECT * FROM web4_invariants()', 'and breaks no rule');

-- --- proofs ------------------------------------------------------------------

CREATE TABLE bodies AS SELECT society, array_agg(body ORDER BY xid, id) AS b FROM web4.evidence GROUP BY society;
SELECT ok(bool_and(p.society = e.society AND p.leaf_body = e.body AND p.tree_size = cardinality(b.b)
	AND p.proof = web4_merkle_inclusion_proof(b.b, p.leaf_index)
	AND web4_merkle_verify_inclusion(p.leaf_index, p.tree_size, e.leaf_hash, p.proof, h.root)), 'inclusion proofs from the store are those from all leaves')
FROM web4.evidence e CROSS JOIN web4_inclusion_proof(web4_leaf_id(e.id, e.leaf_hash)) p JOIN bodies b ON b.society = e.society CROSS JOIN web4_tree_head(e.society) h
WHERE e.id % 13 = 0;
SELECT ok(bool_and(web4_consistency_proof(society, o, n) = web4_merkle_consistency_proof(b[1:n], o)), 'consistency proofs as well')
FROM bodies, unnest(ARRAY[1, 2, 255, 256, 257, 400, 499, 500]) o, unnest(ARRAY[500, 501, 512, 700, 1000]) n WHERE o <= n AND n <= cardinality(b);
SELECT throws_ok('SELECT web4_inclusion_proof(sha256(''''))', 'W4V05', NULL, 'an unknown leaf has no proof');
SELECT throws_ok('SELECT web4_inclusion_proof(''\x00'')', 'W4K03', NULL, 'a leaf hash has 32 bytes');
SELECT throws_ok('SELECT web4_evidence_proof_json(sha256(''''))', 'W4V05', NULL, 'nor a proof in JSON');
SELECT throws_ok(format('SELECT web4_consistency_proof(%L, 10, 1001)', lct_of('north')), 'W4V05', NULL, 'the tree is not that large');
SELECT throws_ok(format('SELECT web4_consistency_proof(%L, %s, 7)', lct_of('north'), o), 'W4F08', NULL, 'sizes that have no proof') FROM unnest(ARRAY[-1, 0, 8]) o;

-- A key outside of the database signs the head.
CREATE TABLE k AS SELECT * FROM web4_keypair(sha256('north'));
SELECT throws_ok(format('SELECT web4_tree_head_sign(%L, 1000, %L, %L)', lct_of('north'), k.public_key,
	web4_sign(convert_to(E'web4:tree-head:v1\n' || h.head, 'UTF8'), k.secret_key)), 'W4I09', NULL, 'a key that is not the society''s cannot')
FROM k, web4_tree_head(lct_of('north')) h;
SELECT throws_ok(format('SELECT web4_tree_head_sign(%L, 999, %L, %L)', lct_of('north'), sha256('a'), sha512('a')), 'W4V05', NULL, 'nor a head that there is not');

-- The proof as one JSON text, read back with PostgreSQL's own parser.
CREATE TABLE j AS SELECT e.id, e.society, e.body, e.document, e.signature, web4_evidence_proof_json(web4_leaf_id(e.id, e.leaf_hash)) AS text FROM web4.evidence e WHERE id IN (4, 6, 7);
SELECT is(web4_canonical(text), text, 'it is canonical') FROM j;
SELECT is(decode(text::jsonb->>'body', 'hex'), body, 'body') FROM j;
SELECT is(decode(text::jsonb->>'document', 'hex'), document, 'document') FROM j;
SELECT is(decode(text::jsonb->>'document_signature', 'hex'), signature, 'signature of the document') FROM j;
SELECT ok(web4_merkle_verify_inclusion((text::jsonb->>'index')::bigint, (text::jsonb->>'size')::bigint, web4_leaf_hash(decode(text::jsonb->>'body', 'hex')),
	ARRAY(SELECT decode(x, 'hex') FROM jsonb_array_elements_text(text::jsonb->'proof') WITH ORDINALITY AS p (x, n) ORDER BY n),
	decode((text::jsonb->>'head')::jsonb->>'root', 'hex')), 'it proves') FROM j;

-- The offline check, with a head made here.
CREATE TABLE offline AS
SELECT p.leaf_body, p.leaf_index, p.tree_size, p.proof, p.head, k.public_key,
	web4_sign(convert_to(E'web4:tree-head:v1\n' || p.head, 'UTF8'), k.secret_key) AS signature
FROM k, web4.evidence e, web4_inclusion_proof(web4_leaf_id(e.id, e.leaf_hash)) p WHERE e.id = 7;
SELECT ok(web4_verify_proof(leaf_body, leaf_index, tree_size, proof, head, signature, public_key), 'a good proof') FROM offline;
SELECT is(web4_verify_proof(b, i, s, p, h, g, k), false, 'refused: ' || what)
FROM offline, LATERAL (VALUES
	('another body', set_byte(leaf_body, 20, 65), leaf_index, tree_size, proof, head, signature, public_key),
	('an inner node as body', '\x00', leaf_index, tree_size, proof, head, signature, public_key),
	('another index', leaf_body, leaf_index + 1, tree_size, proof, head, signature, public_key),
	('negative index', leaf_body, -1, tree_size, proof, head, signature, public_key),
	('another size', leaf_body, leaf_index, tree_size + 1, proof, head, signature, public_key),
	('size 0', leaf_body, leaf_index, 0, proof, head, signature, public_key),
	('shorter proof', leaf_body, leaf_index, tree_size, proof[2:], head, signature, public_key),
	('longer proof', leaf_body, leaf_index, tree_size, proof || sha256(''), head, signature, public_key),
	('a hash of 31 bytes', leaf_body, leaf_index, tree_size, ARRAY['\x00'::bytea] || proof[2:], head, signature, public_key),
	('a null in the proof', leaf_body, leaf_index, tree_size, ARRAY[NULL::bytea] || proof[2:], head, signature, public_key),
	('too many hashes', leaf_body, leaf_index, tree_size, array_fill(sha256(''), ARRAY[100]), head, signature, public_key),
	('two dimensions', leaf_body, leaf_index, tree_size, ARRAY[proof, proof], head, signature, public_key),
	('another head', leaf_body, leaf_index, tree_size, proof, replace(head, '"v":1', '"v":2'), signature, public_key),
	('a head with one member more', leaf_body, leaf_index, tree_size, proof, replace(head, '"v":1', '"v":1,"w":1'), signature, public_key),
	('no head', leaf_body, leaf_index, tree_size, proof, '', signature, public_key),
	('a long head', leaf_body, leaf_index, tree_size, proof, repeat('x', 100000), signature, public_key),
	('another signature', leaf_body, leaf_index, tree_size, proof, head, set_byte(signature, 0, get_byte(signature, 0) # 1), public_key),
	('a short signature', leaf_body, leaf_index, tree_size, proof, head, substr(signature, 2), public_key),
	('another key', leaf_body, leaf_index, tree_size, proof, head, signature, (SELECT q.public_key FROM web4_keypair(sha256('x')) q)),
	('a short key', leaf_body, leaf_index, tree_size, proof, head, signature, substr(public_key, 2)),
	('no body', NULL, leaf_index, tree_size, proof, head, signature, public_key),
	('no signature', leaf_body, leaf_index, tree_size, proof, head, NULL, public_key),
	('no key', leaf_body, leaf_index, tree_size, proof, head, signature, NULL),
	('no proof', leaf_body, leaf_index, tree_size, NULL, head, signature, public_key))
	AS v (what, b, i, s, p, h, g, k);
-- A signed head of another society does not cover our leaf, even with the same root.
SELECT is(web4_verify_proof(leaf_body, leaf_index, tree_size, proof, h, web4_sign(convert_to(E'web4:tree-head:v1\n' || h, 'UTF8'), secret_key), k.public_key),
	false, 'refused: the leaf of another society')
FROM offline, k, LATERAL (SELECT replace(head, lct_of('north')::text, lct_of('south')::text) AS h) x;

-- --- append-only -------------------------------------------------------------

SELECT throws_ok(format('%s web4.%s %s', verb, tab, rest), 'W4V01', NULL, verb || ' ' || tab)
FROM unnest(ARRAY['evidence', 'tree_leaf', 'tree_node']) tab,
	(VALUES ('UPDATE', 'SET society = society'), ('DELETE FROM', ''), ('TRUNCATE', '')) AS v (verb, rest);
SELECT throws_ok(format('%s web4.%s %s', verb, tab, rest), state, NULL, verb || ' ' || tab)
FROM unnest(ARRAY['tree_head', 'seal']) tab,
	(VALUES ('UPDATE', 'SET size = size', 'W4V02'), ('DELETE FROM', '', 'W4V01'), ('TRUNCATE', '', 'W4V01')) AS v (verb, rest, state);
SET session_replication_role = replica;
SELECT throws_ok('UPDATE web4.evidence SET kind = kind', 'W4V01', NULL, 'also for a replication role');
SELECT throws_ok('DELETE FROM web4.tree_leaf', 'W4V01', NULL, 'also for a replication role');
RESET session_replication_role;

-- --- the tamper drill --------------------------------------------------------

-- Make one edit behind the triggers' back, see what is found, undo it.
CREATE TABLE found (edit text, named boolean);
CREATE FUNCTION pg_temp.drill(edit text, expected text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	hit boolean := false;
	changed bigint;
BEGIN
	BEGIN
		EXECUTE 'ALTER TABLE web4.evidence DISABLE TRIGGER USER, DROP CONSTRAINT evidence_agrees';
		EXECUTE 'ALTER TABLE web4.tree_leaf DISABLE TRIGGER USER';
		EXECUTE 'ALTER TABLE web4.tree_node DISABLE TRIGGER USER';
		EXECUTE 'ALTER TABLE web4.tree_head DISABLE TRIGGER USER';
		EXECUTE 'ALTER TABLE web4.seal DISABLE TRIGGER USER';
		EXECUTE edit;
		GET DIAGNOSTICS changed = ROW_COUNT;
		EXECUTE 'SELECT count(*) > 0 FROM web4_evidence_verify() v WHERE ' || expected INTO hit;
		RAISE EXCEPTION USING ERRCODE = 'ZZ999';
	EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
		NULL;
	END;
	INSERT INTO found VALUES (edit, hit AND changed > 0);
END $$;

CREATE TABLE edits (edit text, expected text);
-- Every column of rows all over the log: the row or its leaf is named.
INSERT INTO edits SELECT format('UPDATE web4.evidence SET %s = %s WHERE id = %s', col, val, e.id),
	format('v.id = %s OR v.index = %s', e.id, t.index)
FROM web4.evidence e JOIN web4.tree_leaf t USING (id), (VALUES
	('id', 'id + 100000'), ('xid', '''77'''), ('society', 'lct_of(''west'')'), ('kind', '''journal'''), ('actor', 'lct_of(''x'')'),
	('nonce', 'sha256(body)'), ('at', 'at + interval ''1 microsecond'''), ('body', 'set_byte(body, octet_length(body) - 3, 51)'),
	('body', 'body || ''\x20'''), ('document', 'coalesce(document, '''') || ''\x00'''), ('signature', 'CASE WHEN document IS NULL THEN sha256('''') ELSE sha512(''x'') END'),
	('leaf_hash', 'sha256(leaf_hash)')) AS c (col, val)
WHERE e.id % 151 = 0;
INSERT INTO edits SELECT format('DELETE FROM web4.evidence WHERE id = %s', e.id), format('v.index = %s', t.index)
FROM web4.evidence e JOIN web4.tree_leaf t USING (id) WHERE e.id % 97 = 0;
INSERT INTO edits SELECT format('UPDATE web4.tree_leaf SET %s = %s WHERE society = %L AND index = %s', col, val, t.society, t.index),
	format('v.index = %s OR v.index = %s', t.index, t.index + 100000)
FROM web4.tree_leaf t, (VALUES ('society', 'lct_of(''west'')'), ('index', 'index + 100000'), ('id', 'id + 100000'), ('leaf_hash', 'sha256(leaf_hash)')) AS c (col, val)
WHERE t.index % 111 = 0;
INSERT INTO edits SELECT format('DELETE FROM web4.tree_leaf WHERE society = %L AND index = %s', t.society, t.index),
	format('v.index = %s OR v.problem = ''head_beyond''', t.index)
FROM web4.tree_leaf t WHERE t.index % 111 = 0 OR t.index = 999;
INSERT INTO edits SELECT format('UPDATE web4.tree_node SET %s = %s WHERE society = %L AND level = %s AND index = %s', col, val, n.society, n.level, n.index),
	format('v.index IN (%s, %s)', n.index, n.index + 1000)
FROM web4.tree_node n, (VALUES ('society', 'lct_of(''west'')'), ('level', 'level + 3'), ('index', 'index + 1000'), ('hash', 'sha256(hash)')) AS c (col, val);
INSERT INTO edits SELECT format('DELETE FROM web4.tree_node WHERE society = %L AND level = %s AND index = %s', n.society, n.level, n.index), format('v.index = %s', n.index)
FROM web4.tree_node n;
INSERT INTO edits SELECT format('UPDATE web4.tree_head SET %s = %s WHERE society = %L', col, val, h.society),
	format('v.problem LIKE ''head%%'' AND v.index IN (%s, %s, %s)', h.size, h.size - 1, h.size + 1)
FROM web4.tree_head h, (VALUES ('society', 'lct_of(''west'')'), ('size', 'size - 1'), ('size', 'size + 1'), ('root', 'sha256(root)'),
	('at', 'at + interval ''1 second'''), ('head', 'head || '' '''), ('head', 'replace(head, ''null'', ''"'' || encode(root, ''hex'') || ''"'')'), ('public_key', 'sha256(root)'), ('signature', 'sha512(root)')) AS c (col, val);
INSERT INTO edits SELECT format('UPDATE web4.seal SET %s = %s WHERE society = %L', col, val, s.society), 'v.problem = ''seal_state'''
FROM web4.seal s, (VALUES ('society', 'lct_of(''west'')'), ('size', 'size - 1'), ('frontier', 'set_byte(frontier, 0, get_byte(frontier, 0) # 1)')) AS c (col, val);
INSERT INTO edits SELECT format('DELETE FROM web4.seal WHERE society = %L', s.society), 'v.problem = ''seal_state''' FROM web4.seal s;
-- A row smuggled in below the horizon, correct in itself.
CREATE FUNCTION pg_temp.smuggled() RETURNS hand LANGUAGE plpgsql AS $$
DECLARE
	h hand;
BEGIN
	SELECT * INTO h FROM hand WHERE id = 4;
	h.id := 4000;
	h.nonce := '\x01';
	RETURN pg_temp.with_data(h, '{"forged":true}');
END $$;
INSERT INTO edits SELECT 'INSERT INTO web4.evidence SELECT (x.h).* FROM (SELECT pg_temp.smuggled() AS h) x', 'v.problem = ''row_unsealed'' AND v.id = 4000';
SELECT count(pg_temp.drill(edit, expected)) AS drilled FROM edits \gset
SELECT is((SELECT array_agg(edit) FROM found WHERE NOT named), NULL, 'every one of ' || count(*) || ' edits is named') FROM found;
SELECT is_empty('SELECT * FROM web4_evidence_verify()', 'the drill left no trace');

-- --- the rules of the tables -------------------------------------------------

CREATE FUNCTION pg_temp.breaks(act text, rule_name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hit boolean;
BEGIN
	BEGIN
		EXECUTE act;
		SELECT count(*) > 0 INTO hit FROM web4_invariants() i WHERE i.rule = rule_name;
		RAISE EXCEPTION USING ERRCODE = 'ZZ999';
	EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
		NULL;
	END;
	RETURN ok(hit, rule_name || ': ' || act);
END $$;
CREATE FUNCTION foreign_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
SELECT pg_temp.breaks(act, rule_name) FROM (VALUES
	('ALTER TABLE web4.evidence DISABLE TRIGGER web4_guard_rows', 'tables are guarded'),
	('ALTER TABLE web4.tree_head ENABLE TRIGGER web4_guard_truncate', 'tables are guarded'),
	('ALTER TABLE web4.keyring ENABLE REPLICA TRIGGER web4_guard_rows', 'tables are guarded'),
	('CREATE TRIGGER aaa BEFORE INSERT ON web4.evidence FOR EACH ROW EXECUTE FUNCTION foreign_trigger()', 'no other triggers'),
	('ALTER TABLE web4.keyring_signer DISABLE TRIGGER ALL', 'foreign keys are enforced'),
	('ALTER TABLE web4.evidence ADD CHECK (kind <> ''x'') NOT VALID', 'constraints are validated'),
	('ALTER TABLE web4.evidence DROP CONSTRAINT evidence_agrees', 'new rows of the log are checked'),
	('CREATE RULE r AS ON INSERT TO web4.evidence DO INSTEAD NOTHING', 'no rewrite rules'),
	('CREATE TABLE shadow () INHERITS (web4.tree_head)', 'no other tables read as ours'),
	('ALTER TABLE web4.tree_leaf SET UNLOGGED', 'tables survive a crash'),
	('ALTER TABLE web4.evidence ENABLE ROW LEVEL SECURITY', 'no row security'),
	('ALTER SEQUENCE web4.evidence_id RESTART 5', 'ids are not used twice'),
	('UPDATE pg_index SET indisvalid = false WHERE indexrelid = ''web4.tree_leaf_id''::regclass', 'indexes are valid'),
	('ALTER TABLE web4.seal DISABLE TRIGGER USER; UPDATE web4.seal SET size = size + 1', 'the sealer knows the size of its tree'),
	('ALTER TABLE web4.tree_head DISABLE TRIGGER USER; DELETE FROM web4.tree_head', 'every tree has a head'),
	('ALTER TABLE web4.evidence DISABLE TRIGGER USER, DROP CONSTRAINT evidence_agrees; UPDATE web4.evidence SET kind = ''x'' WHERE id = 9',
		'rows of the log agree with their bytes')) AS v (act, rule_name);
SELECT is_empty('SELECT * FROM web4_invariants()', 'the rules hold again');

-- --- who may call ------------------------------------------------------------

CREATE ROLE web4_tap_nobody;
SET ROLE web4_tap_nobody;
SELECT throws_ok(format('SELECT %s', call), '42501', NULL, 'not for everybody: ' || call) FROM unnest(ARRAY[
	'web4_seal_all()', 'web4_seal(lct_of(''north''))', 'web4_inclusion_proof('''')', 'web4_evidence_proof_json('''')', 'web4_evidence_verify()',
	'web4_invariants()', 'web4_post_restore()', 'web4_tree_head_sign(lct_of(''north''), 1, '''', '''')', 'web4.go_live()', 'web4.forget_horizon()']) call;
SELECT is((SELECT size FROM web4_tree_head(lct_of('north'))), 1000::bigint, 'a tree head is for everybody');
SELECT is(cardinality(web4_consistency_proof(lct_of('north'), 500, 1000)) > 0, true, 'and so are consistency proofs');
RESET ROLE;
DROP ROLE web4_tap_nobody;

SELECT * FROM finish();
\c postgres
SET client_min_messages = warning;
DROP DATABASE web4_tap_evidence;
