#!/usr/bin/env bash
# The codecs, the pure functions, and every function with bad arguments in a server under valgrind.
. "$(dirname "$0")/lib.sh"

TOURS="protocol types"
BINDIR=$("$PG_CONFIG" --bindir)

cleanup()
{
	[ -z "${DIR:-}" ] || stop_server
}

stop_server()
{
	w4_as_server "$BINDIR/pg_ctl" -D "$DIR/data" -m fast -w -s stop 2>/dev/null || true
}

start_server()
{
	local waited=0

	w4_server_start valgrind "fsync = off" "autovacuum = off" "jit = off" "max_parallel_workers_per_gather = 0"
	DIR=$(w4_server_dir valgrind)
	stop_server
	cp test/valgrind.supp "$DIR/valgrind.supp"
	chmod 644 "$DIR/valgrind.supp"
	w4_as_server valgrind --quiet --trace-children=yes --leak-check=no --error-limit=no \
		--suppressions="$DIR/valgrind.supp" --log-file="$DIR/valgrind.%p" \
		"$BINDIR/postgres" -D "$DIR/data" >"$W4_OUT/valgrind.server-log" 2>&1 &
	until psql -X -q -c 'SELECT 1' >/dev/null 2>&1; do
		waited=$((waited + 1))
		[ $waited -lt 60 ] || { failed "the server started under valgrind"; exit 1; }
		sleep 1
	done
}

run_tour()
{
	"$PGXS_DIR/regress/pg_regress" --inputdir=. --outputdir="$W4_OUT/valgrind" --bindir="$BINDIR" \
		--load-extension=web4 --dbname="valgrind_$1" "$1" || { cat "$W4_OUT/valgrind/regression.diffs"; return 1; }
}

reports()
{
	cat "$DIR"/valgrind.[0-9]* 2>/dev/null | head -200
}

# Every function a few times with NULLs, bounds and junk, in a database that has something in every table.
call_everything()
{
	local helpers

	fresh_database valgrind_calls
	for helpers in identity authority economy world funcfuzz; do
		psql -X -q -v ON_ERROR_STOP=1 -d valgrind_calls -f "test/lib/$helpers.sql"
		[ $helpers != world ] || query valgrind_calls "SELECT test.world(); SELECT web4_seal_all()"
	done
	query valgrind_calls "SELECT fuzz.script(3, 0.5)" >"$W4_OUT/valgrind/calls.sql"
	psql -X -q -A -t -o /dev/null -v VERBOSITY=sqlstate -d valgrind_calls -f "$W4_OUT/valgrind/calls.sql" >"$W4_OUT/valgrind/calls.out" 2>&1 || true
	query valgrind_calls "SELECT count(*) FROM web4_invariants()"
}

mkdir -p "$W4_OUT/valgrind"
start_server
for tour in $TOURS; do
	[ -f "sql/$tour.sql" ] || continue
	check "tour of $tour under valgrind" run_tour "$tour"
done
check "every function under valgrind" call_everything
stop_server
equals "valgrind has nothing to report" "" "$(reports)"
