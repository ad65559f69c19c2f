/*-------------------------------------------------------------------------
 *
 * tensor_type.h
 *		The SQL types t3 and v3 for C callers, and what they share.
 *
 * Both are stored as W4Tensor: three int32 in units of 1e-9, 12 bytes, fixed
 * length, int-aligned.  They differ in what the dimensions are called.
 *
 *-------------------------------------------------------------------------
 */
#ifndef W4_TENSOR_TYPE_H
#define W4_TENSOR_TYPE_H

#include "web4.h"

#include "lib/stringinfo.h"
#include "utils/numeric.h"

#include "core/tensor.h"

StaticAssertDecl(sizeof(W4Tensor) == 12, "a tensor is 12 bytes on disk");

#define TENSOR_DIGITS 9

#define DatumGetTensor(d) ((const W4Tensor *) DatumGetPointer(d))
#define PG_GETARG_TENSOR(n) DatumGetTensor(PG_GETARG_DATUM(n))

/* A palloc'd copy as a Datum. */
static inline Datum
w4_tensor_datum(const W4Tensor *t)
{
	return PointerGetDatum(memcpy(palloc(sizeof(W4Tensor)), t, sizeof(W4Tensor)));
}

typedef struct TensorKind
{
	const char *type;			/* "t3" */
	const char *const *names;	/* of the three dimensions */
	const char *alias;			/* second name of the first dimension in JSON, or NULL */
} TensorKind;

extern Datum w4_tensor_input(const TensorKind *kind, FunctionCallInfo fcinfo);
extern Datum w4_tensor_receive(const TensorKind *kind, StringInfo buf);
extern Datum w4_tensor_make(const TensorKind *kind, const Numeric dimensions[3]);

/* A numeric between 0 and 1 as units of 1e-9; ERROR W4F04 naming "what" otherwise. */
extern int32 w4_unit_from_numeric(Numeric value, const char *what);

/* value * 1e-9 */
extern Datum w4_unit_datum(int32 value);

#endif							/* W4_TENSOR_TYPE_H */
