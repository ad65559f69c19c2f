/*-------------------------------------------------------------------------
 *
 * trust.c
 *		Trust deltas, their log and its fold; decay.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/trust.h"
#include "core/consensus/trust_decay.h"

uint32_t
w4_trust_effective(const W4Params *p, uint32_t stored, int64_t last_active_us, int64_t now)
{
	int64_t		grace = p->v[W4_P_DECAY_GRACE_DAYS];
	int64_t		idle = now > last_active_us ? (now - last_active_us) / W4_DAY_US : 0;
	int64_t		day = idle - grace;
	int64_t		floor = p->v[W4_P_TRUST_FLOOR];
	int64_t		trust;

	if (day < 0)
		return stored;
	trust = (int64_t) stored - w4_trust_decay[day < W4_TRUST_DECAY_DAYS ? day : W4_TRUST_DECAY_DAYS - 1];
	if (floor > stored)
		floor = stored;
	return (uint32_t) (trust > floor ? trust : floor);
}

int32_t
w4_trust_delta(const W4Params *p, W4TrustCause cause)
{
	switch (cause)
	{
		case W4_TRUST_REGISTERED:
			return (int32_t) p->v[W4_P_TRUST_INITIAL];
		case W4_TRUST_ACCEPTED:
			return (int32_t) p->v[W4_P_TRUST_ACCEPTED];
		case W4_TRUST_ACCEPTED_HIGH:
			return (int32_t) p->v[W4_P_TRUST_HIGH];
		case W4_TRUST_VIOLATION:
			return (int32_t) -p->v[W4_P_TRUST_VIOLATION];
		case W4_TRUST_ATTESTED:
			return (int32_t) p->v[W4_P_TRUST_ATTESTED];
		default:
			return -W4_PPM;
	}
}

static bool
is_activity(uint8_t cause)
{
	return cause >= W4_TRUST_REGISTERED && cause <= W4_TRUST_VIOLATION;
}

/* Entry's delta on top of what is stored, decayed if the identity itself acted. */
static void
add_entry(W4Identity *i, const uint8_t lct[32], const W4Params *p, W4TrustEntry *e)
{
	uint8_t		raw[5 + 32 + 32 + 8 + 1 + 8 + 32 + 4 + 4];
	W4Writer	w = w4_writer(raw, sizeof(raw));
	int64_t		trust = i->trust;

	if (is_activity(e->cause))
	{
		trust = w4_trust_effective(p, i->trust, i->last_active_us, e->time_us);
		i->last_active_us = e->time_us;
	}
	trust += e->delta;
	if (trust < 0)
		trust = 0;
	if (trust > W4_PPM)
		trust = W4_PPM;
	i->trust = e->after = (uint32_t) trust;

	w4_put_cstr(&w, "W4TD1");
	w4_put(&w, i->log_head, 32);
	w4_put(&w, lct, 32);
	w4_put_u64be(&w, i->log_len++);
	w4_put_u8(&w, e->cause);
	w4_put_u64be(&w, (uint64_t) e->time_us);
	w4_put(&w, e->source, 32);
	w4_put_u32be(&w, (uint32_t) e->delta);
	w4_put_u32be(&w, e->after);
	w4_sha256(i->log_head, raw, w.len);
}

void
w4_trust_apply(W4Identity *i, const uint8_t lct[32], const W4Params *p, W4TrustCause cause,
			   int64_t now, const uint8_t source[32], W4TrustEntry *entry)
{
	entry->cause = (uint8_t) cause;
	entry->time_us = now;
	memcpy(entry->source, source, 32);
	entry->delta = w4_trust_delta(p, cause);
	add_entry(i, lct, p, entry);
}

bool
w4_trust_fold(W4Identity *i, const uint8_t lct[32], const W4Params *p, const W4TrustEntry *entries, uint32_t n)
{
	int64_t		last = 0;

	for (uint32_t k = 0; k < n; k++)
	{
		W4Identity	next = *i;
		W4TrustEntry e = entries[k];

		if (e.cause < W4_TRUST_REGISTERED || e.cause > W4_TRUST_OFFENCE ||
			(e.cause == W4_TRUST_REGISTERED) != (i->log_len == 0) || e.time_us < last)
			return false;
		if (e.delta < -W4_PPM || e.delta > W4_PPM)
			return false;
		add_entry(&next, lct, p, &e);
		if (e.after != entries[k].after)
			return false;
		last = e.time_us;
		*i = next;
	}
	return true;
}
