/*-------------------------------------------------------------------------
 *
 * role.c
 *		Database roles that our tables name.
 *
 *-------------------------------------------------------------------------
 */
#include "host/role.h"

#include "host/errors.h"
#include "miscadmin.h"
#include "utils/acl.h"

bool
w4_inherits_listed(W4Index *index, int nkeys, const Datum *keys, AttrNumber attno, Oid user)
{
	W4Scan		scan;
	bool		found = false;

	for (bool more = w4_scan_open(&scan, index, nkeys, keys); more && !found; more = w4_scan_next(&scan))
	{
		bool		isnull;
		Name		role = DatumGetName(w4_scan_attr(&scan, attno, &isnull));
		Oid			oid = get_role_oid(NameStr(*role), true);

		CHECK_FOR_INTERRUPTS();
		found = OidIsValid(oid) && has_privs_of_role(user, oid);
	}
	w4_scan_close(&scan);
	return found;
}

char *
w4_outer_role_name(void)
{
	return GetUserNameFromId(GetOuterUserId(), false);
}

const char *
w4_role_text(const char *name)
{
	return w4_utf8_ok(name, strlen(name)) ? name : "?";
}

void
w4_member_role(W4Writer *w, bool *first, const char *key, const char *name)
{
	w4c_member_string(w, first, key, w4_slice_cstr(w4_role_text(name)));
}

void
w4_role_require_utf8(const char *name)
{
	if (strcmp(w4_role_text(name), name) != 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_CANONICAL)),
				 errmsg("name of the role is not UTF-8"),
				 w4_errdetail(W4_ERRCODE(NOT_CANONICAL), "It goes into the evidence, which is UTF-8 JSON."),
				 errhint("Rename the role, or name another one that it is a member of.")));
}
