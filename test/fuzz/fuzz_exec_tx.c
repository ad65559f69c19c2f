/*
 * Whatever is read as a transaction of the replicated ledger writes back the
 * same bytes, and its body is what was hashed.
 */
#include <stdlib.h>

#include "core/consensus/exec_params.h"
#include "core/consensus/tx.h"
#include "core/decimal.h"

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
	static uint8_t buf[W4_TX_MAX_SIZE];
	W4Writer	out = w4_writer(buf, sizeof(buf));
	W4Fault		fault = {NULL, 0};
	uint8_t		id[32];
	W4Tx		tx;

	if (!w4_tx_decode(&tx, w4_slice(data, size), &fault))
	{
		expect(fault.what != NULL && fault.offset <= size);
		return 0;
	}
	expect(tx.sequence > 0 && tx.sequence <= W4_TX_MAX_SEQUENCE && tx.expiry_height > 0);
	expect(tx.amount >= 0 && tx.amount <= W4_ATP_MAX_AMOUNT && tx.hold_us >= 0);
	expect(tx.content.len <= W4_TX_MAX_CONTENT && tx.param < W4_NPARAMS);
	expect(w4_tx_kind_cosigned(tx.kind) == (tx.cosignatures.len > 0));
	expect(w4_tx_encode(&out, &tx, NULL));
	expect(out.len == size && memcmp(buf, data, size) == 0);
	out = w4_writer(buf, sizeof(buf));
	w4_tx_put_body(&out, &tx);
	expect(out.len == tx.body.len && memcmp(buf, tx.body.data, out.len) == 0);
	w4_sha256(id, buf, out.len);
	expect(memcmp(id, tx.id, 32) == 0);
	return 0;
}
