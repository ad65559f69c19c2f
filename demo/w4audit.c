/*-------------------------------------------------------------------------
 *
 * w4audit.c
 *		Checks a proof from web4_evidence_proof_json() on a machine that knows
 *		nothing of PostgreSQL or web4: this file and libsodium are all that one
 *		has to trust.
 *
 *	w4audit KEY PROOF.json					accept or reject; exit status 0 or 1
 *	w4audit KEY --flip-every-bit PROOF.json	accept, and reject after each change of one bit
 *	w4audit KEY --body PROOF.json			accept, and print the recorded body
 *
 * KEY is the public key that signs the society's tree heads, in hex, learned
 * from somebody other than the server.  What is checked (docs/evidence.md):
 *
 *	1. leaf_hash = SHA-256(0x00 || body)
 *	2. the signed document and its signature are those whose hashes the body holds
 *	3. leaf_hash, index and path lead to the root in the head (RFC 9162, 2.1.3.2)
 *	4. the head is signed by KEY: Ed25519 over "web4:tree-head:v1\n" || head
 *	5. proof, body and head speak of the same society, size and key
 *
 *-------------------------------------------------------------------------
 */
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_PREFIX "web4:tree-head:v1\n"
#define MAX_FILE (1 << 20)
#define MAX_MEMBERS 32
#define MAX_PATH 64
#define HASH 32

/* ---------------------------------------------------------------- JSON ---
 * Only what proofs, bodies and heads consist of, and only one spelling of
 * each: no white space, known escapes, canonical integers.
 */
typedef enum Type
{
	STRING, INTEGER, LIST, OTHER
} Type;

typedef struct Value
{
	char		name[32];
	Type		type;
	char	   *text;			/* content of a string, unescaped; terminated */
	size_t		len;
	uint64_t	integer;
	size_t		first_item;		/* of a list of strings */
	size_t		items;
} Value;

typedef struct Object
{
	Value		members[MAX_MEMBERS];
	size_t		count;
	Value		items[MAX_PATH];
	size_t		nitems;
	char	   *room;			/* unescaped strings go here */
	const char *p;
	const char *end;
	const char *error;
} Object;

static bool
refuse(Object *o, const char *why)
{
	if (o->error == NULL)
		o->error = why;
	return false;
}

