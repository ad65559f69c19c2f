/*-------------------------------------------------------------------------
 *
 * found.c
 *		How societies begin: the first one by itself, others by charter.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "core/crypto.h"
#include "core/domains.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/act.h"
#include "identity/birth.h"
#include "identity/society.h"
#include "keyring/keyring.h"
#include "miscadmin.h"
#include "types/lct_type.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "catalog/pg_proc.h"

PG_FUNCTION_INFO_V1(web4_bootstrap_society);
PG_FUNCTION_INFO_V1(web4_charter_society);

/*
 * The society's row, its own citizenship (the seventh role) and the other six
 * base roles, which the founder fills until they are assigned to others.
 */
static void
insert_society(const uint8_t society[32], const char *name, const uint8_t *parent, TimestampTz now)
{
	static W4Plan add = W4_PLAN("INSERT INTO web4.society (id, name, phase, parent, founded_at) "
								"VALUES ($1, $2, 'bootstrap', $3, $4) ON CONFLICT DO NOTHING",
								"lct, text, lct, timestamptz");
	static W4Plan add_citizen = W4_PLAN("INSERT INTO web4.citizenship (society, entity, status, since) "
										"VALUES ($1, $1, 'active', $2) ON CONFLICT DO NOTHING",
										"lct, timestamptz");
	static W4Plan add_roles = W4_PLAN("INSERT INTO web4.role_holder (society, role, holder, is_primary, since, assigned_by) "
									  "SELECT $1, r, $1, true, $2, $1 FROM unnest(ARRAY['sovereign', 'law_oracle', 'policy_entity', "
									  "'treasurer', 'administrator', 'archivist']) AS r",
									  "lct, timestamptz");
	Datum		row[4] = {W4LctGetDatum(society), CStringGetTextDatum(name), W4LctGetDatum(parent), TimestampTzGetDatum(now)};
	Datum		rest[2] = {W4LctGetDatum(society), TimestampTzGetDatum(now)};

	if (w4_write(&add, row, parent == NULL ? "  n " : NULL) == 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(LCT_EXISTS)),
				 errmsg("society exists already"),
				 w4_errdetail(W4_ERRCODE(LCT_EXISTS), "A society has the identity or the name \"%s\".", name)));
	(void) w4_write(&add_citizen, rest, NULL);
	(void) w4_write(&add_roles, rest, NULL);
}

static void
require_name(const char *name)
{
	if (!w4_name_ok(w4_slice_cstr(name)))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_CERTIFICATE)),
				 errmsg("\"%s\" is not a name for a society", name),
				 w4_errdetail(W4_ERRCODE(BAD_CERTIFICATE), "A name matches [a-z0-9][a-z0-9._-]{0,62}.")));
}

/* --- the first society --- */

/*
 * Only who owns the extension, and not through somebody else's SECURITY
 * DEFINER function: the outer user counts.
 */
static void
require_owner(FunctionCallInfo fcinfo)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", fcinfo->flinfo->fn_oid);
	owner = ((Form_pg_proc) GETSTRUCT(tuple))->proowner;
	ReleaseSysCache(tuple);
	if (!has_privs_of_role(GetOuterUserId(), owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to found the first society"),
				 errdetail("Only the owner of the extension may."),
				 errhint("Call it as the owner; web4_charter_society() founds the societies after the first.")));
}

static void
require_no_society(void)
{
	static W4Plan lock = W4_PLAN("LOCK TABLE web4.society IN SHARE ROW EXCLUSIVE MODE", "");
	static W4Plan any = W4_PLAN("SELECT name FROM web4.society LIMIT 1", "");
	bool		isnull;

	(void) w4_read(&lock, NULL, NULL, 0);
	if (w4_read(&any, NULL, NULL, 1) > 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(LCT_EXISTS)),
				 errmsg("there is a society already"),
				 w4_errdetail(W4_ERRCODE(LCT_EXISTS), "It is \"%s\".", TextDatumGetCString(w4_value(0, 1, &isnull))),
				 errhint("Found further ones with web4_charter_society().")));
}

/* Certificate and signatures by a key that never leaves the server's keyring. */
static void
sign_inside(W4Birth *birth, const char *name)
{
	static char *rights[] = {"accumulate_reputation", "interact", "presence"};
	static char *obligations[] = {"abide_law", "respect_quorum"};
	uint8_t		public_key[32];
	uint8_t		buf[W4_BIRTH_MESSAGE_MAX];
	W4CertificateDraft draft = {
		.public_key = public_key,
		.entity_type = "society",
		.alias = name,
		.birth_context = "platform",
		.birth_timestamp = w4_unix_from_timestamptz(GetCurrentTimestamp()),
		.nrights = lengthof(rights),
		.rights = rights,
		.nobligations = lengthof(obligations),
		.obligations = obligations,
		.law_version = "v1.0.0",
	};

	w4_keyring_generate(name, "identity", public_key);
	w4_certificate_read(&birth->cert, w4_certificate_write(&draft));
	w4_keyring_sign(public_key, w4_birth_society_message(&birth->cert, buf), birth->society_signature);
	w4_keyring_sign(public_key, w4_birth_binding_message(&birth->cert, buf), birth->binding_signature);
}

