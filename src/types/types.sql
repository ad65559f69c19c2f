-- ---------------------------------------------------------------------------
-- types: lct, atp, t3, v3, atp_tx, consent.
--
-- Each type in the same order: input and output, comparison, index support,
-- conversions, what one does with it.  All functions are pure, so that
-- everybody may execute them.  No cast is implicit.
-- ---------------------------------------------------------------------------

-- lct: an identity ----------------------------------------------------------

CREATE TYPE lct;
CREATE FUNCTION lct_in(cstring) RETURNS lct LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_out(lct) RETURNS cstring LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_recv(internal) RETURNS lct LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_send(lct) RETURNS bytea LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE TYPE lct (
	INPUT = lct_in, OUTPUT = lct_out, RECEIVE = lct_recv, SEND = lct_send,
	INTERNALLENGTH = 32, ALIGNMENT = char, STORAGE = plain
);
COMMENT ON TYPE lct IS 'identity: SHA-256 of its genesis public key, written lct:web4:mb32:b...';

CREATE FUNCTION lct_eq(lct, lct) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_ne(lct, lct) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_lt(lct, lct) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_le(lct, lct) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_gt(lct, lct) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_ge(lct, lct) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_cmp(lct, lct) RETURNS integer LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_sortsupport(internal) RETURNS void LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_hash(lct) RETURNS integer LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION lct_hash_extended(lct, bigint) RETURNS bigint LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';

