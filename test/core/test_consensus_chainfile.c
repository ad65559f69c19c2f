/*-------------------------------------------------------------------------
 *
 * test_consensus_chainfile.c
 *		Genesis documents, chain files and their verification.
 *
 * The forgeries here are signed by every member: what is refused is refused
 * although all keys are in one hand, unless the lie is about signatures.
 *
 *-------------------------------------------------------------------------
 */
#include "consensus_fixture.h"

#include "core/consensus/chainfile.h"

#define HEIGHTS 7
#define JOINS 3					/* decided by this block, announced by the next, effective two later */

static uint8_t buf[1 << 20];
static uint8_t wire[1 << 16];

/* --- genesis --- */

static void
genesis_make(W4Genesis *g, const Chain *c)
{
	memset(g, 0, sizeof(*g));
	strcpy(g->name, "test-7");
	g->time_us = 5000;
	memset(g->params_hash, 0x11, 32);
	memset(g->state_digest, 0x22, 32);
	g->members = c->set;
}

static W4Slice
genesis_wire(const W4Genesis *g)
{
	static uint8_t bytes[W4_GENESIS_WIRE_MAX];
	W4Writer	w = w4_writer(bytes, sizeof(bytes));

	w4_genesis_put(&w, g);
	assert_false(w.full);
	return w4_slice(bytes, w.len);
}

static void
test_genesis(void **state)
{
	Chain		c;
	W4Genesis	g;
	W4Genesis	got;
	W4Slice		bytes;
	uint8_t		id[32];
	uint8_t		again[32];

	(void) state;
	chain_init(&c, 4);
	genesis_make(&g, &c);
	bytes = genesis_wire(&g);
	assert_true(w4_genesis_decode(&got, bytes, &w4_suite_ed25519, NULL));
	assert_string_equal(got.name, "test-7");
	assert_int_equal(got.time_us, 5000);
	assert_memory_equal(got.params_hash, g.params_hash, 32);
	assert_memory_equal(got.state_digest, g.state_digest, 32);
	assert_memory_equal(got.members.hash, c.set.hash, 32);
	w4_chain_id(id, bytes);
	for (size_t i = 0; i < bytes.len; i++)
	{
		assert_false(w4_genesis_decode(&got, w4_slice(bytes.data, i), &w4_suite_ed25519, NULL));
		((uint8_t *) bytes.data)[i] ^= 4;
		w4_chain_id(again, bytes);
		assert_memory_not_equal(again, id, 32);
		((uint8_t *) bytes.data)[i] ^= 4;
	}
}

static void
test_genesis_refused(void **state)
{
	static const struct
	{
		const char *name;
		int64_t		time_us;
		const char *what;
	}			cases[] = {
		{"", 0, "length of the network's name out of range"},
		{"Test", 0, "character that a network's name does not have"},
		{"a b", 0, "character that a network's name does not have"},
		{"a", -1, "time before 1970"}
	};
	Chain		c;
	W4Genesis	g;
	W4Genesis	got;
	W4Fault		fault;
	W4Slice		bytes;

	(void) state;
	chain_init(&c, 4);
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		genesis_make(&g, &c);
		strcpy(g.name, cases[i].name);
		g.time_us = cases[i].time_us;
		assert_false(w4_genesis_decode(&got, genesis_wire(&g), &w4_suite_ed25519, &fault));
		assert_string_equal(fault.what, cases[i].what);
	}
	genesis_make(&g, &c);
	bytes = genesis_wire(&g);
	((uint8_t *) bytes.data)[1] = 2;
	assert_false(w4_genesis_decode(&got, bytes, &w4_suite_ed25519, &fault));
	assert_string_equal(fault.what, "unknown version of a genesis document");
	((uint8_t *) bytes.data)[1] = 1;
	((uint8_t *) bytes.data)[2] = 64;
	assert_false(w4_genesis_decode(&got, bytes, &w4_suite_ed25519, &fault));
	assert_string_equal(fault.what, "length of the network's name out of range");
}

/* --- a chain with a lie in it --- */

