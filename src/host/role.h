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

#include "host/scan.h"

/*
 * Does the user have the privileges of a role that column "attno" of a matching
 * row names?  A role that no longer exists helps nobody.
 */
extern bool w4_inherits_listed(W4Index *index, int nkeys, const Datum *keys, AttrNumber attno, Oid user);

#endif							/* W4_ROLE_H */
