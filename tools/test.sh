#!/usr/bin/env bash
# make test: everything that can be checked on one machine, then one summary.
#
#   tools/test.sh                all steps
#   tools/test.sh core docs      only these (the build is always made)
#
# A step is a script in test/steps that prints TAP ("ok", "not ok"); it also
# fails when it exits non-zero or runs out of time.  Logs stay in build/test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/setup.sh
. tools/server.sh

# name, seconds it may take
STEPS="
build      300
core       1200
sim        1200
fuzz       300
verify     300
install    120
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
crash      30
"
FULL_LOG_LINES=300

passed=0
failed=0
summary=

# Count the TAP lines of a log; a step that failed without saying so counts as one failure.
count_step()
{
	local name=$1 log=$2 status=$3 seconds=$4 ok not_ok verdict=ok

	ok=$(grep -c '^ok\b' "$log" || true)
	not_ok=$(grep -c '^not ok\b' "$log" || true)
	if [ "$not_ok" = 0 ] && { [ "$status" != 0 ] || [ "$ok" = 0 ]; }; then
		not_ok=1
		[ "$status" != 124 ] || echo "not ok - step $name ran out of time" >>"$log"
	fi
	passed=$((passed + ok))
	failed=$((failed + not_ok))
	if [ "$not_ok" != 0 ]; then
		verdict=FAILED
		show_failure "$name" "$log"
	fi
	summary+=$(printf '%-10s %6d passed %4d failed %5d s  %s' "$name" "$ok" "$not_ok" "$seconds" "$verdict")$'\n'
	echo "$verdict ($ok passed, $not_ok failed, $seconds s)"
	[ "$not_ok" = 0 ]
}

show_failure()
{
	echo "FAILED"
	echo "----- $1: what failed"
	grep '^not ok' "$2" | head -50 || true
	echo "----- $1: the log ($2)"
	tail -n $FULL_LOG_LINES "$2"
	echo "----- $1: end of the log"
}

run_step()
{
	local name=$1 limit=$2 log=$W4_BUILD/test/$1.log status=0 begun=$SECONDS

	printf '%-10s ' "$name"
	timeout -k 10 "$limit" bash "test/steps/$name.sh" >"$log" 2>&1 </dev/null || status=$?
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

main()
{
	local name limit only=" $* "

	w4_setup test
	rm -rf "$W4_BUILD/test"
	mkdir -p "$W4_BUILD/test"
	trap 'w4_server_stop test' EXIT
	while read -r name limit; do
		[ -n "$name" ] || continue
		case $name in
			build | install | crash) ;;
			demo) [ $# = 0 ] || [[ $only =~ \ (demo|restore|audit)\  ]] || continue ;;
			*) [ $# = 0 ] || [[ $only == *" $name "* ]] || continue ;;
		esac
		if ! run_step "$name" "$limit"; then
			[ "$name" != install ] || break
		elif [ "$name" = install ]; then
			start_test_server
		fi
	done <<<"$STEPS"
	printf '\n%s\n%d passed, %d failed\n' "$summary" "$passed" "$failed"
	[ "$failed" = 0 ]
}

main "$@"
