/*-------------------------------------------------------------------------
 *
 * act.c
 *		Signed documents that change something.
 *
 *-------------------------------------------------------------------------
 */
#include "identity/act.h"

#include "host/clock.h"
#include "host/errors.h"
#include "types/lct_type.h"

void
w4_act_read(W4Act *act, const char *what, const char *domain, const text *txt, W4Slice signature,
			const char *const *members, const char *signer_key, const char *time_key)
{
	memset(act, 0, sizeof(*act));
	w4_document_parse(&act->doc, what, txt, members);
	w4_document_version(&act->doc);
	w4_document_lct(&act->doc, signer_key, act->signer);
	act->nonce_len = w4_document_nonce(&act->doc, "nonce", act->nonce);
	act->signed_at = w4_document_time(&act->doc, time_key);
	act->message = w4_document_message(domain, txt);
	act->signature = signature;
}

void
w4_act_verify(W4Act *act)
{
	TimestampTz now = GetCurrentTimestamp();

	if (w4_entity_verify(act->signer, act->message, act->signature, now) == 0)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_SIGNATURE)),
				 errmsg("signature of the %s does not verify", act->doc.what),
				 w4_errdetail(W4_ERRCODE(BAD_SIGNATURE), "No valid key of %s signed it.", w4_lct_cstring(act->signer))));
	if (!w4_is_fresh(act->signed_at, w4_unix_from_timestamptz(now)))
		ereport(ERROR,
				(errcode(W4_ERRCODE(STALE)),
				 errmsg("%s is not fresh", act->doc.what),
				 w4_errdetail(W4_ERRCODE(STALE), "Its time is more than 300 s away from the server's."),
				 errhint("Sign it again with the current time and a new nonce.")));
}

void
w4_act_authenticate(W4Act *act)
{
	w4_entity_require_active(act->signer, &act->entity);
	w4_act_verify(act);
}

W4Evidence
w4_act_leaf(const W4Act *act)
{
	W4Evidence	leaf = {
		.actor = act->signer,
		.nonce = w4_slice(act->nonce, act->nonce_len),
		.at = GetCurrentTimestamp(),
		.document = act->message,
		.signature = act->signature,
	};

	return leaf;
}
