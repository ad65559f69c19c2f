/*-------------------------------------------------------------------------
 *
 * t3.c
 *		The SQL type t3: talent, training, temperament.
 *
 *-------------------------------------------------------------------------
 */
#include "types/tensor_type.h"

PG_FUNCTION_INFO_V1(t3_in);
PG_FUNCTION_INFO_V1(t3_recv);
PG_FUNCTION_INFO_V1(t3_make);
PG_FUNCTION_INFO_V1(t3_composite);
PG_FUNCTION_INFO_V1(t3_apply_quality);

static const TensorKind t3 = {.type = "t3", .names = w4_t3_names};

Datum
t3_in(PG_FUNCTION_ARGS)
{
	return w4_tensor_input(&t3, fcinfo);
}

Datum
t3_recv(PG_FUNCTION_ARGS)
{
	return w4_tensor_receive(&t3, (StringInfo) PG_GETARG_POINTER(0));
}

Datum
t3_make(PG_FUNCTION_ARGS)
{
	Numeric		dimensions[3] = {PG_GETARG_NUMERIC(0), PG_GETARG_NUMERIC(1), PG_GETARG_NUMERIC(2)};

	return w4_tensor_make(&t3, dimensions);
}

Datum
t3_composite(PG_FUNCTION_ARGS)
{
	return w4_unit_datum(w4_t3_composite(PG_GETARG_TENSOR(0)));
}

Datum
t3_apply_quality(PG_FUNCTION_ARGS)
{
	int32		quality = w4_unit_from_numeric(PG_GETARG_NUMERIC(1), "quality");
	W4Tensor	updated = w4_t3_apply_quality(PG_GETARG_TENSOR(0), quality);

	return w4_tensor_datum(&updated);
}
