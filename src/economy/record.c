/*-------------------------------------------------------------------------
 *
 * record.c
 *		The evidence leaf of an act of the economy.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/ledger.h"

#include "core/lctid.h"
#include "core/timestamp.h"
#include "evidence/evidence.h"
#include "host/clock.h"
#include "host/errors.h"
#include "utils/timestamp.h"

/* Every member at its longest; strings may grow sixfold by escapes. */
#define MAX_DATA (6 * (W4_MAX_REF + 64 + 256) + 1024)

static void
put_amount(W4Writer *w, bool *first, const char *key, int64 micro)
{
	char		text[W4_DECIMAL_TEXT_MAX];

	w4c_put_key(w, first, key);
	w4c_put_string(w, text, w4_decimal_format(text, micro, 6));
}

static void
put_time(W4Writer *w, bool *first, const char *key, TimestampTz at)
{
	char		text[W4_TIMESTAMP_TEXT_MAX];

	w4c_put_key(w, first, key);
	w4c_put_string(w, text, w4_timestamp_format(text, w4_unix_from_timestamptz(at)));
}

static void
put_party(W4Writer *w, bool *first, const char *key, const W4Party *party)
{
	if (party->lct == NULL && party->place == NULL)
		return;
	w4c_put_key(w, first, key);
	if (party->lct != NULL)
		w4c_put_lct(w, party->lct);
	else
		w4c_put_string(w, party->place, strlen(party->place));
}

/* Members in byte order; what does not apply is left out. */
static void
put_act(W4Writer *w, const W4LedgerAct *act)
{
	bool		first = true;

	w4_put_u8(w, '{');
	if (act->amount > 0)
	{
		put_amount(w, &first, "amount", act->amount);
		put_amount(w, &first, "credited", act->credited);
	}
	if (act->expires_at != 0)
		put_time(w, &first, "expires_at", act->expires_at);
	if (act->fee > 0)
		put_amount(w, &first, "fee", act->fee);
	put_party(w, &first, "from", &act->from);
	if (act->lock != NULL)
		w4c_member_hex(w, &first, "lock", act->lock, 16);
	if (act->note != NULL)
		w4c_member_string(w, &first, "note", w4_slice_cstr(act->note));
	if (act->overflow > 0)
		put_amount(w, &first, "overflow", act->overflow);
	if (act->ref.len > 0)
		w4c_member_string(w, &first, "ref", act->ref);
	put_party(w, &first, "to", &act->to);
	w4c_member_string(w, &first, "type", w4_slice_cstr(act->type));
	if (act->vouched_by != NULL)
		w4_member_role(w, &first, "vouched_by", act->vouched_by);
	w4_put_u8(w, '}');
}

int64
w4_ledger_record(const W4LedgerAct *act)
{
	uint8_t		buf[MAX_DATA];
	W4Writer	w = w4_writer(buf, sizeof(buf));
	W4Evidence	evidence = {
		.kind = "journal", .society = act->society, .actor = act->actor, .at = GetCurrentTimestamp(),
		.nonce = act->nonce, .document = act->document, .signature = act->signature
	};

	put_act(&w, act);
	if (w.full)
		elog(ERROR, "evidence of an act of the economy is too large");
	evidence.data = w4_slice(buf, w.len);
	if (!w4_evidence_append(&evidence))
		ereport(ERROR,
				(errcode(W4_ERRCODE(TX_REPLAY)),
				 errmsg("ATP transaction was submitted before"),
				 w4_errdetail(W4_ERRCODE(TX_REPLAY), "Its signer has used the nonce already."),
				 errhint("The first submission stands; a new transaction needs a new nonce.")));
	return evidence.id;
}
