/*-------------------------------------------------------------------------
 *
 * agent.c
 *		A client that holds its own key: everything that must be signed
 *		outside the server.
 *
 * It links src/core and libsodium and nothing else.  A seed lies in a file that
 * only its owner can read; what leaves this program is public: keys, texts,
 * tokens and signatures, one a line.
 *
 *	agent keygen SEED						make a seed file, print the public key
 *	agent key SEED | lct SEED				public key, identity
 *	agent doc NAME=TEXT NAME:=JSON ...		canonical JSON (W4C) with sorted members
 *	agent sign SEED PREFIX					sign PREFIX, a newline and standard input
 *	agent hash PREFIX						SHA-256 of the same, as text
 *	agent grant SEED NAME=TEXT ... [+CONSTRAINT=VALUE ...]	consent token
 *	agent revoke SEED NAME=TEXT ...			revocation of a token
 *	agent atp SEED NAME=TEXT ...			ATP transaction and its signature
 *	agent atp - NAME=TEXT ...				ATP transaction that somebody else will sign
 *	agent requests SEED COUNT SECONDS NAME=TEXT ...	signed requests for a load test,
 *											their times spread over SECONDS from now
 *
 * In values @now, @now+SECONDS, @nonce and @me stand for what they say.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/atp_tx.h"
#include "core/consent.h"
#include "core/crypto.h"
#include "core/decimal.h"
#include "core/domains.h"
#include "core/encode.h"
#include "core/json.h"
#include "core/lctid.h"
#include "core/timestamp.h"

#define MAX_MEMBERS 64
#define MAX_VALUE 4096
#define MAX_TEXT W4C_MAX_SIZE

typedef struct Key
{
	uint8_t		public_key[32];
	uint8_t		secret_key[64];
	char		lct[W4_LCT_TEXT_LEN + 1];
} Key;

typedef struct Member
{
	char		name[128];
	char		value[MAX_VALUE];
	bool		raw;			/* JSON, not a string */
} Member;

typedef struct Members
{
	Member		list[MAX_MEMBERS];
	int			count;
} Members;

static void
fail(const char *what, const char *which)
{
	fprintf(stderr, "agent: %s%s%s\n", what, which ? ": " : "", which ? which : "");
	exit(1);
}

static void
fail_fault(const char *what, const W4Fault *fault)
{
	fprintf(stderr, "agent: malformed %s: %s at byte %zu\n", what, fault->what, fault->offset);
	exit(1);
}

static void
print_hex(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printf("%02x", data[i]);
	putchar('\n');
}

/* ---------------------------------------------------------------- keys --- */

static void
read_seed(const char *path, uint8_t seed[32])
{
	FILE	   *f = fopen(path, "rb");
	size_t		n;

	if (f == NULL)
		fail("cannot open seed file", path);
	n = fread(seed, 1, 32, f);
	if (n != 32 || fgetc(f) != EOF)
		fail("a seed file holds 32 bytes", path);
	fclose(f);
}

static void
load_key(const char *path, Key *key)
{
	uint8_t		seed[32];
	uint8_t		id[W4_LCT_LEN];

	read_seed(path, seed);
	w4_keypair_from_seed(key->public_key, key->secret_key, seed);
	sodium_memzero(seed, sizeof(seed));
	w4_lct_from_key(id, key->public_key);
	w4_lct_format(key->lct, id);
	key->lct[W4_LCT_TEXT_LEN] = '\0';
}

static void
make_seed(const char *path)
{
	uint8_t		seed[32];
	int			fd = open(path, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);

	if (fd < 0)
		fail("cannot create seed file", path);
	randombytes_buf(seed, sizeof(seed));
	if (write(fd, seed, sizeof(seed)) != (ssize_t) sizeof(seed) || close(fd) != 0)
		fail("cannot write seed file", path);
	sodium_memzero(seed, sizeof(seed));
}

/* ------------------------------------------------------------- members --- */

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* @now, @now+90, @now-90: microseconds since 1970. */
static int64_t
relative_time(const char *spec)
{
	char	   *end;
	long		offset = 0;

	if (spec[4] != '\0')
	{
		offset = strtol(spec + 4, &end, 10);
		if (*end != '\0')
			fail("malformed time", spec);
	}
	return now_us() + (int64_t) offset * 1000000;
}

static void
put_nonce(char *out)
{
	uint8_t		nonce[16];

	randombytes_buf(nonce, sizeof(nonce));
	sodium_bin2base64(out, MAX_VALUE, nonce, sizeof(nonce), sodium_base64_VARIANT_ORIGINAL);
}