static bool
expect(Object *o, char c)
{
	if (o->p == o->end || *o->p != c)
		return refuse(o, "not canonical JSON");
	o->p++;
	return true;
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

/* The escape that canonical JSON has for the character after the backslash; -1: none. */
static int
read_escape(Object *o)
{
	static const char names[] = "\"\\bfnrt";
	static const char values[] = "\"\\\b\f\n\r\t";
	const char *found;
	int			high,
				low,
				c;

	if (o->p == o->end)
		return -1;
	found = *o->p ? strchr(names, *o->p) : NULL;
	if (found != NULL)
	{
		o->p++;
		return values[found - names];
	}
	if (o->end - o->p < 5 || memcmp(o->p, "u00", 3) != 0)
		return -1;
	high = hex_digit(o->p[3]);
	low = hex_digit(o->p[4]);
	c = high * 16 + low;
	if (high < 0 || low < 0 || c >= 0x20 || memchr("\b\f\n\r\t", c, 5) != NULL)
		return -1;
	o->p += 5;
	return c;
}

static bool
read_string(Object *o, Value *v)
{
	if (!expect(o, '"'))
		return false;
	v->type = STRING;
	v->text = o->room;
	while (o->p < o->end && *o->p != '"')
	{
		int			c = (unsigned char) *o->p++;

		if (c < 0x20 || (c == '\\' && (c = read_escape(o)) < 0))
			return refuse(o, "not canonical JSON");
		*o->room++ = (char) c;
	}
	v->len = (size_t) (o->room - v->text);
	*o->room++ = '\0';
	return expect(o, '"');
}

static bool
read_integer(Object *o, Value *v)
{
	const char *begin = o->p;

	v->type = INTEGER;
	for (v->integer = 0; o->p < o->end && *o->p >= '0' && *o->p <= '9'; o->p++)
	{
		if (v->integer > (UINT64_C(1) << 53) / 10)
			return refuse(o, "number is too large");
		v->integer = v->integer * 10 + (uint64_t) (*o->p - '0');
	}
	if (o->p == begin || (*begin == '0' && o->p - begin > 1))
		return refuse(o, "not canonical JSON");
	return true;
}

static bool
read_list(Object *o, Value *v)
{
	v->type = LIST;
	v->first_item = o->nitems;
	if (!expect(o, '['))
		return false;
	while (o->p < o->end && *o->p != ']')
	{
		if (o->nitems - v->first_item > 0 && !expect(o, ','))
			return false;
		if (o->nitems == MAX_PATH)
			return refuse(o, "list is too long");
		if (!read_string(o, &o->items[o->nitems]))
			return false;
		o->nitems++;
	}
	v->items = o->nitems - v->first_item;
	return expect(o, ']');
}

/* A nested object is passed over: only its extent is checked. */
static bool
skip_object(Object *o, Value *v)
{
	int			depth = 0;
	bool		in_string = false;

	v->type = OTHER;
	for (; o->p < o->end; o->p++)
	{
		if (in_string)
		{
			if (*o->p == '\\' && o->end - o->p > 1)
				o->p++;
			else if (*o->p == '"')
				in_string = false;
		}
		else if (*o->p == '"')
			in_string = true;
		else if (*o->p == '{')
			depth++;
		else if (*o->p == '}' && --depth == 0)
		{
			o->p++;
			return true;
		}
	}
	return refuse(o, "not canonical JSON");
}

static bool
read_value(Object *o, Value *v)
{
	if (o->p == o->end)
		return refuse(o, "not canonical JSON");
	switch (*o->p)
	{
		case '"':
			return read_string(o, v);
		case '[':
			return read_list(o, v);
		case '{':
			return skip_object(o, v);
		case 'n':
			v->type = OTHER;
			return expect(o, 'n') && expect(o, 'u') && expect(o, 'l') && expect(o, 'l');
		default:
			return read_integer(o, v);
	}
}

static bool
read_member(Object *o)
{
	Value		name;
	Value	   *v = &o->members[o->count];

	if (o->count == MAX_MEMBERS)
		return refuse(o, "too many members");
	if (!read_string(o, &name))
		return false;
	if (name.len >= sizeof(v->name) || (o->count > 0 && strcmp(v[-1].name, name.text) >= 0))
		return refuse(o, "not canonical JSON");
	memcpy(v->name, name.text, name.len + 1);
	if (!expect(o, ':') || !read_value(o, v))
		return false;
	o->count++;
	return true;
}

/* Every object gets room for its strings; "out" is large, so it lives on the heap. */
static bool
read_object(Object *o, char *room, const char *text, size_t len)
{
	memset(o, 0, sizeof(*o));
	o->room = room;
	o->p = text;
	o->end = text + len;
	if (!expect(o, '{'))
		return false;
	while (o->p < o->end && *o->p != '}')
	{
		if ((o->count > 0 && !expect(o, ',')) || !read_member(o))
			return false;
	}
	if (!expect(o, '}'))
		return false;
	return o->p == o->end ? true : refuse(o, "not canonical JSON");
}

static const Value *
find(Object *o, const char *name, Type type)
{
	for (size_t i = 0; i < o->count; i++)
	{
		if (strcmp(o->members[i].name, name) == 0 && o->members[i].type == type)
			return &o->members[i];
	}
	refuse(o, "a member is missing or has the wrong type");
	return NULL;
}

static bool
only_members(Object *o, const char *const *names)
{
	size_t		count = 0;

	for (; names[count] != NULL; count++)
	{
		if (count >= o->count || strcmp(o->members[count].name, names[count]) != 0)
			return refuse(o, "a member is missing, or is one that a proof does not have");
	}
	return count == o->count ? true : refuse(o, "has a member that a proof does not have");
}

static bool
hex_bytes(const Value *v, uint8_t *out, size_t len)
{
	if (v == NULL || v->type != STRING || v->len != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++)
	{
		int			high = hex_digit(v->text[2 * i]);
		int			low = hex_digit(v->text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t) (high * 16 + low);
	}
	return true;
}

/* --------------------------------------------------------------- proof --- */

typedef struct Proof
{
	uint8_t    *body;
	size_t		body_len;
	const Value *head;
	uint8_t		leaf_hash[HASH];
	uint8_t		root[HASH];
	uint8_t		signature[crypto_sign_BYTES];
	uint8_t		path[MAX_PATH][HASH];
	size_t		path_len;
	uint64_t	index;
	uint64_t	size;
} Proof;

/* Scratch of one check; reused for every flipped bit. */
static Object outer;
static Object body;
static Object head;
static char room_outer[MAX_FILE];
static char room_body[MAX_FILE];
static char room_head[MAX_FILE];
static uint8_t body_bytes[MAX_FILE];
static uint8_t document_bytes[MAX_FILE];

static bool
same(const Value *a, const Value *b)
{
	return a != NULL && b != NULL && a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static const char *
read_proof(Proof *proof, const char *text, size_t len)
{
	static const char *const names[] = {"body", "document", "document_signature", "head", "head_signature", "index",
	"leaf_hash", "proof", "public_key", "size", "society", "v", NULL};
	const Value *v;

	if (!read_object(&outer, room_outer, text, len) || !only_members(&outer, names))
		return outer.error;
	v = find(&outer, "body", STRING);
	proof->body = body_bytes;
	proof->body_len = v ? v->len / 2 : 0;
	if (!hex_bytes(v, proof->body, proof->body_len))
		return "body is not hexadecimal";
	if (!hex_bytes(find(&outer, "leaf_hash", STRING), proof->leaf_hash, HASH))
		return "leaf_hash is not a hash";
	if (!hex_bytes(find(&outer, "head_signature", STRING), proof->signature, crypto_sign_BYTES))
		return "the head is not signed";
	proof->head = find(&outer, "head", STRING);
	v = find(&outer, "proof", LIST);
	if (proof->head == NULL || v == NULL)
		return outer.error;
	proof->path_len = v->items;
	for (size_t i = 0; i < v->items; i++)
	{
		if (!hex_bytes(&outer.items[v->first_item + i], proof->path[i], HASH))
			return "the path holds something that is not a hash";
	}
	if ((v = find(&outer, "index", INTEGER)) == NULL)
		return outer.error;
	proof->index = v->integer;
	if ((v = find(&outer, "size", INTEGER)) == NULL)
		return outer.error;
	proof->size = v->integer;
	v = find(&outer, "v", INTEGER);
	if (v == NULL || v->integer != 1)
		return "unknown version";
	if (!read_object(&body, room_body, (const char *) proof->body, proof->body_len))
		return "the body is not canonical JSON";
	if (!read_object(&head, room_head, proof->head->text, proof->head->len))
		return "the head is not canonical JSON";
	return NULL;
}

/* What the body says about a part of the proof: absent in both, or its hash. */
static bool
body_holds_hash(const char *part, const char *member)
{
	const Value *hash = find(&body, member, STRING);
	uint8_t		expected[HASH];
	uint8_t		actual[HASH];
	const Value *v = find(&outer, part, STRING);

	if (v == NULL)
		return hash == NULL;
	if (!hex_bytes(v, document_bytes, v->len / 2) || !hex_bytes(hash, expected, HASH))
		return false;
	crypto_hash_sha256(actual, document_bytes, v->len / 2);
	return memcmp(actual, expected, HASH) == 0;
}

static void
hash_node(uint8_t out[HASH], const uint8_t *left, const uint8_t *right)
{
	uint8_t		input[1 + 2 * HASH] = {1};

	memcpy(input + 1, left, HASH);
	memcpy(input + 1 + HASH, right, HASH);
	crypto_hash_sha256(out, input, sizeof(input));
}

static void
hash_leaf(uint8_t out[HASH], const uint8_t *data, size_t len)
{
	crypto_hash_sha256_state state;
	uint8_t		zero = 0;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, &zero, 1);
	crypto_hash_sha256_update(&state, data, len);
	crypto_hash_sha256_final(&state, out);
}

/* RFC 9162, section 2.1.3.2. */
static bool
leads_to_root(const Proof *proof)
{
	uint64_t	fn = proof->index;
	uint64_t	sn = proof->size - 1;
	uint8_t		r[HASH];

	if (proof->index >= proof->size)
		return false;
	memcpy(r, proof->leaf_hash, HASH);
	for (size_t i = 0; i < proof->path_len; i++)
	{
		if (sn == 0)
			return false;
		if (fn % 2 == 1 || fn == sn)
		{
			hash_node(r, proof->path[i], r);
			while (fn % 2 == 0 && fn != 0)
			{
				fn /= 2;
				sn /= 2;
			}
		}
		else
			hash_node(r, r, proof->path[i]);
		fn /= 2;
		sn /= 2;
	}
	return sn == 0 && memcmp(r, proof->root, HASH) == 0;
}

static bool
head_is_signed(const Proof *proof, const uint8_t key[])
{
	static char message[sizeof(HEAD_PREFIX) + MAX_FILE];
	size_t		prefix = sizeof(HEAD_PREFIX) - 1;

	memcpy(message, HEAD_PREFIX, prefix);
	memcpy(message + prefix, proof->head->text, proof->head->len);
	return crypto_sign_verify_detached(proof->signature, (unsigned char *) message,
									   prefix + proof->head->len, key) == 0;
}

/* NULL: the proof holds.  Otherwise what is wrong. */
static const char *
check(Proof *proof, const char *text, size_t len, const uint8_t key[])
{
	uint8_t		named_key[crypto_sign_PUBLICKEYBYTES];
	uint8_t		hash[HASH];
	const char *error = read_proof(proof, text, len);
	const Value *size;

	if (error != NULL)
		return error;
	if (!hex_bytes(find(&outer, "public_key", STRING), named_key, sizeof(named_key)) ||
		memcmp(named_key, key, sizeof(named_key)) != 0)
		return "the proof names another key";
	hash_leaf(hash, proof->body, proof->body_len);
	if (memcmp(hash, proof->leaf_hash, HASH) != 0)
		return "the body does not have this leaf hash";
	if (!body_holds_hash("document", "document_hash") || !body_holds_hash("document_signature", "signature_hash"))
		return "the document is not the one that was recorded";
	if (!same(find(&outer, "society", STRING), find(&head, "society", STRING)) ||
		!same(find(&outer, "society", STRING), find(&body, "society", STRING)))
		return "proof, head and body are not of one society";
	size = find(&head, "size", INTEGER);
	if (size == NULL || size->integer != proof->size)
		return "the head is of another size";
	if (!hex_bytes(find(&head, "root", STRING), proof->root, HASH) || !leads_to_root(proof))
		return "the path does not lead to the root";
	if (!head_is_signed(proof, key))
		return "the head is not signed by this key";
	return NULL;
}

/* ---------------------------------------------------------------- main --- */

static size_t
read_file(const char *path, char *text)
{
	FILE	   *f = fopen(path, "rb");
	size_t		len;

	if (f == NULL)
	{
		perror(path);
		exit(2);
	}
	len = fread(text, 1, MAX_FILE, f);
	fclose(f);
	if (len == MAX_FILE)
	{
		fprintf(stderr, "%s: larger than any proof\n", path);
		exit(2);
	}
	/* the newline that a shell or psql adds is not part of the proof */
	return len > 0 && text[len - 1] == '\n' ? len - 1 : len;
}

/* Every bit of the file in turn; each changed proof must be rejected. */
static int
flip_every_bit(char *text, size_t len, const uint8_t key[])
{
	size_t		rejected = 0;
	Proof		proof;

	for (size_t bit = 0; bit < len * 8; bit++)
	{
		text[bit / 8] ^= (char) (1 << bit % 8);
		if (check(&proof, text, len, key) != NULL)
			rejected++;
		else
			printf("ACCEPTED with bit %zu of byte %zu changed\n", bit % 8, bit / 8);
		text[bit / 8] ^= (char) (1 << bit % 8);
	}
	printf("%zu of %zu one-bit changes rejected\n", rejected, len * 8);
	return rejected == len * 8 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	static char text[MAX_FILE + 1];
	const char *option = argc == 4 ? argv[2] : "";
	uint8_t		key[crypto_sign_PUBLICKEYBYTES];
	Value		hex = {.type = STRING};
	const char *error;
	Proof		proof;
	size_t		len;

	if (argc < 3 || argc > 4 || sodium_init() < 0)
	{
		fprintf(stderr, "usage: w4audit KEY [--flip-every-bit | --body] PROOF.json\n");
		return 2;
	}
	hex.text = argv[1];
	hex.len = strlen(argv[1]);
	if (!hex_bytes(&hex, key, sizeof(key)))
	{
		fprintf(stderr, "w4audit: KEY must be 64 hexadecimal digits\n");
		return 2;
	}
	len = read_file(argv[argc - 1], text);
	error = check(&proof, text, len, key);
	if (error != NULL)
	{
		printf("REJECTED: %s\n", error);
		return 1;
	}
	printf("accepted: leaf %llu of %llu, signed head\n", (unsigned long long) proof.index, (unsigned long long) proof.size);
	if (strcmp(option, "--body") == 0)
		printf("%.*s\n", (int) proof.body_len, (char *) proof.body);
	return strcmp(option, "--flip-every-bit") == 0 ? flip_every_bit(text, len, key) : 0;
}
