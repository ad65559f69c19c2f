/*-------------------------------------------------------------------------
 *
 * exec_record.c
 *		Records of the replicated state: fixed-size canonical bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consensus/exec_record.h"

#include "core/consensus/exec_params.h"

const W4TableShape w4_state_shapes[W4_NTABLES] = {
	[W4_ST_ACCOUNT] = {"account", 32, W4_ACCOUNT_LEN},
	[W4_ST_TRANSFER] = {"transfer", 32, W4_TRANSFER_LEN},
	[W4_ST_DUE] = {"due", W4_DUE_KEY_LEN, 0},
	[W4_ST_IDENTITY] = {"identity", 32, W4_IDENTITY_LEN},
	[W4_ST_THOUGHT] = {"thought", 32, W4_THOUGHT_LEN},
	[W4_ST_TOMBSTONE] = {"tombstone", 32, 8},
	[W4_ST_ANCHOR] = {"anchor", 8, 32},
};

static int64_t
take_i64(const uint8_t **p)
{
	int64_t		v = (int64_t) w4_get_u64be(*p);

	*p += 8;
	return v;
}

static uint32_t
take_u32(const uint8_t **p)
{
	uint32_t	v = w4_get_u32be(*p);

	*p += 4;
	return v;
}

static void
take(const uint8_t **p, void *out, size_t len)
{
	memcpy(out, *p, len);
	*p += len;
}

/* A flag is 0 or 1; *ok turns false for anything else. */
static bool
take_flag(const uint8_t **p, bool *ok)
{
	uint8_t		v = *(*p)++;

	*ok = *ok && v <= 1;
	return v == 1;
}

void
w4_account_put(uint8_t out[W4_ACCOUNT_LEN], const W4Account *a)
{
	W4Writer	w = w4_writer(out, W4_ACCOUNT_LEN);

	w4_put_u64be(&w, (uint64_t) a->available);
	w4_put_u64be(&w, (uint64_t) a->locked);
	w4_put_u32be(&w, a->open_holds);
	w4_put_u64be(&w, a->seq.high);
	w4_put_u64be(&w, a->seq.used);
	w4_put(&w, a->home, 32);
	w4_put_u8(&w, a->custodial);
}

bool
w4_account_get(W4Account *a, const uint8_t in[W4_ACCOUNT_LEN])
{
	bool		ok = true;

	a->available = take_i64(&in);
	a->locked = take_i64(&in);
	a->open_holds = take_u32(&in);
	a->seq.high = (uint64_t) take_i64(&in);
	a->seq.used = (uint64_t) take_i64(&in);
	take(&in, a->home, 32);
	a->custodial = take_flag(&in, &ok);
	return ok && a->available >= 0 && a->locked >= 0 && a->seq.high <= W4_TX_MAX_SEQUENCE &&
		(a->locked > 0) == (a->open_holds > 0) && a->open_holds <= (uint64_t) a->locked &&
		(a->seq.high > 0) == ((a->seq.used & 1) != 0) &&
		(a->seq.high >= 64 || a->seq.used >> a->seq.high == 0);
}

void
w4_transfer_put(uint8_t out[W4_TRANSFER_LEN], const W4Transfer *t)
{
	W4Writer	w = w4_writer(out, W4_TRANSFER_LEN);

	w4_put(&w, t->from, 32);
	w4_put(&w, t->to, 32);
	w4_put(&w, t->to_peer, 32);
	w4_put_u64be(&w, (uint64_t) t->amount);
	w4_put_u64be(&w, (uint64_t) t->expires_us);
	w4_put_u64be(&w, (uint64_t) t->due_us);
	w4_put_u8(&w, t->state);
}

bool
w4_transfer_get(W4Transfer *t, const uint8_t in[W4_TRANSFER_LEN])
{
	take(&in, t->from, 32);
	take(&in, t->to, 32);
	take(&in, t->to_peer, 32);
	t->amount = take_i64(&in);
	t->expires_us = take_i64(&in);
	t->due_us = take_i64(&in);
	t->state = *in;
	return t->amount > 0 && t->expires_us > 0 && t->due_us > 0 && memcmp(t->from, t->to, 32) != 0 &&
		t->state >= W4_TRANSFER_HELD && t->state <= W4_TRANSFER_EXPIRED &&
		(t->state != W4_TRANSFER_HELD || t->due_us == t->expires_us);
}

void
w4_identity_put(uint8_t out[W4_IDENTITY_LEN], const W4Identity *i)
{
	W4Writer	w = w4_writer(out, W4_IDENTITY_LEN);

	w4_put(&w, i->key, 32);
	w4_put(&w, i->entity_type, sizeof(i->entity_type));
	w4_put_u8(&w, i->hw_level);
	w4_put_u8(&w, i->attested);
	w4_put_u32be(&w, i->trust);
	w4_put_u64be(&w, (uint64_t) i->last_active_us);
	w4_put_u64be(&w, (uint64_t) i->last_recharge_us);
	w4_put_u64be(&w, i->registered_height);
	w4_put_u32be(&w, i->accepted);
	w4_put_u32be(&w, i->violations);
	w4_put_u32be(&w, i->live_thoughts);
	w4_put_u64be(&w, i->log_len);
	w4_put(&w, i->log_head, 32);
	w4_put_u8(&w, i->nattempts);
	for (int k = 0; k < W4_RATE_RING; k++)
	{
		bool		used = k < i->nattempts;

		w4_put_u64be(&w, used ? (uint64_t) i->attempts[k].time_us : 0);
		w4_put_u32be(&w, used ? i->attempts[k].bytes : 0);
	}
}

