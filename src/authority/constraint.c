/*-------------------------------------------------------------------------
 *
 * constraint.c
 *		The closed set of conditions that a grant may carry.
 *
 *-------------------------------------------------------------------------
 */
#include "authority/constraint.h"

#include "core/decimal.h"
#include "core/lctid.h"

#define PPM_TO_UNIT (W4_UNIT / 1000000)

/* Read a canonical decimal between min and max. */
static bool
read_number(W4Slice value, int digits, int64 min, int64 max, int64 *out)
{
	int64_t		v;
	W4Fault		fault;

	if (!w4_decimal_parse(&v, (const char *) value.data, value.len, digits, false, true, &fault))
		return false;
	*out = v;
	return v >= min && v <= max;
}

static bool
read_role(W4Slice value, char role[64])
{
	if (value.len == 0 || value.len > 63 || value.data[0] < 'a' || value.data[0] > 'z')
		return false;
	for (size_t i = 0; i < value.len; i++)
	{
		uint8_t		c = value.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	memcpy(role, value.data, value.len);
	role[value.len] = '\0';
	return true;
}

/* "t3.<dimension>.min" or "v3.<dimension>.min", in parts per million. */
static bool
read_tensor_minimum(const char *family, const char *const names[3], const W4Constraint *line, W4Tensor *minimum, bool *ok)
{
	for (int i = 0; i < 3; i++)
	{
		char		key[40];
		int64		ppm;

		snprintf(key, sizeof(key), "%s.%s.min", family, names[i]);
		if (!w4_slice_eq(line->key, w4_slice_cstr(key)))
			continue;
		*ok = read_number(line->value, 0, 0, 1000000, &ppm);
		if (*ok)
			minimum->dim[i] = (int32) ppm * PPM_TO_UNIT;
		return true;
	}
	return false;
}

/* One line; *ok says whether its value is acceptable, the result whether the key is known. */
static bool
read_line(const W4Constraint *line, W4Conditions *out, bool *ok)
{
	int64		n = 0;
	W4Fault		fault;

#define KEY_IS(name) w4_slice_eq(line->key, w4_slice_cstr(name))
	if (KEY_IS("society"))
		*ok = out->has_society = w4_lct_parse(out->society, (const char *) line->value.data, line->value.len, &fault);
	else if (KEY_IS("role"))
		*ok = read_role(line->value, out->role);
	else if (KEY_IS("max_atp"))
		*ok = read_number(line->value, 6, 1, W4_ATP_MAX_AMOUNT, &out->max_atp);
	else if (KEY_IS("max_atp_per_action"))
		*ok = read_number(line->value, 6, 0, W4_ATP_MAX_AMOUNT, &out->max_atp_per_action);
	else if (KEY_IS("max_actions"))
		*ok = read_number(line->value, 0, 0, INT64CONST(1000000000000), &out->max_actions);
	else if (KEY_IS("max_hops"))
		*ok = read_number(line->value, 0, 0, 15, &n);	/* the chain check reads it */
	else if (KEY_IS("max_per_hour"))
	{
		*ok = read_number(line->value, 0, 1, 1000000, &n);
		out->max_per_hour = (int) n;
	}
	else if (KEY_IS("witness.min"))
	{
		*ok = read_number(line->value, 0, 0, 16, &n);
		out->witnesses = (int) n;
	}
	else if (KEY_IS("trust.min"))
	{
		*ok = read_number(line->value, 0, 0, 1000000, &n);
		out->trust_min = (int32) n * PPM_TO_UNIT;
	}
	else
		return read_tensor_minimum("t3", w4_t3_names, line, &out->t3_min, ok) ||
			read_tensor_minimum("v3", w4_v3_names, line, &out->v3_min, ok);
#undef KEY_IS
	return true;
}

const char *
w4_conditions_read(const W4Consent *token, W4Conditions *out, W4Slice *key)
{
	memset(out, 0, sizeof(*out));
	strcpy(out->role, "citizen");
	out->max_atp_per_action = PG_INT64_MAX;
	out->max_actions = PG_INT64_MAX;

	for (int i = 0; i < token->nconstraints; i++)
	{
		bool		ok = false;

		*key = token->constraints[i].key;
		if (!read_line(&token->constraints[i], out, &ok))
			return "is not a constraint that web4 knows";
		if (!ok)
			return "has a value that is malformed or out of range";
	}
	return NULL;
}

const char *
w4_conditions_meet(const W4Conditions *conditions, const W4Trust *trust)
{
	if (w4_trust_composite(trust) < conditions->trust_min)
		return "trust is below the grant's trust.min";
	if (!w4_tensor_meets(&trust->t3, &conditions->t3_min))
		return "T3 is below the grant's minimum";
	if (!w4_tensor_meets(&trust->v3, &conditions->v3_min))
		return "V3 is below the grant's minimum";
	return NULL;
}
