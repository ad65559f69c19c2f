/*-------------------------------------------------------------------------
 *
 * rotate.c
 *		web4_rotate_key(): the next key of an identity.
 *
 * Signed by the old key (authority) and by the new one (possession).  Both
 * verify during the overlap, judged by the server's clock.  In an emergency the
 * document says since when the old key is compromised: then there is no
 * overlap, and what the old key signed is void from that moment on.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "core/crypto.h"
#include "core/domains.h"
#include "core/json.h"
#include "core/timestamp.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/guard.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/act.h"
#include "identity/keyring_log.h"
#include "identity/lock.h"
#include "identity/rows.h"
#include "identity/state.h"
#include "keyring/keyring.h"
#include "types/lct_type.h"

PG_FUNCTION_INFO_V1(web4_rotate_key);

#define MAX_OVERLAP_US (INT64CONST(48) * USECS_PER_HOUR)

static const char *const members[] = {
	"compromised_since", "from_version", "issued_at", "lct_id", "new_public_key", "nonce", "old_public_key",
	"overlap_until", "to_version", "v", NULL
};

typedef struct Rotation
{
	W4Act		act;
	int			from_version;
	uint8_t		old_key[32];
	uint8_t		new_key[32];
	int64_t		overlap_until;	/* unix microseconds */
	bool		emergency;
	int64_t		compromised_since;	/* unix microseconds */
	W4Slice		new_signature;
} Rotation;

static void
read_rotation(Rotation *r, const text *txt, W4Slice old_signature)
{
	W4Document *doc = &r->act.doc;
	int64_t		overlap;

	w4_act_read(&r->act, "rotation", W4_DOMAIN_ROTATION, txt, old_signature, members, "lct_id", "issued_at");
	r->from_version = (int) w4_document_int(doc, "from_version", 1, PG_INT32_MAX - 1);
	(void) w4_document_int(doc, "to_version", r->from_version + 1, r->from_version + 1);
	w4_document_hex(doc, "old_public_key", r->old_key, 32);
	w4_document_hex(doc, "new_public_key", r->new_key, 32);
	r->overlap_until = w4_document_time(doc, "overlap_until");
	overlap = r->overlap_until - r->act.signed_at;
	if (overlap < 0 || overlap > MAX_OVERLAP_US)
		w4_document_refuse(doc, "overlap_until", "must lie 0 to 48 hours after issued_at");
	r->emergency = w4_document_has(doc, "compromised_since");
	if (!r->emergency)
		return;
	r->compromised_since = w4_document_time(doc, "compromised_since");
	if (r->compromised_since > r->act.signed_at)
		w4_document_refuse(doc, "compromised_since", "must not lie after issued_at");
	if (overlap != 0)
		w4_document_refuse(doc, "overlap_until", "must equal issued_at when the old key is compromised");
}

/* The old key must be the current one, and the new one acceptable and its owner's. */
static void
check_keys(Rotation *r, const W4Key *current)
{
	if (current->version != r->from_version || memcmp(current->public_key, r->old_key, 32) != 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_TRANSITION)),
				 errmsg("rotation does not begin at the current key"),
				 w4_errdetail(W4_ERRCODE(BAD_TRANSITION), "The current key has version %d, the rotation begins at %d.",
							  current->version, r->from_version),
				 errhint("Another rotation may have come first; sign one from the current key.")));
	if (!w4_key_verifies(current, r->act.message, r->act.signature))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_SIGNATURE)),
				 errmsg("signature by the old key does not verify"),
				 w4_errdetail(W4_ERRCODE(BAD_SIGNATURE), "The current key must sign the rotation.")));
	if (!w4_public_key_ok(r->new_key))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_KEY)),
				 errmsg("new public key is not acceptable"),
				 w4_errdetail(W4_ERRCODE(BAD_KEY), "It is not a canonical Ed25519 point of prime order.")));
	if (r->new_signature.len != W4_SIGNATURE_LEN ||
		!w4_verify_registered(r->new_signature.data, r->act.message.data, r->act.message.len, r->new_key))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_SIGNATURE)),
				 errmsg("signature by the new key does not verify"),
				 w4_errdetail(W4_ERRCODE(BAD_SIGNATURE), "The new key must sign the rotation, too, to prove its possession.")));
}

/*
 * A new key that lives in the keyring proves its possession here, for a role
 * that may sign with it: the key is the identity's from now on, so nobody
 * takes one that was made for somebody else.  Others do not learn that it exists.
 */
