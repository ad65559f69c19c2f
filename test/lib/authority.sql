-- ---------------------------------------------------------------------------
-- Helpers for tests of grants and decisions; needs test/lib/identity.sql.
--
--   SELECT test.fund('alice', '100');
--   SELECT test.grant('alice', 'bot', 'read', 'data/*', '{"max_atp": "50"}');   -- returns the hash
--   SELECT (test.ask('bot', 'read', 'data/x', '5', grant_hash => ...)).*;       -- signed by the requester
--   SELECT test.attest('w1', request_text, requester);                          -- one attestation
-- ---------------------------------------------------------------------------

-- ATP for an entity: minted and charged by the society, in this transaction.
CREATE FUNCTION test.fund(name text, amount atp, society text DEFAULT 'acme') RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	tx atp_tx;
BEGIN
	tx := atp_tx(test.lct(society)::text, 'mint', 'supply', 'pool', amount, clock_timestamp(), 'test', uuid_send(gen_random_uuid()));
	PERFORM web4_atp_submit(tx, test.sign(society, tx::bytea));
	tx := atp_tx(test.lct(society)::text, 'charge', 'pool', test.lct(name)::text, amount, clock_timestamp(), 'test', uuid_send(gen_random_uuid()));
	PERFORM web4_atp_submit(tx, test.sign(society, tx::bytea));
END $$;

-- A token by "issuer" for "subject", signed; not registered.
CREATE FUNCTION test.token(issuer text, subject text, intent text, resource text, constraints jsonb DEFAULT '{}',
	parent bytea DEFAULT NULL, level int DEFAULT 2, lifetime interval DEFAULT '1 hour', issued_at timestamptz DEFAULT NULL,
	previous bytea DEFAULT NULL, signer text DEFAULT NULL) RETURNS consent LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	at timestamptz := coalesce(issued_at, clock_timestamp());
	until timestamptz := CASE WHEN lifetime IS NULL THEN 'infinity' ELSE at + lifetime END;
	prev bytea := coalesce(previous, web4_grant_head(test.lct(issuer)));
	key text := coalesce(signer, issuer);
BEGIN
	RETURN consent_build(test.lct(issuer)::text, test.lct(subject)::text, intent, resource, at, until, level, test.pk(key),
		prev, parent, constraints,
		test.sign(key, consent_signing_input(test.lct(issuer)::text, test.lct(subject)::text, intent, resource, at, until, level,
			test.pk(key), prev, parent, constraints)));
END $$;

CREATE FUNCTION test.grant(issuer text, subject text, intent text, resource text, constraints jsonb DEFAULT '{}',
	parent bytea DEFAULT NULL, level int DEFAULT 2, lifetime interval DEFAULT '1 hour') RETURNS bytea LANGUAGE sql VOLATILE AS $$
	SELECT web4_grant_register(test.token(issuer, subject, intent, resource, constraints, parent, level, lifetime))
$$;

-- A revocation record by "revoker", signed.
CREATE FUNCTION test.revocation(revoker text, hash bytea, reason int DEFAULT 2) RETURNS bytea LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	at timestamptz := clock_timestamp();
BEGIN
	RETURN consent_revocation_build(test.lct(revoker)::text, hash, at, reason, test.pk(revoker),
		test.sign(revoker, consent_revocation_signing_input(test.lct(revoker)::text, hash, at, reason, test.pk(revoker))));
END $$;

-- The text of a signed request; overrides replace or add members ("-" removes).
CREATE FUNCTION test.request(requester text, action text, resource text, cost text DEFAULT '0', role text DEFAULT NULL,
	grant_hash bytea DEFAULT NULL, overrides jsonb DEFAULT '{}', society text DEFAULT 'acme') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT test.document(jsonb_build_object('action', action, 'atp_cost', cost, 'context_hash', encode(sha256('{}'), 'hex'),
		'delegation_id', encode(grant_hash, 'hex'), 'requester', test.lct(requester), 'resource', resource, 'role', role,
		'society', test.lct(society)) || overrides)
$$;

CREATE FUNCTION test.ask(requester text, action text, resource text, cost text DEFAULT '0', role text DEFAULT NULL,
	grant_hash bytea DEFAULT NULL, overrides jsonb DEFAULT '{}', signer text DEFAULT NULL, attestations jsonb DEFAULT '[]',
	society text DEFAULT 'acme') RETURNS web4_decision LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	request text := test.request(requester, action, resource, cost, role, grant_hash, overrides, society);
BEGIN
	RETURN web4_authorize_signed(request, test.sign(coalesce(signer, requester), 'web4:request:v1', request), attestations);
END $$;

-- One attestation of type action to a request text, as an element of the array.
CREATE FUNCTION test.attest(witness text, request text, overrides jsonb DEFAULT '{}', signer text DEFAULT NULL)
	RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	body jsonb := request::jsonb;
	attestation text := test.document(jsonb_build_object('claims', jsonb_build_object('action_type', body ->> 'action', 'result', 'approved'),
		'event_hash', encode(web4_request_hash(request), 'hex'), 'subject', body ->> 'requester', 'type', 'action',
		'witness', test.lct(witness), 'v', '-') || overrides);
BEGIN
	RETURN jsonb_build_object('text', attestation,
		'signature', encode(test.sign(coalesce(signer, witness), 'web4:witness:v1', attestation), 'hex'));
END $$;

-- "granted", or "denied reason code": what most tests assert.
CREATE FUNCTION test.verdict(d web4_decision) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT concat_ws(' ', d.decision, d.reason, d.code)
$$;

-- A law for tests: the default with some members replaced, published by the society.
CREATE FUNCTION test.law(version text, changes jsonb, society text DEFAULT 'acme', signer text DEFAULT NULL) RETURNS bytea
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	law text := test.document(web4_default_law()::jsonb || jsonb_build_object('version', version, 'society', test.lct(society),
		'signer', test.lct(coalesce(signer, society)),
		'previous_hash', (SELECT encode(law_hash, 'hex') FROM web4_law(test.lct(society)) LIMIT 1)) || changes);
BEGIN
	RETURN web4_law_publish(law, test.sign(coalesce(signer, society), 'web4:law:publish:v1', encode(web4_law_hash(law), 'hex')));
END $$;
