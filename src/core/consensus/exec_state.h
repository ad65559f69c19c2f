/*-------------------------------------------------------------------------
 *
 * exec_state.h
 *		The replicated state: tables, totals, the journal that undoes a block.
 *
 * All memory is one block of the caller's, sized by w4_exec_memory.  Tables
 * change only through w4_state_put and w4_state_delete, which keep the sums
 * of what accounts and held transfers hold and write down what was there
 * before.  The sums are derived from the bytes that are stored, not from what
 * the rules meant to do, so that they can convict the rules.
 *
 * Digest after block h:
 *		D_h = SHA-256("W4ST1" | chain id | D_(h-1) | results root | state root)
 *		state root = RFC 6962 tree over the leaves: totals, parameters, council
 *		(council.h), and for every table (table u8 | entries u64be | table root[32])
 * At height 0 the chain id is left out (zero), since the chain id is the hash
 * of a document that contains D_0.
 * A snapshot therefore proves itself against the digest that a certified
 * header carries, and one entry against it by a path of hashes (table.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_EXEC_STATE_H
#define W4_CONSENSUS_EXEC_STATE_H

#include "core/consensus/council.h"
#include "core/consensus/exec_params.h"
#include "core/consensus/exec_record.h"
#include "core/consensus/table.h"

#pragma GCC visibility push(hidden)

/* Everything that is neither a table nor a parameter. */
typedef struct W4Totals
{
	uint64_t	height;			/* of the last block executed; 0 is genesis */
	int64_t		time_us;		/* of its header, or of genesis */
	int64_t		supply;			/* changes by MINT and BURN only */
	int64_t		treasury;		/* rewards come from it, penalties go to it */
	int64_t		available;		/* sums over accounts */
	int64_t		locked;
	int64_t		held;			/* sum over held transfers */
	int64_t		thought_bytes;	/* sum over live thoughts */
	bool		prune_due;		/* the next block prunes first */
} W4Totals;

#define W4_TOTALS_LEN 65

extern void w4_totals_put(uint8_t out[W4_TOTALS_LEN], const W4Totals *t);
extern bool w4_totals_get(W4Totals *t, const uint8_t in[W4_TOTALS_LEN]);

/* How many entries fit locally; W4_ST_DUE and W4_ST_ANCHOR follow from others. */
typedef struct W4ExecSizes
{
	uint32_t	accounts;
	uint32_t	transfers;
	uint32_t	identities;
	uint32_t	thoughts;
	uint32_t	tombstones;
} W4ExecSizes;

typedef struct W4PruneItem W4PruneItem;

typedef struct W4State
{
	uint8_t		chain_id[32];
	W4Params	params;
	W4Totals	totals;
	W4Table		tables[W4_NTABLES];
	W4ExecSizes sizes;
	uint8_t		digest[32];		/* after the last block */
	uint8_t		previous[32];	/* digest before it; zero at genesis */
	uint8_t		results_root[32];	/* of it; zero at genesis */
	W4Council  *council;		/* to read; changes through w4_state_council only */
	W4Council  *council_was;	/* before this block, when council_changed */
	bool		council_changed;
	bool		council_fresh;	/* council_leaf is its hash */
	uint8_t		council_leaf[32];
	uint8_t    *council_wire;	/* scratch: W4_COUNCIL_WIRE_MAX */
	W4Writer	journal;		/* undo records of the block being executed */
	bool		broken;			/* a table or the journal overflowed: the block must be undone */
	W4PruneItem *prune;			/* scratch: sizes.thoughts items */
	int64_t    *sums;			/* scratch for the audit: a number per account or identity */
} W4State;

struct W4PruneItem
{
	int64_t		priority;
	uint8_t		key[32];
	bool		young;
};

/* --- memory --- */

#define W4_ANCHORS 1002

/* Room of a table. */
extern uint32_t w4_state_entries(const W4ExecSizes *sizes, int table);

