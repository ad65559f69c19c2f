-- ---------------------------------------------------------------------------
-- Helpers for tests and the demo: signed ATP transactions.  After identity.sql.
--
--   SELECT test.tx('acme', 'mint', 1000);                     -- signer, type, amount
--   SELECT test.tx('acme', 'charge', 100, "to" => 'alice');
--   SELECT test.tx('alice', 'transfer', 5, 'alice', 'bob');
-- ---------------------------------------------------------------------------

-- What stands for a party: "pool", "supply" and texts of LCTs as they are, a name for its LCT.
CREATE FUNCTION test.party(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN name IN ('pool', 'supply') OR name LIKE 'lct:%' THEN name ELSE test.lct(name)::text END
$$;

CREATE FUNCTION test.make_tx(type text, amount atp, "from" text DEFAULT NULL, "to" text DEFAULT NULL, ref text DEFAULT '',
	society text DEFAULT 'acme', at timestamptz DEFAULT clock_timestamp(), nonce bytea DEFAULT uuid_send(gen_random_uuid()))
RETURNS atp_tx LANGUAGE sql VOLATILE AS $$
	SELECT atp_tx(test.lct(society)::text, type,
		test.party(coalesce("from", CASE type WHEN 'mint' THEN 'supply' ELSE 'pool' END)),
		test.party(coalesce("to", 'pool')), amount, at, ref, nonce)
$$;

-- Make a transaction, sign it and submit it.
CREATE FUNCTION test.tx(signer text, type text, amount atp, "from" text DEFAULT NULL, "to" text DEFAULT NULL, ref text DEFAULT '',
	society text DEFAULT 'acme', at timestamptz DEFAULT clock_timestamp(), nonce bytea DEFAULT uuid_send(gen_random_uuid()))
RETURNS web4_movement LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	tx atp_tx := test.make_tx(type, amount, "from", "to", ref, society, at, nonce);
BEGIN
	RETURN web4_atp_submit(tx, test.sign(signer, tx::bytea));
END $$;
