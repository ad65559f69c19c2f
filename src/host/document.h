/*-------------------------------------------------------------------------
 *
 * document.h
 *		Signed W4C documents as SQL arguments: parse once, read typed fields.
 *
 * Every accessor raises W4F07 naming the field when it is missing or
 * malformed; a document with a member that is not in "members" is refused, so
 * nothing in signed text is ever silently ignored.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_DOCUMENT_H
#define W4_DOCUMENT_H

#include "postgres.h"

#include "core/json.h"
#include "host/errors.h"

typedef struct W4Document
{
	W4Json		json;
	const char *what;			/* "request", for messages */
} W4Document;

/* members: NULL-terminated list of the members that the root object may have. */
extern void w4_document_parse(W4Document *doc, const char *what, const text *txt, const char *const *members);

extern bool w4_document_has(const W4Document *doc, const char *key);	/* present and not null */
extern char *w4_document_text(const W4Document *doc, const char *key, size_t max_len);
extern W4Slice w4_document_plain(const W4Document *doc, const char *key);	/* string without escapes */
extern void w4_document_lct(const W4Document *doc, const char *key, uint8_t lct[32]);
extern void w4_document_hex(const W4Document *doc, const char *key, uint8_t *out, size_t len);
extern int64_t w4_document_time(const W4Document *doc, const char *key);	/* unix microseconds */
extern int64_t w4_document_int(const W4Document *doc, const char *key, int64_t min, int64_t max);
extern int64_t w4_document_atp(const W4Document *doc, const char *key);	/* decimal string, micro-ATP, may be negative */
extern void w4_document_version(const W4Document *doc);	/* "v" must be 1 */

/* Base64 of at least 16 bytes; returns their number (<= 64). */
#define W4_NONCE_MIN 16
#define W4_NONCE_MAX 64
extern size_t w4_document_nonce(const W4Document *doc, const char *key, uint8_t nonce[W4_NONCE_MAX]);

/* ERROR W4F07 for a field that parsed but is not acceptable. */
extern void w4_document_refuse(const W4Document *doc, const char *key, const char *why) pg_attribute_noreturn();

/* domain prefix || text: the bytes that a signature covers (palloc'd). */
extern W4Slice w4_document_message(const char *domain, const text *txt);

#endif							/* W4_DOCUMENT_H */
