/*-------------------------------------------------------------------------
 *
 * w4corebench.c
 *		What the consensus core costs by itself: no server, disk or network.
 *
 *	w4corebench [ROUNDS]
 *
 * N peers in one process, first in, first out; hooks that do next to nothing.
 * Processor time, not wall time.  Without signatures all of it counts, the
 * copying of messages from peer to peer included.  With signatures only time
 * within w4_consensus_step counts, less that of signing and of reading the
 * clock, measured beforehand.  Each round measures everything in turn, so that a busy machine
 * hits what is compared alike; medians are printed.
 *
 *-------------------------------------------------------------------------
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/consensus/consensus.h"
#include "core/crypto.h"

#define MAX_N 64
#define MAX_ROUNDS 101
#define BLOCK_MAX 16384
#define QUEUE 16384

typedef struct Packet
{
	int			from;
	int			to;
	size_t		len;
	uint8_t		bytes[BLOCK_MAX];
} Packet;

struct World;

typedef struct Peer
{
	struct World *world;
	int			index;
	uint8_t		secret[64];
	void	   *memory;
	W4Consensus *core;
	uint64_t	decided;
} Peer;

typedef struct World
{
	int			n;
	bool		real;			/* signatures; each step is timed */
	uint8_t		chain_id[32];
	W4Members	set;
	Peer		peer[MAX_N];
	Packet	   *queue;
	unsigned	head;
	unsigned	tail;
	uint64_t	until;			/* height up to which there is work */
	int64_t		now;			/* of the peers; stands still, nothing is ever late */
	uint64_t	messages;
	uint64_t	votes;			/* delivered: proposals, PREPAREs, COMMITs */
	uint64_t	verified;		/* calls of verify */
	uint64_t	steps_ns;		/* within the core */
	uint64_t	sign_ns;		/* of that, signing */
	uint64_t	clocks;			/* of that, readings of the clock */
	size_t		block_bytes;	/* of the newest block */
	size_t		cert_bytes;
} World;

static uint64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

static double clock_cost_ns;

static void
measure_clock(void)
{
	enum
	{
		COUNT = 100000
	};
	uint64_t	start = clock_ns();

	for (int i = 0; i < COUNT; i++)
		(void) clock_ns();
	clock_cost_ns = (double) (clock_ns() - start) / COUNT;
}

static void
must(bool truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "w4corebench: %s\n", what);
	exit(1);
}

/* --- suite and hooks --- */

static bool
key_ok(void *arg, const uint8_t key[32])
{
	(void) arg;
	(void) key;
	return true;
}

static bool
verify(void *arg, const uint8_t signature[64], const void *message, size_t len, const uint8_t key[32])
{
	World	   *w = arg;

	w->verified++;
	return !w->real || w4_suite_ed25519.verify(NULL, signature, message, len, key);
}

static bool
sign(void *arg, uint8_t signature[64], const void *message, size_t len)
{
	Peer	   *p = arg;
	uint64_t	start;

	if (!p->world->real)
	{
		memset(signature, 0, 64);
		return true;
	}
	start = clock_ns();
	w4_sign(signature, message, len, p->secret);
	p->world->sign_ns += clock_ns() - start;
	p->world->clocks++;
	return true;
}

static W4Verdict
judge(void *arg, const W4Block *block)
{
	(void) arg;
	(void) block;
	return W4_BLOCK_GOOD;
}

static bool
build(void *arg, uint64_t height, bool obliged, W4Slice *txs, W4Slice *evidence)
{
	*txs = *evidence = w4_slice(NULL, 0);
	return obliged || height <= ((Peer *) arg)->world->until;
}

static void
apply(void *arg, const W4Block *block, const W4Cert *cert, W4Applied *out)
{
	World	   *w = ((Peer *) arg)->world;

	w4_hash_copy(out->state_digest, block->hash);
	w->block_bytes = block->wire.len;
	w->cert_bytes = w4_cert_wire_len(cert->n, w4_mask_count(cert->signers));
}

/* --- the network --- */

static void
enqueue(World *w, int from, int to, const W4Slice part[2])
{
	Packet	   *k = &w->queue[w->tail++ % QUEUE];

	must(w->tail - w->head < QUEUE && part[0].len + part[1].len <= BLOCK_MAX, "no room for a message");
	k->from = from;
	k->to = to;
	k->len = part[0].len + part[1].len;
	memcpy(k->bytes, part[0].data, part[0].len);
	if (part[1].len > 0)
		memcpy(k->bytes + part[0].len, part[1].data, part[1].len);
	w->messages++;
}

