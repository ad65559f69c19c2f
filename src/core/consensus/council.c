/*-------------------------------------------------------------------------
 *
 * council.c
 *		The encoding of what the chain knows about its members.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/council.h"

void
w4_council_put(W4Writer *out, const W4Council *c)
{
	w4_roster_put(out, &c->roster);
	w4_strikes_put(out, &c->strikes);
	w4_history_put(out, &c->history);
}

/* Ages are taken as differences of heights, so nothing may come from the future. */
static bool
from_the_future(const W4Council *c, uint64_t height)
{
	const W4Strikes *s = &c->strikes;
	const W4History *h = &c->history;

	return (s->strikes > 0 && s->strike[s->strikes - 1].committed > height) ||
		(s->accusations > 0 && s->accusation[s->accusations - 1].height > height) ||
		(h->changes > 0 && h->change[h->changes - 1].from > height + 2) ||
		h->since > height + 2 || c->roster.effective_at > height + 2;
}

bool
w4_council_decode(W4Council *out, W4Slice wire, uint64_t height, W4Fault *fault)
{
	W4Reader	r = w4_reader(wire);

	memset(out, 0, sizeof(*out));
	w4_roster_read(&out->roster, &r);
	w4_strikes_read(&out->strikes, &r);
	w4_history_read(&out->history, &r);
	if (r.what == NULL && from_the_future(out, height))
		w4_read_fail(&r, "council from the future");
	return w4_read_end(&r, fault);
}
