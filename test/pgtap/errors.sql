-- An error says what is wrong (SQLSTATE, DETAIL with the protocol code) and what
-- to do about it (HINT): a sample of refusals from every room, and the table.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS web4;
SELECT no_plan();
\i test/lib/identity.sql
\i test/lib/economy.sql
\i test/lib/authority.sql

CREATE TYPE pg_temp.refusal AS (sqlstate text, detail text, hint text);
CREATE FUNCTION pg_temp.refusal(call text) RETURNS pg_temp.refusal LANGUAGE plpgsql AS $$
DECLARE
	r pg_temp.refusal;
BEGIN
	EXECUTE call;
	RETURN r;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS r.sqlstate = RETURNED_SQLSTATE, r.detail = PG_EXCEPTION_DETAIL, r.hint = PG_EXCEPTION_HINT;
	RETURN r;
END $$;

CREATE TEMP TABLE refused (wanted text, call text, r pg_temp.refusal);
CREATE FUNCTION pg_temp.refuse(wanted text, call text) RETURNS SETOF text LANGUAGE sql AS $$
	WITH tried AS (INSERT INTO refused SELECT wanted, call, pg_temp.refusal(call) RETURNING r)
	SELECT is((r).sqlstate, wanted, call) FROM tried
	UNION ALL
	SELECT ok((r).hint LIKE '_%.', 'has a hint: ' || coalesce((r).hint, '')) FROM tried
$$;