static void
step(Peer *p, const W4Event *e)
{
	static W4Actions acts;
	World	   *w = p->world;
	uint64_t	token = 0;
	uint64_t	start = w->real ? clock_ns() : 0;

	w4_consensus_step(p->core, e, (W4Now) {w->now, w->now}, &acts);
	if (w->real)
	{
		w->steps_ns += clock_ns() - start;
		w->clocks++;
	}
	for (int i = 0; i < acts.n; i++)
	{
		const W4Action *a = &acts.a[i];

		if (a->kind == W4_ACT_PERSIST)
			token = a->persist.token;
		else if (a->kind == W4_ACT_DECIDED)
			p->decided = a->last;
		else if (a->kind == W4_ACT_SEND)
			for (int to = 0; to < w->n; to++)
				if (to != p->index && (a->to == NULL || w4_hash_eq(a->to, w->set.m[to].id)))
					enqueue(w, p->index, to, a->part);
	}
	if (token != 0)
		step(p, &(W4Event) {.kind = W4_EV_PERSISTED, .token = token});
}

static void
deliver(World *w)
{
	while (w->head != w->tail)
	{
		const Packet *k = &w->queue[w->head++ % QUEUE];
		W4Event		e = {.kind = W4_EV_MESSAGE, .from = w->set.m[k->from].id, .message = w4_slice(k->bytes, k->len)};

		w->votes += k->bytes[W4_MAGIC_LEN] <= W4_COMMIT;
		step(&w->peer[k->to], &e);
	}
}

/* Each height is proposed as soon as the last is decided; to the end of what they send. */
static void
run_heights(World *w, uint64_t heights)
{
	w->until += heights;
	for (int i = 0; i < w->n; i++)
		step(&w->peer[i], &(W4Event) {.kind = W4_EV_WORK, .flag = true});
	deliver(w);
	for (int i = 0; i < w->n; i++)
		must(w->peer[i].decided == w->until, "a height is not decided");
}

static void
reset_counts(World *w)
{
	w->messages = w->votes = w->verified = w->steps_ns = w->sign_ns = w->clocks = 0;
}

static World *
world_new(int n, bool real)
{
	static W4Tip tip;
	World	   *w = calloc(1, sizeof(World));
	uint8_t		zero[32] = {0};
	W4Config	cfg;

	must(w != NULL && (w->queue = malloc(QUEUE * sizeof(Packet))) != NULL, "out of memory");
	w->n = n;
	w->real = real;
	w->now = 1000000;
	memset(w->chain_id, 0xB, 32);
	for (int i = 0; i < n; i++)
	{
		uint8_t		id[32] = {(uint8_t) (i + 1)};
		uint8_t		key[32];
		uint8_t		seed[32] = {(uint8_t) i, 9};

		w4_keypair_from_seed(key, w->peer[i].secret, seed);
		must(w4_members_add(&w->set, id, key), "members");
	}
	w4_members_seal(&w->set);
	w4_tip_genesis(&tip, w->chain_id, &w->set, 0, zero, zero);
	w4_config_defaults(&cfg);
	memcpy(cfg.chain_id, w->chain_id, 32);
	cfg.suite = (W4Suite) {key_ok, verify, w};
	cfg.max_members = n;
	cfg.max_block = BLOCK_MAX / 2;
	for (int i = 0; i < n; i++)
	{
		Peer	   *p = &w->peer[i];
		W4Start		start = {.tip = &tip, .fresh = true, .nonce = {(uint8_t) (i + 1)}};

		p->world = w;
		p->index = i;
		memcpy(cfg.me, w->set.m[i].id, 32);
		cfg.host = (W4Host) {p, sign, judge, build, apply};
		must((p->memory = malloc(w4_consensus_size(&cfg))) != NULL, "out of memory");
		p->core = w4_consensus_init(p->memory, &cfg);
		step(p, &(W4Event) {.kind = W4_EV_START, .start = &start});
	}
	deliver(w);
	return w;
}

static void
world_free(World *w)
{
	for (int i = 0; i < w->n; i++)
		free(w->peer[i].memory);
	free(w->queue);
	free(w);
}

/* --- figures --- */

static double samples[MAX_ROUNDS];

