-- trust: reading, signed adjustments, the fold of the log.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS web4;
SELECT no_plan();
\i test/lib/identity.sql
SELECT isnt(test.society(), NULL, 'society');
SELECT isnt(test.mint(n), NULL, n) FROM unnest('{alice,bob,carol}'::text[]) AS n;

-- An adjustment signed by the signer; members override.
CREATE FUNCTION pg_temp.adjust(signer text, entity text, deltas jsonb, members jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT test.act('web4_trust_adjust', signer, 'web4:trust:v1', jsonb_build_object('society', test.lct('acme'), 'entity', test.lct(entity),
		'signer', test.lct(signer), 'role', 'citizen', 'reason', 'work done', 'deltas', deltas) || members) $$;
CREATE FUNCTION pg_temp.t(name text, role text DEFAULT 'citizen') RETURNS text LANGUAGE sql AS $$
	SELECT format('%s %s %s %s', t3, v3, composite, seq) FROM web4_trust(test.lct(name), role) $$;
CREATE FUNCTION pg_temp.sound(what text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT is_empty('SELECT * FROM web4.trust_invariants()', 'invariants hold ' || what) $$;

-- reading --------------------------------------------------------------------
SELECT is(pg_temp.t('alice'), '(0.5,0.5,0.5) (0.5,0.5,0.5) 0.5 0', 'a citizen begins at the admission value');
SELECT is((t3, v3, composite, known, seq)::text, '(,,,f,)', 'a stranger is unknown, not one half') FROM web4_trust(test.lct('stranger'));
SELECT is((t3, composite, known)::text, '(,,f)', 'so is a citizen in a role that he does not fill') FROM web4_trust(test.lct('alice'), 'treasurer');
SELECT is((t3, composite, known)::text, '(,,f)', 'or in an invented one') FROM web4_trust(test.lct('alice'), 'genius');
SELECT is(society, test.lct('acme'), 'the society is the entity''s own by default') FROM web4_trust(test.lct('alice'));
SELECT is(known, false, 'another society knows nothing') FROM web4_trust(test.lct('alice'), 'citizen', test.lct('bob'));
SELECT is(web4_trust(NULL), NULL, 'null entity');
SELECT is(known, true, 'a society is its own citizen') FROM web4_trust(test.lct('acme'));

-- adjusting ------------------------------------------------------------------
SELECT lives_ok($$SELECT pg_temp.adjust('acme', 'alice', '{"talent": "0.02", "veracity": "0.1"}')$$, 'the society adjusts');
SELECT is(pg_temp.t('alice'), '(0.52,0.5,0.5) (0.5,0.6,0.5) 0.5188 1', 'state and composite');
SELECT lives_ok($$SELECT pg_temp.adjust('acme', 'alice', '{"temperament": "-0.2", "validity": "-0.000000001"}', '{"appeal_path": "soc:appeal:003"}')$$, 'and takes away');
SELECT is(pg_temp.t('alice'), '(0.52,0.5,0.3) (0.5,0.6,0.499999999) 0.4828 2', 'to the billionth, the composite rounded half up');
SELECT results_eq($$SELECT seq, talent, temperament, veracity, validity, reason FROM web4_trust_history(test.lct('alice'))$$,
	$$VALUES (1::bigint, 0.02, 0, 0.1, 0, 'work done'), (2, 0, -0.2, 0, -0.000000001, 'work done')$$, 'history');
SELECT is((SELECT array_agg(kind) FROM web4.evidence e JOIN web4.trust_delta d ON d.evidence = e.id), '{trust,trust}', 'each with its evidence');
SELECT is(pg_temp.t('bob'), '(0.5,0.5,0.5) (0.5,0.5,0.5) 0.5 0', 'nobody else''s trust moved');

-- clamping -------------------------------------------------------------------
SELECT lives_ok($$SELECT pg_temp.adjust('acme', 'bob', '{"talent": "0.2", "training": "-0.2"}', '{"appeal_path": "court"}') FROM generate_series(1, 4)$$, 'four times 0.2');
SELECT is(pg_temp.t('bob'), '(1,0,0.5) (0.5,0.5,0.5) 0.53 4', 'trust stays between 0 and 1');
SELECT lives_ok($$SELECT pg_temp.adjust('acme', 'bob', '{"talent": "-0.1"}', '{"appeal_path": "court"}')$$, 'and then 0.1 down');
SELECT is(pg_temp.t('bob'), '(0.9,0,0.5) (0.5,0.5,0.5) 0.506 5', 'counts from the bound: a loss cannot be banked away');
SELECT pg_temp.sound('after clamping');

-- appeal path: the vectors of the audit adjustment rule ------------------------
SELECT lives_ok($$SELECT pg_temp.adjust('acme', 'carol', '{"training": "0.05", "validity": "0.03"}')$$, 'gain without an appeal path');
SELECT throws_ok($$SELECT pg_temp.adjust('acme', 'carol', '{"temperament": "-0.02"}')$$, 'W4T01', NULL, 'loss without an appeal path');
SELECT lives_ok($$SELECT pg_temp.adjust('acme', 'carol', '{"temperament": "-0.02", "veracity": "-0.01"}', '{"appeal_path": "soc:appeal:003"}')$$, 'loss with an appeal path');
SELECT throws_ok($$SELECT pg_temp.adjust('acme', 'carol', '{"temperament": "-0.02"}', '{"appeal_path": null}')$$, 'W4T01', NULL, 'an appeal path of null');
SELECT throws_ok($$SELECT pg_temp.adjust('acme', 'carol', '{"temperament": "-0.02"}', '{"appeal_path": ""}')$$, 'W4F07', NULL, 'an empty appeal path');
SELECT throws_ok($$SELECT pg_temp.adjust('acme', 'carol', '{"talent": "0.2", "temperament": "-0.000000001"}')$$, 'W4T01', NULL, 'a gain does not hide a loss');

-- bounds and format ----------------------------------------------------------
SELECT throws_ok(format('SELECT pg_temp.adjust(''acme'', ''carol'', %L)', deltas), code, NULL, deltas::text) FROM (VALUES
	('{"talent": "0.200000001"}'::jsonb, 'W4T01'),
	('{"talent": "-0.200000001"}', 'W4T01'),
	('{"talent": "1000000000"}', 'W4T01'),
	('{"talent": "0"}', 'W4T01'),
	('{"talent": "NaN"}', 'W4F07'),
	('{"talent": "0.0000000001"}', 'W4F07'),
	('{"talent": "1e-2"}', 'W4F07'),
	('{"talent": "0.10"}', 'W4F07'),
	('{"talent": 0}', 'W4F07'),
	('{"talent": null}', 'W4F07'),
	('{"value": "0.1"}', 'W4F07'),
	('{}', 'W4F07'),
	('[]', 'W4F07'),
	('"talent"', 'W4F07')) AS t(deltas, code);
SELECT throws_ok(format('SELECT pg_temp.adjust(''acme'', ''carol'', ''{"talent": "0.1"}'', %L)', members), code, NULL, members::text) FROM (VALUES
	('{"reason": ""}'::jsonb, 'W4F07'),
	('{"reason": "-"}', 'W4F07'),
	('{"deltas": "-"}', 'W4F07'),
	('{"ts": "yesterday"}', 'W4F07'),
	('{"v": 2}', 'W4F07'),
	('{"nonce": "AAAA"}', 'W4F07'),
	('{"entity": "carol"}', 'W4F07'),
	('{"bonus": 1}', 'W4F07'),
	('{"role": "treasurer"}', 'W4I11'),
	('{"role": "Genius"}', 'W4I11'),
	(jsonb_build_object('reason', repeat('x', 513)), 'W4F07'),
	(jsonb_build_object('entity', test.lct('stranger')), 'W4I01'),
	(jsonb_build_object('society', test.lct('bob')), 'W4I10'),
	(jsonb_build_object('ts', test.ts(clock_timestamp() - interval '301 s')), 'W4I06'),
	(jsonb_build_object('ts', test.ts(clock_timestamp() + interval '301 s')), 'W4I06'),
	(jsonb_build_object('signer', test.lct('bob')), 'W4K02'),
	(jsonb_build_object('signer', test.lct('stranger')), 'W4I01')) AS t(members, code);
SELECT throws_ok($$SELECT web4_trust_adjust('{"v": 1}', decode(repeat('00', 64), 'hex'))$$, 'W4F05', NULL, 'not canonical');
SELECT throws_ok($$SELECT web4_trust_adjust('{"v":1}', '\x00')$$, 'W4K03', NULL, 'a signature of the wrong size');

-- who may --------------------------------------------------------------------
SELECT throws_ok($$SELECT pg_temp.adjust('bob', 'carol', '{"talent": "0.1"}')$$, 'W4I09', NULL, 'a citizen adjusts nobody');
SELECT throws_ok($$SELECT pg_temp.adjust('bob', 'bob', '{"talent": "0.1"}')$$, 'W4T01', NULL, 'least of all himself');
SELECT throws_ok($$SELECT pg_temp.adjust('acme', 'acme', '{"talent": "0.1"}')$$, 'W4T01', NULL, 'nor does the society');
CREATE FUNCTION pg_temp.role(action text, role text, holder text) RETURNS text LANGUAGE sql AS $$
	SELECT test.act('web4_assign_role', 'acme', 'web4:role:v1', jsonb_build_object('action', action, 'holder', test.lct(holder),
		'primary', true, 'role', role, 'signer', test.lct('acme'), 'society', test.lct('acme'))) $$;
SELECT lives_ok($$SELECT pg_temp.role('assign', r, n) FROM (VALUES ('administrator', 'alice'), ('treasurer', 'bob'), ('sovereign', 'w1')) AS v(r, n)$$, 'roles');
SELECT lives_ok($$SELECT pg_temp.adjust('alice', 'carol', '{"talent": "0.1"}')$$, 'an administrator adjusts');
SELECT lives_ok($$SELECT pg_temp.adjust('w1', 'carol', '{"talent": "0.1"}')$$, 'a sovereign adjusts');
SELECT throws_ok($$SELECT pg_temp.adjust('bob', 'carol', '{"talent": "0.1"}')$$, 'W4I09', NULL, 'a treasurer does not');
SELECT throws_ok($$SELECT pg_temp.adjust('alice', 'alice', '{"talent": "0.1"}')$$, 'W4T01', NULL, 'an administrator does not adjust himself');
SELECT is(pg_temp.t('bob', 'treasurer'), '(0.5,0.5,0.5) (0.5,0.5,0.5) 0.5 0', 'a new role begins anew, whatever the trust in others');
SELECT lives_ok($$SELECT pg_temp.adjust('alice', 'bob', '{"talent": "0.1"}', '{"role": "treasurer"}')$$, 'trust in a role');
SELECT is(pg_temp.t('bob', 'treasurer'), '(0.6,0.5,0.5) (0.5,0.5,0.5) 0.524 1', 'moves in that role');
SELECT is(pg_temp.t('bob'), '(0.9,0,0.5) (0.5,0.5,0.5) 0.506 5', 'and in no other');
SELECT lives_ok($$SELECT pg_temp.role('withdraw', 'treasurer', 'bob')$$, 'the role is withdrawn');
SELECT is(pg_temp.t('bob', 'treasurer'), '(0.6,0.5,0.5) (0.5,0.5,0.5) 0.524 1', 'what is known is not forgotten');
SELECT lives_ok($$SELECT pg_temp.adjust('alice', 'bob', '{"talent": "-0.2"}', '{"role": "treasurer", "appeal_path": "court"}')$$, 'and may still be corrected');

-- replay ---------------------------------------------------------------------
CREATE TEMP TABLE once AS SELECT d, test.sign('acme', 'web4:trust:v1', d) AS s FROM test.document(jsonb_build_object('society', test.lct('acme'),
	'entity', test.lct('carol'), 'signer', test.lct('acme'), 'role', 'citizen', 'reason', 'once', 'deltas', '{"talent": "0.1"}'::jsonb)) AS d;
SELECT lives_ok('SELECT web4_trust_adjust(d, s) FROM once', 'once');
SELECT throws_ok('SELECT web4_trust_adjust(d, s) FROM once', 'W4I07', NULL, 'and not twice');
SELECT throws_ok($$SELECT web4_trust_adjust(d, test.sign('acme', 'web4:role:v1', d)) FROM once$$, 'W4K02', NULL, 'signed for another purpose');
SELECT is(seq, 5::bigint, 'refused adjustments leave no gap') FROM web4_trust(test.lct('carol'));
SELECT pg_temp.sound('after everything');

-- the fold, exactly ------------------------------------------------------------
SELECT setseed(0.1);
SELECT lives_ok($$SELECT pg_temp.adjust('acme', 'w2', jsonb_build_object(d, trim_scale(v)::text), '{"appeal_path": "court"}')
	FROM (SELECT (ARRAY['talent', 'training', 'temperament', 'valuation', 'veracity', 'validity'])[1 + floor(random() * 6)] AS d,
		round((random() * 0.4 - 0.2)::numeric, 9) AS v FROM generate_series(1, 300)) AS r WHERE v <> 0$$, 'three hundred random adjustments');
SELECT pg_temp.sound('after random adjustments');

-- nobody else writes -----------------------------------------------------------
SELECT throws_ok(s, c, NULL, s) FROM (VALUES
	('UPDATE web4.trust SET t3 = ''(1,1,1)''', 'W4V02'),
	('DELETE FROM web4.trust', 'W4V01'),
	('TRUNCATE web4.trust', 'W4V01'),
	('UPDATE web4.trust_delta SET dt3 = ''{1,1,1}''', 'W4V01'),
	('DELETE FROM web4.trust_delta', 'W4V01'),
	('INSERT INTO web4.trust_delta SELECT society, entity, role, seq + 1, dt3, dv3, reason, at, evidence FROM web4.trust_delta', 'W4V02')) AS t(s, c);
SELECT ok(NOT has_function_privilege('public', p, 'EXECUTE'), p || ' is not for PUBLIC') FROM unnest('{web4_trust(lct\,text\,lct),"web4_trust_adjust(text,bytea)",
	"web4_trust_history(lct,text,lct)",web4.trust_invariants()}'::text[]) AS p;
ALTER TABLE web4.trust DISABLE TRIGGER web4_guard_rows;
UPDATE web4.trust SET t3 = '(1,1,1)' WHERE entity = test.lct('carol');
SELECT results_eq('SELECT rule FROM web4.trust_invariants()', $$VALUES ('trust.fold'::text)$$, 'a forged state is found');
UPDATE web4.trust SET seq = seq + 1 WHERE entity = test.lct('alice');
SELECT set_has('SELECT rule FROM web4.trust_invariants()', $$VALUES ('trust.seq'::text)$$, 'a forged number is found');

SELECT * FROM finish();
ROLLBACK;
