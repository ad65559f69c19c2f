-- A tour of the protocol room: signatures, canonical JSON, Merkle proofs.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS web4;
RESET client_min_messages;

-- A signature of alice (RFC 8032, test 1: the empty message).
SELECT web4_verify('',
	'\xe5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
	'\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a') AS alices,
	web4_verify('something else',
	'\xe5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
	'\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a') AS of_something_else;

-- A key must be a canonical point of prime order; this one of mixed order fooled libsodium for years.
SELECT web4_public_key_ok('\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a') AS good,
	web4_public_key_ok('\x9599999999999999999999999999999999999999999999999999999999999999') AS mixed_order;

-- What cannot be a signature is an error, not an answer.
SELECT web4_verify('', '\x00', '\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');

-- Any JSON has one canonical form (RFC 8785) ...
SELECT web4_jcs('{ "b": [1.50, 1e21, -0], "a": "\u0041\/" }');
SELECT web4_jcs('{"a":1,"a":2}');
-- ... and what web4 signs is narrower: whole numbers only, already canonical.
SELECT web4_canonical('{"amount":"1.5","v":1}');
SELECT web4_canonical('{"v":1,"amount":"1.5"}');
SELECT web4_canonical('{"amount":1.5}');

-- Prove that leaf 2 of 5 is in the tree, and that the tree of 3 became the tree of 5.
CREATE TEMP TABLE tree AS SELECT '{a,b,c,d,e}'::bytea[] AS leaves;
SELECT web4_merkle_root(leaves) AS root FROM tree;
SELECT cardinality(proof) AS hashes,
	web4_merkle_verify_inclusion(2, 5, web4_leaf_hash('c'), proof, web4_merkle_root(leaves)) AS c_is_leaf_2,
	web4_merkle_verify_inclusion(2, 5, web4_leaf_hash('x'), proof, web4_merkle_root(leaves)) AS x_is_leaf_2
FROM tree, web4_merkle_inclusion_proof(leaves, 2) AS proof;
SELECT cardinality(proof) AS hashes,
	web4_merkle_verify_consistency(3, 5, web4_merkle_root(leaves[1:3]), web4_merkle_root(leaves), proof) AS appended,
	web4_merkle_verify_consistency(3, 5, web4_merkle_root('{a,x,c}'), web4_merkle_root(leaves), proof) AS rewritten
FROM tree, web4_merkle_consistency_proof(leaves, 3) AS proof;
SELECT web4_merkle_inclusion_proof(leaves, 5) FROM tree;

-- Every error has a SQLSTATE and a protocol code.
SELECT * FROM web4_error_codes() WHERE sqlstate LIKE 'W4K%' ORDER BY sqlstate LIMIT 3;
