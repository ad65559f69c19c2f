-- ---------------------------------------------------------------------------
-- Helpers for tests that need a row in every table: a little of everything
-- that web4 records.  After identity.sql, authority.sql and economy.sql.
--
--   SELECT test.world();         -- acme, its child "beta", grants, decisions, ...
--   SELECT test.leaves(300);     -- that many more leaves in beta's log
-- ---------------------------------------------------------------------------

-- Give an identity its next key.
CREATE FUNCTION test.rotate(name text, old_key text, new_key text) RETURNS int LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	document text := web4_rotation(test.lct(name), test.pk(new_key));
BEGIN
	RETURN web4_rotate_key(document, test.sign(old_key, 'web4:rotation:v1', document),
		test.sign(new_key, 'web4:rotation:v1', document));
END $$;

CREATE FUNCTION test.adjust(entity text, deltas jsonb, role text DEFAULT 'citizen') RETURNS void LANGUAGE sql VOLATILE AS $$
	SELECT test.act('web4_trust_adjust', 'acme', 'web4:trust:v1', jsonb_build_object('society', test.lct('acme'),
		'entity', test.lct(entity), 'signer', test.lct('acme'), 'role', role, 'reason', 'work done', 'deltas', deltas))
$$;

CREATE FUNCTION test.leaves(n int, society text DEFAULT 'beta') RETURNS void LANGUAGE sql VOLATILE AS $$
	SELECT web4_map_role('pg_monitor', test.lct(society)), web4_unmap_role('pg_monitor', test.lct(society))
	FROM generate_series(1, n / 2)
$$;

CREATE FUNCTION test.world() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	root bytea;
	child bytea;
	doomed bytea;
	lock bytea;
	request text;
BEGIN
	-- identities, a key each in overlap and revoked, a society below, roles, citizens of all kinds
	PERFORM test.society();
	PERFORM test.mint(n, 'human') FROM unnest('{alice,bob}'::text[]) n;
	PERFORM test.mint(n, 'ai') FROM unnest('{bot,bot2,gone,lost}'::text[]) n;
	PERFORM test.charter('beta');
	PERFORM test.rotate('bob', 'bob', 'bob.2');
	PERFORM test.act('web4_set_status', 'acme', 'web4:lct-revocation:v1', jsonb_build_object('actor', test.lct('acme'),
		'lct_id', test.lct('gone'), 'reason', 'compromise', 'status', 'revoked', 'compromised_since', test.ts(clock_timestamp() - interval '1 minute')));
	PERFORM test.act('web4_set_status', 'acme', 'web4:lct-revocation:v1', jsonb_build_object('actor', test.lct('acme'),
		'lct_id', test.lct('lost'), 'reason', 'violation', 'status', 'suspended'));
	PERFORM test.act('web4_assign_role', 'acme', 'web4:role:v1', jsonb_build_object('signer', test.lct('acme'),
		'society', test.lct('acme'), 'role', 'auditor', 'holder', test.lct('alice'), 'action', 'assign', 'primary', true));
	PERFORM test.act('web4_citizenship', 'acme', 'web4:citizenship:v1', jsonb_build_object('signer', test.lct('acme'),
		'society', test.lct('acme'), 'entity', test.lct('bot2'), 'status', 'suspended'));
	PERFORM test.act('web4_citizenship', 'acme', 'web4:citizenship:v1', jsonb_build_object('signer', test.lct('acme'),
		'society', test.lct('acme'), 'entity', test.lct('bot2'), 'status', 'active'));

	-- law, and with it policies
	PERFORM test.law('2.0.0', '{"identity": {"birth_quorum": 2}, "economy": {"fee_ppb": 20000000, "max_balance": "2000000"}}', 'beta');
	PERFORM test.law('2.0.0', '{}');
	PERFORM test.law('2.0.1', '{}');
	PERFORM web4.economy_policy_set(test.lct('acme'), 10000000, 'split', '1000000', 'return', '100000');

	-- ATP: accounts, locks in every state, a frozen account, mapped roles
	PERFORM test.fund('alice', '1000');
	PERFORM test.fund('bot', '60');
	PERFORM test.fund('bob', '20');
	PERFORM test.tx('alice', 'transfer', '5', 'alice', 'bob', 'rent');
	PERFORM test.tx('bob', 'discharge', '1', 'bob');
	PERFORM web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('bot'), '7', 'note');
	PERFORM web4_lock(test.lct('acme'), test.lct('alice'), '3', 'insurance', 'held');
	lock := web4_lock(test.lct('acme'), test.lct('alice'), '4', 'action', 'spent');
	PERFORM web4_lock_commit(lock, '2');
	lock := web4_lock(test.lct('acme'), test.lct('alice'), '4', 'transfer', 'returned');
	PERFORM web4_lock_rollback(lock);
	PERFORM web4_freeze_account(test.lct('acme'), test.lct('bob'), true, 'test');
	PERFORM web4_map_role('pg_monitor', test.lct('acme'));
	PERFORM web4_map_role('pg_monitor', test.lct('acme'), test.lct('alice'));
	PERFORM web4_pool_settle(test.lct('acme'));

	-- trust
	PERFORM test.adjust('alice', '{"talent": "0.02", "veracity": "0.1"}');
	PERFORM test.adjust('alice', '{"talent": "0.01"}');

	-- grants: a chain, one revoked, a refusal; decisions of every kind
	root := test.grant('alice', 'bot', 'read', 'data/**', '{"max_atp": "100", "max_actions": "6"}', level => 3);
	child := test.grant('bot', 'bot2', 'read', 'data/eu/*', '{"max_atp": "40", "max_actions": "2"}', root, lifetime => '30 min');
	doomed := test.grant('alice', 'bot', 'read', 'doomed/**', '{"max_atp": "10"}');
	PERFORM test.grant('bot', 'alice', 'read', 'veto/**', level => 0, lifetime => NULL);
	PERFORM test.ask('bot', 'read', 'data/x', '10', grant_hash => root);
	PERFORM test.ask('bot', 'read', 'data/x', '3');
	PERFORM test.ask('bot2', 'read', 'data/eu/x', '15', grant_hash => child);
	PERFORM test.ask('bot', 'launch', 'data/x');
	PERFORM web4_authorize(test.lct('bot'), 'read', 'data/y', '1');
	PERFORM web4_grant_revoke(test.revocation('alice', doomed));
	PERFORM test.ask('bot', 'read', 'rate/x', grant_hash => test.grant('alice', 'bot', 'read', 'rate/**', '{"max_per_hour": "3"}'));
	request := test.request('bot', 'write', 'data/1', '1');
	PERFORM web4_authorize_signed(request, test.sign('bot', 'web4:request:v1', request));
	PERFORM web4_resume((SELECT decision_id FROM web4.pending_decision), jsonb_build_array(test.attest('w1', request)));
	PERFORM test.ask('bot', 'write', 'data/2', '1');
END $$;
