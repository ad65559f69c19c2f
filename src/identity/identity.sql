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
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 10000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_mint(text, bytea, jsonb, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_mint(text, bytea, jsonb, bytea) IS
'a new identity from a signed birth certificate; witness_signatures is {"lct:...": "hex", ...}';
-- grant web4_app: web4_mint(text, bytea, jsonb, bytea)
-- grant web4_operator: web4_mint(text, bytea, jsonb, bytea)

CREATE FUNCTION web4_mint_many(births jsonb) RETURNS lct[]
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 100000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_mint_many(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION web4_mint_many(jsonb) IS
'up to 10000 births in one transaction, all or none: an array of {"certificate", "society_signature", "witness_signatures", "binding_signature"} with signatures in hex';
-- grant web4_app: web4_mint_many(jsonb)
-- grant web4_operator: web4_mint_many(jsonb)

-- societies -----------------------------------------------------------------

CREATE FUNCTION web4_bootstrap_society(name text, public_key bytea DEFAULT NULL, certificate text DEFAULT NULL,
	society_signature bytea DEFAULT NULL, binding_signature bytea DEFAULT NULL) RETURNS lct
LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_bootstrap_society(text, bytea, text, bytea, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_bootstrap_society(text, bytea, text, bytea, bytea) IS
'found the first society; its key is made in the keyring unless an outside key comes with a signed genesis certificate';

CREATE FUNCTION web4_charter_society(charter text, signature bytea) RETURNS lct
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 5000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_charter_society(text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_charter_society(text, bytea) IS
'make an identity of type society a society of its own, by a charter that its parent society signed';
-- grant web4_operator: web4_charter_society(text, bytea)

-- audit ---------------------------------------------------------------------

CREATE FUNCTION web4.identity_state(lct @extschema@.lct) RETURNS bytea
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'web4_identity_state';
REVOKE ALL ON FUNCTION web4.identity_state(@extschema@.lct) FROM PUBLIC;
COMMENT ON FUNCTION web4.identity_state(@extschema@.lct) IS 'hash of the rows of an identity: the entity and all its keys';

CREATE FUNCTION web4.society_state(lct @extschema@.lct) RETURNS bytea
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'web4_society_state';
REVOKE ALL ON FUNCTION web4.society_state(@extschema@.lct) FROM PUBLIC;
COMMENT ON FUNCTION web4.society_state(@extschema@.lct) IS 'hash of the rows of a society: itself and its role holders';
