-- types: lct, atp, t3, v3, atp_tx, consent.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS web4;
SET LOCAL TimeZone = 'UTC';
SELECT no_plan();

-- --- what holds for every type ---------------------------------------------

CREATE TEMP TABLE lcts AS SELECT lct_from_public_key(sha256(i::text::bytea)) AS x FROM generate_series(1, 30) i;
CREATE TEMP TABLE atps AS SELECT atp_from_micro(x) AS x FROM unnest(ARRAY[-9223372036854775808, -1500000, -1, 0, 1, 999999, 1000000, 9223372036854775807]) x;
CREATE TEMP TABLE t3s AS SELECT t3(a, b, c) AS x FROM unnest(ARRAY[0, 0.5, 1]) a, unnest(ARRAY[0, 0.000000001, 1]) b, unnest(ARRAY[0.25, 1]) c;
CREATE TEMP TABLE v3s AS SELECT v3(a, b, c) AS x FROM unnest(ARRAY[0, 0.5, 1]) a, unnest(ARRAY[0, 0.000000001, 1]) b, unnest(ARRAY[0.25, 1]) c;
CREATE TEMP TABLE txs AS SELECT atp_tx('lct:web4:society:demo', 'transfer', 'a', 'b', i::integer::atp, '2026-01-01Z', 'ref' || i, substr(sha256(i::text::bytea), 1, 16)) AS x FROM generate_series(1, 30) i;
CREATE TEMP TABLE consents AS
SELECT consent_build('a.lthn', 'b.lthn', 'x.y', 'r' || i, '2026-01-01Z', '2026-01-02Z', 2, k.public_key,
	signature => web4_sign(consent_signing_input('a.lthn', 'b.lthn', 'x.y', 'r' || i, '2026-01-01Z', '2026-01-02Z', 2, k.public_key), k.secret_key)) AS x
FROM generate_series(1, 30) i, web4_keypair(sha256('a')) k;
CREATE TEMP TABLE kind (t text, rel text, hash text);
INSERT INTO kind VALUES ('lct', 'lcts', 'lct_hash'), ('atp', 'atps', 'atp_hash'), ('t3', 't3s', 't3_hash'), ('v3', 'v3s', 'v3_hash'),
	('atp_tx', 'txs', 'atp_tx_hashcode'), ('consent', 'consents', 'consent_hashcode');
