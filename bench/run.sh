#!/usr/bin/env bash
# Called by tools/bench.sh with a server running: fills a database, measures, judges.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
W4_ROOT=$PWD
W4_BUILD=${W4_BUILD:-$W4_ROOT/build}
DB=bench
KEYS=$W4_BUILD/bench/keys
. demo/lib.sh
. bench/measure.sh

CLIENTS="1 2 8"
SIGNERS=48					# identities whose requests are signed by the client
MESSAGES=30000				# rows of the verification scan
BIRTHS=1000					# births in one batch
REQUEST_LINE=10000000		# ids of client c's requests begin at c times this

# -------------------------------------------------------------- filling ---

run_sql_file()
{
	psql -X -q -v ON_ERROR_STOP=1 -d bench "${@:2}" -f "bench/sql/$1" >/dev/null
}

create_database()
{
	psql -X -q -d postgres -c "CREATE DATABASE bench TEMPLATE template0"
	sql -c "CREATE EXTENSION web4" -c "CREATE EXTENSION web4_bench"
	SOCIETY=$(sql -c "SELECT web4_bootstrap_society('bench')")
	sql -c "SELECT web4_map_role(current_user::name, '$SOCIETY')" >/dev/null
	pgbench -i -q -s 10 bench >/dev/null 2>&1
	run_sql_file baseline.sql -v "scale=$ENTITIES"
	run_sql_file web4.sql
	[ -z "$W4_BENCH_LEDGER" ] || load_original_ledger
}

# The ledger that sql/baseline.sql stands in for, from files that the user has.
load_original_ledger()
{
	local file

	for file in $W4_BENCH_LEDGER; do
		psql -X -q -v ON_ERROR_STOP=1 -d bench -f "$file" >/dev/null
	done
	sql -c "CREATE TABLE bench_original AS SELECT number, (pgledger_create_account('account ' || number, 'ATP')).id
		FROM generate_series(1, $ENTITIES) AS number" -c "ALTER TABLE bench_original ADD PRIMARY KEY (number)"
}

# Law without hourly limit on grants, so that a load test is not refused.
publish_law()
{
	local law hash

	law=$("$AGENT" doc actions:='[{"action":"read.**","level":1,"threshold":"0"}]' \
		limits:='{"grant_per_hour":0}' roles:='[{"allow":["read.**"],"role":"citizen"}]' \
		nonce=@nonce previous_hash:=null signer="$SOCIETY" society="$SOCIETY" ts=@now v:=1 version=1.0.0)
	hash=$(printf '%s' "$law" | "$AGENT" hash web4:law:v1)
	sql -v law="$law" -v signature="$(society_signs "$(printf 'web4:law:publish:v1\n%s' "$hash" | hex)")" <<-'SQL' >/dev/null
		SELECT web4_law_publish(:'law', decode(:'signature', 'hex'))
	SQL
}

populate()
{
	local i

	birth w1 human >/dev/null
	birth w2 human w1 >/dev/null
	birth w3 human w1 w2 >/dev/null
	birth bank organization w1 w2 w3 >/dev/null
	society_pays mint pool 4000000000 >/dev/null
	society_pays charge "$(lct_of bank)" 4000000000 >/dev/null
	for ((i = 0; i < SIGNERS; i++)); do
		birth "signer$i" ai w1 w2 w3 >/dev/null
		transfer bank "signer$i" 1000000 >/dev/null
		GRANT[i]=$(grant bank "signer$i" intent='read.**' resource='data/**' level=1 expires=@now+86400 \
			+society="$SOCIETY" +max_atp=1000000)
	done
	sql -c "CALL bench_people($ENTITIES, '$(lct_of bank)')" -c "VACUUM ANALYZE" >/dev/null
}

# ------------------------------------------------------- signed requests ---

# prepare_requests CLIENTS COST GRANTED: enough for one measurement, signed by
# the client program, spread over the signers so that no two clients share one.
prepare_requests()
{
	local clients=$1 count s file=$W4_BUILD/bench/requests

	count=$(($(most_requests "$clients") * (W4_BENCH_WARMUP + W4_BENCH_SECONDS) / SIGNERS))

	rm -f "$file".*
	for ((s = 0; s < SIGNERS; s++)); do
		"$AGENT" requests "$(seed "signer$s")" "$count" 1 action=read.report resource=data/x atp_cost="$2" \
			"$([ "$3" = yes ] && echo "delegation_id=${GRANT[s]}" || echo delegation_id:=null)" \
			requester=@me society="$SOCIETY" nonce=@nonce ts=@now v:=1 >>"$file.$((s % clients))"
	done
	sql -c "TRUNCATE bench_request"
	for ((s = 0; s < clients; s++)); do
		awk -v OFS='\t' -v base=$((s * REQUEST_LINE)) '{print base + NR, $0}' "$file.$s" | sql -c "COPY bench_request FROM STDIN"
	done
	sql -c "VACUUM ANALYZE bench_request"
	rm -f "$file".*
}

