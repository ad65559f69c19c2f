-- ---------------------------------------------------------------------------
-- Attacks on decisions, grants, money and law, one by one.
--
-- B, C, D, E and F are the lists of the threat model (messages, money,
-- delegation, witnesses, PostgreSQL), P the list of the protocol's known
-- attacks.  What authority.sql, economy.sql, law.sql, trust.sql and
-- identity.sql assert already is not repeated; races are in test/isolation.
-- ---------------------------------------------------------------------------
\set ECHO none
\set QUIET 1
\pset format unaligned
\pset tuples_only true
\set ON_ERROR_STOP true
BEGIN;
\i test/lib/identity.sql
\i test/lib/authority.sql
\i test/lib/economy.sql
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT isnt(test.society(), NULL, 'the society acme');
SELECT isnt(test.mint(n), NULL, n) FROM unnest('{alice,bot,bot2,bot3,mallory}'::text[]) n;
SELECT isnt(test.charter('beta'), NULL, 'a second society');
SELECT isnt(test.mint(n, 'ai', 'beta', '{beta-w1,beta-w2,beta-w3}'), NULL, n) FROM unnest('{bea,ben}'::text[]) n;
SELECT lives_ok($$SELECT test.fund('alice', '1000'), test.fund('bot', '50'), test.fund('bea', '100', 'beta')$$, 'ATP');
CREATE FUNCTION pg_temp.available(name text, society text DEFAULT 'acme') RETURNS atp LANGUAGE sql AS $$
	SELECT (web4_balance(test.lct(society), test.lct(name))).available $$;
CREATE FUNCTION pg_temp.send(request text, signature bytea, attestations jsonb DEFAULT '[]') RETURNS text LANGUAGE sql AS $$
	SELECT test.verdict(web4_authorize_signed(request, signature, attestations)) $$;
