#!/usr/bin/env bash
# make bench: how fast web4 is, as ratios to yardsticks measured in the same run.
#
#   W4_BENCH_SECONDS=3     length of one measurement
#   W4_BENCH_WARMUP=3      before it, with the same connections
#   W4_BENCH_ROUNDS=3      measurements of each, interleaved; the median counts
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

main()
{
	w4_setup bench
	w4_build_and_install
	make -C bench/module -s "PG_CONFIG=$PG_CONFIG" with_llvm=no all
	w4_install_module bench/module
	make -C demo -s
	trap 'w4_server_stop bench' EXIT
	w4_server_start bench "shared_buffers = 512MB" "max_wal_size = 4GB" "max_connections = 60" \
		"checkpoint_timeout = 30min" "autovacuum = on" "jit = off" "timezone = 'UTC'"
	rm -rf "$W4_BUILD/bench"
	mkdir -p "$W4_BUILD/bench"
	bash bench/run.sh
}

main "$@"
