/*
 * Whatever is read as a token writes back the same bytes, obeys the rules of
 * its fields, and has signed bytes of exactly the expected length.
 */
#include <stdlib.h>

#include "core/consent.h"
#include "core/pattern.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool truth)
{
	if (!truth)
		abort();
}

static void
check_fields(const W4Consent *t)
{
	expect(w4_consent_name_ok(t->issuer) && w4_consent_name_ok(t->subject));
	expect(w4_pattern_ok(W4_INTENT, t->intent, false, NULL));
	expect(w4_pattern_ok(W4_RESOURCE, t->resource, false, NULL));
	expect(t->issued_at > 0 && t->expires_at > t->issued_at && t->level <= 4);
	expect(t->level == 0 || t->expires_at != W4_CONSENT_FOREVER);
	for (int i = 0; i < t->nconstraints; i++)
	{
		expect(t->constraints[i].key.len > 0 && t->constraints[i].value.len > 0);
		expect(i == 0 || !w4_slice_eq(t->constraints[i].key, t->constraints[i - 1].key));
	}
}

static void
check_signed_bytes(const W4Consent *t)
{
	uint8_t		buf[W4_CONSENT_MAX_SIZE + 24];
	W4Writer	w = w4_writer(buf, sizeof(buf));

	w4_consent_signed_bytes(&w, t);
	expect(!w.full && w.len == t->wire.len - 67 + 24);
	expect(memcmp(buf, W4_CONSENT_CONTEXT, 24) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t		buf[W4_CONSENT_MAX_SIZE];
	W4Writer	out = w4_writer(buf, sizeof(buf));
	W4Consent	token;
	W4Fault		fault = {NULL, 0};

	if (!w4_consent_decode(&token, data, size, &fault))
	{
		expect(fault.what != NULL && fault.offset <= size);
		return 0;
	}
	check_fields(&token);
	check_signed_bytes(&token);
	expect(w4_consent_encode(&out, &token, NULL));
	expect(out.len == size && memcmp(buf, data, size) == 0);
	return 0;
}
