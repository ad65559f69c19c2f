/*
 * A million random transactions against a naive model of the rules: the same
 * code for every transaction, the same balances, trust and corpus, digests
 * equal between two replicas of different sizes, one of which is now and then
 * thrown away and loaded from a snapshot.
 *
 * The model shares no code with the executor but SHA-256: linear lists, all
 * attempts ever made, logl for decay.  Fixed seed.
 */
#include <math.h>

#include "exec_fixture.h"

#if defined(W4_UNDER_VALGRIND)
#define OPERATIONS 5000
#elif defined(__SANITIZE_ADDRESS__)
#define OPERATIONS 60000
#else
#define OPERATIONS 300000
#endif

#define AGENTS 300
#define FUNDED 40				/* have accounts from the start */
#define BUSY 56					/* act most of the time; the others wait to be paid */
#define PEERS 4
#define SIGNERS (AGENTS + PEERS)
#define MAX_HELD 300
#define MAX_LIVE 60
#define MAX_TOMBS 800
#define MAX_SWEEPS 40
#define MAX_HOLDS 8
#define DAY W4_DAY_US

typedef struct MTransfer
{
	uint8_t		id[32];
	int			from;
	int			to;
	int			peer;
	int64_t		amount;
	int64_t		expires;
	int64_t		due;
	int			state;
} MTransfer;

typedef struct MThought
{
	uint8_t		hash[32];
	int			author;
	int64_t		time;
	int64_t		coherence;
	int64_t		bytes;
} MThought;

typedef struct MAgent
{
	bool		exists;
	int64_t		available;
	int64_t		locked;
	int			holds;
	int			home;			/* -1: none */
	uint64_t	high;
	uint8_t    *used;			/* bitmap of numbers */
	bool		registered;
	int64_t		trust;
	int64_t		active;
	int64_t		recharged;
	int64_t    *attempts;		/* times of all attempts ever */
	int64_t    *attempt_bytes;
	int			nattempts;
	int			room;
	int			live;
} MAgent;

typedef struct Model
{
	MAgent		a[SIGNERS];
	MTransfer	t[MAX_HELD];
	int			nt;
	MThought	live[MAX_LIVE];
	int			nlive;
	uint8_t		tombs[MAX_TOMBS][32];
	int			ntombs;
	bool		prune_due;
	int64_t		treasury;
	int64_t		supply;
	int64_t		now;
	uint64_t	height;
} Model;

static Model m;
static uint64_t seed = 20260101;
static uint8_t lcts[SIGNERS][32];
static int64_t reached[100];

static uint32_t
rnd(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t) ((seed >> 33) % n);
}

static unsigned
key_number(int signer)
{
	return signer < AGENTS ? (unsigned) signer : PEER((unsigned) (signer - AGENTS));
}

/* --- the model: money --- */

static bool
m_fresh(const MAgent *a, uint64_t n)
{
	return (a->used[n / 8] >> n % 8 & 1) == 0 && (n > a->high || a->high - n < 64);
}

static void
m_use(MAgent *a, uint64_t n)
{
	a->used[n / 8] |= (uint8_t) (1 << n % 8);
	a->high = n > a->high ? n : a->high;
}

static void
m_open(MAgent *a)
{
	if (!a->exists)
		a->home = -1;
	a->exists = true;
}

static int
m_transfer(int signer, int from, int to, int64_t amount)
{
	if (from == to)
		return W4_TXC_SELF;
	if (!m.a[from].exists)
		return W4_TXC_NO_ACCOUNT;
	if (signer != from)
		return W4_TXC_NOT_ALLOWED;
	if (m.a[to].exists && m.a[to].home >= 0 && m.a[from].home >= 0 && m.a[to].home != m.a[from].home)
		return W4_TXC_CROSS_PEER;
	if (m.a[from].available < amount)
		return W4_TXC_INSUFFICIENT;
	if (!m.a[to].exists && amount < ATP)
		return W4_TXC_TOO_SMALL;
	m_open(&m.a[to]);
	m.a[from].available -= amount;
	m.a[to].available += amount;
	return W4_TXC_OK;
}

