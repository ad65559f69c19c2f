
/* ----------------------------------------------------------------- law --- */

-- Published law versions, verbatim.  The newest effective row of a society is
-- its law; without one the built-in default law applies.
CREATE TABLE web4.law (
	society @extschema@.lct NOT NULL,
	seq int NOT NULL CHECK (seq > 0),
	version text NOT NULL,
	law_hash bytea NOT NULL CHECK (octet_length(law_hash) = 32),
	previous_hash bytea CHECK (octet_length(previous_hash) = 32),
	law text NOT NULL,					-- W4C, verbatim
	signer @extschema@.lct NOT NULL,
	signature bytea NOT NULL CHECK (octet_length(signature) = 64),
	published_at timestamptz NOT NULL,
	PRIMARY KEY (society, seq),
	UNIQUE (society, version),
	UNIQUE (law_hash),
	CONSTRAINT law_hashes CHECK (law_hash = sha256(convert_to(E'web4:law:v1\n' || law, 'UTF8')))
);
SELECT web4.protect('web4.law', 'append', 'all');
COMMENT ON TABLE web4.law IS 'published laws, verbatim';