# Requests a second that clients do not use up: no decision is faster than the insert that was measured
# before it.  Not more than needed, for they are written into the same database just before.
most_requests()
{
	local fastest

	fastest=$(tr ' ' '\n' <<<"${FIGURE[one_insert:$1]:-30000}" | sort -g | tail -n 1)
	awk -v rate="$fastest" 'BEGIN {printf "%d\n", rate * 1.2}'
}

prepare_decide_signed()
{
	prepare_requests "$1" 0 no
}

prepare_spend_signed()
{
	prepare_requests "$1" 0.001 no
}

prepare_spend_granted()
{
	prepare_requests "$1" 0.001 yes
}

# ------------------------------------------------------------ measuring ---

measure_verification()
{
	local round

	sql -c "CREATE TABLE bench_message AS SELECT * FROM bench_messages($MESSAGES, 256)" -c "ALTER TABLE bench_message SET (parallel_workers = 2)" \
		-c "VACUUM ANALYZE bench_message"
	for ((round = 0; round < W4_BENCH_ROUNDS; round++)); do
		value_query raw_verify "SELECT bench_raw_verify($MESSAGES, 256)"
		time_query scan_verify "SET max_parallel_workers_per_gather = 0; SELECT count(*) FROM bench_message WHERE web4_verify(message, signature, public_key)"
		time_query parallel_verify "SET max_parallel_workers_per_gather = 2; SET parallel_leader_participation = off; SELECT count(*) FROM bench_message WHERE web4_verify(message, signature, public_key)"
	done
}

measure_minting()
{
	local round

	for ((round = 0; round < W4_BENCH_ROUNDS; round++)); do
		sql -c "SELECT bench_prepare_births($BIRTHS, '$SOCIETY', ARRAY[$(quoted_seeds w1 w2 w3)])" >/dev/null
		value_query raw_mint "SELECT bench_raw_mint($BIRTHS, 3)"
		time_query batch_mint "SELECT array_length(web4_mint_many(births), 1) FROM bench_birth"
	done
}

# Seeds of the witnesses, for signing a load of births inside this throw-away database.
quoted_seeds()
{
	local name

	for name in "$@"; do
		printf "%s'\\\\x%s'::bytea" "${separator:-}" "$(hex <"$(seed "$name")")"
		separator=,
	done

}

measure_rates()
{
	local clients

	for clients in $CLIENTS; do
		echo "  $clients clients ..." >&2
		interleave "$clients" select_only check
		interleave "$clients" one_insert decide_trusted decide_signed
		interleave "$clients" simple_update spend_signed spend_granted plpgsql_spend
		interleave "$clients" ledger transfer ${W4_BENCH_LEDGER:+ledger_original}
	done
	interleave 8 ledger_hot transfer_hot ${W4_BENCH_LEDGER:+ledger_original_hot}
}

# The same operations again in tables of another size; FIGURE names get the size.
measure_sizes()
{
	local rows name before

	for rows in $W4_BENCH_ROWS; do
		echo "  tables of $rows rows ..." >&2
		sql -c "CALL bench_people($rows, '$(lct_of bank)')" >/dev/null
		sql -c "CALL bench_history($rows)" -c "VACUUM ANALYZE" -c "CHECKPOINT"
		ENTITIES=$rows
		for name in check decide_trusted decide_signed transfer lookup; do
			before=${FIGURE[$name:1]:-}
			FIGURE[$name:1]=
			interleave 1 "$name"
			FIGURE[$name@$rows:1]=${FIGURE[$name:1]}
			FIGURE[$name:1]=$before
		done
	done
}

# --------------------------------------------------------------- report ---