static int
m_lock(int signer, int from, int to, int peer, int64_t amount, int64_t hold, const uint8_t id[32])
{
	MTransfer  *t;

	if (from == to)
		return W4_TXC_SELF;
	if (!m.a[from].exists)
		return W4_TXC_NO_ACCOUNT;
	if (signer != from)
		return W4_TXC_NOT_ALLOWED;
	if (hold < SECOND || hold > 30 * DAY)
		return W4_TXC_HOLD_RANGE;
	if (m.a[from].home == peer)
		return W4_TXC_SAME_PEER;
	if (m.a[to].exists && m.a[to].home >= 0 && m.a[to].home != peer)
		return W4_TXC_WRONG_PEER;
	if (!m.a[to].exists && amount < ATP)
		return W4_TXC_TOO_SMALL;
	if (m.a[from].available < amount)
		return W4_TXC_INSUFFICIENT;
	if (m.a[from].holds == MAX_HOLDS)
		return W4_TXC_TOO_MANY_HOLDS;
	if (m.nt == MAX_HELD)
		return W4_TXC_FULL;
	t = &m.t[m.nt++];
	memcpy(t->id, id, 32);
	t->from = from;
	t->to = to;
	t->peer = peer;
	t->amount = amount;
	t->expires = t->due = m.now + hold;
	t->state = W4_TRANSFER_HELD;
	m.a[from].available -= amount;
	m.a[from].locked += amount;
	m.a[from].holds++;
	return W4_TXC_OK;
}

static void
m_end(MTransfer *t, int state)
{
	int			winner = state == W4_TRANSFER_COMMITTED ? t->to : t->from;

	m_open(&m.a[winner]);
	m.a[t->from].locked -= t->amount;
	m.a[t->from].holds--;
	m.a[winner].available += t->amount;
	t->state = state;
	t->due = m.now + 60 * SECOND;
}

static MTransfer *
m_find(const uint8_t id[32])
{
	for (int i = 0; i < m.nt; i++)
	{
		if (memcmp(m.t[i].id, id, 32) == 0)
			return &m.t[i];
	}
	return NULL;
}

static int
m_settle(int signer, const uint8_t id[32], bool commit)
{
	static const int already[5] = {0, 0, W4_TXC_COMMITTED, W4_TXC_ROLLED_BACK, W4_TXC_LOCK_EXPIRED};
	MTransfer  *t = m_find(id);
	bool		destination;

	if (t == NULL)
		return W4_TXC_NO_TRANSFER;
	destination = signer == t->to || signer == AGENTS + t->peer;
	if (!destination && (commit || signer != t->from))
		return W4_TXC_NOT_ALLOWED;
	if (t->state != W4_TRANSFER_HELD)
		return already[t->state];
	if (commit && m.now > t->expires)
		return W4_TXC_LOCK_EXPIRED;
	if (!commit && !destination && m.now <= t->expires)
		return W4_TXC_NOT_YET;
	m_end(t, commit ? W4_TRANSFER_COMMITTED : W4_TRANSFER_ROLLED_BACK);
	return W4_TXC_OK;
}

static void
m_sweep(void)
{
	for (int n = 0; n < MAX_SWEEPS; n++)
	{
		MTransfer  *first = NULL;

		for (int i = 0; i < m.nt; i++)
		{
			if (m.t[i].due < m.now && (first == NULL || m.t[i].due < first->due ||
									   (m.t[i].due == first->due && memcmp(m.t[i].id, first->id, 32) < 0)))
				first = &m.t[i];
		}
		if (first == NULL)
			return;
		if (first->state == W4_TRANSFER_HELD)
			m_end(first, W4_TRANSFER_EXPIRED);
		else
			*first = m.t[--m.nt];
	}
}

/* --- the model: thoughts --- */

static int64_t
m_effective(const MAgent *a)
{
	int64_t		days = (m.now - a->active) / DAY - 7;
	int64_t		floor = a->trust < 100000 ? a->trust : 100000;
	int64_t		left;

	if (days < 0)
		return a->trust;
	left = a->trust - (int64_t) floorl(10000.0L * logl(1.0L + (days < 3650 ? days : 3650)));
	return left > floor ? left : floor;
}

static void
m_delta(MAgent *a, int64_t delta)
{
	a->trust = m_effective(a) + delta;
	a->trust = a->trust < 0 ? 0 : a->trust > 1000000 ? 1000000 : a->trust;
	a->active = m.now;
}

static void
m_from_treasury(MAgent *a, int64_t amount, int64_t cap)
{
	int64_t		room = cap - a->available - a->locked;

	if (amount > room)
		amount = room > 0 ? room : 0;
	if (amount > m.treasury)
		amount = m.treasury;
	a->available += amount;
	m.treasury -= amount;
}