typedef enum Lie
{
	NO_LIE,
	LIE_HEIGHT,
	LIE_PARENT,
	LIE_TIME,
	LIE_MEMBERS,
	LIE_EARLY_CHANGE,			/* announced at height 1 */
	LIE_UNANNOUNCED,			/* effective here, but not announced by the header before */
	LIE_TWO_CHANGES,
	LIE_CHANGE_AGAIN,			/* the next height, too */
	LIE_PARAMS,
	LIE_STATE,
	LIE_BUILDER,
	LIE_NEXT_MISSING,
	LIE_NEXT_UNCALLED,
	LIE_NEXT_OTHER,
	LIE_CERT_BLOCK,
	LIE_CERT_HEIGHT,
	LIE_CERT_KIND,				/* PREPAREs instead of COMMITs */
	LIE_CERT_FEW,
	LIE_CERT_OLD_SET,
	LIE_CERT_INDEX,				/* a signature under another member's index */
	LIE_LAST_FEW,
	LIE_LAST_KIND,
	LIE_LAST_NEW_SET
} Lie;

typedef struct Maker
{
	Chain		c;				/* with the newcomer's key */
	W4Members	set[HEIGHTS + 3];	/* by height */
	W4Genesis	genesis;
	uint8_t		parent[32];
	W4Cert		cert;
	Lie			lie;
	int			at;
} Maker;

static bool
lies(const Maker *m, Lie lie, uint64_t height)
{
	return m->lie == lie && (uint64_t) m->at == height;
}

static void
sign_cert(const Maker *m, W4Cert *out, W4VoteKind kind, const W4Members *set, uint64_t height,
		  const uint8_t hash[32], int signers)
{
	Chain		c = m->c;

	c.set = *set;
	cert_make(out, &c, kind, height, 0, hash, w4_mask_all((unsigned) signers));
}

static void
fill_header(const Maker *m, W4BlockHeader *h, uint64_t height)
{
	memset(h, 0, sizeof(*h));
	h->version = W4_BLOCK_VERSION;
	h->height = height + lies(m, LIE_HEIGHT, height);
	h->time_us = lies(m, LIE_TIME, height) ? 5000 + (int64_t) height - 1 : 5000 + (int64_t) height;
	memcpy(h->parent, m->parent, 32);
	memcpy(h->proposer, m->set[height].m[height % 4].id, 32);
	memcpy(h->members_hash, m->set[height].hash, 32);
	memcpy(h->next_members_hash, m->set[height + 1].hash, 32);
	memset(h->params_hash, lies(m, LIE_PARAMS, height) ? 0x12 : 0x11, 32);
	memset(h->parent_state_digest, lies(m, LIE_STATE, height) ? 0x23 : 0x22, 32);
	if (lies(m, LIE_UNANNOUNCED, height + 1))
		memcpy(h->next_members_hash, h->members_hash, 32);
	if (lies(m, LIE_PARENT, height))
		h->parent[5] ^= 1;
	if (lies(m, LIE_BUILDER, height))
		h->proposer[5] ^= 1;
	if (lies(m, LIE_MEMBERS, height))
		h->members_hash[0] ^= 1;
}

static void
make_last_commit(const Maker *m, W4Cert *out, uint64_t height, const uint8_t parent[32])
{
	const W4Members *set = &m->set[height - 1];

	*out = m->cert;
	out->height = height - 1;
	memcpy(out->hash, parent, 32);
	if (lies(m, LIE_LAST_FEW, height))
		sign_cert(m, out, W4_COMMIT, set, height - 1, parent, w4_quorum(set->n) - 1);
	if (lies(m, LIE_LAST_KIND, height))
		sign_cert(m, out, W4_PREPARE, set, height - 1, parent, set->n);
	if (lies(m, LIE_LAST_NEW_SET, height))
		sign_cert(m, out, W4_COMMIT, &m->set[height], height - 1, parent, m->set[height].n);
}

