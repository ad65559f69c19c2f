/*-------------------------------------------------------------------------
 *
 * horizon.c
 *		Which transactions are final, and in which cluster that counts.
 *
 *-------------------------------------------------------------------------
 */
#include "evidence/evidence.h"

#include "access/transam.h"
#include "access/xlog.h"
#include "evidence/horizon.h"
#include "utils/snapmgr.h"

uint64
w4_full_xid(TransactionId xid)
{
	FullTransactionId next = ReadNextFullTransactionId();
	uint32		epoch = EpochFromFullTransactionId(next);

	if (xid > XidFromFullTransactionId(next))
		epoch--;
	return ((uint64) epoch << 32) | xid;
}

/*
 * Every transaction below a snapshot's xmin had ended when the snapshot was
 * taken, and its rows, if it committed, are visible to that snapshot and to
 * every later one.  The snapshot is the one that SPI would read with, so what
 * the caller reads next is at least as new, at every isolation level.  Our own
 * transaction, if it has an id, counts as running.
 */
uint64
w4_final_horizon(void)
{
	return w4_full_xid(GetTransactionSnapshot()->xmin);
}

int64
w4_system_identifier(void)
{
	return (int64) GetSystemIdentifier();
}
