# Sourced by demo/scenario.sh and bench/run.sh: what a client does.
#
# Every party has a seed file in $KEYS that only the agent program reads.  SQL
# sees public keys, texts, tokens and signatures.

AGENT=$W4_BUILD/demo/agent
ZERO_HASH=0000000000000000000000000000000000000000000000000000000000000000

# sql [-v name=value ...] <<'...'   one statement or several; prints the values
sql()
{
	psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$DB" "$@"
}

seed()
{
	echo "$KEYS/$1.seed"
}

lct_of()
{
	"$AGENT" lct "$(seed "$1")"
}

# The society's own key lies in the server's keyring.
society_signs()
{
	sql -v society="$SOCIETY" -v message="$1" <<-'SQL'
		SELECT encode(web4_sign_as(:'society', decode(:'message', 'hex')), 'hex')
	SQL
}

hex()
{
	od -An -v -tx1 | tr -d ' \n'
}

# birth NAME TYPE WITNESS...: keys are made here, the certificate is signed by
# the society, all witnesses and the subject.
birth()
{
	local name=$1 type=$2 key certificate hash at witness witnesses= signatures=
	local society_signature binding

	shift 2
	key=$("$AGENT" keygen "$(seed "$name")")
	for witness in "$@"; do
		witnesses+="${witnesses:+,}$(lct_of "$witness")"
	done
	certificate=$(sql -v society="$SOCIETY" -v key="$key" -v type="$type" -v witnesses="{$witnesses}" -v name="$name" <<-'SQL'
		SELECT certificate FROM web4_birth_certificate(:'society', decode(:'key', 'hex'), :'type', :'witnesses', :'name')
	SQL
	)
	hash=$(printf '%s' "$certificate" | "$AGENT" hash web4:birth:v1)
	at=$(sed 's/.*"birth_timestamp":"\([^"]*\)".*/\1/' <<<"$certificate")
	society_signature=$(society_signs "$(printf 'web4:birth:society:v1\n%s' "$hash" | hex)")
	for witness in "$@"; do
		signatures+="${signatures:+,}\"$(lct_of "$witness")\":\"$(printf '%s\n%s' "$(lct_of "$witness")" "$hash" |
			"$AGENT" sign "$(seed "$witness")" web4:birth:witness:v1)\""
	done
	binding=$(printf '%s\n%s\n%s' "$(lct_of "$name")" "$type" "$at" | "$AGENT" sign "$(seed "$name")" web4:lct:binding:v1)
	sql -v certificate="$certificate" -v society_signature="$society_signature" -v signatures="{$signatures}" -v binding="$binding" <<-'SQL'
		SELECT web4_mint(:'certificate', decode(:'society_signature', 'hex'), :'signatures', decode(:'binding', 'hex'))
	SQL
}

# society_pays mint|charge|allocate TO AMOUNT: signed by the society.
society_pays()
{
	local type=$1 from=pool wire

	[ "$type" != mint ] || from=supply
	wire=$("$AGENT" atp - society="$SOCIETY" type="$type" from="$from" to="$2" amount="$3" ref="demo")
	sql -v wire="$wire" -v signature="$(society_signs "$wire")" <<-'SQL'
		SELECT evidence FROM web4_atp_submit(:'wire', decode(:'signature', 'hex'))
	SQL
}

# transfer FROM TO AMOUNT: signed by the sender.
transfer()
{
	local out

	out=$("$AGENT" atp "$(seed "$1")" society="$SOCIETY" type=transfer from=@me to="$(lct_of "$2")" amount="$3" ref="demo")
	sql -v wire="$(head -1 <<<"$out")" -v signature="$(tail -1 <<<"$out")" <<-'SQL'
		SELECT available FROM web4_atp_submit(:'wire', decode(:'signature', 'hex'))
	SQL
}

# grant FROM TO FIELD=VALUE ...: a consent token, built and signed here; prints its hash.
grant()
{
	local from=$1 to=$2 previous token

	shift 2
	previous=$(sql -v issuer="$(lct_of "$from")" <<<"SELECT encode(web4_grant_head(:'issuer'), 'hex')")
	token=$("$AGENT" grant "$(seed "$from")" subject="$(lct_of "$to")" previous="$previous" issued=@now "$@")
	sql -v token="$token" <<<"SELECT encode(web4_grant_register(:'token'), 'hex')"
}

# revoke WHO HASH
revoke()
{
	local record

	record=$("$AGENT" revoke "$(seed "$1")" token="$2" at=@now reason=2)
	sql -v record="$record" <<<"SELECT encode(web4_grant_revoke(decode(:'record', 'hex')), 'hex')" >/dev/null
}

# request WHO ACTION RESOURCE COST GRANT [FIELD=VALUE ...]: the text of a request.
request()
{
	local who=$1 action=$2 resource=$3 cost=$4 grant=delegation_id:=null

	[ -z "$5" ] || grant=delegation_id=$5
	shift 5
	"$AGENT" doc action="$action" resource="$resource" atp_cost="$cost" "$grant" \
		requester="$(lct_of "$who")" society="$SOCIETY" nonce=@nonce ts="${TS:-@now}" v:=1 "$@"
}

# decide TEXT SIGNATURE [ATTESTATIONS]: decision|reason|code|remaining|id of a signed request.
decide()
{
	sql -v text="$1" -v signature="$2" -v attestations="${3:-[]}" <<-'SQL'
		SELECT decision, reason, code, atp_remaining, encode(decision_id, 'hex')
		FROM web4_authorize_signed(:'text', decode(:'signature', 'hex'), :'attestations')
	SQL
}

sign_request()
{
	printf '%s' "$2" | "$AGENT" sign "$(seed "$1")" web4:request:v1
}

# attest WITNESS REQUESTER ACTION TEXT: {"text": ..., "signature": ...} for a request.
attest()
{
	local text signature hash

	hash=$(printf '%s' "$4" | "$AGENT" hash web4:request:v1)
	text=$("$AGENT" doc type=action witness="$(lct_of "$1")" subject="$(lct_of "$2")" event_hash="$hash" \
		claims:="{\"action_type\":\"$3\",\"result\":\"approved\"}" nonce=@nonce ts=@now)
	signature=$(printf '%s' "$text" | "$AGENT" sign "$(seed "$1")" web4:witness:v1)
	printf '{"text":"%s","signature":"%s"}' "${text//\"/\\\"}" "$signature"
}
