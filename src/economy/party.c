/*-------------------------------------------------------------------------
 *
 * party.c
 *		Who may take part in a movement of ATP, and what may be moved.
 *
 *-------------------------------------------------------------------------
 */
#include "economy/ledger.h"

#include "host/errors.h"
#include "identity/identity.h"
#include "types/atp_type.h"
#include "types/lct_type.h"

void
w4_require_party(const uint8_t society[32], const uint8_t entity[32], const char *what)
{
	W4Entity	row;

	w4_entity_require_active(entity, &row);
	if (w4_is_citizen(society, entity))
		return;
	w4_society_require(society);
	ereport(ERROR,
			(errcode(W4_ERRCODE(UNKNOWN_ACCOUNT)),
			 errmsg("%s is not a citizen of the society", what),
			 w4_errdetail(W4_ERRCODE(UNKNOWN_ACCOUNT), "%s has no account in %s.",
						  w4_lct_cstring(entity), w4_lct_cstring(society)),
			 errhint("Make it a citizen with web4_citizenship(), or name another society.")));
}

void
w4_require_acting_society(const uint8_t society[32])
{
	W4Entity	row;

	w4_society_require(society);
	w4_entity_require_active(society, &row);
}

void
w4_require_amount(int64 amount)
{
	if (amount <= 0 || amount > W4_ATP_MAX_AMOUNT)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_AMOUNT)),
				 errmsg("amount must be above 0 and at most 2^32 ATP"),
				 w4_errdetail(W4_ERRCODE(BAD_AMOUNT), "It is %s ATP.", w4_atp_cstring(amount))));
}

void
w4_require_ref(W4Slice ref)
{
	if (ref.len > W4_MAX_REF)
		ereport(ERROR,
				(errcode(W4_ERRCODE(TOO_LARGE)),
				 errmsg("reference is too long"),
				 w4_errdetail(W4_ERRCODE(TOO_LARGE), "It has %zu bytes; the limit is %d.", ref.len, W4_MAX_REF)));
	if (!w4_utf8_ok((const char *) ref.data, ref.len))
		ereport(ERROR,
				(errcode(W4_ERRCODE(NOT_CANONICAL)),
				 errmsg("reference is not UTF-8"),
				 w4_errdetail(W4_ERRCODE(NOT_CANONICAL), "It goes into the evidence, which is UTF-8 JSON."),
				 errhint("Convert it to UTF-8, or write it as hexadecimal digits with encode().")));
}
