-- ---------------------------------------------------------------------------
-- keyring: keys that must live in the server.
--
-- A secret key never passes through SQL: keys are made inside, sealed under the
-- server key file, and named by their public key.  What is recorded in a log (whose
-- key it is, and who may sign with it) is in room "identity", which has one.
-- ---------------------------------------------------------------------------

CREATE FUNCTION web4_keyring_generate(label text, purpose text DEFAULT 'identity') RETURNS bytea
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_keyring_generate(text, text) FROM PUBLIC;
COMMENT ON FUNCTION web4_keyring_generate(text, text) IS
'make a key pair inside the server, store it sealed and return its public key; purpose is identity or sealing (tree heads only)';

CREATE FUNCTION web4_keyring_list(OUT public_key bytea, OUT label text, OUT owner lct, OUT purpose text,
	OUT created_at timestamptz, OUT signers name[]) RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT k.public_key, k.label, k.owner, k.purpose, k.created_at,
		ARRAY(SELECT s.role FROM web4.keyring_signer s WHERE s.public_key = k.public_key ORDER BY s.role)
	FROM web4.keyring k ORDER BY k.created_at, k.public_key;
END;
REVOKE ALL ON FUNCTION web4_keyring_list() FROM PUBLIC;
COMMENT ON FUNCTION web4_keyring_list() IS
'the keys of the keyring: public halves, whose they are and which roles may sign with them';

CREATE FUNCTION web4_keyring_reseal(new_key_file text) RETURNS bigint
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_keyring_reseal(text) FROM PUBLIC;
COMMENT ON FUNCTION web4_keyring_reseal(text) IS
'seal every key anew under the server key in another file, which web4.server_key_file must name from then on; superusers only';

CREATE FUNCTION web4_sign_as(lct lct, message bytea) RETURNS bytea
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_sign_as(lct, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_sign_as(lct, bytea) IS
'sign a document of web4 (with its domain prefix) by the identity''s current key in the keyring, if the session''s role may';

-- A role that was dropped is one that somebody can create again.
CREATE FUNCTION web4.keyring_invariants(OUT rule text, OUT object text, OUT detail text) RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 1 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT 'signers exist', 'key ' || encode(substr(s.public_key, 1, 4), 'hex') || '...',
		'role "' || s.role || '" does not exist; take it back with web4_keyring_revoke()'
	FROM web4.keyring_signer s
	WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = s.role);
END;
REVOKE ALL ON FUNCTION web4.keyring_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.keyring_invariants() IS 'violations of the keyring''s rules, for web4_invariants()';

-- Who may call them ------------------------------------------------------------

SELECT web4.allow('web4_app', 'web4_sign_as(lct, bytea)');
SELECT web4.allow('web4_operator', 'web4_keyring_generate(text, text)',
	'web4_keyring_list()');
