
CREATE FUNCTION web4_law_publish(law text, signature bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE SECURITY DEFINER
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
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT sha256(convert_to(E'web4:law:v1\n' || law, 'UTF8'));
	END;
COMMENT ON FUNCTION web4_law_hash(text) IS 'hash of a law text: SHA-256 over "web4:law:v1", newline and the text';

CREATE FUNCTION web4_law(society lct, OUT seq int, OUT version text, OUT law_hash bytea, OUT law text,
		OUT signer lct, OUT published_at timestamptz) RETURNS SETOF record
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER
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
	LANGUAGE sql STABLE
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
