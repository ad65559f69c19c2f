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
 *	2. leaf_hash, index and path lead to the root in the head (RFC 9162, 2.1.3.2)
 *	3. the head is signed by KEY: Ed25519 over "web4:tree-head:v1\n" || head
 *	4. the head is of the size that the proof says, the body of the same society
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
