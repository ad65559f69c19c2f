
-- What web4_authorize() and its siblings return.
CREATE TYPE web4_decision AS (
	decision text,
	reason text,
	code text,
	decision_id bytea,
	trust_required numeric,
	trust_actual numeric,
	atp_remaining atp,
	witnesses_required int,
	law_version text,
	decided_at timestamptz
);
COMMENT ON TYPE web4_decision IS 'one decision: granted, denied, deferred or expired, with reason and protocol code';

/* --- grants --- */

CREATE FUNCTION web4_grant_register(token consent) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER COST 10000
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION web4_grant_register(consent) FROM PUBLIC;
COMMENT ON FUNCTION web4_grant_register(consent) IS
	'verify a consent token and take it in; sets its budget aside; returns its hash';
SELECT web4.allow('web4_app', 'web4_grant_register(consent)');
SELECT web4.allow('web4_operator', 'web4_grant_register(consent)');

CREATE FUNCTION web4_grant_revoke(record bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER COST 5000
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION web4_grant_revoke(bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_grant_revoke(bytea) IS
	'revoke a grant by a signed record of its issuer, an issuer further up, or its subject; returns its hash';
SELECT web4.allow('web4_app', 'web4_grant_revoke(bytea)');
SELECT web4.allow('web4_operator', 'web4_grant_revoke(bytea)');

CREATE FUNCTION web4_grant_close(hash bytea) RETURNS atp
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER COST 2000
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION web4_grant_close(bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_grant_close(bytea) IS
	'return what is left of the budget of an expired or revoked grant';
SELECT web4.allow('web4_app', 'web4_grant_close(bytea)');
SELECT web4.allow('web4_operator', 'web4_grant_close(bytea)');

CREATE FUNCTION web4_grant(hash bytea, OUT parent bytea, OUT issuer lct, OUT subject lct, OUT society lct,
		OUT intent text, OUT resource text, OUT level int, OUT issued_at timestamptz, OUT expires_at timestamptz,
		OUT role text, OUT budget atp, OUT available atp, OUT spent atp, OUT reserved atp, OUT returned atp,
		OUT max_actions bigint, OUT actions bigint, OUT revoked_at timestamptz, OUT token consent) RETURNS SETOF record
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	BEGIN ATOMIC
		SELECT g.parent, g.issuer, g.subject, g.society, g.intent, g.resource, g.level::int, g.issued_at, g.expires_at,
			g.role, atp_from_micro(g.budget), atp_from_micro(s.escrow), atp_from_micro(s.spent),
			atp_from_micro(s.reserved), atp_from_micro(s.returned), g.max_actions, s.actions, s.revoked_at, g.token
		FROM web4.grants g JOIN web4.grant_state s USING (hash)
		WHERE g.hash = web4_grant.hash;
	END;
COMMENT ON FUNCTION web4_grant(bytea) IS 'a registered grant: what it says and what has become of it';

CREATE FUNCTION web4_grants_of(entity lct, OUT hash bytea, OUT issuer lct, OUT subject lct, OUT intent text,
		OUT resource text, OUT level int, OUT expires_at timestamptz, OUT available atp, OUT alive boolean)
	RETURNS SETOF record
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	BEGIN ATOMIC
		SELECT g.hash, g.issuer, g.subject, g.intent, g.resource, g.level::int, g.expires_at, atp_from_micro(s.escrow),
			s.revoked_at IS NULL AND g.issued_at <= clock_timestamp() AND g.expires_at > clock_timestamp()
		FROM web4.grants g JOIN web4.grant_state s USING (hash)
		WHERE g.subject = entity OR g.issuer = entity
		ORDER BY g.registered_at;
	END;
COMMENT ON FUNCTION web4_grants_of(lct) IS
	'grants that an entity issued or received; "alive" looks at the grant itself, not at its ancestors';

CREATE FUNCTION web4_grant_head(issuer lct) RETURNS bytea
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	BEGIN ATOMIC
		SELECT coalesce((SELECT g.hash FROM web4.grants g WHERE g.issuer = web4_grant_head.issuer
			AND NOT EXISTS (SELECT 1 FROM web4.grants n WHERE n.issuer = g.issuer AND n.previous = g.hash)
			ORDER BY g.registered_at DESC LIMIT 1), decode(repeat('00', 32), 'hex'));
	END;
COMMENT ON FUNCTION web4_grant_head(lct) IS
	'what the issuer''s next token must name as its previous one (32 zero bytes: it has issued none)';

/* --- decisions --- */

CREATE FUNCTION web4_authorize(requester lct, action text, resource text, cost atp DEFAULT '0', role text DEFAULT 'citizen',
		grant_hash bytea DEFAULT NULL, context jsonb DEFAULT '{}', attestations jsonb DEFAULT '[]') RETURNS web4_decision
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER COST 1000
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION web4_authorize(lct, text, text, atp, text, bytea, jsonb, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION web4_authorize(lct, text, text, atp, text, bytea, jsonb, jsonb) IS
	'decide, pay for and record a request that the application vouches for; the database role must be mapped to the requester';
SELECT web4.allow('web4_app', 'web4_authorize(lct, text, text, atp, text, bytea, jsonb, jsonb)');

CREATE FUNCTION web4_authorize_signed(request text, signature bytea, attestations jsonb DEFAULT '[]') RETURNS web4_decision
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER COST 2000
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION web4_authorize_signed(text, bytea, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION web4_authorize_signed(text, bytea, jsonb) IS
	'decide, pay for and record a request that the requester signed';
SELECT web4.allow('web4_app', 'web4_authorize_signed(text, bytea, jsonb)');

CREATE FUNCTION web4_authorize_many(requests jsonb) RETURNS SETOF web4_decision
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER COST 10000
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION web4_authorize_many(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION web4_authorize_many(jsonb) IS 'decide an array of requests in order, each as its own decision';
SELECT web4.allow('web4_app', 'web4_authorize_many(jsonb)');

CREATE FUNCTION web4_check(requester lct, action text, resource text, cost atp DEFAULT '0', role text DEFAULT 'citizen',
		grant_hash bytea DEFAULT NULL, context jsonb DEFAULT '{}', attestations jsonb DEFAULT '[]') RETURNS web4_decision
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER COST 100
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION web4_check(lct, text, text, atp, text, bytea, jsonb, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION web4_check(lct, text, text, atp, text, bytea, jsonb, jsonb) IS
	'what web4_authorize() would decide now; reads only, in parallel queries, too; spends and records nothing';
SELECT web4.allow('web4_app', 'web4_check(lct, text, text, atp, text, bytea, jsonb, jsonb)');

CREATE FUNCTION web4_resume(decision_id bytea, attestations jsonb) RETURNS web4_decision
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER COST 2000
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION web4_resume(bytea, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION web4_resume(bytea, jsonb) IS 'decide a deferred request again, now with witnesses';
SELECT web4.allow('web4_app', 'web4_resume(bytea, jsonb)');

CREATE FUNCTION web4_redeem(decision_id bytea, OUT requester lct, OUT action text, OUT resource text, OUT atp_cost atp,
		OUT role text, OUT decided_at timestamptz)
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER COST 1000
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION web4_redeem(bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_redeem(bytea) IS
	'use a granted decision, once, in another transaction than the one that decided; returns what was granted, all else is an error';
SELECT web4.allow('web4_app', 'web4_redeem(bytea)');

CREATE FUNCTION web4_request_text(requester lct, action text, resource text, cost atp DEFAULT '0',
		role text DEFAULT 'citizen', grant_hash bytea DEFAULT NULL, context jsonb DEFAULT '{}') RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE SECURITY DEFINER COST 100
	SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION web4_request_text(lct, text, text, atp, text, bytea, jsonb) IS
	'the text that web4_authorize() records for these arguments; its hash with "web4:request:v1\n" is what witnesses attest to';

CREATE FUNCTION web4_request_hash(request text) RETURNS bytea
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT sha256(convert_to(E'web4:request:v1\n' || request, 'UTF8'));
	END;
COMMENT ON FUNCTION web4_request_hash(text) IS 'event_hash of an attestation to this request text';

CREATE FUNCTION web4_pending(society lct, OUT decision_id bytea, OUT request_hash bytea, OUT requester lct, OUT request text,
		OUT witnesses_required int, OUT deferred_at timestamptz, OUT expires_at timestamptz) RETURNS SETOF record
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	BEGIN ATOMIC
		SELECT p.decision_id, p.request_hash, p.requester, p.request, p.witnesses_required, p.deferred_at, p.expires_at
		FROM web4.pending_decision p
		WHERE p.society = web4_pending.society AND p.final_id IS NULL AND p.expires_at > clock_timestamp()
		ORDER BY p.deferred_at;
	END;
REVOKE ALL ON FUNCTION web4_pending(lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_pending(lct) IS 'deferred requests of a society that wait for witnesses';
SELECT web4.allow('web4_app', 'web4_pending(lct)');
SELECT web4.allow('web4_operator', 'web4_pending(lct)');

CREATE FUNCTION web4_prune(keep interval DEFAULT '2 hours') RETURNS bigint
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER COST 100000
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION web4_prune(interval) FROM PUBLIC;
COMMENT ON FUNCTION web4_prune(interval) IS
	'delete what hourly limits no longer need (older than "keep", at least one hour); returns the number of rows';
SELECT web4.allow('web4_operator', 'web4_prune(interval)');

/* --- statistics --- */

-- Decisions as columns; everything here is derived from the leaves.  By "leaf" one is found quickly.
CREATE VIEW web4_decisions WITH (security_barrier) AS
	SELECT web4_leaf_id(e.id, e.leaf_hash) AS decision_id, e.id AS leaf, e.society, e.actor AS requester, d.action, d.resource, d.role,
		d.decision, d.reason, d.code, d.detail, d.atp_cost::numeric::atp AS atp_cost,
		d.atp_remaining::numeric::atp AS atp_remaining, d.trust_required, d.trust_actual, coalesce(d.witnesses_required, 0) AS witnesses_required,
		e.signature IS NOT NULL AS signed, decode(d."grant", 'hex') AS grant_hash, d.law_version, e.at AS decided_at, r.redeemed_at
	FROM web4.evidence e
	CROSS JOIN LATERAL jsonb_to_record(convert_from(e.body, 'UTF8')::jsonb -> 'data') AS d(action text,
		resource text, role text, decision text, reason text, code text, detail text, atp_cost text, atp_remaining text,
		trust_required numeric, trust_actual numeric, witnesses_required int, "grant" text, law_version text)
	LEFT JOIN web4.redemption r ON r.decision_id = web4_leaf_id(e.id, e.leaf_hash)
	WHERE e.kind = 'decision';
COMMENT ON VIEW web4_decisions IS 'every recorded decision, read from its leaf';
SELECT web4.allow('web4_reader', 'web4_decisions');
SELECT web4.allow('web4_auditor', 'web4_decisions');

CREATE FUNCTION web4_decision_of(request text, signature bytea) RETURNS SETOF web4_decision
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 1000 ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	BEGIN ATOMIC
		SELECT d.decision, d.reason, d.code, d.decision_id, d.trust_required, d.trust_actual, d.atp_remaining, d.witnesses_required,
			d.law_version, d.decided_at
		FROM web4.evidence e
		LEFT JOIN web4.pending_decision p ON p.decision_id = web4_leaf_id(e.id, e.leaf_hash)
		-- a deferred request has a final decision later; an id begins with the leaf's number
		JOIN web4_decisions d ON d.leaf = coalesce(('x' || encode(substr(p.final_id, 1, 8), 'hex'))::bit(64)::bigint, e.id)
		WHERE e.actor = (web4_decision_of.request::jsonb ->> 'requester')::lct
			AND e.nonce = decode(web4_decision_of.request::jsonb ->> 'nonce', 'base64')
			AND e.kind = 'decision' AND e.signature = web4_decision_of.signature
			AND e.document = convert_to(E'web4:request:v1\n' || web4_decision_of.request, 'UTF8');
	END;
REVOKE ALL ON FUNCTION web4_decision_of(text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_decision_of(text, bytea) IS
	'what was decided upon this signed request, when the answer to web4_authorize_signed() was lost; no row: nothing, so ask again';
SELECT web4.allow('web4_app', 'web4_decision_of(text, bytea)');

CREATE VIEW web4_stat_authority WITH (security_barrier) AS
	SELECT society, requester,
		count(*) AS total,
		count(*) FILTER (WHERE decision = 'granted') AS granted,
		count(*) FILTER (WHERE decision = 'denied') AS denied,
		count(*) FILTER (WHERE decision = 'deferred') AS deferred,
		count(*) FILTER (WHERE decision = 'expired') AS expired,
		round(count(*) FILTER (WHERE decision = 'granted') / count(*)::numeric, 6) AS success_rate,
		round(avg(trust_actual), 9) AS avg_trust,
		coalesce(sum(atp_cost) FILTER (WHERE decision = 'granted'), '0'::atp) AS total_atp_cost,
		count(redeemed_at) AS redeemed,
		max(decided_at) AS last_decided_at
	FROM web4_decisions
	GROUP BY society, requester;
COMMENT ON VIEW web4_stat_authority IS 'decisions per society and requester';
SELECT web4.allow('web4_reader', 'web4_stat_authority');

/* --- violations --- */

CREATE FUNCTION web4.authority_invariants() RETURNS TABLE (rule text, object text, detail text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	BEGIN ATOMIC
		SELECT 'grant_agrees', encode(g.hash, 'hex'), 'columns or signature do not agree with the token'
		FROM web4.grants g
		WHERE NOT web4.grant_row_ok(g.hash, g.parent, g.issuer, g.subject, g.society, g.intent, g.resource, g.level,
			g.issued_at, g.expires_at, g.role, g.budget, g.max_actions, g.token)
		UNION ALL
		SELECT 'grant_parent', encode(g.hash, 'hex'), 'its parent is not registered'
		FROM web4.grants g WHERE g.parent IS NOT NULL AND NOT EXISTS (SELECT FROM web4.grants p WHERE p.hash = g.parent)
		UNION ALL
		SELECT 'grant_state', encode(coalesce(g.hash, s.hash), 'hex'), 'state row is missing, superfluous or has another budget'
		FROM web4.grants g FULL JOIN web4.grant_state s USING (hash)
		WHERE g.hash IS NULL OR s.hash IS NULL
			OR s.budget <> CASE WHEN g.level = 0 THEN 0 ELSE coalesce(g.budget, 0) END
			OR s.max_actions <> coalesce(g.max_actions, 9223372036854775807)
		UNION ALL
		SELECT 'grant_funder', encode(s.hash, 'hex'), 'society or funder is not that of the chain'
		FROM web4.grants g JOIN web4.grant_state s USING (hash) LEFT JOIN web4.grant_state p ON p.hash = g.parent
		WHERE s.society <> g.society OR (s.funder = CASE WHEN g.parent IS NULL THEN g.issuer ELSE p.funder END) IS NOT TRUE
		UNION ALL
		SELECT 'grant_budget', encode(s.hash, 'hex'), 'budget is not escrow + spent + reserved + returned'
		FROM web4.grant_state s WHERE s.escrow + s.spent + s.reserved + s.returned <> s.budget
			OR least(s.escrow, s.spent, s.reserved, s.returned) < 0
		UNION ALL
		SELECT 'grant_escrow', encode(s.hash, 'hex'), 'journal gives another escrow'
		FROM web4.grant_state s
		LEFT JOIN LATERAL (SELECT sum(CASE WHEN j.credit = 'g' AND j.credit_holder = s.hash THEN j.amount ELSE 0 END
			- CASE WHEN j.debit = 'g' AND j.debit_holder = s.hash THEN j.amount ELSE 0 END) AS escrow
			FROM web4.journal j
			WHERE (j.credit = 'g' AND j.credit_holder = s.hash) OR (j.debit = 'g' AND j.debit_holder = s.hash)) f ON true
		WHERE s.escrow <> coalesce(f.escrow, 0)
		UNION ALL
		SELECT 'grant_reserved', encode(s.hash, 'hex'), 'children hold another sum than was reserved for them'
		FROM web4.grant_state s
		JOIN (SELECT g.parent, sum(c.escrow + c.spent + c.reserved) AS held FROM web4.grants g
			JOIN web4.grant_state c USING (hash) GROUP BY g.parent) k ON k.parent = s.hash
		WHERE k.held <> s.reserved
		UNION ALL
		SELECT 'grant_revoked', encode(r.hash, 'hex'), 'a revocation record exists, but the grant is not marked'
		FROM web4.grant_revocation r JOIN web4.grant_state s USING (hash) WHERE s.revoked_at IS NULL
		UNION ALL
		SELECT 'redeemed_decision', encode(r.decision_id, 'hex'), 'redeems what was not granted'
		FROM web4.redemption r LEFT JOIN web4_decisions d USING (decision_id)
		WHERE d.decision IS DISTINCT FROM 'granted'
		UNION ALL
		SELECT 'spend_recorded', j.id::text, 'spend without a granted decision of that cost'
		FROM web4.journal j LEFT JOIN web4.evidence e ON e.id = j.evidence
		WHERE j.kind = 'spend' AND (e.kind IS DISTINCT FROM 'decision'
			OR convert_from(e.body, 'UTF8')::jsonb #>> '{data,decision}' <> 'granted'
			OR ((convert_from(e.body, 'UTF8')::jsonb #>> '{data,atp_cost}')::numeric * 1000000)::bigint <> j.amount);
	END;
REVOKE ALL ON FUNCTION web4.authority_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.authority_invariants() IS 'every grant, budget and spend that contradicts the others; no row when all is well';

-- Grants, their use, deferrals and redemptions are those of the log, all of them.
CREATE FUNCTION web4.authority_log_invariants() RETURNS TABLE (rule text, object text, detail text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	BEGIN ATOMIC
		WITH leaf AS MATERIALIZED (
			SELECT e.id, e.society, e.kind, e.actor, e.at, e.document, e.signature, web4_leaf_id(e.id, e.leaf_hash) AS leaf_id,
				convert_from(e.body, 'UTF8')::jsonb -> 'data' AS data
			FROM web4.evidence e WHERE e.kind IN ('decision', 'grant', 'redemption')
		), registered AS (
			SELECT l.*, decode(l.data ->> 'grant', 'hex') AS hash FROM leaf l WHERE l.kind = 'grant' AND NOT l.data ? 'act'
		), ended AS (
			SELECT l.*, decode(l.data ->> 'grant', 'hex') AS hash, l.data ->> 'act' AS act FROM leaf l WHERE l.kind = 'grant' AND l.data ? 'act'
		), decided AS (
			SELECT l.*, l.data ->> 'decision' AS decision, coalesce(l.data ->> 'request_hash', encode(sha256(l.document), 'hex')) AS request_hash
			FROM leaf l WHERE l.kind = 'decision'
		), used AS (
			SELECT decode(d.data ->> 'grant', 'hex') AS hash, count(*) AS uses FROM decided d
			WHERE d.decision = 'granted' AND d.data ? 'grant' GROUP BY 1
		), promised AS (
			SELECT g.parent, sum(g.max_actions) AS actions FROM web4.grants g WHERE g.parent IS NOT NULL GROUP BY 1
		)
		SELECT 'grant_recorded', encode(coalesce(g.hash, l.hash), 'hex'), CASE WHEN g.hash IS NULL THEN 'the grant that the log records is not there' ELSE 'the log records another grant' END
		FROM web4.grants g FULL JOIN registered l ON l.hash = g.hash
		WHERE (g.society, g.issuer, g.registered_at, g.depth::text, g.token::bytea, g.previous) IS DISTINCT FROM
			(l.society, l.actor, l.at, l.data ->> 'depth', l.document, (consent_parse(g.token)).previous)
			OR encode(g.parent, 'hex') IS DISTINCT FROM l.data ->> 'parent'
		UNION ALL
		SELECT 'revocation_recorded', encode(coalesce(r.hash, l.hash), 'hex'), CASE WHEN r.hash IS NULL THEN 'the revocation that the log records is not there' ELSE 'the log records another revocation' END
		FROM web4.grant_revocation r FULL JOIN (SELECT e.* FROM ended e WHERE e.act = 'revoke') l ON l.hash = r.hash AND l.actor = r.revoker
		WHERE (r.revoked_at, r.record, r.reason::integer) IS DISTINCT FROM (l.at, l.document, (consent_revocation_parse(l.document)).reason)
		UNION ALL
		SELECT 'grant_ended', encode(s.hash, 'hex'), 'the log says otherwise whether and when it was revoked or closed'
		FROM web4.grant_state s LEFT JOIN (
			SELECT e.hash, array_agg(e.at) FILTER (WHERE e.act = 'revoke') AS revoked FROM ended e GROUP BY e.hash) l ON l.hash = s.hash
		WHERE s.closed <> (l.hash IS NOT NULL)
			OR CASE WHEN l.revoked IS NULL THEN s.revoked_at IS NOT NULL ELSE (s.revoked_at = ANY (l.revoked)) IS NOT TRUE END
		UNION ALL
		SELECT 'grant_used', encode(s.hash, 'hex'), format('%s actions, the log says %s used and %s promised', s.actions, coalesce(u.uses, 0), coalesce(p.actions, 0))
		FROM web4.grant_state s LEFT JOIN used u ON u.hash = s.hash LEFT JOIN promised p ON p.parent = s.hash
		WHERE CASE WHEN s.max_actions < 9223372036854775807 THEN s.actions <> coalesce(u.uses, 0) + coalesce(p.actions, 0)
			ELSE s.actions > coalesce(u.uses, 0) + coalesce(p.actions, 0) END
		UNION ALL
		SELECT 'grant_spent', encode(s.hash, 'hex'), format('%s spent, journal says %s', s.spent, coalesce(j.amount, 0))
		FROM web4.grant_state s LEFT JOIN (SELECT j.debit_holder AS hash, sum(j.amount) AS amount FROM web4.journal j
			WHERE j.kind = 'spend' AND j.debit = 'g' GROUP BY 1) j ON j.hash = s.hash
		WHERE s.spent <> coalesce(j.amount, 0)
		UNION ALL
		SELECT 'deferral_recorded', encode(coalesce(p.decision_id, l.leaf_id), 'hex'), CASE WHEN p.decision_id IS NULL THEN 'the deferred request that the log records is not there'
			ELSE 'the log records another deferred request' END
		FROM web4.pending_decision p FULL JOIN (
			SELECT DISTINCT ON (d.request_hash) d.* FROM decided d WHERE d.decision = 'deferred' ORDER BY d.request_hash, d.id DESC) l ON l.leaf_id = p.decision_id
		WHERE (p.society, p.requester, p.deferred_at, p.expires_at, p.witnesses_required::text, p.signature, encode(p.request_hash, 'hex'), web4_request_hash(p.request))
			IS DISTINCT FROM (l.society, l.actor, l.at, l.at + (l.data ->> 'resume_seconds')::bigint * '1 second'::interval, l.data ->> 'witnesses_required', l.signature,
				l.request_hash, p.request_hash)
		UNION ALL
		SELECT 'deferral_ended', encode(p.decision_id, 'hex'), 'the log records another end'
		FROM web4.pending_decision p LEFT JOIN decided f ON f.data ->> 'resumes' = encode(p.decision_id, 'hex')
		WHERE p.final_id IS DISTINCT FROM f.leaf_id
		UNION ALL
		SELECT 'redemption_recorded', coalesce(encode(r.decision_id, 'hex'), l.data ->> 'decision'), CASE WHEN r.decision_id IS NULL THEN 'the redemption that the log records is not there'
			ELSE 'the log records another redemption' END
		FROM web4.redemption r FULL JOIN (SELECT l.* FROM leaf l WHERE l.kind = 'redemption') l ON l.data ->> 'decision' = encode(r.decision_id, 'hex')
		WHERE (r.redeemed_at, r.redeemed_by::text) IS DISTINCT FROM (l.at, l.data ->> 'by')
		UNION ALL
		SELECT 'use_recorded', u.evidence::text, 'no granted decision that this limits'
		FROM web4.usage u LEFT JOIN decided d ON d.id = u.evidence AND d.decision = 'granted'
		WHERE u.at IS DISTINCT FROM d.at
			-- limited is the requester in the role, the grant, or an ancestor of it with a limit of its own
			OR NOT (u.limited = sha256(lct_to_bytea(d.society) || lct_to_bytea(d.actor) || convert_to(d.data ->> 'role', 'UTF8'))
				OR EXISTS (
					WITH RECURSIVE up AS (
						SELECT g.hash, g.parent FROM web4.grants g WHERE g.hash = decode(d.data ->> 'grant', 'hex')
						UNION ALL
						SELECT g.hash, g.parent FROM web4.grants g JOIN up ON g.hash = up.parent)
					SELECT FROM up WHERE up.hash = u.limited));
	END;
REVOKE ALL ON FUNCTION web4.authority_log_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.authority_log_invariants() IS 'every grant, use, deferral and redemption that differs from the log; no row when all is well';
