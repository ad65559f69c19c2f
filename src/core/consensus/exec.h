/*-------------------------------------------------------------------------
 *
 * exec.h
 *		The executor: decided blocks in, result codes and state digests out.
 *
 * A pure function of the state and the block.  It reads no clock, keeps no
 * global, allocates nothing: memory is one block of the caller's, and when a
 * coming block might not fit, W4_EXEC_GROW is said before anything changes.
 *
 * Order within a block: the parent's hash is remembered; the corpus is pruned
 * if that is due; expired transfers are refunded and old ones forgotten;
 * offences that the block's evidence proves are punished; transactions run in
 * the order of the block; a change of members that has its turn is taken.  A
 * transaction that fails has its code recorded and does nothing else, save that
 * its number is used up, and what the rate and quality rules say about a bad
 * thought.  It never stops the block.
 *
 * Members are an effect of execution like any other: motions, votes, leaves and
 * strikes (council.h) lead to the set of height + 2, which goes to the tip.
 *
 * Conservation is checked after every block.  A block that breaks it, or
 * whose height or time does not follow, leaves the state as it was.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_EXEC_H
#define W4_CONSENSUS_EXEC_H

#include "core/consensus/exec_state.h"
#include "core/consensus/tip.h"

#pragma GCC visibility push(hidden)

/* Recorded in blocks: numbers never change their meaning. */
typedef enum W4TxCode
{
	W4_TXC_OK = 0,

	/* Not a transaction of a known signer that may run now: its number is not used up. */
	W4_TXC_MALFORMED = 1,
	W4_TXC_EXPIRED = 2,			/* expiry height passed */
	W4_TXC_TOO_EARLY = 3,		/* expiry height beyond the window */
	W4_TXC_UNKNOWN_SIGNER = 4,	/* neither account nor peer */
	W4_TXC_REPLAYED = 5,		/* number used or too old */
	W4_TXC_BAD_SIGNATURE = 6,
	W4_TXC_NOT_PEER = 7,		/* only peers submit this kind, or the identity of one */
	W4_TXC_COSIGNERS = 8,		/* too few, not peers, or a bad cosignature */

	/* Money. */
	W4_TXC_NOT_ALLOWED = 16,	/* the signer may not act for that account or transfer */
	W4_TXC_NO_ACCOUNT = 17,
	W4_TXC_INSUFFICIENT = 18,
	W4_TXC_SELF = 19,			/* from and to are one */
	W4_TXC_CROSS_PEER = 20,		/* needs LOCK and COMMIT */
	W4_TXC_SAME_PEER = 21,		/* needs TRANSFER */
	W4_TXC_UNKNOWN_PEER = 22,
	W4_TXC_WRONG_PEER = 23,		/* the account lives elsewhere */
	W4_TXC_TOO_SMALL = 24,		/* to open an account */
	W4_TXC_HOLD_RANGE = 25,
	W4_TXC_TOO_MANY_HOLDS = 26,
	W4_TXC_NO_TRANSFER = 27,	/* unknown or forgotten */
	W4_TXC_COMMITTED = 28,		/* already */
	W4_TXC_ROLLED_BACK = 29,
	W4_TXC_LOCK_EXPIRED = 30,
	W4_TXC_NOT_YET = 31,		/* the source must wait for the expiry */
	W4_TXC_FULL = 32,			/* a table is at the chain's maximum */
	W4_TXC_OVERFLOW = 33,		/* of the supply */

	/* Identities. */
	W4_TXC_REGISTERED = 48,		/* already */
	W4_TXC_STALE_ANCHOR = 49,	/* block unknown or too old */
	W4_TXC_BAD_WORK = 50,
	W4_TXC_NOT_REGISTERED = 51,
	W4_TXC_NOT_CLAIMED = 52,	/* no hardware level 5 to attest */
	W4_TXC_ATTESTED = 53,		/* already */

	/* Thoughts.  The first four are violations: they cost ATP and trust. */
	W4_TXC_RATE = 64,
	W4_TXC_LENGTH = 65,			/* characters, or blank */
	W4_TXC_COHERENCE = 66,
	W4_TXC_DUPLICATE = 67,
	W4_TXC_AUTHOR_SHARE = 68,
	W4_TXC_CORPUS_FULL = 69,

	W4_TXC_BAD_PARAM = 80,

	/* Members. */
	W4_TXC_NO_MOTION = 96,		/* unknown, or forgotten */
	W4_TXC_VOTED = 97,			/* already, or it has passed */
	W4_TXC_MOTION_EXPIRED = 98,	/* or would expire beyond the window */
	W4_TXC_TOO_MANY_MOTIONS = 99,	/* of this peer, or at all */
	W4_TXC_POINTLESS = 100,		/* adds a member, removes a stranger, the last peer; a key in use */
	W4_TXC_BAD_KEY = 101,		/* nobody could sign with it */
	W4_TXC_LEAVING = 102,		/* already, or being removed */
	W4_TXC_ACCUSED = 103		/* already, by the same peer for the same */
} W4TxCode;

/*
 * Does this code say that a block should not have carried the transaction?  It
 * does when form, time, number, signatures are wrong (consensus spec 3.7(6));
 * what concerns money, quality or votes is a result like any other.
 */
extern bool w4_tx_code_invalid(uint16_t code);

/* Name for messages, lower case with underscores; "unknown" otherwise. */
extern const char *w4_tx_code_name(uint16_t code);

