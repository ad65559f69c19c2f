/*-------------------------------------------------------------------------
 *
 * birth_insert.c
 *		Writing checked births, many by one round of statements.
 *
 * The statements take arrays: one executor start for a whole chunk is what
 * makes minting in batches cost little more than its signatures.
 *
 *-------------------------------------------------------------------------
 */
#include "identity/birth.h"

#include "catalog/pg_type.h"
#include "core/encode.h"
#include "core/json.h"
#include "evidence/evidence.h"
#include "host/clock.h"
#include "host/errors.h"
#include "host/names.h"
#include "host/plan.h"
#include "host/scan.h"
#include "host/value.h"
#include "identity/keyring_log.h"
#include "identity/state.h"
#include "types/lct_type.h"
#include "utils/array.h"

static Datum
array_of(Datum *values, bool *nulls, int n, Oid type, int16 len, bool byval, char align)
{
	int			dims[1] = {n};
	int			lower[1] = {1};

	return PointerGetDatum(construct_md_array(values, nulls, 1, dims, lower, type, len, byval, align));
}

static Datum
lcts(Datum *values, int n)
{
	return array_of(values, NULL, n, w4_type_oid("lct"), 32, false, TYPALIGN_CHAR);
}

static Datum
byteas(Datum *values, bool *nulls, int n)
{
	return array_of(values, nulls, n, BYTEAOID, -1, false, TYPALIGN_INT);
}

static Datum
texts(Datum *values, bool *nulls, int n)
{
	return array_of(values, nulls, n, TEXTOID, -1, false, TYPALIGN_INT);
}

static Datum
int8s(Datum *values, int n)
{
	return array_of(values, NULL, n, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

/* The columns of a chunk, gathered once for all statements. */
typedef struct Columns
{
	int			n;
	Datum		id;
	Datum		society;
	Datum		type;
	Datum		alias;
	Datum		cert_hash;
	Datum		hardware;
	Datum		public_key;
	Datum		certificate;
	Datum		society_signature;
	Datum		binding_signature;
	Datum		society_key;
	Datum		quorum;
	Datum		now;
} Columns;

static void
gather(Columns *c, W4Birth *const *births, int n, TimestampTz now)
{
	Datum	   *v = palloc(sizeof(Datum) * n);
	bool	   *nulls = palloc(sizeof(bool) * n);

#define COLUMN(target, build, expression) \
	do { \
		for (int i = 0; i < n; i++) \
		{ \
			const W4Birth *b = births[i]; \
			\
			v[i] = (expression); \
		} \
		c->target = (build); \
	} while (0)

	c->n = n;
	c->now = TimestampTzGetDatum(now);
	COLUMN(id, lcts(v, n), W4LctGetDatum(b->cert.lct));
	COLUMN(society, lcts(v, n), W4LctGetDatum(b->cert.society));
	COLUMN(type, texts(v, NULL, n), CStringGetTextDatum(b->cert.entity_type));
	COLUMN(cert_hash, byteas(v, NULL, n), w4_bytea_datum(b->cert.hash, 32));
	COLUMN(public_key, byteas(v, NULL, n), w4_bytea_datum(b->cert.public_key, 32));
	COLUMN(certificate, texts(v, NULL, n), w4_text_datum(b->cert.text.data, b->cert.text.len));
	COLUMN(society_signature, byteas(v, NULL, n), w4_bytea_datum(b->society_signature, 64));
	COLUMN(binding_signature, byteas(v, NULL, n), w4_bytea_datum(b->binding_signature, 64));
	COLUMN(society_key, int8s(v, n), Int64GetDatum(b->society_key));
	COLUMN(quorum, int8s(v, n), Int64GetDatum(b->quorum));
	for (int i = 0; i < n; i++)
		nulls[i] = births[i]->cert.alias[0] == '\0';
	COLUMN(alias, texts(v, nulls, n), CStringGetTextDatum(b->cert.alias));
	for (int i = 0; i < n; i++)
		nulls[i] = !births[i]->cert.has_hardware;
	COLUMN(hardware, byteas(v, nulls, n), w4_bytea_datum(b->cert.hardware, 32));
#undef COLUMN
}

/* Somebody was faster, or the batch names something twice. */
static void
refuse_conflict(const char *what, int sqlstate)
{
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("%s exists already", what),
			 w4_errdetail(sqlstate, "It was minted by a concurrent transaction or earlier in the same batch.")));
}

static void
insert_entities(const Columns *c)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.entity (id, society, entity_type, alias, status, born_at, cert_hash, "
								   "hardware_binding_hash, status_at) "
								   "SELECT t.id, t.society, t.entity_type, t.alias, 'active', $7, t.cert_hash, t.hardware, $7 "
								   "FROM unnest($1, $2, $3, $4, $5, $6) AS t (id, society, entity_type, alias, cert_hash, hardware) "
								   "ON CONFLICT DO NOTHING",
								   "_lct, _lct, text[], text[], bytea[], bytea[], timestamptz");
	Datum		values[] = {c->id, c->society, c->type, c->alias, c->cert_hash, c->hardware, c->now};

	if (w4_write(&insert, values, NULL) != (uint64) c->n)
		refuse_conflict("identity, alias or hardware binding", W4_ERRCODE(LCT_EXISTS));
}

