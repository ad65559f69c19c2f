/*-------------------------------------------------------------------------
 *
 * head.h
 *		Signed tree heads: their text, and where they lie.
 *
 * The text is the W4C object
 * {"at":..,"previous_root":..,"root":..,"size":..,"society":..,"v":1}; a signature
 * covers "web4:tree-head:v1\n" and the text.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_HEAD_H
#define W4_HEAD_H

#include "postgres.h"

#include "core/bytes.h"
#include "datatype/timestamp.h"

typedef struct W4Head
{
	uint8_t		society[32];
	uint64		size;
	uint8_t		root[32];
	bool		has_previous;	/* false: the society's first head */
	uint8_t		previous_root[32];
	int64		at;				/* unix microseconds */
} W4Head;

/* Room for any head's text. */
#define W4_HEAD_TEXT_MAX 512

/* Strict: exactly the texts that w4_head_append() stores. */
extern bool w4_head_parse(W4Head *head, W4Slice text);

/* Did this key sign this text?  Sizes of key and signature are checked here. */
extern bool w4_head_signature_ok(W4Slice text, W4Slice signature, W4Slice public_key);

/* The society's tree grew: store a head, signed when the keyring holds a valid key of it.  SPI connected. */
extern void w4_head_append(const uint8_t *society, uint64 size, const uint8_t root[32]);

/*
 * Is it a key of the society: registered with its identity, or its sealing key?
 * With "now" one that may sign a head today, else one that ever might.
 */
extern bool w4_head_key_ok(const uint8_t *society, W4Slice public_key, bool now);

#endif							/* W4_HEAD_H */