report()
{
	local c first last rows name

	heading "times in ms"
	judge "verify in a scan / raw libsodium" 1 scan_verify raw_verify 1.08 1.05 less
	judge "one process / 2 parallel workers" 1 scan_verify parallel_verify 1.8 1.8
	judge "raw births / minting in batches" 1 raw_mint batch_mint 0.5 0.75
	heading "transactions a second"
	for c in $CLIENTS; do
		judge "web4_check / select-only" "$c" check select_only 0.4 0.65
		judge "recorded decision, trusted / one insert" "$c" decide_trusted one_insert 0.5 0.75
		judge "recorded decision, signed / one insert" "$c" decide_signed one_insert 0.4 0.65
		judge "spending decision, signed / simple-update" "$c" spend_signed simple_update 0.8 1.2
		judge "spending decision, signed / plpgsql spend" "$c" spend_signed plpgsql_spend 0 0.6
		judge "spending under a grant, signed / simple-update" "$c" spend_granted simple_update 0.8 1.2
		judge "transfer / plpgsql ledger" "$c" transfer ledger 2 3
		[ -z "$W4_BENCH_LEDGER" ] || judge "transfer / pgledger" "$c" transfer ledger_original 2 3
		judge "transfer / simple-update" "$c" transfer simple_update 0 1
	done
	judge "transfer / plpgsql ledger, 10 hot accounts" 8 transfer_hot ledger_hot 0 4
	[ -z "$W4_BENCH_LEDGER" ] || judge "transfer / pgledger, 10 hot accounts" 8 transfer_hot ledger_original_hot 0 4
	first=${W4_BENCH_ROWS%% *}
	last=${W4_BENCH_ROWS##* }
	heading "rate at $first / rate at $last rows"
	for name in check decide_trusted decide_signed transfer lookup; do
		judge "$name" 1 "$name@$first" "$name@$last" 1.5 1.3 less
	done
	printf '\nMinting: the yardstick checks one key and five signatures a birth; keys are made by clients.\n'
	printf 'Medians of %s measurements of %s s (of ratios: of the rounds'\'' ratios), after %s s of warming up, taken in turn; all of them in %s\n' \
		"$W4_BENCH_ROUNDS" "$W4_BENCH_SECONDS" "$W4_BENCH_WARMUP" "$RESULTS"
}

# Is the server's shared memory in huge pages?
huge_pages()
{
	local pid

	pid=$(head -n 1 "$(psql -X -A -t -d postgres -c 'SHOW data_directory')/postmaster.pid")
	grep -q '^KernelPageSize: *2048 kB' "/proc/$pid/smaps" 2>/dev/null && echo yes || echo no
}

# Microseconds the disk takes to make 8 kB durable: what every commit waits for, web4's and the yardsticks'.
flush_time()
{
	# written twice: like WAL segments, the file is there already
	dd if=/dev/zero of="$PGHOST/flush" bs=8k count=200 conv=fsync 2>/dev/null
	dd if=/dev/zero of="$PGHOST/flush" bs=8k count=200 oflag=dsync conv=notrunc 2>&1 |
		awk -F'copied, ' '/copied/ {printf "%d\n", $2 / 200 * 1e6}'
	rm -f "$PGHOST/flush"
}

# What was measured must have been what was meant.
verify_results()
{
	local odd

	odd=$(sql -c "SELECT string_agg(decision || ' ' || coalesce(reason, '') || ': ' || n, ', ') FROM
		(SELECT decision, reason, count(*) AS n FROM web4_decisions WHERE decision <> 'granted' GROUP BY 1, 2) AS d")
	if [ -n "$odd" ]; then
		echo "bench: not every decision was granted: $odd" >&2
		exit 1
	fi
	[ "$(sql -c "SELECT bool_and(ok) FROM web4_check_conservation()")" = t ] || { echo "bench: ATP came or went" >&2; exit 1; }
}

declare -a GRANT
ENTITIES=${W4_BENCH_ROWS%% *}
mkdir -p "$KEYS"
chmod 700 "$KEYS"
uname -srm
psql -X -A -t -d postgres -c "SELECT version()"
printf '%s cores; ' "$(nproc)"
psql -X -A -t -d postgres -c "SELECT 'fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit')"
flush=$(LC_ALL=C flush_time)
printf 'a flush takes %d us; shared memory in huge pages: %s\n' "$flush" "$(huge_pages)"
[ "$flush" -le 300 ] || echo "That is slow: what waits for it most of the time compares as equal.  W4_BENCH_DIR names a faster disk."
echo "filling ..." >&2
create_database
populate
publish_law
echo "measuring ..." >&2
measure_verification
measure_minting
measure_rates
measure_sizes
verify_results
report