-- a test for every type: %1$s is the type, %2$s its table, %3$s its hash function
CREATE FUNCTION pg_temp.for_each(query text, description text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	k record;
	good boolean;
BEGIN
	FOR k IN SELECT * FROM kind LOOP
		EXECUTE format(query, k.t, k.rel, k.hash) INTO good;
		RETURN NEXT ok(good, k.t || ': ' || description);
	END LOOP;
END $$;

SELECT * FROM pg_temp.for_each('SELECT bool_and(x::text::%1$s = x) FROM %2$s', 'text form round trip');
SELECT * FROM pg_temp.for_each('SELECT count(*) = count(DISTINCT x::text) FROM %2$s', 'one text form a value');
SELECT * FROM pg_temp.for_each('SELECT bool_and((a.x < b.x)::int + (a.x = b.x)::int + (a.x > b.x)::int = 1) FROM %2$s a, %2$s b', 'trichotomy');
SELECT * FROM pg_temp.for_each('SELECT bool_and((a.x <= b.x) = NOT (a.x > b.x) AND (a.x >= b.x) = NOT (a.x < b.x) AND (a.x <> b.x) = NOT (a.x = b.x)) FROM %2$s a, %2$s b', 'negators');
SELECT * FROM pg_temp.for_each('SELECT bool_and(%1$s_eq(a.x, b.x) = (a.x = b.x) AND %1$s_ne(a.x, b.x) = (a.x <> b.x) AND %1$s_lt(a.x, b.x) = (a.x < b.x)
	AND %1$s_le(a.x, b.x) = (a.x <= b.x) AND %1$s_gt(a.x, b.x) = (a.x > b.x) AND %1$s_ge(a.x, b.x) = (a.x >= b.x)) FROM %2$s a, %2$s b', 'the operators are their functions');
SELECT * FROM pg_temp.for_each('SELECT bool_and((a.x < b.x) = (b.x > a.x) AND %1$s_cmp(a.x, b.x) = -%1$s_cmp(b.x, a.x) OR sign(%1$s_cmp(a.x, b.x)) = -sign(%1$s_cmp(b.x, a.x))) FROM %2$s a, %2$s b', 'antisymmetry');
SELECT * FROM pg_temp.for_each('SELECT NOT coalesce(bool_or(a.x > c.x), false) FROM (SELECT * FROM %2$s LIMIT 12) a, (SELECT * FROM %2$s LIMIT 12) b, (SELECT * FROM %2$s LIMIT 12) c WHERE a.x <= b.x AND b.x <= c.x', 'transitivity');
SELECT * FROM pg_temp.for_each('SELECT bool_and(p IS NULL OR p <= x) FROM (SELECT x, lag(x) OVER (ORDER BY x) AS p FROM %2$s) s', 'sorting agrees with <=');
SELECT * FROM pg_temp.for_each('SELECT bool_and(%3$s(x) = %3$s(x::text::%1$s) AND (%3$s_extended(x, 0) & 4294967295) = (%3$s(x)::bigint & 4294967295)) FROM %2$s', 'equal values hash equally');
SELECT * FROM pg_temp.for_each('SELECT bool_or(%3$s_extended(x, 1) <> %3$s_extended(x, 2)) FROM %2$s', 'the seed changes the hash');
SELECT * FROM pg_temp.for_each('SELECT count(*) = 4 FROM pg_amproc h JOIN pg_opclass c ON c.opcfamily = h.amprocfamily JOIN pg_am m ON m.oid = c.opcmethod
	WHERE m.amname = ''btree'' AND c.opcintype = ''%1$s''::regtype AND h.amprocnum IN (1, 2, 4) OR m.amname = ''hash'' AND c.opcintype = ''%1$s''::regtype AND h.amprocnum = 1', 'btree and hash support');
SELECT * FROM pg_temp.for_each('SELECT string_agg(h.amproc::text, '' '' ORDER BY m.amname, h.amprocnum) = ''%1$s_cmp %1$s_sortsupport ''
	|| CASE WHEN ''%1$s'' = ''atp'' THEN ''atp_in_range '' ELSE '''' END || ''btequalimage %3$s %3$s_extended''
	FROM pg_amproc h JOIN pg_opclass c ON c.opcfamily = h.amprocfamily JOIN pg_am m ON m.oid = c.opcmethod
	WHERE m.amname IN (''btree'', ''hash'') AND c.opcintype = ''%1$s''::regtype', 'which functions the operator classes call');

-- the same answers with a sequential scan, a btree and a hash index
CREATE FUNCTION pg_temp.plan_uses(query text, node text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF position(node IN line) > 0 THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END $$;
SELECT lives_ok(format('CREATE INDEX %s_btree ON %s USING btree (x)', rel, rel), t || ': btree index') FROM kind;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT ok(pg_temp.plan_uses(format('SELECT * FROM %s WHERE x = (SELECT max(x::text) FROM %s)::%s', rel, rel, t), rel || '_btree'), t || ': btree is used') FROM kind;
SELECT * FROM pg_temp.for_each('SELECT (SELECT count(*) FROM %2$s a WHERE a.x = (SELECT min(x::text) FROM %2$s)::%1$s) = 1', 'found by btree');
SELECT lives_ok(format('DROP INDEX %s_btree', rel), t || ': no btree') FROM kind;
SELECT lives_ok(format('CREATE INDEX %s_hash ON %s USING hash (x)', rel, rel), t || ': hash index') FROM kind;
SELECT * FROM pg_temp.for_each('SELECT (SELECT count(*) FROM %2$s a WHERE a.x = (SELECT min(x::text) FROM %2$s)::%1$s) = 1', 'found by hash');
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_nestloop = off;
SELECT * FROM pg_temp.for_each('SELECT (SELECT count(*) FROM %2$s) = (SELECT count(*) FROM %2$s a JOIN %2$s b USING (x))', 'hash join');
RESET enable_mergejoin; RESET enable_nestloop; RESET enable_seqscan; RESET enable_bitmapscan;

-- binary form: out and in again
CREATE TEMP TABLE wide (a lct, b atp, c t3, d v3, e atp_tx, f consent);
INSERT INTO wide SELECT l.x, '-1.5', '(0.1,0.2,0.3)', '(0,1,0.5)', t.x, c.x
FROM (SELECT x FROM lcts LIMIT 1) l, (SELECT x FROM txs LIMIT 1) t, (SELECT x FROM consents LIMIT 1) c;
CREATE TEMP TABLE wide_back (LIKE wide);
COPY wide TO PROGRAM 'cat > web4_types.copy' (FORMAT binary);
COPY wide_back FROM PROGRAM 'cat web4_types.copy && rm web4_types.copy' (FORMAT binary);
SELECT results_eq('SELECT wide::text FROM wide', 'SELECT wide_back::text FROM wide_back', 'COPY BINARY out and in');
SELECT is(lct_send(x), x::bytea, 'binary form of lct is its bytes') FROM lcts LIMIT 1;
SELECT is(atp_send('1.5'), int8send(1500000), 'binary form of atp is int8');
SELECT is(t3_send('(0.1,0.2,1)'), int4send(100000000) || int4send(200000000) || int4send(1000000000), 'binary form of t3');
SELECT is(v3_send('(0.1,0.2,1)'), int4send(100000000) || int4send(200000000) || int4send(1000000000), 'binary form of v3');
SELECT is(atp_tx_send(x), x::bytea, 'binary form of atp_tx is the wire') FROM txs LIMIT 1;
SELECT is(consent_send(x), x::bytea, 'binary form of consent is the wire') FROM consents LIMIT 1;

-- labels, comments, casts
SELECT is(count(*), 0::bigint, 'every function of a type is immutable and parallel safe')
FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
WHERE proname ~ '^(lct|atp|t3|v3|atp_tx|consent)(_|$)' AND (provolatile <> 'i' OR proparallel <> 's');
SELECT is(count(*), 0::bigint, 'every function of a type has a comment')
FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
WHERE proname ~ '^(lct|atp|t3|v3|atp_tx|consent)(_|$)' AND obj_description(p.oid, 'pg_proc') IS NULL;
SELECT is(count(*), 0::bigint, 'no cast is implicit or by assignment')
FROM pg_cast WHERE castcontext <> 'e' AND (castsource = ANY (SELECT t::regtype FROM kind) OR casttarget = ANY (SELECT t::regtype FROM kind));

-- --- lct --------------------------------------------------------------------

SELECT is('lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q'::lct,
	lct_from_public_key('\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'), 'identity of alice');
SELECT is('lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q'::lct::bytea,
	sha256('\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'), 'its bytes');
SELECT is(x::bytea::lct, x, 'bytea and back') FROM lcts LIMIT 1;
SELECT is(typlen::text || typalign::text || typbyval::text, '32cfalse', '32 bytes, no alignment') FROM pg_type WHERE oid = 'lct'::regtype;
SELECT throws_ok(format('SELECT %L::lct', t), 'W4F01', NULL, 'not an lct: ' || t) FROM (VALUES
	(''), ('lct:web4:mb32:b'), ('LCT:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q'),
	('lct:web4:mb32:bEH7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q'),
	('lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q '),
	('lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4'),
	('lct:web4:mb32:beh7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4r'),
	('lct:web4:mb32:b1h7ddx5bksrgcytl7bkai36se4nxx3klnk7elksyq57pi74xeg4q')) AS v(t);
SELECT throws_ok($$SELECT '\x00'::bytea::lct$$, 'W4K03', NULL, 'lct of one byte');
SELECT throws_ok($$SELECT lct_from_public_key('\x00')$$, 'W4K03', NULL, 'key of one byte');
SELECT throws_ok($$SELECT web4_multikey('\x00')$$, 'W4K03', NULL, 'multikey of one byte');

-- --- atp --------------------------------------------------------------------

SELECT is(i::atp::text, o, 'atp ' || i) FROM (VALUES ('0', '0'), ('-0', '0'), ('1.50', '1.5'), ('007', '7'), ('.5', '0.5'), ('-1.5', '-1.5'),
	('0.000001', '0.000001'), ('9223372036854.775807', '9223372036854.775807'), ('-9223372036854.775808', '-9223372036854.775808')) AS v(i, o);
SELECT throws_ok(format('SELECT %L::atp', t), 'W4F02', NULL, 'not an atp: ' || t) FROM (VALUES
	(''), ('.'), ('-'), ('+1'), ('1e3'), ('NaN'), ('Infinity'), ('1,5'), (' 1'), ('1 '), ('0x10'), ('1.0000001'), ('--1')) AS v(t);
SELECT throws_ok(format('SELECT %L::atp', t), 'W4F03', NULL, 'too large: ' || t) FROM (VALUES
	('9223372036854.775808'), ('-9223372036854.775809'), ('99999999999999999999999999')) AS v(t);
SELECT is(e::text, o, e::text) FROM (VALUES
	('1.5'::atp + '2.25', '3.75'), ('1'::atp - '2.5', '-1.5'), ('1.5'::atp * 3, '4.5'), (3 * '1.5'::atp, '4.5'),
	('10'::atp / 3, '3.333333'), ('-10'::atp / 3, '-3.333333'), (-'1.5'::atp, '-1.5'), (abs('-1.5'::atp), '1.5'), ('5'::atp / -1, '-5'),
	(5::integer::atp, '5'), (5::bigint::atp, '5'), (2.5::numeric::atp, '2.5'), (2.500000000::numeric::atp, '2.5'),
	(atp_from_micro(1), '0.000001'), (atp_larger('1', '2'), '2'), (atp_smaller('1', '2'), '1')) AS v(e, o);
SELECT is('10'::atp / '4'::atp, 2.5, 'ratio of two amounts');
SELECT is('2.5'::atp::numeric::text, '2.5', 'atp to numeric');
SELECT is(atp_micro('2.5'), 2500000::bigint, 'micro-ATP');
SELECT throws_ok(q, 'W4F03', NULL, q) FROM (VALUES
	($$SELECT '9223372036854.775807'::atp + '0.000001'$$), ($$SELECT '-9223372036854.775808'::atp - '0.000001'$$),
	($$SELECT '9223372036854.775807'::atp * 2$$), ($$SELECT 2 * '9223372036854.775807'::atp$$), ($$SELECT -('-9223372036854.775808'::atp)$$),
	($$SELECT abs('-9223372036854.775808'::atp)$$), ($$SELECT '-9223372036854.775808'::atp / -1$$),
	($$SELECT 9223372036855::bigint::atp$$), ($$SELECT 1e20::numeric::atp$$), ($$SELECT sum(x) FROM atps WHERE x > '1'::atp OR x = '1'$$)) AS v(q);
SELECT throws_ok($$SELECT '1'::atp / 0$$, '22012', NULL, 'division by zero');
SELECT throws_ok($$SELECT '1'::atp / '0'::atp$$, '22012', NULL, 'ratio to nothing');
SELECT throws_ok($$SELECT 0.0000001::atp$$, 'W4F02', NULL, 'a numeric of 7 fraction digits');
SELECT throws_ok($$SELECT 'NaN'::numeric::atp$$, 'W4F02', NULL, 'a numeric that is none');
SELECT is((sum(x), avg(x), min(x), max(x))::text, '(4.5,1.5000000000000000,0.5,2.5)', 'aggregates') FROM (VALUES ('0.5'::atp), ('2.5'), ('1.5'), (NULL)) AS v(x);
SELECT is((sum(x), avg(x), min(x), max(x))::text, '(,,,)', 'aggregates over nothing') FROM atps WHERE false;
SELECT is(sum(x)::text, '-0.000002', 'the sum may pass beyond the range on its way') FROM atps WHERE x NOT IN ('0.999999', '1', '-1.5', '0.000001');

-- the functions behind its operators, casts and aggregates (docs/functions.md, support functions)
SELECT is(f, o, d) FROM (VALUES
	(atp_pl('1.5', '2.25'), '1.5'::atp + '2.25', 'atp_pl is +'), (atp_mi('1', '2.5'), '1'::atp - '2.5', 'atp_mi is -'),
	(atp_um('1.5'), - '1.5'::atp, 'atp_um is - of one amount'), (atp_mul_int8('1.5', 3), '1.5'::atp * 3, 'atp_mul_int8 is *'),
	(int8_mul_atp(3, '1.5'), 3 * '1.5'::atp, 'int8_mul_atp is * the other way'), (atp_div_int8('-10', 3), '-10'::atp / 3, 'atp_div_int8 is /'),
	(atp(2.5), 2.5::atp, 'atp(numeric) is the cast'), (atp(5::bigint), 5::bigint::atp, 'atp(bigint) is the cast'),
	(atp(5), 5::atp, 'atp(integer) is the cast')) AS v(f, o, d);
SELECT is(atp_div_atp('10', '4'), '10'::atp / '4'::atp, 'atp_div_atp is the ratio');
SELECT is(atp_to_numeric('2.5'), '2.5'::atp::numeric, 'atp_to_numeric is the cast');
SELECT is((SELECT oprcode::text FROM pg_operator WHERE oid = o::regoperator), f, o || ' calls ' || f) FROM (VALUES
	('+(atp,atp)', 'atp_pl'), ('-(atp,atp)', 'atp_mi'), ('-(NONE,atp)', 'atp_um'), ('*(atp,bigint)', 'atp_mul_int8'), ('*(bigint,atp)', 'int8_mul_atp'),
	('/(atp,bigint)', 'atp_div_int8'), ('/(atp,atp)', 'atp_div_atp'), ('<->(t3,t3)', 't3_distance'), ('<->(v3,v3)', 'v3_distance')) AS v(o, f);
SELECT is(ROW(aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn)::text,
	format('(atp_accum,%1$s,atp_combine,atp_serialize,atp_deserialize,atp_accum,atp_accum_inv,%1$s)', f), a || ' calls these')
FROM (VALUES ('sum(atp)', 'atp_sum_final'), ('avg(atp)', 'atp_avg_final')) AS v(a, f) JOIN pg_aggregate ON aggfnoid = a::regprocedure;
SELECT is(ROW(aggtransfn, aggcombinefn)::text, format('(%1$s,%1$s)', f), a || ' calls this')
FROM (VALUES ('max(atp)', 'atp_larger'), ('min(atp)', 'atp_smaller')) AS v(a, f) JOIN pg_aggregate ON aggfnoid = a::regprocedure;
-- Minor releases differ in whether the function is not found or its argument refused.
CREATE FUNCTION pg_temp.no_internal(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'SELECT ' || call;
	RETURN 'accepted';
EXCEPTION
	WHEN undefined_function OR feature_not_supported THEN
		RETURN 'refused';
END $$;
SELECT is(pg_temp.no_internal(call), 'refused', 'SQL has no argument for ' || call) FROM (VALUES
	('atp_accum(NULL, ''1'')'), ('atp_accum_inv(NULL, ''1'')'), ('atp_combine(NULL, NULL)'), ('atp_sum_final(NULL)'), ('atp_avg_final(NULL)')) AS v(call);

-- windows: amounts that come and go, some of them NULL, some so large that two do not fit (atp_accum_inv, atp_in_range)
CREATE TEMP TABLE moving AS
SELECT i, CASE WHEN i % 5 = 0 THEN '9223372036854.775807' WHEN i % 5 = 1 THEN '-9223372036854.775807'
	WHEN i % 7 > 0 THEN atp_from_micro((i * 7919) % 1000 - 500) END AS x
FROM generate_series(1, 60) i;
SELECT is(count(*), 0::bigint, 'a moving sum and mean are those of the rows in the frame')
FROM (SELECT i, sum(x) OVER w AS s, avg(x) OVER w AS a FROM moving WINDOW w AS (ORDER BY i ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING)) m,
	LATERAL (SELECT sum(n.x) AS s, avg(n.x) AS a FROM moving n WHERE n.i BETWEEN m.i - 3 AND m.i + 1) o
WHERE (m.s, m.a) IS DISTINCT FROM (o.s, o.a);
SELECT throws_ok($$SELECT sum(x) OVER (ORDER BY i ROWS 1 PRECEDING) FROM (VALUES (1, '9223372036854.775807'::atp), (2, '1'), (3, '2')) AS v(i, x)$$,
	'W4F03', NULL, 'a moving sum that does not fit');
SELECT is(array_agg(s ORDER BY x)::text, '{1,3,5,3}', 'moving sum with inverse')
FROM (SELECT x, sum(CASE WHEN x < 4 THEN x::atp END) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM generate_series(1, 4) x) w;
SELECT is(array_agg(c ORDER BY x)::text, '{2,3,2}', 'RANGE frame over amounts')
FROM (SELECT x, count(*) OVER (ORDER BY x RANGE BETWEEN '1'::atp PRECEDING AND '1'::atp FOLLOWING) AS c FROM unnest('{1,2,3}'::atp[]) x) w;
SELECT is(count(*), 0::bigint, 'a RANGE frame is what lies so near, also where the range ends and in falling order')
FROM (SELECT x, count(*) OVER (ORDER BY x RANGE BETWEEN '1.500001'::atp PRECEDING AND '1.500001'::atp FOLLOWING) AS up,
		count(*) OVER (ORDER BY x DESC RANGE BETWEEN '1.500001'::atp PRECEDING AND '1.500001'::atp FOLLOWING) AS down FROM atps) w,
	LATERAL (SELECT count(*) AS n FROM atps a WHERE abs(atp_micro(a.x)::numeric - atp_micro(w.x)) <= 1500001) o
WHERE (up, down) <> (o.n, o.n);
SELECT is(atp_in_range(v, b, '2', sub, less), r, format('atp_in_range(%s, %s, 2, %s, %s)', v, b, sub, less)) FROM (VALUES
	('3'::atp, '5'::atp, true, true, true), ('3', '5', true, false, true), ('2.999999', '5', true, true, true), ('2.999999', '5', true, false, false),
	('7', '5', false, true, true), ('7.000001', '5', false, true, false), ('7.000001', '5', false, false, true),
	('9223372036854.775807', '9223372036854.775807', false, true, true), ('-9223372036854.775808', '-9223372036854.775808', true, false, true)) AS t(v, b, sub, less, r);
SELECT throws_ok($$SELECT count(*) OVER (ORDER BY x RANGE '-1'::atp PRECEDING) FROM atps$$, '22013', NULL, 'a frame of negative size');

-- parallel plans (atp_combine, atp_serialize, atp_deserialize)
CREATE TABLE web4_test_atp AS SELECT i % 3 AS g, CASE WHEN i % 11 > 0 THEN atp_from_micro(i) END AS x FROM generate_series(1, 20000) i;
ANALYZE web4_test_atp;
CREATE TEMP TABLE serial AS SELECT g, sum(x), avg(x), min(x), max(x) FROM web4_test_atp GROUP BY g;
CREATE TEMP TABLE serial_all AS SELECT sum(x), avg(x), min(x), max(x) FROM web4_test_atp;
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT ok(pg_temp.plan_uses('SELECT sum(x), avg(x), min(x), max(x) FROM web4_test_atp', 'Partial Aggregate'), 'aggregates run in parallel');
SELECT results_eq('SELECT sum(x), avg(x), min(x), max(x) FROM web4_test_atp', 'SELECT * FROM serial_all', 'with the same result');
SELECT is((sum, round(avg, 15))::text, '(181.821819,0.010000100044000)', 'and the right one') FROM serial_all;
SELECT ok(pg_temp.plan_uses('SELECT g, sum(x), avg(x) FROM web4_test_atp GROUP BY g', 'Partial '), 'grouped ones, too');
SELECT set_eq('SELECT g, sum(x), avg(x), min(x), max(x) FROM web4_test_atp GROUP BY g', 'SELECT * FROM serial', 'with the same results');
SELECT is((sum(x), avg(x))::text, '(,)', 'over no rows, in parallel') FROM web4_test_atp WHERE x < '0';
CREATE TABLE web4_test_large AS SELECT CASE i % 2 WHEN 0 THEN '9223372036854.775807'::atp ELSE '-9223372036854.775807' END AS x FROM generate_series(1, 5000) i;
ANALYZE web4_test_large;
SELECT is((sum(x), avg(x)), ('0'::atp, 0.0), 'workers may pass beyond the range on their way') FROM web4_test_large;
SELECT throws_ok('SELECT sum(x) FROM web4_test_large WHERE x > ''0''', 'W4F03', NULL, 'the sum of all workers may not');
RESET parallel_leader_participation;

-- --- t3 and v3 ----------------------------------------------------------------

SELECT is(i::t3::text, o, 't3 ' || translate(i, E'\n', ' ')) FROM (VALUES ('(0.8,0.7,0.9)', '(0.8,0.7,0.9)'), ('( 0.80 , 1 ,0)', '(0.8,1,0)'), ('(0.000000001,1.0,0)', '(0.000000001,1,0)'),
	('{"talent": 0.5, "temperament": 1, "training": 0}', '(0.5,0,1)'), (E' { "training":0,\n"talent":0.25,"temperament":1 } ', '(0.25,0,1)')) AS v(i, o);
SELECT is(i::v3::text, o, 'v3 ' || i) FROM (VALUES ('(0.3,0.85,0.8)', '(0.3,0.85,0.8)'), ('{"veracity":0.1,"validity":0.2,"value":0.3}', '(0.3,0.1,0.2)'),
	('{"veracity":0.1,"validity":0.2,"valuation":0.3}', '(0.3,0.1,0.2)')) AS v(i, o);
SELECT throws_ok(format('SELECT %L::t3', t), 'W4F04', NULL, 'not a t3: ' || t) FROM (VALUES
	(''), ('(1,1)'), ('(1,1,1,1)'), ('(1.1,0,0)'), ('(-0.1,0,0)'), ('(NaN,0,0)'), ('(1e-1,0,0)'), ('(0.1234567891,0,0)'), ('1,1,1'), ('(1,1,1)x'), ('(1,,1)'),
	('{}'), ('{"talent":1,"training":1}'), ('{"talent":1,"training":1,"temperament":1,"x":1}'), ('{"talent":1,"talent":1,"temperament":1}'),
	('{"value":1,"training":1,"temperament":1}'), ('{"talent":"1","training":1,"temperament":1}'), ('{"talent":01,"training":1,"temperament":1}'),
	('{"talent":.5,"training":1,"temperament":1}'), ('{"talent":1,"training":1,"temperament":1'), ('{"talent":1,"training":1,"temperament":1}}'),
	('{"talent":2,"training":1,"temperament":1}'), ('{"talent":null,"training":1,"temperament":1}')) AS v(t);
SELECT throws_ok($$SELECT '{"valuation":1,"value":1,"validity":1}'::v3$$, 'W4F04', NULL, 'a name and its alias');
SELECT throws_ok($$SELECT t3(0, 1.1, 0)$$, 'W4F04', NULL, 'a dimension above 1');
SELECT throws_ok($$SELECT v3(0, 'NaN', 0)$$, 'W4F04', NULL, 'a dimension that is no number');
SELECT throws_ok($$SELECT t3(0, 0.1234567891, 0)$$, 'W4F04', NULL, 'a dimension of ten digits');
SELECT throws_ok($$SELECT t3_apply_quality('(0,0,0)', 1.5)$$, 'W4F04', NULL, 'a quality above 1');
SELECT is('{"talent":0.5,"training":0,"temperament":1}'::jsonb::t3, t3(0.5, 0, 1), 'jsonb to t3');
SELECT is('{"value":0.5,"veracity":0,"validity":1}'::jsonb::v3, v3(0.5, 0, 1), 'jsonb to v3');
SELECT is((t3_talent(x), t3_training(x), t3_temperament(x), t3_composite(x))::text, '(0.8,0.7,0.9,0.8)', 'dimensions and composite of a t3') FROM (SELECT '(0.8,0.7,0.9)'::t3 AS x) s;
SELECT is((v3_valuation(x), v3_veracity(x), v3_validity(x), v3_composite(x))::text, '(0.3,0.85,0.8,0.6675)', 'dimensions and composite of a v3') FROM (SELECT '(0.3,0.85,0.8)'::v3 AS x) s;
SELECT is(t3_apply_quality(t, q)::text, o, format('%s after quality %s', t, q)) FROM (VALUES
	('(0.5,0.5,0.5)'::t3, 0.8, '(0.506,0.5048,0.5036)'), ('(0.5,0.5,0.5)', 0.3, '(0.496,0.4968,0.4976)'),
	('(0.01,0.01,0.01)', 0, '(0,0.002,0.004)'), ('(0.99,0.99,0.99)', 1, '(1,0.998,0.996)')) AS v(t, q, o);
SELECT is('(0,0,0)'::t3 <-> '(1,1,1)', sqrt(3::float8), 'distance of two t3');
SELECT is('(0.5,0,0)'::v3 <-> '(0,0,0)', 0.5::float8, 'distance of two v3');
SELECT is(t3_distance(a.x, b.x), t3_distance(b.x, a.x), 'distance is symmetric') FROM t3s a, t3s b LIMIT 3;
SELECT is(v3_distance('(1,0,0)', '(0,0,0)'), 1::float8, 'distance as a function');
SELECT ok(t3_meets('(0.7,0.8,0.9)', '(0.7,0.8,0.9)') AND NOT t3_meets('(0.7,0.8,0.9)', '(0.7,0.800000001,0)'), 't3_meets');

-- --- atp_tx: the known transaction of economy.md 1.10 ------------------------

CREATE TEMP TABLE kat AS SELECT '776562342f6174702d74782f763100000000156c63743a776562343a736f63696574793a64656d6f00000009646973636861726765000000156c63743a776562343a656e746974793a616c696365000000156c63743a776562343a736f63696574793a706f6f6c000000000bebc20000062a99ba1030900000000672373a616263000102030405060708090a0b0c0d0e0fe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'::atp_tx AS tx,
	'\x795f5d91c9691bd029f6585a857f5086396a9f03f796f102f92603600bfbc51bfd393bf776358c7859f82ca851b7803c75d72f132abdead077b33c20ed9e4b0a'::bytea AS signature,
	'\xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'::bytea AS pk;
SELECT is(octet_length(tx::bytea), 177, 'length') FROM kat;
SELECT is(atp_tx_hash(tx), '\x104310570c84164febcd73fab8835f0441a11249f726030d4e107030a1858b6a'::bytea, 'hash') FROM kat;
SELECT ok(atp_tx_verify(tx, signature, pk), 'signature') FROM kat;
SELECT ok(NOT atp_tx_verify(x, signature, pk), 'not of another transaction') FROM kat, txs LIMIT 1;
SELECT is(p::text, '(lct:web4:society:demo,discharge,lct:web4:entity:alice,lct:web4:society:pool,200,"2025-01-01 00:00:00.25+00",r7:abc,"\\x000102030405060708090a0b0c0d0e0f","\\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")', 'fields')
FROM kat, atp_tx_parse(tx) p;
SELECT is(atp_tx('lct:web4:society:demo', 'discharge', 'lct:web4:entity:alice', 'lct:web4:society:pool', 200::atp, '2025-01-01 00:00:00.25Z', 'r7:abc', '\x000102030405060708090a0b0c0d0e0f'), tx, 'built from its fields') FROM kat;
SELECT is(tx::bytea::atp_tx, tx, 'bytea and back') FROM kat;
SELECT throws_ok(format('SELECT %L::atp_tx', t), 'W4F06', NULL, 'not an atp_tx: ' || why) FROM (
	SELECT '', 'nothing' FROM kat UNION ALL SELECT '0', 'half a byte' UNION ALL SELECT 'zz', 'no hex'
	UNION ALL SELECT upper(tx::text), 'upper case' FROM kat UNION ALL SELECT tx::text || '00', 'a byte behind' FROM kat
	UNION ALL SELECT left(tx::text, -2), 'a byte short' FROM kat UNION ALL SELECT repeat('00', 3000), '3000 bytes') AS v(t, why);
SELECT throws_ok($$SELECT '\x00'::bytea::atp_tx$$, 'W4F06', NULL, 'bytea that is none');
SELECT throws_ok(format($q$SELECT atp_tx('s', %L, %L, 'b', %L::atp, %L, %L, %L)$q$, t, f, a, at, r, decode(n, 'hex')), e, NULL, why) FROM (VALUES
	('Transfer', 'a', '1', '2026-01-01Z', '', repeat('00', 16), 'W4F06', 'type in upper case'),
	('transfer', 'a b', '1', '2026-01-01Z', '', repeat('00', 16), 'W4F06', 'space in a name'),
	('transfer', '', '1', '2026-01-01Z', '', repeat('00', 16), 'W4F06', 'no sender'),
	('transfer', 'a', '0', '2026-01-01Z', '', repeat('00', 16), 'W4F06', 'no amount'),
	('transfer', 'a', '-1', '2026-01-01Z', '', repeat('00', 16), 'W4F06', 'negative amount'),
	('transfer', 'a', '4294967297', '2026-01-01Z', '', repeat('00', 16), 'W4F06', 'amount above 2^32'),
	('transfer', 'a', '1', '1999-01-01Z', '', repeat('00', 16), 'W4F06', 'long ago'),
	('transfer', 'a', '1', 'infinity', '', repeat('00', 16), 'W4F06', 'never'),
	('transfer', 'a', '1', '-infinity', '', repeat('00', 16), 'W4F06', 'always'),
	('transfer', 'a', '1', '294276-12-31Z', '', repeat('00', 16), 'W4F06', 'the last year'),
	('transfer', 'a', '1', '2026-01-01Z', repeat('r', 513), repeat('00', 16), 'W4F06', 'long reference'),
	('transfer', 'a', '1', '2026-01-01Z', '', '00', 'W4K03', 'short nonce')) AS v(t, f, a, at, r, n, e, why);

-- --- consent: the known tokens of lethean.md 1.5 ------------------------------

CREATE TEMP TABLE token (name text, hash bytea, c text);
INSERT INTO token VALUES
('V1', '\x1ece592b50bd16783a3e69cd62f12e9d277392996835e831931219d475fd7aea', '01000b736e696465722e6c74686e02000b617468656e612e6c74686e03000774726164652e2a04000b6d61726b65742f65752f2a050008000648258e61600006000800064a810d9ea00007000103080040bb81071e8cf7447d57650a51ee9277afb2856e5e7b0586cf383f1a279a21be7abd4a8152ad3602d077289f0acc8ed1032ceda8351abd030454cbcab2685e69080900208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0a00200000000000000000000000000000000000000000000000000000000000000000'),
('V2', '\xfed5fcde2c2f6478895f3508db6ff34e3de36e5acdd904dd6fb54459c0f6af8f', '01000b617468656e612e6c74686e02000a64617262732e6c74686e03000d74726164652e657865637574650400126d61726b65742f65752f6c74686e2d6575720500080006482a95d7380006000800064839ac38c00007000102080040ed56cddabfce55ddf01804646d63af6956f928db3b18a766b55cc100b01d588a5245a348b8dce0abf35fd3415947ce660bbeb6fd88a4871838f4fc4dad6a41050900208139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b3940a002000000000000000000000000000000000000000000000000000000000000000000b00201ece592b50bd16783a3e69cd62f12e9d277392996835e831931219d475fd7aea'),
('V5', '\x70a64710b5fbdca9cc4f722e1132d6058c9ca2290a48551f0b1a0617cbfe3631', '01000b617468656e612e6c74686e02000a64617262732e6c74686e03000874726164652e2a2a0400126d61726b65742f65752f6c74686e2d6575720500080006482a95d7380006000800064839ac38c00007000102080040f66ccf486650fc0b0a53c6d3f1110e2082c6eaee584bb2b722e75743e3e013f70349baaf12624eaede99a5517217704f0271c76198c05f903a6b082083a1e20c0900208139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b3940a0020fed5fcde2c2f6478895f3508db6ff34e3de36e5acdd904dd6fb54459c0f6af8f0b00201ece592b50bd16783a3e69cd62f12e9d277392996835e831931219d475fd7aea'),
('V6', '\x652d8d78ef2c3bf63e5035c9bd885284da1cc494b19a8344c7e64422040acffb', '01000b617468656e612e6c74686e02000a64617262732e6c74686e03000d74726164652e657865637574650400126d61726b65742f65752f6c74686e2d6575720500080006482a95d7380006000800064839ac38c000070001040800404401e2cafc87021945e7f40c5d894d5f0f8665112683096e73c1ff5c436e0b1ac0ce989eb86e0232f0f3ab3d90b951170ccdedccdd4a0dc3f310e001d55698030900208139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b3940a002070a64710b5fbdca9cc4f722e1132d6058c9ca2290a48551f0b1a0617cbfe36310b00201ece592b50bd16783a3e69cd62f12e9d277392996835e831931219d475fd7aea'),
('V7', '\x35054d5841b7b8be96d09acd73ada23b3b7b16fc92fea181d335ea7ebebf2f43', '01000a64617262732e6c74686e02000b617468656e612e6c74686e03000874726164652e2a2a0400096d61726b65742f2a2a0500080006482b6c6adc000600087fffffffffffffff070001000800404fca9ac709e63437314297695c50b0b7c7daae24bf7999f88f612b7a71966961696c01f102bd7823cde9af2cb4ab60172ee1c840285bb6dd62405b2a9cc68609090020ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d10a00200000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO token SELECT 'V8', NULL, replace(c, '1ece592b50bd16783a3e69cd62f12e9d277392996835e831931219d475fd7aea', encode(sha256('other parent'), 'hex')) FROM token WHERE name = 'V2';
CREATE TEMP TABLE revoked AS SELECT '\x01000b736e696465722e6c74686e0200201ece592b50bd16783a3e69cd62f12e9d277392996835e831931219d475fd7aea0300080006482f9d4d100004000102080040efe015846a162a0a120f0edbe0e2f79f2b2015c9cb93dc82782865cc726b1f5345e4f363159c675900c2c0fe3d23dd3e0ddb4bf7f5c71196be0ed1ffc65e780f0900208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c'::bytea AS v3;

SELECT is(consent_hash(c::consent), hash, 'hash of ' || name) FROM token WHERE hash IS NOT NULL;
SELECT is((consent_parse(c::consent)).hash, hash, 'parsed hash of ' || name) FROM token WHERE hash IS NOT NULL;
SELECT is((SELECT consent_build(p.issuer, p.subject, p.intent, p.resource, p.issued_at, p.expires_at, p.level, p.public_key, p.previous, p.parent, p.constraints, p.signature)::text), c,
	name || ' rebuilt from its fields') FROM token, consent_parse(c::consent) p WHERE token.hash IS NOT NULL;
SELECT throws_ok(format('SELECT (SELECT consent_build(p.issuer, p.subject, p.intent, p.resource, p.issued_at, p.expires_at, p.level, p.public_key, p.previous, p.parent, p.constraints, p.signature)) FROM consent_parse(%L) p', c),
	'W4C02', NULL, 'V8 cannot be built: its signature is not of these fields') FROM token WHERE name = 'V8';
SELECT is(sha256((SELECT consent_signing_input(p.issuer, p.subject, p.intent, p.resource, p.issued_at, p.expires_at, p.level, p.public_key, p.previous, p.parent, p.constraints))),
	'\x6b5d5575eaf7ddf4134ebd670f5138586dd112dbb26f4d3620df5d7525110af8'::bytea, 'signing input of V2') FROM token, consent_parse(c::consent) p WHERE name = 'V2';
SELECT is((p.issuer, p.subject, p.intent, p.resource, p.issued_at, p.expires_at, p.level, p.parent)::text,
	'(snider.lthn,athena.lthn,trade.*,market/eu/*,"2026-01-12 00:00:00+00","2026-02-11 00:00:00+00",3,)', 'fields of V1') FROM token, consent_parse(c::consent) p WHERE name = 'V1';
SELECT is((p.level, p.expires_at)::text, '(0,infinity)', 'V7 refuses for ever') FROM token, consent_parse(c::consent) p WHERE name = 'V7';

-- N2..N8: malformed however well signed
SELECT throws_ok(format('SELECT %L::consent', t), 'W4C01', NULL, 'not a consent: ' || why) FROM (
	SELECT substr(c, 29, 28) || substr(c, 1, 28) || substr(c, 57), 'tags 1 and 2 swapped' FROM token WHERE name = 'V1'
	UNION ALL SELECT c || '00', 'a byte behind' FROM token WHERE name = 'V1'
	UNION ALL SELECT replace(c, '07000103', '0700010307000103'), 'tag 7 twice' FROM token WHERE name = 'V1'
	UNION ALL SELECT c || '0d000100', 'unknown critical tag' FROM token WHERE name = 'V1'
	UNION ALL SELECT '010000' || substr(c, 29), 'no issuer' FROM token WHERE name = 'V1'
	UNION ALL SELECT replace(c, '07000103', '07000105'), 'level 5' FROM token WHERE name = 'V1'
	UNION ALL SELECT replace(c, '00064a810d9ea000', '000648258e616000'), 'expires when issued' FROM token WHERE name = 'V1'
	UNION ALL SELECT '', 'nothing' UNION ALL SELECT upper(c), 'upper case' FROM token WHERE name = 'V1') AS v(t, why);
SELECT throws_ok($$SELECT '\x00'::bytea::consent$$, 'W4C01', NULL, 'bytea that is none');

-- G1..G14 of lethean.md
CREATE FUNCTION pg_temp.chain(VARIADIC names text[]) RETURNS consent[] LANGUAGE sql AS $$
	SELECT coalesce(array_agg(t.c::consent ORDER BY n.i), '{}') FROM unnest(names) WITH ORDINALITY AS n(name, i) JOIN token t USING (name) $$;
CREATE FUNCTION pg_temp.verdict(chain consent[], at timestamptz, revocations bytea[] DEFAULT '{}', executor text DEFAULT NULL, intent text DEFAULT NULL,
	resource text DEFAULT NULL, required_level integer DEFAULT 1, strict boolean DEFAULT false, max_depth integer DEFAULT 8, checked boolean DEFAULT true)
RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', code, sqlstate, 'link ' || link, 'level ' || level) FROM consent_verify(chain, at, '{snider.lthn,athena.lthn}',
		ARRAY['\x8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', '\x8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394']::bytea[],
		'{true,false}', revocations, executor, intent, resource, required_level, strict, max_depth, checked) $$;
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T06:00Z', executor => 'darbs.lthn', intent => 'trade.execute', resource => 'market/eu/lthn-eur'), 'OK 00000 level 2', 'G1');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T23:59:59.999999Z'), 'OK 00000 level 2', 'G2');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-13T00:00Z'), 'EXPIRED W4C05 link 1', 'G3');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T05:00Z'), 'NOT_YET_VALID W4C04 link 1', 'G4');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T13:00Z', ARRAY[v3]), 'REVOKED W4C06 link 0', 'G5') FROM revoked;
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T11:00Z', ARRAY[v3]), 'OK 00000 level 2', 'G6') FROM revoked;
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T13:00Z', ARRAY[v3], checked => false), 'OK 00000 level 2', 'G5 with revocation waived') FROM revoked;
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V5'), '2026-01-12T07:00Z'), 'INTENT_SCOPE W4C07 link 1', 'G7');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V6'), '2026-01-12T07:00Z'), 'LEVEL W4C09 link 1', 'G8');
SELECT is(pg_temp.verdict(pg_temp.chain('V2'), '2026-01-12T07:00Z'), 'UNANCHORED W4C19 link 0', 'G9');
SELECT is(pg_temp.verdict(pg_temp.chain('V2', 'V1'), '2026-01-12T07:00Z') ~ '^CHAIN_LINK W4C11', true, 'G10');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V8'), '2026-01-12T07:00Z'), 'SIGNATURE W4C02 link 1', 'G11');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T07:00Z', intent => 'trade.cancel'), 'INTENT_SCOPE W4C07 link 1', 'G13');
SELECT is(pg_temp.verdict('{}', '2026-01-12T07:00Z'), 'NO_CONSENT W4C21', 'G14');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T07:00Z', resource => 'market/us/x'), 'RESOURCE_SCOPE W4C08 link 1', 'another resource');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T07:00Z', executor => 'athena.lthn'), 'SUBJECT_MISMATCH W4C20 link 1', 'another executor');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T07:00Z', executor => ''), 'SUBJECT_MISMATCH W4C20 link 1', 'an executor without name');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T07:00Z', required_level => 3), 'LEVEL W4C09 link 1', 'a level too low');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T07:00Z', strict => true), 'OK 00000 level 2', 'strict delegation: 3 may grant 2');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2'), '2026-01-12T07:00Z', max_depth => 1), 'DEPTH W4C14', 'too deep');
SELECT is(pg_temp.verdict(pg_temp.chain('V1', 'V2') || NULL::consent, '2026-01-12T07:00Z'), 'FORMAT W4C01 link 2', 'a token that is NULL');
SELECT is(pg_temp.verdict(NULL, '2026-01-12T07:00Z'), 'NO_CONSENT W4C21', 'NULL for a chain denies');
SELECT is(pg_temp.verdict(pg_temp.chain('V1'), NULL), 'FORMAT W4C01', 'NULL for an instant denies');
SELECT is(pg_temp.verdict(pg_temp.chain('V1'), 'infinity'), 'FORMAT W4C01', 'no instant denies');
SELECT is(pg_temp.verdict(pg_temp.chain('V1'), '2026-01-12T07:00Z', revocations => NULL), 'FORMAT W4C01', 'NULL for revocations denies');
SELECT is(pg_temp.verdict(pg_temp.chain('V1'), '2026-01-12T07:00Z', required_level => NULL), 'FORMAT W4C01', 'NULL for a level denies');
SELECT is((consent_verify(pg_temp.chain('V1'), '2026-01-12T07:00Z', '{}', '{}', '{}')).sqlstate, 'W4C19', 'without anchors nothing is anchored');
SELECT is((consent_verify(pg_temp.chain('V1'), '2026-01-12T07:00Z', '{snider.lthn}', ARRAY[sha256('')], '{true}')).sqlstate, 'W4C03', 'an anchor under another key');
SELECT is((consent_verify(pg_temp.chain('V1'), '2026-01-12T07:00Z', '{snider.lthn}', ARRAY['\x8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c'::bytea], '{false}')).sqlstate, 'W4C19', 'a binding that is no root');
SELECT throws_ok($$SELECT consent_verify('{}', '2026-01-12Z', '{a}', '{}', '{}')$$, '2202E', NULL, 'anchors of unequal number');
SELECT throws_ok($$SELECT consent_verify('{}', '2026-01-12Z', '{NULL}', '{a}', '{t}')$$, '22004', NULL, 'an anchor that is NULL');
SELECT throws_ok($$SELECT consent_verify('{}', '2026-01-12Z', '{a}', '{a}', '{t}')$$, 'W4K03', NULL, 'an anchor key of one byte');
SELECT throws_ok($$SELECT consent_verify('{}', '2026-01-12Z', '{}', '{}', '{}', '{a}')$$, 'W4C01', NULL, 'a revocation that is none');
SELECT throws_ok($$SELECT consent_verify('{}', '2026-01-12Z', '{}', '{}', '{}', max_depth => 17)$$, '22023', NULL, 'a depth above 16');
SELECT throws_ok($$SELECT consent_verify('{}', '2026-01-12Z', '{}', '{}', '{}', required_level => 0)$$, '22023', NULL, 'a level of nothing');

