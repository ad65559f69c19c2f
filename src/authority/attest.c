/*-------------------------------------------------------------------------
 *
 * attest.c
 *		Attestations of type "action" that witnesses give to a request.
 *
 * A witness signs "web4:witness:v1\n" || W4C with members claims, event_hash,
 * nonce, subject, ts, type, witness (and policy, optional).  It counts when
 * the witness is an active citizen, is none of the parties, and attests to
 * exactly this request; each witness counts once, each nonce works once.
 *
 *-------------------------------------------------------------------------
 */
#include "authority/attest.h"

#include "core/crypto.h"
#include "core/domains.h"
#include "core/encode.h"
#include "evidence/evidence.h"
#include "host/clock.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/identity.h"
#include "miscadmin.h"

static W4Index evidence_nonce = W4_INDEX("evidence", "evidence_nonce");

static void
malformed(const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(BAD_ATTESTATION)),
			 errmsg("malformed attestation"),
			 w4_errdetail(W4_ERRCODE(BAD_ATTESTATION), "%s.", why),
			 errhint("Attestations are a JSON array of {\"text\": ..., \"signature\": hex}.")));
}

int
w4_witnesses_count(Jsonb *attestations)
{
	if (!JB_ROOT_IS_ARRAY(attestations) || JB_ROOT_IS_SCALAR(attestations))
		malformed("It must be an array");
	if (JB_ROOT_COUNT(attestations) > W4_MAX_ATTESTATIONS)
		malformed(psprintf("At most %d attestations are taken at once", W4_MAX_ATTESTATIONS));
	return JB_ROOT_COUNT(attestations);
}

static text *
element_member(JsonbValue *element, const char *key)
{
	JsonbValue	buf;
	JsonbValue *v;

	if (element->type != jbvBinary || !JsonContainerIsObject(element->val.binary.data))
		malformed("An element must be an object");
	v = getKeyJsonValueFromContainer(element->val.binary.data, key, (int) strlen(key), &buf);
	if (v == NULL || v->type != jbvString)
		malformed(psprintf("\"%s\" must be a string", key));
	return cstring_to_text_with_len(v->val.string.val, v->val.string.len);
}

/* claims: {"action_type": the action, "result": "approved"} */
static const char *
check_claims(const W4Document *doc, const W4Request *request)
{
	int			claims = w4_json_member(&doc->json, W4_JSON_ROOT, "claims");
	W4Slice		action = w4_json_plain_string(&doc->json, w4_json_member(&doc->json, claims, "action_type"));
	W4Slice		result = w4_json_plain_string(&doc->json, w4_json_member(&doc->json, claims, "result"));

	if (action.data == NULL || !w4_slice_eq(action, request->action))
		return "it attests to another action";
	if (result.data == NULL || !w4_slice_eq(result, w4_slice_cstr("approved")))
		return "the witness did not approve";
	return NULL;
}

static bool
is_party(const uint8_t *witness, const W4Request *request, const W4GrantChain *chain)
{
	if (memcmp(witness, request->requester, 32) == 0 || memcmp(witness, request->society, 32) == 0)
		return true;
	for (int i = 0; chain != NULL && i < chain->n; i++)
	{
		if (memcmp(witness, chain->link[i]->issuer, 32) == 0)
			return true;
	}
	return false;
}

static bool
nonce_used(const W4Attestation *a)
{
	W4Scan		scan;
	Datum		keys[2] = {W4LctGetDatum(a->witness), w4_bytea_datum(a->nonce, a->nonce_len)};
	bool		used = w4_scan_open(&scan, &evidence_nonce, 2, keys);

	w4_scan_close(&scan);
	return used;
}