static void
expand_value(char *out, const char *value, const Key *key)
{
	if (strncmp(value, "@now", 4) == 0)
		out[w4_timestamp_format(out, relative_time(value))] = '\0';
	else if (strcmp(value, "@nonce") == 0)
		put_nonce(out);
	else if (strcmp(value, "@me") == 0 && key != NULL)
		strcpy(out, key->lct);
	else if (strlen(value) >= MAX_VALUE)
		fail("value is too long", NULL);
	else
		strcpy(out, value);
}

static void
parse_member(Member *member, const char *arg, const Key *key)
{
	const char *equals = strchr(arg, '=');
	size_t		len;

	if (equals == NULL || equals == arg)
		fail("expected NAME=VALUE", arg);
	len = (size_t) (equals - arg);
	member->raw = equals[-1] == ':';
	if (member->raw)
		len--;
	if (len >= sizeof(member->name))
		fail("name is too long", arg);
	memcpy(member->name, arg, len);
	member->name[len] = '\0';
	expand_value(member->value, equals + 1, key);
}

static int
compare_members(const void *a, const void *b)
{
	return strcmp(((const Member *) a)->name, ((const Member *) b)->name);
}

static void
parse_members(Members *members, int argc, char **argv, const Key *key)
{
	if (argc > MAX_MEMBERS)
		fail("too many arguments", NULL);
	members->count = argc;
	for (int i = 0; i < argc; i++)
		parse_member(&members->list[i], argv[i], key);
	qsort(members->list, (size_t) members->count, sizeof(Member), compare_members);
}

static const char *
member_or(const Members *members, const char *name, const char *otherwise)
{
	for (int i = 0; i < members->count; i++)
	{
		if (strcmp(members->list[i].name, name) == 0)
			return members->list[i].value;
	}
	return otherwise;
}

static const char *
member(const Members *members, const char *name)
{
	const char *value = member_or(members, name, NULL);

	if (value == NULL)
		fail("missing argument", name);
	return value;
}

static void
member_hash(const Members *members, const char *name, uint8_t hash[32])
{
	const char *text = member(members, name);

	if (!w4_hex_decode(hash, 32, text, strlen(text)))
		fail("expected 64 hexadecimal digits", name);
}

static int64_t
member_time(const Members *members, const char *name)
{
	const char *text = member(members, name);
	W4Fault		fault;
	int64_t		us;

	if (strcmp(text, "forever") == 0)
		return W4_CONSENT_FOREVER;
	if (!w4_timestamp_parse(&us, text, strlen(text), &fault))
		fail_fault(name, &fault);
	return us;
}

/* ----------------------------------------------------------- documents --- */

static void
write_document(W4Writer *out, const Members *members)
{
	static W4JsonNode nodes[W4_JSON_MAX_NODES(MAX_TEXT)];
	bool		first = true;
	W4Json		parsed;
	W4Fault		fault;

	w4_put_cstr(out, "{");
	for (int i = 0; i < members->count; i++)
	{
		const Member *m = &members->list[i];

		w4c_put_key(out, &first, m->name);
		if (m->raw)
			w4_put_cstr(out, m->value);
		else
			w4c_put_string(out, m->value, strlen(m->value));
	}
	w4_put_cstr(out, "}");
	if (out->full)
		fail("document is too long", NULL);
	if (!w4c_parse(&parsed, (const char *) out->buf, out->len, nodes, W4_JSON_MAX_NODES(MAX_TEXT), &fault))
		fail_fault("document", &fault);
}

static void
print_document(int argc, char **argv)
{
	static Members members;
	static char text[MAX_TEXT];
	W4Writer	out = w4_writer(text, sizeof(text));

	parse_members(&members, argc, argv, NULL);
	write_document(&out, &members);
	printf("%.*s\n", (int) out.len, text);
}

/* PREFIX, a newline, and standard input without its last newline. */
static size_t
read_message(char *message, size_t cap, const char *prefix)
{
	size_t		len = strlen(prefix);

	if (len + 1 >= cap)
		fail("prefix is too long", NULL);
	memcpy(message, prefix, len);
	if (len > 0)
		message[len++] = '\n';
	len += fread(message + len, 1, cap - len, stdin);
	if (len == cap)
		fail("message is too long", NULL);
	if (len > 0 && message[len - 1] == '\n')
		len--;
	return len;
}

