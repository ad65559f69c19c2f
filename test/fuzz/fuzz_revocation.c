/*
 * Whatever is read as a revocation writes back the same bytes.
 */
#include <stdlib.h>

#include "core/consent.h"

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
	uint8_t		buf[W4_REVOCATION_MAX_SIZE + 23];
	W4Writer	out = w4_writer(buf, sizeof(buf));
	W4Revocation r;
	W4Fault		fault = {NULL, 0};

	if (!w4_revocation_decode(&r, data, size, &fault))
	{
		expect(fault.what != NULL && fault.offset <= size);
		return 0;
	}
	expect(w4_consent_name_ok(r.revoker) && r.revoked_at > 0 && r.reason <= 4);
	expect(w4_revocation_encode(&out, &r, NULL));
	expect(out.len == size && memcmp(buf, data, size) == 0);
	out = w4_writer(buf, sizeof(buf));
	w4_revocation_signed_bytes(&out, &r);
	expect(!out.full && out.len == size - 67 + 23);
	return 0;
}