-- building with constraints: sorted by the builder, signed by the client
PREPARE signing(jsonb) AS SELECT consent_signing_input('a.lthn', 'b.lthn', 'x.y', 'r', '2026-01-01Z', '2026-01-02Z', 2, sha256('k'), constraints => $1);
SELECT is((p).constraints, '{"a": "x", "a0": "9", "a.min": "2", "max_atp": "5", "max_hops": "1"}'::jsonb, 'constraints come back')
FROM web4_keypair(sha256('a')) k, jsonb('{"max_atp":"5","max_hops":"1","a":"x","a.min":"2","a0":"9"}') c,
	consent_parse(consent_build('a.lthn', 'b.lthn', 'x.y', 'r', '2026-01-01Z', '2026-01-02Z', 2, k.public_key, constraints => c,
		signature => web4_sign(consent_signing_input('a.lthn', 'b.lthn', 'x.y', 'r', '2026-01-01Z', '2026-01-02Z', 2, k.public_key, constraints => c), k.secret_key))) p;
SELECT throws_ok('EXECUTE signing(' || quote_literal(c) || ')', 'W4C01', NULL, 'constraints ' || left(c, 40)) FROM (
	SELECT unnest(ARRAY['[]', '"x"', '{"a":1}', '{"a":null}', '{"A":"x"}', '{"a":""}', E'{"a":"x\\ny"}', '{"":"x"}', '{"a":["x"]}'])
	UNION ALL SELECT jsonb_object_agg('k' || i, 'x')::text FROM generate_series(1, 65) i) AS v(c);
