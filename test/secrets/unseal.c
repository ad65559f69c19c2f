/*-------------------------------------------------------------------------
 *
 * unseal.c
 *		Open a row of web4.keyring as src/keyring/seal_key.c does, so that
 *		test/steps/secrets.sh knows which bytes must be nowhere.
 *
 *	unseal KEYFILE PUBLIC_KEY PURPOSE NONCE SEALED		(hex); prints seed and key in hex
 *
 *-------------------------------------------------------------------------
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static size_t
from_hex(unsigned char *out, size_t max, const char *hex)
{
	size_t		len;

	if (sodium_hex2bin(out, max, hex, strlen(hex), NULL, &len, NULL) != 0)
		return 0;
	return len;
}

int
main(int argc, char **argv)
{
	unsigned char key[32],
				public_key[32],
				nonce[24],
				sealed[80],
				secret[64],
				aad[128] = "web4:keyring:v1";
	size_t		aad_len = sizeof("web4:keyring:v1");
	char		hex[2 * sizeof(secret) + 1];
	FILE	   *file;

	if (argc != 6 || sodium_init() < 0 || (file = fopen(argv[1], "rb")) == NULL)
		return 2;
	if (fread(key, 1, sizeof(key), file) != sizeof(key) || strlen(argv[3]) > 32 ||
		from_hex(public_key, sizeof(public_key), argv[2]) != sizeof(public_key) ||
		from_hex(nonce, sizeof(nonce), argv[4]) != sizeof(nonce) ||
		from_hex(sealed, sizeof(sealed), argv[5]) != sizeof(sealed))
		return 2;
	fclose(file);
	memcpy(aad + aad_len, public_key, sizeof(public_key));
	memcpy(aad + aad_len + sizeof(public_key), argv[3], strlen(argv[3]));
	aad_len += sizeof(public_key) + strlen(argv[3]);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL, sealed, sizeof(sealed), aad, aad_len,
												   nonce, key) != 0)
		return 1;
	puts(sodium_bin2hex(hex, sizeof(hex), secret, sizeof(secret)));
	return 0;
}
