#!/usr/bin/env bash
# The SQL of README.md and docs/tutorial.md runs as printed, each page in one session.
. "$(dirname "$0")/lib.sh"

# What stands between ```sql and ```.
sql_blocks()
{
	sed -n '/^```sql$/,/^```$/{/^```/d;p}' "$1"
}

run_page()
{
	sql_blocks "$2" | psql -X -q -v ON_ERROR_STOP=1 -d "$1"
}

for page in README.md docs/tutorial.md; do
	database=page_$(basename "$page" .md | tr '[:upper:]' '[:lower:]')
	psql -X -q -d postgres -c "CREATE DATABASE $database TEMPLATE template0"
	check "the SQL of $page runs ($(sql_blocks "$page" | grep -c ';$') statements)" run_page "$database" "$page"
done