static void
print_signature(const Key *key, const char *prefix)
{
	static char message[MAX_TEXT + 256];
	size_t		len = read_message(message, sizeof(message), prefix);
	uint8_t		signature[64];

	w4_sign(signature, message, len, key->secret_key);
	print_hex(signature, sizeof(signature));
}

static void
print_hash(const char *prefix)
{
	static char message[MAX_TEXT + 256];
	size_t		len = read_message(message, sizeof(message), prefix);
	uint8_t		hash[32];

	w4_sha256(hash, message, len);
	print_hex(hash, sizeof(hash));
}

/* -------------------------------------------------------------- tokens --- */

static void
fill_grant(W4Consent *token, const Members *members, const Key *key)
{
	memset(token, 0, sizeof(*token));
	token->issuer = w4_slice_cstr(member_or(members, "issuer", key->lct));
	token->subject = w4_slice_cstr(member(members, "subject"));
	token->intent = w4_slice_cstr(member(members, "intent"));
	token->resource = w4_slice_cstr(member(members, "resource"));
	token->issued_at = member_time(members, "issued");
	token->expires_at = member_time(members, "expires");
	token->level = (uint8_t) atoi(member_or(members, "level", "1"));
	memcpy(token->public_key, key->public_key, 32);
	if (member_or(members, "previous", "")[0] != '\0')
		member_hash(members, "previous", token->previous);
	token->has_parent = member_or(members, "parent", "")[0] != '\0';
	if (token->has_parent)
		member_hash(members, "parent", token->parent);
	for (int i = 0; i < members->count; i++)
	{
		const Member *m = &members->list[i];

		if (m->name[0] == '+')
			token->constraints[token->nconstraints++] = (W4Constraint)
		{
			w4_slice_cstr(m->name + 1), w4_slice_cstr(m->value)
		};
	}
}

static void
encode_grant(W4Writer *out, const W4Consent *token)
{
	W4Fault		fault;

	out->len = 0;
	if (!w4_consent_encode(out, token, &fault))
		fail_fault("grant", &fault);
}

static void
print_grant(const Key *key, int argc, char **argv)
{
	static Members members;
	static uint8_t wire[W4_CONSENT_MAX_SIZE];
	static uint8_t message[W4_CONSENT_MAX_SIZE + 64];
	W4Writer	out = w4_writer(wire, sizeof(wire));
	W4Writer	signed_bytes = w4_writer(message, sizeof(message));
	W4Consent	token;
	W4Consent	decoded;
	W4Fault		fault;

	parse_members(&members, argc, argv, key);
	fill_grant(&token, &members, key);
	encode_grant(&out, &token);
	if (!w4_consent_decode(&decoded, wire, out.len, &fault))
		fail_fault("grant", &fault);
	w4_consent_signed_bytes(&signed_bytes, &decoded);
	w4_sign(token.signature, message, signed_bytes.len, key->secret_key);
	encode_grant(&out, &token);
	print_hex(wire, out.len);
}

static void
print_revocation(const Key *key, int argc, char **argv)
{
	static Members members;
	uint8_t		wire[W4_REVOCATION_MAX_SIZE];
	uint8_t		message[W4_REVOCATION_MAX_SIZE + 64];
	W4Writer	out = w4_writer(wire, sizeof(wire));
	W4Writer	signed_bytes = w4_writer(message, sizeof(message));
	W4Revocation r;
	W4Revocation decoded;
	W4Fault		fault;

	parse_members(&members, argc, argv, key);
	memset(&r, 0, sizeof(r));
	r.revoker = w4_slice_cstr(member_or(&members, "revoker", key->lct));
	member_hash(&members, "token", r.token_hash);
	r.revoked_at = member_time(&members, "at");
	r.reason = (uint8_t) atoi(member_or(&members, "reason", "0"));
	memcpy(r.public_key, key->public_key, 32);
	if (!w4_revocation_encode(&out, &r, &fault) || !w4_revocation_decode(&decoded, wire, out.len, &fault))
		fail_fault("revocation", &fault);
	w4_revocation_signed_bytes(&signed_bytes, &decoded);
	w4_sign(r.signature, message, signed_bytes.len, key->secret_key);
	out.len = 0;
	if (!w4_revocation_encode(&out, &r, &fault))
		fail_fault("revocation", &fault);
	print_hex(wire, out.len);
}

/* -------------------------------------------------------- transactions --- */

