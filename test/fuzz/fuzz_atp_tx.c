/*
 * Whatever is read as a transaction writes back the same bytes and lies within
 * the limits.
 */
#include <stdlib.h>

#include "core/atp_tx.h"
#include "core/decimal.h"
#include "core/timestamp.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool truth)
{
	if (!truth)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t		buf[W4_ATP_TX_MAX_SIZE];
	W4Writer	out = w4_writer(buf, sizeof(buf));
	W4AtpTx		tx;
	W4Fault		fault = {NULL, 0};

	if (!w4_atp_tx_decode(&tx, data, size, &fault))
	{
		expect(fault.what != NULL && fault.offset <= size);
		return 0;
	}
	expect(tx.amount >= 1 && tx.amount <= W4_ATP_MAX_AMOUNT);
	expect(tx.timestamp >= W4_TIMESTAMP_MIN && tx.timestamp <= W4_TIMESTAMP_MAX);
	expect(tx.type.len >= 1 && tx.type.len <= 32 && tx.ref.len <= W4_ATP_TX_MAX_REF);
	expect(w4_atp_tx_encode(&out, &tx, NULL));
	expect(out.len == size && memcmp(buf, data, size) == 0);
	return 0;
}
