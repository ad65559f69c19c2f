/*-------------------------------------------------------------------------
 *
 * proof.c
 *		RFC 6962 Merkle trees in SQL, over arrays of leaves.
 *
 *-------------------------------------------------------------------------
 */
#include "host/errors.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "core/merkle.h"
#include "host/value.h"

#define HASH_LEN 32

PG_FUNCTION_INFO_V1(web4_leaf_hash);
PG_FUNCTION_INFO_V1(web4_merkle_root);
PG_FUNCTION_INFO_V1(web4_merkle_inclusion_proof);
PG_FUNCTION_INFO_V1(web4_merkle_consistency_proof);
PG_FUNCTION_INFO_V1(web4_merkle_verify_inclusion);
PG_FUNCTION_INFO_V1(web4_merkle_verify_consistency);

/* The elements of a one-dimensional array without NULLs. */
static Datum *
elements(ArrayType *array, const char *what, int *n)
{
	Datum	   *values;

	if (ARR_NDIM(array) > 1 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_PROOF)),
				 errmsg("%s must be a one-dimensional array without nulls", what),
				 w4_errdetail(W4_ERRCODE(BAD_PROOF), "The array has %d dimensions.", ARR_NDIM(array)),
				 errhint("Pass a flat array with a value in every element.")));
	deconstruct_array(array, BYTEAOID, -1, false, TYPALIGN_INT, &values, NULL, n);
	return values;
}

static uint8_t *
hash_space(int n)
{
	if ((size_t) n > MaxAllocSize / HASH_LEN)
		ereport(ERROR,
				(errcode(W4_ERRCODE(TOO_LARGE)),
				 errmsg("too many leaves"),
				 w4_errdetail(W4_ERRCODE(TOO_LARGE), "There are %d leaves.", n)));
	return palloc((size_t) Max(n, 1) * HASH_LEN);
}

/* Leaf hashes of the leaves' data, back to back. */
static uint8_t *
hash_leaves(ArrayType *leaves, int *n)
{
	Datum	   *values = elements(leaves, "leaves", n);
	uint8_t    *hashes = hash_space(*n);

	for (int i = 0; i < *n; i++)
	{
		W4Slice		data = w4_varlena_slice(PG_DETOAST_DATUM_PACKED(values[i]));

		CHECK_FOR_INTERRUPTS();
		w4_merkle_leaf_hash(hashes + (size_t) i * HASH_LEN, data.data, data.len);
	}
	pfree(values);
	return hashes;
}

/* The hashes of a proof; NULL when it is longer than any proof can be. */
static uint8_t *
proof_hashes(ArrayType *proof, int *n)
{
	Datum	   *values = elements(proof, "proof", n);
	uint8_t    *hashes;

	if (*n > W4_MERKLE_MAX_PROOF)
		return NULL;
	hashes = hash_space(*n);
	for (int i = 0; i < *n; i++)
		memcpy(hashes + i * HASH_LEN, w4_fixed_bytea(values[i], HASH_LEN, "hash of a proof"), HASH_LEN);
	return hashes;
}

static ArrayType *
proof_array(uint8_t (*hashes)[HASH_LEN], int n)
{
	Datum		values[W4_MERKLE_MAX_PROOF];

	for (int i = 0; i < n; i++)
		values[i] = w4_bytea_datum(hashes[i], HASH_LEN);
	return construct_array(values, n, BYTEAOID, -1, false, TYPALIGN_INT);
}

Datum
web4_leaf_hash(PG_FUNCTION_ARGS)
{
	W4Slice		data = W4_ARG_SLICE(0);
	uint8_t		hash[HASH_LEN];

	w4_merkle_leaf_hash(hash, data.data, data.len);
	return w4_bytea_datum(hash, HASH_LEN);
}

Datum
web4_merkle_root(PG_FUNCTION_ARGS)
{
	int			n;
	uint8_t    *leaves = hash_leaves(PG_GETARG_ARRAYTYPE_P(0), &n);
	uint8_t		root[HASH_LEN];

	w4_merkle_root(root, leaves, (uint64_t) n);
	return w4_bytea_datum(root, HASH_LEN);
}

Datum
web4_merkle_inclusion_proof(PG_FUNCTION_ARGS)
{
	int			n;
	uint8_t    *leaves = hash_leaves(PG_GETARG_ARRAYTYPE_P(0), &n);
	int64		index = PG_GETARG_INT64(1);
	uint8_t		proof[W4_MERKLE_MAX_PROOF][HASH_LEN];

	if (index < 0 || index >= n)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_PROOF)),
				 errmsg("leaf index " INT64_FORMAT " is out of range", index),
				 w4_errdetail(W4_ERRCODE(BAD_PROOF), "The tree has %d leaves; the first has index 0.", n)));
	PG_RETURN_ARRAYTYPE_P(proof_array(proof, w4_merkle_inclusion(proof, leaves, (uint64_t) n, (uint64_t) index)));
}

Datum
web4_merkle_consistency_proof(PG_FUNCTION_ARGS)
{
	int			n;
	uint8_t    *leaves = hash_leaves(PG_GETARG_ARRAYTYPE_P(0), &n);
	int64		old_size = PG_GETARG_INT64(1);
	uint8_t		proof[W4_MERKLE_MAX_PROOF][HASH_LEN];

	if (old_size < 1 || old_size > n)
		ereport(ERROR,
				(errcode(W4_ERRCODE(BAD_PROOF)),
				 errmsg("old tree size " INT64_FORMAT " is out of range", old_size),
				 w4_errdetail(W4_ERRCODE(BAD_PROOF), "It must lie between 1 and the %d leaves of the tree.", n)));
	PG_RETURN_ARRAYTYPE_P(proof_array(proof, w4_merkle_consistency(proof, leaves, (uint64_t) n, (uint64_t) old_size)));
}

/* Proofs come from strangers: what cannot be a proof is simply not one. */
Datum
web4_merkle_verify_inclusion(PG_FUNCTION_ARGS)
{
	int64		index = PG_GETARG_INT64(0);
	int64		size = PG_GETARG_INT64(1);
	const uint8_t *leaf_hash = w4_fixed_bytea(PG_GETARG_DATUM(2), HASH_LEN, "leaf hash");
	int			n;
	uint8_t    *proof = proof_hashes(PG_GETARG_ARRAYTYPE_P(3), &n);
	const uint8_t *root = w4_fixed_bytea(PG_GETARG_DATUM(4), HASH_LEN, "root");

	if (index < 0 || index >= size || proof == NULL)
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(w4_merkle_verify_inclusion((uint64_t) index, (uint64_t) size, leaf_hash,
											  (const uint8_t (*)[HASH_LEN]) proof, (size_t) n, root));
}

Datum
web4_merkle_verify_consistency(PG_FUNCTION_ARGS)
{
	int64		old_size = PG_GETARG_INT64(0);
	int64		new_size = PG_GETARG_INT64(1);
	const uint8_t *old_root = w4_fixed_bytea(PG_GETARG_DATUM(2), HASH_LEN, "old root");
	const uint8_t *new_root = w4_fixed_bytea(PG_GETARG_DATUM(3), HASH_LEN, "new root");
	int			n;
	uint8_t    *proof = proof_hashes(PG_GETARG_ARRAYTYPE_P(4), &n);

	if (old_size < 0 || old_size > new_size || proof == NULL)
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(w4_merkle_verify_consistency((uint64_t) old_size, (uint64_t) new_size, old_root, new_root,
												(const uint8_t (*)[HASH_LEN]) proof, (size_t) n));
}
