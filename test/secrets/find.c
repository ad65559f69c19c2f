/*-------------------------------------------------------------------------
 *
 * find.c
 *		Which files hold these bytes: as they are, in hex or in base64?
 *
 *	find HEX FILE...		prints the files that do
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *
read_file(const char *path, size_t *len)
{
	FILE	   *file = fopen(path, "rb");
	size_t		cap = 1 << 20;
	unsigned char *data = malloc(cap);
	size_t		got;

	*len = 0;
	if (file == NULL)
		return data;
	while ((got = fread(data + *len, 1, cap - *len, file)) > 0)
	{
		*len += got;
		if (*len == cap)
			data = realloc(data, cap *= 2);
	}
	fclose(file);
	return data;
}

/* Without the last characters, which depend on what follows. */
static size_t
base64_of(char *out, size_t max, const unsigned char *bytes, size_t len, int skip)
{
	sodium_bin2base64(out, max, bytes + skip, (len - skip) / 3 * 3, sodium_base64_VARIANT_ORIGINAL);
	return strlen(out);
}

static int
holds(unsigned char *data, size_t data_len, const unsigned char *bytes, size_t len)
{
	char		text[512];

	if (memmem(data, data_len, bytes, len) != NULL)
		return 1;
	for (int skip = 0; skip < 3; skip++)
	{
		size_t		n = base64_of(text, sizeof(text), bytes, len, skip);

		if (memmem(data, data_len, text, n) != NULL)
			return 1;
	}
	for (size_t i = 0; i < data_len; i++)
		data[i] = (unsigned char) tolower(data[i]);
	sodium_bin2hex(text, sizeof(text), bytes, len);
	return memmem(data, data_len, text, 2 * len) != NULL;
}

int
main(int argc, char **argv)
{
	unsigned char bytes[128];
	size_t		len;

	if (argc < 2 || sodium_hex2bin(bytes, sizeof(bytes), argv[1], strlen(argv[1]), NULL, &len, NULL) != 0 || len < 16)
		return 2;
	for (int i = 2; i < argc; i++)
	{
		size_t		data_len;
		unsigned char *data = read_file(argv[i], &data_len);

		if (holds(data, data_len, bytes, len))
			puts(argv[i]);
		free(data);
	}
	return 0;
}
