/*-------------------------------------------------------------------------
 *
 * names.h
 *		OIDs of the extension's own objects, looked up once per backend.
 *
 * Public objects lie in the extension's schema, whichever the installer chose;
 * private ones in schema web4.  Everything cached from here carries an epoch:
 * when it changes (extension dropped and created again, say), what was cached
 * under the old epoch must be looked up again.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_NAMES_H
#define W4_NAMES_H

#include "postgres.h"

/* Current epoch; also makes sure that the names are resolved. */
extern uint64 w4_epoch(void);

extern Oid	w4_public_schema(void);	/* the extension's schema */

/* OID of a type of ours ("lct") or of a built-in one ("int8", "text[]"). */
extern Oid	w4_type_oid(const char *name);

/* OID of a relation or index in schema web4; ERROR when missing. */
extern Oid	w4_relation_oid(const char *name);

#endif							/* W4_NAMES_H */
