/*-------------------------------------------------------------------------
 *
 * v3.c
 *		The SQL type v3: valuation, veracity, validity.
 *
 *-------------------------------------------------------------------------
 */
#include "types/tensor_type.h"

PG_FUNCTION_INFO_V1(v3_in);
PG_FUNCTION_INFO_V1(v3_recv);
PG_FUNCTION_INFO_V1(v3_make);
PG_FUNCTION_INFO_V1(v3_composite);

static const TensorKind v3 = {.type = "v3", .names = w4_v3_names, .alias = "value"};

Datum
v3_in(PG_FUNCTION_ARGS)
{
	return w4_tensor_input(&v3, fcinfo);
}

Datum
v3_recv(PG_FUNCTION_ARGS)
{
	return w4_tensor_receive(&v3, (StringInfo) PG_GETARG_POINTER(0));
}

Datum
v3_make(PG_FUNCTION_ARGS)
{
	Numeric		dimensions[3] = {PG_GETARG_NUMERIC(0), PG_GETARG_NUMERIC(1), PG_GETARG_NUMERIC(2)};

	return w4_tensor_make(&v3, dimensions);
}

Datum
v3_composite(PG_FUNCTION_ARGS)
{
	return w4_unit_datum(w4_v3_composite(PG_GETARG_TENSOR(0)));
}
