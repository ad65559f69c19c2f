-- Baselines in plain tables and plpgsql.  Run with psql -v scale=ROWS.

-- One select, one guarded update, one insert: the least that a spending
-- decision written by hand in plpgsql would do.
CREATE TABLE bench_account (
	id integer PRIMARY KEY,
	balance bigint NOT NULL CHECK (balance >= 0),
	note text NOT NULL
) WITH (fillfactor = 70);
CREATE TABLE bench_log (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	account integer NOT NULL,
	amount bigint NOT NULL,
	at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE FUNCTION bench_spend(spender integer, amount bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	remaining bigint;
BEGIN
	PERFORM FROM bench_account WHERE id = spender;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'no account %', spender;
	END IF;
	UPDATE bench_account SET balance = balance - amount WHERE id = spender AND balance >= amount RETURNING balance INTO remaining;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'account % is short', spender;
	END IF;
	INSERT INTO bench_log (account, amount) VALUES (spender, amount);
	RETURN remaining;
END $$;

-- A double-entry ledger in plpgsql that does what the public one does that the
-- design names (pgledger): ids are prefixed ULIDs, made in plpgsql from a UUID that
-- sorts by time; accounts with balance and version; a transfer with event time and
-- metadata; two entries that keep the balances before and after.  One transfer is
-- a batch of one: requests are collected, accounts locked in order, constraints
-- checked by a function, and the transfer is read back.  W4_BENCH_LEDGER measures
-- the original beside it.
CREATE FUNCTION bench_time_uuid() RETURNS uuid LANGUAGE sql VOLATILE AS $$
	SELECT encode(substring(int8send((now_us / 1000)::bigint) FROM 3)
		|| int2send((28672 + (now_us % 1000) * 4)::integer::smallint)
		|| substring(uuid_send(gen_random_uuid()) FROM 9), 'hex')::uuid
	FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us) AS clock
$$;
-- Crockford's base 32, five bits a letter, the first of three.
CREATE FUNCTION bench_ulid(id uuid) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	letters bytea := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
	bits bytea := uuid_send(id) || '\x00';
	ulid text := chr(get_byte(letters, get_byte(bits, 0) >> 5));
BEGIN
	FOR at IN 3 .. 123 BY 5 LOOP
		ulid := ulid || chr(get_byte(letters, ((get_byte(bits, at / 8) * 256 + get_byte(bits, at / 8 + 1)) >> (11 - at % 8)) & 31));
	END LOOP;
	RETURN ulid;
END $$;
CREATE FUNCTION bench_ledger_id(prefix text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT prefix || '_' || bench_ulid(bench_time_uuid())
$$;
CREATE TABLE bench_ledger_account (
	id text PRIMARY KEY DEFAULT bench_ledger_id('acct'),
	number integer NOT NULL UNIQUE,
	name text NOT NULL,
	currency text NOT NULL,
	balance numeric NOT NULL DEFAULT 0,
	version bigint NOT NULL DEFAULT 0,
	may_be_negative boolean NOT NULL DEFAULT false,
	may_be_positive boolean NOT NULL DEFAULT true,
	metadata jsonb,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE bench_ledger_transfer (
	id text PRIMARY KEY DEFAULT bench_ledger_id('tran'),
	source text NOT NULL REFERENCES bench_ledger_account,
	target text NOT NULL REFERENCES bench_ledger_account,
	amount numeric NOT NULL,
	created_at timestamptz NOT NULL,
	event_at timestamptz NOT NULL,
	metadata jsonb,
	CHECK (amount > 0 AND source <> target)
);
CREATE INDEX ON bench_ledger_transfer (source);
CREATE INDEX ON bench_ledger_transfer (target);
CREATE INDEX ON bench_ledger_transfer (event_at);
CREATE TABLE bench_ledger_entry (
	id text PRIMARY KEY DEFAULT bench_ledger_id('entr'),
	account text NOT NULL REFERENCES bench_ledger_account,
	transfer text NOT NULL REFERENCES bench_ledger_transfer,
	amount numeric NOT NULL,
	balance_before numeric NOT NULL,
	balance_after numeric NOT NULL,
	account_version bigint NOT NULL,
	created_at timestamptz NOT NULL
);
CREATE INDEX ON bench_ledger_entry (account);
CREATE INDEX ON bench_ledger_entry (transfer);
CREATE VIEW bench_ledger_transfers AS SELECT id, source, target, amount, created_at, event_at, metadata FROM bench_ledger_transfer;
CREATE TYPE bench_ledger_request AS (source text, target text, amount numeric);

CREATE FUNCTION bench_ledger_check(a bench_ledger_account) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF a.balance < 0 AND NOT a.may_be_negative THEN
		RAISE EXCEPTION 'account % must not be negative', a.id;
	END IF;
	IF a.balance > 0 AND NOT a.may_be_positive THEN
		RAISE EXCEPTION 'account % must not be positive', a.id;
	END IF;
END $$;

CREATE FUNCTION bench_ledger_move_all(requests bench_ledger_request[], at timestamptz DEFAULT NULL, about jsonb DEFAULT NULL)
RETURNS SETOF bench_ledger_transfers LANGUAGE plpgsql AS $$
DECLARE
	r bench_ledger_request;
	party text;
	parties text[] := '{}';
	payer bench_ledger_account;
	payee bench_ledger_account;
	made text;
	all_made text[] := '{}';
BEGIN
	FOREACH r IN ARRAY requests LOOP
		parties := parties || r.source;
		parties := parties || r.target;
	END LOOP;
	SELECT array_agg(DISTINCT p ORDER BY p) INTO parties FROM unnest(parties) AS p;
	FOREACH party IN ARRAY parties LOOP
		PERFORM a.id FROM bench_ledger_account a WHERE a.id = party FOR UPDATE;
	END LOOP;
	FOREACH r IN ARRAY requests LOOP
		IF r.amount <= 0 THEN
			RAISE EXCEPTION 'amount % is not positive', r.amount;
		END IF;
		IF r.source = r.target THEN
			RAISE EXCEPTION 'account % would pay itself', r.source;
		END IF;
		UPDATE bench_ledger_account a SET balance = balance - r.amount, version = version + 1, updated_at = now()
			WHERE a.id = r.source RETURNING * INTO payer;
		PERFORM bench_ledger_check(payer);
		UPDATE bench_ledger_account a SET balance = balance + r.amount, version = version + 1, updated_at = now()
			WHERE a.id = r.target RETURNING * INTO payee;
		PERFORM bench_ledger_check(payee);
		IF payer.currency <> payee.currency THEN
			RAISE EXCEPTION 'currencies % and % differ', payer.currency, payee.currency;
		END IF;
		INSERT INTO bench_ledger_transfer (source, target, amount, created_at, event_at, metadata)
			VALUES (r.source, r.target, r.amount, now(), coalesce(at, now()), about) RETURNING bench_ledger_transfer.id INTO made;
		all_made := all_made || made;
		INSERT INTO bench_ledger_entry (account, transfer, amount, balance_before, balance_after, account_version, created_at)
			VALUES (r.source, made, -r.amount, payer.balance + r.amount, payer.balance, payer.version, now());
		INSERT INTO bench_ledger_entry (account, transfer, amount, balance_before, balance_after, account_version, created_at)
			VALUES (r.target, made, r.amount, payee.balance - r.amount, payee.balance, payee.version, now());
	END LOOP;
	RETURN QUERY SELECT * FROM bench_ledger_transfers t WHERE t.id = ANY (all_made) ORDER BY t.id;
END $$;

CREATE FUNCTION bench_ledger_move(source text, target text, amount numeric, at timestamptz DEFAULT NULL, about jsonb DEFAULT NULL)
RETURNS SETOF bench_ledger_transfers LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT * FROM bench_ledger_move_all(ARRAY[(source, target, amount)::bench_ledger_request], at, about);
END $$;

INSERT INTO bench_account SELECT i, 1000000000000, repeat('x', 60) FROM generate_series(1, :scale) i;
INSERT INTO bench_ledger_account (number, name, currency, balance) SELECT i, 'account ' || i, 'ATP', 1000000000 FROM generate_series(1, :scale) i;
VACUUM ANALYZE bench_account, bench_ledger_account;
