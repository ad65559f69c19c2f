#!/usr/bin/env bash
# The demo's database survives pg_dump in four shapes, and an edited dump does not.
. "$(dirname "$0")/lib.sh"

DUMPS=$W4_OUT/restore
rm -rf "$DUMPS"
mkdir -p "$DUMPS"

fingerprint()
{
	local table

	for table in $(query "$1" "SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'web4'::regnamespace
			AND c.relkind = 'r' AND c.oid = ANY ((SELECT extconfig FROM pg_extension WHERE extname = 'web4')::oid[])
			AND c.relname NOT IN ('seal') ORDER BY 1"); do
		echo "$table $(query "$1" "SELECT count(*), md5(coalesce(string_agg(t::text, E'\n' ORDER BY t::text), '')) FROM $table t")"
	done
}

create_empty()
{
	psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1 TEMPLATE template0" 2>/dev/null
}

# What every restored copy must hold.
check_copy()
{
	local db=$1 how=$2

	equals "$how: writing is refused before verification" W4V04 "$(sqlstate "$db" "SELECT web4_seal_all()")"
	equals "$how: nobody is lent a key before verification" W4V04 \
		"$(sqlstate "$db" "SELECT web4_keyring_grant(public_key, 'pg_monitor') FROM web4_keyring_list() WHERE owner IS NOT NULL")"
	equals "$how: all rows arrived" "$BEFORE" "$(fingerprint "$db")"
	check "$how: web4_post_restore() accepts it" query "$db" "SELECT web4_post_restore()"
	equals "$how: no invariant is violated" "" "$(query "$db" "SELECT * FROM web4_invariants()")"
	equals "$how: the log verifies" "" "$(query "$db" "SELECT * FROM web4_evidence_verify()")"
	equals "$how: no ATP came or went" t "$(query "$db" "SELECT bool_and(ok) FROM web4_check_conservation()")"
	check "$how: it goes on" query "$db" "SELECT web4_seal_all()"
}

sqlstate()
{
	psql -X -q -d "$1" -v VERBOSITY=sqlstate -c "$2" 2>&1 | sed -n 's/^ERROR: *//p'
}

# Edit the rows of one table by an awk statement, in which n is the row's number and
# $c["name"] a column, then restore: psql or web4_post_restore() has to notice.
edited_dump()
{
	local what=$1 table=$2 statement=$3 db=restore_edited

	awk -F '\t' -v OFS='\t' -v begin="COPY web4.$table (" "
		index(\$0, begin) == 1 {
			columns = \$0
			gsub(/^[^(]*\\(|\\).*\$/, \"\", columns)
			count = split(columns, name, \", \")
			for (i = 1; i <= count; i++)
				c[name[i]] = i
			inside = 1
			print
			next
		}
		\$0 == \"\\\\.\" {inside = 0}
		inside {
			n++
			$statement
		}
		{print}" "$DUMPS/plain.sql" >"$DUMPS/edited.sql"
	if cmp -s "$DUMPS/plain.sql" "$DUMPS/edited.sql"; then
		failed "edited dump: $what (the edit changed nothing)"
		return
	fi
	create_empty $db
	if psql -X -q -v ON_ERROR_STOP=1 -d $db -f "$DUMPS/edited.sql" >/dev/null 2>"$DUMPS/edited.log" &&
		query $db "SELECT web4_post_restore()" >/dev/null 2>>"$DUMPS/edited.log"; then
		failed "edited dump: $what is found"
	else
		echo "ok - edited dump: $what is found ($(grep -m 1 -o 'ERROR:.*' "$DUMPS/edited.log" | cut -c 1-100))"
	fi
}

BEFORE=$(fingerprint demo)
pg_dump -d demo -f "$DUMPS/plain.sql"
pg_dump -d demo -Fc -f "$DUMPS/custom.dump"

create_empty restore_plain
check "plain dump restores" psql -X -q -v ON_ERROR_STOP=1 -d restore_plain -f "$DUMPS/plain.sql"
check_copy restore_plain "plain dump"

create_empty restore_custom
check "custom dump restores" pg_restore --exit-on-error -d restore_custom "$DUMPS/custom.dump"
check_copy restore_custom "custom dump"

# One INSERT a row, and the rows as they lie in the table, which is no order.
create_empty restore_inserts
pg_dump -d demo --inserts | awk '/^INSERT INTO web4.grants / {grants = $0 "\n" grants; next} grants != "" {printf "%s", grants; grants = ""} {print}' >"$DUMPS/inserts.sql"
check "dump of INSERTs restores" psql -X -q -v ON_ERROR_STOP=1 -d restore_inserts -f "$DUMPS/inserts.sql"
check_copy restore_inserts "dump of INSERTs"

create_empty restore_data
query restore_data "CREATE EXTENSION web4"
check "data-only dump restores into a fresh extension" pg_restore --exit-on-error --data-only -d restore_data "$DUMPS/custom.dump"
check_copy restore_data "data-only dump"

# --disable-triggers, as somebody would who wants to smuggle rows in.
disabled_triggers()
{
	create_empty restore_disabled
	query restore_disabled "CREATE EXTENSION web4"
	pg_dump -d demo --data-only --disable-triggers 2>/dev/null | sed "$1" |
		psql -X -q -v ON_ERROR_STOP=1 -d restore_disabled >/dev/null 2>&1
}

check "a dump restores with --disable-triggers" disabled_triggers ''
check_copy restore_disabled "--disable-triggers"
equals "--disable-triggers: the guards are armed again" "" "$(query restore_disabled "SELECT tgrelid::regclass, tgname FROM pg_trigger t
	WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'web4'::regnamespace) AND NOT tgisinternal AND tgenabled <> 'A'")"
check "an edited dump restores with --disable-triggers" disabled_triggers "/^COPY web4.account /{n;s/\tf\$/\tt/}"
equals "but does not go live" W4V06 "$(sqlstate restore_disabled "SELECT web4_post_restore()")"

# Into a database that is in use: nothing is taken in, nothing changes.
query restore_plain "SELECT web4_seal_all()" >/dev/null
LIVE=$(fingerprint restore_plain)
psql -X -q -d restore_plain -f "$DUMPS/plain.sql" >"$DUMPS/live.log" 2>&1 || true
check "restoring into a live database is refused" grep -q 'is written by web4 functions only' "$DUMPS/live.log"
equals "and changes nothing" "$LIVE" "$(fingerprint restore_plain)"
equals "and breaks no rule" "" "$(query restore_plain "SELECT * FROM web4_invariants()")"

edited_dump "an account that got richer" account 'if (n == 1) $c["available"] = sprintf("%.0f", $c["available"] + 1000000)'
edited_dump "a journal entry of another amount" journal 'if (n == 1) $c["amount"] = sprintf("%.0f", $c["amount"] + 1)'
edited_dump "a lost journal entry" journal 'if (n == 2) next'
edited_dump "a lost leaf of the log" evidence 'if (n == 5) next'
edited_dump "a leaf that moved in time" evidence 'if (n == 5) sub(/^..../, "2027", $c["at"])'
edited_dump "a leaf exchanged in the tree" tree_leaf 'if (n == 1) $c["leaf_hash"] = "\\\\x" sprintf("%064d", 0)'
edited_dump "a tree head of another root" tree_head 'if (n == 1) $c["root"] = "\\\\x" sprintf("%064d", 0)'
edited_dump "a lost key" entity_key 'if (n == 3) next'
edited_dump "a lost identity" entity 'if (n == 3) next'
edited_dump "an identity of another status" entity 'if (n == 2) $c["status"] = "suspended"'
edited_dump "a citizen that nobody admitted" citizenship 'if (n == 2) $c["status"] = "terminated"'
edited_dump "a role that nobody gave" role_holder 'if (n == 1) $c["role"] = "emperor"'
edited_dump "a revocation undone" grant_state '$c["revoked_at"] = "\\N"'
edited_dump "a grant with a larger budget" grants 'if (n == 1) $c["budget"] = sprintf("%.0f", $c["budget"] + 1)'
edited_dump "a grant that spent nothing" grant_state '$c["escrow"] = sprintf("%.0f", $c["escrow"] + $c["spent"]); $c["spent"] = 0'
edited_dump "a witness of a birth who did not sign" birth_witness 'if (n == 1) $c["signature"] = "\\\\x" sprintf("%0128d", 0)'
edited_dump "a redemption that was forgotten" redemption 'if (n == 1) next'
edited_dump "an account that was frozen" account 'if (n == 1) $c["frozen"] = "t"'
edited_dump "a mapping that nobody made" app_role 'if (n == 1) $c["role"] = "mallory"'
