/*-------------------------------------------------------------------------
 *
 * consent.c
 *		The consent token: strict reading, signed bytes, writing.
 *
 * One token has one encoding.  The encoder proves that by reading back what it
 * wrote: whatever the reader refuses cannot be written.
 *
 *-------------------------------------------------------------------------
 */
#include "core/consent.h"

#include "core/crypto.h"
#include "core/pattern.h"
#include "core/tlv.h"

#define TAG_ISSUER 0x01
#define TAG_SUBJECT 0x02
#define TAG_INTENT 0x03
#define TAG_RESOURCE 0x04
#define TAG_ISSUED_AT 0x05
#define TAG_EXPIRES_AT 0x06
#define TAG_LEVEL 0x07
#define TAG_SIGNATURE 0x08
#define TAG_PUBLIC_KEY 0x09
#define TAG_PREVIOUS 0x0a
#define TAG_LAST_MANDATORY TAG_PREVIOUS
#define TAG_PARENT 0x0b
#define TAG_CONSTRAINTS 0x0c
#define TAG_LAST_KNOWN TAG_CONSTRAINTS
#define TAG_FIRST_EXTENSION 0x80
#define TAG_LAST_EXTENSION 0xfe

#define MAX_CONSTRAINTS_LEN 1024
#define MAX_CONSTRAINT_KEY_LEN 32
#define MAX_EXTENSION_LEN 512
#define SIGNED_BYTES_MAX (W4_CONSENT_MAX_SIZE + sizeof(W4_CONSENT_CONTEXT))

static const struct
{
	uint16_t	min;
	uint16_t	max;
}			widths[TAG_LAST_KNOWN + 1] = {
	[TAG_ISSUER] = {1, 255},
	[TAG_SUBJECT] = {1, 255},
	[TAG_INTENT] = {1, W4_INTENT_MAX_LEN},
	[TAG_RESOURCE] = {1, W4_RESOURCE_MAX_LEN},
	[TAG_ISSUED_AT] = {8, 8},
	[TAG_EXPIRES_AT] = {8, 8},
	[TAG_LEVEL] = {1, 1},
	[TAG_SIGNATURE] = {64, 64},
	[TAG_PUBLIC_KEY] = {32, 32},
	[TAG_PREVIOUS] = {32, 32},
	[TAG_PARENT] = {32, 32},
	[TAG_CONSTRAINTS] = {1, MAX_CONSTRAINTS_LEN},
};

static const char *const code_names[] = {
	"OK", "FORMAT", "SIGNATURE", "KEY_BINDING", "NOT_YET_VALID", "EXPIRED",
	"REVOKED", "INTENT_SCOPE", "RESOURCE_SCOPE", "LEVEL", "TIME_WINDOW",
	"CHAIN_LINK", "CHAIN_SUBJECT", "NOT_DELEGABLE", "DEPTH", "CONSTRAINT",
	"REFUSED", "ALIGNMENT", "EVIDENCE", "UNANCHORED", "SUBJECT_MISMATCH",
	"NO_CONSENT"
};

const char *
w4_consent_code_name(W4ConsentCode code)
{
	unsigned int i = (unsigned int) code;

	return i < sizeof(code_names) / sizeof(code_names[0]) ? code_names[i] : "UNKNOWN";
}

/* --- names --- */

