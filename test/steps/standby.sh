#!/usr/bin/env bash
# A physical standby: reads, verifies and proves; refuses to write or sign; goes on after promotion.
. "$(dirname "$0")/lib.sh"

DB=standby
BINDIR=$("$PG_CONFIG" --bindir)

cleanup()
{
	[ -z "${COPY:-}" ] || w4_as_server "$BINDIR/pg_ctl" -D "$COPY/data" -m immediate -w -s stop 2>/dev/null || true
	w4_server_stop primary
	cp "$(w4_server_log primary)" "$W4_OUT/standby-primary.server-log" 2>/dev/null || true
	cp "${COPY:-}/log" "$W4_OUT/standby.server-log" 2>/dev/null || true
	rm -rf "${COPY:-}"
}

fill()
{
	fresh_database $DB
	for helpers in identity authority economy world; do
		psql -X -q -v ON_ERROR_STOP=1 -d $DB -f "test/lib/$helpers.sql"
	done
	query $DB "SELECT test.world()"
	query $DB "SELECT web4_keyring_bind(web4_keyring_generate('sealing', 'sealing'), test.lct('acme'))"
	query $DB "SELECT web4_seal_all()"
}

make_standby()
{
	w4_as_server "$BINDIR/pg_basebackup" -h "$PRIMARY" -U postgres -D "$COPY/data" -R -X stream -c fast
	echo "unix_socket_directories = '$COPY'" | w4_as_server sh -c "cat >>'$COPY/data/postgresql.auto.conf'"
	w4_as_server "$BINDIR/pg_ctl" -D "$COPY/data" -l "$COPY/log" -w -s -t 60 start
}

on_primary()
{
	PGHOST=$PRIMARY query $DB "$1"
}

on_standby()
{
	PGHOST=$COPY query $DB "$1"
}

sqlstate()
{
	PGHOST=$COPY psql -X -q -d $DB -v VERBOSITY=sqlstate -c "$1" 2>&1 | sed -n 's/^ERROR: *//p'
}

caught_up()
{
	local lsn waited=0

	lsn=$(on_primary "SELECT pg_current_wal_flush_lsn()")
	until [ "$(on_standby "SELECT pg_last_wal_replay_lsn() >= '$lsn'")" = t ]; do
		waited=$((waited + 1))
		[ $waited -lt 200 ] || return 1
		sleep 0.1
	done
}

w4_server_start primary "fsync = off" "shared_buffers = 32MB" "timezone = 'UTC'" "autovacuum = off"
PRIMARY=$PGHOST
check "a primary with a little of everything" fill
SIGNED=$(on_primary "SELECT test.request('bot', 'read', 'data/z')")
COPY=$(w4_as_server mktemp -d "${TMPDIR:-/tmp}/web4-standby-XXXXXX")
check "a base backup starts as a standby" make_standby
on_primary "SELECT web4_authorize_signed('$SIGNED', test.sign('bot', 'web4:request:v1', '$SIGNED'))" >/dev/null
check "it catches up" caught_up

# --- reading ---
for sql in "SELECT decision FROM web4_check(test.lct('bot'), 'read', 'data/x')" \
	"SELECT web4_balance(test.lct('acme'), test.lct('alice'))" \
	"SELECT web4_pool(test.lct('acme'))" \
	"SELECT web4_trust(test.lct('alice'))" \
	"SELECT web4_lct_info(test.lct('alice'))" \
	"SELECT web4_did_document(test.lct('bob'))" \
	"SELECT web4_law_explain(test.lct('acme'), 'citizen', 'read', 'data/x')" \
	"SELECT web4_grant(hash), web4_grants_of(subject) FROM web4.grants ORDER BY hash" \
	"SELECT web4_tree_head(test.lct('acme'))" \
	"SELECT web4_evidence_proof_json(web4_leaf_id(id, leaf_hash)) FROM web4.evidence WHERE id = 1" \
	"SELECT web4_keyring_list()" \
	"SELECT web4_check_conservation()" \
	"SELECT count(*) FROM web4_decisions"; do
	equals "reads as the primary does: ${sql:0:60}" "$(on_primary "$sql")" "$(on_standby "$sql")"
done
equals "the identity verifies" "t|" "$(on_standby "SELECT * FROM web4_verify_lct(test.lct('alice'), 'x', test.sign('alice', 'x'::bytea))")"
equals "the log verifies" "" "$(on_standby "SELECT * FROM web4_evidence_verify()")"
equals "no rule is violated" "" "$(on_standby "SELECT * FROM web4_invariants()")"

