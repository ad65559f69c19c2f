-- identity: births, keys, lifecycle, roles, citizenship, reads, invariants.
BEGIN;
\set ON_ERROR_ROLLBACK off
\i test/lib/identity.sql
SELECT no_plan();

-- Sign any text as a birth certificate, independently of web4_birth_certificate(), and mint it.
CREATE FUNCTION pg_temp.mint_text(certificate text, name text, witnesses text[] DEFAULT '{w1,w2,w3}',
	society text DEFAULT 'acme', type text DEFAULT NULL) RETURNS lct LANGUAGE plpgsql AS $$
DECLARE
	hash text := encode(sha256(convert_to(E'web4:birth:v1\n' || certificate, 'UTF8')), 'hex');
	signatures jsonb;
BEGIN
	SELECT coalesce(jsonb_object_agg(test.lct(w)::text, encode(test.sign(w, 'web4:birth:witness:v1', test.lct(w)::text || E'\n' || hash), 'hex')), '{}')
		INTO signatures FROM unnest(witnesses) w;
	RETURN web4_mint(certificate, test.sign(society, 'web4:birth:society:v1', hash), signatures,
		test.sign(name, 'web4:lct:binding:v1', (certificate::jsonb ->> 'lct_id') || E'\n' ||
			coalesce(type, certificate::jsonb ->> 'entity_type') || E'\n' || (certificate::jsonb ->> 'birth_timestamp')));
END $$;

