-- economy: accounts, transfers, signed transactions, locks, the pool, conservation.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS web4;
SELECT no_plan();
\i test/lib/identity.sql
\i test/lib/economy.sql

-- --------------------------------------------------------------------------
-- pure arithmetic: published vectors
-- --------------------------------------------------------------------------
CREATE TEMP TABLE vector (id text, s atp, r atp, a atp, ppb bigint, cap atp, fee atp, credited atp, overflow atp, s2 atp, r2 atp);
INSERT INTO vector VALUES
	('atp-001', '100', '50', '20', 50000000, NULL, '1', '20', '0', '79', '70'),
	('atp-002', '200', '490', '30', 50000000, '500', '1.5', '10', '20', '188.5', '500'),
	('atp-003', '100', '500', '50', 50000000, '500', '2.5', '0', '50', '97.5', '500'),
	('atp-014 0 %', '1000', '0', '100', 0, NULL, '0', '100', '0', '900', '100'),
	('atp-014 1 %', '1000', '0', '100', 10000000, NULL, '1', '100', '0', '899', '100'),
	('atp-014 5 %', '1000', '0', '100', 50000000, NULL, '5', '100', '0', '895', '100'),
	('atp-014 10 %', '1000', '0', '100', 100000000, NULL, '10', '100', '0', '890', '100'),
	('atp-014 20 %', '1000', '0', '100', 200000000, NULL, '20', '100', '0', '880', '100');
SELECT is(web4_transfer_calc(s, r, a, ppb, cap), (fee, credited, overflow, s2, r2)::record, id)
	FROM (SELECT id, s, r, a, ppb, cap, fee, credited, overflow, s2, r2 FROM vector) AS v;
SELECT is(s + r, s2 + r2 + fee, id || ' conserves') FROM vector;

-- atp-004: three accounts of 100 in a circle, 297 + 3
SELECT is(array_agg(c.fee), '{1,1.5,0.5}'::atp[], 'atp-004: fees') FROM (VALUES ('20'::atp), ('30'), ('10')) AS t(amount),
	web4_transfer_calc('100', '100', t.amount, 50000000) AS c;

-- who bears the fee; what is odd falls on the sender
SELECT is((fee, credited, sender_after)::text, '(0.000003,0.000007,90)', 'split of an odd fee')
	FROM web4_transfer_calc('90.00001', '0', '0.000008', 333333334, NULL, 'split');
SELECT is((fee, credited, sender_after)::text, '(5,95,0)', 'receiver bears the fee') FROM web4_transfer_calc('100', '0', '100', 50000000, NULL, 'receiver');
SELECT is(fee::text, '0.000001', 'the smallest amount pays the smallest fee') FROM web4_transfer_calc('1', '0', '0.000001', 1);
SELECT ok((SELECT sum(c.fee) FROM generate_series(1, 1000), web4_transfer_calc('1', '0', '0.000001', 50000000) AS c) >=
	(SELECT c.fee FROM web4_transfer_calc('1', '0', '0.001', 50000000) AS c), 'a thousand small transfers are not cheaper than one');
SELECT is(web4_transfer_calc('100', NULL, '1'), NULL, 'null in, null out');
SELECT throws_ok($$SELECT web4_transfer_calc('100', '0', '-5')$$, 'W4E02', NULL, 'negative amount');
SELECT throws_ok($$SELECT web4_transfer_calc('100', '0', '0')$$, 'W4E02', NULL, 'zero amount');
SELECT throws_ok($$SELECT web4_transfer_calc('9223372036854.775807', '0', '4294967296.000001')$$, 'W4E02', NULL, 'more than 2^32 ATP');
SELECT throws_ok($$SELECT web4_transfer_calc('100', '9223372036854.775807', '1')$$, 'W4F03', NULL, 'receiver''s balance overflows');
SELECT throws_ok($$SELECT web4_transfer_calc('100', '-1', '1')$$, 'W4E02', NULL, 'negative balance');
SELECT throws_ok($$SELECT web4_transfer_calc('100', '0', '1', -1)$$, 'W4E02', NULL, 'negative fee rate');
SELECT throws_ok($$SELECT web4_transfer_calc('100', '0', '1', 500000001)$$, 'W4E02', NULL, 'fee rate above one half');
SELECT throws_ok($$SELECT web4_transfer_calc('100', '0', '1', 0, NULL, 'nobody')$$, '22023', NULL, 'unknown fee bearer');
SELECT throws_ok($$SELECT web4_transfer_calc('1.04', '0', '1', 50000000)$$, 'W4E01', NULL, 'amount is there, the fee is not');

-- atp-005..007, 015
SELECT is(web4_sliding_scale('100', q), w, 'sliding scale at ' || q) FROM (VALUES
	(0.2, '0'::atp), (0.3, '0'), (0.5, '50'), (0.7, '100'), (0.85, '100'), (1, '100'), (0.4, '25')) AS t(q, w);
SELECT throws_ok($$SELECT web4_sliding_scale('100', 'NaN')$$, '22023', NULL, 'NaN quality');
SELECT throws_ok($$SELECT web4_sliding_scale('100', 0.5, 0.7, 0.3)$$, '22023', NULL, 'thresholds in the wrong order');

-- atp-012, 013
SELECT is(web4_energy_ratio(t, a), r, 'energy ratio of ' || t || ' and ' || a) FROM (VALUES
	('80'::atp, '20'::atp, 0.8), ('100', '0', 1), ('0', '100', 0), ('0', '0', 0.5), ('50', '50', 0.5)) AS v(t, a, r);
SELECT throws_ok($$SELECT web4_energy_ratio('-1', '1')$$, 'W4E02', NULL, 'negative total');

-- --------------------------------------------------------------------------
-- a society
-- --------------------------------------------------------------------------
SELECT throws_ok($$SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('bob'), '1')$$, 'W4V04', NULL, 'not live yet');
SELECT isnt(test.society(), NULL, 'society');
SELECT isnt(test.mint(n), NULL, n) FROM unnest('{alice,bob,carol,dave}'::text[]) AS n;
CREATE FUNCTION pg_temp.a(name text) RETURNS atp LANGUAGE sql AS $$ SELECT available FROM web4_balance(test.lct('acme'), test.lct(name)) $$;
CREATE FUNCTION pg_temp.pool() RETURNS text LANGUAGE sql AS $$ SELECT format('%s/%s/%s', adp, atp, supply) FROM web4_pool(test.lct('acme')) $$;
CREATE FUNCTION pg_temp.move(a text, b text, amount atp, ref text DEFAULT '') RETURNS web4_movement LANGUAGE sql AS $$
	SELECT web4_transfer(test.lct('acme'), test.lct(a), test.lct(b), amount, ref) $$;
