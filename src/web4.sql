\echo Use "CREATE EXTENSION web4" to load this file. \quit

-- Private tables and helpers live in schema web4; it must be new, so that
-- nobody can have put objects of his own into it before.
CREATE SCHEMA web4;
REVOKE ALL ON SCHEMA web4 FROM PUBLIC;
COMMENT ON SCHEMA web4 IS 'private tables and helpers of the extension web4';
