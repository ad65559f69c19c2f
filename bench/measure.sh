# Sourced by bench/run.sh: measuring and judging.
#
# Figures are kept in FIGURE["name:clients"] as a list, one a round.

declare -A FIGURE

# Measurements that share a script, and those that use few accounts only.
declare -A SCRIPT=([decide_signed]=signed [spend_signed]=signed [spend_granted]=signed
	[transfer_hot]=transfer [ledger_hot]=ledger [ledger_original_hot]=ledger_original)
declare -A ACCOUNTS=([transfer_hot]=10 [ledger_hot]=10 [ledger_original_hot]=10)
RESULTS=$W4_BUILD/bench/results.csv

median()
{
	tr ' ' '\n' <<<"$1" | grep . | sort -g | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'
}

record()
{
	FIGURE[$1]="${FIGURE[$1]:-} $2"
	echo "$1,$2" >>"$RESULTS"
}

# Mean of what pgbench reports each second, from the end of the warm-up on.
warm_rate()
{
	awk -v warmup="$W4_BENCH_WARMUP" '$1 == "progress:" && $2 > warmup + 0.5 {sum += $4; n++} END {printf "%.1f\n", sum / n}'
}

leaves_begun()
{
	sql -c "SELECT last_value FROM web4.evidence_id"
}

# A script that finds no request left is fast and has measured nothing.
require_decisions()
{
	local name=$1 before=$2 made

	made=$(sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' "$W4_BUILD/bench/$name.log")
	[ $(($(leaves_begun) - before)) -ge "$made" ] || { echo "bench: $name ran out of requests" >&2; exit 1; }
}

# Transactions per second of one script, or of pgbench's own script of that name,
# once the connections are warm: a new backend first loads catalogs and maps
# shared memory.  A function prepare_NAME, if there is one, runs before each measurement;
# a checkpoint, so that none pays for what the one before it left to be written.
run_pgbench()
{
	local name=$1 clients=$2 log=$W4_BUILD/bench/$1.log jobs=$2 leaves
	local file=bench/sql/${SCRIPT[$1]:-$1}.pgbench
	local script=(-f "$file")

	[ "$jobs" -le 2 ] || jobs=2
	[ -f "$file" ] || script=(-b "${name//_/-}")
	if declare -F "prepare_$name" >/dev/null; then
		"prepare_$name" "$clients"
	fi
	sql -c CHECKPOINT
	leaves=$(leaves_begun)
	if ! pgbench -n -M prepared -c "$clients" -j "$jobs" -P 1 -T $((W4_BENCH_WARMUP + W4_BENCH_SECONDS)) -D "entities=${ACCOUNTS[$name]:-$ENTITIES}" -D n=0 -D "society=$SOCIETY" \
		"${script[@]}" bench >"$log" 2>&1; then
		tail -5 "$log" >&2
		return 1
	fi
	! declare -F "prepare_$name" >/dev/null || require_decisions "$name" "$leaves"
	record "$name:$clients" "$(warm_rate <"$log")"
}

# Measure several scripts in turn, so that a slow minute of the machine hits them all.
interleave()
{
	local clients=$1 round name

	shift
	for ((round = 0; round < W4_BENCH_ROUNDS; round++)); do
		for name in "$@"; do
			run_pgbench "$name" "$clients"
		done
	done
}

# Milliseconds that a query returns or takes.
time_query()
{
	local name=$1 sql=$2 ms

	ms=$(psql -X -q -A -t -d bench -c '\timing on' -c "$sql" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -1)
	record "$name:1" "$ms"
}

value_query()
{
	record "$1:1" "$(psql -X -q -A -t -v ON_ERROR_STOP=1 -d bench -c "$2")"
}

heading()
{
	printf '\n%-44s %7s %12s %12s %7s %7s %7s  %s\n' "$1" clients web4 yardstick ratio must goal verdict
}

# The ratios of what was measured in the same round: one a line.
paired_ratios()
{
	paste <(tr ' ' '\n' <<<"$1" | grep .) <(tr ' ' '\n' <<<"$2" | grep .) | awk '{print ($2 > 0 ? $1 / $2 : 0)}'
}

# judge "what" clients ours baseline must goal [less]: ratio of rates, or of times ("less" is better).
# It is the median of the rounds' own ratios, for a slow minute of the machine hits both of a round.
judge()
{
	local what=$1 clients=$2 ours base ratio sense=${7:-more}

	ours=$(median "${FIGURE[$3:$2]}")
	base=$(median "${FIGURE[$4:$2]}")
	ratio=$(median "$(paired_ratios "${FIGURE[$3:$2]}" "${FIGURE[$4:$2]}")")
	awk -v what="$what" -v c="$clients" -v a="$ours" -v b="$base" -v r="$ratio" -v must="$5" -v goal="$6" -v sense="$sense" 'BEGIN {
		ok = sense == "less" ? r <= must : r >= must
		good = sense == "less" ? r <= goal : r >= goal
		printf "%-44s %7d %12.1f %12.1f %7.2f %7s %7s  %s\n", what, c, a, b, r,
			(sense == "less" ? "<=" : ">=") must, (sense == "less" ? "<=" : ">=") goal,
			!ok ? "MISSED" : good ? "goal met" : "ok"
	}'
}