-- A birth certificate with members replaced; "-" removes one.
CREATE FUNCTION pg_temp.edited(name text, changes jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT web4_jcs(jsonb_object_agg(key, value)::text)
	FROM test.birth(name) b, jsonb_each(b.certificate::jsonb || changes) WHERE value <> '"-"'
$$;

CREATE FUNCTION pg_temp.hex(h text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(h, 'hex') $$;

-- before the first society ----------------------------------------------------

SELECT throws_ok($$SELECT test.mint('early', witnesses => '{}')$$, 'W4V04', NULL, 'nothing is minted before the first society');
SELECT throws_ok($$SELECT web4_bootstrap_society('Bad Name')$$, 'W4I04', NULL, 'names of societies are plain');
SELECT throws_ok($$SELECT web4_bootstrap_society(NULL)$$, '22004', NULL, 'a society has a name');
SELECT throws_ok($$SELECT web4_bootstrap_society('acme', test.pk('acme'))$$, 'W4I04', NULL, 'an outside key needs a certificate');

CREATE FUNCTION pg_temp.bootstrap(name text, type text DEFAULT 'society', alias text DEFAULT 'acme', witnesses lct[] DEFAULT '{}',
	society lct DEFAULT NULL, signer text DEFAULT 'acme', binder text DEFAULT 'acme', at timestamptz DEFAULT NULL) RETURNS lct
LANGUAGE sql AS $$
	SELECT web4_bootstrap_society(name, test.pk('acme'), d.certificate, test.sign(signer, d.society_message), test.sign(binder, d.binding_message))
	FROM web4_birth_certificate(society, test.pk('acme'), type, witnesses, alias, at => at) d
$$;
SELECT throws_ok($$SELECT pg_temp.bootstrap('acme', type => 'human')$$, 'W4I04', NULL, 'the first society is of type society');
SELECT throws_ok($$SELECT pg_temp.bootstrap('other')$$, 'W4I04', NULL, 'its name is inside the signed certificate');
SELECT throws_ok($$SELECT pg_temp.bootstrap('acme', witnesses => ARRAY[test.lct('w1')])$$, 'W4I04', NULL, 'nobody can witness the first birth');
SELECT throws_ok($$SELECT pg_temp.bootstrap('acme', society => test.lct('w1'))$$, 'W4I04', NULL, 'the first society issues its own certificate');
SELECT throws_ok($$SELECT pg_temp.bootstrap('acme', signer => 'w1')$$, 'W4K02', NULL, 'the society must sign');
SELECT throws_ok($$SELECT pg_temp.bootstrap('acme', binder => 'w1')$$, 'W4K02', NULL, 'the subject must sign');
SELECT throws_ok($$SELECT pg_temp.bootstrap('acme', at => now() - interval '10 minutes')$$, 'W4I06', NULL, 'a genesis certificate is fresh');

CREATE ROLE web4_test_nobody;
GRANT USAGE ON SCHEMA test TO web4_test_nobody;
GRANT EXECUTE ON FUNCTION web4_bootstrap_society(text, bytea, text, bytea, bytea) TO web4_test_nobody;
SET LOCAL ROLE web4_test_nobody;
SELECT throws_ok($$SELECT web4_bootstrap_society('acme')$$, '42501', NULL, 'only the owner of the extension founds the first society');
SELECT throws_ok($$SELECT * FROM web4.entity$$, '42501', NULL, 'the tables are not readable');
SELECT throws_ok($$SELECT web4_mint('', '', '{}', '')$$, '42501', NULL, 'minting is not for everybody');
RESET ROLE;

-- bootstrap phase ---------------------------------------------------------------

SELECT is(pg_temp.bootstrap('acme'), test.lct('acme'), 'the first society is founded');
SELECT throws_ok($$SELECT web4_bootstrap_society('again')$$, 'W4I03', NULL, 'there is one first society');
SELECT is(web4_society('acme'), test.lct('acme'), 'it is found by name');
SELECT is((SELECT phase FROM web4.society), 'bootstrap', 'it begins in the bootstrap phase');
SELECT is((SELECT array_agg(role ORDER BY role) FROM web4_roles(test.lct('acme'))),
	'{administrator,archivist,citizen,law_oracle,policy_entity,sovereign,treasurer}', 'the founder fills the seven base roles');
SELECT throws_ok($$SELECT test.mint('w1', 'human', witnesses => '{acme}')$$, 'W4I05', NULL, 'the society does not witness its own births');
SELECT throws_ok($$SELECT test.mint('w1', 'human', witnesses => '{w1}')$$, 'W4I05', NULL, 'nobody witnesses his own birth');
SELECT throws_ok($$SELECT web4_mint_many(jsonb_agg(jsonb_build_object('certificate', b.certificate,
		'society_signature', encode(b.society_signature, 'hex'), 'witness_signatures', b.witness_signatures,
		'binding_signature', encode(b.binding_signature, 'hex'))))
	FROM unnest('{w1,w2}'::text[]) n, test.birth(n, 'human', witnesses => '{}') b$$, 'W4I05', NULL,
	'a batch does not multiply the births without witnesses');
SELECT lives_ok($$SELECT test.mint('w1', 'human', witnesses => '{}')$$, 'the first citizen has no witness');
SELECT throws_ok($$SELECT test.mint('w2', 'human', witnesses => '{}')$$, 'W4I05', NULL, 'the second must have the first');
SELECT lives_ok($$SELECT test.mint('w2', 'human', witnesses => '{w1}')$$, 'the second citizen has one witness');
SELECT throws_ok($$SELECT test.mint('w3', 'human', witnesses => '{w2}')$$, 'W4I05', NULL, 'the third must have both');
SELECT lives_ok($$SELECT test.mint('w3', 'human', witnesses => '{w1,w2}')$$, 'the third citizen has two witnesses');
SELECT is((SELECT phase FROM web4.society), 'operational', 'with a quorum of possible witnesses the society is operational');

-- certificates: golden text ----------------------------------------------------

CREATE TEMP TABLE golden AS
SELECT d.* FROM web4_birth_certificate(
	'lct:web4:mb32:b72asyextvngonlc5w2nmguxza3frweppip5thyss5577kurghceq',
	pg_temp.hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'), 'Human',
	'{lct:web4:mb32:bnshymb635byhpjrkfgim4b6zjkxxjhpxn6d3tdvxq2tncdyda5sq,lct:web4:mb32:bcc5gqlek2e2rhfy6rnliqgvlrplqfo4ao6lozkazgldtlkknnzwq,lct:web4:mb32:bcms3qugcq4mrn2xcapyo7q6itb7wjzpdzwzhm6pg2h5jpaedk7ta}',
	rights => '{presence,interact,accumulate_reputation}', at => '2026-01-15 10:30:00+00') d;
SELECT is(certificate, '{"birth_context":"platform","birth_timestamp":"2026-01-15T10:30:00Z","birth_witnesses":["lct:web4:mb32:bcc5gqlek2e2rhfy6rnliqgvlrplqfo4ao6lozkazgldtlkknnzwq","lct:web4:mb32:bcms3qugcq4mrn2xcapyo7q6itb7wjzpdzwzhm6pg2h5jpaedk7ta","lct:web4:mb32:bnshymb635byhpjrkfgim4b6zjkxxjhpxn6d3tdvxq2tncdyda5sq"],"citizen_role":"lct:web4:role:citizen:platform","entity_type":"human","issuing_society":"lct:web4:mb32:b72asyextvngonlc5w2nmguxza3frweppip5thyss5577kurghceq","law_hash":"0000000000000000000000000000000000000000000000000000000000000000","law_version":"v1.0.0","lct_id":"lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q","obligations":["abide_law","respect_quorum"],"public_key":"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a","rights":["accumulate_reputation","interact","presence"],"v":1}',
	'A4: certificate text') FROM golden;
SELECT is(encode(cert_hash, 'hex'), '0b76b9c56f86e737fa41bda1fa93067594bd7d233d309a53f0febb54c9d6d4a8', 'A4: certificate hash') FROM golden;
SELECT is(encode(web4_sign(society_message, (web4_keypair(decode(repeat('07', 32), 'hex'))).secret_key), 'hex'),
	'ee221a3a182d1fa5338f293272474b1801ea8e55c0d9569c0de6fe0c5b6591bed58689742ead9947ffe6b81291cd74cdd177a593ac57d7659b934b66bbade10b',
	'A4: society signature') FROM golden;
SELECT is(encode(web4_sign(decode(witness_messages ->> 'lct:web4:mb32:bcms3qugcq4mrn2xcapyo7q6itb7wjzpdzwzhm6pg2h5jpaedk7ta', 'hex'),
		(web4_keypair(decode(repeat('22', 32), 'hex'))).secret_key), 'hex'),
	'e14e5c33c5592fca46941c3f56d8693890c27780bcef4130eee212ce923f6f7b6329aee8d30ea28660028f78e805e51ec8d55d299249f4c02febc4803b2d7108',
	'A4: witness signature') FROM golden;
SELECT is(encode(sha256(binding_message), 'hex'), 'eabaed7c6b993da157ee6961c54bbeb63a4a01318bba4bbf24fc94b07a37238b', 'A2: binding message') FROM golden;

SELECT is((web4_birth_certificate(NULL, test.pk('x'), word, '{}')).certificate::jsonb ->> 'entity_type', type, word || ' means ' || type)
FROM (VALUES ('AI', 'ai'), ('ai_agent', 'ai'), ('Agent', 'ai'), ('ai_software', 'ai'), ('ai_embodied', 'ai'), ('org', 'organization'),
	('TEAM', 'organization'), ('device', 'device'), ('infrastructure', 'infrastructure')) v (word, type);
SELECT is((web4_birth_certificate(NULL, test.pk('x'), 'ai', '{}', rights => '{exist}')).certificate::jsonb ->> 'rights', '["presence"]',
	'exist is an older word for presence');
SELECT throws_ok(format('SELECT web4_birth_certificate(%s)', args), state, NULL, 'no certificate: ' || args)
FROM (VALUES
	($$NULL, test.pk('x'), 'robot', '{}'$$, 'W4I04'),
	($$NULL, NULL, 'ai', '{}'$$, 'W4I04'),
	($$NULL, '\x00', 'ai', '{}'$$, 'W4K03'),
	($$NULL, test.pk('x'), 'ai', ARRAY[test.lct('w1'), test.lct('w1')]$$, 'W4I04'),
	($$NULL, test.pk('x'), 'ai', ARRAY[test.lct('w1'), NULL]$$, 'W4I04'),
	($$NULL, test.pk('x'), 'ai', ARRAY(SELECT test.lct('w' || i) FROM generate_series(1, 33) i)$$, 'W4F09'),
	($$NULL, test.pk('x'), 'ai', '{}', 'Bad Alias'$$, 'W4I04'),
	($$NULL, test.pk('x'), 'ai', '{}', birth_context => 'moon'$$, 'W4I04'),
	($$NULL, test.pk('x'), 'ai', '{}', rights => '{a,a}'$$, 'W4I04'),
	($$NULL, test.pk('x'), 'ai', '{}', rights => '{"a b"}'$$, 'W4I04'),
	($$NULL, test.pk('x'), 'ai', '{}', at => 'infinity'$$, 'W4I04'),
	($$NULL, test.pk('x'), 'ai', '{}', at => '1999-01-01'$$, 'W4I04'),
	($$NULL, test.pk('x'), 'ai', '{}', law_version => 'one"'$$, 'W4I04'),
	($$NULL, test.pk('x'), 'ai', '{}', law_hash => '\x01'$$, 'W4K03')) v (args, state);

-- births: what is refused ---------------------------------------------------------

SELECT lives_ok($$SELECT pg_temp.mint_text(certificate, 'alice') FROM test.birth('alice', 'human')$$, 'a birth, signed independently');
SELECT is(web4_lct_by_alias(test.lct('acme'), 'alice'), test.lct('alice'), 'found by alias');
SELECT throws_ok($$SELECT test.mint('alice', 'human', alias => 'alice-again')$$, 'W4I03', NULL, 'an identity is born once');
SELECT throws_ok($$SELECT test.mint('bob', alias => 'alice')$$, 'W4I03', NULL, 'an alias is given once in a society');
SELECT throws_ok($$SELECT test.mint('bob', witnesses => '{w1,w2}')$$, 'W4I05', NULL, 'two witnesses are too few');
SELECT throws_ok($$SELECT test.mint('bob', witnesses => '{w1,w2,acme}')$$, 'W4I05', NULL, 'the society is no witness');
SELECT throws_ok($$SELECT test.mint('bob', witnesses => '{w1,w2,bob}')$$, 'W4I05', NULL, 'the subject is no witness');
SELECT throws_ok($$SELECT test.mint('bob', witnesses => '{w1,w2,stranger}')$$, 'W4I05', NULL, 'a stranger is no witness');
SELECT throws_ok($$SELECT test.mint('bob', witnesses => '{w1,w2,w2}')$$, 'W4I04', NULL, 'a witness counts once');
SELECT throws_ok($$SELECT pg_temp.mint_text(certificate, 'bob', '{w1,w2}') FROM test.birth('bob')$$, 'W4I05', NULL, 'every declared witness must sign');
SELECT throws_ok($$SELECT pg_temp.mint_text(certificate, 'bob', '{w1,w2,w3,alice}') FROM test.birth('bob')$$, 'W4I04', NULL, 'nobody else signs');
SELECT throws_ok($$SELECT web4_mint(certificate, society_signature, witness_signatures || jsonb_build_object(test.lct('w3'),
	witness_signatures -> test.lct('w2')::text), binding_signature) FROM test.birth('bob')$$, 'W4K02', NULL, 'a witness signs for itself');
SELECT throws_ok($$SELECT web4_mint(b.certificate, b.society_signature, o.witness_signatures, b.binding_signature)
	FROM test.birth('bob') b, test.birth('carol') o$$, 'W4K02', NULL, 'a witness signature is for one birth');
SELECT throws_ok($$SELECT web4_mint(b.certificate, o.society_signature, b.witness_signatures, b.binding_signature)
	FROM test.birth('bob') b, test.birth('carol') o$$, 'W4K02', NULL, 'a society signature is for one birth');
SELECT throws_ok($$SELECT web4_mint(b.certificate, b.society_signature, b.witness_signatures, o.binding_signature)
	FROM test.birth('bob') b, test.birth('carol') o$$, 'W4K02', NULL, 'a binding is for one birth');
SELECT throws_ok($$SELECT pg_temp.mint_text(certificate, 'bob', type => 'human') FROM test.birth('bob')$$, 'W4K02', NULL, 'the subject binds itself to its type');
SELECT throws_ok($$SELECT test.mint('bob', society => 'nowhere')$$, 'W4I10', NULL, 'an unknown society');
SELECT throws_ok($$SELECT test.mint('bob', society => 'alice')$$, 'W4I10', NULL, 'an identity that is no society');
SELECT throws_ok($$SELECT web4_mint(certificate, society_signature, witness_signatures, binding_signature)
	FROM test.birth('bob', society_signer => 'w1')$$, 'W4K02', NULL, 'another key than the society''s');
SELECT throws_ok($$SELECT web4_mint(certificate, society_signature, witness_signatures, binding_signature)
	FROM test.birth('bob', at => clock_timestamp() - interval '301 s')$$, 'W4I06', NULL, 'a stale certificate');
SELECT throws_ok($$SELECT web4_mint(certificate, society_signature, witness_signatures, binding_signature)
	FROM test.birth('bob', at => clock_timestamp() + interval '301 s')$$, 'W4I06', NULL, 'a certificate of the future');
SELECT throws_ok($$SELECT web4_mint(certificate, society_signature, witness_signatures, binding_signature)
	FROM test.birth('bob', at => clock_timestamp() - interval '200 s')$$, 'W4I05', NULL, 'a birth backdated to before its witnesses');
SELECT throws_ok(format('SELECT pg_temp.mint_text(%L, %L)', replace(certificate, '"v":1', '"v": 1'), 'bob'), 'W4F05', NULL, 'white space is not canonical')
FROM test.birth('bob');
SELECT throws_ok(format('SELECT web4_mint(%L, %L, %L, %L)', certificate || repeat(' ', 20000), society_signature, witness_signatures, binding_signature),
	'W4F09', NULL, 'a certificate is not endless') FROM test.birth('bob');
SELECT throws_ok(format('SELECT pg_temp.mint_text(pg_temp.edited(%L, %L), %L)', 'bob', change, 'bob'), 'W4I04', NULL, 'refused: ' || change)
FROM unnest(ARRAY['{"v": 2}', '{"v": "-"}', '{"extra": 1}', '{"rights": "-"}', '{"rights": "presence"}', '{"rights": ["b", "a"]}',
	'{"rights": ["a", "a"]}', '{"rights": [1]}', '{"obligations": ["Bad"]}', '{"entity_type": "AI"}', '{"entity_type": "agent"}',
	'{"birth_context": "moon"}', '{"citizen_role": "lct:web4:role:sovereign:platform"}', '{"law_hash": "00"}', '{"law_version": ""}',
	'{"alias": ""}', '{"alias": "-x"}', '{"alias": 7}', '{"hardware_binding_hash": "AB"}', '{"parent_entity": "me"}', '{"genesis_block_hash": null}',
	'{"birth_timestamp": "2026-01-15"}', '{"birth_timestamp": "2026-01-15T10:30:00.100000Z"}', '{"issuing_society": "acme"}',
	'{"birth_witnesses": ["w1"]}', '{"birth_witnesses": {}}']) AS change;
SELECT throws_ok($$SELECT pg_temp.mint_text(pg_temp.edited('bob', jsonb_build_object('lct_id', test.lct('carol'))), 'bob')$$, 'W4I04', NULL,
	'the identity is the hash of the key');
SELECT throws_ok($$SELECT pg_temp.mint_text(pg_temp.edited('bob', jsonb_build_object('issuing_society', test.lct('bob'))), 'bob', society => 'bob')$$,
	'W4I04', NULL, 'no self-issued certificate');
SELECT throws_ok($$SELECT pg_temp.mint_text(pg_temp.edited('bob', jsonb_build_object('parent_entity', test.lct('nobody'))), 'bob')$$,
	'W4I01', NULL, 'an unknown parent');
SELECT throws_ok($$SELECT web4_mint(d.certificate, test.sign('acme', d.society_message), (SELECT jsonb_object_agg(test.lct(w)::text,
		encode(test.sign(w, decode(d.witness_messages ->> test.lct(w)::text, 'hex')), 'hex')) FROM unnest('{w1,w2,w3}'::text[]) w),
		decode(repeat('00', 64), 'hex'))
	FROM web4_birth_certificate(test.lct('acme'), decode('01' || repeat('00', 31), 'hex'), 'ai',
		ARRAY[test.lct('w1'), test.lct('w2'), test.lct('w3')]) d$$, 'W4K01', NULL, 'a key of small order');
SELECT throws_ok($$SELECT web4_mint(certificate, '\x00', witness_signatures, binding_signature) FROM test.birth('bob')$$, 'W4K03', NULL, 'a signature has 64 bytes');
SELECT throws_ok(format('SELECT web4_mint(certificate, society_signature, %L, binding_signature) FROM test.birth(%L)', junk, 'bob'), 'W4I04', NULL,
	'witness signatures: ' || junk)
FROM unnest(ARRAY['[]', '1', '{"w1": "00"}', format('{"%s": "00"}', test.lct('w1')), format('{"%s": [1]}', test.lct('w1')),
	format('{"%s": {"a": {}}}', test.lct('w1'))]) AS junk;
SELECT is((SELECT count(*) FROM web4.entity WHERE alias = 'bob'), 0::bigint, 'nothing of all this left anything behind');

SELECT lives_ok($$SELECT web4_mint(certificate, society_signature, witness_signatures, binding_signature)
	FROM test.birth('device-1', 'device', hardware => sha256('tpm'))$$, 'a birth bound to hardware');
SELECT throws_ok($$SELECT web4_mint(certificate, society_signature, witness_signatures, binding_signature)
	FROM test.birth('device-2', 'device', hardware => sha256('tpm'))$$, 'W4I03', NULL, 'hardware carries one identity');
SELECT lives_ok($$SELECT web4_mint(certificate, society_signature, witness_signatures, binding_signature)
	FROM test.birth('bob', witnesses => '{w1,w2,w3,alice}')$$, 'more witnesses than needed');
SELECT is((SELECT witnesses FROM web4_lct_info(test.lct('bob'))), (SELECT array_agg(test.lct(w) ORDER BY test.lct(w)::text COLLATE "C") FROM unnest('{w1,w2,w3,alice}'::text[]) w),
	'the witnesses are on record');

-- batches -------------------------------------------------------------------------

CREATE FUNCTION pg_temp.batch(names text[]) RETURNS jsonb LANGUAGE sql AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('certificate', b.certificate, 'society_signature', encode(b.society_signature, 'hex'),
		'witness_signatures', b.witness_signatures, 'binding_signature', encode(b.binding_signature, 'hex')) ORDER BY o), '[]')
	FROM unnest(names) WITH ORDINALITY n (name, o), test.birth(name) b
