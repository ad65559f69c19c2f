\set ECHO none
\set QUIET 1
\pset format unaligned
\pset tuples_only true
\set ON_ERROR_STOP true
BEGIN;
\i test/lib/identity.sql
\i test/lib/authority.sql
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT test.society();
SELECT test.mint('alice', 'human'), test.mint('bot', 'ai'), test.mint('bot2', 'ai'), test.mint('mallory', 'ai');
SELECT test.fund('alice', '1000');
SELECT test.fund('bot', '60');

-- --- direct requests: role, trust, cost, witnesses ---------------------------
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x')), 'granted', 'a newcomer reads alone');
SELECT is((test.ask('bot', 'read', 'data/x', '10')).atp_remaining, '50'::atp, 'a cost is taken from the requester''s account');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', '51')), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'over the account');
SELECT is((web4_balance(test.lct('acme'), test.lct('bot'))).available, '50'::atp, 'a denial spends nothing');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', '-5')), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'a negative cost is denied');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', '4294967297')), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'an overflowing cost is denied');
SELECT is(test.verdict(test.ask('alice', 'read', 'data/x', '1000.000001')), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'above the law''s cap per action');
SELECT is(test.verdict(test.ask('bot', 'launch', 'data/x')), 'denied role_mismatch W4_ERR_AUTHZ_DENIED', 'an action that the law allows nobody');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', '0', 'administrator')), 'denied role_mismatch W4_ERR_AUTHZ_DENIED', 'a role that the requester does not fill');
SELECT is(test.verdict(test.ask('bot', 'deploy', 'data/x')), 'denied insufficient_trust W4_ERR_AUTHZ_DENIED', 'trust below the threshold');
SELECT is((test.ask('bot', 'deploy', 'data/x')).trust_required, 0.7, 'the decision says what was required');
SELECT is((test.ask('bot', 'deploy', 'data/x')).trust_actual, 0.5, 'and what there was');
SELECT is(test.verdict(test.ask('bot', 'write', 'data/x', '1')), 'deferred missing_witness W4_ERR_WITNESS_REQUIRED', 'a newcomer needs a witness to write');
SELECT is((test.ask('bot', 'write', 'data/x', '1')).witnesses_required, 1, 'one witness');
SELECT is((web4_balance(test.lct('acme'), test.lct('bot'))).available, '50'::atp, 'a deferral spends nothing');

-- --- identity, freshness, replay --------------------------------------------
SELECT is(test.verdict(test.ask('nobody', 'read', 'data/x')), 'denied invalid_lct W4_ERR_BINDING_INVALID', 'an unknown requester');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', signer => 'mallory')), 'denied invalid_lct W4_ERR_CRYPTO_VERIFY', 'a request signed by somebody else');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', overrides => jsonb_build_object('ts', test.ts(clock_timestamp() - interval '301 s')))),
	'denied invalid_lct W4_ERR_BAD_TIMESTAMP', 'a stale request');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', overrides => jsonb_build_object('ts', test.ts(clock_timestamp() + interval '310 s')))),
	'denied invalid_lct W4_ERR_BAD_TIMESTAMP', 'a request from the future');
CREATE TEMP TABLE sent AS SELECT test.request('bot', 'read', 'data/x') AS request;
SELECT is(test.verdict(web4_authorize_signed(request, test.sign('bot', 'web4:request:v1', request))), 'granted', 'sent once') FROM sent;
SELECT is(test.verdict(web4_authorize_signed(request, test.sign('bot', 'web4:request:v1', request))),
	'denied invalid_lct W4_ERR_PROTO_REPLAY', 'replayed') FROM sent;
-- whose answer was lost asks what it was, and cannot be told what was not decided upon him
SELECT is((SELECT array_agg(d.decision || ' ' || (d.decision_id = web4_leaf_id(e.id, e.leaf_hash))) FROM web4_decision_of(request, test.sign('bot', 'web4:request:v1', request)) d,
	web4.evidence e WHERE e.nonce IS NOT NULL AND e.document = convert_to(E'web4:request:v1\n' || request, 'UTF8')), '{granted true}', 'the first answer') FROM sent;
SELECT is_empty(format('SELECT * FROM web4_decision_of(%L, %L)', request, test.sign('mallory', 'web4:request:v1', request)), 'not with another signature') FROM sent;
SELECT is_empty(format('SELECT * FROM web4_decision_of(%L, %L)', replace(request, 'data/x', 'data/z'), test.sign('bot', 'web4:request:v1', request)), 'not for another text') FROM sent;
SELECT is_empty(format('SELECT * FROM web4_decision_of(%L, %L)', r, test.sign('bot', 'web4:request:v1', r)), 'nothing was decided') FROM test.request('bot', 'read', 'data/x') r;
SELECT is_empty('SELECT * FROM web4_decision_of(NULL, NULL)', 'nothing was asked');
SELECT throws_ok($$SELECT web4_decision_of('no request', '\x00')$$, '22P02');
SELECT is(test.verdict(test.ask('mallory', 'read', 'data/x', overrides => jsonb_build_object('nonce', request::jsonb ->> 'nonce'))), 'granted',
	'nonces are each signer''s own') FROM sent;
-- a forged copy must not burn the nonce of the genuine request
CREATE TEMP TABLE burn AS SELECT test.request('bot', 'read', 'data/y') AS request;
SELECT is(test.verdict(web4_authorize_signed(request, test.sign('mallory', 'web4:request:v1', request))),
	'denied invalid_lct W4_ERR_CRYPTO_VERIFY', 'forged') FROM burn;
