/*-------------------------------------------------------------------------
 *
 * evaluate.c
 *		Folding the rules that apply to one action.
 *
 * Every matching action rule applies: the highest threshold, the most
 * witnesses, the highest minimum and the lowest maximum win, so adding a rule
 * can only make the law stricter.  A role must allow the action, must not deny
 * it, and must reach the resource.
 *
 *-------------------------------------------------------------------------
 */
#include "law/law.h"

#include "core/pattern.h"

#define UNLISTED_THRESHOLD 500000000
#define UNLISTED_LEVEL 2

static const W4RoleRule *
find_role(const W4Law *law, const char *role)
{
	W4Slice		name = w4_slice_cstr(role);

	for (int i = 0; i < law->nroles; i++)
	{
		if (w4_slice_eq(law->roles[i].role, name))
			return &law->roles[i];
	}
	return NULL;
}

static bool
any_covers(W4PatternKind kind, const W4Slice *patterns, int n, W4Slice child)
{
	for (int i = 0; i < n; i++)
	{
		if (w4_pattern_covers(kind, patterns[i], child))
			return true;
	}
	return false;
}

/* Could the two patterns match a common name?  (Trees of prefixes: one covers the other.) */
static bool
any_touches(W4PatternKind kind, const W4Slice *patterns, int n, W4Slice other)
{
	for (int i = 0; i < n; i++)
	{
		if (w4_pattern_covers(kind, patterns[i], other) || w4_pattern_covers(kind, other, patterns[i]))
			return true;
	}
	return false;
}

static void
fold_actions(const W4Law *law, W4Slice action, W4LawVerdict *v)
{
	bool		listed = false;

	for (int i = 0; i < law->nactions; i++)
	{
		const W4ActionRule *rule = &law->actions[i];

		if (!w4_pattern_covers(W4_INTENT, rule->action, action))
			continue;
		listed = true;
		v->threshold = Max(v->threshold, rule->threshold);
		v->witnesses = Max(v->witnesses, rule->witnesses);
		v->min_cost = Max(v->min_cost, rule->min_cost);
		v->max_cost = Min(v->max_cost, rule->max_cost);
		v->level = Max(v->level, rule->level);
	}
	if (!listed)
	{
		v->threshold = UNLISTED_THRESHOLD;
		v->level = UNLISTED_LEVEL;
	}
}

static void
fold_role(const W4RoleRule *role, W4Slice action, W4Slice resource, W4LawVerdict *v)
{
	if (role == NULL)
		v->reason = "the law does not know the role";
	else if (any_covers(W4_INTENT, role->deny, role->ndeny, action))
	{
		v->forbidden = true;
		v->reason = "the law denies the action to the role";
	}
	else if (!any_covers(W4_INTENT, role->allow, role->nallow, action))
		v->reason = "the law does not allow the action to the role";
	else if (!any_covers(W4_RESOURCE, role->resources, role->nresources, resource))
		v->reason = "the law does not allow the role this resource";
	else
	{
		v->allowed = true;
		v->threshold = Max(v->threshold, role->threshold);
		v->max_cost = Min(v->max_cost, role->max_cost);
		v->per_hour = role->per_hour;
	}
}

void
w4_law_evaluate(const W4Law *law, const char *role, W4Slice action, W4Slice resource, W4LawVerdict *v)
{
	memset(v, 0, sizeof(*v));
	v->max_cost = law->limits.max_cost;
	v->level = 1;
	fold_actions(law, action, v);
	fold_role(find_role(law, role), action, resource, v);
}

bool
w4_law_role_covers(const W4Law *law, const char *role, W4Slice intent, W4Slice resource)
{
	const W4RoleRule *rule = find_role(law, role);

	return rule != NULL &&
		any_covers(W4_INTENT, rule->allow, rule->nallow, intent) &&
		!any_touches(W4_INTENT, rule->deny, rule->ndeny, intent) &&
		any_covers(W4_RESOURCE, rule->resources, rule->nresources, resource);
}
