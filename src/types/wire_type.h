/*-------------------------------------------------------------------------
 *
 * wire_type.h
 *		Types that keep signed bytes verbatim: atp_tx and consent.
 *
 * The value is the wire form, byte for byte, in a varlena; text form is its
 * lower-case hex.  Every way in runs the same strict parser, so a stored value
 * is always well formed (its signature is another question).  Comparison and
 * hashing are bytea's (types.sql).
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_WIRE_TYPE_H
#define W4_WIRE_TYPE_H

#include "web4.h"

#include "lib/stringinfo.h"

#include "core/bytes.h"
#include "host/clock.h"
#include "host/value.h"

typedef struct WireKind
{
	const char *object;			/* "consent token", for messages */
	int			sqlstate;
	size_t		max_size;
	bool		(*well_formed) (W4Slice wire, W4Fault *fault);
} WireKind;

extern Datum w4_wire_input(const WireKind *kind, FunctionCallInfo fcinfo);
extern Datum w4_wire_receive(const WireKind *kind, StringInfo buf);

/* The checked bytes as a new value; "context" is that of an input function, or NULL. */
extern Datum w4_wire_datum(const WireKind *kind, W4Slice wire, struct Node *context);

/* The signature handed to a builder is not of its other arguments, which "input" puts in signed form. */
pg_attribute_noreturn() extern void w4_refuse_signature(const char *object, const char *input);

/* A number as one signed byte; what has no such form becomes 255, which every parser refuses. */
extern uint8_t w4_signed_byte(int32 value);

/*
 * Time as signed bytes have it: microseconds since 1970, infinity as
 * INT64_MAX.  What has no such form becomes -1, which every parser refuses.
 */
extern int64_t w4_signed_time(TimestampTz t);
extern TimestampTz w4_time_from_signed(int64_t us);

#endif							/* W4_WIRE_TYPE_H */
