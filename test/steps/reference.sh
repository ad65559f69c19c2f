#!/usr/bin/env bash
# The examples of docs/functions.md run as printed, in one session, and give the results that stand behind "--".
. "$(dirname "$0")/lib.sh"

PAGE=docs/functions.md
DB=page_functions
SCRIPT=$W4_OUT/reference.sql
WANTED=$W4_OUT/reference.wanted
GOT=$W4_OUT/reference.got

# The statements, each followed by one that prints "@" and the number of its last line;
# and, under the same "@" lines, the results that the page gives.
split_page()
{
	awk -v script="$SCRIPT" -v wanted="$WANTED" '
		/^```sql$/ { inside = 1; next }
		/^```$/ { inside = 0 }
		!inside { next }
		/^-- / { print substr($0, 4) >wanted; next }
		{
			result = ""
			if (match($0, /; -- /)) {
				result = substr($0, RSTART + 5)
				$0 = substr($0, 1, RSTART)
			}
			print >script
		}
		/;$|\\gset$/ {
			print "\\echo @" NR >script
			print "@" NR >wanted
			if (result != "")
				print result >wanted
		}' $PAGE
}

run_script()
{
	PGTZ=UTC psql -X -q -v ON_ERROR_STOP=1 -d $DB -f "$SCRIPT" >"$GOT.raw"
}

# psql prints the results before the "@" line; turn that round.
results_by_line()
{
	awk '/^@[0-9]+$/ { print; printf "%s", rows; rows = ""; next } { rows = rows $0 "\n" }' "$GOT.raw" >"$GOT"
}

# What stands under one "@" line.
section()
{
	awk -v key="@$1" '/^@[0-9]+$/ { inside = ($0 == key); next } inside' "$2"
}

rm -f "$SCRIPT" "$WANTED" "$GOT"
split_page
psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $DB" -c "CREATE DATABASE $DB TEMPLATE template0" 2>/dev/null
check "the examples of $PAGE run ($(grep -c '^@' "$WANTED") statements)" run_script
results_by_line
for line in $(grep '^@' "$WANTED" | tr -d @); do
	result=$(section "$line" "$WANTED")
	[ -z "$result" ] || equals "$PAGE, line $line" "$result" "$(section "$line" "$GOT")"
done