CREATE FUNCTION pg_temp.lock(owner text, amount atp, purpose text DEFAULT 'action', ttl interval DEFAULT '1 hour') RETURNS bytea LANGUAGE sql AS $$
	SELECT web4_lock(test.lct('acme'), test.lct(owner), amount, purpose, '', ttl) $$;
CREATE FUNCTION pg_temp.sound(what text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT is_empty('SELECT * FROM web4.economy_invariants()', 'invariants hold ' || what)
	UNION ALL SELECT ok(bool_and(ok) AND bool_and(difference = '0'), 'conservation ' || what) FROM web4_check_conservation() $$;

-- mint and charge ------------------------------------------------------------
SELECT is(pg_temp.pool(), '0/0/0', 'the pool is empty');
SELECT is(credited, '1000'::atp, 'mint') FROM test.tx('acme', 'mint', '1000');
SELECT is(pg_temp.pool(), '1000/0/1000', 'minting makes ADP');
SELECT is(available, NULL, 'charge: the pool pays') FROM test.tx('acme', 'charge', '100', "to" => 'alice');
SELECT is(pg_temp.pool(), '900/0/1000', 'charging turns ADP into ATP');
SELECT is(pg_temp.a('alice'), '100'::atp, 'alice has it');
SELECT isnt(test.tx('acme', 'charge', '50', "to" => 'bob'), NULL, 'charge bob');
SELECT throws_ok($$SELECT test.tx('acme', 'charge', '850.000001', "to" => 'alice')$$, 'W4E01', NULL, 'more than the pool''s ADP');
SELECT throws_ok($$SELECT test.tx('acme', 'allocate', '1', "to" => 'alice')$$, 'W4E01', NULL, 'the pool has no ATP');
SELECT is(web4_balance(test.lct('acme'), test.lct('carol')), NULL, 'no account before the first ATP');
SELECT pg_temp.sound('after minting');

-- who must sign --------------------------------------------------------------
SELECT throws_ok($$SELECT test.tx('alice', 'mint', '1')$$, 'W4E05', NULL, 'a citizen mints');
SELECT throws_ok($$SELECT test.tx('alice', 'charge', '1', "to" => 'alice')$$, 'W4E05', NULL, 'a citizen charges himself');
SELECT throws_ok($$SELECT test.tx('bob', 'transfer', '1', 'alice', 'bob')$$, 'W4E05', NULL, 'the receiver signs');
SELECT throws_ok($$SELECT test.tx('acme', 'transfer', '1', 'alice', 'bob')$$, 'W4E05', NULL, 'the society signs for a citizen');
SELECT throws_ok($$SELECT test.tx('acme', 'discharge', '1', 'alice')$$, 'W4E05', NULL, 'the society discharges a citizen');
SELECT throws_ok($$SELECT test.tx('stranger', 'transfer', '1', 'stranger', 'bob')$$, 'W4I01', NULL, 'an unknown sender');
SELECT throws_ok($$SELECT test.tx('acme', 'charge', '1', "to" => 'stranger')$$, 'W4I01', NULL, 'an unknown receiver');
SELECT throws_ok($$SELECT test.tx('acme', 'mint', '1', society => 'other')$$, 'W4I10', NULL, 'an unknown society');
SELECT throws_ok($$SELECT web4_atp_submit(test.make_tx('mint', '1'), '\x00')$$, 'W4K03', NULL, 'a signature of the wrong size');
SELECT throws_ok($$SELECT web4_atp_submit(t, test.sign('alice', set_byte(t::bytea, 200, 1 - sign(get_byte(t::bytea, 200))::int)))
	FROM test.make_tx('transfer', '1', 'alice', 'bob') AS t$$, 'W4E05', NULL, 'a signature of other bytes');
SELECT isnt(test.act('web4_assign_role', 'acme', 'web4:role:v1', jsonb_build_object('action', 'assign', 'holder', test.lct('carol'),
	'primary', true, 'role', 'treasurer', 'signer', test.lct('acme'), 'society', test.lct('acme'))), NULL, 'carol becomes treasurer');
SELECT is(credited, '1'::atp, 'the treasurer mints') FROM test.tx('carol', 'mint', '1');
SELECT is((SELECT actor FROM web4.evidence ORDER BY id DESC LIMIT 1), test.lct('carol'), 'and the evidence says so');
SELECT is(credited, '1'::atp, 'the treasurer charges') FROM test.tx('carol', 'charge', '1', "to" => 'alice');
SELECT throws_ok($$SELECT test.tx('carol', 'transfer', '1', 'alice', 'bob')$$, 'W4E05', NULL, 'but spends nobody''s ATP');

-- format ---------------------------------------------------------------------
SELECT throws_ok($$SELECT test.tx('acme', 'mint', '1', 'pool', 'pool')$$, 'W4F06', NULL, 'mint not from supply');
SELECT throws_ok($$SELECT test.tx('acme', 'mint', '1', "to" => 'alice')$$, 'W4F06', NULL, 'mint to an entity');
SELECT throws_ok($$SELECT test.tx('alice', 'discharge', '1', 'alice', 'bob')$$, 'W4F06', NULL, 'discharge to an entity');
SELECT throws_ok($$SELECT test.tx('alice', 'transfer', '1', 'alice', 'pool')$$, 'W4F06', NULL, 'transfer to the pool');
SELECT throws_ok($$SELECT test.tx('alice', 'slash', '1', 'alice', 'pool')$$, 'W4F06', NULL, 'unknown type');
SELECT throws_ok($$SELECT test.tx('alice', 'transfer', '1', 'alice', 'alice')$$, 'W4F06', NULL, 'transfer to oneself');

-- time and replay ------------------------------------------------------------
SELECT throws_ok($$SELECT test.tx('alice', 'transfer', '1', 'alice', 'bob', at => clock_timestamp() - interval '301 s')$$, 'W4I06', NULL, 'too old');
SELECT throws_ok($$SELECT test.tx('alice', 'transfer', '1', 'alice', 'bob', at => clock_timestamp() + interval '301 s')$$, 'W4I06', NULL, 'from the future');
SELECT is(available, '81'::atp, 'signed transfer') FROM test.tx('alice', 'transfer', '20', 'alice', 'bob', 'rent', nonce => '\x000102030405060708090a0b0c0d0e0f');
SELECT throws_ok($$SELECT test.tx('alice', 'transfer', '20', 'alice', 'bob', 'rent', nonce => '\x000102030405060708090a0b0c0d0e0f')$$, 'W4E04', NULL, 'the same nonce again');
SELECT throws_ok($$SELECT test.tx('alice', 'discharge', '5', 'alice', nonce => '\x000102030405060708090a0b0c0d0e0f')$$, 'W4E04', NULL, 'also in another transaction');
SELECT is(available, '69'::atp, 'another signer may use it') FROM test.tx('bob', 'transfer', '1', 'bob', 'alice', nonce => '\x000102030405060708090a0b0c0d0e0f');
CREATE TEMP TABLE once AS SELECT tx, test.sign('alice', tx::bytea) AS signature FROM test.make_tx('transfer', '1', 'alice', 'bob') AS tx;
SELECT lives_ok('SELECT web4_atp_submit(tx, signature) FROM once', 'submitted once');
SELECT throws_ok('SELECT web4_atp_submit(tx, signature) FROM once', 'W4E04', NULL, 'and not twice');
SELECT is(pg_temp.a('alice'), '81'::atp, 'alice paid once');

-- discharge ------------------------------------------------------------------
SELECT is(available, '60'::atp, 'discharge') FROM test.tx('bob', 'discharge', '10', 'bob');
SELECT is(pg_temp.pool(), '860/0/1001', 'what is used returns to the pool as ADP');
SELECT is((discharged, energy_ratio)::text, '(10,0.857142857)', 'and counts for the entity') FROM web4_balance(test.lct('acme'), test.lct('bob'));
SELECT throws_ok($$SELECT test.tx('bob', 'discharge', '60.000001', 'bob')$$, 'W4E01', NULL, 'more than there is');
SELECT throws_ok($$SELECT test.tx('dave', 'discharge', '1', 'dave')$$, 'W4E07', NULL, 'no account');
SELECT pg_temp.sound('after signed transactions');

-- --------------------------------------------------------------------------
-- transfers by an application
-- --------------------------------------------------------------------------
SELECT is((fee, credited, overflow, available)::text, '(0,1,0,80)', 'transfer') FROM pg_temp.move('alice', 'bob', '1', 'tea');
SELECT is((convert_from(body, 'UTF8')::jsonb -> 'data') - 'from' - 'to', '{"type": "transfer", "amount": "1", "credited": "1", "ref": "tea", "vouched_by": "postgres"}'::jsonb
	|| jsonb_build_object('vouched_by', current_user), 'its evidence') FROM web4.evidence ORDER BY id DESC LIMIT 1;
SELECT is((SELECT (kind, debit, debit_holder = test.lct('alice')::bytea, credit, credit_holder = test.lct('bob')::bytea, amount)::text
	FROM web4.journal ORDER BY id DESC LIMIT 1), '(transfer,a,t,a,t,1000000)', 'its journal entry');
SELECT throws_ok($$SELECT pg_temp.move('alice', 'bob', '0')$$, 'W4E02', NULL, 'zero');
SELECT throws_ok($$SELECT pg_temp.move('alice', 'bob', '-5')$$, 'W4E02', NULL, 'negative: would rob the receiver');
SELECT throws_ok($$SELECT pg_temp.move('alice', 'bob', '9223372036854.775807')$$, 'W4E02', NULL, '2^63 - 1');
SELECT throws_ok($$SELECT pg_temp.move('alice', 'bob', '80.000001')$$, 'W4E01', NULL, 'one unit too much');
SELECT throws_ok($$SELECT pg_temp.move('alice', 'alice', '1')$$, 'W4F06', NULL, 'to oneself');
SELECT throws_ok($$SELECT pg_temp.move('dave', 'bob', '1')$$, 'W4E07', NULL, 'without an account');
SELECT throws_ok($$SELECT pg_temp.move('alice', 'stranger', '1')$$, 'W4I01', NULL, 'to an unknown entity');
SELECT throws_ok($$SELECT pg_temp.move('alice', 'bob', '1', repeat('x', 513))$$, 'W4F09', NULL, 'reference too long');
SELECT lives_ok($$SELECT pg_temp.move('alice', 'bob', '1', E'"quoted"\n\\ \u00e9 ' || repeat(E'\x01', 480))$$, 'reference that needs escapes');
SELECT is(test.charter('other'), test.lct('other'), 'another society');
SELECT throws_ok($$SELECT web4_transfer(test.lct('other'), test.lct('alice'), test.lct('other'), '1')$$, 'W4E07', NULL, 'not a citizen there');
SELECT throws_ok($$SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('other-w1'), '1')$$, 'W4E07', NULL, 'receiver is not a citizen here');
SELECT throws_ok($$SELECT web4_transfer(test.lct('bob'), test.lct('alice'), test.lct('carol'), '1')$$, 'W4I10', NULL, 'not a society');

