#!/usr/bin/env bash
# The tours of the rooms: sql/*.sql against expected/*.out, a database each.
. "$(dirname "$0")/lib.sh"

run_tour()
{
	"$PGXS_DIR/regress/pg_regress" --inputdir=. --outputdir="$W4_OUT/regress" \
		--bindir="$("$PG_CONFIG" --bindir)" --load-extension=web4 --dbname="regress_$1" "$1" ||
		{ cat "$W4_OUT/regress/regression.diffs"; return 1; }
}

mkdir -p "$W4_OUT/regress"
for file in sql/*.sql; do
	[ -f "$file" ] || continue
	check "tour of $(basename "$file" .sql)" run_tour "$(basename "$file" .sql)"
done
