-- protocol: signatures, canonical JSON, Merkle proofs, error codes.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS web4;
SELECT no_plan();

-- Keys of identity.md A1.
CREATE TEMP TABLE key (name text, seed bytea, pk bytea, lct text, multikey text);
INSERT INTO key VALUES
('alice', '\x9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', '\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q', 'z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw'),
('bob', '\x4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', '\x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'bhh3rhufgiqst6bcssqq3t5i3tmejphiiffmvtrhttehomf7vcopq', 'z6MkiaMbhXHNA4eJVCCj8dbzKzTgYDKf6crKgHVHid1F1WCT'),
('mediator', '\xc5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7', '\xfc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'b3lahhyashppklhozwo62tt3ag73dvsucmj6xvpgvyswctxluaa7a', 'z6MkwSD8dBdqcXQzKJZQFPy2hh2izzxskndKCjdmC2dBpfME'),
('soc', decode(repeat('07', 32), 'hex'), '\xea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c', 'b72asyextvngonlc5w2nmguxza3frweppip5thyss5577kurghceq', 'z6MkvDqGT54cXesYGvABpF1UapVNwjCqRcafi4Px6Thv5T3Z'),
('w1', decode(repeat('11', 32), 'hex'), '\xd04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737', 'bcc5gqlek2e2rhfy6rnliqgvlrplqfo4ao6lozkazgldtlkknnzwq', 'z6MktULudTtAsAhRegYPiZ6631RV3viv12qd4GQF8z1xB22S'),
('w2', decode(repeat('22', 32), 'hex'), '\xa09aa5f47a6759802ff955f8dc2d2a14a5c99d23be97f864127ff9383455a4f0', 'bcms3qugcq4mrn2xcapyo7q6itb7wjzpdzwzhm6pg2h5jpaedk7ta', 'z6MkqGC3nWZhYieEVTVDKW5v588CiGfsDSmRVG9ZwwWTvLSK'),
('w3', decode(repeat('33', 32), 'hex'), '\x17cb79fb2b4120f2b1ec65e4198d6e08b28e813feb01e4a400839b85e18080ce', 'bnshymb635byhpjrkfgim4b6zjkxxjhpxn6d3tdvxq2tncdyda5sq', 'z6Mkg49NtQR2LyYRDCQFK4w1VVHqhypZSSRo7HsyuN7SV7v5');

SELECT is((web4_keypair(seed)).public_key, pk, 'public key of ' || name) FROM key;
SELECT is(lct_from_public_key(pk)::text, 'lct:web4:mb32:' || lct, 'identity of ' || name) FROM key;
SELECT is(web4_multikey(pk), multikey, 'multikey of ' || name) FROM key;
SELECT ok(web4_public_key_ok(pk), 'key of ' || name || ' is acceptable') FROM key;

-- Binding messages of identity.md A2.
CREATE TEMP TABLE binding (name text, type text, at text, hash bytea, signature bytea);
INSERT INTO binding VALUES
('alice', 'human', '2026-01-15T10:30:00Z', '\xeabaed7c6b993da157ee6961c54bbeb63a4a01318bba4bbf24fc94b07a37238b', '\x74dfd9fcac5a03c53d478732e822973bd993ff38b810328ffa3f6c230594942d896651146333a5f67dd763984a5979f119b08625cb23cfa4dca8c796a3997005'),
('bob', 'ai', '2026-01-15T10:30:00Z', '\x670bd3d90c7ce9f3ad8cf7905b1a99c08d10fd31473a4df4fd055db220114680', '\x4b5b475669dc6468d7bb6db78af1413679dd78e70445199d1940889b6c72096a9c8a97468dffed73be42ad88cf14ec2514b165ca4cd8414ad40dd0358f8cd20b'),
('soc', 'society', '2026-01-01T00:00:00Z', '\x191fd0523916143533e6ae66dd73dfff9f7453df0823c12cde755027a2717231', '\xc20039c23354873e2e53ae78a6febabb01f2581b7175ade78d24b357cdab9abc25de59903edcc7f6fc70c44c8e0bbd7f87fdbc0767cd8bd473bc504f1730090e');
CREATE TEMP VIEW bound AS
SELECT name, hash, signature, pk, seed,
	convert_to(E'web4:lct:binding:v1\nlct:web4:mb32:' || lct || E'\n' || type || E'\n' || at, 'UTF8') AS message
FROM binding JOIN key USING (name);
SELECT is(sha256(message), hash, 'binding message of ' || name) FROM bound;
SELECT is(web4_sign(message, (web4_keypair(seed)).secret_key), signature, 'signature of ' || name) FROM bound;
SELECT ok(web4_verify(message, signature, pk), 'verifies: ' || name) FROM bound;
SELECT ok(NOT web4_verify(message || '\x00', signature, pk), 'another message: ' || name) FROM bound;
SELECT ok(NOT web4_verify(message, set_bit(signature, 300, 1 - get_bit(signature, 300)), pk), 'a flipped bit: ' || name) FROM bound;
SELECT ok(NOT web4_verify(a.message, a.signature, b.pk), 'the key of somebody else')
FROM bound a, bound b WHERE a.name = 'alice' AND b.name = 'bob';

-- A signature with S + L instead of S is the same signature to a lax verifier.
SELECT ok(NOT web4_verify('', '\xe5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901554c8c7872aa064e049dbb3013fbf29380d25bf5f0595bbe24655141438e7a101b',
	'\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'), 'S not below the group order');
SELECT ok(NOT web4_public_key_ok(pk), 'refused key: ' || why) FROM (VALUES
	('\x0000000000000000000000000000000000000000000000000000000000000000'::bytea, 'order 4'),
	('\x0100000000000000000000000000000000000000000000000000000000000000', 'the neutral element'),
	('\xedffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'not canonical'),
	('\x0200000000000000000000000000000000000000000000000000000000000000', 'not on the curve'),
	('\x9599999999999999999999999999999999999999999999999999999999999999', 'mixed order')) AS v(pk, why);
SELECT ok(NOT web4_verify('x', signature, '\x9599999999999999999999999999999999999999999999999999999999999999'), 'a refused key verifies nothing')
FROM binding WHERE name = 'alice';
SELECT throws_ok($$SELECT web4_verify('x', '\x00', pk) FROM key LIMIT 1$$, 'W4K03', NULL, 'size of a signature');
SELECT throws_ok($$SELECT web4_verify('x', signature, '\x00') FROM binding LIMIT 1$$, 'W4K03', NULL, 'size of a key');
SELECT throws_ok($$SELECT web4_public_key_ok('')$$, 'W4K03', NULL, 'size of a key to check');
SELECT throws_ok($$SELECT web4_keypair('\x01')$$, 'W4K03', NULL, 'size of a seed');
SELECT throws_ok($$SELECT web4_sign('', '\x01')$$, 'W4K03', NULL, 'size of a secret key');
SELECT is(web4_verify(NULL, signature, '\x00'), NULL, 'NULL in, NULL out') FROM binding LIMIT 1;

-- More keys than the memory of verdicts has places: all verdicts stay right.
CREATE TEMP TABLE many AS
SELECT (k).public_key AS pk, sha256(i::text::bytea) AS message, web4_sign(sha256(i::text::bytea), (k).secret_key) AS signature
FROM (SELECT i, web4_keypair(sha256(('k' || i)::bytea)) AS k FROM generate_series(1, 1500) i OFFSET 0) s;
SELECT ok(bool_and(web4_verify(message, signature, pk)), '1500 keys verify') FROM many;
SELECT ok(bool_and(web4_verify(message, signature, pk)), 'and verify again') FROM many;
SELECT ok(NOT bool_or(web4_verify(message, signature, sha256(pk))), 'and hashes of them do not') FROM many;

-- Canonical JSON: identity.md A7.
SELECT is(web4_canonical(t), t, 'W4C: ' || t) FROM (VALUES
	('{"a":1,"b":"x"}'), ('{"a":"é"}'), ('{"a":"\u001f"}'), ('{"a":"0.95"}'), ('{"a":null}'), ('{"A":1,"_":2,"a":3}'),
	('{}'), ('{"a":[]}'), ('{"a":-5}'), ('{"a":9007199254740991}'), ('[true,false]'), ('"x"')) AS v(t);
SELECT throws_ok(format('SELECT web4_canonical(%L)', t), 'W4F05', NULL, 'not W4C: ' || t) FROM (VALUES
	('{"b":1,"a":2}'), ('{"a":1,"a":2}'), ('{"a": 1}'), ('{"a":1.0}'), ('{"a":1e3}'), ('{"a":-0}'), ('{"a":01}'),
	('{"a":9007199254740992}'), ('{"a":"\u00e9"}'), ('{"a":"\/"}'), ('{"a":"\u001F"}'), ('{"é":1}'), ('{"a":3,"A":1}'),
	('{"a":"\ud800"}'), (E'{"a":1}\n'), (U&'\FEFF{}'), (''), ('{'), ('nul'), ('{"a":"' || chr(1) || '"}')) AS v(t);
SELECT throws_ok($$SELECT web4_canonical(repeat('[', 33) || repeat(']', 33))$$, 'W4F05', NULL, 'nested too deeply');
SELECT throws_ok($$SELECT web4_canonical('"' || repeat('x', 70000) || '"')$$, 'W4F09', NULL, 'W4C of 70 KB');
SELECT throws_ok($$SELECT web4_jcs('"' || repeat('x', 1100000) || '"')$$, 'W4F09', NULL, 'JSON of 1.1 MB');

-- RFC 8785: appendix B and the example of section 3.2.
SELECT is(web4_jcs(i), o, 'JCS of ' || i) FROM (VALUES
	('1E21', '1e+21'), ('0.000001', '0.000001'), ('1e-7', '1e-7'), ('333333333.33333329', '333333333.3333333'),
	('4.50', '4.5'), ('"\u20ac\u00e9\/"', '"€é/"'), ('{"\u20ac":1,"\r":2,"1":3,"\u00f6":4}', '{"\r":2,"1":3,"ö":4,"€":1}')) AS v(i, o);
SELECT is(web4_jcs(' { "b" : 2 , "a" : [ 1.50 , 1e3 , -0 ] } '), '{"a":[1.5,1000,0],"b":2}', 'white space, order and numbers');
SELECT is(web4_jcs(web4_jcs(t)), web4_jcs(t), 'JCS is idempotent') FROM (VALUES ('{"z":[1.25,{"y":null}],"é":"\u000a"}')) AS v(t);
SELECT throws_ok(format('SELECT web4_jcs(%L)', t), 'W4F05', NULL, 'no JCS: ' || t) FROM (VALUES
	('{"a":1,"a":1}'), ('"\ud800"'), ('1e400'), ('{"a":NaN}'), ('[1,]'), ('')) AS v(t);

-- Merkle trees, RFC 6962.
SELECT is(web4_merkle_root('{}'), sha256(''), 'root of nothing');
SELECT is(web4_merkle_root(ARRAY['a'::bytea]), web4_leaf_hash('a'), 'root of one leaf');
SELECT is(web4_leaf_hash('a'), sha256('\x00'::bytea || 'a'), 'leaf hash');
SELECT is(web4_merkle_root(ARRAY['a', 'b', 'c']::bytea[]),
	sha256('\x01'::bytea || sha256('\x01'::bytea || web4_leaf_hash('a') || web4_leaf_hash('b')) || web4_leaf_hash('c')), 'root of three leaves');
-- the tree of the certificate transparency reference implementation
CREATE TEMP TABLE ct AS SELECT ARRAY['', '\x00', '\x10', '\x2021', '\x3031', '\x40414243', '\x5051525354555657', '\x606162636465666768696a6b6c6d6e6f']::bytea[] AS leaves;
SELECT is(web4_merkle_root(leaves), '\x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'::bytea, 'known root of eight leaves') FROM ct;
SELECT is(web4_merkle_root(leaves[1:5]), '\x4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'::bytea, 'known root of five') FROM ct;

CREATE TEMP TABLE tree AS
SELECT n, array_agg(convert_to('leaf ' || i, 'UTF8') ORDER BY i) AS leaves FROM generate_series(1, 17) n, generate_series(1, n) i GROUP BY n;
SELECT ok(bool_and(web4_merkle_verify_inclusion(i, n, web4_leaf_hash(leaves[i + 1]), web4_merkle_inclusion_proof(leaves, i), web4_merkle_root(leaves))),
	'every leaf of 1 to 17 is proven') FROM tree, generate_series(0, n - 1) i;
SELECT ok(NOT bool_or(web4_merkle_verify_inclusion(j, n, web4_leaf_hash(leaves[i + 1]), web4_merkle_inclusion_proof(leaves, i), web4_merkle_root(leaves))),
	'and no leaf in the place of another') FROM tree, generate_series(0, n - 1) i, generate_series(0, n - 1) j WHERE i <> j;
SELECT ok(NOT bool_or(web4_merkle_verify_inclusion(i, n, web4_leaf_hash(leaves[i + 1]), web4_merkle_inclusion_proof(leaves, i) || sha256(''), web4_merkle_root(leaves))),
	'a superfluous hash spoils the proof') FROM tree, generate_series(0, n - 1) i;
SELECT ok(bool_and(web4_merkle_verify_consistency(m, n, web4_merkle_root(leaves[1:m]), web4_merkle_root(leaves), web4_merkle_consistency_proof(leaves, m))),
	'every tree extends its prefixes') FROM tree, generate_series(1, n) m;
SELECT ok(NOT bool_or(web4_merkle_verify_consistency(m, n, web4_merkle_root(leaves[2:m + 1]), web4_merkle_root(leaves), web4_merkle_consistency_proof(leaves, m))),
	'and nothing else') FROM tree, generate_series(1, n - 1) m;
SELECT ok(web4_merkle_verify_consistency(0, 3, web4_merkle_root('{}'), web4_merkle_root('{a,b,c}'), '{}'), 'the empty tree is a prefix');
SELECT ok(NOT web4_merkle_verify_consistency(3, 2, sha256(''), sha256(''), '{}'), 'a tree does not shrink');
SELECT ok(NOT web4_merkle_verify_inclusion(i, n, sha256(''), '{}', sha256('')), format('leaf %s of %s', i, n))
FROM (VALUES (-1, 1), (1, 1), (0, 0), (0, -1)) AS v(i, n);
SELECT ok(NOT web4_merkle_verify_inclusion(0, 2, sha256(''), array_fill(sha256(''), ARRAY[65]), sha256('')), 'a proof of 65 hashes');
SELECT throws_ok($$SELECT web4_merkle_inclusion_proof('{a,b}', 2)$$, 'W4F08', NULL, 'no leaf of that index');
SELECT throws_ok($$SELECT web4_merkle_inclusion_proof('{a,b}', -1)$$, 'W4F08', NULL, 'negative index');
SELECT throws_ok($$SELECT web4_merkle_consistency_proof('{a,b}', 0)$$, 'W4F08', NULL, 'proof for the empty tree');
SELECT throws_ok($$SELECT web4_merkle_consistency_proof('{a,b}', 3)$$, 'W4F08', NULL, 'proof for a larger tree');
SELECT throws_ok($$SELECT web4_merkle_root('{a,NULL}')$$, 'W4F08', NULL, 'a leaf that is NULL');
SELECT throws_ok($$SELECT web4_merkle_root('{{a},{b}}')$$, 'W4F08', NULL, 'a matrix of leaves');
SELECT throws_ok($$SELECT web4_merkle_verify_inclusion(0, 2, sha256(''), '{a}', sha256(''))$$, 'W4K03', NULL, 'size of a hash in a proof');
SELECT throws_ok($$SELECT web4_merkle_verify_inclusion(0, 2, '', '{}', sha256(''))$$, 'W4K03', NULL, 'size of a leaf hash');
SELECT throws_ok($$SELECT web4_merkle_verify_consistency(1, 2, '', sha256(''), '{}')$$, 'W4K03', NULL, 'size of a root');

-- The error table.
SELECT ok(count(*) > 60 AND count(*) = count(DISTINCT sqlstate) AND count(*) = count(DISTINCT name), 'each code once') FROM web4_error_codes();
SELECT is(count(*), 0::bigint, 'codes are well formed') FROM web4_error_codes()
WHERE sqlstate !~ '^W4[A-Z][0-9]{2}$' OR code !~ '^W4_ERR_[A-Z0-9_]+$' OR meaning = '' OR name !~ '^[A-Z_]+$';
SELECT is(code, 'W4_ERR_CRYPTO_VERIFY', 'protocol code of W4K02') FROM web4_error_codes() WHERE sqlstate = 'W4K02';

-- Labels and privileges.
SELECT is(provolatile::text || proparallel::text || proisstrict::text, 'istrue', p.oid::regprocedure || ' is immutable, parallel safe, strict')
FROM pg_proc p WHERE proname IN ('web4_verify', 'web4_public_key_ok', 'web4_jcs', 'web4_canonical', 'web4_leaf_hash', 'web4_merkle_root',
	'web4_merkle_inclusion_proof', 'web4_merkle_consistency_proof', 'web4_merkle_verify_inclusion', 'web4_merkle_verify_consistency',
	'web4_error_codes', 'web4_keypair', 'web4_sign');
SELECT ok(procost >= 500, p.oid::regprocedure || ' has an honest cost') FROM pg_proc p
WHERE proname IN ('web4_verify', 'web4_public_key_ok', 'web4_sign', 'web4_keypair', 'web4_merkle_root');
CREATE ROLE web4_nobody;
SELECT ok(NOT has_function_privilege('web4_nobody', p.oid, 'EXECUTE'), p.oid::regprocedure || ' is granted to nobody')
FROM pg_proc p WHERE proname IN ('web4_keypair', 'web4_sign');
SELECT ok(has_function_privilege('web4_nobody', p.oid, 'EXECUTE'), p.oid::regprocedure || ' is for everybody')
FROM pg_proc p WHERE proname IN ('web4_verify', 'web4_public_key_ok', 'web4_jcs', 'web4_canonical', 'web4_merkle_verify_inclusion');

SELECT * FROM finish();
ROLLBACK;
