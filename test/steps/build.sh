#!/usr/bin/env bash
# Compile everything with gcc and with clang, warnings being errors; benchmarks that no step runs, too.
. "$(dirname "$0")/lib.sh"

# A copy of the sources, so that the two compilers do not share object files.
copy_sources()
{
	rm -rf "$1"
	mkdir -p "$1"
	cp -R Makefile web4.control src "$1"
	find "$1" -name '*.o' -delete -o -name '*.bc' -delete
}

build_with()
{
	local dir=$W4_OUT/build-$1

	copy_sources "$dir"
	make -C "$dir" -s -j"$(nproc)" "PG_CONFIG=$PG_CONFIG" with_llvm=no "CC=$1" "W4_CFLAGS=-Werror $2" all
}

# Where a user is refused without a HINT, or with a code of ours but without its DETAIL, which carries the cure.
unhelpful_errors()
{
	find src -path src/core -prune -o \( -name '*.c' -o -name '*.sql' \) -print0 | sort -z | xargs -0 awk '
		/ereport\(ERROR,|RAISE EXCEPTION/ { line = FNR; text = "" }
		line { text = text $0 }
		line && /;$/ {
			internal = text ~ /ERRCODE_(INTERNAL_ERROR|OUT_OF_MEMORY|E_R_I_E_TRIGGER_PROTOCOL_VIOLATED)/
			if (text ~ /W4_ERRCODE/ ? text !~ /w4_errdetail/ : text !~ /errhint|w4_errdetail|HINT =/ && !internal)
				print FILENAME ":" line
			line = 0
		}'
}

equals "every error says what to do" "" "$(unhelpful_errors)"
check "gcc compiles without a warning" build_with gcc ""
check "clang compiles without a warning" build_with clang "-Wno-unknown-warning-option -Wno-ignored-optimization-argument -Wno-ignored-attributes"
check "the benchmark of the consensus core compiles" make -C bench/consensus -s
