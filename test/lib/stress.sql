-- ---------------------------------------------------------------------------
-- Random operations for test/steps/stress.sh, after test/lib/identity.sql,
-- authority.sql and economy.sql.
--
--   SELECT test.stress_setup();
--   SELECT test.stress();          -- one random operation, valid or not; what came of it
--   SELECT test.stress(false);     -- none that locks several accounts in an order of its own
--
-- Nothing here catches an error: decisions are not taken behind a savepoint,
-- and what an error leaves behind is what the test is about.
-- ---------------------------------------------------------------------------

CREATE TABLE test.person (name text PRIMARY KEY, society text NOT NULL, lct lct NOT NULL);

CREATE FUNCTION test.stress_setup() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	PERFORM test.society();
	PERFORM test.mint('p' || i) FROM generate_series(1, 6) i;
	PERFORM test.charter('beta');
	PERFORM test.mint('q' || i, 'ai', 'beta', '{beta-w1,beta-w2,beta-w3}') FROM generate_series(1, 3) i;
	INSERT INTO test.person SELECT 'p' || i, 'acme', test.lct('p' || i) FROM generate_series(1, 6) i;
	INSERT INTO test.person SELECT 'q' || i, 'beta', test.lct('q' || i) FROM generate_series(1, 3) i;
	PERFORM test.fund(name, '200', society) FROM test.person;
END $$;

CREATE FUNCTION test.pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT choices[1 + floor(random() * cardinality(choices))::int]
$$;

CREATE FUNCTION test.someone() RETURNS test.person LANGUAGE sql VOLATILE AS $$
	SELECT p FROM test.person p ORDER BY random() LIMIT 1
$$;

-- A grant that was registered lately, or none.
CREATE FUNCTION test.some_grant() RETURNS web4.grants LANGUAGE sql VOLATILE AS $$
	SELECT g FROM web4.grants g WHERE hash IN (SELECT hash FROM web4.grants ORDER BY registered_at DESC LIMIT 12) ORDER BY random() LIMIT 1
$$;

CREATE FUNCTION test.name_of(who lct) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT name FROM test.person WHERE lct = who
$$;

-- Amounts that are small, absurd, or on an edge.
CREATE FUNCTION test.some_amount() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN random() < 0.9 THEN (floor(random() * 20000000) / 1000000)::numeric(20, 6)::text
		ELSE test.pick('0', '0.000001', '-1', '4294967296', '4294967296.000001', '9223372036854.775807') END
$$;

CREATE FUNCTION test.stress_grant() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	a test.person := test.someone();
	b test.person := test.someone();
	constraints jsonb := '{}';
BEGIN
	IF random() < 0.8 THEN
		SELECT * INTO b FROM test.person WHERE society = a.society AND name <> a.name ORDER BY random() LIMIT 1;
	END IF;
	IF random() < 0.8 THEN
		constraints := constraints || jsonb_build_object('max_atp', trim_scale((1 + floor(random() * 40))::numeric)::text);
	END IF;
	IF random() < 0.4 THEN
		constraints := constraints || jsonb_build_object('max_actions', (1 + floor(random() * 9))::text);
	END IF;
	IF random() < 0.3 THEN
		constraints := constraints || jsonb_build_object('max_per_hour', (1 + floor(random() * 9))::text);
	END IF;
	PERFORM test.grant(a.name, b.name, test.pick('read', 'read', 'read', 'write', 'query'), test.pick('data/**', 'data/**', 'data/*', 'data/x'),
		constraints, NULL, CASE WHEN random() < 0.03 THEN 0 ELSE 2 + (random() * 1)::int END, make_interval(secs => 2 + random() * 6));
	RETURN 'grant';
END $$;

-- A child keeps what its parent says, or asks for more.
CREATE FUNCTION test.stress_child() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	g web4.grants := test.some_grant();
	b test.person := test.someone();
	constraints jsonb;
	until timestamptz;
BEGIN
	IF g.hash IS NULL THEN
		RETURN 'nothing to do';
	END IF;
	constraints := (consent_parse(g.token)).constraints;
	IF constraints ? 'max_atp' THEN
		constraints := constraints || jsonb_build_object('max_atp', (1 + floor(random() * (constraints ->> 'max_atp')::numeric))::text);
	END IF;
	until := least(g.expires_at, clock_timestamp() + '5 s');
	IF until < clock_timestamp() + interval '60 ms' THEN
		RETURN 'nothing to do';
	END IF;
	PERFORM test.grant(coalesce(test.name_of(g.subject), 'p1'), b.name, g.intent, g.resource, constraints, g.hash, g.level,
		until - clock_timestamp() - interval '50 ms');
	RETURN 'child';