static void
m_fine(MAgent *a, int64_t amount)
{
	if (amount > a->available)
		amount = a->available;
	a->available -= amount;
	m.treasury += amount;
}

static int
m_register(int agent)
{
	MAgent	   *a = &m.a[agent];

	if (a->registered)
		return W4_TXC_REGISTERED;
	m_open(a);
	a->home = agent % PEERS;
	a->registered = true;
	a->trust = 100000;
	a->active = a->recharged = m.now;
	m_from_treasury(a, 100 * ATP, INT64_MAX);
	return W4_TXC_OK;
}

static int
m_judge(MAgent *a, const uint8_t hash[32], int64_t coherence, int64_t bytes)
{
	int64_t		bonus = (a->available + a->locked) / (500 * ATP) * 500000;
	int64_t		trust = m_effective(a);
	int64_t		total = bytes;
	int			count = 0;

	bonus = bonus > 1000000 ? 1000000 : bonus;
	for (int i = 0; i < a->nattempts; i++)
	{
		if (a->attempts[i] > m.now - 60 * SECOND)
		{
			count++;
			total += a->attempt_bytes[i];
		}
	}
	if (count >= (int) ((1000000 + trust / 2) * (1000000 + bonus) / 100000000000) ||
		(__int128) total * 10000000 > (__int128) (1000000 + trust / 2) * (1000000 + bonus))
		return W4_TXC_RATE;
	if (bytes < 10)
		return W4_TXC_LENGTH;
	if (coherence < 300000)
		return W4_TXC_COHERENCE;
	for (int i = 0; i < m.nlive; i++)
	{
		if (memcmp(m.live[i].hash, hash, 32) == 0)
			return W4_TXC_DUPLICATE;
	}
	for (int i = 0; i < m.ntombs; i++)
	{
		if (memcmp(m.tombs[i], hash, 32) == 0)
			return W4_TXC_DUPLICATE;
	}
	if (m.nlive == MAX_LIVE)
		return W4_TXC_CORPUS_FULL;
	return a->live >= MAX_LIVE / 5 ? W4_TXC_AUTHOR_SHARE : W4_TXC_OK;
}

static int
m_thought(int agent, const uint8_t hash[32], int64_t coherence, int64_t bytes)
{
	MAgent	   *a = &m.a[agent];
	int64_t		days = a->registered ? (m.now - a->recharged) / DAY : 0;
	bool		high = coherence >= 800000;
	int			code;

	if (!a->registered)
		return W4_TXC_NOT_REGISTERED;
	a->recharged += days * DAY;
	m_from_treasury(a, days * 10 * ATP, 10000 * ATP);
	code = m_judge(a, hash, coherence, bytes);
	if (a->nattempts == a->room)
	{
		a->room = a->room * 2 + 64;
		a->attempts = realloc(a->attempts, sizeof(int64_t) * (size_t) a->room);
		a->attempt_bytes = realloc(a->attempt_bytes, sizeof(int64_t) * (size_t) a->room);
		assert_true(a->attempts != NULL && a->attempt_bytes != NULL);
	}
	a->attempts[a->nattempts] = m.now;
	a->attempt_bytes[a->nattempts++] = bytes;
	if (code == W4_TXC_OK)
	{
		MThought   *t = &m.live[m.nlive++];

		memcpy(t->hash, hash, 32);
		t->author = agent;
		t->time = m.now;
		t->coherence = coherence;
		t->bytes = bytes;
		a->live++;
		m_delta(a, high ? 20000 : 10000);
		m_from_treasury(a, high ? 2 * ATP : ATP, 10000 * ATP);
	}
	else if (code <= W4_TXC_DUPLICATE)
	{
		m_fine(a, code == W4_TXC_RATE ? 10 * ATP : 5 * ATP);
		m_delta(a, -50000);
	}
	return code;
}

static int64_t
m_priority(const MThought *t)
{
	int64_t		age = m.now - t->time;
	int64_t		recency = age >= 36000 * SECOND ? 0 : 1000000 - age / 36000;

	return 6 * t->coherence + 4 * recency;
}