SELECT throws_ok(q, '22004', NULL, q) FROM (VALUES
	($$SELECT consent_signing_input(NULL, 'b', 'x.y', 'r', '2026-01-01Z', '2026-01-02Z', 2, sha256(''))$$),
	($$SELECT consent_signing_input('a', 'b', 'x.y', 'r', '2026-01-01Z', NULL, 2, sha256(''))$$),
	($$SELECT consent_build('a', 'b', 'x.y', 'r', '2026-01-01Z', '2026-01-02Z', 2, sha256(''))$$)) AS v(q);
SELECT throws_ok(format($q$SELECT consent_signing_input(%L, %L, %L, %L, %L, %L, %s, sha256(''), %L, %L)$q$, i, s, n, r, f, t, l, p, o), e, NULL, why) FROM (VALUES
	('A', 'b', 'x.y', 'r', '2026-01-01Z', '2026-01-02Z', 2, sha256(''), NULL, 'W4C01', 'issuer in upper case'),
	('a', '*', 'x.y', 'r', '2026-01-01Z', '2026-01-02Z', 2, sha256(''), NULL, 'W4C01', 'subject that is everybody'),
	('a', 'b', '**', 'r', '2026-01-01Z', '2026-01-02Z', 2, sha256(''), NULL, 'W4C01', 'intent that is everything'),
	('a', 'b', 'x.y', '**', '2026-01-01Z', '2026-01-02Z', 2, sha256(''), NULL, 'W4C01', 'resource that is everything'),
	('a', 'b', 'x.y', 'r', '2026-01-02Z', '2026-01-01Z', 2, sha256(''), NULL, 'W4C01', 'expired before it was issued'),
	('a', 'b', 'x.y', 'r', '2026-01-01Z', 'infinity', 2, sha256(''), NULL, 'W4C01', 'a grant for ever'),
	('a', 'b', 'x.y', 'r', '1960-01-01Z', '2026-01-01Z', 2, sha256(''), NULL, 'W4C01', 'issued before 1970'),
	('a', 'b', 'x.y', 'r', '2026-01-01Z', '2026-01-02Z', -1, sha256(''), NULL, 'W4C01', 'level -1'),
	('a', 'b', 'x.y', 'r', '2026-01-01Z', '2026-01-02Z', 258, sha256(''), NULL, 'W4C01', 'level 258'),
	('a', 'b', 'x.y', 'r', '2026-01-01Z', '2026-01-02Z', 2, sha256(''), decode(repeat('00', 32), 'hex'), 'W4C01', 'a parent of zeros'),
	('a', 'b', 'x.y', 'r', '2026-01-01Z', '2026-01-02Z', 2, '\x00'::bytea, NULL, 'W4K03', 'a short hash')) AS v(i, s, n, r, f, t, l, p, o, e, why);

