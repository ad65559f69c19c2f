#!/usr/bin/env bash
# w4verify: accepts a chain of 10,000 blocks with two changes of members, and names the height of every damage to it.
# W4_VERIFY_SEED draws other changes; of these W4_VERIFY_PROGRAM go through the program itself, the others through its code.
. "$(dirname "$0")/lib.sh"

SEED=${W4_VERIFY_SEED:-20251121}
CHANGES=1000
PROGRAM_CHANGES=${W4_VERIFY_PROGRAM:-20}
VERIFY=$W4_BUILD/w4verify/w4verify
GEN=$W4_BUILD/verify/w4chaingen
DAMAGE=$W4_BUILD/verify/w4damage
DIR=$W4_OUT/verify
CHAIN=$DIR/chain
FOREIGN=$DIR/foreign
HEIGHTS=10000

make -C tools/w4verify -s
make -C test/verify -s
rm -rf "$DIR"
mkdir -p "$DIR"
mapfile -t made < <("$GEN" "$SEED" $HEIGHTS 4 "$CHAIN" "$CHAIN.genesis")
ID=${made[0]}
TIP=${made[1]}
mapfile -t foreign < <("$GEN" $((SEED + 1)) 100 4 "$FOREIGN" "$FOREIGN.genesis")
echo "# seed $SEED, chain $ID"

# refused "what" height arguments...: exit status 1, and this height is the one that is named
refused()
{
	local what=$1 height=$2 out status=0

	shift 2
	out=$("$VERIFY" "$@" 2>&1) || status=$?
	equals "$what is refused at height $height" "1 $height" "$status $(sed -n 's/^[^:]*: height \([0-9]*\)[ :].*/\1/p' <<<"$out")"
}

within_memory()
{
	(ulimit -v 24576 && "$VERIFY" "$ID" "$CHAIN")
}

unreadable()
{
	local status=0

	"$VERIFY" "$@" >/dev/null 2>&1 || status=$?
	[ $status = 2 ]
}

# A few of the changes, as "place new-byte height".
program_changes()
{
	"$DAMAGE" --plan "$SEED" $CHANGES "$ID" "$CHAIN" | shuf -n "$PROGRAM_CHANGES" --random-source="$CHAIN"
}

check "a chain of $HEIGHTS blocks with two changes of members is accepted" "$VERIFY" "$ID" "$CHAIN"
equals "it tells when the members changed" "members of height 3335: 5
members of height 6668: 4" "$("$VERIFY" "$ID" "$CHAIN" | grep ^members)"
check "it is accepted by its genesis document" "$VERIFY" --genesis "$CHAIN.genesis" "$CHAIN"
check "it is accepted from a pipe" bash -c "'$VERIFY' $ID - <'$CHAIN'"
check "it is accepted with its last block named" "$VERIFY" --tip "$TIP" "$ID" "$CHAIN"
check "24 MiB of address space are enough for $(stat -c %s "$CHAIN") bytes" within_memory
"$DAMAGE" "$SEED" $CHANGES "$ID" "$CHAIN" || failed "changes that were not refused at their height"
while read -r at byte height; do
	cp "$CHAIN" "$DIR/changed"
	# shellcheck disable=SC2059
	printf "\\x$(printf %02x "$byte")" | dd of="$DIR/changed" bs=1 seek="$at" conv=notrunc status=none
	refused "byte $at made $byte" "$height" "$ID" "$DIR/changed"
done < <(program_changes)

refused "another chain under our name" 0 "$ID" "$FOREIGN"
refused "our chain under another name" 0 "${foreign[0]}" "$CHAIN"
refused "our chain with another genesis" 0 --genesis "$FOREIGN.genesis" "$CHAIN"
cut_at=$("$DAMAGE" --plan 1 20000 "$ID" "$CHAIN" | awk '$1 > 6000000 && !n++ { print $1, $3 }')
head -c "${cut_at% *}" "$CHAIN" >"$DIR/cut"
refused "a file cut after ${cut_at% *} bytes" "${cut_at#* }" "$ID" "$DIR/cut"
cat "$CHAIN" "$CHAIN" >"$DIR/doubled"
refused "a doubled file" $((HEIGHTS + 1)) "$ID" "$DIR/doubled"
: >"$DIR/empty"
refused "an empty file" 0 "$ID" "$DIR/empty"
refused "a chain whose end was rewritten" 100 --tip "$TIP" "${foreign[0]}" "$FOREIGN"

check "a file that is not there is unreadable" unreadable "$ID" "$DIR/none"
check "a directory is unreadable" unreadable "$ID" "$DIR"
check "a chain id that is no hash is a usage error" unreadable "${ID:1}" "$CHAIN"
check "no file is a usage error" unreadable "$ID"
check "a file too many is a usage error" unreadable "$ID" "$CHAIN" "$CHAIN"
check "an unknown option is a usage error" unreadable --fast x "$ID" "$CHAIN"
check "a genesis that is none is unreadable" unreadable --genesis "$CHAIN" "$CHAIN"
