#!/usr/bin/env bash
# Databases whose encoding is not UTF8, and names that come from them: the log is
# UTF-8 whatever the database is.
. "$(dirname "$0")/lib.sh"

ROLE=$'web4_latin_\xf6'			# ö in LATIN1

latin()
{
	PGCLIENTENCODING=LATIN1 query latin1 "$1"
}

# SQLSTATE of a statement, empty when it succeeds.
sqlstate()
{
	PGCLIENTENCODING=SQL_ASCII psql -X -q -A -t -v VERBOSITY=sqlstate -U "${3:-$PGUSER}" -d "$1" -c "$2" 2>&1 >/dev/null |
		sed -n 's/.*ERROR: *//p'
}

world()
{
	local helpers

	for helpers in identity authority economy world; do
		psql -X -q -v ON_ERROR_STOP=1 -d "$1" -f "test/lib/$helpers.sql"
	done
	query "$1" "SELECT test.world()"
	query "$1" "SELECT web4_seal_all()"
}

all_well()
{
	equals "no rule is broken in $1" "" "$(query "$1" "SELECT * FROM web4_invariants()")"
	equals "and the log of $1 verifies" "" "$(query "$1" "SELECT * FROM web4_evidence_verify()")"
}

create_database()
{
	psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1 ENCODING '$2' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0" 2>/dev/null
	query "$1" "CREATE EXTENSION web4"
	check "everything works in $2" world "$1"
}

cleanup()
{
	local db

	latin "DROP ROLE IF EXISTS \"$ROLE\"" || true
	for db in latin1 utf8_of_others sql_ascii; do
		psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $db"
	done
}

create_database latin1 LATIN1
create_database sql_ascii SQL_ASCII
create_database utf8_of_others UTF8
latin "CREATE ROLE \"$ROLE\" LOGIN"

equals "text that is not UTF-8 does not go into the log" W4A02 \
	"$(sqlstate latin1 "SELECT web4_authorize(test.lct('alice'), 'read', E'x\\xe4')")"
equals "nor does a reference" W4F05 "$(sqlstate latin1 "SELECT web4_transfer(test.lct('acme'), test.lct('alice'), test.lct('bot'), '1', chr(228))")"
for db in latin1 sql_ascii utf8_of_others; do
	name="(SELECT rolname FROM pg_roles WHERE rolname LIKE 'web4_latin_%')"
	equals "a role whose name is not UTF-8 is not mapped in $db" W4F05 "$(sqlstate $db "SELECT web4_map_role($name, test.lct('acme'))")"
	query $db "GRANT EXECUTE ON FUNCTION web4_redeem(bytea) TO PUBLIC"
	id=$(query $db "SELECT decision_id FROM web4_authorize(test.lct('alice'), 'read', 'data/x')")
	equals "but redeems in $db" "" "$(sqlstate $db "SELECT web4_redeem('$id')" "$ROLE")"
	all_well $db
done