static void
insert_keys(const Columns *c)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.entity_key (entity, version, public_key, status, valid_from) "
								   "SELECT t.id, 1, t.public_key, 'active', $3 FROM unnest($1, $2) AS t (id, public_key) "
								   "ON CONFLICT DO NOTHING",
								   "_lct, bytea[], timestamptz");
	Datum		values[] = {c->id, c->public_key, c->now};

	if (w4_write(&insert, values, NULL) != (uint64) c->n)
		refuse_conflict("public key", W4_ERRCODE(KEY_IN_USE));
}

static void
insert_certificates(const Columns *c)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.birth_certificate (cert_hash, entity, certificate, society_signature, "
								   "binding_signature, society_key, quorum) "
								   "SELECT t.hash, t.id, t.certificate, t.society_signature, t.binding_signature, "
								   "t.society_key::pg_catalog.int4, t.quorum::pg_catalog.int4 "
								   "FROM unnest($1, $2, $3, $4, $5, $6, $7) AS t (hash, id, certificate, society_signature, "
								   "binding_signature, society_key, quorum)",
								   "bytea[], _lct, text[], bytea[], bytea[], int8[], int8[]");
	Datum		values[] = {c->cert_hash, c->id, c->certificate, c->society_signature, c->binding_signature,
	c->society_key, c->quorum};

	(void) w4_write(&insert, values, NULL);
}

static void
insert_citizens(const Columns *c)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.citizenship (society, entity, status, since) "
								   "SELECT t.society, t.id, 'active', $3 FROM unnest($1, $2) AS t (society, id)",
								   "_lct, _lct, timestamptz");
	Datum		values[] = {c->society, c->id, c->now};

	(void) w4_write(&insert, values, NULL);
}

static void
insert_witnesses(W4Birth *const *births, int n)
{
	static W4Plan insert = W4_PLAN("INSERT INTO web4.birth_witness (cert_hash, witness, signature, witness_key) "
								   "SELECT t.hash, t.witness, t.signature, t.version::pg_catalog.int4 "
								   "FROM unnest($1, $2, $3, $4) AS t (hash, witness, signature, version)",
								   "bytea[], _lct, bytea[], int8[]");
	int			total = 0;
	int			row = 0;
	Datum	   *column[4];
	Datum		values[4];

	for (int i = 0; i < n; i++)
		total += births[i]->cert.nwitnesses;
	if (total == 0)
		return;
	for (int k = 0; k < lengthof(column); k++)
		column[k] = palloc(sizeof(Datum) * total);
	for (int i = 0; i < n; i++)
	{
		for (int w = 0; w < births[i]->cert.nwitnesses; w++, row++)
		{
			column[0][row] = w4_bytea_datum(births[i]->cert.hash, 32);
			column[1][row] = W4LctGetDatum(births[i]->cert.witnesses[w]);
			column[2][row] = w4_bytea_datum(births[i]->witness_signatures[w], 64);
			column[3][row] = Int64GetDatum(births[i]->witness_keys[w]);
		}
	}
	values[0] = byteas(column[0], NULL, total);
	values[1] = lcts(column[1], total);
	values[2] = byteas(column[2], NULL, total);
	values[3] = int8s(column[3], total);
	(void) w4_write(&insert, values, NULL);
}

/* The leaf holds what the society signed, and what the rows say from now on. */
static void
append_evidence(const W4Birth *birth, TimestampTz now)
{
	uint8_t		message[W4_BIRTH_MESSAGE_MAX];
	uint8_t		data[512];
	uint8_t		state[32];
	W4Writer	w = w4_writer(data, sizeof(data));
	bool		first = true;
	W4Evidence	leaf = {
		.actor = birth->cert.society,
		.at = now,
		.document = w4_birth_society_message(&birth->cert, message),
		.signature = w4_slice(birth->society_signature, 64),
	};

	w4_entity_state(birth->cert.lct, state);
	w4_put_cstr(&w, "{");
	w4c_member_hex(&w, &first, "cert_hash", birth->cert.hash, 32);
	w4c_member_lct(&w, &first, "entity", birth->cert.lct);
	w4c_member_int(&w, &first, "quorum", birth->quorum);
	w4c_member_hex(&w, &first, "state", state, 32);
	w4_data_append(&leaf, "birth", birth->cert.society, &w);
}

void
w4_births_insert(W4Birth *const *births, int n)
{
	Columns		columns;
	TimestampTz now = GetCurrentTimestamp();

	if (n == 0)
		return;
	gather(&columns, births, n, now);
	insert_entities(&columns);
	insert_keys(&columns);
	insert_certificates(&columns);
	insert_citizens(&columns);
	insert_witnesses(births, n);
	w4_push_latest_snapshot();
	for (int i = 0; i < n; i++)
	{
		append_evidence(births[i], now);
		w4_keyring_take_all(births[i]->cert.public_key, births[i]->cert.lct);
	}
	w4_pop_snapshot();
}
