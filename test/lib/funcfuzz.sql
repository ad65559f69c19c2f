-- ---------------------------------------------------------------------------
-- Helpers for test/steps/funcfuzz.sh: calls of every function of the extension
-- with every kind of bad argument.  After identity.sql, authority.sql,
-- economy.sql and world.sql, and test.world().
--
--   SELECT fuzz.script(20, 0.5);         -- transactions for psql; the seed makes them repeatable
-- ---------------------------------------------------------------------------
CREATE SCHEMA fuzz;
GRANT USAGE ON SCHEMA fuzz TO PUBLIC;

-- A megabyte that stays outside of its row, and one that is compressed in it.
CREATE TABLE fuzz.big (outside bytea, packed bytea, outside_text text, packed_text text, consent consent, tx atp_tx, many lct[], json jsonb);
ALTER TABLE fuzz.big ALTER outside SET STORAGE EXTERNAL, ALTER outside_text SET STORAGE EXTERNAL, ALTER packed SET STORAGE MAIN, ALTER packed_text SET STORAGE MAIN;
INSERT INTO fuzz.big SELECT decode(string_agg(md5(i::text), ''), 'hex'), decode(repeat('00', 100000), 'hex'),
	string_agg(md5(i::text), ''), repeat('a', 100000), (SELECT token FROM web4.grants ORDER BY hash LIMIT 1), test.make_tx('mint', '5'),
	(SELECT array_agg(test.lct('w1')) FROM generate_series(1, 3000)), (SELECT jsonb_agg(md5(k::text)) FROM generate_series(1, 3000) k)
FROM generate_series(1, 65536) i;
GRANT SELECT ON fuzz.big TO PUBLIC;

-- Values of each type, as SQL expressions; those of the world are literals, so that any role can use them.
CREATE TABLE fuzz.raw (type text, expr text);
INSERT INTO fuzz.raw SELECT 'bytea', e FROM unnest(ARRAY['''''::bytea', '''\x00''::bytea', 'decode(repeat(''00'', 32), ''hex'')', 'decode(repeat(''ff'', 32), ''hex'')',
	'decode(repeat(''00'', 64), ''hex'')', 'decode(repeat(''ab'', 16), ''hex'')', 'decode(repeat(''7f'', 65536), ''hex'')', 'decode(repeat(''00'', 33), ''hex'')',
	'(SELECT outside FROM fuzz.big)', '(SELECT packed FROM fuzz.big)', '(SELECT substr(outside, 17, 32) FROM fuzz.big)', '''{"a":1}''::bytea', '''web4:request:v1''::bytea',
	'convert_to(E''web4:request:v1\n{}'', ''UTF8'')', 'convert_to(repeat(''['', 50000), ''UTF8'')']) e
UNION ALL SELECT 'bytea', format('%L::bytea', x) FROM (SELECT hash FROM web4.grants UNION ALL SELECT token::bytea FROM web4.grants UNION ALL SELECT record FROM web4.grant_revocation
	UNION ALL SELECT test.pk('alice') UNION ALL SELECT id FROM web4.atp_lock UNION ALL SELECT decision_id FROM web4.pending_decision
	UNION ALL (SELECT web4_leaf_id(id, leaf_hash) FROM web4.evidence ORDER BY id LIMIT 3) UNION ALL (SELECT decision_id FROM web4_decisions ORDER BY 1 LIMIT 3)
	UNION ALL (SELECT body FROM web4.evidence ORDER BY id LIMIT 2) UNION ALL (SELECT root FROM web4.tree_head LIMIT 1)) t (x);
INSERT INTO fuzz.raw SELECT 'text', e FROM unnest(ARRAY['''''', '''a''', '''citizen''', '''acme''', '''alice''', '''sender''', '''split''', '''transfer''', '''identity''', '''transfer''', '''mint''',
	'''it''''s "quoted" \ %s %n''', '''../../x''', '''**''', '''*.*''', '''data/x''', '''read''', '''NaN''', '''-1''', '''1e400''', '''9223372036854775808''', '''0.0000001''',
	'''(0.5,0.5,0.5)''', '''(1,1,1)''', '''(nan,inf,-1)''', '''{}''', '''[]''', '''null''', '''{"v":1}''', '''{"a":1,"a":1}''', '''{"v":1''', 'repeat(''['', 100000)',
	'repeat(''{"a":'', 20000)', '''["\ud800"]''', '''"\u0000"''', 'repeat(''x'', 1048576)', '''''''; DROP TABLE x; --''', 'chr(127) || chr(1) || chr(55295)',
	'(SELECT outside_text FROM fuzz.big)', '(SELECT packed_text FROM fuzz.big)', 'repeat(chr(233), 300)', '''lct:web4:mb32:b''', '''2026-01-01T00:00:00Z''',
	'''infinity''', 'repeat(''9'', 40000)', '''0x10''', ''' 1''', '''web4.evidence''', '''/dev/zero''', '''/''', 'repeat(''/a'', 20000)', 'repeat(''ab'', 40)']) e