SELECT is(test.verdict(web4_authorize_signed(request, test.sign('bot', 'web4:request:v1', request))), 'granted', 'the genuine request still works') FROM burn;
-- a signature of another kind of document
SELECT is(test.verdict(web4_authorize_signed(r, test.sign('bot', 'web4:witness:v1', r))), 'denied invalid_lct W4_ERR_CRYPTO_VERIFY', 'signed under another domain')
	FROM test.request('bot', 'read', 'data/x') r;

-- --- malformed input is an error and writes nothing --------------------------
SELECT throws_ok($$SELECT web4_authorize_signed('{"action": "read"}', decode(repeat('00', 64), 'hex'))$$, 'W4F05');
SELECT throws_ok($$SELECT web4_authorize_signed('{"action":"read"}', decode(repeat('00', 64), 'hex'))$$, 'W4F07');
SELECT throws_ok($$SELECT web4_authorize_signed(test.request('bot', 'read', 'data/x', overrides => '{"admin_override": true}'), decode(repeat('00', 64), 'hex'))$$, 'W4F07');
SELECT throws_ok($$SELECT web4_authorize_signed(test.request('bot', 'Read', 'data/x'), decode(repeat('00', 64), 'hex'))$$, 'W4A02');
SELECT throws_ok($$SELECT web4_authorize_signed(test.request('bot', 'read.*', 'data/x'), decode(repeat('00', 64), 'hex'))$$, 'W4A02');
SELECT throws_ok($$SELECT web4_authorize_signed(test.request('bot', 'read', 'data/../etc'), decode(repeat('00', 64), 'hex'))$$, 'W4A02');
SELECT throws_ok($$SELECT web4_authorize_signed(test.request('bot', 'read', 'data/x'), '\x00')$$, 'W4K03');
SELECT throws_ok($$SELECT web4_authorize_signed(NULL, NULL)$$, 'W4A02');
SELECT throws_ok($$SELECT test.ask('bot', 'read', 'data/x', '1e3')$$, 'W4F07');
SELECT throws_ok($$SELECT test.ask('bot', 'read', 'data/x', overrides => '{"nonce": "c2hvcnQ="}')$$, 'W4F07');
SELECT throws_ok($$SELECT test.ask('bot', 'write', 'data/x', attestations => 'true')$$, 'W4W01');
SELECT throws_ok($$SELECT test.ask('bot', 'write', 'data/x', attestations => '[true]')$$, 'W4W01');
SELECT throws_ok($$SELECT test.ask('bot', 'write', 'data/x', attestations => '[{"text": "{}", "signature": "zz"}]')$$, 'W4W01');
SELECT throws_ok($$SELECT web4_authorize(NULL, 'read', 'x')$$, 'W4A02');
SELECT throws_ok($$SELECT web4_authorize(test.lct('bot'), 'read', 'data/x', grant_hash => '\x00')$$, 'W4K03');

-- --- grants ------------------------------------------------------------------
CREATE TEMP TABLE g AS SELECT
	test.grant('alice', 'bot', 'read', 'data/**', '{"max_atp": "100", "max_actions": "6"}', level => 3) AS hash;
SELECT is((web4_balance(test.lct('acme'), test.lct('alice'))).available, '900'::atp, 'a grant''s budget is set aside at once');
SELECT is((test.ask('bot', 'read', 'data/x', '10', grant_hash => hash)).atp_remaining, '90'::atp, 'read at 10 of 100: 90 remain') FROM g;
SELECT is((web4_balance(test.lct('acme'), test.lct('bot'))).available, '50'::atp, 'the subject''s own account is not touched');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', '91', grant_hash => hash)), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'over budget') FROM g;
SELECT is(test.verdict(test.ask('mallory', 'read', 'data/x', '1', grant_hash => hash)), 'denied role_mismatch W4_ERR_AUTHZ_DENIED', 'hijacked: the requester is not the subject') FROM g;
SELECT is(test.verdict(test.ask('bot', 'write', 'data/x', '1', grant_hash => hash)), 'denied role_mismatch W4_ERR_AUTHZ_DENIED', 'action out of scope') FROM g;
SELECT is(test.verdict(test.ask('bot', 'read', 'other/x', '1', grant_hash => hash)), 'denied role_mismatch W4_ERR_AUTHZ_SCOPE', 'resource out of scope') FROM g;
SELECT is(test.verdict(test.ask('bot', 'read', 'data', '1', grant_hash => hash)), 'denied role_mismatch W4_ERR_AUTHZ_SCOPE', 'data/** is not data') FROM g;
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', '1', grant_hash => sha256('no grant'))), 'denied delegation_expired W4_ERR_ACP_NO_GRANT', 'an unknown grant');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', '1', overrides => '{"delegation_id": "dlg:0001"}')), 'denied delegation_expired W4_ERR_ACP_NO_GRANT', 'a grant named by anything else');
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', '1', 'treasurer', grant_hash => hash)), 'denied role_mismatch W4_ERR_AUTHZ_DENIED', 'the grant is for another role') FROM g;

