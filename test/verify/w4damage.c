/*-------------------------------------------------------------------------
 *
 * w4damage.c
 *		Damages a chain file in memory and demands that the verifier names the
 *		height of the damage.
 *
 *	w4damage SEED CHANGES CHAIN_ID FILE			in memory; prints TAP
 *	w4damage --plan SEED CHANGES CHAIN_ID FILE	only says what it would change
 *
 * A changed byte lies in the record of one height (its length included), before
 * the first record (height 0) or in the end (one above the last height).  The
 * verifier is copied before each record and continues from the copy with the
 * damaged bytes: what it would do from the beginning, without checking thousands
 * of good blocks each time.  Besides: records cut short, doubled, left out,
 * exchanged with the next one, and records under another chain's name.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/consensus/chainfile.h"
#include "rng.h"

#define STRUCTURAL_EVERY 50		/* records between those that are damaged as a whole */

typedef struct Change
{
	size_t		at;
	uint8_t		by;				/* exclusive or */
} Change;

static uint8_t *file;
static size_t file_len;
static Change *changes;
static size_t changes_n;
static unsigned failures;
static unsigned cases;

/* --- running the verifier --- */

#define ACCEPTED UINT64_MAX

/* Goes on with "bytes" to their end; the height that is refused, or ACCEPTED. */
static uint64_t
go_on(W4ChainCheck *c, const uint8_t *bytes, size_t len)
{
	for (size_t pos = 0;;)
	{
		bool		done = c->piece == W4_CHAIN_DONE;
		size_t		wants = done ? 1 : c->wants;
		size_t		n = wants < len - pos ? wants : len - pos;
		uint64_t	at = w4_chain_check_at(c);

		if (!w4_chain_check_give(c, w4_slice(bytes + pos, n), NULL))
			return at;
		if (done)
			return ACCEPTED;
		pos += n;
	}
}

static void
demand(const char *what, size_t at, uint64_t expected, uint64_t got)
{
	cases++;
	if (got == expected)
		return;
	failures++;
	if (got == ACCEPTED)
		printf("not ok - %s at byte %zu, height %" PRIu64 ": accepted\n", what, at, expected);
	else
		printf("not ok - %s at byte %zu: height %" PRIu64 " is named, not %" PRIu64 "\n", what, at, got, expected);
}

/* --- damage --- */