$$;
SELECT is(web4_mint_many(pg_temp.batch('{m1,m2,m3}')), ARRAY[test.lct('m1'), test.lct('m2'), test.lct('m3')], 'a batch, in order');
SELECT is(web4_mint_many('[]'), '{}'::lct[], 'an empty batch');
SELECT is(cardinality(web4_mint_many(pg_temp.batch(ARRAY(SELECT 'many' || i FROM generate_series(1, 300) i)))), 300, 'more than one chunk');
SELECT throws_ok($$SELECT web4_mint_many(pg_temp.batch('{m4,m4}'))$$, 'W4I03', NULL, 'the same birth twice');
SELECT throws_ok($$SELECT web4_mint_many(pg_temp.batch('{m5,m1}'))$$, 'W4I03', NULL, 'one that exists');
SELECT is((SELECT count(*) FROM web4.entity WHERE alias IN ('m4', 'm5')), 0::bigint, 'a batch is all or nothing');
SELECT throws_ok(format('SELECT web4_mint_many(%L)', junk), 'W4I04', NULL, 'batch: ' || junk)
FROM unnest(ARRAY['{}', '1', '[1]', '[[]]', '[{}]', '[{"certificate": 1, "society_signature": 1, "witness_signatures": 1, "binding_signature": 1}]',
	'[{"society_signature": "", "witness_signatures": {}, "binding_signature": "", "other": ""}]']) AS junk;
