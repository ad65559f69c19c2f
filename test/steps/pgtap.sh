#!/usr/bin/env bash
# Properties and refusals: test/pgtap/*.sql, a database each.
. "$(dirname "$0")/lib.sh"

PROVE="pg_prove --verbose --nocolor"

for file in test/pgtap/*.sql; do
	[ -f "$file" ] || continue
	name=$(basename "$file" .sql)
	fresh_database "pgtap_$name" pgtap
	$PROVE -d "pgtap_$name" "$file" || echo "not ok - $file: pg_prove found a fault"
done