/* Bytes, or 0 when sizes are zero, beyond the chain's maxima, or params are not ok. */
extern size_t w4_state_memory(const W4Params *params, const W4ExecSizes *sizes);
extern bool w4_state_init(W4State *s, void *mem, size_t len, const uint8_t chain_id[32],
						  const W4Params *params, const W4ExecSizes *sizes);

/* --- entries --- */

extern const uint8_t *w4_state_get(const W4State *s, W4StateTable table, const uint8_t *key);
extern void w4_state_put(W4State *s, W4StateTable table, const uint8_t *key, const uint8_t *value);
extern void w4_state_delete(W4State *s, W4StateTable table, const uint8_t *key);

/* Would one more entry exceed the chain's maximum? */
extern bool w4_state_full(const W4State *s, W4StateTable table);

/* False when absent. */
extern bool w4_state_account(const W4State *s, const uint8_t lct[32], W4Account *out);
extern void w4_state_set_account(W4State *s, const uint8_t lct[32], const W4Account *a);
extern bool w4_state_transfer(const W4State *s, const uint8_t id[32], W4Transfer *out);
extern void w4_state_set_transfer(W4State *s, const uint8_t id[32], const W4Transfer *t);
extern bool w4_state_identity(const W4State *s, const uint8_t lct[32], W4Identity *out);
extern void w4_state_set_identity(W4State *s, const uint8_t lct[32], const W4Identity *i);

/*
 * The council, to be changed.  The first change within a block keeps a copy, so
 * that undoing the block puts it back; what undoes less than the block relies
 * on rules that check before they change.
 */
extern W4Council *w4_state_council(W4State *s);

/* Its canonical bytes, in scratch memory of the state. */
extern W4Slice w4_state_council_wire(const W4State *s);

/* --- undo --- */

typedef struct W4StateMark
{
	size_t		journal;
	bool		council_changed;
	W4Totals	totals;
	W4Params	params;
} W4StateMark;

/* Forget the undo records: what was done stays. */
extern void w4_state_keep(W4State *s);
extern W4StateMark w4_state_mark(const W4State *s);
extern void w4_state_undo(W4State *s, const W4StateMark *mark);

/* --- digest and invariants (digest.c) --- */

extern void w4_state_root(W4State *s, uint8_t out[32]);
extern void w4_state_root_from_scratch(const W4State *s, uint8_t out[32]);

/* D of a block from its parts; chain_id is zero at height 0. */
extern void w4_state_digest(uint8_t out[32], const uint8_t chain_id[32], const uint8_t previous[32],
							const uint8_t results_root[32], const uint8_t state_root[32]);

/* Set s->digest from the state, s->previous and s->results_root. */
extern void w4_state_seal(W4State *s);

#define W4_STATE_HEAD_LEAVES 3	/* totals, parameters, council */
#define W4_STATE_LEAVES (W4_STATE_HEAD_LEAVES + W4_NTABLES)

/*
 * Proof against the digest of the last block that an entry is there, or not.
 * Who holds a certified header of height + 1 needs nothing else.
 */
typedef struct W4StateProof
{
	uint8_t		previous[32];
	uint8_t		results_root[32];
	uint64_t	count;			/* entries of the table */
	uint8_t		path_len;
	uint8_t		path[W4_STATE_LEAVES][32];	/* from the table's leaf to the state root */
	W4TableProof entry;
} W4StateProof;

/* True if the key is there. */
extern bool w4_state_prove(W4State *s, W4StateTable table, const uint8_t *key, W4StateProof *proof);
extern W4TableVerdict w4_state_verify(const uint8_t digest[32], const uint8_t chain_id[32], W4StateTable table,
									  const uint8_t *key, const W4StateProof *proof);

/*
 * Conservation from the running sums, O(1): nothing negative, available +
 * locked + treasury = supply, locked = held.
 */
extern bool w4_state_conserved(const W4State *s);

/*
 * Everything from the tables alone, O(n): the sums above; locked and the
 * number of holds of each account; each transfer has its due entry and no
 * other; live thoughts of each author; nothing from the future; the hashes of
 * recent blocks without a gap.  Returns NULL or what is wrong.
 */
extern const char *w4_state_audit(W4State *s);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_EXEC_STATE_H */
