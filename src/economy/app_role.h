/*-------------------------------------------------------------------------
 *
 * app_role.h
 *		Which database roles speak for which requesters.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_APP_ROLE_H
#define W4_APP_ROLE_H

#include "postgres.h"

#include "core/bytes.h"
#include "host/role.h"

/*
 * ERROR W4A01 unless whoever runs this statement may act for the requester in
 * the society; "what" names the function.  The outer user counts (SET ROLE or
 * the session's), not the owner of a SECURITY DEFINER function; a mapping of a
 * role it inherits from will do, and a superuser may always.  A mapping for
 * every citizen does not cover the society itself, whose account is the
 * treasury.  Index read of the newest committed mappings, no SPI.
 */
extern void w4_role_require_speaks(const uint8_t society[32], const uint8_t requester[32], const char *what);

#endif							/* W4_APP_ROLE_H */