-- sub-delegation narrows, and its budget comes out of the parent's
CREATE TEMP TABLE c AS SELECT test.grant('bot', 'bot2', 'read', 'data/eu/*', '{"max_atp": "40", "max_actions": "2"}', hash, lifetime => '30 min') AS hash FROM g;
SELECT is((web4_grant(hash)).available, '50'::atp, 'the child''s 40 were reserved out of the parent''s 90') FROM g;
SELECT is((web4_grant(hash)).reserved, '40'::atp, 'and are shown as reserved') FROM g;
SELECT is((test.ask('bot2', 'read', 'data/eu/x', '15', grant_hash => hash)).atp_remaining, '25'::atp, 'the child spends its own') FROM c;
SELECT throws_ok(format('SELECT test.grant(''bot'', ''bot2'', ''read'', ''data/eu/*'', ''{"max_atp": "51", "max_actions": "1"}'', %L, lifetime => ''30 min'')', hash), 'W4C24', NULL,
	'a second child cannot be promised what the first one has') FROM g;
SELECT throws_ok(format('SELECT test.grant(''bot'', ''bot2'', ''write'', ''data/eu/*'', ''{"max_atp": "1", "max_actions": "1"}'', %L, lifetime => ''30 min'')', hash), 'W4C07', NULL, 'intent widened') FROM g;
SELECT throws_ok(format('SELECT test.grant(''bot'', ''bot2'', ''read'', ''other/*'', ''{"max_atp": "1", "max_actions": "1"}'', %L, lifetime => ''30 min'')', hash), 'W4C08', NULL, 'resource widened') FROM g;
SELECT throws_ok(format('SELECT test.grant(''bot'', ''bot2'', ''read'', ''data/eu/*'', ''{"max_atp": "1", "max_actions": "1"}'', %L, level => 4, lifetime => ''30 min'')', hash), 'W4C09', NULL, 'level raised') FROM g;
SELECT throws_ok(format('SELECT test.grant(''bot'', ''bot2'', ''read'', ''data/eu/*'', ''{"max_atp": "1", "max_actions": "1"}'', %L, lifetime => ''2 hours'')', hash), 'W4C10', NULL, 'window widened') FROM g;
SELECT throws_ok(format('SELECT test.grant(''bot'', ''bot2'', ''read'', ''data/eu/*'', ''{"max_atp": "1"}'', %L, lifetime => ''30 min'')', hash), 'W4C15', NULL, 'a constraint dropped') FROM g;
SELECT throws_ok(format('SELECT test.grant(''mallory'', ''bot2'', ''read'', ''data/eu/*'', ''{"max_atp": "1", "max_actions": "1"}'', %L, lifetime => ''30 min'')', hash), 'W4C12', NULL, 'issuer is not the parent''s subject') FROM g;
SELECT throws_ok($$SELECT test.grant('bot', 'bot2', 'read', 'data/eu/*', '{}', sha256('nothing'))$$, 'W4C19', NULL, 'parent not registered');
SELECT throws_ok($$SELECT test.grant('bot', 'bot2', 'launch', 'data/*')$$, 'W4I09', NULL, 'nobody grants what he may not do');
SELECT throws_ok($$SELECT test.grant('bot', 'bot2', 'read', 'data/*', '{"role": "administrator"}')$$, 'W4I09', NULL, 'nor in a role he does not fill');
SELECT throws_ok($$SELECT test.grant('bot', 'bot2', 'read', 'data/*', '{"exclude.geo": "US"}')$$, 'W4C15', NULL, 'an unknown constraint');
SELECT throws_ok($$SELECT test.grant('bot', 'bot2', 'read', 'data/*', '{"max_atp": "1e3"}')$$, 'W4C15', NULL, 'a malformed constraint');
SELECT throws_ok($$SELECT test.grant('bot2', 'bot', 'read', 'data/*', '{"max_atp": "5"}')$$, 'W4E01', NULL, 'a budget must be funded');
SELECT throws_ok($$SELECT web4_grant_register(test.token('alice', 'bot', 'read', 'data/*', signer => 'mallory'))$$, 'W4C03', NULL, 'signed with a key that is not the issuer''s');
SELECT throws_ok($$SELECT web4_grant_register(test.token('alice', 'bot', 'read', 'data/*', lifetime => '31 days'))$$, 'W4C10', NULL, 'lives too long for its level');
SELECT throws_ok($$SELECT web4_grant_register(test.token('alice', 'bot', 'read', 'data/*', issued_at => clock_timestamp() - interval '2 h'))$$, 'W4C05', NULL, 'expired before it came');
SELECT throws_ok($$SELECT web4_grant_register(test.token('alice', 'bot', 'read', 'data/*', issued_at => clock_timestamp() + interval '10 min'))$$, 'W4C04', NULL, 'from the future');
SELECT throws_ok($$SELECT web4_grant_register(test.token('alice', 'bot', 'read', 'data/*', previous => decode(repeat('00', 32), 'hex')))$$, 'W4C22', NULL, 'a fork of the issuer''s chain');
SELECT throws_ok(format('SELECT web4_grant_register(%L)', token), 'W4C22', NULL, 'registered twice') FROM g, web4_grant(hash);
SELECT throws_ok($$SELECT web4_grant_register(test.token('nobody', 'bot', 'read', 'data/*', previous => decode(repeat('00', 32), 'hex')))$$, 'W4I01', NULL, 'unknown issuer');
SELECT throws_ok($$SELECT test.grant('alice', 'alice', 'read', 'data/*')$$, 'W4C12', NULL, 'nobody grants to himself');

