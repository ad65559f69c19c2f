
/* ---------------------------------------------- speaking for requesters --- */

-- Which database roles may speak for which requesters (null: any
-- citizen, but not the society itself).
CREATE TABLE web4.app_role (
	role name NOT NULL,
	society @extschema@.lct NOT NULL,
	requester @extschema@.lct,
	mapped_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
CREATE UNIQUE INDEX app_role_one ON web4.app_role (society, requester, role) WHERE requester IS NOT NULL;
CREATE UNIQUE INDEX app_role_all ON web4.app_role (society, role) WHERE requester IS NULL;
SELECT web4.protect('web4.app_role', 'work', 'all');
COMMENT ON TABLE web4.app_role IS 'database roles that may act for a requester without his signature';

/* ------------------------------------------------------------- economy --- */

-- Policy of the economy room; absent row: the defaults.  Rates in parts per billion.
CREATE TABLE web4.economy_policy (
	society @extschema@.lct PRIMARY KEY,
	fee_ppb bigint NOT NULL DEFAULT 0 CHECK (fee_ppb BETWEEN 0 AND 500000000),
	fee_bearer text NOT NULL DEFAULT 'sender' CHECK (fee_bearer IN ('sender', 'receiver', 'split')),
	max_balance bigint CHECK (max_balance > 0),				-- micro-ATP, locked and granted included; null: none
	overflow text NOT NULL DEFAULT 'reject' CHECK (overflow IN ('reject', 'return')),
	max_mint bigint CHECK (max_mint > 0)					-- micro-ATP per mint; null: 2^32 ATP
);
SELECT web4.protect('web4.economy_policy', 'state', 'all');
COMMENT ON TABLE web4.economy_policy IS 'fees and limits of a society; an absent row means the defaults';

-- What an entity may spend in a society; micro-ATP.
CREATE TABLE web4.account (
	society @extschema@.lct NOT NULL,
	entity @extschema@.lct NOT NULL,
	available bigint NOT NULL DEFAULT 0,
	locked bigint NOT NULL DEFAULT 0,
	discharged bigint NOT NULL DEFAULT 0,		-- ADP ever produced: statistic
	frozen boolean NOT NULL DEFAULT false,
	PRIMARY KEY (society, entity),
	CONSTRAINT account_not_negative CHECK (least(available, locked, discharged) >= 0)
) WITH (fillfactor = 70);
SELECT web4.protect('web4.account', 'state');
COMMENT ON TABLE web4.account IS 'what an entity may spend in a society; micro-ATP';

CREATE TABLE web4.atp_lock (
	id bytea PRIMARY KEY CHECK (octet_length(id) = 16),
	society @extschema@.lct NOT NULL,
	owner @extschema@.lct NOT NULL,
	amount bigint NOT NULL CHECK (amount > 0),
	purpose text NOT NULL CHECK (purpose IN ('action', 'transfer', 'trust_query', 'insurance', 'witness_stake', 'allocation')),
	ref text NOT NULL DEFAULT '',
	expires_at timestamptz NOT NULL,
	state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'committed', 'rolled_back', 'expired')),
	committed bigint CHECK (committed BETWEEN 1 AND amount),	-- went to the pool; the rest went back
	CHECK ((committed IS NOT NULL) = (state = 'committed'))
);
CREATE INDEX atp_lock_held ON web4.atp_lock (society, expires_at) WHERE state = 'held';
SELECT web4.protect('web4.atp_lock', 'state');
COMMENT ON TABLE web4.atp_lock IS 'amounts set aside, and what became of them; micro-ATP';

-- The society's pool.  What a bucket holds: "settled" plus every visible journal
-- entry that credits it and is not settled yet.  Credits only append to the
-- journal, so nobody waits here to pay in; debits lock this row, look at the
-- whole sum and go into "settled", which may therefore be below zero for a
-- while.  An entry is settled when its transaction precedes "horizon", before
-- which everything has ended.
CREATE TABLE web4.pool (
	society @extschema@.lct NOT NULL,
	bucket text NOT NULL CHECK (bucket IN ('adp', 'atp')),
	settled bigint NOT NULL DEFAULT 0,
	horizon xid8 NOT NULL DEFAULT '0',
	system_identifier bigint NOT NULL,			-- the cluster whose transactions the horizon counts; 0: count anew
	PRIMARY KEY (society, bucket)
);
SELECT web4.protect('web4.pool', 'state');
COMMENT ON TABLE web4.pool IS 'the society''s pool: what is settled, and up to where';

-- Double entry by construction: a row moves "amount" from one place to
-- another, so every entry sums to zero.  Places: 'a' available and 'l' locked
-- ATP of an entity, 'g' the escrow of a grant, 'd' the pool's ADP, 'p' the
-- pool's ATP, 's' supply (debited by minting, credited by destruction).
-- holder: the entity or the grant's hash; null for the society's own places.
CREATE SEQUENCE web4.journal_id CACHE 32;
SELECT pg_catalog.pg_extension_config_dump('web4.journal_id', '');
COMMENT ON SEQUENCE web4.journal_id IS 'ids of journal entries';
CREATE TABLE web4.journal (
	id bigint NOT NULL,
	xid xid8 NOT NULL,
	society @extschema@.lct NOT NULL,
	kind text NOT NULL,
	debit "char" NOT NULL,
	debit_holder bytea,
	credit "char" NOT NULL,
	credit_holder bytea,
	amount bigint NOT NULL,
	evidence bigint NOT NULL			-- the leaf that records why
);

-- Is it a movement between two places of the right kind?  Pure.
CREATE FUNCTION web4.journal_row_ok(web4.journal) RETURNS boolean
	AS 'MODULE_PATHNAME', 'web4_journal_row_ok' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
REVOKE ALL ON FUNCTION web4.journal_row_ok(web4.journal) FROM PUBLIC;
COMMENT ON FUNCTION web4.journal_row_ok(web4.journal) IS 'is this a movement between two places of the right kind?';
ALTER TABLE web4.journal ADD CONSTRAINT journal_entry CHECK (web4.journal_row_ok(journal));
CREATE INDEX journal_order ON web4.journal (society, xid);
CREATE INDEX journal_supply ON web4.journal (society) INCLUDE (debit, amount) WHERE debit = 's' OR credit = 's';
SELECT web4.protect('web4.journal', 'append');
COMMENT ON TABLE web4.journal IS 'double-entry journal in micro-ATP: every row moves an amount from one place to another';