SELECT throws_ok($$SELECT web4_mint_many((SELECT jsonb_agg(i) FROM generate_series(1, 10001) i))$$, 'W4F09', NULL, 'a batch is not endless');

-- keys ----------------------------------------------------------------------------

CREATE FUNCTION pg_temp.rotate(name text, old_key text, new_key text, changes jsonb DEFAULT '{}',
	old_signer text DEFAULT NULL, new_signer text DEFAULT NULL) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	document text;
BEGIN
	SELECT web4_jcs(jsonb_object_agg(key, value)::text) INTO document
	FROM jsonb_each(web4_rotation(test.lct(name), test.pk(new_key))::jsonb || jsonb_build_object('old_public_key', encode(test.pk(old_key), 'hex')) || changes)
	WHERE value <> '"-"';
	RETURN web4_rotate_key(document, test.sign(coalesce(old_signer, old_key), 'web4:rotation:v1', document),
		test.sign(coalesce(new_signer, new_key), 'web4:rotation:v1', document));
END $$;

SELECT is((SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(web4_rotation(test.lct('alice'), test.pk('alice.2'))::jsonb) k),
	'{from_version,issued_at,lct_id,new_public_key,nonce,old_public_key,overlap_until,to_version,v}', 'A8: members of a rotation');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', old_signer => 'bob')$$, 'W4K02', NULL, 'the old key must sign');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', new_signer => 'alice')$$, 'W4K02', NULL, 'the new key must sign');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'bob', 'alice.2')$$, 'W4K02', NULL, 'somebody else''s key rotates nothing');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'bob')$$, 'W4K04', NULL, 'the new key is nobody else''s');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice')$$, 'W4K04', NULL, 'the new key is new');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', '{"from_version": 2, "to_version": 3}')$$, 'W4I08', NULL, 'from the current version');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', '{"to_version": 3}')$$, 'W4F07', NULL, 'to the next version');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', '{"v": 2}')$$, 'W4F07', NULL, 'version of the format');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', '{"nonce": "AAAA"}')$$, 'W4F07', NULL, 'a nonce has 16 bytes');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', '{"extra": true}')$$, 'W4F07', NULL, 'no other member');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', jsonb_build_object('new_public_key', '01' || repeat('00', 31)))$$, 'W4K01', NULL, 'no key of small order');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', jsonb_build_object('issued_at', test.ts(now() - interval '10 min'), 'overlap_until', test.ts(now())))$$,
	'W4I06', NULL, 'a stale rotation');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', jsonb_build_object('overlap_until', test.ts(now() + interval '49 h')))$$,
	'W4F07', NULL, 'an overlap of more than 48 hours');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', jsonb_build_object('overlap_until', test.ts(now() - interval '1 h')))$$,
	'W4F07', NULL, 'an overlap that ends before it begins');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.2', jsonb_build_object('compromised_since', test.ts()))$$,
	'W4F07', NULL, 'no overlap for a compromised key');

SELECT is(pg_temp.rotate('alice', 'alice', 'alice.2'), 2, 'a rotation');
SELECT is((SELECT array_agg(status ORDER BY version) FROM web4_key_history(test.lct('alice'))), '{overlapping,active}', 'old key overlaps');
SELECT is((SELECT valid_until - (SELECT valid_from FROM web4_key_history(test.lct('alice')) WHERE version = 2) BETWEEN '23:59' AND '24:01'
	FROM web4_key_history(test.lct('alice')) WHERE version = 1), true, 'for the default of 24 hours');
SELECT is((SELECT valid FROM web4_verify_lct(test.lct('alice'), 'm', test.sign('alice', 'm'))), true, 'both keys verify: the old');
SELECT is((SELECT valid FROM web4_verify_lct(test.lct('alice'), 'm', test.sign('alice.2', 'm'))), true, 'both keys verify: the new');
SELECT is(web4_did(test.lct('alice')), 'did:web4:key:' || web4_multikey(test.pk('alice')), 'the DID does not change');
SELECT is((SELECT array_agg(m ->> 'publicKeyMultibase') FROM jsonb_array_elements(web4_did_document(test.lct('alice')) -> 'verificationMethod') m),
	ARRAY[web4_multikey(test.pk('alice.2')), web4_multikey(test.pk('alice'))], 'the DID document has both keys');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice', 'alice.3', '{"from_version": 1, "to_version": 2}')$$, 'W4I08', NULL, 'an old key rotates nothing');
SELECT throws_ok($$SELECT test.mint('alice.2')$$, 'W4K04', NULL, 'a rotated key begins no identity');
SELECT is(pg_temp.rotate('alice', 'alice.2', 'alice.3', jsonb_build_object('issued_at', t, 'overlap_until', t)), 3, 'no overlap') FROM test.ts() t;
SELECT is((SELECT array_agg(status ORDER BY version) FROM web4_key_history(test.lct('alice'))), '{expired,expired,active}', 'and the one before expires');
SELECT is((SELECT error FROM web4_verify_lct(test.lct('alice'), 'm', test.sign('alice', 'm'))), 'Invalid signature', 'an expired key does not verify');
SELECT throws_ok($$SELECT pg_temp.rotate('alice', 'alice.3', 'alice.2')$$, 'W4K04', NULL, 'a key does not come back');
SELECT is(pg_temp.rotate('alice', 'alice.3', 'alice.4', jsonb_build_object('issued_at', t, 'overlap_until', t,
	'compromised_since', test.ts(now() - interval '1 hour'))), 4, 'an emergency rotation') FROM test.ts() t;
SELECT is((SELECT (status, valid_until < now(), compromised_since < now()) FROM web4_key_history(test.lct('alice')) WHERE version = 3),
	ROW('revoked'::text, true, true), 'the compromised key is void from the moment that was named');
SELECT is((SELECT count(*) FROM web4.identity_invariants()), 0::bigint, 'invariants hold');

-- lifecycle ------------------------------------------------------------------------

CREATE FUNCTION pg_temp.status(actor text, target text, status text, reason text DEFAULT 'violation', changes jsonb DEFAULT '{}', signer text DEFAULT NULL)
RETURNS text LANGUAGE sql AS $$
	SELECT test.act('web4_set_status', coalesce(signer, actor), 'web4:lct-revocation:v1',
		jsonb_build_object('actor', test.lct(actor), 'lct_id', test.lct(target), 'status', status, 'reason', reason) || changes)
$$;

