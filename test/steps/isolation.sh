#!/usr/bin/env bash
# Races: test/isolation/specs/*.spec, a database each.
. "$(dirname "$0")/lib.sh"

# A spec that begins by making the extension gets an empty database; one that uses
# the helpers of test/lib finds them loaded.
prepare_database()
{
	local spec=$1 db=$2 helpers

	psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $db" -c "CREATE DATABASE $db TEMPLATE template0" 2>/dev/null
	if grep -m 1 'EXTENSION' "$spec" | grep -q 'CREATE'; then
		return
	fi
	query "$db" "CREATE EXTENSION web4"
	if grep -q '\btest\.' "$spec"; then
		for helpers in identity authority races; do
			psql -X -q -v ON_ERROR_STOP=1 -d "$db" -f "test/lib/$helpers.sql"
		done
	fi
}

run_race()
{
	local name=$1 db=isolation_${1//-/_}

	prepare_database "test/isolation/specs/$name.spec" "$db" || return 1
	"$PGXS_DIR/isolation/pg_isolation_regress" --inputdir=test/isolation --outputdir="$W4_OUT/isolation" \
		--bindir="$("$PG_CONFIG" --bindir)" --use-existing --dbname="$db" "$name" ||
		{ find "$W4_OUT/isolation" -name regression.diffs -exec cat {} +; cat "$W4_OUT/isolation/results/$name.out"; return 1; }
}

mkdir -p "$W4_OUT/isolation"
for file in test/isolation/specs/*.spec; do
	[ -f "$file" ] || continue
	check "race $(basename "$file" .spec)" run_race "$(basename "$file" .spec)"
done
