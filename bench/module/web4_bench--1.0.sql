\echo Use "CREATE EXTENSION web4_bench" to load this file. \quit

-- Messages with one key and their signatures, in random order of content.
CREATE FUNCTION bench_messages(count integer, size integer, OUT message bytea, OUT signature bytea, OUT public_key bytea)
RETURNS SETOF record LANGUAGE C VOLATILE STRICT AS 'MODULE_PATHNAME';

-- Milliseconds that libsodium alone needs to verify count messages of size bytes.
CREATE FUNCTION bench_raw_verify(count integer, size integer) RETURNS float8
LANGUAGE C VOLATILE STRICT AS 'MODULE_PATHNAME';

-- Milliseconds that libsodium alone needs for count births: a key check, an
-- identifier, a certificate hash, and the signatures of subject, society and witnesses.
CREATE FUNCTION bench_raw_mint(count integer, witnesses integer) RETURNS float8
LANGUAGE C VOLATILE STRICT AS 'MODULE_PATHNAME';
