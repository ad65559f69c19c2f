-- A tour of the room "identity": who an agent is.
--
-- Keys stay with their owners.  Here the helpers of test/lib/identity.sql play
-- the owners: test.sign('alice', ...) signs with alice's key, test.lct('alice')
-- is the identity that begins with it.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS web4 CASCADE;
DROP SCHEMA IF EXISTS test CASCADE;
CREATE EXTENSION web4;
\set ECHO none
\i test/lib/identity.sql
\set ECHO all
\set SHOW_CONTEXT never
\pset format unaligned

-- 1. The first society.  Its genesis certificate is signed by itself alone.
SELECT certificate::jsonb - 'birth_timestamp' - 'public_key' AS genesis
FROM web4_birth_certificate(NULL, test.pk('acme'), 'society', '{}', 'acme');
SELECT test.mint('alice', 'human');	-- nothing is born before there is a society
-- (founds "acme" and mints three witnesses, each witnessed by those before it)
SELECT test.society('acme') AS acme;
SELECT web4_society('acme') = test.lct('acme') AS found_by_name;
SELECT name, phase FROM web4.society;
SELECT string_agg(role, ', ' ORDER BY role) AS founder_fills FROM web4_roles(web4_society('acme'));

-- 2. A birth.  The certificate says who is born, where, and who saw it ...
CREATE TEMP TABLE draft AS
SELECT * FROM web4_birth_certificate(web4_society('acme'), test.pk('alice'), 'human',
	ARRAY[test.lct('w1'), test.lct('w2'), test.lct('w3')], alias => 'alice');
SELECT jsonb_object_keys(certificate::jsonb) AS member FROM draft;
SELECT convert_from(binding_message, 'UTF8') LIKE E'web4:lct:binding:v1\n' || lct || E'\nhuman\n%' AS subject_signs,
	convert_from(society_message, 'UTF8') = E'web4:birth:society:v1\n' || encode(cert_hash, 'hex') AS society_signs,
	(SELECT count(*) FROM jsonb_object_keys(witness_messages)) AS witnesses_sign
FROM draft;
-- ... the signatures make it an identity.
SELECT web4_mint(certificate, test.sign('acme', society_message),
	(SELECT jsonb_object_agg(test.lct(w), encode(test.sign(w, decode(witness_messages ->> test.lct(w)::text, 'hex')), 'hex'))
		FROM unnest(ARRAY['w1', 'w2', 'w3']) w),
	test.sign('alice', binding_message))
FROM draft;
SELECT society_name, entity_type, alias, status, key_version, cardinality(witnesses) AS witnesses
FROM web4_lct_info(web4_lct_by_alias(web4_society('acme'), 'alice'));

-- 3. What is refused: too few witnesses, a witness of itself, an alias that is taken, a second birth.
SELECT test.mint('bob', witnesses => '{w1,w2}');
SELECT test.mint('bob', witnesses => '{w1,w2,bob}');
SELECT test.mint('bob', alias => 'alice');
SELECT test.mint('alice', 'human');
SELECT test.mint('bob') = test.lct('bob') AS born;

-- 4. Signatures of an identity, and its DID.
SELECT * FROM web4_verify_lct(test.lct('bob'), 'hello', test.sign('bob', 'hello'));
SELECT * FROM web4_verify_lct(test.lct('bob'), 'hello', test.sign('alice', 'hello'));
SELECT * FROM web4_verify_lct(test.lct('nobody'), 'hello', test.sign('bob', 'hello'));
SELECT web4_did(test.lct('bob'));
SELECT jsonb_pretty(web4_did_document(test.lct('bob')));