CREATE FUNCTION pg_temp.adjust(signer text, entity text, deltas jsonb, members jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT test.act('web4_trust_adjust', signer, 'web4:trust:v1', jsonb_build_object('society', test.lct('acme'), 'entity', test.lct(entity),
		'signer', test.lct(signer), 'role', 'citizen', 'reason', 'work done', 'deltas', deltas) || members)
$$;

-- the table --------------------------------------------------------------------

SELECT is(count(*), 0::bigint, 'every cure is made of sentences') FROM web4_error_codes() WHERE cure NOT LIKE '_%.';

-- refusals -----------------------------------------------------------------------

SELECT pg_temp.refuse('W4V04', $$SELECT test.mint('early', witnesses => '{}')$$);
SELECT pg_temp.refuse('W4I04', $$SELECT web4_bootstrap_society('Bad Name')$$);
SELECT isnt(test.society(), NULL, 'society');
SELECT isnt(test.mint(n), NULL, n) FROM unnest('{alice,bob,gone}'::text[]) AS n;
SELECT lives_ok($$SELECT test.fund('alice', '10')$$, 'alice has 10 ATP');
SELECT is(test.act('web4_set_status', 'acme', 'web4:lct-revocation:v1', jsonb_build_object('actor', test.lct('acme'),
	'lct_id', test.lct('gone'), 'status', 'suspended', 'reason', 'violation')), '', 'gone is suspended');
SELECT lives_ok($$SELECT web4.economy_policy_set(test.lct('acme'), max_balance => '20', max_mint => '100')$$, 'acme has limits');

SELECT pg_temp.refuse(wanted, call) FROM (VALUES
	-- types and protocol
	('W4F01', $$SELECT 'lct:web4:x'::lct$$),
	('W4F02', $$SELECT '1.2345678'::atp$$),
	('W4F03', $$SELECT '9223372036854.775807'::atp + '1'::atp$$),
	('22012', $$SELECT '1'::atp / 0$$),
	('W4F04', $$SELECT '(0.5,0.5,2)'::t3$$),
	('W4F04', $$SELECT t3(0.5, 0.5, 2)$$),
	('W4F05', $$SELECT web4_jcs('{"a":1,"a":2}')$$),
	('W4F05', $$SELECT web4_canonical('{"a": 1}')$$),
	('W4F06', $$SELECT '00'::atp_tx$$),
	('W4C01', $$SELECT '00'::consent$$),
	('W4K03', $$SELECT web4_merkle_verify_inclusion(0, 2, '', '{}', sha256(''))$$),
	('W4F08', $$SELECT web4_merkle_inclusion_proof('{a,b}', 2)$$),
	('W4F08', $$SELECT web4_merkle_root('{a,NULL}')$$),
	('22004', $$SELECT test.token('alice', 'bob', NULL, 'data/*')$$),
	-- identity
	('W4I05', $$SELECT test.mint('carol', witnesses => '{w1}')$$),
	('W4I03', $$SELECT test.mint('carol', alias => 'alice')$$),
	('W4I10', $$SELECT test.mint('carol', society => 'nowhere')$$),
	('W4I04', $$SELECT web4_birth_certificate(test.lct('acme'), test.pk('carol'), 'ai', '{NULL}', 'carol')$$),
	('W4K02', $$SELECT web4_mint(certificate, society_signature, witness_signatures, society_signature) FROM test.birth('carol')$$),
	('W4F09', $$SELECT web4_mint_many((SELECT jsonb_agg(i) FROM generate_series(1, 10001) i))$$),
	('W4F07', $$SELECT test.act('web4_set_status', 'acme', 'web4:lct-revocation:v1', '{"a": 1}')$$),
	-- keyring
	('W4K07', $$SELECT web4_sign_as(test.lct('alice'), convert_to(E'web4:request:v1\n{}', 'UTF8'))$$),
	-- economy
	('W4E01', $$SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('bob'), '11')$$),
	('W4E02', $$SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('bob'), '0')$$),
	('W4E02', $$SELECT web4_transfer_calc('1', '0', '1', -1, '0', 'sender')$$),
	('W4F06', $$SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('alice'), '1')$$),
	('W4I01', $$SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('nobody'), '1')$$),
	('W4I02', $$SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('gone'), '1')$$),
	('W4F07', $$SELECT web4_transfer_many(test.lct('acme'), '{}')$$),
	('W4F07', $$SELECT web4_transfer_many(test.lct('acme'), '[{}]')$$),
	('W4E03', $$SELECT web4_lock_rollback(decode(repeat('00', 16), 'hex'))$$),
	('W4E05', $$SELECT test.tx('bob', 'transfer', '1', 'alice', 'bob')$$),
	('W4E06', $$SELECT test.tx('acme', 'mint', '101')$$),
	('W4I06', $$SELECT test.tx('alice', 'transfer', '1', 'alice', 'bob', at => now() - interval '1 hour')$$),
	('22023', $$SELECT web4_sliding_scale('1', 2)$$),
	('22004', $$SELECT web4_map_role('postgres', NULL)$$),
	-- grants
	('W4C03', $$SELECT web4_grant_register(test.token('alice', 'bob', 'read', 'data/*', signer => 'gone'))$$),
	('W4C05', $$SELECT web4_grant_register(test.token('alice', 'bob', 'read', 'data/*', issued_at => now() - interval '2 h'))$$),
	('W4C12', $$SELECT test.grant('alice', 'alice', 'read', 'data/*')$$),
	('W4C15', $$SELECT test.grant('alice', 'bob', 'read', 'data/*', '{"exclude.geo": "US"}')$$),
	('W4C22', $$SELECT web4_grant_register(test.token('alice', 'bob', 'read', 'data/*', previous => sha256('')))$$),
	('W4C23', $$SELECT web4_grant_revoke(test.revocation('alice', sha256('')))$$),
	('22004', $$SELECT web4_grant_revoke(NULL)$$),
	('W4E01', $$SELECT test.grant('bob', 'alice', 'read', 'data/*', '{"max_atp": "5"}')$$),
	-- authority
	('W4A02', $$SELECT web4_authorize(NULL, 'read', 'x')$$),
	('W4A02', $$SELECT web4_authorize_signed(test.request('bob', 'Read', 'data/x'), decode(repeat('00', 64), 'hex'))$$),
	('W4W01', $$SELECT test.ask('bob', 'write', 'data/x', attestations => 'true')$$),
	('W4A03', $$SELECT web4_redeem(sha256(''))$$),
	('W4A03', $$SELECT web4_resume(sha256(''), '[]')$$),
	('W4A06', $$SELECT test.ask('bob', 'read', 'data/x')$$),
	-- law and trust
	('W4L01', $$SELECT test.law('9.0.0', '{"limits": {"max_children": -1}}')$$),
	('W4L02', $$SELECT test.law('9.0.0', jsonb_build_object('previous_hash', repeat('00', 32)))$$),
	('W4I09', $$SELECT test.law('9.0.0', '{}', signer => 'bob')$$),
	('W4T01', $$SELECT pg_temp.adjust('acme', 'alice', '{"talent": "0.3"}')$$),
	('W4I09', $$SELECT pg_temp.adjust('bob', 'alice', '{"talent": "0.1"}')$$),
	('W4I11', $$SELECT pg_temp.adjust('acme', 'alice', '{"talent": "0.1"}', '{"role": "treasurer"}')$$),
	-- evidence
	('W4V01', $$DELETE FROM web4.evidence$$),
	('W4V02', $$UPDATE web4.account SET available = 1$$),
	('W4V05', $$SELECT web4_inclusion_proof(sha256(''))$$),
	('W4F08', $$SELECT web4_consistency_proof(test.lct('acme'), 8, 7)$$),
	('W4V05', $$SELECT web4_consistency_proof(test.lct('acme'), 1, 7)$$)
) AS sample (wanted, call);