END $$;

CREATE FUNCTION test.stress_use() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	g web4.grants := test.some_grant();
	who test.person := test.someone();
	d web4_decision;
BEGIN
	IF g.hash IS NULL THEN
		RETURN 'nothing to do';
	END IF;
	IF random() < 0.9 THEN
		SELECT * INTO who FROM test.person WHERE lct = g.subject;
	END IF;
	d := test.ask(who.name, CASE WHEN random() < 0.9 THEN g.intent ELSE 'launch' END, test.pick('data/x', 'data/y', 'data/x'),
		test.pick('0', '1', '2', '0.5', test.some_amount()), NULL, g.hash, society => who.society);
	RETURN 'use ' || d.decision;
END $$;

CREATE FUNCTION test.stress_ask() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	who test.person := test.someone();
	d web4_decision;
BEGIN
	IF random() < 0.5 THEN
		d := web4_authorize(who.lct, test.pick('read', 'write', 'deploy', 'query'), 'data/x', (test.pick('0', '1', test.some_amount()))::atp);
	ELSE
		-- few nonces, so many are replayed
		d := test.ask(who.name, 'read', 'data/x', '0.1', society => who.society,
			overrides => jsonb_build_object('nonce', encode(substr(sha256(convert_to((random() * 40)::int::text, 'UTF8')), 1, 16), 'base64')));
	END IF;
	RETURN 'ask ' || d.decision;
END $$;

CREATE FUNCTION test.stress_batch() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	PERFORM * FROM web4_authorize_many((SELECT jsonb_agg(jsonb_build_object('requester', (test.someone()).lct, 'action', 'read', 'resource', 'data/x',
		'cost', test.pick('0', '0.25', '1')) || CASE WHEN random() < 0.01 THEN '{"role": 1}'::jsonb ELSE '{}' END) FROM generate_series(1, 8)));
	RETURN 'batch';
END $$;

-- Resume what is deferred, with a witness or with junk.
CREATE FUNCTION test.stress_resume() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	p record;
	d web4_decision;
BEGIN
	SELECT * INTO p FROM web4.pending_decision WHERE final_id IS NULL ORDER BY random() LIMIT 1;
	IF p.request IS NULL THEN
		RETURN 'nothing to do';
	END IF;
	d := web4_resume(p.decision_id, jsonb_build_array(test.attest(test.pick('w1', 'beta-w1', 'p1'), p.request)));
	RETURN 'resume ' || d.decision;
END $$;

CREATE FUNCTION test.stress_redeem() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	id bytea;
BEGIN
	SELECT web4_leaf_id(e.id, e.leaf_hash) INTO id FROM (SELECT * FROM web4.evidence ORDER BY id DESC LIMIT 40) e
		WHERE kind = 'decision' ORDER BY random() LIMIT 1;
	IF id IS NULL THEN
		RETURN 'nothing to do';
	END IF;
	PERFORM web4_redeem(id);
	RETURN 'redeem';
END $$;

CREATE FUNCTION test.stress_end() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	g web4.grants := test.some_grant();
BEGIN
	IF g.hash IS NULL THEN
		RETURN 'nothing to do';
	END IF;
	IF random() < 0.5 THEN
		PERFORM web4_grant_revoke(test.revocation(coalesce(test.name_of(CASE WHEN random() < 0.8 THEN g.issuer ELSE g.subject END), 'p1'), g.hash));
		RETURN 'revoke';
	END IF;
	SELECT * INTO g FROM web4.grants WHERE expires_at < clock_timestamp() AND EXISTS (SELECT FROM web4.grant_state s
		WHERE s.hash = grants.hash AND NOT s.closed) ORDER BY random() LIMIT 1;
	IF g.hash IS NULL THEN
		RETURN 'nothing to do';
	END IF;
	PERFORM web4_grant_close(g.hash);
	RETURN 'close';
END $$;

CREATE FUNCTION test.stress_pay() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	a test.person := test.someone();
	b test.person := test.someone();
	id bytea;
