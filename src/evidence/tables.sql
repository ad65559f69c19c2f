
/* ------------------------------------------------------------ evidence --- */

-- No cache: changes of one row, which its lock puts in order, get ids in that order.
CREATE SEQUENCE web4.evidence_id;
SELECT pg_catalog.pg_extension_config_dump('web4.evidence_id', '');
COMMENT ON SEQUENCE web4.evidence_id IS 'ids of leaves';

-- The one log: one row (leaf) for every decision, journal entry, key event, ...
-- The id is unique but not an order; the sealer fixes the order.
CREATE TABLE web4.evidence (
	id bigint NOT NULL,
	xid xid8 NOT NULL,					-- transaction that appended it: lets the sealer know what is final
	society @extschema@.lct NOT NULL,
	kind text NOT NULL,
	actor @extschema@.lct NOT NULL,
	nonce bytea,						-- claims (actor, nonce) when present
	at timestamptz NOT NULL,
	body bytea NOT NULL,				-- canonical JSON; leaf_hash = SHA-256(0x00 || body)
	document bytea,						-- signed bytes verbatim; body holds their SHA-256
	signature bytea,					-- over document; body holds its SHA-256
	leaf_hash bytea NOT NULL
);

-- Is a row of the log consistent with its canonical bytes?  Pure.  It takes the
-- row as one argument because PostgreSQL parses constraints for every statement.
CREATE FUNCTION web4.evidence_row_ok(web4.evidence) RETURNS boolean
	AS 'MODULE_PATHNAME', 'web4_evidence_row_ok' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
REVOKE ALL ON FUNCTION web4.evidence_row_ok(web4.evidence) FROM PUBLIC;
COMMENT ON FUNCTION web4.evidence_row_ok(web4.evidence) IS 'does every column of a row of the log say what its canonical body says?';
ALTER TABLE web4.evidence ADD CONSTRAINT evidence_agrees CHECK (web4.evidence_row_ok(evidence));

-- Not on leaf_hash: a random key would write a page of its own for every leaf.
CREATE UNIQUE INDEX evidence_leaf ON web4.evidence (id);
CREATE UNIQUE INDEX evidence_nonce ON web4.evidence (actor, nonce) WHERE nonce IS NOT NULL;
CREATE INDEX evidence_order ON web4.evidence (society, xid, id);
SELECT web4.protect('web4.evidence', 'append');
COMMENT ON TABLE web4.evidence IS 'append-only log of everything that web4 decided or changed';

-- The sealer's order: leaf number "index" of the society's Merkle tree.
CREATE TABLE web4.tree_leaf (
	society @extschema@.lct NOT NULL,
	index bigint NOT NULL,
	id bigint NOT NULL,					-- of the row in web4.evidence
	leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
	PRIMARY KEY (society, index)
);
CREATE UNIQUE INDEX tree_leaf_id ON web4.tree_leaf (id);
SELECT web4.protect('web4.tree_leaf', 'append');
COMMENT ON TABLE web4.tree_leaf IS 'the sealer''s order: which leaf stands where in its society''s Merkle tree';

-- Hashes of the perfect subtrees of 2^level leaves, level >= 8; smaller ones are computed.
CREATE TABLE web4.tree_node (
	society @extschema@.lct NOT NULL,
	level smallint NOT NULL CHECK (level BETWEEN 8 AND 62),
	index bigint NOT NULL,
	hash bytea NOT NULL CHECK (octet_length(hash) = 32),
	PRIMARY KEY (society, level, index)
);
SELECT web4.protect('web4.tree_node', 'append');
COMMENT ON TABLE web4.tree_node IS 'hashes of the big perfect subtrees of the Merkle trees';

-- Signed tree heads.
CREATE TABLE web4.tree_head (
	society @extschema@.lct NOT NULL,
	size bigint NOT NULL CHECK (size > 0),
	root bytea NOT NULL CHECK (octet_length(root) = 32),
	at timestamptz NOT NULL,
	head text NOT NULL,					-- canonical JSON that is signed
	public_key bytea CHECK (octet_length(public_key) = 32),
	signature bytea CHECK (octet_length(signature) = 64),	-- null until an external key has signed
	PRIMARY KEY (society, size)
);
SELECT web4.protect('web4.tree_head', 'state');
COMMENT ON TABLE web4.tree_head IS 'tree heads: size and root at a time, signed';

-- How far the sealer came.
CREATE TABLE web4.seal (
	society @extschema@.lct PRIMARY KEY,
	horizon xid8 NOT NULL,				-- rows of earlier transactions are sealed
	system_identifier bigint NOT NULL,	-- in this cluster; another one counts transactions anew
	size bigint NOT NULL,
	frontier bytea NOT NULL				-- roots of the perfect subtrees, 32 bytes each, largest first
);
SELECT web4.protect('web4.seal', 'state');
COMMENT ON TABLE web4.seal IS 'how far the sealer came';
