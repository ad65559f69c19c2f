
/* ---------------------------------------------------------------- host --- */

CREATE FUNCTION web4.guard() RETURNS trigger
	AS 'MODULE_PATHNAME', 'web4_guard' LANGUAGE C;
REVOKE ALL ON FUNCTION web4.guard() FROM PUBLIC;
COMMENT ON FUNCTION web4.guard() IS
	'trigger of every table of web4: only web4 functions write, append-only tables never change';

-- Not dumped: a restored database begins "fresh" and is verified before it goes live.
CREATE TABLE web4.instance (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	live boolean NOT NULL DEFAULT false,
	id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
	live_since timestamptz
);
INSERT INTO web4.instance DEFAULT VALUES;
COMMENT ON TABLE web4.instance IS 'whether this database takes rows from a restore (fresh) or from web4 functions only (live)';

-- What the script made; web4_invariants() misses what somebody dropped since.
CREATE TABLE web4.shape (
	tab name NOT NULL,
	kind text NOT NULL CHECK (kind IN ('constraint', 'unique index')),
	name name NOT NULL,
	PRIMARY KEY (tab, kind, name)
);
COMMENT ON TABLE web4.shape IS 'constraints and unique indexes of web4''s tables, as the script made them';

-- Put a table under the guard, into dumps, and out of everybody's reach.
-- mode: append (rows never change), state (web4 functions change rows),
-- work (they also delete rows).  kept: what backends keep of rows that they
-- looked up: nothing, rows, or all (that there is no such row, too); every change
-- of such a table, but inserting into one of "rows", costs all backends what they
-- kept.  dumped: false for what the script itself fills.
CREATE FUNCTION web4.protect(tab regclass, mode text, kept text DEFAULT 'nothing', dumped boolean DEFAULT true) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	EXECUTE pg_catalog.format('CREATE TRIGGER web4_guard_rows BEFORE INSERT OR UPDATE OR DELETE ON %s '
		'FOR EACH ROW EXECUTE FUNCTION web4.guard(%L, %L)', tab, mode, kept);
	EXECUTE pg_catalog.format('CREATE TRIGGER web4_guard_truncate BEFORE TRUNCATE ON %s '
		'FOR EACH STATEMENT EXECUTE FUNCTION web4.guard(%L, %L)', tab, mode, kept);
	EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER web4_guard_rows', tab);
	EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER web4_guard_truncate', tab);
	EXECUTE pg_catalog.format('REVOKE ALL ON TABLE %s FROM PUBLIC', tab);
	INSERT INTO web4.shape
		SELECT c.relname, 'constraint', k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
		WHERE k.conrelid = tab AND k.contype <> 'n'
		UNION ALL
		SELECT c.relname, 'unique index', x.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
		WHERE i.indrelid = tab AND i.indisunique;
	IF dumped THEN
		PERFORM pg_catalog.pg_extension_config_dump(tab, '');
	END IF;
END $$;
REVOKE ALL ON FUNCTION web4.protect(regclass, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION web4.protect(regclass, text, text, boolean) IS 'attach the guard to one of web4''s tables (installation only)';

SELECT web4.protect('web4.instance', 'state', dumped => false);
SELECT web4.protect('web4.shape', 'append', dumped => false);
