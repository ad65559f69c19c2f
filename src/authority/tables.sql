
/* ----------------------------------------------------------- authority --- */

-- Does a grant row say what its token's bytes say?  Pure; includes the signature.
CREATE FUNCTION web4.grant_row_ok(hash bytea, parent bytea, issuer @extschema@.lct, subject @extschema@.lct,
		society @extschema@.lct, intent text, resource text, level smallint, issued_at timestamptz,
		expires_at timestamptz, role text, budget bigint, max_actions bigint, token @extschema@.consent) RETURNS boolean
	AS 'MODULE_PATHNAME', 'web4_grant_row_ok' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000;
REVOKE ALL ON FUNCTION web4.grant_row_ok(bytea, bytea, @extschema@.lct, @extschema@.lct, @extschema@.lct, text, text, smallint,
	timestamptz, timestamptz, text, bigint, bigint, @extschema@.consent) FROM PUBLIC;
COMMENT ON FUNCTION web4.grant_row_ok(bytea, bytea, @extschema@.lct, @extschema@.lct, @extschema@.lct, text, text, smallint,
	timestamptz, timestamptz, text, bigint, bigint, @extschema@.consent) IS 'does every column of a grant say what its signed token says?';

-- A registered consent token, verbatim and as columns; never changes.
CREATE TABLE web4.grants (
	hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
	parent bytea CHECK (octet_length(parent) = 32),	-- no foreign key: a dump's rows come in any order
	issuer @extschema@.lct NOT NULL,
	subject @extschema@.lct NOT NULL,
	society @extschema@.lct NOT NULL,			-- constraint "society", or the issuer's home
	intent text COLLATE "C" NOT NULL,
	resource text COLLATE "C" NOT NULL,
	level smallint NOT NULL CHECK (level BETWEEN 0 AND 4),
	issued_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,			-- exclusive; infinity for refusals only
	role text COLLATE "C" NOT NULL,				-- constraint "role", or citizen
	budget bigint CHECK (budget > 0),			-- constraint "max_atp" in micro-ATP; null: only costless acts
	max_actions bigint CHECK (max_actions >= 0),
	token @extschema@.consent NOT NULL,
	previous bytea NOT NULL CHECK (octet_length(previous) = 32),
	depth smallint NOT NULL CHECK (depth BETWEEN 0 AND 15),
	registered_at timestamptz NOT NULL,
	CONSTRAINT grant_agrees CHECK (web4.grant_row_ok(hash, parent, issuer, subject, society, intent, resource, level,
		issued_at, expires_at, role, budget, max_actions, token))
);
CREATE UNIQUE INDEX grants_issuer_chain ON web4.grants (issuer, previous);
CREATE INDEX grants_subject ON web4.grants (subject);
CREATE INDEX grants_parent ON web4.grants (parent);
CREATE INDEX grants_refusal ON web4.grants (issuer, subject) WHERE level = 0;
SELECT web4.protect('web4.grants', 'append', 'rows');
-- Every decision asks for refusals, and hardly ever is there one.
CREATE TRIGGER web4_guard_refusals BEFORE INSERT ON web4.grants FOR EACH ROW WHEN (NEW.level = 0)
	EXECUTE FUNCTION web4.guard('append', 'absence', 'grants_refusal');
ALTER TABLE web4.grants ENABLE ALWAYS TRIGGER web4_guard_refusals;
COMMENT ON TABLE web4.grants IS 'registered consent tokens';

-- What has become of a grant.  The escrow is real ATP, moved out of the root
-- issuer's account or the parent's escrow, so a budget cannot be promised twice.
CREATE TABLE web4.grant_state (
	hash bytea PRIMARY KEY,
	budget bigint NOT NULL,						-- 0: none
	escrow bigint NOT NULL,
	spent bigint NOT NULL DEFAULT 0,
	reserved bigint NOT NULL DEFAULT 0,			-- promised to children
	returned bigint NOT NULL DEFAULT 0,
	max_actions bigint NOT NULL,
	actions bigint NOT NULL DEFAULT 0,
	revoked_at timestamptz,
	closed boolean NOT NULL DEFAULT false,		-- escrow went back
	society @extschema@.lct NOT NULL,
	funder @extschema@.lct NOT NULL				-- issuer of the root, whose money it is
) WITH (fillfactor = 70);
CREATE INDEX grant_state_funder ON web4.grant_state (society, funder) WHERE NOT closed AND budget > 0;
-- Is nothing negative, and every micro-ATP of the budget accounted for?  Pure.
CREATE FUNCTION web4.grant_state_ok(web4.grant_state) RETURNS boolean
	AS 'MODULE_PATHNAME', 'web4_grant_state_ok' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
REVOKE ALL ON FUNCTION web4.grant_state_ok(web4.grant_state) FROM PUBLIC;
COMMENT ON FUNCTION web4.grant_state_ok(web4.grant_state) IS 'is nothing negative, and the whole budget accounted for?';
ALTER TABLE web4.grant_state ADD CONSTRAINT grant_budget CHECK (web4.grant_state_ok(grant_state));
SELECT web4.protect('web4.grant_state', 'state');
COMMENT ON TABLE web4.grant_state IS 'budget, use and revocation of registered grants; micro-ATP';

CREATE TABLE web4.grant_revocation (
	hash bytea NOT NULL REFERENCES web4.grants,
	revoker @extschema@.lct NOT NULL,
	revoked_at timestamptz NOT NULL,
	reason smallint NOT NULL,
	record bytea NOT NULL,
	PRIMARY KEY (hash, revoker)
);
SELECT web4.protect('web4.grant_revocation', 'append');
COMMENT ON TABLE web4.grant_revocation IS 'signed revocations of grants, verbatim';

-- Deferred requests that wait for witnesses.
CREATE TABLE web4.pending_decision (
	request_hash bytea PRIMARY KEY CHECK (octet_length(request_hash) = 32),
	decision_id bytea NOT NULL,
	society @extschema@.lct NOT NULL,
	requester @extschema@.lct NOT NULL,
	request text NOT NULL,
	signature bytea,					-- null: vouched for by an application
	witnesses_required int NOT NULL,
	deferred_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	final_id bytea						-- the decision that ended it
);
CREATE INDEX pending_decision_id ON web4.pending_decision (decision_id);
SELECT web4.protect('web4.pending_decision', 'state');
COMMENT ON TABLE web4.pending_decision IS 'deferred requests, and the decision that ended them';

CREATE TABLE web4.redemption (
	decision_id bytea PRIMARY KEY,
	redeemed_at timestamptz NOT NULL,
	redeemed_by name NOT NULL
);
SELECT web4.protect('web4.redemption', 'append');
COMMENT ON TABLE web4.redemption IS 'granted decisions that were used';

-- Granted uses of what is rate limited: a grant, or a requester in a role, who may act under a grant.
CREATE TABLE web4.usage (
	limited bytea NOT NULL,				-- hash of the grant, or of society, requester and role
	at timestamptz NOT NULL,
	evidence bigint NOT NULL
);
CREATE INDEX usage_window ON web4.usage (limited, at);
SELECT web4.protect('web4.usage', 'work');
COMMENT ON TABLE web4.usage IS 'granted uses of what is limited by the hour';
