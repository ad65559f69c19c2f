-- ---------------------------------------------------------------------------
-- economy: who may speak for whom, accounts, transfers, locks, the pool.
--
-- Everything that moves ATP appends one evidence leaf of kind "journal" and
-- the journal rows that refer to it, in the caller's transaction.
-- ---------------------------------------------------------------------------

-- speaking for requesters ---------------------------------------------------

CREATE FUNCTION web4_map_role(role name, society lct, requester lct DEFAULT NULL) RETURNS boolean
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_map_role(name, lct, lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_map_role(name, lct, lct) IS
	'let a database role act for a requester (null: for every citizen) without his signature; false when it may already';

CREATE FUNCTION web4_unmap_role(role name, society lct, requester lct DEFAULT NULL) RETURNS boolean
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_unmap_role(name, lct, lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_unmap_role(name, lct, lct) IS 'take a mapping of web4_map_role() back; false when there is none';

-- pure arithmetic -----------------------------------------------------------

CREATE FUNCTION web4_transfer_calc(sender_balance atp, receiver_balance atp, amount atp, fee_ppb bigint DEFAULT 0,
		max_balance atp DEFAULT NULL, fee_bearer text DEFAULT 'sender',
		OUT fee atp, OUT credited atp, OUT overflow atp, OUT sender_after atp, OUT receiver_after atp)
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_transfer_calc(atp, atp, atp, bigint, atp, text) IS
	'what a transfer does to two balances: the arithmetic of web4_transfer() without accounts';

CREATE FUNCTION web4_energy_ratio(total atp, adp atp) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION web4_energy_ratio(atp, atp) IS 'total / (total + adp); one half when both are zero';

CREATE FUNCTION web4_sliding_scale(base atp, quality numeric, zero numeric DEFAULT 0.3, "full" numeric DEFAULT 0.7) RETURNS atp
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 20 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT (quality BETWEEN 0 AND 1 AND zero BETWEEN 0 AND 1 AND "full" BETWEEN 0 AND 1 AND zero < "full") THEN
		RAISE EXCEPTION 'quality and thresholds must lie between 0 and 1, zero below full' USING
			ERRCODE = 'invalid_parameter_value',
			DETAIL = format('Quality %s, zero %s, full %s.', quality, zero, "full"),
			HINT = 'Nothing is paid up to quality "zero", and everything from quality "full" on.';
	END IF;
	RETURN @extschema@.atp_from_micro(CASE
		WHEN quality <= zero THEN 0
		WHEN quality >= "full" THEN @extschema@.atp_micro(base)
		ELSE trunc(@extschema@.atp_micro(base) * (quality - zero) / ("full" - zero))::bigint
	END);
END $$;
COMMENT ON FUNCTION web4_sliding_scale(atp, numeric, numeric, numeric) IS
	'what work of this quality is paid: nothing up to zero, all of it from full, in proportion between';

-- reading -------------------------------------------------------------------

CREATE FUNCTION web4_balance(society lct, entity lct, OUT available atp, OUT locked atp, OUT total atp,
		OUT discharged atp, OUT energy_ratio numeric, OUT frozen boolean)
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_balance(lct, lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_balance(lct, lct) IS
	'what an entity has in a society; discharged is a statistic, the ADP lies in the pool; null without an account';

-- What a bucket holds, seen by the calling query.  Where it was settled by
-- transaction ids of another cluster, or by ids that this one has not reached
-- yet, everything is counted from the journal.
CREATE FUNCTION web4.pool_holds(society lct, bucket text) RETURNS bigint
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 1000
BEGIN ATOMIC
	SELECT (CASE WHEN p.here IS NOT FALSE THEN coalesce(p.settled, 0) + (
				SELECT coalesce(sum(j.amount), 0) FROM web4.journal AS j
				WHERE j.society = $1 AND j.xid >= coalesce(p.horizon, '0') AND j.credit = place.c)
			ELSE (
				SELECT coalesce(sum(CASE WHEN j.credit = place.c THEN j.amount ELSE -j.amount END), 0) FROM web4.journal AS j
				WHERE j.society = $1 AND place.c IN (j.credit, j.debit))
			END)::bigint
	FROM (SELECT CASE $2 WHEN 'adp' THEN 'd'::"char" WHEN 'atp' THEN 'p'::"char" END AS c) AS place
		LEFT JOIN (
			SELECT pool.settled, pool.horizon,
				pool.system_identifier = (SELECT c.system_identifier FROM pg_catalog.pg_control_system() AS c)
					AND pool.horizon <= pg_snapshot_xmax(pg_current_snapshot()) AS here
			FROM web4.pool WHERE pool.society = $1 AND pool.bucket = $2) AS p ON true;
END;
REVOKE ALL ON FUNCTION web4.pool_holds(lct, text) FROM PUBLIC;
COMMENT ON FUNCTION web4.pool_holds(lct, text) IS 'micro-ATP in a bucket (adp, atp) of the society''s pool';

CREATE FUNCTION web4_pool(society lct, OUT adp atp, OUT atp atp, OUT supply atp)
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 1000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT atp_from_micro(web4.pool_holds($1, 'adp')), atp_from_micro(web4.pool_holds($1, 'atp')),
		atp_from_micro((SELECT coalesce(sum(CASE j.debit WHEN 's' THEN j.amount ELSE -j.amount END), 0)
			FROM web4.journal AS j WHERE j.society = $1 AND (j.debit = 's' OR j.credit = 's'))::bigint);
END;
REVOKE ALL ON FUNCTION web4_pool(lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_pool(lct) IS 'ADP and ATP in the society''s pool, and all that was ever minted and not destroyed';

-- transactions --------------------------------------------------------------

CREATE TYPE web4_movement AS (
	fee atp,				-- went to the pool
	credited atp,			-- the receiver got
	overflow atp,			-- stayed with the sender: over the receiver's limit
	available atp,			-- what the sender may still spend; null when the pool paid
	evidence bigint			-- the leaf that records it
);
COMMENT ON TYPE web4_movement IS 'what a movement of ATP did';

CREATE FUNCTION web4_atp_submit(tx atp_tx, signature bytea) RETURNS web4_movement
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 5000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_atp_submit(atp_tx, bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_atp_submit(atp_tx, bytea) IS
	'execute a signed transaction: mint, charge, allocate, transfer or discharge';

CREATE FUNCTION web4_transfer(society lct, sender lct, receiver lct, amount atp, ref text DEFAULT '') RETURNS web4_movement
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_transfer(lct, lct, lct, atp, text) FROM PUBLIC;
COMMENT ON FUNCTION web4_transfer(lct, lct, lct, atp, text) IS
	'transfer for a sender that the calling database role is mapped to';

CREATE FUNCTION web4_transfer_many(society lct, transfers jsonb)
	RETURNS TABLE(ordinal integer, fee atp, credited atp, overflow atp, evidence bigint)
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 ROWS 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_transfer_many(lct, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION web4_transfer_many(lct, jsonb) IS
	'at most 10000 transfers [{"from","to","amount","ref"}], all of them or none';

-- locks ---------------------------------------------------------------------

CREATE FUNCTION web4_lock(society lct, owner lct, amount atp, purpose text DEFAULT 'action', ref text DEFAULT '',
		ttl interval DEFAULT '5 minutes') RETURNS bytea
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_lock(lct, lct, atp, text, text, interval) FROM PUBLIC;
COMMENT ON FUNCTION web4_lock(lct, lct, atp, text, text, interval) IS
	'set ATP aside; returns the lock''s id.  purpose: action, transfer, trust_query, insurance, witness_stake, allocation';

CREATE FUNCTION web4_lock_commit(id bytea, amount atp DEFAULT NULL) RETURNS atp
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_lock_commit(bytea, atp) FROM PUBLIC;
COMMENT ON FUNCTION web4_lock_commit(bytea, atp) IS
	'spend the amount (null: all) of a lock, return the rest to its owner; how much was spent';

CREATE FUNCTION web4_lock_rollback(id bytea) RETURNS atp
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_lock_rollback(bytea) FROM PUBLIC;
COMMENT ON FUNCTION web4_lock_rollback(bytea) IS 'return a lock to its owner; how much';

CREATE FUNCTION web4_lock_expire(society lct) RETURNS bigint
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_lock_expire(lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_lock_expire(lct) IS 'return expired locks to their owners, at most 1000; how many';

-- administration ------------------------------------------------------------

CREATE FUNCTION web4_freeze_account(society lct, entity lct, freeze boolean, reason text DEFAULT '') RETURNS boolean
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_freeze_account(lct, lct, boolean, text) FROM PUBLIC;
COMMENT ON FUNCTION web4_freeze_account(lct, lct, boolean, text) IS
	'stop an account from spending, or let it again; it still receives; did anything change?';

CREATE FUNCTION web4_pool_settle(society lct) RETURNS void
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 1000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME';
REVOKE ALL ON FUNCTION web4_pool_settle(lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_pool_settle(lct) IS 'settle what came into the pool, so that the next reader has little to add up';

CREATE FUNCTION web4.economy_go_live() RETURNS text
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 1000 SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'web4_economy_go_live';
REVOKE ALL ON FUNCTION web4.economy_go_live() FROM PUBLIC;
COMMENT ON FUNCTION web4.economy_go_live() IS 'let the pools be counted anew (for web4_post_restore())';

-- Fees and limits normally come with a law; this sets them without one.
CREATE FUNCTION web4.economy_policy_set(society lct, fee_ppb bigint DEFAULT 0, fee_bearer text DEFAULT 'sender',
		max_balance atp DEFAULT '0', overflow text DEFAULT 'reject', max_mint atp DEFAULT '0') RETURNS void
	LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'web4_economy_policy_set';
REVOKE ALL ON FUNCTION web4.economy_policy_set(lct, bigint, text, atp, text, atp) FROM PUBLIC;
COMMENT ON FUNCTION web4.economy_policy_set(lct, bigint, text, atp, text, atp) IS
	'set a society''s economic policy without a law (superuser; the next law overrides it)';

-- checking ------------------------------------------------------------------

CREATE FUNCTION web4.journal_fold(only_society lct DEFAULT NULL)
	RETURNS TABLE(society lct, place "char", holder bytea, balance numeric)
	LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1000
BEGIN ATOMIC
	SELECT m.society, m.place, m.holder, sum(m.delta)
	FROM (
		SELECT j.society, j.credit AS place, j.credit_holder AS holder, j.amount AS delta FROM web4.journal AS j
		UNION ALL
		SELECT j.society, j.debit, j.debit_holder, -j.amount FROM web4.journal AS j) AS m
	WHERE $1 IS NULL OR m.society = $1
	GROUP BY m.society, m.place, m.holder;
END;
REVOKE ALL ON FUNCTION web4.journal_fold(lct) FROM PUBLIC;
COMMENT ON FUNCTION web4.journal_fold(lct) IS 'balance of every place, recomputed from the whole journal';

CREATE FUNCTION web4_check_conservation(only_society lct DEFAULT NULL)
	RETURNS TABLE(society lct, supply atp, accounts atp, escrow atp, pool_atp atp, pool_adp atp, difference atp, ok boolean)
	LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000000 ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY
	WITH fold AS MATERIALIZED (
		SELECT f.society, f.place, f.holder, f.balance FROM web4.journal_fold($1) AS f
	), sums AS (
		SELECT s.id,
			-coalesce((SELECT sum(f.balance) FROM fold AS f WHERE f.society OPERATOR(@extschema@.=) s.id AND f.place = 's'), 0) AS supply,
			coalesce((SELECT sum(a.available) + sum(a.locked) FROM web4.account AS a WHERE a.society OPERATOR(@extschema@.=) s.id), 0) AS accounts,
			coalesce((SELECT sum(u.escrow) FROM web4.grants AS g JOIN web4.grant_state AS u USING (hash)
				WHERE g.society OPERATOR(@extschema@.=) s.id), 0) AS escrow,
			web4.pool_holds(s.id, 'atp') AS pool_atp,
			web4.pool_holds(s.id, 'adp') AS pool_adp,
			NOT EXISTS (SELECT FROM fold AS f WHERE f.society OPERATOR(@extschema@.=) s.id AND f.balance < 0 AND f.place <> 's') AS positive,
			NOT EXISTS (
				SELECT FROM (SELECT a.entity, a.available, a.locked FROM web4.account AS a WHERE a.society OPERATOR(@extschema@.=) s.id) AS a
				FULL JOIN (SELECT f.holder, sum(f.balance) FILTER (WHERE f.place = 'a') AS available,
						sum(f.balance) FILTER (WHERE f.place = 'l') AS locked
					FROM fold AS f WHERE f.society OPERATOR(@extschema@.=) s.id AND f.place IN ('a', 'l') GROUP BY f.holder) AS f
				ON f.holder = @extschema@.lct_to_bytea(a.entity)
				WHERE coalesce(a.available, -1) <> coalesce(f.available, 0) OR coalesce(a.locked, -1) <> coalesce(f.locked, 0)) AS agrees
		FROM web4.society AS s WHERE $1 IS NULL OR s.id OPERATOR(@extschema@.=) $1
	)
	SELECT s.id, @extschema@.atp_from_micro(s.supply::bigint), @extschema@.atp_from_micro(s.accounts::bigint),
		@extschema@.atp_from_micro(s.escrow::bigint), @extschema@.atp_from_micro(s.pool_atp), @extschema@.atp_from_micro(s.pool_adp),
		@extschema@.atp_from_micro((s.supply - s.accounts - s.escrow - s.pool_atp - s.pool_adp)::bigint),
		s.supply = s.accounts + s.escrow + s.pool_atp + s.pool_adp AND s.positive AND s.agrees AND s.pool_atp >= 0 AND s.pool_adp >= 0
	FROM sums AS s ORDER BY s.id USING OPERATOR(@extschema@.<);
END $$;
REVOKE ALL ON FUNCTION web4_check_conservation(lct) FROM PUBLIC;
COMMENT ON FUNCTION web4_check_conservation(lct) IS
	'is everything that was minted still somewhere, and does every account agree with the journal?';

CREATE FUNCTION web4.economy_invariants() RETURNS TABLE(rule text, object text, detail text)
	LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000000 ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY
	WITH fold AS MATERIALIZED (
		SELECT f.society, f.place, f.holder, f.balance FROM web4.journal_fold() AS f
	), kept AS (
		SELECT a.society, 'a'::"char" AS place, @extschema@.lct_to_bytea(a.entity) AS holder, a.available AS balance FROM web4.account AS a
		UNION ALL
		SELECT a.society, 'l', @extschema@.lct_to_bytea(a.entity), a.locked FROM web4.account AS a
		UNION ALL
		SELECT g.society, 'g', g.hash, u.escrow FROM web4.grants AS g JOIN web4.grant_state AS u USING (hash)
		UNION ALL
		SELECT s.id, 'd', NULL, web4.pool_holds(s.id, 'adp') FROM web4.society AS s
		UNION ALL
		SELECT s.id, 'p', NULL, web4.pool_holds(s.id, 'atp') FROM web4.society AS s
	)
	SELECT CASE f.place WHEN 'a' THEN 'account.available' WHEN 'l' THEN 'account.locked' WHEN 'g' THEN 'grant.escrow'
			WHEN 'd' THEN 'pool.adp' ELSE 'pool.atp' END,
		format('%s in %s', coalesce(encode(f.holder, 'hex'), 'pool'), f.society),
		format('kept %s, journal says %s', f.kept, f.folded)
	FROM (
		SELECT b.society, b.place, b.holder, sum(b.kept) AS kept, sum(b.folded) AS folded
		FROM (
			SELECT k.society, k.place, k.holder, k.balance AS kept, 0 AS folded FROM kept AS k
			UNION ALL
			SELECT fold.society, fold.place, fold.holder, 0, fold.balance FROM fold WHERE fold.place <> 's') AS b
		GROUP BY b.society, b.place, b.holder) AS f
	WHERE f.kept <> f.folded OR f.kept < 0;

	RETURN QUERY
	SELECT 'account.locks'::text, format('%s in %s', l.entity, l.society), format('locked %s, held by locks %s', l.locked, l.held)
	FROM (
		SELECT a.society, a.entity, sum(a.locked) AS locked, sum(a.held) AS held
		FROM (
			SELECT a.society, a.entity, a.locked, 0 AS held FROM web4.account AS a
			UNION ALL
			SELECT k.society, k.owner, 0, k.amount FROM web4.atp_lock AS k WHERE k.state = 'held') AS a
		GROUP BY a.society, a.entity) AS l
	WHERE l.locked <> l.held;

	RETURN QUERY
	SELECT 'journal.evidence'::text, format('entry %s', j.id), format('evidence %s does not record it', j.evidence)
	FROM web4.journal AS j
	WHERE NOT EXISTS (SELECT FROM web4.evidence AS e WHERE e.id = j.evidence AND e.xid = j.xid AND e.society OPERATOR(@extschema@.=) j.society);

	RETURN QUERY
	SELECT 'conservation'::text, c.society::text, format('supply %s, difference %s', c.supply, c.difference)
	FROM @extschema@.web4_check_conservation() AS c WHERE NOT c.ok;
END $$;
REVOKE ALL ON FUNCTION web4.economy_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.economy_invariants() IS 'every place where the economy''s tables contradict each other; no row when all is well';

SELECT web4.allow('web4_operator',
	'web4_map_role(name, lct, lct)',
	'web4_unmap_role(name, lct, lct)',
	'web4_freeze_account(lct, lct, boolean, text)',
	'web4_check_conservation(lct)',
	'web4_lock_expire(lct)',
	'web4_pool_settle(lct)');
SELECT web4.allow('web4_auditor',
	'web4_check_conservation(lct)',
	'web4_balance(lct, lct)',
	'web4_pool(lct)');
SELECT web4.allow('web4_reader',
	'web4_balance(lct, lct)',
	'web4_pool(lct)');
SELECT web4.allow('web4_app',
	'web4_balance(lct, lct)',
	'web4_pool(lct)',
	'web4_atp_submit(atp_tx, bytea)',
	'web4_transfer(lct, lct, lct, atp, text)',
	'web4_transfer_many(lct, jsonb)',
	'web4_lock(lct, lct, atp, text, text, interval)',
	'web4_lock_commit(bytea, atp)',
	'web4_lock_rollback(bytea)',
	'web4_lock_expire(lct)');

-- Movements, locks, stops and mappings are those of the log, all of them.  What
-- moved is written twice, in the journal and in the leaf that says why.
CREATE FUNCTION web4.economy_log_invariants() RETURNS TABLE(rule text, object text, detail text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH leaf AS MATERIALIZED (
		SELECT e.id, e.xid, e.society, e.kind, e.actor, e.at, convert_from(e.body, 'UTF8')::jsonb -> 'data' AS data
		FROM web4.evidence AS e WHERE e.kind IN ('journal', 'decision', 'grant', 'role_map', 'role_unmap')
	), act AS MATERIALIZED (
		SELECT l.id, l.xid, l.society, l.actor, l.at, l.data, l.data ->> 'type' AS type, lct_to_bytea(l.actor) AS actor_id,
			CASE WHEN l.data ->> 'from' LIKE 'lct:%' THEN lct_to_bytea((l.data ->> 'from')::lct) END AS "from",
			CASE WHEN l.data ->> 'to' LIKE 'lct:%' THEN lct_to_bytea((l.data ->> 'to')::lct) END AS "to",
			((l.data ->> 'amount')::numeric * 1000000)::bigint AS amount, ((l.data ->> 'credited')::numeric * 1000000)::bigint AS credited,
			((l.data ->> 'fee')::numeric * 1000000)::bigint AS fee, ((l.data ->> 'overflow')::numeric * 1000000)::bigint AS overflow
		FROM leaf AS l WHERE l.kind = 'journal'
	), expected (id, xid, society, kind, debit, debit_holder, credit, credit_holder, amount) AS (
		SELECT a.id, a.xid, a.society, 'transfer'::text, 'a'::"char", a."from", 'a'::"char", a."to", a.credited FROM act AS a WHERE a.type = 'transfer' AND a.credited > 0
		UNION ALL
		SELECT a.id, a.xid, a.society, 'fee', 'a', a."from", 'p', NULL, a.fee FROM act AS a WHERE a.type = 'transfer' AND a.fee > 0
		UNION ALL
		SELECT a.id, a.xid, a.society, 'mint', 's', NULL, 'd', NULL, a.amount FROM act AS a WHERE a.type = 'mint'
		UNION ALL
		SELECT a.id, a.xid, a.society, a.type, CASE a.type WHEN 'charge' THEN 'd'::"char" ELSE 'p' END, NULL, 'a', a."to", a.amount
		FROM act AS a WHERE a.type IN ('charge', 'allocate')
		UNION ALL
		SELECT a.id, a.xid, a.society, 'discharge', 'a', a."from", 'd', NULL, a.amount FROM act AS a WHERE a.type = 'discharge'
		UNION ALL
		SELECT a.id, a.xid, a.society, 'lock', 'a', a."from", 'l', a."from", a.amount FROM act AS a WHERE a.type = 'lock'
		UNION ALL
		SELECT a.id, a.xid, a.society, 'commit', 'l', a.actor_id, 'd', NULL, a.credited FROM act AS a WHERE a.type = 'commit'
		UNION ALL
		SELECT a.id, a.xid, a.society, 'rollback', 'l', a.actor_id, 'a', a.actor_id, a.overflow FROM act AS a WHERE a.type = 'commit' AND a.overflow > 0
		UNION ALL
		SELECT a.id, a.xid, a.society, 'rollback', 'l', a."to", 'a', a."to", a.amount FROM act AS a WHERE a.type IN ('rollback', 'expire')
		UNION ALL
		SELECT l.id, l.xid, l.society, 'spend', CASE WHEN l.data ? 'grant' THEN 'g'::"char" ELSE 'a' END,
			coalesce(decode(l.data ->> 'grant', 'hex'), lct_to_bytea(l.actor)), 'd', NULL, ((l.data ->> 'atp_cost')::numeric * 1000000)::bigint
		FROM leaf AS l WHERE l.kind = 'decision' AND l.data ->> 'decision' = 'granted' AND l.data ->> 'atp_cost' <> '0'
		UNION ALL
		SELECT l.id, l.xid, l.society, 'escrow', CASE WHEN l.data ? 'parent' THEN 'g'::"char" ELSE 'a' END, coalesce(decode(l.data ->> 'parent', 'hex'), lct_to_bytea(l.actor)),
			'g', decode(l.data ->> 'grant', 'hex'), (l.data ->> 'escrow')::bigint
		FROM leaf AS l WHERE l.kind = 'grant' AND (l.data ->> 'escrow')::bigint > 0
		UNION ALL
		SELECT l.id, l.xid, l.society, 'release', 'g', decode(l.data ->> 'grant', 'hex'),
			CASE WHEN l.data ->> 'to' LIKE 'lct:%' THEN 'a'::"char" ELSE 'g' END,
			CASE WHEN l.data ->> 'to' LIKE 'lct:%' THEN lct_to_bytea((l.data ->> 'to')::lct) ELSE decode(l.data ->> 'to', 'hex') END, (l.data ->> 'returned')::bigint
		FROM leaf AS l WHERE l.kind = 'grant' AND l.data ? 'returned'
	)
	SELECT 'journal.recorded'::text, format('entry %s', j.id), CASE WHEN j.id IS NULL THEN format('evidence %s records a movement (%s) that is not there', x.id, x.kind)
		ELSE format('evidence %s records another movement', j.evidence) END
	FROM (SELECT j.*, row_number() OVER (PARTITION BY j.evidence, j.kind) AS n FROM web4.journal AS j) AS j
		FULL JOIN expected AS x ON x.id = j.evidence AND x.kind = j.kind AND j.n = 1
	WHERE (j.xid, j.society, j.debit, j.debit_holder, j.credit, j.credit_holder, j.amount) IS DISTINCT FROM
		(x.xid, x.society, x.debit, x.debit_holder, x.credit, x.credit_holder, x.amount)
	UNION ALL
	SELECT 'journal.ids', 'sequence web4.journal_id', format('it stands at %s, below id %s', s.last_value, m.id)
	FROM web4.journal_id AS s, (SELECT max(j.id) AS id FROM web4.journal AS j) AS m WHERE m.id > s.last_value
	UNION ALL
	SELECT 'account.frozen', format('%s in %s', a.entity, a.society), CASE WHEN a.frozen THEN 'frozen, but the log does not say so' ELSE 'not frozen, but the log says so' END
	FROM web4.account AS a LEFT JOIN (
		SELECT DISTINCT ON (f.society, f."to") f.society, f."to" AS entity, f.type FROM act AS f
		WHERE f.type IN ('freeze', 'unfreeze') ORDER BY f.society, f."to", f.id DESC) AS f ON f.society = a.society AND f.entity = lct_to_bytea(a.entity)
	WHERE a.frozen <> (coalesce(f.type, 'unfreeze') = 'freeze')
	UNION ALL
	SELECT 'account.discharged', format('%s in %s', a.entity, a.society), format('says %s, journal says %s', a.discharged, coalesce(j.amount, 0))
	FROM web4.account AS a LEFT JOIN (
		SELECT j.society, j.debit_holder, sum(j.amount) AS amount FROM web4.journal AS j
		WHERE j.credit = 'd' AND j.debit IN ('a', 'l') GROUP BY j.society, j.debit_holder) AS j ON j.society = a.society AND j.debit_holder = lct_to_bytea(a.entity)
	WHERE a.discharged <> coalesce(j.amount, 0)
	UNION ALL
	SELECT 'lock.recorded', coalesce(encode(k.id, 'hex'), l.data ->> 'lock'), CASE WHEN k.id IS NULL THEN 'the lock that the log records is not there' ELSE 'the log records another lock' END
	FROM web4.atp_lock AS k FULL JOIN (SELECT a.* FROM act AS a WHERE a.type = 'lock') AS l ON l.data ->> 'lock' = encode(k.id, 'hex')
	WHERE (k.society, k.owner, k.amount, k.purpose, k.ref, k.expires_at) IS DISTINCT FROM
		(l.society, l.actor, l.amount, l.data ->> 'note', coalesce(l.data ->> 'ref', ''), (l.data ->> 'expires_at')::timestamptz)
	UNION ALL
	SELECT 'lock.state', encode(k.id, 'hex'), format('%s, but the log ends it by %s', k.state, coalesce(l.type, 'nothing'))
	FROM web4.atp_lock AS k LEFT JOIN (SELECT a.* FROM act AS a WHERE a.type IN ('commit', 'rollback', 'expire')) AS l ON l.data ->> 'lock' = encode(k.id, 'hex')
	WHERE (k.state, k.committed) IS DISTINCT FROM (CASE l.type WHEN 'commit' THEN 'committed' WHEN 'rollback' THEN 'rolled_back' WHEN 'expire' THEN 'expired' ELSE 'held' END,
		CASE l.type WHEN 'commit' THEN l.credited END)
	UNION ALL
	SELECT 'app_role.recorded', format('role %s for %s in %s', coalesce(r.role::text, l.role), coalesce(r.requester::text, l.requester, 'everybody'), coalesce(r.society, l.society)),
		CASE WHEN r.role IS NULL THEN 'the mapping that the log records is not there' ELSE 'the log does not record this mapping' END
	FROM web4.app_role AS r FULL JOIN (
		SELECT v.society, v.role, v.requester, v.at FROM (
			SELECT DISTINCT ON (m.society, m.data ->> 'role', m.data ->> 'requester') m.society, m.kind, m.at, m.data ->> 'role' AS role, m.data ->> 'requester' AS requester
			FROM leaf AS m WHERE m.kind IN ('role_map', 'role_unmap') ORDER BY m.society, m.data ->> 'role', m.data ->> 'requester', m.id DESC) AS v
		WHERE v.kind = 'role_map') AS l ON l.society = r.society AND l.role = r.role::text AND coalesce(l.requester, '') = coalesce(r.requester::text, '')
	WHERE l.at IS DISTINCT FROM r.mapped_at
	UNION ALL
	-- Not of a dump that is being verified: the roles may come later, and nothing is unmapped before.
	SELECT 'app_role.exists', format('role %s', r.role), 'there is no such role, and whoever creates it will speak for others; take it back with web4_unmap_role()'
	FROM web4.app_role AS r, web4.instance AS i
	WHERE i.live AND NOT EXISTS (SELECT FROM pg_roles AS p WHERE p.rolname = r.role);
END;
REVOKE ALL ON FUNCTION web4.economy_log_invariants() FROM PUBLIC;
COMMENT ON FUNCTION web4.economy_log_invariants() IS 'every movement, lock, stop and mapping that differs from the log; no row when all is well';
