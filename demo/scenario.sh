#!/usr/bin/env bash
# What the demo shows, from an empty database to a proof checked offline.
#
#   demo/scenario.sh DATABASE DIRECTORY    the database must not exist; DIRECTORY gets keys and proof
#
# Every step says what must come out; the script fails if something else does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
W4_BUILD=${W4_BUILD:-$PWD/build}
DB=$1
KEYS=$2/keys
OUT=$2
. demo/lib.sh

AUDIT=$W4_BUILD/demo/w4audit
surprises=0
number=0

title()
{
	printf '\n%s\n' "$*"
}

line()
{
	number=$((number + 1))
	printf '%3d  %-6s %-50s %-9s %s\n' "$number" "$1" "$2" "$3" "$4"
}

# expect WANTED WHO "what was tried" GOT: one line of the table; GOT is decide()'s output.
expect()
{
	local decision reason code remaining id mark=

	IFS='|' read -r decision reason code remaining id <<<"$4"
	if [ "$decision" != "${1%%:*}" ] || { [ "${1#*:}" != "$1" ] && [ "$code" != "${1#*:}" ]; }; then
		mark="  <-- expected $1"
		surprises=$((surprises + 1))
	fi
	line "$2" "$3" "$decision" "${reason:+$reason }${code:+($code) }${remaining:+$remaining ATP left}$mark"
	DECISION_ID=$id
}

# try WANTED WHO "what" ACTION RESOURCE COST GRANT [FIELD=VALUE ...]: sign and decide.
try()
{
	local wanted=$1 who=$2 what=$3 text

	shift 3
	text=$(request "$who" "$@")
	TEXT=$text
	SIGNATURE=$(sign_request "$who" "$text")
	expect "$wanted" "$who" "$what" "$(decide "$text" "$SIGNATURE")"
}

# refused SQLSTATE WHO "what" SQL...: a statement that must fail with this SQLSTATE.
refused()
{
	local wanted=$1 who=$2 what=$3 out state

	shift 3
	out=$(sql -v VERBOSITY=verbose -c "$*" 2>&1 || true)
	state=$(sed -n 's/^ERROR: *\([A-Z0-9]\{5\}\): \(.*\)/\1 \2/p' <<<"$out" | head -1)
	if [ "${state%% *}" = "$wanted" ]; then
		line "$who" "$what" refused "$state"
	else
		surprises=$((surprises + 1))
		line "$who" "$what" "NOT REFUSED" "${state:-$out}  <-- expected $wanted"
	fi
}

found_society()
{
	title "1. A society with a treasury, three witnesses, a person, two AI agents"
	psql -X -q -d postgres -c "CREATE DATABASE $DB TEMPLATE template0"
	sql -c "CREATE EXTENSION web4"
	SOCIETY=$(sql -c "SELECT web4_bootstrap_society('demoville')")
	birth ada human >/dev/null
	birth ben human ada >/dev/null
	birth cleo human ada ben >/dev/null
	birth alice human ada ben cleo >/dev/null
	birth one ai ada ben cleo >/dev/null
	birth two ai ada ben cleo >/dev/null
	for name in ada ben cleo alice one two; do
		printf '     %-6s %s\n' "$name" "$(lct_of "$name")"
	done
	echo "     Keys were made outside the server; certificates are signed by society, witnesses and subject."
}

fund()
{
	title "2. Energy: the society mints, charges an account, people transfer"
	society_pays mint pool 10000 >/dev/null
	society_pays charge "$(lct_of alice)" 1000 >/dev/null
	transfer alice ada 100 >/dev/null
	transfer alice one 50 >/dev/null
	balances
}

balances()
{
	local name

	for name in alice ada one two; do
		printf '     %-6s %10s ATP\n' "$name" "$(sql -v s="$SOCIETY" -v e="$(lct_of "$name")" <<<"SELECT coalesce(available, '0') FROM web4_balance(:'s', :'e')")"
	done
}

delegate()
{
	title "3. Grants: alice to one, and a narrower one from one to two"
	GRANT_ONE=$(grant alice one intent='read.**' resource='data/**' level=3 expires=@now+86400 \
		+society="$SOCIETY" +max_atp=100 +max_atp_per_action=20 +max_hops=1)
	GRANT_TWO=$(grant one two intent='read.report' resource='data/sales/**' level=2 expires=@now+3600 parent="$GRANT_ONE" \
		+society="$SOCIETY" +max_atp=25 +max_atp_per_action=10 +max_hops=0)
	GRANT_SLOW=$(grant alice two intent='read.**' resource='logs/**' level=1 expires=@now+3600 \
		+society="$SOCIETY" +max_per_hour=2)
	GRANT_SHORT=$(grant alice two intent='read.**' resource='press/**' level=1 expires=@now+2 +society="$SOCIETY")
	SHORT_SINCE=$SECONDS
	echo "     alice -> one   read.** on data/**, 100 ATP, may be passed on once     ${GRANT_ONE:0:16}..."
	echo "     one   -> two   read.report on data/sales/**, 25 ATP, 10 an action     ${GRANT_TWO:0:16}..."
	echo "     alice -> two   read.** on logs/**, twice an hour                      ${GRANT_SLOW:0:16}..."
	echo "     alice -> two   read.** on press/**, for two seconds                   ${GRANT_SHORT:0:16}..."
	echo "     grants that two holds: $(sql -v e="$(lct_of two)" <<<"SELECT count(*) FROM web4_grants_of(:'e') WHERE alive AND subject = :'e'")"
}