static int
compare_thoughts(const void *x, const void *y)
{
	const MThought *a = x;
	const MThought *b = y;
	int64_t		pa = m_priority(a);
	int64_t		pb = m_priority(b);

	return pa < pb ? -1 : pa > pb ? 1 : memcmp(a->hash, b->hash, 32);
}

static void
m_bury(int i)
{
	if (m.ntombs < MAX_TOMBS)
		memcpy(m.tombs[m.ntombs++], m.live[i].hash, 32);
	m.a[m.live[i].author].live--;
	memmove(&m.live[i], &m.live[i + 1], sizeof(MThought) * (size_t) (--m.nlive - i));
}

static void
m_prune(void)
{
	qsort(m.live, (size_t) m.nlive, sizeof(MThought), compare_thoughts);
	for (int i = 0; i < m.nlive && m.nlive > MAX_LIVE * 7 / 10;)
	{
		if (m.now - m.live[i].time >= 3600 * SECOND)
			m_bury(i);
		else
			i++;
	}
	if (m.nlive < MAX_LIVE)
		return;
	for (int i = 0; i < m.nlive && m.nlive >= MAX_LIVE * 9 / 10;)
	{
		if (m.now - m.live[i].time < 3600 * SECOND)
			m_bury(i);
		else
			i++;
	}
}

/* --- one random transaction --- */

typedef struct Expected
{
	int			code;
	W4Tx		tx;
} Expected;

/* What comes before the rule; true when the rule decides. */
static bool
m_admit(const W4Tx *tx, int signer, int *code)
{
	MAgent	   *a = &m.a[signer];
	bool		cosigned = tx->kind == W4_TX_MINT || tx->kind == W4_TX_BURN;
	MTransfer  *t;

	*code = W4_TXC_OK;
	if (tx->expiry_height < m.height)
		*code = W4_TXC_EXPIRED;
	else if (tx->expiry_height > m.height + 10000)
		*code = W4_TXC_TOO_EARLY;
	else if (!a->exists && signer < AGENTS && tx->kind != W4_TX_REGISTER &&
			 ((tx->kind != W4_TX_COMMIT && tx->kind != W4_TX_ROLLBACK) ||
			  (t = m_find(tx->transfer_id)) == NULL || t->to != signer))
		*code = W4_TXC_UNKNOWN_SIGNER;
	else if (a->exists && !m_fresh(a, tx->sequence))
		*code = W4_TXC_REPLAYED;
	else if (cosigned && signer < AGENTS)
		*code = W4_TXC_NOT_PEER;
	return *code == W4_TXC_OK;
}

static const char *const openings[4] = {
	"Thought %07u federated ",	/* few words: 0.7 */
	"Thought %07u federated trusted peers remember everything ",	/* 0.85 */
	"low %03u",
	"short"
};

/* A text and what it is worth by the rule of the spec. */
static int64_t
make_text(char text[256])
{
	uint32_t	kind = rnd(20);
	uint32_t	opening = kind < 10 ? 0 : kind < 17 ? 1 : kind < 19 ? 2 : 3;
	int			len = snprintf(text, 256, openings[opening], opening == 2 ? rnd(1000) : rnd(1000000));

	if (opening > 1)
	{
		if (opening == 2)
			memcpy(text + len, " enough", 8);
		return 0;
	}
	if (rnd(10) == 0)
		(void) snprintf(text, 256, openings[opening], rnd(20));
	memset(text + len, 'x', (size_t) (200 - len));
	text[200] = '\0';
	return opening == 0 ? 700000 : 900000;
}

static uint8_t recent[64][32];

