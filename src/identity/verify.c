/*-------------------------------------------------------------------------
 *
 * verify.c
 *		Does an identity still stand on its birth certificate?
 *
 * Everything is recomputed from what is stored: the hash from the text, the
 * columns from the parsed text, every signature under the key version that is
 * recorded beside it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "core/crypto.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/birth.h"
#include "identity/rows.h"
#include "miscadmin.h"
#include "types/lct_type.h"

PG_FUNCTION_INFO_V1(web4_verify_lct);
PG_FUNCTION_INFO_V1(web4_certificate_fault);

static W4Index entity_pkey = W4_INDEX("entity", "entity_pkey");
static W4Index certificate_by_entity = W4_INDEX("birth_certificate", "birth_certificate_entity_key");
static W4Index witness_pkey = W4_INDEX("birth_witness", "birth_witness_pkey");

/* What is stored about a birth. */
typedef struct Stored
{
	uint8_t		id[32];
	TimestampTz born_at;
	uint8_t		entity_hash[32];	/* as the entity row has it */
	uint8_t		row_hash[32];		/* as the certificate row has it */
	bool		has_hardware;
	uint8_t		hardware[32];
	uint8_t		society[32];
	char		type[16];
	char		alias[W4_NAME_MAX + 1];
	W4Birth		birth;
} Stored;

static bool
copy_bytes(uint8_t *out, size_t len, Datum value)
{
	W4Slice		s = w4_varlena_slice(PG_DETOAST_DATUM_PACKED(value));

	if (s.len != len)
		return false;
	memcpy(out, s.data, len);
	return true;
}

static void
copy_word(char *out, size_t cap, Datum value)
{
	W4Slice		s = w4_varlena_slice(PG_DETOAST_DATUM_PACKED(value));

	strlcpy(out, (const char *) s.data, Min(s.len + 1, cap));
}

static bool
load_entity(Stored *s)
{
	Datum		key = W4LctGetDatum(s->id);
	W4Scan		scan;
	bool		found = w4_scan_open(&scan, &entity_pkey, 1, &key);

	if (found)
	{
		bool		isnull;
		Datum		value;

		memcpy(s->society, DatumGetW4Lct(w4_scan_attr(&scan, Anum_entity_society, &isnull)), 32);
		copy_word(s->type, sizeof(s->type), w4_scan_attr(&scan, Anum_entity_type, &isnull));
		s->born_at = DatumGetTimestampTz(w4_scan_attr(&scan, Anum_entity_born_at, &isnull));
		found = copy_bytes(s->entity_hash, 32, w4_scan_attr(&scan, Anum_entity_cert_hash, &isnull));
		value = w4_scan_attr(&scan, Anum_entity_alias, &isnull);
		if (!isnull)
			copy_word(s->alias, sizeof(s->alias), value);
		value = w4_scan_attr(&scan, Anum_entity_hardware, &isnull);
		s->has_hardware = !isnull && copy_bytes(s->hardware, 32, value);
	}
	w4_scan_close(&scan);
	return found;
}

/* The certificate's row; its text is copied and parsed. */
static const char *
load_certificate(Stored *s)
{
	Datum		key = W4LctGetDatum(s->id);
	W4Scan		scan;
	text	   *txt = NULL;
	W4CertificateFault fault;
	bool		isnull;

	if (w4_scan_open(&scan, &certificate_by_entity, 1, &key))
	{
		txt = DatumGetTextPCopy(w4_scan_attr(&scan, Anum_certificate_text, &isnull));
		s->birth.society_key = DatumGetInt32(w4_scan_attr(&scan, Anum_certificate_society_key, &isnull));
		s->birth.quorum = DatumGetInt32(w4_scan_attr(&scan, Anum_certificate_quorum, &isnull));
		if (!copy_bytes(s->row_hash, 32, w4_scan_attr(&scan, Anum_certificate_cert_hash, &isnull)) ||
			!copy_bytes(s->birth.society_signature, 64, w4_scan_attr(&scan, Anum_certificate_society_signature, &isnull)) ||
			!copy_bytes(s->birth.binding_signature, 64, w4_scan_attr(&scan, Anum_certificate_binding_signature, &isnull)))
			txt = NULL;
	}
	w4_scan_close(&scan);
	if (txt == NULL)
		return "certificate missing";
	if (!w4_certificate_parse(&s->birth.cert, w4_varlena_slice(txt), &fault))
		return psprintf("certificate text: %s %s", fault.member, fault.why);
	return NULL;
}

static const char *
check_columns(const Stored *s)
{
	const W4Certificate *cert = &s->birth.cert;
	int64		born = w4_unix_from_timestamptz(s->born_at);
	W4Key		genesis;

	if (memcmp(cert->hash, s->row_hash, 32) != 0 || memcmp(cert->hash, s->entity_hash, 32) != 0)
		return "certificate hash";
	if (!w4_lct_equal(cert->lct, s->id))
		return "certificate of another identity";
	if (!w4_key_version(s->id, 1, &genesis) || memcmp(genesis.public_key, cert->public_key, 32) != 0)
		return "genesis key";
	if (!w4_lct_equal(cert->society, s->society) || strcmp(cert->entity_type, s->type) != 0 ||
		strcmp(cert->alias, s->alias) != 0 || cert->has_hardware != s->has_hardware ||
		(cert->has_hardware && memcmp(cert->hardware, s->hardware, 32) != 0))
		return "columns differ from certificate";
	if (!w4_is_fresh(cert->birth_timestamp, born))
		return "time of birth";
	return NULL;
}