static void
make_cert(Maker *m, uint64_t height, const uint8_t hash[32])
{
	const W4Members *set = &m->set[height];
	uint8_t		other[32];

	memcpy(other, hash, 32);
	other[0] ^= 1;
	sign_cert(m, &m->cert, W4_COMMIT, set, height, hash, set->n);
	if (lies(m, LIE_CERT_BLOCK, height))
		sign_cert(m, &m->cert, W4_COMMIT, set, height, other, set->n);
	if (lies(m, LIE_CERT_HEIGHT, height))
		sign_cert(m, &m->cert, W4_COMMIT, set, height + 1, hash, set->n);
	if (lies(m, LIE_CERT_KIND, height))
		sign_cert(m, &m->cert, W4_PREPARE, set, height, hash, set->n);
	if (lies(m, LIE_CERT_FEW, height))
		sign_cert(m, &m->cert, W4_COMMIT, set, height, hash, w4_quorum(set->n) - 1);
	if (lies(m, LIE_CERT_OLD_SET, height))
		sign_cert(m, &m->cert, W4_COMMIT, &m->set[height - 1], height, hash, m->set[height - 1].n);
	if (lies(m, LIE_CERT_INDEX, height))
		memcpy(m->cert.signatures[1], m->cert.signatures[0], 64);
}

static void
put_block(Maker *m, W4Writer *out, uint64_t height)
{
	static const uint8_t txs[] = {0, 0, 0, 3, 'o', 'n', 'e'};
	const W4Members *next = &m->set[height + 1];
	W4Writer	w = w4_writer(wire, sizeof(wire));
	W4BlockHeader h;
	W4Block		block;
	W4Cert		last;

	fill_header(m, &h, height);
	if (height > 1)
		make_last_commit(m, &last, h.height, h.parent);
	w4_block_encode(&w, &h, w4_slice(txs, sizeof(txs)), w4_slice(NULL, 0), h.height > 1 && height > 1 ? &last : NULL, m->c.id);
	w4_block_hash(block.hash, &h, m->c.id);
	make_cert(m, height, block.hash);
	if (w4_hash_eq(next->hash, m->set[height].hash) != lies(m, LIE_NEXT_UNCALLED, height))
		next = NULL;
	if (lies(m, LIE_NEXT_MISSING, height) || lies(m, LIE_UNANNOUNCED, height + 1))
		next = NULL;
	if (lies(m, LIE_NEXT_OTHER, height))
		next = &m->set[height];
	w4_chainfile_put_record(out, w4_slice(wire, w.len), &m->cert, next, m->c.id);
	memcpy(m->parent, block.hash, 32);
}

static void
join(W4Members *set, Chain *c, int n)
{
	uint8_t		id[32];
	uint8_t		key[32];

	peer_id(id, n);
	peer_keys(key, c->secret[n], n);
	assert_true(w4_members_add(set, id, key));
	w4_members_seal(set);
}

/* A chain whose block JOINS lets a fifth member in, with one lie at a height; its length. */
static size_t
make_chain(Maker *m, Lie lie, int at)
{
	W4Writer	out = w4_writer(buf, sizeof(buf));
	W4Slice		doc;
	int			first = lie == LIE_EARLY_CHANGE ? 2 : JOINS + 2;

	memset(m, 0, sizeof(*m));
	m->lie = lie;
	m->at = at;
	chain_init(&m->c, 4);
	for (int h = 0; h < HEIGHTS + 3; h++)
	{
		m->set[h] = m->c.set;
		if (h >= first)
			join(&m->set[h], &m->c, 4);
		if (h >= first + (lie == LIE_CHANGE_AGAIN) && (lie == LIE_TWO_CHANGES || lie == LIE_CHANGE_AGAIN))
			join(&m->set[h], &m->c, 5);
	}
	genesis_make(&m->genesis, &m->c);
	doc = genesis_wire(&m->genesis);
	w4_chain_id(m->c.id, doc);
	memcpy(m->parent, m->c.id, 32);
	w4_chainfile_put_head(&out, doc);
	for (uint64_t h = 1; h <= HEIGHTS; h++)
		put_block(m, &out, h);
	w4_chainfile_put_end(&out, HEIGHTS, m->parent);
	assert_false(out.full);
	return out.len;
}