/* Fill in the kind's items at random, hostile choices included. */
static void
choose(Chain *c, W4Tx *tx, int *signer, int *from, int *to, int *peer, char text[256], int64_t *coherence)
{
	static const uint8_t kinds[16] = {
		W4_TX_TRANSFER, W4_TX_TRANSFER, W4_TX_TRANSFER, W4_TX_LOCK, W4_TX_LOCK, W4_TX_LOCK, W4_TX_LOCK,
		W4_TX_COMMIT, W4_TX_COMMIT, W4_TX_COMMIT, W4_TX_ROLLBACK, W4_TX_ROLLBACK, W4_TX_THOUGHT, W4_TX_THOUGHT,
		W4_TX_MINT, W4_TX_REGISTER
	};
	W4TxKind	kind = (W4TxKind) kinds[rnd(16)];
	MTransfer  *t = m.nt > 0 ? &m.t[rnd((uint32_t) m.nt)] : NULL;

	if (kind == W4_TX_MINT && rnd(30) != 0)
		kind = W4_TX_TRANSFER;
	if (kind == W4_TX_MINT && rnd(3) == 0)
		kind = W4_TX_BURN;
	if (kind == W4_TX_REGISTER && rnd(10) != 0)
		kind = W4_TX_THOUGHT;
	*from = (int) (rnd(60) == 0 ? rnd(AGENTS) : rnd(rnd(3) == 0 ? 5 : BUSY));
	*to = (int) rnd(rnd(60) == 0 ? AGENTS : BUSY);
	*signer = rnd(20) == 0 ? (int) rnd(SIGNERS) : *from;
	*peer = rnd(20) == 0 ? (int) rnd(PEERS) : *to % PEERS;
	if (kind == W4_TX_TRANSFER && rnd(4) != 0)
		*to = (*from + PEERS * (int) rnd(10)) % (rnd(20) == 0 ? AGENTS : BUSY);
	if (kind == W4_TX_MINT || kind == W4_TX_BURN)
		*signer = rnd(5) == 0 ? *from : AGENTS + (int) rnd(PEERS);
	*tx = tx_by(c, kind, 0);
	if (t != NULL && rnd(10) != 0)
	{
		memcpy(tx->transfer_id, t->id, 32);
		if ((kind == W4_TX_COMMIT || kind == W4_TX_ROLLBACK) && rnd(8) != 0)
			*signer = rnd(3) == 0 ? AGENTS + t->peer : rnd(4) == 0 ? t->from : t->to;
	}
	else
		memcpy(tx->transfer_id, recent[rnd(64)], 32);
	key_of(tx->key, key_number(*signer));
	memcpy(tx->from, lcts[*from], 32);
	memcpy(tx->to, lcts[*to], 32);
	memcpy(tx->to_peer, c->peers[kind == W4_TX_REGISTER ? *signer % PEERS : *peer].id, 32);
	tx->amount = rnd(6) == 0 ? 1 + rnd(2 * ATP) : (int64_t) (1 + rnd(200)) * ATP;
	tx->hold_us = rnd(50) == 0 ? 1 : (int64_t) (1 + rnd(40)) * SECOND;
	if (rnd(50) == 0)
		tx->sequence -= rnd(80) < tx->sequence ? rnd(80) % tx->sequence : 0;
	if (rnd(100) == 0)
		tx->expiry_height = rnd(2) == 0 ? m.height + 10001 : m.height > 1 ? m.height - 1 : m.height;
	*coherence = make_text(text);
	tx->content = w4_slice_cstr(text);
	tx->entity_type = w4_slice_cstr("ai");
	tx->hw_level = 4;
	tx->anchor_height = m.height - 1;
	if (kind == W4_TX_REGISTER)
		tx->pow_nonce = find_nonce(c, tx, c->tip);
}

static int
m_run(const W4Tx *tx, int signer, int from, int to, int peer, int64_t coherence)
{
	uint8_t		hash[32];
	int			code;

	switch (tx->kind)
	{
		case W4_TX_TRANSFER:
			return m_transfer(signer, from, to, tx->amount);
		case W4_TX_LOCK:
			return m_lock(signer, from, to, peer, tx->amount, tx->hold_us, tx->id);
		case W4_TX_COMMIT:
		case W4_TX_ROLLBACK:
			return m_settle(signer, tx->transfer_id, tx->kind == W4_TX_COMMIT);
		case W4_TX_MINT:
			if (!m.a[to].exists && tx->amount < ATP)
				return W4_TXC_TOO_SMALL;
			m_open(&m.a[to]);
			m.a[to].available += tx->amount;
			m.supply += tx->amount;
			return W4_TXC_OK;
		case W4_TX_BURN:
			if (m.treasury < tx->amount)
				return W4_TXC_INSUFFICIENT;
			m.treasury -= tx->amount;
			m.supply -= tx->amount;
			return W4_TXC_OK;
		case W4_TX_REGISTER:
			return m_register(signer);
		default:
			w4_sha256(hash, tx->content.data, tx->content.len);
			code = m_thought(signer, hash, coherence, (int64_t) tx->content.len);
			return code;
	}
}

