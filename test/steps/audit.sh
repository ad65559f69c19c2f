#!/usr/bin/env bash
# Proofs of the demo's database, checked by a program that knows libsodium only.
. "$(dirname "$0")/lib.sh"

AUDIT=$W4_BUILD/demo/w4audit
PROOF=$W4_OUT/demo/proof.json
KEY=$(query demo "SELECT encode(public_key, 'hex') FROM web4_keyring_list() LIMIT 1")
OTHER_KEY=$("$W4_BUILD/demo/agent" key "$W4_OUT/demo/keys/ada.seed")

rejects()
{
	! "$AUDIT" "$@"
}

# The same text with one part exchanged.
with()
{
	sed "$1" "$PROOF" >"$W4_OUT/demo/changed.json"
	echo "$W4_OUT/demo/changed.json"
}

check "a proof is accepted" "$AUDIT" "$KEY" "$PROOF"
check "every one-bit change of it is rejected" "$AUDIT" "$KEY" --flip-every-bit "$PROOF"
check "it is rejected under another key" rejects "$OTHER_KEY" "$PROOF"
check "it is rejected when it names another key" rejects "$OTHER_KEY" "$(with "s/$KEY/$OTHER_KEY/")"
check "it is rejected without its path" rejects "$KEY" "$(with 's/"proof":\[[^]]*\]/"proof":[]/')"
check "it is rejected with a member too many" rejects "$KEY" "$(with 's/}$/,"z":1}/')"
check "it is rejected when the document is left out" rejects "$KEY" "$(with 's/"document":"[0-9a-f]*"/"document":null/')"

query demo "SELECT web4_seal_all()" >/dev/null
for id in $(query demo "SELECT encode(web4_leaf_id(id, leaf_hash), 'hex') FROM web4.evidence"); do
	query demo "SELECT web4_evidence_proof_json('\\x$id')" >"$W4_OUT/demo/leaf.json"
	check "leaf ${id:0:16} is proved" "$AUDIT" "$KEY" "$W4_OUT/demo/leaf.json"
done
