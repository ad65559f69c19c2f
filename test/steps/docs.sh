#!/usr/bin/env bash
# The documentation says what the catalog says.
. "$(dirname "$0")/lib.sh"

DB=docs_check
PAGES=$(find docs README.md CHANGELOG.md CONTRIBUTING.md -name '*.md' | sort)

# Functions that people call: neither support of a type or operator, nor trigger.
PUBLIC_FUNCTIONS="
SELECT DISTINCT p.proname
  FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid JOIN pg_extension e ON e.oid = d.refobjid
 WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND e.extname = 'web4' AND p.pronamespace = e.extnamespace
   AND p.prorettype <> 'trigger'::regtype
   AND NOT EXISTS (SELECT FROM pg_type t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
   AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = p.oid)
   AND NOT EXISTS (SELECT FROM pg_amproc a WHERE a.amproc = p.oid)
   AND NOT EXISTS (SELECT FROM pg_cast c WHERE c.castfunc = p.oid)
   AND NOT EXISTS (SELECT FROM pg_aggregate a WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn,
        a.aggmtransfn, a.aggminvtransfn, a.aggserialfn, a.aggdeserialfn))
 ORDER BY 1"

PUBLIC_RELATIONS="
SELECT c.relname
  FROM pg_depend d JOIN pg_class c ON c.oid = d.objid JOIN pg_extension e ON e.oid = d.refobjid
 WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e' AND e.extname = 'web4' AND c.relnamespace = e.extnamespace
   AND c.relkind IN ('r', 'v', 'm') ORDER BY 1"

errors_in_docs()
{
	sed -n 's/^| \(W4[A-Z][0-9][0-9]\) | \(W4_ERR_[A-Z0-9_]*\) | \([^|]*\) | .* | .* |$/\1|\2|\3/p' docs/errors.md
}

errors_in_header()
{
	sed -n "s/.*W4_ERROR([A-Z_]*, '\(.\)', '\(.\)', '\(.\)', \"\([^\"]*\)\", \"\([^\"]*\)\").*/W4\1\2\3|\4|\5/p" src/web4.h
}

named_in()
{
	grep -rqw -- "$1" "${@:2}"
}

# Every web4_...( that a page names must exist.
named_functions()
{
	# shellcheck disable=SC2086
	grep -ohE '\bweb4_[a-z0-9_]+ ?\(' $PAGES | tr -d ' (' | sort -u
}

link_targets()
{
	local page=$1 target

	grep -oE '\]\([^)#]+' "$page" | sed 's/^](//' | grep -vE '^[a-z]+:' | while read -r target; do
		[ -e "$(dirname "$page")/$target" ] || echo "$page: $target"
	done
}

fresh_database $DB
from_sql=$(query $DB "SELECT sqlstate, code, meaning FROM web4_error_codes()")
equals "docs/errors.md lists the errors of web4_error_codes()" "$(sort <<<"$from_sql")" "$(errors_in_docs | sort)"
equals "src/web4.h lists the errors of web4_error_codes()" "$(sort <<<"$from_sql")" "$(errors_in_header | sort)"

for name in $(query $DB "$PUBLIC_FUNCTIONS") $(query $DB "$PUBLIC_RELATIONS"); do
	check "the documentation explains $name" named_in "$name" docs README.md
	check "a test uses $name" named_in "$name" sql test demo README.md docs/tutorial.md
done

all_functions=$(query $DB "SELECT proname FROM pg_proc WHERE proname LIKE 'web4\_%'")
for name in $(named_functions); do
	check "$name, which the documentation names, exists" grep -qx "$name" <<<"$all_functions"
done

settings=$(query $DB "LOAD 'web4'; SELECT name FROM pg_settings WHERE name LIKE 'web4.%'")
for name in $settings; do
	check "docs/operations.md explains setting $name" grep -q "\`$name\`" docs/operations.md
done

equals "pages link to files that exist" "" "$(for page in $PAGES; do link_targets "$page"; done)"

version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" web4.control)
check "META.json carries version $version" grep -q "\"version\": \"$version.0\"" META.json
check "CHANGELOG.md has version $version" grep -q "^## $version" CHANGELOG.md
