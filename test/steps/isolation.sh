#!/usr/bin/env bash
# Races: test/isolation/specs/*.spec, a database each.
. "$(dirname "$0")/lib.sh"

run_race()
{
	"$PGXS_DIR/isolation/pg_isolation_regress" --inputdir=test/isolation --outputdir="$W4_OUT/isolation" \
		--bindir="$("$PG_CONFIG" --bindir)" --load-extension=web4 --dbname="isolation_${1//-/_}" "$1" ||
		{ cat "$W4_OUT/isolation/output_iso/regression.diffs"; return 1; }
}

mkdir -p "$W4_OUT/isolation"
for file in test/isolation/specs/*.spec; do
	[ -f "$file" ] || continue
	check "race $(basename "$file" .spec)" run_race "$(basename "$file" .spec)"
done
