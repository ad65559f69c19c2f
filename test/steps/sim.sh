#!/usr/bin/env bash
# The consensus core in the simulator: fresh seeds for a minute, then every deliberate bug must be found.
#
#   W4_SIM_SECONDS   budget of fresh seeds (60)
#   W4_SIM_SEED      first seed (from the clock)
. "$(dirname "$0")/lib.sh"

seconds=${W4_SIM_SECONDS:-60}
seed=${W4_SIM_SEED:-$(date +%s)000000}

# simulate "what" arguments...: the last line of the simulator says how many runs there were
simulate()
{
	local what=$1 out

	shift
	if out=$("$W4_BUILD/sim-plain/w4sim" --heights 12 --seed "$seed" "$@"); then
		echo "ok - $what: $(tail -n 1 <<<"$out")"
	else
		failed "$what"
		sed 's/^/# /' <<<"$out"
	fi
}

make -C test/sim -s all
simulate 'random faults and liars' --swarm --n 0 --seconds "$seconds"
simulate 'first to decide cut off, others crash' --swarm --n 0 --script F05 --seconds $((seconds / 6 + 1))
simulate 'real signatures' --swarm --n 0 --real --seconds $((seconds / 12 + 1))
simulate 'more than f liars: forks convict f + 1' --swarm --n 4 --twins 2 --seconds $((seconds / 6 + 1))

# Every row of the fault matrix by itself, long enough for what it demands to come about, and amid random faults.
while read -r script what; do
	simulate "$script $what" --n 0 --heights 0 --script "$script" --seconds $((seconds / 40 + 1))
	simulate "$script amid random faults" --n 0 --swarm --script "$script" --seconds $((seconds / 60 + 1))
done < <("$W4_BUILD/sim-plain/w4sim" --scripts)

# A bug that gets away is a weakness of the simulator; so is one that was not tried.
tried=0
while read -r line; do
	tried=$((tried + 1))
	case $line in
	*'NOT FOUND'*) failed "mutant $line" ;;
	*) echo "ok - mutant $line" ;;
	esac
done < <(test/sim/mutants.sh || true)
bugs=$(grep -c '^#define W4_BUG_[A-Z0-9_]* [0-9]' src/core/consensus/mutant.h)
[ "$tried" = "$bugs" ] || failed "only $tried of $bugs mutants were tried"
