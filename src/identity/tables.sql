
/* ------------------------------------------------------------ identity --- */

-- One row per identity.  The id is SHA-256 of the genesis public key and never
-- changes; keys rotate in web4.entity_key.
CREATE TABLE web4.entity (
	id @extschema@.lct PRIMARY KEY,
	society @extschema@.lct NOT NULL,	-- the issuing (home) society
	entity_type text NOT NULL CHECK (entity_type IN ('human', 'ai', 'society', 'organization', 'role', 'task',
		'resource', 'device', 'service', 'oracle', 'accumulator', 'dictionary', 'hybrid', 'policy', 'infrastructure')),
	alias text COLLATE "C" CHECK (alias ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'superseded', 'revoked')),
	born_at timestamptz NOT NULL,		-- server clock at mint
	cert_hash bytea NOT NULL UNIQUE CHECK (octet_length(cert_hash) = 32),
	hardware_binding_hash bytea UNIQUE CHECK (octet_length(hardware_binding_hash) = 32),
	status_at timestamptz NOT NULL,
	status_reason text CHECK (status_reason IN ('compromise', 'superseded', 'expired', 'violation')),
	compromised_since timestamptz,
	UNIQUE (society, alias)
);
SELECT web4.protect('web4.entity', 'state', 'rows');
COMMENT ON TABLE web4.entity IS 'identities: one row each, for good';

CREATE TABLE web4.entity_key (
	entity @extschema@.lct NOT NULL REFERENCES web4.entity,
	version int NOT NULL CHECK (version > 0),
	public_key bytea NOT NULL UNIQUE CHECK (octet_length(public_key) = 32),
	status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'overlapping', 'expired', 'revoked')),
	valid_from timestamptz NOT NULL,
	valid_until timestamptz,			-- end of the overlap of a rotated key; exclusive
	compromised_since timestamptz,
	PRIMARY KEY (entity, version)
);
CREATE UNIQUE INDEX entity_key_active ON web4.entity_key (entity) WHERE status = 'active';
CREATE UNIQUE INDEX entity_key_overlapping ON web4.entity_key (entity) WHERE status = 'overlapping';
SELECT web4.protect('web4.entity_key', 'state', 'rows');
COMMENT ON TABLE web4.entity_key IS 'every key that an identity had; who signed what is decided by version and window';

CREATE TABLE web4.birth_certificate (
	cert_hash bytea PRIMARY KEY CHECK (octet_length(cert_hash) = 32),
	entity @extschema@.lct NOT NULL UNIQUE,
	certificate text NOT NULL,			-- W4C, verbatim
	society_signature bytea NOT NULL CHECK (octet_length(society_signature) = 64),
	binding_signature bytea NOT NULL CHECK (octet_length(binding_signature) = 64),
	society_key int NOT NULL CHECK (society_key > 0),	-- version of the society's key that signed
	quorum int NOT NULL CHECK (quorum >= 0),			-- witnesses that were required then
	CONSTRAINT certificate_hashes CHECK (cert_hash = sha256(convert_to(E'web4:birth:v1\n' || certificate, 'UTF8')))
);
SELECT web4.protect('web4.birth_certificate', 'append');
COMMENT ON TABLE web4.birth_certificate IS 'signed certificates, verbatim';

CREATE TABLE web4.birth_witness (
	cert_hash bytea NOT NULL,
	witness @extschema@.lct NOT NULL,
	signature bytea NOT NULL CHECK (octet_length(signature) = 64),
	witness_key int NOT NULL CHECK (witness_key > 0),	-- version of the witness's key that signed
	PRIMARY KEY (cert_hash, witness)
);
SELECT web4.protect('web4.birth_witness', 'append');
COMMENT ON TABLE web4.birth_witness IS 'signatures of birth witnesses';

CREATE TABLE web4.society (
	id @extschema@.lct PRIMARY KEY REFERENCES web4.entity,
	name text COLLATE "C" NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
	phase text NOT NULL DEFAULT 'bootstrap' CHECK (phase IN ('bootstrap', 'operational')),
	parent @extschema@.lct,				-- null: the first society
	founded_at timestamptz NOT NULL
);
SELECT web4.protect('web4.society', 'state', 'all');
COMMENT ON TABLE web4.society IS 'identities that issue identities';

-- Policy of the identity room; absent row: the defaults.
CREATE TABLE web4.identity_policy (
	society @extschema@.lct PRIMARY KEY REFERENCES web4.society,
	birth_quorum int NOT NULL DEFAULT 3 CHECK (birth_quorum BETWEEN 1 AND 16),
	default_overlap interval NOT NULL DEFAULT '24 hours'
		CHECK (default_overlap BETWEEN '0' AND '48 hours')
);
SELECT web4.protect('web4.identity_policy', 'state', 'all');
COMMENT ON TABLE web4.identity_policy IS 'what a societys law sets for this room; an absent row means the defaults';

-- No foreign key to the society: its row locks would make every mint update the
-- society's row.
CREATE TABLE web4.citizenship (
	society @extschema@.lct NOT NULL,
	entity @extschema@.lct NOT NULL,
	status text NOT NULL CHECK (status IN ('applied', 'provisional', 'active', 'suspended', 'terminated')),
	since timestamptz NOT NULL,
	PRIMARY KEY (society, entity)
);
SELECT web4.protect('web4.citizenship', 'state', 'rows');
COMMENT ON TABLE web4.citizenship IS 'who belongs to which society';

-- The seven base roles exist in every society; others are defined by law or on assignment.
CREATE TABLE web4.role_holder (
	society @extschema@.lct NOT NULL REFERENCES web4.society,
	role text COLLATE "C" NOT NULL CHECK (role ~ '^[a-z][a-z0-9_]{0,62}$'),
	holder @extschema@.lct NOT NULL,
	is_primary boolean NOT NULL DEFAULT true,
	since timestamptz NOT NULL,
	assigned_by @extschema@.lct NOT NULL,
	PRIMARY KEY (society, role, holder)
);
CREATE INDEX role_holder_by_holder ON web4.role_holder (holder);
SELECT web4.protect('web4.role_holder', 'work', 'all');
COMMENT ON TABLE web4.role_holder IS 'who fills which role; counts while the holder is an active citizen';
