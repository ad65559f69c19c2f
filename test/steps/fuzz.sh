#!/usr/bin/env bash
# Every libFuzzer harness for a few seconds (W4_FUZZ_SECONDS).
. "$(dirname "$0")/lib.sh"

make -C test/fuzz -s -j"$(nproc)" all
make -C test/fuzz -s "SECONDS=${W4_FUZZ_SECONDS:-3}" run | sed 's/^\(fuzz_.*no finding\)/ok - \1/'
