/*-------------------------------------------------------------------------
 *
 * role.h
 *		Database roles that our tables name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_ROLE_H
#define W4_ROLE_H

#include "postgres.h"

#include "core/json.h"
#include "host/scan.h"

/*
 * Does the user have the privileges of a role that column "attno" of a matching
 * row names?  A role that no longer exists helps nobody.
 */
extern bool w4_inherits_listed(W4Index *index, int nkeys, const Datum *keys, AttrNumber attno, Oid user);

/* Name of the outer user, for evidence (palloc'd). */
extern char *w4_outer_role_name(void);

/* What the log calls a database role; "?" when its name, made in a database of another encoding, is not UTF-8. */
extern const char *w4_role_text(const char *name);

/* A member that names a database role. */
extern void w4_member_role(W4Writer *w, bool *first, const char *key, const char *name);

/* ERROR W4F05 when the log could not say which role it was. */
extern void w4_role_require_utf8(const char *name);

#endif							/* W4_ROLE_H */
