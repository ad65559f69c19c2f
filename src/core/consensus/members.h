/*-------------------------------------------------------------------------
 *
 * members.h
 *		The set of peers that vote at a height, its quorum and its changes.
 *
 * Every member has one vote; trust and stake never weigh here (consensus spec
 * C-19).  Members stand in the order of their 32-byte peer id, strictly
 * ascending, so that a set has one encoding and an index names one member.
 *
 * Wire: count u8 | count times (peer id[32] | key[32] | power u8 = 1).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_CONSENSUS_MEMBERS_H
#define W4_CONSENSUS_MEMBERS_H

#include "core/consensus/limits.h"
#include "core/consensus/suite.h"
#include "core/consensus/wire.h"

#pragma GCC visibility push(hidden)

#define W4_NO_MEMBER (-1)
#define W4_MEMBER_WIRE_LEN 65
#define W4_MEMBERS_WIRE_MAX (1 + W4_MAX_MEMBERS * W4_MEMBER_WIRE_LEN)

typedef struct W4Member
{
	uint8_t		id[32];			/* peer id; stays when the key rotates */
	uint8_t		key[32];		/* consensus public key */
} W4Member;

typedef struct W4Members
{
	uint8_t		n;				/* 1..W4_MAX_MEMBERS once decoded or sealed */
	uint8_t		hash[32];		/* SHA-256("W4MEM1" | wire), set by decode and seal */
	W4Member	m[W4_MAX_MEMBERS];
} W4Members;

/* How many of n may lie: floor((n - 1) / 3). */
static inline int
w4_faulty(int n)
{
	return (n - 1) / 3;
}

/*
 * Votes that decide: ceil(2n / 3) = floor((n + f) / 2) + 1.  Two quorums share
 * at least f + 1 members for every n; 2f + 1 does so only for n = 3f + 1.
 */
static inline int
w4_quorum(int n)
{
	return (2 * n + 2) / 3;
}

extern int	w4_members_find(const W4Members *set, const uint8_t id[32]);

/* Put a member into its place; false when it is there already or the set is full.  Seal afterwards. */
extern bool w4_members_add(W4Members *set, const uint8_t id[32], const uint8_t key[32]);
extern bool w4_members_remove(W4Members *set, const uint8_t id[32]);

/* Compute the hash of a set that was put together by hand. */
extern void w4_members_seal(W4Members *set);

extern void w4_members_put(W4Writer *out, const W4Members *set);

/* Reads a whole set: order, powers and keys are checked, and that no key stands twice. */
extern void w4_members_read(W4Members *out, W4Reader *r, const W4Suite *suite);

/*
 * May "next" follow "set"?  At most one member is added, removed or has another
 * key, so that two thirds of one set are more than a third of the other (3.10).
 */
extern bool w4_members_may_follow(const W4Members *set, const W4Members *next);

#pragma GCC visibility pop

#endif							/* W4_CONSENSUS_MEMBERS_H */
