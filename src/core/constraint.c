/*-------------------------------------------------------------------------
 *
 * constraint.c
 *		What a delegate may do with the constraints of its own grant: keep
 *		them, tighten the numeric ones, add more.  Never drop one.
 *
 *-------------------------------------------------------------------------
 */
#include "core/chain.h"

#include "core/decimal.h"

#define FRACTION_DIGITS 9

static bool
has_prefix(W4Slice s, const char *prefix)
{
	size_t		len = strlen(prefix);

	return s.len >= len && memcmp(s.data, prefix, len) == 0;
}

static bool
has_suffix(W4Slice s, const char *suffix)
{
	size_t		len = strlen(suffix);

	return s.len >= len && memcmp(s.data + s.len - len, suffix, len) == 0;
}

static W4Slice
value_of(const W4Consent *token, W4Slice key)
{
	for (int i = 0; i < token->nconstraints; i++)
	{
		if (w4_slice_eq(token->constraints[i].key, key))
			return token->constraints[i].value;
	}
	return w4_slice(NULL, 0);
}

W4Slice
w4_constraint_value(const W4Consent *token, const char *key)
{
	return value_of(token, w4_slice_cstr(key));
}

static bool
parse_bound(int64_t *out, W4Slice value)
{
	return w4_decimal_parse(out, (const char *) value.data, value.len,
							FRACTION_DIGITS, false, true, NULL);
}

/* A malformed bound is refused even when both sides agree on it. */
static bool
line_narrows(W4Slice key, W4Slice parent, W4Slice child, const char **detail)
{
	bool		is_max = has_prefix(key, "max_");
	bool		is_min = has_suffix(key, ".min");
	int64_t		p;
	int64_t		c;

	*detail = "constraint changed";
	if (!is_max && !is_min)
		return w4_slice_eq(parent, child);
	if (!parse_bound(&p, parent) || !parse_bound(&c, child))
	{
		*detail = "malformed bound in a constraint";
		return false;
	}
	*detail = "constraint widened";
	if (is_max && c > p)
		return false;
	return !is_min || c >= p;
}

bool
w4_constraints_narrow(const W4Consent *parent, const W4Consent *child, const char **detail)
{
	const char *why;

	for (int i = 0; i < parent->nconstraints; i++)
	{
		W4Constraint line = parent->constraints[i];
		W4Slice		value = value_of(child, line.key);

		why = "constraint dropped";
		if (value.data == NULL || !line_narrows(line.key, line.value, value, &why))
		{
			if (detail != NULL)
				*detail = why;
			return false;
		}
	}
	return true;
}