CREATE OPERATOR = (
	LEFTARG = lct, RIGHTARG = lct, FUNCTION = lct_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = lct, RIGHTARG = lct, FUNCTION = lct_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = lct, RIGHTARG = lct, FUNCTION = lct_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = lct, RIGHTARG = lct, FUNCTION = lct_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = lct, RIGHTARG = lct, FUNCTION = lct_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = lct, RIGHTARG = lct, FUNCTION = lct_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (lct, lct) IS 'equal';
COMMENT ON OPERATOR <> (lct, lct) IS 'not equal';
COMMENT ON OPERATOR < (lct, lct) IS 'less than';
COMMENT ON OPERATOR <= (lct, lct) IS 'less than or equal';
COMMENT ON OPERATOR > (lct, lct) IS 'greater than';
COMMENT ON OPERATOR >= (lct, lct) IS 'greater than or equal';
CREATE OPERATOR CLASS lct_ops DEFAULT FOR TYPE lct USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 lct_cmp(lct, lct), FUNCTION 2 lct_sortsupport(internal), FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS lct_ops USING btree IS 'order of the bytes; for indexes and sorting';
CREATE OPERATOR CLASS lct_ops DEFAULT FOR TYPE lct USING hash AS
	OPERATOR 1 =, FUNCTION 1 lct_hash(lct), FUNCTION 2 lct_hash_extended(lct, bigint);
COMMENT ON OPERATOR CLASS lct_ops USING hash IS 'equality of lct';

CREATE FUNCTION lct(bytea) RETURNS lct LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lct_from_bytea';
COMMENT ON FUNCTION lct(bytea) IS 'the identity of these 32 bytes';
CREATE FUNCTION lct_to_bytea(lct) RETURNS bytea LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION lct_to_bytea(lct) IS 'the 32 bytes of an identity';
CREATE FUNCTION lct_from_public_key(public_key bytea) RETURNS lct LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 15 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION lct_from_public_key(bytea) IS 'the identity that begins with this Ed25519 public key';
CREATE FUNCTION web4_multikey(public_key bytea) RETURNS text LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_multikey(bytea) IS 'multikey text (z6Mk...) of an Ed25519 public key';

CREATE CAST (bytea AS lct) WITH FUNCTION lct(bytea);
CREATE CAST (lct AS bytea) WITH FUNCTION lct_to_bytea(lct);

-- atp: an amount of energy --------------------------------------------------

CREATE TYPE atp;
CREATE FUNCTION atp_in(cstring) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION atp_out(atp) RETURNS cstring LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION atp_recv(internal) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION atp_send(atp) RETURNS bytea LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE TYPE atp (
	INPUT = atp_in, OUTPUT = atp_out, RECEIVE = atp_recv, SEND = atp_send,
	LIKE = pg_catalog.int8
);
COMMENT ON TYPE atp IS 'amount of energy: exact decimal with up to 6 fraction digits';

-- an atp is an int8, so the server's own functions compare, hash and sort it
CREATE FUNCTION atp_eq(atp, atp) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8eq';
CREATE FUNCTION atp_ne(atp, atp) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8ne';
CREATE FUNCTION atp_lt(atp, atp) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8lt';
CREATE FUNCTION atp_le(atp, atp) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8le';
CREATE FUNCTION atp_gt(atp, atp) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8gt';
CREATE FUNCTION atp_ge(atp, atp) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8ge';
CREATE FUNCTION atp_cmp(atp, atp) RETURNS integer LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btint8cmp';
CREATE FUNCTION atp_sortsupport(internal) RETURNS void LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'btint8sortsupport';
CREATE FUNCTION atp_in_range(atp, atp, atp, boolean, boolean) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'in_range_int8_int8';
CREATE FUNCTION atp_hash(atp) RETURNS integer LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashint8';
CREATE FUNCTION atp_hash_extended(atp, bigint) RETURNS bigint LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashint8extended';
CREATE FUNCTION atp_larger(atp, atp) RETURNS atp LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8larger';
COMMENT ON FUNCTION atp_larger(atp, atp) IS 'the larger of two amounts';
CREATE FUNCTION atp_smaller(atp, atp) RETURNS atp LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8smaller';
COMMENT ON FUNCTION atp_smaller(atp, atp) IS 'the smaller of two amounts';

CREATE OPERATOR = (
	LEFTARG = atp, RIGHTARG = atp, FUNCTION = atp_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = atp, RIGHTARG = atp, FUNCTION = atp_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = atp, RIGHTARG = atp, FUNCTION = atp_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = atp, RIGHTARG = atp, FUNCTION = atp_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = atp, RIGHTARG = atp, FUNCTION = atp_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = atp, RIGHTARG = atp, FUNCTION = atp_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (atp, atp) IS 'equal';
COMMENT ON OPERATOR <> (atp, atp) IS 'not equal';
COMMENT ON OPERATOR < (atp, atp) IS 'less than';
COMMENT ON OPERATOR <= (atp, atp) IS 'less than or equal';
COMMENT ON OPERATOR > (atp, atp) IS 'greater than';
COMMENT ON OPERATOR >= (atp, atp) IS 'greater than or equal';
CREATE OPERATOR CLASS atp_ops DEFAULT FOR TYPE atp USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 atp_cmp(atp, atp), FUNCTION 2 atp_sortsupport(internal), FUNCTION 3 atp_in_range(atp, atp, atp, boolean, boolean), FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS atp_ops USING btree IS 'order of amounts';
CREATE OPERATOR CLASS atp_ops DEFAULT FOR TYPE atp USING hash AS
	OPERATOR 1 =, FUNCTION 1 atp_hash(atp), FUNCTION 2 atp_hash_extended(atp, bigint);
COMMENT ON OPERATOR CLASS atp_ops USING hash IS 'equality of atp';

CREATE FUNCTION atp_pl(atp, atp) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION atp_mi(atp, atp) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION atp_um(atp) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION atp_mul_int8(atp, bigint) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION int8_mul_atp(bigint, atp) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION atp_div_int8(atp, bigint) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION atp_div_atp(atp, atp) RETURNS numeric LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION abs(atp) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'atp_abs';
COMMENT ON FUNCTION abs(atp) IS 'absolute amount';

CREATE OPERATOR + (LEFTARG = atp, RIGHTARG = atp, FUNCTION = atp_pl, COMMUTATOR = +);
CREATE OPERATOR - (LEFTARG = atp, RIGHTARG = atp, FUNCTION = atp_mi);
CREATE OPERATOR - (RIGHTARG = atp, FUNCTION = atp_um);
CREATE OPERATOR * (LEFTARG = atp, RIGHTARG = bigint, FUNCTION = atp_mul_int8, COMMUTATOR = *);
CREATE OPERATOR * (LEFTARG = bigint, RIGHTARG = atp, FUNCTION = int8_mul_atp, COMMUTATOR = *);
CREATE OPERATOR / (LEFTARG = atp, RIGHTARG = bigint, FUNCTION = atp_div_int8);
CREATE OPERATOR / (LEFTARG = atp, RIGHTARG = atp, FUNCTION = atp_div_atp);
COMMENT ON OPERATOR + (atp, atp) IS 'sum of two amounts';
COMMENT ON OPERATOR - (atp, atp) IS 'difference of two amounts';
COMMENT ON OPERATOR - (NONE, atp) IS 'negative amount';
COMMENT ON OPERATOR * (atp, bigint) IS 'multiple of an amount';
COMMENT ON OPERATOR * (bigint, atp) IS 'multiple of an amount';
COMMENT ON OPERATOR / (atp, bigint) IS 'share of an amount, truncated toward zero';
COMMENT ON OPERATOR / (atp, atp) IS 'ratio of two amounts';

CREATE FUNCTION atp(numeric) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'atp_from_numeric';
COMMENT ON FUNCTION atp(numeric) IS 'the amount, exactly; an error when that takes more than 6 fraction digits';
CREATE FUNCTION atp(bigint) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'atp_from_int8';
COMMENT ON FUNCTION atp(bigint) IS 'so many whole ATP';
CREATE FUNCTION atp(integer) RETURNS atp LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'atp_from_int4';
COMMENT ON FUNCTION atp(integer) IS 'so many whole ATP';
CREATE FUNCTION atp_to_numeric(atp) RETURNS numeric LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION atp_to_numeric(atp) IS 'the amount in ATP, exactly';
CREATE FUNCTION atp_micro(amount atp) RETURNS bigint LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8up';
COMMENT ON FUNCTION atp_micro(atp) IS 'the amount in micro-ATP';
CREATE FUNCTION atp_from_micro(micro bigint) RETURNS atp LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8up';
COMMENT ON FUNCTION atp_from_micro(bigint) IS 'so many micro-ATP';

CREATE CAST (numeric AS atp) WITH FUNCTION atp(numeric);
CREATE CAST (bigint AS atp) WITH FUNCTION atp(bigint);
CREATE CAST (integer AS atp) WITH FUNCTION atp(integer);
CREATE CAST (atp AS numeric) WITH FUNCTION atp_to_numeric(atp);

-- sum and avg accumulate in the 128 bits of the server's sum(bigint)
CREATE FUNCTION atp_accum(internal, atp) RETURNS internal LANGUAGE internal IMMUTABLE PARALLEL SAFE AS 'int8_avg_accum';
CREATE FUNCTION atp_accum_inv(internal, atp) RETURNS internal LANGUAGE internal IMMUTABLE PARALLEL SAFE AS 'int8_avg_accum_inv';
CREATE FUNCTION atp_combine(internal, internal) RETURNS internal LANGUAGE internal IMMUTABLE PARALLEL SAFE AS 'int8_avg_combine';
CREATE FUNCTION atp_serialize(internal) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8_avg_serialize';
CREATE FUNCTION atp_deserialize(bytea, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'int8_avg_deserialize';
CREATE FUNCTION atp_sum_final(internal) RETURNS atp LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION atp_avg_final(internal) RETURNS numeric LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';

CREATE AGGREGATE sum(atp) (
	SFUNC = atp_accum, STYPE = internal, SSPACE = 48, FINALFUNC = atp_sum_final,
	COMBINEFUNC = atp_combine, SERIALFUNC = atp_serialize, DESERIALFUNC = atp_deserialize,
	MSFUNC = atp_accum, MINVFUNC = atp_accum_inv, MSTYPE = internal, MSSPACE = 48, MFINALFUNC = atp_sum_final,
	PARALLEL = safe
);
COMMENT ON AGGREGATE sum(atp) IS 'sum of amounts; an error when it does not fit';
CREATE AGGREGATE avg(atp) (
	SFUNC = atp_accum, STYPE = internal, SSPACE = 48, FINALFUNC = atp_avg_final,
	COMBINEFUNC = atp_combine, SERIALFUNC = atp_serialize, DESERIALFUNC = atp_deserialize,
	MSFUNC = atp_accum, MINVFUNC = atp_accum_inv, MSTYPE = internal, MSSPACE = 48, MFINALFUNC = atp_avg_final,
	PARALLEL = safe
);
COMMENT ON AGGREGATE avg(atp) IS 'mean of amounts, in ATP';
CREATE AGGREGATE min(atp) (SFUNC = atp_smaller, STYPE = atp, COMBINEFUNC = atp_smaller, SORTOP = <, PARALLEL = safe);
COMMENT ON AGGREGATE min(atp) IS 'smallest amount';
CREATE AGGREGATE max(atp) (SFUNC = atp_larger, STYPE = atp, COMBINEFUNC = atp_larger, SORTOP = >, PARALLEL = safe);
COMMENT ON AGGREGATE max(atp) IS 'largest amount';

-- t3: trust in an entity in a role ------------------------------------------

CREATE TYPE t3;
CREATE FUNCTION t3_in(cstring) RETURNS t3 LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION t3_out(t3) RETURNS cstring LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_out';
CREATE FUNCTION t3_recv(internal) RETURNS t3 LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION t3_send(t3) RETURNS bytea LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_send';
CREATE TYPE t3 (
	INPUT = t3_in, OUTPUT = t3_out, RECEIVE = t3_recv, SEND = t3_send,
	INTERNALLENGTH = 12, ALIGNMENT = int4, STORAGE = plain
);
COMMENT ON TYPE t3 IS 'trust tensor (talent,training,temperament), each from 0 to 1 in steps of 1e-9';

CREATE FUNCTION t3_eq(t3, t3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_eq';
CREATE FUNCTION t3_ne(t3, t3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_ne';
CREATE FUNCTION t3_lt(t3, t3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_lt';
CREATE FUNCTION t3_le(t3, t3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_le';
CREATE FUNCTION t3_gt(t3, t3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_gt';
CREATE FUNCTION t3_ge(t3, t3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_ge';
CREATE FUNCTION t3_cmp(t3, t3) RETURNS integer LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_cmp';
CREATE FUNCTION t3_sortsupport(internal) RETURNS void LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_sortsupport';
CREATE FUNCTION t3_hash(t3) RETURNS integer LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_hash';
CREATE FUNCTION t3_hash_extended(t3, bigint) RETURNS bigint LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_hash_extended';

CREATE OPERATOR = (
	LEFTARG = t3, RIGHTARG = t3, FUNCTION = t3_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = t3, RIGHTARG = t3, FUNCTION = t3_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = t3, RIGHTARG = t3, FUNCTION = t3_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = t3, RIGHTARG = t3, FUNCTION = t3_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = t3, RIGHTARG = t3, FUNCTION = t3_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = t3, RIGHTARG = t3, FUNCTION = t3_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (t3, t3) IS 'equal';
COMMENT ON OPERATOR <> (t3, t3) IS 'not equal';
COMMENT ON OPERATOR < (t3, t3) IS 'less than';
COMMENT ON OPERATOR <= (t3, t3) IS 'less than or equal';
COMMENT ON OPERATOR > (t3, t3) IS 'greater than';
COMMENT ON OPERATOR >= (t3, t3) IS 'greater than or equal';
CREATE OPERATOR CLASS t3_ops DEFAULT FOR TYPE t3 USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 t3_cmp(t3, t3), FUNCTION 2 t3_sortsupport(internal), FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS t3_ops USING btree IS 'lexicographic; for indexes and sorting, not an order of trust';
CREATE OPERATOR CLASS t3_ops DEFAULT FOR TYPE t3 USING hash AS
	OPERATOR 1 =, FUNCTION 1 t3_hash(t3), FUNCTION 2 t3_hash_extended(t3, bigint);
COMMENT ON OPERATOR CLASS t3_ops USING hash IS 'equality of t3';

CREATE FUNCTION t3(talent numeric, training numeric, temperament numeric) RETURNS t3 LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 't3_make';
COMMENT ON FUNCTION t3(numeric, numeric, numeric) IS 'the tensor of these three dimensions, each from 0 to 1';
CREATE FUNCTION t3_talent(t3) RETURNS numeric LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_dim0';
COMMENT ON FUNCTION t3_talent(t3) IS 'talent, from 0 to 1';
CREATE FUNCTION t3_training(t3) RETURNS numeric LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_dim1';
COMMENT ON FUNCTION t3_training(t3) IS 'training, from 0 to 1';
CREATE FUNCTION t3_temperament(t3) RETURNS numeric LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_dim2';
COMMENT ON FUNCTION t3_temperament(t3) IS 'temperament, from 0 to 1';
CREATE FUNCTION t3_composite(t3) RETURNS numeric LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION t3_composite(t3) IS '0.4 talent + 0.3 training + 0.3 temperament';
CREATE FUNCTION t3_meets(t3, minimum t3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_meets';
COMMENT ON FUNCTION t3_meets(t3, t3) IS 'is every dimension at least the minimum''s?';
CREATE FUNCTION t3_apply_quality(t3, quality numeric) RETURNS t3 LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION t3_apply_quality(t3, numeric) IS 'the tensor after an action of this quality (0 to 1)';
CREATE FUNCTION t3_distance(t3, t3) RETURNS double precision LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_distance';
COMMENT ON FUNCTION t3_distance(t3, t3) IS 'Euclidean distance, from 0 to the square root of 3';
CREATE OPERATOR <-> (LEFTARG = t3, RIGHTARG = t3, FUNCTION = t3_distance, COMMUTATOR = <->);
COMMENT ON OPERATOR <-> (t3, t3) IS 'Euclidean distance';

CREATE CAST (jsonb AS t3) WITH INOUT;

-- v3: value of what was done ------------------------------------------------

CREATE TYPE v3;
CREATE FUNCTION v3_in(cstring) RETURNS v3 LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION v3_out(v3) RETURNS cstring LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_out';
CREATE FUNCTION v3_recv(internal) RETURNS v3 LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION v3_send(v3) RETURNS bytea LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_send';
CREATE TYPE v3 (
	INPUT = v3_in, OUTPUT = v3_out, RECEIVE = v3_recv, SEND = v3_send,
	INTERNALLENGTH = 12, ALIGNMENT = int4, STORAGE = plain
);
COMMENT ON TYPE v3 IS 'value tensor (valuation,veracity,validity), each from 0 to 1 in steps of 1e-9';

CREATE FUNCTION v3_eq(v3, v3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_eq';
CREATE FUNCTION v3_ne(v3, v3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_ne';
CREATE FUNCTION v3_lt(v3, v3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_lt';
CREATE FUNCTION v3_le(v3, v3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_le';
CREATE FUNCTION v3_gt(v3, v3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_gt';
CREATE FUNCTION v3_ge(v3, v3) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_ge';
CREATE FUNCTION v3_cmp(v3, v3) RETURNS integer LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_cmp';
CREATE FUNCTION v3_sortsupport(internal) RETURNS void LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_sortsupport';
CREATE FUNCTION v3_hash(v3) RETURNS integer LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_hash';
CREATE FUNCTION v3_hash_extended(v3, bigint) RETURNS bigint LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_hash_extended';

CREATE OPERATOR = (
	LEFTARG = v3, RIGHTARG = v3, FUNCTION = v3_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = v3, RIGHTARG = v3, FUNCTION = v3_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = v3, RIGHTARG = v3, FUNCTION = v3_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = v3, RIGHTARG = v3, FUNCTION = v3_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = v3, RIGHTARG = v3, FUNCTION = v3_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = v3, RIGHTARG = v3, FUNCTION = v3_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (v3, v3) IS 'equal';
COMMENT ON OPERATOR <> (v3, v3) IS 'not equal';
COMMENT ON OPERATOR < (v3, v3) IS 'less than';
COMMENT ON OPERATOR <= (v3, v3) IS 'less than or equal';
COMMENT ON OPERATOR > (v3, v3) IS 'greater than';
COMMENT ON OPERATOR >= (v3, v3) IS 'greater than or equal';
CREATE OPERATOR CLASS v3_ops DEFAULT FOR TYPE v3 USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 v3_cmp(v3, v3), FUNCTION 2 v3_sortsupport(internal), FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS v3_ops USING btree IS 'lexicographic; for indexes and sorting, not an order of trust';
CREATE OPERATOR CLASS v3_ops DEFAULT FOR TYPE v3 USING hash AS
	OPERATOR 1 =, FUNCTION 1 v3_hash(v3), FUNCTION 2 v3_hash_extended(v3, bigint);
COMMENT ON OPERATOR CLASS v3_ops USING hash IS 'equality of v3';

CREATE FUNCTION v3(valuation numeric, veracity numeric, validity numeric) RETURNS v3 LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'v3_make';
COMMENT ON FUNCTION v3(numeric, numeric, numeric) IS 'the tensor of these three dimensions, each from 0 to 1';
CREATE FUNCTION v3_valuation(v3) RETURNS numeric LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_dim0';
COMMENT ON FUNCTION v3_valuation(v3) IS 'valuation, from 0 to 1';
CREATE FUNCTION v3_veracity(v3) RETURNS numeric LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_dim1';
COMMENT ON FUNCTION v3_veracity(v3) IS 'veracity, from 0 to 1';
CREATE FUNCTION v3_validity(v3) RETURNS numeric LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_dim2';
COMMENT ON FUNCTION v3_validity(v3) IS 'validity, from 0 to 1';
CREATE FUNCTION v3_composite(v3) RETURNS numeric LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION v3_composite(v3) IS '0.3 valuation + 0.35 veracity + 0.35 validity';
CREATE FUNCTION v3_distance(v3, v3) RETURNS double precision LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tensor_distance';
COMMENT ON FUNCTION v3_distance(v3, v3) IS 'Euclidean distance, from 0 to the square root of 3';
CREATE OPERATOR <-> (LEFTARG = v3, RIGHTARG = v3, FUNCTION = v3_distance, COMMUTATOR = <->);
COMMENT ON OPERATOR <-> (v3, v3) IS 'Euclidean distance';

CREATE CAST (jsonb AS v3) WITH INOUT;

-- atp_tx: a transaction of energy -------------------------------------------

CREATE TYPE atp_tx;
CREATE FUNCTION atp_tx_in(cstring) RETURNS atp_tx LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION atp_tx_out(atp_tx) RETURNS cstring LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'wire_out';
CREATE FUNCTION atp_tx_recv(internal) RETURNS atp_tx LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION atp_tx_send(atp_tx) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteasend';
CREATE TYPE atp_tx (
	INPUT = atp_tx_in, OUTPUT = atp_tx_out, RECEIVE = atp_tx_recv, SEND = atp_tx_send,
	INTERNALLENGTH = VARIABLE, STORAGE = extended
);
COMMENT ON TYPE atp_tx IS 'signed bytes of an ATP transaction (web4/atp-tx/v1), written in hex';

CREATE FUNCTION atp_tx_eq(atp_tx, atp_tx) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteaeq';
CREATE FUNCTION atp_tx_ne(atp_tx, atp_tx) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteane';
CREATE FUNCTION atp_tx_lt(atp_tx, atp_tx) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'bytealt';
CREATE FUNCTION atp_tx_le(atp_tx, atp_tx) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteale';
CREATE FUNCTION atp_tx_gt(atp_tx, atp_tx) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteagt';
CREATE FUNCTION atp_tx_ge(atp_tx, atp_tx) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteage';
CREATE FUNCTION atp_tx_cmp(atp_tx, atp_tx) RETURNS integer LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteacmp';
CREATE FUNCTION atp_tx_sortsupport(internal) RETURNS void LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'bytea_sortsupport';
CREATE FUNCTION atp_tx_hashcode(atp_tx) RETURNS integer LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashvarlena';
CREATE FUNCTION atp_tx_hashcode_extended(atp_tx, bigint) RETURNS bigint LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashvarlenaextended';

CREATE OPERATOR = (
	LEFTARG = atp_tx, RIGHTARG = atp_tx, FUNCTION = atp_tx_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = atp_tx, RIGHTARG = atp_tx, FUNCTION = atp_tx_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = atp_tx, RIGHTARG = atp_tx, FUNCTION = atp_tx_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = atp_tx, RIGHTARG = atp_tx, FUNCTION = atp_tx_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = atp_tx, RIGHTARG = atp_tx, FUNCTION = atp_tx_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = atp_tx, RIGHTARG = atp_tx, FUNCTION = atp_tx_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (atp_tx, atp_tx) IS 'equal';
COMMENT ON OPERATOR <> (atp_tx, atp_tx) IS 'not equal';
COMMENT ON OPERATOR < (atp_tx, atp_tx) IS 'less than';
COMMENT ON OPERATOR <= (atp_tx, atp_tx) IS 'less than or equal';
COMMENT ON OPERATOR > (atp_tx, atp_tx) IS 'greater than';
COMMENT ON OPERATOR >= (atp_tx, atp_tx) IS 'greater than or equal';
CREATE OPERATOR CLASS atp_tx_ops DEFAULT FOR TYPE atp_tx USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 atp_tx_cmp(atp_tx, atp_tx), FUNCTION 2 atp_tx_sortsupport(internal), FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS atp_tx_ops USING btree IS 'order of the bytes; for indexes and sorting';
CREATE OPERATOR CLASS atp_tx_ops DEFAULT FOR TYPE atp_tx USING hash AS
	OPERATOR 1 =, FUNCTION 1 atp_tx_hashcode(atp_tx), FUNCTION 2 atp_tx_hashcode_extended(atp_tx, bigint);
COMMENT ON OPERATOR CLASS atp_tx_ops USING hash IS 'equality of atp_tx';

CREATE FUNCTION atp_tx(bytea) RETURNS atp_tx LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'atp_tx_from_bytea';
COMMENT ON FUNCTION atp_tx(bytea) IS 'the transaction of these wire bytes; an error when they are malformed';
CREATE CAST (bytea AS atp_tx) WITH FUNCTION atp_tx(bytea);
CREATE CAST (atp_tx AS bytea) WITHOUT FUNCTION;

-- default metadata hash: SHA-256 of nothing
CREATE FUNCTION atp_tx(
	society text, type text, "from" text, "to" text, amount atp, at timestamptz, ref text, nonce bytea,
	metadata_hash bytea DEFAULT '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
) RETURNS atp_tx LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'atp_tx_make';
COMMENT ON FUNCTION atp_tx(text, text, text, text, atp, timestamptz, text, bytea, bytea) IS
'the transaction of these fields: the bytes to sign';

CREATE FUNCTION atp_tx_parse(
	tx atp_tx, OUT society text, OUT type text, OUT "from" text, OUT "to" text, OUT amount atp, OUT at timestamptz,
	OUT ref text, OUT nonce bytea, OUT metadata_hash bytea
) RETURNS record LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION atp_tx_parse(atp_tx) IS 'the fields of a transaction';

CREATE FUNCTION atp_tx_verify(tx atp_tx, signature bytea, public_key bytea) RETURNS boolean LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1500 AS 'MODULE_PATHNAME', 'web4_verify';
COMMENT ON FUNCTION atp_tx_verify(atp_tx, bytea, bytea) IS 'is this a signature of the transaction by this key?';

CREATE FUNCTION atp_tx_hash(tx atp_tx) RETURNS bytea LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 15 AS 'MODULE_PATHNAME', 'wire_hash';
COMMENT ON FUNCTION atp_tx_hash(atp_tx) IS 'SHA-256 of the signed bytes: the transaction''s id';

-- consent: a signed grant ---------------------------------------------------

CREATE TYPE consent;
CREATE FUNCTION consent_in(cstring) RETURNS consent LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION consent_out(consent) RETURNS cstring LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'wire_out';
CREATE FUNCTION consent_recv(internal) RETURNS consent LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE FUNCTION consent_send(consent) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteasend';
CREATE TYPE consent (
	INPUT = consent_in, OUTPUT = consent_out, RECEIVE = consent_recv, SEND = consent_send,
	INTERNALLENGTH = VARIABLE, STORAGE = extended
);
COMMENT ON TYPE consent IS 'signed grant (consent token), written as the hex of its wire form';

CREATE FUNCTION consent_eq(consent, consent) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteaeq';
CREATE FUNCTION consent_ne(consent, consent) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteane';
CREATE FUNCTION consent_lt(consent, consent) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'bytealt';
CREATE FUNCTION consent_le(consent, consent) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteale';
CREATE FUNCTION consent_gt(consent, consent) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteagt';
CREATE FUNCTION consent_ge(consent, consent) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteage';
CREATE FUNCTION consent_cmp(consent, consent) RETURNS integer LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteacmp';
CREATE FUNCTION consent_sortsupport(internal) RETURNS void LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'bytea_sortsupport';
CREATE FUNCTION consent_hashcode(consent) RETURNS integer LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashvarlena';
CREATE FUNCTION consent_hashcode_extended(consent, bigint) RETURNS bigint LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashvarlenaextended';

CREATE OPERATOR = (
	LEFTARG = consent, RIGHTARG = consent, FUNCTION = consent_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = consent, RIGHTARG = consent, FUNCTION = consent_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = consent, RIGHTARG = consent, FUNCTION = consent_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = consent, RIGHTARG = consent, FUNCTION = consent_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = consent, RIGHTARG = consent, FUNCTION = consent_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = consent, RIGHTARG = consent, FUNCTION = consent_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (consent, consent) IS 'equal';
COMMENT ON OPERATOR <> (consent, consent) IS 'not equal';
COMMENT ON OPERATOR < (consent, consent) IS 'less than';
COMMENT ON OPERATOR <= (consent, consent) IS 'less than or equal';
COMMENT ON OPERATOR > (consent, consent) IS 'greater than';
COMMENT ON OPERATOR >= (consent, consent) IS 'greater than or equal';
CREATE OPERATOR CLASS consent_ops DEFAULT FOR TYPE consent USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 consent_cmp(consent, consent), FUNCTION 2 consent_sortsupport(internal), FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS consent_ops USING btree IS 'order of the bytes; for indexes and sorting';
CREATE OPERATOR CLASS consent_ops DEFAULT FOR TYPE consent USING hash AS
	OPERATOR 1 =, FUNCTION 1 consent_hashcode(consent), FUNCTION 2 consent_hashcode_extended(consent, bigint);
COMMENT ON OPERATOR CLASS consent_ops USING hash IS 'equality of consent';

CREATE FUNCTION consent(bytea) RETURNS consent LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'consent_from_bytea';
COMMENT ON FUNCTION consent(bytea) IS 'the token of these wire bytes; an error when they are malformed';
CREATE CAST (bytea AS consent) WITH FUNCTION consent(bytea);
CREATE CAST (consent AS bytea) WITHOUT FUNCTION;

CREATE FUNCTION consent_parse(
	token consent, OUT issuer text, OUT subject text, OUT intent text, OUT resource text,
	OUT issued_at timestamptz, OUT expires_at timestamptz, OUT level integer, OUT public_key bytea,
	OUT previous bytea, OUT parent bytea, OUT constraints jsonb, OUT signature bytea, OUT hash bytea
) RETURNS record LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consent_parse(consent) IS 'the fields of a token; says nothing about its signature';

CREATE FUNCTION consent_hash(token consent) RETURNS bytea LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 15 AS 'MODULE_PATHNAME', 'wire_hash';
COMMENT ON FUNCTION consent_hash(consent) IS 'SHA-256 of the wire form: the token''s id';

-- not STRICT: a root has no parent; every other null is an error
CREATE FUNCTION consent_signing_input(
	issuer text, subject text, intent text, resource text, issued_at timestamptz, expires_at timestamptz,
	level integer, public_key bytea,
	previous bytea DEFAULT '\x0000000000000000000000000000000000000000000000000000000000000000',
	parent bytea DEFAULT NULL, constraints jsonb DEFAULT '{}'
) RETURNS bytea LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consent_signing_input(text, text, text, text, timestamptz, timestamptz, integer, bytea, bytea, bytea, jsonb) IS
'the bytes that the issuer signs for a token of these fields';

CREATE FUNCTION consent_build(
	issuer text, subject text, intent text, resource text, issued_at timestamptz, expires_at timestamptz,
	level integer, public_key bytea,
	previous bytea DEFAULT '\x0000000000000000000000000000000000000000000000000000000000000000',
	parent bytea DEFAULT NULL, constraints jsonb DEFAULT '{}',
	signature bytea DEFAULT NULL
) RETURNS consent LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consent_build(text, text, text, text, timestamptz, timestamptz, integer, bytea, bytea, bytea, jsonb, bytea) IS
'the token of these fields and this signature; an error when it does not verify';

CREATE TYPE web4_verdict AS (
	valid boolean, code text, sqlstate text, link integer, level integer, detail text, revocation_checked boolean
);
COMMENT ON TYPE web4_verdict IS 'what consent_verify found: valid, or the first check that failed and the link it failed on';

-- not STRICT: a null denies
CREATE FUNCTION consent_verify(
	chain consent[], at timestamptz, anchor_names text[], anchor_keys bytea[], anchor_roots boolean[],
	revocations bytea[] DEFAULT '{}', executor text DEFAULT NULL, intent text DEFAULT NULL, resource text DEFAULT NULL,
	required_level integer DEFAULT 1, strict boolean DEFAULT false, max_depth integer DEFAULT 8,
	revocation_checked boolean DEFAULT true
) RETURNS web4_verdict LANGUAGE C IMMUTABLE PARALLEL SAFE COST 6000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consent_verify(consent[], timestamptz, text[], bytea[], boolean[], bytea[], text, text, text, integer, boolean, integer, boolean) IS
'verdict on a chain of tokens, root first, at an instant, from nothing but the arguments';

CREATE FUNCTION consent_revocation_signing_input(
	revoker text, token_hash bytea, revoked_at timestamptz, reason integer, public_key bytea
) RETURNS bytea LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consent_revocation_signing_input(text, bytea, timestamptz, integer, bytea) IS
'the bytes that the revoker signs';

CREATE FUNCTION consent_revocation_build(
	revoker text, token_hash bytea, revoked_at timestamptz, reason integer, public_key bytea, signature bytea
) RETURNS bytea LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consent_revocation_build(text, bytea, timestamptz, integer, bytea, bytea) IS
'the revocation of these fields and this signature; an error when it does not verify';

CREATE FUNCTION consent_revocation_parse(
	revocation bytea, OUT revoker text, OUT token_hash bytea, OUT revoked_at timestamptz, OUT reason integer,
	OUT public_key bytea, OUT signature bytea
) RETURNS record LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consent_revocation_parse(bytea) IS 'the fields of a revocation; says nothing about its signature';

-- what stands behind a type, an operator or an index says so
DO $$
DECLARE
	f record;
BEGIN
	FOR f IN
		SELECT p.oid::pg_catalog.regprocedure AS signature,
			COALESCE(
				(SELECT pg_catalog.format('input or output of type %s', t.typname) FROM pg_catalog.pg_type t
				 WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend) LIMIT 1),
				(SELECT pg_catalog.format('implementation of operator %s', o.oprname) FROM pg_catalog.pg_operator o
				 WHERE o.oprcode = p.oid LIMIT 1),
				(SELECT pg_catalog.format('index support of type %s', a.amproclefttype::pg_catalog.regtype)
				 FROM pg_catalog.pg_amproc a WHERE a.amproc = p.oid LIMIT 1),
				'accumulation of sum(atp) and avg(atp)') AS comment
		FROM pg_catalog.pg_proc p
			JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'
			JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'web4'
		WHERE p.proname ~ '^(lct|atp|t3|v3|atp_tx|consent)_' OR p.proname = 'int8_mul_atp'
	LOOP
		CONTINUE WHEN pg_catalog.obj_description(f.signature::pg_catalog.oid, 'pg_proc') IS NOT NULL;
		EXECUTE pg_catalog.format('COMMENT ON FUNCTION %s IS %L', f.signature, f.comment);
	END LOOP;
END $$;