/* Certificate and signatures by a key that somebody keeps outside. */
static void
signed_outside(FunctionCallInfo fcinfo, W4Birth *birth)
{
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_CERTIFICATE)),
				 errmsg("an outside key needs a certificate and both signatures"),
				 w4_errdetail(W4_ERRCODE(BAD_CERTIFICATE), "Give all of public key, certificate, society signature and binding signature, or none."),
				 errhint("Prepare the certificate with web4_birth_certificate(NULL, public_key, 'society', '{}', name).")));
	w4_certificate_read(&birth->cert, W4_ARG_SLICE(2));
	if (memcmp(birth->cert.public_key, w4_fixed_bytea(PG_GETARG_DATUM(1), 32, "public key"), 32) != 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_CERTIFICATE)),
				 errmsg("certificate is for another public key"),
				 w4_errdetail(W4_ERRCODE(BAD_CERTIFICATE), "It makes the identity %s.", w4_lct_cstring(birth->cert.lct))));
	memcpy(birth->society_signature, w4_fixed_bytea(PG_GETARG_DATUM(3), 64, "society signature"), 64);
	memcpy(birth->binding_signature, w4_fixed_bytea(PG_GETARG_DATUM(4), 64, "binding signature"), 64);
}

/* A genesis certificate: of a society, by itself, without witnesses, with its name inside. */
static void
check_genesis(const W4Birth *birth, const char *name)
{
	const W4Certificate *cert = &birth->cert;
	uint8_t		buf[W4_BIRTH_MESSAGE_MAX];
	W4Slice		message = w4_birth_society_message(cert, buf);

	if (strcmp(cert->entity_type, "society") != 0 || !w4_lct_equal(cert->lct, cert->society) ||
		cert->nwitnesses != 0 || cert->has_parent || strcmp(cert->alias, name) != 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_CERTIFICATE)),
				 errmsg("not a genesis certificate of society \"%s\"", name),
				 w4_errdetail(W4_ERRCODE(BAD_CERTIFICATE), "It must be issued by the subject itself, be of type society, "
							  "have no witnesses and no parent, and bear the name as its alias.")));
	w4_birth_check_subject(birth);
	if (!w4_verify_registered(birth->society_signature, message.data, message.len, cert->public_key))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_SIGNATURE)),
				 errmsg("signature of the society does not verify"),
				 w4_errdetail(W4_ERRCODE(BAD_SIGNATURE), "Invalid signature over the birth certificate.")));
}

static void
found_first(W4Birth *birth, const char *name)
{
	uint8_t		buf[W4_BIRTH_MESSAGE_MAX];
	W4Evidence	leaf = {
		.actor = birth->cert.lct,
		.document = w4_birth_society_message(&birth->cert, buf),
		.signature = w4_slice(birth->society_signature, 64),
	};

	birth->society_key = 1;
	birth->quorum = 0;
	w4_instance_go_live();
	w4_births_insert(&birth, 1);
	leaf.at = GetCurrentTimestamp();
	insert_society(birth->cert.lct, name, NULL, leaf.at);
	w4_society_record(birth->cert.lct, "bootstrap", &leaf);
}

Datum
web4_bootstrap_society(PG_FUNCTION_ARGS)
{
	W4Birth    *birth = palloc0(sizeof(W4Birth));
	char	   *name;

	PreventCommandIfReadOnly("web4_bootstrap_society()");
	PreventCommandDuringRecovery("web4_bootstrap_society()");
	require_owner(fcinfo);
	w4_require_argument(fcinfo, 0);
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	require_name(name);
	SPI_connect();
	require_no_society();
	if (PG_ARGISNULL(1) && PG_ARGISNULL(2) && PG_ARGISNULL(3) && PG_ARGISNULL(4))
		sign_inside(birth, name);
	else
		signed_outside(fcinfo, birth);
	check_genesis(birth, name);
	found_first(birth, name);
	SPI_finish();
	return w4_lct_datum(birth->cert.lct);
}

/* --- further societies --- */

static const char *const charter_members[] = {"child", "name", "nonce", "parent", "ts", "v", NULL};

static void
check_child(const uint8_t child[32], const uint8_t parent[32])
{
	W4Entity	entity;

	w4_entity_require_active(child, &entity);
	if (strcmp(entity.entity_type, "society") != 0 || !w4_lct_equal(entity.society, parent))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_ENTITLED)),
				 errmsg("society cannot charter this identity"),
				 w4_errdetail(W4_ERRCODE(NOT_ENTITLED), "%s is of type %s; a charter is for an identity of type society that the parent issued.",
							  w4_lct_cstring(child), entity.entity_type),
				 errhint("Mint it first, with entity type society, in the parent society.")));
}

Datum
web4_charter_society(PG_FUNCTION_ARGS)
{
	W4_NO_NULLS(fcinfo);
	W4Act		act;
	uint8_t		child[32];
	char	   *name;
	W4Evidence	leaf;

	w4_require_live("web4_charter_society()");
	w4_act_read(&act, "charter", W4_DOMAIN_CHARTER, PG_GETARG_TEXT_PP(0), W4_ARG_SLICE(1), charter_members, "parent", "ts");
	w4_document_lct(&act.doc, "child", child);
	name = w4_document_text(&act.doc, "name", W4_NAME_MAX);
	SPI_connect();
	w4_push_latest_snapshot();
	w4_society_require(act.signer);
	w4_act_authenticate(&act);
	require_name(name);
	check_child(child, act.signer);
	w4_pop_snapshot();
	leaf = w4_act_leaf(&act);
	insert_society(child, name, act.signer, leaf.at);
	w4_society_record(child, "bootstrap", &leaf);
	SPI_finish();
	return w4_lct_datum(child);
}