-- database roles -------------------------------------------------------------
CREATE ROLE web4_test_app;
CREATE ROLE web4_test_team;
CREATE ROLE web4_test_other;
GRANT web4_test_team TO web4_test_other;
GRANT EXECUTE ON FUNCTION web4_transfer(lct, lct, lct, atp, text), web4_transfer_many(lct, jsonb), web4_lock(lct, lct, atp, text, text, interval),
	web4_lock_commit(bytea, atp), web4_lock_rollback(bytea) TO web4_test_app, web4_test_other;
GRANT USAGE ON SCHEMA test TO web4_test_app, web4_test_other;
CREATE TEMP TABLE who AS SELECT n, test.lct(n) AS l FROM unnest('{acme,alice,bob,carol,other,dave}'::text[]) AS n;
CREATE FUNCTION pg_temp.l(name text) RETURNS lct LANGUAGE sql AS $$ SELECT l FROM who WHERE n = name $$;
GRANT SELECT ON who TO web4_test_app, web4_test_other;
CREATE FUNCTION pg_temp.as_role(role name, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role);
	EXECUTE statement INTO result;
	RESET ROLE;
	RETURN result;
END $$;
SELECT throws_ok($$SELECT pg_temp.as_role('web4_test_app', 'SELECT web4_transfer(pg_temp.l(''acme''), pg_temp.l(''alice''), pg_temp.l(''bob''), ''1'')')$$,
	'W4A01', NULL, 'a role that is not mapped');