UNION ALL SELECT 'text', format('%L', x) FROM (SELECT test.lct('alice')::text UNION ALL SELECT certificate FROM (SELECT certificate FROM web4.birth_certificate LIMIT 2) c
	UNION ALL SELECT law FROM web4.law UNION ALL (SELECT head FROM web4.tree_head LIMIT 1) UNION ALL SELECT request FROM web4.pending_decision
	UNION ALL SELECT web4_default_law() UNION ALL SELECT token::text FROM (SELECT token FROM web4.grants LIMIT 1) g UNION ALL SELECT test.make_tx('mint', '5')::text
	UNION ALL (SELECT convert_from(document, 'UTF8') FROM web4.evidence WHERE kind IN ('status', 'role', 'citizenship', 'key', 'trust') ORDER BY id)) t (x);
INSERT INTO fuzz.raw SELECT 'lct', format('%L::lct', test.lct(n)) FROM unnest('{acme,beta,alice,bot,gone,lost,stranger}'::text[]) n;
INSERT INTO fuzz.raw SELECT 'bigint', format('%L::bigint', e) FROM unnest('{0,1,-1,2,63,64,255,256,300,4294967295,4294967296,2147483648,4611686018427387904,9223372036854775807,-9223372036854775808}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'integer', format('%L::integer', e) FROM unnest('{0,1,-1,2,4,31,64,65536,2147483647,-2147483648}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'smallint', format('%L::smallint', e) FROM unnest('{0,1,-1,4,32767,-32768}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'boolean', format('%L::boolean', e) FROM unnest('{t,f}'::text[]) e;
INSERT INTO fuzz.raw SELECT v, format('(SELECT array_agg(x) FROM (SELECT NULL::%1$s UNION ALL SELECT NULL) t (x))', replace(v, '[]', '')) FROM unnest('{boolean[],consent[]}'::text[]) v;
INSERT INTO fuzz.raw VALUES ('boolean[]', '''{t,f,t}''::boolean[]'), ('consent[]', '(SELECT array_agg(token) FROM web4.grants)');
INSERT INTO fuzz.raw SELECT '"char"', format('%L::"char"', e) FROM unnest('{a,l,g,d,p,s,x}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'name', format('%L::name', e) FROM unnest('{postgres,pg_monitor,"","no such role"}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'oid', format('%L::oid', e) FROM unnest('{0,1,4294967295}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'regclass', '''pg_class''::regclass';
INSERT INTO fuzz.raw SELECT 'xid8', format('%L::xid8', e) FROM unnest('{0,1,18446744073709551615,9223372036854775808}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'double precision', format('%L::float8', e) FROM unnest('{0,-0,1,-1,0.5,nan,inf,-inf,1e308,1e-308}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'numeric', format('%L::numeric', e) FROM unnest('{0,1,-1,0.5,0.3,0.7,nan,infinity,-infinity,1e1000,1e-1000,9223372036854.775807,0.0000001}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'timestamp with time zone', e FROM unnest(ARRAY['''infinity''::timestamptz', '''-infinity''::timestamptz', 'clock_timestamp()', '''epoch''::timestamptz',
	'''294276-12-31 23:59:59.999999Z''::timestamptz', '''4714-11-24 00:00:00Z BC''::timestamptz', '''10000-01-01Z''::timestamptz', '''0001-01-01Z''::timestamptz', 'clock_timestamp() + interval ''1 hour''']) e;
INSERT INTO fuzz.raw SELECT 'interval', format('%L::interval', e) FROM unnest('{0,"1 hour","-1 hour","178000000 years","-178000000 years","2147483647 days","1 microsecond","1 month","48 hours","10 minutes"}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'atp', format('%L::atp', e) FROM unnest('{0,1,-1,0.000001,4294967296,9223372036854.775807,-9223372036854.775808}'::text[]) e;
INSERT INTO fuzz.raw SELECT 't3', format('%L::t3', e) FROM unnest('{"(0,0,0)","(1,1,1)","(0.5,0.5,0.5)","(0.000000001,0.999999999,0)"}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'v3', format('%L::v3', e) FROM unnest('{"(0,0,0)","(1,1,1)","(0.5,0.5,0.5)","(0.000000001,0.999999999,0)"}'::text[]) e;
INSERT INTO fuzz.raw SELECT 'consent', format('%L::consent', token) FROM web4.grants UNION ALL SELECT 'consent', '(SELECT consent FROM fuzz.big)';
INSERT INTO fuzz.raw SELECT 'atp_tx', format('%L::atp_tx', test.make_tx(t, '5')) FROM unnest('{mint,charge}'::text[]) t UNION ALL SELECT 'atp_tx', '(SELECT tx FROM fuzz.big)';
INSERT INTO fuzz.raw SELECT 'jsonb', e FROM unnest(ARRAY['''null''::jsonb', '''{}''::jsonb', '''[]''::jsonb', '''1''::jsonb', '''"x"''::jsonb', '''[null]''::jsonb', '''[[]]''::jsonb', '''[{}]''::jsonb', '''[1e1000]''::jsonb',
	'(repeat(''['', 3000) || repeat('']'', 3000))::jsonb', '(SELECT json FROM fuzz.big)', '''{"max_atp":"1","role":"citizen"}''::jsonb', '''{"max_atp":null}''::jsonb', '''{"":""}''::jsonb', '''{"max_atp":{"a":[]}}''::jsonb',
	'jsonb_build_object(repeat(''k'', 100000), repeat(''v'', 100000))', '''[{"text":"{}","signature":"00"}]''::jsonb', '''[{"text":null,"signature":1}]''::jsonb', '''[{"from":"x","to":"y","amount":"1","ref":1}]''::jsonb',
	'''[{"certificate":"{}","society_signature":"","witness_signatures":{},"binding_signature":""}]''::jsonb', '''{"lct:web4:mb32:bpylmr7sfw4lo2vdfj7mi64duwpqh4btmi2zl4l5lsqjgkqfvyjwq":"00"}''::jsonb']) e
UNION ALL SELECT 'jsonb', format('%L::jsonb', x) FROM (SELECT jsonb_build_array(jsonb_build_object('requester', test.lct('bot'), 'action', 'read', 'resource', 'data/x', 'cost', a)) FROM jsonb_array_elements('["1","-1","1e9",null,[],{}]') a
	UNION ALL SELECT jsonb_build_array(jsonb_build_object('from', test.lct('alice'), 'to', test.lct('bot'), 'amount', a, 'ref', 'x')) FROM jsonb_array_elements('["1","-1","1e9",null,1]') a) t (x);
INSERT INTO fuzz.raw SELECT v.t || '[]', e FROM (VALUES ('bytea'), ('text'), ('lct'), ('integer'), ('bigint'), ('numeric'), ('double precision'), ('atp'), ('t3'), ('v3')) v (t),
	unnest(ARRAY[format('''{}''::%s[]', t), format('ARRAY[NULL]::%s[]', t), format('ARRAY[NULL, NULL, NULL, NULL]::%s[]', t),
		format('ARRAY[[NULL, NULL], [NULL, NULL]]::%s[]', t), format('(SELECT array_fill(NULL::%s, ARRAY[10000]))', t)]) e;
INSERT INTO fuzz.raw SELECT v.type || '[]', format('ARRAY[%s, %s]', v.expr, v.expr) FROM fuzz.raw v
	WHERE v.type IN ('bytea', 'text', 'lct', 'integer', 'bigint', 'numeric', 'double precision', 'atp', 't3', 'v3');
INSERT INTO fuzz.raw SELECT v.type || '[]', format('ARRAY[[%s, %s], [%s, NULL]]', v.expr, v.expr, v.expr) FROM fuzz.raw v
	WHERE v.type IN ('lct', 'integer', 'bigint');
INSERT INTO fuzz.raw SELECT 'lct[]', '(SELECT many FROM fuzz.big)' UNION ALL SELECT 'integer[]', '''[-5:-3]={1,2,3}''::integer[]'
	UNION ALL SELECT 'integer[]', 'ARRAY[1000000000, -1000000000, 2147483647]' UNION ALL SELECT 'text[]', '(SELECT array_agg(i::text) FROM generate_series(1, 20000) i)';

CREATE TABLE fuzz.value AS SELECT type::regtype AS type, expr FROM fuzz.raw;

-- What cannot be called from SQL: arguments of type internal or cstring, triggers.
CREATE VIEW fuzz.target AS
	SELECT p.oid, format('%I.%I', n.nspname, p.proname) AS name, p.proargtypes::oid[] AS args, p.provariadic, p.prokind
	FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid JOIN pg_extension e ON e.oid = d.refobjid JOIN pg_namespace n ON n.oid = p.pronamespace
	WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND e.extname = 'web4'
		AND NOT p.proargtypes::oid[] && ARRAY['internal'::regtype, 'cstring'::regtype]::oid[] AND p.prorettype <> 'trigger'::regtype;

CREATE FUNCTION fuzz.pick(type regtype) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT coalesce((SELECT expr FROM fuzz.value v WHERE v.type = pick.type ORDER BY random() LIMIT 1), format('NULL::%s', type))
$$;

CREATE FUNCTION fuzz.call(kind "char", name text, variadic_call boolean, args text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format(CASE kind WHEN 'a' THEN 'SELECT %s(%s)' ELSE 'SELECT * FROM %s(%s) f' END, name, array_to_string(CASE WHEN variadic_call
		THEN args[:cardinality(args) - 1] || ('VARIADIC ' || args[cardinality(args)]) ELSE args END, ', '))
$$;

CREATE FUNCTION fuzz.calls(rounds int, seed numeric) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	f record;
	args text[];
BEGIN
	PERFORM setseed(seed::float8);
	FOR f IN SELECT * FROM fuzz.target ORDER BY name, args LOOP
		RETURN NEXT fuzz.call(f.prokind, f.name, f.provariadic <> 0, ARRAY(SELECT format('NULL::%s', a::regtype) FROM unnest(f.args) a));
		CONTINUE WHEN cardinality(f.args) = 0;
		FOR round IN 1 .. rounds LOOP
			args := ARRAY(SELECT CASE WHEN random() < 0.05 THEN format('NULL::%s', a::regtype) ELSE fuzz.pick(a::regtype) END
				FROM unnest(f.args) WITH ORDINALITY u (a, n) ORDER BY n);
			RETURN NEXT fuzz.call(f.prokind, f.name, f.provariadic <> 0, args);
		END LOOP;
	END LOOP;
	-- the input functions of our types, and what becomes of a value that they take
	FOR f IN SELECT t::regtype AS type, v.expr FROM unnest('{lct,atp,t3,v3,consent,atp_tx}'::text[]) t, fuzz.value v WHERE v.type = 'text'::regtype LOOP
		RETURN NEXT format('SELECT (%s)::text::%s', f.expr, f.type);
	END LOOP;
END $$;

-- A role's script: every call in a transaction that is rolled back.
CREATE FUNCTION fuzz.script(rounds int, seed numeric, role text DEFAULT NULL) RETURNS SETOF text LANGUAGE sql VOLATILE AS $$
	SELECT format(E'BEGIN;\nSET LOCAL statement_timeout = ''20s'';\n%s%s;\nROLLBACK;', 'SET LOCAL ROLE ' || role || E';\n', call)
	FROM (SELECT fuzz.calls(rounds, seed) AS call) c
$$;

-- Binary input: what COPY ... (FORMAT binary) hands to the receive function of a type.  A bytea
-- column is written as it is, so a file of one is read back as a file of the other.
-- Returns the SQLSTATEs that are nobody's fault but ours.
CREATE FUNCTION fuzz.receive(type regtype, sample bytea, seed numeric) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	file text := current_setting('data_directory') || '/web4-fuzz.copy';
	payload bytea;
BEGIN
	PERFORM setseed(seed::float8);
	EXECUTE format('CREATE TEMP TABLE received (v %s)', type);
	FOR payload IN
		SELECT ''::bytea UNION ALL SELECT decode(repeat('ff', n), 'hex') FROM unnest('{1,4,8,12,31,32,33,64,5000}'::int[]) n
		UNION ALL SELECT (SELECT outside FROM fuzz.big)
		UNION ALL SELECT sample UNION ALL SELECT sample || '\x00' UNION ALL SELECT substr(sample, 1, n) FROM generate_series(0, least(octet_length(sample), 400), 7) n
		UNION ALL SELECT set_byte(sample, n, (random() * 255)::int) FROM (SELECT (random() * (octet_length(sample) - 1))::int AS n FROM generate_series(1, 80)) r
		UNION ALL SELECT overlay(sample PLACING decode(b, 'hex') FROM n) FROM generate_series(1, least(octet_length(sample) - 4, 60)) n, unnest('{ffffffff,7fffffff,80000000,0000ffff}'::text[]) b
	LOOP
		BEGIN
			EXECUTE format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', payload, file);
			EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
			-- what was taken in must come out, and in again
			EXECUTE format('DO $do$ BEGIN PERFORM v::text::%s FROM received; END $do$', type);
		EXCEPTION WHEN OTHERS THEN
			IF SQLSTATE !~ '^(W4F|W4C|22|54|08P01)' THEN
				RETURN NEXT format('%s: %s %s', type, SQLSTATE, SQLERRM);
			END IF;
		END;
		TRUNCATE received;
	END LOOP;
	DROP TABLE received;
END $$;