-- revocations
SELECT is((p.revoker, p.token_hash, p.revoked_at, p.reason)::text,
	'(snider.lthn,"\\x1ece592b50bd16783a3e69cd62f12e9d277392996835e831931219d475fd7aea","2026-01-12 12:00:00+00",2)', 'fields of V3') FROM revoked, consent_revocation_parse(v3) p;
SELECT is((SELECT consent_revocation_build(p.revoker, p.token_hash, p.revoked_at, p.reason, p.public_key, p.signature)), v3, 'V3 rebuilt from its fields') FROM revoked, consent_revocation_parse(v3) p;
SELECT is(web4_sign(consent_revocation_signing_input('snider.lthn', hash, '2026-01-12 12:00Z', 2, k.public_key), k.secret_key), (SELECT signature FROM revoked, consent_revocation_parse(v3)), 'V3 signed again')
FROM token, web4_keypair(decode(repeat('01', 32), 'hex')) k WHERE name = 'V1';
SELECT throws_ok($$SELECT consent_revocation_build('a', sha256(''), '2026-01-01Z', 0, pk, signature) FROM kat$$, 'W4C02', NULL, 'a signature of something else');
SELECT throws_ok($$SELECT consent_revocation_signing_input('a', sha256(''), '2026-01-01Z', 5, sha256(''))$$, 'W4C01', NULL, 'a reason that does not exist');
SELECT throws_ok($$SELECT consent_revocation_signing_input('a', sha256(''), 'infinity', 0, sha256(''))$$, 'W4C01', NULL, 'revoked at the end of time');
SELECT throws_ok($$SELECT consent_revocation_parse('\x00')$$, 'W4C01', NULL, 'a revocation of one byte');