/* Append one to the block of "c" and run it in the model; returns the code that is due. */
static int
one_transaction(Chain *c)
{
	int			signer;
	int			from;
	int			to;
	int			peer;
	char		text[256];
	int64_t		coherence;
	int			code;
	W4Tx		tx;
	bool		strange;
	uint32_t	cosigners = 3;

	choose(c, &tx, &signer, &from, &to, &peer, text, &coherence);
	if (tx.kind == W4_TX_MINT || tx.kind == W4_TX_BURN)
		cosigners = 2 + rnd(3);
	add_signed(c, &tx, cosigners);
	memcpy(recent[rnd(64)], tx.id, 32);
	if (!m_admit(&tx, signer, &code))
		return code;
	if ((tx.kind == W4_TX_MINT || tx.kind == W4_TX_BURN) && cosigners < 3)
		return W4_TXC_COSIGNERS;
	strange = !m.a[signer].exists && signer < AGENTS;
	if (!strange)
	{
		m_open(&m.a[signer]);
		m_use(&m.a[signer], tx.sequence);
	}
	code = m_run(&tx, signer, from, to, peer, coherence);
	if (strange && code == W4_TXC_OK && m.a[signer].exists)
		m_use(&m.a[signer], tx.sequence);
	return code;
}

/* --- comparing --- */

static void
compare_state(const Chain *c)
{
	int64_t		sum = m.treasury;

	for (int i = 0; i < SIGNERS; i++)
	{
		W4Account	a = account_of(c, key_number(i));
		W4Identity	id = identity_of(c, key_number(i));

		assert_int_equal(a.available, m.a[i].available);
		assert_int_equal(a.locked, m.a[i].locked);
		assert_int_equal(a.open_holds, m.a[i].holds);
		assert_int_equal(a.seq.high, m.a[i].high);
		assert_int_equal(id.trust, m.a[i].trust);
		assert_int_equal(id.live_thoughts, m.a[i].live);
		assert_int_equal(id.log_len > 0, m.a[i].registered);
		sum += a.available + a.locked;
	}
	assert_int_equal(sum, m.supply);
	assert_int_equal(c->exec.state.totals.supply, m.supply);
	assert_int_equal(c->exec.state.totals.treasury, m.treasury);
	assert_int_equal(c->exec.state.tables[W4_ST_TRANSFER].count, m.nt);
	assert_int_equal(c->exec.state.tables[W4_ST_THOUGHT].count, m.nlive);
	assert_int_equal(c->exec.state.tables[W4_ST_TOMBSTONE].count, m.ntombs);
	for (int i = 0; i < m.nlive; i++)
		assert_non_null(w4_state_get(&c->exec.state, W4_ST_THOUGHT, m.live[i].hash));
}

/* Throw the replica away and load it from a snapshot of itself. */
static void
reload(Chain *d)
{
	static uint8_t chunk[W4_MAX_CHUNK_BYTES];
	W4Exec	   *x = malloc(sizeof(*x));
	W4ExecSizes sizes = d->exec.state.sizes;
	W4SnapshotWriter w;
	W4SnapshotLoader l;
	W4SnapshotHead head;
	W4Writer	out = w4_writer(chunk, sizeof(chunk));
	void	   *mem;
	size_t		len;

	assert_non_null(x);
	sizes.accounts = sizes.accounts % 700 + 850;
	len = w4_exec_memory(&d->params, &sizes);
	mem = malloc(len);
	assert_non_null(mem);
	w4_snapshot_begin(&w, &d->exec.state);
	assert_true(w4_snapshot_next(&w, &out));
	assert_true(w4_snapshot_head(&head, w4_slice(chunk, out.len), d->chain_id, &d->params, NULL));
	assert_true(w4_exec_init(x, mem, len, d->chain_id, &head.params, &sizes, &fake_suite));
	assert_true(w4_snapshot_load(&l, x, &head));
	for (out = w4_writer(chunk, sizeof(chunk)); w4_snapshot_next(&w, &out); out = w4_writer(chunk, sizeof(chunk)))
		assert_true(w4_snapshot_chunk(&l, w4_slice(chunk, out.len), NULL));
	assert_true(w4_snapshot_finish(&l, d->digest, NULL));
	free(d->mem);
	d->mem = mem;
	d->exec = *x;
	free(x);
}

