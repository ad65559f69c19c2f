-- ---------------------------------------------------------------------------
-- Helpers for tests and the demo: a society, its witnesses and their keys.
--
--   \i test/lib/identity.sql
--   SELECT test.society();                     -- the first society "acme" with witnesses w1, w2, w3
--   SELECT test.mint('alice', 'human');        -- an identity with alias alice; returns its LCT
--   SELECT test.act('web4_set_status', 'alice', 'web4:lct-revocation:v1', jsonb_build_object(...));
--
-- Keys are named: every name stands for one key pair, the same in every run.
-- test.lct(name) is the identity that begins with that key, whether or not it
-- was minted.  The key of the society is named like the society.
-- ---------------------------------------------------------------------------

CREATE SCHEMA test;

-- keys ----------------------------------------------------------------------

CREATE FUNCTION test.key(name text, OUT pk bytea, OUT sk bytea) LANGUAGE sql IMMUTABLE AS $$
	SELECT public_key, secret_key FROM web4_keypair(sha256(convert_to('web4 test key ' || name, 'UTF8')))
$$;
CREATE FUNCTION test.pk(name text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT pk FROM test.key(name) $$;
CREATE FUNCTION test.lct(name text) RETURNS lct LANGUAGE sql IMMUTABLE AS $$ SELECT lct_from_public_key(test.pk(name)) $$;

-- Sign bytes, or the text of a document under its domain.
CREATE FUNCTION test.sign(signer text, message bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
	SELECT web4_sign(message, sk) FROM test.key(signer)
$$;
CREATE FUNCTION test.sign(signer text, domain text, document text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
	SELECT test.sign(signer, convert_to(domain || E'\n' || document, 'UTF8'))
$$;

-- documents -----------------------------------------------------------------

-- A time as signed text spells it: UTC, Z, the shortest of 0, 3 or 6 digits.
CREATE FUNCTION test.ts(at timestamptz DEFAULT clock_timestamp()) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT to_char(at AT TIME ZONE 'UTC', CASE
		WHEN (extract(microseconds FROM at)::bigint % 1000000) = 0 THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
		WHEN (extract(microseconds FROM at)::bigint % 1000) = 0 THEN 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
		ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"' END)
$$;
CREATE FUNCTION test.nonce() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT encode(uuid_send(gen_random_uuid()), 'base64')
$$;

-- Canonical text of the members, completed by v, nonce and ts unless given.
-- A member that must be absent is given as the JSON string "-".
CREATE FUNCTION test.document(members jsonb, time_key text DEFAULT 'ts') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT web4_jcs(jsonb_object_agg(key, value)::text)
	FROM jsonb_each(jsonb_build_object('v', 1, 'nonce', test.nonce(), time_key, test.ts()) || members)
	WHERE value <> '"-"'
$$;

-- Sign the document and hand it to a function of the form f(document text, signature bytea).
CREATE FUNCTION test.act(function text, signer text, domain text, members jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	document text := test.document(members);
	result text;
BEGIN
	EXECUTE format('SELECT %s($1, $2)::text', function) INTO result USING document, test.sign(signer, domain, document);
	RETURN result;
END $$;

-- societies and births ------------------------------------------------------

-- Everything web4_mint() needs for a birth, signed by the named keys.
CREATE FUNCTION test.birth(name text, entity_type text DEFAULT 'ai', society text DEFAULT 'acme',
	witnesses text[] DEFAULT '{w1,w2,w3}', alias text DEFAULT NULL, at timestamptz DEFAULT NULL,
	hardware bytea DEFAULT NULL, society_signer text DEFAULT NULL,
	OUT certificate text, OUT society_signature bytea, OUT witness_signatures jsonb, OUT binding_signature bytea)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	draft record;
BEGIN
	SELECT * INTO draft FROM web4_birth_certificate(test.lct(society), test.pk(name), entity_type,
		ARRAY(SELECT test.lct(w) FROM unnest(witnesses) w), coalesce(alias, name), at => at, hardware_binding_hash => hardware);
	certificate := draft.certificate;
	society_signature := test.sign(coalesce(society_signer, society), draft.society_message);
	binding_signature := test.sign(name, draft.binding_message);
	SELECT coalesce(jsonb_object_agg(test.lct(w)::text, encode(test.sign(w,
			decode(draft.witness_messages ->> test.lct(w)::text, 'hex')), 'hex')), '{}')
		INTO witness_signatures FROM unnest(witnesses) w;
END $$;

CREATE FUNCTION test.mint(name text, entity_type text DEFAULT 'ai', society text DEFAULT 'acme',
	witnesses text[] DEFAULT '{w1,w2,w3}', alias text DEFAULT NULL) RETURNS lct LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	b record;
BEGIN
	SELECT * INTO b FROM test.birth(name, entity_type, society, witnesses, alias);
	RETURN web4_mint(b.certificate, b.society_signature, b.witness_signatures, b.binding_signature);
END $$;

-- The first society, its key outside the server, with three human witnesses:
-- each is witnessed by those before it, as the bootstrap phase demands.
CREATE FUNCTION test.society(name text DEFAULT 'acme', witnesses text[] DEFAULT '{w1,w2,w3}') RETURNS lct
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	draft record;
BEGIN
	SELECT * INTO draft FROM web4_birth_certificate(NULL, test.pk(name), 'society', '{}', name);
	PERFORM web4_bootstrap_society(name, test.pk(name), draft.certificate,
		test.sign(name, draft.society_message), test.sign(name, draft.binding_message));
	FOR i IN 1 .. cardinality(witnesses) LOOP
		PERFORM test.mint(witnesses[i], 'human', name, witnesses[1 : least(i - 1, 3)]);
	END LOOP;
	RETURN test.lct(name);
END $$;

-- A further society under a parent, with witnesses of its own named after it.
CREATE FUNCTION test.charter(name text, parent text DEFAULT 'acme') RETURNS lct LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	PERFORM test.mint(name, 'society', parent);
	PERFORM test.act('web4_charter_society', parent, 'web4:charter:v1',
		jsonb_build_object('child', test.lct(name), 'name', name, 'parent', test.lct(parent)));
	FOR i IN 1 .. 3 LOOP
		PERFORM test.mint(name || '-w' || i, 'human', name, ARRAY(SELECT name || '-w' || w FROM generate_series(1, i - 1) w));
	END LOOP;
	RETURN test.lct(name);
END $$;