RESET ROLE;
SELECT is(web4_map_role('web4_test_app', test.lct('acme'), test.lct('alice')), true, 'map');
SELECT is(web4_map_role('web4_test_app', test.lct('acme'), test.lct('alice')), false, 'mapped already');
SELECT lives_ok($$SELECT pg_temp.as_role('web4_test_app', 'SELECT web4_transfer(pg_temp.l(''acme''), pg_temp.l(''alice''), pg_temp.l(''bob''), ''1'')')$$, 'a mapped role');
SELECT throws_ok($$SELECT pg_temp.as_role('web4_test_app', 'SELECT web4_transfer(pg_temp.l(''acme''), pg_temp.l(''bob''), pg_temp.l(''alice''), ''1'')')$$,
	'W4A01', NULL, 'but not for bob');
RESET ROLE;
SELECT throws_ok($$SELECT pg_temp.as_role('web4_test_app', 'SELECT web4_lock(pg_temp.l(''acme''), pg_temp.l(''bob''), ''1'')')$$, 'W4A01', NULL, 'nor locks bob''s ATP');
RESET ROLE;
SELECT throws_ok($$SELECT pg_temp.as_role('web4_test_app', format('SELECT * FROM web4_transfer_many(pg_temp.l(''acme''), %L)',
	jsonb_build_array(jsonb_build_object('from', pg_temp.l('alice'), 'to', pg_temp.l('bob'), 'amount', '1'),
		jsonb_build_object('from', pg_temp.l('bob'), 'to', pg_temp.l('alice'), 'amount', '1'))))$$, 'W4A01', NULL, 'nor in a batch');
RESET ROLE;
CREATE TEMP TABLE others AS SELECT pg_temp.lock('bob', '1') AS id;
GRANT SELECT ON others TO web4_test_app;
SELECT throws_ok($$SELECT pg_temp.as_role('web4_test_app', 'SELECT web4_lock_commit(id) FROM others')$$, 'W4A01', NULL, 'nor commits bob''s lock');
RESET ROLE;
SELECT throws_ok($$SELECT pg_temp.as_role('web4_test_app', 'SELECT web4_lock_rollback(id) FROM others')$$, 'W4A01', NULL, 'nor rolls it back');
RESET ROLE;
SELECT is(web4_lock_rollback(id), '1'::atp, 'who may speak for everybody does') FROM others;
SELECT is(web4_map_role('web4_test_team', test.lct('acme')), true, 'map a group for every citizen');
SELECT lives_ok($$SELECT pg_temp.as_role('web4_test_other', 'SELECT web4_transfer(pg_temp.l(''acme''), pg_temp.l(''bob''), pg_temp.l(''alice''), ''1'')')$$, 'a member of the mapped group');
SELECT throws_ok($$SELECT pg_temp.as_role('web4_test_other', 'SELECT web4_transfer(pg_temp.l(''acme''), pg_temp.l(''acme''), pg_temp.l(''alice''), ''1'')')$$, 'W4A01', NULL, 'but the society''s own account is not a citizen''s');
RESET ROLE;
SELECT is(web4_unmap_role('web4_test_team', test.lct('acme')), true, 'unmap');
SELECT is(web4_unmap_role('web4_test_team', test.lct('acme')), false, 'unmapped already');
SELECT throws_ok($$SELECT pg_temp.as_role('web4_test_other', 'SELECT web4_transfer(pg_temp.l(''acme''), pg_temp.l(''bob''), pg_temp.l(''alice''), ''1'')')$$, 'W4A01', NULL, 'no longer');
RESET ROLE;
CREATE ROLE web4_test_fleeting;
SELECT is(web4_map_role('web4_test_fleeting', test.lct('acme')), true, 'map a role');
DROP ROLE web4_test_fleeting;
SELECT is((SELECT array_agg(rule) FROM web4_invariants()), '{app_role.exists}', 'that it is gone is noticed: somebody could create it');
SELECT is(web4_unmap_role('web4_test_fleeting', test.lct('acme')), true, 'it can be unmapped nevertheless');
SELECT is_empty('SELECT * FROM web4_invariants()', 'and all is well');
SELECT throws_ok($$SELECT web4_map_role('web4_nobody_has_this_name', test.lct('acme'))$$, '42704', NULL, 'map an unknown role');
SELECT throws_ok($$SELECT web4_map_role('web4_test_app', test.lct('alice'))$$, 'W4I10', NULL, 'map for something that is no society');
SELECT throws_ok($$SELECT web4_map_role('web4_test_app', test.lct('acme'), test.lct('other-w1'))$$, 'W4E07', NULL, 'map for somebody else''s citizen');
SELECT throws_ok($$SELECT web4_map_role(NULL, test.lct('acme'))$$, '22004', NULL, 'map nobody');
SELECT bag_has($$SELECT kind FROM web4.evidence$$, $$VALUES ('role_map'), ('role_unmap')$$, 'mapping leaves evidence');