# --- what a session of the standby keeps of its lookups ends with the change on the primary ---
coproc SESSION { PGHOST=$COPY exec psql -X -q -A -t -d $DB; }
session_pid=$SESSION_PID

# Leaves the answer in $answer: a subshell would not have the session's files.
in_session()
{
	answer=
	echo "$1" >&"${SESSION[1]}"
	read -r -t 20 answer <&"${SESSION[0]}" || true
}

set_status()
{
	on_primary "SELECT test.act('web4_set_status', 'acme', 'web4:lct-revocation:v1', jsonb_build_object('lct_id', test.lct('bot'),
		'actor', test.lct('acme'), 'status', '$1', 'reason', $2))" >/dev/null
	caught_up
}

may_read="SELECT decision FROM web4_check(test.lct('bot'), 'read', 'data/x');"
in_session "$may_read"
equals "a session of the standby asks" granted "$answer"
check "the primary suspends the requester" set_status suspended "'violation'"
in_session "$may_read"
equals "the session asks again" denied "$answer"
check "the primary reactivates the requester" set_status active NULL
in_session "$may_read"
equals "and again" granted "$answer"
echo '\q' >&"${SESSION[1]}"
wait "$session_pid" || true

# --- writing and signing ---
for sql in "SELECT web4_authorize(test.lct('bot'), 'read', 'data/x')" \
	"SELECT test.ask('bot', 'read', 'data/x')" \
	"SELECT web4_authorize_many('[]')" \
	"SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('bot'), '1')" \
	"SELECT test.tx('acme', 'mint', '1')" \
	"SELECT web4_lock(test.lct('acme'), test.lct('alice'), '1')" \
	"SELECT web4_redeem(decision_id) FROM web4_decisions WHERE decision = 'granted' LIMIT 1" \
	"SELECT web4_resume(decision_id, '[]') FROM web4.pending_decision WHERE final_id IS NULL" \
	"SELECT test.mint('dora')" \
	"SELECT test.rotate('alice', 'alice', 'alice.2')" \
	"SELECT test.grant('alice', 'bot', 'read', 'late/**')" \
	"SELECT web4_grant_close(hash) FROM web4.grants LIMIT 1" \
	"SELECT test.law('2.0.2', '{}')" \
	"SELECT test.adjust('alice', '{\"talent\": \"0.01\"}')" \
	"SELECT web4_map_role('pg_monitor', test.lct('acme'), test.lct('bob'))" \
	"SELECT web4_freeze_account(test.lct('acme'), test.lct('alice'), true)" \
	"SELECT web4_seal(test.lct('acme'))" \
	"SELECT web4_seal_all()" \
	"SELECT web4_prune()" \
	"SELECT web4_keyring_generate('late')" \
	"SELECT web4_keyring_drop(public_key) FROM web4_keyring_list()" \
	"SELECT web4_sign_as(test.lct('acme'), convert_to(E'web4:request:v1\\n{}', 'UTF8'))" \
	"SELECT web4_post_restore()" \
	"SELECT web4_bootstrap_society('late')" \
	"UPDATE web4.account SET available = 0"; do
	equals "refuses to write: ${sql:0:60}" 25006 "$(sqlstate "$sql")"
done

# --- failover ---
w4_server_stop primary
check "it is promoted" w4_as_server "$BINDIR/pg_ctl" -D "$COPY/data" -w -s promote
equals "a request that the primary decided is not decided again" "denied invalid_lct W4_ERR_PROTO_REPLAY" \
	"$(on_standby "SELECT test.verdict(web4_authorize_signed('$SIGNED', test.sign('bot', 'web4:request:v1', '$SIGNED')))")"
equals "it decides" granted "$(on_standby "SELECT test.verdict(test.ask('bot', 'read', 'data/x', '1'))")"
check "it transfers" on_standby "SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('bot'), '1')"
check "it seals and signs" on_standby "SELECT web4_seal_all()"
equals "the new head is signed" t "$(on_standby "SELECT signature IS NOT NULL FROM web4_tree_head(test.lct('acme'))")"
equals "the log verifies" "" "$(on_standby "SELECT * FROM web4_evidence_verify()")"
equals "no rule is violated" "" "$(on_standby "SELECT * FROM web4_invariants()")"
equals "no ATP came or went" t "$(on_standby "SELECT bool_and(ok) FROM web4_check_conservation()")"
