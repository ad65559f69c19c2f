/*-------------------------------------------------------------------------
 *
 * entity.c
 *		Looking up identities and the keys that speak for them.
 *
 * A decision comes here several times, so everything is one index probe.
 *
 *-------------------------------------------------------------------------
 */
#include "identity/rows.h"

#include "core/crypto.h"
#include "host/errors.h"
#include "host/value.h"
#include "miscadmin.h"
#include "types/lct_type.h"

static W4Index entity_pkey = W4_INDEX("entity", "entity_pkey");
static W4Index key_active = W4_INDEX("entity_key", "entity_key_active");
static W4Index key_overlapping = W4_INDEX("entity_key", "entity_key_overlapping");
static W4Index key_pkey = W4_INDEX("entity_key", "entity_key_pkey");
static W4Index key_by_public_key = W4_INDEX("entity_key", "entity_key_public_key_key");

static const char *const status_names[] = {
	[W4_STATUS_ACTIVE] = "active",
	[W4_STATUS_SUSPENDED] = "suspended",
	[W4_STATUS_SUPERSEDED] = "superseded",
	[W4_STATUS_REVOKED] = "revoked",
};

static const char *const key_status_names[] = {
	[W4_KEY_ACTIVE] = "active",
	[W4_KEY_OVERLAPPING] = "overlapping",
	[W4_KEY_EXPIRED] = "expired",
	[W4_KEY_REVOKED] = "revoked",
};

bool
w4_text_is(Datum value, const char *s)
{
	const struct varlena *v = (const struct varlena *) DatumGetPointer(value);

	return w4_slice_eq(w4_varlena_slice(v), w4_slice_cstr(s));
}

const char *
w4_status_name(W4Status status)
{
	return status_names[status];
}

bool
w4_status_parse(const char *name, W4Status *out)
{
	for (int i = 0; i < lengthof(status_names); i++)
	{
		if (strcmp(status_names[i], name) == 0)
		{
			*out = (W4Status) i;
			return true;
		}
	}
	return false;
}

/* Which of the names is it?  The table's CHECK leaves no other. */
static int
find_name(Datum value, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (w4_text_is(value, names[i]))
			return i;
	}
	elog(ERROR, "unknown status in a web4 table");
}

static void
copy_lct(uint8_t out[32], Datum value)
{
	memcpy(out, DatumGetW4Lct(value), 32);
}

bool
w4_entity_get(const uint8_t id[32], W4Entity *out)
{
	Datum		key = W4LctGetDatum(id);
	W4Scan		scan;
	bool		found = w4_scan_open(&scan, &entity_pkey, 1, &key);

	if (found)
	{
		bool		isnull;
		W4Slice		type;

		memcpy(out->id, id, 32);
		copy_lct(out->society, w4_scan_attr(&scan, Anum_entity_society, &isnull));
		type = w4_varlena_slice(DatumGetPointer(w4_scan_attr(&scan, Anum_entity_type, &isnull)));
		strlcpy(out->entity_type, (const char *) type.data, Min(type.len + 1, sizeof(out->entity_type)));
		out->status = (W4Status) find_name(w4_scan_attr(&scan, Anum_entity_status, &isnull),
										   status_names, lengthof(status_names));
		out->born_at = DatumGetTimestampTz(w4_scan_attr(&scan, Anum_entity_born_at, &isnull));
	}
	w4_scan_close(&scan);
	return found;
}

void
w4_entity_unknown(const uint8_t id[32])
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(UNKNOWN_LCT)),
			 errmsg("no such identity"),
			 w4_errdetail(W4_ERRCODE(UNKNOWN_LCT), "LCT not found: %s.", w4_lct_cstring(id))));
}

void
w4_entity_require_active(const uint8_t id[32], W4Entity *out)
{
	if (!w4_entity_get(id, out))
		w4_entity_unknown(id);
	if (out->status != W4_STATUS_ACTIVE)
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_ACTIVE)),
				 errmsg("identity is %s", w4_status_name(out->status)),
				 w4_errdetail(W4_ERRCODE(NOT_ACTIVE), "LCT %s: %s.", w4_status_name(out->status), w4_lct_cstring(id))));
}