SELECT throws_ok($$SELECT pg_temp.status('m1', 'm2', 'revoked')$$, 'W4I09', NULL, 'a citizen does not revoke another');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'revoked', signer => 'm1')$$, 'W4K02', NULL, 'nor in the name of the society');
SELECT throws_ok($$SELECT pg_temp.status('stranger', 'm2', 'revoked')$$, 'W4I01', NULL, 'nor does a stranger');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'stranger', 'revoked')$$, 'W4I01', NULL, 'an unknown identity');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'suspended', NULL)$$, 'W4F07', NULL, 'a reason is needed');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'suspended', 'boredom')$$, 'W4F07', NULL, 'one of four reasons');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'gone')$$, 'W4F07', NULL, 'one of four states');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'active')$$, 'W4F07', NULL, 'reactivation has no reason');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'active', NULL)$$, 'W4I08', NULL, 'what is active is not reactivated');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'suspended', changes => jsonb_build_object('compromised_since', test.ts(now())))$$, 'W4F07', NULL,
	'compromised_since belongs to a compromise');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'revoked', 'compromise', jsonb_build_object('compromised_since', test.ts(now() + interval '1 h')))$$, 'W4F07', NULL,
	'compromise does not lie in the future');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'suspended', changes => jsonb_build_object('ts', test.ts(now() - interval '6 min')))$$, 'W4I06', NULL, 'a stale document');

CREATE TEMP TABLE replay AS SELECT test.document(jsonb_build_object('actor', test.lct('acme'), 'lct_id', test.lct('m2'), 'status', 'suspended', 'reason', 'violation')) AS document;
SELECT lives_ok($$SELECT web4_set_status(document, test.sign('acme', 'web4:lct-revocation:v1', document)) FROM replay$$, 'the society suspends');
SELECT is((SELECT error FROM web4_verify_lct(test.lct('m2'), 'm', test.sign('m2', 'm'))), 'LCT suspended', 'a suspended identity does not verify');
SELECT throws_ok($$SELECT pg_temp.status('m2', 'm2', 'active', NULL)$$, 'W4I02', NULL, 'no one reactivates himself');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'superseded')$$, 'W4I08', NULL, 'suspended is not superseded');
SELECT throws_ok($$SELECT pg_temp.rotate('m2', 'm2', 'm2.2')$$, 'W4I02', NULL, 'a suspended identity does not rotate');
SELECT throws_ok($$SELECT test.mint('late', witnesses => '{w1,w2,m2}')$$, 'W4I05', NULL, 'a suspended identity does not witness');
SELECT lives_ok($$SELECT pg_temp.status('acme', 'm2', 'active', NULL)$$, 'the society reactivates');
SELECT throws_ok($$SELECT web4_set_status(document, test.sign('acme', 'web4:lct-revocation:v1', document)) FROM replay$$, 'W4I07', NULL, 'a document works once');
SELECT is((SELECT status FROM web4_lct_info(test.lct('m2'))), 'active', 'the replay changed nothing');
SELECT lives_ok($$SELECT pg_temp.status('acme', 'm2', 'suspended')$$, 'suspended again');
SELECT lives_ok($$SELECT pg_temp.status('m2', 'm2', 'revoked', 'compromise')$$, 'a suspended subject may still give up its identity');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'active', NULL)$$, 'W4I08', NULL, 'revoked is the end');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm2', 'revoked')$$, 'W4I08', NULL, 'and ends once');
SELECT is((SELECT error FROM web4_verify_lct(test.lct('m2'), 'm', test.sign('m2', 'm'))), 'LCT revoked', 'a revoked identity does not verify');
SELECT is(web4_did_document(test.lct('m2')) -> 'deactivated', 'true', 'its DID document is deactivated');
SELECT is(web4_did_document(test.lct('m2')) -> 'verificationMethod', '[]', 'and has no key');
SELECT throws_ok($$SELECT test.mint('m2', alias => 'm2b')$$, 'W4I03', NULL, 'it is not born again');
SELECT lives_ok($$SELECT pg_temp.status('m3', 'm3', 'superseded', 'superseded')$$, 'a subject supersedes itself');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'm3', 'active', NULL)$$, 'W4I08', NULL, 'superseded does not come back');
SELECT lives_ok($$SELECT pg_temp.status('acme', 'm3', 'revoked', 'compromise', jsonb_build_object('compromised_since', test.ts(now() - interval '1 day')))$$, 'superseded is revoked');

-- the table's own guard: no transition that the functions would not make, not even by the owner
SELECT throws_ok($$UPDATE web4.entity SET status = 'active'$$, 'W4V02', NULL, 'the owner does not write the table');
SELECT throws_ok($$DELETE FROM web4.entity$$, 'W4V01', NULL, 'nor delete from it');
SET LOCAL client_min_messages = warning;
SELECT throws_ok($$TRUNCATE web4.entity CASCADE$$, 'W4V01', NULL, 'nor truncate it');
ALTER TABLE web4.entity DISABLE TRIGGER web4_guard_rows;
SELECT throws_ok(format('UPDATE web4.entity SET %s WHERE id = test.lct(%L)', change, who), 'W4I08', NULL, format('lifecycle: %s, %s', who, change))
FROM (VALUES ('m2', $$status = 'active'$$), ('m2', $$status_reason = 'expired'$$), ('m2', $$compromised_since = now()$$),
	('m1', $$id = test.lct('zz')$$), ('m1', $$society = test.lct('zz')$$), ('m1', $$entity_type = 'human'$$), ('m1', $$alias = 'zz'$$), ('m1', $$alias = NULL$$),
	('m1', $$born_at = now()$$), ('m1', $$cert_hash = sha256('zz')$$), ('m1', $$hardware_binding_hash = sha256('zz')$$),
	('m1', $$status = 'other'$$), ('m1', $$status = NULL$$)) v (who, change);
ALTER TABLE web4.entity ENABLE ALWAYS TRIGGER web4_guard_rows;

-- roles -----------------------------------------------------------------------------

CREATE FUNCTION pg_temp.role(signer text, action text, role text, holder text, is_primary boolean DEFAULT true, society text DEFAULT 'acme', key text DEFAULT NULL)
RETURNS text LANGUAGE sql AS $$
	SELECT test.act('web4_assign_role', coalesce(key, signer), 'web4:role:v1', jsonb_build_object('action', action, 'holder', test.lct(holder),
		'primary', is_primary, 'role', role, 'signer', test.lct(signer), 'society', test.lct(society)))
