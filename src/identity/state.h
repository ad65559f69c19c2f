/*-------------------------------------------------------------------------
 *
 * state.h
 *		What the rows of an identity or a society say, as one hash.
 *
 * Every act writes the hash of the state that it leaves into its evidence leaf;
 * web4.identity_invariants() compares the rows with the newest leaf, so that a
 * cell changed behind the triggers is found.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_IDENTITY_STATE_H
#define W4_IDENTITY_STATE_H

#include "postgres.h"

#include "core/bytes.h"
#include "evidence/evidence.h"

/* entity row and all its keys, under the active snapshot; false: no such row. */
extern bool w4_entity_state(const uint8_t id[32], uint8_t state[32]);

/* A member of a leaf's data; NULL: null. */
extern void w4_data_text(W4Writer *w, bool *first, const char *key, const char *value);

/* The member "state": the same of an entity, or of a society with its role holders, by the newest snapshot. */
extern void w4_data_entity_state(W4Writer *w, bool *first, const uint8_t id[32]);
extern void w4_data_society_state(W4Writer *w, bool *first, const uint8_t id[32]);

/* Close the data and append the leaf that it belongs to; a used nonce raises W4I07. */
extern void w4_data_append(W4Evidence *leaf, const char *kind, const uint8_t society[32], W4Writer *data);

#endif							/* W4_IDENTITY_STATE_H */
