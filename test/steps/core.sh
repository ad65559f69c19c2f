#!/usr/bin/env bash
# Unit tests of src/core: plain, under the sanitizers, under valgrind.
. "$(dirname "$0")/lib.sh"
export CMOCKA_MESSAGE_OUTPUT=TAP
VALGRIND="valgrind --quiet --error-exitcode=99 --leak-check=full"

run_program()
{
	local status=0

	"$@" || status=$?
	[ $status = 0 ] || echo "not ok - $* ended with status $status"
}

for variant in plain asan valgrind; do
	echo "# variant $variant"
	make -C test/core -s -j"$(nproc)" "VARIANT=$variant" all
	for source in test/core/test_*.c; do
		program=$W4_BUILD/core-$variant/$(basename "$source" .c)
		# shellcheck disable=SC2086
		if [ $variant = valgrind ]; then
			run_program $VALGRIND "$program"
		else
			run_program "$program"
		fi
	done
done