static int
by_value(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

static double
median(double *v, int n)
{
	memcpy(samples, v, (size_t) n * sizeof(double));
	qsort(samples, (size_t) n, sizeof(double), by_value);
	return samples[n / 2];
}

/* Raw libsodium on votes, as many keys as the core has. */
static double
raw_rate(const World *w)
{
	enum
	{
		COUNT = 4000
	};
	uint8_t		message[4][W4_VOTE_BYTES];
	uint8_t		signature[4][64];
	uint64_t	start;

	for (int i = 0; i < 4; i++)
	{
		memset(message[i], i, sizeof(message[i]));
		w4_sign(signature[i], message[i], sizeof(message[i]), w->peer[i].secret);
	}
	start = clock_ns();
	for (int i = 0; i < COUNT; i++)
		must(crypto_sign_verify_detached(signature[i % 4], message[i % 4], W4_VOTE_BYTES, w->set.m[i % 4].key) == 0,
			 "libsodium refuses its own signature");
	return COUNT * 1e9 / (double) (clock_ns() - start);
}

typedef struct Series
{
	double		height_us[MAX_ROUNDS];	/* own time of a height, a peer */
	double		votes[MAX_ROUNDS];
	double		raw[MAX_ROUNDS];
	double		core[MAX_ROUNDS];
	double		ratio[MAX_ROUNDS];
} Series;

static double
own_ns(const World *w)
{
	return (double) (w->steps_ns - w->sign_ns) - (double) w->clocks * clock_cost_ns;
}

static void
measure_without(World *w, Series *s, int round)
{
	const uint64_t heights = 20000 / (uint64_t) (w->n * w->n);
	uint64_t	start;
	double		own;

	reset_counts(w);
	start = clock_ns();
	run_heights(w, heights);
	own = (double) (clock_ns() - start);
	s->height_us[round] = own / 1e3 / (double) heights / w->n;
	s->votes[round] = (double) w->votes * 1e9 / own;
}

static void
measure_with(World *w, Series *s, int round)
{
	double		before = raw_rate(w);

	reset_counts(w);
	run_heights(w, 4000 / (uint64_t) (w->n * w->n));
	s->core[round] = (double) w->verified * 1e9 / own_ns(w);
	s->raw[round] = (before + raw_rate(w)) / 2;
	s->ratio[round] = s->core[round] / s->raw[round];
}

static void
times(int rounds)
{
	static const int sizes[] = {4, 10};
	static Series s;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
	{
		World	   *without = world_new(sizes[i], false);
		World	   *with = world_new(sizes[i], true);

		for (int r = 0; r < rounds; r++)
		{
			measure_without(without, &s, r);
			measure_with(with, &s, r);
		}
		printf("N = %d\n", sizes[i]);
		printf("  own time of a height, a peer, no signatures   %8.1f us\n", median(s.height_us, rounds));
		printf("  votes taken in, verified already              %8.0f /s\n", median(s.votes, rounds));
		printf("  libsodium verifies                            %8.0f /s\n", median(s.raw, rounds));
		printf("  the core verifies, all its work included      %8.0f /s\n", median(s.core, rounds));
		printf("  ratio                                         %8.3f\n", median(s.ratio, rounds));
		world_free(without);
		world_free(with);
	}
}

static void
counts(void)
{
	static const int sizes[] = {4, 7, 10, 13, 64};

	printf("per block, without faults\n");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
	{
		World	   *w = world_new(sizes[i], false);
		uint64_t	heights = 10;

		run_heights(w, 1);		/* from then on blocks carry a certificate */
		reset_counts(w);
		run_heights(w, heights);
		printf("  N = %-2d  %6.1f messages  %6.1f verified a peer  kept: block %zu + certificate %zu bytes\n", sizes[i],
			   (double) w->messages / (double) heights, (double) w->verified / (double) heights / w->n,
			   w->block_bytes, w->cert_bytes);
		world_free(w);
	}
}

static void
memory(void)
{
	static const int sizes[] = {4, 10, 64};

	printf("w4_consensus_size\n");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
	{
		W4Config	cfg;

		w4_config_defaults(&cfg);
		cfg.max_members = sizes[i];
		printf("  N = %-2d  %6zu KiB with blocks of 4 MiB, %5zu KiB without the five blocks\n", sizes[i],
			   w4_consensus_size(&cfg) / 1024, (w4_consensus_size(&cfg) - 5 * (size_t) cfg.max_block) / 1024);
	}
}

int
main(int argc, char **argv)
{
	int			rounds = argc > 1 ? atoi(argv[1]) : 5;

	must(rounds >= 1 && rounds <= MAX_ROUNDS, "ROUNDS is 1 to 101");
	must(w4_crypto_selftest() == NULL, "libsodium fails its self-test");
	measure_clock();
	times(rounds);
	counts();
	memory();
	return 0;
}
