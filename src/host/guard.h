/*-------------------------------------------------------------------------
 *
 * guard.h
 *		Who may write our tables, and whether this database is live.
 *
 * Every table of schema web4 carries the trigger web4.guard(), ENABLE ALWAYS:
 * rows are written by web4 functions and nobody else, not even the owner.  The
 * one exception is a restore: a freshly created extension is "fresh" and takes
 * rows from COPY, and becomes "live" with its first society or when
 * web4_post_restore() has verified what was loaded.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_GUARD_H
#define W4_GUARD_H

#include "postgres.h"

#include "host/scan.h"
#include "utils/reltrigger.h"

/* Has this database left the state in which rows may be loaded directly? */
extern bool w4_instance_live(void);

/* ERROR W4V04 unless live; also refuses recovery and read-only transactions. */
extern void w4_require_live(const char *what);

/* Leave the fresh state; SPI must be connected. */
extern void w4_instance_go_live(void);

/* What the guard, if it is always enabled, allows to keep of lookups in an index. */
extern W4Keep w4_guard_keeps(const TriggerDesc *triggers, const char *index);

/* Are these triggers the guard's, with nothing to do for our own writes? */
extern bool w4_only_guarded(const TriggerDesc *triggers);

#endif							/* W4_GUARD_H */
