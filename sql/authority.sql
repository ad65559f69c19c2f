-- Authority: grants and decisions, as an application sees them.
\set VERBOSITY terse
\set ECHO none
\o /dev/null
\i test/lib/identity.sql
\i test/lib/authority.sql
SELECT test.society();
SELECT test.mint('alice', 'human'), test.mint('bot', 'ai'), test.mint('helper', 'ai');
SELECT test.fund('alice', '500');
CREATE FUNCTION test.show(web4_decision) RETURNS TABLE (decision text, reason text, code text, trust text, remaining atp, witnesses int)
LANGUAGE sql AS $$ SELECT $1.decision, $1.reason, $1.code, $1.trust_actual || ' of ' || $1.trust_required, $1.atp_remaining, $1.witnesses_required $$;
\o
\set ECHO all
-- A newcomer reads alone, asks for a witness to write, and is not trusted to deploy.
SELECT a.action, d.* FROM unnest('{read,write,deploy,launch}'::text[]) a(action), test.show(web4_authorize(test.lct('bot'), a.action, 'data/x')) d;

-- alice gives bot 100 ATP to read below data/, bot gives helper 30 of them for data/eu.
SELECT test.grant('alice', 'bot', 'read', 'data/**', '{"max_atp": "100"}') AS root \gset
SELECT test.grant('bot', 'helper', 'read', 'data/eu/*', '{"max_atp": "30"}', :'root', lifetime => '30 min') AS child \gset
SELECT budget, available, spent, reserved FROM web4_grant(:'root');
SELECT available FROM web4_balance(test.lct('acme'), test.lct('alice'));

-- bot signs its requests; each is one decision.
SELECT what, d.* FROM (VALUES
	('in scope', 'bot', 'read', 'data/x', '10'),
	('another resource', 'bot', 'read', 'other/x', '1'),
	('another action', 'bot', 'write', 'data/x', '1'),
	('over budget', 'bot', 'read', 'data/x', '61'),
	('somebody else''s grant', 'helper', 'read', 'data/x', '1'))
	v(what, who, action, resource, cost), test.show(test.ask(who, action, resource, cost, grant_hash => :'root')) d;
SELECT what, d.* FROM (VALUES ('the child''s own', 'data/eu/x', '12'), ('beyond it', 'data/us/x', '1')) v(what, resource, cost),
	test.show(test.ask('helper', 'read', resource, cost, grant_hash => :'child')) d;

-- The same bytes twice are a replay; somebody else's signature is a forgery.
SELECT test.request('bot', 'read', 'data/x', '1', grant_hash => :'root') AS request \gset
SELECT * FROM test.show(web4_authorize_signed(:'request', test.sign('bot', 'web4:request:v1', :'request')));
SELECT * FROM test.show(web4_authorize_signed(:'request', test.sign('bot', 'web4:request:v1', :'request')));
SELECT * FROM test.show(test.ask('bot', 'read', 'data/x', '1', grant_hash => :'root', signer => 'helper'));

-- A deferred request waits for its witness.
SELECT decision_id AS waiting FROM web4_authorize(test.lct('bot'), 'write', 'doc/7') \gset
SELECT request AS text FROM web4_pending(test.lct('acme')) WHERE decision_id = :'waiting' \gset
SELECT * FROM test.show(web4_resume(:'waiting', jsonb_build_array(test.attest('bot', :'text'))));
SELECT * FROM test.show(web4_resume(:'waiting', jsonb_build_array(test.attest('w1', :'text'))));
SELECT * FROM web4_resume(:'waiting', '[]');

-- The side that acts redeems a granted decision, once.
SELECT decision_id AS granted FROM test.ask('bot', 'read', 'data/x', '2', grant_hash => :'root') \gset
SELECT action, resource, atp_cost, role FROM web4_redeem(:'granted');
SELECT action, resource, atp_cost, role FROM web4_redeem(:'granted');

-- alice takes it back: the whole chain stops, and what is left comes home.
SELECT web4_grant_revoke(test.revocation('alice', :'root')) = :'root' AS revoked;
SELECT * FROM test.show(test.ask('bot', 'read', 'data/x', '1', grant_hash => :'root'));
SELECT * FROM test.show(test.ask('helper', 'read', 'data/eu/x', '1', grant_hash => :'child'));
SELECT web4_grant_close(:'child') AS returned;
SELECT available FROM web4_balance(test.lct('acme'), test.lct('alice'));

-- Everything above is on record, and the books balance.
SELECT decision, count(*) FROM web4_decisions GROUP BY decision ORDER BY decision;
SELECT total, granted, denied, deferred, success_rate, total_atp_cost, redeemed FROM web4_stat_authority WHERE requester = test.lct('bot');
SELECT supply, accounts, escrow, pool_adp, ok FROM web4_check_conservation();
SELECT * FROM web4_invariants();

-- Plain SQL does not get around it, not even the owner's.
UPDATE web4.grant_state SET escrow = escrow + 1, budget = budget + 1;
INSERT INTO web4.evidence SELECT * FROM web4.evidence LIMIT 1;
DELETE FROM web4.grants;
