#!/bin/sh
# Mutation gate: builds the core with each deliberate bug of
# src/core/consensus/mutant.h and shows that the simulator finds it.
#
#   test/sim/mutants.sh              all
#   test/sim/mutants.sh 5 7          those
#
# Prints one line each: the bug, the seeds and seconds until it was found, and
# what the checker said.  Exit status 1 when one gets away.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
header=$root/src/core/consensus/mutant.h
budget=${W4_MUTANT_SECONDS:-60}
status=0

# Arguments that give a mutant a chance to show itself; the default is the swarm.
arguments() {
	case $1 in
	CHUNK_UNCHECKED | MANIFEST_UNCHECKED) echo "--script F29" ;;
	MONEY_MADE) echo "--script F28" ;;
	BODY_OR_NOTHING) echo "--script F37 --n 0" ;;
	RELAY_BLAMES) echo "--script F38" ;;
	*) echo "--swarm --n 0 --heights 12" ;;
	esac
}

make -s -C "$here" -j"$(nproc)" VARIANT=plain >/dev/null
for number in ${*:-$(sed -n 's/^#define W4_BUG_[A-Z0-9_]* \([0-9]*\).*/\1/p' "$header")}
do
	name=$(sed -n "s/^#define W4_BUG_\([A-Z0-9_]*\) $number[^0-9].*/\1/p" "$header")
	build=$root/build/sim-mutant/$number
	make -s -C "$here" -j"$(nproc)" BUILD="$build" MUTANT="$number" >/dev/null
	# shellcheck disable=SC2046
	if line=$("$build/w4sim" $(arguments "$name") --seed 1 --seconds "$budget" --first | head -n 1) && \
		[ "${line#FAIL}" != "$line" ]
	then
		printf '%-2s %-15s %s\n' "$number" "$name" "$line"
	else
		printf '%-2s %-15s NOT FOUND in %s s\n' "$number" "$name" "$budget"
		status=1
	fi
done
exit $status
