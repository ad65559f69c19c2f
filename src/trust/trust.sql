-- ---------------------------------------------------------------------------
-- trust: T3 and V3 of an entity in a role of a society.
-- ---------------------------------------------------------------------------

CREATE TYPE web4_trust_state AS (
	society lct,
	entity lct,
	role text,
	t3 t3,
	v3 v3,
	composite numeric,		-- 0.6 of T3's composite, 0.4 of V3's
	known boolean,			-- false: nothing is known, and the tensors are null
	seq bigint				-- adjustments so far; 0: admission value
);
COMMENT ON TYPE web4_trust_state IS 'trust in an entity in a role; unknown is null, never one half';

CREATE FUNCTION web4_trust(entity lct, role text DEFAULT 'citizen', society lct DEFAULT NULL) RETURNS web4_trust_state
	LANGUAGE C STABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_trust(lct, text, lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_trust(lct, text, lct) IS 'trust in an entity in a role of a society (null: its own)';

CREATE FUNCTION web4_trust_adjust(document text, signature bytea) RETURNS web4_trust_state
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 5000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_trust_adjust(text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_trust_adjust(text, bytea) IS
	'apply a signed adjustment (domain web4:trust:v1) and return the state after it';

CREATE FUNCTION web4_trust_history(entity lct, role text DEFAULT 'citizen', society lct DEFAULT NULL)
	RETURNS TABLE(seq bigint, talent numeric, training numeric, temperament numeric,
		valuation numeric, veracity numeric, validity numeric, reason text, at timestamptz, evidence bigint)
	LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT d.seq, trim_scale(d.dt3[1] * 0.000000001), trim_scale(d.dt3[2] * 0.000000001), trim_scale(d.dt3[3] * 0.000000001),
		trim_scale(d.dv3[1] * 0.000000001), trim_scale(d.dv3[2] * 0.000000001), trim_scale(d.dv3[3] * 0.000000001),
		d.reason, d.at, d.evidence
	FROM web4.trust_delta AS d
	WHERE d.society = coalesce($3, (SELECT e.society FROM web4.entity AS e WHERE e.id = $1))
		AND d.entity = $1 AND d.role = $2
	ORDER BY d.seq;
END;
REVOKE ALL ON FUNCTION web4_trust_history(lct, text, lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_trust_history(lct, text, lct) IS 'every adjustment of an entity''s trust in a role, in order';

-- The fold of a log of deltas, one dimension at a time, in units of 1e-9.
CREATE FUNCTION web4.clamped_add(state integer[], delta integer[]) RETURNS integer[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5
BEGIN ATOMIC
	SELECT ARRAY[least(greatest($1[1] + $2[1], 0), 1000000000),
		least(greatest($1[2] + $2[2], 0), 1000000000),
		least(greatest($1[3] + $2[3], 0), 1000000000)];
END;
REVOKE ALL ON FUNCTION web4.clamped_add(integer[], integer[]) FROM PUBLIC;
CREATE AGGREGATE web4.clamped_sum(integer[]) (
	SFUNC = web4.clamped_add, STYPE = integer[], INITCOND = '{500000000,500000000,500000000}', PARALLEL = SAFE
);
REVOKE ALL ON FUNCTION web4.clamped_sum(integer[]) FROM PUBLIC;
COMMENT ON AGGREGATE web4.clamped_sum(integer[]) IS 'trust after these deltas, from the admission value; order by seq';

CREATE FUNCTION web4.trust_invariants() RETURNS TABLE(rule text, object text, detail text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH fold AS (
		SELECT d.society, d.entity, d.role, max(d.seq) AS last, count(*) AS n,
			web4.clamped_sum(d.dt3 ORDER BY d.seq) AS t3, web4.clamped_sum(d.dv3 ORDER BY d.seq) AS v3
		FROM web4.trust_delta AS d GROUP BY d.society, d.entity, d.role
	)
	SELECT 'trust.seq'::text, format('%s as %s', coalesce(f.entity, t.entity), coalesce(f.role, t.role)),
		format('state says %s, log ends at %s with %s rows', coalesce(t.seq::text, 'nothing'), coalesce(f.last, 0), coalesce(f.n, 0))
	FROM web4.trust AS t FULL JOIN fold AS f ON f.society = t.society AND f.entity = t.entity AND f.role = t.role
	WHERE coalesce(t.seq, -1) <> coalesce(f.last, 0) OR coalesce(f.n, 0) <> coalesce(f.last, 0)
	UNION ALL
	SELECT 'trust.fold', format('%s as %s', t.entity, t.role),
		format('state %s %s, log says %s %s', t.t3, t.v3, f.t3, f.v3)
	FROM web4.trust AS t JOIN fold AS f ON f.society = t.society AND f.entity = t.entity AND f.role = t.role
	WHERE ARRAY[t3_talent(t.t3), t3_training(t.t3), t3_temperament(t.t3),
			v3_valuation(t.v3), v3_veracity(t.v3), v3_validity(t.v3)]
		<> ARRAY[f.t3[1] * 0.000000001, f.t3[2] * 0.000000001, f.t3[3] * 0.000000001,
			f.v3[1] * 0.000000001, f.v3[2] * 0.000000001, f.v3[3] * 0.000000001]
	UNION ALL
	SELECT 'trust.admission', format('%s as %s', t.entity, t.role), format('no delta, but %s %s', t.t3, t.v3)
	FROM web4.trust AS t
	WHERE t.seq = 0 AND (t.t3 <> '(0.5,0.5,0.5)' OR t.v3 <> '(0.5,0.5,0.5)')
	UNION ALL
	SELECT 'trust.evidence', format('%s as %s, %s', d.entity, d.role, d.seq), format('evidence %s does not record it', d.evidence)
	FROM web4.trust_delta AS d
	WHERE NOT EXISTS (SELECT FROM web4.evidence AS e WHERE e.id = d.evidence AND e.society = d.society AND e.kind = 'trust');
END;
REVOKE ALL ON FUNCTION web4.trust_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.trust_invariants() IS 'every trust state that is not the fold of its log; no row when all is well';

SELECT web4.allow('web4_reader',
	'web4_trust(lct, text, lct)');
SELECT web4.allow('web4_app',
	'web4_trust(lct, text, lct)',
	'web4_trust_adjust(text, bytea)');
SELECT web4.allow('web4_auditor',
	'web4_trust(lct, text, lct)',
	'web4_trust_history(lct, text, lct)');
SELECT web4.allow('web4_operator',
	'web4_trust_history(lct, text, lct)',
	'web4_trust_adjust(text, bytea)');

-- Adjustments are what their signed documents say, all of them, and nothing else.
CREATE FUNCTION web4.trust_log_invariants() RETURNS TABLE(rule text, object text, detail text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH leaf AS (
		SELECT e.id, e.society, e.at, convert_from(e.body, 'UTF8')::jsonb -> 'data' AS data,
			substr(convert_from(e.document, 'UTF8'), length(E'web4:trust:v1\n') + 1)::jsonb AS document
		FROM web4.evidence AS e WHERE e.kind = 'trust'
	)
	SELECT 'trust.recorded'::text, format('%s as %s, %s', coalesce(d.entity::text, l.data ->> 'entity'),
			coalesce(d.role, l.data ->> 'role'), coalesce(d.seq::text, l.data ->> 'seq')),
		CASE WHEN d.evidence IS NULL THEN format('evidence %s records an adjustment that is not there', l.id)
			ELSE format('evidence %s records another adjustment', d.evidence) END
	FROM web4.trust_delta AS d FULL JOIN leaf AS l ON l.id = d.evidence
	WHERE (d.society, d.entity::text, d.role, d.seq::text, d.at, d.reason) IS DISTINCT FROM
			(l.society, l.data ->> 'entity', l.data ->> 'role', l.data ->> 'seq', l.at, l.document ->> 'reason')
		OR d.dt3 IS DISTINCT FROM ARRAY(SELECT (coalesce(l.document #>> ARRAY['deltas', n.name], '0')::numeric * 1000000000)::integer
			FROM unnest(ARRAY['talent', 'training', 'temperament']) WITH ORDINALITY AS n (name, i) ORDER BY n.i)
		OR d.dv3 IS DISTINCT FROM ARRAY(SELECT (coalesce(l.document #>> ARRAY['deltas', n.name], '0')::numeric * 1000000000)::integer
			FROM unnest(ARRAY['valuation', 'veracity', 'validity']) WITH ORDINALITY AS n (name, i) ORDER BY n.i)
	UNION ALL
	SELECT 'trust.time', format('%s as %s', t.entity, t.role), format('state of %s, last adjustment of %s', t.updated_at, d.at)
	FROM web4.trust AS t LEFT JOIN web4.trust_delta AS d ON d.society = t.society AND d.entity = t.entity AND d.role = t.role AND d.seq = t.seq
	WHERE t.updated_at IS DISTINCT FROM d.at;
END;
REVOKE ALL ON FUNCTION web4.trust_log_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.trust_log_invariants() IS 'every adjustment of trust that differs from its leaf in the log; no row when all is well';