static int
by_place(const void *a, const void *b)
{
	const Change *x = a;
	const Change *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void
draw_changes(uint64_t seed)
{
	Rng			r;

	rng_seed(&r, seed);
	changes = calloc(changes_n + 1, sizeof(Change));
	if (changes == NULL)
		abort();
	for (size_t i = 0; i < changes_n; i++)
	{
		changes[i].at = (size_t) rng_below(&r, file_len);
		changes[i].by = (uint8_t) (1 + rng_below(&r, 255));
	}
	qsort(changes, changes_n, sizeof(Change), by_place);
	changes[changes_n].at = SIZE_MAX;
}

static void
change_bytes(const W4ChainCheck *before, size_t start, size_t end, Change **next, bool plan)
{
	static W4ChainCheck c;
	uint64_t	height = w4_chain_check_at(before);

	for (; (*next)->at < end; (*next)++)
	{
		size_t		at = (*next)->at;

		if (plan)
		{
			printf("%zu %d %" PRIu64 "\n", at, (*next)->by ^ file[at], height);
			continue;
		}
		c = *before;
		file[at] ^= (*next)->by;
		demand("a changed byte", at, height, go_on(&c, file + start, file_len - start));
		file[at] ^= (*next)->by;
	}
}

/* Two pieces of the file after each other, and nothing more. */
static void
splice(const char *what, const W4ChainCheck *before, size_t start, W4Slice a, W4Slice b, uint64_t expected)
{
	static W4ChainCheck c;
	uint8_t    *bytes = malloc(a.len + b.len + 1);

	if (bytes == NULL)
		abort();
	memcpy(bytes, a.data, a.len);
	memcpy(bytes + a.len, b.data, b.len);
	c = *before;
	demand(what, start, expected, go_on(&c, bytes, a.len + b.len));
	free(bytes);
}

/* A record as a whole: "this" at start, "that" the one after it. */
static void
damage_record(const W4ChainCheck *before, size_t start, W4Slice this, W4Slice that)
{
	static W4ChainCheck foreign;
	uint64_t	height = w4_chain_check_at(before);
	W4Slice		none = w4_slice(NULL, 0);
	W4Slice		rest = w4_slice(that.data, file_len - (size_t) (that.data - file));

	splice("a file cut within a record", before, start, w4_slice(this.data, this.len / 2), none, height);
	splice("a file cut within a length", before, start, w4_slice(this.data, 3), none, height);
	splice("a file cut after a record", before, start, this, none, height + 1);
	splice("a record twice", before, start, this, this, height + 1);
	splice("a record left out", before, start, rest, none, height);
	splice("records exchanged", before, start, that, this, height);
	foreign = *before;
	foreign.chain_id[0] ^= 1;
	splice("a record of another chain", &foreign, start, this, rest, height);
}

/* --- the file --- */

static W4Slice
record_at(size_t start)
{
	size_t		len = w4_get_u32be(file + start);

	return w4_slice(file + start, 4 + (len == 0 ? W4_CHAINFILE_END_LEN : len));
}

static void
walk(W4ChainCheck *c, bool plan)
{
	static W4ChainCheck before;
	Change	   *next = changes;
	size_t		start = 0;

	while (c->piece != W4_CHAIN_DONE)
	{
		W4Slice		this = w4_slice(file, W4_CHAINFILE_HEAD_LEN + (start == 0 ? w4_get_u32be(file + 8) : 0));

		if (start > 0)
			this = record_at(start);
		before = *c;
		change_bytes(&before, start, start + this.len, &next, plan);
		if (!plan && start > 0 && start + this.len < file_len && before.height % STRUCTURAL_EVERY == 0)
			damage_record(&before, start, this, record_at(start + this.len));
		for (size_t pos = 0; pos < this.len;)
		{
			size_t		n = c->wants;

			if (!w4_chain_check_give(c, w4_slice(this.data + pos, n), NULL))
			{
				printf("not ok - the file itself is refused at height %" PRIu64 "\n", w4_chain_check_at(c));
				exit(1);
			}
			pos += n;
		}
		start += this.len;
	}
	if (start != file_len)
		failures++;
}

static void
read_file(const char *path)
{
	FILE	   *f = fopen(path, "rb");
	long		len;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) <= W4_CHAINFILE_HEAD_LEN)
	{
		perror(path);
		exit(2);
	}
	rewind(f);
	file_len = (size_t) len;
	file = malloc(file_len);
	if (file == NULL || fread(file, 1, file_len, f) != file_len)
	{
		perror(path);
		exit(2);
	}
	fclose(f);
}

int
main(int argc, char **argv)
{
	static W4ChainCheck c;
	bool		plan = argc == 6 && strcmp(argv[1], "--plan") == 0;
	char	  **arg = plan ? argv + 2 : argv + 1;
	uint8_t		chain_id[32];
	uint64_t	seed;

	if (argc != (plan ? 6 : 5) || strlen(arg[2]) != 64)
	{
		fprintf(stderr, "usage: w4damage [--plan] SEED CHANGES CHAIN_ID FILE\n");
		return 2;
	}
	for (int i = 0; i < 32; i++)
	{
		char		two[3] = {arg[2][2 * i], arg[2][2 * i + 1], '\0'};

		chain_id[i] = (uint8_t) strtoul(two, NULL, 16);
	}
	seed = strtoull(arg[0], NULL, 10);
	changes_n = strtoull(arg[1], NULL, 10);
	read_file(arg[3]);
	draw_changes(seed);
	w4_chain_check_init(&c, chain_id, &w4_suite_ed25519);
	walk(&c, plan);
	if (plan)
		return 0;
	printf("# seed %" PRIu64 ", %zu bytes, %" PRIu64 " blocks, %zu changed bytes, %u cases\n", seed, file_len, c.height, changes_n, cases);
	if (failures == 0)
		printf("ok - each of %zu changed bytes and %zu cut, doubled, missing, exchanged and foreign records is refused at its height\n",
			   changes_n, cases - changes_n);
	return failures > 0;
}
