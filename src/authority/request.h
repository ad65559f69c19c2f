/*-------------------------------------------------------------------------
 *
 * request.h
 *		A request for a decision: what is asked, by whom, in exact bytes.
 *
 * A signed request is the W4C text of identity spec A8 (N7); the text of an
 * application's request has the same members without nonce and ts, and is
 * written by the server.  The request hash, SHA-256 over prefix and text, is
 * what witnesses attest to.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_REQUEST_H
#define W4_REQUEST_H

#include "postgres.h"

#include "authority/grant.h"
#include "core/bytes.h"
#include "fmgr.h"
#include "host/document.h"
#include "identity/identity.h"

/* SHA-256("{}"): the hash of the empty context. */
#define W4_EMPTY_CONTEXT_HASH { \
	0x44, 0x13, 0x6f, 0xa3, 0x55, 0xb3, 0x67, 0x8a, 0x11, 0x46, 0xad, 0x16, 0xf7, 0xe8, 0x64, 0x9e, \
	0x94, 0xfb, 0x4f, 0xc2, 0x1f, 0xe7, 0x7e, 0x83, 0x10, 0xc0, 0x60, 0xf6, 0x1c, 0xaa, 0xff, 0x8a \
}

typedef struct W4Request
{
	uint8_t		society[32];
	uint8_t		requester[32];
	W4Slice		action;
	W4Slice		resource;
	int64		cost;			/* micro-ATP as asked; may be negative */
	char		role[64];
	bool		role_given;		/* else the grant's role, or citizen */
	bool		has_grant;
	bool		grant_wellformed;	/* a grant was named, as a hash */
	uint8_t		grant[32];
	uint8_t		context_hash[32];
	/* signed requests only */
	bool		is_signed;
	int64		ts;				/* unix microseconds */
	uint8_t		nonce[W4_NONCE_MAX];
	size_t		nonce_len;
	W4Slice		signature;
	/* looked up already to find the society of an application's request */
	bool		knows_requester;
	W4Entity	entity;
	W4GrantChain chain;			/* n = 0: not looked up, or unknown */
	/* exact bytes */
	W4Slice		message;		/* prefix || text */
	uint8_t		hash[32];
} W4Request;

/* Arguments of web4_authorize(), as SQL passes them. */
typedef struct W4RequestArgs
{
	const uint8_t *requester;
	W4Slice		action;
	W4Slice		resource;
	int64		cost;
	const char *role;			/* NULL: not given */
	const uint8_t *grant;		/* NULL: none */
	W4Slice		context;		/* JSON text; NULL data: {} */
} W4RequestArgs;

/*
 * Parse request text; malformed text raises.  Without a signature (empty
 * slice) it is an application's, which has neither nonce nor ts.
 */
extern void w4_request_parse(W4Request *request, const text *txt, W4Slice signature);

/* Build an application's request; the society comes from the requester's home or the grant. */
extern void w4_request_build(W4Request *request, const W4RequestArgs *args);

/*
 * Refuse NULL in an argument that a decision or its use cannot do without.  A
 * STRICT function would return NULL instead, which a caller who only waits for
 * an error takes for consent.
 */
extern void w4_request_not_null(FunctionCallInfo fcinfo, int n, const char *what);

#endif							/* W4_REQUEST_H */