static void
read_key(W4Scan *scan, W4Key *out)
{
	bool		isnull;
	Datum		value;

	out->version = DatumGetInt32(w4_scan_attr(scan, Anum_key_version, &isnull));
	value = w4_scan_attr(scan, Anum_key_public_key, &isnull);
	memcpy(out->public_key, w4_varlena_slice(DatumGetPointer(value)).data, 32);
	out->status = (W4KeyStatus) find_name(w4_scan_attr(scan, Anum_key_status, &isnull),
										  key_status_names, lengthof(key_status_names));
	out->valid_from = DatumGetTimestampTz(w4_scan_attr(scan, Anum_key_valid_from, &isnull));
	value = w4_scan_attr(scan, Anum_key_valid_until, &isnull);
	out->valid_until = isnull ? DT_NOEND : DatumGetTimestampTz(value);
	value = w4_scan_attr(scan, Anum_key_compromised_since, &isnull);
	out->compromised_since = isnull ? DT_NOEND : DatumGetTimestampTz(value);
}

static bool
find_key(W4Index *index, int nkeys, const Datum *keys, W4Key *out)
{
	W4Scan		scan;
	bool		found = w4_scan_open(&scan, index, nkeys, keys);

	if (found)
		read_key(&scan, out);
	w4_scan_close(&scan);
	return found;
}

bool
w4_key_active(const uint8_t id[32], W4Key *out)
{
	Datum		key = W4LctGetDatum(id);

	return find_key(&key_active, 1, &key, out);
}

bool
w4_key_version(const uint8_t id[32], int version, W4Key *out)
{
	Datum		keys[2] = {W4LctGetDatum(id), Int32GetDatum(version)};

	return find_key(&key_pkey, 2, keys, out);
}

bool
w4_key_verifies(const W4Key *key, W4Slice message, W4Slice signature)
{
	return signature.len == W4_SIGNATURE_LEN &&
		w4_verify_registered(signature.data, message.data, message.len, key->public_key);
}

/* The window says it all: ending a key's validity, for whatever reason, sets valid_until. */
static bool
valid_at(const W4Key *key, TimestampTz at)
{
	return key->valid_from <= at && at < key->valid_until && at < key->compromised_since;
}

/* Rotated keys, for an artefact that was received while one of them was valid. */
static int
verify_by_history(const uint8_t id[32], W4Slice message, W4Slice signature, TimestampTz at)
{
	Datum		key = W4LctGetDatum(id);
	W4Scan		scan;
	int			version = 0;

	for (bool more = w4_scan_open(&scan, &key_pkey, 1, &key); more && version == 0; more = w4_scan_next(&scan))
	{
		W4Key		row;

		CHECK_FOR_INTERRUPTS();
		read_key(&scan, &row);
		if (valid_at(&row, at) && w4_key_verifies(&row, message, signature))
			version = row.version;
	}
	w4_scan_close(&scan);
	return version;
}

int
w4_entity_verify(const uint8_t id[32], W4Slice message, W4Slice signature, TimestampTz at)
{
	Datum		entity = W4LctGetDatum(id);
	W4Key		key;
	bool		active;

	if (signature.len != W4_SIGNATURE_LEN)
		return 0;
	active = w4_key_active(id, &key);
	if (active && valid_at(&key, at))
	{
		if (w4_key_verifies(&key, message, signature))
			return key.version;
		if (find_key(&key_overlapping, 1, &entity, &key) && valid_at(&key, at) &&
			w4_key_verifies(&key, message, signature))
			return key.version;
		return 0;
	}
	return verify_by_history(id, message, signature, at);
}

int
w4_entity_key_version(const uint8_t id[32], const uint8_t public_key[32], TimestampTz at)
{
	Datum		key = w4_bytea_datum(public_key, 32);
	W4Scan		scan;
	int			version = 0;

	if (w4_scan_open(&scan, &key_by_public_key, 1, &key))
	{
		bool		isnull;
		W4Key		row;

		read_key(&scan, &row);
		if (w4_lct_equal(DatumGetW4Lct(w4_scan_attr(&scan, Anum_key_entity, &isnull)), id) && valid_at(&row, at))
			version = row.version;
	}
	w4_scan_close(&scan);
	pfree(DatumGetPointer(key));
	return version;
}
