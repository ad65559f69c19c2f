/*-------------------------------------------------------------------------
 *
 * seal_key.c
 *		A secret key as it lies in web4.keyring: XChaCha20-Poly1305.
 *
 * The public key and the purpose are authenticated with it, so nobody can put
 * one key's secret under another's name, or turn a key that signs tree heads
 * into one that signs everything.
 *
 *-------------------------------------------------------------------------
 */
#include "keyring/seal_key.h"

#include <sodium.h>

#define AAD_CONTEXT "web4:keyring:v1"	/* its NUL is part of it */
#define AAD_MAX (sizeof(AAD_CONTEXT) + 32 + W4_PURPOSE_MAX)

StaticAssertDecl(W4_SEALED_NONCE_LEN == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce length");
StaticAssertDecl(W4_SEALED_LEN == 64 + crypto_aead_xchacha20poly1305_ietf_ABYTES, "sealed length");

static W4Writer
context_of(const W4SealedKey *key, uint8_t buf[AAD_MAX])
{
	W4Writer	w = w4_writer(buf, AAD_MAX);

	w4_put(&w, AAD_CONTEXT, sizeof(AAD_CONTEXT));
	w4_put(&w, key->public_key, sizeof(key->public_key));
	w4_put_cstr(&w, key->purpose);
	return w;
}

void
w4_seal_key(W4SealedKey *key, const uint8_t secret_key[64], const uint8_t server_key[32])
{
	uint8_t		buf[AAD_MAX];
	W4Writer	aad = context_of(key, buf);

	randombytes_buf(key->nonce, sizeof(key->nonce));
	crypto_aead_xchacha20poly1305_ietf_encrypt(key->sealed, NULL, secret_key, 64,
											   aad.buf, aad.len, NULL, key->nonce, server_key);
}

bool
w4_unseal_key(uint8_t secret_key[64], const W4SealedKey *key, const uint8_t server_key[32])
{
	uint8_t		buf[AAD_MAX];
	W4Writer	aad = context_of(key, buf);

	return crypto_aead_xchacha20poly1305_ietf_decrypt(secret_key, NULL, NULL, key->sealed, sizeof(key->sealed),
													  aad.buf, aad.len, key->nonce, server_key) == 0;
}