decisions()
{
	title "4. Decisions"
	try granted one "reads a table under its grant" read.table data/sales/2026 5 "$GRANT_ONE"
	try granted two "reads a report under the narrower grant" read.report data/sales/2026 10 "$GRANT_TWO"
	PROVEN=$DECISION_ID
	expect denied:W4_ERR_PROTO_REPLAY two "sends the same signed request again" "$(decide "$TEXT" "$SIGNATURE")"
	try denied two "reads a table: not in its grant's intent" read.table data/sales/2026 1 "$GRANT_TWO"
	try denied two "reads payroll: not in its grant's scope" read.report data/payroll/2026 1 "$GRANT_TWO"
	try denied two "asks for 11 ATP at once: 10 are allowed" read.report data/sales/2026 11 "$GRANT_TWO"
	try granted two "spends 10 more of its 25 ATP" read.report data/sales/2025 10 "$GRANT_TWO"
	try denied two "spends 10 more: over budget" read.report data/sales/2024 10 "$GRANT_TWO"
	try denied one "uses the grant of two (hijacked)" read.report data/sales/2026 1 "$GRANT_TWO"
	text=$(request two read.report data/sales/2026 1 "$GRANT_TWO")
	expect denied:W4_ERR_CRYPTO_VERIFY two "request signed by somebody else (forged)" "$(decide "$text" "$(sign_request one "$text")")"
	expect denied:W4_ERR_CRYPTO_VERIFY two "request changed after it was signed" \
		"$(decide "${text/data\/sales/data\/salez}" "$(sign_request two "$text")")"
	TS=@now-900 try denied:W4_ERR_BAD_TIMESTAMP two "request dated 15 minutes ago" read.report data/sales/2026 1 "$GRANT_TWO"
	try granted two "reads a log" read.log logs/today 0 "$GRANT_SLOW"
	try granted two "reads a log again" read.log logs/today 0 "$GRANT_SLOW"
	try denied two "reads a log a third time (rate limited)" read.log logs/today 0 "$GRANT_SLOW"
	while [ $((SECONDS - SHORT_SINCE)) -lt 3 ]; do sleep 0.2; done
	try denied two "uses a grant that ran out (expired)" read.page press/today 0 "$GRANT_SHORT"
	witnessed
	revoke alice "$GRANT_ONE"
	try denied one "uses a grant that alice revoked" read.table data/sales/2026 1 "$GRANT_ONE"
	try denied two "uses a grant below the revoked one" read.report data/sales/2026 1 "$GRANT_TWO"
}

# A newcomer who changes something needs a witness.
witnessed()
{
	local text attestation

	try deferred two "writes as a newcomer: nobody saw it" write.note notes/1 0 ""
	text=$TEXT
	attestation=$(attest ada two write.note "$text")
	expect granted two "the same, now that ada has witnessed it" "$(sql -v id="$DECISION_ID" -v attestations="[$attestation]" <<-'SQL'
		SELECT decision, reason, code, atp_remaining, encode(decision_id, 'hex')
		FROM web4_resume(decode(:'id', 'hex'), :'attestations')
	SQL
	)"
}

applications()
{
	title "5. Applications and administrators"
	sql -c "DO \$\$BEGIN IF to_regrole('demo_shop') IS NULL THEN CREATE ROLE demo_shop LOGIN; END IF; END\$\$" \
		-c "SELECT web4_create_roles()" -c "GRANT web4_app TO demo_shop" >/dev/null
	refused W4A01 shop "an application speaks for alice, not mapped" \
		"SET ROLE demo_shop; SELECT web4_authorize('$(lct_of alice)', 'read.page', 'press/today')"
	sql -c "SELECT web4_map_role('demo_shop', '$SOCIETY', '$(lct_of alice)')" >/dev/null
	expect granted shop "the same, mapped by an operator" "$(sql <<-SQL
		SET ROLE demo_shop;
		SELECT decision, reason, code, atp_remaining, encode(decision_id, 'hex')
		FROM web4_authorize('$(lct_of alice)', 'read.page', 'press/today')
	SQL
	)"
	sql -c "SELECT web4_redeem('\\x$DECISION_ID')" >/dev/null
	refused W4A04 shop "uses one decision twice" "SELECT web4_redeem('\\x$DECISION_ID')"
	refused W4V02 root "a superuser gives himself ATP" "UPDATE web4.account SET available = available + 1000000"
	refused W4V01 root "a superuser deletes a decision" "DELETE FROM web4.evidence"
}

audit()
{
	local key

	title "6. The log is sealed, and one decision is proved offline"
	sql -c "SELECT web4_seal('$SOCIETY')" >/dev/null
	sql -v id="$PROVEN" <<<"SELECT web4_evidence_proof_json(decode(:'id', 'hex'))" >"$OUT/proof.json"
	key=$(sql -c "SELECT encode(public_key, 'hex') FROM web4_keyring_list() WHERE owner = '$SOCIETY'")
	echo "     w4audit knows libsodium, the society's key and the file proof.json; neither PostgreSQL nor web4"
	"$AUDIT" "$key" "$OUT/proof.json" | sed 's/^/     /'
	"$AUDIT" "$key" --flip-every-bit "$OUT/proof.json" | sed 's/^/     /'
}

conclude()
{
	title "7. What is left"
	balances
	printf '     invariants violated: %s; ATP created or lost: %s\n' \
		"$(sql -c 'SELECT count(*) FROM web4_invariants()')" "$(sql -c 'SELECT sum(difference) FROM web4_check_conservation()')"
	[ "$(sql -c 'SELECT count(*) FROM web4_invariants()')" = 0 ] || surprises=$((surprises + 1))
	if [ $surprises != 0 ]; then
		printf '\n%d results were not what they should be\n' $surprises
		exit 1
	fi
	printf '\nAll %d results were what they should be.\n' $number
}

mkdir -p "$KEYS"
chmod 700 "$KEYS"
found_society
fund
delegate
decisions
applications
audit
conclude
