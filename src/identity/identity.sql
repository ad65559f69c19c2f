-- ---------------------------------------------------------------------------
-- identity: who an agent is.
--
-- Clients prepare a document, sign it outside and hand in text and signatures;
-- no secret passes through SQL.  Each act leaves one leaf in the log.
-- ---------------------------------------------------------------------------

-- births --------------------------------------------------------------------

CREATE FUNCTION web4_birth_certificate(society lct, public_key bytea, entity_type text, witnesses lct[],
	alias text DEFAULT NULL, birth_context text DEFAULT 'platform',
	rights text[] DEFAULT '{accumulate_reputation,interact,presence}', obligations text[] DEFAULT '{abide_law,respect_quorum}',
	at timestamptz DEFAULT NULL, hardware_binding_hash bytea DEFAULT NULL, parent_entity lct DEFAULT NULL,
	genesis_block_hash bytea DEFAULT NULL, law_hash bytea DEFAULT NULL, law_version text DEFAULT 'v1.0.0',
	OUT certificate text, OUT cert_hash bytea, OUT lct lct, OUT society_message bytea, OUT witness_messages jsonb,
	OUT binding_message bytea) RETURNS record
LANGUAGE C VOLATILE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_birth_certificate(lct, bytea, text, lct[], text, text, text[], text[], timestamptz, bytea, lct, bytea, bytea, text) IS
'canonical birth certificate and what society, witnesses and subject have to sign; reads and changes nothing';

