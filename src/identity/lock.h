/*-------------------------------------------------------------------------
 *
 * lock.h
 *		Serialising what changes an identity.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_IDENTITY_LOCK_H
#define W4_IDENTITY_LOCK_H

#include "postgres.h"

/*
 * Lock the entity's row until the transaction ends, so that rotations and
 * changes of status follow one another; W4I01 when there is none.  SPI
 * connected.  Look at the rows only afterwards.
 */
extern void w4_entity_lock(const uint8_t id[32]);

#endif							/* W4_IDENTITY_LOCK_H */
