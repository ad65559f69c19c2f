#!/usr/bin/env bash
# Every function of the extension with NULLs, bounds, junk and huge values, called by a
# superuser and by a stranger: errors of ours only, no crash (W4_FUNCFUZZ_ROUNDS calls a function).
. "$(dirname "$0")/lib.sh"

DB=funcfuzz
STRANGER=web4_funcfuzz_stranger
ROUNDS=${W4_FUNCFUZZ_ROUNDS:-40}
SEED=${W4_FUNCFUZZ_SEED:-0.$(date +%j)}		# another one every day
# internal errors, lost connections, syntax that we built wrong, exhausted memory
BAD='^(psql:.*ERROR: +(XX|53|57P|08|P0004)|.*(server closed the connection|could not connect))'

prepare()
{
	fresh_database $DB
	for helpers in identity authority economy world funcfuzz; do
		psql -X -q -v ON_ERROR_STOP=1 -d $DB -f "test/lib/$helpers.sql"
		[ $helpers != world ] || query $DB "SELECT test.world(); SELECT test.leaves(20); SELECT web4_seal_all()"
	done >/dev/null
	query $DB "DROP ROLE IF EXISTS $STRANGER" 2>/dev/null
	query $DB "CREATE ROLE $STRANGER"
}

cleanup()
{
	psql -X -q -d $DB -c "DROP ROLE IF EXISTS $STRANGER" >/dev/null 2>&1 || true
	psql -X -q -d $DB -c "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; rm -f web4-fuzz.copy'" >/dev/null 2>&1 || true
}

# calls NAME ROUNDS ROLE: no error in the output that should not be there
calls()
{
	local name=$1 script=$W4_OUT/funcfuzz.$1.sql out=$W4_OUT/funcfuzz.$1.out

	query $DB "SELECT fuzz.script($2, $SEED, $3)" >"$script"
	psql -X -q -A -t -o /dev/null -v VERBOSITY=sqlstate -d $DB -f "$script" >"$out" 2>&1 || true
	check "$name: $(grep -c '^BEGIN;' "$script") calls, seed $SEED, no internal error" none "$out" "$script"
	check "$name: $(grep -c 'ERROR:' "$out") were refused" grep -q 'ERROR:' "$out"
	check "$name: the last one was answered" query $DB "SELECT 1"
}

# Show the statements that failed badly.
none()
{
	local line

	! grep -E "$BAD" "$1" | head -20 || {
		for line in $(grep -E "$BAD" "$1" | sed -n 's/^psql:.*\.sql:\([0-9]*\): .*/\1/p' | head -20); do
			sed -n "${line}p" "$2" | cut -c 1-300
		done
		return 1
	}
}

check "a database with a little of everything" prepare
equals "every type of an argument has values" "" "$(query $DB "SELECT DISTINCT a::regtype FROM fuzz.target, unnest(args) a
	WHERE NOT EXISTS (SELECT FROM fuzz.value v WHERE v.type = a)")"
calls superuser "$ROUNDS" NULL
calls stranger $((ROUNDS / 4 + 1)) "'$STRANGER'"
equals "receive functions take no junk" "" "$(query $DB "SELECT fuzz.receive(t, s, $SEED) FROM (
	SELECT 'lct'::regtype AS t, lct_send(test.lct('alice')) AS s UNION ALL SELECT 'atp', atp_send('5') UNION ALL SELECT 't3', t3_send('(0.5,0.5,0.5)')
	UNION ALL SELECT 'v3', v3_send('(0.5,0.5,0.5)') UNION ALL (SELECT 'consent', consent_send(token) FROM web4.grants ORDER BY hash LIMIT 1)
	UNION ALL SELECT 'atp_tx', atp_tx_send(test.make_tx('mint', '5'))) x")"