/* NULL when the attestation counts, else why not. */
static const char *
verify_one(W4Attestation *a, const text *txt, const text *hex, const W4Request *request,
		   const W4GrantChain *chain, TimestampTz now)
{
	static const char *const members[] = {
		"claims", "event_hash", "nonce", "policy", "subject", "ts", "type", "witness", NULL
	};
	W4Document	doc;
	W4Slice		hex_slice = w4_varlena_slice(hex);
	uint8_t    *signature = palloc(64);
	uint8_t		event_hash[32];
	uint8_t		subject[32];
	W4Entity	witness;
	const char *problem;

	if (!w4_hex_decode(signature, 64, (const char *) hex_slice.data, hex_slice.len))
		malformed("\"signature\" must be 128 lower-case hex digits");
	w4_document_parse(&doc, "attestation", txt, members);
	w4_document_lct(&doc, "witness", a->witness);
	w4_document_lct(&doc, "subject", subject);
	w4_document_hex(&doc, "event_hash", event_hash, 32);
	a->nonce_len = w4_document_nonce(&doc, "nonce", a->nonce);
	a->message = w4_document_message(W4_DOMAIN_WITNESS, txt);
	a->signature = w4_slice(signature, 64);

	if (!w4_slice_eq(w4_document_plain(&doc, "type"), w4_slice_cstr("action")))
		return "only attestations of type action count here";
	if (!w4_entity_get(a->witness, &witness) || witness.status != W4_STATUS_ACTIVE ||
		!w4_is_citizen(request->society, a->witness))
		return "the witness is not an active citizen";
	if (w4_entity_verify(a->witness, a->message, a->signature, now) == 0)
		return "the witness's signature does not verify";
	if (!w4_is_fresh(w4_document_time(&doc, "ts"), w4_unix_from_timestamptz(now)))
		return "the attestation is not fresh";
	if (memcmp(subject, request->requester, 32) != 0)
		return "it attests to another subject";
	if (memcmp(event_hash, request->hash, 32) != 0)
		return "it attests to another request";
	if ((problem = check_claims(&doc, request)) != NULL)
		return problem;
	if (is_party(a->witness, request, chain))
		return "a party to the request cannot witness it";
	if (nonce_used(a))
		return "the attestation was used before";
	return NULL;
}

static bool
counted_already(const W4Witnesses *out, const uint8_t *witness)
{
	for (int i = 0; i < out->n; i++)
	{
		if (memcmp(out->valid[i].witness, witness, 32) == 0)
			return true;
	}
	return false;
}

void
w4_witnesses_verify(Jsonb *attestations, const W4Request *request, const W4GrantChain *chain,
					TimestampTz now, W4Witnesses *out)
{
	memset(out, 0, sizeof(*out));
	out->presented = w4_witnesses_count(attestations);
	out->valid = palloc0(sizeof(W4Attestation) * (out->presented + 1));
	for (int i = 0; i < out->presented; i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(&attestations->root, i);
		W4Attestation *a = &out->valid[out->n];
		const char *problem;

		CHECK_FOR_INTERRUPTS();
		problem = verify_one(a, element_member(element, "text"), element_member(element, "signature"),
							 request, chain, now);
		if (problem == NULL && counted_already(out, a->witness))
			problem = "one witness counts once";
		if (problem == NULL)
			out->n++;
		else if (out->problem == NULL)
			out->problem = problem;
	}
}

void
w4_witnesses_record(const W4Witnesses *witnesses, const W4Request *request, TimestampTz now)
{
	for (int i = 0; i < witnesses->n; i++)
	{
		const W4Attestation *a = &witnesses->valid[i];
		uint8_t		buf[128];
		W4Writer	data = w4_writer(buf, sizeof(buf));
		W4Evidence	leaf = {.kind = "attestation", .society = request->society, .actor = a->witness, .at = now,
		.nonce = w4_slice(a->nonce, a->nonce_len), .document = a->message, .signature = a->signature};

		w4_put_cstr(&data, "{\"request_hash\":");
		w4c_put_hex(&data, request->hash, 32);
		w4_put_cstr(&data, ",\"type\":\"action\"}");
		leaf.data = w4_slice(data.buf, data.len);
		w4_evidence_append_once(&leaf);
	}
}