/* NULL and the height after the last, or what is wrong and where. */
static const char *
verify(const Maker *m, const uint8_t *bytes, size_t len, uint64_t *at)
{
	W4ChainCheck c;
	W4Fault		fault = {NULL, 0};
	size_t		pos = 0;

	w4_chain_check_init(&c, m->c.id, &w4_suite_ed25519);
	for (;;)
	{
		bool		done = c.piece == W4_CHAIN_DONE;
		size_t		wants = done ? 1 : c.wants;
		size_t		n = wants < len - pos ? wants : len - pos;

		assert_true(wants <= W4_CHAINFILE_PIECE_MAX);
		*at = w4_chain_check_at(&c);
		if (!w4_chain_check_give(&c, w4_slice(bytes + pos, n), &fault))
			return fault.what;
		if (done)
			return NULL;
		pos += n;
	}
}

static void
test_accepted(void **state)
{
	Maker		m;
	size_t		len = make_chain(&m, NO_LIE, 0);
	uint64_t	at;

	(void) state;
	assert_null(verify(&m, buf, len, &at));
	assert_int_equal(at, HEIGHTS + 1);
}

#ifdef W4_UNDER_VALGRIND
#define STRIDE 211
#else
#define STRIDE 5
#endif

/* Bytes of all parts of a short chain, and as many lengths. */
static void
test_changed_and_cut(void **state)
{
	Maker		m;
	size_t		len = make_chain(&m, NO_LIE, 0);
	uint64_t	at;

	(void) state;
	for (size_t i = 0; i < len; i += STRIDE)
	{
		buf[i] ^= 0x20;
		assert_non_null(verify(&m, buf, len, &at));
		buf[i] ^= 0x20;
		assert_string_equal(verify(&m, buf, i, &at), "truncated");
	}
}

static void
test_lies(void **state)
{
	static const struct
	{
		Lie			lie;
		int			at;
		const char *what;
	}			cases[] = {
		{LIE_HEIGHT, 3, "block of another height"},
		{LIE_PARENT, 1, "block of another parent"},
		{LIE_PARENT, 4, "block of another parent"},
		{LIE_TIME, 1, "time does not rise"},
		{LIE_TIME, 6, "time does not rise"},
		{LIE_MEMBERS, 2, "members are not those announced"},
		{LIE_EARLY_CHANGE, 1, "members change before a block could have decided it"},
		{LIE_UNANNOUNCED, JOINS + 2, "members are not those announced"},
		{LIE_TWO_CHANGES, JOINS + 1, "more than one member changes at once"},
		{LIE_CHANGE_AGAIN, JOINS + 2, "members change while another change is under way"},
		{LIE_PARAMS, 1, "parameters are not those of genesis"},
		{LIE_STATE, 1, "state is not that of genesis"},
		{LIE_BUILDER, 2, "built by somebody who is no member"},
		{LIE_NEXT_MISSING, JOINS + 1, "the next members are missing"},
		{LIE_NEXT_UNCALLED, 2, "members where none change"},
		{LIE_NEXT_OTHER, JOINS + 1, "the next members are not those of the header"},
		{LIE_CERT_BLOCK, 2, "certificate of another block"},
		{LIE_CERT_HEIGHT, 2, "certificate of another block"},
		{LIE_CERT_KIND, 2, "certificate is not that of a quorum of the members"},
		{LIE_CERT_FEW, 2, "certificate is not that of a quorum of the members"},
		{LIE_CERT_OLD_SET, JOINS + 2, "certificate is not that of a quorum of the members"},
		{LIE_CERT_INDEX, 4, "certificate is not that of a quorum of the members"},
		{LIE_LAST_FEW, 4, "last commit is not that of a quorum of the members before"},
		{LIE_LAST_KIND, 4, "last commit is not that of a quorum of the members before"},
		{LIE_LAST_NEW_SET, JOINS + 2, "last commit is not that of a quorum of the members before"}
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Maker		m;
		size_t		len = make_chain(&m, cases[i].lie, cases[i].at);
		uint64_t	at;

		assert_string_equal(verify(&m, buf, len, &at), cases[i].what);
		assert_int_equal(at, cases[i].at);
	}
}