$$;
CREATE FUNCTION pg_temp.holders(role text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(e.alias || CASE WHEN is_primary THEN '*' ELSE '' END, ' ' ORDER BY e.alias)
	FROM web4.role_holder r JOIN web4.entity e ON e.id = r.holder WHERE r.role = $1 AND r.society = test.lct('acme')
$$;

SELECT throws_ok($$SELECT pg_temp.role('m1', 'assign', 'treasurer', 'm1')$$, 'W4I09', NULL, 'a citizen assigns no roles');
SELECT throws_ok($$SELECT pg_temp.role('acme', 'assign', 'treasurer', 'm1', key => 'm1')$$, 'W4K02', NULL, 'nor in the name of the society');
SELECT throws_ok($$SELECT pg_temp.role('acme', 'assign', 'citizen', 'm1')$$, 'W4I11', NULL, 'citizen is citizenship');
SELECT throws_ok($$SELECT pg_temp.role('acme', 'assign', 'Bad Role', 'm1')$$, 'W4F07', NULL, 'roles have plain names');
SELECT throws_ok($$SELECT pg_temp.role('acme', 'grant', 'treasurer', 'm1')$$, 'W4F07', NULL, 'assign or withdraw');
SELECT throws_ok($$SELECT pg_temp.role('acme', 'assign', 'treasurer', 'stranger')$$, 'W4I01', NULL, 'a stranger holds no role');
SELECT throws_ok($$SELECT pg_temp.role('acme', 'assign', 'treasurer', 'm2')$$, 'W4I02', NULL, 'nor the revoked');
SELECT throws_ok($$SELECT pg_temp.role('acme', 'assign', 'treasurer', 'm1', society => 'alice')$$, 'W4I10', NULL, 'an unknown society');
SELECT throws_ok($$SELECT pg_temp.role('acme', 'withdraw', 'treasurer', 'm1')$$, 'W4I11', NULL, 'what is not held is not withdrawn');
SELECT throws_ok($$SELECT pg_temp.role('acme', 'withdraw', 'treasurer', 'acme')$$, 'W4I11', NULL, 'a base role is not left empty');
SELECT lives_ok($$SELECT pg_temp.role('acme', 'assign', 'administrator', 'alice')$$, 'the society makes an administrator');
SELECT is(pg_temp.holders('administrator'), 'acme alice*', 'the new primary holder, and the old beside');
SELECT throws_ok($$SELECT pg_temp.role('acme', 'assign', 'administrator', 'alice')$$, 'W4I11', NULL, 'no act without effect');
SELECT lives_ok($$SELECT pg_temp.role('alice', 'assign', 'treasurer', 'm1', key => 'alice.4')$$, 'an administrator assigns');
SELECT throws_ok($$SELECT pg_temp.role('alice', 'assign', 'sovereign', 'alice', key => 'alice.4')$$, 'W4I09', NULL, 'an administrator does not make himself sovereign');
SELECT throws_ok($$SELECT pg_temp.role('alice', 'withdraw', 'sovereign', 'acme', key => 'alice.4')$$, 'W4I09', NULL, 'nor unmakes one');
SELECT lives_ok($$SELECT pg_temp.role('acme', 'assign', 'sovereign', 'bob')$$, 'the society makes a sovereign');
SELECT lives_ok($$SELECT pg_temp.role('bob', 'withdraw', 'administrator', 'alice')$$, 'who withdraws a role');
SELECT is(pg_temp.holders('administrator'), 'acme*', 'the longest-serving holder becomes primary');
SELECT throws_ok($$SELECT pg_temp.role('alice', 'assign', 'treasurer', 'bob', key => 'alice.4')$$, 'W4I09', NULL, 'without the role no authority');
SELECT lives_ok($$SELECT pg_temp.role('acme', 'assign', 'reviewer', 'm1', false)$$, 'a role of the society''s own');
SELECT lives_ok($$SELECT pg_temp.role('acme', 'withdraw', 'reviewer', 'm1')$$, 'which may be left empty');
SELECT throws_ok($$SELECT pg_temp.status('acme', 'acme', 'suspended', signer => 'bob')$$, 'W4K02', NULL, 'a sovereign acts in his own name');
SELECT lives_ok($$SELECT pg_temp.status('bob', 'm1', 'suspended')$$, 'a sovereign suspends');
SELECT lives_ok($$SELECT pg_temp.role('acme', 'assign', 'administrator', 'alice')$$, 'an administrator again');
SELECT lives_ok($$SELECT pg_temp.status('alice', 'm1', 'active', NULL, signer => 'alice.4')$$, 'an administrator reactivates');
SELECT throws_ok($$SELECT pg_temp.status('alice', 'acme', 'suspended', signer => 'alice.4')$$, 'W4I09', NULL, 'but does not depose the society');
SELECT throws_ok($$SELECT pg_temp.status('alice', 'bob', 'suspended', signer => 'alice.4')$$, 'W4I09', NULL, 'nor its sovereign');
SELECT throws_ok($$SELECT pg_temp.status('alice', 'bob', 'revoked', signer => 'alice.4')$$, 'W4I09', NULL, 'for good');
SELECT lives_ok($$SELECT pg_temp.status('acme', 'bob', 'suspended')$$, 'the society may');
SELECT throws_ok($$SELECT pg_temp.status('alice', 'bob', 'active', NULL, signer => 'alice.4')$$, 'W4I09', NULL, 'and an administrator does not bring him back');
SELECT lives_ok($$SELECT pg_temp.status('acme', 'bob', 'active', NULL)$$, 'but the society does');
SELECT lives_ok($$SELECT pg_temp.status('bob', 'acme', 'suspended')$$, 'its sovereign may');
SELECT throws_ok($$SELECT test.mint('late')$$, 'W4I02', NULL, 'a suspended society issues nothing');
SELECT throws_ok($$SELECT pg_temp.role('bob', 'assign', 'archivist', 'bob')$$, 'W4I02', NULL, 'and assigns nothing');
SELECT lives_ok($$SELECT pg_temp.status('bob', 'acme', 'active', NULL)$$, 'and restores it');

-- citizenship, further societies ------------------------------------------------------

CREATE FUNCTION pg_temp.citizen(signer text, entity text, status text, society text DEFAULT 'acme', key text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT test.act('web4_citizenship', coalesce(key, signer), 'web4:citizenship:v1', jsonb_build_object('entity', test.lct(entity),
		'signer', test.lct(signer), 'society', test.lct(society), 'status', status))
$$;
SELECT throws_ok($$SELECT pg_temp.citizen('alice', 'bob', 'suspended', key => 'alice.4')$$, 'W4I09', NULL, 'an administrator does not take a sovereign''s citizenship either');
CREATE FUNCTION pg_temp.charter(child text, name text, parent text DEFAULT 'acme', signer text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT test.act('web4_charter_society', coalesce(signer, parent), 'web4:charter:v1',
		jsonb_build_object('child', test.lct(child), 'name', name, 'parent', test.lct(parent)))
$$;

SELECT lives_ok($$SELECT test.mint('sub', 'society')$$, 'an identity of type society is minted');
SELECT throws_ok($$SELECT test.mint('x', society => 'sub', witnesses => '{}')$$, 'W4I10', NULL, 'but is not a society yet');
SELECT throws_ok($$SELECT pg_temp.charter('sub', 'sub', signer => 'sub')$$, 'W4K02', NULL, 'the parent must sign the charter');
SELECT throws_ok($$SELECT pg_temp.charter('sub', 'sub', parent => 'alice', signer => 'alice.4')$$, 'W4I10', NULL, 'the parent must be a society');
SELECT throws_ok($$SELECT pg_temp.charter('alice', 'sub')$$, 'W4I09', NULL, 'a human is no society');
SELECT throws_ok($$SELECT pg_temp.charter('stranger', 'sub')$$, 'W4I01', NULL, 'a stranger is no society');
SELECT throws_ok($$SELECT pg_temp.charter('sub', 'Sub Society')$$, 'W4I04', NULL, 'names are plain');
SELECT throws_ok($$SELECT pg_temp.charter('sub', 'acme')$$, 'W4I03', NULL, 'names are given once');
SELECT lives_ok($$SELECT pg_temp.charter('sub', 'sub')$$, 'a charter');
SELECT throws_ok($$SELECT pg_temp.charter('sub', 'sub2')$$, 'W4I03', NULL, 'a society is chartered once');
SELECT is((SELECT (phase, parent) FROM web4.society WHERE id = web4_society('sub')), ROW('bootstrap'::text, test.lct('acme')), 'it begins in the bootstrap phase');
SELECT throws_ok($$SELECT test.mint('s1', 'human', 'sub', '{w1}')$$, 'W4I05', NULL, 'witnesses of another society do not count');
SELECT lives_ok($$SELECT test.mint('s1', 'human', 'sub', '{}')$$, 'its first citizen');
SELECT throws_ok($$SELECT pg_temp.citizen('sub', 'w1', 'active')$$, 'W4I09', NULL, 'a child does not admit to its parent');
SELECT lives_ok($$SELECT pg_temp.citizen('sub', 'w1', 'active', 'sub')$$, 'it admits citizens of others');
SELECT lives_ok($$SELECT pg_temp.citizen('sub', 'w2', 'provisional', 'sub')$$, 'on probation');
SELECT is((SELECT phase FROM web4.society WHERE name = 'sub'), 'bootstrap', 'still bootstrapping');
SELECT throws_ok($$SELECT pg_temp.citizen('w2', 'w2', 'active', 'sub')$$, 'W4I09', NULL, 'nobody admits himself');
SELECT lives_ok($$SELECT pg_temp.citizen('sub', 'w2', 'active', 'sub')$$, 'then for good');
SELECT is((SELECT phase FROM web4.society WHERE name = 'sub'), 'operational', 'three possible witnesses make it operational');
SELECT throws_ok($$SELECT test.mint('s2', 'ai', 'sub', '{s1,w1}')$$, 'W4I05', NULL, 'and then the quorum holds');
SELECT lives_ok($$SELECT test.mint('s2', 'ai', 'sub', '{s1,w1,w2}')$$, 'a birth with citizens of both societies');
SELECT lives_ok($$SELECT pg_temp.citizen('bob', 'bob', 'applied', 'sub')$$, 'anybody may apply');
SELECT throws_ok($$SELECT pg_temp.citizen('sub', 'bob', 'suspended', 'sub')$$, 'W4I08', NULL, 'an applicant is not suspended');
SELECT throws_ok($$SELECT pg_temp.citizen('sub', 'bob', 'terminated', 'sub')$$, 'W4I08', NULL, 'nor terminated');
SELECT lives_ok($$SELECT pg_temp.citizen('sub', 'bob', 'active', 'sub')$$, 'admitted');
SELECT throws_ok($$SELECT pg_temp.citizen('sub', 'bob', 'applied', 'sub')$$, 'W4I08', NULL, 'a citizen does not apply');
SELECT lives_ok($$SELECT pg_temp.role('sub', 'assign', 'administrator', 'bob', society => 'sub')$$, 'a role in another society');
SELECT lives_ok($$SELECT pg_temp.citizen('sub', 'bob', 'suspended', 'sub')$$, 'suspended');
SELECT throws_ok($$SELECT pg_temp.role('bob', 'assign', 'treasurer', 's1', society => 'sub')$$, 'W4I09', NULL, 'a suspended citizen''s roles are void');
SELECT is((SELECT count(*) FROM web4_roles(test.lct('bob')) WHERE society = test.lct('sub')), 0::bigint, 'and not shown');
SELECT lives_ok($$SELECT pg_temp.citizen('sub', 'bob', 'active', 'sub')$$, 'restored');
SELECT is((SELECT array_agg(role ORDER BY role) FROM web4_roles(test.lct('bob')) WHERE society = test.lct('sub')), '{administrator,citizen}', 'with the roles');
SELECT lives_ok($$SELECT pg_temp.citizen('bob', 'bob', 'terminated', 'sub')$$, 'anybody may leave');
SELECT throws_ok($$SELECT pg_temp.citizen('sub', 'bob', 'active', 'sub')$$, 'W4I08', NULL, 'for good');
SELECT throws_ok($$SELECT pg_temp.citizen('sub', 'sub', 'suspended', 'sub')$$, 'W4I08', NULL, 'a society is its own citizen');
SELECT throws_ok($$SELECT pg_temp.citizen('acme', 'stranger', 'active')$$, 'W4I01', NULL, 'a stranger is not admitted');
SELECT throws_ok($$SELECT pg_temp.citizen('acme', 'm2', 'active')$$, 'W4I02', NULL, 'nor the revoked');
SELECT throws_ok($$SELECT pg_temp.citizen('sub', 's1', 'gone', 'sub')$$, 'W4F07', NULL, 'an unknown status');

-- the society's own key: only the current one issues births
SELECT is(pg_temp.rotate('sub', 'sub', 'sub.2'), 2, 'a society rotates its key');
SELECT throws_ok($$SELECT test.mint('s3', 'ai', 'sub', '{s1,w1,w2}')$$, 'W4K02', NULL, 'the overlapping key issues no births');
SELECT lives_ok($$SELECT web4_mint(certificate, society_signature, witness_signatures, binding_signature)
	FROM test.birth('s3', 'ai', 'sub', '{s1,w1,w2}', society_signer => 'sub.2')$$, 'the current one does');

-- reading ----------------------------------------------------------------------------

SELECT is((SELECT valid AND error IS NULL FROM web4_verify_lct(test.lct('bob'), 'm', test.sign('bob', 'm'))), true, 'a good signature');
SELECT is((SELECT format('%s: %s', valid, error) FROM web4_verify_lct(test.lct('bob'), 'm', test.sign('m1', 'm'))), 'f: Invalid signature', 'a bad one');
SELECT is((SELECT format('%s: %s', valid, error) FROM web4_verify_lct(test.lct('bob'), 'm', 'short')), 'f: Invalid signature', 'one of a wrong size');
SELECT is((SELECT format('%s: %s', valid, error) FROM web4_verify_lct(test.lct('stranger'), 'm', test.sign('bob', 'm'))), 'f: LCT not found', 'of nobody');
SELECT is(web4_did(test.lct('stranger')), NULL, 'no DID of nobody');
SELECT is(web4_did_document(test.lct('stranger')), NULL, 'no DID document of nobody');
SELECT is(web4_society('nowhere'), NULL, 'no society of that name');
SELECT is(web4_lct_by_alias(test.lct('acme'), 'nobody'), NULL, 'nobody of that alias');
SELECT is_empty($$SELECT * FROM web4_lct_info(test.lct('stranger'))$$, 'nothing is known about nobody');
SELECT is((SELECT (society_name, entity_type, alias, status, key_version) FROM web4_lct_info(test.lct('alice'))),
	ROW('acme'::text, 'human'::text, 'alice'::text, 'active'::text, 4), 'what is known about alice');
SELECT is((web4_birth_certificate(NULL, decode('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex'), 'human', '{}')).lct::text,
	'lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q', 'A1: identity of alice''s key');
SET LOCAL ROLE web4_test_nobody;
SELECT is((SELECT count(*) FROM web4_lct_info(web4_lct_by_alias(web4_society('acme'), 'alice'))), 1::bigint, 'identities are public');
RESET ROLE;

-- evidence and invariants ---------------------------------------------------------------

SELECT is((SELECT count(*) FROM web4.evidence WHERE kind = 'birth'), (SELECT count(*) FROM web4.entity), 'one leaf a birth');
SELECT is((SELECT count(*) FROM web4.evidence v WHERE kind IN ('status', 'role', 'citizenship', 'key') AND
	NOT EXISTS (SELECT FROM web4.entity_key k WHERE k.entity = v.actor AND web4_verify(v.document, v.signature, k.public_key))), 0::bigint,
	'every act is in the log with the signature of its actor');
SELECT is_empty($$SELECT * FROM web4.identity_invariants()$$, 'invariants hold');

-- What a superuser changes behind the triggers is found: any cell of any table.
CREATE FUNCTION pg_temp.found(edit text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
	rows bigint;
BEGIN
	BEGIN
		EXECUTE edit;
		GET DIAGNOSTICS rows = ROW_COUNT;
		SELECT count(*) INTO n FROM web4.identity_invariants();
		RAISE EXCEPTION 'undo';
	EXCEPTION WHEN raise_exception THEN
		RETURN n > 0 AND rows > 0;
	END;
END $$;
ALTER TABLE web4.entity DISABLE TRIGGER ALL;
ALTER TABLE web4.entity_key DISABLE TRIGGER ALL;
ALTER TABLE web4.birth_certificate DISABLE TRIGGER ALL;
ALTER TABLE web4.birth_witness DISABLE TRIGGER ALL;
ALTER TABLE web4.society DISABLE TRIGGER ALL;
ALTER TABLE web4.citizenship DISABLE TRIGGER ALL;
ALTER TABLE web4.role_holder DISABLE TRIGGER ALL;
ALTER TABLE web4.evidence DISABLE TRIGGER ALL;
SELECT ok(pg_temp.found(edit), edit) FROM unnest(ARRAY[
	$$UPDATE web4.entity SET id = test.lct('zz') WHERE alias = 'm1'$$,
	$$UPDATE web4.entity SET society = test.lct('zz') WHERE alias = 'm1'$$,
	$$UPDATE web4.entity SET entity_type = 'human' WHERE alias = 'm1'$$,
	$$UPDATE web4.entity SET alias = 'zz' WHERE alias = 'm1'$$,
	$$UPDATE web4.entity SET alias = NULL WHERE alias = 'm1'$$,
	$$UPDATE web4.entity SET status = 'active' WHERE alias = 'm2'$$,
	$$UPDATE web4.entity SET status = 'suspended' WHERE alias = 'm1'$$,
	$$UPDATE web4.entity SET born_at = born_at + interval '1 s' WHERE alias = 'm1'$$,
	$$UPDATE web4.entity SET cert_hash = sha256('zz') WHERE alias = 'm1'$$,
	$$UPDATE web4.entity SET hardware_binding_hash = sha256('zz') WHERE alias = 'm1'$$,
	$$UPDATE web4.entity SET status_at = status_at - interval '1 s' WHERE alias = 'm1'$$,
	$$UPDATE web4.entity SET status_reason = 'expired' WHERE alias = 'm2'$$,
	$$UPDATE web4.entity SET compromised_since = NULL WHERE alias = 'm3'$$,
	$$DELETE FROM web4.entity WHERE alias = 'm1'$$,
	$$UPDATE web4.entity_key SET entity = test.lct('zz') WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.entity_key SET version = 9 WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.entity_key SET public_key = test.pk('zz') WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.entity_key SET public_key = test.pk('zz') WHERE entity = test.lct('alice') AND version = 4$$,
	$$UPDATE web4.entity_key SET status = 'expired' WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.entity_key SET status = 'overlapping' WHERE entity = test.lct('alice') AND version = 1$$,
	$$UPDATE web4.entity_key SET valid_from = valid_from - interval '1 s' WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.entity_key SET valid_until = valid_until + interval '1 s' WHERE entity = test.lct('alice') AND version = 1$$,
	$$UPDATE web4.entity_key SET compromised_since = NULL WHERE entity = test.lct('alice') AND version = 3$$,
	$$INSERT INTO web4.entity_key VALUES (test.lct('m1'), 2, test.pk('zz'), 'overlapping', now())$$,
	$$INSERT INTO web4.entity_key VALUES (test.lct('zz'), 1, test.pk('zz'), 'active', now())$$,
	$$DELETE FROM web4.entity_key WHERE entity = test.lct('alice') AND version = 2$$,
	$$UPDATE web4.birth_certificate SET certificate = replace(certificate, 'presence', 'presents'),
		cert_hash = sha256(convert_to(E'web4:birth:v1\n' || replace(certificate, 'presence', 'presents'), 'UTF8')) WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.birth_certificate SET certificate = '{}', cert_hash = sha256(E'web4:birth:v1\n{}') WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.birth_certificate SET entity = test.lct('zz') WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.birth_certificate SET society_signature = binding_signature WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.birth_certificate SET binding_signature = society_signature WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.birth_certificate SET society_key = 2 WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.birth_certificate SET quorum = 1 WHERE entity = test.lct('m1')$$,
	$$DELETE FROM web4.birth_certificate WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.birth_witness SET cert_hash = sha256('zz') WHERE witness = test.lct('w1') AND cert_hash = (SELECT cert_hash FROM web4.entity WHERE alias = 'm1')$$,
	$$UPDATE web4.birth_witness SET witness = test.lct('zz') WHERE witness = test.lct('w1') AND cert_hash = (SELECT cert_hash FROM web4.entity WHERE alias = 'm1')$$,
	$$UPDATE web4.birth_witness SET signature = decode(repeat('00', 64), 'hex') WHERE witness = test.lct('w1') AND cert_hash = (SELECT cert_hash FROM web4.entity WHERE alias = 'm1')$$,
	$$UPDATE web4.birth_witness SET witness_key = 2 WHERE witness = test.lct('w1') AND cert_hash = (SELECT cert_hash FROM web4.entity WHERE alias = 'm1')$$,
	$$DELETE FROM web4.birth_witness WHERE witness = test.lct('w1') AND cert_hash = (SELECT cert_hash FROM web4.entity WHERE alias = 'm1')$$,
	$$INSERT INTO web4.birth_witness SELECT cert_hash, test.lct('zz'), society_signature, 1 FROM web4.birth_certificate WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.society SET id = test.lct('m1') WHERE name = 'sub'$$,
	$$UPDATE web4.society SET name = 'zz' WHERE name = 'sub'$$,
	$$UPDATE web4.society SET phase = 'bootstrap' WHERE name = 'sub'$$,
	$$UPDATE web4.society SET parent = NULL WHERE name = 'sub'$$,
	$$UPDATE web4.society SET founded_at = now() - interval '1 day' WHERE name = 'sub'$$,
	$$DELETE FROM web4.society WHERE name = 'sub'$$,
	$$UPDATE web4.citizenship SET society = test.lct('sub') WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.citizenship SET entity = test.lct('zz') WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.citizenship SET status = 'suspended' WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.citizenship SET since = now() - interval '1 day' WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.citizenship SET status = 'active' WHERE entity = test.lct('bob') AND society = test.lct('sub')$$,
	$$INSERT INTO web4.citizenship VALUES (test.lct('sub'), test.lct('m1'), 'active', now())$$,
	$$DELETE FROM web4.citizenship WHERE entity = test.lct('m1')$$,
	$$UPDATE web4.role_holder SET society = test.lct('sub') WHERE holder = test.lct('m1')$$,
	$$UPDATE web4.role_holder SET role = 'sovereign' WHERE holder = test.lct('m1')$$,
	$$UPDATE web4.role_holder SET holder = test.lct('m1') WHERE holder = test.lct('bob') AND society = test.lct('acme')$$,
	$$UPDATE web4.role_holder SET is_primary = NOT is_primary WHERE holder = test.lct('bob')$$,
	$$UPDATE web4.role_holder SET since = now() - interval '1 day' WHERE holder = test.lct('bob')$$,
	$$UPDATE web4.role_holder SET assigned_by = test.lct('m1') WHERE holder = test.lct('bob')$$,
	$$INSERT INTO web4.role_holder VALUES (test.lct('acme'), 'sovereign', test.lct('m1'), false, now(), test.lct('acme'))$$,
	$$DELETE FROM web4.role_holder WHERE holder = test.lct('bob')$$,
	$$DELETE FROM web4.evidence WHERE kind = 'birth' AND convert_from(document, 'UTF8') LIKE '%' || (SELECT encode(cert_hash, 'hex') FROM web4.entity WHERE alias = 'm1')$$,
	$$DELETE FROM web4.evidence WHERE kind = 'citizenship'$$,
	$$DELETE FROM web4.evidence WHERE kind = 'key'$$]) AS edit;

SELECT * FROM finish();
ROLLBACK;
