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

-- A double-entry ledger in plpgsql, in the shape that such ledgers have:
-- accounts with version and balance, a transfer, two entries that keep the
-- balance before and after; both accounts locked in order.
CREATE TABLE bench_ledger_account (
	id integer PRIMARY KEY,
	name text NOT NULL,
	balance numeric NOT NULL DEFAULT 0,
	version bigint NOT NULL DEFAULT 0,
	allow_negative boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CHECK (allow_negative OR balance >= 0)
);
CREATE TABLE bench_ledger_transfer (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	source integer NOT NULL REFERENCES bench_ledger_account,
	target integer NOT NULL REFERENCES bench_ledger_account,
	amount numeric NOT NULL CHECK (amount > 0),
	created_at timestamptz NOT NULL DEFAULT now(),
	CHECK (source <> target)
);
CREATE INDEX ON bench_ledger_transfer (source);
CREATE INDEX ON bench_ledger_transfer (target);
CREATE TABLE bench_ledger_entry (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	account integer NOT NULL REFERENCES bench_ledger_account,
	transfer bigint NOT NULL REFERENCES bench_ledger_transfer,
	amount numeric NOT NULL,
	balance_before numeric NOT NULL,
	balance_after numeric NOT NULL,
	account_version bigint NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON bench_ledger_entry (account, account_version);
CREATE INDEX ON bench_ledger_entry (transfer);

CREATE FUNCTION bench_ledger_post(account_id integer, transfer_id bigint, delta numeric) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	after record;
BEGIN
	UPDATE bench_ledger_account SET balance = balance + delta, version = version + 1, updated_at = now()
		WHERE id = account_id RETURNING balance, version INTO after;
	INSERT INTO bench_ledger_entry (account, transfer, amount, balance_before, balance_after, account_version)
		VALUES (account_id, transfer_id, delta, after.balance - delta, after.balance, after.version);
END $$;

CREATE FUNCTION bench_ledger_move(payer integer, payee integer, sum numeric) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	transfer_id bigint;
BEGIN
	PERFORM FROM bench_ledger_account WHERE id IN (payer, payee) ORDER BY id FOR UPDATE;
	INSERT INTO bench_ledger_transfer (source, target, amount) VALUES (payer, payee, sum) RETURNING id INTO transfer_id;
	PERFORM bench_ledger_post(payer, transfer_id, -sum);
	PERFORM bench_ledger_post(payee, transfer_id, sum);
	RETURN transfer_id;
END $$;

INSERT INTO bench_account SELECT i, 1000000000000, repeat('x', 60) FROM generate_series(1, :scale) i;
INSERT INTO bench_ledger_account (id, name, balance) SELECT i, 'account ' || i, 1000000000 FROM generate_series(1, :scale) i;
VACUUM ANALYZE bench_account, bench_ledger_account;
