/*-------------------------------------------------------------------------
 *
 * fuzz_timestamp.c
 *		A timestamp that is read is written the same way; and the reverse.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "core/timestamp.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

static void
check_text(const uint8_t *data, size_t size)
{
	char		out[W4_TIMESTAMP_TEXT_MAX];
	W4Fault		fault = {NULL, 0};
	int64_t		us;

	if (!w4_timestamp_parse(&us, (const char *) data, size, &fault))
	{
		require(fault.what != NULL && fault.offset <= size);
		return;
	}
	require(us >= W4_TIMESTAMP_MIN && us <= W4_TIMESTAMP_MAX);
	require(w4_timestamp_format(out, us) == (int) size);
	require(memcmp(out, data, size) == 0);
}

static void
check_value(int64_t us)
{
	char		out[W4_TIMESTAMP_TEXT_MAX];
	int			len = w4_timestamp_format(out, us);
	int64_t		back;

	require(len == 0 || len == 20 || len == 24 || len == 27);
	if (us >= W4_TIMESTAMP_MIN && us <= W4_TIMESTAMP_MAX)
		require(w4_timestamp_parse(&back, out, (size_t) len, NULL) && back == us);
	else
		require(!w4_timestamp_parse(&back, out, (size_t) len, NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_text(data, size);
	if (size >= 8)
	{
		uint64_t	bits = w4_get_u64be(data);

		check_value((int64_t) bits);
		check_value(W4_TIMESTAMP_MIN +
					(int64_t) (bits % (uint64_t) (W4_TIMESTAMP_MAX - W4_TIMESTAMP_MIN + 1)));
	}
	return 0;
}