-- max_actions counts the parent's own uses and what children were promised
SELECT is((web4_grant(hash)).actions, 3::bigint, 'one use and two promised') FROM g;
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', grant_hash => hash)), 'granted', 'action 4 of 6') FROM g;
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', grant_hash => hash)), 'granted', 'action 5 of 6') FROM g;
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', grant_hash => hash)), 'granted', 'action 6 of 6') FROM g;
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', grant_hash => hash)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'no action left') FROM g;

-- chain depth: the default law allows four tokens
SELECT test.mint('d' || i) FROM generate_series(1, 5) i;
CREATE TEMP TABLE chain (i int, hash bytea);
INSERT INTO chain SELECT 1, test.grant('alice', 'd1', 'read', 'deep/**', lifetime => '1 hour');
INSERT INTO chain SELECT 2, test.grant('d1', 'd2', 'read', 'deep/**', parent => hash, lifetime => '50 min') FROM chain WHERE i = 1;
INSERT INTO chain SELECT 3, test.grant('d2', 'd3', 'read', 'deep/**', parent => hash, lifetime => '40 min') FROM chain WHERE i = 2;
INSERT INTO chain SELECT 4, test.grant('d3', 'd4', 'read', 'deep/**', parent => hash, lifetime => '30 min') FROM chain WHERE i = 3;
SELECT throws_ok(format('SELECT test.grant(''d4'', ''d5'', ''read'', ''deep/**'', parent => %L, lifetime => ''20 min'')', hash), 'W4C14', NULL, 'a chain of five is too deep') FROM chain WHERE i = 4;
SELECT throws_ok(format('SELECT test.grant(''d2'', ''d1'', ''read'', ''deep/**'', parent => %L, lifetime => ''20 min'')', hash), 'W4C12', NULL, 'no cycles') FROM chain WHERE i = 2;
SELECT is(test.verdict(test.ask('d4', 'read', 'deep/x', grant_hash => hash)), 'granted', 'the end of a chain of four') FROM chain WHERE i = 4;
SELECT test.act('web4_set_status', 'd2', 'web4:lct-revocation:v1', jsonb_build_object('actor', test.lct('d2'), 'lct_id', test.lct('d2'), 'reason', 'violation', 'status', 'suspended'));
SELECT is(test.verdict(test.ask('d4', 'read', 'deep/x', grant_hash => hash)), 'denied delegation_expired W4_ERR_AGY_REVOKED', 'suspending an issuer in the middle stops the chain') FROM chain WHERE i = 4;

-- splice: a token signed under one parent does not stand under another
CREATE TEMP TABLE wide AS SELECT test.grant('alice', 'bot', 'read', 'wide/**', level => 3) AS hash;
CREATE TEMP TABLE narrow AS SELECT test.grant('alice', 'bot', 'read', 'wide/a', level => 3) AS hash;
SELECT throws_ok(format('SELECT test.grant(''bot'', ''bot2'', ''read'', ''wide/b'', parent => %L, lifetime => ''30 min'')', hash), 'W4C08', NULL, 'wider than the parent it was signed under') FROM narrow;

-- revocation
SELECT throws_ok(format('SELECT web4_grant_revoke(test.revocation(''mallory'', %L))', hash), 'W4I09', NULL, 'a stranger cannot revoke') FROM g;
SELECT throws_ok($$SELECT web4_grant_revoke('\x00')$$, 'W4C01', NULL, 'a malformed record');
SELECT lives_ok(format('SELECT web4_grant_revoke(test.revocation(''alice'', %L))', hash), 'the root''s issuer revokes') FROM g;
SELECT is(test.verdict(test.ask('bot', 'read', 'data/x', grant_hash => hash)), 'denied delegation_expired W4_ERR_AGY_REVOKED', 'revoked') FROM g;
SELECT is(test.verdict(test.ask('bot2', 'read', 'data/eu/x', grant_hash => hash)), 'denied delegation_expired W4_ERR_AGY_REVOKED', 'and what hangs below it') FROM c;
SELECT is((web4_balance(test.lct('acme'), test.lct('alice'))).available, '950'::atp, 'its free escrow went back to the issuer');
SELECT is(web4_grant_close(hash), '25'::atp, 'anybody closes the dead child') FROM c;
SELECT is((web4_balance(test.lct('acme'), test.lct('alice'))).available, '975'::atp, 'past the closed parent to the issuer');
SELECT is(web4_grant_close(hash), '0'::atp, 'once') FROM c;
SELECT throws_ok(format('SELECT web4_grant_close(%L)', hash), 'W4I09', NULL, 'a living grant is not closed') FROM wide;
SELECT lives_ok(format('SELECT web4_grant_revoke(test.revocation(''bot'', %L, 4))', hash), 'a subject renounces') FROM narrow;

-- refusal (level 0) overrides
SELECT is(test.verdict(test.ask('bot', 'read', 'wide/x', grant_hash => hash)), 'granted', 'before the refusal') FROM wide;
CREATE TEMP TABLE veto AS SELECT test.grant('bot', 'alice', 'read.**', 'wide/**', level => 0, lifetime => NULL) AS hash;
SELECT is(test.verdict(test.ask('bot', 'read', 'wide/x', grant_hash => hash)), 'granted', 'read.** does not cover read') FROM wide;
CREATE TEMP TABLE veto2 AS SELECT test.grant('bot', 'alice', 'read', 'wide/**', level => 0, lifetime => NULL) AS hash;
SELECT is(test.verdict(test.ask('bot', 'read', 'wide/x', grant_hash => hash)), 'denied consent_refused W4_ERR_AUTHZ_DENIED', 'the executor''s refusal overrides the grant') FROM wide;
SELECT throws_ok(format('SELECT web4_grant_revoke(test.revocation(''alice'', %L))', hash), 'W4I09', NULL, 'only the refuser lifts a refusal') FROM veto2;
SELECT lives_ok(format('SELECT web4_grant_revoke(test.revocation(''bot'', %L))', hash)) FROM veto2;
SELECT is(test.verdict(test.ask('bot', 'read', 'wide/x', grant_hash => hash)), 'granted', 'lifted') FROM wide;