CREATE FUNCTION pg_temp.status(actor text, who text, status text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT test.act('web4_set_status', actor, 'web4:lct-revocation:v1', jsonb_build_object('actor', test.lct(actor), 'lct_id', test.lct(who),
		'reason', CASE status WHEN 'active' THEN NULL ELSE 'violation' END, 'status', status) || more) $$;
CREATE FUNCTION pg_temp.role(action text, role text, holder text) RETURNS text LANGUAGE sql AS $$
	SELECT test.act('web4_assign_role', 'acme', 'web4:role:v1', jsonb_build_object('action', action, 'holder', test.lct(holder),
		'primary', false, 'role', role, 'signer', test.lct('acme'), 'society', test.lct('acme'))) $$;

-- --- B: messages -----------------------------------------------------------------

-- B1: a signature of one kind of document is not one of another
CREATE TEMP TABLE domains AS SELECT 'web4:' || unnest('{lct:binding,lct:opkey,birth,birth:society,birth:witness,rotation,lct-revocation,charter,role,citizenship,witness,law,law:publish,trust,tree-head}'::text[]) || ':v1' AS d;
SELECT is(array_agg(DISTINCT pg_temp.send(r, test.sign('bot', d, r))), '{denied invalid_lct W4_ERR_CRYPTO_VERIFY}', 'B1: no other domain''s signature makes a request')
	FROM domains, test.request('bot', 'read', 'data/b1') r;
SELECT is(pg_temp.send(r, test.sign('bot', convert_to(r, 'UTF8'))), 'denied invalid_lct W4_ERR_CRYPTO_VERIFY', 'B1: nor one without a domain') FROM test.request('bot', 'read', 'data/b1') r;
SELECT is(pg_temp.send(r, test.sign('bot', 'web4:request:v1', encode(web4_request_hash(r), 'hex'))), 'denied invalid_lct W4_ERR_CRYPTO_VERIFY', 'B1: nor one over the hash') FROM test.request('bot', 'read', 'data/b1') r;
SELECT is(pg_temp.send(r, test.sign('bot', 'web4:request:v1', r), jsonb_build_array(jsonb_build_object('text', a ->> 'text',
	'signature', encode(test.sign('w1', 'web4:request:v1', a ->> 'text'), 'hex')))), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'B1: a request''s signature makes no attestation')
	FROM test.request('bot', 'write', 'data/b1') r, test.attest('w1', r) a;
SELECT throws_ok($$SELECT consent_build(test.lct('alice')::text, test.lct('bot')::text, 'read', 'data/*', t, t + '1 h', 2, test.pk('alice'), p, NULL, '{}',
	test.sign('alice', convert_to(E'web4:request:v1\n', 'UTF8') || consent_signing_input(test.lct('alice')::text, test.lct('bot')::text, 'read', 'data/*', t, t + '1 h', 2, test.pk('alice'), p, NULL, '{}')))
	FROM clock_timestamp() t, web4_grant_head(test.lct('alice')) p$$, 'W4C02', NULL, 'B1: nor a grant');

-- B2, P4: what one society was asked, another one does not decide
SELECT is(pg_temp.send(replace(r, test.lct('beta')::text, test.lct('acme')::text), test.sign('bea', 'web4:request:v1', r)), 'denied invalid_lct W4_ERR_CROSS_SOCIETY_UNRECOGNIZED_LCT',
	'B2: signed for beta, sent to acme') FROM test.request('bea', 'read', 'data/x', society => 'beta') r;
SELECT is(test.verdict(test.ask('bea', 'read', 'data/x')), 'denied invalid_lct W4_ERR_CROSS_SOCIETY_UNRECOGNIZED_LCT', 'B2: a citizen of beta asks acme');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', society => 'nowhere')), 'denied invalid_lct W4_ERR_CROSS_SOCIETY_UNRECOGNIZED_LCT', 'B2: or a society that does not exist');
CREATE TEMP TABLE across AS SELECT test.grant('bea', 'ben', 'read', 'data/**', '{"max_atp": "10"}') AS beta, test.grant('alice', 'bot', 'read', 'data/**', '{"max_atp": "10"}') AS acme;
SELECT is(test.verdict(test.ask('ben', 'read', 'data/x', '1', grant_hash => beta)), 'denied invalid_lct W4_ERR_CROSS_SOCIETY_UNRECOGNIZED_LCT', 'B2: a grant of beta used in acme') FROM across;
SELECT is(test.verdict(test.ask('ben', 'read', 'data/x', '1', grant_hash => acme, society => 'beta')), 'denied role_mismatch W4_ERR_AUTHZ_DENIED', 'B2: a grant of acme used in beta, by another') FROM across;
SELECT is(test.verdict(test.ask('beta', 'read', 'data/x', '1', grant_hash => beta)), 'denied role_mismatch W4_ERR_AUTHZ_DENIED', 'B2: by beta itself, a citizen of acme') FROM across;
SELECT is(test.verdict(test.ask('ben', 'read', 'data/x', '1', grant_hash => beta, society => 'beta')), 'granted', 'B2: where it belongs it works') FROM across;
SELECT throws_ok($$SELECT test.grant('bea', 'bot', 'read', 'data/**')$$, 'W4I02', NULL, 'B2: no grant to a citizen of elsewhere');
SELECT throws_ok($$SELECT test.grant('bea', 'ben', 'read', 'data/**', jsonb_build_object('society', test.lct('acme')))$$, 'W4I02', NULL, 'B2: nor in a society of others');
SELECT throws_ok($$SELECT test.grant('bea', 'ben', 'read', 'data/**', jsonb_build_object('society', test.lct('nowhere')))$$, 'W4I10', NULL, 'B2: nor in none');
SELECT is(pg_temp.send(r, test.sign('bot', 'web4:request:v1', r), jsonb_build_array(test.attest('beta-w1', r))), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'B2: a witness of another society')
	FROM test.request('bot', 'write', 'data/b2') r;
SELECT throws_ok($$SELECT test.tx('beta', 'charge', '1', "to" => 'alice')$$, 'W4E05', NULL, 'B2: beta charges nothing in acme');
SELECT throws_ok($$SELECT web4_transfer(test.lct('acme'), test.lct('bea'), test.lct('alice'), '1')$$, 'W4E07', NULL, 'B2: nobody pays where he has no account');

-- B4, B5, B7, P43: one spelling
SELECT throws_ok(format('SELECT web4_authorize_signed(%L, %L)', t, test.sign('bot', 'web4:request:v1', t)), 'W4F05', NULL, 'B4: ' || what)
FROM test.request('bot', 'read', 'data/x', '1') r, LATERAL (VALUES
	('a duplicate key', replace(r, '"atp_cost":"1"', '"atp_cost":"1","atp_cost":"0"')),
	('a duplicate in escapes', replace(r, '"atp_cost":"1"', '"atp_cost":"1","atp_\u0063ost":"0"')),
	('keys out of order', replace(replace(r, '"action":"read",', ''), ',"v":1', ',"v":1,"action":"read"')),
	('trailing bytes', r || ' '),
	('a byte order mark', U&'\FEFF' || r),
	('an escaped letter', replace(r, '"read"', '"re\u0061d"')),
	('a capital hex digit in an escape', replace(r, '"data/x"', '"data/x\u001F"')),
	('a number that could be shorter', replace(r, '"v":1', '"v":1.0')),
	('a number with an exponent', replace(r, '"v":1', '"v":1e0'))) AS v(what, t);
SELECT throws_ok(format('SELECT test.ask(''bot'', ''read'', ''data/x'', %L)', cost), 'W4F07', NULL, 'B5: a cost of ' || cost)
	FROM unnest('{1.0,01,-0,+1,1e0,NaN,Infinity,0x1,1.0000001,"",9223372036854775808}'::text[]) cost;
SELECT throws_ok(format('SELECT test.ask(''bot'', ''read'', ''data/x'', overrides => %L)', o), 'W4F07', NULL, 'P43: ' || o)
	FROM unnest(ARRAY['{"atp_cost": 1}', '{"v": 2}', '{"v": "1"}', '{"requester": null}', '{"society": ""}', '{"ts": "infinity"}', '{"ts": "2026-02-30T00:00:00Z"}', '{"context": [], "context_hash": "-"}',
		'{"context": {"a": 1}}', '{"nonce": ""}', '{"action": null}', '{"witness_attestation": true}']) o;

-- B14, B15: nonces are never forgotten; B18: everybody has his own
CREATE TEMP TABLE once AS SELECT test.request('bot', 'read', 'data/b15') AS r;
SELECT is(pg_temp.send(r, test.sign('bot', 'web4:request:v1', r)), 'granted', 'B15: sent') FROM once;
SELECT cmp_ok(web4_prune('1 hour'), '>=', 0::bigint, 'B15: pruned');
SELECT is(pg_temp.send(r, test.sign('bot', 'web4:request:v1', r)), 'denied invalid_lct W4_ERR_PROTO_REPLAY', 'B15: and sent again') FROM once;
SELECT is(array_agg(d.decision || coalesce(' ' || d.code, '')), '{granted,denied W4_ERR_PROTO_REPLAY}', 'B14: twice in one batch')
	FROM test.request('bot', 'read', 'data/b14') r, LATERAL web4_authorize_many(jsonb_build_array(
		jsonb_build_object('request', r, 'signature', encode(test.sign('bot', 'web4:request:v1', r), 'hex')),
		jsonb_build_object('request', r, 'signature', encode(test.sign('bot', 'web4:request:v1', r), 'hex')))) d;
SELECT is(pg_temp.send(r, test.sign('bot', 'web4:request:v1', r), jsonb_build_array(test.attest('w1', r, jsonb_build_object('nonce', r::jsonb ->> 'nonce')))), 'granted',
	'B18: the witness may use the requester''s nonce') FROM test.request('bot', 'write', 'data/b18') r;

-- --- C: money ------------------------------------------------------------------------

-- C3, P7: nothing is decided where a savepoint could take the record back
SELECT throws_ok($$SELECT test.ask('bot', 'read', 'data/x')$$, 'W4A06', NULL, 'C3: a decision inside an exception block');
SELECT throws_ok($$SELECT web4_authorize(test.lct('bot'), 'launch', 'data/x')$$, 'W4A06', NULL, 'C3: not even a denial');
SELECT throws_ok($$SELECT * FROM web4_authorize_many(jsonb_build_array(jsonb_build_object('requester', test.lct('bot'), 'action', 'read', 'resource', 'data/x')))$$, 'W4A06', NULL, 'C3: nor in a batch');
SAVEPOINT s;
SELECT throws_ok($$SELECT test.ask('bot', 'read', 'data/x', '1')$$, 'W4A06', NULL, 'C3: nor behind a savepoint');
RELEASE s;
SELECT is(pg_temp.available('bot'), '50'::atp, 'C3: nothing was spent');

-- C4, P14: amounts at the edges
SELECT is(test.verdict(web4_authorize(test.lct('alice'), 'read', 'data/x', c::atp)), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'C4: a cost of ' || c)
	FROM unnest('{-0.000001,-9223372036854.775808,4294967296.000001,9223372036854.775807}'::text[]) c;
SELECT is((SELECT array_agg(d.decision) FROM web4_authorize_many(jsonb_build_array(
	jsonb_build_object('requester', test.lct('alice'), 'action', 'read', 'resource', 'data/x', 'cost', -1),
	jsonb_build_object('requester', test.lct('alice'), 'action', 'read', 'resource', 'data/x', 'cost', '-0'))) d), '{denied,granted}', 'C4: negative and negative zero in a batch');
SELECT throws_ok(format('SELECT * FROM web4_authorize_many(%L)', jsonb_build_array(jsonb_build_object('requester', test.lct('alice'), 'action', 'read', 'resource', 'data/x', 'cost', c))),
	'W4A02', NULL, 'C4: a cost of ' || left(c::text, 40) || ' in a batch')
	FROM (VALUES ('1e1000'::jsonb), ('0.0000001'), ('"NaN"'), ('true'), ('[]'), (to_jsonb(repeat('9', 5000)))) v(c);
SELECT throws_ok(format('SELECT test.grant(''alice'', ''bot'', ''read'', ''data/*'', jsonb_build_object(%L::text, %L::text))', k, v), 'W4C15', NULL, format('C4: %s=%s', k, v))
	FROM (VALUES ('max_atp', '0'), ('max_atp', '-1'), ('max_atp', '01'), ('max_atp', '4294967296.000001'), ('max_atp', '9223372036854775807'), ('max_atp_per_action', '-0'),
		('max_actions', '1000000000001'), ('max_actions', '9223372036854775807'), ('max_actions', '1.5'), ('max_per_hour', '0'), ('max_per_hour', '1000001'), ('max_hops', '16'),
		('witness.min', '17'), ('trust.min', '1000001'), ('t3.talent.min', '-1'), ('v3.luck.min', '1'), ('society', 'acme'), ('role', 'Citizen'), ('role', repeat('a', 64)), ('max_atp_', '1')) c(k, v);
SELECT is(test.verdict(web4_authorize(test.lct('alice'), 'read', 'data/x', '1000.000001')), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'C4: the law''s cap');
SELECT is(pg_temp.available('alice'), '990'::atp, 'C4: all that spent nothing');

-- C15, D11: what comes back is what was granted, less what was spent, once
CREATE TEMP TABLE refund AS SELECT test.grant('alice', 'bot', 'read', 'ref/**', '{"max_atp": "100"}') AS root;
ALTER TABLE refund ADD child bytea, ADD grandchild bytea;
UPDATE refund SET child = test.grant('bot', 'bot2', 'read', 'ref/**', '{"max_atp": "60"}', root, lifetime => '50 min');
UPDATE refund SET grandchild = test.grant('bot2', 'bot3', 'read', 'ref/**', '{"max_atp": "25"}', child, lifetime => '40 min');
SELECT is(test.verdict(test.ask('bot', 'read', 'ref/x', '7', grant_hash => root)), 'granted', 'D11: 7 spent by the root') FROM refund;
SELECT is(test.verdict(test.ask('bot2', 'read', 'ref/x', '11', grant_hash => child)), 'granted', 'D11: 11 by the child') FROM refund;
SELECT is(test.verdict(test.ask('bot3', 'read', 'ref/x', '13', grant_hash => grandchild)), 'granted', 'D11: 13 by its child') FROM refund;
SELECT is(test.verdict(test.ask('bot', 'read', 'ref/x', '33.000001', grant_hash => root)), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'D11: what is promised to a child is not spent') FROM refund;
SELECT lives_ok(format('SELECT web4_grant_revoke(test.revocation(''bot'', %L))', child), 'D11: the child is revoked') FROM refund;
SELECT is((web4_grant(root)).available, '57'::atp, 'D11: 24 came back to its parent, its child still holds 12') FROM refund;
SELECT lives_ok(format('SELECT web4_grant_revoke(test.revocation(''alice'', %L))', root), 'D11: the root is revoked') FROM refund;
SELECT lives_ok(format('SELECT web4_grant_revoke(test.revocation(''bot2'', %L))', grandchild), 'D11: and the last, past two closed parents') FROM refund;
SELECT is(pg_temp.available('alice'), '959'::atp, 'D11: 990 less 7, 11 and 13') ;
SELECT is((SELECT array_agg(web4_grant_close(h)) FROM refund, unnest(ARRAY[root, child, grandchild]) h), '{0,0,0}'::atp[], 'D11: closing gives nothing more');
SELECT lives_ok(format('SELECT web4_grant_revoke(test.revocation(''alice'', %L))', child), 'D11: nor does a second revocation') FROM refund;
SELECT is(pg_temp.available('alice'), '959'::atp, 'D11: once');

-- --- D: delegation -----------------------------------------------------------------------

-- D1: every condition narrows
CREATE TEMP TABLE strict AS SELECT test.grant('alice', 'bot', 'read', 'data/s1/**',
	'{"max_atp": "20", "max_atp_per_action": "5", "max_actions": "10", "max_per_hour": "5", "max_hops": "2", "witness.min": "1", "trust.min": "400000", "t3.talent.min": "400000"}') AS hash;
CREATE FUNCTION pg_temp.narrow(changes jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT format('SELECT test.grant(''bot'', ''bot2'', ''read'', ''data/s1/x'', %L, %L, lifetime => ''30 min'')', jsonb_strip_nulls(
		'{"max_atp": "1", "max_atp_per_action": "1", "max_actions": "1", "max_per_hour": "1", "max_hops": "0", "witness.min": "1", "trust.min": "400000", "t3.talent.min": "400000"}' || changes), hash) FROM pg_temp.strict $$;
SELECT throws_ok(pg_temp.narrow(jsonb_build_object(k, v)), 'W4C15', NULL, format('D1, D3: %s %s', k, coalesce('widened', 'dropped')))
	FROM (VALUES ('max_atp_per_action', '6'), ('max_per_hour', '6'), ('witness.min', '0'), ('trust.min', '399999'), ('t3.talent.min', '0'), ('max_atp_per_action', NULL), ('max_per_hour', NULL),
		('witness.min', NULL), ('trust.min', NULL), ('t3.talent.min', NULL), ('max_hops', NULL), ('role', 'treasurer'), ('society', test.lct('acme')::text || 'x')) c(k, v);
SELECT throws_ok(pg_temp.narrow('{"max_hops": "2"}'), 'W4C13', NULL, 'D1: as many hops as the parent');
SELECT throws_ok(pg_temp.narrow('{"max_actions": "11"}'), 'W4C15', NULL, 'D1: more actions than the parent');
SELECT throws_ok(pg_temp.narrow('{"max_atp": "21"}'), 'W4C15', NULL, 'D1: more budget than the parent');
SELECT throws_ok(replace(pg_temp.narrow('{}'), 'data/s1/x', 'data/s1x'), 'W4C08', NULL, 'D2: data/s1 does not reach data/s1x');
SELECT throws_ok(replace(pg_temp.narrow('{}'), 'data/s1/x', 'data/s1'), 'W4C08', NULL, 'D2: nor itself, under data/s1/**');
SELECT lives_ok(pg_temp.narrow('{}'), 'D1: a child that narrows');

-- D1: children do not multiply an hourly limit
CREATE TEMP TABLE hourly AS SELECT test.grant('alice', 'bot', 'read', 'hour/**', '{"max_per_hour": "3"}') AS root;
ALTER TABLE hourly ADD c1 bytea, ADD c2 bytea;
UPDATE hourly SET c1 = test.grant('bot', 'bot2', 'read', 'hour/**', '{"max_per_hour": "3"}', root, lifetime => '50 min');
UPDATE hourly SET c2 = test.grant('bot', 'bot3', 'read', 'hour/**', '{"max_per_hour": "3"}', root, lifetime => '50 min');
SELECT is(test.verdict(test.ask('bot2', 'read', 'hour/x', grant_hash => c1)), 'granted', 'D1: one use by the first child') FROM hourly;
SELECT is(test.verdict(test.ask('bot3', 'read', 'hour/x', grant_hash => c2)), 'granted', 'D1: one by the second') FROM hourly;
SELECT is(test.verdict(test.ask('bot', 'read', 'hour/x', grant_hash => root)), 'granted', 'D1: one by the parent') FROM hourly;
SELECT is(test.verdict(test.ask('bot2', 'read', 'hour/x', grant_hash => c1)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'D1: three are all, for the first child') FROM hourly;
SELECT is(test.verdict(test.ask('bot3', 'read', 'hour/x', grant_hash => c2)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'D1: the second') FROM hourly;
SELECT is(test.verdict(test.ask('bot', 'read', 'hour/x', grant_hash => root)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'D1: and the parent') FROM hourly;
-- an interval can be longer and yet end later: a month less 28 days and 23 hours
SELECT cmp_ok(web4_prune('1 month -28 days -23 hours'), '>=', 0::bigint, 'P15: pruned by a crooked interval');
SELECT cmp_ok(web4_prune('-10 years'), '>=', 0::bigint, 'P15: and by a negative one');
SELECT is(test.verdict(test.ask('bot', 'read', 'hour/x', grant_hash => root)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'P15: the last hour is not forgotten') FROM hourly;

-- D4: no circles
CREATE TEMP TABLE circle AS SELECT test.grant('alice', 'bot', 'read', 'circle/**') AS hash;
SELECT throws_ok(format('SELECT test.grant(''bot'', ''bot'', ''read'', ''circle/**'', parent => %L, lifetime => ''30 min'')', hash), 'W4C12', NULL, 'D4: to oneself') FROM circle;
SELECT throws_ok(format('SELECT test.grant(''bot'', ''alice'', ''read'', ''circle/**'', parent => %L, lifetime => ''30 min'')', hash), 'W4C12', NULL, 'D4: back to the root') FROM circle;

-- D9, P6: the clock goes on inside a transaction
CREATE TEMP TABLE short AS SELECT test.grant('alice', 'bot', 'read', 'short/**', '{"max_atp": "3"}', lifetime => '300 ms') AS hash;
SELECT is(test.verdict(test.ask('bot', 'read', 'short/x', '1', grant_hash => hash)), 'granted', 'D9: before it expires') FROM short;
SELECT is(pg_sleep(0.35)::text, '', 'D9: while the transaction sleeps');
SELECT is(test.verdict(test.ask('bot', 'read', 'short/x', '1', grant_hash => hash)), 'denied delegation_expired W4_ERR_AUTHZ_EXPIRED', 'D9: now() stands still, the grant expires all the same') FROM short;
SELECT is(web4_grant_close(hash), '2'::atp, 'D9: what it had left is returned') FROM short;
SELECT is(test.verdict(test.ask('bot', 'read', 'short/x', grant_hash => hash)), 'denied delegation_expired W4_ERR_AUTHZ_EXPIRED', 'D9: closed') FROM short;

-- D12, D14: levels and times
SELECT throws_ok(format('SELECT test.token(''alice'', ''bot'', ''read'', ''data/*'', level => %s)', l), 'W4C01', NULL, 'D12: level ' || l) FROM unnest('{-1,5,255,256}'::int[]) l;
SELECT throws_ok($$SELECT test.token('alice', 'bot', 'read', 'data/*', lifetime => NULL)$$, 'W4C01', NULL, 'D14: only a refusal has no end');
SELECT throws_ok($$SELECT test.token('alice', 'bot', 'read', 'data/*', lifetime => '0')$$, 'W4C01', NULL, 'D14: no life at all');
SELECT throws_ok(format('SELECT test.token(''alice'', ''bot'', ''read'', ''data/*'', issued_at => %L)', t), 'W4C01', NULL, 'D14: issued at ' || t) FROM unnest('{-infinity,infinity,1970-01-01 00:00:00+00}'::text[]) t;

-- D16, P8: an issuer has one history, and nobody starts another for him
SELECT throws_ok($$SELECT web4_grant_register(test.token('alice', 'bot', 'read', 'data/*', previous => sha256('elsewhere')))$$, 'W4C22', NULL, 'P8: a second history');
SELECT throws_ok($$SELECT web4_grant_register(test.token('alice', 'bot', 'read', 'data/*', previous => web4_grant_head(test.lct('bot'))))$$, 'W4C22', NULL, 'P8: in somebody else''s');
SELECT throws_ok($$SELECT web4_grant_register(test.token('mallory', 'bot', 'read', 'data/*', previous => sha256('elsewhere')))$$, 'W4C22', NULL, 'P8: a first token that is none');
SELECT throws_ok(format('SELECT web4_grant_register(%L)', token), 'W4C22', NULL, 'P16: a revoked token is not taken in again') FROM refund, web4_grant(root);

-- P10: who loses what he handed out takes it along
SELECT lives_ok($$SELECT pg_temp.role('assign', 'treasurer', 'alice')$$, 'P10: alice becomes treasurer');
CREATE TEMP TABLE office AS SELECT test.grant('alice', 'bot', 'read', 'office/**', '{"role": "treasurer"}') AS hash;
SELECT is(test.verdict(test.ask('bot', 'read', 'office/x', grant_hash => hash)), 'granted', 'P10: and lets bot read for her') FROM office;
SELECT is(test.verdict(test.ask('bot', 'read', 'office/x', role => 'treasurer')), 'denied role_mismatch W4_ERR_AUTHZ_DENIED', 'P10: which makes bot no treasurer');
SELECT lives_ok($$SELECT pg_temp.role('withdraw', 'treasurer', 'alice')$$, 'P10: she loses the office');
SELECT is(test.verdict(test.ask('bot', 'read', 'office/x', grant_hash => hash)), 'denied delegation_expired W4_ERR_AUTHZ_DENIED', 'P10: and he what came with it') FROM office;

-- P35: a compromised key takes its grants along
SELECT isnt(test.mint('careless'), NULL, 'P35: somebody careless');
CREATE TEMP TABLE leaked AS SELECT test.grant('careless', 'bot', 'read', 'leak/**') AS hash, test.ts() AS since;
SELECT is(test.verdict(test.ask('bot', 'read', 'leak/x', grant_hash => hash)), 'granted', 'P35: whose grant works') FROM leaked;
SELECT lives_ok($$SELECT pg_temp.status('acme', 'careless', 'revoked', jsonb_build_object('reason', 'compromise', 'compromised_since', test.ts(clock_timestamp() - interval '1 min')))$$, 'P35: until his key is known to be lost');
SELECT is(test.verdict(test.ask('bot', 'read', 'leak/x', grant_hash => hash)), 'denied delegation_expired W4_ERR_AGY_REVOKED', 'P35: then it is dead') FROM leaked;
SELECT throws_ok($$SELECT test.grant('careless', 'bot', 'read', 'leak/**')$$, 'W4I02', NULL, 'P35: and he grants no more');
SELECT is(test.verdict(test.ask('careless', 'read', 'data/x')), 'denied invalid_lct W4_ERR_BINDING_REVOKED', 'P35: nor asks');

-- refusals: only parties count, and strangers cost nothing
CREATE TEMP TABLE veto AS SELECT test.grant('mallory', 'bot', 'read', 'data/**', level => 0, lifetime => NULL) AS hash;
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', '1', grant_hash => acme)), 'granted', 'a stranger''s refusal stops nobody else''s grant') FROM across;
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', grant_hash => test.grant('alice', 'bot', 'read', 'data/x'))), 'granted', 'nor a new one');
SELECT isnt(test.grant('mallory', 'bot', 'read', 'data/' || i, level => 0, lifetime => NULL), NULL, 'however many') FROM generate_series(1, 3) i;
SELECT is((SELECT indexdef FROM pg_indexes WHERE indexname = 'grants_refusal') LIKE '%(issuer, subject)%', true, 'a decision looks at refusals of its own parties only');
CREATE TEMP TABLE veto2 AS SELECT test.grant('alice', 'bot', 'read', 'data/x', level => 0, lifetime => NULL) AS hash;
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', '1', grant_hash => acme)), 'denied consent_refused W4_ERR_AUTHZ_DENIED', 'the issuer''s own refusal does, also after the grant') FROM across;
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x')), 'granted', 'but not what bot may do by himself');
SELECT isnt(test.grant('acme', 'bot', 'query', 'data/**', level => 0, lifetime => NULL), NULL, 'the society refuses bot');
SELECT is(test.verdict(test.ask('bot', 'query', 'data/x')), 'denied consent_refused W4_ERR_AUTHZ_DENIED', 'in one direction');
SELECT isnt(test.grant('bot2', 'acme', 'query', 'data/**', level => 0, lifetime => NULL), NULL, 'bot2 refuses the society');
SELECT is(test.verdict(test.ask('bot2', 'query', 'data/x')), 'denied consent_refused W4_ERR_AUTHZ_DENIED', 'and in the other');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', grant_hash => hash)), 'denied delegation_expired W4_ERR_ACP_NO_GRANT', 'a refusal is nothing to act on')
	FROM (SELECT sha256('none')) n(hash);
SELECT is(test.verdict(test.ask('alice', 'read', 'data/x', grant_hash => test.grant('bot3', 'alice', 'read', 'data/**', level => 0, lifetime => NULL))), 'denied role_mismatch W4_ERR_AUTHZ_SCOPE', 'not even when it is named as the grant');

-- --- E: witnesses --------------------------------------------------------------------

SELECT is(pg_temp.send(r, test.sign('bot', 'web4:request:v1', r), jsonb_build_array(test.attest('w1', r, jsonb_build_object('ts', test.ts(clock_timestamp() + interval '310 s'))))),
	'denied missing_witness W4_ERR_WITNESS_QUORUM', 'E10: an attestation from the future') FROM test.request('bot', 'write', 'data/e10') r;
SELECT throws_ok(format('SELECT test.ask(''bot'', ''write'', ''data/x'', attestations => (SELECT jsonb_agg(test.attest(''w1'', ''{"action":"write"}'')) FROM generate_series(1, 33)))'), 'W4W01', NULL, 'E11: a flood of attestations');
SELECT is(pg_temp.send(r, test.sign('bot', 'web4:request:v1', r), (SELECT jsonb_agg(test.attest('bot', q)) FROM generate_series(1, 31), (SELECT r) AS x(q)) || jsonb_build_array(test.attest('w2', r))), 'granted',
	'E11: junk does not bury the one that counts') FROM test.request('bot', 'write', 'data/e11') r;
-- P2: presenting somebody's attestation in vain does not use it up
CREATE TEMP TABLE kept AS SELECT r, test.attest('w3', r) AS a FROM web4_request_text(test.lct('bot'), 'write', 'data/kept', '60') r;
SELECT is(test.verdict(web4_authorize(test.lct('bot'), 'write', 'data/kept', '60', attestations => jsonb_build_array(a))), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'P2: denied for another reason') FROM kept;
SELECT lives_ok($$SELECT test.fund('bot', '20')$$, 'P2: after which there is enough');
SELECT is(test.verdict(web4_authorize(test.lct('bot'), 'write', 'data/kept', '60', attestations => jsonb_build_array(a))), 'granted', 'P2: the attestation still counts') FROM kept;
SELECT is(test.verdict(web4_authorize(test.lct('bot'), 'write', 'data/kept', '60', attestations => jsonb_build_array(a))), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'P1: but once') FROM kept;
SELECT is(test.verdict(web4_authorize(test.lct('bot'), 'write', 'data/kept', '0', attestations => jsonb_build_array(a))), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'P41: for this cost only') FROM kept;
-- E1: a deferred request is decided by what is true when it is resumed
CREATE TEMP TABLE waiting AS SELECT i, test.ask('bot', 'write', 'wait/' || i, '1') AS d FROM generate_series(1, 2) i;
SELECT is((d).decision, 'deferred', 'P16: deferred') FROM waiting;
SELECT lives_ok($$SELECT pg_temp.status('acme', 'w3', 'suspended')$$, 'P16: the witness is suspended');
SELECT is(test.verdict(web4_resume((d).decision_id, jsonb_build_array(test.attest('w3', p.request)))), 'deferred missing_witness W4_ERR_WITNESS_QUORUM', 'P16: and does not count')
	FROM waiting, web4_pending(test.lct('acme')) p WHERE i = 1 AND p.decision_id = (d).decision_id;
SELECT is(test.verdict(web4_resume((d).decision_id, jsonb_build_array(test.attest('w1', p2.request)))), 'deferred missing_witness W4_ERR_WITNESS_QUORUM', 'P41: approval of another deferred request')
	FROM waiting, web4_pending(test.lct('acme')) p2 WHERE i = 1 AND p2.decision_id = (SELECT (d).decision_id FROM waiting WHERE i = 2);
SELECT lives_ok($$SELECT pg_temp.status('acme', 'bot', 'suspended')$$, 'P16: the requester is suspended');
SELECT is(test.verdict(web4_resume((d).decision_id, jsonb_build_array(test.attest('w1', p.request)))), 'denied invalid_lct W4_ERR_BINDING_REVOKED', 'P16: and denied')
	FROM waiting, web4_pending(test.lct('acme')) p WHERE i = 1 AND p.decision_id = (d).decision_id;
SELECT lives_ok($$SELECT pg_temp.status('acme', 'bot', 'active')$$, 'P16: he comes back');
SELECT throws_ok(format('SELECT web4_resume(%L, ''[]'')', (d).decision_id), 'W4A04', NULL, 'P16: the denial was final') FROM waiting WHERE i = 1;
SELECT throws_ok(format('SELECT web4_redeem(%L)', (d).decision_id), 'W4A05', NULL, 'P7: what is deferred is not redeemed') FROM waiting WHERE i = 2;

-- a suspended society decides, grants and pays nothing
SELECT lives_ok($$SELECT pg_temp.status('acme', 'beta', 'suspended')$$, 'acme suspends beta');
SELECT is(test.verdict(test.ask('bea', 'read', 'data/x', society => 'beta')), 'denied invalid_lct W4_ERR_BINDING_REVOKED', 'its citizens are active, it is not');
SELECT is(test.verdict(web4_authorize(test.lct('bea'), 'read', 'data/x')), 'denied invalid_lct W4_ERR_BINDING_REVOKED', 'nor for an application');
SELECT throws_ok($$SELECT test.grant('bea', 'ben', 'read', 'data/**')$$, 'W4I02', NULL, 'no grants');
SELECT throws_ok($$SELECT web4_transfer(test.lct('beta'), test.lct('bea'), test.lct('ben'), '1')$$, 'W4I02', NULL, 'no transfers');
SELECT throws_ok($$SELECT * FROM web4_transfer_many(test.lct('beta'), jsonb_build_array(jsonb_build_object('from', test.lct('bea'), 'to', test.lct('ben'), 'amount', '1')))$$, 'W4I02', NULL, 'not even many');
SELECT throws_ok($$SELECT web4_lock(test.lct('beta'), test.lct('bea'), '1')$$, 'W4I02', NULL, 'no locks');
SELECT lives_ok($$SELECT pg_temp.status('acme', 'beta', 'active')$$, 'acme gives it back');
SELECT is(test.verdict(test.ask('bea', 'read', 'data/x', society => 'beta')), 'granted', 'and it decides again');

-- --- law ---------------------------------------------------------------------------------

SELECT throws_ok(format('SELECT test.law(%L, %L)', version, changes), 'W4L01', NULL, 'P28: ' || what) FROM (VALUES
	('two rules for one role, of which one would not count', '1.0.0', '{"roles": [{"role": "citizen", "allow": ["**"]}, {"role": "citizen", "deny": ["**"]}]}'::jsonb),
	('a version without numbers', '..', '{}'), ('a version with a hole', '1..0', '{}'), ('a version that does not end', '1.0.', '{}'), ('a version of four', '1.0.0.0', '{}'),
	('a threshold above one', '1.0.0', '{"actions": [{"action": "read", "threshold": "1.000000001"}]}'),
	('a threshold too fine', '1.0.0', '{"actions": [{"action": "read", "threshold": "0.0000000001"}]}'),
	('a threshold that is a number', '1.0.0', '{"actions": [{"action": "read", "threshold": 0}]}'),
	('a least cost above the most', '1.0.0', '{"actions": [{"action": "read", "cost": "2", "max_cost": "1"}]}'),
	('a negative cost', '1.0.0', '{"actions": [{"action": "read", "cost": "-1"}]}'),
	('a pattern with a wildcard inside', '1.0.0', '{"actions": [{"action": "a.*.b"}]}'),
	('roles as an object', '1.0.0', '{"roles": {}}'), ('a role without a name', '1.0.0', '{"roles": [{"allow": ["**"]}]}'),
	('an unknown limit', '1.0.0', '{"limits": {"admin_override": true}}'), ('decisions that live a year', '1.0.0', '{"limits": {"decision_ttl": 31536000}}')) v(what, version, changes);
SELECT throws_ok(format('SELECT test.law(''1.0.0'', %L)', jsonb_build_object('actions', (SELECT jsonb_agg(jsonb_build_object('action', 'a' || i)) FROM generate_series(1, 513) i))), 'W4L01', NULL, 'P42: 513 rules');

-- A law that is rolled back was never in force, whatever this session remembers.
SAVEPOINT law;
SELECT isnt(test.law('1.0.0', '{"roles": []}'), NULL, 'P32: a law without roles');
SELECT is((SELECT allowed FROM web4_law_explain(test.lct('acme'), 'citizen', 'read', 'data/x')), false, 'P32: allows nothing');
SAVEPOINT law2;
SELECT isnt(test.law('1.1.0', '{"roles": [{"role": "citizen", "allow": ["**"], "resources": []}]}'), NULL, 'P32: a law without resources');
SELECT is((SELECT allowed FROM web4_law_explain(test.lct('acme'), 'citizen', 'read', 'data/x')), false, 'P32: reaches nothing');
ROLLBACK TO law2;
SELECT is((SELECT version FROM web4_law_explain(test.lct('acme'), 'citizen', 'read', 'data/x') AS e(allowed, reason, threshold, witnesses, min_cost, max_cost, level, per_hour, version)), '1.0.0', 'P32: back to the first');
ROLLBACK TO law;
RELEASE law;
SELECT is(test.verdict(test.ask('bot3', 'read', 'data/x')), 'granted', 'P32: and to none');

-- at the threshold exactly, and one billionth above
SELECT isnt(test.law('1.0.0', '{"actions": [{"action": "read", "threshold": "0.5"}, {"action": "query", "threshold": "0.500000001"}, {"action": "dear", "cost": "2", "threshold": "0"}], "limits": {"witness_floor": "0.5"},
	"roles": [{"role": "citizen", "allow": ["**"], "per_hour": 3}]}'), NULL, 'a law');
SELECT is(test.verdict(test.ask('bot3', 'read', 'data/x')), 'granted', 'trust of exactly the threshold suffices');
SELECT is(test.verdict(test.ask('bot3', 'query', 'data/x')), 'denied insufficient_trust W4_ERR_AUTHZ_DENIED', 'a billionth less does not');
SELECT is(test.verdict(test.ask('bot3', 'dear', 'data/x', '0')), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'P17: the least cost counts, whatever the request says');
SELECT is(test.verdict(test.ask('bot3', 'read', 'data/x')), 'granted', 'P15: twice') UNION ALL SELECT is(test.verdict(test.ask('bot3', 'read', 'data/x')), 'granted', 'P15: three times');
SELECT is(test.verdict(test.ask('bot3', 'read', 'data/x')), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'P15: not four times');
SELECT is(test.verdict(web4_authorize(test.lct('bot3'), 'read', 'data/x', role => NULL)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'P15: not without a role either');
-- P15: what a role may do in an hour counts with and without grants, and whoever gives a grant gives no hours
CREATE TEMP TABLE lift AS SELECT test.grant('alice', 'bot3', 'read', 'lift/**') AS to_bot3, test.grant('alice', 'mallory', 'read', 'lift/**') AS to_mallory,
	test.grant('bot3', 'mallory', 'read', 'lift/**') AS another, test.grant('mallory', 'w1', 'read', 'lift/**') AS to_w1;
SELECT is(test.verdict(test.ask('bot3', 'read', 'lift/x', grant_hash => to_bot3)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'P15: used up directly, a grant does not help') FROM lift;
SELECT is(test.verdict(web4_check(test.lct('bot3'), 'read', 'lift/x', grant_hash => to_bot3)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'P15: as a check says') FROM lift;
SELECT is((SELECT array_agg(DISTINCT reason) FROM lift, web4_authorize_many(jsonb_build_array(jsonb_build_object('requester', test.lct('bot3'), 'action', 'read', 'resource', 'lift/x', 'grant_hash', encode(to_bot3, 'hex')))) d),
	'{rate_limit_exceeded}', 'P15: nor in a batch');
SELECT is(test.verdict(test.ask('mallory', 'read', 'lift/x', grant_hash => to_mallory)), 'granted', 'P15: one use under a grant') FROM lift;
SELECT is(test.verdict(test.ask('mallory', 'read', 'lift/x')), 'granted', 'P15: one without') FROM lift;
SELECT is(test.verdict(test.ask('mallory', 'read', 'lift/x', grant_hash => another)), 'granted', 'P15: and one under another grant') FROM lift;
SELECT is(test.verdict(test.ask('mallory', 'read', 'lift/x')), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'P15: are three; without a grant it is over') FROM lift;
SELECT is(test.verdict(test.ask('mallory', 'read', 'lift/x', grant_hash => g)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'P15: under a grant it is') FROM lift, unnest(ARRAY[to_mallory, another]) g;
SELECT is(test.verdict(test.ask('mallory', 'read', 'lift/x', grant_hash => test.grant('bot3', 'mallory', 'read', 'lift/**'))), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'P15: under a new one, too');
SELECT is(test.verdict(test.ask('w1', 'read', 'lift/x', grant_hash => to_w1)), 'granted', 'P15: an issuer who has no hours left does not use up those of others') FROM lift;
SELECT is_empty('SELECT * FROM web4_invariants()', 'P15: the uses agree with the log');
SELECT is((SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), 0::bigint, 'P15: counted under no lock that a stranger could hold');

-- --- F: inside PostgreSQL ----------------------------------------------------------------

-- Maintenance of a table runs its owner's functions in the session of whoever does it;
-- from PostgreSQL 17 on with an empty search_path, so names carry their schema.
CREATE ROLE web4_test_evil;
GRANT EXECUTE ON FUNCTION web4_transfer(lct, lct, lct, atp, text), web4_authorize(lct, text, text, atp, text, bytea, jsonb, jsonb),
	web4_check(lct, text, text, atp, text, bytea, jsonb, jsonb) TO web4_test_evil;
CREATE SCHEMA evil AUTHORIZATION web4_test_evil;
CREATE TABLE evil.ids AS SELECT test.lct('acme') AS acme, test.lct('alice') AS alice, test.lct('mallory') AS mallory;
GRANT SELECT ON evil.ids TO web4_test_evil;
CREATE FUNCTION evil.steal(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM public.web4_transfer(acme, alice, mallory, '5') FROM evil.ids;
	RETURN 1;
END $$;
CREATE FUNCTION evil.peek(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM public.web4_check(alice, 'read', 'data/x') FROM evil.ids;
	RETURN 1;
END $$;
CREATE TABLE evil.bait AS SELECT 1 AS i;
CREATE TABLE evil.lure AS SELECT 1 AS i;
ALTER TABLE evil.bait OWNER TO web4_test_evil;
ALTER TABLE evil.lure OWNER TO web4_test_evil;
SELECT throws_ok('CREATE INDEX ON evil.bait (evil.steal(i))', '42501', NULL, 'F1: a superuser who indexes a table pays for nobody');
SELECT throws_ok('CREATE MATERIALIZED VIEW evil.mv AS SELECT evil.steal(i) FROM evil.bait', '42501', NULL, 'F1: nor who fills a materialized view');
SELECT throws_ok('CREATE INDEX ON evil.lure (evil.peek(i))', 'W4A01', NULL, 'F1: nor does he ask for anybody');
SELECT is((web4_balance(test.lct('acme'), test.lct('mallory'))).available, NULL, 'F1: nothing was stolen');

-- names in front of ours change nothing
CREATE SCHEMA shadow;
CREATE FUNCTION shadow.yes(lct, lct) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR shadow.= (FUNCTION = shadow.yes, LEFTARG = lct, RIGHTARG = lct);
CREATE FUNCTION shadow.bytea_yes(bytea, bytea) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR shadow.= (FUNCTION = shadow.bytea_yes, LEFTARG = bytea, RIGHTARG = bytea);
CREATE FUNCTION shadow.sha256(bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT '\x00'::bytea $$;
CREATE FUNCTION shadow.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT '1999-01-01'::timestamptz $$;
CREATE TEMP TABLE grant_state AS SELECT * FROM web4.grant_state;
CREATE TEMP TABLE wanted AS SELECT r, test.sign('mallory', 'web4:request:v1', r) AS signature, web4_request_hash(r) AS hash, m, (SELECT count(*) FROM web4_grants_of(m)) AS n
	FROM test.lct('mallory') m, test.request('mallory', 'read', 'data/x', grant_hash => (SELECT acme FROM across)) r;
SET LOCAL search_path = shadow, pg_temp, pg_catalog, public;
SELECT is(web4_request_hash(r)::text, hash::text, 'F1: a shadowed sha256') FROM wanted;
SELECT is((SELECT count(*) FROM web4_grants_of(m)), n, 'F1: a shadowed operator') FROM wanted;
SELECT is((web4_authorize_signed(r, signature)).reason, 'role_mismatch', 'F1: a decision among shadows') FROM wanted;
RESET search_path;

-- a writer that failed leaves no open door
SELECT throws_ok($$SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('bot'), '100000')$$, 'W4E01', NULL, 'F19: a write that fails');
SELECT throws_ok(format('UPDATE web4.%I SET %s', t, c), 'W4V02', NULL, 'F5: ' || t) FROM (VALUES ('account', 'available = 1'), ('atp_lock', 'state = ''held'''), ('pool', 'settled = 0'),
	('grant_state', 'closed = false'), ('trust', 'seq = 0'), ('society', 'name = name'), ('entity', 'status = status')) v(t, c)
	WHERE EXISTS (SELECT FROM pg_class WHERE relname = t AND relnamespace = 'web4'::regnamespace AND (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM web4.' || t, false, true, '')))[1]::text::int > 0);
SELECT throws_ok(format('DELETE FROM web4.%I', t), NULL, NULL, 'F5: DELETE FROM ' || t) FROM unnest('{usage,law,journal,grant_revocation,evidence}'::text[]) t;

-- --- P42: batches ------------------------------------------------------------------------

SELECT is((SELECT count(*) FILTER (WHERE d.decision = 'granted') || ' of ' || count(*) FROM web4_authorize_many((SELECT jsonb_agg(jsonb_build_object('requester', test.lct('bot2'), 'action', 'launch', 'resource', 'data/' || i))
	FROM generate_series(1, 10000) i)) d), '3 of 10000', 'P42: ten thousand at once, as many of which are granted as the law allows in an hour');
SELECT throws_ok($$SELECT * FROM web4_authorize_many((SELECT jsonb_agg(0) FROM generate_series(1, 10001)))$$, 'W4A02', NULL, 'P42: not one more');
SELECT throws_ok(format('SELECT * FROM web4_authorize_many(%L)', jsonb_build_array(jsonb_build_object('requester', test.lct('bot'), 'action', 'read', 'resource', 'data/x') || extra)), 'W4A02', NULL, 'P43: a batch element with ' || extra::text)
	FROM (VALUES ('{"grant": "00"}'::jsonb), ('{"Role": "administrator"}'), ('{"signature": "00"}'), ('{"grant_hash": "00"}'), ('{"grant_hash": 1}'), ('{"role": ""}'), ('{"context": [1]}'), ('{"context": "x"}'), ('{"attestation": []}'), ('{"request": 1}')) v(extra);
SELECT throws_ok(format('SELECT web4_authorize(test.lct(''bot''), ''read'', ''data/x'', context => %L)', c), 'W4A02', NULL, 'P43: a context of ' || c) FROM unnest('{"[]","5","null","\"x\""}'::text[]) c;

-- D1: children do not multiply the law's hourly limit; D6: and nobody hangs any number of them on one grant
SELECT isnt(test.law('9.0.0', '{"limits": {"grant_per_hour": 2, "max_children": 2}}'), NULL, 'D6: a law with limits');
CREATE TEMP TABLE many AS SELECT test.grant('alice', 'bot', 'read', 'many/**') AS root;
ALTER TABLE many ADD c1 bytea, ADD c2 bytea;
UPDATE many SET c1 = test.grant('bot', 'bot2', 'read', 'many/**', '{}', root, lifetime => '50 min');
UPDATE many SET c2 = test.grant('bot', 'bot3', 'read', 'many/**', '{}', root, lifetime => '50 min');
SELECT throws_ok(format($$SELECT test.grant('bot', 'mallory', 'read', 'many/**', '{}', %L, lifetime => '50 min')$$, root), 'W4C13', NULL, 'D6: no third child') FROM many;
SELECT is(test.verdict(test.ask('bot2', 'read', 'many/x', grant_hash => c1)), 'granted', 'D1: one use by the first child') FROM many;
SELECT is(test.verdict(test.ask('bot3', 'read', 'many/x', grant_hash => c2)), 'granted', 'D1: one by the second') FROM many;
SELECT is(test.verdict(test.ask('bot2', 'read', 'many/x', grant_hash => c1)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'D1: two are all that the law allows, for a child') FROM many;
SELECT is(test.verdict(web4_check(test.lct('bot3'), 'read', 'many/x', grant_hash => c2)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'D1: a check knows it, too') FROM many;
SELECT is(test.verdict(test.ask('bot', 'read', 'many/x', grant_hash => root)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'D1: and for the root') FROM many;
SELECT is(test.verdict(test.ask('bot', 'read', 'many/x', grant_hash => test.grant('alice', 'bot', 'read', 'many/**'))), 'granted', 'D1: another root is another grant');
SELECT is_empty('SELECT * FROM web4_invariants()', 'D1: the uses agree with the log');
SELECT isnt(web4_grant_revoke(test.revocation('bot', c1)), NULL, 'D6: a child is revoked') FROM many;
SELECT throws_ok(format($$SELECT test.grant('bot', 'mallory', 'read', 'many/**', '{}', %L, lifetime => '50 min')$$, root), 'W4C13', NULL, 'D6: it counts nevertheless') FROM many;
SELECT throws_ok($$SELECT test.law('9.0.1', '{"limits": {"max_children": -1}}')$$, 'W4L01');

SELECT is_empty('SELECT * FROM web4_invariants()', 'every rule still holds');
SELECT is((SELECT bool_and(ok) FROM web4_check_conservation()), true, 'ATP is conserved');
SELECT * FROM finish();
ROLLBACK;