/* What a transaction or an offence did. */
typedef struct W4TxResult
{
	uint8_t		id[32];			/* of the transaction; SHA-256 of its bytes if malformed; hash of the evidence */
	uint16_t	code;			/* W4TxCode */
	uint8_t		layer;			/* defence layer that refused a thought or registration: 1, 2, 3, 7; else 0 */
	uint32_t	coherence;		/* ppm, of a thought that came so far */
	int64_t		atp_delta;		/* rewards, penalties, recharge, grant of the author; micro-ATP */
	uint8_t		trust_cause;	/* W4TrustCause, 0 = trust not touched: this is one entry of the delta log */
	int32_t		trust_delta;	/* ppm, before clamping */
	uint32_t	trust_after;	/* ppm, stored */
} W4TxResult;

#define W4_TX_RESULT_LEN 56
extern void w4_tx_result_put(uint8_t out[W4_TX_RESULT_LEN], const W4TxResult *r);

/*
 * A violation that evidence in the block proves.  The id of a peer is the lct
 * of its identity, so a fine finds its account and a rotated key its owner.
 */
typedef struct W4ExecOffence
{
	W4Conviction conviction;
	uint8_t		evidence[32];	/* hash of the evidence */
} W4ExecOffence;

typedef struct W4ExecBlock
{
	uint64_t	height;			/* last + 1 */
	int64_t		time_us;		/* > that of the last block, < W4_EXEC_MAX_TIME */
	uint8_t		parent_hash[32];	/* block hash of height - 1; chain id at height 1 */
	const W4Members *members;	/* that decide this height, sealed */
	const W4Members *next;		/* and the next one */
	const W4Slice *txs;
	uint32_t	ntxs;			/* <= W4_P_MAX_BLOCK_TXS */
	const W4ExecOffence *offences;	/* in the order of the block's evidence */
	uint32_t	noffences;		/* <= W4_MAX_BLOCK_EVIDENCE */
} W4ExecBlock;

#define W4_EXEC_MAX_TIME (INT64_MAX / 4)

typedef enum W4ExecStatus
{
	W4_EXEC_OK,
	W4_EXEC_BAD_BLOCK,			/* height, time, peers or counts: not a block that follows */
	W4_EXEC_GROW,				/* w4_exec_grow first; "need" says how much */
	W4_EXEC_BROKEN				/* an invariant failed: a fault of this program, halt */
} W4ExecStatus;

typedef struct W4Exec
{
	W4State		state;
	bool		own_suite;
	W4Suite		suite;			/* when own_suite; else Ed25519, strict */
	W4ExecSizes need;			/* after W4_EXEC_GROW */
	uint8_t		signed_bytes[W4_TX_SIGNED_MAX];	/* scratch */
} W4Exec;

/* Memory for an executor, in bytes; 0 for sizes or parameters that are not ok. */
extern size_t w4_exec_memory(const W4Params *params, const W4ExecSizes *sizes);

/*
 * suite NULL: Ed25519, strict.  Another one must be as strict as
 * w4_verify_strict and answer equally on all peers: a host puts a cache of
 * signatures that it has already verified here, a simulator a keyed hash.  mem
 * is aligned as for uint64_t.
 */
extern bool w4_exec_init(W4Exec *x, void *mem, size_t len, const uint8_t chain_id[32],
						 const W4Params *params, const W4ExecSizes *sizes, const W4Suite *suite);

typedef struct W4GenesisAccount
{
	uint8_t		lct[32];
	int64_t		amount;			/* >= 0 */
	uint8_t		home[32];		/* peer id, or zero */
	bool		custodial;		/* home peer signs for it until it registers; needs a home */
} W4GenesisAccount;

/*
 * State of height 0, on a fresh executor.  Its digest is the same whatever the
 * chain id, which is made from it: initialise with any, run this, make the
 * genesis document (genesis.h), and initialise again with its hash.  False, and
 * the executor must be initialised again, for a repeated account, a negative
 * amount, too large a sum, or too little memory.
 */
extern bool w4_exec_genesis(W4Exec *x, int64_t time_us, int64_t treasury,
							const W4GenesisAccount *accounts, uint32_t naccounts);

/*
 * Apply a decided block.  results: ntxs + noffences entries, transactions
 * first; the results root is the RFC 6962 tree over their encodings.  All of
 * *out is filled in, but for the checkpoint root, which is zero.  Unless
 * W4_EXEC_OK the state is unchanged, results and *out undefined.
 */
extern W4ExecStatus w4_exec_block(W4Exec *x, const W4ExecBlock *block, W4TxResult *results, W4Applied *out);

/*
 * Would this transaction be admitted to the next block, as far as signer,
 * number, expiry, signatures go?  For mempools and proposers: a block need not
 * carry what can only fail.  Money and quality are not looked at.  The state
 * is not changed, only scratch memory of x.
 */
extern uint16_t w4_exec_admissible(W4Exec *x, W4Slice tx, const W4Members *members);

/* Is a decoded transaction signed by the key it names, whoever that may be? */
extern bool w4_exec_signed(W4Exec *x, const W4Tx *tx);

/*
 * Move to a larger (or smaller, if all fits) memory.  "to" is initialised
 * here; "from" may be released afterwards.  False when sizes do not fit.
 */
extern bool w4_exec_grow(W4Exec *to, void *mem, size_t len, const W4ExecSizes *sizes, const W4Exec *from);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_EXEC_H */