-- --- input that is asked about, not insisted on (PostgreSQL 16 and later) -----

CREATE TEMP TABLE refused AS
SELECT * FROM (VALUES ('lct', 'x', 'W4F01'), ('atp', '1e3', 'W4F02'), ('atp', '9223372036854.775808', 'W4F03'), ('t3', '(1,1)', 'W4F04'),
	('t3', '{"talent":1}', 'W4F04'), ('v3', '(1.1,0,0)', 'W4F04'), ('atp_tx', 'zz', 'W4F06'), ('atp_tx', '0', 'W4F06'), ('atp_tx', '00', 'W4F06'),
	('atp_tx', repeat('00', 3000), 'W4F06'), ('consent', 'zz', 'W4C01'), ('consent', '00', 'W4C01')) AS v(t, i, e);
SELECT current_setting('server_version_num')::integer >= 160000 AS can_ask \gset
\if :can_ask
SELECT ok(NOT pg_input_is_valid(i, t), format('%s says no to %s', t, left(i, 30))) FROM refused;
SELECT is((SELECT sql_error_code FROM pg_input_error_info(i, t)), e, format('%s says why not %s', t, left(i, 30))) FROM refused;
SELECT is((SELECT detail FROM pg_input_error_info('x', 'lct')), 'W4_ERR_PROTO_FORMAT: wrong length of an LCT id at byte 1.', 'with the detail');
SELECT ok(NOT pg_input_is_valid(format('{%I}', i), t || '[]'), format('%s says no in an array to %s', t, left(i, 30))) FROM refused;
SELECT * FROM pg_temp.for_each('SELECT bool_and(pg_input_is_valid(x::text, ''%1$s'')) FROM %2$s', 'says yes to its own text form');
\else
SELECT skip('this server asks about no input', 1);
\endif

SELECT * FROM finish();
ROLLBACK;
