
/* ------------------------------------------------------------- keyring --- */

-- Secret keys sealed with XChaCha20-Poly1305 under the server key, which lives
-- in a file outside the database (web4.server_key_file).
CREATE TABLE web4.keyring (
	public_key bytea PRIMARY KEY CHECK (octet_length(public_key) = 32),
	label text NOT NULL CHECK (length(label) BETWEEN 1 AND 128),
	owner @extschema@.lct,				-- whose key it is, once bound
	purpose text NOT NULL DEFAULT 'identity' CHECK (purpose IN ('identity', 'sealing')),
	nonce bytea NOT NULL CHECK (octet_length(nonce) = 24),
	sealed bytea NOT NULL CHECK (octet_length(sealed) = 80),	-- 64 + tag
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
CREATE INDEX keyring_owner ON web4.keyring (owner);
SELECT web4.protect('web4.keyring', 'work');
COMMENT ON TABLE web4.keyring IS 'sealed secret keys of societies and nodes; useless without the server key file';

-- Which database roles may have something signed by which key.
CREATE TABLE web4.keyring_signer (
	public_key bytea NOT NULL REFERENCES web4.keyring ON DELETE CASCADE,
	role name NOT NULL,
	granted_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (public_key, role)
);
SELECT web4.protect('web4.keyring_signer', 'work');
COMMENT ON TABLE web4.keyring_signer IS 'database roles that may sign with a key of the keyring';