-- conditions
CREATE TEMP TABLE cond AS SELECT test.grant('alice', 'bot', 'read', 'cond/**', '{"trust.min": "600000"}') AS hash;
SELECT is(test.verdict(test.ask('bot', 'read', 'cond/x', grant_hash => hash)), 'denied insufficient_trust W4_ERR_AUTHZ_DENIED', 'trust.min') FROM cond;
CREATE TEMP TABLE cond2 AS SELECT test.grant('alice', 'bot', 'read', 'cond/**', '{"t3.talent.min": "500001"}') AS hash;
SELECT is(test.verdict(test.ask('bot', 'read', 'cond/x', grant_hash => hash)), 'denied insufficient_trust W4_ERR_AUTHZ_DENIED', 't3.talent.min') FROM cond2;
CREATE TEMP TABLE cond3 AS SELECT test.grant('alice', 'bot', 'read', 'cond/**', '{"witness.min": "2"}') AS hash;
SELECT is((test.ask('bot', 'read', 'cond/x', grant_hash => hash)).witnesses_required, 2, 'witness.min') FROM cond3;
CREATE TEMP TABLE cond4 AS SELECT test.grant('alice', 'bot', 'read', 'cond/**', '{"max_per_hour": "3"}') AS hash;
SELECT is(array_agg(test.verdict(test.ask('bot', 'read', 'cond/x', grant_hash => hash))),
	'{granted,granted,granted,denied rate_limit_exceeded W4_ERR_AUTHZ_RATE}', 'max_per_hour') FROM cond4, generate_series(1, 4);
CREATE TEMP TABLE cond5 AS SELECT test.grant('alice', 'bot', 'read', 'cond/**', '{"max_atp": "20", "max_atp_per_action": "5"}') AS hash;
SELECT is(test.verdict(test.ask('bot', 'read', 'cond/x', '6', grant_hash => hash)), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'max_atp_per_action') FROM cond5;
CREATE TEMP TABLE cond6 AS SELECT test.grant('alice', 'bot', 'read', 'cond/**', level => 1) AS hash;
SELECT is(test.verdict(test.ask('bot', 'read', 'cond/x', grant_hash => hash)), 'granted', 'consent level 1 reads') FROM cond6;
CREATE TEMP TABLE cond7 AS SELECT test.grant('alice', 'bot', 'write', 'cond/**', level => 1) AS hash;
SELECT is(test.verdict(test.ask('bot', 'write', 'cond/x', grant_hash => hash)), 'denied role_mismatch W4_ERR_AUTHZ_SCOPE', 'but does not write') FROM cond7;

-- --- the balance limit counts what waits in grants ----------------------------
SELECT test.mint('rich', 'human');
SELECT test.fund('rich', '100');
SELECT web4.economy_policy_set(test.lct('acme'), 0, 'sender', '100');
CREATE TEMP TABLE cap AS SELECT test.grant('rich', 'bot', 'read', 'data/**', '{"max_atp": "80"}', level => 3) AS root;
SELECT is((web4_balance(test.lct('acme'), test.lct('rich'))).available, '20'::atp, 'rich sets 80 of 100 aside');
SELECT throws_ok($$SELECT test.fund('rich', '1')$$, 'W4E06', NULL, 'which makes no room for a charge');
SELECT throws_ok($$SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('rich'), '1')$$, 'W4E06', NULL, 'nor for a transfer');
CREATE TEMP TABLE cap_child AS SELECT test.grant('bot', 'bot2', 'read', 'data/eu/*', '{"max_atp": "30"}', root, lifetime => '30 min') AS hash FROM cap;
SELECT throws_ok($$SELECT test.fund('rich', '1')$$, 'W4E06', NULL, 'what a child holds is still rich''s');
SELECT is(test.verdict(test.ask('bot2', 'read', 'data/eu/x', '5', grant_hash => hash)), 'granted', 'the child spends 5') FROM cap_child;
SELECT lives_ok($$SELECT test.fund('rich', '5')$$, 'so there is room for 5');
SELECT throws_ok($$SELECT test.fund('rich', '0.000001')$$, 'W4E06', NULL, 'and for no more');
SELECT web4.economy_policy_set(test.lct('acme'), 0, 'sender', '100', 'return');
SELECT is((credited, overflow)::text, '(0,3)', 'a transfer returns whole') FROM web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('rich'), '3');
SELECT is(credited, '3'::atp, 'nobody else''s room is touched, not the grants'' subject''s either')
FROM web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('bot2'), '3');
SELECT lives_ok(format('SELECT web4_grant_revoke(%L)', test.revocation('rich', root)), 'the grant is revoked') FROM cap;
SELECT is((web4_balance(test.lct('acme'), test.lct('rich'))).available, '75'::atp, 'what it held comes back');
SELECT is(credited, '0'::atp, 'what its child holds still counts') FROM web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('rich'), '3');
SELECT is(web4_grant_close(hash), '25'::atp, 'until it is closed') FROM cap_child;
SELECT is((web4_balance(test.lct('acme'), test.lct('rich'))).available, '100'::atp, 'nothing came over the limit');
SELECT is((SELECT count(*) FROM web4.grant_state WHERE funder = test.lct('rich')), 2::bigint, 'every grant of a chain says whose money it is');
SELECT web4.economy_policy_set(test.lct('acme'));