-- batches --------------------------------------------------------------------
CREATE FUNCTION pg_temp.item(a text, b text, amount text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('from', test.lct(a), 'to', test.lct(b), 'amount', amount) $$;
CREATE FUNCTION pg_temp.many(VARIADIC items jsonb[]) RETURNS SETOF web4_movement LANGUAGE sql AS $$
	SELECT fee, credited, overflow, NULL::atp, evidence FROM web4_transfer_many(test.lct('acme'), to_jsonb(items)) $$;
CREATE TEMP TABLE before AS SELECT pg_temp.a('alice') AS alice, pg_temp.a('bob') AS bob;
SELECT is(count(*), 3::bigint, 'a batch') FROM pg_temp.many(pg_temp.item('alice', 'bob', '3'), pg_temp.item('bob', 'carol', '2'), pg_temp.item('carol', 'alice', '1'));
SELECT is((pg_temp.a('alice'), pg_temp.a('bob'), pg_temp.a('carol'))::text, (alice - '2'::atp, bob + '1'::atp, '1'::atp)::text, 'its balances') FROM before;
SELECT throws_ok($$SELECT * FROM pg_temp.many(pg_temp.item('alice', 'bob', '3'), pg_temp.item('carol', 'bob', '100'))$$, 'W4E01', NULL, 'the second is short');
SELECT is(pg_temp.a('alice'), alice - '2'::atp, 'so the first did not happen') FROM before;
SELECT is(count(*), 0::bigint, 'an empty batch') FROM web4_transfer_many(test.lct('acme'), '[]');
SELECT throws_ok($$SELECT * FROM web4_transfer_many(test.lct('acme'), '{}')$$, 'W4F07', NULL, 'not an array');
SELECT throws_ok($$SELECT * FROM web4_transfer_many(test.lct('acme'), '[1]')$$, 'W4F07', NULL, 'not an object');
SELECT throws_ok(format('SELECT * FROM web4_transfer_many(test.lct(''acme''), %L)', jsonb_build_array(i)), 'W4F07', NULL, d) FROM (VALUES
	(pg_temp.item('alice', 'bob', '1') || '{"fee": "0"}', 'unknown member'),
	(pg_temp.item('alice', 'bob', '1e3'), 'amount with exponent'),
	(pg_temp.item('alice', 'bob', '0.0000001'), 'amount too fine'),
	(pg_temp.item('alice', 'bob', 'NaN'), 'amount NaN'),
	(pg_temp.item('alice', 'bob', '1') || '{"amount": null}', 'amount null'),
	(pg_temp.item('alice', 'bob', '1') || '{"amount": true}', 'amount true'),
	(pg_temp.item('alice', 'bob', '1') - 'to', 'no receiver'),
	(pg_temp.item('alice', 'bob', '1') || '{"from": "alice"}', 'sender is not an LCT')) AS t(i, d);
SELECT throws_ok($$SELECT * FROM (SELECT jsonb_agg(pg_temp.item('alice', 'bob', '0.1')) AS j FROM generate_series(1, 10001)) AS x, web4_transfer_many(test.lct('acme'), x.j)$$,
	'W4F09', NULL, 'too many');
SELECT throws_ok($$SELECT * FROM pg_temp.many(pg_temp.item('alice', 'bob', '-1'))$$, 'W4E02', NULL, 'negative in a batch');
SELECT pg_temp.sound('after batches');

-- --------------------------------------------------------------------------
-- fees and limits
-- --------------------------------------------------------------------------
SELECT web4.economy_policy_set(test.lct('acme'), fee_ppb => 50000000);
UPDATE before SET alice = pg_temp.a('alice'), bob = pg_temp.a('bob');
SELECT is((fee, credited, overflow)::text, '(0.5,10,0)', 'fee on top') FROM pg_temp.move('alice', 'bob', '10');
SELECT is((pg_temp.a('alice'), pg_temp.a('bob'))::text, (alice - '10.5'::atp, bob + '10'::atp)::text, 'sender pays it') FROM before;
SELECT is((SELECT atp FROM web4_pool(test.lct('acme'))), '0.5'::atp, 'into the pool''s ATP');
SELECT is(fee, '0.000001'::atp, 'a fee of one unit') FROM pg_temp.move('alice', 'bob', '0.000001');
SELECT throws_ok($$SELECT pg_temp.move('carol', 'bob', '1')$$, 'W4E01', NULL, 'all of it cannot be sent when a fee is due');
SELECT web4.economy_policy_set(test.lct('acme'), 50000000, 'receiver');
SELECT is((fee, credited)::text, '(0.05,0.95)', 'receiver bears it') FROM pg_temp.move('carol', 'bob', '1');
SELECT is(pg_temp.a('carol'), '0'::atp, 'so carol could send all of it');
SELECT throws_ok($$SELECT pg_temp.move('alice', 'bob', '0.000001')$$, 'W4E02', NULL, 'an amount that the fee eats');
SELECT web4.economy_policy_set(test.lct('acme'), 50000000, 'split');
SELECT is((fee, credited)::text, '(1,19.5)', 'half and half') FROM pg_temp.move('alice', 'bob', '20');
SELECT is(credited, '0.5'::atp, 'the pool''s ATP is allocated') FROM test.tx('acme', 'allocate', '0.5', "to" => 'carol');
SELECT pg_temp.sound('after fees');

SELECT web4.economy_policy_set(test.lct('acme'), 0, 'sender', '100');
SELECT throws_ok($$SELECT pg_temp.move('alice', 'bob', '20')$$, 'W4E06', NULL, 'over the limit: refused');
SELECT web4.economy_policy_set(test.lct('acme'), 0, 'sender', '100', 'return');
UPDATE before SET alice = pg_temp.a('alice'), bob = pg_temp.a('bob');
SELECT is((fee, credited, overflow)::text, format('(0,%s,%s)', '100'::atp - bob, '20'::atp - ('100'::atp - bob)), 'over the limit: the rest returns')
	FROM before, pg_temp.move('alice', 'bob', '20');
SELECT is((pg_temp.a('alice') + pg_temp.a('bob'))::text, (alice + bob)::text, 'and nothing is lost') FROM before;
SELECT is(pg_temp.a('bob'), '100'::atp, 'bob is full');
SELECT is((credited, overflow)::text, '(0,1)', 'a full receiver gets nothing') FROM pg_temp.move('alice', 'bob', '1');
CREATE TEMP TABLE lockid AS SELECT pg_temp.lock('bob', '90') AS id;
SELECT is((credited, overflow)::text, '(0,1)', 'locking does not make room') FROM pg_temp.move('alice', 'bob', '1');
SELECT throws_ok($$SELECT test.tx('acme', 'charge', '1', "to" => 'bob')$$, 'W4E06', NULL, 'charging respects the limit');
SELECT lives_ok($$SELECT web4_lock_rollback(id) FROM lockid$$, 'a lock returns whatever the limit');
SELECT throws_ok($$SELECT pg_temp.move('alice', 'dave', '60')$$, 'W4E01', NULL, 'a first credit under a limit, unpaid');
SELECT is(credited, '1'::atp, 'a first credit under a limit') FROM pg_temp.move('alice', 'dave', '1');
SELECT web4.economy_policy_set(test.lct('acme'), max_mint => '10');
SELECT throws_ok($$SELECT test.tx('acme', 'mint', '10.000001')$$, 'W4E06', NULL, 'more than the law allows in one minting');
SELECT lives_ok($$SELECT test.tx('acme', 'mint', '10')$$, 'as much as the law allows');
SELECT throws_ok($$SELECT web4.economy_policy_set(test.lct('acme'), 500000001)$$, '23514', NULL, 'a fee above one half is no policy');
SELECT throws_ok($$SELECT web4.economy_policy_set(test.lct('acme'), 0, 'nobody')$$, '23514', NULL, 'nor is a fee that nobody bears');
SELECT web4.economy_policy_set(test.lct('acme'));
SELECT pg_temp.sound('after limits');

-- the supply's limit
SELECT lives_ok($$SELECT test.tx('acme', 'mint', '4294967296') FROM generate_series(1, 200)$$, 'mint 200 times the largest amount');
SELECT lives_ok($$SELECT test.tx('acme', 'mint', '4294967296') FROM generate_series(1, 873)$$, 'up to 2^62 micro-ATP');
SELECT throws_ok($$SELECT test.tx('acme', 'mint', '4294967296')$$, 'W4E02', NULL, 'and not beyond');
SELECT pg_temp.sound('with the largest supply');

-- --------------------------------------------------------------------------
-- locks
-- --------------------------------------------------------------------------
SELECT isnt(test.tx('acme', 'charge', '100', "to" => 'dave'), NULL, 'dave gets 100');
SELECT isnt(test.tx('dave', 'discharge', '1', 'dave'), NULL, 'and uses one');
CREATE TEMP TABLE l (n int, id bytea);
INSERT INTO l VALUES (1, pg_temp.lock('dave', '30'));
SELECT is((available, locked, total)::text, '(70,30,100)', 'atp-008: locked') FROM web4_balance(test.lct('acme'), test.lct('dave'));
SELECT is(web4_lock_commit(id), '30'::atp, 'commit all') FROM l WHERE n = 1;
SELECT is((available, locked, total, discharged)::text, '(70,0,70,31)', 'atp-008: committed') FROM web4_balance(test.lct('acme'), test.lct('dave'));
SELECT throws_ok('SELECT web4_lock_commit(id) FROM l WHERE n = 1', 'W4E03', NULL, 'commit twice');
SELECT throws_ok('SELECT web4_lock_rollback(id) FROM l WHERE n = 1', 'W4E03', NULL, 'roll back after commit');
INSERT INTO l VALUES (2, pg_temp.lock('dave', '30')), (3, pg_temp.lock('dave', '40'));
SELECT is(web4_lock_rollback(id), '30'::atp, 'roll back') FROM l WHERE n = 2;
SELECT is((available, locked)::text, '(30,40)', 'the other lock is untouched') FROM web4_balance(test.lct('acme'), test.lct('dave'));
SELECT throws_ok('SELECT web4_lock_rollback(id) FROM l WHERE n = 2', 'W4E03', NULL, 'roll back twice');
SELECT throws_ok($$SELECT web4_lock_commit(id, '40.000001') FROM l WHERE n = 3$$, 'W4E02', NULL, 'commit more than locked');
SELECT throws_ok($$SELECT web4_lock_commit(id, '0') FROM l WHERE n = 3$$, 'W4E02', NULL, 'commit nothing');
SELECT throws_ok($$SELECT web4_lock_commit(id, '-1') FROM l WHERE n = 3$$, 'W4E02', NULL, 'commit less than nothing');
SELECT is(web4_lock_commit(id, '15'), '15'::atp, 'commit a part') FROM l WHERE n = 3;
SELECT is((available, locked)::text, '(55,0)', 'the rest returned') FROM web4_balance(test.lct('acme'), test.lct('dave'));
SELECT throws_ok($$SELECT pg_temp.lock('dave', '55.000001')$$, 'W4E01', NULL, 'lock more than available');
SELECT throws_ok($$SELECT pg_temp.lock('dave', '0')$$, 'W4E02', NULL, 'lock nothing');
SELECT throws_ok($$SELECT pg_temp.lock('dave', '-50')$$, 'W4E02', NULL, 'lock less than nothing');
SELECT throws_ok($$SELECT pg_temp.lock('dave', '1', 'fun')$$, '22023', NULL, 'unknown purpose');
SELECT throws_ok($$SELECT pg_temp.lock('dave', '1', ttl => '0')$$, '22023', NULL, 'no time');
SELECT throws_ok($$SELECT pg_temp.lock('dave', '1', ttl => '-1 day')$$, '22023', NULL, 'negative time');
SELECT throws_ok($$SELECT pg_temp.lock('dave', '1', ttl => '31 days')$$, '22023', NULL, 'too long');
SELECT throws_ok($$SELECT pg_temp.lock('dave', '1', ttl => '1 month')$$, '22023', NULL, 'months');
SELECT throws_ok($$SELECT pg_temp.lock('dave', '1', ttl => '213503982 days')$$, '22023', NULL, 'days that overflow');
SELECT throws_ok($$SELECT pg_temp.lock('dave', '1', ttl => '30 days 2500000000 hours')$$, '22023', NULL, 'hours that overflow');
SELECT throws_ok($$SELECT web4_lock_commit('\x00')$$, 'W4K03', NULL, 'not an id');
SELECT throws_ok($$SELECT web4_lock_rollback(decode(repeat('00', 16), 'hex'))$$, 'W4E03', NULL, 'unknown lock');
SELECT throws_ok($$SELECT web4_lock_commit(NULL)$$, '22004', NULL, 'null id');
INSERT INTO l VALUES (4, pg_temp.lock('dave', '5', ttl => '1 millisecond')), (5, pg_temp.lock('dave', '5'));
SELECT pg_sleep(0.01);
SELECT throws_ok('SELECT web4_lock_commit(id) FROM l WHERE n = 4', 'W4E03', NULL, 'commit after expiry');
SELECT is(web4_lock_expire(test.lct('acme')), 1::bigint, 'anybody may expire it');
SELECT is(web4_lock_expire(test.lct('acme')), 0::bigint, 'once');
SELECT is((available, locked)::text, '(50,5)', 'and it is back') FROM web4_balance(test.lct('acme'), test.lct('dave'));
SELECT throws_ok('SELECT web4_lock_rollback(id) FROM l WHERE n = 4', 'W4E03', NULL, 'expired, so not rolled back again');
SELECT throws_ok($$SELECT web4_lock_expire(test.lct('alice'))$$, 'W4I10', NULL, 'expire of no society');
SELECT pg_temp.sound('after locks');

-- frozen accounts ------------------------------------------------------------
SELECT is(web4_freeze_account(test.lct('acme'), test.lct('dave'), true, 'audit'), true, 'freeze');
SELECT is(web4_freeze_account(test.lct('acme'), test.lct('dave'), true), false, 'frozen already');
SELECT throws_ok($$SELECT pg_temp.move('dave', 'bob', '1')$$, 'W4E07', NULL, 'frozen: no transfer');
SELECT throws_ok($$SELECT test.tx('dave', 'discharge', '1', 'dave')$$, 'W4E07', NULL, 'frozen: no discharge');
SELECT throws_ok($$SELECT pg_temp.lock('dave', '1')$$, 'W4E07', NULL, 'frozen: no lock');
SELECT throws_ok($$SELECT web4_lock_commit(id) FROM l WHERE n = 5$$, 'W4E07', NULL, 'frozen: no commit');
SELECT lives_ok($$SELECT web4_lock_rollback(id) FROM l WHERE n = 5$$, 'frozen: a lock may return');
SELECT lives_ok($$SELECT pg_temp.move('alice', 'dave', '1')$$, 'frozen: it receives');
SELECT is(web4_freeze_account(test.lct('acme'), test.lct('dave'), false), true, 'unfreeze');
SELECT lives_ok($$SELECT pg_temp.move('dave', 'bob', '1')$$, 'and it spends');
SELECT throws_ok($$SELECT web4_freeze_account(test.lct('acme'), test.lct('stranger'), true)$$, 'W4E07', NULL, 'no account to freeze');

-- suspended identities -------------------------------------------------------
SELECT lives_ok($$SELECT test.act('web4_set_status', 'acme', 'web4:lct-revocation:v1', jsonb_build_object('lct_id', test.lct('dave'),
	'actor', test.lct('acme'), 'status', 'suspended', 'reason', 'violation'))$$, 'dave is suspended');
SELECT throws_ok($$SELECT test.tx('dave', 'transfer', '1', 'dave', 'bob')$$, 'W4I02', NULL, 'suspended: no signed transfer');
SELECT throws_ok($$SELECT pg_temp.move('dave', 'bob', '1')$$, 'W4I02', NULL, 'suspended: no transfer');
SELECT throws_ok($$SELECT pg_temp.move('alice', 'dave', '1')$$, 'W4I02', NULL, 'suspended: no receipt');

-- --------------------------------------------------------------------------
-- the pool
-- --------------------------------------------------------------------------
SELECT lives_ok($$SELECT web4_pool_settle(test.lct('acme'))$$, 'settle');
SELECT throws_ok($$SELECT web4_pool_settle(test.lct('alice'))$$, 'W4I10', NULL, 'no pool of an entity');
CREATE TEMP TABLE p AS SELECT pg_temp.pool() AS was;
SELECT is(pg_temp.pool(), was, 'settling changes nothing') FROM p, web4_pool_settle(test.lct('acme'));
SELECT is(adp::text, '0', 'an untouched pool') FROM web4_pool(test.lct('other'));
SELECT lives_ok($$SELECT test.tx('other', 'mint', '5', society => 'other')$$, 'societies have pools of their own');
SELECT is((adp, atp, supply)::text, '(5,0,5)', 'as it shows') FROM web4_pool(test.lct('other'));
SELECT is(pg_temp.pool(), was, 'here and there') FROM p;
SELECT pg_temp.sound('with two societies');

-- --------------------------------------------------------------------------
-- random operations
-- --------------------------------------------------------------------------
SELECT setseed(0.4);
CREATE FUNCTION pg_temp.random_act() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	names text[] := '{alice,bob,carol,acme}';
	a text := names[1 + floor(random() * 4)];
	b text := names[1 + floor(random() * 4)];
	amount atp := atp_from_micro(1 + floor(random() * 30000000)::bigint);
	held bytea;
BEGIN
	CASE floor(random() * 9)
		WHEN 0 THEN PERFORM test.tx('acme', 'charge', amount, "to" => b);
		WHEN 1 THEN PERFORM test.tx(a, 'discharge', amount, a);
		WHEN 2 THEN PERFORM test.tx('acme', 'allocate', amount, "to" => b);
		WHEN 3 THEN PERFORM pg_temp.lock(a, amount);
		WHEN 4 THEN
			SELECT k.id INTO held FROM web4.atp_lock AS k WHERE k.state = 'held' AND k.society = test.lct('acme') ORDER BY k.id LIMIT 1;
			PERFORM CASE WHEN held IS NULL THEN '0' WHEN random() < 0.5 THEN web4_lock_commit(held, amount) ELSE web4_lock_rollback(held) END;
		WHEN 5 THEN PERFORM web4.economy_policy_set(test.lct('acme'), floor(random() * 500000000)::bigint, (ARRAY['sender', 'receiver', 'split'])[1 + floor(random() * 3)],
			CASE WHEN random() < 0.5 THEN '0' ELSE '120' END::atp, (ARRAY['reject', 'return'])[1 + floor(random() * 2)]);
		WHEN 6 THEN PERFORM pg_temp.many(pg_temp.item(a, b, amount::text), pg_temp.item(b, a, (amount / 2)::text));
		ELSE PERFORM pg_temp.move(a, b, amount);
	END CASE;
	RETURN 'done';
EXCEPTION WHEN OTHERS THEN
	IF SQLSTATE NOT IN ('W4E01', 'W4E02', 'W4E06', 'W4E07', 'W4F06') THEN
		RAISE;
	END IF;
	RETURN 'refused';
END $$;
CREATE TEMP TABLE acts AS SELECT pg_temp.random_act() AS result FROM generate_series(1, 1500);
SELECT cmp_ok(count(*) FILTER (WHERE result = 'done'), '>', 500::bigint, 'enough random acts went through') FROM acts;
SELECT cmp_ok(count(*) FILTER (WHERE result = 'refused'), '>', 100::bigint, 'and enough were refused') FROM acts;
SELECT pg_temp.sound('after random acts');
SELECT web4_pool_settle(test.lct('acme'));
SELECT pg_temp.sound('after settling');

-- --------------------------------------------------------------------------
-- nobody else writes
-- --------------------------------------------------------------------------
SELECT throws_ok(s, c, NULL, s) FROM (VALUES
	('UPDATE web4.account SET available = available + 1', 'W4V02'),
	('DELETE FROM web4.account', 'W4V01'),
	('TRUNCATE web4.account', 'W4V01'),
	('INSERT INTO web4.account (society, entity, available) SELECT test.lct(''acme''), test.lct(''stranger''), 1', 'W4V02'),
	('UPDATE web4.journal SET amount = amount + 1', 'W4V01'),
	('DELETE FROM web4.journal', 'W4V01'),
	('INSERT INTO web4.journal (society, kind, debit, credit, amount, evidence) SELECT test.lct(''acme''), ''mint'', ''s'', ''d'', 1, 1', 'W4V02'),
	('UPDATE web4.pool SET settled = settled + 1', 'W4V02'),
	('UPDATE web4.atp_lock SET amount = amount + 1', 'W4V02'),
	('DELETE FROM web4.atp_lock', 'W4V01'),
	('UPDATE web4.economy_policy SET fee_ppb = 0', 'W4V02'),
	('INSERT INTO web4.app_role (role, society) SELECT ''web4_test_app'', test.lct(''acme'')', 'W4V02'),
	('DELETE FROM web4.app_role', 'W4V02')) AS t(s, c);
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'web4'
	WHERE p.proname ~ '^(web4_(atp_submit|transfer|transfer_many|lock.*|freeze_account|map_role|unmap_role|balance|pool|pool_settle|check_conservation)|economy_.*|pool_.*|journal_.*)$'
		AND has_function_privilege('public', p.oid, 'EXECUTE')$$, 'PUBLIC may execute none of it');

