-- What the measurements of web4 need: signed requests, births, many people, a long history.

CREATE TABLE bench_request (
	id bigint PRIMARY KEY,
	request text NOT NULL,
	signature bytea NOT NULL
);
CREATE TABLE bench_birth (births jsonb NOT NULL);
CREATE TABLE bench_entity (id integer PRIMARY KEY, lct lct NOT NULL);

-- One batch for web4_mint_many(): certificates signed by everybody.
CREATE FUNCTION bench_prepare_births(count integer, society lct, witness_seeds bytea[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	witnesses lct[] := ARRAY(SELECT lct_from_public_key((web4_keypair(s)).public_key) FROM unnest(witness_seeds) AS s);
	subject record;
	cert record;
	births jsonb[] := '{}';
BEGIN
	FOR i IN 1 .. count LOOP
		SELECT * INTO subject FROM web4_keypair(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
		SELECT * INTO cert FROM web4_birth_certificate(society, subject.public_key, 'ai', witnesses);
		births := births || jsonb_build_object(
			'certificate', cert.certificate,
			'society_signature', encode(web4_sign_as(society, cert.society_message), 'hex'),
			'binding_signature', encode(web4_sign(cert.binding_message, subject.secret_key), 'hex'),
			'witness_signatures', (SELECT jsonb_object_agg(lct_from_public_key(k.public_key)::text, encode(web4_sign(
				decode(cert.witness_messages ->> lct_from_public_key(k.public_key)::text, 'hex'), k.secret_key), 'hex'))
				FROM unnest(witness_seeds) AS s, web4_keypair(s) AS k));
	END LOOP;
	DELETE FROM bench_birth;
	INSERT INTO bench_birth VALUES (to_jsonb(births));
END $$;

CREATE FUNCTION bench_switch_triggers(action text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	t record;
BEGIN
	FOR t IN SELECT tgrelid::regclass AS tab, tgname FROM pg_trigger
			WHERE tgrelid IN ('web4.entity'::regclass, 'web4.entity_key'::regclass, 'web4.citizenship'::regclass) AND NOT tgisinternal LOOP
		EXECUTE format('ALTER TABLE %s %s TRIGGER %I', t.tab, action, t.tgname);
	END LOOP;
END $$;

-- Raise the number of people to "wanted".  Their rows are written directly, with
-- the guard switched off, because a million births would take too long; nothing
-- of this is measured.
CREATE PROCEDURE bench_people(wanted integer, bank lct) LANGUAGE plpgsql AS $$
DECLARE
	home lct := (SELECT id FROM web4.society LIMIT 1);
	have integer := (SELECT count(*) FROM bench_entity);
BEGIN
	IF have >= wanted THEN
		RETURN;
	END IF;
	PERFORM bench_switch_triggers('DISABLE');
	INSERT INTO bench_entity SELECT i, sha256(int4send(i))::lct FROM generate_series(have + 1, wanted) AS i;
	INSERT INTO web4.entity (id, society, entity_type, born_at, cert_hash, status_at)
		SELECT lct, home, 'ai', now(), sha256(lct_to_bytea(lct) || 'c'), now() FROM bench_entity WHERE id > have;
	INSERT INTO web4.entity_key (entity, version, public_key, valid_from)
		SELECT lct, 1, sha256(lct_to_bytea(lct) || 'k'), now() FROM bench_entity WHERE id > have;
	INSERT INTO web4.citizenship (society, entity, status, since)
		SELECT home, lct, 'active', now() FROM bench_entity WHERE id > have;
	PERFORM bench_switch_triggers('ENABLE ALWAYS');
	CALL bench_pay(have + 1, wanted, bank);
END $$;

-- Everybody gets 1000 ATP from the bank, by ordinary transfers; each batch is a
-- transaction, for nothing can remove the versions of a row that an open one wrote.
CREATE PROCEDURE bench_pay(first integer, last integer, bank lct) LANGUAGE plpgsql AS $$
DECLARE
	home lct := (SELECT id FROM web4.society LIMIT 1);
BEGIN
	FOR i IN first .. last BY 10000 LOOP
		PERFORM count(*) FROM web4_transfer_many(home, (SELECT jsonb_agg(jsonb_build_object('from', bank, 'to', lct, 'amount', '1000'))
			FROM bench_entity WHERE id BETWEEN i AND least(i + 9999, last)));
		COMMIT;
	END LOOP;
END $$;

-- Raise the log and the journal to "wanted" rows by ordinary transfers.
CREATE PROCEDURE bench_history(wanted bigint) LANGUAGE plpgsql AS $$
DECLARE
	home lct := (SELECT id FROM web4.society LIMIT 1);
	people integer := (SELECT count(*) FROM bench_entity);
BEGIN
	WHILE (SELECT count(*) FROM web4.journal) < wanted LOOP
		PERFORM count(*) FROM web4_transfer_many(home, (SELECT jsonb_agg(jsonb_build_object('from', a.lct, 'to', b.lct, 'amount', '0.000001'))
			FROM generate_series(1, 10000) AS i
			JOIN bench_entity AS a ON a.id = 1 + (i * 7919) % people
			JOIN bench_entity AS b ON b.id = 1 + (i * 7919 + 1) % people));
		COMMIT;
	END LOOP;
END $$;
