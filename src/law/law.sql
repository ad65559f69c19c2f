
CREATE FUNCTION web4_law_publish(law text, signature bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 SECURITY DEFINER
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION web4_law_publish(text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_law_publish(text, bytea) IS
	'publish the next version of a society''s law, signed by the society, its law_oracle or its sovereign; returns its hash';
SELECT web4.allow('web4_operator', 'web4_law_publish(text, bytea)');

CREATE FUNCTION web4_law_explain(society lct, role text, action text, resource text,
		OUT allowed boolean, OUT reason text, OUT trust_threshold numeric, OUT witnesses int, OUT min_cost atp,
		OUT max_cost atp, OUT consent_level int, OUT per_hour int, OUT law_version text)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE SECURITY DEFINER COST 10
	SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION web4_law_explain(lct, text, text, text) IS
	'what the law in force demands of an action in a role: threshold, witnesses, costs, consent level';

-- The hash that a publisher signs (with the prefix "web4:law:publish:v1\n", in hex).
CREATE FUNCTION web4_law_hash(law text) RETURNS bytea
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 20
	BEGIN ATOMIC
		SELECT sha256(convert_to(E'web4:law:v1\n' || law, 'UTF8'));
	END;
COMMENT ON FUNCTION web4_law_hash(text) IS 'hash of a law text: SHA-256 over "web4:law:v1", newline and the text';

CREATE FUNCTION web4_law(society lct, OUT seq int, OUT version text, OUT law_hash bytea, OUT law text,
		OUT signer lct, OUT published_at timestamptz) RETURNS SETOF record
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100 ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	BEGIN ATOMIC
		SELECT l.seq, l.version, l.law_hash, l.law, l.signer, l.published_at
		FROM web4.law l WHERE l.society = web4_law.society ORDER BY l.seq DESC;
	END;
COMMENT ON FUNCTION web4_law(lct) IS 'published law versions of a society, newest first; none: the built-in default law applies';

CREATE FUNCTION web4_default_law() RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION web4_default_law() IS 'text of the law of a society that has published none';

-- Violations: hash, signature chain, succession.
CREATE FUNCTION web4.law_invariants() RETURNS TABLE (rule text, object text, detail text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	BEGIN ATOMIC
		SELECT 'law_hash', l.society::text || ' ' || l.version, 'hash does not match the text'
		FROM web4.law l WHERE l.law_hash <> sha256(convert_to(E'web4:law:v1\n' || l.law, 'UTF8'))
		UNION ALL
		SELECT 'law_succession', l.society::text || ' ' || l.version, 'does not follow its predecessor'
		FROM web4.law l LEFT JOIN web4.law p ON p.society = l.society AND p.seq = l.seq - 1
		WHERE (l.seq = 1 AND l.previous_hash IS NOT NULL)
			OR (l.seq > 1 AND l.previous_hash IS DISTINCT FROM p.law_hash)
		UNION ALL
		SELECT 'law_signature', l.society::text || ' ' || l.version, 'no key of the signer verifies the signature'
		FROM web4.law l
		WHERE NOT EXISTS (SELECT 1 FROM web4.entity_key k
			WHERE k.entity = l.signer
			AND web4_verify(convert_to(E'web4:law:publish:v1\n' || encode(l.law_hash, 'hex'), 'UTF8'), l.signature, k.public_key));
	END;
REVOKE ALL ON FUNCTION web4.law_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.law_invariants() IS 'every law whose hash, place or signature does not hold; no row when all is well';

-- Laws are those of the log, and policies those of the laws.
CREATE FUNCTION web4.law_log_invariants() RETURNS TABLE (rule text, object text, detail text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	BEGIN ATOMIC
		WITH leaf AS MATERIALIZED (
			SELECT e.id, e.society, e.actor, e.at, e.signature, convert_from(e.body, 'UTF8')::jsonb -> 'data' AS data,
				row_number() OVER (PARTITION BY e.society ORDER BY e.id) AS n
			FROM web4.evidence e WHERE e.kind = 'law'
		), published AS MATERIALIZED (
			SELECT l.*, l.law::jsonb AS text FROM web4.law l
		), economy AS (
			SELECT DISTINCT ON (v.society) v.society, v.policy FROM (
				SELECT l.society, l.id, format('fee_ppb %s, fee_bearer %s, max_balance %s, overflow %s, max_mint %s',
					coalesce(x.e ->> 'fee_ppb', '0'), coalesce(x.e ->> 'fee_bearer', 'sender'),
					(coalesce(x.e ->> 'max_balance', '0')::numeric * 1000000)::bigint, coalesce(x.e ->> 'overflow', 'reject'),
					(coalesce(x.e ->> 'max_mint', '0')::numeric * 1000000)::bigint) AS policy
				FROM published p JOIN leaf l ON l.data ->> 'law_hash' = encode(p.law_hash, 'hex'),
					LATERAL (SELECT p.text -> 'economy' AS e) x
				WHERE p.text ? 'economy'
				UNION ALL
				SELECT e.society, e.id, d.data ->> 'note'
				FROM web4.evidence e, LATERAL (SELECT convert_from(e.body, 'UTF8')::jsonb -> 'data' AS data) d
				WHERE e.kind = 'journal' AND d.data ->> 'type' = 'policy') v
			ORDER BY v.society, v.id DESC
		), identity AS (
			SELECT DISTINCT ON (p.society) p.society, (p.text #>> '{identity,birth_quorum}')::integer AS quorum
			FROM published p WHERE p.text ? 'identity' ORDER BY p.society, p.seq DESC
		)
		SELECT 'law_recorded', coalesce(p.society, l.society)::text || ' ' || coalesce(p.version, l.data ->> 'version'),
			CASE WHEN p.law IS NULL THEN 'the law that the log records is not there'
				WHEN l.id IS NULL THEN 'the log does not record it' ELSE 'the log records it otherwise' END
		FROM published p FULL JOIN leaf l ON l.data ->> 'law_hash' = encode(p.law_hash, 'hex')
		WHERE (p.society, p.seq::bigint, p.version, p.signer, p.signature, p.published_at) IS DISTINCT FROM
			(l.society, l.n, l.data ->> 'version', l.actor, l.signature, l.at)
		UNION ALL
		SELECT 'law_columns', p.society::text || ' ' || p.version, 'columns differ from the text'
		FROM published p
		WHERE (p.society::text, p.version, p.signer::text, encode(p.previous_hash, 'hex')) IS DISTINCT FROM
			(p.text ->> 'society', p.text ->> 'version', p.text ->> 'signer', p.text ->> 'previous_hash')
		UNION ALL
		SELECT 'economy_policy', coalesce(p.society, e.society)::text, 'is not what was published last'
		FROM web4.economy_policy p FULL JOIN economy e ON e.society = p.society
		WHERE format('fee_ppb %s, fee_bearer %s, max_balance %s, overflow %s, max_mint %s', p.fee_ppb, p.fee_bearer,
			coalesce(p.max_balance, 0), p.overflow, coalesce(p.max_mint, 0)) IS DISTINCT FROM e.policy
		UNION ALL
		SELECT 'identity_policy', coalesce(p.society, i.society)::text, 'is not what was published last'
		FROM web4.identity_policy p FULL JOIN identity i ON i.society = p.society
		WHERE (p.birth_quorum, p.default_overlap) IS DISTINCT FROM (i.quorum, '24 hours'::interval);
	END;
REVOKE ALL ON FUNCTION web4.law_log_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.law_log_invariants() IS 'every law that differs from the log, and every policy that differs from the laws';