-- what the journal takes at all ------------------------------------------------
SELECT is(web4.journal_row_ok(ROW(1, '1', test.lct('acme'), k, d, dh, c, ch, a, 1)::web4.journal), r, n) FROM (VALUES
	('transfer', 'a'::"char", sha256('a'), 'a'::"char", sha256('b'), 1::bigint, true, 'entry between accounts'),
	('mint', 's', NULL, 'd', NULL, 1, true, 'entry into the pool'),
	('transfer', 'a', sha256('a'), 'a', sha256('a'), 1, false, 'entry from an account to itself'),
	('charge', 'd', NULL, 'd', NULL, 1, false, 'entry from the pool to itself'),
	('mint', 's', NULL, 'd', NULL, 0, false, 'entry of nothing'),
	('mint', 's', NULL, 'd', NULL, -1, false, 'entry of less than nothing'),
	('gift', 's', NULL, 'd', NULL, 1, false, 'entry of an unknown kind'),
	('mint', 'x', NULL, 'd', NULL, 1, false, 'entry from an unknown place'),
	('mint', 's', sha256('a'), 'd', NULL, 1, false, 'entry from supply with a holder'),
	('transfer', 'a', NULL, 'd', NULL, 1, false, 'entry from nobody''s account'),
	('transfer', 'a', '\x00', 'd', NULL, 1, false, 'entry from something that is no holder'),
	(NULL, 's', NULL, 'd', NULL, 1, false, 'entry of no kind')) AS v(k, d, dh, c, ch, a, r, n);

