-- evidence: a database goes through a dump, and is verified before it goes live.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
DROP DATABASE IF EXISTS web4_tap_dumped;
DROP DATABASE IF EXISTS web4_tap_restored;
CREATE DATABASE web4_tap_dumped;
CREATE DATABASE web4_tap_restored;
\c web4_tap_dumped
SET client_min_messages = warning;
CREATE EXTENSION web4;
CREATE EXTENSION pgtap;
SET TimeZone = 'UTC';

INSERT INTO web4.evidence (id, xid, society, kind, actor, at, body, leaf_hash)
SELECT id, '9', s, 'decision', s, at, body, web4_leaf_hash(body)
FROM (SELECT nextval('web4.evidence_id') AS id, lct_from_public_key(sha256(convert_to((i % 2)::text, 'UTF8'))) AS s,
		'2026-01-01Z'::timestamptz + i * interval '1 second' AS at FROM generate_series(1, 700) i) r,
	LATERAL (SELECT convert_to(format('{"actor":"%s","at":"%s","data":{},"id":%s,"kind":"decision","society":"%s","v":1,"xid":9}',
		s, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), id, s), 'UTF8') AS body) b;
SELECT count(*) AS steps FROM web4_post_restore() \gset
SELECT web4_seal_all() AS sealed \gset

CREATE TABLE before_dump AS SELECT 'web4.evidence' AS tab, md5(string_agg(e::text, ',' ORDER BY e.id)) AS md5 FROM web4.evidence e
UNION ALL SELECT 'web4.tree_leaf', md5(string_agg(t::text, ',' ORDER BY t.society, t.index)) FROM web4.tree_leaf t
UNION ALL SELECT 'web4.tree_head', md5(string_agg(h::text, ',' ORDER BY h.society, h.size)) FROM web4.tree_head h;
\! pg_dump web4_tap_dumped | psql -qX -v ON_ERROR_STOP=1 -o /dev/null web4_tap_restored
\c web4_tap_restored
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SELECT no_plan();
SELECT throws_ok('SELECT web4_seal_all()', 'W4V04', NULL, 'a restored database is not live');
SELECT results_eq('SELECT * FROM before_dump ORDER BY 1', $$
	SELECT 'web4.evidence' AS tab, md5(string_agg(e::text, ',' ORDER BY e.id)) AS md5 FROM web4.evidence e
	UNION ALL SELECT 'web4.tree_leaf', md5(string_agg(t::text, ',' ORDER BY t.society, t.index)) FROM web4.tree_leaf t
	UNION ALL SELECT 'web4.tree_head', md5(string_agg(h::text, ',' ORDER BY h.society, h.size)) FROM web4.tree_head h ORDER BY 1$$,
	'nothing is lost or changed');
-- A dump that was edited does not go live.
SELECT throws_ok($$DO $x$ BEGIN
	ALTER TABLE web4.evidence DISABLE TRIGGER USER, DROP CONSTRAINT evidence_agrees;
	UPDATE web4.evidence SET document = '\x00' WHERE id = 501;
	ALTER TABLE web4.evidence ADD CONSTRAINT evidence_agrees CHECK (true);
	PERFORM web4_post_restore();
END $x$ $$, 'W4V06', NULL, 'an edited row is found before going live');
SELECT throws_ok($$DO $x$ BEGIN
	ALTER TABLE web4.tree_leaf DISABLE TRIGGER USER;
	DELETE FROM web4.tree_leaf WHERE index = 12;
	PERFORM web4_post_restore();
END $x$ $$, 'W4V06', NULL, 'a missing one as well');
-- pg_restore --disable-triggers leaves ordinary triggers behind.
ALTER TABLE web4.evidence ENABLE TRIGGER web4_guard_rows;
SELECT lives_ok('SELECT web4_post_restore()', 'the guards are armed again');
SELECT is_empty('SELECT * FROM web4_invariants()', 'and all rules hold');
SELECT is(web4_seal_all(), 0::bigint, 'looking at everything again seals nothing twice');
SELECT is_empty('SELECT * FROM web4_evidence_verify()', 'the restored log verifies');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT throws_ok('SELECT web4_post_restore()', '55000', NULL, 'verifying with an old snapshot is refused');
COMMIT;


SELECT * FROM finish();
\c postgres
SET client_min_messages = warning;
DROP DATABASE web4_tap_dumped;
DROP DATABASE web4_tap_restored;
