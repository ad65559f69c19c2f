# Sourced by the steps of tools/test.sh: where things are, and TAP.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tools/setup.sh
. tools/server.sh
W4_OUT=$W4_BUILD/test
PGXS_DIR=$(dirname "$("$PG_CONFIG" --pgxs)")/../test
mkdir -p "$W4_OUT"

# A step fails when one of its assertions does; a function "cleanup", if there is one, runs last.
W4_FAILURES=0
trap 'finish $?' EXIT

finish()
{
	if declare -F cleanup >/dev/null; then
		cleanup
	fi
	[ "$1" != 0 ] || [ $W4_FAILURES = 0 ] || exit 1
}

failed()
{
	W4_FAILURES=$((W4_FAILURES + 1))
	echo "not ok - $1"
}

# check "what is expected" command...: one TAP line; the command's output is shown when it fails
check()
{
	local what=$1 out

	shift
	if out=$("$@" 2>&1); then
		echo "ok - $what"
	else
		failed "$what"
		printf '%s\n' "$out" | sed 's/^/# /'
	fi
}

# equals "what is expected" wanted got
equals()
{
	if [ "$2" = "$3" ]; then
		echo "ok - $1"
	else
		failed "$1"
		printf 'wanted: %s\ngot: %s\n' "$2" "$3" | sed 's/^/# /'
	fi
}

# One value or table, unaligned; any error fails.
query()
{
	psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2"
}

# A fresh database that has web4, and the other extensions named.
fresh_database()
{
	local name=$1 extension

	shift
	psql -X -q -d postgres -c "DROP DATABASE IF EXISTS \"$name\"" -c "CREATE DATABASE \"$name\" TEMPLATE template0" 2>/dev/null
	for extension in web4 "$@"; do
		query "$name" "CREATE EXTENSION $extension"
	done
}
