/*-------------------------------------------------------------------------
 *
 * horizon.h
 *		Transaction ids that do not wrap around.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_HORIZON_H
#define W4_HORIZON_H

#include "postgres.h"

/* The full id of a transaction id taken from a snapshot. */
extern uint64 w4_full_xid(TransactionId xid);

#endif							/* W4_HORIZON_H */
