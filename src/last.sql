
/* ----------------------------------------------------------- last of all --- */

-- Somebody who may create functions in this schema could have prepared one that
-- a call of ours prefers to PostgreSQL's: it would run with our rights.
DO $$
DECLARE
	foreign_use record;
BEGIN
	SELECT * INTO foreign_use FROM web4.foreign_uses() LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_object_definition',
			MESSAGE = 'a function or operator in the schema of the extension stands in for one of PostgreSQL',
			DETAIL = foreign_use.object OPERATOR(pg_catalog.||) ' would use ' OPERATOR(pg_catalog.||) foreign_use.uses,
			HINT = 'Drop it, or put the extension into a new schema: CREATE EXTENSION web4 SCHEMA ...';
	END IF;
END $$;
