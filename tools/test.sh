#!/usr/bin/env bash
# make test: everything that can be checked on one machine, then one summary.
#
#   tools/test.sh                all steps
#   tools/test.sh core docs      only these (the build is always made)
#
# A step is a script in test/steps that prints TAP ("ok", "not ok"); it also
# fails when it exits non-zero or runs out of time.  Logs stay in build/test.
# The long steps that need no server run beside the others, in a lane of their own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/setup.sh
. tools/server.sh

# name, seconds it may take
SERVER_STEPS="
build      300
install    300
regress    300
isolation  300
pgtap      400
funcfuzz   120
demo       100
stress     60
encoding   120
restore    200
standby    120
secrets    120
audit      200
docs       100
tutorial   100
reference  100
valgrind   400
cron       120
verify     300
fuzz       300
crash      30
"
CORE_STEPS="
core       1200
sim        1200
"
FULL_LOG_LINES=300

# Count the TAP lines of a log; a step that failed without saying so counts as one failure.
# The counts go to a file, for the lanes are processes of their own.
count_step()
{
	local name=$1 log=$2 status=$3 seconds=$4 ok not_ok verdict=ok

	ok=$(grep -c '^ok\b' "$log" || true)
	not_ok=$(grep -c '^not ok\b' "$log" || true)
	if [ "$not_ok" = 0 ] && { [ "$status" != 0 ] || [ "$ok" = 0 ]; }; then
		not_ok=1
		[ "$status" != 124 ] || echo "not ok - step $name ran out of time" >>"$log"
	fi
	[ "$not_ok" = 0 ] || verdict=FAILED
	echo "$name $ok $not_ok $seconds $verdict" >"${log%.log}.count"
	printf '%-10s %s (%s passed, %s failed, %s s)\n' "$name" "$verdict" "$ok" "$not_ok" "$seconds"
	[ "$not_ok" = 0 ] || { show_failure "$name" "$log"; return 1; }
}

show_failure()
{
	echo "----- $1: what failed"
	grep '^not ok' "$2" | head -50 || true
	echo "----- $1: the log ($2)"
	tail -n $FULL_LOG_LINES "$2"
	echo "----- $1: end of the log"
}

# In the background, so that a signal to the lane reaches it at once.
run_step()
{
	local name=$1 limit=$2 log=$W4_BUILD/test/$1.log status=0 begun=$SECONDS

	timeout -k 10 "$limit" bash "test/steps/$name.sh" >"$log" 2>&1 </dev/null &
	wait $! || status=$?
	count_step "$name" "$log" "$status" $((SECONDS - begun))
}

start_test_server()
{
	local settings=("fsync = off" "max_connections = 60" "shared_buffers = 64MB" "timezone = 'UTC'")

	if [ -f "$("$PG_CONFIG" --pkglibdir)/pg_cron.so" ]; then
		settings+=("shared_preload_libraries = 'pg_cron'" "cron.use_background_workers = on")
	fi
	w4_server_start test "${settings[@]}"
}

# Is this step among the ones asked for?  "demo" is what others work on.
wanted()
{
	local name=$1

	shift
	case $name in
		"") return 1 ;;
		build | install | crash) return 0 ;;
		demo) [ $# = 0 ] || [[ " $* " =~ \ (demo|restore|audit)\  ]] ;;
		*) [ $# = 0 ] || [[ " $* " == *" $name "* ]] ;;
	esac
}

server_lane()
{
	local name limit

	while read -r name limit; do
		wanted "$name" "$@" || continue
		if ! run_step "$name" "$limit"; then
			[ "$name" != install ] || break
		elif [ "$name" = install ]; then
			start_test_server
		fi
	done <<<"$SERVER_STEPS"
}

core_lane()
{
	local name limit

	trap 'kill $(jobs -p) 2>/dev/null; exit 1' TERM
	while read -r name limit; do
		wanted "$name" "$@" || continue
		run_step "$name" "$limit" || true
	done <<<"$CORE_STEPS"
}

stop()
{
	# shellcheck disable=SC2046
	kill $(jobs -p) 2>/dev/null || true
	w4_server_stop test
}

# In the order of the steps; a step that was to run and left no count has failed.
summarize()
{
	local name limit ok not_ok seconds verdict passed=0 failed=0

	echo
	while read -r name limit; do
		wanted "$name" "$@" || continue
		verdict=MISSING ok=0 not_ok=1 seconds=0
		[ ! -f "$W4_BUILD/test/$name.count" ] || read -r _ ok not_ok seconds verdict <"$W4_BUILD/test/$name.count"
		passed=$((passed + ok))
		failed=$((failed + not_ok))
		printf '%-10s %6d passed %4d failed %5d s  %s\n' "$name" "$ok" "$not_ok" "$seconds" "$verdict"
	done <<<"$SERVER_STEPS$CORE_STEPS"
	printf '\n%d passed, %d failed in %d s\n' "$passed" "$failed" $SECONDS
	[ "$failed" = 0 ]
}

main()
{
	local lane

	w4_setup test
	rm -rf "$W4_BUILD/test"
	mkdir -p "$W4_BUILD/test"
	trap stop EXIT
	core_lane "$@" &
	lane=$!
	server_lane "$@"
	wait $lane || true
	summarize "$@"
}

main "$@"
