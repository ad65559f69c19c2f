/*-------------------------------------------------------------------------
 *
 * main.c
 *		w4sim: run the consensus core in a world that a seed describes.
 *
 *	w4sim [--seed S] [--seeds N] [--n MEMBERS] [--heights H] [--swarm]
 *		  [--script NAME] [--seconds T] [--twins K] [--first]
 *		  [--real] [--verbose] [--scripts]
 *
 * --swarm draws faults and liars from each seed; without it nothing fails.
 * --n 0 draws the number of members, too.  --twins K makes K members run twice:
 * with more than f of them forks are expected, and counted when what honest
 * peers heard convicts f + 1 liars and nobody else.  --script plays a scenario of
 * the fault matrix (scripts.c; --scripts lists them) for as long as it needs;
 * with --swarm it plays amid random faults.  A failing run prints one line, and
 * that line's arguments repeat it.  Exit status: 0 all runs well, 1 a failure.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <time.h>

#include "sim.h"

#ifndef SIM_COMMIT
#define SIM_COMMIT "unknown"
#endif

typedef struct Options
{
	uint64_t	seed;
	uint64_t	seeds;
	int			n;
	int			heights;		/* 0: as the script says, or 50 */
	int			seconds;
	bool		swarm;
	bool		verbose;
	bool		real;			/* Ed25519 */
	bool		first;			/* stop at the first failure */
	int			twins;			/* that many, -1: as the seed says */
	const Script *script;
} Options;

static const char *const villainies[] = {
	"honest", "twins", "equivocator", "double-voter", "withholder", "forgetful", "wilful", "garbler",
	"usurper", "forger", "stale", "stray", "framer", "slanderer", "scrawler", "hoarder", "alterer", "mute"
};

static double
seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

/* --- one run --- */

/* N from 1 to 13, small sets more often. */
static int
draw_n(Rng *r)
{
	static const int sizes[] = {1, 2, 3, 4, 4, 4, 4, 5, 6, 7, 7, 8, 9, 10, 11, 13};

	return sizes[rng_below(r, sizeof(sizes) / sizeof(sizes[0]))];
}

static int
draw_villains(Villainy *out, Rng *r, int n)
{
	int			count = (int) rng_below(r, (uint64_t) w4_faulty(n) + 1);

	for (int i = 0; i < count; i++)
		out[i] = (Villainy) (1 + rng_below(r, MUTE));
	return count;
}

static void
calm(Faults *f)
{
	memset(f, 0, sizeof(*f));
	f->delay_min = f->delay_max = US_PER_MS;
}

static int
heights_of(const Options *o)
{
	return o->heights != 0 ? o->heights : o->script != NULL ? o->script->heights : 50;
}

/* A script brings its own villains and changes, and the members it takes. */
static int
with_script(const Options *o, Faults *f, Villainy *villains, int villains_n, uint64_t seed, int *n)
{
	const Script *s = o->script;

	if (!o->swarm)
	{
		Rng			r;

		rng_seed(&r, seed);
		f->delay_min = 5 * US_PER_MS;
		f->delay_max = f->delay_min + rng_between(&r, 5 * US_PER_MS, 50 * US_PER_MS);
	}
	if (*n < s->least)
		*n = s->least;
	f->changes = s->changes;
	if (s->villainy != HONEST || s->faulty != 0 || s->changes != 0)
		f->restore = f->damage = 0;
	return script_villains(s, seed, *n, villains, villains_n);
}

static void
print_ran(const World *w)
{
	for (int i = 1; i <= W4_TX_PEER_LEAVE; i++)
		if (w->ran[i] > 0)
			printf("transactions of kind %d executed: %llu\n", i, (unsigned long long) w->ran[i]);
	for (int i = 0; i < W4_SYNC_DROP_REASONS; i++)
		if (w->sync_strikes[i] > 0)
			printf("sources struck for %s: %llu\n", w4_sync_drop_name(i), (unsigned long long) w->sync_strikes[i]);
}

