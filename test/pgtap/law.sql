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
SELECT test.mint('alice', 'human'), test.mint('bot', 'ai');

-- the built-in law
SELECT is(web4_canonical(web4_default_law()), web4_default_law(), 'the default law is canonical');
SELECT is(encode(web4_law_hash(web4_default_law()), 'hex'),
	'a099997006d2697a99355dc4f6323e0baae9ad8074bda7f33bdd3f7206d3b963', 'its hash, computed outside the database');
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'read', 'x')).trust_threshold, 0::numeric, 'reading needs no trust');
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'delete', 'x')).witnesses, 3, 'deleting needs three witnesses');
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'delete.account', 'x')).consent_level, 3, 'sub-intents inherit through delete.**');
SELECT is((e.trust_threshold, e.witnesses, e.consent_level), (l.trust_threshold, l.witnesses, l.consent_level), action || ' is guarded below itself, too')
	FROM jsonb_array_elements(web4_default_law()::jsonb -> 'actions') a, LATERAL (SELECT a ->> 'action' AS action) n,
		web4_law_explain(test.lct('acme'), 'administrator', action, 'x') l, unnest('{.x,.all.at_once}'::text[]) below,
		web4_law_explain(test.lct('acme'), 'administrator', action || below, 'x') e WHERE action NOT LIKE '%*';
SELECT is((e.trust_threshold, e.witnesses, e.consent_level)::text, '(0.7,1,3)', 'so that no longer name moves funds cheaper') FROM web4_law_explain(test.lct('acme'), 'administrator', 'transfer_funds.all', 'x') e;
SELECT is((e.trust_threshold, e.witnesses, e.consent_level)::text, '(0.7,1,4)', 'nor changes permissions') FROM web4_law_explain(test.lct('acme'), 'administrator', 'change_permissions.root', 'x') e;
SELECT is((SELECT reason FROM web4_check(test.lct('acme'), 'transfer_funds.all', 'x', role => 'sovereign')), (SELECT reason FROM web4_check(test.lct('acme'), 'transfer_funds', 'x', role => 'sovereign')), 'and a decision says the same');
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'transfer_funds.all', 'x')).allowed, false, 'to citizens only the action itself is allowed');
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'admin_action', 'x')).allowed, false, 'citizens do not administer');
SELECT is((web4_law_explain(test.lct('acme'), 'administrator', 'admin_action', 'x')).allowed, true, 'administrators do');
SELECT is((web4_law_explain(test.lct('acme'), 'administrator', 'anything.at.all', 'x')).trust_threshold, 0.5, 'unlisted actions have threshold 0.5');
SELECT is((web4_law_explain(test.lct('acme'), 'no_such_role', 'read', 'x')).allowed, false, 'an unknown role may nothing');
SELECT throws_ok($$SELECT web4_law_explain(test.lct('bot'), 'citizen', 'read', 'x')$$, 'W4I10');

-- publishing
SELECT lives_ok($$SELECT test.law('1.0.0', '{"actions": [{"action": "read", "cost": "2", "level": 1, "threshold": "0"}]}')$$, 'the society publishes');
SELECT is((SELECT count(*) FROM web4_law(test.lct('acme'))), 1::bigint, 'one version');
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'read', 'x')).law_version, '1.0.0', 'in force at once');
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'read', 'x')).min_cost, '2'::atp, 'with its minimum cost');
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'deploy', 'x')).witnesses, 0, 'rules are replaced, not merged');
SELECT is((SELECT law_version FROM web4_authorize(test.lct('bot'), 'read', 'x')), '1.0.0', 'decisions name the law they used');
SELECT is((SELECT reason FROM web4_authorize(test.lct('bot'), 'read', 'x')), 'atp_budget_exceeded', 'the law''s minimum cost counts, not the claim of zero');

-- folding: the strictest of all matching rules
SELECT test.law('1.1.0', '{"actions": [{"action": "**", "threshold": "0.3", "witnesses": 1, "max_cost": "50"}, {"action": "pay.*", "cost": "1", "level": 3, "threshold": "0.2", "max_cost": "80"}],
	"roles": [{"role": "citizen", "allow": ["pay.*", "read"], "deny": ["pay.cash"], "resources": ["shop/**"], "threshold": "0.4", "max_cost": "40", "per_hour": 2}]}');
SELECT is((e.trust_threshold, e.witnesses, e.min_cost, e.max_cost, e.consent_level, e.per_hour)::text, '(0.4,1,1,40,3,2)', 'the strictest of every matching rule')
	FROM web4_law_explain(test.lct('acme'), 'citizen', 'pay.card', 'shop/a') e;
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'pay.cash', 'shop/a')).reason, 'the law denies the action to the role', 'deny wins over allow');
SELECT is((SELECT reason FROM web4_check(test.lct('bot'), 'pay.cash', 'shop/a')), 'law_violation', 'and is a law_violation');
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'read', 'bank/a')).allowed, false, 'a resource out of the role''s reach');
SELECT throws_ok($$SELECT test.grant('bot', 'alice', 'pay.*', 'shop/**')$$, 'W4I09', NULL, 'a pattern that includes what is denied cannot be granted');