static void
print_atp_tx(const Key *key, int argc, char **argv)
{
	static Members members;
	uint8_t		wire[W4_ATP_TX_MAX_SIZE];
	W4Writer	out = w4_writer(wire, sizeof(wire));
	W4AtpTx		tx;
	W4Fault		fault;
	const char *amount;
	uint8_t		signature[64];

	parse_members(&members, argc, argv, key);
	memset(&tx, 0, sizeof(tx));
	tx.society = w4_slice_cstr(member(&members, "society"));
	tx.type = w4_slice_cstr(member(&members, "type"));
	tx.from = w4_slice_cstr(member(&members, "from"));
	tx.to = w4_slice_cstr(member(&members, "to"));
	amount = member(&members, "amount");
	if (!w4_decimal_parse(&tx.amount, amount, strlen(amount), 6, false, true, &fault))
		fail_fault("amount", &fault);
	tx.timestamp = now_us();
	tx.ref = w4_slice_cstr(member_or(&members, "ref", ""));
	randombytes_buf(tx.nonce, sizeof(tx.nonce));
	w4_sha256(tx.metadata_hash, "", 0);
	if (!w4_atp_tx_encode(&out, &tx, &fault))
		fail_fault("transaction", &fault);
	print_hex(wire, out.len);
	if (key == NULL)
		return;
	w4_sign(signature, wire, out.len, key->secret_key);
	print_hex(signature, sizeof(signature));
}

/* ----------------------------------------------------------- load test --- */

/* One request and its signature a line, tab between: as COPY reads it. */
static void
print_requests(const Key *key, long count, long seconds, int argc, char **argv)
{
	static Members members;
	static char text[MAX_TEXT];

	for (long i = 0; i < count; i++)
	{
		W4Writer	out = w4_writer(text, sizeof(text));
		uint8_t		signature[64];
		char		hex[129];

		parse_members(&members, argc, argv, key);
		for (int m = 0; m < members.count; m++)
		{
			if (strcmp(members.list[m].name, "ts") == 0)
				members.list[m].value[w4_timestamp_format(members.list[m].value,
														  now_us() + i * (seconds * 1000000 / count))] = '\0';
		}
		w4_put_cstr(&out, W4_DOMAIN_REQUEST);
		text[out.len] = '\0';
		{
			size_t		prefix = out.len;
			W4Writer	body = w4_writer(text + prefix, sizeof(text) - prefix);

			write_document(&body, &members);
			w4_sign(signature, text, prefix + body.len, key->secret_key);
			sodium_bin2hex(hex, sizeof(hex), signature, sizeof(signature));
			printf("%.*s\t\\\\x%s\n", (int) body.len, text + prefix, hex);
		}
	}
}

/* ---------------------------------------------------------------- main --- */

static void
run_with_key(const char *command, const char *path, int argc, char **argv)
{
	Key			key;

	load_key(path, &key);
	if (strcmp(command, "key") == 0)
		print_hex(key.public_key, sizeof(key.public_key));
	else if (strcmp(command, "lct") == 0)
		puts(key.lct);
	else if (strcmp(command, "sign") == 0 && argc == 1)
		print_signature(&key, argv[0]);
	else if (strcmp(command, "grant") == 0)
		print_grant(&key, argc, argv);
	else if (strcmp(command, "revoke") == 0)
		print_revocation(&key, argc, argv);
	else if (strcmp(command, "atp") == 0)
		print_atp_tx(&key, argc, argv);
	else if (strcmp(command, "requests") == 0 && argc > 2)
		print_requests(&key, atol(argv[0]), atol(argv[1]), argc - 2, argv + 2);
	else
		fail("unknown command", command);
	sodium_memzero(&key, sizeof(key));
}

int
main(int argc, char **argv)
{
	const char *failed = w4_crypto_selftest();

	if (failed != NULL)
		fail("libsodium failed its self-test", failed);
	if (argc >= 3 && strcmp(argv[1], "keygen") == 0)
	{
		make_seed(argv[2]);
		run_with_key("key", argv[2], 0, NULL);
	}
	else if (argc >= 2 && strcmp(argv[1], "doc") == 0)
		print_document(argc - 2, argv + 2);
	else if (argc == 3 && strcmp(argv[1], "hash") == 0)
		print_hash(argv[2]);
	else if (argc >= 3 && strcmp(argv[1], "atp") == 0 && strcmp(argv[2], "-") == 0)
		print_atp_tx(NULL, argc - 3, argv + 3);
	else if (argc >= 3)
		run_with_key(argv[1], argv[2], argc - 3, argv + 3);
	else
		fail("usage: agent COMMAND ...; the commands stand at the top of demo/agent.c", NULL);
	return ferror(stdout) || fflush(stdout) != 0;
}
