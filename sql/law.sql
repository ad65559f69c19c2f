-- Law: what an action needs, and who may say so.
\set VERBOSITY terse
\set ECHO none
\o /dev/null
\i test/lib/identity.sql
\i test/lib/authority.sql
SELECT test.society();
SELECT test.mint('alice', 'human');
\o
\set ECHO all
-- A society that has published nothing lives under the built-in law.
SELECT action, e.*
FROM unnest('{read,query.index,write,deploy,delete,admin_action,launch}'::text[]) action,
	web4_law_explain(test.lct('acme'), 'citizen', action, 'any/thing') e;

-- Its first law: canonical text, signed by the society over the text's hash.
SELECT web4_jcs(jsonb_build_object('v', 1, 'version', '1.0.0', 'society', test.lct('acme'), 'signer', test.lct('acme'),
	'previous_hash', null, 'nonce', test.nonce(), 'ts', test.ts(),
	'actions', jsonb_build_array(jsonb_build_object('action', 'pay.*', 'cost', '1', 'threshold', '0.4', 'witnesses', 1)),
	'roles', jsonb_build_array(jsonb_build_object('role', 'citizen', 'allow', jsonb_build_array('pay.*'), 'deny', jsonb_build_array('pay.cash'))))::text) AS law \gset
SELECT web4_law_publish(:'law', test.sign('acme', 'web4:law:publish:v1', encode(web4_law_hash(:'law'), 'hex'))) = web4_law_hash(:'law') AS published;
SELECT seq, version, signer = test.lct('acme') AS by_acme FROM web4_law(test.lct('acme'));
SELECT action, e.allowed, e.reason, e.trust_threshold, e.witnesses, e.min_cost
FROM unnest('{pay.card,pay.cash,read}'::text[]) action, web4_law_explain(test.lct('acme'), 'citizen', action, 'shop') e;

-- What nobody may: the same version again, another signer, an unknown member.
SELECT web4_law_publish(:'law', test.sign('acme', 'web4:law:publish:v1', encode(web4_law_hash(:'law'), 'hex')));
SELECT test.law('1.1.0', '{}', signer => 'alice');
SELECT test.law('1.1.0', '{"emergency": true}');
UPDATE web4.law SET version = '2.0.0';