-- --- witnesses ---------------------------------------------------------------
CREATE TEMP TABLE w AS SELECT test.request('bot', 'write', 'doc/' || i) AS r, i FROM generate_series(1, 20) i;
CREATE FUNCTION test.witnessed(n int, VARIADIC a jsonb[]) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT test.verdict(web4_authorize_signed(r, test.sign('bot', 'web4:request:v1', r), to_jsonb(a))) FROM pg_temp.w WHERE i = n
$$;
CREATE FUNCTION test.r(n int) RETURNS text LANGUAGE sql STABLE AS $$ SELECT r FROM pg_temp.w WHERE i = n $$;
SELECT is(test.witnessed(1, test.attest('w1', test.r(1))), 'granted', 'witnessed');
SELECT is(test.witnessed(2, test.attest('w1', test.r(1))), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'an attestation to another request');
SELECT is(test.witnessed(3, test.attest('w1', test.r(3), signer => 'mallory')), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'forged');
SELECT is(test.witnessed(4, test.attest('bot', test.r(4))), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'self-witnessed');
SELECT is(test.witnessed(5, test.attest('nobody', test.r(5))), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'an unknown witness');
SELECT is(test.witnessed(6, test.attest('w1', test.r(6), '{"claims": {"action_type": "write", "result": "rejected"}}')), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'a witness who rejects');
SELECT is(test.witnessed(7, test.attest('w1', test.r(7), '{"claims": {"action_type": "read", "result": "approved"}}')), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'approval of another action');
SELECT is(test.witnessed(8, test.attest('w1', test.r(8), jsonb_build_object('ts', test.ts(clock_timestamp() - interval '10 min')))), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'a stale attestation');
SELECT is(test.witnessed(9, test.attest('w1', test.r(9), '{"type": "quality"}')), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'another type');
SELECT is(test.witnessed(10, test.attest('w1', test.r(10), jsonb_build_object('subject', test.lct('alice')))), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'another subject');
SELECT is(test.witnessed(11, test.attest('acme', test.r(11))), 'denied missing_witness W4_ERR_WITNESS_QUORUM', 'the society is a party');
CREATE TEMP TABLE two AS SELECT test.grant('alice', 'bot', 'write', 'two/**', '{"witness.min": "2"}') AS hash;
CREATE TEMP TABLE wt AS SELECT test.request('bot', 'write', 'two/' || i, grant_hash => hash) AS r, i FROM two, generate_series(1, 4) i;
SELECT is(test.verdict(web4_authorize_signed(r, test.sign('bot', 'web4:request:v1', r), jsonb_build_array(test.attest('w1', r), test.attest('w1', r)))),
	'denied missing_witness W4_ERR_WITNESS_QUORUM', 'one witness counts once') FROM wt WHERE i = 1;
SELECT is(test.verdict(web4_authorize_signed(r, test.sign('bot', 'web4:request:v1', r), jsonb_build_array(test.attest('w1', r), test.attest('alice', r)))),
	'denied missing_witness W4_ERR_WITNESS_QUORUM', 'the grant''s issuer is a party') FROM wt WHERE i = 2;
SELECT is(test.verdict(web4_authorize_signed(r, test.sign('bot', 'web4:request:v1', r), jsonb_build_array(test.attest('w1', r), test.attest('w2', r)))),
	'granted', 'two witnesses') FROM wt WHERE i = 3;
-- of a deferred request, first that it waits, then how it ended
CREATE TEMP TABLE slow AS SELECT r, test.sign('bot', 'web4:request:v1', r) AS signature FROM test.request('bot', 'write', 'doc/slow') r;
SELECT is(test.verdict(web4_authorize_signed(r, signature)), 'deferred missing_witness W4_ERR_WITNESS_REQUIRED', 'signed, without a witness') FROM slow;
SELECT is(d.decision, 'deferred', 'it waits') FROM slow, web4_decision_of(r, signature) d;
SELECT is(test.verdict(web4_resume(d.decision_id, jsonb_build_array(test.attest('w1', r)))), 'granted', 'witnessed later') FROM slow, web4_decision_of(r, signature) d;
SELECT is(d.decision || ' ' || (d.decision_id = p.final_id), 'granted true', 'its end') FROM slow, web4_decision_of(r, signature) d, web4.pending_decision p WHERE p.request = slow.r;
-- forged truthy context
SELECT is(test.verdict(web4_authorize(test.lct('bot'), 'write', 'doc/x', context => '{"witness_attestation": true, "admin_override": true, "trust": 1}')),
	'deferred missing_witness W4_ERR_WITNESS_REQUIRED', 'the context proves nothing');

-- deferred, resumed
CREATE TEMP TABLE later AS SELECT d.*, web4_request_text(test.lct('bot'), 'write', 'doc/later', '2') AS r
	FROM web4_authorize(test.lct('bot'), 'write', 'doc/later', '2') d;