CREATE FUNCTION web4_mint(certificate text, society_signature bytea, witness_signatures jsonb, binding_signature bytea) RETURNS lct
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_mint(text, bytea, jsonb, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_mint(text, bytea, jsonb, bytea) IS
'a new identity from a signed birth certificate; witness_signatures is {"lct:...": "hex", ...}';

CREATE FUNCTION web4_mint_many(births jsonb) RETURNS lct[]
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_mint_many(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION web4_mint_many(jsonb) IS
'up to 10000 births in one transaction, all or none: an array of {"certificate", "society_signature", "witness_signatures", "binding_signature"} with signatures in hex';

-- societies -----------------------------------------------------------------

CREATE FUNCTION web4_bootstrap_society(name text, public_key bytea DEFAULT NULL, certificate text DEFAULT NULL,
	society_signature bytea DEFAULT NULL, binding_signature bytea DEFAULT NULL) RETURNS lct
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_bootstrap_society(text, bytea, text, bytea, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_bootstrap_society(text, bytea, text, bytea, bytea) IS
'found the first society; its key is made in the keyring unless an outside key comes with a signed genesis certificate';

CREATE FUNCTION web4_charter_society(charter text, signature bytea) RETURNS lct
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 5000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_charter_society(text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_charter_society(text, bytea) IS
'make an identity of type society a society of its own, by a charter that its parent society signed';

-- keys, status, roles, citizenship ------------------------------------------

CREATE FUNCTION web4_rotate_key(rotation text, old_signature bytea, new_signature bytea DEFAULT NULL) RETURNS integer
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 5000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_rotate_key(text, bytea, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_rotate_key(text, bytea, bytea) IS
'give an identity its next key, by a document that the old and the new key signed (a new key of the keyring signs by itself); returns the new version';

CREATE FUNCTION web4_set_status(document text, signature bytea) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 5000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_set_status(text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_set_status(text, bytea) IS
'suspend, reactivate, supersede or revoke an identity, by a document that it or its society signed';

CREATE FUNCTION web4.entity_lifecycle() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'web4_entity_lifecycle';
REVOKE ALL ON FUNCTION web4.entity_lifecycle() FROM PUBLIC;
COMMENT ON FUNCTION web4.entity_lifecycle() IS 'trigger of web4.entity: what never changes, and which way a status may go';
CREATE TRIGGER web4_lifecycle BEFORE UPDATE ON web4.entity FOR EACH ROW EXECUTE FUNCTION web4.entity_lifecycle();
ALTER TABLE web4.entity ENABLE ALWAYS TRIGGER web4_lifecycle;

CREATE FUNCTION web4_assign_role(document text, signature bytea) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 5000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_assign_role(text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_assign_role(text, bytea) IS
'assign or withdraw a role in a society, by a document that the society, its sovereign or an administrator signed';

CREATE FUNCTION web4_citizenship(document text, signature bytea) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 5000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_citizenship(text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_citizenship(text, bytea) IS
'apply for, grant, suspend or end citizenship, by a document of the entity (apply, leave) or of the society';

-- keys of the keyring: whose they are, and who may sign with them ------------

-- The key of an identity that was minted here is recorded in its log: a society's
-- own, or that of the entity's home.
CREATE FUNCTION web4_keyring_bind(public_key bytea, owner lct) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_keyring_bind(bytea, lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_keyring_bind(bytea, lct) IS
'record whose key it is, for good; minting and rotation do so by themselves, so this is for sealing keys; superusers only';

CREATE FUNCTION web4_keyring_drop(public_key bytea) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_keyring_drop(bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_keyring_drop(bytea) IS
'remove a key from the keyring, irrevocably; superusers only';

CREATE FUNCTION web4_keyring_grant(public_key bytea, role name) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_keyring_grant(bytea, name) FROM PUBLIC;
COMMENT ON FUNCTION web4_keyring_grant(bytea, name) IS
'let a database role, and who is a member of it, have documents signed with this key; recorded in its owner''s log';

CREATE FUNCTION web4_keyring_revoke(public_key bytea, role name) RETURNS boolean
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_keyring_revoke(bytea, name) FROM PUBLIC;
COMMENT ON FUNCTION web4_keyring_revoke(bytea, name) IS
'take back web4_keyring_grant(); false when there was nothing to take back';

-- reading -------------------------------------------------------------------
--
-- Identities are public: everybody may ask, nobody reads the tables.

CREATE FUNCTION web4_verify_lct(lct lct, message bytea, signature bytea, OUT valid boolean, OUT error text) RETURNS record
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 8000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_verify_lct(lct, bytea, bytea) IS
'does this identity stand, certificate and all, and is this its signature now? error says what fails first';

CREATE FUNCTION web4_society(name text) RETURNS lct
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 50 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT s.id FROM web4.society s WHERE s.name = $1;
END;
COMMENT ON FUNCTION web4_society(text) IS 'the society of this name';

CREATE FUNCTION web4_lct_by_alias(society lct, alias text) RETURNS lct
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 50 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT e.id FROM web4.entity e WHERE e.society = $1 AND e.alias = $2;
END;
COMMENT ON FUNCTION web4_lct_by_alias(lct, text) IS 'the identity that the society issued under this alias';

CREATE FUNCTION web4_did(lct lct) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT 'did:web4:key:' || web4_multikey(k.public_key) FROM web4.entity_key k WHERE k.entity = $1 AND k.version = 1;
END;
COMMENT ON FUNCTION web4_did(lct) IS 'DID of an identity: did:web4:key: and its genesis key as multikey; it survives rotation';

CREATE FUNCTION web4_did_document(lct lct) RETURNS jsonb
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 300 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH subject AS (
		SELECT e.id, e.status, 'did:web4:key:' || web4_multikey(k.public_key) AS did
		FROM web4.entity e JOIN web4.entity_key k ON k.entity = e.id AND k.version = 1
		WHERE e.id = $1
	), method AS (
		SELECT k.version, s.did || '#key-' || (k.version - 1) AS id, web4_multikey(k.public_key) AS multikey
		FROM subject s JOIN web4.entity_key k ON k.entity = s.id
		WHERE s.status <> 'revoked' AND k.status IN ('active', 'overlapping')
			AND (k.valid_until IS NULL OR k.valid_until > clock_timestamp())
	), methods AS (
		SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'type', 'Multikey', 'controller', s.did,
				'publicKeyMultibase', m.multikey) ORDER BY m.version DESC), '[]') AS full_form,
			coalesce(jsonb_agg(m.id ORDER BY m.version DESC), '[]') AS ids
		FROM method m, subject s
	)
	SELECT jsonb_build_object(
			'@context', jsonb_build_array('https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'),
			'id', s.did, 'alsoKnownAs', jsonb_build_array(s.id::text), 'verificationMethod', m.full_form,
			'authentication', m.ids, 'assertionMethod', m.ids, 'capabilityInvocation', m.ids, 'capabilityDelegation', m.ids)
		|| CASE WHEN s.status = 'revoked' THEN '{"deactivated": true}'::jsonb ELSE '{}'::jsonb END
	FROM subject s, methods m;
END;
COMMENT ON FUNCTION web4_did_document(lct) IS
'DID document with the keys that verify now, newest first; deactivated when revoked, null when unknown';

CREATE FUNCTION web4_lct_info(lct lct, OUT society lct, OUT society_name text, OUT entity_type text, OUT alias text,
	OUT status text, OUT status_reason text, OUT status_at timestamptz, OUT born_at timestamptz, OUT compromised_since timestamptz,
	OUT public_key bytea, OUT key_version integer, OUT witnesses lct[], OUT cert_hash bytea, OUT certificate text,
	OUT hardware_binding_hash bytea) RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 300 ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT e.society, s.name, e.entity_type, e.alias, e.status, e.status_reason, e.status_at, e.born_at, e.compromised_since,
		k.public_key, k.version,
		ARRAY(SELECT w.witness FROM web4.birth_witness w WHERE w.cert_hash = e.cert_hash ORDER BY w.witness::text COLLATE "C"),
		e.cert_hash, c.certificate, e.hardware_binding_hash
	FROM web4.entity e LEFT JOIN web4.society s ON s.id = e.society
		LEFT JOIN web4.entity_key k ON k.entity = e.id AND k.status = 'active'
		LEFT JOIN web4.birth_certificate c ON c.cert_hash = e.cert_hash
	WHERE e.id = $1;
END;
COMMENT ON FUNCTION web4_lct_info(lct) IS 'what is known about an identity; no row when it is unknown';

CREATE FUNCTION web4_key_history(lct lct, OUT version integer, OUT public_key bytea, OUT status text,
	OUT valid_from timestamptz, OUT valid_until timestamptz, OUT compromised_since timestamptz) RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100 ROWS 3 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT k.version, k.public_key,
		CASE WHEN k.status = 'overlapping' AND k.valid_until <= clock_timestamp() THEN 'expired' ELSE k.status END,
		k.valid_from, k.valid_until, k.compromised_since
	FROM web4.entity_key k WHERE k.entity = $1 ORDER BY k.version;
END;
COMMENT ON FUNCTION web4_key_history(lct) IS 'every key that the identity had, and when it verifies signatures';

CREATE FUNCTION web4_roles(lct lct, OUT society lct, OUT role text, OUT is_primary boolean, OUT since timestamptz,
	OUT assigned_by lct) RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100 ROWS 5 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT c.society, 'citizen', true, c.since, c.society
	FROM web4.citizenship c WHERE c.entity = $1 AND c.status = 'active'
	UNION ALL
	SELECT r.society, r.role, r.is_primary, r.since, r.assigned_by
	FROM web4.role_holder r JOIN web4.citizenship c ON c.society = r.society AND c.entity = r.holder AND c.status = 'active'
	WHERE r.holder = $1
	ORDER BY 1, 2;
END;
COMMENT ON FUNCTION web4_roles(lct) IS 'the roles that the identity fills in every society; citizen is active citizenship';

CREATE FUNCTION web4.signed_time(at timestamptz) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 20 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT to_char($1 AT TIME ZONE 'UTC', CASE
		WHEN extract(microseconds FROM $1)::bigint % 1000000 = 0 THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
		WHEN extract(microseconds FROM $1)::bigint % 1000 = 0 THEN 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
		ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"' END);
END;
REVOKE ALL ON FUNCTION web4.signed_time(timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION web4.signed_time(timestamptz) IS 'a time as signed text spells it: UTC, Z, the shortest of 0, 3 or 6 digits';

CREATE FUNCTION web4_rotation(lct lct, new_public_key bytea, overlap interval DEFAULT NULL,
	compromised_since timestamptz DEFAULT NULL) RETURNS text
LANGUAGE sql VOLATILE PARALLEL SAFE COST 300 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT web4_jcs(jsonb_strip_nulls(jsonb_build_object(
			'v', 1, 'lct_id', $1::text, 'from_version', k.version, 'to_version', k.version + 1,
			'old_public_key', encode(k.public_key, 'hex'), 'new_public_key', encode($2, 'hex'),
			'nonce', encode(uuid_send(gen_random_uuid()), 'base64'),
			'issued_at', web4.signed_time(n.at),
			'overlap_until', web4.signed_time(n.at + CASE WHEN $4 IS NOT NULL THEN '0'::interval
				ELSE coalesce($3, p.default_overlap, '24 hours'::interval) END),
			'compromised_since', web4.signed_time($4)))::text)
	FROM (SELECT clock_timestamp() AS at) n, web4.entity e JOIN web4.entity_key k ON k.entity = e.id AND k.status = 'active'
		LEFT JOIN web4.identity_policy p ON p.society = e.society
	WHERE e.id = $1;
END;
COMMENT ON FUNCTION web4_rotation(lct, bytea, interval, timestamptz) IS
'the document that old and new key have to sign for web4_rotate_key(); overlap defaults to the society''s policy';

-- audit ---------------------------------------------------------------------
CREATE FUNCTION web4.identity_state(lct @extschema@.lct) RETURNS bytea
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'web4_identity_state';
REVOKE ALL ON FUNCTION web4.identity_state(@extschema@.lct) FROM PUBLIC;
COMMENT ON FUNCTION web4.identity_state(@extschema@.lct) IS 'hash of the rows of an identity: the entity and all its keys';

CREATE FUNCTION web4.society_state(lct @extschema@.lct) RETURNS bytea
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'web4_society_state';
REVOKE ALL ON FUNCTION web4.society_state(@extschema@.lct) FROM PUBLIC;
COMMENT ON FUNCTION web4.society_state(@extschema@.lct) IS 'hash of the rows of a society: itself and its role holders';

CREATE FUNCTION web4.certificate_fault(lct @extschema@.lct) RETURNS text
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 8000 AS 'MODULE_PATHNAME', 'web4_certificate_fault';
REVOKE ALL ON FUNCTION web4.certificate_fault(@extschema@.lct) FROM PUBLIC;
COMMENT ON FUNCTION web4.certificate_fault(@extschema@.lct) IS
	'what does not agree between an identity, its birth certificate and the signatures; null when all does';

CREATE FUNCTION web4.identity_invariants() RETURNS TABLE (rule text, object text, detail text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH leaf AS MATERIALIZED (
		SELECT v.id, v.kind, v.society, v.at, convert_from(v.body, 'UTF8')::jsonb -> 'data' AS data
		FROM web4.evidence v WHERE v.kind IN ('birth', 'status', 'key', 'society', 'role', 'citizenship', 'keyring')
	), entity_leaf AS (
		SELECT DISTINCT ON (l.data ->> 'entity') l.data ->> 'entity' AS entity, l.data ->> 'state' AS state
		FROM leaf l WHERE l.kind IN ('birth', 'status', 'key') ORDER BY l.data ->> 'entity', l.id DESC
	), society_leaf AS (
		SELECT DISTINCT ON (l.data ->> 'society') l.data ->> 'society' AS society, l.data ->> 'state' AS state
		FROM leaf l WHERE l.kind IN ('society', 'role') ORDER BY l.data ->> 'society', l.id DESC
	), civic_event AS (
		SELECT l.society::text AS society, l.data ->> 'entity' AS entity, coalesce(l.data ->> 'status', 'active') AS status,
			l.at, l.id, 1 AS weight
		FROM leaf l WHERE l.kind IN ('birth', 'citizenship')
		UNION ALL
		SELECT l.society::text, l.data ->> 'society', 'active', l.at, l.id, 0
		FROM leaf l WHERE l.kind = 'society' AND l.data ->> 'phase' = 'bootstrap'
	), civic AS (
		SELECT DISTINCT ON (c.society, c.entity) c.society, c.entity, c.status, c.at
		FROM civic_event c ORDER BY c.society, c.entity, c.weight DESC, c.id DESC
	), keyring_leaf AS (
		SELECT l.id, decode(l.data ->> 'public_key', 'hex') AS public_key, l.data ->> 'act' AS act, l.data ->> 'owner' AS owner, l.data ->> 'role' AS role
		FROM leaf l WHERE l.kind = 'keyring'
	), keyring_fate AS (
		SELECT DISTINCT ON (l.public_key) l.public_key, l.act, l.owner
		FROM keyring_leaf l WHERE l.act IN ('bind', 'drop') ORDER BY l.public_key, l.id DESC
	), signer_fate AS (
		SELECT DISTINCT ON (l.public_key, l.role) l.public_key, l.role, l.act
		FROM keyring_leaf l WHERE l.act IN ('grant', 'revoke') ORDER BY l.public_key, l.role, l.id DESC
	), owned AS (
		-- what is nobody's, or of an identity that was not minted here, has no log
		SELECT k.public_key, e.id::text AS owner, r.entity IS NOT NULL AS registered
		FROM web4.keyring k JOIN web4.entity e ON e.id = k.owner
			LEFT JOIN web4.entity_key r ON r.public_key = k.public_key AND r.entity = k.owner
	)
	SELECT 'certificate', e.id::text, web4.certificate_fault(e.id)
	FROM web4.entity e WHERE web4.certificate_fault(e.id) IS NOT NULL
	UNION ALL
	SELECT 'genesis_key', e.id::text, 'identity is not the hash of its first key'
	FROM web4.entity e LEFT JOIN web4.entity_key k ON k.entity = e.id AND k.version = 1
	WHERE k.public_key IS NULL OR e.id <> lct_from_public_key(k.public_key)
	UNION ALL
	SELECT 'active_key', e.id::text, format('%s active keys, status %s, %s keys, newest version %s',
		count(k.version) FILTER (WHERE k.status = 'active'), e.status, count(k.version), max(k.version))
	FROM web4.entity e LEFT JOIN web4.entity_key k ON k.entity = e.id
	GROUP BY e.id
	HAVING count(k.version) FILTER (WHERE k.status = 'active') <> CASE WHEN e.status = 'revoked' THEN 0 ELSE 1 END
		OR count(k.version) <> max(k.version)
		OR (e.status <> 'revoked' AND max(k.version) <> max(k.version) FILTER (WHERE k.status = 'active'))
	UNION ALL
	SELECT 'state', e.id::text, CASE WHEN l.state IS NULL THEN 'no evidence of this identity'
		ELSE 'rows of entity or entity_key differ from the last recorded state' END
	FROM web4.entity e LEFT JOIN entity_leaf l ON l.entity = e.id::text
	WHERE l.state IS DISTINCT FROM encode(web4.identity_state(e.id), 'hex')
	UNION ALL
	SELECT 'lost', l.entity, 'evidence of an identity that is not there'
	FROM entity_leaf l WHERE NOT EXISTS (SELECT FROM web4.entity e WHERE e.id::text = l.entity)
	UNION ALL
	SELECT 'orphan', o.id, o.what
	FROM (SELECT k.entity::text AS id, 'key of no identity' AS what FROM web4.entity_key k
			WHERE NOT EXISTS (SELECT FROM web4.entity e WHERE e.id = k.entity)
		UNION ALL
		SELECT c.entity::text, 'certificate of no identity' FROM web4.birth_certificate c
			WHERE NOT EXISTS (SELECT FROM web4.entity e WHERE e.id = c.entity AND e.cert_hash = c.cert_hash)
		UNION ALL
		SELECT w.witness::text, 'witness of no certificate' FROM web4.birth_witness w
			WHERE NOT EXISTS (SELECT FROM web4.birth_certificate c WHERE c.cert_hash = w.cert_hash)
		UNION ALL
		SELECT r.holder::text, 'holder of a role in no society' FROM web4.role_holder r
			WHERE NOT EXISTS (SELECT FROM web4.society s WHERE s.id = r.society)
		UNION ALL
		SELECT s.id::text, 'society that is no identity' FROM web4.society s
			WHERE NOT EXISTS (SELECT FROM web4.entity e WHERE e.id = s.id)) o
	UNION ALL
	SELECT 'quorum', c.entity::text, format('quorum is %s, recorded was %s', c.quorum, coalesce(l.data ->> 'quorum', 'nothing'))
	FROM web4.birth_certificate c LEFT JOIN leaf l ON l.kind = 'birth' AND l.data ->> 'cert_hash' = encode(c.cert_hash, 'hex')
	WHERE (l.data ->> 'quorum')::int IS DISTINCT FROM c.quorum
	UNION ALL
	SELECT 'society_state', coalesce(s.id::text, l.society), CASE WHEN s.id IS NULL THEN 'evidence of a society that is not there'
		WHEN l.state IS NULL THEN 'no evidence of this society'
		ELSE 'rows of society or role_holder differ from the last recorded state' END
	FROM web4.society s FULL JOIN society_leaf l ON l.society = s.id::text
	WHERE l.state IS DISTINCT FROM encode(web4.society_state(s.id), 'hex') OR s.id IS NULL
	UNION ALL
	SELECT 'base_role', s.id::text, format('role %s has %s holders, %s of them primary', b.role, count(r.holder),
		count(r.holder) FILTER (WHERE r.is_primary))
	FROM web4.society s
		CROSS JOIN unnest(ARRAY['sovereign', 'law_oracle', 'policy_entity', 'treasurer', 'administrator', 'archivist']) AS b (role)
		LEFT JOIN web4.role_holder r ON r.society = s.id AND r.role = b.role
	GROUP BY s.id, b.role
	HAVING count(r.holder) = 0 OR count(r.holder) FILTER (WHERE r.is_primary) > 1
	UNION ALL
	SELECT 'citizenship', coalesce(c.entity::text, l.entity), format('in %s: row says %s since %s, evidence %s since %s',
		coalesce(c.society::text, l.society), coalesce(c.status, 'nothing'), c.since, coalesce(l.status, 'nothing'), l.at)
	FROM web4.citizenship c FULL JOIN civic l ON l.society = c.society::text AND l.entity = c.entity::text
	WHERE (c.status, c.since) IS DISTINCT FROM (l.status, l.at)
	UNION ALL
	SELECT 'keyring_owner', encode(k.public_key, 'hex'), format('key of the keyring: owner is %s, registered was %s', k.owner, r.entity)
	FROM web4.keyring k JOIN web4.entity_key r ON r.public_key = k.public_key
	WHERE k.owner IS DISTINCT FROM r.entity
	UNION ALL
	SELECT 'keyring_owner', encode(coalesce(k.public_key, f.public_key), 'hex'), format('key of the keyring: owner is %s, the log says %s',
		coalesce(k.owner, 'nobody'), CASE WHEN f.act = 'bind' THEN f.owner ELSE 'nobody' END)
	FROM owned k FULL JOIN keyring_fate f ON f.public_key = k.public_key
	WHERE CASE WHEN k.registered THEN f.act = 'drop' ELSE (CASE WHEN f.act = 'bind' THEN f.owner END) IS DISTINCT FROM k.owner END
	UNION ALL
	SELECT 'keyring_signer', encode(coalesce(s.public_key, f.public_key), 'hex'), format('role %s: row %s, the log says %s',
		coalesce(s.role, f.role), CASE WHEN s.role IS NULL THEN 'missing' ELSE 'there' END, coalesce(f.act, 'nothing'))
	FROM (SELECT g.public_key, g.role::text AS role FROM web4.keyring_signer g JOIN owned k ON k.public_key = g.public_key) s
		FULL JOIN signer_fate f ON f.public_key = s.public_key AND f.role = s.role
		LEFT JOIN keyring_fate d ON d.public_key = f.public_key AND d.act = 'drop'
	WHERE (s.role IS NOT NULL) <> (coalesce(f.act, '') = 'grant' AND d.act IS NULL);
END;
REVOKE ALL ON FUNCTION web4.identity_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.identity_invariants() IS
	'every cell of the identity tables that does not agree with certificates, signatures and evidence';

-- who may call what; what only reads is for everybody -------------------------

SELECT web4.allow('web4_app', 'web4_mint(text, bytea, jsonb, bytea)',
	'web4_mint_many(jsonb)',
	'web4_rotate_key(text, bytea, bytea)',
	'web4_set_status(text, bytea)',
	'web4_citizenship(text, bytea)');
SELECT web4.allow('web4_operator', 'web4_mint(text, bytea, jsonb, bytea)',
	'web4_mint_many(jsonb)',
	'web4_rotate_key(text, bytea, bytea)',
	'web4_set_status(text, bytea)',
	'web4_citizenship(text, bytea)',
	'web4_charter_society(text, bytea)',
	'web4_assign_role(text, bytea)',
	'web4_keyring_grant(bytea, name)',
	'web4_keyring_revoke(bytea, name)');