/* In order of time, unused ones zero. */
static bool
take_attempts(const uint8_t **p, W4Identity *i)
{
	int64_t		last = 0;
	bool		ok = true;

	for (int k = 0; k < W4_RATE_RING; k++)
	{
		W4Attempt  *a = &i->attempts[k];

		a->time_us = take_i64(p);
		a->bytes = take_u32(p);
		if (k < i->nattempts)
			ok = ok && a->time_us > 0 && a->time_us >= last && a->bytes <= W4_TX_MAX_CONTENT;
		else
			ok = ok && a->time_us == 0 && a->bytes == 0;
		last = a->time_us;
	}
	return ok;
}

static bool
entity_type_ok(const uint8_t type[W4_TX_MAX_ENTITY_TYPE])
{
	int			len = 0;

	while (len < W4_TX_MAX_ENTITY_TYPE && (type[len] == '_' || (type[len] >= 'a' && type[len] <= 'z')))
		len++;
	for (int i = len; i < W4_TX_MAX_ENTITY_TYPE; i++)
	{
		if (type[i] != 0)
			return false;
	}
	return len > 0;
}

bool
w4_identity_get(W4Identity *i, const uint8_t in[W4_IDENTITY_LEN])
{
	bool		ok = true;

	take(&in, i->key, 32);
	take(&in, i->entity_type, sizeof(i->entity_type));
	i->hw_level = *in++;
	i->attested = take_flag(&in, &ok);
	i->trust = take_u32(&in);
	i->last_active_us = take_i64(&in);
	i->last_recharge_us = take_i64(&in);
	i->registered_height = (uint64_t) take_i64(&in);
	i->accepted = take_u32(&in);
	i->violations = take_u32(&in);
	i->live_thoughts = take_u32(&in);
	i->log_len = (uint64_t) take_i64(&in);
	take(&in, i->log_head, 32);
	i->nattempts = *in++;
	ok = ok && i->nattempts <= W4_RATE_RING;
	return take_attempts(&in, i) && ok && entity_type_ok(i->entity_type) &&
		i->hw_level >= 1 && i->hw_level <= 5 && (!i->attested || i->hw_level == 5) &&
		i->trust <= W4_PPM && i->last_active_us > 0 && i->last_recharge_us > 0 &&
		i->registered_height > 0 && i->live_thoughts <= i->accepted && i->log_len > 0;
}

void
w4_thought_put(uint8_t out[W4_THOUGHT_LEN], const W4Thought *t)
{
	W4Writer	w = w4_writer(out, W4_THOUGHT_LEN);

	w4_put(&w, t->author, 32);
	w4_put_u64be(&w, (uint64_t) t->time_us);
	w4_put_u32be(&w, t->coherence);
	w4_put_u32be(&w, t->bytes);
}

bool
w4_thought_get(W4Thought *t, const uint8_t in[W4_THOUGHT_LEN])
{
	take(&in, t->author, 32);
	t->time_us = take_i64(&in);
	t->coherence = take_u32(&in);
	t->bytes = take_u32(&in);
	return t->time_us > 0 && t->coherence <= W4_PPM && t->bytes > 0 && t->bytes <= W4_TX_MAX_CONTENT;
}

void
w4_due_key(uint8_t out[W4_DUE_KEY_LEN], int64_t due_us, const uint8_t id[32])
{
	W4Writer	w = w4_writer(out, W4_DUE_KEY_LEN);

	w4_put_u64be(&w, (uint64_t) due_us);
	w4_put(&w, id, 32);
}

bool
w4_record_ok(W4StateTable table, const uint8_t *key, const uint8_t *value)
{
	union
	{
		W4Account	account;
		W4Transfer	transfer;
		W4Identity	identity;
		W4Thought	thought;
	}			r;
	uint8_t		lct[32];

	switch (table)
	{
		case W4_ST_ACCOUNT:
			return w4_account_get(&r.account, value);
		case W4_ST_TRANSFER:
			return w4_transfer_get(&r.transfer, value);
		case W4_ST_DUE:
			return (int64_t) w4_get_u64be(key) > 0;
		case W4_ST_IDENTITY:
			w4_sha256(lct, value, 32);
			return w4_identity_get(&r.identity, value) && memcmp(lct, key, 32) == 0;
		case W4_ST_THOUGHT:
			return w4_thought_get(&r.thought, value);
		case W4_ST_TOMBSTONE:
			return w4_get_u64be(value) > 0 && w4_get_u64be(value) <= W4_TX_MAX_HEIGHT;
		default:
			return w4_get_u64be(key) <= W4_TX_MAX_HEIGHT;
	}
}
