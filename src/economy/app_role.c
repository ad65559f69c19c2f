/*-------------------------------------------------------------------------
 *
 * app_role.c
 *		Which database roles speak for which requesters.
 *
 * A trusted application acts for its users without their signatures.  It may do
 * so only for requesters, or societies, that an operator has mapped to its
 * database role; what it does is marked in the evidence.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/app_role.h"

#include "core/lctid.h"
#include "economy/ledger.h"
#include "evidence/evidence.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/role.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/identity.h"
#include "miscadmin.h"
#include "types/lct_type.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(web4_map_role);
PG_FUNCTION_INFO_V1(web4_unmap_role);

static W4Index app_role_one = W4_INDEX("app_role", "app_role_one");
static W4Index app_role_all = W4_INDEX("app_role", "app_role_all");

enum
{
	Anum_app_role_role = 1
};

/* Is the user itself mapped? */
static bool
mapped(const uint8_t *society, const uint8_t *requester, const char *user)
{
	NameData	name = {""};
	Datum		one[3] = {W4LctGetDatum(society), W4LctGetDatum(requester), NameGetDatum(&name)};
	Datum		all[2] = {W4LctGetDatum(society), NameGetDatum(&name)};

	namestrcpy(&name, user);
	return w4_scan_exists(&app_role_one, 3, one) ||
		(memcmp(society, requester, 32) != 0 && w4_scan_exists(&app_role_all, 2, all));
}

static bool
may_speak(const uint8_t society[32], const uint8_t requester[32])
{
	Oid			user = GetOuterUserId();
	Datum		keys[2] = {W4LctGetDatum(society), W4LctGetDatum(requester)};
	bool		may;

	/* The code of a table's owner that maintenance runs in somebody else's session (host/guard.c). */
	if (InSecurityRestrictedOperation())
		return false;
	if (superuser_arg(user))
		return true;
	w4_push_latest_snapshot();
	may = mapped(society, requester, GetUserNameFromId(user, false)) ||
		w4_inherits_listed(&app_role_one, 2, keys, Anum_app_role_role, user) ||
		(memcmp(society, requester, 32) != 0 &&
		 w4_inherits_listed(&app_role_all, 1, keys, Anum_app_role_role, user));
	w4_pop_snapshot();
	return may;
}

void
w4_role_require_speaks(const uint8_t society[32], const uint8_t requester[32], const char *what)
{
	if (!may_speak(society, requester))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_MAPPED)),
				 errmsg("database role \"%s\" may not act for this requester", w4_outer_role_name()),
				 w4_errdetail(W4_ERRCODE(NOT_MAPPED), "%s acts for %s.", what, w4_lct_cstring(requester)),
				 errhint("An operator maps it with web4_map_role(), or the requester signs for himself.")));
}

/* --- mapping --- */

static void
record(const char *kind, const uint8_t *society, const uint8_t *requester, const char *role, TimestampTz at)
{
	uint8_t		buf[1024];
	W4Writer	w = w4_writer(buf, sizeof(buf));
	bool		first = true;
	W4Evidence	evidence = {.kind = kind, .society = society, .actor = society, .at = at};

	w4_put_u8(&w, '{');
	w4_member_role(&w, &first, "by", w4_outer_role_name());
	if (requester != NULL)
		w4c_member_lct(&w, &first, "requester", requester);
	w4_member_role(&w, &first, "role", role);
	w4_put_u8(&w, '}');
	evidence.data = w4_slice(buf, w.len);
	w4_evidence_append_once(&evidence);
}

static const uint8_t *
optional_lct(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? NULL : PG_GETARG_W4LCT(arg);
}

/* web4_map_role(role name, society lct, requester lct): false when mapped already. */
Datum
web4_map_role(PG_FUNCTION_ARGS)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.app_role (role, society, requester, mapped_at) VALUES ($1, $2, $3, $4) "
								   "ON CONFLICT DO NOTHING", "name,lct,lct,timestamptz");
	TimestampTz now = GetCurrentTimestamp();
	const uint8_t *society;
	const uint8_t *requester;
	bool		added;

	w4_require_argument(fcinfo, 0);
	w4_require_argument(fcinfo, 1);
	w4_require_live("web4_map_role()");
	society = PG_GETARG_W4LCT(1);
	requester = optional_lct(fcinfo, 2);
	(void) get_role_oid(NameStr(*PG_GETARG_NAME(0)), false);
	w4_role_require_utf8(NameStr(*PG_GETARG_NAME(0)));
	w4_push_latest_snapshot();
	w4_society_require(society);
	if (requester != NULL)
		w4_require_party(society, requester, "requester");
	w4_pop_snapshot();

	SPI_connect();
	added = w4_write(&insert, (Datum[]) {PG_GETARG_DATUM(0), W4LctGetDatum(society), W4LctGetDatum(requester),
					 TimestampTzGetDatum(now)}, requester == NULL ? "  n " : NULL) > 0;
	if (added)
		record("role_map", society, requester, NameStr(*PG_GETARG_NAME(0)), now);
	SPI_finish();
	PG_RETURN_BOOL(added);
}

/* web4_unmap_role(role name, society lct, requester lct): false when it was not mapped. */
Datum
web4_unmap_role(PG_FUNCTION_ARGS)
{
	static W4Plan remove_one = W4_PLAN("DELETE FROM web4.app_role WHERE role = $1 AND society OPERATOR(@x@.=) $2 "
									   "AND requester OPERATOR(@x@.=) $3", "name,lct,lct");
	static W4Plan remove_all = W4_PLAN("DELETE FROM web4.app_role WHERE role = $1 AND society OPERATOR(@x@.=) $2 "
									   "AND requester IS NULL", "name,lct");
	const uint8_t *society;
	const uint8_t *requester;
	Datum		values[3];
	bool		removed;

	w4_require_argument(fcinfo, 0);
	w4_require_argument(fcinfo, 1);
	w4_require_live("web4_unmap_role()");
	society = PG_GETARG_W4LCT(1);
	requester = optional_lct(fcinfo, 2);
	values[0] = PG_GETARG_DATUM(0);
	values[1] = W4LctGetDatum(society);
	values[2] = W4LctGetDatum(requester);

	SPI_connect();
	removed = w4_write(requester == NULL ? &remove_all : &remove_one, values, NULL) > 0;
	if (removed)
		record("role_unmap", society, requester, NameStr(*PG_GETARG_NAME(0)), GetCurrentTimestamp());
	SPI_finish();
	PG_RETURN_BOOL(removed);
}
