/*-------------------------------------------------------------------------
 *
 * server_key.c
 *		The server key: read from its file, held only while it is used.
 *
 * The file is read anew for every use and never in the postmaster: what is
 * locked into memory there is not locked in its children.  A setting holds the
 * path, never the key, since settings can be read.  Errors tell the caller why
 * and only the server's log which file.
 *
 *-------------------------------------------------------------------------
 */
#include "keyring/server_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/compat.h"
#include "host/errors.h"
#include "keyring/keyring.h"
#include "storage/fd.h"
#include "utils/guc.h"

static char *server_key_file = NULL;
static W4Vault *vault = NULL;

/* --- the memory --- */

static void
make_vault(void)
{
	if (sodium_init() < 0)
		elog(ERROR, "could not initialize libsodium");
	vault = sodium_malloc(sizeof(W4Vault));
	if (vault == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("could not get guarded memory for the keyring")));

	/* Locking twice is harmless and tells whether the first time worked. */
	if (sodium_mlock(vault, sizeof(W4Vault)) != 0)
		ereport(LOG,
				(errmsg("keyring memory could not be locked: %m"),
				 errhint("Raise the server's limit on locked memory (ulimit -l) so that keys never reach the swap device.")));
}

W4Vault *
w4_vault_open(void)
{
	if (vault == NULL)
		make_vault();
	else if (sodium_mprotect_readwrite(vault) != 0)
		elog(ERROR, "could not unprotect the keyring's memory: %m");
	sodium_memzero(vault, sizeof(W4Vault));
	return vault;
}

void
w4_vault_close(void)
{
	sodium_memzero(vault, sizeof(W4Vault));
	(void) sodium_mprotect_noaccess(vault);
}

/* --- the file --- */

static void refuse(const char *path, const char *why) pg_attribute_noreturn();

static void
refuse(const char *path, const char *why)
{
	ereport(ERROR,
			(errcode(W4_ERRCODE(KEYRING_CLOSED)),
			 errmsg("could not open the keyring"),
			 w4_errdetail(W4_ERRCODE(KEYRING_CLOSED), "The server key file %s.", why),
			 errdetail_log("The server key file \"%s\" %s.", path, why),
			 errhint("Make one as the server's user with: umask 077; head -c 32 /dev/urandom > FILE, outside of the data directory, and name it in web4.server_key_file.")));
}

/* As for the key of a TLS certificate: nobody else may read or replace it. */
static void
check_file(const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		refuse(path, "cannot be examined");
	if (!S_ISREG(st.st_mode))
		refuse(path, "is not a regular file");
	if (st.st_uid != geteuid() && st.st_uid != 0)
		refuse(path, "belongs neither to the server's user nor to root");
	if (st.st_uid != 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		refuse(path, "is open to others; its mode must be 0600 or less");
	if (st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) != 0)
		refuse(path, "belongs to root and is open to others; its mode must be 0640 or less");
}

/* Returns the number of bytes; one more than the longest form if there are too many. */
static size_t
read_all(const char *path, int fd, uint8_t *buf, size_t cap)
{
	size_t		len = 0;

	while (len < cap)
	{
		ssize_t		n = read(fd, buf + len, cap - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			refuse(path, "cannot be read");
		if (n == 0)
			break;
		len += (size_t) n;
	}
	return len;
}

static void
decode(const char *path, const uint8_t *file, size_t len, uint8_t *key)
{
	const size_t hex_len = 2 * W4_SERVER_KEY_LEN;
	size_t		decoded;

	if (len == W4_SERVER_KEY_LEN)
		memcpy(key, file, W4_SERVER_KEY_LEN);
	else if (len == hex_len || (len == hex_len + 1 && file[hex_len] == '\n'))
	{
		if (sodium_hex2bin(key, W4_SERVER_KEY_LEN, (const char *) file, hex_len, NULL, &decoded, NULL) != 0 ||
			decoded != W4_SERVER_KEY_LEN)
			refuse(path, "holds something else than 64 hexadecimal digits");
	}
	else
		refuse(path, "must hold 32 bytes, or 64 hexadecimal digits and a line feed");
	if (sodium_is_zero(key, W4_SERVER_KEY_LEN))
		refuse(path, "holds only zeros");
}

static void
read_key(W4Vault *v, const char *path, uint8_t *key)
{
	int			fd;
	size_t		len;

	/* No symbolic link, and no waiting for somebody to write into a pipe. */
	fd = OpenTransientFile(path, O_RDONLY | PG_BINARY | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		refuse(path, errno == ENOENT ? "does not exist" :
			   errno == ELOOP ? "is a symbolic link" :
			   errno == EACCES ? "cannot be read by the server's user" : "cannot be opened");
	check_file(path, fd);
	len = read_all(path, fd, v->file, sizeof(v->file));
	CloseTransientFile(fd);
	decode(path, v->file, len, key);
	sodium_memzero(v->file, sizeof(v->file));
}

void
w4_server_key_read(W4Vault *v)
{
	if (server_key_file == NULL || server_key_file[0] == '\0')
		ereport(ERROR,
				(errcode(W4_ERRCODE(KEYRING_CLOSED)),
				 errmsg("could not open the keyring"),
				 w4_errdetail(W4_ERRCODE(KEYRING_CLOSED), "web4.server_key_file is not set."),
				 errhint("Make a key file as the server's user with: umask 077; head -c 32 /dev/urandom > FILE, outside of the data directory, and name it in web4.server_key_file.")));
	read_key(v, server_key_file, v->server_key);
}

void
w4_server_key_read_next(W4Vault *v, const char *path)
{
	read_key(v, path, v->next_server_key);
}

void
w4_server_key_define_setting(void)
{
	DefineCustomStringVariable("web4.server_key_file",
							   "File with the key under which the keyring's secret keys are sealed.",
							   "It holds 32 random bytes, or 64 hexadecimal digits; it belongs to the server's user with mode 0600 or to root with mode 0640.",
							   &server_key_file,
							   "",
							   PGC_SIGHUP,
							   GUC_SUPERUSER_ONLY | GUC_ALLOW_IN_PARALLEL,
							   NULL, NULL, NULL);
}
