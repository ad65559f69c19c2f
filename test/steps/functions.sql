-- What docs/functions.md says about each public object: heading, signature, and who may call it for what.
WITH member AS (
	SELECT d.classid, d.objid, e.extnamespace FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
	WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'web4'
), function AS (
	SELECT p.oid, p.proname, p.proacl, regexp_replace(regexp_replace(regexp_replace(pg_get_function_arguments(p.oid),
			'(, )?OUT .*$', ''), '::[a-z0-9_ ]+(\[\])?', '', 'g'), ' DEFAULT ', ' = ', 'g') AS takes,
		CASE WHEN p.proretset THEN 'setof ' ELSE '' END || coalesce((
			SELECT '(' || string_agg(quote_ident(p.proargnames[n]) || ' ' || format_type(p.proallargtypes[n], NULL), ', ' ORDER BY n) || ')'
			FROM generate_subscripts(p.proargmodes, 1) n WHERE p.proargmodes[n] IN ('o', 't')),
			format_type(p.prorettype, NULL)) AS gives
	FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid AND m.extnamespace = p.pronamespace
	WHERE p.prokind = 'f'
		AND NOT EXISTS (SELECT FROM pg_type t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
		AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = p.oid)
		AND NOT EXISTS (SELECT FROM pg_amproc a WHERE a.amproc = p.oid)
		AND NOT EXISTS (SELECT FROM pg_cast c WHERE c.castfunc = p.oid)
		AND NOT EXISTS (SELECT FROM pg_aggregate a WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn,
			a.aggminvtransfn, a.aggmfinalfn, a.aggserialfn, a.aggdeserialfn))
), relation AS (
	SELECT c.oid, c.relname, c.relkind, c.reltype, (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, NULL), ', ' ORDER BY a.attnum)
			FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns
	FROM pg_class c WHERE c.relkind IN ('v', 'c')
), grantee AS (
	SELECT object, string_agg(role, ', ' ORDER BY role) AS roles FROM web4.role_grant GROUP BY object
)
SELECT proname AS heading, proname || '(' || takes || ') → ' || gives AS signature,
	CASE WHEN proacl IS NULL THEN 'everybody' ELSE coalesce(roles, 'superuser') END AS who, obj_description(oid, 'pg_proc') AS what
FROM function LEFT JOIN grantee ON object LIKE '%(%' AND to_regprocedure(object) = oid
UNION ALL
SELECT p.oid::regprocedure::text, p.oid::regprocedure || ' → ' || format_type(p.prorettype, NULL), 'everybody', obj_description(p.oid, 'pg_proc')
FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid AND m.extnamespace = p.pronamespace
WHERE p.prokind = 'a'
UNION ALL
SELECT 'type ' || t.typname, t.typname || coalesce(' (' || r.columns || ')', ''), 'everybody', obj_description(t.oid, 'pg_type')
FROM member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND m.objid = t.oid AND m.extnamespace = t.typnamespace
LEFT JOIN relation r ON r.oid = t.typrelid
WHERE t.typtype IN ('b', 'c') AND t.typelem = 0 AND r.relkind IS DISTINCT FROM 'v'
UNION ALL
SELECT 'view ' || r.relname, r.relname || ' (' || r.columns || ')', roles, obj_description(r.oid, 'pg_class')
FROM member m JOIN relation r ON m.classid = 'pg_class'::regclass AND m.objid = r.oid AND r.relkind = 'v'
LEFT JOIN grantee ON object = r.relname
ORDER BY 1;
