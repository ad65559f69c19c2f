
/* --- who may call what --- */

-- Each room says beside its functions who may call them; web4_create_roles()
-- turns the rows into GRANTs, since roles belong to the cluster, not to us.
CREATE TABLE web4.role_grant (
	role name NOT NULL CHECK (role IN ('web4_reader', 'web4_app', 'web4_operator', 'web4_auditor')),
	object text NOT NULL,				-- signature of a function, or name of a view
	PRIMARY KEY (role, object)
);
SELECT web4.protect('web4.role_grant', 'append', dumped => false);
COMMENT ON TABLE web4.role_grant IS 'which role web4_create_roles() grants which function or view';

CREATE FUNCTION web4.allow(role name, VARIADIC objects text[]) RETURNS void
	LANGUAGE sql
	BEGIN ATOMIC
		INSERT INTO web4.role_grant SELECT allow.role, unnest(objects);
	END;
REVOKE ALL ON FUNCTION web4.allow(name, text[]) FROM PUBLIC;
COMMENT ON FUNCTION web4.allow(name, text[]) IS 'say what web4_create_roles() grants a role (installation only)';

-- Create the roles and grant them what they are for.  A role of that name that
-- somebody else made could hand its members our functions, so it is refused.
CREATE FUNCTION web4_create_roles() RETURNS SETOF name
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	wanted name;
	item record;
	found oid;
	schema text := (SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
		WHERE e.extname = 'web4');
BEGIN
	FOREACH wanted IN ARRAY ARRAY['web4_reader', 'web4_app', 'web4_operator', 'web4_auditor']::name[] LOOP
		SELECT oid INTO found FROM pg_roles WHERE rolname = wanted;
		IF found IS NULL THEN
			EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
			EXECUTE format('COMMENT ON ROLE %I IS %L', wanted, 'created by web4_create_roles()');
		-- Whoever may create roles can write the comment, too, and from PostgreSQL 16 on keeps ADMIN OPTION for a role of his.
		ELSIF (shobj_description(found, 'pg_authid') IS DISTINCT FROM 'created by web4_create_roles()' OR
				EXISTS (SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member
					WHERE m.roleid = found AND m.admin_option AND NOT r.rolsuper)) AND
			EXISTS (SELECT 1 FROM pg_roles r WHERE r.oid = found AND (r.rolcanlogin OR r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls)
				UNION ALL SELECT 1 FROM pg_auth_members m WHERE m.roleid = found) THEN
			RAISE EXCEPTION 'role "%" exists and was not made by web4', wanted
				USING ERRCODE = 'duplicate_object',
					DETAIL = 'It can log in, has powers or has members, who would get web4''s functions.',
					HINT = 'Rename or drop it, then call web4_create_roles() again.';
		END IF;
		EXECUTE format('GRANT USAGE ON SCHEMA %s TO %I', schema, wanted);
		RETURN NEXT wanted;
	END LOOP;
	-- Argument types of ours are written without schema.
	PERFORM set_config('search_path', 'pg_catalog, ' || schema || ', pg_temp', true);
	FOR item IN SELECT g.role, g.object FROM web4.role_grant g ORDER BY 1, 2 LOOP
		IF item.object LIKE '%(%' THEN
			EXECUTE format('GRANT EXECUTE ON FUNCTION %s.%s TO %I', schema, item.object, item.role);
		ELSE
			EXECUTE format('GRANT SELECT ON %s.%s TO %I', schema, item.object, item.role);
		END IF;
	END LOOP;
END $$;
REVOKE ALL ON FUNCTION web4_create_roles() FROM PUBLIC;
COMMENT ON FUNCTION web4_create_roles() IS
	'create web4_reader, web4_app, web4_operator and web4_auditor (NOLOGIN) and grant them their functions and views';
