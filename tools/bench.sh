#!/usr/bin/env bash
# make bench: how fast web4 is, as ratios to yardsticks measured in the same run.
#
#   W4_BENCH_SECONDS=3     length of one measurement
#   W4_BENCH_WARMUP=3      before it, with the same connections
#   W4_BENCH_ROUNDS=3      measurements of each, interleaved; the median of the ratios counts
#   W4_BENCH_ROWS="10000 1000000"   table sizes of the last part
#   W4_BENCH_DIR=build     where the server's files go: the disk that is measured
#   W4_BENCH_LEDGER=""     SQL files of pgledger, to measure it, too (bench/README.md)
#
# Raw figures go to build/bench/results.csv.  A private server, fsync on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/setup.sh
. tools/server.sh

W4_BENCH_SECONDS=${W4_BENCH_SECONDS:-3}
W4_BENCH_WARMUP=${W4_BENCH_WARMUP:-3}
W4_BENCH_ROUNDS=${W4_BENCH_ROUNDS:-3}
W4_BENCH_ROWS=${W4_BENCH_ROWS:-10000 1000000}
W4_BENCH_LEDGER=${W4_BENCH_LEDGER:-}
W4_SERVER_PARENT=${W4_BENCH_DIR:-}
export W4_BENCH_LEDGER W4_BENCH_SECONDS W4_BENCH_WARMUP W4_BENCH_ROUNDS W4_BENCH_ROWS

SHARED_HUGE_PAGES=320		# of 2 MB: shared_buffers and what comes with them
HUGE_PAGES=/proc/sys/vm/nr_hugepages
huge_pages_before=

# Huge pages for the server's shared memory, as a server of this size would have; without them every backend maps it
# by small pages while it is measured.  Only root can reserve them, and they are given back.
reserve_huge_pages()
{
	local free before

	free=$(awk '/^HugePages_Free:/ {print $2}' /proc/meminfo)
	[ "${free:-0}" -lt "$SHARED_HUGE_PAGES" ] && [ -w $HUGE_PAGES ] || return 0
	before=$(cat $HUGE_PAGES)
	if { echo $((before + SHARED_HUGE_PAGES)) >$HUGE_PAGES; } 2>/dev/null; then
		huge_pages_before=$before
	fi
}

stop()
{
	w4_server_stop bench
	[ -z "$huge_pages_before" ] || echo "$huge_pages_before" >$HUGE_PAGES
}

main()
{
	w4_setup bench
	w4_build_and_install
	make -C bench/module -s "PG_CONFIG=$PG_CONFIG" with_llvm=no all
	w4_install_module bench/module
	make -C demo -s
	trap stop EXIT
	reserve_huge_pages
	w4_server_start bench "shared_buffers = 512MB" "max_wal_size = 4GB" "min_wal_size = 2GB" "max_connections = 60" \
		"checkpoint_timeout = 30min" "autovacuum = on" "jit = off" "timezone = 'UTC'"
	rm -rf "$W4_BUILD/bench"
	mkdir -p "$W4_BUILD/bench"
	bash bench/run.sh
}

main "$@"
