-- ---------------------------------------------------------------------------
-- protocol: signatures, canonical JSON and Merkle proofs as SQL functions.
--
-- Pure functions that everybody may execute, except the two that take a
-- secret: those exist for tests and are granted to nobody.
-- ---------------------------------------------------------------------------

CREATE FUNCTION web4_verify(message bytea, signature bytea, public_key bytea) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_verify(bytea, bytea, bytea) IS
'is this an Ed25519 signature of the message by an acceptable key?';

CREATE FUNCTION web4_public_key_ok(public_key bytea) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_public_key_ok(bytea) IS
'is this a canonical Ed25519 public key of prime order?';

CREATE FUNCTION web4_jcs(source text) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_jcs(text) IS
'canonical form (RFC 8785) of a JSON text';

CREATE FUNCTION web4_canonical(source text) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_canonical(text) IS
'the argument, when it is canonical JSON that web4 signs (W4C); an error otherwise';

CREATE FUNCTION web4_leaf_hash(data bytea) RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 15 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_leaf_hash(bytea) IS
'hash of a Merkle leaf: SHA-256 of a zero byte and the data';

CREATE FUNCTION web4_merkle_root(leaves bytea[]) RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_merkle_root(bytea[]) IS
'RFC 6962 root over the leaves'' data';

CREATE FUNCTION web4_merkle_inclusion_proof(leaves bytea[], index bigint) RETURNS bytea[]
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_merkle_inclusion_proof(bytea[], bigint) IS
'proof that leaf number index (from 0) is in the tree of these leaves';

CREATE FUNCTION web4_merkle_consistency_proof(leaves bytea[], old_size bigint) RETURNS bytea[]
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_merkle_consistency_proof(bytea[], bigint) IS
'proof that the tree of the first old_size leaves is a prefix of the tree of all';

CREATE FUNCTION web4_merkle_verify_inclusion(index bigint, size bigint, leaf_hash bytea, proof bytea[], root bytea) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 150 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_merkle_verify_inclusion(bigint, bigint, bytea, bytea[], bytea) IS
'does the proof show the leaf in the tree? index, size and root must come from a tree head that you trust';

CREATE FUNCTION web4_merkle_verify_consistency(old_size bigint, new_size bigint, old_root bytea, new_root bytea, proof bytea[]) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 150 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_merkle_verify_consistency(bigint, bigint, bytea, bytea, bytea[]) IS
'does the proof show that the new tree only appended to the old one?';

CREATE FUNCTION web4_error_codes(OUT sqlstate text, OUT name text, OUT code text, OUT meaning text, OUT cure text) RETURNS SETOF record
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 70 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_error_codes() IS
'every SQLSTATE of web4 with its protocol code, meaning and cure';

CREATE FUNCTION web4_keypair(seed bytea, OUT public_key bytea, OUT secret_key bytea) RETURNS record
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_keypair(bytea) IS
'key pair of a seed; for tests, a secret in SQL text ends up in logs';
REVOKE ALL ON FUNCTION web4_keypair(bytea) FROM PUBLIC;

CREATE FUNCTION web4_sign(message bytea, secret_key bytea) RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_sign(bytea, bytea) IS
'Ed25519 signature; for tests, a secret in SQL text ends up in logs';
REVOKE ALL ON FUNCTION web4_sign(bytea, bytea) FROM PUBLIC;
