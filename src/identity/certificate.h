/*-------------------------------------------------------------------------
 *
 * certificate.h
 *		Birth certificates: the signed text that makes an identity.
 *
 * W4C object (identity spec 1.4) with birth_context, birth_timestamp,
 * birth_witnesses, citizen_role, entity_type, issuing_society, law_hash,
 * law_version, lct_id, obligations, public_key, rights, v and optionally alias,
 * genesis_block_hash, hardware_binding_hash, parent_entity.  Its hash is
 * SHA-256("web4:birth:v1\n" || text).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_IDENTITY_CERTIFICATE_H
#define W4_IDENTITY_CERTIFICATE_H

#include "postgres.h"

#include "core/bytes.h"
#include "core/timestamp.h"

#define W4_BIRTH_MAX_WITNESSES 32
#define W4_BIRTH_MAX_CLAIMS 32	/* rights, obligations */
#define W4_BIRTH_MAX_SIZE 16384
#define W4_NAME_MAX 63			/* aliases, society names */
#define W4_BIRTH_MESSAGE_MAX 192

typedef struct W4Certificate
{
	W4Slice		text;			/* borrowed */
	uint8_t		hash[32];
	uint8_t		lct[32];
	uint8_t		public_key[32];
	uint8_t		society[32];
	char		entity_type[16];
	char		alias[W4_NAME_MAX + 1]; /* "" when absent */
	int64_t		birth_timestamp;	/* unix microseconds */
	W4Slice		birth_timestamp_text;
	int			nwitnesses;
	uint8_t		witnesses[W4_BIRTH_MAX_WITNESSES][32];	/* ascending by text */
	bool		has_hardware;
	uint8_t		hardware[32];
	bool		has_parent;
	uint8_t		parent[32];
} W4Certificate;

/* Why a certificate was refused: which member, what about it. */
typedef struct W4CertificateFault
{
	bool		canonical;		/* false: not W4C at all */
	const char *member;
	const char *why;
	size_t		offset;
} W4CertificateFault;

/* Strict parse with every rule that needs no table.  Does not raise. */
extern bool w4_certificate_parse(W4Certificate *out, W4Slice text, W4CertificateFault *fault);

/* The same, raising W4F05, W4F09 or W4I04. */
extern void w4_certificate_read(W4Certificate *out, W4Slice text);

/* What the society, a witness and the subject sign. */
extern W4Slice w4_birth_society_message(const W4Certificate *cert, uint8_t buf[W4_BIRTH_MESSAGE_MAX]);
extern W4Slice w4_birth_witness_message(const W4Certificate *cert, const uint8_t witness[32],
										uint8_t buf[W4_BIRTH_MESSAGE_MAX]);
extern W4Slice w4_birth_binding_message(const W4Certificate *cert, uint8_t buf[W4_BIRTH_MESSAGE_MAX]);

/* The canonical word for an entity type ("AI" -> "ai", "org" -> "organization"); NULL if there is none. */
extern const char *w4_entity_type_word(const char *input, size_t len);

/* [a-z0-9][a-z0-9._-]{0,62}: aliases and names of societies. */
extern bool w4_name_ok(W4Slice name);

/* What a certificate is made of; for web4_birth_certificate() and the bootstrap. */
typedef struct W4CertificateDraft
{
	const uint8_t *society;		/* NULL: the subject itself */
	const uint8_t *public_key;
	const char *entity_type;	/* canonical */
	const char *alias;			/* NULL: none */
	const char *birth_context;
	int64_t		birth_timestamp;
	int			nwitnesses;
	const uint8_t (*witnesses)[32];
	int			nrights;
	char	  **rights;			/* sorted in place */
	int			nobligations;
	char	  **obligations;	/* sorted in place */
	const uint8_t *law_hash;	/* NULL: none yet, zeros */
	const char *law_version;
	const uint8_t *genesis_block_hash;	/* these three may be NULL */
	const uint8_t *hardware;
	const uint8_t *parent;
} W4CertificateDraft;

/* The canonical text, palloc'd; not yet checked. */
extern W4Slice w4_certificate_write(W4CertificateDraft *draft);

#endif							/* W4_IDENTITY_CERTIFICATE_H */
