#!/usr/bin/env bash
# Unit tests of src/core: plain, under the sanitizers, under valgrind.
. "$(dirname "$0")/lib.sh"
export CMOCKA_MESSAGE_OUTPUT=TAP
export VALGRIND="valgrind --quiet --error-exitcode=99 --leak-check=full"

# Output of programs that run side by side must not mix, so it is kept until the end.
run_program()
{
	local variant=$1 program=$2 out status=0 prefix=

	[ "$variant" != valgrind ] || prefix=$VALGRIND
	# shellcheck disable=SC2086
	out=$($prefix "$program" 2>&1) || status=$?
	printf '# %s: %s\n%s\n' "$variant" "$(basename "$program")" "$out"
	[ $status = 0 ] || echo "not ok - $variant $(basename "$program") ended with status $status"
}
export -f run_program

for variant in plain asan valgrind; do
	make -C test/core -s -j"$(nproc)" "VARIANT=$variant" all
done
for variant in valgrind asan plain; do
	for source in test/core/test_*.c; do
		printf '%s %s\n' $variant "$W4_BUILD/core-$variant/$(basename "$source" .c)"
	done
done | xargs -P "$(nproc)" -L 1 bash -c 'run_program "$0" "$1"'
