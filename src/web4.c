/*-------------------------------------------------------------------------
 *
 * web4.c
 *		The front door: module magic, self-test and settings.
 *
 *-------------------------------------------------------------------------
 */
#include "web4.h"

#include "authority/decide.h"
#include "core/crypto.h"
#include "host/compat.h"
#include "keyring/keyring.h"
#include "utils/guc.h"

W4_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	const char *failed = w4_crypto_selftest();

	/*
	 * A library that accepts forged signatures or weak keys makes every
	 * promise of this extension void, so do not load on top of one.
	 */
	if (failed != NULL)
		ereport(FATAL,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("web4 refuses to load: libsodium failed its self-test"),
				 errdetail("%s", failed),
				 errhint("Install a libsodium with the fix for CVE-2025-69277, such as Debian's 1.0.18-1+deb12u1 or 1.0.20 and later.")));

	w4_keyring_define_settings();
	w4_authority_define_settings();
	MarkGUCPrefixReserved("web4");
}
