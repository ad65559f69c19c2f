#!/usr/bin/env bash
# Properties and refusals: test/pgtap/*.sql, a database each.
. "$(dirname "$0")/lib.sh"

prove_file()
{
	local file=$1 db=$2 log=$W4_OUT/pgtap.$2.log status=0

	pg_prove --verbose --nocolor -d "$db" "$file" >"$log" 2>&1 || status=$?
	cat "$log"
	[ $status = 0 ] || grep -q '^not ok' "$log" || failed "$file: pg_prove ended with status $status"
}

for file in test/pgtap/*.sql; do
	[ -f "$file" ] || continue
	name=$(basename "$file" .sql)
	fresh_database "pgtap_$name" pgtap
	prove_file "$file" "pgtap_$name"
done
