-- A tour of trust: always of somebody in a role, and only by what was recorded.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS web4;
\set ECHO none
\i test/lib/identity.sql
-- The society "acme" and its citizen alice.
DO $$ BEGIN PERFORM test.society(); PERFORM test.mint('alice'); END $$;
\set ECHO all
SELECT test.lct('acme') AS acme, test.lct('alice') AS alice \gset

-- A citizen begins in the middle; of a stranger nothing is known, which is not the middle.
SELECT t3, v3, composite, known, seq FROM web4_trust(:'alice');
SELECT t3, v3, composite, known, seq FROM web4_trust(test.lct('nobody'));
-- Nor is anything known of alice in a role that she does not have.
SELECT t3, known FROM web4_trust(:'alice', 'treasurer');

-- The society signs an adjustment.
CREATE FUNCTION adjust(signer text, deltas jsonb, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT test.act('web4_trust_adjust', signer, 'web4:trust:v1', jsonb_build_object('society', test.lct('acme'), 'entity', test.lct('alice'),
		'signer', test.lct(signer), 'role', 'citizen', 'reason', 'report delivered', 'deltas', deltas) || more) $$;
SELECT adjust('acme', '{"talent": "0.02", "veracity": "0.1"}') IS NOT NULL AS adjusted;
SELECT t3, v3, composite, seq FROM web4_trust(:'alice');

-- Whoever loses trust must be told where to appeal.
SELECT adjust('acme', '{"temperament": "-0.05"}');
SELECT adjust('acme', '{"temperament": "-0.05"}', '{"appeal_path": "acme:appeal:7", "reason": "late"}') IS NOT NULL AS adjusted;
-- Nobody adjusts his own trust, and few may adjust that of others.
SELECT adjust('alice', '{"talent": "0.2"}');
SELECT adjust('w1', '{"talent": "0.2"}');

-- The state is the fold of the log, and the log never changes.
SELECT seq, talent, training, temperament, valuation, veracity, validity, reason FROM web4_trust_history(:'alice');
SELECT * FROM web4.trust_invariants();
UPDATE web4.trust SET t3 = '(1,1,1)';
DELETE FROM web4.trust_delta;
