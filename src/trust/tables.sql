
/* --------------------------------------------------------------- trust --- */

-- The trust state of an entity in a role: the fold of its deltas.
CREATE TABLE web4.trust (
	society @extschema@.lct NOT NULL,
	entity @extschema@.lct NOT NULL,
	role text COLLATE "C" NOT NULL,
	t3 @extschema@.t3 NOT NULL,
	v3 @extschema@.v3 NOT NULL,
	seq bigint NOT NULL CHECK (seq >= 0),		-- deltas folded so far
	updated_at timestamptz NOT NULL,
	PRIMARY KEY (society, entity, role)
);
SELECT web4.protect('web4.trust', 'state');
COMMENT ON TABLE web4.trust IS 'trust in an entity in a role: the fold of its deltas';

-- Append-only; units of 1e-9.  An entity without rows stands at the admission value.
CREATE TABLE web4.trust_delta (
	society @extschema@.lct NOT NULL,
	entity @extschema@.lct NOT NULL,
	role text COLLATE "C" NOT NULL,
	seq bigint NOT NULL CHECK (seq > 0),
	dt3 int[] NOT NULL CHECK (array_length(dt3, 1) = 3),
	dv3 int[] NOT NULL CHECK (array_length(dv3, 1) = 3),
	reason text NOT NULL,
	at timestamptz NOT NULL,
	evidence bigint NOT NULL,
	PRIMARY KEY (society, entity, role, seq)
);
SELECT web4.protect('web4.trust_delta', 'append');
COMMENT ON TABLE web4.trust_delta IS 'every adjustment of trust, in units of 1e-9';
