/*-------------------------------------------------------------------------
 *
 * key_trust.c
 *		Does something signed long ago still count?
 *
 * Rotation leaves earlier signatures standing; a compromise voids what the
 * server received from the named instant on.  What decides is when the server
 * received it, never the time that the signer claims.
 *
 *-------------------------------------------------------------------------
 */
#include "identity/rows.h"

#include "host/value.h"

static W4Index key_by_public_key = W4_INDEX("entity_key", "entity_key_public_key_key");

bool
w4_entity_key_trusted(const uint8_t id[32], const uint8_t public_key[32], TimestampTz received_at)
{
	W4Scan		scan;
	Datum		key = w4_bytea_datum(public_key, 32);
	bool		trusted = false;

	if (w4_scan_open(&scan, &key_by_public_key, 1, &key))
	{
		bool		isnull;
		bool		not_compromised;
		TimestampTz since = DatumGetTimestampTz(w4_scan_attr(&scan, Anum_key_compromised_since, &not_compromised));

		trusted = memcmp(DatumGetW4Lct(w4_scan_attr(&scan, Anum_key_entity, &isnull)), id, 32) == 0 &&
			(not_compromised || received_at < since);
	}
	w4_scan_close(&scan);
	return trusted;
}
