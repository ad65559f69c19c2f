#!/usr/bin/env bash
# The server's log must show no crash, whatever the tests did to it.
. "$(dirname "$0")/lib.sh"

CRASH='terminated by signal|PANIC|TRAP:|AddressSanitizer|runtime error|could not find.*cache|XX000'

no_crash()
{
	! grep -nE "$CRASH" "$1"
}

for log in "$(w4_server_log test)" "$W4_OUT"/*.server-log; do
	[ -f "$log" ] || continue
	check "no crash in $(basename "$(dirname "$log")")/$(basename "$log")" no_crash "$log"
done