static bool
is_lower_alnum(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
is_id_char(uint8_t c)
{
	return is_lower_alnum(c) || (c >= 'A' && c <= 'Z') ||
		c == '.' || c == '_' || c == ':' || c == '%' || c == '-';
}

/* (did|lct):[a-z0-9]{1,32}:[A-Za-z0-9._:%-]{1,200} */
static bool
uri_name_ok(W4Slice name)
{
	size_t		pos = 4;
	size_t		start;

	while (pos < name.len && is_lower_alnum(name.data[pos]))
		pos++;
	if (pos - 4 < 1 || pos - 4 > 32 || pos == name.len || name.data[pos] != ':')
		return false;
	start = ++pos;
	while (pos < name.len && is_id_char(name.data[pos]))
		pos++;
	return pos == name.len && pos - start >= 1 && pos - start <= 200;
}

/* [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])? */
static bool
label_ok(W4Slice label)
{
	if (label.len < 1 || label.len > 63 ||
		label.data[0] == '-' || label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
	{
		if (!is_lower_alnum(label.data[i]) && label.data[i] != '-')
			return false;
	}
	return true;
}

/* One to eight labels separated by dots. */
static bool
domain_name_ok(W4Slice name)
{
	size_t		start = 0;
	int			labels = 0;

	for (size_t i = 0; i <= name.len; i++)
	{
		if (i < name.len && name.data[i] != '.')
			continue;
		if (++labels > 8 || !label_ok(w4_slice(name.data + start, i - start)))
			return false;
		start = i + 1;
	}
	return true;
}

bool
w4_consent_name_ok(W4Slice name)
{
	if (name.len < 1 || name.len > widths[TAG_ISSUER].max)
		return false;
	if (name.len > 4 && (memcmp(name.data, "did:", 4) == 0 || memcmp(name.data, "lct:", 4) == 0))
		return uri_name_ok(name);
	return domain_name_ok(name);
}

/* --- constraints --- */

static bool
constraint_key_ok(W4Slice key)
{
	if (key.len < 1 || key.len > MAX_CONSTRAINT_KEY_LEN ||
		key.data[0] < 'a' || key.data[0] > 'z')
		return false;
	for (size_t i = 1; i < key.len; i++)
	{
		uint8_t		c = key.data[i];

		if (!is_lower_alnum(c) && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

static bool
constraint_value_ok(W4Slice value)
{
	for (size_t i = 0; i < value.len; i++)
	{
		if (value.data[i] < 0x20 || value.data[i] > 0x7e)
			return false;
	}
	return value.len > 0;
}

static bool
parse_constraint(W4Constraint *out, W4Slice line)
{
	const uint8_t *eq = line.len > 0 ? memchr(line.data, '=', line.len) : NULL;

	if (eq == NULL)
		return false;
	out->key = w4_slice(line.data, (size_t) (eq - line.data));
	out->value = w4_slice(eq + 1, line.len - out->key.len - 1);
	return constraint_key_ok(out->key) && constraint_value_ok(out->value);
}

static bool
line_before(W4Slice a, W4Slice b)
{
	int			cmp = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

	return cmp < 0 || (cmp == 0 && a.len < b.len);
}

/*
 * Lines in byte order.  A key stands once: with two values for one key a
 * delegate could keep the parent's line and let a reader find another first.
 * Lines of one key are neighbours in byte order, so looking back one suffices.
 */
static bool
parse_constraints(W4Consent *out, const W4Tlv *item, W4Fault *fault)
{
	W4Slice		text = item->value;
	W4Slice		previous = {NULL, 0};
	size_t		pos = 0;

	for (;;)
	{
		const uint8_t *lf = memchr(text.data + pos, '\n', text.len - pos);
		size_t		end = lf != NULL ? (size_t) (lf - text.data) : text.len;
		W4Slice		line = w4_slice(text.data + pos, end - pos);
		size_t		at = item->offset + W4_TLV_HEADER_LEN + pos;
		int			n = out->nconstraints;

		if (n == W4_CONSENT_MAX_CONSTRAINTS)
			return w4_fault(fault, "too many constraints", at);
		if (!parse_constraint(&out->constraints[n], line))
			return w4_fault(fault, "malformed constraint", at);
		if (n > 0 && !line_before(previous, line))
			return w4_fault(fault, "constraints out of order", at);
		if (n > 0 && w4_slice_eq(out->constraints[n - 1].key, out->constraints[n].key))
			return w4_fault(fault, "constraint key repeated", at);
		out->nconstraints++;
		previous = line;
		if (lf == NULL)
			return true;
		pos = end + 1;			/* a final line feed leaves an empty line, refused above */
	}
}

/* --- reading --- */

/* Tags ascend, 01..0a are all there, nothing unknown and critical is there. */
static bool
check_tag(uint8_t tag, uint8_t last, size_t offset, W4Fault *fault)
{
	if (last < TAG_LAST_MANDATORY ? tag != last + 1 : tag <= last)
		return w4_fault(fault, "field missing, repeated or out of order", offset);
	if (tag > TAG_LAST_KNOWN && (tag < TAG_FIRST_EXTENSION || tag > TAG_LAST_EXTENSION))
		return w4_fault(fault, "unknown critical field", offset);
	return true;
}

static bool
check_width(const W4Tlv *item, W4Fault *fault)
{
	size_t		min = item->tag <= TAG_LAST_KNOWN ? widths[item->tag].min : 0;
	size_t		max = item->tag <= TAG_LAST_KNOWN ? widths[item->tag].max : MAX_EXTENSION_LEN;

	if (item->value.len < min || item->value.len > max)
		return w4_fault(fault, "field of wrong length", item->offset);
	return true;
}

static bool
read_name(W4Slice *out, const W4Tlv *item, W4Fault *fault)
{
	*out = item->value;
	return w4_consent_name_ok(item->value) || w4_fault(fault, "malformed name", item->offset);
}

static bool
read_pattern(W4Slice *out, W4PatternKind kind, const W4Tlv *item, W4Fault *fault)
{
	*out = item->value;
	if (w4_pattern_ok(kind, item->value, false, fault))
		return true;
	if (fault != NULL)
		fault->offset += item->offset + W4_TLV_HEADER_LEN;
	return false;
}

static bool
read_time(int64_t *out, const W4Tlv *item, W4Fault *fault)
{
	uint64_t	us = w4_get_u64be(item->value.data);

	if (us == 0 || us > INT64_MAX)
		return w4_fault(fault, "time out of range", item->offset);
	*out = (int64_t) us;
	return true;
}

static bool
read_level(W4Consent *out, const W4Tlv *item, W4Fault *fault)
{
	out->level = item->value.data[0];
	return out->level <= 4 || w4_fault(fault, "level above 4", item->offset);
}

static bool
read_parent(W4Consent *out, const W4Tlv *item, W4Fault *fault)
{
	static const uint8_t zero[32];

	out->has_parent = true;
	memcpy(out->parent, item->value.data, sizeof(out->parent));
	return memcmp(out->parent, zero, sizeof(zero)) != 0 ||
		w4_fault(fault, "parent hash of zeros", item->offset);
}

static bool
read_item(W4Consent *out, const W4Tlv *item, W4Fault *fault)
{
	switch (item->tag)
	{
		case TAG_ISSUER:
			return read_name(&out->issuer, item, fault);
		case TAG_SUBJECT:
			return read_name(&out->subject, item, fault);
		case TAG_INTENT:
			return read_pattern(&out->intent, W4_INTENT, item, fault);
		case TAG_RESOURCE:
			return read_pattern(&out->resource, W4_RESOURCE, item, fault);
		case TAG_ISSUED_AT:
			return read_time(&out->issued_at, item, fault);
		case TAG_EXPIRES_AT:
			return read_time(&out->expires_at, item, fault);
		case TAG_LEVEL:
			return read_level(out, item, fault);
		case TAG_SIGNATURE:
			memcpy(out->signature, item->value.data, sizeof(out->signature));
			return true;
		case TAG_PUBLIC_KEY:
			memcpy(out->public_key, item->value.data, sizeof(out->public_key));
			return true;
		case TAG_PREVIOUS:
			memcpy(out->previous, item->value.data, sizeof(out->previous));
			return true;
		case TAG_PARENT:
			return read_parent(out, item, fault);
		case TAG_CONSTRAINTS:
			return parse_constraints(out, item, fault);
		default:

			/* Extensions ascend, so all from the first on is extensions. */
			if (out->extensions.data == NULL)
				out->extensions = w4_slice(out->wire.data + item->offset,
										   out->wire.len - item->offset);
			return true;
	}
}

/* What no single field can tell. */
static bool
check_whole(const W4Consent *token, W4Fault *fault)
{
	if (token->expires_at <= token->issued_at)
		return w4_fault(fault, "expiry not after issue", 0);
	if (token->expires_at == W4_CONSENT_FOREVER && token->level != 0)
		return w4_fault(fault, "endless grant", 0);
	return true;
}

bool
w4_consent_decode(W4Consent *out, const uint8_t *wire, size_t len, W4Fault *fault)
{
	size_t		pos = 0;
	uint8_t		last = 0;
	W4Tlv		item;

	memset(out, 0, sizeof(*out));
	if (len < W4_CONSENT_MIN_SIZE)
		return w4_fault(fault, "token too short", len);
	if (len > W4_CONSENT_MAX_SIZE)
		return w4_fault(fault, "token too long", W4_CONSENT_MAX_SIZE);
	out->wire = w4_slice(wire, len);
	while (pos < len)
	{
		if (!w4_tlv_next(out->wire, &pos, &item, fault) ||
			!check_tag(item.tag, last, item.offset, fault) ||
			!check_width(&item, fault) ||
			!read_item(out, &item, fault))
			return false;
		last = item.tag;
	}
	if (last < TAG_LAST_MANDATORY)
		return w4_fault(fault, "field missing, repeated or out of order", len);
	if (!check_whole(out, fault))
		return false;
	w4_sha256(out->hash, wire, len);
	return true;
}

void
w4_consent_signed_bytes(W4Writer *out, const W4Consent *token)
{
	w4_tlv_put_unsigned(out, W4_CONSENT_CONTEXT, token->wire, TAG_SIGNATURE);
}

bool
w4_consent_signature_ok(const W4Consent *token)
{
	uint8_t		buf[SIGNED_BYTES_MAX];
	W4Writer	message = w4_writer(buf, sizeof(buf));

	w4_consent_signed_bytes(&message, token);
	return !message.full &&
		w4_verify_strict(token->signature, message.buf, message.len, token->public_key);
}

/* --- writing --- */

static void
put_constraints(W4Writer *out, const W4Consent *token)
{
	uint8_t		buf[MAX_CONSTRAINTS_LEN];
	W4Writer	text = w4_writer(buf, sizeof(buf));

	for (int i = 0; i < token->nconstraints; i++)
	{
		if (i > 0)
			w4_put_u8(&text, '\n');
		w4_put(&text, token->constraints[i].key.data, token->constraints[i].key.len);
		w4_put_u8(&text, '=');
		w4_put(&text, token->constraints[i].value.data, token->constraints[i].value.len);
	}
	if (text.full)
		out->full = true;
	w4_tlv_put(out, TAG_CONSTRAINTS, text.buf, text.len);
}

static void
put_token(W4Writer *out, const W4Consent *token)
{
	w4_tlv_put_slice(out, TAG_ISSUER, token->issuer);
	w4_tlv_put_slice(out, TAG_SUBJECT, token->subject);
	w4_tlv_put_slice(out, TAG_INTENT, token->intent);
	w4_tlv_put_slice(out, TAG_RESOURCE, token->resource);
	w4_tlv_put_u64(out, TAG_ISSUED_AT, (uint64_t) token->issued_at);
	w4_tlv_put_u64(out, TAG_EXPIRES_AT, (uint64_t) token->expires_at);
	w4_tlv_put(out, TAG_LEVEL, &token->level, 1);
	w4_tlv_put(out, TAG_SIGNATURE, token->signature, sizeof(token->signature));
	w4_tlv_put(out, TAG_PUBLIC_KEY, token->public_key, sizeof(token->public_key));
	w4_tlv_put(out, TAG_PREVIOUS, token->previous, sizeof(token->previous));
	if (token->has_parent)
		w4_tlv_put(out, TAG_PARENT, token->parent, sizeof(token->parent));
	if (token->nconstraints > 0)
		put_constraints(out, token);
	w4_put(out, token->extensions.data, token->extensions.len);
}

/*
 * Length prefixes keep the single fields apart; lists are not so safe: a value
 * with a line feed would read as two constraints, extension bytes as a parent.
 */
static bool
same_lists(const W4Consent *a, const W4Consent *b)
{
	if (a->nconstraints != b->nconstraints || a->has_parent != b->has_parent ||
		!w4_slice_eq(a->extensions, b->extensions))
		return false;
	for (int i = 0; i < a->nconstraints; i++)
	{
		if (!w4_slice_eq(a->constraints[i].key, b->constraints[i].key) ||
			!w4_slice_eq(a->constraints[i].value, b->constraints[i].value))
			return false;
	}
	return true;
}

bool
w4_consent_encode(W4Writer *out, const W4Consent *token, W4Fault *fault)
{
	size_t		start = out->len;
	W4Consent	back;

	if (token->nconstraints < 0 || token->nconstraints > W4_CONSENT_MAX_CONSTRAINTS)
		return w4_fault(fault, "too many constraints", 0);
	put_token(out, token);
	if (out->full)
		w4_fault(fault, "field or token too long", out->len - start);
	else if (w4_consent_decode(&back, out->buf + start, out->len - start, fault))
	{
		if (same_lists(&back, token))
			return true;
		w4_fault(fault, "malformed constraint or extension", 0);
	}
	out->len = start;
	return false;
}