-- what is wrong is found -----------------------------------------------------
ALTER TABLE web4.account DISABLE TRIGGER web4_guard_rows;
UPDATE web4.account SET available = available + 1 WHERE entity = test.lct('alice');
SELECT set_has('SELECT rule FROM web4.economy_invariants()', $$VALUES ('account.available'), ('conservation')$$, 'a forged balance is found');
SELECT is((SELECT (difference, ok)::text FROM web4_check_conservation(test.lct('acme'))), '(-0.000001,f)', 'by its amount');
UPDATE web4.account SET available = available - 1 WHERE entity = test.lct('alice');
ALTER TABLE web4.account ENABLE ALWAYS TRIGGER web4_guard_rows;

-- a restore into another cluster: the pool is counted anew ---------------------
ALTER TABLE web4.pool DISABLE TRIGGER web4_guard_rows;
UPDATE p SET was = pg_temp.pool();
UPDATE web4.pool SET system_identifier = 1, settled = 12345, horizon = '9000000000';
ALTER TABLE web4.pool ENABLE ALWAYS TRIGGER web4_guard_rows;
SELECT is(pg_temp.pool(), was, 'pool of another cluster: read from the journal') FROM p;
SELECT web4_pool_settle(test.lct('acme'));
SELECT is(pg_temp.pool(), was, 'pool of another cluster: counted') FROM p;
SELECT isnt(test.tx('other', 'mint', '0.000001', society => 'other'), NULL, 'and entries after it');
SELECT pg_temp.sound('after a restore');

