-- A tour of the six types.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS web4;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';

-- lct: an identity is the hash of its first public key.
SELECT lct_from_public_key('\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a') AS alice;
SELECT web4_multikey('\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a') AS alices_key;
SELECT 'LCT:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q'::lct;

-- atp: exact amounts of energy.
SELECT '0.1'::atp + '0.2' AS sum, '10'::atp / 3 AS third, 3 * '1.5'::atp AS thrice, '1'::atp - '2.5' AS debt, '10'::atp / '4'::atp AS ratio;
SELECT 12::atp AS whole, 2.5::atp AS exact, '2.5'::atp::numeric AS back, atp_micro('2.5') AS micro, atp_from_micro(1) AS smallest;
SELECT sum(x), avg(x), min(x), max(x) FROM unnest('{0.5,1.5,2.5}'::atp[]) AS x;
SELECT '0.0000001'::atp;
SELECT 0.0000001::atp;
SELECT '9223372036854.775807'::atp + '0.000001';
SELECT '5'::atp > 4;

-- t3 and v3: trust and value, three dimensions from 0 to 1.
SELECT t3(0.8, 0.7, 0.9), '{"talent": 0.8, "training": 0.7, "temperament": 0.9}'::t3 AS from_json, t3_composite('(0.8,0.7,0.9)');
SELECT v3(0.3, 0.85, 0.8), v3_veracity('(0.3,0.85,0.8)'), v3_composite('(0.3,0.85,0.8)');
SELECT t3_apply_quality('(0.5,0.5,0.5)', 0.8) AS after_good_work, '(0,0,0)'::t3 <-> '(0,1,0)' AS distance,
	t3_meets('(0.7,0.8,0.9)', '(0.7,0.7,0.7)') AS enough;
SELECT '(1.1,0,0)'::t3;
SELECT '{"talent": 0.8, "training": 0.7}'::t3;

-- atp_tx: the bytes that the sender of energy signs.
SELECT atp_tx('lct:web4:society:demo', 'discharge', 'lct:web4:entity:alice', 'lct:web4:society:pool',
	200::atp, '2025-01-01 00:00:00.25Z', 'r7:abc', '\x000102030405060708090a0b0c0d0e0f') AS tx \gset
\x on
SELECT * FROM atp_tx_parse(:'tx');
SELECT atp_tx_hash(:'tx'), atp_tx_verify(:'tx',
	'\x795f5d91c9691bd029f6585a857f5086396a9f03f796f102f92603600bfbc51bfd393bf776358c7859f82ca851b7803c75d72f132abdead077b33c20ed9e4b0a',
	'\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
\x off
SELECT '00'::atp_tx;

-- consent: snider lets athena trade on the European market.  SQL builds the bytes, a client signs them.
SELECT (k).public_key AS snider, (k).secret_key AS snider_secret FROM web4_keypair(decode(repeat('01', 32), 'hex')) AS k \gset
SELECT web4_sign(consent_signing_input('snider.lthn', 'athena.lthn', 'trade.*', 'market/eu/*', '2026-01-12Z', '2026-02-11Z', 3, :'snider'), :'snider_secret') AS signature \gset
SELECT consent_build('snider.lthn', 'athena.lthn', 'trade.*', 'market/eu/*', '2026-01-12Z', '2026-02-11Z', 3, :'snider', signature => :'signature') AS v1 \gset
\x on
SELECT * FROM consent_parse(:'v1');
\x off
-- the signature is of these fields only
SELECT consent_build('snider.lthn', 'athena.lthn', 'trade.**', 'market/eu/*', '2026-01-12Z', '2026-02-11Z', 3, :'snider', signature => :'signature');

-- athena passes a part of it on to darbs.
SELECT (k).public_key AS athena, (k).secret_key AS athena_secret FROM web4_keypair(decode(repeat('02', 32), 'hex')) AS k \gset
SELECT consent_build('athena.lthn', 'darbs.lthn', 'trade.execute', 'market/eu/lthn-eur', '2026-01-12 06:00Z', '2026-01-13Z', 2, :'athena', parent => consent_hash(:'v1'),
	signature => web4_sign(consent_signing_input('athena.lthn', 'darbs.lthn', 'trade.execute', 'market/eu/lthn-eur', '2026-01-12 06:00Z', '2026-01-13Z', 2, :'athena', parent => consent_hash(:'v1')), :'athena_secret')) AS v2 \gset
SELECT * FROM consent_verify(ARRAY[:'v1', :'v2']::consent[], '2026-01-12 12:00Z', '{snider.lthn,athena.lthn}', ARRAY[:'snider', :'athena']::bytea[], '{true,false}',
	executor => 'darbs.lthn', intent => 'trade.execute', resource => 'market/eu/lthn-eur');
-- at midnight it is over
SELECT * FROM consent_verify(ARRAY[:'v1', :'v2']::consent[], '2026-01-13 00:00Z', '{snider.lthn,athena.lthn}', ARRAY[:'snider', :'athena']::bytea[], '{true,false}');
-- and once snider revokes the first link, the second falls with it
SELECT consent_revocation_build('snider.lthn', consent_hash(:'v1'), '2026-01-12 12:00Z', 2, :'snider',
	web4_sign(consent_revocation_signing_input('snider.lthn', consent_hash(:'v1'), '2026-01-12 12:00Z', 2, :'snider'), :'snider_secret')) AS revocation \gset
SELECT * FROM consent_verify(ARRAY[:'v1', :'v2']::consent[], '2026-01-12 13:00Z', '{snider.lthn,athena.lthn}', ARRAY[:'snider', :'athena']::bytea[], '{true,false}', ARRAY[:'revocation']::bytea[]);
SELECT revoker, revoked_at, reason, token_hash = consent_hash(:'v1') AS of_v1 FROM consent_revocation_parse(:'revocation');
-- no chain, no consent
SELECT valid, code, sqlstate FROM consent_verify('{}', '2026-01-12Z', '{}', '{}', '{}');
SELECT '00'::consent;
