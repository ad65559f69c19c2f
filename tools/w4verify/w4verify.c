/*-------------------------------------------------------------------------
 *
 * w4verify.c
 *		Checks a chain file on a machine that has no database: every block,
 *		certificate, change of members, parent and root, from genesis on.
 *
 *	w4verify [--tip HASH] CHAIN_ID FILE
 *	w4verify [--tip HASH] --genesis GENESIS FILE
 *
 * CHAIN_ID is the hash of the genesis document in hex, learned from somebody
 * other than whoever gave you FILE; GENESIS is a file with that document.  FILE
 * may be "-" for the standard input.  The file names its own last block, so a
 * cut is noticed; that blocks at the end were left out on purpose is not, unless
 * --tip says which block must be the last.
 *
 * Exit status: 0 the chain holds, 1 it does not, 2 usage or unreadable file.
 * What is checked, and what cannot be: src/core/consensus/chainfile.h.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/consensus/chainfile.h"
#include "core/crypto.h"

#define HOLDS 0
#define WRONG 1
#define UNREADABLE 2

typedef struct Options
{
	const char *chain_id;		/* hex, or NULL */
	const char *genesis;		/* path, or NULL */
	const char *tip;			/* hex, or NULL */
	const char *file;
} Options;

static W4ChainCheck check;
static uint8_t piece[W4_CHAINFILE_PIECE_MAX];	/* all that is ever held of the file */

/* --- reading --- */

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "w4verify: %s: %s\n", what, why);
	exit(UNREADABLE);
}

static FILE *
open_file(const char *path)
{
	FILE	   *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");

	if (f == NULL)
		die(path, strerror(errno));
	return f;
}

/* Up to max bytes; fewer only where the file ends. */
static size_t
read_some(FILE *f, const char *path, size_t max)
{
	size_t		len;

	errno = 0;
	len = fread(piece, 1, max, f);
	if (ferror(f))
		die(path, strerror(errno));
	return len;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static void
read_hash(uint8_t out[32], const char *hex)
{
	if (strlen(hex) != 64)
		die(hex, "not 64 hexadecimal digits");
	for (int i = 0; i < 32; i++)
	{
		int			high = hex_digit(hex[2 * i]);
		int			low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			die(hex, "not 64 hexadecimal digits in lower case");
		out[i] = (uint8_t) (high * 16 + low);
	}
}

static void
read_genesis(uint8_t chain_id[32], const char *path)
{
	static W4Genesis genesis;
	FILE	   *f = open_file(path);
	size_t		len = read_some(f, path, W4_GENESIS_WIRE_MAX + 1);
	W4Fault		fault = {NULL, 0};

	if (!w4_genesis_decode(&genesis, w4_slice(piece, len), &w4_suite_ed25519, &fault))
		die(path, fault.what);
	w4_chain_id(chain_id, w4_slice(piece, len));
	fclose(f);
}

/* --- checking --- */

static void
print_hash(const uint8_t hash[32])
{
	for (int i = 0; i < 32; i++)
		printf("%02x", hash[i]);
}

static int
wrong(const char *file, uint64_t height, uint64_t offset, const char *what)
{
	printf("%s: height %" PRIu64 "%s: %s (byte %" PRIu64 ")\n", file, height, height == 0 ? " (genesis)" : "", what, offset);
	return WRONG;
}

/* Piece by piece to the end; a change of members is told on the way. */
static int
check_file(FILE *f, const char *file)
{
	uint64_t	offset = 0;
	uint64_t	changes = 0;
	bool		done;

	do
	{
		W4Fault		fault = {NULL, 0};
		uint64_t	at = w4_chain_check_at(&check);
		size_t		len;

		done = check.piece == W4_CHAIN_DONE;
		len = read_some(f, file, done ? 1 : check.wants);
		if (!w4_chain_check_give(&check, w4_slice(piece, len), &fault))
			return wrong(file, at, offset + fault.offset, fault.what);
		if (check.changes > changes)
			printf("members of height %" PRIu64 ": %d\n", check.height + 1, check.members.n);
		changes = check.changes;
		offset += len;
	} while (!done);
	return HOLDS;
}

static int
verify(const Options *o)
{
	FILE	   *f = open_file(o->file);
	uint8_t		tip[32];
	int			status;

	if (o->tip != NULL)
		read_hash(tip, o->tip);
	status = check_file(f, o->file);
	fclose(f);
	if (status != HOLDS)
		return status;
	if (o->tip != NULL && !w4_hash_eq(tip, check.hash))
		return wrong(o->file, check.height, 0, "the last block is not the one expected");
	printf("%s: %s: %" PRIu64 " blocks, %" PRIu64 " transactions, %" PRIu64 " changes of members, %" PRIu64 " signatures; last block ",
		   o->file, check.genesis.name, check.height, check.transactions, check.changes, check.signatures);
	print_hash(check.hash);
	printf("\n");
	return HOLDS;
}

/* --- arguments --- */

static void
usage(void)
{
	fprintf(stderr, "usage: w4verify [--tip HASH] {CHAIN_ID | --genesis GENESIS} FILE\n");
	exit(UNREADABLE);
}

static void
parse(Options *o, char **argv)
{
	for (argv++; *argv != NULL && strncmp(*argv, "--", 2) == 0; argv += 2)
	{
		if (argv[1] == NULL)
			usage();
		if (strcmp(*argv, "--tip") == 0)
			o->tip = argv[1];
		else if (strcmp(*argv, "--genesis") == 0)
			o->genesis = argv[1];
		else
			usage();
	}
	if (o->genesis == NULL && *argv != NULL)
		o->chain_id = *argv++;
	o->file = *argv;
	if (o->file == NULL || argv[1] != NULL)
		usage();
}

int
main(int argc, char **argv)
{
	Options		o = {NULL, NULL, NULL, NULL};
	uint8_t		chain_id[32];
	const char *broken;
	int			status;

	(void) argc;
	parse(&o, argv);
	broken = w4_crypto_selftest();
	if (broken != NULL)
		die("libsodium", broken);
	if (o.genesis != NULL)
		read_genesis(chain_id, o.genesis);
	else
		read_hash(chain_id, o.chain_id);
	w4_chain_check_init(&check, chain_id, &w4_suite_ed25519);
	status = verify(&o);
	if (fflush(stdout) != 0)
		die("standard output", strerror(errno));
	return status;
}
