-- ---------------------------------------------------------------------------
-- Helpers for test/isolation: loaded once into the database of the specs, after
-- test/lib/identity.sql and test/lib/authority.sql.  Setup blocks run once for
-- every permutation, so everything here can be called again.
-- ---------------------------------------------------------------------------

-- The society acme with witnesses, and these citizens; whatever is missing.
CREATE FUNCTION test.ensure(VARIADIC names text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	name text;
BEGIN
	IF NOT EXISTS (SELECT 1 FROM web4.society) THEN
		PERFORM test.society();
	END IF;
	FOREACH name IN ARRAY names LOOP
		IF NOT EXISTS (SELECT 1 FROM web4.entity WHERE id = test.lct(name)) THEN
			PERFORM test.mint(name);
		END IF;
	END LOOP;
END $$;

-- What an account holds available, brought to exactly this.
CREATE FUNCTION test.set_available(name text, wanted atp) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	have atp := coalesce((web4_balance(test.lct('acme'), test.lct(name))).available, '0');
	tx atp_tx;
BEGIN
	IF have < wanted THEN
		PERFORM test.fund(name, wanted - have);
	ELSIF have > wanted THEN
		tx := atp_tx(test.lct('acme')::text, 'discharge', test.lct(name)::text, 'pool', have - wanted, clock_timestamp(), 'test',
			uuid_send(gen_random_uuid()));
		PERFORM web4_atp_submit(tx, test.sign(name, tx::bytea));
	END IF;
END $$;