-- a dump of a cluster that had counted further, in one with the same identifier ---
CREATE FUNCTION pg_temp.horizon(wanted xid8) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	ALTER TABLE web4.pool DISABLE TRIGGER web4_guard_rows;
	UPDATE web4.pool SET horizon = wanted;
	ALTER TABLE web4.pool ENABLE ALWAYS TRIGGER web4_guard_rows;
END $$;
CREATE FUNCTION pg_temp.adp() RETURNS atp LANGUAGE sql AS $$ SELECT adp FROM web4_pool(test.lct('acme')) $$;
UPDATE p SET was = pg_temp.pool();
SELECT pg_temp.horizon('9000000000');
SELECT is(pg_temp.pool(), was, 'a horizon in the future: read from the journal') FROM p;
SELECT pg_temp.sound('with a horizon in the future');
CREATE TEMP TABLE future AS SELECT pg_temp.adp() AS adp;
SELECT isnt(test.tx('acme', 'mint', '3'), NULL, 'what comes in meanwhile');
SELECT is(pg_temp.adp(), adp + '3'::atp, 'counts') FROM future;
SELECT isnt(test.tx('acme', 'charge', '1', "to" => 'alice'), NULL, 'taking out');
SELECT is(pg_temp.adp(), adp + '2'::atp, 'loses nothing of it') FROM future;
SELECT ok(bool_and(horizon <= pg_snapshot_xmax(pg_current_snapshot())), 'and settles by this cluster''s ids') FROM web4.pool
WHERE society = test.lct('acme') AND bucket = 'adp';
SELECT is(web4.economy_go_live(), count(*) || ' buckets of pools will be counted anew', 'a restored database counts anew, whatever its ids') FROM web4.pool;
SELECT ok(bool_and(system_identifier = 0), 'every bucket') FROM web4.pool;
SELECT is(pg_temp.adp(), adp + '2'::atp, 'and finds the same') FROM future;
SELECT web4_pool_settle(test.lct('acme'));
SELECT is(pg_temp.adp(), adp + '2'::atp, 'then as before') FROM future;
SELECT ok(bool_and(system_identifier <> 0), 'when it was counted') FROM web4.pool WHERE society = test.lct('acme');
SELECT pg_temp.sound('after counting anew');

SELECT * FROM finish();
ROLLBACK;
