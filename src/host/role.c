/*-------------------------------------------------------------------------
 *
 * role.c
 *		Database roles that our tables name.
 *
 *-------------------------------------------------------------------------
 */
#include "host/role.h"

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
