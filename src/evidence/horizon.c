/*-------------------------------------------------------------------------
 *
 * horizon.c
 *		Transaction ids that do not wrap around, and the cluster they belong to.
 *
 *-------------------------------------------------------------------------
 */
#include "evidence/evidence.h"

#include "access/transam.h"
#include "access/xlog.h"
#include "evidence/horizon.h"

uint64
w4_full_xid(TransactionId xid)
{
	FullTransactionId next = ReadNextFullTransactionId();
	uint32		epoch = EpochFromFullTransactionId(next);

	if (xid > XidFromFullTransactionId(next))
		epoch--;
	return ((uint64) epoch << 32) | xid;
}

int64
w4_system_identifier(void)
{
	return (int64) GetSystemIdentifier();
}