static bool
run_seed(World *w, const Options *o, uint64_t seed, uint64_t *forked)
{
	Villainy	villains[MAX_IDS] = {HONEST};
	char		twins[24] = "";
	Faults		faults;
	Rng			r;
	int			n = o->n;
	int			villains_n = 0;

	rng_seed(&r, seed ^ UINT64_C(0xFA17));
	calm(&faults);
	if (n == 0)
		n = draw_n(&r);
	if (o->swarm)
	{
		faults_draw(&faults, &r, n);
		villains_n = draw_villains(villains, &r, n);
	}
	if (o->script != NULL)
		villains_n = with_script(o, &faults, villains, villains_n, seed, &n);
	if (o->twins >= 0)
	{
		faults.changes = 0;
		faults.restore = 0;
		villains_n = o->twins < n ? o->twins : n - 1;
		for (int i = 0; i < villains_n; i++)
			villains[i] = TWINS;
	}
	w->verbose = o->verbose;
	w->amid_faults = o->swarm;
	world_run(w, seed, n, heights_of(o), &faults, villains, villains_n, o->script);
	if (o->verbose)
		print_ran(w);
	if (w->failure == NULL)
		return true;
	if (world_forked(w))
	{
		*forked += 1;
		return true;
	}
	if (o->twins >= 0)
		snprintf(twins, sizeof(twins), " --twins %d", o->twins);
	printf("FAIL --seed %llu --n %d --heights %d%s%s%s%s%s commit %s: %s (node %d, height %llu, at %.3f s;",
		   (unsigned long long) seed, o->n, heights_of(o), o->swarm ? " --swarm" : "", o->real ? " --real" : "", twins,
		   o->script != NULL ? " --script " : "", o->script != NULL ? o->script->name : "", SIM_COMMIT,
		   w->failure, w->failure_node, (unsigned long long) w->failure_height, (double) w->now / US_PER_S);
	for (int i = 0; i < villains_n; i++)
		printf(" %s", villainies[villains[i]]);
	printf(" of %d)\n", n);
	fflush(stdout);
	return false;
}

/* --- arguments --- */

static void
usage(void)
{
	fprintf(stderr, "usage: w4sim [--seed S] [--seeds N] [--seconds T] [--n MEMBERS] [--heights H] [--swarm] [--script NAME] [--twins K] [--first] [--real] [--verbose] [--scripts]\nscripts:\n");
	scripts_print(stderr);
	exit(2);
}

static uint64_t
number(const char *s)
{
	char	   *end;
	unsigned long long v;

	if (s == NULL)
		usage();
	v = strtoull(s, &end, 10);
	if (*s == '\0' || *end != '\0')
		usage();
	return v;
}

static void
parse(Options *o, char **argv)
{
	for (argv++; *argv != NULL; argv++)
	{
		if (strcmp(*argv, "--seed") == 0)
			o->seed = number(*++argv);
		else if (strcmp(*argv, "--seeds") == 0)
			o->seeds = number(*++argv);
		else if (strcmp(*argv, "--seconds") == 0)
			o->seconds = (int) number(*++argv);
		else if (strcmp(*argv, "--n") == 0)
			o->n = (int) number(*++argv);
		else if (strcmp(*argv, "--heights") == 0)
			o->heights = (int) number(*++argv);
		else if (strcmp(*argv, "--swarm") == 0)
			o->swarm = true;
		else if (strcmp(*argv, "--twins") == 0)
			o->twins = (int) number(*++argv);
		else if (strcmp(*argv, "--real") == 0)
		{
			o->real = true;
			keys_are_real();
		}
		else if (strcmp(*argv, "--first") == 0)
			o->first = true;
		else if (strcmp(*argv, "--verbose") == 0)
			o->verbose = true;
		else if (strcmp(*argv, "--scripts") == 0)
		{
			scripts_print(stdout);
			exit(0);
		}
		else if (strcmp(*argv, "--script") == 0 && argv[1] != NULL)
		{
			o->script = script_find(*++argv);
			if (o->script == NULL)
				usage();
		}
		else
			usage();
		if (*argv == NULL)
			usage();
	}
	if (o->n > 13 || heights_of(o) < 1 || o->heights > MAX_HEIGHT / 4)
		usage();
}

int
main(int argc, char **argv)
{
	Options		o = {.seed = 1, .seeds = 1, .n = 4, .twins = -1};
	World	   *w = world_new();
	double		start = seconds_of(CLOCK_MONOTONIC);
	double		took;
	uint64_t	runs = 0;
	uint64_t	failures = 0;
	uint64_t	forked = 0;
	uint64_t	steps = 0;
	uint64_t	heights = 0;
	uint64_t	verified = 0;
	uint64_t	strikes = 0;
	uint64_t	ejected = 0;

	(void) argc;
	parse(&o, argv);
	for (; (o.seconds > 0 ? seconds_of(CLOCK_MONOTONIC) - start < o.seconds : runs < o.seeds) && !(o.first && failures > 0); runs++)
	{
		failures += !run_seed(w, &o, o.seed + runs, &forked);
		steps += w->steps;
		heights += w->decided;
		verified += world_verified(w);
		strikes += w->strikes;
		ejected += w->ejected;
	}
	took = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	if (o.twins >= 0 || forked > 0)
		printf("%llu forked with f + 1 convicted; ", (unsigned long long) forked);
	printf("%llu runs, %llu failed, %llu heights, %llu steps, %llu signatures verified, %llu strikes, %llu ejected, %.1f s CPU, %.0f runs/s/core\n",
		   (unsigned long long) runs, (unsigned long long) failures, (unsigned long long) heights,
		   (unsigned long long) steps, (unsigned long long) verified,
		   (unsigned long long) strikes, (unsigned long long) ejected, took, (double) runs / took);
	return failures > 0;
}
