/*-------------------------------------------------------------------------
 *
 * birth_check.c
 *		What a birth has to satisfy (identity spec 1.4).
 *
 * Order: society, time, signatures of society, witnesses and subject, quorum,
 * uniqueness.  Everything is looked up; a signer's claims count for nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "identity/birth.h"

#include "core/crypto.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/rows.h"
#include "identity/society.h"
#include "types/lct_type.h"

static W4Index entity_pkey = W4_INDEX("entity", "entity_pkey");
static W4Index entity_alias = W4_INDEX("entity", "entity_society_alias_key");
static W4Index entity_hardware = W4_INDEX("entity", "entity_hardware_binding_hash_key");
static W4Index key_by_public_key = W4_INDEX("entity_key", "entity_key_public_key_key");

static void
refuse_signature(const char *whose)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_SIGNATURE)),
			 errmsg("signature of %s does not verify", whose),
			 w4_errdetail(W4_ERRCODE(BAD_SIGNATURE), "Invalid signature over the birth certificate."),
			 errhint("Sign the messages that web4_birth_certificate() returns.")));
}

static void
refuse_witness(const uint8_t witness[32], const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BIRTH_QUORUM)),
			 errmsg("birth witness %s", why),
			 w4_errdetail(W4_ERRCODE(BIRTH_QUORUM), "Witness %s.", w4_lct_cstring(witness)),
			 errhint("Every declared witness must be another active citizen of the society, born earlier, and must sign.")));
}

static void
check_time(const W4Certificate *cert)
{
	if (!w4_is_fresh(cert->birth_timestamp, w4_unix_from_timestamptz(GetCurrentTimestamp())))
		ereport(ERROR,
				(errcode(W4_ERRCODE(STALE)),
				 errmsg("birth certificate is not fresh"),
				 w4_errdetail(W4_ERRCODE(STALE), "Its time is %.*s, more than 300 s away from the server's.",
							  (int) cert->birth_timestamp_text.len, (const char *) cert->birth_timestamp_text.data),
				 errhint("Prepare and sign it again.")));
}

void
w4_birth_check_subject(const W4Birth *birth)
{
	uint8_t		buf[W4_BIRTH_MESSAGE_MAX];
	W4Slice		message = w4_birth_binding_message(&birth->cert, buf);

	if (!w4_public_key_ok(birth->cert.public_key))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_KEY)),
				 errmsg("public key is not acceptable"),
				 w4_errdetail(W4_ERRCODE(BAD_KEY), "It is not a canonical Ed25519 point of prime order.")));
	check_time(&birth->cert);
	if (!w4_verify_registered(birth->binding_signature, message.data, message.len, birth->cert.public_key))
		refuse_signature("the subject");
}

/* The society's current key must have signed: no overlap here. */
static void
check_society(W4Birth *birth)
{
	uint8_t		buf[W4_BIRTH_MESSAGE_MAX];
	W4Slice		message = w4_birth_society_message(&birth->cert, buf);
	W4Entity	society;
	W4Key		key;

	w4_society_require(birth->cert.society);
	w4_entity_require_active(birth->cert.society, &society);
	if (w4_society_phase(birth->cert.society) == W4_PHASE_CLOSED)
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_ACTIVE)),
				 errmsg("society does not admit births in its phase"),
				 w4_errdetail(W4_ERRCODE(NOT_ACTIVE), "Society %s is dormant or closed.", w4_lct_cstring(birth->cert.society)),
				 errhint("Name another society in the certificate.")));
	if (!w4_key_active(birth->cert.society, &key) ||
		!w4_key_verifies(&key, message, w4_slice(birth->society_signature, W4_SIGNATURE_LEN)))
		refuse_signature("the society");
	birth->society_key = key.version;
}