/* Did this version of the signer's key sign, before it was compromised? */
static bool
signed_by(const uint8_t signer[32], int version, W4Slice message, const uint8_t signature[64],
		  TimestampTz at, bool honour_compromise)
{
	W4Key		key;

	return w4_key_version(signer, version, &key) && key.valid_from <= at &&
		!(honour_compromise && at >= key.compromised_since) &&
		w4_key_verifies(&key, message, w4_slice(signature, 64));
}

static const char *
check_witness(const Stored *s, const uint8_t witness[32], bool honour_compromise)
{
	const W4Certificate *cert = &s->birth.cert;
	Datum		keys[2] = {w4_bytea_datum(cert->hash, 32), W4LctGetDatum(witness)};
	uint8_t		buf[W4_BIRTH_MESSAGE_MAX];
	uint8_t		signature[64];
	int			version = 0;
	W4Entity	entity;
	W4Scan		scan;
	bool		isnull;

	if (w4_scan_open(&scan, &witness_pkey, 2, keys) &&
		copy_bytes(signature, 64, w4_scan_attr(&scan, Anum_witness_signature, &isnull)))
		version = DatumGetInt32(w4_scan_attr(&scan, Anum_witness_key, &isnull));
	w4_scan_close(&scan);
	if (version == 0)
		return "witness signature missing";
	if (!w4_entity_get(witness, &entity) || w4_unix_from_timestamptz(entity.born_at) >= cert->birth_timestamp ||
		w4_lct_equal(witness, s->id) || w4_lct_equal(witness, cert->society))
		return "witness not eligible";
	if (!signed_by(witness, version, w4_birth_witness_message(cert, witness, buf), signature, s->born_at, honour_compromise))
		return "witness signature";
	return NULL;
}

static int
count_witnesses(const Stored *s)
{
	Datum		key = w4_bytea_datum(s->birth.cert.hash, 32);
	W4Scan		scan;
	int			n = 0;

	for (bool more = w4_scan_open(&scan, &witness_pkey, 1, &key); more; more = w4_scan_next(&scan))
		n++;
	w4_scan_close(&scan);
	return n;
}

static const char *
check_signatures(const Stored *s, bool honour_compromise)
{
	const W4Certificate *cert = &s->birth.cert;
	uint8_t		buf[W4_BIRTH_MESSAGE_MAX];
	W4Slice		message = w4_birth_binding_message(cert, buf);

	if (!w4_verify_registered(s->birth.binding_signature, message.data, message.len, cert->public_key))
		return "binding signature";
	if (!signed_by(cert->society, s->birth.society_key, w4_birth_society_message(cert, buf),
				   s->birth.society_signature, s->born_at, honour_compromise))
		return "society signature";
	for (int i = 0; i < cert->nwitnesses; i++)
	{
		const char *fault = check_witness(s, cert->witnesses[i], honour_compromise);

		if (fault != NULL)
			return fault;
	}
	if (count_witnesses(s) != cert->nwitnesses)
		return "witness not declared";
	if (cert->nwitnesses < s->birth.quorum)
		return "witness quorum";
	return NULL;
}

/* NULL when all is well. */
static const char *
certificate_fault(const uint8_t id[32], bool honour_compromise)
{
	Stored	   *s = palloc0(sizeof(Stored));
	const char *fault;

	memcpy(s->id, id, 32);
	if (!load_entity(s))
		return "identity missing";
	fault = load_certificate(s);
	if (fault == NULL)
		fault = check_columns(s);
	if (fault == NULL)
		fault = check_signatures(s, honour_compromise);
	return fault;
}

/* web4.certificate_fault(lct) -> text: what was tampered with, NULL: nothing */
Datum
web4_certificate_fault(PG_FUNCTION_ARGS)
{
	const char *fault = certificate_fault(PG_GETARG_W4LCT(0), false);

	if (fault == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(fault));
}

/* In this order: existence, status, certificate, signature. */
static const char *
verify(const uint8_t id[32], W4Slice message, W4Slice signature)
{
	W4Entity	entity;
	const char *fault;

	if (!w4_entity_get(id, &entity))
		return "LCT not found";
	if (entity.status != W4_STATUS_ACTIVE)
		return psprintf("LCT %s", w4_status_name(entity.status));
	fault = certificate_fault(id, true);
	if (fault != NULL)
		return psprintf("Invalid birth certificate: %s", fault);
	if (w4_entity_verify(id, message, signature, GetCurrentTimestamp()) == 0)
		return "Invalid signature";
	return NULL;
}

Datum
web4_verify_lct(PG_FUNCTION_ARGS)
{
	const char *fault = verify(PG_GETARG_W4LCT(0), W4_ARG_SLICE(1), W4_ARG_SLICE(2));
	Datum		values[2];
	bool		nulls[2] = {false, fault == NULL};

	values[0] = BoolGetDatum(fault == NULL);
	values[1] = fault != NULL ? CStringGetTextDatum(fault) : (Datum) 0;
	return w4_result_row(fcinfo, values, nulls);
}
