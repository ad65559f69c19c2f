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

-- A double-entry ledger in plpgsql, in the shape of the public one that the
-- design names (pgledger): text ids that sort by time; accounts with balance
-- and version; a transfer with event time and metadata; two entries that keep
-- the balances before and after; accounts locked in order, constraints checked
-- by a function, the transfer returned.  Its ids are cheaper than the original's.
CREATE FUNCTION bench_ledger_id(prefix text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT prefix || '_' || lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint), 14, '0')
		|| left(replace(gen_random_uuid()::text, '-', ''), 12)
$$;
CREATE TABLE bench_ledger_account (
	id text PRIMARY KEY DEFAULT bench_ledger_id('account'),
	name text NOT NULL,
	currency text NOT NULL,
	balance numeric NOT NULL DEFAULT 0,
	version bigint NOT NULL DEFAULT 0,
	allow_negative boolean NOT NULL DEFAULT false,
	metadata jsonb,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE bench_ledger_transfer (
	id text PRIMARY KEY DEFAULT bench_ledger_id('transfer'),
	source text NOT NULL REFERENCES bench_ledger_account,
	target text NOT NULL REFERENCES bench_ledger_account,
	amount numeric NOT NULL CHECK (amount > 0),
	created_at timestamptz NOT NULL,
	event_at timestamptz NOT NULL,
	metadata jsonb,
	CHECK (source <> target)
);
CREATE INDEX ON bench_ledger_transfer (source);
CREATE INDEX ON bench_ledger_transfer (target);
CREATE INDEX ON bench_ledger_transfer (event_at);
CREATE TABLE bench_ledger_entry (
	id text PRIMARY KEY DEFAULT bench_ledger_id('entry'),
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

CREATE FUNCTION bench_ledger_check(a bench_ledger_account) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF a.balance < 0 AND NOT a.allow_negative THEN
		RAISE EXCEPTION 'account % is short', a.id;
	END IF;
END $$;

CREATE FUNCTION bench_ledger_post(account_id text, delta numeric) RETURNS bench_ledger_account
LANGUAGE plpgsql AS $$
DECLARE
	after bench_ledger_account;
BEGIN
	UPDATE bench_ledger_account SET balance = balance + delta, version = version + 1, updated_at = now()
		WHERE id = account_id RETURNING * INTO after;
	PERFORM bench_ledger_check(after);
	RETURN after;
END $$;

CREATE FUNCTION bench_ledger_move(payer text, payee text, sum numeric) RETURNS SETOF bench_ledger_transfer
LANGUAGE plpgsql AS $$
DECLARE
	account text;
	transfer_id text;
	a bench_ledger_account;
	b bench_ledger_account;
BEGIN
	FOREACH account IN ARRAY ARRAY[least(payer, payee), greatest(payer, payee)] LOOP
		PERFORM FROM bench_ledger_account l WHERE l.id = account FOR UPDATE;
	END LOOP;
	a := bench_ledger_post(payer, -sum);
	b := bench_ledger_post(payee, sum);
	IF a.currency <> b.currency THEN
		RAISE EXCEPTION 'currencies differ';
	END IF;
	INSERT INTO bench_ledger_transfer (source, target, amount, created_at, event_at)
		VALUES (payer, payee, sum, now(), now()) RETURNING id INTO transfer_id;
	INSERT INTO bench_ledger_entry (account, transfer, amount, balance_before, balance_after, account_version, created_at)
		VALUES (payer, transfer_id, -sum, a.balance + sum, a.balance, a.version, now());
	INSERT INTO bench_ledger_entry (account, transfer, amount, balance_before, balance_after, account_version, created_at)
		VALUES (payee, transfer_id, sum, b.balance - sum, b.balance, b.version, now());
	RETURN QUERY SELECT * FROM bench_ledger_transfer t WHERE t.id = transfer_id;
END $$;

INSERT INTO bench_account SELECT i, 1000000000000, repeat('x', 60) FROM generate_series(1, :scale) i;
INSERT INTO bench_ledger_account (id, name, currency, balance) SELECT 'account_' || i, 'account ' || i, 'ATP', 1000000000 FROM generate_series(1, :scale) i;
VACUUM ANALYZE bench_account, bench_ledger_account;