BEGIN
	CASE test.pick('transfer', 'many', 'lock', 'settle', 'expire', 'discharge', 'charge', 'freeze')
		WHEN 'transfer' THEN
			PERFORM web4_transfer(test.lct(a.society), a.lct, b.lct, test.some_amount()::atp);
			RETURN 'transfer';
		WHEN 'many' THEN
			PERFORM * FROM web4_transfer_many(test.lct('acme'), (SELECT jsonb_agg(jsonb_build_object('from', test.lct('p' || 1 + i % 6),
				'to', test.lct('p' || 1 + (i + 1 + (random() * 4)::int) % 6), 'amount', '0.5')) FROM generate_series(1, 5) i));
			RETURN 'transfer many';
		WHEN 'lock' THEN
			PERFORM web4_lock(test.lct(a.society), a.lct, test.some_amount()::atp, ttl => make_interval(secs => random() * 4 + 0.1));
			RETURN 'lock';
		WHEN 'settle' THEN
			SELECT l.id INTO id FROM web4.atp_lock l WHERE state = 'held' ORDER BY random() LIMIT 1;
			IF id IS NULL THEN
				RETURN 'nothing to do';
			ELSIF random() < 0.5 THEN
				PERFORM web4_lock_commit(id, test.pick('0.5', '1', NULL)::atp);
			ELSE
				PERFORM web4_lock_rollback(id);
			END IF;
			RETURN 'settle lock';
		WHEN 'expire' THEN
			PERFORM web4_lock_expire(test.lct(a.society));
			RETURN 'expire locks';
		WHEN 'discharge' THEN
			PERFORM test.tx(a.name, 'discharge', '1', a.name, society => a.society);
			RETURN 'discharge';
		WHEN 'charge' THEN
			PERFORM test.tx(a.society, 'charge', '5', "to" => a.name, society => a.society);
			RETURN 'charge';
		WHEN 'freeze' THEN
			PERFORM web4_freeze_account(test.lct(a.society), a.lct, random() < 0.15);
			RETURN 'freeze';
	END CASE;
END $$;

-- Now and then somebody is suspended, and soon back.
CREATE FUNCTION test.stress_status() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	a test.person := test.someone();
	away test.person;
BEGIN
	SELECT p.* INTO away FROM test.person p JOIN web4.entity e ON e.id = p.lct WHERE e.status = 'suspended' LIMIT 1;
	IF away.name IS NULL AND random() < 0.8 THEN
		RETURN 'nothing to do';
	END IF;
	IF away.name IS NULL THEN
		PERFORM test.act('web4_set_status', a.society, 'web4:lct-revocation:v1', jsonb_build_object('actor', test.lct(a.society),
			'lct_id', a.lct, 'reason', 'violation', 'status', 'suspended'));
		RETURN 'suspend';
	END IF;
	PERFORM test.act('web4_set_status', away.society, 'web4:lct-revocation:v1', jsonb_build_object('actor', test.lct(away.society),
		'lct_id', away.lct, 'reason', NULL, 'status', 'active'));
	RETURN 'reactivate';
END $$;

CREATE FUNCTION test.stress(batches boolean DEFAULT true) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	CASE test.pick('grant', 'grant', 'child', 'child', 'use', 'use', 'use', 'use', 'ask', 'ask', 'resume', 'redeem', 'end',
			'pay', 'pay', 'pay', 'status', 'seal', CASE WHEN batches THEN 'batch' ELSE 'use' END)
		WHEN 'grant' THEN RETURN test.stress_grant();
		WHEN 'child' THEN RETURN test.stress_child();
		WHEN 'use' THEN RETURN test.stress_use();
		WHEN 'ask' THEN RETURN test.stress_ask();
		WHEN 'batch' THEN RETURN test.stress_batch();
		WHEN 'resume' THEN RETURN test.stress_resume();
		WHEN 'redeem' THEN RETURN test.stress_redeem();
		WHEN 'end' THEN RETURN test.stress_end();
		WHEN 'pay' THEN RETURN test.stress_pay();
		WHEN 'status' THEN RETURN test.stress_status();
		WHEN 'seal' THEN
			PERFORM web4_seal_all();
			PERFORM web4_pool_settle(test.lct('acme'));
			RETURN 'seal';
	END CASE;
END $$;
