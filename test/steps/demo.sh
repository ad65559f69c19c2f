#!/usr/bin/env bash
# The demo's story on the test server: every line of its table is an assertion.
. "$(dirname "$0")/lib.sh"

make -C demo -s
rm -rf "$W4_OUT/demo"
mkdir -p "$W4_OUT/demo"
status=0
bash demo/scenario.sh demo "$W4_OUT/demo" >"$W4_OUT/demo/output" 2>&1 || status=$?
sed -e '/  <-- expected/s/^ *[0-9]* */not ok - /' -e 's/^ *[0-9]\{1,3\}  \([a-z]\)/ok - \1/' "$W4_OUT/demo/output"
equals "the demo ends well" 0 $status