static void
check_witness(W4Birth *birth, int i, TimestampTz now)
{
	const W4Certificate *cert = &birth->cert;
	const uint8_t *witness = cert->witnesses[i];
	uint8_t		buf[W4_BIRTH_MESSAGE_MAX];
	W4Entity	entity;

	if (w4_lct_equal(witness, cert->lct))
		refuse_witness(witness, "is the subject itself");
	if (w4_lct_equal(witness, cert->society))
		refuse_witness(witness, "is the society itself");
	if (!w4_entity_get(witness, &entity))
		refuse_witness(witness, "is unknown");
	if (entity.status != W4_STATUS_ACTIVE)
		refuse_witness(witness, psprintf("is %s", w4_status_name(entity.status)));
	if (w4_unix_from_timestamptz(entity.born_at) >= cert->birth_timestamp)
		refuse_witness(witness, "was not born before the birth that it witnesses");
	if (!w4_is_citizen(cert->society, witness))
		refuse_witness(witness, "is not an active citizen of the society");
	if (!birth->signed_by[i])
		refuse_witness(witness, "did not sign");
	birth->witness_keys[i] = w4_entity_verify(witness, w4_birth_witness_message(cert, witness, buf),
											  w4_slice(birth->witness_signatures[i], W4_SIGNATURE_LEN), now);
	if (birth->witness_keys[i] == 0)
		refuse_signature("a birth witness");
}

/*
 * How many witnesses?  The first births of a society cannot have as many as
 * the quorum: while it is in its bootstrap phase, all who can witness must,
 * up to the quorum.  Such births queue for the society's row, so that two of
 * them never count the same citizens.
 */
static int
required_witnesses(const uint8_t society[32])
{
	int			quorum = w4_birth_quorum(society);

	if (w4_society_phase(society) != W4_PHASE_BOOTSTRAP || w4_society_lock(society) != W4_PHASE_BOOTSTRAP)
		return quorum;
	return w4_eligible_witnesses(society, quorum);
}

static void
check_quorum(W4Birth *birth)
{
	birth->quorum = required_witnesses(birth->cert.society);
	if (birth->cert.nwitnesses < birth->quorum)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BIRTH_QUORUM)),
				 errmsg("too few birth witnesses"),
				 w4_errdetail(W4_ERRCODE(BIRTH_QUORUM), "There are %d; the society requires %d.",
							  birth->cert.nwitnesses, birth->quorum)));
}

static void
refuse_existing(const char *what, const char *value)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(LCT_EXISTS)),
			 errmsg("%s exists already", what),
			 w4_errdetail(W4_ERRCODE(LCT_EXISTS), "It is %s.", value)));
}

/* W4I03 / W4K04 when the identity, key, alias or hardware is taken. */
static void
check_unused(const W4Birth *birth)
{
	const W4Certificate *cert = &birth->cert;
	Datum		id = W4LctGetDatum(cert->lct);
	Datum		key = w4_bytea_datum(cert->public_key, 32);

	if (w4_scan_exists(&entity_pkey, 1, &id))
		refuse_existing("identity", w4_lct_cstring(cert->lct));
	if (w4_scan_exists(&key_by_public_key, 1, &key))
		ereport(ERROR,
				(errcode(W4_ERRCODE(KEY_IN_USE)),
				 errmsg("public key was bound before"),
				 w4_errdetail(W4_ERRCODE(KEY_IN_USE), "Another identity has or had it.")));
	if (cert->alias[0] != '\0')
	{
		Datum		keys[2] = {W4LctGetDatum(cert->society), w4_text_datum(cert->alias, strlen(cert->alias))};

		if (w4_scan_exists(&entity_alias, 2, keys))
			refuse_existing("alias", psprintf("\"%s\" in this society", cert->alias));
	}
	if (cert->has_hardware)
	{
		Datum		hash = w4_bytea_datum(cert->hardware, 32);

		if (w4_scan_exists(&entity_hardware, 1, &hash))
			refuse_existing("hardware binding", "bound to another identity");
	}
}

void
w4_birth_check(W4Birth *birth)
{
	const W4Certificate *cert = &birth->cert;
	W4Entity	parent;

	if (w4_lct_equal(cert->lct, cert->society))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_CERTIFICATE)),
				 errmsg("birth certificate is self-issued"),
				 w4_errdetail(W4_ERRCODE(BAD_CERTIFICATE), "Only the first society issues its own certificate."),
				 errhint("Name the society that issues it.")));

	/*
	 * Newest committed state, and own earlier births, whatever the isolation
	 * level.  Taken before the quorum is decided; that locks and looks again.
	 */
	w4_push_latest_snapshot();
	check_society(birth);
	w4_birth_check_subject(birth);
	for (int i = 0; i < cert->nwitnesses; i++)
		check_witness(birth, i, GetCurrentTimestamp());
	check_quorum(birth);
	if (cert->has_parent)
		w4_entity_require_active(cert->parent, &parent);
	check_unused(birth);
	w4_pop_snapshot();
}