SELECT is(array_agg(DISTINCT substr(wanted, 3, 1) ORDER BY substr(wanted, 3, 1)), '{A,C,E,F,I,K,L,T,V,W}', 'the sample visits every room')
FROM refused WHERE wanted LIKE 'W4%';
SELECT is(count(*), 0::bigint, 'the DETAIL of our own errors begins with the protocol code')
FROM refused JOIN web4_error_codes() e ON e.sqlstate = (r).sqlstate WHERE (r).detail NOT LIKE e.code || ': %';

-- NULL for one argument after the other, of everything that changes something and is not asked for by its owner alone.
CREATE FUNCTION pg_temp.null_refused(function oid, argument int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE (SELECT format('SELECT %s(%s)', p.oid::regproc,
			(SELECT string_agg(format('%L::%s', CASE WHEN a.n = argument THEN NULL ELSE CASE a.type
					WHEN 'lct'::regtype THEN test.lct('acme')::text WHEN 'bytea'::regtype THEN test.pk('acme')::text WHEN 'jsonb'::regtype THEN '[]'
					WHEN 'interval'::regtype THEN '2 h' WHEN 'name'::regtype THEN 'postgres' ELSE '1' END END, a.type::regtype), ', ' ORDER BY a.n)
				FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY a(type, n)))
		FROM pg_proc p WHERE p.oid = function);
	RETURN 'nothing said';
EXCEPTION WHEN null_value_not_allowed OR SQLSTATE 'W4A02' THEN
	RETURN NULL;
WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE TEMP VIEW required AS
	SELECT p.oid::regprocedure AS name, p.oid, a.n
	FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid JOIN pg_proc p ON p.oid = d.objid, generate_series(1, p.pronargs) a(n)
	WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND e.extname = 'web4' AND p.proname LIKE 'web4\_%' AND p.provolatile = 'v'
	AND p.proname <> 'web4_authorize_signed'	-- judges the signature first; see authority.sql
	AND NOT has_function_privilege('public', p.oid, 'EXECUTE')	-- these build documents
	AND coalesce(pg_get_function_arg_default(p.oid, a.n), '') NOT LIKE 'NULL%'
	-- and a token has no simple example
	AND NOT EXISTS (SELECT FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY o(type, n) WHERE o.n <> a.n AND o.type IN ('consent'::regtype, 'atp_tx'::regtype));
SELECT cmp_ok(count(*), '>', 60::bigint, 'enough arguments are required') FROM required;
SELECT is_empty($$SELECT name, n, pg_temp.null_refused(oid, n) FROM required WHERE pg_temp.null_refused(oid, n) IS NOT NULL$$, 'and none of them may be NULL');
SELECT throws_ok($$SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('bob'), NULL)$$, '22004', 'argument "amount" of web4_transfer() is null',
	'the message names it');

-- The general cure where nothing better is known, and only there.
SELECT is((r).hint = e.cure, general, wanted || ': ' || CASE WHEN general THEN 'the cure' ELSE 'a better hint' END)
FROM (VALUES ('W4E03', true), ('W4V01', true), ('W4I01', true), ('W4F01', false), ('W4A03', true), ('W4L01', false)) AS v (state, general)
JOIN LATERAL (SELECT * FROM refused WHERE wanted = state LIMIT 1) AS f ON true JOIN web4_error_codes() e ON e.sqlstate = state;

SELECT * FROM finish();
ROLLBACK;
