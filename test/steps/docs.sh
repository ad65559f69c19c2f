#!/usr/bin/env bash
# The documentation says what the catalog says.
. "$(dirname "$0")/lib.sh"

DB=docs_check
PAGES=$(find docs README.md CHANGELOG.md CONTRIBUTING.md -name '*.md' | sort)

# Operators that have no entry in test/steps/functions.sql; that every type compares is said once.
OPERATORS="
SELECT CASE WHEN o.oprleft = 0 THEN '' ELSE format_type(o.oprleft, NULL) || ' ' END
       || o.oprname || ' ' || format_type(o.oprright, NULL) || ' → ' || format_type(o.oprresult, NULL)
  FROM pg_depend d JOIN pg_operator o ON o.oid = d.objid JOIN pg_extension e ON e.oid = d.refobjid
 WHERE d.classid = 'pg_operator'::regclass AND d.deptype = 'e' AND e.extname = 'web4'
   AND o.oprname NOT IN ('=', '<>', '<', '<=', '>', '>=') ORDER BY 1"

# Whatever is not private, entry or support function.
PUBLIC_FUNCTIONS="
SELECT DISTINCT p.proname FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid JOIN pg_extension e ON e.oid = d.refobjid
 WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND e.extname = 'web4' AND p.pronamespace = e.extnamespace ORDER BY 1"

PRIVATE_TABLES="
SELECT c.relname FROM pg_depend d JOIN pg_class c ON c.oid = d.objid JOIN pg_extension e ON e.oid = d.refobjid
 WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e' AND e.extname = 'web4' AND c.relnamespace = 'web4'::regnamespace
   AND c.relkind IN ('r', 'p', 'v') ORDER BY 1"

errors_in_docs()
{
	sed -n 's/^| \(W4[A-Z][0-9][0-9]\) | \(W4_ERR_[A-Z0-9_]*\) | \([^|]*\) | .* | \([^|]*\) |$/\1|\2|\3|\4/p' docs/errors.md | tr -d '`'
}

errors_in_header()
{
	sed -n "s/.*W4_ERROR([A-Z_]*, '\(.\)', '\(.\)', '\(.\)', \"\([^\"]*\)\", \"\([^\"]*\)\",.*/W4\1\2\3|\4|\5/p" src/web4.h
}

named_in()
{
	grep -rqw --exclude=functions.md -- "$1" "${@:2}"
}

# The entries of docs/functions.md as test/steps/functions.sql writes them: heading|signature|who|what
entries_in_docs()
{
	sed -n '/^### /{s/^### //;N;N;N;N;s/^\([^\n]*\)\n\n`\([^\n]*\)`\n\n\*\([^:]*\):\* \([^\n]*\)$/\1|\2|\3|\4/;s/\n/ /g;p}' docs/functions.md
}

entry_of()
{
	awk -F'|' -v heading="$1" '$1 == heading'
}

# Every name that looks like ours on any page.
named_objects()
{
	# shellcheck disable=SC2086
	grep -ohE '\bweb4_[a-z0-9_]+\b' $PAGES | sort -u
}

link_targets()
{
	local page=$1 target

	grep -oE '\]\([^)#]+' "$page" | sed 's/^](//' | grep -vE '^[a-z]+:' | while read -r target; do
		[ -e "$(dirname "$page")/$target" ] || echo "$page: $target"
	done
}

fresh_database $DB
from_sql=$(query $DB "SELECT sqlstate, code, meaning, cure FROM web4_error_codes()")
equals "docs/errors.md lists the errors of web4_error_codes()" "$(sort <<<"$from_sql")" "$(errors_in_docs | sort)"
equals "src/web4.h lists the errors of web4_error_codes()" "$(cut -d'|' -f1-3 <<<"$from_sql" | sort)" "$(errors_in_header | sort)"

# docs/functions.md has an entry for every public object, and the room pages explain it.
catalog=$(psql -X -q -A -t -v ON_ERROR_STOP=1 -d $DB -f test/steps/functions.sql)
page=$(entries_in_docs)
while IFS='|' read -r heading _; do
	name=${heading#* }
	name=${name%(*}
	equals "docs/functions.md: $heading" "$(entry_of "$heading" <<<"$catalog")" "$(entry_of "$heading" <<<"$page")"
	check "a page beside docs/functions.md explains $name" named_in "$name" docs README.md
	[[ $heading == type\ web4_* ]] || check "a test uses $name" named_in "$name" sql test demo README.md docs/tutorial.md
done <<<"$catalog"
equals "docs/functions.md has one entry each, and no other" "$(cut -d'|' -f1 <<<"$catalog" | sort)" "$(cut -d'|' -f1 <<<"$page" | sort)"
unnamed=$(for name in $(query $DB "$PUBLIC_FUNCTIONS"); do
	grep -qE "\`$name[\`(]" docs/functions.md || echo "$name"
done)
equals "docs/functions.md names every function of the extension's schema" "" "$unnamed"
for table in $(query $DB "$PRIVATE_TABLES"); do
	check "a page explains table web4.$table" grep -rqE "\`(web4\.)?$table\`" docs
done
while read -r operator; do
	check "docs/functions.md has operator $operator" grep -qF "\`$operator\`" docs/functions.md
done < <(query $DB "$OPERATORS")

all_names=$(query $DB "SELECT proname FROM pg_proc UNION SELECT relname FROM pg_class UNION SELECT role FROM web4.role_grant")
for name in $(named_objects); do
	check "$name, which the documentation names, exists" grep -qx "$name" <<<"$all_names"
done

settings=$(query $DB "LOAD 'web4'; SELECT name FROM pg_settings WHERE name LIKE 'web4.%'")
for name in $settings; do
	check "docs/operations.md explains setting $name" grep -q "\`$name\`" docs/operations.md
done

equals "pages link to files that exist" "" "$(for page in $PAGES; do link_targets "$page"; done)"

version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" web4.control)
check "META.json carries version $version" grep -q "\"version\": \"$version.0\"" META.json
check "CHANGELOG.md has version $version" grep -q "^## $version" CHANGELOG.md