static void
test_end(void **state)
{
	Maker		m;
	size_t		len = make_chain(&m, NO_LIE, 0);
	uint64_t	at;

	(void) state;
	buf[len] = 0;
	assert_string_equal(verify(&m, buf, len + 1, &at), "bytes after the end");
	assert_int_equal(at, HEIGHTS + 1);
	buf[len - 1] ^= 1;
	assert_string_equal(verify(&m, buf, len, &at), "the end speaks of another last block");
	buf[len - 1] ^= 1;
	buf[len - 33] ^= 1;
	assert_string_equal(verify(&m, buf, len, &at), "the end speaks of another last block");
	assert_int_equal(at, HEIGHTS + 1);
}

static void
test_no_block(void **state)
{
	static const uint8_t none[32];
	Maker		m;
	W4Writer	out = w4_writer(buf, sizeof(buf));
	uint64_t	at;

	(void) state;
	(void) make_chain(&m, NO_LIE, 0);
	w4_chainfile_put_head(&out, genesis_wire(&m.genesis));
	w4_chainfile_put_end(&out, 0, none);
	assert_null(verify(&m, buf, out.len, &at));
	buf[out.len - 1] = 1;
	assert_non_null(verify(&m, buf, out.len, &at));
}

static void
test_head(void **state)
{
	static const struct
	{
		size_t		at;
		uint8_t		value;
		const char *what;
	}			cases[] = {
		{0, 'w', "not a chain file"},
		{7, 2, "unknown version of a chain file"},
		{8, 1, "genesis longer than allowed"},
		{11, 5, "another chain: genesis does not have the trusted hash"},
		{12 + 2, 3, "another chain: genesis does not have the trusted hash"}
	};
	Maker		m;
	uint64_t	at;

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		size_t		len = make_chain(&m, NO_LIE, 0);

		buf[cases[i].at] = cases[i].value;
		assert_string_equal(verify(&m, buf, len, &at), cases[i].what);
		assert_int_equal(at, 0);
	}
}

/* The trusted hash is that of something else than a genesis document. */
static void
test_trusted_nonsense(void **state)
{
	Maker		m;
	W4Writer	out = w4_writer(buf, sizeof(buf));
	uint64_t	at;

	(void) state;
	memset(&m, 0, sizeof(m));
	w4_chain_id(m.c.id, w4_slice("nonsense", 8));
	w4_chainfile_put_head(&out, w4_slice("nonsense", 8));
	assert_string_equal(verify(&m, buf, out.len, &at), "unknown version of a genesis document");
	assert_int_equal(at, 0);
}

static void
test_record_length(void **state)
{
	Maker		m;
	size_t		len = make_chain(&m, NO_LIE, 0);
	size_t		first = W4_CHAINFILE_HEAD_LEN + w4_get_u32be(buf + 8);
	uint64_t	at;

	(void) state;
	buf[first] = 1;
	assert_string_equal(verify(&m, buf, len, &at), "record longer than allowed");
	assert_int_equal(at, 1);
	buf[first] = 0;
	buf[first + 3]++;
	assert_string_equal(verify(&m, buf, len, &at), "trailing bytes");
	assert_int_equal(at, 1);
}

/* What does not fit is not written half. */
static void
test_full(void **state)
{
	Maker		m;
	W4Writer	out = w4_writer(buf, 100);

	(void) state;
	(void) make_chain(&m, NO_LIE, 0);
	w4_chainfile_put_record(&out, w4_slice(wire, 80), &m.cert, NULL, m.c.id);
	assert_true(out.full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_genesis),
		cmocka_unit_test(test_genesis_refused),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_changed_and_cut),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_no_block),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_trusted_nonsense),
		cmocka_unit_test(test_record_length),
		cmocka_unit_test(test_full)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