static void
sign_inside(Rotation *r, uint8_t signature[W4_SIGNATURE_LEN])
{
	if (!w4_keyring_has(r->new_key) || !w4_keyring_may_sign(r->new_key))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_SIGNATURE)),
				 errmsg("signature by the new key is missing"),
				 w4_errdetail(W4_ERRCODE(BAD_SIGNATURE), "Only a key of the keyring signs by itself, and only for roles that may sign with it."),
				 errhint("Sign the rotation with the new key, too, or let an operator allow it with web4_keyring_grant().")));
	w4_keyring_sign(r->new_key, r->act.message, signature);
	r->new_signature = w4_slice(signature, W4_SIGNATURE_LEN);
}

static void
retire_old(const Rotation *r, TimestampTz now)
{
	static W4Plan expire = W4_PLAN("UPDATE web4.entity_key SET status = 'expired', "
								   "valid_until = LEAST(valid_until, $2) "
								   "WHERE entity OPERATOR(@x@.=) $1 AND status OPERATOR(pg_catalog.=) 'overlapping'",
								   "lct, timestamptz");
	static W4Plan retire = W4_PLAN("UPDATE web4.entity_key SET status = $3, valid_until = $4, compromised_since = $5 "
								   "WHERE entity OPERATOR(@x@.=) $1 AND version OPERATOR(pg_catalog.=) $2",
								   "lct, int4, text, timestamptz, timestamptz");
	TimestampTz overlap_until = w4_timestamptz_from_unix(r->overlap_until);
	TimestampTz until = Min(Max(overlap_until, now), now + MAX_OVERLAP_US);
	TimestampTz since = w4_timestamptz_from_unix(r->compromised_since);
	Datum		others[2] = {W4LctGetDatum(r->act.signer), TimestampTzGetDatum(now)};
	Datum		old[5] = {W4LctGetDatum(r->act.signer), Int32GetDatum(r->from_version), 0, 0, TimestampTzGetDatum(since)};

	if (r->emergency)
	{
		old[2] = CStringGetTextDatum("revoked");
		old[3] = TimestampTzGetDatum(Min(since, now));
	}
	else
	{
		old[2] = CStringGetTextDatum(until > now ? "overlapping" : "expired");
		old[3] = TimestampTzGetDatum(until);
	}
	(void) w4_write(&expire, others, NULL);
	(void) w4_write(&retire, old, r->emergency ? NULL : "    n");
}

static void
add_new(const Rotation *r, TimestampTz now)
{
	static W4Plan add = W4_PLAN("INSERT INTO web4.entity_key (entity, version, public_key, status, valid_from) "
								"VALUES ($1, $2, $3, 'active', $4) ON CONFLICT (public_key) DO NOTHING",
								"lct, int4, bytea, timestamptz");
	Datum		values[4] = {W4LctGetDatum(r->act.signer), Int32GetDatum(r->from_version + 1),
	w4_bytea_datum(r->new_key, 32), TimestampTzGetDatum(now)};

	if (w4_write(&add, values, NULL) == 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(KEY_IN_USE)),
				 errmsg("new public key was bound before"),
				 w4_errdetail(W4_ERRCODE(KEY_IN_USE), "Every key serves one identity, once."),
				 errhint("Make a fresh key pair.")));
	w4_keyring_take(r->new_key, r->act.signer);
}

static void
record(const Rotation *r, W4Evidence *leaf)
{
	uint8_t		data[640];
	W4Writer	w = w4_writer(data, sizeof(data));
	bool		first = true;

	w4_put_cstr(&w, "{");
	w4c_member_lct(&w, &first, "entity", r->act.signer);
	w4c_member_hex(&w, &first, "new_signature", r->new_signature.data, W4_SIGNATURE_LEN);
	w4_data_entity_state(&w, &first, r->act.signer);
	w4c_member_int(&w, &first, "version", r->from_version + 1);
	w4_data_append(leaf, "key", r->act.entity.society, &w);
}

Datum
web4_rotate_key(PG_FUNCTION_ARGS)
{
	Rotation	r = {0};
	W4Key		current;
	W4Evidence	leaf;
	uint8_t		inside[W4_SIGNATURE_LEN];

	w4_require_argument(fcinfo, 0);
	w4_require_argument(fcinfo, 1);
	w4_require_live("web4_rotate_key()");
	read_rotation(&r, PG_GETARG_TEXT_PP(0), W4_ARG_SLICE(1));
	SPI_connect();
	if (PG_ARGISNULL(2))
		sign_inside(&r, inside);
	else
		r.new_signature = W4_ARG_SLICE(2);
	w4_entity_lock(r.act.signer);
	w4_push_latest_snapshot();
	w4_act_authenticate(&r.act);
	if (!w4_key_active(r.act.signer, &current))
		elog(ERROR, "active identity has no active key");
	check_keys(&r, &current);
	w4_pop_snapshot();
	leaf = w4_act_leaf(&r.act);
	retire_old(&r, leaf.at);
	add_new(&r, leaf.at);
	record(&r, &leaf);
	SPI_finish();
	PG_RETURN_INT32(r.from_version + 1);
}