-- hourly limit of a role
SELECT test.law('1.2.0', '{"actions": [{"action": "read", "threshold": "0"}], "roles": [{"role": "citizen", "allow": ["read"], "per_hour": 3}]}');
SELECT is(array_agg((SELECT decision || coalesce(' ' || reason, '') FROM web4_authorize(test.lct('bot'), 'read', 'shop/' || i))),
	'{granted,granted,granted,denied rate_limit_exceeded}', 'three an hour') FROM generate_series(1, 4) i;
SELECT is((SELECT decision FROM web4_authorize(test.lct('alice'), 'read', 'shop/x')), 'granted', 'for each requester');

-- policies of other rooms
SELECT test.law('1.3.0', '{"economy": {"fee_ppb": 50000000, "fee_bearer": "sender", "max_balance": "500"}, "identity": {"birth_quorum": 2}}');
SELECT is((SELECT fee_ppb FROM web4.economy_policy WHERE society = test.lct('acme')), 50000000::bigint, 'economy policy set');
SELECT is((SELECT birth_quorum FROM web4.identity_policy WHERE society = test.lct('acme')), 2, 'identity policy set');
SELECT lives_ok($$SELECT test.mint('young', 'ai', witnesses => '{w1,w2}')$$, 'and applied: two witnesses suffice');

-- refusals
SELECT throws_ok($$SELECT test.law('1.3.0', '{}')$$, 'W4L02', NULL, 'a version once');
SELECT throws_ok($$SELECT test.law('1.2.9', '{}')$$, 'W4L02', NULL, 'never backwards');
SELECT throws_ok($$SELECT test.law('1.4.0', '{"previous_hash": null}')$$, 'W4L02', NULL, 'must name its predecessor');
SELECT throws_ok($$SELECT test.law('1.4.0', '{}', signer => 'bot')$$, 'W4I09', NULL, 'a citizen cannot publish');
SELECT throws_ok($$SELECT test.law('1.4.0', jsonb_build_object('signer', test.lct('bot')))$$, 'W4K02', NULL, 'signed by somebody else');
SELECT throws_ok($$SELECT test.law('1.4.0', jsonb_build_object('ts', test.ts(clock_timestamp() - interval '1 hour')))$$, 'W4I06', NULL, 'stale');
SELECT throws_ok($$SELECT test.law('1.4', '{}')$$, 'W4L01', NULL, 'not a version');
SELECT throws_ok($$SELECT test.law('1.4.0', '{"actions": [{"action": "read", "colour": "red"}]}')$$, 'W4L01', NULL, 'an unknown member');
SELECT throws_ok($$SELECT test.law('1.4.0', '{"actions": [{"threshold": "0"}]}')$$, 'W4L01', NULL, 'a rule without action');
SELECT throws_ok($$SELECT test.law('1.4.0', '{"actions": [{"action": "Read"}]}')$$, 'W4L01', NULL, 'a malformed pattern');
SELECT throws_ok($$SELECT test.law('1.4.0', '{"actions": [{"action": "read", "threshold": "1.1"}]}')$$, 'W4L01', NULL, 'a threshold above 1');
SELECT throws_ok($$SELECT test.law('1.4.0', '{"actions": [{"action": "read", "threshold": 0.5}]}')$$, 'W4F05', NULL, 'a number with a fraction is not canonical');
SELECT throws_ok($$SELECT test.law('1.4.0', '{"actions": [{"action": "read", "cost": "-1"}]}')$$, 'W4L01', NULL, 'a negative cost');
SELECT throws_ok($$SELECT test.law('1.4.0', '{"limits": {"max_chain": 9}}')$$, 'W4L01', NULL, 'a limit out of range');
SELECT throws_ok($$SELECT test.law('1.4.0', '{"emergency": true}')$$, 'W4F07', NULL, 'an unknown member of the law');
SELECT throws_ok($$SELECT test.law('1.4.0', '{"economy": {"fee_ppb": 600000000}}')$$, 'W4F07', NULL, 'a fee above the cap');
SELECT throws_ok($$SELECT web4_law_publish('{', decode(repeat('00', 64), 'hex'))$$, 'W4F05');
SELECT throws_ok($$SELECT web4_law_publish('{}', '\x00')$$, 'W4K03');
SELECT is((SELECT version FROM web4_law(test.lct('acme')) LIMIT 1), '1.3.0', 'nothing of that was published');
SELECT throws_ok('UPDATE web4.law SET law = ''x''', 'W4V01');
SELECT throws_ok('DELETE FROM web4.law', 'W4V01');
SELECT throws_ok('INSERT INTO web4.law SELECT * FROM web4.law', 'W4V02');

-- a publication that is rolled back is forgotten
SAVEPOINT before;
SELECT test.law('9.0.0', '{}');
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'read', 'x')).law_version, '9.0.0', 'seen inside');
ROLLBACK TO before;
SELECT is((web4_law_explain(test.lct('acme'), 'citizen', 'read', 'x')).law_version, '1.3.0', 'gone after the rollback');

SELECT is_empty('SELECT * FROM web4.law_invariants()', 'no violation');
SELECT * FROM finish();
ROLLBACK;
