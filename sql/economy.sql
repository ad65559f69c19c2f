-- A tour of the economy: ATP is minted, charged, spent and never lost.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS web4;
\set ECHO none
\i test/lib/identity.sql
\i test/lib/economy.sql
-- The society "acme" and its citizens alice, bob and carol.
DO $$ BEGIN PERFORM test.society(); PERFORM test.mint(n) FROM unnest('{alice,bob,carol}'::text[]) AS n; END $$;
\set ECHO all
SELECT test.lct('acme') AS acme, test.lct('alice') AS alice, test.lct('bob') AS bob \gset

-- The society mints: new energy comes as ADP, uncharged, into the pool.
SELECT credited FROM test.tx('acme', 'mint', '1000');
SELECT * FROM web4_pool(:'acme');

-- Charging turns ADP into ATP on an entity's account.
SELECT credited FROM test.tx('acme', 'charge', '100', "to" => 'alice');
SELECT * FROM web4_pool(:'acme');
SELECT available, total, energy_ratio FROM web4_balance(:'acme', :'alice');

-- Alice signs a transfer to bob.  What she signs is a short binary message.
SELECT type, amount, ref FROM atp_tx_parse(test.make_tx('transfer', '20', 'alice', 'bob', 'rent'));
SELECT fee, credited, overflow, available FROM test.tx('alice', 'transfer', '20', 'alice', 'bob', 'rent');
-- Nobody else can sign it, and it counts once.
SELECT test.tx('bob', 'transfer', '20', 'alice', 'bob', 'rent');
CREATE TEMP TABLE paid AS SELECT tx, test.sign('alice', tx::bytea) AS signature
	FROM test.make_tx('transfer', '5', 'alice', 'bob') AS tx;
SELECT (web4_atp_submit(tx, signature)).available FROM paid;
SELECT web4_atp_submit(tx, signature) FROM paid;

-- An application moves ATP for the citizens that it is mapped to.
SELECT credited, available FROM web4_transfer(:'acme', :'alice', :'bob', '2.5', 'tea');
SELECT web4_transfer(:'acme', :'alice', :'bob', '1000');
SELECT web4_transfer(:'acme', :'alice', :'bob', '-5');
-- Many at once: all or none.
SELECT ordinal, credited FROM web4_transfer_many(:'acme', jsonb_build_array(
	jsonb_build_object('from', :'alice', 'to', :'bob', 'amount', '10'),
	jsonb_build_object('from', :'bob', 'to', test.lct('carol'), 'amount', '7', 'ref', 'share')));

-- Fees and limits are law.  Here 5 % on top and no more than 70 on an account.
SELECT * FROM web4_transfer_calc('200', '490', '30', 50000000, '500');
SELECT web4.economy_policy_set(:'acme', fee_ppb => 50000000, max_balance => '70', overflow => 'return');
SELECT fee, credited, overflow FROM web4_transfer(:'acme', :'bob', :'alice', '8');
SELECT web4.economy_policy_set(:'acme');

-- Set aside what an action may cost; spend some of it, get the rest back.
SELECT web4_lock(:'acme', :'alice', '30', 'action', 'job 17') AS id \gset
SELECT available, locked, total FROM web4_balance(:'acme', :'alice');
SELECT web4_lock_commit(:'id', '12');
SELECT available, locked, total, discharged FROM web4_balance(:'acme', :'alice');
SELECT web4_lock_rollback(:'id');

-- What is used up returns to the pool as ADP, to be charged again.
SELECT available FROM test.tx('bob', 'discharge', '4', 'bob');
SELECT * FROM web4_pool(:'acme');

-- The journal has moved every millionth from one place to another ...
SELECT kind, debit, credit, sum(amount) AS micro_atp, count(*) FROM web4.journal GROUP BY kind, debit, credit ORDER BY min(id);
-- ... so everything that was minted is somewhere.
SELECT supply, accounts, escrow, pool_atp, pool_adp, difference, ok FROM web4_check_conservation(:'acme');
SELECT * FROM web4.economy_invariants();

-- Not even the owner of the tables can write them.
UPDATE web4.account SET available = available * 2;
DELETE FROM web4.journal;