-- 5. The next key: signed by the old one and the new one; both verify during the overlap.
SELECT web4_rotation(test.lct('bob'), test.pk('bob 2')) AS rotation \gset
SELECT web4_rotate_key(:'rotation', test.sign('bob', 'web4:rotation:v1', :'rotation'), test.sign('eve', 'web4:rotation:v1', :'rotation'));
SELECT web4_rotate_key(:'rotation', test.sign('bob', 'web4:rotation:v1', :'rotation'), test.sign('bob 2', 'web4:rotation:v1', :'rotation'));
SELECT web4_rotate_key(:'rotation', test.sign('bob', 'web4:rotation:v1', :'rotation'), test.sign('bob 2', 'web4:rotation:v1', :'rotation'));
SELECT version, status, valid_until - valid_from BETWEEN '24 h' AND '25 h' AS overlaps_a_day FROM web4_key_history(test.lct('bob'));
SELECT valid FROM web4_verify_lct(test.lct('bob'), 'hello', test.sign('bob', 'hello'));

-- 6. Roles.  The society makes alice its administrator.
SELECT test.act('web4_assign_role', 'acme', 'web4:role:v1', jsonb_build_object('action', 'assign', 'role', 'administrator',
	'holder', test.lct('alice'), 'primary', true, 'society', test.lct('acme'), 'signer', test.lct('acme')));
SELECT role, is_primary FROM web4_roles(test.lct('alice'));
SELECT test.act('web4_assign_role', 'bob 2', 'web4:role:v1', jsonb_build_object('action', 'assign', 'role', 'treasurer',
	'holder', test.lct('bob'), 'primary', true, 'society', test.lct('acme'), 'signer', test.lct('bob')));

-- 7. Lifecycle.  The administrator suspends bob, who cannot help himself.
SELECT test.act('web4_set_status', 'alice', 'web4:lct-revocation:v1', jsonb_build_object('actor', test.lct('alice'),
	'lct_id', test.lct('bob'), 'status', 'suspended', 'reason', 'violation'));
SELECT * FROM web4_verify_lct(test.lct('bob'), 'hello', test.sign('bob 2', 'hello'));
SELECT test.act('web4_set_status', 'bob 2', 'web4:lct-revocation:v1', jsonb_build_object('actor', test.lct('bob'),
	'lct_id', test.lct('bob'), 'status', 'active', 'reason', NULL));
SELECT test.act('web4_set_status', 'bob 2', 'web4:lct-revocation:v1', jsonb_build_object('actor', test.lct('bob'),
	'lct_id', test.lct('bob'), 'status', 'revoked', 'reason', 'compromise'));
SELECT test.act('web4_set_status', 'acme', 'web4:lct-revocation:v1', jsonb_build_object('actor', test.lct('acme'),
	'lct_id', test.lct('bob'), 'status', 'active', 'reason', NULL));
SELECT web4_did_document(test.lct('bob')) -> 'deactivated' AS deactivated;

-- 8. A society of its own, with a citizen from its parent.
SELECT test.mint('guild', 'society') = test.lct('guild') AS born;
SELECT test.act('web4_charter_society', 'acme', 'web4:charter:v1',
	jsonb_build_object('child', test.lct('guild'), 'name', 'guild', 'parent', test.lct('acme'))) = test.lct('guild')::text AS chartered;
SELECT test.act('web4_citizenship', 'guild', 'web4:citizenship:v1', jsonb_build_object('entity', test.lct('alice'),
	'society', test.lct('guild'), 'status', 'active', 'signer', test.lct('guild')));
SELECT s.name, r.role FROM web4_roles(test.lct('alice')) r JOIN web4.society s ON s.id = r.society ORDER BY 1, 2;
SELECT name, phase, parent = test.lct('acme') AS child_of_acme FROM web4.society ORDER BY name;

-- 9. The tables are nobody's to write, and a superuser who writes them all the same is found.
UPDATE web4.entity SET status = 'active' WHERE id = test.lct('bob');
SELECT * FROM web4.identity_invariants();
BEGIN;
ALTER TABLE web4.entity DISABLE TRIGGER USER;
UPDATE web4.entity SET status = 'active', status_reason = NULL WHERE id = test.lct('bob');
SELECT rule, detail FROM web4.identity_invariants() ORDER BY 1;
ROLLBACK;

-- 10. Every act is one leaf of the log.
SELECT kind, count(*) FROM web4.evidence GROUP BY kind ORDER BY kind;

DROP TABLE draft;
DROP SCHEMA test CASCADE;
DROP EXTENSION web4;
