#!/usr/bin/env bash
# Many sessions that do whatever comes to mind, at every isolation level, with
# rollbacks, savepoints and cancelled statements; afterwards every rule holds.
# First one thing in a transaction, which must never deadlock, then several.
. "$(dirname "$0")/lib.sh"

DB=stress
SESSIONS=6
SECONDS_EACH=8

# Errors that a client must expect: ours, serialization, deadlock, statement
# timeout, commands after a failed one.  Anything else is a bug.
EXPECTED='W4[A-Z][0-9]{2}|40001|40P01|57014|25P02|3B001'

# Transactions for one session, for ever; every session its own.
transactions()
{
	awk -v seed="$2" -v single="$(test "$1" = single && echo 1)" 'BEGIN {
		srand(seed)
		print "\\set VERBOSITY verbose\nSET client_min_messages = warning;"
		while (1) {
			r = int(rand() * 10)
			level = r < 6 ? "READ COMMITTED" : r < 8 ? "REPEATABLE READ" : "SERIALIZABLE"
			print "BEGIN ISOLATION LEVEL " level ";"
			if (rand() < 0.1)
				print "SET LOCAL statement_timeout = " 1 + int(rand() * 12) ";"
			n = single || rand() < 0.4 ? 1 : 2 + int(rand() * 3)
			for (i = 0; i < n; i++)
				print single ? "SELECT test.stress(false);" : "SELECT test.stress();"
			if (!single && rand() < 0.1)
				print "SAVEPOINT s;\nSELECT test.stress();\nROLLBACK TO s;\nRELEASE s;"
			print rand() < 0.85 ? "COMMIT;" : "ROLLBACK;"
			fflush()
		}
	}'
}

session()
{
	transactions "$1" "$2" | timeout "$SECONDS_EACH" psql -X -q -A -t -d $DB >"$W4_OUT/stress.$1.$2.out" 2>"$W4_OUT/stress.$1.$2.err" || true
}

prepare()
{
	local helpers

	fresh_database $DB
	for helpers in identity authority economy stress; do
		psql -X -q -v ON_ERROR_STOP=1 -d $DB -f "test/lib/$helpers.sql"
	done
	query $DB "SELECT test.stress_setup()"
}

all_sessions()
{
	local i

	for i in $(seq $SESSIONS); do
		session "$1" "$i" &
	done
	wait
	# who was cut off must have left the server before the rules are checked
	query $DB "DO \$\$ BEGIN WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = '$DB' AND pid <> pg_backend_pid())
		LOOP PERFORM pg_sleep(0.05); PERFORM pg_stat_clear_snapshot(); END LOOP; END \$\$"
}

# "SQLSTATE message" of every error in these files
errors()
{
	sed -nE 's/.*(ERROR|FATAL|PANIC): +([0-9A-Z]{5}): (.*)/\2 \3/p' "$@"
}

unexpected_errors()
{
	errors "$W4_OUT"/stress.*.err | { grep -vE "^($EXPECTED) " || true; } | sort | uniq -c
}

deadlocks()
{
	errors "$W4_OUT"/stress.single.*.err | grep -c '^40P01' || true
}

happened()
{
	cat "$W4_OUT"/stress.*.out | sort | uniq -c | sort -rn
}

check "a society, nine people, six sessions" prepare
rm -f "$W4_OUT"/stress.*.out "$W4_OUT"/stress.*.err
all_sessions single
all_sessions several
happened | sed 's/^/# /'
for what in grant child 'use granted' 'use denied' 'ask granted' 'ask deferred' batch redeem revoke close transfer lock 'settle lock' charge suspend seal; do
	check "$what happened" grep -qx "$what" "$W4_OUT"/stress.*.out
done
equals "no error but those that a client must expect" "" "$(unexpected_errors)"
equals "no deadlock where a transaction does one thing" "0" "$(deadlocks)"
equals "every rule holds" "" "$(query $DB "SELECT * FROM web4_invariants() LIMIT 5")"
equals "ATP is conserved" "t" "$(query $DB "SELECT bool_and(ok) FROM web4_check_conservation()")"
query $DB "SELECT web4_seal_all()" >/dev/null
equals "the log verifies" "" "$(query $DB "SELECT * FROM web4_evidence_verify() LIMIT 5")"
equals "no lock is left" "0" "$(query $DB "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")"
query postgres "DROP DATABASE $DB WITH (FORCE)"
