#!/usr/bin/env bash
# A secret key that the server made and used is nowhere in clear: not in its files, WAL, logs, views or dumps.
. "$(dirname "$0")/lib.sh"

DB=secrets

cleanup()
{
	w4_server_stop secrets
	cp "$(w4_server_log secrets)" "$W4_OUT/secrets.server-log" 2>/dev/null || true
}

# Make keys, use them in every way, and let the log write down all it can.
use_keys()
{
	local society

	fresh_database $DB
	society=$(query $DB "SELECT web4_bootstrap_society('secret')")
	query $DB "SELECT web4_keyring_bind(web4_keyring_generate('sealing', 'sealing'), '$society')" >/dev/null
	query $DB "SELECT web4_sign_as('$society', convert_to(E'web4:request:v1\n{}', 'UTF8'))" >/dev/null
	query $DB "SELECT web4_seal_all()" >/dev/null
	query $DB "SELECT web4_sign_as('$society', 'not ours')" 2>/dev/null || true
	query $DB "SELECT web4_keyring_reseal('/nonexistent')" 2>/dev/null || true
	query $DB "SELECT web4_keyring_reseal('$PGHOST/web4.key')" >/dev/null
	query $DB "UPDATE web4.keyring SET sealed = sealed" 2>/dev/null || true
	query $DB "CHECKPOINT"
}

# Rows of the keyring opened with the key file: seed and public half, 128 hex digits.
opened()
{
	local key purpose nonce sealed

	query $DB "SELECT encode(public_key, 'hex'), purpose, encode(nonce, 'hex'), encode(sealed, 'hex') FROM web4.keyring" |
		while IFS='|' read -r key purpose nonce sealed; do
			"$W4_OUT/unseal" "$PGHOST/web4.key" "$key" "$purpose" "$nonce" "$sealed"
		done
}

# found BYTES_IN_HEX PATH...: files that hold these bytes, or them in hex or base64
found()
{
	local hex=$1

	shift
	find "$@" -type f -exec "$W4_OUT/find" "$hex" {} +
}

for program in unseal find; do
	check "$program compiles" gcc -O1 -Wall -o "$W4_OUT/$program" test/secrets/$program.c -lsodium
done
w4_server_start secrets "fsync = off" "shared_buffers = 32MB" "log_statement = all" "log_min_duration_statement = 0" \
	"log_min_messages = debug2" "log_error_verbosity = verbose" "log_parameter_max_length_on_error = -1" "debug_print_plan = on"
use_keys
SECRETS=$(opened)
equals "two keys were made, and the key file opens them" 2 "$(grep -cE '^[0-9a-f]{128}$' <<<"$SECRETS")"
pg_dump -d $DB -f "$W4_OUT/secrets.sql" 2>/dev/null
pg_dump -d $DB -Fc -Z0 -f "$W4_OUT/secrets.dump" 2>/dev/null
for view in pg_stat_activity pg_settings pg_file_settings; do
	query $DB "SELECT * FROM $view" >>"$W4_OUT/secrets.views"
done
DIR=$(w4_server_dir secrets)
w4_server_stop secrets
SERVER_KEY=$(od -An -v -tx1 "$DIR/web4.key" | tr -d ' \n')
equals "the search finds what is there" yes \
	"$(out=$(found "${SECRETS:64:64}" "$DIR/data" "$DIR/log" "$W4_OUT/secrets.sql"); [ "$(grep -c "$DIR/data/base\|$DIR/data/pg_wal\|secrets.sql" <<<"$out")" -ge 3 ] && echo yes || echo "$out")"
for secret in $SECRETS; do
	equals "no secret key in data, WAL, log, dumps and views" "" \
		"$(found "${secret:0:64}" "$DIR/data" "$DIR/log" "$W4_OUT/secrets.sql" "$W4_OUT/secrets.dump" "$W4_OUT/secrets.views")"
done
equals "nor the server key" "" "$(found "$SERVER_KEY" "$DIR/data" "$DIR/log" "$W4_OUT/secrets.sql" "$W4_OUT/secrets.dump" "$W4_OUT/secrets.views")"