static void
open_model(Chain *c, const W4ExecSizes *sizes)
{
	W4Params	p;

	small_params(&p);
	p.v[W4_P_MAX_TRANSFERS] = MAX_HELD;
	p.v[W4_P_MAX_THOUGHTS] = MAX_LIVE;
	p.v[W4_P_MAX_TOMBSTONES] = MAX_TOMBS;
	p.v[W4_P_MAX_BLOCK_SWEEPS] = MAX_SWEEPS;
	p.v[W4_P_MAX_OPEN_HOLDS] = MAX_HOLDS;
	chain_open(c, &p, sizes, PEERS);
	chain_genesis(c, FUNDED, 1000, 20000);
}

static int64_t
next_step(void)
{
	uint32_t	kind = rnd(200);

	if (kind == 0)
		return (int64_t) (1 + rnd(20)) * DAY;
	return kind < 6 ? (int64_t) (1 + rnd(7200)) * SECOND : 1 + rnd(rnd(2) == 0 ? 3 * SECOND : SECOND / 2);
}

static void
a_million_operations(void **state)
{
	W4ExecSizes sizes_c = {900, MAX_HELD, 700, MAX_LIVE, MAX_TOMBS};
	W4ExecSizes sizes_d = {1200, MAX_HELD, 600, MAX_LIVE, MAX_TOMBS};
	static int	expected[MAX_BLOCK];
	Chain	   *c = malloc(sizeof(*c));
	Chain	   *d = malloc(sizeof(*d));
	int			done = 0;
	int			blocks = 0;

	(void) state;
	assert_true(c != NULL && d != NULL);
	open_model(c, &sizes_c);
	open_model(d, &sizes_d);
	m.supply = (int64_t) (20000 + FUNDED * 1000) * ATP;
	m.treasury = 20000 * ATP;
	for (int i = 0; i < SIGNERS; i++)
	{
		m.a[i].used = calloc(OPERATIONS / 8 + 100, 1);
		assert_non_null(m.a[i].used);
		m.a[i].exists = i < FUNDED;
		m.a[i].available = i < FUNDED ? 1000 * ATP : 0;
		m.a[i].home = i < FUNDED ? i % PEERS : -1;
		lct_of(lcts[i], key_number(i));
	}
	m.now = c->now;

	while (done < OPERATIONS)
	{
		uint32_t	n = rnd(10) == 0 ? 0 : 1 + rnd(rnd(10) == 0 ? 200 : 40);
		int64_t		step = next_step();
		W4ExecBlock b;

		m.now += step;
		m.height = c->exec.state.totals.height + 1;
		if (m.prune_due)
			m_prune();
		m_sweep();
		for (uint32_t i = 0; i < n; i++)
			expected[i] = one_transaction(c);
		m.prune_due = m.nlive >= MAX_LIVE * 9 / 10;

		/* The second replica gets the very same bytes. */
		d->now = c->now + step;
		memcpy(d->tip, c->tip, 32);
		b = chain_block(c);
		b.time_us = d->now;
		assert_int_equal(w4_exec_block(&d->exec, &b, d->results, &d->applied), W4_EXEC_OK);
		memcpy(d->digest, d->applied.state_digest, 32);
		run(c, step);
		assert_memory_equal(c->digest, d->digest, 32);
		assert_memory_equal(c->applied.results_root, d->applied.results_root, 32);
		for (uint32_t i = 0; i < n; i++)
		{
			if (c->results[i].code != expected[i])
				fail_msg("operation %d: %s, model says %s", done + (int) i, w4_tx_code_name(c->results[i].code),
						 w4_tx_code_name((uint16_t) expected[i]));
			reached[expected[i]]++;
		}
		done += (int) n;
		if (++blocks % 20 == 0)
			compare_state(c);
		if (blocks % 200 == 0)
			audit(c);
		if (blocks % 500 == 0)
			reload(d);
	}
	compare_state(c);
	audit(c);
	audit(d);
	print_message("%d operations in %d blocks, no disagreement;", done, blocks);
	for (uint16_t i = 0; i < 100; i++)
	{
		if (reached[i] > 0)
			print_message(" %s %lld", w4_tx_code_name(i), (long long) reached[i]);
	}
	print_message("\n");
	for (int i = 0; i < SIGNERS; i++)
	{
		free(m.a[i].used);
		free(m.a[i].attempts);
		free(m.a[i].attempt_bytes);
	}
	chain_close(c);
	chain_close(d);
	free(c);
	free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_operations),
	};

	return cmocka_run_group_tests_name("exec_model", tests, NULL, NULL);
}
