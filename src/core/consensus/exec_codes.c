/*-------------------------------------------------------------------------
 *
 * exec_codes.c
 *		Result codes of transactions: their names, and which make a block invalid.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/exec.h"

bool
w4_tx_code_invalid(uint16_t code)
{
	switch (code)
	{
		case W4_TXC_MALFORMED:
		case W4_TXC_EXPIRED:
		case W4_TXC_TOO_EARLY:
		case W4_TXC_REPLAYED:
		case W4_TXC_BAD_SIGNATURE:
		case W4_TXC_NOT_PEER:
		case W4_TXC_COSIGNERS:
			return true;
		default:
			/* An unknown signer may get an account by a transaction before it in the block. */
			return false;
	}
}

const char *
w4_tx_code_name(uint16_t code)
{
	static const char *const names[] = {
		[W4_TXC_OK] = "ok",
		[W4_TXC_MALFORMED] = "malformed",
		[W4_TXC_EXPIRED] = "expired",
		[W4_TXC_TOO_EARLY] = "too_early",
		[W4_TXC_UNKNOWN_SIGNER] = "unknown_signer",
		[W4_TXC_REPLAYED] = "replayed",
		[W4_TXC_BAD_SIGNATURE] = "bad_signature",
		[W4_TXC_NOT_PEER] = "not_peer",
		[W4_TXC_COSIGNERS] = "cosigners",
		[W4_TXC_NOT_ALLOWED] = "not_allowed",
		[W4_TXC_NO_ACCOUNT] = "no_account",
		[W4_TXC_INSUFFICIENT] = "insufficient",
		[W4_TXC_SELF] = "self",
		[W4_TXC_CROSS_PEER] = "cross_peer",
		[W4_TXC_SAME_PEER] = "same_peer",
		[W4_TXC_UNKNOWN_PEER] = "unknown_peer",
		[W4_TXC_WRONG_PEER] = "wrong_peer",
		[W4_TXC_TOO_SMALL] = "too_small",
		[W4_TXC_HOLD_RANGE] = "hold_range",
		[W4_TXC_TOO_MANY_HOLDS] = "too_many_holds",
		[W4_TXC_NO_TRANSFER] = "no_transfer",
		[W4_TXC_COMMITTED] = "committed",
		[W4_TXC_ROLLED_BACK] = "rolled_back",
		[W4_TXC_LOCK_EXPIRED] = "lock_expired",
		[W4_TXC_NOT_YET] = "not_yet",
		[W4_TXC_FULL] = "full",
		[W4_TXC_OVERFLOW] = "overflow",
		[W4_TXC_REGISTERED] = "registered",
		[W4_TXC_STALE_ANCHOR] = "stale_anchor",
		[W4_TXC_BAD_WORK] = "bad_work",
		[W4_TXC_NOT_REGISTERED] = "not_registered",
		[W4_TXC_NOT_CLAIMED] = "not_claimed",
		[W4_TXC_ATTESTED] = "attested",
		[W4_TXC_RATE] = "rate",
		[W4_TXC_LENGTH] = "length",
		[W4_TXC_COHERENCE] = "coherence",
		[W4_TXC_DUPLICATE] = "duplicate",
		[W4_TXC_AUTHOR_SHARE] = "author_share",
		[W4_TXC_CORPUS_FULL] = "corpus_full",
		[W4_TXC_BAD_PARAM] = "bad_param",
		[W4_TXC_NO_MOTION] = "no_motion",
		[W4_TXC_VOTED] = "voted",
		[W4_TXC_MOTION_EXPIRED] = "motion_expired",
		[W4_TXC_TOO_MANY_MOTIONS] = "too_many_motions",
		[W4_TXC_POINTLESS] = "pointless",
		[W4_TXC_BAD_KEY] = "bad_key",
		[W4_TXC_LEAVING] = "leaving",
		[W4_TXC_ACCUSED] = "accused",
	};

	if (code >= sizeof(names) / sizeof(names[0]) || names[code] == NULL)
		return "unknown";
	return names[code];
}