SELECT is(decision, 'deferred') FROM later;
SELECT is(request, r, 'web4_pending shows what to attest to') FROM later, web4_pending(test.lct('acme')) p WHERE p.decision_id = later.decision_id;
SELECT is(test.verdict(web4_resume(decision_id, jsonb_build_array(test.attest('w1', r, signer => 'mallory')))), 'deferred missing_witness W4_ERR_WITNESS_QUORUM', 'junk leaves it deferred') FROM later;
SELECT is(test.verdict(web4_resume(decision_id, jsonb_build_array(test.attest('w1', r)))), 'granted', 'resumed with a witness') FROM later;
SELECT is((web4_balance(test.lct('acme'), test.lct('bot'))).available, '48'::atp, 'paid on the final decision');
SELECT throws_ok(format('SELECT web4_resume(%L, ''[]'')', decision_id), 'W4A04', NULL, 'one final decision') FROM later;
SELECT throws_ok($$SELECT web4_resume(sha256('nothing'), '[]')$$, 'W4A03');

-- --- applications speak for mapped requesters only ---------------------------
CREATE ROLE test_app;
GRANT EXECUTE ON FUNCTION web4_authorize(lct, text, text, atp, text, bytea, jsonb, jsonb), web4_check(lct, text, text, atp, text, bytea, jsonb, jsonb) TO test_app;
GRANT USAGE ON SCHEMA test TO test_app;
SET LOCAL ROLE test_app;
SELECT throws_ok(format('SELECT web4_authorize(%L, ''read'', ''data/x'')', l), 'W4A01', NULL, 'an unmapped role is refused') FROM (SELECT NULL) x, LATERAL (SELECT lct_from_public_key('\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')) y(l);
RESET ROLE;
SELECT web4_map_role('test_app', test.lct('acme'), test.lct('bot'));
SELECT is(test.verdict(web4_authorize(test.lct('bot'), 'read', 'data/x')), 'granted', 'vouched for');
CREATE TEMP TABLE ids AS SELECT test.lct('bot') AS bot, test.lct('alice') AS alice;
CREATE FUNCTION pg_temp.first_node(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	EXECUTE 'EXPLAIN (COSTS OFF) ' || query INTO line;
	RETURN line;
END $$;
CREATE TABLE many AS SELECT bot, alice, i FROM ids, generate_series(1, 1000) i;
ANALYZE many;
GRANT SELECT ON ids, many TO test_app;
GRANT EXECUTE ON FUNCTION test.verdict(web4_decision) TO test_app;
SET LOCAL ROLE test_app;
SELECT is(test.verdict(web4_authorize(bot, 'read', 'data/x')), 'granted', 'a mapped role speaks for its requester') FROM ids;
SELECT is(test.verdict(web4_check(bot, 'read', 'data/x')), 'granted', 'and checks') FROM ids;
SELECT throws_ok(format('SELECT web4_authorize(%L, ''read'', ''data/x'')', alice), 'W4A01', NULL, 'for nobody else') FROM ids;
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;
SELECT matches(pg_temp.first_node('SELECT web4_check(bot, ''read'', ''data/'' || i) FROM many'), 'Gather', 'a check above a parallel scan');
SELECT is(array_agg(DISTINCT decision), '{granted}', 'is answered') FROM (SELECT (web4_check(bot, 'read', 'data/' || i)).decision FROM many) c;
SELECT throws_ok('SELECT web4_check(alice, ''read'', ''data/'' || i) FROM many', 'W4A01', NULL, 'or refused, in the same words');
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT throws_ok('SELECT * FROM web4.evidence', '42501', NULL, 'tables are out of reach');
SELECT throws_ok('INSERT INTO web4.grant_state VALUES (NULL)', '42501', NULL, 'for writing, too');
SELECT throws_ok('SELECT web4_grant_close(''\x00'')', '42501', NULL, 'functions must be granted');
RESET ROLE;

-- --- behind a savepoint ---------------------------------------------------------
SELECT throws_ok($$SELECT test.ask('bot', 'read', 'data/x')$$, 'W4A06', NULL, 'an exception block could keep the answer and lose the record');
SET LOCAL web4.refuse_subtransactions = off;
SELECT lives_ok($$SELECT test.ask('bot', 'read', 'data/x')$$, 'a superuser may allow it');
SET LOCAL web4.refuse_subtransactions = on;
SET LOCAL ROLE test_app;
SELECT throws_ok('SET web4.refuse_subtransactions = off', '42501', NULL, 'nobody else');
RESET ROLE;

-- --- check reads only ----------------------------------------------------------
SELECT is((web4_check(test.lct('bot'), 'read', 'data/x', '5')).decision_id, NULL, 'a check has no id');
SELECT is((web4_balance(test.lct('acme'), test.lct('bot'))).available, '48'::atp, 'and spends nothing');
SELECT is(test.verdict(web4_check(test.lct('bot'), 'read', 'data/x', '49')), 'denied atp_budget_exceeded W4_ERR_AUTHZ_DENIED', 'but knows the balance');

-- --- batches -------------------------------------------------------------------
SELECT is(array_agg(decision || coalesce(' ' || reason, '')), '{granted,denied role_mismatch,granted,denied atp_budget_exceeded}', 'each decided by itself, in order')
FROM web4_authorize_many(jsonb_build_array(
	jsonb_build_object('requester', test.lct('bot'), 'action', 'read', 'resource', 'data/x'),
	jsonb_build_object('requester', test.lct('bot'), 'action', 'launch', 'resource', 'data/x'),
	jsonb_build_object('requester', test.lct('bot'), 'action', 'read', 'resource', 'data/x', 'cost', 30),
	jsonb_build_object('requester', test.lct('bot'), 'action', 'read', 'resource', 'data/x', 'cost', '30')));
SELECT is((SELECT decision FROM web4_authorize_many(jsonb_build_array(jsonb_build_object('request', r, 'signature', encode(test.sign('bot', 'web4:request:v1', r), 'hex'))))), 'granted', 'signed element')
	FROM test.request('bot', 'read', 'data/many') r;
SELECT throws_ok($$SELECT web4_authorize_many('{}')$$, 'W4A02');
SELECT throws_ok($$SELECT web4_authorize_many('[1]')$$, 'W4A02');
SELECT throws_ok($$SELECT web4_authorize_many('[{"requester": "x", "action": "read", "resource": "y"}]')$$, 'W4A02');

-- --- redeeming: in another transaction (isolation and cluster tests do that) ---
SELECT throws_ok(format('SELECT web4_redeem(%L)', (test.ask('bot', 'read', 'data/x')).decision_id), 'W4A05', NULL, 'not in the transaction that decided');
SELECT throws_ok($$SELECT web4_redeem(sha256('nothing'))$$, 'W4A03');
SELECT throws_ok($$SELECT web4_redeem('\x00')$$, 'W4K03');

-- --- NULL is no consent: a caller that acts unless there is an error must get one ---
SELECT throws_ok(call, 'W4A02', NULL, 'no ' || what) FROM (VALUES
	('decision to redeem', 'SELECT web4_redeem(NULL)'),
	('decision to redeem, in FROM', 'SELECT * FROM web4_redeem((SELECT decision_id FROM web4_decisions WHERE false))'),
	('decision to redeem, in PERFORM', 'DO $d$ BEGIN PERFORM web4_redeem(NULL); END $d$'),
	('decision to resume', $$SELECT web4_resume(NULL, '[]')$$),
	('attestations to resume with', $$SELECT web4_resume(sha256('nothing'), NULL)$$),
	('decision and attestations', 'SELECT * FROM web4_resume(NULL, NULL)'),
	('requests', 'SELECT * FROM web4_authorize_many(NULL)'),
	('requests, in the select list', 'SELECT web4_authorize_many(NULL)'),
	('requester', $$SELECT web4_authorize(NULL, 'read', 'data/x')$$),
	('action', $$SELECT web4_authorize(test.lct('bot'), NULL, 'data/x')$$),
	('resource', $$SELECT web4_authorize(test.lct('bot'), 'read', NULL)$$),
	('cost', $$SELECT web4_authorize(test.lct('bot'), 'read', 'data/x', NULL)$$),
	('requester to check', $$SELECT web4_check(NULL, 'read', 'data/x')$$),
	('cost to check', $$SELECT web4_check(test.lct('bot'), 'read', 'data/x', NULL)$$),
	('signed text', $$SELECT web4_authorize_signed(NULL, decode(repeat('00', 64), 'hex'))$$),
	('signature', $$SELECT web4_authorize_signed('{}', NULL)$$)) n(what, call);
SELECT is_empty($$SELECT oid::regprocedure FROM pg_proc WHERE proname ~ '^web4_(authorize|authorize_signed|authorize_many|check|resume|redeem)$' AND proisstrict$$,
	'nothing that decides is STRICT');

-- --- records, statistics ---------------------------------------------------------
SELECT is((SELECT count(*) FROM web4_decisions WHERE decision = 'granted' AND requester = test.lct('bot')),
	(SELECT granted FROM web4_stat_authority WHERE requester = test.lct('bot')), 'statistics count the log');
SELECT ok((SELECT bool_and(octet_length(decision_id) = 32) FROM web4_decisions), 'every decision has an id');
SELECT is((SELECT count(*) FROM web4_decisions WHERE code = 'W4_ERR_PROTO_REPLAY'), 1::bigint, 'denials are recorded, too');
SELECT is((SELECT success_rate FROM web4_stat_authority WHERE requester = test.lct('d4')), 0.5, 'success_rate = granted / total');

-- --- the owner cannot cheat with plain SQL ---------------------------------------
SELECT throws_ok('UPDATE web4.grant_state SET escrow = 1000000, budget = 1000000', 'W4V02');
SELECT throws_ok('UPDATE web4.grants SET intent = ''**''', 'W4V01');
SELECT throws_ok('DELETE FROM web4.grants', 'W4V01');
SELECT throws_ok('TRUNCATE web4.grants CASCADE', 'W4V01');
SELECT throws_ok('DELETE FROM web4.redemption', 'W4V01') WHERE EXISTS (SELECT 1 FROM web4.redemption);
SELECT throws_ok('INSERT INTO web4.redemption VALUES (sha256(''x''), now(), ''me'')', 'W4V02');
SELECT throws_ok('UPDATE web4.pending_decision SET final_id = NULL', 'W4V02');
SELECT throws_ok('INSERT INTO web4.usage VALUES (sha256(''x''), now(), 1)', 'W4V02');
SELECT cmp_ok(web4_prune('0'), '>=', 0::bigint, 'pruning keeps the last hour');
SELECT is(test.verdict(test.ask('bot', 'read', 'cond/x', grant_hash => hash)), 'denied rate_limit_exceeded W4_ERR_AUTHZ_RATE', 'so the limit still holds') FROM cond4;

SELECT is_empty('SELECT * FROM web4_invariants()', 'every rule still holds');
SELECT is((SELECT bool_and(ok) FROM web4_check_conservation()), true, 'ATP is conserved');
SELECT * FROM finish();
ROLLBACK;
